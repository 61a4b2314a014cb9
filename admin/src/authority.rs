//! The network's X.509: a root, an issuing CA and TLS leaves, all ECDSA P-256. A certificate is a container; the directory
//! says who is in (`raccordo_proto::certificate` is the rule that every leaf must pass).
//!
//! Deliberately not here: URI name constraints (verifiers disagree about them), CRL and OCSP (the directory revokes), where
//! keys are kept. Key pairs are drawn by rcgen's own backend, which takes no generator from outside; serials take `rng`.

use core::time::Duration;

use raccordo_machine::tls::certificates;
use raccordo_proto::Timestamp;
use raccordo_proto::identity::{Principal, SpiffeId};
use raccordo_proto::ids::{AgencyId, AgentId, GatewayId, NetworkId};
use raccordo_proto::limits::SKEW_MAX;
use rand_core::CryptoRng;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber, SubjectPublicKeyInfo,
};
use sha2::Digest as _;
use zeroize::Zeroizing;

const DAY: Duration = Duration::from_secs(86_400);
/// The root's life: 10 years.
pub const ROOT_LIFE: Duration = DAY.saturating_mul(3653);
/// The issuing CA's life: 2 years.
pub const ISSUING_LIFE: Duration = DAY.saturating_mul(731);
/// A leaf's life: 13 months.
pub const LEAF_LIFE: Duration = DAY.saturating_mul(396);

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityFault {
    /// The key that asks for a certificate is not ECDSA P-256, or not readable.
    #[error("the key is not ECDSA P-256")]
    Key,
    /// A host name that cannot stand in a certificate.
    #[error("«{0}» is not a host name")]
    Host(String),
    /// The X.509 library refused.
    #[error("the certificate could not be made")]
    Library(#[from] rcgen::Error),
}

/// A leaf with the chain that leads to the root.
#[derive(Clone, Debug)]
pub struct IssuedLeaf {
    /// The leaf, DER.
    pub der: Vec<u8>,
    /// SHA-256 of its SubjectPublicKeyInfo: what the directory pins.
    pub spki_sha256: [u8; 32],
    /// Leaf, issuing CA, root, in this order.
    pub chain_pem: String,
}

/// The private keys of the two CAs, PKCS#8 DER, and their certificates: what outlives the process that drew them.
pub struct AuthorityKeys {
    /// Of the root: needed for another issuing CA only.
    pub root: Zeroizing<Vec<u8>>,
    /// Of the issuing CA.
    pub issuing: Zeroizing<Vec<u8>>,
    /// Issuing CA and root, in this order.
    pub certificates_pem: String,
}

/// The network's issuing CA, and the way from it to the root.
pub struct Authority {
    network: NetworkId,
    issuing: Issuer<'static, KeyPair>,
    root_spki_sha256: [u8; 32],
    upper_chain_pem: String,
}

impl Authority {
    /// Draws root and issuing CA; the root's key is gone when this returns.
    pub fn create(network: NetworkId, now: Timestamp, rng: &mut impl CryptoRng) -> Result<Self, AuthorityFault> {
        Self::create_to_keep(network, now, rng).map(|(authority, _)| authority)
    }

    /// The same, with the keys that whoever calls must keep sealed.
    pub fn create_to_keep(
        network: NetworkId,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, AuthorityKeys), AuthorityFault> {
        let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let root_params = ca(&network, "Raccordo root", 1, validity(now, ROOT_LIFE), rng);
        let root_certificate = root_params.self_signed(&root_key)?;
        let root_spki_sha256 = sha2::Sha256::digest(root_key.subject_public_key_info()).into();
        let kept_root = Zeroizing::new(root_key.serialize_der());
        let root = Issuer::new(root_params, root_key);

        let issuing_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuing_params = ca(&network, "Raccordo issuing", 0, validity(now, ISSUING_LIFE), rng);
        let issuing_certificate = issuing_params.signed_by(&issuing_key, &root)?;
        let upper_chain_pem = format!("{}{}", issuing_certificate.pem(), root_certificate.pem());
        let keys = AuthorityKeys {
            root: kept_root,
            issuing: Zeroizing::new(issuing_key.serialize_der()),
            certificates_pem: upper_chain_pem.clone(),
        };
        let issuing = Issuer::new(issuing_params, issuing_key);
        Ok((Self { network, issuing, root_spki_sha256, upper_chain_pem }, keys))
    }

    /// Another issuing CA under the same root, as [`AuthorityKeys`]: its key and the certificates. Leaves of the one before
    /// go on leading to the root.
    pub fn renew(
        network: &NetworkId,
        root: &[u8],
        certificates_pem: &str,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<AuthorityKeys, AuthorityFault> {
        let key = KeyPair::try_from(root)?;
        let root_pem = root_pem(certificates_pem, &key).ok_or(AuthorityFault::Key)?;
        let kept_root = Zeroizing::new(key.serialize_der());
        let issuer = Issuer::from_ca_cert_pem(root_pem, key)?;
        let issuing_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = ca(network, "Raccordo issuing", 0, validity(now, ISSUING_LIFE), rng);
        let certificate = params.signed_by(&issuing_key, &issuer)?;
        let certificates_pem = format!("{}{root_pem}", certificate.pem());
        Ok(AuthorityKeys { root: kept_root, issuing: Zeroizing::new(issuing_key.serialize_der()), certificates_pem })
    }

    /// Takes back an issuing CA: its key, and the certificates of [`AuthorityKeys`].
    pub fn open(network: NetworkId, certificates_pem: &str, issuing: &[u8]) -> Result<Self, AuthorityFault> {
        let key = KeyPair::try_from(issuing)?;
        let own: [u8; 32] = sha2::Sha256::digest(key.subject_public_key_info()).into();
        let root_spki_sha256 = root_spki(certificates_pem).ok_or(AuthorityFault::Key)?;
        if leaf_key(certificates_pem) != Some(own) {
            return Err(AuthorityFault::Key);
        }
        let issuing = Issuer::from_ca_cert_pem(certificates_pem, key)?;
        Ok(Self { network, issuing, root_spki_sha256, upper_chain_pem: certificates_pem.to_owned() })
    }

    /// SHA-256 of the root's SubjectPublicKeyInfo: what the directory's head names.
    pub fn root_spki_sha256(&self) -> [u8; 32] {
        self.root_spki_sha256
    }

    /// The root's certificate, DER.
    #[cfg(test)]
    pub(crate) fn root_for_tests(&self) -> Vec<u8> {
        certificates(self.upper_chain_pem.as_bytes()).expect("our own").last().expect("the root").to_vec()
    }

    /// A leaf for an agency's machine. `public_key` is its SubjectPublicKeyInfo, DER.
    pub fn issue_agent(
        &self,
        agency: &AgencyId,
        agent: &AgentId,
        public_key: &[u8],
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<IssuedLeaf, AuthorityFault> {
        let principal = Principal::Agent { agency: agency.clone(), agent: agent.clone() };
        let params = self.leaf(principal, agency.as_str(), &[], ExtendedKeyUsagePurpose::ClientAuth, now, rng)?;
        self.sign(params, public_key)
    }

    /// A leaf for a gateway that is reached as `localhost` and as `hosts` (DNS names).
    pub fn issue_gateway(
        &self,
        gateway: &GatewayId,
        hosts: &[String],
        public_key: &[u8],
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<IssuedLeaf, AuthorityFault> {
        let principal = Principal::Gateway(gateway.clone());
        let mut names = vec!["localhost".to_owned()];
        names.extend(hosts.iter().filter(|host| *host != "localhost").cloned());
        let params = self.leaf(principal, gateway.as_str(), &names, ExtendedKeyUsagePurpose::ServerAuth, now, rng)?;
        self.sign(params, public_key)
    }

    fn leaf(
        &self,
        principal: Principal,
        common_name: &str,
        hosts: &[String],
        usage: ExtendedKeyUsagePurpose,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateParams, AuthorityFault> {
        let id = SpiffeId { network: self.network.clone(), principal };
        let mut params = params(&self.network, common_name, validity(now, LEAF_LIFE), rng);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.subject_alt_names = vec![SanType::URI(id.to_string().try_into()?)];
        for host in hosts {
            let name = host.as_str().try_into().map_err(|_| AuthorityFault::Host(host.clone()))?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        Ok(params)
    }

    fn sign(&self, params: CertificateParams, public_key: &[u8]) -> Result<IssuedLeaf, AuthorityFault> {
        let key = SubjectPublicKeyInfo::from_der(public_key).map_err(|_| AuthorityFault::Key)?;
        if key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(AuthorityFault::Key);
        }
        let leaf = params.signed_by(&key, &self.issuing)?;
        Ok(IssuedLeaf {
            der: leaf.der().to_vec(),
            spki_sha256: sha2::Sha256::digest(public_key).into(),
            chain_pem: format!("{}{}", leaf.pem(), self.upper_chain_pem),
        })
    }
}

/// SHA-256 of the SubjectPublicKeyInfo of a chain's leaf, PEM.
pub fn leaf_key(chain_pem: &str) -> Option<[u8; 32]> {
    raccordo_proto::certificate::spki_sha256(certificates(chain_pem.as_bytes())?.first()?)
}

/// The same of its root, which stands last.
pub fn root_spki(chain_pem: &str) -> Option<[u8; 32]> {
    raccordo_proto::certificate::spki_sha256(certificates(chain_pem.as_bytes())?.last()?)
}

/// The root's certificate as it stands in the file, if it is this key's.
fn root_pem<'a>(certificates_pem: &'a str, key: &KeyPair) -> Option<&'a str> {
    let own: [u8; 32] = sha2::Sha256::digest(key.subject_public_key_info()).into();
    let last = certificates_pem.rfind("-----BEGIN CERTIFICATE-----")?;
    (root_spki(certificates_pem)? == own).then(|| &certificates_pem[last..])
}

struct Validity {
    from: Timestamp,
    until: Timestamp,
}

/// Starts a little before now: a peer's clock may be that much behind.
fn validity(now: Timestamp, life: Duration) -> Validity {
    Validity { from: now.minus(SKEW_MAX), until: now.plus(life) }
}

fn params(network: &NetworkId, common_name: &str, validity: Validity, rng: &mut impl CryptoRng) -> CertificateParams {
    let mut serial = [0; 16];
    rng.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x7f | 0x40; // positive, and never shorter than 16 bytes
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, network.as_str());
    name.push(DnType::CommonName, common_name);

    let mut params = CertificateParams::default();
    params.not_before = epoch + Duration::from_secs(validity.from.as_millis() / 1000);
    params.not_after = epoch + Duration::from_secs(validity.until.as_millis() / 1000);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = name;
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(network: &NetworkId, name: &str, path_len: u8, validity: Validity, rng: &mut impl CryptoRng) -> CertificateParams {
    let mut params = params(network, name, validity, rng);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_len));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

#[cfg(test)]
mod tests;
