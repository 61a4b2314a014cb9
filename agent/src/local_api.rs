//! The local API: gRPC on a unix socket, for the agent's own command line and the office's software. Every call has an
//! authenticated peer: the socket's peer credentials.
//!
//! It translates and decides nothing: questions go to the desk's task, refusals come back as google.rpc.ErrorInfo with a code
//! and arguments, never a sentence. Not here: pages, and loopback TLS.

mod convert;
mod destination;
mod directory;
mod doubts;
mod offices;

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;

use raccordo_casework::answer::Answer;
use raccordo_casework::desk::Act;
use raccordo_casework::refusal::{Refusal, Rule};
use raccordo_casework::roles::Caller;
use raccordo_casework::wire::Fault;
use raccordo_machine::clock;
use raccordo_proto::ids::RequestId;
use raccordo_proto::sign::PublicKey;
use raccordo_proto::words;
use tokio::net::UnixListener;
use tokio_stream::wrappers::{BroadcastStream, UnixListenerStream};
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::Server;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::api;
use crate::api::agent_service_server::{AgentService, AgentServiceServer};
use crate::backup::keeper::Backups;
use crate::client::ERROR_DOMAIN;
use crate::config::Config;
use crate::desk_task::{DeskHandle, Gone, Reply};
use crate::guard;

/// Calls that one connection may have under way.
const CALLS_MAX: u32 = 64;

/// The API over one desk.
pub struct LocalApi {
    desk: DeskHandle,
    backups: Backups,
    network: String,
    agency: String,
    own_words: String,
    owner: u32,
    dev: bool,
}

impl LocalApi {
    /// The owner is the user that runs this; `own` is its identity key, as it lies on this disk; `dev` lets a caller claim a
    /// pseudonym.
    pub fn new(desk: DeskHandle, backups: Backups, config: &Config, own: &PublicKey, dev: bool) -> Self {
        let owner = rustix::process::geteuid().as_raw();
        let own_words = words::words(own.as_bytes());
        let (network, agency) = (config.network.to_string(), config.agency.to_string());
        Self { desk, backups, network, agency, own_words, owner, dev }
    }

    /// Serves on the socket until `stop`.
    pub async fn serve(self, listener: UnixListener, stop: impl Future<Output = ()>) -> Result<(), tonic::transport::Error> {
        Server::builder()
            .concurrency_limit_per_connection(CALLS_MAX as usize)
            .max_concurrent_streams(CALLS_MAX)
            .add_service(AgentServiceServer::new(self))
            .serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop)
            .await
    }

    fn caller<T>(&self, request: &Request<T>, claimed: &str) -> Result<Caller, Status> {
        let peer = request.extensions().get::<UdsConnectInfo>().and_then(|info| info.peer_cred);
        let uid = peer.ok_or_else(|| Status::unauthenticated("the socket tells no peer"))?.uid();
        if !claimed.is_empty() && !self.dev {
            return Err(refused("DEV_ONLY", []));
        }
        let claimed = (!claimed.is_empty()).then(|| claimed.to_owned());
        Ok(Caller { uid, owner: uid == self.owner || uid == 0, claimed })
    }

    async fn ask(&self, caller: Caller, act: Act) -> Result<Answer, Status> {
        match self.desk.ask(caller, act).await.map_err(gone)? {
            Reply::Answer(answer) => Ok(answer),
            Reply::Refused(Refusal::Rule(rule)) => Err(by_rule(&rule)),
            Reply::Refused(Refusal::Form(_)) | Reply::Outbox(_) => Err(Status::internal("an answer of another question")),
        }
    }

    async fn names(&self) -> Result<convert::Names, Status> {
        Ok(convert::Names(self.desk.directory().await.map_err(gone)?))
    }

    /// An act whose texts the guard may have stopped.
    async fn answer(&self, caller: Caller, of_guard: Vec<Fault>, act: Act) -> Result<Response<api::ActResponse>, Status> {
        if of_guard.is_empty() {
            return self.act(caller, act).await;
        }
        Ok(Response::new(api::ActResponse { faults: of_guard, ..Default::default() }))
    }

    async fn act(&self, caller: Caller, act: Act) -> Result<Response<api::ActResponse>, Status> {
        match self.ask(caller, act).await? {
            Answer::Done(done) => {
                let attached = self.desk.status().await.map_err(gone)?.attached;
                Ok(Response::new(convert::done(&done, attached, &self.names().await?)))
            }
            _ => Err(Status::internal("an answer of another question")),
        }
    }
}

fn by_rule(rule: &Rule) -> Status {
    refused(rule.name(), rule.args())
}

