//! The fuzzers' corpus (`tests/fuzz/corpus`), replayed as it is and with a thousand changes each. It is cut out of the
//! vectors: each target gets honest bytes and some faulty ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::wire::{Frame, SignedReceipt, ToAgent, to_agent};
use raccordo_tests::fuzz::TARGETS;
use raccordo_tests::results;
use raccordo_tests::seeded::Seeded;
use rand_core::Rng as _;

use crate::format::Vector;
use crate::make;

/// Envelopes are large and frames hold them: few are enough.
const LARGE_FILES: usize = 3;
const SMALL_FILES: usize = 10;
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
        "letter" => vec![("letter", bytes[..bytes.len() - 64].to_vec())],
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
            let limit = if bytes.len() > 10_000 { LARGE_FILES } else { SMALL_FILES };
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

#[test]
fn the_corpus_is_read_or_refused_as_it_is_and_changed() {
    if std::env::var_os("RACCORDO_REGENERATE").is_some() {
        for ((target, name), bytes) in made() {
            let folder = folder().join(target);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join(name), bytes).expect("written");
        }
    }
    let (mut targets, mut found, mut inputs) = (0, 0, 0);
    for (target, fuzz) in TARGETS {
        let files = fs::read_dir(folder().join(target)).expect("a corpus").map(|entry| entry.expect("an entry").path());
        let files: Vec<Vec<u8>> = files.map(|path| fs::read(path).expect("bytes")).collect();
        assert!(files.len() >= LARGE_FILES, "{target}: {} files", files.len());
        for bytes in files {
            fuzz(&bytes);
            inputs += 1;
            for seed in 0..CHANGES {
                fuzz(&changed(&bytes, seed));
                inputs += 1;
            }
            found += 1;
        }
        targets += 1;
    }
    println!("corpus {found} files, each with {CHANGES} changes");
    results::write("T7", "fuzz targets replayed", targets, TARGETS.len(), file!());
    results::write("T7", "inputs replayed", inputs, found * (1 + CHANGES as usize), file!());
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
