//! Letters that arrive, opened and verified: looked at once more against this desk's own directory, taken once, receipted
//! every time. Not here: the checks that come before a letter is opened (`courier`), what transport's own letters ask for
//! (`resync`).

use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::limits::{FORKS_KEPT_MAX, RESYNC_BACK};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer;
use raccordo_proto::wire::Capability;
use raccordo_proto::{Code, Timestamp};
use rand_core::CryptoRng;

use super::transport::addressed;
use super::{Desk, Pen, only, queued};
use crate::codice::Codice;
use crate::letter::{Letter, Payload, Resync, SignedLetter};
use crate::outbox::Delivery;
use crate::record::{Change, Record};
use crate::restore;
use crate::seal::Opened;
use crate::step::{Effect, Step};
use crate::wire::{
    CaseOpened, EpochBegun, LetterDelivered, LetterForked, LetterReceived, LetterReturned, LetterSeen, StoreRestored,
};

/// What is here of a letter that came.
enum Known {
    /// Nothing: it is new.
    No,
    /// This very letter, or its tombstone.
    Same,
    /// Another one in its place: its sender signed two.
    Other,
}

impl Desk {
    /// A letter that was opened: taken once, receipted every time.
    pub(super) fn arrived(&self, opened: Opened, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let receipt = |outcome| self.receipt(&opened, outcome, pen.now, pen.signer);
        if let Err(code) = self.may_take(&opened, pen.now) {
            return only(receipt(Outcome::Refused(code)));
        }
        match self.known(opened.letter()) {
            Known::Same => only(receipt(Outcome::Duplicate)),
            Known::Other => only(receipt(Outcome::Refused(Code::Equivocation))).and(self.forked(opened.letter())),
            Known::No => {
                let receipt = receipt(Outcome::Delivered);
                let (letter, returned) = opened.into_letters();
                seen(&letter).and(only(receipt)).and(self.take(letter, returned, pen))
            }
        }
    }

    /// L-08 and L-12, and what was erased.
    fn known(&self, letter: &SignedLetter) -> Known {
        let id = letter.letter().letter_id;
        match self.seen.get(&id) {
            Some(digest) if *digest == letter.digest() => Known::Same,
            // Not even as evidence: nothing of an erased case is written again.
            _ if self.is_gone(letter.letter()) => Known::Same,
            Some(_) => Known::Other,
            None if self.threads.contradicts(letter) => Known::Other,
            None => Known::No,
        }
    }

    fn take(&self, letter: SignedLetter, returned: Option<SignedLetter>, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let sender = letter.letter().sender.clone();
        match (&letter.letter().payload, returned) {
            (Payload::Resync(resync), _) => self.asked_by(&sender, resync, pen),
            (Payload::Heads(heads), _) => self.heads_from(&sender, heads, pen),
            (Payload::Returned(_), original) => original.map_or_else(Step::default, |o| self.take_back(&letter, &o, pen.now)),
            (Payload::Segnalazione(_) | Payload::ParteRiservata(_), _) => received(&letter, pen.now),
            (Payload::Riscontro(_) | Payload::PresaInCarico(_), _) => received(&letter, pen.now),
        }
    }

    /// A letter that a peer hands back: as if it had come from its own sender, or, if it is our own, as if we had it again.
    fn take_back(&self, outer: &SignedLetter, original: &SignedLetter, now: Timestamp) -> Step {
        if original.letter().sender == self.me {
            return self.regain(outer, original, now);
        }
        match self.known(original) {
            Known::Same => Step::default(),
            Known::Other => self.forked(original),
            Known::No => seen(original).and(received(original, now)),
        }
    }

