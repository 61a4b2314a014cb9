//! What may be typed. The help that a person reads is the catalogue's; the comments here are for who reads the code.
//!
//! Not here: what a command does.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use raccordo_casework::wire::Ruolo;
use raccordo_terminal::text::Lang;

/// A whole command line.
#[derive(Debug, Parser)]
#[command(name = "raccordo-agent", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Configuration file; RACCORDO_CONFIG when absent.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Allows throwaway networks.
    #[arg(long, global = true)]
    pub dev: bool,
    /// Answers with one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of the sentences.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub lang: Lang,
    /// Acts as this pseudonym; with --dev only.
    #[arg(long, global = true, value_name = "PSEUDONYM")]
    pub operator: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Enrolment on line.
#[derive(Debug, Default, Args)]
pub struct OnlineArgs {
    /// The invitation; `-` reads it from standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    pub invitation: Option<PathBuf>,
    /// The network's words, as heard on the phone.
    #[arg(long = "words", value_name = "WORDS", requires = "invitation")]
    pub network_words: Option<String>,
    /// A passphrase opens the store, instead of a key file.
    #[arg(long, requires = "invitation")]
    pub passphrase: bool,
    /// Ends when this machine is let in, instead of running the agent.
    #[arg(long, requires = "invitation")]
    pub no_serve: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the agent.
    Serve {
        /// Where the link writes the envelopes it sends; with --dev only.
        #[arg(long, value_name = "FILE")]
        record_link: Option<PathBuf>,
    },
    /// Draws this machine's keys and writes the request that the administration approves.
    Enrol {
        /// Where the request goes.
        #[arg(long, value_name = "OUT", required_unless_present = "invitation")]
        request: Option<PathBuf>,
        /// The folder of this office's agent.
        #[arg(long, value_name = "DIR", default_value = ".")]
        folder: PathBuf,
        /// Asks for this machine's next certificate.
        #[arg(long, conflicts_with = "invitation")]
        renew: bool,
        /// What the administration has given to this office: the request goes to the gateway, and the answer comes from there.
        #[command(flatten)]
        online: OnlineArgs,
    },
    /// Takes the administration's answer, and writes the configuration.
    Activate {
        /// The answer.
        #[arg(value_name = "FILE")]
        answer: PathBuf,
        /// The folder of this office's agent.
        #[arg(long, value_name = "DIR", default_value = ".")]
        folder: PathBuf,
        /// The network's words, as heard on the phone.
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
        /// A passphrase opens the store, instead of a key file.
        #[arg(long)]
        passphrase: bool,
    },
    /// Sends a segnalazione to an équipe.
    Segnala {
        /// The form.
        #[arg(value_name = "FORM.toml")]
        form: PathBuf,
        /// To whom.
        #[command(flatten)]
        to: To,
        /// Waits for every confirmation of delivery.
        #[arg(long)]
        wait: bool,
        /// Sends although the guard of the free texts has something to say.
        #[arg(long)]
        checked: bool,
    },
    /// Arrived cases.
    Inbox {
        /// What to do with them.
        #[command(subcommand)]
        command: InboxCommand,
    },
    /// What was sent, per office.
    Outbox,
    /// One case.
    Case {
        /// What to do with it.
        #[command(subcommand)]
        command: CaseCommand,
    },
    /// What the network's admins have signed last, and what it has changed.
    Directory,
    /// Other offices.
    Office {
        /// What to do about them.
        #[command(subcommand)]
        command: OfficeCommand,
    },
    /// Backups.
    Backup {
        /// What to do.
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Brings this office back from a backup; the agent must not be running.
    Restore {
        /// The backup.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key that opens it.
        #[arg(long, value_name = "AGE_KEY_FILE")]
        identity: PathBuf,
        /// The tombstones, when they do not lie beside the backup.
        #[arg(long, value_name = "FILE", conflicts_with = "without_tombstones")]
        tombstones: Option<PathBuf>,
        /// Brings back what was erased since, too.
        #[arg(long)]
        without_tombstones: bool,
        /// Sets a journal that is here aside.
        #[arg(long)]
        set_aside: bool,
    },
    /// How the store is opened.
    Unlock {
        /// What to do.
        #[command(subcommand)]
        command: UnlockCommand,
    },
    /// Who may act.
    Operator {
        /// What to do.
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// How the agent is.
    Status,
    /// What is wrong, and who must act.
    Doctor {
        /// Where a letter for whoever looks after the network of the body goes.
        #[arg(long, value_name = "FILE")]
        letter: Option<PathBuf>,
    },
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
    /// What happens, a line per event.
    Watch {
        /// Ends when this happens.
        #[arg(long, value_name = "EVENT[:OFFICE]")]
        until: Option<String>,
        /// How long to wait for it.
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        timeout: u64,
    },
}

/// To whom a segnalazione goes: one of these.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct To {
    /// The équipe that serves this municipality, by name or ISTAT code.
    #[arg(long, value_name = "COMUNE", value_parser = NonEmptyStringValueParser::new())]
    pub comune: Option<String>,
    /// An équipe.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub equipe: Option<String>,
    /// A CPI.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub cpi: Option<String>,
    /// Another office.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub ufficio: Option<String>,
}

impl To {
    /// Faults about these keys are about what was typed, not about the file.
    pub const OPTIONS: [&str; 4] = ["comune", "equipe", "cpi", "ufficio"];
}

/// What to do with arrived cases.
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// Lists them.
    List,
    /// Shows one.
    Show {
        /// Its code.
        codice: String,
    },
    /// «L'abbiamo letta».
    Riscontro {
        /// Its code.
        codice: String,
        /// Who follows it.
        #[arg(long, value_name = "TEXT")]
        chi_segue: String,
        /// The office's phone.
        #[arg(long, value_name = "TEXT")]
        telefono: String,
        /// By when an answer comes.
        #[arg(long, value_name = "YYYY-MM-DD")]
        entro: String,
        /// Free text.
        #[arg(long, value_name = "TEXT", default_value = "")]
        testo: String,
        /// As for a segnalazione.
        #[arg(long)]
        checked: bool,
    },
    /// «Ce ne occupiamo noi per la nostra parte».
    Take {
        /// Its code.
        codice: String,
        /// Who follows it.
        #[arg(long, value_name = "TEXT")]
        chi_segue: String,
        /// The office's phone.
        #[arg(long, value_name = "TEXT")]
        telefono: String,
        /// Free text.
        #[arg(long, value_name = "TEXT", default_value = "")]
        testo: String,
        /// As for a segnalazione.
        #[arg(long)]
        checked: bool,
    },
}

