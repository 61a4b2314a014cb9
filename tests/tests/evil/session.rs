//! What it says on a stream: greetings, cards, Goodbyes, Pings, frames that nobody speaks. Not here: envelopes and receipts.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_certs_dev::cast::{capofila, cav, cpi, sil};
use raccordo_machine::clock;
use raccordo_proto::limits::MESSAGE_BYTES_MAX;
use raccordo_proto::sign::{KeyCardPurpose, sign};
use raccordo_proto::wire::{self, SignedKeyCard};
use raccordo_proto::{AgencyId, Code};

use crate::gateway::{Frame, Memory, Out};
use crate::row::After::{HandsOn, StartsAnew, StartsAnewAtOnce};
use crate::row::Expected::{ClockOff, ComesAgain, Counts, Harmless, Logs};
use crate::row::Row;
use crate::row::Trick::{Attach, Forward, Says};

const HOUR_MILLIS: u64 = 3_600_000;

/// A Welcome to the CAV with a change.
fn welcome(to: &AgencyId, frame: &Frame, change: impl FnOnce(&mut wire::Welcome)) -> Option<Out> {
    let Frame::Welcome(welcome) = frame else { return None };
    let mut welcome = *welcome;
    (*to == cav()).then(|| change(&mut welcome))?;
    Some(vec![(cav(), Frame::Welcome(welcome))])
}

/// The card of a Ready to the CAV.
fn card<'a>(to: &AgencyId, frame: &'a Frame) -> Option<(&'a SignedKeyCard, wire::KeyCard)> {
    let Frame::Ready(wire::Ready { key_card: Some(signed) }) = frame else { return None };
    let card = wire::KeyCard::decode(signed.card.clone()).ok()?;
    (*to == cav() && card.agency == cpi().as_str()).then_some((signed, card))
}

fn ready(card: SignedKeyCard) -> (AgencyId, Frame) {
    (cav(), Frame::Ready(wire::Ready { key_card: Some(card) }))
}

/// A card that says this, signed with a key of the gateway's own.
fn forged(card: &wire::KeyCard) -> SignedKeyCard {
    let signed = sign::<KeyCardPurpose>(card.encode_to_vec(), &SigningKey::from_bytes(&[9; 32]));
    SignedKeyCard { card: signed.bytes().clone(), signature: Bytes::copy_from_slice(signed.signature()) }
}

fn last_card(memory: &Memory, of: &AgencyId) -> Option<SignedKeyCard> {
    memory.cards.get(of)?.last().cloned()
}

fn goodbye(code: Code) -> Out {
    vec![(cav(), Frame::Goodbye(wire::Goodbye { code: code.into() }))]
}

