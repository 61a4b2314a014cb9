//! Whether a document may follow the one trusted: every check in order, each with its rule, fail closed.
//!
//! Not here yet: rotation of the admins' keys (D-04 refuses it) and the healing of a fork by `supersedes` (D-07 refuses a
//! fork).

use std::collections::BTreeSet;

use prost::Message as _;
use sha2::Digest as _;

use super::{Directory, DirectoryFault};
use crate::ids::{Digest, KeyId, NetworkId};
use crate::limits::{DIRECTORY_BYTES_MAX, DIRECTORY_LIFE_MAX, HEAD_BYTES_MAX, LINKS_MAX, SKEW_MAX};
use crate::sign::{HeadPurpose, PublicKey, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// Where a machine's chain of directories starts: what its trust file says.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The network.
    pub network: NetworkId,
    root_version: u64,
    root: wire::Root,
}

impl Trust {
    /// Reads a trust file.
    pub fn read(bytes: &[u8]) -> Result<Self, DirectoryFault> {
        let file = wire::Trust::decode(bytes).map_err(|_| DirectoryFault::Unreadable)?;
        let network = NetworkId::parse(&file.network).map_err(|_| DirectoryFault::Network)?;
        let root = file.root.ok_or(DirectoryFault::Unreadable)?;
        if root.threshold == 0 || (root.threshold as usize) > root.admin_keys.len() {
            return Err(DirectoryFault::Signatures);
        }
        Ok(Self { network, root_version: file.root_version, root })
    }
}

/// Verifies `document` against the trust file and, where there is one, the directory installed. `links` are the signed
/// heads (with empty bodies) that lead from the installed one to this one, in order.
pub fn verify(
    links: &[wire::SignedDirectory],
    document: &wire::SignedDirectory,
    trust: &Trust,
    installed: Option<&Directory>,
    now: Timestamp,
) -> Result<Directory, DirectoryFault> {
    if document.head.len() > HEAD_BYTES_MAX || document.encoded_len() > DIRECTORY_BYTES_MAX || links.len() > LINKS_MAX {
        return Err(DirectoryFault::Size);
    }
    let head = verified_head(document, trust)?;
    match installed {
        Some(installed) => follows(links, &head, document, trust, installed)?,
        None if links.is_empty() => {}
        None => return Err(DirectoryFault::Chain),
    }
    let newest_trusted = installed.map_or(Timestamp::default(), Directory::issued);
    dates(&head, newest_trusted, now.max(newest_trusted))?;
    if sha2::Sha512::digest(&document.body)[..] != head.body_hash[..] {
        return Err(DirectoryFault::BodyHash);
    }
    Directory::parse(document)
}

/// D-01 to D-05, and D-12: the checks that every head must pass, links included.
fn verified_head(document: &wire::SignedDirectory, trust: &Trust) -> Result<wire::Head, DirectoryFault> {
    if document.head.len() > HEAD_BYTES_MAX {
        return Err(DirectoryFault::Size);
    }
    let signers: BTreeSet<KeyId> =
        document.signatures.iter().filter_map(|s| good_signer(&document.head, s, &trust.root)).collect();
    if signers.len() < trust.root.threshold as usize {
        return Err(DirectoryFault::Signatures);
    }
    let head = wire::Head::decode(document.head.clone()).map_err(|_| DirectoryFault::Unreadable)?;
    if head.spec != 1 {
        return Err(DirectoryFault::Spec);
    }
    if head.network != trust.network.as_str() {
        return Err(DirectoryFault::Network);
    }
    if head.root_version != trust.root_version || head.root.as_ref() != Some(&trust.root) {
        return Err(DirectoryFault::RootChanged);
    }
    Ok(head)
}

/// The admin key that made this signature; the key's own id is computed, never believed.
fn good_signer(head: &bytes::Bytes, signature: &wire::Signature, root: &wire::Root) -> Option<KeyId> {
    let named = root.admin_keys.iter().find(|key| key.alg == 1 && signature.alg == 1 && key.key_id == signature.key_id)?;
    let key = PublicKey::parse(&named.key).ok()?;
    Unverified::<HeadPurpose>::new(head.clone(), &signature.sig).ok()?.verify(&key).ok()?;
    Some(KeyId::of(key.as_bytes()))
}

/// D-06 to D-08.
fn follows(
    links: &[wire::SignedDirectory],
    head: &wire::Head,
    document: &wire::SignedDirectory,
    trust: &Trust,
    installed: &Directory,
) -> Result<(), DirectoryFault> {
    if head.version < installed.version() {
        return Err(DirectoryFault::Version);
    }
    if head.version == installed.version() {
        let same = Digest::of(&document.head) == installed.head_hash();
        return Err(if same { DirectoryFault::Version } else { DirectoryFault::Equivocation });
    }
    let (mut version, mut hash) = (installed.version(), installed.head_hash());
    for link in links {
        let next = verified_head(link, trust)?;
        chained(&next, version, hash)?;
        (version, hash) = (next.version, Digest::of(&link.head));
    }
    chained(head, version, hash)
}

fn chained(next: &wire::Head, version: u64, hash: Digest) -> Result<(), DirectoryFault> {
    let is_next = Some(next.version) == version.checked_add(1) && next.previous_head[..] == hash.as_bytes()[..];
    if is_next { Ok(()) } else { Err(DirectoryFault::Chain) }
}

/// D-09 and D-10. An expired document is still taken: expiry degrades, it never locks out (D-14).
fn dates(head: &wire::Head, newest_trusted: Timestamp, now: Timestamp) -> Result<(), DirectoryFault> {
    let (issued, expires) = (Timestamp::from_millis(head.issued), Timestamp::from_millis(head.expires));
    if issued < newest_trusted || issued > now.plus(SKEW_MAX) {
        return Err(DirectoryFault::Issued);
    }
    if expires <= issued || expires > issued.plus(DIRECTORY_LIFE_MAX) {
        return Err(DirectoryFault::Expires);
    }
    Ok(())
}
