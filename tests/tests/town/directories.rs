//! A directory that nobody confirms, and two of one version: what every office makes of them.

use core::time::Duration;

use raccordo_casework::courier::{Event, Output};
use raccordo_casework::record::Change;
use raccordo_casework::wire::Ruolo;
use raccordo_casework::work::{Done, Looked};
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::limits::{BACKOFF_MAX, CONFIRM_LIFE_MAX, DOUBT_EVERY};
use raccordo_tests::seeded::Seeded;
use raccordo_tests::town::{DAWN, Town, agency};

use crate::acts::{riscontro, segnala};
use crate::clock::welcomed;
use crate::forge::{CAV, CPI, SIL, SOCIALE};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_signed_directory_is_looked_after_for_thirty_days_and_a_confirm_is_heard_by_who_is_attached_and_later_by_who_was_not() {
    let mut town = Town::new(31);
    let until = |town: &Town, id: &str| town.office(id).desk.directory_looked_after_until();
    assert_eq!(until(&town, CAV), Some(DAWN.plus(CONFIRM_LIFE_MAX)));
    town.attach(CAV);
    town.later(20 * DAY);
    town.confirm();
    let confirmed = Some(DAWN.plus(20 * DAY).plus(CONFIRM_LIFE_MAX));
    assert_eq!((until(&town, CAV), until(&town, CPI)), (confirmed, Some(DAWN.plus(CONFIRM_LIFE_MAX))));
    town.attach(CPI);
    assert_eq!(until(&town, CPI), confirmed);
    // It survives a restart, is written once, and says nothing of the next version, though that was signed before it.
    town.restart(CAV);
    town.attach(CAV);
    assert_eq!(until(&town, CAV), confirmed);
    let written = |town: &Town| {
        let records = town.office(CAV).journal.records();
        records.filter(|record| matches!(record.0, Change::DirectoryConfirmed(_))).count()
    };
    assert_eq!(written(&town), 1);
    town.publish_signed_at(DAWN.plus(10 * DAY));
    assert_eq!(until(&town, CAV), Some(DAWN.plus(10 * DAY).plus(CONFIRM_LIFE_MAX)), "by its signature alone");
    town.later(5 * DAY);
    town.publish(|_| {});
    assert_eq!(until(&town, CAV), Some(DAWN.plus(25 * DAY).plus(CONFIRM_LIFE_MAX)), "by the signature of today");
    assert_eq!(written(&town), 1);
}

/// D-20 and D-15.
#[test]
fn two_documents_of_one_version_stop_the_sealing_until_one_supersedes_the_other() {
    let mut town = Town::new(32);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    [CAV, SOCIALE].iter().for_each(|office| town.attach(office));
    town.publish(|roster| roster.policy.frames_per_minute = 700);
    let first = town.office(CAV).desk.directory().expect("installed").clone();
    // The CPI comes when the gateway has another document of version 2; the CAV has no reason to ask.
    town.detach(SOCIALE);
    town.fork();
    town.attach(CPI);
    assert_ne!(town.office(CPI).desk.directory().map(|d| d.head_hash()), Some(first.head_hash()));
    assert_eq!(town.office(CAV).desk.directory_rival_seen(), None);
    // Its answer names the other head: the CAV asks, and is shown both.
    let sent = segnala(&mut town, &giulia, 1);
    riscontro(&mut town, &paolo, &sent.codice.to_string(), 3);
    assert!(town.office(CAV).desk.directory_rival_seen().is_some(), "it has been shown another one");
    assert_eq!(town.office(CAV).desk.directory().map(|d| d.head_hash()), Some(first.head_hash()), "and keeps its own");
    town.attach(SIL);
    let why = town.office(CAV).courier.why(sent.letter, &agency(SIL));
    assert_eq!(why.map(|(code, _)| code), Some("DIRECTORY_STALE"), "nothing is sealed");
    town.restart(CAV);
    town.attach(CAV);
    assert!(town.office(CAV).desk.directory_rival_seen().is_some(), "the alarm is a record");
    // A version that does not say what it leaves behind heals nothing; one that does is installed by all.
    town.heal(&[]);
    assert_eq!(town.office(CAV).desk.directory().map(|d| d.version()), Some(2));
    assert_eq!(town.office(CPI).desk.directory().map(|d| d.version()), Some(3));
    town.heal(&[&first]);
    for office in [CAV, CPI, SIL] {
        assert_eq!(town.office(office).desk.directory().map(|d| d.version()), Some(4), "{office}");
    }
    assert_eq!(town.office(CAV).desk.directory_rival_seen(), None);
    town.later(BACKOFF_MAX);
    let why = town.office(CAV).courier.why(sent.letter, &agency(SIL));
    assert_eq!(why, None, "what waited has left");
}

/// D-20.
#[test]
fn another_head_is_asked_about_once_an_hour_at_most() {
    let mut town = Town::new(33);
    let giulia = town.person(CAV, "op-3f9a", Ruolo::Operatrice);
    let paolo = town.person(CPI, "op-0be4", Ruolo::Referente);
    town.attach(CAV);
    town.publish(|roster| roster.policy.frames_per_minute = 700);
    town.fork();
    town.attach(CPI);
    let codice = segnala(&mut town, &giulia, 1).codice.to_string();
    let from = town.fetched.len();
    let second = Duration::from_secs(1);
    for (request, wait, asked) in [(2, Duration::ZERO, 1), (3, DOUBT_EVERY - second, 1), (4, second, 2), (5, second, 2)] {
        town.later(wait);
        let heard = town.office(CAV).arrived;
        riscontro(&mut town, &paolo, &codice, request);
        assert_eq!(town.office(CAV).arrived, heard + 1, "a letter that names the other head");
        let of_cav = town.fetched[from..].iter().filter(|fetch| **fetch == (agency(CAV), 1)).count();
        assert_eq!(of_cav, asked, "{request}");
    }
}

/// What was asked for from the version before is known by what was asked, and not by which answer comes next.
#[test]
fn d_15_every_answer_is_taken_for_what_was_asked() {
    let mut courier = welcomed(DAWN, DAWN);
    let mut asked = |since: u64, fault: DirectoryFault| {
        let looked = Looked { since, directory: Err(fault), confirmed: None, rival: None };
        let worked = Event::Worked(Done::DirectoryVerified(Box::new(looked)));
        while courier.poll().is_some() {}
        courier.handle(worked, DAWN, &mut Seeded::new(1));
        let since = core::iter::from_fn(|| courier.poll()).find_map(|output| match output {
            Output::Fetch { since } => Some(since),
            _ => None,
        });
        (since, courier.rejections().values().sum::<u64>())
    };
    assert_eq!(asked(1, DirectoryFault::Chain), (Some(0), 0), "heads that do not lead here: from the version before");
    assert_eq!(asked(1, DirectoryFault::Chain), (Some(0), 0), "so does an answer that was on its way already");
    assert_eq!(asked(0, DirectoryFault::Version), (None, 0), "from there comes what is here");
    assert_eq!(asked(0, DirectoryFault::Chain), (None, 1), "and not once more from further back");
    assert_eq!(asked(1, DirectoryFault::Version), (None, 2), "nobody asked for what is older");
}
