//! The simulated world: real desks, couriers and the real router of a gateway, one clock, one seed, no socket. Everything
//! that can go wrong goes wrong for an hour of virtual time; then faults stop, and ten minutes later everybody must know
//! exactly what the reference model says. A day passes, things go wrong for a quarter of an hour while the heads are told,
//! and it must hold again (`days`).
//!
//! Not here: real processes (they have tests of their own), attachments.

mod cast;
mod checks;
mod counts;
mod days;
mod disk;
mod erasures;
mod evil;
mod faults;
mod keys;
mod net;
mod office;
mod people;
mod reference;
mod restores;
mod run;
mod sabotage;
mod villain;

use std::collections::BTreeMap;
use std::sync::Arc;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_admin::roster::{Dates, Roster};
use raccordo_admin::vault::Vault;
use raccordo_casework::desk::Input;
use raccordo_casework::work::Done;
use raccordo_gateway::router::ConnectionId;
use raccordo_proto::ids::{AgencyId, NetworkId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{FetchResponse, SignedDirectory, from_agent, to_agent};
use raccordo_proto::{Directory, Timestamp};
use rand_core::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::seeded::Seeded;
use crate::town::agency;
use cast::{START, on_disk};
pub use counts::{Counts, NOT_BUILT, NOT_IN_MEMORY};
use disk::Disk;
use faults::Fault;
use net::Gateway;
use office::Office;
use people::{DEEDS, Deed};
use reference::Model;
pub use run::{LETTERS_PER_SEED_MIN, SEEDS_FOR_COUNTS, Verdict, run_many, write_replay};
pub use sabotage::Sabotage;

/// How long faults go on.
const FAULTY: Duration = Duration::from_secs(3600);
/// I9: how long after them everything must have arrived.
const SETTLED: Duration = Duration::from_secs(600);
/// How long the offices have to be set up: their people are written down before the first fault.
const SET_UP: Duration = Duration::from_secs(4);
/// Violations told of one run; the first is what matters.
const VIOLATIONS_TOLD_MAX: usize = 20;

/// What a run has shown.
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Letters that became durable at their senders.
    pub letters: u64,
    /// What was broken; each begins with the invariant's name.
    pub violations: Vec<String>,
    /// What happened.
    pub counts: Counts,
    /// SHA-256 over the trace.
    pub trace_hash: [u8; 32],
    /// Events in the trace.
    pub events: u64,
}

/// Something that will happen.
enum Happening {
    /// A person comes to do something.
    Person,
    /// The people of an office refer another woman.
    Refers(AgencyId),
    /// She comes back with the same request.
    Retry(usize),
    /// A frame reaches the gateway.
    ToGateway(ConnectionId, from_agent::Frame),
    /// A frame reaches an office.
    ToAgent(ConnectionId, to_agent::Frame),
    /// The answer to a Fetch from a version.
    Fetched(ConnectionId, u64, FetchResponse),
    /// A document handed over by hand, with what leads to it from a version.
    ByHand(AgencyId, u64, FetchResponse),
    /// The gateway notices that a stream has ended.
    GatewayTold(ConnectionId),
    /// An office notices.
    AgentTold(ConnectionId),
    /// An office tries to connect.
    Dial(AgencyId, u64),
    /// What was staged is flushed.
    Commit(AgencyId, u64),
    /// A worker has finished, for this life of the courier.
    Worked(AgencyId, u64, Done),
    /// A courier's timer, unless another was set since.
    Wake(AgencyId, u64),
    /// An office's process starts again.
    Start(AgencyId),
    /// The gateway's process starts again.
    GatewayStarts,
    /// The gateway's own clock.
    GatewayTick,
    /// The gateway installs a directory.
    GatewayInstalls(Arc<Directory>),
    /// The next fault is drawn.
    Trouble,
    /// A fault ends.
    Over(Fault),
    /// Faults again.
    Unrest,
    /// Somebody comes to erase a case of this office.
    Erasure(AgencyId),
    /// Somebody looks whether this office's key is to be accepted.
    Yes(AgencyId, AgencyId),
    /// She comes with what she wants.
    Comes(usize),
    /// The villain has an idea.
    Villainy,
    /// It goes on with a flood towards an office, for so many rounds.
    Flood(AgencyId, u32),
    /// And takes another stream for it.
    FloodBreaks(AgencyId, u32),
    /// No more faults.
    Calm,
}

