//! E-mail addresses, also disguised, and handles on social networks.
//!
//! Deliberately not here: whether a domain exists; the public sites of institutions, which anybody may be told.

use super::lexicon::{has_italian_ending, is_common, looks_foreign};
use super::vocabulary::{DOMAINS, MAILBOXES, NETWORKS, PROFILES};
use super::words::{Class, Phrase};
use super::{Alarm, Kind};

/// Every contact that is no telephone.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let finders = [at_sign, spelled, mailbox, handle];
    let hit = |i: usize| finders.iter().find_map(|finder| finder(phrase, i));
    let tokens = (0..phrase.tokens.len()).filter_map(hit);
    let alarms = tokens.map(|(first, last)| Alarm::over(phrase, Kind::Email, first, last));
    alarms.chain(links(phrase.text)).collect()
}

/// First and last token.
type Span = Option<(usize, usize)>;

fn is_solid(phrase: &Phrase<'_>, i: usize) -> bool {
    phrase.class(i) != Class::Mark
}

/// «@» with something before or after it.
fn at_sign(phrase: &Phrase<'_>, i: usize) -> Span {
    if phrase.at(i) != "@" {
        return None;
    }
    let has_left = i > 0 && (is_solid(phrase, i - 1) || phrase.at(i - 1) == "_");
    let has_right = is_solid(phrase, i + 1) || matches!(phrase.at(i + 1), "_" | ".");
    let joined = (i + 1..=i + 8).take_while(|k| phrase.is_joined(*k)).last();
    let last = joined.unwrap_or(i + usize::from(has_right));
    (has_left || has_right).then(|| (i - usize::from(has_left), last))
}

/// «(at)», «[at]», «chiocciola», or a bare «at» between a name and «punto it».
fn spelled(phrase: &Phrase<'_>, i: usize) -> Span {
    let (before, after) = (phrase.before(i, 1), phrase.at(i + 1));
    let is_at = match phrase.at(i) {
        "chiocciola" | "chiocciolina" | "kiocciola" | "chiocc" | "ciocciola" => {
            is_solid(phrase, i + 1) || matches!(after, ")" | "]" | "-")
        }
        "at" => {
            let is_bracketed = matches!(before, "(" | "[" | "{" | "<" | "-" | "_");
            is_bracketed || is_domain(phrase, i + 1 + usize::from(after == "-"))
        }
        "a" => matches!(before, "(" | "[") && matches!(after, ")" | "]"),
        "punto" | "dot" => MAILBOXES.contains(&before) && DOMAINS.contains(&after),
        _ => false,
    };
    is_at.then(|| (i.saturating_sub(2), i + 4))
}

/// «posta.it», «mail punto com» from `i` on.
fn is_domain(phrase: &Phrase<'_>, i: usize) -> bool {
    phrase.is_word(i) && matches!(phrase.at(i + 1), "." | "punto" | "dot") && DOMAINS.contains(&phrase.at(i + 2))
}

/// A mailbox without its at sign: «mariarossi gmail.com», «rossi.libero.it».
fn mailbox(phrase: &Phrase<'_>, i: usize) -> Span {
    let leads = ["mail", "email", "posta", "pec", "indirizzo", "scrivere", "scriverle", "contatto"];
    let is_bare = matches!(phrase.at(i + 1), "it" | "com") && !matches!(phrase.at(i), "alice" | "libero");
    let is_provider = MAILBOXES.contains(&phrase.at(i)) && !leads.contains(&phrase.at(i));
    let is_site = phrase.is_near(i, 3, &["www", "http", "https", "sito", "su"]);
    let is_mailbox = is_provider && (is_domain(phrase, i) || is_bare) && phrase.is_near(i, 8, &leads) && !is_site;
    (is_mailbox && i > 0).then(|| (i - 1, i + 2))
}

/// A nickname within a few tokens of the name of a network, in the same sentence.
fn handle(phrase: &Phrase<'_>, i: usize) -> Span {
    if !NETWORKS.contains(&phrase.at(i)) {
        return None;
    }
    let is_stop = |k: &usize| matches!(phrase.at(*k), "." | ";") && !phrase.is_joined(k + 1);
    let nick = (i + 1..i + 9).take_while(|k| !is_stop(k)).find_map(|k| nickname(phrase, i, k))?;
    Some((nick, nick + 1))
}

