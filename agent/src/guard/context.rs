//! What the words around a word say of it: whether a role or a title leads to it, whether a person's verb follows, whether an
//! institution bears the name.
//!
//! Deliberately not here: the lists (`vocabulary`), and any list of names.

use super::vocabulary::{BETWEEN, FILLERS, INSTITUTIONS, NAMERS, ROLES, TITLES, VERBS};
use super::words::Phrase;

/// What leads to a word, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// Nothing.
    None,
    /// What a person is to somebody: «la figlia».
    Role,
    /// A phrase that gives a name: «si chiama».
    Namer,
    /// «la sig.ra».
    Title,
}

/// Tokens before a word among which its lead may stand.
const LEAD_REACH: usize = 6;

/// What leads to the token at `i`.
pub fn lead(phrase: &Phrase<'_>, i: usize) -> Lead {
    let mut found = Lead::None;
    for k in (i.saturating_sub(LEAD_REACH)..i).rev() {
        let word = phrase.at(k);
        if is_tail(phrase, k) {
            continue;
        }
        if is_beside(phrase, k) {
            break;
        }
        match lead_of(phrase, i, k) {
            Lead::Title => return Lead::Title,
            other => found = found.max(other),
        }
        if !BETWEEN.contains(&word) {
            break;
        }
    }
    found
}

/// «.ra» of «sig.ra».
fn is_tail(phrase: &Phrase<'_>, k: usize) -> bool {
    ["ra", "na"].contains(&phrase.at(k)) && [".", "/"].contains(&phrase.before(k, 1))
}

/// «vicino a Crema» is no neighbour.
fn is_beside(phrase: &Phrase<'_>, k: usize) -> bool {
    ["vicino", "vicina"].contains(&phrase.at(k)) && ["a", "ad", "al", "alla", "all", "ai"].contains(&phrase.at(k + 1))
}

/// What the word at `k` is to the token at `i` after it.
fn lead_of(phrase: &Phrase<'_>, i: usize, k: usize) -> Lead {
    let word = phrase.at(k);
    let is_social = ["sociale", "soc"].contains(&word) && phrase.is_near(k, 2, &["ass", "as"]);
    let is_a_s = word == "s" && phrase.before(k, 1) == "." && phrase.before(k, 2) == "a";
    let is_whole = word.len() > 4 || k + 1 == i || [".", ":"].contains(&phrase.at(k + 1));
    if word == "ssa" || TITLES.contains(&word) && is_whole && i - k < 5 {
        Lead::Title
    } else if NAMERS.contains(&word) && gives_a_name(phrase, k) {
        Lead::Namer
    } else if ROLES.contains(&word) || is_social || is_a_s {
        Lead::Role
    } else {
        Lead::None
    }
}

/// «si chiama» and «a nome di», but neither «chiama spesso» nor «in nome di».
fn gives_a_name(phrase: &Phrase<'_>, k: usize) -> bool {
    let before = phrase.before(k, 1);
    match phrase.at(k) {
        "chiama" => matches!(before, "si" | "mi") || phrase.at(k + 1) == ":",
        "detto" | "detta" | "chiamata" => phrase.starts(k) || matches!(before, "" | "," | "(" | "e" | "." | "sempre" | "anche"),
        _ => before != "in",
    }
}

/// Whether a verb that persons do follows the token at `i`, fillers aside.
pub fn has_verb(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_filler = |k: &usize| FILLERS.contains(&phrase.at(*k));
    let k = (i + 1..i + 4).find(|k| !is_filler(k)).unwrap_or(i + 4);
    let is_and = phrase.at(k) == "e" && !phrase.has_accented_end(k) && phrase.at(k + 1) != "'";
    VERBS.contains(&phrase.at(k)) && !is_and
}

/// A pronoun and some verb follow: «le affitta», «si occupa».
pub fn has_clitic(phrase: &Phrase<'_>, i: usize) -> bool {
    let is_pronoun = ["le", "gli", "ci", "si", "mi"].contains(&phrase.at(i + 1));
    is_pronoun && phrase.is_word(i + 2) && phrase.at(i + 2).ends_with(['a', 'e', 'o'])
}

/// Whether a saint, a school, a firm or a farmhouse bears the name at `i`.
pub fn is_borne(phrase: &Phrase<'_>, i: usize) -> bool {
    let [b1, b2, b3] = [1, 2, 3].map(|back| phrase.before(i, back));
    let is_toponym = b1 == "'" && b2 == "d" && ["ca", "isola", "torre"].contains(&b3);
    let is_second_name =
        i > 0 && phrase.is_title(i) && phrase.is_title(i - 1) && INSTITUTIONS.contains(&b2) && !ROLES.contains(&b2);
    let is_quoted = ["\"", "“", "«", "'"].contains(&b1) && !is_saint(b2);
    let (near, far) = if is_quoted { (b2, b3) } else { (b1, b2) };
    let is_sainted = is_saint(near) || ["'", "."].contains(&near) && (is_saint(far) || far == "s" && b3 != ".");
    let is_institution = INSTITUTIONS.contains(&near) && !["famiglia", "casa"].contains(&near);
    let is_described = is_kind_of_school(near) && (INSTITUTIONS.contains(&far) || far == "'");
    is_toponym || is_second_name || is_sainted || is_institution || is_described
}

fn is_saint(word: &str) -> bool {
    ["san", "santa", "santo", "sant", "ss", "sta", "santi", "beato", "beata", "madonna"].contains(&word)
}

fn is_kind_of_school(word: &str) -> bool {
    let levels =
        ["media", "elementare", "superiore", "primaria", "materna", "comprensivo", "infanzia", "secondaria", "paritaria"];
    let natures = ["sociale", "professionale", "comunale", "tecnico", "statale", "famiglia", "giovanile", "agricola"];
    levels.contains(&word) || natures.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_titles_and_phrases_lead_to_a_name() {
        for (text, i, expected) in [
            ("la figlia Xena", 2, Lead::Role),
            ("la sig.ra Xena", 4, Lead::Title),
            ("si chiama Xena", 2, Lead::Namer),
            ("la chiama Xena", 2, Lead::None),
            ("vicino a Xena", 2, Lead::None),
            ("cerca Xena", 1, Lead::None),
        ] {
            assert_eq!(lead(&Phrase::new(text), i), expected, "{text}");
        }
    }

    #[test]
    fn a_person_is_told_by_her_verb() {
        assert!(has_verb(&Phrase::new("Xena non ha la patente"), 0) && has_verb(&Phrase::new("Xena è sola"), 0));
        assert!(!has_verb(&Phrase::new("Xena e Crema"), 0) && has_clitic(&Phrase::new("Xena le affitta"), 0));
    }

    #[test]
    fn schools_and_saints_bear_names() {
        assert!(is_borne(&Phrase::new("scuola Manzoni"), 1) && is_borne(&Phrase::new("San Giovanni"), 1));
        assert!(!is_borne(&Phrase::new("con Giovanni"), 1));
    }
}
