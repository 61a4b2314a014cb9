//! `cargo bench-network` runs, and measures something in every row: with few of everything, in seconds.
//!
//! Not here: what the figures say. A run as short as this one says nothing.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use raccordo_tests::processes::DEADLINE;
use serde_json::Value;
use tokio::process::Command;

/// Rows that the benchmark is there for.
const ROWS: [&str; 8] = [
    "gateway_cpu_per_envelope_us",
    "gateway_cpu_over_bare_relay",
    "gateway_cpu_over_bare_relay_system_allocator",
    "exchange_p50_one_in_flight_ms",
    "exchange_p50_over_its_parts",
    "exchanges_per_s_64_in_flight",
    "memory_per_idle_agent_over_bare_relay",
    "start_with_50000_letters_ms",
];

#[tokio::test]
async fn every_row_of_the_benchmark_is_measured() -> anyhow::Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-network"));
    command.arg("--smoke").stdin(Stdio::null()).kill_on_drop(true);
    let ended = tokio::time::timeout(2 * DEADLINE, command.output()).await.context("it does not end")??;
    let said = String::from_utf8(ended.stdout).context("text")?;
    let rows: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for row in &rows {
        ensure!(row["value"].as_f64().is_some_and(|value| value > 0.0 && value.is_finite()), "{row}");
    }
    for name in ROWS {
        ensure!(rows.iter().any(|row| row["name"] == name), "{name} is missing: {said}");
    }
    ensure!(ended.status.success(), "{}", ended.status);
    Ok(())
}
