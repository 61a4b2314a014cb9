//! A gateway that hands on what comes, as an honest one does, until it is told a trick: then it does something else with each
//! frame or answer that the trick knows. With the network's own certificate and key, before real agents, on the real services.
//!
//! Not here: the tricks; admission, limits and audit, which an agent does not see.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use anyhow::Context as _;
use raccordo_gateway::app;
use raccordo_gateway::stubs::directory_service_server::{DirectoryService, DirectoryServiceServer};
use raccordo_gateway::stubs::relay_service_server::{RelayService, RelayServiceServer};
use raccordo_machine::clock;
use raccordo_proto::certificate::admit_agent;
use raccordo_proto::limits::{IN_FLIGHT_MAX, MESSAGE_BYTES_MAX};
use raccordo_proto::wire::{self, FetchResponse, FromAgent, SignedDirectory, SignedKeyCard, ToAgent, from_agent, to_agent};
use raccordo_proto::{AgencyId, Directory};
use raccordo_tests::bench::floor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::server::TlsStream;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};

pub type Frame = to_agent::Frame;
/// What goes to whom.
pub type Out = Vec<(AgencyId, Frame)>;
/// What it does with a frame that is due to an office; nothing when it hands it on.
pub type Forward = fn(&mut Memory, &AgencyId, &Frame) -> Option<Out>;
/// What it answers who asks for what follows a version; nothing when it answers as it should.
pub type Answer = fn(&Memory, &AgencyId, u64) -> Option<Result<FetchResponse, Status>>;

/// Frames towards one office; what comes when they are full is lost.
const LINE_DEPTH: usize = 1024;

/// What it keeps, which no honest one may.
#[derive(Default)]
pub struct Memory {
    /// What was due to whom, oldest first.
    pub past: Out,
    /// Every card that an office has shown, oldest first.
    pub cards: BTreeMap<AgencyId, Vec<SignedKeyCard>>,
    /// What it holds back.
    pub held: Out,
    /// Every version that the admins have signed.
    pub documents: Vec<SignedDirectory>,
    /// Another document of the newest of them, signed by as many.
    pub rival: Option<SignedDirectory>,
    /// Another network's, signed by its own admins.
    pub foreign: Option<SignedDirectory>,
    /// How many of the versions it serves.
    pub served: usize,
}

impl Memory {
    /// The answer of an honest gateway that has so many versions.
    pub fn honest(&self, served: usize, since: u64) -> FetchResponse {
        let since = usize::try_from(since).unwrap_or(usize::MAX);
        let Some(newest) = served.checked_sub(1).filter(|_| since < served) else { return FetchResponse::default() };
        let heads = self.documents[since..newest].iter();
        let heads = heads.map(|document| SignedDirectory { body: Default::default(), ..document.clone() }).collect();
        FetchResponse { heads, newest: self.documents.get(newest).cloned(), confirm: None }
    }
}

struct Line {
    number: usize,
    frames: mpsc::Sender<Result<ToAgent, Status>>,
    awaits: BTreeSet<String>,
}

#[derive(Default)]
struct State {
    memory: Memory,
    forward: Option<Forward>,
    answer: Option<Answer>,
    lines: BTreeMap<AgencyId, Line>,
    opened: usize,
}

impl State {
    fn send(&mut self, to: &AgencyId, frame: Frame) {
        if let Some(line) = self.lines.get(to) {
            let _full_or_gone = line.frames.try_send(Ok(ToAgent { frame: Some(frame) }));
        }
    }

    /// Hands a frame on, or does what the trick says; true for the trick.
    fn due(&mut self, to: &AgencyId, frame: Frame) -> bool {
        let odd = self.forward.and_then(|trick| trick(&mut self.memory, to, &frame));
        let is_odd = odd.is_some();
        let out = odd.unwrap_or_else(|| vec![(to.clone(), frame.clone())]);
        self.memory.past.push((to.clone(), frame));
        out.into_iter().for_each(|(to, frame)| self.send(&to, frame));
        is_odd
    }

    fn ready(&mut self, to: &AgencyId, about: &AgencyId) -> bool {
        let card = self.memory.cards.get(about).and_then(|cards| cards.last()).cloned();
        self.lines.contains_key(about) && card.is_some() && self.due(to, Frame::Ready(wire::Ready { key_card: card }))
    }

