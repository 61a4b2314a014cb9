//! `directory confirm`: one admin's word that the last version still holds, in a file that a scheduled task can make.
//!
//! Not here: handing it in at gateways (`publish`), and what an office does without one.

use std::path::Path;
use std::sync::Arc;

use prost::Message as _;
use raccordo_machine::{clock, files};
use raccordo_proto::directory::confirm;
use serde_json::json;

use super::network::Network;
use super::publish::{Parcel, addresses};
use crate::document::instant_text;
use crate::failure::{Exit, Failure};
use crate::key_file::{ADMIN, CONFIRM};
use crate::log::Entry;
use crate::roots;

impl Network<'_> {
    pub(super) fn confirm(&self, out: Option<&Path>, by_confirm_key: bool, to: &[String]) -> Result<(), Failure> {
        let to = addresses(to)?;
        let last = Arc::new(self.last()?.ok_or_else(super::directory::nothing_signed)?);
        let keys = self.own_keys(if by_confirm_key { CONFIRM } else { ADMIN })?;
        let now = clock::now();
        let signed = confirm::issue(&last, now, keys.first());
        let not_one = |fault| {
            Failure::new(Exit::Refused, "NOT_CONFIRMED").with("words", roots::words_of(&keys.public())).with("fault", fault)
        };
        let confirmed = confirm::verify(&signed, &last, now).map_err(not_one)?;
        let (version, until, bytes) = (last.version(), instant_text(confirmed.until), signed.encode_to_vec());
        let name = format!("confirms/v{version:04}.confirm");
        self.logged(&[Entry::about("directory confirm", &to)], None)?;
        self.folder.write(&name, &bytes)?;
        if let Some(out) = out {
            files::hand_out(out, &bytes).map_err(|error| Failure::io(out, error))?;
        }
        let file = out.map_or(self.folder.path(&name), Path::to_owned).display().to_string();
        self.screen.say("done-confirm", &[("version", &version.to_string()), ("until", &until), ("file", &file)]);
        let mut object = json!({"version": version, "until": until, "file": file});
        if !to.is_empty() {
            let outcomes = self.hand_in(&last, &to, &Parcel::Confirm(&signed))?;
            object["gateways"] = self.told_outcomes(outcomes)?;
        }
        self.screen.object(&object);
        Ok(())
    }
}
