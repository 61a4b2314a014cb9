//! A small town in memory: offices (desk, courier, journal) around the real router, in virtual time, without a socket.
//! Tests read as prose: say what happens, then look at what everybody knows.
//!
//! Not here: faults, a reference model, many seeds: the simulated world grows from this.

pub(crate) mod cast;
mod directories;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_admin::roster::{Dates, Roster};
use raccordo_admin::vault::Vault;
use raccordo_casework::answer::Answer;
use raccordo_casework::courier::{Courier, Event, Output};
use raccordo_casework::desk::{Act, Command, Desk, Input};
use raccordo_casework::record::{Journal as _, MemoryJournal, Record};
use raccordo_casework::refusal::Refusal;
use raccordo_casework::restore;
use raccordo_casework::roles::Caller;
use raccordo_casework::step::{self, Effect};
use raccordo_casework::wire::{Autorizzazione, Backup, Modulo, ModuloRiservata, Ruolo, SchedaRiservata, Tombstones};
use raccordo_gateway::admission::Admission;
use raccordo_gateway::router::{self, ConnectionId, Moment, Peer, Queues, Router};
use raccordo_proto::ids::{AgencyId, NetworkId};
use raccordo_proto::limits::IN_FLIGHT_MAX;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{
    FetchResponse, FromAgent, SignedConfirm, SignedDirectory, SignedKeyCard, SignedReceipt, ToAgent, from_agent, to_agent,
};
use raccordo_proto::{Code, Directory, Timestamp};

use rand_core::Rng as _;

use crate::seeded::Seeded;
use cast::{CAST, machine, roster, spki};

/// The first instant of every town.
pub const DAWN: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// An id written in a test.
pub fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("ids of tests are slugs")
}

/// A form that holds: to the équipe, with a parte riservata for the CPI.
pub fn form() -> Modulo {
    let row = |ufficio: &str, cosa: &str| Autorizzazione {
        ufficio: ufficio.to_owned(),
        cosa: cosa.to_owned(),
        fino_al: "2027-05-20".to_owned(),
        firmata_il: "2026-11-18".to_owned(),
    };
    Modulo {
        tipo_richiesta: "INSERIMENTO_NEL_PROGRAMMA".to_owned(),
        programma: "lia-2".to_owned(),
        in_carico_stato: "IN_CORSO".to_owned(),
        urgenza: "ORDINARIA".to_owned(),
        aree_richieste: vec!["LAVORO".to_owned(), "ABITARE".to_owned()],
        di_che_cosa_ha_bisogno: "Un lavoro vicino a casa, di mattina.".to_owned(),
        recapito_servizio: "0372 000000".to_owned(),
        parte_riservata: Some(ModuloRiservata {
            per: vec!["cpi-rivabella".to_owned()],
            scheda: Some(SchedaRiservata { nome: "Nome".to_owned(), cognome: "Inventato".to_owned(), ..Default::default() }),
        }),
        autorizzazioni: vec![
            row("cpi-rivabella", "ANCHE_CHI_SONO"),
            row("sociale-rivabella", "SCHEDA_MINIMA"),
            row("sil-rivabella", "SCHEDA_MINIMA"),
        ],
        ..Default::default()
    }
}

/// The caller that owns the machine.
pub fn owner() -> Caller {
    Caller { uid: 0, owner: true, claimed: None }
}

/// One office in memory.
pub struct Office {
    /// All that is durable.
    pub desk: Desk,
    /// All that is volatile.
    pub courier: Courier,
    /// What replay would read.
    pub journal: MemoryJournal,
    /// Its identity key.
    pub key: SigningKey,
    /// Events that a watcher would see: letters of others, in order of arrival.
    pub arrived: usize,
    inbound: VecDeque<to_agent::Frame>,
    held: fn(&to_agent::Frame) -> bool,
    answers: BTreeMap<u64, Result<Answer, Refusal>>,
    tickets: u64,
}

impl Office {
    /// The first frame that is not held back.
    fn next_frame(&mut self) -> Option<to_agent::Frame> {
        let first = self.inbound.iter().position(|frame| !(self.held)(frame))?;
        self.inbound.remove(first)
    }
}

