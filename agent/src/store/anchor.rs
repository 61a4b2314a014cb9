//! `anchor.bin`: how far the journal had come, kept where the journal's engine cannot reach it. The engine may open a cut
//! or changed file at an earlier append, without a word; and an older copy of its folder is a journal like any other. A
//! journal that does not pass through every point of its anchor is refused.
//!
//! A point is the last record's number and a chain of SHA-256 over every part of every entry up to it. It is written after
//! the journal is durable and before the append is answered for, so that the anchor is never ahead of the journal, and
//! never behind a promise. The chain covers all records, the beginning of the store's epoch too: nothing else is named.
//!
//! Two slots, each in its own 4 KiB: `"raccordo" ‖ 'a' ‖ version ‖ seq (u64) ‖ head(32) ‖ HMAC-SHA-256 of all before it`.
//! Only the older is overwritten, in place: a write that is torn leaves the other. Not here: what a copy of the *whole*
//! folder that is put back would need, since its anchor fits it. Only other machines can tell that.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_atrest::cipher::{self, MAC_BYTES, Use};
use raccordo_machine::files;
use sha2::{Digest as _, Sha256};

use super::disk::{Disk, Sync};
use super::fault::StoreFault;
use super::unlock::StoreKey;

pub(super) const NAME: &str = "anchor.bin";
const MAGIC: &[u8; 9] = b"raccordoa";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 32;
const COVERED_BYTES: usize = MAGIC.len() + 1 + 8 + HEAD_BYTES;
const SLOT_BYTES: usize = COVERED_BYTES + MAC_BYTES;
/// A page: what is torn in one slot is not torn in the other.
const SLOT_DISTANCE_BYTES: usize = 4096;
const KEY_USE: Use<'static> = Use { salt: &[], domain: b"raccordo/store/v1/anchor\0", id: &[] };
const CHAIN_DOMAIN: &[u8] = b"raccordo/store/v1/chain\0";

/// A place in one journal's history: no other history passes through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    /// The number of the last record; 0 before the first.
    pub(super) seq: u64,
    head: [u8; HEAD_BYTES],
}

impl Point {
    /// Before the first record.
    pub(super) const START: Self = Self { seq: 0, head: [0; HEAD_BYTES] };

    /// After one more part of record `seq`, as the engine holds it.
    #[must_use]
    pub(super) fn after(self, seq: u64, key: &[u8], value: &[u8]) -> Self {
        let mut hash = Sha256::new();
        // One key length, so that no two parts read alike.
        [CHAIN_DOMAIN, &self.head, key, value].into_iter().for_each(|bytes| hash.update(bytes));
        Self { seq, head: hash.finalize().into() }
    }
}

/// The file, open while the journal is.
pub(super) struct Anchor {
    file: File,
    path: PathBuf,
    key: StoreKey,
    disk: Arc<dyn Disk>,
    slots: [Option<Point>; 2],
}

impl Anchor {
    /// A new one, durable, which asks nothing of the journal yet.
    pub(super) fn create(state_dir: &Path, key: &StoreKey, disk: Arc<dyn Disk>) -> Result<Self, StoreFault> {
        let mut bytes = [0; 2 * SLOT_DISTANCE_BYTES];
        for slot in bytes.chunks_mut(SLOT_DISTANCE_BYTES) {
            slot[..SLOT_BYTES].copy_from_slice(&encode(key, Point::START));
        }
        let path = state_dir.join(NAME);
        disk.sync(Sync::Anchor, &mut || files::replace(&path, &bytes).map_err(StoreFault::io("writing", &path)))?;
        let made = Self::open(state_dir, key, disk)?;
        made.ok_or(StoreFault::Anchor("anchor.bin is missing"))
    }

