//! Signatures typed by purpose, over the bytes that came (invariant 6). Sign bytes, verify bytes, and only then parse them.
//!
//! `Ed25519(sk, u8(len(tag)) ‖ tag ‖ SHA-512(data))`, `verify_strict` (S-01). Not here: where keys are kept.

use core::marker::PhantomData;

use bytes::Bytes;
use sha2::Digest as _;

use crate::code::Code;
use crate::limits::SIGNATURE_BYTES;

/// What a signature is for; its tag separates it from every other (S-02).
pub trait Purpose {
    /// The tag, as signed.
    const TAG: &'static str;
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $tag:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Purpose for $name {
            const TAG: &'static str = concat!("raccordo/v1/", $tag);
        }
    )* };
}

purposes! {
    /// A directory's head, by an admin key.
    HeadPurpose = "head";
    /// Confirms, by an admin key or a confirm key.
    ConfirmPurpose = "confirm";
    /// A key card, by an identity key.
    KeyCardPurpose = "keycard";
    /// An envelope's D, by the sender's identity key.
    EnvelopePurpose = "envelope";
    /// A letter, by the sender's identity key.
    LetterPurpose = "letter";
    /// A receipt, by the recipient's identity key.
    ReceiptPurpose = "receipt";
    /// A request to be let in, by the identity key that asks.
    EnrolmentPurpose = "enrolment";
    /// The offer of an admin key, by itself.
    AdminKeyPurpose = "admin-key";
    /// What an admin asks of a gateway, by an admin key.
    CallPurpose = "call";
}

/// An Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Reads 32 bytes; refuses what is no point of the curve, and points of small order.
    pub fn parse(bytes: &[u8]) -> Result<Self, Code> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Code::Malformed)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| Code::Malformed)?;
        if key.is_weak() { Err(Code::Malformed) } else { Ok(Self(key)) }
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// Something that can sign: a parameter of the cores, so that tests need no key file.
pub trait Signer {
    /// The key that verifies.
    fn public_key(&self) -> PublicKey;
    /// Ed25519 over exactly these bytes. Call [`sign`], never this.
    fn raw_sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES];
}

impl Signer for ed25519_dalek::SigningKey {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.verifying_key())
    }

    fn raw_sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        ed25519_dalek::Signer::sign(self, message).to_bytes()
    }
}

/// What a signature for `P` over `data` is made of, whatever the algorithm.
pub(crate) fn message<P: Purpose>(data: &[u8]) -> Vec<u8> {
    let tag = P::TAG.as_bytes();
    let mut message = Vec::with_capacity(1 + tag.len() + 64);
    message.push(u8::try_from(tag.len()).expect("tags are short constants"));
    message.extend_from_slice(tag);
    message.extend_from_slice(&sha2::Sha512::digest(data));
    message
}

/// Signs `bytes` for `P`.
pub fn sign<P: Purpose>(bytes: impl Into<Bytes>, signer: &(impl Signer + ?Sized)) -> Signed<P> {
    let bytes = bytes.into();
    let signature = signer.raw_sign(&message::<P>(&bytes));
    Signed { bytes, signature, purpose: PhantomData }
}

/// Bytes and a signature that nobody has checked. The bytes cannot be had before [`Unverified::verify`].
pub struct Unverified<P> {
    bytes: Bytes,
    signature: [u8; SIGNATURE_BYTES],
    purpose: PhantomData<P>,
}

impl<P: Purpose> Unverified<P> {
    /// As they came. `MALFORMED` when the signature is not 64 bytes.
    pub fn new(bytes: impl Into<Bytes>, signature: &[u8]) -> Result<Self, Code> {
        let signature = signature.try_into().map_err(|_| Code::Malformed)?;
        Ok(Self { bytes: bytes.into(), signature, purpose: PhantomData })
    }

    /// Checks the signature over the bytes that came. `SIGNATURE` when it is not this key's.
    pub fn verify(self, key: &PublicKey) -> Result<Signed<P>, Code> {
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature);
        key.0.verify_strict(&message::<P>(&self.bytes), &signature).map_err(|_| Code::Signature)?;
        Ok(Signed { bytes: self.bytes, signature: self.signature, purpose: PhantomData })
    }
}

/// Bytes whose signature is known to be good: verified here, or made here.
pub struct Signed<P> {
    bytes: Bytes,
    signature: [u8; SIGNATURE_BYTES],
    purpose: PhantomData<P>,
}

impl<P> Clone for Signed<P> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), signature: self.signature, purpose: PhantomData }
    }
}

impl<P> Signed<P> {
    /// Takes back from one's own journal what was verified or signed before. No signature is checked: never call it on
    /// anything that came from outside.
    pub fn trusted_before(bytes: impl Into<Bytes>, signature: &[u8]) -> Result<Self, Code> {
        let signature = signature.try_into().map_err(|_| Code::Malformed)?;
        Ok(Self { bytes: bytes.into(), signature, purpose: PhantomData })
    }

    /// The signed bytes, to be parsed now.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The signature.
    pub fn signature(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[7; 32])
    }

    fn again<P: Purpose>(signed: &Signed<P>) -> Unverified<P> {
        Unverified::new(signed.bytes().clone(), signed.signature()).expect("64 bytes")
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let signed = sign::<LetterPurpose>(&b"a letter"[..], &key());
        assert!(again(&signed).verify(&key().public_key()).is_ok());
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).public_key();
        assert_eq!(again(&signed).verify(&other).err(), Some(Code::Signature));
        let changed = Unverified::<LetterPurpose>::new(&b"a lettes"[..], signed.signature()).expect("64 bytes");
        assert_eq!(changed.verify(&key().public_key()).err(), Some(Code::Signature));
    }

    #[test]
    fn a_signature_for_one_purpose_is_none_for_another() {
        let signed = sign::<LetterPurpose>(&b"the same bytes"[..], &key());
        let abused = Unverified::<ReceiptPurpose>::new(signed.bytes().clone(), signed.signature()).expect("64 bytes");
        assert_eq!(abused.verify(&key().public_key()).err(), Some(Code::Signature));
    }

    #[test]
    fn points_of_small_order_are_no_keys() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::parse(&identity), Err(Code::Malformed));
    }
}
