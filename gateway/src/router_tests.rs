//! The switchboard, frame by frame, without a socket.

use super::*;
use crate::fixture::{self, NOW, agency, body, card, directory, document, entry, envelope_len, peer, restricted};
use raccordo_proto::wire::State;

/// Queues as full as a test says.
#[derive(Default)]
struct Full {
    envelopes: usize,
    bytes: usize,
}

impl Queues for Full {
    fn envelopes(&self, _: ConnectionId) -> usize {
        self.envelopes
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

struct Bench {
    router: Router,
    queues: Full,
    now: Timestamp,
}

impl Bench {
    fn new(directory: Arc<Directory>) -> Self {
        Self { router: Router::new(directory, Admission::new(8)), queues: Full::default(), now: NOW }
    }

    fn give(&mut self, input: Input) -> Vec<String> {
        let moment = Moment { now: self.now, jitter: Duration::from_millis(7) };
        let outputs = self.router.handle(input, moment, &self.queues);
        outputs.iter().filter_map(told).collect()
    }

    fn say(&mut self, connection: u64, frame: from_agent::Frame) -> Vec<String> {
        self.give(Input::Said(ConnectionId(connection), frame))
    }

    fn attach(&mut self, connection: u64, id: &str, counter: u64) -> Vec<String> {
        self.give(Input::Opened(ConnectionId(connection), peer(id)));
        self.say(connection, hello(id, card(id, 1, counter)))
    }

    fn wait_for(&mut self, connection: u64, ids: &[&str]) -> Vec<String> {
        let recipients = ids.iter().map(|id| (*id).to_owned()).collect();
        self.say(connection, from_agent::Frame::Waiting(wire::Waiting { recipients }))
    }

    fn send(&mut self, connection: u64, to: &str, id: u8) -> Vec<String> {
        let route = Some(wire::Route { peer: to.into(), envelope_id: vec![id; 16].into() });
        self.say(connection, from_agent::Frame::Envelope(wire::Frame { route, envelope: vec![0; envelope_len()].into() }))
    }
}

fn hello(id: &str, card: wire::SignedKeyCard) -> from_agent::Frame {
    from_agent::Frame::Hello(wire::Hello {
        agent: format!("spiffe://rete-prova.invalid/agency/{id}/agent/a1"),
        protocol: 1,
        directory_version: 1,
        key_card: Some(card),
    })
}

/// What a stream is told, in a line; audit rows and counts are left out.
fn told(output: &Output) -> Option<String> {
    let code = |code: i32| Code::try_from(code).map_or("?", Code::name);
    Some(match output {
        Output::Send(to, frame) => match frame {
            to_agent::Frame::Welcome(_) => format!("{}: welcome", to.0),
            to_agent::Frame::Ready(ready) => {
                let (agency, order) = keycard::peek(ready.key_card.as_ref()?).ok()?;
                format!("{}: ready {agency} {}", to.0, order.counter)
            }
            to_agent::Frame::Envelope(frame) => format!("{}: envelope from {}", to.0, frame.route.as_ref()?.peer),
            to_agent::Frame::Receipt(receipt) => format!("{}: receipt from {}", to.0, receipt.route.as_ref()?.peer),
            to_agent::Frame::Refusal(refusal) => format!("{}: {} {}", to.0, code(refusal.code), refusal.retry_after),
            to_agent::Frame::DirectoryNews(news) => format!("{}: news {}", to.0, news.version),
            to_agent::Frame::Pong(pong) => format!("{}: pong {}", to.0, pong.padding.len()),
            _ => format!("{}: something else", to.0),
        },
        Output::Close(to, code) => format!("{}: goodbye {}", to.0, code.name()),
        Output::Audit(_) | Output::Count(..) => return None,
    })
}

#[test]
fn a_letter_goes_to_who_is_ready_and_its_receipt_comes_back() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    assert_eq!(bench.attach(1, "aa", 1), ["1: welcome"]);
    assert!(bench.wait_for(1, &["bb"]).is_empty());
    assert_eq!(bench.attach(2, "bb", 1), ["2: welcome", "1: ready bb 1"]);
    assert_eq!(bench.send(1, "bb", 5), ["2: envelope from aa"]);
    assert_eq!(bench.say(2, from_agent::Frame::Receipt(fixture::receipt("aa", 5))), ["1: receipt from bb"]);
    assert_eq!(bench.say(2, from_agent::Frame::KeyCard(card("bb", 1, 2))), ["1: ready bb 2"]);
    assert!(bench.say(2, from_agent::Frame::KeyCard(card("bb", 1, 2))).is_empty(), "not newer");
    assert_eq!(bench.wait_for(1, &["bb"]), ["1: ready bb 2"], "soft state, said again");
    assert!(bench.wait_for(1, &[]).is_empty());
    assert!(bench.say(2, from_agent::Frame::KeyCard(card("bb", 1, 3))).is_empty(), "nobody waits");
}

#[test]
fn envelopes_pass_as_they_came() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    bench.attach(1, "aa", 1);
    bench.attach(2, "bb", 1);
    let envelope: Bytes = (0..envelope_len()).map(|at| (at % 251) as u8).collect();
    let route = Some(wire::Route { peer: "bb".into(), envelope_id: vec![1; 16].into() });
    let frame = from_agent::Frame::Envelope(wire::Frame { route, envelope: envelope.clone() });
    let moment = Moment { now: NOW, jitter: Duration::ZERO };
    let outputs = bench.router.handle(Input::Said(ConnectionId(1), frame), moment, &Full::default());
    let Some(Output::Send(_, to_agent::Frame::Envelope(forwarded))) = outputs.first() else { panic!("not forwarded") };
    assert_eq!(forwarded.envelope.as_ptr(), envelope.as_ptr(), "not even copied");
}

