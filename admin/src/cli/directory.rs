//! The signed directory: what the next version would change, signing it, and what was signed.
//!
//! Not here: how it reaches gateways (`publish`, or as files by hand) and offices; what the other admins do with a proposal (`ceremony`).

use prost::Message as _;
use raccordo_proto::directory::proposal::Proposal;
use raccordo_proto::ids::Digest;
use raccordo_proto::{Directory, wire};
use raccordo_terminal::text::Sentence;
use serde_json::{Value, json};

use super::args::DirectoryCommand;
use super::enrol::Pending;
use super::join::key_object;
use super::network::Network;
use super::proposals::{Settled, next_after, short, standing, standing_object};
use super::screen::plan_object;
use crate::document::instant_text;
use crate::failure::{Exit, Failure};
use crate::log::Entry;
use crate::review::{self, Review, Warning};
use crate::roots;

impl Network<'_> {
    pub(super) fn directory(&self, command: &DirectoryCommand) -> Result<(), Failure> {
        match command {
            DirectoryCommand::Review => self.review(),
            DirectoryCommand::Sign { renew } => self.sign(*renew),
            DirectoryCommand::Heal { other, keep } => self.heal(other, *keep),
            DirectoryCommand::Adopt => self.adopt_last(),
            DirectoryCommand::Confirm { out, by_confirm_key, to, .. } => self.confirm(out.as_deref(), *by_confirm_key, to),
            DirectoryCommand::Publish { to } => self.publish(to),
            DirectoryCommand::Show { version } => self.show(*version),
            DirectoryCommand::Diff { from, to } => self.diff(*from, *to),
        }
    }

    fn review(&self) -> Result<(), Failure> {
        let last = self.last()?;
        let review = review::review(last.as_ref(), &self.roster);
        let (warnings, rotation) = (self.warnings(&review)?, self.rotation(last.as_ref())?);
        self.screen.say("show-next", &[("version", &next_after(last.as_ref()).to_string())]);
        self.screen.plan(&review.changes);
        self.screen.tell(&rotation);
        self.screen.warn(&warnings);
        let waits = self.proposal(last.as_ref())?;
        if let Some(proposal) = &waits {
            self.told_waiting(proposal);
        }
        let faults = self.screen.told(&review.faults_said());
        let plan = plan_object(&review.changes);
        if review.faults.is_empty() {
            self.screen.object(&json!({
                "plan": plan, "rotation": self.screen.told(&rotation), "warnings": self.screen.told(&warnings), "faults": faults,
                "proposal": waits.as_ref().map(standing_object),
            }));
            return Ok(());
        }
        Err(Failure::new(Exit::Refused, "FAULTS").about(review.faults_said()))
    }

    fn warnings(&self, review: &Review) -> Result<Vec<Sentence>, Failure> {
        let root = self.signers(self.last()?.as_ref())?.root;
        Ok(review.warnings.iter().map(Warning::said).chain(roots::warning(&root)).collect())
    }

    /// What the next version changes of who may sign.
    fn rotation(&self, last: Option<&Directory>) -> Result<Vec<Sentence>, Failure> {
        Ok(roots::changes(&self.signers(last)?.root, &self.next_signers(last)?.root))
    }

    fn sign(&self, renew: bool) -> Result<(), Failure> {
        let last = self.last()?;
        let review = review::review(last.as_ref(), &self.roster);
        if !review.faults.is_empty() {
            return Err(Failure::new(Exit::Refused, "FAULTS").about(review.faults_said()));
        }
        let pending = self.pending()?;
        let (warnings, rotation) = (self.warnings(&review)?, self.rotation(last.as_ref())?);
        self.screen.plan(&review.changes);
        self.screen.tell(&rotation);
        self.screen.warn(&warnings);
        let left = self.left_behind(last.as_ref())?;
        let is_idle = review.is_idle() && rotation.is_empty() && left.is_empty() && !renew;
        let settled = match (self.proposal(last.as_ref())?, last) {
            (None, Some(last)) if is_idle => {
                self.screen.say("done-nothing-to-sign", &[("version", &last.version().to_string())]);
                Settled::Signed(last)
            }
            (None, last) => {
                let document = self.propose(last.as_ref(), self.next_signers(last.as_ref())?, left)?;
                self.settle(&document, last.as_ref())?
            }
            (Some(proposal), last) => Settled::Waiting(self.still(proposal, last.as_ref(), &left)?),
        };
        let plan = plan_object(&review.changes);
        self.told_settled(settled, &pending, &json!({"plan": plan, "warnings": self.screen.told(&warnings)}))
    }

    /// The proposal that waits, if it is what would be proposed now.
    fn still(&self, proposal: Proposal, last: Option<&Directory>, left: &[Digest]) -> Result<Proposal, Failure> {
        let body = wire::Body::decode(proposal.document().body.clone()).unwrap_or_default();
        let (head, next) = (proposal.head(), self.next_signers(last)?);
        let supersedes = head.supersedes.iter().map(|hash| &hash[..]);
        let is_it = review::is_same(&body, &self.roster.body())
            && (head.root_version, head.root.as_ref()) == (next.version, Some(&next.root))
            && supersedes.eq(left.iter().map(|hash| &hash.as_bytes()[..]));
        let other = Failure::new(Exit::Refused, "PROPOSAL_PENDING").with("version", proposal.version());
        if is_it { Ok(proposal) } else { Err(other.with("hash", short(&proposal.hash()))) }
    }

    /// Says what became of a version, and answers whoever waits for it.
    pub(super) fn told_settled(&self, settled: Settled, pending: &[Pending], more: &Value) -> Result<(), Failure> {
        let mut object = more.clone();
        match &settled {
            Settled::Signed(directory) => {
                let answered = self.answer(directory, pending)?;
                object["version"] = directory.version().into();
                object["activations"] = answered.written.into();
                object["waiting"] = answered.waiting.into();
            }
            Settled::Waiting(proposal) => {
                self.told_waiting(proposal);
                object["version"] = proposal.version().into();
                object["proposal"] = standing_object(proposal);
            }
        }
        object["complete"] = matches!(settled, Settled::Signed(_)).into();
        object["network_words"] = self.words()?.into();
        self.screen.object(&object);
        Ok(())
    }

    /// Says that a version waits, and for whom.
    pub(super) fn told_waiting(&self, proposal: &Proposal) {
        let (version, hash) = (proposal.version().to_string(), short(&proposal.hash()));
        self.screen.say("show-proposal", &[("version", &version), ("hash", &hash)]);
        self.screen.tell(&standing(proposal));
    }

    fn show(&self, version: Option<u64>) -> Result<(), Failure> {
        let directory = match version {
            Some(version) => self.version(version)?,
            None => self.last()?.ok_or_else(nothing_signed)?,
        };
        let (issued, expires) = (instant_text(directory.issued()), instant_text(directory.expires()));
        let changes = review::changes(&wire::Body::default(), &directory.body());
        let version = directory.version().to_string();
        let args = [("network", self.name.as_str()), ("version", &version), ("issued", &issued), ("expires", &expires)];
        self.screen.say("show-directory", &args);
        let words = self.words()?;
        self.screen.say("note-network-words", &[("words", &words)]);
        self.screen.plan(&changes);
        let holds = plan_object(&changes);
        let root = directory.root();
        let (k, n, number) =
            (root.threshold.to_string(), root.admin_keys.len().to_string(), directory.root_version().to_string());
        self.screen.say("show-admins", &[("k", &k), ("n", &n), ("root", &number)]);
        let said = |id, key| Sentence::new(id, &[("words", &roots::words_of(key)), ("id", &roots::id_of(key))]);
        self.screen.tell(&root.admin_keys.iter().map(|key| said("show-admin-key", key)).collect::<Vec<_>>());
        self.screen.tell(&root.confirm_keys.iter().map(|key| said("show-confirm-key", key)).collect::<Vec<_>>());
        let version = directory.version();
        let admins: Vec<_> = root.admin_keys.iter().map(key_object).collect();
        let confirm_keys: Vec<_> = root.confirm_keys.iter().map(key_object).collect();
        let object = json!({
            "version": version, "issued": issued, "expires": expires, "holds": holds, "network_words": words,
            "threshold": root.threshold, "admins": admins, "confirm_keys": confirm_keys,
        });
        self.screen.object(&object);
        Ok(())
    }

    fn adopt_last(&self) -> Result<(), Failure> {
        let last = self.last()?.ok_or_else(nothing_signed)?;
        let changes = review::changes(&self.roster.body(), &last.body());
        self.screen.plan(&changes);
        self.logged(&[Entry::new("directory adopt", &[])], None)?;
        self.adopt(&last)?;
        self.screen.object(&json!({"version": last.version(), "plan": plan_object(&changes)}));
        Ok(())
    }

    fn diff(&self, from: Option<u64>, to: Option<u64>) -> Result<(), Failure> {
        let newer = match to {
            Some(to) => self.version(to)?,
            None => self.last()?.ok_or_else(nothing_signed)?,
        };
        let from = from.unwrap_or(newer.version().saturating_sub(1));
        let older = if from == 0 { wire::Body::default() } else { self.version(from)?.body() };
        let changes = review::changes(&older, &newer.body());
        self.screen.say("show-diff", &[("from", &from.to_string()), ("to", &newer.version().to_string())]);
        self.screen.plan(&changes);
        self.screen.object(&json!({"from": from, "to": newer.version(), "plan": plan_object(&changes)}));
        Ok(())
    }
}

/// Nothing was signed in this folder yet.
pub(super) fn nothing_signed() -> Failure {
    Failure::new(Exit::Refused, "NOTHING_SIGNED")
}
