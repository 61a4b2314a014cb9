//! Cases that a referente erases, and what the model then knows: nothing of them is ever seen at that office again, whatever
//! comes, whatever backup is restored. Not here: the restore (`restores`).

use std::collections::BTreeSet;

use raccordo_casework::restore;
use raccordo_casework::wire::Kind;
use raccordo_proto::ids::{AgencyId, CaseId, LetterId};

use super::World;
use super::people::{REFERENTE, Want};

impl World {
    /// Somebody comes to erase a case of this office.
    pub(super) fn erasure_comes(&mut self, id: &AgencyId) {
        if let Some(case) = self.something_to_erase(id).filter(|_| !self.calm) {
            let deed = self.wants(id.clone(), REFERENTE, Want::Erase(case));
            self.ask(deed);
        }
    }

    /// One that has arrived, or one of its own, once somebody knows that it is there.
    fn something_to_erase(&mut self, id: &AgencyId) -> Option<CaseId> {
        let own =
            self.model.acknowledged.iter().filter_map(|letter| self.model.letters.get(letter)).map(|letter| letter.letter());
        let own = own.filter(|letter| letter.sender == *id && letter.payload.kind() == Kind::Segnalazione);
        let arrived = self.model.arrived.iter().filter(|(at, _)| at == id).map(|(_, case)| *case);
        let cases: BTreeSet<CaseId> = arrived.chain(own.map(|letter| letter.case_id)).collect();
        let gone = self.model.facts(id).erased.clone();
        let cases: Vec<CaseId> = cases.difference(&gone).copied().collect();
        self.pick(&cases)
    }

    /// A desk has agreed to something whose record will not say what was meant.
    pub(super) fn means(&mut self, id: &AgencyId, ticket: Option<u64>) {
        let deed = ticket.and_then(|ticket| usize::try_from(ticket).ok());
        let Some(at) = deed.filter(|at| *at < self.deeds.len()) else { return };
        if matches!(self.deeds[at].want, Want::Erase(_) | Want::Accept { .. }) {
            self.office(id).meant.push_back(at);
        }
    }

    /// What the next such record means.
    pub(super) fn meant(&mut self, id: &AgencyId) -> Option<Want> {
        let at = self.office(id).meant.pop_front()?;
        Some(self.deeds[at].want.clone())
    }

    /// An erasure is durable.
    pub(super) fn learn_erasure(&mut self, id: &AgencyId) {
        let Some(Want::Erase(case)) = self.meant(id) else {
            return self.check("erased", false, || format!("{id} has erased a case that nobody meant"));
        };
        let of_it: BTreeSet<LetterId> =
            self.model.letters.values().map(|l| l.letter()).filter(|l| l.case_id == case).map(|l| l.letter_id).collect();
        let forged = self.model.forged.iter().filter(|(_, of)| **of == case).map(|(letter, _)| *letter);
        let of_it: BTreeSet<LetterId> = of_it.into_iter().chain(forged).collect();
        self.model.arrived.retain(|(at, of)| (at, *of) != (id, case));
        self.model.to_disclose.retain(|(at, of, _)| (at, *of) != (id, case));
        let facts = self.model.facts(id);
        facts.erased.insert(case);
        facts.lost.extend(facts.received.intersection(&of_it).copied());
        facts.received.retain(|letter| !of_it.contains(letter));
        facts.delivered.retain(|(letter, _)| !of_it.contains(letter));
        // Whoever comes back for one of its letters is told that there is no such case.
        let Self { deeds, model, .. } = self;
        model.deeds.retain(|deed, letter| deeds[*deed].office != *id || !of_it.contains(letter));
        deeds.iter_mut().filter(|deed| deed.office == *id).for_each(|deed| deed.forget(&of_it));
    }

    /// Beside its backups lies what was erased, written before anybody is told.
    pub(super) fn exports_tombstones(&mut self, id: &AgencyId) {
        let records = self.office(id).disk.records();
        let now = self.now;
        self.office(id).stones = Some(restore::tombstones(&records, id, now));
        let facts = self.model.facts(id);
        facts.exported = facts.erased.clone();
    }

    /// Nothing erased is here.
    pub(super) fn check_erased(&mut self, id: &AgencyId) {
        let erased = self.model.facts(id).erased.clone();
        if erased.is_empty() {
            return;
        }
        let desk = &self.office(id).desk;
        let here: Vec<LetterId> = desk.received().into_iter().map(|(letter, ..)| letter).collect();
        let sent = desk.delivered().into_iter().map(|(letter, _)| letter);
        let here: BTreeSet<LetterId> = here.into_iter().chain(sent).chain(desk.waiting().into_iter().map(|(l, _)| l)).collect();
        let back = here.iter().filter_map(|letter| self.model.case_of(*letter)).filter(|case| erased.contains(case)).count();
        self.check("erased", back == 0, || format!("{id} shows {back} letters of erased cases"));
    }
}
