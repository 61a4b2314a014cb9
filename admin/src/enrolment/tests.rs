//! Requests: what was changed on the way is not believed, keys keep their place, an answer is for one request only.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_machine::clock;
use raccordo_machine::tls_key::{self, TlsKey, verify_request};
use raccordo_proto::enrolment::{Activation, ActivationFault, Chain, RequestFault, activation};
use raccordo_proto::ids::NetworkId;
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::sign::{self, EnrolmentPurpose, Purpose as _, Signer as _};
use raccordo_proto::words;
use sha2::Digest as _;

use super::*;
use crate::document::{self, tests::NETWORK};
use crate::roster::Dates;
use crate::vault::Vault;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn network() -> NetworkId {
    NetworkId::parse("rete-prova").expect("a name")
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

fn roster() -> Roster {
    document::read(NETWORK).expect("good").roster
}

fn authority() -> Authority {
    Authority::create(network(), NOW, &mut clock::rng()).expect("a CA")
}

fn of_agent(seed: u8) -> (Vec<u8>, TlsKey) {
    let tls = TlsKey::generate().expect("a key");
    (tls_key::request(Some(&SigningKey::from_bytes(&[seed; 32])), &tls, NOW).expect("a request"), tls)
}

fn of_gateway() -> Vec<u8> {
    tls_key::request(None, &TlsKey::generate().expect("a key"), NOW).expect("a request")
}

fn known(id: &str) -> Approval {
    Approval { id: agency(id), name: None, body: None, kind: None, ambito: None, phone: None, capabilities: None }
}

fn approved(before: &Roster, ca: &Authority, file: &[u8], id: &str) -> Result<(Draft, IssuedLeaf), Failure> {
    approve(before, ca, &verify_request(file).expect("a good request"), known(id), NOW, &mut clock::rng())
}

#[test]
fn a_request_that_was_changed_on_the_way_is_not_believed() {
    for file in [of_agent(1).0, of_gateway()] {
        assert!(verify_request(&file).is_ok());
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(verify_request(&changed).is_err(), "byte {at}");
        }
        for cut in 0..file.len() {
            assert!(verify_request(&file[..cut]).is_err(), "cut at {cut}");
        }
    }
}

#[test]
fn keys_that_are_not_ones_own_prove_nothing() {
    let decode = |file: &[u8]| wire::SignedRequest::decode(file).expect("a request");
    let (mine, theirs) = (of_agent(1).0, of_agent(2).0);
    let mut mixed = decode(&mine);
    mixed.tls_signature = decode(&theirs).tls_signature;
    assert_eq!(verify_request(&mixed.encode_to_vec()).err(), Some(RequestFault::TlsSignature));
    let mut mixed = decode(&mine);
    mixed.identity_signature = decode(&theirs).identity_signature;
    assert_eq!(verify_request(&mixed.encode_to_vec()).err(), Some(RequestFault::IdentitySignature));
    // Somebody else's TLS key under my identity: the other one has not signed these bytes.
    let other = TlsKey::generate().expect("a key");
    let stolen = raccordo_proto::enrolment::request(
        Some(&SigningKey::from_bytes(&[1; 32])),
        other.public_key(),
        |message| TlsKey::generate().ok()?.sign(message).ok(),
        NOW,
    );
    assert_eq!(verify_request(&stolen.expect("a file")).err(), Some(RequestFault::TlsSignature));
    let mut gateway = decode(&of_gateway());
    gateway.identity_signature = decode(&mine).identity_signature;
    assert_eq!(verify_request(&gateway.encode_to_vec()).err(), Some(RequestFault::Key));
}

#[test]
fn an_office_gets_the_place_that_the_administration_gives_it() {
    let (ca, file) = (authority(), of_agent(1).0);
    let (draft, _) = approved(&roster(), &ca, &file, "cpi-rivabella").expect("approved");
    let office = draft.roster.offices.iter().find(|office| office.id == agency("cpi-rivabella")).expect("it is there");
    assert_eq!((office.state, office.machines.len(), office.office.as_str()), (wire::State::Active, 1, "CPI di Rivabella"));
    let code = |result: Result<(Draft, IssuedLeaf), Failure>| result.err().map(|failure| (failure.code, failure.exit));
    assert!(approved(&draft.roster, &ca, &file, "cpi-rivabella").is_ok(), "the same once more");
    let moved = approved(&draft.roster, &ca, &file, "sil-montelago");
    assert_eq!(code(moved), Some(("KEYS_OF_ANOTHER", Exit::Refused)));
    let second = approved(&draft.roster, &ca, &of_agent(2).0, "cpi-rivabella");
    assert_eq!(code(second), Some(("MACHINE_THERE", Exit::Refused)));
    assert_eq!(code(approved(&roster(), &ca, &file, "nuovo")), Some(("OFFICE_UNKNOWN", Exit::Usage)));
    assert_eq!(code(approved(&roster(), &ca, &of_gateway(), "cpi-rivabella")), Some(("REQUEST_OF_GATEWAY", Exit::Usage)));
}

