//! One rule, one number, in its places: the specification defines every rule number that the code cites, and the invariants
//! and the threat model name tests that exist.

use std::collections::BTreeSet;
use std::fs;

use crate::root;
use crate::sources::sources;

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a document")
}

/// Rule numbers like `E-07` in a text.
fn rules(text: &str) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let is_rule = |at: usize| {
        let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphanumeric);
        b"CDEIKLPRS".contains(&bytes[at])
            && bytes.get(at + 1) == Some(&b'-')
            && (2..4).all(|i| bytes.get(at + i).is_some_and(u8::is_ascii_digit))
            && !letter(at + 4)
            && (at == 0 || !letter(at - 1) && bytes[at - 1] != b'-')
    };
    let starts = (0..bytes.len()).filter(|at| is_rule(*at));
    starts.map(|at| String::from_utf8_lossy(&bytes[at..at + 4]).into_owned()).collect()
}

/// Rule numbers that the specification defines: in bold, `**E-07**` or `**E-07.**`.
fn defined() -> BTreeSet<String> {
    let text = document("docs/PROTOCOL.md");
    rules(&text)
        .into_iter()
        .filter(|rule| text.contains(&format!("**{rule}**")) || text.contains(&format!("**{rule}.**")))
        .collect()
}

#[test]
fn every_rule_that_the_code_cites_is_in_the_specification() {
    let defined = defined();
    assert!(defined.len() > 50, "the specification has its rules: {}", defined.len());
    let mut cited = BTreeSet::new();
    for (path, text) in sources() {
        for rule in rules(&text) {
            assert!(defined.contains(&rule), "{path} cites {rule}, which docs/PROTOCOL.md does not define");
            cited.insert(rule);
        }
    }
    assert!(cited.len() > 40, "the code cites its rules: {}", cited.len());
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
