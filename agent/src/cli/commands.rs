//! The acts: segnala, riscontro, take, disclose, export, operator add.
//!
//! Not here: how the agent is (`status`), lists and single cases to be read (`lists`, `show`), events (`watch`).

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use prost::Message as _;
use raccordo_casework::wire::{PresaInCarico, Riscontro};
use raccordo_machine::files;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::args::{BackupCommand, CaseCommand, Command, InboxCommand, OfficeCommand, To, UnlockCommand};
use super::screen::bare;
use super::{Office, lists, load};
use crate::api::{self, ActResponse, EventKind, SegnalaResponse};
use crate::client::{self, LocalClient};
use crate::failure::{Exit, Failure};
use crate::form;
use crate::restore::Stones;

/// How long `segnala --wait` waits.
const WAIT_MAX: Duration = Duration::from_secs(60);

impl Office<'_> {
    /// Runs any command but `serve`.
    pub(super) async fn run(&self, command: Command) -> Result<Exit, Failure> {
        match command {
            // `serve` is run before an office is asked anything.
            Command::Serve { .. } => Ok(Exit::Usage),
            Command::Enrol { request: Some(request), folder, renew: true, .. } => self.ask_renewal(&folder, &request),
            Command::Enrol { request: Some(request), folder, renew: false, .. } => self.enrol(&folder, &request),
            // The parser asks for one of the two; an invitation ends in an agent that runs.
            Command::Enrol { request: None, .. } => Ok(Exit::Usage),
            Command::Activate { answer, folder, words, passphrase } => {
                self.activate(&folder, &answer, words.as_deref(), passphrase)
            }
            Command::Directory => self.directory().await,
            Command::Segnala { form, to, wait, checked } => self.segnala(&form, to, wait, checked).await,
            Command::Inbox { command } => self.inbox(command).await,
            Command::Outbox => self.outbox().await,
            Command::Case { command: CaseCommand::Show { codice } } => self.show(codice).await,
            Command::Case { command: CaseCommand::Sheet { codice, out, scheda } } => self.sheet(codice, &out, scheda).await,
            Command::Case { command: CaseCommand::Export { codice, out } } => self.export(codice, &out).await,
            Command::Case { command: CaseCommand::Disclose { codice, to } } => self.disclose(codice, to).await,
            Command::Case { command: CaseCommand::Erase { codice, yes } } => self.erase(codice, yes).await,
            Command::Office { command: OfficeCommand::Keys } => self.office_keys().await,
            Command::Office { command: OfficeCommand::AcceptKey { office, words, case } } => {
                self.accept_key(office, words, case.unwrap_or_default()).await
            }
            Command::Backup { command: BackupCommand::NewKey { out } } => self.new_backup_key(&out),
            Command::Backup { command: BackupCommand::Now { with_identity } } => self.backup_now(with_identity).await,
            Command::Restore { file, identity, tombstones, without_tombstones, set_aside } => {
                let stones = match tombstones {
                    Some(file) => Stones::File(file),
                    None if without_tombstones => Stones::Nowhere,
                    None => Stones::Beside,
                };
                self.restore(&file, &identity, stones, set_aside)
            }
            Command::Unlock { command: UnlockCommand::ChangePassphrase } => self.change_passphrase(),
            Command::Operator { command } => self.operator(command).await,
            Command::Completions { shell } => Ok(self.completions(shell)),
            Command::Man { manual } => self.manual(&manual),
            Command::Status => self.status().await,
            Command::Doctor { letter } => self.doctor(letter.as_deref()).await,
            Command::Watch { until, timeout } => self.watch(until.as_deref(), Duration::from_secs(timeout)).await,
        }
    }

    async fn inbox(&self, command: InboxCommand) -> Result<Exit, Failure> {
        let request_id = request_id()?;
        let operator = self.operator.clone();
        match command {
            InboxCommand::List => self.inbox_list().await,
            InboxCommand::Show { codice } => self.show(codice).await,
            InboxCommand::Riscontro { codice, chi_segue, telefono, entro, testo, checked } => {
                let riscontro = Some(Riscontro { chi_segue, telefono, entro_il: entro, testo });
                let request = api::RiscontroRequest { codice, riscontro, request_id, operator, checked };
                let act = answer(self.connect().await?.riscontro(request).await)?;
                self.answered("done-riscontro", act)
            }
            InboxCommand::Take { codice, chi_segue, telefono, testo, checked } => {
                let presa_in_carico = Some(PresaInCarico { chi_segue, telefono, testo });
                let request = api::TakeRequest { codice, presa_in_carico, request_id, operator, checked };
                let act = answer(self.connect().await?.take(request).await)?;
                self.answered("done-take", act)
            }
        }
    }

    async fn segnala(&self, file: &Path, to: To, wait: bool, checked: bool) -> Result<Exit, Failure> {
        let text = read_form(file)?;
        let (modulo, own) = form::read(&text);
        let faulty = Failure::new(Exit::Usage, "FAULTS");
        let mut client = match self.connect().await {
            Ok(client) => client,
            Err(_) if !own.is_empty() => return Err(faulty.about(file, own)),
            Err(failure) => return Err(failure),
        };
        let events = if wait { Some(Events::open(&mut client).await?) } else { None };
        let request = api::SegnalaRequest {
            modulo: Some(modulo),
            equipe: to.equipe.unwrap_or_default(),
            comune: to.comune.unwrap_or_default(),
            cpi: to.cpi.unwrap_or_default(),
            ufficio: to.ufficio.unwrap_or_default(),
            request_id: request_id()?,
            faults: own.clone(),
            operator: self.operator.clone(),
            checked,
        };
        let mut sent = answer(client.segnala(request).await)?;
        let mut faults = form::merge(own, core::mem::take(&mut sent.faults));
        for fault in faults.iter_mut().filter(|fault| To::OPTIONS.contains(&fault.key.as_str())) {
            fault.key.insert_str(0, "--");
        }
        if !faults.is_empty() {
            return Err(faulty.about(file, faults));
        }
        let act = sent.act.take().ok_or_else(|| Failure::new(Exit::Machine, "ANSWER"))?;
        match events {
            Some(events) => self.segnalata_and_waited(&act, &sent, events).await,
            None => Ok(self.segnalata(&act, &sent, &json!({}), self.unattached(&act))),
        }
    }

    async fn segnalata_and_waited(&self, act: &ActResponse, sent: &SegnalaResponse, mut events: Events) -> Result<Exit, Failure> {
        let recipients = &sent.recipients[..];
        let deadline = Instant::now() + WAIT_MAX;
        while !events.settled(recipients) && events.follow(&act.letter_id, deadline).await? {}
        let missing: Vec<_> = recipients.iter().filter(|office| !events.delivered.contains(*office)).cloned().collect();
        let called = |offices: &[String]| named(offices, recipients, &act.recipient_names);
        let failure = if !events.blocked.is_empty() {
            let offices: Vec<_> = events.blocked.iter().cloned().collect();
            Some(Failure::new(Exit::Refused, "NOT_DELIVERED").with("uffici", called(&offices)))
        } else if missing.is_empty() {
            None
        } else if events.attached {
            Some(Failure::new(Exit::Unreachable, "NOT_ALL_DELIVERED").with("uffici", called(&missing)))
        } else {
            Some(Failure::new(Exit::Unreachable, "GATEWAY_UNREACHABLE"))
        };
        let delivered: Vec<_> = events.delivered.iter().collect();
        let exit = self.segnalata(act, sent, &json!({"delivered": delivered}), failure.map(|f| f.with("codice", &act.codice)));
        if !self.screen.is_json() && missing.is_empty() {
            self.screen.line(&self.screen.say("done-delivered", &[("uffici", &called(recipients))]));
        }
        Ok(exit)
    }

    /// The answer first, then why it has not left; with `--json` the answer alone, and the exit code.
    fn segnalata(&self, act: &ActResponse, sent: &SegnalaResponse, more: &Value, failure: Option<Failure>) -> Exit {
        let recipients = &sent.recipients[..];
        if self.screen.is_json() {
            let mut object = act_object(act);
            if !sent.comune.is_empty() {
                object["comune"] = json!(sent.comune);
                object["equipe"] = json!(sent.equipe);
            }
            object["recipients"] = json!(recipients);
            if let Some(delivered) = more.get("delivered") {
                object["delivered"] = delivered.clone();
            }
            self.screen.object(&object);
            return failure.map_or(Exit::Ok, |failure| failure.exit);
        }
        self.screen.line(&self.screen.say("done-segnalata", &[("codice", &act.codice)]));
        if !sent.comune.is_empty() {
            self.screen.line(&self.screen.say("done-territory", &[("comune", &sent.comune), ("equipe", &sent.equipe)]));
        }
        let offices = named(recipients, recipients, &act.recipient_names);
        self.screen.line(&self.screen.say("done-recipients", &[("uffici", &offices)]));
        failure.map_or(Exit::Ok, |failure| self.screen.failure(&failure))
    }

    fn unattached(&self, act: &ActResponse) -> Option<Failure> {
        (!act.attached).then(|| Failure::new(Exit::Unreachable, "GATEWAY_UNREACHABLE").with("codice", &act.codice))
    }

    /// An answer that was written; or what the guard found in it.
    fn answered(&self, id: &str, act: ActResponse) -> Result<Exit, Failure> {
        if !act.faults.is_empty() {
            return Err(Failure::new(Exit::Usage, "ANSWER_TO_CHECK").about(Path::new(""), act.faults));
        }
        self.done(id, &act, &[])
    }

    fn done(&self, id: &str, act: &ActResponse, args: &[(&str, &str)]) -> Result<Exit, Failure> {
        let unattached = self.unattached(act);
        if self.screen.is_json() {
            self.screen.object(&act_object(act));
            return Ok(unattached.map_or(Exit::Ok, |failure| failure.exit));
        }
        let args: Vec<_> = args.iter().copied().chain([("codice", act.codice.as_str())]).collect();
        self.screen.line(&self.screen.say(id, &args));
        Ok(unattached.map_or(Exit::Ok, |failure| self.screen.failure(&failure)))
    }

    async fn disclose(&self, codice: String, office: String) -> Result<Exit, Failure> {
        let operator = self.operator.clone();
        let request = api::DiscloseRequest { codice, office: office.clone(), request_id: request_id()?, operator };
        let act = answer(self.connect().await?.disclose(request).await)?;
        let name = act.recipient_names.first().map_or("", String::as_str);
        self.done("done-disclose", &act, &[("ufficio", lists::name(name, &office))])
    }

    async fn export(&self, codice: String, out: &Path) -> Result<Exit, Failure> {
        let request = api::ExportRequest { codice: codice.clone(), operator: self.operator.clone() };
        let answer = answer(self.connect().await?.export(request).await)?;
        let export = answer.export.ok_or_else(|| Failure::new(Exit::Machine, "ANSWER"))?;
        files::hand_out(out, &export.encode_to_vec()).map_err(|error| {
            Failure::new(Exit::Machine, "EXPORT_NOT_WRITTEN").with("file", out.display()).with("detail", error)
        })?;
        let file = out.display().to_string();
        Ok(self.screen.answer(
            &json!({"codice": codice, "file": file, "letters": export.letters.len()}),
            &self.screen.say("done-export", &[("codice", &codice), ("file", &file)]),
        ))
    }

    /// Connects to this office's agent.
    pub(super) async fn connect(&self) -> Result<LocalClient, Failure> {
        let config = load(self.config.clone(), self.dev)?;
        client::connect(&config.api_socket).await
    }
}

