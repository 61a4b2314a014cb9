//! Offices whose identity key has changed: which they are, the words of the new key, and a person's yes to it. The words
//! are compared here, with the key of the directory that holds at that moment; the desk looks once more.
//!
//! Not here: what a yes changes (the desk's).

use std::collections::{BTreeMap, BTreeSet};

use raccordo_casework::answer::{Answer, Place};
use raccordo_casework::desk::Act;
use raccordo_casework::refusal::{Refusal, Rule};
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::Kind;
use raccordo_proto::Code;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::words;
use tonic::Status;

use super::{LocalApi, by_rule, gone, refused};
use crate::api;
use crate::desk_task::Reply;

impl LocalApi {
    /// Offices that wait for a yes: for all that waits for them, or for a parte riservata.
    pub(super) async fn changed_keys(&self, caller: Caller) -> Result<Vec<api::OfficeKey>, Status> {
        let rows = match self.desk.ask(caller, Act::Outbox).await.map_err(gone)? {
            Reply::Outbox(rows) => rows,
            Reply::Refused(Refusal::Rule(rule)) => return Err(by_rule(&rule)),
            Reply::Answer(_) | Reply::Refused(Refusal::Form(_)) => return Err(Status::internal("an answer of another question")),
        };
        let wait: BTreeSet<AgencyId> = self.desk.status().await.map_err(gone)?.keys_to_accept.into_iter().collect();
        let mut offices: BTreeMap<AgencyId, BTreeSet<String>> = wait.iter().map(|id| (id.clone(), BTreeSet::new())).collect();
        for row in rows.into_iter().map(|waiting| waiting.row) {
            if row.place == Place::Blocked(Code::KeyChanged) && row.kind == Kind::ParteRiservata {
                offices.entry(row.recipient).or_default().insert(row.codice.to_string());
            }
        }
        let names = self.names().await?;
        let shown = offices.into_iter().filter_map(|(id, codici)| {
            let key = *names.0.as_deref()?.agency(&id)?.active_agent()?.ik.as_bytes();
            Some(api::OfficeKey {
                office: id.to_string(),
                office_name: names.of(&id),
                words: words::words(&key),
                waits: wait.contains(&id),
                codici: codici.into_iter().collect(),
            })
        });
        Ok(shown.collect())
    }

    /// Says yes, if the words are those of the key that the directory has now.
    pub(super) async fn accept(&self, caller: Caller, asked: api::AcceptKeyRequest) -> Result<String, Status> {
        let unknown = || by_rule(&Rule::UnknownOffice { ufficio: asked.office.clone() });
        let id = AgencyId::parse(&asked.office).map_err(|_| unknown())?;
        let directory = self.desk.directory().await.map_err(gone)?;
        let agent = directory.as_ref().and_then(|directory| directory.agency(&id)?.active_agent());
        let ik = *agent.ok_or_else(unknown)?.ik.as_bytes();
        if !words::says(&asked.words, &ik) {
            return Err(refused("WORDS_DIFFER", [("ufficio", asked.office)]));
        }
        let codice = (!asked.codice.is_empty()).then_some(asked.codice);
        match self.ask(caller, Act::AcceptKey { office: asked.office, ik, codice }).await? {
            Answer::KeyAccepted { office } => Ok(office.to_string()),
            _ => Err(Status::internal("an answer of another question")),
        }
    }
}
