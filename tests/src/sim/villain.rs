//! A member of the network that is nobody's friend: an enrolled office whose process also sends what no honest one would, signed
//! and through its own stream. Whatever it does is refused by its code, or is a letter of its own; what the honest offices know
//! of each other stays what the model says.
//!
//! Not here: a member that races an honest letter to a third office under ids it was told of (it would be taken for the first to
//! use them, and the honest letter be refused: docs/THREAT_MODEL.md, meant and not shown yet); what is sent by hand, byte by
//! byte (`tests/tests/town/receiver.rs`).

use std::sync::Arc;

use core::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::wire::{self as letters, Kind};
use raccordo_proto::ids::{AgencyId, CaseId, EnvelopeId, LetterId, ThreadId};
use raccordo_proto::limits::{CT_BYTES, ENC_BYTES, ENVELOPE_BYTES_MAX, IN_FLIGHT_MAX, PADDED_BYTES_MIN, SIGNATURE_BYTES};
use raccordo_proto::padding;
use raccordo_proto::wire::{Frame, Route, from_agent};
use rand_core::Rng as _;

use super::faults::Fault;
use super::reference::Place;
use super::{Happening, World, cast};
use crate::forge::{self, Forgery};

/// Streams that a flood opens one after the other, each with all that it may have in flight.
const FLOOD_ROUNDS: u32 = 14;
/// How often it looks for a case that two others know.
const TRIES_MAX: u32 = 16;
/// The header of an envelope, more or less.
const HEADER_BYTES: usize = 200;

impl World {
    /// The villain's next idea.
    pub(super) fn villainy(&mut self) {
        if self.calm {
            return;
        }
        if self.villain_is_attached() {
            match self.below(13) {
                0 => self.in_another_version("villain-version", |header| header.version = 2),
                1 => self.in_another_version("villain-suite", |header| header.suite = 2),
                2 => self.damages(),
                3 => self.pads(),
                4 => self.refers_without_leave(),
                5 => self.writes_to_nobody(),
                6 => self.writes_too_much(),
                7 => self.shows_anothers_card(),
                8 => self.says_two_things_to_one(),
                9 | 10 => self.tells_two_stories(),
                11 => self.takes_anothers_id(),
                _ => self.begins_flood(),
            }
        }
        let wait = self.between(60_000, 260_000);
        self.after(wait, Happening::Villainy);
    }

    fn villain_is_attached(&self) -> bool {
        let office = &self.offices[&self.villain];
        office.up && office.courier.is_attached() && office.desk.directory().is_some()
    }

    /// Somebody to write to, and a letter that nothing is wrong with but its writer.
    fn forgery(&mut self, to: Option<AgencyId>) -> Option<(AgencyId, Forgery)> {
        let me = self.villain.clone();
        let mates: Vec<AgencyId> = cast::mates(&me).filter(|id| self.model.cards_shown.contains_key(id)).collect();
        let to = to.or_else(|| self.pick(&mates))?;
        let now = self.offices[&me].clock(self.now);
        let directory = self.office(&me).desk.directory()?.clone();
        let mut forgery = Forgery::new(&me, self.model.cards_shown.get(&to)?, &directory, now);
        forgery.header.envelope_id = EnvelopeId::new(self.id());
        forgery.letter.letter_id = self.id().to_vec();
        forgery.letter.thread = self.id().to_vec();
        forgery.letter.case_id = self.id().to_vec();
        Some((to, forgery))
    }

    fn id(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        id
    }

    fn sealed(&mut self, forgery: &Forgery) -> Bytes {
        let Self { offices, rng, villain, .. } = self;
        let key = &offices[villain].key;
        forgery.seal(key, key, rng).0
    }

    /// Past its own courier, onto its stream.
    fn puts(&mut self, what: &str, to: &str, envelope: Bytes) {
        let id = EnvelopeId::new(self.id());
        self.puts_as(what, to, id, envelope);
    }

    fn puts_as(&mut self, what: &str, to: &str, id: EnvelopeId, envelope: Bytes) {
        self.fault(what, &to);
        let route = Some(Route { peer: to.to_owned(), envelope_id: Bytes::copy_from_slice(id.as_bytes()) });
        let me = self.villain.clone();
        self.send_up(&me, from_agent::Frame::Envelope(Frame { route, envelope }));
    }

    fn in_another_version(&mut self, what: &str, change: fn(&mut raccordo_proto::wire::Header)) {
        let Some((to, forgery)) = self.forgery(None) else { return };
        let sealed = self.sealed(&forgery);
        let odd = forge::with_header(sealed, &self.offices[&self.villain].key, change);
        self.puts(what, to.as_str(), odd);
    }

    fn damages(&mut self) {
        let Some((to, forgery)) = self.forgery(None) else { return };
        let sealed = self.sealed(&forgery);
        let part = self.below(3);
        let damaged = forge::changed(sealed, &self.offices[&self.villain].key, |envelope| {
            let part = match part {
                0 => &mut envelope.enc,
                1 => &mut envelope.ct,
                _ => &mut envelope.body,
            };
            *part = forge::damaged(part);
        });
        self.puts("villain-damaged", to.as_str(), damaged);
    }

