//! What the whole-network tests stand on: offices in memory around the real router ([`town`]), and real processes.
//! Not here: the tests themselves (`tests/tests`).

pub mod seeded;
pub mod town;
