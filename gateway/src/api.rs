//! The two services that agents may call. Every caller has shown a certificate; each call asks the directory again.
//!
//! Not here: EnrolmentService (not built); DirectoryService's Publish and Confirm, which are taken at the authority's port
//! alone (`authority`) and answer VERSION here, as Cards does everywhere.

use std::sync::Arc;

use prost::Message as _;
use raccordo_machine::clock;
use raccordo_proto::{Code, wire};
use tonic::{Request, Response, Status, Streaming};

use crate::line::Outgoing;
use crate::link::Link;
use crate::publication::Publication;
use crate::relay::Relay;
use crate::router::standing;
use crate::session;
use crate::stubs;

pub use crate::stubs::directory_service_server::DirectoryServiceServer;
pub use crate::stubs::relay_service_server::RelayServiceServer;

/// Both services.
#[derive(Clone)]
pub struct Api {
    /// Where streams go.
    pub relay: Relay,
    /// What Fetch answers.
    pub publication: Arc<Publication>,
}

impl Api {
    /// The connection of a request, when the directory still lets its peer in.
    fn link<T>(&self, request: &Request<T>) -> Result<Link, Status> {
        let link =
            request.extensions().get::<Link>().ok_or_else(|| status(tonic::Code::Unauthenticated, Code::Unauthenticated))?;
        standing(&self.publication.directory(), link.peer(), clock::now())
            .map_err(|code| status(tonic::Code::PermissionDenied, code))?;
        Ok(link.clone())
    }
}

#[tonic::async_trait]
impl stubs::relay_service_server::RelayService for Api {
    type AttachStream = Outgoing;

    async fn attach(&self, request: Request<Streaming<wire::FromAgent>>) -> Result<Response<Outgoing>, Status> {
        let link = self.link(&request)?;
        Ok(Response::new(session::begin(link, self.relay.clone(), request.into_inner()).await))
    }
}

#[tonic::async_trait]
impl stubs::directory_service_server::DirectoryService for Api {
    async fn fetch(&self, request: Request<wire::FetchRequest>) -> Result<Response<wire::FetchResponse>, Status> {
        self.link(&request)?;
        Ok(Response::new(self.publication.fetch(request.into_inner().since_version)))
    }

    async fn cards(&self, _: Request<wire::CardsRequest>) -> Result<Response<wire::CardsResponse>, Status> {
        Err(not_built())
    }

    async fn publish(&self, _: Request<wire::PublishRequest>) -> Result<Response<wire::PublishResponse>, Status> {
        Err(not_built())
    }

    async fn confirm(&self, _: Request<wire::ConfirmRequest>) -> Result<Response<wire::ConfirmResponse>, Status> {
        Err(not_built())
    }
}

/// What is not here answers so.
pub fn not_built() -> Status {
    status(tonic::Code::Unimplemented, Code::Version)
}

/// A gRPC status whose reason is a code of the protocol, as a google.rpc.ErrorInfo of the domain `raccordo`; no free text.
pub fn status(grpc: tonic::Code, code: Code) -> Status {
    let info = ErrorInfo { reason: code.name().to_owned(), domain: "raccordo".to_owned() };
    let any = Any { type_url: "type.googleapis.com/google.rpc.ErrorInfo".to_owned(), value: info.encode_to_vec() };
    let details = RpcStatus { code: grpc as i32, message: code.name().to_owned(), details: vec![any] };
    Status::with_details(grpc, code.name(), details.encode_to_vec().into())
}

/// google.rpc.Status.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// google.protobuf.Any.
#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// google.rpc.ErrorInfo.
#[derive(Clone, PartialEq, prost::Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
}
