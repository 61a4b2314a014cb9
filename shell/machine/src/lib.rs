//! What every program of Raccordo does with the machine it runs on, written once: the clock and the randomness that cores take
//! as parameters, files that survive a power cut, the socket that other processes of the machine ask, memory that nobody else
//! reads, the TLS key and the way chains are verified.
//!
//! Deliberately not here: people (`raccordo-terminal`), secrets at rest (`raccordo-atrest`), the network, anything of a case.

pub mod clock;
pub mod files;
pub mod memory;
pub mod socket;
pub mod tls;
pub mod tls_key;
