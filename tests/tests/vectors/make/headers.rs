//! E-01 to E-13, and P-01 to P-03: what is refused before the seal is opened; the last by a gateway.

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::limits::{CT_BYTES, ENC_BYTES, ENVELOPE_BYTES_MAX, PADDED_BYTES_MIN, SIGNATURE_BYTES};
use raccordo_proto::padding::sealed;
use raccordo_proto::wire::{Envelope, Header};

use super::draft::{Draft, FIRST_MADE, admission, receiver, vector};
use super::world::{NOW, OVER, REVOKED, SIL, SOCIALE, STRANGER, SUSPENDED, opening_key};
use super::{Fault, NOTHING, SEAL, SIGNATURE, Vector};
use crate::format::hex;

pub fn all() -> Vec<Vector> {
    [shapes(), versions(), classes(), admitted(), addressed(), known(), strangers(), signatures(), times()]
        .into_iter()
        .flatten()
        .collect()
}

fn fault(name: &'static str, rules: &'static str, code: &'static str, remade: &'static str, says: &'static str) -> Fault {
    Fault { name, rules, code, says, remade }
}

/// E-01 and E-02: the envelope's bytes, without its signature's consent.
fn shapes() -> Vec<Vector> {
    let draft = Draft::new();
    let honest = draft.envelope();
    let right = draft.seal();
    let framed = |envelope: Vec<u8>| draft.frame(envelope.into());
    let changed = |change: fn(&mut Envelope)| {
        let mut envelope = honest.clone();
        change(&mut envelope);
        framed(envelope.encode_to_vec())
    };
    let mut long = honest.encode_to_vec();
    long.resize(ENVELOPE_BYTES_MAX + 1, 0);
    let cut = honest.encode_to_vec()[..honest.encoded_len() - 1].to_vec();
    let unknown = [&honest.encode_to_vec()[..], &[0x7a, 0x01, 0x00]].concat();
    let twice = [&honest.encode_to_vec()[..], &[0x2a, 0x40], &honest.signature[..]].concat();
    let start = right.len() - honest.encoded_len();
    // What follows the signature, or is lacking in it, is the fault: the seam is where the envelope begins.
    let beside =
        |fault: Fault, faulty: Vec<u8>, from: usize| fault.vector("frame", receiver("dropped"), faulty, &right, &[(from, start)]);
    let malformed = |name, says| fault(name, "E-02", "MALFORMED", NOTHING, says);
    vec![
        beside(
            fault("e-01-too-large", "E-01", "TOO_LARGE", NOTHING, "One byte more than an envelope may have."),
            framed(long),
            start + 1,
        ),
        beside(malformed("e-02-cut", "The last byte is lacking."), framed(cut), start),
        beside(malformed("e-02-unknown-field", "A sixth field stands after the signature."), framed(unknown), start),
        beside(malformed("e-02-field-twice", "The signature stands twice."), framed(twice), start),
        vector(
            malformed("e-02-enc-short", "The encapsulated key lacks a byte."),
            "dropped",
            changed(|e| e.enc = e.enc.slice(1..)),
            &right,
        ),
        vector(
            malformed("e-02-ct-short", "The sealed content key lacks a byte."),
            "dropped",
            changed(|e| e.ct = e.ct.slice(1..)),
            &right,
        ),
        beside(
            malformed("e-02-signature-short", "The signature lacks its first byte, and says so in its length."),
            changed(|e| e.signature = e.signature.slice(1..)),
            start,
        ),
        vector(
            malformed("e-02-header-too-long", "The header has more than 512 bytes."),
            "dropped",
            draft.again(|e| e.header = [&e.header[..], &[0x62, 0xff, 0x03], &[0; 511]].concat().into()),
            &right,
        ),
    ]
}

/// E-03 to E-05: readable headers of another protocol, and headers that are none.
fn versions() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let make = |name, rules, code, says, change: fn(&mut Header)| {
        vector(fault(name, rules, code, SIGNATURE, says), "dropped", draft.under(change), &right)
    };
    vec![
        make("e-03-version-2", "E-03", "VERSION", "The header says version 2.", |h| h.version = 2),
        make("e-03-version-0", "E-03", "VERSION", "The header says no version.", |h| h.version = 0),
        make("e-03-attachments", "E-03", "VERSION", "The header announces an attachment.", |h| {
            h.attachment_lengths = vec![16_384]
        }),
        make("e-03-two-networks", "E-03", "VERSION", "From one network to another.", |h| {
            h.network_to = "altra-rete.invalid".to_owned()
        }),
        make("e-04-suite-2", "E-04", "SUITE", "The header says suite 2.", |h| h.suite = 2),
        make("e-05-sender-no-id", "E-05", "MALFORMED", "The sender is written in capitals.", |h| h.sender.make_ascii_uppercase()),
        make("e-05-envelope-id-short", "E-05", "MALFORMED", "The envelope id has 15 bytes.", |h| h.envelope_id.truncate(15)),
        make("e-05-key-id-long", "E-05", "MALFORMED", "The key id has nine bytes.", |h| h.key_id = Bytes::from_static(&[7; 9])),
        vector(
            fault("e-05-header-unreadable", "E-05", "MALFORMED", SIGNATURE, "The header is no message at all."),
            "dropped",
            draft.again(|e| e.header = Bytes::from_static(&[0xff; 100])),
            &right,
        ),
    ]
}

