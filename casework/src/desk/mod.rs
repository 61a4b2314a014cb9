//! The desk: all that is durable of one office, and the rules by which it changes.
//!
//! `decide` looks and proposes; `apply` is the only place where state changes (invariant 4), for replay and live alike.
//! Deliberately not here: anything volatile (`courier`), sealing and verifying (workers), the disk (`record::Journal`).

mod cases;
mod commands;
mod directories;
mod erase;
mod identities;
mod input;
mod operators;
mod receive;
mod resync;
mod transport;
mod upkeep;

pub use input::{Act, Command, Input};
pub(crate) use transport::addressed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::{AgencyId, CaseId, Digest, LetterId, RequestId};
use raccordo_proto::sign::Signer;
use raccordo_proto::{Code, Directory, Timestamp};
use rand_core::CryptoRng;

use crate::case::Case;
use crate::known_keys::KnownKeys;
use crate::letter::SignedLetter;
use crate::outbox::Outbox;
use crate::record::{Change, Record};
use crate::refusal::{Refusal, Rule};
use crate::roles::{Caller, Operators};
use crate::step::{Effect, Step};
use crate::threads::{Head, Threads};
use crate::tombstones::{HashedCases, Tombstones};
use crate::wire::{self, EpochBegun};
use directories::Standing;
use identities::Identities;
use resync::Resyncs;

/// What a letter is written with.
pub(crate) struct Pen<'a, S, R> {
    now: Timestamp,
    signer: &'a S,
    rng: &'a mut R,
}

/// What an id belongs to: nobody else's letter may bear it (L-09).
#[derive(PartialEq)]
pub(crate) struct Whose {
    case: CaseId,
    author: AgencyId,
}

/// One office.
#[derive(PartialEq)]
pub struct Desk {
    me: AgencyId,
    epoch: u64,
    card_counter: u64,
    directory: Option<Arc<Directory>>,
    standing: Standing,
    operators: Operators,
    cases: BTreeMap<CaseId, Case>,
    outbox: Outbox,
    seen: BTreeMap<LetterId, Digest>,
    forked: BTreeMap<LetterId, (Digest, CaseId)>,
    cards: BTreeMap<(AgencyId, [u8; 32]), CardOrder>,
    requests: BTreeMap<RequestId, LetterId>,
    /// Every letter of a case that was ever here, shown or not.
    whose: BTreeMap<LetterId, Whose>,
    threads: Threads,
    known: Arc<KnownKeys>,
    identities: Identities,
    resyncs: Resyncs,
    tombstones: Tombstones,
    hashed_cases: HashedCases,
}

impl Desk {
    /// An empty desk, to be filled by replay.
    pub fn new(me: AgencyId) -> Self {
        Self {
            me,
            epoch: 0,
            card_counter: 0,
            directory: None,
            standing: Standing::default(),
            operators: Operators::default(),
            cases: BTreeMap::new(),
            outbox: Outbox::default(),
            seen: BTreeMap::new(),
            forked: BTreeMap::new(),
            cards: BTreeMap::new(),
            requests: BTreeMap::new(),
            whose: BTreeMap::new(),
            threads: Threads::default(),
            known: Arc::default(),
            identities: Identities::default(),
            resyncs: Resyncs::default(),
            tombstones: Tombstones::default(),
            hashed_cases: HashedCases::default(),
        }
    }

    /// Pure: looks, refuses or proposes. Changes nothing.
    pub fn decide(&self, input: Input, now: Timestamp, signer: &impl Signer, rng: &mut impl CryptoRng) -> Result<Step, Refusal> {
        match input {
            Input::Command(command) => self.command(command, Pen { now, signer, rng }),
            Input::Arrived(opened) => Ok(self.arrived(*opened, &mut Pen { now, signer, rng })),
            Input::Receipted(receipt) => Ok(self.receipted(*receipt, now)),
            Input::DirectoryOffered(directory) => Ok(self.directory_offered(directory, &mut Pen { now, signer, rng })),
            Input::DirectoryConfirmed(confirmed) => Ok(self.directory_confirmed(&confirmed)),
            Input::DirectoryRivalled { rival, version } => Ok(self.directory_rivalled(rival, version, now)),
            Input::CardWanted => Ok(self.card_wanted(now)),
            Input::CardSeen(card) => Ok(self.card_seen(card)),
            Input::SealWanted { letter, recipient } => Ok(self.seal_wanted(letter, recipient, now)),
            Input::Started => Ok(self.started(&mut Pen { now, signer, rng })),
            Input::Timeout => Ok(self.timeout(&mut Pen { now, signer, rng })),
        }
    }

