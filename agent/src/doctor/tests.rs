//! What is said of each fact.

use raccordo_terminal::text::Lang;

use super::*;
use crate::api::BackupState;
use crate::text::texts;

const DAY: u64 = 86_400_000;
const NOW: u64 = 20_000 * DAY;

fn probed(found: Found) -> Probed {
    Probed { host: "gw.rete.example".to_owned(), port: 443, found }
}

fn status() -> StatusResponse {
    StatusResponse {
        attached: true,
        directory_version: 7,
        directory_issued: NOW - 10 * DAY,
        directory_expires: NOW + 170 * DAY,
        directory_looked_after_until: NOW + 20 * DAY,
        identity_until: NOW + 700 * DAY,
        clock_ahead: Some(-1_500),
        backup: Some(BackupState { last_at: NOW - DAY, ..BackupState::default() }),
        ..StatusResponse::default()
    }
}

/// An office at which all is well.
fn well() -> Facts {
    Facts {
        now: Timestamp::from_millis(NOW),
        agent: Ok(status()),
        certificate: Certificate::Lasts(Timestamp::from_millis(NOW - 10 * DAY), Timestamp::from_millis(NOW + 80 * DAY)),
        gateways: vec![probed(Found::Gateway)],
        proxies: Vec::new(),
        free: Some(64 * 1024 * 1024 * 1024),
    }
}

fn with(change: impl FnOnce(&mut StatusResponse)) -> Facts {
    let mut status = status();
    change(&mut status);
    Facts { agent: Ok(status), ..well() }
}

/// What is not green.
fn wrong(facts: &Facts) -> Vec<(&'static str, Light, Who)> {
    let findings = findings(facts);
    let wrong = findings.iter().filter(|finding| finding.light > Light::Green);
    wrong.map(|finding| (finding.code, finding.light, finding.who)).collect()
}

#[test]
fn where_all_is_well_nothing_is_said_to_anybody() {
    assert_eq!(wrong(&well()), []);
    assert!(findings(&well()).iter().all(|finding| finding.who == Who::Nobody));
    assert_eq!(findings(&well()).len(), 8);
}

#[test]
fn a_clock_is_judged_by_the_gateways_and_else_by_what_is_not_valid_yet() {
    for (ahead, expected) in [
        (119_000, None),
        (-121_000, Some(("clock-off", Light::Yellow, Who::It))),
        (600_000, Some(("clock-off", Light::Yellow, Who::It))),
        (-600_001, Some(("clock-wrong", Light::Red, Who::It))),
        (i64::MIN, Some(("clock-wrong", Light::Red, Who::It))),
    ] {
        assert_eq!(wrong(&with(|status| status.clock_ahead = Some(ahead))), Vec::from_iter(expected), "{ahead}");
    }
    let unknown = with(|status| status.clock_ahead = None);
    assert_eq!(wrong(&unknown), [("clock-unknown", Light::Yellow, Who::Nobody)]);
    let behind = with(|status| {
        status.clock_ahead = None;
        status.directory_issued = NOW + DAY;
    });
    assert_eq!(wrong(&behind), [("clock-behind", Light::Red, Who::It)]);
}

#[test]
fn each_thing_that_answers_in_the_gateways_place_has_its_name_and_whoever_must_act() {
    for (found, code, who) in [
        (Found::NoName, "gateway-no-name", Who::It),
        (Found::Refused, "gateway-refused", Who::Network),
        (Found::Silent, "gateway-silent", Who::It),
        (Found::Cut, "gateway-cut", Who::It),
        (Found::NotTls, "gateway-not-tls", Who::It),
        (Found::NoAgreement, "gateway-no-agreement", Who::It),
        (Found::Inspected { issuer: "CN=Filtro".to_owned() }, "gateway-inspected", Who::It),
        (Found::Dates, "gateway-dates", Who::Network),
        (Found::OtherNetwork { issuer: "CN=Altra".to_owned() }, "gateway-other", Who::Network),
    ] {
        let facts = Facts { gateways: vec![probed(found.clone())], ..well() };
        assert_eq!(wrong(&facts), [(code, Light::Red, who)]);
        let proxy = Facts { gateways: vec![probed(found)], proxies: vec!["HTTPS_PROXY"], ..well() };
        assert!(wrong(&proxy).contains(&("proxy-needed", Light::Red, Who::It)));
    }
    let unused = Facts { proxies: vec!["https_proxy"], ..well() };
    assert!(wrong(&unused).is_empty() && findings(&unused).iter().any(|finding| finding.code == "proxy-unused"));
}

