//! Letters, seals, receipts and records: read as written, or refused.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use raccordo_casework::cobblestone;
use raccordo_casework::codice::Codice;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::receipts::{Transmission, VerifiedReceipt, verify_evidence};
use raccordo_casework::record::{Change, Record};
use raccordo_casework::seal::{self, ReceiptKey};
use raccordo_casework::wire;
use raccordo_proto::Code;
use raccordo_proto::Timestamp;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::{CaseId, Digest, EnvelopeId, EquipeId, LetterId, ThreadId};
use raccordo_proto::limits::PADDED_BYTES_MIN;
use raccordo_proto::limits::SEQ_MAX;
use raccordo_proto::padding::padded;
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer as _;

use crate::{CASES, CPI, NOW, agency, cav, cpi, held, letter, opened, opening_key, sealed};

/// A letter of chance. Letters have no `Debug`, so that none gets into a log: a failure shows the id.
struct Any(Letter);

impl core::fmt::Debug for Any {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.letter_id.fmt(f)
    }
}

fn payload(kind: u8, testo: String, r: Vec<u8>, scheda: Vec<u8>) -> Payload {
    match kind {
        0 => Payload::Riscontro(wire::Riscontro { testo, ..Default::default() }),
        1 => Payload::PresaInCarico(wire::PresaInCarico { testo, ..Default::default() }),
        2 => Payload::ParteRiservata(wire::ParteRiservata { r, scheda, ..Default::default() }),
        _ => Payload::Segnalazione(wire::Segnalazione { di_che_cosa_ha_bisogno: testo, commitment: r, ..Default::default() }),
    }
}

fn letters() -> impl Strategy<Value = Any> {
    let ids = any::<([u8; 16], [u8; 16], [u8; 16])>();
    let offices = btree_set("[a-z0-9-]{2,40}", 2..8);
    let numbers = any::<(u64, u64, u64, u64)>();
    let digests = any::<([u8; 32], Option<[u8; 32]>, Option<[u8; 32]>)>();
    let equipe = proptest::option::of("[a-z0-9-]{2,40}");
    let says = (0u8..4, ".{0,80}", vec(any::<u8>(), 0..40), vec(any::<u8>(), 0..80));
    (ids, offices, numbers, digests, equipe, says, "op-[0-9a-f]{4}").prop_map(
        |(ids, offices, numbers, digests, equipe, (kind, testo, r, scheda), operator)| {
            let mut offices = offices.into_iter().map(|id| agency(&id));
            let sender = offices.next().expect("two at least");
            Any(Letter {
                letter_id: LetterId::new(ids.0),
                thread: ThreadId::new(ids.1),
                case_id: CaseId::new(ids.2),
                sender,
                recipients: offices.collect(),
                equipe: equipe.map(|id| EquipeId::parse(&id).expect("a slug")),
                directory_version: numbers.0,
                head_hash: Digest::new(digests.0),
                created: Timestamp::from_millis(numbers.1),
                store_epoch: numbers.2,
                seq: 1 + numbers.3 % SEQ_MAX,
                previous: digests.1.map(Digest::new),
                payload: payload(kind, testo, r, scheda),
                operator,
                in_reply_to: digests.2.map(Digest::new),
            })
        },
    )
}

fn sent(key: [u8; 32]) -> Transmission {
    Transmission {
        letter: LetterId::new([1; 16]),
        sent_at: NOW,
        letter_digest: Digest::of(b"a letter"),
        recipient: agency(CPI),
        ik: cpi().public_key(),
        envelope_digest: [6; 32],
        receipt_key: ReceiptKey::from_bytes(&key).expect("32 bytes"),
        directory_version: 1,
        card: CardOrder::default(),
    }
}

