//! Whether a person who names a seat («il CPI di Rivabella, via Verdi», `cpi-rivabella`, «S.I.L.») means an office of the directory.
//! It would rather mean one too many: whoever typed it is asked, and an office that she must avoid gets nothing.
//!
//! Not here: misspellings. A seat that means no office is told to whoever typed it.

use std::collections::BTreeSet;

use raccordo_proto::Directory;
use raccordo_proto::directory::AgencyEntry;

use crate::fold;

/// Words that say nothing.
const SMALL: &[&str] = &[
    "il", "lo", "la", "i", "gli", "le", "l", "un", "di", "del", "dello", "della", "dei", "d", "a", "al", "in", "per", "e",
    "presso",
];
/// What people write out, and offices shorten.
const SHORT: &[(&[&str], &str)] = &[(&["centro", "impiego"], "cpi"), (&["centro", "antiviolenza"], "cav")];
/// What stands in the names of many offices and tells none of them apart.
const COMMON: &[&str] = &[
    "ufficio",
    "sede",
    "sportello",
    "centro",
    "impiego",
    "servizio",
    "servizi",
    "sociale",
    "sociali",
    "comune",
    "provincia",
    "azienda",
    "ente",
    "cav",
    "cpi",
    "sil",
    "antiviolenza",
    "nome",
    "fantasia",
    "via",
    "piazza",
];

/// Offices of the directory that a seat as typed may mean: those in whose name or id all its words stand, or whose id it holds;
/// else those with which it shares a word that tells offices apart.
pub fn meant<'a>(seat: &str, directory: &'a Directory) -> Vec<&'a AgencyEntry> {
    let seat = words(seat);
    if seat.is_empty() {
        return Vec::new();
    }
    let named = |office: &&AgencyEntry| {
        let (id, called) = called(office);
        seat.is_subset(&called) || id.is_subset(&seat)
    };
    let sure: Vec<&AgencyEntry> = directory.agencies().filter(named).collect();
    if !sure.is_empty() {
        return sure;
    }
    let tells = |word: &&String| !COMMON.contains(&word.as_str()) && word.len() > 2;
    let near = |office: &&AgencyEntry| seat.iter().filter(tells).any(|word| called(office).1.contains(word));
    directory.agencies().filter(near).collect()
}

/// Words of its id, and of id and name.
fn called(office: &AgencyEntry) -> (BTreeSet<String>, BTreeSet<String>) {
    let id = words(office.id.as_str());
    let called = id.union(&words(&office.office)).cloned().collect();
    (id, called)
}

/// Folded words without the small ones; letters that stand alone one after the other are one word: «S.I.L.» is «sil».
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut letters = String::new();
    for word in fold::words(text).split(' ').filter(|word| !word.is_empty()) {
        if word.chars().count() == 1 {
            letters.push_str(word);
            continue;
        }
        words.insert(word.to_owned());
        words.extend((!letters.is_empty()).then(|| core::mem::take(&mut letters)));
    }
    words.extend((!letters.is_empty()).then_some(letters));
    words.retain(|word| !SMALL.contains(&word.as_str()));
    for (long, short) in SHORT {
        if long.iter().all(|word| words.contains(*word)) {
            words.retain(|word| !long.contains(&word.as_str()));
            words.insert((*short).to_owned());
        }
    }
    words
}
