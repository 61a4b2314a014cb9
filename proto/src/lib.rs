//! The protocol of Raccordo: everything that a gateway may see, and the rules by which each side believes the other.
//!
//! Deliberately not here: sockets, clocks, disks, randomness and logs (`now` and keys are parameters), and anything that
//! can open an envelope. Sealing, letters and cases are `raccordo-casework`'s, which no gateway links.
//!
//! Rule numbers (E-03, D-07 …) are those of `docs/PROTOCOL.md`.

pub mod certificate;
pub mod code;
pub mod directory;
pub mod endpoint;
pub mod enrolment;
pub mod envelope;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod padding;
pub mod receipt;
pub mod sign;
pub mod time;
pub mod words;

/// The wire's messages, generated from `proto/raccordo/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod wire {
    include!("gen/raccordo.v1.rs");
}

pub use code::Code;
pub use directory::Directory;
pub use endpoint::Endpoint;
pub use ids::AgencyId;
pub use time::Timestamp;