/// What to do with one case.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Shows it.
    Show {
        /// Its code.
        codice: String,
    },
    /// Writes it as a page to be printed.
    Sheet {
        /// Its code.
        codice: String,
        /// Where.
        #[arg(long, value_name = "FILE.html")]
        out: PathBuf,
        /// With everything that may be read here, instead of a summary without content.
        #[arg(long)]
        scheda: bool,
    },
    /// Writes it as evidence.
    Export {
        /// Its code.
        codice: String,
        /// Where.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Makes it unreadable for ever.
    Erase {
        /// Its code.
        codice: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
    /// Sends the parte riservata.
    Disclose {
        /// Its code.
        codice: String,
        /// The office.
        #[arg(long, value_name = "OFFICE")]
        to: String,
    },
}

/// What to do about other offices.
#[derive(Debug, Subcommand)]
pub enum OfficeCommand {
    /// Offices whose key has changed, and its words.
    Keys,
    /// Says yes to a changed key.
    AcceptKey {
        /// The office.
        office: String,
        /// The words of its key, as heard from the office.
        #[arg(long, value_name = "WORDS")]
        words: String,
        /// A case whose parte riservata goes to it too.
        #[arg(long, value_name = "CODICE")]
        case: Option<String>,
    },
}

/// What to do about backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Makes the key that opens backups.
    NewKey {
        /// Where.
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
    /// Writes one now.
    Now {
        /// With the identity key in it.
        #[arg(long)]
        with_identity: bool,
    },
}

/// What to do about opening the store.
#[derive(Debug, Subcommand)]
pub enum UnlockCommand {
    /// Puts another passphrase in the place of the one that there is; the agent must not be running.
    ChangePassphrase,
}

/// What to do about operators.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Adds one.
    Add {
        /// Her name.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Her user id on this machine.
        #[arg(long)]
        uid: u32,
        /// Her roles.
        #[arg(long, required = true, num_args = 1.., value_delimiter = ',', value_enum)]
        ruolo: Vec<RuoloArg>,
        /// Chosen instead of drawn; with --dev only.
        #[arg(long, value_name = "op-xxxx")]
        pseudonym: Option<String>,
    },
    /// Lists them.
    List,
    /// Takes from one all that she may do.
    Disable {
        /// Hers.
        #[arg(value_name = "op-xxxx")]
        whom: String,
    },
}

/// A role, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuoloArg {
    /// Writes referrals, and follows the ones that she wrote.
    Operatrice,
    /// Opens any arrived case, answers, takes in charge.
    Referente,
    /// As referente, and makes backups.
    Coordinamento,
    /// Adds people, makes backups; opens no case.
    Amministrazione,
}

impl From<RuoloArg> for Ruolo {
    fn from(ruolo: RuoloArg) -> Self {
        match ruolo {
            RuoloArg::Operatrice => Self::Operatrice,
            RuoloArg::Referente => Self::Referente,
            RuoloArg::Coordinamento => Self::Coordinamento,
            RuoloArg::Amministrazione => Self::Amministrazione,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use raccordo_terminal::help;

    use super::*;
    use crate::text::texts;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        let words: Vec<OsString> = std::iter::once("raccordo-agent").chain(line.split(' ')).map(OsString::from).collect();
        help::parse(&words, &texts(Lang::It))
    }

    #[test]
    fn the_parser_holds_together_and_every_word_of_its_help_is_in_the_catalogue() {
        assert_eq!(help::unexplained::<Cli>(&texts(Lang::It)), [""; 0]);
    }

    #[test]
    fn help_is_italian() {
        let help = read("--help").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(help.contains("Uso:") && help.contains("Le pratiche in arrivo"), "{help}");
    }

    #[test]
    fn global_options_stand_anywhere() {
        let cli = read("--dev segnala form.toml --equipe cremona --operator op-3f9a --json --wait").expect("a good line");
        assert!(cli.dev && cli.json && cli.operator.as_deref() == Some("op-3f9a"));
        assert!(matches!(cli.command, Command::Segnala { wait: true, .. }));
    }

    #[test]
    fn roles_may_be_repeated_or_listed() {
        for line in [
            "operator add Giulia --uid 7 --ruolo operatrice referente",
            "operator add Giulia --uid 7 --ruolo operatrice,referente",
        ] {
            let Ok(Cli { command: Command::Operator { command: OperatorCommand::Add { ruolo, .. } }, .. }) = read(line) else {
                panic!("{line}")
            };
            assert_eq!(ruolo, [RuoloArg::Operatrice, RuoloArg::Referente]);
        }
    }

    #[test]
    fn a_faulty_line_is_a_fault_of_usage() {
        for line in ["segnala form.toml", "inbox", "operator add Giulia --uid x --ruolo operatrice", "fly"] {
            assert!(read(line).is_err_and(|error| error.use_stderr()), "{line}");
        }
    }
}
