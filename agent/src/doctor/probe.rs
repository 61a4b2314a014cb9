//! One look at one gateway, as far as the handshake of TLS: who answers where the gateway should be.
//!
//! Deliberately not here: the protocol. This machine's certificate is shown to a gateway of this network alone: a stranger must
//! not learn whose machine this is. Whoever cannot read its key looks no further than the connection: a gateway would count a
//! stranger.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use raccordo_machine::tls::{Usage, provider, verify_chain};
use raccordo_proto::limits::HANDSHAKE_MAX;
use raccordo_proto::{Endpoint, certificate};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, Error};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::Tls;
use crate::tls::{self, TlsIdentity};

pub use crate::link::UNREACHABLE;

/// What is repeated of a stranger's certificate, in characters.
const ISSUER_CHARS_MAX: usize = 100;

/// What was found at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A server whose chain leads to this network's root.
    Gateway,
    /// The name leads nowhere.
    NoName,
    /// Nothing listens there.
    Refused,
    /// Nothing answers.
    Silent,
    /// The connection is cut during the handshake.
    Cut,
    /// Something answers that does not speak TLS.
    NotTls,
    /// TLS, but not with the version and the key exchange of Raccordo.
    NoAgreement,
    /// TLS with somebody else's certificate.
    Inspected {
        /// Who signed it, in its own words.
        issuer: String,
    },
    /// This network's certificate, out of its dates by this clock.
    Dates,
    /// A gateway of another Raccordo network.
    OtherNetwork {
        /// Who signed its certificate, in its own words.
        issuer: String,
    },
    /// Something answers, and whoever asks may not read what would tell whose it is.
    Unjudged,
}

/// An address, and what was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What is there.
    pub found: Found,
}

/// Looks at one address, for five times [`HANDSHAKE_MAX`] at most.
pub async fn look(endpoint: &Endpoint, tls: &Tls) -> Probed {
    let found = match reach(endpoint).await {
        Ok(stream) => match TlsIdentity::load(tls) {
            Ok(own) => shake(stream, endpoint, tls, &own).await,
            Err(_) => Found::Unjudged,
        },
        Err(found) => found,
    };
    Probed { host: endpoint.host().to_owned(), port: endpoint.port(), found }
}

async fn reach(endpoint: &Endpoint) -> Result<TcpStream, Found> {
    let found = timeout(HANDSHAKE_MAX, lookup_host((endpoint.host(), endpoint.port()))).await;
    let places: Vec<_> = found.map_err(|_| Found::NoName)?.map_err(|_| Found::NoName)?.collect();
    if places.is_empty() {
        return Err(Found::NoName);
    }
    let reached = timeout(HANDSHAKE_MAX, TcpStream::connect(&places[..])).await.map_err(|_| Found::Silent)?;
    reached.map_err(|error| if error.kind() == ErrorKind::ConnectionRefused { Found::Refused } else { Found::Silent })
}

async fn shake(stream: TcpStream, endpoint: &Endpoint, files: &Tls, own: &TlsIdentity) -> Found {
    let witness = Witness::new(roots(&files.chain));
    let Ok(config) = tls::client(provider(), witness.looks(), Some(own)) else { return Found::Unjudged };
    let shaken = match handshake(stream, endpoint, config).await {
        Err(_) => return Found::Silent,
        Ok(shaken) => shaken,
    };
    match (witness.judge(), shaken) {
        (Some(found), _) => found,
        (None, Ok(())) => Found::Unjudged,
        (None, Err(error)) => match fault(&error) {
            Found::NoAgreement => with_any_exchange(endpoint).await.unwrap_or(Found::NoAgreement),
            found => found,
        },
    }
}

/// Who is there, that does not know our key exchange: a device on the way shows its certificate to the ordinary ones.
async fn with_any_exchange(endpoint: &Endpoint) -> Option<Found> {
    let witness = Witness::new(Vec::new());
    let any = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = tls::client(any, witness.looks(), None).ok()?;
    let _ends_at_its_certificate = handshake(reach(endpoint).await.ok()?, endpoint, config).await.ok()?;
    Some(Found::Inspected { issuer: witness.issuer()? })
}

async fn handshake(stream: TcpStream, endpoint: &Endpoint, config: ClientConfig) -> Result<std::io::Result<()>, Elapsed> {
    let Ok(name) = ServerName::try_from(endpoint.host().to_owned()) else { return Ok(Err(ErrorKind::InvalidInput.into())) };
    timeout(HANDSHAKE_MAX, async { TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(drop) }).await
}

fn fault(error: &std::io::Error) -> Found {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidMessage(_)) => Found::NotTls,
        Some(_) => Found::NoAgreement,
        None => Found::Cut,
    }
}

/// The certificates above our own: the network's.
fn roots(chain: &Path) -> Vec<CertificateDer<'static>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(chain).into_iter().flatten().flatten().collect();
    chain.into_iter().skip(1).collect()
}

/// Remembers what a server shows, and goes on with one of this network alone: what a stranger shows is all that is wanted of it,
/// and it does not learn whose machine this is.
struct Witness {
    seen: Mutex<Vec<CertificateDer<'static>>>,
    roots: Vec<CertificateDer<'static>>,
}

impl Witness {
    fn new(roots: Vec<CertificateDer<'static>>) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), roots })
    }

    /// Its part of a handshake.
    fn looks(self: &Arc<Self>) -> impl Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), Error> + use<> {
        let witness = self.clone();
        move |leaf, above, _now| {
            if let Ok(mut seen) = witness.seen.lock() {
                *seen = std::iter::once(leaf).chain(above).map(|shown| shown.clone().into_owned()).collect();
            }
            witness.verify(leaf, above).map_err(|_| Error::InvalidCertificate(CertificateError::UnknownIssuer))
        }
    }

    fn seen(&self) -> Vec<CertificateDer<'static>> {
        self.seen.lock().map(|seen| seen.clone()).unwrap_or_default()
    }

    fn verify(&self, leaf: &CertificateDer<'_>, above: &[CertificateDer<'_>]) -> Result<(), webpki::Error> {
        verify_chain(leaf, above, &self.roots, Usage::Server, UnixTime::now())
    }

    /// Whose certificate was seen; `None` when there was none.
    fn judge(&self) -> Option<Found> {
        let seen = self.seen();
        let (leaf, above) = seen.split_first()?;
        Some(match self.verify(leaf, above) {
            Ok(()) => Found::Gateway,
            Err(webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. }) => Found::Dates,
            Err(_) => {
                let issuer = self.issuer().unwrap_or_default();
                let is_a_gateways = certificate::principal(leaf).is_some();
                if is_a_gateways { Found::OtherNetwork { issuer } } else { Found::Inspected { issuer } }
            }
        })
    }

    /// One line of it: a stranger wrote it.
    fn issuer(&self) -> Option<String> {
        let issuer = certificate::issuer(self.seen().first()?)?;
        let line: String = issuer.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ISSUER_CHARS_MAX).collect();
        Some(line)
    }
}

#[cfg(test)]
mod tests;
