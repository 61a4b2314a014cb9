//! What the committer's thread is given: steps to be made durable, and requests to read what is. Both in one queue, so that
//! a reader finds every step that was submitted before it asked; the order of effects is the steps' alone.
//!
//! Not here: the thread (`store::committer`), what is done with the records.

use raccordo_casework::record::{Journal, JournalFailure, Record};
use raccordo_casework::step::{self, Effect, Pending};
use tokio::sync::oneshot;

use crate::backup::BackupFault;
use crate::store::committer::{Beside, Committer};
use crate::store::{SledJournal, StoreFault};

/// One item of the committer's queue.
pub enum Work {
    /// A step that was applied and is not durable yet.
    Step(Pending),
    /// All live records are wanted.
    Read(oneshot::Sender<Result<Vec<Record>, StoreFault>>),
}

/// A journal that also says what is in it.
pub trait LiveRecords: Journal {
    /// Everything that was appended and is not erased, in order. Errors: the journal's.
    fn records(&self) -> Result<Vec<Record>, StoreFault>;
}

impl LiveRecords for SledJournal {
    fn records(&self) -> Result<Vec<Record>, StoreFault> {
        Self::records(self)
    }
}

/// Commits the steps of a group, then answers its readers. A read that fails stops nobody else.
pub fn run(group: Vec<Work>, journal: &mut impl LiveRecords) -> Result<Vec<Effect>, JournalFailure> {
    let (mut steps, mut readers) = (Vec::new(), Vec::new());
    for work in group {
        match work {
            Work::Step(pending) => steps.push(pending),
            Work::Read(reply) => readers.push(reply),
        }
    }
    let effects = step::commit(steps, journal)?;
    for reply in readers {
        let _gone = reply.send(journal.records());
    }
    Ok(effects)
}

/// Reads what is durable, while there is a committer.
pub struct Reader(Beside<Work>);

impl Reader {
    /// Beside a committer.
    pub fn new(committer: &Committer<Work>) -> Self {
        Self(committer.beside())
    }

    /// All live records, in order. Errors: the journal's; `BACKUP_STOPPING`.
    pub async fn records(&self) -> Result<Vec<Record>, BackupFault> {
        let (reply, records) = oneshot::channel();
        self.0.submit(Work::Read(reply)).await.map_err(|_| BackupFault::Stopping)?;
        Ok(records.await.map_err(|_| BackupFault::Stopping)??)
    }
}
