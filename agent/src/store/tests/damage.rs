//! T5: damage. A journal of 24 appends, copied as a crash leaves it and as a clean stop does, is harmed in every way that
//! [`Harm`] names, and started as the daemon starts: store, then identity. It holds everything that was answered for, or is
//! refused with a code that says why. Each case is also started by a store that ignores its anchor: what then opens short
//! is what the anchor is for.
//!
//! What is refused is then brought back from a backup, with its file and by the one way that there is. Not here: one harm that
//! no file of this folder can reveal: the *whole* folder of yesterday, anchor included, put back
//! (`the_whole_folder_of_yesterday_opens_as_yesterday`).

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use raccordo_casework::record::{Change, Journal as _};

use super::super::{Store, StoreFault, identity};
use super::faults::open_again;
use super::images::{ANCHOR, DB, Dice, Image, appends, group, groups, judge, judge_without_anchor, read, write};
use super::{assert_same, key, open, results};
use crate::backup::tests::Office;

const APPENDS_YESTERDAY: u32 = 12;
const APPENDS: u32 = 24;
const KEYRING: &str = "keyring.bin";
const IDENTITY: &str = "identity.bin";
const IDENTITY_SEED: [u8; 32] = [9; 32];

/// What happens to a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    LeftoverGenerating,
    SnapshotTruncated,
    SnapshotFlipped,
    SnapshotDeleted,
    DbFlipped,
    DbTruncated,
    DbTailZeroed,
    DbSectorZeroed,
    SettingsFlipped,
    AnchorFlipped,
    AnchorTruncated,
    KeyringFlipped,
    IdentityFlipped,
    FileDeleted,
    AnchorAndMoreDeleted,
    YesterdaysJournal,
    YesterdaysDb,
    YesterdaysKeys,
    YesterdaysAnchor,
    AnchorSlotAndTail,
}

use Harm as H;

/// How often each happens, to each of the two copies.
const TIMES: [(Harm, usize); 20] = [
    (H::LeftoverGenerating, 6),
    (H::SnapshotTruncated, 20),
    (H::SnapshotFlipped, 40),
    (H::SnapshotDeleted, 1),
    (H::DbFlipped, 80),
    (H::DbTruncated, 40),
    (H::DbTailZeroed, 40),
    (H::DbSectorZeroed, 40),
    (H::SettingsFlipped, 10),
    (H::AnchorFlipped, 30),
    (H::AnchorTruncated, 10),
    (H::KeyringFlipped, 10),
    (H::IdentityFlipped, 10),
    (H::FileDeleted, 5),
    (H::AnchorAndMoreDeleted, 3),
    (H::YesterdaysJournal, 1),
    (H::YesterdaysDb, 1),
    (H::YesterdaysKeys, 1),
    (H::YesterdaysAnchor, 1),
    (H::AnchorSlotAndTail, 20),
];

struct World {
    yesterday: Image,
    /// As a crash and as a clean stop leave it.
    today: [Image; 2],
}

fn world() -> World {
    let dir = tempfile::tempdir().expect("a folder");
    let seed = dir.path().join("seed");
    let mut journal = open(dir.path()).journal;
    fs::write(&seed, IDENTITY_SEED).expect("written");
    fs::set_permissions(&seed, Permissions::from_mode(0o600)).expect("its own file");
    identity::load_or_import(dir.path(), &key(), Some(&seed)).expect("imported");
    (0..APPENDS_YESTERDAY).for_each(|number| journal.append(&group(number)).expect("appended"));
    drop(journal);
    let yesterday = read(dir.path());
    let mut journal = open(dir.path()).journal;
    (APPENDS_YESTERDAY..APPENDS).for_each(|number| journal.append(&group(number)).expect("appended"));
    let crashed = read(dir.path());
    drop(journal);
    World { yesterday, today: [crashed, read(dir.path())] }
}

fn is_snapshot(name: &str) -> bool {
    name.starts_with("journal.sled/snap.")
}

fn snapshot(image: &Image) -> String {
    image.keys().find(|name| is_snapshot(name)).expect("the engine makes one when it opens").clone()
}

fn flip(image: &mut Image, name: &str, dice: &mut Dice) {
    let bytes = image.get_mut(name).expect("it is there");
    let at = dice.below(bytes.len());
    bytes[at] ^= 1 << dice.below(8);
}

fn truncate(image: &mut Image, name: &str, dice: &mut Dice) {
    let bytes = image.get_mut(name).expect("it is there");
    bytes.truncate(dice.below(bytes.len()));
}

fn zero(image: &mut Image, name: &str, from: usize, len: usize) {
    let bytes = image.get_mut(name).expect("it is there");
    let to = from.saturating_add(len).min(bytes.len());
    bytes[from..to].fill(0);
}

fn put_back(image: &mut Image, yesterday: &Image, which: impl Fn(&str) -> bool) {
    image.retain(|name, _| !which(name));
    image.extend(yesterday.iter().filter(|(name, _)| which(name)).map(|(name, bytes)| (name.clone(), bytes.clone())));
}

