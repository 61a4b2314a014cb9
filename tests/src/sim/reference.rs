//! The reference model: who wrote what to whom, who was told so, who may know; naive on purpose. It reads only what people
//! were answered and what became durable, and predicts who must end up knowing what.
//!
//! Not here: how anything gets there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use prost::Message as _;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::wire;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::{AgencyId, CaseId, Digest, EnvelopeId, KeyId, LetterId, RequestId, ThreadId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::wire::SignedKeyCard;
use raccordo_proto::{Directory, Timestamp};

use super::SET_UP;
use super::cast::{Consent, MIDNIGHT, START};

/// A place in a chain: everybody must have the same letter there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) thread: ThreadId,
    pub(super) sender: AgencyId,
    pub(super) store_epoch: u64,
    pub(super) seq: u64,
}

impl Place {
    pub(super) fn of(letter: &Letter) -> Self {
        let Letter { thread, sender, store_epoch, seq, .. } = letter;
        Self { thread: *thread, sender: sender.clone(), store_epoch: *store_epoch, seq: *seq }
    }
}

/// What one office has made durable.
#[derive(Default)]
pub(super) struct Facts {
    /// The directory in force.
    pub(super) directory: Option<Arc<Directory>>,
    /// Letters of others.
    pub(super) received: BTreeSet<LetterId>,
    /// Letters of others that went with its disk, with their case, or with an alarm.
    pub(super) lost: BTreeSet<LetterId>,
    /// Places at which its sender signed two letters.
    pub(super) alarms: BTreeSet<Place>,
    /// Cases that it has erased.
    pub(super) erased: BTreeSet<CaseId>,
    /// Cases that it had erased when it lost everything, its tombstones too.
    pub(super) once_erased: BTreeSet<CaseId>,
    /// Erased cases whose tombstones lie beside its backups.
    pub(super) exported: BTreeSet<CaseId>,
    /// Letters of its own and who has them.
    pub(super) delivered: BTreeSet<(LetterId, AgencyId)>,
    /// The highest card seen of each peer and key, before the batch that is being let out.
    pub(super) cards: BTreeMap<(AgencyId, Vec<u8>), CardOrder>,
    /// The number of its last card, in this life of the store.
    pub(super) counter: u64,
    /// The life of the store.
    pub(super) epoch: u64,
}

impl Facts {
    /// A directory that was made durable.
    pub(super) fn install(&mut self, installed: &wire::DirectoryInstalled) {
        let read = installed.document.as_ref().and_then(|document| Directory::trusted_before(document).ok());
        self.directory = read.map(Arc::new);
    }

    /// A peer's card.
    pub(super) fn sees(&mut self, seen: &wire::CardSeen) {
        let order = CardOrder { store_epoch: seen.store_epoch, counter: seen.counter };
        if let Ok(peer) = AgencyId::parse(&seen.agency) {
            let highest = self.cards.entry((peer, seen.ik.clone())).or_default();
            *highest = order.max(*highest);
        }
    }

    /// A letter of its own that somebody has.
    pub(super) fn delivers(&mut self, delivered: &wire::LetterDelivered) {
        if let (Ok(letter), Ok(to)) = (LetterId::parse(&delivered.letter_id), AgencyId::parse(&delivered.recipient)) {
            self.delivered.insert((letter, to));
        }
    }

    /// A second letter for one place: kept as evidence. One with the same id is shown no more.
    pub(super) fn forks(&mut self, letter: &Letter) {
        self.alarms.insert(Place::of(letter));
        if self.received.remove(&letter.letter_id) {
            self.lost.insert(letter.letter_id);
        }
    }

    /// Which letter these bytes are.
    pub(super) fn id_of(letter: &[u8]) -> LetterId {
        let letter = wire::Letter::decode(letter).expect("a desk wrote it");
        LetterId::parse(&letter.letter_id).expect("a desk wrote it")
    }
}

