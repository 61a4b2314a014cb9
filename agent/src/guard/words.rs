//! A text as its words, numbers, mixed runs and single marks, with the little orthography that detectors need: case, and
//! where a sentence begins.
//!
//! Deliberately not here: lemmas, parts of speech, sentences proper.

use raccordo_casework::fold::{fold, is_accent};

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Letters.
    Word,
    /// Digits.
    Number,
    /// Both.
    Mixed,
    /// One character that is neither.
    Mark,
}

/// How a token is capitalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Not at all.
    Lower,
    /// At its beginning.
    Title,
    /// All of it, when it is more than one letter.
    Upper,
}

/// A word, a number, a mixed run or a mark.
pub struct Token {
    /// Where it begins in the text, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it is made of.
    pub class: Class,
    /// How it is capitalised.
    pub shape: Shape,
    /// Lower case, accents removed.
    pub fold: String,
    /// It ends with a grave vowel: «sarà», «città».
    pub accented_end: bool,
    /// White space, or nothing at all, stands before it.
    pub spaced: bool,
    /// A sentence begins here, so that a capital says nothing.
    pub starts: bool,
}

/// A text and its tokens.
pub struct Phrase<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tokens, in order.
    pub tokens: Vec<Token>,
    /// Most letters are capitals: they say nothing.
    pub shouting: bool,
}

/// What ends with a stop and ends no sentence.
#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    "sig", "dott", "dr", "avv", "prof", "ing", "geom", "rag", "arch", "tel", "cell", "cel", "n", "nr", "num", "art", "v", "p", "c",
    "s", "l", "ra", "ssa", "na", "loc", "fraz", "es", "int", "fam", "ass", "soc", "ref", "rif", "tit", "gent", "spett", "on", "mons",
    "via", "sc", "doc", "fisc", "cod", "le", "zza", "so", "max", "min", "ca", "circa", "resp", "coop", "str", "sra", "d", "m", "g",
    "f", "a", "b", "r",
];

impl<'a> Phrase<'a> {
    /// Reads a text.
    pub fn new(text: &'a str) -> Self {
        let count = |upper: bool| text.chars().filter(|c| c.is_alphabetic() && c.is_uppercase() == upper).count();
        let (upper, lower) = (count(true), count(false));
        let mut phrase = Self { text, tokens: tokens(text), shouting: upper > 8 && upper > lower };
        phrase.mark_starts();
        phrase
    }

