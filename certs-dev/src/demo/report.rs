//! What the demonstration measured, as one JSON object: every figure of one run, and whether the run holds.

use std::time::Instant;

use serde::Serialize;

/// The least memory of a gateway that a scan must have read to count.
pub const MEMORY_BYTES_MIN: u64 = 4 << 20;

/// One step of the run.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Whether it did what it should.
    pub ok: bool,
    /// How long it took.
    pub millis: u64,
}

/// Figures of one run. `None`: not measured, because this system cannot read a process's memory, or the run ended before.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Different letters, by exported files.
    pub letters: usize,
    /// Σ addressed offices over letters.
    pub recipients: usize,
    /// Receipts whose signature, letter and recipient were verified here.
    pub receipts: usize,
    /// Letters that some office holds twice.
    pub duplicates: usize,
    /// Markers and windows found in the gateway's files.
    pub hits_disk: usize,
    /// Markers and windows found in the gateway's logs.
    pub hits_log: usize,
    /// Markers found in the gateway's memory at any moment, and windows after the scrub or after the agents have left.
    pub hits_memory: Option<usize>,
    /// Windows found in its memory with agents attached, before the scrub was over.
    pub hits_memory_attached: Option<usize>,
    /// Bytes of its files.
    pub bytes_disk: u64,
    /// Bytes of its logs.
    pub bytes_log: u64,
    /// Bytes of its memory, in the smallest of the scans.
    pub bytes_memory: Option<u64>,
    /// Markers found at the sender, and windows found in what its link wrote.
    pub control_found: usize,
    /// How many of them were looked for: without the markers where the sender's memory cannot be read.
    pub control_expected: usize,
    /// What was done.
    pub steps: Vec<Step>,
}

impl Report {
    /// Notes how a step went.
    pub fn step<T>(&mut self, name: &'static str, began: Instant, result: anyhow::Result<T>) -> anyhow::Result<T> {
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.steps.push(Step { name, ok: result.is_ok(), millis });
        result
    }

    /// Whether the run shows what it is meant to show.
    pub fn holds(&self) -> bool {
        let memory = match (self.hits_memory, self.bytes_memory) {
            (Some(hits), Some(bytes)) => hits == 0 && bytes > MEMORY_BYTES_MIN,
            _ => !cfg!(target_os = "linux"),
        };
        memory
            && !self.steps.is_empty()
            && self.steps.iter().all(|step| step.ok)
            && self.hits_disk == 0
            && self.hits_log == 0
            && self.letters > 0
            && self.duplicates == 0
            && self.receipts == self.recipients
            && self.control_expected > 0
            && self.control_found == self.control_expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Report {
        Report {
            letters: 4,
            recipients: 10,
            receipts: 10,
            hits_memory: Some(0),
            hits_memory_attached: Some(700),
            bytes_memory: Some(MEMORY_BYTES_MIN + 1),
            control_found: 9,
            control_expected: 9,
            steps: vec![Step { name: "delivery", ok: true, millis: 1 }],
            ..Report::default()
        }
    }

    #[test]
    fn a_run_holds_only_when_every_figure_does() {
        assert!(good().holds());
        let spoil: [fn(&mut Report); 9] = [
            |r| r.hits_disk = 1,
            |r| r.hits_log = 1,
            |r| r.hits_memory = Some(1),
            |r| r.bytes_memory = Some(MEMORY_BYTES_MIN),
            |r| r.control_found = 8,
            |r| r.duplicates = 1,
            |r| r.receipts = 9,
            |r| r.steps[0].ok = false,
            |r| *r = Report::default(),
        ];
        for spoil in spoil {
            let mut report = good();
            spoil(&mut report);
            assert!(!report.holds(), "{report:?}");
        }
    }

    #[test]
    fn the_object_has_exactly_the_promised_keys() {
        let object = serde_json::to_string(&good()).expect("JSON");
        let keys = "letters recipients receipts duplicates hits_disk hits_log hits_memory hits_memory_attached bytes_disk \
                    bytes_log bytes_memory control_found control_expected steps";
        let mut at = 0;
        for key in keys.split_whitespace() {
            let found = object[at..].find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} in {object}"));
            at += found + key.len();
        }
        assert_eq!(object.matches("\":").count(), 14 + 3);
    }
}
