//! The people of this office: who may act from now on, and who may not any more. Not here: what each role may do (`roles`), how a
//! person is recognised (the shell).

use raccordo_proto::limits::LINE_CHARS_MAX;
use rand_core::CryptoRng;

use super::Desk;
use super::commands::random;
use super::input::Act;
use crate::answer::Answer;
use crate::record::{Change, Record};
use crate::refusal::Rule;
use crate::roles::Caller;
use crate::step::{Effect, Step};
use crate::wire::{self, OperatorAdded, OperatorDisabled};

impl Desk {
    /// An act upon the people of this office; `None` for any other. The first is added by the agent's own user, whom nobody has
    /// added.
    pub(super) fn people(&self, ticket: u64, caller: &Caller, act: &Act, rng: &mut impl CryptoRng) -> Option<Result<Step, Rule>> {
        let done = match act {
            Act::AddOperator { name, uid, ruoli, pseudonym } => {
                self.add_operator(ticket, caller, OperatorAdded::of(name, *uid, ruoli, pseudonym.as_ref()), rng)
            }
            Act::DisableOperator { pseudonym } => self.disable_operator(ticket, caller, pseudonym),
            Act::Operators => self.list_operators(ticket, caller),
            _ => return None,
        };
        Some(done)
    }

    fn add_operator(
        &self,
        ticket: u64,
        caller: &Caller,
        mut added: OperatorAdded,
        rng: &mut impl CryptoRng,
    ) -> Result<Step, Rule> {
        self.may_manage(caller)?;
        if added.name.chars().count() > LINE_CHARS_MAX {
            return Err(Rule::TextTooLong { max: LINE_CHARS_MAX });
        }
        if added.pseudonym.is_empty() {
            let [a, b] = random::<2>(rng);
            added.pseudonym = format!("op-{a:02x}{b:02x}");
        }
        if self.operators.is_taken(&added.pseudonym, added.uid) {
            return Err(Rule::OperatorExists);
        }
        let answer = Answer::Operator { pseudonym: added.pseudonym.clone() };
        Ok(Step::new(vec![Record(Change::OperatorAdded(added))], vec![Effect::Answer { ticket, answer }]))
    }

    /// Done once more, it changes nothing.
    fn disable_operator(&self, ticket: u64, caller: &Caller, pseudonym: &str) -> Result<Step, Rule> {
        self.may_manage(caller)?;
        let operator = self.operators.named(pseudonym).ok_or(Rule::NoSuchOperator)?;
        let disabled = Record(Change::OperatorDisabled(OperatorDisabled { pseudonym: pseudonym.to_owned() }));
        let records = if operator.disabled { Vec::new() } else { vec![disabled] };
        let answer = Answer::Operator { pseudonym: pseudonym.to_owned() };
        Ok(Step::new(records, vec![Effect::Answer { ticket, answer }]))
    }

    fn list_operators(&self, ticket: u64, caller: &Caller) -> Result<Step, Rule> {
        self.may_manage(caller)?;
        let answer = Answer::Operators(self.operators.all().cloned().collect());
        Ok(Step::new(Vec::new(), vec![Effect::Answer { ticket, answer }]))
    }

    fn may_manage(&self, caller: &Caller) -> Result<(), Rule> {
        if self.operators.may_add(caller) { Ok(()) } else { Err(Rule::Role) }
    }
}

impl OperatorAdded {
    fn of(name: &str, uid: u32, ruoli: &[wire::Ruolo], pseudonym: Option<&String>) -> Self {
        let ruoli = ruoli.iter().map(|ruolo| i32::from(*ruolo)).collect();
        Self { pseudonym: pseudonym.cloned().unwrap_or_default(), name: name.to_owned(), uid, ruoli }
    }
}
