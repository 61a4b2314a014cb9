//! The sending half: who waits for what, when the next try is, and what a receipt or a refusal does to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use core::time::Duration;
use raccordo_proto::directory::keycard::{self, CardOrder, VerifiedCard};
use raccordo_proto::ids::{AgencyId, EnvelopeId, LetterId};
use raccordo_proto::limits::{BACKOFF_MAX, BACKOFF_MIN, RECEIPT_MAX, TRANSMISSIONS_KEPT};
use raccordo_proto::receipt::Outcome;
use raccordo_proto::sign::PublicKey;
use raccordo_proto::wire::{Frame, Refusal, Route, SignedKeyCard, SignedReceipt, Waiting, from_agent};
use raccordo_proto::{Code, Directory, Timestamp};
use rand_core::CryptoRng;

use super::{Courier, Link, Output, backoff};
use crate::desk::Input;
use crate::letter::SignedLetter;
use crate::receipts::{Transmission, VerifiedReceipt};
use crate::seal::{Address, SealedFrame};
use crate::work::Job;

/// One letter that waits for one recipient.
pub(super) struct Wait {
    state: State,
    attempts: u32,
    not_before: Timestamp,
    since: Timestamp,
    reason: Option<Code>,
}

enum State {
    Idle,
    /// The desk or a worker has it.
    Busy,
    /// On its way: the transmissions that a receipt may still name, oldest first, and when the last one is given up.
    InFlight {
        until: Timestamp,
    },
}

impl Wait {
    fn new(now: Timestamp) -> Self {
        Self { state: State::Idle, attempts: 0, not_before: now, since: now, reason: None }
    }

    /// When something is to be done about it, if nothing happens; `can_go`: it lacks nothing but time.
    pub(super) fn deadline(&self, can_go: bool) -> Option<Timestamp> {
        match self.state {
            State::Idle => can_go.then_some(self.not_before),
            State::Busy => None,
            State::InFlight { until } => Some(until),
        }
    }

    pub(super) fn reason(&self, has_card: bool) -> &'static str {
        match (self.reason, has_card) {
            (Some(code), _) => code.name(),
            (None, false) => Code::RecipientAbsent.name(),
            (None, true) => "IN_TRANSMISSION",
        }
    }

    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    /// The link broke: what was on its way is tried again on the next one.
    pub(super) fn rest(&mut self) {
        self.state = State::Idle;
    }

    /// It goes again as soon as it can.
    fn again_from(&mut self, now: Timestamp) {
        self.rest();
        self.not_before = now;
    }

    /// Something changed that may have been the cause: no need to wait longer.
    pub(super) fn hurry(&mut self) {
        self.attempts = 0;
        self.not_before = Timestamp::default();
    }

    /// No wait is longer than the longest, counted from now.
    pub(super) fn at_most_from(&mut self, now: Timestamp) {
        self.not_before = self.not_before.min(now.plus(BACKOFF_MAX));
        self.since = self.since.min(now);
        if let State::InFlight { until } = &mut self.state {
            *until = (*until).min(now.plus(RECEIPT_MAX));
        }
    }

    fn back(&mut self, code: Code, least: Duration, now: Timestamp, rng: &mut impl CryptoRng) {
        let wait = backoff(self.attempts, BACKOFF_MIN, BACKOFF_MAX, rng).max(least);
        self.attempts = self.attempts.saturating_add(1);
        self.not_before = now.plus(wait);
        self.reason = Some(code);
        self.state = State::Idle;
    }
}

impl Courier {
    pub(super) fn announce(&mut self, letter: LetterId, recipients: Vec<AgencyId>, now: Timestamp) {
        for recipient in recipients {
            self.waits.entry((letter, recipient)).or_insert_with(|| Wait::new(now));
        }
    }

    /// The whole set, on change and every 60 s.
    pub(super) fn say_waiting(&mut self, now: Timestamp) {
        if self.link != Link::Attached {
            return;
        }
        let recipients: BTreeSet<&str> = self.waits.keys().map(|(_, recipient)| recipient.as_str()).collect();
        let recipients = recipients.into_iter().map(str::to_owned).collect();
        self.waiting_at = now;
        self.say(from_agent::Frame::Waiting(Waiting { recipients }));
    }

    /// Whether a card that is no older is here already, under the key that holds today. The gateway says a card again with
    /// each set of Waiting; what it says of itself is enough to pass it over without a signature's cost.
    pub(super) fn has_card(&self, card: &SignedKeyCard, directory: &Directory) -> bool {
        let Ok((agency, order)) = keycard::peek(card) else { return false };
        self.cards.get(&agency).is_some_and(|held| held.order >= order && held.is_of_todays_key(directory))
    }

