//! Who gets in: TLS 1.3 with X25519MLKEM768 only; of an agent a certificate always, its chain up to a root that the directory
//! names, its leaf by the protocol's own rules. Nothing of a session is kept: no tickets, no early data.
//!
//! Not here: the rules of a leaf (`raccordo_proto::certificate`), sockets (`listen`), what a peer without a certificate may do
//! at the authority's port (`guest`, `authority`).

use std::sync::Arc;

use raccordo_machine::{files, tls};
use raccordo_proto::certificate::{PeerFault, admit_agent, admit_gateway, spki_sha256};
use raccordo_proto::{Code, Directory, Timestamp};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoClientAuth, NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, OtherError, RootCertStore, ServerConfig, SignatureScheme,
};
use tokio::sync::watch;

use zeroize::Zeroizing;

use crate::config::Config;
use crate::failure::Failure;
use crate::router::Peer;

/// The file of this gateway's own chain, its CA's roots among it.
const CHAIN_BYTES_MAX: usize = 64 * 1024;

/// Why a handshake was refused, for its one audit row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// The rule, without names and addresses.
    pub reason: String,
}

/// The TLS of the two ports.
pub struct Configs {
    /// For agents: who shows no certificate is refused.
    pub agents: Arc<ServerConfig>,
    /// For the authority: nobody is asked for one.
    pub authority: Arc<ServerConfig>,
}

/// The configurations of the next handshakes. They are made anew when the directory changes, because its roots may; who is in
/// is read from `directory` at each handshake.
pub fn configs(config: &Config, directory: &watch::Receiver<Arc<Directory>>, now: Timestamp) -> Result<Arc<Configs>, Failure> {
    let (chain, roots) = own_chain(config, &directory.borrow(), now)?;
    if files::others_may_open(&config.key) {
        let path = config.key.display();
        return Err(Failure::Config(format!("the TLS key {path} may be read by others than its owner: run chmod 600 {path}")));
    }
    let bad_key = |fault: &dyn core::fmt::Display| Failure::Config(format!("the TLS key {}: {fault}", config.key.display()));
    let pem = files::read_at_most(&config.key, CHAIN_BYTES_MAX).map(Zeroizing::new).map_err(|fault| bad_key(&fault))?;
    let key = tls::key_of(chain.first(), &pem).ok_or_else(|| bad_key(&"it is no PEM, or holds no key"))?;
    let chains = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), tls::provider())
        .build()
        .map_err(|fault| Failure::Unverified(format!("the CA roots: {fault}")))?;
    let verifier = Arc::new(Verifier { chains, directory: directory.clone() });
    let faulty = |fault: rustls::Error| Failure::Config(format!("the TLS certificate and key: {fault}"));
    let authority = settings(Arc::new(NoClientAuth), chain.clone(), key.clone_key()).map_err(faulty)?;
    let agents = settings(verifier, chain, key).map_err(faulty)?;
    Ok(Arc::new(Configs { agents: Arc::new(agents), authority: Arc::new(authority) }))
}

/// TLS as every gateway speaks it, whoever is let in; a floor that it is measured against must speak the same.
pub fn settings(
    verifier: Arc<dyn ClientCertVerifier>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut settings = ServerConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    settings.alpn_protocols = vec![tls::ALPN.to_vec()];
    settings.session_storage = Arc::new(NoServerSessionStorage {});
    settings.send_tls13_tickets = 0;
    settings.max_early_data_size = 0;
    Ok(settings)
}

