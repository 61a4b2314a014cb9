//! `agent.toml`: read once, every fault at once, each naming its key. Relative paths start from the file's own folder.
//!
//! Not here: secrets (the file says where they are, never what they are), reading what the paths point to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use raccordo_casework::wire::Fault;
use raccordo_machine::files;
use raccordo_proto::Endpoint;
use raccordo_proto::ids::{AgencyId, NetworkId};
use tracing::Level;

use crate::backup::Recipient;
use crate::keys::{self, Keys};

/// A configuration is a few lines: anything larger, or endless, is none.
const CONFIG_BYTES_MAX: usize = 64 * 1024;

/// How this agent is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The network.
    pub network: NetworkId,
    /// The office.
    pub agency: AgencyId,
    /// Folder of the journal, the keyring and the lock.
    pub state: PathBuf,
    /// The trust file: where the chain of directories starts.
    pub trust: PathBuf,
    /// Gateways, tried in turn.
    pub gateway: Gateway,
    /// This machine's certificate.
    pub tls: Tls,
    /// Identity key made elsewhere, to be taken in at the first start.
    pub identity_import: Option<PathBuf>,
    /// How the store is unlocked.
    pub unlock: Unlock,
    /// Unix socket of the local API.
    pub api_socket: PathBuf,
    /// What is logged.
    pub log: Log,
    /// How backups are made; `None`: there are none.
    pub backup: Option<Backup>,
}

/// How backups are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// For whose key: its other half is on another machine.
    pub recipient: Recipient,
    /// Where they lie.
    pub folder: PathBuf,
    /// How many are kept.
    pub generations: usize,
    /// How old the last one may become.
    pub every: Duration,
}

/// Where gateways answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// At least one.
    pub endpoints: Vec<Endpoint>,
}

/// Certificate chain and key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The leaf first, then up to the root.
    pub chain: PathBuf,
    /// The leaf's private key.
    pub key: PathBuf,
}

/// How the store's key is had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlock {
    /// By what.
    pub source: UnlockSource,
    /// Where, when the source needs it.
    pub path: Option<PathBuf>,
}

/// By what the store is unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlockSource {
    /// A file of 32 bytes, as systemd hands one out.
    Credential,
    /// Words that a person types.
    Passphrase,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: Level,
    /// As what.
    pub format: LogFormat,
}

/// As what the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// Lines for machines.
    Json,
}

/// What `serve` was asked beside its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// A throwaway network: `--operator` counts, waits are short.
    pub dev: bool,
    /// Where the link writes the envelopes it sends; with `dev` only.
    pub record_link: Option<PathBuf>,
}

/// Why a configuration is not used.
pub enum ConfigFault {
    /// The file cannot be read.
    Unreadable(std::io::Error),
    /// Keys that are wrong: all of them.
    Keys(Vec<Fault>),
    /// A `.invalid` network without `--dev`.
    Throwaway(NetworkId),
}

impl Config {
    /// Reads the file.
    pub fn load(path: &Path, dev: bool) -> Result<Self, ConfigFault> {
        let text = files::read_text(path, CONFIG_BYTES_MAX).map_err(ConfigFault::Unreadable)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, dev)
    }

    /// Reads the text of a file that lies in `folder`.
    pub fn parse(text: &str, folder: &Path, dev: bool) -> Result<Self, ConfigFault> {
        let mut faults = Vec::new();
        let config = keys::parse(text, &mut faults).and_then(|table| {
            let mut keys = Keys::new(&table, &mut faults);
            let config = read(&mut keys, folder);
            keys.finish();
            config
        });
        match config {
            Some(config) if faults.is_empty() => {
                if config.network.is_throwaway() && !dev {
                    return Err(ConfigFault::Throwaway(config.network));
                }
                Ok(config)
            }
            _ => Err(ConfigFault::Keys(faults)),
        }
    }
}

fn read(keys: &mut Keys<'_>, folder: &Path) -> Option<Config> {
    let network = parsed(keys, "network", |text| NetworkId::parse(text).ok());
    let agency = parsed(keys, "agency", |text| AgencyId::parse(text).ok());
    let state = path(keys, "state", folder);
    let trust = path(keys, "trust", folder);
    let gateway = section(keys, "gateway", |keys| Gateway { endpoints: endpoints(keys) });
    let tls = section(keys, "tls", |keys| Tls { chain: path(keys, "chain", folder), key: path(keys, "key", folder) });
    let identity = keys.table("identity", |keys| optional_path(keys, "import", folder));
    let unlock = section(keys, "unlock", |keys| unlock(keys, folder));
    let api = section(keys, "api", |keys| path(keys, "socket", folder));
    let log = keys.table("log", log).unwrap_or(Log { level: Level::INFO, format: LogFormat::Text });
    let backup = keys.table("backup", |keys| backup(keys, folder));
    Some(Config {
        network: network?,
        agency: agency?,
        state,
        trust,
        gateway: gateway?,
        tls: tls?,
        identity_import: identity.flatten(),
        unlock: unlock?,
        api_socket: api?,
        log,
        backup: backup.flatten(),
    })
}

