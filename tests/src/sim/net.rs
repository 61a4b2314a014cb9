//! Lines between offices and the gateway: latency, ends that each side hears of later, frames in flight that are lost, and
//! a gateway that lags. Not here: what the frames mean; what an evil gateway does to them (`evil`).

use std::collections::BTreeMap;
use std::sync::Arc;

use core::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::courier::Event;
use raccordo_gateway::admission::Admission;
use raccordo_gateway::router::{self, ConnectionId, Moment, Peer, Queues, Router};
use raccordo_proto::directory::keycard;
use raccordo_proto::ids::{AgencyId, EnvelopeId};
use raccordo_proto::limits::IN_FLIGHT_MAX;
use raccordo_proto::wire::{
    FetchResponse, Goodbye, Ready, SignedDirectory, SignedKeyCard, SignedReceipt, ToAgent, from_agent, to_agent,
};
use raccordo_proto::{Code, Directory, Timestamp};

use super::cast::{machine, spki};
use super::{Happening, World};

/// One stream.
pub(super) struct Line {
    pub(super) agency: AgencyId,
    /// Nothing passes any more, whoever has heard of it.
    pub(super) dead: bool,
    /// Whether the gateway believes in it.
    at_gateway: bool,
    last_up: Timestamp,
    last_down: Timestamp,
    envelopes: BTreeMap<u64, usize>,
}

/// After this much silence nothing is under way on a line that is dead.
const SILENCE: Duration = Duration::from_secs(120);

/// The gateway's process and its lines.
pub(super) struct Gateway {
    router: Router,
    pub(super) up: bool,
    pub(super) directory: Arc<Directory>,
    pub(super) lines: Lines,
    pub(super) evil: bool,
    /// Offices behind a partition.
    pub(super) cut_off: BTreeMap<AgencyId, u32>,
    /// Offices on a slow line.
    pub(super) slow: BTreeMap<AgencyId, u32>,
    next: u64,
    frames: u64,
    /// Cards it has kept to show again.
    pub(super) old_cards: BTreeMap<AgencyId, SignedKeyCard>,
    /// A receipt that it has kept to say again.
    pub(super) old_receipt: Option<SignedReceipt>,
}

/// Every stream there has been.
#[derive(Default)]
pub(super) struct Lines(BTreeMap<ConnectionId, Line>);

impl core::ops::Deref for Lines {
    type Target = BTreeMap<ConnectionId, Line>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl core::ops::DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Queues for Lines {
    fn envelopes(&self, connection: ConnectionId) -> usize {
        self.get(&connection).map_or(0, |line| line.envelopes.len())
    }

    fn bytes(&self) -> usize {
        self.values().flat_map(|line| line.envelopes.values()).sum()
    }
}

impl Gateway {
    pub(super) fn new(directory: Arc<Directory>) -> Self {
        Self {
            router: Router::new(directory.clone(), Admission::new(IN_FLIGHT_MAX)),
            up: true,
            directory,
            lines: Lines::default(),
            evil: false,
            cut_off: BTreeMap::new(),
            slow: BTreeMap::new(),
            next: 0,
            frames: 0,
            old_cards: BTreeMap::new(),
            old_receipt: None,
        }
    }
}

impl World {
    /// An office tries to connect.
    pub(super) fn dial(&mut self, id: &AgencyId, dialling: u64) {
        let office = self.office(id);
        if !office.up || office.connection.is_some() || office.dialling != dialling {
            return;
        }
        if !self.gateway.up || self.gateway.cut_off.contains_key(id) {
            self.tell(id, Event::LinkDown("UNREACHABLE"));
            return self.dial_again(id, 1_000, 10_000);
        }
        self.clear_lines();
        self.gateway.next += 1;
        let connection = ConnectionId(self.gateway.next);
        let now = self.now;
        let line =
            Line { agency: id.clone(), dead: false, at_gateway: true, last_up: now, last_down: now, envelopes: BTreeMap::new() };
        self.gateway.lines.insert(connection, line);
        self.office(id).connection = Some(connection);
        self.note("connects", id);
        let peer = Peer { agency: id.clone(), agent: machine(), spki_sha256: spki(id) };
        self.route(router::Input::Opened(connection, peer));
        self.tell(id, Event::LinkOpening);
    }

