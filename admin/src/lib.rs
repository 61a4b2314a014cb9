//! The network's authority: the CA that issues TLS leaves, the roster from which the signed directory is made, and the vault
//! with the keys that sign it.
//!
//! Deliberately not here: anything of a case (this crate never links `raccordo-casework`), files, sockets and clocks (`now`
//! is a parameter), ceremonies that spread the keys over several machines, rotation of the admins' keys.

pub mod authority;
pub mod roster;
pub mod vault;
