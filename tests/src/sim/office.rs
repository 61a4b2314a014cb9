//! One office of the simulated world: its desk, courier and disk, staged steps and group commits, crashes at every place
//! of them. Not here: the line to the gateway (`net`), which office is hit when (`faults`), what must hold (`checks`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_casework::courier::{Courier, Event, Output};
use raccordo_casework::desk::{Desk, Input};
use raccordo_casework::record::{Change, Journal as _, Record};
use raccordo_casework::refusal::Refusal;
use raccordo_casework::step::{self, Effect, Pending};
use raccordo_casework::wire::{Backup, CardSeen, DirectoryInstalled, KeyAccepted, LetterQueued, Tombstones};
use raccordo_casework::work::{Done, Job};
use raccordo_gateway::router::ConnectionId;
use raccordo_proto::directory::update::Trust;
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::wire::{FromAgent, SignedDirectory};
use raccordo_proto::{Code, Directory, Timestamp};

use super::cast::machine;
use super::disk::{self, Disk, Luck};
use super::sabotage::Sabotage;
use super::{Happening, World};

/// One office.
pub(super) struct Office {
    pub(super) key: SigningKey,
    pub(super) trust: Trust,
    pub(super) desk: Desk,
    /// What a start read, and every record since that is durable: I10 says that the desk is no other.
    pub(super) replayed: Desk,
    pub(super) courier: Courier,
    pub(super) disk: Disk,
    /// Staged, not yet durable.
    pub(super) batch: Vec<Pending>,
    /// Let out too early by a sabotage, and written with the next batch.
    late: Vec<Record>,
    is_commit_due: bool,
    /// Whether a letter or a receipt is among what is staged: that is where crashes tell most.
    is_weighty: bool,
    /// Whether the process runs.
    pub(super) up: bool,
    /// Which process it is.
    pub(super) life: u64,
    /// Which courier it is.
    pub(super) courier_life: u64,
    /// Its clock less the world's, in milliseconds.
    pub(super) skew: i64,
    /// Its stream, as far as it knows.
    pub(super) connection: Option<ConnectionId>,
    /// Which attempt to connect is under way.
    pub(super) dialling: u64,
    wake: u64,
    /// The last backup of its disk, and whether it was ever restored from.
    pub(super) backup: Option<Backup>,
    pub(super) is_restored: bool,
    /// Whether the villain has tried to take the id of a letter that is there.
    pub(super) robbed: bool,
    /// What was exported of erased cases, and lies beside its backups.
    pub(super) stones: Option<Tombstones>,
    /// Deeds that wait for an answer.
    pub(super) asking: BTreeSet<usize>,
    /// Deeds whose record names no case and is not durable yet, in order.
    pub(super) meant: VecDeque<usize>,
    /// When and under which directory the desk was last asked to let a letter be sealed.
    pub(super) judged: BTreeMap<(LetterId, AgencyId), (Timestamp, Arc<Directory>)>,
}

impl Office {
    pub(super) fn new(
        id: &AgencyId,
        key: SigningKey,
        trust: Trust,
        first: &Arc<Directory>,
        mut disk: Disk,
        now: Timestamp,
    ) -> Self {
        let desk = disk.start(id, None);
        let courier = Courier::new(&desk, machine(), trust.clone(), Some(first.clone()), now);
        Self {
            key,
            trust,
            replayed: disk.replay(id, None),
            desk,
            courier,
            disk,
            batch: Vec::new(),
            late: Vec::new(),
            is_commit_due: false,
            is_weighty: false,
            up: true,
            life: 0,
            courier_life: 0,
            skew: 0,
            connection: None,
            dialling: 0,
            wake: 0,
            backup: None,
            is_restored: false,
            robbed: false,
            stones: None,
            asking: BTreeSet::new(),
            meant: VecDeque::new(),
            judged: BTreeMap::new(),
        }
    }

    /// What its clock shows.
    pub(super) fn clock(&self, now: Timestamp) -> Timestamp {
        let skew = Duration::from_millis(self.skew.unsigned_abs());
        if self.skew < 0 { now.minus(skew) } else { now.plus(skew) }
    }

