//! What the courier brings: cards, receipts, and the question whether a letter may be sealed. Everything that
//! may have changed since the worker verified is looked at again, against this desk's own directory. Not here: letters that
//! arrive (`receive`).

use bytes::Bytes;
use raccordo_proto::directory::keycard::{CardOrder, VerifiedCard};
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::limits::LETTER_BYTES_MAX;
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer;
use raccordo_proto::wire::{Route, SignedReceipt};
use raccordo_proto::{Code, Timestamp};

use super::{Desk, is_directorys, only};
use crate::autorizzazione::{self, Cosa};
use crate::letter::{Letter, Payload, SignedLetter};
use crate::outbox::Delivery;
use crate::receipts::VerifiedReceipt;
use crate::record::{Change, Record};
use crate::step::{Effect, Step};
use crate::wire::{self, CardShown, LetterBlocked, LetterUnblocked};

impl Desk {
    /// K-07: the counter is durable before the card is shown. It is no lower than the clock's seconds: a store that was put back
    /// from an older copy is heard again at once, and not once it has caught up with itself.
    pub(super) fn card_wanted(&self, now: Timestamp) -> Step {
        let counter = self.card_counter.saturating_add(1).max(now.as_millis() / 1000);
        let order = CardOrder { store_epoch: self.epoch, counter };
        Step::new(vec![Record(Change::CardShown(CardShown { counter }))], vec![Effect::ShowCard(order)])
    }

    /// K-06: a card lower than one seen before is a replay, and is dropped; so is one of a key that no longer counts.
    pub(super) fn card_seen(&self, card: VerifiedCard) -> Step {
        if !self.directory.as_ref().is_some_and(|directory| card.is_of_todays_key(directory)) {
            return Step::default();
        }
        let highest = self.cards.get(&(card.agency.clone(), *card.ik.as_bytes())).copied().unwrap_or_default();
        if card.order < highest {
            return Step::default();
        }
        let seen = wire::CardSeen {
            agency: card.agency.to_string(),
            ik: card.ik.as_bytes().to_vec(),
            store_epoch: card.order.store_epoch,
            counter: card.order.counter,
        };
        let records = if card.order == highest { Vec::new() } else { vec![Record(Change::CardSeen(seen))] };
        Step::new(records, vec![Effect::UseCard(card)])
    }

    /// Consent, omissions, membership and directory, at every sealing.
    pub(super) fn seal_wanted(&self, letter: LetterId, recipient: AgencyId, now: Timestamp) -> Step {
        let Some((signed, Delivery::Queued)) = self.outbox.delivery(letter, &recipient) else { return Step::default() };
        match self.may_seal(signed, &recipient, now) {
            Verdict::Yes => only(Effect::Seal { letter: signed.clone(), recipient }),
            Verdict::Wait(code) => only(Effect::Hold { letter, recipient, code }),
            Verdict::Never(code) => block(letter, recipient, code, now),
        }
    }

    fn may_seal(&self, signed: &SignedLetter, recipient: &AgencyId, now: Timestamp) -> Verdict {
        let letter = signed.letter();
        let Some(directory) = self.directory.as_deref().filter(|_| self.directory_rival_seen().is_none()) else {
            return Verdict::Wait(Code::DirectoryStale);
        };
        if signed.bytes().len() > LETTER_BYTES_MAX {
            return Verdict::Never(Code::TooLarge);
        }
        if letter.payload.is_of_the_woman() && directory.is_expired(now) {
            return Verdict::Wait(Code::DirectoryExpired);
        }
        if let Err(code) = directory.active_agent(&self.me, now) {
            return Verdict::Wait(code);
        }
        if let Err(code) = directory.active_agent(recipient, now) {
            return Verdict::Never(code);
        }
        if !directory.may_write(&self.me, recipient) {
            return Verdict::Never(Code::NotAllowed);
        }
        if !self.trusts_key_of(recipient, directory) {
            return Verdict::Never(Code::KeyChanged);
        }
        if letter.equipe.as_ref().is_some_and(|id| !directory.equipe(id).is_some_and(|equipe| equipe.has(recipient))) {
            return Verdict::Never(Code::MembershipChanged);
        }
        if self.she_allows(letter, recipient, now) { Verdict::Yes } else { Verdict::Never(Code::NotAllowed) }
    }

