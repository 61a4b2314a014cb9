//! The invariants of the simulated world (I1 to I10, I13, and what else a sabotage could break), each counted when it is
//! looked at: at every append, at everything that leaves, and at the end. Not here: what is predicted (`reference`).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use raccordo_casework::letter::{Payload, SignedLetter};
use raccordo_casework::record::{Change, Record};
use raccordo_casework::step::Effect;
use raccordo_casework::wire;
use raccordo_gateway::router::Queues as _;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::ids::{AgencyId, EnvelopeId, KeyId, LetterId, RequestId};
use raccordo_proto::limits::{OUTBOUND_FRAMES_MAX, QUEUED_BYTES_MAX};
use raccordo_proto::wire::{KeyCard, Receipt, ReceiptResult, SignedKeyCard, SignedReceipt, from_agent};
use raccordo_proto::{Code, Directory, Timestamp};

use super::World;
use super::reference::{Place, of_the_woman};
use super::sabotage::Sabotage;

/// A letter this young at the end may still wait: a full window and a newer card take up to a minute, and the next try up to
/// another.
const JUST_WRITTEN: Duration = Duration::from_secs(180);

impl World {
    /// Records that have just become durable, in order.
    pub(super) fn learn(&mut self, id: &AgencyId, records: &[Record]) {
        for record in records {
            self.check_case(id, record);
            let Record(change) = record;
            self.counts.add("record", kind(change));
            self.note(kind(change), &format!("{id} {}", about(change)));
            match change {
                Change::EpochBegun(begun) => {
                    let facts = self.model.facts(id);
                    (facts.epoch, facts.counter) = (begun.store_epoch, 0);
                }
                Change::DirectoryInstalled(installed) => self.learn_directory(id, installed),
                Change::CardShown(shown) => {
                    let before = core::mem::replace(&mut self.model.facts(id).counter, shown.counter);
                    self.check("card", shown.counter > before, || format!("{id} numbers a card {} again", shown.counter));
                }
                Change::LetterQueued(queued) => self.learn_letter(id, queued),
                Change::LetterReceived(received) => self.learn_arrival(id, received),
                Change::LetterDelivered(delivered) => self.learn_delivery(id, delivered),
                Change::LetterReturned(returned) => {
                    returned.evidence.iter().for_each(|evidence| self.learn_delivery(id, evidence));
                }
                Change::LetterBlocked(blocked) => {
                    self.counts.add("code", blocked.code().name());
                    if records.iter().any(|record| matches!(record.0, Change::DirectoryInstalled(_))) {
                        self.learn_question(id, blocked);
                    }
                }
                Change::LetterForked(forked) => self.learn_fork(id, forked),
                Change::HeadsDiffer(differ) => self.learn_two_stories(id, differ),
                Change::CaseErased(_) => self.learn_erasure(id),
                Change::KeyAccepted(accepted) => self.learn_yes(id, accepted),
                Change::CardSeen(_)
                | Change::DirectoryConfirmed(_)
                | Change::DirectoryRivalled(_)
                | Change::OperatorAdded(_)
                | Change::OperatorDisabled(_)
                | Change::CaseOpened(_)
                | Change::LetterUnblocked(_)
                | Change::LetterSeen(_)
                | Change::StoreRestored(_)
                | Change::ResyncAsked(_)
                | Change::ResyncAnswered(_)
                | Change::HeadsSent(_) => {}
            }
        }
    }

    fn check_case(&mut self, id: &AgencyId, record: &Record) {
        if let Some(case) = record.case() {
            let erased = self.model.facts(id).erased.contains(&case);
            self.check("erased", !erased, || format!("{id} writes of a case that it has erased"));
        }
    }

    fn learn_directory(&mut self, id: &AgencyId, installed: &wire::DirectoryInstalled) {
        let Some(Ok(directory)) = installed.document.as_ref().map(Directory::trusted_before) else { return };
        let version = directory.version();
        let before = self.model.facts(id).directory.replace(Arc::new(directory));
        let grows = before.is_none_or(|before| before.version() < version);
        self.check("I5", grows, || format!("{id} goes back to directory {version}"));
    }