/// The nickname that is given at `k` or right after it, for the network at `i`.
fn nickname(phrase: &Phrase<'_>, i: usize, k: usize) -> Option<usize> {
    let network = phrase.at(i);
    let is_naming = matches!(phrase.at(k), ":" | "=" | "come" | "chiama" | "nome") && network != "utente";
    let is_quoted = matches!(phrase.at(k), "\"" | "“" | "«" | "”") && is_solid(phrase, k + 1);
    let is_close = ["nick", "nickname", "username", "user"].contains(&network) && k < i + 3;
    let is_verb = phrase.at(k) == "e" && phrase.has_accented_end(k) && phrase.is_title(k + 1);
    if is_naming && is_proper(phrase, k + 1) {
        return Some(k + 1);
    }
    let is_given = is_quoted && !matches!(network, "utente" | "pagina" | "social")
        || is_odd(phrase, k)
        || is_close && is_proper(phrase, k)
        || is_verb && is_proper(phrase, k + 1)
        || k == i + 1 && is_proper(phrase, k) && looks_made_up(phrase, i);
    is_given.then_some(k)
}

/// Joined by «_», by an inner dot, or letters and digits together.
fn is_odd(phrase: &Phrase<'_>, k: usize) -> bool {
    let word = phrase.at(k);
    let is_followed = phrase.is_joined(k + 1) && is_solid(phrase, k + 1);
    match word {
        "_" => is_followed || phrase.is_joined(k),
        "." => {
            let (left, right) = (phrase.before(k, 1), phrase.at(k + 1));
            let is_long = match phrase.class(k + 1) {
                Class::Number => left.len() > 4,
                _ => left.len() > 2 && right.len() > 1 || right.len() > 3,
            };
            phrase.is_joined(k) && is_followed && is_long && !NETWORKS.contains(&left)
        }
        _ => phrase.class(k) == Class::Mixed && word.len() >= 6 && word.chars().filter(|c| c.is_alphabetic()).count() >= 4,
    }
}

fn is_proper(phrase: &Phrase<'_>, k: usize) -> bool {
    let word = phrase.at(k);
    let has_letters = matches!(phrase.class(k), Class::Word | Class::Mixed);
    has_letters && word.len() > 3 && !is_common(word) && !has_italian_ending(word)
}

/// An unknown long word right after a network.
fn looks_made_up(phrase: &Phrase<'_>, i: usize) -> bool {
    let has_nicks = ["instagram", "ig", "tiktok", "telegram", "skype", "snapchat"].contains(&phrase.at(i));
    let word = phrase.at(i + 1);
    word.len() > 8 && (has_nicks || looks_foreign(word))
}

/// Links to somebody's page.
fn links(text: &str) -> Vec<Alarm> {
    let lower = text.to_ascii_lowercase();
    let found = PROFILES.iter().flat_map(|profile| lower.match_indices(profile));
    found.map(|(from, link)| Alarm { kind: Kind::Email, from, to: from + link.len() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        !find(&Phrase::new(text)).is_empty()
    }

    #[test]
    fn addresses_are_found_plain_and_disguised() {
        for text in [
            "scrivere a prova00@posta.invalid",
            "prova_00 chiocciola esempio punto it",
            "sole.mare77 (at) webposta.invalid",
            "bimba2010[at]posta[punto]invalid",
            "mail: mariarossi gmail.com",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn handles_are_found_by_their_network() {
        for text in [
            "instagram @dolce_luna_xx00",
            "account tiktok: nonnalina.ricette000",
            "su facebook si trova come \"Stellina Del Sud 00\"",
            "facebook.com/x",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn the_use_of_networks_is_left_alone() {
        for text in [
            "inviare il curriculum via e-mail",
            "usa WhatsApp per i messaggi",
            "posta su Google",
            "cerca annunci su Facebook, poi telefona",
            "sito www.inps.it",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
