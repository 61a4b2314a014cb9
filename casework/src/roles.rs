//! What a person may do inside her office. Not here: how she is recognised (the shell reads the unix socket's peer).

use std::collections::BTreeMap;

use crate::refusal::Rule;
use crate::wire::{OperatorAdded, Ruolo};

/// Who asks, as the shell knows it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user id of the calling process.
    pub uid: u32,
    /// Whether it is the user that runs the agent, or root: may add the first operator.
    pub owner: bool,
    /// A pseudonym claimed instead; the shell passes one with `--dev` only.
    pub claimed: Option<String>,
}

/// A person of this office.
#[derive(Clone, PartialEq)]
pub struct Operator {
    /// What letters carry.
    pub pseudonym: String,
    /// Her name; never leaves the office.
    pub name: String,
    /// Her user id on this machine.
    pub uid: u32,
    /// What she may do.
    pub ruoli: Vec<Ruolo>,
    /// She may not act any more.
    pub disabled: bool,
}

impl Operator {
    /// Opens any arrived case, answers, takes in charge.
    pub fn is_referente(&self) -> bool {
        self.has(Ruolo::Referente) || self.has(Ruolo::Coordinamento)
    }

    /// Creates segnalazioni.
    pub fn may_create(&self) -> bool {
        self.has(Ruolo::Operatrice) || self.is_referente()
    }

    fn has(&self, ruolo: Ruolo) -> bool {
        self.ruoli.contains(&ruolo)
    }
}

/// The people of this office.
#[derive(Clone, Default, PartialEq)]
pub struct Operators(BTreeMap<String, Operator>);

impl Operators {
    /// Who is asking.
    pub fn recognise(&self, caller: &Caller) -> Result<&Operator, Rule> {
        let found = match &caller.claimed {
            Some(pseudonym) => self.0.get(pseudonym).filter(|operator| !operator.disabled),
            None => self.0.values().find(|operator| operator.uid == caller.uid && !operator.disabled),
        };
        found.ok_or(Rule::UnknownOperator)
    }

    /// Whether the caller may add operators, list them, and disable them.
    pub fn may_add(&self, caller: &Caller) -> bool {
        caller.owner || self.recognise(caller).is_ok_and(|operator| operator.has(Ruolo::Amministrazione))
    }

    /// Whether the caller may make backups.
    pub fn may_back_up(&self, caller: &Caller) -> bool {
        let may = |operator: &Operator| operator.has(Ruolo::Amministrazione) || operator.has(Ruolo::Coordinamento);
        caller.owner || self.recognise(caller).is_ok_and(may)
    }

    /// Whether a pseudonym was ever given, or a user id is somebody's now.
    pub fn is_taken(&self, pseudonym: &str, uid: u32) -> bool {
        self.0.values().any(|operator| operator.pseudonym == pseudonym || operator.uid == uid && !operator.disabled)
    }

    /// One of them, whether she may act or not.
    pub fn named(&self, pseudonym: &str) -> Option<&Operator> {
        self.0.get(pseudonym)
    }

    /// All of them, by pseudonym.
    pub fn all(&self) -> impl Iterator<Item = &Operator> {
        self.0.values()
    }

    pub(crate) fn add(&mut self, added: &OperatorAdded) {
        let operator = Operator {
            pseudonym: added.pseudonym.clone(),
            name: added.name.clone(),
            uid: added.uid,
            ruoli: added.ruoli().collect(),
            disabled: false,
        };
        self.0.insert(added.pseudonym.clone(), operator);
    }

    pub(crate) fn disable(&mut self, pseudonym: &str) {
        if let Some(operator) = self.0.get_mut(pseudonym) {
            operator.disabled = true;
        }
    }
}
