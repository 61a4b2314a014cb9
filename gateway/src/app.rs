//! A whole gateway from its configuration: verify, listen, serve, re-read the directory on SIGHUP, say Goodbye on SIGTERM.
//!
//! Not here: the command line (`cli`), replicas, the control socket (later).

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use raccordo_machine::{clock, files, memory};
use raccordo_proto::Directory;
use raccordo_proto::limits::{
    HEADER_LIST_BYTES_MAX, KEEPALIVE_ANSWER_MAX, KEEPALIVE_EVERY, MESSAGE_BYTES_MAX, PENDING_RESETS_MAX, STREAMS_MAX,
};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

use crate::admission::Admission;
use crate::api::{Api, DirectoryServiceServer, RelayServiceServer};
use crate::audit::{Audit, Writer};
use crate::config::Config;
use crate::event::Event;
use crate::failure::Failure;
use crate::link::Links;
use crate::listen::{Door, INCOMING_MAX};
use crate::publication::Publication;
use crate::relay::Relay;
use crate::router::Input;
use crate::store::Store;
use crate::tls;

/// Between the Goodbye of a cut peer and the end of its connection.
const GOODBYE_TIME: Duration = Duration::from_millis(500);
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
    config: Config,
    address: SocketAddr,
    publication: Arc<Publication>,
    tls: watch::Sender<Arc<ServerConfig>>,
    links: Links,
    relay: Relay,
    audit: Audit,
    writer: Writer,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

/// Reads and verifies all that a start needs, and changes nothing: what `check-config` says.
pub fn check(config: &Config) -> Result<Arc<Directory>, Failure> {
    let publication = Publication::load(config, clock::now())?;
    tls::server_config(config, &publication.subscribe(), clock::now())?;
    Ok(publication.directory())
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
                ended = &mut gateway.server => {
                    return Err(Failure::Machine(format!("the server has ended by itself: {ended:?}")));
                }
            }
        }
        gateway.stop().await;
        Ok(())
    })
}

impl Gateway {
    /// Verifies, listens, and writes the address it got to `state/address`.
    pub async fn start(config: Config) -> Result<Self, Failure> {
        let (audit, writer) = Audit::start(Store::open(&config.state)?)?;
        let publication = match Publication::load(&config, clock::now()) {
            Ok(publication) => Arc::new(publication),
            Err(fault) => {
                audit.row(Event::DirectoryRefused { reason: fault.to_string() });
                audit.stop(writer);
                return Err(fault);
            }
        };
        let tls = watch::Sender::new(tls::server_config(&config, &publication.subscribe(), clock::now())?);
        publication.remember()?;
        let busy = |cause: std::io::Error| Failure::Machine(format!("cannot listen on {}: {cause}", config.address));
        let listener = TcpListener::bind(config.address).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let relay = Relay::start(publication.directory(), Admission::new(config.in_flight_max), audit.clone());
        let links = Links::default();
        let (admitted, incoming) = mpsc::channel(INCOMING_MAX);
        let door = Door::new(tls.subscribe(), publication.subscribe(), links.clone(), audit.clone());
        tokio::spawn(door.keep(listener, admitted));
        let (stop, stopped) = oneshot::channel();
        let api = Api { relay: relay.clone(), publication: publication.clone() };
        let server = tokio::spawn(services(api).serve_with_incoming_shutdown(ReceiverStream::new(incoming), async {
            let _or_the_gateway_is_gone = stopped.await;
        }));
        let version = publication.directory().version();
        audit.row(Event::Started { release: env!("CARGO_PKG_VERSION"), version });
        let path = config.state.join("address");
        files::replace(&path, address.to_string().as_bytes()).map_err(|cause| Failure::file("write", &path, cause))?;
        tracing::info!(%address, version, "listening");
        Ok(Self { config, address, publication, tls, links, relay, audit, writer, stop, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads the directory file again. A new one is installed: who is out is cut at once, the others are told. A bad one
    /// changes nothing and is reported.
    pub async fn reload(&self) {
        let directory = match self.publication.reload(clock::now()) {
            Ok(Some(directory)) => directory,
            Ok(None) => return,
            Err(fault) => {
                tracing::error!("{fault}");
                return self.audit.row(Event::DirectoryRefused { reason: fault.to_string() });
            }
        };
        self.audit.row(Event::Directory { version: directory.version() });
        match tls::server_config(&self.config, &self.publication.subscribe(), clock::now()) {
            Ok(tls) => drop(self.tls.send_replace(tls)),
            Err(fault) => tracing::error!("{fault}: the former TLS configuration stays, with the new directory"),
        }
        self.relay.input(Input::Directory(directory.clone())).await;
        let links = self.links.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GOODBYE_TIME).await;
            links.cut_fallen(&directory, clock::now());
        });
    }

    /// Says Goodbye, lets streams end, writes what the audit has.
    pub async fn stop(self) {
        self.relay.stop().await;
        let _server_gone = self.stop.send(());
        if tokio::time::timeout(DRAIN_MAX, self.server).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.audit.row(Event::Stopped);
        let (audit, writer) = (self.audit, self.writer);
        let stopped = tokio::task::spawn_blocking(move || audit.stop(writer)).await;
        if stopped.is_err() {
            tracing::error!("the audit could not be closed");
        }
    }
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
    use crate::fixture::{Folder, trust};

    #[tokio::test]
    async fn a_start_without_a_verified_directory_fails_and_leaves_its_row() {
        let folder = Folder::new("app");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("rete.bin"), trust()).expect("a trust file");
        std::fs::write(at("directory.bin"), b"no directory").expect("a file");
        let config = r#"
network = "rete-prova.invalid"
id = "gw1"
state = "state"
directory = "directory.bin"
trust = "rete.bin"
[listen]
address = "127.0.0.1:0"
[tls]
chain = "chain.pem"
key = "key.pem"
"#;
        std::fs::write(at("gateway.toml"), config).expect("a configuration");
        let config = Config::read(&at("gateway.toml"), true).expect("a good one");
        let failure = Gateway::start(config.clone()).await.err().expect("no directory");
        assert!(matches!(failure, Failure::Unverified(_)), "{failure}");
        assert!(!config.state.join("address").exists(), "it has not listened");
        let (rows, whole) = Store::open(&config.state).and_then(|store| store.rows()).expect("an audit");
        assert!(whole && rows.len() == 1, "{rows:?}");
        assert!(rows[0].contains("DIRECTORY_REFUSED") && !rows[0].contains("STARTED"), "{rows:?}");
    }
}