    pub(super) fn use_card(&mut self, card: VerifiedCard, now: Timestamp) {
        if self.cards.get(&card.agency).is_none_or(|held| supersedes(&card, (held.ik, held.order))) {
            self.silent.remove(&card.agency);
            for ((_, recipient), wait) in &mut self.waits {
                // What is on its way may have missed the key that is gone: it is sealed again, and if both arrive the
                // second one is answered DUPLICATE.
                if *recipient == card.agency && !matches!(wait.state, State::Busy) {
                    wait.attempts = 0;
                    wait.again_from(now);
                }
            }
            self.cards.insert(card.agency.clone(), card);
        }
    }

    /// Asks the desk for everything that could go now.
    pub(super) fn pump(&mut self, now: Timestamp) {
        if self.link != Link::Attached || self.is_skewed() {
            return;
        }
        self.cards.retain(|_, card| now <= card.until);
        self.under_way.retain(|_, since| now < since.plus(RECEIPT_MAX));
        let mut room = self.room();
        let mut engaged = self.engaged();
        for ((letter, recipient), wait) in &mut self.waits {
            if room == 0 {
                break;
            }
            if engaged.contains(recipient) {
                continue;
            }
            if matches!(wait.state, State::Idle) && now >= wait.not_before && self.cards.contains_key(recipient) {
                wait.state = State::Busy;
                room -= 1;
                if self.silent.contains(recipient) {
                    engaged.insert(recipient.clone());
                }
                let wanted = Input::SealWanted { letter: *letter, recipient: recipient.clone() };
                self.outputs.push_back(Output::Ask(wanted));
            }
        }
    }

    /// Silent offices that have their one transmission under way.
    pub(super) fn engaged(&self) -> BTreeSet<AgencyId> {
        let busy = self.waits.iter().filter(|(_, wait)| !matches!(wait.state, State::Idle)).map(|((_, to), _)| to);
        busy.filter(|to| self.silent.contains(*to)).cloned().collect()
    }

    /// How many more may be under way, beside what is being sealed.
    pub(super) fn room(&self) -> usize {
        let busy = self.waits.values().filter(|wait| matches!(wait.state, State::Busy)).count();
        self.in_flight_max.saturating_sub(busy + self.under_way.len())
    }

    /// The desk says yes.
    pub(super) fn seal(&mut self, letter: Arc<SignedLetter>, recipient: AgencyId, now: Timestamp) {
        let (Some(card), Some(directory)) = (self.cards.get(&recipient).cloned(), &self.directory) else {
            if let Some(wait) = self.waits.get_mut(&(letter.letter().letter_id, recipient)) {
                wait.again_from(now);
            }
            return;
        };
        let address = Address {
            network: directory.network().clone(),
            sender: self.me.clone(),
            card,
            directory_version: directory.version(),
        };
        self.work(Job::Seal { letter, address: Box::new(address) });
    }

    /// The desk says not now.
    pub(super) fn hold(&mut self, letter: LetterId, recipient: AgencyId, code: Code, now: Timestamp, rng: &mut impl CryptoRng) {
        if let Some(wait) = self.waits.get_mut(&(letter, recipient)) {
            wait.back(code, Duration::ZERO, now, rng);
        }
    }

    /// The desk says never again.
    pub(super) fn settled(&mut self, letter: LetterId, recipient: AgencyId, now: Timestamp) {
        self.transmissions.retain(|_, sent| !(sent.letter == letter && sent.recipient == recipient));
        let was_last = self.waits.remove(&(letter, recipient.clone())).is_some()
            && !self.waits.keys().any(|(_, waiting)| *waiting == recipient);
        if was_last {
            self.say_waiting(now);
        }
    }

    pub(super) fn sealed(
        &mut self,
        letter: &SignedLetter,
        (card, directory_version): (VerifiedCard, u64),
        frame: Result<SealedFrame, Code>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) {
        let (id, recipient) = (letter.letter().letter_id, card.agency.clone());
        let Some(wait) = self.waits.get_mut(&(id, recipient.clone())) else { return };
        if self.link != Link::Attached || !matches!(wait.state, State::Busy) {
            return;
        }
        if self.cards.get(&recipient).is_none_or(|held| supersedes(held, (card.ik, card.order))) {
            // Sealed to a card that is gone or old by now: it would meet no key.
            return wait.again_from(now);
        }
        let frame = match frame {
            Ok(frame) => frame,
            Err(code) => return wait.back(code, Duration::ZERO, now, rng),
        };
        wait.state = State::InFlight { until: now.plus(RECEIPT_MAX) };
        wait.reason = None;
        self.under_way.insert(frame.envelope_id, now);
        self.remember(
            Transmission {
                letter: id,
                sent_at: now,
                letter_digest: letter.digest(),
                recipient: recipient.clone(),
                ik: card.ik,
                envelope_digest: frame.envelope_digest,
                receipt_key: frame.receipt_key,
                directory_version,
                card: card.order,
            },
            frame.envelope_id,
        );
        let route = Route { peer: recipient.to_string(), envelope_id: Bytes::copy_from_slice(frame.envelope_id.as_bytes()) };
        self.say(from_agent::Frame::Envelope(Frame { route: Some(route), envelope: frame.envelope }));
    }

