//! A version that waits for signatures in this folder, what the next version will be signed by, and what becomes of both once
//! enough have signed.
//!
//! Not here: what a person types (`ceremony`, `directory`, `rotate`), the rules (`raccordo_proto::directory::proposal`).

use prost::Message as _;
use raccordo_atrest::file::Kind;
use raccordo_machine::clock;
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::directory::proposal::{Proposal, Tally};
use raccordo_proto::directory::update::{self, Signers};
use raccordo_proto::ids::Digest;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Directory, wire};
use raccordo_terminal::passphrase::Passphrase;
use raccordo_terminal::text::Sentence;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::join::key_object;
use super::network::{DRAFT, Network};
use crate::document;
use crate::failure::{Exit, Failure};
use crate::key_file::{self, ADMIN};
use crate::log::Entry;
use crate::review;
use crate::roots;
use crate::roster::{Dates, Next, Roster};
use crate::vault::OwnKeys;

/// The folder of the version that waits, `v0002.proposal`.
const PROPOSALS: &str = "proposals";
/// Versions of forks that were healed: the next version supersedes them.
const LEFT: &str = "left-behind";
/// The root that the next version will have, as a trust file.
pub(super) const NEXT_ROOT: &str = "next-root.bin";

/// What became of a version.
pub(super) enum Settled {
    /// Enough have signed: it is in the folder.
    Signed(Directory),
    /// It waits for more.
    Waiting(Proposal),
}

