//! What the whole-network tests stand on: offices in memory around the real router ([`town`]), a
//! simulated world where everything goes wrong ([`sim`]), and real processes ([`processes`]).
//! Not here: the tests themselves (`tests/tests`).

pub mod processes;
pub mod seeded;
pub mod sim;
pub mod town;
