//! What an agent tells of itself: the lines of `raccordo-agent watch`, so that a wait is for an event and never for a while.
//! No line holds anything of a case. Not here: what is waited for.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::stage::DEADLINE;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `ATTACHED`, `DETACHED`, `QUEUED`, `DELIVERED`, `BLOCKED`, `RECEIVED`.
    pub kind: String,
    /// The other agency, where there is one.
    pub peer: String,
    /// The letter, where there is one.
    pub letter: String,
}

impl Event {
    /// Reads a line; `None` for one that is no event.
    fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { kind: line.get("event")?.as_str()?.to_owned(), peer: text("peer"), letter: text("letter_id") })
    }

    /// Whether it says that the agent is attached, or that it is not; `None` when it is about something else.
    pub fn attached(&self) -> Option<bool> {
        match self.kind.as_str() {
            "ATTACHED" => Some(true),
            "DETACHED" => Some(false),
            _ => None,
        }
    }

    /// Of how many letters these say this about this peer.
    pub fn letters(events: &[Event], kind: &str, peer: &str) -> usize {
        let said = events.iter().filter(|event| event.kind == kind && event.peer == peer);
        said.map(|event| &event.letter).collect::<BTreeSet<_>>().len()
    }
}

/// Everything that one agent has told since it was listened to.
pub struct Events {
    _watching: Child,
    told: Arc<watch::Sender<Vec<Event>>>,
}

impl Events {
    /// Starts listening.
    pub fn listen(mut command: Command) -> anyhow::Result<Self> {
        let mut watching = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("watch")?;
        let lines = watching.stdout.take().context("watch has no output")?;
        let told = Arc::new(watch::Sender::new(Vec::new()));
        let teller = told.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(lines).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(event) = Event::read(&line) {
                    teller.send_modify(|events| events.push(event));
                }
            }
        });
        Ok(Self { _watching: watching, told })
    }

    /// What was told so far.
    pub fn so_far(&self) -> Vec<Event> {
        self.told.borrow().clone()
    }

    /// Waits until what was told satisfies `enough`.
    pub async fn wait(&self, enough: impl Fn(&[Event]) -> bool) -> anyhow::Result<()> {
        let mut told = self.told.subscribe();
        let waited = tokio::time::timeout(DEADLINE, told.wait_for(|events| enough(events))).await;
        let seen = || format!("{:?}", self.so_far());
        waited.map_err(|_| anyhow::anyhow!("in {} s it has not; told so far: {}", DEADLINE.as_secs(), seen()))?.map(drop)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_others_are_not() {
        let delivered = Event { kind: "DELIVERED".to_owned(), peer: "cpi-rivabella".to_owned(), letter: "07".to_owned() };
        let line = r#"{"event":"DELIVERED","peer":"cpi-rivabella","letter_id":"07","at":7,"code":""}"#;
        assert_eq!(Event::read(line), Some(delivered.clone()));
        assert_eq!(Event::read("a sentence"), None);
        let other = Event { letter: "08".to_owned(), ..delivered.clone() };
        assert_eq!(Event::letters(&[delivered.clone(), other, delivered], "DELIVERED", "cpi-rivabella"), 2);
    }

    #[tokio::test]
    async fn a_wait_ends_with_its_event() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"echo '{"event":"ATTACHED"}'; echo '{"event":"RECEIVED","peer":"cav-ginestra"}'"#]);
        let events = Events::listen(command).expect("sh");
        events.wait(|events| Event::letters(events, "RECEIVED", "cav-ginestra") == 1).await.expect("it was told");
        assert_eq!(events.so_far()[0].attached(), Some(true));
    }
}
