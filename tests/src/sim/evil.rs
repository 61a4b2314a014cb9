//! What the gateway does, while it is evil, to what it forwards. Every fault is counted when it fires.
//!
//! Not here: when it is evil (`faults`); the same and more before real agents (`tests/tests/evil`).

use bytes::Bytes;
use raccordo_gateway::router::{ConnectionId, Queues as _};
use raccordo_proto::Code;
use raccordo_proto::directory::keycard;
use raccordo_proto::limits::OUTBOUND_FRAMES_MAX;
use raccordo_proto::wire::{Frame, Ready, Refusal, SignedKeyCard, SignedReceipt, to_agent};

use super::net::goodbye;
use super::{Happening, World};

/// Codes that would be final, if a gateway's word were.
const FINAL: [Code; 4] = [Code::NotAllowed, Code::AgencyBanned, Code::UnknownRecipient, Code::NotAccepted];
/// It hears this much later that a stream is gone which it has ended itself, ms.
const GOODBYE_MILLIS: u64 = 20_000;

impl World {
    /// What an evil gateway does to what it forwards.
    pub(super) fn forward(&mut self, connection: ConnectionId, frame: to_agent::Frame) {
        if !self.gateway.evil {
            return self.send(connection, frame, false);
        }
        let is_carried = matches!(frame, to_agent::Frame::Envelope(_) | to_agent::Frame::Receipt(_));
        match (frame, self.below(16)) {
            (frame, 0 | 1) if is_carried => {
                if matches!(frame, to_agent::Frame::Receipt(_)) {
                    self.counts.add("crash", "C11");
                }
                self.fault("frame-dropped", &connection.0);
            }
            // What it makes of one frame is no queue of the honest gateway's.
            (frame, 2 | 3) if is_carried && self.gateway.lines.envelopes(connection) < OUTBOUND_FRAMES_MAX - 1 => {
                self.fault("frame-duplicated", &connection.0);
                self.send(connection, frame.clone(), false);
                self.send(connection, frame, true);
            }
            (frame, 4 | 5) if is_carried => {
                self.fault("frame-reordered", &connection.0);
                self.send(connection, frame, true);
            }
            (to_agent::Frame::Envelope(mut frame), 6 | 7) => {
                self.fault("frame-altered", &connection.0);
                let at = self.below(frame.envelope.len() as u64);
                frame.envelope = flipped(&frame.envelope, at);
                self.send(connection, to_agent::Frame::Envelope(frame), false);
            }
            (to_agent::Frame::Envelope(mut frame), 8) => {
                self.fault("frame-altered", &connection.0);
                let route = frame.route.get_or_insert_default();
                route.peer = "cpi-collina".to_owned();
                self.send(connection, to_agent::Frame::Envelope(frame), false);
            }
            (to_agent::Frame::Envelope(frame), draw @ 9..=12) => self.wrongs_envelope(connection, frame, draw),
            (to_agent::Frame::Receipt(receipt), draw @ 6..=9) => self.wrongs_receipt(connection, receipt, draw),
            (to_agent::Frame::Ready(ready), 8) => {
                self.fault("card-forged", &connection.0);
                let forged = |card: SignedKeyCard| SignedKeyCard { signature: flipped(&card.signature, 0), ..card };
                let key_card = ready.key_card.map(forged);
                self.send(connection, to_agent::Frame::Ready(Ready { key_card }), false);
            }
            (to_agent::Frame::Ready(ready), 0..=7) => {
                let shown = ready.key_card.as_ref().and_then(|card| keycard::peek(card).ok());
                let old = shown.and_then(|(agency, _)| self.gateway.old_cards.get(&agency).cloned());
                if old.is_some() && old != ready.key_card {
                    self.fault("stale-card", &connection.0);
                }
                let key_card = old.or(ready.key_card);
                self.send(connection, to_agent::Frame::Ready(Ready { key_card }), false);
            }
            (frame, _) => self.send(connection, frame, false),
        }
    }

    /// Somebody else's stream; none when nobody else is there.
    fn other_line(&mut self, than: ConnectionId) -> Option<ConnectionId> {
        let others: Vec<ConnectionId> = self.live_lines().copied().filter(|line| *line != than).collect();
        self.pick(&others)
    }

    fn line_of(&self, id: &str) -> Option<ConnectionId> {
        let of = |line: &&ConnectionId| self.gateway.lines.get(line).is_some_and(|line| line.agency.as_str() == id);
        self.live_lines().find(of).copied()
    }

    fn wrongs_envelope(&mut self, connection: ConnectionId, mut frame: Frame, draw: u64) {
        match draw {
            9 => {
                let other = self.other_line(connection);
                let has_room = |other: &ConnectionId| self.gateway.lines.envelopes(*other) < OUTBOUND_FRAMES_MAX - 1;
                if let Some(other) = other.filter(has_room) {
                    self.fault("frame-to-another", &other.0);
                    self.send(other, to_agent::Frame::Envelope(frame), false);
                }
            }
            10 => {
                self.fault("frame-truncated", &connection.0);
                let len = usize::try_from(self.below(frame.envelope.len() as u64)).unwrap_or(0);
                frame.envelope.truncate(len);
                self.send(connection, to_agent::Frame::Envelope(frame), false);
            }
            11 => {
                let route = frame.route.unwrap_or_default();
                if let (Some(sender), Some(code)) = (self.line_of(&route.peer), self.pick(&FINAL)) {
                    self.fault("refusal-made-up", &sender.0);
                    let refusal = Refusal { envelope_id: route.envelope_id, code: code.into(), retry_after: 0 };
                    self.send(sender, to_agent::Frame::Refusal(refusal), false);
                }
            }
            _ => {
                self.fault("goodbye-made-up", &connection.0);
                self.send(connection, goodbye(Code::AgencyBanned), false);
                self.after(GOODBYE_MILLIS, Happening::GatewayTold(connection));
            }
        }
    }

    fn wrongs_receipt(&mut self, connection: ConnectionId, mut receipt: SignedReceipt, draw: u64) {
        let kept = self.gateway.old_receipt.replace(receipt.clone());
        match (draw, kept) {
            (6, _) => {
                self.fault("receipt-altered", &connection.0);
                let at = self.below(receipt.receipt.len() as u64);
                receipt.receipt = flipped(&receipt.receipt, at);
            }
            (7, _) => {
                self.fault("receipt-unsigned", &connection.0);
                receipt.signature = Bytes::new();
            }
            (8, Some(kept)) => {
                self.fault("receipt-of-another", &connection.0);
                receipt = SignedReceipt { route: receipt.route, ..kept };
            }
            (_, _) => {
                self.fault("receipt-from-another", &connection.0);
                receipt.route.get_or_insert_default().peer = "cpi-collina".to_owned();
            }
        }
        self.send(connection, to_agent::Frame::Receipt(receipt), false);
    }
}

/// One bit flipped.
fn flipped(bytes: &Bytes, at: u64) -> Bytes {
    let mut bytes = bytes.to_vec();
    let at = usize::try_from(at).unwrap_or(0);
    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
    bytes.into()
}
