//! What must not be signed, and what somebody should know before it is. Each with a sentence that says who must act.
//!
//! Not here: what changes (`review`), the sentences (`text`).

use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::limits::{EQUIPE_MEMBERS_MAX, SPKI_MAX};
use raccordo_proto::wire;
use raccordo_terminal::text::Sentence;

use super::Thing;
use crate::acts::Act;
use crate::names::Named;
use crate::roster::keys_are_out;

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
        /// An équipe, or a programme.
        thing: Thing,
        /// Which one.
        id: String,
        /// The office.
        office: String,
    },
    /// Two things of one kind have the same id.
    Twice {
        /// What kind of thing.
        thing: Thing,
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
    /// Keys that a signed version lists as revoked count again: what is revoked is so for ever.
    KeyBack {
        /// Whose they were.
        old: String,
        /// Where they are now.
        new: String,
    },
    /// A machine that was signed and is no more: machines are revoked, not taken out.
    MachineGone {
        /// The office.
        office: String,
        /// The machine.
        machine: String,
    },
    /// An office that was banned takes part again.
    BannedBack(String),
    /// An équipe or a programme that was signed stands there under another id: ids never change.
    AnotherId {
        /// An équipe, or a programme.
        thing: Thing,
        /// What was signed.
        old: String,
        /// What is wanted.
        new: String,
    },
    /// An office speaks by one machine.
    TwoActive(String),
    /// A machine or a gateway has more TLS keys than anybody takes.
    TooManyKeys(String),
    /// An équipe has more members than anybody takes.
    TooManyMembers(String),
    /// An office is in an équipe twice.
    MemberTwice {
        /// The équipe.
        equipe: String,
        /// The office.
        office: String,
    },
    /// A gateway that nobody could find.
    NoEndpoint(String),
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
            Self::UnknownOffice { thing: Thing::Equipe, id, office } => {
                Sentence::new("fault-unknown-member", &[("id", id), ("office", office)])
            }
            Self::UnknownOffice { id, office, .. } => {
                Sentence::new("fault-unknown-in-programme", &[("id", id), ("office", office)])
            }
            Self::Twice { thing, id } => Sentence::new("fault-twice", &[("thing", thing.id()), ("id", id)]),
            Self::KeyTwice { one, other } => Sentence::new("fault-key-twice", &[("one", one), ("other", other)]),
            Self::Dates(programme) => Sentence::new("fault-programme-dates", &[("programme", programme)]),
            Self::KeyBack { old, new } => Sentence::new("fault-key-back", &[("old", old), ("new", new)]),
            Self::MachineGone { office, machine } => {
                Sentence::new("fault-machine-gone", &[("office", office), ("machine", machine)])
            }
            Self::BannedBack(office) => Sentence::new("fault-banned-back", &[("office", office)]),
            Self::AnotherId { thing: Thing::Equipe, old, new } => {
                Sentence::new("fault-equipe-id-changed", &[("old", old), ("new", new)])
            }
            Self::AnotherId { old, new, .. } => Sentence::new("fault-programme-id-changed", &[("old", old), ("new", new)]),
            Self::TwoActive(office) => Sentence::new("fault-two-active", &[("office", office)]),
            Self::TooManyKeys(id) => Sentence::new("fault-too-many-keys", &[("id", id), ("max", &SPKI_MAX.to_string())]),
            Self::TooManyMembers(equipe) => {
                Sentence::new("fault-too-many-members", &[("equipe", equipe), ("max", &EQUIPE_MEMBERS_MAX.to_string())])
            }
            Self::MemberTwice { equipe, office } => {
                Sentence::new("fault-member-twice", &[("equipe", equipe), ("office", office)])
            }
            Self::NoEndpoint(gateway) => Sentence::new("fault-no-endpoint", &[("gateway", gateway)]),
        }
    }

    /// Whether even a draft may not have it: every other fault stops a signature only, for a network is made step by step.
    pub fn stops_a_draft(&self) -> bool {
        !matches!(self, Self::RoleWithoutMember { .. } | Self::NoEndpoint(_))
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
    /// An act, with what will happen.
    Act {
        /// What is done.
        act: Act,
        /// To which office.
        office: String,
    },
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
            Self::Act { act, office } => act.will(office),
        }
    }
}

