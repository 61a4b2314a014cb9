//! The cast of the demo as a roster: who is in it, with which keys, roles and programme. Not here: what they do.

use std::collections::BTreeMap;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_admin::roster::{Equipe, Machine, Office as Entry, Policy, Programme, Relay, Roster};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, AgentId, EquipeId, GatewayId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{AgencyKind, Capability, EquipeRole, State};

use super::{DAWN, agency};

/// The one machine of each office.
pub(crate) fn machine() -> AgentId {
    AgentId::parse("a1").expect("a slug")
}

/// What stands for the TLS key of an office.
pub(crate) fn spki(id: &AgencyId) -> [u8; 32] {
    *raccordo_proto::ids::Digest::of(id.as_str().as_bytes()).as_bytes()
}

/// An invented office, with one machine.
pub(crate) fn office(id: &str, kind: AgencyKind, can: &[Capability], key: &SigningKey, life: (Timestamp, Timestamp)) -> Entry {
    Entry {
        id: agency(id),
        office: format!("Ufficio {id} (nome di fantasia)"),
        body: "Ente di fantasia".to_owned(),
        kind,
        ambito: "cremona".to_owned(),
        phone: String::new(),
        capabilities: can.to_vec(),
        state: State::Active,
        machines: vec![Machine {
            id: machine(),
            ik: key.public_key(),
            spki_sha256: vec![spki(&agency(id))],
            state: State::Active,
            from: life.0,
            until: life.1,
            revoked_at: None,
        }],
    }
}

/// A network of these offices and équipes, with one programme and one gateway.
pub(crate) fn network(offices: Vec<Entry>, equipes: Vec<Equipe>, (from, until): (Timestamp, Timestamp)) -> Roster {
    Roster {
        offices,
        equipes,
        programmes: vec![Programme {
            id: "lia-2".to_owned(),
            title: "Programma di prova".to_owned(),
            from,
            until,
            capofila: agency("comune-capofila"),
            agencies: Vec::new(),
        }],
        gateways: vec![Relay { id: GatewayId::parse("gw1").expect("a slug"), endpoints: Vec::new(), spki_sha256: vec![[8; 32]] }],
        policy: Policy::default(),
        territories: Vec::new(),
        invitations: Vec::new(),
    }
}

/// An équipe of that one ambito.
pub(crate) fn equipe(id: &str, members: Vec<(AgencyId, EquipeRole)>) -> Equipe {
    let id = EquipeId::parse(id).expect("a slug");
    Equipe { id, ambito: "cremona".to_owned(), members, required_signatures: Vec::new() }
}

pub(super) type Row = (&'static str, AgencyKind, &'static [Capability], Option<EquipeRole>);

pub(super) const CAST: &[Row] = &[
    ("cav-ginestra", AgencyKind::Cav, &[Capability::Segnala, Capability::Riceve], Some(EquipeRole::Cav)),
    (
        "sociale-rivabella",
        AgencyKind::ServizioSociale,
        &[Capability::Segnala, Capability::Riceve],
        Some(EquipeRole::ServizioSociale),
    ),
    ("cpi-rivabella", AgencyKind::Cpi, &[Capability::Riceve, Capability::ServiziCpi], Some(EquipeRole::Cpi)),
    ("sil-rivabella", AgencyKind::Sil, &[Capability::Riceve], Some(EquipeRole::Sil)),
    ("comune-capofila", AgencyKind::Comune, &[Capability::Valida], None),
];

pub(super) fn roster(keys: &BTreeMap<AgencyId, SigningKey>) -> Roster {
    let life = (DAWN, DAWN.plus(Duration::from_secs(400 * 86_400)));
    let offices = CAST.iter().map(|row| office(row.0, row.1, row.2, &keys[&agency(row.0)], life)).collect();
    let members = CAST.iter().filter_map(|row| Some((agency(row.0), row.3?))).collect();
    network(offices, vec![equipe("cremona", members)], life)
}
