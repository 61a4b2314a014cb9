//! Dates of birth: a day and a month near a word about being born, or a full date in a year when today's adults were born.
//!
//! Deliberately not here: ages, years alone, deadlines.

use super::digits::{Figure, runs};
use super::vocabulary::{BIRTH, CHILDREN, DAYS, EVENTS, MONTHS};
use super::words::{Class, Phrase};
use super::{Alarm, Kind};

/// Every date of birth.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let runs = runs(phrase.text);
    let mut found: Vec<Alarm> = runs.iter().filter_map(|run| in_run(phrase, run)).collect();
    found.extend((0..phrase.tokens.len()).filter_map(|i| in_words(phrase, i)));
    found
}

/// The first date of birth among figures of digits.
fn in_run(phrase: &Phrase<'_>, run: &[Figure]) -> Option<Alarm> {
    let figures = (0..run.len()).find_map(|at| {
        let rest = &run[at..];
        let token = phrase.tokens.partition_point(|token| token.to <= rest[0].from);
        let is_born = is_about_birth(phrase, token);
        let year = year_of(rest);
        let is_child = phrase.is_near(token, 5, CHILDREN);
        match year {
            Some(year) if is_born || (is_adults(year) || is_child) && !is_event(phrase, token) => Some(&rest[..3]),
            None if is_born && is_day_and_month(rest) => Some(&rest[..2]),
            None if is_born && at == 0 && is_compact(&rest[0]) => Some(&rest[..1]),
            _ => None,
        }
    })?;
    Some(Alarm { kind: Kind::DataNascita, from: figures[0].from, to: figures[figures.len() - 1].to })
}

/// A date with its month in words that begins at `i`.
fn in_words(phrase: &Phrase<'_>, i: usize) -> Option<Alarm> {
    let alarm = |last| Some(Alarm::over(phrase, Kind::DataNascita, i, last));
    if phrase.class(i) == Class::Mixed && is_glued(phrase.at(i)) && !is_event(phrase, i) {
        return alarm(i);
    }
    let last = written(phrase, i)?;
    let year = (last + 1..=last + 2).find_map(|k| phrase.at(k).parse().ok().filter(|year| *year > 31));
    let is_old = year.is_some_and(is_adults) && !is_event(phrase, i);
    if is_old || is_about_birth(phrase, i) { alarm(last) } else { None }
}

/// A word about birth shortly before, and nothing in between that gives the date another meaning; or right after it.
fn is_about_birth(phrase: &Phrase<'_>, token: usize) -> bool {
    let is_n = phrase.before(token, 1) == "n" || phrase.before(token, 1) == "." && phrase.before(token, 2) == "n";
    let turns = |k: &usize| is_birth(phrase, *k) || is_other_matter(phrase.at(*k));
    let last = (token.saturating_sub(12)..token).rev().find(turns);
    let after = (token + 1..token + 10).take_while(|k| phrase.at(*k) != ".");
    let is_told_after = || after.into_iter().any(|k| ["compleanno", "compie", "nascita", "nata"].contains(&phrase.at(k)));
    is_n || last.is_some_and(|k| is_birth(phrase, k)) || is_told_after() && !phrase.is_near(token, 5, EVENTS)
}

/// «nata», «nascita», «d.d.n.», «n. il»; but not «è nata una difficoltà».
fn is_birth(phrase: &Phrase<'_>, k: usize) -> bool {
    let (word, next) = (phrase.at(k), phrase.at(k + 1));
    let is_figure = matches!(word, "nato" | "nata") && matches!(next, "un" | "una" | "qualche");
    let is_dotted = word == "d" && next == "." && matches!(phrase.at(k + 2), "d" | "n");
    BIRTH.contains(&word) && !is_figure || is_dotted || word == "n" && next == "il"
}

fn is_other_matter(word: &str) -> bool {
    let limits = ["dal", "entro", "fino", "scadenza", "scade", "previsto", "prevista", "presunta", ";"];
    limits.contains(&word) || ["disponibile", "colloquio", "appuntamento", "iscrizione"].contains(&word)
}

/// The date is that of something that happened, not of a birth.
fn is_event(phrase: &Phrase<'_>, token: usize) -> bool {
    phrase.before(token, 1) == "del" || phrase.is_near(token, 4, EVENTS)
}

fn is_adults(year: u32) -> bool {
    (1930..=2009).contains(&year) || (30..=99).contains(&year)
}

fn is_valid(day: u32, month: u32) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// The year of the full date that the first three figures make: day, month and year, or the other way round.
pub fn year_of(figures: &[Figure]) -> Option<u32> {
    let [a, b, c, ..] = figures else { return None };
    let is_told_apart = b.separator == c.separator && b.separator != ' ' || c.digits.len() == 4;
    let has_year = c.digits.len() == 2 || c.is_year();
    let (day, month, year) = if a.is_year() && b.separator != ' ' { (c, b, a) } else { (a, b, c) };
    let is_date = day.is_short() && month.is_short() && is_valid(day.value(), month.value());
    (is_date && (a.is_year() || has_year && is_told_apart)).then(|| year.value())
}

/// «12/03», «12.3», «12-03».
fn is_day_and_month(figures: &[Figure]) -> bool {
    let [day, month, ..] = figures else { return false };
    day.is_short() && month.is_short() && month.separator != ' ' && is_valid(day.value(), month.value())
}

/// «12031989», «120389».
fn is_compact(figure: &Figure) -> bool {
    let part = |from: usize| figure.digits.get(from..from + 2).and_then(|part| part.parse().ok()).unwrap_or(0);
    matches!(figure.digits.len(), 6 | 8) && is_valid(part(0), part(2))
}

/// «9ottobre1988», «9ott88».
fn is_glued(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let month = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let year = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    rest.len() < word.len() && MONTHS.contains(&month) && year.parse().is_ok_and(is_adults)
}

/// «4 maggio», «1° gennaio», «il quattro maggio»: the last token of a date that begins at `i`.
fn written(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let day = phrase.at(i);
    let is_figure = day.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    let is_between = |k: &usize| !["-", "/", ".", "°", "º", "^", "di", "mese", "del"].contains(&phrase.at(*k));
    let month = (i + 1..=i + 4).find(is_between)?;
    ((is_figure || DAYS.contains(&day)) && MONTHS.contains(&phrase.at(month))).then_some(month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        !find(&Phrase::new(text)).is_empty()
    }

    #[test]
    fn births_are_found_in_figures_and_in_words() {
        for text in [
            "nata il 12/03/1989",
            "d.d.n. 30/09/1993",
            "nata il quattro maggio",
            "n. 15/06/1987",
            "9ott1988",
            "il bimbo (nato il 3/5/2021)",
            "1979-01-22",
            "nascita 120389",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn other_dates_and_ages_are_left_alone() {
        for text in [
            "in Italia dal 12/04/2005",
            "classe 1990",
            "42 anni",
            "scadenza 30/06/2026",
            "contratto fino al 31.12.2026",
            "è nata una difficoltà il 3/5",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
