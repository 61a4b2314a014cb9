//! What comes into an office: letters, seals, receipts, records, arrivals; and one envelope with every bit of it changed, and a
//! second reader that foretells what then is refused.
//! Not here: the public half of the protocol (`proto/tests`), one fault at a time (`tests/vectors`).

mod arrivals;
mod flips;
mod header;
mod properties;

// Beside its own room: results are written alike everywhere, and a room links none above it.
#[path = "../../../tests/src/results.rs"]
mod results;

use bytes::Bytes;
use core::convert::Infallible;
use ed25519_dalek::SigningKey;
use raccordo_casework::known_keys::KnownKeys;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::seal::{self, Opened, SealingKey};
use raccordo_casework::wire;
use raccordo_proto::envelope::{Framed, Header};
use raccordo_proto::ids::{AgencyId, CaseId, Digest, EnvelopeId, LetterId, NetworkId, ThreadId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Code, Timestamp};
use rand_core::{TryCryptoRng, TryRng};

const CASES: u32 = 1_000;
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const NETWORK: &str = "rete-prova.invalid";
const CAV: &str = "cav-ginestra";
const CPI: &str = "cpi-rivabella";

/// One more case of a property (T6).
fn held(property: &str) {
    results::case("T6", &format!("property {property}"), CASES as usize, file!());
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

fn cav() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn cpi() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// A letter from the CAV to the CPI.
fn letter(id: u8, testo: &str) -> Letter {
    Letter {
        letter_id: LetterId::new([id; 16]),
        thread: ThreadId::new([id; 16]),
        case_id: CaseId::new([4; 16]),
        sender: agency(CAV),
        recipients: vec![agency(CPI)],
        equipe: None,
        directory_version: 1,
        head_hash: Digest::of(b"a head"),
        created: NOW,
        store_epoch: 1,
        seq: 1,
        previous: None,
        payload: Payload::Riscontro(wire::Riscontro { testo: testo.to_owned(), ..Default::default() }),
        operator: "op-3f9a".to_owned(),
        in_reply_to: None,
    }
}

fn opening_key() -> SealingKey {
    SealingKey::generate(NOW, &mut Counter(9))
}

/// A letter in an envelope of its own.
fn sealed(letter: &SignedLetter, key: &SealingKey, envelope: u8) -> Bytes {
    let header = Header {
        envelope_id: EnvelopeId::new([envelope; 16]),
        network: NetworkId::parse(NETWORK).expect("a name"),
        sender: agency(CAV),
        recipient: agency(CPI),
        key_id: key.key_id(),
        directory_version: 1,
        sent_at: NOW,
    };
    let plain = seal::pad(letter.bytes(), letter.signature());
    let rng = &mut Counter(u64::from(envelope));
    seal::seal_plain(header.encode(), &plain, key.ek(), &cav(), rng).expect("it seals").0
}

/// Every step of a receiver, without its desk.
fn opened(envelope: Bytes, key: &SealingKey) -> Result<Opened, Code> {
    seal::open(Framed::parse(envelope)?.authenticate(&cav().public_key())?, key, &KnownKeys::default())
}

/// Randomness that can be told again.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.try_next_u64()? >> 32).expect("32 bits"))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        let block = Digest::of(&self.0.to_be_bytes());
        Ok(u64::from_be_bytes(block.as_bytes()[..8].try_into().expect("eight bytes")))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}
