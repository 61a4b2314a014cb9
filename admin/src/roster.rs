//! What a network consists of, described with types, and the next version of its signed directory made from it.
//!
//! A roster never hands out a document that the verifiers of the other side would refuse: it runs them on its own product.
//! Deliberately not here: the keys that sign (`vault`), certificates (`authority`), one-time codes (`enrolment`), peerings.

use core::time::Duration;

use bytes::Bytes;
use raccordo_proto::directory::update;
use raccordo_proto::directory::{Directory, DirectoryFault, InvitationEntry};
use raccordo_proto::ids::{AgencyId, AgentId, EquipeId, GatewayId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Timestamp, wire};

use crate::vault::Vault;

mod next;
mod signed;

pub use next::Next;

/// How long a directory lives unless said otherwise.
pub const DIRECTORY_LIFE: Duration = Duration::from_secs(180 * 86_400);

/// An office.
#[derive(Clone, Debug)]
pub struct Office {
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
    /// Its phone, for the people of other offices; empty when none was told.
    pub phone: String,
    /// Whether it takes part.
    pub state: wire::State,
    /// Its machines.
    pub machines: Vec<Machine>,
}

/// A machine of an office.
#[derive(Clone, Debug)]
pub struct Machine {
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
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Office {
    /// Whether the keys of one of its machines are out for ever.
    pub fn has_revoked(&self, machine: &Machine) -> bool {
        keys_are_out(self.state, machine.state, machine.revoked_at.is_some())
    }
}

/// Whether a machine's keys are out for ever: it was revoked, or its office was.
pub(crate) fn keys_are_out(office: wire::State, machine: wire::State, revoked: bool) -> bool {
    let is_out = |state| matches!(state, wire::State::Revoked | wire::State::Banned);
    revoked || is_out(machine) || is_out(office)
}

/// An équipe territoriale.
#[derive(Clone, Debug)]
pub struct Equipe {
    /// Its id.
    pub id: EquipeId,
    /// The ambito that it serves.
    pub ambito: String,
    /// Its offices and their roles.
    pub members: Vec<(AgencyId, wire::EquipeRole)>,
    /// Roles that must sign.
    pub required_signatures: Vec<wire::EquipeRole>,
}

/// A programme.
#[derive(Clone, Debug)]
pub struct Programme {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// First instant.
    pub from: Timestamp,
    /// Last instant.
    pub until: Timestamp,
    /// The office that leads it.
    pub capofila: AgencyId,
    /// Offices that take part beside the équipes.
    pub agencies: Vec<AgencyId>,
}

/// A municipality, and the ambito that it belongs to.
#[derive(Clone, Debug)]
pub struct Territory {
    /// ISTAT code, six digits.
    pub istat: String,
    /// Its ambito.
    pub ambito: String,
}

/// A gateway.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its id.
    pub id: GatewayId,
    /// host:port.
    pub endpoints: Vec<String>,
    /// SHA-256 of its TLS keys' SubjectPublicKeyInfo.
    pub spki_sha256: Vec<[u8; 32]>,
}

/// Who may write to whom, and how much.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Same équipe, same programme or listed pair only; else any pair.
    pub restrict_pairs: bool,
    /// Pairs allowed beside équipes and programmes.
    pub pairs: Vec<(AgencyId, AgencyId)>,
    /// Frames per agent and minute; zero means the default.
    pub frames_per_minute: u32,
    /// Bytes per agent and day; zero means the default.
    pub bytes_per_day: u64,
}

/// When a version is signed and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// Signed at.
    pub issued: Timestamp,
    /// Last instant.
    pub expires: Timestamp,
}

impl Dates {
    /// From now, for [`DIRECTORY_LIFE`].
    pub fn from_now(now: Timestamp) -> Self {
        Self { issued: now, expires: now.plus(DIRECTORY_LIFE) }
    }
}

/// What a network consists of.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Offices.
    pub offices: Vec<Office>,
    /// Équipes.
    pub equipes: Vec<Equipe>,
    /// Programmes.
    pub programmes: Vec<Programme>,
    /// Municipalities.
    pub territories: Vec<Territory>,
    /// Gateways.
    pub gateways: Vec<Relay>,
    /// Who may write to whom.
    pub policy: Policy,
    /// Who may deposit a request at a gateway; one per office.
    pub invitations: Vec<InvitationEntry>,
}

impl Roster {
    /// One office, to be changed.
    pub fn office_mut(&mut self, id: &AgencyId) -> Option<&mut Office> {
        self.offices.iter_mut().find(|office| office.id == *id)
    }

    /// Revokes an office's machines: their keys stop counting with the version that says so.
    pub fn revoke(&mut self, id: &AgencyId, at: Timestamp) {
        let Some(office) = self.offices.iter_mut().find(|office| office.id == *id) else { return };
        office.state = wire::State::Revoked;
        for machine in &mut office.machines {
            machine.state = wire::State::Revoked;
            machine.revoked_at = Some(at);
        }
    }

