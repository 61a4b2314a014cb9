//! The simulated world under `cargo test`: fixed seeds, and the same trace from two processes. Not here: many seeds, of which
//! everything that is expected must happen, and the sabotages (`cargo sim -- --seeds 300` and `--sabotage all`, which
//! `tests/run` runs).

use std::process::Command;

use raccordo_tests::results;
use raccordo_tests::sim::{self, Verdict};

/// A look before the 300 of `tests/run`.
const SEEDS: u64 = 24;
/// What a trace must at least tell for two equal ones to mean something.
const EVENTS_MIN: u64 = 1_000;

#[test]
fn ten_minutes_after_the_last_fault_everybody_knows_what_the_model_says() {
    let Verdict { seeds, letters, red, short, counts, .. } = sim::run_many(1, SEEDS, None);
    let told: Vec<String> = red.iter().map(|report| format!("seed {}: {}", report.seed, report.violations.join("; "))).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(short.is_empty(), "too few letters in seeds {short:?}");
    assert_eq!((seeds, counts.of("check I1") > 0), (SEEDS, true));
    assert!(letters >= SEEDS * 150, "{letters} letters");
}

#[test]
fn two_processes_with_one_seed_tell_one_story() {
    let told = || {
        let output = Command::new(env!("CARGO_BIN_EXE_sim")).args(["--hash", "7"]).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("it writes text")
    };
    let (one, other) = (told(), told());
    assert_eq!(one, other);
    let events: u64 = one.trim().rsplit(' ').next().and_then(|events| events.parse().ok()).expect("it ends with a number");
    assert!(events >= EVENTS_MIN, "{events} events");
    assert_ne!(one, sim_hash(8), "another seed tells another story");
    let count = |number: u64| usize::try_from(number).expect("thousands");
    results::write("T1", "events that two processes told alike", count(events), count(EVENTS_MIN), file!());
}

fn sim_hash(seed: u64) -> String {
    let report = sim::run(seed, None, false);
    let hash: String = report.trace_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash} events {}\n", report.events)
}
