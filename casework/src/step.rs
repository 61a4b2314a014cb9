//! Decide → record → persist → effect. A [`Step`] is what a desk proposes; its effects come out only of [`commit`], which
//! has made its records durable (invariant 5): "sent before saved" does not compile.
//!
//! ```compile_fail
//! # fn step() -> raccordo_casework::step::Step { unimplemented!() }
//! let effects = step().effects; // private
//! ```
//!
//! Not here: what is decided (`desk`), and the disk (`record::Journal`).

use std::sync::Arc;

use raccordo_proto::Directory;
use raccordo_proto::directory::keycard::{CardOrder, VerifiedCard};
use raccordo_proto::ids::{AgencyId, CaseId, LetterId};
use raccordo_proto::wire::SignedReceipt;
use raccordo_proto::{Code, Timestamp};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::known_keys::KnownKeys;
use crate::letter::SignedLetter;
use crate::record::{Journal, JournalFailure, Record};

/// What leaves the desk once its records are durable.
pub enum Effect {
    /// The step is durable: the first thing that comes out of it.
    Durable,
    /// Answer the person, or the program, that asked.
    Answer {
        /// Its question.
        ticket: u64,
        /// What she is told.
        answer: Answer,
    },
    /// These recipients wait for this letter.
    Announce {
        /// The letter.
        letter: LetterId,
        /// Who waits.
        recipients: Vec<AgencyId>,
    },
    /// Seal and send.
    Seal {
        /// The letter.
        letter: Arc<SignedLetter>,
        /// To whom.
        recipient: AgencyId,
    },
    /// Not now: the letter waits for something of our own.
    Hold {
        /// The letter.
        letter: LetterId,
        /// To whom.
        recipient: AgencyId,
        /// What it waits for.
        code: Code,
    },
    /// Nothing more is to be sent.
    Settled {
        /// The letter.
        letter: LetterId,
        /// To whom.
        recipient: AgencyId,
        /// `None`: delivered. A code: blocked.
        blocked: Option<Code>,
    },
    /// A receipt for a letter of others.
    SendReceipt(SignedReceipt),
    /// A letter of others is here.
    Arrived {
        /// The letter.
        letter: LetterId,
        /// Who sent it.
        sender: AgencyId,
        /// When it arrived.
        at: Timestamp,
    },
    /// A card with this number may be shown.
    ShowCard(CardOrder),
    /// A peer's card may be used.
    UseCard(VerifiedCard),
    /// This directory holds from now on; with the keys of every one that came before.
    DirectoryInstalled(Arc<Directory>, Arc<KnownKeys>),
    /// The letter was erased with its case: nothing more is to be sent, and nobody is told.
    Forgotten {
        /// The letter.
        letter: LetterId,
        /// Who waited for it.
        recipient: AgencyId,
    },
}

/// What a desk proposes.
#[must_use = "commit the step: its effects are released only once its records are durable"]
#[derive(Default)]
pub struct Step {
    records: Vec<Record>,
    erasures: Vec<CaseId>,
    effects: Vec<Effect>,
}

impl Step {
    pub(crate) fn new(records: Vec<Record>, effects: Vec<Effect>) -> Self {
        Self { records, erasures: Vec::new(), effects }
    }

    /// With the erasure of a case's key, after the records and before the effects.
    pub(crate) fn erasing(self, case: CaseId) -> Self {
        let erasures = self.erasures.into_iter().chain([case]).collect();
        Self { erasures, ..self }
    }

    /// This one, then another.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.records.extend(other.records);
        self.erasures.extend(other.erasures);
        self.effects.extend(other.effects);
        self
    }

    /// Applies the records to the desk and leaves the effects locked until [`commit`]. Several steps may be staged before
    /// one flush makes them all durable.
    pub fn stage(self, desk: &mut Desk) -> Pending {
        self.records.iter().for_each(|record| desk.apply(record));
        Pending { records: self.records, erasures: self.erasures, effects: self.effects }
    }
}

/// A step that was applied and is not durable yet.
#[must_use = "commit it: its effects wait for its records"]
pub struct Pending {
    records: Vec<Record>,
    erasures: Vec<CaseId>,
    effects: Vec<Effect>,
}

/// Makes staged steps durable, in the order in which they were staged, erases what they erase, and only then lets their
/// effects out.
pub fn commit(batch: Vec<Pending>, journal: &mut impl Journal) -> Result<Vec<Effect>, JournalFailure> {
    let (mut records, mut erasures, mut effects) = (Vec::new(), Vec::new(), Vec::new());
    for pending in batch {
        records.extend(pending.records);
        erasures.extend(pending.erasures);
        effects.push(Effect::Durable);
        effects.extend(pending.effects);
    }
    journal.append(&records)?;
    erasures.into_iter().try_for_each(|case| journal.erase(case))?;
    Ok(effects)
}
