//! The simulated world from the command line: `cargo sim -- --seeds N [--from S]`, `--replay FILE`, `--hash SEED`,
//! `--sabotage NAME|all`. Not here: the world (`raccordo_tests::sim`).

use std::path::Path;
use std::process::ExitCode;

use raccordo_tests::results;
use raccordo_tests::sim::{self, LETTERS_PER_SEED_MIN, NOT_BUILT, NOT_IN_MEMORY, SEEDS_FOR_COUNTS, Sabotage, Verdict};

/// Seeds that a sabotage is given to be seen: the rarest, a letter of a revoked office on its way to one that has heard of it
/// before the gateway, shows in one seed of six.
const SABOTAGE_SEEDS: u64 = 60;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--").collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let number = |name: &str, default: u64| value(name).map_or(Some(default), |text| text.parse().ok());
    if let Some(file) = value("--replay") {
        return replay(Path::new(&file));
    }
    if let Some(name) = value("--sabotage") {
        return sabotages(&name);
    }
    match (number("--hash", 0), number("--seeds", 20), number("--from", 1)) {
        (Some(seed), Some(_), Some(_)) if value("--hash").is_some() => {
            let report = sim::run(seed, None, false);
            println!("{} events {}", hex(&report.trace_hash), report.events);
            ExitCode::SUCCESS
        }
        (Some(_), Some(seeds), Some(from)) => seeds_from(from, seeds),
        _ => {
            eprintln!("usage: sim [--seeds N] [--from S] | --replay FILE | --hash SEED | --sabotage NAME|all");
            ExitCode::from(2)
        }
    }
}

fn seeds_from(from: u64, seeds: u64) -> ExitCode {
    let verdict = sim::run_many(from, seeds, None);
    table(&verdict);
    for report in &verdict.red {
        println!("seed {}:", report.seed);
        report.violations.iter().for_each(|violation| println!("  {violation}"));
        match sim::write_replay(&std::env::temp_dir(), report, None) {
            Ok(path) => println!("  cargo sim -- --replay {}", path.display()),
            Err(error) => println!("  no replay file could be written: {error}"),
        }
    }
    verdict.short.iter().for_each(|seed| println!("seed {seed}: too few letters"));
    verdict.missing.iter().for_each(|name| println!("never happened: {name}"));
    let violations: usize = verdict.red.iter().map(|report| report.violations.len()).sum();
    println!("seeds {}, letters {}, violations {violations}", verdict.seeds, verdict.letters);
    told(&verdict, seeds);
    if verdict.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// T1.
fn told(verdict: &Verdict, seeds: u64) {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    results::write("T1", "seeds simulated", count(verdict.seeds), count(seeds), file!());
    results::write("T1", "letters", count(verdict.letters), count(seeds.saturating_mul(LETTERS_PER_SEED_MIN)), file!());
    results::write_at_most("T1", "seeds with a violation", verdict.red.len(), 0, file!());
    results::write_at_most("T1", "seeds with fewer than 150 letters", verdict.short.len(), 0, file!());
    results::write_at_most("T1", "expected things that never happened", verdict.missing.len(), 0, file!());
}

fn table(verdict: &Verdict) {
    verdict.counts.rows().for_each(|(name, times)| println!("{times:>10}  {name}"));
    NOT_BUILT.iter().for_each(|(names, part)| println!("not built yet  {names}: {part}"));
    NOT_IN_MEMORY.iter().for_each(|(names, place)| println!("not in memory  {names}: {place}"));
    if verdict.seeds < SEEDS_FOR_COUNTS {
        println!("fewer than {SEEDS_FOR_COUNTS} seeds: what never happened is not asked");
    }
}

fn replay(file: &Path) -> ExitCode {
    let Ok(text) = std::fs::read_to_string(file) else {
        eprintln!("{} cannot be read", file.display());
        return ExitCode::from(2);
    };
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let Some(seed) = field("seed ").and_then(|seed| seed.parse().ok()) else {
        eprintln!("{} names no seed", file.display());
        return ExitCode::from(2);
    };
    let report = sim::run(seed, field("sabotage ").and_then(Sabotage::parse), true);
    report.violations.iter().for_each(|violation| println!("{violation}"));
    println!("trace {} of {} events", hex(&report.trace_hash), report.events);
    println!("seeds 1, letters {}, violations {}", report.letters, report.violations.len());
    if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Each must turn a run red, by the check that is there for it.
fn sabotages(name: &str) -> ExitCode {
    let chosen: Vec<Sabotage> = Sabotage::ALL.into_iter().filter(|sabotage| name == "all" || sabotage.name() == name).collect();
    let mut seen = 0;
    for sabotage in &chosen {
        let caught = (1..=SABOTAGE_SEEDS).find_map(|seed| {
            let report = sim::run(seed, Some(*sabotage), false);
            report.violations.into_iter().find(|told| told.starts_with(sabotage.caught_by())).map(|told| (seed, told))
        });
        match caught {
            Some((seed, told)) => {
                seen += 1;
                println!("red    {:<22} seed {seed}: {told}", sabotage.name());
            }
            None => println!("GREEN  {:<22} no check saw it", sabotage.name()),
        }
    }
    println!("sabotages {}, seen {seen}", chosen.len());
    results::write("T1", "sabotages turned red", seen, Sabotage::ALL.len(), file!());
    if seen == chosen.len() && seen > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
