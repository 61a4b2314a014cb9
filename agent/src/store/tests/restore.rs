//! A restore that stops after each thing it does to the disk: what is left is refused, or whole, and a second try ends it.
//! And an erasure that stopped between its record and the keyring. Not here: the backup's file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use raccordo_atrest::passphrase::Cost;
use raccordo_casework::desk::Desk;
use raccordo_casework::record::{Journal as _, Record};
use raccordo_proto::ids::{AgencyId, CaseId};
use zeroize::Zeroizing;

use super::super::disk::{Disk, RealDisk};
use super::super::restore::{Plan, Restored, restore_on};
use super::super::unlock_file;
use super::super::{Identity, Store, StoreFault, StoreKey, Unlocked, identity};
use super::faults::Failing;
use super::images::{ANCHOR, read};
use super::{assert_same, case, code, key, open, opened, shown};
use crate::backup::tests::{arrived, erased};
use crate::passphrase::tests::Scripted;

/// What is restored: cases enough for a second batch of keys, and of records.
fn backed_up() -> Vec<Record> {
    (0..300).map(|number| opened(number, "restored")).chain([shown(1)]).collect()
}

pub(super) fn restore(start: Start, disk: Arc<dyn Disk>, dir: &Path, records: &[Record]) -> Result<Restored, StoreFault> {
    let unlocked = start.unlocked(dir)?;
    restore_on(&disk, dir, &unlocked, Plan { records, seed: Some(Zeroizing::new([5; 32])), set_aside: true })
}

/// The engine of a journal that failed may live a moment longer than its restore.
pub(super) fn restore_again(start: Start, dir: &Path, records: &[Record]) -> Restored {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match restore(start, Arc::new(RealDisk), dir, records) {
            Err(StoreFault::LockedByAnother(_)) if Instant::now() < until => sleep(Duration::from_millis(5)),
            restored => return restored.unwrap_or_else(|fault| panic!("{}: {fault}", fault.code())),
        }
    }
}

/// How the folder was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Fresh,
    /// With a journal, of which one case was erased.
    Used,
    /// The same, its setting aside interrupted between its two steps.
    HalfAside,
    /// With a keyring and an identity that are damaged.
    Damaged,
    /// A passphrase opens it, or would.
    Passphrase,
    /// The file that a passphrase opens is damaged.
    UnlockDamaged,
}

const PASSPHRASE: &str = "una frase di prova";

const STARTS: [Start; 6] = [Start::Fresh, Start::Used, Start::HalfAside, Start::Damaged, Start::Passphrase, Start::UnlockDamaged];

impl Start {
    fn unlocked(self, dir: &Path) -> Result<Unlocked, StoreFault> {
        match self {
            Self::Passphrase | Self::UnlockDamaged => {
                unlock_file::unlock_to_restore(dir, &mut Scripted::new(&[PASSPHRASE]), Cost::CHEAP, true)
            }
            Self::Fresh | Self::Used | Self::HalfAside | Self::Damaged => Ok(key().into()),
        }
    }

    /// As the agent starts.
    pub(super) fn open(self, dir: &Path) -> Result<(Store, StoreKey), StoreFault> {
        let key = match self {
            Self::Passphrase | Self::UnlockDamaged => unlock_file::unlock(dir, &mut Scripted::new(&[PASSPHRASE]), Cost::CHEAP)?,
            Self::Fresh | Self::Used | Self::HalfAside | Self::Damaged => key(),
        };
        Ok((Store::open(dir, key.clone())?, key))
    }

    /// Whether an agent that starts on what was found finds a store, or begins one.
    fn is_sound(self) -> bool {
        matches!(self, Self::Fresh | Self::Used | Self::Passphrase)
    }
}

/// What was there: of the first case nothing, since it was erased.
pub(super) fn old() -> [Record; 2] {
    [opened(2, "old"), shown(9)]
}

