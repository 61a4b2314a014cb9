//! Who takes part and who may write to whom: the directory's answers beside a naive reading of docs/PROTOCOL.md.
//! Not here: whether a document is believed (`main`).

use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;
use raccordo_proto::directory::Directory;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Code, Timestamp, wire};

use crate::{CASES, NETWORK, held, key};

/// A body as a verified document would hold it.
fn read(body: wire::Body) -> Directory {
    let head = wire::Head { spec: 1, network: NETWORK.to_owned(), version: 1, ..Default::default() };
    let (head, body) = (head.encode_to_vec().into(), body.encode_to_vec().into());
    Directory::trusted_before(&wire::SignedDirectory { head, signatures: Vec::new(), body }).expect("a body that holds")
}

/// Offices of the policies of chance; the last one is a capofila, and so in no équipe.
const OFFICES: [&str; 6] = ["a0", "a1", "a2", "a3", "a4", "comune"];

/// A policy of chance, with indexes into [`OFFICES`].
#[derive(Debug)]
struct Rules {
    restrict: bool,
    equipes: Vec<BTreeSet<usize>>,
    programme: BTreeSet<usize>,
    pairs: Vec<(usize, usize)>,
}

fn rules() -> impl Strategy<Value = Rules> {
    let equipes = vec(btree_set(0usize..5, 0..3), 0..3);
    (prop::bool::weighted(0.8), equipes, btree_set(0usize..5, 0..2), vec((0usize..6, 0usize..6), 0..3))
        .prop_map(|(restrict, equipes, programme, pairs)| Rules { restrict, equipes, programme, pairs })
}

impl Rules {
    fn directory(&self) -> Directory {
        let office = |id: &&str| wire::Agency { id: (*id).to_owned(), state: wire::State::Active.into(), ..Default::default() };
        let member = |at: &usize| wire::EquipeMember { agency: OFFICES[*at].to_owned(), ..Default::default() };
        let equipe = |(n, members): (usize, &BTreeSet<usize>)| wire::Equipe {
            id: format!("equipe-{n}"),
            members: members.iter().map(member).collect(),
            ..Default::default()
        };
        let programme = wire::Programme {
            id: "lia-2".to_owned(),
            capofila: "comune".to_owned(),
            agencies: self.programme.iter().map(|at| OFFICES[*at].to_owned()).collect(),
            ..Default::default()
        };
        let pair = |(a, b): &(usize, usize)| wire::Pair { a: OFFICES[*a].to_owned(), b: OFFICES[*b].to_owned() };
        let pairs = self.pairs.iter().map(pair).collect();
        read(wire::Body {
            agencies: OFFICES.iter().map(office).collect(),
            equipes: self.equipes.iter().enumerate().map(equipe).collect(),
            programmes: vec![programme],
            policy: Some(wire::Policy { restrict_pairs: self.restrict, pairs, ..Default::default() }),
            ..Default::default()
        })
    }

    /// By docs/PROTOCOL.md, «May A write to B?»: every reason for which they may, by name.
    fn reasons(&self, a: usize, b: usize) -> Vec<&'static str> {
        let takes_part = |at: usize| at == 5 || self.programme.contains(&at);
        let reasons = [
            ("free", !self.restrict),
            ("equipe", self.equipes.iter().any(|members| members.contains(&a) && members.contains(&b))),
            ("programme", takes_part(a) && takes_part(b)),
            ("pair", self.pairs.contains(&(a, b)) || self.pairs.contains(&(b, a))),
        ];
        reasons.into_iter().filter(|(_, holds)| *holds && a != b).map(|(reason, _)| reason).collect()
    }
}

