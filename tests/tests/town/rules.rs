//! Who may do what, and what a form must hold: refusals before anything is sealed or written.

use prost::Message as _;
use raccordo_casework::answer::Answer;
use raccordo_casework::desk::Act;
use raccordo_casework::refusal::{Refusal, Rule};
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{Modulo, PresaInCarico, Riscontro, Ruolo, SchedaRiservata};
use raccordo_proto::ids::RequestId;
use raccordo_tests::town::{Town, agency, form, owner};

use crate::acts::{self, referral};
use crate::forge::CAV;

fn segnala(modulo: Modulo) -> Act {
    referral(modulo, 1)
}

fn refused(town: &mut Town, who: Caller, act: Act) -> Refusal {
    let before = town.office("cav-ginestra").journal.records().count();
    let refusal = town.ask("cav-ginestra", who, act).err().expect("it is refused");
    assert_eq!(town.office("cav-ginestra").journal.records().count(), before, "nothing is written");
    refusal
}

#[test]
fn every_fault_of_a_form_comes_at_once_and_none_tells_what_was_typed() {
    let mut town = Town::new(1);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let mut modulo = form();
    let secret = "ZZ-SEGRETO-ZZ";
    modulo.tipo_richiesta = secret.to_owned();
    modulo.urgenza = "EMERGENZA".to_owned();
    modulo.aree_richieste = vec![secret.to_owned()];
    modulo.di_che_cosa_ha_bisogno = secret.repeat(200);
    modulo.recapito_servizio.clear();
    modulo.in_carico_stato = "CONCLUSA".to_owned();
    modulo.autorizzazioni[0].fino_al = secret.to_owned();
    modulo.autorizzazioni.pop();
    let Refusal::Form(faults) = refused(&mut town, giulia, segnala(modulo)) else { panic!("faults of a form") };
    let mut codes: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.key.as_str(), fault.code.as_str())).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("aree_richieste", "not-allowed"),
            ("autorizzazioni", "missing-authorisation"),
            ("autorizzazioni", "missing-authorisation"),
            ("autorizzazioni[1].fino_al", "bad-date"),
            ("di_che_cosa_ha_bisogno", "too-long"),
            ("in_carico", "only-with-programme"),
            ("in_carico.data", "date-needed"),
            ("parte_riservata.per", "reader-not-authorised"),
            ("recapito_servizio", "required"),
            ("tipo_richiesta", "not-allowed"),
            ("urgenza", "emergency"),
        ]
    );
    assert!(faults.iter().all(|fault| !fault.args.values().any(|value| value.contains(secret))));
}

#[test]
fn a_fault_offers_the_ways_in_and_says_which_destination_each_has() {
    let mut town = Town::new(7);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let mut told = |tipo: &str| {
        let modulo = Modulo { tipo_richiesta: tipo.to_owned(), programma: String::new(), ..form() };
        let Refusal::Form(faults) = refused(&mut town, giulia.clone(), segnala(modulo)) else { panic!("faults of a form") };
        let fault = faults.into_iter().find(|fault| fault.key == "tipo_richiesta").expect("it is told");
        (fault.code, fault.args.get("allowed").cloned())
    };
    let ways = "INSERIMENTO_NEL_PROGRAMMA, SERVIZI_CPI, ALTRO_SERVIZIO";
    assert_eq!(told("VOLARE"), ("not-allowed".to_owned(), Some(ways.to_owned())));
    assert_eq!(told("SERVIZI_CPI"), ("way-to-cpi".to_owned(), None));
    assert_eq!(told("ALTRO_SERVIZIO"), ("way-to-office".to_owned(), None));
    assert_eq!(told(""), ("required".to_owned(), None));
}

#[test]
fn a_scheda_written_before_a_protected_home_could_be_unstated_is_read() {
    let home = |bytes: &[u8]| SchedaRiservata::decode(bytes).expect("readable").domicilio_protetto;
    assert_eq!(home(&[0x40, 1]), Some(true), "field 8 as it has always been written");
    assert_eq!(home(&[]), None, "what was not written was never a no");
    assert_eq!(home(&[0x40, 0]), Some(false));
}

#[test]
fn a_parte_riservata_without_authorisation_is_refused_by_name() {
    let mut town = Town::new(2);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let mut modulo = form();
    modulo.parte_riservata.as_mut().expect("there is one").per = vec!["sil-rivabella".to_owned()];
    let refusal = refused(&mut town, giulia, segnala(modulo));
    assert!(refusal == Refusal::Rule(Rule::NoAuthorisation { ufficio: "sil-rivabella".to_owned() }));
    let mut kept_out = form();
    kept_out.parte_riservata.as_mut().expect("there is one").per = vec!["cpi-rivabella".to_owned()];
    kept_out.chi_non_deve_sapere.push("cpi-rivabella".to_owned());
    let giulia = Caller { uid: 0, owner: false, claimed: Some("op-3f9a".to_owned()) };
    let Refusal::Form(faults) = refused(&mut town, giulia, segnala(kept_out)) else { panic!("a fault of the form") };
    let told: Vec<_> = faults.iter().map(|fault| (fault.key.as_str(), fault.code.as_str())).collect();
    assert_eq!(told, [("parte_riservata.per", "reader-not-addressed")], "it is kept out, and has its row");
}

