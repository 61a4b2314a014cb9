//! Real listeners on this machine that are not the gateway. The gateway itself, and one of another network, are looked at with
//! real processes (`tests/tests/network/doctor.rs`).

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::*;

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

fn endpoint(host: &str, port: u16) -> Endpoint {
    Endpoint::parse(&format!("{host}:{port}")).expect("an address")
}

/// By somebody who may not read the office's key.
async fn found_at(host: &str, port: u16) -> Found {
    let nowhere = PathBuf::from("/nowhere/none.pem");
    look(&endpoint(host, port), &Tls { chain: nowhere.clone(), key: nowhere }).await.found
}

#[tokio::test]
async fn a_name_that_leads_nowhere_and_a_port_without_a_program_are_told_apart() {
    assert_eq!(found_at("gw.rete.invalid", 443).await, Found::NoName);
    let (listener, address) = listener().await;
    drop(listener);
    assert_eq!(found_at("127.0.0.1", address.port()).await, Found::Refused);
}

/// A gateway would count a stranger, and the office would learn nothing.
#[tokio::test]
async fn whoever_may_not_read_the_key_looks_no_further_than_the_connection() {
    let (listener, address) = listener().await;
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut byte = [0; 1];
        stream.readable().await.expect("it is closed");
        stream.try_read(&mut byte).expect("the end")
    });
    assert_eq!(found_at("127.0.0.1", address.port()).await, Found::Unjudged);
    assert_eq!(heard.await.expect("it has listened"), 0, "nothing was said");
}

#[tokio::test]
async fn a_page_where_tls_should_be_is_a_proxy_and_a_connection_that_ends_is_cut() {
    for (answer, expected) in [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Found::NotTls), (b"", Found::Cut)] {
        let (listener, address) = listener().await;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            stream.write_all(answer).await.expect("an answer");
        });
        let endpoint = endpoint("127.0.0.1", address.port());
        let config = tls::client(provider(), Witness::new(Vec::new()).looks(), None).expect("a client");
        let stream = reach(&endpoint).await.expect("it listens");
        let shaken = handshake(stream, &endpoint, config).await.expect("in time");
        assert_eq!(fault(&shaken.expect_err("no TLS")), expected);
    }
}
