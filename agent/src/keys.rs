//! Reads a TOML table key by key and keeps every fault, so that a person mends a file once. For the form and the
//! configuration alike.
//!
//! Not here: what a value may be (casework's rules), and any value: a fault names the key only, because what was typed may
//! be hers.

use std::collections::HashMap;

use raccordo_casework::wire::Fault;
use toml::{Table, Value};

/// A table being read, and the faults found so far.
pub struct Keys<'a> {
    table: &'a Table,
    prefix: String,
    known: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

/// Parses a file. Its syntax error becomes one fault with the line, and without the text of the line.
pub fn parse(text: &str, faults: &mut Vec<Fault>) -> Option<Table> {
    match text.parse::<Table>() {
        Ok(table) => Some(table),
        Err(error) => {
            let until = error.span().map_or(0, |span| span.start).min(text.len());
            let line = 1 + text.as_bytes()[..until].iter().filter(|byte| **byte == b'\n').count();
            faults.push(fault(String::new(), "not-toml", &[("line", &line.to_string())]));
            None
        }
    }
}

/// A fault.
pub fn fault(key: String, code: &str, args: &[(&str, &str)]) -> Fault {
    let args: HashMap<_, _> = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Fault { key, code: code.to_owned(), args }
}

impl<'a> Keys<'a> {
    /// Starts with the whole file.
    pub fn new(table: &'a Table, faults: &'a mut Vec<Fault>) -> Self {
        Self { table, prefix: String::new(), known: Vec::new(), faults }
    }

    /// A text; empty when it is absent or not a text.
    pub fn text(&mut self, key: &'static str) -> String {
        self.optional_text(key).unwrap_or_default()
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text.clone()),
            _ => self.wrong_type(key, "text"),
        }
    }

    /// A text that must be there.
    pub fn required_text(&mut self, key: &'static str) -> String {
        if !self.table.contains_key(key) {
            self.fault(key, "required", &[]);
        }
        self.text(key)
    }

    /// true or false; nothing when it is absent or neither.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        match self.take(key)? {
            Value::Boolean(flag) => Some(*flag),
            _ => self.wrong_type(key, "flag"),
        }
    }

    /// A whole number between two others; nothing when it is absent or something else.
    pub fn number(&mut self, key: &'static str, min: u32, max: u32) -> Option<u32> {
        let Value::Integer(number) = self.take(key)? else { return self.wrong_type(key, "number") };
        let fits = u32::try_from(*number).ok().filter(|number| (min..=max).contains(number));
        if fits.is_none() {
            self.fault(key, "out-of-range", &[("min", &min.to_string()), ("max", &max.to_string())]);
        }
        fits
    }

    /// A list of texts; empty when it is absent or something else.
    pub fn list(&mut self, key: &'static str) -> Vec<String> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let texts = value
            .as_array()
            .and_then(|values| values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
        texts.or_else(|| self.wrong_type(key, "list")).unwrap_or_default()
    }

    /// A date as ISO text; empty when it is absent or none. A text passes as it is: the rules say whether it is a date.
    pub fn date(&mut self, key: &'static str) -> String {
        let date = match self.take(key) {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Datetime(when)) => match (when.date, when.time) {
                (Some(date), None) => Some(date.to_string()),
                _ => {
                    self.fault(key, "bad-date", &[]);
                    None
                }
            },
            Some(_) => self.wrong_type(key, "date"),
        };
        date.unwrap_or_default()
    }

    /// A table that may be absent.
    pub fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Keys<'_>) -> T) -> Option<T> {
        match self.take(key)? {
            Value::Table(table) => Some(self.nested(table, format!("{}{key}", self.prefix), read)),
            _ => self.wrong_type(key, "table"),
        }
    }

    /// A list of tables, counted from 1 in the keys of their faults.
    pub fn tables<T>(&mut self, key: &'static str, mut read: impl FnMut(&mut Keys<'_>) -> T) -> Vec<T> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let tables = value.as_array().and_then(|values| values.iter().map(Value::as_table).collect::<Option<Vec<_>>>());
        let Some(tables) = tables.or_else(|| self.wrong_type(key, "tables")) else { return Vec::new() };
        let rows = tables.into_iter().enumerate();
        rows.map(|(row, table)| self.nested(table, format!("{}{key}[{}]", self.prefix, row + 1), &mut read)).collect()
    }

    /// Ends the reading: every key that nobody asked for is a fault.
    pub fn finish(self) {
        for key in self.table.keys().filter(|key| !self.known.contains(&key.as_str())) {
            let shown = if is_plain(key) { key.as_str() } else { "?" };
            self.faults.push(fault(format!("{}{shown}", self.prefix), "unknown-key", &[]));
        }
    }

    /// Whether the file has this key.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Faults found so far, in the whole file.
    pub fn fault_count(&self) -> usize {
        self.faults.len()
    }

    /// Notes a fault of one key of this table.
    pub fn fault(&mut self, key: &str, code: &str, args: &[(&str, &str)]) {
        self.faults.push(fault(format!("{}{key}", self.prefix), code, args));
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.table.get(key)
    }

    fn wrong_type<T>(&mut self, key: &str, expected: &str) -> Option<T> {
        self.fault(key, "wrong-type", &[("expected", expected)]);
        None
    }

    fn nested<T>(&mut self, table: &Table, path: String, read: impl FnOnce(&mut Keys<'_>) -> T) -> T {
        let mut keys = Keys { table, prefix: format!("{path}."), known: Vec::new(), faults: self.faults };
        let value = read(&mut keys);
        keys.finish();
        value
    }
}

/// A key that looks like one may be shown; a sentence typed in its place may not.
fn is_plain(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
