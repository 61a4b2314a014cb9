//! Backups: a desk's journal as one age file, for a key that is not on this machine. This module is the file's format, and
//! the key's; which files there are is [`folder`]'s, when they are made [`keeper`]'s.
//!
//! An age file (v1, X25519) of the `Backup` or the `Tombstones` of `record.proto`. Anything that speaks age opens one. Not
//! here: what a backup holds (`raccordo_casework::restore`), bringing one back (`crate::restore`).

pub mod folder;
pub mod keeper;
#[cfg(test)]
pub(crate) mod tests;

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use age::DecryptError;
use age::secrecy::ExposeSecret as _;
pub use age::x25519::{Identity, Recipient};
use raccordo_casework::wire::Backup;
use zeroize::{Zeroize as _, Zeroizing};

use crate::store::StoreFault;

/// Why a backup was not written, or is not used.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The folder of backups is not there: perhaps its disk is not mounted, and an empty folder must not take its place.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    /// The disk failed.
    #[error("{operation} {}", .path.display())]
    Io {
        /// What was being done, to `path`.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A file that is to be made is there already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The records could not be read.
    #[error("the journal could not be read")]
    Store(#[from] StoreFault),
    /// The agent is stopping.
    #[error("the agent is stopping")]
    Stopping,
    /// A file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No age identity file with one X25519 key.
    #[error("{} holds no age key", .0.display())]
    KeyUnusable(PathBuf),
    /// Made for another key.
    #[error("{} does not open with this key", .0.display())]
    WrongKey(PathBuf),
    /// No age file, or not as it was written.
    #[error("{} is damaged, or no backup", .0.display())]
    Damaged(PathBuf),
    /// Another office's or network's.
    #[error("{} is of another office or network", .0.display())]
    OtherOffice(PathBuf),
    /// Written by another version.
    #[error("{} speaks another version of the format", .0.display())]
    Version(PathBuf),
    /// What was erased since the backup is not known.
    #[error("{} is missing", .0.display())]
    NoTombstones(PathBuf),
}

impl BackupFault {
    /// A stable name, for catalogues and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFolder(_) => "BACKUP_NO_FOLDER",
            Self::Io { .. } => "BACKUP_NOT_WRITTEN",
            Self::Exists(_) => "BACKUP_FILE_EXISTS",
            Self::Store(fault) => fault.code(),
            Self::Stopping => "BACKUP_STOPPING",
            Self::Unreadable { .. } => "BACKUP_UNREADABLE",
            Self::KeyUnusable(_) => "BACKUP_KEY_UNUSABLE",
            Self::WrongKey(_) => "BACKUP_WRONG_KEY",
            Self::Damaged(_) => "BACKUP_DAMAGED",
            Self::OtherOffice(_) => "BACKUP_OTHER_OFFICE",
            Self::Version(_) => "BACKUP_VERSION",
            Self::NoTombstones(_) => "TOMBSTONES_MISSING",
        }
    }

    /// The file that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::NoFolder(path)
            | Self::Exists(path)
            | Self::KeyUnusable(path)
            | Self::WrongKey(path)
            | Self::Damaged(path)
            | Self::OtherOffice(path)
            | Self::Version(path)
            | Self::NoTombstones(path)
            | Self::Io { path, .. }
            | Self::Unreadable { path, .. } => Some(path),
            Self::Store(_) | Self::Stopping => None,
        }
    }

    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { operation, path: path.into(), source }
    }
}

/// A backup in memory: the encoded records and the identity's seed are wiped when it goes. A decoded record is not: it is a
/// message of strings, as everywhere in a desk.
pub(crate) struct Wiped(pub(crate) Backup);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.records.zeroize();
        self.0.identity.zeroize();
    }
}

/// Seals for a recipient.
pub(crate) fn seal(recipient: &Recipient, plain: &[u8], path: &Path) -> Result<Vec<u8>, BackupFault> {
    age::encrypt(recipient, plain).map_err(|error| BackupFault::io("sealing", path)(io::Error::other(error)))
}

/// Reads a whole file and opens it: every byte of it is what was written, or nothing comes out.
///
/// Errors: `BACKUP_UNREADABLE`, `BACKUP_WRONG_KEY`, `BACKUP_DAMAGED`.
pub(crate) fn open(path: &Path, key: &Identity) -> Result<Zeroizing<Vec<u8>>, BackupFault> {
    let file = fs::read(path).map_err(|source| BackupFault::Unreadable { path: path.into(), source })?;
    age::decrypt(key, &file).map(Zeroizing::new).map_err(|error| match error {
        DecryptError::NoMatchingKeys => BackupFault::WrongKey(path.into()),
        _ => BackupFault::Damaged(path.into()),
    })
}

/// Makes a key for backups in a new file that only its owner reads, and answers for whom backups are then to be sealed.
///
/// Errors: `BACKUP_FILE_EXISTS`, `BACKUP_NOT_WRITTEN`.
pub fn new_key(path: &Path) -> Result<Recipient, BackupFault> {
    let key = Identity::generate();
    let recipient = key.to_public();
    let text = Zeroizing::new(format!("# public key: {recipient}\n{}\n", key.to_string().expose_secret()));
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupFault::Exists(path.into()),
        _ => BackupFault::io("making", path)(error),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(BackupFault::io("writing", path))?;
    Ok(recipient)
}

/// Reads a key from an age identity file. Errors: `BACKUP_UNREADABLE`, `BACKUP_KEY_UNUSABLE`.
pub(crate) fn read_key(path: &Path) -> Result<Identity, BackupFault> {
    let unusable = || BackupFault::KeyUnusable(path.into());
    let bytes = fs::read(path).map_err(|source| BackupFault::Unreadable { path: path.into(), source })?;
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable())?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    match (lines.next().map(str::parse), lines.next()) {
        (Some(Ok(key)), None) => Ok(key),
        _ => Err(unusable()),
    }
}
