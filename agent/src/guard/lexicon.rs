//! The long lists of words, and the questions asked of a word alone. Lists are folded: lower case, no accents.
//!
//! Deliberately not here: a dictionary of Italian. A word on no list is judged by its ending and by what stands around it.

use std::collections::HashSet;
use std::sync::LazyLock;

use raccordo_casework::fold;

use super::vocabulary::ENDINGS;
use crate::comuni;

type Words = LazyLock<HashSet<&'static str>>;

static NAMES: Words = LazyLock::new(|| include_str!("data/names.txt").split_whitespace().collect());
static AMBIGUOUS: Words = LazyLock::new(|| include_str!("data/ambiguous.txt").split_whitespace().collect());
static SURNAMES: Words = LazyLock::new(|| include_str!("data/surnames.txt").split_whitespace().collect());
static COMMON: Words = LazyLock::new(|| include_str!("data/words.txt").split_whitespace().collect());
static COMUNI: LazyLock<HashSet<String>> = LazyLock::new(|| comuni::names().map(fold::words).collect());
static PLACES: Words = LazyLock::new(|| include_str!("data/places.txt").split_whitespace().collect());

/// A first name that is nothing else: listed, or ending as Punjabi names do.
pub fn is_name(word: &str) -> bool {
    let is_punjabi = word.len() > 6 && ["preet", "inder", "deep", "jeet"].iter().any(|end| word.ends_with(end));
    is_punjabi || NAMES.contains(word)
}

/// A first name that is a common word or a place too.
pub fn is_ambiguous(word: &str) -> bool {
    AMBIGUOUS.contains(word)
}

/// A surname, perhaps also a word.
pub fn is_surname(word: &str) -> bool {
    SURNAMES.contains(word)
}

/// A function word, or one of the vocabulary of these forms; firms and software too.
pub fn is_common(word: &str) -> bool {
    COMMON.contains(word)
}

/// The whole name of a municipality, as words with a blank between them.
pub fn is_comune(words: &str) -> bool {
    COMUNI.contains(words)
}

/// A comune, a country, a city; or a piece of its name.
pub fn is_place(word: &str) -> bool {
    PLACES.contains(word)
}

/// Nothing that is known here, but perhaps a surname.
pub fn is_unknown(word: &str) -> bool {
    !is_common(word) && !is_place(word) && !is_ambiguous(word)
}

/// Ends as Italian words do, and is long enough for the ending to mean it.
pub fn has_italian_ending(word: &str) -> bool {
    word.len() > 5 && ENDINGS.iter().any(|end| word.ends_with(end))
}

/// Spelled as no Italian word is: foreign letters, or a consonant at its end.
pub fn looks_foreign(word: &str) -> bool {
    let has_foreign_letter = word.contains(['j', 'k', 'w', 'x', 'y']);
    let has_hard_end = word.len() > 3 && !word.ends_with(['a', 'e', 'i', 'o', 'u']);
    let pairs = ["sh", "th", "ou", "aa", "ee", "kh", "dh", "zh", "iu"];
    has_foreign_letter || has_hard_end || pairs.iter().any(|pair| word.contains(pair))
}

#[cfg(test)]
mod tests {
    use raccordo_casework::fold::fold;

    use super::*;

    #[test]
    fn lists_are_folded_so_that_what_is_asked_can_be_found() {
        for list in [&NAMES, &AMBIGUOUS, &SURNAMES, &COMMON, &PLACES] {
            assert!(list.len() > 100);
            list.iter().for_each(|word| assert_eq!(fold(word), **word));
        }
    }

    #[test]
    fn a_name_that_is_a_word_too_is_no_plain_name() {
        for word in ["rosa", "chiara", "serena", "viola", "grazia"] {
            assert!(is_ambiguous(word) && !is_name(word), "{word}");
        }
        assert!(is_name("oksana") && is_name("gurpreet") && !is_name("lavoro"));
        assert!(is_unknown("xhevahire") && !is_unknown("cremona"));
    }

    #[test]
    fn spelling_tells_a_foreign_word_from_an_italian_one() {
        assert!(looks_foreign("yassin") && looks_foreign("ndeye") && !looks_foreign("operaia"));
        assert!(has_italian_ending("parrucchiere") && !has_italian_ending("ewelina"));
    }
}
