//! Who a TLS peer is: one pure function over its leaf, the directory and now (C-01 to C-09). The chain up to a root of the
//! directory is the shells' to build, with rustls-webpki; the certificate is a container, the directory says who is in.
//!
//! Not here: issuing certificates (`raccordo-admin`), sockets.

use sha2::Digest as _;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

use crate::code::Code;
use crate::directory::{Directory, machine_code, state_code};
use crate::identity::{Principal, SpiffeId};
use crate::ids::{AgencyId, GatewayId};
use crate::time::Timestamp;
use crate::wire::State;

/// Why a leaf is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    /// C-01.
    #[error("C-01: the certificate is not readable")]
    Unreadable,
    /// C-02.
    #[error("C-02: the certificate must carry exactly one URI name, and it must be a SPIFFE id of agent or gateway")]
    Name,
    /// C-03.
    #[error("C-03: a CA's certificate cannot be a leaf")]
    Authority,
    /// C-04.
    #[error("C-04: the certificate's key usages are not those of its role")]
    Usage,
    /// C-05.
    #[error("C-05: the key is not ECDSA P-256")]
    Algorithm,
    /// C-06.
    #[error("C-06: valid from {from} to {until} (ms since 1970), and now is {now}: renew the certificate or mend the clock")]
    Date {
        /// First instant, ms.
        from: u64,
        /// Last instant, ms.
        until: u64,
        /// Now, ms.
        now: u64,
    },
    /// C-07.
    #[error("C-07: the certificate is of another network")]
    Network,
    /// C-08.
    #[error("C-08: not in the directory, or not in that role")]
    Unknown,
    /// C-08, with the directory's own code.
    #[error("C-08: the directory says {}", .0.name())]
    State(Code),
    /// C-09.
    #[error("C-09: the TLS key is not the one that the directory pins")]
    Key,
}

impl PeerFault {
    /// The code under which it is answered and counted.
    pub fn code(&self) -> Code {
        match self {
            Self::State(code) => *code,
            Self::Unreadable
            | Self::Name
            | Self::Authority
            | Self::Usage
            | Self::Algorithm
            | Self::Date { .. }
            | Self::Network
            | Self::Unknown
            | Self::Key => Code::Unauthenticated,
        }
    }
}

/// An agent's certificate: which agency it speaks for.
pub fn admit_agent(leaf: &[u8], directory: &Directory, now: Timestamp) -> Result<AgencyId, PeerFault> {
    let leaf = Leaf::read(leaf, now, Usage::Client)?;
    if leaf.id.network != *directory.network() {
        return Err(PeerFault::Network);
    }
    let Principal::Agent { agency, agent } = leaf.id.principal else { return Err(PeerFault::Unknown) };
    let entry = directory.agency(&agency).ok_or(PeerFault::Unknown)?;
    if entry.state != State::NotConnected {
        state_code(entry.state).map_err(PeerFault::State)?;
    }
    let machine = entry.agents.iter().find(|machine| machine.id == agent).ok_or(PeerFault::Unknown)?;
    machine_code(machine.state).map_err(PeerFault::State)?;
    directory.active_agent(&agency, now).map_err(PeerFault::State)?;
    if machine.spki_sha256.contains(&leaf.spki_sha256) { Ok(agency) } else { Err(PeerFault::Key) }
}

/// A gateway's certificate: which gateway it is.
pub fn admit_gateway(leaf: &[u8], directory: &Directory, now: Timestamp) -> Result<GatewayId, PeerFault> {
    let leaf = Leaf::read(leaf, now, Usage::Server)?;
    if leaf.id.network != *directory.network() {
        return Err(PeerFault::Network);
    }
    let Principal::Gateway(id) = leaf.id.principal else { return Err(PeerFault::Unknown) };
    let entry = directory.gateway(&id).ok_or(PeerFault::Unknown)?;
    if entry.spki_sha256.contains(&leaf.spki_sha256) { Ok(id) } else { Err(PeerFault::Key) }
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo, to compare a CA's root with the directory's.
pub fn spki_sha256(certificate: &[u8]) -> Option<[u8; 32]> {
    let (rest, certificate) = X509Certificate::from_der(certificate).ok()?;
    rest.is_empty().then(|| sha2::Sha256::digest(certificate.public_key().raw).into())
}

/// First and last instant of a certificate, for a person who asks how long it lasts.
pub fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let (from, until) = instants(&certificate);
    Some((Timestamp::from_millis(from), Timestamp::from_millis(until)))
}

