//! S-01 and S-02: signatures made by the letter's own author, over other bytes than the rule says, or for another purpose;
//! and public keys that are none.

use ed25519_dalek::Signer as _;
use prost::Message as _;
use raccordo_proto::sign::{self, EnvelopePurpose, HeadPurpose, KeyCardPurpose, LetterPurpose, Purpose, Signer};
use sha2::Digest as _;

use super::draft::Draft;
use super::world::{CAV, key};
use super::{Fault, NOTHING, Vector, letters};
use crate::format::unhex;

/// The order of Ed25519's group, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

pub fn all() -> Vec<Vector> {
    [said(), purposes(), keys()].into_iter().flatten().collect()
}

fn letter() -> Vec<u8> {
    Draft::new().letter.encode_to_vec()
}

fn make(name: &'static str, rules: &'static str, says: &'static str, signature: &[u8]) -> Vector {
    let fault = Fault { name, rules, code: "SIGNATURE", says, remade: NOTHING };
    letters::vector(fault, [&letter()[..], signature].concat())
}

/// S-01: what is signed, and how strictly it is verified.
fn said() -> Vec<Vector> {
    let (letter, tag) = (letter(), LetterPurpose::TAG);
    let digest = sha2::Sha512::digest(&letter);
    let length = [u8::try_from(tag.len()).expect("short")];
    let over = |parts: &[&[u8]]| key(CAV).sign(&parts.concat()).to_bytes();
    let honest = sign::sign::<LetterPurpose>(letter.clone(), &key(CAV));
    vec![
        make("s-01-no-tag", "S-01", "The digest alone is signed.", &over(&[&digest])),
        make("s-01-no-length", "S-01", "The tag's length is not signed.", &over(&[tag.as_bytes(), &digest])),
        make("s-01-no-digest", "S-01", "The letter is signed in its digest's place.", &over(&[&length, tag.as_bytes(), &letter])),
        make(
            "s-01-not-reduced",
            "S-01",
            "The same signature, written with a number that is too large.",
            &not_reduced(honest.signature()),
        ),
        make("s-01-zeros", "S-01", "The signature is zeros.", &[0; 64]),
    ]
}

/// The second half plus the group's order: some verifiers take both.
fn not_reduced(signature: &[u8]) -> Vec<u8> {
    let mut sum = signature.to_vec();
    let mut carry = 0;
    for (byte, order) in sum[32..].iter_mut().zip(unhex(ORDER)) {
        let total = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (total.to_le_bytes()[0], total >> 8);
    }
    sum
}

/// S-02.
fn purposes() -> Vec<Vector> {
    fn signed<P: Purpose>() -> Vec<u8> {
        sign::sign::<P>(letter(), &key(CAV)).signature().to_vec()
    }
    vec![
        make(
            "s-02-as-an-envelope",
            "S-02",
            "The same key has signed the same bytes as an envelope.",
            &signed::<EnvelopePurpose>(),
        ),
        make("s-02-as-a-card", "S-02", "The same key has signed the same bytes as a key card.", &signed::<KeyCardPurpose>()),
        make("s-02-as-a-head", "S-02", "The same key has signed the same bytes as a directory's head.", &signed::<HeadPurpose>()),
    ]
}

/// S-01: keys that would verify what nobody has signed.
fn keys() -> Vec<Vector> {
    let right = Signer::public_key(&key(CAV));
    let make = |name, says, faulty: Vec<u8>| {
        let fault = Fault { name, rules: "S-01", code: "MALFORMED", says, remade: NOTHING };
        fault.vector("key", Vec::new(), faulty, right.as_bytes(), &[])
    };
    let mut identity = vec![0; 32];
    identity[0] = 1;
    vec![
        make("s-01-key-of-small-order", "The public key is the neutral point.", identity),
        make("s-01-key-no-point", "The public key is no point of the curve.", [&[2], &[0; 31][..]].concat()),
        make("s-01-key-short", "The public key has 31 bytes.", right.as_bytes()[..31].to_vec()),
    ]
}
