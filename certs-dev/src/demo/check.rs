//! Whether the gateway kept anything: its memory at three moments, its files, its logs, and the control that shows that the
//! same search would have found it.
//!
//! Plaintext must be nowhere at any moment. Ciphertext may be in live buffers while letters pass; it must be gone once the
//! gateway has scrubbed them, and stay gone when the agents have left. Not here: how bytes are searched (`scan`).

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use fluent_bundle::FluentValue;

use super::form::{Form, MARKERS};
use super::report::Report;
use super::scan::{Needles, Scan};
use super::stage::Stage;
use super::text::Texts;
use super::windows::{self, WINDOWS};
use crate::cast;

/// How long the gateway may take to scrub its buffers, and to free those of agents that have left.
const SCRUB_MAX: Duration = Duration::from_secs(5);
/// Between two scans.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What was looked for and what was found so far.
pub struct Check {
    needles: Needles,
    first_look: Instant,
    /// How long after the first look the buffers were seen clean.
    scrub_took: Duration,
    markers_in_memory: Scan,
    windows_attached: Option<usize>,
    windows_scrubbed: Option<usize>,
    windows_left: Option<usize>,
    bytes_memory: Option<u64>,
    disk: Scan,
    log: Scan,
    /// `None` where memory cannot be read: then nobody has looked.
    control_markers: Option<usize>,
    control_windows: usize,
}

impl Check {
    /// The first look, right after the last letter passed.
    pub fn attached(stage: &Stage, form: &Form, record: &Path) -> anyhow::Result<Self> {
        let windows = windows::draw(&windows::envelopes(record)?)?;
        let markers = form.markers.iter().map(|marker| marker.clone().into_bytes());
        let needles = Needles::new(markers.chain(windows).collect()).context("needles are long enough")?;
        let mut check = Self {
            needles,
            first_look: Instant::now(),
            scrub_took: Duration::ZERO,
            markers_in_memory: Scan::default(),
            windows_attached: None,
            windows_scrubbed: None,
            windows_left: None,
            bytes_memory: None,
            disk: Scan::default(),
            log: Scan::default(),
            control_markers: None,
            control_windows: 0,
        };
        check.windows_attached = check.look(stage)?;
        Ok(check)
    }

    /// After the scrub: looks until no window is left, or the time is over.
    pub async fn scrubbed(&mut self, stage: &Stage) -> anyhow::Result<()> {
        self.windows_scrubbed = self.look_until_clean(stage).await?;
        self.scrub_took = self.first_look.elapsed();
        clean(self.windows_scrubbed, "after the scrub")
    }

    /// After the agents have left.
    pub async fn left(&mut self, stage: &Stage) -> anyhow::Result<()> {
        self.windows_left = self.look_until_clean(stage).await?;
        clean(self.windows_left, "after the agents have left")
    }

    /// The same search must find every marker at the sender, and every window in what its link wrote.
    pub fn control(&mut self, stage: &Stage, record: &Path) -> anyhow::Result<()> {
        let pid = stage.agent_pid(&cast::cav())?;
        let sender = self.needles.search_process(pid).context("the CAV agent's memory")?;
        self.control_markers = sender.map(|scan| scan.found.count(0..MARKERS));
        let mut written = Scan::default();
        self.needles.search_file(record, &mut written).context("the link's record")?;
        self.control_windows = written.found.count(MARKERS..self.needles.len());
        let found = self.control_markers.unwrap_or(MARKERS);
        ensure!(found == MARKERS, "the scanner finds {found} of {MARKERS} markers at the CAV");
        ensure!(self.control_windows == WINDOWS, "the scanner finds {} of {WINDOWS} windows", self.control_windows);
        Ok(())
    }

    /// Everything in the gateway's folder, its own state included, and its two streams.
    pub fn disk(&mut self, stage: &Stage) -> anyhow::Result<()> {
        self.needles.search_folder(stage.network.gateway().path(), &mut self.disk).context("the gateway's folder")?;
        for log in stage.gateway_logs() {
            self.needles.search_file(&log, &mut self.log).context("the gateway's logs")?;
        }
        ensure!(self.hits(&self.disk) == 0, "the gateway's files hold {} of what was sent", self.hits(&self.disk));
        ensure!(self.hits(&self.log) == 0, "the gateway's logs hold {} of what was sent", self.hits(&self.log));
        let markers = self.markers_in_memory.found.count(0..MARKERS);
        ensure!(markers == 0, "the gateway's memory held {markers} markers in clear");
        Ok(())
    }

    /// The figures.
    pub fn fill(&self, report: &mut Report) {
        report.hits_disk = self.hits(&self.disk);
        report.hits_log = self.hits(&self.log);
        report.hits_memory = self.hits_memory();
        report.hits_memory_attached = self.windows_attached;
        report.bytes_disk = self.disk.bytes;
        report.bytes_log = self.log.bytes;
        report.bytes_memory = self.bytes_memory;
        // Of what was looked for: markers that nobody could look for are in neither.
        report.control_found = self.control_markers.unwrap_or(0) + self.control_windows;
        report.control_expected = self.control_markers.map_or(0, |_| MARKERS) + WINDOWS;
    }

