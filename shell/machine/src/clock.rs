//! The clock and the randomness of this machine: the one place that reads them for what the cores take as parameters.
//!
//! Not here: dates as people write them.

use std::time::{SystemTime, UNIX_EPOCH};

use raccordo_proto::Timestamp;
use rand_core::{CryptoRng, UnwrapErr};

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The operating system's randomness. It panics when there is none: nothing can be sealed then.
pub fn rng() -> impl CryptoRng {
    UnwrapErr(getrandom::SysRng)
}
