//! The task that owns the router: inputs come in through one bounded queue, outputs leave through each stream's own. It never
//! waits for an agent.
//!
//! Not here: decisions (`router`), streams (`session`).

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use raccordo_machine::clock;
use raccordo_proto::limits::HELLO_MAX;
use raccordo_proto::wire::{self, to_agent};
use raccordo_proto::{AgencyId, Code, Directory};
use tokio::sync::{mpsc, oneshot};

use crate::admission::Admission;
use crate::audit::Audit;
use crate::line::{Line, Outgoing, line};
use crate::router::{ConnectionId, Input, Moment, Output, Peer, Queues, Router};

/// Inputs that may wait for the router; each is at most one message.
pub const INPUTS_MAX: usize = 64;
/// The most that BUSY asks for beyond its fixed wait.
const JITTER_MILLIS_MAX: u32 = 1_000;
/// Inputs that share one draw of jitter: it is asked of the system, and BUSY is rare.
const INPUTS_PER_DRAW: u32 = 64;

enum Call {
    Open(ConnectionId, Peer, Line),
    Input(Input),
    Attached(oneshot::Sender<Vec<AgencyId>>),
    Stop,
}

/// How the rest of the gateway speaks to the router.
#[derive(Clone)]
pub struct Relay {
    calls: mpsc::Sender<Call>,
    next: Arc<AtomicU64>,
    all_bytes: Arc<AtomicUsize>,
}

impl Relay {
    /// Starts the task.
    pub fn start(directory: Arc<Directory>, admission: Admission, audit: Audit) -> Self {
        let (calls, received) = mpsc::channel(INPUTS_MAX);
        let all_bytes = Arc::new(AtomicUsize::new(0));
        let lines = Lines { lines: BTreeMap::new(), all_bytes: all_bytes.clone() };
        let desk = Switchboard { router: Router::new(directory, admission), lines, audit, jitter: Jitter::default() };
        let task = tokio::spawn(desk.run(received));
        tokio::spawn(async move {
            // A gateway without its router would hold every office on a dead line: better none, and a restart.
            if task.await.is_err() {
                tracing::error!("the router has failed: the process ends");
                std::process::abort();
            }
        });
        Self { calls, next: Arc::default(), all_bytes }
    }

    /// A stream begins: its name, its queue and the queue's other end.
    pub async fn open(&self, peer: Peer) -> (ConnectionId, Line, Outgoing) {
        let connection = ConnectionId(self.next.fetch_add(1, Ordering::Relaxed));
        let (line, outgoing) = line(self.all_bytes.clone());
        self.call(Call::Open(connection, peer, line.clone())).await;
        (connection, line, outgoing)
    }

    /// Gives the router an input; waits while its queue is full.
    pub async fn input(&self, input: Input) {
        self.call(Call::Input(input)).await;
    }

    /// Offices attached now; none after a stop.
    pub async fn attached(&self) -> Vec<AgencyId> {
        let (answer, answered) = oneshot::channel();
        self.call(Call::Attached(answer)).await;
        answered.await.unwrap_or_default()
    }

    /// Says Goodbye to everybody and ends the task.
    pub async fn stop(&self) {
        self.call(Call::Stop).await;
    }

    /// After a stop there is nobody to tell, and nothing to do about it.
    async fn call(&self, call: Call) {
        let _stopped_already = self.calls.send(call).await;
    }
}

struct Lines {
    lines: BTreeMap<ConnectionId, Line>,
    all_bytes: Arc<AtomicUsize>,
}

impl Queues for Lines {
    fn envelopes(&self, connection: ConnectionId) -> usize {
        self.lines.get(&connection).map_or(0, Line::envelopes)
    }

    fn bytes(&self) -> usize {
        self.all_bytes.load(Ordering::SeqCst)
    }
}

impl Lines {
    fn goodbye(&mut self, connection: ConnectionId, code: Code) {
        if let Some(line) = self.lines.remove(&connection) {
            line.send(to_agent::Frame::Goodbye(wire::Goodbye { code: code.into() }));
            line.end();
        }
    }
}

/// Keeps refused senders from coming back together: each adds a step to the draw that it shares, round the whole range.
#[derive(Default)]
struct Jitter {
    given: u32,
    drawn: u32,
}

impl Jitter {
    fn next(&mut self) -> Duration {
        if self.given.is_multiple_of(INPUTS_PER_DRAW) {
            self.drawn = getrandom::u32().unwrap_or_default() % JITTER_MILLIS_MAX;
        }
        self.given = self.given.wrapping_add(1);
        let step = JITTER_MILLIS_MAX / INPUTS_PER_DRAW * (self.given % INPUTS_PER_DRAW);
        Duration::from_millis(u64::from((self.drawn + step) % JITTER_MILLIS_MAX))
    }
}

struct Switchboard {
    router: Router,
    lines: Lines,
    audit: Audit,
    jitter: Jitter,
}

impl Switchboard {
    async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        let tick = HELLO_MAX / 5;
        loop {
            let call = if self.router.awaits_hello() {
                tokio::time::timeout(tick, calls.recv()).await.unwrap_or(Some(Call::Input(Input::Timeout)))
            } else {
                calls.recv().await
            };
            match call {
                Some(Call::Open(connection, peer, line)) => {
                    self.lines.lines.insert(connection, line);
                    self.give(Input::Opened(connection, peer));
                }
                Some(Call::Input(input)) => self.give(input),
                Some(Call::Attached(answer)) => {
                    let _asker_has_gone = answer.send(self.router.attached().cloned().collect());
                }
                Some(Call::Stop) | None => return self.everybody_out(),
            }
            if self.router.awaits_hello() {
                self.give(Input::Timeout);
            }
        }
    }

    fn give(&mut self, input: Input) {
        if let Input::Closed(connection) = &input {
            self.lines.lines.remove(connection);
        }
        let moment = Moment { now: clock::now(), jitter: self.jitter.next() };
        for output in self.router.handle(input, moment, &self.lines) {
            match output {
                Output::Send(connection, frame) => {
                    let _dropped_when_full = self.lines.lines.get(&connection).is_some_and(|line| line.send(frame));
                }
                Output::Close(connection, code) => self.lines.goodbye(connection, code),
                Output::Audit(event) => self.audit.row(event),
                Output::Count(agency, tally) => self.audit.count(agency, tally),
            }
        }
    }

    /// BUSY: try again later, this gateway or another.
    fn everybody_out(mut self) {
        let connections: Vec<ConnectionId> = self.lines.lines.keys().copied().collect();
        connections.into_iter().for_each(|connection| self.lines.goodbye(connection, Code::Busy));
    }
}
