//! `status`: how the agent is, and what a person must look after.
//!
//! Not here: what was sent (`lists`).

use serde_json::json;

use super::Office;
use super::commands::answer;
use super::screen::date_time;
use crate::api;
use crate::failure::{Exit, Failure};

impl Office<'_> {
    /// How the agent is.
    pub(super) async fn status(&self) -> Result<Exit, Failure> {
        let status = answer(self.connect().await?.status(api::StatusRequest {}).await)?;
        if self.screen.is_json() {
            self.screen.object(&json!({
                "network": status.network,
                "agency": status.agency,
                "directory_version": status.directory_version,
                "directory_changes": status.directory_changes,
                "directory_looked_after_until": status.directory_looked_after_until,
                "directory_rival_seen_at": (status.directory_rival_seen_at > 0).then_some(status.directory_rival_seen_at),
                "attached": status.attached,
                "queued": status.queued,
                "link_fault": status.link_fault,
                "rejections": status.rejections,
                "forked": status.forked,
                "put_back_noticed_at": (status.put_back_noticed_at > 0).then_some(status.put_back_noticed_at),
                "differing": status.differing.iter().map(|d| json!({"told_by": d.told_by, "sender": d.sender})).collect::<Vec<_>>(),
                "gaps": status.gaps,
                "keys_to_accept": status.keys_to_accept,
                "backup": status.backup.as_ref().map(|backup| json!({"last_at": backup.last_at, "fault": backup.fault})),
            }));
            return Ok(Exit::Ok);
        }
        let say = |id: &str, args: &[(&str, &str)]| self.screen.line(&self.screen.say(id, args));
        say("status-office", &[("agency", &status.agency), ("network", &status.network)]);
        say("status-directory", &[("version", &status.directory_version.to_string())]);
        if status.directory_changes > 0 {
            self.screen.line(&self.screen.count("status-directory-changes", status.directory_changes));
        }
        if status.attached {
            say("status-attached", &[]);
        } else {
            let code = if status.link_fault.is_empty() { "UNREACHABLE" } else { &status.link_fault };
            let reason = self.screen.code(&["reason-own", "reason", "link"], code, &[("ufficio", &status.agency)]);
            say("status-detached", &[("reason", &reason)]);
        }
        self.screen.line(&self.screen.count("status-queued", status.queued));
        self.concerns(&status);
        Ok(Exit::Ok)
    }

    /// What is not as it should be, or waits for a person.
    fn concerns(&self, status: &api::StatusResponse) {
        let say = |id: &str, args: &[(&str, &str)]| self.screen.line(&self.screen.say(id, args));
        if status.directory_rival_seen_at > 0 {
            say("status-directory-rival", &[("seen", &date_time(status.directory_rival_seen_at))]);
        }
        if status.forked > 0 {
            say("status-forked", &[("count", &status.forked.to_string())]);
        }
        if status.put_back_noticed_at > 0 {
            say("status-put-back", &[("at", &date_time(status.put_back_noticed_at))]);
        }
        for differing in &status.differing {
            say("status-differing", &[("ufficio", &differing.told_by), ("mittente", &differing.sender)]);
        }
        if status.gaps > 0 {
            self.screen.line(&self.screen.count("status-gaps", status.gaps));
        }
        if !status.keys_to_accept.is_empty() {
            say("status-keys", &[("uffici", &status.keys_to_accept.join(", "))]);
        }
        match &status.backup {
            None => say("status-no-backup", &[]),
            Some(backup) => {
                match backup.last_at {
                    0 => say("status-backup-none-yet", &[]),
                    at => say("status-backup", &[("at", &date_time(at))]),
                }
                if !backup.fault.is_empty() {
                    let reason = self.screen.code(&["failure"], &backup.fault, &[("file", "")]);
                    say("status-backup-fault", &[("reason", &reason)]);
                }
            }
        }
        let mut rejections: Vec<_> = status.rejections.iter().map(|(code, count)| format!("{code} {count}")).collect();
        rejections.sort();
        if !rejections.is_empty() {
            say("status-rejections", &[("list", &rejections.join(", "))]);
        }
    }
}
