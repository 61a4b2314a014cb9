//! The network's authority: the CA that issues TLS leaves, the roster from which the signed directory is made, the vault with
//! the keys that sign it; and the program by which an administration works on one network's folder.
//!
//! Deliberately not here: anything of a case (this crate never links `raccordo-casework`), sockets outside `publish`. Roster,
//! roots, review, draft, authority and vault are pure (`now` and `rng` are parameters); files and the clock are the command
//! line's.

pub mod acts;
pub mod authority;
pub mod calendar;
pub mod cli;
pub mod document;
pub mod draft;
pub mod enrolment;
pub mod failure;
pub mod folder;
pub mod issued;
pub mod key_file;
pub mod log;
pub mod names;
pub mod publish;
pub mod renewal;
pub mod review;
pub mod roots;
pub mod roster;
pub mod territory;
pub mod text;
pub mod vault;

/// Clients of the gateway's services, generated from `proto/raccordo/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
mod stubs {
    include!("gen/raccordo.v1.rs");
}
