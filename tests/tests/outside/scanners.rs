//! T13 by scanners: sslyze, sslscan and testssl.sh speak no hybrid key exchange, so they must find no protocol and no cipher
//! at the gateway, each knock of theirs answered by an alert; at a door without the gateway's rules they must find what is
//! there.
//!
//! Not here: what a client that speaks it finds (`openssl`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::cav;
use raccordo_tests::processes::{Running, World, is_attached};
use raccordo_tests::results;
use serde_json::Value;
use tokio::process::Command;

use crate::relay::Relay;
use crate::tools::{installed, prepared, said, script};

/// Knocks of one scan that must have been answered; sslyze makes 11, sslscan 10, testssl.sh 35.
const KNOCKS_MIN: usize = 8;
/// The control speaks TLS 1.0 to 1.3.
const PROTOCOLS_MIN: usize = 4;
/// SSL 2 and 3, TLS 1.0 to 1.3.
const PROTOCOLS_ASKED: usize = 6;

/// What a scanner says that it may use.
#[derive(Debug, Default)]
struct Found {
    /// Whether it has told of every protocol, or in its own words that it can use none.
    is_whole: bool,
    protocols: Vec<String>,
    ciphers: usize,
}

/// The real gateway, with an office attached.
pub async fn world() -> anyhow::Result<World> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    Ok(world)
}

/// The office is still there, and nothing has panicked.
pub fn stands(world: &World) -> anyhow::Result<()> {
    let told = world.told(&cav())?;
    let mut since = told.iter().skip_while(|event| event.kind() != EventKind::Attached);
    ensure!(is_attached(&told) == Some(true), "the office has lost the gateway");
    ensure!(since.all(|event| event.kind() != EventKind::Detached), "the office has lost the gateway for a while");
    let lines = world.gateway()?.lines().all();
    ensure!(!lines.iter().any(|line| line.contains("panicked")), "a thread of the gateway has panicked");
    Ok(())
}

/// The door without rules, with the gateway's own certificate.
pub async fn control(world: &World) -> anyhow::Result<(Running, SocketAddr)> {
    let mut command = script("control.py")?;
    command.arg(world.network.gateway().chain()).arg(world.network.gateway().key());
    let mut control = Running::start("control", command)?;
    control.says("").await?;
    let lines = control.lines().all();
    let port = lines.first().and_then(|line| line.parse().ok()).with_context(|| format!("no port: {lines:?}"))?;
    Ok((control, SocketAddr::from(([127, 0, 0, 1], port))))
}

#[derive(Clone)]
enum Scanner {
    Sslyze(PathBuf),
    Sslscan(PathBuf),
    Testssl(PathBuf),
}

