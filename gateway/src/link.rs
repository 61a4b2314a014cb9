//! One admitted TLS connection: whose it is, how many streams it carries, and how to cut it. gRPC servers cannot close one
//! connection from inside; here the transport itself ends.
//!
//! Not here: handshakes (`listen`), frames (`session`).

use core::future::Future as _;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use raccordo_proto::limits::CONNECTIONS_PER_AGENT_MAX;
use raccordo_proto::{AgencyId, Directory, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::router::{Peer, standing};

/// How long a connection outlives its last stream: its buffers must not keep what went through them.
pub const LINGER: Duration = Duration::from_secs(1);

/// A connection, as requests see it.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

struct Inner {
    peer: Peer,
    streams: AtomicUsize,
    cut: Mutex<Option<oneshot::Sender<()>>>,
}

impl Link {
    /// Whose it is.
    pub fn peer(&self) -> &Peer {
        &self.0.peer
    }

    /// A stream begins.
    pub fn stream_begins(&self) {
        self.0.streams.fetch_add(1, Ordering::SeqCst);
    }

    /// A stream has ended: when no other follows soon, the connection ends too.
    pub async fn stream_ended(&self) {
        self.0.streams.fetch_sub(1, Ordering::SeqCst);
        tokio::time::sleep(LINGER).await;
        if self.0.streams.load(Ordering::SeqCst) == 0 {
            self.cut();
        }
    }

    /// Ends the connection now.
    pub fn cut(&self) {
        let cut = self.0.cut.lock().expect("nothing panics while this lock is held").take();
        if let Some(cut) = cut {
            let _gone_already = cut.send(());
        }
    }
}

/// All connections, by agency.
#[derive(Clone, Default)]
pub struct Links(Arc<Mutex<BTreeMap<AgencyId, VecDeque<Link>>>>);

impl Links {
    /// Takes a connection in; when the agency has more than its number, the oldest ends, so that a link that died unseen
    /// never keeps its agent out.
    pub fn admit(&self, tls: TlsStream<TcpStream>, peer: Peer) -> AgentIo {
        let (sender, cut) = oneshot::channel();
        let agency = peer.agency.clone();
        let link = Link(Arc::new(Inner { peer, streams: AtomicUsize::new(0), cut: Mutex::new(Some(sender)) }));
        let mut links = self.0.lock().expect("nothing panics while this lock is held");
        let ours = links.entry(agency).or_default();
        ours.push_back(link.clone());
        if ours.len() > CONNECTIONS_PER_AGENT_MAX {
            ours.pop_front().inspect(Link::cut);
        }
        AgentIo { tls, link, cut: Some(cut), links: self.clone() }
    }

    /// Cuts what the directory no longer lets in.
    pub fn cut_fallen(&self, directory: &Directory, now: Timestamp) {
        let links = self.0.lock().expect("nothing panics while this lock is held");
        links.values().flatten().filter(|link| standing(directory, link.peer(), now).is_err()).for_each(Link::cut);
    }

    fn left(&self, link: &Link) {
        let mut links = self.0.lock().expect("nothing panics while this lock is held");
        if let Some(ours) = links.get_mut(&link.peer().agency) {
            ours.retain(|other| !Arc::ptr_eq(&other.0, &link.0));
            if ours.is_empty() {
                links.remove(&link.peer().agency);
            }
        }
    }
}

/// The transport under one connection.
pub struct AgentIo {
    tls: TlsStream<TcpStream>,
    link: Link,
    cut: Option<oneshot::Receiver<()>>,
    links: Links,
}

impl AgentIo {
    fn is_cut(&mut self, context: &mut Context<'_>) -> bool {
        let fired = self.cut.as_mut().is_none_or(|cut| Pin::new(cut).poll(context).is_ready());
        if fired {
            self.cut = None;
        }
        fired
    }
}

impl Drop for AgentIo {
    fn drop(&mut self) {
        self.links.left(&self.link);
    }
}

impl Connected for AgentIo {
    type ConnectInfo = Link;

    fn connect_info(&self) -> Link {
        self.link.clone()
    }
}

impl AsyncRead for AgentIo {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_cut(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.tls).poll_read(context, buffer)
    }
}

impl AsyncWrite for AgentIo {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.is_none() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.tls).poll_write(context, buffer)
    }

    /// Heads and bodies of HTTP/2 frames in one write; without this each would be a TLS record and a system call of its own.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.cut.is_none() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.tls).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.tls.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(context)
    }
}