    fn learn_letter(&mut self, id: &AgencyId, queued: &wire::LetterQueued) {
        let letter = SignedLetter::trusted_before(&queued.letter, &queued.signature).expect("a desk wrote it");
        let letter = Arc::new(letter);
        let facts = letter.letter();
        if self.model.forged.contains_key(&facts.letter_id) {
            return; // handed back to the villain, whose desk had not written it
        }
        let deed = RequestId::parse(&queued.request_id).ok().and_then(|request| self.model.requests.get(&request).copied());
        if let Some(deed) = deed {
            let first = *self.model.deeds.entry(deed).or_insert(facts.letter_id);
            let office = self.deeds[deed].office == *id;
            self.check("one-act", office && first == facts.letter_id, || format!("{id} wrote two letters for one act"));
            if let Some(consent) = self.consent_of(deed).cloned() {
                self.model.consents.insert(facts.case_id, consent);
            }
        }
        if facts.payload.is_transport() {
            self.counts.add("transport", facts.payload.kind().as_str_name());
            self.model.transport.insert(facts.letter_id, letter);
            return;
        }
        let again = self.model.letters.contains_key(&facts.letter_id);
        let restored = self.office(id).is_restored;
        self.check("regained", !again || restored, || format!("{id} wrote a letter twice"));
        self.model.digests.insert(letter.digest(), facts.letter_id);
        self.model.letters.insert(facts.letter_id, letter);
    }

    fn learn_arrival(&mut self, id: &AgencyId, received: &wire::LetterReceived) {
        let letter = SignedLetter::trusted_before(&received.letter, &received.signature).expect("a desk verified it");
        let at = Timestamp::from_millis(received.received_at);
        let facts = letter.letter();
        if self.model.forged.contains_key(&facts.letter_id) {
            self.model.facts(id).received.insert(facts.letter_id);
            self.model.stories.entry(Place::of(facts)).or_default().insert(id.clone(), letter.digest());
            return;
        }
        if self.model.fills_gap(id, facts.letter_id) {
            self.counts.add("heads", "gap-filled");
        }
        let first = self.model.facts(id).received.insert(facts.letter_id);
        self.check("I1", first, || format!("{id} stored a letter of {} twice", facts.sender));
        let written = self.model.letters.get(&facts.letter_id).is_some_and(|written| written.digest() == letter.digest());
        self.check("I1", written, || format!("{id} has a letter that {} never made durable", facts.sender));
        let kept_out = self.model.consents.get(&facts.case_id).is_some_and(|consent| consent.kept_out.as_ref() == Some(id));
        self.check("I2", facts.recipients.contains(id) && !kept_out, || format!("{id} has a letter that is not for it"));
        let stands = self.model.facts(id).directory.as_ref().is_some_and(|dir| dir.active_agent(&facts.sender, at).is_ok());
        self.check("I4", stands, || format!("{id} accepted a letter of {} against its own directory", facts.sender));
        let same = *self.model.places.entry(Place::of(facts)).or_insert(letter.digest()) == letter.digest();
        let chained = facts.previous.is_none_or(|previous| self.model.digests.contains_key(&previous));
        self.check("I8", same && chained, || format!("{id} has another story of {} than the others", facts.sender));
        if letter.letter().payload.kind() == wire::Kind::Segnalazione {
            self.model.arrived.push((id.clone(), facts.case_id));
        }
    }

    /// Two letters in one place, or with one id: only the villain signs such.
    fn learn_fork(&mut self, id: &AgencyId, forked: &wire::LetterForked) {
        let letter = SignedLetter::trusted_before(&forked.letter, &forked.signature).expect("a desk verified it");
        let facts = letter.letter();
        let forged = self.model.forged.contains_key(&facts.letter_id);
        self.check("I8", forged, || format!("{id} holds two letters of {} for one place", facts.sender));
        let known = self.model.facts(id);
        known.forks(facts);
    }

