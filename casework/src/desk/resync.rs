//! What a restored store asks of the others and is given back, and what is missing in threads (C15; B-01 to B-04). All of it
//! travels in ordinary letters, queued, sealed and receipted like the others.
//!
//! Not here: when something is due (`upkeep`), how a letter that comes back is taken (`receive`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use raccordo_proto::ids::{AgencyId, CaseId, LetterId};
use raccordo_proto::limits::{
    GAP_EVERY, HEADS_ASKED_MAX, LETTER_BYTES_MAX, RESYNC_BACK, RESYNC_EVERY, RESYNC_MARGIN, RETURNED_BYTES, TRANSPORT_WAITING_MAX,
};
use raccordo_proto::sign::Signer;
use raccordo_proto::{Code, Directory, Timestamp};
use rand_core::CryptoRng;

use super::commands::Draft;
use super::{Desk, Pen, queued, transport};
use crate::case::Case;
use crate::letter::{NO_CASE, Payload, Resync, SignedLetter};
use crate::outbox::Delivery;
use crate::receipts;
use crate::record::{Change, Record};
use crate::step::{Effect, Step};
use crate::threads::{Head, Missing};
use crate::wire::{self, EpochBegun, HeadsDiffer, HeadsSent, ResyncAnswered, ResyncAsked, Returned, StoreRestored};

/// A peer whose store was restored.
#[derive(Clone, PartialEq)]
pub(super) struct Restored {
    store_epoch: u64,
    since: Timestamp,
    at: Timestamp,
    /// When it may be answered.
    pub(super) not_before: Timestamp,
    /// Whether it still waits for letters.
    pub(super) waits: bool,
}

/// What was asked and answered.
#[derive(Default, PartialEq)]
pub(super) struct Resyncs {
    /// When the backup was made that this store was restored from, in this life of it.
    restored: Option<Timestamp>,
    /// When it was noticed, if ever, that an older copy of the store was put back.
    pub(super) put_back: Option<Timestamp>,
    /// Who was asked for what came since.
    asked: BTreeSet<AgencyId>,
    pub(super) peers: BTreeMap<AgencyId, Restored>,
    /// When a letter was last handed back to a peer, and to which epoch of its store.
    returned: BTreeMap<(AgencyId, LetterId), (Timestamp, u64)>,
    /// When a peer was last asked for what is missing in a chain.
    missing_asked: BTreeMap<(AgencyId, Missing), Timestamp>,
    pub(super) heads_at: Timestamp,
}

impl Resyncs {
    pub(super) fn epoch_begun(&mut self, begun: &EpochBegun) {
        self.asked.clear();
        self.heads_at = self.heads_at.max(Timestamp::from_millis(begun.store_epoch.saturating_mul(1000)));
    }

    pub(super) fn restored(&mut self, restored: &StoreRestored) {
        self.restored = Some(Timestamp::from_millis(restored.made_at));
        if restored.put_back_noticed_at > 0 {
            self.put_back = Some(Timestamp::from_millis(restored.put_back_noticed_at));
        }
    }

    pub(super) fn asked(&mut self, asked: &ResyncAsked) {
        let Ok(agency) = AgencyId::parse(&asked.agency) else { return };
        let at = Timestamp::from_millis(asked.at);
        let not_before = self.peers.get(&agency).map_or(at, |last| at.max(last.at.plus(RESYNC_EVERY)));
        let since = Timestamp::from_millis(asked.since);
        self.peers.insert(agency, Restored { store_epoch: asked.store_epoch, since, at, not_before, waits: true });
    }

    pub(super) fn answered(&mut self, answered: &ResyncAnswered) {
        let peer = AgencyId::parse(&answered.agency).ok().and_then(|agency| self.peers.get_mut(&agency));
        peer.into_iter().for_each(|peer| peer.waits = false);
    }

    pub(super) fn heads_sent(&mut self, sent: &HeadsSent) {
        self.heads_at = Timestamp::from_millis(sent.at);
    }

