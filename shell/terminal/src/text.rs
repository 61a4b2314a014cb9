//! Sentences for people, by name, in Italian and English. Each program has its own catalogues.
//!
//! Not here: codes and exit codes; names of offices and content of cases, which are arguments.

use std::collections::BTreeSet;

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
    fn id(self) -> unic_langid::LanguageIdentifier {
        let name = match self {
            Self::It => "it",
            Self::En => "en",
        };
        name.parse().unwrap_or_default()
    }
}

/// A program's sentences, in Fluent's format.
#[derive(Debug, Clone, Copy)]
pub struct Catalogues {
    /// In Italian.
    pub it: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Catalogues {
    fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::It => self.it,
            Lang::En => self.en,
        }
    }

    /// What is wrong with them: errors of syntax, a sentence that stands twice, one that the two say with other arguments. For
    /// each program's tests.
    pub fn faults(self) -> Vec<String> {
        let mut faults = Vec::new();
        for lang in [Lang::It, Lang::En] {
            if FluentResource::try_new(self.of(lang).to_owned()).is_err() {
                faults.push(format!("{lang:?} has an error of syntax"));
            }
            let mut seen = BTreeSet::new();
            let twice = sayings(self.of(lang)).into_iter().map(|(id, _)| id).filter(|id| !seen.insert(*id));
            faults.extend(twice.map(|id| format!("{lang:?} says {id} twice")));
        }
        let [it, en] = [self.it, self.en].map(|text| sayings(text).into_iter().collect::<BTreeSet<_>>());
        faults.extend(it.symmetric_difference(&en).map(|(id, args)| format!("{id} with {args:?} stands in one alone")));
        faults
    }
}

/// Each sentence with the names of its arguments.
fn sayings(catalogue: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let mut found: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for line in catalogue.lines() {
        if let Some((id, _)) = line.split_once(" =").filter(|(id, _)| is_id(id)) {
            found.push((id, BTreeSet::new()));
        }
        let names = line.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap_or_default());
        if let Some((_, args)) = found.last_mut() {
            args.extend(names);
        }
    }
    found
}

/// Whether a text may be the name of a sentence.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
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
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the catalogue.
    pub fn new(lang: Lang, catalogues: Catalogues) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![lang.id()]);
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(catalogues.of(lang).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }

    /// Their language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether there is a sentence of this name.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The sentence, with its arguments. A name without a sentence is said as it is.
    pub fn say(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.say_with(id, &args.iter().map(|(key, value)| (*key, *value)).collect())
    }

    /// The sentence, with a number that decides its plural.
    pub fn count(&self, id: &str, count: u32) -> String {
        self.say_with(id, &[("count", count)].into_iter().collect())
    }

    /// The sentence, with texts and numbers.
    pub fn say_with(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
        self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
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

    const GOOD: Catalogues = Catalogues {
        it: "ciao = Ciao, { $name }\n  e { $other }\nno = No\n",
        en: "ciao = Hello, { $name } { $other }\nno = No\n",
    };

    #[test]
    fn a_sentence_is_said_in_its_language_with_its_arguments() {
        let texts = Texts::new(Lang::En, GOOD);
        let sentence = Sentence::new("ciao", &[("name", "Anna"), ("other", "Bea")]);
        assert_eq!((texts.tell(&sentence), texts.say("nothing", &[])), ("Hello, Anna Bea".to_owned(), "nothing".to_owned()));
        assert!(texts.has("no") && !texts.has("nothing") && Texts::new(Lang::It, GOOD).lang() == Lang::It);
    }

    #[test]
    fn catalogues_that_differ_are_seen() {
        assert_eq!(GOOD.faults(), [""; 0]);
        let faults = |it, en| Catalogues { it, en }.faults().len();
        assert_eq!(faults("a = A\n", "a = A\nb = B\n"), 1, "one is missing");
        assert_eq!(faults("a = { $x }\n", "a = { $y }\n"), 2, "another argument");
        assert_eq!(faults("a = A\na = B\n", "a = A\n"), 1, "twice");
        assert_eq!(faults("a = { $x\n", "a = { $x }\n"), 1, "no syntax");
    }
}
