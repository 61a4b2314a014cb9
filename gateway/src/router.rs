//! Who is attached, who waits for whom, and where a frame goes. Pure: sockets, clock and randomness are the caller's, so a
//! simulated world runs this very code.
//!
//! Everything here is soft state: a gateway that loses it loses no letter. Envelopes pass through as the bytes that came;
//! not here: anything that looks into them, and any memory of them after they have left.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::identity::{Principal, SpiffeId};
use raccordo_proto::ids::{AgentId, EnvelopeId};
use raccordo_proto::limits::{
    BUSY_RETRY_AFTER, ENVELOPE_BYTES_MAX, HELLO_MAX, OUTBOUND_FRAMES_MAX, QUEUED_BYTES_MAX, SIGNATURE_BYTES, WAITING_MAX,
};
use raccordo_proto::wire::{self, from_agent, to_agent};
use raccordo_proto::{AgencyId, Code, Directory, Timestamp};

use crate::admission::{Admission, Refused};
use crate::event::{Event, Tally};
use crate::scrub::ZEROS;

/// Bytes of one key card: its encapsulation key takes 1,216, the rest about 100.
pub const CARD_BYTES_MAX: usize = 1536;

/// One stream of one connection; never used again after it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Whom TLS has shown the other side to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The office.
    pub agency: AgencyId,
    /// Its machine.
    pub agent: AgentId,
    /// SHA-256 of its TLS key's SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
}

/// What happened outside.
pub enum Input {
    /// An agent has opened a stream.
    Opened(ConnectionId, Peer),
    /// It said something.
    Said(ConnectionId, from_agent::Frame),
    /// Its stream has ended.
    Closed(ConnectionId),
    /// Its stream broke a rule below the frames: what came was no message, or no Pong came.
    Broke(ConnectionId, Code),
    /// A newer directory is installed, or the installed one was confirmed: both are told to every stream.
    Directory(Arc<Directory>),
    /// Time has passed: due at least once a second while streams are without Hello.
    Timeout,
}

/// What to do about it, in order.
pub enum Output {
    /// Queue this for a stream; when its queue is full, drop it: everything sent so is soft state or a hint.
    Send(ConnectionId, to_agent::Frame),
    /// Say Goodbye with this code and end the stream. No `Closed` is needed after it.
    Close(ConnectionId, Code),
    /// Write a row.
    Audit(Event),
    /// Count, per agency and day.
    Count(AgencyId, Tally),
}

/// How full the queues towards agents are: they are the caller's.
pub trait Queues {
    /// Envelopes queued towards one stream.
    fn envelopes(&self, connection: ConnectionId) -> usize;
    /// Envelope bytes queued in the whole gateway.
    fn bytes(&self) -> usize;
}

/// When it happened, and a little randomness that keeps refused senders from coming back together.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// Added to what BUSY asks for.
    pub jitter: Duration,
}

/// The switchboard of one gateway.
pub struct Router {
    directory: Arc<Directory>,
    admission: Admission,
    /// Streams that have not said Hello, and since when.
    opened: BTreeMap<ConnectionId, (Peer, Timestamp)>,
    /// The one attachment of each agency.
    attached: BTreeMap<AgencyId, Attachment>,
    /// Whose attachment a stream is.
    streams: BTreeMap<ConnectionId, AgencyId>,
}

struct Attachment {
    connection: ConnectionId,
    peer: Peer,
    order: CardOrder,
    card: wire::SignedKeyCard,
    waiting: BTreeSet<AgencyId>,
}

/// Whether the directory still lets a peer in: the agency is active, with this machine and this TLS key.
pub fn standing(directory: &Directory, peer: &Peer, now: Timestamp) -> Result<(), Code> {
    let agent = directory.active_agent(&peer.agency, now)?;
    let is_same = agent.id == peer.agent && agent.spki_sha256.contains(&peer.spki_sha256);
    if is_same { Ok(()) } else { Err(Code::Unauthenticated) }
}

impl Router {
    /// Nobody attached.
    pub fn new(directory: Arc<Directory>, admission: Admission) -> Self {
        Self { directory, admission, opened: BTreeMap::new(), attached: BTreeMap::new(), streams: BTreeMap::new() }
    }

