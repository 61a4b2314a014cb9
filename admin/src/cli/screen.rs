//! What comes out: sentences, plans and failures, as lines for a person or as one JSON object.
//!
//! Not here: what there is to say; how a line is written (`raccordo_terminal::out`).

use raccordo_terminal::out::Out;
use raccordo_terminal::text::{Sentence, Texts};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::review::{Change, How, Thing};

/// Where a command speaks.
pub struct Screen(Out);

impl Screen {
    /// In this language, for people or for machines.
    pub fn new(texts: Texts, json: bool) -> Self {
        Self(Out::new(texts, json))
    }

    /// The sentences.
    pub fn texts(&self) -> &Texts {
        &self.0.texts
    }

    /// A sentence for a person; nothing with `--json`.
    pub fn say(&self, id: &str, args: &[(&str, &str)]) {
        if !self.0.json {
            self.0.line(&self.0.texts.say(id, args));
        }
    }

    /// Lines in columns; nothing with `--json`.
    pub fn table(&self, rows: &[Vec<String>]) {
        if self.0.json {
            return;
        }
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
        for row in rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
            self.0.line(cells.join("  ").trim_end());
        }
    }

    /// Sentences of the answer; nothing with `--json`.
    pub fn tell(&self, sentences: &[Sentence]) {
        if !self.0.json {
            sentences.iter().for_each(|sentence| self.0.line(&self.0.texts.tell(sentence)));
        }
    }

    /// A picture made of characters; nothing with `--json`.
    pub fn picture(&self, picture: &str) {
        if !self.0.json {
            picture.lines().for_each(|line| self.0.line(line));
        }
    }

    /// The answer as JSON; nothing without `--json`.
    pub fn object(&self, value: &Value) {
        if self.0.json {
            self.0.object(value);
        }
    }

    /// A script for a shell, as it is or in an object.
    pub fn script(&self, script: &str) {
        self.0.script(script);
    }

    /// Why a part of the answer was not written.
    pub fn unwritten(&self) -> Option<Failure> {
        self.0.unwritten().map(|error| Failure::new(Exit::Machine, "ANSWER_NOT_WRITTEN").with("detail", error))
    }

    /// Sentences beside the answer: warnings, and what a signature will ask for.
    pub fn warn(&self, sentences: &[Sentence]) {
        if !self.0.json {
            sentences.iter().for_each(|sentence| self.0.beside(&self.0.texts.tell(sentence)));
        }
    }

    /// Tells a failure, and every fault it is made of; returns how the program ends.
    pub fn failure(&self, failure: &Failure) -> Exit {
        let args: Vec<(&str, &str)> = failure.args.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let sentence = self.0.texts.say(&failure.message_id(), &args);
        if self.0.json {
            let mut object = json!({"error": {"code": failure.code, "message": sentence}});
            if !failure.faults.is_empty() {
                object["faults"] = self.told(&failure.faults);
            }
            self.0.object(&object);
        } else {
            self.0.beside(&sentence);
            failure.faults.iter().for_each(|fault| self.0.beside(&format!("  {}", self.0.texts.tell(fault))));
        }
        failure.exit
    }

    /// Sentences as JSON.
    pub fn told(&self, sentences: &[Sentence]) -> Value {
        let one = |sentence: &Sentence| json!({"code": sentence.id, "message": self.0.texts.tell(sentence)});
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
        let thing = self.0.texts.say(change.thing.id(), &[]);
        let args = [("thing", &*thing), ("id", &change.id), ("name", &change.name)];
        match &change.how {
            How::Create => self.say("plan-create", &args),
            How::Gone => self.say("plan-gone", &args),
            How::Nothing => {}
            How::Change(details) => {
                self.say("plan-change", &args);
                for detail in details {
                    let field = self.0.texts.say(detail.field, &[]);
                    let args = [("field", &*field), ("from", &*detail.from), ("to", &*detail.to)];
                    if !self.0.json {
                        self.0.line(&format!("    {}", self.0.texts.say("plan-detail", &args)));
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
