//! A journal from a backup's records, in a folder that has none, or whose journal is set aside. The anchor is the last thing
//! that gets its name: until then the folder is refused, so that nothing half restored is ever opened; from then on it is
//! whole. That a restore was begun is known by the folder in which it grows.
//!
//! The keyring that is here stays, and its slots are never used again: a journal that was set aside names them. So does the
//! identity. What of them is damaged goes aside with the journal; what opens under another key only is refused. Not here:
//! which records, and what a backup's file looks like (`crate::restore`).

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_atrest::cipher::KEY_BYTES;
use raccordo_casework::record::{Journal as _, Record};
use raccordo_machine::files::sync_folder;
use zeroize::Zeroizing;

use super::anchor::{self, Anchor};
use super::disk::{Disk, RealDisk, Sync};
use super::fault::StoreFault;
use super::journal::SledJournal;
use super::keyring::Keyring;
use super::lock::Lock;
use super::unlock::{StoreKey, Unlocked};
use super::{Parts, Store, identity, keyring, quarantine, unlock_file};

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
    /// What was here before and was refused.
    pub aside: Option<Aside>,
}

/// What was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Where it is now.
    pub folder: PathBuf,
    /// What went there beside the journal: files that were damaged, and those that open with nothing else.
    pub damaged: Vec<String>,
}

/// What goes into the folder.
pub(super) struct Plan<'a> {
    /// The journal.
    pub(super) records: &'a [Record],
    /// The identity's seed, if the backup has one.
    pub(super) seed: Option<Zeroizing<[u8; KEY_BYTES]>>,
    /// Whether a journal that is here, and what is damaged, may be set aside.
    pub(super) set_aside: bool,
}

impl Store {
    /// Writes a journal of these records into `state_dir`, which has none, or whose journal is set aside first.
    ///
    /// Errors: `LOCKED_BY_ANOTHER`, `WRONG_KEY`, `JOURNAL_THERE` and `DAMAGED` (without `set_aside`), `VERSION`, which leave
    /// everything as it was; `IO`, `NO_SPACE` and `NO_RANDOMNESS`, after which the folder is refused and the restore may be
    /// done again.
    pub fn restore(
        state_dir: &Path,
        unlocked: &Unlocked,
        records: &[Record],
        seed: Option<Zeroizing<[u8; KEY_BYTES]>>,
        set_aside: bool,
    ) -> Result<Restored, StoreFault> {
        restore_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), state_dir, unlocked, Plan { records, seed, set_aside })
    }
}

/// Whether a restore was begun here and has not come to its end; or has, and left its folder.
pub(super) fn was_interrupted(state_dir: &Path) -> bool {
    state_dir.join(GROWING).exists()
}

/// Why such a folder is refused while it has no anchor.
pub(super) fn interrupted() -> StoreFault {
    StoreFault::Anchor("a restore was interrupted")
}

pub(super) fn restore_on(
    disk: &Arc<dyn Disk>,
    state_dir: &Path,
    unlocked: &Unlocked,
    plan: Plan<'_>,
) -> Result<Restored, StoreFault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
    made.map_err(StoreFault::io("making", state_dir))?;
    let lock = Lock::take(state_dir)?;
    let Found { keyring, has_identity, refused } = look(disk, state_dir, unlocked, plan.set_aside)?;
    let has_journal = Store::has_journal(state_dir);
    if has_journal && !plan.set_aside {
        return Err(StoreFault::JournalThere(state_dir.into()));
    }
    let growing = state_dir.join(GROWING);
    disk.sync(Sync::Restore, &mut || make_empty(state_dir, &growing).map_err(StoreFault::io("making", &growing)))?;
    let aside = set_aside(disk, state_dir, has_journal, refused)?;
    if let Some(file) = &unlocked.file {
        disk.sync(Sync::Restore, &mut || file.place(state_dir))?;
    }
    let key = &unlocked.key;
    let keyring = match keyring {
        Some(mut keyring) => keyring.begin_anew().map(|()| keyring)?,
        None => Keyring::create(state_dir, key, disk.clone())?,
    };
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
            let renamed = fs::rename(&grown, &name).and_then(|()| sync_folder(state_dir)).and_then(|()| sync_folder(&growing));
            renamed.map_err(StoreFault::io("naming", &name))
        };
        disk.sync(Sync::Restore, rename)?;
    }
    // It is whole: what may be left of the other folder is its empty self.
    let _left = fs::remove_dir_all(&growing);
    drop(lock);
    Ok(Restored { identity, aside })
}

/// What is here beside a journal.
struct Found {
    keyring: Option<Keyring>,
    has_identity: bool,
    /// What can be opened no more, and may be set aside.
    refused: Vec<PathBuf>,
}

fn look(disk: &Arc<dyn Disk>, state_dir: &Path, unlocked: &Unlocked, set_aside: bool) -> Result<Found, StoreFault> {
    let unlock = unlock_file::path(state_dir);
    if unlocked.file.is_some() && unlock.exists() {
        // The key of everything here is in that file, and it is damaged: it goes last, and until then is what refuses.
        let refused = [keyring::path(state_dir), identity::path(state_dir), unlock];
        return Ok(Found {
            keyring: None,
            has_identity: false,
            refused: refused.into_iter().filter(|path| path.exists()).collect(),
        });
    }
    let mut refused = Vec::new();
    let keyring = Keyring::open(state_dir, &unlocked.key, disk.clone());
    let keyring = unless_damaged(keyring, set_aside, keyring::path(state_dir), &mut refused)?;
    let identity = identity::load(state_dir, &unlocked.key);
    let identity = unless_damaged(identity, set_aside, identity::path(state_dir), &mut refused)?;
    Ok(Found { keyring, has_identity: identity.is_some(), refused })
}

fn unless_damaged<T>(
    read: Result<Option<T>, StoreFault>,
    set_aside: bool,
    path: PathBuf,
    refused: &mut Vec<PathBuf>,
) -> Result<Option<T>, StoreFault> {
    match read {
        Err(StoreFault::Damaged(_)) if set_aside => {
            refused.push(path);
            Ok(None)
        }
        read => read,
    }
}

fn set_aside(
    disk: &Arc<dyn Disk>,
    state_dir: &Path,
    has_journal: bool,
    refused: Vec<PathBuf>,
) -> Result<Option<Aside>, StoreFault> {
    if !has_journal && refused.is_empty() {
        return Ok(None);
    }
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let damaged = refused.iter().filter_map(name).collect();
    let paths: Vec<PathBuf> = Store::journal_paths(state_dir).into_iter().chain(refused).collect();
    let folder = quarantine::set_aside(&**disk, state_dir, &paths)?;
    Ok(Some(Aside { folder, damaged }))
}

/// A folder with nothing in it, durable. One that is there stays: it says that a restore was begun.
fn make_empty(state_dir: &Path, dir: &Path) -> io::Result<()> {
    if !dir.exists() {
        DirBuilder::new().mode(0o700).create(dir)?;
        return sync_folder(state_dir);
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    Ok(())
}

fn named_anchor(growing: &Path, state_dir: &Path) -> (PathBuf, PathBuf) {
    (growing.join(anchor::NAME), state_dir.join(anchor::NAME))
}

/// A journal with its anchor, whole, durable, closed and read once more, in an empty folder of its own.
fn grow(disk: &Arc<dyn Disk>, dir: &Path, keyring: Keyring, key: &StoreKey, records: &[Record]) -> Result<(), StoreFault> {
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
