//! One file, one fault (`tests/vectors`): its bytes are refused with the code that its head names, and accepted once the
//! range that is wrong is mended. `RACCORDO_REGENERATE=1` writes the files anew; without it they must be what the
//! generator makes, byte by byte.

mod corpus;
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

/// Rules that every receiver checks.
const RULES: [(&str, u32); 5] = [("E", 16), ("L", 12), ("K", 5), ("D", 13), ("R", 4)];

/// Rules of those without a vector, and why. Empty: every rule has one.
const WITHOUT: [(&str, &str); 0] = [];

/// Codes that checking a message can give.
const CODES: [&str; 21] = [
    "AGENCY_REVOKED",
    "AGENCY_SUSPENDED",
    "DECRYPTION",
    "DIRECTORY_STALE",
    "EQUIVOCATION",
    "EXPIRED_KEY",
    "INCONSISTENT",
    "KIND_NOT_ALLOWED",
    "MALFORMED",
    "MEMBERSHIP_CHANGED",
    "NOT_ALLOWED",
    "OUT_OF_TIME",
    "PADDING",
    "REPLAYED",
    "SIGNATURE",
    "SUITE",
    "TOO_LARGE",
    "UNKNOWN_KEY",
    "UNKNOWN_RECIPIENT",
    "VERSION",
    // The 100,001st envelope to one opening key (E-13): no file holds that many.
    "BUSY",
];

/// Codes of those that no file can show.
const CODES_WITHOUT: [&str; 1] = ["BUSY"];

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

#[test]
fn every_rule_and_every_code_has_a_vector() {
    let vectors: Vec<Vector> = files().values().map(|text| Vector::parse(text)).collect();
    let rules: BTreeSet<&str> = vectors.iter().flat_map(|vector| &vector.rules).map(String::as_str).collect();
    let numbered = RULES.iter().flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}-{number:02}")));
    for rule in numbered.chain(["P-01".to_owned()]) {
        let excused = WITHOUT.iter().any(|(without, _)| *without == rule);
        assert!(rules.contains(rule.as_str()) != excused, "{rule}: has a vector or a reason, and not both");
    }
    let codes: BTreeSet<&str> = vectors.iter().map(|vector| vector.code.as_str()).collect();
    let expected: BTreeSet<&str> = CODES.into_iter().filter(|code| !CODES_WITHOUT.contains(code)).collect();
    assert_eq!(codes, expected);
    println!("rules {}, codes {}", rules.len(), codes.len());
}
