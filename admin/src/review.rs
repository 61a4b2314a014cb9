//! What would change with the next version of the directory, and what is wrong with it: a pure comparison of what was signed,
//! or nothing, with what is wanted. The verifiers' own rules (D-13) stay theirs; here they get sentences and names.
//!
//! Not here: the sentences (`text`), reading and writing anything.

mod faults;

pub(crate) use faults::faults;
pub use faults::{Fault, Warning};

use std::collections::BTreeMap;

use prost::Message as _;
use raccordo_proto::{Directory, Timestamp, wire};
use raccordo_terminal::text::Sentence;

use crate::document;
use crate::names::Named;
use crate::roster::Roster;

/// What a change or a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An office.
    Office,
    /// An office's machine: a change of one is a change of its office.
    Machine,
    /// An équipe.
    Equipe,
    /// A programme.
    Programme,
    /// A gateway.
    Gateway,
    /// A municipality.
    Territory,
    /// Who may write to whom.
    Policy,
    /// Who may deposit a request.
    Invitation,
}

impl Thing {
    /// Its name in the catalogues and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Office => "thing-office",
            Self::Machine => "thing-machine",
            Self::Equipe => "thing-equipe",
            Self::Programme => "thing-programme",
            Self::Gateway => "thing-gateway",
            Self::Territory => "thing-territory",
            Self::Policy => "thing-policy",
            Self::Invitation => "thing-invitation",
        }
    }
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It is new.
    Create,
    /// It changes, in these parts.
    Change(Vec<Detail>),
    /// It stays as it is.
    Nothing,
    /// It is no more.
    Gone,
}

/// A part that changes: the name of its field in the catalogues, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// `field-state`, say.
    pub field: &'static str,
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// One thing of the network, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub thing: Thing,
    /// Which.
    pub id: String,
    /// Its name as people say it.
    pub name: String,
    /// How.
    pub how: How,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// Every thing, the unchanged ones too.
    pub changes: Vec<Change>,
    /// What must not be signed.
    pub faults: Vec<Fault>,
    /// What somebody should know.
    pub warnings: Vec<Warning>,
}

impl Review {
    /// Whether nothing would change.
    pub fn is_idle(&self) -> bool {
        self.changes.iter().all(|change| change.how == How::Nothing)
    }

    /// The faults as sentences.
    pub fn faults_said(&self) -> Vec<Sentence> {
        self.faults.iter().map(Fault::said).collect()
    }
}

/// Compares what was signed last, or nothing, with what is wanted.
pub fn review(signed: Option<&Directory>, wanted: &Roster) -> Review {
    let before = signed.map(body_of).unwrap_or_default();
    let after = wanted.body();
    Review { changes: changes(&before, &after), faults: faults(&before, &after), warnings: faults::warnings(&before, &after) }
}

/// Whether two bodies say the same.
pub fn is_same(one: &wire::Body, other: &wire::Body) -> bool {
    changes(one, other).iter().all(|change| change.how == How::Nothing)
}

/// The body of a verified directory.
pub fn body_of(directory: &Directory) -> wire::Body {
    // It was read when the directory was verified.
    wire::Body::decode(directory.document().body.clone()).unwrap_or_default()
}

