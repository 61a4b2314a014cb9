//! E-14 to E-16 and L-01 to L-09: what is refused once the outer signature is known to be good.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::wire::{self as letters, Kind, Voided};
use raccordo_proto::ids::Digest;
use raccordo_proto::limits::{COBBLESTONE_PREFIX_BYTES, LETTER_BYTES_MAX};
use raccordo_proto::padding::{padded, padme};
use raccordo_proto::wire::Envelope;

use super::draft::{Draft, vector};
use super::world::{CAV, CPI, SIL, SOCIALE};
use super::{Fault, SEAL, SIGNATURE, Vector};
use crate::format::hex;

pub fn all() -> Vec<Vector> {
    [seals(), paddings(), inner(), kinds(), desks()].into_iter().flatten().collect()
}

/// E-14, E-15: every part of the seal, signed again by the sender.
fn seals() -> Vec<Vector> {
    let draft = Draft::new();
    let right = draft.seal();
    let make = |name, rules, says, faulty: Vec<u8>| {
        let fault = Fault { name, rules, code: "DECRYPTION", says, remade: SIGNATURE };
        vector(fault, "signed", faulty, &right)
    };
    let flip = |bytes: &Bytes, at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        Bytes::from(bytes)
    };
    let cut = |e: &mut Envelope| e.body = e.body.slice(..e.body.len() - 16);
    let chunk = COBBLESTONE_PREFIX_BYTES;
    vec![
        make(
            "e-14-enc",
            "E-14",
            "One bit of the encapsulated key is another, and signed.",
            draft.again(|e| e.enc = flip(&e.enc, 0)),
        ),
        make(
            "e-14-ct",
            "E-14",
            "One bit of the sealed content key is another, and signed.",
            draft.again(|e| e.ct = flip(&e.ct, 0)),
        ),
        make("e-14-another-header", "E-14", "The seal was made under another header.", draft.under(|h| h.sent_at += 1)),
        make("e-15-salt", "E-15", "One bit of the salt is another.", draft.again(|e| e.body = flip(&e.body, 0))),
        make("e-15-commitment", "E-15", "One bit of the commitment is another.", draft.again(|e| e.body = flip(&e.body, 24))),
        make("e-15-chunk", "E-15", "One bit of the chunk is another.", draft.again(|e| e.body = flip(&e.body, chunk))),
        make(
            "e-15-last-tag",
            "E-15",
            "One bit of the last tag is another.",
            draft.again(|e| e.body = flip(&e.body, e.body.len() - 1)),
        ),
        {
            let mut other = Draft::new();
            other.letter.operator = "op-0000".to_owned();
            let last = |e: &Envelope| e.body.slice(e.body.len() - 16..);
            let foreign = {
                other.header.envelope_id = Bytes::from_static(&[8; 16]);
                last(&other.envelope())
            };
            let swapped = draft.again(|e| {
                cut(e);
                e.body = [&e.body[..], &foreign[..]].concat().into();
            });
            make("e-15-last-chunk-of-another", "E-15", "The last chunk is another envelope's.", swapped)
        },
    ]
}

/// E-16: what stands around the letter.
fn paddings() -> Vec<Vector> {
    let right = Draft::new().seal();
    let make = |name, rules, says, pad: fn(&mut Vec<u8>)| {
        let fault = Fault { name, rules, code: "PADDING", says, remade: SEAL };
        vector(fault, "signed", Draft { pad, ..Draft::new() }.seal(), &right)
    };
    vec![
        make("e-16-last-byte", "E-16", "The last byte of the padding is not zero.", |p| *p.last_mut().expect("16 KiB") = 1),
        make("e-16-first-byte", "E-16", "The first byte of the padding is not zero.", |p| {
            let length = u32::from_be_bytes([p[0], p[1], p[2], p[3]]) as usize;
            p[4 + length + 64] = 1;
        }),
        make("e-16-length-does-not-fit", "E-16", "The length leaves no room for the signature.", |p| {
            let too_long = u32::try_from(p.len() - 4 - 63).expect("16 KiB");
            p[..4].copy_from_slice(&too_long.to_be_bytes());
        }),
        make("e-16-length-beyond-a-letter", "E-16", "The length is that of no letter.", |p| {
            let too_long = u32::try_from(LETTER_BYTES_MAX + 1).expect("256 KiB");
            p[..4].copy_from_slice(&too_long.to_be_bytes());
        }),
        make("e-16-another-class", "E-16 P-02", "Padded to the class of a longer letter.", |p| {
            p.resize(padded(padme(p.len() + 1)), 0)
        }),
    ]
}

