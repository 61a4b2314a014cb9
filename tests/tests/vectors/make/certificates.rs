//! C-01 to C-09 and I-01: TLS leaves with one fault, as the library of the real authority writes them. Keys are points of the
//! curves that everybody knows, and the issuer's signature is a constant: the chain above a leaf is not judged here
//! (`tests/network/peers.rs` does it, at a real gateway).

use core::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::wire::SignedDirectory;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm, SigningKey, SubjectPublicKeyInfo,
};
use sha2::Digest as _;

use super::world::{self, CAV, DAY, NETWORK, NOW, OVER, REVOKED, SOCIALE, STRANGER, SUSPENDED, admins, trust};
use super::{Fault, NOTHING, SIGNATURE, Vector};
use crate::format::{hex, unhex};

/// What stands before a point of P-256, and of P-384, in a SubjectPublicKeyInfo.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
const P384: &str = "3076301006072a8648ce3d020106052b8104002203620004";
/// The generator of P-256, twice and three times it; and the generator of P-384.
const CAVS_POINT: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                          4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
const SOCIALES_POINT: &str = "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978\
                              07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1";
const NOBODYS_POINT: &str = "5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c\
                             8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032";
const P384_POINT: &str = "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7\
                          3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
/// An ECDSA signature by its shape alone: r = s = 1.
const SHAPE: [u8; 8] = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01];

fn spki(curve: &str, point: &str) -> Vec<u8> {
    unhex(&[curve, point].concat())
}

fn cavs_key() -> Vec<u8> {
    spki(P256, CAVS_POINT)
}

/// The issuing authority.
struct Constant(Vec<u8>);

impl PublicKeyData for Constant {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Constant {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(SHAPE.to_vec())
    }
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().expect("ASCII"))
}

fn agent(network: &str, agency: &str, machine: &str) -> SanType {
    uri(&format!("spiffe://{network}/agency/{agency}/agent/{machine}"))
}

/// An instant, in seconds from now.
fn at(params: &mut CertificateParams, from: i64, until: i64) {
    let instant = |offset: i64| {
        let seconds = (NOW.as_millis() / 1000).saturating_add_signed(offset);
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    (params.not_before, params.not_after) = (instant(from), instant(until));
}

fn day() -> i64 {
    i64::try_from(DAY / 1000).expect("a day")
}

/// A leaf as `raccordo-admin` issues it, with a change.
fn leaf(key: &[u8], change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, NETWORK);
    name.push(DnType::CommonName, "Raccordo issuing");
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    let issuer = Issuer::new(params.clone(), Constant(cavs_key()[26..].to_vec()));
    at(&mut params, -day(), 396 * day());
    params.serial_number = Some(SerialNumber::from_slice(&[0x41; 16]));
    params.use_authority_key_identifier_extension = true;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![agent(NETWORK, CAV, "a1")];
    change(&mut params);
    let key = SubjectPublicKeyInfo::from_der(key).expect("a key");
    params.signed_by(&key, &issuer).expect("a certificate").der().to_vec()
}

fn honest() -> Vec<u8> {
    leaf(&cavs_key(), |_| {})
}

fn gateways(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    leaf(&spki(P256, NOBODYS_POINT), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = vec![uri(&format!("spiffe://{NETWORK}/gateway/gw1"))];
        change(params);
    })
}

/// The directory of the other vectors, with these TLS keys pinned.
fn directory() -> SignedDirectory {
    let hash = |key: &[u8]| Bytes::copy_from_slice(&sha2::Sha256::digest(key));
    let mut body = world::body();
    for (agency, point) in [(CAV, CAVS_POINT), (SOCIALE, SOCIALES_POINT)] {
        let entry = body.agencies.iter_mut().find(|entry| entry.id == agency).expect("an office of this network");
        entry.agents[0].spki_sha256 = vec![hash(&spki(P256, point))];
    }
    body.gateways[0].spki_sha256 = vec![hash(&spki(P256, NOBODYS_POINT))];
    let body = Bytes::from(body.encode_to_vec());
    world::signed(world::head(&body).encode_to_vec().into(), body, &admins()[..2])
}

