//! Sentences for people, by name, in Italian and English. The catalogues are `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: codes and exit codes (`failure`), names of offices, which are arguments.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// A language that Raccordo speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// Italiano.
    #[default]
    It,
    /// English.
    En,
}

impl Lang {
    fn catalogue(self) -> &'static str {
        match self {
            Self::It => include_str!("../text/it.ftl"),
            Self::En => include_str!("../text/en.ftl"),
        }
    }

    fn id(self) -> unic_langid::LanguageIdentifier {
        let name = match self {
            Self::It => "it",
            Self::En => "en",
        };
        name.parse().unwrap_or_default()
    }
}

/// Something to be said, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its name in the catalogues.
    pub id: &'static str,
    /// Its arguments.
    pub args: Vec<(&'static str, String)>,
}

impl Sentence {
    /// The sentence of this name.
    pub fn new(id: &'static str, args: &[(&'static str, &str)]) -> Self {
        Self { id, args: args.iter().map(|(key, value)| (*key, (*value).to_owned())).collect() }
    }
}

/// The sentences of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the catalogue.
    pub fn new(lang: Lang) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![lang.id()]);
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(lang.catalogue().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// Whether there is a sentence of this name.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The sentence, with its arguments. A name without a sentence is said as it is.
    pub fn say(&self, id: &str, args: &[(&str, &str)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
        let args: FluentArgs<'_> = args.iter().map(|(key, value)| (*key, *value)).collect();
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// A sentence that was made elsewhere.
    pub fn tell(&self, sentence: &Sentence) -> String {
        let args: Vec<(&str, &str)> = sentence.args.iter().map(|(key, value)| (*key, value.as_str())).collect();
        self.say(sentence.id, &args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn is_id(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }

    /// Each message with the names of its arguments.
    fn sayings(lang: Lang) -> Vec<(&'static str, BTreeSet<&'static str>)> {
        let lines = lang.catalogue().lines().filter_map(|line| line.split_once(" =")).filter(|(id, _)| is_id(id));
        lines.map(|(id, text)| (id, text.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next()).collect())).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (it, en) = (sayings(Lang::It), sayings(Lang::En));
        assert_eq!(it, en);
        assert_eq!(it.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), it.len(), "something is said twice");
        for lang in [Lang::It, Lang::En] {
            assert!(FluentResource::try_new(lang.catalogue().to_owned()).is_ok(), "{lang:?} has a syntax error");
        }
    }

    #[test]
    fn every_name_in_the_code_has_a_sentence() {
        let texts = Texts::new(Lang::It);
        let mut found = 0;
        for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for exit in ["Machine", "Usage", "Refused", "Verification"] {
                for rest in source.split(&format!("Failure::new(Exit::{exit}, \"")).skip(1) {
                    let code = rest.split('"').next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
                    assert!(texts.has(&format!("failure-{code}")), "{code}");
                    found += 1;
                }
            }
            let families = ["fault-", "warning-", "done-", "plan-", "ask-", "show-", "help-", "note-", "field-", "thing-"];
            for id in source.split('"').skip(1).step_by(2).filter(|id| is_id(id)) {
                if !id.ends_with('-') && families.iter().any(|family| id.starts_with(family)) {
                    assert!(texts.has(id), "{id}");
                    found += 1;
                }
            }
        }
        assert!(found > 60, "only {found} names found");
    }

    fn sources(folder: &Path) -> Vec<String> {
        let paths = std::fs::read_dir(folder).expect("our own sources").map(|entry| entry.expect("an entry").path());
        let mut texts = Vec::new();
        for path in paths {
            if path.is_dir() {
                texts.extend(sources(&path));
            } else if !path.ends_with("tests.rs") {
                texts.push(std::fs::read_to_string(path).expect("our own source"));
            }
        }
        texts
    }
}
