//! `completions` and `man`: what shells and readers of manuals ask of the parser itself, in the language of the help.
//!
//! Not here: an office. No configuration is read and no agent is asked.

use std::path::Path;

use raccordo_terminal::help;
use serde_json::json;

use super::{Cli, Office};
use crate::failure::{Exit, Failure};

impl Office<'_> {
    /// Tells a shell's completions.
    pub(super) fn completions(&self, shell: clap_complete::Shell) -> Exit {
        self.screen.script(&help::completions::<Cli>(shell, self.screen.texts()))
    }

    /// Writes a page of the manual for each command into a folder that is there.
    pub(super) fn manual(&self, folder: &Path) -> Result<Exit, Failure> {
        let unwritten = |error| Failure::new(Exit::Machine, "MANUAL").with("folder", folder.display()).with("detail", error);
        help::manual::<Cli>(folder, self.screen.texts()).map_err(unwritten)?;
        let folder = folder.display().to_string();
        Ok(self.screen.answer(&json!({"folder": folder}), &self.screen.say("done-manual", &[("folder", &folder)])))
    }
}

#[cfg(test)]
mod tests {
    use raccordo_terminal::text::Lang;

    use super::*;
    use crate::cli::screen::Screen;
    use crate::text::texts;

    #[test]
    fn the_manual_has_a_page_for_each_command_in_the_language_of_the_help() {
        let dir = tempfile::tempdir().expect("a folder");
        let screen = Screen::new(texts(Lang::It), true);
        let office = Office { config: None, dev: false, operator: String::new(), screen: &screen };
        assert_eq!(office.manual(dir.path()).ok(), Some(Exit::Ok));
        let page = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        assert!(page("raccordo-agent.1").contains("segnala"));
        assert!(page("raccordo-agent-segnala.1").contains("Invia una segnalazione"));
        assert!(page("raccordo-agent-case-sheet.1").contains("pagina da stampare"));
        assert_eq!(office.manual(&dir.path().join("nowhere")).err().map(|failure| failure.code), Some("MANUAL".to_owned()));
    }
}
