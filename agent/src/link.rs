//! The task that keeps one Attach stream to a gateway: connects, hands frames over in both directions, waits and tries again.
//!
//! Deliberately not here: what a frame means (the courier's), the durable state, verifying a directory. It forgets
//! everything with every connection: an event or a frame lost with it is asked for again by who needs it.

mod dial;
mod outage;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use raccordo_proto::limits::{BACKOFF_MAX, FETCH_BYTES_MAX, MESSAGE_BYTES_MAX};
use raccordo_proto::wire::{FetchRequest, FetchResponse, FromAgent, Padding, ToAgent, from_agent, to_agent};
use raccordo_proto::{Code, Directory, Endpoint};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::transport::Channel;

use crate::config::{Config, ServeOptions, Tls};
use crate::wire::directory_service_client::DirectoryServiceClient;
use crate::wire::relay_service_client::RelayServiceClient;
use outage::{Backoff, Recorder, Verdict, down_code};

/// No gateway answers.
pub const UNREACHABLE: &str = "UNREACHABLE";
/// The gateway is not the one of the directory, or there is no TLS to be had with it.
pub const TLS: &str = "TLS";
/// The gateway does not know this machine's certificate.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";

/// With `--dev` the longest wait between two tries.
pub const DEV_BACKOFF_MAX: Duration = Duration::from_secs(1);
/// How long the desk may take to make a fresh card durable.
const OPENING_MAX: Duration = Duration::from_secs(10);
/// How long a gateway may take to accept the stream.
const ATTACH_MAX: Duration = Duration::from_secs(10);
/// Frames handed to the stream and not yet written.
const OUTBOUND_DEPTH: usize = 8;
/// Pongs that wait for the stream before the link stops reading.
const PONGS_MAX: usize = 4;

/// What happens on the link.
pub enum LinkEvent {
    /// A connection is up: the link waits for `Send(Hello)` and nothing else.
    Opening,
    /// A frame; Ping, Pong and Goodbye are the link's own.
    Received(ToAgent),
    /// There is no connection, by code; again after every try that fails.
    Down {
        /// `UNREACHABLE`, `TLS`, `UNAUTHENTICATED`, or the gateway's own code.
        code: &'static str,
    },
    /// The answer to `Fetch`. None comes when the fetch failed.
    Directory {
        /// From which version it was asked.
        since: u64,
        /// The answer.
        response: FetchResponse,
    },
}

/// What the link is asked to do.
pub enum LinkCommand {
    /// Sends a frame. Without a connection it is dropped; before a Hello, anything but a Hello is; a second Hello always is.
    Send(FromAgent),
    /// Asks the gateway for what follows this version. Without a connection it is dropped. While another runs it waits, and of
    /// those that wait the one from the earliest version is asked: its answer holds the others'.
    Fetch {
        /// The version installed; zero for none.
        since: u64,
    },
    /// Ends this connection and opens another: the clocks did not agree. Without a connection it is dropped.
    Reattach,
    /// Believes gateways by this directory from the next connection on, which comes at once when the link is waiting.
    Directory(Arc<Directory>),
    /// Ends the link.
    Close,
}

/// Keeps the link until `Close`, or until either channel is dropped.
pub async fn run(
    config: Config,
    options: ServeOptions,
    directory: Arc<Directory>,
    events: mpsc::Sender<LinkEvent>,
    commands: mpsc::Receiver<LinkCommand>,
) {
    let backoff = Backoff::new(if options.dev { DEV_BACKOFF_MAX } else { BACKOFF_MAX });
    let recorder = options.record_link.filter(|_| options.dev).and_then(Recorder::open);
    let Config { gateway, tls, .. } = config;
    Link {
        endpoints: gateway.endpoints,
        tried: 0,
        tls,
        directory,
        backoff,
        recorder,
        verdict: Verdict::default(),
        events,
        commands,
    }
    .run()
    .await;
}

/// How a phase of the link ended.
enum End {
    /// The office wants no link any more.
    Closed,
    /// The connection is gone.
    Down(&'static str),
}

struct Link {
    endpoints: Vec<Endpoint>,
    tried: usize,
    tls: Tls,
    directory: Arc<Directory>,
    backoff: Backoff,
    recorder: Option<Recorder>,
    verdict: Verdict,
    events: mpsc::Sender<LinkEvent>,
    commands: mpsc::Receiver<LinkCommand>,
}

impl Link {
    async fn run(mut self) {
        loop {
            let end = match self.connect().await {
                Ok(channel) => self.session(channel).await,
                Err(end) => end,
            };
            let End::Down(code) = end else { return };
            let code = self.verdict.of(code);
            tracing::info!(code, "link down");
            if self.tell(LinkEvent::Down { code }).await.is_err() || self.pause().await.is_err() {
                return;
            }
        }
    }

