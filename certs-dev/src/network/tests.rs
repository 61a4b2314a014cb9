//! The throwaway network: what lies where, and what does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use raccordo_proto::certificate::{PeerFault, admit_agent};
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire;

use super::*;
use crate::cast;
use crate::temp::TempFolder;

fn network() -> (TempFolder, Network) {
    let folder = TempFolder::create("raccordo-test").expect("a folder");
    let network = Network::create(folder.path(), &Cast::demo()).expect("a network");
    (folder, network)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file of the network")
}

fn verified(network: &Network, installed: Option<&Directory>) -> Directory {
    let trust = Trust::read(&read(&network.gateway().trust())).expect("a trust file");
    let document = wire::SignedDirectory::decode(&read(&network.gateway().directory())[..]).expect("a document");
    update::verify(&[], &document, &trust, installed, now()).expect("a verified directory")
}

#[test]
fn every_machine_can_verify_what_it_is_given() {
    let (_folder, network) = network();
    let directory = verified(&network, None);
    assert_eq!((directory.version(), directory.agencies().count()), (1, 5));
    for agency in directory.agencies() {
        let folder = network.agent(&agency.id);
        assert_eq!(read(&folder.directory()), read(&network.gateway().directory()));
        assert_eq!(read(&folder.trust()), read(&network.gateway().trust()));
        assert_eq!(network.identity(&agency.id).map(|key| key.public_key()), Some(agency.agents[0].ik));
        assert!(folder.socket().as_os_str().len() < 100);
        for secret in [folder.key(), folder.store_key(), folder.identity_seed()] {
            assert_eq!(fs::metadata(&secret).expect("a secret").permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn the_demo_cast_keeps_the_capofila_out_of_the_equipe() {
    let (_folder, network) = network();
    let equipe = raccordo_proto::ids::EquipeId::parse("cremona").expect("a slug");
    let equipe = network.directory().equipe(&equipe).expect("the équipe");
    assert!(!equipe.has(&cast::capofila()) && equipe.has(&cast::cav()) && equipe.members.len() == 4);
    assert_eq!(network.directory().programme("lia-2").map(|p| p.capofila.as_str()), Some("comune-capofila"));
}

#[test]
fn no_folder_holds_the_admin_key_or_anothers_secret() {
    let (folder, network) = network();
    let mut seen = Vec::new();
    files(folder.path(), &mut seen);
    for agency in network.agents.keys() {
        let seed = &network.agents[agency].identity[..];
        let holders = seen.iter().filter(|path| read(path).windows(32).any(|window| window == seed));
        assert_eq!(holders.collect::<Vec<_>>(), [&network.agent(agency).identity_seed()]);
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_later_version_replaces_the_gateways_file() {
    let (_folder, mut network) = network();
    let first = verified(&network, None);
    network.publish(|roster| roster.revoke(&cast::sil(), now())).expect("v2");
    let second = verified(&network, Some(&first));
    assert_eq!(second.version(), 2);
    assert!(second.active_agent(&cast::sil(), now()).is_err());
    let mut more = Cast::demo().players[3].clone();
    more.id = AgencyId::parse("asst-rivabella").expect("a slug");
    network.enrol(&more).expect("v3");
    assert!(network.directory().active_agent(&more.id, now()).is_ok());
    assert!(network.agent(&more.id).config().exists());
}

#[test]
fn a_change_that_breaks_a_rule_changes_nothing() {
    let (_folder, mut network) = network();
    let before = read(&network.gateway().directory());
    let role = wire::EquipeRole::ServizioSociale;
    assert!(network.publish(|roster| roster.equipes[0].members.push((cast::capofila(), role))).is_err());
    assert_eq!(read(&network.gateway().directory()), before);
    assert_eq!(network.directory().version(), 1);
    assert!(network.publish(|_| {}).is_ok(), "the refused change left no trace in the roster");
}

#[test]
fn an_expired_directory_can_be_had() {
    let folder = TempFolder::create("raccordo-test").expect("a folder");
    let day = Duration::from_secs(86_400);
    let dates = Dates { issued: now().minus(day * 30), expires: now().minus(day) };
    let network = Network::create_with(folder.path(), &Cast::demo(), dates).expect("a network");
    assert!(verified(&network, None).is_expired(now()));
}

#[test]
fn agents_learn_the_gateways_port() {
    let (_folder, network) = network();
    network.point_agents_at("127.0.0.1:4567\n").expect("written");
    let config = String::from_utf8(read(&network.agent(&cast::cav()).config())).expect("text");
    assert!(config.contains(r#"endpoints = ["localhost:4567"]"#), "{config}");
}

#[test]
fn leaves_that_must_be_refused_can_be_had() {
    let (_folder, network) = network();
    let long_ago = now().minus(Duration::from_secs(2 * 365 * 86_400));
    let expired = network.leaf_for(&cast::cav(), None, long_ago).expect("a leaf");
    assert!(matches!(admit_agent(&expired.der, network.directory(), now()), Err(PeerFault::Date { .. })));
    let other = TlsKey::generate().expect("a key");
    let foreign = network.leaf_for(&cast::cav(), Some(&other), now()).expect("a leaf");
    assert_eq!(admit_agent(&foreign.der, network.directory(), now()), Err(PeerFault::Key));
    network.install_leaf(&cast::cav(), &foreign, Some(&other)).expect("written");
}