/// The world.
struct World {
    now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    next: u64,
    rng: Seeded,
    offices: BTreeMap<AgencyId, Office>,
    gateway: Gateway,
    vault: Vault,
    roster: Roster,
    directory: Arc<Directory>,
    history: Vec<SignedDirectory>,
    deeds: Vec<Deed>,
    /// The hostile office.
    villain: AgencyId,
    model: Model,
    counts: Counts,
    violations: Vec<String>,
    trace: Sha256,
    events: u64,
    verbose: bool,
    calm: bool,
    /// When the faults of this act end.
    calm_at: Timestamp,
    sabotage: Option<Sabotage>,
}

/// One seed, from the first person to the last check. `verbose` prints the trace.
pub fn run(seed: u64, sabotage: Option<Sabotage>, verbose: bool) -> Report {
    let mut world = World::new(seed, sabotage, verbose);
    world.begin();
    world.play();
    if world.violations.is_empty() {
        world.next_day();
        world.play();
    }
    world.count_what_couriers_saw();
    Report {
        seed,
        letters: world.model.letters.len() as u64,
        violations: world.violations,
        counts: world.counts,
        trace_hash: world.trace.finalize().into(),
        events: world.events,
    }
}

impl World {
    fn new(seed: u64, sabotage: Option<Sabotage>, verbose: bool) -> Self {
        let mut rng = Seeded::new(seed);
        let network = NetworkId::parse("rete-demo.invalid").expect("a name");
        let vault = Vault::generate(network, 1, 1, &[[9; 32]], &mut rng).expect("one key of one");
        let keys: BTreeMap<AgencyId, SigningKey> = cast::offices().map(|id| (id, draw(&mut rng))).collect();
        let roster = cast::roster(&keys);
        let directory = Arc::new(roster.publish(&vault, None, Dates::from_now(START), START).expect("a directory"));
        let mut world = Self {
            now: START,
            queue: BTreeMap::new(),
            next: 0,
            rng,
            offices: BTreeMap::new(),
            gateway: Gateway::new(directory.clone()),
            history: vec![directory.document().clone()],
            vault,
            roster,
            directory,
            deeds: Vec::new(),
            villain: agency(cast::VILLAINS[usize::from(seed % 4 == 1)]),
            model: Model::default(),
            counts: Counts::default(),
            violations: Vec::new(),
            trace: Sha256::new(),
            events: 0,
            verbose,
            calm: false,
            calm_at: START.plus(FAULTY),
            sabotage,
        };
        world.model.first_keys = keys.iter().map(|(id, key)| (id.clone(), key.public_key())).collect();
        for (id, key) in keys {
            // In one world of ten one office keeps its records as the agent does.
            let disk = if seed % 10 == 4 && id == on_disk() { Disk::real() } else { Disk::default() };
            let office = Office::new(&id, key, world.vault.trust(), &world.directory, disk, START);
            world.offices.insert(id, office);
        }
        world
    }

    fn begin(&mut self) {
        for id in cast::offices() {
            self.ask_desk(&id, Input::Started);
            self.ask_desk(&id, Input::DirectoryOffered(self.directory.clone()));
            self.hire(&id);
            let wait = self.below(2_000);
            self.after(wait, Happening::Dial(id, 0));
        }
        self.plan_people(DEEDS, START.plus(Duration::from_secs(10)));
        self.after(5_000, Happening::Trouble);
        self.after(200_000, Happening::Villainy);
        self.after(1_000, Happening::GatewayTick);
        self.at(self.calm_at, Happening::Calm);
    }

