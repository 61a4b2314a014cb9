//! A TCP proxy between one agent and the gateway that can be told to hold what the agent sends, while what the gateway sends
//! still passes. Bytes only: it knows nothing of TLS.
//!
//! Not here: delay, loss of single packets, reordering (TCP hides them).

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CHUNK_BYTES: usize = 16 * 1024;

#[derive(Clone, Copy)]
struct Orders {
    /// What agents send stays here.
    hold: bool,
    /// Connections of an earlier generation end, and what was held of them is lost.
    generation: u64,
}

/// A running proxy. Ends when dropped.
pub struct Proxy {
    address: SocketAddr,
    orders: Arc<watch::Sender<Orders>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port and forwards to `gateway`.
    pub async fn start(gateway: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a free port")?;
        let address = listener.local_addr().context("the proxy's address")?;
        let orders = Arc::new(watch::Sender::new(Orders { hold: false, generation: 0 }));
        let of_connections = orders.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((agent, _)) = listener.accept().await {
                let orders = of_connections.subscribe();
                tokio::spawn(async move {
                    if let Ok(gateway) = TcpStream::connect(gateway).await {
                        join(agent, gateway, orders).await;
                    }
                });
            }
        });
        Ok(Self { address, orders, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing that an agent sends reaches the gateway.
    pub fn hold(&self) {
        self.orders.send_modify(|orders| orders.hold = true);
    }

    /// What was held goes on, on the connections that are still there.
    pub fn pass(&self) {
        self.orders.send_modify(|orders| orders.hold = false);
    }

    /// Cuts every connection, loses what was held, and lets new connections pass.
    pub fn release(&self) {
        self.orders.send_modify(|orders| *orders = Orders { hold: false, generation: orders.generation + 1 });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.release();
    }
}

/// Forwards both ways until either side, or an order, ends it.
async fn join(agent: TcpStream, gateway: TcpStream, mut orders: watch::Receiver<Orders>) {
    let born = orders.borrow().generation;
    let (from_agent, to_agent) = agent.into_split();
    let (from_gateway, to_gateway) = gateway.into_split();
    let gate = Gate { orders: orders.clone(), born };
    tokio::select! {
        _ = orders.wait_for(|orders| orders.generation != born) => {}
        () = forward(from_gateway, to_agent, None) => {}
        () = forward(from_agent, to_gateway, Some(gate)) => {}
    }
}

/// What an agent sends waits here.
struct Gate {
    orders: watch::Receiver<Orders>,
    born: u64,
}

impl Gate {
    /// Waits until it is open; false if that order cut the connection, too: whoever waits may hear of it here first.
    async fn opens(&mut self) -> bool {
        self.orders.wait_for(|orders| !orders.hold).await.is_ok_and(|orders| orders.generation == self.born)
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut gate: Option<Gate>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if let Some(gate) = &mut gate
            && !gate.opens().await
        {
            return;
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}
