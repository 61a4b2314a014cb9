//! The network of the vectors, with the keys of `raccordo_tests::test_keys`.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_proto::ids::Digest;
use raccordo_proto::sign::{self, HeadPurpose, Signer as _};
use raccordo_proto::wire::{
    self, Agency, AgencyKind, Agent, Body, Capability, Equipe, EquipeMember, EquipeRole, Head, Programme, Root, SignedDirectory,
    State, Trust,
};
pub use raccordo_tests::test_keys::{CAV, CPI, NETWORK, NOW, admin_key, key, opening_key, secret};
use sha2::Digest as _;

use crate::format::hex;

pub const DAY: u64 = 86_400_000;
pub const SOCIALE: &str = "sociale-rivabella";
pub const SIL: &str = "sil-rivabella";
pub const SUSPENDED: &str = "cav-sospeso";
pub const REVOKED: &str = "cav-revocato";
pub const OVER: &str = "cav-scaduto";
pub const STRANGER: &str = "cav-ignoto";

/// The admins: two of three must sign.
pub fn admins() -> Vec<SigningKey> {
    ["admin one", "admin two", "admin three"].map(key).to_vec()
}

pub fn root() -> Root {
    let admin_keys = admins().iter().map(admin_key).collect();
    Root { admin_keys, threshold: 2, confirm_keys: Vec::new(), x509_roots: vec![Bytes::from_static(&[9; 32])] }
}

pub fn trust() -> String {
    hex(&Trust { network: NETWORK.to_owned(), root_version: 1, root: Some(root()) }.encode_to_vec())
}

fn agency(id: &str, kind: AgencyKind, capabilities: &[Capability], state: State) -> Agency {
    let until = if id == OVER { NOW.as_millis() - 1 } else { NOW.as_millis() + 400 * DAY };
    let agent = Agent {
        id: "a1".to_owned(),
        ik: Bytes::copy_from_slice(key(id).public_key().as_bytes()),
        spki_sha256: vec![Bytes::copy_from_slice(Digest::of(id.as_bytes()).as_bytes())],
        state: state.into(),
        from: NOW.as_millis() - 30 * DAY,
        until,
        revoked_at: 0,
    };
    Agency {
        id: id.to_owned(),
        office: format!("Ufficio {id} (nome di fantasia)"),
        body: "Ente di fantasia".to_owned(),
        kind: kind.into(),
        ambito: "cremona".to_owned(),
        phone: String::new(),
        capabilities: capabilities.iter().map(|capability| (*capability).into()).collect(),
        state: state.into(),
        agents: vec![agent],
        card_hash: Bytes::new(),
    }
}

fn equipe(id: &str, members: &[(&str, EquipeRole)]) -> Equipe {
    let member = |(agency, role): &(&str, EquipeRole)| EquipeMember { agency: (*agency).to_owned(), role: (*role).into() };
    Equipe {
        id: id.to_owned(),
        ambito: id.to_owned(),
        members: members.iter().map(member).collect(),
        required_signatures: Vec::new(),
    }
}

/// What the network consists of.
pub fn body() -> Body {
    let (segnala, riceve) = (Capability::Segnala, Capability::Riceve);
    let (cav, sociale) = ((CAV, EquipeRole::Cav), (SOCIALE, EquipeRole::ServizioSociale));
    Body {
        agencies: vec![
            agency(CAV, AgencyKind::Cav, &[segnala, riceve], State::Active),
            agency(SOCIALE, AgencyKind::ServizioSociale, &[segnala, riceve], State::Active),
            agency(CPI, AgencyKind::Cpi, &[riceve], State::Active),
            agency(SIL, AgencyKind::Sil, &[riceve], State::Active),
            agency(SUSPENDED, AgencyKind::Cav, &[segnala], State::Suspended),
            agency(REVOKED, AgencyKind::Cav, &[segnala], State::Revoked),
            agency(OVER, AgencyKind::Cav, &[segnala], State::Active),
            agency("comune-capofila", AgencyKind::Comune, &[Capability::Valida], State::Active),
        ],
        equipes: vec![
            equipe("cremona", &[cav, sociale, (CPI, EquipeRole::Cpi), (SIL, EquipeRole::Sil)]),
            equipe("crema", &[cav, sociale]),
        ],
        programmes: vec![Programme {
            id: "lia-2".to_owned(),
            title: "Programma di prova".to_owned(),
            from: NOW.as_millis(),
            until: NOW.as_millis() + 400 * DAY,
            capofila: "comune-capofila".to_owned(),
            agencies: Vec::new(),
        }],
        gateways: vec![wire::Gateway {
            id: "gw1".to_owned(),
            endpoints: Vec::new(),
            spki_sha256: vec![Bytes::from_static(&[8; 32])],
        }],
        ..Default::default()
    }
}

/// The head over a body, of version 1.
pub fn head(body: &[u8]) -> Head {
    Head {
        spec: 1,
        network: NETWORK.to_owned(),
        version: 1,
        root_version: 1,
        issued: NOW.as_millis() - DAY,
        expires: NOW.as_millis() + 180 * DAY,
        previous_head: Bytes::new(),
        body_hash: Bytes::copy_from_slice(&sha2::Sha512::digest(body)),
        root: Some(root()),
        supersedes: Vec::new(),
    }
}

/// A document as these keys sign it.
pub fn signed(head: Bytes, body: Bytes, signers: &[SigningKey]) -> SignedDirectory {
    let signature = |key: &SigningKey| {
        let signed = sign::sign::<HeadPurpose>(head.clone(), key);
        wire::Signature { key_id: admin_key(key).key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) }
    };
    SignedDirectory { signatures: signers.iter().map(signature).collect(), head, body }
}

/// The directory that every office has.
pub fn first() -> SignedDirectory {
    let body = Bytes::from(body().encode_to_vec());
    signed(head(&body).encode_to_vec().into(), body, &admins()[..2])
}
