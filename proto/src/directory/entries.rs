//! The body of a directory, read once into types, with the rules that hold inside it (D-13). Not here: signatures, dates
//! and versions (`update`).

use std::collections::{BTreeMap, BTreeSet};

use super::DirectoryFault;
use crate::code::Code;
use crate::ids::{AgencyId, AgentId, ComuneId, Digest, EquipeId, GatewayId};
use crate::limits::{AGENCIES_MAX, EQUIPE_MEMBERS_MAX, INVITATIONS_MAX, PHONE_CHARS_MAX, SPKI_MAX, TERRITORIES_MAX};
use crate::sign::PublicKey;
use crate::time::Timestamp;
use crate::wire;

/// An office.
#[derive(Clone, Debug)]
pub struct AgencyEntry {
    /// Its id.
    pub id: AgencyId,
    /// Its name as people say it.
    pub office: String,
    /// Its legal person.
    pub body: String,
    /// What kind of office it is.
    pub kind: wire::AgencyKind,
    /// Its ambito; empty when it has none.
    pub ambito: String,
    /// What it may do or receive.
    pub capabilities: Vec<wire::Capability>,
    /// Whether it takes part.
    pub state: wire::State,
    /// Its phone, for the people of other offices; empty when none was told.
    pub phone: String,
    /// Its machines.
    pub agents: Vec<AgentEntry>,
}

impl AgencyEntry {
    /// The machine whose keys count, whatever the day.
    pub fn active_agent(&self) -> Option<&AgentEntry> {
        self.agents.iter().find(|agent| agent.state == wire::State::Active)
    }

    /// Why it has no machine that counts: what was done to the last one of those it had.
    pub(super) fn why_without_agent(&self) -> Code {
        self.agents.last().and_then(|agent| super::machine_code(agent.state).err()).unwrap_or(Code::UnknownRecipient)
    }

