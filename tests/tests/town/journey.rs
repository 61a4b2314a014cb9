//! The first referral, in virtual time: sent, delivered, read, taken in charge; and what crashes leave of it.

use core::time::Duration;

use raccordo_casework::answer::{Answer, OutboxRow, Place};
use raccordo_casework::case::OfficeState;
use raccordo_casework::desk::Act;
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{PresaInCarico, Riscontro, Ruolo};
use raccordo_proto::Code;
use raccordo_proto::ids::RequestId;
use raccordo_proto::limits::{BACKOFF_MAX, RECEIPT_MAX};
use raccordo_proto::wire::State;
use raccordo_tests::town::{Town, agency, form};

use crate::acts::{done, referral};
use crate::forge::{CAV, CPI, SIL, SOCIALE};

fn segnala(request: u8) -> Act {
    referral(form(), request)
}

fn rows(town: &mut Town, who: &Caller) -> Vec<OutboxRow> {
    match town.ask(CAV, who.clone(), Act::Outbox) {
        Ok(Answer::Outbox(rows)) => rows,
        _ => panic!("an outbox"),
    }
}

fn place(town: &mut Town, who: &Caller, office: &str) -> Place {
    rows(town, who).iter().find(|row| row.recipient == agency(office)).expect("a row").place
}

#[test]
fn sent_to_three_one_absent_then_read_and_taken_in_charge() {
    let mut town = Town::new(1);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    [CAV, SOCIALE, CPI].iter().for_each(|office| town.attach(office));

    let sent = done(town.ask(CAV, giulia.clone(), segnala(1)));
    assert_eq!(sent.recipients.len(), 3);
    assert_eq!(place(&mut town, &giulia, SOCIALE), Place::Delivered);
    assert_eq!(place(&mut town, &giulia, CPI), Place::Delivered);
    assert_eq!(place(&mut town, &giulia, SIL), Place::Queued);
    let (why, _) = town.office(CAV).courier.why(sent.letter, &agency(SIL)).expect("it waits");
    assert_eq!(why, "RECIPIENT_ABSENT");

    let codice = sent.codice.to_string();
    let riscontro = Riscontro { entro_il: "2026-12-01".to_owned(), ..Default::default() };
    done(town.ask(CPI, paolo.clone(), Act::Riscontro { codice: codice.clone(), riscontro, request: RequestId::new([2; 16]) }));
    assert_eq!(place(&mut town, &giulia, CPI), Place::Read);
    let presa = PresaInCarico::default();
    done(town.ask(CPI, paolo.clone(), Act::Take { codice: codice.clone(), presa, request: RequestId::new([3; 16]) }));
    let row = rows(&mut town, &giulia).into_iter().find(|row| row.recipient == agency(CPI)).expect("a row");
    assert_eq!(row.office_state, OfficeState::PresaInCarico);
    assert!(row.can_disclose, "the agent proposes the parte riservata");

    let disclose = Act::Disclose { codice: codice.clone(), office: CPI.to_owned(), request: RequestId::new([4; 16]) };
    let riservata = done(town.ask(CAV, giulia.clone(), disclose));
    assert_eq!(riservata.recipients, [agency(CPI)]);
    let Ok(Answer::Case { letters, .. }) = town.ask(CPI, paolo, Act::Show { codice }) else { panic!("a case") };
    let committed = letters.iter().filter(|(_, committed)| *committed).count();
    assert_eq!(committed, 1, "the parte riservata is the text that the segnalazione committed to");

    town.attach(SIL);
    assert_eq!(place(&mut town, &giulia, SIL), Place::Delivered);
    assert_eq!(town.office(SIL).arrived, 3, "segnalazione, riscontro, presa in carico: once each");
    assert_eq!(town.office(CPI).arrived, 2, "segnalazione, parte riservata");
    assert_eq!(town.office("comune-capofila").arrived, 0);
}

