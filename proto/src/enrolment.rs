//! Requests of machines that have no certificate yet, and their answers: what proves possession of the keys that ask, and what
//! a machine believes of the file that comes back.
//!
//! Not here: drawing keys, files, who approves. ECDSA and the signatures of a chain are the shells' (their TLS library's): they
//! come in as functions.

pub mod invitation;
pub mod online;

use bytes::Bytes;
use prost::Message as _;

use crate::certificate::{self, PeerFault};
use crate::code::Code;
use crate::directory::update::{self, Trust};
use crate::directory::{Directory, DirectoryFault};
use crate::endpoint::Endpoint;
use crate::ids::{AgencyId, Digest, GatewayId};
use crate::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use crate::sign::{self, EnrolmentPurpose, PublicKey, Signer, Unverified};
use crate::time::Timestamp;
use crate::wire::{self, RequestKind};
use crate::words;

const SPEC: u32 = 1;

/// Why a request is not believed. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    ///
    #[error("A-01: the file is too large for a request")]
    TooLarge,
    ///
    #[error("A-02: the file is not readable as a request")]
    Unreadable,
    ///
    #[error("A-03: the request speaks another version of the format")]
    Version,
    ///
    #[error("A-05: a key of the request is none, or one that its kind does not have")]
    Key,
    ///
    #[error("A-04: the request is not signed by its own TLS key")]
    TlsSignature,
    ///
    #[error("A-06: the request is not signed by its own identity key")]
    IdentitySignature,
}

/// Who asks, with keys that have proved to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicant {
    /// An office's machine, with its identity key.
    Agent(PublicKey),
    /// A gateway.
    Gateway,
}

/// A request whose signatures are good.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub applicant: Applicant,
    /// The TLS key's SubjectPublicKeyInfo, DER.
    pub tls_key: Bytes,
    /// When, by the clock of whoever asks.
    pub made_at: Timestamp,
    /// By which the answer names it.
    pub hash: Digest,
}

impl Request {
    /// SHA-256 of the TLS key: what the directory pins.
    pub fn spki_sha256(&self) -> [u8; 32] {
        *Digest::of(&self.tls_key).as_bytes()
    }

    /// The words by which two people compare it: those of an office's identity key, or of a gateway's TLS key.
    pub fn words(&self) -> String {
        match &self.applicant {
            Applicant::Agent(ik) => words::words(ik.as_bytes()),
            Applicant::Gateway => words::tls_key_words(&self.spki_sha256()),
        }
    }
}

/// Makes the file of a request. `tls_sign` signs a message with the TLS key (ECDSA P-256 with SHA-256, ASN.1); `None` of it is
/// `None` of the whole.
pub fn request(
    identity: Option<&dyn Signer>,
    tls_key: &[u8],
    tls_sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
    now: Timestamp,
) -> Option<Vec<u8>> {
    let kind = if identity.is_some() { RequestKind::Agent } else { RequestKind::Gateway };
    let request = wire::EnrolmentRequest {
        spec: SPEC,
        kind: kind.into(),
        identity: identity.map(|key| Bytes::copy_from_slice(key.public_key().as_bytes())).unwrap_or_default(),
        tls_key: Bytes::copy_from_slice(tls_key),
        made_at: now.as_millis(),
    };
    let request = Bytes::from(request.encode_to_vec());
    let tls_signature = tls_sign(&sign::message::<EnrolmentPurpose>(&request))?.into();
    let signed = identity.map(|key| sign::sign::<EnrolmentPurpose>(request.clone(), key));
    let identity_signature = signed.map(|signed| Bytes::copy_from_slice(signed.signature())).unwrap_or_default();
    Some(wire::SignedRequest { request, tls_signature, identity_signature }.encode_to_vec())
}