/// Where the engine's last bytes end.
fn end(image: &Image) -> usize {
    image[DB].iter().rposition(|byte| *byte != 0).expect("it is not empty") + 1
}

fn harm(image: &mut Image, yesterday: &Image, harm: Harm, time: usize, dice: &mut Dice) {
    let in_journal = |name: &str| name.starts_with("journal.sled/");
    match harm {
        H::LeftoverGenerating => {
            let half = image[&snapshot(image)][..dice.below(20)].to_vec();
            image.insert(format!("journal.sled/snap.{time:016X}.generating"), half);
        }
        H::SnapshotTruncated => truncate(image, &snapshot(image), dice),
        H::SnapshotFlipped => flip(image, &snapshot(image), dice),
        H::SnapshotDeleted => image.retain(|name, _| !is_snapshot(name)),
        H::DbFlipped => flip_used(image, dice),
        H::DbTruncated => truncate(image, DB, dice),
        H::DbTailZeroed => zero(image, DB, dice.below(end(image)), usize::MAX),
        H::DbSectorZeroed => zero(image, DB, dice.below(end(image)) / 512 * 512, 512),
        H::SettingsFlipped => flip(image, "journal.sled/conf", dice),
        H::AnchorFlipped => flip_slot(image, time, dice),
        // Both slots, one, and the blank after it.
        H::AnchorTruncated => image.get_mut(ANCHOR).expect("it is there").truncate([0, 81, 82, 4096, 4177][time % 5]),
        H::KeyringFlipped => flip(image, KEYRING, dice),
        H::IdentityFlipped => flip(image, IDENTITY, dice),
        H::FileDeleted => {
            image.remove([KEYRING, IDENTITY, ANCHOR, DB, "journal.sled/conf"][time]).expect("it was there");
        }
        H::AnchorAndMoreDeleted => {
            image.retain(|name, _| name != ANCHOR && (time == 0 || !in_journal(name)) && (time < 2 || name != KEYRING));
            if time == 0 {
                zero(image, DB, 0, usize::MAX);
            }
        }
        H::YesterdaysJournal => put_back(image, yesterday, in_journal),
        H::YesterdaysDb => put_back(image, yesterday, |name| name == DB),
        H::YesterdaysKeys => put_back(image, yesterday, |name| name == KEYRING || name == IDENTITY),
        H::YesterdaysAnchor => put_back(image, yesterday, |name| name == ANCHOR),
        H::AnchorSlotAndTail => {
            flip_slot(image, time, dice);
            let from = end(image) - 1 - dice.below(6_000);
            zero(image, DB, from, usize::MAX);
        }
    }
}

/// A bit of a slot, the first or the second.
fn flip_slot(image: &mut Image, time: usize, dice: &mut Dice) {
    image.get_mut(ANCHOR).expect("it is there")[time % 2 * 4096 + dice.below(82)] ^= 1 << dice.below(8);
}

/// A bit where something is written.
fn flip_used(image: &mut Image, dice: &mut Dice) {
    let at = dice.below(end(image));
    image.get_mut(DB).expect("it is there")[at] ^= 1 << dice.below(8);
}

/// Restores a real backup over a refused store, as `restore --set-aside` does, and touches nothing by hand. Whether every
/// record is there again, and the identity.
fn is_brought_back(image: &Image, office: &Office, backup: &Path) -> bool {
    let dir = tempfile::tempdir().expect("a folder");
    write(image, dir.path());
    let restored = office.restore_into(dir.path(), backup);
    restored.unwrap_or_else(|fault| panic!("{}: {fault}", fault.code()));
    let found = open_again(dir.path()).records;
    // What a restore adds: when the backup was made, and a new epoch.
    let (before, added) = found.split_at(found.len() - 2);
    assert_same(before, &groups(APPENDS as usize));
    assert!(matches!((&added[0].0, &added[1].0), (Change::StoreRestored(_), Change::EpochBegun(_))));
    start_identity(&read(dir.path())) == Ok(IDENTITY_SEED)
}

/// As the daemon does after the store.
fn start_identity(image: &Image) -> Result<[u8; 32], &'static str> {
    let dir = tempfile::tempdir().expect("a folder");
    write(image, dir.path());
    identity::load_or_import(dir.path(), &key(), None).map(|key| key.to_bytes()).map_err(|fault| fault.code())
}

