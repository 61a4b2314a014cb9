//! What documents say of tests: the invariants and the threat model's rows name what keeps them, and every test that is named anywhere is there.
//! Not here: rule numbers in their three places (`rules`), limits (`limits`), codes (`codes`).

use std::collections::BTreeSet;
use std::fs;

use crate::root;
use crate::sources::sources;

pub fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a document")
}

/// Names of functions in backticks.
fn named_tests(text: &str) -> BTreeSet<String> {
    let names = text.split('`').skip(1).step_by(2).filter(|name| {
        name.len() > 12
            && name.matches('_').count() >= 2
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
    });
    names.map(str::to_owned).collect()
}

#[test]
fn documents_name_tests_that_exist() {
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    let mut named = 0;
    for name in ["ARCHITECTURE.md", "docs/PROTOCOL.md", "docs/THREAT_MODEL.md"] {
        for test in named_tests(&document(name)) {
            assert!(code.contains(&format!("fn {test}(")), "{name} names {test}, which is no function of ours");
            named += 1;
        }
    }
    assert!(named > 60, "the documents name tests: {named}");
}

/// Vectors by the beginning of their names, `e-07`.
fn vectors() -> BTreeSet<String> {
    let entries =
        fs::read_dir(root().join("tests/vectors")).expect("the vectors").map(|entry| entry.expect("an entry").file_name());
    let names = entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.ends_with(".vec"));
    names.map(|name| name[..4].to_owned()).collect()
}

/// Beginnings of names that a document cites as `e-07-*.vec`.
fn cited_vectors(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).filter_map(|name| name.strip_suffix("-*.vec")).map(str::to_owned).collect()
}

#[test]
fn the_specification_cites_every_vector_and_no_other() {
    let cited = cited_vectors(&document("docs/PROTOCOL.md"));
    assert!(cited.len() > 40, "{}", cited.len());
    assert_eq!(cited, vectors());
    assert_ne!(cited_vectors("`e-01-*.vec`, `x-99-*.vec`"), vectors(), "one that is not there is seen");
}

/// Whether a row names what keeps it: a test that exists, or an example that must not compile; and no file that is not there.
fn kept(row: &str, sources: &[(String, String)]) -> bool {
    let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
    let file = |name: &str| sources.iter().find(|(path, _)| path.ends_with(name));
    let files_exist = quoted.iter().filter(|name| name.ends_with(".rs")).all(|name| file(name).is_some());
    let test = |name: &String| sources.iter().any(|(_, text)| text.contains(&format!("fn {name}(")));
    let tests = named_tests(row);
    let compiled = row.contains("compile_fail")
        && quoted.iter().filter_map(|name| file(name)).any(|(_, text)| text.contains("```compile_fail"));
    files_exist && tests.iter().all(test) && (!tests.is_empty() || compiled)
}

#[test]
fn a_promise_without_its_test_is_seen() {
    let sources = sources();
    let kept = |row: &str| kept(row, &sources);
    assert!(kept("| `tests/tests/tidy/documents.rs`: `a_promise_without_its_test_is_seen` |"));
    assert!(kept("| the `compile_fail` example of `casework/src/step.rs` |"));
    for row in [
        "| by design |",
        "| `tests/tests/tidy/main.rs` |",
        "| `a_test_that_is_not_there` |",
        "| `compile_fail` in `proto/src/ids.rs` |",
    ] {
        assert!(!kept(row), "{row}");
    }
    assert!(!kept("| `proto/src/gone.rs`: `a_promise_without_its_test_is_seen` |"));
}

#[test]
fn all_sixteen_invariants_say_what_keeps_them() {
    let sources = sources();
    let text = document("ARCHITECTURE.md");
    for number in 1..=16 {
        let row = text.lines().find(|line| line.starts_with(&format!("| {number} |"))).expect("a row per invariant");
        assert!(kept(row, &sources), "invariant {number} names nothing that keeps it: {row}");
    }
}

/// Rows of the threat model's tables, heads and rules apart.
fn claims(text: &str) -> Vec<&str> {
    let is_claim = |line: &&str| line.starts_with("| ") && !line.starts_with("| cannot");
    text.lines().filter(is_claim).collect()
}

/// Rows that no test of ours and no demonstration stands behind.
fn unshown<'a>(claims: &[&'a str], sources: &[(String, String)]) -> Vec<&'a str> {
    let shown = |row: &str| {
        let by = row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        kept(by, sources) || by.contains("the demonstration") && named_tests(by).is_empty() && !by.contains(".rs`")
    };
    claims.iter().copied().filter(|row| !shown(row)).collect()
}

#[test]
fn every_row_of_the_threat_model_is_shown_by_something() {
    let (text, sources) = (document("docs/THREAT_MODEL.md"), sources());
    let claims = claims(&text);
    assert!(claims.len() >= 39, "{} rows", claims.len());
    assert_eq!(unshown(&claims, &sources), [""; 0]);
    for planted in [
        "| read a letter | it is sealed | by design |",
        "| read a letter | `a_promise_without_its_test_is_seen` | `town/receiver.rs` |",
        "| deny a letter | receipts | `certs-dev/src/demo/evidence/tests.rs`; the demonstration |",
        "| lose a letter | receipts | `a_test_that_is_not_there`; the demonstration |",
    ] {
        assert_eq!(unshown(&[planted], &sources), [planted]);
    }
    let fine = ["| find a letter | nothing writes one | the demonstration: `hits_disk` 0 |"];
    assert_eq!(unshown(&fine, &sources), [""; 0]);
}
