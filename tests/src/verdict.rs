//! What is asked of a run and whether it was reached: one row per figure of the evidence. A figure that is absent, short,
//! asked of itself for less than here, or known to nobody, fails the run. Not here: how anything is counted (the tests).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// A figure as its test wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The evidence row.
    pub row: String,
    /// What was counted.
    pub what: String,
    /// How much there was.
    pub reached: u64,
    /// What the test asks of itself.
    pub asked: u64,
    /// Whether `asked` is a ceiling.
    pub at_most: bool,
    /// The file that counted.
    pub place: String,
    /// Why this machine could not count it.
    pub not_run: Option<String>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// At least so much.
    AtLeast(u64),
    /// At most so much.
    AtMost(u64),
    /// So many figures whose `what` begins so, each of at least so much.
    Many(u64, u64),
    /// At least so much; or the reason, in so many words, for which this machine cannot show it.
    OrNotRun(u64),
    /// None; or such a reason.
    NoneOrNotRun,
}

use Asked::{AtLeast, AtMost, Many, NoneOrNotRun, OrNotRun};

/// Everything that is asked of `tests/run`.
pub const ASKED: &[(&str, &str, Asked)] = &[
    ("T1", "seeds simulated", AtLeast(300)),
    ("T1", "letters", AtLeast(45_000)),
    ("T1", "seeds with a violation", AtMost(0)),
    ("T1", "seeds with fewer than 150 letters", AtMost(0)),
    ("T1", "expected things that never happened", AtMost(0)),
    ("T1", "events that two processes told alike", AtLeast(1_000)),
    ("T1", "sabotages turned red", AtLeast(16)),
    ("T3", "kills of the gateway, each with a letter acknowledged and without receipt", AtLeast(20)),
    ("T3", "kills of the sender, each with a letter acknowledged and without receipt", AtLeast(20)),
    ("T3", "kills of the recipient, each with a letter acknowledged and without receipt", AtLeast(20)),
    ("T3", "letters acknowledged", AtLeast(2_000)),
    ("T3", "control: kills of an idle network that would have counted", AtMost(0)),
    ("T3", "letters lost or doubled", AtMost(0)),
    ("T4", "images of a power cut", AtLeast(300)),
    ("T4", "images without an acknowledged record", AtMost(0)),
    ("T4", "images of a power cut in a restore", AtLeast(300)),
    ("T4", "restores half done that open", AtMost(0)),
    ("T4", "control: such images without fdatasync and anchor", AtLeast(1)),
    ("T5", "damaged stores", AtLeast(400)),
    ("T5", "stores silently short", AtMost(0)),
    ("T5", "control: stores short without the anchor", AtLeast(1)),
    ("T5", "refused stores brought back from a backup", AtLeast(100)),
    ("T5", "refused stores not brought back", AtMost(0)),
    ("T6", "property ", Many(40, 1_000)),
    ("T7", "fuzz targets replayed", AtLeast(8)),
    ("T7", "inputs replayed", AtLeast(45_000)),
    ("T7", "fuzz targets that went behind a signature or a seal", AtLeast(8)),
    ("T8", "faulty files refused by their code and accepted once mended", AtLeast(235)),
    ("T8", "rules that a faulty file breaks", AtLeast(68)),
    ("T8", "codes that a faulty file is refused with", AtLeast(21)),
    ("T8", "flips of one envelope refused by the code of their place", AtLeast(170_000)),
    ("T8", "cuts of one envelope refused by the code of their place", AtLeast(34_000)),
    ("T9", "vectors from outside: AES-256-GCM", AtLeast(66)),
    ("T9", "vectors from outside: ChaCha20-Poly1305", AtLeast(316)),
    ("T9", "vectors from outside: Cobblestone-256", AtLeast(35)),
    ("T9", "vectors from outside: ed25519", AtLeast(151)),
    ("T9", "vectors from outside: HKDF-SHA-256", AtLeast(86)),
    ("T9", "vectors from outside: HKDF-SHA-512", AtLeast(83)),
    ("T9", "vectors from outside: ML-KEM-768 decapsulation", AtLeast(201)),
    ("T9", "vectors from outside: ML-KEM-768 encapsulation", AtLeast(265)),
    ("T9", "vectors from outside: ML-KEM-768 keys", AtLeast(100)),
    ("T9", "vectors from outside: X-Wing", AtLeast(3)),
    ("T9", "vectors from outside: x25519", AtLeast(518)),
    ("T10", "envelopes and receipts that Python read", AtLeast(200)),
    ("T10", "envelopes and receipts of Python that were read", AtLeast(200)),
    ("T10", "faults that Python refused by their rule", AtLeast(45)),
    ("T10", "faults of Python that were refused by their code", AtLeast(30)),
    ("T12", "models with an expected answer to each query", AtLeast(22)),
    ("T12", "models that answer as expected: verifpal", OrNotRun(6)),
    ("T12", "models that answer as expected: proverif", OrNotRun(16)),
    ("T13", "knocks of sslyze, each answered with an alert", AtLeast(8)),
    ("T13", "protocols and ciphers that sslyze found at the gateway", AtMost(0)),
    ("T13", "control: protocols that sslyze found at an open door", AtLeast(4)),
    ("T13", "knocks of sslscan, each answered with an alert", OrNotRun(8)),
    ("T13", "protocols and ciphers that sslscan found at the gateway", NoneOrNotRun),
    ("T13", "control: protocols that sslscan found at an open door", OrNotRun(4)),
    ("T13", "knocks of testssl.sh, each answered with an alert", OrNotRun(8)),
    ("T13", "protocols and ciphers that testssl.sh found at the gateway", NoneOrNotRun),
    ("T13", "control: protocols that testssl.sh found at an open door", OrNotRun(4)),
    ("T13", "wishes of OpenSSL 3.5 granted or refused as the protocol says", AtLeast(17)),
    ("T13", "control: refused wishes that an open door grants", AtLeast(10)),
    ("T14", "kinds of certificate that pkilint has read", AtLeast(5)),
    ("T14", "findings of pkilint without a written reason", AtMost(0)),
    ("T14", "control: faulty certificates that pkilint reports", AtLeast(4)),
    ("T14", "chains that openssl takes, strictly", OrNotRun(3)),
    ("T14", "control: chains that openssl refuses", OrNotRun(10)),
    ("T15", "impostors refused in time, by their code, with one row each", AtLeast(46)),
    ("T16", "attacks on the directory that an office does not follow, each beside the document that it takes", AtLeast(22)),
    ("T17", "behaviours of an evil gateway, each detected or harmless", AtLeast(94)),
    ("T17", "control: opposite expectations that are told to be wrong", AtLeast(92)),
    ("T18", "attacks by hostile clients held to half a core", AtLeast(18)),
    ("T18", "attacks that slowed honest letters beyond the limit", AtMost(0)),
    ("T18", "attacks that made the gateway grow beyond the limit", AtMost(0)),
    ("T18", "crashes of the gateway", AtMost(0)),
    ("T21", "letters carried", AtLeast(200)),
    ("T21", "words in clear in the gateway", AtMost(0)),
    ("T21", "windows of ciphertext in memory after the scrub", AtMost(0)),
    ("T21", "windows of ciphertext in memory after the agents have left", AtMost(0)),
    ("T21", "words and windows on disk and in logs", AtMost(0)),
    ("T21", "control: windows that the system allocator leaves", AtLeast(1_001)),
    ("T21", "lines of agents' logs searched", AtLeast(200)),
    ("T21", "words in clear in agents' logs", AtMost(0)),
    ("T21", "lines of level ERROR", AtMost(0)),
    ("T21", "control: words and errors found where they were planted", AtLeast(201)),
    ("T22", "agents put out, of 500 attached", AtLeast(499)),
    ("T22", "ms from a publish answer to the end of a stream at its agent, 99th percentile", AtMost(2_000)),
    ("T22", "agents cut that nobody put out", AtMost(0)),
    ("T23", "letters that a restored recipient was given back", AtLeast(2)),
    ("T23", "letters of a week that came back byte by byte", AtLeast(7)),
    ("T23", "proofs of delivery that a restored sender has again", AtLeast(3)),
    ("T24", "erased cases that came back", AtMost(0)),
    ("T24", "backups that hold it after as many nights as are kept", AtMost(0)),
    ("T24", "control: backups that hold a case just erased", AtLeast(1)),
    ("T24", "control: erased cases that come back without tombstones", AtLeast(1)),
    ("T27", "packages of allowed licences", AtLeast(200)),
    ("T27", "packages that are banned or of another licence", AtMost(0)),
    ("T27", "control: planted packages and licences that were refused", AtLeast(12)),
    ("A1", "acts of the authority, each with a letter waiting and one on its way", AtLeast(11)),
    ("A1", "letters lost or doubled", AtMost(0)),
    ("guard", "phrases for the guard", AtLeast(300)),
    ("guard", "percent seen of the held-out half", AtLeast(95)),
    ("guard", "percent of false alarms on the held-out half", AtMost(5)),
    ("run", "seconds, the first compile included", AtMost(45 * 60)),
];

