//! Small secret files in the state folder, sealed and replaced whole (`raccordo_atrest::file`): the keyring and the identity
//! under the store key, the store key under a passphrase's. Not here: what the files hold.

use std::fs;
use std::io;
use std::path::Path;

use raccordo_atrest::file::{Kind, Whole, seal};
use raccordo_machine::files;
use zeroize::Zeroizing;

use super::fault::StoreFault;
use super::unlock::StoreKey;

/// Seals and replaces the file; durable when it returns.
pub(super) fn write(state_dir: &Path, kind: Kind, key: &StoreKey, plain: &[u8]) -> Result<(), StoreFault> {
    place(state_dir, kind, &seal(kind, key.secret(), &[], plain).map_err(StoreFault::at_rest(kind.name))?)
}

/// Replaces the file by these bytes; durable when it returns.
pub(super) fn place(state_dir: &Path, kind: Kind, file: &[u8]) -> Result<(), StoreFault> {
    let path = state_dir.join(kind.name);
    files::replace(&path, file).map_err(StoreFault::io("writing", &path))
}

/// Reads the file; `None` if there is none.
pub(super) fn read(state_dir: &Path, kind: Kind, key: &StoreKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreFault> {
    let Some(file) = load(state_dir, kind)? else { return Ok(None) };
    let (_, sealed) = file.split(0).map_err(StoreFault::at_rest(kind.name))?;
    sealed.open(key.secret()).map(Some).ok_or_else(|| StoreFault::WrongKey(state_dir.join(kind.name)))
}

/// Reads the file without opening it; `None` if there is none. Errors: `DAMAGED`, `VERSION`, `IO`.
pub(super) fn load(state_dir: &Path, kind: Kind) -> Result<Option<Whole>, StoreFault> {
    let path = state_dir.join(kind.name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreFault::io("reading", &path)(error)),
    };
    Whole::read(kind, bytes).map(Some).map_err(StoreFault::at_rest(kind.name))
}
