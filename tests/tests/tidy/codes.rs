//! The table of codes in docs/PROTOCOL.md against the code: number, name, whose fault, what a peer is told, and what a
//! signed refusal does to a letter. Not here: which codes have a vector (`tests/tests/vectors`).

use std::fs;

use raccordo_proto::Code;
use raccordo_proto::code::Fault;
use raccordo_tests::specification;

use crate::root;

/// `| number | name | fault | wire | signed refusal |`, as the table has it.
#[derive(Debug, PartialEq)]
struct Row {
    number: i32,
    name: String,
    fault: String,
    wire: String,
    is_retried: bool,
}

fn table(document: &str) -> Vec<Row> {
    let section = document.split("\n## Codes\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let rows = section.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", number, name, fault, wire, refusal, ""] = cells[..] else { return None };
        Some(Row {
            number: number.parse().ok()?,
            name: name.to_owned(),
            fault: fault.to_owned(),
            wire: wire.to_owned(),
            is_retried: refusal.starts_with("retried"),
        })
    });
    rows.collect()
}

fn codes() -> Vec<Row> {
    let row = |code: Code| {
        let told = code.on_the_wire();
        Row {
            number: code.into(),
            name: code.name().to_owned(),
            fault: match code.fault() {
                Fault::Peer => "peer",
                Fault::Mine => "mine",
                Fault::Passing => "passing",
                Fault::Authority => "authority",
            }
            .to_owned(),
            wire: if told == code { String::new() } else { told.name().to_owned() },
            is_retried: code.is_retried(),
        }
    };
    specification::codes().filter(|code| *code != Code::Unspecified).map(row).collect()
}

#[test]
fn r_05_what_each_code_does_is_what_the_table_says() {
    let document = fs::read_to_string(root().join("docs/PROTOCOL.md")).expect("a document");
    assert!(codes().len() >= 30, "{} codes", codes().len());
    assert_eq!(table(&document), codes());
    for (from, to) in [
        ("| BUSY | passing | | retried |", "| BUSY | passing | | final |"),
        ("| 30 | NOT_ACCEPTED |", "| 31 | NOT_ACCEPTED |"),
        ("| PADDING | peer | NOT_ACCEPTED |", "| PADDING | peer | |"),
        ("| NO_SPACE | mine |", "| NO_SPACE | peer |"),
    ] {
        let changed = document.replacen(from, to, 1);
        assert!(changed != document && table(&changed) != codes(), "{to} is not seen");
    }
}
