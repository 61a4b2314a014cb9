//! The receiving half: the checks of an envelope in their order, one code each (docs/PROTOCOL.md, E-07 to E-16), with the
//! expensive ones given to workers. What cannot be answered with a signature is only counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use raccordo_proto::envelope::{Authentic, Framed};
use raccordo_proto::ids::{AgencyId, EnvelopeId, KeyId};
use raccordo_proto::limits::{SEALING_KEYS_MAX, SEEN_ENVELOPES_MAX};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::wire::Frame;
use raccordo_proto::{Code, Timestamp};

use super::{Courier, Output};
use crate::seal::SealingKey;
use crate::work::{self, Job};

/// Our sealing keys, newest last, each with the envelopes it has seen: as long as the key, and no longer.
#[derive(Default)]
pub(super) struct Keys(Vec<(Arc<SealingKey>, BTreeSet<EnvelopeId>)>);

impl Keys {
    pub(super) fn add(&mut self, key: SealingKey, now: Timestamp) {
        self.0.retain(|(key, _)| key.is_live(now).is_ok());
        if self.0.len() >= SEALING_KEYS_MAX {
            self.0.remove(0); // who sealed to it is told UNKNOWN_KEY, and seals again
        }
        self.0.push((Arc::new(key), BTreeSet::new()));
    }

    /// E-08.
    fn live(&self, id: KeyId, now: Timestamp) -> Result<&Arc<SealingKey>, Code> {
        let (key, _) = self.0.iter().find(|(key, _)| key.key_id() == id).ok_or(Code::UnknownKey)?;
        key.is_live(now).map(|()| key)
    }

    /// E-13: whether this envelope is new to its key; from now on it is not.
    pub(super) fn is_first(&mut self, id: KeyId, envelope: EnvelopeId) -> Result<(), Code> {
        let (_, seen) = self.0.iter_mut().find(|(key, _)| key.key_id() == id).ok_or(Code::UnknownKey)?;
        if seen.len() >= SEEN_ENVELOPES_MAX {
            return Err(Code::Busy); // a new card empties it
        }
        if seen.insert(envelope) { Ok(()) } else { Err(Code::Replayed) }
    }
}

impl Courier {
    /// E-01 to E-10; then the outer signature, by a worker.
    pub(super) fn envelope(&mut self, frame: Frame, now: Timestamp) {
        let framed = match Framed::parse(frame.envelope) {
            Ok(framed) => framed,
            Err(code) => return self.reject(code),
        };
        let header = framed.header();
        let peer = frame.route.map(|route| route.peer).unwrap_or_default();
        let Some(directory) = self.directory.clone() else { return self.reject(Code::DirectoryStale) };
        if header.recipient != self.me || header.sender.as_str() != peer || header.network != *directory.network() {
            return self.reject(Code::Inconsistent); // E-07
        }
        let mut refuse = self.keys.live(header.key_id, now).err(); // E-08
        if header.directory_version > directory.version() {
            refuse = refuse.or(Some(Code::DirectoryStale)); // E-09
            self.outputs.push_back(Output::Fetch { since: directory.version() });
        }
        match directory.active_agent(&header.sender, now) {
            Ok(agent) => {
                let ik = agent.ik;
                self.work(Job::Authenticate { framed: Box::new(framed), ik, refuse });
            }
            Err(code) => self.reject(code), // E-10
        }
    }

    /// E-11 is done; E-12 and E-13; then the seal, by a worker.
    pub(super) fn authenticated(&mut self, result: Result<Box<Authentic>, Code>, refuse: Option<Code>, now: Timestamp) {
        let authentic = match result {
            Ok(authentic) => authentic,
            Err(code) => return self.reject(code),
        };
        let header = authentic.header();
        let (key_id, envelope) = (header.key_id, header.envelope_id);
        let checked = refuse.map_or(Ok(()), Err).and_then(|()| authentic.in_time(now));
        let checked = checked.and_then(|()| self.keys.is_first(key_id, envelope));
        match checked.and_then(|()| self.keys.live(key_id, now).cloned()) {
            Ok(key) => self.work(Job::Open { authentic, key, known: self.known.clone() }),
            Err(code) => {
                let receipt = work::refusal(&authentic, &self.me, code, now);
                let to = authentic.header().sender.clone();
                self.refuse(code, receipt, to);
            }
        }
    }

    /// Counted here under its own code; the peer is told no more than it may know.
    pub(super) fn refuse(&mut self, code: Code, receipt: Receipt, to: AgencyId) {
        self.reject(code);
        let receipt = Receipt { outcome: Outcome::Refused(code), ..receipt };
        self.work(Job::Refuse { receipt: Box::new(receipt), to });
    }
}
