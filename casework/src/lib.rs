//! What happens to a case, and the seal that keeps it between the two ends.
//!
//! Two pure machines: the [`desk`] (all that is durable) and the [`courier`] (all that is volatile), and the pure functions
//! that workers run between them ([`seal`], [`work`]).
//!
//! Deliberately not here: sockets, clocks, disks, randomness, logs. Only agents link this crate: that no gateway can open
//! an envelope is a line missing from its Cargo.toml.

pub mod answer;
pub mod autorizzazione;
pub mod case;
pub mod cobblestone;
pub mod codice;
pub mod courier;
pub mod dates;
pub mod desk;
pub mod destination;
pub mod fold;
pub mod known_keys;
pub mod letter;
pub mod outbox;
pub mod receipts;
pub mod record;
pub mod refusal;
pub mod restore;
pub mod roles;
pub mod seal;
pub mod seats;
pub mod segnalazione;
pub mod step;
pub mod threads;
pub mod tombstones;
pub mod work;

/// Letters, forms and records, generated from `proto/raccordo/casework/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod wire {
    include!("gen/raccordo.casework.v1.rs");
}
