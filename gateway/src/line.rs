//! The bounded queue towards one agent, and what has gone through it. Frames leave it as the transport takes them.
//!
//! Not here: who is told what (`router`).

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use raccordo_machine::clock;
use raccordo_proto::Timestamp;
use raccordo_proto::limits::OUTBOUND_FRAMES_MAX;
use raccordo_proto::wire::{self, to_agent};
use tokio::sync::{Notify, mpsc};
use tokio_stream::Stream;
use tonic::Status;

/// Places beyond those of envelopes: cards, receipts, refusals, news. When they are full, soft state is dropped and said again.
pub const CONTROL_FRAMES_MAX: usize = 1024;

/// The end that the relay and the session hold.
#[derive(Clone)]
pub struct Line {
    frames: mpsc::Sender<wire::ToAgent>,
    meter: Arc<Meter>,
}

#[derive(Default)]
struct Meter {
    /// Envelopes in this queue.
    envelopes: AtomicUsize,
    /// Envelope bytes in all queues.
    all_bytes: Arc<AtomicUsize>,
    /// The largest letter that left since somebody asked, and when the last one did.
    largest: AtomicUsize,
    last_at: AtomicU64,
    carried: Notify,
    ended: Notify,
}

impl Meter {
    fn left(&self, envelope_bytes: usize) {
        self.envelopes.fetch_sub(1, Ordering::SeqCst);
        self.all_bytes.fetch_sub(envelope_bytes, Ordering::SeqCst);
    }
}

/// A queue and its other end; `all_bytes` counts the envelope bytes of all queues together.
pub fn line(all_bytes: Arc<AtomicUsize>) -> (Line, Outgoing) {
    let (frames, queued) = mpsc::channel(OUTBOUND_FRAMES_MAX + CONTROL_FRAMES_MAX);
    let meter = Arc::new(Meter { all_bytes, ..Meter::default() });
    (Line { frames, meter: meter.clone() }, Outgoing { queued, meter })
}

impl Line {
    /// Queues a frame; false when there is no place or nobody takes it any more. Never waits.
    pub fn send(&self, frame: to_agent::Frame) -> bool {
        let bytes = envelope_bytes(&frame);
        if let Some(bytes) = bytes {
            self.meter.envelopes.fetch_add(1, Ordering::SeqCst);
            self.meter.all_bytes.fetch_add(bytes, Ordering::SeqCst);
        }
        let sent = self.frames.try_send(wire::ToAgent { frame: Some(frame) }).is_ok();
        if let (false, Some(bytes)) = (sent, bytes) {
            self.meter.left(bytes);
        }
        sent
    }

    /// Envelopes queued.
    pub fn envelopes(&self) -> usize {
        self.meter.envelopes.load(Ordering::SeqCst)
    }

    /// The relay has said its last word on this stream.
    pub fn end(&self) {
        self.meter.ended.notify_one();
    }

    /// Waits until the relay has ended the stream or the agent is gone.
    pub async fn ended(&self) {
        tokio::select! {
            () = self.meter.ended.notified() => {}
            () = self.frames.closed() => {}
        }
    }

    /// Waits until an envelope or a receipt has left. One that was taken note of already may end one wait.
    pub async fn carried(&self) {
        self.meter.carried.notified().await;
    }

    /// What has left since this was last asked: the length of the largest, and when the last one did.
    pub fn take_carried(&self) -> Option<(usize, Timestamp)> {
        let largest = self.meter.largest.swap(0, Ordering::SeqCst);
        (largest > 0).then(|| (largest, Timestamp::from_millis(self.meter.last_at.load(Ordering::SeqCst))))
    }
}

/// The end that the gRPC server takes frames from.
pub struct Outgoing {
    queued: mpsc::Receiver<wire::ToAgent>,
    meter: Arc<Meter>,
}

impl Outgoing {
    fn leaves(&self, message: &wire::ToAgent) {
        let Some(frame) = &message.frame else { return };
        let carried = match (frame, envelope_bytes(frame)) {
            (_, Some(bytes)) => {
                self.meter.left(bytes);
                bytes
            }
            (to_agent::Frame::Receipt(receipt), None) => receipt.receipt.len(),
            _ => return,
        };
        self.meter.last_at.store(clock::now().as_millis(), Ordering::SeqCst);
        self.meter.largest.fetch_max(carried, Ordering::SeqCst);
        self.meter.carried.notify_one();
    }
}

impl Stream for Outgoing {
    type Item = Result<wire::ToAgent, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.queued.poll_recv(context);
        if let Poll::Ready(Some(message)) = &next {
            self.leaves(message);
        }
        next.map(|message| message.map(Ok))
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.queued.close();
        while let Ok(message) = self.queued.try_recv() {
            self.leaves(&message);
        }
    }
}

fn envelope_bytes(frame: &to_agent::Frame) -> Option<usize> {
    match frame {
        to_agent::Frame::Envelope(frame) => Some(frame.envelope.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(len: usize) -> to_agent::Frame {
        to_agent::Frame::Envelope(wire::Frame { route: None, envelope: vec![0; len].into() })
    }

    #[tokio::test]
    async fn what_leaves_or_is_dropped_no_longer_counts() {
        let all = Arc::new(AtomicUsize::new(0));
        let (line, mut outgoing) = line(all.clone());
        assert!(line.send(envelope(10)) && line.send(envelope(30)));
        assert_eq!((line.envelopes(), all.load(Ordering::SeqCst)), (2, 40));
        let first = tokio_stream::StreamExt::next(&mut outgoing).await;
        assert!(first.is_some_and(|frame| frame.is_ok()));
        assert_eq!((line.envelopes(), all.load(Ordering::SeqCst)), (1, 30));
        line.carried().await;
        assert_eq!(line.take_carried().map(|(largest, _)| largest), Some(10));
        assert_eq!(line.take_carried(), None);
        drop(outgoing);
        assert!(!line.send(envelope(5)), "nobody takes it");
        assert_eq!((line.envelopes(), all.load(Ordering::SeqCst)), (0, 0));
        line.ended().await;
    }
}
