//! What the store on disk keeps beyond the journal's contract. Not here, but below: that contract on every journal
//! (`contract`), a disk that fails (`faults`), power cuts (`power_cut`), damage and older copies (`damage`), a restore
//! that is interrupted (`restore`), and what a passphrase opens (`unlock_file`).

mod contract;
mod damage;
mod faults;
mod full_disk;
mod images;
mod power;
mod power_cut;
mod restore;
mod unlock_file;

// Beside its own room: results are written alike everywhere, and a room links none above it.
#[path = "../../../tests/src/results.rs"]
pub(crate) mod results;

use std::fs;
use std::path::{Path, PathBuf};

use raccordo_casework::record::{Change, Journal as _, Record};
use raccordo_casework::wire;
use raccordo_proto::ids::CaseId;

use super::{SledJournal, Store, StoreFault, StoreKey, keyring};

const MARKER: &str = "MARKER-OF-A-WOMAN-NOBODY-MAY-READ";

fn case(number: u32) -> CaseId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    CaseId::new(id)
}

fn opened(number: u32, text: &str) -> Record {
    let case_id = case(number).as_bytes().to_vec();
    Record(Change::CaseOpened(wire::CaseOpened { case_id, operator: text.into(), ..Default::default() }))
}

fn shown(counter: u64) -> Record {
    Record(Change::CardShown(wire::CardShown { counter }))
}

fn key() -> StoreKey {
    StoreKey::from_bytes(&[1; 32])
}

fn open(dir: &Path) -> Store {
    Store::open(dir, key()).unwrap_or_else(|fault| panic!("{}: {fault}", fault.code()))
}

fn code<T>(result: Result<T, StoreFault>) -> Option<&'static str> {
    result.err().map(|fault| fault.code())
}

/// Records have no `Debug`, on purpose: on a difference only the count is said.
fn assert_same(found: &[Record], expected: &[Record]) {
    assert!(found == expected, "{} records instead of {}", found.len(), expected.len());
}

#[test]
fn a_second_opening_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path());
    assert_eq!(code(Store::open(dir.path(), key())), Some("LOCKED_BY_ANOTHER"));
    drop(store);
    assert!(Store::open(dir.path(), key()).is_ok());
}

#[test]
fn a_process_that_knows_only_the_engines_lock_is_named_too() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(open(dir.path()));
    let db = fs::File::open(dir.path().join("journal.sled/db")).expect("it is there");
    rustix::fs::flock(&db, rustix::fs::FlockOperation::LockExclusive).expect("nobody has it");
    assert_eq!(code(Store::open(dir.path(), key())), Some("LOCKED_BY_ANOTHER"));
}

#[test]
fn a_wrong_key_is_refused_and_harms_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).journal.append(&[opened(1, "one")]).expect("appended");
    assert_eq!(code(Store::open(dir.path(), StoreKey::from_bytes(&[2; 32]))), Some("WRONG_KEY"));
    assert_same(&open(dir.path()).records, &[opened(1, "one")]);
}

#[test]
fn a_damaged_or_missing_keyring_is_no_wrong_key() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(open(dir.path()));
    let path = dir.path().join("keyring.bin");
    let good = fs::read(&path).expect("it is there");
    for byte in [0, 8, 20, 100, good.len() - 1] {
        let mut bad = good.clone();
        bad[byte] ^= 1;
        fs::write(&path, bad).expect("written");
        assert_eq!(code(Store::open(dir.path(), key())), Some("DAMAGED"), "byte {byte}");
    }
    fs::remove_file(&path).expect("removed");
    assert_eq!(code(Store::open(dir.path(), key())), Some("DAMAGED"));
}

#[test]
fn an_erased_case_is_skipped_and_its_slot_stays_empty() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut journal = open(dir.path()).journal;
    journal.append(&[opened(1, "one"), shown(1), opened(2, "two"), opened(1, "one again")]).expect("appended");
    assert!(journal.erase_key(&case(1)).expect("erased"));
    assert!(!journal.erase_key(&case(1)).expect("nothing left"));
    drop(journal);

    let mut store = open(dir.path());
    assert_same(&store.records, &[shown(1), opened(2, "two")]);
    assert_eq!(store.entries_erased, 2);
    store.journal.append(&[opened(3, "three"), opened(1, "born again")]).expect("appended");
    drop(store);
    let store = open(dir.path());
    assert_same(&store.records, &[shown(1), opened(2, "two"), opened(3, "three"), opened(1, "born again")]);
    assert_eq!(store.entries_erased, 2);
}

/// For each entry, under how many of the keys that there are it opens.
fn opens_under(journal: &SledJournal) -> Vec<usize> {
    let (entries, keys) = journal.sealed();
    let keys: Vec<_> = keys.collect();
    entries.iter().map(|entry| keys.iter().filter(|key| entry.open(key).is_ok()).count()).collect()
}

