//! Codici fiscali, also truncated, mistyped or split, and numbers of documents.
//!
//! Deliberately not here: the check letter of a codice fiscale, because a mistyped one says who she is just as well; and the
//! formats of foreign documents.

use super::vocabulary::{FISCAL, PAPERS};
use super::words::{Class, Phrase, Shape};
use super::{Alarm, Kind};

/// Letters and digits of a codice fiscale.
const PATTERN: &[u8; 16] = b"LLLLLLDDLDDLDDDL";

/// A truncated one has at least so many characters.
const SHORTEST: usize = 11;

/// Every codice fiscale and every document's number.
pub fn find(phrase: &Phrase<'_>) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < phrase.tokens.len() {
        let fiscal = || fiscal_code(phrase, i).map(|last| (Kind::CodiceFiscale, last));
        let Some((kind, last)) = fiscal().or_else(|| document(phrase, i).map(|last| (Kind::Documento, last))) else {
            i += 1;
            continue;
        };
        found.push(Alarm::over(phrase, kind, i, last));
        i = last + 1;
    }
    found
}

/// The last token of a codice fiscale that begins at `i`: the longest that looks like one.
fn fiscal_code(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let is_led = phrase.is_near(i, 7, FISCAL) || phrase.is_dotted_near(i, 6, "c", "f");
    let mut code = String::new();
    let (mut parts, mut is_mixed, mut best) = (0, false, None);
    for k in i..i + PATTERN.len() {
        let word = phrase.at(k);
        if k > i && [".", "-", "/", "_", "*", "|"].contains(&word) {
            continue;
        }
        code.push_str(word);
        if phrase.class(k) == Class::Mark || !word.is_ascii() || code.len() > PATTERN.len() + 2 {
            break;
        }
        parts += 1;
        is_mixed |= phrase.class(k) == Class::Mixed;
        if (is_mixed || is_led || parts > 4) && looks_fiscal(code.as_bytes(), parts, is_led) {
            best = Some(k);
        }
    }
    best
}

/// How many slips are forgiven: more where the words before say what it is.
fn looks_fiscal(code: &[u8], parts: usize, is_led: bool) -> bool {
    let digits = code.iter().filter(|c| c.is_ascii_digit()).count();
    let slips = slips(code, parts > 1 && !is_led);
    let is_one = parts == 1;
    let is_likely = match is_led {
        true => code.len() >= 8 && slips <= if is_one { 3 } else { 2 },
        false if is_one => code.len() >= SHORTEST && slips <= 2 && digits >= 4,
        false => code.len() >= SHORTEST && slips == 0 || code.len() >= 15 && slips <= 1,
    };
    is_likely && digits >= 2 && code.len() - digits >= 3
}

/// Edit distance from the letters and digits of `code` to the nearest beginning of the pattern.
fn slips(code: &[u8], is_strict: bool) -> usize {
    let mut row: Vec<usize> = (0..=PATTERN.len()).collect();
    for (i, c) in code.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, class) in PATTERN.iter().enumerate() {
            let fits = (*class == b'D') == c.is_ascii_digit() || !is_strict && matches!(c, b'o' | b'0' | b'i' | b'1');
            let changed = (diagonal + usize::from(!fits)).min(row[j + 1] + 1).min(row[j] + 1);
            diagonal = row[j + 1];
            row[j + 1] = changed;
        }
    }
    row.into_iter().skip(SHORTEST.min(code.len())).min().unwrap_or(usize::MAX)
}

/// The last token of a document's number that begins at `i`.
fn document(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let word = phrase.at(i);
    if phrase.class(i) == Class::Mark || !word.is_ascii() {
        return None;
    }
    if stands_alone(word) {
        return Some(i);
    }
    card(phrase, i).or_else(|| plate(phrase, i)).or_else(|| led_number(phrase, i))
}

