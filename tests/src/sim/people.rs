//! What people do in the simulated world: they refer, answer, take in charge, tell who she is; and come back with the same
//! request when no answer came. Not here: what becomes of it.

use std::collections::BTreeSet;

use core::time::Duration;
use raccordo_casework::answer::{Answer, Done};
use raccordo_casework::codice::Codice;
use raccordo_casework::desk::{Act, Command, Input};
use raccordo_casework::destination::Destination;
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{PresaInCarico, Riscontro, Ruolo};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, CaseId, LetterId, RequestId};
use rand_core::Rng as _;

use super::cast::{self, Consent};
use super::sabotage::Sabotage;
use super::{Happening, World};
use crate::town::{agency, owner};

/// How often somebody comes to do something: enough for every kind of act in every seed, and 300 seeds within minutes.
pub(super) const DEEDS: u64 = 180;
/// One of the referenti.
pub(super) const REFERENTE: u32 = 1003;
/// Somebody who leaves on her first day.
const GONE: u32 = 1009;
/// Operatrici and referenti of each office.
const PEOPLE: [(u32, Ruolo); 4] =
    [(1001, Ruolo::Operatrice), (1002, Ruolo::Operatrice), (1003, Ruolo::Referente), (1004, Ruolo::Referente)];

/// What somebody wants.
#[derive(Clone)]
pub(super) enum Want {
    Segnala { equipe: &'static str, consent: Consent },
    Disclose { case: CaseId, office: AgencyId },
    Riscontro(CaseId),
    Take(CaseId),
    Erase(CaseId),
    Accept { office: AgencyId, ik: [u8; 32], case: Option<CaseId> },
}

/// What somebody does, until she has an answer.
pub(super) struct Deed {
    /// Where.
    pub(super) office: AgencyId,
    uid: u32,
    pub(super) want: Want,
    request: RequestId,
    /// Whether an answer came, a refusal included.
    pub(super) answered: bool,
    /// The letter that a crash left without an answer.
    left: Option<LetterId>,
}

impl Deed {
    /// The disk that had its letter is lost: coming back, she writes another.
    pub(super) fn forget(&mut self, gone: &BTreeSet<LetterId>) {
        self.left = self.left.filter(|letter| !gone.contains(letter));
    }
}

impl World {
    /// The people of an office, before anything else.
    pub(super) fn hire(&mut self, id: &AgencyId) {
        for (uid, ruolo) in PEOPLE {
            let act = Act::AddOperator {
                name: format!("Persona {uid}"),
                uid,
                ruoli: vec![ruolo],
                pseudonym: Some(format!("op-{uid}")),
            };
            self.ask_desk(id, Input::Command(Command { ticket: u64::MAX, caller: owner(), act }));
        }
        // One leaves on her first day: nothing that comes after may be hers.
        let gone = || Some("op-gone".to_owned());
        let added =
            Act::AddOperator { name: "Persona uscita".to_owned(), uid: GONE, ruoli: vec![Ruolo::Referente], pseudonym: gone() };
        for act in [added, Act::DisableOperator { pseudonym: gone().unwrap_or_default() }] {
            self.ask_desk(id, Input::Command(Command { ticket: u64::MAX, caller: owner(), act }));
        }
    }

    /// So many come between this instant and the end of the faults.
    pub(super) fn plan_people(&mut self, deeds: u64, from: Timestamp) {
        let span = self.calm_at.since(from).as_millis();
        for _ in 0..deeds {
            let when = from.plus(Duration::from_millis(self.below(u64::try_from(span).unwrap_or(u64::MAX) - 10_000)));
            self.at(when, Happening::Person);
        }
    }

    pub(super) fn person_comes(&mut self) {
        let answers = self.below(100) < 60;
        let (office, uid, want) = match answers.then(|| self.something_to_answer()).flatten() {
            Some(deed) => deed,
            None => {
                let referrer = self.pick(&cast::REFERRERS).unwrap_or(cast::REFERRERS[0]);
                self.a_referral(referrer)
            }
        };
        let deed = self.wants(office, uid, want);
        self.ask(deed);
    }

    /// Somebody wants something, and will come to ask for it.
    pub(super) fn wants(&mut self, office: AgencyId, uid: u32, want: Want) -> usize {
        let mut request = [0; 16];
        self.rng.fill_bytes(&mut request);
        self.deeds.push(Deed { office, uid, want, request: RequestId::new(request), answered: false, left: None });
        self.deeds.len() - 1
    }

    /// The people of an office refer another woman, now.
    pub(super) fn refers(&mut self, id: &AgencyId) {
        for referrer in cast::REFERRERS.into_iter().filter(|(office, _)| *office == id.as_str()) {
            let (office, uid, want) = self.a_referral(referrer);
            let deed = self.wants(office, uid, want);
            self.ask(deed);
        }
    }

    fn a_referral(&mut self, (office, equipe): (&'static str, &'static str)) -> (AgencyId, u32, Want) {
        let me = agency(office);
        let others: Vec<AgencyId> = cast::members(equipe).into_iter().map(|(id, _)| id).filter(|id| *id != me).collect();
        let mut consent = Consent::default();
        if self.below(6) == 0 {
            consent.kept_out = self.pick(&others);
        }
        let told: Vec<AgencyId> = others.into_iter().filter(|id| consent.kept_out.as_ref() != Some(id)).collect();
        if self.below(3) == 0 && self.now < cast::MIDNIGHT {
            consent.until_midnight = self.pick(&told);
        }
        if self.below(2) == 0 {
            consent.riservata_per = self.pick(&told);
        }
        let uid = 1001 + u32::try_from(self.below(4)).unwrap_or(0);
        (me, uid, Want::Segnala { equipe, consent })
    }

