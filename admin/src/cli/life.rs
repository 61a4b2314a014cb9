//! What may be typed about an office that is in: acts, renewals, and the log of them all. The help that a person reads is the
//! catalogue's.
//!
//! Not here: the other commands (`args`), what a command does.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

/// Which office, and why.
#[derive(Debug, Args)]
pub struct ActArgs {
    /// The office.
    pub id: String,
    /// Why: it stays in the log.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
}

/// Which office is refused for ever, and why.
#[derive(Debug, Args)]
pub struct BanArgs {
    /// Which, and why.
    #[command(flatten)]
    pub act: ActArgs,
    /// Nothing takes a ban back: whoever types this knows it.
    #[arg(long)]
    pub yes: bool,
}

/// Which certificates are renewed.
#[derive(Debug, Args)]
pub struct RenewArgs {
    /// What «raccordo-agent enrol --renew» has written. More than one are one batch.
    #[arg(value_name = "REQUEST", required = true)]
    pub requests: Vec<PathBuf>,
    /// Outside the time in which they may be.
    #[command(flatten)]
    pub exception: ExceptionArgs,
}

/// Outside the time in which a certificate may be renewed.
#[derive(Debug, Args)]
pub struct ExceptionArgs {
    /// Before day -60, too.
    #[arg(long, requires = "reason")]
    pub early: bool,
    /// After the certificate's end, too: an approved exception.
    #[arg(long, requires = "reason")]
    pub expired: bool,
    /// Why: it stays in the log.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
}

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Shows the last rows.
    Tail {
        /// How many.
        #[arg(long, default_value_t = 20)]
        rows: usize,
    },
    /// Says whether it is whole.
    Verify,
    /// Writes a copy of it.
    Export {
        /// Where.
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
}
