//! `keyring.bin`: the keys of cases, in numbered slots, outside the journal because the journal's engine keeps removed
//! bytes. 256 slots are made and durable before any of them is named; a case's erasure is a rewrite without its key.
//!
//! Not here: which case has which slot. The journal says that, so that this file names no case.
//!
//! Plain text: `slots made (u32) ‖ { slot (u32) ‖ key(32) } *`, in order; a slot that was made and is not there is erased.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_atrest::cipher::{KEY_BYTES, Secret};
use raccordo_atrest::file::Kind;
use zeroize::Zeroizing;

use super::disk::{Disk, Sync};
use super::fault::StoreFault;
use super::sealed_file;
use super::unlock::StoreKey;

/// Slots made at a time.
pub(super) const SLOTS_MADE_AT_A_TIME: u32 = 256;
/// The slot that is no case's: the store key.
pub(super) const STORE_SLOT: u32 = 0;

const FILE: Kind = Kind { name: "keyring.bin", byte: b'k', domain: b"raccordo/store/v1/keyring\0" };
const SLOT_BYTES: usize = 4 + KEY_BYTES;

/// Where it is.
pub(super) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE.name)
}

/// What is in a slot.
pub(super) enum Slot<'a> {
    /// This key.
    Live(&'a Secret),
    /// Nothing any more, on purpose.
    Erased,
    /// It was never made: nothing can be sealed under it.
    NeverMade,
}

/// The keys, as they are on disk.
pub(super) struct Keyring {
    state_dir: PathBuf,
    store_key: StoreKey,
    disk: Arc<dyn Disk>,
    made: u32,
    keys: BTreeMap<u32, Secret>,
}

impl Keyring {
    /// Reads the file; `None` if there is none. Errors: `WRONG_KEY`, `DAMAGED`, `VERSION`, `IO`.
    pub(super) fn open(state_dir: &Path, store_key: &StoreKey, disk: Arc<dyn Disk>) -> Result<Option<Self>, StoreFault> {
        let Some(plain) = sealed_file::read(state_dir, FILE, store_key)? else { return Ok(None) };
        let (made, keys) = parse(&plain).ok_or(StoreFault::Damaged(FILE.name))?;
        Ok(Some(Self { state_dir: state_dir.into(), store_key: store_key.clone(), disk, made, keys }))
    }

    /// A new one, durable, with its first slots.
    pub(super) fn create(state_dir: &Path, store_key: &StoreKey, disk: Arc<dyn Disk>) -> Result<Self, StoreFault> {
        let (state_dir, store_key) = (state_dir.into(), store_key.clone());
        let mut keyring = Self { state_dir, store_key, disk, made: 0, keys: BTreeMap::new() };
        keyring.grow()?;
        Ok(keyring)
    }

    /// What is in this slot.
    pub(super) fn slot(&self, slot: u32) -> Slot<'_> {
        match self.keys.get(&slot) {
            _ if slot == STORE_SLOT => Slot::Live(self.store_key.secret()),
            Some(key) => Slot::Live(key),
            None if slot <= self.made => Slot::Erased,
            None => Slot::NeverMade,
        }
    }

    /// The highest erased slot; 0 if none is. A slot is never used twice.
    pub(super) fn highest_erased(&self) -> u32 {
        (1..=self.made).rev().find(|slot| !self.keys.contains_key(slot)).unwrap_or(0)
    }

    /// Makes 256 slots more; they may be named once this has returned.
    pub(super) fn grow(&mut self) -> Result<(), StoreFault> {
        self.make()?;
        self.save()
    }

    #[cfg(test)]
    pub(super) fn grow_often(&mut self, times: u32) -> Result<(), StoreFault> {
        (0..times).try_for_each(|_| self.make())?;
        self.save()
    }

    /// Every key, that of the store too.
    #[cfg(test)]
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &Secret> {
        self.keys.values().chain([self.store_key.secret()])
    }

    fn make(&mut self) -> Result<(), StoreFault> {
        let made = self.made.checked_add(SLOTS_MADE_AT_A_TIME).ok_or(StoreFault::TooLarge)?;
        for slot in self.made + 1..=made {
            self.keys.insert(slot, Secret::random().map_err(StoreFault::at_rest(FILE.name))?);
        }
        self.made = made;
        Ok(())
    }

    /// Makes 256 slots more and erases the first of them, in one write: no slot that was there before is ever used again,
    /// since a slot below an erased one is not.
    pub(super) fn begin_anew(&mut self) -> Result<(), StoreFault> {
        let mark = self.made.checked_add(1).ok_or(StoreFault::TooLarge)?;
        self.make()?;
        self.keys.remove(&mark);
        self.save()
    }

    /// Rewrites the file without this key; what was sealed under it is unreadable once this has returned.
    pub(super) fn erase(&mut self, slot: u32) -> Result<(), StoreFault> {
        self.keys.remove(&slot);
        self.save()
    }

    fn save(&self) -> Result<(), StoreFault> {
        // Reserved whole: a buffer that grows leaves copies of keys behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(4 + self.keys.len() * SLOT_BYTES));
        plain.extend_from_slice(&self.made.to_be_bytes());
        for (slot, key) in &self.keys {
            plain.extend_from_slice(&slot.to_be_bytes());
            plain.extend_from_slice(key.bytes());
        }
        self.disk.sync(Sync::Keyring, &mut || sealed_file::write(&self.state_dir, FILE, &self.store_key, &plain))
    }
}

fn parse(plain: &[u8]) -> Option<(u32, BTreeMap<u32, Secret>)> {
    let (made, mut rest) = plain.split_first_chunk::<4>()?;
    let made = u32::from_be_bytes(*made);
    let mut keys = BTreeMap::new();
    while !rest.is_empty() {
        let (slot, tail) = rest.split_first_chunk::<4>()?;
        let (key, tail) = tail.split_first_chunk::<KEY_BYTES>()?;
        let slot = u32::from_be_bytes(*slot);
        let fits = slot != STORE_SLOT && slot <= made && keys.insert(slot, Secret::copy_of(key)).is_none();
        if !fits {
            return None;
        }
        rest = tail;
    }
    Some((made, keys))
}
