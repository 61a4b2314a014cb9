//! Real listeners on this machine that are not the gateway. The gateway itself is looked at with real processes.

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

async fn found_at(host: &str, port: u16) -> Found {
    let nowhere = PathBuf::from("/nowhere/none.pem");
    let tls = Tls { chain: nowhere.clone(), key: nowhere };
    look(&Endpoint::parse(&format!("{host}:{port}")).expect("an address"), &tls).await.found
}

#[tokio::test]
async fn a_name_that_leads_nowhere_and_a_port_without_a_program_are_told_apart() {
    assert_eq!(found_at("gw.rete.invalid", 443).await, Found::NoName);
    let (listener, address) = listener().await;
    drop(listener);
    assert_eq!(found_at("127.0.0.1", address.port()).await, Found::Refused);
}

#[tokio::test]
async fn a_page_where_tls_should_be_is_a_proxy_and_a_connection_that_ends_is_cut() {
    for (answer, expected) in [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Found::NotTls), (b"", Found::Cut)] {
        let (listener, address) = listener().await;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            stream.write_all(answer).await.expect("an answer");
        });
        assert_eq!(found_at("127.0.0.1", address.port()).await, expected);
    }
}
