//! How secrets of one machine lie on its disk (docs/PROTOCOL.md, "At rest"): a key for every use, small files that are sealed
//! whole, the key that a passphrase gives. Bytes in, bytes out.
//!
//! Deliberately not here: files and folders, what they hold and which domains they have (the agent's store, the administration's
//! key files), asking for a passphrase.

pub mod cipher;
pub mod file;
pub mod passphrase;

/// Why something was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AtRestFault {
    /// The bytes are not what was written, or are of another kind of file.
    #[error("the bytes are not what was written")]
    Damaged,
    /// Written by another version, or at another cost.
    #[error("a format that this version does not know")]
    Version,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// Too little memory for the key of a passphrase.
    #[error("there is not enough memory to make a key of a passphrase")]
    NoMemory,
    /// More than AES-GCM seals at once.
    #[error("too large to be sealed at once")]
    TooLarge,
}
