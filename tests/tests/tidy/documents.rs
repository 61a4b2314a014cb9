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

#[test]
fn all_sixteen_invariants_say_what_keeps_them() {
    let text = document("ARCHITECTURE.md");
    for number in 1..=16 {
        let row = text.lines().find(|line| line.starts_with(&format!("| {number} |"))).expect("a row per invariant");
        let kept =
            !named_tests(row).is_empty() || row.contains("`tests/") || row.contains("compile_fail") || row.contains("lint");
        assert!(kept, "invariant {number} names nothing that keeps it: {row}");
    }
}
