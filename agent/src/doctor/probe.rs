//! One look at one gateway, as far as the handshake of TLS: who answers where the gateway should be.
//!
//! Deliberately not here: the protocol. Whoever is there is believed nothing, and nothing is sent to it but this machine's
//! certificate, where its key can be read, so that a gateway does not count a stranger.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use raccordo_proto::Endpoint;
use raccordo_proto::limits::HANDSHAKE_MAX;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::Tls;
use crate::tls::{ALPN, TlsIdentity, provider, verify_chain};

pub use crate::link::UNREACHABLE;

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
    /// TLS is there, and without the network's root nobody can say whose.
    NoRoots,
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

/// Looks at one address, for twice [`HANDSHAKE_MAX`] at most.
pub async fn look(endpoint: &Endpoint, tls: &Tls) -> Probed {
    let found = match reach(endpoint).await {
        Ok(stream) => shake(stream, endpoint, tls).await,
        Err(found) => found,
    };
    Probed { host: endpoint.host().to_owned(), port: endpoint.port(), found }
}

async fn reach(endpoint: &Endpoint) -> Result<TcpStream, Found> {
    let address = (endpoint.host(), endpoint.port());
    let reached = timeout(HANDSHAKE_MAX, async {
        let places: Vec<_> = lookup_host(address).await.map_err(|_| Found::NoName)?.collect();
        TcpStream::connect(&places[..]).await.map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => Found::Refused,
            _ if places.is_empty() => Found::NoName,
            _ => Found::Silent,
        })
    });
    reached.await.unwrap_or(Err(Found::Silent))
}

async fn shake(stream: TcpStream, endpoint: &Endpoint, tls: &Tls) -> Found {
    let witness = Arc::new(Witness { seen: Mutex::default(), provider: Arc::new(provider()) });
    let (Ok(name), Some(config)) = (ServerName::try_from(endpoint.host().to_owned()), client(witness.clone(), tls)) else {
        return Found::NoName;
    };
    match timeout(HANDSHAKE_MAX, TlsConnector::from(Arc::new(config)).connect(name, stream)).await {
        Err(_) => Found::Cut,
        Ok(Err(error)) => fault(&error),
        Ok(Ok(_)) => witness.judge(&roots(&tls.chain)),
    }
}

fn fault(error: &std::io::Error) -> Found {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => Found::NotTls,
        Some(_) => Found::NoAgreement,
        None => Found::Cut,
    }
}

fn client(witness: Arc<Witness>, tls: &Tls) -> Option<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(witness.provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(witness);
    let known = TlsIdentity::load(tls).ok().and_then(|own| own.client(builder.clone()));
    let mut config = known.unwrap_or_else(|| builder.with_no_client_auth());
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Some(config)
}

/// The certificates above our own: the network's.
fn roots(chain: &Path) -> Vec<CertificateDer<'static>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(chain).into_iter().flatten().flatten().collect();
    chain.into_iter().skip(1).collect()
}

/// Remembers what a server shows, and lets it finish: nothing rests on it.
#[derive(Debug)]
struct Witness {
    seen: Mutex<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl Witness {
    fn judge(&self, roots: &[CertificateDer<'_>]) -> Found {
        let seen = self.seen.lock().map(|seen| seen.clone()).unwrap_or_default();
        let (Some((leaf, above)), false) = (seen.split_first(), roots.is_empty()) else { return Found::NoRoots };
        match verify_chain(leaf, above, roots, webpki::KeyUsage::server_auth(), UnixTime::now()) {
            Ok(()) => Found::Gateway,
            Err(webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. }) => Found::Dates,
            Err(_) => Found::Inspected { issuer: raccordo_proto::certificate::issuer(leaf).unwrap_or_default() },
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Ok(mut seen) = self.seen.lock() {
            *seen = std::iter::once(leaf).chain(above).map(|shown| shown.clone().into_owned()).collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::PeerIncompatible(rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
