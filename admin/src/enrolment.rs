//! Requests answered: whose keys they are, the certificate, and the place in the network as it is wanted.
//!
//! Not here: verifying a request (`raccordo_machine::tls_key`), files, words over the phone (a person's), the file that answers (it needs a signed directory).

use core::time::Duration;

use raccordo_proto::directory::InvitationEntry;
use raccordo_proto::enrolment::{Applicant, Request};
use raccordo_proto::ids::{AgencyId, AgentId, Digest, GatewayId};
use raccordo_proto::limits::{INVITATION_LIFE, INVITATIONS_MAX, SKEW_MAX};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Endpoint, Timestamp, wire};
use rand_core::CryptoRng;

use crate::authority::{Authority, AuthorityFault, ISSUING_LIFE, IssuedLeaf};
use crate::draft::{self, Draft};
use crate::failure::{Exit, Failure};
use crate::names::{Named as _, usual_capabilities};
use crate::roster::{Machine, Office, Relay, Roster};

/// How long an identity key lives: two years.
pub const IDENTITY_LIFE: Duration = ISSUING_LIFE;

/// The machine of these keys: the one that there is, or one under the first id that is free, `a1` and so on.
fn machine_id(machines: &[Machine], ik: &PublicKey) -> AgentId {
    if let Some(known) = machines.iter().find(|machine| machine.ik == *ik) {
        return known.id.clone();
    }
    let mut ids = (1_u64..).map(|number| AgentId::parse(&format!("a{number}")).expect("a slug"));
    ids.find(|id| machines.iter().all(|machine| machine.id != *id)).expect("fewer machines than numbers")
}

/// What an administration says of an office that asks; what it leaves out stays as the draft has it.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Its id.
    pub id: AgencyId,
    /// Its name as people say it.
    pub name: Option<String>,
    /// Its legal person.
    pub body: Option<String>,
    /// What kind of office it is.
    pub kind: Option<wire::AgencyKind>,
    /// Its ambito.
    pub ambito: Option<String>,
    /// Its phone.
    pub phone: Option<String>,
    /// What it may do or receive.
    pub capabilities: Option<Vec<wire::Capability>>,
}

