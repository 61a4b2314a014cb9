//! Receipts: the machine's signed word about one transmission. Whether the binding holds needs the content
//! key, so casework checks it. Not here: what a receipt does to a letter's status.

use bytes::Bytes;
use prost::Message as _;

use crate::code::Code;
use crate::ids::{AgencyId, EnvelopeId};
use crate::sign::{self, PublicKey, ReceiptPurpose, Signed, Signer, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// What became of a transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The letter is durable there.
    Delivered,
    /// It was durable already.
    Duplicate,
    /// It was not taken.
    Refused(Code),
}

/// A receipt's facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The transmission.
    pub envelope_id: EnvelopeId,
    /// First half of D, as the recipient received it.
    pub envelope_digest: [u8; 32],
    /// HMAC-SHA-256(K, letter digest), or zeros in a refusal given before the content key was open.
    pub binding: [u8; 32],
    /// Who signs.
    pub recipient: AgencyId,
    /// The recipient's clock.
    pub time: Timestamp,
    /// The recipient's store epoch.
    pub store_epoch: u64,
    /// What became of the letter.
    pub outcome: Outcome,
}

impl Receipt {
    /// Signs it.
    pub fn sign(&self, signer: &impl Signer) -> Signed<ReceiptPurpose> {
        let (result, code) = match self.outcome {
            Outcome::Delivered => (wire::ReceiptResult::Delivered, Code::Unspecified),
            Outcome::Duplicate => (wire::ReceiptResult::Duplicate, Code::Unspecified),
            Outcome::Refused(code) => (wire::ReceiptResult::Refused, code.on_the_wire()),
        };
        let receipt = wire::Receipt {
            envelope_id: Bytes::copy_from_slice(self.envelope_id.as_bytes()),
            envelope_digest: Bytes::copy_from_slice(&self.envelope_digest),
            binding: Bytes::copy_from_slice(&self.binding),
            recipient: self.recipient.as_str().to_owned(),
            time: self.time.as_millis(),
            store_epoch: self.store_epoch,
            result: result.into(),
            code: code.into(),
        };
        sign::sign(receipt.encode_to_vec(), signer)
    }

    /// Verifies, then reads. `agency` is whose key `ik` is.
    pub fn verify(
        bytes: Bytes,
        signature: &[u8],
        agency: &AgencyId,
        ik: &PublicKey,
    ) -> Result<(Self, Signed<ReceiptPurpose>), Code> {
        let signed = Unverified::<ReceiptPurpose>::new(bytes, signature)?.verify(ik)?;
        let receipt = Self::read(signed.bytes().clone())?;
        if receipt.recipient != *agency {
            return Err(Code::Inconsistent);
        }
        Ok((receipt, signed))
    }

    /// Reads back one that this machine verified and made durable. No signature is checked: never for anything that came
    /// from outside.
    pub fn trusted_before(bytes: &[u8]) -> Result<Self, Code> {
        Self::read(Bytes::copy_from_slice(bytes))
    }

    fn read(bytes: Bytes) -> Result<Self, Code> {
        let receipt = wire::Receipt::decode(bytes).map_err(|_| Code::Malformed)?;
        let half = |bytes: &Bytes| -> Result<[u8; 32], Code> { bytes[..].try_into().map_err(|_| Code::Malformed) };
        let outcome = match (receipt.result(), receipt.code()) {
            (wire::ReceiptResult::Delivered, Code::Unspecified) => Outcome::Delivered,
            (wire::ReceiptResult::Duplicate, Code::Unspecified) => Outcome::Duplicate,
            (wire::ReceiptResult::Refused, code) if code != Code::Unspecified => Outcome::Refused(code),
            _ => return Err(Code::Malformed),
        };
        Ok(Self {
            envelope_id: EnvelopeId::parse(&receipt.envelope_id).map_err(|_| Code::Malformed)?,
            envelope_digest: half(&receipt.envelope_digest)?,
            binding: half(&receipt.binding)?,
            recipient: AgencyId::parse(&receipt.recipient).map_err(|_| Code::Malformed)?,
            time: Timestamp::from_millis(receipt.time),
            store_epoch: receipt.store_epoch,
            outcome,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_a_peer_no_more_than_it_may() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        let me = AgencyId::parse("cpi-rivabella").expect("a slug");
        let receipt = Receipt {
            envelope_id: EnvelopeId::new([1; 16]),
            envelope_digest: [2; 32],
            binding: [0; 32],
            recipient: me.clone(),
            time: Timestamp::from_millis(5),
            store_epoch: 9,
            outcome: Outcome::Refused(Code::Padding),
        };
        let signed = receipt.sign(&key);
        let (read, _) = Receipt::verify(signed.bytes().clone(), signed.signature(), &me, &key.public_key()).expect("its own");
        assert_eq!(read.outcome, Outcome::Refused(Code::NotAccepted));
        assert_eq!(read, Receipt { outcome: Outcome::Refused(Code::NotAccepted), ..receipt });
    }
}