/// Rules that the second of two bodies breaks, alone or against the first.
pub(crate) fn faults(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let mut faults = twice(after);
    faults.extend(key_twice(after));
    faults.extend(ids_changed(before, after));
    faults.extend(one_id_for_another(before, after));
    faults.extend(banned_back(before, after));
    faults.extend(keys_back(before, after));
    faults.extend(machines_gone(before, after));
    faults.extend(limits(after));
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
    let offices = body.agencies.iter().map(|office| (Thing::Office, office.id.clone()));
    let equipes = body.equipes.iter().map(|equipe| (Thing::Equipe, equipe.id.clone()));
    let programmes = body.programmes.iter().map(|programme| (Thing::Programme, programme.id.clone()));
    let gateways = body.gateways.iter().map(|gateway| (Thing::Gateway, gateway.id.clone()));
    let machines = machines(body).map(|(office, machine)| (Thing::Machine, format!("{}/{}", office.id, machine.id)));
    let mut seen = BTreeSet::new();
    let all = offices.chain(equipes).chain(programmes).chain(gateways).chain(machines);
    let twice = all.filter(|one| !seen.insert(one.clone()));
    twice.map(|(thing, id)| Fault::Twice { thing, id }).collect()
}

/// Every machine, with its office.
fn machines(body: &wire::Body) -> impl Iterator<Item = (&wire::Agency, &wire::Agent)> {
    body.agencies.iter().flat_map(|office| office.agents.iter().map(move |machine| (office, machine)))
}

fn keys_of(machine: &wire::Agent) -> impl Iterator<Item = &[u8]> {
    machine.spki_sha256.iter().chain([&machine.ik]).map(|key| &key[..])
}

fn is_revoked(office: &wire::Agency, machine: &wire::Agent) -> bool {
    keys_are_out(office.state(), machine.state(), machine.revoked_at != 0)
}

/// Out for ever.
fn banned_back(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let banned = before.agencies.iter().filter(|office| office.state() == wire::State::Banned);
    let now = |id: &str| after.agencies.iter().find(|office| office.id == id).map(wire::Agency::state);
    let back = banned.filter(|office| now(&office.id).is_some_and(|state| state != wire::State::Banned));
    back.map(|office| Fault::BannedBack(office.id.clone())).collect()
}

fn keys_back(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let out = machines(before).filter(|(office, machine)| is_revoked(office, machine));
    let out = out.flat_map(|(office, machine)| keys_of(machine).map(move |key| (key, office.id.as_str())));
    let listed = before.revocations.iter().map(|one| (&one.ik[..], one.agency.as_str()));
    let out: BTreeMap<&[u8], &str> = listed.chain(out).collect();
    let machines = machines(after).filter(|(office, machine)| !is_revoked(office, machine));
    let machines = machines.flat_map(|(office, machine)| keys_of(machine).map(move |key| (key, office.id.as_str())));
    let gateways = after.gateways.iter().flat_map(|one| one.spki_sha256.iter().map(|key| (&key[..], one.id.as_str())));
    let back: BTreeSet<_> = machines.chain(gateways).filter_map(|(key, new)| Some((*out.get(key)?, new))).collect();
    back.into_iter().map(|(old, new)| Fault::KeyBack { old: old.to_owned(), new: new.to_owned() }).collect()
}

fn machines_gone(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let there: BTreeSet<&[u8]> = machines(after).map(|(_, machine)| &machine.ik[..]).collect();
    // An office that is gone as a whole is told as such.
    let offices: BTreeSet<&str> = after.agencies.iter().map(|office| office.id.as_str()).collect();
    let gone = machines(before).filter(|(office, one)| offices.contains(office.id.as_str()) && !there.contains(&one.ik[..]));
    gone.map(|(office, one)| Fault::MachineGone { office: office.id.clone(), machine: one.id.clone() }).collect()
}

/// The verifiers' limits (D-13), and what a network needs to be reached.
fn limits(body: &wire::Body) -> Vec<Fault> {
    let active = |office: &&wire::Agency| office.agents.iter().filter(|one| one.state() == wire::State::Active).count() > 1;
    let two = body.agencies.iter().filter(active).map(|office| Fault::TwoActive(office.id.clone()));
    let of_machines = machines(body).map(|(office, one)| (format!("{}/{}", office.id, one.id), one.spki_sha256.len()));
    let of_gateways = body.gateways.iter().map(|one| (one.id.clone(), one.spki_sha256.len()));
    let keys = of_machines.chain(of_gateways).filter(|(_, keys)| *keys > SPKI_MAX).map(|(id, _)| Fault::TooManyKeys(id));
    let large = body.equipes.iter().filter(|equipe| equipe.members.len() > EQUIPE_MEMBERS_MAX);
    let large = large.map(|equipe| Fault::TooManyMembers(equipe.id.clone()));
    let members = body.equipes.iter().flat_map(member_twice);
    let hidden = body.gateways.iter().filter(|gateway| gateway.endpoints.is_empty());
    let hidden = hidden.map(|gateway| Fault::NoEndpoint(gateway.id.clone()));
    two.chain(keys).chain(large).chain(members).chain(hidden).collect()
}

