//! What every program of Raccordo does with the person at its terminal, written once: sentences in Italian and English, help in
//! the language of whoever types, lines that cannot move a cursor, passphrases.
//!
//! Deliberately not here: the sentences themselves and what may be typed (each program's), exit codes and failures, the gateway
//! (whoever runs it reads English, and its Cargo.toml stays short).

pub mod help;
pub mod out;
pub mod passphrase;
pub mod text;
