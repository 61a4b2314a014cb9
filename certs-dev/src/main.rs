//! `raccordo-certs-dev demo`: the demonstration. `cargo demo` is an alias for it.
//!
//! Not here: any command that makes keys which are kept.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use raccordo_certs_dev::demo::{self, Options};

/// Throwaway networks of Raccordo.
#[derive(Debug, Parser)]
#[command(name = "raccordo-certs-dev", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole network on this machine, driven as people would, and measured.
    Demo(Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Demo(options) => demo::run(options).await,
    }
}
