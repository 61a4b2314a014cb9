//! What is missing in a thread, and what offices tell each other of theirs: gaps, a last letter that somebody kept back, a
//! sender that tells two stories, whom none of it may reach, and a store that finds out by it that it is an older copy
//! (docs/PROTOCOL.md, B-03, B-04 and B-07). Not here: restores (`back`).

use core::time::Duration;
use std::collections::BTreeSet;

use raccordo_casework::answer::{Answer, Done, Place};
use raccordo_casework::desk::Act;
use raccordo_casework::record::{Change, Record};
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::{self, Riscontro, Ruolo};
use raccordo_proto::Code;
use raccordo_proto::ids::{LetterId, RequestId};
use raccordo_proto::limits::{GAP_AFTER, HEADS_EVERY};
use raccordo_proto::receipt::Outcome;
use raccordo_tests::town::{Town, agency, form};

use crate::acts::{MINUTE, done, places, received, referral, riscontro, same, segnala, town};
use crate::forge::{CAV, CPI, Forge, SIL, SOCIALE};

/// The day of the town's dawn.
const TONIGHT: &str = "2026-11-18";

/// How many questions the CPI has queued.
fn asked(forge: &Forge) -> usize {
    forge.town.office(CPI).desk.waiting().len()
}

#[test]
fn a_gap_is_shown_and_asked_for_after_ten_minutes() {
    let mut forge = Forge::new();
    let one = forge.chained(1, 1, None);
    let two = forge.chained(2, 2, Some(&one));
    assert_eq!(forge.send_this(&two), (None, Some(Outcome::Delivered)));
    assert_eq!(forge.town.office(CPI).desk.gaps(), 1);
    forge.town.later(GAP_AFTER - Duration::from_secs(1));
    assert_eq!(asked(&forge), 0);
    forge.town.later(Duration::from_secs(1));
    assert_eq!(asked(&forge), 1, "one question, to the CAV, which is away");
    forge.town.later(GAP_AFTER);
    assert_eq!(asked(&forge), 1, "and no second one that day");
    forge.header.sent_at = forge.town.now;
    assert_eq!(forge.send_this(&one), (None, Some(Outcome::Delivered)));
    assert_eq!(forge.town.office(CPI).desk.gaps(), 0);
}

#[test]
fn a_last_letter_kept_back_is_shown_by_heads_and_given_by_who_has_it() {
    let (mut town, giulia, paolo) = town();
    let sent = segnala(&mut town, &giulia, 1);
    // The CPI's riscontro reaches the CAV and the servizio sociale; then its machine is gone, and the SIL has heard nothing.
    town.detach(SIL);
    let answer = riscontro(&mut town, &paolo, &sent.codice.to_string(), 2);
    town.detach(CPI);
    town.attach(SIL);
    town.later(MINUTE);
    same(&received(&town, SIL), &[sent.letter]);
    town.later(HEADS_EVERY);
    let mut both = [sent.letter, answer.letter];
    both.sort();
    same(&received(&town, SIL), &both);
    assert_eq!(town.office(SIL).desk.gaps(), 0);
}

/// A segnalazione that the CPI may have until tonight, and that does not reach it by then; everybody else has it, and talks.
fn late_for_the_cpi() -> (Town, Caller, Done) {
    let (mut town, giulia, _) = town();
    let anna = town.person(SOCIALE, "op-71c2", Ruolo::Referente);
    town.detach(CPI);
    let mut modulo = form();
    let row = modulo.autorizzazioni.iter_mut().find(|row| row.ufficio == CPI).expect("a row for the CPI");
    row.fino_al = TONIGHT.to_owned();
    let sent = done(town.ask(CAV, giulia.clone(), referral(modulo, 1)));
    let riscontro = Riscontro { entro_il: "2026-12-01".to_owned(), ..Default::default() };
    let act = Act::Riscontro { codice: sent.codice.to_string(), riscontro, request: RequestId::new([2; 16]) };
    done(town.ask(SOCIALE, anna, act));
    town.later(HEADS_EVERY);
    (town, giulia, sent)
}

#[test]
fn what_she_no_longer_allows_is_given_by_nobody_else() {
    let (mut town, giulia, sent) = late_for_the_cpi();
    town.attach(CPI);
    for _ in 0..3 {
        town.later(HEADS_EVERY);
        town.later(MINUTE);
    }
    assert!(places(&mut town, &giulia).contains(&(sent.letter, CPI.to_owned(), Place::Blocked(Code::NotAllowed))));
    assert_eq!(received(&town, SIL).len(), 2, "the control: whom she allows has the referral and the answer");
    assert!(!received(&town, CPI).contains(&sent.letter), "heads and resync went round her");
}

