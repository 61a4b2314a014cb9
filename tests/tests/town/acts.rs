//! What the people of the town do in these tests, and what is then seen. Not here: letters made by hand (`forge`).

use core::time::Duration;
use std::collections::BTreeSet;

use raccordo_casework::answer::{Answer, Done, OutboxRow, Place};
use raccordo_casework::desk::Act;
use raccordo_casework::destination::Destination;
use raccordo_casework::record::Record;
use raccordo_casework::refusal::Refusal;
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{self, Modulo, Riscontro, Ruolo};
use raccordo_proto::ids::{LetterId, RequestId};
use raccordo_tests::town::{Town, agency, form};

use crate::forge::{CAV, CPI, SIL, SOCIALE};

pub const MINUTE: Duration = Duration::from_secs(60);

/// A town with everybody attached, a referente at each end.
pub fn town() -> (Town, Caller, Caller) {
    let mut town = Town::new(5);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Referente);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    [CAV, SOCIALE, CPI, SIL].iter().for_each(|office| town.attach(office));
    (town, giulia, paolo)
}

pub fn done(answer: Result<Answer, Refusal>) -> Done {
    match answer {
        Ok(Answer::Done(done)) => done,
        Ok(_) => panic!("another answer"),
        Err(_) => panic!("it was not done"),
    }
}

/// A form sent to the équipe of the town.
pub fn referral(modulo: Modulo, request: u8) -> Act {
    let request = RequestId::new([request; 16]);
    Act::Segnala { modulo: Box::new(modulo), to: Destination::Equipe("cremona".to_owned()), faults: Vec::new(), request }
}

pub fn segnala(town: &mut Town, who: &Caller, request: u8) -> Done {
    done(town.ask(CAV, who.clone(), referral(form(), request)))
}

pub fn riscontro(town: &mut Town, who: &Caller, codice: &str, request: u8) -> Done {
    let riscontro = Riscontro { entro_il: "2027-05-01".to_owned(), ..Default::default() };
    let request = RequestId::new([request; 16]);
    done(town.ask(CPI, who.clone(), Act::Riscontro { codice: codice.to_owned(), riscontro, request }))
}

pub fn disclose(town: &mut Town, who: &Caller, codice: &str, request: u8) -> Done {
    let (codice, request) = (codice.to_owned(), RequestId::new([request; 16]));
    done(town.ask(CAV, who.clone(), Act::Disclose { codice, office: CPI.to_owned(), request }))
}

/// A referente of the CAV says yes to the key that the CPI has now; for a case, or for all but the parti riservate.
pub fn says_yes(town: &mut Town, who: &Caller, codice: Option<&str>) -> Result<Answer, Refusal> {
    let ik = *town.directory.agency(&agency(CPI)).and_then(|cpi| cpi.active_agent()).expect("it is active").ik.as_bytes();
    let act = Act::AcceptKey { office: CPI.to_owned(), ik, codice: codice.map(str::to_owned) };
    town.ask(CAV, who.clone(), act)
}

pub fn places(town: &mut Town, who: &Caller) -> Vec<(LetterId, String, Place)> {
    let Ok(Answer::Outbox(rows)) = town.ask(CAV, who.clone(), Act::Outbox) else { panic!("an outbox") };
    let place = |row: OutboxRow| (row.letter, row.recipient.to_string(), row.place);
    rows.into_iter().map(place).collect()
}

/// Letters of others at an office, and how many times each is in its cases.
pub fn received(town: &Town, office: &str) -> Vec<LetterId> {
    let mut letters: Vec<LetterId> = town.office(office).desk.received().into_iter().map(|(letter, _, _)| letter).collect();
    letters.sort();
    letters
}

pub fn backup(town: &Town, office: &str) -> wire::Backup {
    let records: Vec<Record> = town.office(office).journal.records().collect();
    raccordo_casework::restore::backup(&records, town.directory.network(), &agency(office), town.now, Vec::new())
}

/// The same letters at both, each once.
pub fn same(found: &[LetterId], expected: &[LetterId]) {
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "nothing is doubled");
    assert!(found == expected, "{found:?} instead of {expected:?}");
}
