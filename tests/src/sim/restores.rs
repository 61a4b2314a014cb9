//! Backups of an office's disk, a disk that is lost, and what the reference model then knows: what nobody else has is gone
//! with the disk, everything else must come back (C15, C16). Not here: the real store's files.

use std::collections::BTreeSet;

use raccordo_casework::letter::SignedLetter;
use raccordo_casework::record::{Change, Record};
use raccordo_casework::restore;
use raccordo_casework::wire::LetterDelivered;
use raccordo_proto::ids::{AgencyId, LetterId, NetworkId};

use super::reference::Facts;
use super::{FAULTY, START, World};

impl World {
    /// The office makes a backup.
    pub(super) fn back_up(&mut self, id: &AgencyId) {
        let (network, now) = (self.network(), self.now);
        let office = self.office(id);
        let clock = office.clock(now);
        office.backup = Some(restore::backup(&office.disk.records(), &network, id, clock, Vec::new()));
        self.fault("backup", id);
    }

    /// Its disk is lost, and its last backup is restored. One office in each world: what two have lost together may be
    /// nobody's any more.
    pub(super) fn lose_disk(&mut self, id: &AgencyId) {
        let nobody_yet = self.offices.values().all(|office| !office.is_restored);
        let Some(backup) = self.office(id).backup.take().filter(|_| nobody_yet && self.now > START.plus(FAULTY / 4)) else {
            return;
        };
        if self.office(id).up {
            self.crash(id, &["at-rest"]);
        }
        self.fault("restored", id);
        let (network, now) = (self.network(), self.now);
        let office = self.office(id);
        office.is_restored = true;
        let clock = office.clock(now);
        let records = restore::journal_of(&backup, &network, id, &[], clock).expect("its own backup").records;
        office.disk.replace(&records);
        self.forget(id, &records);
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
        let facts = self.model.facts(id);
        facts.lost = before.received.difference(&facts.received).copied().collect();
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
                Change::EpochBegun(begun) => (facts.epoch, facts.counter) = (begun.store_epoch, 0),
                Change::CardShown(shown) => facts.counter = shown.counter,
                // A peer's older card may be shown to it again: it meets no key, and nothing is lost by it.
                Change::CardSeen(seen) => facts.sees(seen),
                Change::DirectoryInstalled(installed) => facts.install(installed),
                Change::LetterQueued(queued) => drop(own.insert(Facts::id_of(&queued.letter))),
                Change::LetterReceived(received) => drop(facts.received.insert(Facts::id_of(&received.letter))),
                Change::LetterDelivered(delivered) if is_shown(delivered) => facts.delivers(delivered),
                Change::LetterReturned(returned) => returned.evidence.iter().for_each(|evidence| facts.delivers(evidence)),
                _ => {}
            }
        }
        own
    }
}
