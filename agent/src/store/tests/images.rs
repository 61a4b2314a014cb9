//! A state folder as bytes, and what a store that is opened on such bytes has to say. Not here: how the bytes were changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use raccordo_casework::record::{Journal as _, Record};

use super::super::anchor::Anchor;
use super::super::disk::{Disk, RealDisk};
use super::super::keyring::Keyring;
use super::super::lock::Lock;
use super::super::{Parts, SledJournal, Store, StoreFault};
use super::{files, key, opened, shown};

/// The engine's file.
pub(super) const DB: &str = "journal.sled/db";
/// The anchor.
pub(super) const ANCHOR: &str = "anchor.bin";

/// Files by their path below the state folder, without the lock; a path that ends with `/` is a folder.
pub(super) type Image = BTreeMap<String, Vec<u8>>;

/// What is in a folder now.
pub(super) fn read(dir: &Path) -> Image {
    let name = |path: &Path| path.strip_prefix(dir).expect("it is inside").to_str().expect("plain names").to_owned();
    let found = files(dir).into_iter().filter_map(|path| fs::read(&path).ok().map(|bytes| (name(&path), bytes)));
    found.filter(|(name, _)| name != "lock").collect()
}

/// Puts it into an empty folder.
pub(super) fn write(image: &Image, dir: &Path) {
    for (name, bytes) in image {
        let path = dir.join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).expect("made");
            continue;
        }
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

/// The records of the `number`th append: three, one of them long, of cases new and old.
pub(super) fn group(number: u32) -> Vec<Record> {
    let long = "x".repeat(1_000 + 7_000 * (number as usize % 4));
    vec![opened(number % 5, &long), shown(number.into()), opened(number, "short")]
}

/// The records of the first appends.
pub(super) fn groups(count: usize) -> Vec<Record> {
    (0..).take(count).flat_map(group).collect()
}

/// How many appends these records are. Panics if they are no beginning of [`groups`], or one that cuts an append.
pub(super) fn appends(records: &[Record]) -> usize {
    let count = records.len() / 3;
    super::assert_same(records, &groups(count));
    count
}

/// Opens an image in a folder of its own: the appends it holds. A store that opens must also take one more and open again
/// with it; or refuse then, as damage that shows late.
pub(super) fn judge(image: &Image) -> Result<usize, &'static str> {
    let dir = tempfile::tempdir().expect("a folder");
    write(image, dir.path());
    let code = |fault: StoreFault| fault.code();
    let Store { mut journal, records, .. } = Store::open(dir.path(), key()).map_err(code)?;
    let count = appends(&records);
    if journal.append(&group(count.try_into().expect("few"))).is_ok() {
        drop(journal);
        assert_eq!(appends(&Store::open(dir.path(), key()).map_err(code)?.records), count + 1, "an append was lost");
    }
    Ok(count)
}

/// As [`judge`], by a store that believes its engine: the sabotage that shows what the anchor is for.
pub(super) fn judge_without_anchor(image: &Image) -> Result<usize, &'static str> {
    let dir = tempfile::tempdir().expect("a folder");
    write(image, dir.path());
    open_without_anchor(dir.path()).map(|store| appends(&store.records)).map_err(|fault| fault.code())
}

fn open_without_anchor(state_dir: &Path) -> Result<Store, StoreFault> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let lock = Lock::take(state_dir)?;
    let keyring = Keyring::open(state_dir, &key(), disk.clone())?.ok_or(StoreFault::Damaged("keyring.bin is missing"))?;
    // A new one asks nothing.
    let anchor = Anchor::create(state_dir, &key(), disk.clone())?;
    SledJournal::open(state_dir, Parts { keyring, anchor, disk, lock })
}

/// Numbers that look random and are the same at every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// Below `limit` (> 0).
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
