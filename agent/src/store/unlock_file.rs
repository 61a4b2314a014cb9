//! `unlock.bin`: the store key, sealed under a key that a passphrase gives. The store key is random and stays the same: a new
//! passphrase is a new `unlock.bin`, and nothing else is written anew.
//!
//! Not here: the file's form (`raccordo_atrest::passphrase`), asking for a passphrase (`crate::passphrase`). What no rewrite
//! can do: an old copy of this file opens with the passphrase of then.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use raccordo_atrest::cipher::KEY_BYTES;
use raccordo_atrest::file::Kind;
use raccordo_atrest::passphrase::{Cost, Locked, seal};
use raccordo_terminal::passphrase::Passphrase;

use super::fault::StoreFault;
use super::lock::Lock;
use super::sealed_file;
use super::unlock::StoreKey;
use super::{Store, restore};
use crate::passphrase::Ask;

const FILE: Kind = Kind { name: "unlock.bin", byte: b'u', domain: b"raccordo/store/v1/unlock\0" };
/// A store key, and what is still to be written so that it can be had again.
pub struct Unlocked {
    /// The key.
    pub key: StoreKey,
    /// A new `unlock.bin`: a restore puts it in its place.
    pub(super) file: Option<NewFile>,
}

impl From<StoreKey> for Unlocked {
    fn from(key: StoreKey) -> Self {
        Self { key, file: None }
    }
}

/// The bytes of an `unlock.bin` that is not on disk yet.
pub(super) struct NewFile(Vec<u8>);

impl NewFile {
    /// Puts it in its place; durable when it returns.
    pub(super) fn place(&self, state_dir: &Path) -> Result<(), StoreFault> {
        sealed_file::place(state_dir, FILE, &self.0)
    }
}

/// Where it is.
pub(super) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE.name)
}

/// The store key in `state_dir`; at the first start a new one, durable when this returns.
///
/// Errors: `WRONG_KEY`, `DAMAGED`, `VERSION`, `UNLOCK_MISSING`, `ANCHOR`, those of asking, `NO_MEMORY`, `IO`: each leaves
/// everything as it was.
pub(super) fn unlock(state_dir: &Path, ask: &mut dyn Ask, cost: Cost) -> Result<StoreKey, StoreFault> {
    if let Some(key) = known(state_dir, ask, cost)? {
        return Ok(key);
    }
    refuse_begun(state_dir)?;
    let Unlocked { key, file } = fresh(ask, cost)?;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
    made.map_err(StoreFault::io("making", state_dir))?;
    let _lock = Lock::take(state_dir)?;
    // Another process may have begun while this one was asking.
    refuse_begun(state_dir)?;
    file.into_iter().try_for_each(|file| file.place(state_dir))?;
    Ok(key)
}

/// The same before a restore, which writes what is new. A file that is damaged opens for nobody any more: where what is
/// damaged may be set aside, there is a new key under a new passphrase.
pub(super) fn unlock_to_restore(
    state_dir: &Path,
    ask: &mut dyn Ask,
    cost: Cost,
    set_aside: bool,
) -> Result<Unlocked, StoreFault> {
    match known(state_dir, ask, cost) {
        Ok(Some(key)) => Ok(key.into()),
        Ok(None) if Store::has_begun(state_dir) => Err(StoreFault::UnlockMissing(path(state_dir))),
        Ok(None) => fresh(ask, cost),
        Err(StoreFault::Damaged(_)) if set_aside => fresh(ask, cost),
        Err(fault) => Err(fault),
    }
}

/// Seals the same key under a new passphrase and a new salt.
///
/// Errors: `UNLOCK_MISSING`, `LOCKED_BY_ANOTHER`, and those of [`unlock`]: each leaves everything as it was.
pub(super) fn change(state_dir: &Path, ask: &mut dyn Ask, cost: Cost) -> Result<(), StoreFault> {
    let missing = || StoreFault::UnlockMissing(path(state_dir));
    if !path(state_dir).exists() {
        return Err(missing());
    }
    let _lock = Lock::take(state_dir)?;
    let key = known(state_dir, ask, cost)?.ok_or_else(missing)?;
    sealed(&key, &ask.new_one()?, cost)?.place(state_dir)
}

fn known(state_dir: &Path, ask: &mut dyn Ask, cost: Cost) -> Result<Option<StoreKey>, StoreFault> {
    let Some(file) = sealed_file::load(state_dir, FILE)? else { return Ok(None) };
    let locked = Locked::of(&file, cost).map_err(StoreFault::at_rest(FILE.name))?;
    let opened = locked.open(ask.known()?.bytes()).map_err(StoreFault::at_rest(FILE.name))?;
    let plain = opened.ok_or_else(|| StoreFault::WrongKey(path(state_dir)))?;
    let plain: &[u8; KEY_BYTES] = plain[..].try_into().map_err(|_| StoreFault::Damaged(FILE.name))?;
    Ok(Some(StoreKey::from_bytes(plain)))
}

/// A store that was begun under another key is not made unreadable by a new one.
fn refuse_begun(state_dir: &Path) -> Result<(), StoreFault> {
    if path(state_dir).exists() || Store::has_begun(state_dir) {
        return Err(StoreFault::UnlockMissing(path(state_dir)));
    }
    if restore::was_interrupted(state_dir) {
        return Err(restore::interrupted());
    }
    Ok(())
}

fn fresh(ask: &mut dyn Ask, cost: Cost) -> Result<Unlocked, StoreFault> {
    let key = StoreKey::random()?;
    let file = sealed(&key, &ask.new_one()?, cost)?;
    Ok(Unlocked { key, file: Some(file) })
}

fn sealed(key: &StoreKey, passphrase: &Passphrase, cost: Cost) -> Result<NewFile, StoreFault> {
    let file = seal(FILE, passphrase.bytes(), cost, key.secret().bytes());
    file.map(NewFile).map_err(StoreFault::at_rest(FILE.name))
}
