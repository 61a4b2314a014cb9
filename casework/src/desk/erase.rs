//! Erasing a case: what the desk knows of it goes, its key goes, and tombstones stay. Not here: when a case may be erased,
//! and who is warned before.

use raccordo_proto::limits::TOMBSTONE_LIFE;
use raccordo_proto::sign::Signer;
use rand_core::CryptoRng;

use super::commands::{Asked, random};
use super::{Desk, Whose};
use crate::answer::Answer;
use crate::codice::Codice;
use crate::letter::Letter;
use crate::record::{Change, Record};
use crate::refusal::Rule;
use crate::step::{Effect, Step};
use crate::wire::CaseErased;

impl Desk {
    /// A referente's act. What still waited to be sent of the case is not sent.
    pub(super) fn erase_case(&self, asked: Asked<'_, impl Signer, impl CryptoRng>, codice: &str) -> Result<Step, Rule> {
        if !asked.operator.is_referente() {
            return Err(Rule::NotReferente);
        }
        let codice = Codice::parse(codice).map_err(|_| Rule::CodiceInesistente)?;
        // One that shows nothing, because its sender signed two of it, too.
        let case = *self.cases.range(codice.cases()).next().ok_or(Rule::CodiceInesistente)?.0;
        let letters = self.whose.iter().filter(|(_, whose)| whose.case == case).map(|(id, _)| *id);
        let until = asked.pen.now.plus(TOMBSTONE_LIFE);
        let erased = self.hashed_cases.carve(random(asked.pen.rng), case, letters, self.threads.of_case(case), until);
        let of_it = self.outbox.all().filter(|outgoing| outgoing.letter.letter().case_id == case);
        let mut effects: Vec<Effect> = of_it
            .flat_map(|outgoing| {
                let letter = outgoing.letter.letter().letter_id;
                outgoing.recipients.keys().map(move |office| Effect::Forgotten { letter, recipient: office.clone() })
            })
            .collect();
        effects.push(Effect::Answer { ticket: asked.ticket, answer: Answer::Erased { codice: Codice::of(case) } });
        Ok(Step::new(vec![Record(Change::CaseErased(erased))], effects).erasing(case))
    }

    /// B-06: whether a letter, its thread or its case was erased.
    pub(super) fn is_gone(&self, letter: &Letter) -> bool {
        let ids = [letter.letter_id.as_bytes(), letter.thread.as_bytes(), letter.case_id.as_bytes()];
        ids.into_iter().any(|id| self.tombstones.have(id))
    }

    pub(super) fn erase(&mut self, erased: &CaseErased) {
        self.tombstones.add(erased);
        let Some(id) = self.hashed_cases.take(erased, self.cases.keys().copied()) else { return };
        self.cases.remove(&id);
        self.threads.forget(id);
        self.outbox.forget(id);
        self.forked.retain(|_, (_, of)| *of != id);
        let Self { whose, requests, resyncs, .. } = self;
        whose.retain(|_, whose: &mut Whose| whose.case != id);
        requests.retain(|_, requested| whose.contains_key(requested));
        resyncs.forget_but(|letter| whose.contains_key(letter));
    }
}
