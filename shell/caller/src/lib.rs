//! A caller at a gateway's authority port: TLS 1.3 without a certificate of one's own, HTTP/2 over it, one request at a time,
//! each with an end. Both who administers a network and a machine that was invited to it call there.
//!
//! Deliberately not here: what is asked, who is believed (a judge of certificates comes in), an agent's link (it shows a
//! certificate and stays).

use core::time::Duration;
use std::sync::{Arc, Mutex};

use hyper_util::rt::TokioIo;
use raccordo_machine::tls::{self, ALPN, provider};
use raccordo_proto::Endpoint;
use raccordo_proto::limits::{HANDSHAKE_MAX, HEADER_LIST_BYTES_MAX};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, OtherError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::Status;
use tonic::transport::{Channel, Error};
use tonic_types::StatusExt as _;

/// From a request to its answer; a gateway gives itself less.
const ANSWER_MAX: Duration = Duration::from_secs(45);

/// Whose codes a refusal names.
const ERROR_DOMAIN: &str = "raccordo";

/// Why nothing came of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody answers there, or not in time, or the connection was cut.
    #[error("{0}")]
    Unreachable(String),
    /// Who answers is not believed, or speaks another TLS.
    #[error("{0}")]
    NotBelieved(String),
    /// The gateway's own code.
    #[error("{0}")]
    Refused(String),
}

/// Connects to a gateway that this judge of its certificate believes.
pub async fn reach<J>(at: &Endpoint, judge: J) -> Result<Channel, Fault>
where
    J: Fn(&CertificateDer<'_>, &[CertificateDer<'_>], UnixTime) -> Result<(), rustls::Error> + Send + Sync + 'static,
{
    let config = tls::client(provider(), judge, None).map_err(not_believed)?;
    let name = ServerName::try_from(at.host().to_owned()).map_err(unreachable)?;
    let tcp = timeout(HANDSHAKE_MAX, TcpStream::connect((at.host(), at.port()))).await.map_err(unreachable)?;
    let tcp = tcp.map_err(unreachable)?;
    let shaken = timeout(HANDSHAKE_MAX, TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.map_err(unreachable)?;
    let stream = shaken.map_err(|error| {
        let is_of_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        if is_of_tls { not_believed(error) } else { unreachable(error) }
    })?;
    if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
        return Err(Fault::NotBelieved("no h2".to_owned()));
    }
    timeout(HANDSHAKE_MAX, over(stream, settings())).await.map_err(unreachable)?.map_err(unreachable)
}

/// HTTP/2 over a stream that is up. The connector works once: nobody connects again behind our back.
pub async fn over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    settings: tonic::transport::Endpoint,
) -> Result<Channel, Error> {
    let once = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = tower::service_fn(move |_| {
        let stream = once.lock().ok().and_then(|mut stream| stream.take());
        core::future::ready(stream.ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)))
    });
    settings.connect_with_connector(connector).await
}

/// Limits of HTTP/2. The scheme is only written: TLS is done already.
pub fn settings() -> tonic::transport::Endpoint {
    tonic::transport::Endpoint::from_static("http://gateway.invalid")
        .origin(tonic::codegen::http::Uri::from_static("https://gateway.invalid"))
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
}

/// An answer in time, or why there is none.
pub async fn answered<T>(asked: impl Future<Output = Result<tonic::Response<T>, Status>>) -> Result<T, Fault> {
    match timeout(ANSWER_MAX, asked).await.map_err(unreachable)? {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => Err(fault(&status)),
    }
}

/// A refusal's code is the reason of its google.rpc.ErrorInfo; whatever has none is a connection that ended.
fn fault(status: &Status) -> Fault {
    let info = status.get_details_error_info().filter(|info| info.domain == ERROR_DOMAIN);
    let code = info.and_then(|info| raccordo_proto::Code::from_str_name(&format!("CODE_{}", info.reason)));
    let ended = || Fault::Unreachable(status.code().description().to_owned());
    code.map_or_else(ended, |code| Fault::Refused(code.name().to_owned()))
}

/// What a judge says of a certificate that it does not believe.
pub fn refused(fault: impl core::error::Error + Send + Sync + 'static) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}

fn unreachable(fault: impl core::fmt::Display) -> Fault {
    Fault::Unreachable(fault.to_string())
}

fn not_believed(fault: impl core::fmt::Display) -> Fault {
    Fault::NotBelieved(fault.to_string())
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_refusals_code_is_what_its_details_say() {
        let of = |domain, reason| {
            let details = ErrorDetails::with_error_info(reason, domain, []);
            fault(&Status::with_error_details(Code::FailedPrecondition, "words for nobody", details))
        };
        assert_eq!(of(ERROR_DOMAIN, "DIRECTORY_STALE"), Fault::Refused("DIRECTORY_STALE".to_owned()));
        for no_refusal in [of("elsewhere", "DIRECTORY_STALE"), of(ERROR_DOMAIN, "NO_CODE"), fault(&Status::internal("BUSY"))] {
            assert!(matches!(no_refusal, Fault::Unreachable(_)), "{no_refusal:?}");
        }
    }
}
