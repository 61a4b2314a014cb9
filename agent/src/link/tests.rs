//! The link's session against a scripted gateway, over memory instead of TLS.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use raccordo_proto::wire::{Goodbye, Head, Hello, Ready, SignedDirectory, Waiting, Welcome};
use tokio::sync::Semaphore;
use tokio_stream::StreamExt as _;
use tonic::codegen::http;
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};

use super::*;

type Answers = Pin<Box<dyn tokio_stream::Stream<Item = Result<ToAgent, Status>> + Send>>;

/// Answers each frame as the script says; any call is Attach.
#[derive(Clone)]
struct Gateway;

struct Attach;

impl NamedService for Gateway {
    const NAME: &'static str = "raccordo.v1.RelayService";
}

impl StreamingService<FromAgent> for Attach {
    type Response = ToAgent;
    type ResponseStream = Answers;
    type Future = std::future::Ready<Result<tonic::Response<Answers>, Status>>;

    fn call(&mut self, request: tonic::Request<tonic::Streaming<FromAgent>>) -> Self::Future {
        let answers = request.into_inner().map(|frame| Ok(scripted(frame?)));
        std::future::ready(Ok(tonic::Response::new(Box::pin(answers))))
    }
}

fn scripted(frame: FromAgent) -> ToAgent {
    use from_agent::Frame as From;
    use to_agent::Frame as To;
    let frame = match frame.frame {
        Some(From::Hello(_)) => To::Welcome(Welcome::default()),
        Some(From::Waiting(waiting)) if waiting.recipients.is_empty() => To::Goodbye(Goodbye { code: Code::Superseded.into() }),
        Some(From::Waiting(_)) => To::Ping(Padding { padding: Bytes::from_static(&[0; 70_000]) }),
        Some(From::Pong(pong)) if pong.padding.len() == 70_000 => To::Ready(Ready::default()),
        _ => To::Goodbye(Goodbye { code: Code::Malformed.into() }),
    };
    ToAgent { frame: Some(frame) }
}

impl tower::Service<http::Request<tonic::body::Body>> for Gateway {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        Box::pin(async move { Ok(Grpc::new(tonic_prost::ProstCodec::default()).streaming(Attach, request).await) })
    }
}

/// Answers each Fetch once it may, with as many heads as the version it is asked from: so it shows which one was asked.
#[derive(Clone)]
struct Directories(Arc<Semaphore>);

impl NamedService for Directories {
    const NAME: &'static str = "raccordo.v1.DirectoryService";
}

impl UnaryService<FetchRequest> for Directories {
    type Response = FetchResponse;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<FetchResponse>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<FetchRequest>) -> Self::Future {
        let may = self.0.clone();
        Box::pin(async move {
            may.acquire().await.expect("it stays open").forget();
            let heads = vec![SignedDirectory::default(); request.into_inner().since_version as usize];
            Ok(tonic::Response::new(FetchResponse { heads, ..FetchResponse::default() }))
        })
    }
}

impl tower::Service<http::Request<tonic::body::Body>> for Directories {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        let answers = self.clone();
        Box::pin(async move { Ok(Grpc::new(tonic_prost::ProstCodec::default()).unary(answers, request).await) })
    }
}

async fn channel() -> Channel {
    channel_to(Directories(Arc::new(Semaphore::new(0)))).await
}

async fn channel_to(directories: Directories) -> Channel {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let incoming = tokio_stream::iter([Ok::<_, std::io::Error>(theirs)]).chain(tokio_stream::pending());
    let server = tonic::transport::Server::builder().add_service(Gateway).add_service(directories);
    tokio::spawn(server.serve_with_incoming(incoming));
    let mut ours = Some(hyper_util::rt::TokioIo::new(ours));
    let connector = tower::service_fn(move |_| std::future::ready(ours.take().ok_or(std::io::Error::other("once"))));
    dial::settings().connect_with_connector(connector).await.expect("a connection over memory")
}

fn directory() -> Arc<Directory> {
    let head = Head { network: "rete-demo.invalid".into(), ..Head::default() };
    let document = SignedDirectory { head: prost::Message::encode_to_vec(&head).into(), ..SignedDirectory::default() };
    Arc::new(Directory::trusted_before(&document).expect("an empty directory"))
}

struct Desk {
    events: mpsc::Receiver<LinkEvent>,
    commands: mpsc::Sender<LinkCommand>,
}

