//! Backups there and back: what a restore brings, what it leaves out, and everything that it refuses, with the state folder
//! as it was. Not here: clocks that are wrong (`clock`), a restore that is interrupted (`store::tests`), whole networks (the
//! tests' own crate).

mod clock;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use prost::Message as _;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::record::{Change, Journal as _, Record};
use raccordo_casework::restore as restore_rules;
use raccordo_casework::wire::{CaseErased, CaseOpened, EpochBegun, LetterReceived, Riscontro};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, CaseId, Digest, LetterId, NetworkId, ThreadId};
use sha2::Sha256;

use super::folder::{Folder, Written, tombstones_name};
use super::*;
use crate::config::Config;
use crate::restore::{Restore, Restored, Stones, run};
use crate::store::tests::results;
use crate::store::{Identity as Installed, Store, StoreKey, identity};

const DAY: u64 = 24 * 60 * 60 * 1000;
const MADE_AT: Timestamp = Timestamp::from_millis(20_000 * DAY);

/// A letter that came, in a case of its own.
pub(crate) fn arrived(case: u8) -> Record {
    let letter = Letter {
        letter_id: LetterId::new([case; 16]),
        thread: ThreadId::new([case ^ 0x80; 16]),
        case_id: CaseId::new([case; 16]),
        sender: AgencyId::parse("cav-ginestra").expect("an id"),
        recipients: vec![AgencyId::parse("cpi-rivabella").expect("an id")],
        equipe: None,
        directory_version: 1,
        head_hash: Digest::of(b""),
        created: MADE_AT,
        store_epoch: 1,
        seq: 1,
        previous: None,
        payload: Payload::Riscontro(Riscontro::default()),
        operator: "op-0000".into(),
        in_reply_to: None,
    };
    let signed = SignedLetter::write(letter, &SigningKey::from_bytes(&[3; 32]));
    let (letter, signature) = (signed.bytes().to_vec(), signed.signature().to_vec());
    Record(Change::LetterReceived(LetterReceived { letter, signature, received_at: MADE_AT.as_millis() }))
}

/// That case, erased.
pub(crate) fn erased(case: u8) -> Record {
    let key = vec![9; 32];
    let stone = |id: [u8; 16]| {
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key").chain_update(id);
        mac.finalize().into_bytes()[..16].to_vec()
    };
    let tombstones = vec![stone([case; 16]), stone([case ^ 0x80; 16])];
    Record(Change::CaseErased(CaseErased { tombstones, key, until: MADE_AT.as_millis() + DAY }))
}

fn began(store_epoch: u64) -> Record {
    Record(Change::EpochBegun(EpochBegun { store_epoch }))
}

pub(crate) struct Office {
    dir: tempfile::TempDir,
    config: Config,
    folder: Folder,
}

