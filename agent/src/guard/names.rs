//! Names of persons: first names that are listed, names that a role or a title leads to, initials with a surname.
//!
//! Deliberately not here: names on no list (`strangers`), the long lists (`lexicon`), what roles and verbs say (`context`).

use super::context::{Lead, has_verb, is_borne, lead};
use super::lexicon::{has_italian_ending, is_ambiguous, is_common, is_name, is_place, is_surname, looks_foreign};
use super::strangers::is_stranger;
use super::vocabulary::{ACCENTED, ADJECTIVES, OFTEN_CAPITAL, PARTICLES, PLACE_NAMES, ROLES, TOWARDS, WELCOME};
use super::words::{Class, Phrase, Shape};
use super::{Alarm, Kind};

/// Every name of a person.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < phrase.tokens.len() {
        if is_person(phrase, i) {
            let last = end(phrase, i);
            found.push(Alarm::over(phrase, Kind::Nome, i, last));
            i = last;
        }
        i += 1;
    }
    found
}

fn is_person(phrase: &Phrase<'_>, i: usize) -> bool {
    if !phrase.is_word(i) || phrase.at(i).len() < 2 || is_saints_title(phrase, i) || is_brand(phrase, i) {
        return is_initial(phrase, i);
    }
    let word = phrase.at(i);
    let is_verb_or_noun = phrase.has_accented_end(i) && !ACCENTED.contains(&word);
    if is_verb_or_noun && phrase.shape(i) == Shape::Lower {
        return false;
    }
    let is_known = !is_verb_or_noun && is_known(phrase, i);
    let is_doubtful = !phrase.has_accented_end(i) && is_ambiguous(word) && is_likely(phrase, i);
    is_known || is_led(phrase, i) || is_doubtful || is_stranger(phrase, i)
}

/// A capital in a text where capitals mean something: at its beginning, or all through a word that is no abbreviation.
pub fn is_titled(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_upper = phrase.is_word(i) && phrase.shape(i) == Shape::Upper && phrase.at(i).len() > 3;
    phrase.is_title(i) || !phrase.shouting && is_upper && !is_common(phrase.at(i))
}

/// «Santa Lucia» inside a sentence.
fn is_saints_title(phrase: &Phrase<'_>, i: usize) -> bool {
    ["santa", "santo", "sante"].contains(&phrase.at(i)) && phrase.is_title(i + 1) && !phrase.starts(i)
}

/// Firms and things named after people.
fn is_brand(phrase: &Phrase<'_>, i: usize) -> bool {
    let (word, before, after) = (phrase.at(i), phrase.before(i, 1), phrase.at(i + 1));
    let pairs = [("giovanni", "rana"), ("leroy", "merlin"), ("max", "mara"), ("carlo", "erba"), ("maria", "montessori")];
    let is_pizza = word == "margherita" && !phrase.is_title(i);
    pairs.contains(&(word, after)) || word == "ave" || ["ave", "mc", "mac", "philip"].contains(&before) || is_pizza
}

/// A first name that is nothing else, and neither a place nor a school here.
fn is_known(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_lower = phrase.shape(i) == Shape::Lower && !phrase.shouting;
    let is_domain = phrase.before(i, 1) == "." && phrase.is_joined(i);
    is_name(phrase.at(i)) && !is_place_here(phrase, i) && !is_domain && (is_lower || !is_borne(phrase, i))
}

/// «a Sofia», «Emilia Romagna».
fn is_place_here(phrase: &Phrase<'_>, i: usize) -> bool {
    let before = phrase.before(i, 1);
    let leads = ["a", "in", "da", "nel", "nell", "verso", "venezia", "addis", "'", "reggio", "-"];
    PLACE_NAMES.contains(&phrase.at(i)) && (leads.contains(&before) || phrase.at(i + 1) == "romagna")
}

/// A word behind a role, a title or «si chiama».
fn is_led(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    let lead = lead(phrase, i);
    let is_capital = is_titled(phrase, i);
    let is_short = word.len() < 3 && !(is_capital && matches!(lead, Lead::Title | Lead::Namer));
    if lead == Lead::None || is_short {
        return false;
    }
    if is_ambiguous(word) {
        return is_ambiguous_led(phrase, i, lead, is_capital);
    }
    if is_capital { is_capital_led(phrase, i, lead) } else { is_lower_led(phrase, i, lead) }
}

/// «la figlia Aurora», but not «la figlia è serena».
fn is_ambiguous_led(phrase: &Phrase<'_>, i: usize, lead: Lead, is_capital: bool) -> bool {
    let word = phrase.at(i);
    let parting = ["di", "a", "da", "e", "la", "il", "del", ",", "lavoro", "casa"];
    let is_close = is_capital || !parting.contains(&phrase.before(i, 1));
    let is_noun = !ADJECTIVES.contains(&word) || has_verb(phrase, i) && word != "sara" || lead == Lead::Namer;
    !is_place_here(phrase, i) && (is_capital || is_close && is_noun)
}

