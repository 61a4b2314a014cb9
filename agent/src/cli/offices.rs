//! What cannot be taken back: erasing a case, and saying yes to an office's new key.
//!
//! Not here: the words of a key (the agent makes and compares them).

use serde_json::json;

use super::Office;
use super::commands::answer;
use super::lists::name;
use crate::api;
use crate::failure::{Exit, Failure};

impl Office<'_> {
    /// Without `yes`, says what would happen.
    pub(super) async fn erase(&self, codice: String, yes: bool) -> Result<Exit, Failure> {
        if !yes {
            return Err(Failure::new(Exit::Refused, "ERASE_UNCONFIRMED").with("codice", codice));
        }
        let request = api::EraseCaseRequest { codice, operator: self.operator.clone() };
        let erased = answer(self.connect().await?.erase_case(request).await)?;
        if self.screen.is_json() {
            self.screen.object(&json!({"codice": erased.codice, "tombstones_fault": erased.tombstones_fault}));
            return Ok(Exit::Ok);
        }
        self.screen.line(&self.screen.say("done-erase", &[("codice", &erased.codice)]));
        if !erased.tombstones_fault.is_empty() {
            let reason = self.screen.code(&["failure"], &erased.tombstones_fault, &[("file", "")]);
            self.screen.beside(&self.screen.say("done-erase-tombstones", &[("reason", &reason)]));
        }
        Ok(Exit::Ok)
    }

    /// Offices whose key has changed.
    pub(super) async fn office_keys(&self) -> Result<Exit, Failure> {
        let request = api::OfficeKeysRequest { operator: self.operator.clone() };
        let api::OfficeKeysResponse { rows, own_words } = answer(self.connect().await?.office_keys(request).await)?;
        if self.screen.is_json() {
            let object = |row: &api::OfficeKey| json!({"office": row.office, "words": row.words, "waits": row.waits, "codici": row.codici});
            self.screen.object(&json!({"own_words": own_words, "rows": rows.iter().map(object).collect::<Vec<_>>()}));
            return Ok(Exit::Ok);
        }
        let say = |id: &str, args: &[(&str, &str)]| self.screen.line(&self.screen.say(id, args));
        say("keys-own", &[("words", &own_words)]);
        if rows.is_empty() {
            say("keys-none", &[]);
        }
        for row in &rows {
            let office = ("ufficio", name(&row.office_name, &row.office));
            say("keys-office", &[office, ("words", &row.words)]);
            let below = |id: &str, args: &[(&str, &str)]| self.screen.line(&format!("    {}", self.screen.say(id, args)));
            if row.waits {
                below("keys-accept", &[("id", &row.office)]);
            }
            row.codici.iter().for_each(|codice| below("keys-accept-case", &[("id", &row.office), ("codice", codice)]));
        }
        if !rows.is_empty() {
            say("keys-how", &[]);
        }
        Ok(Exit::Ok)
    }

    /// Says yes to a key.
    pub(super) async fn accept_key(&self, office: String, words: String, codice: String) -> Result<Exit, Failure> {
        let request = api::AcceptKeyRequest { office, words, codice, operator: self.operator.clone() };
        let accepted = answer(self.connect().await?.accept_key(request).await)?;
        Ok(self
            .screen
            .answer(&json!({"office": accepted.office}), &self.screen.say("done-accept-key", &[("ufficio", &accepted.office)])))
    }
}