    /// A courier that knows nothing.
    pub(super) fn fresh_courier(&self, now: Timestamp) -> Courier {
        let directory = self.desk.directory().cloned();
        Courier::new(&self.desk, machine(), self.trust.clone(), directory, self.clock(now))
    }
}

impl World {
    pub(super) fn office(&mut self, id: &AgencyId) -> &mut Office {
        self.offices.get_mut(id).expect("every office of the cast is there")
    }

    /// Something happens to an office's courier; then everything that it wants is done.
    pub(super) fn tell(&mut self, id: &AgencyId, event: Event) {
        let now = self.now;
        let Self { offices, rng, .. } = self;
        let office = offices.get_mut(id).expect("every office of the cast is there");
        let life = office.life;
        office.courier.handle(event, office.clock(now), rng);
        // A crash may come in the middle: what the dead one still wanted is gone.
        while self.office(id).life == life
            && let Some(output) = self.office(id).courier.poll()
        {
            self.output(id, output);
        }
        self.set_alarm(id);
    }

    fn output(&mut self, id: &AgencyId, output: Output) {
        match output {
            Output::Say(FromAgent { frame: Some(frame) }) => self.says(id, frame),
            Output::Say(FromAgent { frame: None }) | Output::Attached(_) => {}
            Output::Fetch { since } => self.fetch(id, since),
            Output::Ask(input) => self.ask_desk(id, input),
            Output::Work(job) => self.work(id, job),
            Output::Reattach => self.reattach(id),
        }
    }

    fn work(&mut self, id: &AgencyId, job: Job) {
        if let Job::Seal { letter, address } = &job {
            self.check_key(id, letter, address);
            let key = (address.card.agency.clone(), address.card.ik.as_bytes().to_vec());
            let (card, highest) = (address.card.order, self.model.facts(id).cards.get(&key).copied());
            self.check("card", highest.is_none_or(|highest| card >= highest), || format!("{id} seals to an older card"));
        }
        let now = self.now;
        let Self { offices, rng, .. } = self;
        let office = offices.get_mut(id).expect("every office of the cast is there");
        let done = job.run(id, office.clock(now), &office.key, rng);
        let life = office.courier_life;
        if let Done::Sealed { letter, frame: Ok(frame), .. } = &done {
            self.model.envelopes.insert(frame.envelope_id, letter.letter().letter_id);
        }
        let takes = self.between(1, 40);
        self.after(takes, Happening::Worked(id.clone(), life, done));
    }

    pub(super) fn worked(&mut self, id: &AgencyId, life: u64, done: Done) {
        if !self.office(id).up || self.office(id).courier_life != life {
            return;
        }
        let point = match &done {
            Done::Sealed { .. } => Some("C4"),
            Done::Opened(Ok(_), ..) => Some("C8"),
            _ => None,
        };
        match point {
            Some(point) if self.mishap(120) => self.crash(id, &[point]),
            Some(_) | None => self.tell(id, Event::Worked(done)),
        }
    }

    /// The desk decides, and what it proposes is staged; its effects wait for the disk.
    pub(super) fn ask_desk(&mut self, id: &AgencyId, input: Input) {
        let ticket = match &input {
            Input::Command(command) => Some(command.ticket),
            _ => None,
        };
        let sabotage = self.sabotage;
        let now = self.now;
        let Self { offices, rng, .. } = self;
        let office = offices.get_mut(id).expect("every office of the cast is there");
        let clock = office.clock(now);
        office.is_weighty |= matches!(input, Input::Command(_) | Input::Arrived(_) | Input::Receipted(_));
        if let (Input::SealWanted { letter, recipient }, Some(directory)) = (&input, office.desk.directory()) {
            office.judged.insert((*letter, recipient.clone()), (clock, directory.clone()));
        }
        let unheeded = (sabotage == Some(Sabotage::RevokedSenderAccepted) && matches!(input, Input::Arrived(_)))
            .then(|| office.desk.directory().map(|directory| directory.document().clone()))
            .flatten();
        if unheeded.is_some() {
            office.desk.apply(&installed(&self.history[0]));
        }
        let decided = office.desk.decide(input, clock, &office.key, rng);
        if let Some(document) = unheeded {
            office.desk.apply(&installed(&document));
        }
        match decided {
            Ok(step) => {
                let pending = step.stage(&mut office.desk);
                self.means(id, ticket);
                self.staged(id, pending);
            }
            Err(refusal) => {
                let why = match &refusal {
                    Refusal::Form(_) => "FORM",
                    Refusal::Rule(rule) => rule.name(),
                };
                self.refused(id, ticket.unwrap_or(u64::MAX), why);
            }
        }
    }

