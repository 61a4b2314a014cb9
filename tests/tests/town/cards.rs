//! Key cards as a courier hears of them: which cost a signature, and which are passed over. Not here: which are believed
//! (`casework/tests/parsers`, vectors), sealing anew to a new one (`journey`).

use bytes::Bytes;
use raccordo_casework::courier::{Event, Output};
use raccordo_casework::step::Effect;
use raccordo_casework::work::Job;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::limits::EK_BYTES;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{Ready, SignedKeyCard, ToAgent, to_agent};
use raccordo_tests::town::{Town, agency};

use crate::acts::{segnala, town};
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

/// An office that has enrolled anew counts from its own clock: its cards may have lower numbers than the lost key's.
#[test]
fn a_card_under_a_new_identity_key_takes_the_old_ones_place_whatever_its_number() {
    let (mut town, giulia, _) = town();
    segnala(&mut town, &giulia, 1);
    let card = town.cards[&agency(CPI)].clone();
    let mut anew = keycard::verify(card.clone(), &town.directory, town.now).expect("it holds");
    (anew.ik, anew.order) = (town.office(CAV).key.public_key(), CardOrder::default());
    assert!(!wants_it_verified(&mut town, Event::Released(Effect::UseCard(anew))));
    assert!(wants_it_verified(&mut town, ready(&card)), "it has another key's in its place");
}
