//! What a process has used, as the kernel counts it. Linux only.
//!
//! Not here: the process itself.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// In which /proc counts time, whatever the kernel's own clock: 10 ms each.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of all its threads, user and system, those that have ended included.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("CPU time is read on Linux only")?;
    // The second field is the program's name in parentheses, which may hold anything; utime and stime are the 14th and 15th.
    let fields: Vec<&str> = stat.rsplit_once(')').context("a stat line")?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).context("a count of ticks");
    Ok(TICK * (ticks(11)? + ticks(12)?))
}

/// Resident memory, kB.
pub fn resident_kb(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("memory is read on Linux only")?;
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmRSS:")) else { bail!("no VmRSS") };
    line.trim().trim_end_matches(" kB").parse().context("a number of kB")
}

/// Microseconds of each.
pub fn micros_each(whole: Duration, count: usize) -> f64 {
    whole.as_secs_f64() * 1e6 / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_uses_memory_and_time() {
        let before = cpu(std::process::id()).expect("Linux");
        let mut sum = 0_u64;
        while cpu(std::process::id()).expect("Linux") < before + 2 * TICK {
            sum = sum.wrapping_add(u64::from(std::process::id()));
        }
        assert!(sum > 0 && resident_kb(std::process::id()).expect("Linux") > 100.0);
        assert_eq!(micros_each(Duration::from_millis(1), 10), 100.0);
    }
}
