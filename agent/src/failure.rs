//! What stops a command: an exit code, a stable code and arguments. The sentence is the catalogue's ([`crate::text`]), so no
//! error carries words of its own.
//!
//! Not here: the rules that are broken, which are casework's.

use std::fmt;
use std::path::{Path, PathBuf};

use raccordo_casework::wire::Fault;
use raccordo_terminal::passphrase::PassphraseFault;

use crate::store::StoreFault;

/// How a command of this program ends: scripts rely on these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// This machine failed: disk, store locked, agent not running.
    Machine = 1,
    /// Wrong usage, or a faulty form.
    Usage = 2,
    /// The gateway cannot be reached; the letter is safe in the outbox.
    Unreachable = 3,
    /// A rule forbids it.
    Refused = 4,
    /// Something could not be verified.
    Verification = 5,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Which part of the catalogue holds the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Failure,
    Refusal,
}

/// Why a command stopped.
#[derive(Clone)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// Stable code, as in `--json`: `AGENT_NOT_RUNNING`.
    pub code: String,
    /// Arguments of the sentence: never content of a case.
    pub args: Vec<(String, String)>,
    /// What is wrong with a file, all at once: never a value that was typed.
    pub faults: Vec<Fault>,
    /// That file; empty when there is none.
    pub file: PathBuf,
    family: Family,
}

impl Failure {
    /// A failure with the sentence `failure-<code>` of the catalogue.
    pub fn new(exit: Exit, code: &str) -> Self {
        Self { exit, code: code.to_owned(), args: Vec::new(), faults: Vec::new(), file: PathBuf::new(), family: Family::Failure }
    }

    /// A refusal with the sentence `refusal-<code>` of the catalogue.
    pub fn refusal(exit: Exit, code: &str) -> Self {
        Self { family: Family::Refusal, ..Self::new(exit, code) }
    }

    /// With one more argument for the sentence.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.args.push((key.to_owned(), value.to_string()));
        self
    }

    /// About a file, with everything that is wrong with it.
    #[must_use]
    pub fn about(self, file: &Path, faults: Vec<Fault>) -> Self {
        Self { file: file.to_owned(), faults, ..self }
    }

    /// The id of its sentence.
    pub fn message_id(&self) -> String {
        let family = match self.family {
            Family::Failure => "failure",
            Family::Refusal => "refusal",
        };
        format!("{family}-{}", self.code.to_ascii_lowercase().replace('_', "-"))
    }
}

impl From<&StoreFault> for Failure {
    fn from(fault: &StoreFault) -> Self {
        let exit = match fault {
            StoreFault::JournalThere(_) => Exit::Refused,
            StoreFault::Passphrase(PassphraseFault::Unreadable(..)) => Exit::Machine,
            StoreFault::Passphrase(_) => Exit::Usage,
            _ => Exit::Machine,
        };
        let failure = Self::new(exit, fault.code());
        match fault {
            StoreFault::JournalThere(path) | StoreFault::UnlockMissing(path) => failure.with("file", path.display()),
            StoreFault::Passphrase(fault) => {
                fault.args().into_iter().fold(failure, |failure, (key, value)| failure.with(key, value))
            }
            _ => failure,
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        self.args.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}

impl std::error::Error for Failure {}