impl Scanner {
    async fn scan(&self, port: u16) -> anyhow::Result<Found> {
        let (at, file) = (format!("127.0.0.1:{port}"), tempfile::NamedTempFile::new()?);
        match self {
            Self::Sslyze(program) => {
                let mut command = Command::new(program);
                command.args(["--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]);
                command.args(["--mozilla_config", "disable", "--json_out"]).arg(file.path()).arg(at);
                said(command).await?;
                of_sslyze(&read(file.path())?)
            }
            Self::Sslscan(program) => {
                let mut command = Command::new(program);
                command.args(["--no-colour", "--no-groups", "--xml=-"]).arg(at);
                Ok(of_sslscan(&said(command).await?.1))
            }
            Self::Testssl(program) => {
                let mut command = Command::new(program);
                command.args(["--warnings", "off", "--nodns", "none", "--quiet", "--color", "0", "--protocols", "--jsonfile"]);
                command.arg(file.path()).arg(at);
                said(command).await?;
                of_testssl(&read(file.path())?)
            }
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(file)?;
    serde_json::from_str(&text).with_context(|| format!("no JSON: {text}"))
}

/// Six results, or sslyze's word that there is no protocol and no cipher to begin with.
fn of_sslyze(answer: &Value) -> anyhow::Result<Found> {
    let door = &answer["server_scan_results"][0];
    if door["scan_result"].is_null() {
        let trace = door["connectivity_error_trace"].as_str().unwrap_or_default();
        let nothing = "could not find a TLS version and cipher suite supported";
        ensure!(trace.contains(nothing), "sslyze has not scanned: {trace}");
        return Ok(Found { is_whole: true, ..Found::default() });
    }
    let mut found = Found { is_whole: true, ..Found::default() };
    for name in ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"] {
        let ciphers = &door["scan_result"][format!("{name}_cipher_suites")]["result"]["accepted_cipher_suites"];
        let ciphers = ciphers.as_array().with_context(|| format!("sslyze says nothing of {name}"))?.len();
        found.ciphers += ciphers;
        found.protocols.extend((ciphers > 0).then(|| name.replace('_', ".").replacen('.', "", 1)));
    }
    Ok(found)
}

fn of_sslscan(answer: &str) -> Found {
    let lines = || answer.lines().map(str::trim_start);
    let protocols = || lines().filter(|line| line.starts_with("<protocol "));
    let version = |line: &str| line.split('"').skip(1).step_by(2).take(2).collect::<String>();
    Found {
        is_whole: protocols().count() == PROTOCOLS_ASKED,
        protocols: protocols().filter(|line| !line.contains("enabled=\"0\"")).map(version).collect(),
        ciphers: lines().filter(|line| line.starts_with("<cipher ")).count(),
    }
}

fn of_testssl(answer: &Value) -> anyhow::Result<Found> {
    let mut found = Found { is_whole: true, ..Found::default() };
    for (id, name) in [("SSLv2", "ssl2"), ("SSLv3", "ssl3"), ("TLS1", "tls1.0")].into_iter().chain([
        ("TLS1_1", "tls1.1"),
        ("TLS1_2", "tls1.2"),
        ("TLS1_3", "tls1.3"),
    ]) {
        let rows = answer.as_array().context("testssl.sh's rows")?;
        let row = rows.iter().find(|row| row["id"] == id).with_context(|| format!("testssl.sh says nothing of {id}"))?;
        let is_absent = row["finding"].as_str().context("a finding")?.starts_with("not offered");
        found.protocols.extend((!is_absent).then(|| name.to_owned()));
    }
    Ok(found)
}

fn figures(name: &str) -> [String; 3] {
    [
        format!("knocks of {name}, each answered with an alert"),
        format!("protocols and ciphers that {name} found at the gateway"),
        format!("control: protocols that {name} found at an open door"),
    ]
}

async fn judged(name: &str, scanner: Scanner) -> anyhow::Result<()> {
    let [knocks, at_gateway, at_control] = figures(name);
    let world = world().await?;
    let relay = Relay::start(world.gateway_address()?).await?;
    let found = scanner.scan(relay.port()).await?;
    let answers = relay.knocks().await?;
    let odd: Vec<_> = answers.iter().filter(|knock| !knock.was_refused()).collect();
    ensure!(odd.is_empty(), "{name}: not refused by an alert: {odd:?}");
    ensure!(answers.len() >= KNOCKS_MIN, "{name} has knocked {} times only", answers.len());
    let at_all = found.protocols.len() + found.ciphers;
    ensure!(found.is_whole && at_all == 0, "{name}: {found:?}");
    results::write("T13", &knocks, answers.len(), KNOCKS_MIN, file!());
    results::write_at_most("T13", &at_gateway, at_all, 0, file!());
    stands(&world)?;

    let (_control, door) = control(&world).await?;
    let relay = Relay::start(door).await?;
    let found = scanner.scan(relay.port()).await?;
    let heard = relay.knocks().await?.iter().filter(|knock| knock.was_heard()).count();
    ensure!(heard >= PROTOCOLS_MIN, "{name}: the open door has answered {heard} knocks");
    ensure!(found.protocols == ["tls1.0", "tls1.1", "tls1.2", "tls1.3"] && found.is_whole, "{name}: {found:?}");
    results::write("T13", &at_control, found.protocols.len(), PROTOCOLS_MIN, file!());
    Ok(())
}

async fn judged_if_installed(name: &str, programs: &[&str], scanner: fn(PathBuf) -> Scanner) -> anyhow::Result<()> {
    let figures = figures(name);
    match installed(programs, "T13", &figures.each_ref().map(String::as_str), file!())? {
        Some(program) => judged(name, scanner(program)).await,
        None => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sslyze_finds_nothing_at_the_gateway_and_everything_at_an_open_door() -> anyhow::Result<()> {
    judged("sslyze", Scanner::Sslyze(prepared("sslyze")?)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sslscan_finds_nothing_at_the_gateway_and_everything_at_an_open_door() -> anyhow::Result<()> {
    judged_if_installed("sslscan", &["sslscan"], Scanner::Sslscan).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn testssl_finds_nothing_at_the_gateway_and_everything_at_an_open_door() -> anyhow::Result<()> {
    judged_if_installed("testssl.sh", &["testssl", "testssl.sh"], Scanner::Testssl).await
}
