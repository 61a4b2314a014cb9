//! Erasing a case: what the desk knows of it goes, its key goes, and tombstones stay (T24). Not here: when a case may be
//! erased, and who is warned before.

use raccordo_proto::ids::{CaseId, LetterId, ThreadId};
use raccordo_proto::limits::TOMBSTONE_LIFE;
use raccordo_proto::sign::Signer;
use rand_core::CryptoRng;

use super::{Desk, Pen, commands};
use crate::answer::Answer;
use crate::case::Case;
use crate::codice::Codice;
use crate::record::{Change, Record};
use crate::refusal::Rule;
use crate::roles::Operator;
use crate::step::{Effect, Step};
use crate::tombstones::{self, Tombstones};
use crate::wire::CaseErased;

impl Desk {
    /// A referente's act. What still waited to be sent of the case is not sent.
    pub(super) fn erase_case(
        &self,
        ticket: u64,
        operator: &Operator,
        codice: &str,
        pen: &mut Pen<'_, impl Signer, impl CryptoRng>,
    ) -> Result<Step, Rule> {
        if !operator.is_referente() {
            return Err(Rule::NotReferente);
        }
        let case = self.find(codice)?;
        let until = pen.now.plus(TOMBSTONE_LIFE);
        let erased = Tombstones::carve(commands::random(pen.rng), case.id, case.ever_had(), case.threads(), until);
        let mut effects: Vec<Effect> = self
            .outbox
            .waiting()
            .filter(|(letter, _)| self.outbox.get(*letter).is_some_and(|o| o.letter.letter().case_id == case.id))
            .flat_map(|(letter, offices)| offices.into_iter().map(move |recipient| Effect::Forgotten { letter, recipient }))
            .collect();
        effects.push(Effect::Answer { ticket, answer: Answer::Erased { codice: Codice::of(case.id) } });
        Ok(Step::new(vec![Record(Change::CaseErased(erased))], effects).erasing(case.id))
    }

    /// Whether a letter was of an erased case.
    pub(super) fn is_erased(&self, letter: LetterId) -> bool {
        self.tombstones.have(letter.as_bytes())
    }

    /// Whether a thread was of an erased case.
    pub(super) fn is_erased_thread(&self, thread: ThreadId) -> bool {
        self.tombstones.have(thread.as_bytes())
    }

    /// Whether a case was erased.
    pub(super) fn is_erased_case(&self, case: CaseId) -> bool {
        self.tombstones.have(case.as_bytes())
    }

    pub(super) fn erase(&mut self, erased: &CaseErased) {
        self.tombstones.add(erased);
        let of_it = |case: &&Case| tombstones::names(erased, case.id.as_bytes());
        let gone: Vec<CaseId> = self.cases.values().filter(of_it).map(|case| case.id).collect();
        for id in gone {
            let Some(case) = self.cases.remove(&id) else { continue };
            case.threads().iter().for_each(|thread| self.threads.forget(*thread));
            self.requests.retain(|_, requested| case.author_of(*requested).is_none());
            self.resyncs.forget(&case);
            self.forked.retain(|_, (_, of)| *of != id);
            self.outbox.forget(id);
        }
    }
}
