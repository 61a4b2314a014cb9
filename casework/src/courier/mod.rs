//! The courier: all that is volatile between a desk and its gateway. Who waits, which cards are here, which sealing keys are
//! ours, what is on its way. It may be dropped at any instant (invariant 16): it forgets everything, and nothing is lost.
//!
//! Sans-IO: events go in, outputs come out. Deliberately not here: anything durable (`desk`), sockets, clocks.

mod news;
mod receive;
mod send;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use core::time::Duration;

use raccordo_proto::directory::keycard::VerifiedCard;
use raccordo_proto::identity::{Principal, SpiffeId};
use raccordo_proto::ids::AgentId;
use raccordo_proto::ids::{AgencyId, EnvelopeId, LetterId};
use raccordo_proto::limits::{CARD_RENEW_EVERY, IN_FLIGHT_CAP, IN_FLIGHT_MAX, RECEIPT_MAX, SKEW_MAX, WAITING_EVERY};
use raccordo_proto::wire::{FetchResponse, FromAgent, Hello, SignedKeyCard, ToAgent, from_agent, to_agent};
use raccordo_proto::{Code, Directory, Timestamp, directory::update::Trust};
use rand_core::CryptoRng;

use crate::desk::{Desk, Input};
use crate::known_keys::KnownKeys;
use crate::receipts::Transmission;
use crate::step::Effect;
use crate::work::{Done, Job};
use news::News;
use receive::Keys;
use send::Wait;

/// What happens to a courier.
pub enum Event {
    /// The link to a gateway is up; it waits for a Hello.
    LinkOpening,
    /// The link is down.
    LinkDown(&'static str),
    /// The gateway says something.
    Heard(ToAgent),
    /// The gateway answered a Fetch.
    Fetched {
        /// From which version it was asked.
        since: u64,
        /// The answer.
        response: FetchResponse,
    },
    /// The desk let something out.
    Released(Effect),
    /// A worker has finished.
    Worked(Done),
    /// Time has passed.
    Timeout,
}

/// What a courier wants.
pub enum Output {
    /// Say this to the gateway.
    Say(FromAgent),
    /// Ask the gateway for a directory newer than this.
    Fetch {
        /// Ours.
        since: u64,
    },
    /// Ask the desk.
    Ask(Input),
    /// Give this to a worker.
    Work(Job),
    /// The link's state changed: attached, or not.
    Attached(bool),
    /// End this link and open another: only a Welcome tells whether the clocks agree again.
    Reattach,
}

/// Where the link is.
#[derive(Clone, Copy, PartialEq)]
enum Link {
    Down(&'static str),
    Opening,
    Greeted,
    Attached,
}

/// Counts of what peers and gateway did wrong, by code: numbers only.
pub type Rejections = BTreeMap<&'static str, u64>;

/// The volatile half of an agent.
pub struct Courier {
    me: AgencyId,
    agent: AgentId,
    trust: Trust,
    directory: Option<Arc<Directory>>,
    known: Arc<KnownKeys>,
    news: News,
    link: Link,
    card: Option<SignedKeyCard>,
    card_at: Timestamp,
    card_asked: bool,
    keys: Keys,
    waits: BTreeMap<(LetterId, AgencyId), Wait>,
    cards: BTreeMap<AgencyId, VerifiedCard>,
    transmissions: BTreeMap<EnvelopeId, Transmission>,
    /// What the gateway counts as in flight, and since when: until a receipt has passed it, or for as long as it waits for one.
    /// A letter that is sealed again has two.
    under_way: BTreeMap<EnvelopeId, Timestamp>,
    /// Who has let a transmission pass without a receipt, and has given none since: one at a time, so that an office that
    /// confirms nothing takes no places from the others.
    silent: BTreeSet<AgencyId>,
    in_flight_max: usize,
    waiting_at: Timestamp,
    /// How far this clock was ahead of the gateway's at the last Welcome, ms.
    ahead: Option<i64>,
    /// The last instant it was told: the clock may have been put back since.
    last: Timestamp,
    outputs: VecDeque<Output>,
    rejections: Rejections,
}

impl Courier {
    /// A courier that knows nothing but its desk's directory and what the desk still has to send.
    pub fn new(desk: &Desk, agent: AgentId, trust: Trust, directory: Option<Arc<Directory>>, now: Timestamp) -> Self {
        let mut courier = Self {
            me: desk.me().clone(),
            agent,
            trust,
            directory,
            known: desk.known_keys().clone(),
            news: News::default(),
            link: Link::Down("UNREACHABLE"),
            card: None,
            card_at: now,
            card_asked: false,
            keys: Keys::default(),
            waits: BTreeMap::new(),
            cards: BTreeMap::new(),
            transmissions: BTreeMap::new(),
            under_way: BTreeMap::new(),
            silent: BTreeSet::new(),
            in_flight_max: IN_FLIGHT_MAX,
            waiting_at: now,
            ahead: None,
            last: now,
            outputs: VecDeque::new(),
            rejections: Rejections::new(),
        };
        desk.waiting().into_iter().for_each(|(letter, recipients)| courier.announce(letter, recipients, now));
        courier
    }

