//! Where a segnalazione goes: from what a person named (an équipe, a municipality where the woman can safely go, a CPI, another
//! office) to the offices that get it. The municipality decides and is forgotten: no letter and no record holds it.
//!
//! Not here: names of municipalities (the agent's), authorisations.

use raccordo_proto::directory::{AgencyEntry, EquipeEntry};
use raccordo_proto::ids::{AgencyId, ComuneId, EquipeId};
use raccordo_proto::wire::Capability;

use crate::segnalazione::{Desk, Faults};
use crate::wire::Modulo;

/// Whom a person addresses. No `Debug`: it holds what she typed.
#[derive(Clone)]
pub enum Destination {
    /// An équipe, by its id.
    Equipe(String),
    /// The équipe that serves this municipality.
    Comune(ComuneId),
    /// A CPI, for the services that CPIs owe everyone.
    Cpi(String),
    /// Another office.
    Ufficio(String),
    /// What she named is nothing that is known, and she is told so beside the form's other faults.
    Unknown,
}

/// The offices that get it.
pub(crate) struct Addressed {
    /// The équipe, when it goes to one.
    pub equipe: Option<EquipeId>,
    /// Ascending; without the sender and those kept out.
    pub recipients: Vec<AgencyId>,
}

/// Reads where it goes; `None` with a fault.
pub(crate) fn read(
    to: &Destination,
    modulo: &Modulo,
    kept_out: &[AgencyId],
    desk: &Desk<'_>,
    faults: &mut Faults,
) -> Option<Addressed> {
    if !fits(to, &modulo.tipo_richiesta, faults) {
        return None;
    }
    match to {
        Destination::Equipe(id) => {
            let equipe = EquipeId::parse(id).ok();
            let Some(entry) = equipe.as_ref().and_then(|id| desk.directory.equipe(id)) else {
                let id = equipe.map_or_else(|| "?".to_owned(), |id| id.to_string());
                faults.with("equipe", "unknown-equipe", &[("equipe", &id)]);
                return None;
            };
            Some(members(entry, kept_out, desk, faults))
        }
        Destination::Comune(comune) => {
            let entry = serving(*comune, &modulo.programma, kept_out, desk, faults)?;
            Some(members(entry, kept_out, desk, faults))
        }
        Destination::Cpi(id) => one("cpi", id, Some(Capability::ServiziCpi), kept_out, desk, faults),
        Destination::Ufficio(id) => one("ufficio", id, None, kept_out, desk, faults),
        Destination::Unknown => None,
    }
}

/// Each way in has its own kind of destination.
fn fits(to: &Destination, tipo: &str, faults: &mut Faults) -> bool {
    let wrong = match (tipo, to) {
        ("INSERIMENTO_NEL_PROGRAMMA", Destination::Cpi(_) | Destination::Ufficio(_)) => "way-to-equipe",
        ("SERVIZI_CPI", Destination::Equipe(_) | Destination::Comune(_) | Destination::Ufficio(_)) => "way-to-cpi",
        ("ALTRO_SERVIZIO", Destination::Equipe(_) | Destination::Comune(_) | Destination::Cpi(_)) => "way-to-office",
        _ => return true,
    };
    faults.push("tipo_richiesta", wrong);
    false
}

/// The one équipe of a municipality's ambito.
fn serving<'a>(
    comune: ComuneId,
    programma: &str,
    kept_out: &[AgencyId],
    desk: &Desk<'a>,
    faults: &mut Faults,
) -> Option<&'a EquipeEntry> {
    let Some(ambito) = desk.directory.ambito_of(comune) else {
        faults.push("comune", "no-ambito");
        return None;
    };
    let equipes: Vec<&EquipeEntry> = desk.directory.equipes_of(ambito).collect();
    match equipes[..] {
        [equipe] => Some(equipe),
        [] => {
            faults.with("comune", "no-equipe", &[("ambito", ambito), ("uffici", &who_knows(ambito, programma, kept_out, desk))]);
            None
        }
        [..] => {
            let ids: Vec<&str> = equipes.iter().map(|equipe| equipe.id.as_str()).collect();
            faults.with("comune", "two-equipes", &[("ambito", ambito), ("equipes", &ids.join(", "))]);
            None
        }
    }
}

/// Whom to phone about an ambito without an équipe: its own offices, else the programme's capofila, by name; those that take
/// part, and never one that is kept out. `none` when nobody is left.
fn who_knows(ambito: &str, programma: &str, kept_out: &[AgencyId], desk: &Desk<'_>) -> String {
    let answers = |office: &&AgencyEntry| {
        office.id != *desk.me && !kept_out.contains(&office.id) && desk.directory.active_agent(&office.id, desk.now).is_ok()
    };
    let there = desk.directory.agencies().filter(|office| office.ambito == ambito).filter(answers);
    let there: Vec<String> = there.map(called).collect();
    let capofila = || {
        let id = AgencyId::parse(&desk.directory.programme(programma)?.capofila).ok()?;
        desk.directory.agency(&id).filter(answers).map(called)
    };
    if there.is_empty() { capofila().unwrap_or_else(|| "none".to_owned()) } else { there.join(", ") }
}

/// Its name, and its phone where the directory has one.
fn called(office: &AgencyEntry) -> String {
    if office.phone.is_empty() { office.office.clone() } else { format!("{} ({})", office.office, office.phone) }
}

/// An équipe's offices.
fn members(equipe: &EquipeEntry, kept_out: &[AgencyId], desk: &Desk<'_>, faults: &mut Faults) -> Addressed {
    let members = equipe.members.iter().map(|(member, _)| member);
    let mut recipients: Vec<AgencyId> =
        members.filter(|member| *member != desk.me && !kept_out.contains(member)).cloned().collect();
    recipients.sort();
    for office in &recipients {
        if !desk.directory.agency(office).is_some_and(|agency| agency.can(Capability::Riceve)) {
            faults.about_office("equipe", "office-cannot-receive", office.as_str());
        }
    }
    if recipients.is_empty() {
        faults.push("equipe", "no-recipients");
    }
    Addressed { equipe: Some(equipe.id.clone()), recipients }
}

/// One office that may receive, and offers this.
fn one(
    key: &str,
    id: &str,
    offers: Option<Capability>,
    kept_out: &[AgencyId],
    desk: &Desk<'_>,
    faults: &mut Faults,
) -> Option<Addressed> {
    let Some(office) = AgencyId::parse(id).ok().and_then(|id| desk.directory.agency(&id)) else {
        faults.about_office(key, "unknown-office", id);
        return None;
    };
    if let Some(code) = refusal(office, offers, kept_out, desk) {
        faults.about_office(key, code, id);
        return None;
    }
    Some(Addressed { equipe: None, recipients: vec![office.id.clone()] })
}

fn refusal(office: &AgencyEntry, offers: Option<Capability>, kept_out: &[AgencyId], desk: &Desk<'_>) -> Option<&'static str> {
    if office.id == *desk.me {
        Some("sender-among-recipients")
    } else if kept_out.contains(&office.id) {
        Some("kept-out")
    } else if !office.can(Capability::Riceve) {
        Some("office-cannot-receive")
    } else if offers.is_some_and(|what| !office.can(what)) {
        Some("office-no-cpi-services")
    } else if desk.directory.active_agent(&office.id, desk.now).is_err() {
        Some("office-out")
    } else if !desk.directory.may_write(desk.me, &office.id) {
        Some("office-not-reachable")
    } else {
        None
    }
}