    /// Only who tells two stories, or lies about others', is told of in two ways.
    fn learn_two_stories(&mut self, id: &AgencyId, differ: &wire::HeadsDiffer) {
        let villain = self.villain.as_str();
        let of_it = differ.sender == villain || differ.told_by == villain;
        self.check("I8", of_it, || format!("{id} hears from {} of another letter of {}", differ.told_by, differ.sender));
    }

    fn learn_delivery(&mut self, id: &AgencyId, delivered: &wire::LetterDelivered) {
        let (Ok(letter), Ok(to)) = (LetterId::parse(&delivered.letter_id), AgencyId::parse(&delivered.recipient)) else { return };
        if self.model.transport.contains_key(&letter) || self.model.forged.contains_key(&letter) {
            return;
        }
        let there = self.model.had(&to, letter);
        self.check("I3", there, || format!("{id} believes that {to} has a letter that is not durable there"));
        self.model.facts(id).delivers(delivered);
    }

    /// After every append: nothing known goes back.
    pub(super) fn after_commit(&mut self, id: &AgencyId, records: &[Record]) {
        for Record(change) in records {
            if let Change::CardSeen(seen) = change {
                self.model.facts(id).sees(seen);
            }
        }
        let desk = &self.office(id).desk;
        let version = desk.directory().map_or(0, |directory| directory.version());
        let now: BTreeSet<(LetterId, AgencyId)> = desk.delivered().into_iter().collect();
        let facts = self.model.facts(id);
        let same = facts.directory.as_ref().is_none_or(|directory| directory.version() <= version);
        let kept = facts.delivered.is_subset(&now);
        self.check("I5", same, || format!("{id} holds an older directory than it made durable"));
        self.check("status", kept, || format!("a letter that {id} had delivered is no longer"));
        // Others of them show here as well, in each seed, and would say nothing of their own check.
        if self.sabotage.is_none_or(|sabotage| sabotage == Sabotage::BlockedNotReplayed) {
            let erased = records.iter().any(|record| matches!(record.0, Change::CaseErased(_)));
            let whole = erased || self.below(60) == 0;
            self.check_replay(id, whole);
        }
    }

    /// I10: record by record after each commit; from the whole disk, which takes long, now and then, after every erasure
    /// and at every start.
    fn check_replay(&mut self, id: &AgencyId, whole: bool) {
        let office = self.office(id);
        if office.batch.is_empty() {
            let same = office.replayed == office.desk && (!whole || office.disk.replay(id, None) == office.desk);
            self.check("I10", same, || format!("replay of {id} is another desk"));
        }
    }

    /// What leaves a desk.
    pub(super) fn check_effect(&mut self, id: &AgencyId, effect: &Effect) {
        match effect {
            Effect::Seal { letter, recipient } => self.check_seal(id, letter, recipient),
            Effect::Hold { code, .. } => self.counts.add("code", code.name()),
            Effect::Settled { blocked: Some(Code::AgencySuspended | Code::AgencyRevoked | Code::MembershipChanged), .. } => {
                self.counts.add("crash", "C17");
            }
            Effect::SendReceipt(receipt) => self.check_receipt(id, receipt),
            _ => {}
        }
    }

    fn check_seal(&mut self, id: &AgencyId, letter: &SignedLetter, recipient: &AgencyId) {
        let judged = self.office(id).judged.get(&(letter.letter().letter_id, recipient.clone())).cloned();
        let Some((at, directory)) = judged else { return };
        let named = letter.letter().recipients.contains(recipient);
        let active = directory.active_agent(recipient, at).is_ok();
        self.check("I2", named && active, || format!("{id} seals to {recipient}, which is not to have it"));
        let inner = handed_back(letter);
        let told = inner.as_ref().unwrap_or(letter);
        let allowed = told.letter().sender == *recipient || self.model.she_allows(told, recipient, at);
        self.check("authorisation", allowed, || format!("{id} seals to {recipient} what she does not allow"));
        if of_the_woman(&letter.letter().payload) {
            self.check("I6", !directory.is_expired(at), || format!("{id} seals under an expired directory"));
        }
    }

