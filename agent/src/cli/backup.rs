//! `backup` and `restore`: the commands that must work when the agent does not.
//!
//! Not here: the files (`crate::backup`), what is restored (`crate::restore`).

use std::path::Path;

use raccordo_machine::{clock, files, memory};
use serde_json::json;
use zeroize::Zeroizing;

use super::commands::answer;
use super::screen::date_time;
use super::{Office, load};
use crate::backup::folder::{Folder, Written};
use crate::backup::{self, BackupFault};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::passphrase::Console;
use crate::restore::{self, Restore, Stones};
use crate::store::{Identity, Store, StoreFault, StoreKey, identity};
use crate::{api, client, serve};

impl Office<'_> {
    /// Makes the key that opens backups, and says what to do with its two halves.
    pub(super) fn new_backup_key(&self, out: &Path) -> Result<Exit, Failure> {
        let recipient = backup::new_key(out).map_err(|fault| failure(&fault))?.to_string();
        let file = out.display().to_string();
        if self.screen.is_json() {
            self.screen.object(&json!({"file": file, "recipient": recipient}));
            return Ok(Exit::Ok);
        }
        self.screen.line(&self.screen.say("done-backup-key", &[("file", &file)]));
        self.screen.line(&format!("\n[backup]\nrecipient = \"{recipient}\"\n"));
        self.screen.line(&self.screen.say("done-backup-key-away", &[("file", &file)]));
        Ok(Exit::Ok)
    }

    /// Asks the running agent for a backup; without one, opens the store itself.
    pub(super) async fn backup_now(&self, with_identity: bool) -> Result<Exit, Failure> {
        let config = load(self.config.clone(), self.dev)?;
        let written = match client::connect(&config.api_socket).await {
            Ok(mut agent) => {
                let request = api::BackupNowRequest { with_identity, operator: self.operator.clone() };
                answer(agent.backup_now(request).await)?
            }
            Err(failure) if failure.code == "AGENT_NOT_RUNNING" => {
                self.as_the_agent()?;
                let Written { file, records, removed } = self.offline(&config, with_identity)?;
                let removed = u32::try_from(removed).unwrap_or(u32::MAX);
                api::BackupNowResponse { file: file.display().to_string(), records: records as u64, removed }
            }
            Err(failure) => return Err(failure),
        };
        if self.screen.is_json() {
            let api::BackupNowResponse { file, records, removed } = written;
            self.screen.object(&json!({"file": file, "records": records, "removed": removed}));
            return Ok(Exit::Ok);
        }
        let args = [("file", written.file.as_str()), ("records", &written.records.to_string())];
        self.screen.line(&self.screen.say("done-backup", &args));
        if written.removed > 0 {
            self.screen.line(&self.screen.count("done-backup-removed", written.removed));
        }
        if with_identity {
            self.screen.line(&self.screen.say("done-backup-identity", &[]));
        }
        Ok(Exit::Ok)
    }

    /// Brings this office back.
    pub(super) fn restore(&self, file: &Path, key: &Path, tombstones: Stones, set_aside: bool) -> Result<Exit, Failure> {
        let config = load(self.config.clone(), self.dev)?;
        self.as_the_agent()?;
        let unlocked = StoreKey::unlock_to_restore(&serve::source(&config), &config.state, &mut self.ask(), set_aside);
        let unlocked = unlocked.map_err(|fault| Failure::from(&fault))?;
        let asked = Restore {
            network: &config.network,
            agency: &config.agency,
            state: &config.state,
            unlocked: &unlocked,
            file,
            key,
            tombstones,
            set_aside,
        };
        let done = restore::run(&asked, clock::now()).map_err(|fault| failure(&fault))?;
        let enrols = done.store.identity == Identity::None && !config.identity_import.is_some_and(|path| path.exists());
        let aside = done.store.aside.as_ref().map(|aside| aside.folder.display().to_string());
        let damaged = done.store.aside.as_ref().map_or(&[][..], |aside| &aside.damaged);
        if self.screen.is_json() {
            self.screen.object(&json!({
                "records": done.records,
                "cases_left_out": done.cases_left_out,
                "made_at": done.made_at.as_millis(),
                "identity_from_backup": done.store.identity == Identity::FromBackup,
                "must_enrol": enrols,
                "aside": aside,
                "set_aside_as_damaged": damaged,
            }));
            return Ok(Exit::Ok);
        }
        let say = |id: &str, args: &[(&str, &str)]| self.screen.line(&self.screen.say(id, args));
        if let Some(aside) = &aside {
            say("done-restore-aside", &[("folder", aside)]);
        }
        if !damaged.is_empty() {
            say("done-restore-damaged", &[("files", &damaged.join(", "))]);
        }
        let made_at = date_time(done.made_at.as_millis());
        say("done-restore", &[("at", &made_at), ("records", &done.records.to_string())]);
        self.screen.line(&self.screen.count("done-restore-erased", u32::try_from(done.cases_left_out).unwrap_or(u32::MAX)));
        if done.store.identity == Identity::FromBackup {
            say("done-restore-identity", &[]);
        }
        say(if enrols { "done-restore-enrol" } else { "done-restore-next" }, &[]);
        Ok(Exit::Ok)
    }

    fn offline(&self, config: &Config, with_identity: bool) -> Result<Written, Failure> {
        let backup = config.backup.as_ref().ok_or_else(|| Failure::refusal(Exit::Refused, "NO_BACKUP"))?;
        if !Store::has_journal(&config.state) {
            return Err(Failure::new(Exit::Machine, "NO_JOURNAL"));
        }
        let of_store = |fault: StoreFault| Failure::from(&fault);
        let store_key = StoreKey::unlock(&serve::source(config), &config.state, &mut self.ask()).map_err(of_store)?;
        let mut store = Store::open(&config.state, store_key.clone()).map_err(of_store)?;
        store.end_erasures().map_err(of_store)?;
        let seed = match with_identity {
            true => {
                let key = identity::load_or_import(&config.state, &store_key, None).map_err(of_store)?;
                Some(Zeroizing::new(key.to_bytes()))
            }
            false => None,
        };
        Folder::new(config, backup).write(&store.records, clock::now(), seed.as_deref()).map_err(|fault| failure(&fault))
    }

    /// Whoever is at the terminal.
    pub(super) fn ask(&self) -> Console<'_> {
        Console(self.screen.texts())
    }

    /// What this process does to the store it does as the agent would.
    pub(super) fn as_the_agent(&self) -> Result<(), Failure> {
        files::keep_private();
        if self.dev {
            return Ok(());
        }
        memory::keep_private().map_err(|error| Failure::new(Exit::Machine, "OTHER").with("detail", error))
    }
}

fn failure(fault: &BackupFault) -> Failure {
    let exit = match fault {
        BackupFault::Store(fault) => return fault.into(),
        BackupFault::Exists(_) | BackupFault::NoTombstones(_) => Exit::Refused,
        BackupFault::KeyUnusable(_)
        | BackupFault::WrongKey(_)
        | BackupFault::Damaged(_)
        | BackupFault::OtherOffice(_)
        | BackupFault::Version(_) => Exit::Verification,
        BackupFault::NoFolder(_) | BackupFault::Io { .. } | BackupFault::Stopping | BackupFault::Unreadable { .. } => {
            Exit::Machine
        }
    };
    fault.path().into_iter().fold(Failure::new(exit, fault.code()), |failure, path| failure.with("file", path.display()))
}
