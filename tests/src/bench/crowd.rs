//! A network with as many offices as wanted, each attached by a stream and nothing else: real certificates, real cards, no
//! desk. What it is attached to is the real gateway or the floor.
//!
//! Not here: what the streams carry (`load`).

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use hyper_util::rt::TokioIo;
use raccordo_admin::roster::{Dates, Machine, Office};
use raccordo_agent::tls::{TlsIdentity, client_config};
use raccordo_agent::wire::relay_service_client::RelayServiceClient;
use raccordo_casework::seal::SealingKey;
use raccordo_certs_dev::cast::Cast;
use raccordo_certs_dev::network::agent_id;
use raccordo_machine::clock::{self, now};
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::identity::{Principal, SpiffeId};
use raccordo_proto::limits::{HEADER_LIST_BYTES_MAX, IN_FLIGHT_CAP, MESSAGE_BYTES_MAX, SKEW_MAX};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{AgencyKind, Capability, FromAgent, Hello, State, ToAgent, from_agent, to_agent};
use raccordo_proto::{AgencyId, Directory};
use rand_core::Rng as _;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::codegen::http::Uri;
use tonic::transport::Endpoint;

use crate::processes::{World, replace};

/// Frames that wait for one stream.
const OUTBOUND_DEPTH: usize = 1024;
/// Handshakes under way at once: fewer than a gateway allows.
const AT_ONCE: usize = 16;
/// More than any figure here sends.
const FRAMES_PER_MINUTE: u32 = 100_000_000;
const BYTES_PER_DAY: u64 = 1 << 50;

/// A world of real programs whose quotas are not what is measured, and whose gateway logs as an installed one does.
pub fn world() -> anyhow::Result<World> {
    let mut cast = Cast::demo();
    (cast.policy.frames_per_minute, cast.policy.bytes_per_day) = (FRAMES_PER_MINUTE, BYTES_PER_DAY);
    let world = World::create_with(&cast, Dates::from_now(now()))?;
    let log = |level: &str| format!("level = \"{level}\"\nformat = \"json\"\n");
    let trusted = format!("{}\n[limits]\nin_flight_max = {IN_FLIGHT_CAP}\n", log("info"));
    replace(&world.network.gateway().config(), &log("trace"), &trusted)?;
    Ok(world)
}

/// One office: its stream needs no more.
pub struct Member {
    /// Who it is.
    pub id: AgencyId,
    key: SigningKey,
    tls: Arc<ClientConfig>,
}

/// All of them.
pub struct Crowd {
    /// The network, and its gateway when that runs.
    pub world: World,
    /// The offices.
    pub members: Vec<Member>,
    directory: Arc<Directory>,
    /// One opening key for all: nobody opens anything here, and a card is as long whosever key it holds.
    ek: Bytes,
    attached: AtomicU64,
}

/// An attached stream.
pub struct Attached {
    /// What it says.
    pub says: mpsc::Sender<FromAgent>,
    /// What it is told.
    pub hears: Streaming<ToAgent>,
}

