//! What several admins may type: keys of their own, ceremonies, rotations.
//!
//! Not here: what a command does.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// Which of two signed versions goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// The one in this folder.
    Mine,
    /// The other one.
    Theirs,
}

/// What to do with one's own admin key.
#[derive(Debug, Subcommand)]
pub enum AdminKeyCommand {
    /// Draws it in a new folder, and offers it to a network.
    New {
        /// The network's name.
        name: String,
        /// Where the offer is written: a file without secrets.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What to do with a version that waits for signatures.
#[derive(Debug, Subcommand)]
pub enum CeremonyCommand {
    /// Writes the proposal of this folder to a file; without one, the last version.
    Export {
        /// Where.
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
    /// Says what a proposal would change, and who has signed it.
    Review {
        /// The proposal.
        #[arg(value_name = "FILE")]
        proposal: PathBuf,
    },
    /// Adds one's signature.
    Sign {
        /// The proposal.
        #[arg(value_name = "FILE")]
        proposal: PathBuf,
        /// Where it is written, signed.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Takes the signatures of a file, or a version that is complete.
    Import {
        /// The proposal or the version.
        #[arg(value_name = "FILE")]
        signed: PathBuf,
    },
    /// Drops the proposal of this folder.
    Discard,
}

/// What to replace.
#[derive(Debug, Subcommand)]
pub enum RotateCommand {
    /// Who may sign, and how many must.
    #[command(group(clap::ArgGroup::new("change").required(true).multiple(true).args(["threshold", "add", "remove"])))]
    Admin {
        /// How many must sign; as many as before when absent.
        #[arg(long, value_name = "K")]
        threshold: Option<u32>,
        /// The offer of a new admin's key. May be repeated.
        #[arg(long = "add", value_name = "FILE")]
        add: Vec<PathBuf>,
        /// An admin key that goes: its words, or its id. May be repeated.
        #[arg(long = "remove", value_name = "WORDS|ID")]
        remove: Vec<String>,
    },
    /// Another issuing CA under the same root.
    Ca {
        /// Tries it on a copy.
        #[arg(long)]
        rehearse: bool,
    },
    /// Another CA root.
    Root {
        /// Tries it on a copy.
        #[arg(long, conflicts_with = "finish")]
        rehearse: bool,
        /// Takes the roots out that issue nothing any more.
        #[arg(long)]
        finish: bool,
    },
    /// Keys that may only confirm.
    ConfirmKey {
        /// Takes one out, by its words or its id, instead of drawing one.
        #[arg(long, value_name = "WORDS|ID")]
        remove: Option<String>,
    },
}
