//! A clock that was wrong and is right again, as the simulated world found it (its seeds 1 and 4): nothing may go on waiting
//! because of it.

use core::time::Duration;

use raccordo_casework::courier::{Courier, Event, Output};
use raccordo_casework::desk::Desk;
use raccordo_proto::Timestamp;
use raccordo_proto::ids::AgentId;
use raccordo_proto::wire::{DirectoryNews, ToAgent, Welcome, to_agent};
use raccordo_tests::seeded::Seeded;
use raccordo_tests::town::{DAWN, Town, agency};

const SKEW: Duration = Duration::from_secs(1_200);

pub fn welcomed(gateways_time: Timestamp, own_time: Timestamp) -> Courier {
    let town = Town::new(1);
    let machine = AgentId::parse("a1").expect("a slug");
    let trust = town.vault.trust();
    let mut courier = Courier::new(&Desk::new(agency("cav-ginestra")), machine, trust, Some(town.directory.clone()), own_time);
    courier.handle(Event::LinkOpening, own_time, &mut Seeded::new(1));
    let welcome = Welcome { time: gateways_time.as_millis(), directory_version: 1, limits: None };
    let said = ToAgent { frame: Some(to_agent::Frame::Welcome(welcome)) };
    courier.handle(Event::Heard(said), own_time, &mut Seeded::new(1));
    courier
}

fn wants_another_link(courier: &mut Courier) -> bool {
    core::iter::from_fn(|| courier.poll()).any(|output| matches!(output, Output::Reattach))
}

#[test]
fn an_office_told_that_its_clock_is_wrong_asks_again_every_minute() {
    let mut courier = welcomed(DAWN.plus(SKEW), DAWN);
    assert!(!wants_another_link(&mut courier));
    let later = DAWN.plus(Duration::from_secs(60));
    courier.handle(Event::Timeout, later, &mut Seeded::new(1));
    assert!(wants_another_link(&mut courier));
    assert_eq!(courier.link_fault(), Some("OUT_OF_TIME"));

    let mut courier = welcomed(DAWN, DAWN);
    courier.handle(Event::Timeout, later, &mut Seeded::new(1));
    assert!(!wants_another_link(&mut courier), "clocks that agree stay attached");
}

#[test]
fn a_directory_that_did_not_come_is_asked_for_again() {
    let mut courier = welcomed(DAWN, DAWN);
    let fetches =
        |courier: &mut Courier| core::iter::from_fn(|| courier.poll()).any(|output| matches!(output, Output::Fetch { .. }));
    assert!(fetches(&mut courier), "the version that is here may have a Confirm");
    courier.handle(Event::Timeout, DAWN.plus(Duration::from_secs(60)), &mut Seeded::new(1));
    assert!(!fetches(&mut courier), "once");
    let news = to_agent::Frame::DirectoryNews(DirectoryNews { version: 2 });
    courier.handle(Event::Heard(ToAgent { frame: Some(news) }), DAWN, &mut Seeded::new(1));
    assert!(fetches(&mut courier));
    // No answer, or one that a clock behind the admins' refuses (D-09): nobody else will say it again.
    courier.handle(Event::Timeout, DAWN.plus(Duration::from_secs(120)), &mut Seeded::new(1));
    assert!(fetches(&mut courier));
}

#[test]
fn a_clock_that_is_put_back_makes_nothing_wait_for_the_difference() {
    let mut courier = welcomed(DAWN.plus(SKEW), DAWN.plus(SKEW));
    courier.handle(Event::Timeout, DAWN, &mut Seeded::new(1));
    let next = courier.next_timeout().expect("it is attached");
    assert!(next <= DAWN.plus(Duration::from_secs(60)), "the Waiting set is said again within its minute");
}