    fn something_to_answer(&mut self) -> Option<(AgencyId, u32, Want)> {
        let referente = 1003 + u32::try_from(self.below(2)).unwrap_or(0);
        if self.below(4) == 0 && !self.model.to_disclose.is_empty() {
            let at = usize::try_from(self.below(self.model.to_disclose.len() as u64)).unwrap_or(0);
            let (me, case, office) = self.model.to_disclose.swap_remove(at);
            return Some((me, referente, Want::Disclose { case, office }));
        }
        let arrived = self.model.arrived.clone();
        let (me, case) = self.pick(&arrived)?;
        if self.below(30) == 0 {
            return Some((me, referente, Want::Erase(case)));
        }
        let want = if self.below(2) == 0 { Want::Riscontro(case) } else { Want::Take(case) };
        Some((me, referente, want))
    }

    /// Asks, or comes back later when nobody is there.
    pub(super) fn ask(&mut self, at: usize) {
        if self.deeds[at].answered {
            return;
        }
        let office = self.deeds[at].office.clone();
        if !self.office(&office).up {
            let wait = self.between(2_000, 20_000);
            self.counts.add("deed", "retried");
            return self.after(wait, Happening::Retry(at));
        }
        if self.sabotage == Some(Sabotage::LetterIdChanged) {
            self.rng.fill_bytes(&mut [0; 16]);
            let mut request = [0; 16];
            self.rng.fill_bytes(&mut request);
            self.deeds[at].request = RequestId::new(request);
        }
        self.model.requests.insert(self.deeds[at].request, at);
        let (act, name) = act(&self.deeds[at]);
        self.counts.add("deed", name);
        self.note(name, &format!("{office} {at}"));
        let caller = Caller { uid: self.deeds[at].uid, owner: false, claimed: None };
        self.office(&office).asking.insert(at);
        self.ask_desk(&office, Input::Command(Command { ticket: at as u64, caller, act }));
    }

    /// The office is gone before it answered.
    pub(super) fn unanswered(&mut self, at: usize) {
        self.counts.add("deed", "retried-after-crash");
        self.deeds[at].left = self.model.deeds.get(&at).copied();
        let wait = self.between(2_000, 20_000);
        self.after(wait, Happening::Retry(at));
    }

    /// No answer but a rule.
    pub(super) fn refused(&mut self, id: &AgencyId, ticket: u64, why: &'static str) {
        let Some(at) = self.deed_of(id, ticket) else { return };
        self.deeds[at].answered = true;
        self.counts.add("deed", "refused");
        self.counts.add("refusal", why);
        self.note("refused", &why);
    }

    /// An answer: from now on the letter must never be lost.
    pub(super) fn answered(&mut self, id: &AgencyId, ticket: u64, answer: &Answer) {
        let Some(at) = self.deed_of(id, ticket) else { return };
        self.deeds[at].answered = true;
        self.counts.add("deed", "answered");
        let letter = match answer {
            Answer::Done(Done { letter, .. }) => letter,
            Answer::Erased { .. } => return self.exports_tombstones(id),
            _ => return,
        };
        let durable = self.model.letters.get(letter).cloned();
        self.check("I1", durable.is_some(), || format!("{id} was told of a letter that is not durable"));
        if let Some(left) = self.deeds[at].left {
            self.counts.add("deed", "same-letter-again");
            self.check("one-act", left == *letter, || format!("{id} answered a retry with another letter"));
        }
        if !self.model.acknowledged.insert(*letter) {
            return;
        }
        if let (Want::Segnala { consent: Consent { riservata_per: Some(office), .. }, .. }, Some(letter)) =
            (&self.deeds[at].want, durable)
        {
            self.model.to_disclose.push((id.clone(), letter.letter().case_id, office.clone()));
        }
    }

    fn deed_of(&mut self, id: &AgencyId, ticket: u64) -> Option<usize> {
        let at = usize::try_from(ticket).ok().filter(|at| *at < self.deeds.len())?;
        self.office(id).asking.remove(&at).then_some(at)
    }

    /// What the form of a deed says of consent.
    pub(super) fn consent_of(&self, at: usize) -> Option<&Consent> {
        match &self.deeds[at].want {
            Want::Segnala { consent, .. } => Some(consent),
            Want::Disclose { .. } | Want::Riscontro(_) | Want::Take(_) | Want::Erase(_) | Want::Accept { .. } => None,
        }
    }
}

fn act(deed: &Deed) -> (Act, &'static str) {
    let request = deed.request;
    let codice = |case: &CaseId| Codice::of(*case).to_string();
    match &deed.want {
        Want::Segnala { equipe, consent } => {
            let modulo = Box::new(cast::form(equipe, &deed.office, consent));
            (Act::Segnala { modulo, to: Destination::Equipe((*equipe).to_owned()), faults: Vec::new(), request }, "segnalazione")
        }
        Want::Disclose { case, office } => {
            (Act::Disclose { codice: codice(case), office: office.to_string(), request }, "parte-riservata")
        }
        Want::Riscontro(case) => {
            let riscontro = Riscontro { entro_il: "2026-12-01".to_owned(), ..Default::default() };
            (Act::Riscontro { codice: codice(case), riscontro, request }, "riscontro")
        }
        Want::Take(case) => (Act::Take { codice: codice(case), presa: PresaInCarico::default(), request }, "presa-in-carico"),
        Want::Erase(case) => (Act::EraseCase { codice: codice(case) }, "erasure"),
        Want::Accept { office, ik, case } => {
            let name = if case.is_some() { "yes-for-a-case" } else { "yes" };
            (Act::AcceptKey { office: office.to_string(), ik: *ik, codice: case.as_ref().map(codice) }, name)
        }
    }
}
