//! Capitalised words that nobody knows, where only a person's name makes sense: subjects of verbs, objects of «con»,
//! «aiutare», «la mamma di», pairs of surnames.
//!
//! Deliberately not here: names that are listed (`names`).

use super::context::{has_clitic, has_verb, is_borne};
use super::lexicon::{has_italian_ending, is_common, is_name, is_place, is_surname, is_unknown, looks_foreign};
use super::names::is_titled;
use super::vocabulary::{GIVING, LOCATIVES, MOVED, OWNED, PARTICLES, PRODUCTS, ROLES, TOWARDS, WORK};
use super::words::{Class, Phrase, Shape};

/// Whether an unknown capitalised word at `i` is a person.
pub fn is_stranger(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    if !is_titled(phrase, i) || word.len() < 3 || !is_unknown(word) || is_borne(phrase, i) {
        return false;
    }
    is_initialled(phrase, i) || if phrase.starts(i) { opens(phrase, i) } else { stands_inside(phrase, i) }
}

/// Where a sentence begins, and a capital alone says nothing.
fn opens(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    let is_odd = is_surname(word) || looks_foreign(word) && word.len() > 3;
    let has_age = phrase.at(i + 1) == "," && phrase.class(i + 2) == Class::Number;
    let is_aside = [":", ",", "-", "("].contains(&phrase.at(i + 1)) && (is_odd || has_age) && !is_surname_and_noun(word);
    let has_company = phrase.at(i + 1) == "e" && (i + 2..i + 6).any(|k| ROLES.contains(&phrase.at(k)));
    let is_alone = is_odd && phrase.at(i + 1).is_empty();
    let is_subject = is_subject(phrase, i) || has_company || has_partner(phrase, i);
    is_aside || is_alone || is_subject && !has_italian_ending(word)
}

/// Anywhere else.
fn stands_inside(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    let before = phrase.before(i, 1);
    let is_enclosed = before == "(" && phrase.at(i + 1) == ")";
    let is_subject = is_subject(phrase, i);
    let is_met = TOWARDS.contains(&before) && !is_way(phrase, i) && (before != "e" || is_subject);
    if is_enclosed || is_whose(phrase, i) || has_article(phrase, i) {
        return true;
    }
    if has_italian_ending(word) && !is_surname(word) {
        return is_met && is_subject;
    }
    let is_person = is_subject || has_partner(phrase, i) || is_surname(word);
    let is_bare = word.len() > 3 && phrase.shape(i) == Shape::Title && !is_listed(phrase, i);
    is_met || !LOCATIVES.contains(&before) && (is_person || is_bare)
}

fn is_subject(phrase: &Phrase<'_>, i: usize) -> bool {
    phrase.at(i + 1) != "," && (has_verb(phrase, i) || has_clitic(phrase, i))
}

/// «la mamma di X», «chiedere a X», «aiutata da X».
fn is_whose(phrase: &Phrase<'_>, i: usize) -> bool {
    let (before, head) = (phrase.before(i, 1), phrase.before(i, 2));
    let is_participle = ["ata", "ita", "uta", "ati", "ato"].iter().any(|end| head.ends_with(end));
    match before {
        "di" => OWNED.contains(&head),
        "a" | "ad" => GIVING.contains(&head),
        "da" => is_participle && !MOVED.contains(&head),
        _ => false,
    }
}

/// «la Xena», «dal Ferrari»: an article before a person, not before a firm.
fn has_article(phrase: &Phrase<'_>, i: usize) -> bool {
    let (word, article) = (phrase.at(i), phrase.before(i, 1));
    let is_feminine = ["la", "alla", "dalla", "della"].contains(&article);
    let is_hers = is_feminine && !has_italian_ending(word) && !phrase.is_near(i, 5, WORK);
    let is_article = is_feminine || ["dal", "del", "dai"].contains(&article);
    let does = article == "la" && !has_italian_ending(word) && has_clitic(phrase, i);
    is_article && !is_listed(phrase, i) && (is_hers || is_surname(word) || does)
}

/// «Desiderata S.»: a single capital and a stop follow.
fn is_initialled(phrase: &Phrase<'_>, i: usize) -> bool {
    phrase.is_capital_letter(i + 1) && phrase.at(i + 2) == "."
}

/// Surnames that open a sentence as nouns too.
fn is_surname_and_noun(word: &str) -> bool {
    let nouns = ["conti", "costa", "serra", "monti", "guerra", "carbone", "farina", "braga", "testa", "sala", "fontana", "villa"];
    nouns.contains(&word) || ["riva", "longo", "barone", "poli"].contains(&word)
}

/// Another unknown capitalised word follows, particles aside.
fn has_partner(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_particle = |k: &usize| {
        let is_capital = phrase.is_title(*k) || phrase.is_capital_letter(*k) || phrase.at(*k) == "'";
        PARTICLES.contains(&phrase.at(*k)) && is_capital
    };
    let k = (i + 1..i + 3).find(|k| !is_particle(k)).unwrap_or(i + 3);
    let word = phrase.at(k);
    let is_person = |word: &str| is_surname(word) || looks_foreign(word) || is_name(word);
    let is_either = is_person(word) || is_person(phrase.at(i)) || has_verb(phrase, k);
    let is_known = is_common(word) || is_place(word) || has_italian_ending(word) && !is_surname(word);
    is_titled(phrase, k) && word.len() > 2 && is_either && !is_known
}

/// «treno per X» is a place, «contratto con X» a firm, «secondo X» anything.
fn is_way(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    let ways = ["treno", "bus", "autobus", "strada", "linea", "parte", "partire", "pullman", "corriera", "mezzi"];
    match phrase.before(i, 1) {
        "per" => phrase.is_near(i, 4, &ways),
        "con" => phrase.is_near(i, 3, &["contratto", "agenzia", "corso", "software", "programma"]),
        "secondo" | "anche" => !looks_foreign(word) && !is_surname(word) && !has_verb(phrase, i),
        _ => false,
    }
}

/// An item in a list of firms or products.
fn is_listed(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_brand = |k: usize| phrase.is_title(k) && is_common(phrase.at(k));
    (i.saturating_sub(3)..i).chain(i + 1..i + 4).any(is_brand) || phrase.is_near(i, 4, PRODUCTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        let phrase = Phrase::new(text);
        (0..phrase.tokens.len()).any(|i| is_stranger(&phrase, i))
    }

    #[test]
    fn an_unknown_capital_is_a_person_where_a_person_is_meant() {
        for text in [
            "Zdrenka vuole un lavoro",
            "il figlio è con Zdrenka",
            "la mamma di Zdrenka può lavorare",
            "chiedere a Zdrenka",
            "Drakulic Zdrenka, disponibile subito",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn places_firms_and_openings_are_left_alone() {
        for text in ["treno per Xanten", "ditta Xanten di logistica", "Cercasi lavoro", "lavora presso Zeppelin", "corso Zephyr"]
        {
            assert!(!is_found(text), "{text}");
        }
    }
}
