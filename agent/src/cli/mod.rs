//! The command line: what a person of the office types, and how it ends.
//!
//! Not here: rules. Every command but `serve` and those of enrolment, of backups and of the passphrase asks the running agent
//! through its local API, and prints what it answers.

mod args;
mod backup;
mod commands;
mod directory;
mod doctor;
mod enrol;
mod lists;
mod manual;
mod offices;
mod operators;
mod screen;
mod sheet;
mod show;
mod status;
mod unlock;
mod watch;

pub use args::{BackupCommand, CaseCommand, Cli, Command, InboxCommand, OfficeCommand, OperatorCommand, RuoloArg, UnlockCommand};

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raccordo_terminal::help;

use crate::config::{Config, ConfigFault, ServeOptions};
use crate::enrolment::Wishes;
use crate::failure::{Exit, Failure};
use crate::passphrase::Console;
use crate::text::texts;
use args::OnlineArgs;
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
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(cli, &screen)),
        Err(error) => screen.failure(&Failure::new(Exit::Machine, "OTHER").with("detail", error)).into(),
    }
}

async fn run(cli: Cli, screen: &Screen) -> ExitCode {
    if let Err(failure) = dev_only(&cli) {
        return screen.failure(&failure).into();
    }
    match cli.command {
        Command::Serve { record_link } => serve(cli.config, ServeOptions { dev: cli.dev, record_link }, screen).await,
        Command::Enrol {
            folder,
            online: OnlineArgs { invitation: Some(invitation), network_words, passphrase, no_serve },
            ..
        } => {
            let (words, dev) = (network_words.as_deref(), cli.dev);
            match enrol::online(screen, &folder, &invitation, Wishes { words, agency: None, passphrase, dev }).await {
                Ok(_) if no_serve => Exit::Ok.into(),
                Ok(config) => serve(Some(config), ServeOptions { dev, record_link: None }, screen).await,
                Err(failure) => screen.failure(&failure).into(),
            }
        }
        command => {
            let office = Office { config: cli.config, dev: cli.dev, operator: cli.operator.unwrap_or_default(), screen };
            let exit = office.run(command).await.unwrap_or_else(|failure| screen.failure(&failure));
            let Some(unwritten) = screen.unwritten() else { return exit.into() };
            screen.beside(&screen.sentence(&unwritten));
            if exit == Exit::Ok { unwritten.exit.into() } else { exit.into() }
        }
    }
}

async fn serve(config: Option<PathBuf>, options: ServeOptions, screen: &Screen) -> ExitCode {
    match load(config, options.dev) {
        Ok(config) => {
            crate::telemetry::install(config.log);
            served(crate::serve::run(config, options, &mut Console(screen.texts())).await, screen)
        }
        Err(failure) => screen.failure(&failure).into(),
    }
}

fn served(ended: anyhow::Result<ExitCode>, screen: &Screen) -> ExitCode {
    match ended {
        Ok(exit) => exit,
        Err(error) => match error.downcast_ref::<Failure>() {
            Some(failure) => screen.failure(failure).into(),
            None => screen.failure(&Failure::new(Exit::Machine, "OTHER").with("detail", format!("{error:#}"))).into(),
        },
    }
}

fn dev_only(cli: &Cli) -> Result<(), Failure> {
    let pseudonym = matches!(&cli.command, Command::Operator { command: OperatorCommand::Add { pseudonym: Some(_), .. } });
    let record = matches!(&cli.command, Command::Serve { record_link: Some(_) });
    if !cli.dev && (cli.operator.is_some() || pseudonym || record) {
        return Err(Failure::new(Exit::Usage, "DEV_ONLY"));
    }
    Ok(())
}

/// Reads the configuration.
fn load(path: Option<PathBuf>, dev: bool) -> Result<Config, Failure> {
    let path = path.or_else(|| std::env::var_os("RACCORDO_CONFIG").map(PathBuf::from));
    let path = path.ok_or_else(|| Failure::new(Exit::Usage, "NO_CONFIG"))?;
    Config::load(&path, dev).map_err(|fault| config_failure(&path, fault))
}

fn config_failure(path: &Path, fault: ConfigFault) -> Failure {
    let file = path.display();
    match fault {
        ConfigFault::Unreadable(error) => Failure::new(Exit::Usage, "CONFIG_UNREADABLE").with("file", file).with("detail", error),
        ConfigFault::Keys(faults) => Failure::new(Exit::Usage, "CONFIG").with("file", file).about(path, faults),
        ConfigFault::Throwaway(network) => Failure::new(Exit::Usage, "THROWAWAY").with("network", network),
    }
}

/// One command at one office.
struct Office<'a> {
    config: Option<PathBuf>,
    dev: bool,
    operator: String,
    screen: &'a Screen,
}
