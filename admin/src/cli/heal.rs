//! `directory heal`: two documents of one version were both signed. The operator says which one goes on; the next version
//! supersedes the other, and what only the other had is told, so that nobody's change is lost in silence.
//!
//! Not here: how an agent that holds either gets over it (`raccordo_proto::directory::update`, D-15).

use std::path::Path;

use prost::Message as _;
use raccordo_proto::wire;
use serde_json::json;

use super::args_admins::Keep;
use super::ceremony::read_document;
use super::network::Network;
use super::proposals::short;
use super::screen::plan_object;
use crate::failure::{Exit, Failure};
use crate::log::Entry;
use crate::review::{self};
use crate::roots;

impl Network<'_> {
    pub(super) fn heal(&self, file: &Path, keep: Keep) -> Result<(), Failure> {
        let document = read_document(file)?;
        let last = self.last()?.ok_or_else(super::directory::nothing_signed)?;
        let version = wire::Head::decode(document.head.clone()).map(|head| head.version).unwrap_or_default();
        let mine = self.version(version)?;
        let previous = version.checked_sub(1).and_then(|before| self.version(before).ok());
        let theirs = self.verified_after(&document, previous.as_ref())?;
        if theirs.head_hash() == mine.head_hash() {
            return Err(Failure::new(Exit::Refused, "NO_FORK").with("version", version));
        }
        if theirs.previous_head() != mine.previous_head() {
            return Err(Failure::new(Exit::Refused, "FORK_EARLIER").with("version", version));
        }
        if keep == Keep::Theirs && last.version() != version {
            return Err(Failure::new(Exit::Refused, "FORK_PASSED").with("version", version).with("last", last.version()));
        }
        let proposal = self.proposal(Some(&last))?;
        let (base, left) = match keep {
            Keep::Mine => (&mine, &theirs),
            Keep::Theirs => (&theirs, &mine),
        };
        let lost = review::changes(&base.body(), &left.body());
        let rotation = roots::changes(&base.root(), &left.root());
        self.screen.say("show-fork", &[("version", &version.to_string()), ("hash", &short(&left.head_hash()))]);
        self.screen.plan(&lost);
        self.screen.tell(&rotation);
        self.logged(&[Entry::about("directory heal", &[short(&left.head_hash())])], None)?;
        self.leave_behind(left)?;
        if keep == Keep::Theirs {
            if let Some(proposal) = &proposal {
                self.drop_proposal(proposal)?;
            }
            self.replace(&theirs)?;
            self.draft_follows(Some(&mine), &theirs)?;
        }
        self.screen
            .say("done-heal", &[("version", &version.to_string()), ("next", &last.version().saturating_add(1).to_string())]);
        self.screen.object(&json!({
            "version": version, "base": short(&base.head_hash()), "left_behind": short(&left.head_hash()),
            "only_in_left_behind": plan_object(&lost), "rotation": self.screen.told(&rotation),
        }));
        Ok(())
    }
}
