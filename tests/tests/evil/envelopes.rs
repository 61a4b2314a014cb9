//! What it does with envelopes on their way from the CAV to the CPI. Not here: receipts and refusals.

use bytes::Bytes;
use prost::Message as _;
use raccordo_certs_dev::cast::{cav, cpi, sil};
use raccordo_proto::AgencyId;
use raccordo_proto::limits::ENVELOPE_BYTES_MAX;
use raccordo_proto::wire;

use crate::gateway::{Frame, Memory, Out};
use crate::row::After::{HandsOn, Releases, StartsAnew};
use crate::row::Expected::{Counts, Harmless};
use crate::row::Row;
use crate::row::Trick::{Forward, Says};

/// An envelope that is due to the CPI.
fn letter<'a>(to: &AgencyId, frame: &'a Frame) -> Option<&'a wire::Frame> {
    match frame {
        Frame::Envelope(letter) if *to == cpi() => Some(letter),
        _ => None,
    }
}

/// The same with a change.
fn changed(to: &AgencyId, frame: &Frame, change: impl FnOnce(&mut wire::Frame)) -> Option<Out> {
    let mut letter = letter(to, frame)?.clone();
    change(&mut letter);
    Some(vec![(cpi(), Frame::Envelope(letter))])
}

/// The same with a change inside.
fn inside(to: &AgencyId, frame: &Frame, change: impl FnOnce(&mut wire::Envelope)) -> Option<Out> {
    let mut envelope = wire::Envelope::decode(letter(to, frame)?.envelope.clone()).ok()?;
    change(&mut envelope);
    changed(to, frame, |letter| letter.envelope = envelope.encode_to_vec().into())
}

/// Its last bit flipped.
fn flipped(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    bytes.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
    bytes.into()
}

/// The header with a change; nobody signs it again.
fn header(to: &AgencyId, frame: &Frame, change: impl FnOnce(&mut wire::Header)) -> Option<Out> {
    inside(to, frame, |envelope| {
        let mut header = wire::Header::decode(envelope.header.clone()).unwrap_or_default();
        change(&mut header);
        envelope.header = header.encode_to_vec().into();
    })
}

/// The first envelope that was due to an office.
fn old(memory: &Memory, to: &AgencyId) -> Option<Frame> {
    let is_letter = |(due, frame): &&(AgencyId, Frame)| due == to && matches!(frame, Frame::Envelope(_));
    memory.past.iter().find(is_letter).map(|(_, frame)| frame.clone())
}

