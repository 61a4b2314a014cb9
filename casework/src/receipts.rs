//! What the sender checks of a receipt: the signature, the transmission, and the binding that only who opened the envelope
//! can have made. Not here: what it does to a letter (`desk`).

use bytes::Bytes;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::{AgencyId, Digest, LetterId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Code, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::letter::{Payload, SignedLetter};
use crate::seal::ReceiptKey;
use crate::wire::LetterDelivered;

/// A transmission that the courier holds: what a receipt must name to count.
#[derive(Clone)]
pub struct Transmission {
    /// The letter.
    pub letter: LetterId,
    /// When it left.
    pub sent_at: Timestamp,
    /// Its digest.
    pub letter_digest: Digest,
    /// To whom.
    pub recipient: AgencyId,
    /// The recipient's identity key.
    pub ik: PublicKey,
    /// First half of D.
    pub envelope_digest: [u8; 32],
    /// K.
    pub receipt_key: ReceiptKey,
    /// The directory that it was sealed under.
    pub directory_version: u64,
    /// The card that it was sealed to.
    pub card: CardOrder,
}

/// A receipt that counts.
pub struct VerifiedReceipt {
    outcome: Outcome,
    directory_version: u64,
    ik: PublicKey,
    card: CardOrder,
    recipient: AgencyId,
    letter: LetterId,
    evidence: LetterDelivered,
}

impl VerifiedReceipt {
    /// Checks a receipt against the transmission it answers.
    pub fn check(receipt: Bytes, signature: &[u8], sent: &Transmission) -> Result<Self, Code> {
        let (facts, signed) = Receipt::verify(receipt, signature, &sent.recipient, &sent.ik)?;
        if !bool::from(facts.envelope_digest[..].ct_eq(&sent.envelope_digest[..])) {
            return Err(Code::Inconsistent); // a frame that was altered on the way
        }
        let bound = sent.receipt_key.binds(sent.letter_digest, &facts.binding);
        match facts.outcome {
            Outcome::Refused(_) if bound || facts.binding == [0; 32] => {}
            Outcome::Delivered | Outcome::Duplicate if bound => {}
            Outcome::Refused(_) | Outcome::Delivered | Outcome::Duplicate => return Err(Code::Inconsistent),
        }
        let evidence = LetterDelivered {
            letter_id: sent.letter.as_bytes().to_vec(),
            recipient: sent.recipient.to_string(),
            receipt: signed.bytes().to_vec(),
            signature: signed.signature().to_vec(),
            binding_key: sent.receipt_key.as_bytes().to_vec(),
            returned: Vec::new(),
            returned_signature: Vec::new(),
        };
        let Transmission { letter, directory_version, ik, card, .. } = *sent;
        Ok(Self { outcome: facts.outcome, directory_version, ik, card, recipient: sent.recipient.clone(), letter, evidence })
    }

    /// What became of the letter.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The directory that the transmission was sealed under.
    pub fn sealed_under(&self) -> u64 {
        self.directory_version
    }

    /// The card that the transmission was sealed to.
    pub fn sealed_to(&self) -> (PublicKey, CardOrder) {
        (self.ik, self.card)
    }

    /// Who says so.
    pub fn recipient(&self) -> &AgencyId {
        &self.recipient
    }

    /// Which letter.
    pub fn letter(&self) -> LetterId {
        self.letter
    }

    /// To be kept: with the letter, anyone can check it off line.
    pub fn into_evidence(self) -> LetterDelivered {
        self.evidence
    }
}

/// When a letter was delivered and in which epoch of the recipient's store, by what one's own journal keeps.
pub(crate) fn delivered_at(evidence: &LetterDelivered) -> Option<(Timestamp, u64)> {
    if evidence.returned.is_empty() {
        let receipt = Receipt::trusted_before(&evidence.receipt).ok()?;
        return Some((receipt.time, receipt.store_epoch));
    }
    let returned = SignedLetter::trusted_before(&evidence.returned, &evidence.returned_signature).ok()?;
    Some((returned.letter().created, returned.letter().store_epoch))
}

/// What kept evidence shows: that an agency had a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its receipt says so.
    Receipted(Outcome),
    /// It has handed the letter back, signed.
    HandedBack,
}

/// Checks kept evidence off line: did this agency have this letter? Needs nobody's help.
pub fn verify_evidence(letter: &[u8], evidence: &LetterDelivered, ik: &PublicKey) -> Result<Held, Code> {
    let recipient = AgencyId::parse(&evidence.recipient).map_err(|_| Code::Malformed)?;
    if !evidence.returned.is_empty() {
        return handed_back(letter, evidence, &recipient, ik);
    }
    let (facts, _) = Receipt::verify(evidence.receipt.clone().into(), &evidence.signature, &recipient, ik)?;
    let bound = ReceiptKey::from_bytes(&evidence.binding_key)?.binds(Digest::of(letter), &facts.binding);
    match facts.outcome {
        Outcome::Delivered | Outcome::Duplicate if bound => Ok(Held::Receipted(facts.outcome)),
        Outcome::Delivered | Outcome::Duplicate | Outcome::Refused(_) => Err(Code::Inconsistent),
    }
}

/// The agency has signed the letter itself: it handed it back.
fn handed_back(letter: &[u8], evidence: &LetterDelivered, recipient: &AgencyId, ik: &PublicKey) -> Result<Held, Code> {
    let signed = SignedLetter::verify(evidence.returned.clone(), &evidence.returned_signature, ik)?;
    let facts = signed.letter();
    match &facts.payload {
        Payload::Returned(returned) if returned.letter == letter && facts.sender == *recipient => Ok(Held::HandedBack),
        _ => Err(Code::Inconsistent),
    }
}
