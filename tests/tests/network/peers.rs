//! Peers that must not get in, at the real gateway with real TLS: each is refused in time, with its code and one audit row,
//! and an honest office is served afterwards.
//!
//! Not here: every rule of a leaf (proto's vectors, `raccordo_proto::certificate`); who is cut while attached (`revocation`).

use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::{Cast, capofila, cav, cpi, sil, sociale};
use raccordo_certs_dev::network::{Network, agent_id};
use raccordo_certs_dev::temp::TempFolder;
use raccordo_machine::clock;
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::AgencyId;
use raccordo_proto::ids::{AgentId, NetworkId};
use raccordo_proto::wire::State;
use raccordo_tests::processes::{DEADLINE, Lines, World};
use raccordo_tests::results;
use raccordo_tests::seeded::Seeded;
use rcgen::{
    BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PublicKeyData as _, SanType,
};
use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, X25519};
use serde_json::Value;

use crate::forger::{Forger, uri};
use raccordo_tests::stranger::{Knock, Papers, alert_for_tls12};

const DAY: Duration = Duration::from_secs(86_400);
/// What the audit says when the chain's own verifier refuses for a reason of its own.
const CHAIN: &str = "the certificate";
/// T15 asks for 24.
const IMPOSTORS_MIN: usize = 46;
/// RFC 8446, section 6.2.
const PROTOCOL_VERSION: u8 = 70;

/// The audit rows of one kind among a gateway's lines.
pub fn audit_rows(lines: &[String], event: &str) -> Vec<Value> {
    let row = |line: &String| {
        let line: Value = serde_json::from_str(line).ok().filter(|line: &Value| line["target"] == "audit")?;
        let row: Value = serde_json::from_str(line["fields"]["message"].as_str()?).ok()?;
        (row["event"] == event).then_some(row)
    };
    lines.iter().filter_map(row).collect()
}

async fn handshake_rows(lines: &Lines, count: usize) -> anyhow::Result<Vec<Value>> {
    let refused = |lines: &[String]| audit_rows(lines, "REFUSED_HANDSHAKE");
    lines.wait("a row", DEADLINE, |lines| refused(lines).len() >= count).await?;
    Ok(refused(&lines.all()))
}

/// Somebody at the door, and what the audit must say of it.
struct Case {
    name: &'static str,
    knock: Knock,
    code: &'static str,
    reason: &'static str,
}

fn case(name: &'static str, papers: Papers, code: &'static str, reason: &'static str) -> Case {
    Case { name, knock: Knock::with(papers), code, reason }
}

fn own(network: &Network, agency: &AgencyId) -> anyhow::Result<Papers> {
    let folder = network.agent(agency);
    Papers::read(&folder.chain(), &folder.key())
}

/// Certificates that do not fit the directory.
fn forged(network: &Network) -> anyhow::Result<Vec<Case>> {
    let (ca, now, mut rng) = (network.authority(), clock::now(), Seeded::new(15));
    let (key, mine) = (TlsKey::generate()?, own(network, &cav())?);
    let stranger = AgencyId::parse("ufficio-ignoto").context("a slug")?;
    let second = AgentId::parse("a2").context("a slug")?;
    let other_key = Papers::new(&network.leaf_for(&cav(), Some(&key), now)?, &key)?;
    let over = mine.with_leaf(&network.leaf_for(&cav(), None, now.minus(DAY * 400))?)?;
    let not_yet = mine.with_leaf(&network.leaf_for(&cav(), None, now.plus(DAY * 3))?)?;
    let unknown = Papers::new(&ca.issue_agent(&stranger, &agent_id(), key.public_key(), now, &mut rng)?, &key)?;
    let machine = mine.with_leaf(&ca.issue_agent(&cav(), &second, &mine.public_key()?, now, &mut rng)?)?;
    let theirs = own(network, &sociale())?;
    let borrowed = theirs.with_leaf(&ca.issue_agent(&cav(), &agent_id(), &theirs.public_key()?, now, &mut rng)?)?;
    let gateway = Papers::read(&network.gateway().chain(), &network.gateway().key())?;
    let server = mine.with_leaf(&ca.issue_gateway(&network.cast().gateway, &[], &mine.public_key()?, now, &mut rng)?)?;
    Ok(vec![
        case("right name, another key", other_key, "UNAUTHENTICATED", "C-09"),
        case("right name, another office's key", borrowed, "UNAUTHENTICATED", "C-09"),
        case("expired", over, "UNAUTHENTICATED", "C-06"),
        case("not yet valid", not_yet, "UNAUTHENTICATED", "C-06"),
        case("unknown agency", unknown, "UNAUTHENTICATED", "C-08: not in the directory"),
        case("unknown machine of a known agency", machine, "UNAUTHENTICATED", "C-08: not in the directory"),
        case("the gateway's own leaf", gateway, "UNAUTHENTICATED", "client authentication"),
        case("a gateway's leaf over an agent's key", server, "UNAUTHENTICATED", "client authentication"),
    ])
}