    /// The folded token at `i`, or "" outside the text.
    pub fn at(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |token| token.fold.as_str())
    }

    /// The folded token `back` places before `i`, or "".
    pub fn before(&self, i: usize, back: usize) -> &str {
        i.checked_sub(back).map_or("", |k| self.at(k))
    }

    /// Whether one of the `reach` tokens before `i` is on the list.
    pub fn is_near(&self, i: usize, reach: usize, list: &[&str]) -> bool {
        (i.saturating_sub(reach)..i).any(|k| list.contains(&self.at(k)))
    }

    /// Whether letters `a . b` stand in the `reach` tokens before `i`: «C.F.», «c.i.».
    pub fn is_dotted_near(&self, i: usize, reach: usize, a: &str, b: &str) -> bool {
        (i.saturating_sub(reach)..i).any(|k| self.at(k) == a && self.at(k + 1) == "." && self.at(k + 2) == b)
    }

    /// What the token at `i` is made of; a mark outside the text.
    pub fn class(&self, i: usize) -> Class {
        self.tokens.get(i).map_or(Class::Mark, |token| token.class)
    }

    /// How the token at `i` is capitalised.
    pub fn shape(&self, i: usize) -> Shape {
        self.tokens.get(i).map_or(Shape::Lower, |token| token.shape)
    }

    /// Whether letters stand at `i`.
    pub fn is_word(&self, i: usize) -> bool {
        self.class(i) == Class::Word
    }

    /// Whether digits of at most this length stand at `i`.
    pub fn is_number(&self, i: usize, len_max: usize) -> bool {
        self.class(i) == Class::Number && self.at(i).len() <= len_max
    }

    /// Whether the token at `i` touches the one before it.
    pub fn is_joined(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|token| !token.spaced)
    }

    /// Whether a sentence begins at `i`.
    pub fn starts(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|token| token.starts)
    }

    /// Whether the token at `i` ends with a grave vowel.
    pub fn has_accented_end(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|token| token.accented_end)
    }

    /// A capital at the beginning of a word, where capitals mean something.
    pub fn is_title(&self, i: usize) -> bool {
        !self.shouting && self.is_word(i) && self.shape(i) == Shape::Title && self.at(i).len() > 1
    }

    /// One capital letter alone.
    pub fn is_capital_letter(&self, i: usize) -> bool {
        self.is_word(i) && self.shape(i) == Shape::Title && self.at(i).len() == 1
    }

    fn mark_starts(&mut self) {
        let mut starts = true;
        let mut last_end = 0;
        for i in 0..self.tokens.len() {
            starts |= self.text[last_end..self.tokens[i].from].contains('\n');
            last_end = self.tokens[i].to;
            self.tokens[i].starts = starts;
            starts = self.class(i) == Class::Mark && self.starts_after(i, starts);
        }
    }

    /// Whether a sentence begins after the mark at `i`.
    fn starts_after(&self, i: usize, starts: bool) -> bool {
        let is_dash = !self.is_joined(i) && matches!(self.at(i), "-" | "–" | "—" | "*" | "•" | "+" | ">");
        match self.at(i) {
            "." => i == 0 || !ABBREVIATIONS.contains(&self.at(i - 1)),
            "!" | "?" | ":" | ";" | "=" | "/" | "|" => true,
            _ => starts || is_dash,
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut spaced = true;
    while let Some((from, c)) = chars.next() {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let mut to = from + c.len_utf8();
        let goes_on = |next: char| c.is_alphanumeric() && (next.is_alphanumeric() || is_accent(next));
        while let Some((at, next)) = chars.next_if(|(_, next)| goes_on(*next)) {
            to = at + next.len_utf8();
        }
        tokens.push(token(&text[from..to], from, spaced));
        spaced = false;
    }
    tokens
}

fn token(raw: &str, from: usize, spaced: bool) -> Token {
    let chars = || raw.chars().filter(|c| !is_accent(*c));
    let count = chars().count();
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    let class = match digits {
        0 if !chars().all(char::is_alphanumeric) => Class::Mark,
        0 => Class::Word,
        all if all == count => Class::Number,
        _ => Class::Mixed,
    };
    let upper = raw.chars().filter(|c| c.is_uppercase()).count();
    let shape = match raw.chars().next().is_some_and(char::is_uppercase) {
        true if upper == count && count > 1 => Shape::Upper,
        true => Shape::Title,
        false => Shape::Lower,
    };
    let accented_end = raw.ends_with(|c| "àèìòùÀÈÌÒÙ\u{300}".contains(c));
    Token { from, to: from + raw.len(), class, shape, fold: fold(raw), accented_end, spaced, starts: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        Phrase::new(text).tokens.into_iter().map(|token| token.fold).collect()
    }

    #[test]
    fn a_text_falls_into_words_numbers_and_marks() {
        assert_eq!(folded("È in v.le Po, 12/b"), ["e", "in", "v", ".", "le", "po", ",", "12", "/", "b"]);
        let phrase = Phrase::new("K205 333 ab");
        assert_eq!([0, 1, 2, 9].map(|i| phrase.class(i)), [Class::Mixed, Class::Number, Class::Word, Class::Mark]);
        assert!(folded("").is_empty() && folded(" \n\t").is_empty());
    }

    #[test]
    fn an_accent_of_its_own_parts_no_word() {
        assert_eq!(folded("Ai\u{308}cha e\u{300} qui"), ["aicha", "e", "qui"]);
        assert!(Phrase::new("sara\u{300}").has_accented_end(0));
    }

    #[test]
    fn a_stop_begins_a_sentence_unless_it_shortens_a_word() {
        let phrase = Phrase::new("La sig. Rossi. Lavora");
        assert_eq!((0..6).filter(|i| phrase.starts(*i)).collect::<Vec<_>>(), [0, 5]);
    }

    #[test]
    fn capitals_say_nothing_in_a_text_that_shouts() {
        assert!(Phrase::new("cerca Fatou").is_title(1));
        assert!(!Phrase::new("CERCA LAVORO SUBITO").is_title(0));
    }
}
