//! What may be written of what happened here: the whole vocabulary of the audit, so that its absence of content can be
//! read in one page. Not here: envelopes, their ids, pairs of agencies, addresses; none has a field to stand in.

use raccordo_proto::{AgencyId, Code};
use serde::Serialize;

/// One thing worth an audit row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Event {
    /// The gateway listens.
    Started {
        /// The release.
        release: &'static str,
        /// The directory version installed.
        version: u64,
    },
    /// The gateway was asked to stop.
    Stopped,
    /// An agency's agent is attached.
    Attached {
        /// Which agency.
        agency: String,
    },
    /// Its stream has ended.
    Detached {
        /// Which agency.
        agency: String,
    },
    /// A stream was ended with a code, for a fault of its own.
    Refused {
        /// Which agency.
        agency: String,
        /// Why.
        code: &'static str,
    },
    /// A newer attachment of the same agent took over.
    Superseded {
        /// Which agency.
        agency: String,
    },
    /// The directory no longer lets this peer in: its stream was cut.
    PeerCut {
        /// Which agency.
        agency: String,
        /// The directory's code.
        code: &'static str,
    },
    /// A handshake was refused. No address, no name: the peer has not shown who it is.
    RefusedHandshake {
        /// Why.
        code: &'static str,
        /// The rule, in the words of the certificate rules or of TLS.
        reason: String,
    },
    /// Refused at one door in one minute beyond those that got a row of their own: handshakes and, at the authority's port,
    /// documents and Confirms too. Written with the next refusal after that minute.
    RefusedHandshakes {
        /// How many, of all kinds.
        count: u64,
    },
    /// A directory version was installed.
    Directory {
        /// Which.
        version: u64,
        /// How it came.
        way: Way,
    },
    /// A directory was not taken.
    DirectoryRefused {
        /// How it came.
        way: Way,
        /// The rule's code; none for a fault of this machine.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
        /// The rule.
        reason: String,
    },
    /// A Confirm was taken.
    Confirmed {
        /// Of which version.
        version: u64,
        /// Until when it speaks, milliseconds since 1970, UTC.
        until: u64,
    },
    /// A Confirm was not taken.
    ConfirmRefused {
        /// The code that whoever handed it in was told.
        code: &'static str,
        /// The rule.
        reason: String,
    },
    /// An invited machine has deposited its request.
    Deposited {
        /// For which agency.
        agency: String,
    },
    /// The administration has answered a deposited request.
    EnrolmentAnswered {
        /// For which agency.
        agency: String,
    },
    /// A deposit, or an admin's call about deposits, was not taken.
    EnrolmentRefused {
        /// The code that whoever called was told.
        code: &'static str,
        /// The rule.
        reason: String,
    },
    /// Audit events lost because the writer was behind.
    Lost {
        /// How many.
        count: u64,
    },
}

impl Event {
    /// A stream ended with a code.
    pub fn refused(agency: &AgencyId, code: Code) -> Self {
        Self::Refused { agency: agency.to_string(), code: code.name() }
    }
}

/// How a directory came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Way {
    /// By the file, read at a start.
    Start,
    /// By the file, read on SIGHUP.
    File,
    /// By the authority's port.
    Authority,
}

/// What is counted per agency and day, and never per pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// An envelope that it sent was forwarded.
    Envelope {
        /// Its size.
        bytes: usize,
    },
    /// A receipt that it sent was forwarded.
    Receipt,
    /// Something that it sent was not taken.
    Refused,
}
