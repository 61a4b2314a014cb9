//! The journal on disk: casework's promise, kept by an embedded engine that does not keep it alone. The only file of the
//! agent that names the engine.
//!
//! What the engine does wrong, and what is done about it here: its flush is not power-safe, so an
//! fdatasync of its file follows; a half-made snapshot keeps it from opening for ever, so exactly those are deleted first;
//! its timer and its asynchronous flush are off. A real snapshot is never deleted: without it records vanish silently.
//!
//! And it may open a damaged file at an earlier append, without a word: the anchor, outside the engine, reveals that.
//!
//! A new journal begins beside its place and takes its name when all of it is durable: the engine writes its settings with no
//! sync of their own, and a power cut that left them torn would be damage for ever.
//!
//! Not here: snapshots of cases, attachments.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_casework::record::{Journal, JournalFailure, Record};
use raccordo_machine::files::sync_folder;
use raccordo_proto::ids::CaseId;
use rustix::fs::{FlockOperation, flock};
use zeroize::Zeroizing;

use super::anchor::{Anchor, Point};
use super::disk::{Disk, Sync};
use super::entry::{self, Assembler, Entry};
use super::fault::StoreFault;
use super::keyring::{Keyring, STORE_SLOT, Slot};
use super::lock::Lock;
use super::{Parts, Store};

const FOLDER: &str = "journal.sled";
/// Where a new journal begins.
const BEGINNING: &str = "journal.sled.new";
const SETTINGS: &str = "conf";
const FORMAT_KEY: &[u8] = b"format";
const FORMAT_MAGIC: &[u8] = b"raccordo-journal\0";
const FORMAT_VERSION: u8 = 1;
/// Records are read once, at start: the engine needs no more than room to work.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// A [`Journal`] whose records are sealed, case by case, under keys of the keyring. One thread owns it (`committer`).
pub struct SledJournal {
    // Fields drop in this order: the engine lets go of its file before another process may take the lock.
    records: sled::Tree,
    db: sled::Db,
    file: EngineFile,
    dir: PathBuf,
    keyring: Keyring,
    anchor: Anchor,
    disk: Arc<dyn Disk>,
    /// Where the journal is, if its last write has not failed.
    point: Point,
    slots: BTreeMap<CaseId, u32>,
    slot_next: u32,
    seq_next: u64,
    /// Set while writing, and left set by a failure: what is on disk is then known only to the next start.
    read_only: bool,
    _lock: Lock,
}

impl SledJournal {
    /// Where `state_dir` has its journal.
    pub(super) fn folder(state_dir: &Path) -> PathBuf {
        state_dir.join(FOLDER)
    }

    /// Whether `state_dir` has a journal.
    pub(super) fn exists(state_dir: &Path) -> bool {
        Self::folder(state_dir).join("db").exists()
    }

    /// Opens or makes the journal, and replays it past its anchor.
    pub(super) fn open(state_dir: &Path, parts: Parts) -> Result<Store, StoreFault> {
        let Parts { keyring, anchor, disk, lock } = parts;
        let dir = Self::folder(state_dir);
        if !dir.exists() {
            begin(&*disk, state_dir, &dir)?;
        }
        prepare(&dir).map_err(StoreFault::io("preparing", &dir))?;
        let (db, records) = open_engine(&dir)?;
        let file = EngineFile::open(&dir)?;
        // Whatever the engine has just made, or a crash has left in the operating system's memory alone.
        disk.sync(Sync::Settings, &mut || sync_names(state_dir, &dir))?;
        let mut journal = Self {
            records,
            db,
            file,
            dir,
            keyring,
            anchor,
            disk,
            point: Point::START,
            slots: BTreeMap::new(),
            slot_next: STORE_SLOT + 1,
            seq_next: entry::SEQ_FIRST,
            read_only: false,
            _lock: lock,
        };
        let (records, entries_erased) = caught(|| {
            journal.check_format()?;
            let replayed = journal.replay()?;
            // What a crash left may have been read from the operating system's memory alone.
            journal.make_durable()?;
            journal.anchor.advance(journal.point)?;
            Ok(replayed)
        })?;
        journal.file.sound = true;
        Ok(Store { journal, records, entries_erased })
    }

