//! The acts by which an office stays out, or comes back: suspend, resume, evict, revoke, ban; and readmission. Pure functions
//! over the network as it is wanted; each says in words what will happen.
//!
//! Not here: files, the log (`log`), signing: an act binds nobody before a directory that has it is signed.

use raccordo_proto::ids::AgencyId;
use raccordo_proto::{Timestamp, wire};
use raccordo_terminal::text::Sentence;
use wire::State;

use crate::draft::{self, Draft};
use crate::failure::{Exit, Failure};
use crate::names::Named as _;
use crate::roster::{Equipe, Machine, Office, Roster};

/// What is done to an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It takes no part until it is resumed; its keys stay.
    Suspend,
    /// It takes part again.
    Resume,
    /// Its machine's keys are out for ever; the office may enrol again at once, with new ones.
    Evict,
    /// The office is out, with its keys; it comes back by a readmission only.
    Revoke,
    /// Id and keys are refused for ever.
    Ban,
}

impl Act {
    /// As it is typed and logged.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suspend => "agency suspend",
            Self::Resume => "agency resume",
            Self::Evict => "agency evict",
            Self::Revoke => "agency revoke",
            Self::Ban => "agency ban",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Suspend => "note-act-suspend",
            Self::Resume => "note-act-resume",
            Self::Evict => "note-act-evict",
            Self::Revoke => "note-act-revoke",
            Self::Ban => "note-act-ban",
        }
    }

    /// The act by which a signed office becomes what is wanted, if it is one of these.
    pub(crate) fn between(signed: &wire::Agency, wanted: &wire::Agency) -> Option<Self> {
        let out = |office: &wire::Agency| office.agents.iter().filter(|one| one.state() == State::Revoked).count();
        match (signed.state(), wanted.state()) {
            (before, State::Suspended) if before != State::Suspended => Some(Self::Suspend),
            (State::Suspended, State::Active) => Some(Self::Resume),
            (before, State::Revoked) if before != State::Revoked => Some(Self::Revoke),
            (before, State::Banned) if before != State::Banned => Some(Self::Ban),
            (State::Revoked | State::Banned, _) => None,
            _ if out(wanted) > out(signed) => Some(Self::Evict),
            _ => None,
        }
    }

    /// What will happen, in words.
    pub(crate) fn will(self, office: &str) -> Sentence {
        Sentence::new(self.said(), &[("office", office)])
    }

    /// Whether the office is out when it is done.
    fn is_final(self) -> bool {
        matches!(self, Self::Revoke | Self::Ban)
    }
}

/// An act, as a change of the draft and in words.
#[derive(Debug)]
pub struct Performed {
    /// The network as it would be.
    pub draft: Draft,
    /// What will happen, and what somebody should know first.
    pub notes: Vec<Sentence>,
}

/// Does it to an office. Errors: `NO_OFFICE`, what its state forbids, and with `FAULTS` what it would leave an équipe or a
/// programme without.
pub fn perform(before: &Roster, act: Act, id: &AgencyId, now: Timestamp) -> Result<Performed, Failure> {
    let office = office(before, id)?;
    allowed(act, office)?;
    let (roles, led) = (roles_held_alone(before, office, act), led_by(before, id, now));
    if act.is_final() {
        let roles = roles.iter().map(|(equipe, role)| ("fault-act-role", *equipe, *role));
        let faults = roles.map(|(id, equipe, role)| about(id, office, equipe, role));
        let faults = faults.chain(led.iter().map(|programme| led_said("fault-act-capofila", office, programme)));
        let faults: Vec<Sentence> = faults.collect();
        if !faults.is_empty() {
            return Err(Failure::new(Exit::Refused, "FAULTS").about(faults));
        }
    }
    let mut notes = vec![act.will(id.as_str())];
    if act != Act::Resume {
        notes.extend(roles.iter().map(|(equipe, role)| about("note-act-role", office, equipe, *role)));
        notes.extend(led.iter().map(|programme| led_said("note-act-capofila", office, programme)));
    }
    let draft = draft::change(before, |roster| {
        done(roster, act, id, now);
        Ok(())
    })?;
    Ok(Performed { draft, notes })
}

/// Lets a revoked office be approved again: every key that it had stays out.
pub fn readmitted(before: &Roster, id: &AgencyId, now: Timestamp) -> Result<Roster, Failure> {
    let state = office(before, id)?.state;
    match state {
        State::Revoked => {}
        State::Banned => return Err(banned(id)),
        _ => return Err(Failure::new(Exit::Refused, "NOT_REVOKED").with("office", id).with("state", state.name())),
    }
    let mut roster = before.clone();
    if let Some(office) = roster.office_mut(id) {
        office.machines.iter_mut().for_each(|machine| put_out(machine, now));
        office.state = State::NotConnected;
    }
    Ok(roster)
}

