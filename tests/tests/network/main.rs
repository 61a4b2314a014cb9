//! The real programs on loopback, with real TLS, real sealing and a real store: one journey, crashes, refusals, peers that
//! must not get in, the search for what a gateway may have kept, and a benchmark that runs.
//!
//! Every test has a network, a folder and ports of its own, and waits for events only. Not here: rules that need no process
//! (`town`), many seeds. Needs `cargo build --bin raccordo-gateway --bin raccordo-agent --bin raccordo-admin`.

mod acts;
mod admin;
mod authority;
mod authority_journey;
mod bench;
mod canary;
mod ceremony;
mod crashes;
mod cuts;
mod doctor;
mod enrolling;
mod forger;
mod guard;
mod journey;
mod keys;
mod logs;
mod passphrase;
mod peers;
mod people;
mod publish;
mod refusals;
mod restore;
mod revocation;
mod starts;

use raccordo_tests::evidence;