    fn pads(&mut self) {
        let Some((to, mut forgery)) = self.forgery(None) else { return };
        forgery.pad_with = 1;
        let sealed = self.sealed(&forgery);
        self.puts("villain-padding", to.as_str(), sealed);
    }

    /// It may not refer.
    fn refers_without_leave(&mut self) {
        let Some((to, forgery)) = self.forgery(None) else { return };
        let sealed = self.sealed(&forgery);
        self.puts("villain-kind", to.as_str(), sealed);
    }

    fn writes_to_nobody(&mut self) {
        let Some((_, forgery)) = self.forgery(None) else { return };
        let sealed = self.sealed(&forgery);
        self.puts("villain-to-nobody", "ufficio-inesistente", sealed);
    }

    fn writes_too_much(&mut self) {
        let Some((to, _)) = self.forgery(None) else { return };
        self.puts("villain-too-large", to.as_str(), vec![0; ENVELOPE_BYTES_MAX + 1].into());
    }

    /// Another office's card, as its own.
    fn shows_anothers_card(&mut self) {
        let me = self.villain.clone();
        let Some(card) = cast::mates(&me).find_map(|id| self.model.cards_shown.get(&id).cloned()) else { return };
        self.fault("villain-anothers-card", &me);
        self.send_up(&me, from_agent::Frame::KeyCard(card));
    }

    /// An answer in a case that it was told of, at a place of a chain that its own desk knows nothing of.
    fn answer(&mut self, first: &SignedLetter, to: &AgencyId, store_epoch: u64) -> Option<Forgery> {
        let (_, mut forgery) = self.forgery(Some(to.clone()))?;
        let referral = first.letter();
        let me = self.villain.clone();
        forgery.letter = letters::Letter {
            thread: referral.thread.as_bytes().to_vec(),
            case_id: referral.case_id.as_bytes().to_vec(),
            recipients: referral.audience().into_iter().filter(|id| *id != me).map(|id| id.to_string()).collect(),
            equipe: referral.equipe.as_ref().map_or_else(String::new, ToString::to_string),
            store_epoch,
            kind: Kind::PresaInCarico.into(),
            payload: letters::PresaInCarico::default().encode_to_vec(),
            operator: "op-0000".to_owned(),
            in_reply_to: first.digest().as_bytes().to_vec(),
            ..forgery.letter
        };
        Some(forgery)
    }

    /// A referral that it was told of, and the others who were.
    fn a_case(&mut self) -> Option<(Arc<SignedLetter>, Vec<AgencyId>)> {
        let me = self.villain.clone();
        let told: Vec<CaseId> = self.model.arrived.iter().filter(|(at, _)| *at == me).map(|(_, case)| *case).collect();
        let case = self.pick(&told)?;
        let mut of_it = self.model.letters.values().filter(|letter| letter.letter().case_id == case);
        let first = of_it.find(|letter| letter.letter().payload.kind() == Kind::Segnalazione)?.clone();
        let id = first.letter().letter_id;
        let audience = first.letter().audience();
        let has = |office: &AgencyId| first.letter().sender == *office || self.model.had(office, id);
        let others: Vec<AgencyId> = audience.into_iter().filter(|office| *office != me && has(office)).collect();
        Some((first, others))
    }

    /// One of which two others will hear on the next day.
    fn a_case_of_two(&mut self) -> Option<(Arc<SignedLetter>, Vec<AgencyId>)> {
        let (first, mut others) = self.a_case()?;
        others.retain(|id| self.stands(id, first.letter().thread));
        (others.len() > 1).then_some((first, others))
    }

    /// What it writes by hand is its own.
    fn writes(&mut self, what: &str, to: &AgencyId, forgery: &Forgery) {
        let letter = LetterId::parse(&forgery.letter.letter_id).expect("sixteen bytes");
        let case = CaseId::parse(&forgery.letter.case_id).expect("sixteen bytes");
        self.model.forged.insert(letter, case);
        self.model.envelopes.insert(forgery.header.envelope_id, letter);
        let sealed = self.sealed(forgery);
        self.puts_as(what, to.as_str(), forgery.header.envelope_id, sealed);
    }

    /// Two letters with one id, to one office.
    fn says_two_things_to_one(&mut self) {
        let Some((first, others)) = self.a_case() else { return };
        let Some(to) = self.pick(&others) else { return };
        let epoch = self.model.next_forged_epoch();
        let Some(mut forgery) = self.answer(&first, &to, epoch) else { return };
        self.writes("villain-one-id", &to, &forgery);
        forgery.header.envelope_id = EnvelopeId::new(self.id());
        forgery.letter.operator = "op-0001".to_owned();
        self.writes("villain-one-id", &to, &forgery);
    }

