//! Where a segnalazione goes: a municipality, an équipe, a CPI, another office; and what cannot be addressed. Not here: names of
//! municipalities (the agent's `comuni`), authorisations (`rules`).

use raccordo_admin::roster::{Roster, Territory};
use raccordo_casework::desk::Act;
use raccordo_casework::destination::Destination;
use raccordo_casework::record::{Change, Record};
use raccordo_casework::refusal::Refusal;
use raccordo_casework::roles::Caller;
use raccordo_casework::seats;
use raccordo_casework::wire::Modulo;
use raccordo_proto::ids::{ComuneId, EquipeId, RequestId};
use raccordo_proto::wire::State;
use raccordo_tests::town::{Town, agency, form};

use crate::acts::{done, received, town};
use crate::forge::{CAV, CPI, SIL, SOCIALE};

const SORESINA: &str = "019098";

fn comune(istat: &str) -> Destination {
    Destination::Comune(ComuneId::parse(istat).expect("six digits"))
}

fn cpi(id: &str) -> Destination {
    Destination::Cpi(id.to_owned())
}

fn ufficio(id: &str) -> Destination {
    Destination::Ufficio(id.to_owned())
}

fn segnala(modulo: Modulo, to: Destination) -> Act {
    Act::Segnala { modulo: Box::new(modulo), to, faults: Vec::new(), request: RequestId::new([1; 16]) }
}

/// A request to one office: no programme, and nobody else to authorise.
fn direct(tipo: &str) -> Modulo {
    Modulo { tipo_richiesta: tipo.to_owned(), programma: String::new(), in_carico_stato: String::new(), ..form() }
}

fn territory(istat: &str, ambito: &str) -> Territory {
    Territory { istat: istat.to_owned(), ambito: ambito.to_owned() }
}

/// A town whose directory knows three municipalities, one of an ambito without an équipe.
fn with_territories(more: impl FnOnce(&mut Roster)) -> (Town, Caller) {
    let (mut town, giulia, _) = town();
    town.publish(|roster| {
        roster.territories = vec![territory(SORESINA, "cremona"), territory("019035", "crema")];
        more(roster);
    });
    (town, giulia)
}

/// Codes of the faults, each with its key.
fn faults(town: &mut Town, who: &Caller, modulo: Modulo, to: Destination) -> Vec<(String, String)> {
    let before = town.office(CAV).journal.records().count();
    let Err(Refusal::Form(faults)) = town.ask(CAV, who.clone(), segnala(modulo, to)) else { panic!("faults of a form") };
    assert_eq!(town.office(CAV).journal.records().count(), before, "nothing is written");
    faults.into_iter().map(|fault| (fault.key, fault.code)).collect()
}

fn one(key: &str, code: &str) -> Vec<(String, String)> {
    vec![(key.to_owned(), code.to_owned())]
}

#[test]
fn a_municipality_leads_to_its_equipe_and_stands_in_no_record() {
    let (mut town, giulia) = with_territories(|_| {});
    let written = town.office(CAV).journal.records().count();
    let sent = done(town.ask(CAV, giulia, segnala(form(), comune(SORESINA))));
    assert_eq!(sent.recipients, [agency(CPI), agency(SIL), agency(SOCIALE)]);
    assert_eq!(received(&town, SIL), [sent.letter]);
    let named = |record: &Record, what: &str| record.encode().windows(what.len()).any(|window| window == what.as_bytes());
    let of = |office: &str, from: usize| town.office(office).journal.records().skip(from).collect::<Vec<_>>();
    let (of_sender, of_recipient) = (of(CAV, written), of(CPI, 0));
    let letters = of_recipient.iter().filter(|record| !matches!(record.0, Change::DirectoryInstalled(_)));
    for record in of_sender.iter().chain(letters) {
        assert!(!named(record, SORESINA) && !named(record, "Soresina"), "a record names the municipality");
    }
    assert!(of_sender.iter().any(|record| named(record, "cremona")), "control: the équipe is in it");
    assert!(of_recipient.iter().any(|record| named(record, SORESINA)), "control: the directory has the municipality");
}