impl Network<'_> {
    /// The proposal of the version after this one, if there is one.
    pub(super) fn proposal(&self, last: Option<&Directory>) -> Result<Option<Proposal>, Failure> {
        let name = place(next_after(last));
        if !self.folder.has(&name) {
            return Ok(None);
        }
        let file = self.folder.path(&name);
        let damaged = |fault: &dyn core::fmt::Display| {
            Failure::new(Exit::Verification, "PROPOSAL_DAMAGED").with("file", file.display()).with("fault", fault)
        };
        let document = wire::SignedDirectory::decode(&self.folder.read(&name)?[..]).map_err(|error| damaged(&error))?;
        let proposal = Proposal::read(&document, &self.trust()?, last, clock::now()).map_err(|fault| damaged(&fault))?;
        Ok(Some(proposal))
    }

    /// A document from another machine as a proposal of the version after the last one.
    pub(super) fn judged(&self, document: &wire::SignedDirectory, last: Option<&Directory>) -> Result<Proposal, Failure> {
        Proposal::read(document, &self.trust()?, last, clock::now()).map_err(|fault| match fault {
            DirectoryFault::Network => Failure::new(Exit::Refused, "PROPOSAL_NETWORK").with("network", &self.name),
            DirectoryFault::Version | DirectoryFault::Chain => {
                let version = last.map_or(0, Directory::version);
                Failure::new(Exit::Refused, "PROPOSAL_NOT_NEXT").with("version", version)
            }
            DirectoryFault::Signatures => Failure::new(Exit::Verification, "PROPOSAL_SIGNATURES"),
            fault => Failure::new(Exit::Verification, "PROPOSAL_RULE").with("fault", fault),
        })
    }

    /// Who would sign what comes after the next version: today's root, or the one that a rotation has prepared.
    pub(super) fn next_signers(&self, last: Option<&Directory>) -> Result<Signers, Failure> {
        let now = self.signers(last)?;
        let prepared = self.prepared_root()?;
        Ok(prepared.filter(|next| Some(next.version) == now.version.checked_add(1)).unwrap_or(now))
    }

    fn prepared_root(&self) -> Result<Option<Signers>, Failure> {
        if !self.folder.has(NEXT_ROOT) {
            return Ok(None);
        }
        Ok(Some(self.trust_in(NEXT_ROOT)?.signers))
    }

    /// Heads of healed forks that no version has superseded yet.
    pub(super) fn left_behind(&self, last: Option<&Directory>) -> Result<Vec<Digest>, Failure> {
        let Some(last) = last else { return Ok(Vec::new()) };
        let mut left = Vec::new();
        for name in self.folder.list(LEFT)? {
            let file = self.folder.path(LEFT).join(&name);
            let damaged =
                |_| Failure::new(Exit::Verification, "PROPOSAL_DAMAGED").with("file", file.display()).with("fault", "D-02");
            let document = wire::SignedDirectory::decode(&self.folder.read(&format!("{LEFT}/{name}"))?[..]).map_err(damaged)?;
            let version = wire::Head::decode(document.head.clone()).map_err(damaged)?.version;
            let hash = Digest::of(&document.head);
            if version <= last.version()
                && self.hash_of(version)? != hash
                && !self.is_superseded(hash, version, last.version())?
            {
                left.push(hash);
            }
        }
        Ok(left)
    }

    fn hash_of(&self, version: u64) -> Result<Digest, Failure> {
        Ok(Digest::of(&self.raw(version)?.head))
    }

    fn is_superseded(&self, hash: Digest, after: u64, until: u64) -> Result<bool, Failure> {
        for version in after + 1..=until {
            let head = wire::Head::decode(self.raw(version)?.head).unwrap_or_default();
            if head.supersedes.iter().any(|one| one[..] == hash.as_bytes()[..]) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps a version that a fork's healing leaves behind.
    pub(super) fn leave_behind(&self, directory: &Directory) -> Result<(), Failure> {
        let name = format!("{LEFT}/v{:04}-{}.bin", directory.version(), short(&directory.head_hash()));
        self.folder.write(&name, &directory.document().encode_to_vec())
    }

    /// The document of the next version: this body and root, signed by this machine's admin key.
    pub(super) fn propose(
        &self,
        last: Option<&Directory>,
        next: Signers,
        supersedes: Vec<Digest>,
    ) -> Result<wire::SignedDirectory, Failure> {
        let dates = Dates::from_now(clock::now());
        let document =
            Next { network: &self.name, previous: last, signers: next, supersedes, dates }.document(&self.roster.body());
        let refused = |fault| Failure::new(Exit::Refused, "NOT_SIGNED").with("fault", fault);
        let proposal = Proposal::read(&document, &self.trust()?, last, clock::now()).map_err(refused)?;
        self.signed_here(&proposal)
    }

    /// The same, with this machine's signature.
    pub(super) fn signed_here(&self, proposal: &Proposal) -> Result<wire::SignedDirectory, Failure> {
        let keys = self.own_keys(ADMIN)?;
        if !keys.iter().any(|key| proposal.may_be_signed_by(&key.public_key())) {
            return Err(Failure::new(Exit::Refused, "NOT_AN_ADMIN").with("words", roots::words_of(&keys.public())));
        }
        let mut document = proposal.document().clone();
        document.signatures.extend(keys.sign(proposal));
        Ok(document)
    }

    /// Private keys of this folder.
    pub(super) fn own_keys(&self, kind: Kind) -> Result<OwnKeys, Failure> {
        self.must_have(kind)?;
        let seeds = self.opened(kind, &self.passphrase()?)?;
        OwnKeys::of_seeds(&seeds).ok_or_else(|| self.damaged(kind.name))
    }

    /// What a key file of this folder holds.
    pub(super) fn opened(&self, kind: Kind, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.must_have(kind)?;
        key_file::open(kind, &self.folder.path(kind.name), self.folder.read(kind.name)?, passphrase)
    }

    /// Before anybody types a passphrase for a key that is on another machine.
    pub(super) fn must_have(&self, kind: Kind) -> Result<(), Failure> {
        let missing = || Failure::new(Exit::Refused, "NO_KEY").with("file", self.folder.path(kind.name).display());
        if self.folder.has(kind.name) { Ok(()) } else { Err(missing()) }
    }

    /// Keeps a document as a version when enough have signed it, else as the proposal that waits.
    pub(super) fn settle(&self, document: &wire::SignedDirectory, last: Option<&Directory>) -> Result<Settled, Failure> {
        let proposal = self.judged(document, last)?;
        if !proposal.is_complete() {
            let (name, bytes) = (place(proposal.version()), document.encode_to_vec());
            if !self.folder.has(&name) || self.folder.read(&name)? != bytes {
                self.logged(&[Entry::about("directory propose", &[short(&proposal.hash())])], Some(proposal.version()))?;
                self.folder.write(&name, &bytes)?;
            }
            return Ok(Settled::Waiting(proposal));
        }
        let directory = self.verified_after(document, last)?;
        let file = self.keep(&directory)?;
        let (version, expires) = (directory.version().to_string(), document::day(directory.expires()));
        self.screen.say("done-sign", &[("version", &version), ("expires", &expires), ("file", &file)]);
        self.follow(last, &directory)?;
        Ok(Settled::Signed(directory))
    }

    /// A document that every machine which holds `last` would take.
    pub(super) fn verified_after(
        &self,
        document: &wire::SignedDirectory,
        last: Option<&Directory>,
    ) -> Result<Directory, Failure> {
        let refused = |fault| Failure::new(Exit::Verification, "NOT_SIGNED").with("fault", fault);
        update::verify(&[], document, &self.trust()?, last, clock::now()).map_err(refused)
    }

    /// What waited for this version is over: its proposals, the root that it has; and a draft without changes of its own goes on
    /// from it. Done once more after a crash, it ends the same.
    pub(super) fn follow(&self, previous: Option<&Directory>, now: &Directory) -> Result<(), Failure> {
        let name = place(now.version());
        if self.folder.has(&name) {
            let other = wire::SignedDirectory::decode(&self.folder.read(&name)?[..]).unwrap_or_default();
            if Digest::of(&other.head) != now.head_hash() {
                self.screen.warn(&[Sentence::new("note-proposal-dropped", &[("hash", &short(&Digest::of(&other.head)))])]);
            }
            self.folder.remove(&name)?;
        }
        if let Some(prepared) = self.prepared_root()?.filter(|prepared| prepared.version <= now.root_version()) {
            if prepared.root != now.root() {
                self.screen.warn(&[Sentence::new("note-root-dropped", &[])]);
            }
            self.folder.remove(NEXT_ROOT)?;
        }
        self.draft_follows(previous, now)
    }

    /// The draft goes on from this version, unless it has changes that were never signed.
    pub(super) fn draft_follows(&self, previous: Option<&Directory>, now: &Directory) -> Result<(), Failure> {
        let before = previous.map(Directory::body).unwrap_or_default();
        if review::review(Some(now), &self.roster).is_idle() {
            return Ok(());
        }
        if !review::is_same(&before, &self.roster.body()) {
            self.screen.warn(&[Sentence::new("note-draft-differs", &[("version", &now.version().to_string())])]);
            return Ok(());
        }
        self.adopt(now)
    }

    /// Makes the draft what this version says.
    pub(super) fn adopt(&self, directory: &Directory) -> Result<(), Failure> {
        let newer = || Failure::new(Exit::Refused, "DRAFT_NOT_KEPT");
        let roster = Roster::of(&directory.body()).ok_or_else(newer)?;
        self.folder.write(DRAFT, document::kept(&self.name, &roster)?.as_bytes())?;
        self.screen.say("done-adopt", &[("version", &directory.version().to_string())]);
        Ok(())
    }

    /// Drops the proposal of this folder.
    pub(super) fn drop_proposal(&self, proposal: &Proposal) -> Result<(), Failure> {
        self.logged(&[Entry::about("ceremony discard", &[short(&proposal.hash())])], Some(proposal.version()))?;
        self.folder.remove(&place(proposal.version()))?;
        self.screen.say("done-discard", &[("version", &proposal.version().to_string()), ("hash", &short(&proposal.hash()))]);
        Ok(())
    }
}

/// The number of the next version.
pub(super) fn next_after(last: Option<&Directory>) -> u64 {
    last.map_or(0, Directory::version).saturating_add(1)
}

fn place(version: u64) -> String {
    format!("{PROPOSALS}/v{version:04}.proposal")
}

/// Enough of a head's hash to tell two of one version apart.
pub(super) fn short(hash: &Digest) -> String {
    document::hex(&hash.as_bytes()[..6])
}

/// How far a proposal is signed, in sentences.
pub(super) fn standing(proposal: &Proposal) -> Vec<Sentence> {
    let mut said = Vec::new();
    let mut tell = |id: &'static str, tally: &Tally| {
        let (signed, k) = (tally.signed.len().to_string(), tally.threshold.to_string());
        said.push(Sentence::new(id, &[("signed", &signed), ("k", &k)]));
        let one = |id, key| Sentence::new(id, &[("words", &roots::words_of(key)), ("id", &roots::id_of(key))]);
        said.extend(tally.signed.iter().map(|key| one("show-has-signed", key)));
        said.extend(tally.missing.iter().map(|key| one("show-may-sign", key)));
    };
    match proposal.new_root() {
        None => tell("show-tally", proposal.old()),
        Some(new) => {
            tell("show-tally-old", proposal.old());
            tell("show-tally-new", new);
        }
    }
    said
}

/// The same, as JSON.
pub(super) fn standing_object(proposal: &Proposal) -> Value {
    let keys = |keys: &[wire::AdminKey]| keys.iter().map(key_object).collect::<Vec<_>>();
    let one =
        |tally: &Tally| json!({"threshold": tally.threshold, "signed": keys(&tally.signed), "missing": keys(&tally.missing)});
    json!({
        "head": short(&proposal.hash()), "complete": proposal.is_complete(),
        "now": one(proposal.old()), "next": proposal.new_root().map(one),
    })
}