/// E-06, P-01, P-02: bodies whose length is no padding class.
fn classes() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let make = |name, rules, says, change: fn(&mut Envelope)| {
        vector(fault(name, rules, "MALFORMED", SIGNATURE, says), "dropped", draft.again(change), &right)
    };
    vec![
        make("e-06-body-one-byte-longer", "E-06 P-01", "The body has a byte more than its class.", |e| {
            e.body = [&e.body[..], &[0]].concat().into();
        }),
        make("e-06-body-one-byte-shorter", "E-06 P-02", "The body has a byte less than the smallest class.", |e| {
            e.body = e.body.slice(1..);
        }),
        make("e-06-body-empty", "E-06 P-02", "There is no body.", |e| e.body = Bytes::new()),
        make(
            "p-02-below-the-floor",
            "P-02 E-06",
            "The body is that of 8,192 bytes, a Padmé length below the smallest class.",
            |e| {
                e.body = Bytes::from(vec![0; sealed(8_192)]);
            },
        ),
        make("p-01-no-padme-length", "P-01 E-06", "The body is that of 16,385 bytes, which Padmé never gives.", |e| {
            e.body = [&e.body[..], &[0; 17]].concat().into();
        }),
    ]
}

/// P-03: lengths that a gateway does not let pass.
fn admitted() -> Vec<Vector> {
    let honest = Draft::new().envelope();
    let right = honest.encode_to_vec();
    let make = |name, says, change: fn(&mut Envelope)| {
        let mut envelope = honest.clone();
        change(&mut envelope);
        let faulty = envelope.encode_to_vec();
        let seams = [(faulty.len() - 64, right.len() - 64)];
        fault(name, "P-03", "MALFORMED", NOTHING, says).vector("admission", admission(), faulty, &right, &seams)
    };
    vec![
        make("p-03-no-body", "Shorter than the smallest body with its fixed parts.", |e| e.body = Bytes::new()),
        make("p-03-beyond-its-class", "537 bytes longer than a body with its fixed parts.", |e| {
            let most = sealed(PADDED_BYTES_MIN) + ENC_BYTES + CT_BYTES + SIGNATURE_BYTES + 536;
            e.header = [&e.header[..], &vec![0; most + 1 - e.encoded_len()]].concat().into();
        }),
        make("p-03-between-two-classes", "700 bytes longer than an envelope of its class is.", |e| {
            e.body = [&e.body[..], &[0; 700]].concat().into();
        }),
    ]
}

/// E-07: for another, of another network, or from another.
fn addressed() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let inconsistent = |name, remade, says| fault(name, "E-07", "INCONSISTENT", remade, says);
    let routed = Draft { peer: SOCIALE.to_owned(), ..Draft::new() };
    vec![
        vector(
            inconsistent("e-07-for-another", SIGNATURE, "The recipient is another office."),
            "dropped",
            draft.under(|header| header.recipient = SIL.to_owned()),
            &right,
        ),
        vector(
            inconsistent("e-07-another-network", SIGNATURE, "Both ends are of another network."),
            "dropped",
            draft.under(|header| {
                header.network_from = "altra-rete.invalid".to_owned();
                header.network_to = header.network_from.clone();
            }),
            &right,
        ),
        vector(
            inconsistent("e-07-from-another", NOTHING, "The route names another sender than the header."),
            "dropped",
            routed.seal(),
            &right,
        ),
    ]
}

