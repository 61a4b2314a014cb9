//! Sentences of the demonstration, by name, in Italian and English. The catalogues are `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: layout and figures, which are arguments.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

/// A language of the demonstration.
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
            Self::It => include_str!("../../text/it.ftl"),
            Self::En => include_str!("../../text/en.ftl"),
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
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the catalogue.
    pub fn new(lang: Lang) -> Self {
        let mut bundle = FluentBundle::new(vec![lang.id()]);
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(lang.catalogue().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }

    /// The sentence, with its arguments. A name without a sentence is said as it is.
    pub fn say(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
        let args: FluentArgs<'_> = args.iter().map(|(key, value)| (*key, value.clone())).collect();
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// A count, with the language's mark between thousands.
    pub fn number(&self, count: usize) -> String {
        let digits = count.to_string();
        let mark = match self.lang {
            Lang::It => '.',
            Lang::En => ',',
        };
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// An office as the demonstration's lines call it.
    pub fn office(&self, agency: &raccordo_proto::AgencyId) -> String {
        self.say(&format!("office-{agency}"), &[])
    }

    /// Offices, joined as a person would.
    pub fn offices<'a>(&self, agencies: impl IntoIterator<Item = &'a raccordo_proto::AgencyId>) -> String {
        let mut names: Vec<String> = agencies.into_iter().map(|agency| self.office(agency)).collect();
        match names.pop() {
            Some(last) if !names.is_empty() => format!("{}{}{last}", names.join(", "), self.say("and", &[])),
            Some(only) => only,
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cast;

    fn names(lang: Lang) -> Vec<String> {
        let resource = FluentResource::try_new(lang.catalogue().to_owned());
        assert!(resource.is_ok(), "{lang:?} has faults");
        let message = |line: &str| line.split_once(" = ").map(|(id, _)| id.to_owned());
        lang.catalogue().lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).filter_map(message).collect()
    }

    #[test]
    fn both_languages_have_the_same_sentences() {
        assert_eq!(names(Lang::It), names(Lang::En));
    }

    #[test]
    fn counts_and_lists_read_as_people_write_them() {
        let it = Texts::new(Lang::It);
        assert_eq!([2, 312, 2048, 1_234_567].map(|n| it.number(n)), ["2", "312", "2.048", "1.234.567"]);
        assert_eq!(Texts::new(Lang::En).number(2048), "2,048");
        assert_eq!(it.offices(&[cast::sociale(), cast::cpi()]), "Servizio sociale e CPI");
        assert_eq!(it.offices(&[cast::sil()]), "SIL");
    }

    #[test]
    fn the_referrals_line_counts_offices() {
        let it = Texts::new(Lang::It);
        let line = |count: i32| {
            it.say("addressed", &[("comune", "Soresina".into()), ("equipe", "cremona".into()), ("count", count.into())])
        };
        assert_eq!(line(3), "territorio Soresina → équipe «cremona»: scheda minima a 3 uffici");
        assert_eq!(line(1), "territorio Soresina → équipe «cremona»: scheda minima a un ufficio");
    }
}
