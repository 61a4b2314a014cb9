//! A disk that is full: while a journal grows, while the keyring does, in a restore. Nothing that was answered for is lost, the
//! code says what it is, and with room again everything goes on. Not here: a disk that fails otherwise (`faults`).
//!
//! The limit on a file's size is the only full disk that needs no privileges. A child process sets it for itself; the shell
//! before it has the signal ignored that would end the child.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use raccordo_casework::record::{Journal as _, JournalFailure, Record};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::super::StoreFault;
use super::super::disk::RealDisk;
use super::super::keyring::{self, Keyring, SLOTS_MADE_AT_A_TIME};
use super::faults::{is_read_only, open_again};
use super::images::{appends, group, read};
use super::restore::{Start, old, prepare, restore, restore_again};
use super::{assert_same, code, key, open, opened};
use crate::store::Store;

const STATE_DIR: &str = "RACCORDO_TEST_STATE_DIR";
const LIMIT_BYTES: &str = "RACCORDO_TEST_LIMIT_BYTES";

/// Runs one of the tests below as a child whose files may not be longer than this; what it said.
fn child(name: &str, dir: &Path, limit_bytes: u64) -> String {
    let script = r#"trap "" XFSZ && exec "$0" --exact "$1" --nocapture"#;
    let test = module_path!().split_once("::").expect("below the crate").1.to_owned() + "::" + name;
    let said = tempfile::NamedTempFile::new().expect("made");
    let mut running = Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().expect("this test"))
        .arg(test)
        .env(STATE_DIR, dir)
        .env(LIMIT_BYTES, limit_bytes.to_string())
        .stderr(Stdio::null())
        .stdout(said.reopen().expect("made"))
        .spawn()
        .expect("a shell");
    running.wait().expect("our child"); // it writes a bounded number of times
    fs::read_to_string(said.path()).expect("text")
}

/// The folder of a child, once its limit holds; `None` for who is no child.
fn limited() -> Option<PathBuf> {
    let dir = env::var_os(STATE_DIR).map(PathBuf::from)?;
    let bytes = env::var(LIMIT_BYTES).ok()?.parse().expect("a number");
    setrlimit(Resource::Fsize, Rlimit { current: Some(bytes), maximum: Some(bytes) }).expect("a lower limit");
    Some(dir)
}

fn code_of(failure: &JournalFailure) -> &'static str {
    failure.source.downcast_ref::<StoreFault>().expect("the store's").code()
}

#[test]
fn a_full_disk_loses_nothing_that_was_answered_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let said = child("child_whose_journal_grows", dir.path(), 2_000_000);
    assert!(said.contains("full: NO_SPACE"), "the child ended before its disk was full: {said}");
    let answered = said.matches("answered").count();
    assert!(answered > 5, "{said}");
    let found = appends(&open_again(dir.path()).records);
    println!("full disk: {answered} appends answered for, {found} found");
    assert!(found == answered || found == answered + 1, "{found} appends, {answered} answered for");
}

#[test]
fn child_whose_journal_grows() {
    let Some(dir) = limited() else { return };
    let mut journal = open(&dir).journal;
    for number in 0..10_000 {
        if let Err(failure) = journal.append(&group(number)) {
            assert!(is_read_only(journal.append(&group(number))));
            println!("full: {}", code_of(&failure));
            return;
        }
        println!("answered");
    }
}

/// A keyring of 300 batches, the last key of which is erased: the next case needs one more.
fn large_keyring(dir: &Path) -> u64 {
    let mut keyring = Keyring::open(dir, &key(), Arc::new(RealDisk)).expect("readable").expect("there");
    keyring.grow_often(299).expect("written");
    keyring.erase(300 * SLOTS_MADE_AT_A_TIME).expect("written");
    fs::metadata(keyring::path(dir)).expect("there").len()
}

#[test]
fn a_full_disk_while_the_keyring_grows_loses_neither_keys_nor_records() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).journal.append(&group(0)).expect("appended");
    let bytes = large_keyring(dir.path());
    let before = fs::read(keyring::path(dir.path())).expect("there");
    let said = child("child_whose_keyring_grows", dir.path(), bytes + 1_000);
    assert!(said.contains("answered") && said.contains("full: NO_SPACE"), "{said}");
    assert!(fs::read(keyring::path(dir.path())).expect("there") == before, "the keys are as they were");
    // With room again, the case that had none.
    let mut store = open_again(dir.path());
    assert_same(&store.records, &[group(0), vec![opened(0, "known")]].concat());
    store.journal.append(&[opened(77, "one more")]).expect("appended");
    assert!(fs::metadata(keyring::path(dir.path())).expect("there").len() > bytes + 1_000);
}

#[test]
fn child_whose_keyring_grows() {
    let Some(dir) = limited() else { return };
    let mut journal = open(&dir).journal;
    journal.append(&[opened(0, "known")]).expect("a case that has its key");
    println!("answered");
    let failure = journal.append(&[opened(77, "one more")]).expect_err("there is no room for its key");
    assert!(is_read_only(journal.append(&[opened(0, "known")])));
    println!("full: {}", code_of(&failure));
}

/// More than a small disk takes.
fn much() -> Vec<Record> {
    (0..1_000).map(|number| opened(number % 50, &"x".repeat(4_000))).collect()
}

#[test]
fn a_full_disk_in_a_restore_loses_neither_what_was_there_nor_the_restore() {
    let dir = tempfile::tempdir().expect("a folder");
    prepare(Start::Used, dir.path());
    let before = read(dir.path());
    let said = child("child_that_restores", dir.path(), 1_500_000);
    assert!(said.contains("full: NO_SPACE"), "{said}");
    // Nothing half restored opens, and the journal that was there is set aside as it was.
    assert_eq!(code(Store::open(dir.path(), key())), Some("ANCHOR"));
    let aside = dir.path().join("quarantine-1");
    for name in ["journal.sled/db", "anchor.bin"] {
        assert!(fs::read(aside.join(name)).expect("it is there") == before[name], "{name}");
    }
    restore_again(Start::Used, dir.path(), &much());
    assert_same(&open(dir.path()).records, &much());
    // And it still opens.
    fs::remove_dir_all(dir.path().join("journal.sled")).expect("removed");
    ["journal.sled", "anchor.bin"].iter().for_each(|name| fs::rename(aside.join(name), dir.path().join(name)).expect("put back"));
    assert_same(&open(dir.path()).records, &old());
}

#[test]
fn child_that_restores() {
    let Some(dir) = limited() else { return };
    let fault = restore(Start::Used, Arc::new(RealDisk), &dir, &much()).expect_err("there is no room for all of it");
    println!("full: {}", fault.code());
}