#[test]
fn every_frame_on_the_wire_has_one_size_whatever_it_says() {
    let mut town = Town::new(2);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    [CAV, CPI].iter().for_each(|office| town.attach(office));
    let sent = done(town.ask(CAV, giulia, segnala(1)));
    let presa = PresaInCarico { testo: "Ce ne occupiamo noi.".to_owned(), ..Default::default() };
    done(town.ask(CPI, paolo, Act::Take { codice: sent.codice.to_string(), presa, request: RequestId::new([2; 16]) }));
    let sizes: Vec<usize> = town.passed.iter().map(|(_, _, bytes)| bytes.len()).collect();
    assert_eq!(sizes.len(), 2);
    assert_eq!(sizes[0], sizes[1], "a referral and an answer look alike");
}

#[test]
fn a_retry_of_the_same_request_writes_nothing_new() {
    let mut town = Town::new(3);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let first = done(town.ask(CAV, giulia.clone(), segnala(1)));
    town.restart(CAV);
    let records = town.office(CAV).journal.records().count();
    let again = done(town.ask(CAV, giulia, segnala(1)));
    assert_eq!(first.letter, again.letter);
    assert!(first.codice == again.codice);
    assert_eq!(town.office(CAV).journal.records().count(), records);
}

#[test]
fn restarts_on_both_sides_lose_nothing_and_double_nothing() {
    let mut town = Town::new(4);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    town.attach(CAV);
    done(town.ask(CAV, giulia.clone(), segnala(1)));
    for office in [CAV, CPI, CAV] {
        town.restart(office);
        town.attach(office);
    }
    // What was in flight when the last restart came is sealed again once its receipt is late.
    town.later(Duration::from_secs(61));
    town.later(Duration::from_secs(301));
    assert_eq!(place(&mut town, &giulia, CPI), Place::Delivered);
    town.restart(CPI);
    town.attach(CPI);
    assert_eq!(town.office(CPI).desk.received().len(), 1);
}

#[test]
fn a_revoked_recipient_is_blocked_in_words_and_lifted_by_a_later_directory() {
    let mut town = Town::new(5);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    town.attach(CAV);
    let sent = done(town.ask(CAV, giulia.clone(), segnala(1)));
    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("there").state = State::Suspended);
    assert_eq!(place(&mut town, &giulia, SIL), Place::Blocked(Code::AgencySuspended), "nobody has tried to seal it");
    town.attach(SIL);
    assert_eq!(town.office(SIL).courier.link_fault(), Some("AGENCY_SUSPENDED"));
    assert_eq!(town.office(SIL).arrived, 0);

    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("there").state = State::Active);
    town.attach(SIL);
    // It comes back with the old directory, fetches the new one, and the letter is sealed again a moment later.
    town.later(Duration::from_secs(2));
    assert_eq!(place(&mut town, &giulia, SIL), Place::Delivered);
    assert!(town.office(CAV).courier.why(sent.letter, &agency(SIL)).is_none());
}

#[test]
fn suspension_between_queueing_and_sealing_blocks_and_resuming_sends() {
    let mut town = Town::new(6);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    [CAV, SIL].iter().for_each(|office| town.attach(office));
    // The CAV hears of the suspension only after the SIL's card: its own desk looks again, and does not seal.
    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("there").state = State::Suspended);
    let before = town.passed.len();
    done(town.ask(CAV, giulia.clone(), segnala(1)));
    assert!(town.passed[before..].iter().all(|(_, to, _)| *to != agency(SIL)), "nothing is sealed to it");
    let seen = place(&mut town, &giulia, SIL);
    assert!(matches!(seen, Place::Queued | Place::Blocked(Code::AgencySuspended)), "{seen:?}");
    town.publish(|roster| roster.office_mut(&agency(SIL)).expect("there").state = State::Active);
    town.attach(SIL);
    town.later(Duration::from_secs(2));
    assert_eq!(place(&mut town, &giulia, SIL), Place::Delivered);
}