#[test]
fn heads_are_told_to_who_takes_part_and_to_no_other_member() {
    let (mut town, _, _) = late_for_the_cpi();
    let heads_to = |town: &mut Town| -> BTreeSet<String> {
        let from = town.passed.len();
        town.later(HEADS_EVERY);
        town.later(MINUTE);
        let transport = town.passed[from..].iter().filter(|(from, ..)| from.as_str() == SIL);
        transport.map(|(_, to, _)| to.to_string()).collect()
    };
    town.attach(CPI);
    town.later(MINUTE);
    assert_eq!(heads_to(&mut town), BTreeSet::from([CAV, SOCIALE].map(str::to_owned)), "both have written to the SIL");
}

#[test]
fn heads_that_differ_are_an_alarm_and_cost_one_record_a_chain() {
    let mut forge = Forge::new();
    let one = forge.chained(1, 1, None);
    assert_eq!(forge.send_this(&one), (None, Some(Outcome::Delivered)));
    for id in [40, 41] {
        let facts = one.letter();
        let head = |digest: u8| wire::ThreadHead {
            thread: facts.thread.as_bytes().to_vec(),
            sender: CAV.to_owned(),
            store_epoch: 1,
            seq: 1,
            digest: vec![digest; 32],
        };
        forge.write_as(SOCIALE);
        forge.transport(wire::Kind::Heads, &wire::Heads { heads: vec![head(7), head(8)] });
        (forge.letter.letter_id, forge.letter.thread) = (vec![id; 16], vec![id + 10; 16]);
        forge.header.envelope_id = raccordo_proto::ids::EnvelopeId::new([id; 16]);
        assert_eq!(forge.send(), (None, Some(Outcome::Delivered)));
    }
    let cpi = forge.town.office(CPI);
    assert_eq!(cpi.desk.differing(), BTreeSet::from([(agency(SOCIALE), agency(CAV))]), "who says so, and of whom");
    let differ = cpi.journal.records().filter(|record| matches!(record.0, Change::HeadsDiffer(_)));
    assert_eq!(differ.count(), 1);
    assert_eq!(received(&forge.town, CPI), [LetterId::new([1; 16])], "its word hides nothing");
    forge.town.restart(CPI);
    assert_eq!(forge.town.office(CPI).desk.differing().len(), 1);
}

/// B-07.
#[test]
fn a_store_that_was_put_back_from_an_older_copy_finds_out_and_is_given_what_it_lost() {
    let (mut town, giulia, paolo) = town();
    let first = segnala(&mut town, &giulia, 1);
    riscontro(&mut town, &paolo, &first.codice.to_string(), 2);
    let copy: Vec<Record> = town.office(CPI).journal.records().collect();
    town.later(MINUTE);
    let epoch = town.office(CPI).desk.store_epoch();
    // Its cards go on, too: the copy's are older than those that the others will have seen.
    for _ in 0..50 {
        town.restart(CPI);
        town.attach(CPI);
    }
    let lost = riscontro(&mut town, &paolo, &first.codice.to_string(), 3);
    segnala(&mut town, &giulia, 4);
    let before = received(&town, CPI);
    town.later(MINUTE);
    [SOCIALE, SIL].iter().for_each(|office| town.detach(office));

    town.put_back(CPI, &copy);
    town.attach(CPI);
    // It writes in a place that it has used before, to offices that remember.
    let again = riscontro(&mut town, &paolo, &first.codice.to_string(), 5);
    assert_eq!(town.office(CAV).desk.forks(), 1, "the control: without a new life it tells two stories");
    assert_eq!(town.office(CPI).desk.put_back(), None);
    for _ in 0..2 {
        town.later(HEADS_EVERY);
        town.later(MINUTE);
    }
    let cpi = &town.office(CPI).desk;
    assert!(cpi.put_back().is_some() && cpi.store_epoch() > epoch);
    same(&received(&town, CPI), &before);
    let Ok(Answer::Outbox(rows)) = town.ask(CPI, paolo.clone(), Act::Outbox) else { panic!("an outbox") };
    let at_cav = |letter| rows.iter().find(|row| row.letter == letter && row.recipient == agency(CAV)).map(|row| row.place);
    assert_eq!(at_cav(lost.letter), Some(Place::Delivered), "its own letter is here again");
    assert_eq!(at_cav(again.letter), Some(Place::Blocked(Code::Equivocation)), "and what could not be told apart is shown");
    riscontro(&mut town, &paolo, &first.codice.to_string(), 6);
    assert_eq!(town.office(CAV).desk.forks(), 1, "nothing more is told twice");
}

#[test]
fn heads_go_on_after_a_restore_by_a_clock_that_was_ahead() {
    let (mut town, giulia, _) = town();
    segnala(&mut town, &giulia, 1);
    let today = town.now;
    town.now = today.plus(30 * HEADS_EVERY);
    town.say_restored(CPI);
    town.now = today;
    town.restart(CPI);
    town.attach(CPI);
    let told = |town: &Town| {
        let sent = town.office(CPI).journal.records().filter(|record| matches!(record.0, Change::HeadsSent(_)));
        sent.count()
    };
    let before = told(&town);
    town.later(HEADS_EVERY);
    town.later(HEADS_EVERY);
    assert!(told(&town) > before, "within a day, and not in a month");
}
