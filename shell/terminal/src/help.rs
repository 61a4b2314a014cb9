//! A program's parser with its help in the language of whoever types, and what shells and readers of manuals ask of it.
//!
//! Not here: what may be typed, and the sentences: `help-root` and `help-<command>` for commands, `help-arg-<name>`, or
//! `help-arg-<command>-<name>`, for arguments.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Parser};
use serde_json::json;

use crate::out::print;
use crate::text::{Lang, Texts};

/// Reads a command line.
pub fn parse<C: Parser>(words: &[OsString], texts: &Texts) -> Result<C, clap::Error> {
    C::from_arg_matches(&command::<C>(texts).try_get_matches_from(words)?)
}

/// The parser, with its help in the language of `texts`.
pub fn command<C: Parser>(texts: &Texts) -> clap::Command {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help(texts.say("help-version", &[]));
    let root = C::command().disable_version_flag(true).arg(version.help_heading(texts.say("help-options", &[])));
    in_language(root, texts, "help-root", "help")
}

fn in_language(command: clap::Command, texts: &Texts, about: &str, path: &str) -> clap::Command {
    let options = texts.say("help-options", &[]);
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help(texts.say("help-help", &[]));
    let template = format!("{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}\n", texts.say("help-usage", &[]));
    command
        .about(texts.say(about, &[]))
        .help_template(template)
        .subcommand_help_heading(texts.say("help-commands", &[]))
        .disable_help_flag(true)
        .mut_args(|arg| {
            let id = arg_id(texts, path, arg.get_id().as_str());
            let arg = if texts.has(&id) { arg.help(texts.say(&id, &[])) } else { arg };
            if arg.is_positional() { arg } else { arg.help_heading(options.clone()) }
        })
        .arg(help.help_heading(options.clone()))
        .mut_subcommands(|sub| {
            let path = format!("{path}-{}", sub.get_name());
            in_language(sub, texts, &path, &path)
        })
}

/// An argument's own sentence in this command, or the one that it has everywhere.
fn arg_id(texts: &Texts, path: &str, arg: &str) -> String {
    let (arg, path) = (arg.replace('_', "-"), path.strip_prefix("help").unwrap_or(path));
    let own = format!("help-arg{path}-{arg}");
    if texts.has(&own) { own } else { format!("help-arg-{arg}") }
}

/// Commands and arguments of a parser that no catalogue explains. For each program's tests.
pub fn unexplained<C: Parser>(texts: &Texts) -> Vec<String> {
    let command = command::<C>(texts);
    command.clone().debug_assert();
    let mut found = Vec::new();
    walk(&command, texts, "help", &mut found);
    found
}

fn walk(command: &clap::Command, texts: &Texts, path: &str, found: &mut Vec<String>) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    if about.is_empty() || about.starts_with("help-") {
        found.push(path.to_owned());
    }
    let arguments = command.get_arguments().map(|arg| arg.get_id().as_str()).filter(|id| !["help", "version"].contains(id));
    found.extend(arguments.map(|id| arg_id(texts, path, id)).filter(|id| !texts.has(id)));
    command.get_subcommands().for_each(|sub| walk(sub, texts, &format!("{path}-{}", sub.get_name()), found));
}

/// The language asked for, looked up before parsing, because the parser's help needs it.
pub fn asked_language(words: &[OsString]) -> Lang {
    let english = words.iter().any(|word| word == "--lang=en") || words.windows(2).any(|pair| pair == ["--lang", "en"]);
    if english { Lang::En } else { Lang::It }
}

/// Tells what the parser says of a line, as JSON where the line asks for it; answers how the program ends. Help and version are
/// no faults.
pub fn usage(error: &clap::Error, words: &[OsString]) -> ExitCode {
    let as_json = error.use_stderr() && words.iter().any(|word| word == "--json");
    let told = match as_json {
        true => print(&json!({"error": {"code": "USAGE", "message": error.to_string()}}).to_string()),
        false => error.print(),
    };
    match (error.use_stderr(), told.and_then(|()| io::stdout().flush())) {
        (true, _) => ExitCode::from(2),
        (false, Ok(())) => ExitCode::SUCCESS,
        (false, Err(_)) => ExitCode::FAILURE,
    }
}

/// A shell's completions for the program of this parser.
pub fn completions<C: Parser>(shell: clap_complete::Shell, texts: &Texts) -> String {
    let mut command = command::<C>(texts);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Writes a page of the manual for each command into a folder that is there.
pub fn manual<C: Parser>(folder: &Path, texts: &Texts) -> io::Result<()> {
    clap_mangen::generate_to(command::<C>(texts), folder)
}

#[cfg(test)]
mod tests {
    use clap::Subcommand;

    use super::*;
    use crate::text::Catalogues;

    const CATALOGUES: Catalogues = Catalogues {
        it: "help-root = La radice\nhelp-go = Va\nhelp-arg-place = Il posto\nhelp-arg-go-speed = Quanto presto\n\
             help-options = Opzioni\nhelp-commands = Comandi\nhelp-usage = Uso:\nhelp-help = Aiuto\nhelp-version = Versione\n\
             help-arg-lang = Lingua\n",
        en: "help-usage = Usage:\n",
    };

    #[derive(Debug, Parser)]
    #[command(name = "raccordo-prova", version, disable_help_subcommand = true)]
    struct Cli {
        #[arg(long, global = true, value_enum, default_value_t)]
        lang: Lang,
        #[command(subcommand)]
        command: Go,
    }

    #[derive(Debug, Subcommand)]
    enum Go {
        Go {
            place: String,
            #[arg(long)]
            speed: Option<String>,
        },
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn help_speaks_the_language_asked_for_and_what_no_catalogue_explains_is_seen() {
        let help = |line: &str| {
            let words = words(line);
            let texts = Texts::new(asked_language(&words), CATALOGUES);
            parse::<Cli>(&words, &texts).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let italian = help("raccordo-prova go --help");
        assert!(["Uso:", "Quanto presto", "Il posto"].iter().all(|says| italian.contains(says)), "{italian}");
        for english in ["raccordo-prova --lang en --help", "raccordo-prova --lang=en --help"] {
            assert!(help(english).contains("Usage:"));
        }
        assert_eq!(unexplained::<Cli>(&Texts::new(Lang::It, CATALOGUES)), [""; 0]);
        let missing = unexplained::<Cli>(&Texts::new(Lang::En, CATALOGUES));
        assert_eq!(missing, ["help", "help-arg-lang", "help-go", "help-arg-place", "help-arg-speed"]);
    }

    #[test]
    fn shells_and_manuals_know_every_command() {
        let texts = Texts::new(Lang::It, CATALOGUES);
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish] {
            let script = completions::<Cli>(shell, &texts);
            assert!(script.contains("raccordo-prova") && script.contains("speed"), "{shell}");
            assert_eq!(crate::out::plain(&script), script, "{shell}: it may be printed as it is");
        }
        let folder = tempfile::tempdir().expect("a folder");
        manual::<Cli>(folder.path(), &texts).expect("written");
        let page = std::fs::read_to_string(folder.path().join("raccordo-prova-go.1")).expect("a page");
        assert!(page.contains("Quanto presto"), "{page}");
        assert!(manual::<Cli>(&folder.path().join("nowhere"), &texts).is_err());
    }
}