/// Whom a certificate names, by the rules of a leaf's name (C-02) and no other: nobody has verified it.
pub fn principal(certificate: &[u8]) -> Option<SpiffeId> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    one_uri(&certificate).ok()
}

/// Who signed a certificate, in its own words: nobody has verified them.
pub fn issuer(certificate: &[u8]) -> Option<String> {
    X509Certificate::from_der(certificate).ok().map(|(_, certificate)| certificate.issuer().to_string())
}

#[derive(Clone, Copy, PartialEq)]
enum Usage {
    Client,
    Server,
}

struct Leaf {
    id: SpiffeId,
    spki_sha256: [u8; 32],
}

impl Leaf {
    fn read(der: &[u8], now: Timestamp, usage: Usage) -> Result<Self, PeerFault> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| PeerFault::Unreadable)?;
        if !rest.is_empty() {
            return Err(PeerFault::Unreadable);
        }
        let id = one_uri(&certificate)?;
        usages(&certificate, usage)?;
        key_is_p256(&certificate)?;
        dates(&certificate, now)?;
        Ok(Self { id, spki_sha256: sha2::Sha256::digest(certificate.public_key().raw).into() })
    }
}

fn one_uri(certificate: &X509Certificate<'_>) -> Result<SpiffeId, PeerFault> {
    let names = certificate.subject_alternative_name().map_err(|_| PeerFault::Unreadable)?.ok_or(PeerFault::Name)?;
    let mut uris = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    match (uris.next(), uris.next()) {
        (Some(uri), None) => SpiffeId::parse(uri).map_err(|_| PeerFault::Name),
        _ => Err(PeerFault::Name),
    }
}

fn usages(certificate: &X509Certificate<'_>, usage: Usage) -> Result<(), PeerFault> {
    let mut extended = false;
    let mut key = false;
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => return Err(PeerFault::Authority),
            ParsedExtension::KeyUsage(k) => key = k.digital_signature() && !k.key_cert_sign() && !k.crl_sign(),
            ParsedExtension::ExtendedKeyUsage(e) => {
                extended = !e.any && if usage == Usage::Client { e.client_auth } else { e.server_auth };
            }
            ParsedExtension::ParseError { .. } => return Err(PeerFault::Unreadable),
            _ => {}
        }
    }
    if key && extended { Ok(()) } else { Err(PeerFault::Usage) }
}

fn key_is_p256(certificate: &X509Certificate<'_>) -> Result<(), PeerFault> {
    let algorithm = &certificate.public_key().algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
    let is_p256 = algorithm.algorithm == x509_parser::oid_registry::OID_KEY_TYPE_EC_PUBLIC_KEY
        && curve == Some(x509_parser::oid_registry::OID_EC_P256);
    if is_p256 { Ok(()) } else { Err(PeerFault::Algorithm) }
}

/// First and last instant, ms.
fn instants(certificate: &X509Certificate<'_>) -> (u64, u64) {
    let millis = |seconds: i64| u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
    let validity = certificate.validity();
    (millis(validity.not_before.timestamp()), millis(validity.not_after.timestamp()))
}

fn dates(certificate: &X509Certificate<'_>, now: Timestamp) -> Result<(), PeerFault> {
    let (from, until) = instants(certificate);
    let now = now.as_millis();
    if now < from || now > until { Err(PeerFault::Date { from, until, now }) } else { Ok(()) }
}