pub(super) fn prepare(start: Start, dir: &Path) {
    if matches!(start, Start::Fresh | Start::Passphrase) {
        return;
    }
    let (Store { mut journal, .. }, key) = match start {
        Start::UnlockDamaged => start.open(dir).expect("begun"),
        _ => (open(dir), key()),
    };
    journal.append(&[opened(1, "old"), opened(2, "old"), shown(9)]).expect("appended");
    journal.erase_key(&case(1)).expect("erased");
    drop(journal);
    let harm = |name: &str| {
        let mut bytes = fs::read(dir.join(name)).expect("it is there");
        bytes[20] ^= 1;
        fs::write(dir.join(name), bytes).expect("written");
    };
    match start {
        Start::Fresh | Start::Used | Start::Passphrase => {}
        Start::HalfAside => {
            fs::create_dir(dir.join("quarantine-1")).expect("made");
            fs::rename(dir.join("journal.sled"), dir.join("quarantine-1/journal.sled")).expect("renamed");
        }
        Start::Damaged => {
            identity::install(dir, &key, &[6; 32]).expect("written");
            ["keyring.bin", "identity.bin"].iter().for_each(|name| harm(name));
        }
        Start::UnlockDamaged => {
            identity::install(dir, &key, &[6; 32]).expect("written");
            harm("unlock.bin");
        }
    }
}

#[test]
fn a_restore_that_stops_anywhere_leaves_what_is_refused_or_whole() {
    let expected = backed_up();
    for start in STARTS {
        let mut counts = BTreeMap::new();
        for after in [false, true] {
            // Until nothing fails any more.
            let stops = (0..200).take_while(|at| stops_at(start, *at, after, &expected, &mut counts)).count();
            assert!((15..200).contains(&stops), "{start:?}: {stops} things were done to the disk");
        }
        println!("a restore stopped, {start:?}: {counts:?}");
        assert!(counts["refused"] > 25 && counts["whole"] >= 3, "{start:?}: {counts:?}");
    }
}

/// One restore that stops there, what it left, and the next try. Whether it did stop.
fn stops_at(start: Start, at: usize, after: bool, expected: &[Record], counts: &mut BTreeMap<&str, usize>) -> bool {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(start, dir.path());
    let disk = Failing::new(at, after);
    let stopped = restore(start, disk.clone(), dir.path(), expected).is_err();
    assert_eq!(stopped, disk.has_failed(), "{start:?} after={after} at={at}");
    let what = match start.open(dir.path()) {
        Ok((Store { records, .. }, key)) if records.len() == expected.len() => {
            assert_same(&records, expected);
            let seed = identity::load(dir.path(), &key).expect("readable").map(|key| key.to_bytes());
            assert_eq!(seed, Some([5; 32]), "{start:?} after={after} at={at}");
            "whole"
        }
        Ok((Store { records, .. }, _)) => {
            assert!(start.is_sound() && at < 3, "{start:?} after={after} at={at}: {} records", records.len());
            assert!(records.is_empty() == (start != Start::Used) && (records.is_empty() || records == old()));
            "not begun"
        }
        Err(fault) => {
            let expected: &[&str] = match start {
                Start::Damaged | Start::UnlockDamaged => &["ANCHOR", "ROLLED_BACK", "DAMAGED"],
                _ => &["ANCHOR", "ROLLED_BACK"],
            };
            assert!(expected.contains(&fault.code()), "{start:?} after={after} at={at}: {fault}");
            "refused"
        }
    };
    *counts.entry(what).or_default() += 1;
    restore_again(start, dir.path(), expected);
    assert_same(&start.open(dir.path()).expect("restored").0.records, expected);
    stopped
}

/// What is damaged goes aside and is named; a sound identity stays, and what only opens under another key is refused.
#[test]
fn what_is_damaged_is_set_aside_and_what_is_sound_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::Damaged, dir.path());
    let before = read(dir.path());
    let plan = |set_aside| Plan { records: &[], seed: None, set_aside };
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let refused = restore_on(&disk, dir.path(), &key().into(), plan(false)).map(drop);
    assert_eq!(code(refused), Some("DAMAGED"));
    assert!(read(dir.path()) == before, "nobody said to set it aside");
    let aside = restore_on(&disk, dir.path(), &key().into(), plan(true)).expect("restored").aside.expect("it was damaged");
    assert_eq!(aside.damaged, ["keyring.bin", "identity.bin"]);
    for name in ["keyring.bin", "identity.bin", ANCHOR, "journal.sled/db"] {
        assert!(fs::read(aside.folder.join(name)).expect("it is there") == before[name], "{name}");
    }

    // Only the keyring: the identity is this office's still.
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::Used, dir.path());
    identity::install(dir.path(), &key(), &[6; 32]).expect("written");
    fs::write(dir.path().join("keyring.bin"), b"no keyring").expect("written");
    let restored = restore_again(Start::Used, dir.path(), &backed_up());
    assert_eq!((restored.identity, restored.aside.expect("damaged").damaged), (Identity::Kept, vec!["keyring.bin".to_owned()]));
    assert_eq!(identity::load(dir.path(), &key()).expect("readable").map(|key| key.to_bytes()), Some([6; 32]));

    // An identity under another key is no damage.
    let other = StoreKey::from_bytes(&[2; 32]);
    identity::install(dir.path(), &other, &[6; 32]).expect("written");
    let before = read(dir.path());
    let refused = restore_on(&disk, dir.path(), &key().into(), plan(true)).map(drop);
    assert_eq!(code(refused), Some("WRONG_KEY"));
    assert!(read(dir.path()) == before);
}