impl Office {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let recipient = new_key(&dir.path().join("key.txt")).expect("made");
        fs::create_dir(dir.path().join("copies")).expect("made");
        let text = format!(
            "network = \"rete-prova\"\nagency = \"cpi-rivabella\"\nstate = \"state\"\ntrust = \"t\"\n\
             [gateway]\nendpoints = [\"localhost:1\"]\n[tls]\nchain = \"c\"\nkey = \"k\"\n\
             [unlock]\nsource = \"credential\"\npath = \"s\"\n[api]\nsocket = \"a\"\n\
             [backup]\nrecipient = \"{recipient}\"\nfolder = \"copies\"\ngenerations = 3\n"
        );
        let config = Config::parse(&text, dir.path(), false).ok().expect("a good configuration");
        let folder = Folder::new(&config, config.backup.as_ref().expect("it has one"));
        Self { dir, config, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn written(&self, records: &[Record]) -> Written {
        self.folder.write(records, MADE_AT, None).expect("written")
    }

    /// A backup with an identity in it.
    pub(crate) fn written_with(&self, records: &[Record], seed: [u8; 32]) -> PathBuf {
        self.folder.write(records, MADE_AT, Some(&seed)).expect("written").file
    }

    /// `restore --set-aside` over another state folder.
    pub(crate) fn restore_into(&self, state: &Path, file: &Path) -> Result<Restored, BackupFault> {
        let (network, agency, key) = (&self.config.network, &self.config.agency, &self.path("key.txt"));
        let (unlocked, tombstones) = (&store_key().into(), Stones::Beside);
        run(&Restore { network, agency, state, unlocked, file, key, tombstones, set_aside: true }, MADE_AT)
    }

    fn restore(&self, file: &Path, stones: Stones) -> Result<Restored, BackupFault> {
        self.restore_with(file, &self.path("key.txt"), stones)
    }

    fn restore_with(&self, file: &Path, key: &Path, tombstones: Stones) -> Result<Restored, BackupFault> {
        let (network, agency, state) = (&self.config.network, &self.config.agency, &self.config.state);
        let unlocked = &store_key().into();
        let asked = Restore { network, agency, state, unlocked, file, key, tombstones, set_aside: false };
        run(&asked, Timestamp::from_millis(MADE_AT.as_millis() + DAY))
    }

    fn open(&self) -> Store {
        Store::open(&self.config.state, store_key()).unwrap_or_else(|fault| panic!("{fault}"))
    }
}

fn store_key() -> StoreKey {
    StoreKey::from_bytes(&[1; 32])
}

fn code(result: &Result<Restored, BackupFault>) -> Option<&'static str> {
    result.as_ref().err().map(BackupFault::code)
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").file_name().into_string().expect("plain")).collect();
    names.sort();
    names
}

#[test]
fn a_backup_comes_back_whole_in_a_new_life() {
    let office = Office::new();
    let records = [began(7), arrived(1), arrived(2)];
    let written = office.written(&records);
    assert!(written.file.ends_with("copies/raccordo-cpi-rivabella-20241004T000000Z.age"), "{}", written.file.display());
    assert_eq!(fs::metadata(&written.file).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(office.folder.last(MADE_AT), Some(MADE_AT));

    let restored = office.restore(&written.file, Stones::Beside).expect("restored");
    assert_eq!((restored.records, restored.cases_left_out, restored.made_at), (3, 0, MADE_AT));
    assert_eq!((restored.store.identity, restored.store.aside), (Installed::None, None));
    let found = office.open().records;
    assert!(found[..3] == records && found.len() == 5, "{} records", found.len());
    assert!(matches!(&found[3].0, Change::StoreRestored(restored) if restored.made_at == MADE_AT.as_millis()));
    assert!(matches!(&found[4].0, Change::EpochBegun(begun) if begun.store_epoch == (MADE_AT.as_millis() + DAY) / 1000));
    // And not a second time over what is there.
    assert_eq!(code(&office.restore(&written.file, Stones::Beside)), Some("JOURNAL_THERE"));
    assert_eq!(office.open().records.len(), 5);
}

#[test]
fn the_identity_comes_back_only_where_it_was_asked_for_and_none_is_there() {
    let office = Office::new();
    let with = office.folder.write(&[began(7)], MADE_AT, Some(&[5; 32])).expect("written").file;
    let restored = office.restore(&with, Stones::Beside).expect("restored");
    assert_eq!(restored.store.identity, Installed::FromBackup);
    let load = || identity::load_or_import(&office.config.state, &store_key(), None).expect("there").to_bytes();
    assert_eq!(load(), [5; 32]);

    Store::quarantine(&office.config.state).expect("set aside");
    let other = office.folder.write(&[began(7)], MADE_AT, Some(&[6; 32])).expect("written").file;
    assert_ne!(other, with, "two of one second have two names");
    assert_eq!(office.restore(&other, Stones::Beside).expect("restored").store.identity, Installed::Kept);
    assert_eq!(load(), [5; 32]);
}

#[test]
fn what_was_erased_since_stays_away_and_without_its_tombstones_would_not() {
    let office = Office::new();
    let file = office.written(&[began(7), arrived(1), arrived(2)]).file;
    office.folder.write_tombstones(&[began(7), arrived(2), erased(1)], MADE_AT).expect("written");
    let restored = office.restore(&file, Stones::Beside).expect("restored");
    assert_eq!((restored.records, restored.cases_left_out), (2, 1));
    let found = office.open().records;
    assert!(found.contains(&arrived(2)) && !found.contains(&arrived(1)) && found.contains(&erased(1)));

    Store::quarantine(&office.config.state).expect("set aside");
    let restored = office.restore(&file, Stones::Nowhere).expect("restored");
    assert_eq!((restored.records, restored.cases_left_out), (3, 0));
    assert!(office.open().records.contains(&arrived(1)), "this is what the tombstones are for");
}

/// The one file of all tombstones that there was before 2026-11-22.
const ONE_FILE: &str = "raccordo-cpi-rivabella.tombstones.age";

#[test]
fn a_younger_life_writes_over_nobodys_tombstones() {
    let office = Office::new();
    let file = office.written(&[began(7), arrived(1), arrived(2)]).file;
    office.folder.write_tombstones(&[began(7), arrived(2), erased(1)], MADE_AT).expect("written");
    // Restored without them, by somebody who said so, the office erases the other case.
    office.folder.write_tombstones(&[began(7), began(8), arrived(1), erased(2)], MADE_AT).expect("written");
    let restored = office.restore(&file, Stones::Beside).expect("restored");
    assert_eq!((restored.records, restored.cases_left_out), (1, 2), "both stay away");

    Store::quarantine(&office.config.state).expect("set aside");
    let copies = office.path("copies");
    fs::remove_file(copies.join(tombstones_name(&office.config.agency, 8))).expect("there");
    fs::rename(copies.join(tombstones_name(&office.config.agency, 7)), copies.join(ONE_FILE)).expect("there");
    let restored = office.restore(&file, Stones::Beside).expect("the older form is read");
    assert_eq!((restored.records, restored.cases_left_out), (2, 1));
}

#[test]
fn a_tombstone_ends_with_the_last_backup_that_could_need_it() {
    let office = Office::new();
    let journal = [began(7), arrived(2), erased(1)];
    let ends = Timestamp::from_millis(MADE_AT.as_millis() + DAY);
    let kept = |now| raccordo_casework::restore::tombstones(&journal, &office.config.agency, now).erased.len();
    assert_eq!((kept(MADE_AT), kept(ends)), (1, 0));
}

/// Everything in and below a folder.
fn image(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(image(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("readable"));
        }
    }
    found
}

