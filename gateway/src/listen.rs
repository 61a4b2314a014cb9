//! A door: sockets to admitted connections, with limits on time, number and failures. Each refusal is one audit row, up to a
//! number per minute.
//!
//! Not here: who is admitted (`tls`, `guest`), what connections carry (`session`, `authority`).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use raccordo_machine::clock;
use raccordo_proto::limits::{HALF_OPEN_MAX, HANDSHAKE_MAX};
use raccordo_proto::{Code, Directory};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::event::Event;
use crate::knocks::Knocks;
use crate::link::{AgentIo, Links};
use crate::tls::{self, Configs, Refusal};

/// Admitted connections that may wait to be served.
pub const INCOMING_MAX: usize = 16;
/// A pause when the system has no more sockets.
pub const ACCEPT_PAUSE: core::time::Duration = core::time::Duration::from_millis(100);

/// Who stands at a door, and whom they let in.
pub trait Gate: Clone + Send + Sync + 'static {
    /// A place that is held from before the handshake on.
    type Place: Send;
    /// A connection that was admitted.
    type Io: Send + 'static;

    /// Handshakes at once.
    fn half_open_max(&self) -> usize;
    /// The TLS of the next handshake.
    fn tls(&self) -> Arc<ServerConfig>;
    /// Whether there is room for this address at all.
    fn place(&self, from: SocketAddr) -> Option<Self::Place>;
    /// What becomes of a finished handshake.
    fn admit(&self, tls: TlsStream<TcpStream>, from: SocketAddr, place: Self::Place) -> Result<Self::Io, Refusal>;
}

/// A door and its account.
#[derive(Clone)]
pub struct Door<G> {
    /// Who stands at it.
    pub gate: G,
    /// Who has knocked in vain.
    pub knocks: Knocks,
}

impl<G: Gate> Door<G> {
    /// Accepts until the other side of `admitted` is gone.
    pub async fn keep(self, listener: TcpListener, admitted: mpsc::Sender<io::Result<G::Io>>) {
        let half_open = Arc::new(Semaphore::new(self.gate.half_open_max()));
        loop {
            let (tcp, from) = tokio::select! {
                () = admitted.closed() => return,
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(fault) => {
                        tracing::warn!(%fault, "cannot accept");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                },
            };
            let Ok(permit) = half_open.clone().try_acquire_owned() else { continue };
            if !self.knocks.may_knock(from) {
                continue;
            }
            let Some(place) = self.gate.place(from) else { continue };
            let (door, admitted) = (self.clone(), admitted.clone());
            tokio::spawn(async move {
                let handshake = door.handshake(tcp, from, place).await;
                drop(permit);
                match handshake {
                    Ok(connection) => drop(admitted.send(Ok(connection)).await),
                    Err(Refusal { code, reason }) => {
                        door.knocks.refused(from, Event::RefusedHandshake { code: code.name(), reason });
                    }
                }
            });
        }
    }

    async fn handshake(&self, tcp: TcpStream, from: SocketAddr, place: G::Place) -> Result<G::Io, Refusal> {
        tcp.set_nodelay(true).map_err(|fault| tls::refusal_of(&fault))?;
        let acceptor = TlsAcceptor::from(self.gate.tls());
        let handshake = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(tcp)).await;
        let handshake = handshake.map_err(|_| missing("the handshake was not finished in time"))?;
        let tls = handshake.map_err(|fault| tls::refusal_of(&fault))?;
        if tls.get_ref().1.alpn_protocol() != Some(raccordo_machine::tls::ALPN) {
            return Err(missing("the peer does not speak h2"));
        }
        self.gate.admit(tls, from, place)
    }
}

fn missing(reason: &str) -> Refusal {
    Refusal { code: Code::Unauthenticated, reason: reason.to_owned() }
}

/// The door of agents: a certificate always.
#[derive(Clone)]
pub struct Agents {
    /// The TLS of the next handshake.
    pub tls: watch::Receiver<Arc<Configs>>,
    /// Who is in.
    pub directory: watch::Receiver<Arc<Directory>>,
    /// Where connections are kept.
    pub links: Links,
}

impl Gate for Agents {
    type Place = ();
    type Io = AgentIo;

    fn half_open_max(&self) -> usize {
        HALF_OPEN_MAX
    }

    fn tls(&self) -> Arc<ServerConfig> {
        self.tls.borrow().agents.clone()
    }

    fn place(&self, _: SocketAddr) -> Option<()> {
        Some(())
    }

    fn admit(&self, tls: TlsStream<TcpStream>, _: SocketAddr, (): ()) -> Result<AgentIo, Refusal> {
        let leaf = tls.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or_else(|| missing("no certificate"))?;
        let peer = tls::peer(leaf, &self.directory.borrow().clone(), clock::now())?;
        Ok(self.links.admit(tls, peer))
    }
}
