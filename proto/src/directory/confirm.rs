//! Confirms: one admin's word that a version still holds. Nothing else can be in one, so that saying it can be a click, or a
//! scheduled task with a key that may say nothing else.
//!
//! Not here: what an agent does when there has been none for long (the desk's).

use bytes::Bytes;
use prost::Message as _;

use super::{Directory, update};
use crate::code::Code;
use crate::ids::{Digest, KeyId};
use crate::limits::{CONFIRM_BYTES_MAX, CONFIRM_LIFE_MAX, SKEW_MAX};
use crate::sign::{self, ConfirmPurpose, Signer};
use crate::time::Timestamp;
use crate::wire;

/// Why a Confirm is not believed. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmFault {
    /// D-16.
    #[error("D-16: too large for a Confirm, or not readable as one")]
    Unreadable,
    /// D-17.
    #[error("D-17: not signed by an admin key or a confirm key of the directory")]
    Signature,
    /// D-18.
    #[error("D-18: it confirms another directory than the one that is held")]
    Other,
    /// D-19.
    #[error("D-19: it confirms for longer than allowed")]
    Long,
}

impl ConfirmFault {
    /// The code under which it is counted.
    pub fn code(self) -> Code {
        match self {
            Self::Unreadable => Code::Malformed,
            Self::Signature => Code::Signature,
            Self::Other => Code::DirectoryStale,
            Self::Long => Code::OutOfTime,
        }
    }
}

/// A Confirm of the directory that is held.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmed {
    /// SHA-256 of the head that it is about.
    pub head_hash: Digest,
    /// How long the directory counts as looked after.
    pub until: Timestamp,
    signed: wire::SignedConfirm,
}

impl Confirmed {
    /// Reads one that this machine verified and made durable before. No signature is checked: never call it on anything that came
    /// from outside.
    pub fn trusted_before(signed: &wire::SignedConfirm) -> Option<Self> {
        Self::read(signed, &wire::Confirm::decode(signed.confirm.clone()).ok()?)
    }

    fn read(signed: &wire::SignedConfirm, confirm: &wire::Confirm) -> Option<Self> {
        let head_hash = Digest::parse(&confirm.head_hash).ok()?;
        Some(Self { head_hash, until: Timestamp::from_millis(confirm.until), signed: signed.clone() })
    }

    /// As it came.
    pub fn signed(&self) -> &wire::SignedConfirm {
        &self.signed
    }
}

/// Verifies a Confirm of this directory (D-16 to D-19).
pub fn verify(signed: &wire::SignedConfirm, directory: &Directory, now: Timestamp) -> Result<Confirmed, ConfirmFault> {
    if signed.encoded_len() > CONFIRM_BYTES_MAX {
        return Err(ConfirmFault::Unreadable);
    }
    let signature = signed.signature.as_ref().ok_or(ConfirmFault::Unreadable)?;
    let root = directory.signers().root;
    let keys = root.admin_keys.iter().chain(&root.confirm_keys);
    let verified = update::signed_by_one::<ConfirmPurpose>(&signed.confirm, signature, keys);
    let (verified, _) = verified.ok_or(ConfirmFault::Signature)?;
    let confirm = wire::Confirm::decode(verified.bytes().clone()).map_err(|_| ConfirmFault::Unreadable)?;
    let is_ours = confirm.network == directory.network().as_str() && confirm.version == directory.version();
    let confirmed = Confirmed::read(signed, &confirm).filter(|confirmed| is_ours && confirmed.head_hash == directory.head_hash());
    let confirmed = confirmed.ok_or(ConfirmFault::Other)?;
    if confirmed.until > now.plus(CONFIRM_LIFE_MAX).plus(SKEW_MAX) {
        return Err(ConfirmFault::Long);
    }
    Ok(confirmed)
}

/// Signs one for this directory, as long as may be.
pub fn issue(directory: &Directory, now: Timestamp, signer: &impl Signer) -> wire::SignedConfirm {
    let confirm = wire::Confirm {
        network: directory.network().to_string(),
        version: directory.version(),
        head_hash: Bytes::copy_from_slice(directory.head_hash().as_bytes()),
        until: now.plus(CONFIRM_LIFE_MAX).as_millis(),
    };
    let signed = sign::sign::<ConfirmPurpose>(confirm.encode_to_vec(), signer);
    let key_id = Bytes::copy_from_slice(KeyId::of(signer.public_key().as_bytes()).as_bytes());
    let sig = Bytes::copy_from_slice(signed.signature());
    wire::SignedConfirm { confirm: signed.bytes().clone(), signature: Some(wire::Signature { key_id, alg: 1, sig }) }
}

/// Until when a directory counts as looked after: its signature says so for as long as a Confirm would.
pub fn looked_after_until(directory: &Directory, confirmed: Option<&Confirmed>) -> Timestamp {
    let by_signature = directory.issued().plus(CONFIRM_LIFE_MAX).min(directory.expires());
    confirmed.map_or(by_signature, |confirmed| confirmed.until.max(by_signature))
}
