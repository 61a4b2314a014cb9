//! Every check of a receiver, with one envelope that fails it and nothing else: the rule's number, the code counted, and
//! what the sender is told. The same forge with nothing wrong is taken, so each refusal is the fault's.

use bytes::Bytes;
use core::time::Duration;
use prost::Message as _;
use raccordo_casework::wire as letters;
use raccordo_proto::Code;
use raccordo_proto::envelope::Framed;
use raccordo_proto::ids::{EnvelopeId, KeyId};
use raccordo_proto::limits::ENVELOPE_BYTES_MAX;
use raccordo_proto::receipt::Outcome;
use raccordo_proto::sign::{self, LetterPurpose};
use raccordo_proto::wire::{self, State};
use raccordo_tests::forge;
use raccordo_tests::town::agency;

use crate::forge::{CAV, CPI, Forge, SIL, SOCIALE, dropped, refused, told};

#[test]
fn an_honest_envelope_is_taken_once_and_receipted_twice() {
    let mut forge = Forge::new();
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    forge.header.envelope_id = EnvelopeId::new([9; 16]);
    assert_eq!(forge.send(), (None, Some(Outcome::Duplicate)), "L-08: the same letter in a new envelope");
    assert_eq!(forge.town.office(CPI).arrived, 1);
}

#[test]
fn e_01_too_large() {
    let mut forge = Forge::new();
    assert_eq!(forge.deliver(vec![0; ENVELOPE_BYTES_MAX + 1].into()), dropped(Code::TooLarge));
}

#[test]
fn e_02_cut_or_lengthened() {
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    assert_eq!(forge.deliver(envelope.slice(..envelope.len() - 1)), dropped(Code::Malformed));
    let longer = [&envelope[..], &[0x7a, 0x01, 0x00]].concat(); // an unknown field
    assert_eq!(forge.deliver(longer.into()), dropped(Code::Malformed));
}

/// The honest envelope with another header, signed again by its sender.
fn with_header(forge: &mut Forge, change: impl FnOnce(&mut wire::Header)) -> Bytes {
    let (envelope, _) = forge.seal();
    forge::with_header(envelope, forge.key(), change)
}

#[test]
fn e_03_e_04_another_version_or_suite() {
    let mut forge = Forge::new();
    let other = with_header(&mut forge, |header| header.version = 2);
    assert_eq!(forge.deliver(other), dropped(Code::Version));
    let attached = with_header(&mut forge, |header| header.attachment_lengths = vec![16_384]);
    assert_eq!(forge.deliver(attached), dropped(Code::Version), "attachments are not built");
    let federated = with_header(&mut forge, |header| header.network_to = "altra-rete".to_owned());
    assert_eq!(forge.deliver(federated), dropped(Code::Version), "federation is not built");
    let other = with_header(&mut forge, |header| header.suite = 2);
    assert_eq!(forge.deliver(other), dropped(Code::Suite));
}

#[test]
fn e_05_an_unreadable_header() {
    let mut forge = Forge::new();
    let odd = with_header(&mut forge, |header| header.sender = "CAV Ginestra".to_owned());
    assert_eq!(forge.deliver(odd), dropped(Code::Malformed));
}

#[test]
fn e_06_a_body_of_no_class() {
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    let odd = forge::changed(envelope, forge.key(), |envelope| envelope.body.truncate(envelope.body.len() - 1));
    assert_eq!(forge.deliver(odd), dropped(Code::Malformed));
}

#[test]
fn e_07_for_another_or_not_from_whom_it_says() {
    let mut forge = Forge::new();
    forge.header.recipient = agency(SIL);
    assert_eq!(forge.send(), dropped(Code::Inconsistent));
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    forge.header.sender = agency(SOCIALE); // what the gateway says of the peer
    assert_eq!(forge.deliver(envelope), dropped(Code::Inconsistent));
}

#[test]
fn e_08_an_unknown_or_expired_key() {
    let mut forge = Forge::new();
    forge.header.key_id = KeyId::new([7; 8]);
    assert_eq!(forge.send(), refused(Code::UnknownKey));
    let mut forge = Forge::new();
    forge.town.now = forge.town.now.plus(Duration::from_secs(25 * 3600 + 1));
    forge.header.sent_at = forge.town.now;
    assert_eq!(forge.send(), refused(Code::ExpiredKey));
}

