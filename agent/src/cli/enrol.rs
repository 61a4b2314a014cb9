//! `enrol --request`, `enrol --invitation` and `activate`: before there is a configuration, and so before there is an agent to ask; and the same where
//! there is one, for the next certificate.
//!
//! Not here: what is written and believed (`crate::enrolment`).

use std::io::Read as _;
use std::path::{Path, PathBuf};

use raccordo_machine::files;
use raccordo_proto::enrolment::invitation::Invitation;
use raccordo_proto::limits::INVITATION_CHARS_MAX;
use serde_json::json;

use super::screen::Screen;
use super::{Office, load};
use crate::config::Config;
use crate::enrolment::online::Application;
use crate::enrolment::{Activated, Folder, Wishes, hand_out};
use crate::failure::{Exit, Failure};
use crate::serve;
use crate::store::{Store, StoreKey, identity};

/// Deposits this machine's request by an invitation, waits for the answer and takes it: where the configuration is.
pub(super) async fn online(screen: &Screen, folder: &Path, file: &Path, wishes: Wishes<'_>) -> Result<PathBuf, Failure> {
    let bad = |fault| Failure::new(Exit::Usage, "INVITATION_UNREADABLE").with("file", file.display()).with("fault", fault);
    let invitation = Invitation::read(&invitation_text(file)?).map_err(bad)?;
    if invitation.network.is_throwaway() && !wishes.dev {
        return Err(Failure::new(Exit::Usage, "THROWAWAY").with("network", &invitation.network));
    }
    let place = folder.display();
    let folder = Folder::at(folder)?;
    // A code is good for one machine: it is not spent on one that is in already.
    if folder.is_active() {
        return Err(Failure::new(Exit::Refused, "ALREADY_ACTIVE").with("folder", place));
    }
    let (file, request) = folder.request()?;
    let application = Application { invitation: &invitation, file, request, words: wishes.words };
    let mut is_told = false;
    let gateway = invitation.gateway.to_string();
    let waiting = |detail: &str| {
        if !core::mem::replace(&mut is_told, true) {
            screen.beside(&screen.say("note-gateway-silent", &[("gateway", &gateway), ("detail", detail)]));
        }
    };
    application.deposit(waiting).await?;
    let (agency, words) = (invitation.agency.as_str(), application.request.words());
    match screen.is_json() {
        true => screen.object(&json!({"deposited": agency, "words": words})),
        false => screen.line(&screen.say("done-deposit", &[("agency", agency), ("words", &words)])),
    }
    let silent = |detail: &str| tracing::debug!(detail, "the gateway does not answer yet");
    let answer = application.collect(silent).await?;
    let wishes = Wishes { agency: Some(&invitation.agency), words: None, ..wishes };
    let Activated { agency, network_words, config } = folder.take(&answer, Path::new(&gateway), wishes)?;
    let (agency, place) = (agency.to_string(), config.display().to_string());
    match screen.is_json() {
        true => screen.object(&json!({"agency": agency, "config": place, "network_words": network_words})),
        false => screen.line(&screen.say("done-enrol-online", &[("agency", &agency), ("config", &place)])),
    }
    Ok(config)
}

fn invitation_text(file: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::new(Exit::Machine, "ENROLMENT_FILE").with("file", file.display()).with("detail", error);
    let bytes = match file == Path::new("-") {
        true => {
            let mut bytes = Vec::new();
            std::io::stdin().take(INVITATION_CHARS_MAX as u64).read_to_end(&mut bytes).map(|_| bytes)
        }
        false => files::read_at_most(file, INVITATION_CHARS_MAX),
    };
    Ok(String::from_utf8_lossy(&bytes.map_err(failed)?).into_owned())
}

impl Office<'_> {
    /// Draws this machine's keys, if it has none, and writes its request.
    pub(super) fn enrol(&self, folder: &Path, out: &Path) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let (file, request) = Folder::at(folder)?.request()?;
        hand_out(out, &file)?;
        let (words, out) = (request.words(), out.display().to_string());
        let [done, read] =
            [self.screen.say("done-request", &[("file", &out)]), self.screen.say("done-request-words", &[("words", &words)])];
        Ok(self.screen.answer(&json!({"file": out, "words": words}), &format!("{done}\n{read}")))
    }

    /// Takes the answer, and writes the configuration.
    pub(super) fn activate(&self, folder: &Path, answer: &Path, words: Option<&str>, passphrase: bool) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let folder = Folder::at(folder)?;
        if folder.is_active() {
            let config = load(Some(folder.config()), self.dev)?;
            return self.renewed(&folder.renew(&config, answer, words)?);
        }
        let activated = folder.activate(answer, Wishes { words, agency: None, passphrase, dev: self.dev })?;
        let (agency, config) = (activated.agency.to_string(), activated.config.display().to_string());
        let mut done = vec![self.screen.say("done-activate", &[("agency", &agency), ("config", &config)])];
        if words.is_none() {
            done.push(self.screen.say("done-activate-words", &[("words", &activated.network_words)]));
        }
        let object = json!({"agency": agency, "config": config, "network_words": activated.network_words});
        Ok(self.screen.answer(&object, &done.join("\n")))
    }

    /// Draws a new TLS key beside the one in use, and writes the request for its certificate. The agent may be running: the
    /// identity key is read, and nothing of the store is changed.
    pub(super) fn ask_renewal(&self, folder: &Path, out: &Path) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let folder_name = folder.display();
        let folder = Folder::at(folder)?;
        if !folder.is_active() {
            return Err(Failure::new(Exit::Refused, "NOT_ACTIVE").with("folder", folder_name));
        }
        let config: Config = load(Some(folder.config()), self.dev)?;
        // Before unlocking: with a passphrase that would make a folder and a key for an agent that has neither.
        if !Store::has_begun(&config.state) || config.identity_import.as_deref().is_some_and(Path::exists) {
            return Err(Failure::new(Exit::Refused, "NOT_STARTED").with("folder", folder_name));
        }
        let store_key = StoreKey::unlock(&serve::source(&config), &config.state, &mut self.ask());
        let store_key = store_key.map_err(|fault| Failure::from(&fault))?;
        let identity = identity::load_or_import(&config.state, &store_key, None).map_err(|fault| Failure::from(&fault))?;
        let (file, request) = folder.renewal(&identity)?;
        hand_out(out, &file)?;
        let (words, out) = (request.words(), out.display().to_string());
        let done = self.screen.say("done-renewal-request", &[("file", &out)]);
        Ok(self.screen.answer(&json!({"file": out, "words": words}), &done))
    }

    fn renewed(&self, renewed: &Activated) -> Result<Exit, Failure> {
        let (agency, config) = (renewed.agency.to_string(), renewed.config.display().to_string());
        let object = json!({"agency": agency, "config": config, "network_words": renewed.network_words, "renewed": true});
        Ok(self.screen.answer(&object, &self.screen.say("done-renewal", &[("agency", &agency)])))
    }
}
