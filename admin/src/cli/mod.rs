//! The command line: what an administration types in its network's folder, and how it ends.
//!
//! Not here: rules (`review`, `draft`), what a file looks like (`document`, `key_file`).

mod acts;
mod args;
mod args_admins;
mod audit;
mod ceremony;
mod confirm;
mod directory;
mod enrol;
mod heal;
mod init;
mod invite;
mod join;
mod life;
mod list;
mod network;
mod proposals;
mod publish;
mod renew;
mod rotate;
mod screen;
mod versions;
mod wanted;

pub use args::{Cli, Command};

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use raccordo_machine::memory;
use raccordo_terminal::help;
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::text::texts;
use args::NetworkCommand;
use args_admins::AdminKeyCommand;
use network::Network;
use screen::Screen;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let texts = texts(help::asked_language(&words));
    let cli: Cli = match help::parse(&words, &texts) {
        Ok(cli) => cli,
        Err(error) => return help::usage(&error, &words),
    };
    let screen = Screen::new(texts, cli.json);
    let not_private = |error| Failure::new(Exit::Machine, "MEMORY_NOT_PRIVATE").with("detail", error);
    let done = memory::keep_private().map_err(not_private).and_then(|()| run(&cli, &screen));
    match done.map_err(|failure| screen.failure(&failure)) {
        Err(exit) => exit.into(),
        Ok(()) => screen.unwritten().map_or(Exit::Ok, |unwritten| screen.failure(&unwritten)).into(),
    }
}

fn run(cli: &Cli, screen: &Screen) -> Result<(), Failure> {
    let network = || Network::open(cli, screen);
    match &cli.command {
        Command::Network(NetworkCommand::Init { name, threshold, admins }) => init::run(cli, name, *threshold, admins, screen),
        Command::Network(NetworkCommand::Join { trust, words }) => join::run(cli, trust, words.as_deref(), screen),
        Command::Network(NetworkCommand::Trust { out }) => network()?.write_trust(out),
        Command::AdminKey(AdminKeyCommand::New { name, out }) => join::new_key(cli, name, out, screen),
        Command::Ceremony(command) => network()?.ceremony(command),
        Command::Rotate(command) => network()?.rotate(command),
        Command::Completions { shell } => {
            screen.script(&help::completions::<Cli>(*shell, screen.texts()));
            Ok(())
        }
        Command::Man { manual: folder } => manual(folder, screen),
        Command::Gateway(command) => network()?.gateway(command),
        Command::Agency(command) => network()?.agency(command),
        Command::Equipe(command) => network()?.equipe(command),
        Command::Programme(command) => network()?.programme(command),
        Command::Territory(command) => network()?.territory(command),
        Command::Apply { file, plan } => network()?.apply(file, *plan),
        Command::Directory(command) => network()?.directory(command),
        Command::Audit(command) => network()?.audit(command),
    }
}

fn manual(folder: &Path, screen: &Screen) -> Result<(), Failure> {
    let unwritten = |error| Failure::new(Exit::Machine, "MANUAL").with("folder", folder.display()).with("detail", error);
    help::manual::<Cli>(folder, screen.texts()).map_err(unwritten)?;
    let folder = folder.display().to_string();
    screen.say("done-manual", &[("folder", &folder)]);
    screen.object(&json!({"folder": folder}));
    Ok(())
}

#[cfg(test)]
mod tests {
    use raccordo_terminal::text::Lang;

    use super::*;

    #[test]
    fn every_word_of_the_help_is_in_both_catalogues() {
        for lang in [Lang::It, Lang::En] {
            assert_eq!(help::unexplained::<Cli>(&texts(lang)), [""; 0], "{lang:?}");
        }
    }

    #[test]
    fn help_is_italian_unless_english_is_asked_for() {
        let help = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let parsed = help::parse::<Cli>(&words, &texts(help::asked_language(&words)));
            parsed.err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(help("raccordo-admin --help").contains("Uso:"));
        assert!(help("raccordo-admin agency approve --help").contains("Le sue parole, lette al telefono"));
        assert!(help("raccordo-admin --lang en agency approve --help").contains("Its words, as heard on the phone"));
    }

    #[test]
    fn the_manual_has_a_page_for_each_command() {
        let dir = tempfile::tempdir().expect("a folder");
        let screen = Screen::new(texts(Lang::It), true);
        assert!(manual(dir.path(), &screen).is_ok());
        let page = std::fs::read_to_string(dir.path().join("raccordo-admin-directory-sign.1")).expect("a page");
        assert!(page.contains("Firma la prossima versione"), "{page}");
        let nowhere = manual(&dir.path().join("nowhere"), &screen).err().map(|failure| failure.code);
        assert_eq!(nowhere, Some("MANUAL"));
    }
}
