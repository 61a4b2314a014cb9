//! What the courier brings: cards, receipts, opened letters, directories, and the question whether a letter may be sealed.
//! Everything that may have changed since the worker verified is looked at again, against this desk's own directory.

use std::sync::Arc;

use bytes::Bytes;
use raccordo_proto::directory::keycard::{CardOrder, VerifiedCard};
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::limits::LETTER_BYTES_MAX;
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer;
use raccordo_proto::wire::{Capability, Route, SignedReceipt};
use raccordo_proto::{Code, Directory, Timestamp};

use super::{Desk, is_directorys, only};
use crate::autorizzazione::{self, Cosa};
use crate::codice::Codice;
use crate::letter::{Letter, Payload, SignedLetter};
use crate::outbox::Delivery;
use crate::receipts::VerifiedReceipt;
use crate::record::{Change, Record};
use crate::seal::Opened;
use crate::step::{Effect, Step};
use crate::wire::{
    self, CardShown, DirectoryInstalled, LetterBlocked, LetterForked, LetterReceived, LetterSeen, LetterUnblocked,
};

impl Desk {
    /// The counter is durable before the card is shown.
    pub(super) fn card_wanted(&self) -> Step {
        let counter = self.card_counter + 1;
        let order = CardOrder { store_epoch: self.epoch, counter };
        Step::new(vec![Record(Change::CardShown(CardShown { counter }))], vec![Effect::ShowCard(order)])
    }

