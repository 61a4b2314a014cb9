//! `cargo bench-network`: JSON lines and a table; with `--markdown` the table of docs/performance.md instead; with `--smoke`
//! few of everything, to see that it runs; sections by their names alone. Not here: what is measured (`raccordo_tests::bench`).

use std::path::Path;
use std::process::ExitCode;

use raccordo_tests::bench::{self, SECTIONS, Scale};

const USAGE: &str = "usage: bench-network [--smoke] [--markdown] [relays] [exchange] [idle] [replay]";

fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [relay, folder] = &words[..]
        && relay == "bare-relay"
    {
        bench::floor::run(Path::new(folder))?;
        return Ok(ExitCode::SUCCESS);
    }
    let flags = ["--smoke", "--markdown"];
    let named: Vec<&str> = SECTIONS.into_iter().filter(|section| words.iter().any(|word| word == section)).collect();
    if words.iter().any(|word| !flags.contains(&word.as_str()) && !named.contains(&word.as_str())) {
        eprintln!("{USAGE}");
        return Ok(ExitCode::from(2));
    }
    let given = |name: &str| words.iter().any(|word| word == name);
    let scale = if given("--smoke") { Scale::SMOKE } else { Scale::FULL };
    if !given("--smoke") {
        bench::build_programs()?;
    }
    let sections = if named.is_empty() { &SECTIONS[..] } else { &named };
    let figures = tokio::runtime::Runtime::new()?.block_on(bench::measure(scale, sections));
    if given("--markdown") {
        print!("{}", bench::markdown(&figures));
    } else {
        figures.iter().for_each(|figure| println!("{}", figure.json()));
        println!("\n{}", bench::table(&figures));
    }
    let all = figures.iter().all(|figure| figure.value().is_some());
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
