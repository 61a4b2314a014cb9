//! T3: kill -9 of the real gateway and agents, on real sled, under load. A kill counts only if at that instant at least one
//! letter had been acknowledged to the person and had no receipt yet: what was acknowledged is noted before the kill, what is
//! without receipt is what the sender's own outbox shows after it, before the dead one lives again; both must say so of the
//! same letter. Every round begins with an empty queue. At the end one idle kill per role shows that such kills do not count.
//! The verdict compares letter ids in exported cases: every acknowledged letter is there once at the sender and once at the
//! recipient.
//!
//! Not here: power cuts (`store`), the crash points one by one (the simulated world).

mod load;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use load::Load;
use raccordo_certs_dev::cast::{Cast, cav, cpi};
use raccordo_machine::clock;
use raccordo_proto::AgencyId;
use raccordo_proto::limits::IN_FLIGHT_CAP;
use raccordo_tests::processes::{World, replace};
use raccordo_tests::results;

const KILLS_PER_ROLE: usize = 20;
const LETTERS_PER_ROUND: usize = 34;
const ACKNOWLEDGED_MIN: usize = 2_000;
/// Rounds whose kill came too early or too late to count are repeated, at most this often in all.
const ROUNDS_MAX: usize = 120;
const DRAINED: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Gateway,
    Sender,
    Recipient,
}

/// Kills that counted, per role.
#[derive(Default, Debug)]
struct Kills {
    gateway: usize,
    sender: usize,
    recipient: usize,
    /// Letters acknowledged and without receipt, of all kills that counted.
    letters: usize,
}

const ROLES: [Role; 3] = [Role::Gateway, Role::Sender, Role::Recipient];

impl Kills {
    fn next(&self) -> Option<Role> {
        let (least, role) = [(self.gateway, Role::Gateway), (self.sender, Role::Sender), (self.recipient, Role::Recipient)]
            .into_iter()
            .min_by_key(|(kills, _)| *kills)?;
        (least < KILLS_PER_ROLE).then_some(role)
    }

    fn all(&self) -> usize {
        self.gateway + self.sender + self.recipient
    }

