//! A clock that was ahead, and one that is: backups go on, and the one just made is never the one that goes. Not here: a
//! clock that differs from the other offices' (`tests/tests/town/clock.rs`).

use std::sync::Arc;
use std::time::Duration;

use raccordo_casework::record::{Journal, JournalFailure};
use raccordo_machine::clock;

use super::super::keeper::{Keeper, due_in};
use super::*;
use crate::commit::{self, LiveRecords, Reader};
use crate::store::StoreFault;
use crate::store::committer::Committer;

const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

fn at(day: u64) -> Timestamp {
    Timestamp::from_millis(MADE_AT.as_millis() + day * DAY)
}

#[test]
fn what_lies_ahead_of_the_clock_keeps_no_backup_waiting() {
    let none = Timestamp::default();
    let due = |last, not_before| due_in(last, not_before, EVERY, at(10));
    assert_eq!(due(None, none), Duration::ZERO);
    assert_eq!(due(Some(at(10)), none), EVERY);
    assert_eq!(due(Some(at(9)), none), Duration::ZERO);
    for ahead in [at(10).plus(Duration::from_millis(1)), at(11), at(20_000)] {
        assert_eq!(due(Some(ahead), none), Duration::ZERO);
    }
    // A try that failed is repeated within the hour, and not when a clock that was ahead comes round again.
    let hour = Duration::from_secs(60 * 60);
    assert_eq!(due(None, at(10).plus(hour)), hour);
    assert_eq!(due(None, at(11)), Duration::ZERO);
}

#[test]
fn generations_dated_ahead_go_first_and_never_the_one_just_written() {
    let office = Office::new();
    let write = |day| office.folder.write(&[began(7)], at(day), None).expect("written");
    // Three nights with a clock that is 30 years ahead: as many as are kept.
    let ahead: Vec<_> = [11_000, 11_001, 11_002].map(|day| write(day).file).to_vec();
    assert_eq!(office.folder.last(at(0)), None, "the clock is right again");
    for day in 0..3 {
        let written = write(day);
        assert!(written.file.exists(), "it removed what it had written");
        assert_eq!((written.removed, office.folder.last(at(day))), (1, Some(at(day))));
        assert_eq!(ahead.iter().filter(|file| file.exists()).count(), 2 - usize::try_from(day).expect("small"));
    }
    // And one night with a clock that has fallen back: what is there is all ahead, and its oldest goes.
    let office = Office::new();
    let write = |day| office.folder.write(&[began(7)], at(day), None).expect("written");
    let [first, second, third] = [100, 101, 102].map(|day| write(day).file);
    let fallen_back = write(0).file;
    assert_eq!([first, second, third, fallen_back].map(|file| file.exists()), [false, true, true, true]);
}

/// Always the same.
struct Still;

impl Journal for Still {
    fn append(&mut self, _: &[Record]) -> Result<(), JournalFailure> {
        Ok(())
    }

    fn erase(&mut self, _: CaseId) -> Result<(), JournalFailure> {
        Ok(())
    }
}

impl LiveRecords for Still {
    fn records(&self) -> Result<Vec<Record>, StoreFault> {
        Ok(vec![began(7)])
    }
}

/// The keeper itself, by this machine's clock: one backup because the last is of a day that has not come, and no second.
#[tokio::test]
async fn the_nightly_backup_goes_on_after_a_clock_that_was_ahead() {
    let office = Office::new();
    let ahead = Timestamp::from_millis(clock::now().as_millis() + 400 * DAY);
    office.folder.write(&[began(7)], ahead, None).expect("written");
    let committer = Committer::spawn(Still, 8, commit::run, drop).expect("a thread");
    let signer = Arc::new(SigningKey::from_bytes(&[3; 32]));
    let (keeper, backups) = Keeper::new(office.folder.clone(), EVERY, Reader::new(&committer), signer);
    let keeper = tokio::spawn(keeper.run());
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    let made = async {
        while backups.state().is_some_and(|state| state.last.is_none()) {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), made).await.expect("it is made at once");
    // With these two there are four, of which three are kept: had it made another by itself, the first would remove one.
    for removed in [0, 1] {
        let asked = backups.now(false).await.expect("there is a keeper").expect("written");
        assert_eq!(asked.removed, removed);
    }
    keeper.abort();
}