fn pair() -> (Link, Desk) {
    let (told, events) = mpsc::channel(1);
    let (commands, asked) = mpsc::channel(8);
    let tls = Tls { chain: "/nowhere".into(), key: "/nowhere".into() };
    let endpoints = vec![Endpoint::parse("localhost:1").expect("an endpoint")];
    let backoff = Backoff::new(DEV_BACKOFF_MAX);
    let link = Link {
        endpoints,
        tried: 0,
        tls,
        directory: directory(),
        backoff,
        recorder: None,
        verdict: Verdict::default(),
        events: told,
        commands: asked,
    };
    (link, Desk { events, commands })
}

impl Desk {
    async fn send(&self, frame: from_agent::Frame) {
        self.commands.send(LinkCommand::Send(FromAgent { frame: Some(frame) })).await.expect("the link listens");
    }

    async fn next(&mut self) -> LinkEvent {
        timeout(Duration::from_secs(5), self.events.recv()).await.expect("in time").expect("the link speaks")
    }
}

fn waiting(recipients: &[&str]) -> from_agent::Frame {
    from_agent::Frame::Waiting(Waiting { recipients: recipients.iter().map(ToString::to_string).collect() })
}

#[tokio::test]
async fn a_session_opens_with_hello_answers_pings_and_ends_with_the_gateways_code() {
    let (mut link, mut desk) = pair();
    desk.send(waiting(&[])).await;
    let session = tokio::spawn(async move { link.session(channel().await).await });
    assert!(matches!(desk.next().await, LinkEvent::Opening), "what was left from before was dropped");
    desk.send(waiting(&[])).await;
    desk.send(from_agent::Frame::Hello(Hello::default())).await;
    desk.send(from_agent::Frame::Hello(Hello::default())).await;
    assert!(matches!(desk.next().await, LinkEvent::Received(ToAgent { frame: Some(to_agent::Frame::Welcome(_)) })));
    desk.send(waiting(&["cpi-rivabella"])).await;
    assert!(matches!(desk.next().await, LinkEvent::Received(ToAgent { frame: Some(to_agent::Frame::Ready(_)) })));
    desk.send(waiting(&[])).await;
    assert!(matches!(session.await, Ok(End::Down("SUPERSEDED"))));
}

#[tokio::test]
async fn of_the_fetches_that_wait_for_one_under_way_the_earliest_is_asked_and_each_answer_says_which_it_is_of() {
    let (mut link, mut desk) = pair();
    let may = Arc::new(Semaphore::new(0));
    let directories = Directories(may.clone());
    let session = tokio::spawn(async move { link.session(channel_to(directories).await).await });
    assert!(matches!(desk.next().await, LinkEvent::Opening));
    desk.send(from_agent::Frame::Hello(Hello::default())).await;
    assert!(matches!(desk.next().await, LinkEvent::Received(_)));
    for since in [5, 4, 3, 5] {
        desk.commands.send(LinkCommand::Fetch { since }).await.expect("the link listens");
    }
    desk.send(waiting(&["cpi-rivabella"])).await;
    assert!(matches!(desk.next().await, LinkEvent::Received(_)), "what was asked before that has been heard");
    may.add_permits(4);
    for asked in [5, 3] {
        let LinkEvent::Directory { since, response } = desk.next().await else { panic!("no answer") };
        assert_eq!((since, response.heads.len()), (asked, asked as usize));
    }
    desk.send(waiting(&[])).await;
    assert!(matches!(session.await, Ok(End::Down("SUPERSEDED"))));
    assert_eq!(may.available_permits(), 2, "none was asked twice");
}

#[tokio::test]
async fn close_ends_a_session_and_a_wait() {
    let (mut link, mut desk) = pair();
    let session = tokio::spawn(async move { link.session(channel().await).await });
    assert!(matches!(desk.next().await, LinkEvent::Opening));
    desk.send(from_agent::Frame::Hello(Hello::default())).await;
    assert!(matches!(desk.next().await, LinkEvent::Received(_)));
    desk.commands.send(LinkCommand::Close).await.expect("the link listens");
    assert!(matches!(session.await, Ok(End::Closed)));
    let (link, desk) = pair();
    let run = tokio::spawn(link.run());
    drop(desk);
    assert!(timeout(Duration::from_secs(5), run).await.is_ok());
}

#[tokio::test]
async fn without_a_gateway_the_link_says_why_after_every_try() {
    let (link, mut desk) = pair();
    let run = tokio::spawn(link.run());
    for _ in 0..2 {
        assert!(matches!(desk.next().await, LinkEvent::Down { code: TLS }), "there is no certificate to show");
        desk.commands.send(LinkCommand::Directory(directory())).await.expect("the link listens");
    }
    run.abort();
}
