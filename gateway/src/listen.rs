//! The door: sockets to admitted connections, with limits on time, number and failures. Each refusal is one audit row, up to a
//! number per minute.
//!
//! Not here: who is admitted (`tls`), what connections carry (`session`).

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use raccordo_machine::clock;
use raccordo_proto::limits::{FAILED_HANDSHAKES_PER_MINUTE_MAX, HALF_OPEN_MAX, HANDSHAKE_MAX};
use raccordo_proto::{Code, Directory, Timestamp};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::audit::Audit;
use crate::event::Event;
use crate::link::{AgentIo, Links};
use crate::tls::{self, Refusal};

/// Refusals that get an audit row of their own in one minute; the others are counted in one.
pub const REFUSAL_ROWS_PER_MINUTE_MAX: u32 = 120;
/// Addresses remembered in one minute; beyond, strangers share one account.
pub const ADDRESSES_MAX: usize = 10_000;
/// Admitted connections that may wait for the server to take them.
pub const INCOMING_MAX: usize = 16;
/// A pause when the system has no more sockets.
const ACCEPT_PAUSE: core::time::Duration = core::time::Duration::from_millis(100);

/// What every handshake needs.
#[derive(Clone)]
pub struct Door {
    /// The configuration of the next handshake.
    pub tls: watch::Receiver<Arc<ServerConfig>>,
    /// Who is in.
    pub directory: watch::Receiver<Arc<Directory>>,
    /// Where connections are kept.
    pub links: Links,
    /// Where refusals are written.
    pub audit: Audit,
    failures: Arc<Mutex<Failures>>,
}

impl Door {
    /// A door nobody has knocked at.
    pub fn new(
        tls: watch::Receiver<Arc<ServerConfig>>,
        directory: watch::Receiver<Arc<Directory>>,
        links: Links,
        audit: Audit,
    ) -> Self {
        Self { tls, directory, links, audit, failures: Arc::default() }
    }

    /// Accepts until the other side of `admitted` is gone.
    pub async fn keep(self, listener: TcpListener, admitted: mpsc::Sender<io::Result<AgentIo>>) {
        let half_open = Arc::new(Semaphore::new(HALF_OPEN_MAX));
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
            if !self.failures().may_knock(from, clock::now()) {
                continue;
            }
            let (door, admitted) = (self.clone(), admitted.clone());
            tokio::spawn(async move {
                let handshake = door.handshake(tcp).await;
                drop(permit);
                match handshake {
                    Ok(connection) => drop(admitted.send(Ok(connection)).await),
                    Err(refusal) => door.refused(from, refusal),
                }
            });
        }
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<AgentIo, Refusal> {
        tcp.set_nodelay(true).map_err(|fault| tls::refusal_of(&fault))?;
        let acceptor = TlsAcceptor::from(self.tls.borrow().clone());
        let unfinished = Refusal { code: Code::Unauthenticated, reason: "the handshake was not finished in time".to_owned() };
        let handshake = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(tcp)).await.map_err(|_| unfinished)?;
        let tls = handshake.map_err(|fault| tls::refusal_of(&fault))?;
        let missing = |reason: &str| Refusal { code: Code::Unauthenticated, reason: reason.to_owned() };
        let connection = tls.get_ref().1;
        if connection.alpn_protocol() != Some(b"h2") {
            return Err(missing("the peer does not speak h2"));
        }
        let leaf = connection.peer_certificates().and_then(<[_]>::first).ok_or_else(|| missing("no certificate"))?;
        let peer = tls::peer(leaf, &self.directory.borrow().clone(), clock::now())?;
        Ok(self.links.admit(tls, peer))
    }

    fn refused(&self, from: SocketAddr, refusal: Refusal) {
        let (write, passed_over) = self.failures().failed(from, clock::now());
        if passed_over > 0 {
            self.audit.row(Event::RefusedHandshakes { count: passed_over });
        }
        if write {
            self.audit.row(Event::RefusedHandshake { code: refusal.code.name(), reason: refusal.reason });
        }
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.failures.lock().expect("nothing panics while this lock is held")
    }
}

/// Failed handshakes of this minute. Addresses live here, in memory, for a minute, and nowhere else.
#[derive(Default)]
struct Failures {
    minute: u64,
    by_address: BTreeMap<IpAddr, u32>,
    rows: u32,
    passed_over: u64,
}

impl Failures {
    fn may_knock(&mut self, from: SocketAddr, now: Timestamp) -> bool {
        self.turn(now);
        self.by_address.get(&self.account(from)).is_none_or(|failed| *failed < FAILED_HANDSHAKES_PER_MINUTE_MAX)
    }

    /// Whether this failure gets a row, and how many of an earlier minute got none.
    fn failed(&mut self, from: SocketAddr, now: Timestamp) -> (bool, u64) {
        let passed_over = self.turn(now);
        *self.by_address.entry(self.account(from)).or_default() += 1;
        let write = self.rows < REFUSAL_ROWS_PER_MINUTE_MAX;
        if write {
            self.rows += 1
        } else {
            self.passed_over += 1
        }
        (write, passed_over)
    }

    fn turn(&mut self, now: Timestamp) -> u64 {
        let minute = now.as_millis() / 60_000;
        if minute == self.minute {
            return 0;
        }
        let kept = if self.rows == 0 { self.passed_over } else { 0 };
        let passed_over = self.passed_over - kept;
        *self = Self { minute, passed_over: kept, ..Self::default() };
        passed_over
    }

    /// One account per IPv4 address or IPv6 /64; a shared one when there are too many.
    fn account(&self, from: SocketAddr) -> IpAddr {
        let address = match from.ip().to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 => v4,
        };
        let is_full = self.by_address.len() >= ADDRESSES_MAX && !self.by_address.contains_key(&address);
        if is_full { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::NOW;

    #[test]
    fn an_address_that_fails_too_often_waits_for_the_next_minute() {
        let mut failures = Failures::default();
        let bad: SocketAddr = "[2001:db8::1]:5".parse().expect("an address");
        let neighbour: SocketAddr = "[2001:db8::2]:6".parse().expect("an address");
        let other: SocketAddr = "192.0.2.1:5".parse().expect("an address");
        for _ in 0..FAILED_HANDSHAKES_PER_MINUTE_MAX {
            assert!(failures.may_knock(bad, NOW));
            failures.failed(bad, NOW);
        }
        assert!(!failures.may_knock(bad, NOW) && !failures.may_knock(neighbour, NOW));
        assert!(failures.may_knock(other, NOW));
        assert!(failures.may_knock(bad, Timestamp::from_millis(NOW.as_millis() + 60_000)));
    }

    #[test]
    fn a_flood_of_refusals_is_one_row_more() {
        let mut failures = Failures::default();
        let rows = (0..REFUSAL_ROWS_PER_MINUTE_MAX + 5).filter(|host| {
            let from = SocketAddr::from(([10, 0, (host >> 8) as u8, *host as u8], 1));
            failures.failed(from, NOW).0
        });
        assert_eq!(rows.count(), REFUSAL_ROWS_PER_MINUTE_MAX as usize);
        let later = Timestamp::from_millis(NOW.as_millis() + 60_000);
        assert_eq!(failures.failed(SocketAddr::from(([10, 0, 0, 1], 1)), later), (true, 5));
    }
}