/// Certificates of other networks: one of the same name, one that only looks alike.
fn foreign(network: &Network) -> anyhow::Result<Vec<Case>> {
    let folder = TempFolder::create("raccordo-test").context("a folder")?;
    let namesake = Network::create(&folder.path().join("a"), &Cast::demo())?;
    let name = NetworkId::parse("rete-dem0.invalid").context("a name")?;
    let other = Network::create(&folder.path().join("b"), &Cast { network: name, ..Cast::demo() })?;
    let mine = own(network, &cav())?;
    let leaf = namesake.authority().issue_agent(&cav(), &agent_id(), &mine.public_key()?, clock::now(), &mut Seeded::new(16))?;
    Ok(vec![
        case("right name and key, another CA", mine.with_leaf(&leaf)?, "UNAUTHENTICATED", "BadSignature"),
        case("another network of the same name", own(&namesake, &cav())?, "UNAUTHENTICATED", "BadSignature"),
        case("another network", own(&other, &cav())?, "UNAUTHENTICATED", "UnknownIssuer"),
    ])
}

/// Leaves that the network's own issuing CA has signed and never would: one thing is wrong with each.
fn odd(network: &Network, mine: &Papers) -> anyhow::Result<Vec<Case>> {
    let forger = Forger::new(network, mine)?;
    let (name, key) = (forger.name(), mine.public_key()?);
    let refused = |name, papers, reason| case(name, papers, "UNAUTHENTICATED", reason);
    let named = |names: Vec<SanType>| forger.leaf_of(&key, |params| params.subject_alt_names = names);
    let spelled = |name: &str| named(vec![uri(name)]);
    let used = |usage: Vec<ExtendedKeyUsagePurpose>| forger.leaf_of(&key, |params| params.extended_key_usages = usage);
    let host = SanType::DnsName("cav-ginestra.rete-demo.invalid".try_into()?);
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)?.subject_public_key_info();
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519)?.subject_public_key_info();
    Ok(vec![
        refused("no name", named(Vec::new())?, "C-02"),
        refused("two names", named(vec![uri(&name), uri(&name.replace("ginestra", "altro"))])?, "C-02"),
        refused("a host name alone", named(vec![host])?, "C-02"),
        refused("a segment too many", spelled(&format!("{name}/a2"))?, "C-02"),
        refused("a segment too few", spelled(name.trim_end_matches("/agent/a1"))?, "C-02"),
        refused("capitals in the office", spelled(&name.replace("cav-", "CAV-"))?, "C-02"),
        refused("capitals in the scheme", spelled(&name.replace("spiffe", "SPIFFE"))?, "C-02"),
        refused("a domain that looks alike", spelled(&name.replace("demo", "dem0"))?, "C-07"),
        refused("a domain below the network's", spelled(&name.replace("rete-demo", "x.rete-demo"))?, "C-02"),
        refused("a gateway's name", spelled(&format!("spiffe://{}/gateway/gw1", network.cast().network))?, "C-08"),
        refused("an authority's", forger.leaf(|p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)))?, CHAIN),
        refused("without a use", used(Vec::new())?, "C-04"),
        refused("for any use", used(vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::Any])?, "C-04"),
        refused("for code", used(vec![ExtendedKeyUsagePurpose::CodeSigning])?, "client authentication"),
        refused("may sign certificates", forger.leaf(|p| p.key_usages.push(KeyUsagePurpose::KeyCertSign))?, "C-04"),
        refused("a key of P-384", forger.leaf_of(&p384, |_| {})?, "C-05"),
        refused("a key of Ed25519", forger.leaf_of(&ed25519, |_| {})?, "C-05"),
        refused("an RSA key of 1,024 bits", forger.rsa_1024()?, "C-05"),
        refused("signed with SHA-1", forger.sha1()?, "Unsupported"),
        refused("a flipped signature", forger.flipped()?, "BadSignature"),
        refused("a byte after the leaf", forger.longer()?, "BadEncoding"),
        refused("self-signed", forger.self_signed()?, "UnknownIssuer"),
        refused("a leaf's leaf", forger.leaf_by_leaf()?, CHAIN),
        refused("below twenty authorities", forger.deep(20)?, CHAIN),
    ])
}

