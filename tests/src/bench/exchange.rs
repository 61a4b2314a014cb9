//! Whole exchanges between two agents through the real gateway, all letters in one open case.
//!
//! One at a time, beside the parts: from the request at the sender's desk to the instant at which its receipt, verified, goes
//! to the journal; for that instant the sender is an office in this process (`sender`), everybody else a program. And from
//! the local API's side, between programs only: from the request to the event, which is told one append later, one at a time
//! and many in flight. Not here: a case for each letter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use raccordo_agent::api::{Event, EventKind, RiscontroRequest, SegnalaRequest, WatchRequest};
use raccordo_agent::client::LocalClient;
use raccordo_certs_dev::cast::{cav, cpi};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tonic::Streaming;

use super::crowd::{self, Crowd};
use super::figures::{Figure, median};
use super::parts::{Parts, riscontro};
use super::relays::BareExchange;
use super::sender::Sender;
use super::{Scale, gauge};
use crate::processes::{DEADLINE, World};
use crate::town::form;

/// How often, in one round, exchanges and parts take turns: a disk that others use changes from second to second.
const TURNS: usize = 10;

/// The figures of this file.
pub const NAMES: &[&str] = &["exchange_p50_one_in_flight_ms", "exchange_p50_over_its_parts", "exchanges_per_s_64_in_flight"];

const IN_FLIGHT: usize = 64;
/// For scale only: other ways of exchanging the same text, 32 in flight.
const ELSEWHERE: &str = "at the local API; measured elsewhere on two cores: AS2 on OpenSSL 376/s, S/MIME through postfix 98/s";

/// Two offices and an open case: the CPI writes, the CAV reads.
struct Case {
    world: World,
    codice: String,
    operator: String,
    client: LocalClient,
    events: Streaming<Event>,
    next: u128,
}

impl Case {
    async fn open() -> anyhow::Result<Self> {
        let mut world = crowd::world()?;
        world.start_gateway().await?;
        world.attach(&[cav(), cpi()]).await?;
        world.add_person(&cav()).await?;
        world.add_person(&cpi()).await?;
        let codice = opened(&world, 1).await?;
        let (mut client, operator) = (world.client(&cpi())?, world.pseudonym(&cpi())?);
        let events = client.watch(WatchRequest {}).await.context("watch")?.into_inner();
        Ok(Self { world, codice, operator, client, events, next: 0 })
    }

    fn request(&mut self) -> RiscontroRequest {
        self.next += 1;
        RiscontroRequest {
            codice: self.codice.clone(),
            riscontro: Some(riscontro()),
            request_id: self.next.to_be_bytes().to_vec(),
            operator: self.operator.clone(),
            checked: false,
        }
    }

    /// One exchange, and nothing beside it.
    async fn one(&mut self) -> anyhow::Result<Duration> {
        let (request, mut client) = (self.request(), self.client.clone());
        let began = Instant::now();
        let (act, told) = tokio::join!(client.riscontro(request), delivered(&mut self.events));
        let (act, (letter, at)) = (act.context("riscontro")?.into_inner(), told?);
        ensure!(act.letter_id == letter, "another letter was delivered");
        Ok(at - began)
    }

    /// Milliseconds of one exchange after the other, to the event: the median of `count`.
    async fn one_after_the_other(&mut self, count: usize) -> anyhow::Result<f64> {
        let mut millis = Vec::new();
        for _ in 0..count {
            millis.push(self.one().await?.as_secs_f64() * 1e3);
        }
        median(&millis).context("at least one")
    }

    /// Exchanges per second with many in flight.
    async fn many(&mut self, count: usize) -> anyhow::Result<f64> {
        let requests: Vec<_> = (0..count).map(|_| self.request()).collect();
        let room = Arc::new(Semaphore::new(IN_FLIGHT));
        let (client, writes) = (self.client.clone(), room.clone());
        let began = Instant::now();
        let writer = tokio::spawn(async move {
            let mut acts = JoinSet::new();
            for request in requests {
                writes.acquire().await?.forget(); // given back when its letter is delivered
                let mut client = client.clone();
                acts.spawn(async move { client.riscontro(request).await });
            }
            while let Some(act) = acts.join_next().await {
                act?.context("riscontro")?;
            }
            anyhow::Ok(())
        });
        for _ in 0..count {
            delivered(&mut self.events).await?;
            room.add_permits(1);
        }
        let took = began.elapsed();
        writer.await??;
        Ok(count as f64 / took.as_secs_f64())
    }

    /// CPU of both agents and the gateway.
    fn cpu(&self) -> anyhow::Result<Duration> {
        let pids = [self.world.process(&cav())?.pid()?, self.world.process(&cpi())?.pid()?, self.world.gateway()?.pid()?];
        pids.into_iter().map(gauge::cpu).sum()
    }
}

/// The nth case of the world: from the CAV to the CPI alone.
async fn opened(world: &World, nth: u8) -> anyhow::Result<String> {
    let mut modulo = form();
    modulo.parte_riservata = None;
    modulo.chi_non_deve_sapere = vec!["sociale-rivabella".to_owned(), "sil-rivabella".to_owned()];
    let segnala = SegnalaRequest {
        modulo: Some(modulo),
        equipe: "cremona".to_owned(),
        request_id: vec![nth; 16],
        operator: world.pseudonym(&cav())?,
        ..Default::default()
    };
    let act = world.client(&cav())?.segnala(segnala).await.context("segnala")?.into_inner().act;
    let codice = act.context("a form that holds")?.codice;
    world.delivered(&cav(), &cpi(), usize::from(nth)).await?;
    Ok(codice)
}

