//! Street addresses: a word for a road with a name after it, house and flat numbers, farmhouses and blocks with a name.
//!
//! Deliberately not here: towns and villages alone, postal codes alone.

use super::lexicon::{has_italian_ending, is_common, is_name, is_place, is_surname};
use super::vocabulary::{COURSE_TIES, DWELLING, FAMOUS, MANNERS, ROAD_LINKS, ROAD_SUFFIXES, ROADS, UNITS, WEAK_ROADS};
use super::words::{Class, Phrase, Shape};
use super::{Alarm, Kind};

/// Every address.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let finders = [road, house_number, dwelling_number];
    let last = |i: usize| finders.iter().find_map(|finder| finder(phrase, i)).map(|last| (i, last));
    let found = (0..phrase.tokens.len()).filter_map(last);
    found.map(|(first, last)| Alarm::over(phrase, Kind::Indirizzo, first, last)).collect()
}

/// A word for a road, and what is known of the words after it.
struct Street {
    /// The word for a road.
    road: usize,
    /// What follows it.
    next: usize,
    /// The first word of the name: «dei», «S.» and the like skipped.
    name: usize,
    /// Something was skipped.
    is_linked: bool,
    /// The road was shortened: «v.le».
    is_dotted: bool,
    /// A house number is near.
    has_number: bool,
    /// A capital where capitals mean something.
    has_capital: bool,
    /// Many a street is called so.
    is_famous: bool,
    /// Common words are no names of streets.
    is_plain: bool,
    /// Somebody lives there.
    is_dwelling: bool,
}

impl Street {
    fn new(phrase: &Phrase<'_>, road: usize) -> Option<Self> {
        let (next, is_dotted) = road_word(phrase, road)?;
        let name = name_start(phrase, next)?;
        let word = phrase.at(name);
        let is_roman = word.len() > 1 && word.chars().all(|c| "ivxl".contains(c)) && phrase.is_word(name + 1);
        let is_listed = FAMOUS.contains(&word);
        let is_called = phrase.at(road) == "via" && (is_place(word) || is_surname(word));
        Some(Self {
            road,
            next,
            name,
            is_linked: name > next,
            is_dotted,
            has_number: has_number(phrase, name),
            has_capital: phrase.is_word(name) && phrase.shape(name) != Shape::Lower && !phrase.shouting,
            is_famous: is_listed || is_name(word) || is_roman || is_called,
            is_plain: is_common(word) && !is_listed,
            is_dwelling: phrase.is_near(road, 6, DWELLING),
        })
    }

    /// Whether the word for a road, with these words after it, is an address.
    fn is_address(&self, phrase: &Phrase<'_>) -> bool {
        let word = phrase.at(self.road);
        let is_capital_name = self.has_capital && !self.is_plain;
        match word {
            "via" => self.is_via(phrase),
            "corso" => self.is_corso(phrase),
            "strada" | "str" => self.is_strada(phrase, is_capital_name),
            "largo" => is_capital_name || self.has_number && !self.is_plain || self.is_famous,
            "frazione" | "fraz" | "fr" | "frz" | "localita" | "loc" => {
                let is_village = word == "frazione" && self.is_linked && is_place(phrase.at(self.name));
                !is_village && (self.has_capital || self.is_dotted || self.is_famous || self.has_number)
            }
            "cascina" | "palazzina" | "condominio" | "residence" | "cond" | "cascinale" | "villaggio" | "podere" => {
                let is_letter = phrase.is_capital_letter(self.name);
                is_capital_name || is_letter || self.has_number && !self.is_linked
            }
            _ if WEAK_ROADS.contains(&word) => self.is_weak(phrase, is_capital_name),
            _ => {
                let is_told = self.is_dwelling && (self.is_linked || self.is_after_in(phrase));
                self.has_capital || self.is_dotted || self.has_number && !self.is_plain || self.is_famous || is_told
            }
        }
    }

    fn is_weak(&self, phrase: &Phrase<'_>, is_capital_name: bool) -> bool {
        let is_village = is_place(phrase.at(self.name));
        let is_borgo = phrase.at(self.road) == "borgo" && !self.is_plain && !is_village;
        let is_told = self.has_number || self.is_dwelling || self.is_famous;
        is_capital_name && !is_village && is_told || self.has_number && (self.is_famous || is_borgo)
    }

    /// «in piazza vecchia»: lower case, yet somebody lives there.
    fn is_after_in(&self, phrase: &Phrase<'_>) -> bool {
        phrase.before(self.road, 1) == "in" && !self.is_plain && !has_italian_ending(phrase.at(self.name))
    }

