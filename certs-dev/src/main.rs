//! `raccordo-demo`: the demonstration. `cargo demo` is an alias for it.
//!
//! Not here: any command that makes keys which are kept.

use std::process::ExitCode;

use clap::Parser;
use raccordo_certs_dev::demo::{self, Options};

/// A whole network on this machine, driven as people would, and measured.
#[derive(Debug, Parser)]
#[command(name = "raccordo-demo", version)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    demo::run(Arguments::parse().options).await
}
