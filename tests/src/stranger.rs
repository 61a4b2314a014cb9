//! Somebody at the gateway's door, with papers of any making and any TLS: no more than is needed to be refused.
//!
//! Not here: an agent. Nothing of the gateway is believed or checked by this client.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use raccordo_admin::authority::IssuedLeaf;
use raccordo_agent::wire::directory_service_client::DirectoryServiceClient;
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::wire;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Endpoint, Uri};

/// A refusal must come this soon (T15).
pub const REFUSED_WITHIN: Duration = Duration::from_secs(5);

/// A certificate chain and a key, which need not be that of its leaf.
pub struct Papers {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Papers {
    /// What lies in somebody's folder.
    pub fn read(chain: &Path, key: &Path) -> anyhow::Result<Self> {
        let chain = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).context("a chain")?;
        Ok(Self { chain, key: PrivateKeyDer::from_pem_file(key).context("a key")? })
    }

    /// A leaf and its key.
    pub fn new(leaf: &IssuedLeaf, key: &TlsKey) -> anyhow::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(key.to_pem()?.as_bytes()).context("a key")?;
        Ok(Self { chain: chain(leaf)?, key })
    }

    /// Another leaf for the same key.
    pub fn with_leaf(&self, leaf: &IssuedLeaf) -> anyhow::Result<Self> {
        Ok(Self { chain: chain(leaf)?, key: self.key.clone_key() })
    }

    /// Another chain for the same key.
    pub fn with_chain(&self, chain: Vec<CertificateDer<'static>>) -> Self {
        Self { chain, key: self.key.clone_key() }
    }

    /// The chain, leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The key's SubjectPublicKeyInfo, DER.
    pub fn public_key(&self) -> anyhow::Result<Vec<u8>> {
        let signer = aws_lc_rs::sign::any_supported_type(&self.key).context("a key")?;
        Ok(signer.public_key().context("a public key")?.to_vec())
    }
}

fn chain(leaf: &IssuedLeaf) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(leaf.chain_pem.as_bytes()).collect::<Result<_, _>>().context("a chain")
}

/// How somebody knocks.
pub struct Knock {
    /// Shown when asked for.
    pub papers: Option<Papers>,
    /// Key exchanges offered.
    pub groups: Vec<&'static dyn SupportedKxGroup>,
    /// Application protocol offered.
    pub protocol: &'static [u8],
}

impl Knock {
    /// As an agent does.
    pub fn with(papers: Papers) -> Self {
        Self { papers: Some(papers), groups: vec![aws_lc_rs::kx_group::X25519MLKEM768], protocol: b"h2" }
    }

    /// Whether the gateway lets it in: it has said something of HTTP/2. An error when it says nothing at all in time. Each
    /// knock has an address of its own (`number`): the gateway hears no more of one that fails often.
    pub async fn gets_in(self, gateway: SocketAddr, number: u8) -> anyhow::Result<bool> {
        let config = config(self.papers, self.groups, self.protocol)?;
        let answer = tokio::time::timeout(REFUSED_WITHIN, knock(gateway, number, config)).await;
        answer.context("neither let in nor refused in time")
    }
}

/// The TLS of whoever shows these papers, or none, and believes any gateway.
pub fn config(
    papers: Option<Papers>,
    groups: Vec<&'static dyn SupportedKxGroup>,
    protocol: &[u8],
) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() });
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyGateway(provider)));
    let mut config = match papers {
        Some(papers) => {
            let key = aws_lc_rs::sign::any_supported_type(&papers.key).context("a key")?;
            config.with_client_cert_resolver(Arc::new(Shown(Arc::new(CertifiedKey::new(papers.chain, key)))))
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}

async fn knock(gateway: SocketAddr, number: u8, config: ClientConfig) -> bool {
    let said = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 2, 0, number], 0)))?;
        let tcp = socket.connect(gateway).await?;
        let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
        let mut tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
        tls.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?; // preface and empty SETTINGS
        tls.read(&mut [0; 64]).await
    };
    said.await.is_ok_and(|read| read > 0)
}

/// What the authority's port speaks.
pub type Directories = DirectoryServiceClient<tonic::transport::Channel>;

/// A guest of the authority's port, from an address of this machine's own (127.0.0.0/8).
pub async fn guest(from: [u8; 4], port: SocketAddr) -> anyhow::Result<Directories> {
    Ok(DirectoryServiceClient::new(channel(from, port).await?).max_decoding_message_size(usize::MAX))
}

/// A connection of such a guest.
pub async fn channel(from: [u8; 4], port: SocketAddr) -> anyhow::Result<tonic::transport::Channel> {
    let config = config(None, vec![aws_lc_rs::kx_group::X25519MLKEM768], b"h2")?;
    let tcp = call(from, port).await?;
    let tls = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost")?, tcp).await.context("TLS")?;
    let mut once = Some(TokioIo::new(tls));
    let connector = tower::service_fn(move |_: Uri| {
        std::future::ready(once.take().ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)))
    });
    Endpoint::from_static("http://gateway.invalid").connect_with_connector(connector).await.context("HTTP/2")
}

/// Hands in what is no version, and no message.
pub async fn garbled(channel: &tonic::transport::Channel) -> Option<tonic::Code> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    if client.ready().await.is_err() {
        return None;
    }
    let garbage = tonic::Request::new(wire::CollectRequest { token: Bytes::from_static(&[0xff; 8]) });
    let path = PathAndQuery::from_static("/raccordo.v1.DirectoryService/Publish");
    let codec = tonic_prost::ProstCodec::<wire::CollectRequest, wire::PublishResponse>::default();
    client.unary(garbage, path, codec).await.err().map(|status| status.code())
}

/// A connection on which nothing has been said yet.
pub async fn call(from: [u8; 4], port: SocketAddr) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(port).await.context("a connection")
}

/// Knocks with a TLS 1.2 ClientHello, byte by byte as RFC 5246 has it, and answers the alert that comes back.
pub async fn alert_for_tls12(gateway: SocketAddr) -> anyhow::Result<u8> {
    let mut hello = vec![3, 3];
    hello.extend([7; 32]); // random
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]); // no session; ECDHE_ECDSA_AES_128_GCM_SHA256; no compression
    let extensions = [0, 10, 0, 4, 0, 2, 0, 29, 0, 13, 0, 4, 0, 2, 4, 3, 0, 11, 0, 2, 1, 0]; // x25519; ecdsa_sha256; points
    hello.extend([0, u8::try_from(extensions.len())?]);
    hello.extend(extensions);
    let len = u8::try_from(hello.len())?;
    let record = [&[22, 3, 1, 0, len + 4, 1, 0, 0, len][..], &hello].concat();
    let alert = async {
        let mut tcp = TcpStream::connect(gateway).await?;
        tcp.write_all(&record).await?;
        let mut alert = [0; 7];
        tcp.read_exact(&mut alert).await?;
        anyhow::Ok(alert)
    };
    match tokio::time::timeout(REFUSED_WITHIN, alert).await.context("not refused in time")?? {
        [21, 3, _, 0, 2, 2, description] => Ok(description),
        other => bail!("no fatal alert: {other:?}"),
    }
}

/// Shows its certificate whatever is asked, and whether or not the key is its own.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct AnyGateway(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyGateway {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
