//! The fuzzers' corpus (`tests/fuzz/corpus`), replayed as it is and with a thousand changes each. It is cut out of the
//! vectors: each target gets honest bytes and some faulty ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::wire::{Frame, SignedReceipt, ToAgent, to_agent};
use raccordo_tests::fuzz::{TARGETS, Target};
use raccordo_tests::results;
use raccordo_tests::seeded::Seeded;
use rand_core::Rng as _;

use crate::format::Vector;
use crate::make;

/// Envelopes are large, frames hold them, and what is sealed and opened each time takes milliseconds: few are enough.
const LARGE_FILES: usize = 3;
const SMALL_FILES: usize = 12;
const CHANGES: u64 = 1_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// What each target reads of a vector's bytes.
fn cut(vector: &Vector, bytes: Vec<u8>) -> Vec<(&'static str, Vec<u8>)> {
    match vector.kind.as_str() {
        "frame" => {
            let frame = Frame::decode(&bytes[..]).expect("the gateway's frame");
            let envelope = frame.envelope.to_vec();
            let said = ToAgent { frame: Some(to_agent::Frame::Envelope(frame)) };
            vec![("frame", said.encode_to_vec()), ("envelope", envelope)]
        }
        "letter" => {
            let letter = bytes[..bytes.len() - 64].to_vec();
            let length = u32::try_from(letter.len()).expect("short").to_be_bytes();
            vec![("letter", letter), ("plain", [&length[..], &bytes].concat())]
        }
        "certificate" => vec![("certificate", bytes)],
        "directory" => vec![("directory", bytes)],
        "keycard" => vec![("keycard", bytes)],
        "receipt" => {
            let receipt = SignedReceipt::decode(Bytes::from(bytes)).expect("readable");
            let said = ToAgent { frame: Some(to_agent::Frame::Receipt(receipt.clone())) };
            vec![("receipt", receipt.receipt.to_vec()), ("frame", said.encode_to_vec())]
        }
        _ => Vec::new(),
    }
}

fn made() -> BTreeMap<(String, String), Vec<u8>> {
    let mut made = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vector in make::all().iter().filter(|vector| vector.bytes.len() < 20_000) {
        let honest = cut(vector, vector.mended()).into_iter().map(|(target, bytes)| (target, "honest".to_owned(), bytes));
        let faulty = cut(vector, vector.bytes.clone()).into_iter().map(|(target, bytes)| (target, vector.name.clone(), bytes));
        for (target, name, bytes) in honest.chain(faulty) {
            let limit = if bytes.len() > 10_000 || target == "plain" { LARGE_FILES } else { SMALL_FILES };
            let count = counts.entry(target).or_default();
            let key = (target.to_owned(), name);
            if *count < limit && !made.contains_key(&key) {
                *count += 1;
                made.insert(key, bytes);
            }
        }
    }
    made
}

/// What became of one target's files.
struct Replayed {
    files: usize,
    inputs: usize,
    /// Inputs that came behind a signature, a seal or the first reader.
    behind: usize,
}

/// Each file as it is, and with a thousand changes.
fn replay((target, fuzz): &Target) -> Replayed {
    let files = fs::read_dir(folder().join(target)).expect("a corpus").map(|entry| entry.expect("an entry").path());
    let files: Vec<Vec<u8>> = files.map(|path| fs::read(path).expect("bytes")).collect();
    assert!(files.len() >= LARGE_FILES, "{target}: {} files", files.len());
    assert!(!fuzz(&[0xff; 64]), "{target}: bytes of no kind come nowhere");
    let mut replayed = Replayed { files: files.len(), inputs: 0, behind: 0 };
    for bytes in files {
        let changed = (0..CHANGES).map(|seed| changed(&bytes, seed));
        for input in changed.chain([bytes.clone()]) {
            replayed.behind += usize::from(fuzz(&input));
            replayed.inputs += 1;
        }
    }
    println!("{target}: {} of {} inputs came behind a signature, a seal or the first reader", replayed.behind, replayed.inputs);
    replayed
}

#[test]
fn the_corpus_is_read_or_refused_as_it_is_and_changed() {
    if std::env::var_os("RACCORDO_REGENERATE").is_some() {
        for ((target, name), bytes) in made() {
            let folder = folder().join(target);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join(name), bytes).expect("written");
        }
    }
    let replayed: Vec<Replayed> = std::thread::scope(|scope| {
        let running: Vec<_> = TARGETS.iter().map(|target| scope.spawn(|| replay(target))).collect();
        running.into_iter().map(|target| target.join().expect("no input makes it panic")).collect()
    });
    let sum = |count: fn(&Replayed) -> usize| replayed.iter().map(count).sum::<usize>();
    let (found, inputs, deep) = (sum(|of| of.files), sum(|of| of.inputs), sum(|of| usize::from(of.behind > 0)));
    println!("corpus {found} files, each with {CHANGES} changes");
    results::write("T7", "fuzz targets replayed", replayed.len(), TARGETS.len(), file!());
    results::write("T7", "fuzz targets that went behind a signature or a seal", deep, TARGETS.len(), file!());
    assert_eq!(deep, TARGETS.len());
    results::write("T7", "inputs replayed", inputs, found * (1 + CHANGES as usize), file!());
}

/// The fuzzers are a workspace of their own: each target is one of its programs, and calls the function of its name.
#[test]
fn every_target_is_a_program_of_the_fuzzers() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("the fuzzers' manifest");
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for (target, _) in TARGETS {
        let path = format!("fuzz_targets/{target}.rs");
        assert!(manifest.contains(&format!("name = \"{target}\"\npath = \"{path}\"")), "{target} is no program");
        let text = fs::read_to_string(fuzz.join(path)).expect("a program");
        assert!(text.contains(&format!("raccordo_tests::fuzz::fuzz_{target}(bytes);")), "{target} calls another");
    }
}

/// Some bytes replaced, and sometimes an end cut off or a piece doubled.
fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut rng = Seeded::new(seed);
    let mut changed = bytes.to_vec();
    let mut below = |limit: usize| usize::try_from(rng.next_u64() % limit.max(1) as u64).expect("below a length");
    for _ in 0..=below(4) {
        let (at, byte) = (below(changed.len()), below(256));
        if let Some(place) = changed.get_mut(at) {
            *place = u8::try_from(byte).expect("a byte");
        }
    }
    match below(4) {
        0 => changed.truncate(below(bytes.len())),
        1 => changed.extend_from_slice(&bytes[below(bytes.len())..]),
        _ => {}
    }
    changed
}