    /// Something happened.
    pub fn handle(&mut self, event: Event, now: Timestamp, rng: &mut impl CryptoRng) {
        if now < self.last {
            self.clock_was_put_back(now);
        }
        self.last = now;
        match event {
            Event::LinkOpening => self.link_opening(),
            Event::LinkDown(code) => self.link_down(code),
            Event::Heard(said) => self.heard(said, now, rng),
            Event::Fetched { since, response } => self.work(Job::VerifyDirectory {
                since,
                response: Box::new(response),
                trust: self.trust.clone(),
                installed: self.directory.clone(),
            }),
            Event::Released(effect) => self.released(effect, now, rng),
            Event::Worked(done) => self.worked(done, now, rng),
            Event::Timeout => self.timeout(now, rng),
        }
        self.pump(now);
    }

    /// What it wants next.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants to be woken.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        if self.link != Link::Attached {
            return None;
        }
        let repeat = self.waiting_at.plus(WAITING_EVERY);
        let renew = self.card_at.plus(CARD_RENEW_EVERY);
        let room = !self.is_skewed() && self.room() > 0;
        let freed = self.under_way.values().min().filter(|_| !room).map(|since| since.plus(RECEIPT_MAX));
        let engaged = self.engaged();
        let can_go = |to: &AgencyId| room && self.cards.contains_key(to) && !engaged.contains(to);
        let waits = self.waits.iter().filter_map(|((_, to), wait)| wait.deadline(can_go(to)));
        waits.chain([repeat, renew]).chain(freed).min()
    }

    /// Whether a gateway is attached.
    pub fn is_attached(&self) -> bool {
        self.link == Link::Attached
    }