/// A section that must be there.
fn section<T>(keys: &mut Keys<'_>, key: &'static str, read: impl FnOnce(&mut Keys<'_>) -> T) -> Option<T> {
    if !keys.has(key) {
        keys.fault(key, "required", &[]);
    }
    keys.table(key, read)
}

fn unlock(keys: &mut Keys<'_>, folder: &Path) -> Unlock {
    let source = unlock_source(keys).unwrap_or(UnlockSource::Credential);
    let path = optional_path(keys, "path", folder);
    match source {
        UnlockSource::Credential if path.is_none() && !keys.has("path") => keys.fault("path", "required", &[]),
        UnlockSource::Passphrase if path.is_some() => keys.fault("path", "only-with-credential", &[]),
        UnlockSource::Credential | UnlockSource::Passphrase => {}
    }
    Unlock { source, path }
}

fn unlock_source(keys: &mut Keys<'_>) -> Option<UnlockSource> {
    if !keys.has("source") {
        keys.fault("source", "required", &[]);
    }
    // Often asked for, and not planned: a session's keyring opens for every program of the session.
    if keys.optional_text("source").as_deref() == Some("keyring") {
        keys.fault("source", "keyring-not-planned", &[]);
        return None;
    }
    one_of(keys, "source", &[("credential", UnlockSource::Credential), ("passphrase", UnlockSource::Passphrase)])
}

const GENERATIONS: u32 = 35;
const GENERATIONS_MAX: u32 = 1_000;
const EVERY_HOURS: u32 = 24;
const EVERY_HOURS_MAX: u32 = 168;

fn backup(keys: &mut Keys<'_>, folder: &Path) -> Option<Backup> {
    let text = keys.required_text("recipient");
    let recipient = text.parse().ok();
    if recipient.is_none() && !text.is_empty() {
        keys.fault("recipient", "bad-recipient", &[]);
    }
    let folder = path(keys, "folder", folder);
    let generations = keys.number("generations", 1, GENERATIONS_MAX).unwrap_or(GENERATIONS);
    let hours = keys.number("every_hours", 1, EVERY_HOURS_MAX).unwrap_or(EVERY_HOURS);
    let every = Duration::from_secs(60 * 60 * u64::from(hours));
    Some(Backup { recipient: recipient?, folder, generations: generations as usize, every })
}

fn log(keys: &mut Keys<'_>) -> Log {
    let levels =
        [("error", Level::ERROR), ("warn", Level::WARN), ("info", Level::INFO), ("debug", Level::DEBUG), ("trace", Level::TRACE)];
    let level = one_of(keys, "level", &levels);
    let format = one_of(keys, "format", &[("text", LogFormat::Text), ("json", LogFormat::Json)]);
    Log { level: level.unwrap_or(Level::INFO), format: format.unwrap_or(LogFormat::Text) }
}

fn endpoints(keys: &mut Keys<'_>) -> Vec<Endpoint> {
    if !keys.has("endpoints") {
        keys.fault("endpoints", "required", &[]);
        return Vec::new();
    }
    let found_before = keys.fault_count();
    let texts = keys.list("endpoints");
    let endpoints: Vec<_> = texts.iter().filter_map(|text| Endpoint::parse(text)).collect();
    if keys.fault_count() == found_before && (endpoints.is_empty() || endpoints.len() != texts.len()) {
        keys.fault("endpoints", "bad-endpoint", &[]);
    }
    endpoints
}

fn one_of<T: Copy>(keys: &mut Keys<'_>, key: &'static str, allowed: &[(&str, T)]) -> Option<T> {
    let text = keys.optional_text(key)?;
    let found = allowed.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
        keys.fault(key, "not-allowed", &[("allowed", &names.join(", "))]);
    }
    found
}

fn parsed<T>(keys: &mut Keys<'_>, key: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let text = keys.required_text(key);
    let value = read(&text);
    if value.is_none() && !text.is_empty() {
        keys.fault(key, "bad-name", &[]);
    }
    value
}

fn path(keys: &mut Keys<'_>, key: &'static str, folder: &Path) -> PathBuf {
    folder.join(keys.required_text(key))
}

