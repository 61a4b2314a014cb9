//! receipts and evidence with one fault.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::receipts::{Transmission, VerifiedReceipt};
use raccordo_casework::seal::ReceiptKey;
use raccordo_casework::wire::LetterDelivered;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::{AgencyId, Digest, LetterId};
use raccordo_proto::sign::{self, KeyCardPurpose, ReceiptPurpose, Signer as _};
use raccordo_proto::wire::{Receipt, ReceiptResult, Route, SignedReceipt};
use raccordo_proto::{Code, Timestamp};

use super::draft::Draft;
use super::world::{CPI, NOW, SIL, key, secret};
use super::{Fault, NOTHING, SIGNATURE, Vector};
use crate::format::hex;

const ENVELOPE_DIGEST: [u8; 32] = [0x5a; 32];

fn receipt_key() -> ReceiptKey {
    ReceiptKey::from_bytes(&secret("a receipt key")).expect("32 bytes")
}

fn letter() -> Vec<u8> {
    Draft::new().letter.encode_to_vec()
}

fn honest() -> Receipt {
    Receipt {
        envelope_id: Bytes::from_static(&[1; 16]),
        envelope_digest: Bytes::from_static(&ENVELOPE_DIGEST),
        binding: Bytes::copy_from_slice(&receipt_key().binding(Digest::of(&letter()))),
        recipient: CPI.to_owned(),
        time: NOW.as_millis(),
        store_epoch: 3,
        result: ReceiptResult::Delivered.into(),
        code: Code::Unspecified.into(),
    }
}

fn framed(receipt: Vec<u8>, signature: &[u8]) -> Vec<u8> {
    let route = Route { peer: CPI.to_owned(), envelope_id: Bytes::from_static(&[1; 16]) };
    SignedReceipt { route: Some(route), receipt: receipt.into(), signature: Bytes::copy_from_slice(signature) }.encode_to_vec()
}

fn signed(receipt: Vec<u8>, signer: &str) -> Vec<u8> {
    let signed = sign::sign::<ReceiptPurpose>(receipt.clone(), &key(signer));
    framed(receipt, signed.signature())
}

fn vector(fault: Fault, faulty: Vec<u8>) -> Vector {
    let context = vec![
        ("recipient", CPI.to_owned()),
        ("recipient-identity", hex(key(CPI).public_key().as_bytes())),
        ("envelope-digest", hex(&ENVELOPE_DIGEST)),
        ("letter-digest", hex(Digest::of(&letter()).as_bytes())),
        ("receipt-key", hex(receipt_key().as_bytes())),
    ];
    let right = signed(honest().encode_to_vec(), CPI);
    let seams = [(faulty.len() - 64, right.len() - 64)];
    fault.vector("receipt", context, faulty, &right, &seams)
}

fn make(name: &'static str, rules: &'static str, code: &'static str, says: &'static str, change: fn(&mut Receipt)) -> Vector {
    let mut receipt = honest();
    change(&mut receipt);
    vector(Fault { name, rules, code, says, remade: SIGNATURE }, signed(receipt.encode_to_vec(), CPI))
}

pub fn all() -> Vec<Vector> {
    let mut all = signatures();
    all.extend(shapes());
    all.extend(bindings());
    all.extend(kept());
    all
}

fn signatures() -> Vec<Vector> {
    let fault = |name, says| Fault { name, rules: "R-01", code: "SIGNATURE", says, remade: NOTHING };
    let receipt = honest().encode_to_vec();
    let abused = sign::sign::<KeyCardPurpose>(receipt.clone(), &key(CPI));
    let mut flipped = signed(receipt.clone(), CPI);
    let last = flipped.len() - 70; // in the receipt's bytes
    flipped[last] ^= 1;
    vec![
        vector(fault("r-01-another-signer", "Another office has signed."), signed(receipt.clone(), SIL)),
        vector(
            fault("r-01-another-purpose", "The same key has signed the same bytes as a key card."),
            framed(receipt, abused.signature()),
        ),
        vector(fault("r-01-bit", "One bit has changed since it was signed."), flipped),
    ]
}

