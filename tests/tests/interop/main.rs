//! T10: another implementation of the protocol, in another language (`tests/interop`, Python over `cryptography` and
//! `protobuf`), written from docs/PROTOCOL.md. It opens what is sealed here and this code opens what it seals; receipts are
//! verified both ways; each refuses the other's faults, for the right reason.
//!
//! Not here: attachments (not built), an office's memory, the session.

mod faults;
mod world;

use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::receipts::{Transmission, VerifiedReceipt, verify_evidence};
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::ids::Digest;
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::{AgencyId, Code};
use raccordo_tests::results;
use raccordo_tests::town::{DAWN, agency};
use serde_json::{Value, json};

use world::{Sent, World};

const SEED: u64 = 10;
/// Envelopes and receipts, each way.
const ASKED: usize = 200;
const FAULTS_MIN: usize = 45;
const FAULTS_BACK_MIN: usize = 30;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a text");
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a room of the workspace").to_path_buf()
}

/// The reader's own Python, or what to do about it.
fn python(venv: &Path) -> Result<PathBuf, &'static str> {
    let python = venv.join("bin/python");
    let works = Command::new(&python).args(["-c", "import cryptography, google.protobuf"]).output();
    if works.is_ok_and(|output| output.status.success()) {
        Ok(python)
    } else {
        Err("this test needs Python with two packages: install python3 and python3-venv, then run tests/prepare")
    }
}

/// The schemas as every protobuf library reads them.
fn schemas() -> Vec<u8> {
    let folder = root().join("proto");
    let files = ["envelope", "receipt", "keycard", "directory"].map(|name| format!("raccordo/v1/{name}.proto"));
    let files = files.into_iter().chain(["raccordo/casework/v1/letter.proto".to_owned()]);
    let files: Vec<PathBuf> = files.map(|name| folder.join(name)).collect();
    protox::compile(files, [folder]).expect("the schemas compile").encode_to_vec()
}

/// What an office that has opened an envelope signs.
fn honest_receipt(world: &World, sent: &Sent, number: usize) -> Receipt {
    let opened = world.open(sent.frame.envelope.clone(), &sent.me).expect("its own envelope opens");
    let (outcome, binding) = match number % 3 {
        0 => (Outcome::Delivered, opened.binding()),
        1 => (Outcome::Duplicate, opened.binding()),
        _ => (Outcome::Refused(Code::Busy), [0; 32]),
    };
    Receipt {
        envelope_id: sent.frame.envelope_id,
        envelope_digest: opened.envelope_digest(),
        binding,
        recipient: sent.me.clone(),
        time: DAWN,
        store_epoch: 1,
        outcome,
    }
}

fn material(world: &World, sent: &[Sent], faults: &[Value]) -> Value {
    let keys = world.keys.iter().map(|(id, key)| (id.to_string(), json!(hex(key.as_bytes()))));
    let openings = world.openings.iter().map(|(id, opening)| {
        let (card, signature) = (hex(&opening.card.card), hex(&opening.card.signature));
        (id.to_string(), json!({"seed": hex(&opening.seed), "card": card, "signature": signature}))
    });
    let envelopes = sent.iter().enumerate().map(|(number, sent)| {
        let receipt = honest_receipt(world, sent, number).sign(&world.keys[&sent.me]);
        json!({
            "envelope": hex(&sent.frame.envelope), "peer": sent.peer.as_str(), "me": sent.me.as_str(),
            "receipt": hex(receipt.bytes()), "receipt_signature": hex(receipt.signature()),
        })
    });
    json!({
        "now": DAWN.as_millis(), "seed": SEED, "asked": ASKED,
        "trust": hex(&world.vault.trust_file()),
        "directories": world.directories.iter().map(|d| hex(&d.document().encode_to_vec())).collect::<Vec<_>>(),
        "identity": keys.collect::<serde_json::Map<_, _>>(),
        "opening": openings.collect::<serde_json::Map<_, _>>(),
        "envelopes": envelopes.collect::<Vec<_>>(),
        "faults": faults,
    })
}

/// Runs the reader over this material.
fn ask(material: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("schemas.bin", schemas());
    write("material.json", material.to_string().into_bytes());
    let reader = root().join("tests/interop/reader.py");
    let python = python(&root().join("target/interop")).unwrap_or_else(|what| panic!("{what}"));
    let output = Command::new(python).arg("-B").arg(reader).arg(folder.path()).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = std::fs::read(folder.path().join("answers.json")).expect("it answers");
    serde_json::from_slice(&answers).expect("JSON")
}

fn rows<'a>(answers: &'a Value, name: &str) -> &'a [Value] {
    answers[name].as_array().expect("a list")
}

fn transmission(world: &World, sent: &Sent) -> Transmission {
    Transmission {
        letter: sent.letter.letter().letter_id,
        sent_at: DAWN,
        letter_digest: sent.letter.digest(),
        recipient: sent.me.clone(),
        ik: world.directory().active_agent(&sent.me, DAWN).expect("an office").ik,
        envelope_digest: sent.frame.envelope_digest,
        receipt_key: sent.frame.receipt_key.clone(),
        directory_version: 1,
        card: CardOrder::default(),
    }
}

fn receipt(row: &Value, sent: &Transmission) -> Result<VerifiedReceipt, Code> {
    VerifiedReceipt::check(unhex(&row["receipt"]).into(), &unhex(&row["signature"]), sent)
}

