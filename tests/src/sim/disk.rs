//! The disk of one office of the simulated world: in memory, or, for one office of some worlds, the agent's real store in a
//! folder of its own. It fails when told to: before an append, or around the keyring's rewrite (C18). Not here: when.

use std::sync::{Arc, Mutex};

use raccordo_agent::store::disk::{self, Sync};
use raccordo_agent::store::{SledJournal, Store, StoreFault, StoreKey};
use raccordo_casework::desk::Desk;
use raccordo_casework::record::{Change, Journal, JournalFailure, MemoryJournal, Record};
use raccordo_casework::restore;
use raccordo_casework::wire::CaseOpened;
use raccordo_proto::ids::{AgencyId, CaseId};
use tempfile::TempDir;

use super::sabotage::Sabotage;

/// Cases of long ago in the real store: the keyring has 256 slots at first, so that it grows among the faults.
const ARCHIVED: u16 = 250;

/// What the disk does to whoever writes next.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Luck {
    /// What it should.
    #[default]
    Good,
    /// The power goes before the append.
    NoAppend,
    /// It goes before the keyring is rewritten, if it has to be.
    NoKeyring,
    /// It goes just after that.
    AfterKeyring,
}

/// A disk that fails when told to.
#[derive(Default)]
pub(super) struct Disk {
    kept: Kept,
    /// The records of the last append.
    pub(super) last: Vec<Record>,
    /// Whether they became durable.
    pub(super) is_durable: bool,
    pub(super) luck: Luck,
}

enum Kept {
    Memory(MemoryJournal),
    Real(Box<Real>),
}

impl Default for Kept {
    fn default() -> Self {
        Self::Memory(MemoryJournal::default())
    }
}

/// The store on a real disk, as long as its process lives.
struct Real {
    journal: Option<SledJournal>,
    dir: TempDir,
    fails: Arc<Fails>,
    /// Whether its keyring has grown once, or was to and the power went.
    has_grown: bool,
}

/// Fails at the keyring, once it is told how.
struct Fails(Mutex<Luck>);

impl disk::Disk for Fails {
    fn sync(&self, what: Sync, doing: &mut dyn FnMut() -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        let luck = if what == Sync::Keyring { *self.0.lock().expect("nobody panics holding it") } else { Luck::Good };
        if luck != Luck::NoKeyring {
            doing()?;
        }
        if matches!(luck, Luck::Good | Luck::NoAppend) { Ok(()) } else { Err(StoreFault::ReadOnly) }
    }
}

impl Real {
    fn new(records: &[Record]) -> Self {
        let dir = TempDir::new().expect("a folder");
        if !records.is_empty() {
            Store::restore(dir.path(), &key().into(), records, None, false).expect("an empty folder");
        }
        let mut real = Self { journal: None, dir, fails: Arc::new(Fails(Mutex::new(Luck::Good))), has_grown: false };
        real.open();
        real
    }

    /// Another process takes the folder, and ends what the one before left half done.
    fn open(&mut self) -> Vec<Record> {
        self.journal = None;
        *self.fails.0.lock().expect("nobody panics holding it") = Luck::Good;
        // The keyring alone has failed: the engine was sound, and has been waited for.
        let opened = Store::open_on(self.fails.clone(), self.dir.path(), key());
        let mut store = opened.unwrap_or_else(|fault| panic!("{}: {fault}", fault.code()));
        store.end_erasures().expect("the disk does not fail now");
        self.journal = Some(store.journal);
        store.records
    }

    fn journal(&mut self) -> &mut SledJournal {
        self.journal.as_mut().expect("its process lives")
    }
}

fn key() -> StoreKey {
    StoreKey::from_bytes(&[1; 32])
}

impl Disk {
    /// The agent's own store, with an archive.
    pub(super) fn real() -> Self {
        let mut real = Real::new(&[]);
        let archive: Vec<Record> = (0..ARCHIVED).map(archived).collect();
        real.journal().append(&archive).expect("the disk does not fail now");
        Self { kept: Kept::Real(Box::new(real)), ..Self::default() }
    }

