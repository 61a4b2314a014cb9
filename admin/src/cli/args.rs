//! What may be typed. The help that a person reads is the catalogue's; the comments here are for who reads the code.
//!
//! Not here: what a command does.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use raccordo_terminal::text::Lang;

use super::args_admins::{AdminKeyCommand, CeremonyCommand, Keep, RotateCommand};
use super::enrol::OfficeArgs;
use super::invite::{InviteArgs, RejectArgs};
use super::life::{ActArgs, AuditCommand, BanArgs, ExceptionArgs, RenewArgs};

/// Makes and signs the directory of a Raccordo network, and answers the requests of its offices and gateways.
#[derive(Debug, Parser)]
#[command(name = "raccordo-admin", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The network's folder.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub network: PathBuf,
    /// Answers with one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    /// Reads the passphrase of the keys from this file (its owner's alone, one line) instead of asking.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Language of the sentences.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub lang: Lang,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The network itself.
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Gateways.
    #[command(subcommand)]
    Gateway(GatewayCommand),
    /// Offices.
    #[command(subcommand)]
    Agency(AgencyCommand),
    /// Équipes.
    #[command(subcommand)]
    Equipe(EquipeCommand),
    /// Programmes.
    #[command(subcommand)]
    Programme(ProgrammeCommand),
    /// Municipalities.
    #[command(subcommand)]
    Territory(TerritoryCommand),
    /// Applies a file that describes a whole network, without keys.
    Apply {
        /// The file.
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
        /// Says the plan and changes nothing.
        #[arg(long)]
        plan: bool,
    },
    /// The signed directory.
    #[command(subcommand)]
    Directory(DirectoryCommand),
    /// The log of the authority's acts.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The key of one more admin.
    #[command(subcommand)]
    AdminKey(AdminKeyCommand),
    /// Signatures of several admins, each on her own machine.
    #[command(subcommand)]
    Ceremony(CeremonyCommand),
    /// Other admins, other keys.
    #[command(subcommand)]
    Rotate(RotateCommand),
    /// Completions for a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// Pages of the manual.
    Man {
        /// Where they go.
        #[arg(value_name = "DIR")]
        manual: PathBuf,
    },
}

/// What to do with the network.
#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// Draws the network's keys in a new folder.
    Init {
        /// Its name: [a-z0-9-], 2 to 40 characters.
        name: String,
        /// How many admins must sign.
        #[arg(long, value_name = "K", default_value_t = 1)]
        threshold: u32,
        /// The offer of another admin's key. May be repeated.
        #[arg(long = "admin", value_name = "FILE")]
        admins: Vec<PathBuf>,
    },
    /// Completes another admin's folder.
    Join {
        /// The network's trust file.
        #[arg(long, value_name = "FILE")]
        trust: PathBuf,
        /// The network's words, as heard on the phone.
        #[arg(long)]
        words: Option<String>,
    },
    /// Writes the trust file for who joins now.
    Trust {
        /// Where.
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
}

/// What to do with a gateway.
#[derive(Debug, Subcommand)]
pub enum GatewayCommand {
    /// Gives the gateway of a request its certificate and its place.
    Add {
        /// What «raccordo-gateway request» has written.
        #[arg(value_name = "REQUEST")]
        request: PathBuf,
        /// Where it will answer, host:port. May be repeated.
        #[arg(long = "endpoint", value_name = "HOST:PORT", required = true)]
        endpoints: Vec<String>,
        /// Its id.
        #[arg(long, default_value = "gw1")]
        id: String,
        /// Its words, as heard on the phone.
        #[arg(long)]
        words: Option<String>,
    },
    /// Renews the certificate of a gateway.
    Renew(Box<GatewayRenewArgs>),
}

/// Which gateway's certificate is renewed.
#[derive(Debug, Args)]
pub struct GatewayRenewArgs {
    /// What «raccordo-gateway request --renew» has written.
    #[arg(value_name = "REQUEST")]
    pub request: PathBuf,
    /// Its id.
    #[arg(long, default_value = "gw1")]
    pub id: String,
    /// Its words, as heard on the phone.
    #[arg(long)]
    pub words: Option<String>,
    /// Outside the time in which it may be.
    #[command(flatten)]
    pub exception: ExceptionArgs,
}

