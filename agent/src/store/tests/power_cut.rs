//! T4: power cuts. At every moment at which the store makes something durable, the folder is read as the operating system
//! has it, and compared with what an fdatasync has covered so far: the difference is what a power cut may take. From the
//! two, images are made in which none, all, or some of it arrived, in sectors of 512 bytes in any order, one of them torn
//! in its middle, the file's new length with zeros or its old one. Each is opened.
//!
//! The model covers the engine's file and the anchor, through appends, closings and openings (recovery writes too), and
//! takes the engine's own syncs for nothing: more may be lost here than on a real disk. It does not cover: writes that a
//! later write replaces before the same fdatasync (only the last is seen), a sync that the disk itself has not kept, and
//! folders: snapshots, settings and the keyring are there as a whole, all old or all new, as their own sync and rename
//! leave them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use raccordo_casework::record::Journal as _;

use super::super::disk::{Disk, Sync};
use super::super::{Store, StoreFault};
use super::images::{ANCHOR, DB, Dice, Image, group, judge, judge_without_anchor, read};
use super::{key, results};

const SECTOR_BYTES: usize = 512;
/// Images of power cuts (T4).
const IMAGES_MIN: usize = 300;

/// A disk that loses its power, in copies, at every sync.
struct Pictures {
    state_dir: PathBuf,
    /// Appends that were answered for.
    acknowledged: AtomicUsize,
    /// Whether the engine's file is durable after its fdatasync: without, this is the engine's own promise.
    synced: bool,
    judge: fn(&Image) -> Result<usize, &'static str>,
    taken: Mutex<Taken>,
}

struct Taken {
    durable: Image,
    dice: Dice,
    images: usize,
    short: usize,
    outcomes: BTreeMap<String, usize>,
}

impl Pictures {
    fn new(state_dir: &Path, synced: bool, judge: fn(&Image) -> Result<usize, &'static str>) -> Arc<Self> {
        let (durable, dice) = (read(state_dir), Dice(4));
        let taken = Mutex::new(Taken { durable, dice, images: 0, short: 0, outcomes: BTreeMap::new() });
        Arc::new(Self { state_dir: state_dir.into(), acknowledged: AtomicUsize::new(0), synced, judge, taken })
    }
}

impl Disk for Pictures {
    fn sync(&self, what: Sync, doing: &mut dyn FnMut() -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        doing()?;
        let now = read(&self.state_dir);
        let acknowledged = self.acknowledged.load(Ordering::Relaxed);
        let mut taken = self.taken.lock().expect("no judge panicked");
        for share in SHARES {
            let image = taken.cut(&now, share);
            let outcome = (self.judge)(&image);
            taken.note(what, outcome, acknowledged);
        }
        taken.settle(now, what, self.synced);
        Ok(())
    }
}

/// How much of what was not synced arrived.
#[derive(Clone, Copy)]
enum Share {
    Nothing,
    Everything,
    First,
    AnyHalf,
    AllButOne,
    OnlyOne,
}

const SHARES: [Share; 7] =
    [Share::Nothing, Share::Everything, Share::First, Share::AnyHalf, Share::AnyHalf, Share::AllButOne, Share::OnlyOne];

impl Taken {
    /// What a power cut leaves.
    fn cut(&mut self, now: &Image, share: Share) -> Image {
        let others_arrived = match share {
            Share::Nothing => false,
            Share::Everything => true,
            _ => self.dice.below(2) == 0,
        };
        let mut image = if others_arrived { now.clone() } else { self.durable.clone() };
        for name in [DB, ANCHOR] {
            // A new anchor is there whole or not at all, by its rename; a new file of the engine may be there without its bytes.
            let old = self.durable.get(name).map(Vec::as_slice).or((name == DB).then_some(&[][..]));
            if let (Some(old), Some(new), true) = (old, now.get(name), image.contains_key(name)) {
                image.insert(name.to_owned(), cut_file(&mut self.dice, old, new, share));
            }
        }
        image
    }