    /// K-06: a card lower than one seen before is a replay, and is dropped.
    pub(super) fn card_seen(&self, card: VerifiedCard) -> Step {
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
        let Some(directory) = self.directory.as_deref() else { return Verdict::Wait(Code::DirectoryStale) };
        if signed.bytes().len() > LETTER_BYTES_MAX {
            return Verdict::Never(Code::TooLarge);
        }
        let of_the_woman = matches!(letter.payload, Payload::Segnalazione(_) | Payload::ParteRiservata(_));
        if of_the_woman && directory.is_expired(now) {
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
        if letter.equipe.as_ref().is_some_and(|id| !directory.equipe(id).is_some_and(|equipe| equipe.has(recipient))) {
            return Verdict::Never(Code::MembershipChanged);
        }
        if of_the_woman && !self.she_allows(letter, recipient, now) {
            return Verdict::Never(Code::NotAllowed);
        }
        Verdict::Yes
    }

    fn she_allows(&self, letter: &Letter, recipient: &AgencyId, now: Timestamp) -> bool {
        let cosa = match letter.payload {
            Payload::ParteRiservata(_) => Cosa::AncheChiSono,
            Payload::Segnalazione(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => Cosa::SchedaMinima,
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
            Outcome::Refused(code) => block(letter, recipient, code, now),
        }
    }

    /// A letter that was opened: taken once, receipted every time.
    pub(super) fn arrived(&self, opened: Opened, now: Timestamp, signer: &impl Signer) -> Step {
        let digest = opened.letter().digest();
        let id = opened.letter().letter().letter_id;
        if let Err(code) = self.may_take(opened.letter().letter(), now) {
            return only(self.receipt(&opened, Outcome::Refused(code), now, signer));
        }
        match self.seen.get(&id) {
            Some(known) if *known == digest => only(self.receipt(&opened, Outcome::Duplicate, now, signer)),
            Some(_) => self.forked(opened, now, signer),
            None => self.take(opened, now, signer),
        }
    }

    fn take(&self, opened: Opened, now: Timestamp, signer: &impl Signer) -> Step {
        let receipt = self.receipt(&opened, Outcome::Delivered, now, signer);
        let signed = opened.into_letter();
        let (letter, sender) = (signed.letter().letter_id, signed.letter().sender.clone());
        let seen = LetterSeen { letter_id: letter.as_bytes().to_vec(), digest: signed.digest().as_bytes().to_vec() };
        let received = LetterReceived {
            letter: signed.bytes().to_vec(),
            signature: signed.signature().to_vec(),
            received_at: now.as_millis(),
        };
        Step::new(
            vec![Record(Change::LetterSeen(seen)), Record(Change::LetterReceived(received))],
            vec![receipt, Effect::Arrived { letter, sender, at: now }],
        )
    }

    /// L-08: one id, two letters, both signed by that agency. The second is kept as evidence and never shown.
    fn forked(&self, opened: Opened, now: Timestamp, signer: &impl Signer) -> Step {
        let receipt = self.receipt(&opened, Outcome::Refused(Code::Equivocation), now, signer);
        let letter = opened.letter();
        let id = letter.letter().letter_id;
        if self.forked.get(&id) == Some(&letter.digest()) {
            return only(receipt);
        }
        let forked = LetterForked {
            letter_id: id.as_bytes().to_vec(),
            letter: letter.bytes().to_vec(),
            signature: letter.signature().to_vec(),
        };
        Step::new(vec![Record(Change::LetterForked(forked))], vec![receipt])
    }

    /// L-05, L-06, L-09, and the sender once more: the directory may have changed since the worker looked.
    fn may_take(&self, letter: &Letter, now: Timestamp) -> Result<(), Code> {
        let directory = self.directory.as_deref().ok_or(Code::DirectoryStale)?;
        directory.active_agent(&letter.sender, now)?;
        if letter.equipe.as_ref().is_some_and(|id| !directory.equipe(id).is_some_and(|equipe| equipe.has(&self.me))) {
            return Err(Code::MembershipChanged);
        }
        let can = |agency: &AgencyId, capability| directory.agency(agency).is_some_and(|entry| entry.can(capability));
        let is_referral = matches!(letter.payload, Payload::Segnalazione(_) | Payload::ParteRiservata(_));
        if is_referral && !(can(&letter.sender, Capability::Segnala) && can(&self.me, Capability::Riceve)) {
            return Err(Code::KindNotAllowed);
        }
        self.belongs(letter)
    }

    /// L-09: whether the letter fits what is here of its case, and its case is no other's double.
    fn belongs(&self, letter: &Letter) -> Result<(), Code> {
        let Some(case) = self.cases.get(&letter.case_id) else {
            // The codice is what people type: a second case may not come under the code of one that is here.
            let codice = Codice::of(letter.case_id);
            let taken = self.cases.keys().any(|known| Codice::of(*known) == codice);
            return if taken { Err(Code::Inconsistent) } else { Ok(()) };
        };
        let same_audience = case.audience_of(letter.thread).is_none_or(|audience| audience == letter.audience());
        let fits = case.segnalazione().is_none_or(|first| {
            let referral = first.letter.letter();
            match letter.payload {
                Payload::Segnalazione(_) | Payload::ParteRiservata(_) => referral.sender == letter.sender,
                // An answer comes from who was asked, in the thread where it was asked.
                Payload::Riscontro(_) | Payload::PresaInCarico(_) => {
                    referral.thread == letter.thread
                        && referral.recipients.contains(&letter.sender)
                        && letter.in_reply_to == Some(first.letter.digest())
                }
            }
        });
        if same_audience && fits { Ok(()) } else { Err(Code::Inconsistent) }
    }

    fn receipt(&self, opened: &Opened, outcome: Outcome, now: Timestamp, signer: &impl Signer) -> Effect {
        let receipt = Receipt {
            envelope_id: opened.header().envelope_id,
            envelope_digest: opened.envelope_digest(),
            binding: opened.binding(),
            recipient: self.me.clone(),
            time: now,
            store_epoch: self.epoch,
            outcome,
        };
        Effect::SendReceipt(addressed(&receipt, &opened.header().sender, signer))
    }

    /// A verified directory that is newer: installed, and what an older one had blocked is looked at again.
    pub(super) fn directory_offered(&self, directory: Arc<Directory>, now: Timestamp) -> Step {
        if self.directory.as_ref().is_some_and(|mine| mine.version() >= directory.version()) {
            return Step::default();
        }
        let installed = DirectoryInstalled { document: Some(directory.document().clone()) };
        let mut records = vec![Record(Change::DirectoryInstalled(installed))];
        let mut effects = Vec::new();
        for (letter, recipient) in self.lifted(&directory, now) {
            let unblocked = LetterUnblocked { letter_id: letter.as_bytes().to_vec(), recipient: recipient.to_string() };
            records.push(Record(Change::LetterUnblocked(unblocked)));
            effects.push(Effect::Announce { letter, recipients: vec![recipient] });
        }
        effects.push(Effect::DirectoryInstalled(directory));
        Step::new(records, effects)
    }

    fn lifted(&self, directory: &Directory, now: Timestamp) -> Vec<(LetterId, AgencyId)> {
        let blocked = self.outbox.iter().flat_map(|outgoing| {
            let recipients = outgoing
                .recipients
                .iter()
                .filter(|(_, delivery)| matches!(delivery, Delivery::Blocked { code, .. } if is_directorys(*code)));
            recipients.map(|(recipient, _)| (outgoing.letter.letter(), recipient))
        });
        blocked
            .filter(|(letter, recipient)| {
                let member = letter.equipe.as_ref().is_none_or(|id| directory.equipe(id).is_some_and(|e| e.has(recipient)));
                member && directory.active_agent(recipient, now).is_ok() && directory.may_write(&self.me, recipient)
            })
            .map(|(letter, recipient)| (letter.letter_id, recipient.clone()))
            .collect()
    }
}

enum Verdict {
    Yes,
    Wait(Code),
    Never(Code),
}

fn block(letter: LetterId, recipient: AgencyId, code: Code, now: Timestamp) -> Step {
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
