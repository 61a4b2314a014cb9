//! What stops a command: an exit code, a stable code and arguments. The sentence is the catalogue's ([`crate::text`]).
//!
//! Not here: the rules that are broken (`review`, `document`).

use core::fmt;
use std::path::Path;

use raccordo_terminal::passphrase::PassphraseFault;
use raccordo_terminal::text::Sentence;

/// How a command of this program ends: scripts rely on these numbers, which are those of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// This machine failed: disk, folder in use.
    Machine = 1,
    /// Wrong usage, or a faulty file.
    Usage = 2,
    /// A gateway does not answer, or not now.
    Unreachable = 3,
    /// A rule forbids it.
    Refused = 4,
    /// Something could not be verified, or a passphrase does not open.
    Verification = 5,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// Stable code, as in `--json`.
    pub code: &'static str,
    /// Arguments of the sentence.
    pub args: Vec<(&'static str, String)>,
    /// What is wrong, all at once.
    pub faults: Vec<Sentence>,
}

impl Failure {
    /// A failure with the sentence `failure-<code>` of the catalogue.
    pub fn new(exit: Exit, code: &'static str) -> Self {
        Self { exit, code, args: Vec::new(), faults: Vec::new() }
    }

    /// With one more argument for the sentence.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((key, value.to_string()));
        self
    }

    /// With everything that is wrong.
    #[must_use]
    pub fn about(self, faults: Vec<Sentence>) -> Self {
        Self { faults, ..self }
    }

    /// A file that this machine cannot read or write.
    pub fn io(path: &Path, cause: impl fmt::Display) -> Self {
        Self::new(Exit::Machine, "IO").with("file", path.display()).with("detail", cause)
    }

    /// The id of its sentence.
    pub fn message_id(&self) -> String {
        format!("failure-{}", self.code.to_ascii_lowercase().replace('_', "-"))
    }
}

impl From<PassphraseFault> for Failure {
    fn from(fault: PassphraseFault) -> Self {
        Self { args: fault.args(), ..Self::new(Exit::Usage, fault.code()) }
    }
}
