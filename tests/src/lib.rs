//! What the whole-network tests stand on: offices in memory around the real router ([`town`]), a simulated world where
//! everything goes wrong ([`sim`]), real processes ([`processes`]) and what their exports prove ([`evidence`]), letters made by
//! hand ([`forge`]), somebody at the door ([`stranger`]) and who does harm there ([`mod@hostile`]), what a fuzzer calls
//! ([`fuzz`]), the keys of both ([`test_keys`]), the specification's rules ([`specification`]), and what a run has reached
//! ([`results`]) of what is asked ([`verdict`]); and what it costs ([`mod@bench`]).
//! Not here: the tests themselves (`tests/tests`).

pub mod bench;
pub mod evidence;
pub mod forge;
pub mod fuzz;
pub mod hostile;
pub mod processes;
pub mod results;
pub mod seeded;
pub mod sim;
pub mod specification;
pub mod stranger;
pub mod test_keys;
pub mod town;
pub mod verdict;
