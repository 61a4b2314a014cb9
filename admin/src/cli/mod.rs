//! The command line: what an administration types in its network's folder, and how it ends.
//!
//! Not here: rules (`review`, `draft`), what a file looks like (`document`, `key_file`).

mod args;
mod directory;
mod enrol;
mod init;
mod network;
mod screen;
mod wanted;

pub use args::{Cli, Command};

use std::process::ExitCode;

use clap::Parser as _;
use raccordo_proto::Timestamp;
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::text::Texts;
use args::NetworkCommand;
use network::Network;
use screen::Screen;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let screen = Screen::new(Texts::new(cli.lang), cli.json);
    let exit = run(&cli, &screen).map_or_else(|failure| screen.failure(&failure), |()| Exit::Ok);
    match screen.unwritten() {
        Some(unwritten) => screen.failure(&unwritten).into(),
        None => exit.into(),
    }
}

/// Help and version are no faults; everything else is the parser's own text.
fn usage(error: &clap::Error) -> ExitCode {
    let asks_json = std::env::args_os().any(|word| word == "--json");
    if error.use_stderr() && asks_json {
        println!("{}", json!({"error": {"code": "USAGE", "message": error.to_string()}}));
    } else if error.print().is_err() {
        return Exit::Machine.into();
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
}

fn run(cli: &Cli, screen: &Screen) -> Result<(), Failure> {
    match &cli.command {
        Command::Network(NetworkCommand::Init { name }) => init::run(&cli.network, name, screen),
        Command::Gateway(command) => Network::open(&cli.network, screen)?.gateway(command),
        Command::Agency(command) => Network::open(&cli.network, screen)?.agency(command),
        Command::Equipe(command) => Network::open(&cli.network, screen)?.equipe(command),
        Command::Programme(command) => Network::open(&cli.network, screen)?.programme(command),
        Command::Territory(command) => Network::open(&cli.network, screen)?.territory(command),
        Command::Apply { file, plan } => Network::open(&cli.network, screen)?.apply(file, *plan),
        Command::Directory(command) => Network::open(&cli.network, screen)?.directory(command),
    }
}

/// This machine's clock.
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