fn optional_path(keys: &mut Keys<'_>, key: &'static str, folder: &Path) -> Option<PathBuf> {
    keys.optional_text(key).map(|text| folder.join(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
network = "rete-demo.invalid"
agency = "cav-ginestra"
state = "state"
trust = "/etc/raccordo/rete.bin"
[gateway]
endpoints = ["localhost:8443", "[::1]:443"]
[tls]
chain = "tls/chain.pem"
key = "tls/key.pem"
[identity]
import = "ik.bin"
[unlock]
source = "credential"
path = "store.key"
[api]
socket = "api.sock"
[log]
level = "debug"
format = "json"
"#;

    fn parse(text: &str, dev: bool) -> Result<Config, ConfigFault> {
        Config::parse(text, Path::new("/srv/cav"), dev)
    }

    fn faults(text: &str) -> Vec<(String, String)> {
        match parse(text, true) {
            Err(ConfigFault::Keys(faults)) => faults.into_iter().map(|fault| (fault.key, fault.code)).collect(),
            _ => panic!("no faults of keys"),
        }
    }

    #[test]
    fn relative_paths_start_from_the_files_folder() {
        let config = parse(EXAMPLE, true).ok().expect("the example is good");
        assert_eq!(config.state, Path::new("/srv/cav/state"));
        assert_eq!(config.trust, Path::new("/etc/raccordo/rete.bin"));
        assert_eq!(config.tls.key, Path::new("/srv/cav/tls/key.pem"));
        assert_eq!(config.identity_import.as_deref(), Some(Path::new("/srv/cav/ik.bin")));
        assert_eq!(config.gateway.endpoints[0], Endpoint::parse("localhost:8443").expect("an endpoint"));
        assert_eq!(config.gateway.endpoints[1], Endpoint::parse("[::1]:443").expect("an endpoint"));
        assert_eq!(config.log, Log { level: Level::DEBUG, format: LogFormat::Json });
    }

    #[test]
    fn backups_need_a_recipient_and_a_folder_and_have_a_rhythm_of_their_own() {
        assert_eq!(parse(EXAMPLE, true).ok().expect("good").backup, None);
        let recipient = crate::backup::Identity::generate().to_public();
        let with = |rest: &str| format!("{EXAMPLE}[backup]\nrecipient = \"{recipient}\"\nfolder = \"copie\"\n{rest}");
        let backup = parse(&with(""), true).ok().and_then(|config| config.backup).expect("good");
        assert_eq!((backup.generations, backup.every), (35, Duration::from_secs(24 * 60 * 60)));
        assert_eq!((backup.recipient, backup.folder.as_path()), (recipient.clone(), Path::new("/srv/cav/copie")));
        let fault = |key: &str, code: &str| (key.to_owned(), code.to_owned());
        let bad = with("generations = 0\nevery_hours = \"1\"");
        assert_eq!(faults(&bad), [fault("backup.generations", "out-of-range"), fault("backup.every_hours", "wrong-type")]);
        let bad = format!("{EXAMPLE}[backup]\nrecipient = \"age1\"");
        assert_eq!(faults(&bad), [fault("backup.recipient", "bad-recipient"), fault("backup.folder", "required")]);
    }

    #[test]
    fn throwaway_networks_need_dev() {
        assert!(matches!(parse(EXAMPLE, false), Err(ConfigFault::Throwaway(_))));
        assert!(parse(&EXAMPLE.replace("rete-demo.invalid", "rete-cremona"), false).is_ok());
    }

    #[test]
    fn every_wrong_key_is_named_at_once() {
        let text = EXAMPLE
            .replace("agency =", "agenzia =")
            .replace("source = \"credential\"", "source = \"luck\"")
            .replace("\"localhost:8443\"", "\"localhost\"")
            .replace("[log]", "[log]\ncolour = true");
        let expected = [("agency", "required"), ("gateway.endpoints", "bad-endpoint"), ("unlock.source", "not-allowed")];
        let mut found = faults(&text);
        for (key, code) in expected.into_iter().chain([("log.colour", "unknown-key"), ("agenzia", "unknown-key")]) {
            let at = found.iter().position(|fault| *fault == (key.to_owned(), code.to_owned()));
            found.remove(at.unwrap_or_else(|| panic!("{key} {code} in {found:?}")));
        }
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_store_opens_by_a_credential_or_a_passphrase_and_by_no_keyring() {
        let with = |rest: &str| EXAMPLE.replace("source = \"credential\"\npath = \"store.key\"", rest);
        let unlock = |rest: &str| parse(&with(rest), true).ok().map(|config| config.unlock);
        let source = UnlockSource::Passphrase;
        assert_eq!(unlock("source = \"passphrase\""), Some(Unlock { source, path: None }));
        let fault = |key: &str, code: &str| [(key.to_owned(), code.to_owned())];
        let path = faults(&with("source = \"passphrase\"\npath = \"store.key\""));
        assert_eq!(path, fault("unlock.path", "only-with-credential"));
        assert_eq!(faults(&with("source = \"keyring\"\npath = \"k\"")), fault("unlock.source", "keyring-not-planned"));
    }

    #[test]
    fn an_empty_file_names_every_section() {
        let keys: Vec<_> = faults("").into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["network", "agency", "state", "trust", "gateway", "tls", "unlock", "api"]);
    }
}