/// A refusal: the code and its arguments, as google.rpc.ErrorInfo.
fn refused(code: &str, args: impl IntoIterator<Item = (&'static str, String)>) -> Status {
    let metadata: HashMap<String, String> = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let details = ErrorDetails::with_error_info(code, ERROR_DOMAIN, metadata);
    Status::with_error_details(tonic::Code::FailedPrecondition, code, details)
}

fn gone(_: Gone) -> Status {
    refused("STORE_FAILED", [])
}

fn request_id(bytes: &[u8]) -> Result<RequestId, Status> {
    RequestId::parse(bytes).map_err(|_| Status::invalid_argument("request_id must be 16 bytes"))
}

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AgentService for LocalApi {
    async fn status(&self, request: Request<api::StatusRequest>) -> Answered<api::StatusResponse> {
        self.caller(&request, "")?;
        let status = self.desk.status().await.map_err(gone)?;
        let names = self.names().await?;
        Ok(Response::new(convert::status(&status, self.backups.state(), (&self.network, &self.agency), &names)))
    }

    async fn directory(&self, request: Request<api::DirectoryRequest>) -> Answered<api::DirectoryResponse> {
        self.caller(&request, "")?;
        Ok(Response::new(directory::told(&self.desk.status().await.map_err(gone)?)))
    }

    async fn segnala(&self, request: Request<api::SegnalaRequest>) -> Answered<api::SegnalaResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let asked = request.into_inner();
        let status = self.desk.status().await.map_err(gone)?;
        let directory = status.directory.as_deref();
        let (to, comune, fault) = destination::read(&asked, directory)?;
        let modulo = asked.modulo.unwrap_or_default();
        let doubts = if asked.checked { Vec::new() } else { doubts::of_form(&modulo, &status, clock::now()) };
        let faults = asked.faults.into_iter().chain(fault).chain(doubts).collect();
        let act = Act::Segnala { modulo: Box::new(modulo), to, faults, request: request_id(&asked.request_id)? };
        match self.desk.ask(caller, act).await.map_err(gone)? {
            Reply::Answer(Answer::Done(done)) => {
                let attached = self.desk.status().await.map_err(gone)?.attached;
                let recipients = done.recipients.iter().map(ToString::to_string).collect();
                let act = Some(convert::done(&done, attached, &self.names().await?));
                let comune = comune.map_or("", |comune| comune.name).to_owned();
                let equipe = done.equipe.map_or_else(String::new, |equipe| equipe.to_string());
                Ok(Response::new(api::SegnalaResponse { faults: Vec::new(), act, recipients, comune, equipe }))
            }
            Reply::Refused(Refusal::Form(faults)) => Ok(Response::new(api::SegnalaResponse { faults, ..Default::default() })),
            Reply::Refused(Refusal::Rule(rule)) => Err(by_rule(&rule)),
            Reply::Answer(_) | Reply::Outbox(_) => Err(Status::internal("an answer of another question")),
        }
    }

    async fn disclose(&self, request: Request<api::DiscloseRequest>) -> Answered<api::ActResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let asked = request.into_inner();
        let request = request_id(&asked.request_id)?;
        self.act(caller, Act::Disclose { codice: asked.codice, office: asked.office, request }).await
    }

    async fn inbox(&self, request: Request<api::InboxRequest>) -> Answered<api::InboxResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        match self.ask(caller, Act::Inbox).await? {
            Answer::Inbox(rows) => {
                let names = self.names().await?;
                let rows = rows.iter().map(|row| convert::inbox_row(row, &names)).collect();
                Ok(Response::new(api::InboxResponse { rows }))
            }
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn show(&self, request: Request<api::ShowRequest>) -> Answered<api::ShowResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        match self.ask(caller, Act::Show { codice: request.into_inner().codice }).await? {
            Answer::Case { codice, letters } => {
                let names = self.names().await?;
                let letters = letters.iter().map(|(letter, committed)| convert::shown(letter, *committed, &names)).collect();
                Ok(Response::new(api::ShowResponse { codice: codice.to_string(), letters }))
            }
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn riscontro(&self, request: Request<api::RiscontroRequest>) -> Answered<api::ActResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let asked = request.into_inner();
        let request = request_id(&asked.request_id)?;
        let riscontro = asked.riscontro.unwrap_or_default();
        let of_guard = if asked.checked { Vec::new() } else { guard::of_riscontro(&riscontro) };
        self.answer(caller, of_guard, Act::Riscontro { codice: asked.codice, riscontro, request }).await
    }

    async fn take(&self, request: Request<api::TakeRequest>) -> Answered<api::ActResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let asked = request.into_inner();
        let request = request_id(&asked.request_id)?;
        let presa = asked.presa_in_carico.unwrap_or_default();
        let of_guard = if asked.checked { Vec::new() } else { guard::of_presa_in_carico(&presa) };
        self.answer(caller, of_guard, Act::Take { codice: asked.codice, presa, request }).await
    }

    async fn outbox(&self, request: Request<api::OutboxRequest>) -> Answered<api::OutboxResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        match self.desk.ask(caller, Act::Outbox).await.map_err(gone)? {
            Reply::Outbox(rows) => {
                let names = self.names().await?;
                let rows = rows.iter().map(|row| convert::outbox_row(row, &names)).collect();
                Ok(Response::new(api::OutboxResponse { rows }))
            }
            Reply::Refused(Refusal::Rule(rule)) => Err(by_rule(&rule)),
            Reply::Answer(_) | Reply::Refused(Refusal::Form(_)) => Err(Status::internal("an answer of another question")),
        }
    }

    async fn export(&self, request: Request<api::ExportRequest>) -> Answered<api::ExportResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        match self.ask(caller, Act::Export { codice: request.into_inner().codice }).await? {
            Answer::Export(export) => Ok(Response::new(api::ExportResponse { export: Some(*export) })),
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn add_operator(&self, request: Request<api::AddOperatorRequest>) -> Answered<api::AddOperatorResponse> {
        let caller = self.caller(&request, "")?;
        let asked = request.into_inner();
        if !asked.pseudonym.is_empty() && !self.dev {
            return Err(refused("DEV_ONLY", []));
        }
        let ruoli = asked.ruoli().collect();
        let pseudonym = (!asked.pseudonym.is_empty()).then_some(asked.pseudonym);
        match self.ask(caller, Act::AddOperator { name: asked.name, uid: asked.uid, ruoli, pseudonym }).await? {
            Answer::Operator { pseudonym } => Ok(Response::new(api::AddOperatorResponse { pseudonym })),
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn operators(&self, request: Request<api::OperatorsRequest>) -> Answered<api::OperatorsResponse> {
        let caller = self.caller(&request, "")?;
        match self.ask(caller, Act::Operators).await? {
            Answer::Operators(people) => {
                let operators = people.iter().map(convert::operator).collect();
                Ok(Response::new(api::OperatorsResponse { operators }))
            }
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn disable_operator(&self, request: Request<api::DisableOperatorRequest>) -> Answered<api::DisableOperatorResponse> {
        let caller = self.caller(&request, "")?;
        match self.ask(caller, Act::DisableOperator { pseudonym: request.into_inner().pseudonym }).await? {
            Answer::Operator { .. } => Ok(Response::new(api::DisableOperatorResponse {})),
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn erase_case(&self, request: Request<api::EraseCaseRequest>) -> Answered<api::EraseCaseResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        match self.ask(caller, Act::EraseCase { codice: request.into_inner().codice }).await? {
            Answer::Erased { codice } => {
                let written = self.backups.tombstones().await;
                let fault = written.err().map_or("", |fault| fault.code());
                Ok(Response::new(api::EraseCaseResponse { codice: codice.to_string(), tombstones_fault: fault.to_owned() }))
            }
            _ => Err(Status::internal("an answer of another question")),
        }
    }

    async fn office_keys(&self, request: Request<api::OfficeKeysRequest>) -> Answered<api::OfficeKeysResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let rows = self.changed_keys(caller).await?;
        Ok(Response::new(api::OfficeKeysResponse { rows, own_words: self.own_words.clone() }))
    }

    async fn accept_key(&self, request: Request<api::AcceptKeyRequest>) -> Answered<api::AcceptKeyResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        let office = self.accept(caller, request.into_inner()).await?;
        Ok(Response::new(api::AcceptKeyResponse { office }))
    }

    async fn backup_now(&self, request: Request<api::BackupNowRequest>) -> Answered<api::BackupNowResponse> {
        let caller = self.caller(&request, &request.get_ref().operator)?;
        if !self.desk.may_back_up(caller).await.map_err(gone)? {
            return Err(by_rule(&Rule::Role));
        }
        let written = self.backups.now(request.get_ref().with_identity).await;
        match written.ok_or_else(|| refused("NO_BACKUP", []))? {
            Ok(written) => Ok(Response::new(convert::written(&written))),
            Err(fault) => {
                tracing::error!(code = fault.code(), %fault, "a backup was not written");
                let file = fault.path().map(|path| ("file", path.display().to_string()));
                Err(refused(fault.code(), file))
            }
        }
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<api::Event, Status>> + Send>>;

    async fn watch(&self, request: Request<api::WatchRequest>) -> Answered<Self::WatchStream> {
        let caller = self.caller(&request, "")?;
        let watching = self.desk.watch(caller).await.map_err(gone)?;
        let (so_far, next) = watching.ok_or_else(|| by_rule(&Rule::UnknownOperator))?;
        let so_far = tokio_stream::iter(so_far).map(Ok);
        let next = BroadcastStream::new(next).map(|event| event.map_err(|_| refused("BUSY", [])));
        let events = so_far.chain(next).map(|event| event.map(|event| convert::event(&event)));
        Ok(Response::new(Box::pin(events)))
    }
}

/// Takes the socket's place; only owner and group may connect.
pub fn bind(socket: &Path) -> std::io::Result<UnixListener> {
    raccordo_machine::socket::listen(socket, 0o660).and_then(UnixListener::from_std)
}