/// L-01 to L-04 and L-07: the letter against its signature, its shape and its envelope.
fn inner() -> Vec<Vector> {
    let right = Draft::new().seal();
    let make = |name, rules, code, says, change: fn(&mut Draft)| {
        let mut draft = Draft::new();
        change(&mut draft);
        vector(Fault { name, rules, code, says, remade: SEAL }, "signed", draft.seal(), &right)
    };
    vec![
        make("l-01-another-author", "L-01", "SIGNATURE", "The letter is signed by another office of the directory.", |d| {
            d.author = SOCIALE
        }),
        make("l-01-signature-bit", "L-01", "SIGNATURE", "One bit of the letter's signature is another.", |d| {
            d.pad = |p| {
                let length = u32::from_be_bytes([p[0], p[1], p[2], p[3]]) as usize;
                p[4 + length] ^= 1;
            };
        }),
        make("l-02-another-sender", "L-02", "INCONSISTENT", "The letter names another sender than the envelope.", |d| {
            d.letter.sender = SOCIALE.to_owned();
            d.letter.recipients = [CAV, CPI, SIL].map(str::to_owned).to_vec();
        }),
        make("l-03-not-for-me", "L-03", "INCONSISTENT", "The receiver is not among the letter's recipients.", |d| {
            d.letter.recipients.retain(|id| id != CPI);
        }),
        make("l-04-later-directory", "L-04", "INCONSISTENT", "Written under a later directory than it was sealed under.", |d| {
            d.letter.directory_version += 1;
        }),
        make("l-07-sealed-voided", "L-07", "VERSION", "The letter names a voided one.", |d| {
            d.letter.voided.push(Voided::default())
        }),
        make("l-07-sealed-unreadable", "L-07", "MALFORMED", "The letter id has 15 bytes.", |d| d.letter.letter_id.truncate(15)),
    ]
}

/// L-06: kinds that are not built, and kinds that are not the sender's.
fn kinds() -> Vec<Vector> {
    let right = Draft::new().seal();
    let make = |name, says, kind: Kind| {
        let mut draft = Draft::new();
        draft.letter.kind = kind.into();
        vector(Fault { name, rules: "L-06", code: "KIND_NOT_ALLOWED", says, remade: SEAL }, "signed", draft.seal(), &right)
    };
    let says = "An office that may not refer sends a segnalazione.";
    let fault = Fault { name: "l-06-not-theirs", rules: "L-06", code: "KIND_NOT_ALLOWED", says, remade: SEAL };
    vec![
        make("l-06-nulla", "A dummy: not built.", Kind::Nulla),
        make("l-06-no-kind", "The letter has no kind.", Kind::Unspecified),
        vector(fault, "signed by the desk", Draft::from(SIL).seal(), &right),
    ]
}

/// L-05, L-08, L-09: what only the desk can see.
fn desks() -> Vec<Vector> {
    let make = |name, rules, code, says, change: fn(&mut Draft), right: Vec<u8>| {
        let mut draft = Draft::new();
        draft.header.envelope_id = Bytes::from_static(&[9; 16]);
        change(&mut draft);
        vector(Fault { name, rules, code, says, remade: SEAL }, "signed by the desk", draft.seal(), &right)
    };
    let second = |change: fn(&mut letters::Letter)| {
        let mut draft = Draft::new();
        draft.header.envelope_id = Bytes::from_static(&[9; 16]);
        change(&mut draft.letter);
        draft.seal()
    };
    let after = |mut vector: Vector| {
        vector.context.push(("before".to_owned(), hex(&Draft::new().seal())));
        vector
    };
    let mut other_sender = Draft::from(SOCIALE);
    other_sender.header.envelope_id = Bytes::from_static(&[9; 16]);
    (other_sender.letter.letter_id, other_sender.letter.thread) = (vec![5; 16], vec![6; 16]);
    let says = "Another office refers into a case that is not its own.";
    let taken_over = Fault { name: "l-09-anothers-case", rules: "L-09", code: "INCONSISTENT", says, remade: SEAL };
    let own = second(|letter| (letter.letter_id, letter.thread) = (vec![5; 16], vec![6; 16]));
    vec![
        make(
            "l-05-not-in-the-equipe",
            "L-05",
            "MEMBERSHIP_CHANGED",
            "Addressed to an équipe of which the receiver is no member.",
            |d| d.letter.equipe = "crema".to_owned(),
            second(|_| {}),
        ),
        make(
            "l-05-no-equipe",
            "L-05",
            "MEMBERSHIP_CHANGED",
            "Addressed to an équipe that the directory does not name.",
            |d| d.letter.equipe = "lodi".to_owned(),
            second(|_| {}),
        ),
        after(make(
            "l-08-two-letters-one-id",
            "L-08",
            "EQUIVOCATION",
            "A second letter under the id of the first.",
            |d| d.letter.operator = "op-0000".to_owned(),
            second(|_| {}),
        )),
        after(make(
            "l-09-another-audience",
            "L-09",
            "INCONSISTENT",
            "A second letter of the thread leaves an office out.",
            |d| {
                follow(&mut d.letter);
                d.letter.recipients.retain(|id| id != SIL);
            },
            second(follow),
        )),
        after(vector(taken_over, "signed by the desk", other_sender.seal(), &own)),
    ]
}

/// Makes a letter the second one of its thread.
pub fn follow(letter: &mut letters::Letter) {
    let first = Digest::of(&Draft::new().letter.encode_to_vec());
    (letter.letter_id, letter.seq, letter.previous_hash) = (vec![5; 16], 2, first.as_bytes().to_vec());
}

#[test]
fn a_draft_is_sealed_the_same_way_twice() {
    let (one, two) = (Draft::new().envelope(), Draft::new().envelope());
    assert_eq!(one.encode_to_vec(), two.encode_to_vec());
}
