//! A disk that loses its power, in copies. At every moment at which the store makes something durable, the folder is read as
//! the operating system has it, and compared with what has been made durable so far: the difference is what a power cut
//! may take. From the two, images are made in which none, all, or some of it arrived, in sectors of 512 bytes in any order,
//! one of them torn in its middle, the file's new length with zeros or its old one. Names are all old or all new; a file is
//! known whatever its name, so that one which is renamed before it is durable shows.
//!
//! The model tears the engine's file, its settings and the anchor, and takes the engine's own syncs for nothing: more may be
//! lost here than on a real disk. Atomic by assumption, because one call writes them beside, syncs them, renames them and
//! syncs the folder: `keyring.bin`, `identity.bin`, `unlock.bin`, a new `anchor.bin`; and the engine's snapshots, which it
//! makes in the same way. Between a rename and the sync of its folder there is one moment, all names old or all new. It does
//! not cover: writes that a later write replaces before the same sync (only the last is seen), and a sync that the disk itself
//! has not kept. What is cut and how it is judged: `power_cut`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use super::super::StoreFault;
use super::super::disk::{Disk, Sync};
use super::images::{Dice, Image};

const SECTOR_BYTES: usize = 512;

/// What an image is found to be, at the moment it was cut; and whether something that was answered for is missing.
pub(super) type Judge = Box<dyn Fn(&Image, Sync) -> (String, bool) + Send + std::marker::Sync>;

/// The disk, and the pictures that were taken of it.
pub(super) struct Pictures {
    state_dir: PathBuf,
    /// Whether the engine's file is durable after its fdatasync: without, this is the engine's own promise.
    synced: bool,
    judge: Judge,
    taken: Mutex<Taken>,
}

/// What was found.
#[derive(Clone, Default)]
pub(super) struct Found {
    pub(super) images: usize,
    pub(super) short: usize,
    pub(super) outcomes: BTreeMap<String, usize>,
}

struct Taken {
    durable: Seen,
    dice: Dice,
    found: Found,
}

/// A file, whatever its name: its number, which may be used again, and when it was made.
type FileId = (u64, Option<SystemTime>);

/// A folder: which file has which name, and what is in each.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, FileId>,
    bytes: BTreeMap<FileId, Vec<u8>>,
}

impl Seen {
    fn look(dir: &Path) -> Self {
        let mut seen = Self::default();
        seen.look_into(dir, "");
        seen
    }

    fn look_into(&mut self, dir: &Path, prefix: &str) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            // The engine may have removed it meanwhile.
            let Ok(about) = entry.metadata() else { continue };
            let name = entry.file_name().into_string().expect("plain names");
            let is_folder = about.is_dir();
            let bytes = if is_folder { Ok(Vec::new()) } else { fs::read(entry.path()) };
            let (Ok(bytes), false) = (bytes, prefix.is_empty() && name == "lock") else { continue };
            let (id, name) = ((about.ino(), about.created().ok()), format!("{prefix}{name}{}", if is_folder { "/" } else { "" }));
            self.bytes.insert(id, bytes);
            if is_folder {
                self.look_into(&entry.path(), &name);
            }
            self.names.insert(name, id);
        }
    }
}

/// Which files are torn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Engine,
    Settings,
    Anchor,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name.rsplit('/').next() {
            Some("db") => Self::Engine,
            Some("conf") => Self::Settings,
            Some("anchor.bin") => Self::Anchor,
            _ => Self::Other,
        }
    }
}

impl Pictures {
    pub(super) fn new(state_dir: &Path, synced: bool, judge: Judge) -> Self {
        let taken = Taken { durable: Seen::look(state_dir), dice: Dice(4), found: Found::default() };
        Self { state_dir: state_dir.into(), synced, judge, taken: Mutex::new(taken) }
    }

    pub(super) fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    pub(super) fn found(&self, name: &str) -> Found {
        let found = self.taken.lock().expect("no judge panicked").found.clone();
        println!("T4 {name}: {} images, {} short, {:?}", found.images, found.short, found.outcomes);
        found
    }
}

impl Disk for Pictures {
    fn sync(&self, what: Sync, doing: &mut dyn FnMut() -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        doing()?;
        let now = Seen::look(&self.state_dir);
        let mut taken = self.taken.lock().expect("no judge panicked");
        for share in SHARES {
            let image = taken.cut(&now, share);
            let (outcome, short) = (self.judge)(&image, what);
            taken.found.images += 1;
            taken.found.short += usize::from(short);
            *taken.found.outcomes.entry(outcome).or_default() += 1;
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
    fn cut(&mut self, now: &Seen, share: Share) -> Image {
        let others_arrived = match share {
            Share::Nothing => false,
            Share::Everything => true,
            _ => self.dice.below(2) == 0,
        };
        let names = if others_arrived { now.names.clone() } else { self.durable.names.clone() };
        let mut image = Image::new();
        for (name, id) in names {
            let (old, new) = (self.durable.bytes.get(&id), now.bytes.get(&id));
            let bytes = match (Kind::of(&name), old, new) {
                (Kind::Engine | Kind::Settings | Kind::Anchor, Some(old), Some(new)) => cut_file(&mut self.dice, old, new, share),
                // A new anchor is there whole or not at all; a new file of the engine may be there without its bytes.
                (Kind::Engine | Kind::Settings, None, Some(new)) => cut_file(&mut self.dice, &[], new, share),
                (Kind::Other, Some(old), Some(_)) if !others_arrived => old.clone(),
                (_, _, Some(new)) => new.clone(),
                (_, Some(old), None) => old.clone(),
                (_, None, None) => unreachable!("a name is of a file that was seen"),
            };
            image.insert(name, bytes);
        }
        image
    }

    fn settle(&mut self, now: Seen, what: Sync, synced: bool) {
        for (name, id) in &now.names {
            let covered = match Kind::of(name) {
                Kind::Engine => {
                    what == Sync::Beginning || what == Sync::Journal && (synced || !self.durable.bytes.contains_key(id))
                }
                Kind::Settings => what == Sync::Beginning || what == Sync::Settings,
                Kind::Anchor => what == Sync::Anchor,
                Kind::Other => true,
            };
            if covered {
                self.durable.bytes.insert(*id, now.bytes[id].clone());
            }
        }
        // These two sync no folder.
        if what != Sync::Flush && what != Sync::Journal {
            self.durable.names = now.names;
        }
        let Seen { names, bytes } = &mut self.durable;
        bytes.retain(|id, _| names.values().any(|named| named == id) || now.bytes.contains_key(id));
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