#[test]
fn a_municipality_without_ambito_and_an_ambito_without_equipe_are_told_with_whom_to_phone() {
    let (mut town, giulia) = with_territories(|_| {});
    assert_eq!(faults(&mut town, &giulia, form(), comune("019001")), one("comune", "no-ambito"));
    assert_eq!(faults(&mut town, &giulia, form(), comune("019035")), one("comune", "no-equipe"));
    let uffici = |town: &mut Town| {
        let Err(Refusal::Form(faults)) = town.ask(CAV, giulia.clone(), segnala(form(), comune("019035"))) else {
            panic!("faults")
        };
        (faults[0].args["ambito"].clone(), faults[0].args["uffici"].clone())
    };
    let capofila = "Ufficio comune-capofila (nome di fantasia)";
    assert_eq!(uffici(&mut town), ("crema".to_owned(), capofila.to_owned()), "nobody is there: the programme's capofila");
    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("an office").ambito = "crema".to_owned());
    assert_eq!(uffici(&mut town).1, "Ufficio sil-rivabella (nome di fantasia)", "an office of that ambito");
    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("an office").phone = "0372 00.00.04".to_owned());
    assert_eq!(uffici(&mut town).1, "Ufficio sil-rivabella (nome di fantasia) (0372 00.00.04)", "with its phone");
    let without_sil = Modulo { chi_non_deve_sapere: vec![SIL.to_owned()], ..form() };
    let Err(Refusal::Form(faults)) = town.ask(CAV, giulia.clone(), segnala(without_sil, comune("019035"))) else {
        panic!("faults")
    };
    let told = faults.iter().find(|fault| fault.code == "no-equipe").expect("no équipe");
    assert_eq!(told.args["uffici"], capofila, "an office that must not know is nobody to phone");
}

#[test]
fn an_office_that_is_suspended_is_neither_addressed_nor_named_for_phoning() {
    let (mut town, giulia) = with_territories(|roster| {
        let sil = roster.office_mut(&agency(SIL)).expect("an office");
        sil.ambito = "crema".to_owned();
        sil.state = State::Suspended;
    });
    let mut modulo = direct("ALTRO_SERVIZIO");
    modulo.parte_riservata = None;
    assert_eq!(faults(&mut town, &giulia, modulo, ufficio(SIL)), one("ufficio", "office-out"));
    let Err(Refusal::Form(told)) = town.ask(CAV, giulia, segnala(form(), comune("019035"))) else { panic!("faults") };
    assert_eq!(told[0].args["uffici"], "Ufficio comune-capofila (nome di fantasia)");
}

#[test]
fn two_equipes_of_one_ambito_are_a_choice_that_nobody_makes_for_her() {
    let (mut town, giulia) = with_territories(|roster| {
        let mut second = roster.equipes[0].clone();
        second.id = EquipeId::parse("cremona-due").expect("a slug");
        roster.equipes.push(second);
    });
    assert_eq!(faults(&mut town, &giulia, form(), comune(SORESINA)), one("comune", "two-equipes"));
}

#[test]
fn a_request_to_a_cpi_reaches_that_cpi_alone() {
    let (mut town, giulia, _) = town();
    let sent = done(town.ask(CAV, giulia, segnala(direct("SERVIZI_CPI"), cpi(CPI))));
    assert_eq!(sent.recipients, [agency(CPI)]);
    assert_eq!(received(&town, CPI), [sent.letter]);
    assert!(received(&town, SIL).is_empty() && received(&town, SOCIALE).is_empty());
}

#[test]
fn a_request_to_another_office_reaches_that_office_alone() {
    let (mut town, giulia, _) = town();
    let mut modulo = direct("ALTRO_SERVIZIO");
    modulo.parte_riservata = None;
    let sent = done(town.ask(CAV, giulia, segnala(modulo, ufficio(SOCIALE))));
    assert_eq!((received(&town, SOCIALE), received(&town, CPI)), (vec![sent.letter], vec![]));
}

