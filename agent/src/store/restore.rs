//! A journal from a backup's records, in a folder that has none. The anchor is the last thing that gets its name: until then
//! the folder is refused as `ANCHOR`, so that nothing half restored is ever opened; from then on it is whole.
//!
//! The keyring that is here stays, and its slots are never used again: a journal that was set aside names them. Not here:
//! which records, and what a backup's file looks like (`crate::restore`).

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_casework::record::{Journal as _, Record};
use zeroize::Zeroizing;

use super::anchor::{self, Anchor};
use super::cipher::KEY_BYTES;
use super::disk::{Disk, RealDisk, Sync};
use super::fault::StoreFault;
use super::journal::SledJournal;
use super::keyring::Keyring;
use super::lock::Lock;
use super::sealed_file::sync_dir;
use super::unlock::StoreKey;
use super::{Parts, Store, identity};

/// Where the journal grows before it has its name.
const GROWING: &str = "restoring";
/// Records of one append: memory, and the engine's batches, stay small.
const RECORDS_AT_A_TIME: usize = 256;

/// Which identity key the restored office has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The one that was here.
    Kept,
    /// The backup's.
    FromBackup,
    /// None: it enrols again.
    None,
}

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// Which identity.
    pub identity: Identity,
    /// Where the journal is that was here before.
    pub aside: Option<PathBuf>,
}

/// What goes into the folder.
pub(super) struct Plan<'a> {
    /// The journal.
    pub(super) records: &'a [Record],
    /// The identity's seed, if the backup has one.
    pub(super) seed: Option<Zeroizing<[u8; KEY_BYTES]>>,
    /// Whether a journal that is here may be set aside.
    pub(super) set_aside: bool,
}

impl Store {
    /// Writes a journal of these records into `state_dir`, which has none, or whose journal is set aside first.
    ///
    /// Errors: `LOCKED_BY_ANOTHER`, `WRONG_KEY`, `JOURNAL_THERE` (without `set_aside`), `DAMAGED`, `VERSION`, which leave
    /// everything as it was; `IO` and `NO_RANDOMNESS`, after which the folder is refused and the restore may be done again.
    pub fn restore(
        state_dir: &Path,
        store_key: &StoreKey,
        records: &[Record],
        seed: Option<Zeroizing<[u8; KEY_BYTES]>>,
        set_aside: bool,
    ) -> Result<Restored, StoreFault> {
        restore_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), state_dir, store_key, Plan { records, seed, set_aside })
    }
}

pub(super) fn restore_on(disk: &Arc<dyn Disk>, state_dir: &Path, key: &StoreKey, plan: Plan<'_>) -> Result<Restored, StoreFault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
    made.map_err(StoreFault::io("making", state_dir))?;
    let lock = Lock::take(state_dir)?;
    let keyring = Keyring::open(state_dir, key, disk.clone())?;
    let has_identity = identity::load(state_dir, key)?.is_some();
    let has_journal = Store::has_journal(state_dir);
    if has_journal && !plan.set_aside {
        return Err(StoreFault::JournalThere(state_dir.into()));
    }
    let aside = has_journal.then(|| Store::set_aside(state_dir)).transpose()?;
    let keyring = match keyring {
        Some(mut keyring) => keyring.begin_anew().map(|()| keyring)?,
        None => Keyring::create(state_dir, key, disk.clone())?,
    };
    let growing = state_dir.join(GROWING);
    grow(disk, &growing, keyring, key, plan.records)?;
    let identity = match (has_identity, &plan.seed) {
        (true, _) => Identity::Kept,
        (false, Some(seed)) => {
            disk.sync(Sync::Restore, &mut || identity::install(state_dir, key, seed))?;
            Identity::FromBackup
        }
        (false, None) => Identity::None,
    };
    for (grown, name) in [(SledJournal::folder(&growing), SledJournal::folder(state_dir)), named_anchor(&growing, state_dir)] {
        let rename = &mut || {
            let renamed = fs::rename(&grown, &name).and_then(|()| sync_dir(state_dir));
            renamed.map_err(StoreFault::io("naming", &name))
        };
        disk.sync(Sync::Restore, rename)?;
    }
    // It is whole: what may be left of the other folder is its empty self.
    let _left = fs::remove_dir_all(&growing);
    drop(lock);
    Ok(Restored { identity, aside })
}

fn named_anchor(growing: &Path, state_dir: &Path) -> (PathBuf, PathBuf) {
    (growing.join(anchor::NAME), state_dir.join(anchor::NAME))
}

/// A journal with its anchor, whole, durable, closed and read once more, in a folder of its own.
fn grow(disk: &Arc<dyn Disk>, dir: &Path, keyring: Keyring, key: &StoreKey, records: &[Record]) -> Result<(), StoreFault> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(StoreFault::io("removing", dir))?;
    }
    DirBuilder::new().mode(0o700).create(dir).map_err(StoreFault::io("making", dir))?;
    let (lock, anchor) = (Lock::take(dir)?, Anchor::create(dir, key, disk.clone())?);
    let Store { mut journal, .. } = SledJournal::open(dir, Parts { keyring, anchor, disk: disk.clone(), lock })?;
    for some in records.chunks(RECORDS_AT_A_TIME) {
        journal.append(some).map_err(|failure| StoreFault::Io {
            operation: failure.operation,
            path: dir.into(),
            source: failure.source,
        })?;
    }
    if journal.records()? == records { Ok(()) } else { Err(StoreFault::Damaged("the restored journal is not what was written")) }
}
