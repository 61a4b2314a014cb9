//! One envelope: every byte flipped, and every length cut from either end. Nothing of it may be taken: each byte is under the signature, or
//! is what makes the envelope readable in one way only.

use std::collections::BTreeMap;

use raccordo_casework::letter::SignedLetter;
use raccordo_proto::Code;

use crate::{cav, letter, opened, opening_key, results, sealed};

/// The lowest bit of a byte, and the highest.
const MASKS: [u8; 2] = [0x01, 0x80];

#[test]
fn every_flip_of_one_envelope_is_refused() {
    let key = opening_key();
    let envelope = sealed(&SignedLetter::write(letter(1, "Un testo."), &cav()), &key, 1);
    assert!(opened(envelope.clone(), &key).is_ok(), "untouched, it opens");
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut flipped = envelope.to_vec();
    for at in 0..flipped.len() {
        for mask in MASKS {
            flipped[at] ^= mask;
            let code =
                opened(flipped.clone().into(), &key).err().unwrap_or_else(|| panic!("byte {at}, mask {mask:#x} is nobody's"));
            *codes.entry(code.name()).or_default() += 1;
            flipped[at] ^= mask;
        }
    }
    println!("{} bytes, {} flips: {codes:?}", envelope.len(), envelope.len() * MASKS.len());
    assert!(envelope.len() > 17_000 && codes.values().sum::<usize>() == envelope.len() * MASKS.len());
    let known = [Code::Malformed, Code::Version, Code::Suite, Code::Signature].map(Code::name);
    assert!(codes.keys().all(|code| known.contains(code)), "{codes:?}: the seal is never reached");
    assert!(codes["SIGNATURE"] > codes["MALFORMED"], "{codes:?}: nearly every byte is only signed");
    let (refused, made) = (codes.values().sum(), envelope.len() * MASKS.len());
    results::write("T8", "flips of one envelope refused", refused, made, file!());
}

#[test]
fn every_cut_of_one_envelope_is_refused() {
    let key = opening_key();
    let envelope = sealed(&SignedLetter::write(letter(1, "Un testo."), &cav()), &key, 1);
    let mut refused = 0;
    for len in 0..envelope.len() {
        assert_eq!(opened(envelope.slice(..len), &key).err(), Some(Code::Malformed), "the first {len} bytes");
        let code = opened(envelope.slice(envelope.len() - len..), &key).err();
        // Without its whole first field an envelope is readable, and its header says no version.
        assert!(matches!(code, Some(Code::Malformed | Code::Version)), "the last {len} bytes: {code:?}");
        refused += 2;
    }
    println!("{refused} cuts");
    results::write("T8", "cuts of one envelope refused", refused, envelope.len() * 2, file!());
}
