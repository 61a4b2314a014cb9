//! What a desk does by itself, when it is due: letters for restored peers, questions about gaps, the daily heads. Every due
//! thing leaves a record that moves it forward, so that nothing is due for ever.
//!
//! Not here: what these letters hold (`resync`).

use core::cmp;
use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::ids::{AgencyId, ThreadId};
use raccordo_proto::limits::{GAP_AFTER, GAP_EVERY, HEADS_EVERY, HEADS_MAX, SKEW_MAX, TRANSPORT_WAITING_MAX};
use raccordo_proto::sign::Signer;
use raccordo_proto::{Directory, Timestamp};
use rand_core::CryptoRng;

use super::{Desk, Pen};
use crate::letter::{Payload, Resync};
use crate::record::{Change, Record};
use crate::step::Step;
use crate::threads::Missing;
use crate::wire::HeadsSent;

enum Due {
    Restored(AgencyId),
    Missing(Missing),
    Heads,
    Ask,
}

impl Desk {
    /// When [`super::Input::Timeout`] is wanted.
    pub fn next_timeout(&self, now: Timestamp) -> Option<Timestamp> {
        self.due(now).into_iter().map(|(at, _)| at).min()
    }

    pub(super) fn timeout(&self, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let Some(directory) = self.directory.clone() else { return Step::default() };
        let now = pen.now;
        let due = self.due(now).into_iter().filter(|(at, _)| *at <= now);
        due.fold(Step::default(), |step, (_, due)| {
            step.and(match due {
                Due::Restored(peer) => {
                    let asked = self.resyncs.peers.get(&peer);
                    asked.map_or_else(Step::default, |asked| self.give_restored(&peer, asked, pen))
                }
                Due::Missing(missing) => {
                    let sender = missing.chain.sender.clone();
                    let asked = Payload::Resync(Resync::Missing(missing));
                    self.tell(&sender, asked, &directory, pen)
                }
                Due::Heads => self.tell_heads(&directory, pen),
                Due::Ask => self.ask_everybody(&directory, pen),
            })
        })
    }

    fn due(&self, now: Timestamp) -> Vec<(Timestamp, Due)> {
        let Some(directory) = self.directory.as_deref() else { return Vec::new() };
        // The next letters once the last ones have arrived: a peer that takes nothing costs no more.
        let may = |peer: &AgencyId| self.reaches(peer, directory, now) && self.room_for(peer) == TRANSPORT_WAITING_MAX;
        let waiting = self.resyncs.peers.iter().filter(|(peer, asked)| asked.waits && may(peer));
        let mut due: Vec<_> = waiting.map(|(peer, asked)| (asked.not_before, Due::Restored(peer.clone()))).collect();
        for (missing, since) in self.threads.gaps() {
            let sender = &missing.chain.sender;
            if *sender != self.me && self.reaches(sender, directory, now) && self.room_for(sender) > 0 {
                let last = self.resyncs.asked_at(sender, &missing);
                let at = cmp::max(since.plus(GAP_AFTER), last.map_or(Timestamp::default(), |last| last.plus(GAP_EVERY)));
                due.push((at, Due::Missing(missing)));
            }
        }
        if self.unasked(directory, now).next().is_some() {
            due.push((Timestamp::default(), Due::Ask));
        }
        if !self.threads.is_empty() {
            // Written by a clock that was ahead: nothing waits for that day to come.
            let last = self.resyncs.heads_at;
            let at = if last > now.plus(SKEW_MAX) { Timestamp::default() } else { last.plus(HEADS_EVERY) };
            due.push((at, Due::Heads));
        }
        due
    }

    /// Whether a letter of transport to this office would be sealed now.
    fn reaches(&self, peer: &AgencyId, directory: &Directory, now: Timestamp) -> bool {
        directory.active_agent(peer, now).is_ok() && directory.may_write(&self.me, peer) && self.trusts_key_of(peer, directory)
    }

    /// To each office that takes part in a thread with this one, unless the last ones still wait for it.
    fn tell_heads(&self, directory: &Directory, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        let sent = Step::new(vec![Record(Change::HeadsSent(HeadsSent { at: pen.now.as_millis() }))], Vec::new());
        let peers = self.threads.peers(&self.me).into_iter().filter(|peer| self.reaches(peer, directory, pen.now));
        let peers: Vec<AgencyId> = peers.filter(|peer| !self.has_heads_queued(peer)).collect();
        let (given, none) = (self.given_threads(), BTreeSet::new());
        let heads_for = |peer| self.threads.heads_for(peer, given.get(peer).unwrap_or(&none), HEADS_MAX);
        let heads = peers.iter().map(|peer| (peer, heads_for(peer)));
        let heads: Vec<_> = heads.filter(|(_, heads)| !heads.is_empty()).collect();
        heads.into_iter().fold(sent, |step, (peer, heads)| step.and(self.tell(peer, Payload::Heads(heads), directory, pen)))
    }

    /// For each office, the threads in which it has a letter of ours.
    fn given_threads(&self) -> BTreeMap<AgencyId, BTreeSet<ThreadId>> {
        let mut given: BTreeMap<AgencyId, BTreeSet<ThreadId>> = BTreeMap::new();
        for (letter, office) in self.outbox.delivered() {
            let thread = self.outbox.get(letter).map(|outgoing| outgoing.letter.letter().thread);
            given.entry(office).or_default().extend(thread);
        }
        given
    }

    fn has_heads_queued(&self, peer: &AgencyId) -> bool {
        let mut waiting = self.outbox.transport();
        waiting.any(|o| matches!(o.letter.letter().payload, Payload::Heads(_)) && o.recipients.contains_key(peer))
    }
}
