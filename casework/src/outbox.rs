//! Letters of our own and where each is, per recipient: a lattice that never goes back (invariant 15). «Non consegnata» can
//! still be overtaken by «consegnata».
//!
//! Not here: what is on its way at this instant (`courier`: volatile).

use std::collections::BTreeMap;
use std::sync::Arc;

use raccordo_proto::ids::{AgencyId, CaseId, LetterId};
use raccordo_proto::{Code, Timestamp};

use crate::letter::SignedLetter;
use crate::wire::LetterDelivered;

/// Where a letter is, for one recipient.
#[derive(Clone, PartialEq)]
pub enum Delivery {
    /// In coda.
    Queued,
    /// Non consegnata: a person must look.
    Blocked {
        /// Why.
        code: Code,
        /// Since when.
        at: Timestamp,
    },
    /// Consegnata: the receipt and its key are kept as evidence.
    Delivered(Box<LetterDelivered>),
}

/// One letter of our own.
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    /// The letter.
    pub letter: Arc<SignedLetter>,
    /// Per recipient.
    pub recipients: BTreeMap<AgencyId, Delivery>,
}

/// Everything sent from this office: letters of cases for ever, those of transport until they have arrived.
#[derive(Clone, Default, PartialEq)]
pub struct Outbox {
    letters: BTreeMap<LetterId, Outgoing>,
    transport: BTreeMap<LetterId, Outgoing>,
}

impl Outbox {
    /// A letter of a case.
    pub fn get(&self, letter: LetterId) -> Option<&Outgoing> {
        self.letters.get(&letter)
    }

    /// Where a letter is for one recipient.
    pub fn delivery(&self, letter: LetterId, recipient: &AgencyId) -> Option<(&Arc<SignedLetter>, &Delivery)> {
        let outgoing = self.letters.get(&letter).or_else(|| self.transport.get(&letter))?;
        Some((&outgoing.letter, outgoing.recipients.get(recipient)?))
    }

    /// Letters of cases.
    pub fn letters(&self) -> impl Iterator<Item = &Outgoing> {
        self.letters.values()
    }

    /// Letters of transport that have not arrived.
    pub fn transport(&self) -> impl Iterator<Item = &Outgoing> {
        self.transport.values()
    }

    /// Both.
    pub fn all(&self) -> impl Iterator<Item = &Outgoing> {
        self.letters().chain(self.transport())
    }

