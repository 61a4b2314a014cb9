//! The disk of one office of the simulated world: it keeps what was appended, and fails when told to. Not here: when.

use raccordo_casework::desk::Desk;
use raccordo_casework::record::{Change, Journal, JournalFailure, MemoryJournal, Record};
use raccordo_proto::ids::{AgencyId, CaseId};

use super::sabotage::Sabotage;

/// A disk that fails when told to.
#[derive(Default)]
pub(super) struct Disk {
    journal: MemoryJournal,
    /// The records of the last append, made durable or not.
    pub(super) last: Vec<Record>,
    pub(super) fails: bool,
}

impl Disk {
    /// What replay reads; some sabotages forget records here.
    pub(super) fn replay(&self, id: &AgencyId, sabotage: Option<Sabotage>) -> Desk {
        let mut desk = Desk::new(id.clone());
        for record in self.journal.records() {
            match (&record.0, sabotage) {
                (Change::LetterSeen(_), Some(Sabotage::DedupForgotten))
                | (Change::CardShown(_), Some(Sabotage::CounterNotDurable)) => {}
                _ => desk.apply(&record),
            }
        }
        desk
    }

    /// What is on it.
    pub(super) fn records(&self) -> Vec<Record> {
        self.journal.records().collect()
    }

    /// Another disk, with these.
    pub(super) fn replace(&mut self, records: &[Record]) {
        self.journal = MemoryJournal::default();
        self.journal.append(records).expect("memory does not fail");
    }
}

impl Journal for Disk {
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        self.last = records.to_vec();
        if self.fails {
            return Err(JournalFailure { operation: "appending", source: "the power went".into() });
        }
        self.journal.append(records)
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        self.journal.erase(case)
    }
}
