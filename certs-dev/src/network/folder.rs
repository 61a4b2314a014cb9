//! Where each machine of a network keeps what, readable by its owner alone.
//!
//! Not here: how a file is written durably (`raccordo_machine::files`).

use std::io;
use std::path::{Path, PathBuf};

use raccordo_machine::files;
use raccordo_proto::ids::{AgencyId, GatewayId, NetworkId};

use super::NetworkFault;

/// A gateway's folder.
#[derive(Clone, Debug)]
pub struct GatewayFolder(PathBuf);

impl GatewayFolder {
    pub(super) fn in_network(root: &Path) -> Self {
        Self(root.join("gateway"))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `gateway.toml`.
    pub fn config(&self) -> PathBuf {
        self.0.join("gateway.toml")
    }

    /// The certificate chain.
    pub fn chain(&self) -> PathBuf {
        self.0.join("chain.pem")
    }

    /// The TLS key.
    pub fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    /// The signed directory.
    pub fn directory(&self) -> PathBuf {
        self.0.join("directory.bin")
    }

    /// The trust file.
    pub fn trust(&self) -> PathBuf {
        self.0.join("rete.bin")
    }

    /// What the gateway itself writes.
    pub fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    /// Where it listens, once it does.
    pub fn address(&self) -> PathBuf {
        self.state().join("address")
    }

    pub(super) fn config_text(&self, network: &NetworkId, gateway: &GatewayId) -> String {
        format!(
            r#"network = "{network}"
id = "{gateway}"
state = "state"
directory = "directory.bin"
trust = "rete.bin"

[listen]
address = "127.0.0.1:0"

[tls]
chain = "chain.pem"
key = "key.pem"

[log]
level = "trace"
format = "json"
"#
        )
    }
}

/// An agent's folder.
#[derive(Clone, Debug)]
pub struct AgentFolder(PathBuf);

impl AgentFolder {
    pub(super) fn in_network(root: &Path, agency: &AgencyId) -> Self {
        Self(root.join("agents").join(agency.as_str()))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `agent.toml`.
    pub fn config(&self) -> PathBuf {
        self.0.join("agent.toml")
    }

    /// The certificate chain.
    pub fn chain(&self) -> PathBuf {
        self.0.join("chain.pem")
    }

    /// The TLS key.
    pub fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    /// The store key, as a systemd credential would give it.
    pub fn store_key(&self) -> PathBuf {
        self.0.join("store.key")
    }

    /// The identity key's seed, which the agent takes over and removes at its first start.
    pub fn identity_seed(&self) -> PathBuf {
        self.0.join("identity.seed")
    }

    /// The trust file.
    pub fn trust(&self) -> PathBuf {
        self.0.join("rete.bin")
    }

    /// What the agent itself writes.
    pub fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    /// The first directory.
    pub fn directory(&self) -> PathBuf {
        self.state().join("directory.bin")
    }

    /// The local API's socket.
    pub fn socket(&self) -> PathBuf {
        self.0.join("api.sock")
    }

    pub(super) fn config_text(&self, network: &NetworkId, agency: &AgencyId, endpoint: &str) -> String {
        format!(
            r#"network = "{network}"
agency = "{agency}"
state = "state"
trust = "rete.bin"

[gateway]
endpoints = ["{endpoint}"]

[tls]
chain = "chain.pem"
key = "key.pem"

[identity]
import = "identity.seed"

[unlock]
source = "credential"
path = "store.key"

[api]
socket = "api.sock"

[log]
level = "info"
format = "json"
"#
        )
    }
}

/// Makes a folder and those above it.
pub(super) fn create(path: &Path) -> Result<(), NetworkFault> {
    files::make_folder(path).map_err(fault(path))
}

/// Writes a file, in one rename: no reader sees half of it.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), NetworkFault> {
    files::replace(path, content).map_err(fault(path))
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> NetworkFault {
    let path = path.to_owned();
    move |source| NetworkFault::File { path, source }
}
