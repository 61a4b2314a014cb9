//! Letters arrive in any order, any number of times, in any number of envelopes, across restarts: the desk has each once.
//! Cards too: the highest counts, and no number of one's own is spent twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;
use raccordo_casework::desk::{Desk, Input};
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::record::{Change, MemoryJournal};
use raccordo_casework::step::{self, Effect};
use raccordo_proto::directory::keycard::{CardOrder, VerifiedCard};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{Agency, Agent, Body, Head, SignedDirectory, State};
use raccordo_proto::{Code, Directory};

use crate::{CASES, CAV, CPI, Counter, NETWORK, NOW, agency, cav, cpi, held, letter, opened, opening_key, sealed};

/// What the desk trusts already: two offices, the CAV under this key.
fn directory(version: u64, cav: &SigningKey) -> Arc<Directory> {
    let office = |id: &str, ik: [u8; 32]| Agency {
        id: id.to_owned(),
        state: State::Active.into(),
        agents: vec![Agent {
            id: "a1".to_owned(),
            ik: Bytes::copy_from_slice(&ik),
            state: State::Active.into(),
            until: u64::MAX,
            ..Default::default()
        }],
        ..Default::default()
    };
    let (cav, cpi) = (cav.public_key(), cpi().public_key());
    let agencies = vec![office(CAV, *cav.as_bytes()), office(CPI, *cpi.as_bytes())];
    let head = Head { spec: 1, network: NETWORK.to_owned(), version, ..Default::default() };
    let document = SignedDirectory {
        head: head.encode_to_vec().into(),
        signatures: Vec::new(),
        body: Body { agencies, ..Default::default() }.encode_to_vec().into(),
    };
    Arc::new(Directory::trusted_before(&document).expect("it reads"))
}

struct Office {
    desk: Desk,
    journal: MemoryJournal,
}

impl Office {
    fn new() -> Self {
        let mut office = Self { desk: Desk::new(agency(CPI)), journal: MemoryJournal::default() };
        office.ask(Input::Started);
        office.ask(Input::DirectoryOffered(directory(1, &cav())));
        office
    }

    /// The next directory names this key as the CAV's.
    fn learns(&mut self, ik: u8) {
        let version = self.desk.directory().map_or(0, |directory| directory.version()) + 1;
        self.ask(Input::DirectoryOffered(directory(version, &SigningKey::from_bytes(&[ik + 100; 32]))));
    }

    fn ask(&mut self, input: Input) -> Vec<Effect> {
        let step = self.desk.decide(input, NOW, &cpi(), &mut Counter(0)).ok().expect("no person asks");
        let pending = step.stage(&mut self.desk);
        step::commit(vec![pending], &mut self.journal).expect("memory does not fail")
    }

    /// The outcome that the office signs, and whether a watcher hears of it.
    fn takes(&mut self, envelope: Bytes) -> (Outcome, bool) {
        let opened = opened(envelope, &opening_key()).expect("an honest envelope");
        let effects = self.ask(Input::Arrived(Box::new(opened)));
        let signed = effects.iter().find_map(|effect| match effect {
            Effect::SendReceipt(receipt) => Some(receipt),
            _ => None,
        });
        let signed = signed.expect("every letter is receipted");
        let read = Receipt::verify(signed.receipt.clone(), &signed.signature, &agency(CPI), &cpi().public_key());
        let shown = effects.iter().any(|effect| matches!(effect, Effect::Arrived { .. }));
        (read.expect("its own").0.outcome, shown)
    }

    /// Whether a card of the CAV's, signed with this key, is used.
    fn sees(&mut self, ik: u8, order: CardOrder) -> bool {
        let card = VerifiedCard {
            agency: agency(CAV),
            ik: SigningKey::from_bytes(&[ik + 100; 32]).public_key(),
            key_id: opening_key().key_id(),
            ek: opening_key().ek().clone(),
            until: NOW,
            order,
            directory_version: 1,
        };
        self.ask(Input::CardSeen(card)).iter().any(|effect| matches!(effect, Effect::UseCard(_)))
    }

