//! A signed version, taken back as what a network consists of: where an admin's draft starts after another has signed.
//!
//! Not here: the other way (`Roster::body`), comparing the two (`review`).

use raccordo_proto::directory::InvitationEntry;
use raccordo_proto::ids::{AgencyId, AgentId, Digest, EquipeId, GatewayId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Timestamp, wire};

use super::{Equipe, Machine, Office, Policy, Programme, Relay, Roster, Territory};

impl Roster {
    /// What this body says; `None` when it says anything that this version would not write.
    pub fn of(body: &wire::Body) -> Option<Self> {
        let roster = Self {
            offices: body.agencies.iter().map(office).collect::<Option<_>>()?,
            equipes: body.equipes.iter().map(equipe).collect::<Option<_>>()?,
            programmes: body.programmes.iter().map(programme).collect::<Option<_>>()?,
            territories: body.territories.iter().map(territory).collect(),
            gateways: body.gateways.iter().map(relay).collect::<Option<_>>()?,
            policy: body.policy.as_ref().map_or_else(|| Some(Policy::default()), policy)?,
            invitations: body.invitations.iter().map(invitation).collect::<Option<_>>()?,
        };
        Some(roster).filter(|roster| roster.body() == *body)
    }
}

fn agency(id: &str) -> Option<AgencyId> {
    AgencyId::parse(id).ok()
}

fn hashes(hashes: &[bytes::Bytes]) -> Option<Vec<[u8; 32]>> {
    hashes.iter().map(|hash| hash[..].try_into().ok()).collect()
}

fn office(office: &wire::Agency) -> Option<Office> {
    Some(Office {
        id: agency(&office.id)?,
        office: office.office.clone(),
        body: office.body.clone(),
        kind: wire::AgencyKind::try_from(office.kind).ok()?,
        ambito: office.ambito.clone(),
        phone: office.phone.clone(),
        capabilities: office.capabilities.iter().map(|one| wire::Capability::try_from(*one).ok()).collect::<Option<_>>()?,
        state: wire::State::try_from(office.state).ok()?,
        machines: office.agents.iter().map(machine).collect::<Option<_>>()?,
    })
}

fn invitation(invitation: &wire::Invitation) -> Option<InvitationEntry> {
    let code_hash = Digest::parse(&invitation.code_hash).ok()?;
    Some(InvitationEntry { agency: agency(&invitation.agency)?, code_hash, until: Timestamp::from_millis(invitation.until) })
}

fn machine(agent: &wire::Agent) -> Option<Machine> {
    Some(Machine {
        id: AgentId::parse(&agent.id).ok()?,
        ik: PublicKey::parse(&agent.ik).ok()?,
        spki_sha256: hashes(&agent.spki_sha256)?,
        state: wire::State::try_from(agent.state).ok()?,
        from: Timestamp::from_millis(agent.from),
        until: Timestamp::from_millis(agent.until),
        revoked_at: (agent.revoked_at != 0).then(|| Timestamp::from_millis(agent.revoked_at)),
    })
}

fn equipe(equipe: &wire::Equipe) -> Option<Equipe> {
    let role = |role: i32| wire::EquipeRole::try_from(role).ok();
    let member = |member: &wire::EquipeMember| Some((agency(&member.agency)?, role(member.role)?));
    Some(Equipe {
        id: EquipeId::parse(&equipe.id).ok()?,
        ambito: equipe.ambito.clone(),
        members: equipe.members.iter().map(member).collect::<Option<_>>()?,
        required_signatures: equipe.required_signatures.iter().map(|one| role(*one)).collect::<Option<_>>()?,
    })
}

fn programme(programme: &wire::Programme) -> Option<Programme> {
    Some(Programme {
        id: programme.id.clone(),
        title: programme.title.clone(),
        from: Timestamp::from_millis(programme.from),
        until: Timestamp::from_millis(programme.until),
        capofila: agency(&programme.capofila)?,
        agencies: programme.agencies.iter().map(|id| agency(id)).collect::<Option<_>>()?,
    })
}

fn territory(place: &wire::Territory) -> Territory {
    Territory { istat: place.istat.clone(), ambito: place.ambito.clone() }
}

fn relay(gateway: &wire::Gateway) -> Option<Relay> {
    Some(Relay {
        id: GatewayId::parse(&gateway.id).ok()?,
        endpoints: gateway.endpoints.clone(),
        spki_sha256: hashes(&gateway.spki_sha256)?,
    })
}

fn policy(policy: &wire::Policy) -> Option<Policy> {
    Some(Policy {
        restrict_pairs: policy.restrict_pairs,
        pairs: policy.pairs.iter().map(|pair| Some((agency(&pair.a)?, agency(&pair.b)?))).collect::<Option<_>>()?,
        frames_per_minute: policy.frames_per_minute,
        bytes_per_day: policy.bytes_per_day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    #[test]
    fn what_was_signed_comes_back_as_it_was() {
        let mut roster = document::read(document::tests::NETWORK).expect("good").roster;
        roster.offices[0].machines.push(document::tests::machine());
        let body = roster.body();
        assert_eq!(Roster::of(&body).map(|again| again.body()), Some(body.clone()));
        let mut odd = body;
        odd.agencies[0].kind = 99;
        assert!(Roster::of(&odd).is_none());
    }
}
