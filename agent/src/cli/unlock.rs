//! `unlock change-passphrase`: works when the agent does not.
//!
//! Not here: how the store is opened otherwise (`crate::store::unlock`).

use serde_json::json;

use super::{Office, load};
use crate::config::UnlockSource;
use crate::failure::{Exit, Failure};
use crate::store::unlock;

impl Office<'_> {
    /// Asks for the passphrase that there is, and for another one in its place.
    pub(super) fn change_passphrase(&self) -> Result<Exit, Failure> {
        let config = load(self.config.clone(), self.dev)?;
        if config.unlock.source != UnlockSource::Passphrase {
            return Err(Failure::new(Exit::Refused, "NO_PASSPHRASE"));
        }
        self.as_the_agent()?;
        unlock::change_passphrase(&config.state, &mut self.ask()).map_err(|fault| Failure::from(&fault))?;
        Ok(self.screen.answer(&json!({"changed": true}), &self.screen.say("done-passphrase", &[])))
    }
}
