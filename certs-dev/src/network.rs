//! A whole network in one folder: CA, admin key, directory, one gateway and an agent per office, as their binaries expect
//! them. The admin key and the CA's keys stay in this process's memory: no folder holds them.
//!
//! Not here: processes (`demo`), and any wait: a network is files only.

mod folder;

pub use folder::{AgentFolder, GatewayFolder};

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_admin::authority::{Authority, AuthorityFault, AuthorityKeys, IssuedLeaf};
use raccordo_admin::enrolment::{self, Approval};
use raccordo_admin::failure::Failure;
use raccordo_admin::roster::{Dates, Roster};
use raccordo_admin::vault::{Vault, VaultFault};
use raccordo_machine::clock::{now, rng};
use raccordo_machine::tls_key::{self, TlsKey, TlsKeyFault};
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::enrolment::{Request, RequestFault};
use raccordo_proto::ids::{AgencyId, AgentId};
use raccordo_proto::sign::Signer;
use raccordo_proto::{Directory, Timestamp};
use rand_core::Rng as _;
use zeroize::Zeroizing;

use crate::cast::{Cast, Player};

/// Why a network could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NetworkFault {
    /// The name does not end in `.invalid`.
    #[error("a throwaway network's name ends in .invalid")]
    NotThrowaway,
    /// An office that the network does not have.
    #[error("no office «{0}» in this network")]
    UnknownOffice(AgencyId),
    /// The administration's own rules refuse the network.
    #[error("the network breaks a rule: {}", .0.code)]
    Refused(Failure),
    /// A TLS key was not made.
    #[error("a TLS key was not made")]
    TlsKey(#[from] TlsKeyFault),
    /// A request that was made here does not hold.
    #[error("a request does not hold")]
    Request(#[from] RequestFault),
    /// A certificate was not issued.
    #[error("a certificate was not issued")]
    Authority(#[from] AuthorityFault),
    /// The vault was not made.
    #[error("the admin key was not made")]
    Vault(#[from] VaultFault),
    /// The directory breaks a rule.
    #[error("the directory breaks a rule")]
    Directory(#[from] DirectoryFault),
    /// A file was not written.
    #[error("a file of the network was not written: {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Keys of one agent, kept so that tests can speak in its name.
struct AgentKeys {
    identity: Zeroizing<[u8; 32]>,
    tls: TlsKey,
}

/// A throwaway network.
pub struct Network {
    root: PathBuf,
    cast: Cast,
    authority: Authority,
    authority_keys: AuthorityKeys,
    vault: Vault,
    roster: Roster,
    directory: Directory,
    gateway_key: TlsKey,
    agents: BTreeMap<AgencyId, AgentKeys>,
}

/// The machine that every office of a throwaway network has.
pub fn agent_id() -> AgentId {
    AgentId::parse("a1").expect("a slug")
}

impl Network {
    /// Makes a network in `root`, which must exist or be creatable; its directory lives 180 days from now.
    pub fn create(root: &Path, cast: &Cast) -> Result<Self, NetworkFault> {
        Self::create_with(root, cast, Dates::from_now(now()))
    }

    /// The same with other dates of the directory: in the past, for a network whose directory has expired.
    pub fn create_with(root: &Path, cast: &Cast, dates: Dates) -> Result<Self, NetworkFault> {
        Self::create_signed_by(root, cast, dates, (1, 1))
    }

    /// The same with so many admin keys, of which so many sign each version.
    pub fn create_signed_by(
        root: &Path,
        cast: &Cast,
        dates: Dates,
        (keys, threshold): (usize, usize),
    ) -> Result<Self, NetworkFault> {
        if !cast.network.is_throwaway() {
            return Err(NetworkFault::NotThrowaway);
        }
        let (authority, authority_keys) = Authority::create_to_keep(cast.network.clone(), now(), &mut rng())?;
        let vault = Vault::generate(cast.network.clone(), keys, threshold, &[authority.root_spki_sha256()], &mut rng())?;
        let gateway_key = TlsKey::generate()?;
        // Its port is not known before it listens: agents have it in agent.toml.
        let place = (cast.gateway.clone(), Vec::new());
        let request = request(None, &gateway_key)?;
        let added = enrolment::add_gateway(&Roster::default(), &authority, &request, place, now(), &mut rng());
        let (draft, gateway_leaf) = added.map_err(NetworkFault::Refused)?;
        let (mut roster, mut agents, mut leaves) = (draft.roster, BTreeMap::new(), Vec::new());
        for player in &cast.players {
            let keys = draw_keys()?;
            let leaf;
            (roster, leaf) = approved(&roster, &authority, player, &keys)?;
            leaves.push((player.id.clone(), leaf));
            agents.insert(player.id.clone(), keys);
        }
        roster.equipes.clone_from(&cast.equipes);
        roster.programmes.clone_from(&cast.programmes);
        roster.territories.clone_from(&cast.territories);
        roster.policy.clone_from(&cast.policy);
        let directory = roster.publish(&vault, None, dates, now())?;
        let cast = cast.clone();
        let network =
            Self { root: root.to_owned(), cast, authority, authority_keys, vault, roster, directory, gateway_key, agents };
        network.write_gateway(&gateway_leaf)?;
        leaves.iter().try_for_each(|(agency, leaf)| network.write_agent(agency, &network.agents[agency], leaf))?;
        Ok(network)
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Who is in it.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The directory last published.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The CA, for leaves that a test needs.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The CAs' own keys, for leaves that the CA would not issue.
    pub fn authority_keys(&self) -> &AuthorityKeys {
        &self.authority_keys
    }

    /// The admin key, for documents that a test needs.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The gateway's folder.
    pub fn gateway(&self) -> GatewayFolder {
        GatewayFolder::in_network(&self.root)
    }

    /// An agent's folder.
    pub fn agent(&self, agency: &AgencyId) -> AgentFolder {
        AgentFolder::in_network(&self.root, agency)
    }

    /// An agent's identity key, to speak in its name.
    pub fn identity(&self, agency: &AgencyId) -> Option<SigningKey> {
        self.agents.get(agency).map(|keys| SigningKey::from_bytes(&keys.identity))
    }

    /// Changes the roster, signs the next version and puts it in the gateway's folder in one rename. Agents keep what they
    /// have until a gateway tells them.
    pub fn publish(&mut self, change: impl FnOnce(&mut Roster)) -> Result<&Directory, NetworkFault> {
        self.publish_with(Dates::from_now(now()), change)
    }

    /// The same with other dates.
    pub fn publish_with(&mut self, dates: Dates, change: impl FnOnce(&mut Roster)) -> Result<&Directory, NetworkFault> {
        let mut roster = self.roster.clone();
        change(&mut roster);
        let directory = roster.publish(&self.vault, Some(&self.directory), dates, now())?;
        folder::write(&self.gateway().directory(), &directory.document().encode_to_vec())?;
        (self.roster, self.directory) = (roster, directory);
        Ok(&self.directory)
    }

    /// Gives another office its keys, publishes a version that has it, and writes its folder.
    pub fn enrol(&mut self, player: &Player) -> Result<(), NetworkFault> {
        let keys = draw_keys()?;
        let (approved, leaf) = approved(&self.roster, &self.authority, player, &keys)?;
        self.publish(|roster| *roster = approved)?;
        self.write_agent(&player.id, &keys, &leaf)?;
        self.agents.insert(player.id.clone(), keys);
        self.cast.players.push(player.clone());
        Ok(())
    }

    /// Tells every agent where the gateway listens: `localhost` and the port of `address`, as the gateway wrote it.
    pub fn point_agents_at(&self, address: &str) -> Result<(), NetworkFault> {
        let port = address.trim().rsplit(':').next().unwrap_or_default();
        let endpoint = format!("localhost:{port}");
        self.agents.keys().try_for_each(|agency| {
            let folder = self.agent(agency);
            folder::write(&folder.config(), folder.config_text(&self.cast.network, agency, &endpoint).as_bytes())
        })
    }

    /// A leaf in an agency's name: for its own key (`None`) or another, issued at `at`. For tests of what must be refused.
    pub fn leaf_for(&self, agency: &AgencyId, key: Option<&TlsKey>, at: Timestamp) -> Result<IssuedLeaf, NetworkFault> {
        let own = self.agents.get(agency).ok_or_else(|| NetworkFault::UnknownOffice(agency.clone()))?;
        let key = key.unwrap_or(&own.tls);
        Ok(self.authority.issue_agent(agency, &agent_id(), key.public_key(), at, &mut rng())?)
    }

    /// Puts a chain, and a key unless it is the agent's own, in an agent's folder.
    pub fn install_leaf(&self, agency: &AgencyId, leaf: &IssuedLeaf, key: Option<&TlsKey>) -> Result<(), NetworkFault> {
        let folder = self.agent(agency);
        folder::write(&folder.chain(), leaf.chain_pem.as_bytes())?;
        key.map_or(Ok(()), |key| folder::write(&folder.key(), key.to_pem()?.as_bytes()))
    }

    fn write_gateway(&self, leaf: &IssuedLeaf) -> Result<(), NetworkFault> {
        let folder = self.gateway();
        folder::create(&folder.state())?;
        folder::write(&folder.config(), folder.config_text(&self.cast.network, &self.cast.gateway).as_bytes())?;
        folder::write(&folder.chain(), leaf.chain_pem.as_bytes())?;
        folder::write(&folder.key(), self.gateway_key.to_pem()?.as_bytes())?;
        folder::write(&folder.directory(), &self.directory.document().encode_to_vec())?;
        folder::write(&folder.trust(), &self.vault.trust_file())
    }

    fn write_agent(&self, agency: &AgencyId, keys: &AgentKeys, leaf: &IssuedLeaf) -> Result<(), NetworkFault> {
        let folder = self.agent(agency);
        folder::create(&folder.state())?;
        let mut store_key = Zeroizing::new([0; 32]);
        rng().fill_bytes(&mut *store_key);
        let config = folder.config_text(&self.cast.network, agency, "localhost:1");
        folder::write(&folder.config(), config.as_bytes())?;
        folder::write(&folder.chain(), leaf.chain_pem.as_bytes())?;
        folder::write(&folder.key(), keys.tls.to_pem()?.as_bytes())?;
        folder::write(&folder.store_key(), &*store_key)?;
        folder::write(&folder.identity_seed(), &*keys.identity)?;
        folder::write(&folder.trust(), &self.vault.trust_file())?;
        folder::write(&folder.directory(), &self.directory.document().encode_to_vec())
    }
}

fn draw_keys() -> Result<AgentKeys, NetworkFault> {
    let mut identity = Zeroizing::new([0; 32]);
    rng().fill_bytes(&mut *identity);
    Ok(AgentKeys { identity, tls: TlsKey::generate()? })
}

/// A request as a machine makes it, read as an administration reads it.
fn request(identity: Option<&dyn Signer>, tls: &TlsKey) -> Result<Request, NetworkFault> {
    Ok(tls_key::verify_request(&tls_key::request(identity, tls, now())?)?)
}

/// The same request and approval as in a network that is kept, without the files between them.
fn approved(
    before: &Roster,
    authority: &Authority,
    player: &Player,
    keys: &AgentKeys,
) -> Result<(Roster, IssuedLeaf), NetworkFault> {
    let request = request(Some(&SigningKey::from_bytes(&keys.identity)), &keys.tls)?;
    let approval = Approval {
        id: player.id.clone(),
        name: Some(player.office.clone()),
        body: Some(player.body.clone()),
        kind: Some(player.kind),
        ambito: Some(player.ambito.clone()),
        phone: Some(player.phone.clone()),
        capabilities: Some(player.capabilities.clone()),
    };
    let approved = enrolment::approve(before, authority, &request, approval, now(), &mut rng());
    approved.map(|(draft, leaf)| (draft.roster, leaf)).map_err(NetworkFault::Refused)
}

#[cfg(test)]
mod tests;