/// Behind the lengths of the certificate and of what is signed in it, both of which move with any length inside.
const LENGTHS: usize = 8;

fn vector(fault: Fault, role: &str, faulty: Vec<u8>, right: &[u8]) -> Vector {
    let context = vec![
        ("role", role.to_owned()),
        ("now", NOW.as_millis().to_string()),
        ("trust", trust()),
        ("directory", hex(&directory().encode_to_vec())),
    ];
    let seams = if faulty[..2] == right[..2] { vec![(LENGTHS, LENGTHS)] } else { Vec::new() };
    fault.vector("certificate", context, faulty, right, &seams)
}

fn of_agent(name: &'static str, rules: &'static str, code: &'static str, says: &'static str, faulty: Vec<u8>) -> Vector {
    vector(Fault { name, rules, code, says, remade: SIGNATURE }, "agent", faulty, &honest())
}

fn refused(name: &'static str, rules: &'static str, says: &'static str, change: impl FnOnce(&mut CertificateParams)) -> Vector {
    of_agent(name, rules, "UNAUTHENTICATED", says, leaf(&cavs_key(), change))
}

pub fn all() -> Vec<Vector> {
    [shapes(), names(), usages(), keys(), offices(), of_gateways()].into_iter().flatten().collect()
}

fn shapes() -> Vec<Vector> {
    let unreadable = |name, says, faulty: Vec<u8>| {
        let fault = Fault { name, rules: "C-01", code: "UNAUTHENTICATED", says, remade: NOTHING };
        vector(fault, "agent", faulty, &honest())
    };
    let cut = honest()[..honest().len() - 1].to_vec();
    vec![
        unreadable("c-01-a-byte-more", "A byte stands after the certificate.", [honest(), vec![0]].concat()),
        unreadable("c-01-cut", "The last byte is lacking.", cut),
        unreadable("c-01-no-certificate", "No certificate at all.", vec![0xff; 40]),
    ]
}

fn names() -> Vec<Vector> {
    let only = |text: &str| {
        let text = text.to_owned();
        move |params: &mut CertificateParams| params.subject_alt_names = vec![uri(&text)]
    };
    let spelled = |name, says, text: &str| refused(name, "I-01 C-02", says, only(text));
    let of = |rest: &str| format!("spiffe://{NETWORK}{rest}");
    vec![
        refused("c-02-no-name", "C-02", "It has no name.", |p| p.subject_alt_names.clear()),
        refused("c-02-host-name-only", "C-02", "It has the name of a host, and no URI.", |p| {
            p.subject_alt_names = vec![SanType::DnsName("localhost".try_into().expect("a host"))];
        }),
        refused("c-02-two-uris", "C-02", "It has a second URI name.", |p| {
            p.subject_alt_names.push(agent(NETWORK, SOCIALE, "a1"))
        }),
        spelled("i-01-capitals", "The agency is written with a capital.", &of("/agency/Cav-ginestra/agent/a1")),
        spelled("i-01-port", "A port follows the network.", &of(":443/agency/cav-ginestra/agent/a1")),
        spelled("i-01-query", "A query follows the machine.", &of("/agency/cav-ginestra/agent/a1?x")),
        spelled("i-01-a-segment-more", "A segment follows the machine.", &of("/agency/cav-ginestra/agent/a1/a2")),
        spelled("i-01-a-segment-less", "The machine is lacking.", &of("/agency/cav-ginestra")),
        spelled("i-01-https", "Another scheme.", &format!("https://{NETWORK}/agency/cav-ginestra/agent/a1")),
        refused("c-07-another-network", "C-07", "It is of another network.", |p| {
            p.subject_alt_names = vec![agent("rete-altra.invalid", CAV, "a1")];
        }),
    ]
}