    /// Makes a case unreadable for ever: its key leaves the keyring, durably, before this returns. Whether there was
    /// anything to erase. What a desk still holds in memory, and older backups, are the caller's to deal with.
    ///
    /// Errors: `READ_ONLY`, and `IO` or `NO_RANDOMNESS`, which make the journal read-only.
    pub fn erase_key(&mut self, case: &CaseId) -> Result<bool, StoreFault> {
        let Some(slot) = self.slots.get(case).copied() else { return Ok(false) };
        self.guarded(|journal| journal.keyring.erase(slot))?;
        self.slots.remove(case);
        Ok(true)
    }

    fn guarded(&mut self, write: impl FnOnce(&mut Self) -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        if self.read_only {
            return Err(StoreFault::ReadOnly);
        }
        self.read_only = true;
        write(self)?;
        self.read_only = false;
        Ok(())
    }

    fn check_format(&mut self) -> Result<(), StoreFault> {
        let ours = format_marker();
        let marker = self.db.get(FORMAT_KEY).map_err(|error| fault(error, "reading", &self.dir))?;
        match marker.as_deref() {
            Some(marker) if marker == ours => Ok(()),
            Some(marker) if marker.starts_with(FORMAT_MAGIC) => Err(StoreFault::Version(FOLDER)),
            Some(_) => Err(StoreFault::Damaged("the journal's format marker is not readable")),
            None if !self.records.is_empty() => Err(StoreFault::Damaged("the journal has no format marker")),
            None if self.anchor.seq() > 0 => self.anchor.reached(Point::START),
            // Begun in its place by an earlier version, and interrupted.
            None => {
                self.db.insert(FORMAT_KEY, ours).map_err(|error| fault(error, "writing", &self.dir))?;
                self.make_durable()
            }
        }
    }

    fn replay(&mut self) -> Result<(Vec<Record>, u64), StoreFault> {
        let Read { records, erased, slots, slot_next, seq_next, point } = self.read()?;
        self.anchor.reached(point)?;
        (self.slots, self.slot_next, self.seq_next, self.point) = (slots, slot_next, seq_next, point);
        Ok((records, erased))
    }

    /// Everything that is live, as replay would read it now. Nothing changes.
    ///
    /// Errors: `READ_ONLY`; `DAMAGED` and `ROLLED_BACK`, if what was written is no longer there; `IO`.
    pub fn records(&self) -> Result<Vec<Record>, StoreFault> {
        if self.read_only {
            return Err(StoreFault::ReadOnly);
        }
        let read = caught(|| self.read())?;
        if read.point != self.point {
            return Err(StoreFault::Damaged("the journal does not hold what was written to it"));
        }
        Ok(read.records)
    }

    fn read(&self) -> Result<Read, StoreFault> {
        let (mut assembler, mut records, mut erased, mut point) = (Assembler::new(), Vec::new(), 0, Point::START);
        let (mut slots, mut slot_next) = (BTreeMap::new(), self.keyring.highest_erased() + 1);
        for part in self.records.iter() {
            let (key, value) = part.map_err(|error| fault(error, "reading", &self.dir))?;
            let seq = assembler.seq();
            let whole = assembler.push(&key, &value)?;
            point = point.after(seq, &key, &value);
            let Some(entry) = whole else { continue };
            self.anchor.pass(point)?;
            slot_next = slot_next.max(entry.place.slot.saturating_add(1));
            match self.keyring.slot(entry.place.slot) {
                Slot::Live(key) => {
                    let plain = entry.open(key)?;
                    let record = Record::decode(&plain).map_err(|_| StoreFault::Damaged("a record is not readable"))?;
                    learn_slot(&mut slots, &entry, &record)?;
                    records.push(record);
                }
                Slot::Erased => erased += 1,
                Slot::NeverMade => return Err(StoreFault::Damaged("the journal names a key that was never made")),
            }
        }
        Ok(Read { records, erased, slots, slot_next, seq_next: assembler.finish()?, point })
    }

