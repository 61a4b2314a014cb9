//! The floor under a gateway: the same service on the same HTTP/2 and TLS, which forwards what comes to whom it names and does
//! nothing else. Run as a process of its own, with the allocator of the program that calls [`run`].
//!
//! Not here, and that is the point: admission, the directory, limits, the audit, the scrub, any order between streams.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use raccordo_gateway::stubs::relay_service_server::{RelayService, RelayServiceServer};
use raccordo_gateway::{app, tls};
use raccordo_proto::directory::keycard;
use raccordo_proto::limits::MESSAGE_BYTES_MAX;
use raccordo_proto::wire::{FromAgent, ToAgent, Welcome, from_agent, to_agent};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Frames towards one agent; whoever forwards waits when they are full.
const LINE_DEPTH: usize = 1024;

type Line = mpsc::Sender<Result<ToAgent, Status>>;

/// Who is attached.
#[derive(Clone, Default)]
struct Bare(Arc<Mutex<HashMap<String, Line>>>);

impl Bare {
    fn attach(&self, agency: &str, line: Line) {
        self.0.lock().expect("nothing panics while this lock is held").insert(agency.to_owned(), line);
    }

    fn line(&self, agency: &str) -> Option<Line> {
        self.0.lock().expect("nothing panics while this lock is held").get(agency).cloned()
    }
}

#[tonic::async_trait]
impl RelayService for Bare {
    type AttachStream = ReceiverStream<Result<ToAgent, Status>>;

    async fn attach(&self, request: Request<Streaming<FromAgent>>) -> Result<Response<Self::AttachStream>, Status> {
        let (line, queued) = mpsc::channel(LINE_DEPTH);
        tokio::spawn(forward(self.clone(), request.into_inner(), line));
        Ok(Response::new(ReceiverStream::new(queued)))
    }
}

/// One agent's stream, to its end.
async fn forward(bare: Bare, mut inbound: Streaming<FromAgent>, line: Line) {
    let Ok(Some(FromAgent { frame: Some(from_agent::Frame::Hello(hello)) })) = inbound.message().await else { return };
    let Some(Ok((agency, _))) = hello.key_card.as_ref().map(keycard::peek) else { return };
    bare.attach(agency.as_str(), line.clone());
    let welcome = to_agent::Frame::Welcome(Welcome::default());
    let mut lines: HashMap<String, Line> = HashMap::new();
    if line.send(Ok(ToAgent { frame: Some(welcome) })).await.is_err() {
        return;
    }
    while let Ok(Some(FromAgent { frame: Some(mut frame) })) = inbound.message().await {
        let route = match &mut frame {
            from_agent::Frame::Envelope(envelope) => envelope.route.as_mut(),
            from_agent::Frame::Receipt(receipt) => receipt.route.as_mut(),
            _ => None,
        };
        let Some(route) = route else { continue };
        let to = std::mem::replace(&mut route.peer, agency.to_string());
        let frame = match frame {
            from_agent::Frame::Envelope(envelope) => to_agent::Frame::Envelope(envelope),
            from_agent::Frame::Receipt(receipt) => to_agent::Frame::Receipt(receipt),
            _ => continue,
        };
        if !lines.contains_key(&to) {
            lines.extend(bare.line(&to).map(|line| (to.clone(), line)));
        }
        let Some(line) = lines.get(&to) else { continue };
        let _gone = line.send(Ok(ToAgent { frame: Some(frame) })).await;
    }
}

/// The gateway's certificate and TLS; whoever the network's root has certified is let in.
pub fn tls_of(folder: &Path) -> anyhow::Result<ServerConfig> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(folder.join("chain.pem"))
        .and_then(Iterator::collect)
        .context("the gateway's certificate chain")?;
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).context("the gateway's TLS key")?;
    let mut roots = RootCertStore::empty();
    roots.add(chain.last().context("a chain ends with its root")?.clone())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
    Ok(tls::settings(verifier, chain, key)?)
}

async fn accept(tcp: TcpStream, acceptor: TlsAcceptor, admitted: mpsc::Sender<io::Result<TlsStream<TcpStream>>>) {
    if tcp.set_nodelay(true).is_ok()
        && let Ok(tls) = acceptor.accept(tcp).await
    {
        let _ended = admitted.send(Ok(tls)).await;
    }
}

/// Connections that have shown a certificate, until nobody takes them any more.
pub fn incoming(listener: TcpListener, tls: ServerConfig) -> ReceiverStream<io::Result<TlsStream<TcpStream>>> {
    let (admitted, incoming) = mpsc::channel(16);
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(accept(tcp, acceptor.clone(), admitted.clone()));
        }
    });
    ReceiverStream::new(incoming)
}

/// Serves with the certificate in a gateway's folder until it is killed, on a port that its first line says.
pub fn run(folder: &Path) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let tls = tls_of(folder)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("listening {}", listener.local_addr()?.port());
        let relay = RelayServiceServer::new(Bare::default()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        Ok(app::http2().add_service(relay).serve_with_incoming(incoming(listener, tls)).await?)
    })
}
