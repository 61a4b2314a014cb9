//! What the rules forbid a person of this office: a code and arguments, never a sentence (catalogues of the crates that
//! speak have those), never a value she typed.
//!
//! Not here: what peers do wrong (`raccordo_proto::Code`), what the disk does wrong (`record::JournalFailure`).

use raccordo_proto::Timestamp;

use crate::wire;

/// Why an act is not done.
#[derive(Clone, PartialEq)]
pub enum Refusal {
    /// A form with faults: all of them.
    Form(Vec<wire::Fault>),
    /// A rule.
    Rule(Rule),
}

/// A rule that forbids an act, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// This user of the machine is not an operator.
    UnknownOperator,
    /// A referente's act.
    NotReferente,
    /// Not this role's act.
    Role,
    /// There is no such case, for this person.
    CodiceInesistente,
    /// The woman has not authorised this office to know who she is.
    NoAuthorisation {
        /// The office.
        ufficio: String,
    },
    /// The case has no parte riservata.
    NoParteRiservata,
    /// It was sent to that office already.
    AlreadySent {
        /// The office.
        ufficio: String,
    },
    /// Segnalazioni and parti riservate wait for a new directory.
    DirectoryExpired {
        /// When the one that is here ended.
        expires: Timestamp,
    },
    /// This machine has no directory yet.
    NoDirectory,
    /// The uid or the pseudonym is taken.
    OperatorExists,
    /// Nobody of this office has that pseudonym.
    NoSuchOperator,
    /// A text is longer than allowed.
    TextTooLong {
        /// Characters.
        max: usize,
    },
    /// All that was written together is more than a letter may hold.
    LetterTooLarge,
    /// Not a date.
    BadDate,
    /// The key that she said yes to is not the office's, or is no longer.
    KeyDiffers {
        /// The office.
        ufficio: String,
    },
    /// The office's key is the one that is known here.
    NothingToAccept {
        /// The office.
        ufficio: String,
    },
    /// No such office in the directory, or not among those of the case.
    UnknownOffice {
        /// The office.
        ufficio: String,
    },
}

impl Rule {
    /// Its stable name, as in google.rpc.ErrorInfo.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnknownOperator => "UNKNOWN_OPERATOR",
            Self::NotReferente => "NOT_REFERENTE",
            Self::Role => "ROLE",
            Self::CodiceInesistente => "CODICE_INESISTENTE",
            Self::NoAuthorisation { .. } => "NO_AUTHORISATION",
            Self::NoParteRiservata => "NO_PARTE_RISERVATA",
            Self::AlreadySent { .. } => "ALREADY_SENT",
            Self::DirectoryExpired { .. } => "DIRECTORY_EXPIRED",
            Self::NoDirectory => "NO_DIRECTORY",
            Self::OperatorExists => "OPERATOR_EXISTS",
            Self::NoSuchOperator => "NO_SUCH_OPERATOR",
            Self::TextTooLong { .. } => "TEXT_TOO_LONG",
            Self::LetterTooLarge => "LETTER_TOO_LARGE",
            Self::BadDate => "BAD_DATE",
            Self::KeyDiffers { .. } => "KEY_DIFFERS",
            Self::NothingToAccept { .. } => "NOTHING_TO_ACCEPT",
            Self::UnknownOffice { .. } => "UNKNOWN_OFFICE",
        }
    }

    /// Its arguments, by name.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NoAuthorisation { ufficio }
            | Self::AlreadySent { ufficio }
            | Self::KeyDiffers { ufficio }
            | Self::NothingToAccept { ufficio }
            | Self::UnknownOffice { ufficio } => vec![("ufficio", ufficio.clone())],
            Self::DirectoryExpired { expires } => vec![("expires", expires.as_millis().to_string())],
            Self::TextTooLong { max } => vec![("max", max.to_string())],
            Self::UnknownOperator
            | Self::NotReferente
            | Self::Role
            | Self::CodiceInesistente
            | Self::NoParteRiservata
            | Self::NoDirectory
            | Self::OperatorExists
            | Self::NoSuchOperator
            | Self::LetterTooLarge
            | Self::BadDate => Vec::new(),
        }
    }
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self::Rule(rule)
    }
}