/// Every figure of a folder.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let entries = folder.read_dir().with_context(|| format!("no results in {}: has a test run?", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is no result", path.display()))?;
        figures.push(figure(&value).with_context(|| format!("{} is no result", path.display()))?);
    }
    figures.sort_by(|a, b| (&a.row, &a.what).cmp(&(&b.row, &b.what)));
    Ok(figures)
}

fn figure(value: &Value) -> Option<Figure> {
    let text = |name: &str| Some(value[name].as_str()?.to_owned());
    let (row, what, place, not_run) = (text("row")?, text("what")?, text("where")?, text("not_run"));
    if not_run.is_some() {
        return Some(Figure { row, what, reached: 0, asked: 0, at_most: false, place, not_run });
    }
    let (reached, asked) = (value["reached"].as_u64()?, value["asked"].as_u64()?);
    Some(Figure { row, what, reached, asked, at_most: value["at_most"].as_bool()?, place, not_run })
}

/// The closing table, and what is wrong with it.
pub fn judge(asked: &[(&str, &str, Asked)], figures: &[Figure]) -> (String, Vec<String>) {
    let mut table = format!("{:<5} {:>9} {:>11}  {}\n", "row", "reached", "asked", "what (where)");
    let mut faults = Vec::new();
    for (row, what, asked) in asked {
        let line = line(figures, row, what, *asked);
        let _ = match &line {
            Ok((reached, asked, place)) => writeln!(table, "{row:<5} {reached:>9} {asked:>11}  {what} ({place})"),
            Err(fault) => writeln!(table, "{row:<5} {:>9} {:>11}  {what}: {fault}", "", ""),
        };
        faults.extend(line.err().map(|fault| format!("{row}, {what}: {fault}")));
    }
    let known = |figure: &Figure| asked.iter().any(|(row, what, asked)| *row == figure.row && names(figure, what, *asked));
    faults.extend(figures.iter().filter(|f| !known(f)).map(|f| format!("{}, {}: nobody asks for it", f.row, f.what)));
    (table, faults)
}

