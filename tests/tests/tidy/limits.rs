//! Every number stands in a document and in the code, and is the same: the protocol's limits in PROTOCOL.md, one machine's
//! own in ARCHITECTURE.md. A limit that is in the code alone is a fault, and so is one that is in the document alone.

use std::collections::BTreeMap;
use std::fs;

use crate::root;
use crate::sources::sources;

/// Limits by name: counts and bytes as they are, durations in milliseconds.
type Limits = BTreeMap<String, u64>;

/// `const NAME: T = expression;`, public or not.
fn constants(text: &str, known: &Limits) -> Limits {
    let mut found = known.clone();
    let mut own = Limits::new();
    for line in text.lines() {
        let code = line.trim_start();
        let code = code.strip_prefix("pub(super) ").or(code.strip_prefix("pub ")).unwrap_or(code);
        let Some((name, rest)) = code.strip_prefix("const ").and_then(|code| code.split_once(": ")) else { continue };
        let value = rest.split_once(" = ").and_then(|(_, value)| value.split_once(';'));
        if let Some(value) = value.and_then(|(value, _)| evaluate(value, &found)) {
            found.insert(name.to_owned(), value);
            own.insert(name.to_owned(), value);
        }
    }
    own
}

/// Sums of products of numbers and known names, and durations of them.
fn evaluate(value: &str, known: &Limits) -> Option<u64> {
    let value = value.trim().trim_start_matches("core::time::");
    for (unit, millis) in [("Duration::from_secs(", 1000), ("Duration::from_millis(", 1)] {
        if let Some(inside) = value.strip_prefix(unit) {
            return Some(evaluate(inside.strip_suffix(')')?, known)? * millis);
        }
    }
    let number = |text: &str| known.get(text).copied().or_else(|| text.replace('_', "").parse().ok());
    let product = |text: &str| text.split('*').try_fold(1, |all, factor| Some(all * number(factor.trim())?));
    value.split('+').try_fold(0, |all, term| Some(all + product(term)?))
}

/// `1,024`, `64 KiB`, `0.5 s`, `90 days` as the code counts them.
fn quantity(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let number: f64 = number.replace(',', "").parse().ok()?;
    let times = match unit {
        "" | "days" | "ms" => 1.0,
        "s" => 1000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        _ => return None,
    };
    Some((number * times).round() as u64)
}

/// Names in backticks that are constants' names.
fn names(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
    quoted.filter(is_name).map(str::to_owned).collect()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a document")
}

/// Rows of PROTOCOL.md's table of limits: name and value.
fn protocol_table(text: &str) -> Limits {
    let table = text.split("\n## Limits\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let rows = table.lines().filter_map(|row| {
        let mut cells = row.split('|').skip(1);
        Some((names(cells.next()?).pop()?, quantity(cells.next()?)?))
    });
    rows.collect()
}

/// What differs between a table and the code.
fn differences(table: &Limits, code: &Limits) -> Vec<String> {
    let mut names: Vec<&String> = table.keys().chain(code.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| table.get(*name) != code.get(*name)).cloned().collect()
}

fn protocol_limits() -> Limits {
    constants(&document("proto/src/limits.rs"), &Limits::new())
}

#[test]
fn the_protocols_limits_are_the_codes() {
    let (text, code) = (document("docs/PROTOCOL.md"), protocol_limits());
    assert!(code.len() > 50, "{} limits", code.len());
    assert_eq!(differences(&protocol_table(&text), &code), [""; 0]);
    let lines = document("proto/src/limits.rs").lines().filter(|line| line.starts_with("pub const ")).count();
    assert_eq!(lines, code.len(), "every one of them was understood");
}

#[test]
fn a_limit_that_differs_is_seen() {
    let (text, code) = (document("docs/PROTOCOL.md"), protocol_limits());
    let changed = text.replacen("| `WAITING_MAX` | 10,000 ", "| `WAITING_MAX` | 10,001 ", 1);
    assert_eq!(differences(&protocol_table(&changed), &code), ["WAITING_MAX"]);
    let fewer: String = text.lines().filter(|line| !line.starts_with("| `EK_BYTES` ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(differences(&protocol_table(&fewer), &code), ["EK_BYTES"]);
    let mut more = code.clone();
    more.insert("NEW_MAX".to_owned(), 1);
    assert_eq!(differences(&protocol_table(&text), &more), ["NEW_MAX"]);
}

/// ARCHITECTURE.md's own limits: (name, file) to value. The nth number of a row is its nth name's, or its nth file's.
fn machine_table(text: &str) -> BTreeMap<(String, String), u64> {
    let table = text.split("\n## Limits of one machine").nth(1).unwrap_or_default();
    let mut limits = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').skip(1).collect();
        let [numbers, what, place, ..] = cells[..] else { continue };
        let files: Vec<&str> = place.split('`').skip(1).step_by(2).collect();
        let (numbers, names): (Vec<_>, _) = (numbers.split(", ").map(quantity).collect(), names(what));
        for (at, number) in numbers.iter().enumerate() {
            let name = names.get(at).or(names.last());
            let file = files.get(at).or(files.last());
            if let (Some(number), Some(name), Some(file)) = (number, name, file) {
                limits.insert((name.clone(), (*file).to_owned()), *number);
            }
        }
    }
    limits
}

/// The shells' constants: (name, file) to value, and whether the name says that it is a limit.
fn machine_limits() -> BTreeMap<(String, String), u64> {
    let known = protocol_limits();
    let mut limits = BTreeMap::new();
    for (path, text) in sources() {
        let is_shell =
            ["agent/src/", "gateway/src/", "admin/src/", "casework/src/", "shell/"].iter().any(|room| path.starts_with(room));
        if is_shell && !path.contains("/tests") && !path.ends_with("tests.rs") {
            let own = constants(&text, &known);
            limits.extend(own.into_iter().map(|(name, value)| ((name, path.clone()), value)));
        }
    }
    limits
}

/// What a table lacks or says wrongly. Names that end in MAX are limits and must be there; others may.
fn misfits(table: &BTreeMap<(String, String), u64>, code: &BTreeMap<(String, String), u64>) -> Vec<String> {
    let absent = code.keys().filter(|(name, _)| name.ends_with("_MAX")).filter(|key| !table.contains_key(*key));
    let wrong = table.iter().filter(|(key, value)| code.get(*key) != Some(*value)).map(|(key, _)| key);
    absent.chain(wrong).map(|(name, file)| format!("{name} of {file}")).collect()
}

#[test]
fn a_machines_own_limits_are_the_codes() {
    let (table, code) = (machine_table(&document("ARCHITECTURE.md")), machine_limits());
    assert!(table.len() > 35, "{} limits", table.len());
    assert_eq!(misfits(&table, &code), [""; 0]);
}

#[test]
fn a_machines_limit_that_differs_or_is_not_written_down_is_seen() {
    let (mut table, mut code) = (machine_table(&document("ARCHITECTURE.md")), machine_limits());
    code.insert(("NEW_MAX".to_owned(), "agent/src/x.rs".to_owned()), 7);
    assert_eq!(misfits(&table, &code), ["NEW_MAX of agent/src/x.rs"]);
    let key = ("GROUP_MAX".to_owned(), "agent/src/desk_task.rs".to_owned());
    table.insert(key.clone(), 1);
    table.insert(("NEW_MAX".to_owned(), "agent/src/x.rs".to_owned()), 7);
    assert_eq!(misfits(&table, &code), ["GROUP_MAX of agent/src/desk_task.rs"]);
    code.remove(&key);
    assert_eq!(misfits(&table, &code).len(), 1, "gone from the code");
}
