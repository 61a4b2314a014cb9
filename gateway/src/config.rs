//! `gateway.toml`: read whole, unknown keys refused, paths relative to the file's own folder. Not here: whether the files
//! it names are good (`publication`, `tls`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use raccordo_proto::ids::{GatewayId, NetworkId};
use raccordo_proto::limits::IN_FLIGHT_MAX;
use serde::Deserialize;

use crate::failure::Failure;

/// What a gateway is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The network.
    pub network: NetworkId,
    /// This gateway, as the directory names it.
    pub id: GatewayId,
    /// Its folder: the durable copy of the directory, audit, counters, lock, addresses. Nothing in it is needed by a letter.
    pub state: PathBuf,
    /// The signed directory that a start and SIGHUP look at: where a network begins, and how a version comes by hand.
    pub directory: PathBuf,
    /// The trust file: network, root keys, threshold.
    pub trust: PathBuf,
    /// Where to listen; port 0 picks a free one.
    pub address: SocketAddr,
    /// Its certificate, the issuing one and the root, PEM.
    pub chain: PathBuf,
    /// Its TLS key, PEM.
    pub key: PathBuf,
    /// Where to listen for the authority; nowhere unless it is said.
    pub authority: Option<SocketAddr>,
    /// The socket at which `status` asks; `control.sock` in its folder unless it is said.
    pub control: PathBuf,
    /// What is logged.
    pub log: Log,
    /// The profile: envelopes of one agent without receipt.
    pub in_flight_max: usize,
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// From here up.
    pub level: Level,
    /// One line of text, or one of JSON.
    pub format: Format,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What stops something.
    Error,
    /// What may become an error.
    Warn,
    /// Starts, stops, directories and audit rows.
    #[default]
    Info,
    /// Connections.
    Debug,
    /// As much as there is: never content, never a line per letter.
    Trace,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For collectors.
    Json,
}

/// The file, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    network: String,
    id: String,
    state: PathBuf,
    directory: PathBuf,
    trust: PathBuf,
    listen: Listen,
    tls: Tls,
    authority: Option<Listen>,
    control: Option<Control>,
    #[serde(default)]
    log: Log,
    #[serde(default)]
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listen {
    address: SocketAddr,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    chain: PathBuf,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    socket: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    in_flight_max: Option<usize>,
}

impl Config {
    /// Reads `path`. Throwaway networks are refused unless `dev`.
    pub fn read(path: &Path, dev: bool) -> Result<Self, Failure> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| Failure::Config(format!("cannot read {}: {cause}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, dev).map_err(|fault| Failure::Config(format!("{}: {fault}", path.display())))
    }

    fn parse(text: &str, folder: &Path, dev: bool) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|fault| fault.to_string())?;
        let network = NetworkId::parse(&file.network).map_err(|_| "network is not a valid network name".to_owned())?;
        if network.is_throwaway() && !dev {
            return Err(format!("the network {network} is a throwaway one: it needs --dev, and real people must not use it"));
        }
        let in_flight_max = file.limits.in_flight_max.unwrap_or(IN_FLIGHT_MAX);
        if in_flight_max == 0 {
            return Err("limits.in_flight_max must be at least 1".to_owned());
        }
        let from_folder = |path: PathBuf| folder.join(path);
        Ok(Self {
            network,
            id: GatewayId::parse(&file.id).map_err(|_| "id is not a valid gateway id".to_owned())?,
            state: from_folder(file.state.clone()),
            directory: from_folder(file.directory),
            trust: from_folder(file.trust),
            address: file.listen.address,
            chain: from_folder(file.tls.chain),
            key: from_folder(file.tls.key),
            authority: file.authority.map(|authority| authority.address),
            control: from_folder(file.control.map_or(file.state.join("control.sock"), |control| control.socket)),
            log: file.log,
            in_flight_max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
network = "rete-cremona"
id = "gw1"
state = "state"
directory = "/etc/raccordo/directory.bin"
trust = "rete.bin"
[listen]
address = "[::]:443"
[tls]
chain = "chain.pem"
key = "key.pem"
[log]
level = "trace"
format = "json"
"#;

    fn parse(text: &str, dev: bool) -> Result<Config, String> {
        Config::parse(text, Path::new("/srv/gw"), dev)
    }

    #[test]
    fn paths_start_from_the_files_own_folder() {
        let config = parse(GOOD, false).expect("good");
        assert_eq!(config.state, Path::new("/srv/gw/state"));
        assert_eq!(config.directory, Path::new("/etc/raccordo/directory.bin"));
        assert_eq!(config.log, Log { level: Level::Trace, format: Format::Json });
        assert_eq!(config.in_flight_max, IN_FLIGHT_MAX);
        assert_eq!((config.authority, config.control), (None, PathBuf::from("/srv/gw/state/control.sock")));
        let more = format!("{GOOD}[authority]\naddress = \"[::]:8443\"\n[control]\nsocket = \"/run/gw.sock\"\n");
        let config = parse(&more, false).expect("good");
        assert_eq!(config.authority.map(|address| address.port()), Some(8443));
        assert_eq!(config.control, Path::new("/run/gw.sock"));
    }

    #[test]
    fn unknown_keys_are_faults() {
        for extra in ["colour = 1\n", "[limits]\nfast = true\n", "[log.more]\nx = 1\n"] {
            let text = if extra.starts_with('[') { format!("{GOOD}{extra}") } else { format!("{extra}{GOOD}") };
            assert!(parse(&text, false).is_err_and(|fault| fault.contains("unknown field")), "{extra}");
        }
        assert!(parse(&GOOD.replace("id = \"gw1\"\n", ""), false).is_err_and(|fault| fault.contains("missing field `id`")));
        assert!(parse(&GOOD.replace("gw1", "GW 1"), false).is_err());
        assert!(parse(&format!("{GOOD}[limits]\nin_flight_max = 0\n"), false).is_err());
    }

    #[test]
    fn throwaway_networks_need_dev() {
        let throwaway = GOOD.replace("rete-cremona", "rete-demo.invalid");
        assert!(parse(&throwaway, false).is_err_and(|fault| fault.contains("--dev")));
        assert!(parse(&throwaway, true).is_ok());
    }
}