    /// A kill with so many letters acknowledged and without receipt.
    fn count(&mut self, role: Role, letters: usize) {
        self.letters += letters;
        if letters == 0 {
            return;
        }
        match role {
            Role::Gateway => self.gateway += 1,
            Role::Sender => self.sender += 1,
            Role::Recipient => self.recipient += 1,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_under_load_nothing_acknowledged_is_lost_or_doubled() -> anyhow::Result<()> {
    let mut cast = Cast::demo();
    cast.policy.frames_per_minute = 1_000_000; // the quota is not what is tried here
    let mut world = World::create_with(&cast, raccordo_admin::roster::Dates::from_now(clock::now()))?;
    // A killed recipient must not stop its sender for a minute (8 in flight): the next kill would find nothing on its way.
    let limits = format!("[limits]\nin_flight_max = {IN_FLIGHT_CAP}\n\n[log]");
    replace(&world.network.gateway().config(), "[log]", &limits)?;
    world.start_gateway().await?;
    world.attach(&[cav(), cpi()]).await?;
    world.add_person(&cav()).await?;
    world.add_person(&cpi()).await?;

    let mut load = Load::new(world.pseudonym(&cav())?);
    let mut kills = Kills::default();
    let mut rounds = 0;
    while let Some(role) = kills.next() {
        rounds += 1;
        ensure!(rounds <= ROUNDS_MAX, "too many kills that did not count: {kills:?}");
        let letters = round(&mut world, &mut load, role, rounds).await?;
        println!("round {rounds}: {role:?} killed with {letters} letters acknowledged and without receipt");
        kills.count(role, letters);
    }
    while load.acknowledged() < ACKNOWLEDGED_MIN {
        load.send(&world, LETTERS_PER_ROUND).await?;
    }
    drained(&world).await?;
    let idle = idle_kills(&mut world, &load).await?;
    let verdict = load.verdict(&world).await?;
    println!("T3: {kills:?} in {rounds} rounds, {} idle kills that would have counted, {verdict:?}", idle.all());
    for (role, counted) in [("gateway", kills.gateway), ("sender", kills.sender), ("recipient", kills.recipient)] {
        let counted_of = format!("kills of the {role}, each with a letter acknowledged and without receipt");
        results::write("T3", &counted_of, counted, KILLS_PER_ROLE, file!());
    }
    results::write_at_most("T3", "control: kills of an idle network that would have counted", idle.all(), 0, file!());
    results::write("T3", "letters acknowledged", verdict.acknowledged, ACKNOWLEDGED_MIN, file!());
    results::write_at_most("T3", "letters lost or doubled", verdict.lost + verdict.doubled, 0, file!());
    ensure!(verdict.acknowledged >= ACKNOWLEDGED_MIN, "{verdict:?}");
    ensure!(verdict.lost == 0 && verdict.doubled == 0, "{verdict:?}");
    ensure!(idle.all() == 0, "a kill of an idle network counted: {idle:?}");
    Ok(())
}

/// One round: load, a kill in the middle of it, a restart. Says how many letters had then been acknowledged to the person and
/// had no receipt: with none, the kill does not count.
async fn round(world: &mut World, load: &mut Load, role: Role, round: usize) -> anyhow::Result<usize> {
    // The instant moves from round to round: after the first acknowledgement, after the second, …
    let after = 1 + round % (LETTERS_PER_ROUND - 2);
    if role == Role::Sender {
        // Stopped, the recipient gives no receipt: what is acknowledged now has none when the sender dies.
        world.process(&cpi())?.signal("STOP").await?;
    }
    load.until(world, after).await?;
    let letters = kill(world, load, role).await?;
    load.retry_unanswered(world).await?;
    load.send(world, LETTERS_PER_ROUND.saturating_sub(after)).await?;
    for agency in [cav(), cpi()] {
        attached(world, &agency).await?;
    }
    drained(world).await?; // so that the next kill meets letters of its own round, under way, and no old ones in a queue
    Ok(letters)
}

/// Kills, looks at what waits while the dead one is dead, and starts it again. The sender must live to be asked: its
/// recipient is stopped meanwhile, so that no receipt comes in between.
async fn kill(world: &mut World, load: &Load, role: Role) -> anyhow::Result<usize> {
    let acknowledged = load.cases();
    match role {
        Role::Sender => {
            world.kill_agent(&cav()).await?;
            world.start_agent(&cav()).await?;
            let letters = load.without_receipt(world, &acknowledged).await?;
            world.process(&cpi())?.signal("CONT").await?;
            Ok(letters)
        }
        Role::Recipient => {
            world.kill_agent(&cpi()).await?;
            let letters = load.without_receipt(world, &acknowledged).await?;
            world.start_agent(&cpi()).await?;
            Ok(letters)
        }
        Role::Gateway => {
            world.kill_gateway().await?;
            let letters = load.without_receipt(world, &acknowledged).await?;
            world.start_gateway().await?;
            Ok(letters)
        }
    }
}

/// The control: everybody is killed once more when nothing is on its way.
async fn idle_kills(world: &mut World, load: &Load) -> anyhow::Result<Kills> {
    let mut kills = Kills::default();
    for role in ROLES {
        if role == Role::Sender {
            world.process(&cpi())?.signal("STOP").await?;
        }
        kills.count(role, kill(world, load, role).await?);
        for agency in [cav(), cpi()] {
            attached(world, &agency).await?;
        }
    }
    drained(world).await?;
    Ok(kills)
}

async fn attached(world: &World, agency: &AgencyId) -> anyhow::Result<()> {
    world.attached(agency).await.with_context(|| format!("{agency} comes back"))
}

/// Until nothing waits at the sender.
async fn drained(world: &World) -> anyhow::Result<()> {
    let done = async {
        while world.status(&cav()).await?.queued > 0 {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(DRAINED, done).await.context("the outbox does not empty")?
}
