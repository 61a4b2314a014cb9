//! Which identity key of each office this one trusts with what waits for it. The first that is seen is taken; another one
//! means that the office enrolled anew, and only a person here can know whether it is still the same office (C15).
//!
//! Not here: whose signatures count (the directory's to say).

use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::Directory;
use raccordo_proto::directory::AgencyEntry;
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::sign::{PublicKey, Signer};
use raccordo_proto::{Code, Timestamp};
use rand_core::CryptoRng;

use super::commands::Asked;
use super::{Desk, only, transport};
use crate::answer::Answer;
use crate::letter::{Letter, Payload, SignedLetter};
use crate::outbox::Delivery;
use crate::record::{Change, Record};
use crate::refusal::Rule;
use crate::step::{Effect, Step};
use crate::wire::KeyAccepted;

/// Per office, the key that counts here.
#[derive(Default, PartialEq)]
pub(super) struct Identities {
    accepted: BTreeMap<AgencyId, [u8; 32]>,
    /// Offices whose key was changed with a person's yes: their parti riservate are asked about one by one.
    rekeyed: BTreeSet<AgencyId>,
}

impl Identities {
    /// The first key of an office is taken as it comes.
    pub(super) fn learn(&mut self, directory: &Directory) {
        for (agency, agent) in directory.agencies().filter_map(|agency| Some((&agency.id, agency.active_agent()?))) {
            self.accepted.entry(agency.clone()).or_insert(*agent.ik.as_bytes());
        }
    }

    pub(super) fn accept(&mut self, accepted: &KeyAccepted) {
        if let (Ok(agency), Ok(ik)) = (AgencyId::parse(&accepted.agency), <[u8; 32]>::try_from(&accepted.ik[..]))
            && self.accepted.insert(agency.clone(), ik) != Some(ik)
        {
            self.rekeyed.insert(agency);
        }
    }

    /// An office's key under this directory, if nobody here has said yes to it.
    fn changed(&self, agency: &AgencyEntry) -> Option<PublicKey> {
        let ik = agency.active_agent()?.ik;
        self.accepted.get(&agency.id).is_some_and(|known| known != ik.as_bytes()).then_some(ik)
    }
}

impl Desk {
    /// Offices that wait for a person's yes, each with its new key.
    pub fn keys_to_accept(&self) -> Vec<(AgencyId, PublicKey)> {
        let directory = self.directory.iter().flat_map(|directory| directory.agencies());
        let changed = directory.filter(|agency| agency.id != self.me);
        changed.filter_map(|agency| Some((agency.id.clone(), self.identities.changed(agency)?))).collect()
    }

    /// B-05: whether an office's key is the one that this office knows.
    pub(super) fn trusts_key_of(&self, office: &AgencyId, directory: &Directory) -> bool {
        directory.agency(office).is_some_and(|agency| self.identities.changed(agency).is_none())
    }

    /// What waits for offices that a new directory has put out is blocked until a later one lets them in, and what waits for
    /// offices that have another key in it until a person says yes.
    pub(super) fn block_changed(&self, directory: &Directory, now: Timestamp) -> Step {
        let fault = |office: &AgencyId| {
            directory.agency(office)?;
            let out = directory.active_agent(office, now).err().filter(|code| code.is_out());
            out.or((!self.trusts_key_of(office, directory)).then_some(Code::KeyChanged))
        };
        let waiting = self.outbox.waiting();
        let pairs = waiting.flat_map(|(letter, recipients)| recipients.into_iter().map(move |office| (letter, office)));
        pairs.fold(Step::default(), |step, (letter, office)| match fault(&office) {
            Some(code) => step.and(transport::block(letter, office, code, now)),
            None => step,
        })
    }

    /// Whether a letter that was held back from this office, or is handed back to it, needs a yes of its own.
    pub(super) fn asks_for_itself(&self, letter: &Letter, office: &AgencyId) -> bool {
        is_riservata(letter) && self.identities.rekeyed.contains(office)
    }

    /// A referente says yes, by name, to the key that she was shown.
    pub(super) fn accept_key(
        &self,
        asked: Asked<'_, impl Signer, impl CryptoRng>,
        office: &str,
        ik: [u8; 32],
        codice: Option<&str>,
    ) -> Result<Step, Rule> {
        if !asked.operator.is_referente() {
            return Err(Rule::NotReferente);
        }
        let unknown = || Rule::UnknownOffice { ufficio: office.to_owned() };
        let id = AgencyId::parse(office).map_err(|_| unknown())?;
        let current = self.known_directory()?.agency(&id).and_then(AgencyEntry::active_agent).ok_or_else(unknown)?;
        if *current.ik.as_bytes() != ik {
            return Err(Rule::KeyDiffers { ufficio: office.to_owned() });
        }
        let case = codice.map(|codice| self.find(codice)).transpose()?.map(|case| case.id);
        let by_key = |delivery: &Delivery| matches!(delivery, Delivery::Blocked { code: Code::KeyChanged, .. });
        let blocked: Vec<LetterId> = self.sent_to(&id, by_key, |letter| match case {
            Some(case) => is_riservata(letter) && letter.case_id == case,
            None => !is_riservata(letter),
        });
        let is_new = !self.trusts_key_of(&id, self.known_directory()?);
        if blocked.is_empty() && !is_new {
            return Err(Rule::NothingToAccept { ufficio: office.to_owned() });
        }
        let accepted = KeyAccepted { agency: id.to_string(), ik: ik.to_vec(), operator: asked.operator.pseudonym.clone() };
        let mut accepted = Step::new(vec![Record(Change::KeyAccepted(accepted))], Vec::new());
        if is_new {
            // Queued since the key changed, and the office has been away: nothing had blocked it yet.
            let queued = |delivery: &Delivery| matches!(delivery, Delivery::Queued);
            let asks = |letter: &Letter| is_riservata(letter) && case != Some(letter.case_id);
            for letter in self.sent_to(&id, queued, asks) {
                accepted = accepted.and(transport::block(letter, id.clone(), Code::KeyChanged, asked.pen.now));
            }
        }
        let released = blocked.into_iter().fold(accepted, |step, letter| step.and(transport::unblock(letter, &id)));
        let answer = Answer::KeyAccepted { office: id };
        Ok(released.and(only(Effect::Answer { ticket: asked.ticket, answer })))
    }

    /// Letters for an office, by where they are and what they are.
    fn sent_to(&self, office: &AgencyId, at: impl Fn(&Delivery) -> bool, which: impl Fn(&Letter) -> bool) -> Vec<LetterId> {
        let there = self.outbox.all().filter(|outgoing| outgoing.recipients.get(office).is_some_and(&at));
        there.map(|outgoing| outgoing.letter.letter()).filter(|letter| which(letter)).map(|l| l.letter_id).collect()
    }
}

/// A parte riservata, or one handed back.
fn is_riservata(letter: &Letter) -> bool {
    match &letter.payload {
        Payload::ParteRiservata(_) => true,
        Payload::Returned(returned) => SignedLetter::trusted_before(&returned.letter, &returned.signature)
            .is_ok_and(|original| is_riservata(original.letter())),
        Payload::Segnalazione(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => false,
        Payload::Resync(_) | Payload::Heads(_) => false,
    }
}
