//! Leaves that every peer takes, and leaves that none does.

use raccordo_machine::clock;
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::certificate::{PeerFault, admit_agent, admit_gateway};
use raccordo_proto::directory::Directory;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Code, wire};

use super::*;
use crate::roster::{Dates, Machine, Office, Relay, Roster};
use crate::vault::Vault;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

struct World {
    authority: Authority,
    key: TlsKey,
    gateway_key: TlsKey,
    directory: Directory,
}

fn network(name: &str) -> NetworkId {
    NetworkId::parse(name).expect("a name")
}

fn agency() -> AgencyId {
    AgencyId::parse("cav-ginestra").expect("a slug")
}

fn agent() -> AgentId {
    AgentId::parse("a1").expect("a slug")
}

fn gateway() -> GatewayId {
    GatewayId::parse("gw1").expect("a slug")
}

/// A network of one office and one gateway; `office` and `machine` are their states.
fn world(office: wire::State, machine: wire::State) -> World {
    let (key, gateway_key) = (TlsKey::generate().expect("a key"), TlsKey::generate().expect("a key"));
    let authority = Authority::create(network("rete-prova.invalid"), NOW, &mut clock::rng()).expect("an authority");
    let machine = Machine {
        id: agent(),
        ik: ed25519_dalek::SigningKey::from_bytes(&[1; 32]).public_key(),
        spki_sha256: vec![key.spki_sha256()],
        state: machine,
        from: NOW,
        until: NOW.plus(ISSUING_LIFE),
        revoked_at: None,
    };
    let office = Office {
        id: agency(),
        office: "CAV Ginestra".to_owned(),
        body: "Associazione".to_owned(),
        kind: wire::AgencyKind::Cav,
        ambito: "cremona".to_owned(),
        phone: String::new(),
        capabilities: vec![wire::Capability::Segnala],
        state: office,
        machines: vec![machine],
    };
    let relay = Relay { id: gateway(), endpoints: Vec::new(), spki_sha256: vec![gateway_key.spki_sha256()] };
    let roster = Roster { offices: vec![office], gateways: vec![relay], ..Roster::default() };
    let roots = [authority.root_spki_sha256()];
    let vault = Vault::generate(network("rete-prova.invalid"), 1, 1, &roots, &mut clock::rng()).expect("1 of 1");
    let directory = roster.publish(&vault, None, Dates::from_now(NOW), NOW).expect("a directory");
    World { authority, key, gateway_key, directory }
}

fn active() -> World {
    world(wire::State::Active, wire::State::Active)
}

impl World {
    fn agent_leaf(&self) -> IssuedLeaf {
        self.authority.issue_agent(&agency(), &agent(), self.key.public_key(), NOW, &mut clock::rng()).expect("a leaf")
    }

    fn gateway_leaf(&self) -> IssuedLeaf {
        let hosts = ["gw.rete.example".to_owned()];
        let key = self.gateway_key.public_key();
        self.authority.issue_gateway(&gateway(), &hosts, key, NOW, &mut clock::rng()).expect("a leaf")
    }

    /// A leaf as an authority would never issue it.
    fn odd_leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let principal = Principal::Agent { agency: agency(), agent: agent() };
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        let mut params = self.authority.leaf(principal, "odd", &[], usage, NOW, &mut clock::rng()).expect("parameters");
        change(&mut params);
        self.authority.sign(params, self.key.public_key()).expect("a leaf").der
    }

    fn refusal(&self, leaf: &[u8]) -> Option<PeerFault> {
        admit_agent(leaf, &self.directory, NOW).err()
    }
}

#[test]
fn issued_leaves_are_admitted() {
    let world = active();
    assert_eq!(admit_agent(&world.agent_leaf().der, &world.directory, NOW), Ok(agency()));
    assert_eq!(admit_gateway(&world.gateway_leaf().der, &world.directory, NOW), Ok(gateway()));
}

