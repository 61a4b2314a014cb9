//! What differs between two bodies of the directory, thing by thing, in values that a person can read: what an administration
//! looks at before it signs, and every office after a version has landed.
//!
//! Not here: sentences (each shell's catalogue has those of the names given here), what is wrong with a change (the
//! administration's `review`).

use std::collections::BTreeMap;

use crate::time::Timestamp;
use crate::wire;

/// How an instant is written.
pub type Written<'a> = &'a dyn Fn(Timestamp) -> String;

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

/// A thing's name and its fields, as text.
type Told = (String, Vec<(&'static str, String)>);

/// What differs between two bodies.
pub fn between(before: &wire::Body, after: &wire::Body, written: Written<'_>) -> Vec<Change> {
    let teller = Teller(written);
    let (mut old, new) = (teller.body(before), teller.body(after));
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

struct Teller<'a>(Written<'a>);

impl Teller<'_> {
    fn body(&self, body: &wire::Body) -> BTreeMap<(Thing, String), Told> {
        let offices = body.agencies.iter().map(|office| ((Thing::Office, office.id.clone()), self.office(office)));
        let equipes = body.equipes.iter().map(|equipe| ((Thing::Equipe, equipe.id.clone()), equipe_told(equipe)));
        let programmes = body.programmes.iter().map(|one| ((Thing::Programme, one.id.clone()), self.programme(one)));
        let gateways = body.gateways.iter().map(|gateway| ((Thing::Gateway, gateway.id.clone()), gateway_told(gateway)));
        let territories = body.territories.iter().map(|place| {
            ((Thing::Territory, place.istat.clone()), (place.ambito.clone(), vec![("field-ambito", place.ambito.clone())]))
        });
        let policy = body.policy.as_ref().filter(|policy| **policy != wire::Policy::default());
        let policy = policy.map(|policy| ((Thing::Policy, String::new()), policy_told(policy)));
        let invitations = body.invitations.iter().map(|one| ((Thing::Invitation, one.agency.clone()), self.invitation(one)));
        let things = offices.chain(equipes).chain(programmes).chain(gateways).chain(territories);
        things.chain(policy).chain(invitations).collect()
    }

    fn at(&self, millis: u64) -> String {
        (self.0)(Timestamp::from_millis(millis))
    }

    fn office(&self, office: &wire::Agency) -> Told {
        let capabilities = office.capabilities().map(|one| bare(one.as_str_name(), "CAPABILITY_"));
        let machines = office.agents.iter().map(|agent| {
            let keys = agent.spki_sha256.iter().map(|key| short(key)).collect::<Vec<_>>().join("+");
            let revoked = if agent.revoked_at == 0 { String::new() } else { format!(" † {}", self.at(agent.revoked_at)) };
            let (name, state, ik) = (&agent.id, bare(agent.state().as_str_name(), "STATE_"), short(&agent.ik));
            format!("{name} {state} {ik}/{keys} {}–{}{revoked}", self.at(agent.from), self.at(agent.until))
        });
        let fields = vec![
            ("field-name", office.office.clone()),
            ("field-body", office.body.clone()),
            ("field-kind", bare(office.kind().as_str_name(), "AGENCY_KIND_").to_owned()),
            ("field-ambito", office.ambito.clone()),
            ("field-phone", office.phone.clone()),
            ("field-capabilities", capabilities.collect::<Vec<_>>().join(", ")),
            ("field-state", bare(office.state().as_str_name(), "STATE_").to_owned()),
            ("field-machines", machines.collect::<Vec<_>>().join(", ")),
        ];
        (office.office.clone(), fields)
    }

    fn programme(&self, programme: &wire::Programme) -> Told {
        let fields = vec![
            ("field-title", programme.title.clone()),
            ("field-dates", format!("{}–{}", self.at(programme.from), self.at(programme.until))),
            ("field-capofila", programme.capofila.clone()),
            ("field-agencies", programme.agencies.join(", ")),
        ];
        (programme.title.clone(), fields)
    }

    fn invitation(&self, invitation: &wire::Invitation) -> Told {
        let fields = vec![("field-code", short(&invitation.code_hash)), ("field-until", self.at(invitation.until))];
        (invitation.agency.clone(), fields)
    }
}

fn equipe_told(equipe: &wire::Equipe) -> Told {
    let role = |role: wire::EquipeRole| bare(role.as_str_name(), "EQUIPE_ROLE_");
    let mut members: Vec<_> = equipe.members.iter().map(|one| format!("{} ({})", one.agency, role(one.role()))).collect();
    members.sort();
    let fields = vec![
        ("field-ambito", equipe.ambito.clone()),
        ("field-members", members.join(", ")),
        ("field-required", equipe.required_signatures().map(role).collect::<Vec<_>>().join(", ")),
    ];
    (equipe.ambito.clone(), fields)
}

fn gateway_told(gateway: &wire::Gateway) -> Told {
    let keys: Vec<String> = gateway.spki_sha256.iter().map(|key| short(key)).collect();
    let endpoints = gateway.endpoints.join(", ");
    (endpoints.clone(), vec![("field-endpoints", endpoints), ("field-keys", keys.join(", "))])
}

fn policy_told(policy: &wire::Policy) -> Told {
    let pairs: Vec<String> = policy.pairs.iter().map(|pair| format!("{}–{}", pair.a, pair.b)).collect();
    let limits = format!("{} / {}", policy.frames_per_minute, policy.bytes_per_day);
    let fields =
        vec![("field-restrict", policy.restrict_pairs.to_string()), ("field-pairs", pairs.join(", ")), ("field-limits", limits)];
    (String::new(), fields)
}

/// A schema's name without its enumeration's.
fn bare(name: &'static str, prefix: &str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// Enough of a key to tell it from another.
fn short(key: &[u8]) -> String {
    key.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
