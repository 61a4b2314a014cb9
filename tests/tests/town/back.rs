//! What comes back: a store restored from a backup, a letter that is handed back, an erased case that does not, an office with
//! a new key (docs/PROTOCOL.md, coming back). Not here: what is missing in threads (`heads`).

use prost::Message as _;
use raccordo_casework::answer::{Answer, Place};
use raccordo_casework::desk::{Act, Desk, Input};
use raccordo_casework::record::{Change, MemoryJournal, Record};
use raccordo_casework::refusal::{Refusal, Rule};
use raccordo_casework::restore::BadBackup;
use raccordo_casework::roles::Caller;
use raccordo_casework::step::{self, Effect};
use raccordo_casework::wire::{self, Riscontro, Tombstones};
use raccordo_proto::Code;
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::LetterId;
use raccordo_proto::limits::RESYNC_EVERY;
use raccordo_proto::receipt::Outcome;
use raccordo_proto::sign::{self, LetterPurpose};
use raccordo_tests::town::{Town, agency};

use crate::acts::{MINUTE, backup, disclose, places, received, riscontro, same, says_yes, segnala, town};
use crate::forge::{CAV, CPI, Forge, SIL, SOCIALE, refused, told};

#[test]
fn a_restored_recipient_is_given_what_came_since() {
    let (mut town, giulia, paolo) = town();
    let first = segnala(&mut town, &giulia, 1);
    riscontro(&mut town, &paolo, &first.codice.to_string(), 2);
    let old = backup(&town, CPI);
    town.later(MINUTE);
    let second = segnala(&mut town, &giulia, 3);
    riscontro(&mut town, &paolo, &second.codice.to_string(), 4);
    disclose(&mut town, &giulia, &first.codice.to_string(), 5);
    let before = received(&town, CPI);
    assert_eq!(before.len(), 3);
    let sent = places(&mut town, &giulia);

    town.restore(CPI, &old, &[]);
    assert_eq!(received(&town, CPI).len(), 1, "the backup had one");
    town.attach(CPI);
    town.later(MINUTE);
    same(&received(&town, CPI), &before);
    assert!(sent == places(&mut town, &giulia), "at the sender nothing has moved");
    // Its own riscontro came back too, from the CAV, the SIL and the servizio sociale, and is delivered again.
    let Ok(Answer::Outbox(rows)) = town.ask(CPI, paolo, Act::Outbox) else { panic!("an outbox") };
    assert_eq!(rows.len(), 6, "two riscontri, three offices each");
    assert!(rows.iter().all(|row| row.place == Place::Delivered));
    assert_eq!(received(&town, SIL).len(), 4, "two segnalazioni, two riscontri: once each");
}

/// B-02.
#[test]
fn a_restored_sender_has_its_own_letters_again_and_knows_who_has_them() {
    let (mut town, giulia, _) = town();
    let first = segnala(&mut town, &giulia, 1);
    let old = backup(&town, CAV);
    town.later(MINUTE);
    town.detach(SIL);
    let second = segnala(&mut town, &giulia, 2);
    town.restore(CAV, &old, &[]);
    town.attach(CAV);
    town.later(MINUTE);
    town.attach(SIL);
    let rows = places(&mut town, &giulia);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().filter(|row| row.0 == first.letter).all(|row| row.2 == Place::Delivered));
    for (_, office, place) in rows.iter().filter(|row| row.0 == second.letter) {
        // Her authorisations were on that disk alone: to whom does not have the letter it does not go any more.
        let expected = if office == SIL { Place::Blocked(Code::NotAllowed) } else { Place::Delivered };
        assert_eq!(*place, expected, "{office}");
    }
    same(&received(&town, CPI), &received(&town, SOCIALE));
    assert_eq!(received(&town, CPI).len(), 2, "what was sent again was a duplicate");

    // The next letter of the old case begins a chain of its own: no number is used twice.
    let third = segnala(&mut town, &giulia, 3);
    assert!(third.letter != second.letter);
    town.attach(SIL);
    town.later(MINUTE);
    assert_eq!(town.office(CPI).desk.forks() + town.office(SIL).desk.forks(), 0);
}

