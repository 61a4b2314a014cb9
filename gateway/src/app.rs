//! A whole gateway from its configuration: verify, listen, serve, re-read the directory on SIGHUP, say Goodbye on SIGTERM.
//!
//! Not here: the command line (`cli`), what a new directory changes (`install`), replicas (later).

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use raccordo_machine::{clock, files, memory};
use raccordo_proto::Directory;
use raccordo_proto::limits::{
    FAILED_HANDSHAKES_PER_MINUTE_MAX, HEADER_LIST_BYTES_MAX, KEEPALIVE_ANSWER_MAX, KEEPALIVE_EVERY, MESSAGE_BYTES_MAX,
    PENDING_RESETS_MAX, STREAMS_MAX,
};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

use crate::admission::Admission;
use crate::api::{Api, DirectoryServiceServer, RelayServiceServer};
use crate::audit::{Audit, Writer};
use crate::authority::Authority;
use crate::config::Config;
use crate::event::{Event, Way};
use crate::failure::Failure;
use crate::install::{self, Install};
use crate::knocks::Knocks;
use crate::link::Links;
use crate::listen::{Agents, Door, INCOMING_MAX};
use crate::publication::{NotTaken, Publication};
use crate::relay::Relay;
use crate::status;
use crate::store::Store;
use crate::tls::{self, Configs};

type Serving = JoinHandle<Result<(), tonic::transport::Error>>;

/// How long streams may take to end at a stop.
const DRAIN_MAX: Duration = Duration::from_secs(5);
/// Flow control windows: what one connection may have sent that nobody has read.
const STREAM_WINDOW_BYTES: u32 = 512 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;

/// How a gateway is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// A throwaway network: the process stays readable to a debugger of the same user.
    pub dev: bool,
}

/// A gateway that listens.
pub struct Gateway {
    address: SocketAddr,
    install: Arc<Install>,
    authority: Option<Authority>,
    writer: Writer,
    stop: oneshot::Sender<()>,
    server: Serving,
}

/// Reads and verifies all that a start needs, and changes nothing: what `check-config` says. The directory that a start would
/// serve; a directory file that a start would pass over with a row, and serve its copy, is a fault here.
pub fn check(config: &Config) -> Result<Arc<Directory>, Failure> {
    let directory = Publication::load(config, clock::now())?.at_a_start(clock::now())?;
    tls::configs(config, &watch::Sender::new(directory.clone()).subscribe(), clock::now())?;
    Ok(directory)
}