    /// Until ten minutes after the faults of this act; then everybody must know what the model says.
    fn play(&mut self) {
        let end = self.calm_at.plus(SETTLED);
        while self.violations.len() < VIOLATIONS_TOLD_MAX && self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= end) {
            let Some(((at, _), happening)) = self.queue.pop_first() else { break };
            self.now = at;
            self.happens(happening);
        }
        self.now = end;
        self.last_checks();
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Person => self.person_comes(),
            Happening::Refers(id) => self.refers(&id),
            Happening::Retry(deed) | Happening::Comes(deed) => self.ask(deed),
            Happening::ToGateway(connection, frame) => self.gateway_hears(connection, frame),
            Happening::ToAgent(connection, frame) => self.agent_hears(connection, frame),
            Happening::Fetched(connection, since, response) => self.fetched(connection, since, response),
            Happening::ByHand(id, since, response) => self.by_hand(&id, since, response),
            Happening::GatewayTold(connection) => self.gateway_told(connection),
            Happening::AgentTold(connection) => self.agent_told(connection, "UNREACHABLE"),
            Happening::Dial(id, dialling) => self.dial(&id, dialling),
            Happening::Commit(id, life) => self.commit(&id, life),
            Happening::Worked(id, life, done) => self.worked(&id, life, done),
            Happening::Wake(id, set) => self.wake(&id, set),
            Happening::Start(id) => self.start(&id),
            Happening::GatewayStarts => self.gateway_starts(),
            Happening::GatewayTick => self.gateway_tick(),
            Happening::GatewayInstalls(directory) => self.gateway_installs(&directory),
            Happening::Trouble => self.trouble(),
            Happening::Over(fault) => self.over(fault),
            Happening::Erasure(id) => self.erasure_comes(&id),
            Happening::Yes(id, of) => self.looks_at_key(&id, &of),
            Happening::Villainy => self.villainy(),
            Happening::Flood(to, rounds) => self.flood(&to, rounds),
            Happening::FloodBreaks(to, rounds) => self.flood_breaks(to, rounds),
            Happening::Unrest => self.be_restless(),
            Happening::Calm => self.be_calm(),
        }
        self.check_gateway();
    }

    fn at(&mut self, when: Timestamp, happening: Happening) {
        self.next += 1;
        self.queue.insert((when, self.next), happening);
    }

    fn after(&mut self, millis: u64, happening: Happening) {
        self.at(self.now.plus(Duration::from_millis(millis)), happening);
    }

    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n.max(1)
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// Whether a chance of one in `n` comes about; never while offices are being set up, nor once faults have stopped.
    fn mishap(&mut self, n: u64) -> bool {
        let hit = self.below(n) == 0;
        hit && !self.calm && self.now > START.plus(SET_UP)
    }

    fn pick<T: Clone>(&mut self, among: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(among.len() as u64)).unwrap_or_default();
        among.get(at).cloned()
    }

    /// Writes an event into the trace.
    fn note(&mut self, what: &str, who: &dyn core::fmt::Display) {
        let line = format!("{} {what} {who}\n", self.now.since(START).as_millis());
        self.trace.update(line.as_bytes());
        self.events += 1;
        if self.verbose {
            print!("{line}");
        }
    }

    fn fault(&mut self, name: &str, who: &dyn core::fmt::Display) {
        self.counts.add("fault", name);
        self.note(name, who);
    }

    /// Counts a check, and keeps what it found broken.
    fn check(&mut self, name: &str, holds: bool, what: impl FnOnce() -> String) {
        self.counts.add("check", name);
        if !holds && self.violations.len() < VIOLATIONS_TOLD_MAX {
            let told = format!("{name}: {} ({} ms)", what(), self.now.since(START).as_millis());
            self.note("violation", &told);
            self.violations.push(told);
        }
    }
}

fn draw(rng: &mut Seeded) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}
