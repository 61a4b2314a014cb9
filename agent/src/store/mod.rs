//! What an office keeps on its disk: the journal of its desk, sealed case by case, the keys of its cases, its identity.
//!
//! A state folder is opened by one process, under one store key. Order at start: the lock, the keyring (a wrong key is
//! known before the journal is touched), the anchor, the journal, its replay; and the replay must pass through the anchor.
//!
//! Deliberately not here: queries and indexes (a desk fits in memory), attachments, what a backup's file looks like, what a
//! record does to a desk.

mod anchor;
pub mod committer;
pub mod disk;
mod entry;
mod fault;
pub mod identity;
mod journal;
mod keyring;
mod lock;
mod quarantine;
mod restore;
mod sealed_file;
#[cfg(test)]
pub(crate) mod tests;
pub mod unlock;
mod unlock_file;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_casework::record::Record;
use raccordo_casework::restore as restore_rules;

pub use fault::StoreFault;
pub use journal::SledJournal;
pub use restore::{Aside, Identity, Restored};
pub use unlock::{StoreKey, Unlocked};

use anchor::{Anchor, Point};
use disk::{Disk, RealDisk};
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
    /// Errors: `LOCKED_BY_ANOTHER` and `WRONG_KEY`, which leave everything as it was; `DAMAGED`, `ROLLED_BACK` and `ANCHOR`,
    /// after which the journal is set aside ([`Store::quarantine`]) and a backup restored; `VERSION`, `NO_RANDOMNESS`, `IO`.
    pub fn open(state_dir: &Path, store_key: StoreKey) -> Result<Self, StoreFault> {
        Self::open_on(Arc::new(RealDisk), state_dir, store_key)
    }

    /// Whether `state_dir` has a journal, whatever its state.
    pub fn has_journal(state_dir: &Path) -> bool {
        SledJournal::folder(state_dir).exists() || state_dir.join(anchor::NAME).exists()
    }

    /// Whether anything in `state_dir` was sealed under a store key.
    pub fn has_begun(state_dir: &Path) -> bool {
        Self::has_journal(state_dir) || keyring::path(state_dir).exists() || identity::path(state_dir).exists()
    }

    /// Ends the erasures that a crash has left between their record and the keyring: before anything else happens, so that
    /// no desk is replayed from a case that is erased. Answers how many there were.
    ///
    /// Errors: `READ_ONLY`, `IO`, `NO_RANDOMNESS`.
    pub fn end_erasures(&mut self) -> Result<usize, StoreFault> {
        let erased = restore_rules::erased_cases(&self.records);
        if erased.is_empty() {
            return Ok(0);
        }
        for case in &erased {
            self.journal.erase_key(case)?;
        }
        let live = self.records.len();
        self.records.retain(|record| record.case().is_none_or(|case| !erased.contains(&case)));
        self.entries_erased += (live - self.records.len()) as u64;
        Ok(erased.len())
    }

    /// Sets a refused journal and its anchor aside, in a new folder `quarantine-<n>` of `state_dir`, whose path it gives.
    ///
    /// The keyring stays: what was erased since the backup is known to nothing else, and a copy of keys would outlive the next
    /// erasure. Until a backup is restored the folder is then refused as `ANCHOR`: no agent begins anew without a word.
    /// Errors: `LOCKED_BY_ANOTHER`, `IO`; one that was interrupted may be done again.
    pub fn quarantine(state_dir: &Path) -> Result<PathBuf, StoreFault> {
        let _lock = Lock::take(state_dir)?;
        quarantine::set_aside(&RealDisk, state_dir, &Self::journal_paths(state_dir))
    }

    /// What is set aside of a journal, in this order.
    fn journal_paths(state_dir: &Path) -> [PathBuf; 2] {
        [SledJournal::folder(state_dir), state_dir.join(anchor::NAME)]
    }

    /// The same, on a disk that may fail when a test says so.
    pub fn open_on(disk: Arc<dyn Disk>, state_dir: &Path, store_key: StoreKey) -> Result<Self, StoreFault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
        made.map_err(StoreFault::io("making", state_dir))?;
        let lock = Lock::take(state_dir)?;
        let (keyring, anchor) = keys_and_anchor(&disk, state_dir, &store_key)?;
        SledJournal::open(state_dir, Parts { keyring, anchor, disk, lock })
    }
}

/// What a journal is opened with.
struct Parts {
    keyring: Keyring,
    anchor: Anchor,
    disk: Arc<dyn Disk>,
    lock: Lock,
}

/// Both are made before the journal, and the anchor before the keyring: what is missing later has been lost.
fn keys_and_anchor(disk: &Arc<dyn Disk>, state_dir: &Path, key: &StoreKey) -> Result<(Keyring, Anchor), StoreFault> {
    let keyring = Keyring::open(state_dir, key, disk.clone())?;
    let begun = SledJournal::exists(state_dir);
    let anchor = match Anchor::open(state_dir, key, disk.clone())? {
        Some(anchor) => anchor,
        None if keyring.is_some() || begun || identity::path(state_dir).exists() => {
            return Err(StoreFault::Anchor("anchor.bin is missing"));
        }
        None if restore::was_interrupted(state_dir) => return Err(restore::interrupted()),
        None => Anchor::create(state_dir, key, disk.clone())?,
    };
    let keyring = match keyring {
        Some(keyring) => keyring,
        None if begun || anchor.seq() > 0 => return Err(StoreFault::Damaged("keyring.bin is missing")),
        None => Keyring::create(state_dir, key, disk.clone())?,
    };
    if begun { Ok((keyring, anchor)) } else { anchor.reached(Point::START).map(|()| (keyring, anchor)) }
}
