//! The authority's port: takes documents and Confirms from whoever has them, hands the directory out, and lets invited machines
//! enrol. Who calls shows no
//! certificate: what is handed in is believed for its signatures, which a gateway cannot make.
//!
//! Not here: what its connections are held to (`guest`), what a new directory changes (`install`), anything of a letter.

use core::time::Duration;
use std::sync::Arc;

use raccordo_proto::limits::FETCH_BYTES_MAX;
use raccordo_proto::{Code, wire};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptorLayer;
use tonic::{Request, Response, Status};

use crate::api::{DirectoryServiceServer, not_built, status};
use crate::app;
use crate::enrolling::Enrolling;
use crate::event::{Event, Way};
use crate::guest::{Guest, GuestIo, Guests};
use crate::install::{self, Install};
use crate::knocks::Knocks;
use crate::listen::{Door, INCOMING_MAX};
use crate::publication::NotTaken;
use crate::stubs;

/// What one address may ask for nothing in a minute: handshakes that fail, and calls of any service here that change nothing.
const TRIES_PER_MINUTE_MAX: u32 = 60;
/// From a request's first byte to its answer.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// Requests at once on one connection.
const REQUESTS_MAX: u32 = 1;

/// A port that listens.
pub struct Authority {
    /// Ends with the port.
    pub task: JoinHandle<Result<(), tonic::transport::Error>>,
    stop: oneshot::Sender<()>,
}

impl Authority {
    /// Serves.
    pub fn start(listener: TcpListener, install: Arc<Install>) -> Self {
        let knocks = Knocks::new(TRIES_PER_MINUTE_MAX, install.audit.clone());
        let (admitted, incoming) = mpsc::channel::<std::io::Result<GuestIo>>(INCOMING_MAX);
        let door = Door { gate: Guests::new(install.tls.subscribe()), knocks: knocks.clone() };
        tokio::spawn(door.keep(listener, admitted));
        let tries = InterceptorLayer::new(tries(knocks.clone()));
        let enrolling = Enrolling::service(install.clone(), knocks.clone());
        let service = DirectoryServiceServer::new(Desk { install, knocks }).max_decoding_message_size(FETCH_BYTES_MAX);
        let mut http2 = app::http2().max_concurrent_streams(REQUESTS_MAX).timeout(REQUEST_MAX).layer(tries);
        let (stop, stopped) = oneshot::channel();
        let services = http2.add_service(service).add_service(enrolling);
        let task = tokio::spawn(services.serve_with_incoming_shutdown(ReceiverStream::new(incoming), async {
            let _or_the_gateway_is_gone = stopped.await;
        }));
        Self { task, stop }
    }

    /// Takes no more; what is under way may end.
    pub fn stop(self) -> JoinHandle<Result<(), tonic::transport::Error>> {
        let _gone_already = self.stop.send(());
        self.task
    }
}

/// What every call of every service at this port meets before its body is read: its caller has a try left, and has spent it.
/// A call that changes something is given it back ([`Knocks::give_back`]).
fn tries(knocks: Knocks) -> impl Interceptor + Clone + Send + Sync + 'static {
    move |request: Request<()>| {
        let Guest(from) = Guest::of(&request)?;
        if knocks.knock(from) { Ok(request) } else { Err(status(tonic::Code::ResourceExhausted, Code::TooMany)) }
    }
}

/// Who answers at that port.
#[derive(Clone)]
struct Desk {
    install: Arc<Install>,
    knocks: Knocks,
}

impl Desk {
    /// An answer. A change is free; a refusal has its row.
    fn answer(&self, guest: Guest, taken: Result<bool, NotTaken>, row: impl Fn(&NotTaken) -> Event) -> Result<(), Status> {
        let fault = match taken {
            Ok(true) => {
                self.knocks.give_back(guest.0);
                return Ok(());
            }
            Ok(false) => return Ok(()),
            Err(fault) => fault,
        };
        self.knocks.row(row(&fault));
        if let NotTaken::Failed(failure) = &fault {
            tracing::error!("{failure}");
            return Err(status(tonic::Code::Unavailable, fault.code()));
        }
        Err(status(tonic::Code::FailedPrecondition, fault.code()))
    }
}

#[tonic::async_trait]
impl stubs::directory_service_server::DirectoryService for Desk {
    async fn fetch(&self, request: Request<wire::FetchRequest>) -> Result<Response<wire::FetchResponse>, Status> {
        Ok(Response::new(self.install.publication.fetch(request.into_inner().since_version)))
    }

    async fn cards(&self, _: Request<wire::CardsRequest>) -> Result<Response<wire::CardsResponse>, Status> {
        Err(not_built())
    }

    async fn publish(&self, request: Request<wire::PublishRequest>) -> Result<Response<wire::PublishResponse>, Status> {
        let guest = Guest::of(&request)?;
        let wire::PublishRequest { document, links } = request.into_inner();
        let document = document.unwrap_or_default();
        let taken = self.install.publish(links, document).await;
        self.answer(guest, taken, |fault| install::refused(Way::Authority, fault))?;
        Ok(Response::new(wire::PublishResponse {}))
    }

    async fn confirm(&self, request: Request<wire::ConfirmRequest>) -> Result<Response<wire::ConfirmResponse>, Status> {
        let guest = Guest::of(&request)?;
        let taken = self.install.confirm(request.into_inner().confirm.unwrap_or_default()).await;
        let row = |fault: &NotTaken| Event::ConfirmRefused { code: fault.code().name(), reason: fault.to_string() };
        self.answer(guest, taken, row)?;
        Ok(Response::new(wire::ConfirmResponse {}))
    }
}