/// Gives an office the keys of its request, and its certificate.
pub fn approve(
    before: &Roster,
    authority: &Authority,
    request: &Request,
    approval: Approval,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<(Draft, IssuedLeaf), Failure> {
    let Applicant::Agent(ik) = request.applicant else { return Err(Failure::new(Exit::Usage, "REQUEST_OF_GATEWAY")) };
    let office = before.offices.iter().find(|office| office.id == approval.id);
    let machines = office.map_or(&[][..], |office| &office.machines);
    let machine = Machine {
        id: machine_id(machines, &ik),
        ik,
        spki_sha256: vec![request.spki_sha256()],
        state: machines.iter().find(|known| known.ik == ik).map_or(wire::State::Active, |known| known.state),
        from: now.minus(SKEW_MAX),
        until: now.plus(IDENTITY_LIFE),
        revoked_at: None,
    };
    of_nobody_else(before, &machine, &approval.id)?;
    let (id, agent) = (approval.id.clone(), machine.id.clone());
    let draft = draft::change(before, |roster| place(roster, approval, machine))?;
    let leaf = authority.issue_agent(&id, &agent, &request.tls_key, now, rng).map_err(not_issued)?;
    Ok((draft, leaf))
}

pub(crate) fn not_issued(fault: AuthorityFault) -> Failure {
    Failure::new(Exit::Refused, "NOT_ISSUED").with("fault", fault)
}

/// Keys that have a place already keep it: an id never changes. Keys that were revoked are out for ever, with whichever other
/// key they come back.
fn of_nobody_else(before: &Roster, machine: &Machine, id: &AgencyId) -> Result<(), Failure> {
    let same = |known: &&Machine| known.ik == machine.ik || known.spki_sha256.iter().any(|k| machine.spki_sha256.contains(k));
    for office in &before.offices {
        match office.machines.iter().find(same) {
            Some(known) if office.has_revoked(known) => {
                return Err(Failure::new(Exit::Refused, "KEYS_REVOKED").with("office", &office.id).with("machine", &known.id));
            }
            Some(_) if office.id != *id => {
                return Err(Failure::new(Exit::Refused, "KEYS_OF_ANOTHER").with("old", &office.id).with("new", id));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lets whoever has this code deposit a request for an office, in the place of whoever was invited for it before. An office
/// that the network does not know yet gets its place, not connected.
pub fn invite(before: &Roster, approval: Approval, code_hash: Digest, now: Timestamp) -> Result<Draft, Failure> {
    draft::change(before, |roster| {
        let office = office(roster, approval)?;
        if office.machines.iter().any(|known| known.state == wire::State::Active) {
            return Err(Failure::new(Exit::Refused, "MACHINE_THERE").with("office", &office.id));
        }
        let agency = office.id.clone();
        roster.invitations.retain(|invitation| invitation.agency != agency && now <= invitation.until);
        if roster.invitations.len() >= INVITATIONS_MAX {
            return Err(Failure::new(Exit::Refused, "INVITATIONS_FULL").with("max", INVITATIONS_MAX));
        }
        roster.invitations.push(InvitationEntry { agency, code_hash, until: now.plus(INVITATION_LIFE) });
        Ok(())
    })
}

/// Nobody is invited for an office any more.
pub fn uninvite(before: &Roster, id: &AgencyId, now: Timestamp) -> Result<Draft, Failure> {
    draft::change(before, |roster| {
        roster.invitations.retain(|invitation| invitation.agency != *id && now <= invitation.until);
        Ok(())
    })
}

fn place(roster: &mut Roster, approval: Approval, machine: Machine) -> Result<(), Failure> {
    let id = approval.id.clone();
    let office = office(roster, approval)?;
    let others = |known: &&Machine| known.state == wire::State::Active && known.ik != machine.ik;
    if office.machines.iter().any(|known| others(&known)) {
        return Err(Failure::new(Exit::Refused, "MACHINE_THERE").with("office", &id));
    }
    if office.state == wire::State::NotConnected {
        office.state = wire::State::Active;
    }
    if !office.machines.iter().any(|known| known.ik == machine.ik && known.spki_sha256 == machine.spki_sha256) {
        office.machines.retain(|known| known.ik != machine.ik);
        office.machines.push(machine);
    }
    roster.invitations.retain(|invitation| invitation.agency != id);
    Ok(())
}

/// The office, as the administration describes it: the one that is there, or a new one that is not connected.
fn office(roster: &mut Roster, approval: Approval) -> Result<&mut Office, Failure> {
    let Approval { id, name, body, kind, ambito, phone, capabilities } = approval;
    if roster.office_mut(&id).is_none() {
        let (Some(name), Some(kind)) = (&name, kind) else {
            return Err(Failure::new(Exit::Usage, "OFFICE_UNKNOWN").with("office", &id));
        };
        roster.offices.push(Office {
            id: id.clone(),
            office: name.clone(),
            body: name.clone(),
            kind,
            ambito: String::new(),
            phone: String::new(),
            capabilities: usual_capabilities(kind),
            state: wire::State::NotConnected,
            machines: Vec::new(),
        });
    }
    let office = roster.office_mut(&id).expect("it was there, or has just been made");
    if !matches!(office.state, wire::State::Active | wire::State::NotConnected) {
        let state = office.state.name();
        return Err(Failure::new(Exit::Refused, "OFFICE_OUT").with("office", &id).with("state", state));
    }
    office.office = name.unwrap_or_else(|| office.office.clone());
    office.body = body.unwrap_or_else(|| office.body.clone());
    office.kind = kind.unwrap_or(office.kind);
    office.phone = phone.unwrap_or_else(|| office.phone.clone());
    office.ambito = ambito.unwrap_or_else(|| office.ambito.clone());
    office.capabilities = capabilities.unwrap_or_else(|| office.capabilities.clone());
    Ok(office)
}

/// The names of these addresses. An address without one needs none: agents pin the key.
pub(crate) fn hosts(endpoints: &[String]) -> Result<Vec<String>, Failure> {
    let bad = |text: &String| Failure::new(Exit::Usage, "BAD_ENDPOINT").with("endpoint", text);
    let read = endpoints.iter().map(|text| Endpoint::parse(text).ok_or_else(|| bad(text))).collect::<Result<Vec<_>, _>>()?;
    Ok(read.iter().filter_map(Endpoint::name).map(str::to_owned).collect())
}

/// Gives a gateway its place and its certificate.
pub fn add_gateway(
    before: &Roster,
    authority: &Authority,
    request: &Request,
    (id, endpoints): (GatewayId, Vec<String>),
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<(Draft, IssuedLeaf), Failure> {
    if request.applicant != Applicant::Gateway {
        return Err(Failure::new(Exit::Usage, "REQUEST_OF_OFFICE"));
    }
    let hosts = hosts(&endpoints)?;
    let spki_sha256 = vec![request.spki_sha256()];
    let draft = draft::change(before, |roster| {
        match roster.gateways.iter_mut().find(|gateway| gateway.id == id) {
            Some(known) if known.spki_sha256 != spki_sha256 => {
                return Err(Failure::new(Exit::Refused, "GATEWAY_EXISTS").with("id", &id));
            }
            Some(known) => known.endpoints = endpoints,
            None => roster.gateways.push(Relay { id: id.clone(), endpoints, spki_sha256 }),
        }
        Ok(())
    })?;
    let leaf = authority.issue_gateway(&id, &hosts, &request.tls_key, now, rng).map_err(not_issued)?;
    Ok((draft, leaf))
}

#[cfg(test)]
mod tests;
