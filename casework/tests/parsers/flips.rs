//! One envelope: every bit of it flipped, every value of the bytes that say how it is read, and every length cut from either
//! end. The code of each is foretold: by its place, and in the header by a reader of its own (`header`).

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::seal::SealingKey;
use raccordo_proto::Code;
use raccordo_proto::wire::Envelope;

use crate::{cav, header, letter, opened, opening_key, results, sealed};

/// What a byte of the envelope is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    /// A tag or a length of one of the five fields.
    Framing,
    /// Of the header.
    Header,
    /// Of what the signature covers besides, or of the signature.
    Signed,
}

fn envelope(key: &SealingKey) -> Bytes {
    sealed(&SignedLetter::write(letter(1, "Un testo."), &cav()), key, 1)
}

/// The header's bytes, and the place of each byte.
fn places(envelope: &Bytes) -> (Range<usize>, Vec<Place>) {
    let parts = Envelope::decode(envelope.clone()).expect("its own");
    let mut places = Vec::new();
    let mut header = 0..0;
    for (part, place) in [
        (&parts.header, Place::Header),
        (&parts.enc, Place::Signed),
        (&parts.ct, Place::Signed),
        (&parts.body, Place::Signed),
        (&parts.signature, Place::Signed),
    ] {
        let lengths = prost::length_delimiter_len(part.len());
        places.extend(vec![Place::Framing; 1 + lengths]);
        if place == Place::Header {
            header = places.len()..places.len() + part.len();
        }
        places.extend(vec![place; part.len()]);
    }
    assert_eq!(places.len(), envelope.len(), "nothing else is in an envelope");
    (header, places)
}

/// The code by which an envelope with this byte changed is refused.
fn foretold(place: Place, changed: &[u8], header_at: &Range<usize>) -> Code {
    match place {
        Place::Framing => Code::Malformed,
        Place::Header => header::judge(&changed[header_at.clone()]).err().unwrap_or(Code::Signature),
        Place::Signed => Code::Signature,
    }
}

/// Every bit of a byte; and every other value too where it says how the envelope is read.
fn masks(place: Place) -> Vec<u8> {
    match place {
        Place::Framing | Place::Header => (1..=u8::MAX).collect(),
        Place::Signed => (0..8).map(|bit| 1 << bit).collect(),
    }
}

/// Codes by place, of the flips of every `step`th byte from `first` on; whoever is refused otherwise is told.
fn flips(envelope: &Bytes, first: usize, step: usize) -> (BTreeMap<(Place, &'static str), usize>, Vec<String>) {
    let (key, (header_at, places)) = (opening_key(), places(envelope));
    let (mut codes, mut surprises) = (BTreeMap::new(), Vec::new());
    let mut changed = envelope.to_vec();
    for at in (first..envelope.len()).step_by(step) {
        for mask in masks(places[at]) {
            changed[at] ^= mask;
            let expected = foretold(places[at], &changed, &header_at);
            match opened(changed.clone().into(), &key).err() {
                Some(code) if code == expected => *codes.entry((places[at], code.name())).or_default() += 1,
                other => surprises.push(format!("byte {at}, mask {mask:#x}: {other:?}, foretold {expected:?}")),
            }
            changed[at] ^= mask;
        }
    }
    (codes, surprises)
}

#[test]
fn every_flip_of_one_envelope_is_refused() {
    let key = opening_key();
    let envelope = envelope(&key);
    assert!(opened(envelope.clone(), &key).is_ok(), "untouched, it opens");
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let found: Vec<_> = std::thread::scope(|scope| {
        let envelope = &envelope;
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(move || flips(envelope, first, threads))).collect();
        running.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    let mut codes: BTreeMap<(Place, &str), usize> = BTreeMap::new();
    for (told, surprises) in found {
        assert_eq!(surprises, [""; 0]);
        told.into_iter().for_each(|(place, count)| *codes.entry(place).or_default() += count);
    }
    let (refused, made) = (codes.values().sum(), places(&envelope).1.into_iter().map(|place| masks(place).len()).sum());
    println!("{} bytes, {made} flips: {codes:?}", envelope.len());
    assert!(envelope.len() > 17_000 && refused == made);
    for in_header in [Code::Malformed, Code::Version, Code::Suite, Code::Signature] {
        assert!(codes.contains_key(&(Place::Header, in_header.name())), "{codes:?}: no flip of the header is {in_header:?}");
    }
    results::write("T8", "flips of one envelope refused by the code of their place", refused, made, file!());
}

/// What is foretold is not always so: an envelope that was changed elsewhere, or signed again, is refused otherwise.
#[test]
fn a_flip_that_is_refused_otherwise_is_seen() {
    let envelope = envelope(&opening_key());
    let (header_at, _) = places(&envelope);
    let mut other = envelope.to_vec();
    other[header_at.start + 1] = 2; // the version, behind its tag
    let (_, surprises) = flips(&Bytes::from(other), 2_000, 5_000);
    assert!(surprises.len() >= 8 && surprises[0].contains("foretold Signature"), "{surprises:?}");
}

#[test]
fn every_cut_of_one_envelope_is_refused() {
    let key = opening_key();
    let envelope = envelope(&key);
    let (header, _) = places(&envelope);
    let mut refused = 0;
    for len in 0..envelope.len() {
        assert_eq!(opened(envelope.slice(..len), &key).err(), Some(Code::Malformed), "the first {len} bytes");
        // Without its whole first field, and with all of the others, an envelope is readable, and its header says no version.
        let expected = if len == envelope.len() - header.end { Code::Version } else { Code::Malformed };
        assert_eq!(opened(envelope.slice(envelope.len() - len..), &key).err(), Some(expected), "the last {len} bytes");
        refused += 2;
    }
    println!("{refused} cuts");
    results::write("T8", "cuts of one envelope refused by the code of their place", refused, envelope.len() * 2, file!());
}
