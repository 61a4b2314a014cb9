//! The folder of backups: a file per backup, named after the office and the instant, the newest so many of them; and beside
//! them the tombstones, one file for each life of the store, without which a restore would bring erased cases back. Within a
//! life the list only grows; a younger life, which may know less, never writes over an older one's.
//!
//! Not here: when a backup is made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use prost::Message as _;
use raccordo_casework::record::Record;
use raccordo_casework::restore;
use raccordo_machine::files;
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, NetworkId};
use zeroize::Zeroizing;

use super::{BackupFault, Recipient, Wiped, seal};
use crate::config::{self, Config};

const INSTANT: &str = "%Y%m%dT%H%M%SZ";
/// Seconds that a name may be late, when backups are made faster than names.
const NAMES_TRIED_MAX: u64 = 60;

/// Where an office's backups lie.
#[derive(Clone)]
pub struct Folder {
    network: NetworkId,
    agency: AgencyId,
    dir: PathBuf,
    recipient: Recipient,
    generations: usize,
}

/// A backup that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub file: PathBuf,
    /// Records in it.
    pub records: usize,
    /// Older ones that were removed.
    pub removed: usize,
}

impl Folder {
    /// As configured.
    pub fn new(config: &Config, backup: &config::Backup) -> Self {
        Self {
            network: config.network.clone(),
            agency: config.agency.clone(),
            dir: backup.folder.clone(),
            recipient: backup.recipient.clone(),
            generations: backup.generations,
        }
    }

    /// When the last backup was made, by its name. What lies ahead of `now` was named by a clock that was wrong: it says
    /// nothing.
    pub fn last(&self, now: Timestamp) -> Option<Timestamp> {
        let generations = self.generations().ok()?;
        generations.iter().rev().filter_map(|name| instant_of(name, &self.agency)).find(|made_at| *made_at <= now)
    }

    /// Writes the tombstones, then a backup made at `now`, durably; and only then removes what is beyond the generations.
    /// `seed` is the identity key's, or nothing.
    ///
    /// Errors: `BACKUP_NO_FOLDER`, `BACKUP_NOT_WRITTEN`. Whatever fails, no older backup is gone.
    pub fn write(&self, records: &[Record], now: Timestamp, seed: Option<&[u8; 32]>) -> Result<Written, BackupFault> {
        self.write_tombstones(records, now)?;
        let seed = seed.map_or_else(Vec::new, |seed| seed.to_vec());
        let backup = Wiped(restore::backup(records, &self.network, &self.agency, now, seed));
        let plain = Zeroizing::new(backup.0.encode_to_vec());
        drop(backup);
        let file = self.free_name(now)?;
        self.put(&file, &plain)?;
        let removed = self.remove_old(&file, now)?;
        Ok(Written { file, records: records.len(), removed })
    }

    /// Writes what outlives erased cases and has not ended. Errors: `BACKUP_NO_FOLDER`, `BACKUP_NOT_WRITTEN`.
    pub fn write_tombstones(&self, records: &[Record], now: Timestamp) -> Result<(), BackupFault> {
        if !self.dir.is_dir() {
            return Err(BackupFault::NoFolder(self.dir.clone()));
        }
        let tombstones = restore::tombstones(records, &self.agency, now);
        let path = self.dir.join(tombstones_name(&self.agency, restore::epoch(records)));
        self.put(&path, &tombstones.encode_to_vec())
    }

    fn put(&self, file: &Path, plain: &[u8]) -> Result<(), BackupFault> {
        let sealed = seal(&self.recipient, plain, file)?;
        files::replace(file, &sealed).map_err(BackupFault::io("writing", file))
    }

    fn free_name(&self, now: Timestamp) -> Result<PathBuf, BackupFault> {
        let free = (0..NAMES_TRIED_MAX).find_map(|late| {
            let file = self.dir.join(name_at(now.as_millis() / 1000 + late, &self.agency)?);
            (!file.exists()).then_some(file)
        });
        free.ok_or_else(|| BackupFault::Exists(self.dir.clone()))
    }

    /// Names of the backups of this office, oldest first: other files are nobody's business here.
    fn generations(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.dir)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ours: Vec<String> = names.filter(|name| instant_of(name, &self.agency).is_some()).collect();
        ours.sort();
        Ok(ours)
    }

    /// Never the one just written. What is dated ahead of `now` goes first: the clock that named it was wrong, and by that
    /// name it would outlive every other one.
    fn remove_old(&self, written: &Path, now: Timestamp) -> Result<usize, BackupFault> {
        let failed = || BackupFault::io("removing old backups from", &self.dir);
        let others = self.generations().map_err(failed())?.into_iter().filter(|name| self.dir.join(name) != written);
        let (ahead, past): (Vec<_>, Vec<_>) = others.partition(|name| instant_of(name, &self.agency) > Some(now));
        let others = [ahead, past].concat();
        let old = &others[..(others.len() + 1).saturating_sub(self.generations)];
        old.iter().try_for_each(|name| fs::remove_file(self.dir.join(name))).map_err(failed())?;
        // What an interrupted write has left.
        for entry in fs::read_dir(&self.dir).map_err(failed())?.flatten() {
            let name = entry.file_name();
            let unfinished = name.to_str().and_then(|name| name.strip_suffix(".tmp"));
            if unfinished.is_some_and(|name| instant_of(name, &self.agency).is_some()) {
                fs::remove_file(entry.path()).map_err(failed())?;
            }
        }
        Ok(old.len())
    }
}

/// What the tombstones' file of a life of the store is called.
pub fn tombstones_name(agency: &AgencyId, store_epoch: u64) -> String {
    format!("raccordo-{agency}.tombstones-{store_epoch}.age")
}

/// The tombstones in a folder, of every life of this office's store; and the one file that there was before 2026-11-22.
pub fn tombstones_in(dir: &Path, agency: &AgencyId) -> io::Result<Vec<PathBuf>> {
    let is_life = |name: &str| {
        let life = name.strip_prefix(&format!("raccordo-{agency}.tombstones"))?.strip_suffix(".age")?;
        (life.is_empty() || life.strip_prefix('-')?.parse::<u64>().is_ok()).then_some(())
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.file_name().and_then(|name| name.to_str()).and_then(is_life).is_some() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn name_at(seconds: u64, agency: &AgencyId) -> Option<String> {
    let instant = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(format!("raccordo-{agency}-{}.age", instant.strftime(INSTANT)))
}

/// When a file was made, if it is a backup of this office.
fn instant_of(name: &str, agency: &AgencyId) -> Option<Timestamp> {
    let text = name.strip_prefix(&format!("raccordo-{agency}-"))?.strip_suffix(".age")?;
    let at = DateTime::strptime(INSTANT, text).ok()?.to_zoned(TimeZone::UTC).ok()?;
    u64::try_from(at.timestamp().as_millisecond()).ok().map(Timestamp::from_millis)
}
