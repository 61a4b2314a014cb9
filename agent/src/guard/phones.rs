//! Telephone numbers, grouped in any way, partly mistyped or spelled in words.
//!
//! Deliberately not here: dates, times, amounts, laws and the public numbers that anybody may be told (112, 1522, 800…).

use super::dates;
use super::digits::{Figure, runs};
use super::vocabulary::{DIGITS, NOT_PHONES, PHONE_LEADS};
use super::words::Phrase;
use super::{Alarm, Kind};

/// Every telephone number.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let runs = runs(phrase.text);
    let mut found: Vec<Alarm> = runs.iter().flat_map(|run| in_run(phrase, run)).collect();
    found.extend(in_words(phrase));
    found
}

fn in_run(phrase: &Phrase<'_>, run: &[Figure]) -> Vec<Alarm> {
    let token = phrase.tokens.partition_point(|token| token.to <= run[0].from);
    let is_other = phrase.is_near(token, 4, NOT_PHONES);
    let is_led = phrase.is_near(token, 8, PHONE_LEADS) && !is_other;
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = run.get(at) {
        let rest = &run[at..];
        let Some(figures) = phone(rest, is_led && at < 2, phrase.text) else {
            at += what_else(rest);
            continue;
        };
        if !is_other || first.digits.starts_with(['0', '3', '+']) {
            found.push(Alarm { kind: Kind::Telefono, from: first.from, to: rest[figures - 1].to });
        }
        at += figures;
    }
    found
}

/// How many figures are something else: a date, a time, a number.
fn what_else(rest: &[Figure]) -> usize {
    match rest {
        _ if dates::year_of(rest).is_some() => 3,
        [hour, minute, ..] if is_time(hour, minute) => 2,
        _ => 1,
    }
}

/// How many figures make a telephone number, if they do; the longest counts.
fn phone(rest: &[Figure], is_led: bool, text: &str) -> Option<usize> {
    (1..=rest.len()).rev().find(|len| {
        let figures = &rest[..*len];
        is_callable(figures, is_led) && !is_something_else(figures, is_led) && (is_led || !is_money(figures, text))
    })
}

/// Enough digits, and a beginning that telephones have.
fn is_callable(figures: &[Figure], is_led: bool) -> bool {
    let digits: String = figures.iter().flat_map(|figure| figure.digits.chars()).filter(char::is_ascii_digit).collect();
    let count = digits.len();
    if !(6..=15).contains(&count) || ["800", "803", "199"].iter().any(|free| digits.starts_with(free)) {
        return false;
    }
    let is_abroad = figures[0].digits.starts_with('+') || digits.starts_with("00") && count >= 10;
    let is_prefixed = digits.starts_with("393") && (11..=12).contains(&count);
    let is_mobile = digits.starts_with('3') && (9..=11).contains(&count);
    let is_fixed = digits.starts_with('0') && (8..=11).contains(&count);
    let is_long = figures.len() == 1 && count >= 10;
    is_abroad || is_prefixed || is_mobile || is_fixed || is_long || is_led && count <= 13
}

/// Dates, times, years, laws and thousands only look like numbers to call.
fn is_something_else(figures: &[Figure], is_led: bool) -> bool {
    let [first, rest @ ..] = figures else { return false };
    let pairs = figures.chunks(2).all(|pair| matches!(pair, [hour, minute] if is_time(hour, minute)));
    let is_thousands = first.digits.len() <= 3 && rest.iter().all(|g| g.separator == '.' && g.digits.len() == 3);
    let is_range = figures.iter().all(|g| g.is_year() || g.is_short()) && figures.iter().any(Figure::is_year);
    let is_list = figures.iter().all(|g| g.is_short() && g.separator == ' ');
    let is_date = figures.len() == 3 && dates::year_of(figures).is_some();
    let law = rest.len() == 1 && rest[0].separator == '/' && rest[0].is_year() && !first.digits.starts_with(['0', '3']);
    let opens_with_time = rest.len() > 1 && is_time(first, &rest[0]) && rest[1].separator != '.';
    let unled = is_list && figures.len() < 4 || opens_with_time || is_thousands && figures.len() < 4;
    !rest.is_empty() && (pairs || is_range || is_date || law || !is_led && unled)
}

fn is_time(hour: &Figure, minute: &Figure) -> bool {
    let has_shape = hour.is_short() && minute.digits.len() == 2 && minute.separator == '.';
    has_shape && hour.value() <= 24 && minute.value() < 60
}

fn is_money(figures: &[Figure], text: &str) -> bool {
    let [first, ..] = figures else { return false };
    let to = figures.last().map_or(first.to, |last| last.to);
    let after: String = text[to..].trim_start().chars().take(4).flat_map(char::to_lowercase).collect();
    let is_before = text[..first.from].trim_end().ends_with(['€', '$']);
    is_before || ["€", "eur", ",00"].iter().any(|sign| after.starts_with(sign))
}

/// Six digits said in words one after the other; or four words, led, when tens are used («trecentoventi quarantacinque…»).
fn in_words(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut said = Said::default();
    for i in 0..=phrase.tokens.len() {
        let word = phrase.at(i);
        let is_figure = said.words > 0 && phrase.is_number(i, 8);
        let is_pause = said.words > 0 && said.last + 3 > i && matches!(word, "," | "." | "-" | "/" | "e" | "poi" | "…");
        if is_numeral(word) || is_figure {
            said.add(i, word, is_figure);
        } else if !is_pause {
            if said.is_phone(phrase) {
                found.push(Alarm::over(phrase, Kind::Telefono, said.first, said.last));
            }
            said = Said::default();
        }
    }
    found
}

/// Numbers in words, one after the other.
#[derive(Default)]
struct Said {
    first: usize,
    last: usize,
    words: usize,
    digits: usize,
}

impl Said {
    fn add(&mut self, i: usize, word: &str, is_figure: bool) {
        self.first = if self.words == 0 { i } else { self.first };
        self.last = i;
        self.words += usize::from(!is_figure);
        let is_one_digit = word.ends_with('a') || word.len() < 7;
        self.digits += match is_figure {
            true => word.len(),
            false => 2 - usize::from(is_one_digit),
        };
    }

    fn is_phone(&self, phrase: &Phrase<'_>) -> bool {
        self.words >= 3 && self.digits >= 6 || self.words >= 4 && phrase.is_near(self.first, 6, PHONE_LEADS)
    }
}

fn is_numeral(word: &str) -> bool {
    let tens = ["vent", "trent", "quarant", "cinquanta", "sessanta", "settanta", "ottanta", "novanta", "cento", "duecento"];
    let teens = ["venti", "cento", "dieci", "undici", "dodici", "tredici", "quindici", "sedici", "diciotto"];
    let is_compound = word.len() > 5 && tens.iter().chain(&["trecento"]).any(|ten| word.starts_with(ten));
    is_compound || DIGITS.contains(&word) || teens.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        !find(&Phrase::new(text)).is_empty()
    }

    #[test]
    fn numbers_are_found_however_they_are_grouped() {
        for text in [
            "0372/00.00.00",
            "+39 340 0000123",
            "cell. 347.000.11.22",
            "tel0372000000",
            "num 34800O1299",
            "0039 349 0007788",
            "tre tre tre zero zero uno due",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "orario 8.30 - 12.30 / 14.00 - 18.00",
            "numero verde 800 123 456",
            "112 e 1522",
            "dal 2019 al 2021",
            "12.500 euro",
            "dgr 4643 del 12/05/2026",
            "due lingue, tre figli, quattro lavori in cinque anni",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
