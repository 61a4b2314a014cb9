//! Why the store cannot be opened or used. The text is for logs and developers; what a person reads is chosen by
//! [`StoreFault::code`] from the command line's catalogues. Not here: key material and anything of a record's content.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use raccordo_atrest::AtRestFault;
use raccordo_terminal::passphrase::PassphraseFault;

/// A failure of the store on this machine: none is a peer's or a person's fault, and none is retried.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// `lock`, or the journal itself, is held by a living process.
    #[error("another process is using the store in {}", .0.display())]
    LockedByAnother(PathBuf),
    /// The file is intact and this store key does not open it.
    #[error("{} was not written under this store key", .0.display())]
    WrongKey(PathBuf),
    /// The bytes on disk are not what was written: restore into a new folder, keep this one.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The journal opens, and is not the one that the anchor names: its end was cut, or an older copy was put back. Records
    /// that were promised are missing: restore into a new folder, keep this one.
    #[error(
        "the journal holds {records} records, and {anchored} were made durable here: it was cut, or an older copy was put back"
    )]
    RolledBack {
        /// Records that replay has found.
        records: u64,
        /// The number of a record that was durable here, and is not among them.
        anchored: u64,
    },
    /// The anchor is missing, or cannot be believed: whether the journal is whole is then unknown. As after damage.
    #[error("the journal's anchor cannot be believed: {0}")]
    Anchor(&'static str),
    /// Written by another version of this program.
    #[error("{0} has a format that this version does not know")]
    Version(&'static str),
    /// The operating system or the storage engine failed.
    #[error("{operation} {}", .path.display())]
    Io {
        /// What was being done, to `path`.
        operation: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A restore, where there is a journal and nobody said to set it aside.
    #[error("{} has a journal already", .0.display())]
    JournalThere(PathBuf),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// A record that the framing has no room for (over 256 MiB).
    #[error("a record is too large for the journal")]
    TooLarge,
    /// An earlier write failed: nothing more is written until a restart has replayed what is on disk.
    #[error("an earlier write failed, and the journal is read-only until the next start")]
    ReadOnly,
    /// The credential is wanted and the service manager has given no credentials folder.
    #[error("no credentials folder was given: CREDENTIALS_DIRECTORY is not set")]
    NoCredentials,
    /// Others than the owner may read a secret file.
    #[error("{} may be read by others than its owner (mode {mode:03o})", .path.display())]
    KeyPermissions {
        /// The secret file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A secret file that is not 32 bytes, or is all zeros.
    #[error("{} does not hold a 32-byte key", .0.display())]
    KeyUnusable(PathBuf),
    /// There is a store, and not the file that its passphrase opens: it was made under another key, or the file is lost.
    #[error("{} is missing, and there is a store already", .0.display())]
    UnlockMissing(PathBuf),
    /// Too little memory for the key of a passphrase.
    #[error("there is not enough memory to make a key of a passphrase")]
    NoMemory,
    /// There is no passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseFault),
    /// There is no identity key, and none to import.
    #[error("this agent has no identity key yet")]
    NoIdentity,
    /// An identity to import, where there is already another one.
    #[error("{} is another identity than the one in the store", .0.display())]
    IdentityDiffers(PathBuf),
}

impl StoreFault {
    /// A stable name, for catalogues and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LockedByAnother(_) => "LOCKED_BY_ANOTHER",
            Self::WrongKey(_) => "WRONG_KEY",
            Self::Damaged(_) => "DAMAGED",
            Self::RolledBack { .. } => "ROLLED_BACK",
            Self::Anchor(_) => "ANCHOR",
            Self::Version(_) => "VERSION",
            Self::Io { source, .. } if is_full(&**source) => "NO_SPACE",
            Self::Io { .. } => "IO",
            Self::JournalThere(_) => "JOURNAL_THERE",
            Self::NoRandomness => "NO_RANDOMNESS",
            Self::TooLarge => "TOO_LARGE",
            Self::ReadOnly => "READ_ONLY",
            Self::NoCredentials => "NO_CREDENTIALS",
            Self::KeyPermissions { .. } => "KEY_PERMISSIONS",
            Self::KeyUnusable(_) => "KEY_UNUSABLE",
            Self::UnlockMissing(_) => "UNLOCK_MISSING",
            Self::NoMemory => "NO_MEMORY",
            Self::Passphrase(fault) => fault.code(),
            Self::NoIdentity => "NO_IDENTITY",
            Self::IdentityDiffers(_) => "IDENTITY_DIFFERS",
        }
    }

    /// For `map_err`: which file it was about.
    pub(super) fn at_rest(name: &'static str) -> impl Fn(AtRestFault) -> Self {
        move |fault| match fault {
            AtRestFault::Damaged => Self::Damaged(name),
            AtRestFault::Version => Self::Version(name),
            AtRestFault::NoRandomness => Self::NoRandomness,
            AtRestFault::NoMemory => Self::NoMemory,
            AtRestFault::TooLarge => Self::TooLarge,
        }
    }

    /// For `map_err`: what was being done, to which path.
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { operation, path: path.into(), source: source.into() }
    }
}

/// Whether there was no room for what was to be written: on the disk, in a quota, or under a limit on a file's size. A fault
/// that only carries another one, as a journal's failure does, is what that one is.
fn is_full(source: &(dyn Error + 'static)) -> bool {
    let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
    if let Some(error) = source.downcast_ref::<io::Error>() {
        return full.contains(&error.kind());
    }
    source.downcast_ref::<StoreFault>().is_some_and(|fault| fault.code() == "NO_SPACE")
}
