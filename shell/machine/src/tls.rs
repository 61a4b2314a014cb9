//! TLS as all of Raccordo speaks it: aws-lc-rs with one key exchange, and chains verified up to the roots that a directory
//! names.
//!
//! Not here: who is let in (`raccordo_proto::certificate` and the directory), sockets.

use std::sync::Arc;

use raccordo_proto::Timestamp;
use raccordo_proto::enrolment::Chain;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hybrid_key_exchange_is_offered() {
        let groups: Vec<_> = provider().kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(groups, [rustls::NamedGroup::X25519MLKEM768]);
    }
}
