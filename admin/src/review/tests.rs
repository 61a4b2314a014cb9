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

fn agent(id: &str) -> AgentId {
    AgentId::parse(id).expect("a slug")
}

fn machine(seed: u8) -> Machine {
    Machine {
        id: agent("a1"),
        ik: ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).public_key(),
        spki_sha256: vec![[seed; 32]],
        state: wire::State::Active,
        from: Timestamp::from_millis(1),
        until: Timestamp::from_millis(2),
        revoked_at: None,
    }
}

fn faults_between(before: &Roster, after: &Roster) -> Vec<Fault> {
    faults(&before.body(), &after.body())
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
    assert_eq!(found, [Fault::UnknownOffice { thing: Thing::Equipe, id: "cremona".into(), office: "nessuno".into() }]);
    let found = faults_of(|after| after.equipes[1].id = EquipeId::parse("cremona").expect("a slug"));
    assert_eq!(found, [Fault::Twice { thing: Thing::Equipe, id: "cremona".into() }]);
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

#[test]
fn keys_that_were_signed_as_revoked_never_count_again() {
    let mut before = roster();
    let revoked = Machine { state: wire::State::Revoked, revoked_at: Some(Timestamp::from_millis(9)), ..machine(1) };
    before.offices[0].machines.push(revoked.clone());
    let faults = |machines: Vec<Machine>, office: usize| {
        let mut after = before.clone();
        after.offices[0].machines = vec![revoked.clone()];
        after.offices[office].machines = machines;
        faults_between(&before, &after)
    };
    let back = |new: &str| Fault::KeyBack { old: "cav-ginestra".into(), new: new.into() };
    assert_eq!(faults(vec![revoked.clone(), Machine { id: agent("a2"), ..machine(2) }], 0), [], "a new machine");
    assert_eq!(faults(vec![machine(1)], 0), [back("cav-ginestra")], "the same keys");
    let new_tls = Machine { spki_sha256: vec![[3; 32]], ..machine(1) };
    assert_eq!(faults(vec![new_tls], 0), [back("cav-ginestra")], "a new TLS key");
    let new_identity = Machine { id: agent("a2"), spki_sha256: vec![[1; 32]], ..machine(2) };
    let found = faults(vec![Machine { spki_sha256: Vec::new(), ..revoked.clone() }, new_identity], 0);
    assert_eq!(found, [back("cav-ginestra")], "a new identity");
    let relay = |id: &str, key| crate::roster::Relay {
        id: raccordo_proto::ids::GatewayId::parse(id).expect("a slug"),
        endpoints: vec!["gw.rete.example:443".to_owned()],
        spki_sha256: vec![key],
    };
    let mut after = before.clone();
    after.offices[0].machines[0].spki_sha256.clear();
    after.gateways.push(relay("gw1", [1; 32]));
    let back = Fault::KeyBack { old: "cav-ginestra".into(), new: "gw1".into() };
    assert!(faults_between(&before, &after).contains(&back), "as a gateway");
}

#[test]
fn machines_are_revoked_and_not_taken_out() {
    let mut before = roster();
    before.offices[0].machines.push(machine(1));
    let gone = Fault::MachineGone { office: "cav-ginestra".into(), machine: "a1".into() };
    assert_eq!(faults_between(&before, &roster()), core::slice::from_ref(&gone));
    before.offices[0].machines[0].state = wire::State::Revoked;
    assert_eq!(faults_between(&before, &roster()), [gone], "with it would go what keeps its keys out");
}

#[test]
fn what_no_verifier_would_take_is_said_before_it_is_signed() {
    let found = faults_of(|after| after.offices[0].machines = vec![machine(1), machine(2)]);
    let twice = Fault::Twice { thing: Thing::Machine, id: "cav-ginestra/a1".into() };
    assert_eq!(found, [twice, Fault::TwoActive("cav-ginestra".into())]);
    let keys = vec![[1; 32], [2; 32], [3; 32]];
    let found = faults_of(|after| after.offices[0].machines = vec![Machine { spki_sha256: keys.clone(), ..machine(1) }]);
    assert_eq!(found, [Fault::TooManyKeys("cav-ginestra/a1".into())]);
    let found = faults_of(|after| {
        let id = raccordo_proto::ids::GatewayId::parse("gw1").expect("a slug");
        after.gateways.push(crate::roster::Relay { id, endpoints: Vec::new(), spki_sha256: keys.clone() });
    });
    assert_eq!(found, [Fault::TooManyKeys("gw1".into()), Fault::NoEndpoint("gw1".into())]);
    assert!(found[0].stops_a_draft() && !found[1].stops_a_draft());
    let found = faults_of(|after| {
        for number in 0..63 {
            let mut office = after.offices[2].clone();
            (office.id, office.office) = (agency(&format!("sil-{number}")), format!("SIL {number}"));
            after.equipes[1].members.push((office.id.clone(), wire::EquipeRole::Sil));
            after.offices.push(office);
        }
    });
    assert_eq!(found, [Fault::TooManyMembers("crema".into())]);
    let found = faults_of(|after| after.equipes[0].members.push((agency("cav-ginestra"), wire::EquipeRole::Sil)));
    assert_eq!(found, [Fault::MemberTwice { equipe: "cremona".into(), office: "cav-ginestra".into() }]);
}

/// What stands under `[[office]]` counts for its machines too, and a ban is for ever.
#[test]
fn an_office_that_was_revoked_comes_back_with_new_keys_alone_and_a_banned_one_never() {
    let with = |state, machines: Vec<Machine>| {
        let mut roster = roster();
        (roster.offices[0].state, roster.offices[0].machines) = (state, machines);
        roster
    };
    let out = with(wire::State::Revoked, vec![machine(1)]);
    assert_eq!(out.body().revocations.len(), 1, "its key no longer counts");
    let back = Fault::KeyBack { old: "cav-ginestra".into(), new: "cav-ginestra".into() };
    assert_eq!(faults_between(&out, &with(wire::State::Active, vec![machine(1)])), [back]);
    let revoked = Machine { state: wire::State::Revoked, ..machine(1) };
    let new = Machine { id: agent("a2"), ..machine(2) };
    assert_eq!(faults_between(&out, &with(wire::State::Active, vec![revoked.clone(), new.clone()])), []);
    let banned = with(wire::State::Banned, vec![revoked.clone()]);
    let found = faults_between(&banned, &with(wire::State::Active, vec![revoked, new]));
    assert_eq!(found, [Fault::BannedBack("cav-ginestra".into())]);
}

#[test]
fn equipes_and_programmes_keep_their_ids() {
    let another = |thing, old: &str, new: &str| vec![Fault::AnotherId { thing, old: old.into(), new: new.into() }];
    let id = roster().equipes[0].id.to_string();
    let found = faults_of(|roster| roster.equipes[0].id = raccordo_proto::ids::EquipeId::parse("altra").expect("a slug"));
    assert_eq!(found, another(Thing::Equipe, &id, "altra"));
    let found = faults_of(|roster| roster.programmes[0].id = "lia-3".to_owned());
    assert_eq!(found, another(Thing::Programme, "lia-2", "lia-3"));
}
