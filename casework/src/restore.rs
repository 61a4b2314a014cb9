//! What a backup holds, and the journal that a restored store begins with: first what was erased, then what the backup has
//! and no tombstone names, then a new epoch. Pure.
//!
//! Not here: the backup's file and who can open it (the agent's), asking the others for what came since (`desk`).

use std::collections::BTreeSet;

use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, CaseId, NetworkId};

use crate::record::{Change, Record};
use crate::tombstones;
use crate::wire::{Backup, CaseErased, EpochBegun, StoreRestored, Tombstones};

/// The format that this writes and reads.
const VERSION: u32 = 1;

/// Why a backup cannot be restored here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBackup {
    /// Another version of the format.
    #[error("the backup speaks another version of the format")]
    Version,
    /// Another office's, or another network's.
    #[error("the backup is of another office or network")]
    Office,
    /// A record in it is not readable, or holds a number that no store comes to.
    #[error("a record of the backup is not readable")]
    Record,
}

/// A backup of what replay reads. `identity` is the identity key's seed, or nothing.
pub fn backup(records: &[Record], network: &NetworkId, agency: &AgencyId, now: Timestamp, identity: Vec<u8>) -> Backup {
    Backup {
        version: VERSION,
        network: network.to_string(),
        agency: agency.to_string(),
        made_at: now.as_millis(),
        records: records.iter().map(Record::encode).collect(),
        identity,
    }
}

/// What a journal knows of erased cases, of those whose end has not come: exported beside each backup, and applied first by
/// a restore.
pub fn tombstones(records: &[Record], agency: &AgencyId, now: Timestamp) -> Tombstones {
    let lasting = stones(records).filter(|stone| lasts(stone, now));
    Tombstones { agency: agency.to_string(), erased: lasting.cloned().collect() }
}

/// Once it has ended no backup is left that could bring the case back. A restore applies whatever it is given, ended or not.
fn lasts(stone: &CaseErased, now: Timestamp) -> bool {
    Timestamp::from_millis(stone.until) > now
}

/// The newest life of the store that a journal has begun; 0 for none.
pub fn epoch(records: &[Record]) -> u64 {
    let epochs = records.iter().filter_map(|record| match &record.0 {
        Change::EpochBegun(begun) => Some(begun.store_epoch),
        _ => None,
    });
    epochs.max().unwrap_or(0)
}

fn stones(records: &[Record]) -> impl Iterator<Item = &CaseErased> {
    records.iter().filter_map(|record| match &record.0 {
        Change::CaseErased(erased) => Some(erased),
        _ => None,
    })
}

/// What a restored store begins with.
pub struct Journal {
    /// Its records.
    pub records: Vec<Record>,
    /// How many of them the backup had.
    pub restored: usize,
    /// How many of the backup's cases were left out, because they are erased.
    pub cases_left_out: usize,
}

/// Every case that a tombstone names is left out whole: its records are not even written.
pub fn journal_of(
    backup: &Backup,
    network: &NetworkId,
    agency: &AgencyId,
    erased: &[Tombstones],
    now: Timestamp,
) -> Result<Journal, BadBackup> {
    if backup.version != VERSION {
        return Err(BadBackup::Version);
    }
    let ours = |of: &Tombstones| of.agency == agency.as_str();
    if backup.network != network.as_str() || backup.agency != agency.as_str() || !erased.iter().all(ours) {
        return Err(BadBackup::Office);
    }
    let of_backup = backup.records.iter().map(|record| Record::decode(record));
    let of_backup = of_backup.collect::<Result<Vec<_>, _>>().map_err(|_| BadBackup::Record)?;
    let store_epoch = next_epoch(epoch(&of_backup), now).ok_or(BadBackup::Record)?;
    let mut records: Vec<Record> = Vec::new();
    for stone in erased.iter().flat_map(|of| &of.erased) {
        let stone = Record(Change::CaseErased(stone.clone()));
        if !records.contains(&stone) && !of_backup.contains(&stone) {
            records.push(stone);
        }
    }
    let younger = records.len();
    records.extend(of_backup);
    let gone = erased_cases(&records);
    records.retain(|record| record.case().is_none_or(|case| !gone.contains(&case)));
    let restored = records.len() - younger;
    records.push(Record(Change::StoreRestored(StoreRestored { made_at: backup.made_at, put_back_noticed_at: 0 })));
    records.push(Record(Change::EpochBegun(EpochBegun { store_epoch })));
    Ok(Journal { records, restored, cases_left_out: gone.len() })
}

/// The life after this one: max(last + 1, unix seconds); `None` after the last, which no store comes to by itself.
pub(crate) fn next_epoch(last: u64, now: Timestamp) -> Option<u64> {
    last.checked_add(1).map(|next| next.max(now.as_millis() / 1000))
}

/// The cases that are still readable in a journal and that it says were erased: their keys go before anything else
/// happens. A crash between the record and the keyring leaves one.
pub fn erased_cases(records: &[Record]) -> BTreeSet<CaseId> {
    let stones = tombstones::Tombstones::of(stones(records));
    if stones.is_empty() {
        return BTreeSet::new();
    }
    let cases: BTreeSet<CaseId> = records.iter().filter_map(Record::case).collect();
    cases.into_iter().filter(|case| stones.have(case.as_bytes())).collect()
}
