//! Why the store cannot be opened or used. The text is for logs and developers; what a person reads is chosen by
//! [`StoreFault::code`] from the command line's catalogues. Not here: key material and anything of a record's content.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

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
    /// A way to unlock that the configuration may name and this version does not have.
    #[error("unlocking the store from {0} is not built yet: use a credential or a key file")]
    NotBuilt(&'static str),
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
            Self::Io { .. } => "IO",
            Self::JournalThere(_) => "JOURNAL_THERE",
            Self::NoRandomness => "NO_RANDOMNESS",
            Self::TooLarge => "TOO_LARGE",
            Self::ReadOnly => "READ_ONLY",
            Self::NoCredentials => "NO_CREDENTIALS",
            Self::KeyPermissions { .. } => "KEY_PERMISSIONS",
            Self::KeyUnusable(_) => "KEY_UNUSABLE",
            Self::NotBuilt(_) => "NOT_BUILT",
            Self::NoIdentity => "NO_IDENTITY",
            Self::IdentityDiffers(_) => "IDENTITY_DIFFERS",
        }
    }

    /// For `map_err`: what was being done, to which path.
    pub(super) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { operation, path: path.into(), source: source.into() }
    }
}