    /// Whether it is an append that will rewrite the keyring, one day.
    pub(super) fn is_to_grow(&self) -> bool {
        matches!(&self.kept, Kept::Real(real) if !real.has_grown)
    }

    /// A process starts on it: what replay reads. Some sabotages forget records here.
    pub(super) fn start(&mut self, id: &AgencyId, sabotage: Option<Sabotage>) -> Desk {
        let records = match &mut self.kept {
            Kept::Real(real) => real.open(),
            Kept::Memory(journal) => {
                let records: Vec<Record> = journal.records().collect();
                let left = restore::erased_cases(&records);
                left.into_iter().for_each(|case| journal.erase(case).expect("memory does not fail"));
                journal.records().collect()
            }
        };
        replayed(records, id, sabotage)
    }

    /// What replay would read now.
    pub(super) fn replay(&self, id: &AgencyId, sabotage: Option<Sabotage>) -> Desk {
        replayed(self.records(), id, sabotage)
    }

    /// What is on it.
    pub(super) fn records(&self) -> Vec<Record> {
        match &self.kept {
            Kept::Memory(journal) => journal.records().collect(),
            Kept::Real(real) => {
                let journal = real.journal.as_ref().expect("its process lives");
                journal.records().unwrap_or_else(|fault| panic!("{}: {fault}", fault.code()))
            }
        }
    }

    /// Another disk, with these.
    pub(super) fn replace(&mut self, records: &[Record]) {
        self.kept = match &self.kept {
            Kept::Real(_) => Kept::Real(Box::new(Real::new(records))),
            Kept::Memory(_) => {
                let mut journal = MemoryJournal::default();
                journal.append(records).expect("memory does not fail");
                Kept::Memory(journal)
            }
        };
    }
}

fn replayed(records: Vec<Record>, id: &AgencyId, sabotage: Option<Sabotage>) -> Desk {
    let mut desk = Desk::new(id.clone());
    records.iter().for_each(|record| replay(&mut desk, record, sabotage));
    desk
}

/// One record of a replay.
pub(super) fn replay(desk: &mut Desk, record: &Record, sabotage: Option<Sabotage>) {
    match (&record.0, sabotage) {
        (Change::LetterSeen(_), Some(Sabotage::DedupForgotten))
        | (Change::CardShown(_), Some(Sabotage::CounterNotDurable))
        | (Change::LetterBlocked(_), Some(Sabotage::BlockedNotReplayed)) => {}
        _ => desk.apply(record),
    }
}

fn archived(number: u16) -> Record {
    let mut case_id = vec![0xaa; 16];
    case_id[..2].copy_from_slice(&number.to_be_bytes());
    Record(Change::CaseOpened(CaseOpened { case_id, operator: "op-1001".to_owned(), ..Default::default() }))
}

impl Journal for Disk {
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        (self.last, self.is_durable) = (records.to_vec(), false);
        if self.luck == Luck::NoAppend {
            return Err(gone());
        }
        match &mut self.kept {
            Kept::Memory(journal) => journal.append(records)?,
            Kept::Real(real) => {
                *real.fails.0.lock().expect("nobody panics holding it") = self.luck;
                let appended = real.journal().append(records);
                real.has_grown |= appended.is_err();
                appended?;
            }
        }
        self.is_durable = true;
        Ok(())
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        match &mut self.kept {
            Kept::Memory(_) if self.luck == Luck::NoKeyring => Err(gone()),
            Kept::Memory(journal) => {
                journal.erase(case)?;
                if self.luck == Luck::AfterKeyring { Err(gone()) } else { Ok(()) }
            }
            Kept::Real(real) => real.journal().erase(case),
        }
    }
}

fn gone() -> JournalFailure {
    JournalFailure { operation: "writing", source: "the power went".into() }
}