    fn staged(&mut self, id: &AgencyId, pending: Pending) {
        match self.sabotage {
            Some(Sabotage::ReceiptBeforeDurable | Sabotage::AnswerBeforeAppend) => {
                let mut aside = Disk::default();
                let effects = step::commit(vec![pending], &mut aside).expect("it does not fail");
                self.office(id).late.extend(aside.last);
                effects.into_iter().for_each(|effect| self.release(id, effect));
            }
            _ => self.office(id).batch.push(pending),
        }
        if !self.office(id).is_commit_due {
            self.office(id).is_commit_due = true;
            let (takes, life) = (self.between(1, 30), self.office(id).life);
            self.after(takes, Happening::Commit(id.clone(), life));
        }
    }

    /// One flush for all that is staged; the power may go before it, after it, or while its effects leave.
    pub(super) fn commit(&mut self, id: &AgencyId, life: u64) {
        if !self.office(id).up || self.office(id).life != life {
            return;
        }
        // Ten times the odds where somebody asks, a letter comes or a receipt does: most commits are a clock's.
        let odds = if core::mem::take(&mut self.office(id).is_weighty) { 75 } else { 750 };
        let (luck, after) = (self.luck(id, odds), self.mishap(odds));
        let office = self.office(id);
        office.is_commit_due = false;
        let batch = core::mem::take(&mut office.batch);
        let late = core::mem::take(&mut office.late);
        office.disk.luck = luck;
        let committed = step::commit(batch, &mut office.disk);
        let mut records = core::mem::take(&mut office.disk.last);
        if committed.is_ok() && !late.is_empty() {
            office.disk.append(&late).expect("it has just not failed");
            records.append(&mut office.disk.last);
        }
        office.disk.luck = Luck::Good;
        match (committed, office.disk.is_durable) {
            (Ok(effects), _) => self.committed(id, life, &records, effects, after),
            (Err(_), false) if luck == Luck::NoAppend => self.crash(id, &points(&records, true)),
            (Err(_), false) => self.crash(id, &["C18"]),
            (Err(_), true) => {
                self.learn(id, &records);
                self.replay(id, &records);
                self.crash(id, &["C18-erasure"]);
            }
        }
    }

    fn luck(&mut self, id: &AgencyId, odds: u64) -> Luck {
        let keyring = if self.office(id).disk.is_to_grow() { 1 } else { 6 };
        match (self.mishap(odds), self.mishap(6), self.mishap(keyring)) {
            (true, ..) => Luck::NoAppend,
            (_, _, true) => Luck::AfterKeyring,
            (_, true, _) => Luck::NoKeyring,
            _ => Luck::Good,
        }
    }

    /// What was made durable is let out; unless the power goes in the middle of it.
    fn committed(&mut self, id: &AgencyId, life: u64, records: &[Record], effects: Vec<Effect>, after: bool) {
        self.learn(id, records);
        self.replay(id, records);
        let leaving = if after { usize::try_from(self.below(effects.len() as u64 + 1)).unwrap_or(0) } else { effects.len() };
        for effect in effects.into_iter().take(leaving) {
            if self.office(id).life == life {
                self.release(id, effect);
            }
        }
        if self.office(id).life == life {
            self.tamper(id, records);
            if after { self.crash(id, &points(records, false)) } else { self.after_commit(id, records) }
        }
    }

