//! Who takes part in a simulated world: seven offices, two équipes, a capofila; and what people write.
//! Not here: when they write it.

use std::collections::BTreeMap;

use core::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_admin::roster::Roster;
use raccordo_casework::wire::{Autorizzazione, Modulo, ModuloRiservata, SchedaRiservata};
use raccordo_proto::Timestamp;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::wire::{AgencyKind, Capability, EquipeRole};

use crate::town::{agency, cast};
pub(super) use cast::{machine, spki};

/// 2026-11-18, 23:30 UTC: midnight, when some authorisations end, falls among the faults.
pub(super) const START: Timestamp = Timestamp::from_millis(1_795_044_600_000);
/// The midnight after it.
pub(super) const MIDNIGHT: Timestamp = Timestamp::from_millis(1_795_046_400_000);
/// The last day of an authorisation that ends at that midnight.
const TONIGHT: &str = "2026-11-18";

type Row = (&'static str, AgencyKind, &'static [Capability], Option<(&'static str, EquipeRole)>);

const REFERS: &[Capability] = &[Capability::Segnala, Capability::Riceve];

const CAST: &[Row] = &[
    ("cav-ginestra", AgencyKind::Cav, REFERS, Some(("cremona", EquipeRole::Cav))),
    ("sociale-rivabella", AgencyKind::ServizioSociale, REFERS, Some(("cremona", EquipeRole::ServizioSociale))),
    ("cpi-rivabella", AgencyKind::Cpi, &[Capability::Riceve, Capability::ServiziCpi], Some(("cremona", EquipeRole::Cpi))),
    ("sil-rivabella", AgencyKind::Sil, &[Capability::Riceve], Some(("cremona", EquipeRole::Sil))),
    ("cav-mimosa", AgencyKind::Cav, REFERS, Some(("crema", EquipeRole::Cav))),
    ("sociale-collina", AgencyKind::ServizioSociale, REFERS, Some(("crema", EquipeRole::ServizioSociale))),
    ("cpi-collina", AgencyKind::Cpi, &[Capability::Riceve, Capability::ServiziCpi], Some(("crema", EquipeRole::Cpi))),
    ("comune-capofila", AgencyKind::Comune, &[Capability::Valida], None),
];

/// Offices that refer, and the équipe they refer to.
pub(super) const REFERRERS: [(&str, &str); 4] =
    [("cav-ginestra", "cremona"), ("sociale-rivabella", "cremona"), ("cav-mimosa", "crema"), ("sociale-collina", "crema")];

/// The office that, in some worlds, keeps its records in the agent's own store.
pub(super) fn on_disk() -> AgencyId {
    agency("cav-ginestra")
}

/// Every office.
pub(super) fn offices() -> impl Iterator<Item = AgencyId> {
    CAST.iter().map(|row| agency(row.0))
}

/// The offices of an équipe, as the cast has them.
pub(super) fn members(equipe: &str) -> Vec<(AgencyId, EquipeRole)> {
    CAST.iter().filter_map(|row| row.3.filter(|(id, _)| *id == equipe).map(|(_, role)| (agency(row.0), role))).collect()
}

/// Offices that may be the hostile one: they receive, and may not refer.
pub(super) const VILLAINS: [&str; 2] = ["sil-rivabella", "cpi-collina"];

/// The others of an office's équipe.
pub(super) fn mates(of: &AgencyId) -> impl Iterator<Item = AgencyId> + use<> {
    let equipe = CAST.iter().find(|row| agency(row.0) == *of).and_then(|row| row.3).map(|(id, _)| id);
    let of = of.clone();
    let mates = CAST.iter().filter(move |row| row.3.is_some_and(|(id, _)| Some(id) == equipe)).map(|row| agency(row.0));
    mates.filter(move |id| *id != of)
}

/// What one form says of who may know: the reference model's whole knowledge of consent.
#[derive(Clone, Default)]
pub(super) struct Consent {
    /// Kept out.
    pub(super) kept_out: Option<AgencyId>,
    /// Whose row ends tonight.
    pub(super) until_midnight: Option<AgencyId>,
    /// Who may know who she is.
    pub(super) riservata_per: Option<AgencyId>,
}

/// A form that says so.
pub(super) fn form(equipe: &str, me: &AgencyId, consent: &Consent) -> Modulo {
    let row = |office: &AgencyId| Autorizzazione {
        ufficio: office.to_string(),
        cosa: if consent.riservata_per.as_ref() == Some(office) { "ANCHE_CHI_SONO" } else { "SCHEDA_MINIMA" }.to_owned(),
        fino_al: if consent.until_midnight.as_ref() == Some(office) { TONIGHT } else { "2027-05-20" }.to_owned(),
        firmata_il: TONIGHT.to_owned(),
    };
    let others = members(equipe).into_iter().map(|(id, _)| id);
    let told = others.filter(|id| id != me && consent.kept_out.as_ref() != Some(id));
    Modulo {
        autorizzazioni: told.map(|id| row(&id)).collect(),
        chi_non_deve_sapere: consent.kept_out.iter().map(ToString::to_string).collect(),
        parte_riservata: consent.riservata_per.as_ref().map(|office| ModuloRiservata {
            per: vec![office.to_string()],
            scheda: Some(SchedaRiservata { nome: "Nome".to_owned(), cognome: "Inventato".to_owned(), ..Default::default() }),
        }),
        ..crate::town::form()
    }
}

/// The network as the admins have it.
pub(super) fn roster(keys: &BTreeMap<AgencyId, SigningKey>) -> Roster {
    let life = (START.minus(Duration::from_secs(86_400)), START.plus(Duration::from_secs(400 * 86_400)));
    let offices = CAST.iter().map(|row| cast::office(row.0, row.1, row.2, &keys[&agency(row.0)], life)).collect();
    let equipes = ["cremona", "crema"].map(|id| cast::equipe(id, members(id))).to_vec();
    cast::network(offices, equipes, life)
}