    /// Takes one input to its outputs.
    pub fn handle(&mut self, input: Input, moment: Moment, queues: &impl Queues) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Opened(connection, peer) => drop(self.opened.insert(connection, (peer, moment.now))),
            Input::Said(connection, frame) => self.said(connection, frame, moment, queues, &mut out),
            Input::Closed(connection) => self.ended(connection, &mut out),
            Input::Broke(connection, code) => self.close(connection, code, &mut out),
            Input::Directory(directory) => self.directory_changed(directory, moment.now, &mut out),
            Input::Timeout => self.close_the_silent(moment.now, &mut out),
        }
        out
    }

    /// Offices attached, in the order of their ids.
    pub fn attached(&self) -> impl Iterator<Item = &AgencyId> {
        self.attached.keys()
    }

    /// Whether some stream has yet to say Hello: then [`Input::Timeout`] is due.
    pub fn awaits_hello(&self) -> bool {
        !self.opened.is_empty()
    }

    fn said(
        &mut self,
        connection: ConnectionId,
        frame: from_agent::Frame,
        at: Moment,
        queues: &impl Queues,
        out: &mut Vec<Output>,
    ) {
        if let Some((peer, _)) = self.opened.remove(&connection) {
            let agency = peer.agency.clone();
            if let Err(code) = self.hello(connection, peer, frame, at.now, out) {
                out.push(Output::Audit(Event::refused(&agency, code)));
                out.push(Output::Close(connection, code.on_the_wire()));
            }
            return;
        }
        let Some(agency) = self.streams.get(&connection).cloned() else { return };
        let refused = match frame {
            from_agent::Frame::Envelope(frame) => return self.envelope(connection, &agency, frame, at, queues, out),
            from_agent::Frame::Receipt(receipt) => return self.receipt(connection, &agency, receipt, at, out),
            from_agent::Frame::Pong(_) => return,
            from_agent::Frame::Ping(ping) => self.counted(&agency, at.now).map(|()| {
                out.push(Output::Send(connection, pong(ping.padding.len())));
            }),
            from_agent::Frame::Hello(_) => Err(Code::Malformed),
            from_agent::Frame::KeyCard(card) => self.counted(&agency, at.now).and_then(|()| self.new_card(&agency, card, out)),
            from_agent::Frame::Waiting(waiting) => {
                self.counted(&agency, at.now).and_then(|()| self.waiting(&agency, waiting, out))
            }
            from_agent::Frame::Want(want) => self.not_built(connection, &agency, want.route, at.now, out),
            from_agent::Frame::Chunk(chunk) => self.not_built(connection, &agency, chunk.route, at.now, out),
        };
        if let Err(code) = refused {
            self.close(connection, code, out);
        }
    }

    fn hello(
        &mut self,
        connection: ConnectionId,
        peer: Peer,
        frame: from_agent::Frame,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Result<(), Code> {
        let from_agent::Frame::Hello(hello) = frame else { return Err(Code::Malformed) };
        if hello.protocol != 1 {
            return Err(Code::Version);
        }
        standing(&self.directory, &peer, now)?;
        let principal = Principal::Agent { agency: peer.agency.clone(), agent: peer.agent.clone() };
        if hello.agent != (SpiffeId { network: self.directory.network().clone(), principal }).to_string() {
            return Err(Code::Unauthenticated);
        }
        let (agency, order, card) = own(hello.key_card.ok_or(Code::Malformed)?)?;
        if agency != peer.agency {
            return Err(Code::Unauthenticated);
        }
        if let Some(current) = self.attached.get(&agency) {
            if order <= current.order {
                return Err(Code::Superseded);
            }
            let older = current.connection;
            self.attached.remove(&agency);
            self.streams.remove(&older);
            out.push(Output::Close(older, Code::Superseded));
            out.push(Output::Audit(Event::Superseded { agency: agency.to_string() }));
        }
        self.attach(connection, peer, order, card, now, out);
        Ok(())
    }

    fn attach(
        &mut self,
        connection: ConnectionId,
        peer: Peer,
        order: CardOrder,
        card: wire::SignedKeyCard,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let agency = peer.agency.clone();
        self.admission.forget_in_flight(&agency);
        out.push(Output::Send(connection, self.welcome(now)));
        out.push(Output::Audit(Event::Attached { agency: agency.to_string() }));
        self.streams.insert(connection, agency.clone());
        self.attached.insert(agency.clone(), Attachment { connection, peer, order, card, waiting: BTreeSet::new() });
        self.tell_waiters(&agency, out);
    }

    fn welcome(&self, now: Timestamp) -> to_agent::Frame {
        to_agent::Frame::Welcome(wire::Welcome {
            time: now.as_millis(),
            directory_version: self.directory.version(),
            limits: Some(wire::Limits {
                in_flight_max: u32::try_from(self.admission.in_flight_max()).unwrap_or(u32::MAX),
                envelope_bytes_max: u32::try_from(ENVELOPE_BYTES_MAX).unwrap_or(u32::MAX),
            }),
        })
    }

    fn counted(&mut self, agency: &AgencyId, now: Timestamp) -> Result<(), Code> {
        self.admission.control(&self.directory, agency, now).map_err(|refused| refused.code)
    }

    /// A newer card replaces the one held; an older or equal one changes nothing.
    fn new_card(&mut self, agency: &AgencyId, card: wire::SignedKeyCard, out: &mut Vec<Output>) -> Result<(), Code> {
        let (named, order, card) = own(card)?;
        if named != *agency {
            return Err(Code::Unauthenticated);
        }
        let Some(attachment) = self.attached.get_mut(agency) else { return Ok(()) };
        if order > attachment.order {
            (attachment.order, attachment.card) = (order, card);
            self.tell_waiters(agency, out);
        }
        Ok(())
    }

    /// Replaces the set, keeping what the directory lets the agency write to: no presence broadcast.
    fn waiting(&mut self, agency: &AgencyId, waiting: wire::Waiting, out: &mut Vec<Output>) -> Result<(), Code> {
        if waiting.recipients.len() > WAITING_MAX {
            return Err(Code::TooMany);
        }
        let directory = &self.directory;
        let known = waiting.recipients.iter().filter_map(|id| AgencyId::parse(id).ok());
        let allowed = known.filter(|id| directory.agency(id).is_some() && directory.may_write(agency, id));
        let set: BTreeSet<AgencyId> = allowed.collect();
        let Some(connection) = self.attached.get(agency).map(|attachment| attachment.connection) else { return Ok(()) };
        let present = set.iter().filter_map(|id| self.attached.get(id));
        out.extend(present.map(|awaited| Output::Send(connection, ready(&awaited.card))));
        if let Some(attachment) = self.attached.get_mut(agency) {
            attachment.waiting = set;
        }
        Ok(())
    }

    fn tell_waiters(&self, agency: &AgencyId, out: &mut Vec<Output>) {
        let Some(awaited) = self.attached.get(agency) else { return };
        let waiters = self.attached.values().filter(|attachment| attachment.waiting.contains(agency));
        out.extend(waiters.map(|waiter| Output::Send(waiter.connection, ready(&awaited.card))));
    }

    fn envelope(
        &mut self,
        connection: ConnectionId,
        sender: &AgencyId,
        mut frame: wire::Frame,
        at: Moment,
        queues: &impl Queues,
        out: &mut Vec<Output>,
    ) {
        let bytes = frame.envelope.len();
        match self.destination(sender, &frame, at, queues) {
            Ok((to, recipient, id)) => {
                self.admission.forwarded(sender, &recipient, id, at.now);
                frame.route = Some(from(sender, &id));
                out.push(Output::Send(to, to_agent::Frame::Envelope(frame)));
                out.push(Output::Count(sender.clone(), Tally::Envelope { bytes }));
            }
            Err(refused) => self.refuse(connection, sender, frame.route, refused, out),
        }
    }

    fn destination(
        &mut self,
        sender: &AgencyId,
        frame: &wire::Frame,
        at: Moment,
        queues: &impl Queues,
    ) -> Result<(ConnectionId, AgencyId, EnvelopeId), Refused> {
        let route = frame.route.as_ref().ok_or(Code::Malformed)?;
        let id = EnvelopeId::parse(&route.envelope_id).map_err(|_| Code::Malformed)?;
        let recipient = AgencyId::parse(&route.peer).map_err(|_| Code::Malformed)?;
        self.admission.envelope(&self.directory, sender, &recipient, frame.envelope.len(), at.now)?;
        let to = self.attached.get(&recipient).ok_or(Code::RecipientAbsent)?.connection;
        if queues.envelopes(to) >= OUTBOUND_FRAMES_MAX || queues.bytes() + frame.envelope.len() > QUEUED_BYTES_MAX {
            return Err(Refused { code: Code::Busy, retry_after: BUSY_RETRY_AFTER + at.jitter });
        }
        Ok((to, recipient, id))
    }

    /// A receipt goes back to whoever sent the envelope. When that one is gone it is dropped: the letter will come again.
    fn receipt(
        &mut self,
        connection: ConnectionId,
        sender: &AgencyId,
        mut receipt: wire::SignedReceipt,
        at: Moment,
        out: &mut Vec<Output>,
    ) {
        let named = receipt.route.as_ref().and_then(|route| AgencyId::parse(&route.peer).ok());
        let admitted = named.ok_or(Code::Malformed.into()).and_then(|recipient| {
            self.admission.receipt(&self.directory, sender, &recipient, &receipt, at.now).map(|()| recipient)
        });
        let recipient = match admitted {
            Ok(recipient) => recipient,
            Err(refused) => return self.refuse(connection, sender, receipt.route, refused, out),
        };
        let Some(attachment) = self.attached.get(&recipient) else { return };
        if let Some(route) = &mut receipt.route {
            route.peer = sender.to_string();
        }
        out.push(Output::Send(attachment.connection, to_agent::Frame::Receipt(receipt)));
        out.push(Output::Count(sender.clone(), Tally::Receipt));
    }

    fn not_built(
        &mut self,
        connection: ConnectionId,
        sender: &AgencyId,
        route: Option<wire::Route>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Result<(), Code> {
        self.counted(sender, now)?;
        self.refuse(connection, sender, route, Code::Version.into(), out);
        Ok(())
    }

    fn refuse(
        &self,
        connection: ConnectionId,
        sender: &AgencyId,
        route: Option<wire::Route>,
        why: Refused,
        out: &mut Vec<Output>,
    ) {
        let envelope_id = route.map(|route| route.envelope_id).filter(|id| id.len() == 16).unwrap_or_default();
        let retry_after = u32::try_from(why.retry_after.as_millis()).unwrap_or(u32::MAX);
        let refusal = wire::Refusal { envelope_id, code: why.code.on_the_wire().into(), retry_after };
        out.push(Output::Send(connection, to_agent::Frame::Refusal(refusal)));
        out.push(Output::Count(sender.clone(), Tally::Refused));
    }

    fn directory_changed(&mut self, directory: Arc<Directory>, now: Timestamp, out: &mut Vec<Output>) {
        self.directory = directory;
        let directory = &self.directory;
        let peers = self.attached.values().map(|attachment| (attachment.connection, &attachment.peer));
        let peers = peers.chain(self.opened.iter().map(|(connection, (peer, _))| (*connection, peer)));
        let fallen: Vec<(ConnectionId, AgencyId, Code)> = peers
            .filter_map(|(connection, peer)| Some((connection, peer.agency.clone(), standing(directory, peer, now).err()?)))
            .collect();
        for (connection, agency, code) in fallen {
            self.forget(connection);
            out.push(Output::Close(connection, code));
            out.push(Output::Audit(Event::PeerCut { agency: agency.to_string(), code: code.name() }));
        }
        let version = self.directory.version();
        for (agency, attachment) in &mut self.attached {
            let directory = &self.directory;
            attachment.waiting.retain(|id| directory.agency(id).is_some() && directory.may_write(agency, id));
            let news = to_agent::Frame::DirectoryNews(wire::DirectoryNews { version });
            out.push(Output::Send(attachment.connection, news));
        }
    }

    fn close_the_silent(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        let silent = self.opened.extract_if(.., |_, (_, since)| now.since(*since) >= HELLO_MAX);
        for (connection, (peer, _)) in silent {
            out.push(Output::Audit(Event::refused(&peer.agency, Code::Malformed)));
            out.push(Output::Close(connection, Code::Malformed));
        }
    }

    fn close(&mut self, connection: ConnectionId, code: Code, out: &mut Vec<Output>) {
        if let Some(agency) = self.forget(connection) {
            out.push(Output::Audit(Event::refused(&agency, code)));
        }
        out.push(Output::Close(connection, code.on_the_wire()));
    }

    fn ended(&mut self, connection: ConnectionId, out: &mut Vec<Output>) {
        if let Some(agency) = self.forget(connection) {
            out.push(Output::Audit(Event::Detached { agency: agency.to_string() }));
        }
    }

    /// Drops all that hangs on a stream; whose attachment it was.
    fn forget(&mut self, connection: ConnectionId) -> Option<AgencyId> {
        self.opened.remove(&connection);
        let agency = self.streams.remove(&connection)?;
        self.attached.remove(&agency);
        self.admission.forget_in_flight(&agency);
        Some(agency)
    }
}

/// Reads a card and copies it out of the buffer it came in: a slice that is kept would keep alive, unwiped, whatever else
/// went through that buffer.
fn own(card: wire::SignedKeyCard) -> Result<(AgencyId, CardOrder, wire::SignedKeyCard), Code> {
    if card.card.len() > CARD_BYTES_MAX || card.signature.len() != SIGNATURE_BYTES {
        return Err(Code::Malformed);
    }
    let (agency, order) = keycard::peek(&card)?;
    let copy = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
    Ok((agency, order, wire::SignedKeyCard { card: copy(&card.card), signature: copy(&card.signature) }))
}

fn ready(card: &wire::SignedKeyCard) -> to_agent::Frame {
    to_agent::Frame::Ready(wire::Ready { key_card: Some(card.clone()) })
}

fn from(sender: &AgencyId, id: &EnvelopeId) -> wire::Route {
    wire::Route { peer: sender.to_string(), envelope_id: Bytes::copy_from_slice(id.as_bytes()) }
}

fn pong(len: usize) -> to_agent::Frame {
    to_agent::Frame::Pong(wire::Padding { padding: ZEROS.slice(..len.min(ZEROS.len())) })
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