fn names(figure: &Figure, what: &str, asked: Asked) -> bool {
    match asked {
        Many(..) => figure.what.starts_with(what),
        AtLeast(_) | AtMost(_) | OrNotRun(_) | NoneOrNotRun => figure.what == what,
    }
}

/// `reached`, `asked` and where; or what is wrong.
fn line(figures: &[Figure], row: &str, what: &str, asked: Asked) -> Result<(String, String, String), String> {
    let mine: Vec<&Figure> = figures.iter().filter(|figure| figure.row == row && names(figure, what, asked)).collect();
    let first = mine.first().ok_or("absent")?;
    let holds = |holds: bool, fault: &str| if holds { Ok(()) } else { Err(fault.to_owned()) };
    let own = || format!("its test asks for {} only", first.asked);
    let written = |reached: u64, asked: String| Ok((reached.to_string(), asked, first.place.clone()));
    if let Some(why) = &first.not_run {
        holds(matches!(asked, OrNotRun(_) | NoneOrNotRun), &format!("not run: {why}"))?;
        return Ok(("not run".to_owned(), "here".to_owned(), why.clone()));
    }
    match asked {
        AtLeast(least) | OrNotRun(least) => {
            holds(!first.at_most && first.asked >= least, &own())?;
            holds(first.reached >= least && first.reached >= first.asked, &format!("short: {} of {least}", first.reached))?;
            written(first.reached, format!("≥ {least}"))
        }
        AtMost(_) | NoneOrNotRun => {
            let most = if let AtMost(most) = asked { most } else { 0 };
            holds(first.at_most && first.asked <= most, &own())?;
            holds(first.reached <= most, &format!("{} and at most {most} are allowed", first.reached))?;
            written(first.reached, format!("≤ {most}"))
        }
        Many(times, least) => {
            let reached = mine.iter().filter(|f| !f.at_most && f.reached >= least && f.reached >= f.asked).count() as u64;
            holds(reached == mine.len() as u64, &format!("short: {} of {} reach {least}", reached, mine.len()))?;
            holds(reached >= times, &format!("short: {reached} of {times}"))?;
            written(reached, format!("≥ {times}×{least}"))
        }
    }
}

