//! TLS as all of Raccordo speaks it: aws-lc-rs with one key exchange, chains verified up to the roots that a directory names,
//! and clients that look at certificates by rules of their own.
//!
//! Not here: who is let in (`raccordo_proto::certificate` and the directory), sockets.

use core::fmt;
use std::sync::Arc;

use raccordo_proto::Timestamp;
use raccordo_proto::certificate::spki_sha256;
use raccordo_proto::enrolment::Chain;
use raccordo_proto::ids::Digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

/// The one application protocol.
pub const ALPN: &[u8] = b"h2";

/// aws-lc-rs with the one key exchange that the protocol allows: the hybrid one.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768], ..aws_lc_rs::default_provider() })
}

/// For whose part of a connection a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// An office's, towards gateways.
    Client,
    /// A gateway's, towards offices.
    Server,
}

/// Signatures, dates and usages from a leaf up to one of the roots.
pub fn verify_chain(
    leaf: &CertificateDer<'_>,
    between: &[CertificateDer<'_>],
    roots: &[CertificateDer<'_>],
    usage: Usage,
    now: UnixTime,
) -> Result<(), webpki::Error> {
    let anchors: Vec<TrustAnchor<'_>> = roots.iter().map(webpki::anchor_from_trusted_cert).collect::<Result<_, _>>()?;
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    let usage = match usage {
        Usage::Client => webpki::KeyUsage::client_auth(),
        Usage::Server => webpki::KeyUsage::server_auth(),
    };
    webpki::EndEntityCert::try_from(leaf)?.verify_for_usage(algorithms, &anchors, between, now, usage, None, None).map(|_| ())
}

/// Whether the other side would take this chain: what an activation is asked before it is written.
pub fn chain_holds(chain: &Chain<'_>, usage: Usage, now: Timestamp) -> bool {
    let ders = |certificates: &[&[u8]]| certificates.iter().map(|der| CertificateDer::from(der.to_vec())).collect::<Vec<_>>();
    let at = UnixTime::since_unix_epoch(core::time::Duration::from_millis(now.as_millis()));
    verify_chain(&CertificateDer::from(chain.leaf), &ders(&chain.between), &ders(&chain.roots), usage, at).is_ok()
}

/// The certificates of a PEM text, in its order; `None` when it is none.
pub fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()
}

/// Of the keys in a PEM text the one that is this leaf's; the first, where none is. While a certificate is renewed its file holds
/// two, and at a crash between any two writes one of them fits. `None` when there is none.
pub fn key_of(leaf: Option<&CertificateDer<'_>>, pem: &[u8]) -> Option<PrivateKeyDer<'static>> {
    let mut keys: Vec<_> = PrivateKeyDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    let fits = |key: &PrivateKeyDer<'_>| leaf.is_some_and(|leaf| is_key_of(leaf, key));
    let place = keys.iter().position(fits).unwrap_or_default();
    (!keys.is_empty()).then(|| keys.swap_remove(place))
}

/// Whether this private key is that of this leaf.
pub fn is_key_of(leaf: &CertificateDer<'_>, key: &PrivateKeyDer<'_>) -> bool {
    let key = aws_lc_rs::sign::any_supported_type(key).ok().and_then(|key| key.public_key().map(|key| key.to_vec()));
    key.is_some_and(|key| spki_sha256(leaf) == Some(*Digest::of(&key).as_bytes()))
}

/// A client of TLS 1.3 that believes the servers whose leaf, and what was sent above it, this judge accepts. It shows `own`: a
/// chain and its key.
pub fn client<J>(
    provider: Arc<CryptoProvider>,
    judge: J,
    own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
) -> Result<ClientConfig, rustls::Error>
where
    J: Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static,
{
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Judged { judge, provider }));
    let mut config = match own {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_early_data = false;
    Ok(config)
}

/// A judge of certificates; that the server has their key is rustls's to verify.
struct Judged<J> {
    judge: J,
    provider: Arc<CryptoProvider>,
}

impl<J> fmt::Debug for Judged<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged")
    }
}

impl<J> ServerCertVerifier for Judged<J>
where
    J: Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync,
{
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        (self.judge)(leaf, above, now).map(|()| ServerCertVerified::assertion())
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
mod tests {
    use super::*;

    #[test]
    fn only_the_hybrid_key_exchange_is_offered() {
        let groups: Vec<_> = provider().kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(groups, [rustls::NamedGroup::X25519MLKEM768]);
    }
}
