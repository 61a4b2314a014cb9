//! What must not be signed, and what somebody should know before it is. Each with a sentence that says who must act.

use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::wire;

use crate::names::Named;
use crate::text::Sentence;

/// A rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No member of an équipe has a role that must sign.
    RoleWithoutMember {
        /// The équipe.
        equipe: String,
        /// The role.
        role: wire::EquipeRole,
    },
    /// The office that validates expenses would know the name.
    CapofilaInEquipe {
        /// The office.
        office: String,
        /// The programme that it leads.
        programme: String,
        /// The équipe that it is in.
        equipe: String,
    },
    /// The same keys, or the same name, under another id: ids never change.
    IdChanged {
        /// What was signed.
        old: String,
        /// What is wanted.
        new: String,
    },
    /// An office that was signed and is no more: offices are revoked, not taken out.
    OfficeGone(String),
    /// An équipe or a programme names an office that the network does not have.
    UnknownOffice {
        /// Where: `équipe «cremona»`.
        thing: &'static str,
        /// Which one.
        id: String,
        /// The office.
        office: String,
    },
    /// Two things of one kind have the same id.
    Twice {
        /// What kind of thing.
        thing: &'static str,
        /// The id.
        id: String,
    },
    /// One key stands in two places.
    KeyTwice {
        /// One office or gateway.
        one: String,
        /// The other.
        other: String,
    },
    /// A programme that ends before it begins.
    Dates(String),
}

impl Fault {
    /// Its sentence.
    pub fn said(&self) -> Sentence {
        match self {
            Self::RoleWithoutMember { equipe, role } => {
                Sentence::new("fault-role-without-member", &[("equipe", equipe), ("role", role.name())])
            }
            Self::CapofilaInEquipe { office, programme, equipe } => {
                Sentence::new("fault-capofila-in-equipe", &[("office", office), ("programme", programme), ("equipe", equipe)])
            }
            Self::IdChanged { old, new } => Sentence::new("fault-id-changed", &[("old", old), ("new", new)]),
            Self::OfficeGone(office) => Sentence::new("fault-office-gone", &[("office", office)]),
            Self::UnknownOffice { thing: "thing-equipe", id, office } => {
                Sentence::new("fault-unknown-member", &[("id", id), ("office", office)])
            }
            Self::UnknownOffice { id, office, .. } => {
                Sentence::new("fault-unknown-in-programme", &[("id", id), ("office", office)])
            }
            Self::Twice { thing, id } => Sentence::new("fault-twice", &[("thing", thing), ("id", id)]),
            Self::KeyTwice { one, other } => Sentence::new("fault-key-twice", &[("one", one), ("other", other)]),
            Self::Dates(programme) => Sentence::new("fault-programme-dates", &[("programme", programme)]),
        }
    }

    /// Whether even a draft may not have it: every other fault stops a signature only, for a network is made step by step.
    pub fn stops_a_draft(&self) -> bool {
        !matches!(self, Self::RoleWithoutMember { .. })
    }
}

/// What somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Nobody serves the municipalities of an ambito.
    AmbitoWithoutEquipe {
        /// The ambito.
        ambito: String,
        /// How many municipalities it has.
        territories: usize,
    },
    /// Two équipes serve one ambito: a referral from there must name one.
    AmbitoTwice {
        /// The ambito.
        ambito: String,
        /// The équipes.
        equipes: String,
    },
    /// Offices that cannot receive anything yet: they have not sent their request.
    WithoutMachine(Vec<String>),
    /// No gateway: nobody could attach.
    NoGateway,
}

impl Warning {
    /// Its sentence.
    pub fn said(&self) -> Sentence {
        match self {
            Self::AmbitoWithoutEquipe { ambito, territories } => {
                Sentence::new("warning-ambito-without-equipe", &[("ambito", ambito), ("count", &territories.to_string())])
            }
            Self::AmbitoTwice { ambito, equipes } => {
                Sentence::new("warning-ambito-twice", &[("ambito", ambito), ("equipes", equipes)])
            }
            Self::WithoutMachine(offices) => Sentence::new("warning-without-machine", &[("offices", &offices.join(", "))]),
            Self::NoGateway => Sentence::new("warning-no-gateway", &[]),
        }
    }
}

pub(super) fn faults(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let mut faults = twice(after);
    faults.extend(key_twice(after));
    faults.extend(ids_changed(before, after));
    faults.extend(unknown_offices(after));
    faults.extend(capofila_in_equipe(after));
    faults.extend(after.programmes.iter().filter(|one| one.until <= one.from).map(|one| Fault::Dates(one.id.clone())));
    for equipe in &after.equipes {
        let has = |role: &wire::EquipeRole| equipe.members.iter().any(|member| member.role() == *role);
        let missing = equipe.required_signatures().filter(|role| !has(role));
        faults.extend(missing.map(|role| Fault::RoleWithoutMember { equipe: equipe.id.clone(), role }));
    }
    faults
}

