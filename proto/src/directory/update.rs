//! Whether a document may follow the one trusted: every check in order, each with its rule, fail closed. Who may sign follows
//! from what is trusted too: a change of the admins' keys is signed by the old ones and by the new ones.
//!
//! Not here: Confirms (`confirm`), documents that are still being signed (`proposal`), what a person does about two documents
//! of one version that were both signed.

use std::collections::BTreeSet;

use bytes::Bytes;
use prost::Message as _;
use sha2::Digest as _;

use super::{Directory, DirectoryFault};
use crate::ids::{Digest, KeyId, NetworkId};
use crate::limits::{ADMIN_KEYS_MAX, DIRECTORY_BYTES_MAX, DIRECTORY_LIFE_MAX, HEAD_BYTES_MAX, LINKS_MAX, SKEW_MAX};
use crate::sign::{HeadPurpose, PublicKey, Purpose, Signed, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// Where a machine's chain of directories starts: what its trust file says.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The network.
    pub network: NetworkId,
    /// Who may sign its first head.
    pub signers: Signers,
}

impl Trust {
    /// Reads a trust file.
    pub fn read(bytes: &[u8]) -> Result<Self, DirectoryFault> {
        let file = wire::Trust::decode(bytes).map_err(|_| DirectoryFault::Unreadable)?;
        let network = NetworkId::parse(&file.network).map_err(|_| DirectoryFault::Network)?;
        let root = file.root.ok_or(DirectoryFault::Unreadable)?;
        if !can_sign(&root) {
            return Err(DirectoryFault::Signatures);
        }
        Ok(Self { network, signers: Signers { version: file.root_version, root } })
    }
}

/// A root, and how often it has changed: who may sign the next head.
#[derive(Clone, Debug, PartialEq)]
pub struct Signers {
    /// How often.
    pub version: u64,
    /// Who may sign, confirm and issue certificates.
    pub root: wire::Root,
}

impl Signers {
    /// The bytes of the trust file of this network that starts here.
    pub fn trust_file(&self, network: &NetworkId) -> Vec<u8> {
        let root = Some(self.root.clone());
        wire::Trust { network: network.to_string(), root_version: self.version, root }.encode_to_vec()
    }
}

/// Whether a root's threshold can be reached, by keys that are keys and stand once each.
pub fn can_sign(root: &wire::Root) -> bool {
    let keys: BTreeSet<&[u8]> = root.admin_keys.iter().filter(|key| is_key(key)).map(|key| &key.key[..]).collect();
    let all = root.admin_keys.len();
    keys.len() == all && all <= ADMIN_KEYS_MAX && root.threshold > 0 && root.threshold as usize <= all
}

fn is_key(key: &wire::AdminKey) -> bool {
    let parsed = PublicKey::parse(&key.key).ok();
    key.alg == 1 && parsed.is_some_and(|parsed| key.key_id[..] == KeyId::of(parsed.as_bytes()).as_bytes()[..])
}

/// Verifies `document` against the directory installed or, where there is none, the trust file. `links` are the signed heads
/// (with empty bodies) that lead from the installed one to this one, in order. After a fork the first of them is the other
/// head of the installed version, and a later one says that it supersedes the installed one (D-15).
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
    let head = match installed {
        Some(installed) => follows(links, document, &trust.network, installed)?,
        None => {
            let (head, _) = verified_head(document, &trust.signers, &trust.network)?;
            if !links.is_empty() {
                return Err(DirectoryFault::Chain);
            }
            head
        }
    };
    let newest_trusted = installed.map_or(Timestamp::default(), Directory::issued);
    dates(&head, newest_trusted, now.max(newest_trusted))?;
    whole(document, &head)
}

/// D-11 and D-13.
pub(super) fn whole(document: &wire::SignedDirectory, head: &wire::Head) -> Result<Directory, DirectoryFault> {
    if sha2::Sha512::digest(&document.body)[..] != head.body_hash[..] {
        return Err(DirectoryFault::BodyHash);
    }
    Directory::parse(document)
}

/// D-01 to D-05, and D-12: the checks that every head must pass, links included. Who may sign the one after it comes with it.
fn verified_head(
    document: &wire::SignedDirectory,
    trusted: &Signers,
    network: &NetworkId,
) -> Result<(wire::Head, Signers), DirectoryFault> {
    if document.head.len() > HEAD_BYTES_MAX {
        return Err(DirectoryFault::Size);
    }
    signed_by(document, &trusted.root)?;
    let (head, next) = read_head(document, trusted, network)?;
    if next != *trusted {
        signed_by(document, &next.root)?;
    }
    Ok((head, next))
}

