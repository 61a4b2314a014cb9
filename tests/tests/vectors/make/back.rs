//! L-10 to L-12 and B-01 to B-03: letters of transport, letters that are handed back, and chains that do not fit.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::wire::{self as letters, Gap, Heads, Kind, Letter, Restored, Resync, Returned, Riscontro, resync};
use raccordo_proto::ids::Digest;
use raccordo_proto::sign::{self, LetterPurpose};

use super::draft::{Draft, vector};
use super::frames::follow;
use super::world::{CAV, CPI, SIL, SOCIALE, key};
use super::{Fault, SEAL, Vector};
use crate::format::hex;

pub fn all() -> Vec<Vector> {
    [shapes(), handed_back(), chains(), questions()].into_iter().flatten().collect()
}

/// A letter of transport from the servizio sociale to the CPI, in an envelope of its own.
fn transport(kind: Kind, payload: Vec<u8>, change: impl FnOnce(&mut Letter)) -> Draft {
    let mut draft = Draft::from(SOCIALE);
    draft.header.envelope_id = Bytes::from_static(&[9; 16]);
    draft.letter = Letter {
        letter_id: vec![7; 16],
        thread: vec![8; 16],
        case_id: vec![0; 16],
        recipients: vec![CPI.to_owned()],
        equipe: String::new(),
        kind: kind.into(),
        payload,
        operator: String::new(),
        ..draft.letter
    };
    change(&mut draft.letter);
    draft
}

/// L-10.
fn shapes() -> Vec<Vector> {
    let heads = |change: fn(&mut Letter)| transport(Kind::Heads, Heads::default().encode_to_vec(), change).seal();
    let right = heads(|_| {});
    let make = |name, says, change| {
        vector(Fault { name, rules: "L-10", code: "MALFORMED", says, remade: SEAL }, "signed", heads(change), &right)
    };
    let mut of_none = Draft::new();
    of_none.letter.case_id = vec![0; 16];
    let says = "A segnalazione of no case.";
    let fault = Fault { name: "l-10-no-case", rules: "L-10", code: "MALFORMED", says, remade: SEAL };
    vec![
        make("l-10-heads-of-a-case", "Heads that name a case.", |letter| letter.case_id = vec![4; 16]),
        make("l-10-heads-to-two", "Heads to two offices.", |letter| letter.recipients.push(SIL.to_owned())),
        make("l-10-heads-to-an-equipe", "Heads to an équipe.", |letter| letter.equipe = "cremona".to_owned()),
        make("l-10-heads-that-answer", "Heads that answer a letter.", |letter| letter.in_reply_to = vec![1; 32]),
        vector(fault, "signed", of_none.seal(), &Draft::new().seal()),
    ]
}

/// L-11: a letter, handed to the CPI by the servizio sociale under the case 44….
fn hand(letter: &Letter, signer: &str, flip: bool, case: u8) -> Vec<u8> {
    let signed = sign::sign::<LetterPurpose>(letter.encode_to_vec(), &key(signer));
    let mut signature = signed.signature().to_vec();
    signature[9] ^= u8::from(flip);
    let returned = Returned { letter: signed.bytes().to_vec(), signature };
    transport(Kind::Returned, returned.encode_to_vec(), |outer| outer.case_id = vec![case; 16]).seal()
}

