//! The gateway's process: the allocator that leaves nothing behind, the command line, the exit code.

use std::process::ExitCode;

use clap::Parser as _;

#[cfg(feature = "zeroing-allocator")]
#[global_allocator]
static ALLOCATOR: raccordo_gateway::zeroing::Zeroing = raccordo_gateway::zeroing::Zeroing(std::alloc::System);

fn main() -> ExitCode {
    match raccordo_gateway::cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("raccordo-gateway: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
