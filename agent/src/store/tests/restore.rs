//! A restore that stops after each thing it does to the disk: what is left is refused, or whole, and a second try ends it.
//! And an erasure that stopped between its record and the keyring. Not here: the backup's file.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use raccordo_casework::desk::Desk;
use raccordo_casework::record::{Journal as _, Record};
use raccordo_proto::ids::{AgencyId, CaseId};
use zeroize::Zeroizing;

use super::super::disk::{Disk, RealDisk};
use super::super::restore::{Plan, Restored, restore_on};
use super::super::{Identity, Store, StoreFault, identity};
use super::faults::Failing;
use super::images::{ANCHOR, read};
use super::{assert_same, case, code, key, open, opened, shown};
use crate::backup::tests::{arrived, erased};

/// What is restored: cases enough for a second batch of keys, and of records.
fn backed_up() -> Vec<Record> {
    (0..300).map(|number| opened(number, "restored")).chain([shown(1)]).collect()
}

fn restore(disk: Arc<dyn Disk>, dir: &Path, records: &[Record]) -> Result<Restored, StoreFault> {
    restore_on(&disk, dir, &key(), Plan { records, seed: Some(Zeroizing::new([5; 32])), set_aside: true })
}

/// The engine of a journal that failed may live a moment longer than its restore.
fn restore_again(dir: &Path, records: &[Record]) -> Restored {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match restore(Arc::new(RealDisk), dir, records) {
            Err(StoreFault::LockedByAnother(_)) if Instant::now() < until => sleep(Duration::from_millis(5)),
            restored => return restored.unwrap_or_else(|fault| panic!("{}: {fault}", fault.code())),
        }
    }
}

/// How the folder was found.
#[derive(Debug, Clone, Copy)]
enum Start {
    Fresh,
    /// With a journal, of which one case was erased.
    Used,
    /// The same, its setting aside interrupted between its two steps.
    HalfAside,
}

fn prepare(start: Start, dir: &Path) {
    if matches!(start, Start::Fresh) {
        return;
    }
    let mut journal = open(dir).journal;
    journal.append(&[opened(1, "old"), opened(2, "old"), shown(9)]).expect("appended");
    journal.erase_key(&case(1)).expect("erased");
    drop(journal);
    if matches!(start, Start::HalfAside) {
        fs::create_dir(dir.join("quarantine-1")).expect("made");
        fs::rename(dir.join("journal.sled"), dir.join("quarantine-1/journal.sled")).expect("renamed");
    }
}

#[test]
fn a_restore_that_stops_anywhere_leaves_what_is_refused_or_whole() {
    let expected = backed_up();
    let mut counts = [0; 3];
    for start in [Start::Fresh, Start::Used, Start::HalfAside] {
        for after in [false, true] {
            // Until nothing fails any more.
            let stops = (0..200).take_while(|at| stops_at(start, *at, after, &expected, &mut counts)).count();
            assert!((15..200).contains(&stops), "{start:?}: {stops} things were done to the disk");
        }
    }
    let [refused, whole, untouched] = counts;
    println!("a restore stopped: {refused} refused, {whole} whole, {untouched} not begun");
    assert!(refused > 80 && whole == 9 && untouched == 1, "{refused} {whole} {untouched}");
}

/// One restore that stops there, what it left, and the next try. Whether it did stop.
fn stops_at(start: Start, at: usize, after: bool, expected: &[Record], counts: &mut [usize; 3]) -> bool {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(start, dir.path());
    let disk = Failing::new(at, after);
    let stopped = restore(disk.clone(), dir.path(), expected).is_err();
    assert_eq!(stopped, disk.has_failed(), "{start:?} after={after} at={at}");
    let nothing_yet = read(dir.path()).is_empty();
    match Store::open(dir.path(), key()).map(|store| store.records) {
        Ok(records) if nothing_yet => {
            assert!(matches!(start, Start::Fresh) && records.is_empty());
            counts[2] += 1;
        }
        Ok(records) => {
            assert_same(&records, expected);
            let seed = identity::load(dir.path(), &key()).expect("readable").map(|key| key.to_bytes());
            assert_eq!(seed, Some([5; 32]), "{start:?} after={after} at={at}");
            counts[1] += 1;
        }
        Err(fault) => {
            assert!(["ANCHOR", "ROLLED_BACK"].contains(&fault.code()), "{start:?} after={after} at={at}: {fault}");
            counts[0] += 1;
        }
    }
    restore_again(dir.path(), expected);
    assert_same(&open(dir.path()).records, expected);
    stopped
}

