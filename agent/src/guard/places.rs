//! Municipalities where a text says that somebody goes: what looks like a person or a street there is a place.
//!
//! Deliberately not here: other places (`lexicon`), which municipality is meant.

use super::Alarm;
use super::lexicon::is_comune;
use super::names::is_titled;
use super::vocabulary::{GIVING, MOVED};
use super::words::{Class, Phrase};

/// Words and marks of a municipality's name at most.
const COMUNE_TOKENS_MAX: usize = 8;

/// Whether an alarm is about nothing but a municipality's name.
pub fn is_of_a_comune(phrase: &Phrase<'_>, alarm: &Alarm) -> bool {
    let within = |(from, to): (usize, usize)| phrase.tokens[from].from <= alarm.from && alarm.to <= phrase.tokens[to].to;
    let spans = (0..phrase.tokens.len()).filter_map(|i| Some((i, comune(phrase, i)?)));
    spans.into_iter().any(within)
}

/// The last token of a municipality's whole name behind a word of place: «a Torre de' Picenardi», and not «chiedere a Lodi».
fn comune(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let (before, head) = (phrase.before(i, 1), phrase.before(i, 2));
    let is_towards = match before {
        "a" | "ad" => !GIVING.contains(&head),
        "da" => MOVED.contains(&head),
        "in" | "verso" | "tra" | "fra" | "zona" => true,
        "di" => ["comune", "zona", "parti", "stazione"].contains(&head),
        _ => false,
    };
    if !is_towards || !is_titled(phrase, i) {
        return None;
    }
    let is_whole = |last: &usize| {
        let words: Vec<&str> = (i..=*last).filter(|k| phrase.class(*k) != Class::Mark).map(|k| phrase.at(k)).collect();
        is_comune(&words.join(" "))
    };
    (i..phrase.tokens.len().min(i + COMUNE_TOKENS_MAX)).rev().find(is_whole)
}