    /// Whether the woman lets this office know what the letter says of her. What is handed back is asked about like the
    /// letter itself.
    fn she_allows(&self, letter: &Letter, recipient: &AgencyId, now: Timestamp) -> bool {
        let cosa = match &letter.payload {
            Payload::Segnalazione(_) => Cosa::SchedaMinima,
            Payload::ParteRiservata(_) => Cosa::AncheChiSono,
            Payload::Returned(returned) => {
                let original = SignedLetter::trusted_before(&returned.letter, &returned.signature);
                return original.is_ok_and(|o| o.letter().sender != self.me || self.she_allows(o.letter(), recipient, now));
            }
            Payload::Riscontro(_) | Payload::PresaInCarico(_) | Payload::Resync(_) | Payload::Heads(_) => return true,
        };
        let opened = self.cases.get(&letter.case_id).and_then(|case| case.opened.as_ref());
        opened.is_some_and(|opened| {
            let kept_out = opened.chi_non_deve_sapere.iter().any(|office| office == recipient.as_str());
            !kept_out && autorizzazione::allows(&opened.autorizzazioni, recipient, cosa, now)
        })
    }

    pub(super) fn receipted(&self, receipt: VerifiedReceipt, now: Timestamp) -> Step {
        let (letter, recipient) = (receipt.letter(), receipt.recipient().clone());
        let Some((_, delivery)) = self.outbox.delivery(letter, &recipient) else { return Step::default() };
        if matches!(delivery, Delivery::Delivered(_)) {
            return only(Effect::Settled { letter, recipient, blocked: None });
        }
        match receipt.outcome() {
            Outcome::Delivered | Outcome::Duplicate => Step::new(
                vec![Record(Change::LetterDelivered(receipt.into_evidence()))],
                vec![Effect::Settled { letter, recipient, blocked: None }],
            ),
            // The directory has moved on since it was sealed: the refusal may be an older one's.
            Outcome::Refused(code) if is_directorys(code) && self.is_newer_than(receipt.sealed_under()) => {
                only(Effect::Hold { letter, recipient, code })
            }
            Outcome::Refused(code) => block(letter, recipient, code, now),
        }
    }

    fn is_newer_than(&self, version: u64) -> bool {
        self.directory.as_ref().is_some_and(|directory| directory.version() > version)
    }
}

enum Verdict {
    Yes,
    Wait(Code),
    Never(Code),
}

/// What blocked it has gone: it waits again.
pub(super) fn unblock(letter: LetterId, recipient: &AgencyId) -> Step {
    let unblocked = LetterUnblocked { letter_id: letter.as_bytes().to_vec(), recipient: recipient.to_string() };
    let announce = Effect::Announce { letter, recipients: vec![recipient.clone()] };
    Step::new(vec![Record(Change::LetterUnblocked(unblocked))], vec![announce])
}

pub(super) fn block(letter: LetterId, recipient: AgencyId, code: Code, now: Timestamp) -> Step {
    let blocked = LetterBlocked {
        letter_id: letter.as_bytes().to_vec(),
        recipient: recipient.to_string(),
        code: code.into(),
        at: now.as_millis(),
    };
    Step::new(vec![Record(Change::LetterBlocked(blocked))], vec![Effect::Settled { letter, recipient, blocked: Some(code) }])
}

/// A signed receipt on its way back to the sender.
pub(crate) fn addressed(receipt: &Receipt, to: &AgencyId, signer: &impl Signer) -> SignedReceipt {
    let signed = receipt.sign(signer);
    SignedReceipt {
        route: Some(Route { peer: to.to_string(), envelope_id: Bytes::copy_from_slice(receipt.envelope_id.as_bytes()) }),
        receipt: signed.bytes().clone(),
        signature: Bytes::copy_from_slice(signed.signature()),
    }
}
