//! Sentences for people, by name, in Italian and English. The catalogues are `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: codes and exit codes ([`crate::failure`]), names of offices and content of cases, which are arguments.

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

    /// The sentence, with a number that decides its plural.
    pub fn count(&self, id: &str, count: u32) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
        let args: FluentArgs<'_> = [("count", count)].into_iter().collect();
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests;