/// Verifies the file of a request. The keys that must have signed stand in it: they are looked up first, the signatures are
/// checked over the bytes that came, and nothing else is believed before. `tls_verifies(key, message, signature)` checks one
/// of the TLS key.
pub fn verify(file: &[u8], tls_verifies: impl FnOnce(&[u8], &[u8], &[u8]) -> bool) -> Result<Request, RequestFault> {
    if file.len() > REQUEST_BYTES_MAX {
        return Err(RequestFault::TooLarge);
    }
    let signed = wire::SignedRequest::decode(file).map_err(|_| RequestFault::Unreadable)?;
    let request = wire::EnrolmentRequest::decode(signed.request.clone()).map_err(|_| RequestFault::Unreadable)?;
    if request.spec != SPEC {
        return Err(RequestFault::Version);
    }
    let message = sign::message::<EnrolmentPurpose>(&signed.request);
    if !tls_verifies(&request.tls_key, &message, &signed.tls_signature) {
        return Err(RequestFault::TlsSignature);
    }
    let applicant = match request.kind() {
        RequestKind::Agent => {
            let key = PublicKey::parse(&request.identity).map_err(|_| RequestFault::Key)?;
            let signature = Unverified::<EnrolmentPurpose>::new(signed.request.clone(), &signed.identity_signature);
            let verified = signature.and_then(|signature| signature.verify(&key));
            verified.map_err(|_: Code| RequestFault::IdentitySignature)?;
            Applicant::Agent(key)
        }
        RequestKind::Gateway if request.identity.is_empty() && signed.identity_signature.is_empty() => Applicant::Gateway,
        RequestKind::Gateway | RequestKind::Unspecified => return Err(RequestFault::Key),
    };
    let made_at = Timestamp::from_millis(request.made_at);
    Ok(Request { applicant, tls_key: request.tls_key, made_at, hash: Digest::of(&signed.request) })
}

/// Makes the file that answers a request.
pub fn activation(request: Digest, trust: &[u8], chain_pem: &str, directory: &Directory) -> Vec<u8> {
    wire::Activation {
        spec: SPEC,
        request_hash: Bytes::copy_from_slice(request.as_bytes()),
        trust: Bytes::copy_from_slice(trust),
        chain: Bytes::copy_from_slice(chain_pem.as_bytes()),
        directory: directory.document().encode_to_vec().into(),
    }
    .encode_to_vec()
}

/// Why an answer is not used. Each names its rule in docs/PROTOCOL.md.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivationFault {
    ///
    #[error("A-07: the file is too large for an activation")]
    TooLarge,
    ///
    #[error("A-08: the file is not readable as an activation")]
    Unreadable,
    ///
    #[error("A-09: the activation speaks another version of the format")]
    Version,
    ///
    #[error("A-10: the activation answers another request")]
    OtherRequest,
    /// D-01 to D-13.
    #[error("the directory of the activation does not hold: {0}")]
    Directory(#[from] DirectoryFault),
    /// C-01 to C-09.
    #[error("the certificate of the activation does not hold: {0}")]
    Certificate(#[from] PeerFault),
    ///
    #[error("A-12: the activation is for other keys than those of this machine")]
    OtherKeys,
    ///
    #[error("A-11: no certificate of the activation is a root that the directory names")]
    NoRoot,
    ///
    #[error("A-13: the certificates of the activation do not lead to a root that the directory names")]
    Chain,
    ///
    #[error("A-14: «{0}», in the directory of the activation, is no place where a gateway answers")]
    Endpoint(String),
}

/// A chain as it came, taken apart by what the directory says of it.
#[derive(Debug)]
pub struct Chain<'a> {
    /// This machine's certificate.
    pub leaf: &'a [u8],
    /// Above it, without the roots.
    pub between: Vec<&'a [u8]>,
    /// Those that the directory names: at least one.
    pub roots: Vec<&'a [u8]>,
}