pub const ROWS: &[Row] = &[
    Row {
        name: "drop",
        what: "hands no envelope on",
        trick: Forward(|_, to, frame| letter(to, frame).map(|_| Vec::new())),
        expected: Harmless("the letter stays with its sender until a receipt"),
        after: StartsAnew,
    },
    Row {
        name: "delay",
        what: "holds an envelope back until others have passed",
        trick: Forward(|memory, to, frame| {
            letter(to, frame)?;
            memory.held.push((to.clone(), frame.clone()));
            Some(Vec::new())
        }),
        expected: Harmless("an envelope may be under way for a minute"),
        after: Releases,
    },
    Row {
        name: "duplicate",
        what: "hands an envelope on twice",
        trick: Forward(|_, to, frame| letter(to, frame).map(|_| vec![(cpi(), frame.clone()); 2])),
        expected: Counts(cpi, &["REPLAYED"]),
        after: HandsOn,
    },
    Row {
        name: "reorder",
        what: "hands an old envelope on before the new one",
        trick: Forward(|memory, to, frame| {
            letter(to, frame)?;
            Some(vec![(cpi(), old(memory, to)?), (cpi(), frame.clone())])
        }),
        expected: Counts(cpi, &["REPLAYED"]),
        after: HandsOn,
    },
    Row {
        name: "truncate",
        what: "cuts the last byte off an envelope",
        trick: Forward(|_, to, frame| changed(to, frame, |letter| letter.envelope.truncate(letter.envelope.len() - 1))),
        expected: Counts(cpi, &["MALFORMED"]),
        after: StartsAnew,
    },
    Row {
        name: "lengthen",
        what: "adds a byte to an envelope",
        trick: Forward(|_, to, frame| {
            changed(to, frame, |letter| letter.envelope = [&letter.envelope[..], &[0]].concat().into())
        }),
        expected: Counts(cpi, &["MALFORMED"]),
        after: StartsAnew,
    },
    Row {
        name: "empty",
        what: "hands nothing on in an envelope's place",
        trick: Forward(|_, to, frame| changed(to, frame, |letter| letter.envelope = Bytes::new())),
        expected: Counts(cpi, &["MALFORMED"]),
        after: StartsAnew,
    },
    Row {
        name: "too large an envelope",
        what: "hands more on than an envelope may hold",
        trick: Forward(|_, to, frame| changed(to, frame, |letter| letter.envelope = vec![1; ENVELOPE_BYTES_MAX + 1].into())),
        expected: Counts(cpi, &["TOO_LARGE"]),
        after: StartsAnew,
    },
    Row {
        name: "swap",
        what: "gives two offices each other's envelopes",
        trick: Forward(|_, to, frame| match frame {
            Frame::Envelope(_) if *to == cpi() => Some(vec![(sil(), frame.clone())]),
            Frame::Envelope(_) if *to == sil() => Some(vec![(cpi(), frame.clone())]),
            _ => None,
        }),
        expected: Counts(sil, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "copy to another",
        what: "gives an envelope to one more office",
        trick: Forward(|_, to, frame| letter(to, frame).map(|_| vec![(cpi(), frame.clone()), (sil(), frame.clone())])),
        expected: Counts(sil, &["INCONSISTENT"]),
        after: HandsOn,
    },
    Row {
        name: "reflect",
        what: "gives an envelope back to its sender as well",
        trick: Forward(|_, to, frame| letter(to, frame).map(|_| vec![(cpi(), frame.clone()), (cav(), frame.clone())])),
        expected: Counts(cav, &["INCONSISTENT"]),
        after: HandsOn,
    },
    Row {
        name: "wrong peer",
        what: "says that an envelope came from another office",
        trick: Forward(|_, to, frame| changed(to, frame, |letter| letter.route.get_or_insert_default().peer = sil().to_string())),
        expected: Counts(cpi, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "no route",
        what: "does not say from whom an envelope came",
        trick: Forward(|_, to, frame| changed(to, frame, |letter| letter.route = None)),
        expected: Counts(cpi, &["INCONSISTENT"]),
        after: StartsAnew,
    },
    Row {
        name: "wrong envelope id",
        what: "names another transmission on the route",
        trick: Forward(|_, to, frame| {
            changed(to, frame, |letter| letter.route.get_or_insert_default().envelope_id = vec![7; 16].into())
        }),
        expected: Harmless("the id counts that the sender has signed"),
        after: HandsOn,
    },
    Row {
        name: "replay",
        what: "sends an envelope of an earlier letter once more",
        trick: Says(|memory| old(memory, &cpi()).map(|frame| (cpi(), frame)).into_iter().collect()),
        expected: Counts(cpi, &["REPLAYED"]),
        after: HandsOn,
    },
    Row {
        name: "header changed",
        what: "says another instant in the header",
        trick: Forward(|_, to, frame| header(to, frame, |header| header.sent_at += 1)),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "header to another",
        what: "writes another recipient into the header",
        trick: Forward(|_, to, frame| {
            let out = header(to, frame, |header| header.recipient = sil().to_string())?;
            Some(out.into_iter().map(|(_, frame)| (sil(), frame)).collect())
        }),
        expected: Counts(sil, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "header from another",
        what: "writes another sender into header and route",
        trick: Forward(|_, to, frame| {
            let mut out = header(to, frame, |header| header.sender = sil().to_string())?;
            for (_, frame) in &mut out {
                if let Frame::Envelope(letter) = frame {
                    letter.route.get_or_insert_default().peer = sil().to_string();
                }
            }
            Some(out)
        }),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "header of another version",
        what: "says version 2 in the header",
        trick: Forward(|_, to, frame| header(to, frame, |header| header.version = 2)),
        expected: Counts(cpi, &["VERSION"]),
        after: StartsAnew,
    },
    Row {
        name: "flip in enc",
        what: "flips a bit of the encapsulated key",
        trick: Forward(|_, to, frame| inside(to, frame, |envelope| envelope.enc = flipped(&envelope.enc))),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "flip in ct",
        what: "flips a bit of the sealed content key",
        trick: Forward(|_, to, frame| inside(to, frame, |envelope| envelope.ct = flipped(&envelope.ct))),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "flip in body",
        what: "flips a bit of the body",
        trick: Forward(|_, to, frame| inside(to, frame, |envelope| envelope.body = flipped(&envelope.body))),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
    Row {
        name: "flip in signature",
        what: "flips a bit of the signature",
        trick: Forward(|_, to, frame| inside(to, frame, |envelope| envelope.signature = flipped(&envelope.signature))),
        expected: Counts(cpi, &["SIGNATURE"]),
        after: StartsAnew,
    },
];
