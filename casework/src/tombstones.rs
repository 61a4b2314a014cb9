//! What is left of erased cases: keyed hashes of the ids of the case and of its letters and threads, by which a letter that
//! comes again is known, and by which a restored backup is kept from bringing one back. They name nothing and nobody.
//!
//! A store carves under the key of its newest tombstones, and draws one when it has none: an id is then hashed once, however
//! many cases were erased. The key lies beside the hashes, so one for each case would hide nothing more. Tombstones with keys
//! of their own, as they were first written, are read like the others, at a hash for each.
//!
//! Not here: the erasure itself (`desk`, and the journal's).

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit as _, Mac as _};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{CaseId, LetterId, ThreadId};
use sha2::Sha256;

use crate::wire::CaseErased;

const TOMBSTONE_BYTES: usize = 16;

type Hash = [u8; TOMBSTONE_BYTES];

type Key = [u8; 32];

/// The key of an erased case's tombstones. One of another length is no key, and its hashes name nothing.
fn key_of(erased: &CaseErased) -> Option<Key> {
    erased.key[..].try_into().ok()
}

/// Of all erased cases, by key.
#[derive(Clone, Default, PartialEq)]
pub struct Tombstones(BTreeMap<Key, BTreeSet<Hash>>);

impl Tombstones {
    /// Those of these records.
    pub(crate) fn of<'a>(erased: impl Iterator<Item = &'a CaseErased>) -> Self {
        let mut all = Self::default();
        erased.for_each(|erased| all.add(erased));
        all
    }

    /// Takes note of an erased case. A hash of another length names nothing.
    pub(crate) fn add(&mut self, erased: &CaseErased) {
        let hashes = erased.tombstones.iter().filter_map(|hash| Hash::try_from(hash.as_slice()).ok());
        key_of(erased).iter().for_each(|key| self.0.entry(*key).or_default().extend(hashes.clone()));
    }

    /// Whether nothing was erased.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is an erased case, or a letter or thread of one.
    pub(crate) fn have(&self, id: &[u8; 16]) -> bool {
        self.0.iter().any(|(key, hashes)| hashes.contains(&hash(key, id)))
    }
}

/// The cases of a desk by their hash under one key, the newest: which of them a tombstone means.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct HashedCases {
    /// None before the first.
    key: Option<Key>,
    cases: BTreeMap<Hash, CaseId>,
}

impl HashedCases {
    /// The tombstones of one case; under the newest key, or under this one if there is none.
    pub(crate) fn carve(
        &self,
        new_key: Key,
        case: CaseId,
        letters: impl Iterator<Item = LetterId>,
        threads: impl Iterator<Item = ThreadId>,
        until: Timestamp,
    ) -> CaseErased {
        let key = self.key.unwrap_or(new_key);
        let ids = letters.map(|id| *id.as_bytes()).chain(threads.map(|id| *id.as_bytes()));
        let tombstones = ids.chain([*case.as_bytes()]).map(|id| hash(&key, &id).to_vec()).collect();
        CaseErased { key: key.to_vec(), tombstones, until: until.as_millis() }
    }

    /// The case that was erased, if it is there; what is there is only asked for when the key is another one than before.
    pub(crate) fn take(&mut self, erased: &CaseErased, there: impl Iterator<Item = CaseId>) -> Option<CaseId> {
        let key = key_of(erased)?;
        if self.key != Some(key) {
            *self = Self { cases: there.map(|case| (hash(&key, case.as_bytes()), case)).collect(), key: Some(key) };
        }
        erased.tombstones.iter().find_map(|hash| self.cases.remove(hash.as_slice()))
    }

    /// Another case is there.
    pub(crate) fn add(&mut self, case: CaseId) {
        if let Some(key) = &self.key {
            self.cases.insert(hash(key, case.as_bytes()), case);
        }
    }
}

fn hash(key: &Key, id: &[u8; 16]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(id);
    let whole = mac.finalize().into_bytes();
    std::array::from_fn(|at| whole[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn case(number: u8) -> CaseId {
        CaseId::new([number; 16])
    }

    fn carve(hashed: &HashedCases, new_key: u8, number: u8) -> CaseErased {
        let letters = [LetterId::new([number + 100; 16])].into_iter();
        let threads = [ThreadId::new([number + 200; 16])].into_iter();
        hashed.carve([new_key; 32], case(number), letters, threads, Timestamp::from_millis(1))
    }

    #[test]
    fn b_06_one_key_serves_every_erasure_and_older_ones_are_still_read() {
        let mut hashed = HashedCases::default();
        hashed.add(case(1));
        // As before there was one key for all: each its own.
        let own = [carve(&hashed, 11, 1), carve(&hashed, 12, 2)];
        assert_eq!(hashed.take(&own[0], [case(1), case(3)].into_iter()), Some(case(1)));
        assert_eq!(hashed.take(&own[1], [case(3)].into_iter()), None, "not there any more");
        // A case that came later is known too, and is carved under the key that is there.
        hashed.add(case(4));
        let next = [carve(&hashed, 13, 3), carve(&hashed, 14, 4)];
        assert!(next.iter().all(|erased| erased.key == own[1].key));
        assert_eq!(hashed.take(&next[1], std::iter::empty()), Some(case(4)));
        assert_eq!(hashed.take(&next[0], std::iter::empty()), Some(case(3)));
        assert_eq!(hashed.take(&next[0], std::iter::empty()), None, "once");

        let stones = Tombstones::of(own.iter().chain(&next));
        for number in 1..=4 {
            assert!([number, number + 100, number + 200].iter().all(|id| stones.have(&[*id; 16])), "{number}");
        }
        assert!(!stones.have(&[5; 16]) && !Tombstones::default().have(&[1; 16]));
        for length in [0, 31, 33] {
            let no_key = CaseErased { key: vec![0; length], ..own[0].clone() };
            assert_eq!(HashedCases::default().take(&no_key, [case(1)].into_iter()), None);
            assert!(Tombstones::of([&no_key].into_iter()) == Tombstones::default());
        }
    }
}
