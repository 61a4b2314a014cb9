//! One rule, one number, three places: docs/PROTOCOL.md defines it, the code cites it where it is kept, and a test or a
//! vector shows it; and none of the three knows a number that the specification does not.
//! Not here: which rules have a vector (`tests/tests/vectors/demanded.rs`).

use std::collections::BTreeSet;
use std::fs;

use raccordo_tests::specification::rules;

use crate::documents::document;
use crate::root;
use crate::sources::sources;

/// Where rules are named and not shown: excuses for those without a vector, and this file.
const NAMED_ONLY: [&str; 2] = ["tests/tests/vectors/demanded.rs", "tests/tests/tidy/rules.rs"];

/// `E-07`, wherever a number of that form stands by itself and its letter is one of `letters`.
fn numbers(text: &str, letters: &BTreeSet<u8>) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let is_rule = |at: usize| {
        let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphanumeric);
        letters.contains(&bytes[at])
            && bytes.get(at + 1) == Some(&b'-')
            && (2..4).all(|i| bytes.get(at + i).is_some_and(u8::is_ascii_digit))
            && !letter(at + 4)
            && (at == 0 || !letter(at - 1) && bytes[at - 1] != b'-')
    };
    let starts = (0..bytes.len()).filter(|at| is_rule(*at));
    starts.map(|at| String::from_utf8_lossy(&bytes[at..at + 4]).into_owned()).collect()
}

/// Without «C-01 to C-09»: whoever names a range has not said where each rule is kept.
fn without_ranges(text: &str) -> String {
    let mut parts = text.split(" to ").map(str::to_owned).collect::<Vec<_>>();
    for at in 1..parts.len() {
        let end = parts[at].get(..4).unwrap_or_default().to_owned();
        let start = parts[at - 1].get(parts[at - 1].len().saturating_sub(4)..).unwrap_or_default().to_owned();
        let rule = |word: &str| word.as_bytes().get(1) == Some(&b'-') && word.as_bytes()[0].is_ascii_uppercase();
        if rule(&start) && rule(&end) {
            let kept = parts[at - 1].len() - 4;
            parts[at - 1].truncate(kept);
            parts[at].replace_range(..4, "");
        }
    }
    parts.join(" to ")
}

/// Rules that names of test functions begin with: `fn e_03_e_04_another_version`.
fn of_names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in text.split("fn ").skip(1) {
        let words: Vec<&str> = name.split('_').collect();
        for pair in words.chunks_exact(2) {
            let [letter, number] = pair else { break };
            if letter.len() != 1 || number.len() != 2 || !number.bytes().all(|b| b.is_ascii_digit()) {
                break;
            }
            found.insert(format!("{}-{number}", letter.to_ascii_uppercase()));
        }
    }
    found
}

/// Who cites which rules, by place.
#[derive(Default)]
struct Cited {
    specification: BTreeSet<String>,
    code: BTreeSet<String>,
    tests: BTreeSet<String>,
}

impl Cited {
    /// Adds what a source file cites: its own code, or tests of it.
    fn add(&mut self, path: &str, text: &str, letters: &BTreeSet<u8>) {
        if NAMED_ONLY.contains(&path) {
            return;
        }
        let text = without_ranges(text);
        let is_test = path.starts_with("tests/") || path.contains("/tests") || path.ends_with("tests.rs");
        let (code, tests) = if is_test { ("", &text[..]) } else { text.split_once("#[cfg(test)]").unwrap_or((&text, "")) };
        self.code.extend(numbers(code, letters));
        self.tests.extend(numbers(tests, letters).into_iter().chain(of_names(tests)));
    }

    /// Every rule that lacks a place, and every number that is no rule.
    fn misfits(&self) -> Vec<String> {
        let mut misfits = Vec::new();
        for (place, cited) in [("the code", &self.code), ("a test or vector", &self.tests)] {
            misfits.extend(self.specification.difference(cited).map(|rule| format!("{rule} is not cited by {place}")));
            misfits.extend(cited.difference(&self.specification).map(|rule| format!("{rule} is known to {place} only")));
        }
        misfits
    }
}

fn letters(rules: &BTreeSet<String>) -> BTreeSet<u8> {
    rules.iter().map(|rule| rule.as_bytes()[0]).collect()
}

/// What the heads of the vectors say they break.
fn of_vectors() -> BTreeSet<String> {
    let folder = fs::read_dir(root().join("tests/vectors")).expect("the vectors");
    let files = folder.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|e| e == "vec"));
    let heads = files.map(|path| {
        let text = fs::read_to_string(path).expect("text");
        text.lines().find_map(|line| line.strip_prefix("rules: ")).expect("every vector names its rules").to_owned()
    });
    heads.flat_map(|rules| rules.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn cited() -> Cited {
    let specification = rules(&document("docs/PROTOCOL.md"));
    let letters = letters(&specification);
    let mut cited = Cited { specification, ..Cited::default() };
    for (path, text) in sources() {
        cited.add(&path, &text, &letters);
    }
    cited.tests.extend(of_vectors());
    cited
}

#[test]
fn every_rule_stands_in_its_three_places_and_no_other_does() {
    let cited = cited();
    assert!(cited.specification.len() >= 90, "the specification has its rules: {}", cited.specification.len());
    assert_eq!(letters(&cited.specification), b"ABCDEIKLOPRS".iter().copied().collect());
    assert_eq!(cited.misfits(), [""; 0]);
}

#[test]
fn a_rule_that_lacks_a_place_is_seen() {
    let missing = |change: fn(&mut Cited) -> bool| {
        let mut cited = cited();
        assert!(change(&mut cited), "it was there");
        cited.misfits()
    };
    assert_eq!(missing(|c| c.code.remove("B-05")), ["B-05 is not cited by the code"]);
    assert_eq!(missing(|c| c.tests.remove("K-07")), ["K-07 is not cited by a test or vector"]);
    let twice = ["E-16 is known to the code only", "E-16 is known to a test or vector only"];
    assert_eq!(missing(|c| c.specification.remove("E-16")), twice);
    let planted = |path: &str, text: &str| {
        let mut cited = Cited::default();
        cited.add(path, text, &letters(&rules("**B-01** **E-01**")));
        [cited.code, cited.tests].map(|set| set.into_iter().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(planted("proto/src/x.rs", "// B-77, RB-01, B-011, Z-01\n#[cfg(test)]\n// E-02"), ["B-77", "E-02"]);
    assert_eq!(planted("tests/tests/x.rs", "fn e_03_b_04_a_fault() {} // E-05 to E-09"), ["", "B-04 E-03"]);
    assert_eq!(planted(NAMED_ONLY[0], "// E-01"), ["", ""]);
}