#[test]
fn no_slot_of_the_journal_before_is_used_again() {
    for restored in [backed_up(), vec![shown(1)]] {
        let dir = tempfile::tempdir().expect("a folder");
        prepare(Start::Used, dir.path());
        let aside = restore_again(dir.path(), &restored).aside.expect("there was one");
        let mut journal = open(dir.path()).journal;
        journal.append(&[opened(1_000, "new")]).expect("appended");
        assert!(journal.slots().all(|slot| slot > 256), "the first 256 are another journal's");
        journal.erase_key(&case(1_000)).expect("erased");
        drop(journal);
        assert_same(&open(dir.path()).records, &restored);
        // What was set aside is as it was: the case that was erased is, and the other is not.
        fs::rename(dir.path().join("journal.sled"), dir.path().join("restored.sled")).expect("renamed");
        for name in ["journal.sled", ANCHOR] {
            fs::rename(aside.join(name), dir.path().join(name)).expect("put back");
        }
        assert_same(&open(dir.path()).records, &[opened(2, "old"), shown(9)]);
    }
}

#[test]
fn a_restore_touches_nothing_that_is_in_use_or_under_another_key() {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::Used, dir.path());
    let before = read(dir.path());
    let plan = || Plan { records: &[], seed: None, set_aside: false };
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let refused = |key: super::StoreKey, plan: Plan<'_>| restore_on(&disk, dir.path(), &key, plan).err().map(|f| f.code());
    assert_eq!(refused(key(), plan()), Some("JOURNAL_THERE"));
    let other = super::StoreKey::from_bytes(&[2; 32]);
    assert_eq!(refused(other, Plan { set_aside: true, ..plan() }), Some("WRONG_KEY"));
    let lock = super::super::lock::Lock::take(dir.path()).expect("nobody has it");
    assert_eq!(refused(key(), Plan { set_aside: true, ..plan() }), Some("LOCKED_BY_ANOTHER"));
    drop(lock);
    assert!(read(dir.path()) == before);
    assert_eq!(code(Store::open(dir.path(), key())), None);
    let kept = restore(Arc::new(RealDisk), dir.path(), &[]).expect("restored");
    assert_eq!(kept.identity, Identity::FromBackup);
}

#[test]
fn an_erasure_that_stopped_before_the_keyring_ends_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let desk = |records: &[Record]| {
        let mut desk = Desk::new(AgencyId::parse("cpi-rivabella").expect("an id"));
        records.iter().for_each(|record| desk.apply(record));
        desk
    };
    // The record is durable, the key is still there.
    let written = [arrived(1), arrived(2), erased(1)];
    open(dir.path()).journal.append(&written).expect("appended");
    let mut store = open(dir.path());
    assert_same(&store.records, &written);
    assert_eq!(store.end_erasures().expect("ended"), 1);
    assert_same(&store.records, &[arrived(2), erased(1)]);
    assert_eq!(store.entries_erased, 1);
    let live = desk(&store.records);
    drop(store);
    // From now on it is unreadable, its tombstones stay, and the desk is the same.
    let mut store = open(dir.path());
    assert_same(&store.records, &[arrived(2), erased(1)]);
    assert_eq!(store.end_erasures().expect("nothing left"), 0);
    assert!(desk(&store.records) == live);
    assert!(!store.journal.erase_key(&CaseId::new([1; 16])).expect("asked"), "its key is gone");
}
