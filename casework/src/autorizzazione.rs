//! The woman's authorisations: one paper form, one signature, one row per office. They are looked at again at every
//! sealing, not only when a letter is queued.
//!
//! Not here: revocation of a row (not built).

use raccordo_proto::Timestamp;
use raccordo_proto::ids::AgencyId;

use crate::dates;
use crate::segnalazione::{Desk, Faults};
use crate::wire::Autorizzazione;

/// What a row lets an office know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cosa {
    /// Nothing: the office was named, and she said no.
    Nessuna,
    /// The scheda minima.
    SchedaMinima,
    /// Who she is, the scheda minima included.
    AncheChiSono,
}

impl Cosa {
    fn read(text: &str) -> Option<Self> {
        match text {
            "NESSUNA" => Some(Self::Nessuna),
            "SCHEDA_MINIMA" => Some(Self::SchedaMinima),
            "ANCHE_CHI_SONO" => Some(Self::AncheChiSono),
            _ => None,
        }
    }
}

/// Whether a live row lets this office know this much.
pub fn allows(rows: &[Autorizzazione], office: &AgencyId, cosa: Cosa, now: Timestamp) -> bool {
    rows.iter().filter(|row| row.ufficio == office.as_str()).any(|row| {
        let live = dates::parse(&row.fino_al).is_some_and(|last_day| !dates::is_over(last_day, now));
        live && Cosa::read(&row.cosa).is_some_and(|allowed| allowed >= cosa)
    })
}

/// Every fault of the rows themselves.
pub(crate) fn check(rows: &[Autorizzazione], desk: &Desk<'_>, faults: &mut Faults) {
    for (i, row) in rows.iter().enumerate() {
        let key = format!("autorizzazioni[{}]", i + 1);
        if !AgencyId::parse(&row.ufficio).is_ok_and(|id| desk.directory.agency(&id).is_some()) {
            faults.about_office(&format!("{key}.ufficio"), "unknown-office", &row.ufficio);
        }
        if rows[..i].iter().any(|earlier| earlier.ufficio == row.ufficio) {
            faults.about_office(&format!("{key}.ufficio"), "duplicate-authorisation", &row.ufficio);
        }
        if Cosa::read(&row.cosa).is_none() {
            faults.one_of(&format!("{key}.cosa"), &row.cosa, &["SCHEDA_MINIMA", "ANCHE_CHI_SONO", "NESSUNA"]);
        }
        for (name, date) in [("cosa", &row.cosa), ("fino_al", &row.fino_al), ("firmata_il", &row.firmata_il)] {
            if date.is_empty() {
                faults.push(&format!("{key}.{name}"), "required");
            }
        }
        faults.date(&format!("{key}.fino_al"), &row.fino_al);
        faults.past(&format!("{key}.firmata_il"), &row.firmata_il, desk.now);
        if dates::parse(&row.fino_al).is_some_and(|last_day| dates::is_over(last_day, desk.now)) {
            faults.about_office(&format!("{key}.fino_al"), "authorisation-expired", &row.ufficio);
        }
    }
}
