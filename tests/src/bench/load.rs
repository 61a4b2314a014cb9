//! Envelopes from one office to another and receipts back, through whatever relays them, so many in flight.
//!
//! Not here: opening them. Both ends are driven by this process, so that only the relay's own time is counted elsewhere.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use raccordo_proto::AgencyId;
use raccordo_proto::limits::IN_FLIGHT_CAP;
use raccordo_proto::wire::{Frame, FromAgent, Padding, Route, SignedReceipt, ToAgent, from_agent, to_agent};
use tokio::task::JoinSet;

use super::crowd::{Attached, Crowd};

/// What goes each way: a sealed envelope, and the receipt for one, its route aside.
#[derive(Clone)]
pub struct Freight {
    /// Thither.
    pub envelope: Bytes,
    /// And back.
    pub receipt: Bytes,
    /// The receipt's.
    pub signature: Bytes,
}

/// Two offices, one of which writes to the other.
pub struct Pair {
    writer: Attached,
    reader: Attached,
    writer_id: AgencyId,
    reader_id: AgencyId,
    next: u128,
}

/// Attaches the first offices of a crowd, two by two.
pub async fn pairs(crowd: &Crowd, port: u16, count: usize) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for two in crowd.members.chunks_exact(2).take(count) {
        let (writer, reader) = (crowd.attach(&two[0], port).await?, crowd.attach(&two[1], port).await?);
        let next = (pairs.len() as u128) << 64; // no envelope id of one pair is another's
        pairs.push(Pair { writer, reader, writer_id: two[0].id.clone(), reader_id: two[1].id.clone(), next });
    }
    ensure!(pairs.len() == count, "a crowd of {} for {count} pairs", crowd.members.len());
    Ok(pairs)
}

/// Carries `count` envelopes, shared among the pairs, with `in_flight` of them under way; how long each took, and all.
pub async fn carry(
    pairs: Vec<Pair>,
    freight: &Freight,
    count: usize,
    in_flight: usize,
) -> anyhow::Result<(Vec<Pair>, Vec<Duration>, Duration)> {
    let (each, window, began) = (count / pairs.len(), in_flight / pairs.len(), Instant::now());
    ensure!(each > 0 && (1..=IN_FLIGHT_CAP).contains(&window), "{count} envelopes, {in_flight} in flight");
    let mut running = JoinSet::new();
    for mut pair in pairs {
        let freight = freight.clone();
        running.spawn(async move {
            let took = pair.carry(&freight, each, window).await;
            took.map(|took| (pair, took))
        });
    }
    let (mut pairs, mut took) = (Vec::new(), Vec::new());
    while let Some(done) = running.join_next().await {
        let (pair, times) = done??;
        pairs.push(pair);
        took.extend(times);
    }
    Ok((pairs, took, began.elapsed()))
}

impl Pair {
    async fn carry(&mut self, freight: &Freight, count: usize, window: usize) -> anyhow::Result<Vec<Duration>> {
        let first = self.next;
        self.next += count as u128;
        let writes = write(&mut self.writer, (&self.reader_id, first), freight, count, window);
        let reads = read(&mut self.reader, &self.writer_id, freight, count);
        let (took, ()) = tokio::try_join!(writes, reads)?;
        Ok(took)
    }
}

/// Keeps `window` envelopes under way until `count` receipts are back. They come in order: the relay keeps it, the reader too.
async fn write(
    writer: &mut Attached,
    (reader, first): (&AgencyId, u128),
    freight: &Freight,
    count: usize,
    window: usize,
) -> anyhow::Result<Vec<Duration>> {
    let (mut left, mut took) = (VecDeque::with_capacity(window), Vec::with_capacity(count));
    while took.len() < count {
        while left.len() < window && took.len() + left.len() < count {
            let id = first + (took.len() + left.len()) as u128;
            let route = Route { peer: reader.to_string(), envelope_id: Bytes::copy_from_slice(&id.to_be_bytes()) };
            left.push_back(Instant::now());
            let envelope = Frame { route: Some(route), envelope: freight.envelope.clone() };
            say(writer, from_agent::Frame::Envelope(envelope)).await?;
        }
        if let to_agent::Frame::Receipt(receipt) = hear(writer).await? {
            let expected = (first + took.len() as u128).to_be_bytes();
            ensure!(receipt.route.is_some_and(|route| route.envelope_id[..] == expected), "a receipt out of turn");
            took.push(left.pop_front().context("a receipt for nothing")?.elapsed());
        }
    }
    Ok(took)
}

/// Answers `count` envelopes, each with its receipt.
async fn read(reader: &mut Attached, writer: &AgencyId, freight: &Freight, count: usize) -> anyhow::Result<()> {
    let mut answered = 0;
    while answered < count {
        let to_agent::Frame::Envelope(frame) = hear(reader).await? else { continue };
        ensure!(frame.envelope.len() == freight.envelope.len(), "an envelope was cut");
        let envelope_id = frame.route.context("a route")?.envelope_id;
        let route = Route { peer: writer.to_string(), envelope_id };
        let (receipt, signature) = (freight.receipt.clone(), freight.signature.clone());
        say(reader, from_agent::Frame::Receipt(SignedReceipt { route: Some(route), receipt, signature })).await?;
        answered += 1;
    }
    Ok(())
}

async fn say(attached: &Attached, frame: from_agent::Frame) -> anyhow::Result<()> {
    attached.says.send(FromAgent { frame: Some(frame) }).await.ok().context("the stream has ended")
}

/// The next frame; a Ping is answered, and what the relay refuses is a failure of the measurement.
async fn hear(attached: &mut Attached) -> anyhow::Result<to_agent::Frame> {
    loop {
        match attached.hears.message().await?.and_then(|ToAgent { frame }| frame).context("the stream has ended")? {
            to_agent::Frame::Ping(ping) => {
                let padding = Bytes::from(vec![0; ping.padding.len()]);
                say(attached, from_agent::Frame::Pong(Padding { padding })).await?;
            }
            to_agent::Frame::Refusal(refusal) => bail!("refused: {}", refusal.code().name()),
            to_agent::Frame::Goodbye(goodbye) => bail!("goodbye: {}", goodbye.code().name()),
            frame => return Ok(frame),
        }
    }
}