/// The town.
pub struct Town {
    /// Offices by id.
    pub offices: BTreeMap<AgencyId, Office>,
    /// The gateway's router.
    pub router: Router,
    /// The admins' keys.
    pub vault: Vault,
    /// The directory as the admins have it.
    pub roster: Roster,
    /// The newest signed version.
    pub directory: Arc<Directory>,
    /// Its newest Confirm.
    confirmed: Option<SignedConfirm>,
    /// What its gateway says instead of the truth.
    lie: Option<Box<dyn Fn(u64) -> FetchResponse>>,
    /// The one admin's key.
    admin: SigningKey,
    /// Every version signed so far.
    history: Vec<(u64, SignedDirectory)>,
    /// Now.
    pub now: Timestamp,
    /// Envelopes that passed the router, as `(from, to, bytes)`.
    pub passed: Vec<(AgencyId, AgencyId, bytes::Bytes)>,
    /// Receipts that offices have sent, as `(from, receipt)`.
    pub receipts: Vec<(AgencyId, SignedReceipt)>,
    /// What offices have asked the gateway for, as `(from, since)`.
    pub fetched: Vec<(AgencyId, u64)>,
    /// The newest card that each office has shown.
    pub cards: BTreeMap<AgencyId, SignedKeyCard>,
    /// The town's randomness.
    pub rng: Seeded,
    connections: BTreeMap<ConnectionId, AgencyId>,
    next_connection: u64,
}

struct Room;

impl Queues for Room {
    fn envelopes(&self, _: ConnectionId) -> usize {
        0
    }

    fn bytes(&self) -> usize {
        0
    }
}

impl Town {
    /// The cast of the demo: CAV, servizio sociale, CPI, SIL, capofila; nobody attached.
    pub fn new(seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let network = NetworkId::parse("rete-demo.invalid").expect("a name");
        let admin = draw(&mut rng);
        let vault = Vault::with_key(network, admin.clone(), &[[9; 32]]);
        let keys: BTreeMap<AgencyId, SigningKey> = CAST.iter().map(|row| (agency(row.0), draw(&mut rng))).collect();
        let roster = roster(&keys);
        let directory = roster.publish(&vault, None, Dates::from_now(DAWN), DAWN).expect("a directory");
        let directory = Arc::new(directory);
        let admission = Admission::new(IN_FLIGHT_MAX);
        let mut town = Self {
            offices: BTreeMap::new(),
            router: Router::new(directory.clone(), admission),
            vault,
            roster,
            history: vec![(directory.version(), directory.document().clone())],
            directory,
            confirmed: None,
            lie: None,
            admin,
            now: DAWN,
            passed: Vec::new(),
            receipts: Vec::new(),
            fetched: Vec::new(),
            cards: BTreeMap::new(),
            rng,
            connections: BTreeMap::new(),
            next_connection: 1,
        };
        for (id, key) in keys {
            let office = town.open(&id, key, MemoryJournal::default());
            town.offices.insert(id.clone(), office);
            town.ask_desk(&id, Input::Started);
            town.ask_desk(&id, Input::DirectoryOffered(town.directory.clone()));
        }
        town
    }

