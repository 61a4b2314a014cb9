//! What processes have said, line by line: whether a word of a case is in it, and whether anything went wrong. Agents log
//! here from their most talkative level on. Not here: files and memory (`canary`), what may be logged (each `telemetry`).

use anyhow::ensure;
use raccordo_certs_dev::demo::{Found, Needles};
use raccordo_proto::AgencyId;
use raccordo_tests::processes::{Lines, World, replace};
use serde_json::Value;

/// From its next start an office's agent says all that it can.
pub fn say_everything(world: &World, agency: &AgencyId) -> anyhow::Result<()> {
    replace(&world.network.agent(agency).config(), "level = \"info\"", "level = \"trace\"")
}

/// The lines of one process.
pub struct Said {
    who: String,
    lines: Lines,
}

impl Said {
    /// All that an agent has said and will say, after its end too.
    pub fn of(world: &World, agency: &AgencyId) -> anyhow::Result<Self> {
        Ok(Self { who: agency.to_string(), lines: world.process(agency)?.lines().clone() })
    }

    /// The same of the gateway.
    pub fn of_gateway(world: &World) -> anyhow::Result<Self> {
        Ok(Self { who: "gateway".to_owned(), lines: world.gateway()?.lines().clone() })
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.all()
    }

    /// It does say what it does: a search in a log that is silent would find nothing.
    pub fn ensure_talkative(&self) -> anyhow::Result<()> {
        let debug = self.lines().iter().filter(|line| level(line).as_deref() == Some("DEBUG")).count();
        ensure!(debug >= 4, "{} has written {debug} lines of level DEBUG: there was too little to search", self.who);
        Ok(())
    }
}

/// How many different needles of the first `words` stand in these lines.
pub fn words(needles: &Needles, words: usize, lines: &[String]) -> usize {
    let mut found = Found::default();
    lines.iter().for_each(|line| needles.search(line.as_bytes(), &mut found));
    found.count(0..words)
}

fn level(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line["level"].as_str()?.to_owned())
}

/// Lines of level ERROR, and panics, which have no level.
pub fn errors(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| level(line).as_deref() == Some("ERROR") || line.contains("panicked at")).collect()
}

/// The control: each word is found in a line into which it was put, as a log line would hold it, and so is an error. Says how
/// many were found of how many.
pub fn control(needles: &Needles, planted: &[String], lines: &[String]) -> (usize, usize) {
    let line = |word: &String| format!(r#"{{"level":"DEBUG","fields":{{"message":"happened","what":"testo: {word}"}}}}"#);
    let mut with_words: Vec<String> = lines.iter().cloned().chain(planted.iter().map(line)).collect();
    let found = words(needles, planted.len(), &with_words);
    with_words.push(r#"{"level":"ERROR","fields":{"message":"something went wrong"}}"#.to_owned());
    let new_errors = errors(&with_words).len() - errors(lines).len();
    (found + new_errors, planted.len() + 1)
}

#[test]
fn an_error_and_a_panic_are_seen_and_the_word_alone_is_not() {
    let lines = [
        r#"{"level":"ERROR","fields":{}}"#,
        "thread 'main' panicked at src/main.rs:1:1:",
        r#"{"level":"INFO","fields":{"message":"ERROR"}}"#,
        "ERROR",
    ];
    assert_eq!(errors(&lines.map(str::to_owned)).len(), 2);
}
