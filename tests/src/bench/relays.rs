//! The gateway's CPU per relayed envelope beside the bare relay's: the same envelopes and receipts, the same streams, driven
//! the same way, in turns.
//!
//! Not here: letters. Nobody opens what is carried.

use std::path::PathBuf;

use anyhow::Context as _;
use bytes::Bytes;
use tokio::process::Command;

use super::crowd::Crowd;
use super::figures::Figure;
use super::load::{self, Freight, Pair};
use super::parts::Parts;
use super::{Scale, gauge};
use crate::processes::{Running, program};

/// The figures of this file.
pub const NAMES: &[&str] =
    &["gateway_cpu_per_envelope_us", "gateway_cpu_over_bare_relay", "gateway_cpu_over_bare_relay_system_allocator"];

/// Envelopes under way.
const IN_FLIGHT: usize = 256;
/// That they are shared among: a gateway queues no more than 64 envelopes towards one office.
const PAIRS: usize = 4;
/// One in so many goes first and is not counted; of single ones, so many.
const WARM_UP: usize = 10;

/// An envelope as small as its text: none is, but other products' figures are for such.
const SMALL_BYTES: usize = 4096;

/// What relays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The real gateway.
    Gateway,
    /// The bare relay under the gateway's allocator.
    Bare,
    /// The bare relay under the system's.
    BareOnSystemAllocator,
}

/// A relay that runs.
pub struct Relay {
    bare: Option<Running>,
    /// Its process.
    pub pid: u32,
    /// Where it listens.
    pub port: u16,
}

/// The program of the bare relay and what it is told.
fn bare(kind: Kind) -> anyhow::Result<(PathBuf, &'static [&'static str])> {
    match kind {
        Kind::BareOnSystemAllocator => Ok((program("bench-network")?, &["bare-relay"])),
        Kind::Gateway | Kind::Bare => Ok((program("bare-relay")?, &[])),
    }
}

impl Relay {
    /// Starts one with the certificates of the crowd's gateway.
    pub async fn start(kind: Kind, crowd: &mut Crowd) -> anyhow::Result<Self> {
        if kind == Kind::Gateway {
            crowd.world.start_gateway().await?;
            let (pid, port) = (crowd.world.gateway()?.pid()?, crowd.world.gateway_address()?.port());
            return Ok(Self { bare: None, pid, port });
        }
        let (program, words) = bare(kind)?;
        let mut command = Command::new(program);
        command.args(words).arg(crowd.world.network.gateway().path());
        let mut running = Running::start("the bare relay", command)?;
        running.says("listening ").await?;
        let lines = running.lines().all();
        let port = lines.iter().find_map(|line| line.strip_prefix("listening ")?.parse().ok()).context("a port")?;
        Ok(Self { pid: running.pid()?, bare: Some(running), port })
    }

    /// Ends it.
    pub async fn stop(self, crowd: &mut Crowd) -> anyhow::Result<()> {
        match self.bare {
            Some(bare) => bare.kill().await,
            None => crowd.world.kill_gateway().await,
        }
    }
}

/// One run: microseconds of CPU per envelope, and envelopes per second.
async fn run(kind: Kind, crowd: &mut Crowd, freight: &Freight, scale: Scale) -> anyhow::Result<(f64, f64)> {
    let relay = Relay::start(kind, crowd).await?;
    let pairs = load::pairs(crowd, relay.port, PAIRS).await?;
    let (pairs, ..) = load::carry(pairs, freight, scale.envelopes / WARM_UP, IN_FLIGHT).await?;
    let before = gauge::cpu(relay.pid)?;
    let (_pairs, took, wall): (Vec<Pair>, _, _) = load::carry(pairs, freight, scale.envelopes, IN_FLIGHT).await?;
    let cpu = gauge::cpu(relay.pid)? - before;
    relay.stop(crowd).await?;
    Ok((gauge::micros_each(cpu, took.len()), took.len() as f64 / wall.as_secs_f64()))
}

/// The bare relay and one pair of offices, for one envelope at a time.
pub struct BareExchange {
    relay: Relay,
    pairs: Vec<Pair>,
    freight: Freight,
}

impl BareExchange {
    /// Starts it, and warms it up.
    pub async fn start(crowd: &mut Crowd, freight: Freight) -> anyhow::Result<Self> {
        let relay = Relay::start(Kind::Bare, crowd).await?;
        let pairs = load::pairs(crowd, relay.port, 1).await?;
        let (pairs, ..) = load::carry(pairs, &freight, WARM_UP, 1).await?;
        Ok(Self { relay, pairs, freight })
    }

    /// Milliseconds from an envelope to its receipt, one after the other.
    pub async fn exchanges_ms(&mut self, count: usize) -> anyhow::Result<Vec<f64>> {
        let (pairs, took, _) = load::carry(std::mem::take(&mut self.pairs), &self.freight, count, 1).await?;
        self.pairs = pairs;
        Ok(took.iter().map(|took| took.as_secs_f64() * 1e3).collect())
    }

    /// Ends it.
    pub async fn stop(self, crowd: &mut Crowd) -> anyhow::Result<()> {
        self.relay.stop(crowd).await
    }
}

/// The figures of one kind of relay: CPU and rate, a value per round.
#[derive(Default)]
struct Runs {
    cpu: Vec<f64>,
    rate: Vec<f64>,
}

/// All of them, in turns.
pub async fn measure(scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let mut crowd = Crowd::create(2 * PAIRS)?;
    let freight = Parts::of(&crowd.world.network)?.freight()?;
    let mut runs = [Runs::default(), Runs::default(), Runs::default()];
    for _ in 0..scale.rounds {
        for (kind, runs) in [Kind::Gateway, Kind::Bare, Kind::BareOnSystemAllocator].into_iter().zip(&mut runs) {
            let (cpu, rate) = run(kind, &mut crowd, &freight, scale).await.with_context(|| format!("{kind:?}"))?;
            runs.cpu.push(cpu);
            runs.rate.push(rate);
        }
    }
    let small = Freight { envelope: Bytes::from(vec![7; SMALL_BYTES]), ..freight.clone() };
    let (small, _) = run(Kind::BareOnSystemAllocator, &mut crowd, &small, scale).await.context("small envelopes")?;
    let [gateway, bare, system] = runs;
    let carried = format!("{} B out, {} B back, {IN_FLIGHT} in flight", freight.envelope.len(), freight.receipt.len() + 64);
    Ok(vec![
        Figure::ratio("gateway_cpu_over_bare_relay", &gateway.cpu, &bare.cpu, 1.25).with_note("both wipe what they free"),
        Figure::ratio("gateway_cpu_over_bare_relay_system_allocator", &gateway.cpu, &system.cpu, 1.45),
        Figure::new("gateway_cpu_per_envelope_us", "us", gateway.cpu).with_note(&carried),
        Figure::new("bare_relay_cpu_per_envelope_us", "us", bare.cpu),
        Figure::new("bare_relay_system_allocator_cpu_per_envelope_us", "us", system.cpu),
        Figure::new("bare_relay_system_allocator_cpu_per_4_kib_us", "us", vec![small]).with_note("for the record"),
        Figure::new("gateway_envelopes_per_s", "/s", gateway.rate),
        Figure::new("bare_relay_envelopes_per_s", "/s", bare.rate),
    ])
}
