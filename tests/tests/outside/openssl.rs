//! T13 by a client that speaks the hybrid key exchange: OpenSSL 3.5, once for each wish. What it is refused at the gateway it
//! is given at a door without the gateway's rules.
//!
//! Not here: how it knocks (tests/outside/client.py); older scanners (`scanners`).

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::cpi;
use raccordo_tests::processes::World;
use raccordo_tests::results;
use serde_json::{Value, json};

use crate::relay::Relay;
use crate::scanners::{control, stands, world};
use crate::tools::{said, script};

const HYBRID: &str = "X25519MLKEM768";

/// Key exchanges that agents do not speak; with each alone, and with all, nobody gets in.
const OTHER_EXCHANGES: [&str; 6] = ["X25519", "P-256", "P-384", "X448", "ffdhe2048", "X25519:P-256:P-384:X448:ffdhe2048"];
const OLDER: [&str; 3] = ["TLSv1.2", "TLSv1.1", "TLSv1"];
const SUITES: [&str; 3] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
const OTHER_SUITE: &str = "TLS_AES_128_CCM_SHA256";

async fn knock(port: u16, papers: &Value, wishes: &Value) -> anyhow::Result<Value> {
    let mut all = json!({"port": port});
    for part in [papers, wishes] {
        all.as_object_mut().context("wishes")?.extend(part.as_object().context("wishes")?.clone());
    }
    let mut command = script("client.py")?;
    command.arg(all.to_string());
    let (code, answer) = said(command).await?;
    ensure!(code == 0, "{all}: {answer}");
    serde_json::from_str(&answer).with_context(|| format!("{all}: {answer}"))
}

/// Of an office that is not attached: whoever comes a second time in the same name takes the first one's place.
fn papers(world: &World) -> Value {
    let folder = world.network.agent(&cpi());
    json!({"chain": folder.chain(), "key": folder.key(), "alpn": "h2"})
}

/// Wishes and the suite, if any, that must be agreed upon.
fn granted() -> Vec<(Value, Option<&'static str>)> {
    let suites = SUITES.map(|suite| (json!({"suites": suite}), Some(suite)));
    let preferred_last = json!({"groups": format!("X25519:P-256:{HYBRID}")});
    [(json!({}), None), (preferred_last, None)].into_iter().chain(suites).collect()
}

/// Wishes, and what stands in OpenSSL's words for the alert that answers them.
fn refused() -> Vec<(Value, &'static str)> {
    let exchanges = OTHER_EXCHANGES.map(|exchange| (json!({"groups": exchange}), "alert handshake failure"));
    let older = OLDER.map(|newest| (json!({"newest": newest}), "alert"));
    let other = [(json!({"suites": OTHER_SUITE}), "alert handshake failure")];
    exchanges.into_iter().chain(older).chain(other).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_is_given_the_hybrid_exchange_without_tickets_and_nothing_else() -> anyhow::Result<()> {
    let world = world().await?;
    let relay = Relay::start(world.gateway_address()?).await?;
    let (port, mine) = (relay.port(), papers(&world));
    let mut facts = 0;
    for (wishes, suite) in granted() {
        let answer = knock(port, &mine, &wishes).await?;
        ensure!(answer["openssl"].as_str().is_some_and(|version| version.starts_with("OpenSSL 3.5")), "{answer}");
        ensure!(answer["protocol"] == "TLSv1.3" && answer["group"] == HYBRID, "{wishes}: {answer}");
        ensure!(suite.is_none_or(|suite| answer["suite"] == suite), "{wishes}: {answer}");
        ensure!(answer["heard"].as_u64() > Some(0), "{wishes}: no HTTP/2: {answer}");
        ensure!(answer["ticket"] == false && answer["early_data"] == 0, "{wishes}: {answer}");
        facts += 1;
    }
    for (wishes, alert) in refused() {
        let answer = knock(port, &mine, &wishes).await?;
        ensure!(answer["refused"].as_str().is_some_and(|said| said.contains(alert)), "{wishes}: {answer}");
        ensure!(answer["protocol"].is_null() && answer["heard"] == 0, "{wishes}: {answer}");
        facts += 1;
    }
    for papers in [json!({"alpn": "h2"}), json!({"chain": mine["chain"], "key": mine["key"]})] {
        let answer = knock(port, &papers, &json!({})).await?;
        ensure!(answer["refused"].is_string() && answer["heard"] == 0, "no certificate, or no h2: {answer}");
        facts += 1;
    }
    stands(&world)?;
    results::write("T13", "wishes of OpenSSL 3.5 granted or refused as the protocol says", facts, 17, file!());
    assert!(facts >= 17, "{facts}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_is_given_all_of_it_at_an_open_door() -> anyhow::Result<()> {
    let world = World::create()?;
    let (_control, door) = control(&world).await?;
    let mut granted = 0;
    for (wishes, _) in refused() {
        let answer = knock(door.port(), &json!({}), &wishes).await?;
        ensure!(answer["protocol"].is_string() && answer["refused"].is_null(), "{wishes}: {answer}");
        ensure!(answer["ticket"] == true, "{wishes}: {answer}");
        ensure!((answer["protocol"] == "TLSv1.3") == (answer["early_data"].as_u64() > Some(0)), "{wishes}: {answer}");
        granted += 1;
    }
    results::write("T13", "control: refused wishes that an open door grants", granted, 10, file!());
    assert!(granted >= 10, "{granted}");
    Ok(())
}
