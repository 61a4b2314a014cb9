//! One try at one gateway: TCP, TLS, h2. Not here: which gateway, and when to try again.

use std::sync::Arc;

use raccordo_machine::tls::ALPN;
use raccordo_proto::limits::{HANDSHAKE_MAX, KEEPALIVE_ANSWER_MAX, KEEPALIVE_EVERY};
use raccordo_proto::{Directory, Endpoint};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::Channel;

use super::outage::code_of;
use super::{TLS, UNREACHABLE};
use crate::config;
use crate::tls::{TlsIdentity, client_config};

/// The head of the first frame of HTTP/2.
const FIRST_BYTES: usize = 9;

/// A connection that is up, or the code that says what failed.
pub(super) async fn dial(endpoint: &Endpoint, tls: &config::Tls, directory: Arc<Directory>) -> Result<Channel, &'static str> {
    let config = TlsIdentity::load(tls).and_then(|identity| client_config(&identity, directory)).map_err(|fault| {
        tracing::error!(%fault, "no TLS to any gateway");
        TLS
    })?;
    let name = ServerName::try_from(endpoint.host().to_owned()).map_err(|_| UNREACHABLE)?;
    let tcp = timeout(HANDSHAKE_MAX, TcpStream::connect((endpoint.host(), endpoint.port()))).await;
    let tcp = tcp.map_err(|_| UNREACHABLE)?.map_err(|_| UNREACHABLE)?;
    tcp.set_nodelay(true).map_err(|_| UNREACHABLE)?;
    let shaken = timeout(HANDSHAKE_MAX, TlsConnector::from(Arc::new(config)).connect(name, tcp)).await;
    let stream = shaken.map_err(|_| UNREACHABLE)?.map_err(|error| {
        tracing::warn!(host = endpoint.host(), port = endpoint.port(), %error, "the gateway is not believed");
        if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) { TLS } else { UNREACHABLE }
    })?;
    if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
        return Err(TLS);
    }
    raccordo_caller::over(admitted(stream).await?, settings()).await.map_err(|error| code_of(&error))
}

/// The stream once the gateway has said something on it. With TLS 1.3 it looks at our certificate after the handshake; what it
/// says of it would be lost if we had written by then.
async fn admitted(
    mut stream: TlsStream<TcpStream>,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, &'static str> {
    let mut first = [0; FIRST_BYTES];
    let read = timeout(HANDSHAKE_MAX, stream.read(&mut first)).await.map_err(|_| UNREACHABLE)?;
    let read = read.map_err(|error| code_of(&error))?;
    if read == 0 {
        return Err(UNREACHABLE);
    }
    let (reader, writer) = tokio::io::split(stream);
    let said = std::io::Cursor::new(first).take(read as u64);
    Ok(tokio::io::join(said.chain(reader), writer))
}

/// Limits of HTTP/2. The scheme is only written: TLS is done already.
pub(super) fn settings() -> tonic::transport::Endpoint {
    raccordo_caller::settings()
        .http2_keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_ANSWER_MAX)
        .keep_alive_while_idle(true)
}
