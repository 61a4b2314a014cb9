//! `directory`: what the network's admins have signed last, and what it has changed here.
//!
//! Not here: the comparison (`crate::local_api`).

use serde_json::json;

use super::Office;
use super::commands::answer;
use super::screen::date_time;
use crate::api::{DirectoryChange, DirectoryRequest, DirectoryResponse};
use crate::failure::{Exit, Failure};

impl Office<'_> {
    pub(super) async fn directory(&self) -> Result<Exit, Failure> {
        let directory = answer(self.connect().await?.directory(DirectoryRequest {}).await)?;
        if self.screen.is_json() {
            self.screen.object(&object(&directory));
        } else {
            self.tell_directory(&directory);
        }
        Ok(Exit::Ok)
    }

    fn tell_directory(&self, directory: &DirectoryResponse) {
        let say = |id: &str, args: &[(&str, &str)]| self.screen.line(&self.screen.say(id, args));
        if directory.version == 0 {
            return say("directory-none", &[]);
        }
        let version = directory.version.to_string();
        let (issued, expires) = (date_time(directory.issued), date_time(directory.expires));
        say("directory-is", &[("version", &version), ("issued", &issued), ("expires", &expires)]);
        say("directory-looked-after", &[("until", &date_time(directory.looked_after_until))]);
        say("directory-admins", &[("admins", &directory.admins.to_string()), ("threshold", &directory.threshold.to_string())]);
        if directory.before == 0 {
            return say("directory-first", &[]);
        }
        let is_same = directory.changes.is_empty() && directory.territories_changed == 0 && !directory.admins_changed;
        let before = directory.before.to_string();
        say(if is_same { "directory-same" } else { "directory-changes" }, &[("before", &before)]);
        if directory.admins_changed {
            say("directory-admins-changed", &[]);
        }
        directory.changes.iter().for_each(|change| self.tell_change(change));
        if directory.territories_changed > 0 {
            say("directory-territories", &[("count", &directory.territories_changed.to_string())]);
        }
    }

    fn tell_change(&self, change: &DirectoryChange) {
        let thing = self.screen.say(&format!("thing-{}", change.thing), &[]);
        let args = [("thing", &*thing), ("id", &change.id), ("name", &change.name)];
        self.screen.line(&self.screen.say(&format!("directory-{}", change.how), &args));
        for detail in &change.details {
            let field = self.screen.say(&format!("field-{}", detail.field), &[]);
            let args = [("field", &*field), ("from", &*detail.from), ("to", &*detail.to)];
            self.screen.line(&format!("    {}", self.screen.say("directory-detail", &args)));
        }
    }
}

fn object(directory: &DirectoryResponse) -> serde_json::Value {
    let change = |change: &DirectoryChange| {
        let details = change.details.iter().map(|d| json!({"field": d.field, "from": d.from, "to": d.to}));
        let details: Vec<_> = details.collect();
        json!({"thing": change.thing, "id": change.id, "name": change.name, "how": change.how, "details": details})
    };
    json!({
        "version": directory.version,
        "issued": directory.issued,
        "expires": directory.expires,
        "looked_after_until": directory.looked_after_until,
        "admins": directory.admins,
        "threshold": directory.threshold,
        "admins_changed": directory.admins_changed,
        "before": directory.before,
        "changes": directory.changes.iter().map(change).collect::<Vec<_>>(),
        "territories_changed": directory.territories_changed,
    })
}
