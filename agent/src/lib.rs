//! One office: its desk, its sealed store, its link to a gateway, its local API and its command line.
//!
//! Deliberately not here: the rules of a case and the seal (`raccordo-casework`), the rules of the wire (`raccordo-proto`),
//! the network's authority, anything that listens on a network. A library beside a `main.rs`, so that tests drive the real
//! link and the real local API.

pub mod backup;
pub mod cli;
pub mod client;
pub mod commit;
pub mod comuni;
pub mod config;
pub mod desk_task;
pub mod doctor;
pub mod enrolment;
pub mod failure;
pub mod form;
pub mod guard;
pub mod keys;
pub mod link;
pub mod local_api;
pub mod passphrase;
pub mod restore;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod tls;

/// Clients of the gateway's services, generated from `proto/raccordo/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod wire {
    include!("gen/raccordo.v1.rs");
}

/// The local API, messages and both halves, generated from `proto/raccordo/agent/v1`; never edited.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod api {
    include!("gen/raccordo.agent.v1.rs");
}
