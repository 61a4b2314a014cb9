//! Small secret files, sealed under the store key and replaced whole: the keyring and the identity. Also the one way in
//! which this folder's files are made durable. Not here: what the files hold.
//!
//! `"raccordo" ‖ kind ‖ version ‖ salt(32) ‖ nonce ‖ ciphertext ‖ tag ‖ SHA-256 of all before it`. The salt is fresh
//! at each rewrite, so the file's master key is too. The digest is no security: it tells damage from a wrong key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use raccordo_proto::ids::Digest;
use zeroize::Zeroizing;

use super::cipher::{self, Use};
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
}

/// Seals and replaces the file; durable when it returns.
pub(super) fn write(state_dir: &Path, kind: Kind, key: &StoreKey, plain: &[u8]) -> Result<(), StoreFault> {
    let salt = cipher::random::<SALT_BYTES>()?;
    let sealed = cipher::seal(key.secret(), kind.key_use(&salt), &kind.head(), plain)?;
    let mut file = [&kind.head()[..], &salt, &sealed].concat();
    let digest = Digest::of(&file);
    file.extend_from_slice(digest.as_bytes());
    let path = kind.path(state_dir);
    replace(state_dir, &path, &file).map_err(StoreFault::io("writing", &path))
}

/// Reads the file; `None` if there is none.
pub(super) fn read(state_dir: &Path, kind: Kind, key: &StoreKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreFault> {
    let path = kind.path(state_dir);
    let file = match fs::read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreFault::io("reading", &path)(error)),
    };
    let damaged = || StoreFault::Damaged(kind.name);
    let (covered, digest) = file.split_last_chunk::<DIGEST_BYTES>().ok_or_else(damaged)?;
    if Digest::of(covered).as_bytes() != digest {
        return Err(damaged());
    }
    let (head, rest) = covered.split_first_chunk::<HEAD_BYTES>().ok_or_else(damaged)?;
    if head[..HEAD_BYTES - 1] != kind.head()[..HEAD_BYTES - 1] {
        return Err(damaged());
    }
    if head[HEAD_BYTES - 1] != VERSION {
        return Err(StoreFault::Version(kind.name));
    }
    let (salt, sealed) = rest.split_first_chunk::<SALT_BYTES>().ok_or_else(damaged)?;
    let plain = cipher::open(key.secret(), kind.key_use(salt), head, sealed);
    plain.map(Some).ok_or(StoreFault::WrongKey(path))
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
