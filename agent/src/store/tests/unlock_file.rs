//! What a passphrase opens: made once, changed, refused, lost. The cost is a test's, but for the fixture. Not here: setting a
//! damaged file aside (`restore`), asking (`crate::passphrase`).

use std::fs;
use std::path::Path;

use raccordo_atrest::passphrase::Cost;
use raccordo_casework::record::Journal as _;
use sha2::{Digest as _, Sha256};

use super::super::lock::Lock;
use super::super::unlock_file;
use super::images::read;
use super::{Store, StoreFault, StoreKey, assert_same, code, key, shown};
use crate::passphrase::tests::Scripted;

const ONE: &str = "la prima frase segreta";
const TWO: &str = "un'altra, la seconda";

fn unlock(dir: &Path, answers: &[&'static str]) -> Result<StoreKey, StoreFault> {
    unlock_file::unlock(dir, &mut Scripted::new(answers), Cost::CHEAP)
}

fn change(dir: &Path, answers: &[&'static str]) -> Option<&'static str> {
    code(unlock_file::change(dir, &mut Scripted::new(answers), Cost::CHEAP))
}

#[test]
fn a_passphrase_makes_a_store_once_and_no_other_opens_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = dir.path().join("state");
    assert_eq!(code(unlock(&state, &["troppo cort"])), Some("PASSPHRASE_SHORT"));
    assert!(!state.exists(), "nothing is made for a passphrase that is refused");
    let first = unlock(&state, &[ONE]).expect("the first start makes it");
    Store::open(&state, first).expect("opened").journal.append(&[shown(1)]).expect("appended");
    let before = read(&state);
    assert_eq!(code(unlock(&state, &[TWO])), Some("WRONG_KEY"));
    assert_eq!(code(unlock(&state, &[""])), Some("PASSPHRASE_SHORT"));
    assert!(read(&state) == before, "everything is as it was");
    let again = unlock(&state, &[ONE]).expect("the same");
    assert_same(&Store::open(&state, again).expect("the same key").records, &[shown(1)]);
    // Two offices with one passphrase have two keys, and no file shows either.
    let other = dir.path().join("other");
    let other_key = unlock(&other, &[ONE]).expect("made");
    assert_ne!(fs::read(other.join("unlock.bin")).expect("there"), before["unlock.bin"]);
    assert!(Store::open(&state, other_key).is_err_and(|fault| fault.code() == "WRONG_KEY"));
}

#[test]
fn another_passphrase_takes_the_place_of_the_first_under_a_new_salt() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(change(dir.path(), &[]), Some("UNLOCK_MISSING"));
    assert!(read(dir.path()).is_empty());
    let store_key = unlock(dir.path(), &[ONE]).expect("made");
    let store = Store::open(dir.path(), store_key).expect("opened");
    assert_eq!(change(dir.path(), &[]), Some("LOCKED_BY_ANOTHER"), "an agent runs");
    drop(store);
    let before = read(dir.path());
    assert_eq!(change(dir.path(), &[TWO]), Some("WRONG_KEY"));
    assert_eq!(change(dir.path(), &[ONE, "corta"]), Some("PASSPHRASE_SHORT"));
    assert!(read(dir.path()) == before, "everything is as it was");

    assert_eq!(change(dir.path(), &[ONE, TWO]), None);
    let after = read(dir.path());
    let changed: Vec<_> = after.keys().filter(|name| after.get(*name) != before.get(*name)).collect();
    assert_eq!(changed, ["unlock.bin"], "nothing else is written anew");
    let salt = |file: &[u8]| file[22..38].to_vec();
    assert_ne!(salt(&after["unlock.bin"]), salt(&before["unlock.bin"]));
    assert_eq!(code(unlock(dir.path(), &[ONE])), Some("WRONG_KEY"));
    assert!(Store::open(dir.path(), unlock(dir.path(), &[TWO]).expect("it opens")).is_ok());
}

#[test]
fn a_store_that_was_begun_otherwise_or_has_lost_the_file_gets_no_new_key() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(super::open(dir.path()));
    let before = read(dir.path());
    assert_eq!(code(unlock(dir.path(), &[])), Some("UNLOCK_MISSING"));
    let to_restore = unlock_file::unlock_to_restore(dir.path(), &mut Scripted::new(&[]), Cost::CHEAP, true);
    assert_eq!(code(to_restore), Some("UNLOCK_MISSING"));
    assert!(read(dir.path()) == before && Store::open(dir.path(), key()).is_ok());
    // A restore was interrupted: nobody begins anew.
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("restoring")).expect("made");
    assert_eq!(code(unlock(dir.path(), &[])), Some("ANCHOR"));
    // Another process has begun while this one was asking.
    let dir = tempfile::tempdir().expect("a folder");
    let _lock = Lock::take(dir.path()).expect("nobody has it");
    assert_eq!(code(unlock(dir.path(), &[ONE])), Some("LOCKED_BY_ANOTHER"));
}

/// Made by `tests/interop/unlock.py --make` from docs/PROTOCOL.md, with the cost of every real file.
const FIXTURE: &[u8] = include_bytes!("unlock-v1.bin");
const FIXTURE_PASSPHRASE: &str = "perché no? dodici e più";

/// The digest once more: a change that nobody's disk has made.
fn changed(at: usize) -> Vec<u8> {
    let mut file = FIXTURE.to_vec();
    file[at] ^= 1;
    let covered = file.len() - 32;
    let digest = Sha256::digest(&file[..covered]);
    file[covered..].copy_from_slice(&digest);
    file
}

#[test]
fn the_file_is_what_the_protocol_says_and_every_byte_of_it_counts() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("unlock.bin");
    let real = |file: &[u8], answers: &[&'static str]| {
        fs::write(&path, file).expect("written");
        unlock_file::unlock(dir.path(), &mut Scripted::new(answers), Cost::REAL)
    };
    let opened = real(FIXTURE, &[FIXTURE_PASSPHRASE]).expect("it opens");
    assert!(*opened.secret().bytes() == std::array::from_fn(|at| u8::try_from(at).expect("small")));
    assert_eq!(code(real(FIXTURE, &[ONE])), Some("WRONG_KEY"));
    for at in 0..FIXTURE.len() {
        let mut flipped = FIXTURE.to_vec();
        flipped[at] ^= 1;
        assert_eq!(code(real(&flipped, &[])), Some("DAMAGED"), "byte {at}");
    }
    // Who may write the file and knows no passphrase: another kind, version or cost, of which nobody is asked.
    for (at, expected) in [(0, "DAMAGED"), (8, "DAMAGED"), (9, "VERSION"), (13, "VERSION"), (17, "VERSION"), (21, "VERSION")] {
        assert_eq!(code(real(&changed(at), &[])), Some(expected), "byte {at}");
    }
    // The salts, and what is sealed.
    for at in [22, 38, 70, 82, 129] {
        assert_eq!(code(real(&changed(at), &[FIXTURE_PASSPHRASE])), Some("WRONG_KEY"), "byte {at}");
    }
}
