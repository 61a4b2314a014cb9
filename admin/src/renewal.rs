//! Renewal: a machine that the directory lists asks, with its identity key, for a certificate of a new TLS key. That key's
//! signature stands in place of words on the phone. A gateway has none: its words are compared as at first.
//!
//! Not here: the first certificate (`enrolment`), files.

use core::time::Duration;

use raccordo_proto::Timestamp;
use raccordo_proto::enrolment::{Applicant, Request};
use raccordo_proto::ids::{AgencyId, GatewayId};
use raccordo_proto::limits::SPKI_MAX;
use raccordo_proto::wire::State;
use rand_core::CryptoRng;

use crate::authority::{Authority, IssuedLeaf};
use crate::document::day;
use crate::draft::{self, Draft};
use crate::enrolment::{hosts, not_issued};
use crate::failure::{Exit, Failure};
use crate::issued::{Issued, last_of};
use crate::names::Named as _;
use crate::roster::{Machine, Office, Roster};

/// A certificate is renewed from this long before its end.
pub const RENEWABLE: Duration = Duration::from_secs(60 * 86_400);

/// What an administration allows beyond the rule, with a reason.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exceptions {
    /// Before day -60.
    pub early: bool,
    /// After the certificate's end.
    pub expired: bool,
}

/// A renewed certificate, and the network as it would be.
#[derive(Debug)]
pub struct Renewed {
    /// The office.
    pub id: AgencyId,
    /// With the new key beside the one before.
    pub roster: Roster,
    /// The certificate.
    pub leaf: IssuedLeaf,
}

/// Renews the certificate of the machine that asks. `issued` are the certificates that the network's folder knows; `again` says
/// that this very request was granted and is not answered yet.
pub fn renew(
    before: &Roster,
    authority: &Authority,
    (request, again): (&Request, bool),
    issued: &[Issued],
    exceptions: Exceptions,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Renewed, Failure> {
    let (office, machine) = asking(before, request, now)?;
    let key = request.spki_sha256();
    if !again {
        //
        if is_known(before, issued, &key) {
            return Err(about(Failure::new(Exit::Refused, "RENEW_KEY_KNOWN"), office));
        }
        in_time(office.id.as_str(), &machine.spki_sha256, issued, exceptions, now)?;
    }
    let leaf = authority.issue_agent(&office.id, &machine.id, &request.tls_key, now, rng).map_err(not_issued)?;
    let id = office.id.clone();
    let draft = draft::change(before, |roster| {
        let machines = roster.office_mut(&id).map(|office| &mut office.machines);
        let same = |known: &&mut Machine| Applicant::Agent(known.ik) == request.applicant;
        if let Some(machine) = machines.and_then(|machines| machines.iter_mut().find(same)) {
            pin(&mut machine.spki_sha256, key);
        }
        Ok(())
    })?;
    Ok(Renewed { id, roster: draft.roster, leaf })
}

/// Nobody is cut: the key in use stays beside the new one. One that is older goes.
fn pin(pinned: &mut Vec<[u8; 32]>, key: [u8; 32]) {
    pinned.retain(|known| *known != key);
    let surplus = (pinned.len() + 1).saturating_sub(SPKI_MAX);
    pinned.drain(..surplus);
    pinned.push(key);
}

/// Renews the certificate of a gateway, whose words somebody has compared: its place and its addresses stay.
pub fn renew_gateway(
    before: &Roster,
    authority: &Authority,
    (id, request, again): (&GatewayId, &Request, bool),
    issued: &[Issued],
    exceptions: Exceptions,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<(Draft, IssuedLeaf), Failure> {
    if request.applicant != Applicant::Gateway {
        return Err(Failure::new(Exit::Usage, "REQUEST_OF_OFFICE"));
    }
    let known = before.gateways.iter().find(|gateway| gateway.id == *id);
    let known = known.ok_or_else(|| Failure::new(Exit::Refused, "NO_GATEWAY").with("id", id))?;
    let key = request.spki_sha256();
    if !again {
        //
        if is_known(before, issued, &key) {
            return Err(Failure::new(Exit::Refused, "RENEW_GATEWAY_KEY_KNOWN").with("id", id));
        }
        in_time(id.as_str(), &known.spki_sha256, issued, exceptions, now)?;
    }
    let leaf = authority.issue_gateway(id, &hosts(&known.endpoints)?, &request.tls_key, now, rng).map_err(not_issued)?;
    let draft = draft::change(before, |roster| {
        if let Some(gateway) = roster.gateways.iter_mut().find(|gateway| gateway.id == *id) {
            pin(&mut gateway.spki_sha256, key);
        }
        Ok(())
    })?;
    Ok((draft, leaf))
}

/// the identity key is that of a machine that takes part.
fn asking<'a>(roster: &'a Roster, request: &Request, now: Timestamp) -> Result<(&'a Office, &'a Machine), Failure> {
    let Applicant::Agent(ik) = request.applicant else { return Err(Failure::new(Exit::Usage, "RENEW_GATEWAY")) };
    let machines = roster.offices.iter().flat_map(|office| office.machines.iter().map(move |machine| (office, machine)));
    let mut same = machines.filter(|(_, machine)| machine.ik == ik);
    let (office, machine) = same.next().ok_or_else(|| Failure::new(Exit::Refused, "RENEW_UNKNOWN"))?;
    if office.has_revoked(machine) {
        return Err(Failure::new(Exit::Refused, "KEYS_REVOKED").with("office", &office.id).with("machine", &machine.id));
    }
    let not_active = [office.state, machine.state].into_iter().find(|state| *state != State::Active);
    if let Some(state) = not_active {
        return Err(about(Failure::new(Exit::Refused, "RENEW_NOT_ACTIVE"), office).with("state", state.name()));
    }
    if now > machine.until {
        return Err(about(Failure::new(Exit::Refused, "RENEW_IDENTITY_ENDED"), office).with("day", day(machine.until)));
    }
    Ok((office, machine))
}

fn about(failure: Failure, office: &Office) -> Failure {
    failure.with("office", &office.id)
}

/// Whether a certificate was ever issued for this key, to whomever: an old request that is sent again asks for one.
fn is_known(roster: &Roster, issued: &[Issued], key: &[u8; 32]) -> bool {
    let machines = roster.offices.iter().flat_map(|office| &office.machines).map(|machine| &machine.spki_sha256);
    let mut pinned = machines.chain(roster.gateways.iter().map(|gateway| &gateway.spki_sha256));
    issued.iter().any(|leaf| leaf.spki_sha256 == *key) || pinned.any(|keys| keys.contains(key))
}

/// from day -60 until the end, else by an exception. A certificate of which the folder knows nothing is renewed.
fn in_time(id: &str, pinned: &[[u8; 32]], issued: &[Issued], exceptions: Exceptions, now: Timestamp) -> Result<(), Failure> {
    let Some(last) = last_of(issued, pinned) else { return Ok(()) };
    let from = last.until.minus(RENEWABLE);
    if now > last.until && !exceptions.expired {
        return Err(Failure::new(Exit::Refused, "RENEW_EXPIRED").with("office", id).with("day", day(last.until)));
    }
    if now < from && !exceptions.early {
        let failure = Failure::new(Exit::Refused, "RENEW_TOO_EARLY").with("office", id);
        return Err(failure.with("day", day(from)).with("until", day(last.until)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
