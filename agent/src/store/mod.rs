//! What an office keeps on its disk: the journal of its desk, sealed case by case, the keys of its cases, its identity.
//!
//! A state folder is opened by one process, under one store key. Order at start: the lock, the keyring (a wrong key is
//! known before the journal is touched), the journal, its replay.
//!
//! Deliberately not here: queries and indexes (a desk fits in memory), attachments, backups, what a record does to a desk.

mod cipher;
pub mod committer;
mod entry;
mod fault;
pub mod identity;
mod journal;
mod keyring;
mod lock;
mod sealed_file;
#[cfg(test)]
mod tests;
pub mod unlock;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use raccordo_casework::record::Record;

pub use fault::StoreFault;
pub use journal::SledJournal;
pub use unlock::StoreKey;

use keyring::Keyring;
use lock::Lock;

/// A store that was opened.
pub struct Store {
    /// Where the desk's next records go. Holds the folder's lock while it lives.
    pub journal: SledJournal,
    /// Everything that was ever appended and is not erased, in order.
    pub records: Vec<Record>,
    /// Entries that replay has skipped because their case was erased.
    pub entries_erased: u64,
}

impl Store {
    /// Opens the store in `state_dir`, or makes it (the folder too, for its owner alone).
    ///
    /// Errors: `LOCKED_BY_ANOTHER` and `WRONG_KEY`, which leave everything as it was; `DAMAGED`, after which the folder is
    /// kept aside and a backup restored; `VERSION`, `NO_RANDOMNESS`, `IO`.
    pub fn open(state_dir: &Path, store_key: StoreKey) -> Result<Self, StoreFault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
        made.map_err(StoreFault::io("making", state_dir))?;
        let lock = Lock::take(state_dir)?;
        let keyring = match Keyring::open(state_dir, &store_key)? {
            // The identity is written only into a store that has opened: a journal was there, and is gone.
            Some(_) if !SledJournal::exists(state_dir) && identity::exists(state_dir) => {
                return Err(StoreFault::Damaged("journal.sled is missing"));
            }
            Some(keyring) => keyring,
            // The keyring is made first: a journal without one has lost it.
            None if SledJournal::exists(state_dir) => return Err(StoreFault::Damaged("keyring.bin is missing")),
            None => Keyring::create(state_dir, &store_key)?,
        };
        SledJournal::open(state_dir, keyring, lock)
    }
}
