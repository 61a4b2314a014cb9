//! Several admins, each with her key on her own machine: what waits for signatures goes to and fro in files without secrets.
//!
//! Not here: making a proposal (`directory sign`), forks (`heal`).

use std::path::Path;

use prost::Message as _;
use raccordo_proto::directory::proposal::Proposal;
use raccordo_proto::ids::Digest;
use raccordo_proto::limits::DIRECTORY_BYTES_MAX;
use raccordo_proto::{Directory, wire};
use serde_json::json;

use super::args_admins::CeremonyCommand;
use super::join::hand_out;
use super::network::Network;
use super::proposals::{Settled, short, standing_object};
use super::screen::plan_object;
use crate::document::instant_text;
use crate::failure::{Exit, Failure};
use crate::folder::read_outside;
use crate::review::{self, Fault};
use crate::roots;

impl Network<'_> {
    pub(super) fn ceremony(&self, command: &CeremonyCommand) -> Result<(), Failure> {
        match command {
            CeremonyCommand::Export { out } => self.export(out),
            CeremonyCommand::Review { proposal } => self.review_proposal(proposal),
            CeremonyCommand::Sign { proposal, out } => self.sign_proposal(proposal, out),
            CeremonyCommand::Import { signed } => self.import(signed),
            CeremonyCommand::Discard => self.discard(),
        }
    }

    fn export(&self, out: &Path) -> Result<(), Failure> {
        let last = self.last()?;
        let waits = self.proposal(last.as_ref())?;
        let document = waits.as_ref().map(Proposal::document).or(last.as_ref().map(Directory::document));
        hand_out(out, &document.ok_or_else(super::directory::nothing_signed)?.encode_to_vec())?;
        let file = out.display().to_string();
        self.screen.say("done-export", &[("file", &file)]);
        if let Some(proposal) = &waits {
            self.told_waiting(proposal);
        }
        self.screen.object(&json!({"file": file, "proposal": waits.as_ref().map(standing_object)}));
        Ok(())
    }

    /// A proposal against the last version of this folder: the very words of `directory review`.
    fn told_proposal(&self, proposal: &Proposal, last: Option<&Directory>) -> (serde_json::Value, Vec<Fault>) {
        let before = last.map(Directory::body).unwrap_or_default();
        let after = wire::Body::decode(proposal.document().body.clone()).unwrap_or_default();
        let (changes, faults) = (review::changes(&before, &after), review::faults(&before, &after));
        let head = proposal.head();
        let issued = instant_text(raccordo_proto::Timestamp::from_millis(head.issued));
        let expires = instant_text(raccordo_proto::Timestamp::from_millis(head.expires));
        let next_root = head.root.clone().unwrap_or_default();
        let rotation = self.signers(last).map(|now| roots::changes(&now.root, &next_root)).unwrap_or_default();
        self.screen.say("show-proposed", &[("issued", &issued), ("expires", &expires)]);
        self.screen.plan(&changes);
        self.screen.tell(&rotation);
        if !head.supersedes.is_empty() {
            self.screen.say("show-supersedes", &[("count", &head.supersedes.len().to_string())]);
        }
        self.told_waiting(proposal);
        let object = json!({
            "version": proposal.version(), "plan": plan_object(&changes), "rotation": self.screen.told(&rotation),
            "supersedes": head.supersedes.len(), "issued": issued, "expires": expires, "proposal": standing_object(proposal),
        });
        (object, faults)
    }

    fn review_proposal(&self, file: &Path) -> Result<(), Failure> {
        let last = self.last()?;
        let proposal = self.judged(&read_document(file)?, last.as_ref())?;
        let (object, faults) = self.told_proposal(&proposal, last.as_ref());
        if !faults.is_empty() {
            return Err(Failure::new(Exit::Refused, "FAULTS").about(faults.iter().map(Fault::said).collect()));
        }
        self.screen.object(&object);
        Ok(())
    }

    fn sign_proposal(&self, file: &Path, out: &Path) -> Result<(), Failure> {
        let last = self.last()?;
        let proposal = self.judged(&read_document(file)?, last.as_ref())?;
        self.not_another(&proposal, last.as_ref())?;
        let proposal = self.with_known(proposal, last.as_ref())?;
        let (mut object, faults) = self.told_proposal(&proposal, last.as_ref());
        if !faults.is_empty() {
            return Err(Failure::new(Exit::Refused, "FAULTS").about(faults.iter().map(Fault::said).collect()));
        }
        if out.exists() {
            return Err(Failure::new(Exit::Refused, "OUT_THERE").with("file", out.display()));
        }
        let document = self.signed_here(&proposal)?;
        if document.signatures.len() == proposal.document().signatures.len() {
            return Err(Failure::new(Exit::Refused, "ALREADY_SIGNED").with("version", proposal.version()));
        }
        // First: what was signed here is known here, whatever becomes of the file. `ceremony export` writes it once more.
        let pending = self.pending()?;
        let settled = self.settle(&document, last.as_ref())?;
        hand_out(out, &document.encode_to_vec())?;
        self.screen.say("done-ceremony-sign", &[("file", &out.display().to_string())]);
        object["file"] = out.display().to_string().into();
        self.told_settled(settled, &pending, &object)
    }

    /// Two proposals of one version must not both be signed: enough signatures on each would be a fork.
    fn not_another(&self, proposal: &Proposal, last: Option<&Directory>) -> Result<(), Failure> {
        let Some(known) = self.proposal(last)?.filter(|known| known.hash() != proposal.hash()) else { return Ok(()) };
        let other = Failure::new(Exit::Refused, "PROPOSAL_OTHER").with("version", known.version());
        Err(other.with("ours", short(&known.hash())).with("theirs", short(&proposal.hash())))
    }

    /// With the signatures that this folder has of the same head: none of them is lost.
    fn with_known(&self, proposal: Proposal, last: Option<&Directory>) -> Result<Proposal, Failure> {
        match self.proposal(last)? {
            Some(known) => self.judged(&known.merged(&proposal), last),
            None => Ok(proposal),
        }
    }

    fn import(&self, file: &Path) -> Result<(), Failure> {
        let document = read_document(file)?;
        let head = wire::Head::decode(document.head.clone()).map_err(|_| unreadable(file))?;
        let last = self.last()?;
        let pending = self.pending()?;
        if let Some(last) = last.as_ref().filter(|last| head.version <= last.version()) {
            return self.known(&document, &head, last, &pending);
        }
        if last.is_none() && head.version != 1 {
            return self.start_at(&document, &pending);
        }
        let mut proposal = self.judged(&document, last.as_ref())?;
        if !proposal.is_complete() {
            self.not_another(&proposal, last.as_ref())?;
            proposal = self.with_known(proposal, last.as_ref())?;
        }
        let settled = self.settle(proposal.document(), last.as_ref())?;
        self.told_settled(settled, &pending, &json!({}))
    }

    /// A folder that was completed later starts at the version that it is given first.
    fn start_at(&self, document: &wire::SignedDirectory, pending: &[super::enrol::Pending]) -> Result<(), Failure> {
        let directory = self.verified_after(document, None)?;
        self.keep(&directory)?;
        self.follow(None, &directory)?;
        self.told_settled(Settled::Signed(directory), pending, &json!({}))
    }

    /// A version of a number that this folder has: the same one, or a fork.
    fn known(
        &self,
        document: &wire::SignedDirectory,
        head: &wire::Head,
        last: &Directory,
        pending: &[super::enrol::Pending],
    ) -> Result<(), Failure> {
        let held = self.version(head.version)?;
        let other = Digest::of(&document.head);
        if held.head_hash() != other {
            let (ours, theirs) = (short(&held.head_hash()), short(&other));
            let fork = Failure::new(Exit::Verification, "FORK").with("version", head.version);
            return Err(fork.with("ours", ours).with("theirs", theirs));
        }
        self.screen.say("done-import-known", &[("version", &head.version.to_string())]);
        if head.version == last.version() {
            // A crash may have come between the version and what follows it.
            let previous = head.version.checked_sub(1).and_then(|before| self.version(before).ok());
            self.follow(previous.as_ref(), last)?;
        }
        let last = self.version(last.version())?;
        self.told_settled(Settled::Signed(last), pending, &json!({}))
    }

    fn discard(&self) -> Result<(), Failure> {
        let proposal = self.proposal(self.last()?.as_ref())?.ok_or_else(|| Failure::new(Exit::Refused, "NO_PROPOSAL"))?;
        self.drop_proposal(&proposal)?;
        self.screen.object(&json!({"version": proposal.version(), "head": short(&proposal.hash())}));
        Ok(())
    }
}

/// A proposal or a version, from a file.
pub(super) fn read_document(file: &Path) -> Result<wire::SignedDirectory, Failure> {
    let bytes = read_outside(file, DIRECTORY_BYTES_MAX)?;
    wire::SignedDirectory::decode(&bytes[..]).map_err(|_| unreadable(file))
}

fn unreadable(file: &Path) -> Failure {
    Failure::new(Exit::Usage, "NO_DOCUMENT").with("file", file.display())
}

#[cfg(test)]
mod desk;
#[cfg(test)]
mod tests;