#[test]
fn a_gateway_gets_its_endpoints_and_an_id_is_one_keys() {
    let ca = authority();
    let add = |before: &Roster, file: &[u8], endpoint: &str| {
        let id = GatewayId::parse("gw1").expect("a slug");
        let request = verify_request(file).expect("a good request");
        add_gateway(before, &ca, &request, (id, vec![endpoint.to_owned()]), NOW, &mut clock::rng())
    };
    let code = |result: Result<(Draft, IssuedLeaf), Failure>| result.err().map(|failure| failure.code);
    let file = of_gateway();
    let (draft, _) = add(&roster(), &file, "gw.rete.example:443").expect("added");
    let (draft, _) = add(&draft.roster, &file, "127.0.0.1:443").expect("another endpoint");
    assert_eq!(draft.roster.gateways[0].endpoints, ["127.0.0.1:443"]);
    assert_eq!(code(add(&draft.roster, &of_gateway(), "gw.rete.example:443")), Some("GATEWAY_EXISTS"));
    assert_eq!(code(add(&roster(), &file, "gw.rete.example")), Some("BAD_ENDPOINT"));
    assert_eq!(code(add(&roster(), &of_agent(1).0, "gw.rete.example:443")), Some("REQUEST_OF_OFFICE"));
}

#[test]
fn an_answer_is_for_one_request_and_its_keys_alone() {
    let (ca, (file, _)) = (authority(), of_agent(1));
    let request = verify_request(&file).expect("good");
    let vault = Vault::generate(network(), 1, 1, &[ca.root_spki_sha256()], &mut clock::rng()).expect("a key");
    let (draft, leaf) = approved(&roster(), &ca, &file, "cpi-rivabella").expect("approved");
    let directory = draft.roster.publish(&vault, None, Dates::from_now(NOW), NOW).expect("signed");
    let answer = activation(request.hash, &vault.trust_file(), &leaf.chain_pem, &directory);
    let read_answer = |answer: &[u8], request: &Request| Activation::read(answer, request, NOW);
    let good = read_answer(&answer, &request).expect("good");
    let root = ca.root_for_tests();
    let chain: [&[u8]; 2] = [&leaf.der, &root];
    let holds =
        |chain: &Chain<'_>| (chain.leaf, &chain.between[..], &chain.roots[..]) == (&leaf.der[..], &[][..], &[&root[..]][..]);
    assert_eq!(good.agency(&chain, &request, NOW, holds).ok(), Some(agency("cpi-rivabella")));
    assert!(good.gateway(&chain, &request, NOW, holds).is_err());
    assert_eq!(good.agency(&chain[..1], &request, NOW, holds).err(), Some(ActivationFault::NoRoot), "A-11");
    let unsigned = good.agency(&chain, &request, NOW, |_| false);
    assert_eq!(unsigned.err(), Some(ActivationFault::Chain), "A-13: a root beside a leaf that it has not signed");
    let other = verify_request(&of_agent(2).0).expect("good");
    assert_eq!(read_answer(&answer, &other).err(), Some(ActivationFault::OtherRequest), "A-10");
    let to_other = activation(other.hash, &vault.trust_file(), &leaf.chain_pem, &directory);
    let to_other = read_answer(&to_other, &other).expect("readable");
    assert_eq!(to_other.agency(&chain, &other, NOW, holds).err(), Some(ActivationFault::OtherKeys), "A-12");
    // Without the office in it, the directory says so.
    let before = roster().publish(&vault, None, Dates::from_now(NOW), NOW).expect("signed");
    let early = activation(request.hash, &vault.trust_file(), &leaf.chain_pem, &before);
    let early = read_answer(&early, &request).expect("readable").agency(&chain, &request, NOW, holds);
    assert!(matches!(early, Err(ActivationFault::Certificate(_))), "{early:?}");
    // A directory that the trust file's keys have not signed is none.
    let foreign = Vault::generate(network(), 1, 1, &[ca.root_spki_sha256()], &mut clock::rng()).expect("a key");
    let forged = activation(request.hash, &foreign.trust_file(), &leaf.chain_pem, &directory);
    assert!(matches!(read_answer(&forged, &request).err(), Some(ActivationFault::Directory(_))));
    assert_ne!(words::network_words(&foreign.trust_file()), words::network_words(&vault.trust_file()));
}

