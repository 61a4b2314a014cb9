//! The one thread that owns the journal: it takes what has queued, makes it durable with one append, and hands on what
//! that append released. One thread, because the engine's flush has more than one way to go wrong under several.
//!
//! Not here: what the work is, how it becomes an append (`run`), and what its effects do (`done`).

use std::io;
use std::thread::{Builder, JoinHandle};

use raccordo_casework::record::{Journal, JournalFailure};
use tokio::sync::mpsc;

/// The committer takes no more work: it failed (its `done` has been told), or its thread died. The process stops,
/// restarts and replays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the committer has stopped")]
pub struct Stopped;

/// The way to the thread. Dropped, it lets the thread finish what has queued; [`Committer::finish`] also waits for that.
pub struct Committer<T> {
    queue: mpsc::Sender<T>,
    thread: JoinHandle<()>,
}

/// A way to the queue beside the [`Committer`]'s own.
pub struct Beside<T>(mpsc::WeakSender<T>);

impl<T: Send + 'static> Beside<T> {
    /// Queues an item, waiting for room. Errors: it has stopped or is about to; the item is dropped.
    pub async fn submit(&self, item: T) -> Result<(), Stopped> {
        let queue = self.0.upgrade().ok_or(Stopped)?;
        queue.send(item).await.map_err(|_| Stopped)
    }
}

impl<T: Send + 'static> Committer<T> {
    /// Starts the thread. At most `group_max` (> 0) items go into one append, and at most as many wait for the next.
    ///
    /// `run` makes a group durable and returns what that released. `done` has every answer, in order, on this thread, and
    /// must not block for long: the next append waits for it. After its first `Err` it is called no more, what had queued is
    /// dropped, and so is the journal. Errors: the thread could not be started.
    pub fn spawn<J, R>(
        mut journal: J,
        group_max: usize,
        run: fn(Vec<T>, &mut J) -> Result<R, JournalFailure>,
        mut done: impl FnMut(Result<R, JournalFailure>) + Send + 'static,
    ) -> io::Result<Self>
    where
        J: Journal + Send + 'static,
        R: Send + 'static,
    {
        let (queue, mut work) = mpsc::channel(group_max);
        let thread = Builder::new().name("committer".into()).spawn(move || {
            loop {
                let mut group = Vec::new();
                if work.blocking_recv_many(&mut group, group_max) == 0 {
                    return;
                }
                let result = run(group, &mut journal);
                let failed = result.is_err();
                if failed {
                    // Nobody's work may be accepted after the failure is known.
                    work.close();
                }
                done(result);
                if failed {
                    return;
                }
            }
        })?;
        Ok(Self { queue, thread })
    }

    /// Queues an item, waiting for room. Items of one caller keep their order. Errors: it has stopped; the item is dropped.
    pub async fn submit(&self, item: T) -> Result<(), Stopped> {
        self.queue.send(item).await.map_err(|_| Stopped)
    }

    /// A second way to the queue, which does not keep the thread waiting for it at the end.
    pub fn beside(&self) -> Beside<T> {
        Beside(self.queue.downgrade())
    }

    /// Returns when the committer takes no more work: after a failure, or if its thread died.
    pub async fn stopped(&self) {
        self.queue.closed().await;
    }

    /// Lets it finish what has queued, and waits: then the journal is closed. Blocks the calling thread. Errors: its thread
    /// died.
    pub fn finish(self) -> Result<(), Stopped> {
        drop(self.queue);
        self.thread.join().map_err(|_| Stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raccordo_casework::record::Record;
    use std::sync::mpsc as std_mpsc;

    /// Waits at a gate before each append, so that a test decides what queues meanwhile.
    struct Gated {
        gate: std_mpsc::Receiver<bool>,
        at_gate: std_mpsc::Sender<()>,
    }

    impl Journal for Gated {
        fn append(&mut self, _: &[Record]) -> Result<(), JournalFailure> {
            self.at_gate.send(()).expect("the test is there");
            match self.gate.recv() {
                Ok(true) => Ok(()),
                _ => Err(JournalFailure { operation: "testing", source: "told to fail".into() }),
            }
        }

        fn erase(&mut self, _: raccordo_proto::ids::CaseId) -> Result<(), JournalFailure> {
            Err(JournalFailure { operation: "testing", source: "nothing is erased here".into() })
        }
    }

    type Groups = std_mpsc::Receiver<Result<Vec<u32>, JournalFailure>>;

    fn start() -> (Committer<u32>, std_mpsc::Sender<bool>, std_mpsc::Receiver<()>, Groups) {
        let (open, gate) = std_mpsc::channel();
        let (at_gate, arrived) = std_mpsc::channel();
        let (tell, groups) = std_mpsc::channel();
        let run = |group: Vec<u32>, journal: &mut Gated| journal.append(&[]).map(|()| group);
        let done = move |result| tell.send(result).expect("the test is there");
        let committer = Committer::spawn(Gated { gate, at_gate }, 3, run, done).expect("a thread");
        (committer, open, arrived, groups)
    }

    #[tokio::test]
    async fn what_queues_during_an_append_is_the_next_group() {
        let (committer, open, arrived, groups) = start();
        committer.submit(1).await.expect("taken");
        arrived.recv().expect("the first append has begun");
        for item in [2, 3, 4] {
            committer.submit(item).await.expect("there is room");
        }
        open.send(true).expect("it waits");
        arrived.recv().expect("the second append has begun");
        committer.submit(5).await.expect("taken");
        open.send(true).expect("it waits");
        open.send(true).expect("it will wait");
        tokio::task::spawn_blocking(|| committer.finish()).await.expect("joined").expect("alive");
        let groups: Vec<_> = groups.iter().map(|group| group.expect("no failure")).collect();
        assert_eq!(groups, [vec![1], vec![2, 3, 4], vec![5]]);
    }

    #[tokio::test]
    async fn a_failure_is_told_once_and_stops_everything() {
        let (committer, open, arrived, groups) = start();
        committer.submit(1).await.expect("taken");
        arrived.recv().expect("the append has begun");
        committer.submit(2).await.expect("there is room");
        open.send(false).expect("it waits");
        committer.stopped().await;
        assert_eq!(committer.submit(3).await, Err(Stopped));
        assert_eq!(groups.iter().map(|group| group.is_err()).collect::<Vec<_>>(), [true]);
        assert!(arrived.recv().is_err(), "nothing was appended after it");
    }
}
