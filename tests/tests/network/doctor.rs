//! `doctor` at a real office: what is green while all runs, and what it says, and of whom, when the agent or the gateway is
//! down and when somebody else answers in the gateway's place; and the letter that comes of it.
//!
//! Not here: what each fact means (the agent's `doctor`), certificates and directories near their end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};
use raccordo_agent::config::Tls;
use raccordo_agent::doctor::probe::{self, Found};
use raccordo_certs_dev::cast::{cav, cpi};
use raccordo_proto::Endpoint;
use raccordo_proto::wire::State;
use raccordo_tests::processes::{DEADLINE, Proxy, Said, World};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Codes and lights, in the order told.
fn lights(said: &Said) -> anyhow::Result<Vec<(String, String)>> {
    let object = said.json()?;
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = object["findings"].as_array().context("findings")?;
    Ok(findings.iter().map(|finding| (text(finding, "code"), text(finding, "light"))).collect())
}

fn has(said: &Said, code: &str, light: &str) -> anyhow::Result<()> {
    let lights = lights(said)?;
    ensure!(lights.contains(&(code.to_owned(), light.to_owned())), "{code} {light} is not in {lights:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tells_what_is_well_and_whose_turn_it_is_when_it_is_not() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    let well = world.say(&cav(), &["doctor", "--json"]).await?;
    ensure!(well.code == 0, "{well:?}");
    for code in ["agent-attached", "clock-good", "gateway-answers", "certificate-good", "identity-good", "directory-good"] {
        has(&well, code, "green")?;
    }
    has(&well, "backup-none", "yellow")?;
    let words = world.say(&cav(), &["doctor"]).await?;
    ensure!(words.out.contains("risponde, ed è quello della nostra rete") && words.out.contains("[  bene  ]"), "{words:?}");

    world.kill_gateway().await?;
    world.detached(&cav(), DEADLINE).await?;
    let alone = world.say(&cav(), &["doctor", "--json"]).await?;
    ensure!(alone.code == 1, "{alone:?}");
    has(&alone, "agent-detached", "red")?;
    has(&alone, "gateway-refused", "red")?;
    has(&alone, "clock-unknown", "yellow")?; // what was greeted before says nothing of now
    Ok(())
}

/// An office that was suspended is told so, and not that its network is broken, also when it asks a second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_office_is_sent_to_the_networks_administration() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.network.publish(|roster| roster.office_mut(&cav()).expect("an office").state = State::Suspended)?;
    world.start_gateway().await?;
    world.start_agent(&cav()).await?;
    world.gateway()?.lines().wait("a refused certificate", DEADLINE, |lines| refusals(lines) > 1).await?;
    let said = world.say(&cav(), &["doctor", "--json"]).await?.json()?;
    let first = said["findings"].as_array().and_then(|all| all.iter().find(|one| one["light"] == "red")).context("red")?;
    ensure!(first["code"] == "agent-detached" && first["who"] == "network", "{said}");
    ensure!(world.status(&cav()).await?.link_fault != "UNREACHABLE", "the gateway has said why");
    Ok(())
}

fn refusals(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.contains("REFUSED_HANDSHAKE")).count()
}

/// Asks every client for a certificate, and counts those that it gets.
#[derive(Debug)]
struct Curious(Arc<AtomicUsize>);