    fn write(&mut self, records: &[Record]) -> Result<(), StoreFault> {
        let mut batch = sled::Batch::default();
        for record in records {
            let slot = self.slot_for(record.case())?;
            let Slot::Live(key) = self.keyring.slot(slot) else {
                return Err(StoreFault::Damaged("a case's key is not in the keyring"));
            };
            let plain = Zeroizing::new(record.encode());
            for (name, value) in entry::seal(self.seq_next, slot, key, &plain)? {
                self.point = self.point.after(self.seq_next, &name, &value);
                batch.insert(&name, value);
            }
            self.seq_next += 1;
        }
        self.file.sound = false;
        self.records.apply_batch(batch).map_err(|error| fault(error, "writing", &self.dir))?;
        self.make_durable()?;
        self.file.sound = true;
        self.anchor.advance(self.point)
    }

    /// The slot of a record; a case's first record takes the next free one, whose key is on disk before it is named.
    fn slot_for(&mut self, case: Option<CaseId>) -> Result<u32, StoreFault> {
        let Some(case) = case else { return Ok(STORE_SLOT) };
        if let Some(slot) = self.slots.get(&case) {
            return Ok(*slot);
        }
        let slot = self.slot_next;
        if matches!(self.keyring.slot(slot), Slot::NeverMade) {
            self.keyring.grow()?;
        }
        self.slot_next = slot.checked_add(1).ok_or(StoreFault::TooLarge)?;
        self.slots.insert(case, slot);
        Ok(slot)
    }

    fn make_durable(&self) -> Result<(), StoreFault> {
        let flush = &mut || self.db.flush().map(drop).map_err(|error| fault(error, "flushing", &self.dir));
        self.disk.sync(Sync::Flush, flush)?;
        let sync = &mut || self.file.file.sync_data().map_err(StoreFault::io("syncing", &self.dir));
        self.disk.sync(Sync::Journal, sync)
    }
}

impl Journal for SledJournal {
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        let write = |journal: &mut Self| if records.is_empty() { Ok(()) } else { journal.write(records) };
        self.guarded(write).map_err(|fault| JournalFailure { operation: "appending records", source: fault.into() })
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        let erased = self.erase_key(&case).map(drop);
        erased.map_err(|fault| JournalFailure { operation: "erasing a case", source: fault.into() })
    }
}

/// What a walk through the whole journal finds.
struct Read {
    records: Vec<Record>,
    /// Entries whose key is gone.
    erased: u64,
    slots: BTreeMap<CaseId, u32>,
    slot_next: u32,
    seq_next: u64,
    point: Point,
}

/// The engine's file, opened beside the engine's own hold on it.
struct EngineFile {
    file: File,
    /// False while the engine is at work, and left false by its failure.
    sound: bool,
}

impl EngineFile {
    /// Beside an engine that is open.
    fn open(dir: &Path) -> Result<Self, StoreFault> {
        let file = OpenOptions::new().read(true).write(true).open(dir.join("db"));
        Ok(Self { file: file.map_err(StoreFault::io("opening", dir))?, sound: false })
    }
}

impl Drop for EngineFile {
    /// The engine's workers may hold its file, and its lock on it, a moment longer than the engine: waits for them, so
    /// that a journal which was closed can be opened. An engine that failed may have no worker left, and nobody
    /// waits.
    fn drop(&mut self) {
        if self.sound {
            // An error would mean only that the next opening may find the engine's lock taken, and say so.
            let _ = flock(&self.file, FlockOperation::LockExclusive);
        }
    }
}

/// A record under a case's slot tells which case has it. One under the store key tells nothing, whatever it concerns: what
/// belongs to a case may change from one version to the next.
fn learn_slot(slots: &mut BTreeMap<CaseId, u32>, entry: &Entry, record: &Record) -> Result<(), StoreFault> {
    let slot = entry.place.slot;
    if slot == STORE_SLOT {
        return Ok(());
    }
    let case = record.case().ok_or(StoreFault::Damaged("a record of no case lies under a case's key"))?;
    slots.insert(case, slot);
    Ok(())
}

