//! What the other reader must refuse: one fault each, with the rule by which. Where a fault stands behind the outer
//! signature, that is made anew, so that nothing else is wrong.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::letter::{Letter, SignedLetter};
use raccordo_casework::seal::{pad, seal_plain};
use raccordo_proto::envelope::{self, Header};
use raccordo_proto::ids::{EnvelopeId, KeyId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::{self, KeyCardPurpose, LetterPurpose, ReceiptPurpose};
use raccordo_proto::wire::{Envelope, KeyCard, SignedDirectory};
use raccordo_tests::town::{DAWN, agency};
use serde_json::{Value, json};

use crate::hex;
use crate::world::{OFFICES, Sent, World};

/// One part of an envelope.
type Part = fn(&mut Envelope) -> &mut Bytes;
/// What is done to a header, and to a letter.
type HeaderFault = fn(&mut Header);
type LetterFault = fn(&mut Letter, &Sent);

fn flipped(bytes: &Bytes, at: usize) -> Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes.into()
}

fn row(rule: &str, sent: &Sent, envelope: &[u8]) -> Value {
    json!({"kind": "envelope", "rule": rule, "peer": sent.peer.as_str(), "me": sent.me.as_str(), "envelope": hex(envelope)})
}

/// Everything that must be refused. `sent` is the honest letter that they are made of, with its honest receipt.
pub fn all(world: &mut World, sent: &Sent, receipt: &Receipt) -> Vec<Value> {
    let mut all = outside(world, sent);
    all.extend(headers(world, sent));
    all.extend(inside(world, sent));
    all.extend(cards(world));
    all.extend(receipts(world, sent, receipt));
    all.extend(directories(world));
    all
}

/// A bit of each part, under the sender's signature and beside it.
fn outside(world: &World, sent: &Sent) -> Vec<Value> {
    let honest = Envelope::decode(sent.frame.envelope.clone()).expect("its own");
    let mut all = Vec::new();
    // A byte of the envelope id stands at 6 in a header: version, suite, tag and length come before.
    let parts: [(&str, usize, Part); 5] = [
        ("E-11", 6, |e| &mut e.header),
        ("E-11", 9, |e| &mut e.enc),
        ("E-11", 9, |e| &mut e.ct),
        ("E-11", 9, |e| &mut e.body),
        ("E-11", 9, |e| &mut e.signature),
    ];
    for (rule, at, part) in parts {
        let mut envelope = honest.clone();
        *part(&mut envelope) = flipped(part(&mut envelope), at);
        all.push(row(rule, sent, &envelope.encode_to_vec()));
    }
    let again = |change: &dyn Fn(&mut Envelope)| {
        let mut changed = honest.clone();
        change(&mut changed);
        let Envelope { header, enc, ct, body, .. } = changed;
        envelope::assemble(header, enc, ct, body, &world.keys[&sent.peer]).0
    };
    all.push(row("E-14", sent, &again(&|e| e.header = flipped(&e.header, 6))));
    all.push(row("E-14", sent, &again(&|e| e.enc = flipped(&e.enc, 9))));
    all.push(row("E-14", sent, &again(&|e| e.ct = flipped(&e.ct, 9))));
    for at in [3, 30, 60, honest.body.len() - 1] {
        all.push(row("E-15", sent, &again(&|e| e.body = flipped(&e.body, at)))); // salt, commitment, chunk, last tag
    }
    all.push(row("E-06", sent, &again(&|e| e.body = e.body.slice(1..))));
    all.push(row("E-02", sent, &again(&|e| e.ct = e.ct.slice(1..))));
    let longer = [&sent.frame.envelope[..], &[0x7a, 0x01, 0x00]].concat();
    all.push(row("E-02", sent, &longer));
    let mut routed = row("E-07", sent, &sent.frame.envelope);
    routed["peer"] = json!(OFFICES.iter().find(|id| **id != sent.peer.as_str()));
    all.push(routed);
    all
}

fn header(world: &World, sent: &Sent) -> Header {
    let address = world.address(&sent.peer, &sent.me);
    Header {
        envelope_id: EnvelopeId::new([7; 16]),
        network: address.network,
        sender: address.sender,
        recipient: sent.me.clone(),
        key_id: address.card.key_id,
        directory_version: address.directory_version,
        sent_at: DAWN,
    }
}

/// An envelope around any plaintext, honest otherwise.
fn sealed(world: &mut World, sent: &Sent, header: &Header, plain: &[u8]) -> Bytes {
    let ek = world.openings[&sent.me].key.ek().clone();
    seal_plain(header.encode(), plain, &ek, &world.keys[&sent.peer], &mut world.rng).expect("it seals").0
}

fn headers(world: &mut World, sent: &Sent) -> Vec<Value> {
    let changes: [(&str, HeaderFault); 5] = [
        ("E-07", |h| h.recipient = agency("comune-capofila")),
        ("E-08", |h| h.key_id = KeyId::new([5; 8])),
        ("E-09", |h| h.directory_version += 1),
        ("E-12", |h| h.sent_at = DAWN.minus(core::time::Duration::from_secs(601))),
        ("E-12", |h| h.sent_at = DAWN.plus(core::time::Duration::from_secs(601))),
    ];
    let plain = pad(sent.letter.bytes(), sent.letter.signature());
    let mut all = Vec::new();
    for (rule, change) in changes {
        let mut header = header(world, sent);
        change(&mut header);
        let envelope = sealed(world, sent, &header, &plain);
        all.push(row(rule, sent, &envelope));
    }
    all
}

