//! The symbolic models (`docs/models`): each has its expected answers, one per query, and `run` compares. The provers are
//! played by a script here. Not here: the provers' own verdicts, which `docs/models/run` asks for where they are installed.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use raccordo_tests::results;

use crate::root;

fn folder() -> PathBuf {
    root().join("docs/models")
}

/// Answers by file.
fn expected(text: &str) -> BTreeMap<String, Vec<String>> {
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let split = rows.map(|row| {
        let mut words = row.split_whitespace().map(str::to_owned);
        (words.next().expect("a file"), words.collect())
    });
    split.collect()
}

/// Queries by file.
fn models(folder: &Path) -> BTreeMap<String, usize> {
    let names = fs::read_dir(folder).expect("docs/models").map(|entry| entry.expect("an entry").path());
    let models = names.filter(|path| path.extension().is_some_and(|kind| kind == "vp" || kind == "pv"));
    let counted = models.map(|path| {
        let text = fs::read_to_string(&path).expect("text");
        let queries = match text.split_once("queries[") {
            Some((_, queries)) => queries.lines().filter(|line| line.contains('?')).count(),
            None => text.lines().filter(|line| line.starts_with("query ")).count(),
        };
        (path.file_name().expect("a name").to_string_lossy().into_owned(), queries)
    });
    counted.collect()
}

/// What does not fit between the files and their expected answers.
fn misfits(models: &BTreeMap<String, usize>, expected: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut misfits: Vec<String> = expected.keys().filter(|name| !models.contains_key(*name)).cloned().collect();
    for (name, queries) in models {
        let fits = expected.get(name).is_some_and(|answers| {
            answers.len() == *queries && *queries > 0 && answers.iter().all(|answer| answer == "true" || answer == "false")
        });
        if !fits {
            misfits.push(name.clone());
        }
    }
    misfits
}

#[test]
fn every_model_has_its_answers_and_every_answer_its_model() {
    let expected = expected(&fs::read_to_string(folder().join("expected.txt")).expect("expected.txt"));
    let models = models(&folder());
    assert!(models.len() >= 22, "{} models", models.len());
    assert_eq!(misfits(&models, &expected), [""; 0]);
    results::write("T12", "models with an expected answer to each query", expected.len(), models.len(), file!());
}

#[test]
fn a_model_without_answers_and_answers_without_a_model_are_seen() {
    let models = BTreeMap::from([("a.vp".to_owned(), 2), ("b.pv".to_owned(), 1), ("c.pv".to_owned(), 1)]);
    let answers = expected("# head\na.vp true\nb.pv false\nd.pv true\n");
    assert_eq!(misfits(&models, &answers), ["d.pv", "a.vp", "c.pv"]);
}

/// Runs `run` with this script as Verifpal, and no ProVerif.
fn run_with(verifpal: Option<&str>) -> Output {
    let dir = tempfile::tempdir().expect("a folder");
    let tool = dir.path().join("verifpal");
    if let Some(script) = verifpal {
        fs::write(&tool, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&tool, Permissions::from_mode(0o700)).expect("its own file");
    }
    let mut run = Command::new(folder().join("run"));
    run.env("VERIFPAL", &tool).env("PROVERIF", dir.path().join("absent")).output().expect("a shell")
}

#[test]
fn the_comparison_passes_what_is_expected_and_fails_on_anything_else() {
    // Verifpal's code for a model, made from expected.txt: what the real one prints last.
    let honest = r#"sed -n "s/^$2 *//p" expected.txt | sed 's/true */c0/g; s/false */c1/g'"#;
    let run = run_with(Some(honest));
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!((run.status.code(), told.contains("models: verifpal 6 ran, proverif 0 ran, 0 differ")), (Some(0), true), "{told}");
    assert!(told.contains("absent: "), "{told}");
    for wrong in [&format!("{honest} | sed s/c1/c0/"), "echo c0", "exit 1"] {
        let run = run_with(Some(wrong));
        assert_eq!(run.status.code(), Some(1), "{wrong}: {}", String::from_utf8_lossy(&run.stdout));
    }
    assert_eq!(run_with(None).status.code(), Some(3), "nothing ran");
}
