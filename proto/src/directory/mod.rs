//! The network's directory: who is in it, with which keys, and who may write to whom. Held whole by everybody, signed by
//! the admins, never by a gateway.
//!
//! A [`Directory`] exists only by [`update::verify`], or [`Directory::trusted_before`] from one's own journal. Not here:
//! building and signing one (`raccordo-admin`), refuges, addresses, operators' names, micro-équipes.

pub mod changes;
pub mod confirm;
mod entries;
pub mod keycard;
pub mod proposal;
pub mod update;

pub use entries::{AgencyEntry, AgentEntry, EquipeEntry, GatewayEntry, InvitationEntry, is_phone};

use std::collections::BTreeMap;

use prost::Message as _;

use crate::code::Code;
use crate::ids::{AgencyId, ComuneId, Digest, EquipeId, GatewayId, NetworkId};
use crate::time::Timestamp;
use crate::wire;

/// Which rule a document breaks. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryFault {
    /// D-01.
    #[error("D-01: the document or its head is larger than allowed")]
    Size,
    /// D-02.
    #[error("D-02: the document is not readable")]
    Unreadable,
    /// D-03.
    #[error("D-03: fewer distinct admin keys have signed than the threshold asks")]
    Signatures,
    /// D-04.
    #[error("D-04: the admins' keys have changed, and not by one step that the old and the new ones signed")]
    RootChanged,
    /// D-05.
    #[error("D-05: the document is of another network")]
    Network,
    /// D-06.
    #[error("D-06: the document is not newer than the one trusted")]
    Version,
    /// D-07.
    #[error("D-07: same version, other head: two documents were signed")]
    Equivocation,
    /// D-15.
    #[error("D-15: two documents of the installed version were signed, and what follows the other does not supersede this one")]
    Forked,
    /// D-08.
    #[error("D-08: the heads do not lead from the trusted one to this one")]
    Chain,
    /// D-09.
    #[error("D-09: the document is issued before the trusted one, or in the future")]
    Issued,
    /// D-10.
    #[error("D-10: the document lives longer than allowed, or not at all")]
    Expires,
    /// D-11.
    #[error("D-11: the body is not the one that was signed")]
    BodyHash,
    /// D-12.
    #[error("D-12: the document speaks another version of the format")]
    Spec,
    /// D-13.
    #[error("D-13: an id, a key or a limit of the body is not as written: {0}")]
    Inconsistent(&'static str),
}

impl DirectoryFault {
    /// The code under which it is counted.
    pub fn code(self) -> Code {
        match self {
            Self::Size => Code::TooLarge,
            Self::Unreadable => Code::Malformed,
            Self::Signatures => Code::Signature,
            Self::RootChanged | Self::Spec => Code::Version,
            Self::Version | Self::Issued | Self::Expires => Code::DirectoryStale,
            Self::Equivocation | Self::Forked => Code::Equivocation,
            Self::Network | Self::Chain | Self::BodyHash | Self::Inconsistent(_) => Code::Inconsistent,
        }
    }
}

/// A verified directory.
pub struct Directory {
    document: wire::SignedDirectory,
    head: wire::Head,
    head_hash: Digest,
    network: NetworkId,
    agencies: BTreeMap<AgencyId, AgencyEntry>,
    equipes: BTreeMap<EquipeId, EquipeEntry>,
    gateways: BTreeMap<GatewayId, GatewayEntry>,
    territories: BTreeMap<ComuneId, String>,
    invitations: BTreeMap<Digest, InvitationEntry>,
    programmes: Vec<wire::Programme>,
    policy: wire::Policy,
}

impl PartialEq for Directory {
    fn eq(&self, other: &Self) -> bool {
        self.head_hash == other.head_hash
    }
}

impl core::fmt::Debug for Directory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Directory v{}", self.version())
    }
}

impl Directory {
    /// Reads a document that this machine verified and made durable before. No signature is checked: never call it on
    /// anything that came from outside.
    pub fn trusted_before(document: &wire::SignedDirectory) -> Result<Self, DirectoryFault> {
        Self::parse(document)
    }

    fn parse(document: &wire::SignedDirectory) -> Result<Self, DirectoryFault> {
        let head = wire::Head::decode(document.head.clone()).map_err(|_| DirectoryFault::Unreadable)?;
        let body = wire::Body::decode(document.body.clone()).map_err(|_| DirectoryFault::Unreadable)?;
        let network = NetworkId::parse(&head.network).map_err(|_| DirectoryFault::Unreadable)?;
        let entries = entries::read(&body)?;
        Ok(Self {
            head_hash: Digest::of(&document.head),
            document: document.clone(),
            head,
            network,
            agencies: entries.agencies,
            equipes: entries.equipes,
            gateways: entries.gateways,
            territories: entries.territories,
            invitations: entries.invitations,
            programmes: body.programmes,
            policy: body.policy.unwrap_or_default(),
        })
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.head.version
    }

    /// SHA-256 of its head.
    pub fn head_hash(&self) -> Digest {
        self.head_hash
    }

    /// Its network.
    pub fn network(&self) -> &NetworkId {
        &self.network
    }

    /// SHA-256 of the head before it; empty in the first version.
    pub fn previous_head(&self) -> &[u8] {
        &self.head.previous_head
    }

    /// How often the admins' keys, their threshold or the CA's roots have changed.
    pub fn root_version(&self) -> u64 {
        self.head.root_version
    }

