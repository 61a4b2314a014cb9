//! How long an office takes to know again what it knew: its store opened, every record opened and read, its desk filled. The
//! store is the agent's own, on the disk of temporary files; the letters are those of an office that both writes and receives.
//!
//! Not here: what else a start does (the link, the directory's signatures).

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use ed25519_dalek::SigningKey;
use raccordo_agent::store::{Store, StoreKey};
use raccordo_casework::desk::Desk;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::record::{Change, Journal as _, Record};
use raccordo_casework::wire::{CaseErased, CaseOpened, LetterDelivered, LetterQueued, LetterReceived, LetterSeen, Riscontro};
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_certs_dev::temp::TempFolder;
use raccordo_proto::ids::{CaseId, Digest, LetterId, ThreadId};
use raccordo_proto::{AgencyId, Timestamp};

use super::Scale;
use super::figures::Figure;

/// The figures of this file: name, letters, and what a start may take before snapshots are built. An office that was
/// reckoned with writes 5,000 letters a year: the goal is for ten years.
pub const FIGURES: [(&str, u32, Option<f64>); 3] = [
    ("start_with_10000_letters_ms", 10_000, None),
    ("start_with_50000_letters_ms", 50_000, Some(1_000.0)),
    ("start_with_100000_letters_ms", 100_000, None),
];

/// Letters of one case: half of them written here, half by another office.
const LETTERS_PER_CASE: u32 = 20;
/// Cases for each that was erased: a tombstone lasts two of ten years.
const CASES_PER_STONE: u32 = 5;
/// Bytes of each letter's text.
const TEXT_BYTES: usize = 1_024;
/// Cases of one append.
const CASES_AT_A_TIME: u32 = 50;

/// One row for each number of letters.
pub fn measure(scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let rows = FIGURES.into_iter();
    rows.map(|(name, letters, goal_ms)| {
        let dir = TempFolder::create("raccordo-replay")?;
        let letters = letters / scale.replay_divisor;
        fill(dir.path(), letters / LETTERS_PER_CASE)?;
        let starts = (0..scale.rounds).map(|_| start_ms(dir.path(), letters)).collect::<anyhow::Result<Vec<_>>>()?;
        let figure = Figure::new(name, "ms", starts);
        Ok(match goal_ms {
            Some(goal) => figure.at_most(goal),
            None => figure,
        })
    })
    .collect()
}

fn key() -> StoreKey {
    StoreKey::from_bytes(&[1; 32])
}

fn start_ms(dir: &Path, letters: u32) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut store = Store::open(dir, key())?;
    store.end_erasures()?;
    let mut desk = Desk::new(cpi());
    store.records.iter().for_each(|record| desk.apply(record));
    let took = began.elapsed().as_secs_f64() * 1e3;
    ensure!(desk.digests().len() == letters as usize, "{} letters instead of {letters}", desk.digests().len());
    Ok(took)
}

fn fill(dir: &Path, cases: u32) -> anyhow::Result<()> {
    let mut journal = Store::open(dir, key())?.journal;
    let signer = SigningKey::from_bytes(&[3; 32]);
    let numbers: Vec<u32> = (0..cases).collect();
    for some in numbers.chunks(CASES_AT_A_TIME as usize) {
        journal.append(&some.iter().flat_map(|case| case_of(*case, &signer)).collect::<Vec<_>>())?;
    }
    journal.append(&(0..cases / CASES_PER_STONE).map(stone).collect::<Vec<_>>())?;
    Ok(())
}

/// What is left of a case that is no longer there.
fn stone(number: u32) -> Record {
    let tombstones = (0..LETTERS_PER_CASE + 2).map(|of| id(u32::MAX - number, of).to_vec()).collect();
    Record(Change::CaseErased(CaseErased { key: vec![4; 32], tombstones, until: u64::MAX }))
}

/// All records of one case: two offices that write in turn, three that confirm what this one writes.
fn case_of(number: u32, signer: &SigningKey) -> Vec<Record> {
    let case_id = CaseId::new(id(number, 0));
    let opened = CaseOpened { case_id: case_id.as_bytes().to_vec(), operator: "op-0be4".to_owned(), ..Default::default() };
    let mut records = vec![Record(Change::CaseOpened(opened))];
    let mut last: [Option<Digest>; 2] = [None, None];
    for place in 0..LETTERS_PER_CASE {
        let (mine, seq) = (place % 2 == 0, u64::from(place / 2) + 1);
        let (sender, others) = if mine { (cpi(), [cav(), sil(), sociale()]) } else { (cav(), [cpi(), sil(), sociale()]) };
        let previous = &mut last[usize::from(mine)];
        let letter = Letter {
            letter_id: LetterId::new(id(number, place + 1)),
            thread: ThreadId::new(id(number, u32::MAX)),
            case_id,
            sender,
            recipients: others.to_vec(),
            equipe: None,
            directory_version: 1,
            head_hash: Digest::of(b""),
            created: Timestamp::from_millis(1_795_000_000_000 + u64::from(number) * 1_000 + seq),
            store_epoch: 1,
            seq,
            previous: *previous,
            payload: Payload::Riscontro(Riscontro { testo: "x".repeat(TEXT_BYTES), ..Default::default() }),
            operator: "op-0be4".to_owned(),
            in_reply_to: None,
        };
        let letter = SignedLetter::write(letter, signer);
        *previous = Some(letter.digest());
        records.extend(if mine { written(&letter, &others) } else { came(&letter) });
    }
    records
}

fn written(letter: &SignedLetter, recipients: &[AgencyId]) -> Vec<Record> {
    let letter_id = letter.letter().letter_id.as_bytes().to_vec();
    let queued =
        LetterQueued { letter: letter.bytes().to_vec(), signature: letter.signature().to_vec(), request_id: letter_id.clone() };
    let delivered = recipients.iter().map(|recipient| {
        let (letter_id, recipient) = (letter_id.clone(), recipient.to_string());
        let evidence =
            LetterDelivered { letter_id, recipient, receipt: vec![1; 111], signature: vec![2; 64], ..Default::default() };
        Record(Change::LetterDelivered(LetterDelivered { binding_key: vec![3; 32], ..evidence }))
    });
    [Record(Change::LetterQueued(queued))].into_iter().chain(delivered).collect()
}

fn came(letter: &SignedLetter) -> Vec<Record> {
    let letter_id = letter.letter().letter_id.as_bytes().to_vec();
    let seen = LetterSeen { letter_id, digest: letter.digest().as_bytes().to_vec() };
    let (bytes, signature) = (letter.bytes().to_vec(), letter.signature().to_vec());
    let received = LetterReceived { letter: bytes, signature, received_at: letter.letter().created.as_millis() };
    vec![Record(Change::LetterSeen(seen)), Record(Change::LetterReceived(received))]
}

fn id(case: u32, of: u32) -> [u8; 16] {
    let digest = Digest::of(&[case.to_be_bytes(), of.to_be_bytes()].concat());
    std::array::from_fn(|at| digest.as_bytes()[at])
}
