//! What a member of the network may try with ids that it has seen, with numbers, and with what was erased or held back.
//! Not here: faults of the envelope (`receiver`).

use raccordo_casework::answer::{Answer, Place};
use raccordo_casework::codice::Codice;
use raccordo_casework::desk::Act;
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{self, Ruolo};
use raccordo_proto::Code;
use raccordo_proto::ids::LetterId;
use raccordo_proto::limits::FORKS_KEPT_MAX;
use raccordo_proto::receipt::Outcome;
use raccordo_proto::wire::State;
use raccordo_tests::town::{Town, agency};

use crate::acts::{MINUTE, disclose, places, received, says_yes, segnala, town};
use crate::forge::{CAV, CPI, Forge, SIL, SOCIALE, told};

/// The servizio sociale, a member of the équipe, writes what it likes under ids that it has seen.
fn by_sociale(forge: &mut Forge, change: impl FnOnce(&mut Forge)) -> (Option<&'static str>, Option<Outcome>) {
    forge.write_as(SOCIALE);
    forge.letter.recipients = [CAV, CPI, SIL].map(str::to_owned).to_vec();
    change(forge);
    forge.header.envelope_id = raccordo_proto::ids::EnvelopeId::new([33; 16]);
    forge.send()
}

#[test]
fn l_09_whoever_knows_an_id_cannot_touch_what_bears_it() {
    let changes: [fn(&mut Forge); 4] = [
        // The CAV's letter id, in a case of its own; in the CAV's case; its thread in another case; and as transport.
        |forge| (forge.letter.case_id, forge.letter.thread) = (vec![50; 16], vec![51; 16]),
        |forge| forge.letter.operator = "op-0000".to_owned(),
        |forge| (forge.letter.case_id, forge.letter.letter_id) = (vec![50; 16], vec![52; 16]),
        |forge| {
            forge.transport(wire::Kind::Heads, &wire::Heads::default());
            forge.letter.thread = vec![53; 16];
        },
    ];
    for change in changes {
        let mut forge = Forge::new();
        let honest = forge.chained(1, 1, None);
        assert_eq!(forge.send_this(&honest), (None, Some(Outcome::Delivered)));
        assert_eq!(by_sociale(&mut forge, change), told(Code::Inconsistent));
        assert_eq!(received(&forge.town, CPI), [LetterId::new([1; 16])], "the CAV's letter is still shown");
        assert_eq!(forge.town.office(CPI).desk.forks(), 0);
    }
}

#[test]
fn an_erased_case_does_not_come_back_in_a_new_letter() {
    let (mut town, giulia, paolo) = town();
    let first = segnala(&mut town, &giulia, 1);
    let codice = first.codice.to_string();
    assert!(matches!(town.ask(CPI, paolo, Act::EraseCase { codice: codice.clone() }), Ok(Answer::Erased { .. })));
    disclose(&mut town, &giulia, &codice, 2);
    assert!(received(&town, CPI).is_empty(), "who she is came after the case was erased: it is not kept");
    town.restart(CPI);
    assert_eq!(town.office(CPI).journal.records().filter_map(|record| record.case()).count(), 0);
}

#[test]
fn b_06_a_second_letter_under_the_id_of_an_erased_one_is_no_evidence() {
    let mut forge = Forge::new();
    let paolo = forge.town.person(CPI, "op-0be4", Ruolo::Referente);
    let honest = forge.chained(1, 1, None);
    assert_eq!(forge.send_this(&honest), (None, Some(Outcome::Delivered)));
    let codice = Codice::of(honest.letter().case_id).to_string();
    assert!(matches!(forge.town.ask(CPI, paolo, Act::EraseCase { codice }), Ok(Answer::Erased { .. })));
    forge.header.envelope_id = raccordo_proto::ids::EnvelopeId::new([33; 16]);
    "op-0000".clone_into(&mut forge.letter.operator);
    assert_eq!(forge.send(), (None, Some(Outcome::Duplicate)));
    let records = forge.town.office(CPI).journal.records();
    assert_eq!(records.filter_map(|record| record.case()).count(), 0, "nothing of the case is written again");
    assert_eq!(forge.town.office(CPI).desk.forks(), 0);
}

