//! Makes the running agent's backups: one when the last is old enough by this machine's clock, one whenever a person asks,
//! and the tombstones after each erasure. What it knows of the last one it reads from the folder: a restart forgets nothing.
//!
//! Not here: who may ask (the desk's roles), the files (`folder`).

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use raccordo_machine::clock;
use raccordo_proto::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

use super::BackupFault;
use super::folder::{Folder, Written};
use crate::commit::Reader;

/// Questions that may wait.
const ASKS_MAX: usize = 16;
/// The clock is looked at this often: it may be set, and the machine may sleep.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
/// After a failure, the next try.
const TRY_AGAIN: Duration = Duration::from_secs(60 * 60);

/// How backups are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// When the last one was made.
    pub last: Option<Timestamp>,
    /// Why the last try failed.
    pub fault: Option<&'static str>,
}

enum Ask {
    Now { with_identity: bool, reply: oneshot::Sender<Result<Written, BackupFault>> },
    Tombstones(oneshot::Sender<Result<(), BackupFault>>),
}

/// The way to the keeper; without one, nobody makes backups.
#[derive(Clone, Default)]
pub struct Backups(Option<(mpsc::Sender<Ask>, watch::Receiver<State>)>);

impl Backups {
    /// How they are; `None` when none are made.
    pub fn state(&self) -> Option<State> {
        self.0.as_ref().map(|(_, state)| *state.borrow())
    }

    /// Writes one now; `None` when none are made.
    pub async fn now(&self, with_identity: bool) -> Option<Result<Written, BackupFault>> {
        let (asks, _) = self.0.as_ref()?;
        let (reply, answer) = oneshot::channel();
        let asked = asks.send(Ask::Now { with_identity, reply }).await.is_ok();
        Some(if asked { answer.await.unwrap_or(Err(BackupFault::Stopping)) } else { Err(BackupFault::Stopping) })
    }

    /// Writes the tombstones anew, after an erasure; nothing to do when no backups are made.
    pub async fn tombstones(&self) -> Result<(), BackupFault> {
        let Some((asks, _)) = &self.0 else { return Ok(()) };
        let (reply, answer) = oneshot::channel();
        asks.send(Ask::Tombstones(reply)).await.map_err(|_| BackupFault::Stopping)?;
        answer.await.unwrap_or(Err(BackupFault::Stopping))
    }
}

/// The task.
pub struct Keeper {
    folder: Folder,
    every: Duration,
    reader: Reader,
    signer: Arc<SigningKey>,
    asks: mpsc::Receiver<Ask>,
    state: watch::Sender<State>,
    /// No try before, after one that failed.
    not_before: Timestamp,
}

impl Keeper {
    /// The task and the way to it.
    pub fn new(folder: Folder, every: Duration, reader: Reader, signer: Arc<SigningKey>) -> (Self, Backups) {
        let (sender, asks) = mpsc::channel(ASKS_MAX);
        let state = watch::Sender::new(State { last: folder.last(clock::now()), fault: None });
        let backups = Backups(Some((sender, state.subscribe())));
        (Self { folder, every, reader, signer, asks, state, not_before: Timestamp::default() }, backups)
    }

    /// Runs until nobody can ask any more, or it is aborted: a file is there whole or not at all.
    pub async fn run(mut self) {
        // A crash may have come between the last erasure and this.
        let written = self.tombstones().await;
        self.note(written.err());
        loop {
            let wait = self.due_in(clock::now());
            tokio::select! {
                ask = self.asks.recv() => match ask {
                    Some(Ask::Now { with_identity, reply }) => {
                        let _gone = reply.send(self.make(with_identity).await);
                    }
                    Some(Ask::Tombstones(reply)) => {
                        let _gone = reply.send(self.tombstones().await);
                    }
                    None => return,
                },
                () = tokio::time::sleep(wait.min(LOOK_EVERY)) => if self.due_in(clock::now()).is_zero() {
                    let made = self.make(false).await;
                    self.note(made.err());
                },
            }
        }
    }

    fn due_in(&self, now: Timestamp) -> Duration {
        due_in(self.state.borrow().last, self.not_before, self.every, now)
    }

    /// What nobody waits for is told in the log, and in the status.
    fn note(&mut self, fault: Option<BackupFault>) {
        if let Some(fault) = fault {
            tracing::error!(code = fault.code(), %fault, "a backup was not written");
            self.not_before = clock::now().plus(TRY_AGAIN);
            self.state.send_modify(|state| state.fault = Some(fault.code()));
        }
    }

    async fn make(&self, with_identity: bool) -> Result<Written, BackupFault> {
        let now = clock::now();
        let records = self.reader.records().await?;
        let (folder, seed) = (self.folder.clone(), with_identity.then(|| Zeroizing::new(self.signer.to_bytes())));
        let written = blocking(move || folder.write(&records, now, seed.as_deref())).await?;
        tracing::info!(records = written.records, removed = written.removed, with_identity, "a backup was written");
        self.state.send_replace(State { last: Some(now), fault: None });
        Ok(written)
    }

    async fn tombstones(&self) -> Result<(), BackupFault> {
        let records = self.reader.records().await?;
        let folder = self.folder.clone();
        let now = clock::now();
        blocking(move || folder.write_tombstones(&records, now)).await
    }
}

/// When the next one is due. A last one, or a next try, that lies further ahead than it could was named by a clock that was
/// wrong: nothing waits for that clock's time to come.
pub(super) fn due_in(last: Option<Timestamp>, not_before: Timestamp, every: Duration, now: Timestamp) -> Duration {
    let due = last.filter(|last| *last <= now).map_or(now, |last| last.plus(every));
    let not_before = Some(not_before).filter(|at| *at <= now.plus(TRY_AGAIN)).unwrap_or_default();
    due.max(not_before).since(now)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, BackupFault> + Send + 'static) -> Result<T, BackupFault> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(BackupFault::Stopping))
}
