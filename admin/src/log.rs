//! The authority's log: one line of JSON per act, each with the hash of the line before, so that a line that was changed, put
//! in or taken out is seen. It says when, what, about whom and why; never a key, never anything of a case. A row is durable before
//! the files of its act: one that a crash has interrupted there is done once more, with a second row.
//!
//! Not here: the file (`cli`), a key that seals it. Rows taken off the end, or all written anew, leave no trace here: they are
//! missed by whoever has a copy or the last row's hash, and by the versions that were signed.

use raccordo_proto::Timestamp;
use raccordo_terminal::text::Sentence;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::document::{hex, instant_text};

/// What stands where the first row has no row before it.
const NOTHING_BEFORE: [u8; 32] = [0; 32];

/// An act, before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was done: as it was typed or, of a version, what became of it here: «directory propose», «directory sign».
    pub act: &'static str,
    /// To whom or what: ids.
    pub about: Vec<String>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

impl Entry {
    /// An act about these, without a reason.
    pub fn new(act: &'static str, about: &[&str]) -> Self {
        Self { act, about: about.iter().map(|id| (*id).to_owned()).collect(), reason: None }
    }

    /// An act about these.
    pub fn about(act: &'static str, about: &[impl ToString]) -> Self {
        Self { act, about: about.iter().map(ToString::to_string).collect(), reason: None }
    }

    /// The same, with a reason.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// From 1, without a gap.
    pub number: u64,
    /// When.
    pub at: String,
    /// What was done.
    pub act: String,
    /// To whom or what.
    pub about: Vec<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The version that was signed last; for a signature, the one that it makes.
    pub version: u64,
    /// Whether a row that a crash had torn stood here: its act was not done.
    #[serde(skip_serializing_if = "is_false", default)]
    pub after_torn: bool,
    /// SHA-256 of the line before, hex.
    pub before: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Why a log is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFault {
    /// A whole line that is no row.
    Unreadable(u64),
    /// A row that does not follow on the one before.
    Broken(u64),
}

impl LogFault {
    /// Its sentence.
    pub fn said(self) -> Sentence {
        match self {
            Self::Unreadable(line) => Sentence::new("fault-log-unreadable", &[("line", &line.to_string())]),
            Self::Broken(line) => Sentence::new("fault-log-broken", &[("line", &line.to_string())]),
        }
    }
}

/// A log that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Bytes of whole rows.
    pub whole_bytes: usize,
    /// Whether a crash has torn a row after them.
    pub torn: bool,
    /// SHA-256 of the last row's line.
    pub last: [u8; 32],
}

/// Reads and verifies a log from its first row. What has no end of line is a row that a crash has torn: its act was never done.
pub fn verify(bytes: &[u8]) -> Result<Verified, LogFault> {
    let whole_bytes = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (mut rows, mut last, mut number) = (Vec::new(), NOTHING_BEFORE, 0);
    for line in bytes[..whole_bytes].split_inclusive(|byte| *byte == b'\n') {
        number += 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let row: Row = serde_json::from_slice(line).map_err(|_| LogFault::Unreadable(number))?;
        if row.number != number || row.before != hex(&last) {
            return Err(LogFault::Broken(number));
        }
        last = hash(line);
        rows.push(row);
    }
    Ok(Verified { rows, whole_bytes, torn: whole_bytes < bytes.len(), last })
}

impl Verified {
    /// The lines that come next, each with its end.
    pub fn lines(&self, entries: &[Entry], version: u64, now: Timestamp) -> Vec<u8> {
        let mut number = self.rows.last().map_or(0, |row| row.number);
        let (mut before, mut after_torn, mut lines) = (self.last, self.torn, Vec::new());
        for entry in entries {
            number = number.saturating_add(1);
            let row = Row {
                number,
                at: instant_text(now),
                act: entry.act.to_owned(),
                about: entry.about.clone(),
                reason: entry.reason.clone(),
                version,
                after_torn: core::mem::take(&mut after_torn),
                before: hex(&before),
            };
            let line = serde_json::to_vec(&row).expect("texts and numbers");
            before = hash(&line);
            lines.extend(line);
            lines.push(b'\n');
        }
        lines
    }

