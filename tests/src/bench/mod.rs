//! The figures of `cargo bench-network`: the real programs beside floors of their own run (a bare relay, appends and crypto
//! alone). What is compared carries the same bytes, and takes turns on the machine.
//!
//! Not here: other products, whose figures stand in docs/performance.md for scale, and the command line (`bench-network`).

pub mod crowd;
mod exchange;
mod figures;
pub mod floor;
pub mod gauge;
mod idle;
pub mod load;
pub mod parts;
mod relays;
mod replay;
mod sender;

pub use figures::{Figure, markdown, table};

use std::process::Command;

use anyhow::{Context as _, ensure};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Times that what is compared takes turns.
    pub rounds: usize,
    /// Envelopes of one run through a relay, all pairs together.
    pub envelopes: usize,
    /// Exchanges one after the other, per round; as many appends, letters sealed and envelopes relayed alone.
    pub exchanges: usize,
    /// Exchanges of one run with many in flight.
    pub in_flight: usize,
    /// Agents that are attached and idle.
    pub idle: usize,
    /// How many times fewer letters than its row says a store has that is replayed.
    pub replay_divisor: u32,
}

impl Scale {
    /// What docs/performance.md shows.
    pub const FULL: Self =
        Self { rounds: 5, envelopes: 40_000, exchanges: 200, in_flight: 3_000, idle: 1_000, replay_divisor: 1 };
    /// That it runs at all: its figures mean nothing.
    pub const SMOKE: Self = Self { rounds: 1, envelopes: 4_000, exchanges: 5, in_flight: 128, idle: 50, replay_divisor: 100 };
}

/// What is measured together.
pub const SECTIONS: [&str; 4] = ["relays", "exchange", "idle", "replay"];

/// Measures the sections that are named; what cannot be measured is a figure without a value that says why.
pub async fn measure(scale: Scale, sections: &[&str]) -> Vec<Figure> {
    let mut figures = Vec::new();
    if sections.contains(&"relays") {
        figures.extend(or_why(relays::NAMES, relays::measure(scale).await));
    }
    if sections.contains(&"exchange") {
        figures.extend(or_why(exchange::NAMES, exchange::measure(scale).await));
    }
    if sections.contains(&"idle") {
        figures.extend(or_why(idle::NAMES, idle::measure(scale).await));
    }
    if sections.contains(&"replay") {
        figures.extend(or_why(&replay::FIGURES.map(|(name, ..)| name), replay::measure(scale)));
    }
    figures
}

fn or_why(names: &[&'static str], measured: anyhow::Result<Vec<Figure>>) -> Vec<Figure> {
    measured.unwrap_or_else(|fault| names.iter().map(|name| Figure::not_measured(name, &format!("{fault:#}"))).collect())
}

/// Builds the programs that are measured, as this one was built. Does nothing where cargo has not started it.
pub fn build_programs() -> anyhow::Result<()> {
    let Some(cargo) = std::env::var_os("CARGO") else { return Ok(()) };
    let mut command = Command::new(cargo);
    command.args(["build", "--bin", "raccordo-gateway", "--bin", "raccordo-agent", "--bin", "bare-relay"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().context("cargo build")?;
    ensure!(status.success(), "cargo build: {status}");
    Ok(())
}