#[test]
fn a_parte_riservata_that_a_suspension_held_back_asks_for_a_yes_of_its_own() {
    let (mut town, giulia, _) = town();
    let first = segnala(&mut town, &giulia, 1);
    town.hold(CPI);
    disclose(&mut town, &giulia, &first.codice.to_string(), 2);
    town.publish(|roster| roster.office_mut(&agency(CPI)).expect("it is there").state = State::Suspended);
    town.later(MINUTE * 10);
    town.later(MINUTE);
    let blocked = |town: &mut Town, giulia: &Caller| -> Vec<Place> {
        let rows = places(town, giulia).into_iter().filter(|row| row.1 == CPI && row.0 != first.letter);
        rows.map(|row| row.2).collect()
    };
    assert_eq!(blocked(&mut town, &giulia), [Place::Blocked(Code::AgencySuspended)]);
    town.publish(|roster| roster.office_mut(&agency(CPI)).expect("it is there").state = State::Active);
    town.enrol_anew(CPI);
    assert_eq!(blocked(&mut town, &giulia), [Place::Blocked(Code::KeyChanged)]);
    assert!(matches!(says_yes(&mut town, &giulia, None), Ok(Answer::KeyAccepted { .. })));
    town.publish(|_| ());
    assert_eq!(blocked(&mut town, &giulia), [Place::Blocked(Code::KeyChanged)], "no directory says yes for her");
    let codice = first.codice.to_string();
    assert!(matches!(says_yes(&mut town, &giulia, Some(&codice)), Ok(Answer::KeyAccepted { .. })));
    town.attach(CPI);
    town.later(MINUTE);
    assert_eq!(blocked(&mut town, &giulia), [Place::Delivered]);
}

#[test]
fn l_08_second_versions_cost_a_bounded_room_and_a_case_that_they_hide_can_be_erased() {
    let mut forge = Forge::new();
    let paolo = forge.town.person(CPI, "op-0be4", Ruolo::Referente);
    let one = forge.chained(1, 1, None);
    assert_eq!(forge.send_this(&one), (None, Some(Outcome::Delivered)));
    forge.letter.operator = "op-0000".to_owned();
    forge.header.envelope_id = raccordo_proto::ids::EnvelopeId::new([99; 16]);
    assert_eq!(forge.send(), told(Code::Equivocation), "another letter under the same id");
    assert!(received(&forge.town, CPI).is_empty(), "neither is shown");
    for id in 0..2 * FORKS_KEPT_MAX {
        let another = forge.chained(100 + u8::try_from(id).expect("few"), 1, None);
        assert_eq!(forge.send_this(&another), told(Code::Equivocation));
    }
    assert_eq!(forge.town.office(CPI).desk.forks(), FORKS_KEPT_MAX);
    let codice = Codice::of(one.letter().case_id).to_string();
    assert!(matches!(forge.town.ask(CPI, paolo, Act::EraseCase { codice }), Ok(Answer::Erased { .. })));
    assert_eq!(forge.town.office(CPI).desk.forks(), 0);
}

#[test]
fn a_parte_riservata_that_waited_for_an_absent_office_asks_for_a_yes_of_its_own() {
    let (mut town, giulia, _) = town();
    let first = segnala(&mut town, &giulia, 1);
    town.enrol_anew(CPI);
    // The CAV holds no card of the CPI: nothing has tried to seal this one, and nothing has blocked it.
    town.detach(CAV);
    town.attach(CAV);
    let who_she_is = disclose(&mut town, &giulia, &first.codice.to_string(), 2).letter;
    let place =
        |town: &mut Town, giulia: &Caller| places(town, giulia).into_iter().find(|row| row.0 == who_she_is).expect("a row").2;
    assert_eq!(place(&mut town, &giulia), Place::Queued);
    assert!(matches!(says_yes(&mut town, &giulia, None), Ok(Answer::KeyAccepted { .. })));
    town.attach(CPI);
    town.later(MINUTE);
    assert_eq!(place(&mut town, &giulia), Place::Blocked(Code::KeyChanged));
    let codice = first.codice.to_string();
    assert!(matches!(says_yes(&mut town, &giulia, Some(&codice)), Ok(Answer::KeyAccepted { .. })));
    town.later(MINUTE);
    assert_eq!(place(&mut town, &giulia), Place::Delivered);
}
