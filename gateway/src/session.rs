//! One agent's stream: takes its frames to the router, and washes the buffers when it falls idle. Its end, whoever ends it, is
//! told to the router and to the connection.
//!
//! Not here: what the frames mean (`router`), when to wash (`scrub`).

use core::pin::{Pin, pin};
use core::time::Duration;

use raccordo_machine::clock;
use raccordo_proto::Code;
use raccordo_proto::wire::{self, from_agent, to_agent};
use tokio::time::{Instant, Sleep, sleep};
use tonic::{Status, Streaming};

use crate::line::{Line, Outgoing};
use crate::link::Link;
use crate::relay::Relay;
use crate::router::{ConnectionId, Input};
use crate::scrub::{Due, Scrub, ZEROS};

/// Longer than anything that is waited for here.
const FOREVER: Duration = Duration::from_secs(86_400);

struct Session {
    connection: ConnectionId,
    relay: Relay,
    line: Line,
    scrub: Scrub,
}

/// Why a session ends.
enum End {
    /// The agent, the transport or the router has ended it.
    Over,
    /// The agent broke a rule.
    Broke(Code),
}

/// Begins a session; what it returns is what the agent is told.
pub async fn begin(link: Link, relay: Relay, inbound: Streaming<wire::FromAgent>) -> Outgoing {
    link.stream_begins();
    let (connection, line, outgoing) = relay.open(link.peer().clone()).await;
    let session = Session { connection, relay, line, scrub: Scrub::default() };
    tokio::spawn(async move {
        session.run(inbound).await;
        link.stream_ended().await;
    });
    outgoing
}

impl Session {
    async fn run(mut self, mut inbound: Streaming<wire::FromAgent>) {
        let mut timer = pin!(sleep(FOREVER));
        let end = loop {
            if let Some(end) = self.step(&mut inbound, timer.as_mut()).await {
                break end;
            }
        };
        tracing::debug!(connection = self.connection.0, "a stream ends");
        match end {
            End::Over => self.relay.input(Input::Closed(self.connection)).await,
            End::Broke(code) => self.relay.input(Input::Broke(self.connection, code)).await,
        }
    }

    /// The timer rings when it may be time to wash, or sooner: setting it anew for every frame would cost more than a ring
    /// for nothing now and then. What leaves wakes nobody but a session that has nothing to wash.
    async fn step(&mut self, inbound: &mut Streaming<wire::FromAgent>, mut timer: Pin<&mut Sleep>) -> Option<End> {
        if let Some((len, at)) = self.line.take_carried() {
            self.scrub.carried(len, at);
        }
        let due = self.scrub.due(clock::now());
        match due {
            Due::Unanswered => return Some(End::Broke(Code::Malformed)),
            Due::Ping(len) => {
                self.line.send(to_agent::Frame::Ping(wire::Padding { padding: ZEROS.slice(..len) }));
                return None;
            }
            Due::Wait(wait) if Instant::now() + wait < timer.deadline() => timer.as_mut().reset(Instant::now() + wait),
            Due::Nothing | Due::Wait(_) => {}
        }
        tokio::select! {
            message = inbound.message() => self.said(message).await,
            () = self.line.carried(), if due == Due::Nothing => None,
            () = timer.as_mut() => {
                timer.as_mut().reset(Instant::now() + FOREVER);
                None
            }
            () = self.line.ended() => Some(End::Over),
        }
    }

    async fn said(&mut self, message: Result<Option<wire::FromAgent>, Status>) -> Option<End> {
        let frame = match message {
            Ok(Some(wire::FromAgent { frame: Some(frame) })) => frame,
            Ok(Some(wire::FromAgent { frame: None })) => return Some(End::Broke(Code::Version)),
            Ok(None) => return Some(End::Over),
            Err(status) => return Some(broken(&status)),
        };
        match &frame {
            from_agent::Frame::Pong(pong) => {
                self.scrub.answered(pong.padding.len());
                return None;
            }
            from_agent::Frame::Envelope(frame) => self.scrub.carried(frame.envelope.len(), clock::now()),
            from_agent::Frame::Receipt(receipt) => self.scrub.carried(receipt.receipt.len(), clock::now()),
            from_agent::Frame::Chunk(chunk) => self.scrub.carried(chunk.data.len(), clock::now()),
            _ => {}
        }
        self.relay.input(Input::Said(self.connection, frame)).await;
        None
    }
}

/// What the codec makes of bytes that are no message; anything else is the transport's end.
fn broken(status: &Status) -> End {
    match status.code() {
        tonic::Code::OutOfRange | tonic::Code::ResourceExhausted => End::Broke(Code::TooLarge),
        tonic::Code::Internal => End::Broke(Code::Malformed),
        _ => End::Over,
    }
}
