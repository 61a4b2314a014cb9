//! What comes out of a program: lines for a person, or one JSON object. Everything passes here, so that a stranger's text cannot
//! move the cursor of whoever reads it, and an answer that nobody could read is no success.
//!
//! Not here: what there is to say.

use std::io::{self, Write};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::text::Texts;

/// Where a command speaks.
pub struct Out {
    /// The sentences.
    pub texts: Texts,
    /// Whether one JSON object is asked for.
    pub json: bool,
    /// The first line that could not be written, and why.
    unwritten: OnceLock<io::Error>,
}

impl Out {
    /// In this language, for people or for machines.
    pub fn new(texts: Texts, json: bool) -> Self {
        Self { texts, json, unwritten: OnceLock::new() }
    }

    /// A line of the answer.
    pub fn line(&self, text: &str) {
        if let Err(error) = print(text) {
            let _the_first_says_enough = self.unwritten.set(error);
        }
    }

    /// A line beside the answer.
    pub fn beside(&self, text: &str) {
        let _nobody_could_be_told = writeln!(io::stderr().lock(), "{}", plain(text));
    }

    /// The answer, as JSON.
    pub fn object(&self, value: &Value) {
        self.line(&value.to_string());
    }

    /// The answer: this object where JSON is asked for, else these lines.
    pub fn answer(&self, object: &Value, lines: &str) {
        if self.json { self.object(object) } else { self.line(lines) }
    }

    /// A script for a shell, as it is or in an object.
    pub fn script(&self, script: &str) {
        self.answer(&json!({"script": script}), script.trim_end());
    }

    /// Why the answer, or a part of it, was not written: a command may not end well when nobody could read what it said.
    pub fn unwritten(&self) -> Option<&io::Error> {
        self.unwritten.get()
    }
}

/// Writes a line of the answer.
pub fn print(text: &str) -> io::Result<()> {
    write_to(&mut io::stdout().lock(), text)
}

/// A reader that has gone is no failure of ours: it had what it wanted.
fn write_to(out: &mut impl Write, text: &str) -> io::Result<()> {
    match writeln!(out, "{}", plain(text)).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Without the characters that move cursors, colour terminals or turn the direction of what follows.
pub fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if (c.is_control() && c != '\n' && c != '\t') || turns(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd\te"), "a\u{fffd}[2Jb\u{fffd}c\nd\te");
    }

    #[test]
    fn an_answer_that_cannot_be_written_is_told_and_a_gone_reader_is_not() {
        struct Full(io::ErrorKind);
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(write_to(&mut Full(io::ErrorKind::StorageFull), "x").is_err());
        assert!(write_to(&mut Full(io::ErrorKind::BrokenPipe), "x").is_ok());
        assert!(write_to(&mut Vec::new(), "x").is_ok());
    }
}