#[test]
fn a_chain_is_leaf_issuing_root() {
    let world = active();
    let leaf = world.agent_leaf();
    assert_eq!(leaf.chain_pem.matches("BEGIN CERTIFICATE").count(), 3);
    assert_eq!(raccordo_proto::certificate::spki_sha256(&leaf.der), Some(leaf.spki_sha256));
    assert_eq!(leaf_key(&leaf.chain_pem), Some(leaf.spki_sha256));
    assert_eq!((leaf_key(""), leaf_key(&leaf.chain_pem.replacen('\n', "\n!", 3))), (None, None));
    assert_eq!(world.directory.x509_roots().collect::<Vec<_>>(), [&world.authority.root_spki_sha256()[..]]);
}

#[test]
fn a_leaf_is_good_for_its_own_role_only() {
    let world = active();
    assert_eq!(world.refusal(&world.gateway_leaf().der), Some(PeerFault::Usage));
    assert_eq!(admit_gateway(&world.agent_leaf().der, &world.directory, NOW).err(), Some(PeerFault::Usage));
    let unnamed = world.odd_leaf(|p| p.key_usages.push(KeyUsagePurpose::KeyCertSign));
    assert_eq!(world.refusal(&unnamed), Some(PeerFault::Usage));
}

#[test]
fn dates_count() {
    let world = active();
    let leaf = world.agent_leaf();
    let late = NOW.plus(LEAF_LIFE + DAY);
    assert!(matches!(admit_agent(&leaf.der, &world.directory, late), Err(PeerFault::Date { .. })));
    let early = NOW.minus(SKEW_MAX + DAY);
    assert!(matches!(admit_agent(&leaf.der, &world.directory, early), Err(PeerFault::Date { .. })));
}

#[test]
fn a_key_that_the_directory_does_not_pin_is_refused() {
    let world = active();
    let other = TlsKey::generate().expect("a key");
    let leaf = world.authority.issue_agent(&agency(), &agent(), other.public_key(), NOW, &mut clock::rng()).expect("a leaf");
    assert_eq!(world.refusal(&leaf.der), Some(PeerFault::Key));
}

#[test]
fn an_authority_is_no_leaf() {
    let world = active();
    let leaf = world.odd_leaf(|p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    assert_eq!(world.refusal(&leaf), Some(PeerFault::Authority));
}

#[test]
fn another_network_is_refused() {
    let world = active();
    let other = Authority::create(network("rete-altra.invalid"), NOW, &mut clock::rng()).expect("an authority");
    let leaf = other.issue_agent(&agency(), &agent(), world.key.public_key(), NOW, &mut clock::rng()).expect("a leaf");
    assert_eq!(world.refusal(&leaf.der), Some(PeerFault::Network));
}

#[test]
fn one_name_and_no_more() {
    let world = active();
    let uri = |text: &str| SanType::URI(text.try_into().expect("ASCII"));
    let two = world.odd_leaf(|p| p.subject_alt_names.push(uri("spiffe://rete-prova.invalid/agency/altra/agent/a1")));
    assert_eq!(world.refusal(&two), Some(PeerFault::Name));
    let none = world.odd_leaf(|p| p.subject_alt_names.clear());
    assert_eq!(world.refusal(&none), Some(PeerFault::Name));
}

#[test]
fn strangers_and_those_who_are_out_are_refused() {
    let world_of = |office, machine| {
        let world = world(office, machine);
        world.refusal(&world.agent_leaf().der)
    };
    use wire::State::{Active, Revoked, Suspended};
    assert_eq!(world_of(Suspended, Active), Some(PeerFault::State(Code::AgencySuspended)));
    assert_eq!(world_of(Revoked, Active), Some(PeerFault::State(Code::AgencyRevoked)));
    assert_eq!(world_of(Active, Revoked), Some(PeerFault::State(Code::AgencyEvicted)));
    let world = active();
    let stranger = AgencyId::parse("straniera").expect("a slug");
    let leaf = world.authority.issue_agent(&stranger, &agent(), world.key.public_key(), NOW, &mut clock::rng()).expect("a leaf");
    assert_eq!(world.refusal(&leaf.der), Some(PeerFault::Unknown));
}

#[test]
fn a_key_of_another_kind_gets_no_certificate() {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key").subject_public_key_info();
    let issued = active().authority.issue_agent(&agency(), &agent(), &key, NOW, &mut clock::rng());
    assert!(matches!(issued, Err(AuthorityFault::Key)));
}