    /// One try at the next gateway in turn.
    async fn connect(&mut self) -> Result<Channel, End> {
        if self.endpoints.is_empty() {
            return Err(End::Down(UNREACHABLE));
        }
        let endpoint = self.endpoints[self.tried % self.endpoints.len()].clone();
        self.tried = self.tried.wrapping_add(1);
        let (tls, directory) = (self.tls.clone(), self.directory.clone());
        self.meanwhile(async move { dial::dial(&endpoint, &tls, directory).await }).await?.map_err(End::Down)
    }

    /// Waits for `work` without leaving the office's commands lying: nothing can be sent now, but the link can be closed.
    async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                command = self.commands.recv() => self.without_connection(command)?,
            }
        }
    }

    fn without_connection(&mut self, command: Option<LinkCommand>) -> Result<(), End> {
        match command {
            None | Some(LinkCommand::Close) => Err(End::Closed),
            Some(LinkCommand::Directory(directory)) => {
                self.directory = directory;
                Ok(())
            }
            Some(LinkCommand::Send(_) | LinkCommand::Fetch { .. } | LinkCommand::Reattach) => Ok(()),
        }
    }

    async fn tell(&mut self, event: LinkEvent) -> Result<(), End> {
        let events = self.events.clone();
        self.meanwhile(async move { events.send(event).await }).await?.map_err(|_| End::Closed)
    }

    /// Waits before the next try; a new directory ends the wait.
    async fn pause(&mut self) -> Result<(), End> {
        let wait = tokio::time::sleep(self.backoff.next());
        tokio::pin!(wait);
        loop {
            tokio::select! {
                () = &mut wait => return Ok(()),
                command = self.commands.recv() => {
                    let news = matches!(command, Some(LinkCommand::Directory(_)));
                    self.without_connection(command)?;
                    if news {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// From a connection that is up to its end.
    async fn session(&mut self, channel: Channel) -> End {
        match self.attach(channel).await {
            Ok(mut session) => session.run(self).await,
            Err(end) => end,
        }
    }

    async fn attach(&mut self, channel: Channel) -> Result<Session, End> {
        // What was meant for the former connection is not for this one.
        while let Ok(command) = self.commands.try_recv() {
            self.without_connection(Some(command))?;
        }
        self.tell(LinkEvent::Opening).await?;
        let hello = timeout(OPENING_MAX, self.hello()).await.map_err(|_| End::Down(Code::Busy.name()))??;
        let (outbound, frames) = mpsc::channel(OUTBOUND_DEPTH);
        outbound.try_send(hello).map_err(|_| End::Down(UNREACHABLE))?;
        let mut relay = RelayServiceClient::new(channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let attached = timeout(ATTACH_MAX, relay.attach(ReceiverStream::new(frames))).await;
        let inbound = attached.map_err(|_| End::Down(UNREACHABLE))?.map_err(|status| End::Down(down_code(&status)))?.into_inner();
        Ok(Session {
            channel,
            outbound: Some(outbound),
            inbound,
            leaving: VecDeque::new(),
            arrived: VecDeque::new(),
            fetch: None,
            fetch_next: None,
        })
    }

    async fn hello(&mut self) -> Result<FromAgent, End> {
        loop {
            match self.commands.recv().await {
                Some(LinkCommand::Send(frame)) if is_hello(&frame) => return Ok(frame),
                command => self.without_connection(command)?,
            }
        }
    }
}

fn is_hello(frame: &FromAgent) -> bool {
    matches!(frame.frame, Some(from_agent::Frame::Hello(_)))
}

/// One attached stream. No wait of one direction holds up the other: each has its own small queue, and each queue stops the
/// reading that would fill it.
struct Session {
    channel: Channel,
    /// None once the stream takes nothing more.
    outbound: Option<mpsc::Sender<FromAgent>>,
    inbound: tonic::Streaming<ToAgent>,
    leaving: VecDeque<FromAgent>,
    arrived: VecDeque<LinkEvent>,
    fetch: Option<Fetch>,
    /// What is asked for after it.
    fetch_next: Option<u64>,
}

/// An answer that is on its way, and from which version it was asked.
struct Fetch {
    since: u64,
    task: JoinHandle<Result<FetchResponse, Status>>,
}

impl Session {
    async fn run(&mut self, link: &mut Link) -> End {
        loop {
            let end = match self.next(link).await {
                Happened::Outbound(permit) => self.leave(permit, link),
                Happened::Heard(permit) => self.arrive(permit),
                Happened::Message(message) => self.message(message, link),
                Happened::Command(command) => self.command(command, link),
                Happened::Fetched(response) => {
                    self.fetched(response);
                    None
                }
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    async fn next(&mut self, link: &mut Link) -> Happened {
        let events_free = self.arrived.is_empty();
        let outbound = self.outbound.clone().filter(|_| !self.leaving.is_empty());
        let events = link.events.clone();
        tokio::select! {
            permit = reserve(outbound.clone()), if outbound.is_some() => Happened::Outbound(permit),
            permit = reserve(Some(events)), if !events_free => Happened::Heard(permit),
            message = self.inbound.message(), if events_free && self.leaving.len() < PONGS_MAX => Happened::Message(message),
            command = link.commands.recv(), if self.leaving.is_empty() => Happened::Command(command),
            fetched = joined(self.fetch.as_mut()), if events_free && self.fetch.is_some() => Happened::Fetched(fetched),
        }
    }

    fn fetched(&mut self, response: Option<FetchResponse>) {
        let ended = self.fetch.take().zip(response);
        self.arrived.extend(ended.map(|(Fetch { since, .. }, response)| LinkEvent::Directory { since, response }));
        if let Some(since) = self.fetch_next.take() {
            self.fetch_from(since);
        }
    }

    fn fetch_from(&mut self, since: u64) {
        if self.fetch.is_some() {
            self.fetch_next = Some(self.fetch_next.map_or(since, |waiting| waiting.min(since)));
        } else {
            self.fetch = Some(Fetch { since, task: tokio::spawn(fetch(self.channel.clone(), since)) });
        }
    }

    fn leave(&mut self, permit: Option<mpsc::OwnedPermit<FromAgent>>, link: &mut Link) -> Option<End> {
        match (permit, self.leaving.pop_front()) {
            (Some(permit), Some(frame)) => {
                link.recorder.iter_mut().for_each(|recorder| recorder.write(&frame));
                permit.send(frame);
            }
            // The stream takes nothing more: what comes in says why.
            _ => self.outbound = None,
        }
        None
    }

    fn arrive(&mut self, permit: Option<mpsc::OwnedPermit<LinkEvent>>) -> Option<End> {
        match (permit, self.arrived.pop_front()) {
            (Some(permit), Some(event)) => {
                permit.send(event);
                None
            }
            _ => Some(End::Closed),
        }
    }

    fn message(&mut self, message: Result<Option<ToAgent>, Status>, link: &mut Link) -> Option<End> {
        let message = match message {
            Ok(Some(message)) => message,
            Ok(None) => return Some(End::Down(UNREACHABLE)),
            Err(status) => return Some(End::Down(down_code(&status))),
        };
        match &message.frame {
            Some(to_agent::Frame::Goodbye(goodbye)) => return Some(End::Down(goodbye.code().name())),
            Some(to_agent::Frame::Ping(ping)) => self.leaving.push_back(pong(ping.padding.len())),
            Some(to_agent::Frame::Pong(_)) | None => {}
            Some(to_agent::Frame::Welcome(_)) => {
                link.backoff.reset();
                link.verdict.lifted();
                self.arrived.push_back(LinkEvent::Received(message));
            }
            Some(_) => self.arrived.push_back(LinkEvent::Received(message)),
        }
        None
    }

    fn command(&mut self, command: Option<LinkCommand>, link: &mut Link) -> Option<End> {
        match command {
            Some(LinkCommand::Send(frame)) => {
                if !is_hello(&frame) {
                    self.leaving.push_back(frame);
                }
                None
            }
            Some(LinkCommand::Fetch { since }) => {
                self.fetch_from(since);
                None
            }
            Some(LinkCommand::Reattach) => Some(End::Down(Code::OutOfTime.name())),
            other => link.without_connection(other).err(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.fetch.iter().for_each(|fetch| fetch.task.abort());
    }
}

/// What a session waits for.
enum Happened {
    /// The stream has room for a frame; None when it takes nothing more.
    Outbound(Option<mpsc::OwnedPermit<FromAgent>>),
    /// The office has room for an event; None when it listens no more.
    Heard(Option<mpsc::OwnedPermit<LinkEvent>>),
    /// The gateway spoke, or the stream ended.
    Message(Result<Option<ToAgent>, Status>),
    /// The office asks for something.
    Command(Option<LinkCommand>),
    /// A fetch has ended.
    Fetched(Option<FetchResponse>),
}

/// Room for one; nothing when nobody takes it any more.
async fn reserve<T>(sender: Option<mpsc::Sender<T>>) -> Option<mpsc::OwnedPermit<T>> {
    sender?.reserve_owned().await.ok()
}

async fn fetch(channel: Channel, since_version: u64) -> Result<FetchResponse, Status> {
    let mut directories = DirectoryServiceClient::new(channel).max_decoding_message_size(FETCH_BYTES_MAX);
    Ok(directories.fetch(FetchRequest { since_version }).await?.into_inner())
}

/// What a fetch brought; nothing when it failed.
async fn joined(fetch: Option<&mut Fetch>) -> Option<FetchResponse> {
    match (&mut fetch?.task).await {
        Ok(Ok(response)) => Some(response),
        Ok(Err(status)) => {
            tracing::warn!(code = ?status.code(), "the directory could not be fetched");
            None
        }
        Err(_) => None,
    }
}

/// Zeros, as many as came.
fn pong(len: usize) -> FromAgent {
    let padding = Padding { padding: Bytes::from(vec![0; len]) };
    FromAgent { frame: Some(from_agent::Frame::Pong(padding)) }
}
