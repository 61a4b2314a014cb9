//! The audit's rows and the daily counters, on disk: the one file of this crate that knows sled. Rows are chained by hash, so
//! that one taken out or changed afterwards shows.
//!
//! Losing this store loses no letter. Not here: anything about a single letter, or about pairs of agencies.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use raccordo_machine::files;
use raccordo_proto::Timestamp;
use raccordo_proto::ids::Digest;
use serde::{Deserialize, Serialize};

use crate::event::{Event, Tally};
use crate::failure::Failure;

/// How long rows and counters are kept.
pub const KEPT_DAYS: u64 = 90;
const DAY_MILLIS: u64 = 86_400_000;
/// sled's own cache: its default is a gigabyte.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// How long threads of a store that was closed in this process may hold the engine's lock.
const RELEASE_MAX: Duration = Duration::from_secs(5);

/// One agency's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// Envelopes that it sent and that were forwarded.
    pub envelopes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Receipts that it sent and that were forwarded.
    pub receipts: u64,
    /// What was not taken from it.
    pub refused: u64,
}

impl Daily {
    /// Adds one thing.
    pub fn add(&mut self, tally: Tally) {
        match tally {
            Tally::Envelope { bytes } => (self.envelopes, self.bytes) = (self.envelopes + 1, self.bytes + bytes as u64),
            Tally::Receipt => self.receipts += 1,
            Tally::Refused => self.refused += 1,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            envelopes: self.envelopes + other.envelopes,
            bytes: self.bytes + other.bytes,
            receipts: self.receipts + other.receipts,
            refused: self.refused + other.refused,
        }
    }
}

/// A row as it is hashed and kept.
#[derive(Serialize)]
struct Row<'a> {
    at: u64,
    previous: String,
    #[serde(flatten)]
    event: &'a Event,
}

/// The open store.
pub struct Store {
    db: sled::Db,
    rows: sled::Tree,
    counters: sled::Tree,
    last: Option<(u64, Digest)>,
    _lock: File,
}

impl Store {
    /// Opens or makes the store in `state`; a folder that is made is its owner's alone. One process at a time.
    pub fn open(state: &Path) -> Result<Self, Failure> {
        files::make_folder(state).map_err(|cause| Failure::file("make the folder", state, cause))?;
        let lock_path = state.join("lock");
        let lock = File::create(&lock_path).map_err(|cause| Failure::file("open", &lock_path, cause))?;
        lock.try_lock()
            .map_err(|_| Failure::Machine(format!("the state folder {} is in use: the gateway is running", state.display())))?;
        let path = state.join("audit.sled");
        drop_half_made_snapshots(&path);
        let failed = |cause: sled::Error| Failure::file("open the audit", &path, cause);
        let config = sled::Config::new().path(&path).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let db = opened(&config).map_err(failed)?;
        let (rows, counters) = (db.open_tree("rows").map_err(failed)?, db.open_tree("counters").map_err(failed)?);
        let last = rows.last().map_err(failed)?.and_then(|(key, row)| Some((number(&key)?, Digest::of(&row))));
        Ok(Self { db, rows, counters, last, _lock: lock })
    }

    /// Writes a row behind the last; its JSON text. Durable after [`Store::flush`].
    pub fn append(&mut self, at: Timestamp, event: &Event) -> Result<String, Failure> {
        let (number, previous) = match &self.last {
            Some((number, hash)) => (number + 1, format!("{hash:?}")),
            None => (0, String::new()),
        };
        let row = Row { at: at.as_millis(), previous, event };
        let text = serde_json::to_string(&row).map_err(|cause| Failure::Machine(format!("audit row: {cause}")))?;
        self.rows.insert(number.to_be_bytes(), text.as_bytes()).map_err(failed)?;
        self.last = Some((number, Digest::of(text.as_bytes())));
        Ok(text)
    }

    /// Adds to an agency's counters of one day (days since 1970).
    pub fn count(&mut self, day: u64, agency: &str, more: Daily) -> Result<(), Failure> {
        let key = [&day.to_be_bytes()[..], agency.as_bytes()].concat();
        let had = self.counters.get(&key).map_err(failed)?;
        let had: Daily = had.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        let json = serde_json::to_vec(&had.plus(more)).map_err(|cause| Failure::Machine(format!("counters: {cause}")))?;
        self.counters.insert(key, json).map_err(failed)?;
        Ok(())
    }

    /// Drops what is older than [`KEPT_DAYS`]. The first row kept names the hash of one that is gone.
    pub fn prune(&mut self, now: Timestamp) -> Result<(), Failure> {
        let oldest_day = (now.as_millis() / DAY_MILLIS).saturating_sub(KEPT_DAYS);
        for key in self.counters.range(..oldest_day.to_be_bytes()).keys() {
            self.counters.remove(key.map_err(failed)?).map_err(failed)?;
        }
        for row in self.rows.iter() {
            let (key, row) = row.map_err(failed)?;
            if read_at(&row).is_some_and(|at| at / DAY_MILLIS >= oldest_day) {
                break;
            }
            self.rows.remove(key).map_err(failed)?;
        }
        Ok(())
    }

    /// Waits until all is on disk.
    pub fn flush(&self) -> Result<(), Failure> {
        self.db.flush().map(drop).map_err(failed)
    }

