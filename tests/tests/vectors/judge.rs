//! The reader: judges a vector's bytes by what stands in the file, with the functions that agent and gateway
//! themselves call.
//! Not here: anything of the generator (`make`).

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::receipts::{Transmission, VerifiedReceipt, verify_evidence};
use raccordo_casework::seal::ReceiptKey;
use raccordo_casework::wire::LetterDelivered;
use raccordo_gateway::admission::Admission;
use raccordo_proto::certificate;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::directory::{confirm, keycard, update};
use raccordo_proto::ids::{AgencyId, Digest, LetterId};
use raccordo_proto::limits::{IN_FLIGHT_MAX, SIGNATURE_BYTES};
use raccordo_proto::receipt::Outcome;
use raccordo_proto::sign::PublicKey;
use raccordo_proto::wire::{FetchResponse, SignedConfirm, SignedKeyCard, SignedReceipt};
use raccordo_proto::{Code, Timestamp};

use crate::format::Vector;
use crate::office::{Office, Verdict, directory, instant, trust};

/// The faulty bytes are refused as the head says, and the mended ones are accepted.
pub fn judge(vector: &Vector) {
    let name = &vector.name;
    assert!(!vector.mends.is_empty(), "{name}: says what is wrong");
    let code = code(&vector.code);
    if vector.kind == "frame" {
        let (counted, answered) = (Some(code.name()), Some(Outcome::Refused(code.on_the_wire())));
        let expected = match vector.one("answer") {
            "dropped" => Verdict { counted, answered: None },
            "signed" => Verdict { counted, answered },
            "signed by the desk" => Verdict { counted: None, answered },
            other => panic!("{name}: {other} is no answer"),
        };
        assert_eq!(Office::open(vector).hears(&vector.bytes), expected, "{name}");
        let mended = Office::open(vector).hears(&vector.mended());
        assert_eq!(mended.counted, None, "{name}, mended");
        let taken = matches!(mended.answered, Some(Outcome::Delivered | Outcome::Duplicate));
        assert!(taken, "{name}, mended: {:?}", mended.answered);
    } else {
        assert_eq!(verdict(vector, vector.bytes.clone()), Err(code), "{name}");
        assert_eq!(verdict(vector, vector.mended()), Ok(()), "{name}, mended");
    }
}

fn code(name: &str) -> Code {
    Code::from_str_name(&format!("CODE_{name}")).expect("a code of the protocol")
}

fn verdict(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    match vector.kind.as_str() {
        "letter" => letter(vector, bytes),
        "directory" => fetched(vector, bytes),
        "keycard" => card(vector, bytes),
        "confirm" => confirm(vector, &bytes),
        "receipt" => receipt(vector, bytes),
        "evidence" => evidence(vector, bytes),
        "certificate" => certificate(vector, &bytes),
        "admission" => admission(vector, bytes.len()),
        "key" => PublicKey::parse(&bytes).map(drop),
        other => panic!("{}: {other} is no kind", vector.name),
    }
}

/// A letter's bytes and then its signature.
fn letter(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    let (letter, signature) = bytes.split_at(bytes.len() - SIGNATURE_BYTES);
    SignedLetter::verify(letter.to_vec(), signature, &public(vector, "signer")).map(drop)
}

/// The answer to a Fetch; the fault must name one of the head's rules.
fn fetched(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    let response = FetchResponse::decode(&bytes[..]).map_err(|_| Code::Malformed)?;
    let now = instant(vector.one("now"));
    let installed = vector.all("installed").next().map(|_| directory(vector, "installed", instant(vector.one("installed-at"))));
    let newest = response.newest.ok_or(Code::Malformed)?;
    let verified = update::verify(&response.heads, &newest, &trust(vector), installed.as_ref(), now);
    verified.map(drop).map_err(|fault| {
        assert_named(vector, &fault.to_string());
        fault.code()
    })
}

/// What the fault says begins with a rule of the head.
fn assert_named(vector: &Vector, fault: &str) {
    let named = vector.rules.iter().any(|rule| fault.starts_with(&format!("{rule}:")));
    assert!(named, "{}: {fault}", vector.name);
}

/// A leaf, and not the chain above it; the fault must name one of the head's rules.
fn certificate(vector: &Vector, bytes: &[u8]) -> Result<(), Code> {
    let now = instant(vector.one("now"));
    let directory = directory(vector, "directory", now);
    let admitted = match vector.one("role") {
        "agent" => certificate::admit_agent(bytes, &directory, now).map(drop),
        "gateway" => certificate::admit_gateway(bytes, &directory, now).map(drop),
        other => panic!("{}: {other} is no role", vector.name),
    };
    admitted.map_err(|fault| {
        assert_named(vector, &fault.to_string());
        fault.code()
    })
}

/// An envelope at a gateway, which looks at its length and reads nothing of it.
fn admission(vector: &Vector, len: usize) -> Result<(), Code> {
    let now = instant(vector.one("now"));
    let id = |key: &str| AgencyId::parse(vector.one(key)).expect("an id");
    let mut admission = Admission::new(IN_FLIGHT_MAX);
    let admitted = admission.envelope(&directory(vector, "directory", now), &id("sender"), &id("recipient"), len, now);
    admitted.map_err(|refused| refused.code)
}

/// A Confirm; the fault must name one of the head's rules.
fn confirm(vector: &Vector, bytes: &[u8]) -> Result<(), Code> {
    let now = instant(vector.one("now"));
    let confirm = SignedConfirm::decode(bytes).map_err(|_| Code::Malformed)?;
    confirm::verify(&confirm, &directory(vector, "directory", now), now).map(drop).map_err(|fault| {
        assert_named(vector, &fault.to_string());
        fault.code()
    })
}

fn card(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    let now = instant(vector.one("now"));
    let card = SignedKeyCard::decode(&bytes[..]).map_err(|_| Code::Malformed)?;
    keycard::verify(card, &directory(vector, "directory", now), now).map(drop)
}

fn receipt(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    let receipt = SignedReceipt::decode(&bytes[..]).map_err(|_| Code::Malformed)?;
    let sent = Transmission {
        letter: LetterId::new([2; 16]),
        sent_at: Timestamp::default(),
        letter_digest: Digest::parse(&vector.hex("letter-digest")).expect("32 bytes"),
        recipient: AgencyId::parse(vector.one("recipient")).expect("an id"),
        ik: public(vector, "recipient-identity"),
        envelope_digest: vector.hex("envelope-digest")[..].try_into().expect("32 bytes"),
        receipt_key: ReceiptKey::from_bytes(&vector.hex("receipt-key")).expect("32 bytes"),
        directory_version: 1,
        card: CardOrder::default(),
    };
    VerifiedReceipt::check(receipt.receipt, &receipt.signature, &sent).map(drop)
}

fn evidence(vector: &Vector, bytes: Vec<u8>) -> Result<(), Code> {
    let evidence = LetterDelivered::decode(Bytes::from(bytes)).map_err(|_| Code::Malformed)?;
    verify_evidence(&vector.hex("letter"), &evidence, &public(vector, "recipient-identity")).map(drop)
}

fn public(vector: &Vector, key: &str) -> PublicKey {
    PublicKey::parse(&vector.hex(key)).expect("a key")
}
