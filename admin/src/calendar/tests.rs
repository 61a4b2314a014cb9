//! What comes next on which day, with certificates that were issued when a test says.

use core::time::Duration;

use raccordo_proto::identity::Principal;
use raccordo_proto::ids::{AgencyId, AgentId};

use super::*;
use crate::document::{self, tests::NETWORK};
use crate::roster::{Machine, Relay, Roster};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

/// Four offices; `cav-ginestra` has a machine whose identity ends in 500 days.
fn network() -> Roster {
    let mut roster = document::read(NETWORK).expect("good").roster;
    let office = roster.office_mut(&agency("cav-ginestra")).expect("there");
    office.state = State::Active;
    office.machines = vec![Machine { revoked_at: None, until: NOW.plus(days(500)), ..document::tests::machine() }];
    let gateway = raccordo_proto::ids::GatewayId::parse("gw1").expect("a slug");
    roster.gateways = vec![Relay { id: gateway, endpoints: vec!["gw.rete.example:443".to_owned()], spki_sha256: vec![[8; 32]] }];
    roster
}

/// A certificate of the machine's key that ends then.
fn leaf(until: Timestamp) -> Issued {
    let agent = AgentId::parse("a1").expect("a slug");
    let principal = Principal::Agent { agency: agency("cav-ginestra"), agent };
    Issued { principal, spki_sha256: [9; 32], from: Timestamp::default(), until }
}

fn listed(signed: &Roster, wanted: &Roster, issued: &[Issued]) -> Vec<Row> {
    let (signed, wanted) = (signed.body(), wanted.body());
    let authorities = [Some(NOW.plus(days(700))), Some(NOW.plus(days(3_600)))];
    let known = Known { signed: &signed, wanted: &wanted, expires: Some(NOW.plus(days(180))), issued, authorities };
    rows(&known, NOW)
}

/// What stands in the row of `cav-ginestra`.
fn ginestra(issued: &[Issued]) -> Row {
    let network = network();
    let rows = listed(&network, &network, issued);
    rows.into_iter().find(|row| row.id == "cav-ginestra").expect("its row")
}

#[test]
fn a_certificate_is_renewed_before_its_end_and_by_an_exception_after() {
    let end = NOW.plus(days(40));
    let row = ginestra(&[leaf(NOW.plus(days(3))), leaf(end)]);
    assert_eq!((row.state, row.wanted, row.validity), (Some(State::Active), None, Validity::Until(end)));
    assert_eq!(row.next, Some(Next { action: Action::Renew, due: Some(end) }));
    let over = ginestra(&[leaf(NOW.minus(days(1)))]);
    assert_eq!(over.next.map(|next| next.action), Some(Action::RenewExpired));
    assert_eq!((over.days_left(NOW), over.warning(NOW)), (Some(-1), Some(0)));
}

#[test]
fn a_warning_comes_at_sixty_thirty_fourteen_seven_three_and_one_days() {
    for (left, warning) in [
        (0, Some(1)),
        (1, Some(1)),
        (2, Some(3)),
        (3, Some(3)),
        (4, Some(7)),
        (8, Some(14)),
        (15, Some(30)),
        (31, Some(60)),
        (60, Some(60)),
        (61, None),
    ] {
        let row = ginestra(&[leaf(NOW.plus(days(left)))]);
        assert_eq!((row.days_left(NOW), row.warning(NOW)), (i64::try_from(left).ok(), warning));
        assert_eq!(row.warned(NOW).is_some(), warning.is_some());
    }
}

#[test]
fn what_the_folder_does_not_know_is_said_to_be_unknown() {
    let row = ginestra(&[]);
    assert_eq!(row.validity, Validity::Unknown);
    assert_eq!(row.next, Some(Next { action: Action::NewIdentity, due: Some(NOW.plus(days(500))) }));
}

#[test]
fn an_identity_key_that_ends_first_comes_first() {
    let row = ginestra(&[leaf(NOW.plus(days(501)))]);
    assert_eq!(row.next.map(|next| next.action), Some(Action::NewIdentity));
}

#[test]
fn what_is_not_signed_yet_comes_first_then_by_date_and_who_is_out_last() {
    let signed = network();
    let mut wanted = signed.clone();
    wanted.office_mut(&agency("cav-ginestra")).expect("there").state = State::Suspended;
    wanted.office_mut(&agency("sil-montelago")).expect("there").state = State::Revoked;
    let mut signed_too = signed.clone();
    signed_too.office_mut(&agency("sil-montelago")).expect("there").state = State::Revoked;
    let rows = listed(&signed_too, &wanted, &[leaf(NOW.plus(days(200)))]);
    let told: Vec<(&str, Option<Action>)> = rows.iter().map(|row| (row.id.as_str(), row.next.map(|next| next.action))).collect();
    assert_eq!(
        told,
        [
            ("cav-ginestra", Some(Action::Sign)),
            ("", Some(Action::SignAgain)),
            ("", Some(Action::Rotate)),
            ("", Some(Action::Rotate)),
            ("comune-capofila", Some(Action::Enrol)),
            ("cpi-rivabella", Some(Action::Enrol)),
            ("gw1", Some(Action::RenewGateway)),
            ("sil-montelago", None),
        ]
    );
    assert_eq!((rows[0].state, rows[0].wanted), (Some(State::Active), Some(State::Suspended)));
    let unsigned = listed(&Roster::default(), &signed, &[]);
    let gateway = unsigned.iter().find(|row| row.id == "gw1").expect("its row");
    assert_eq!((gateway.state, gateway.next.map(|next| next.action)), (None, Some(Action::Sign)));
}

#[test]
fn a_suspended_office_waits_for_the_administration() {
    let mut network = network();
    network.office_mut(&agency("cav-ginestra")).expect("there").state = State::Suspended;
    let rows = listed(&network, &network, &[leaf(NOW.plus(days(2)))]);
    let row = rows.iter().find(|row| row.id == "cav-ginestra").expect("its row");
    assert_eq!((row.next, row.warning(NOW)), (Some(Next { action: Action::Resume, due: None }), None));
    assert_eq!(row.validity, Validity::Until(NOW.plus(days(2))));
}