/// D-02, D-04, D-05 and D-12: what a head says, whoever has signed it; and who may sign the one after it.
pub(super) fn read_head(
    document: &wire::SignedDirectory,
    trusted: &Signers,
    network: &NetworkId,
) -> Result<(wire::Head, Signers), DirectoryFault> {
    let head = wire::Head::decode(document.head.clone()).map_err(|_| DirectoryFault::Unreadable)?;
    if head.spec != 1 {
        return Err(DirectoryFault::Spec);
    }
    if head.network != network.as_str() {
        return Err(DirectoryFault::Network);
    }
    let next = Signers { version: head.root_version, root: head.root.clone().ok_or(DirectoryFault::RootChanged)? };
    if next != *trusted && (Some(next.version) != trusted.version.checked_add(1) || !can_sign(&next.root)) {
        return Err(DirectoryFault::RootChanged);
    }
    Ok((head, next))
}

/// D-03.
fn signed_by(document: &wire::SignedDirectory, root: &wire::Root) -> Result<(), DirectoryFault> {
    let signers: BTreeSet<KeyId> = document.signatures.iter().filter_map(|s| good_signer(&document.head, s, root)).collect();
    if signers.len() < root.threshold as usize { Err(DirectoryFault::Signatures) } else { Ok(()) }
}

/// The admin key that made this signature of a head.
pub(super) fn good_signer(head: &Bytes, signature: &wire::Signature, root: &wire::Root) -> Option<KeyId> {
    signed_by_one::<HeadPurpose>(head, signature, &root.admin_keys).map(|(_, signer)| signer)
}

/// What one of these keys has signed, and which; the key's own id is computed, never believed.
pub(crate) fn signed_by_one<'a, P: Purpose>(
    bytes: &Bytes,
    signature: &wire::Signature,
    keys: impl IntoIterator<Item = &'a wire::AdminKey>,
) -> Option<(Signed<P>, KeyId)> {
    let is_named = |key: &&wire::AdminKey| key.alg == 1 && signature.alg == 1 && key.key_id == signature.key_id;
    let key = PublicKey::parse(&keys.into_iter().find(is_named)?.key).ok()?;
    let signed = Unverified::new(bytes.clone(), &signature.sig).ok()?.verify(&key).ok()?;
    Some((signed, KeyId::of(key.as_bytes())))
}

/// A head that the walk has reached.
pub(super) struct Place {
    pub(super) version: u64,
    pub(super) hash: Digest,
    pub(super) signers: Signers,
}

impl Place {
    pub(super) fn of(directory: &Directory) -> Self {
        Self { version: directory.version(), hash: directory.head_hash(), signers: directory.signers() }
    }
}

/// D-06 to D-08, and D-15; the document's own head.
fn follows(
    links: &[wire::SignedDirectory],
    document: &wire::SignedDirectory,
    network: &NetworkId,
    installed: &Directory,
) -> Result<wire::Head, DirectoryFault> {
    let mut at = Place::of(installed);
    let mut forked = false;
    for (place, link) in links.iter().enumerate() {
        let hash = Digest::of(&link.head);
        if place == 0 && hash == installed.head_hash() {
            continue; // whoever asked from the version before has been given this one too
        }
        let (head, signers) = verified_head(link, &at.signers, network)?;
        if place == 0 && is_sibling(&head, hash, installed) {
            forked = true;
        } else {
            chained(&head, &at)?;
            forked &= !supersedes(&head, installed);
        }
        at = Place { version: head.version, hash, signers };
    }
    let (head, _) = verified_head(document, &at.signers, network)?;
    if head.version < installed.version() {
        return Err(DirectoryFault::Version);
    }
    if head.version == installed.version() {
        let same = Digest::of(&document.head) == installed.head_hash();
        return Err(if same { DirectoryFault::Version } else { DirectoryFault::Equivocation });
    }
    chained(&head, &at)?;
    if forked && !supersedes(&head, installed) { Err(DirectoryFault::Forked) } else { Ok(head) }
}

/// Another head of the installed version, after the same one.
fn is_sibling(head: &wire::Head, hash: Digest, installed: &Directory) -> bool {
    head.version == installed.version() && hash != installed.head_hash() && head.previous_head[..] == *installed.previous_head()
}

fn supersedes(head: &wire::Head, installed: &Directory) -> bool {
    head.supersedes.iter().any(|hash| hash[..] == installed.head_hash().as_bytes()[..])
}

pub(super) fn chained(next: &wire::Head, at: &Place) -> Result<(), DirectoryFault> {
    let is_next = Some(next.version) == at.version.checked_add(1) && next.previous_head[..] == at.hash.as_bytes()[..];
    if is_next { Ok(()) } else { Err(DirectoryFault::Chain) }
}

/// D-09 and D-10. An expired document is still taken: expiry degrades, it never locks out (D-14).
pub(super) fn dates(head: &wire::Head, newest_trusted: Timestamp, now: Timestamp) -> Result<(), DirectoryFault> {
    let (issued, expires) = (Timestamp::from_millis(head.issued), Timestamp::from_millis(head.expires));
    if issued < newest_trusted || issued > now.plus(SKEW_MAX) {
        return Err(DirectoryFault::Issued);
    }
    if expires <= issued || expires > issued.plus(DIRECTORY_LIFE_MAX) {
        return Err(DirectoryFault::Expires);
    }
    Ok(())
}
