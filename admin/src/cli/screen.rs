//! What comes out: lines for a person, or one JSON object. Everything passes here, so that a stranger's text cannot move the
//! cursor of whoever reads it.
//!
//! Not here: what there is to say.

use std::io::{self, Write as _};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::review::{Change, How, Thing};
use crate::text::{Sentence, Texts};

/// Where a command speaks.
pub struct Screen {
    /// The sentences.
    pub texts: Texts,
    /// Whether one JSON object is asked for.
    pub json: bool,
    unwritten: OnceLock<io::Error>,
}

impl Screen {
    /// In this language, for people or for machines.
    pub fn new(texts: Texts, json: bool) -> Self {
        Self { texts, json, unwritten: OnceLock::new() }
    }

    /// A sentence for a person; nothing with `--json`.
    pub fn say(&self, id: &str, args: &[(&str, &str)]) {
        if !self.json {
            self.line(&self.texts.say(id, args));
        }
    }

    /// The answer as JSON; nothing without `--json`.
    pub fn object(&self, value: &Value) {
        if self.json {
            self.line(&value.to_string());
        }
    }

    fn line(&self, text: &str) {
        let mut out = io::stdout().lock();
        match writeln!(out, "{}", plain(text)).and_then(|()| out.flush()) {
            // A reader that has gone is no failure of ours.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => drop(self.unwritten.set(error)),
            _ => {}
        }
    }

    /// Why a part of the answer was not written.
    pub fn unwritten(&self) -> Option<Failure> {
        self.unwritten.get().map(|error| Failure::new(Exit::Machine, "ANSWER_NOT_WRITTEN").with("detail", error))
    }

    /// A line beside the answer.
    pub fn beside(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", plain(text));
    }

    /// Sentences beside the answer: warnings, and what a signature will ask for.
    pub fn warn(&self, sentences: &[Sentence]) {
        if !self.json {
            sentences.iter().for_each(|sentence| self.beside(&self.texts.tell(sentence)));
        }
    }

    /// Tells a failure, and every fault it is made of; returns how the program ends.
    pub fn failure(&self, failure: &Failure) -> Exit {
        let args: Vec<(&str, &str)> = failure.args.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let sentence = self.texts.say(&failure.message_id(), &args);
        if self.json {
            let mut object = json!({"error": {"code": failure.code, "message": sentence}});
            if !failure.faults.is_empty() {
                object["faults"] = self.told(&failure.faults);
            }
            self.line(&object.to_string());
        } else {
            self.beside(&sentence);
            failure.faults.iter().for_each(|fault| self.beside(&format!("  {}", self.texts.tell(fault))));
        }
        failure.exit
    }

    /// Sentences as JSON.
    pub fn told(&self, sentences: &[Sentence]) -> Value {
        let one = |sentence: &Sentence| json!({"code": sentence.id, "message": self.texts.tell(sentence)});
        sentences.iter().map(one).collect()
    }

    /// A plan in words: what is created, changed and gone; what stays is counted.
    pub fn plan(&self, changes: &[Change]) {
        let (places, things): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.thing == Thing::Territory);
        things.iter().for_each(|change| self.change(change));
        let count = |fits: fn(&How) -> bool| places.iter().filter(|place| fits(&place.how)).count().to_string();
        let (created, gone) = (count(|how| *how == How::Create), count(|how| *how == How::Gone));
        let (changed, same) = (count(|how| matches!(how, How::Change(_))), count(|how| *how == How::Nothing));
        if places.iter().any(|place| place.how != How::Nothing) {
            let args = [("created", &*created), ("changed", &*changed), ("same", &*same), ("gone", &*gone)];
            self.say("plan-territories", &args);
        }
        let same = changes.iter().filter(|change| change.how == How::Nothing).count();
        if same > 0 {
            self.say("plan-same", &[("count", &same.to_string())]);
        }
    }

    fn change(&self, change: &Change) {
        let thing = self.texts.say(change.thing.id(), &[]);
        let args = [("thing", &*thing), ("id", &change.id), ("name", &change.name)];
        match &change.how {
            How::Create => self.say("plan-create", &args),
            How::Gone => self.say("plan-gone", &args),
            How::Nothing => {}
            How::Change(details) => {
                self.say("plan-change", &args);
                for detail in details {
                    let field = self.texts.say(detail.field, &[]);
                    let args = [("field", &*field), ("from", &*detail.from), ("to", &*detail.to)];
                    if !self.json {
                        self.line(&format!("    {}", self.texts.say("plan-detail", &args)));
                    }
                }
            }
        }
    }
}

/// A plan as JSON.
pub fn plan_object(changes: &[Change]) -> Value {
    let bare = |id: &'static str, prefix| id.strip_prefix(prefix).unwrap_or(id);
    let one = |change: &Change| {
        let mut object = json!({"thing": bare(change.thing.id(), "thing-"), "id": change.id, "name": change.name});
        object["how"] = match &change.how {
            How::Create => "create".into(),
            How::Nothing => "nothing".into(),
            How::Gone => "gone".into(),
            How::Change(_) => "change".into(),
        };
        if let How::Change(details) = &change.how {
            let detail = |d: &crate::review::Detail| json!({"field": bare(d.field, "field-"), "from": d.from, "to": d.to});
            object["details"] = details.iter().map(detail).collect();
        }
        object
    };
    changes.iter().map(one).collect()
}

/// Without the characters that move cursors, colour terminals or turn the direction of what follows.
fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if (c.is_control() && c != '\n') || turns(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
    }
}