    /// Letters still waiting, with the recipients they wait for.
    pub fn waiting(&self) -> impl Iterator<Item = (LetterId, Vec<AgencyId>)> + '_ {
        self.all().filter_map(|outgoing| {
            let waiting = outgoing.recipients.iter().filter(|(_, delivery)| matches!(delivery, Delivery::Queued));
            let recipients: Vec<_> = waiting.map(|(recipient, _)| recipient.clone()).collect();
            (!recipients.is_empty()).then_some((outgoing.letter.letter().letter_id, recipients))
        })
    }

    /// Letters of cases and the recipients that have them.
    pub fn delivered(&self) -> impl Iterator<Item = (LetterId, AgencyId)> + '_ {
        self.letters.iter().flat_map(|(id, outgoing)| {
            let delivered = outgoing.recipients.iter().filter(|(_, delivery)| matches!(delivery, Delivery::Delivered(_)));
            delivered.map(|(recipient, _)| (*id, recipient.clone()))
        })
    }

    pub(crate) fn queue(&mut self, letter: Arc<SignedLetter>) {
        let facts = letter.letter();
        let recipients = facts.recipients.iter().map(|recipient| (recipient.clone(), Delivery::Queued)).collect();
        let of = if facts.payload.is_transport() { &mut self.transport } else { &mut self.letters };
        of.insert(facts.letter_id, Outgoing { letter: letter.clone(), recipients });
    }

    /// A letter of transport goes to one office and is nobody's evidence: once it has arrived it is no more.
    pub(crate) fn deliver(&mut self, letter: LetterId, recipient: &AgencyId, delivered: LetterDelivered) {
        if self.transport.get(&letter).is_some_and(|outgoing| outgoing.recipients.contains_key(recipient)) {
            self.transport.remove(&letter);
        }
        self.change(letter, recipient, |now| {
            (!matches!(now, Delivery::Delivered(_))).then(|| Delivery::Delivered(delivered.into()))
        });
    }

    /// An erased case's letters.
    pub(crate) fn forget(&mut self, case: CaseId) {
        self.letters.retain(|_, outgoing| outgoing.letter.letter().case_id != case);
        self.transport.retain(|_, outgoing| outgoing.letter.letter().case_id != case);
    }

    pub(crate) fn block(&mut self, letter: LetterId, recipient: &AgencyId, code: Code, at: Timestamp) {
        self.change(letter, recipient, |now| matches!(now, Delivery::Queued).then_some(Delivery::Blocked { code, at }));
    }

    pub(crate) fn unblock(&mut self, letter: LetterId, recipient: &AgencyId) {
        self.change(letter, recipient, |now| matches!(now, Delivery::Blocked { .. }).then_some(Delivery::Queued));
    }

    fn change(&mut self, letter: LetterId, recipient: &AgencyId, next: impl FnOnce(&Delivery) -> Option<Delivery>) {
        let outgoing = self.letters.get_mut(&letter).or_else(|| self.transport.get_mut(&letter));
        if let Some(entry) = outgoing.and_then(|outgoing| outgoing.recipients.get_mut(recipient))
            && let Some(next) = next(entry)
        {
            *entry = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;
    use raccordo_proto::ids::{Digest, ThreadId};

    use super::*;
    use crate::letter::{Letter, Payload};
    use crate::wire::Riscontro;

    fn agency(id: &str) -> AgencyId {
        AgencyId::parse(id).expect("a slug")
    }

    fn letter() -> Arc<SignedLetter> {
        let letter = Letter {
            letter_id: LetterId::new([1; 16]),
            thread: ThreadId::new([2; 16]),
            case_id: CaseId::new([3; 16]),
            sender: agency("cav-ginestra"),
            recipients: vec![agency("cpi-rivabella"), agency("sil-rivabella")],
            equipe: None,
            directory_version: 1,
            head_hash: Digest::of(b"a head"),
            created: Timestamp::default(),
            store_epoch: 1,
            seq: 1,
            previous: None,
            payload: Payload::Riscontro(Riscontro::default()),
            operator: "op-3f9a".to_owned(),
            in_reply_to: None,
        };
        Arc::new(SignedLetter::write(letter, &SigningKey::from_bytes(&[1; 32])))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_delivered_letter_stays_delivered_with_its_first_receipt(changes in prop::collection::vec((0u8..3, 0u8..3), 0..24)) {
            let mut outbox = Outbox::default();
            let id = LetterId::new([1; 16]);
            outbox.queue(letter());
            let offices = ["cpi-rivabella", "sil-rivabella", "cav-ginestra"].map(agency);
            let mut receipts: BTreeMap<AgencyId, usize> = BTreeMap::new();
            for (n, (change, office)) in changes.into_iter().enumerate() {
                let office = &offices[usize::from(office)];
                match change {
                    0 => outbox.block(id, office, Code::Malformed, Timestamp::default()),
                    1 => outbox.unblock(id, office),
                    _ => {
                        receipts.entry(office.clone()).or_insert(n);
                        outbox.deliver(id, office, LetterDelivered { receipt: vec![u8::try_from(n).expect("24")], ..Default::default() });
                    }
                }
                for office in &offices[..2] {
                    let (_, delivery) = outbox.delivery(id, office).expect("a recipient");
                    let first = match delivery {
                        Delivery::Delivered(delivered) => Some(usize::from(delivered.receipt[0])),
                        Delivery::Queued | Delivery::Blocked { .. } => None,
                    };
                    prop_assert_eq!(first, receipts.get(office).copied());
                    let waits = outbox.waiting().any(|(_, waiting)| waiting.contains(office));
                    prop_assert_eq!(waits, matches!(delivery, Delivery::Queued));
                }
                prop_assert!(outbox.delivery(id, &offices[2]).is_none(), "nobody becomes a recipient");
            }
        }
    }
}