/// What `segnala --wait` has seen so far.
struct Events {
    stream: tonic::Streaming<api::Event>,
    attached: bool,
    delivered: BTreeSet<String>,
    blocked: BTreeSet<String>,
}

impl Events {
    /// Opened before the act, so that no event of it is missed.
    async fn open(client: &mut LocalClient) -> Result<Self, Failure> {
        let mut stream = answer(client.watch(api::WatchRequest {}).await)?;
        let first = stream.message().await.map_err(|status| client::failure(&status))?;
        let attached = first.is_some_and(|event| event.kind() == EventKind::Attached);
        Ok(Self { stream, attached, delivered: BTreeSet::new(), blocked: BTreeSet::new() })
    }

    fn settled(&self, recipients: &[String]) -> bool {
        recipients.iter().all(|office| self.delivered.contains(office) || self.blocked.contains(office))
    }

    /// Takes the next event; false when there is none before the deadline.
    async fn follow(&mut self, letter_id: &[u8], deadline: Instant) -> Result<bool, Failure> {
        let Ok(event) = tokio::time::timeout_at(deadline, self.stream.message()).await else { return Ok(false) };
        let Some(event) = event.map_err(|status| client::failure(&status))? else { return Ok(false) };
        let ours = event.letter_id == letter_id;
        match event.kind() {
            EventKind::Attached => self.attached = true,
            EventKind::Detached => self.attached = false,
            EventKind::Delivered if ours => {
                self.blocked.remove(&event.peer);
                self.delivered.insert(event.peer);
            }
            EventKind::Blocked if ours => {
                self.blocked.insert(event.peer);
            }
            EventKind::Unspecified | EventKind::Queued | EventKind::Received | EventKind::Delivered | EventKind::Blocked => {}
        }
        Ok(true)
    }
}

