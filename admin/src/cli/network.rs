//! A network's folder as a command finds it: the draft, its trust file, and what changes.
//!
//! Not here: what each command asks for (`wanted`, `directory`), what was signed (`versions`).

use std::cell::RefCell;
use std::path::Path;

use raccordo_proto::Directory;
use raccordo_proto::directory::update::{Signers, Trust};
use raccordo_proto::ids::NetworkId;
use raccordo_proto::words;
use raccordo_terminal::passphrase::{self, Passphrase};
use raccordo_terminal::text::Sentence;
use serde_json::{Value, json};

use super::args::Cli;
use super::screen::{Screen, plan_object};
use crate::document;
use crate::draft::Draft;
use crate::failure::{Exit, Failure};
use crate::folder::Folder;
use crate::log::Entry;
use crate::review;
use crate::roster::Roster;

/// The network as it is wanted.
pub(super) const DRAFT: &str = "rete.toml";
/// The trust file, as every machine gets it.
pub(super) const TRUST: &str = "rete.bin";
/// Certificates of issuing CA and root.
pub(super) const CERTIFICATES: &str = "certificates.pem";

/// One network, and where to speak.
pub(super) struct Network<'a> {
    pub(super) folder: Folder,
    pub(super) name: NetworkId,
    pub(super) roster: Roster,
    pub(super) screen: &'a Screen,
    passphrase_file: Option<&'a Path>,
    /// The newest version that was verified in this run: the way up to it is not walked twice.
    pub(super) verified: RefCell<Option<Directory>>,
}

impl<'a> Network<'a> {
    /// Reads the draft in the folder that was named.
    pub(super) fn open(cli: &'a Cli, screen: &'a Screen) -> Result<Self, Failure> {
        let folder = Folder::open(&cli.network)?;
        folder.finish()?;
        Self::read(folder, cli.passphrase_file.as_deref(), screen)
    }

    /// Reads the draft in this folder.
    pub(super) fn read(folder: Folder, passphrase_file: Option<&'a Path>, screen: &'a Screen) -> Result<Self, Failure> {
        let file = folder.path(DRAFT);
        let document = document::read(&crate::folder::read_text(&file)?).map_err(|faults| faulty(&file, faults))?;
        let (name, roster, verified) = (document.network, document.roster, RefCell::default());
        Ok(Self { folder, name, roster, screen, passphrase_file, verified })
    }

    #[cfg(test)]
    pub(super) fn of(folder: Folder, name: NetworkId, roster: Roster, screen: &'a Screen) -> Self {
        Self { folder, name, roster, screen, passphrase_file: None, verified: RefCell::default() }
    }

    /// The passphrase of the network's keys.
    pub(super) fn passphrase(&self) -> Result<Passphrase, Failure> {
        Ok(passphrase::known(self.screen.texts(), self.passphrase_file)?)
    }

    /// Writes a changed draft after its act is in the log, and says what changed.
    pub(super) fn save(&self, draft: &Draft, entry: Entry) -> Result<(), Failure> {
        self.change(draft, &[entry], &[])
    }

    /// The same for acts that say more, in `notes` (they were shown).
    pub(super) fn change(&self, draft: &Draft, entries: &[Entry], notes: &[Sentence]) -> Result<(), Failure> {
        let text = document::kept(&self.name, &draft.roster)?;
        self.logged(entries, None)?;
        self.folder.write(DRAFT, text.as_bytes())?;
        let mut told = self.told(draft, true);
        if !notes.is_empty() {
            told["notes"] = self.screen.told(notes);
        }
        self.screen.object(&told);
        Ok(())
    }

    /// Says what a changed draft would be, and answers it as JSON.
    pub(super) fn told(&self, draft: &Draft, written: bool) -> Value {
        let screen = self.screen;
        screen.plan(&draft.changes);
        if !draft.stays.is_empty() {
            screen.say("plan-stays", &[("ids", &draft.stays.join(", "))]);
        }
        let mut notes = draft.open.clone();
        notes.extend(review::review(None, &draft.roster).warnings.iter().map(review::Warning::said));
        screen.warn(&notes);
        screen.say(if written { "done-draft" } else { "done-plan" }, &[]);
        let told = screen.told(&notes);
        json!({"plan": plan_object(&draft.changes), "warnings": told, "written": written})
    }

    /// The words by which two people compare it: those of the trust file that who joins now gets.
    pub(super) fn words(&self) -> Result<String, Failure> {
        Ok(words::network_words(&self.trust_now()?))
    }

    /// The trust file that who joins now gets.
    pub(super) fn trust_now(&self) -> Result<Vec<u8>, Failure> {
        match self.last()? {
            Some(last) => Ok(last.signers().trust_file(&self.name)),
            None => self.folder.read(TRUST),
        }
    }

    /// Who may sign what comes next.
    pub(super) fn signers(&self, last: Option<&Directory>) -> Result<Signers, Failure> {
        match last {
            Some(last) => Ok(last.signers()),
            None => Ok(self.trust()?.signers),
        }
    }

    /// The passphrase's file, for a copy of this network.
    pub(super) fn passphrase_file(&self) -> Option<&'a Path> {
        self.passphrase_file
    }

    /// One of this folder's files of keys or certificates is not what was written.
    pub(super) fn damaged(&self, name: &str) -> Failure {
        Failure::new(Exit::Verification, "KEY_FILE_DAMAGED").with("file", self.folder.path(name).display())
    }

    /// Where the versions of this folder start.
    pub(super) fn trust(&self) -> Result<Trust, Failure> {
        self.trust_in(TRUST)
    }

    /// A trust file of this folder.
    pub(super) fn trust_in(&self, name: &str) -> Result<Trust, Failure> {
        let bad = || Failure::new(Exit::Verification, "TRUST_FILE").with("file", self.folder.path(name).display());
        let trust = Trust::read(&self.folder.read(name)?).map_err(|_| bad())?;
        if trust.network == self.name { Ok(trust) } else { Err(bad()) }
    }
}

/// A file that a person wrote, with all that is wrong with it.
pub(super) fn faulty(file: &Path, faults: Vec<Sentence>) -> Failure {
    Failure::new(Exit::Usage, "FAULTY_FILE").with("file", file.display()).about(faults)
}