/// E-08, E-09: opening keys and directories that the receiver does not have.
fn known() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let over = opening_key("first", FIRST_MADE).key_id();
    vec![
        vector(
            fault("e-08-unknown-key", "E-08", "UNKNOWN_KEY", SIGNATURE, "The key id is none of the receiver's."),
            "signed",
            draft.under(|header| header.key_id = Bytes::from_static(&[7; 8])),
            &right,
        ),
        vector(
            fault("e-08-expired-key", "E-08", "EXPIRED_KEY", SIGNATURE, "The key's card is over for an hour and a second."),
            "signed",
            draft.under(|header| header.key_id = Bytes::copy_from_slice(over.as_bytes())),
            &right,
        ),
        vector(
            fault(
                "e-09-newer-directory",
                "E-09",
                "DIRECTORY_STALE",
                SIGNATURE,
                "Sealed under a directory that the receiver lacks.",
            ),
            "signed",
            draft.under(|header| header.directory_version = 2),
            &right,
        ),
    ]
}

/// E-10: senders without an active agent.
fn strangers() -> Vec<Vector> {
    let right = Draft::new().seal();
    let make = |name, code, who: &'static str, says| {
        let draft = Draft { sender: who, peer: who.to_owned(), ..Draft::new() };
        let faulty = draft.under(|header| header.sender = who.to_owned());
        vector(fault(name, "E-10", code, SIGNATURE, says), "dropped", faulty, &right)
    };
    vec![
        make("e-10-stranger", "UNKNOWN_RECIPIENT", STRANGER, "The sender is not in the directory."),
        make("e-10-suspended", "AGENCY_SUSPENDED", SUSPENDED, "The sender is suspended."),
        make("e-10-revoked", "AGENCY_REVOKED", REVOKED, "The sender is revoked."),
        make("e-10-agent-over", "NOT_ALLOWED", OVER, "The sender's machine is past its last instant."),
    ]
}

/// E-11: one bit in each part, and another's signature.
fn signatures() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let flipped = |change: fn(&mut Envelope)| {
        let mut envelope = draft.envelope();
        change(&mut envelope);
        draft.frame(envelope.encode_to_vec().into())
    };
    let make = |name, says, faulty| vector(fault(name, "E-11", "SIGNATURE", NOTHING, says), "dropped", faulty, &right);
    let flip = |bytes: &Bytes, at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        Bytes::from(bytes)
    };
    let with = |mut envelope: Envelope, part: usize| {
        match part {
            0 => envelope.enc = flip(&envelope.enc, 700),
            1 => envelope.ct = flip(&envelope.ct, 7),
            2 => envelope.body = flip(&envelope.body, 9_000),
            _ => envelope.signature = flip(&envelope.signature, 40),
        }
        draft.frame(envelope.encode_to_vec().into())
    };
    let other = Draft { sender: SOCIALE, ..Draft::new() };
    let mut header = draft.header.clone();
    header.sent_at += 1;
    let header_changed = Envelope { header: header.encode_to_vec().into(), ..draft.envelope() };
    vec![
        make(
            "e-11-header-bit",
            "The instant of the header is a millisecond later than signed.",
            draft.frame(header_changed.encode_to_vec().into()),
        ),
        make("e-11-enc-bit", "One bit of the encapsulated key is another.", with(draft.envelope(), 0)),
        make("e-11-ct-bit", "One bit of the sealed content key is another.", with(draft.envelope(), 1)),
        make("e-11-body-bit", "One bit of the body is another.", with(draft.envelope(), 2)),
        make("e-11-signature-bit", "One bit of the signature is another.", with(draft.envelope(), 3)),
        make("e-11-signature-zeros", "The signature is zeros.", flipped(|e| e.signature = Bytes::from_static(&[0; 64]))),
        make("e-11-another-signer", "Another office of the directory has signed.", other.again(|_| {})),
    ]
}

/// E-12, E-13: too early, too late, and again.
fn times() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let beyond = 10 * 60_000 + 1;
    let sent = |at: u64| draft.under(|header| header.sent_at = at);
    let out_of_time = |name, says| fault(name, "E-12", "OUT_OF_TIME", SIGNATURE, says);
    let replayed = fault("e-13-again", "E-13", "REPLAYED", SEAL, "The same envelope comes again.");
    let mut fresh = Draft::new();
    fresh.header.envelope_id = Bytes::from_static(&[9; 16]);
    let mut again = vector(replayed, "signed", draft.seal(), &fresh.seal());
    again.context.push(("before".to_owned(), hex(&right)));
    vec![
        vector(
            out_of_time("e-12-too-old", "Sealed ten minutes and a millisecond ago."),
            "signed",
            sent(NOW.as_millis() - beyond),
            &right,
        ),
        vector(
            out_of_time("e-12-ahead", "Sealed ten minutes and a millisecond from now."),
            "signed",
            sent(NOW.as_millis() + beyond),
            &right,
        ),
        again,
    ]
}