#[test]
fn each_way_in_has_its_own_destination() {
    let (mut town, giulia) = with_territories(|_| {});
    let equipe = || Destination::Equipe("cremona".to_owned());
    for to in [equipe(), comune(SORESINA)] {
        assert_eq!(faults(&mut town, &giulia, direct("SERVIZI_CPI"), to.clone()), one("tipo_richiesta", "way-to-cpi"));
        assert_eq!(faults(&mut town, &giulia, direct("ALTRO_SERVIZIO"), to), one("tipo_richiesta", "way-to-office"));
    }
    for to in [cpi(CPI), ufficio(CPI)] {
        assert_eq!(faults(&mut town, &giulia, form(), to), one("tipo_richiesta", "way-to-equipe"));
    }
    let with_programme = Modulo { programma: "lia-2".to_owned(), ..direct("SERVIZI_CPI") };
    assert_eq!(faults(&mut town, &giulia, with_programme, cpi(CPI)), one("programma", "only-with-programme"));
}

#[test]
fn an_office_that_cannot_be_addressed_is_told_by_its_reason() {
    let (mut town, giulia, _) = town();
    let mut fault = |change: fn(&mut Modulo), to: Destination| {
        let mut modulo = direct("SERVIZI_CPI");
        modulo.parte_riservata = None;
        change(&mut modulo);
        faults(&mut town, &giulia, modulo, to)
    };
    assert_eq!(fault(|_| {}, cpi("cpi-ignoto")), one("cpi", "unknown-office"));
    assert_eq!(fault(|_| {}, cpi("CPI di Rivabella")), one("cpi", "unknown-office"));
    assert_eq!(fault(|_| {}, cpi(SOCIALE)), one("cpi", "office-no-cpi-services"));
    assert_eq!(fault(|_| {}, cpi("comune-capofila")), one("cpi", "office-cannot-receive"));
    assert_eq!(fault(|_| {}, cpi(CAV)), one("cpi", "sender-among-recipients"));
    let keep_out: fn(&mut Modulo) = |modulo| modulo.chi_non_deve_sapere.push(CPI.to_owned());
    assert_eq!(fault(keep_out, cpi(CPI)), one("cpi", "kept-out"));
}

#[test]
fn a_seat_that_she_must_avoid_gets_nothing_by_its_id_or_by_its_name() {
    let (mut town, giulia, _) = town();
    for seat in [
        CPI,
        "CPI-RIVABELLA",
        "Cpi Rivabella",
        " ufficio  CPI-rivabella",
        "il CPI di Rivabella, via Dante 3",
        "C.P.I. Rivabella",
        "quello di cpi-rivabella vicino alla stazione",
    ] {
        let mut modulo = form();
        let scheda = modulo.parte_riservata.as_mut().and_then(|riservata| riservata.scheda.as_mut()).expect("it has one");
        scheda.sedi_da_evitare.push(seat.to_owned());
        let found = faults(&mut town, &giulia, modulo, Destination::Equipe("cremona".to_owned()));
        assert_eq!(found, one("parte_riservata.sedi_da_evitare", "seat-to-avoid"), "{seat}");
    }
}

/// A town that is named means every office there, unless one is named with it; what means no office is nobody's here.
#[test]
fn a_seat_means_the_offices_that_its_words_can_mean() {
    let (town, ..) = town();
    let directory = town.office(CAV).desk.directory().expect("a directory").clone();
    let meant = |seat: &str| seats::meant(seat, &directory).into_iter().map(|office| office.id.to_string()).collect::<Vec<_>>();
    let of_rivabella = [CPI, SIL, SOCIALE];
    assert_eq!(meant("Centro per l'Impiego di Rivabella"), [CPI]);
    assert_eq!(meant("la sede di Rivabella"), of_rivabella);
    assert_eq!(meant("Rivabella"), of_rivabella);
    assert_eq!(meant("S.I.L. di Rivabella, via Dante 3"), [SIL]);
    for nobody in ["", "  – ", "via Dante 3", "cpi-rivabela"] {
        assert_eq!(meant(nobody), [""; 0], "{nobody}");
    }
}