#[test]
fn whatever_is_wrong_has_its_code_and_nothing_is_written() {
    let office = Office::new();
    let good = office.written(&[began(7), arrived(1)]).file;
    let stones = good.with_file_name(tombstones_name(&office.config.agency, 7));
    let file = |name: &str, bytes: &[u8]| {
        fs::write(office.path(name), bytes).expect("written");
        office.path(name)
    };
    new_key(&office.path("other.txt")).expect("made");
    let bytes = fs::read(&good).expect("there");
    let refused = |file: &Path, key: &str, stones: Stones, expected: &str| {
        let refused = office.restore_with(file, &office.path(key), stones);
        assert_eq!(code(&refused), Some(expected));
        assert!(image(&office.config.state).is_empty(), "{expected}: something was written");
    };
    let given = || Stones::File(stones.clone());
    refused(&good, "other.txt", Stones::Beside, "BACKUP_WRONG_KEY");
    refused(&good, "nowhere.txt", Stones::Beside, "BACKUP_UNREADABLE");
    refused(&good, "copies/raccordo-cpi-rivabella.tombstones-7.age", Stones::Beside, "BACKUP_KEY_UNUSABLE");
    refused(&office.path("copies/none.age"), "key.txt", given(), "BACKUP_UNREADABLE");
    refused(&stones, "key.txt", Stones::Beside, "BACKUP_DAMAGED");
    // Sealed for us, and no store ever wrote such a number: there is no life after the last.
    let hostile = office.folder.write(&[began(7), began(u64::MAX)], MADE_AT, None).expect("written").file;
    refused(&hostile, "key.txt", Stones::Beside, "BACKUP_DAMAGED");
    fs::remove_file(hostile).expect("there");
    let half_an_identity = restore_rules::backup(&[], &office.config.network, &office.config.agency, MADE_AT, vec![5; 16]);
    let recipient = read_key(&office.path("key.txt")).expect("a key").to_public();
    let sealed = seal(&recipient, &half_an_identity.encode_to_vec(), &good).expect("sealed");
    refused(&file("copies/half.age", &sealed), "key.txt", Stones::Beside, "BACKUP_DAMAGED");
    refused(&good, "key.txt", Stones::File(good.clone()), "BACKUP_DAMAGED");
    refused(&good, "key.txt", Stones::File(office.path("none.age")), "TOMBSTONES_MISSING");
    refused(&file("moved.age", &bytes), "key.txt", Stones::Beside, "TOMBSTONES_MISSING");
    for len in [0, 1, 100, bytes.len() / 2, bytes.len() - 1] {
        refused(&file("cut.age", &bytes[..len]), "key.txt", given(), "BACKUP_DAMAGED");
    }

    let mut other = office.config.clone();
    other.agency = AgencyId::parse("sil-rivabella").expect("an id");
    let others = Folder::new(&other, other.backup.as_ref().expect("it has one"));
    let theirs = others.write(&[began(7)], MADE_AT, None).expect("written").file;
    refused(&theirs, "key.txt", given(), "BACKUP_OTHER_OFFICE");
    let theirs = theirs.with_file_name(tombstones_name(&other.agency, 7));
    refused(&good, "key.txt", Stones::File(theirs), "BACKUP_OTHER_OFFICE");
    other = Config { agency: office.config.agency.clone(), network: NetworkId::parse("rete-altra").expect("a name"), ..other };
    let elsewhere = Folder::new(&other, other.backup.as_ref().expect("it has one"));
    let elsewhere = elsewhere.write(&[began(7)], MADE_AT, None).expect("written").file;
    refused(&elsewhere, "key.txt", Stones::Beside, "BACKUP_OTHER_OFFICE");
    // The control: it was not the setting.
    assert!(office.restore(&good, Stones::Beside).is_ok());
}