    /// «via Po» but neither «via e-mail» nor «andata via da casa».
    fn is_via(&self, phrase: &Phrase<'_>) -> bool {
        let (next, name) = (phrase.at(self.road + 1), phrase.at(self.name));
        let is_away = ["da", "dal", "dalla", "dallo", "dai", "e", "di", "per", "a", "al", "con", "il", "la"].contains(&next);
        let goers = ["andare", "andata", "andato", "mandata", "mandato", "portare", "portato", "portata", "buttata"];
        let goes = phrase.is_near(self.road, 2, &goers) || phrase.is_near(self.road, 2, &["scappata", "va", "vanno", "cacciata"]);
        if goes && (is_away || !self.has_capital) {
            return false;
        }
        if self.has_capital {
            let is_sign = phrase.shape(self.name) == Shape::Upper && is_common(name);
            let is_joined = next == "e";
            return !is_joined && (!is_sign || self.is_linked || self.has_number || self.is_famous);
        }
        let is_plain = is_common(name);
        let is_street_like = !has_italian_ending(name) || name.ends_with(['o', 'i']);
        let is_closed = !matches!(phrase.class(self.name + 1), Class::Word | Class::Number | Class::Mixed)
            || ["e", "con", "vicino", "al", "a"].contains(&phrase.at(self.name + 1));
        let is_after_in = phrase.before(self.road, 1) == "in" && is_closed && !self.is_linked && is_street_like;
        self.is_famous
            || !is_away && self.has_number
            || !is_away && !is_plain && is_after_in
            || !is_away && self.is_linked && (self.is_dwelling || !is_plain)
            || self.is_dwelling && !is_plain && !has_italian_ending(name)
    }

    /// «corso Mazzini 118» but neither «corso di italiano» nor «corso OSS».
    fn is_corso(&self, phrase: &Phrase<'_>) -> bool {
        let name = phrase.at(self.name);
        if self.is_linked && COURSE_TIES.contains(&phrase.at(self.road + 1)) || !phrase.is_word(self.name) {
            return false;
        }
        let has_capital = phrase.shape(self.name) == Shape::Title;
        let is_inside = ["in", "da", ":", ","].contains(&phrase.before(self.road, 1));
        let is_told = self.has_number || self.is_dwelling;
        let is_called = FAMOUS.contains(&name) || is_name(name) || is_surname(name);
        let is_unknown = !is_common(name) && !has_italian_ending(name);
        is_called && (has_capital || is_told) || is_unknown && has_capital && (is_told || is_inside)
    }

    /// «strada dei Mulini 3» but neither «strada per Crema» nor «strada statale 10».
    fn is_strada(&self, phrase: &Phrase<'_>, is_capital_name: bool) -> bool {
        let next = phrase.at(self.next);
        let leads_somewhere =
            ["per", "di", "a", "da"].contains(&next) || ["per", "la", "di"].contains(&phrase.before(self.road, 1));
        let is_numbered = ["provinciale", "statale", "comunale", "a", "di", "da", "in"].contains(&next);
        let is_told = self.has_number || self.is_dwelling;
        is_capital_name && (!leads_somewhere || is_told) || self.has_number && !is_numbered || self.is_famous && self.is_dwelling
    }
}

/// The last token of an address that begins with a word for a road at `i`.
fn road(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let street = Street::new(phrase, i)?;
    let word = phrase.at(i);
    let is_manner = MANNERS.contains(&phrase.at(street.next)) && !has_number(phrase, street.next);
    if is_manner || word == "via" && phrase.before(i, 1) == "per" {
        return None;
    }
    let is_told = street.has_number || street.is_famous || street.is_dwelling;
    let is_shouted = phrase.shouting && is_told && !street.is_plain && !WEAK_ROADS.contains(&word);
    let is_one_letter = street.is_dotted && word.len() == 1 && !street.is_plain;
    (street.is_address(phrase) || is_shouted || is_one_letter).then(|| end(phrase, street.name))
}

/// The place after a word for a road at `i` («via», «v.le», «p/zza»), and whether it was shortened with a dot.
fn road_word(phrase: &Phrase<'_>, i: usize) -> Option<(usize, bool)> {
    let word = phrase.at(i);
    let has_dot = phrase.at(i + 1) == "." && phrase.is_joined(i + 1);
    let has_suffix = ROAD_SUFFIXES.contains(&phrase.at(i + 2)) && phrase.is_joined(i + 2);
    if ["v", "p", "c", "l"].contains(&word) && has_dot && has_suffix {
        return Some((i + 3 + usize::from(phrase.at(i + 3) == "."), true));
    }
    if word == "v" && has_dot && (phrase.is_title(i + 2) || phrase.shouting) && !is_common(phrase.at(i + 2)) {
        return Some((i + 2, true));
    }
    if word == "v" && phrase.is_title(i + 1) && has_number(phrase, i + 1) {
        return Some((i + 1, true));
    }
    if word == "p" && phrase.at(i + 1) == "/" && ["zza", "za"].contains(&phrase.at(i + 2)) {
        return Some((i + 3, true));
    }
    ROADS.contains(&word).then_some((i + 1 + usize::from(has_dot), has_dot && word != "via"))
}

