//! What comes out: sentences and failures of the agent, as lines for a person or as one JSON object.
//!
//! Not here: what there is to say; how a line is written (`raccordo_terminal::out`).

use raccordo_casework::wire::Fault;
use raccordo_terminal::out::Out;
use raccordo_terminal::text::Texts;
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};

/// Where a command speaks.
pub struct Screen(Out);

impl Screen {
    /// In this language, for people or for machines.
    pub fn new(texts: Texts, json: bool) -> Self {
        Self(Out::new(texts, json))
    }

    /// Whether one JSON object is asked for.
    pub fn is_json(&self) -> bool {
        self.0.json
    }

    /// The sentences.
    pub fn texts(&self) -> &Texts {
        &self.0.texts
    }

    /// A sentence.
    pub fn say(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.0.texts.say(id, args)
    }

    /// A sentence with a number.
    pub fn count(&self, id: &str, count: u32) -> String {
        self.0.texts.count(id, count)
    }

    /// The sentence of a code: `<family>-<code>`, or the family's sentence for unknown codes.
    pub fn code(&self, families: &[&str], code: &str, args: &[(&str, &str)]) -> String {
        let known = families.iter().map(|family| format!("{family}-{}", kebab(code))).find(|id| self.0.texts.has(id));
        match (known, families.first()) {
            (Some(id), _) => self.say(&id, args),
            (None, Some(family)) => self.say(&format!("{family}-unknown"), &[("code", code)]),
            (None, None) => code.to_owned(),
        }
    }

    /// A line of the answer.
    pub fn line(&self, text: &str) {
        self.0.line(text);
    }

    /// A line beside the answer.
    pub fn beside(&self, text: &str) {
        self.0.beside(text);
    }

    /// The answer, as JSON.
    pub fn object(&self, value: &Value) {
        self.0.object(value);
    }

    /// The answer: this object where JSON is asked for, else these lines. The command has ended well.
    pub fn answer(&self, object: &Value, lines: &str) -> Exit {
        self.0.answer(object, lines);
        Exit::Ok
    }

    /// A script for a shell, as it is or in an object.
    pub fn script(&self, script: &str) -> Exit {
        self.0.script(script);
        Exit::Ok
    }

    /// Why the answer, or a part of it, was not written: a command may not end well when nobody could read what it said.
    pub fn unwritten(&self) -> Option<Failure> {
        self.0.unwritten().map(|error| Failure::new(Exit::Machine, "ANSWER_NOT_WRITTEN").with("detail", error))
    }

    /// The sentence of a failure.
    pub fn sentence(&self, failure: &Failure) -> String {
        let expires = failure.args.iter().find(|(key, _)| key == "expires").map(|(_, millis)| millis);
        if let ("refusal-directory-expired", Some(millis)) = (failure.message_id().as_str(), expires) {
            let when = millis.parse().map_or_else(|_| millis.clone(), date_time);
            return self.say("refusal-directory-expired-on", &[("expires", &when)]);
        }
        let args: Vec<(&str, &str)> = failure.args.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        match self.0.texts.has(&failure.message_id()) {
            true => self.say(&failure.message_id(), &args),
            false => self.say("refusal-unknown", &[("code", &failure.code)]),
        }
    }

    /// Tells a failure, and every fault it is made of; returns how the program ends.
    pub fn failure(&self, failure: &Failure) -> Exit {
        let sentence = self.sentence(failure);
        if self.0.json {
            let mut object = json!({"error": {"code": failure.code, "message": sentence}});
            if !failure.faults.is_empty() {
                let told = |fault: &Fault| json!({"key": fault.key, "code": fault.code, "message": self.fault(fault)});
                object["faults"] = failure.faults.iter().map(told).collect();
            }
            self.object(&object);
        } else {
            self.beside(&sentence);
            let file = failure.file.display().to_string();
            failure.faults.iter().for_each(|fault| self.beside(&self.fault_line(&file, fault)));
        }
        failure.exit
    }

    fn fault_line(&self, file: &str, fault: &Fault) -> String {
        let id = match (file.is_empty(), fault.key.is_empty()) {
            (true, _) => "fault-line-typed",
            _ if fault.key.starts_with("--") => "fault-line-typed",
            (false, true) => "fault-line-whole",
            (false, false) => "fault-line",
        };
        self.say(id, &[("file", file), ("key", &fault.key), ("sentence", &self.fault(fault))])
    }

    fn fault(&self, fault: &Fault) -> String {
        let args: Vec<(&str, &str)> = fault.args.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        self.code(&["fault"], &fault.code, &args)
    }
}

/// `RECIPIENT_ABSENT` as catalogues write it.
pub fn kebab(code: &str) -> String {
    code.to_ascii_lowercase().replace('_', "-")
}

/// An enum's value without the enum's name: `KIND_RISCONTRO` → `RISCONTRO`.
pub fn bare<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// An instant as a clock on an Italian wall shows it.
pub fn date_time(millis: u64) -> String {
    let instant = i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let Some(instant) = instant else { return millis.to_string() };
    instant.to_zoned(rome()).strftime("%d/%m/%Y, %H:%M").to_string()
}

/// A day: `2026-11-20` → `20/11/2026`; anything else as it is.
pub fn day(iso: &str) -> String {
    iso.parse::<jiff::civil::Date>().map_or_else(|_| iso.to_owned(), |date| date.strftime("%d/%m/%Y").to_string())
}

/// Today, as people write it.
pub fn today() -> String {
    jiff::Timestamp::now().to_zoned(rome()).strftime("%d/%m/%Y").to_string()
}

/// Machines without time zone files know the rule all the same.
fn rome() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Rome")
        .or_else(|_| jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"))
        .unwrap_or(jiff::tz::TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use raccordo_terminal::text::Lang;

    use super::*;
    use crate::text::texts;

    #[test]
    fn times_are_those_of_rome() {
        assert_eq!(date_time(1_790_671_260_000), "29/09/2026, 10:41");
        assert_eq!(date_time(1_796_035_260_000), "30/11/2026, 11:41");
        assert_eq!((day("2026-11-20"), day("soon")), ("20/11/2026".to_owned(), "soon".to_owned()));
    }

    #[test]
    fn unknown_codes_get_a_sentence_too() {
        let screen = Screen::new(texts(Lang::It), false);
        assert!(screen.sentence(&Failure::refusal(Exit::Refused, "NEW_RULE")).contains("NEW_RULE"));
        assert!(screen.code(&["fault"], "new-fault", &[]).contains("new-fault"));
        let expired = Failure::refusal(Exit::Refused, "DIRECTORY_EXPIRED");
        assert!(screen.sentence(&expired).contains("è scaduta:"));
        assert!(screen.sentence(&expired.with("expires", 1_790_671_260_000_u64)).contains("29/09/2026"));
    }
}
