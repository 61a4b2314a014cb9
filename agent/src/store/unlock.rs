//! The store key, where it comes from, and the secret files that keys are read from. Not here: what a passphrase opens
//! (`unlock_file`), and the desktop's keyring, which is not planned: it opens for every program of a session.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_atrest::cipher::{KEY_BYTES, Secret};
use raccordo_atrest::passphrase::Cost;
use zeroize::Zeroizing;

use super::fault::StoreFault;
use super::unlock_file;
use crate::passphrase::Ask;

pub use super::unlock_file::Unlocked;

/// The credential's name in the folder that the service manager gives.
pub const CREDENTIAL: &str = "raccordo-store-key";

/// Permission bits that let others than the owner at a file.
pub(crate) const OTHERS: u32 = 0o077;
/// As [`OTHERS`], but for the group's reading: systemd gives a credential to a service's user by an access list, whose
/// mask shows as mode 0440. The folder around it is closed to everybody else.
const OTHERS_OF_CREDENTIAL: u32 = 0o037;

/// The key above all others of this machine. Clones share one copy, wiped with the last of them.
#[derive(Clone)]
pub struct StoreKey(Arc<Secret>);

/// Where the store key comes from (`[unlock]` of the configuration).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `$CREDENTIALS_DIRECTORY/raccordo-store-key`.
    Credential,
    /// A file of 32 bytes that only its owner may read.
    KeyFile(PathBuf),
    /// `unlock.bin` in the state folder, which a passphrase opens.
    Passphrase,
}

impl StoreKey {
    /// The key of the store in `state_dir`. With a passphrase the first start makes it.
    ///
    /// Errors: `NO_CREDENTIALS`, `KEY_PERMISSIONS`, `KEY_UNUSABLE`, `IO`; with a passphrase those of `unlock_file`.
    pub fn unlock(source: &Source, state_dir: &Path, ask: &mut dyn Ask) -> Result<Self, StoreFault> {
        match source {
            Source::Credential => {
                let dir = env::var_os("CREDENTIALS_DIRECTORY").ok_or(StoreFault::NoCredentials)?;
                Self::credential_in(Path::new(&dir))
            }
            Source::KeyFile(path) => Self::read(path, OTHERS),
            Source::Passphrase => unlock_file::unlock(state_dir, ask, Cost::REAL),
        }
    }

    /// The same before a restore, which writes what is new. With `set_aside` an `unlock.bin` that is damaged gives way to one
    /// with a new key.
    pub fn unlock_to_restore(
        source: &Source,
        state_dir: &Path,
        ask: &mut dyn Ask,
        set_aside: bool,
    ) -> Result<Unlocked, StoreFault> {
        match source {
            Source::Passphrase => unlock_file::unlock_to_restore(state_dir, ask, Cost::REAL, set_aside),
            Source::Credential | Source::KeyFile(_) => Self::unlock(source, state_dir, ask).map(Unlocked::from),
        }
    }

    /// A new one.
    pub(super) fn random() -> Result<Self, StoreFault> {
        Secret::random().map(|secret| Self(Arc::new(secret))).map_err(StoreFault::at_rest("store key"))
    }

    /// From 32 uniformly random bytes; the caller wipes its own copy.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(Arc::new(Secret::copy_of(bytes)))
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.0
    }

    fn credential_in(dir: &Path) -> Result<Self, StoreFault> {
        Self::read(&dir.join(CREDENTIAL), OTHERS_OF_CREDENTIAL)
    }

    fn read(path: &Path, others: u32) -> Result<Self, StoreFault> {
        let bytes = read_secret(path, others)?;
        if *bytes == [0; KEY_BYTES] {
            return Err(StoreFault::KeyUnusable(path.into()));
        }
        Ok(Self::from_bytes(&bytes))
    }
}

/// Seals the key of the store in `state_dir` under a new passphrase. No process may use the store meanwhile.
///
/// Errors: those of a passphrase (`unlock_file`), `LOCKED_BY_ANOTHER`: each leaves everything as it was.
pub fn change_passphrase(state_dir: &Path, ask: &mut dyn Ask) -> Result<(), StoreFault> {
    unlock_file::change(state_dir, ask, Cost::REAL)
}

/// Reads a file of exactly 32 bytes with none of the permission bits `forbidden`.
pub(super) fn read_secret(path: &Path, forbidden: u32) -> Result<Zeroizing<[u8; KEY_BYTES]>, StoreFault> {
    let mut file = File::open(path).map_err(StoreFault::io("opening", path))?;
    let mode = file.metadata().map_err(StoreFault::io("reading", path))?.permissions().mode() & 0o777;
    if mode & forbidden != 0 {
        return Err(StoreFault::KeyPermissions { path: path.into(), mode });
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    let unusable = || StoreFault::KeyUnusable(path.into());
    file.read_exact(&mut bytes[..]).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => unusable(),
        _ => StoreFault::io("reading", path)(error),
    })?;
    let more = file.read(&mut [0]).map_err(StoreFault::io("reading", path))?;
    if more == 0 { Ok(bytes) } else { Err(unusable()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passphrase::tests::Scripted;
    use std::fs::{self, Permissions};

    fn key_file(name: &str, bytes: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(name);
        fs::write(&path, bytes).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its own file");
        (dir, path)
    }

    fn code(bytes: &[u8], mode: u32) -> Option<&'static str> {
        let (_dir, path) = key_file("key", bytes, mode);
        unlock(path).err().map(|fault| fault.code())
    }

    /// Nobody is asked anything.
    fn unlock(path: PathBuf) -> Result<StoreKey, StoreFault> {
        StoreKey::unlock(&Source::KeyFile(path), Path::new("state"), &mut Scripted::new(&[]))
    }

    #[test]
    fn a_key_file_is_32_bytes_that_only_its_owner_reads() {
        assert_eq!(code(&[7; 32], 0o600), None);
        assert_eq!(code(&[7; 32], 0o400), None);
        for mode in [0o640, 0o604, 0o660, 0o601] {
            assert_eq!(code(&[7; 32], mode), Some("KEY_PERMISSIONS"), "{mode:o}");
        }
        for unusable in [&[7; 31][..], &[7; 33], &[], &[0; 32]] {
            assert_eq!(code(unusable, 0o600), Some("KEY_UNUSABLE"));
        }
        assert!(matches!(unlock("/nowhere/key".into()), Err(StoreFault::Io { .. })));
    }

    #[test]
    fn a_credential_may_show_the_mask_of_its_access_list() {
        let (dir, path) = key_file(CREDENTIAL, &[7; 32], 0o440);
        assert!(StoreKey::credential_in(dir.path()).is_ok());
        fs::set_permissions(&path, Permissions::from_mode(0o444)).expect("its own file");
        assert!(matches!(StoreKey::credential_in(dir.path()), Err(StoreFault::KeyPermissions { mode: 0o444, .. })));
    }
}
