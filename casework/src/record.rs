//! The journal's records and the seam to the disk.
//!
//! A record is one change of a desk's state, written before anything that depends on it leaves the machine. Not here: how
//! a record is sealed and stored (the agent's), what it does to a desk (`desk`).

use prost::Message as _;
use raccordo_proto::ids::CaseId;

use crate::letter::NO_CASE;
use crate::wire;
pub use crate::wire::record::Change;

/// One change of a desk's state.
#[derive(Clone, PartialEq)]
pub struct Record(pub Change);

/// Bytes in a journal that are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a journal entry is not readable")]
pub struct BadRecord;

impl Record {
    /// As stored (`record.proto`).
    pub fn encode(&self) -> Vec<u8> {
        wire::Record { change: Some(self.0.clone()) }.encode_to_vec()
    }

    /// Reads what [`Record::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadRecord> {
        wire::Record::decode(bytes).ok().and_then(|record| record.change).map(Self).ok_or(BadRecord)
    }

    /// The case whose key seals this record; `None` for what outlives cases (transport, ids taken, operators, directory).
    pub fn case(&self) -> Option<CaseId> {
        let in_letter = |bytes: &[u8]| {
            let letter = CaseOfLetter::decode(bytes).ok()?;
            CaseId::parse(&letter.case_id).ok().filter(|case| *case != NO_CASE)
        };
        match &self.0 {
            Change::CaseOpened(opened) => CaseId::parse(&opened.case_id).ok(),
            Change::LetterQueued(queued) => in_letter(&queued.letter),
            Change::LetterReceived(received) => in_letter(&received.letter),
            Change::LetterForked(forked) => in_letter(&forked.letter),
            Change::HeadsDiffer(differ) => CaseId::parse(&differ.case_id).ok(),
            // It holds the letter.
            Change::LetterReturned(returned) => in_letter(&returned.evidence.as_ref()?.returned),
            Change::EpochBegun(_)
            | Change::DirectoryInstalled(_)
            | Change::DirectoryConfirmed(_)
            | Change::DirectoryRivalled(_)
            | Change::CardShown(_)
            | Change::CardSeen(_)
            | Change::OperatorAdded(_)
            | Change::OperatorDisabled(_)
            | Change::LetterDelivered(_)
            | Change::LetterBlocked(_)
            | Change::LetterUnblocked(_)
            | Change::LetterSeen(_)
            | Change::StoreRestored(_)
            | Change::ResyncAsked(_)
            | Change::ResyncAnswered(_)
            | Change::HeadsSent(_)
            | Change::CaseErased(_)
            | Change::KeyAccepted(_) => None,
        }
    }
}

/// A letter of which only the case is read: a start asks each, and nothing is copied for the rest.
#[derive(prost::Message)]
struct CaseOfLetter {
    /// As in `letter.proto`.
    #[prost(bytes = "vec", tag = "3")]
    case_id: Vec<u8>,
}

/// The disk failed. The process stops on it, restarts and replays.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be written: {operation}")]
pub struct JournalFailure {
    /// What was being done.
    pub operation: &'static str,
    /// Why it failed.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Where records become durable. The promise: *what `append` has answered for survives a power cut*, in order, and the
/// records of one call are there all or none. An empty call promises that all earlier ones are durable and writes nothing.
pub trait Journal {
    /// Makes records durable, all or none.
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure>;

    /// Makes what [`Record::case`] says is this case's unreadable for ever, durably; a case that is not there is no fault.
    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure>;
}

/// A journal in memory, for simulations and tests.
#[derive(Default)]
pub struct MemoryJournal {
    entries: Vec<Vec<u8>>,
}

impl MemoryJournal {
    /// What replay would read.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.entries.iter().map(|entry| Record::decode(entry).expect("it was encoded here"))
    }
}

impl Journal for MemoryJournal {
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        self.entries.extend(records.iter().map(Record::encode));
        Ok(())
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        self.entries.retain(|entry| Record::decode(entry).is_ok_and(|record| record.case() != Some(case)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_letter_the_case_alone_is_read_and_one_of_no_case_has_none() {
        let letter = |case_id: &[u8]| {
            let letter =
                wire::Letter { letter_id: vec![1; 16], thread: vec![2; 16], case_id: case_id.to_vec(), ..Default::default() };
            let letter = wire::Letter { sender: "cpi-rivabella".to_owned(), payload: vec![4; 500], ..letter }.encode_to_vec();
            Record(Change::LetterReceived(wire::LetterReceived { letter, ..Default::default() }))
        };
        assert_eq!(letter(&[3; 16]).case(), Some(CaseId::new([3; 16])));
        assert_eq!(letter(NO_CASE.as_bytes()).case(), None);
        assert_eq!(letter(&[3; 15]).case(), None);
        let cut = Record(Change::LetterReceived(wire::LetterReceived { letter: vec![0x0a, 16], ..Default::default() }));
        assert_eq!(cut.case(), None);
    }
}