#[test]
fn e_09_a_newer_directory_than_mine() {
    let mut forge = Forge::new();
    forge.header.directory_version += 1;
    assert_eq!(forge.send(), refused(Code::DirectoryStale));
}

#[test]
fn e_10_a_revoked_sender_gets_no_answer() {
    let mut forge = Forge::new();
    forge.town.publish(|roster| roster.office_mut(&agency(CAV)).expect("there").state = State::Revoked);
    assert_eq!(forge.send(), dropped(Code::AgencyRevoked));
    assert_eq!(forge.town.office(CPI).arrived, 0);
}

#[test]
fn e_11_one_bit_flipped_anywhere_under_the_signature() {
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    let mut flipped = envelope.to_vec();
    let last = flipped.len() - 100; // in the body
    flipped[last] ^= 1;
    assert_eq!(forge.deliver(flipped.into()), dropped(Code::Signature));
    assert_eq!(forge.deliver(envelope), (None, Some(Outcome::Delivered)), "the mended bytes are taken");
}

#[test]
fn e_12_sealed_eleven_minutes_ago_or_ahead() {
    let mut forge = Forge::new();
    let now = forge.town.now;
    forge.header.sent_at = now.minus(Duration::from_secs(660));
    assert_eq!(forge.send(), refused(Code::OutOfTime));
    forge.header.sent_at = now.plus(Duration::from_secs(660));
    assert_eq!(forge.send(), refused(Code::OutOfTime));
}

#[test]
fn e_13_the_same_envelope_again() {
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    assert_eq!(forge.deliver(envelope.clone()), (None, Some(Outcome::Delivered)));
    assert_eq!(forge.deliver(envelope), refused(Code::Replayed));
}

#[test]
fn e_14_e_15_a_seal_that_does_not_open() {
    for part in ["enc", "ct", "body"] {
        let mut forge = Forge::new();
        let (envelope, _) = forge.seal();
        let damaged = forge::changed(envelope, forge.key(), |envelope| {
            let part = match part {
                "enc" => &mut envelope.enc,
                "ct" => &mut envelope.ct,
                _ => &mut envelope.body,
            };
            *part = forge::damaged(part);
        });
        assert_eq!(forge.deliver(damaged), refused(Code::Decryption), "{part}");
    }
}

#[test]
fn e_16_padding_that_is_not_zeros() {
    let mut forge = Forge::new();
    forge.pad_with = 1;
    assert_eq!(forge.send(), refused(Code::Padding));
}

#[test]
fn l_01_a_letter_signed_by_another_key() {
    let mut forge = Forge::new();
    forge.letter_by = agency(SOCIALE);
    assert_eq!(forge.send(), refused(Code::Signature));
}

#[test]
fn l_02_a_member_passes_on_a_letter_as_its_own() {
    let mut forge = Forge::new();
    forge.write_as(SOCIALE);
    forge.letter.sender = CAV.to_owned();
    forge.letter.recipients.retain(|id| id != SOCIALE);
    // The envelope is the servizio sociale's, and so is the inner signature; the letter still says it is the CAV's.
    assert_eq!(forge.send(), refused(Code::Inconsistent));
}

#[test]
fn l_03_a_letter_that_was_not_for_me() {
    let mut forge = Forge::new();
    forge.letter.recipients.retain(|id| id != CPI);
    assert_eq!(forge.send(), refused(Code::Inconsistent));
}

#[test]
fn l_04_a_letter_written_under_a_later_directory_than_its_envelope() {
    let mut forge = Forge::new();
    forge.letter.directory_version += 1;
    assert_eq!(forge.send(), refused(Code::Inconsistent));
}

#[test]
fn l_05_i_am_no_longer_in_that_equipe() {
    let mut forge = Forge::new();
    forge.town.publish(|roster| roster.equipes[0].members.retain(|(id, _)| *id != agency(CPI)));
    assert_eq!(forge.send(), told(Code::MembershipChanged));
}

#[test]
fn l_06_kinds_not_built_and_kinds_not_theirs() {
    let mut forge = Forge::new();
    forge.letter.kind = letters::Kind::Nulla.into();
    assert_eq!(forge.send(), refused(Code::KindNotAllowed));
    let mut forge = Forge::new();
    forge.write_as(SIL); // may receive, may not refer
    forge.letter.recipients.retain(|id| id != SIL);
    assert_eq!(forge.send(), told(Code::KindNotAllowed));
}