#[test]
fn a_request_that_breaks_a_rule_is_refused_for_it() {
    let (file, tls) = of_agent(1);
    let identity = SigningKey::from_bytes(&[1; 32]);
    let changed = |change: &dyn Fn(&mut wire::EnrolmentRequest)| {
        let signed = wire::SignedRequest::decode(&file[..]).expect("a request");
        let mut request = wire::EnrolmentRequest::decode(signed.request).expect("a request");
        change(&mut request);
        let request = Bytes::from(request.encode_to_vec());
        let tag = EnrolmentPurpose::TAG.as_bytes();
        let message = [&[u8::try_from(tag.len()).expect("short")], tag, &sha2::Sha512::digest(&request)[..]].concat();
        let tls_signature = tls.sign(&message).expect("signed").into();
        let signed = sign::sign::<EnrolmentPurpose>(request.clone(), &identity);
        let identity_signature = Bytes::copy_from_slice(signed.signature());
        verify_request(&wire::SignedRequest { request, tls_signature, identity_signature }.encode_to_vec()).err()
    };
    let key = |seed| Bytes::copy_from_slice(SigningKey::from_bytes(&[seed; 32]).public_key().as_bytes());
    let other_tls = Bytes::copy_from_slice(TlsKey::generate().expect("a key").public_key());
    assert_eq!(changed(&|_| {}), None);
    assert_eq!(verify_request(&vec![0; REQUEST_BYTES_MAX + 1]).err(), Some(RequestFault::TooLarge), "A-01");
    assert_eq!(verify_request(b"no request").err(), Some(RequestFault::Unreadable), "A-02");
    assert_eq!(changed(&|request| request.spec = 2), Some(RequestFault::Version), "A-03");
    assert_eq!(changed(&|request| request.tls_key = other_tls.clone()), Some(RequestFault::TlsSignature), "A-04");
    for kind in [wire::RequestKind::Gateway, wire::RequestKind::Unspecified] {
        assert_eq!(changed(&|request| request.kind = kind.into()), Some(RequestFault::Key), "A-05");
    }
    assert_eq!(changed(&|request| request.identity = Bytes::new()), Some(RequestFault::Key), "A-05");
    assert_eq!(changed(&|request| request.identity = key(2)), Some(RequestFault::IdentitySignature), "A-06");
}

#[test]
fn an_answer_that_breaks_a_rule_is_refused_for_it() {
    let (ca, (file, _)) = (authority(), of_agent(1));
    let request = verify_request(&file).expect("good");
    let vault = Vault::generate(network(), 1, 1, &[ca.root_spki_sha256()], &mut clock::rng()).expect("a key");
    let (mut draft, leaf) = approved(&roster(), &ca, &file, "cpi-rivabella").expect("approved");
    let endpoints = vec!["gw.rete.example:443".to_owned(), "x\"]\n[api]\nsocket = \"/tmp/x:1".to_owned()];
    let id = GatewayId::parse("gw1").expect("a slug");
    draft.roster.gateways.push(Relay { id, endpoints: endpoints.clone(), spki_sha256: vec![[7; 32]] });
    let directory = draft.roster.publish(&vault, None, Dates::from_now(NOW), NOW).expect("signed");
    let answer = activation(request.hash, &vault.trust_file(), &leaf.chain_pem, &directory);
    let read_answer = |answer: &[u8]| Activation::read(answer, &request, NOW);
    assert_eq!(read_answer(&vec![0; ACTIVATION_BYTES_MAX + 1]).err(), Some(ActivationFault::TooLarge), "A-07");
    assert_eq!(read_answer(b"no answer").err(), Some(ActivationFault::Unreadable), "A-08");
    let mut newer = wire::Activation::decode(&answer[..]).expect("an answer");
    newer.spec = 2;
    assert_eq!(read_answer(&newer.encode_to_vec()).err(), Some(ActivationFault::Version), "A-09");
    let good = read_answer(&answer).expect("good");
    assert_eq!(good.endpoints().err(), Some(ActivationFault::Endpoint(endpoints[1].clone())), "A-14");
}