    fn shows(&mut self, who: &AgencyId, card: SignedKeyCard) -> bool {
        self.memory.cards.entry(who.clone()).or_default().push(card);
        let awaits = |line: &Line| line.awaits.contains(who.as_str());
        let waiting: Vec<AgencyId> = self.lines.iter().filter(|(_, line)| awaits(line)).map(|(id, _)| id.clone()).collect();
        waiting.iter().filter(|to| self.ready(to, who)).count() > 0
    }

    fn hello(&mut self, who: &AgencyId, hello: wire::Hello, frames: mpsc::Sender<Result<ToAgent, Status>>) -> bool {
        self.opened += 1;
        self.lines.insert(who.clone(), Line { number: self.opened, frames, awaits: BTreeSet::new() });
        let limits = wire::Limits { in_flight_max: IN_FLIGHT_MAX as u32, envelope_bytes_max: 0 };
        let directory_version = self.memory.served as u64;
        let time = clock::now().as_millis();
        let welcomed = self.due(who, Frame::Welcome(wire::Welcome { time, directory_version, limits: Some(limits) }));
        let shown = hello.key_card.is_some_and(|card| self.shows(who, card));
        welcomed || shown
    }

    /// What an office says; true when the trick has done something.
    fn hears(&mut self, who: &AgencyId, frame: from_agent::Frame) -> bool {
        let swap = |route: &mut Option<wire::Route>| {
            let route = route.get_or_insert_default();
            AgencyId::parse(&std::mem::replace(&mut route.peer, who.to_string())).ok()
        };
        match frame {
            from_agent::Frame::Envelope(mut frame) => {
                swap(&mut frame.route).is_some_and(|to| self.due(&to, Frame::Envelope(frame)))
            }
            from_agent::Frame::Receipt(mut receipt) => {
                swap(&mut receipt.route).is_some_and(|to| self.due(&to, Frame::Receipt(receipt)))
            }
            from_agent::Frame::KeyCard(card) => self.shows(who, card),
            from_agent::Frame::Waiting(waiting) => {
                let awaited: Vec<AgencyId> = waiting.recipients.iter().filter_map(|id| AgencyId::parse(id).ok()).collect();
                if let Some(line) = self.lines.get_mut(who) {
                    line.awaits = waiting.recipients.into_iter().collect();
                }
                awaited.iter().filter(|about| self.ready(who, about)).count() > 0
            }
            _ => false,
        }
    }
}

/// The running gateway.
#[derive(Clone)]
pub struct Evil {
    state: Arc<Mutex<State>>,
    directory: Arc<Directory>,
    /// How often a trick has been played.
    fired: Arc<watch::Sender<usize>>,
    /// How often each office has said Hello.
    hellos: Arc<watch::Sender<BTreeMap<AgencyId, usize>>>,
}

impl Evil {
    /// Serves with what lies in a gateway's folder; the address is this machine's.
    pub async fn start(folder: &Path, directory: &Directory) -> anyhow::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a free port")?;
        let address = listener.local_addr().context("its address")?;
        let evil = Self {
            state: Arc::default(),
            directory: Arc::new(Directory::trusted_before(directory.document()).context("a directory")?),
            fired: Arc::new(watch::Sender::new(0)),
            hellos: Arc::default(),
        };
        evil.remembers(|memory| {
            memory.documents.push(directory.document().clone());
            memory.served = 1;
        });
        let incoming = floor::incoming(listener, floor::tls_of(folder)?).map(|admitted| admitted.map(Known));
        let relay = RelayServiceServer::new(evil.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let directories = DirectoryServiceServer::new(evil.clone());
        let services = app::http2().add_service(relay).add_service(directories);
        tokio::spawn(services.serve_with_incoming(incoming));
        Ok((evil, address))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while this lock is held")
    }

