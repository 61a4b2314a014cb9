//! Peers that must not get in, at the real gateway with real TLS: each is refused in time, with its code and one audit row,
//! and an honest office is served afterwards.
//!
//! Not here: every rule of a leaf (proto's vectors, `raccordo_proto::certificate`); who is cut while attached (`revocation`).

use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::{Cast, cav, cpi, sil, sociale};
use raccordo_certs_dev::network::{Network, agent_id};
use raccordo_certs_dev::temp::TempFolder;
use raccordo_machine::clock;
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::AgencyId;
use raccordo_proto::ids::{AgentId, NetworkId};
use raccordo_proto::wire::State;
use raccordo_tests::processes::{DEADLINE, Lines, World};
use raccordo_tests::seeded::Seeded;
use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, X25519};
use serde_json::Value;

use crate::stranger::{Knock, Papers, alert_for_tls12};

const DAY: Duration = Duration::from_secs(86_400);
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
        case("the gateway's own leaf", gateway, "UNAUTHENTICATED", "certificate"),
        case("a gateway's leaf over an agent's key", server, "UNAUTHENTICATED", "certificate"),
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_not_get_in_is_refused_in_time_with_its_code_and_one_row() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.network.publish(|roster| {
        roster.revoke(&cpi(), clock::now());
        roster.office_mut(&sociale()).expect("in the cast").state = State::Suspended;
        roster.office_mut(&sil()).expect("in the cast").machines[0].state = State::Suspended;
    })?;
    world.start_gateway().await?;
    let (address, lines) = (world.gateway_address()?, world.gateway()?.lines().clone());
    let mut rows = 0;
    for case in [forged(&world.network)?, foreign(&world.network)?, out_or_old(&world.network)?].into_iter().flatten() {
        let let_in = case.knock.gets_in(address).await.context(case.name)?;
        ensure!(!let_in, "{} was let in", case.name);
        rows += 1;
        let written = handshake_rows(&lines, rows).await.context(case.name)?;
        ensure!(written.len() == rows, "{}: {written:?}", case.name);
        let row = &written[rows - 1];
        let reason = row["reason"].as_str().unwrap_or_default();
        ensure!(row["code"] == case.code && reason.contains(case.reason), "{}: {row}", case.name);
    }
    assert_eq!(alert_for_tls12(address).await?, PROTOCOL_VERSION);
    rows += 1;
    let written = handshake_rows(&lines, rows).await.context("TLS 1.2")?;
    assert!(written[rows - 1]["reason"].as_str().is_some_and(|r| r.contains("peer is incompatible")), "{}", written[rows - 1]);

    // The same client is let in with its own papers, and so is the office: what was refused was the papers.
    assert!(Knock::with(own(&world.network, &cav())?).gets_in(address).await?);
    world.attach(&[cav()]).await?;
    lines.wait("ATTACHED", DEADLINE, |lines| audit_rows(lines, "ATTACHED").len() == 1).await?;
    let said = lines.all();
    assert_eq!(audit_rows(&said, "REFUSED_HANDSHAKE").len(), rows, "one row each, and none for the honest");
    assert!(!said.iter().any(|line| line.contains("panicked")), "a thread of the gateway has panicked");
    Ok(())
}