    fn note(&mut self, what: Sync, outcome: Result<usize, &'static str>, acknowledged: usize) {
        self.images += 1;
        let outcome = match outcome {
            Ok(found) if found < acknowledged => {
                self.short += 1;
                "short".to_owned()
            }
            Ok(found) => {
                assert!(found <= acknowledged + 1, "it holds what was never appended");
                format!("complete at {what:?}")
            }
            Err(code) => code.to_owned(),
        };
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    fn settle(&mut self, now: Image, what: Sync, synced: bool) {
        for (name, bytes) in &now {
            let covered = match name.as_str() {
                DB => what == Sync::Journal && (synced || !self.durable.contains_key(DB)),
                ANCHOR => what == Sync::Anchor,
                _ => true,
            };
            if covered {
                self.durable.insert(name.clone(), bytes.clone());
            }
        }
        self.durable.retain(|name, _| now.contains_key(name));
    }
}

fn cut_file(dice: &mut Dice, old: &[u8], new: &[u8], share: Share) -> Vec<u8> {
    let sector = |bytes: &[u8], number: usize| {
        let mut sector = [0; SECTOR_BYTES];
        let from = (number * SECTOR_BYTES).min(bytes.len());
        let to = (from + SECTOR_BYTES).min(bytes.len());
        sector[..to - from].copy_from_slice(&bytes[from..to]);
        sector
    };
    let sectors = new.len().max(old.len()).div_ceil(SECTOR_BYTES);
    let changed: Vec<usize> = (0..sectors).filter(|number| sector(old, *number) != sector(new, *number)).collect();
    let one = if changed.is_empty() { 0 } else { dice.below(changed.len()) };
    let mut file: Vec<u8> = (0..sectors).flat_map(|number| sector(old, number)).collect();
    let mut reached = old.len();
    for (at, number) in changed.iter().enumerate() {
        let arrives = match share {
            Share::Nothing => false,
            Share::Everything => true,
            Share::First => at <= one,
            Share::AnyHalf => dice.below(2) == 0,
            Share::AllButOne => at != one,
            Share::OnlyOne => at == one,
        };
        // The last to arrive of a beginning is torn.
        let bytes = if matches!(share, Share::First) && at == one { SECTOR_BYTES / 2 } else { SECTOR_BYTES };
        if arrives {
            let from = number * SECTOR_BYTES;
            file[from..from + bytes].copy_from_slice(&sector(new, *number)[..bytes]);
            reached = reached.max(from + bytes);
        }
    }
    // The length is written on its own: with the last sector that arrived, or before all of them.
    let len = if matches!(share, Share::Everything) || dice.below(2) == 0 { new.len() } else { reached };
    file.resize(len, 0);
    file
}

/// Appends through `pictures`, closing and opening now and then.
fn live(pictures: &Arc<Pictures>, appends: usize) {
    let open = || Store::open_on(pictures.clone(), &pictures.state_dir, key()).expect("nothing happens to this one").journal;
    let mut journal = open();
    for number in 0..appends {
        if number % 9 == 8 {
            drop(journal);
            journal = open();
        }
        journal.append(&group(number.try_into().expect("few"))).expect("appended");
        pictures.acknowledged.store(number + 1, Ordering::Relaxed);
    }
}

fn outcomes(name: &str, pictures: &Pictures) -> (usize, usize, BTreeMap<String, usize>) {
    let taken = pictures.taken.lock().expect("no judge panicked");
    println!("T4 {name}: {} images, {} short, {:?}", taken.images, taken.short, taken.outcomes);
    (taken.images, taken.short, taken.outcomes.clone())
}

#[test]
fn no_power_cut_takes_what_was_answered_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let pictures = Pictures::new(dir.path(), true, judge);
    live(&pictures, 24);
    all_are_complete(&pictures, IMAGES_MIN);
}

/// Not even refused: a power cut is no reason to need a backup.
fn all_are_complete(pictures: &Pictures, images_min: usize) {
    let (images, short, outcomes) = outcomes("as built", pictures);
    results::write("T4", "images of a power cut", images, images_min, file!());
    results::write_at_most("T4", "images without an acknowledged record", short, 0, file!());
    assert!(images >= images_min, "{images}");
    assert_eq!(short, 0);
    let complete = [Sync::Keyring, Sync::Flush, Sync::Journal, Sync::Anchor].map(|what| format!("complete at {what:?}"));
    assert!(complete.iter().all(|name| outcomes.contains_key(name)), "a moment was never cut at");
    assert_eq!(outcomes.len(), complete.len(), "a power cut made a store that is refused");
}

/// The control: the same cuts where the engine's flush is believed, its file not synced.
#[test]
fn without_the_fdatasync_power_cuts_take_records_and_the_anchor_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let pictures = Pictures::new(dir.path(), false, judge);
    live(&pictures, 9);
    let (_, short, outcomes) = outcomes("without the fdatasync", &pictures);
    assert_eq!(short, 0);
    assert!(outcomes.contains_key("ROLLED_BACK"));

    let dir = tempfile::tempdir().expect("a folder");
    let pictures = Pictures::new(dir.path(), false, judge_without_anchor);
    live(&pictures, 9);
    let (_, short, _) = self::outcomes("without fdatasync and anchor", &pictures);
    results::write("T4", "control: such images without fdatasync and anchor", short, 1, file!());
    assert!(short > 0, "these images cost nothing: the model shows nothing");
}