fn member_twice(equipe: &wire::Equipe) -> impl Iterator<Item = Fault> {
    let mut seen = BTreeSet::new();
    let twice = equipe.members.iter().filter(move |member| !seen.insert(&member.agency));
    twice.map(|member| Fault::MemberTwice { equipe: equipe.id.clone(), office: member.agency.clone() })
}

/// Keys of offices' machines and of gateways, each with whose it is.
fn keys(body: &wire::Body) -> Vec<(&[u8], &str)> {
    let of_machines = machines(body).flat_map(|(office, one)| keys_of(one).map(move |key| (key, office.id.as_str())));
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
    let ids = |body: &'_ wire::Body| body.agencies.iter().map(|office| office.id.clone()).collect::<BTreeSet<_>>();
    let (had, has) = (ids(before), ids(after));
    let now: BTreeMap<&[u8], &str> = keys(after).into_iter().collect();
    let moved = keys(before).into_iter().filter_map(|(key, old)| now.get(key).map(|new| (old, *new)));
    let mut renamed: BTreeSet<(&str, &str)> = moved.filter(|(old, new)| old != new).collect();
    let gone: Vec<_> = before.agencies.iter().filter(|office| !has.contains(&office.id)).collect();
    for office in &gone {
        let same = |new: &&wire::Agency| new.office == office.office && !had.contains(&new.id);
        renamed.extend(after.agencies.iter().find(same).map(|new| (office.id.as_str(), new.id.as_str())));
    }
    let changed: BTreeSet<&str> = renamed.iter().map(|(old, _)| *old).collect();
    let gone = gone.iter().filter(|office| !changed.contains(office.id.as_str()));
    let gone: Vec<Fault> = gone.map(|office| Fault::OfficeGone(office.id.clone())).collect();
    let renamed = renamed.iter().map(|(old, new)| Fault::IdChanged { old: (*old).to_owned(), new: (*new).to_owned() });
    renamed.chain(gone).collect()
}

/// An équipe that is gone while a new one serves its ambito, a programme while a new one bears its title: one id for another.
fn one_id_for_another(before: &wire::Body, after: &wire::Body) -> Vec<Fault> {
    let equipes = |body: &wire::Body| body.equipes.iter().map(|one| (one.id.clone(), one.ambito.clone())).collect::<Vec<_>>();
    let programmes =
        |body: &wire::Body| body.programmes.iter().map(|one| (one.id.clone(), one.title.clone())).collect::<Vec<_>>();
    let changed = |thing, before: Vec<(String, String)>, after: Vec<(String, String)>| {
        let has = |all: &[(String, String)], id: &str| all.iter().any(|(one, _)| one == id);
        let mut faults = Vec::new();
        for (old, what) in before.iter().filter(|(id, _)| !has(&after, id)) {
            let new = after.iter().find(|(id, other)| other == what && !has(&before, id));
            faults.extend(new.map(|(new, _)| Fault::AnotherId { thing, old: old.clone(), new: new.clone() }));
        }
        faults
    };
    let mut faults = changed(Thing::Equipe, equipes(before), equipes(after));
    faults.extend(changed(Thing::Programme, programmes(before), programmes(after)));
    faults
}

fn unknown_offices(body: &wire::Body) -> Vec<Fault> {
    let known: BTreeSet<&str> = body.agencies.iter().map(|office| office.id.as_str()).collect();
    let members = body.equipes.iter().flat_map(|one| one.members.iter().map(|m| (Thing::Equipe, &one.id, &m.agency)));
    let programmes = body
        .programmes
        .iter()
        .flat_map(|one| one.agencies.iter().chain([&one.capofila]).map(|office| (Thing::Programme, &one.id, office)));
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

/// What an office that was signed will feel of its new state.
fn acts(before: &wire::Body, after: &wire::Body) -> Vec<Warning> {
    let signed = |wanted: &wire::Agency| before.agencies.iter().find(|office| office.id == wanted.id);
    let acts = after.agencies.iter().filter_map(|wanted| Some((Act::between(signed(wanted)?, wanted)?, wanted)));
    acts.map(|(act, wanted)| Warning::Act { act, office: wanted.id.clone() }).collect()
}

pub(super) fn warnings(before: &wire::Body, body: &wire::Body) -> Vec<Warning> {
    let mut warnings = acts(before, body);
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
