//! `operator`: the people of this office, who may act, and who may not any more.
//!
//! Not here: who may change that (casework's roles).

use raccordo_casework::wire::Ruolo;
use serde_json::{Value, json};

use super::Office;
use super::args::OperatorCommand;
use super::commands::answer;
use super::screen::bare;
use crate::api::{self, Operator};
use crate::failure::{Exit, Failure};

impl Office<'_> {
    pub(super) async fn operator(&self, command: OperatorCommand) -> Result<Exit, Failure> {
        match command {
            OperatorCommand::Add { name, uid, ruolo, pseudonym } => {
                let ruoli = ruolo.into_iter().map(|ruolo| Ruolo::from(ruolo).into()).collect();
                let pseudonym = pseudonym.unwrap_or_default();
                self.add_operator(api::AddOperatorRequest { name, uid, ruoli, pseudonym }).await
            }
            OperatorCommand::List => self.list_operators().await,
            OperatorCommand::Disable { whom } => self.disable_operator(whom).await,
        }
    }

    async fn add_operator(&self, request: api::AddOperatorRequest) -> Result<Exit, Failure> {
        let name = request.name.clone();
        let answer = answer(self.connect().await?.add_operator(request).await)?;
        Ok(self.screen.answer(
            &json!({"pseudonym": answer.pseudonym}),
            &self.screen.say("done-operator", &[("name", &name), ("pseudonym", &answer.pseudonym)]),
        ))
    }

    async fn list_operators(&self) -> Result<Exit, Failure> {
        let people = answer(self.connect().await?.operators(api::OperatorsRequest {}).await)?.operators;
        if self.screen.is_json() {
            self.screen.object(&json!({"operators": people.iter().map(object).collect::<Vec<_>>()}));
            return Ok(Exit::Ok);
        }
        if people.is_empty() {
            self.screen.line(&self.screen.say("no-operators", &[]));
        }
        for person in &people {
            let (ruoli, uid) = (ruoli(person).join(", "), person.uid.to_string());
            let args = [("pseudonym", person.pseudonym.as_str()), ("name", &person.name), ("uid", &uid), ("ruoli", &ruoli)];
            self.screen.line(&self.screen.say(if person.disabled { "operator-disabled" } else { "operator-line" }, &args));
        }
        Ok(Exit::Ok)
    }

    async fn disable_operator(&self, pseudonym: String) -> Result<Exit, Failure> {
        let request = api::DisableOperatorRequest { pseudonym: pseudonym.clone() };
        answer(self.connect().await?.disable_operator(request).await)?;
        Ok(self.screen.answer(
            &json!({"pseudonym": pseudonym, "disabled": true}),
            &self.screen.say("done-disabled", &[("pseudonym", &pseudonym)]),
        ))
    }
}

fn ruoli(person: &Operator) -> Vec<String> {
    person.ruoli().map(|ruolo| bare(ruolo.as_str_name(), "RUOLO_").to_ascii_lowercase()).collect()
}

fn object(person: &Operator) -> Value {
    let Operator { pseudonym, name, uid, disabled, .. } = person;
    json!({"pseudonym": pseudonym, "name": name, "uid": uid, "ruoli": ruoli(person), "disabled": disabled})
}
