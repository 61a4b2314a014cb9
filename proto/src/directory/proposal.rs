//! A version on its way to be signed: every check of `update` but for how many have signed, and who still must. And the key
//! that somebody offers to sign with.
//!
//! Not here: where a proposal lies and how it travels (the administration's program). A [`Proposal`] is no
//! [`Directory`]: nothing is installed from one.

use std::collections::BTreeSet;

use bytes::Bytes;
use prost::Message as _;

use super::update::{self, Place, Signers, Trust};
use super::{Directory, DirectoryFault};
use crate::ids::{Digest, KeyId, NetworkId};
use crate::limits::{DIRECTORY_BYTES_MAX, HEAD_BYTES_MAX, OFFER_BYTES_MAX};
use crate::sign::{self, AdminKeyPurpose, PublicKey, Signer, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// A document that keeps every rule, signed by nobody that may not, and perhaps by too few.
#[derive(Debug)]
pub struct Proposal {
    document: wire::SignedDirectory,
    head: wire::Head,
    old: Tally,
    new: Option<Tally>,
}

/// How far one root's admins have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many must.
    pub threshold: usize,
    /// Keys that have.
    pub signed: Vec<wire::AdminKey>,
    /// Keys that have not.
    pub missing: Vec<wire::AdminKey>,
}

impl Tally {
    fn of(document: &wire::SignedDirectory, root: &wire::Root) -> Self {
        let ids: BTreeSet<KeyId> =
            document.signatures.iter().filter_map(|one| update::good_signer(&document.head, one, root)).collect();
        let has = |key: &wire::AdminKey| ids.iter().any(|id| id.as_bytes()[..] == key.key_id[..]);
        let (signed, missing) = root.admin_keys.iter().cloned().partition(has);
        Self { threshold: root.threshold as usize, signed, missing }
    }

    /// Whether enough have.
    pub fn is_enough(&self) -> bool {
        self.signed.len() >= self.threshold
    }
}

impl Proposal {
    /// Reads one that would follow what is installed or, where nothing is, be the first version of this trust file.
    pub fn read(
        document: &wire::SignedDirectory,
        trust: &Trust,
        installed: Option<&Directory>,
        now: Timestamp,
    ) -> Result<Self, DirectoryFault> {
        if document.head.len() > HEAD_BYTES_MAX || document.encoded_len() > DIRECTORY_BYTES_MAX {
            return Err(DirectoryFault::Size);
        }
        let trusted = installed.map_or_else(|| trust.signers.clone(), Directory::signers);
        let (head, next) = update::read_head(document, &trusted, &trust.network)?;
        every_signature_counts(document, &trusted, &next)?;
        match installed {
            Some(installed) if head.version <= installed.version() => return Err(DirectoryFault::Version),
            Some(installed) => update::chained(&head, &Place::of(installed))?,
            None if head.version == 1 && head.previous_head.is_empty() => {}
            None => return Err(DirectoryFault::Chain),
        }
        let newest_trusted = installed.map_or(Timestamp::default(), Directory::issued);
        update::dates(&head, newest_trusted, now.max(newest_trusted))?;
        update::whole(document, &head)?;
        let old = Tally::of(document, &trusted.root);
        let new = (next != trusted).then(|| Tally::of(document, &next.root));
        Ok(Self { document: document.clone(), head, old, new })
    }

    /// The version that it would be.
    pub fn version(&self) -> u64 {
        self.head.version
    }

    /// Its head.
    pub fn head(&self) -> &wire::Head {
        &self.head
    }

    /// SHA-256 of its head: by which two of one version are told apart.
    pub fn hash(&self) -> Digest {
        Digest::of(&self.document.head)
    }

    /// The document, with the signatures so far.
    pub fn document(&self) -> &wire::SignedDirectory {
        &self.document
    }

    /// How far the admins that are trusted now have signed.
    pub fn old(&self) -> &Tally {
        &self.old
    }

    /// How far those of the next root have, when it changes.
    pub fn new_root(&self) -> Option<&Tally> {
        self.new.as_ref()
    }

    /// Whether every machine would take it as it is.
    pub fn is_complete(&self) -> bool {
        self.old.is_enough() && self.new.as_ref().is_none_or(Tally::is_enough)
    }

