//! Small secret files, sealed and replaced whole: the keyring and the identity under the store key, and the store key under
//! a passphrase's. Also the one way in which this folder's files are made durable. Not here: what the files hold.
//!
//! `"raccordo" ‖ kind ‖ version ‖ clear ‖ salt(32) ‖ nonce ‖ ciphertext ‖ tag ‖ SHA-256 of all before it`. `clear`, of a
//! length that the kind fixes and most kinds lack, is bound together with what stands before it. The salt is fresh at each
//! rewrite, so the file's master key is too. The digest is no security: it tells damage from a wrong key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use raccordo_proto::ids::Digest;
use zeroize::Zeroizing;

use super::cipher::{self, Secret, Use};
use super::fault::StoreFault;
use super::unlock::StoreKey;

const MAGIC: &[u8; 8] = b"raccordo";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 2;
const SALT_BYTES: usize = 32;
const DIGEST_BYTES: usize = 32;

/// Which file.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Its name in the state folder.
    pub(super) name: &'static str,
    /// Its byte after the magic.
    pub(super) byte: u8,
    /// The domain of its key; ends with a zero byte.
    pub(super) domain: &'static [u8],
}

impl Kind {
    /// Where it is.
    pub(super) fn path(self, state_dir: &Path) -> PathBuf {
        state_dir.join(self.name)
    }

    fn head(self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..MAGIC.len()].copy_from_slice(MAGIC);
        head[MAGIC.len()..].copy_from_slice(&[self.byte, VERSION]);
        head
    }

    fn key_use(self, salt: &[u8]) -> Use<'_> {
        Use { salt, domain: self.domain, id: &[] }
    }

    fn damaged(self) -> StoreFault {
        StoreFault::Damaged(self.name)
    }
}

/// Seals and replaces the file; durable when it returns.
pub(super) fn write(state_dir: &Path, kind: Kind, key: &StoreKey, plain: &[u8]) -> Result<(), StoreFault> {
    place(state_dir, kind, &seal(kind, key.secret(), &[], plain)?)
}

/// The file's bytes; `clear` is bound and stays readable.
pub(super) fn seal(kind: Kind, key: &Secret, clear: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreFault> {
    let salt = cipher::random::<SALT_BYTES>()?;
    let bound = [&kind.head()[..], clear].concat();
    let sealed = cipher::seal(key, kind.key_use(&salt), &bound, plain)?;
    let mut file = [&bound[..], &salt, &sealed].concat();
    let digest = Digest::of(&file);
    file.extend_from_slice(digest.as_bytes());
    Ok(file)
}

/// Replaces the file by these bytes; durable when it returns.
pub(super) fn place(state_dir: &Path, kind: Kind, file: &[u8]) -> Result<(), StoreFault> {
    let path = kind.path(state_dir);
    replace(state_dir, &path, file).map_err(StoreFault::io("writing", &path))
}

/// Reads the file; `None` if there is none.
pub(super) fn read(state_dir: &Path, kind: Kind, key: &StoreKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreFault> {
    let Some(file) = load(state_dir, kind)? else { return Ok(None) };
    let (_, sealed) = file.split(0)?;
    sealed.open(key.secret()).map(Some).ok_or_else(|| StoreFault::WrongKey(kind.path(state_dir)))
}

/// A file whose bytes are what was written, by this version.
pub(super) struct Whole {
    kind: Kind,
    /// Without the digest.
    bytes: Vec<u8>,
}

/// What of it is sealed, and what that is bound to.
pub(super) struct Sealed<'a> {
    kind: Kind,
    bound: &'a [u8],
    salt: &'a [u8; SALT_BYTES],
    sealed: &'a [u8],
}

/// Reads the file without opening it; `None` if there is none. Errors: `DAMAGED`, `VERSION`, `IO`.
pub(super) fn load(state_dir: &Path, kind: Kind) -> Result<Option<Whole>, StoreFault> {
    let path = kind.path(state_dir);
    let mut bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreFault::io("reading", &path)(error)),
    };
    let (covered, digest) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or_else(|| kind.damaged())?;
    if Digest::of(covered).as_bytes() != digest {
        return Err(kind.damaged());
    }
    let head = covered.first_chunk::<HEAD_BYTES>().ok_or_else(|| kind.damaged())?;
    if head[..HEAD_BYTES - 1] != kind.head()[..HEAD_BYTES - 1] {
        return Err(kind.damaged());
    }
    if head[HEAD_BYTES - 1] != VERSION {
        return Err(StoreFault::Version(kind.name));
    }
    bytes.truncate(bytes.len() - DIGEST_BYTES);
    Ok(Some(Whole { kind, bytes }))
}

impl Whole {
    /// What stands in the clear, of this length, and what is sealed. Errors: `DAMAGED`.
    pub(super) fn split(&self, clear_bytes: usize) -> Result<(&[u8], Sealed<'_>), StoreFault> {
        let kind = self.kind;
        let (bound, rest) = self.bytes.split_at_checked(HEAD_BYTES + clear_bytes).ok_or_else(|| kind.damaged())?;
        let (salt, sealed) = rest.split_first_chunk::<SALT_BYTES>().ok_or_else(|| kind.damaged())?;
        Ok((&bound[HEAD_BYTES..], Sealed { kind, bound, salt, sealed }))
    }
}

impl Sealed<'_> {
    /// Opens it; `None`: under another key.
    pub(super) fn open(&self, key: &Secret) -> Option<Zeroizing<Vec<u8>>> {
        cipher::open(key, self.kind.key_use(self.salt), self.bound, self.sealed)
    }
}

/// After a crash at any point there is the old file or the new one, whole.
pub(crate) fn replace(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut tmp = path.as_os_str().to_owned();
    tmp.push(".tmp");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&tmp, path)?;
    sync_dir(dir)
}

/// Makes a folder's names durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
