//! A relay between a scanner and a door, which writes down how each knock was answered. Every knock comes to the door from an
//! address of its own (127.0.0.0/8 has many): the gateway stops answering an address that fails often, and a scanner that is
//! no longer answered would find nothing for the wrong reason.
//!
//! Not here: what a scanner makes of it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use raccordo_tests::processes::DEADLINE;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CHUNK_BYTES: usize = 16 * 1024;
/// An alert is so long, and so much of each side's first bytes is kept.
const FIRST_BYTES: usize = 7;

/// What was said first in one knock.
#[derive(Debug, Clone)]
pub struct Knock {
    /// By the scanner.
    pub asked: Vec<u8>,
    /// By the door.
    pub answered: Vec<u8>,
}

impl Knock {
    /// Whether a fatal alert was the answer (RFC 8446, section 6).
    pub fn was_refused(&self) -> bool {
        matches!(self.answered[..], [21, 3, _, 0, 2, 2, _])
    }

    /// Whether a handshake message was the answer: the scanner was let talk on.
    pub fn was_heard(&self) -> bool {
        self.answered.first() == Some(&22)
    }
}

#[derive(Default)]
struct Book {
    open: usize,
    knocks: Vec<Knock>,
}

/// A running relay. Ends when dropped.
pub struct Relay {
    port: u16,
    book: Arc<watch::Sender<Book>>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Listens on a free port and leads to `door`.
    pub async fn start(door: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a free port")?;
        let port = listener.local_addr().context("the relay's address")?.port();
        let book = Arc::new(watch::Sender::new(Book::default()));
        let of_knocks = book.clone();
        let accepting = tokio::spawn(async move {
            let mut number = 0;
            while let Ok((scanner, _)) = listener.accept().await {
                number += 1;
                let book = of_knocks.clone();
                book.send_modify(|book| book.open += 1);
                tokio::spawn(async move {
                    let knock = pass(scanner, door, number).await;
                    book.send_modify(|book| {
                        book.open -= 1;
                        book.knocks.extend(knock);
                    });
                });
            }
        });
        Ok(Self { port, book, accepting })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every knock with something said in it, once the last has ended.
    pub async fn knocks(self) -> anyhow::Result<Vec<Knock>> {
        let mut book = self.book.subscribe();
        let ended = tokio::time::timeout(DEADLINE, book.wait_for(|book| book.open == 0)).await.context("a knock does not end")?;
        Ok(ended?.knocks.iter().filter(|knock| !knock.asked.is_empty()).cloned().collect())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// An address of this machine that nobody else knocks from.
pub fn address(number: u16) -> SocketAddr {
    let [high, low] = number.to_be_bytes();
    SocketAddr::from(([127, 1, high, low], 0))
}

async fn pass(scanner: TcpStream, door: SocketAddr, number: u16) -> Option<Knock> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(address(number)).ok()?;
    let door = socket.connect(door).await.ok()?;
    let (from_scanner, to_scanner) = scanner.into_split();
    let (from_door, to_door) = door.into_split();
    let (asked, answered) = tokio::join!(forward(from_scanner, to_door), forward(from_door, to_scanner));
    Some(Knock { asked, answered })
}

/// Forwards until either end is gone; the first bytes.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Vec<u8> {
    let (mut chunk, mut first) = (vec![0; CHUNK_BYTES], Vec::new());
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if first.is_empty() {
            first.extend(&chunk[..read.min(FIRST_BYTES)]);
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            break;
        }
    }
    first
}