#[test]
fn a_flipped_byte_anywhere_is_refused() {
    let office = Office::new();
    let good = office.written(&[began(7), arrived(1), arrived(2)]).file;
    let bytes = fs::read(&good).expect("there");
    let flipped = good.with_file_name("flipped.age");
    let mut codes = BTreeMap::new();
    for at in (0..bytes.len()).step_by(64).chain([bytes.len() - 1]) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        fs::write(&flipped, bad).expect("written");
        let refused = code(&office.restore(&flipped, Stones::Beside)).unwrap_or_else(|| panic!("byte {at} is not noticed"));
        *codes.entry(refused).or_insert(0) += 1;
        assert!(image(&office.config.state).is_empty(), "byte {at}");
    }
    println!("{} bytes, refused: {codes:?}", bytes.len());
    assert!(codes.keys().all(|code| ["BACKUP_DAMAGED", "BACKUP_WRONG_KEY"].contains(code)), "{codes:?}");
}

#[test]
fn the_newest_generations_are_kept_and_an_old_one_goes_only_for_a_new_one() {
    let office = Office::new();
    let copies = office.path("copies");
    for name in ["raccordo-cpi-rivabella-notes.age", "raccordo-cpi-rivabella-2-20200101T000000Z.age"] {
        fs::write(copies.join(name), b"not ours").expect("written");
    }
    fs::write(copies.join("raccordo-cpi-rivabella-20200101T000000Z.age.tmp"), b"unfinished").expect("written");
    let days = |day: u64| Timestamp::from_millis(MADE_AT.as_millis() + day * DAY);
    let removed: Vec<_> = (0..5).map(|day| office.folder.write(&[began(7)], days(day), None).expect("written").removed).collect();
    assert_eq!(removed, [0, 0, 0, 1, 1]);
    let kept = [
        "raccordo-cpi-rivabella-2-20200101T000000Z.age",
        "raccordo-cpi-rivabella-20241006T000000Z.age",
        "raccordo-cpi-rivabella-20241007T000000Z.age",
        "raccordo-cpi-rivabella-20241008T000000Z.age",
        "raccordo-cpi-rivabella-notes.age",
        "raccordo-cpi-rivabella.tombstones-7.age",
    ];
    assert_eq!(names(&copies), kept);

    // The next one cannot be written.
    let obstacle = copies.join("raccordo-cpi-rivabella-20241009T000000Z.age.tmp");
    fs::create_dir(&obstacle).expect("made");
    let failed = office.folder.write(&[began(7)], days(5), None).expect_err("nothing can be written");
    assert_eq!(failed.code(), "BACKUP_NOT_WRITTEN");
    fs::remove_dir(&obstacle).expect("removed");
    assert_eq!(names(&copies), kept);
    fs::remove_dir_all(&copies).expect("removed");
    let failed = office.folder.write(&[began(7)], days(6), None).expect_err("no folder");
    assert_eq!(failed.code(), "BACKUP_NO_FOLDER");
    assert!(!copies.exists(), "an empty folder took the place of a disk");
}