    fn open(&self, id: &AgencyId, key: SigningKey, journal: MemoryJournal) -> Office {
        let mut desk = Desk::new(id.clone());
        journal.records().for_each(|record| desk.apply(&record));
        let directory = desk.directory().cloned().or_else(|| Some(self.directory.clone()));
        let courier = Courier::new(&desk, machine(), self.vault.trust(), directory, self.now);
        Office {
            desk,
            courier,
            journal,
            key,
            arrived: 0,
            inbound: VecDeque::new(),
            held: |_| false,
            answers: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// One office.
    pub fn office(&self, id: &str) -> &Office {
        &self.offices[&agency(id)]
    }

    fn office_mut(&mut self, id: &AgencyId) -> &mut Office {
        self.offices.get_mut(id).expect("an office of this town")
    }

    /// The office's process dies and starts again on its journal.
    pub fn restart(&mut self, id: &str) {
        self.detach(id);
        let id = agency(id);
        let old = self.offices.remove(&id).expect("an office of this town");
        let office = self.open(&id, old.key, old.journal);
        assert!(office.desk == old.desk, "replay(journal) == desk");
        self.offices.insert(id, office);
    }

    /// Its disk is lost, and what a backup has is restored under tombstones; nobody is attached.
    pub fn restore(&mut self, id: &str, backup: &Backup, erased: &[Tombstones]) {
        let journal = restore::journal_of(backup, self.directory.network(), &agency(id), erased, self.now);
        self.put_back(id, &journal.expect("its own backup").records);
    }

    /// Its journal is these records from now on, as when an older copy of its folder is put back; nobody is attached.
    pub fn put_back(&mut self, id: &str, records: &[Record]) {
        self.detach(id);
        let id = agency(id);
        let old = self.offices.remove(&id).expect("an office of this town");
        let mut journal = MemoryJournal::default();
        journal.append(records).expect("memory does not fail");
        let office = self.open(&id, old.key, journal);
        self.offices.insert(id.clone(), office);
        self.ask_desk(&id, Input::Started);
        self.settle();
    }

    /// It loses everything, its key too, and enrols again; nobody is attached.
    pub fn enrol_anew(&mut self, id: &str) {
        self.detach(id);
        let (id, key) = (agency(id), draw(&mut self.rng));
        let ik = key.public_key();
        let office = self.open(&id, key, MemoryJournal::default());
        self.offices.insert(id.clone(), office);
        self.publish(|roster| {
            let entry = roster.offices.iter_mut().find(|office| office.id == id).expect("an office of this town");
            entry.machines[0].ik = ik;
        });
        self.ask_desk(&id, Input::Started);
        self.ask_desk(&id, Input::DirectoryOffered(self.directory.clone()));
        self.settle();
    }

    /// It tells everybody that its store is not what it was; and attaches.
    pub fn say_restored(&mut self, id: &str) {
        let records: Vec<Record> = self.office(id).journal.records().collect();
        let backup = restore::backup(&records, self.directory.network(), &agency(id), DAWN, Vec::new());
        self.restore(id, &backup, &[]);
        self.attach(id);
    }

    /// The office connects.
    pub fn attach(&mut self, id: &str) {
        let id = agency(id);
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.connections.insert(connection, id.clone());
        let peer = Peer { agency: id.clone(), agent: machine(), spki_sha256: spki(&id) };
        self.route(router::Input::Opened(connection, peer));
        self.happens(&id, Event::LinkOpening);
        self.settle();
    }

    /// From now on what the gateway sends it stays in its buffers, until it restarts.
    pub fn hold(&mut self, id: &str) {
        self.office_mut(&agency(id)).held = |_| true;
    }

    /// From now on receipts are late: other offices wrote them, and nothing orders them with what the gateway says.
    pub fn hold_receipts(&mut self, id: &str) {
        self.office_mut(&agency(id)).held = |frame| matches!(frame, to_agent::Frame::Receipt(_));
    }

    /// What stayed in its buffers is heard.
    pub fn release(&mut self, id: &str) {
        self.office_mut(&agency(id)).held = |_| false;
        self.settle();
    }

    /// Its link breaks.
    pub fn detach(&mut self, id: &str) {
        let id = agency(id);
        let gone: Vec<ConnectionId> = self.connections.iter().filter(|(_, who)| **who == id).map(|(c, _)| *c).collect();
        for connection in gone {
            self.connections.remove(&connection);
            self.route(router::Input::Closed(connection));
        }
        self.happens(&id, Event::LinkDown("UNREACHABLE"));
        self.settle();
    }

    /// Time passes.
    pub fn later(&mut self, wait: Duration) {
        self.now = self.now.plus(wait);
        for id in self.offices.keys().cloned().collect::<Vec<_>>() {
            self.happens(&id, Event::Timeout);
        }
        self.settle();
    }

    /// A person asks.
    pub fn ask(&mut self, id: &str, caller: Caller, act: Act) -> Result<Answer, Refusal> {
        let id = agency(id);
        let office = self.office_mut(&id);
        office.tickets += 1;
        let ticket = office.tickets;
        self.ask_desk(&id, Input::Command(Command { ticket, caller, act }));
        let answer = self.office_mut(&id).answers.remove(&ticket).expect("every question is answered");
        self.settle();
        answer
    }

    /// A person of the office, added.
    pub fn person(&mut self, id: &str, pseudonym: &str, ruolo: Ruolo) -> Caller {
        let uid = u32::try_from(self.office(id).tickets).expect("small") + 1000;
        let name = format!("Persona {pseudonym}");
        let act = Act::AddOperator { name, uid, ruoli: vec![ruolo], pseudonym: Some(pseudonym.to_owned()) };
        assert!(self.ask(id, owner(), act).is_ok(), "the first of her name");
        Caller { uid, owner: false, claimed: None }
    }

    /// Something happens to an office's courier.
    pub fn happens(&mut self, id: &AgencyId, event: Event) {
        let now = self.now;
        let Self { offices, rng, .. } = self;
        offices.get_mut(id).expect("an office of this town").courier.handle(event, now, rng);
    }

    /// Until nobody has anything more to do at this instant.
    pub fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for id in self.offices.keys().cloned().collect::<Vec<_>>() {
                while self.offices[&id].desk.next_timeout(self.now).is_some_and(|due| due <= self.now) {
                    quiet = false;
                    self.ask_desk(&id, Input::Timeout);
                }
                while let Some(frame) = self.office_mut(&id).next_frame() {
                    quiet = false;
                    self.hears(&id, frame);
                }
                while let Some(output) = self.office_mut(&id).courier.poll() {
                    quiet = false;
                    self.output(&id, output);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn hears(&mut self, id: &AgencyId, frame: to_agent::Frame) {
        match frame {
            // As the link does.
            to_agent::Frame::Ping(ping) => self.says(id, from_agent::Frame::Pong(ping)),
            to_agent::Frame::Goodbye(goodbye) => self.happens(id, Event::LinkDown(goodbye.code().name())),
            frame => self.happens(id, Event::Heard(ToAgent { frame: Some(frame) })),
        }
    }

    fn output(&mut self, id: &AgencyId, output: Output) {
        match output {
            Output::Say(FromAgent { frame: Some(frame) }) => self.says(id, frame),
            Output::Say(FromAgent { frame: None }) | Output::Attached(_) | Output::Reattach => {}
            Output::Fetch { since } => {
                self.fetched.push((id.clone(), since));
                let response = self.fetch(since);
                self.happens(id, Event::Fetched { since, response });
            }
            Output::Ask(input) => self.ask_desk(id, input),
            Output::Work(job) => {
                let now = self.now;
                let Self { offices, rng, .. } = self;
                let office = offices.get_mut(id).expect("an office of this town");
                let done = job.run(id, now, &office.key, rng);
                office.courier.handle(Event::Worked(done), now, rng);
            }
        }
    }

    fn says(&mut self, id: &AgencyId, frame: from_agent::Frame) {
        let connection = self.connections.iter().find(|(_, who)| *who == id).map(|(connection, _)| *connection);
        match &frame {
            from_agent::Frame::Envelope(frame) => {
                let to = frame.route.as_ref().map(|route| agency(&route.peer)).expect("couriers address their frames");
                self.passed.push((id.clone(), to, frame.envelope.clone()));
            }
            from_agent::Frame::Receipt(receipt) => self.receipts.push((id.clone(), receipt.clone())),
            from_agent::Frame::Hello(hello) => {
                self.cards.insert(id.clone(), hello.key_card.clone().expect("couriers show a card"));
            }
            from_agent::Frame::KeyCard(card) => drop(self.cards.insert(id.clone(), card.clone())),
            _ => {}
        }
        if let Some(connection) = connection {
            self.route(router::Input::Said(connection, frame));
        }
    }

    fn route(&mut self, input: router::Input) {
        let moment = Moment { now: self.now, jitter: Duration::ZERO };
        for output in self.router.handle(input, moment, &Room) {
            match output {
                router::Output::Send(connection, frame) => self.deliver(connection, frame),
                router::Output::Close(connection, code) => {
                    self.deliver(connection, goodbye(code));
                    self.connections.remove(&connection);
                }
                router::Output::Audit(_) | router::Output::Count(..) => {}
            }
        }
    }

    fn deliver(&mut self, connection: ConnectionId, frame: to_agent::Frame) {
        if let Some(id) = self.connections.get(&connection).cloned() {
            self.office_mut(&id).inbound.push_back(frame);
        }
    }

    fn ask_desk(&mut self, id: &AgencyId, input: Input) {
        let now = self.now;
        let Self { offices, rng, .. } = self;
        let office = offices.get_mut(id).expect("an office of this town");
        let ticket = match &input {
            Input::Command(command) => Some(command.ticket),
            _ => None,
        };
        match office.desk.decide(input, now, &office.key, rng) {
            Err(refusal) => drop(ticket.map(|ticket| office.answers.insert(ticket, Err(refusal)))),
            Ok(step) => {
                let pending = step.stage(&mut office.desk);
                for effect in step::commit(vec![pending], &mut office.journal).expect("memory does not fail") {
                    match effect {
                        Effect::Answer { ticket, answer } => drop(office.answers.insert(ticket, Ok(answer))),
                        Effect::Arrived { .. } => office.arrived += 1,
                        other => office.courier.handle(Event::Released(other), now, rng),
                    }
                }
            }
        }
    }
}

fn goodbye(code: Code) -> to_agent::Frame {
    to_agent::Frame::Goodbye(raccordo_proto::wire::Goodbye { code: code.into() })
}

fn draw(rng: &mut Seeded) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}