fn inside(world: &mut World, sent: &Sent) -> Vec<Value> {
    let honest = header(world, sent);
    let plain = pad(sent.letter.bytes(), sent.letter.signature()).to_vec();
    let signature_at = 4 + sent.letter.bytes().len();
    let plains: [(&str, usize, u8); 4] =
        [("E-16", plain.len() - 1, 1), ("E-16", 1, 1), ("L-01", signature_at, 1), ("L-01", signature_at - 1, 1)];
    let mut all = Vec::new();
    for (rule, at, bit) in plains {
        let mut plain = plain.clone();
        plain[at] ^= bit;
        let envelope = sealed(world, sent, &honest, &plain);
        all.push(row(rule, sent, &envelope));
    }
    let letters: [(&str, LetterFault); 3] = [
        ("L-02", |l, sent| {
            let other = l.recipients.iter().position(|id| *id != sent.me).expect("three recipients");
            l.sender = l.recipients.remove(other);
        }),
        ("L-03", |l, sent| l.recipients.retain(|id| *id != sent.me)),
        ("L-04", |l, _| l.directory_version += 1),
    ];
    for (rule, change) in letters {
        let mut letter = world.letter(&sent.peer, 10);
        change(&mut letter, sent);
        let letter = SignedLetter::write(letter, &world.keys[&sent.peer]);
        let envelope = sealed(world, sent, &honest, &pad(letter.bytes(), letter.signature()));
        all.push(row(rule, sent, &envelope));
    }
    // Its own words, signed by another office's hand, and signed as something else.
    let bytes = sent.letter.bytes().to_vec();
    let by_another = sign::sign::<LetterPurpose>(bytes.clone(), &world.keys[&sent.me]);
    let as_receipt = sign::sign::<ReceiptPurpose>(bytes.clone(), &world.keys[&sent.peer]);
    for signature in [by_another.signature(), as_receipt.signature()] {
        let envelope = sealed(world, sent, &honest, &pad(&bytes, signature));
        all.push(row("L-01", sent, &envelope));
    }
    all
}

fn cards(world: &World) -> Vec<Value> {
    let cpi = agency("cpi-rivabella");
    let honest = &world.openings[&cpi].card;
    let row = |rule, card: &[u8], signature: &[u8]| json!({"kind": "card", "rule": rule, "card": hex(card), "signature": hex(signature)});
    let made = |rule, change: fn(&mut KeyCard)| {
        let mut card = KeyCard::decode(honest.card.clone()).expect("its own");
        change(&mut card);
        let signed = sign::sign::<KeyCardPurpose>(card.encode_to_vec(), &world.keys[&cpi]);
        row(rule, signed.bytes(), signed.signature())
    };
    vec![
        row("K-02", &flipped(&honest.card, 600), &honest.signature),
        row("K-02", &honest.card, &flipped(&honest.signature, 5)),
        made("K-02", |card| card.agency = OFFICES[0].to_owned()),
        made("K-01", |card| card.agency = "cav-ignoto".to_owned()),
        made("K-03", |card| card.key_id = Bytes::from_static(&[7; 8])),
        made("K-03", |card| card.ek.truncate(1215)),
        made("K-04", |card| card.until += 1),
        made("K-05", |card| (card.from, card.until) = (card.from - 86_400_000, card.from - 1)),
        made("K-05", |card| (card.from, card.until) = (card.from + 600_001, card.from + 600_002)),
    ]
}

fn receipts(world: &World, sent: &Sent, honest: &Receipt) -> Vec<Value> {
    let made = |rule: &str, signer: &_, change: fn(&mut Receipt)| {
        let mut receipt = honest.clone();
        change(&mut receipt);
        let signed = receipt.sign(&world.keys[signer]);
        let mut row = row(rule, sent, &sent.frame.envelope);
        row["kind"] = json!("receipt");
        row["receipt"] = json!(hex(signed.bytes()));
        row["receipt_signature"] = json!(hex(signed.signature()));
        row
    };
    let signed = honest.sign(&world.keys[&sent.me]);
    let mut all = vec![
        made("R-01", &sent.peer, |_| {}),
        made("R-02", &sent.me, |r| r.recipient = agency("comune-capofila")),
        made("R-03", &sent.me, |r| r.envelope_digest[0] ^= 1),
        made("R-04", &sent.me, |r| r.binding[0] ^= 1),
        made("R-04", &sent.me, |r| r.binding = [0; 32]),
        made("R-04", &sent.me, |r| (r.outcome, r.binding) = (Outcome::Refused(raccordo_proto::Code::Busy), [3; 32])),
    ];
    for at in [3, 30, 60, signed.bytes().len() - 1] {
        let mut bit = made("R-01", &sent.me, |_| {});
        bit["receipt"] = json!(hex(&flipped(signed.bytes(), at)));
        all.push(bit);
    }
    all
}

fn directories(world: &World) -> Vec<Value> {
    let [first, second] = [0, 1].map(|version: usize| world.directories[version].document().clone());
    let row = |rule: &str, document: &SignedDirectory| {
        let (document, installed) = (hex(&document.encode_to_vec()), hex(&first.encode_to_vec()));
        json!({"kind": "directory", "rule": rule, "document": document, "installed": installed})
    };
    let made = |rule: &str, change: fn(&mut SignedDirectory)| {
        let mut document = second.clone();
        change(&mut document);
        row(rule, &document)
    };
    let third = SignedDirectory::decode(&world.third()[..]).expect("its own");
    vec![
        made("D-03", |d| d.head = flipped(&d.head, 40)),
        made("D-03", |d| d.signatures.truncate(1)),
        made("D-03", |d| d.signatures = vec![d.signatures[0].clone(); 3]),
        made("D-03", |d| {
            d.signatures.truncate(2);
            d.signatures[1].sig = flipped(&d.signatures[1].sig, 9);
        }),
        made("D-11", |d| d.body = flipped(&d.body, 40)),
        row("D-06", &first),
        row("D-08", &third),
    ]
}