/// Letters and digits together, or too many digits for anything else.
fn stands_alone(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.len() - digits;
    let is_money = word.ends_with("euro") || word.ends_with("eur");
    let is_card = (1..=4).contains(&letters) && digits >= 5 && word.len() >= 7 && !is_money;
    let is_iban = word.len() >= 20 && letters >= 2 && digits >= 6;
    is_card || is_iban || letters == 0 && digits >= 14
}

/// «CA 00000 AA», «AX 0000000»: two capitals, then the digits.
fn card(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    if phrase.shape(i) != Shape::Upper || phrase.at(i).len() != 2 {
        return None;
    }
    match (phrase.class(i + 1), phrase.at(i + 1).len()) {
        (Class::Number, 6..=8) | (Class::Mixed, 7) => Some(i + 1),
        (Class::Number, 5) if phrase.is_word(i + 2) && phrase.at(i + 2).len() == 2 => Some(i + 2),
        _ => None,
    }
}

fn plate(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let is_plate = phrase.class(i) == Class::Mixed && phrase.at(i).len() >= 6;
    (is_plate && phrase.is_near(i, 4, &["targa", "targata"])).then_some(i)
}

/// Five digits or more, perhaps in pieces, after a word for a document.
fn led_number(phrase: &Phrase<'_>, i: usize) -> Option<usize> {
    let is_led = phrase.is_near(i, 8, PAPERS) || phrase.is_dotted_near(i, 8, "c", "i");
    let is_date = phrase.is_number(i, 2) && (!phrase.is_word(i.wrapping_sub(1)) || matches!(phrase.at(i + 1), "/" | "-" | "."));
    if !is_led || is_date || phrase.is_word(i) {
        return None;
    }
    let (digits, letters, last) = pieces(phrase, i);
    let is_money = |word: &str| matches!(word, "euro" | "€" | "eur");
    let is_priced = is_money(phrase.at(last + 1)) || is_money(phrase.before(i, 1));
    (digits >= 5 && digits + letters >= 6 && !is_priced).then_some(last)
}

/// Digits, letters and last token of what begins at `i`: pieces with digits, or short words, joined by blanks or dashes.
fn pieces(phrase: &Phrase<'_>, i: usize) -> (usize, usize, usize) {
    let (mut digits, mut letters, mut last) = (0, 0, i);
    for k in i..i + 9 {
        let word = phrase.at(k);
        let is_date = word == "/" && phrase.before(k, 1).len() <= 2;
        match phrase.class(k) {
            Class::Mark if k > i && !is_date && phrase.is_joined(k) && ["-", "/", "."].contains(&word) => continue,
            Class::Mark => break,
            Class::Word if word.len() > 2 => break,
            Class::Word | Class::Number | Class::Mixed => {}
        }
        let here = word.bytes().filter(u8::is_ascii_digit).count();
        (digits, letters, last) = (digits + here, letters + word.len() - here, k);
    }
    (digits, letters, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        find(&Phrase::new(text)).into_iter().map(|alarm| alarm.kind).collect()
    }

    #[test]
    fn a_codice_fiscale_is_found_whole_split_mistyped_or_cut() {
        for text in [
            "cf rss mra 85t50 z999w",
            "RSSMRA85T50Z999W",
            "cod. fisc. FRRCNZ76B4IX000K",
            "c.f. LPZGDL.83S61.X000B",
            "il cf è GLLKTA92D65X000",
        ] {
            assert_eq!(kinds(text), [Kind::CodiceFiscale], "{text}");
        }
    }

    #[test]
    fn a_documents_number_is_found() {
        for text in ["passaporto n. YA 0000001", "c.i. n° AX 0000000", "patente CR0000000X", "tessera 80380000000000000001"] {
            assert_eq!(kinds(text), [Kind::Documento], "{text}");
        }
    }

    #[test]
    fn papers_laws_and_buses_without_a_number_of_hers_are_left_alone() {
        for text in ["art. 26 d.lgs. 151/2001", "autobus K205", "non ha il codice fiscale", "permesso in scadenza il 31/12/2026"]
        {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