impl ClientCertVerifier for Curious {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _above: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Whoever opens connections on the way: a certificate of its own making, with these key exchanges. Its name would write lines of
/// its own on a screen.
async fn inspector(kx_groups: &[&'static dyn SupportedKxGroup], counted: Arc<AtomicUsize>) -> anyhow::Result<SocketAddr> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "Filtro\n[  bene  ]  Tutto\u{202e} bene");
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let provider = CryptoProvider { kx_groups: kx_groups.to_vec(), ..aws_lc_rs::default_provider() };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Curious(counted)))
        .with_single_cert(vec![certificate.der().clone()], key)?;
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await?);
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _it_may_not_like_us = acceptor.accept(stream).await;
        }
    });
    Ok(address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_in_the_gateways_place_is_named_and_the_letter_asks_for_a_way_out() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    let counted = Arc::new(AtomicUsize::new(0));
    let between = Proxy::start(inspector(&[aws_lc_rs::kx_group::X25519], counted.clone()).await?).await?;
    world.go_through(&cav(), &between)?;
    let letter = world.path("lettera.txt");
    let file = letter.to_str().context("a path")?;
    let said = world.say(&cav(), &["doctor", "--letter", file]).await?;
    ensure!(said.code == 1 && said.err.is_empty(), "{said:?}");
    for says in [
        "L'agente di questo ufficio non è in funzione",
        "viene aperta e ispezionata lungo la strada",
        "CN=Filtro [  bene  ]",
        "→ Tocca a chi cura i computer e la rete del vostro ente",
        "Lettera scritta in",
    ] {
        ensure!(said.out.contains(says), "«{says}» is not in\n{}", said.out);
    }
    ensure!(!said.out.contains("\n[  bene  ]  Tutto") && !said.out.contains('\u{202e}'), "a stranger writes: {}", said.out);
    let text = std::fs::read_to_string(&letter)?;
    let address = format!("localhost:{}", between.address().port());
    for says in [address.as_str(), "TLS inspection", "X25519MLKEM768", "viene aperta e ispezionata"] {
        ensure!(text.contains(says), "«{says}» is not in\n{text}");
    }
    ensure!(!text.contains('\u{202e}'), "a stranger writes: {text}");
    let again = world.say(&cav(), &["doctor", "--letter", file]).await?;
    ensure!(again.code == 1 && again.err.contains("Non riesco a scrivere la lettera"), "a letter is not written over: {again:?}");
    ensure!(again.out.contains("viene aperta e ispezionata"), "what was found is told all the same: {again:?}");
    let ours = inspector(&[aws_lc_rs::kx_group::X25519MLKEM768], counted.clone()).await?;
    let chain = world.network.agent(&cav()).config().with_file_name("chain.pem");
    let looked = looks(&world, ours, &chain).await?;
    ensure!(matches!(looked, Found::Inspected { .. }), "{looked:?}");
    ensure!(counted.load(Ordering::Relaxed) == 0, "a stranger does not learn whose machine asks");
    ensure!(looks(&world, world.gateway_address()?, &chain).await? == Found::Gateway, "control: it is shown to the gateway");
    Ok(())
}

/// What the doctor's probe finds at an address, with the papers of the CAV.
async fn looks(world: &World, address: SocketAddr, chain: &Path) -> anyhow::Result<Found> {
    let key = world.network.agent(&cav()).config().with_file_name("key.pem");
    let endpoint = Endpoint::parse(&format!("localhost:{}", address.port())).context("an address")?;
    Ok(probe::look(&endpoint, &Tls { chain: chain.to_owned(), key }).await.found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_networks_gateway_and_another_offices_certificate_are_called_so() -> anyhow::Result<()> {
    let (mut world, mut other) = (World::create()?, World::create()?);
    world.start_gateway().await?;
    other.start_gateway().await?;
    let between = Proxy::start(other.gateway_address()?).await?;
    world.go_through(&cav(), &between)?;
    let (chain, stays) = (world.network.agent(&cav()).config().with_file_name("chain.pem"), "chain.pem");
    has(&world.say(&cav(), &["doctor", "--json"]).await?, "gateway-other", "red")?;
    ensure!(chain.exists(), "{stays} lies beside the configuration");
    std::fs::copy(world.network.agent(&cpi()).config().with_file_name("chain.pem"), &chain)?;
    has(&world.say(&cav(), &["doctor", "--json"]).await?, "certificate-anothers", "red")?;
    Ok(())
}