fn office<'a>(roster: &'a Roster, id: &AgencyId) -> Result<&'a Office, Failure> {
    let unknown = || Failure::new(Exit::Refused, "NO_OFFICE").with("office", id);
    roster.offices.iter().find(|office| office.id == *id).ok_or_else(unknown)
}

fn banned(id: &AgencyId) -> Failure {
    Failure::new(Exit::Refused, "OFFICE_BANNED").with("office", id)
}

fn allowed(act: Act, office: &Office) -> Result<(), Failure> {
    let refused = |code| Err(Failure::new(Exit::Refused, code).with("office", &office.id));
    match (act, office.state) {
        (_, State::Banned) => Err(banned(&office.id)),
        (Act::Ban, _) | (Act::Revoke, State::Active | State::Suspended | State::NotConnected) => Ok(()),
        (Act::Suspend, State::Active) | (Act::Resume, State::Suspended) => Ok(()),
        (Act::Suspend, State::Suspended) => refused("SUSPENDED_ALREADY"),
        (Act::Suspend, State::NotConnected) => refused("NOTHING_TO_SUSPEND"),
        (Act::Resume, State::Active | State::NotConnected) => refused("NOT_SUSPENDED"),
        (Act::Evict, State::Active | State::Suspended | State::NotConnected) => {
            if office.machines.iter().any(|machine| !office.has_revoked(machine)) { Ok(()) } else { refused("NO_MACHINE") }
        }
        (_, State::Revoked) => refused("OFFICE_REVOKED"),
        (_, State::Unspecified) => refused("NO_OFFICE"),
    }
}

fn done(roster: &mut Roster, act: Act, id: &AgencyId, now: Timestamp) {
    if act.is_final() {
        roster.equipes.iter_mut().for_each(|equipe| equipe.members.retain(|(member, _)| member != id));
        roster.programmes.iter_mut().for_each(|programme| programme.agencies.retain(|member| member != id));
        roster.policy.pairs.retain(|(one, other)| one != id && other != id);
    }
    let Some(office) = roster.office_mut(id) else { return };
    match act {
        Act::Suspend => office.state = State::Suspended,
        Act::Resume => {
            let has_keys = office.machines.iter().any(|machine| !office.has_revoked(machine));
            office.state = if has_keys { State::Active } else { State::NotConnected };
        }
        Act::Evict => {
            office.machines.iter_mut().for_each(|machine| put_out(machine, now));
            // One that is suspended stays so: its keys are out, and nothing more.
            if office.state == State::Active {
                office.state = State::NotConnected;
            }
        }
        Act::Revoke | Act::Ban => {
            office.machines.iter_mut().for_each(|machine| put_out(machine, now));
            office.state = if act == Act::Ban { State::Banned } else { State::Revoked };
        }
    }
}

/// A machine's keys are out from now; one that was out already keeps its date.
fn put_out(machine: &mut Machine, now: Timestamp) {
    machine.state = State::Revoked;
    machine.revoked_at.get_or_insert(now);
}

/// Required roles of équipes that nobody else would have: for a final act nobody else who is not out, for another nobody else
/// who takes part today.
fn roles_held_alone<'a>(roster: &'a Roster, office: &Office, act: Act) -> Vec<(&'a Equipe, wire::EquipeRole)> {
    let counts = |id: &AgencyId| {
        let state = roster.offices.iter().find(|one| one.id == *id).map(|one| one.state);
        let is_out = matches!(state, None | Some(State::Revoked | State::Banned));
        *id != office.id && if act.is_final() { !is_out } else { state == Some(State::Active) }
    };
    let mut found = Vec::new();
    for equipe in &roster.equipes {
        let Some((_, role)) = equipe.members.iter().find(|(id, _)| *id == office.id) else { continue };
        let others = equipe.members.iter().any(|(id, other)| other == role && counts(id));
        if equipe.required_signatures.contains(role) && !others {
            found.push((equipe, *role));
        }
    }
    found
}

/// Programmes that it leads and that have not ended.
fn led_by(roster: &Roster, id: &AgencyId, now: Timestamp) -> Vec<String> {
    let led = roster.programmes.iter().filter(|programme| programme.capofila == *id && programme.until > now);
    led.map(|programme| programme.id.clone()).collect()
}

fn about(id: &'static str, office: &Office, equipe: &Equipe, role: wire::EquipeRole) -> Sentence {
    Sentence::new(id, &[("office", office.id.as_str()), ("equipe", equipe.id.as_str()), ("role", role.name())])
}

fn led_said(id: &'static str, office: &Office, programme: &str) -> Sentence {
    Sentence::new(id, &[("office", office.id.as_str()), ("programme", programme)])
}

#[cfg(test)]
mod tests;
