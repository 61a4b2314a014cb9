//! Asking for the passphrase of the key files: on the terminal, without showing it; or, where standard input is none, from
//! its next line.
//!
//! Not here: what a passphrase opens (`key_file`). It is taken as typed: nothing is trimmed but the end of the line.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::text::Texts;

/// The shortest passphrase, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// The longest, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;

/// A passphrase of a length that may be one. It has no `Debug`, and is wiped when it goes.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Fails when it is too short or too long.
    pub fn new(text: Zeroizing<String>) -> Result<Self, Failure> {
        if text.len() > PASSPHRASE_BYTES_MAX {
            return Err(Failure::new(Exit::Usage, "PASSPHRASE_LONG").with("max", PASSPHRASE_BYTES_MAX));
        }
        if text.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(Failure::new(Exit::Usage, "PASSPHRASE_SHORT").with("min", PASSPHRASE_CHARS_MIN));
        }
        Ok(Self(text))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The passphrase that there is.
pub fn known(texts: &Texts) -> Result<Passphrase, Failure> {
    Passphrase::new(asked(texts, "ask-passphrase")?)
}

/// A new one: on the terminal twice, for nobody has seen what was typed.
pub fn new_one(texts: &Texts) -> Result<Passphrase, Failure> {
    let first = Passphrase::new(asked(texts, "ask-passphrase-new")?)?;
    if io::stdin().is_terminal() && *asked(texts, "ask-passphrase-again")? != *first.0 {
        return Err(Failure::new(Exit::Usage, "PASSPHRASES_DIFFER"));
    }
    Ok(first)
}

fn asked(texts: &Texts, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return line(|byte| rustix::io::read(io::stdin(), byte).map_err(io::Error::from));
    }
    let prompt = format!("{} ", texts.say(prompt, &[("min", &PASSPHRASE_CHARS_MIN.to_string())]));
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| Failure::io(Path::new("/dev/tty"), error))
}

/// The next line, byte by byte: what follows it stays where it is, and no buffer of somebody else's keeps a copy.
fn line(mut read: impl FnMut(&mut [u8; 1]) -> io::Result<usize>) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: io::Error| Failure::io(Path::new("stdin"), error);
    let mut bytes = Zeroizing::new(Vec::with_capacity(PASSPHRASE_BYTES_MAX + 1));
    let mut byte = Zeroizing::new([0]);
    while read(&mut byte).map_err(failed)? == 1 && byte[0] != b'\n' {
        if bytes.len() > PASSPHRASE_BYTES_MAX {
            return Err(Failure::new(Exit::Usage, "PASSPHRASE_LONG").with("max", PASSPHRASE_BYTES_MAX));
        }
        bytes.push(byte[0]);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let text = core::str::from_utf8(&bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    line.push_str(text);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_taken_as_typed_and_has_a_length() {
        let mut input = &b"  dodici lettere \r\ncorta\n"[..];
        let mut next = || line(|byte| io::Read::read(&mut input, byte)).expect("text");
        assert_eq!(Passphrase::new(next()).ok().map(|p| p.bytes().to_vec()), Some(b"  dodici lettere ".to_vec()));
        assert_eq!(Passphrase::new(next()).err().map(|fault| fault.code), Some("PASSPHRASE_SHORT"));
        let long = Zeroizing::new("x".repeat(PASSPHRASE_BYTES_MAX + 1));
        assert_eq!(Passphrase::new(long).err().map(|fault| fault.code), Some("PASSPHRASE_LONG"));
    }
}
