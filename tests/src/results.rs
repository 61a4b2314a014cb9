//! What a run has reached, told by the tests themselves: one small file per figure, in the folder that `RACCORDO_RESULTS`
//! names (`target/results` without it). Nothing but the standard library, so that every room can include this file.
//!
//! Not here: what is asked of a run, and the verdict (`results/verdict.rs`, `tests/src/bin/results.rs`).

use std::fs;
use std::path::{Path, PathBuf};

/// Where this run's figures lie.
pub fn folder() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|top| top.join("Cargo.lock").exists());
    match std::env::var_os("RACCORDO_RESULTS") {
        Some(folder) => folder.into(),
        None => default().expect("a room of the workspace").join("target/results"),
    }
}

/// Writes one figure of an evidence row: `reached` is counted by the caller in this run, `asked` is what it asks of itself.
/// `place` is the caller's `file!()`.
pub fn write(row: &str, what: &str, reached: u64, asked: u64, place: &str) {
    write_into(&folder(), row, what, reached, asked, place);
}

/// The same, into a folder.
pub fn write_into(folder: &Path, row: &str, what: &str, reached: u64, asked: u64, place: &str) {
    for text in [row, what, place] {
        assert!(!text.contains(['"', '\\', '\n']), "{text:?} is no plain text");
    }
    let text = format!(r#"{{"row":"{row}","what":"{what}","reached":{reached},"asked":{asked},"where":"{place}"}}"#);
    let name: String = what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    fs::create_dir_all(folder).expect("a folder for results");
    fs::write(folder.join(format!("{row}-{name}.json")), text + "\n").expect("a result is written");
}
