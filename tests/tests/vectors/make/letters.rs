//! L-01 and L-07 on letters alone, without an envelope around them.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::wire::{Attachment, Letter};
use raccordo_proto::sign::{self, LetterPurpose, ReceiptPurpose, Signer as _};

use super::draft::Draft;
use super::world::{CAV, SOCIALE, key};
use super::{Fault, NOTHING, SIGNATURE, Vector};
use crate::format::hex;

pub fn all() -> Vec<Vector> {
    let mut all = shapes();
    all.extend(signatures());
    all
}

fn signed(letter: &[u8]) -> Vec<u8> {
    let signed = sign::sign::<LetterPurpose>(Bytes::copy_from_slice(letter), &key(CAV));
    [letter, signed.signature()].concat()
}

/// A letter of the CAV's, then its signature.
pub fn vector(fault: Fault, faulty: Vec<u8>) -> Vector {
    let right = signed(&Draft::new().letter.encode_to_vec());
    let signer = ("signer", hex(key(CAV).public_key().as_bytes()));
    let seams = [(faulty.len() - 64, right.len() - 64)];
    fault.vector("letter", vec![signer], faulty, &right, &seams)
}

fn shapes() -> Vec<Vector> {
    let make = |name, code, says, change: fn(&mut Letter)| {
        let mut letter = Draft::new().letter;
        change(&mut letter);
        vector(Fault { name, rules: "L-07", code, says, remade: SIGNATURE }, signed(&letter.encode_to_vec()))
    };
    let many = |letter: &mut Letter| letter.recipients = (0..65).map(|n| format!("ufficio-{n:02}")).collect();
    vec![
        make("l-07-no-recipient", "MALFORMED", "Nobody is written to.", |l| l.recipients.clear()),
        make("l-07-recipients-not-ascending", "MALFORMED", "The recipients are not in ascending order.", |l| {
            l.recipients.reverse()
        }),
        make("l-07-recipient-twice", "MALFORMED", "A recipient stands twice.", |l| {
            l.recipients.insert(0, l.recipients[0].clone())
        }),
        make("l-07-to-oneself", "MALFORMED", "The sender is among the recipients.", |l| l.recipients.insert(0, CAV.to_owned())),
        make("l-07-too-many-recipients", "MALFORMED", "One recipient more than 64.", many),
        make("l-07-recipient-no-id", "MALFORMED", "A recipient is no id.", |l| l.recipients[0] = "Comune".to_owned()),
        make("l-07-no-head-hash", "MALFORMED", "The directory's hash is lacking.", |l| l.head_hash.clear()),
        make("l-07-thread-long", "MALFORMED", "The thread has 17 bytes.", |l| l.thread.push(0)),
        make("l-07-case-short", "MALFORMED", "The case has 15 bytes.", |l| l.case_id.truncate(15)),
        make("l-07-previous-short", "MALFORMED", "The previous letter's digest has 31 bytes.", |l| l.previous_hash = vec![1; 31]),
        make("l-07-reply-short", "MALFORMED", "The digest of the letter answered has a byte.", |l| l.in_reply_to = vec![1]),
        make("l-07-equipe-no-id", "MALFORMED", "The équipe is written as people say it.", |l| {
            l.equipe = "Équipe di Cremona".to_owned()
        }),
        make("l-07-payload-unreadable", "MALFORMED", "The payload is no segnalazione.", |l| l.payload = vec![0xff; 4]),
        make("l-07-attachment", "VERSION", "A file is attached.", |l| l.attachments.push(Attachment::default())),
        vector(
            Fault {
                name: "l-07-unreadable",
                rules: "L-07",
                code: "MALFORMED",
                says: "The letter is no message.",
                remade: SIGNATURE,
            },
            signed(&[0xff; 40]),
        ),
    ]
}

fn signatures() -> Vec<Vector> {
    let letter = Draft::new().letter.encode_to_vec();
    let receipt = sign::sign::<ReceiptPurpose>(letter.clone(), &key(CAV));
    let other = sign::sign::<LetterPurpose>(letter.clone(), &key(SOCIALE));
    let mut flipped = signed(&letter);
    flipped[20] ^= 1;
    let fault = |name, rules, says| Fault { name, rules, code: "SIGNATURE", says, remade: NOTHING };
    vec![
        vector(
            fault("l-01-signed-as-a-receipt", "L-01 S-02", "The same key has signed the same bytes as a receipt."),
            [&letter[..], receipt.signature()].concat(),
        ),
        vector(fault("l-01-anothers", "L-01 S-01", "Another key has signed."), [&letter[..], other.signature()].concat()),
        vector(fault("l-01-changed", "L-01 S-01", "One bit of the letter has changed since it was signed."), flipped),
    ]
}
