//! `enrol --request` and `activate`: before there is a configuration, and so before there is an agent to ask.
//!
//! Not here: what is written and believed (`crate::enrolment`).

use std::path::Path;

use serde_json::json;

use super::Office;
use crate::enrolment::{Folder, hand_out};
use crate::failure::{Exit, Failure};

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
        let activated = Folder::at(folder)?.activate(answer, words, passphrase, self.dev)?;
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
}
