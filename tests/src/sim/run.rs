//! Many seeds on every core, added up; and the file that plays one again. Not here: the world itself.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Counts, Report, Sabotage, run};

/// From how many seeds on every expected thing must have happened at least once.
pub const SEEDS_FOR_COUNTS: u64 = 20;
/// Letters that each seed must come to.
pub const LETTERS_PER_SEED_MIN: u64 = 150;

/// What many seeds have shown.
pub struct Verdict {
    /// How many were run.
    pub seeds: u64,
    /// Letters of all of them.
    pub letters: u64,
    /// Reports with violations, by seed.
    pub red: Vec<Report>,
    /// Seeds with fewer letters than asked.
    pub short: Vec<u64>,
    /// Everything that happened.
    pub counts: Counts,
    /// Expected things that never did.
    pub missing: Vec<String>,
}

impl Verdict {
    /// Whether everything held.
    pub fn is_green(&self) -> bool {
        self.red.is_empty() && self.short.is_empty() && self.missing.is_empty()
    }
}

/// Runs `seeds` seeds from `first` on.
pub fn run_many(first: u64, seeds: u64, sabotage: Option<Sabotage>) -> Verdict {
    let next = AtomicU64::new(first);
    let reports = Mutex::new(Vec::new());
    // One more than there are cores: some worlds wait for a real disk.
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8) + 1;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    let report = run(seed, sabotage, false);
                    reports.lock().expect("no thread panics holding it").push(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("all threads have ended");
    reports.sort_by_key(|report| report.seed);
    let mut counts = Counts::default();
    reports.iter().for_each(|report| counts.join(&report.counts));
    let missing = if seeds >= SEEDS_FOR_COUNTS { counts.missing() } else { Vec::new() };
    Verdict {
        seeds: reports.len() as u64,
        letters: reports.iter().map(|report| report.letters).sum(),
        short: reports.iter().filter(|report| report.letters < LETTERS_PER_SEED_MIN).map(|report| report.seed).collect(),
        red: reports.into_iter().filter(|report| !report.violations.is_empty()).collect(),
        counts,
        missing,
    }
}

/// Writes the file that `--replay` reads.
pub fn write_replay(folder: &Path, report: &Report, sabotage: Option<Sabotage>) -> std::io::Result<PathBuf> {
    let path = folder.join(format!("sim-{}.replay", report.seed));
    let sabotage = sabotage.map_or_else(|| "none".to_owned(), Sabotage::name);
    let first = report.violations.first().map_or("", String::as_str);
    std::fs::write(&path, format!("seed {}\nsabotage {sabotage}\n# {first}\n", report.seed))?;
    Ok(path)
}