fn receipt(binding: [u8; 32], outcome: Outcome) -> Receipt {
    Receipt {
        envelope_id: EnvelopeId::new([1; 16]),
        envelope_digest: [6; 32],
        binding,
        recipient: agency(CPI),
        time: NOW,
        store_epoch: 1,
        outcome,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_letter_is_read_as_it_was_written(Any(letter) in letters()) {
        let written = SignedLetter::write(letter.clone(), &cav());
        let read = SignedLetter::verify(written.bytes().to_vec(), written.signature(), &cav().public_key());
        let read = read.map_err(|code| TestCaseError::fail(code.name()))?;
        prop_assert!(*read.letter() == letter && read == written && read.digest() == Digest::of(written.bytes()));
        let kept = SignedLetter::trusted_before(written.bytes(), written.signature());
        prop_assert!(kept.is_ok_and(|kept| kept == written));
        held("a_letter_is_read_as_it_was_written");
    }

    #[test]
    fn a_letter_with_a_bit_changed_is_nobodys(Any(letter) in letters(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let written = SignedLetter::write(letter, &cav());
        let mut bytes = written.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let read = SignedLetter::verify(bytes, written.signature(), &cav().public_key());
        prop_assert_eq!(read.err(), Some(Code::Signature));
        held("a_letter_with_a_bit_changed_is_nobodys");
    }

    #[test]
    fn signed_bytes_of_chance_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let signed = raccordo_proto::sign::sign::<raccordo_proto::sign::LetterPurpose>(bytes, &cav());
        let read = SignedLetter::verify(signed.bytes().to_vec(), signed.signature(), &cav().public_key());
        let code = read.err();
        prop_assert!(matches!(code, Some(Code::Malformed | Code::Version | Code::KindNotAllowed)), "{:?}", code);
        held("signed_bytes_of_chance_are_read_or_refused");
    }

    #[test]
    fn what_is_sealed_is_opened_and_shows_its_class_only(testo in ".{0,400}", id: u8, envelope: u8) {
        let key = opening_key();
        let written = SignedLetter::write(letter(id, &testo), &cav());
        let bytes = sealed(&written, &key, envelope);
        let other = sealed(&SignedLetter::write(letter(id, ""), &cav()), &key, envelope);
        prop_assert_eq!(bytes.len(), other.len());
        let opened = opened(bytes, &key).map_err(|code| TestCaseError::fail(code.name()))?;
        prop_assert!(*opened.letter() == written);
        held("what_is_sealed_is_opened_and_shows_its_class_only");
    }

    #[test]
    fn a_plaintext_is_padded_to_its_class_with_zeros(letter in vec(any::<u8>(), 0..40_000)) {
        let plain = seal::pad(&letter, &[7; 64]);
        let used = 4 + letter.len() + 64;
        prop_assert_eq!(plain.len(), padded(used));
        prop_assert!(plain.len() >= PADDED_BYTES_MIN && plain[used..].iter().all(|byte| *byte == 0));
        prop_assert_eq!(&plain[4..4 + letter.len()], &letter[..]);
        held("a_plaintext_is_padded_to_its_class_with_zeros");
    }

    #[test]
    fn cobblestone_opens_what_it_sealed_and_nothing_changed(
        message in vec(any::<u8>(), 0..40_000), key: [u8; 32], salt: [u8; 24], at in any::<prop::sample::Index>(),
    ) {
        let sealed = cobblestone::seal(&key, b"context", salt, &message);
        prop_assert_eq!(&cobblestone::open(&key, b"context", &sealed).expect("its own")[..], &message[..]);
        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= 1;
        prop_assert!(cobblestone::open(&key, b"context", &changed).is_err());
        prop_assert!(cobblestone::open(&key, b"context", &sealed[..at.index(sealed.len())]).is_err());
        held("cobblestone_opens_what_it_sealed_and_nothing_changed");
    }

    #[test]
    fn a_code_of_chance_is_none_or_reads_back(text in "[0-9A-Za-z -]{0,14}") {
        if let Ok(code) = Codice::parse(&text) {
            prop_assert!(Codice::parse(&code.to_string()) == Ok(code));
        }
        held("a_code_of_chance_is_none_or_reads_back");
    }

    #[test]
    fn a_receipt_counts_when_it_is_bound_to_the_letter(key: [u8; 32], binding: [u8; 32], refused: bool) {
        let sent = sent(key);
        let right = sent.receipt_key.binding(sent.letter_digest);
        let outcome = if refused { Outcome::Refused(Code::Busy) } else { Outcome::Delivered };
        let check = |binding| {
            let signed = receipt(binding, outcome).sign(&cpi());
            VerifiedReceipt::check(signed.bytes().clone(), signed.signature(), &sent)
        };
        prop_assert!(check(right).is_ok_and(|counts| counts.outcome() == outcome));
        prop_assert_eq!(check([0; 32]).is_ok(), refused);
        prop_assert_eq!(check(binding).err(), Some(Code::Inconsistent));
        held("a_receipt_counts_when_it_is_bound_to_the_letter");
    }

    #[test]
    fn evidence_is_of_one_letter(key: [u8; 32], other in vec(any::<u8>(), 0..60)) {
        let sent = sent(key);
        let signed = receipt(sent.receipt_key.binding(sent.letter_digest), Outcome::Duplicate).sign(&cpi());
        let counts = VerifiedReceipt::check(signed.bytes().clone(), signed.signature(), &sent);
        let evidence = counts.map_err(|code| TestCaseError::fail(code.name()))?.into_evidence();
        prop_assert!(verify_evidence(b"a letter", &evidence, &cpi().public_key()).is_ok());
        prop_assert_eq!(verify_evidence(&other, &evidence, &cpi().public_key()).err(), Some(Code::Inconsistent));
        held("evidence_is_of_one_letter");
    }

    #[test]
    fn a_record_is_read_as_it_was_stored(letter_id: [u8; 16], digest: [u8; 32], bytes in vec(any::<u8>(), 0..200)) {
        let seen = wire::LetterSeen { letter_id: letter_id.to_vec(), digest: digest.to_vec() };
        let record = Record(Change::LetterSeen(seen));
        prop_assert!(Record::decode(&record.encode()) == Ok(record));
        if let Ok(read) = Record::decode(&bytes) {
            prop_assert!(Record::decode(&read.encode()) == Ok(read));
        }
        held("a_record_is_read_as_it_was_stored");
    }
}