    /// Reads it; `None` if there is none. Errors: `ANCHOR`, if no slot can be believed; `VERSION`; `IO`.
    pub(super) fn open(state_dir: &Path, key: &StoreKey, disk: Arc<dyn Disk>) -> Result<Option<Self>, StoreFault> {
        let path = state_dir.join(NAME);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreFault::io("opening", &path)(error)),
        };
        let mut slots = [None; 2];
        for (at, slot) in (0..).step_by(SLOT_DISTANCE_BYTES).zip(&mut slots) {
            let mut bytes = [0; SLOT_BYTES];
            match file.read_exact_at(&mut bytes, at) {
                Ok(()) => *slot = decode(key, &bytes)?,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(StoreFault::io("reading", &path)(error)),
            }
        }
        if slots == [None; 2] {
            return Err(StoreFault::Anchor("neither of its slots was written under this store key"));
        }
        Ok(Some(Self { file, path, key: key.clone(), disk, slots }))
    }

    /// The last record that was answered for, as far as this file knows; 0 for none.
    pub(super) fn seq(&self) -> u64 {
        self.slots.iter().flatten().map(|point| point.seq).max().unwrap_or(0)
    }

    /// Refuses a replay that is at `point` and has never been where the anchor was. Errors: `ROLLED_BACK`.
    pub(super) fn pass(&self, point: Point) -> Result<(), StoreFault> {
        let differs = self.slots.iter().flatten().any(|anchored| anchored.seq == point.seq && *anchored != point);
        if differs { Err(StoreFault::RolledBack { records: point.seq, anchored: point.seq }) } else { Ok(()) }
    }

    /// Refuses a replay that ends at `point`, before the anchor.
    ///
    /// A slot that cannot be read was torn by a power cut, and then the journal is already past the other one; else it was
    /// damaged, and may have named records that are gone. Errors: `ROLLED_BACK`, `ANCHOR`.
    pub(super) fn reached(&self, point: Point) -> Result<(), StoreFault> {
        let anchored = self.seq();
        if point.seq < anchored {
            return Err(StoreFault::RolledBack { records: point.seq, anchored });
        }
        if self.slots.contains(&None) && point.seq == anchored {
            return Err(StoreFault::Anchor("one of its slots is not readable, and no power cut explains it"));
        }
        Ok(())
    }

    /// Moves it to where the journal durably is. Errors: `IO`.
    pub(super) fn advance(&mut self, point: Point) -> Result<(), StoreFault> {
        if self.slots.iter().all(Option::is_some) && self.slots.contains(&Some(point)) {
            return Ok(());
        }
        // A slot that cannot be read comes before every other.
        let older = usize::from(self.slots[1].map(|point| point.seq) < self.slots[0].map(|point| point.seq));
        let bytes = encode(&self.key, point);
        let (file, at) = (&self.file, (older * SLOT_DISTANCE_BYTES) as u64);
        let written = self.disk.sync(Sync::Anchor, &mut || {
            file.write_all_at(&bytes, at).and_then(|()| file.sync_data()).map_err(StoreFault::io("writing", &self.path))
        });
        self.slots[older] = written.is_ok().then_some(point);
        written
    }
}

fn encode(key: &StoreKey, point: Point) -> [u8; SLOT_BYTES] {
    let covered = [MAGIC, &[VERSION][..], &point.seq.to_be_bytes(), &point.head].concat();
    let mut bytes = [0; SLOT_BYTES];
    bytes[..COVERED_BYTES].copy_from_slice(&covered);
    bytes[COVERED_BYTES..].copy_from_slice(&cipher::mac(key.secret(), KEY_USE, &covered));
    bytes
}

/// `None` for a slot that this program did not write whole under this key. Errors: `VERSION`.
fn decode(key: &StoreKey, bytes: &[u8; SLOT_BYTES]) -> Result<Option<Point>, StoreFault> {
    let Some((covered, mac)) = bytes.split_last_chunk::<MAC_BYTES>() else { return Ok(None) };
    if !cipher::mac_holds(key.secret(), KEY_USE, covered, mac) {
        return Ok(None);
    }
    match covered.strip_prefix(MAGIC) {
        Some([VERSION, rest @ ..]) => Ok(parse(rest)),
        _ => Err(StoreFault::Version(NAME)),
    }
}

fn parse(rest: &[u8]) -> Option<Point> {
    let (seq, head) = rest.split_first_chunk::<8>()?;
    Some(Point { seq: u64::from_be_bytes(*seq), head: head.try_into().ok()? })
}