/// L-11: an answer of the CAV, which says nothing of the woman.
fn handed_back() -> Vec<Vector> {
    let segnalazione = Draft::new().letter;
    let honest = Letter { kind: Kind::Riscontro.into(), payload: Riscontro::default().encode_to_vec(), ..segnalazione.clone() };
    let without = |office: &str| {
        let mut letter = honest.clone();
        letter.recipients.retain(|id| id != office);
        letter
    };
    let heads = Letter { kind: Kind::Heads.into(), payload: Vec::new(), ..transport(Kind::Heads, Vec::new(), |_| {}).letter };
    let heads = Letter { sender: CAV.to_owned(), ..heads };
    let right = hand(&honest, CAV, false, 4);
    let make = |name, code, says, faulty: Vec<u8>| {
        let answer = if code == "SIGNATURE" { "signed" } else { "signed by the desk" };
        vector(Fault { name, rules: "L-11", code, says, remade: SEAL }, answer, faulty, &right)
    };
    let signature = |name, says, faulty| make(name, "SIGNATURE", says, faulty);
    let other = |name, says, faulty| make(name, "INCONSISTENT", says, faulty);
    vec![
        signature("l-11-signature-bit", "One bit of its own sender's signature is another.", hand(&honest, CAV, true, 4)),
        signature("l-11-signed-by-who-hands-it", "Who hands it back has signed it as its own.", hand(&honest, SOCIALE, false, 4)),
        other("l-11-never-theirs", "Who hands it back was never to have it.", hand(&without(SOCIALE), CAV, false, 4)),
        other("l-11-never-mine", "The receiver was never to have it.", hand(&without(CPI), CAV, false, 4)),
        other("l-11-another-case", "It is handed back under another case than its own.", hand(&honest, CAV, false, 6)),
        other(
            "l-11-of-the-woman",
            "A segnalazione is handed back by another than its own sender.",
            hand(&segnalazione, CAV, false, 4),
        ),
        other("l-11-of-transport", "A letter of transport is handed back.", hand(&heads, CAV, false, 0x44)),
    ]
}

/// L-12: after the first letter of a thread.
fn chains() -> Vec<Vector> {
    let second = |change: fn(&mut Letter)| {
        let mut draft = Draft::new();
        draft.header.envelope_id = Bytes::from_static(&[9; 16]);
        follow(&mut draft.letter);
        change(&mut draft.letter);
        draft.seal()
    };
    let right = second(|_| {});
    let make = |name, says, change| {
        let fault = Fault { name, rules: "L-12", code: "EQUIVOCATION", says, remade: SEAL };
        let mut made = vector(fault, "signed by the desk", second(change), &right);
        made.context.push(("before".to_owned(), hex(&Draft::new().seal())));
        made
    };
    vec![
        make("l-12-same-place", "Another letter in the place of one that is here.", |letter| {
            (letter.seq, letter.previous_hash) = (1, Vec::new());
        }),
        make("l-12-another-before", "It says that another letter stood before it.", |letter| letter.previous_hash = vec![3; 32]),
        make("l-12-nothing-before", "It says that nothing stood before it.", |letter| letter.previous_hash.clear()),
    ]
}

/// B-01, B-03: questions that an office may not ask.
fn questions() -> Vec<Vector> {
    let ask = |asked| {
        let payload = Resync { asked: Some(asked) }.encode_to_vec();
        transport(Kind::Resync, payload, |_| {}).seal()
    };
    let restored = |store_epoch| resync::Asked::Restored(Restored { store_epoch, since: 1 });
    let fault = |name, rules, says| Fault { name, rules, code: "INCONSISTENT", says, remade: SEAL };
    let gap = |thread: u8| {
        let gap = Gap { thread: vec![thread; 16], sender: CAV.to_owned(), store_epoch: 1, from_seq: 1 };
        resync::Asked::Gap(gap)
    };
    // A thread of the CAV and the CPI alone.
    let mut between_two = Draft::new();
    between_two.letter.recipients = vec![CPI.to_owned()];
    between_two.letter.equipe = String::new();
    let says = "An office asks for letters of a thread that is not its own.";
    let mut outsider = vector(fault("b-03-not-its-thread", "B-03", says), "signed by the desk", ask(gap(3)), &ask(gap(5)));
    outsider.context.push(("before".to_owned(), hex(&between_two.seal())));
    let says = "The epoch of the question is not that of the letter.";
    vec![vector(fault("b-01-another-epoch", "B-01", says), "signed by the desk", ask(restored(2)), &ask(restored(1))), outsider]
}

#[test]
fn a_second_letter_names_the_first() {
    let mut letter: letters::Letter = Draft::new().letter;
    let first = Digest::of(&letter.encode_to_vec());
    follow(&mut letter);
    assert_eq!(letter.previous_hash, first.as_bytes());
}
