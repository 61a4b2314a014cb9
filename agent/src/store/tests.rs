//! The journal's contract, on every journal there is, and what only the one on disk has to keep.

use std::fs;
use std::path::{Path, PathBuf};

use raccordo_casework::record::{Change, Journal, MemoryJournal, Record};
use raccordo_casework::wire;
use raccordo_proto::ids::CaseId;

use super::{SledJournal, Store, StoreFault, StoreKey};

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

fn code(result: Result<Store, StoreFault>) -> Option<&'static str> {
    result.err().map(|fault| fault.code())
}

/// Records have no `Debug`, on purpose: on a difference only the count is said.
fn assert_same(found: &[Record], expected: &[Record]) {
    assert!(found == expected, "{} records instead of {}", found.len(), expected.len());
}

fn contract<J: Journal>(mut journal: J, reopen: impl Fn(J) -> (J, Vec<Record>)) {
    let groups = [
        vec![shown(1)],
        vec![],
        vec![opened(1, "one"), shown(2), opened(2, "two")],
        vec![opened(3, &"x".repeat(300 * 1024)), shown(3)],
        vec![opened(1, "one again")],
    ];
    let mut expected = Vec::new();
    for group in groups {
        journal.append(&group).expect("appended");
        expected.extend(group);
        let found;
        (journal, found) = reopen(journal);
        assert_same(&found, &expected);
    }
    let many: Vec<Record> = (0..600).map(|number| opened(number % 300, "many")).collect();
    journal.append(&many).expect("appended");
    expected.extend(many);
    assert_same(&reopen(journal).1, &expected);
}

#[test]
fn the_contract_holds_in_memory() {
    contract(MemoryJournal::default(), |journal| {
        let records = journal.records().collect();
        (journal, records)
    });
}

#[test]
fn the_contract_holds_on_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    contract(open(dir.path()).journal, |journal| {
        drop(journal);
        let store = open(dir.path());
        (store.journal, store.records)
    });
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
    assert!(journal.erase(&case(1)).expect("erased"));
    assert!(!journal.erase(&case(1)).expect("nothing left"));
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
    assert!(matches!(journal.erase(&case(1)), Err(StoreFault::ReadOnly)));
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
    fs::write(journal.join("snap.00000000000000FF.generating"), b"half").expect("written");
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

/// All or none: what opens after damage anywhere in the engine's file is a beginning of what was appended, cut between two
/// appends and never within one. (That something is missing at the end is the anchor's to tell.)
#[test]
fn a_damaged_file_opens_at_the_end_of_an_append_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut journal = open(dir.path()).journal;
    let mut all = Vec::new();
    for number in 0..20 {
        let group = [opened(number % 3, &"x".repeat(9_000)), shown(number.into()), opened(number, "short")];
        journal.append(&group).expect("appended");
        all.extend(group);
    }
    // Copied while it is open, as a crash would leave it.
    let written = fs::read(dir.path().join("journal.sled/db")).expect("it is there");
    let mut shorter = 0;
    for cut in 0..60 {
        let copy = tempfile::tempdir().expect("a folder");
        copy_all(dir.path(), copy.path());
        let mut db = written.clone();
        db[written.len() / 60 * cut + cut * 7] ^= 1;
        fs::write(copy.path().join("journal.sled/db"), db).expect("written");
        match Store::open(copy.path(), key()) {
            Ok(store) => {
                let found = store.records.len();
                assert_same(&store.records, &all[..found]);
                assert_eq!(found % 3, 0, "an append was cut in two");
                shorter += usize::from(found < all.len());
            }
            Err(fault) => assert_eq!(fault.code(), "DAMAGED"),
        }
    }
    assert!(shorter > 0, "no cut was survived: nothing was shown");
}

fn copy_all(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("it is inside"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("made");
        fs::copy(&file, &target).expect("copied");
    }
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