#[test]
fn nothing_of_an_erased_case_opens_under_any_key_that_is_left() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut journal = open(dir.path()).journal;
    let long = format!("{}{MARKER}", "x".repeat(10_000));
    journal.append(&[opened(1, &long), shown(1), opened(2, "two"), opened(1, MARKER)]).expect("appended");
    assert_eq!(opens_under(&journal), [1, 1, 1, 1], "the control: each has its key");
    let before = fs::read(keyring::path(dir.path())).expect("there");
    assert!(journal.erase_key(&case(1)).expect("erased"));
    assert_eq!(opens_under(&journal), [0, 1, 1, 0]);
    drop(journal);
    let journal = open(dir.path()).journal;
    assert_eq!(opens_under(&journal), [0, 1, 1, 0], "nor at the next start");
    // No file has what the keyring was: it was sealed under a salt of its own.
    let holds = |path: &Path| fs::read(path).expect("readable").windows(64).any(|window| window == &before[42..106]);
    assert_eq!(files(dir.path()).iter().filter(|path| holds(path)).count(), 0);
    fs::write(dir.path().join("control"), before.as_slice()).expect("written");
    assert_eq!(files(dir.path()).iter().filter(|path| holds(path)).count(), 1, "the search finds what is there");
}

#[test]
fn a_record_never_names_a_key_that_is_not_on_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut journal = open(dir.path()).journal;
    let first: Vec<Record> = (0..256).map(|number| opened(number, "first")).collect();
    journal.append(&first).expect("the first 256 slots are there");
    // The next 256 cannot be written.
    let obstacle = dir.path().join("keyring.bin.tmp");
    fs::create_dir(&obstacle).expect("made");
    assert!(journal.append(&[opened(256, "one too many")]).is_err());
    fs::remove_dir(&obstacle).expect("removed");
    // From the first failure on it is read-only.
    for records in [&[shown(1)][..], &[]] {
        let failure = journal.append(records).expect_err("read-only");
        assert!(matches!(failure.source.downcast_ref(), Some(StoreFault::ReadOnly)));
    }
    assert!(matches!(journal.erase_key(&case(1)), Err(StoreFault::ReadOnly)));
    drop(journal);
    let mut store = open(dir.path());
    assert_same(&store.records, &first);
    store.journal.append(&[opened(256, "room again")]).expect("appended");
    drop(store);
    assert_eq!(open(dir.path()).records.len(), 257);
}

#[test]
fn a_half_made_snapshot_is_removed_and_a_real_one_is_not() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).journal.append(&[shown(1)]).expect("appended");
    drop(open(dir.path()));
    let journal = dir.path().join("journal.sled");
    let snapshots = || files(&journal).into_iter().filter(|path| path.to_string_lossy().contains("/snap.")).count();
    let real = snapshots();
    assert!(real > 0, "the engine makes one when it opens");
    let half = journal.join("snap.00000000000000FF.generating");
    fs::write(&half, b"half").expect("written");
    // Names that only resemble one are not ours to delete.
    let others = ["other.generating", "snap.generating.kept"].map(|name| journal.join(name));
    others.iter().for_each(|path| fs::write(path, b"kept").expect("written"));
    SledJournal::prepare(dir.path());
    assert!(!half.exists() && others.iter().all(|path| path.exists()));
    assert_eq!(snapshots(), real + 1, "the real ones, and the one that only resembles one");
    others.iter().for_each(|path| fs::remove_file(path).expect("removed"));
    fs::write(&half, b"half").expect("written");
    assert_same(&open(dir.path()).records, &[shown(1)]);
    assert_eq!(snapshots(), real);
}

#[test]
fn an_unknown_format_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).journal.append(&[shown(1)]).expect("appended");
    SledJournal::write_marker(dir.path(), b"raccordo-journal\0\x02");
    assert_eq!(code(Store::open(dir.path(), key())), Some("VERSION"));
    SledJournal::write_marker(dir.path(), b"something else");
    assert_eq!(code(Store::open(dir.path(), key())), Some("DAMAGED"));
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn files_with_marker(dir: &Path) -> usize {
    let has = |bytes: &[u8]| bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes());
    files(dir).iter().filter(|path| has(&fs::read(path).expect("readable"))).count()
}

#[test]
fn no_file_of_the_store_shows_what_is_in_a_record() {
    let dir = tempfile::tempdir().expect("a folder");
    let long = format!("{}{MARKER}", "x".repeat(10_000));
    let records = [
        opened(1, MARKER),
        opened(2, &long),
        Record(Change::OperatorAdded(wire::OperatorAdded { name: MARKER.into(), ..Default::default() })),
    ];
    let mut journal = open(dir.path()).journal;
    journal.append(&records).expect("appended");
    assert_eq!(files_with_marker(dir.path()), 0);
    drop(journal);
    assert_same(&open(dir.path()).records, &records);
    assert_eq!(files_with_marker(dir.path()), 0);
    assert!(files(dir.path()).len() >= 4, "lock, keyring, settings and journal were looked at");

    // The search does find what is there to be found.
    for record in &records {
        fs::write(dir.path().join("control"), record.encode()).expect("written");
        assert_eq!(files_with_marker(dir.path()), 1);
    }
}
