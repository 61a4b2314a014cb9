//! The task that owns desk and courier: questions of people, words of the gateway, workers' results and released effects go
//! in; it decides, stages, hands to the committer, and lets out what is durable. Everything else of the agent talks to it
//! through [`DeskHandle`].
//!
//! Nothing here may wait for something that waits for it: what cannot leave at once queues here, and new work is only taken
//! while those queues are short. Not here: the rules (casework), the disk (`store`), sockets (`link`, `local_api`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_casework::answer::{Answer, OutboxRow, Place};
use raccordo_casework::courier::{Courier, Event, Output};
use raccordo_casework::desk::{Act, Command, Desk, Input};
use raccordo_casework::record::JournalFailure;
use raccordo_casework::refusal::Refusal;
use raccordo_casework::roles::Caller;
use raccordo_casework::step::Effect;
use raccordo_casework::work::{Done, Job};
use raccordo_machine::clock;
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::{Directory, Timestamp};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::commit::Work;
use crate::link::{LinkCommand, LinkEvent};
use crate::store::committer::Committer;

/// Steps that may wait for one flush.
pub const GROUP_MAX: usize = 256;
/// Jobs at workers before the link is not read any further.
const JOBS_MAX: usize = 64;
/// Events that a slow watcher may miss before it is told so.
const WATCH_MAX: usize = 1024;

/// Something happened; no content, no code of a case.
#[derive(Clone, Debug)]
pub struct Happened {
    /// What.
    pub what: What,
    /// The other agency.
    pub peer: Option<AgencyId>,
    /// The letter.
    pub letter: Option<LetterId>,
    /// A code.
    pub code: &'static str,
    /// When.
    pub at: Timestamp,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A gateway is attached.
    Attached,
    /// It is no longer.
    Detached,
    /// A letter of ours is durable.
    Queued,
    /// A recipient has it.
    Delivered,
    /// A recipient will not get it.
    Blocked,
    /// A letter arrived.
    Received,
}

/// An outbox row, and why it waits.
pub struct WaitingRow {
    /// The row.
    pub row: OutboxRow,
    /// Why, and since when; `None` when it does not wait.
    pub why: Option<(&'static str, Timestamp)>,
}

/// How the agent is.
pub struct Status {
    /// The installed directory.
    pub directory: Option<Arc<Directory>>,
    /// What was installed before it.
    pub directory_before: Option<Arc<Directory>>,
    /// Until when somebody looks after it.
    pub directory_looked_after_until: Option<Timestamp>,
    /// When another document of its version was seen, signed by enough admins.
    pub directory_rival_seen: Option<Timestamp>,
    /// How far this clock was ahead of the gateway's when it last greeted, ms.
    pub clock_ahead: Option<i64>,
    /// Whether a gateway is attached.
    pub attached: bool,
    /// Letters and recipients that wait.
    pub queued: usize,
    /// Why the link is down.
    pub link_fault: Option<&'static str>,
    /// Faults of others, by code.
    pub rejections: BTreeMap<&'static str, u64>,
    /// Letters of which the sender signed two versions.
    pub forked: usize,
    /// When it was noticed that an older copy of the store was put back.
    pub put_back: Option<Timestamp>,
    /// Who says that it has another letter where one is here, and whose.
    pub differing: BTreeSet<(AgencyId, AgencyId)>,
    /// Chains of letters that lack one before their last.
    pub gaps: usize,
    /// Offices whose new key waits for a yes.
    pub keys_to_accept: Vec<AgencyId>,
}

/// What a person's question may come back with.
pub enum Reply {
    /// Answered.
    Answer(Answer),
    /// Answered, with what the courier knows beside.
    Outbox(Vec<WaitingRow>),
    /// A rule, or a form's faults.
    Refused(Refusal),
}

type Watching = Option<(Vec<Happened>, broadcast::Receiver<Happened>)>;

/// An answer that waits for what it rests on.
enum Later {
    Refuse(oneshot::Sender<Reply>, Refusal),
    Watch(oneshot::Sender<Watching>, Watching),
}

enum Request {
    Ask { caller: Caller, act: Act, reply: oneshot::Sender<Reply> },
    Status(oneshot::Sender<Status>),
    Directory(oneshot::Sender<Option<Arc<Directory>>>),
    MayBackUp { caller: Caller, reply: oneshot::Sender<bool> },
    Watch { caller: Caller, reply: oneshot::Sender<Watching> },
}

/// The way to the desk.
#[derive(Clone)]
pub struct DeskHandle(mpsc::Sender<Request>);

/// The desk has stopped; the process is about to.
#[derive(Debug, Clone, Copy)]
pub struct Gone;

impl DeskHandle {
    /// Asks; the answer comes once everything it rests on is durable.
    pub async fn ask(&self, caller: Caller, act: Act) -> Result<Reply, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::Ask { caller, act, reply }).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }

    /// How the agent is.
    pub async fn status(&self) -> Result<Status, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::Status(reply)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }

    /// The installed directory: names of offices.
    pub async fn directory(&self) -> Result<Option<Arc<Directory>>, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::Directory(reply)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }

    /// Whether the caller may make backups.
    pub async fn may_back_up(&self, caller: Caller) -> Result<bool, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::MayBackUp { caller, reply }).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }

    /// How things are, and what happens from now on; `None` for a stranger.
    pub async fn watch(&self, caller: Caller) -> Result<Option<(Vec<Happened>, broadcast::Receiver<Happened>)>, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::Watch { caller, reply }).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// What the task is made of.