pub const ROWS: &[Row] = &[
    Row {
        name: "clock far away",
        what: "says an hour two hours from now in Welcome",
        trick: Attach(|_, to, frame| welcome(to, frame, |welcome| welcome.time += 2 * HOUR_MILLIS)),
        expected: ClockOff(cav),
        after: StartsAnew,
    },
    Row {
        name: "clock at zero",
        what: "says no time in Welcome",
        trick: Attach(|_, to, frame| welcome(to, frame, |welcome| welcome.time = 0)),
        expected: ClockOff(cav),
        after: StartsAnew,
    },
    Row {
        name: "clock a little off",
        what: "says a time five minutes ago in Welcome",
        trick: Attach(|_, to, frame| welcome(to, frame, |welcome| welcome.time = clock::now().as_millis() - HOUR_MILLIS / 12)),
        expected: Harmless("ten minutes are allowed, and no clock is set by it"),
        after: HandsOn,
    },
    Row {
        name: "nothing in flight",
        what: "says that it takes no envelope at once",
        trick: Attach(|_, to, frame| {
            welcome(to, frame, |welcome| welcome.limits = Some(wire::Limits { in_flight_max: 0, envelope_bytes_max: 1 }))
        }),
        expected: Harmless("one at a time is the least"),
        after: HandsOn,
    },
    Row {
        name: "everything in flight",
        what: "says that it takes any number at once",
        trick: Attach(|_, to, frame| {
            let limits = wire::Limits { in_flight_max: u32::MAX, envelope_bytes_max: u32::MAX };
            welcome(to, frame, |welcome| welcome.limits = Some(limits))
        }),
        expected: Harmless("the protocol has a number of its own"),
        after: HandsOn,
    },
    Row {
        name: "older directory version",
        what: "says version 0 in Welcome",
        trick: Attach(|_, to, frame| welcome(to, frame, |welcome| welcome.directory_version = 0)),
        expected: Harmless("a version is taken when it comes signed"),
        after: HandsOn,
    },
    Row {
        name: "newer directory version",
        what: "says the highest version in Welcome, and has none",
        trick: Attach(|_, to, frame| welcome(to, frame, |welcome| welcome.directory_version = u64::MAX)),
        expected: Harmless("a version is taken when it comes signed"),
        after: HandsOn,
    },
    Row {
        name: "no Welcome",
        what: "takes a Hello and says nothing",
        trick: Attach(|_, to, frame| (*to == cav() && matches!(frame, Frame::Welcome(_))).then(Vec::new)),
        expected: Harmless("what waits goes on waiting, and says why"),
        after: StartsAnewAtOnce,
    },
    Row {
        name: "two Welcomes",
        what: "greets twice",
        trick: Attach(|_, to, frame| {
            (*to == cav() && matches!(frame, Frame::Welcome(_))).then(|| vec![(cav(), frame.clone()); 2])
        }),
        expected: Harmless("the second says nothing new"),
        after: HandsOn,
    },
    Row {
        name: "frames before Welcome",
        what: "says an old receipt before it greets",
        trick: Attach(|memory, to, frame| {
            let old = memory.past.iter().find(|(to, frame)| *to == cav() && matches!(frame, Frame::Receipt(_)))?.clone();
            (*to == cav() && matches!(frame, Frame::Welcome(_))).then(|| vec![old, (cav(), frame.clone())])
        }),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: HandsOn,
    },
    Row {
        name: "stale card",
        what: "shows the first card of an office again",
        trick: Attach(|memory, to, frame| {
            card(to, frame)?;
            Some(vec![ready(memory.cards.get(&cpi())?.first()?.clone())])
        }),
        expected: Harmless("the highest card ever seen is remembered: nothing is sealed to an older one"),
        after: StartsAnew,
    },
    Row {
        name: "forged card",
        what: "shows a card with its own key and its own signature",
        trick: Forward(|_, to, frame| {
            let (_, mut card) = card(to, frame)?;
            card.counter += 1;
            Some(vec![ready(forged(&card)), (to.clone(), frame.clone())])
        }),
        expected: Counts(cav, &["SIGNATURE"]),
        after: HandsOn,
    },
    Row {
        name: "card of a stranger",
        what: "shows a card of an office that the directory lacks",
        trick: Says(|memory| {
            let card = last_card(memory, &cpi()).and_then(|card| wire::KeyCard::decode(card.card).ok());
            let stranger = card.map(|card| forged(&wire::KeyCard { agency: "ufficio-estraneo".to_owned(), ..card }));
            stranger.map(ready).into_iter().collect()
        }),
        expected: Counts(cav, &["UNKNOWN_RECIPIENT"]),
        after: HandsOn,
    },
    Row {
        name: "card of another office",
        what: "shows another office's card in an office's place",
        trick: Attach(|memory, to, frame| {
            card(to, frame)?;
            Some(vec![ready(last_card(memory, &sil())?)])
        }),
        expected: Harmless("a card is of the office that it names: the letter waits"),
        after: StartsAnew,
    },
    Row {
        name: "card renamed",
        what: "writes another office's name on a card",
        trick: Says(|memory| {
            let renamed = |signed: SignedKeyCard| {
                let card = wire::KeyCard::decode(signed.card).ok()?;
                let card = wire::KeyCard { agency: sil().to_string(), counter: u64::MAX, ..card };
                Some(SignedKeyCard { card: card.encode_to_vec().into(), signature: signed.signature })
            };
            last_card(memory, &cpi()).and_then(renamed).map(ready).into_iter().collect()
        }),
        expected: Counts(cav, &["SIGNATURE"]),
        after: HandsOn,
    },
    Row {
        name: "card unreadable",
        what: "shows bytes that are no card",
        trick: Says(|_| vec![ready(SignedKeyCard { card: vec![255; 40].into(), signature: Bytes::new() })]),
        expected: Counts(cav, &["MALFORMED"]),
        after: HandsOn,
    },
    Row {
        name: "no card",
        what: "says that an office is ready, without its card",
        trick: Says(|_| vec![(cav(), Frame::Ready(wire::Ready { key_card: None }))]),
        expected: Counts(cav, &["MALFORMED"]),
        after: HandsOn,
    },
    Row {
        name: "ready and not awaited",
        what: "says that an office is ready that nobody awaits",
        trick: Says(|memory| last_card(memory, &sil()).map(ready).into_iter().collect()),
        expected: Harmless("a card without a letter seals nothing"),
        after: HandsOn,
    },
    Row {
        name: "ready and absent",
        what: "says nothing of who is there",
        trick: Attach(|_, to, frame| card(to, frame).map(|_| Vec::new())),
        expected: Harmless("the letter waits, and says for whom"),
        after: StartsAnew,
    },
    Row {
        name: "own card",
        what: "shows an office its own card",
        trick: Says(|memory| last_card(memory, &cav()).map(ready).into_iter().collect()),
        expected: Harmless("nobody writes to oneself"),
        after: HandsOn,
    },
    Row {
        name: "goodbye: revoked",
        what: "says that the office is revoked",
        trick: Says(|_| goodbye(Code::AgencyRevoked)),
        expected: Logs(cav, "\"code\":\"AGENCY_REVOKED\""),
        after: HandsOn,
    },
    Row {
        name: "goodbye: banned",
        what: "says that the office is out for ever",
        trick: Says(|_| goodbye(Code::AgencyBanned)),
        expected: Logs(cav, "\"code\":\"AGENCY_BANNED\""),
        after: HandsOn,
    },
    Row {
        name: "goodbye: superseded",
        what: "says that the office is attached elsewhere",
        trick: Says(|_| goodbye(Code::Superseded)),
        expected: Logs(cav, "\"code\":\"SUPERSEDED\""),
        after: HandsOn,
    },
    Row {
        name: "goodbye: version",
        what: "says that the office speaks another version",
        trick: Says(|_| goodbye(Code::Version)),
        expected: Logs(cav, "\"code\":\"VERSION\""),
        after: HandsOn,
    },
    Row {
        name: "goodbye: no code",
        what: "says goodbye without a reason",
        trick: Says(|_| goodbye(Code::Unspecified)),
        expected: ComesAgain(cav),
        after: HandsOn,
    },
    Row {
        name: "flood of Pings",
        what: "asks 300 times for 8 KiB of Pong",
        trick: Says(|_| vec![(cav(), Frame::Ping(wire::Padding { padding: vec![0; 8_192].into() })); 300]),
        expected: Harmless("each is answered when there is room"),
        after: HandsOn,
    },
    Row {
        name: "Pong unasked",
        what: "answers what nobody has asked",
        trick: Says(|_| vec![(cpi(), Frame::Pong(wire::Padding { padding: vec![0; 8_192].into() })); 50]),
        expected: Harmless("it is ignored"),
        after: HandsOn,
    },
    Row {
        name: "too large a message",
        what: "says more at once than a message may hold",
        trick: Says(|_| vec![(cpi(), Frame::Ping(wire::Padding { padding: vec![0; MESSAGE_BYTES_MAX + 1].into() }))]),
        expected: ComesAgain(cpi),
        after: HandsOn,
    },
    Row {
        name: "Want",
        what: "asks for an attachment",
        trick: Says(|_| vec![(cpi(), Frame::Want(wire::Want::default()))]),
        expected: Counts(cpi, &["VERSION"]),
        after: HandsOn,
    },
    Row {
        name: "Chunk",
        what: "gives a piece of an attachment",
        trick: Says(|_| vec![(cpi(), Frame::Chunk(wire::Chunk { data: vec![1; 4_096].into(), ..Default::default() }))]),
        expected: Counts(cpi, &["VERSION"]),
        after: HandsOn,
    },
    Row {
        name: "capofila",
        what: "says an envelope as from an office that never writes",
        trick: Forward(|_, to, frame| {
            let Frame::Envelope(letter) = frame else { return None };
            let mut other = letter.clone();
            other.route.get_or_insert_default().peer = capofila().to_string();
            (*to == cpi()).then(|| vec![(cpi(), Frame::Envelope(other)), (cpi(), frame.clone())])
        }),
        expected: Counts(cpi, &["INCONSISTENT"]),
        after: HandsOn,
    },
];
