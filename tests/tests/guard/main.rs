//! Scores the guard of the scheda minima on its corpus (`tests/guard`): how many phrases that it must warn of it sees, and at
//! how many others it cries out. The half that nobody tunes on is what counts, and of it only numbers are ever printed.
//!
//! Not here: what the guard looks at (the agent's `guard`), and how it is told to a person (`tests/tests/network`).

use std::fs;
use std::path::Path;

use raccordo_agent::guard::alarms;
use raccordo_tests::results;
use sha2::Digest as _;

/// SHA-256 of the half that nobody tunes on, as it was committed before the guard.
const HELD_OUT: &str = "aee4f55099e931ae825e27944c26a2ac71b9968f09cd9d4d6ba8c29baa72a313";
const PHRASES_MIN: usize = 300;
const RECALL_PERCENT_MIN: usize = 95;
const FALSE_ALARMS_PERCENT_MAX: usize = 5;

/// A phrase, and whether the guard must warn of it.
struct Phrase {
    must_alarm: bool,
    text: String,
}

/// Rows of `id,label,kinds,"phrase"`; a quote inside is doubled.
fn phrases(csv: &str) -> Vec<Phrase> {
    let rows = csv.lines().skip(1).map(|line| {
        let [_, label, _, phrase] = line.splitn(4, ',').collect::<Vec<_>>()[..] else {
            panic!("a row of other than four fields")
        };
        let text = phrase.strip_prefix('"').and_then(|text| text.strip_suffix('"')).expect("phrases are quoted");
        assert!(["alarm", "clean"].contains(&label), "a label");
        Phrase { must_alarm: label == "alarm", text: text.replace("\"\"", "\"") }
    });
    rows.collect()
}

fn half(name: &str) -> Vec<Phrase> {
    phrases(&fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("guard").join(name)).expect("a half of the corpus"))
}

/// What came of a half: counts alone.
#[derive(Debug, PartialEq)]
struct Score {
    asked: usize,
    seen: usize,
    clean: usize,
    cried: usize,
}

impl Score {
    fn of(phrases: &[Phrase], alarms: impl Fn(&str) -> bool) -> Self {
        let count = |must_alarm: bool, alarmed: bool| {
            phrases.iter().filter(|phrase| phrase.must_alarm == must_alarm && (!alarmed || alarms(&phrase.text))).count()
        };
        Self { asked: count(true, false), seen: count(true, true), clean: count(false, false), cried: count(false, true) }
    }

    /// Rounded down.
    fn recall_percent(&self) -> usize {
        self.seen * 100 / self.asked
    }

    /// Rounded up.
    fn false_alarms_percent(&self) -> usize {
        (self.cried * 100).div_ceil(self.clean)
    }

    fn holds(&self) -> bool {
        self.recall_percent() >= RECALL_PERCENT_MIN && self.false_alarms_percent() <= FALSE_ALARMS_PERCENT_MAX
    }

    fn print(&self, half: &str) {
        let Self { asked, seen, clean, cried } = self;
        println!("{half}: seen {seen} of {asked}, false alarms {cried} of {clean}");
    }
}

fn guard(text: &str) -> bool {
    !alarms(text).is_empty()
}

#[test]
fn the_half_that_nobody_tunes_on_is_seen_and_ordinary_needs_are_let_through() {
    let (dev, held_out) = (half("dev.csv"), half("held-out.csv"));
    let count = dev.len() + held_out.len();
    assert!(held_out.len() * 2 >= count, "a half, not less");
    Score::of(&dev, guard).print("dev");
    let score = Score::of(&held_out, guard);
    score.print("held-out");
    let (recall, cried) = (score.recall_percent(), score.false_alarms_percent());
    results::write("guard", "phrases for the guard", count, PHRASES_MIN, file!());
    results::write("guard", "percent seen of the held-out half", recall, RECALL_PERCENT_MIN, file!());
    results::write_at_most("guard", "percent of false alarms on the held-out half", cried, FALSE_ALARMS_PERCENT_MAX, file!());
    assert!(count >= PHRASES_MIN && score.holds(), "recall {recall} %, false alarms {cried} %");
}

#[test]
fn a_guard_that_sees_nothing_and_one_that_always_cries_fail() {
    let dev = half("dev.csv");
    let (blind, shrill) = (Score::of(&dev, |_| false), Score::of(&dev, |_| true));
    assert_eq!((blind.recall_percent(), blind.false_alarms_percent()), (0, 0));
    assert_eq!((shrill.recall_percent(), shrill.false_alarms_percent()), (100, 100));
    assert!(!blind.holds() && !shrill.holds());
    assert!(Score::of(&dev, guard).holds());
}

#[test]
fn a_score_counts_each_phrase_where_it_belongs() {
    let csv = "id,label,kinds,phrase\nd1,alarm,NOME,\"a, \"\"b\"\"\"\nd2,clean,,\"c\"\nd3,clean,,\"b\"\n";
    let score = Score::of(&phrases(csv), |text| text.contains('b'));
    assert_eq!(score, Score { asked: 1, seen: 1, clean: 2, cried: 1 });
    assert_eq!((score.recall_percent(), score.false_alarms_percent()), (100, 50));
}

#[test]
fn the_half_that_nobody_tunes_on_is_the_one_that_was_there_before_the_guard() {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/held-out.csv")).expect("a half of the corpus");
    let hash: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, HELD_OUT, "whoever changes it writes a new half");
    let score = Score::of(&half("held-out.csv"), |_| false);
    assert_eq!((score.asked, score.clean), (141, 132));
}
