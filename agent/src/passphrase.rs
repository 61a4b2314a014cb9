//! Asking for a passphrase: on the terminal, without showing it; or, where standard input is none, from its next line.
//!
//! Not here: what a passphrase opens (`store`). It is taken as typed: nothing is trimmed but the end of the line.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::store::StoreFault;
use crate::text::Texts;

/// The shortest passphrase, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// The longest, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;

/// A passphrase of a length that may be one. It has no `Debug`, and is wiped when it goes.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Errors: `PASSPHRASE_SHORT`, `PASSPHRASE_LONG`.
    pub fn new(text: Zeroizing<String>) -> Result<Self, StoreFault> {
        if text.len() > PASSPHRASE_BYTES_MAX {
            return Err(StoreFault::PassphraseLong);
        }
        if text.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(StoreFault::PassphraseShort);
        }
        Ok(Self(text))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whoever can be asked for a passphrase.
pub trait Ask {
    /// The one that there is. Errors: `PASSPHRASE_SHORT`, `PASSPHRASE_LONG`, `IO`.
    fn known(&mut self) -> Result<Passphrase, StoreFault>;

    /// A new one. Errors: the same, and `PASSPHRASES_DIFFER`.
    fn new_one(&mut self) -> Result<Passphrase, StoreFault>;
}

/// The person at the terminal, or whoever writes to standard input.
pub struct Console<'a>(pub &'a Texts);

impl Ask for Console<'_> {
    fn known(&mut self) -> Result<Passphrase, StoreFault> {
        Passphrase::new(self.asked("ask-passphrase")?)
    }

    /// On the terminal twice: nobody has seen what was typed.
    fn new_one(&mut self) -> Result<Passphrase, StoreFault> {
        let first = Passphrase::new(self.asked("ask-passphrase-new")?)?;
        if io::stdin().is_terminal() && *self.asked("ask-passphrase-again")? != *first.0 {
            return Err(StoreFault::PassphrasesDiffer);
        }
        Ok(first)
    }
}

impl Console<'_> {
    fn asked(&self, prompt: &str) -> Result<Zeroizing<String>, StoreFault> {
        let min = PASSPHRASE_CHARS_MIN.to_string();
        if !io::stdin().is_terminal() {
            return line(|byte| rustix::io::read(io::stdin(), byte).map_err(io::Error::from));
        }
        let prompt = format!("{} ", self.0.say(prompt, &[("min", &min)]));
        let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed.map_err(StoreFault::io("asking for the passphrase at", Path::new("/dev/tty")))
    }
}

/// The next line, byte by byte: what follows it stays where it is, and no buffer of somebody else's keeps a copy.
fn line(mut read: impl FnMut(&mut [u8; 1]) -> io::Result<usize>) -> Result<Zeroizing<String>, StoreFault> {
    let failed = |error| StoreFault::io("reading the passphrase from", Path::new("stdin"))(error);
    // Reserved whole: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(PASSPHRASE_BYTES_MAX + 1));
    let mut byte = Zeroizing::new([0]);
    while read(&mut byte).map_err(failed)? == 1 && byte[0] != b'\n' {
        if bytes.len() > PASSPHRASE_BYTES_MAX {
            return Err(StoreFault::PassphraseLong);
        }
        bytes.push(byte[0]);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    line.push_str(text);
    Ok(line)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::io::Read as _;

    /// Answers these, in order, and counts how often it was asked.
    pub(crate) struct Scripted(pub(crate) VecDeque<&'static str>);

    impl Scripted {
        pub(crate) fn new(answers: &[&'static str]) -> Self {
            Self(answers.iter().copied().collect())
        }

        fn next(&mut self) -> Result<Passphrase, StoreFault> {
            let answer = self.0.pop_front().expect("asked once too often");
            Passphrase::new(Zeroizing::new(answer.to_owned()))
        }
    }

    impl Ask for Scripted {
        fn known(&mut self) -> Result<Passphrase, StoreFault> {
            self.next()
        }

        fn new_one(&mut self) -> Result<Passphrase, StoreFault> {
            self.next()
        }
    }

    #[test]
    fn a_passphrase_has_twelve_characters_and_no_thousand() {
        let code = |text: &str| Passphrase::new(Zeroizing::new(text.to_owned())).err().map(|fault| fault.code());
        for short in ["", "undici-undi", "àèìòùàèìòùà"] {
            assert_eq!(code(short), Some("PASSPHRASE_SHORT"), "{short}");
        }
        assert_eq!(code("àèìòùàèìòùàè"), None, "characters, not bytes");
        assert_eq!(code(&"x".repeat(PASSPHRASE_BYTES_MAX)), None);
        assert_eq!(code(&"x".repeat(PASSPHRASE_BYTES_MAX + 1)), Some("PASSPHRASE_LONG"));
    }

    #[test]
    fn a_line_is_taken_as_typed_and_what_follows_is_left() {
        let mut input = &b"  prima riga \r\nseconda\n\nquarta"[..];
        let mut next = || line(|byte| input.read(byte)).expect("text").to_string();
        let lines = [next(), next(), next(), next(), next()];
        assert_eq!(lines, ["  prima riga ", "seconda", "", "quarta", ""]);
        let mut endless = io::repeat(b'x');
        assert_eq!(line(|byte| endless.read(byte)).err().map(|fault| fault.code()), Some("PASSPHRASE_LONG"));
        let mut not_text = &b"\xff\xfe\n"[..];
        assert_eq!(line(|byte| not_text.read(byte)).err().map(|fault| fault.code()), Some("IO"));
    }
}
