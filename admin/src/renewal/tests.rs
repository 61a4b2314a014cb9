//! Renewals: whose identity key asks, for which TLS key, and on which day.

use ed25519_dalek::SigningKey;
use raccordo_machine::clock;
use raccordo_machine::tls_key::{self, TlsKey, verify_request};
use raccordo_proto::ids::NetworkId;

use super::*;
use crate::acts::{self, Act};
use crate::authority::LEAF_LIFE;
use crate::document::{self, tests::NETWORK};
use crate::enrolment::{self, Approval};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

/// A request of the machine with this identity, for a new key.
fn asks(seed: u8) -> Request {
    let tls = TlsKey::generate().expect("a key");
    verify_request(&tls_key::request(Some(&SigningKey::from_bytes(&[seed; 32])), &tls, NOW).expect("a request")).expect("good")
}

/// A network in which `cpi-rivabella` was approved at [`NOW`], and its certificate.
struct World {
    authority: Authority,
    roster: Roster,
    issued: Vec<Issued>,
    first: Request,
}

fn world() -> World {
    let rng = &mut clock::rng();
    let authority = Authority::create(NetworkId::parse("rete-prova").expect("a name"), NOW, rng).expect("a CA");
    let id = agency("cpi-rivabella");
    let approval = Approval { id, name: None, body: None, kind: None, ambito: None, phone: None, capabilities: None };
    let (before, first) = (document::read(NETWORK).expect("good").roster, asks(1));
    let (draft, leaf) = enrolment::approve(&before, &authority, &first, approval, NOW, rng).expect("approved");
    let issued = vec![Issued::of_chain(leaf.chain_pem.as_bytes()).expect("a leaf")];
    World { authority, roster: draft.roster, issued, first }
}

impl World {
    fn renews(&self, request: &Request, exceptions: Exceptions, now: Timestamp) -> Result<Renewed, Failure> {
        renew(&self.roster, &self.authority, (request, false), &self.issued, exceptions, now, &mut clock::rng())
    }

    fn refused(&self, request: &Request, now: Timestamp) -> Option<&'static str> {
        self.renews(request, Exceptions::default(), now).err().map(|failure| failure.code)
    }

    fn takes(&mut self, renewed: &Renewed) {
        self.roster = renewed.roster.clone();
        self.issued.push(Issued::of_chain(renewed.leaf.chain_pem.as_bytes()).expect("a leaf"));
    }

    fn keys(&self) -> &[[u8; 32]] {
        let office = self.roster.offices.iter().find(|office| office.id == agency("cpi-rivabella")).expect("it is there");
        &office.machines[0].spki_sha256
    }
}

#[test]
fn a_15_the_identity_key_is_that_of_a_machine_that_takes_part() {
    let mut world = world();
    let day = NOW.plus(LEAF_LIFE).minus(DAY);
    assert_eq!(world.refused(&asks(2), day), Some("RENEW_UNKNOWN"));
    let gateway = tls_key::request(None, &TlsKey::generate().expect("a key"), NOW).expect("a request");
    assert_eq!(world.refused(&verify_request(&gateway).expect("good"), day), Some("RENEW_GATEWAY"));
    assert!(world.renews(&asks(1), Exceptions::default(), day).is_ok());
    let active = world.roster.clone();
    for (act, code) in [(Act::Suspend, "RENEW_NOT_ACTIVE"), (Act::Evict, "KEYS_REVOKED"), (Act::Ban, "KEYS_REVOKED")] {
        let mut before = active.clone();
        before.equipes.clear();
        world.roster = acts::perform(&before, act, &agency("cpi-rivabella"), NOW).expect("allowed").draft.roster;
        assert_eq!(world.refused(&asks(1), day), Some(code), "{act:?}");
    }
    world.roster = active;
    let after = NOW.plus(enrolment::IDENTITY_LIFE).plus(DAY);
    assert_eq!(world.refused(&asks(1), after), Some("RENEW_IDENTITY_ENDED"));
}

#[test]
fn a_16_an_old_request_that_is_sent_again_gets_nothing() {
    let mut world = world();
    let day = NOW.plus(LEAF_LIFE).minus(DAY);
    assert_eq!(world.refused(&world.first, day), Some("RENEW_KEY_KNOWN"));
    let second = asks(1);
    let renewed = world.renews(&second, Exceptions::default(), day).expect("renewed");
    world.takes(&renewed);
    let again = (&second, true);
    let none = Exceptions::default();
    let twice = renew(&world.roster, &world.authority, again, &world.issued, none, day, &mut clock::rng());
    assert!(twice.is_ok(), "one that waits for a signature is granted once more");
    // Two renewals later the first key is pinned no more, and is known all the same.
    let third = world.renews(&asks(1), Exceptions { early: true, expired: false }, day).expect("renewed");
    world.takes(&third);
    assert!(!world.keys().contains(&world.first.spki_sha256()));
    assert_eq!(world.refused(&world.first, day), Some("RENEW_KEY_KNOWN"));
}

#[test]
fn a_17_from_day_minus_sixty_to_the_end_and_else_by_an_exception() {
    let world = world();
    let end = NOW.plus(LEAF_LIFE);
    let second = Duration::from_secs(1);
    let first = end.minus(RENEWABLE);
    for (now, code) in [
        (NOW, Some("RENEW_TOO_EARLY")),
        (first.minus(second), Some("RENEW_TOO_EARLY")),
        (first, None),
        (end, None),
        (end.plus(second), Some("RENEW_EXPIRED")),
    ] {
        assert_eq!(world.refused(&asks(1), now), code, "{now:?}");
    }
    assert!(world.renews(&asks(1), Exceptions { early: true, expired: false }, NOW).is_ok());
    assert!(world.renews(&asks(1), Exceptions { early: false, expired: true }, end.plus(DAY)).is_ok());
    let early = world.renews(&asks(1), Exceptions::default(), NOW).expect_err("refused");
    assert!(early.args.iter().any(|(key, value)| *key == "day" && *value == day(first)), "{early:?}");
}

#[test]
fn a_certificate_of_which_nothing_is_known_is_renewed() {
    let mut world = world();
    world.issued.clear();
    assert_eq!(world.refused(&asks(1), NOW), None);
}

#[test]
fn the_key_in_use_stays_beside_the_new_one_and_an_older_one_goes() {
    let mut world = world();
    let first = world.first.spki_sha256();
    let early = Exceptions { early: true, expired: false };
    let second = asks(1);
    let renewed = world.renews(&second, early, NOW).expect("renewed");
    world.takes(&renewed);
    assert_eq!(world.keys(), [first, second.spki_sha256()]);
    let third = asks(1);
    let renewed = world.renews(&third, early, NOW).expect("renewed");
    world.takes(&renewed);
    assert_eq!(world.keys(), [second.spki_sha256(), third.spki_sha256()]);
}