#[test]
fn l_07_letters_of_the_wrong_shape() {
    let change: [fn(&mut letters::Letter); 6] = [
        |letter| letter.seq = u64::MAX,
        |letter| letter.letter_id.truncate(15),
        |letter| letter.recipients.reverse(),
        |letter| letter.recipients.push(CAV.to_owned()),
        |letter| letter.head_hash.clear(),
        |letter| letter.equipe = "Équipe di Cremona".to_owned(),
    ];
    for change in change {
        let mut forge = Forge::new();
        change(&mut forge.letter);
        assert_eq!(forge.send(), refused(Code::Malformed));
    }
    let mut forge = Forge::new();
    forge.letter.voided.push(letters::Voided::default());
    assert_eq!(forge.send(), refused(Code::Version), "voided letters are not built");
}

#[test]
fn l_08_two_letters_with_one_id_raise_an_alarm_and_show_neither_anew() {
    let mut forge = Forge::new();
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    forge.header.envelope_id = EnvelopeId::new([9; 16]);
    forge.letter.operator = "op-0000".to_owned();
    assert_eq!(forge.send(), told(Code::Equivocation));
    assert_eq!(forge.town.office(CPI).arrived, 1);
    assert_eq!(forge.town.office(CPI).desk.forks(), 1);
    assert!(forge.town.office(CPI).desk.received().is_empty(), "neither is shown");
}

#[test]
fn l_09_a_thread_has_one_audience() {
    let mut forge = Forge::new();
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    forge.header.envelope_id = EnvelopeId::new([9; 16]);
    forge.letter.letter_id = vec![5; 16];
    forge.letter.recipients.retain(|id| id != SIL);
    assert_eq!(forge.send(), told(Code::Inconsistent));
}

#[test]
fn a_frame_parses_or_is_refused_but_never_panics() {
    let mut forge = Forge::new();
    let (envelope, _) = forge.seal();
    let mut outcomes = 0;
    for at in (0..envelope.len()).step_by(97) {
        let mut flipped = envelope.to_vec();
        flipped[at] ^= 0x80;
        outcomes += usize::from(Framed::parse(flipped.into()).is_ok());
        assert!(Framed::parse(envelope.slice(..at)).is_err(), "cut at {at}");
    }
    assert!(outcomes > 0, "flips inside signed bytes still frame");
}

/// An answer to a case, in a thread of its own choosing.
fn answering(forge: &mut Forge, case: u8, thread: u8) {
    forge.header.envelope_id = EnvelopeId::new([case + thread; 16]);
    forge.letter.letter_id = vec![case + thread; 16];
    forge.letter.case_id[5..].fill(case); // the codice is the first five bytes
    forge.letter.thread = vec![thread; 16];
    forge.letter.kind = letters::Kind::PresaInCarico.into();
    forge.letter.payload = letters::PresaInCarico::default().encode_to_vec();
    forge.write_as(SOCIALE);
    forge.letter.recipients = [CAV, CPI, SIL].map(str::to_owned).to_vec();
}

#[test]
fn l_09_nobody_brings_a_second_case_under_a_code_that_is_taken() {
    let mut forge = Forge::new();
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    answering(&mut forge, 5, 3);
    assert_eq!(forge.send(), told(Code::Inconsistent));
}

#[test]
fn l_09_an_answer_stands_in_the_thread_where_it_was_asked_and_names_what_it_answers() {
    let mut forge = Forge::new();
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    let referral = sign::sign::<LetterPurpose>(forge.letter.encode_to_vec(), &forge.town.offices[&agency(CAV)].key);
    answering(&mut forge, 4, 9);
    forge.letter.in_reply_to = raccordo_proto::ids::Digest::of(referral.bytes()).as_bytes().to_vec();
    assert_eq!(forge.send(), told(Code::Inconsistent), "another thread");
    answering(&mut forge, 4, 3);
    forge.letter.in_reply_to.clear();
    assert_eq!(forge.send(), told(Code::Inconsistent), "an answer to nothing");
    answering(&mut forge, 4, 3);
    forge.letter.in_reply_to = raccordo_proto::ids::Digest::of(referral.bytes()).as_bytes().to_vec();
    forge.header.envelope_id = EnvelopeId::new([77; 16]);
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
}
