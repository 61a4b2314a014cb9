//! A guest of the authority's port: a TLS connection without a certificate. What it hands in is believed for its signatures
//! alone; here are the limits that keep guests from each other's way, and from the gateway's.
//!
//! Not here: what a guest may ask (`authority`).

use core::future::Future as _;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use raccordo_proto::Code;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;
use tonic::{Request, Status};

use crate::api::status;
use crate::knocks::account;
use crate::listen::Gate;
use crate::tls::{Configs, Refusal};

/// Guests' connections at once. Each may hold one request in memory.
pub const GUESTS_MAX: usize = 8;
/// Of them, and of their handshakes, from one address.
pub const GUESTS_PER_ADDRESS_MAX: usize = 4;
/// Guests' handshakes at once.
pub const GUEST_HANDSHAKES_MAX: usize = 16;
/// A guest's connection ends after this, whatever it is doing.
pub const GUEST_STAY_MAX: Duration = Duration::from_secs(60);

/// Who stands at the authority's port.
#[derive(Clone)]
pub struct Guests {
    tls: watch::Receiver<Arc<Configs>>,
    all: Arc<Semaphore>,
    places: Places,
}

impl Guests {
    /// Nobody is there.
    pub fn new(tls: watch::Receiver<Arc<Configs>>) -> Self {
        Self { tls, all: Arc::new(Semaphore::new(GUESTS_MAX)), places: Places::default() }
    }
}

/// Who holds how many places, by address.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

impl Places {
    fn take(&self, from: SocketAddr) -> Option<Place> {
        let address = account(from);
        let mut held = self.0.lock().expect("nothing panics while this lock is held");
        let ours = held.entry(address).or_default();
        if *ours >= GUESTS_PER_ADDRESS_MAX {
            return None;
        }
        *ours += 1;
        Some(Place { address, places: self.clone() })
    }
}

/// A place of one address, given back when it is dropped.
pub struct Place {
    address: IpAddr,
    places: Places,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.0.lock().expect("nothing panics while this lock is held");
        if let Some(ours) = held.get_mut(&self.address) {
            *ours -= 1;
            if *ours == 0 {
                held.remove(&self.address);
            }
        }
    }
}

impl Gate for Guests {
    type Place = Place;
    type Io = GuestIo;

    fn half_open_max(&self) -> usize {
        GUEST_HANDSHAKES_MAX
    }

    fn tls(&self) -> Arc<ServerConfig> {
        self.tls.borrow().authority.clone()
    }

    fn place(&self, from: SocketAddr) -> Option<Place> {
        self.places.take(from)
    }

    fn admit(&self, tls: TlsStream<TcpStream>, from: SocketAddr, place: Place) -> Result<GuestIo, Refusal> {
        let full = |_| Refusal { code: Code::Busy, reason: "there are too many guests at once".to_owned() };
        let permit = self.all.clone().try_acquire_owned().map_err(full)?;
        Ok(GuestIo { tls, guest: Guest(from), stay: Box::pin(sleep(GUEST_STAY_MAX)), _place: place, _permit: permit })
    }
}

/// A guest, as requests see it.
#[derive(Clone, Copy, Debug)]
pub struct Guest(pub SocketAddr);

impl Guest {
    /// Who calls.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let guest = request.extensions().get().copied();
        guest.ok_or_else(|| status(tonic::Code::Unauthenticated, Code::Unauthenticated))
    }
}

/// The transport under a guest's connection.
pub struct GuestIo {
    tls: TlsStream<TcpStream>,
    guest: Guest,
    stay: Pin<Box<Sleep>>,
    _place: Place,
    _permit: OwnedSemaphorePermit,
}

impl GuestIo {
    /// Whether the stay is over; whoever asks is woken when it is.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.stay.is_elapsed() || self.stay.as_mut().poll(context).is_ready()
    }
}

impl Connected for GuestIo {
    type ConnectInfo = Guest;

    fn connect_info(&self) -> Guest {
        self.guest
    }
}

impl AsyncRead for GuestIo {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.tls).poll_read(context, buffer)
    }
}

impl AsyncWrite for GuestIo {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.tls).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_all_the_places() {
        let places = Places::default();
        let near: SocketAddr = "[2001:db8::1]:5".parse().expect("an address");
        let neighbour: SocketAddr = "[2001:db8::2]:6".parse().expect("an address");
        let other: SocketAddr = "192.0.2.1:5".parse().expect("an address");
        let mut held: Vec<Place> = (0..GUESTS_PER_ADDRESS_MAX).filter_map(|_| places.take(near)).collect();
        assert_eq!(held.len(), GUESTS_PER_ADDRESS_MAX);
        assert!(places.take(neighbour).is_none() && places.take(other).is_some());
        held.pop();
        assert!(places.take(neighbour).is_some());
        drop(held);
        assert!(places.0.lock().expect("no panic").is_empty());
    }
}