#[test]
fn the_higher_attachment_wins() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    bench.attach(1, "aa", 5);
    assert_eq!(bench.attach(2, "aa", 5), ["2: goodbye SUPERSEDED"], "equal: the newcomer goes");
    assert_eq!(bench.attach(3, "aa", 4), ["3: goodbye SUPERSEDED"]);
    assert_eq!(bench.attach(4, "aa", 6), ["1: goodbye SUPERSEDED", "4: welcome"]);
    bench.give(Input::Closed(ConnectionId(1)));
    bench.attach(5, "bb", 1);
    assert_eq!(bench.send(5, "aa", 1), ["4: envelope from bb"], "the late end of the old stream changes nothing");
    assert!(bench.send(1, "bb", 2).is_empty(), "a closed stream is deaf");
}

#[test]
fn what_cannot_go_now_is_refused_with_its_code() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    bench.attach(1, "aa", 1);
    assert_eq!(bench.send(1, "bb", 1), ["1: RECIPIENT_ABSENT 0"]);
    assert_eq!(bench.send(1, "zz", 1), ["1: UNKNOWN_RECIPIENT 0"]);
    bench.attach(2, "bb", 1);
    bench.queues.envelopes = OUTBOUND_FRAMES_MAX;
    assert_eq!(bench.send(1, "bb", 1), ["1: BUSY 2007"]);
    bench.queues = Full { envelopes: 0, bytes: QUEUED_BYTES_MAX };
    assert_eq!(bench.send(1, "bb", 1), ["1: BUSY 2007"]);
    bench.queues = Full::default();
    assert_eq!(bench.send(1, "bb", 1), ["2: envelope from aa"]);
    assert_eq!(bench.say(1, from_agent::Frame::Want(wire::Want::default())), ["1: VERSION 0"]);
}

#[test]
fn nine_in_flight_is_one_too_many() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    bench.attach(1, "aa", 1);
    bench.attach(2, "bb", 1);
    for id in 0..8 {
        assert_eq!(bench.send(1, "bb", id), ["2: envelope from aa"]);
    }
    assert_eq!(bench.send(1, "bb", 9), ["1: TOO_MANY 60000"]);
    bench.say(2, from_agent::Frame::Receipt(fixture::receipt("aa", 3)));
    assert_eq!(bench.send(1, "bb", 9), ["2: envelope from aa"]);
}

