//! Versions that follow one another, and rosters that nobody would take.

use raccordo_machine::clock;
use raccordo_proto::ids::NetworkId;
use raccordo_proto::sign::Signer as _;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

fn office_with_key(id: &str, seed: u8) -> Office {
    let machine = Machine {
        id: AgentId::parse("a1").expect("a slug"),
        ik: ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).public_key(),
        spki_sha256: vec![[seed; 32]],
        state: wire::State::Active,
        from: NOW,
        until: NOW.plus(DIRECTORY_LIFE),
        revoked_at: None,
    };
    Office {
        id: agency(id),
        office: id.to_owned(),
        body: id.to_owned(),
        kind: wire::AgencyKind::Altro,
        ambito: String::new(),
        phone: String::new(),
        capabilities: vec![wire::Capability::Riceve],
        state: wire::State::Active,
        machines: vec![machine],
    }
}

fn roster() -> Roster {
    let equipe = Equipe {
        id: EquipeId::parse("cremona").expect("a slug"),
        ambito: "cremona".to_owned(),
        members: vec![(agency("cav"), wire::EquipeRole::Cav)],
        required_signatures: Vec::new(),
    };
    Roster {
        offices: vec![office_with_key("cav", 1), office_with_key("capofila", 2)],
        equipes: vec![equipe],
        ..Roster::default()
    }
}

fn vault(keys: usize, threshold: usize) -> Vault {
    let network = NetworkId::parse("rete-prova.invalid").expect("a name");
    Vault::generate(network, keys, threshold, &[[9; 32]], &mut clock::rng()).expect("reachable")
}

#[test]
fn versions_follow_one_another() {
    let vault = vault(3, 2);
    let mut roster = roster();
    let first = roster.publish(&vault, None, Dates::from_now(NOW), NOW).expect("v1");
    assert_eq!((first.version(), first.document().signatures.len()), (1, 2));
    assert_eq!(first.x509_roots().collect::<Vec<_>>(), [&[9; 32][..]]);
    let later = NOW.plus(Duration::from_secs(60));
    roster.revoke(&agency("cav"), later);
    let second = roster.publish(&vault, Some(&first), Dates::from_now(later), later).expect("v2");
    assert_eq!(second.version(), 2);
    assert_eq!(second.active_agent(&agency("cav"), later).err(), Some(raccordo_proto::Code::AgencyRevoked));
    let revoked: Vec<_> = roster.body().revocations.into_iter().map(|one| (one.agency, one.agent, one.at)).collect();
    assert_eq!(revoked, [("cav".to_owned(), "a1".to_owned(), later.as_millis())]);
}

#[test]
fn too_few_keys_publish_nothing() {
    let whole = vault(3, 2);
    let alone = whole.without_keys();
    assert_eq!(roster().publish(&alone, None, Dates::from_now(NOW), NOW).err(), Some(DirectoryFault::Signatures));
}

#[test]
fn a_roster_that_breaks_a_rule_is_never_handed_out() {
    let mut with_capofila = roster();
    with_capofila.equipes[0].members.push((agency("capofila"), wire::EquipeRole::ServizioSociale));
    with_capofila.programmes.push(Programme {
        id: "lia-2".to_owned(),
        title: "LIA 2".to_owned(),
        from: NOW,
        until: NOW.plus(DIRECTORY_LIFE),
        capofila: agency("capofila"),
        agencies: Vec::new(),
    });
    let fault = with_capofila.publish(&vault(1, 1), None, Dates::from_now(NOW), NOW).err();
    assert!(matches!(fault, Some(DirectoryFault::Inconsistent(_))), "{fault:?}");

    let mut one_key_twice = roster();
    one_key_twice.offices[1].machines[0].ik = one_key_twice.offices[0].machines[0].ik;
    let fault = one_key_twice.publish(&vault(1, 1), None, Dates::from_now(NOW), NOW).err();
    assert!(matches!(fault, Some(DirectoryFault::Inconsistent(_))), "{fault:?}");
}

#[test]
fn a_life_of_over_400_days_is_refused() {
    let dates = Dates { issued: NOW, expires: NOW.plus(Duration::from_secs(401 * 86_400)) };
    assert_eq!(roster().publish(&vault(1, 1), None, dates, NOW).err(), Some(DirectoryFault::Expires));
}