/// An answer to one's own request, whose directory holds by the trust file that came with it. Whether that trust file is the
/// network's, two people say to each other ([`crate::words::network_words`]).
#[derive(Debug)]
pub struct Activation {
    /// The bytes of the trust file.
    pub trust: Bytes,
    /// Leaf, issuing CA, root, PEM.
    pub chain_pem: Bytes,
    /// The bytes of the directory.
    pub document: Bytes,
    /// The same, verified.
    pub directory: Directory,
}

impl Activation {
    /// Reads the answer to `request`.
    pub fn read(file: &[u8], request: &Request, now: Timestamp) -> Result<Self, ActivationFault> {
        if file.len() > ACTIVATION_BYTES_MAX {
            return Err(ActivationFault::TooLarge);
        }
        let answer = wire::Activation::decode(file).map_err(|_| ActivationFault::Unreadable)?;
        if answer.spec != SPEC {
            return Err(ActivationFault::Version);
        }
        if answer.request_hash[..] != request.hash.as_bytes()[..] {
            return Err(ActivationFault::OtherRequest);
        }
        let trust = Trust::read(&answer.trust)?;
        let document = wire::SignedDirectory::decode(answer.directory.clone()).map_err(|_| DirectoryFault::Unreadable)?;
        let directory = update::verify(&[], &document, &trust, None, now)?;
        Ok(Self { trust: answer.trust, chain_pem: answer.chain, document: answer.directory, directory })
    }

    /// The office whose machine this request's keys now are. `chain` is [`Activation::chain_pem`], read: leaf first. `reaches`
    /// says whether signatures and usages lead from the leaf to one of the roots, for a client.
    pub fn agency(
        &self,
        chain: &[&[u8]],
        request: &Request,
        now: Timestamp,
        reaches: impl FnOnce(&Chain<'_>) -> bool,
    ) -> Result<AgencyId, ActivationFault> {
        let chain = self.chain(chain, request)?;
        let agency = certificate::admit_agent(chain.leaf, &self.directory, now)?;
        let listed = self.directory.active_agent(&agency, now).map_err(PeerFault::State)?;
        if request.applicant != Applicant::Agent(listed.ik) {
            return Err(ActivationFault::OtherKeys);
        }
        if reaches(&chain) { Ok(agency) } else { Err(ActivationFault::Chain) }
    }

    /// The gateway that this request's key now is; `reaches` as above, for a server.
    pub fn gateway(
        &self,
        chain: &[&[u8]],
        request: &Request,
        now: Timestamp,
        reaches: impl FnOnce(&Chain<'_>) -> bool,
    ) -> Result<GatewayId, ActivationFault> {
        let chain = self.chain(chain, request)?;
        let gateway = certificate::admit_gateway(chain.leaf, &self.directory, now)?;
        if request.applicant != Applicant::Gateway {
            return Err(ActivationFault::OtherKeys);
        }
        if reaches(&chain) { Ok(gateway) } else { Err(ActivationFault::Chain) }
    }

    fn chain<'a>(&self, chain: &[&'a [u8]], request: &Request) -> Result<Chain<'a>, ActivationFault> {
        let (leaf, upper) = chain.split_first().ok_or(ActivationFault::Unreadable)?;
        let is_root = |hash: [u8; 32]| self.directory.x509_roots().any(|root| *root == hash);
        let is_root = |above: &&[u8]| certificate::spki_sha256(above).is_some_and(is_root);
        let (roots, between): (Vec<_>, Vec<_>) = upper.iter().copied().partition(is_root);
        if roots.is_empty() {
            return Err(ActivationFault::NoRoot);
        }
        if certificate::spki_sha256(leaf) != Some(request.spki_sha256()) {
            return Err(ActivationFault::OtherKeys);
        }
        Ok(Chain { leaf, between, roots })
    }

    /// Where the network's gateways answer.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, ActivationFault> {
        let all = self.directory.gateways().flat_map(|gateway| &gateway.endpoints);
        all.map(|text| Endpoint::parse(text).ok_or_else(|| ActivationFault::Endpoint(text.clone()))).collect()
    }
}
