//! Certificates that no authority would sign, signed all the same by the network's own issuing CA: nothing but the fault is
//! wrong with them.
//!
//! Not here: who shows them, and what they are answered (`peers`).

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::cav;
use raccordo_certs_dev::network::Network;
use raccordo_machine::clock;
use rand_core::Rng as _;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber, SubjectPublicKeyInfo,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use raccordo_tests::seeded::Seeded;
use raccordo_tests::stranger::Papers;

/// What stands before the modulus of an RSA key of 1,024 bits in a SubjectPublicKeyInfo, and after it.
const RSA_1024: [&[u8]; 2] = [
    &[
        0x30, 0x81, 0x9f, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x81,
        0x8d, 0x00, 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00,
    ],
    &[0x02, 0x03, 0x01, 0x00, 0x01],
];
/// ecdsa-with-SHA256 and ecdsa-with-SHA1, as AlgorithmIdentifiers.
const SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];

/// Who has the issuing CA's key and no scruples.
pub struct Forger<'a> {
    issuing: Issuer<'static, KeyPair>,
    above: Vec<CertificateDer<'static>>,
    mine: &'a Papers,
    network: &'a Network,
}

/// A URI name.
pub fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().expect("ASCII"))
}

impl<'a> Forger<'a> {
    /// `mine` are the papers of the CAV: its name and key stand in what is forged.
    pub fn new(network: &'a Network, mine: &'a Papers) -> anyhow::Result<Self> {
        let keys = network.authority_keys();
        let key = KeyPair::try_from(&keys.issuing[..]).context("the issuing CA's key")?;
        let issuing = Issuer::from_ca_cert_pem(&keys.certificates_pem, key).context("the issuing CA")?;
        let above = CertificateDer::pem_slice_iter(keys.certificates_pem.as_bytes()).collect::<Result<_, _>>()?;
        Ok(Self { issuing, above, mine, network })
    }

    /// The CAV's name, as the network writes it.
    pub fn name(&self) -> String {
        format!("spiffe://{}/agency/{}/agent/a1", self.network.cast().network, cav())
    }

    fn params(&self) -> CertificateParams {
        let mut params = dated("forged");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names = vec![uri(&self.name())];
        params
    }

    /// The chain of a leaf that the issuing CA has signed.
    fn under_issuing(&self, leaf: CertificateDer<'static>) -> Papers {
        self.mine.with_chain([vec![leaf], self.above.clone()].concat())
    }

    /// The CAV's own leaf, with a change.
    pub fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> anyhow::Result<Papers> {
        self.leaf_of(&self.mine.public_key()?, change)
    }

    /// The same with another key in it.
    pub fn leaf_of(&self, key: &[u8], change: impl FnOnce(&mut CertificateParams)) -> anyhow::Result<Papers> {
        let mut params = self.params();
        change(&mut params);
        let leaf = params.signed_by(&SubjectPublicKeyInfo::from_der(key)?, &self.issuing)?;
        Ok(self.under_issuing(leaf.der().clone()))
    }

    /// A leaf that nobody but its own key has signed.
    pub fn self_signed(&self) -> anyhow::Result<Papers> {
        let key = KeyPair::generate()?;
        let leaf = self.params().self_signed(&key)?;
        Ok(self.mine.with_chain(vec![leaf.der().clone()]))
    }

    /// A leaf below another leaf, which the issuing CA has signed.
    pub fn leaf_by_leaf(&self) -> anyhow::Result<Papers> {
        let (above, key) = (self.params(), KeyPair::generate()?);
        let between = above.signed_by(&key, &self.issuing)?.der().clone();
        let leaf = self.signed_below(&Issuer::new(above, key))?;
        Ok(self.mine.with_chain([vec![leaf, between], self.above.clone()].concat()))
    }

    /// A leaf below so many authorities, the first of which the issuing CA has signed.
    pub fn deep(&self, authorities: usize) -> anyhow::Result<Papers> {
        let (mut chain, mut above) = (self.above.clone(), None::<Issuer<'static, KeyPair>>);
        for number in 0..authorities {
            let (mut params, key) = (dated(&format!("authority {number}")), KeyPair::generate()?);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            let signed = params.signed_by(&key, above.as_ref().unwrap_or(&self.issuing))?;
            chain.insert(0, signed.der().clone());
            above = Some(Issuer::new(params, key));
        }
        chain.insert(0, self.signed_below(&above.context("an authority")?)?);
        Ok(self.mine.with_chain(chain))
    }

    fn signed_below(&self, above: &Issuer<'_, KeyPair>) -> anyhow::Result<CertificateDer<'static>> {
        let key = SubjectPublicKeyInfo::from_der(&self.mine.public_key()?)?;
        Ok(self.params().signed_by(&key, above)?.der().clone())
    }

    /// The CAV's own leaf, said to be signed with SHA-1. The signature is not made anew: nobody must come so far as to look.
    pub fn sha1(&self) -> anyhow::Result<Papers> {
        let der = self.leaf(|_| {})?.chain()[0].to_vec();
        let body_end = 8 + usize::from(u16::from_be_bytes([der[6], der[7]]));
        let (body, rest) = (&der[8..body_end], &der[body_end..]);
        ensure!(der[..2] == [0x30, 0x82] && der[4..6] == [0x30, 0x82] && rest.starts_with(SHA256), "a certificate's shape");
        let at = body.windows(SHA256.len()).position(|window| window == SHA256).context("the body's own algorithm")?;
        let body = [&body[..at], SHA1, &body[at + SHA256.len()..]].concat();
        let inner = [&sequence(&body)?[..], SHA1, &rest[SHA256.len()..]].concat();
        Ok(self.under_issuing(sequence(&inner)?.into()))
    }

    /// A leaf with an RSA key of 1,024 bits, of which nobody has the private half: nobody must come so far as to ask.
    pub fn rsa_1024(&self) -> anyhow::Result<Papers> {
        let mut modulus = [0; 128];
        Seeded::new(1024).fill_bytes(&mut modulus);
        (modulus[0], modulus[127]) = (modulus[0] | 0x80, modulus[127] | 1);
        self.leaf_of(&[RSA_1024[0], &modulus, RSA_1024[1]].concat(), |_| {})
    }

    /// The CAV's own leaf with its last bit flipped: it stands in the signature.
    pub fn flipped(&self) -> anyhow::Result<Papers> {
        let mut der = self.leaf(|_| {})?.chain()[0].to_vec();
        *der.last_mut().context("a leaf")? ^= 1;
        Ok(self.under_issuing(der.into()))
    }

    /// The CAV's own leaf with a byte after its end.
    pub fn longer(&self) -> anyhow::Result<Papers> {
        let leaf = self.leaf(|_| {})?;
        Ok(self.under_issuing([&leaf.chain()[0][..], &[0]].concat().into()))
    }
}

/// A SEQUENCE of 256 to 65,535 bytes.
fn sequence(body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let [high, low] = u16::try_from(body.len())?.to_be_bytes();
    ensure!(high > 0, "too short for this form");
    Ok([&[0x30, 0x82, high, low][..], body].concat())
}

/// Valid from yesterday for a year, as anybody may write it.
fn dated(name: &str) -> CertificateParams {
    let today = rcgen::date_time_ymd(1970, 1, 1) + core::time::Duration::from_millis(clock::now().as_millis());
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&[0x41; 16]));
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) =
        (today - core::time::Duration::from_secs(86_400), today + core::time::Duration::from_secs(365 * 86_400));
    params
}
