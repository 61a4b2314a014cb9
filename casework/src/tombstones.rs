//! What is left of erased cases: keyed hashes of the ids of the case and of its letters and threads, by which a letter that
//! comes again is known, and by which a restored backup is kept from bringing one back. They name nothing and nobody.
//!
//! Not here: the erasure itself (`desk`, and the journal's).

use hmac::{Hmac, KeyInit as _, Mac as _};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{CaseId, LetterId, ThreadId};
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
        case: CaseId,
        letters: impl Iterator<Item = LetterId>,
        threads: impl Iterator<Item = ThreadId>,
        until: Timestamp,
    ) -> CaseErased {
        let ids = letters.map(|id| *id.as_bytes()).chain(threads.map(|id| *id.as_bytes()));
        let tombstones = ids.chain([*case.as_bytes()]).map(|id| hash(&key, &id)).collect();
        CaseErased { key: key.to_vec(), tombstones, until: until.as_millis() }
    }

    /// Takes note of an erased case.
    pub(crate) fn add(&mut self, erased: &CaseErased) {
        if !self.0.contains(erased) {
            self.0.push(erased.clone());
        }
    }

    /// Whether this is an erased case, or a letter or thread of one.
    pub(crate) fn have(&self, id: &[u8; 16]) -> bool {
        self.0.iter().any(|erased| names(erased, id))
    }
}

/// Whether this is that erased case, or a letter or thread that it had.
pub(crate) fn names(erased: &CaseErased, id: &[u8; 16]) -> bool {
    erased.tombstones.contains(&hash(&erased.key, id))
}

fn hash(key: &[u8], id: &[u8; 16]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(id);
    mac.finalize().into_bytes()[..TOMBSTONE_BYTES].to_vec()
}