/// What everybody has made durable, and what people were told.
#[derive(Default)]
pub(super) struct Model {
    /// Letters of cases, once durable at their senders.
    pub(super) letters: BTreeMap<LetterId, Arc<SignedLetter>>,
    /// Letters of transport: they too must not wait for ever.
    pub(super) transport: BTreeMap<LetterId, Arc<SignedLetter>>,
    /// Letters that were lost with their sender's disk, and who did not have them.
    pub(super) lost: BTreeSet<(LetterId, AgencyId)>,
    /// The same, by what replies and chains name.
    pub(super) digests: BTreeMap<Digest, LetterId>,
    /// Letters that a person was told are done.
    pub(super) acknowledged: BTreeSet<LetterId>,
    /// What forms said.
    pub(super) consents: BTreeMap<CaseId, Consent>,
    /// Which deed a request belongs to.
    pub(super) requests: BTreeMap<RequestId, usize>,
    /// The letter of each deed.
    pub(super) deeds: BTreeMap<usize, LetterId>,
    /// What each office has made durable.
    pub(super) facts: BTreeMap<AgencyId, Facts>,
    /// What was sealed in each envelope.
    pub(super) envelopes: BTreeMap<EnvelopeId, LetterId>,
    /// The newest card that each office has shown.
    pub(super) shown: BTreeMap<AgencyId, (CardOrder, KeyId)>,
    /// First letter of each place in a chain.
    pub(super) places: BTreeMap<Place, Digest>,
    /// Letters that the villain wrote by hand, and their cases.
    pub(super) forged: BTreeMap<LetterId, CaseId>,
    /// Places at which it told two stories, and what each office has there.
    pub(super) lies: Vec<Place>,
    pub(super) stories: BTreeMap<Place, BTreeMap<AgencyId, Digest>>,
    /// Cases that its letters under others' ids are of, or were to be.
    pub(super) robberies: BTreeMap<EnvelopeId, CaseId>,
    forged_epochs: u64,
    /// The newest card that each office has shown, as it travels.
    pub(super) cards_shown: BTreeMap<AgencyId, SignedKeyCard>,
    /// Segnalazioni that have arrived, and where.
    pub(super) arrived: Vec<(AgencyId, CaseId)>,
    /// The identity key that each office began with.
    pub(super) first_keys: BTreeMap<AgencyId, PublicKey>,
    /// The office that has another one.
    pub(super) anew: Option<AgencyId>,
    /// Whether it has lost everything else too.
    pub(super) begins_empty: bool,
    /// Letters that it signed with the first one.
    pub(super) stale: BTreeSet<LetterId>,
    /// Who has said yes to whose new key.
    pub(super) yes: BTreeMap<(AgencyId, AgencyId), [u8; 32]>,
    /// And for whose case.
    pub(super) yes_for_case: BTreeSet<(AgencyId, AgencyId, CaseId)>,
    /// Parti riservate that were written before the yes, or were held back since.
    pub(super) held: BTreeSet<LetterId>,
    /// Whether the heads have been told.
    pub(super) is_second_day: bool,
    /// Offices that were out at some time while they were: they are told on another day.
    pub(super) away: BTreeSet<AgencyId>,
    /// Cases with a parte riservata: whose, which, for whom.
    pub(super) to_disclose: Vec<(AgencyId, CaseId, AgencyId)>,
}

/// Whether a letter tells about the woman: consent and expiry bind it.
pub(super) fn of_the_woman(payload: &Payload) -> bool {
    matches!(payload, Payload::Segnalazione(_) | Payload::ParteRiservata(_))
}

impl Model {
    /// What an office has made durable.
    pub(super) fn facts(&mut self, id: &AgencyId) -> &mut Facts {
        self.facts.entry(id.clone()).or_default()
    }

    /// Which case a letter is of.
    pub(super) fn case_of(&self, letter: LetterId) -> Option<CaseId> {
        self.letters.get(&letter).map(|letter| letter.letter().case_id).or_else(|| self.forged.get(&letter).copied())
    }

    /// Whether an office has, or had, a letter.
    pub(super) fn had(&self, id: &AgencyId, letter: LetterId) -> bool {
        let Some(facts) = self.facts.get(id) else { return false };
        let erased = self.case_of(letter).is_some_and(|case| facts.erased.contains(&case));
        erased || facts.received.contains(&letter) || facts.lost.contains(&letter)
    }