    /// The lines that say so.
    pub fn lines(&self, texts: &Texts) -> Vec<String> {
        let number = |count: usize| FluentValue::from(texts.number(count));
        let megabytes = |bytes: u64| number(usize::try_from(bytes >> 20).unwrap_or(usize::MAX));
        let (memory, when) = match self.bytes_memory {
            Some(bytes) => (texts.say("scan-memory", &[("megabytes", megabytes(bytes))]), texts.say("scan-when", &[])),
            None => (texts.say("scan-no-memory", &[]), String::new()),
        };
        let hits = self.hits(&self.disk) + self.hits(&self.log) + self.hits_memory().unwrap_or(0);
        let scanned = [
            ("markers", number(MARKERS)),
            ("windows", number(WINDOWS)),
            ("memory", memory.into()),
            ("files", number(self.disk.places)),
            ("logs", number(self.log.places)),
            ("hits", number(hits)),
            ("when", when.into()),
        ];
        let label = texts.say("label-scan", &[]);
        let control = self.control_line(texts);
        let mut lines = vec![format!("{label:<13} {}", texts.say("scanned", &scanned)), format!("{:<13} {control}", "")];
        if let (Some(attached), Some(after), Some(left)) = (self.windows_attached, self.windows_scrubbed, self.windows_left) {
            let millis = usize::try_from(self.scrub_took.as_millis()).unwrap_or(usize::MAX);
            let args =
                [("hits", number(attached)), ("scrubMillis", number(millis)), ("after", number(after)), ("left", number(left))];
            lines.push(format!("{:<13} {}", "", texts.say("attached", &args)));
        }
        lines
    }

    fn control_line(&self, texts: &Texts) -> String {
        let number = |count: usize| FluentValue::from(texts.number(count));
        let markers = match self.control_markers {
            Some(found) => texts.say("control-markers", &[("markersFound", number(found)), ("markers", number(MARKERS))]),
            None => texts.say("control-no-markers", &[]),
        };
        let windows = number(self.control_windows);
        texts.say("control", &[("markers", markers.into()), ("windowsFound", windows), ("windows", number(WINDOWS))])
    }

    fn hits(&self, scan: &Scan) -> usize {
        scan.found.count(0..self.needles.len())
    }

    fn hits_memory(&self) -> Option<usize> {
        let windows = self.windows_scrubbed?.max(self.windows_left?);
        Some(windows + self.markers_in_memory.found.count(0..MARKERS))
    }

    async fn look_until_clean(&mut self, stage: &Stage) -> anyhow::Result<Option<usize>> {
        let began = Instant::now();
        loop {
            let windows = self.look(stage)?;
            if windows.is_none_or(|windows| windows == 0) || began.elapsed() > SCRUB_MAX {
                return Ok(windows);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// One scan of the gateway's memory: how many windows it found. `None` where memory cannot be read.
    fn look(&mut self, stage: &Stage) -> anyhow::Result<Option<usize>> {
        let Some(scan) = self.needles.search_process(stage.gateway_pid()?).context("the gateway's memory")? else {
            return Ok(None);
        };
        self.markers_in_memory.found.merge(&scan.found);
        self.bytes_memory = Some(self.bytes_memory.map_or(scan.bytes, |bytes| bytes.min(scan.bytes)));
        Ok(Some(scan.found.count(MARKERS..self.needles.len())))
    }
}

fn clean(windows: Option<usize>, when: &str) -> anyhow::Result<()> {
    let windows = windows.unwrap_or(0);
    ensure!(windows == 0, "{when}, {windows} windows of ciphertext are in the gateway's memory");
    Ok(())
}

#[cfg(test)]
mod tests {
    use raccordo_terminal::text::Lang;

    use super::*;

    fn check(control_markers: Option<usize>, bytes_memory: Option<u64>) -> Check {
        let needles = (0..MARKERS + WINDOWS).map(|n| format!("needle {n:017}").into_bytes());
        Check {
            needles: Needles::new(needles.collect()).expect("long enough"),
            first_look: Instant::now(),
            scrub_took: Duration::ZERO,
            markers_in_memory: Scan::default(),
            windows_attached: None,
            windows_scrubbed: None,
            windows_left: None,
            bytes_memory,
            disk: Scan::default(),
            log: Scan::default(),
            control_markers,
            control_windows: WINDOWS,
        }
    }

    fn told(check: &Check) -> (String, usize, usize) {
        let mut report = Report::default();
        check.fill(&mut report);
        (check.lines(&Texts::new(Lang::It)).join("\n"), report.control_found, report.control_expected)
    }

    #[test]
    fn what_was_found_is_told_and_counted() {
        let (lines, found, expected) = told(&check(Some(MARKERS), Some(49 << 20)));
        assert!(lines.contains("49 MB di memoria") && lines.contains("0 ritrovamenti (in memoria: "), "{lines}");
        assert!(lines.contains("controllo: 5/5 marcatori trovati presso il CAV, 2.048/2.048 finestre"), "{lines}");
        assert_eq!((found, expected), (MARKERS + WINDOWS, MARKERS + WINDOWS));
    }

    #[test]
    fn where_memory_cannot_be_read_nobody_claims_to_have_looked() {
        let (lines, found, expected) = told(&check(None, None));
        assert!(lines.contains("nessuna memoria (non cercata: "), "{lines}");
        assert!(lines.contains("controllo: marcatori non cercati presso il CAV") && !lines.contains("5/5"), "{lines}");
        assert_eq!((found, expected), (WINDOWS, WINDOWS));
    }
}