/// Honest certificates in the wrong hands, or too late.
fn borrowed(network: &Network, mine: &Papers) -> anyhow::Result<Vec<Case>> {
    let theirs = own(network, &sociale())?;
    let stolen = theirs.with_chain(mine.chain().to_vec());
    let alone = mine.with_chain(mine.chain()[..1].to_vec());
    Ok(vec![
        case("a certificate without its key", stolen, "UNAUTHENTICATED", "BadSignature"),
        case("a leaf without its chain", alone, "UNAUTHENTICATED", "UnknownIssuer"),
        case("the key before the rotation", own(network, &capofila())?, "UNAUTHENTICATED", "C-09"),
    ])
}

/// Offices that the directory keeps out, and TLS that the protocol does not allow.
fn out_or_old(network: &Network) -> anyhow::Result<Vec<Case>> {
    let mine = || own(network, &cav()).map(Knock::with);
    let tls = |name, knock, reason| Case { name, knock, code: "UNAUTHENTICATED", reason };
    Ok(vec![
        case("suspended agency", own(network, &sociale())?, "AGENCY_SUSPENDED", "C-08"),
        case("revoked agency", own(network, &cpi())?, "AGENCY_REVOKED", "C-08"),
        case("suspended machine of an active agency", own(network, &sil())?, "AGENCY_SUSPENDED", "C-08"),
        tls("no certificate", Knock { papers: None, ..mine()? }, "no certificates"),
        tls("X25519 alone", Knock { groups: vec![X25519], ..mine()? }, "NoKxGroupsInCommon"),
        tls("P-256 and X25519", Knock { groups: vec![SECP256R1, X25519], ..mine()? }, "NoKxGroupsInCommon"),
        tls("HTTP/1.1", Knock { protocol: b"http/1.1", ..mine()? }, "known protocol"),
    ])
}

/// One row each, with code and reason; how many there were.
async fn all_refused(world: &World) -> anyhow::Result<usize> {
    let (address, lines, network) = (world.gateway_address()?, world.gateway()?.lines().clone(), &world.network);
    let mine = own(network, &cav())?;
    let cases = [forged(network)?, foreign(network)?, odd(network, &mine)?, borrowed(network, &mine)?, out_or_old(network)?];
    let (mut rows, mut otherwise) = (0, Vec::new());
    for case in cases.into_iter().flatten() {
        rows += 1;
        let let_in = case.knock.gets_in(address, u8::try_from(rows)?).await.context(case.name)?;
        ensure!(!let_in, "{} was let in", case.name);
        let written = handshake_rows(&lines, rows).await.context(case.name)?;
        ensure!(written.len() == rows, "{}: {written:?}", case.name);
        let row = &written[rows - 1];
        let reason = row["reason"].as_str().unwrap_or_default();
        let is_the_one = if case.reason == CHAIN { reason == CHAIN } else { reason.contains(case.reason) };
        if row["code"] != case.code || !is_the_one {
            otherwise.push(format!("{}: {row}", case.name));
        }
    }
    ensure!(otherwise.is_empty(), "refused otherwise: {otherwise:#?}");
    ensure!(alert_for_tls12(address).await? == PROTOCOL_VERSION, "another alert for TLS 1.2");
    rows += 1;
    let written = handshake_rows(&lines, rows).await.context("TLS 1.2")?;
    ensure!(written[rows - 1]["reason"].as_str().is_some_and(|r| r.contains("peer is incompatible")), "{}", written[rows - 1]);
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_not_get_in_is_refused_in_time_with_its_code_and_one_row() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.network.publish(|roster| {
        roster.revoke(&cpi(), clock::now());
        roster.office_mut(&sociale()).expect("in the cast").state = State::Suspended;
        roster.office_mut(&sil()).expect("in the cast").machines[0].state = State::Suspended;
        roster.office_mut(&capofila()).expect("in the cast").machines[0].spki_sha256 = vec![[9; 32]];
    })?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    let rows = all_refused(&world).await?;

    // The office that was there before is there still, has not been away, and is served.
    let told = world.told(&cav())?;
    let away = told.iter().skip_while(|event| event.kind() != EventKind::Attached);
    assert_eq!(away.filter(|event| event.kind() == EventKind::Detached).count(), 0);
    let said = world.gateway()?.lines().all();
    assert_eq!(audit_rows(&said, "ATTACHED").len(), 1);
    assert_eq!(audit_rows(&said, "REFUSED_HANDSHAKE").len(), rows, "one row each, and none for the honest");
    // The same client is let in with the office's own papers: what was refused was the papers.
    assert!(Knock::with(own(&world.network, &cav())?).gets_in(world.gateway_address()?, 0xff).await?);
    let said = world.gateway()?.lines().all();
    assert!(!said.iter().any(|line| line.contains("panicked")), "a thread of the gateway has panicked");
    results::write("T15", "impostors refused in time, by their code, with one row each", rows, IMPOSTORS_MIN, file!());
    assert!(rows >= IMPOSTORS_MIN, "{rows}");
    Ok(())
}
