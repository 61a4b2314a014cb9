//! What can happen to a desk, and what people can ask of it. Not here: what comes of it.

use std::sync::Arc;

use raccordo_proto::Directory;
use raccordo_proto::directory::confirm::Confirmed;
use raccordo_proto::directory::keycard::VerifiedCard;
use raccordo_proto::ids::{AgencyId, LetterId, RequestId};
use raccordo_proto::wire::SignedDirectory;

use crate::destination::Destination;
use crate::receipts::VerifiedReceipt;
use crate::roles::Caller;
use crate::seal::Opened;
use crate::wire;

/// Something that a person, or a program for her, asks.
pub struct Command {
    /// The answer carries it back.
    pub ticket: u64,
    /// Who asks.
    pub caller: Caller,
    /// What.
    pub act: Act,
}

/// What can be asked.
pub enum Act {
    /// Write, sign and queue a segnalazione.
    Segnala {
        /// As typed.
        modulo: Box<wire::Modulo>,
        /// To whom.
        to: Destination,
        /// Faults found already by the reader of the file.
        faults: Vec<wire::Fault>,
        /// A retry carries the same.
        request: RequestId,
    },
    /// Send the parte riservata to one office.
    Disclose {
        /// The case.
        codice: String,
        /// The office.
        office: String,
        /// A retry carries the same.
        request: RequestId,
    },
    /// «L'abbiamo letta».
    Riscontro {
        /// The case.
        codice: String,
        /// What it says.
        riscontro: wire::Riscontro,
        /// A retry carries the same.
        request: RequestId,
    },
    /// «Ce ne occupiamo noi».
    Take {
        /// The case.
        codice: String,
        /// What it says.
        presa: wire::PresaInCarico,
        /// A retry carries the same.
        request: RequestId,
    },
    /// Arrived cases.
    Inbox,
    /// One case.
    Show {
        /// The case.
        codice: String,
    },
    /// What was sent.
    Outbox,
    /// A case as evidence.
    Export {
        /// The case.
        codice: String,
    },
    /// Make a case unreadable for ever.
    EraseCase {
        /// The case.
        codice: String,
    },
    /// «Sì, è la loro chiave nuova».
    AcceptKey {
        /// The office whose identity key has changed.
        office: String,
        /// The key that she was shown.
        ik: [u8; 32],
        /// A case whose parte riservata goes to it too; `None` for everything else.
        codice: Option<String>,
    },
    /// A person may act.
    AddOperator {
        /// Her name.
        name: String,
        /// Her user id.
        uid: u32,
        /// What she may do.
        ruoli: Vec<wire::Ruolo>,
        /// Chosen instead of drawn; the shell passes one with `--dev` only.
        pseudonym: Option<String>,
    },
    /// She may not act any more; what she did stays.
    DisableOperator {
        /// Hers.
        pseudonym: String,
    },
    /// Who may act, and who might once.
    Operators,
}

/// Everything that can happen to a desk.
pub enum Input {
    /// A person asks.
    Command(Command),
    /// A letter was opened.
    Arrived(Box<Opened>),
    /// A receipt was verified.
    Receipted(Box<VerifiedReceipt>),
    /// A directory was verified.
    DirectoryOffered(Arc<Directory>),
    /// A Confirm was verified.
    DirectoryConfirmed(Confirmed),
    /// Another head of a directory's version was verified.
    DirectoryRivalled {
        /// Its head and signatures.
        rival: SignedDirectory,
        /// Its version.
        version: u64,
    },
    /// The courier wants to show a card.
    CardWanted,
    /// A peer's card was verified.
    CardSeen(VerifiedCard),
    /// The courier could seal now: may it?
    SealWanted {
        /// The letter.
        letter: LetterId,
        /// To whom.
        recipient: AgencyId,
    },
    /// The process begins.
    Started,
    /// Something of the desk's own is due: [`super::Desk::next_timeout`].
    Timeout,
}