fn is_capital_led(phrase: &Phrase<'_>, i: usize, lead: Lead) -> bool {
    let (word, before) = (phrase.at(i), phrase.before(i, 1));
    let is_located = is_place(word) && (lead != Lead::Title || ["a", "in", "di", "da"].contains(&before));
    let is_of = ["del", "di", "da", "a", "nido"].contains(&before) && lead != Lead::Namer && !is_surname(word);
    let titles = ["sig", "dott", "avv", "dr", "prof", "ing", "ra", "ssa", "na", "geom", "rag", "ref", "arch"];
    let is_next_sentence = phrase.starts(i) && before == "." && !titles.contains(&phrase.before(i, 2));
    let is_noun = has_italian_ending(word) && (before == ":" || lead == Lead::Role) && !is_surname(word);
    !is_common(word) && !is_located && !is_of && !is_next_sentence && !is_noun && !is_borne(phrase, i)
}

/// The same in lower case, where most words are only words.
fn is_lower_led(phrase: &Phrase<'_>, i: usize, lead: Lead) -> bool {
    let word = phrase.at(i);
    if is_common(word) || is_place(word) || phrase.has_accented_end(i) || word.len() < 4 {
        return false;
    }
    let [b1, b2] = [1, 2].map(|back| phrase.before(i, back));
    let is_direct = !["di", "a", "da", "e", "la", "il", ",", "del"].contains(&b1);
    let is_bare = !has_italian_ending(word) && !word.ends_with("nte");
    match lead {
        Lead::Title => {
            let shortened = ["sig", "dott", "avv", "dr", "prof", "ing", "geom", "ra", "ssa", "na", "dottssa", "sigra"];
            let is_shortened = shortened.contains(&b1) || b1 == "." && shortened[..7].contains(&b2);
            let is_surname = is_surname(word);
            let is_sure = is_surname && is_bare || looks_foreign(word) && b1.starts_with("sig");
            is_shortened && (is_bare || is_surname) || is_direct && is_sure
        }
        Lead::Namer => {
            let is_given = is_bare && ["chiama", "nome", "cognome", ":", "nubile"].contains(&b1);
            is_direct && (is_given || looks_foreign(word))
        }
        Lead::Role => ROLES.contains(&b1) && looks_foreign(word) && has_verb(phrase, i),
        Lead::None => false,
    }
}

/// Whether a name that is also a word or a place (rosa, viola, chiara) is a name here.
fn is_likely(phrase: &Phrase<'_>, i: usize) -> bool {
    let word = phrase.at(i);
    if is_borne(phrase, i) || is_place_here(phrase, i) {
        return false;
    }
    has_surname(phrase, i)
        || match phrase.starts(i) {
            true => is_likely_start(phrase, i),
            false => is_likely_inside(phrase, i, word),
        }
}

/// A surname or another name stands right behind.
fn has_surname(phrase: &Phrase<'_>, i: usize) -> bool {
    let (word, next) = (phrase.at(i), phrase.at(i + 1));
    let is_capital = phrase.is_title(i);
    let is_plain = is_common(next) || is_place(next);
    let is_pair = is_capital && is_titled(phrase, i + 1) && !is_plain && next.len() > 2;
    let is_second = is_name(next) && phrase.is_title(i + 1) == is_capital && !PLACE_NAMES.contains(&next);
    let is_whole = phrase.starts(i) && is_surname(next) && !is_common(next) && (phrase.shouting || !is_capital);
    is_pair || (is_whole || is_second) && !ADJECTIVES.contains(&word) || is_second && is_capital
}

fn is_likely_inside(phrase: &Phrase<'_>, i: usize, word: &str) -> bool {
    let before = phrase.before(i, 1);
    let does = has_verb(phrase, i);
    let is_habit = OFTEN_CAPITAL.contains(&word) || is_place(word);
    let has_article = ["la", "le", "il", "un", "una", "di", "e", "'"].contains(&before);
    let is_met = TOWARDS.contains(&before) && WELCOME.contains(&word);
    let is_capital_name = is_met || !is_habit || does && !has_article;
    let conjunctions = ["perche", "che", "mentre", "quando", "se", ",", "adesso", "ora", "oggi"];
    let is_lower_name = does && !ADJECTIVES.contains(&word) && conjunctions.contains(&before) && acts(phrase, i);
    phrase.is_title(i) && is_capital_name && !is_in_list(phrase, i) || is_lower_name
}