#[test]
fn an_office_kept_out_gets_no_byte_and_is_on_no_list() {
    let mut town = Town::new(3);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let ines = town.person("sil-rivabella", "op-5d18", Ruolo::Referente);
    let marta = town.person("sociale-rivabella", "op-71c2", Ruolo::Referente);
    for office in ["cav-ginestra", "sociale-rivabella", "cpi-rivabella", "sil-rivabella"] {
        town.attach(office);
    }
    let mut modulo = form();
    modulo.autorizzazioni.pop();
    modulo.chi_non_deve_sapere = vec!["sil-rivabella".to_owned()];
    let Ok(Answer::Done(done)) = town.ask("cav-ginestra", giulia, segnala(modulo)) else { panic!("it is sent") };
    assert_eq!(done.recipients, [agency("cpi-rivabella"), agency("sociale-rivabella")]);
    let take = Act::Take { codice: done.codice.to_string(), presa: PresaInCarico::default(), request: RequestId::new([2; 16]) };
    assert!(town.ask("sociale-rivabella", marta, take).is_ok());
    assert!(town.passed.iter().all(|(_, to, _)| *to != agency("sil-rivabella")), "no byte, answers included");
    assert!(matches!(town.ask("sil-rivabella", ines.clone(), Act::Inbox), Ok(Answer::Inbox(rows)) if rows.is_empty()));
    let show = |codice: String| Act::Show { codice };
    let kept = town.ask("sil-rivabella", ines.clone(), show(done.codice.to_string())).err();
    let never = town.ask("sil-rivabella", ines, show("000-000-000".to_owned())).err();
    assert!(kept == never && kept == Some(Refusal::Rule(Rule::CodiceInesistente)), "as if it did not exist");
}

#[test]
fn answers_need_a_referente_and_strangers_may_nothing() {
    let mut town = Town::new(4);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let other = town.person("cpi-rivabella", "op-0001", Ruolo::Operatrice);
    ["cav-ginestra", "cpi-rivabella"].iter().for_each(|office| town.attach(office));
    let Ok(Answer::Done(done)) = town.ask("cav-ginestra", giulia, segnala(form())) else { panic!("it is sent") };
    let take =
        || Act::Take { codice: done.codice.to_string(), presa: PresaInCarico::default(), request: RequestId::new([2; 16]) };
    assert!(town.ask("cpi-rivabella", other.clone(), take()).err() == Some(Refusal::Rule(Rule::NotReferente)));
    assert!(matches!(town.ask("cpi-rivabella", other.clone(), Act::Inbox), Ok(Answer::Inbox(rows)) if rows.is_empty()));
    let show = Act::Show { codice: done.codice.to_string() };
    assert!(town.ask("cpi-rivabella", other, show).err() == Some(Refusal::Rule(Rule::CodiceInesistente)));
    let stranger = Caller { uid: 4242, owner: false, claimed: None };
    assert!(town.ask("cpi-rivabella", stranger.clone(), take()).err() == Some(Refusal::Rule(Rule::UnknownOperator)));
    let add = Act::AddOperator { name: "X".to_owned(), uid: 1, ruoli: vec![Ruolo::Referente], pseudonym: None };
    assert!(town.ask("cpi-rivabella", stranger, add).err() == Some(Refusal::Rule(Rule::Role)));
}

#[test]
fn an_answer_is_not_promised_for_a_day_that_has_passed() {
    let mut town = Town::new(4);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person("cpi-rivabella", "op-0be4", Ruolo::Referente);
    ["cav-ginestra", "cpi-rivabella"].iter().for_each(|office| town.attach(office));
    let Ok(Answer::Done(done)) = town.ask("cav-ginestra", giulia, segnala(form())) else { panic!("it is sent") };
    let mut answer = |entro_il: &str| {
        let riscontro = Riscontro { entro_il: entro_il.to_owned(), ..Default::default() };
        let act = Act::Riscontro { codice: done.codice.to_string(), riscontro, request: RequestId::new([2; 16]) };
        town.ask("cpi-rivabella", paolo.clone(), act).err()
    };
    for bad in ["2026-11-17", "domani", "2026-02-30", ""] {
        assert!(answer(bad) == Some(Refusal::Rule(Rule::BadDate)), "{bad}");
    }
    assert!(answer("2026-11-18").is_none(), "the day of today");
}

#[test]
fn one_person_one_pseudonym_one_user() {
    let mut town = Town::new(5);
    town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let again = Act::AddOperator { name: "Y".to_owned(), uid: 7, ruoli: Vec::new(), pseudonym: Some("op-3f9a".to_owned()) };
    assert!(refused(&mut town, owner(), again) == Refusal::Rule(Rule::OperatorExists));
}

