//! The bare relay under the gateway's own allocator, for `cargo bench-network`. `bench-network` runs the same relay under the
//! system's. Not here: the relay (`raccordo_tests::bench::floor`).

use std::path::PathBuf;

use anyhow::Context as _;

#[global_allocator]
static ALLOCATOR: raccordo_gateway::zeroing::Zeroing = raccordo_gateway::zeroing::Zeroing(std::alloc::System);

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("usage: bare-relay GATEWAY_FOLDER")?.into();
    raccordo_tests::bench::floor::run(&folder)
}
