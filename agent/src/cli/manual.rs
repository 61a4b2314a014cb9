//! `completions` and `man`: what shells and readers of manuals ask of the parser itself, in the language of the help.
//!
//! Not here: an office. No configuration is read and no agent is asked.

use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use super::{Office, args};
use crate::failure::{Exit, Failure};

impl Office<'_> {
    /// Writes a shell's completions to standard output.
    pub(super) fn completions(&self, shell: clap_complete::Shell) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut args::command(self.screen.texts()), "raccordo-agent", &mut script);
        let unwritten = |error| Failure::new(Exit::Machine, "ANSWER_NOT_WRITTEN").with("detail", error);
        std::io::stdout().lock().write_all(&script).map_err(unwritten)?;
        Ok(Exit::Ok)
    }

    /// Writes a page of the manual for each command into a folder that is there.
    pub(super) fn manual(&self, folder: &Path) -> Result<Exit, Failure> {
        let unwritten = |error| Failure::new(Exit::Machine, "MANUAL").with("folder", folder.display()).with("detail", error);
        clap_mangen::generate_to(args::command(self.screen.texts()), folder).map_err(unwritten)?;
        let folder = folder.display().to_string();
        if self.screen.is_json() {
            self.screen.object(&json!({"folder": folder}));
        } else {
            self.screen.line(&self.screen.say("done-manual", &[("folder", &folder)]));
        }
        Ok(Exit::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::screen::Screen;
    use crate::text::{Lang, Texts};

    #[test]
    fn the_manual_has_a_page_for_each_command_in_the_language_of_the_help() {
        let dir = tempfile::tempdir().expect("a folder");
        let screen = Screen::new(Texts::new(Lang::It), true);
        let office = Office { config: None, dev: false, operator: String::new(), screen: &screen };
        assert_eq!(office.manual(dir.path()).ok(), Some(Exit::Ok));
        let page = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        assert!(page("raccordo-agent.1").contains("segnala"));
        assert!(page("raccordo-agent-segnala.1").contains("Invia una segnalazione"));
        assert!(page("raccordo-agent-case-sheet.1").contains("pagina da stampare"));
        assert_eq!(office.manual(&dir.path().join("nowhere")).err().map(|failure| failure.code), Some("MANUAL".to_owned()));
    }

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut args::command(&Texts::new(Lang::It)), "raccordo-agent", &mut script);
            let script = String::from_utf8(script).expect("text");
            assert!(script.contains("segnala") && script.contains("doctor"), "{shell}");
        }
    }
}
