//! Plans in types, and every rule with a network that breaks it.

use raccordo_proto::ids::{AgencyId, AgentId, EquipeId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Timestamp, wire};

use super::*;
use crate::document;
use crate::roster::{Machine, Roster};

fn roster() -> Roster {
    document::read(document::tests::NETWORK).expect("good").roster
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

fn machine(seed: u8) -> Machine {
    Machine {
        id: AgentId::parse("a1").expect("a slug"),
        ik: ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).public_key(),
        spki_sha256: vec![[seed; 32]],
        state: wire::State::Active,
        from: Timestamp::from_millis(1),
        until: Timestamp::from_millis(2),
        revoked_at: None,
    }
}

fn faults_between(before: &Roster, after: &Roster) -> Vec<Fault> {
    faults::faults(&before.body(), &after.body())
}

fn faults_of(change: impl FnOnce(&mut Roster)) -> Vec<Fault> {
    let mut after = roster();
    change(&mut after);
    faults_between(&roster(), &after)
}

#[test]
fn a_new_network_is_all_new_and_the_same_one_is_nothing() {
    let first = review(None, &roster());
    assert!(first.faults.is_empty(), "{:?}", first.faults);
    assert_eq!(first.changes.len(), 4 + 2 + 1 + 2);
    assert!(first.changes.iter().all(|change| change.how == How::Create));
    let body = roster().body();
    assert!(changes(&body, &body).iter().all(|change| change.how == How::Nothing));
}

#[test]
fn a_change_says_what_was_and_what_will_be() {
    let mut after = roster();
    after.offices[1].state = wire::State::Suspended;
    after.equipes[1].members.pop();
    after.programmes.clear();
    after.territories[0].ambito = "casalmaggiore".to_owned();
    let changed = changes(&roster().body(), &after.body());
    let changed: Vec<_> = changed.into_iter().filter(|change| change.how != How::Nothing).collect();
    let of = |thing, id: &str| &changed.iter().find(|c| c.thing == thing && c.id == id).expect("it changes").how;
    let detail = |field, from: &str, to: &str| How::Change(vec![Detail { field, from: from.into(), to: to.into() }]);
    assert_eq!(*of(Thing::Office, "cpi-rivabella"), detail("field-state", "NOT_CONNECTED", "SUSPENDED"));
    assert_eq!(
        *of(Thing::Equipe, "crema"),
        detail("field-members", "cav-ginestra (CAV), sil-montelago (SIL)", "cav-ginestra (CAV)")
    );
    assert_eq!(*of(Thing::Programme, "lia-2"), How::Gone);
    assert_eq!(*of(Thing::Territory, "019035"), detail("field-ambito", "crema", "casalmaggiore"));
    assert_eq!(changed.len(), 4);
}

#[test]
fn a_required_role_has_a_member() {
    let role = wire::EquipeRole::Cpi;
    let found = faults_of(|after| after.equipes[0].members.retain(|(_, has)| *has != role));
    assert_eq!(found, [Fault::RoleWithoutMember { equipe: "cremona".into(), role }]);
    assert!(!found[0].stops_a_draft());
}

#[test]
fn the_capofila_is_in_no_equipe() {
    let found = faults_of(|after| {
        after.equipes[1].members.push((agency("comune-capofila"), wire::EquipeRole::ServizioSociale));
    });
    let (office, programme, equipe) = ("comune-capofila".into(), "lia-2".into(), "crema".into());
    assert_eq!(found, [Fault::CapofilaInEquipe { office, programme, equipe }]);
}

#[test]
fn ids_never_change_and_offices_are_not_taken_out() {
    let changed = Fault::IdChanged { old: "comune-capofila".into(), new: "comune-nuovo".into() };
    let rename = |after: &mut Roster| {
        after.offices[3].id = agency("comune-nuovo");
        after.programmes[0].capofila = agency("comune-nuovo");
    };
    assert_eq!(faults_of(rename), core::slice::from_ref(&changed), "the same name under another id");
    let mut before = roster();
    before.offices[3].machines.push(machine(1));
    let mut after = before.clone();
    rename(&mut after);
    after.offices[3].office = "Un altro nome".to_owned();
    assert_eq!(faults_between(&before, &after), [changed], "the same keys under another id");
    let found = faults_of(|after| {
        after.offices.remove(3);
        after.programmes.clear();
    });
    assert_eq!(found, [Fault::OfficeGone("comune-capofila".into())]);
}

#[test]
fn what_is_named_is_there_and_stands_once() {
    let found = faults_of(|after| after.equipes[0].members.push((agency("nessuno"), wire::EquipeRole::Sil)));
    assert_eq!(found, [Fault::UnknownOffice { thing: "thing-equipe", id: "cremona".into(), office: "nessuno".into() }]);
    let found = faults_of(|after| after.equipes[1].id = EquipeId::parse("cremona").expect("a slug"));
    assert_eq!(found, [Fault::Twice { thing: "thing-equipe", id: "cremona".into() }]);
    let found = faults_of(|after| {
        after.offices[0].machines.push(machine(1));
        after.offices[1].machines.push(Machine { ik: machine(2).ik, ..machine(1) });
    });
    assert_eq!(found, [Fault::KeyTwice { one: "cav-ginestra".into(), other: "cpi-rivabella".into() }]);
    let found = faults_of(|after| after.programmes[0].until = Timestamp::from_millis(1));
    assert_eq!(found, [Fault::Dates("lia-2".into())]);
}

#[test]
fn an_ambito_that_nobody_serves_is_a_warning() {
    let mut wanted = roster();
    wanted.equipes.retain(|equipe| equipe.ambito != "crema");
    let ambito = Warning::AmbitoWithoutEquipe { ambito: "crema".to_owned(), territories: 1 };
    let offices = ["cav-ginestra", "cpi-rivabella", "sil-montelago", "comune-capofila"].map(str::to_owned).to_vec();
    assert_eq!(review(None, &wanted).warnings, [ambito, Warning::WithoutMachine(offices), Warning::NoGateway]);
    wanted.equipes[0].ambito = "crema".to_owned();
    let mut second = wanted.equipes[0].clone();
    second.id = EquipeId::parse("crema-2").expect("a slug");
    wanted.equipes.push(second);
    let twice = Warning::AmbitoTwice { ambito: "crema".to_owned(), equipes: "cremona, crema-2".to_owned() };
    assert!(review(None, &wanted).warnings.contains(&twice));
}