/// What is sent to peers, and the roots: those certificates of the chain file whose key the directory names.
fn own_chain(
    config: &Config,
    directory: &Directory,
    now: Timestamp,
) -> Result<(Vec<CertificateDer<'static>>, RootCertStore), Failure> {
    let unreadable =
        |fault: &dyn core::fmt::Display| Failure::Config(format!("the certificate chain {}: {fault}", config.chain.display()));
    let file = files::read_at_most(&config.chain, CHAIN_BYTES_MAX).map_err(|fault| unreadable(&fault))?;
    let file = CertificateDer::pem_slice_iter(&file).collect::<Result<_, _>>();
    let file: Vec<CertificateDer<'static>> = file.map_err(|fault| unreadable(&fault))?;
    let is_root = |certificate: &CertificateDer<'_>| {
        spki_sha256(certificate).is_some_and(|spki| directory.x509_roots().any(|root| root == spki))
    };
    let (anchors, chain): (Vec<_>, Vec<_>) = file.into_iter().partition(is_root);
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(anchors);
    if added == 0 {
        return Err(Failure::Unverified("no certificate of the chain file is a root that the directory names".to_owned()));
    }
    let Some(leaf) = chain.first() else {
        return Err(Failure::Unverified("the chain file holds no certificate of this gateway".to_owned()));
    };
    let id = admit_gateway(leaf, directory, now)
        .map_err(|fault| Failure::Unverified(format!("this gateway's own certificate: {fault}")))?;
    if id != config.id {
        return Err(Failure::Unverified(format!("the certificate is of the gateway {id}, the configuration of {}", config.id)));
    }
    Ok((chain, roots))
}

/// The peer that a finished handshake has shown.
pub fn peer(leaf: &[u8], directory: &Directory, now: Timestamp) -> Result<Peer, Refusal> {
    let agency = admit_agent(leaf, directory, now).map_err(|fault| refusal(&fault))?;
    let agent = directory.active_agent(&agency, now).map_err(|code| refusal(&PeerFault::State(code)))?.id.clone();
    let spki_sha256 = spki_sha256(leaf).ok_or_else(|| refusal(&PeerFault::Unreadable))?;
    Ok(Peer { agency, agent, spki_sha256 })
}

/// What a failed handshake says for the audit.
pub fn refusal_of(error: &std::io::Error) -> Refusal {
    let unauthenticated = |reason: String| Refusal { code: Code::Unauthenticated, reason };
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner)))) => match inner.downcast_ref() {
            Some(refusal) => Refusal::clone(refusal),
            None => unauthenticated("the certificate".to_owned()),
        },
        Some(fault) => unauthenticated(fault.to_string()),
        None => unauthenticated(format!("the connection ended: {}", error.kind())),
    }
}

fn refusal(fault: &PeerFault) -> Refusal {
    Refusal { code: fault.code(), reason: fault.to_string() }
}

/// Chain first, then the leaf's own rules and the directory.
#[derive(Debug)]
struct Verifier {
    chains: Arc<dyn ClientCertVerifier>,
    directory: watch::Receiver<Arc<Directory>>,
}

impl ClientCertVerifier for Verifier {
    /// Nothing: a stranger need not learn the CA's name.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let directory = self.directory.borrow().clone();
        let at = Timestamp::from_millis(now.as_secs().saturating_mul(1000));
        let admitted = admit_agent(leaf, &directory, at);
        let refuse =
            |fault: &PeerFault| rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal(fault)))));
        let chain = self.chains.verify_client_cert(leaf, intermediates, now);
        match (chain, admitted) {
            (Ok(verified), Ok(_)) => Ok(verified),
            (Ok(_), Err(fault)) | (Err(_), Err(fault @ PeerFault::Date { .. })) => Err(refuse(&fault)),
            (Err(fault), _) => Err(fault),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Folder, directory};

    #[test]
    fn a_chain_without_an_end_is_not_read_to_it() {
        let folder = Folder::new("tls");
        let text = "network = \"rete-prova.invalid\"\nid = \"gw1\"\nstate = \"state\"\ndirectory = \"d\"\ntrust = \"t\"\n\
            [listen]\naddress = \"[::1]:0\"\n[tls]\nchain = \"/dev/zero\"\nkey = \"k\"\n";
        let path = folder.path().join("gateway.toml");
        std::fs::write(&path, text).expect("writes");
        let config = Config::read(&path, true).expect("a good one");
        let (_, served) = watch::channel(directory(1, &[]));
        let failure = configs(&config, &served, crate::fixture::NOW).err().expect("no chain");
        assert!(failure.to_string().contains("larger than"), "{failure}");
    }
}
