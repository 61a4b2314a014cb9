//! `identity.bin`: the agent's identity key (Ed25519), wrapped under the store key. Not here: making one (enrolment), and
//! what it signs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use raccordo_atrest::cipher::KEY_BYTES;
use raccordo_atrest::file::Kind;
use raccordo_machine::files::{folder_of, sync_folder};
use zeroize::Zeroizing;

use super::fault::StoreFault;
use super::sealed_file;
use super::unlock::{OTHERS, StoreKey, read_secret};

const FILE: Kind = Kind { name: "identity.bin", byte: b'i', domain: b"raccordo/store/v1/identity\0" };

/// The identity key in `state_dir` (which exists, its store open: that holds the lock); the first time, from the 32-byte
/// seed file `import`, which only its owner may read.
///
/// Once the wrapped key is durable the seed file is overwritten with zeros and removed. A start that was interrupted
/// between the two is taken up by the next; a seed file of another identity is refused and left alone.
///
/// Errors: `NO_IDENTITY`, `IDENTITY_DIFFERS`, `WRONG_KEY`, `DAMAGED`, `VERSION`, `KEY_PERMISSIONS`, `KEY_UNUSABLE`, `IO`.
pub fn load_or_import(state_dir: &Path, store_key: &StoreKey, import: Option<&Path>) -> Result<SigningKey, StoreFault> {
    let stored = load(state_dir, store_key)?;
    let offered = import.filter(|path| path.exists()).map(|path| read_secret(path, OTHERS).map(|seed| (path, seed)));
    match (stored, offered.transpose()?) {
        (Some(key), None) => Ok(key),
        (None, None) => Err(StoreFault::NoIdentity),
        (None, Some((path, seed))) if *seed == [0; KEY_BYTES] => Err(StoreFault::KeyUnusable(path.into())),
        (None, Some((path, seed))) => {
            sealed_file::write(state_dir, FILE, store_key, &seed[..])?;
            wipe(path).map_err(StoreFault::io("removing", path))?;
            Ok(SigningKey::from_bytes(&seed))
        }
        (Some(key), Some((path, seed))) => {
            let same = Zeroizing::new(key.to_bytes()) == seed;
            // Zeros are a seed file that was overwritten and not yet removed.
            if !same && *seed != [0; KEY_BYTES] {
                return Err(StoreFault::IdentityDiffers(path.into()));
            }
            wipe(path).map_err(StoreFault::io("removing", path))?;
            Ok(key)
        }
    }
}

/// Where it is.
pub(super) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE.name)
}

/// Writes an identity where there is none. Errors: `NO_RANDOMNESS`, `IO`.
pub(super) fn install(state_dir: &Path, store_key: &StoreKey, seed: &[u8; KEY_BYTES]) -> Result<(), StoreFault> {
    sealed_file::write(state_dir, FILE, store_key, seed)
}

pub(super) fn load(state_dir: &Path, store_key: &StoreKey) -> Result<Option<SigningKey>, StoreFault> {
    let Some(seed) = sealed_file::read(state_dir, FILE, store_key)? else { return Ok(None) };
    let seed: &[u8; KEY_BYTES] = seed[..].try_into().map_err(|_| StoreFault::Damaged(FILE.name))?;
    Ok(Some(SigningKey::from_bytes(seed)))
}

/// The best that a file system offers; a disk that remaps blocks may keep a copy.
fn wipe(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&[0; KEY_BYTES])?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder(folder_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    fn seed_file(dir: &Path, seed: [u8; 32], mode: u32) -> PathBuf {
        let path = dir.join("seed");
        fs::write(&path, seed).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its own file");
        path
    }

    #[test]
    fn a_seed_is_imported_once_and_its_file_goes() {
        let dir = tempfile::tempdir().expect("a folder");
        let key = StoreKey::from_bytes(&[1; 32]);
        let code = |result: Result<SigningKey, StoreFault>| result.err().map(|fault| fault.code());
        assert_eq!(code(load_or_import(dir.path(), &key, None)), Some("NO_IDENTITY"));
        let path = seed_file(dir.path(), [9; 32], 0o644);
        assert_eq!(code(load_or_import(dir.path(), &key, Some(&path))), Some("KEY_PERMISSIONS"));

        let path = seed_file(dir.path(), [9; 32], 0o600);
        let imported = load_or_import(dir.path(), &key, Some(&path)).expect("imported");
        assert_eq!(imported.to_bytes(), [9; 32]);
        assert!(!path.exists());
        let wrapped = fs::read(dir.path().join("identity.bin")).expect("it is there");
        assert!(!wrapped.windows(32).any(|window| window == [9; 32]));

        let loaded = load_or_import(dir.path(), &key, Some(&path)).expect("loaded");
        assert_eq!(loaded.to_bytes(), [9; 32]);
        let other = StoreKey::from_bytes(&[2; 32]);
        assert_eq!(code(load_or_import(dir.path(), &other, None)), Some("WRONG_KEY"));
    }

    #[test]
    fn an_interrupted_import_is_taken_up_and_another_identity_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let key = StoreKey::from_bytes(&[1; 32]);
        let zeros = seed_file(dir.path(), [0; 32], 0o600);
        assert!(matches!(load_or_import(dir.path(), &key, Some(&zeros)), Err(StoreFault::KeyUnusable(_))));
        let path = seed_file(dir.path(), [9; 32], 0o600);
        load_or_import(dir.path(), &key, Some(&path)).expect("imported");
        for left in [[9; 32], [0; 32]] {
            let path = seed_file(dir.path(), left, 0o600);
            assert!(load_or_import(dir.path(), &key, Some(&path)).is_ok());
            assert!(!path.exists());
        }
        let path = seed_file(dir.path(), [8; 32], 0o600);
        assert!(matches!(load_or_import(dir.path(), &key, Some(&path)), Err(StoreFault::IdentityDiffers(_))));
        assert!(path.exists());
    }
}
