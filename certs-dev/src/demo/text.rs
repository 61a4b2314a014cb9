//! Sentences of the demonstration, by name, in Italian and English. The catalogues are `text/it.ftl` and `text/en.ftl`.
//!
//! Not here: layout and figures, which are arguments.

use fluent_bundle::{FluentArgs, FluentValue};
use raccordo_terminal::text::{self, Catalogues, Lang};

const CATALOGUES: Catalogues = Catalogues { it: include_str!("../../text/it.ftl"), en: include_str!("../../text/en.ftl") };

/// The sentences of one language.
pub struct Texts(text::Texts);

impl Texts {
    /// Reads the catalogue.
    pub fn new(lang: Lang) -> Self {
        Self(text::Texts::new(lang, CATALOGUES))
    }

    /// The sentence, with its arguments. A name without a sentence is said as it is.
    pub fn say(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(key, value)| (*key, value.clone())).collect();
        self.0.say_with(id, &args)
    }

    /// A count, with the language's mark between thousands.
    pub fn number(&self, count: usize) -> String {
        let digits = count.to_string();
        let mark = match self.0.lang() {
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

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(CATALOGUES.faults(), [""; 0]);
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