#[test]
fn damage_is_complete_or_refused_and_never_silently_short() {
    let World { yesterday, today } = world();
    let office = Office::new();
    let backup = office.written_with(&groups(APPENDS as usize), IDENTITY_SEED);
    let (mut dice, mut cases, mut silent, mut back) = (Dice(5), 0, Vec::new(), [0, 0]);
    let mut short_without = BTreeMap::<Harm, usize>::new();
    let mut outcomes = BTreeMap::<Harm, BTreeMap<&str, usize>>::new();
    for (which, times) in TIMES {
        for (image, time) in today.iter().flat_map(|image| (0..times).map(move |time| (image, time))) {
            let mut image = image.clone();
            harm(&mut image, &yesterday, which, time, &mut dice);
            let outcome = match judge(&image).and_then(|found| start_identity(&image).map(|_| found)) {
                Ok(found) => {
                    if found < APPENDS as usize {
                        silent.push((which, time));
                    }
                    "complete"
                }
                Err(code) => code,
            };
            assert!(
                ["complete", "DAMAGED", "ROLLED_BACK", "ANCHOR", "VERSION", "NO_IDENTITY", "IO"].contains(&outcome),
                "{outcome}"
            );
            if outcome != "complete" {
                back[usize::from(is_brought_back(&image, &office, &backup))] += 1;
            }
            *outcomes.entry(which).or_default().entry(outcome).or_default() += 1;
            let without = judge_without_anchor(&image).is_ok_and(|found| found < APPENDS as usize);
            *short_without.entry(which).or_default() += usize::from(without);
            cases += 1;
        }
    }
    for (harm, outcomes) in &outcomes {
        println!("T5 {harm:?}: {outcomes:?}; without the anchor {} short", short_without[harm]);
    }
    let short: usize = short_without.values().sum();
    println!("T5: {cases} cases, {} silently short; without the anchor {short} short", silent.len());
    results::write("T5", "damaged stores", cases, 400, file!());
    results::write_at_most("T5", "stores silently short", silent.len(), 0, file!());
    results::write("T5", "refused stores brought back from a backup", back[1], 100, file!());
    results::write_at_most("T5", "refused stores not brought back", back[0], 0, file!());
    results::write("T5", "control: stores short without the anchor", short, 1, file!());
    assert!(silent.is_empty(), "silently short: {silent:?}");
    assert_eq!(back[0], 0, "{} refused stores came back, the others did not", back[1]);
    assert!(cases >= 400, "{cases}");
    assert_eq!(outcomes.len(), TIMES.len(), "every harm was done");
    assert_eq!(outcomes[&H::LeftoverGenerating], BTreeMap::from([("complete", 12)]));
    assert_eq!(outcomes[&H::YesterdaysJournal], BTreeMap::from([("ROLLED_BACK", 2)]));
    for harm in [H::DbTailZeroed, H::YesterdaysJournal, H::AnchorSlotAndTail] {
        assert!(short_without[&harm] > 0, "{harm:?} costs nothing even without the anchor: it shows nothing");
    }
}

/// The engine's recovery changes a damaged file when it first sees it; a restart that is refused again changes nothing more.
#[test]
fn a_second_refusal_leaves_the_folder_as_the_first_did() {
    let World { today: [crashed, _], .. } = world();
    let (mut dice, mut refused) = (Dice(6), 0);
    for _ in 0..20 {
        let mut image = crashed.clone();
        flip_used(&mut image, &mut dice);
        let dir = tempfile::tempdir().expect("a folder");
        write(&image, dir.path());
        if Store::open(dir.path(), key()).is_ok() {
            continue;
        }
        let first = settled(dir.path());
        assert!(Store::open(dir.path(), key()).is_err());
        assert!(settled(dir.path()) == first, "it was written to again");
        refused += 1;
    }
    assert!(refused > 10, "{refused}");
}

/// What is there once the engine's workers, for whom nobody waits after a failure, are done.
fn settled(dir: &Path) -> Image {
    let mut before = read(dir);
    loop {
        sleep(Duration::from_millis(20));
        let now = read(dir);
        if now == before {
            return now;
        }
        before = now;
    }
}

/// The limit, on purpose a test: it changes when something outside this folder is asked (peers, after a restart).
#[test]
fn the_whole_folder_of_yesterday_opens_as_yesterday() {
    let World { yesterday, .. } = world();
    assert_eq!(judge(&yesterday), Ok(APPENDS_YESTERDAY as usize));
}

#[test]
fn an_older_history_of_the_same_length_is_no_older_copy() {
    let World { yesterday, .. } = world();
    let fork = |text: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        write(&yesterday, dir.path());
        open(dir.path()).journal.append(&[super::opened(1, text)]).expect("appended");
        read(dir.path())
    };
    let (one, mut other) = (fork("one"), fork("two"));
    put_back(&mut other, &one, |name| name.starts_with("journal.sled/"));
    assert_eq!(judge(&other), Err("ROLLED_BACK"));
}

#[test]
fn a_refusal_says_how_much_is_missing() {
    let World { yesterday, today: [_, mut image] } = world();
    put_back(&mut image, &yesterday, |name| name.starts_with("journal.sled/"));
    let dir = tempfile::tempdir().expect("a folder");
    write(&image, dir.path());
    let refused = Store::open(dir.path(), key()).map(|store| appends(&store.records));
    let (records, anchored) = (u64::from(APPENDS_YESTERDAY) * 3, u64::from(APPENDS) * 3);
    match refused {
        Err(StoreFault::RolledBack { records: found, anchored: asked }) => assert_eq!((found, asked), (records, anchored)),
        other => panic!("{:?}", other.map_err(|fault| fault.code())),
    }
    assert!(Store::quarantine(dir.path()).expect("set aside").join(ANCHOR).exists());
}
