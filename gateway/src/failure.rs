//! Why the gateway does not start or a command does not succeed: a sentence and an exit code. Not here: what peers do
//! wrong, which has codes and never stops the process.

use std::path::Path;

/// A sentence for whoever runs the gateway.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is faulty: exit 2.
    #[error("configuration: {0}")]
    Config(String),
    /// A rule forbids it: exit 4.
    #[error("{0}")]
    Refused(String),
    /// This machine cannot: disk, port, a locked store: exit 1.
    #[error("{0}")]
    Machine(String),
    /// Whom it was to be asked of does not run: exit 3.
    #[error("{0}")]
    NotRunning(String),
    /// A signature, a certificate or a chain does not hold: exit 5.
    #[error("verification: {0}")]
    Unverified(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Machine(_) => 1,
            Self::Config(_) => 2,
            Self::NotRunning(_) => 3,
            Self::Refused(_) => 4,
            Self::Unverified(_) => 5,
        }
    }

    /// A file operation that failed.
    pub fn file(operation: &str, path: &Path, cause: impl core::fmt::Display) -> Self {
        Self::Machine(format!("cannot {operation} {}: {cause}", path.display()))
    }
}
