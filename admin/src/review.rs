//! What would change with the next version of the directory, and what is wrong with it: a pure comparison of what was signed,
//! or nothing, with what is wanted. The verifiers' own rules (D-13) stay theirs; here they get sentences and names.
//!
//! Not here: the sentences (`text`), reading and writing anything.

mod faults;

pub(crate) use faults::faults;
pub use faults::{Fault, Warning};

pub use raccordo_proto::directory::changes::{Change, Detail, How, Thing};

use raccordo_proto::directory::changes;
use raccordo_proto::{Directory, wire};
use raccordo_terminal::text::Sentence;

use crate::document;
use crate::roster::Roster;

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// Every thing, the unchanged ones too.
    pub changes: Vec<Change>,
    /// What must not be signed.
    pub faults: Vec<Fault>,
    /// What somebody should know.
    pub warnings: Vec<Warning>,
}

impl Review {
    /// Whether nothing would change.
    pub fn is_idle(&self) -> bool {
        self.changes.iter().all(|change| change.how == How::Nothing)
    }

    /// The faults as sentences.
    pub fn faults_said(&self) -> Vec<Sentence> {
        self.faults.iter().map(Fault::said).collect()
    }
}

/// Compares what was signed last, or nothing, with what is wanted.
pub fn review(signed: Option<&Directory>, wanted: &Roster) -> Review {
    let before = signed.map(Directory::body).unwrap_or_default();
    let after = wanted.body();
    Review { changes: changes(&before, &after), faults: faults(&before, &after), warnings: faults::warnings(&before, &after) }
}

/// What differs between two bodies.
pub fn changes(before: &wire::Body, after: &wire::Body) -> Vec<Change> {
    changes::between(before, after, &document::instant_text)
}

/// Whether two bodies say the same.
pub fn is_same(one: &wire::Body, other: &wire::Body) -> bool {
    changes(one, other).iter().all(|change| change.how == How::Nothing)
}

#[cfg(test)]
mod tests;
