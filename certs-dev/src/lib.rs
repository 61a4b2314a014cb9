//! A throwaway network made with the real code (the authority's CA and directory, the real folders of every machine), and
//! the demonstration that runs on it.
//!
//! Deliberately not here: any key of a network that is not thrown away. Every name ends in `.invalid`, which every binary
//! refuses without `--dev`; keys are random in every run.

pub mod cast;
pub mod demo;
pub mod network;
pub mod temp;