    /// A letter of transport was queued.
    pub(super) fn queued(&mut self, letter: &SignedLetter) {
        let facts = letter.letter();
        let Some(peer) = facts.recipients.first().cloned() else { return };
        match &facts.payload {
            Payload::Resync(Resync::Restored(_)) => drop(self.asked.insert(peer)),
            Payload::Resync(Resync::Missing(missing)) => {
                self.missing_asked.retain(|_, at| facts.created.since(*at) < GAP_EVERY);
                self.missing_asked.insert((peer, missing.clone()), facts.created);
            }
            Payload::Returned(returned) => {
                if let Ok(original) = SignedLetter::trusted_before(&returned.letter, &returned.signature) {
                    let epoch = self.peers.get(&peer).map_or(0, |restored| restored.store_epoch);
                    self.returned.insert((peer, original.letter().letter_id), (facts.created, epoch));
                }
            }
            Payload::Heads(_) => {}
            Payload::Segnalazione(_) | Payload::ParteRiservata(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => {}
        }
    }

    /// Of erased letters it is forgotten, too, that they were handed back.
    pub(super) fn forget_but(&mut self, is_here: impl Fn(&LetterId) -> bool) {
        self.returned.retain(|(_, letter), _| is_here(letter));
    }

    /// When a peer was last asked for this.
    pub(super) fn asked_at(&self, peer: &AgencyId, missing: &Missing) -> Option<Timestamp> {
        self.missing_asked.get(&(peer.clone(), missing.clone())).copied()
    }
}

impl Desk {
    /// C15: a restored store asks everybody it may write to for what came since its backup, once per life.
    pub(super) fn ask_everybody(&self, directory: &Directory, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let Some(made_at) = self.resyncs.restored else { return Step::default() };
        let since = made_at.minus(RESYNC_MARGIN).as_millis();
        let unasked: Vec<AgencyId> = self.unasked(directory, pen.now).cloned().collect();
        unasked.into_iter().fold(Step::default(), |step, peer| {
            let restored = wire::Restored { store_epoch: self.epoch, since };
            step.and(self.tell(&peer, Payload::Resync(Resync::Restored(restored)), directory, pen))
        })
    }

    /// Whom a restored store has not asked yet.
    pub(super) fn unasked<'a>(&'a self, directory: &'a Directory, now: Timestamp) -> impl Iterator<Item = &'a AgencyId> {
        let agencies = self.resyncs.restored.iter().flat_map(|_| directory.agencies());
        agencies
            .map(|agency| &agency.id)
            .filter(|id| !self.resyncs.asked.contains(*id) && directory.may_write(&self.me, id))
            .filter(move |id| directory.active_agent(id, now).is_ok())
    }

    /// What a peer asks for. A gap is answered at once; a restored store when it is due (`upkeep`).
    pub(super) fn asked_by(&self, peer: &AgencyId, resync: &Resync, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        match resync {
            Resync::Restored(restored) => {
                let asked = ResyncAsked {
                    agency: peer.to_string(),
                    store_epoch: restored.store_epoch,
                    since: restored.since,
                    at: pen.now.as_millis(),
                };
                Step::new(vec![Record(Change::ResyncAsked(asked))], Vec::new())
            }
            Resync::Missing(missing) => self.give_missing(peer, missing, pen),
        }
    }

    /// B-03: letters of one chain, to a member of their audience who should have them.
    fn give_missing(&self, peer: &AgencyId, missing: &Missing, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let again = pen.now.minus(RESYNC_EVERY);
        let case = self.threads.case_of(missing.chain.thread).and_then(|case| self.cases.get(&case));
        let wanted = case.into_iter().flat_map(Case::letters).map(|l| &l.letter).filter(|letter| {
            let facts = letter.letter();
            facts.thread == missing.chain.thread
                && facts.sender == missing.chain.sender
                && facts.store_epoch == missing.chain.store_epoch
                && facts.seq >= missing.from_seq
                && self.may_give_back(letter, peer, again)
        });
        let wanted: Vec<_> = wanted.take(self.room_for(peer)).cloned().collect();
        wanted.iter().fold(Step::default(), |step, letter| step.and(self.give_back(letter, peer, pen)))
    }

    /// A letter of ours only to whom it was delivered to: what waits or is blocked goes its own way. An answer of others to any
    /// member of its audience; what others say of the woman to nobody but themselves, since only they know whom she allows
    /// it. None twice within the hour.
    fn may_give_back(&self, letter: &SignedLetter, peer: &AgencyId, again: Timestamp) -> bool {
        let facts = letter.letter();
        let theirs = facts.sender == *peer || facts.recipients.contains(peer);
        let given = if facts.sender == self.me {
            matches!(self.outbox.delivery(facts.letter_id, peer), Some((_, Delivery::Delivered(_))))
        } else {
            facts.sender == *peer || !facts.payload.is_of_the_woman()
        };
        let known = self.directory.as_deref().is_some_and(|directory| self.trusts_key_of(peer, directory));
        let last = self.resyncs.returned.get(&(peer.clone(), facts.letter_id));
        known && theirs && given && last.is_none_or(|(at, _)| *at < again)
    }