/// A new journal, empty and whole, under its name. One that was interrupted is made anew.
fn begin(disk: &dyn Disk, state_dir: &Path, dir: &Path) -> Result<(), StoreFault> {
    let beside = state_dir.join(BEGINNING);
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(StoreFault::io("removing", &beside))?;
    }
    prepare(&beside).map_err(StoreFault::io("preparing", &beside))?;
    caught(|| {
        let (db, records) = open_engine(&beside)?;
        let mut file = EngineFile::open(&beside)?;
        db.insert(FORMAT_KEY, format_marker()).map_err(|error| fault(error, "writing", &beside))?;
        db.flush().map_err(|error| fault(error, "flushing", &beside))?;
        drop((records, db));
        // Waited for: nothing of the engine may write to these files once they are durable.
        file.sound = true;
        drop(file);
        Ok(())
    })?;
    disk.sync(Sync::Beginning, &mut || sync_files(&beside).map_err(StoreFault::io("syncing", &beside)))?;
    let rename = &mut || {
        let renamed = fs::rename(&beside, dir).and_then(|()| sync_folder(state_dir));
        renamed.map_err(StoreFault::io("naming", dir))
    };
    disk.sync(Sync::Begun, rename)
}

fn format_marker() -> Vec<u8> {
    [FORMAT_MAGIC, &[FORMAT_VERSION]].concat()
}

/// Everything in a folder, and the folder.
fn sync_files(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { sync_files(&path)? } else { File::open(&path)?.sync_all()? }
    }
    sync_folder(dir)
}

/// The engine's settings, which it makes again where they are missing, and the names of files and folders.
fn sync_names(state_dir: &Path, dir: &Path) -> Result<(), StoreFault> {
    let settings = dir.join(SETTINGS);
    File::open(&settings).and_then(|file| file.sync_all()).map_err(StoreFault::io("syncing", &settings))?;
    [dir, state_dir].into_iter().try_for_each(|dir| sync_folder(dir).map_err(StoreFault::io("syncing", dir)))
}

fn open_engine(dir: &Path) -> Result<(sled::Db, sled::Tree), StoreFault> {
    caught(|| {
        let db = sled::Config::new().path(dir).flush_every_ms(None).cache_capacity(CACHE_BYTES).open();
        let db = db.map_err(|error| fault(error, "opening", dir))?;
        let records = db.open_tree(entry::TREE).map_err(|error| fault(error, "opening", dir))?;
        Ok((db, records))
    })
}

/// On a damaged file the engine panics more often than it answers: both are the same news.
fn caught<T>(engine: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
    let damaged = Err(StoreFault::Damaged("the journal's file cannot be recovered"));
    panic::catch_unwind(AssertUnwindSafe(engine)).unwrap_or(damaged)
}

fn prepare(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    for file in fs::read_dir(dir)? {
        let file = file?;
        let name = file.file_name();
        let half_made = name.to_str().is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating"));
        if half_made {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn fault(error: sled::Error, operation: &'static str, dir: &Path) -> StoreFault {
    match error {
        // Our own lock is held: then it is a process that knows only the engine's.
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => StoreFault::LockedByAnother(dir.into()),
        sled::Error::Io(error) => StoreFault::io(operation, dir)(error),
        sled::Error::Unsupported(_) => StoreFault::Version(FOLDER),
        sled::Error::Corruption { .. } => StoreFault::Damaged("the journal's file is corrupt"),
        sled::Error::CollectionNotFound(_) | sled::Error::ReportableBug(_) => {
            StoreFault::Io { operation, path: dir.into(), source: error.into() }
        }
    }
}

#[cfg(test)]
impl SledJournal {
    /// Every entry, still sealed, and every key that there is.
    pub(super) fn sealed(&self) -> (Vec<Entry>, impl Iterator<Item = &raccordo_atrest::cipher::Secret>) {
        let mut assembler = Assembler::new();
        let parts = self.records.iter().map(|part| part.expect("readable"));
        let entries = parts.filter_map(|(key, value)| assembler.push(&key, &value).expect("whole")).collect();
        (entries, self.keyring.all_keys())
    }

    /// The slots that cases have.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.slots.values().copied()
    }

    /// What is done to a closed journal's folder before the engine sees it.
    pub(super) fn prepare(state_dir: &Path) {
        prepare(&Self::folder(state_dir)).expect("prepared");
    }

    /// Overwrites a closed journal's format marker.
    pub(super) fn write_marker(state_dir: &Path, marker: &[u8]) {
        let (db, records) = open_engine(&state_dir.join(FOLDER)).expect("it is closed");
        let file = File::open(state_dir.join(FOLDER).join("db")).expect("it is there");
        db.insert(FORMAT_KEY, marker).expect("written");
        db.flush().expect("flushed");
        drop((db, records));
        drop(EngineFile { file, sound: true });
    }
}