pub struct Parts {
    /// Replayed.
    pub desk: Desk,
    /// Knows nothing yet.
    pub courier: Courier,
    /// The identity key.
    pub signer: Arc<SigningKey>,
    /// Owns the journal.
    pub committer: Committer<Work>,
    /// Effects that the committer has released.
    pub released: mpsc::Receiver<Result<Vec<Effect>, JournalFailure>>,
    /// To the link.
    pub commands: mpsc::Sender<LinkCommand>,
    /// From the link.
    pub events: mpsc::Receiver<LinkEvent>,
}

/// The task.
pub struct DeskTask {
    parts: Parts,
    requests: mpsc::Receiver<Request>,
    asks: VecDeque<Input>,
    says: VecDeque<LinkCommand>,
    /// Steps handed to the committer, and steps that have come back durable.
    submitted: u64,
    durable: u64,
    /// Answers that rest on steps which are not durable yet, each with the step it waits for.
    later: VecDeque<(u64, Later)>,
    jobs: JoinSet<Done>,
    tickets: BTreeMap<u64, oneshot::Sender<Reply>>,
    next_ticket: u64,
    watchers: broadcast::Sender<Happened>,
}

impl DeskTask {
    /// The task and the way to it. `first` are inputs that come before anything else (a life begins, a directory is here).
    pub fn new(parts: Parts, first: Vec<Input>) -> (Self, DeskHandle) {
        let (sender, requests) = mpsc::channel(GROUP_MAX);
        let task = Self {
            parts,
            requests,
            asks: first.into(),
            says: VecDeque::new(),
            submitted: 0,
            durable: 0,
            later: VecDeque::new(),
            jobs: JoinSet::new(),
            tickets: BTreeMap::new(),
            next_ticket: 1,
            watchers: broadcast::channel(WATCH_MAX).0,
        };
        (task, DeskHandle(sender))
    }