    /// Why the link is down; `None` when it is up.
    pub fn link_fault(&self) -> Option<&'static str> {
        match self.link {
            Link::Down(code) => Some(code),
            Link::Opening | Link::Greeted => Some("ATTACHING"),
            Link::Attached => None,
        }
    }

    /// How many letters and recipients wait.
    pub fn waiting_count(&self) -> usize {
        self.waits.len()
    }

    /// How far this clock was ahead of the gateway's when it was last greeted, ms: a hint, for a person.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.ahead
    }

    fn is_skewed(&self) -> bool {
        self.ahead.is_some_and(|ahead| Duration::from_millis(ahead.unsigned_abs()) > SKEW_MAX)
    }

    /// Faults of peers and gateway since the start.
    pub fn rejections(&self) -> &Rejections {
        &self.rejections
    }

    /// Why a letter waits and since when; `None` when it does not wait.
    pub fn why(&self, letter: LetterId, recipient: &AgencyId) -> Option<(&'static str, Timestamp)> {
        let wait = self.waits.get(&(letter, recipient.clone()))?;
        let reason = match self.link {
            Link::Down(_) | Link::Opening | Link::Greeted => "GATEWAY_UNREACHABLE",
            Link::Attached if self.is_skewed() => Code::OutOfTime.name(),
            Link::Attached => wait.reason(self.cards.contains_key(recipient)),
        };
        Some((reason, wait.since()))
    }

    /// Instants that were written by a clock ahead of this one: nothing waits longer than it would from now.
    fn clock_was_put_back(&mut self, now: Timestamp) {
        self.waiting_at = self.waiting_at.min(now);
        self.card_at = self.card_at.min(now);
        self.waits.values_mut().for_each(|wait| wait.at_most_from(now));
        self.under_way.values_mut().for_each(|since| *since = (*since).min(now));
    }

    fn link_opening(&mut self) {
        self.link = Link::Opening;
        self.want_card();
    }

    fn link_down(&mut self, code: &'static str) {
        let was_attached = self.link == Link::Attached;
        self.link = Link::Down(code);
        // Who greets next says anew how far apart the clocks are.
        self.ahead = None;
        self.cards.clear();
        self.under_way.clear();
        self.waits.values_mut().for_each(Wait::rest);
        if was_attached {
            self.outputs.push_back(Output::Attached(false));
        }
    }

    /// Every Attach shows a fresh card; its number is durable first.
    fn want_card(&mut self) {
        if !self.card_asked {
            self.card_asked = true;
            self.outputs.push_back(Output::Ask(Input::CardWanted));
        }
    }

    fn greet(&mut self, now: Timestamp) {
        let (Some(card), Some(directory)) = (self.card.clone(), &self.directory) else { return };
        let principal = Principal::Agent { agency: self.me.clone(), agent: self.agent.clone() };
        let id = SpiffeId { network: directory.network().clone(), principal };
        let hello = Hello {
            agent: id.to_string(),
            protocol: raccordo_proto::envelope::VERSION,
            directory_version: directory.version(),
            key_card: Some(card),
        };
        self.link = Link::Greeted;
        self.card_at = now;
        self.say(from_agent::Frame::Hello(hello));
    }

    fn heard(&mut self, said: ToAgent, now: Timestamp, rng: &mut impl CryptoRng) {
        let Some(frame) = said.frame else { return self.reject(Code::Malformed) };
        match frame {
            to_agent::Frame::Welcome(welcome) => {
                self.link = Link::Attached;
                self.ahead = Some(now.ahead_of(Timestamp::from_millis(welcome.time)));
                let limit = welcome.limits.map_or(IN_FLIGHT_MAX, |limits| limits.in_flight_max as usize);
                self.in_flight_max = limit.clamp(1, IN_FLIGHT_CAP);
                self.outputs.push_back(Output::Attached(true));
                self.say_waiting(now);
                self.heard_of(welcome.directory_version);
            }
            to_agent::Frame::Ready(ready) => match (ready.key_card, self.directory.clone()) {
                (Some(card), Some(directory)) => {
                    if !self.has_card(&card, &directory) {
                        self.work(Job::VerifyCard { card, directory });
                    }
                }
                (Some(_) | None, _) => self.reject(Code::Malformed),
            },
            to_agent::Frame::Envelope(frame) => self.envelope(frame, now),
            to_agent::Frame::Receipt(receipt) => self.receipt(receipt),
            to_agent::Frame::Refusal(refusal) => self.refused_by_gateway(&refusal, now, rng),
            to_agent::Frame::DirectoryNews(news) => self.heard_of(news.version),
            to_agent::Frame::Want(_) | to_agent::Frame::Chunk(_) => self.reject(Code::Version),
            // The link answers Pings and hears Goodbyes by itself.
            to_agent::Frame::Ping(_) | to_agent::Frame::Pong(_) | to_agent::Frame::Goodbye(_) => {}
        }
    }

    fn released(&mut self, effect: Effect, now: Timestamp, rng: &mut impl CryptoRng) {
        match effect {
            Effect::Announce { letter, recipients } => {
                self.announce(letter, recipients, now);
                self.say_waiting(now);
            }
            Effect::ShowCard(order) => {
                let directory_version = self.directory.as_ref().map_or(0, |directory| directory.version());
                self.work(Job::MakeCard { order, agency: self.me.clone(), directory_version });
            }
            Effect::UseCard(card) => self.use_card(card, now),
            Effect::Seal { letter, recipient } => self.seal(letter, recipient, now),
            Effect::Hold { letter, recipient, code } => self.hold(letter, recipient, code, now, rng),
            Effect::Settled { letter, recipient, .. } => self.settled(letter, recipient, now),
            Effect::SendReceipt(receipt) => self.say(from_agent::Frame::Receipt(receipt)),
            Effect::Forgotten { letter, recipient } => self.settled(letter, recipient, now),
            Effect::DirectoryInstalled(directory, known) => {
                // A card of a key that counts no more is nobody's.
                self.cards.retain(|_, card| card.is_of_todays_key(&directory));
                (self.directory, self.known) = (Some(directory), known);
                self.waits.values_mut().for_each(Wait::hurry);
            }
            // For people and for whoever watches.
            Effect::Durable | Effect::Answer { .. } | Effect::Arrived { .. } => {}
        }
    }

    fn worked(&mut self, done: Done, now: Timestamp, rng: &mut impl CryptoRng) {
        match done {
            Done::Card(card, key) => self.card_made(card, key, now),
            Done::CardVerified(Ok(card)) => self.outputs.push_back(Output::Ask(Input::CardSeen(card))),
            Done::CardVerified(Err(code)) => self.reject(code),
            Done::Sealed { letter, address, frame } => {
                self.sealed(&letter, (address.card, address.directory_version), frame, now, rng);
            }
            Done::Authenticated { result, refuse } => self.authenticated(result, refuse, now),
            Done::Opened(Ok(opened), _, _) => {
                self.gossip(opened.letter().letter(), now);
                self.outputs.push_back(Output::Ask(Input::Arrived(opened)));
            }
            Done::Opened(Err(code), receipt, to) => self.refuse(code, *receipt, to),
            Done::Refused(receipt) => self.say(from_agent::Frame::Receipt(receipt)),
            Done::ReceiptVerified { letter, recipient, result } => self.receipt_verified(letter, recipient, result, now, rng),
            Done::DirectoryVerified(looked) => self.looked(*looked),
        }
    }

    fn card_made(&mut self, card: SignedKeyCard, key: crate::seal::SealingKey, now: Timestamp) {
        self.card_asked = false;
        self.keys.add(key, now);
        self.card = Some(card.clone());
        match self.link {
            Link::Opening => self.greet(now),
            Link::Attached => {
                self.card_at = now;
                self.say(from_agent::Frame::KeyCard(card));
            }
            Link::Down(_) | Link::Greeted => {}
        }
    }

    fn timeout(&mut self, now: Timestamp, rng: &mut impl CryptoRng) {
        if self.link != Link::Attached {
            return;
        }
        self.give_up_late_ones(now, rng);
        if now >= self.waiting_at.plus(WAITING_EVERY) {
            if self.is_skewed() {
                self.link_down(Code::OutOfTime.name());
                return self.outputs.push_back(Output::Reattach);
            }
            self.say_waiting(now);
            self.fetch_what_is_newer();
        }
        if now >= self.card_at.plus(CARD_RENEW_EVERY) {
            self.want_card();
        }
    }

    fn say(&mut self, frame: from_agent::Frame) {
        if !matches!(self.link, Link::Down(_)) {
            self.outputs.push_back(Output::Say(FromAgent { frame: Some(frame) }));
        }
    }

    fn work(&mut self, job: Job) {
        self.outputs.push_back(Output::Work(job));
    }

    fn reject(&mut self, code: Code) {
        *self.rejections.entry(code.name()).or_default() += 1;
    }
}