#[test]
fn a_form_that_would_make_a_letter_too_large_to_travel_is_refused() {
    let mut town = Town::new(6);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let mut modulo = form();
    let scheda = modulo.parte_riservata.as_mut().and_then(|riservata| riservata.scheda.as_mut()).expect("there is one");
    scheda.sedi_ok = vec!["x".repeat(100); 2_500];
    modulo.aree_richieste = vec!["LAVORO".to_owned(); 60_000];
    let Refusal::Form(faults) = refused(&mut town, giulia, segnala(modulo)) else { panic!("faults of a form") };
    let codes: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.key.as_str(), fault.code.as_str())).collect();
    assert_eq!(codes, [("aree_richieste", "too-many"), ("parte_riservata.sedi_ok", "too-many")]);
}

/// Who leaves may do nothing more, her user id is free for whoever comes after her, and a start knows it again.
#[test]
fn who_was_disabled_may_nothing_also_after_a_restart_and_her_user_is_free() {
    let (mut town, giulia, _) = acts::town();
    let gone = || Act::DisableOperator { pseudonym: "op-3f9a".to_owned() };
    for who in [giulia.clone(), Caller { uid: 4, owner: false, claimed: None }] {
        assert!(matches!(town.ask(CAV, who.clone(), gone()), Err(Refusal::Rule(Rule::Role))));
        assert!(matches!(town.ask(CAV, who, Act::Operators), Err(Refusal::Rule(Rule::Role))));
    }
    let nobody = Act::DisableOperator { pseudonym: "op-0000".to_owned() };
    assert!(matches!(town.ask(CAV, owner(), nobody), Err(Refusal::Rule(Rule::NoSuchOperator))));
    let codice = acts::done(town.ask(CAV, giulia.clone(), referral(form(), 1))).codice;
    let written = |town: &Town| town.office(CAV).journal.records().count();
    let before = written(&town);
    for _ in 0..2 {
        assert!(matches!(town.ask(CAV, owner(), gone()), Ok(Answer::Operator { pseudonym }) if pseudonym == "op-3f9a"));
    }
    assert_eq!(written(&town), before + 1, "done twice, it is written once");
    for _ in 0..2 {
        assert!(matches!(town.ask(CAV, giulia.clone(), Act::Inbox), Err(Refusal::Rule(Rule::UnknownOperator))));
        let refused = town.ask(CAV, giulia.clone(), referral(form(), 2));
        assert!(matches!(refused, Err(Refusal::Rule(Rule::UnknownOperator))));
        town.restart(CAV);
    }
    let add = |pseudonym: &str| Act::AddOperator {
        name: "Z".to_owned(),
        uid: giulia.uid,
        ruoli: vec![Ruolo::Referente],
        pseudonym: Some(pseudonym.to_owned()),
    };
    assert!(matches!(town.ask(CAV, owner(), add("op-3f9a")), Err(Refusal::Rule(Rule::OperatorExists))), "her pseudonym is hers");
    assert!(town.ask(CAV, owner(), add("op-7777")).is_ok());
    let after = Caller { uid: giulia.uid, owner: false, claimed: None };
    assert!(town.ask(CAV, after, Act::Show { codice: codice.to_string() }).is_ok(), "a referente sees what she left");
    let Ok(Answer::Operators(people)) = town.ask(CAV, owner(), Act::Operators) else { panic!("the people") };
    let listed: Vec<_> = people.iter().map(|person| (person.pseudonym.as_str(), person.disabled)).collect();
    assert_eq!(listed, [("op-3f9a", true), ("op-7777", false)]);
}

/// What cannot be true is a slip, and is told before anything is signed.
#[test]
fn what_cannot_be_true_is_a_fault() {
    let mut town = Town::new(2);
    let giulia = town.person("cav-ginestra", "op-3f9a", Ruolo::Operatrice);
    let mut fault = |change: fn(&mut Modulo, &mut SchedaRiservata)| {
        let mut modulo = form();
        let mut scheda = modulo.parte_riservata.as_ref().and_then(|riservata| riservata.scheda.clone()).expect("it has one");
        change(&mut modulo, &mut scheda);
        modulo.parte_riservata.as_mut().expect("it has one").scheda = Some(scheda);
        let Refusal::Form(faults) = refused(&mut town, giulia.clone(), segnala(modulo)) else { panic!("a fault of the form") };
        faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
    };
    assert_eq!(fault(|modulo, _| modulo.autorizzazioni[0].firmata_il = "2026-11-19".to_owned()), ["future-date"]);
    assert_eq!(fault(|modulo, _| modulo.in_carico_data = "2027-01-01".to_owned()), ["future-date"]);
    assert_eq!(fault(|modulo, _| modulo.recapito_servizio = "telefona".to_owned()), ["no-number"]);
    assert_eq!(fault(|_, scheda| scheda.data_nascita = "2090-01-02".to_owned()), ["future-date"]);
    assert_eq!(fault(|_, scheda| scheda.codice_fiscale = "XXX".to_owned()), ["bad-codice-fiscale"]);
    assert_eq!(fault(|_, scheda| scheda.recapiti.get_or_insert_default().numero = "non so".to_owned()), ["no-number"]);
    let past = |_: &mut Modulo, scheda: &mut SchedaRiservata| {
        scheda.recapiti.get_or_insert_default().valido_fino = "2026-11-17".to_owned();
    };
    assert_eq!(fault(past), ["past-date"]);
}