    /// B-02 (C15): a letter of our own that the backup did not have, or of which it did not know that this peer has it. Who hands
    /// it back has shown that it has it; for its other recipients it waits.
    fn regain(&self, outer: &SignedLetter, original: &SignedLetter, now: Timestamp) -> Step {
        let (from, letter) = (&outer.letter().sender, original.letter());
        let known = self.outbox.delivery(letter.letter_id, from).map(|(_, delivery)| delivery);
        if self.is_gone(letter) || matches!(known, Some(Delivery::Delivered(_))) {
            return Step::default();
        }
        let returned = Record(Change::LetterReturned(LetterReturned {
            evidence: Some(LetterDelivered {
                letter_id: letter.letter_id.as_bytes().to_vec(),
                recipient: from.to_string(),
                returned: outer.bytes().to_vec(),
                returned_signature: outer.signature().to_vec(),
                ..Default::default()
            }),
        }));
        let settled = Effect::Settled { letter: letter.letter_id, recipient: from.clone(), blocked: None };
        if known.is_some() {
            return Step::new(vec![returned], vec![settled]);
        }
        let mut records = self.begin_anew(letter, now);
        records.extend(self.reopened(letter));
        records.extend([queued(original, None), returned]);
        let others = letter.recipients.iter().filter(|office| *office != from).cloned().collect();
        Step::new(records, vec![Effect::Announce { letter: letter.letter_id, recipients: others }, settled])
    }

    /// B-07: a letter that this office has signed in this very life of its store, and that its store does not have: an older
    /// copy of the store was put back. From now on it is restored like one from a backup, so that no place of a chain is used
    /// twice; how old the copy is, nothing says.
    fn begin_anew(&self, own: &Letter, now: Timestamp) -> Vec<Record> {
        if own.store_epoch != self.epoch {
            return Vec::new();
        }
        let Some(store_epoch) = restore::next_epoch(self.epoch, now) else { return Vec::new() };
        let made_at = now.minus(RESYNC_BACK).as_millis();
        let restored = StoreRestored { made_at, put_back_noticed_at: now.as_millis() };
        let begun = EpochBegun { store_epoch };
        vec![Record(Change::StoreRestored(restored)), Record(Change::EpochBegun(begun))]
    }

    /// A case of our own that the backup did not have: whose it was is in the letter. Her authorisations, and who is kept out,
    /// were only here, and are gone with the disk: nothing of it goes to anybody new.
    fn reopened(&self, letter: &Letter) -> Option<Record> {
        let known = self.cases.get(&letter.case_id).is_some_and(|case| case.opened.is_some());
        let opens = matches!(letter.payload, Payload::Segnalazione(_)) && !known;
        opens.then(|| {
            Record(Change::CaseOpened(CaseOpened {
                case_id: letter.case_id.as_bytes().to_vec(),
                operator: letter.operator.clone(),
                ..Default::default()
            }))
        })
    }

    /// L-08, L-12: two letters where there can be one, both signed by that agency. The second is kept as evidence and never
    /// shown.
    fn forked(&self, letter: &SignedLetter) -> Step {
        let id: LetterId = letter.letter().letter_id;
        let kept = self.forked.values().filter(|(_, case)| *case == letter.letter().case_id).count();
        if kept >= FORKS_KEPT_MAX || self.forked.get(&id).is_some_and(|(digest, _)| *digest == letter.digest()) {
            return Step::default();
        }
        let forked = LetterForked {
            letter_id: id.as_bytes().to_vec(),
            letter: letter.bytes().to_vec(),
            signature: letter.signature().to_vec(),
        };
        Step::new(vec![Record(Change::LetterForked(forked))], Vec::new())
    }