    /// Two letters for one place, to two offices: their heads will meet.
    pub(super) fn tells_two_stories(&mut self) {
        let Some((first, others)) = (0..TRIES_MAX).find_map(|_| self.a_case_of_two()) else { return };
        let [one, other, ..] = &others[..] else { return };
        let store_epoch = self.model.next_forged_epoch();
        for to in [one, other] {
            let Some(forgery) = self.answer(&first, to, store_epoch) else { return };
            self.writes("villain-two-stories", to, &forgery);
        }
        if self.is_second_day() {
            return; // the heads have been told, or are being
        }
        self.model.lies.push(Place { thread: first.letter().thread, sender: self.villain.clone(), store_epoch, seq: 1 });
    }

    /// L-09: an id that somebody else's letter bears at that very office.
    fn takes_anothers_id(&mut self) {
        let Some((first, others)) = self.a_case() else { return };
        let Some(to) = self.pick(&others).filter(|to| self.may_be_robbed(to)) else { return };
        let epoch = self.model.next_forged_epoch();
        let Some(mut forgery) = self.answer(&first, &to, epoch) else { return };
        match self.below(3) {
            0 => forgery.letter.letter_id = first.letter().letter_id.as_bytes().to_vec(),
            1 => forgery.letter.thread = self.id().to_vec(),
            _ => forgery.letter.case_id = self.id().to_vec(),
        }
        let sealed = self.sealed(&forgery);
        self.model.robberies.insert(forgery.header.envelope_id, first.letter().case_id);
        self.puts("villain-anothers-id", to.as_str(), sealed);
    }

    /// Not an office that may forget the letter before this arrives: that is the race which is not run here.
    fn may_be_robbed(&mut self, id: &AgencyId) -> bool {
        let office = self.office(id);
        office.robbed = true;
        !office.is_restored
    }

    /// All that it may have in flight, again and again, to an office on a slow line: whoever writes to it then hears BUSY.
    fn begins_flood(&mut self) {
        let me = self.villain.clone();
        let mates: Vec<AgencyId> = cast::mates(&me).collect();
        let Some(to) = self.pick(&mates).filter(|_| !self.gateway.evil) else { return };
        self.fault("villain-flood", &to);
        *self.gateway.slow.entry(to.clone()).or_default() += 1;
        self.lasts(15_000, 40_000, Fault::Slow(to.clone()));
        self.flood(&to, FLOOD_ROUNDS);
    }

    pub(super) fn flood(&mut self, to: &AgencyId, rounds: u32) {
        if rounds == 0 || self.calm {
            return;
        }
        let me = self.villain.clone();
        if self.villain_is_attached() {
            let bytes = padding::sealed(PADDED_BYTES_MIN) + ENC_BYTES + CT_BYTES + SIGNATURE_BYTES + HEADER_BYTES;
            for _ in 0..IN_FLIGHT_MAX {
                let route = Route { peer: to.to_string(), envelope_id: Bytes::copy_from_slice(&self.id()) };
                let frame = Frame { route: Some(route), envelope: vec![0; bytes].into() };
                self.send_up(&me, from_agent::Frame::Envelope(frame));
            }
        }
        self.after(150, Happening::FloodBreaks(to.clone(), rounds));
    }

    /// A new stream owes nothing for what the last one has in flight.
    pub(super) fn flood_breaks(&mut self, to: AgencyId, rounds: u32) {
        let me = self.villain.clone();
        if self.villain_is_attached() {
            self.reattach(&me);
            self.dial_again(&me, 10, 30);
        }
        self.at(self.now.plus(Duration::from_millis(250)), Happening::Flood(to, rounds - 1));
    }

    /// I8: on the next day whoever was told one of two stories has been told the other.
    pub(super) fn check_lies(&mut self) {
        for place in self.model.lies.clone() {
            let told = self.model.stories.get(&place).cloned().unwrap_or_default();
            let stand: Vec<_> = told.into_iter().filter(|(id, _)| self.stands(id, place.thread)).collect();
            let differ = stand.iter().any(|(_, story)| *story != stand[0].1);
            if !differ || !self.stands(&place.sender, place.thread) {
                self.counts.add("end", "a lie that cannot come out: one of the three was out, or forgets");
                continue;
            }
            for (id, _) in stand {
                let alarmed = self.model.facts(&id).alarms.contains(&place);
                self.counts.add("heads", "two-stories-met");
                self.check("I8", alarmed, || format!("{id} believes one of two stories of {}", place.sender));
            }
        }
    }

    /// On the second day, whether a lie can only come out while this office takes part: who told it, or was told.
    pub(super) fn is_lied_to(&self, id: &AgencyId) -> bool {
        let told = |place: &Place| self.model.stories.get(place).is_some_and(|told| told.contains_key(id));
        self.is_second_day() && self.model.lies.iter().any(|place| place.sender == *id || told(place))
    }

    /// Whether an office takes part all the time, with the disk and key that it had, and with the case.
    fn stands(&self, id: &AgencyId, thread: ThreadId) -> bool {
        let active = self.directory.active_agent(id, self.now).is_ok();
        let member = self.roster.equipes.iter().any(|equipe| equipe.members.iter().any(|(member, _)| member == id));
        let erased = self.model.has_erased_thread(id, thread);
        active && member && !erased && !self.offices[id].is_restored && !self.model.away.contains(id)
    }
}