    /// Record by record, what is durable.
    fn replay(&mut self, id: &AgencyId, records: &[Record]) {
        let sabotage = self.sabotage;
        let replayed = &mut self.office(id).replayed;
        let read = records.iter().filter_map(|record| Record::decode(&record.encode()).ok());
        read.for_each(|record| disk::replay(replayed, &record, sabotage));
    }

    /// What is durable leaves the desk.
    fn release(&mut self, id: &AgencyId, effect: Effect) {
        self.check_effect(id, &effect);
        let effect = self.bent(id, effect);
        match effect {
            Effect::Answer { ticket, answer } => self.answered(id, ticket, &answer),
            Effect::Durable => {}
            Effect::DirectoryInstalled(directory, known) if self.sabotage == Some(Sabotage::RevokedSenderAccepted) => {
                let revokes = directory.agencies().any(|agency| agency.state == raccordo_proto::wire::State::Revoked);
                if !revokes {
                    self.tell(id, Event::Released(Effect::DirectoryInstalled(directory, known)));
                }
            }
            other => self.tell(id, Event::Released(other)),
        }
    }

    /// What two of the sabotages make of an effect.
    fn bent(&mut self, id: &AgencyId, effect: Effect) -> Effect {
        match (&effect, self.sabotage) {
            (Effect::Hold { letter, recipient, code: Code::DirectoryExpired }, Some(Sabotage::ExpiryIgnored))
            | (Effect::Settled { letter, recipient, blocked: Some(Code::NotAllowed) }, Some(Sabotage::AuthorisationIgnored)) => {
                let Some(signed) = self.model.letters.get(letter).cloned() else { return effect };
                let seal = Effect::Seal { letter: signed, recipient: recipient.clone() };
                self.check_effect(id, &seal);
                seal
            }
            _ => effect,
        }
    }

    /// What four more do to a desk behind its back.
    fn tamper(&mut self, id: &AgencyId, records: &[Record]) {
        if self.sabotage == Some(Sabotage::KeyTakenUnasked) {
            let desk = &mut self.office(id).desk;
            for (agency, ik) in desk.keys_to_accept() {
                let accepted = KeyAccepted { agency: agency.to_string(), ik: ik.as_bytes().to_vec(), ..Default::default() };
                desk.apply(&Record(Change::KeyAccepted(accepted)));
            }
        }
        for Record(change) in records {
            let behind = match (change, self.sabotage) {
                (Change::CardSeen(seen), Some(Sabotage::CardOrderOff)) => {
                    Some(Change::CardSeen(CardSeen { store_epoch: 0, counter: 0, ..seen.clone() }))
                }
                (Change::LetterDelivered(delivered), Some(Sabotage::StatusGoesBack)) if self.below(4) == 0 => {
                    let letter = LetterId::parse(&delivered.letter_id).ok().and_then(|id| self.model.letters.get(&id));
                    letter.map(|letter| {
                        Change::LetterQueued(LetterQueued {
                            letter: letter.bytes().to_vec(),
                            signature: letter.signature().to_vec(),
                            request_id: Vec::new(),
                        })
                    })
                }
                (Change::DirectoryInstalled(_), Some(Sabotage::DirectoryGoesBack)) if self.history.len() > 2 => {
                    Some(installed(&self.history[0]).0)
                }
                _ => None,
            };
            if let Some(change) = behind {
                self.office(id).desk.apply(&Record(change));
            }
        }
    }

    /// The process dies: what was staged, the courier, and every answer under way are gone.
    pub(super) fn crash(&mut self, id: &AgencyId, points: &[&str]) {
        points.iter().for_each(|point| self.counts.add("crash", point));
        self.fault("office-crash", &format!("{id} {}", points.join(" ")));
        self.let_go(id);
        let office = self.office(id);
        office.up = false;
        office.life += 1;
        office.courier_life += 1;
        office.is_commit_due = false;
        office.batch.clear();
        office.meant.clear();
        office.late.clear();
        office.judged.clear();
        let asking = core::mem::take(&mut office.asking);
        asking.into_iter().for_each(|deed| self.unanswered(deed));
        self.count_rejections(id);
        let wait = self.between(500, 20_000);
        self.after(wait, Happening::Start(id.clone()));
    }