    /// The last four transmissions per letter and recipient: a receipt of any of them counts.
    fn remember(&mut self, sent: Transmission, id: EnvelopeId) {
        let same = |other: &Transmission| other.letter == sent.letter && other.recipient == sent.recipient;
        let held = || self.transmissions.iter().filter(|(_, other)| same(other));
        if held().count() >= TRANSMISSIONS_KEPT
            && let Some(oldest) = held().min_by_key(|(_, other)| other.sent_at).map(|(id, _)| *id)
        {
            self.transmissions.remove(&oldest);
        }
        self.transmissions.insert(id, sent);
    }

    fn known_transmission(&self, envelope_id: &[u8]) -> Option<(EnvelopeId, &Transmission)> {
        let id = EnvelopeId::parse(envelope_id).ok()?;
        Some((id, self.transmissions.get(&id)?))
    }

    /// A receipt counts only for a transmission held here, from whom it was sent to.
    pub(super) fn receipt(&mut self, receipt: SignedReceipt) {
        let route = receipt.route.unwrap_or_default();
        let known = self.known_transmission(&route.envelope_id);
        match known.filter(|(_, sent)| sent.recipient.as_str() == route.peer) {
            Some((id, sent)) => {
                let sent = Box::new(sent.clone());
                // True or not, the gateway has let it pass.
                self.under_way.remove(&id);
                self.work(Job::VerifyReceipt { receipt: receipt.receipt, signature: receipt.signature, sent });
            }
            None => self.reject(Code::Inconsistent),
        }
    }

    pub(super) fn receipt_verified(
        &mut self,
        letter: LetterId,
        recipient: AgencyId,
        result: Result<VerifiedReceipt, Code>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) {
        let receipt = match result {
            Ok(receipt) => receipt,
            Err(code) => return self.reject(code), // dropped and counted; the letter goes on waiting
        };
        self.silent.remove(&recipient);
        match receipt.outcome() {
            // A newer card is here, and the letter goes to that one: what was said of the older one is over.
            Outcome::Refused(code) if code.is_retried() && self.has_newer(&recipient, receipt.sealed_to()) => {}
            Outcome::Refused(code) if code.is_retried() => {
                if matches!(code, Code::UnknownKey | Code::ExpiredKey) {
                    self.cards.remove(&recipient);
                }
                if let Some(wait) = self.waits.get_mut(&(letter, recipient)) {
                    wait.back(code, Duration::ZERO, now, rng);
                }
            }
            Outcome::Refused(_) | Outcome::Delivered | Outcome::Duplicate => {
                self.outputs.push_back(Output::Ask(Input::Receipted(Box::new(receipt))));
            }
        }
    }

    fn has_newer(&self, recipient: &AgencyId, sealed_to: (PublicKey, CardOrder)) -> bool {
        self.cards.get(recipient).is_some_and(|held| supersedes(held, sealed_to))
    }

    /// The gateway's word is a hint, never final.
    pub(super) fn refused_by_gateway(&mut self, refusal: &Refusal, now: Timestamp, rng: &mut impl CryptoRng) {
        let Some((id, sent)) = self.known_transmission(&refusal.envelope_id) else { return self.reject(Code::Inconsistent) };
        let (letter, recipient, card) = (sent.letter, sent.recipient.clone(), (sent.ik, sent.card));
        self.under_way.remove(&id);
        let code = refusal.code();
        if self.has_newer(&recipient, card) {
            return self.reject(code);
        }
        if code == Code::RecipientAbsent {
            self.cards.remove(&recipient);
        }
        let least = Duration::from_millis(u64::from(refusal.retry_after)).min(BACKOFF_MAX);
        if let Some(wait) = self.waits.get_mut(&(letter, recipient)) {
            wait.back(code, least, now, rng);
        }
        self.reject(code);
    }

    /// 60 s without a receipt: it goes back to waiting.
    pub(super) fn give_up_late_ones(&mut self, now: Timestamp, rng: &mut impl CryptoRng) {
        for ((_, recipient), wait) in &mut self.waits {
            if matches!(wait.state, State::InFlight { until } if now >= until) {
                self.silent.insert(recipient.clone());
                wait.back(Code::RecipientAbsent, Duration::ZERO, now, rng);
            }
        }
    }
}

/// Whether a card takes the place of another: a later number of the same identity key, or any of another key, whose counting
/// begins anew.
fn supersedes(card: &VerifiedCard, (ik, order): (PublicKey, CardOrder)) -> bool {
    card.ik != ik || card.order > order
}