/// Serves until SIGTERM or SIGINT.
pub fn run(config: Config, options: Options) -> Result<(), Failure> {
    // In a throwaway network the demonstration reads its child's memory.
    let private = if options.dev { memory::no_core_dumps() } else { memory::keep_private() };
    private.map_err(|cause| Failure::Machine(format!("cannot forbid core dumps: {cause}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Failure::Machine(format!("cannot start the runtime: {cause}")))?;
    runtime.block_on(async {
        let listen = |kind| signal(kind).map_err(|cause| Failure::Machine(format!("cannot listen to signals: {cause}")));
        let mut hangup = listen(SignalKind::hangup())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut gateway = Gateway::start(config).await?;
        loop {
            tokio::select! {
                _ = hangup.recv() => gateway.reload().await,
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                ended = gateway.ended() => return Err(ended),
            }
        }
        gateway.stop().await;
        Ok(())
    })
}

impl Gateway {
    /// Verifies, keeps, listens, and writes the addresses it got to `state/address` and `state/authority.address`.
    pub async fn start(config: Config) -> Result<Self, Failure> {
        let (audit, writer) = Audit::start(Store::open(&config.state)?)?;
        match Ready::to_serve(&config, &audit).await {
            Ok(ready) => Ok(ready.serve(config, audit, writer)),
            Err(fault) => {
                audit.stop(writer);
                Err(fault)
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads the directory file again. A new one is installed: who is out is cut at once, the others are told. A bad one
    /// changes nothing and is reported. Then its own certificate and key, which may have been renewed.
    pub async fn reload(&self) {
        self.install.file().await;
        self.install.read_tls();
    }

    /// Waits until one of its ports ends by itself, which none does.
    async fn ended(&mut self) -> Failure {
        let authority = async {
            match &mut self.authority {
                Some(authority) => (&mut authority.task).await,
                None => core::future::pending().await,
            }
        };
        let ended = tokio::select! {
            ended = &mut self.server => ended,
            ended = authority => ended,
        };
        Failure::Machine(format!("a port has ended by itself: {ended:?}"))
    }

    /// Says Goodbye, lets streams end, writes what the audit has.
    pub async fn stop(self) {
        let Self { install, authority, writer, stop, server, .. } = self;
        install.relay.stop().await;
        let _server_gone = stop.send(());
        let authority = authority.map(Authority::stop);
        let ended = async {
            let _however = server.await;
            if let Some(authority) = authority {
                let _however = authority.await;
            }
        };
        if tokio::time::timeout(DRAIN_MAX, ended).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        install.audit.row(Event::Stopped);
        let audit = install.audit.clone();
        let stopped = tokio::task::spawn_blocking(move || audit.stop(writer)).await;
        if stopped.is_err() {
            tracing::error!("the audit could not be closed");
        }
    }
}

/// All of a start that may fail, done: two ports and what is served there. Nobody has been let in yet.
struct Ready {
    agents: TcpListener,
    address: SocketAddr,
    authority: Option<(TcpListener, SocketAddr)>,
    publication: Arc<Publication>,
    tls: watch::Sender<Arc<Configs>>,
}

impl Ready {
    async fn to_serve(config: &Config, audit: &Audit) -> Result<Self, Failure> {
        let publication = Publication::load(config, clock::now()).inspect_err(|fault| {
            let failed = NotTaken::Failed(Failure::Unverified(fault.to_string()));
            audit.row(install::refused(Way::Start, &failed));
        })?;
        let (agents, address) = bind(config.address).await?;
        let authority = match config.authority {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        // Before TLS: this gateway's key, its chain or the roots may be those of the newer version.
        follow_the_file(&publication, audit);
        let tls = watch::Sender::new(tls::configs(config, &publication.subscribe(), clock::now())?);
        publication.keep()?;
        write_address(config, "address", address)?;
        if let Some((_, address)) = &authority {
            write_address(config, "authority.address", *address)?;
        }
        Ok(Self { agents, address, authority, publication: Arc::new(publication), tls })
    }

    fn serve(self, config: Config, audit: Audit, writer: Writer) -> Gateway {
        let Self { agents, address, authority, publication, tls } = self;
        let relay = Relay::start(publication.directory(), Admission::new(config.in_flight_max), audit.clone());
        let turn = Mutex::default();
        let install = Arc::new(Install { config, publication, tls, links: Links::default(), relay, audit, turn });
        let authority = authority.map(|(listener, address)| {
            tracing::info!(%address, "listening for the authority");
            Authority::start(listener, install.clone())
        });
        if let Err(fault) = status::serve(&install.config.control, install.clone()) {
            tracing::error!("{fault}: `status` cannot be asked");
        }
        let (stop, server) = open(agents, &install);
        let version = install.publication.directory().version();
        install.audit.row(Event::Started { release: env!("CARGO_PKG_VERSION"), version });
        tracing::info!(%address, version, "listening");
        Gateway { address, install, authority, writer, stop, server }
    }
}

/// A port, and where it is.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let busy = |cause| Failure::Machine(format!("cannot listen on {address}: {cause}"));
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    Ok((listener, address))
}

/// Takes the directory file's document where it follows; a bad one changes nothing and is reported.
fn follow_the_file(publication: &Publication, audit: &Audit) {
    match publication.take_file(clock::now()) {
        Ok(None) => {}
        Ok(Some(directory)) => audit.row(Event::Directory { version: directory.version(), way: Way::Start }),
        Err(fault) => {
            tracing::error!("{fault}: version {} is served still", publication.directory().version());
            audit.row(install::refused(Way::Start, &fault));
        }
    }
}

/// The agents' port: what ends it, and its task.
fn open(listener: TcpListener, install: &Arc<Install>) -> (oneshot::Sender<()>, Serving) {
    let (admitted, incoming) = mpsc::channel(INCOMING_MAX);
    let gate = Agents { tls: install.tls.subscribe(), directory: install.publication.subscribe(), links: install.links.clone() };
    let knocks = Knocks::new(FAILED_HANDSHAKES_PER_MINUTE_MAX, install.audit.clone());
    tokio::spawn(Door { gate, knocks }.keep(listener, admitted));
    let (stop, stopped) = oneshot::channel();
    let api = Api { relay: install.relay.clone(), publication: install.publication.clone() };
    let server = tokio::spawn(services(api).serve_with_incoming_shutdown(ReceiverStream::new(incoming), async {
        let _or_the_gateway_is_gone = stopped.await;
    }));
    (stop, server)
}

fn write_address(config: &Config, name: &str, address: SocketAddr) -> Result<(), Failure> {
    let path = config.state.join(name);
    files::replace(&path, address.to_string().as_bytes()).map_err(|cause| Failure::file("write", &path, cause))
}

fn services(api: Api) -> tonic::transport::server::Router {
    let relay = RelayServiceServer::new(api.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let directory = DirectoryServiceServer::new(api).max_decoding_message_size(MESSAGE_BYTES_MAX);
    http2().add_service(relay).add_service(directory)
}

/// HTTP/2 as every gateway speaks it; a floor that it is measured against must speak the same.
pub fn http2() -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER_MAX))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    use crate::fixture::{Folder, body, document, trust};

    /// A folder with a verified directory and no certificate, and its configuration.
    fn folder(name: &str, document: &[u8], authority: &str) -> (Folder, Config) {
        let folder = Folder::new(name);
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("rete.bin"), trust()).expect("a trust file");
        std::fs::write(at("directory.bin"), document).expect("a file");
        let config = format!(
            r#"
network = "rete-prova.invalid"
id = "gw1"
state = "state"
directory = "directory.bin"
trust = "rete.bin"
[listen]
address = "127.0.0.1:0"
[authority]
address = "{authority}"
[tls]
chain = "chain.pem"
key = "key.pem"
"#
        );
        std::fs::write(at("gateway.toml"), config).expect("a configuration");
        let config = Config::read(&at("gateway.toml"), true).expect("a good one");
        (folder, config)
    }

    #[tokio::test]
    async fn a_start_without_a_verified_directory_fails_and_leaves_its_row() {
        let (_folder, config) = folder("app", b"no directory", "127.0.0.1:0");
        let failure = Gateway::start(config.clone()).await.err().expect("no directory");
        assert!(matches!(failure, Failure::Unverified(_)), "{failure}");
        assert!(!config.state.join("address").exists(), "it has not listened");
        let (rows, misfit) = Store::open(&config.state).and_then(|store| store.rows()).expect("an audit");
        assert!(misfit.is_none() && rows.len() == 1, "{rows:?}");
        assert!(rows[0].contains("DIRECTORY_REFUSED") && !rows[0].contains("STARTED"), "{rows:?}");
    }

    #[tokio::test]
    async fn a_start_that_fails_later_on_closes_the_audit_and_installs_nothing() {
        let document = document(1, &[], &body(Vec::new())).encode_to_vec();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("its own").to_string();
        for (name, authority, says) in [("app-port", address.as_str(), "cannot listen"), ("app-tls", "127.0.0.1:0", "chain.pem")]
        {
            let (_folder, config) = folder(name, &document, authority);
            let failure = Gateway::start(config.clone()).await.err().expect("it lacks something");
            assert!(failure.to_string().contains(says), "{failure}");
            assert!(!config.state.join("directory").exists() && !config.state.join("address").exists(), "{says}");
            let rows = Store::open(&config.state).and_then(|store| store.rows());
            assert!(rows.is_ok_and(|(rows, _)| rows.is_empty()), "the store is free for the next start");
        }
    }
}