/// The same where a sentence begins and the capital says nothing.
fn is_likely_start(phrase: &Phrase<'_>, i: usize) -> bool {
    let (word, after) = (phrase.at(i), phrase.at(i + 1));
    let does = has_verb(phrase, i);
    let is_adjective = ADJECTIVES.contains(&word);
    if !phrase.is_title(i) && !phrase.shouting {
        return does && !is_adjective && acts(phrase, i);
    }
    let is_number_next = phrase.class(i + 2) == Class::Number;
    let is_woman = ["una", "donna", "mamma", "madre"].contains(&phrase.at(i + 2));
    let has_article = ["la", "il"].contains(&phrase.at(i + 2)) && !is_adjective;
    let is_aged = after == "," && (is_number_next || is_woman || has_article) || after == "(" && is_number_next;
    let is_noun = is_common(word) || is_adjective;
    let is_heading = [":", "("].contains(&after) && !is_noun && !OFTEN_CAPITAL.contains(&word) && !is_place(word);
    let has_company = after == "e" && !is_noun && (i + 2..i + 6).any(|k| ROLES.contains(&phrase.at(k)));
    let is_subject = does && !["era", "prima", "domenica", "vita", "massimo", "luce"].contains(&word);
    is_subject || has_company || (is_aged || is_heading) && !phrase.shouting
}

/// The verb is one that things do not do.
fn acts(phrase: &Phrase<'_>, i: usize) -> bool {
    let verbs = ["ha", "vuole", "vorrebbe", "cerca", "chiede", "parla", "lavora", "vive", "abita", "deve", "puo"];
    let acts = |word: &str| verbs.contains(&word) || ["preferisce", "frequenta", "studia"].contains(&word);
    (i + 1..i + 5).any(|k| acts(phrase.at(k))) && !["voluto", "fatto"].contains(&phrase.at(i + 2))
}

/// A list of capitalised common words, such as the subjects of a course.
fn is_in_list(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_item = |k: Option<usize>| k.is_some_and(|k| phrase.is_title(k) && is_common(phrase.at(k)) && !phrase.starts(k));
    let is_link = |word: &str| ["e", ","].contains(&word);
    is_item(Some(i + 1))
        || is_item(i.checked_sub(1))
        || is_link(phrase.at(i + 1)) && is_item(Some(i + 2))
        || is_link(phrase.before(i, 1)) && is_item(i.checked_sub(2))
}

/// «G. Pedrazzini»: an initial before a capitalised word that is nothing else.
fn is_initial(phrase: &Phrase<'_>, i: usize) -> bool {
    if phrase.shouting || !phrase.is_capital_letter(i) || phrase.at(i + 1) != "." {
        return false;
    }
    let is_second = phrase.at(i + 2).len() == 1 && phrase.at(i + 3) == ".";
    let k = i + if is_second { 4 } else { 2 };
    let (word, before) = (phrase.at(k), phrase.before(i, 1));
    let is_other = phrase.at(i) == "s" || word == "lgs" || [".", "via", "viale", "piazza", "'"].contains(&before);
    let is_proper = is_titled(phrase, k) && !is_common(word) && !is_place(word) && word.len() > 2;
    is_proper && !is_other && !is_borne(phrase, i)
}

/// The last token of a name that begins at `i`: further capitals joined in.
fn end(phrase: &Phrase<'_>, i: usize) -> usize {
    let mut last = i;
    for k in i + 1..i + 7 {
        let word = phrase.at(k);
        let is_link = ["'", "-"].contains(&word) && phrase.is_joined(k);
        let is_particle = PARTICLES.contains(&word) && phrase.is_title(k);
        let is_stop = word == "." && phrase.before(k, 1).len() == 1;
        let is_alike = is_name(word) && phrase.shape(k) == phrase.shape(i);
        if is_titled(phrase, k) && !is_common(word) || is_alike {
            last = k;
        } else if !is_link && !is_particle && !is_stop {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        find(&Phrase::new(text)).into_iter().map(|alarm| &text[alarm.from..alarm.to]).collect()
    }

    #[test]
    fn names_are_found_in_any_case_and_whole() {
        assert_eq!(names("è ospite di oksana, poi si vedrà"), ["oksana"]);
        assert_eq!(names("la sig.ra Nadia El Mansouri"), ["Nadia El Mansouri"]);
        assert_eq!(names("G. Pedrazzini chiede un aiuto"), ["G. Pedrazzini"]);
        assert_eq!(names("ANTONELLA FORMENTI CHIEDE ORIENTAMENTO").len(), 1);
    }

    #[test]
    fn a_word_that_is_a_name_too_is_one_where_a_person_is_meant() {
        for text in
            ["Grazia non ha la macchina", "il progetto di Viola prevede", "La signora Speranza cerca", "la figlia Aurora esce"]
        {
            assert_eq!(names(text).len(), 1, "{text}");
        }
        for text in ["ha ripreso speranza", "Serena e motivata", "rosa, viola, ortensie", "sara disponibile", "serve pace"] {
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn places_saints_schools_and_brands_are_left_alone() {
        for text in
            ["a Sofia, in Bulgaria", "vicino a San Giovanni in Croce", "assente per Santa Lucia", "mobili da Leroy Merlin"]
        {
            assert!(names(text).is_empty(), "{text}");
        }
    }
}
