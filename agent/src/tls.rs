//! TLS towards a gateway: 1.3 only, X25519MLKEM768 only, the gateway's key pinned by the directory. One `ClientConfig` per
//! directory and certificate; the link makes it anew for every connection, so a renewed certificate needs no restart.
//!
//! Deliberately not here: a check of host names (the directory pins the key, a name adds nothing), session tickets, early
//! data, the system's CAs, the sockets ([`crate::link`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use raccordo_machine::files;
use raccordo_machine::tls::{self, Usage, provider, verify_chain};
use raccordo_proto::certificate::{self, PeerFault};
use raccordo_proto::{Directory, Timestamp};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::{ClientConfig, OtherError};
use zeroize::Zeroizing;

use crate::config;

/// A TLS key, or two while one is renewed.
const KEY_BYTES_MAX: usize = 64 * 1024;

/// Why there is no TLS configuration.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file of the certificate or its key.
    #[error("reading {}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// Others than its owner may read the key: with it they could be this office's machine.
    #[error("{} may be read by others than its owner: run chmod 600 on it", .0.display())]
    KeyPermissions(PathBuf),
    /// The chain holds no certificate.
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// No certificate of the chain is a root of the directory.
    #[error("no certificate of the chain is one of the directory's roots")]
    NoRoot,
    /// Certificate and key do not fit, or rustls refuses them.
    #[error("setting up TLS")]
    Setup(#[from] rustls::Error),
}

/// This machine's certificate and key.
pub struct TlsIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl TlsIdentity {
    /// Reads the files of the configuration. Where the key's file holds more than one, as while a certificate is renewed, it is
    /// the leaf's that counts.
    pub fn load(files: &config::Tls) -> Result<Self, TlsFault> {
        let fault = |path: &Path, source| TlsFault::File { path: path.to_owned(), source };
        let chain: Vec<_> = CertificateDer::pem_file_iter(&files.chain)
            .and_then(Iterator::collect)
            .map_err(|source| fault(&files.chain, source))?;
        if chain.is_empty() {
            return Err(TlsFault::NoCertificate(files.chain.clone()));
        }
        key_is_private(&files.key)?;
        let pem = files::read_at_most(&files.key, KEY_BYTES_MAX).map(Zeroizing::new);
        let pem = pem.map_err(|error| fault(&files.key, rustls::pki_types::pem::Error::Io(error)))?;
        let key = tls::key_of(chain.first(), &pem);
        let key = key.ok_or_else(|| fault(&files.key, rustls::pki_types::pem::Error::NoItemsFound))?;
        Ok(Self { chain, key })
    }

    /// Its leaf.
    pub fn leaf(&self) -> &[u8] {
        self.chain.first().map_or(&[], |leaf| leaf.as_ref())
    }

    /// Whether the key is the leaf's.
    pub fn fits(&self) -> bool {
        self.chain.first().is_some_and(|leaf| tls::is_key_of(leaf, &self.key))
    }

    /// Certificates of the chain that the directory names as roots.
    fn roots(&self, directory: &Directory) -> Vec<CertificateDer<'static>> {
        let is_root = |hash: [u8; 32]| directory.x509_roots().any(|root| root == hash);
        self.chain.iter().filter(|cert| certificate::spki_sha256(cert).is_some_and(is_root)).cloned().collect()
    }
}

/// Whether the key's file is its owner's alone. A file that is not there is told by whoever reads it.
pub fn key_is_private(key: &Path) -> Result<(), TlsFault> {
    if files::others_may_open(key) { Err(TlsFault::KeyPermissions(key.to_owned())) } else { Ok(()) }
}

/// What a connection to a gateway of this directory needs.
pub fn client_config(identity: &TlsIdentity, directory: Arc<Directory>) -> Result<ClientConfig, TlsFault> {
    let roots = identity.roots(&directory);
    if roots.is_empty() {
        return Err(TlsFault::NoRoot);
    }
    let judge = move |leaf: &CertificateDer<'_>, above: &[CertificateDer<'_>], now: UnixTime| {
        // The directory's rules come first: their fault says both dates when it is a matter of dates.
        let instant = Timestamp::from_millis(now.as_secs().saturating_mul(1000));
        certificate::admit_gateway(leaf, &directory, instant).map_err(|fault| refused(GatewayFault::Leaf(fault)))?;
        verify_chain(leaf, above, &roots, Usage::Server, now).map_err(|fault| refused(GatewayFault::Chain(fault)))
    };
    Ok(client(provider(), judge, Some(identity))?)
}

/// A client that believes what this judge accepts, and shows this certificate.
pub fn client<J>(provider: Arc<CryptoProvider>, judge: J, own: Option<&TlsIdentity>) -> Result<ClientConfig, rustls::Error>
where
    J: Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static,
{
    tls::client(provider, judge, own.map(|own| (own.chain.clone(), own.key.clone_key())))
}

/// Why a gateway is not believed.
#[derive(Debug, thiserror::Error)]
enum GatewayFault {
    #[error("{}", leaf_fault(.0))]
    Leaf(PeerFault),
    #[error("the gateway's chain does not reach a root of the directory: {0}")]
    Chain(webpki::Error),
}

fn refused(fault: GatewayFault) -> rustls::Error {
    rustls::Error::InvalidCertificate(rustls::CertificateError::Other(OtherError(Arc::new(fault))))
}

/// A fault of dates says them as people write them.
fn leaf_fault(fault: &PeerFault) -> String {
    let date = |millis: &u64| {
        let instant = i64::try_from(*millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
        instant.map_or_else(|| millis.to_string(), |instant| instant.to_string())
    };
    match fault {
        PeerFault::Date { from, until, now } => format!(
            "C-06: the gateway's certificate is valid from {} to {}, and here it is {}: renew it or mend the clock",
            date(from),
            date(until),
            date(now)
        ),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_dates_says_them_all() {
        let fault = leaf_fault(&PeerFault::Date { from: 0, until: 86_400_000, now: 172_800_000 });
        for date in ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "1970-01-03T00:00:00Z"] {
            assert!(fault.contains(date), "{fault}");
        }
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key.pem");
        std::fs::write(&key, "").expect("a file");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("its own file");
        let fault = key_is_private(&key).err().map(|fault| fault.to_string()).unwrap_or_default();
        assert!(fault.contains("key.pem") && fault.contains("chmod 600"), "{fault}");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("its own file");
        assert!(key_is_private(&key).is_ok());
    }

    #[test]
    fn files_that_are_not_there_are_named() {
        let files = config::Tls { chain: "/nowhere/chain.pem".into(), key: "/nowhere/key.pem".into() };
        let fault = TlsIdentity::load(&files).err().expect("there is no such file");
        assert_eq!(fault.to_string(), "reading /nowhere/chain.pem");
    }
}
