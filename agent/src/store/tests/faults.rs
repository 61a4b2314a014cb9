//! A disk that fails, at the n-th thing that had to be durable, whichever it is. From then on nothing is accepted, and what was
//! answered for before is there at the next start. Not here: what a power cut leaves, a disk that is full (`full_disk`).

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use raccordo_casework::record::{Journal as _, JournalFailure};

use super::super::disk::{Disk, RealDisk, Sync};
use super::super::{Store, StoreFault};
use super::images::{appends, group};
use super::{case, code, key, open, opened};

/// Fails once, before or after it has done what it was asked to.
pub(super) struct Failing {
    at: usize,
    after: bool,
    calls: AtomicUsize,
}

impl Failing {
    /// At the `at`th call, from 0; before it has done it, or `after`.
    pub(super) fn new(at: usize, after: bool) -> Arc<Self> {
        Arc::new(Self { at, after, calls: AtomicUsize::new(0) })
    }

    /// Whether it has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.at
    }
}

impl Disk for Failing {
    fn sync(&self, what: Sync, doing: &mut dyn FnMut() -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        let fails = self.calls.fetch_add(1, Ordering::Relaxed) == self.at;
        if !fails || self.after {
            doing()?;
        }
        let failure = || StoreFault::io("testing", Path::new(&format!("{what:?}")))(io::Error::other("told to fail"));
        if fails { Err(failure()) } else { Ok(()) }
    }
}

/// The engine of a journal that failed is not waited for when it is dropped.
pub(super) fn open_again(dir: &Path) -> Store {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match Store::open(dir, key()) {
            Err(StoreFault::LockedByAnother(_)) if Instant::now() < until => sleep(Duration::from_millis(5)),
            opened => return opened.unwrap_or_else(|fault| panic!("{}: {fault}", fault.code())),
        }
    }
}

pub(super) fn is_read_only(result: Result<(), JournalFailure>) -> bool {
    result.is_err_and(|failure| matches!(failure.source.downcast_ref(), Some(StoreFault::ReadOnly)))
}

/// Lives until the disk fails: appends answered for, and whether it failed while opening.
fn live(dir: &Path, disk: Arc<Failing>) -> (usize, bool) {
    let Ok(Store { mut journal, .. }) = Store::open_on(disk, dir, key()) else { return (0, true) };
    for number in 0..6 {
        // Slots for more cases than are there, so that the keyring has to be rewritten too.
        let many: Vec<_> = (0..200).map(|of| opened(1_000 + number * 200 + of, "many")).collect();
        let records = if number % 2 == 0 { group(number / 2) } else { many };
        if journal.append(&records).is_err() {
            assert!(is_read_only(journal.append(&group(9))), "it wrote on after a failure");
            assert!(is_read_only(journal.append(&[])), "it vouched for earlier records after a failure");
            assert!(matches!(journal.erase_key(&case(0)), Err(StoreFault::ReadOnly)));
            return (number as usize, false);
        }
    }
    (6, false)
}

#[test]
fn after_any_failure_it_is_read_only_and_a_start_finds_what_was_answered_for() {
    let (mut while_opening, mut while_appending) = (0, 0);
    for (after, at) in [false, true].into_iter().flat_map(|after| (0..).take(200).map(move |at| (after, at))) {
        let dir = tempfile::tempdir().expect("a folder");
        let disk = Failing::new(at, after);
        let (answered, opening) = live(dir.path(), disk.clone());
        let found = open_again(dir.path()).records.len();
        let whole = [0, 3, 203, 206, 406, 409, 609];
        let place = whole.iter().position(|records| *records == found).expect("an append is there whole or not at all");
        assert!(place == answered || place == answered + 1, "after={after} at={at}: {found} records, {answered} appends");
        if !disk.has_failed() {
            assert_eq!(answered, 6, "nothing failed any more");
            continue;
        }
        while_opening += usize::from(opening);
        while_appending += usize::from(!opening);
    }
    println!("failures: {while_opening} while opening, {while_appending} while appending");
    assert!(while_opening >= 10 && while_appending >= 30);
}

#[test]
fn a_refused_journal_is_set_aside_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).journal.append(&group(0)).expect("appended");
    let store = open(dir.path());
    assert!(matches!(Store::quarantine(dir.path()), Err(StoreFault::LockedByAnother(_))));
    drop(store);
    let bytes = |dir: &Path| ["journal.sled/db", "anchor.bin"].map(|name| fs::read(dir.join(name)).expect("it is there"));
    let before = bytes(dir.path());
    let aside = Store::quarantine(dir.path()).expect("set aside");
    assert_eq!(aside, dir.path().join("quarantine-1"));
    assert!(bytes(&aside) == before);
    assert!(!dir.path().join("journal.sled").exists() && dir.path().join("keyring.bin").exists());
    // Nobody begins anew by mistake, and a second time is no harm.
    assert_eq!(code(Store::open(dir.path(), key())), Some("ANCHOR"));
    assert_eq!(Store::quarantine(dir.path()).expect("set aside"), dir.path().join("quarantine-2"));
    assert!(bytes(&aside) == before);
    // What was set aside is still a journal: put back, it opens.
    for name in ["journal.sled", "anchor.bin"] {
        fs::rename(aside.join(name), dir.path().join(name)).expect("put back");
    }
    assert_eq!(appends(&open(dir.path()).records), 1);
}

#[test]
fn an_interrupted_beginning_is_taken_up() {
    for at in 0..12 {
        let dir = tempfile::tempdir().expect("a folder");
        let disk: Arc<dyn Disk> = Failing::new(at, true);
        drop(Store::open_on(disk, dir.path(), key()));
        assert!(open_again(dir.path()).records.is_empty());
    }
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open_on(Arc::new(RealDisk), dir.path(), key()));
    assert!(open(dir.path()).records.is_empty());
}
