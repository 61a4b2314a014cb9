//! `audit`: the authority's log in the network's folder; every act is written there before its files.
//!
//! Not here: what a row is and when a log holds (`crate::log`), what an act is.

use std::path::Path;

use raccordo_machine::{clock, files};
use serde_json::json;

use super::life::AuditCommand;
use super::network::Network;
use crate::document::hex;
use crate::failure::{Exit, Failure};
use crate::folder::Folder;
use crate::log::{self, Entry, Row, Verified};

/// The authority's log.
const LOG: &str = "log.jsonl";

impl Network<'_> {
    pub(super) fn audit(&self, command: &AuditCommand) -> Result<(), Failure> {
        match command {
            AuditCommand::Tail { rows } => self.tail(*rows),
            AuditCommand::Verify => self.verify_log(),
            AuditCommand::Export { out } => self.export_log(out),
        }
    }

    /// Adds acts to the log; durable when it returns, and only then may an act write its files. A signature says which version it
    /// makes.
    pub(super) fn logged(&self, entries: &[Entry], signs: Option<u64>) -> Result<(), Failure> {
        let last = self.numbers()?.last().copied().unwrap_or_default();
        log_acts(&self.folder, entries, signs.unwrap_or(last))
    }

    fn log(&self) -> Result<Verified, Failure> {
        read(&self.folder).map(|(_, log)| log)
    }

    fn tail(&self, rows: usize) -> Result<(), Failure> {
        let log = self.log()?;
        let last = &log.rows[log.rows.len().saturating_sub(rows)..];
        self.screen.table(&last.iter().map(columns).collect::<Vec<_>>());
        self.screen.object(&json!({"rows": last, "torn": log.torn}));
        self.torn(&log);
        Ok(())
    }

    fn verify_log(&self) -> Result<(), Failure> {
        let log = self.log()?;
        let numbers = self.numbers()?;
        let missing =
            log.unknown_versions(numbers.first().copied().unwrap_or_default(), numbers.last().copied().unwrap_or_default());
        if !missing.is_empty() {
            let missing = missing.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::new(Exit::Verification, "LOG_LACKS_VERSIONS").with("versions", missing));
        }
        let (rows, last) = (log.rows.len(), hex(&log.last));
        self.screen.say("done-audit", &[("rows", &rows.to_string()), ("last", &last)]);
        self.screen.object(&json!({"rows": rows, "last": last, "torn": log.torn}));
        self.torn(&log);
        Ok(())
    }

    fn export_log(&self, out: &Path) -> Result<(), Failure> {
        let (bytes, log) = read(&self.folder)?;
        files::hand_out(out, &bytes[..log.whole_bytes]).map_err(|error| Failure::io(out, error))?;
        let (rows, last, file) = (log.rows.len(), hex(&log.last), out.display().to_string());
        self.screen.say("done-audit-export", &[("rows", &rows.to_string()), ("last", &last), ("file", &file)]);
        self.screen.object(&json!({"rows": rows, "last": last, "file": file}));
        Ok(())
    }

    fn torn(&self, log: &Verified) {
        if log.torn {
            self.screen.say("note-log-torn", &[]);
        }
    }
}

/// Adds acts to a folder's log: before the network is there, too.
pub(super) fn log_acts(folder: &Folder, entries: &[Entry], version: u64) -> Result<(), Failure> {
    let (_, log) = read(folder)?;
    folder.append(LOG, log.whole_bytes, &log.lines(entries, version, clock::now()))
}

/// The log, and its bytes. A folder from before there was a log begins one.
fn read(folder: &Folder) -> Result<(Vec<u8>, Verified), Failure> {
    let bytes = if folder.has(LOG) { folder.read(LOG)? } else { Vec::new() };
    let damaged = |fault: log::LogFault| {
        let file = folder.path(LOG);
        Failure::new(Exit::Verification, "LOG_DAMAGED").with("file", file.display()).about(vec![fault.said()])
    };
    let log = log::verify(&bytes).map_err(damaged)?;
    Ok((bytes, log))
}

fn columns(row: &Row) -> Vec<String> {
    let about = row.about.join(" ");
    let reason = row.reason.as_ref().map(|reason| format!("«{reason}»")).unwrap_or_default();
    vec![row.number.to_string(), row.at.clone(), format!("v{}", row.version), row.act.clone(), about, reason]
}

#[cfg(test)]
mod tests {
    use raccordo_proto::ids::NetworkId;
    use raccordo_terminal::text::Lang;

    use super::super::screen::Screen;
    use super::*;
    use crate::folder::Folder;
    use crate::roster::Roster;
    use crate::text::texts;

    fn check(test: impl FnOnce(&Network<'_>)) {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("rete")).expect("made");
        let screen = Screen::new(texts(Lang::It), true);
        test(&Network::of(folder, NetworkId::parse("rete-prova").expect("a name"), Roster::default(), &screen));
    }

    #[test]
    fn a_folder_without_a_log_begins_one_and_a_torn_row_is_written_over() {
        check(|network| {
            assert_eq!(network.log().map(|log| log.rows.len()).ok(), Some(0));
            let entry = [Entry::new("apply", &[])];
            network.logged(&entry, None).expect("begun");
            let first = network.folder.read(LOG).expect("there");
            network.folder.write(LOG, &[&first[..], b"{\"number\":2,\"at"].concat()).expect("as a crash leaves it");
            assert!(network.log().expect("it holds").torn);
            network.logged(&entry, None).expect("it goes on");
            let log = network.log().expect("it holds");
            assert_eq!((log.rows.len(), log.torn, log.rows[1].after_torn), (2, false, true));
        });
    }

    #[test]
    fn a_changed_log_takes_no_row_and_is_not_handed_out() {
        check(|network| {
            for _ in 0..2 {
                network.logged(&[Entry::new("agency suspend", &["cav-ginestra"]).because("prova")], None).expect("logged");
            }
            let text = String::from_utf8(network.folder.read(LOG).expect("there")).expect("text");
            network.folder.write(LOG, text.replacen("prova", "altro", 1).as_bytes()).expect("written");
            let code = |result: Result<(), Failure>| result.err().map(|failure| failure.code);
            assert_eq!(code(network.logged(&[Entry::new("apply", &[])], None)), Some("LOG_DAMAGED"));
            for command in [AuditCommand::Verify, AuditCommand::Tail { rows: 1 }, AuditCommand::Export { out: "x".into() }] {
                assert_eq!(code(network.audit(&command)), Some("LOG_DAMAGED"), "{command:?}");
            }
        });
    }
}
