//! Asking for the passphrase of the key files: on the terminal, without showing it; where standard input is none, from its
//! next line; or from a file of its owner's alone.
//!
//! Not here: what a passphrase opens (`key_file`). It is taken as typed: nothing is trimmed but the end of the line.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::fs::PermissionsExt as _;
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

/// The passphrase that there is: in `file`, or asked for.
pub fn known(texts: &Texts, file: Option<&Path>) -> Result<Passphrase, Failure> {
    Passphrase::new(file.map_or_else(|| asked(texts, "ask-passphrase"), in_file)?)
}

/// A new one: on the terminal twice, for nobody has seen what was typed.
pub fn new_one(texts: &Texts, file: Option<&Path>) -> Result<Passphrase, Failure> {
    let Some(file) = file else { return typed_twice(texts) };
    Passphrase::new(in_file(file)?)
}

fn typed_twice(texts: &Texts) -> Result<Passphrase, Failure> {
    let first = Passphrase::new(asked(texts, "ask-passphrase-new")?)?;
    if io::stdin().is_terminal() && *asked(texts, "ask-passphrase-again")? != *first.0 {
        return Err(Failure::new(Exit::Usage, "PASSPHRASES_DIFFER"));
    }
    Ok(first)
}

fn asked(texts: &Texts, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return line(Path::new("stdin"), |byte| rustix::io::read(io::stdin(), byte).map_err(io::Error::from));
    }
    let prompt = format!("{} ", texts.say(prompt, &[("min", &PASSPHRASE_CHARS_MIN.to_string())]));
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| Failure::io(Path::new("/dev/tty"), error))
}

/// The one line of a file that nobody but its owner may open.
fn in_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let unreadable =
        |error: io::Error| Failure::new(Exit::Usage, "FILE_UNREADABLE").with("file", path.display()).with("detail", error);
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(Failure::new(Exit::Usage, "PASSPHRASE_FILE_PERMISSIONS").with("file", path.display()));
    }
    let line = line(path, |byte| file.read(byte))?;
    match file.read(&mut [0]).map_err(unreadable)? {
        0 => Ok(line),
        _ => Err(Failure::new(Exit::Usage, "PASSPHRASE_FILE_LINES").with("file", path.display())),
    }
}

/// One line, byte by byte: what follows stays where it is, and no buffer of somebody else's keeps a copy.
fn line(path: &Path, mut read: impl FnMut(&mut [u8; 1]) -> io::Result<usize>) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: io::Error| Failure::io(path, error);
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
        let mut next = || line(Path::new("stdin"), |byte| io::Read::read(&mut input, byte)).expect("text");
        assert_eq!(Passphrase::new(next()).ok().map(|p| p.bytes().to_vec()), Some(b"  dodici lettere ".to_vec()));
        assert_eq!(Passphrase::new(next()).err().map(|fault| fault.code), Some("PASSPHRASE_SHORT"));
        let long = Zeroizing::new("x".repeat(PASSPHRASE_BYTES_MAX + 1));
        assert_eq!(Passphrase::new(long).err().map(|fault| fault.code), Some("PASSPHRASE_LONG"));
    }
    #[test]
    fn a_passphrase_file_is_its_owners_and_holds_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frase");
        let texts = Texts::new(crate::text::Lang::It);
        let read = |text: &str, mode| {
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its own file");
            let (known, new) = (known(&texts, Some(&path)), new_one(&texts, Some(&path)));
            assert_eq!(known.as_ref().map_err(|f| f.code).err(), new.map_err(|f| f.code).err());
            known.map(|passphrase| passphrase.bytes().to_vec()).map_err(|failure| failure.code)
        };
        assert_eq!(read("dodici lettere \n", 0o600), Ok(b"dodici lettere ".to_vec()));
        assert_eq!(read("dodici lettere", 0o400), Ok(b"dodici lettere".to_vec()));
        assert_eq!(read("dodici lettere\n", 0o640), Err("PASSPHRASE_FILE_PERMISSIONS"));
        assert_eq!(read("dodici lettere\n", 0o604), Err("PASSPHRASE_FILE_PERMISSIONS"));
        assert_eq!(read("dodici lettere\ne una riga\n", 0o600), Err("PASSPHRASE_FILE_LINES"));
        assert_eq!(read("", 0o600), Err("PASSPHRASE_SHORT"));
        assert_eq!(read(&"x".repeat(PASSPHRASE_BYTES_MAX + 2), 0o600), Err("PASSPHRASE_LONG"));
        let absent = known(&texts, Some(Path::new("nowhere"))).err().map(|failure| failure.code);
        assert_eq!(absent, Some("FILE_UNREADABLE"));
    }
}
