//! The closing table of a run, and its verdict: `cargo run -p raccordo-tests --bin results`. Not here: what is asked
//! (`raccordo_tests::verdict`), what was counted (the tests).

use raccordo_tests::{results, verdict};

fn main() -> anyhow::Result<()> {
    verdict::of(&results::folder())
}
