//! A gateway's authority port, seen from the administration: TLS 1.3 to a gateway that the last version names, no certificate
//! of one's own, one request at a time, each with an end.
//!
//! Not here: what is handed in and how its answer is said (`cli/publish`), what the gateway checks. The one module of this crate
//! that opens sockets.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use hyper_util::rt::TokioIo;
use raccordo_machine::tls::{self, ALPN, Usage, provider, verify_chain};
use raccordo_proto::certificate::{admit_gateway, spki_sha256};
use raccordo_proto::limits::{DIRECTORY_BYTES_MAX, HANDSHAKE_MAX, HEAD_BYTES_MAX, HEADER_LIST_BYTES_MAX, LINKS_MAX};
use raccordo_proto::{Directory, Endpoint, Timestamp, wire};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, OtherError};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::Status;
use tonic::transport::Channel;

use crate::stubs::directory_service_client::DirectoryServiceClient;

/// From a request to its answer; a gateway gives itself less.
const ANSWER_MAX: Duration = Duration::from_secs(45);
/// What a gateway may answer: a document, and the heads that lead to it.
const ANSWER_BYTES_MAX: usize = DIRECTORY_BYTES_MAX + LINKS_MAX * 2 * HEAD_BYTES_MAX;

/// Why something was not handed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody answers there, or not in time, or the connection was cut.
    #[error("{0}")]
    Unreachable(String),
    /// Who answers is no gateway of the last version, or speaks another TLS.
    #[error("{0}")]
    NotBelieved(String),
    /// The gateway's own code.
    #[error("{0}")]
    Refused(String),
}

/// A gateway that was believed.
pub struct Gateway(DirectoryServiceClient<Channel>);

impl Gateway {
    /// Connects to one of the gateways of this directory. `own` are the authority's certificates: its roots are believed where
    /// the directory names them.
    pub async fn reach(at: &Endpoint, directory: Arc<Directory>, own: Vec<CertificateDer<'static>>) -> Result<Self, Fault> {
        let config = tls::client(provider(), judge(directory, own), None).map_err(not_believed)?;
        let name = ServerName::try_from(at.host().to_owned()).map_err(unreachable)?;
        let tcp = timeout(HANDSHAKE_MAX, TcpStream::connect((at.host(), at.port()))).await.map_err(unreachable)?;
        let tcp = tcp.map_err(unreachable)?;
        let shaken =
            timeout(HANDSHAKE_MAX, TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.map_err(unreachable)?;
        let stream = shaken.map_err(|error| {
            let is_of_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            if is_of_tls { not_believed(error) } else { unreachable(error) }
        })?;
        if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
            return Err(Fault::NotBelieved("no h2".to_owned()));
        }
        let channel = timeout(HANDSHAKE_MAX, over(stream)).await.map_err(unreachable)?.map_err(unreachable)?;
        Ok(Self(DirectoryServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX)))
    }

    /// The version that it serves.
    pub async fn newest(&mut self) -> Result<wire::SignedDirectory, Fault> {
        let asked = self.0.fetch(wire::FetchRequest { since_version: 0 });
        answered(asked).await?.newest.ok_or_else(|| Fault::Refused("INCONSISTENT".to_owned()))
    }

    /// Hands in a version, with the heads that lead to it.
    pub async fn publish(&mut self, document: wire::SignedDirectory, links: Vec<wire::SignedDirectory>) -> Result<(), Fault> {
        answered(self.0.publish(wire::PublishRequest { document: Some(document), links })).await.map(drop)
    }

    /// Hands in a Confirm.
    pub async fn confirm(&mut self, confirm: wire::SignedConfirm) -> Result<(), Fault> {
        answered(self.0.confirm(wire::ConfirmRequest { confirm: Some(confirm) })).await.map(drop)
    }
}

/// Who is believed: a gateway whose key the directory names, under one of its roots. Its name adds nothing.
fn judge(
    directory: Arc<Directory>,
    own: Vec<CertificateDer<'static>>,
) -> impl Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static {
    move |leaf, above, now| {
        let instant = Timestamp::from_millis(now.as_secs().saturating_mul(1000));
        admit_gateway(leaf, &directory, instant).map_err(refused)?;
        let is_root =
            |cert: &&CertificateDer<'_>| spki_sha256(cert).is_some_and(|h| directory.x509_roots().any(|root| root == h));
        let roots: Vec<_> = own.iter().chain(above).filter(is_root).cloned().collect();
        verify_chain(leaf, above, &roots, Usage::Server, now).map_err(refused)
    }
}

fn refused(fault: impl core::error::Error + Send + Sync + 'static) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}

fn unreachable(fault: impl core::fmt::Display) -> Fault {
    Fault::Unreachable(fault.to_string())
}

fn not_believed(fault: impl core::fmt::Display) -> Fault {
    Fault::NotBelieved(fault.to_string())
}

/// HTTP/2 over a stream that is up. The connector works once: nobody connects again behind our back.
async fn over(stream: TlsStream<TcpStream>) -> Result<Channel, tonic::transport::Error> {
    let once = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = tower::service_fn(move |_| {
        let stream = once.lock().ok().and_then(|mut stream| stream.take());
        core::future::ready(stream.ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)))
    });
    let endpoint = tonic::transport::Endpoint::from_static("http://gateway.invalid");
    let endpoint = endpoint.origin(tonic::codegen::http::Uri::from_static("https://gateway.invalid"));
    endpoint.http2_max_header_list_size(HEADER_LIST_BYTES_MAX).connect_with_connector(connector).await
}

/// An answer in time, or why there is none. A refusal's code stands in the status's own words; whatever is no code is a
/// connection that ended.
async fn answered<T>(asked: impl Future<Output = Result<tonic::Response<T>, Status>>) -> Result<T, Fault> {
    let status = match timeout(ANSWER_MAX, asked).await.map_err(unreachable)? {
        Ok(answer) => return Ok(answer.into_inner()),
        Err(status) => status,
    };
    let said = status.message();
    let is_code = raccordo_proto::Code::from_str_name(&format!("CODE_{said}")).is_some();
    Err(if is_code { Fault::Refused(said.to_owned()) } else { Fault::Unreachable(status.code().description().to_owned()) })
}
