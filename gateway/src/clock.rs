//! The one place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use raccordo_proto::Timestamp;

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