fn twice(body: &wire::Body) -> Vec<Fault> {
    let offices = body.agencies.iter().map(|office| ("thing-office", &office.id));
    let equipes = body.equipes.iter().map(|equipe| ("thing-equipe", &equipe.id));
    let programmes = body.programmes.iter().map(|programme| ("thing-programme", &programme.id));
    let gateways = body.gateways.iter().map(|gateway| ("thing-gateway", &gateway.id));
    let mut seen = BTreeSet::new();
    let all = offices.chain(equipes).chain(programmes).chain(gateways);
    all.filter(|one| !seen.insert(*one)).map(|(thing, id)| Fault::Twice { thing, id: id.clone() }).collect()
}

/// Keys of offices' machines and of gateways, each with whose it is.
fn keys(body: &wire::Body) -> Vec<(&[u8], &str)> {
    let machines = body.agencies.iter().flat_map(|office| office.agents.iter().map(move |agent| (agent, office.id.as_str())));
    let of_machines =
        machines.flat_map(|(agent, id)| agent.spki_sha256.iter().map(move |key| (&key[..], id)).chain([(&agent.ik[..], id)]));
    let of_gateways = body.gateways.iter().flat_map(|one| one.spki_sha256.iter().map(|key| (&key[..], one.id.as_str())));
    of_machines.chain(of_gateways).collect()
}

fn key_twice(body: &wire::Body) -> Vec<Fault> {
    let mut seen: BTreeMap<&[u8], &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (key, id) in keys(body) {
        if let Some(one) = seen.insert(key, id) {
            faults.push(Fault::KeyTwice { one: one.to_owned(), other: id.to_owned() });
        }
    }
    faults
}

fn ids_changed(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let has = |body: &wire::Body, id: &str| body.agencies.iter().any(|office| office.id == id);
    let now: BTreeMap<&[u8], &str> = keys(after).into_iter().collect();
    let moved = keys(before).into_iter().filter_map(|(key, old)| now.get(key).map(|new| (old, *new)));
    let mut renamed: BTreeSet<(&str, &str)> = moved.filter(|(old, new)| old != new).collect();
    let gone: Vec<_> = before.agencies.iter().filter(|office| !has(after, &office.id)).collect();
    for office in &gone {
        let same = |new: &&wire::Agency| new.office == office.office && !has(before, &new.id);
        renamed.extend(after.agencies.iter().find(same).map(|new| (office.id.as_str(), new.id.as_str())));
    }
    let changed: BTreeSet<&str> = renamed.iter().map(|(old, _)| *old).collect();
    let gone = gone.iter().filter(|office| !changed.contains(office.id.as_str()));
    let gone: Vec<Fault> = gone.map(|office| Fault::OfficeGone(office.id.clone())).collect();
    let renamed = renamed.iter().map(|(old, new)| Fault::IdChanged { old: (*old).to_owned(), new: (*new).to_owned() });
    renamed.chain(gone).collect()
}

fn unknown_offices(body: &wire::Body) -> Vec<Fault> {
    let known: BTreeSet<&str> = body.agencies.iter().map(|office| office.id.as_str()).collect();
    let members = body.equipes.iter().flat_map(|one| one.members.iter().map(|m| ("thing-equipe", &one.id, &m.agency)));
    let programmes = body
        .programmes
        .iter()
        .flat_map(|one| one.agencies.iter().chain([&one.capofila]).map(|office| ("thing-programme", &one.id, office)));
    let all = members.chain(programmes).filter(|(.., office)| !known.contains(office.as_str()));
    all.map(|(thing, id, office)| Fault::UnknownOffice { thing, id: id.clone(), office: office.clone() }).collect()
}

fn capofila_in_equipe(body: &wire::Body) -> Vec<Fault> {
    let mut faults = Vec::new();
    for programme in &body.programmes {
        let has = |equipe: &&wire::Equipe| equipe.members.iter().any(|member| member.agency == programme.capofila);
        faults.extend(body.equipes.iter().filter(has).map(|equipe| Fault::CapofilaInEquipe {
            office: programme.capofila.clone(),
            programme: programme.id.clone(),
            equipe: equipe.id.clone(),
        }));
    }
    faults
}

pub(super) fn warnings(body: &wire::Body) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut ambiti: BTreeMap<&str, usize> = BTreeMap::new();
    for place in &body.territories {
        *ambiti.entry(&place.ambito).or_default() += 1;
    }
    let mut served: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for equipe in &body.equipes {
        served.entry(&equipe.ambito).or_default().push(&equipe.id);
    }
    for (ambito, territories) in ambiti.into_iter().filter(|(ambito, _)| !served.contains_key(ambito)) {
        warnings.push(Warning::AmbitoWithoutEquipe { ambito: ambito.to_owned(), territories });
    }
    for (ambito, equipes) in served.into_iter().filter(|(_, equipes)| equipes.len() > 1) {
        warnings.push(Warning::AmbitoTwice { ambito: ambito.to_owned(), equipes: equipes.join(", ") });
    }
    let silent = body.agencies.iter().filter(|office| office.agents.is_empty());
    let silent: Vec<String> = silent.map(|office| office.id.clone()).collect();
    if !silent.is_empty() {
        warnings.push(Warning::WithoutMachine(silent));
    }
    if body.gateways.is_empty() {
        warnings.push(Warning::NoGateway);
    }
    warnings
}