    /// Runs until `stop` says so or the disk fails. What was submitted is made durable before it returns.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) -> Result<(), JournalFailure> {
        loop {
            self.drain().await?;
            let (wake, due) = (self.parts.courier.next_timeout(), self.parts.desk.next_timeout(clock::now()));
            let room = self.uncommitted() < GROUP_MAX && self.asks.is_empty();
            let jobs = self.jobs.len();
            let commands = self.parts.commands.clone();
            tokio::select! {
                _ = &mut stop => break,
                released = self.parts.released.recv() => match released {
                    Some(released) => self.release(released?),
                    None => return Err(stopped()),
                },
                Some(done) = self.jobs.join_next() => {
                    self.tell(Event::Worked(done.map_err(|source| JournalFailure { operation: "working", source: source.into() })?));
                }
                permit = commands.reserve(), if !self.says.is_empty() => {
                    if let (Ok(permit), Some(say)) = (permit, self.says.pop_front()) {
                        permit.send(say);
                    }
                }
                Some(event) = self.parts.events.recv(), if room && jobs < JOBS_MAX && self.says.len() < GROUP_MAX => self.link(event),
                Some(request) = self.requests.recv(), if room => self.request(request),
                () = until(wake) => self.tell(Event::Timeout),
                () = until(due), if room => self.asks.push_back(Input::Timeout),
            }
        }
        let committer = self.parts.committer;
        let finished = tokio::task::spawn_blocking(move || committer.finish()).await;
        if matches!(finished, Ok(Ok(()))) { Ok(()) } else { Err(stopped()) }
    }

    /// Everything that courier and desk want of each other, as far as there is room for one more flush.
    async fn drain(&mut self) -> Result<(), JournalFailure> {
        loop {
            while let Some(output) = self.parts.courier.poll() {
                self.output(output);
            }
            if self.uncommitted() >= GROUP_MAX {
                return Ok(());
            }
            match self.asks.pop_front() {
                Some(input) => self.decide(input).await?,
                None => return Ok(()),
            }
        }
    }

    async fn decide(&mut self, input: Input) -> Result<(), JournalFailure> {
        let ticket = match &input {
            Input::Command(command) => Some(command.ticket),
            _ => None,
        };
        let decided = self.parts.desk.decide(input, clock::now(), self.parts.signer.as_ref(), &mut clock::rng());
        match decided {
            Ok(step) => {
                let pending = step.stage(&mut self.parts.desk);
                self.submitted += 1;
                self.parts.committer.submit(Work::Step(pending)).await.map_err(|_| stopped())
            }
            Err(refusal) => {
                if let Some(reply) = ticket.and_then(|ticket| self.tickets.remove(&ticket)) {
                    self.once_durable(Later::Refuse(reply, refusal));
                }
                Ok(())
            }
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Say(frame) => self.says.push_back(LinkCommand::Send(frame)),
            Output::Fetch { since } => self.says.push_back(LinkCommand::Fetch { since }),
            Output::Reattach => self.says.push_back(LinkCommand::Reattach),
            Output::Ask(input) => self.asks.push_back(input),
            Output::Work(job) => {
                let (me, signer) = (self.parts.desk.me().clone(), self.parts.signer.clone());
                let work = move |job: Job| job.run(&me, clock::now(), signer.as_ref(), &mut clock::rng());
                match job {
                    // Its length is the network's: a large one would keep the link waiting.
                    Job::VerifyDirectory { .. } => self.jobs.spawn_blocking(move || work(job)),
                    // About what waking a thread of its own costs, where nothing else waits; where much does, all cores take part.
                    _ => self.jobs.spawn(async move { work(job) }),
                };
            }
            Output::Attached(true) => self.happened(What::Attached, None, None, ""),
            Output::Attached(false) => self.happened(What::Detached, None, None, ""),
        }
    }

    fn release(&mut self, released: Vec<Effect>) {
        for effect in released {
            match &effect {
                // Each staged step comes back as this marker, so that the count of steps under way is exact.
                Effect::Durable => {
                    self.durable += 1;
                    continue;
                }
                Effect::Announce { letter, .. } if self.parts.desk.shows(*letter) => {
                    self.happened(What::Queued, None, Some(*letter), "");
                }
                Effect::Settled { letter, recipient, blocked } if self.parts.desk.shows(*letter) => {
                    let what = if blocked.is_some() { What::Blocked } else { What::Delivered };
                    let code = blocked.map_or("", raccordo_proto::Code::name);
                    self.happened(what, Some(recipient.clone()), Some(*letter), code);
                }
                Effect::Arrived { letter, sender, .. } => self.happened(What::Received, Some(sender.clone()), Some(*letter), ""),
                Effect::DirectoryInstalled(directory, _) => self.install(directory),
                Effect::Answer { .. }
                | Effect::Announce { .. }
                | Effect::Settled { .. }
                | Effect::Seal { .. }
                | Effect::Hold { .. }
                | Effect::Forgotten { .. }
                | Effect::SendReceipt(_)
                | Effect::ShowCard(_)
                | Effect::UseCard(_) => {}
            }
            match effect {
                Effect::Answer { ticket, answer } => self.answer(ticket, answer),
                other => self.tell(Event::Released(other)),
            }
        }
        self.tell_later();
    }

    fn uncommitted(&self) -> usize {
        usize::try_from(self.submitted - self.durable).unwrap_or(usize::MAX)
    }

    /// What was decided on the desk as it stands may be told only once the desk as it stands is durable (invariant 5).
    fn once_durable(&mut self, answer: Later) {
        self.later.push_back((self.submitted, answer));
        self.tell_later();
    }

    fn tell_later(&mut self) {
        while self.later.front().is_some_and(|(step, _)| *step <= self.durable) {
            // Whoever asked may be gone; that is no fault.
            let _gone = match self.later.pop_front() {
                Some((_, Later::Refuse(reply, refusal))) => reply.send(Reply::Refused(refusal)).is_ok(),
                Some((_, Later::Watch(reply, watching))) => reply.send(watching).is_ok(),
                None => false,
            };
        }
    }

    fn install(&mut self, directory: &Arc<Directory>) {
        tracing::info!(version = directory.version(), "a directory was installed");
        self.says.push_back(LinkCommand::Directory(directory.clone()));
    }

    fn answer(&mut self, ticket: u64, answer: Answer) {
        let Some(reply) = self.tickets.remove(&ticket) else { return };
        let answer = match answer {
            Answer::Outbox(rows) => Reply::Outbox(rows.into_iter().map(|row| self.with_reason(row)).collect()),
            other => Reply::Answer(other),
        };
        let _gone = reply.send(answer);
    }

    fn with_reason(&self, row: OutboxRow) -> WaitingRow {
        let waits = row.place == Place::Queued;
        let why = waits.then(|| self.parts.courier.why(row.letter, &row.recipient)).flatten();
        WaitingRow { row, why }
    }

    fn link(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opening => self.tell(Event::LinkOpening),
            LinkEvent::Received(said) => self.tell(Event::Heard(said)),
            LinkEvent::Directory { since, response } => self.tell(Event::Fetched { since, response }),
            LinkEvent::Down { code } => {
                tracing::info!(code, "the link is down");
                self.says.retain(|say| matches!(say, LinkCommand::Directory(_)));
                self.tell(Event::LinkDown(code));
            }
        }
    }

    fn tell(&mut self, event: Event) {
        self.parts.courier.handle(event, clock::now(), &mut clock::rng());
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Ask { caller, act, reply } => {
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                self.tickets.insert(ticket, reply);
                self.asks.push_back(Input::Command(Command { ticket, caller, act }));
            }
            Request::Status(reply) => {
                let courier = &self.parts.courier;
                let _gone = reply.send(Status {
                    directory: self.parts.desk.directory().cloned(),
                    directory_before: self.parts.desk.directory_before().cloned(),
                    directory_looked_after_until: self.parts.desk.directory_looked_after_until(),
                    directory_rival_seen: self.parts.desk.directory_rival_seen(),
                    clock_ahead: courier.clock_ahead(),
                    attached: courier.is_attached(),
                    queued: courier.waiting_count(),
                    link_fault: courier.link_fault(),
                    rejections: courier.rejections().clone(),
                    forked: self.parts.desk.forks(),
                    put_back: self.parts.desk.put_back(),
                    differing: self.parts.desk.differing(),
                    gaps: self.parts.desk.gaps(),
                    keys_to_accept: self.parts.desk.keys_to_accept().into_iter().map(|(office, _)| office).collect(),
                });
            }
            Request::Directory(reply) => {
                let _gone = reply.send(self.parts.desk.directory().cloned());
            }
            Request::MayBackUp { caller, reply } => {
                let _gone = reply.send(self.parts.desk.may_back_up(&caller));
            }
            Request::Watch { caller, reply } => {
                let known = self.parts.desk.knows(&caller).then(|| (self.so_far(), self.watchers.subscribe()));
                self.once_durable(Later::Watch(reply, known));
            }
        }
    }

    /// How things are now, in the words of what happens.
    fn so_far(&self) -> Vec<Happened> {
        let at = clock::now();
        let what = if self.parts.courier.is_attached() { What::Attached } else { What::Detached };
        let mut so_far = vec![Happened { what, peer: None, letter: None, code: "", at }];
        so_far.extend(self.parts.desk.delivered().into_iter().map(|(letter, recipient)| Happened {
            what: What::Delivered,
            peer: Some(recipient),
            letter: Some(letter),
            code: "",
            at,
        }));
        so_far.extend(self.parts.desk.received().into_iter().map(|(letter, sender, at)| Happened {
            what: What::Received,
            peer: Some(sender),
            letter: Some(letter),
            code: "",
            at,
        }));
        so_far
    }

    fn happened(&self, what: What, peer: Option<AgencyId>, letter: Option<LetterId>, code: &'static str) {
        tracing::debug!(?what, peer = peer.as_ref().map(AgencyId::as_str), code, "happened");
        // Nobody watching is no fault.
        let _nobody = self.watchers.send(Happened { what, peer, letter, code, at: clock::now() });
    }
}

fn stopped() -> JournalFailure {
    JournalFailure { operation: "committing", source: "the committer has stopped".into() }
}

async fn until(wake: Option<Timestamp>) {
    match wake {
        // The courier's instants are the clock's; a task sleeps for what is between.
        Some(wake) => tokio::time::sleep(wake.since(clock::now()).max(Duration::from_millis(1))).await,
        None => std::future::pending().await,
    }
}
