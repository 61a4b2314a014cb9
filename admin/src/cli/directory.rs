//! The signed directory: what the next version would change, signing it, and what was signed.
//!
//! Not here: how it reaches gateways and offices (as files, by hand).

use ed25519_dalek::SigningKey;
use raccordo_machine::clock;
use raccordo_proto::{Directory, wire};
use raccordo_terminal::passphrase::Passphrase;
use raccordo_terminal::text::Sentence;
use serde_json::json;

use super::args::DirectoryCommand;
use super::network::Network;
use super::screen::plan_object;
use crate::document::{day, instant_text};
use crate::failure::{Exit, Failure};
use crate::key_file::{self, ADMIN};
use crate::review::{self, Review, Warning, body_of};
use crate::roster::Dates;
use crate::vault::Vault;

impl Network<'_> {
    pub(super) fn directory(&self, command: &DirectoryCommand) -> Result<(), Failure> {
        match command {
            DirectoryCommand::Review => self.review(),
            DirectoryCommand::Sign { renew } => self.sign(*renew),
            DirectoryCommand::Show { version } => self.show(*version),
            DirectoryCommand::Diff { from, to } => self.diff(*from, *to),
        }
    }

    fn review(&self) -> Result<(), Failure> {
        let last = self.last()?;
        let review = review::review(last.as_ref(), &self.roster);
        let warnings = self.warnings(&review);
        self.screen.say("show-next", &[("version", &next(last.as_ref()).to_string())]);
        self.screen.plan(&review.changes);
        self.screen.warn(&warnings);
        let faults = self.screen.told(&review.faults_said());
        let plan = plan_object(&review.changes);
        if review.faults.is_empty() {
            self.screen.object(&json!({"plan": plan, "warnings": self.screen.told(&warnings), "faults": faults}));
            return Ok(());
        }
        Err(Failure::new(Exit::Refused, "FAULTS").about(review.faults_said()))
    }

    fn warnings(&self, review: &Review) -> Vec<Sentence> {
        let one_key = self.trust().is_ok_and(|(file, _)| file.root.is_some_and(|root| root.admin_keys.len() == 1));
        let warnings = review.warnings.iter().map(Warning::said);
        warnings.chain(one_key.then(|| Sentence::new("note-one-key", &[]))).collect()
    }

    fn sign(&self, renew: bool) -> Result<(), Failure> {
        let last = self.last()?;
        let review = review::review(last.as_ref(), &self.roster);
        if !review.faults.is_empty() {
            return Err(Failure::new(Exit::Refused, "FAULTS").about(review.faults_said()));
        }
        let warnings = self.warnings(&review);
        self.screen.plan(&review.changes);
        self.screen.warn(&warnings);
        let pending = self.pending()?;
        let directory = match last {
            Some(last) if review.is_idle() && !renew => {
                self.screen.say("done-nothing-to-sign", &[("version", &last.version().to_string())]);
                last
            }
            last => self.publish(last.as_ref())?,
        };
        let answered = self.answer(&directory, &pending)?;
        self.screen.object(&json!({
            "version": directory.version(),
            "plan": plan_object(&review.changes),
            "warnings": self.screen.told(&warnings),
            "activations": answered.written,
            "waiting": answered.waiting,
            "network_words": self.words()?,
        }));
        Ok(())
    }

    fn publish(&self, last: Option<&Directory>) -> Result<Directory, Failure> {
        let vault = self.vault(&self.passphrase()?)?;
        let at = clock::now();
        let refused = |fault: &dyn core::fmt::Display| Failure::new(Exit::Refused, "NOT_SIGNED").with("fault", fault);
        let directory = self.roster.publish(&vault, last, Dates::from_now(at), at).map_err(|fault| refused(&fault))?;
        let file = self.keep(&directory)?;
        let (version, expires) = (directory.version().to_string(), day(directory.expires()));
        self.screen.say("done-sign", &[("version", &version), ("expires", &expires), ("file", &file)]);
        Ok(directory)
    }

    /// The admin key of this machine.
    fn vault(&self, passphrase: &Passphrase) -> Result<Vault, Failure> {
        let path = self.folder.path(ADMIN.name);
        let foreign = || Failure::new(Exit::Verification, "KEY_FILE_DAMAGED").with("file", path.display());
        let seeds = key_file::open(ADMIN, &path, self.folder.read(ADMIN.name)?, passphrase)?;
        let (seeds, rest) = seeds.as_chunks::<32>();
        if !rest.is_empty() || seeds.is_empty() {
            return Err(foreign());
        }
        let (file, _) = self.trust()?;
        let root: wire::Root = file.root.ok_or_else(foreign)?;
        let keys = seeds.iter().map(SigningKey::from_bytes).collect();
        Vault::open(self.name.clone(), file.root_version, root, keys).map_err(|_| foreign())
    }

    fn show(&self, version: Option<u64>) -> Result<(), Failure> {
        let directory = match version {
            Some(version) => self.version(version)?,
            None => self.last()?.ok_or_else(nothing_signed)?,
        };
        let (issued, expires) = (instant_text(directory.issued()), instant_text(directory.expires()));
        let changes = review::changes(&wire::Body::default(), &body_of(&directory));
        let version = directory.version().to_string();
        let args = [("network", self.name.as_str()), ("version", &version), ("issued", &issued), ("expires", &expires)];
        self.screen.say("show-directory", &args);
        let words = self.words()?;
        self.screen.say("note-network-words", &[("words", &words)]);
        self.screen.plan(&changes);
        let holds = plan_object(&changes);
        let version = directory.version();
        let object = json!({"version": version, "issued": issued, "expires": expires, "holds": holds, "network_words": words});
        self.screen.object(&object);
        Ok(())
    }

    fn diff(&self, from: Option<u64>, to: Option<u64>) -> Result<(), Failure> {
        let newer = match to {
            Some(to) => self.version(to)?,
            None => self.last()?.ok_or_else(nothing_signed)?,
        };
        let from = from.unwrap_or(newer.version().saturating_sub(1));
        let older = if from == 0 { wire::Body::default() } else { body_of(&self.version(from)?) };
        let changes = review::changes(&older, &body_of(&newer));
        self.screen.say("show-diff", &[("from", &from.to_string()), ("to", &newer.version().to_string())]);
        self.screen.plan(&changes);
        self.screen.object(&json!({"from": from, "to": newer.version(), "plan": plan_object(&changes)}));
        Ok(())
    }
}

fn next(last: Option<&Directory>) -> u64 {
    last.map_or(0, Directory::version).saturating_add(1)
}

fn nothing_signed() -> Failure {
    Failure::new(Exit::Refused, "NOTHING_SIGNED")
}