/// The first word of a road's name, links such as «dei» or «S.» skipped; an initial is no link.
fn name_start(phrase: &Phrase<'_>, next: usize) -> Option<usize> {
    let is_initial = |k: usize| {
        let is_shortened = phrase.at(k + 1) != "." && phrase.shape(k) != Shape::Lower;
        phrase.at(k).len() == 1 && phrase.is_word(k) && is_shortened
    };
    let is_name = |k: &usize| !ROAD_LINKS.contains(&phrase.at(*k)) || is_initial(*k);
    let name = (next..next + 4).find(is_name).unwrap_or(next + 4);
    (phrase.class(name) != Class::Mark).then_some(name)
}

/// A house number within a few tokens, not a quantity of something.
fn has_number(phrase: &Phrase<'_>, name: usize) -> bool {
    let is_passed = |k: &usize| match phrase.class(*k) {
        Class::Word => true,
        Class::Mark => [",", ".", "'", "°", "\"", "-"].contains(&phrase.at(*k)),
        Class::Number | Class::Mixed => false,
    };
    let Some(k) = (name + 1..name + 7).find(|k| !is_passed(k)) else { return false };
    let word = phrase.at(k);
    let digits = word.chars().take_while(char::is_ascii_digit).count();
    let is_small = (1..=4).contains(&digits) && word.len() <= digits + 4;
    let after = phrase.at(k + 1);
    let is_quantity = UNITS.contains(&after) && after != "e" && after != "o";
    let tellers = ["da", "dal", "alle", "dalle", "le", "ore", "ogni", "fino", "per", "con", "ha", "livello", "di", "circa"];
    let is_told = ["ai", "al", "il", "tra", "in", "€"].iter().chain(&tellers).any(|teller| *teller == phrase.before(k, 1));
    is_small && !is_quantity && !is_told
}

/// The last token of the address whose name begins at `name`.
fn end(phrase: &Phrase<'_>, name: usize) -> usize {
    let goes_on = |k: &usize| match phrase.class(*k) {
        Class::Word => phrase.shape(*k) == Shape::Title,
        Class::Number | Class::Mixed => true,
        Class::Mark => false,
    };
    let last = (name + 1..=name + 8).take_while(goes_on).last().unwrap_or(name);
    let number = last + 1 + usize::from(phrase.at(last + 1) == ",");
    if phrase.class(number) == Class::Number { number } else { last }
}

/// «civico 12», «il civico è il 12», «scala B», «int. 4».
fn house_number(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let is_figure = |k: usize| phrase.is_number(k, 4) || phrase.class(k) == Class::Mixed && phrase.at(k).len() <= 5;
    let reach = match phrase.at(i) {
        "civico" | "civ" | "numerocivico" => 4,
        "int" | "interno" | "citofono" | "sub" => 2,
        "scala" | "sc" => {
            let is_range = phrase.at(i + 2) == "a";
            return (phrase.is_capital_letter(i + 1) || is_figure(i + 1) && !is_range).then_some(i + 1);
        }
        _ => return None,
    };
    (i + 1..=i + reach).find(|k| is_figure(*k)).filter(|k| !UNITS.contains(&phrase.at(k + 1)))
}

/// «abita in garibaldi 12», «sta al 14»: a verb of dwelling, and a number that counts nothing.
fn dwelling_number(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let dwells = ["abita", "vive", "sta", "risiede", "residente", "domiciliata", "res", "dom"].contains(&phrase.at(i));
    let (link, is_free) = (phrase.at(i + 1), |k: usize| !UNITS.contains(&phrase.at(k + 1)));
    if !dwells || !["in", "a", "al", "alla", ".", ":", "presso"].contains(&link) {
        return None;
    }
    if link == "al" && phrase.is_number(i + 2, 3) && is_free(i + 2) && phrase.at(i + 3) != "piano" {
        return Some(i + 2);
    }
    let is_passed = |k: &usize| phrase.is_word(*k) || phrase.class(*k) == Class::Mixed || phrase.at(*k) == ",";
    let number = (i + 3..i + 7).find(|k| !is_passed(k))?;
    let back = 1 + usize::from([",", "n"].contains(&phrase.before(number, 1)));
    let name = phrase.before(number, back);
    let is_proper = name.len() > 2 && !is_common(name) && !is_place(name);
    (phrase.is_number(number, 3) && is_proper && is_free(number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        !find(&Phrase::new(text)).is_empty()
    }

    #[test]
    fn addresses_are_found_whole_and_shortened() {
        for text in [
            "abita in v.le Po, 12",
            "p.zza Roma 9",
            "corso Mazzini 118",
            "cascina Boschetto",
            "il civico è il 12",
            "scala B int. 4",
            "VIA DANTE 60 - SCALA A",
            "vive in via dei mille",
            "abita in garibaldi 12",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn manners_courses_and_ways_are_left_alone() {
        for text in [
            "in via d'urgenza",
            "via mail",
            "andata via da casa",
            "corso di italiano A2",
            "corso OSS 800 ore",
            "la strada per Crema",
            "ha il via libera",
            "vive in provincia con 3 figli",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