    /// The number of the next card of its own.
    fn shows(&mut self) -> CardOrder {
        let shown = self.ask(Input::CardWanted).into_iter().find_map(|effect| match effect {
            Effect::ShowCard(order) => Some(order),
            _ => None,
        });
        shown.expect("a card is shown")
    }

    fn restart(&mut self) {
        let mut desk = Desk::new(agency(CPI));
        self.journal.records().for_each(|record| desk.apply(&record));
        assert!(desk == self.desk, "replay(journal) == desk");
        self.desk = desk;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_letter_that_comes_many_times_is_had_once(arrivals in vec((0u8..4, any::<u8>(), any::<bool>()), 1..12)) {
        let mut office = Office::new();
        let mut known = BTreeSet::new();
        for (id, envelope, restart) in arrivals {
            let written = SignedLetter::write(letter(id, "Un testo."), &cav());
            let first = known.insert(id);
            let expected = if first { Outcome::Delivered } else { Outcome::Duplicate };
            prop_assert_eq!(office.takes(sealed(&written, &opening_key(), envelope)), (expected, first));
            if restart {
                office.restart();
            }
        }
        let received = office.journal.records().filter(|record| matches!(record.0, Change::LetterReceived(_))).count();
        prop_assert_eq!(received, known.len());
        held("a_letter_that_comes_many_times_is_had_once");
    }

    #[test]
    fn of_two_letters_with_one_id_the_first_stays(order in vec(any::<bool>(), 1..8), restart: bool) {
        let mut office = Office::new();
        for version in &order {
            let written = SignedLetter::write(letter(1, if *version { "Sì." } else { "No." }), &cav());
            let (outcome, shown) = office.takes(sealed(&written, &opening_key(), 1));
            let is_first = *version == order[0];
            prop_assert_eq!(matches!(outcome, Outcome::Delivered | Outcome::Duplicate), is_first);
            prop_assert!(is_first || outcome == Outcome::Refused(Code::Equivocation));
            prop_assert!(!shown || outcome == Outcome::Delivered);
            if restart {
                office.restart();
            }
        }
        prop_assert_eq!(office.desk.forks(), usize::from(order.contains(&!order[0])));
        held("of_two_letters_with_one_id_the_first_stays");
    }

    #[test]
    fn k_06_a_card_lower_than_the_highest_is_dropped(cards in vec((1u8..3, 0u64..3, 0u64..4, any::<bool>()), 1..12)) {
        let mut office = Office::new();
        let mut highest: BTreeMap<u8, CardOrder> = BTreeMap::new();
        for (ik, store_epoch, counter, restart) in cards {
            let order = CardOrder { store_epoch, counter };
            let before = highest.entry(ik).or_default(); // a new identity key starts anew
            office.learns(ik);
            prop_assert_eq!(office.sees(ik, order), order >= *before);
            prop_assert!(!office.sees(3 - ik, CardOrder { store_epoch: 9, counter: 9 }), "the other key is nobody's today");
            *before = order.max(*before);
            if restart {
                office.restart();
            }
        }
        held("k_06_a_card_lower_than_the_highest_is_dropped");
    }

    #[test]
    fn k_07_a_number_is_spent_before_its_card_is_shown(restarts in vec(any::<bool>(), 1..12)) {
        let mut office = Office::new();
        let mut last = CardOrder::default();
        for restart in restarts {
            let shown = office.shows();
            prop_assert!(shown > last && shown.counter >= NOW.as_millis() / 1000, "{:?} after {:?}", shown, last);
            last = shown;
            if restart {
                office.restart(); // on what is durable alone
            }
        }
        held("k_07_a_number_is_spent_before_its_card_is_shown");
    }
}
