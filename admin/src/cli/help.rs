//! The parser with its help in the language of whoever types, and what shells and readers of manuals ask of it.
//!
//! Not here: what may be typed (`args`).

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _};
use serde_json::json;

use super::args::Cli;
use super::screen::Screen;
use crate::failure::{Exit, Failure};
use crate::text::{Lang, Texts};

/// Reads a command line; its help speaks the language of `texts`.
pub fn parse(words: &[OsString], texts: &Texts) -> Result<Cli, clap::Error> {
    let matches = command(texts).try_get_matches_from(words)?;
    Cli::from_arg_matches(&matches)
}

/// The language asked for, looked up before parsing, because the parser's help needs it.
pub fn asked_language(words: &[OsString]) -> Lang {
    let english = words.iter().any(|word| word == "--lang=en") || words.windows(2).any(|pair| pair == ["--lang", "en"]);
    if english { Lang::En } else { Lang::It }
}

fn command(texts: &Texts) -> clap::Command {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help(texts.say("help-version", &[]));
    let root = Cli::command().disable_version_flag(true).arg(version.help_heading(texts.say("help-options", &[])));
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

/// Writes a shell's completions to standard output.
pub fn completions(shell: clap_complete::Shell, screen: &Screen) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(&screen.texts), "raccordo-admin", &mut script);
    let unwritten = |error| Failure::new(Exit::Machine, "ANSWER_NOT_WRITTEN").with("detail", error);
    std::io::stdout().lock().write_all(&script).map_err(unwritten)
}

/// Writes a page of the manual for each command into a folder that is there.
pub fn manual(folder: &Path, screen: &Screen) -> Result<(), Failure> {
    let unwritten = |error| Failure::new(Exit::Machine, "MANUAL").with("folder", folder.display()).with("detail", error);
    clap_mangen::generate_to(command(&screen.texts), folder).map_err(unwritten)?;
    let folder = folder.display().to_string();
    screen.say("done-manual", &[("folder", &folder)]);
    screen.object(&json!({"folder": folder}));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(command: &clap::Command, texts: &Texts, path: &str) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(!about.is_empty() && !about.starts_with("help-"), "{path}: {about}");
        for arg in command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str())) {
            let id = arg_id(texts, path, arg.get_id().as_str());
            assert!(texts.has(&id), "{path}: {id}");
        }
        command.get_subcommands().for_each(|sub| walk(sub, texts, &format!("{path}-{}", sub.get_name())));
    }

    #[test]
    fn the_parser_holds_together_and_every_word_of_its_help_is_in_both_catalogues() {
        for lang in [Lang::It, Lang::En] {
            let texts = Texts::new(lang);
            command(&texts).debug_assert();
            walk(&command(&texts), &texts, "help");
        }
    }

    #[test]
    fn help_is_italian_unless_english_is_asked_for() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        let help = |line: &str| {
            let words = words(line);
            parse(&words, &Texts::new(asked_language(&words))).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(help("raccordo-admin --help").contains("Uso:"));
        assert!(help("raccordo-admin agency approve --help").contains("Le sue parole, lette al telefono"));
        assert!(help("raccordo-admin --lang en agency approve --help").contains("Its words, as heard on the phone"));
        assert!(help("raccordo-admin --lang=en --help").contains("Usage:"));
    }

    #[test]
    fn the_manual_has_a_page_for_each_command() {
        let dir = tempfile::tempdir().expect("a folder");
        let screen = Screen::new(Texts::new(Lang::It), true);
        assert!(manual(dir.path(), &screen).is_ok());
        let page = std::fs::read_to_string(dir.path().join("raccordo-admin-directory-sign.1")).expect("a page");
        assert!(page.contains("Firma la prossima versione"), "{page}");
        let nowhere = manual(&dir.path().join("nowhere"), &screen).err().map(|failure| failure.code);
        assert_eq!(nowhere, Some("MANUAL"));
    }
}