#[test]
fn a_restored_office_asks_once_and_is_answered_once_an_hour() {
    let (mut town, giulia, _) = town();
    segnala(&mut town, &giulia, 1);
    let old = backup(&town, CPI);
    segnala(&mut town, &giulia, 2);
    for _ in 0..2 {
        town.restore(CPI, &old, &[]);
        town.attach(CPI);
        town.later(MINUTE);
    }
    assert_eq!(received(&town, CPI).len(), 1, "restored again within the hour: it waits");
    town.restart(CPI);
    town.attach(CPI);
    town.later(RESYNC_EVERY);
    assert_eq!(received(&town, CPI).len(), 2);
}

/// B-06.
#[test]
fn what_was_erased_does_not_come_back() {
    let (mut town, giulia, paolo) = town();
    let first = segnala(&mut town, &giulia, 1);
    let second = segnala(&mut town, &giulia, 2);
    disclose(&mut town, &giulia, &first.codice.to_string(), 3);
    let old = backup(&town, CPI);
    let codice = first.codice.to_string();
    let erased = town.ask(CPI, paolo.clone(), Act::EraseCase { codice: codice.clone() });
    assert!(matches!(erased, Ok(Answer::Erased { .. })));
    let again = town.ask(CPI, paolo.clone(), Act::EraseCase { codice });
    assert!(matches!(again, Err(Refusal::Rule(Rule::CodiceInesistente))));
    assert_eq!(received(&town, CPI), [second.letter]);
    let records: Vec<Record> = town.office(CPI).journal.records().collect();
    let stones: Tombstones = raccordo_casework::restore::tombstones(&records, &agency(CPI), town.now);
    assert_eq!(stones.erased.len(), 1);
    town.restart(CPI); // replay(journal) == desk: the journal has no record of the case any more
    let readable = |town: &Town| town.office(CPI).journal.records().filter_map(|record| record.case()).count();
    assert_eq!(readable(&town), 1, "the other case's letter");

    // Control: without its tombstones the backup brings the case back.
    town.restore(CPI, &old, &[]);
    assert_eq!(received(&town, CPI).len(), 3);
    town.restore(CPI, &old, &[stones]);
    town.attach(CPI);
    town.later(RESYNC_EVERY);
    assert_eq!(received(&town, CPI), [second.letter], "nor do the others give it back");
    assert_eq!(readable(&town), 1);
}

#[test]
fn a_backup_of_another_office_is_refused() {
    let (town, ..) = town();
    let other = backup(&town, SIL);
    let me = agency(CPI);
    let restored = raccordo_casework::restore::journal_of(&other, town.directory.network(), &me, &[], town.now);
    assert!(restored.is_err());
    let stones = Tombstones { agency: SIL.to_owned(), erased: Vec::new() };
    let own = backup(&town, CPI);
    let restored =
        |stones: &[Tombstones]| raccordo_casework::restore::journal_of(&own, town.directory.network(), &me, stones, town.now);
    assert!(restored(&[stones]).is_err());
    assert!(restored(&[]).is_ok());
}

#[test]
fn l_12_a_sender_that_tells_two_stories_is_found_out() {
    let mut forge = Forge::new();
    let one = forge.chained(1, 1, None);
    let two = forge.chained(2, 2, Some(&one));
    assert_eq!(forge.send_this(&one), (None, Some(Outcome::Delivered)));
    assert_eq!(forge.send_this(&two), (None, Some(Outcome::Delivered)));
    // Another letter in the same place; one that names another before it; both signed.
    let same_place = forge.chained(3, 2, Some(&one));
    let another_before = forge.chained(4, 3, Some(&one));
    for bad in [&same_place, &another_before] {
        assert_eq!(forge.send_this(bad), told(Code::Equivocation));
    }
    assert_eq!(forge.town.office(CPI).desk.forks(), 2, "an alarm each");
    assert_eq!(received(&forge.town, CPI).len(), 2, "and neither is shown");
    let three = forge.chained(5, 3, Some(&two));
    assert_eq!(forge.send_this(&three), (None, Some(Outcome::Delivered)));
}

/// A RETURNED letter around `letter`, from the servizio sociale.
fn handed_back(forge: &mut Forge, letter: &[u8], signature: &[u8], case_id: Vec<u8>) -> (Option<&'static str>, Option<Outcome>) {
    forge.write_as(SOCIALE);
    forge.transport(wire::Kind::Returned, &wire::Returned { letter: letter.to_vec(), signature: signature.to_vec() });
    (forge.letter.letter_id, forge.letter.thread, forge.letter.case_id) = (vec![77; 16], vec![78; 16], case_id);
    forge.send()
}