#[test]
fn a_second_machine_comes_once_the_first_is_revoked_and_has_a_name_of_its_own() {
    let ca = authority();
    let (draft, _) = approved(&roster(), &ca, &of_agent(1).0, "cpi-rivabella").expect("approved");
    let mut roster = draft.roster;
    let office = roster.office_mut(&agency("cpi-rivabella")).expect("it is there");
    (office.machines[0].state, office.machines[0].revoked_at) = (wire::State::Revoked, Some(NOW));
    let (draft, _) = approved(&roster, &ca, &of_agent(2).0, "cpi-rivabella").expect("approved");
    let office = draft.roster.offices.iter().find(|office| office.id == agency("cpi-rivabella")).expect("it is there");
    let machines: Vec<_> = office.machines.iter().map(|machine| (machine.id.as_str(), machine.state)).collect();
    assert_eq!(machines, [("a1", wire::State::Revoked), ("a2", wire::State::Active)]);
}

#[test]
fn keys_that_were_revoked_do_not_come_back() {
    let (ca, (file, tls)) = (authority(), of_agent(1));
    let (draft, _) = approved(&roster(), &ca, &file, "cpi-rivabella").expect("approved");
    let mut roster = draft.roster;
    let office = roster.office_mut(&agency("cpi-rivabella")).expect("it is there");
    (office.machines[0].state, office.machines[0].revoked_at) = (wire::State::Revoked, Some(NOW));
    let code = |roster: &Roster, file: &[u8], id| approved(roster, &ca, file, id).err().map(|failure| failure.code);
    let with_its_tls_key = tls_key::request(Some(&SigningKey::from_bytes(&[2; 32])), &tls, NOW).expect("a request");
    for (file, what) in [(&file, "the same"), (&of_agent(1).0, "a new TLS key"), (&with_its_tls_key, "a new identity")] {
        for id in ["cpi-rivabella", "sil-montelago"] {
            assert_eq!(code(&roster, file, id), Some("KEYS_REVOKED"), "{what}, {id}");
        }
    }
    assert_eq!(code(&roster, &of_agent(3).0, "cpi-rivabella"), None, "new keys");
    for state in [wire::State::Suspended, wire::State::Revoked, wire::State::Banned] {
        roster.office_mut(&agency("cpi-rivabella")).expect("it is there").state = state;
        assert_eq!(code(&roster, &of_agent(3).0, "cpi-rivabella"), Some("OFFICE_OUT"), "{state:?}");
    }
}

#[test]
fn a_new_tls_key_does_not_end_a_suspension() {
    let ca = authority();
    let (draft, _) = approved(&roster(), &ca, &of_agent(1).0, "cpi-rivabella").expect("approved");
    let mut roster = draft.roster;
    roster.office_mut(&agency("cpi-rivabella")).expect("it is there").machines[0].state = wire::State::Suspended;
    let (draft, _) = approved(&roster, &ca, &of_agent(1).0, "cpi-rivabella").expect("approved");
    let office = draft.roster.offices.iter().find(|office| office.id == agency("cpi-rivabella")).expect("it is there");
    assert_eq!((office.machines.len(), office.machines[0].state), (1, wire::State::Suspended));
}

#[test]
fn a_machine_takes_the_first_id_that_is_free() {
    let ca = authority();
    let (draft, _) = approved(&roster(), &ca, &of_agent(1).0, "cpi-rivabella").expect("approved");
    let mut roster = draft.roster;
    let machine = &mut roster.office_mut(&agency("cpi-rivabella")).expect("it is there").machines[0];
    (machine.state, machine.id) = (wire::State::Revoked, AgentId::parse("a2").expect("a slug"));
    let (draft, _) = approved(&roster, &ca, &of_agent(2).0, "cpi-rivabella").expect("approved");
    let office = draft.roster.offices.iter().find(|office| office.id == agency("cpi-rivabella")).expect("it is there");
    assert_eq!(office.machines.iter().map(|machine| machine.id.as_str()).collect::<Vec<_>>(), ["a2", "a1"]);
}
