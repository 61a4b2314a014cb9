//! The audit's writer: one thread of its own behind a bounded channel, so that a slow disk never delays a letter. A full
//! channel loses rows, counts them and says so.
//!
//! Not here: what can be written (`event`), how it is kept (`store`).

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use raccordo_proto::{AgencyId, Timestamp};

use crate::clock;
use crate::event::{Event, Tally};
use crate::failure::Failure;
use crate::store::{Daily, Store, day};

/// Rows and counts that may wait for the disk.
pub const WAITING_ROWS_MAX: usize = 4096;
/// Counters are written this often: their times on disk say nothing about single letters.
pub const COUNTERS_EVERY: Duration = Duration::from_secs(60);

enum Entry {
    Row(Timestamp, Event),
    Count(Timestamp, AgencyId, Tally),
    Stop,
}

/// Where the rest of the gateway leaves its rows.
#[derive(Clone)]
pub struct Audit {
    entries: SyncSender<Entry>,
    lost: Arc<AtomicU64>,
}

/// The writer's thread.
pub struct Writer(JoinHandle<()>);

impl Audit {
    /// Starts the writer over an open store.
    pub fn start(store: Store) -> Result<(Self, Writer), Failure> {
        let (entries, received) = sync_channel(WAITING_ROWS_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let desk = Desk { store, counters: BTreeMap::new(), counted_at: Instant::now(), pruned_day: 0, lost: lost.clone() };
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || desk.run(&received));
        let thread = thread.map_err(|cause| Failure::Machine(format!("cannot start the audit's thread: {cause}")))?;
        Ok((Self { entries, lost }, Writer(thread)))
    }

    /// Leaves a row; never waits.
    pub fn row(&self, event: Event) {
        self.leave(Entry::Row(clock::now(), event));
    }

    /// Leaves a count; never waits.
    pub fn count(&self, agency: AgencyId, tally: Tally) {
        self.leave(Entry::Count(clock::now(), agency, tally));
    }

    fn leave(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what waits and ends the thread.
    pub fn stop(self, writer: Writer) {
        let is_there = self.entries.send(Entry::Stop).is_ok();
        if is_there && writer.0.join().is_err() {
            tracing::error!("the audit's thread has panicked");
        }
    }
}

struct Desk {
    store: Store,
    counters: BTreeMap<(u64, AgencyId), Daily>,
    counted_at: Instant,
    pruned_day: u64,
    lost: Arc<AtomicU64>,
}

impl Desk {
    fn run(mut self, entries: &Receiver<Entry>) {
        loop {
            let mut next = entries.recv_timeout(COUNTERS_EVERY);
            let mut stop = matches!(next, Err(RecvTimeoutError::Disconnected));
            while let Ok(entry) = next {
                stop |= self.take(entry);
                next = entries.try_recv().map_err(|_| RecvTimeoutError::Timeout);
            }
            self.housekeeping(stop);
            if stop {
                return;
            }
        }
    }

    /// Whether it was the last.
    fn take(&mut self, entry: Entry) -> bool {
        match entry {
            Entry::Row(at, event) => self.write(at, &event),
            Entry::Count(at, agency, tally) => self.counters.entry((day(at), agency)).or_default().add(tally),
            Entry::Stop => return true,
        }
        false
    }

    fn write(&mut self, at: Timestamp, event: &Event) {
        match self.store.append(at, event) {
            Ok(row) => tracing::info!(target: "audit", "{row}"),
            Err(fault) => tracing::error!("{fault}"),
        }
    }

    fn housekeeping(&mut self, stop: bool) {
        let count = self.lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            self.write(clock::now(), &Event::Lost { count });
        }
        if stop || self.counted_at.elapsed() >= COUNTERS_EVERY {
            self.counted_at = Instant::now();
            for ((day, agency), daily) in core::mem::take(&mut self.counters) {
                report(self.store.count(day, agency.as_str(), daily));
            }
        }
        let today = day(clock::now());
        if today != self.pruned_day {
            self.pruned_day = today;
            report(self.store.prune(clock::now()));
        }
        report(self.store.flush());
    }
}

fn report(result: Result<(), Failure>) {
    if let Err(fault) = result {
        tracing::error!("{fault}");
    }
}
