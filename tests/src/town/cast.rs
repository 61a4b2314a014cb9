//! The cast of the demo as a roster: who is in it, with which keys, roles and programme. Not here: what they do.

use std::collections::BTreeMap;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_admin::roster::{Equipe, Machine, Office as Entry, Policy, Programme, Relay, Roster};
use raccordo_proto::ids::{AgencyId, AgentId, EquipeId, GatewayId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{AgencyKind, Capability, EquipeRole, State};

use super::{DAWN, agency};

pub(super) fn machine() -> AgentId {
    AgentId::parse("a1").expect("a slug")
}

pub(super) fn spki(id: &AgencyId) -> [u8; 32] {
    *raccordo_proto::ids::Digest::of(id.as_str().as_bytes()).as_bytes()
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
    let until = DAWN.plus(Duration::from_secs(400 * 86_400));
    let office = |row: &Row| Entry {
        id: agency(row.0),
        office: format!("Ufficio {} (nome di fantasia)", row.0),
        body: "Ente di fantasia".to_owned(),
        kind: row.1,
        ambito: "cremona".to_owned(),
        capabilities: row.2.to_vec(),
        state: State::Active,
        machines: vec![Machine {
            id: machine(),
            ik: keys[&agency(row.0)].public_key(),
            spki_sha256: vec![spki(&agency(row.0))],
            state: State::Active,
            from: DAWN,
            until,
            revoked_at: None,
        }],
    };
    let members = CAST.iter().filter_map(|row| Some((agency(row.0), row.3?))).collect();
    Roster {
        offices: CAST.iter().map(office).collect(),
        equipes: vec![Equipe {
            id: EquipeId::parse("cremona").expect("a slug"),
            ambito: "cremona".to_owned(),
            members,
            required_signatures: Vec::new(),
        }],
        programmes: vec![Programme {
            id: "lia-2".to_owned(),
            title: "Programma di prova".to_owned(),
            from: DAWN,
            until,
            capofila: agency("comune-capofila"),
            agencies: Vec::new(),
        }],
        gateways: vec![Relay { id: GatewayId::parse("gw1").expect("a slug"), endpoints: Vec::new(), spki_sha256: vec![[8; 32]] }],
        policy: Policy::default(),
        revocations: Vec::new(),
    }
}
