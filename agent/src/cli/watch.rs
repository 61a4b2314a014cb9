//! `watch`: what happens from now on, a JSON line per event, without content.
//!
//! Not here: what has happened before (`outbox` and `inbox` tell that).

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::Office;
use super::commands::{answer, event_name, hex};
use crate::api::{self, Event, EventKind};
use crate::client;
use crate::failure::{Exit, Failure};

/// Further than anybody waits, near enough for a clock.
const WAIT_MAX: Duration = Duration::from_secs(366 * 86_400);

/// What `--until` waits for.
struct Until {
    kind: EventKind,
    peer: Option<String>,
}

impl Until {
    fn parse(text: &str) -> Result<Self, Failure> {
        let (event, peer) = match text.split_once(':') {
            Some((event, peer)) => (event, Some(peer.to_owned())),
            None => (text, None),
        };
        let kind = EventKind::from_str_name(&format!("EVENT_KIND_{event}")).filter(|kind| *kind != EventKind::Unspecified);
        let allowed = || (1..).map_while(|n| EventKind::try_from(n).ok()).map(event_name).collect::<Vec<_>>().join(", ");
        let kind = kind.ok_or_else(|| Failure::new(Exit::Usage, "BAD_EVENT").with("allowed", allowed()))?;
        Ok(Self { kind, peer })
    }

    fn is(&self, event: &Event) -> bool {
        self.kind == event.kind() && self.peer.as_ref().is_none_or(|peer| *peer == event.peer)
    }
}

impl Office<'_> {
    /// Prints events; with `until`, ends at the one awaited or fails when it does not come.
    pub(super) async fn watch(&self, until: Option<&str>, timeout: Duration) -> Result<Exit, Failure> {
        let until = until.map(Until::parse).transpose()?;
        let deadline = Instant::now() + if until.is_some() { timeout.min(WAIT_MAX) } else { WAIT_MAX };
        let mut events = answer(self.connect().await?.watch(api::WatchRequest {}).await)?;
        loop {
            let event = tokio::time::timeout_at(deadline, events.message()).await;
            let Ok(event) = event else {
                return Err(Failure::new(Exit::Machine, "WATCH_TIMEOUT").with("seconds", timeout.as_secs()));
            };
            let event = event.map_err(|status| client::failure(&status))?;
            let event = event.ok_or_else(|| Failure::new(Exit::Machine, "WATCH_ENDED"))?;
            self.screen.object(&json!({
                "event": event_name(event.kind()),
                "peer": event.peer,
                "letter_id": hex(&event.letter_id),
                "at": event.at,
                "code": event.code,
            }));
            if let Some(unwritten) = self.screen.unwritten() {
                return Ok(unwritten.exit);
            }
            if until.as_ref().is_some_and(|until| until.is(&event)) {
                return Ok(Exit::Ok);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, peer: &str) -> Event {
        Event { kind: kind.into(), peer: peer.into(), ..Event::default() }
    }

    #[test]
    fn until_names_an_event_and_perhaps_an_office() {
        let any = Until::parse("DELIVERED").expect("an event");
        let one = Until::parse("DELIVERED:cpi-rivabella").expect("an event");
        let (cpi, sil) = (event(EventKind::Delivered, "cpi-rivabella"), event(EventKind::Delivered, "sil-rivabella"));
        assert!(any.is(&cpi) && any.is(&sil) && one.is(&cpi) && !one.is(&sil));
        assert!(!any.is(&event(EventKind::Attached, "")));
    }

    #[test]
    fn an_unknown_event_is_told_with_the_known_ones() {
        for bad in ["", "LANDED", "UNSPECIFIED", "delivered"] {
            let failure = Until::parse(bad).err().expect("no event");
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.args.iter().any(|(_, allowed)| allowed.contains("DELIVERED") && allowed.contains("RECEIVED")));
        }
    }
}
