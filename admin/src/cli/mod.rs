//! The command line: what an administration types in its network's folder, and how it ends.
//!
//! Not here: rules (`review`, `draft`), what a file looks like (`document`, `key_file`).

mod args;
mod directory;
mod enrol;
mod help;
mod init;
mod network;
mod screen;
mod versions;
mod wanted;

pub use args::{Cli, Command};

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use raccordo_proto::Timestamp;
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::text::Texts;
use args::NetworkCommand;
use network::Network;
use screen::Screen;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let texts = Texts::new(help::asked_language(&words));
    let cli = match help::parse(&words, &texts) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let screen = Screen::new(texts, cli.json);
    let done = keep_memory_private().and_then(|()| run(&cli, &screen));
    match done.map_err(|failure| screen.failure(&failure)) {
        Err(exit) => exit.into(),
        Ok(()) => screen.unwritten().map_or(Exit::Ok, |unwritten| screen.failure(&unwritten)).into(),
    }
}

/// No core dump holds a key or a passphrase, and no other process of this user reads one.
fn keep_memory_private() -> Result<(), Failure> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let failed = |error: rustix::io::Errno| Failure::new(Exit::Machine, "MEMORY_NOT_PRIVATE").with("detail", error);
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(failed)
}

/// Help and version are no faults; everything else is the parser's own text.
fn usage(error: &clap::Error) -> ExitCode {
    let asks_json = std::env::args_os().any(|word| word == "--json");
    if error.use_stderr() && asks_json {
        // A reader that has gone is no failure of ours.
        let _ = writeln!(std::io::stdout(), "{}", json!({"error": {"code": "USAGE", "message": error.to_string()}}));
    } else {
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
}

fn run(cli: &Cli, screen: &Screen) -> Result<(), Failure> {
    let network = || Network::open(cli, screen);
    match &cli.command {
        Command::Network(NetworkCommand::Init { name }) => init::run(cli, name, screen),
        Command::Completions { shell } => help::completions(*shell, screen),
        Command::Man { manual } => help::manual(manual, screen),
        Command::Gateway(command) => network()?.gateway(command),
        Command::Agency(command) => network()?.agency(command),
        Command::Equipe(command) => network()?.equipe(command),
        Command::Programme(command) => network()?.programme(command),
        Command::Territory(command) => network()?.territory(command),
        Command::Apply { file, plan } => network()?.apply(file, *plan),
        Command::Directory(command) => network()?.directory(command),
    }
}

/// This machine's clock.
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_core_dump_holds_a_key() {
        keep_memory_private().expect("a process may keep its memory to itself");
        assert_eq!(rustix::process::dumpable_behavior(), Ok(rustix::process::DumpableBehavior::NotDumpable));
        assert_eq!(rustix::process::getrlimit(rustix::process::Resource::Core).maximum, Some(0));
    }
}