fn usages() -> Vec<Vector> {
    let usage = |name, says, change: fn(&mut CertificateParams)| refused(name, "C-04", says, change);
    vec![
        refused("c-03-an-authority", "C-03", "It is a CA's.", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
        usage("c-04-signs-certificates", "Its key may sign certificates too.", |p| {
            p.key_usages.push(KeyUsagePurpose::KeyCertSign);
        }),
        usage("c-04-no-signature", "Its key may not sign.", |p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
        usage("c-04-no-usage", "It says nothing of what its key is for.", |p| p.key_usages.clear()),
        usage("c-04-a-servers", "It is for servers.", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
        usage("c-04-any-usage", "It is for any use.", |p| p.extended_key_usages.push(ExtendedKeyUsagePurpose::Any)),
        usage("c-04-no-extended-usage", "It does not say that it is for clients.", |p| p.extended_key_usages.clear()),
    ]
}

fn keys() -> Vec<Vector> {
    let other = |name, rules, says, key: Vec<u8>| of_agent(name, rules, "UNAUTHENTICATED", says, leaf(&key, |_| {}));
    vec![
        other("c-05-p-384", "C-05", "Its key is of P-384.", spki(P384, P384_POINT)),
        refused("c-06-over", "C-06", "It ended a second ago.", |p| at(p, -day(), -1)),
        refused("c-06-not-yet", "C-06", "It begins in a second.", |p| at(p, 1, 396 * day())),
        other("c-09-anothers-key", "C-09", "Its key is another office's.", spki(P256, SOCIALES_POINT)),
        other("c-09-nobodys-key", "C-09", "Its key is the gateway's.", spki(P256, NOBODYS_POINT)),
    ]
}

fn offices() -> Vec<Vector> {
    let office = |name, code, says, agency: &'static str| {
        of_agent(name, "C-08", code, says, leaf(&cavs_key(), |p| p.subject_alt_names = vec![agent(NETWORK, agency, "a1")]))
    };
    vec![
        office("c-08-stranger", "UNAUTHENTICATED", "The agency is not in the directory.", STRANGER),
        office("c-08-suspended", "AGENCY_SUSPENDED", "The agency is suspended.", SUSPENDED),
        office("c-08-revoked", "AGENCY_REVOKED", "The agency is revoked.", REVOKED),
        office("c-08-agent-over", "NOT_ALLOWED", "The agency's machine is past its last instant.", OVER),
        refused("c-08-another-machine", "C-08", "The agency has no such machine.", |p| {
            p.subject_alt_names = vec![agent(NETWORK, CAV, "a2")];
        }),
        refused("c-08-a-gateways-name", "C-08", "It is named as a gateway, and comes as an agent.", |p| {
            p.subject_alt_names = vec![uri(&format!("spiffe://{NETWORK}/gateway/gw1"))];
        }),
    ]
}

fn of_gateways() -> Vec<Vector> {
    let right = gateways(|_| {});
    let make = |name, rules, says, faulty: Vec<u8>| {
        vector(Fault { name, rules, code: "UNAUTHENTICATED", says, remade: SIGNATURE }, "gateway", faulty, &right)
    };
    vec![
        make(
            "c-04-gateway-a-clients",
            "C-04",
            "A gateway's, for clients.",
            gateways(|p| {
                p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
        ),
        make(
            "c-08-gateway-stranger",
            "C-08",
            "A gateway that is not in the directory.",
            gateways(|p| {
                p.subject_alt_names = vec![uri(&format!("spiffe://{NETWORK}/gateway/gw2"))];
            }),
        ),
        make(
            "c-09-gateway-another-key",
            "C-09",
            "A gateway's, with the key of an office.",
            leaf(&cavs_key(), |p| {
                p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                p.subject_alt_names = vec![uri(&format!("spiffe://{NETWORK}/gateway/gw1"))];
            }),
        ),
    ]
}
