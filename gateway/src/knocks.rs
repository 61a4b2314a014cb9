//! Who has knocked in vain: an account per address and minute, and how many refusals get an audit row of their own. Addresses
//! live here, in memory, for a minute, and nowhere else.
//!
//! Not here: why somebody is refused (`tls`, `authority`).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use raccordo_machine::clock;
use raccordo_proto::Timestamp;

use crate::audit::Audit;
use crate::event::Event;

/// Refusals that get an audit row of their own in one minute, at one door; the others are counted in one.
pub const REFUSAL_ROWS_PER_MINUTE_MAX: u32 = 120;
/// Addresses remembered in one minute; beyond, strangers share one account.
pub const ADDRESSES_MAX: usize = 10_000;

/// The account of one door.
#[derive(Clone)]
pub struct Knocks {
    minute: Arc<Mutex<Minute>>,
    per_minute: u32,
    audit: Audit,
}

impl Knocks {
    /// Nobody has knocked; so many a minute may come to nothing, per address.
    pub fn new(per_minute: u32, audit: Audit) -> Self {
        Self { minute: Arc::default(), per_minute, audit }
    }

    /// Whether an address may try again in this minute.
    pub fn may_knock(&self, from: SocketAddr) -> bool {
        self.minute().failed_by(from, clock::now()) < self.per_minute
    }

    /// Counts a try as one that comes to nothing, where the address has one left in this minute; whether it had.
    pub fn knock(&self, from: SocketAddr) -> bool {
        let mut minute = self.minute();
        let may = minute.failed_by(from, clock::now()) < self.per_minute;
        if may {
            minute.count(from, clock::now());
        }
        may
    }

    /// A try that was counted has come to something.
    pub fn give_back(&self, from: SocketAddr) {
        self.minute().give_back(from, clock::now());
    }

    /// Counts what has come to nothing, and leaves its row.
    pub fn refused(&self, from: SocketAddr, event: Event) {
        self.minute().count(from, clock::now());
        self.row(event);
    }

    /// Leaves the audit row of a refusal, unless there have been too many in this minute.
    pub fn row(&self, event: Event) {
        let (write, passed_over) = self.minute().row(clock::now());
        if passed_over > 0 {
            self.audit.row(Event::RefusedHandshakes { count: passed_over });
        }
        if write {
            self.audit.row(event);
        } else {
            self.audit.passed_over(&event);
        }
    }

    fn minute(&self) -> std::sync::MutexGuard<'_, Minute> {
        self.minute.lock().expect("nothing panics while this lock is held")
    }
}

/// One account per IPv4 address or IPv6 /64.
pub fn account(from: SocketAddr) -> IpAddr {
    match from.ip().to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// What has failed in this minute.
#[derive(Default)]
struct Minute {
    number: u64,
    by_address: BTreeMap<IpAddr, u32>,
    rows: u32,
    passed_over: u64,
    /// Of an earlier minute, and not written yet.
    owed: u64,
}

impl Minute {
    fn failed_by(&mut self, from: SocketAddr, now: Timestamp) -> u32 {
        self.turn(now);
        self.by_address.get(&self.account(from)).copied().unwrap_or_default()
    }

    fn count(&mut self, from: SocketAddr, now: Timestamp) {
        self.turn(now);
        *self.by_address.entry(self.account(from)).or_default() += 1;
    }

    fn give_back(&mut self, from: SocketAddr, now: Timestamp) {
        self.turn(now);
        if let Some(failed) = self.by_address.get_mut(&self.account(from)) {
            *failed = failed.saturating_sub(1);
        }
    }

    /// Whether this refusal gets a row, and how many of an earlier minute got none.
    fn row(&mut self, now: Timestamp) -> (bool, u64) {
        self.turn(now);
        let write = self.rows < REFUSAL_ROWS_PER_MINUTE_MAX;
        if write {
            self.rows += 1
        } else {
            self.passed_over += 1
        }
        (write, core::mem::take(&mut self.owed))
    }

    fn turn(&mut self, now: Timestamp) {
        let number = now.as_millis() / 60_000;
        if number != self.number {
            *self = Self { number, owed: self.owed + self.passed_over, ..Self::default() };
        }
    }

    /// A shared account when there are too many.
    fn account(&self, from: SocketAddr) -> IpAddr {
        let address = account(from);
        let is_full = self.by_address.len() >= ADDRESSES_MAX && !self.by_address.contains_key(&address);
        if is_full { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Refusals;
    use crate::fixture::{Folder, NOW};
    use crate::store::Store;

    #[test]
    fn an_address_that_fails_too_often_waits_for_the_next_minute() {
        let mut minute = Minute::default();
        let bad: SocketAddr = "[2001:db8::1]:5".parse().expect("an address");
        let neighbour: SocketAddr = "[2001:db8::2]:6".parse().expect("an address");
        let other: SocketAddr = "192.0.2.1:5".parse().expect("an address");
        (0..32).for_each(|_| minute.count(bad, NOW));
        assert_eq!((minute.failed_by(bad, NOW), minute.failed_by(neighbour, NOW)), (32, 32));
        assert_eq!(minute.failed_by(other, NOW), 0);
        assert_eq!(minute.failed_by(bad, Timestamp::from_millis(NOW.as_millis() + 60_000)), 0);
    }

    #[test]
    fn a_try_that_comes_to_something_is_free() {
        let mut minute = Minute::default();
        let from: SocketAddr = "192.0.2.1:5".parse().expect("an address");
        minute.count(from, NOW);
        minute.give_back(from, NOW);
        minute.give_back(from, NOW);
        minute.count(from, NOW);
        assert_eq!(minute.failed_by(from, NOW), 1, "and no more is given back than was spent");
    }

    #[test]
    fn each_refusal_is_counted_as_what_it_is_when_it_comes_whether_it_has_a_row_or_not() {
        let folder = Folder::new("knocks");
        let (audit, writer) = Audit::start(Store::open(folder.path()).expect("a store")).expect("a writer");
        let knocks = Knocks::new(u32::MAX, audit.clone());
        let confirm = Event::ConfirmRefused { code: "SIGNATURE", reason: "a rule".to_owned() };
        let all = u64::from(REFUSAL_ROWS_PER_MINUTE_MAX) * 3;
        (0..all).for_each(|_| knocks.row(confirm.clone()));
        assert_eq!(audit.refused_today(), Refusals { documents: all, ..Refusals::default() });
        audit.stop(writer);
    }

    #[test]
    fn a_flood_of_refusals_is_one_row_more() {
        let mut minute = Minute::default();
        let rows = (0..REFUSAL_ROWS_PER_MINUTE_MAX + 5).filter(|_| minute.row(NOW).0);
        assert_eq!(rows.count(), REFUSAL_ROWS_PER_MINUTE_MAX as usize);
        let later = Timestamp::from_millis(NOW.as_millis() + 60_000);
        minute.count(SocketAddr::from(([10, 0, 0, 1], 1)), later);
        assert_eq!(minute.row(later), (true, 5));
        assert_eq!(minute.row(later), (true, 0));
    }

    #[test]
    fn strangers_beyond_the_number_share_an_account() {
        let mut minute = Minute::default();
        let host = |host: usize| SocketAddr::from(([10, (host >> 16) as u8, (host >> 8) as u8, host as u8], 1));
        (0..=ADDRESSES_MAX + 1).for_each(|number| minute.count(host(number), NOW));
        assert_eq!(minute.by_address.len(), ADDRESSES_MAX + 1);
        assert_eq!(minute.failed_by(host(ADDRESSES_MAX + 9), NOW), 2);
    }
}
