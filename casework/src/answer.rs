//! What a person is told, as facts. Sentences are the catalogues'.

use std::sync::Arc;

use raccordo_proto::ids::{AgencyId, EquipeId, LetterId};
use raccordo_proto::{Code, Timestamp};

use crate::case::OfficeState;
use crate::codice::Codice;
use crate::letter::{Letter, SignedLetter};
use crate::wire;

/// The answer to a command.
pub enum Answer {
    /// A letter was written, signed and made durable.
    Done(Done),
    /// Arrived cases.
    Inbox(Vec<InboxRow>),
    /// One case.
    Case {
        /// Its code.
        codice: Codice,
        /// Its letters, by the time written on them; each with whether it is a parte riservata that the segnalazione
        /// committed to.
        letters: Vec<(Arc<SignedLetter>, bool)>,
    },
    /// What was sent.
    Outbox(Vec<OutboxRow>),
    /// A case as evidence.
    Export(Box<wire::CaseExport>),
    /// A case is no more.
    Erased {
        /// Its code.
        codice: Codice,
    },
    /// An office's new key counts.
    KeyAccepted {
        /// The office.
        office: AgencyId,
    },
    /// The people of this office.
    Operators(Vec<crate::roles::Operator>),
    /// A person was added, or disabled.
    Operator {
        /// What letters carry.
        pseudonym: String,
    },
}

/// A letter is durable.
pub struct Done {
    /// The case.
    pub codice: Codice,
    /// The letter.
    pub letter: LetterId,
    /// Whom it was addressed to.
    pub recipients: Vec<AgencyId>,
    /// The équipe, when it went to one.
    pub equipe: Option<EquipeId>,
}

impl Done {
    /// Of this letter.
    pub(crate) fn of(letter: &Letter) -> Self {
        Self {
            codice: Codice::of(letter.case_id),
            letter: letter.letter_id,
            recipients: letter.recipients.clone(),
            equipe: letter.equipe.clone(),
        }
    }
}

/// An arrived case: code, sender, urgency.
pub struct InboxRow {
    /// Its code.
    pub codice: Codice,
    /// The referring office.
    pub sender: AgencyId,
    /// How soon.
    pub urgenza: wire::Urgenza,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What this office has said.
    pub state: OfficeState,
}

/// One letter on its way to one office.
pub struct OutboxRow {
    /// The case.
    pub codice: Codice,
    /// The letter.
    pub letter: LetterId,
    /// What it is.
    pub kind: wire::Kind,
    /// The office.
    pub recipient: AgencyId,
    /// Where it is.
    pub place: Place,
    /// Since when.
    pub since: Timestamp,
    /// What that office has said.
    pub office_state: OfficeState,
    /// Whether the parte riservata is proposed: that office has taken its part, may know who she is, and does not yet.
    pub can_disclose: bool,
}

/// Where a letter is, as shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In coda.
    Queued,
    /// Non consegnata.
    Blocked(Code),
    /// Consegnata.
    Delivered,
    /// Letta: a riscontro has come.
    Read,
}
