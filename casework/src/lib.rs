//! What happens to a case, and the seal that keeps it between the two ends.
//!
//! Two pure machines: the [`desk`] (all that is durable) and the [`courier`] (all that is volatile), and the pure functions
//! that workers run between them ([`seal`], [`work`]).
//!
//! Deliberately not here: sockets, clocks, disks, randomness, logs. Only agents link this crate: that no gateway can open
//! an envelope is a line missing from its Cargo.toml.

pub mod record;

/// Letters, forms and records, generated from `proto/raccordo/casework/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod wire {
    include!("gen/raccordo.casework.v1.rs");
}
