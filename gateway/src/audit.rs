//! The audit's writer: one thread of its own behind a bounded channel, so that a slow disk never delays a letter. A full
//! channel loses rows, counts them and says so. Counts do not wake the thread: they add up where both sides reach them.
//!
//! Not here: what can be written (`event`), how it is kept (`store`), who asks how many refusals there were (`status`).

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use raccordo_machine::clock;
use raccordo_proto::{AgencyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::event::{Event, Tally};
use crate::failure::Failure;
use crate::store::{Daily, Store, day};

/// Rows that may wait for the disk.
pub const WAITING_ROWS_MAX: usize = 4096;
/// Counters are written this often: their times on disk say nothing about single letters.
pub const COUNTERS_EVERY: Duration = Duration::from_secs(60);

enum Entry {
    Row(Timestamp, Event),
    Stop,
}

/// What has been counted since it last went to disk: per day and agency, so no more entries than agencies and days.
type Counters = BTreeMap<u64, BTreeMap<AgencyId, Daily>>;

/// What was refused, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Handshakes, at either port.
    pub handshakes: u64,
    /// Streams that were ended with a code.
    pub streams: u64,
    /// Frames of streams that went on.
    pub frames: u64,
    /// Directories and Confirms.
    pub documents: u64,
    /// Deposits, and calls about them.
    pub enrolment: u64,
}

impl Refusals {
    fn add(&mut self, event: &Event) {
        match event {
            Event::RefusedHandshake { .. } => self.handshakes += 1,
            Event::Refused { .. } => self.streams += 1,
            Event::DirectoryRefused { .. } | Event::ConfirmRefused { .. } => self.documents += 1,
            Event::EnrolmentRefused { .. } => self.enrolment += 1,
            _ => {}
        }
    }
}

/// A day and what was refused on it.
#[derive(Default)]
struct Today {
    day: u64,
    refused: Refusals,
}

impl Today {
    fn at(&mut self, now: Timestamp) -> &mut Refusals {
        if self.day != day(now) {
            *self = Self { day: day(now), refused: Refusals::default() };
        }
        &mut self.refused
    }
}

/// Where the rest of the gateway leaves its rows.
#[derive(Clone)]
pub struct Audit {
    entries: SyncSender<Entry>,
    counters: Arc<Mutex<Counters>>,
    today: Arc<Mutex<Today>>,
    lost: Arc<AtomicU64>,
}

/// The writer's thread.
pub struct Writer(JoinHandle<()>);

impl Audit {
    /// Starts the writer over an open store.
    pub fn start(store: Store) -> Result<(Self, Writer), Failure> {
        let (entries, received) = sync_channel(WAITING_ROWS_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let counters: Arc<Mutex<Counters>> = Arc::default();
        let desk = Desk { store, counters: counters.clone(), counted_at: Instant::now(), pruned_day: 0, lost: lost.clone() };
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || desk.run(&received));
        let thread = thread.map_err(|cause| Failure::Machine(format!("cannot start the audit's thread: {cause}")))?;
        Ok((Self { entries, counters, today: Arc::default(), lost }, Writer(thread)))
    }

    /// Leaves a row; never waits.
    pub fn row(&self, event: Event) {
        self.today().at(clock::now()).add(&event);
        self.leave(Entry::Row(clock::now(), event));
    }

    /// Counts what gets no row of its own among what was refused today.
    pub fn passed_over(&self, event: &Event) {
        self.today().at(clock::now()).add(event);
    }

    /// Counts; the writer never holds the lock while it writes.
    pub fn count(&self, agency: AgencyId, tally: Tally) {
        if tally == Tally::Refused {
            self.today().at(clock::now()).frames += 1;
        }
        let mut counters = self.counters.lock().expect("nothing panics while this lock is held");
        counters.entry(day(clock::now())).or_default().entry(agency).or_default().add(tally);
    }

    /// What was refused today: since midnight UTC, or since the start where that was later.
    pub fn refused_today(&self) -> Refusals {
        *self.today().at(clock::now())
    }

    fn today(&self) -> std::sync::MutexGuard<'_, Today> {
        self.today.lock().expect("nothing panics while this lock is held")
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
    counters: Arc<Mutex<Counters>>,
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
            let counted = core::mem::take(&mut *self.counters.lock().expect("nothing panics while this lock is held"));
            for (day, agency, daily) in counted.into_iter().flat_map(|(day, of)| of.into_iter().map(move |(a, d)| (day, a, d))) {
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