#[test]
fn presence_is_told_only_to_those_who_may_write() {
    let mut bench = Bench::new(restricted(&["aa", "bb", "cc"], "aa", "bb"));
    bench.attach(1, "aa", 1);
    bench.attach(2, "bb", 1);
    bench.attach(3, "cc", 1);
    assert_eq!(bench.wait_for(1, &["bb", "cc", "zz", "NOT A SLUG"]), ["1: ready bb 1"]);
    assert!(bench.say(3, from_agent::Frame::KeyCard(card("cc", 1, 2))).is_empty());
    assert_eq!(bench.send(1, "cc", 1), ["1: NOT_ALLOWED 0"]);
    assert_eq!(bench.say(3, from_agent::Frame::Receipt(fixture::receipt("aa", 1))), ["3: NOT_ALLOWED 0"]);
    let many = vec!["bb"; WAITING_MAX + 1];
    assert_eq!(bench.wait_for(1, &many), ["1: goodbye TOO_MANY"]);
}

#[test]
fn a_directory_cuts_who_is_out_and_tells_the_others() {
    let mut bench = Bench::new(directory(1, &["aa", "bb", "cc"]));
    for (connection, id) in [(1, "aa"), (2, "bb"), (3, "cc")] {
        bench.attach(connection, id, 1);
    }
    bench.give(Input::Opened(ConnectionId(4), peer("dd")));
    let mut rekeyed = entry("cc", State::Active);
    rekeyed.agents[0].spki_sha256 = vec![vec![200; 32].into()];
    let next = body(vec![entry("aa", State::Active), entry("bb", State::Revoked), rekeyed]);
    let told = bench.give(Input::Directory(fixture::read(&document(2, &[], &next))));
    let expected = ["2: goodbye AGENCY_REVOKED", "3: goodbye UNAUTHENTICATED", "4: goodbye UNKNOWN_RECIPIENT", "1: news 2"];
    assert_eq!(told, expected);
    assert_eq!(bench.send(1, "bb", 1), ["1: AGENCY_REVOKED 0"]);
    assert!(bench.send(2, "aa", 1).is_empty());
    assert_eq!(bench.attach(5, "bb", 2), ["5: goodbye AGENCY_REVOKED"]);
}

#[test]
fn a_stream_begins_with_an_honest_hello() {
    let mut bench = Bench::new(directory(1, &["aa", "bb"]));
    let mut first = |connection: u64, frame| {
        bench.give(Input::Opened(ConnectionId(connection), peer("aa")));
        bench.say(connection, frame)
    };
    assert_eq!(first(1, from_agent::Frame::Ping(wire::Padding::default())), ["1: goodbye MALFORMED"]);
    assert_eq!(first(2, hello("bb", card("bb", 1, 1))), ["2: goodbye UNAUTHENTICATED"]);
    assert_eq!(first(3, hello("aa", card("bb", 1, 1))), ["3: goodbye UNAUTHENTICATED"]);
    let from_agent::Frame::Hello(good) = hello("aa", card("aa", 1, 1)) else { panic!("a Hello") };
    let newer = wire::Hello { protocol: 2, ..good.clone() };
    assert_eq!(first(4, from_agent::Frame::Hello(newer)), ["4: goodbye VERSION"]);
    let bare = wire::Hello { key_card: None, ..good.clone() };
    assert_eq!(first(5, from_agent::Frame::Hello(bare)), ["5: goodbye MALFORMED"]);
    assert_eq!(first(6, from_agent::Frame::Hello(good.clone())), ["6: welcome"]);
    assert_eq!(bench.say(6, from_agent::Frame::Hello(good)), ["6: goodbye MALFORMED"], "twice");
}

#[test]
fn silence_is_not_an_attachment() {
    let mut bench = Bench::new(directory(1, &["aa"]));
    bench.give(Input::Opened(ConnectionId(1), peer("aa")));
    assert!(bench.router.awaits_hello());
    assert!(bench.give(Input::Timeout).is_empty());
    bench.now = NOW.plus(HELLO_MAX);
    assert_eq!(bench.give(Input::Timeout), ["1: goodbye MALFORMED"]);
    assert!(!bench.router.awaits_hello());
}

#[test]
fn pings_are_answered_in_kind() {
    let mut bench = Bench::new(directory(1, &["aa"]));
    bench.attach(1, "aa", 1);
    let ping = wire::Padding { padding: vec![3; 40_000].into() };
    assert_eq!(bench.say(1, from_agent::Frame::Ping(ping)), ["1: pong 40000"]);
    assert_eq!(agency("aa"), peer("aa").agency);
}