#[test]
fn without_the_file_that_a_passphrase_opened_everything_goes_aside_and_a_new_one_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::UnlockDamaged, dir.path());
    let before = read(dir.path());
    let aside = restore_again(Start::UnlockDamaged, dir.path(), &backed_up()).aside.expect("it was damaged");
    assert_eq!(aside.damaged, ["keyring.bin", "identity.bin", "unlock.bin"]);
    for name in ["keyring.bin", "identity.bin", "unlock.bin", ANCHOR, "journal.sled/db"] {
        assert!(fs::read(aside.folder.join(name)).expect("it is there") == before[name], "{name}");
    }
    let (store, key) = Start::UnlockDamaged.open(dir.path()).expect("the new one");
    assert_same(&store.records, &backed_up());
    assert_eq!(identity::load(dir.path(), &key).expect("readable").map(|key| key.to_bytes()), Some([5; 32]), "the backup's");
}

#[test]
fn no_slot_of_the_journal_before_is_used_again() {
    for restored in [backed_up(), vec![shown(1)]] {
        let dir = tempfile::tempdir().expect("a folder");
        prepare(Start::Used, dir.path());
        let aside = restore_again(Start::Used, dir.path(), &restored).aside.expect("there was one").folder;
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
        assert_same(&open(dir.path()).records, &old());
    }
}

#[test]
fn a_restore_touches_nothing_that_is_in_use_or_under_another_key() {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::Used, dir.path());
    let before = read(dir.path());
    let plan = || Plan { records: &[], seed: None, set_aside: false };
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let refused = |key: super::StoreKey, plan: Plan<'_>| code(restore_on(&disk, dir.path(), &key.into(), plan));
    assert_eq!(refused(key(), plan()), Some("JOURNAL_THERE"));
    let other = super::StoreKey::from_bytes(&[2; 32]);
    assert_eq!(refused(other, Plan { set_aside: true, ..plan() }), Some("WRONG_KEY"));
    let lock = super::super::lock::Lock::take(dir.path()).expect("nobody has it");
    assert_eq!(refused(key(), Plan { set_aside: true, ..plan() }), Some("LOCKED_BY_ANOTHER"));
    drop(lock);
    assert!(read(dir.path()) == before);
    assert_eq!(code(Store::open(dir.path(), key())), None);
    let kept = restore(Start::Used, Arc::new(RealDisk), dir.path(), &[]).expect("restored");
    assert_eq!(kept.identity, Identity::FromBackup);
}

#[test]
fn an_older_keyring_brings_no_erased_case_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut journal = open(dir.path()).journal;
    journal.append(&[arrived(1), arrived(2)]).expect("appended");
    let older = fs::read(dir.path().join("keyring.bin")).expect("it is there");
    journal.append(&[erased(1)]).expect("appended");
    assert!(journal.erase_key(&CaseId::new([1; 16])).expect("erased"));
    drop(journal);
    fs::write(dir.path().join("keyring.bin"), older).expect("put back");
    let mut store = open(dir.path());
    assert_same(&store.records, &[arrived(1), arrived(2), erased(1)]);
    assert_eq!(store.end_erasures().expect("ended"), 1, "before a desk is filled");
    assert_same(&store.records, &[arrived(2), erased(1)]);
    drop(store);
    assert_same(&open(dir.path()).records, &[arrived(2), erased(1)]);
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