fn shapes() -> Vec<Vector> {
    let malformed = |name, says, change: fn(&mut Receipt)| make(name, "R-02", "MALFORMED", says, change);
    let says = "The receipt is no message.";
    vec![
        malformed("r-02-refused-without-code", "A refusal that names no code.", |r| r.result = ReceiptResult::Refused.into()),
        malformed("r-02-delivered-with-code", "Delivered, and a code.", |r| r.code = Code::Busy.into()),
        malformed("r-02-no-result", "No result.", |r| r.result = 0),
        malformed("r-02-unknown-result", "A result that does not exist.", |r| r.result = 77),
        malformed("r-02-envelope-id-short", "The envelope id has 15 bytes.", |r| r.envelope_id.truncate(15)),
        malformed("r-02-binding-short", "The binding has 31 bytes.", |r| r.binding.truncate(31)),
        vector(
            Fault { name: "r-02-unreadable", rules: "R-02", code: "MALFORMED", says, remade: SIGNATURE },
            signed(vec![0xff; 30], CPI),
        ),
        make("r-02-for-another", "R-02", "INCONSISTENT", "The signer names another office.", |r| r.recipient = SIL.to_owned()),
    ]
}

fn bindings() -> Vec<Vector> {
    let inconsistent = |name, rules, says, change: fn(&mut Receipt)| make(name, rules, "INCONSISTENT", says, change);
    vec![
        inconsistent("r-03-another-frame", "R-03", "It names another envelope's digest.", |r| {
            r.envelope_digest = Bytes::from_static(&[0x5b; 32]);
        }),
        inconsistent("r-04-zeros", "R-04", "Delivered, without having opened the envelope.", |r| {
            r.binding = Bytes::from_static(&[0; 32])
        }),
        inconsistent("r-04-another-letter", "R-04", "Bound to another letter.", |r| {
            r.binding = Bytes::copy_from_slice(&receipt_key().binding(Digest::of(b"another letter")));
        }),
        inconsistent("r-04-refused-bound-elsewhere", "R-04", "A refusal bound to another letter.", |r| {
            r.binding = Bytes::from_static(&[1; 32]);
            (r.result, r.code) = (ReceiptResult::Refused.into(), Code::Busy.into());
        }),
    ]
}

/// what was kept as evidence.
fn kept() -> Vec<Vector> {
    let sent = Transmission {
        letter: LetterId::new([2; 16]),
        sent_at: Timestamp::default(),
        letter_digest: Digest::of(&letter()),
        recipient: AgencyId::parse(CPI).expect("an id"),
        ik: key(CPI).public_key(),
        envelope_digest: ENVELOPE_DIGEST,
        receipt_key: receipt_key(),
        directory_version: 1,
        card: CardOrder::default(),
    };
    let evidence = |receipt: &Receipt| {
        let signed = sign::sign::<ReceiptPurpose>(receipt.encode_to_vec(), &key(CPI));
        let counts = VerifiedReceipt::check(signed.bytes().clone(), signed.signature(), &sent).expect("it counts");
        counts.into_evidence()
    };
    let make = |name, code, says, faulty: LetterDelivered| {
        let context = vec![("recipient-identity", hex(key(CPI).public_key().as_bytes())), ("letter", hex(&letter()))];
        let fault = Fault { name, rules: "R-06", code, says, remade: NOTHING };
        fault.vector("evidence", context, faulty.encode_to_vec(), &evidence(&honest()).encode_to_vec(), &[])
    };
    let refused = Receipt { result: ReceiptResult::Refused.into(), code: Code::Busy.into(), ..honest() };
    let whole = evidence(&honest());
    vec![
        make("r-06-a-refusal", "INCONSISTENT", "A refusal is no evidence of a delivery.", evidence(&refused)),
        make("r-06-another-key", "INCONSISTENT", "K is another.", LetterDelivered { binding_key: vec![1; 32], ..whole.clone() }),
        make("r-06-key-short", "MALFORMED", "K has 31 bytes.", LetterDelivered { binding_key: vec![1; 31], ..whole.clone() }),
        make(
            "r-06-another-office",
            "INCONSISTENT",
            "Kept under another office's name.",
            LetterDelivered { recipient: SIL.to_owned(), ..whole },
        ),
    ]
}