    /// The only place where state changes.
    pub fn apply(&mut self, record: &Record) {
        match &record.0 {
            Change::EpochBegun(begun) => {
                self.epoch = begun.store_epoch;
                self.card_counter = 0;
                self.resyncs.epoch_begun(begun);
            }
            Change::DirectoryInstalled(installed) => {
                let document = installed.document.as_ref();
                let before = self.directory.take();
                self.directory = document.and_then(|document| Directory::trusted_before(document).ok()).map(Arc::new);
                self.standing = Standing::after(before);
                if let Some(directory) = &self.directory {
                    Arc::make_mut(&mut self.known).learn(directory);
                    self.identities.learn(directory);
                }
            }
            Change::DirectoryConfirmed(confirmed) => self.standing.confirm(confirmed),
            Change::DirectoryRivalled(rivalled) => self.standing.rivalled(rivalled),
            Change::CardShown(shown) => self.card_counter = shown.counter,
            Change::CardSeen(seen) => self.note_card(seen),
            Change::OperatorAdded(added) => self.operators.add(added),
            Change::OperatorDisabled(disabled) => self.operators.disable(&disabled.pseudonym),
            Change::CaseOpened(opened) => {
                if let Ok(id) = CaseId::parse(&opened.case_id) {
                    self.case_mut(id).open(opened);
                }
            }
            Change::LetterQueued(queued) => self.queue(queued),
            Change::LetterDelivered(delivered) => self.deliver(delivered),
            Change::LetterReturned(returned) => returned.evidence.iter().for_each(|evidence| self.deliver(evidence)),
            Change::LetterBlocked(blocked) => with_recipient(&blocked.letter_id, &blocked.recipient, |letter, recipient| {
                self.outbox.block(letter, recipient, blocked.code(), Timestamp::from_millis(blocked.at));
            }),
            Change::LetterUnblocked(unblocked) => {
                with_recipient(&unblocked.letter_id, &unblocked.recipient, |letter, recipient| {
                    self.outbox.unblock(letter, recipient);
                });
            }
            Change::LetterSeen(seen) => {
                if let (Ok(id), Ok(digest)) = (LetterId::parse(&seen.letter_id), Digest::parse(&seen.digest)) {
                    self.seen.insert(id, digest);
                }
            }
            Change::LetterReceived(received) => self.receive(received),
            Change::LetterForked(forked) => {
                if let (Ok(id), Some(case)) = (LetterId::parse(&forked.letter_id), record.case()) {
                    self.forked.insert(id, (Digest::of(&forked.letter), case));
                    let first = self.whose.get(&id).and_then(|whose| self.cases.get_mut(&whose.case));
                    first.into_iter().for_each(|case| case.hide(id));
                }
            }
            Change::StoreRestored(restored) => self.resyncs.restored(restored),
            Change::ResyncAsked(asked) => self.resyncs.asked(asked),
            Change::ResyncAnswered(answered) => self.resyncs.answered(answered),
            Change::HeadsSent(sent) => self.resyncs.heads_sent(sent),
            Change::CaseErased(erased) => self.erase(erased),
            Change::KeyAccepted(accepted) => self.identities.accept(accepted),
            Change::HeadsDiffer(differ) => self.threads.differs(differ),
        }
    }

    /// The directory that holds here.
    pub fn directory(&self) -> Option<&Arc<Directory>> {
        self.directory.as_ref()
    }

    /// This office.
    pub fn me(&self) -> &AgencyId {
        &self.me
    }

    /// The store's life.
    pub fn store_epoch(&self) -> u64 {
        self.epoch
    }

    /// What waits to be sent, for a courier that starts with nothing.
    pub fn waiting(&self) -> Vec<(LetterId, Vec<AgencyId>)> {
        self.outbox.waiting().collect()
    }

    /// Whether the caller is a person of this office, or runs this agent.
    pub fn knows(&self, caller: &Caller) -> bool {
        caller.owner || self.operators.recognise(caller).is_ok()
    }

    /// Whether the caller may make backups.
    pub fn may_back_up(&self, caller: &Caller) -> bool {
        self.operators.may_back_up(caller)
    }

    /// Whether a letter of our own is one that people see.
    pub fn shows(&self, letter: LetterId) -> bool {
        self.outbox.get(letter).is_some()
    }

    /// Letters of our own and who has them.
    pub fn delivered(&self) -> Vec<(LetterId, AgencyId)> {
        self.outbox.delivered().collect()
    }

    /// Letters of others: who sent them, and when they came.
    pub fn received(&self) -> Vec<(LetterId, AgencyId, Timestamp)> {
        let letters = self.cases.values().flat_map(Case::letters);
        let received = letters.filter_map(|l| Some((l.letter.letter(), l.received_at?)));
        received.map(|(letter, at)| (letter.letter_id, letter.sender.clone(), at)).collect()
    }

