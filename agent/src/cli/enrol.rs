//! `enrol --request` and `activate`: before there is a configuration, and so before there is an agent to ask; and the same where
//! there is one, for the next certificate.
//!
//! Not here: what is written and believed (`crate::enrolment`).

use std::path::Path;

use serde_json::{Value, json};

use super::{Office, load};
use crate::config::Config;
use crate::enrolment::{Activated, Folder, hand_out};
use crate::failure::{Exit, Failure};
use crate::serve;
use crate::store::{Store, StoreKey, identity};

impl Office<'_> {
    /// Draws this machine's keys, if it has none, and writes its request.
    pub(super) fn enrol(&self, folder: &Path, out: &Path) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let (file, request) = Folder::at(folder)?.request()?;
        hand_out(out, &file)?;
        let (words, out) = (request.words(), out.display().to_string());
        if self.screen.is_json() {
            self.screen.object(&json!({"file": out, "words": words}));
        } else {
            self.screen.line(&self.screen.say("done-request", &[("file", &out)]));
            self.screen.line(&self.screen.say("done-request-words", &[("words", &words)]));
        }
        Ok(Exit::Ok)
    }

    /// Takes the answer, and writes the configuration.
    pub(super) fn activate(&self, folder: &Path, answer: &Path, words: Option<&str>, passphrase: bool) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let folder = Folder::at(folder)?;
        if folder.is_active() {
            let config = load(Some(folder.config()), self.dev)?;
            return self.renewed(&folder.renew(&config, answer, words)?);
        }
        let activated = folder.activate(answer, words, passphrase, self.dev)?;
        let (agency, config) = (activated.agency.to_string(), activated.config.display().to_string());
        if self.screen.is_json() {
            let object = json!({"agency": agency, "config": config, "network_words": activated.network_words});
            self.screen.object(&object);
            return Ok(Exit::Ok);
        }
        self.screen.line(&self.screen.say("done-activate", &[("agency", &agency), ("config", &config)]));
        if words.is_none() {
            self.screen.line(&self.screen.say("done-activate-words", &[("words", &activated.network_words)]));
        }
        Ok(Exit::Ok)
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
        self.answer(&json!({"file": out, "words": words}), &self.screen.say("done-renewal-request", &[("file", &out)]))
    }

    fn renewed(&self, renewed: &Activated) -> Result<Exit, Failure> {
        let (agency, config) = (renewed.agency.to_string(), renewed.config.display().to_string());
        let object = json!({"agency": agency, "config": config, "network_words": renewed.network_words, "renewed": true});
        self.answer(&object, &self.screen.say("done-renewal", &[("agency", &agency)]))
    }

    fn answer(&self, object: &Value, sentence: &str) -> Result<Exit, Failure> {
        if self.screen.is_json() {
            self.screen.object(object)
        } else {
            self.screen.line(sentence)
        }
        Ok(Exit::Ok)
    }
}
