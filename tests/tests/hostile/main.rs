//! Hostile clients at both ports of the real gateway, from another process that is held to half a core: what two honest offices
//! notice of it, and what it costs the gateway. One test, and a binary of its own: nothing else runs beside what is measured.
//!
//! Not here: the attacks themselves (`raccordo_tests::hostile`), what a guest may ask too often (`network/authority`).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::cav;
use raccordo_tests::bench::crowd::Crowd;
use raccordo_tests::bench::gauge;
use raccordo_tests::bench::load::{self, Freight, Pair};
use raccordo_tests::bench::parts::Parts;
use raccordo_tests::hostile::{ATTACKS, Door};
use raccordo_tests::processes::{Running, program};
use raccordo_tests::results;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::Command;

/// Each attack, and each measure of peace.
const EACH: Duration = Duration::from_millis(2_000);
/// The attacker runs for one turn and is stopped for the next.
const TURN: Duration = Duration::from_millis(10);
/// Of one core, in percent; what is above a half is the measure's own grain.
const ATTACKER_PERCENT_MAX: u32 = 55;
/// Letters between two looks at the memory.
const AT_A_TIME: usize = 20;
/// T18: what an honest letter may take longer, and the gateway grow by.
const SLOWER_BY_MAX: Duration = Duration::from_millis(20);
const GROWS_BY_KB_MAX: f64 = 64.0 * 1024.0;

/// Two offices and the gateway between them.
struct Peace {
    crowd: Crowd,
    pairs: Vec<Pair>,
    freight: Freight,
    gateway: u32,
}

/// What was noticed in some seconds.
struct Noticed {
    p99: Duration,
    letters: usize,
    resident_kb: f64,
}

impl Peace {
    async fn begin() -> anyhow::Result<Self> {
        let mut crowd = Crowd::create(2)?;
        crowd.world.listen_for_the_authority()?;
        crowd.world.start_gateway().await?;
        let freight = Parts::of(&crowd.world.network)?.freight()?;
        let pairs = load::pairs(&crowd, crowd.world.gateway_address()?.port(), 1).await?;
        let gateway = crowd.world.gateway()?.pid()?;
        Ok(Self { crowd, pairs, freight, gateway })
    }

    /// Letters and their receipts, one at a time, for so long.
    async fn letters(&mut self, long: Duration) -> anyhow::Result<Noticed> {
        let (began, mut took, mut resident_kb) = (Instant::now(), Vec::new(), 0_f64);
        while began.elapsed() < long {
            let carried = load::carry(std::mem::take(&mut self.pairs), &self.freight, AT_A_TIME, 1).await?;
            self.pairs = carried.0;
            took.extend(carried.1);
            resident_kb = resident_kb.max(gauge::resident_kb(self.gateway)?);
        }
        took.sort_unstable();
        Ok(Noticed { p99: took[took.len() * 99 / 100], letters: took.len(), resident_kb })
    }

    fn address(&self, door: Door) -> anyhow::Result<SocketAddr> {
        if door == Door::Agents { self.crowd.world.gateway_address() } else { self.crowd.world.authority_address() }
    }

    /// A member that misbehaves, or a guest; each attack from an address of its own.
    fn attacker(&self, name: &str, door: Door, number: usize) -> anyhow::Result<Running> {
        let mut command = Command::new(program("hostile")?);
        let named = if door == Door::Agents { "agents" } else { "authority" };
        command.args([name, named, &self.address(door)?.to_string(), &format!("127.3.0.{}", number + 1)]);
        command.arg(EACH.as_millis().to_string());
        if door == Door::Agents {
            let folder = self.crowd.world.network.agent(&cav());
            command.arg(folder.chain()).arg(folder.key());
        }
        Running::start(name, command)
    }
}

/// Stops and continues a process, turn by turn, for ever.
async fn half_a_core(pid: u32) -> anyhow::Result<()> {
    let pid = Pid::from_raw(i32::try_from(pid)?).context("a process")?;
    let mut turns = tokio::time::interval(TURN);
    for signal in [Signal::STOP, Signal::CONT].into_iter().cycle() {
        turns.tick().await;
        kill_process(pid, signal)?;
    }
    Ok(())
}

/// One attack at one port; what honest offices notice, and what the attacker says of itself.
async fn attacked(peace: &mut Peace, name: &'static str, door: Door, number: usize) -> anyhow::Result<(Noticed, Value)> {
    let mut attacker = peace.attacker(name, door, number)?;
    let (pid, began) = (attacker.pid()?, Instant::now());
    let held = tokio::spawn(half_a_core(pid));
    let noticed = peace.letters(EACH).await?;
    let (used, elapsed) = (gauge::cpu(pid)?, began.elapsed());
    held.abort();
    let _stopped = held.await;
    attacker.signal("CONT").await?;
    attacker.says("let_in").await?;
    ensure!(used * 100 <= elapsed * ATTACKER_PERCENT_MAX, "{name}: the attacker had {used:?} in {elapsed:?}");
    let lines = attacker.lines().all();
    let said = lines.iter().find_map(|line| serde_json::from_str(line).ok()).context("what it did")?;
    Ok((noticed, said))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_offices_notice_little_of_hostile_clients_and_the_gateway_stands() -> anyhow::Result<()> {
    let mut peace = Peace::begin().await?;
    peace.letters(EACH / 2).await?; // what is allocated once, is
    let before = peace.letters(EACH).await?;
    let mut war = Vec::new();
    for (number, attack) in ATTACKS.iter().enumerate() {
        for door in [Door::Agents, Door::Authority] {
            let (noticed, said) = attacked(&mut peace, attack.name, door, number).await?;
            ensure!(said["let_in"].as_u64() > Some(0) && said["bytes"].as_u64() > Some(0), "{}: {said}", attack.name);
            war.push((format!("{} {door:?}", attack.name), noticed, said));
        }
    }
    let after = peace.letters(EACH).await?;

    let calm = before.p99.max(after.p99);
    let allowed = (calm * 2).max(calm + SLOWER_BY_MAX);
    println!("in peace: p99 {:?} and {:?}, {:.0} kB; allowed {allowed:?}", before.p99, after.p99, before.resident_kb);
    for (name, noticed, said) in &war {
        let grown = noticed.resident_kb - before.resident_kb;
        println!("{name:<36} p99 {:>10.2?} of {:>5} letters, {grown:>+7.0} kB, {said}", noticed.p99, noticed.letters);
    }
    let slow = war.iter().filter(|(_, noticed, _)| noticed.p99 > allowed).count();
    let large = war.iter().filter(|(_, noticed, _)| noticed.resident_kb - before.resident_kb > GROWS_BY_KB_MAX).count();
    let gateway = peace.crowd.world.gateway()?;
    let crashes = usize::from(gateway.pid()? != peace.gateway)
        + gateway.lines().all().iter().filter(|line| line.contains("panicked")).count();
    results::write("T18", "attacks by hostile clients held to half a core", war.len(), 2 * ATTACKS.len(), file!());
    results::write_at_most("T18", "attacks that slowed honest letters beyond the limit", slow, 0, file!());
    results::write_at_most("T18", "attacks that made the gateway grow beyond the limit", large, 0, file!());
    results::write_at_most("T18", "crashes of the gateway", crashes, 0, file!());
    ensure!((slow, large, crashes) == (0, 0, 0), "{slow} slow, {large} large, {crashes} crashes");
    Ok(())
}
