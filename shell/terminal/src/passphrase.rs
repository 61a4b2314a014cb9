//! Asking for a passphrase: on the terminal, without showing it; where standard input is none, from its next line; or from a
//! file of its owner's alone. The questions are the sentences `ask-passphrase`, `ask-passphrase-new` and `ask-passphrase-again`.
//!
//! Not here: what a passphrase opens. It is taken as typed: nothing is trimmed but the end of the line.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use raccordo_machine::files;
use zeroize::Zeroizing;

use crate::text::Texts;

/// The shortest passphrase, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// The longest, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseFault {
    /// An empty one, or one that is soon guessed.
    #[error("the passphrase is too short")]
    Short,
    /// One that nobody types.
    #[error("the passphrase is too long")]
    Long,
    /// A new one, typed in two ways.
    #[error("the two passphrases differ")]
    Differ,
    /// Others than its owner may open its file.
    #[error("{} may be read by others than its owner", .0.display())]
    FileOpen(PathBuf),
    /// Its file has more than one line.
    #[error("{} has more than one line", .0.display())]
    FileLines(PathBuf),
    /// The terminal, standard input or the file cannot be read.
    #[error("reading the passphrase from {}", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
}

impl PassphraseFault {
    /// A stable name, for catalogues and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Short => "PASSPHRASE_SHORT",
            Self::Long => "PASSPHRASE_LONG",
            Self::Differ => "PASSPHRASES_DIFFER",
            Self::FileOpen(_) => "PASSPHRASE_FILE_PERMISSIONS",
            Self::FileLines(_) => "PASSPHRASE_FILE_LINES",
            Self::Unreadable(..) => "PASSPHRASE_UNREADABLE",
        }
    }

    /// Arguments of its sentence.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Short => vec![("min", PASSPHRASE_CHARS_MIN.to_string())],
            Self::Long => vec![("max", PASSPHRASE_BYTES_MAX.to_string())],
            Self::Differ => Vec::new(),
            Self::FileOpen(path) | Self::FileLines(path) => vec![("file", path.display().to_string())],
            Self::Unreadable(path, error) => vec![("file", path.display().to_string()), ("detail", error.to_string())],
        }
    }
}

/// A passphrase of a length that may be one. It has no `Debug`, and is wiped when it goes.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Fails when it is too short or too long.
    pub fn new(text: Zeroizing<String>) -> Result<Self, PassphraseFault> {
        if text.len() > PASSPHRASE_BYTES_MAX {
            return Err(PassphraseFault::Long);
        }
        if text.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(PassphraseFault::Short);
        }
        Ok(Self(text))
    }

    /// As typed, in UTF-8: never to be written anywhere.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The passphrase that there is: in `file`, or asked for.
pub fn known(texts: &Texts, file: Option<&Path>) -> Result<Passphrase, PassphraseFault> {
    Passphrase::new(file.map_or_else(|| asked(texts, "ask-passphrase"), in_file)?)
}

/// A new one: on the terminal twice, for nobody has seen what was typed.
pub fn new_one(texts: &Texts, file: Option<&Path>) -> Result<Passphrase, PassphraseFault> {
    if let Some(file) = file {
        return Passphrase::new(in_file(file)?);
    }
    let first = Passphrase::new(asked(texts, "ask-passphrase-new")?)?;
    if io::stdin().is_terminal() && *asked(texts, "ask-passphrase-again")? != *first.0 {
        return Err(PassphraseFault::Differ);
    }
    Ok(first)
}

fn asked(texts: &Texts, prompt: &str) -> Result<Zeroizing<String>, PassphraseFault> {
    if !io::stdin().is_terminal() {
        return line(Path::new("stdin"), |byte| rustix::io::read(io::stdin(), byte).map_err(io::Error::from));
    }
    let prompt = format!("{} ", texts.say(prompt, &[("min", &PASSPHRASE_CHARS_MIN.to_string())]));
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(unreadable(Path::new("/dev/tty")))
}

/// The one line of a file that nobody but its owner may open.
fn in_file(path: &Path) -> Result<Zeroizing<String>, PassphraseFault> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    if files::is_open(&file.metadata().map_err(unreadable(path))?) {
        return Err(PassphraseFault::FileOpen(path.to_owned()));
    }
    let line = line(path, |byte| file.read(byte))?;
    match file.read(&mut [0]).map_err(unreadable(path))? {
        0 => Ok(line),
        _ => Err(PassphraseFault::FileLines(path.to_owned())),
    }
}

