//! The guard of the scheda minima: what in a free text looks as if it told who she is. It warns the person who is typing,
//! before anything is sealed, and it errs: she looks again, and may say that she has.
//!
//! Lexical and local: lists of words, spelling, and the few words around. No learning, no state, nothing written down; an
//! alarm carries no text, only a kind and a place. Time is linear in the text, of which at most `TEXT_CHARS_MAX` characters
//! are read: a longer one is refused by the form's own rules.
//!
//! Deliberately not here: changing what was typed; health, violence, the author's data, which no list of words knows; and the
//! word "anonymous": a text without alarms may still tell who she is to somebody who knows her.

mod addresses;
mod codes;
mod contacts;
mod context;
mod dates;
mod digits;
mod form;
mod lexicon;
mod names;
mod phones;
mod places;
mod recognisable;
mod strangers;
#[rustfmt::skip] // lists, as wide as a page
mod vocabulary;
mod words;

use raccordo_proto::limits::TEXT_CHARS_MAX;

pub use form::{of_form, of_presa_in_carico, of_riscontro};
use words::Phrase;

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The name of a person, whoever she is: a first name, a nickname, an initial with a surname.
    Nome,
    /// A telephone number.
    Telefono,
    /// An e-mail address, or a handle on a network.
    Email,
    /// A street, a house number, a farmhouse.
    Indirizzo,
    /// A codice fiscale, perhaps mistyped.
    CodiceFiscale,
    /// A document's number.
    Documento,
    /// A birth with its day and month.
    DataNascita,
}

/// A place in the text that looks so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// What it looks like.
    pub kind: Kind,
    /// Where it begins, in bytes: for whoever shows the text to the person who typed it.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
}

impl Alarm {
    /// From the beginning of one token to the end of another.
    fn over(phrase: &Phrase<'_>, kind: Kind, first: usize, last: usize) -> Self {
        let end = phrase.tokens.len().saturating_sub(1);
        let (first, last) = (first.min(end), last.min(end));
        Self { kind, from: phrase.tokens[first].from, to: phrase.tokens[last].to }
    }
}

/// Everything in `text` that looks as if it told who somebody is, in order and apart from each other.
pub fn alarms(text: &str) -> Vec<Alarm> {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let phrase = Phrase::new(&text[..end]);
    let finders = [contacts::find, codes::find, dates::find, addresses::find, phones::find, names::find];
    let all = finders.iter().flat_map(|find| find(&phrase));
    apart(all.filter(|alarm| !places::is_of_a_comune(&phrase, alarm)).collect())
}

/// Of two that overlap the first stays, at the same place the one whose finder was asked first; two of a kind are one.
fn apart(mut all: Vec<Alarm>) -> Vec<Alarm> {
    all.sort_by_key(|alarm| alarm.from);
    let mut apart: Vec<Alarm> = Vec::new();
    for alarm in all {
        match apart.last_mut() {
            Some(last) if alarm.from < last.to && alarm.kind == last.kind => last.to = last.to.max(alarm.to),
            Some(last) if alarm.from < last.to => {}
            _ => apart.push(alarm),
        }
    }
    apart
}

#[cfg(test)]
mod tests;
