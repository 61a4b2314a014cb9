//! Backups of an office's disk, a disk that is lost, and what the reference model then knows: what nobody else has is gone
//! with the disk, everything else must come back (C15, C16). Not here: the real store's files.

use std::collections::BTreeSet;

use raccordo_casework::letter::SignedLetter;
use raccordo_casework::record::{Change, Record};
use raccordo_casework::restore;
use raccordo_casework::wire::{Backup, LetterDelivered};
use raccordo_proto::ids::{AgencyId, LetterId, NetworkId};

use super::reference::Facts;
use super::sabotage::Sabotage;
use super::{FAULTY, Happening, START, World};

impl World {
    /// The office makes a backup.
    pub(super) fn back_up(&mut self, id: &AgencyId) {
        let (network, now) = (self.network(), self.now);
        let office = self.office(id);
        if !office.up {
            return;
        }
        let clock = office.clock(now);
        office.backup = Some(restore::backup(&office.disk.records(), &network, id, clock, Vec::new()));
        self.fault("backup", id);
        self.exports_tombstones(id);
        if self.below(3) == 0 {
            // What is erased after a backup is what its restore must not bring back.
            let wait = self.between(5_000, 120_000);
            self.after(wait, Happening::Erasure(id.clone()));
        }
    }

    /// Its disk is lost, and its last backup is restored; or its key is lost too, and it enrols anew. One office in each
    /// world: what two have lost together may be nobody's any more.
    pub(super) fn lose_disk(&mut self, id: &AgencyId) {
        let nobody_yet = self.offices.values().all(|office| !office.is_restored);
        if !nobody_yet || self.office(id).robbed || self.now <= START.plus(FAULTY / 4) || self.is_second_day() {
            return;
        }
        match (self.office(id).backup.take(), self.below(5)) {
            (Some(backup), 0..=2) => self.restore(id, &backup),
            (Some(backup), _) if self.enrols_anew(id) => {
                self.crash_if_up(id);
                let records = self.records_of(id, &backup);
                self.loses(id, &records);
            }
            (None, 0) if self.enrols_anew(id) => {
                self.crash_if_up(id);
                self.model.begins_empty = true;
                self.loses(id, &[]);
            }
            _ => {}
        }
    }

    fn restore(&mut self, id: &AgencyId, backup: &Backup) {
        self.crash_if_up(id);
        self.fault("restored", id);
        let records = self.records_of(id, backup);
        self.loses(id, &records);
    }

    fn crash_if_up(&mut self, id: &AgencyId) {
        if self.office(id).up {
            self.crash(id, &["at-rest"]);
        }
    }

    fn records_of(&mut self, id: &AgencyId, backup: &Backup) -> Vec<Record> {
        let (network, now, sabotage) = (self.network(), self.now, self.sabotage);
        let office = self.office(id);
        let clock = office.clock(now);
        let beside = office.stones.clone().filter(|_| sabotage != Some(Sabotage::TombstonesIgnored));
        restore::journal_of(backup, &network, id, beside.as_slice(), clock).expect("its own backup").records
    }

    fn loses(&mut self, id: &AgencyId, records: &[Record]) {
        let office = self.office(id);
        office.is_restored = true;
        office.disk.replace(records);
        office.replayed = office.disk.replay(id, None);
        self.forget(id, records);
    }

    fn network(&self) -> NetworkId {
        self.directory.network().clone()
    }

    /// What the model knew of the office is what its disk holds now. Letters of its own that this disk lacks live on where
    /// somebody has them; who does not have them will not get them.
    fn forget(&mut self, id: &AgencyId, records: &[Record]) {
        let before = core::mem::take(self.model.facts(id));
        let own = self.relearn(id, records);
        let lost: Vec<_> = self
            .model
            .letters
            .values()
            .filter(|letter| letter.letter().sender == *id && !own.contains(&letter.letter().letter_id))
            .cloned()
            .collect();
        if !lost.is_empty() {
            self.counts.add("crash", "C16");
        }
        let gone: Vec<(LetterId, AgencyId)> = self.model.facts(id).delivered.iter().cloned().collect();
        let gone =
            gone.into_iter().filter(|(letter, _)| self.model.case_of(*letter).is_some_and(|c| before.exported.contains(&c)));
        let gone: BTreeSet<_> = gone.collect();
        let facts = self.model.facts(id);
        // That a letter of an erased case was delivered names no case, and stays in a backup: it is of no letter any more.
        facts.delivered.retain(|delivered| !gone.contains(delivered));
        // What nobody was told is erased may come back with the backup.
        if records.is_empty() {
            facts.once_erased = before.erased;
        } else {
            (facts.erased, facts.exported) = (before.exported.clone(), before.exported);
        }
        facts.lost = before.received.union(&before.lost).filter(|letter| !facts.received.contains(letter)).copied().collect();
        if !facts.lost.is_empty() {
            self.counts.add("crash", "C15");
        }
        for letter in &lost {
            self.lose(letter);
        }
        let gone: BTreeSet<LetterId> = lost.iter().map(|letter| letter.letter().letter_id).collect();
        self.model.deeds.retain(|_, letter| !gone.contains(letter));
        for deed in &mut self.deeds {
            deed.forget(&gone);
        }
    }

    fn lose(&mut self, letter: &SignedLetter) {
        let facts = letter.letter();
        for recipient in &facts.recipients {
            if !self.model.facts(recipient).received.contains(&facts.letter_id) {
                self.model.lost.insert((facts.letter_id, recipient.clone()));
            }
        }
    }

    /// Gives the letters of the office's own that are in these records.
    fn relearn(&mut self, id: &AgencyId, records: &[Record]) -> BTreeSet<LetterId> {
        let mut own = BTreeSet::new();
        let transport: BTreeSet<LetterId> = self.model.transport.keys().copied().collect();
        let is_shown =
            |delivered: &LetterDelivered| !LetterId::parse(&delivered.letter_id).is_ok_and(|id| transport.contains(&id));
        let facts = self.model.facts(id);
        for Record(change) in records {
            match change {
                Change::StoreRestored(_) => self.counts.add("record", "StoreRestored"),
                Change::EpochBegun(begun) => (facts.epoch, facts.counter) = (begun.store_epoch, 0),
                Change::CardShown(shown) => facts.counter = shown.counter,
                // A peer's older card may be shown to it again: it meets no key, and nothing is lost by it.
                Change::CardSeen(seen) => facts.sees(seen),
                Change::DirectoryInstalled(installed) => facts.install(installed),
                Change::LetterQueued(queued) => drop(own.insert(Facts::id_of(&queued.letter))),
                Change::LetterReceived(received) => drop(facts.received.insert(Facts::id_of(&received.letter))),
                Change::LetterDelivered(delivered) if is_shown(delivered) => facts.delivers(delivered),
                Change::LetterForked(forked) => {
                    let letter = SignedLetter::trusted_before(&forked.letter, &forked.signature).expect("a desk verified it");
                    facts.forks(letter.letter());
                }
                Change::LetterReturned(returned) => returned.evidence.iter().for_each(|evidence| facts.delivers(evidence)),
                _ => {}
            }
        }
        own
    }
}