    /// Who may sign, confirm and issue certificates.
    pub fn root(&self) -> wire::Root {
        self.head.root.clone().unwrap_or_default()
    }

    /// Who may sign the next version.
    pub fn signers(&self) -> update::Signers {
        update::Signers { version: self.root_version(), root: self.root() }
    }

    /// When it was signed.
    pub fn issued(&self) -> Timestamp {
        Timestamp::from_millis(self.head.issued)
    }

    /// When it ends.
    pub fn expires(&self) -> Timestamp {
        Timestamp::from_millis(self.head.expires)
    }

    /// Whether it has ended: segnalazioni and parti riservate wait then, everything else goes on (D-14).
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now > self.expires()
    }

    /// The document, as signed.
    pub fn document(&self) -> &wire::SignedDirectory {
        &self.document
    }

    /// SHA-256 of the SubjectPublicKeyInfo of each CA root.
    pub fn x509_roots(&self) -> impl Iterator<Item = &[u8]> {
        self.head.root.iter().flat_map(|root| root.x509_roots.iter().map(|hash| &hash[..]))
    }

    /// Every office.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencyEntry> {
        self.agencies.values()
    }

    /// One office.
    pub fn agency(&self, id: &AgencyId) -> Option<&AgencyEntry> {
        self.agencies.get(id)
    }

    /// An équipe.
    pub fn equipe(&self, id: &EquipeId) -> Option<&EquipeEntry> {
        self.equipes.get(id)
    }

    /// The équipes that serve an ambito: one, in a network that was reviewed.
    pub fn equipes_of(&self, ambito: &str) -> impl Iterator<Item = &EquipeEntry> {
        self.equipes.values().filter(move |equipe| equipe.ambito == ambito)
    }

    /// A municipality's ambito.
    pub fn ambito_of(&self, comune: ComuneId) -> Option<&str> {
        self.territories.get(&comune).map(String::as_str)
    }

    /// A programme.
    pub fn programme(&self, id: &str) -> Option<&wire::Programme> {
        self.programmes.iter().find(|programme| programme.id == id)
    }

    /// Every gateway.
    pub fn gateways(&self) -> impl Iterator<Item = &GatewayEntry> {
        self.gateways.values()
    }

    /// A gateway.
    pub fn gateway(&self, id: &GatewayId) -> Option<&GatewayEntry> {
        self.gateways.get(id)
    }

    /// Its body, as it was signed.
    pub fn body(&self) -> wire::Body {
        // It was read when the directory was.
        wire::Body::decode(self.document.body.clone()).unwrap_or_default()
    }

    /// The invitation whose code's token has this hash.
    pub fn invitation(&self, code_hash: Digest) -> Option<&InvitationEntry> {
        self.invitations.get(&code_hash)
    }

    /// The limits and pairs of the network.
    pub fn policy(&self) -> &wire::Policy {
        &self.policy
    }

    /// The agent whose keys count for `id` now, or the code that says why there is none.
    pub fn active_agent(&self, id: &AgencyId, now: Timestamp) -> Result<&AgentEntry, Code> {
        let agency = self.agencies.get(id).ok_or(Code::UnknownRecipient)?;
        match agency.state {
            wire::State::NotConnected => return Err(agency.why_without_agent()),
            state => state_code(state)?,
        }
        let agent = agency.active_agent().ok_or_else(|| agency.why_without_agent())?;
        if now < agent.from || now > agent.until { Err(Code::NotAllowed) } else { Ok(agent) }
    }

    /// Whether the policy lets `a` write to `b`, and so `b`'s receipts back: same équipe, same programme or listed pair;
    /// by default any pair.
    pub fn may_write(&self, a: &AgencyId, b: &AgencyId) -> bool {
        a != b && (!self.policy.restrict_pairs || self.share_equipe(a, b) || self.share_programme(a, b) || self.is_listed(a, b))
    }

    fn share_equipe(&self, a: &AgencyId, b: &AgencyId) -> bool {
        self.equipes.values().any(|equipe| equipe.has(a) && equipe.has(b))
    }

    fn share_programme(&self, a: &AgencyId, b: &AgencyId) -> bool {
        let takes_part = |programme: &wire::Programme, id: &AgencyId| {
            programme.capofila == id.as_str() || programme.agencies.iter().any(|agency| agency == id.as_str())
        };
        self.programmes.iter().any(|programme| takes_part(programme, a) && takes_part(programme, b))
    }

    fn is_listed(&self, a: &AgencyId, b: &AgencyId) -> bool {
        let (a, b) = (a.as_str(), b.as_str());
        self.policy.pairs.iter().any(|pair| (pair.a == a && pair.b == b) || (pair.a == b && pair.b == a))
    }
}

/// Why a machine in this state takes no part: its keys are out, and its office may enrol again.
pub fn machine_code(state: wire::State) -> Result<(), Code> {
    if state == wire::State::Revoked { Err(Code::AgencyEvicted) } else { state_code(state) }
}

/// Why an agency in this state takes no part; `Ok` when it does.
pub fn state_code(state: wire::State) -> Result<(), Code> {
    match state {
        wire::State::Active => Ok(()),
        wire::State::Suspended => Err(Code::AgencySuspended),
        wire::State::Revoked => Err(Code::AgencyRevoked),
        wire::State::Banned => Err(Code::AgencyBanned),
        wire::State::NotConnected | wire::State::Unspecified => Err(Code::UnknownRecipient),
    }
}
