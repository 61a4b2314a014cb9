//! What is left of erased cases: keyed hashes of the ids of their letters and threads, by which a letter that comes again is
//! known, and by which a restored backup is kept from bringing one back. They name nothing and nobody.
//!
//! Not here: the erasure itself (`desk`, and the journal's).

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit as _, Mac as _};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{LetterId, ThreadId};
use sha2::Sha256;

use crate::wire::CaseErased;

const TOMBSTONE_BYTES: usize = 16;

/// Of all erased cases.
#[derive(Clone, Default, PartialEq)]
pub struct Tombstones(Vec<CaseErased>);

impl Tombstones {
    /// The tombstones of one case.
    pub(crate) fn carve(
        key: [u8; 32],
        letters: &BTreeSet<LetterId>,
        threads: &BTreeSet<ThreadId>,
        until: Timestamp,
    ) -> CaseErased {
        let letters = letters.iter().map(|id| hash(&key, id.as_bytes()));
        let tombstones = letters.chain(threads.iter().map(|id| hash(&key, id.as_bytes()))).collect();
        CaseErased { key: key.to_vec(), tombstones, until: until.as_millis() }
    }

    /// Takes note of an erased case.
    pub(crate) fn add(&mut self, erased: &CaseErased) {
        if !self.0.contains(erased) {
            self.0.push(erased.clone());
        }
    }

    /// Whether a letter or a thread was of an erased case.
    pub(crate) fn have(&self, id: &[u8; 16]) -> bool {
        self.0.iter().any(|erased| names(erased, id))
    }

    /// All of them, to be exported.
    pub fn all(&self) -> &[CaseErased] {
        &self.0
    }
}

/// Whether one erased case had this letter or thread.
pub(crate) fn names(erased: &CaseErased, id: &[u8; 16]) -> bool {
    erased.tombstones.contains(&hash(&erased.key, id))
}

fn hash(key: &[u8], id: &[u8; 16]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(id);
    mac.finalize().into_bytes()[..TOMBSTONE_BYTES].to_vec()
}
