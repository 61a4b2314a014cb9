//! The restore drill in virtual time: a backup that is a week old, and one older than what the others hand back at once. What
//! is compared is everything: each letter's bytes, own and others', and where each thread has come.
//!
//! Not here: what a restore refuses, and what it says (`back`, and the agent's own tests).

use core::time::Duration;

use raccordo_casework::roles::Caller;
use raccordo_casework::threads::Head;
use raccordo_proto::ids::{Digest, LetterId};
use raccordo_proto::limits::{HEADS_EVERY, RESYNC_BACK};
use raccordo_tests::results;
use raccordo_tests::town::Town;

use crate::acts::{MINUTE, backup, disclose, riscontro, segnala, town};
use crate::forge::{CAV, CPI, SIL, SOCIALE};

const DAY: Duration = Duration::from_secs(86_400);

/// Everything that an office has.
type Held = (Vec<(LetterId, Digest)>, Vec<Head>);

fn held(town: &Town, office: &str) -> Held {
    let desk = &town.office(office).desk;
    (desk.digests(), desk.heads())
}

fn assert_same(found: &Held, expected: &Held) {
    assert_eq!(found.0, expected.0, "another letter, or other bytes");
    assert!(found.1 == expected.1, "{} threads' ends instead of {}", found.1.len(), expected.1.len());
}

/// Days pass, one by one; everybody is on, with a connection of each day.
fn days(town: &mut Town, count: u32) {
    for _ in 0..count {
        town.later(DAY);
        for office in [CAV, SOCIALE, CPI, SIL] {
            town.detach(office);
            town.attach(office);
        }
        town.later(MINUTE);
    }
}

/// A segnalazione, and the CPI's riscontro to it.
fn a_case(town: &mut Town, giulia: &Caller, paolo: &Caller, number: u8) -> String {
    let sent = segnala(town, giulia, number);
    let codice = sent.codice.to_string();
    riscontro(town, paolo, &codice, number + 1);
    codice
}

#[test]
fn a_backup_of_last_week_brings_every_letter_back_byte_by_byte() {
    let (mut town, giulia, paolo) = town();
    let first = a_case(&mut town, &giulia, &paolo, 1);
    let old = backup(&town, CPI);
    for (number, pause) in [(3, 1), (5, 2), (7, 3)] {
        days(&mut town, pause);
        a_case(&mut town, &giulia, &paolo, number);
    }
    disclose(&mut town, &giulia, &first, 9);
    days(&mut town, 1);
    let before = [CAV, SOCIALE, CPI, SIL].map(|office| held(&town, office));
    assert_eq!(before[2].0.len(), 9, "four segnalazioni, four riscontri, and who she is");

    town.restore(CPI, &old, &[]);
    assert_eq!(held(&town, CPI).0.len(), 2, "the backup had the first case");
    town.attach(CPI);
    town.later(MINUTE);
    let after = [CAV, SOCIALE, CPI, SIL].map(|office| held(&town, office));
    results::write("T23", "letters of a week that came back byte by byte", after[2].0.len() - 2, 7, file!());
    after.iter().zip(&before).for_each(|(after, before)| assert_same(after, before));
    // The next letter of an old thread goes on from there, for everybody.
    one_more(&mut town, &paolo, &first);
}

/// One more riscontro in the first case: a chain of the new epoch, and no alarm.
fn one_more(town: &mut Town, paolo: &Caller, codice: &str) {
    riscontro(town, paolo, codice, 11);
    for office in [CAV, SOCIALE, SIL] {
        let desk = &town.office(office).desk;
        assert_eq!((desk.forks(), desk.gaps(), desk.differing().len()), (0, 0, 0), "{office}");
    }
}

/// At once comes what the others had sent or taken in the last 35 days; the rest with the daily heads, which show it missing.
#[test]
fn of_a_backup_older_than_that_the_last_35_days_come_at_once_and_the_rest_with_the_heads() {
    let (mut town, giulia, paolo) = town();
    a_case(&mut town, &giulia, &paolo, 1);
    let old = backup(&town, CPI);
    days(&mut town, 1);
    a_case(&mut town, &giulia, &paolo, 3);
    let (early, then) = (held(&town, CPI).0.len(), town.now);
    days(&mut town, 37);
    a_case(&mut town, &giulia, &paolo, 5);
    days(&mut town, 2);
    let before = held(&town, CPI);
    assert_eq!((early, before.0.len()), (4, 6));
    assert!(town.now.since(then) > RESYNC_BACK, "the second case is older than what comes at once");

    town.restore(CPI, &old, &[]);
    town.attach(CPI);
    town.later(MINUTE);
    let at_once = held(&town, CPI);
    assert_eq!(at_once.0.len(), 4, "the backup's two, and the two of two days ago");
    town.later(HEADS_EVERY);
    days(&mut town, 1);
    assert_same(&held(&town, CPI), &before);
}