/// A thing's name and its fields, as text.
type Told = (String, Vec<(&'static str, String)>);

/// What differs between two bodies.
pub fn changes(before: &wire::Body, after: &wire::Body) -> Vec<Change> {
    let (mut old, new) = (told(before), told(after));
    let mut changes: Vec<Change> = Vec::new();
    for ((thing, id), (name, fields)) in new {
        let how = match old.remove(&(thing, id.clone())) {
            None => How::Create,
            Some((_, before)) => {
                let differs = before.into_iter().zip(fields).filter(|(before, after)| before != after);
                let details: Vec<_> = differs.map(|((field, from), (_, to))| Detail { field, from, to }).collect();
                if details.is_empty() { How::Nothing } else { How::Change(details) }
            }
        };
        changes.push(Change { thing, id, name, how });
    }
    changes.extend(old.into_iter().map(|((thing, id), (name, _))| Change { thing, id, name, how: How::Gone }));
    changes.sort_by_key(|change| change.thing);
    changes
}

fn told(body: &wire::Body) -> BTreeMap<(Thing, String), Told> {
    let offices = body.agencies.iter().map(|office| ((Thing::Office, office.id.clone()), told_office(office)));
    let equipes = body.equipes.iter().map(|equipe| ((Thing::Equipe, equipe.id.clone()), told_equipe(equipe)));
    let programmes = body.programmes.iter().map(|one| ((Thing::Programme, one.id.clone()), told_programme(one)));
    let gateways = body.gateways.iter().map(|gateway| ((Thing::Gateway, gateway.id.clone()), told_gateway(gateway)));
    let territories = body.territories.iter().map(|place| {
        ((Thing::Territory, place.istat.clone()), (place.ambito.clone(), vec![("field-ambito", place.ambito.clone())]))
    });
    let policy = body.policy.as_ref().filter(|policy| **policy != wire::Policy::default());
    let policy = policy.map(|policy| ((Thing::Policy, String::new()), told_policy(policy)));
    let invitations = body.invitations.iter().map(|one| ((Thing::Invitation, one.agency.clone()), told_invitation(one)));
    let things = offices.chain(equipes).chain(programmes).chain(gateways).chain(territories);
    things.chain(policy).chain(invitations).collect()
}

fn told_office(office: &wire::Agency) -> Told {
    let capabilities: Vec<&str> = office.capabilities().map(Named::name).collect();
    let machines = office.agents.iter().map(|agent| {
        let keys = agent.spki_sha256.iter().map(|key| short(key)).collect::<Vec<_>>().join("+");
        let revoked = if agent.revoked_at == 0 { String::new() } else { format!(" † {}", at(agent.revoked_at)) };
        let (name, state, ik) = (&agent.id, agent.state().name(), short(&agent.ik));
        format!("{name} {state} {ik}/{keys} {}–{}{revoked}", at(agent.from), at(agent.until))
    });
    let fields = vec![
        ("field-name", office.office.clone()),
        ("field-body", office.body.clone()),
        ("field-kind", office.kind().name().to_owned()),
        ("field-ambito", office.ambito.clone()),
        ("field-phone", office.phone.clone()),
        ("field-capabilities", capabilities.join(", ")),
        ("field-state", office.state().name().to_owned()),
        ("field-machines", machines.collect::<Vec<_>>().join(", ")),
    ];
    (office.office.clone(), fields)
}

fn told_equipe(equipe: &wire::Equipe) -> Told {
    let mut members: Vec<_> = equipe.members.iter().map(|one| format!("{} ({})", one.agency, one.role().name())).collect();
    members.sort();
    let required: Vec<&str> = equipe.required_signatures().map(Named::name).collect();
    let fields = vec![
        ("field-ambito", equipe.ambito.clone()),
        ("field-members", members.join(", ")),
        ("field-required", required.join(", ")),
    ];
    (equipe.ambito.clone(), fields)
}

fn told_programme(programme: &wire::Programme) -> Told {
    let fields = vec![
        ("field-title", programme.title.clone()),
        ("field-dates", format!("{}–{}", at(programme.from), at(programme.until))),
        ("field-capofila", programme.capofila.clone()),
        ("field-agencies", programme.agencies.join(", ")),
    ];
    (programme.title.clone(), fields)
}

fn told_gateway(gateway: &wire::Gateway) -> Told {
    let keys: Vec<String> = gateway.spki_sha256.iter().map(|key| short(key)).collect();
    let endpoints = gateway.endpoints.join(", ");
    (endpoints.clone(), vec![("field-endpoints", endpoints), ("field-keys", keys.join(", "))])
}

fn told_invitation(invitation: &wire::Invitation) -> Told {
    let fields = vec![("field-code", short(&invitation.code_hash)), ("field-until", at(invitation.until))];
    (invitation.agency.clone(), fields)
}

fn told_policy(policy: &wire::Policy) -> Told {
    let pairs: Vec<String> = policy.pairs.iter().map(|pair| format!("{}–{}", pair.a, pair.b)).collect();
    let limits = format!("{} / {}", policy.frames_per_minute, policy.bytes_per_day);
    let fields =
        vec![("field-restrict", policy.restrict_pairs.to_string()), ("field-pairs", pairs.join(", ")), ("field-limits", limits)];
    (String::new(), fields)
}

fn at(millis: u64) -> String {
    document::instant_text(Timestamp::from_millis(millis))
}

/// Enough of a key to tell it from another in a plan.
fn short(key: &[u8]) -> String {
    document::hex(key.get(..6).unwrap_or(key))
}

#[cfg(test)]
mod tests;
