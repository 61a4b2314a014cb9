//! The command line: which command, with which configuration, and what it prints. Not here: what a gateway does (`app`).

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use raccordo_machine::files;

use crate::app::{self, Options};
use crate::config::Config;
use crate::enrolment::Folder;
use crate::failure::Failure;
use crate::status;
use crate::store::Store;
use crate::telemetry;

/// Routes sealed envelopes between the agents of a Raccordo network, and keeps none of them.
#[derive(Parser)]
#[command(name = "raccordo-gateway", version)]
pub struct Cli {
    /// The configuration file; RACCORDO_CONFIG when absent.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Allow a throwaway network (a name that ends in .invalid). Never with real people's data.
    #[arg(long, global = true)]
    dev: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM; SIGHUP reads the directory file again.
    Serve,
    /// Read and verify configuration, certificates and directory, and change nothing.
    CheckConfig,
    /// Draw this gateway's TLS key, if it has none, and write the request that the administration answers.
    Request {
        /// Where the request goes.
        out: PathBuf,
        /// Ask for the next certificate of a gateway that is active.
        #[arg(long)]
        renew: bool,
        /// The gateway's folder.
        #[arg(long, value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// Take the administration's answer, and write the configuration.
    Activate {
        /// The answer.
        file: PathBuf,
        /// The gateway's folder.
        #[arg(long, value_name = "DIR", default_value = ".")]
        folder: PathBuf,
        /// Where to listen.
        #[arg(long, value_name = "ADDRESS", default_value = "[::]:443")]
        listen: SocketAddr,
        /// The network's words, as heard on the phone.
        #[arg(long)]
        words: Option<String>,
    },
    /// How the gateway that runs is: directory, offices attached, today's refusals.
    Status {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// The content-free audit, while the gateway is stopped.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// The last rows.
    Tail {
        /// One JSON object per line, as kept.
        #[arg(long)]
        json: bool,
        /// How many rows.
        #[arg(long, default_value_t = 50)]
        rows: usize,
    },
    /// Walk the chain of all rows: whether each names the one before it.
    Verify,
    /// Write all rows to a new file, one JSON object per line, as kept.
    Export {
        /// Where they go.
        file: PathBuf,
    },
}

impl Cli {
    /// Does what was asked.
    pub fn run(self) -> Result<(), Failure> {
        let dev = self.dev;
        match self.command {
            Command::Request { out, renew, folder } => request(&folder, &out, renew),
            Command::Activate { file, folder, listen, words } => activate(&folder, &file, words.as_deref(), listen, dev),
            command => Self { command, ..self }.run_configured(),
        }
    }

    /// Every command that needs a configuration.
    fn run_configured(self) -> Result<(), Failure> {
        let path = self.config.or_else(|| std::env::var_os("RACCORDO_CONFIG").map(PathBuf::from));
        let path = path.ok_or_else(|| Failure::Config("give --config FILE, or set RACCORDO_CONFIG".to_owned()))?;
        let config = Config::read(&path, self.dev)?;
        match self.command {
            Command::Serve => {
                telemetry::install(config.log);
                app::run(config, Options { dev: self.dev })
            }
            Command::CheckConfig => {
                let directory = app::check(&config)?;
                let (network, id, version) = (&config.network, &config.id, directory.version());
                told(&format!("network {network}, gateway {id}: directory version {version} verified"))
            }
            Command::Status { json } => {
                let (answer, status) = status::ask(&config.control)?;
                if json { told(&answer) } else { status.lines().iter().try_for_each(|line| told(line)) }
            }
            Command::Audit(command) => audit(&config, command),
            // They need no configuration, and have been run.
            Command::Request { .. } | Command::Activate { .. } => Ok(()),
        }
    }
}

fn request(folder: &Path, out: &Path, renew: bool) -> Result<(), Failure> {
    let place = Folder::at(folder)?;
    let words = if renew { place.renewal(out)? } else { place.request(out)? };
    told(&format!(
        "request written: {}. Send it to the network's administration; the key stays in {}.",
        out.display(),
        folder.display()
    ))?;
    told(&format!("words of this gateway: {words}. Read them on the phone to whoever answers the request."))
}

fn activate(folder: &Path, file: &Path, words: Option<&str>, listen: SocketAddr, dev: bool) -> Result<(), Failure> {
    let folder = Folder::at(folder)?;
    if folder.is_active() {
        let renewed = folder.renew(file, words, dev)?;
        return told(&format!("the certificate of {} is renewed: a gateway that runs reads it on SIGHUP", renewed.gateway));
    }
    let activated = folder.activate(file, words, listen, dev)?;
    told(&format!("this is now the gateway {}: {}", activated.gateway, activated.config.display()))?;
    if words.is_none() {
        let words = activated.network_words;
        told(&format!("words of the network: {words}. Ask the administration on the phone whether these are they."))?;
    }
    Ok(())
}

/// Writes a line of the answer. A reader that has gone is no failure; a disk that is full is one.
fn told(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Machine(format!("cannot write the answer: {cause}")))
        }
        _ => Ok(()),
    }
}

fn audit(config: &Config, command: AuditCommand) -> Result<(), Failure> {
    let (rows, misfit) = Store::open(&config.state)?.rows()?;
    match command {
        AuditCommand::Tail { json, rows: count } => {
            let last = &rows[rows.len().saturating_sub(count)..];
            last.iter().try_for_each(|row| told(&if json { row.clone() } else { plain(row) }))?;
        }
        AuditCommand::Verify if misfit.is_none() => told(&format!("{} rows: each follows the one before it", rows.len()))?,
        AuditCommand::Verify => {}
        AuditCommand::Export { file } => {
            let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
            files::hand_out_new(&file, lines.as_bytes()).map_err(|cause| Failure::file("write", &file, cause))?;
            told(&format!("{} rows written: {}", rows.len(), file.display()))?;
        }
    }
    let Some(row) = misfit.and_then(|at| rows.get(at)) else { return Ok(()) };
    let sentence = "the audit's rows are not those that were written. The first that does not follow the one before it:";
    Err(Failure::Unverified(format!("{sentence} {}", plain(row))))
}

/// `ms event key=value…`, without the hash.
fn plain(row: &str) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(row) else { return row.to_owned() };
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let field = |name: &str| fields.get(name).map(&text).unwrap_or_default();
    let rest = fields.iter().filter(|(name, _)| !["at", "event", "previous"].contains(&name.as_str()));
    let rest = rest.map(|(name, value)| format!(" {name}={}", text(value)));
    format!("{} {}{}", field("at"), field("event"), rest.collect::<String>())
}
