//! A case is a fold over its letters, own and received, and a few local records. Letters may come in any order: what a case
//! says depends on which letters it has, not on when they came.
//!
//! Not here: deadlines, meetings, projects, closure (not built).

use std::sync::Arc;

use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, CaseId, LetterId};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::letter::{Payload, SignedLetter};
use crate::wire::{Autorizzazione, CaseOpened, ParteRiservata};

/// A letter of a case.
#[derive(Clone, PartialEq)]
pub struct CaseLetter {
    /// The letter.
    pub letter: Arc<SignedLetter>,
    /// When it was received; `None` for one of our own.
    pub received_at: Option<Timestamp>,
}

/// What an office has said of a case; it only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfficeState {
    /// Nobody there has answered.
    Consegnata,
    /// A person has read it.
    Riscontrata,
    /// The office takes its part.
    PresaInCarico,
}

/// What only the referring office knows of its case: no letter carries it.
#[derive(Clone, PartialEq)]
pub struct Opened {
    /// Who created it, and so its assignee.
    pub operator: String,
    /// Offices kept out.
    pub chi_non_deve_sapere: Vec<String>,
    /// The woman's rows.
    pub autorizzazioni: Vec<Autorizzazione>,
    /// Offices that the parte riservata is meant for.
    pub riservata_per: Vec<String>,
    /// The scheda and the r that the segnalazione committed with.
    pub scheda: Option<(Vec<u8>, Vec<u8>)>,
}

/// A case.
#[derive(Clone, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Present where the case is ours.
    pub opened: Option<Opened>,
    letters: Vec<CaseLetter>,
}

impl Case {
    /// A case of which nothing is known yet.
    pub fn new(id: CaseId) -> Self {
        Self { id, opened: None, letters: Vec::new() }
    }

    pub(crate) fn open(&mut self, opened: &CaseOpened) {
        self.opened = Some(Opened {
            operator: opened.operator.clone(),
            chi_non_deve_sapere: opened.chi_non_deve_sapere.clone(),
            autorizzazioni: opened.autorizzazioni.clone(),
            riservata_per: opened.riservata_per.clone(),
            scheda: (!opened.scheda_riservata.is_empty()).then(|| (opened.scheda_riservata.clone(), opened.r.clone())),
        });
    }

    pub(crate) fn add(&mut self, letter: Arc<SignedLetter>, received_at: Option<Timestamp>) {
        let written = |letter: &SignedLetter| (letter.letter().created, letter.letter().letter_id);
        let after = self.letters.partition_point(|earlier| written(&earlier.letter) <= written(&letter));
        self.letters.insert(after, CaseLetter { letter, received_at });
    }

    /// A letter of which its sender signed two versions shows no more, and the other never does: both stay in the journal.
    pub(crate) fn hide(&mut self, letter: LetterId) {
        self.letters.retain(|l| l.letter.letter().letter_id != letter);
    }

    /// Its letters, by the time written on them.
    pub fn letters(&self) -> &[CaseLetter] {
        &self.letters
    }

    /// The referral, once it is here.
    pub fn segnalazione(&self) -> Option<&CaseLetter> {
        self.letters.iter().find(|l| matches!(l.letter.letter().payload, Payload::Segnalazione(_)))
    }

    /// What an office has said.
    pub fn office_state(&self, office: &AgencyId) -> OfficeState {
        let Some(thread) = self.segnalazione().map(|first| first.letter.letter().thread) else { return OfficeState::Consegnata };
        let answers = self.letters.iter().filter(|l| l.letter.letter().thread == thread);
        let said = answers.filter(|l| l.letter.letter().sender == *office).map(|l| match l.letter.letter().payload {
            Payload::PresaInCarico(_) => OfficeState::PresaInCarico,
            Payload::Riscontro(_) => OfficeState::Riscontrata,
            Payload::Segnalazione(_) | Payload::ParteRiservata(_) => OfficeState::Consegnata,
            Payload::Resync(_) | Payload::Returned(_) | Payload::Heads(_) => OfficeState::Consegnata,
        });
        said.max().unwrap_or(OfficeState::Consegnata)
    }

    /// Whether the parte riservata has been sent to this office.
    pub fn has_disclosed_to(&self, office: &AgencyId) -> bool {
        self.letters.iter().any(|l| {
            let letter = l.letter.letter();
            matches!(letter.payload, Payload::ParteRiservata(_)) && letter.recipients.contains(office)
        })
    }

    /// Whether a parte riservata is the text that the segnalazione committed to; else it was written or corrected later.
    pub fn is_committed(&self, riservata: &ParteRiservata) -> bool {
        let Some(first) = self.segnalazione() else { return false };
        let Payload::Segnalazione(segnalazione) = &first.letter.letter().payload else { return false };
        riservata.segnalazione_digest == first.letter.digest().as_bytes()
            && riservata.r.len() == 32
            && bool::from(commitment(&riservata.r, &riservata.scheda)[..].ct_eq(&segnalazione.commitment))
    }
}

/// `SHA-256(r ‖ scheda)`: what a segnalazione says of a parte riservata that travels later, if at all.
pub fn commitment(r: &[u8], scheda: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix(r).chain_update(scheda).finalize().into()
}
