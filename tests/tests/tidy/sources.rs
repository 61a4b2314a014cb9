//! What every source file keeps: small enough to see whole, opened by what it is, `unsafe` and sled where they may be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

pub const ROOMS: [&str; 11] = [
    "proto",
    "casework",
    "shell/machine",
    "shell/terminal",
    "shell/atrest",
    "shell/caller",
    "gateway",
    "agent",
    "admin",
    "certs-dev",
    "tests",
];
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn the_walk_goes_through_every_room() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let members = manifest.split("members = [").nth(1).and_then(|rest| rest.split("\n]").next()).expect("members");
    let members: Vec<&str> = members.lines().filter_map(|line| line.trim().strip_prefix('"')?.split('"').next()).collect();
    assert!(members.len() == ROOMS.len() && members.iter().all(|member| ROOMS.contains(member)), "{members:?}");
}

/// Every source file written by hand, as (path from the top, text).
pub fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for room in ROOMS {
        collect(&root().join(room), &mut files);
    }
    assert!(files.len() > 60, "the walk finds the house: {}", files.len());
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(folder).expect("a readable folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).expect("plain names");
        if path.is_dir() && !["gen", "target"].contains(&name) {
            collect(&path, files);
        } else if name.ends_with(".rs") {
            let from_top = path.strip_prefix(root()).expect("below the top").to_string_lossy().into_owned();
            files.push((from_top, fs::read_to_string(&path).expect("text")));
        }
    }
}

/// Functions as (first line, lines): from a `fn` to the closing brace at the same indent.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let starts = lines.iter().enumerate().filter(|(_, line)| {
        let code = line.trim_start();
        !code.starts_with("//") && (code.starts_with("fn ") || code.contains(" fn ")) && !code.ends_with(';')
    });
    let measured = starts.filter_map(|(start, line)| {
        let close = format!("{}}}", " ".repeat(indent(line)));
        if line.trim_end().ends_with('}') {
            return Some((start + 1, 1));
        }
        let end = lines[start..].iter().position(|line| *line == close)?;
        Some((start + 1, end + 1))
    });
    measured.collect()
}

#[test]
fn files_and_functions_are_small_enough_to_see_whole() {
    let files = sources();
    let mut lengths = Vec::new();
    for (path, text) in &files {
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{path} has {lines} lines");
        for (line, len) in functions(text) {
            assert!(len <= FUNCTION_LINES_MAX, "{path}:{line}: a function of {len} lines");
            lengths.push(len);
        }
    }
    let mut file_lines: Vec<usize> = files.iter().map(|(_, text)| text.lines().count()).collect();
    assert!(lengths.len() > 300, "the measure finds functions: {}", lengths.len());
    file_lines.sort_unstable();
    lengths.sort_unstable();
    println!("median file {} lines, median function {} lines", file_lines[file_lines.len() / 2], lengths[lengths.len() / 2]);
}

#[test]
fn the_measure_of_functions_sees_a_long_one() {
    let long = format!("fn long() {{\n{}}}\n", "    work();\n".repeat(80));
    assert_eq!(functions(&long), [(1, 82)]);
}

#[test]
fn every_file_opens_with_what_it_is() {
    for (path, text) in sources() {
        let opens = text.lines().find(|line| !line.starts_with("#!") && !line.is_empty());
        assert!(opens.is_some_and(|line| line.starts_with("//!")), "{path} does not say what it is");
    }
}

#[test]
fn unsafe_stands_in_one_file_only() {
    let keyword = concat!("un", "safe ");
    let users: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(keyword)))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(users, ["gateway/src/zeroing.rs"]);
}

#[test]
fn two_files_know_sled() {
    let engine = concat!("sl", "ed::");
    let users: Vec<String> = sources().into_iter().filter(|(_, text)| text.contains(engine)).map(|(path, _)| path).collect();
    assert_eq!(users, ["gateway/src/store.rs", "agent/src/store/journal.rs"]);
}

#[test]
fn nothing_waits_without_a_limit() {
    let limitless = concat!("unbou", "nded");
    for (path, text) in sources() {
        let found = text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(limitless));
        assert!(!found, "{path} has a queue without a limit");
    }
}

#[test]
fn tests_wait_for_what_happens_and_speak_to_this_machine_only() {
    // The canary polls memory, which gives no event.
    let polls = ["tests/tests/network/canary.rs"];
    let (sleep, anywhere) = (concat!("sl", "eep("), concat!("0.0", ".0.0"));
    let mut seen = 0;
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("tests/") || path.ends_with("tests.rs")) {
        seen += 1;
        assert!(polls.contains(&path.as_str()) || !text.contains(sleep), "{path} sleeps");
        assert!(!text.contains(anywhere), "{path} listens to strangers");
    }
    assert!(seen > 20, "the walk finds the tests: {seen}");
}