/// D-14.
#[test]
fn past_expiry_segnalazioni_wait_and_answers_go_on() {
    let mut town = Town::new(7);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    [CAV, CPI].iter().for_each(|office| town.attach(office));
    let sent = done(town.ask(CAV, giulia.clone(), segnala(1)));
    town.later(Duration::from_secs(181 * 86_400));
    assert!(town.ask(CAV, giulia.clone(), segnala(9)).is_err(), "a new segnalazione is refused with its sentence");
    let presa = PresaInCarico::default();
    done(town.ask(CPI, paolo, Act::Take { codice: sent.codice.to_string(), presa, request: RequestId::new([3; 16]) }));
    town.restart(CAV);
    town.restart(CPI);
    [CAV, CPI, SIL].iter().for_each(|office| town.attach(office));
    town.later(Duration::from_secs(301));
    assert_eq!(town.office(CAV).desk.received().len(), 1, "the presa in carico passes");
    assert_eq!(place(&mut town, &giulia, SIL), Place::Queued, "the old segnalazione waits");
    let (why, _) = town.office(CAV).courier.why(sent.letter, &agency(SIL)).expect("it waits");
    assert_eq!(why, "DIRECTORY_EXPIRED");
}

#[test]
fn a_new_card_sends_again_at_once_what_the_old_key_can_no_longer_open() {
    let mut town = Town::new(8);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    [CAV, CPI].iter().for_each(|office| town.attach(office));
    // The CPI's process dies with the frame in its hands: no receipt ever comes for it.
    town.hold(CPI);
    done(town.ask(CAV, giulia.clone(), segnala(1)));
    assert_eq!(place(&mut town, &giulia, CPI), Place::Queued);
    town.restart(CPI);
    town.attach(CPI);
    assert_eq!(place(&mut town, &giulia, CPI), Place::Delivered, "without waiting for the minute to end");
}

/// The CPI restarts, and nobody tells the CAV that the key of the card it holds is gone. Two of the three recipients are
/// away, so that nothing but the CPI's answers moves the CAV, and more letters wait than may be under way.
fn late_after_a_restart(hold: fn(&mut Town)) -> usize {
    let mut town = Town::new(9);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    [CAV, SOCIALE, CPI, SIL].iter().for_each(|office| town.attach(office));
    done(town.ask(CAV, giulia.clone(), segnala(1)));
    [SOCIALE, SIL].iter().for_each(|office| town.detach(office));
    town.restart(CPI);
    town.attach(CPI);
    hold(&mut town);
    for request in 2..14 {
        done(town.ask(CAV, giulia.clone(), segnala(request)));
    }
    assert!(town.office(CPI).courier.rejections().contains_key("UNKNOWN_KEY"), "it was written to under the old one");
    town.release(CAV);
    town.later(Duration::from_secs(2));
    let to_cpi = |row: &&OutboxRow| row.recipient == agency(CPI);
    rows(&mut town, &giulia).iter().filter(to_cpi).filter(|row| row.place != Place::Delivered).count()
}

#[test]
fn a_late_refusal_of_an_old_card_does_not_throw_the_new_one_away() {
    assert_eq!(late_after_a_restart(|town| town.hold_receipts(CAV)), 0, "no letter waits for the next minute");
}

#[test]
fn what_was_sealed_under_a_card_that_is_old_by_now_is_sealed_again() {
    assert_eq!(late_after_a_restart(|town| town.hold(CAV)), 0, "no letter waits for the next minute");
}

#[test]
fn an_office_that_confirms_nothing_takes_no_places_from_the_others() {
    let mut town = Town::new(12);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    [CAV, SOCIALE, CPI, SIL].iter().for_each(|office| town.attach(office));
    town.hold(CPI);
    for request in 0..12 {
        done(town.ask(CAV, giulia.clone(), segnala(request)));
    }
    let waiting = |town: &mut Town, office: &str| {
        let rows = rows(town, &giulia);
        rows.iter().filter(|row| row.recipient == agency(office) && row.place == Place::Queued).count()
    };
    assert!(waiting(&mut town, SIL) > 0, "the first minute: all places are the CPI's");
    // The next minutes: whoever is written to has an answer at once.
    for minute in 1..4 {
        town.later(RECEIPT_MAX + BACKOFF_MAX);
        done(town.ask(CAV, giulia.clone(), segnala(20 + minute)));
        assert_eq!((waiting(&mut town, SIL), waiting(&mut town, SOCIALE)), (0, 0), "in minute {minute}");
        assert_eq!(waiting(&mut town, CPI), 12 + usize::from(minute));
    }
    town.release(CPI);
    town.later(BACKOFF_MAX);
    assert_eq!(waiting(&mut town, CPI), 0, "and once it confirms, everything goes");
}