/// The next letter of which the sender has a verified receipt, and when it was told.
async fn delivered(events: &mut Streaming<Event>) -> anyhow::Result<(Vec<u8>, Instant)> {
    let told = async {
        while let Some(event) = events.message().await.context("watch")? {
            ensure!(event.kind() != EventKind::Blocked, "blocked: {}", event.code);
            if event.kind() == EventKind::Delivered {
                return Ok((event.letter_id, Instant::now()));
            }
        }
        Err(anyhow::anyhow!("the agent has ended"))
    };
    tokio::time::timeout(DEADLINE, told).await.context("no receipt")?
}

/// One value per round.
#[derive(Default)]
struct Rounds {
    exchange: Vec<f64>,
    parts: Vec<f64>,
    appends: Vec<f64>,
    crypto: Vec<f64>,
    relay: Vec<f64>,
    to_event: Vec<f64>,
    many: Vec<f64>,
    cpu: Vec<f64>,
}

/// All of them.
pub async fn measure(scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let mut rounds = Rounds::default();
    let mut case = Case::open().await?;
    for _ in 0..scale.rounds {
        rounds.to_event.push(case.one_after_the_other(scale.exchanges).await?);
        let before = case.cpu()?;
        rounds.many.push(case.many(scale.in_flight).await?);
        rounds.cpu.push(gauge::micros_each(case.cpu()? - before, scale.in_flight));
    }
    let Case { mut world, operator, .. } = case;
    let codice = opened(&world, 2).await?;
    world.kill_agent(&cpi()).await?;
    let mut sender = Sender::start(&world, codice, operator).await?;
    let mut crowd = Crowd::create(2)?;
    let parts = Parts::of(&crowd.world.network)?;
    for round in 0..scale.rounds {
        beside_its_parts(&mut sender, &parts, &mut crowd, (round, scale), &mut rounds).await?;
    }
    sender.stop().await?;
    Ok(figures(rounds))
}

/// What one round has taken, in milliseconds.
#[derive(Default)]
struct Taken {
    whole: Vec<f64>,
    queued: Vec<f64>,
    received: Vec<f64>,
    crypto: Vec<f64>,
    relay: Vec<f64>,
}

/// One round of exchanges one at a time and of their parts, each alone, in turns.
async fn beside_its_parts(
    sender: &mut Sender,
    parts: &Parts,
    crowd: &mut Crowd,
    (round, scale): (usize, Scale),
    rounds: &mut Rounds,
) -> anyhow::Result<()> {
    let mut bare = BareExchange::start(crowd, parts.freight()?).await?;
    let mut journal = parts.journal(&crowd.world.path(&format!("store-{round}")))?;
    let mut taken = Taken::default();
    sender.exchange().await?; // what the first one sets up is not measured
    let in_turn = (scale.exchanges / TURNS).max(1);
    for _ in 0..TURNS {
        for _ in 0..in_turn {
            taken.whole.push(sender.exchange().await?);
        }
        for _ in 0..in_turn {
            let (queued, received) = parts.appends_ms(&mut journal)?;
            taken.queued.push(queued);
            taken.received.push(received);
            taken.crypto.push(parts.crypto_ms()?);
        }
        taken.relay.extend(bare.exchanges_ms(in_turn).await?);
    }
    bare.stop(crowd).await?;
    let middle = |millis: &[f64]| median(millis).context("at least one");
    let appends = middle(&taken.queued)? + middle(&taken.received)?;
    let (crypto, relay) = (middle(&taken.crypto)?, middle(&taken.relay)?);
    rounds.exchange.push(middle(&taken.whole)?);
    rounds.parts.push(appends + crypto + relay);
    rounds.appends.push(appends);
    rounds.crypto.push(crypto);
    rounds.relay.push(relay);
    Ok(())
}

fn figures(rounds: Rounds) -> Vec<Figure> {
    let Rounds { exchange, parts, appends, crypto, relay, to_event, many, cpu } = rounds;
    vec![
        Figure::ratio("exchange_p50_over_its_parts", &exchange, &parts, 1.5),
        Figure::new("exchange_p50_one_in_flight_ms", "ms", exchange).with_note("to a verified receipt"),
        Figure::new("two_appends_p50_ms", "ms", appends).with_note("the sender's letter, the recipient's letter"),
        Figure::new("crypto_p50_ms", "ms", crypto).with_note("sign, seal, authenticate, open, sign and verify a receipt"),
        Figure::new("bare_relay_p50_ms", "ms", relay),
        Figure::new("exchange_p50_at_local_api_ms", "ms", to_event).with_note("to the event, one append later"),
        Figure::new("exchanges_per_s_64_in_flight", "/s", many).with_note(ELSEWHERE),
        Figure::new("exchange_cpu_us", "us", cpu).with_note("both agents and the gateway, 64 in flight"),
    ]
}