    /// The process starts again on its disk.
    pub(super) fn start(&mut self, id: &AgencyId) {
        let (now, sabotage) = (self.now, self.sabotage);
        let office = self.office(id);
        if office.up {
            return;
        }
        office.desk = office.disk.start(id, sabotage);
        let replayed = core::mem::replace(&mut office.replayed, office.disk.replay(id, sabotage));
        let same = replayed == office.desk;
        if sabotage != Some(Sabotage::CourierKept) {
            office.courier = office.fresh_courier(now);
        }
        office.up = true;
        self.note("starts", id);
        if sabotage.is_none() {
            self.check("I10", same, || format!("{id} does not start as it stopped"));
        }
        self.ask_desk(id, Input::Started);
        if self.office(id).desk.directory().is_none() {
            let directory = self.gateway.directory.clone();
            self.ask_desk(id, Input::DirectoryOffered(directory));
            self.hire(id);
        }
        self.check_erased(id);
        self.dial_again(id, 100, 3_000);
    }

    /// The courier alone is dropped (invariant 16).
    pub(super) fn drop_courier(&mut self, id: &AgencyId) {
        let (now, sabotage) = (self.now, self.sabotage);
        self.count_rejections(id);
        self.let_go(id);
        let office = self.office(id);
        office.courier = office.fresh_courier(now);
        office.courier_life += 1;
        let agrees = !office.batch.is_empty() || office.disk.replay(id, sabotage) == office.desk;
        if sabotage.is_none() {
            self.check("I13", agrees, || format!("dropping the courier of {id} changed something durable"));
        }
        self.dial_again(id, 100, 3_000);
    }

    fn set_alarm(&mut self, id: &AgencyId) {
        let (now, sabotage) = (self.now, self.sabotage);
        let office = self.office(id);
        office.wake += 1;
        let set = office.wake;
        let clock = office.clock(now);
        // A desk that is never asked is not waited for either: what it wants would be due at every instant.
        let of_desk = office.desk.next_timeout(clock).filter(|_| sabotage != Some(Sabotage::ResyncUnanswered));
        if let Some(when) = office.courier.next_timeout().into_iter().chain(of_desk).min() {
            let wait = when.since(office.clock(now)).max(Duration::from_millis(1));
            self.at(now.plus(wait), Happening::Wake(id.clone(), set));
        }
    }

    pub(super) fn wake(&mut self, id: &AgencyId, set: u64) {
        if self.office(id).up && self.office(id).wake == set {
            let now = self.now;
            let clock = self.office(id).clock(now);
            let due = self.office(id).desk.next_timeout(clock).is_some_and(|due| due <= clock);
            if due && self.sabotage != Some(Sabotage::ResyncUnanswered) {
                self.ask_desk(id, Input::Timeout);
            }
            self.tell(id, Event::Timeout);
        }
    }
}

fn installed(document: &SignedDirectory) -> Record {
    Record(Change::DirectoryInstalled(DirectoryInstalled { document: Some(document.clone()) }))
}

/// Which crash points a batch stands at, when the power goes before its append or after it.
fn points(records: &[Record], before: bool) -> Vec<&'static str> {
    let mut points: Vec<&'static str> = records
        .iter()
        .filter_map(|record| match (&record.0, before) {
            (Change::LetterQueued(_), true) => Some("C1"),
            (Change::LetterQueued(_), false) => Some("C3"),
            (Change::LetterReceived(_), true) => Some("C9"),
            (Change::LetterReceived(_), false) => Some("C10"),
            (Change::LetterDelivered(_), true) => Some("C12"),
            (Change::LetterDelivered(_), false) => Some("C13"),
            _ => None,
        })
        .collect();
    points.dedup();
    if points.is_empty() {
        points.push(if before { "before-another-append" } else { "after-another-append" });
    }
    points
}