    /// Parti riservate of one office for another.
    pub(super) fn riservate<'a>(&'a self, from: &'a AgencyId, to: &'a AgencyId) -> impl Iterator<Item = &'a Arc<SignedLetter>> {
        self.letters.values().filter(move |letter| {
            let letter = letter.letter();
            letter.sender == *from && letter.recipients.contains(to) && matches!(letter.payload, Payload::ParteRiservata(_))
        })
    }

    /// The cases of these.
    pub(super) fn disclosed(&self, from: &AgencyId, to: &AgencyId) -> Vec<CaseId> {
        self.riservate(from, to).map(|letter| letter.letter().case_id).collect()
    }

    /// An office has another key: what it signed before nobody takes from it any more.
    pub(super) fn enrols_anew(&mut self, id: &AgencyId) {
        let signed = self.letters.values().map(|letter| letter.letter()).filter(|letter| letter.sender == *id);
        self.stale = signed.map(|letter| letter.letter_id).collect();
        self.anew = Some(id.clone());
        self.shown.remove(id); // the numbers of its cards begin anew
    }

    /// Whether the woman lets this office have this letter at that instant.
    pub(super) fn she_allows(&self, letter: &SignedLetter, recipient: &AgencyId, at: Timestamp) -> bool {
        let letter = letter.letter();
        let Some(consent) = self.consents.get(&letter.case_id).filter(|_| of_the_woman(&letter.payload)) else { return true };
        let who_she_is =
            !matches!(letter.payload, Payload::ParteRiservata(_)) || consent.riservata_per.as_ref() == Some(recipient);
        let in_time = consent.until_midnight.as_ref() != Some(recipient) || at < MIDNIGHT;
        who_she_is && in_time && consent.kept_out.as_ref() != Some(recipient)
    }

    /// Whether an office must have a letter once everything has settled under this directory.
    /// Else why not.
    pub(super) fn must_have(
        &self,
        letter: &SignedLetter,
        recipient: &AgencyId,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let facts = letter.letter();
        let takes_part = |id| directory.active_agent(id, now).is_ok();
        let member = facts.equipe.as_ref().is_none_or(|id| directory.equipe(id).is_some_and(|equipe| equipe.has(recipient)));
        match () {
            () if !takes_part(&facts.sender) => Err("its sender is out"),
            () if !takes_part(recipient) => Err("its recipient is out"),
            () if !member => Err("its recipient has left the équipe"),
            () if !self.she_allows(letter, recipient, now) => Err("she does not allow it any more"),
            () if self.has_erased(&facts.sender, facts.case_id) => Err("its sender has erased the case"),
            () if self.has_erased(recipient, facts.case_id) => Err("its recipient has erased the case"),
            () if self.stale.contains(&facts.letter_id) => Err("its sender's key is gone"),
            () if self.anew.as_ref() == Some(recipient) => self.must_have_anew(letter, recipient),
            () if self.lost.contains(&(facts.letter_id, recipient.clone()))
                && !self.is_given(letter, recipient, directory, now) =>
            {
                Err("it was lost with its sender's disk")
            }
            () => Ok(()),
        }
    }

    /// A chain that no desk has.
    pub(super) fn next_forged_epoch(&mut self) -> u64 {
        self.forged_epochs += 1;
        self.forged_epochs
    }

    /// Whether an office has erased the case of a thread.
    pub(super) fn has_erased_thread(&self, id: &AgencyId, thread: ThreadId) -> bool {
        let mut of_it = self.letters.values().map(|letter| letter.letter()).filter(|letter| letter.thread == thread);
        of_it.next().is_some_and(|letter| self.has_erased(id, letter.case_id))
    }

    /// Whether an envelope of the villain's names ids of a case that an office has erased: then it is told that it is there.
    pub(super) fn is_of_erased(&self, id: &AgencyId, envelope: EnvelopeId) -> bool {
        self.robberies.get(&envelope).is_some_and(|case| self.has_erased(id, *case))
    }

    fn has_erased(&self, id: &AgencyId, case: CaseId) -> bool {
        self.facts.get(id).is_some_and(|facts| facts.erased.contains(&case))
    }

    /// The same for the office that has a new key.
    fn must_have_anew(&self, letter: &SignedLetter, recipient: &AgencyId) -> Result<(), &'static str> {
        let letter = letter.letter();
        let pair = (letter.sender.clone(), recipient.clone());
        let was_there = self
            .facts
            .get(recipient)
            .is_some_and(|facts| facts.lost.contains(&letter.letter_id) || facts.once_erased.contains(&letter.case_id));
        let asks = matches!(letter.payload, Payload::ParteRiservata(_)) && (was_there || self.held.contains(&letter.letter_id));
        match () {
            () if !self.yes.contains_key(&pair) => Err("nobody has said yes to its recipient's key"),
            () if asks && !self.yes_for_case.contains(&(pair.0, pair.1, letter.case_id)) => {
                Err("nobody has said yes for her case")
            }
            () if was_there && self.begins_empty => Err("it went with its recipient's disk and key"),
            () => Ok(()),
        }
    }

    /// Whether a letter that comes now can only come because heads have been told: it was lost where it was asked for.
    pub(super) fn fills_gap(&self, id: &AgencyId, letter: LetterId) -> bool {
        let went = self.begins_empty && self.facts.get(id).is_some_and(|facts| facts.lost.contains(&letter));
        self.is_second_day && (went || self.lost.contains(&(letter, id.clone())))
    }

    /// Whether somebody whose heads have been told has a letter that its sender has lost: who lacked it has it then (B-04).
    fn is_given(&self, letter: &SignedLetter, recipient: &AgencyId, directory: &Directory, now: Timestamp) -> bool {
        let facts = letter.letter();
        let gives = |id: &AgencyId| {
            let has = self.facts.get(id).is_some_and(|giver| {
                giver.received.contains(&facts.letter_id) && Timestamp::from_millis(giver.epoch * 1000) < START.plus(SET_UP)
            });
            has && !self.away.contains(id) && directory.active_agent(id, now).is_ok()
        };
        let mut others = facts.recipients.iter().filter(|id| *id != recipient);
        self.is_second_day && !self.away.contains(recipient) && !of_the_woman(&facts.payload) && others.any(gives)
    }
}
