//! Enrolment on line, at the authority's port: an invited machine deposits its request and collects the answer, an admin's
//! signed call lists what waits and answers it. A deposit grants nothing; what is handed on is believed for its own proofs.
//!
//! Not here: what the port's connections and tries are held to (`guest`, `authority`), how deposits are kept (`deposits`).

use std::sync::Arc;

use raccordo_machine::clock;
use raccordo_proto::enrolment::online::{self, Act, CallFault};
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::{AgencyId, Directory, Timestamp, wire};
use tonic::{Request, Response, Status};

use crate::api::status;
use crate::deposits::{Deposits, NotKept};
use crate::event::Event;
use crate::failure::Failure;
use crate::guest::Guest;
use crate::install::Install;
use crate::knocks::Knocks;
use crate::stubs::enrolment_service_server::{EnrolmentService, EnrolmentServiceServer};

/// The largest call: an answer with its activation.
const CALL_BYTES_MAX: usize = ACTIVATION_BYTES_MAX + REQUEST_BYTES_MAX;

/// Who answers machines that are not in yet.
#[derive(Clone)]
pub struct Enrolling {
    install: Arc<Install>,
    knocks: Knocks,
    deposits: Arc<Deposits>,
}

impl Enrolling {
    /// Over the deposits in the state folder, as a service.
    pub fn service(install: Arc<Install>, knocks: Knocks) -> EnrolmentServiceServer<Self> {
        let deposits = Arc::new(Deposits::at(&install.config.state));
        EnrolmentServiceServer::new(Self { install, knocks, deposits }).max_decoding_message_size(CALL_BYTES_MAX)
    }

    /// Does something with the deposits, away from the tasks that carry letters.
    async fn at_the_deposits<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Deposits, &Directory, Timestamp) -> Result<T, NotKept> + Send + 'static,
    ) -> Result<T, NotKept> {
        let (deposits, directory) = (self.deposits.clone(), self.install.publication.directory());
        let done = tokio::task::spawn_blocking(move || act(&deposits, &directory, clock::now())).await;
        done.map_err(|fault| Failure::Machine(format!("a deposit has ended by itself: {fault}")))?
    }

    /// An answer. What changes something, or is an admin's, is free; a refusal has its row.
    fn settled<T>(&self, guest: Guest, done: Result<T, NotKept>, is_free: impl FnOnce(&T) -> bool) -> Result<T, Status> {
        let fault = match done {
            Ok(done) => {
                if is_free(&done) {
                    self.knocks.give_back(guest.0);
                }
                return Ok(done);
            }
            Err(fault) => fault,
        };
        self.knocks.row(Event::EnrolmentRefused { code: fault.code().name(), reason: fault.to_string() });
        match &fault {
            NotKept::Fault(_) => Err(status(tonic::Code::FailedPrecondition, fault.code())),
            NotKept::Full => Err(status(tonic::Code::ResourceExhausted, fault.code())),
            NotKept::Failed(failure) => {
                tracing::error!("{failure}");
                Err(status(tonic::Code::Unavailable, fault.code()))
            }
        }
    }

    /// Leaves the row of what has changed.
    fn changed(&self, agency: Option<AgencyId>, row: impl FnOnce(String) -> Event) {
        if let Some(agency) = agency {
            self.install.audit.row(row(agency.to_string()));
        }
    }

    fn called(&self, call: &bytes::Bytes, signature: Option<&wire::Signature>) -> Result<Act, NotKept> {
        Ok(online::called(call, signature, &self.install.publication.directory(), clock::now())?)
    }
}

#[tonic::async_trait]
impl EnrolmentService for Enrolling {
    async fn deposit(&self, request: Request<wire::DepositRequest>) -> Result<Response<wire::DepositResponse>, Status> {
        let (guest, call) = (Guest::of(&request)?, request.into_inner());
        let done = self.at_the_deposits(move |deposits, directory, now| deposits.deposit(&call, directory, now)).await;
        let agency = self.settled(guest, done, Option::is_some)?;
        self.changed(agency, |agency| Event::Deposited { agency });
        Ok(Response::new(wire::DepositResponse {}))
    }

    async fn collect(&self, request: Request<wire::CollectRequest>) -> Result<Response<wire::CollectResponse>, Status> {
        let (guest, call) = (Guest::of(&request)?, request.into_inner());
        let done = self.at_the_deposits(move |deposits, _, now| deposits.collect(&call.token, now)).await;
        // Whoever holds a token that was deposited may ask as often as it likes: a whole building may share an address.
        Ok(Response::new(self.settled(guest, done, |_| true)?))
    }

    async fn pending(&self, request: Request<wire::PendingRequest>) -> Result<Response<wire::PendingResponse>, Status> {
        let (guest, call) = (Guest::of(&request)?, request.into_inner());
        let done = match self.called(&call.call, call.signature.as_ref()) {
            Ok(Act::Pending) => self.at_the_deposits(|deposits, _, now| deposits.pending(now)).await,
            Ok(Act::Answer(_)) => Err(CallFault::Signature.into()),
            Err(fault) => Err(fault),
        };
        let deposited = self.settled(guest, done, |_| true)?;
        Ok(Response::new(wire::PendingResponse { deposited }))
    }

    async fn answer(&self, request: Request<wire::AnswerRequest>) -> Result<Response<wire::AnswerResponse>, Status> {
        let (guest, call) = (Guest::of(&request)?, request.into_inner());
        let done = match self.called(&call.call, call.signature.as_ref()) {
            Ok(Act::Answer(answer)) => {
                self.at_the_deposits(move |deposits, directory, now| deposits.answer(&call, &answer, directory, now)).await
            }
            Ok(Act::Pending) => Err(CallFault::Signature.into()),
            Err(fault) => Err(fault),
        };
        let agency = self.settled(guest, done, |_| true)?;
        self.changed(agency, |agency| Event::EnrolmentAnswered { agency });
        Ok(Response::new(wire::AnswerResponse {}))
    }
}
