//! Renewal: a machine that the directory lists asks, with its identity key, for a certificate of a new TLS key. That key's
//! signature stands in place of words on the phone.
//!
//! Not here: the first certificate (`enrolment`), files.

use core::time::Duration;

use raccordo_proto::Timestamp;
use raccordo_proto::enrolment::{Applicant, Request};
use raccordo_proto::ids::AgencyId;
use raccordo_proto::limits::SPKI_MAX;
use raccordo_proto::wire::State;
use rand_core::CryptoRng;

use crate::authority::{Authority, IssuedLeaf};
use crate::document::day;
use crate::draft;
use crate::enrolment::not_issued;
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
        in_time(office, machine, issued, exceptions, now)?;
    }
    let leaf = authority.issue_agent(&office.id, &machine.id, &request.tls_key, now, rng).map_err(not_issued)?;
    let id = office.id.clone();
    let draft = draft::change(before, |roster| {
        let machines = roster.office_mut(&id).map(|office| &mut office.machines);
        let same = |known: &&mut Machine| Applicant::Agent(known.ik) == request.applicant;
        if let Some(machine) = machines.and_then(|machines| machines.iter_mut().find(same)) {
            machine.spki_sha256.retain(|pinned| *pinned != key);
            // Nobody is cut: the key in use stays beside the new one. One that is older goes.
            let surplus = (machine.spki_sha256.len() + 1).saturating_sub(SPKI_MAX);
            machine.spki_sha256.drain(..surplus);
            machine.spki_sha256.push(key);
        }
        Ok(())
    })?;
    Ok(Renewed { id, roster: draft.roster, leaf })
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
    let mut machines = roster.offices.iter().flat_map(|office| &office.machines);
    issued.iter().any(|leaf| leaf.spki_sha256 == *key) || machines.any(|machine| machine.spki_sha256.contains(key))
}

/// from day -60 until the end, else by an exception. A certificate of which the folder knows nothing is renewed.
fn in_time(office: &Office, machine: &Machine, issued: &[Issued], exceptions: Exceptions, now: Timestamp) -> Result<(), Failure> {
    let Some(last) = last_of(issued, &machine.spki_sha256) else { return Ok(()) };
    let from = last.until.minus(RENEWABLE);
    if now > last.until && !exceptions.expired {
        return Err(about(Failure::new(Exit::Refused, "RENEW_EXPIRED"), office).with("day", day(last.until)));
    }
    if now < from && !exceptions.early {
        let failure = about(Failure::new(Exit::Refused, "RENEW_TOO_EARLY"), office);
        return Err(failure.with("day", day(from)).with("until", day(last.until)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
