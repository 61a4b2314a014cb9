//! Key cards as a courier hears of them: which cost a signature, and which are passed over. Not here: which are believed
//! (`casework/tests/parsers`, vectors), sealing anew to a new one (`journey`).

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::courier::{Event, Output};
use raccordo_casework::step::Effect;
use raccordo_casework::wire::Ruolo;
use raccordo_casework::work::Job;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::limits::{EK_BYTES, RECEIPT_MAX};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{self, Ready, SignedKeyCard, ToAgent, to_agent};
use raccordo_tests::town::{Town, agency};

use crate::acts::{received, says_yes, segnala, town};
use crate::forge::{CAV, CPI};

/// Something happens to the CAV's courier; whether it wants a card verified.
fn wants_it_verified(town: &mut Town, event: Event) -> bool {
    let Town { offices, rng, now, .. } = town;
    let courier = &mut offices.get_mut(&agency(CAV)).expect("an office").courier;
    courier.handle(event, *now, rng);
    std::iter::from_fn(|| courier.poll()).any(|output| matches!(output, Output::Work(Job::VerifyCard { .. })))
}

fn ready(card: &SignedKeyCard) -> Event {
    Event::Heard(ToAgent { frame: Some(to_agent::Frame::Ready(Ready { key_card: Some(card.clone()) })) })
}

#[test]
fn a_card_that_is_said_again_costs_no_signature_and_a_newer_one_does() {
    let (mut town, giulia, _) = town();
    segnala(&mut town, &giulia, 1);
    let card = town.cards[&agency(CPI)].clone();
    assert!(!wants_it_verified(&mut town, ready(&card)), "it is here");
    let (_, order) = keycard::peek(&card).expect("a card");
    let with = |order| keycard::issue(&agency(CPI), Bytes::from(vec![0; EK_BYTES]), order, 1, town.now, &town.office(CPI).key);
    let newer = with(CardOrder { counter: order.counter + 1, ..order });
    let next_life = with(CardOrder { store_epoch: order.store_epoch + 1, counter: 0 });
    let unreadable = SignedKeyCard { card: Bytes::from_static(b"no card"), ..card.clone() };
    for other in [&newer, &next_life, &unreadable] {
        assert!(wants_it_verified(&mut town, ready(other)));
    }
}

/// After a yes to its new key nothing goes to the lost key's card, which is still good for hours (B-05).
#[test]
fn b_05_a_yes_to_a_new_key_is_no_yes_to_the_card_of_the_old_one() {
    let (mut town, giulia, _) = town();
    let ada = town.person(CAV, "op-71c2", Ruolo::Referente);
    segnala(&mut town, &giulia, 1);
    let old = town.office(CPI).key.public_key();
    town.enrol_anew(CPI);
    segnala(&mut town, &giulia, 2);
    town.passed.clear();
    assert!(says_yes(&mut town, &ada, None).is_ok());
    town.settle();
    assert!(!town.passed.iter().any(|(_, to, _)| *to == agency(CPI)), "it waits for a card of the key that she said yes to");
    town.attach(CPI);
    let letters = received(&town, CPI);
    assert_eq!(letters.len(), 1, "the second segnalazione, to the new key");
    assert_ne!(town.office(CPI).key.public_key(), old);
}

/// A newer card ends no transmission that the gateway still counts: what it would refuse is not sent.
#[test]
fn a_newer_card_does_not_send_beyond_what_may_be_in_flight() {
    let (mut town, giulia, _) = town();
    town.hold(CPI);
    (1..=10).for_each(|request| drop(segnala(&mut town, &giulia, request)));
    let refused = |town: &Town| town.office(CAV).courier.rejections().get("TOO_MANY").copied().unwrap_or_default();
    assert_eq!(refused(&town), 0, "eight of ten are under way");
    let card = wire::KeyCard::decode(town.cards[&agency(CPI)].card.clone()).expect("a card");
    let order = CardOrder { store_epoch: card.store_epoch, counter: card.counter + 1 };
    let newer = keycard::issue(&agency(CPI), card.ek, order, 1, town.now, &town.office(CPI).key);
    let newer = keycard::verify(newer, &town.directory, town.now).expect("it holds");
    town.happens(&agency(CAV), Event::Released(Effect::UseCard(newer)));
    town.settle();
    assert_eq!(refused(&town), 0, "and eight are under way still");
    town.release(CPI);
    (0..5).for_each(|_| town.later(RECEIPT_MAX));
    assert_eq!((received(&town, CPI).len(), refused(&town)), (10, 0));
}