    /// Signs the next version (the first, without `previous`) and verifies it as every other machine will at `now`.
    pub fn publish(
        &self,
        vault: &Vault,
        previous: Option<&Directory>,
        dates: Dates,
        now: Timestamp,
    ) -> Result<Directory, DirectoryFault> {
        let next = Next { network: vault.network(), previous, signers: vault.signers().clone(), supersedes: Vec::new(), dates };
        let mut document = next.document(&self.body());
        document.signatures = vault.sign(&document.head);
        update::verify(&[], &document, &vault.trust(), previous, now)
    }

    /// What would be signed.
    pub(crate) fn body(&self) -> wire::Body {
        wire::Body {
            agencies: self.offices.iter().map(office).collect(),
            equipes: self.equipes.iter().map(equipe).collect(),
            programmes: self.programmes.iter().map(programme).collect(),
            territories: self.territories.iter().map(territory).collect(),
            gateways: self.gateways.iter().map(relay).collect(),
            revocations: self.offices.iter().flat_map(revocations).collect(),
            policy: Some(policy(&self.policy)),
            invitations: self.invitations.iter().map(invitation).collect(),
            peerings: Vec::new(),
        }
    }
}

fn office(office: &Office) -> wire::Agency {
    wire::Agency {
        id: office.id.as_str().to_owned(),
        office: office.office.clone(),
        body: office.body.clone(),
        kind: office.kind.into(),
        ambito: office.ambito.clone(),
        capabilities: office.capabilities.iter().map(|capability| (*capability).into()).collect(),
        state: office.state.into(),
        agents: office.machines.iter().map(machine).collect(),
        card_hash: Bytes::new(),
        phone: office.phone.clone(),
    }
}

/// An office's keys that no longer count.
fn revocations(office: &Office) -> impl Iterator<Item = wire::Revocation> {
    office.machines.iter().filter(|machine| office.has_revoked(machine)).map(|machine| wire::Revocation {
        agency: office.id.as_str().to_owned(),
        agent: machine.id.as_str().to_owned(),
        ik: Bytes::copy_from_slice(machine.ik.as_bytes()),
        at: machine.revoked_at.unwrap_or_default().as_millis(),
    })
}

fn machine(machine: &Machine) -> wire::Agent {
    wire::Agent {
        id: machine.id.as_str().to_owned(),
        ik: Bytes::copy_from_slice(machine.ik.as_bytes()),
        spki_sha256: hashes(&machine.spki_sha256),
        state: machine.state.into(),
        from: machine.from.as_millis(),
        until: machine.until.as_millis(),
        revoked_at: machine.revoked_at.unwrap_or_default().as_millis(),
    }
}

fn equipe(equipe: &Equipe) -> wire::Equipe {
    let member = |(agency, role): &(AgencyId, wire::EquipeRole)| wire::EquipeMember {
        agency: agency.as_str().to_owned(),
        role: (*role).into(),
    };
    wire::Equipe {
        id: equipe.id.as_str().to_owned(),
        ambito: equipe.ambito.clone(),
        members: equipe.members.iter().map(member).collect(),
        required_signatures: equipe.required_signatures.iter().map(|role| (*role).into()).collect(),
    }
}

fn programme(programme: &Programme) -> wire::Programme {
    wire::Programme {
        id: programme.id.clone(),
        title: programme.title.clone(),
        from: programme.from.as_millis(),
        until: programme.until.as_millis(),
        capofila: programme.capofila.as_str().to_owned(),
        agencies: programme.agencies.iter().map(|agency| agency.as_str().to_owned()).collect(),
    }
}

fn territory(territory: &Territory) -> wire::Territory {
    wire::Territory { istat: territory.istat.clone(), ambito: territory.ambito.clone() }
}

fn relay(relay: &Relay) -> wire::Gateway {
    wire::Gateway {
        id: relay.id.as_str().to_owned(),
        endpoints: relay.endpoints.clone(),
        spki_sha256: hashes(&relay.spki_sha256),
    }
}

fn invitation(invitation: &InvitationEntry) -> wire::Invitation {
    wire::Invitation {
        agency: invitation.agency.as_str().to_owned(),
        code_hash: Bytes::copy_from_slice(invitation.code_hash.as_bytes()),
        until: invitation.until.as_millis(),
    }
}

fn policy(policy: &Policy) -> wire::Policy {
    let pair = |(a, b): &(AgencyId, AgencyId)| wire::Pair { a: a.as_str().to_owned(), b: b.as_str().to_owned() };
    wire::Policy {
        restrict_pairs: policy.restrict_pairs,
        pairs: policy.pairs.iter().map(pair).collect(),
        frames_per_minute: policy.frames_per_minute,
        bytes_per_day: policy.bytes_per_day,
    }
}

fn hashes(hashes: &[[u8; 32]]) -> Vec<Bytes> {
    hashes.iter().map(|hash| Bytes::copy_from_slice(hash)).collect()
}

#[cfg(test)]
mod tests;