/// A forge whose letter is an answer: it says nothing of the woman.
fn answering() -> Forge {
    let mut forge = Forge::new();
    forge.letter.kind = wire::Kind::Riscontro.into();
    forge.letter.payload = Riscontro::default().encode_to_vec();
    forge
}

#[test]
fn l_11_a_letter_handed_back_is_its_own_senders_and_of_both_ends() {
    let case = vec![4; 16];
    let honest = |forge: &Forge| forge.chained(1, 1, None);
    let mut forge = answering();
    let letter = honest(&forge);
    assert_eq!(handed_back(&mut forge, letter.bytes(), letter.signature(), case.clone()), (None, Some(Outcome::Delivered)));
    assert_eq!(received(&forge.town, CPI), [LetterId::new([1; 16])], "taken as if the CAV had sent it");

    let mut forge = answering();
    let letter = honest(&forge);
    let mut bad = letter.signature().to_vec();
    bad[5] ^= 1;
    assert_eq!(handed_back(&mut forge, letter.bytes(), &bad, case.clone()), refused(Code::Signature));

    // The servizio sociale signs the CAV's letter itself.
    let mut forge = answering();
    let letter = honest(&forge);
    let own = sign::sign::<LetterPurpose>(letter.bytes().to_vec(), &forge.town.office(SOCIALE).key);
    assert_eq!(handed_back(&mut forge, letter.bytes(), own.signature(), case.clone()), refused(Code::Signature));

    // A letter that was never for the servizio sociale, and one that was never for the CPI.
    for missing in [SOCIALE, CPI] {
        let mut forge = answering();
        forge.letter.recipients.retain(|office| office != missing);
        let letter = honest(&forge);
        assert_eq!(handed_back(&mut forge, letter.bytes(), letter.signature(), case.clone()), told(Code::Inconsistent));
    }
    // Under another case than its own.
    let mut forge = answering();
    let letter = honest(&forge);
    assert_eq!(handed_back(&mut forge, letter.bytes(), letter.signature(), vec![5; 16]), told(Code::Inconsistent));
    assert!(received(&forge.town, CPI).is_empty());
    // What speaks of the woman: only its own sender knows whom she allows it.
    let mut forge = Forge::new();
    let letter = honest(&forge);
    assert_eq!(handed_back(&mut forge, letter.bytes(), letter.signature(), case), told(Code::Inconsistent));
    assert!(received(&forge.town, CPI).is_empty());
}

#[test]
fn l_10_a_letter_of_transport_goes_to_one_office_and_is_of_no_case() {
    let heads = |forge: &mut Forge| forge.transport(wire::Kind::Heads, &wire::Heads::default());
    let mut forge = Forge::new();
    heads(&mut forge);
    assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    assert!(received(&forge.town, CPI).is_empty(), "nobody reads it");
    let changes: [fn(&mut wire::Letter); 4] = [
        |letter| letter.case_id = vec![4; 16],
        |letter| letter.recipients.push(SOCIALE.to_owned()),
        |letter| letter.equipe = "cremona".to_owned(),
        |letter| letter.in_reply_to = vec![1; 32],
    ];
    for change in changes {
        let mut forge = Forge::new();
        heads(&mut forge);
        change(&mut forge.letter);
        assert_eq!(forge.send(), refused(Code::Malformed));
    }
    let mut forge = Forge::new();
    forge.letter.case_id = vec![0; 16];
    assert_eq!(forge.send(), refused(Code::Malformed), "and a segnalazione is of a case");
}

#[test]
fn b_01_an_office_speaks_of_its_own_store() {
    let mut forge = Forge::new();
    let restored = wire::Restored { store_epoch: 2, since: 0 };
    let asked = Some(wire::resync::Asked::Restored(restored));
    forge.transport(wire::Kind::Resync, &wire::Resync { asked });
    assert_eq!(forge.send(), told(Code::Inconsistent), "the letter is of epoch 1");
}

