//! The TLS key of an office's or a gateway's machine, ECDSA P-256: drawn here, kept in a file here, and what it proves when it
//! asks for a certificate.
//!
//! Not here: certificates (the administration's), what a request is (`raccordo_proto::enrolment`).

use std::path::Path;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use raccordo_proto::Timestamp;
use raccordo_proto::enrolment::{self, Request, RequestFault};
use raccordo_proto::ids::Digest;
use raccordo_proto::sign::Signer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

/// There is no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsKeyFault {
    /// The system gives no random numbers, or the library does not work.
    #[error("the system gives no random numbers")]
    NotMade,
    /// A file that holds none.
    #[error("no ECDSA P-256 key in PKCS#8, PEM")]
    Unreadable,
}

/// A TLS key pair.
pub struct TlsKey {
    pair: EcdsaKeyPair,
    public: Vec<u8>,
}

impl TlsKey {
    /// Draws one.
    pub fn generate() -> Result<Self, TlsKeyFault> {
        Self::of(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| TlsKeyFault::NotMade)?)
    }

    /// Reads the file that [`TlsKey::to_pem`] gives.
    pub fn read(file: &Path) -> Result<Self, TlsKeyFault> {
        let der = PrivatePkcs8KeyDer::from_pem_file(file).map_err(|_| TlsKeyFault::Unreadable)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der.secret_pkcs8_der());
        Self::of(pair.map_err(|_| TlsKeyFault::Unreadable)?)
    }

    fn of(pair: EcdsaKeyPair) -> Result<Self, TlsKeyFault> {
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| TlsKeyFault::NotMade)?;
        let public = public.as_ref().to_vec();
        Ok(Self { pair, public })
    }

    /// Its SubjectPublicKeyInfo, DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// SHA-256 of [`TlsKey::public_key`]: what the directory pins.
    pub fn spki_sha256(&self) -> [u8; 32] {
        *Digest::of(&self.public).as_bytes()
    }

    /// Signs a message: ECDSA with SHA-256, ASN.1.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TlsKeyFault> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| TlsKeyFault::NotMade)?;
        Ok(signature.as_ref().to_vec())
    }

    /// The private key as PKCS#8 PEM.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, TlsKeyFault> {
        let pkcs8 = self.pair.to_pkcs8v1().map_err(|_| TlsKeyFault::NotMade)?;
        let pem = pem_rfc7468::encode_string("PRIVATE KEY", pem_rfc7468::LineEnding::LF, pkcs8.as_ref());
        pem.map(Zeroizing::new).map_err(|_| TlsKeyFault::NotMade)
    }
}

/// The file by which the machine of these keys asks to be let in; without an identity key, that of a gateway.
pub fn request(identity: Option<&dyn Signer>, tls: &TlsKey, now: Timestamp) -> Result<Vec<u8>, TlsKeyFault> {
    let sign = |message: &[u8]| tls.sign(message).ok();
    enrolment::request(identity, tls.public_key(), sign, now).ok_or(TlsKeyFault::NotMade)
}

/// What stands before the point of every P-256 key's SubjectPublicKeyInfo, DER (RFC 5480, 2.1.1 and 2.2).
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00,
];
const P256_POINT_BYTES: usize = 65;

/// Verifies the file of a request. Its TLS key is a P-256 key's one form, as this machine's own is: the directory will pin its
/// hash.
pub fn verify_request(file: &[u8]) -> Result<Request, RequestFault> {
    enrolment::verify(file, |key, message, signature| {
        let is_form = key.strip_prefix(&P256_HEAD[..]).is_some_and(|point| point.len() == P256_POINT_BYTES);
        is_form && UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(message, signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use raccordo_proto::enrolment::Applicant;

    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file_and_rustls_takes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, key) = (folder.path().join("key.pem"), TlsKey::generate().expect("a key"));
        let pem = key.to_pem().expect("PEM");
        std::fs::write(&path, &*pem).expect("written");
        assert_eq!(TlsKey::read(&path).expect("its own file").public_key(), key.public_key());
        let der = rustls::pki_types::PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("PEM");
        let signer = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).expect("a key that rustls takes");
        assert_eq!(signer.public_key().as_deref(), Some(key.public_key()));
        let judged = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.public_key());
        assert_eq!(judged.as_ref(), key.spki_sha256());
        for other in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            std::fs::write(&path, other).expect("written");
            assert_eq!(TlsKey::read(&path).err(), Some(TlsKeyFault::Unreadable));
        }
        assert_eq!(TlsKey::read(&folder.path().join("nowhere")).err(), Some(TlsKeyFault::Unreadable));
    }

    #[test]
    fn a_request_names_its_keys_and_is_believed() {
        let (identity, tls) = (SigningKey::from_bytes(&[1; 32]), TlsKey::generate().expect("a key"));
        let file = request(Some(&identity), &tls, Timestamp::from_millis(1)).expect("a request");
        let read = verify_request(&file).expect("good");
        assert_eq!((read.applicant, read.tls_key.as_ref()), (Applicant::Agent(identity.public_key()), tls.public_key()));
        let file = request(None, &tls, Timestamp::from_millis(1)).expect("a request");
        assert_eq!(verify_request(&file).expect("good").applicant, Applicant::Gateway);
        let other_forms = [tls.public_key()[P256_HEAD.len()..].to_vec(), [tls.public_key(), b"\0"].concat()];
        for key in other_forms {
            let file = enrolment::request(None, &key, |message| tls.sign(message).ok(), Timestamp::from_millis(1));
            assert_eq!(verify_request(&file.expect("a request")).err(), Some(RequestFault::TlsSignature));
        }
    }
}
