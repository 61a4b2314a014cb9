//! The store key, and the secret files that keys are read from. Not here: passphrases and the desktop's keyring, which
//! the configuration may name and which answer [`StoreFault::NotBuilt`].

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::cipher::{KEY_BYTES, Secret};
use super::fault::StoreFault;

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
    /// Asked of a person.
    Passphrase,
    /// The desktop's keyring.
    Keyring,
}

impl StoreKey {
    /// Reads the key. Errors: `NO_CREDENTIALS`, `KEY_PERMISSIONS`, `KEY_UNUSABLE`, `NOT_BUILT`, `IO`.
    pub fn unlock(source: &Source) -> Result<Self, StoreFault> {
        match source {
            Source::Credential => {
                let dir = env::var_os("CREDENTIALS_DIRECTORY").ok_or(StoreFault::NoCredentials)?;
                Self::credential_in(Path::new(&dir))
            }
            Source::KeyFile(path) => Self::read(path, OTHERS),
            Source::Passphrase => Err(StoreFault::NotBuilt("a passphrase")),
            Source::Keyring => Err(StoreFault::NotBuilt("the desktop's keyring")),
        }
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
        StoreKey::unlock(&Source::KeyFile(path)).err().map(|fault| fault.code())
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
        assert!(matches!(StoreKey::unlock(&Source::KeyFile("/nowhere/key".into())), Err(StoreFault::Io { .. })));
    }

    #[test]
    fn a_credential_may_show_the_mask_of_its_access_list() {
        let (dir, path) = key_file(CREDENTIAL, &[7; 32], 0o440);
        assert!(StoreKey::credential_in(dir.path()).is_ok());
        fs::set_permissions(&path, Permissions::from_mode(0o444)).expect("its own file");
        assert!(matches!(StoreKey::credential_in(dir.path()), Err(StoreFault::KeyPermissions { mode: 0o444, .. })));
    }

    #[test]
    fn what_is_not_built_says_so() {
        for source in [Source::Passphrase, Source::Keyring] {
            assert_eq!(StoreKey::unlock(&source).err().map(|fault| fault.code()), Some("NOT_BUILT"));
        }
    }
}