/// Reads, prints, and fails if anything is wrong.
pub fn of(folder: &Path) -> anyhow::Result<()> {
    let (table, faults) = judge(ASKED, &read(folder)?);
    println!("{table}");
    ensure!(faults.is_empty(), "the evidence is not whole:\n{}", faults.join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results;

    const SMALL: &[(&str, &str, Asked)] = &[
        ("T1", "seeds", AtLeast(3)),
        ("T1", "violations", AtMost(0)),
        ("T6", "property ", Many(2, 10)),
        ("T12", "models", OrNotRun(6)),
        ("T13", "protocols", NoneOrNotRun),
    ];

    /// `(row, what, reached, asked, at most)`, written and read as a run does.
    fn faults(figures: &[(&str, &str, usize, usize, bool)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (row, what, reached, asked, at_most) in figures {
            results::write_into(folder.path(), row, what, *reached, *asked, *at_most, file!());
        }
        judge(SMALL, &read(folder.path()).expect("readable")).1
    }

    const WHOLE: [(&str, &str, usize, usize, bool); 6] = [
        ("T1", "seeds", 3, 3, false),
        ("T1", "violations", 0, 0, true),
        ("T6", "property a", 10, 10, false),
        ("T6", "property b", 11, 10, false),
        ("T12", "models", 6, 6, false),
        ("T13", "protocols", 0, 0, true),
    ];

    #[test]
    fn a_whole_run_passes() {
        assert_eq!(faults(&WHOLE), [""; 0]);
    }

    #[test]
    fn what_is_absent_short_lowered_or_unknown_fails() {
        for (missing, (_, name, ..)) in WHOLE.iter().enumerate() {
            let some: Vec<_> = WHOLE.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, figure)| *figure).collect();
            assert_eq!(faults(&some).len(), 1, "without {name}");
        }
        let with = |at: usize, figure: (&'static str, &'static str, usize, usize, bool)| {
            let mut figures = WHOLE;
            figures[at] = figure;
            faults(&figures).join("; ")
        };
        assert_eq!(with(0, ("T1", "seeds", 2, 3, false)), "T1, seeds: short: 2 of 3");
        assert_eq!(with(0, ("T1", "seeds", 3, 2, false)), "T1, seeds: its test asks for 2 only");
        assert_eq!(with(1, ("T1", "violations", 1, 0, true)), "T1, violations: 1 and at most 0 are allowed");
        assert_eq!(with(1, ("T1", "violations", 0, 5, true)), "T1, violations: its test asks for 5 only");
        assert_eq!(with(5, ("T13", "protocols", 1, 0, true)), "T13, protocols: 1 and at most 0 are allowed");
        assert_eq!(with(2, ("T6", "property a", 9, 9, false)), "T6, property : short: 1 of 2 reach 10");
        assert!(with(2, ("T6", "property b", 10, 10, false)).contains("short"), "the same figure twice is one");
        assert!(with(2, ("T6", "else", 10, 10, false)).contains("nobody asks for it"));
    }

    #[test]
    fn what_cannot_run_here_is_said_and_excuses_nothing_else() {
        let judged = |row: &str, what: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            for (row, what, reached, asked, at_most) in WHOLE.iter().filter(|figure| figure.1 != what) {
                results::write_into(folder.path(), row, what, *reached, *asked, *at_most, file!());
            }
            results::write_not_run_into(folder.path(), row, what, "no prover is installed", file!());
            judge(SMALL, &read(folder.path()).expect("readable"))
        };
        let (table, faults) = judged("T12", "models");
        assert_eq!(faults, [""; 0]);
        assert!(table.contains("not run        here  models (no prover is installed)"), "{table}");
        assert_eq!(judged("T13", "protocols").1, [""; 0]);
        assert_eq!(judged("T1", "seeds").1, ["T1, seeds: not run: no prover is installed"]);
    }

    /// Every row as a whole run writes it, without one.
    fn all_but(missing: usize) -> Vec<Figure> {
        let rows = ASKED.iter().enumerate().filter(|(at, _)| *at != missing);
        let figures = rows.flat_map(|(_, (row, what, asked))| {
            let (times, reached, at_most) = match *asked {
                AtLeast(least) | OrNotRun(least) => (1, least, false),
                AtMost(most) => (1, most, true),
                NoneOrNotRun => (1, 0, true),
                Many(times, least) => (times, least, false),
            };
            let name = move |n: u64| if times == 1 { (*what).to_owned() } else { format!("{what}{n}") };
            let figure = move |what| Figure {
                row: (*row).to_owned(),
                what,
                reached,
                asked: reached,
                at_most,
                place: String::new(),
                not_run: None,
            };
            (0..times).map(move |n| figure(name(n)))
        });
        figures.collect()
    }

    #[test]
    fn the_table_lacks_no_row_without_a_fault() {
        assert_eq!(judge(ASKED, &all_but(ASKED.len())).1, [""; 0]);
        for (at, (row, what, _)) in ASKED.iter().enumerate() {
            assert_eq!(judge(ASKED, &all_but(at)).1, [format!("{row}, {what}: absent")]);
        }
        let outside = ASKED.iter().filter(|(row, ..)| *row == "T9").count();
        let sets = ["ed25519", "x25519", "ML-KEM-768", "HKDF", "AES-256-GCM", "Cobblestone-256", "X-Wing"];
        let named = |set: &str| ASKED.iter().any(|(row, what, _)| *row == "T9" && what.contains(set));
        assert!(outside >= 11 && sets.into_iter().all(named), "{outside} sets");
    }

    #[test]
    fn no_results_are_no_verdict() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read(&folder.path().join("absent")).is_err());
        assert!(of(folder.path()).is_err());
        std::fs::write(folder.path().join("T1.json"), "{}").expect("written");
        assert!(read(folder.path()).is_err());
    }
}
