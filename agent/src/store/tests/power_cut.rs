//! T4: power cuts, as `power` models them: through appends, closings and openings (recovery writes too), the beginning of a
//! store, and a restore. Each image is opened. Not here: the model, and what it takes for atomic.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use raccordo_casework::record::Journal as _;

use super::super::disk::{Disk, Sync};
use super::super::{Store, StoreFault};
use super::images::{Image, group, judge, judge_without_anchor, write};
use super::power::{Found, Judge, Pictures};
use super::restore::{Start, old, prepare, restore, restore_again};
use super::{key, opened, results, shown};

/// Images of power cuts (T4).
const IMAGES_MIN: usize = 300;
/// Those of a restore.
const RESTORES_MIN: usize = 300;

/// What is answered for must be there, and nothing that was never appended.
fn appends(opening: fn(&Image) -> Result<usize, &'static str>) -> (Judge, Arc<AtomicUsize>) {
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let so_far = acknowledged.clone();
    let judge = move |image: &Image, what: Sync| {
        let acknowledged = so_far.load(Ordering::Relaxed);
        match opening(image) {
            Ok(found) if found < acknowledged => ("short".to_owned(), true),
            Ok(found) => {
                assert!(found <= acknowledged + 1, "it holds what was never appended");
                (format!("complete at {what:?}"), false)
            }
            Err(code) => (code.to_owned(), false),
        }
    };
    (Box::new(judge), acknowledged)
}

/// Appends to a store that loses its power, closing and opening now and then.
fn live(synced: bool, opening: fn(&Image) -> Result<usize, &'static str>, count: usize, name: &str) -> Found {
    let dir = tempfile::tempdir().expect("a folder");
    let (judge, acknowledged) = appends(opening);
    let pictures = Arc::new(Pictures::new(dir.path(), synced, judge));
    let open = || Store::open_on(pictures.clone(), pictures.state_dir(), key()).expect("nothing happens to this one").journal;
    let mut journal = open();
    for number in 0..count {
        if number % 9 == 8 {
            drop(journal);
            journal = open();
        }
        journal.append(&group(number.try_into().expect("few"))).expect("appended");
        acknowledged.store(number + 1, Ordering::Relaxed);
    }
    drop(journal);
    pictures.found(name)
}

/// Not even refused: a power cut is no reason to need a backup.
#[test]
fn no_power_cut_takes_what_was_answered_for() {
    let Found { images, short, outcomes } = live(true, judge, 24, "as built");
    results::write("T4", "images of a power cut", images, IMAGES_MIN, file!());
    results::write_at_most("T4", "images without an acknowledged record", short, 0, file!());
    assert!(images >= IMAGES_MIN, "{images}");
    assert_eq!(short, 0);
    let moments = [Sync::Keyring, Sync::Flush, Sync::Journal, Sync::Anchor, Sync::Beginning, Sync::Begun, Sync::Settings];
    let complete = moments.map(|what| format!("complete at {what:?}"));
    assert!(complete.iter().all(|name| outcomes.contains_key(name)), "a moment was never cut at");
    assert_eq!(outcomes.len(), complete.len(), "a power cut made a store that is refused");
}

/// The control: the same cuts where the engine's flush is believed, its file not synced.
#[test]
fn without_the_fdatasync_power_cuts_take_records_and_the_anchor_says_so() {
    let Found { short, outcomes, .. } = live(false, judge, 9, "without the fdatasync");
    assert_eq!(short, 0);
    assert!(outcomes.contains_key("ROLLED_BACK"));
    let Found { short, .. } = live(false, judge_without_anchor, 9, "without fdatasync and anchor");
    results::write("T4", "control: such images without fdatasync and anchor", short, 1, file!());
    assert!(short > 0, "these images cost nothing: the model shows nothing");
}

/// What is left is refused, or whole, or what was there before; and the next try ends it.
fn judge_restore(start: Start, image: &Image, expected: &[super::Record]) -> (String, bool) {
    let dir = tempfile::tempdir().expect("a folder");
    write(image, dir.path());
    let outcome = match start.open(dir.path()) {
        Ok((Store { records, .. }, _)) if records == expected => ("whole".to_owned(), false),
        Ok((Store { records, .. }, _)) if start == Start::Used && records == old() => ("not begun".to_owned(), false),
        Ok((Store { records, .. }, _)) if start == Start::Fresh && records.is_empty() => ("not begun".to_owned(), false),
        Ok(_) => ("half restored, or begun anew".to_owned(), true),
        Err(StoreFault::Io { source, .. }) => panic!("{source}"),
        Err(fault) => (fault.code().to_owned(), false),
    };
    restore_again(start, dir.path(), expected);
    assert!(start.open(dir.path()).is_ok_and(|(store, _)| store.records == expected), "the second try");
    outcome
}

#[test]
fn no_power_cut_leaves_a_restore_half_done() {
    let expected: Arc<[_]> = (0..5).map(|number| opened(number, "restored")).chain([shown(1)]).collect();
    let mut all = Found::default();
    for start in [Start::Fresh, Start::Used, Start::UnlockDamaged] {
        let dir = tempfile::tempdir().expect("a folder");
        prepare(start, dir.path());
        let found = cut_restore(start, dir.path(), expected.clone());
        all.images += found.images;
        all.short += found.short;
    }
    results::write("T4", "images of a power cut in a restore", all.images, RESTORES_MIN, file!());
    results::write_at_most("T4", "restores half done that open", all.short, 0, file!());
    assert!(all.images >= RESTORES_MIN && all.short == 0, "{} of {}", all.short, all.images);
}

fn cut_restore(start: Start, dir: &Path, expected: Arc<[super::Record]>) -> Found {
    let judged = expected.clone();
    let judge: Judge = Box::new(move |image: &Image, _| judge_restore(start, image, &judged));
    let pictures = Arc::new(Pictures::new(dir, true, judge));
    restore(start, pictures.clone() as Arc<dyn Disk>, dir, &expected).expect("nothing happens to this one");
    let found = pictures.found(&format!("restore, {start:?}"));
    assert!(found.outcomes.contains_key("whole") && found.outcomes.len() > 1, "{:?}", found.outcomes);
    found
}