    /// Signed versions, from `first` to `last`, that this log should know and does not: rows were taken out.
    pub fn unknown_versions(&self, first: u64, last: u64) -> Vec<u64> {
        let Some(row) = self.rows.first() else { return Vec::new() };
        let signed = |version: u64| self.rows.iter().any(|row| row.act == SIGN && row.version == version);
        // What was signed before the log began is not in it.
        (row.version.saturating_add(1).max(first)..=last).filter(|version| !signed(*version)).collect()
    }
}

/// The act of signing a version.
pub const SIGN: &str = "directory sign";

fn hash(line: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(line).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn log(entries: &[Entry]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (entry, version) in entries.iter().zip(1..) {
            let line = verify(&bytes).expect("our own").lines(std::slice::from_ref(entry), version, NOW);
            bytes.extend(line);
        }
        bytes
    }

    fn three() -> Vec<u8> {
        log(&[
            Entry::new("agency approve", &["cav-ginestra"]),
            Entry::new("agency suspend", &["cav-ginestra"]).because("«prova»\ncon un a capo"),
            Entry::new(SIGN, &[]),
        ])
    }

    #[test]
    fn rows_follow_on_each_other_from_the_first() {
        let verified = verify(&three()).expect("our own");
        assert_eq!((verified.rows.len(), verified.torn), (3, false));
        assert_eq!(verified.rows[1].reason.as_deref(), Some("«prova»\ncon un a capo"));
        assert_eq!(verified.rows[1].about, ["cav-ginestra"]);
        assert_eq!(verify(b"").map(|empty| empty.rows.len()), Ok(0));
    }

    #[test]
    fn whatever_byte_is_changed_is_seen() {
        let log = three();
        let last_line = log[..log.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("three lines") + 1;
        for at in 0..last_line {
            for changed in [log[at] ^ 1, b'\n', b'x'] {
                let mut bytes = log.clone();
                bytes[at] = changed;
                assert!(bytes == log || verify(&bytes).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn rows_put_in_taken_out_or_turned_round_are_seen() {
        let log = three();
        let lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
        for (order, fault) in [
            (&[1, 2][..], LogFault::Broken(1)),
            (&[0, 2], LogFault::Broken(2)),
            (&[1, 0, 2], LogFault::Broken(1)),
            (&[0, 0, 1, 2], LogFault::Broken(2)),
        ] {
            let bytes: Vec<u8> = order.iter().flat_map(|line| lines[*line].to_vec()).collect();
            assert_eq!(verify(&bytes), Err(fault), "{order:?}");
        }
    }

    #[test]
    fn a_torn_row_is_no_changed_one_and_the_next_says_so() {
        let log = three();
        let two = verify(&log).expect("our own").whole_bytes - 10;
        for cut in [two, log.len() - 1] {
            let torn = verify(&log[..cut]).expect("two rows and a torn one");
            assert_eq!((torn.rows.len(), torn.torn), (2, true));
            let mut bytes = log[..torn.whole_bytes].to_vec();
            bytes.extend(torn.lines(&[Entry::new("apply", &[])], 0, NOW));
            let after = verify(&bytes).expect("it goes on");
            assert_eq!((after.rows.len(), after.rows[2].after_torn, after.torn), (3, true, false));
        }
    }

    #[test]
    fn a_signed_version_without_its_row_is_missed() {
        let log = log(&[Entry::new("apply", &[]), Entry::new(SIGN, &[]), Entry::new("apply", &[])]);
        let verified = verify(&log).expect("our own");
        assert_eq!((verified.unknown_versions(1, 2), verified.unknown_versions(1, 4)), (vec![], vec![3, 4]));
    }

    #[test]
    fn a_folder_that_begins_at_a_later_version_misses_none_from_before() {
        let log = log(&[Entry::new("network join", &[]), Entry::new(SIGN, &[])]);
        let verified = verify(&log).expect("our own");
        assert_eq!((verified.unknown_versions(5, 5), verified.unknown_versions(2, 5)), (vec![5], vec![3, 4, 5]));
        assert!(verified.unknown_versions(3, 2).is_empty());
    }

    #[test]
    fn acts_of_one_command_are_one_chain() {
        let two = verify(b"").expect("nothing").lines(&[Entry::new("apply", &[]), Entry::new(SIGN, &[])], 1, NOW);
        let verified = verify(&two).expect("our own");
        assert_eq!(verified.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    }
}