    /// Lines of which nobody will hear any more.
    fn clear_lines(&mut self) {
        let Self { gateway, offices, now, .. } = self;
        gateway.lines.retain(|connection, line| {
            let silent = now.since(line.last_up.max(line.last_down)) > SILENCE;
            !(line.dead && !line.at_gateway && silent) || offices[&line.agency].connection == Some(*connection)
        });
    }

    pub(super) fn dial_again(&mut self, id: &AgencyId, least: u64, most: u64) {
        let wait = self.between(least, most);
        let office = self.office(id);
        office.dialling += 1;
        let dialling = office.dialling;
        self.after(wait, Happening::Dial(id.clone(), dialling));
    }

    /// The office lets go of its stream, or its process is gone; the gateway hears of it later.
    pub(super) fn let_go(&mut self, id: &AgencyId) {
        if let Some(connection) = self.office(id).connection.take() {
            self.kill(connection);
            let wait = self.between(10, 50_000);
            self.after(wait, Happening::GatewayTold(connection));
        }
    }

    /// The courier wants another stream: the link ends this one and comes back.
    pub(super) fn reattach(&mut self, id: &AgencyId) {
        if let Some(connection) = self.office(id).connection {
            self.fault("attached-again", id);
            self.kill(connection);
            self.after(10, Happening::GatewayTold(connection));
            self.agent_told(connection, Code::OutOfTime.name());
        }
    }

    /// Nothing passes any more; each side hears of it later.
    pub(super) fn break_line(&mut self, connection: ConnectionId) {
        self.kill(connection);
        let (agent, gateway) = (self.between(10, 50_000), self.between(10, 50_000));
        self.after(agent, Happening::AgentTold(connection));
        self.after(gateway, Happening::GatewayTold(connection));
    }

    fn kill(&mut self, connection: ConnectionId) {
        if let Some(line) = self.gateway.lines.get_mut(&connection) {
            line.dead = true;
        }
    }

    pub(super) fn gateway_told(&mut self, connection: ConnectionId) {
        if self.gateway.lines.get(&connection).is_some_and(|line| line.at_gateway) {
            self.route(router::Input::Closed(connection));
            self.forget_at_gateway(connection);
        }
    }

    fn forget_at_gateway(&mut self, connection: ConnectionId) {
        if let Some(line) = self.gateway.lines.get_mut(&connection) {
            line.at_gateway = false;
            line.envelopes.clear();
        }
    }

    pub(super) fn agent_told(&mut self, connection: ConnectionId, code: &'static str) {
        let Some(id) = self.gateway.lines.get(&connection).map(|line| line.agency.clone()) else { return };
        if self.office(&id).connection == Some(connection) {
            self.office(&id).connection = None;
            self.note("link-down", &format!("{id} {code}"));
            self.tell(&id, Event::LinkDown(code));
            // Who is told that it is out tries again less often; at night somebody has switched it off.
            let is_out = code.starts_with("AGENCY") && self.directory.active_agent(&id, self.now).is_err();
            let most = if !is_out {
                10_000
            } else if self.calm {
                7_200_000
            } else {
                90_000
            };
            self.dial_again(&id, most / 20, most);
        }
    }

    /// An office says something.
    pub(super) fn says(&mut self, id: &AgencyId, frame: from_agent::Frame) {
        self.check_said(id, &frame);
        self.send_up(id, frame);
    }

    /// Whatever it is.
    pub(super) fn send_up(&mut self, id: &AgencyId, frame: from_agent::Frame) {
        let Some(connection) = self.office(id).connection else { return };
        let is_envelope = matches!(frame, from_agent::Frame::Envelope(_));
        let latency = self.latency(id);
        let now = self.now;
        let Some(line) = self.gateway.lines.get_mut(&connection) else { return };
        line.last_up = line.last_up.max(now.plus(latency));
        let when = line.last_up;
        self.at(when, Happening::ToGateway(connection, frame));
        if is_envelope && self.mishap(200) {
            self.crash(id, &["C5"]);
        }
    }

    fn latency(&mut self, id: &AgencyId) -> Duration {
        let slow = self.gateway.slow.contains_key(id);
        let millis = if slow || self.mishap(60) { self.between(500, 15_000) } else { self.between(2, 80) };
        Duration::from_millis(millis)
    }