/// B-05.
#[test]
fn an_office_with_a_new_key_gets_nothing_without_a_yes() {
    let (mut town, giulia, _) = town();
    let first = segnala(&mut town, &giulia, 1);
    disclose(&mut town, &giulia, &first.codice.to_string(), 2);
    town.detach(CPI);
    let second = segnala(&mut town, &giulia, 3);
    town.enrol_anew(CPI);
    let of_cpi = |town: &mut Town, giulia: &Caller, letter| {
        places(town, giulia).into_iter().find(|row| row.0 == letter && row.1 == CPI).expect("a row").2
    };
    assert_eq!(of_cpi(&mut town, &giulia, second.letter), Place::Blocked(Code::KeyChanged));
    town.attach(CPI);
    town.later(MINUTE);
    assert!(received(&town, CPI).is_empty(), "queued, or delivered before: nothing");
    let third = segnala(&mut town, &giulia, 4);
    assert_eq!(of_cpi(&mut town, &giulia, third.letter), Place::Blocked(Code::KeyChanged));

    let waiting: Vec<_> = town.office(CAV).desk.keys_to_accept().into_iter().map(|(office, _)| office).collect();
    assert_eq!(waiting, [agency(CPI)]);
    let another = Act::AcceptKey { office: CPI.to_owned(), ik: [7; 32], codice: None };
    assert!(matches!(town.ask(CAV, giulia.clone(), another), Err(Refusal::Rule(Rule::KeyDiffers { .. }))));
    assert!(matches!(says_yes(&mut town, &giulia, None), Ok(Answer::KeyAccepted { .. })));
    town.later(MINUTE);
    assert_eq!(of_cpi(&mut town, &giulia, second.letter), Place::Delivered);
    assert_eq!(of_cpi(&mut town, &giulia, third.letter), Place::Delivered);
    // It begins with an empty store and says so: what it had is handed back, but for the parte riservata.
    town.say_restored(CPI);
    town.later(MINUTE);
    assert_eq!(received(&town, CPI).len(), 3, "three segnalazioni");
    let codice = first.codice.to_string();
    assert!(matches!(says_yes(&mut town, &giulia, Some(&codice)), Ok(Answer::KeyAccepted { .. })));
    town.later(MINUTE);
    assert_eq!(received(&town, CPI).len(), 4, "and now, case by case, who she is");
    let nothing = says_yes(&mut town, &giulia, None);
    assert!(matches!(nothing, Err(Refusal::Rule(Rule::NothingToAccept { .. }))));
}

#[test]
fn numbers_that_no_store_comes_to_are_refused_and_overflow_nothing() {
    let town = Town::new(5);
    let me = agency(CPI);
    let begun = |store_epoch| Record(Change::EpochBegun(wire::EpochBegun { store_epoch }));
    let shown = |counter| Record(Change::CardShown(wire::CardShown { counter }));
    let epoch_after = |records: &[Record]| {
        let network = town.directory.network();
        let backup = raccordo_casework::restore::backup(records, network, &me, town.now, Vec::new());
        let journal = raccordo_casework::restore::journal_of(&backup, network, &me, &[], town.now)?;
        Ok::<_, BadBackup>(raccordo_casework::restore::epoch(&journal.records))
    };
    assert_eq!(epoch_after(&[begun(u64::MAX)]).err(), Some(BadBackup::Record));
    // Cards are numbered anew in the life that a restore begins.
    assert_eq!(epoch_after(&[begun(7), shown(u64::MAX)]).ok(), Some(town.now.as_millis() / 1000));
    assert_eq!(epoch_after(&[begun(u64::MAX - 1)]).ok(), Some(u64::MAX));
    // A journal that has it all the same: the desk shows its card, of the same order again.
    let mut desk = Desk::new(me.clone());
    [begun(7), shown(u64::MAX)].iter().for_each(|record| desk.apply(record));
    let (signer, mut rng) = (&town.office(CPI).key, raccordo_tests::seeded::Seeded::new(1));
    let Ok(step) = desk.decide(Input::CardWanted, town.now, signer, &mut rng) else { panic!("it was refused") };
    let mut journal = MemoryJournal::default();
    let effects = step::commit(vec![step.stage(&mut desk)], &mut journal).expect("in memory");
    assert!(matches!(effects[..], [Effect::Durable, Effect::ShowCard(CardOrder { store_epoch: 7, counter: u64::MAX })]));
}
