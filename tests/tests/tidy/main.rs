//! The house rules as tests: crates import only whom they may, files stay small. Not here: anything that runs the network,
//! and the regeneration test (`proto/tests`, below every other room).

mod codes;
mod crates;
mod documents;
mod limits;
mod models;
mod rules;
mod sources;
mod supply;
mod words;

use std::path::{Path, PathBuf};

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a folder of the workspace").to_path_buf()
}
