//! One suite, three journals: in memory, on the engine in use, and on another one (redb, in tests alone). The last keeps
//! the same entries in the same order, so it shows that the engine can be left. Not here: what happens to a disk.

use std::path::Path;

use raccordo_atrest::cipher::Secret;
use raccordo_casework::record::{Journal, JournalFailure, MemoryJournal, Record};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use raccordo_proto::ids::CaseId;

use super::super::entry::{self, Assembler};
use super::super::keyring::STORE_SLOT;
use super::{assert_same, case, open, opened, shown};

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
    let found;
    (journal, found) = reopen(journal);
    assert_same(&found, &expected);

    // An erased case is gone, the others are not; it may come again.
    journal.erase(case(1)).expect("erased");
    journal.erase(case(900)).expect("there is none");
    expected.retain(|record| record.case() != Some(case(1)));
    journal.append(&[opened(1, "born again")]).expect("appended");
    expected.push(opened(1, "born again"));
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
fn the_contract_holds_on_another_engine() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("journal.redb");
    contract(OtherJournal::open(&path).0, |journal| {
        drop(journal);
        OtherJournal::open(&path)
    });
}

const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");
/// Erased cases, each with the first record that is not erased with it.
const ERASED: TableDefinition<'_, &[u8], u64> = TableDefinition::new("erased");

/// All records under one key: whose key seals what is not the engine's affair.
struct OtherJournal {
    db: Database,
    key: Secret,
    seq_next: u64,
}

impl OtherJournal {
    fn open(path: &Path) -> (Self, Vec<Record>) {
        let (db, key) = (Database::create(path).expect("opened"), Secret::copy_of(&[1; 32]));
        let begun = db.begin_write().expect("begun");
        drop((begun.open_table(RECORDS).expect("made"), begun.open_table(ERASED).expect("made")));
        begun.commit().expect("durable");
        let (mut assembler, mut records) = (Assembler::new(), Vec::new());
        let reading = db.begin_read().expect("begun");
        let erased = reading.open_table(ERASED).expect("there");
        let is_erased = |record: &Record, seq: u64| {
            let until = record.case().and_then(|case| erased.get(&case.as_bytes()[..]).expect("readable"));
            until.is_some_and(|until| seq < until.value())
        };
        for part in reading.open_table(RECORDS).expect("there").iter().expect("readable") {
            let (key_bytes, value) = part.expect("readable");
            let Some(entry) = assembler.push(key_bytes.value(), value.value()).expect("whole") else { continue };
            let record = Record::decode(&entry.open(&key).expect("its key")).expect("a record");
            if !is_erased(&record, entry.place.seq) {
                records.push(record);
            }
        }
        let seq_next = assembler.finish().expect("whole");
        (Self { db, key, seq_next }, records)
    }

    fn write(&mut self, records: &[Record]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let begun = self.db.begin_write()?;
        {
            let mut table = begun.open_table(RECORDS)?;
            for record in records {
                for (name, value) in entry::seal(self.seq_next, STORE_SLOT, &self.key, &record.encode())? {
                    table.insert(&name[..], &value[..])?;
                }
                self.seq_next += 1;
            }
        }
        Ok(begun.commit()?)
    }
}

impl Journal for OtherJournal {
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        self.write(records).map_err(|source| JournalFailure { operation: "appending records", source })
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        let write = || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            let begun = self.db.begin_write()?;
            begun.open_table(ERASED)?.insert(&case.as_bytes()[..], self.seq_next)?;
            Ok(begun.commit()?)
        };
        write().map_err(|source| JournalFailure { operation: "erasing a case", source })
    }
}