/// Backups of this office that hold a record, as who has the key reads them.
fn holding(office: &Office, record: &Record) -> usize {
    let (key, record) = (read_key(&office.path("key.txt")).expect("a key"), record.encode());
    let copies = names(&office.path("copies")).into_iter().filter(|name| !name.contains("tombstones"));
    let opened = copies.map(|name| open(&office.path("copies").join(name), &key).expect("it opens"));
    opened.filter(|plain| plain.windows(record.len()).any(|window| window == record)).count()
}

#[test]
fn an_erased_case_is_gone_from_backups_with_the_last_generation_that_held_it() {
    let office = Office::new();
    let night = |day: u64, records: &[Record]| {
        let at = Timestamp::from_millis(MADE_AT.as_millis() + day * DAY);
        office.folder.write(records, at, None).expect("written");
        holding(&office, &arrived(1))
    };
    let (before, after) = ([began(7), arrived(1), arrived(2)], [began(7), arrived(2), erased(1)]);
    assert_eq!([night(0, &before), night(1, &before)], [1, 2]);
    // Erased on the second day; three are kept.
    let held = [night(2, &after), night(3, &after), night(4, &after)];
    assert_eq!(held, [2, 1, 0]);
    results::write("T24", "control: backups that hold a case just erased", held[0], 1, file!());
    results::write_at_most("T24", "backups that hold it after as many nights as are kept", held[2], 0, file!());
    assert_eq!(holding(&office, &arrived(2)), 3, "the search finds what is there");
}

#[test]
fn a_key_is_for_its_owner_and_never_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("key.txt");
    let recipient = new_key(&path).expect("made");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(read_key(&path).expect("a key").to_public(), recipient);
    assert_eq!(new_key(&path).expect_err("it is there").code(), "BACKUP_FILE_EXISTS");
    assert_eq!(read_key(&path).expect("the same key").to_public(), recipient);
    let text = fs::read_to_string(&path).expect("text");
    for bad in [String::new(), "AGE-SECRET-KEY-1".into(), format!("{text}{text}"), recipient.to_string()] {
        fs::write(&path, bad).expect("written");
        assert_eq!(read_key(&path).err().map(|fault| fault.code()), Some("BACKUP_KEY_UNUSABLE"));
    }
}

#[test]
fn a_living_journal_is_read_as_its_next_start_would() {
    let office = Office::new();
    let case = CaseOpened { case_id: vec![1; 16], operator: "op-0000".into(), ..Default::default() };
    let mut journal = office.open().journal;
    journal.append(&[began(7), arrived(2), Record(Change::CaseOpened(case))]).expect("appended");
    journal.erase_key(&CaseId::new([1; 16])).expect("erased");
    journal.append(&[arrived(3)]).expect("appended");
    let now = journal.records().expect("readable");
    assert!(now == [began(7), arrived(2), arrived(3)], "{} records", now.len());
    drop(journal);
    assert!(office.open().records == now);
}