impl Crowd {
    /// So many offices, in a directory that has them all.
    pub fn create(count: usize) -> anyhow::Result<Self> {
        let mut world = world()?;
        let mut drafts = Vec::new();
        for n in 0..count {
            let mut seed = [0; 32];
            clock::rng().fill_bytes(&mut seed);
            let id = AgencyId::parse(&format!("ufficio-{n:05}")).context("a slug")?;
            drafts.push((id, SigningKey::from_bytes(&seed), TlsKey::generate()?));
        }
        world.network.publish(|roster| roster.offices.extend(drafts.iter().map(|(id, key, tls)| office(id, key, tls))))?;
        let directory = Arc::new(Directory::trusted_before(world.network.directory().document())?);
        let (folder, mut members) = (world.path("crowd"), Vec::new());
        fs::create_dir(&folder).context("a folder")?;
        for (id, key, tls) in drafts {
            let authority = world.network.authority();
            let leaf = authority.issue_agent(&id, &agent_id(), tls.public_key(), now(), &mut clock::rng())?;
            let files = raccordo_agent::config::Tls { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
            write_private(&files.chain, leaf.chain_pem.as_bytes())?;
            write_private(&files.key, tls.to_pem()?.as_bytes())?;
            let tls = client_config(&TlsIdentity::load(&files)?, directory.clone())?;
            members.push(Member { id, key, tls: Arc::new(tls) });
        }
        let ek = SealingKey::generate(now(), &mut clock::rng()).ek().clone();
        Ok(Self { world, members, directory, ek, attached: AtomicU64::new(1) })
    }

    /// Attaches a member to what listens on `port`, and waits for its Welcome.
    pub async fn attach(&self, member: &Member, port: u16) -> anyhow::Result<Attached> {
        let (says, frames) = mpsc::channel(OUTBOUND_DEPTH);
        says.send(self.hello(member)).await.context("a new queue")?;
        let mut relay = connect(member.tls.clone(), port).await?;
        let mut hears = relay.attach(ReceiverStream::new(frames)).await.context("attach")?.into_inner();
        match hears.message().await.context("a Welcome")?.and_then(|told| told.frame) {
            Some(to_agent::Frame::Welcome(_)) => Ok(Attached { says, hears }),
            _ => bail!("{} was not welcomed", member.id),
        }
    }

    /// Attaches all of them, in any order.
    pub async fn attach_all(self: &Arc<Self>, port: u16) -> anyhow::Result<Vec<(AgencyId, Attached)>> {
        let (mut attached, mut under_way) = (Vec::new(), JoinSet::new());
        for at in 0..self.members.len() {
            if under_way.len() == AT_ONCE {
                attached.extend(under_way.join_next().await.transpose()?.transpose()?);
            }
            let crowd = self.clone();
            under_way.spawn(async move {
                let member = &crowd.members[at];
                anyhow::Ok((member.id.clone(), crowd.attach(member, port).await?))
            });
        }
        while let Some(done) = under_way.join_next().await {
            attached.push(done??);
        }
        Ok(attached)
    }

    fn hello(&self, member: &Member) -> FromAgent {
        let order = CardOrder { store_epoch: 1, counter: self.attached.fetch_add(1, Ordering::Relaxed) };
        let version = self.directory.version();
        let principal = Principal::Agent { agency: member.id.clone(), agent: agent_id() };
        let hello = Hello {
            agent: SpiffeId { network: self.directory.network().clone(), principal }.to_string(),
            protocol: 1,
            directory_version: version,
            key_card: Some(keycard::issue(&member.id, self.ek.clone(), order, version, now(), &member.key)),
        };
        FromAgent { frame: Some(from_agent::Frame::Hello(hello)) }
    }
}

type Relay = RelayServiceClient<tonic::transport::Channel>;

/// TCP, TLS and HTTP/2 as an agent's link makes them.
async fn connect(tls: Arc<ClientConfig>, port: u16) -> anyhow::Result<Relay> {
    let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    tcp.set_nodelay(true)?;
    let stream = TlsConnector::from(tls).connect(ServerName::try_from("localhost")?, tcp).await.context("TLS")?;
    let mut once = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: Uri| {
        std::future::ready(once.take().ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)))
    });
    let endpoint = Endpoint::from_static("http://gateway.invalid").http2_max_header_list_size(HEADER_LIST_BYTES_MAX);
    let channel = endpoint.connect_with_connector(connector).await.context("HTTP/2")?;
    Ok(RelayServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX))
}

fn office(id: &AgencyId, key: &SigningKey, tls: &TlsKey) -> Office {
    let machine = Machine {
        id: agent_id(),
        ik: key.public_key(),
        spki_sha256: vec![tls.spki_sha256()],
        state: State::Active,
        from: now().minus(SKEW_MAX),
        until: now().plus(raccordo_admin::roster::DIRECTORY_LIFE),
        revoked_at: None,
    };
    Office {
        id: id.clone(),
        office: format!("Ufficio {id}"),
        body: "Ente (nome di fantasia)".to_owned(),
        kind: AgencyKind::ServizioSociale,
        ambito: String::new(),
        phone: String::new(),
        capabilities: vec![Capability::Riceve],
        state: State::Active,
        machines: vec![machine],
    }
}

fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, content).with_context(|| path.display().to_string())
}