#[test]
fn what_ends_is_told_sixty_days_before_and_is_a_fault_a_week_before() {
    let certificate =
        |until| Facts { certificate: Certificate::Lasts(Timestamp::default(), Timestamp::from_millis(until)), ..well() };
    for (until, light) in [(NOW + 60 * DAY - 1, Light::Yellow), (NOW + 7 * DAY - 1, Light::Red)] {
        assert_eq!(wrong(&certificate(until)), [("certificate-soon", light, Who::Network)]);
        assert_eq!(wrong(&with(|status| status.directory_expires = until)), [("directory-soon", light, Who::Network)]);
        assert_eq!(wrong(&with(|status| status.identity_until = until)), [("identity-soon", light, Who::Network)]);
    }
    assert_eq!(wrong(&certificate(NOW + 60 * DAY)), []);
    assert_eq!(wrong(&certificate(NOW - 1)), [("certificate-over", Light::Red, Who::Network)]);
    assert_eq!(wrong(&with(|status| status.directory_expires = NOW - 1)), [("directory-over", Light::Red, Who::Network)]);
    let unconfirmed = with(|status| status.directory_looked_after_until = NOW - 1);
    assert_eq!(wrong(&unconfirmed), [("directory-unconfirmed", Light::Yellow, Who::Network)]);
    let both = with(|status| (status.directory_looked_after_until, status.directory_expires) = (NOW - 2, NOW - 1));
    assert_eq!(wrong(&both), [("directory-over", Light::Red, Who::Network)], "the worse one is said");
    let rival = with(|status| status.directory_rival_seen_at = NOW - DAY);
    assert_eq!(wrong(&rival), [("directory-rival", Light::Red, Who::Network)]);
    assert_eq!(wrong(&with(|status| status.identity_until = 0)), [("identity-not-in", Light::Red, Who::Network)]);
    for (certificate, code, light) in [
        (Certificate::Unreadable, "certificate-unreadable", Light::Red),
        (Certificate::Anothers, "certificate-anothers", Light::Red),
        (Certificate::Forbidden, "certificate-forbidden", Light::Yellow),
    ] {
        assert_eq!(wrong(&Facts { certificate, ..well() }), [(code, light, Who::Office)]);
    }
}

#[test]
fn an_agent_that_does_not_answer_and_one_that_is_not_attached_are_two_things() {
    let stopped = Facts { agent: Err("AGENT_NOT_RUNNING".to_owned()), ..well() };
    let codes: Vec<_> = wrong(&stopped).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["agent-stopped", "clock-unknown", "directory-unknown"]);
    let forbidden = Facts { agent: Err("SOCKET_FORBIDDEN".to_owned()), ..well() };
    assert_eq!(wrong(&forbidden)[0], ("agent-forbidden", Light::Yellow, Who::Office));
}

/// The first red line is where somebody begins: it names whoever can mend it.
#[test]
fn whoever_must_act_is_told_once_and_rightly() {
    let detached = |fault: &str| {
        let fault = fault.to_owned();
        with(|status| (status.attached, status.link_fault) = (false, fault))
    };
    assert_eq!(wrong(&detached("")), [("agent-waits", Light::Yellow, Who::Nobody)], "the gateway answers by now");
    assert_eq!(wrong(&detached("UNAUTHENTICATED")), [("agent-detached", Light::Red, Who::Network)]);
    assert_eq!(wrong(&detached("OUT_OF_TIME"))[0], ("agent-detached", Light::Red, Who::It));
    for (found, code, who) in [
        (Found::Inspected { issuer: String::new() }, "gateway-inspected", Who::It),
        (Found::NoAgreement, "gateway-no-agreement", Who::It),
        (Found::Refused, "gateway-refused", Who::Network),
    ] {
        for fault in ["", "TLS", "UNAUTHENTICATED"] {
            let facts = Facts { gateways: vec![probed(found.clone())], ..detached(fault) };
            assert_eq!(wrong(&facts), [("agent-detached", Light::Red, Who::Nobody), (code, Light::Red, who)]);
        }
    }
    let mut suspended = detached("");
    if let Ok(status) = &mut suspended.agent {
        status.identity_until = 0;
    }
    let expected = [("agent-detached", Light::Red, Who::Network), ("identity-not-in", Light::Red, Who::Network)];
    assert_eq!(wrong(&suspended), expected, "its own directory says that it takes no part");
}

#[test]
fn disks_and_backups_are_told_before_they_are_missed() {
    let disk = |free| Facts { free, ..well() };
    assert_eq!(wrong(&disk(Some(DISK_LOW - 1))), [("disk-low", Light::Yellow, Who::It)]);
    assert_eq!(wrong(&disk(Some(DISK_MIN - 1))), [("disk-full", Light::Red, Who::It)]);
    assert_eq!(wrong(&disk(None)), [("disk-unknown", Light::Yellow, Who::It)]);
    let backup = |backup| with(|status| status.backup = backup);
    assert_eq!(wrong(&backup(None)), [("backup-none", Light::Yellow, Who::Office)]);
    let old = BackupState { last_at: NOW - 9 * DAY, ..BackupState::default() };
    assert_eq!(wrong(&backup(Some(old))), [("backup-old", Light::Yellow, Who::Office)]);
    let failed = BackupState { last_at: NOW, fault: "IO".to_owned() };
    assert_eq!(wrong(&backup(Some(failed))), [("backup-failed", Light::Red, Who::Office)]);
    assert_eq!(wrong(&backup(Some(BackupState::default()))), [("backup-none-yet", Light::Yellow, Who::Office)]);
}

/// Reads this room's sources for the names of findings.
#[test]
fn every_finding_has_its_sentence_in_both_languages() {
    let source = include_str!("../doctor.rs");
    let quoted = source.split('"').skip(1).step_by(2);
    let families = ["agent-", "clock-", "gateway-", "proxy-", "certificate-", "identity-", "directory-", "disk-", "backup-"];
    let codes: Vec<&str> = quoted.filter(|text| families.iter().any(|family| text.starts_with(family))).collect();
    assert!(codes.len() > 30, "{codes:?}");
    for lang in [Lang::It, Lang::En] {
        let texts = texts(lang);
        for code in &codes {
            assert!(texts.has(&format!("doctor-{code}")), "{lang:?}: {code}");
        }
        for who in [Who::Office, Who::It, Who::Network] {
            assert!(texts.has(&format!("doctor-who-{}", who.name())));
        }
    }
}
