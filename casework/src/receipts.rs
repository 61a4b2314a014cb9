//! What the sender checks of a receipt: the signature, the transmission, and the binding that only who opened the envelope
//! can have made. Not here: what it does to a letter (`desk`).

use bytes::Bytes;
use raccordo_proto::ids::{AgencyId, Digest, LetterId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Code, Timestamp};
use subtle::ConstantTimeEq as _;

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
}

/// A receipt that counts.
pub struct VerifiedReceipt {
    outcome: Outcome,
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
        };
        Ok(Self { outcome: facts.outcome, recipient: sent.recipient.clone(), letter: sent.letter, evidence })
    }

    /// What became of the letter.
    pub fn outcome(&self) -> Outcome {
        self.outcome
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

/// When a letter was delivered and in which epoch of the recipient's store, by a receipt of one's own journal.
pub(crate) fn delivered_at(evidence: &LetterDelivered) -> Option<(Timestamp, u64)> {
    let receipt = Receipt::trusted_before(&evidence.receipt).ok()?;
    Some((receipt.time, receipt.store_epoch))
}

/// Checks kept evidence off line: did this agency have this letter? Needs nobody's help.
pub fn verify_evidence(letter: &[u8], evidence: &LetterDelivered, ik: &PublicKey) -> Result<Receipt, Code> {
    let recipient = AgencyId::parse(&evidence.recipient).map_err(|_| Code::Malformed)?;
    let (facts, _) = Receipt::verify(evidence.receipt.clone().into(), &evidence.signature, &recipient, ik)?;
    let bound = ReceiptKey::from_bytes(&evidence.binding_key)?.binds(Digest::of(letter), &facts.binding);
    match facts.outcome {
        Outcome::Delivered | Outcome::Duplicate if bound => Ok(facts),
        Outcome::Delivered | Outcome::Duplicate | Outcome::Refused(_) => Err(Code::Inconsistent),
    }
}