    /// Letters of cases, own and of others, with the digests of their bytes; ascending.
    pub fn digests(&self) -> Vec<(LetterId, Digest)> {
        let letters = self.cases.values().flat_map(Case::letters).map(|l| (l.letter.letter().letter_id, l.letter.digest()));
        let mut letters: Vec<_> = letters.collect();
        letters.sort();
        letters
    }

    /// Where every thread has come: the last letter of each chain.
    pub fn heads(&self) -> Vec<Head> {
        self.threads.heads().collect()
    }

    /// Letters of which the sender signed two versions: an alarm.
    pub fn forks(&self) -> usize {
        self.forked.len()
    }

    /// Offices that say they have another letter where one is here, and whose letter: an alarm too, and only their word.
    pub fn differing(&self) -> BTreeSet<(AgencyId, AgencyId)> {
        self.threads.differing()
    }

    /// When it was noticed that an older copy of the store was put back; the last time.
    pub fn put_back(&self) -> Option<Timestamp> {
        self.resyncs.put_back
    }

    /// Every identity key that this office has seen.
    pub fn known_keys(&self) -> &Arc<KnownKeys> {
        &self.known
    }

    /// How many chains of letters lack one before their last: shown, asked for, and perhaps nobody's fault.
    pub fn gaps(&self) -> usize {
        self.threads.gaps().count()
    }

    fn started(&self, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        if self.epoch > 0 {
            return Step::default();
        }
        let store_epoch = (pen.now.as_millis() / 1000).max(1);
        Step::new(vec![Record(Change::EpochBegun(EpochBegun { store_epoch }))], Vec::new())
    }

    fn known_directory(&self) -> Result<&Arc<Directory>, Rule> {
        self.directory.as_ref().ok_or(Rule::NoDirectory)
    }

    fn case_mut(&mut self, id: CaseId) -> &mut Case {
        self.cases.entry(id).or_insert_with(|| {
            self.hashed_cases.add(id);
            Case::new(id)
        })
    }

    fn queue(&mut self, queued: &wire::LetterQueued) {
        let Ok(letter) = SignedLetter::trusted_before(&queued.letter, &queued.signature) else { return };
        let letter = Arc::new(letter);
        let facts = letter.letter();
        if let Ok(request) = RequestId::parse(&queued.request_id) {
            self.requests.insert(request, facts.letter_id);
        }
        if facts.payload.is_transport() {
            self.resyncs.queued(&letter);
        } else {
            self.add(letter.clone(), facts.created, None);
        }
        self.outbox.queue(letter);
    }

    fn deliver(&mut self, delivered: &wire::LetterDelivered) {
        with_recipient(&delivered.letter_id, &delivered.recipient, |letter, recipient| {
            self.outbox.deliver(letter, recipient, delivered.clone());
        });
    }

    fn receive(&mut self, received: &wire::LetterReceived) {
        let Ok(letter) = SignedLetter::trusted_before(&received.letter, &received.signature) else { return };
        let at = Timestamp::from_millis(received.received_at);
        self.add(Arc::new(letter), at, Some(at));
    }

    /// A letter of a case, own or received.
    fn add(&mut self, letter: Arc<SignedLetter>, at: Timestamp, received_at: Option<Timestamp>) {
        let facts = letter.letter();
        self.whose.insert(facts.letter_id, Whose { case: facts.case_id, author: facts.sender.clone() });
        self.threads.add(&letter, at);
        self.case_mut(facts.case_id).add(letter.clone(), received_at);
    }

    fn note_card(&mut self, seen: &wire::CardSeen) {
        let (Ok(agency), Ok(ik)) = (AgencyId::parse(&seen.agency), <[u8; 32]>::try_from(&seen.ik[..])) else { return };
        let order = CardOrder { store_epoch: seen.store_epoch, counter: seen.counter };
        self.cards.insert((agency, ik), order);
    }
}

fn with_recipient(letter: &[u8], recipient: &str, then: impl FnOnce(LetterId, &AgencyId)) {
    if let (Ok(letter), Ok(recipient)) = (LetterId::parse(letter), AgencyId::parse(recipient)) {
        then(letter, &recipient);
    }
}

/// A letter of our own, queued; with the request of a person that asked for it.
fn queued(signed: &SignedLetter, request: Option<RequestId>) -> Record {
    Record(Change::LetterQueued(wire::LetterQueued {
        letter: signed.bytes().to_vec(),
        signature: signed.signature().to_vec(),
        request_id: request.map_or_else(Vec::new, |request| request.as_bytes().to_vec()),
    }))
}

/// A step that only lets something out.
fn only(effect: Effect) -> Step {
    Step::new(Vec::new(), vec![effect])
}

/// A code of our own directory that a later directory may lift.
fn is_directorys(code: Code) -> bool {
    code.is_out() || matches!(code, Code::UnknownRecipient | Code::NotAllowed | Code::MembershipChanged)
}
