//! `agency suspend`, `resume`, `evict`, `revoke`, `ban`: an act changes the draft, with a reason in the log, and says what will
//! happen.
//!
//! Not here: which act is allowed when, and what it does (`crate::acts`).

use raccordo_machine::clock;
use raccordo_proto::limits::REASON_CHARS_MAX;

use super::life::{ActArgs, BanArgs};
use super::network::Network;
use super::wanted::agency_id;
use crate::acts::{self, Act};
use crate::failure::{Exit, Failure};
use crate::log::Entry;

impl Network<'_> {
    pub(super) fn act(&self, act: Act, ActArgs { id, reason }: &ActArgs) -> Result<(), Failure> {
        let id = agency_id(id)?;
        let entry = Entry::new(act.name(), &[id.as_str()]).because(said(reason)?);
        let performed = acts::perform(&self.roster, act, &id, clock::now())?;
        self.screen.warn(&performed.notes);
        self.change(&performed.draft, &[entry], &performed.notes)
    }

    /// A ban is for ever: it is not done on a slip of the hand.
    pub(super) fn ban(&self, BanArgs { act, yes }: &BanArgs) -> Result<(), Failure> {
        if !yes {
            acts::perform(&self.roster, Act::Ban, &agency_id(&act.id)?, clock::now())?;
            return Err(Failure::new(Exit::Usage, "BAN_UNCONFIRMED").with("office", &act.id));
        }
        self.act(Act::Ban, act)
    }
}

/// A reason that is not too long.
pub(super) fn said(reason: &str) -> Result<&str, Failure> {
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::new(Exit::Usage, "REASON_TOO_LONG").with("max", REASON_CHARS_MAX));
    }
    Ok(reason)
}
