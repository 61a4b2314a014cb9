//! The document of the next version, before anybody has signed it.
//!
//! Not here: what it consists of (`Roster`), signatures, whether anybody would take it (`raccordo_proto::directory`).

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::directory::Directory;
use raccordo_proto::directory::update::Signers;
use raccordo_proto::ids::{Digest, NetworkId};
use raccordo_proto::wire;
use sha2::Digest as _;

use super::Dates;

/// What a head says beside its body.
pub struct Next<'a> {
    /// Whose directory it is.
    pub network: &'a NetworkId,
    /// What it follows; nothing, for the first.
    pub previous: Option<&'a Directory>,
    /// Who may sign what comes after.
    pub signers: Signers,
    /// Heads that a fork's healing leaves behind.
    pub supersedes: Vec<Digest>,
    /// When it is signed and ends.
    pub dates: Dates,
}

impl Next<'_> {
    /// With this body, and no signature.
    pub fn document(self, body: &wire::Body) -> wire::SignedDirectory {
        let body = Bytes::from(body.encode_to_vec());
        let copied = |hash: &Digest| Bytes::copy_from_slice(hash.as_bytes());
        let head = wire::Head {
            spec: 1,
            network: self.network.as_str().to_owned(),
            version: self.previous.map_or(0, Directory::version).saturating_add(1),
            root_version: self.signers.version,
            issued: self.dates.issued.as_millis(),
            expires: self.dates.expires.as_millis(),
            previous_head: self.previous.map(|previous| copied(&previous.head_hash())).unwrap_or_default(),
            body_hash: Bytes::copy_from_slice(&sha2::Sha512::digest(&body)),
            root: Some(self.signers.root),
            supersedes: self.supersedes.iter().map(copied).collect(),
        };
        wire::SignedDirectory { head: head.encode_to_vec().into(), signatures: Vec::new(), body }
    }
}
