//! Brings an office back from a backup: reads and checks everything first, then writes a store. What was erased since the
//! backup is known from the tombstones, which come first: nothing of such a case is ever written.
//!
//! Not here: the store's files (`store`), asking the other offices for what came since (the desk, at its next start).

use std::path::{Path, PathBuf};

use prost::Message;
use raccordo_casework::restore::{self, BadBackup};
use raccordo_casework::wire::{Backup, Tombstones};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, NetworkId};
use zeroize::Zeroizing;

use crate::backup::folder::tombstones_in;
use crate::backup::{self, BackupFault, Wiped};
use crate::store::{self, Store, Unlocked};

/// What is to be restored, and where.
pub struct Restore<'a> {
    /// The network.
    pub network: &'a NetworkId,
    /// The office.
    pub agency: &'a AgencyId,
    /// Its state folder.
    pub state: &'a Path,
    /// Under which key the new store lies.
    pub unlocked: &'a Unlocked,
    /// The backup.
    pub file: &'a Path,
    /// The age key.
    pub key: &'a Path,
    /// Where to look for what was erased.
    pub tombstones: Stones,
    /// Whether a journal that is here, and what is damaged, may be set aside.
    pub set_aside: bool,
}

/// Where to look for what was erased since the backup.
pub enum Stones {
    /// Beside the backup.
    Beside,
    /// In this file, and in those beside the backup.
    File(PathBuf),
    /// Nowhere: what was erased since comes back. Somebody said so.
    Nowhere,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// Records taken from the backup.
    pub records: usize,
    /// Cases of the backup that were left out because they are erased.
    pub cases_left_out: usize,
    /// When the backup was made.
    pub made_at: Timestamp,
    /// What the store did.
    pub store: store::Restored,
}

/// Restores, at `now`. Errors: everything of [`BackupFault`] that is about reading, and of [`Store::restore`]; each leaves
/// the state folder as it was, but for those that `Store::restore` says.
pub fn run(asked: &Restore<'_>, now: Timestamp) -> Result<Restored, BackupFault> {
    let key = backup::read_key(asked.key)?;
    let mut stones = Vec::new();
    for path in stones_of(asked)? {
        stones.push(ours(asked, decoded::<Tombstones>(&path, &key)?, &path)?);
    }
    let backup = Wiped(decoded::<Backup>(asked.file, &key)?);
    let Wiped(backup) = &backup;
    let seed = <[u8; 32]>::try_from(&backup.identity[..]).ok().map(Zeroizing::new);
    if seed.is_none() && !backup.identity.is_empty() {
        return Err(BackupFault::Damaged(asked.file.into()));
    }
    let journal = restore::journal_of(backup, asked.network, asked.agency, &stones, now).map_err(|bad| {
        let path = asked.file.into();
        match bad {
            BadBackup::Version => BackupFault::Version(path),
            BadBackup::Office => BackupFault::OtherOffice(path),
            BadBackup::Record => BackupFault::Damaged(path),
        }
    })?;
    let store = Store::restore(asked.state, asked.unlocked, &journal.records, seed, asked.set_aside)?;
    let made_at = Timestamp::from_millis(backup.made_at);
    Ok(Restored { records: journal.restored, cases_left_out: journal.cases_left_out, made_at, store })
}

fn stones_of(asked: &Restore<'_>) -> Result<Vec<PathBuf>, BackupFault> {
    let dir = asked.file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unreadable = |source| BackupFault::Unreadable { path: dir.into(), source };
    let beside = || tombstones_in(dir, asked.agency).map_err(unreadable);
    match &asked.tombstones {
        Stones::Nowhere => Ok(Vec::new()),
        Stones::Beside => {
            let beside = beside()?;
            if beside.is_empty() { Err(BackupFault::NoTombstones(dir.into())) } else { Ok(beside) }
        }
        Stones::File(file) if !file.exists() => Err(BackupFault::NoTombstones(file.clone())),
        Stones::File(file) => Ok(beside()?.into_iter().filter(|other| other != file).chain([file.clone()]).collect()),
    }
}

fn ours(asked: &Restore<'_>, stones: Tombstones, path: &Path) -> Result<Tombstones, BackupFault> {
    if stones.agency == asked.agency.as_str() { Ok(stones) } else { Err(BackupFault::OtherOffice(path.into())) }
}

fn decoded<M: Message + Default>(path: &Path, key: &backup::Identity) -> Result<M, BackupFault> {
    let plain = backup::open(path, key)?;
    M::decode(&plain[..]).map_err(|_| BackupFault::Damaged(path.into()))
}