    /// The sender once more, since the directory may have changed since the worker looked; then what its kind asks.
    fn may_take(&self, opened: &Opened, now: Timestamp) -> Result<(), Code> {
        let letter = opened.letter().letter();
        let directory = self.directory.as_deref().ok_or(Code::DirectoryStale)?;
        directory.active_agent(&letter.sender, now)?;
        if letter.payload.is_transport() && self.whose.contains_key(&letter.letter_id) {
            return Err(Code::Inconsistent); // L-09
        }
        match &letter.payload {
            Payload::Segnalazione(_) | Payload::ParteRiservata(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => {
                self.may_take_letter(letter)
            }
            Payload::Returned(_) => self.may_take_back(letter, opened.returned(), now),
            Payload::Heads(_) => Ok(()),
            // B-01: an office speaks of its own store.
            Payload::Resync(Resync::Restored(restored)) if restored.store_epoch == letter.store_epoch => Ok(()),
            Payload::Resync(Resync::Restored(_)) => Err(Code::Inconsistent),
            // B-03: and asks for letters of its own threads.
            Payload::Resync(Resync::Missing(missing)) => match self.threads.audience(missing.chain.thread) {
                Some(audience) if !audience.contains(&letter.sender) => Err(Code::Inconsistent),
                Some(_) | None => Ok(()),
            },
        }
    }

    /// L-11: both ends of a letter that is handed back are of its audience, and it is a letter that could have come here. What
    /// speaks of the woman comes from its own sender, who asks at every sealing whom she allows it.
    fn may_take_back(&self, outer: &Letter, original: Option<&SignedLetter>, now: Timestamp) -> Result<(), Code> {
        let original = original.ok_or(Code::Malformed)?.letter();
        let audience = original.audience();
        let both = audience.contains(&outer.sender) && audience.contains(&self.me);
        if !both || original.payload.is_transport() || original.case_id != outer.case_id {
            return Err(Code::Inconsistent);
        }
        if original.sender == self.me {
            return Ok(());
        }
        if original.payload.is_of_the_woman() && original.sender != outer.sender {
            return Err(Code::Inconsistent);
        }
        self.directory.as_deref().ok_or(Code::DirectoryStale)?.active_agent(&original.sender, now)?;
        self.may_take_letter(original)
    }

    /// L-05, L-06, L-09.
    fn may_take_letter(&self, letter: &Letter) -> Result<(), Code> {
        let directory = self.directory.as_deref().ok_or(Code::DirectoryStale)?;
        if letter.equipe.as_ref().is_some_and(|id| !directory.equipe(id).is_some_and(|equipe| equipe.has(&self.me))) {
            return Err(Code::MembershipChanged);
        }
        let can = |agency: &AgencyId, capability| directory.agency(agency).is_some_and(|entry| entry.can(capability));
        let may_refer = can(&letter.sender, Capability::Segnala) && can(&self.me, Capability::Riceve);
        if letter.payload.is_of_the_woman() && !may_refer {
            return Err(Code::KindNotAllowed);
        }
        self.belongs(letter)
    }

    /// L-09: whether the letter fits what is here of its case, and neither it nor its thread nor its case is another's: whoever
    /// knows an id may write it, and must not touch what bears it.
    fn belongs(&self, letter: &Letter) -> Result<(), Code> {
        let taken = self.whose.get(&letter.letter_id).is_some_and(|w| w.case != letter.case_id || w.author != letter.sender);
        if taken || self.threads.case_of(letter.thread).is_some_and(|case| case != letter.case_id) {
            return Err(Code::Inconsistent);
        }
        let Some(case) = self.cases.get(&letter.case_id) else {
            // The codice is what people type: a second case may not come under the code of one that is here.
            let mut same_code = self.cases.range(Codice::of(letter.case_id).cases());
            return if same_code.next().is_some() { Err(Code::Inconsistent) } else { Ok(()) };
        };
        let same_audience = self.threads.audience(letter.thread).is_none_or(|audience| audience == letter.audience());
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
                Payload::Resync(_) | Payload::Returned(_) | Payload::Heads(_) => false,
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
}

fn seen(letter: &SignedLetter) -> Step {
    let (letter_id, digest) = (letter.letter().letter_id.as_bytes().to_vec(), letter.digest().as_bytes().to_vec());
    Step::new(vec![Record(Change::LetterSeen(LetterSeen { letter_id, digest }))], Vec::new())
}

fn received(letter: &SignedLetter, now: Timestamp) -> Step {
    let received =
        LetterReceived { letter: letter.bytes().to_vec(), signature: letter.signature().to_vec(), received_at: now.as_millis() };
    let (id, sender) = (letter.letter().letter_id, letter.letter().sender.clone());
    Step::new(vec![Record(Change::LetterReceived(received))], vec![Effect::Arrived { letter: id, sender, at: now }])
}