/// What to do with an office.
#[derive(Debug, Subcommand)]
pub enum AgencyCommand {
    /// Gives the office of a request its certificate and its place.
    Approve(Box<ApproveArgs>),
    /// Lets an office deposit its request at a gateway.
    Invite(Box<InviteArgs>),
    /// Asks a gateway which requests were deposited.
    Requests {
        /// Its authority port.
        #[arg(long, value_name = "HOST:PORT")]
        to: String,
    },
    /// Does not let a deposited request in.
    Reject(RejectArgs),
    /// Leaves the answers at a gateway for whoever has deposited.
    Answer {
        /// Its authority port.
        #[arg(long, value_name = "HOST:PORT")]
        to: String,
    },
    /// Who is in, until when, what comes next.
    List,
    /// Renews certificates.
    Renew(RenewArgs),
    /// Takes no part until it is resumed.
    Suspend(ActArgs),
    /// Takes part again.
    Resume(ActArgs),
    /// Puts its machine's keys out for ever; the office may enrol again at once.
    Evict(ActArgs),
    /// Puts the office out, with its keys.
    Revoke(ActArgs),
    /// Refuses id and keys for ever.
    Ban(BanArgs),
}

/// Whose request is approved, and what its office is.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// What «raccordo-agent enrol» has written; what was deposited for this office, when there is none.
    #[arg(value_name = "REQUEST")]
    pub request: Option<PathBuf>,
    /// What its office is.
    #[command(flatten)]
    pub office: OfficeArgs,
    /// Its words, as heard on the phone.
    #[arg(long)]
    pub words: Option<String>,
    /// Lets an office that was revoked back in, with new keys.
    #[arg(long)]
    pub readmit: bool,
}

/// What to do with an équipe.
#[derive(Debug, Subcommand)]
pub enum EquipeCommand {
    /// Makes one.
    Create {
        /// Its id.
        id: String,
        /// The ambito that it serves.
        #[arg(long)]
        ambito: String,
        /// A member and its role: OFFICE:ROLE. May be repeated.
        #[arg(long = "member", value_name = "OFFICE:ROLE")]
        members: Vec<String>,
        /// A role that must have a member. May be repeated.
        #[arg(long = "required", value_name = "ROLE")]
        required: Vec<String>,
    },
    /// Adds a member, or changes its role.
    Add {
        /// The équipe.
        id: String,
        /// The member and its role.
        #[arg(value_name = "OFFICE:ROLE")]
        member: String,
    },
    /// Takes a member out.
    Remove {
        /// The équipe.
        id: String,
        /// The member.
        office: String,
    },
}

/// What to do with a programme.
#[derive(Debug, Subcommand)]
pub enum ProgrammeCommand {
    /// Makes one.
    Create {
        /// Its id.
        id: String,
        /// Its title.
        #[arg(long)]
        title: String,
        /// First day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: String,
        /// Last day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: String,
        /// The office that leads it.
        #[arg(long, value_name = "OFFICE")]
        capofila: String,
        /// An office that takes part beside the équipes. May be repeated.
        #[arg(long = "agency", value_name = "OFFICE")]
        agencies: Vec<String>,
    },
}

/// What to do with municipalities.
#[derive(Debug, Subcommand)]
pub enum TerritoryCommand {
    /// Sets the ambito of every municipality in a list: codice_istat,ambito and, if there, equipe.
    Import {
        /// The list.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
}

/// What to do with the directory.
#[derive(Debug, Subcommand)]
pub enum DirectoryCommand {
    /// Says what the next version would change, and what is wrong with it.
    Review,
    /// Signs the next version, and answers the requests that were approved.
    Sign {
        /// Signs although nothing has changed: a new date of expiry.
        #[arg(long)]
        renew: bool,
    },
    /// Heals a fork: takes another version of the same number that was signed too.
    Heal {
        /// The other version.
        #[arg(value_name = "FILE")]
        other: PathBuf,
        /// Which one the next version follows.
        #[arg(long, value_enum)]
        keep: Keep,
    },
    /// Makes the draft what the last version says: changes that were not signed are gone.
    Adopt,
    /// Signs that the last version still holds.
    Confirm {
        /// Where it is written besides the folder.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Signs with the confirm key of this folder instead of the admin key.
        #[arg(long)]
        by_confirm_key: bool,
        /// Hands it in at gateways too.
        #[arg(long, requires = "to")]
        publish: bool,
        /// Their authority ports. May be repeated.
        #[arg(long, value_name = "HOST:PORT", requires = "publish")]
        to: Vec<String>,
    },
    /// Hands the last version in at gateways.
    Publish {
        /// Their authority ports. May be repeated.
        #[arg(long, value_name = "HOST:PORT", required = true)]
        to: Vec<String>,
    },
    /// Says what a signed version holds.
    Show {
        /// Which; the last one when absent.
        #[arg(long)]
        version: Option<u64>,
    },
    /// Says what changed between two signed versions; between the last two when none is named.
    Diff {
        /// The older one.
        from: Option<u64>,
        /// The newer one; the last one when absent.
        to: Option<u64>,
    },
}