    pub(super) fn gateway_hears(&mut self, connection: ConnectionId, frame: from_agent::Frame) {
        let line = self.gateway.lines.get(&connection);
        if line.is_none_or(|line| line.dead || !line.at_gateway) || !self.gateway.up {
            let point = match frame {
                from_agent::Frame::Receipt(_) => Some("C11"),
                from_agent::Frame::Envelope(_) => Some("C6"),
                _ => None,
            };
            return self.lost(point);
        }
        self.route(router::Input::Said(connection, frame));
    }

    fn lost(&mut self, point: Option<&str>) {
        self.counts.add("fault", "frame-lost");
        if let Some(point) = point {
            self.counts.add("crash", point);
        }
    }

    fn route(&mut self, input: router::Input) {
        let moment = Moment { now: self.now, jitter: Duration::from_millis(self.below(500)) };
        let outputs = self.gateway.router.handle(input, moment, &self.gateway.lines);
        for output in outputs {
            match output {
                router::Output::Send(connection, frame) => {
                    if let to_agent::Frame::Refusal(refusal) = &frame {
                        self.counts.add("gateway", refusal.code().name());
                    }
                    self.forward(connection, frame);
                }
                router::Output::Close(connection, code) => {
                    self.counts.add("gateway", code.name());
                    if code == Code::Superseded {
                        self.fault("superseded", &connection.0);
                    }
                    self.send(connection, goodbye(code), false);
                    self.forget_at_gateway(connection);
                }
                router::Output::Audit(_) | router::Output::Count(..) => {}
            }
        }
    }

    pub(super) fn send(&mut self, connection: ConnectionId, frame: to_agent::Frame, out_of_order: bool) {
        let Some(id) = self.gateway.lines.get(&connection).map(|line| line.agency.clone()) else { return };
        let mut when = self.now.plus(self.latency(&id));
        if out_of_order {
            when = when.plus(Duration::from_millis(self.between(100, 5_000)));
        }
        if let to_agent::Frame::Ready(Ready { key_card: Some(card) }) = &frame
            && let Ok((agency, _)) = keycard::peek(card)
            && self.below(8) == 0
        {
            self.gateway.old_cards.insert(agency, card.clone());
        }
        self.gateway.frames += 1;
        let number = self.gateway.frames;
        let Some(line) = self.gateway.lines.get_mut(&connection) else { return };
        if !out_of_order {
            when = line.last_down.max(when);
            line.last_down = when;
        }
        if let to_agent::Frame::Envelope(frame) = &frame {
            line.envelopes.insert(number, frame.envelope.len());
        }
        self.at(when, Happening::ToAgent(connection, frame));
    }

    pub(super) fn agent_hears(&mut self, connection: ConnectionId, frame: to_agent::Frame) {
        let Some(line) = self.gateway.lines.get_mut(&connection) else { return };
        if matches!(frame, to_agent::Frame::Envelope(_)) {
            line.envelopes.pop_first();
        }
        let (dead, id) = (line.dead, line.agency.clone());
        if dead || self.office(&id).connection != Some(connection) {
            let point = match frame {
                to_agent::Frame::Envelope(_) => Some("C6"),
                to_agent::Frame::Receipt(_) => Some("C11"),
                _ => None,
            };
            return self.lost(point);
        }
        self.note(heard(&frame), &format!("{id} {}", short(&frame)));
        match frame {
            to_agent::Frame::Goodbye(goodbye) => {
                let code = goodbye.code();
                self.kill(connection);
                self.agent_told(connection, code.name());
            }
            to_agent::Frame::Envelope(_) if self.mishap(200) => self.crash(&id, &["C8"]),
            frame => self.tell(&id, Event::Heard(ToAgent { frame: Some(frame) })),
        }
    }

    pub(super) fn fetch(&mut self, id: &AgencyId, since: u64) {
        let Some(connection) = self.office(id).connection else { return };
        let response = self.response(since, self.gateway.directory.version());
        let wait = self.latency(id) + self.latency(id);
        self.at(self.now.plus(wait), Happening::Fetched(connection, since, response));
    }

    /// What leads from one version to another.
    pub(super) fn response(&self, since: u64, to: u64) -> FetchResponse {
        let at = |version: u64| usize::try_from(version).unwrap_or(usize::MAX).saturating_sub(1);
        if since >= to {
            return FetchResponse::default();
        }
        let (from, to) = (at(since.saturating_add(1)), at(to));
        let heads = self.history.get(from..to).unwrap_or_default();
        let heads = heads.iter().map(|document| SignedDirectory { body: Bytes::new(), ..document.clone() }).collect();
        FetchResponse { heads, newest: self.history.get(to).cloned(), confirm: None }
    }

