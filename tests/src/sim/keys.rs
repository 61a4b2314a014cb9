//! An office that has lost its key and enrols again under another one, and who says yes to it: until then nothing reaches the
//! new key, and nothing that tells who a woman is without a yes for her case (C15, B-05). Not here: the disk that it loses
//! (`restores`).

use raccordo_casework::letter::{Payload, SignedLetter};
use raccordo_casework::seal::Address;
use raccordo_casework::wire::{KeyAccepted, LetterBlocked};
use raccordo_proto::ids::{AgencyId, CaseId, LetterId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::State;
use raccordo_proto::{Code, Timestamp};

use core::time::Duration;

use super::checks::handed_back;
use super::people::{REFERENTE, Want};
use super::{Happening, World, cast, draw};

/// How often somebody looks whether there is a key to be accepted.
const LOOKS_AGAIN_MILLIS: u64 = 20_000;

impl World {
    /// Whether the office may enrol anew; then the admins have signed its new key, and some of the others will say yes.
    pub(super) fn enrols_anew(&mut self, id: &AgencyId) -> bool {
        if self.state(id) != Some(State::Active) {
            return false;
        }
        self.fault("enrolled-anew", id);
        let key = draw(&mut self.rng);
        if let Some(office) = self.roster.office_mut(id) {
            office.machines[0].ik = key.public_key();
        }
        self.office(id).key = key;
        self.model.enrols_anew(id);
        for other in cast::offices().filter(|other| other != id).collect::<Vec<_>>() {
            if self.below(3) > 0 {
                let wait = self.between(20_000, 900_000);
                self.after(wait, Happening::Yes(other, id.clone()));
            }
        }
        self.publish(false);
        true
    }

    /// Who has not said yes may do so while the heads are told.
    pub(super) fn yes_on_the_next_day(&mut self, from: Timestamp) {
        let Some(id) = self.model.anew.clone() else { return };
        for other in cast::offices().filter(|other| *other != id).collect::<Vec<_>>() {
            if !self.model.yes.contains_key(&(other.clone(), id.clone())) && self.below(2) == 0 {
                let wait = Duration::from_millis(self.below(600_000));
                self.at(from.plus(wait), Happening::Yes(other, id.clone()));
            }
        }
    }

    /// A referente looks whether this office's key is to be accepted; she reads its words to them over the phone.
    pub(super) fn looks_at_key(&mut self, id: &AgencyId, of: &AgencyId) {
        let shown = self.office(id).desk.keys_to_accept().into_iter().find(|(agency, _)| agency == of);
        let Some((_, ik)) = shown.filter(|_| self.offices[id].up) else {
            if !self.calm {
                self.after(LOOKS_AGAIN_MILLIS, Happening::Yes(id.clone(), of.clone()));
            }
            return;
        };
        let same = ik == self.office(of).key.public_key();
        self.check("yes", same, || format!("{id} is shown another key than that of {of}"));
        let accept = |case| Want::Accept { office: of.clone(), ik: *ik.as_bytes(), case };
        let deed = self.wants(id.clone(), REFERENTE, accept(None));
        self.ask(deed);
        for case in self.model.disclosed(id, of) {
            if self.below(2) == 0 {
                let deed = self.wants(id.clone(), REFERENTE, accept(Some(case)));
                let wait = self.between(10_000, 90_000);
                self.after(wait, Happening::Comes(deed));
            }
        }
    }

    /// A yes is durable.
    pub(super) fn learn_yes(&mut self, id: &AgencyId, accepted: &KeyAccepted) {
        let Some(Want::Accept { office, ik, case }) = self.meant(id) else {
            return self.check("yes", false, || format!("{id} has accepted a key that nobody meant"));
        };
        let named = office.as_str() == accepted.agency && ik[..] == accepted.ik[..];
        self.check("yes", named, || format!("{id} has accepted another key than that of {office}"));
        let pair = (id.clone(), office.clone());
        if !self.model.yes.contains_key(&pair) {
            let held = self.model.riservate(id, &office).map(|letter| letter.letter().letter_id).collect::<Vec<_>>();
            self.model.held.extend(held);
        }
        self.model.yes.insert(pair, ik);
        if let Some(case) = case {
            self.model.yes_for_case.insert((id.clone(), office, case));
        }
    }

    /// A directory lifts what had blocked a parte riservata, and she is asked (again) whether it may go to the new
    /// key.
    pub(super) fn learn_question(&mut self, id: &AgencyId, blocked: &LetterBlocked) {
        let (Ok(letter), Ok(to)) = (LetterId::parse(&blocked.letter_id), AgencyId::parse(&blocked.recipient)) else { return };
        let case = self.model.case_of(letter).or_else(|| Some(self.model.transport.get(&letter)?.letter().case_id));
        if let Some(case) = case.filter(|_| blocked.code() == Code::KeyChanged) {
            self.model.held.insert(letter);
            self.model.yes_for_case.remove(&(id.clone(), to, case));
        }
    }

    /// Something is sealed: to the key that this office has known from the first, or the one that somebody here said yes to last.
    pub(super) fn check_key(&mut self, id: &AgencyId, letter: &SignedLetter, address: &Address) {
        let (to, ik) = (&address.card.agency, address.card.ik);
        let yes = self.model.yes.get(&(id.clone(), to.clone()));
        if yes.is_none() && self.model.first_keys.get(to) == Some(&ik) {
            return;
        }
        let said = yes == Some(ik.as_bytes());
        self.check("yes", said, || format!("{id} seals to a new key of {to} that nobody has said yes to"));
        let inner = handed_back(letter);
        let told = inner.as_ref().unwrap_or(letter).letter();
        let held = inner.is_some() || self.model.held.contains(&told.letter_id);
        if held && told.sender != *to && matches!(told.payload, Payload::ParteRiservata(_)) {
            let case: CaseId = told.case_id;
            let said = self.model.yes_for_case.contains(&(id.clone(), to.clone(), case));
            self.check("yes", said, || format!("{id} seals who a woman is to a new key of {to} without a yes for her"));
        }
    }
}
