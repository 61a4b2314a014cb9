//! One noun per thing: words that docs/GLOSSARY.md bans are in no name that the code or a schema declares and in no name
//! that a document quotes. A word that is banned for one meaning only («of a case») is a person's to judge.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::root;
use crate::sources::sources;

/// A banned word and the names in which it means something else.
#[derive(Debug)]
struct Banned {
    word: String,
    except: BTreeSet<String>,
}

/// Rows of «Words not to use»: what not, what instead, which names mean something else.
fn banned(glossary: &str) -> Vec<Banned> {
    let table = glossary.split("## Words not to use").nth(1).unwrap_or_default();
    let mut all = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = row.split('|').collect();
        let except: BTreeSet<String> = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if !cells[1].contains('(') {
            let words = cells[1].split(',').map(|word| word.trim().to_lowercase());
            all.extend(words.map(|word| Banned { word, except: except.clone() }));
        }
    }
    all
}

/// A name's words: `readReceipt`, `READ_RECEIPT` and `read_receipts` say «read receipt».
fn spelled(name: &str) -> String {
    let mut spelled = String::from(" ");
    let mut before_lower = false;
    for letter in name.chars() {
        let is_start = letter.is_ascii_uppercase() && before_lower;
        if letter == '_' || is_start {
            spelled.push(' ');
        }
        if letter != '_' {
            spelled.push(letter.to_ascii_lowercase());
        }
        before_lower = letter.is_ascii_lowercase();
    }
    spelled + " "
}

fn says(name: &str, word: &str) -> bool {
    let spelled = spelled(name);
    spelled.contains(&format!(" {word} ")) || spelled.contains(&format!(" {word}s "))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Names that code declares.
fn declared(text: &str) -> BTreeSet<String> {
    let words = ["fn ", "struct ", "enum ", "trait ", "const ", "static ", "mod ", "type "];
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let found = lines.flat_map(|line| {
        words.iter().filter_map(move |word| {
            let at = line.find(word).filter(|at| *at == 0 || !line.as_bytes()[at - 1].is_ascii_alphanumeric())?;
            Some(line[at + word.len()..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?.to_owned())
        })
    });
    found.filter(|name| is_name(name)).collect()
}

/// Names that a schema declares: messages, enumerations, services, calls, fields, values.
fn in_schema(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    let found = lines.filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["message" | "enum" | "service" | "rpc" | "oneof", name, ..] => name.split('(').next(),
            [.., name, "=", number] if number.ends_with(';') => Some(name),
            _ => None,
        }
    });
    found.filter(|name| is_name(name)).map(str::to_owned).collect()
}

/// Names that a document quotes.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).filter(|name| is_name(name)).map(str::to_owned).collect()
}

fn files(folder: &Path, kind: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, kind, found);
        } else if path.extension().is_some_and(|extension| extension == kind) && !path.ends_with("GLOSSARY.md") {
            found.push(fs::read_to_string(path).expect("text"));
        }
    }
}

/// Every name of the house.
fn names() -> BTreeSet<String> {
    let (mut schemas, mut documents) = (Vec::new(), Vec::new());
    files(&root().join("proto/raccordo"), "proto", &mut schemas);
    files(&root().join("docs"), "md", &mut documents);
    documents.extend(["README.md", "ARCHITECTURE.md"].map(|name| fs::read_to_string(root().join(name)).expect("a document")));
    let code = sources().into_iter().flat_map(|(_, text)| declared(&text));
    code.chain(schemas.iter().flat_map(|text| in_schema(text))).chain(documents.iter().flat_map(|text| quoted(text))).collect()
}

/// Names that say a banned word, and exceptions that nothing needs.
fn faults(names: &BTreeSet<String>, banned: &[Banned]) -> Vec<String> {
    let mut faults = Vec::new();
    for Banned { word, except } in banned {
        let said = names.iter().filter(|name| says(name, word) && !except.contains(*name));
        faults.extend(said.map(|name| format!("{name} says «{word}»")));
    }
    let excepted: BTreeSet<&String> = banned.iter().flat_map(|banned| &banned.except).collect();
    let needed = |name: &String| names.contains(name) && banned.iter().any(|banned| says(name, &banned.word));
    faults.extend(excepted.into_iter().filter(|name| !needed(name)).map(|name| format!("{name} is excepted for nothing")));
    faults
}

#[test]
fn no_name_says_a_word_that_the_glossary_bans() {
    let banned = banned(&fs::read_to_string(root().join("docs/GLOSSARY.md")).expect("the glossary"));
    let names = names();
    assert!(banned.len() >= 15 && names.len() > 1_500, "{} words, {} names", banned.len(), names.len());
    assert_eq!(faults(&names, &banned), [""; 0]);
}

#[test]
fn a_banned_word_in_a_name_is_seen() {
    let banned = banned(
        "## Words not to use\n| not | but | except |\n|---|---|---|\n| parcel, red thing | envelope | `PARCEL_OF_LIGHT` |\n| user (of a) | x | |\n",
    );
    let names = |code: &str| declared(code).into_iter().chain(["PARCEL_OF_LIGHT".to_owned()]).collect();
    for (code, count) in [
        ("fn send_parcels() {", 1),
        ("pub struct RedThing;", 1),
        ("const PARCEL_MAX: u8 = 1;", 1),
        ("fn parceled() {", 0),
        ("// struct Parcel", 0),
        ("struct User;", 0),
    ] {
        assert_eq!(faults(&names(code), &banned).len(), count, "{code}");
    }
    assert!(
        in_schema("message Parcel {\n  bytes red_thing = 1;\n}")
            .iter()
            .all(|name| says(name, "parcel") || says(name, "red thing"))
    );
    assert_eq!(faults(&BTreeSet::new(), &banned), ["PARCEL_OF_LIGHT is excepted for nothing"]);
}