    /// B-01: the next letters for a restored peer, and whether these are the last.
    pub(super) fn give_restored(
        &self,
        peer: &AgencyId,
        asked: &Restored,
        pen: &mut Pen<'_, impl Signer, impl CryptoRng>,
    ) -> Step {
        let from = asked.since.max(pen.now.minus(RESYNC_BACK));
        let mut due: Vec<Arc<SignedLetter>> = Vec::new();
        for outgoing in self.outbox.letters() {
            let Some(Delivery::Delivered(evidence)) = outgoing.recipients.get(peer) else { continue };
            let older = |(at, epoch): (Timestamp, u64)| at >= from && epoch < asked.store_epoch;
            if receipts::delivered_at(evidence).is_some_and(older) {
                due.push(outgoing.letter.clone());
            }
        }
        for case_letter in self.cases.values().flat_map(Case::letters) {
            let came = case_letter.received_at.is_some_and(|at| at >= from);
            if came && case_letter.letter.letter().sender == *peer {
                due.push(case_letter.letter.clone());
            }
        }
        due.retain(|letter| {
            // One that leaves no room to be handed back was written by no honest desk, and would be due for ever.
            let fits = letter.bytes().len() + RETURNED_BYTES <= LETTER_BYTES_MAX;
            let last = self.resyncs.returned.get(&(peer.clone(), letter.letter().letter_id));
            fits && last.is_none_or(|(_, epoch)| *epoch < asked.store_epoch)
        });
        let room = self.room_for(peer);
        let mut step = Step::default();
        if due.len() <= room {
            let answered = ResyncAnswered { agency: peer.to_string() };
            step = Step::new(vec![Record(Change::ResyncAnswered(answered))], Vec::new());
        }
        due.iter().take(room).fold(step, |step, letter| step.and(self.give_back(letter, peer, pen)))
    }

    fn give_back(&self, letter: &SignedLetter, peer: &AgencyId, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let Some(directory) = self.directory.as_deref() else { return Step::default() };
        let returned = Returned { letter: letter.bytes().to_vec(), signature: letter.signature().to_vec() };
        let case = letter.letter().case_id;
        let Some((id, step)) = self.transport(peer, case, Payload::Returned(returned), directory, pen) else {
            return Step::default();
        };
        let asks = self.asks_for_itself(letter.letter(), peer);
        if asks { step.and(transport::block(id, peer.clone(), Code::KeyChanged, pen.now)) } else { step }
    }

    /// B-04: what a peer's heads show to be missing here, or told in two ways, is asked of that peer; of what is told in two
    /// ways a record stays, whatever it answers.
    pub(super) fn heads_from(&self, peer: &AgencyId, heads: &[Head], pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let Some(directory) = self.directory.as_deref() else { return Step::default() };
        let now = pen.now;
        let differ = heads.iter().filter_map(|head| Some((&head.chain, (head, self.threads.contradicted_by(head, peer)?))));
        let differ: BTreeMap<_, _> = differ.collect();
        let differ = differ.into_values().map(|(head, case)| Record(Change::HeadsDiffer(differing(head, case, peer)))).collect();
        let lacking = heads.iter().filter_map(|head| self.threads.lacks(head));
        // A peer is asked for the same once a day.
        let unasked = lacking.filter(|m| self.resyncs.asked_at(peer, m).is_none_or(|at| now.since(at) >= GAP_EVERY));
        // Last, because it costs a hash.
        let unasked = unasked.filter(|m| !self.tombstones.have(m.chain.thread.as_bytes()));
        unasked.take(HEADS_ASKED_MAX.min(self.room_for(peer))).fold(Step::new(differ, Vec::new()), |step, missing| {
            step.and(self.tell(peer, Payload::Resync(Resync::Missing(missing)), directory, pen))
        })
    }

    /// How many letters of transport may still be written for an office: what it does to us, or asks of us, is bounded by
    /// what it takes.
    pub(super) fn room_for(&self, peer: &AgencyId) -> usize {
        let waiting = self.outbox.transport().filter(|outgoing| outgoing.recipients.contains_key(peer));
        TRANSPORT_WAITING_MAX.saturating_sub(waiting.count())
    }

    /// A letter of transport that is of no case.
    pub(super) fn tell(
        &self,
        peer: &AgencyId,
        payload: Payload,
        directory: &Directory,
        pen: &mut Pen<'_, impl Signer, impl CryptoRng>,
    ) -> Step {
        self.transport(peer, NO_CASE, payload, directory, pen).map_or_else(Step::default, |(_, step)| step)
    }

    /// Writes, signs and queues a letter of transport; `None`: it would be larger than a letter may be.
    fn transport(
        &self,
        peer: &AgencyId,
        case: CaseId,
        payload: Payload,
        directory: &Directory,
        pen: &mut Pen<'_, impl Signer, impl CryptoRng>,
    ) -> Option<(LetterId, Step)> {
        let signed = self.sign(Draft::of_transport(case, peer.clone(), payload, pen.rng), "", directory, pen)?;
        let letter = signed.letter().letter_id;
        let announce = Effect::Announce { letter, recipients: vec![peer.clone()] };
        Some((letter, Step::new(vec![queued(&signed, None)], vec![announce])))
    }
}

fn differing(head: &Head, case: CaseId, told_by: &AgencyId) -> HeadsDiffer {
    HeadsDiffer {
        case_id: case.as_bytes().to_vec(),
        thread: head.chain.thread.as_bytes().to_vec(),
        sender: head.chain.sender.to_string(),
        store_epoch: head.chain.store_epoch,
        seq: head.seq,
        digest: head.digest.as_bytes().to_vec(),
        told_by: told_by.to_string(),
    }
}