    /// Whether it may do or receive this.
    pub fn can(&self, capability: wire::Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// A machine of an office.
#[derive(Clone, Debug)]
pub struct AgentEntry {
    /// Its id.
    pub id: AgentId,
    /// Its identity key.
    pub ik: PublicKey,
    /// SHA-256 of its TLS keys' SubjectPublicKeyInfo.
    pub spki_sha256: Vec<[u8; 32]>,
    /// Whether it takes part.
    pub state: wire::State,
    /// First instant.
    pub from: Timestamp,
    /// Last instant.
    pub until: Timestamp,
}

/// An équipe territoriale.
#[derive(Clone, Debug)]
pub struct EquipeEntry {
    /// Its id.
    pub id: EquipeId,
    /// The ambito that it serves.
    pub ambito: String,
    /// Its offices and their roles.
    pub members: Vec<(AgencyId, wire::EquipeRole)>,
}

impl EquipeEntry {
    /// Whether an office is a member.
    pub fn has(&self, agency: &AgencyId) -> bool {
        self.members.iter().any(|(member, _)| member == agency)
    }
}

/// A gateway.
#[derive(Clone, Debug)]
pub struct GatewayEntry {
    /// Its id.
    pub id: GatewayId,
    /// host:port.
    pub endpoints: Vec<String>,
    /// SHA-256 of its TLS keys' SubjectPublicKeyInfo.
    pub spki_sha256: Vec<[u8; 32]>,
}

pub(super) struct Entries {
    pub agencies: BTreeMap<AgencyId, AgencyEntry>,
    pub equipes: BTreeMap<EquipeId, EquipeEntry>,
    pub gateways: BTreeMap<GatewayId, GatewayEntry>,
    /// Each municipality's ambito.
    pub territories: BTreeMap<ComuneId, String>,
    pub invitations: BTreeMap<Digest, InvitationEntry>,
}

/// An invitation to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationEntry {
    /// The office that may deposit a request.
    pub agency: AgencyId,
    /// SHA-256 of the token of its one-time code.
    pub code_hash: Digest,
    /// Its last instant.
    pub until: Timestamp,
}

/// Keys may stand in one place only: a key in two places would let one machine speak as two.
#[derive(Default)]
struct Once {
    iks: BTreeSet<[u8; 32]>,
    spkis: BTreeSet<[u8; 32]>,
}

pub(super) fn read(body: &wire::Body) -> Result<Entries, DirectoryFault> {
    if body.agencies.len() > AGENCIES_MAX {
        return Err(DirectoryFault::Inconsistent("too many agencies"));
    }
    let mut once = Once::default();
    let mut agencies = BTreeMap::new();
    for agency in &body.agencies {
        let entry = read_agency(agency, &mut once)?;
        if agencies.insert(entry.id.clone(), entry).is_some() {
            return Err(DirectoryFault::Inconsistent("an agency stands twice"));
        }
    }
    let mut gateways = BTreeMap::new();
    for gateway in &body.gateways {
        let entry = read_gateway(gateway, &mut once)?;
        if gateways.insert(entry.id.clone(), entry).is_some() {
            return Err(DirectoryFault::Inconsistent("a gateway stands twice"));
        }
    }
    let equipes = read_equipes(body, &agencies)?;
    no_capofila_in_an_equipe(body, &equipes)?;
    let invitations = read_invitations(body, &agencies)?;
    Ok(Entries { agencies, equipes, gateways, territories: read_territories(body)?, invitations })
}

fn read_invitations(
    body: &wire::Body,
    agencies: &BTreeMap<AgencyId, AgencyEntry>,
) -> Result<BTreeMap<Digest, InvitationEntry>, DirectoryFault> {
    if body.invitations.len() > INVITATIONS_MAX {
        return Err(DirectoryFault::Inconsistent("too many invitations"));
    }
    let (mut invitations, mut invited) = (BTreeMap::new(), BTreeSet::new());
    for invitation in &body.invitations {
        let agency = AgencyId::parse(&invitation.agency).ok().filter(|agency| agencies.contains_key(agency));
        let agency = agency.ok_or(DirectoryFault::Inconsistent("an invitation of nobody"))?;
        let code_hash = Digest::parse(&invitation.code_hash).map_err(|_| DirectoryFault::Inconsistent("a code's hash"))?;
        let entry = InvitationEntry { agency, code_hash, until: Timestamp::from_millis(invitation.until) };
        if !invited.insert(entry.agency.clone()) || invitations.insert(code_hash, entry).is_some() {
            return Err(DirectoryFault::Inconsistent("an invitation stands twice"));
        }
    }
    Ok(invitations)
}

fn read_agency(agency: &wire::Agency, once: &mut Once) -> Result<AgencyEntry, DirectoryFault> {
    let agents = agency.agents.iter().map(|agent| read_agent(agent, once)).collect::<Result<Vec<_>, _>>()?;
    if agents.iter().filter(|agent| agent.state == wire::State::Active).count() > 1 {
        return Err(DirectoryFault::Inconsistent("two active agents of one agency"));
    }
    if !agency.phone.is_empty() && !is_phone(&agency.phone) {
        return Err(DirectoryFault::Inconsistent("an office's phone"));
    }
    Ok(AgencyEntry {
        id: AgencyId::parse(&agency.id).map_err(|_| DirectoryFault::Inconsistent("an agency id"))?,
        office: agency.office.clone(),
        body: agency.body.clone(),
        kind: agency.kind(),
        ambito: agency.ambito.clone(),
        capabilities: agency.capabilities().collect(),
        state: agency.state(),
        phone: agency.phone.clone(),
        agents,
    })
}

/// Whether a text is a phone: it is read aloud by people, and stands in sentences.
pub fn is_phone(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || " +-./()".contains(c);
    text.len() <= PHONE_CHARS_MAX && text.chars().all(is_part) && text.contains(|c: char| c.is_ascii_digit())
}

fn read_agent(agent: &wire::Agent, once: &mut Once) -> Result<AgentEntry, DirectoryFault> {
    let ik = PublicKey::parse(&agent.ik).map_err(|_| DirectoryFault::Inconsistent("an identity key"))?;
    if !once.iks.insert(*ik.as_bytes()) {
        return Err(DirectoryFault::Inconsistent("an identity key stands twice"));
    }
    Ok(AgentEntry {
        id: AgentId::parse(&agent.id).map_err(|_| DirectoryFault::Inconsistent("an agent id"))?,
        ik,
        spki_sha256: read_spkis(&agent.spki_sha256, once)?,
        state: agent.state(),
        from: Timestamp::from_millis(agent.from),
        until: Timestamp::from_millis(agent.until),
    })
}

fn read_gateway(gateway: &wire::Gateway, once: &mut Once) -> Result<GatewayEntry, DirectoryFault> {
    Ok(GatewayEntry {
        id: GatewayId::parse(&gateway.id).map_err(|_| DirectoryFault::Inconsistent("a gateway id"))?,
        endpoints: gateway.endpoints.clone(),
        spki_sha256: read_spkis(&gateway.spki_sha256, once)?,
    })
}

fn read_spkis(spkis: &[bytes::Bytes], once: &mut Once) -> Result<Vec<[u8; 32]>, DirectoryFault> {
    if spkis.len() > SPKI_MAX {
        return Err(DirectoryFault::Inconsistent("too many TLS keys"));
    }
    let mut read = Vec::with_capacity(spkis.len());
    for spki in spkis {
        let spki: [u8; 32] = spki[..].try_into().map_err(|_| DirectoryFault::Inconsistent("a TLS key"))?;
        if !once.spkis.insert(spki) {
            return Err(DirectoryFault::Inconsistent("a TLS key stands twice"));
        }
        read.push(spki);
    }
    Ok(read)
}

fn read_equipes(
    body: &wire::Body,
    agencies: &BTreeMap<AgencyId, AgencyEntry>,
) -> Result<BTreeMap<EquipeId, EquipeEntry>, DirectoryFault> {
    let mut equipes = BTreeMap::new();
    for equipe in &body.equipes {
        let id = EquipeId::parse(&equipe.id).map_err(|_| DirectoryFault::Inconsistent("an équipe id"))?;
        if equipe.members.len() > EQUIPE_MEMBERS_MAX {
            return Err(DirectoryFault::Inconsistent("too many members of an équipe"));
        }
        let mut members = Vec::with_capacity(equipe.members.len());
        for member in &equipe.members {
            let agency = AgencyId::parse(&member.agency).map_err(|_| DirectoryFault::Inconsistent("a member's id"))?;
            let known = agencies.contains_key(&agency) && !members.iter().any(|(other, _)| *other == agency);
            if !known {
                return Err(DirectoryFault::Inconsistent("a member of an équipe"));
            }
            members.push((agency, member.role()));
        }
        let entry = EquipeEntry { id: id.clone(), ambito: equipe.ambito.clone(), members };
        if equipes.insert(id, entry).is_some() {
            return Err(DirectoryFault::Inconsistent("an équipe stands twice"));
        }
    }
    Ok(equipes)
}

fn read_territories(body: &wire::Body) -> Result<BTreeMap<ComuneId, String>, DirectoryFault> {
    if body.territories.len() > TERRITORIES_MAX {
        return Err(DirectoryFault::Inconsistent("too many municipalities"));
    }
    let mut territories = BTreeMap::new();
    for territory in &body.territories {
        let comune = ComuneId::parse(&territory.istat).map_err(|_| DirectoryFault::Inconsistent("an ISTAT code"))?;
        if territory.ambito.is_empty() {
            return Err(DirectoryFault::Inconsistent("a municipality without an ambito"));
        }
        if territories.insert(comune, territory.ambito.clone()).is_some() {
            return Err(DirectoryFault::Inconsistent("a municipality stands twice"));
        }
    }
    Ok(territories)
}

/// The office that validates expenses cannot be the one that knows the name.
fn no_capofila_in_an_equipe(body: &wire::Body, equipes: &BTreeMap<EquipeId, EquipeEntry>) -> Result<(), DirectoryFault> {
    let is_member = |capofila: &str| equipes.values().any(|e| e.members.iter().any(|(member, _)| member.as_str() == capofila));
    if body.programmes.iter().any(|programme| is_member(&programme.capofila)) {
        return Err(DirectoryFault::Inconsistent("an office is capofila and member of an équipe"));
    }
    Ok(())
}
