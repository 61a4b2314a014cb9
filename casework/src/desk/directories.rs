//! The directory as this office holds it: a newer one is installed, a Confirm says that somebody still looks after it, and
//! another document of the installed version, signed by enough admins, is an alarm that stops all sealing until a later one heals
//! it (D-07, D-15).
//!
//! Not here: verifying (workers), what a letter may still do under it (`transport`), the extension of one that is over.

use std::sync::Arc;

use raccordo_proto::directory::confirm::{Confirmed, looked_after_until};
use raccordo_proto::ids::{AgencyId, Digest, LetterId};
use raccordo_proto::sign::Signer;
use raccordo_proto::wire::{SignedConfirm, SignedDirectory};
use raccordo_proto::{Code, Directory, Timestamp};
use rand_core::CryptoRng;

use super::transport::{block, unblock};
use super::{Desk, Pen, is_directorys};
use crate::outbox::Delivery;
use crate::record::{Change, Record};
use crate::step::{Effect, Step};
use crate::wire::{DirectoryConfirmed, DirectoryInstalled, DirectoryRivalled};

/// What is known of the installed directory beside the document.
#[derive(Default, PartialEq)]
pub(super) struct Standing {
    /// What was installed before it.
    before: Option<Arc<Directory>>,
    confirmed: Option<Confirmed>,
    rival: Option<Timestamp>,
}

impl Standing {
    /// Of a document that takes the place of this one.
    pub(super) fn after(before: Option<Arc<Directory>>) -> Self {
        Self { before, ..Self::default() }
    }

    pub(super) fn confirm(&mut self, confirmed: &DirectoryConfirmed) {
        self.confirmed = confirmed.confirm.as_ref().and_then(Confirmed::trusted_before).or(self.confirmed.take());
    }

    pub(super) fn rivalled(&mut self, rivalled: &DirectoryRivalled) {
        self.rival = Some(Timestamp::from_millis(rivalled.at));
    }
}

impl Desk {
    /// Until when somebody looks after the installed directory: past it, each new segnalazione asks once more.
    pub fn directory_looked_after_until(&self) -> Option<Timestamp> {
        let directory = self.directory.as_deref()?;
        Some(looked_after_until(directory, self.standing.confirmed.as_ref()))
    }

    /// The directory that was installed before the one that is: what has changed is told to whoever works here.
    pub fn directory_before(&self) -> Option<&Arc<Directory>> {
        self.standing.before.as_ref()
    }

    /// When another document of the installed version was seen that enough admins have signed: an alarm, and nothing is sealed.
    pub fn directory_rival_seen(&self) -> Option<Timestamp> {
        self.standing.rival
    }

    /// A verified directory that is newer: installed, what an older one had blocked is looked at again, and what waits for an office
    /// that is out now is blocked.
    pub(super) fn directory_offered(&self, directory: Arc<Directory>, pen: &mut Pen<'_, impl Signer, impl CryptoRng>) -> Step {
        if self.directory.as_ref().is_some_and(|mine| mine.version() >= directory.version()) {
            return Step::default();
        }
        let installed = DirectoryInstalled { document: Some(directory.document().clone()) };
        let mut known = self.known.clone();
        Arc::make_mut(&mut known).learn(&directory);
        let installed = Step::new(
            vec![Record(Change::DirectoryInstalled(installed))],
            vec![Effect::DirectoryInstalled(directory.clone(), known)],
        );
        let lifted = self.lifted(&directory, pen.now).into_iter().fold(installed, |step, (letter, recipient, needs_a_yes)| {
            let step = step.and(unblock(letter, &recipient));
            if needs_a_yes { step.and(block(letter, recipient, Code::KeyChanged, pen.now)) } else { step }
        });
        lifted.and(self.block_changed(&directory, pen.now))
    }

    /// A verified Confirm: kept when it is of the installed directory, and says so for longer than what is known.
    pub(super) fn directory_confirmed(&self, confirmed: &Confirmed) -> Step {
        let is_ours = self.directory.as_ref().is_some_and(|mine| mine.head_hash() == confirmed.head_hash);
        if !is_ours || self.standing.confirmed.as_ref().is_some_and(|known| known.until >= confirmed.until) {
            return Step::default();
        }
        let confirm: SignedConfirm = confirmed.signed().clone();
        Step::new(vec![Record(Change::DirectoryConfirmed(DirectoryConfirmed { confirm: Some(confirm) }))], Vec::new())
    }

    /// Another head of the installed version, verified: kept once, as evidence.
    pub(super) fn directory_rivalled(&self, rival: SignedDirectory, version: u64, now: Timestamp) -> Step {
        let is_rival = |mine: &Arc<Directory>| mine.version() == version && mine.head_hash() != Digest::of(&rival.head);
        if self.standing.rival.is_some() || !self.directory.as_ref().is_some_and(is_rival) {
            return Step::default();
        }
        let rivalled = DirectoryRivalled { head: Some(rival), at: now.as_millis() };
        Step::new(vec![Record(Change::DirectoryRivalled(rivalled))], Vec::new())
    }

    /// What an older directory had blocked and this one lets go, and whether a person must say yes to the office's new key.
    fn lifted(&self, directory: &Directory, now: Timestamp) -> Vec<(LetterId, AgencyId, bool)> {
        let blocked = self.outbox.all().flat_map(|outgoing| {
            let recipients = outgoing
                .recipients
                .iter()
                .filter(|(_, delivery)| matches!(delivery, Delivery::Blocked { code, .. } if is_directorys(*code)));
            recipients.map(|(recipient, _)| (outgoing.letter.letter(), recipient))
        });
        blocked
            .filter(|(letter, recipient)| {
                let member = letter.equipe.as_ref().is_none_or(|id| directory.equipe(id).is_some_and(|e| e.has(recipient)));
                member && directory.active_agent(recipient, now).is_ok() && directory.may_write(&self.me, recipient)
            })
            .map(|(letter, recipient)| {
                let needs_a_yes = !self.trusts_key_of(recipient, directory) || self.asks_for_itself(letter, recipient);
                (letter.letter_id, recipient.clone(), needs_a_yes)
            })
            .collect()
    }
}
