//! Figures, that is runs of digits, and what stands between them: «0372/00.00.00», «34800O1299». Telephone numbers and dates are
//! made of them.
//!
//! Deliberately not here: what the figures mean.

/// A run of digits.
#[derive(Debug)]
pub struct Figure {
    /// Where it begins in the text, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The digits, letters typed for them put right; after a `+`, if there was one.
    pub digits: String,
    /// The last separator before it that is no blank; a blank else.
    pub separator: char,
}

impl Figure {
    /// Its value; absurdly large when it has none.
    pub fn value(&self) -> u32 {
        self.digits.parse().unwrap_or(u32::MAX)
    }

    /// Whether it has at most two digits.
    pub fn is_short(&self) -> bool {
        self.digits.len() <= 2
    }

    /// Whether it is a year of the last or of this century.
    pub fn is_year(&self) -> bool {
        self.digits.len() == 4 && (1900..2100).contains(&self.value())
    }
}

/// Figures of one run: more are another run.
const RUN_FIGURES_MAX: usize = 14;

/// Maximal sequences of figures with nothing but separators between them.
pub fn runs(text: &str) -> Vec<Vec<Figure>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end = |k: usize| chars.get(k).map_or(text.len(), |(at, _)| *at);
    let mut runs: Vec<Vec<Figure>> = Vec::new();
    let (mut i, mut joined, mut separator) = (0, false, ' ');
    while i < chars.len() {
        let Some((digits, next)) = figure(&chars, i, joined) else {
            let c = chars[i].1;
            joined &= is_separator(c);
            separator = if c == ' ' { separator } else { c };
            // Digits that end a word are part of it.
            i += 1 + chars[i + 1..].iter().take_while(|(_, next)| c.is_ascii_digit() && next.is_ascii_digit()).count();
            continue;
        };
        let is_whole = chars.get(next).is_none_or(|(_, c)| !c.is_alphabetic());
        if is_whole {
            let figure = Figure { from: chars[i].0, to: end(next), digits, separator };
            match runs.last_mut() {
                Some(run) if joined && run.len() < RUN_FIGURES_MAX => run.push(figure),
                _ => runs.push(vec![figure]),
            }
        }
        (joined, separator, i) = (is_whole, ' ', next);
    }
    runs
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '/' | '(' | ')' | '_' | '\u{2010}'..='\u{2013}' | '·' | '\u{a0}' | '*' | '\\')
}

/// The figure that begins at `i`, and the place after it.
fn figure(chars: &[(usize, char)], i: usize, joined: bool) -> Option<(String, usize)> {
    let is_digit = |k: usize| chars.get(k).is_some_and(|(_, c)| c.is_ascii_digit());
    let is_plus = chars[i].1 == '+' && is_digit(i + 1);
    let is_zero = joined && matches!(chars[i].1, 'O' | 'o') && is_digit(i + 1);
    let is_inside_a_word = i > 0 && chars[i - 1].1.is_alphabetic() && !follows_keyword(&chars[..i]);
    if !is_plus && (is_inside_a_word || !(is_digit(i) || is_zero)) {
        return None;
    }
    let mut digits = String::from(if is_plus { '+' } else { as_digit(chars[i].1) });
    let mut k = i + 1;
    while k < chars.len() && is_typed_digit(chars, k) {
        digits.push(as_digit(chars[k].1));
        k += 1;
    }
    Some((digits, k))
}

/// «tel0372…», «cell333…»: the keyword runs into the number.
fn follows_keyword(before: &[(usize, char)]) -> bool {
    let tail: Vec<char> = before.iter().rev().map(|(_, c)| *c).take_while(|c| c.is_alphabetic()).take(10).collect();
    let word: String = tail.iter().rev().flat_map(|c| c.to_lowercase()).collect();
    ["tel", "cell", "cel", "n", "num", "numero", "telefono", "cellulare", "wa", "whatsapp"].contains(&word.as_str())
}

/// A digit, or a letter typed for one between digits.
fn is_typed_digit(chars: &[(usize, char)], k: usize) -> bool {
    let is_digit = |k: usize| chars.get(k).is_some_and(|(_, c)| c.is_ascii_digit());
    let is_o = |k: usize| chars.get(k).is_some_and(|(_, c)| matches!(c, 'O' | 'o'));
    let is_letter = is_o(k) || matches!(chars[k].1, 'I' | 'l');
    let between = is_digit(k - 1) && (is_digit(k + 1) || is_o(k + 1) && is_digit(k + 2));
    let second_o = k > 1 && is_o(k) && is_o(k - 1) && is_digit(k - 2) && is_digit(k + 1);
    is_digit(k) || is_letter && between || second_o
}

/// Letters typed for digits are put right.
fn as_digit(c: char) -> char {
    match c {
        'O' | 'o' => '0',
        'I' | 'l' => '1',
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Vec<Vec<String>> {
        runs(text).into_iter().map(|run| run.into_iter().map(|figure| figure.digits).collect()).collect()
    }

    #[test]
    fn figures_are_joined_by_separators_and_parted_by_words() {
        assert_eq!(figures("0372/00.00 11 poi 25"), [vec!["0372", "00", "00", "11"], vec!["25"]]);
        assert_eq!(figures("+39 (340) 12"), [["+39", "340", "12"]]);
        assert_eq!(figures("333\u{2011}000\u{2013}0123"), [["333", "000", "0123"]]);
        assert_eq!(figures("tel0372 e K205"), [["0372"]]);
    }

    #[test]
    fn letters_typed_for_digits_are_put_right() {
        assert_eq!(figures("34800O1299, 3OO2"), [vec!["3480001299"], vec!["3002"]]);
    }

    #[test]
    fn a_run_has_its_limit() {
        assert!(runs(&"1 ".repeat(100)).iter().all(|run| run.len() <= RUN_FIGURES_MAX));
    }
}
