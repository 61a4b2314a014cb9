//! One file, one fault (`tests/vectors`): its bytes are refused with the code that its head names, and accepted once the
//! range that is wrong is mended. `RACCORDO_REGENERATE=1` writes the files anew; without it they must be what the
//! generator makes, byte by byte.

mod corpus;
mod demanded;
mod format;
mod judge;
mod make;
mod office;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use format::Vector;
use raccordo_tests::results;

/// Fewer files than this are not what was promised.
const VECTORS_MIN: usize = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn files() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder()).expect("tests/vectors");
    let vectors =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|e| e == "vec"));
    let read = |path: PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("plain names").to_owned();
        (name, fs::read_to_string(&path).expect("text"))
    };
    vectors.map(read).collect()
}

#[test]
fn the_files_are_what_the_generator_makes() {
    let made: BTreeMap<String, String> = make::all().into_iter().map(|vector| (vector.name.clone(), vector.write())).collect();
    if std::env::var_os("RACCORDO_REGENERATE").is_some() {
        files().keys().for_each(|name| fs::remove_file(folder().join(format!("{name}.vec"))).expect("removed"));
        made.iter().for_each(|(name, text)| fs::write(folder().join(format!("{name}.vec")), text).expect("written"));
    }
    let files = files();
    assert_eq!(files.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>());
    for (name, text) in &files {
        assert!(*text == made[name], "{name} is not what the generator makes: RACCORDO_REGENERATE=1 cargo vectors");
    }
}

#[test]
fn every_fault_is_refused_by_its_code_and_accepted_once_mended() {
    let files = files();
    assert!(files.len() >= VECTORS_MIN, "{} vectors", files.len());
    let (mut faults, mut judged) = (BTreeSet::new(), 0);
    for (name, text) in &files {
        let vector = Vector::parse(text);
        assert_eq!(vector.name, *name);
        judge::judge(&vector);
        judged += 1;
        assert!(faults.insert((vector.kind, vector.context, vector.bytes)), "{name}: the fault of another file");
    }
    println!("vectors {}, refused by their codes {judged}, accepted once mended {judged}", files.len());
    results::write("T8", "faulty files refused by their code and accepted once mended", judged, files.len(), file!());
}
