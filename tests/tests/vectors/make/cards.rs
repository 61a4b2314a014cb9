//! K-01 to K-05: key cards with one fault.

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::ids::{AgencyId, KeyId};
use raccordo_proto::limits::CARD_LIFE_MAX;
use raccordo_proto::sign::{self, EnvelopePurpose, KeyCardPurpose};
use raccordo_proto::wire::{KeyCard, SignedKeyCard};

use super::world::{CPI, DAY, NOW, OVER, REVOKED, SIL, STRANGER, SUSPENDED, first, key, opening_key, trust};
use super::{Fault, NOTHING, SIGNATURE, Vector};
use crate::format::hex;

fn honest() -> SignedKeyCard {
    let ek = opening_key("second", NOW).ek().clone();
    let agency = AgencyId::parse(CPI).expect("an id");
    keycard::issue(&agency, ek, CardOrder { store_epoch: 1, counter: 4 }, 1, NOW, &key(CPI))
}

fn signed(card: Vec<u8>, signer: &str) -> Vec<u8> {
    let signed = sign::sign::<KeyCardPurpose>(card, &key(signer));
    SignedKeyCard { card: signed.bytes().clone(), signature: Bytes::copy_from_slice(signed.signature()) }.encode_to_vec()
}

fn vector(fault: Fault, faulty: Vec<u8>) -> Vector {
    let context = vec![("now", NOW.as_millis().to_string()), ("trust", trust()), ("directory", hex(&first().encode_to_vec()))];
    let right = honest().encode_to_vec();
    let seams = if faulty.len() > 64 { vec![(faulty.len() - 64, right.len() - 64)] } else { Vec::new() };
    fault.vector("keycard", context, faulty, &right, &seams)
}

fn make(name: &'static str, rules: &'static str, code: &'static str, says: &'static str, change: fn(&mut KeyCard)) -> Vector {
    let mut card = KeyCard::decode(honest().card).expect("its own");
    change(&mut card);
    let signer = card.agency.clone();
    vector(Fault { name, rules, code, says, remade: SIGNATURE }, signed(card.encode_to_vec(), &signer))
}

pub fn all() -> Vec<Vector> {
    let mut all = owners();
    all.extend(signatures());
    all.extend(facts());
    all
}

fn owners() -> Vec<Vector> {
    let no_id = |card: &mut KeyCard| card.agency = "CPI".to_owned();
    vec![
        make("k-01-no-id", "K-01", "MALFORMED", "The agency is no id.", no_id),
        make("k-01-stranger", "K-01", "UNKNOWN_RECIPIENT", "The agency is not in the directory.", |c| {
            c.agency = STRANGER.to_owned()
        }),
        make("k-01-suspended", "K-01", "AGENCY_SUSPENDED", "The agency is suspended.", |c| c.agency = SUSPENDED.to_owned()),
        make("k-01-revoked", "K-01", "AGENCY_REVOKED", "The agency is revoked.", |c| c.agency = REVOKED.to_owned()),
        make("k-01-agent-over", "K-01", "NOT_ALLOWED", "The agency's machine is past its last instant.", |c| {
            c.agency = OVER.to_owned()
        }),
        vector(
            Fault {
                name: "k-01-unreadable",
                rules: "K-01",
                code: "MALFORMED",
                says: "The card is no message.",
                remade: SIGNATURE,
            },
            signed(vec![0xff; 40], CPI),
        ),
    ]
}

fn signatures() -> Vec<Vector> {
    let fault = |name, says| Fault { name, rules: "K-02", code: "SIGNATURE", says, remade: NOTHING };
    let mut flipped = honest().encode_to_vec();
    flipped[600] ^= 1;
    let card = honest().card;
    let abused = sign::sign::<EnvelopePurpose>(card.clone(), &key(CPI));
    let abused = SignedKeyCard { card: card.clone(), signature: Bytes::copy_from_slice(abused.signature()) };
    let short = SignedKeyCard { signature: honest().signature.slice(1..), ..honest() };
    let length = Fault {
        name: "k-02-signature-short",
        rules: "K-02",
        code: "MALFORMED",
        says: "The signature has 63 bytes.",
        remade: NOTHING,
    };
    vec![
        vector(fault("k-02-another-signer", "Another office has signed."), signed(card.to_vec(), SIL)),
        vector(fault("k-02-another-purpose", "The same key has signed the same bytes as an envelope."), abused.encode_to_vec()),
        vector(fault("k-02-bit", "One bit of the encapsulation key is another."), flipped),
        vector(length, short.encode_to_vec()),
    ]
}

fn facts() -> Vec<Vector> {
    let malformed = |name, rules, says, change: fn(&mut KeyCard)| make(name, rules, "MALFORMED", says, change);
    let expired = |name, says, change: fn(&mut KeyCard)| make(name, "K-05", "EXPIRED_KEY", says, change);
    vec![
        malformed("k-03-ek-short", "K-03", "The encapsulation key lacks a byte; its id is right.", |c| {
            c.ek.truncate(1215);
            c.key_id = Bytes::copy_from_slice(KeyId::of(&c.ek).as_bytes());
        }),
        malformed("k-03-another-id", "K-03", "The key id is another key's.", |c| c.key_id = Bytes::from_static(&[7; 8])),
        malformed("k-03-id-short", "K-03", "The key id has seven bytes.", |c| c.key_id.truncate(7)),
        malformed("k-04-too-long", "K-04", "It lives for a day and a millisecond.", |c| c.until += 1),
        malformed("k-04-no-life", "K-04", "It ends when it begins.", |c| c.until = c.from),
        expired("k-05-over", "It ended a millisecond ago.", |c| (c.from, c.until) = (NOW.as_millis() - DAY, NOW.as_millis() - 1)),
        expired("k-05-ahead", "It begins in ten minutes and a millisecond.", |c| {
            c.from = NOW.as_millis() + 600_001;
            c.until = c.from + u64::try_from(CARD_LIFE_MAX.as_millis()).expect("a day");
        }),
    ]
}
