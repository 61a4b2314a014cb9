//! What the whole-network tests stand on: offices in memory around the real router ([`town`]), real processes
//! ([`processes`]), and what a fuzzer calls ([`fuzz`]).
//! Not here: the tests themselves (`tests/tests`).

pub mod fuzz;
pub mod processes;
pub mod seeded;
pub mod town;