/// One line, byte by byte: what follows it stays where it is, and no buffer of somebody else's keeps a copy.
fn line(path: &Path, mut read: impl FnMut(&mut [u8; 1]) -> io::Result<usize>) -> Result<Zeroizing<String>, PassphraseFault> {
    // Reserved whole: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(PASSPHRASE_BYTES_MAX + 1));
    let mut byte = Zeroizing::new([0]);
    while read(&mut byte).map_err(unreadable(path))? == 1 && byte[0] != b'\n' {
        if bytes.len() > PASSPHRASE_BYTES_MAX {
            return Err(PassphraseFault::Long);
        }
        bytes.push(byte[0]);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let text = core::str::from_utf8(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
    let text = text.map_err(unreadable(path))?;
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    line.push_str(text);
    Ok(line)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> PassphraseFault {
    let path = path.to_owned();
    move |error| PassphraseFault::Unreadable(path, error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::text::{Catalogues, Lang};

    fn code(result: Result<Passphrase, PassphraseFault>) -> Option<&'static str> {
        result.err().map(|fault| fault.code())
    }

    #[test]
    fn a_passphrase_has_twelve_characters_and_no_thousand() {
        let of = |text: &str| code(Passphrase::new(Zeroizing::new(text.to_owned())));
        for short in ["", "undici-undi", "àèìòùàèìòùà"] {
            assert_eq!(of(short), Some("PASSPHRASE_SHORT"), "{short}");
        }
        assert_eq!(of("àèìòùàèìòùàè"), None, "characters, not bytes");
        assert_eq!(of(&"x".repeat(PASSPHRASE_BYTES_MAX)), None);
        assert_eq!(of(&"x".repeat(PASSPHRASE_BYTES_MAX + 1)), Some("PASSPHRASE_LONG"));
    }

    #[test]
    fn a_line_is_taken_as_typed_and_what_follows_is_left() {
        let mut input = &b"  prima riga \r\nseconda\n\nquarta"[..];
        let mut next = || line(Path::new("stdin"), |byte| input.read(byte)).expect("text").to_string();
        let lines = [next(), next(), next(), next(), next()];
        assert_eq!(lines, ["  prima riga ", "seconda", "", "quarta", ""]);
        let code = |read: &mut dyn io::Read| line(Path::new("stdin"), |byte| read.read(byte)).err().map(|fault| fault.code());
        assert_eq!(code(&mut io::repeat(b'x')), Some("PASSPHRASE_LONG"));
        assert_eq!(code(&mut &b"\xff\xfe\n"[..]), Some("PASSPHRASE_UNREADABLE"));
    }

    #[test]
    fn a_passphrase_file_is_its_owners_and_holds_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frase");
        let texts = Texts::new(Lang::It, Catalogues { it: "", en: "" });
        let read = |text: &str, mode| {
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its own file");
            let (known, new) = (known(&texts, Some(&path)), new_one(&texts, Some(&path)));
            assert_eq!(known.as_ref().err().map(PassphraseFault::code), code(new));
            known.map(|passphrase| passphrase.bytes().to_vec()).map_err(|fault| fault.code())
        };
        assert_eq!(read("dodici lettere \n", 0o600), Ok(b"dodici lettere ".to_vec()));
        assert_eq!(read("dodici lettere", 0o400), Ok(b"dodici lettere".to_vec()));
        assert_eq!(read("dodici lettere\n", 0o640), Err("PASSPHRASE_FILE_PERMISSIONS"));
        assert_eq!(read("dodici lettere\n", 0o604), Err("PASSPHRASE_FILE_PERMISSIONS"));
        assert_eq!(read("dodici lettere\ne una riga\n", 0o600), Err("PASSPHRASE_FILE_LINES"));
        assert_eq!(read("", 0o600), Err("PASSPHRASE_SHORT"));
        assert_eq!(read(&"x".repeat(PASSPHRASE_BYTES_MAX + 2), 0o600), Err("PASSPHRASE_LONG"));
        assert_eq!(code(known(&texts, Some(Path::new("nowhere")))), Some("PASSPHRASE_UNREADABLE"));
    }
}