/// `min · 2^attempts`, at most `max`, of which a random half is waited: many agents do not come back at one instant.
fn backoff(attempts: u32, min: Duration, max: Duration, rng: &mut impl CryptoRng) -> Duration {
    let full = min.saturating_mul(1 << attempts.min(16)).min(max);
    let half = u64::try_from(full.as_millis() / 2).unwrap_or(u64::MAX / 2);
    Duration::from_millis(half + rng.next_u64() % (half + 1))
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use proptest::prelude::*;
    use raccordo_proto::limits::{BACKOFF_MAX, BACKOFF_MIN, SEEN_ENVELOPES_MAX};
    use rand_core::{TryCryptoRng, TryRng};

    use super::*;
    use crate::seal::SealingKey;

    struct Drawn(u64);

    impl TryRng for Drawn {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(0)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(self.0)
        }

        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            out.fill(0);
            Ok(())
        }
    }

    impl TryCryptoRng for Drawn {}

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_wait_is_between_half_and_the_whole_of_its_step(attempts in 0u32..40, drawn: u64) {
            let wait = backoff(attempts, BACKOFF_MIN, BACKOFF_MAX, &mut Drawn(drawn));
            let whole = BACKOFF_MIN.saturating_mul(2u32.saturating_pow(attempts)).min(BACKOFF_MAX);
            prop_assert!(wait >= whole / 2 && wait <= whole, "{:?} of {:?}", wait, whole);
        }
    }

    #[test]
    fn e_13_a_key_that_has_seen_its_fill_is_busy() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let key = SealingKey::generate(now, &mut Drawn(0));
        let (mut keys, id) = (Keys::default(), key.key_id());
        keys.add(key, now);
        let mut first = |number: usize| keys.is_first(id, EnvelopeId::new((number as u128).to_be_bytes()));
        assert!((0..SEEN_ENVELOPES_MAX).all(|number| first(number).is_ok()));
        assert_eq!(first(SEEN_ENVELOPES_MAX), Err(Code::Busy));
    }
}