    /// Whether this key has signed.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let id = KeyId::of(key.as_bytes());
        self.document.signatures.iter().any(|one| one.key_id[..] == id.as_bytes()[..])
    }

    /// Whether this key's signature would count.
    pub fn may_be_signed_by(&self, key: &PublicKey) -> bool {
        let all = [Some(&self.old), self.new.as_ref()];
        let mut keys = all.into_iter().flatten().flat_map(|tally| tally.signed.iter().chain(&tally.missing));
        keys.any(|one| one.key[..] == key.as_bytes()[..])
    }

    /// The signatures of both, of the same head: each key once.
    pub fn merged(&self, other: &Self) -> wire::SignedDirectory {
        let mut document = self.document.clone();
        for one in &other.document.signatures {
            if !document.signatures.iter().any(|known| known.key_id == one.key_id) {
                document.signatures.push(one.clone());
            }
        }
        document
    }
}

/// No signature is there for show: each is good, of a key of the old root or of the new one, once.
fn every_signature_counts(document: &wire::SignedDirectory, old: &Signers, new: &Signers) -> Result<(), DirectoryFault> {
    let mut seen = BTreeSet::new();
    for one in &document.signatures {
        let signer = [old, new].into_iter().find_map(|root| update::good_signer(&document.head, one, &root.root));
        if !signer.is_some_and(|signer| seen.insert(signer)) {
            return Err(DirectoryFault::Signatures);
        }
    }
    Ok(())
}

/// Signs a head.
pub fn sign_head(head: &Bytes, signer: &impl Signer) -> wire::Signature {
    let signed = sign::sign::<sign::HeadPurpose>(head.clone(), signer);
    wire::Signature { key_id: admin_key(&signer.public_key()).key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) }
}

/// A public key, as roots list it.
pub fn admin_key(key: &PublicKey) -> wire::AdminKey {
    let key_id = Bytes::copy_from_slice(KeyId::of(key.as_bytes()).as_bytes());
    wire::AdminKey { key_id, alg: 1, key: Bytes::copy_from_slice(key.as_bytes()) }
}

/// Why the offer of an admin key is not believed. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferFault {
    /// O-01.
    #[error("O-01: too large for the offer of a key, or not readable as one")]
    Unreadable,
    /// O-02.
    #[error("O-02: the offer speaks another version of the format")]
    Version,
    /// O-03.
    #[error("O-03: the key is none, or is not signed by itself")]
    Key,
    /// O-04.
    #[error("O-04: the key is offered to another network")]
    Network,
}

/// Offers a key to a network: a file without secrets.
pub fn offer(network: &NetworkId, signer: &impl Signer) -> Vec<u8> {
    let key = Some(admin_key(&signer.public_key()));
    let offer = wire::AdminKeyOffer { spec: 1, network: network.to_string(), key }.encode_to_vec();
    let signed = sign::sign::<AdminKeyPurpose>(offer, signer);
    let sig = Bytes::copy_from_slice(signed.signature());
    wire::SignedAdminKeyOffer { offer: signed.bytes().clone(), sig }.encode_to_vec()
}

/// The key that is offered to this network (O-01 to O-04).
pub fn offered(file: &[u8], network: &NetworkId) -> Result<wire::AdminKey, OfferFault> {
    if file.len() > OFFER_BYTES_MAX {
        return Err(OfferFault::Unreadable);
    }
    let signed = wire::SignedAdminKeyOffer::decode(file).map_err(|_| OfferFault::Unreadable)?;
    let offer = wire::AdminKeyOffer::decode(signed.offer.clone()).map_err(|_| OfferFault::Unreadable)?;
    if offer.spec != 1 {
        return Err(OfferFault::Version);
    }
    let key = offer.key.ok_or(OfferFault::Unreadable)?;
    let public = PublicKey::parse(&key.key).map_err(|_| OfferFault::Key)?;
    let signature = Unverified::<AdminKeyPurpose>::new(signed.offer, &signed.sig).map_err(|_| OfferFault::Key)?;
    signature.verify(&public).map_err(|_| OfferFault::Key)?;
    if key != admin_key(&public) {
        return Err(OfferFault::Key);
    }
    if offer.network == network.as_str() { Ok(key) } else { Err(OfferFault::Network) }
}

#[cfg(test)]
mod tests;