#[test]
fn two_implementations_read_each_other_and_refuse_each_others_faults() {
    let mut world = World::new(SEED);
    let sent: Vec<Sent> = (0..ASKED).map(|number| world.send(number)).collect();
    let model = honest_receipt(&world, &sent[0], 0);
    let faults = faults::all(&mut world, &sent[0], &model);
    let answers = ask(&material(&world, &sent, &faults));

    let opened = read_there(&world, &sent, rows(&answers, "opened"));
    let refused_there = refused_there(&faults, rows(&answers, "refused"));
    let sealed = read_here(&world, rows(&answers, "sealed"));
    let refused_here = refused_here(&world, &sent[0], &answers);

    println!("T10: {opened} opened there and {sealed} here, {refused_there} faults refused there and {refused_here} here");
    let tell = |what: &str, reached: usize, asked: usize| results::write("T10", what, reached, asked, file!());
    tell("envelopes and receipts that Python read", opened, ASKED);
    tell("envelopes and receipts of Python that were read", sealed, ASKED);
    tell("faults that Python refused by their rule", refused_there, FAULTS_MIN);
    tell("faults of Python that were refused by their code", refused_here, FAULTS_BACK_MIN);
    assert!(opened >= ASKED && sealed >= ASKED, "{opened} and {sealed}");
    assert!(refused_there >= FAULTS_MIN && refused_here >= FAULTS_BACK_MIN, "{refused_there} and {refused_here}");
}

/// The file that the store's own tests open: made by Python, and read there still.
#[test]
fn what_a_passphrase_opens_here_it_opens_there() {
    let python = python(&root().join("target/interop")).unwrap_or_else(|what| panic!("{what}"));
    let mut unlock = Command::new(python);
    unlock.args(["-B", "tests/interop/unlock.py", "agent/src/store/tests/unlock-v1.bin"]).current_dir(root());
    let right = unlock.arg("perché no? dodici e più").output().expect("Python runs");
    let store_key: Vec<u8> = (0..32).collect();
    assert_eq!(String::from_utf8_lossy(&right.stdout).trim(), hex(&store_key), "{}", String::from_utf8_lossy(&right.stderr));
}

/// What the reader found is what was written; and its receipts hold here, on line and off.
fn read_there(world: &World, sent: &[Sent], answers: &[Value]) -> usize {
    assert_eq!(answers.len(), sent.len());
    for (number, (row, sent)) in answers.iter().zip(sent).enumerate() {
        assert_eq!(unhex(&row["letter"]), sent.letter.digest().as_bytes(), "{number}: the letter");
        assert_eq!(unhex(&row["receipt_key"]), sent.frame.receipt_key.as_bytes(), "{number}: K");
        assert_eq!(row["receipt_result"], 1 + number % 3, "{number}: the receipt made here");
        let transmission = transmission(world, sent);
        let verified = receipt(row, &transmission).unwrap_or_else(|code| panic!("{number}: the receipt made there: {code:?}"));
        let expected = [Outcome::Delivered, Outcome::Duplicate, Outcome::Refused(Code::Busy)][number % 3];
        assert_eq!(verified.outcome(), expected, "{number}");
        let evidence = verify_evidence(sent.letter.bytes(), &verified.into_evidence(), &transmission.ik);
        assert_eq!(evidence.is_ok(), number % 3 < 2, "{number}: off line");
    }
    answers.len()
}

/// By the very rule.
fn refused_there(faults: &[Value], answers: &[Value]) -> usize {
    assert_eq!(answers.len(), faults.len());
    for (number, (fault, answer)) in faults.iter().zip(answers).enumerate() {
        assert_eq!(answer, &fault["rule"], "fault {number}, {}", fault["kind"]);
    }
    faults.len()
}

fn open_row(world: &World, row: &Value) -> Result<(Digest, AgencyId), Code> {
    let id = |field: &str| agency(row[field].as_str().expect("an id"));
    let opened = world.open(Bytes::from(unhex(&row["envelope"])), &id("me"))?;
    assert_eq!(opened.header().recipient, id("me"));
    Ok((opened.letter().digest(), opened.header().sender.clone()))
}

fn read_here(world: &World, answers: &[Value]) -> usize {
    for (number, row) in answers.iter().enumerate() {
        let (letter, sender) = open_row(world, row).unwrap_or_else(|code| panic!("{number}: {code:?}"));
        assert_eq!(unhex(&row["letter"]), letter.as_bytes(), "{number}");
        assert_eq!(row["peer"], sender.as_str(), "{number}");
    }
    answers.len()
}

fn refused_here(world: &World, sent: &Sent, answers: &Value) -> usize {
    let code = |row: &Value| row["code"].as_str().map(|name| format!("CODE_{name}")).and_then(|name| Code::from_str_name(&name));
    let envelopes = rows(answers, "faulty_envelopes");
    for row in envelopes {
        assert_eq!(open_row(world, row).err(), code(row), "{}", row["name"]);
    }
    let receipts = rows(answers, "faulty_receipts");
    for row in receipts {
        assert_eq!(receipt(row, &transmission(world, sent)).err(), code(row), "{}", row["name"]);
    }
    envelopes.len() + receipts.len()
}

#[test]
fn without_python_or_its_packages_the_test_fails_and_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(python(folder.path()).is_err_and(|what| what.contains("python3-venv")), "no Python");
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("made");
    std::os::unix::fs::symlink("/bin/false", bin.join("python")).expect("linked");
    assert!(python(folder.path()).is_err(), "a Python that cannot import them");
}