    /// Looks at, or changes, what it keeps.
    pub fn remembers<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.state().memory)
    }

    /// From now on it plays this; nothing is an honest gateway.
    pub fn plays(&self, forward: Option<Forward>, answer: Option<Answer>) {
        let mut state = self.state();
        (state.forward, state.answer) = (forward, answer);
    }

    /// Says something that nobody has asked for.
    pub fn says(&self, out: Out) {
        let mut state = self.state();
        out.into_iter().for_each(|(to, frame)| state.send(&to, frame));
    }

    /// Hands on what it has held back, the last first.
    pub fn releases(&self) {
        let held = self.remembers(|memory| std::mem::take(&mut memory.held));
        self.says(held.into_iter().rev().collect());
    }

    /// Ends the streams of these offices.
    pub fn cuts(&self, offices: &[AgencyId]) {
        let mut state = self.state();
        offices.iter().for_each(|office| drop(state.lines.remove(office)));
    }

    /// How often a trick has been played.
    pub fn fired(&self) -> watch::Receiver<usize> {
        self.fired.subscribe()
    }

    /// How often each office has said Hello.
    pub fn hellos(&self) -> BTreeMap<AgencyId, usize> {
        self.hellos.borrow().clone()
    }

    fn has_fired(&self, times: usize) {
        if times > 0 {
            self.fired.send_modify(|fired| *fired += times);
        }
    }

    /// By its certificate.
    fn caller<T>(&self, request: &Request<T>) -> Result<AgencyId, Status> {
        let unknown = || Status::unauthenticated("");
        let Leaf(leaf) = request.extensions().get().ok_or_else(unknown)?;
        admit_agent(leaf, &self.directory, clock::now()).map_err(|_| unknown())
    }
}

/// The certificate that an office has shown.
#[derive(Clone)]
struct Leaf(Vec<u8>);

/// A connection of which that is known.
struct Known(TlsStream<TcpStream>);

impl Connected for Known {
    type ConnectInfo = Leaf;

    fn connect_info(&self) -> Leaf {
        let leaf = self.0.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        Leaf(leaf.map(|leaf| leaf.to_vec()).unwrap_or_default())
    }
}

impl AsyncRead for Known {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, read: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(context, read)
    }
}

impl AsyncWrite for Known {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(context)
    }
}

#[tonic::async_trait]
impl RelayService for Evil {
    type AttachStream = ReceiverStream<Result<ToAgent, Status>>;

    async fn attach(&self, request: Request<Streaming<FromAgent>>) -> Result<Response<Self::AttachStream>, Status> {
        let who = self.caller(&request)?;
        let (line, queued) = mpsc::channel(LINE_DEPTH);
        tokio::spawn(listen(self.clone(), who, request.into_inner(), line));
        Ok(Response::new(ReceiverStream::new(queued)))
    }
}

/// One office's stream, to its end.
async fn listen(evil: Evil, who: AgencyId, mut said: Streaming<FromAgent>, line: mpsc::Sender<Result<ToAgent, Status>>) {
    let Ok(Some(FromAgent { frame: Some(from_agent::Frame::Hello(hello)) })) = said.message().await else { return };
    let (fired, number) = {
        let mut state = evil.state();
        (state.hello(&who, hello, line), state.opened)
    };
    evil.hellos.send_modify(|hellos| *hellos.entry(who.clone()).or_default() += 1);
    evil.has_fired(usize::from(fired));
    while let Ok(Some(FromAgent { frame: Some(frame) })) = said.message().await {
        let mut state = evil.state();
        if state.lines.get(&who).is_some_and(|line| line.number == number) {
            let fired = state.hears(&who, frame);
            drop(state);
            evil.has_fired(usize::from(fired));
        }
    }
    let mut state = evil.state();
    if state.lines.get(&who).is_some_and(|line| line.number == number) {
        state.lines.remove(&who);
    }
}

#[tonic::async_trait]
impl DirectoryService for Evil {
    async fn fetch(&self, request: Request<wire::FetchRequest>) -> Result<Response<FetchResponse>, Status> {
        let who = self.caller(&request)?;
        let since = request.into_inner().since_version;
        let odd = {
            let state = self.state();
            state.answer.and_then(|answer| answer(&state.memory, &who, since))
        };
        if let Some(odd) = odd {
            self.has_fired(1);
            if matches!(&odd, Err(status) if status.code() == tonic::Code::Cancelled) {
                std::future::pending::<()>().await; // it never answers
            }
            return odd.map(Response::new);
        }
        Ok(Response::new(self.remembers(|memory| memory.honest(memory.served, since))))
    }

    async fn cards(&self, _: Request<wire::CardsRequest>) -> Result<Response<wire::CardsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn publish(&self, _: Request<wire::PublishRequest>) -> Result<Response<wire::PublishResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn confirm(&self, _: Request<wire::ConfirmRequest>) -> Result<Response<wire::ConfirmResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