    pub(super) fn fetched(&mut self, connection: ConnectionId, since: u64, response: FetchResponse) {
        let Some(line) = self.gateway.lines.get(&connection).filter(|line| !line.dead) else { return };
        let id = line.agency.clone();
        if self.office(&id).connection == Some(connection) {
            self.tell(&id, Event::Fetched { since, response });
        }
    }

    pub(super) fn by_hand(&mut self, id: &AgencyId, since: u64, response: FetchResponse) {
        if self.office(id).up {
            self.tell(id, Event::Fetched { since, response });
        }
    }

    pub(super) fn gateway_tick(&mut self) {
        if self.gateway.up {
            self.route(router::Input::Timeout);
        }
        self.after(if self.calm { 60_000 } else { 5_000 }, Happening::GatewayTick);
    }

    pub(super) fn gateway_installs(&mut self, directory: &Arc<Directory>) {
        if directory.version() > self.gateway.directory.version() {
            self.gateway.directory = directory.clone();
            self.note("gateway-installs", &directory.version());
            if self.gateway.up {
                self.route(router::Input::Directory(directory.clone()));
            }
        }
    }

    /// C7: every line is gone, and whatever the gateway knew.
    pub(super) fn gateway_crashes(&mut self) {
        self.gateway.up = false;
        self.counts.add("crash", "C7");
        let lines: Vec<ConnectionId> = self.gateway.lines.iter().filter(|(_, line)| !line.dead).map(|(id, _)| *id).collect();
        for connection in lines {
            self.kill(connection);
            let wait = self.between(10, 3_000);
            self.after(wait, Happening::AgentTold(connection));
        }
        self.gateway.lines.values_mut().for_each(|line| line.at_gateway = false);
        let wait = self.between(1_000, 30_000);
        self.after(wait, Happening::GatewayStarts);
    }

    pub(super) fn gateway_starts(&mut self) {
        self.gateway.up = true;
        self.gateway.router = Router::new(self.gateway.directory.clone(), Admission::new(IN_FLIGHT_MAX));
        self.note("gateway-starts", &"");
    }
}

pub(super) fn goodbye(code: Code) -> to_agent::Frame {
    to_agent::Frame::Goodbye(Goodbye { code: code.into() })
}

fn heard(frame: &to_agent::Frame) -> &'static str {
    match frame {
        to_agent::Frame::Welcome(_) => "hears Welcome",
        to_agent::Frame::Ready(_) => "hears Ready",
        to_agent::Frame::Envelope(_) => "hears Envelope",
        to_agent::Frame::Receipt(_) => "hears Receipt",
        to_agent::Frame::Refusal(_) => "hears Refusal",
        to_agent::Frame::DirectoryNews(_) => "hears DirectoryNews",
        to_agent::Frame::Goodbye(_) => "hears Goodbye",
        to_agent::Frame::Want(_) | to_agent::Frame::Chunk(_) | to_agent::Frame::Ping(_) | to_agent::Frame::Pong(_) => {
            "hears more"
        }
    }
}

/// Enough of a frame to tell two apart.
fn short(frame: &to_agent::Frame) -> String {
    let id = |bytes: &[u8]| EnvelopeId::parse(bytes).map_or_else(|_| String::new(), |id| format!("{:02x?}", &id.as_bytes()[..4]));
    match frame {
        to_agent::Frame::Envelope(frame) => frame.route.as_ref().map_or_else(String::new, |r| id(&r.envelope_id) + " " + &r.peer),
        to_agent::Frame::Receipt(receipt) => receipt
            .route
            .as_ref()
            .map_or_else(String::new, |r| id(&r.envelope_id) + " " + &r.peer + " " + outcome(&receipt.receipt)),
        to_agent::Frame::Refusal(refusal) => id(&refusal.envelope_id) + " " + refusal.code().name(),
        to_agent::Frame::Goodbye(goodbye) => goodbye.code().name().to_owned(),
        _ => String::new(),
    }
}

fn outcome(receipt: &Bytes) -> &'static str {
    let receipt = raccordo_proto::wire::Receipt::decode(receipt.clone()).unwrap_or_default();
    match receipt.code() {
        Code::Unspecified => receipt.result().as_str_name(),
        code => code.name(),
    }
}