    fn check_receipt(&mut self, id: &AgencyId, receipt: &SignedReceipt) {
        let Ok(read) = Receipt::decode(receipt.receipt.clone()) else { return };
        if read.result() == ReceiptResult::Refused {
            return self.counts.add("code", read.code().name());
        }
        let letter = EnvelopeId::parse(&read.envelope_id).ok().and_then(|id| self.model.envelopes.get(&id).copied());
        let durable = letter.is_some_and(|letter| self.model.transport.contains_key(&letter) || self.model.had(id, letter))
            || EnvelopeId::parse(&read.envelope_id).is_ok_and(|envelope| self.model.is_of_erased(id, envelope));
        self.check("I3", durable, || format!("{id} confirms a letter that is not durable"));
    }

    /// What an office says to the gateway: its cards never repeat a number.
    pub(super) fn check_said(&mut self, id: &AgencyId, frame: &from_agent::Frame) {
        let card = match frame {
            from_agent::Frame::Hello(hello) => hello.key_card.as_ref(),
            from_agent::Frame::KeyCard(card) => Some(card),
            _ => None,
        };
        let Some((order, key)) = card.and_then(read_card) else { return };
        self.model.cards_shown.extend(card.map(|card| (id.clone(), card.clone())));
        let before = self.model.shown.insert(id.clone(), (order, key));
        let grows = before.is_none_or(|before| order > before.0 || before == (order, key));
        self.check("card", grows, || format!("{id} shows two cards with one number"));
    }

    /// I7, after every event.
    pub(super) fn check_gateway(&mut self) {
        let lines = &self.gateway.lines;
        let full = self.live_lines().any(|line| lines.envelopes(*line) > OUTBOUND_FRAMES_MAX);
        let bounded = !full && lines.bytes() <= QUEUED_BYTES_MAX;
        self.check("I7", bounded, || "the gateway holds more than it may".to_owned());
    }