    /// Every row, oldest first, and the first that does not fit, as its place among them: it is not the one after the row
    /// before it, or names another hash than that row's. The oldest kept may follow one that is gone.
    pub fn rows(&self) -> Result<(Vec<String>, Option<usize>), Failure> {
        let mut texts = Vec::new();
        let (mut misfit, mut before) = (None, None::<(u64, String)>);
        for row in self.rows.iter() {
            let (key, row) = row.map_err(failed)?;
            let named = serde_json::from_slice::<serde_json::Value>(&row).ok();
            let named = named.as_ref().and_then(|row| row.get("previous")?.as_str());
            let fits = match (number(&key), &before) {
                (None, _) => false,
                (Some(0), None) => named == Some(""),
                (Some(_), None) => named.is_some(),
                (Some(number), Some((last, hash))) => last.checked_add(1) == Some(number) && named == Some(hash),
            };
            if !fits && misfit.is_none() {
                misfit = Some(texts.len());
            }
            before = number(&key).map(|number| (number, format!("{:?}", Digest::of(&row))));
            texts.push(String::from_utf8_lossy(&row).into_owned());
        }
        Ok((texts, misfit))
    }

    /// An agency's counters of one day.
    pub fn daily(&self, day: u64, agency: &str) -> Result<Daily, Failure> {
        let key = [&day.to_be_bytes()[..], agency.as_bytes()].concat();
        let json = self.counters.get(key).map_err(failed)?;
        Ok(json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default())
    }
}

/// The day of an instant, as counters name it.
pub fn day(at: Timestamp) -> u64 {
    at.as_millis() / DAY_MILLIS
}

fn failed(cause: sled::Error) -> Failure {
    Failure::Machine(format!("the audit cannot be written or read: {cause}"))
}

fn number(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

fn read_at(row: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(row).ok()?.get("at")?.as_u64()
}

/// Our own lock is held, so the engine's is nobody else's: what this process has just closed may hold it for a moment.
fn opened(config: &sled::Config) -> sled::Result<sled::Db> {
    let from = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().contains("could not acquire lock") && from.elapsed() < RELEASE_MAX =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened,
        }
    }
}

/// A snapshot that was being written when the process ended would keep sled from opening for ever. Only these are deleted.
fn drop_half_made_snapshots(path: &Path) {
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            let _gone_or_reported_by_sled = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Folder, NOW};

    fn attached(agency: &str) -> Event {
        Event::Attached { agency: agency.into() }
    }

    #[test]
    fn the_state_folder_is_made_for_its_owner_alone() {
        let folder = Folder::new("audit-folder");
        let state = folder.path().join("new/state");
        drop(Store::open(&state).expect("opens"));
        assert!(!files::others_may_open(&state));
    }

    #[test]
    fn rows_are_chained_across_openings_and_a_change_shows() {
        let folder = Folder::new("audit");
        for agency in ["aa", "bb"] {
            let mut store = Store::open(folder.path()).expect("opens");
            assert!(Store::open(folder.path()).is_err_and(|fault| fault.to_string().contains("is running")));
            store.append(NOW, &attached(agency)).expect("writes");
            store.flush().expect("flushes");
        }
        let store = Store::open(folder.path()).expect("opens");
        let (rows, misfit) = store.rows().expect("reads");
        assert!(misfit.is_none() && rows.len() == 2);
        assert!(rows[1].contains(r#""event":"ATTACHED","agency":"bb""#), "{}", rows[1]);
        let put = |row: &str| store.rows.insert(0u64.to_be_bytes(), row.as_bytes()).expect("writes");
        put(&rows[0].replace("aa", "cc"));
        assert_eq!(store.rows().expect("reads").1, Some(1), "the row after the changed one names another");
        put(&rows[0].replace(r#""previous":""#, r#""previous":"00"#));
        assert_eq!(store.rows().expect("reads").1, Some(0), "nothing was before the first");
        put(&rows[0]);
        assert_eq!(store.rows().expect("reads").1, None);
        store.rows.remove(1u64.to_be_bytes()).expect("writes");
        store.rows.insert(2u64.to_be_bytes(), rows[1].as_bytes()).expect("writes");
        assert_eq!(store.rows().expect("reads").1, Some(1), "one is missing between");
    }

    #[test]
    fn ninety_days_are_kept() {
        let folder = Folder::new("prune");
        let mut store = Store::open(folder.path()).expect("opens");
        let old = Timestamp::from_millis(NOW.as_millis() - 91 * DAY_MILLIS);
        for at in [old, NOW] {
            store.append(at, &attached("aa")).expect("writes");
            let mut daily = Daily::default();
            daily.add(Tally::Envelope { bytes: 5 });
            store.count(day(at), "aa", daily).expect("counts");
            store.count(day(at), "aa", daily).expect("counts");
        }
        store.prune(NOW).expect("prunes");
        assert_eq!(store.rows().expect("reads").0.len(), 1);
        assert_eq!(store.daily(day(old), "aa").expect("reads"), Daily::default());
        assert_eq!(store.daily(day(NOW), "aa").expect("reads"), Daily { envelopes: 2, bytes: 10, receipts: 0, refused: 0 });
    }
}