/// The policies that are drawn let a pair write for each reason alone, and for none: the property below speaks of each.
#[test]
fn each_reason_alone_decides_for_some_pair() {
    let mut runner = TestRunner::deterministic();
    let mut alone = BTreeSet::new();
    for _ in 0..CASES {
        let rules = rules().new_tree(&mut runner).expect("nothing is refused").current();
        for (a, b) in (0..OFFICES.len()).flat_map(|a| (0..OFFICES.len()).map(move |b| (a, b))) {
            if a != b
                && let reasons = rules.reasons(a, b)
                && reasons.len() < 2
            {
                alone.insert(reasons.first().copied().unwrap_or("nothing"));
            }
        }
    }
    assert_eq!(Vec::from_iter(alone), ["equipe", "free", "nothing", "pair", "programme"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn who_may_write_to_whom_is_as_the_policy_says_in_both_directions(rules in rules()) {
        let directory = rules.directory();
        let id = |at: usize| AgencyId::parse(OFFICES[at]).expect("a slug");
        for (a, b) in (0..OFFICES.len()).flat_map(|a| (0..OFFICES.len()).map(move |b| (a, b))) {
            let reasons = rules.reasons(a, b);
            prop_assert_eq!(directory.may_write(&id(a), &id(b)), !reasons.is_empty(), "{} to {}: {:?}", a, b, reasons);
            prop_assert_eq!(directory.may_write(&id(a), &id(b)), directory.may_write(&id(b), &id(a)));
        }
        held("who_may_write_to_whom_is_as_the_policy_says_in_both_directions");
    }

    #[test]
    fn an_office_takes_part_when_it_and_its_machine_do(
        office in 0i32..=5, machine in 0i32..=5, from in 0u64..40, until in 0u64..40, now in 0u64..40,
    ) {
        let state = |value: i32| wire::State::try_from(value).unwrap_or_default();
        let agent = wire::Agent {
            id: "a1".to_owned(),
            ik: Bytes::copy_from_slice(key(2).public_key().as_bytes()),
            state: state(machine).into(),
            from,
            until,
            ..Default::default()
        };
        let agency =
            wire::Agency { id: "cpi-rivabella".to_owned(), state: state(office).into(), agents: vec![agent], ..Default::default() };
        let directory = read(wire::Body { agencies: vec![agency], ..Default::default() });
        let code = |state: wire::State, revoked: Code| match state {
            wire::State::Active => None,
            wire::State::Suspended => Some(Code::AgencySuspended),
            wire::State::Revoked => Some(revoked),
            wire::State::Banned => Some(Code::AgencyBanned),
            wire::State::NotConnected | wire::State::Unspecified => Some(Code::UnknownRecipient),
        };
        let machines = code(state(machine), Code::AgencyEvicted);
        let outside = !(from..=until).contains(&now);
        let expected = match state(office) {
            wire::State::NotConnected => machines.or(Some(Code::UnknownRecipient)),
            office => code(office, Code::AgencyRevoked).or(machines).or(outside.then_some(Code::NotAllowed)),
        };
        let me = AgencyId::parse("cpi-rivabella").expect("a slug");
        prop_assert_eq!(directory.active_agent(&me, Timestamp::from_millis(now)).err(), expected);
        let other = AgencyId::parse("sil-rivabella").expect("a slug");
        prop_assert_eq!(directory.active_agent(&other, Timestamp::from_millis(now)).err(), Some(Code::UnknownRecipient));
        held("an_office_takes_part_when_it_and_its_machine_do");
    }
}

#[test]
fn each_act_of_the_administration_has_its_code() {
    let code = |office: wire::State, machines: &[wire::State]| {
        let agents = machines.iter().zip(2u8..).map(|(state, seed)| wire::Agent {
            id: format!("a{seed}"),
            ik: Bytes::copy_from_slice(key(seed).public_key().as_bytes()),
            state: (*state).into(),
            until: u64::MAX,
            ..Default::default()
        });
        let id = "cpi-rivabella".to_owned();
        let agency = wire::Agency { id: id.clone(), state: office.into(), agents: agents.collect(), ..Default::default() };
        let directory = read(wire::Body { agencies: vec![agency], ..Default::default() });
        directory.active_agent(&AgencyId::parse(&id).expect("a slug"), Timestamp::from_millis(1)).err()
    };
    use wire::State::{Active, Banned, NotConnected, Revoked, Suspended};
    assert_eq!(code(Suspended, &[Active]), Some(Code::AgencySuspended));
    assert_eq!(code(Revoked, &[Revoked]), Some(Code::AgencyRevoked));
    assert_eq!(code(Banned, &[Revoked]), Some(Code::AgencyBanned));
    for evicted in [NotConnected, Active] {
        assert_eq!(code(evicted, &[Revoked]), Some(Code::AgencyEvicted));
    }
    assert_eq!(code(Active, &[Revoked, Active]), None, "enrolled again");
    assert_eq!(code(NotConnected, &[]), Some(Code::UnknownRecipient), "never enrolled");
}