    /// What couriers counted, before they are forgotten.
    pub(super) fn count_rejections(&mut self, id: &AgencyId) {
        let seen: Vec<(&'static str, u64)> =
            self.office(id).courier.rejections().iter().map(|(code, times)| (*code, *times)).collect();
        for (code, times) in seen {
            self.counts.many("code", code, times);
            if code == Code::UnknownKey.name() {
                self.counts.many("crash", "C14", times);
            }
        }
    }

    /// The same, at the end.
    pub(super) fn count_what_couriers_saw(&mut self) {
        let ids: Vec<AgencyId> = self.offices.keys().cloned().collect();
        ids.iter().for_each(|id| self.count_rejections(id));
    }

    /// Ten minutes after the last fault: who knows what.
    pub(super) fn last_checks(&mut self) {
        let ids: Vec<AgencyId> = self.offices.keys().cloned().collect();
        for id in &ids {
            if self.sabotage.is_none() {
                self.check_replay(id, true);
            }
            self.check_erased(id);
            let received = self.office(id).desk.received();
            let once: BTreeSet<LetterId> = received.iter().map(|(letter, ..)| *letter).collect();
            self.check("I1", once.len() == received.len(), || format!("{id} shows a letter twice"));
            let durable = self.model.facts(id).received.clone();
            self.check("I1", once == durable, || format!("{id} does not show what it made durable"));
        }
        let of_transport = self.model.transport.values().cloned();
        let letters: Vec<Arc<SignedLetter>> = self.model.letters.values().cloned().chain(of_transport).collect();
        for letter in letters {
            for recipient in &letter.letter().recipients {
                self.check_end(&letter, recipient);
            }
        }
        if self.is_second_day() {
            self.check_lies();
        }
        let waiting = self.deeds.iter().filter(|deed| !deed.answered).count();
        self.check("I1", waiting == 0, || format!("{waiting} people were never answered"));
    }

    fn check_end(&mut self, letter: &SignedLetter, recipient: &AgencyId) {
        let (directory, now) = (self.directory.clone(), self.now);
        let facts = letter.letter();
        let told = self.model.acknowledged.contains(&facts.letter_id);
        if let Err(why) = self.model.must_have(letter, recipient, &directory, now) {
            return self.counts.add("end", why);
        }
        let clock = self.office(&facts.sender).clock(now);
        if clock.since(facts.created) < JUST_WRITTEN {
            return self.counts.add("end", "just written");
        }
        let has = self.model.facts(recipient).received.contains(&facts.letter_id);
        let desk = &self.office(&facts.sender).desk;
        let waits = desk.waiting().iter().any(|(id, to)| *id == facts.letter_id && to.contains(recipient));
        let sent = desk.delivered().contains(&(facts.letter_id, recipient.clone()));
        let why = self.office(&facts.sender).courier.why(facts.letter_id, recipient).map_or("blocked", |(why, _)| why);
        let (kind, id) = (facts.payload.kind().as_str_name(), &facts.letter_id.as_bytes()[..4]);
        let what = || format!("{kind} {id:02x?} of {} for {recipient}: {why}", facts.sender);
        self.check("I9", !waits, || format!("still queued: {}", what()));
        if told {
            self.counts.add("end", "acknowledged and stored once");
            self.check("I1", has && (sent || waits), || format!("has it: {has}, known: {sent}: {}", what()));
        }
    }
}

/// The letter that a RETURNED letter hands back.
pub(super) fn handed_back(letter: &SignedLetter) -> Option<SignedLetter> {
    let Payload::Returned(returned) = &letter.letter().payload else { return None };
    SignedLetter::trusted_before(&returned.letter, &returned.signature).ok()
}

fn read_card(card: &SignedKeyCard) -> Option<(CardOrder, KeyId)> {
    let (_, order) = keycard::peek(card).ok()?;
    let card = KeyCard::decode(card.card.clone()).ok()?;
    Some((order, KeyId::parse(&card.key_id).ok()?))
}

/// Enough of a record to tell two apart.
fn about(change: &Change) -> String {
    match change {
        Change::LetterBlocked(blocked) => {
            format!("{:02x?} {} {}", &blocked.letter_id[..4], blocked.recipient, blocked.code().name())
        }
        Change::LetterUnblocked(unblocked) => format!("{:02x?} {}", &unblocked.letter_id[..4], unblocked.recipient),
        Change::LetterDelivered(delivered) => format!("{:02x?} {}", &delivered.letter_id[..4], delivered.recipient),
        _ => String::new(),
    }
}

fn kind(change: &Change) -> &'static str {
    match change {
        Change::EpochBegun(_) => "EpochBegun",
        Change::DirectoryInstalled(_) => "DirectoryInstalled",
        Change::DirectoryConfirmed(_) => "DirectoryConfirmed",
        Change::DirectoryRivalled(_) => "DirectoryRivalled",
        Change::CardShown(_) => "CardShown",
        Change::CardSeen(_) => "CardSeen",
        Change::OperatorAdded(_) => "OperatorAdded",
        Change::OperatorDisabled(_) => "OperatorDisabled",
        Change::CaseOpened(_) => "CaseOpened",
        Change::LetterQueued(_) => "LetterQueued",
        Change::LetterDelivered(_) => "LetterDelivered",
        Change::LetterBlocked(_) => "LetterBlocked",
        Change::LetterUnblocked(_) => "LetterUnblocked",
        Change::LetterSeen(_) => "LetterSeen",
        Change::LetterReceived(_) => "LetterReceived",
        Change::LetterForked(_) => "LetterForked",
        Change::StoreRestored(_) => "StoreRestored",
        Change::ResyncAsked(_) => "ResyncAsked",
        Change::ResyncAnswered(_) => "ResyncAnswered",
        Change::LetterReturned(_) => "LetterReturned",
        Change::HeadsSent(_) => "HeadsSent",
        Change::CaseErased(_) => "CaseErased",
        Change::KeyAccepted(_) => "KeyAccepted",
        Change::HeadsDiffer(_) => "HeadsDiffer",
    }
}