/// The message of an answer, or what its error means.
pub(super) fn answer<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Result<T, Failure> {
    answer.map(tonic::Response::into_inner).map_err(|status| client::failure(&status))
}

/// Offices as people call them: `names` are those of `ids`, in the same order.
fn named(offices: &[String], ids: &[String], names: &[String]) -> String {
    let name = |office: &String| {
        let known = ids.iter().position(|id| id == office).and_then(|at| names.get(at));
        lists::name(known.map_or("", String::as_str), office).to_owned()
    };
    offices.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn act_object(act: &ActResponse) -> Value {
    json!({"codice": act.codice, "letter_id": hex(&act.letter_id), "attached": act.attached})
}

/// Bytes as ids are written.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of an event, as in `--until` and JSON.
pub(super) fn event_name(kind: EventKind) -> &'static str {
    bare(kind.as_str_name(), "EVENT_KIND_")
}

fn request_id() -> Result<Vec<u8>, Failure> {
    let mut id = vec![0; 16];
    getrandom::fill(&mut id).map_err(|_| Failure::new(Exit::Machine, "NO_RANDOMNESS"))?;
    Ok(id)
}

/// A form is some kilobytes of text: anything larger, or endless, is no form.
const FORM_BYTES_MAX: usize = 256 * 1024;

fn read_form(file: &Path) -> Result<String, Failure> {
    files::read_text(file, FORM_BYTES_MAX).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            Failure::new(Exit::Usage, "FORM_TOO_LARGE").with("file", file.display()).with("max", FORM_BYTES_MAX / 1024)
        }
        _ => Failure::new(Exit::Usage, "FORM_UNREADABLE").with("file", file.display()).with("detail", error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_called_by_their_names_and_else_by_their_ids() {
        let [ids, names] = [["cpi-rivabella", "sil-rivabella"], ["CPI di Rivabella", "SIL"]].map(|two| two.map(str::to_owned));
        assert_eq!(named(&ids, &ids, &names), "CPI di Rivabella, SIL");
        assert_eq!(named(&ids[1..], &ids, &names), "SIL");
        assert_eq!(named(&ids, &ids, &[]), "cpi-rivabella, sil-rivabella");
    }

    #[test]
    fn requests_have_ids_of_their_own() {
        let (a, b) = (request_id().expect("random"), request_id().expect("random"));
        assert!(a.len() == 16 && a != b);
        assert_eq!(hex(&[0, 171]), "00ab");
    }
}
