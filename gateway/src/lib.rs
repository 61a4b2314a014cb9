//! The gateway: routes sealed envelopes between attached agents and keeps none of them.
//!
//! `router`, `admission` and `scrub` decide, without socket, clock or disk; the rest is the shell around them: TLS, streams,
//! the directory and its copy, the authority's port, enrolment, the audit. Deliberately not here: anything that can open an
//! envelope (no such crate is linked), replicas and attachments (later), a row or a file per letter (never).

pub mod admission;
pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod enrolment;
pub mod event;
pub mod failure;
pub mod guest;
pub mod publication;
pub mod router;
pub mod scrub;
pub mod status;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod zeroing;

mod api;
mod authority;
mod codec;
mod copy;
mod deposits;
mod enrolling;
mod install;
mod knocks;
mod line;
mod link;
mod listen;
mod relay;
mod session;

/// Stubs generated from the schemas of `proto/raccordo/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod stubs {
    include!("gen/raccordo.v1.rs");
}

#[cfg(test)]
mod fixture;
