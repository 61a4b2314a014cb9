//! What a run has reached, told by the tests themselves: one small file per figure, in the folder that `RACCORDO_RESULTS`
//! names (`target/results` without it). Nothing but the standard library, so that every room's tests can include this file:
//! they must not link the room above them.
//!
//! Not here: what is asked of a run, and the verdict (`verdict`).

#![allow(dead_code, reason = "every room includes the file and uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Where this run's figures lie.
pub fn folder() -> PathBuf {
    let top = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|top| top.join("Cargo.lock").exists());
    match std::env::var_os("RACCORDO_RESULTS") {
        Some(folder) => folder.into(),
        None => top().expect("a room of the workspace").join("target/results"),
    }
}

/// A figure that must reach `asked`; `reached` is counted by the caller in this run, and `place` is its `file!()`.
pub fn write(row: &str, what: &str, reached: usize, asked: usize, place: &str) {
    write_into(&folder(), row, what, reached, asked, false, place);
}

/// A figure that must not exceed `asked`: faults that must not be there.
pub fn write_at_most(row: &str, what: &str, reached: usize, asked: usize, place: &str) {
    write_into(&folder(), row, what, reached, asked, true, place);
}

/// A figure that this machine cannot have, and why: the closing table says so instead of a number.
pub fn write_not_run(row: &str, what: &str, why: &str, place: &str) {
    write_not_run_into(&folder(), row, what, why, place);
}

/// Either, into a folder.
pub fn write_into(folder: &Path, row: &str, what: &str, reached: usize, asked: usize, at_most: bool, place: &str) {
    write_text(folder, row, what, &format!(r#""reached":{reached},"asked":{asked},"at_most":{at_most}"#), place);
}

/// The same, into a folder.
pub fn write_not_run_into(folder: &Path, row: &str, what: &str, why: &str, place: &str) {
    assert!(!why.is_empty() && !why.contains(['"', '\\', '\n']), "{why:?} is no plain reason");
    write_text(folder, row, what, &format!(r#""not_run":"{why}""#), place);
}

fn write_text(folder: &Path, row: &str, what: &str, figure: &str, place: &str) {
    for text in [row, what, place] {
        assert!(!text.contains(['"', '\\', '\n']), "{text:?} is no plain text");
    }
    let text = format!("{{\"row\":\"{row}\",\"what\":\"{what}\",{figure},\"where\":\"{place}\"}}\n");
    let name: String = what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    fs::create_dir_all(folder).expect("a folder for results");
    fs::write(folder.join(format!("{row}-{name}.json")), text).expect("a result is written");
}

/// One more case of a property that held, said by its last line; the `asked`th writes the figure.
pub fn case(row: &str, what: &str, asked: usize, place: &str) {
    static HELD: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
    let mut held = HELD.lock().expect("nobody panics holding it");
    let count = held.entry(what.to_owned()).or_default();
    *count += 1;
    if *count == asked {
        write(row, what, *count, asked, place);
    }
}
