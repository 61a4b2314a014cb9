//! What an exchange is made of, each measured alone: appends of the real journal on the same disk, and the crypto of both
//! ends, by the very functions that agents call.
//!
//! Not here: the relay's part (`relays`), and how the parts work together (`exchange`).

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use raccordo_agent::store::{SledJournal, Store, StoreKey};
use raccordo_casework::known_keys::KnownKeys;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::receipts::{Transmission, VerifiedReceipt};
use raccordo_casework::record::{Change, Journal as _, Record};
use raccordo_casework::seal::{self, Address, SealingKey};
use raccordo_casework::wire::{LetterQueued, LetterReceived, LetterSeen, Riscontro};
use raccordo_certs_dev::cast::{cav, cpi};
use raccordo_certs_dev::network::Network;
use raccordo_machine::clock::{self, now};
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::envelope::Framed;
use raccordo_proto::ids::{CaseId, EquipeId, LetterId, ThreadId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::{PublicKey, Signer as _};
use raccordo_proto::{Code, Directory};
use rand_core::Rng as _;

use super::load::Freight;

/// Bytes of every letter's text.
pub const TEXT_BYTES: usize = 4096;

/// A riscontro with 4,096 bytes of text that no compressor makes shorter: three bytes to a character, drawn at random.
pub fn riscontro() -> Riscontro {
    let mut testo = String::from("!");
    while testo.len() < TEXT_BYTES {
        let drawn = 0x4E00 + clock::rng().next_u32() % 0x5000;
        testo.extend(char::from_u32(drawn));
    }
    Riscontro { chi_segue: "referente".to_owned(), telefono: "0372 000001".to_owned(), entro_il: "2199-01-07".to_owned(), testo }
}

/// Both ends: the CPI writes, the CAV reads.
pub struct Parts {
    writer: SigningKey,
    reader: SigningKey,
    sealing: SealingKey,
    address: Address,
    directory: Arc<Directory>,
}

/// What one letter has become at the end of its way.
struct Exchanged {
    envelope: Bytes,
    receipt: Bytes,
    signature: Bytes,
}

impl Parts {
    /// With the keys of two offices of a network.
    pub fn of(network: &Network) -> anyhow::Result<Self> {
        let identity = |agency| network.identity(agency).context("an office of the cast");
        let (writer, reader) = (identity(&cpi())?, identity(&cav())?);
        let directory = Arc::new(Directory::trusted_before(network.directory().document())?);
        let sealing = SealingKey::generate(now(), &mut clock::rng());
        let order = CardOrder { store_epoch: 1, counter: 1 };
        let card = keycard::issue(&cav(), sealing.ek().clone(), order, directory.version(), now(), &reader);
        let card = keycard::verify(card, &directory, now()).map_err(refused)?;
        let address =
            Address { network: directory.network().clone(), sender: cpi(), card, directory_version: directory.version() };
        Ok(Self { writer, reader, sealing, address, directory })
    }

    /// What a relay carries: one envelope and one receipt.
    pub fn freight(&self) -> anyhow::Result<Freight> {
        let Exchanged { envelope, receipt, signature } = self.exchange(self.draft())?;
        Ok(Freight { envelope, receipt, signature })
    }

    /// Milliseconds of all the crypto of one exchange, on one core.
    pub fn crypto_ms(&self) -> anyhow::Result<f64> {
        let letter = self.draft();
        let began = Instant::now();
        self.exchange(letter)?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// A journal of its own, as an agent has it.
    pub fn journal(&self, folder: &Path) -> anyhow::Result<SledJournal> {
        let mut journal = Store::open(folder, StoreKey::from_bytes(&random()))?.journal;
        self.appends_ms(&mut journal)?; // the first one makes what the others find
        Ok(journal)
    }

    /// Milliseconds of one append each: the sender's of a queued letter, the recipient's of one that came.
    pub fn appends_ms(&self, journal: &mut SledJournal) -> anyhow::Result<(f64, f64)> {
        let letter = SignedLetter::write(self.draft(), &self.writer);
        let mut append = |records: Vec<Record>| {
            let began = Instant::now();
            journal.append(&records)?;
            anyhow::Ok(began.elapsed().as_secs_f64() * 1e3)
        };
        let [queued, received] = records(&letter);
        Ok((append(queued)?, append(received)?))
    }

    fn draft(&self) -> Letter {
        Letter {
            letter_id: LetterId::new(random()),
            thread: ThreadId::new([2; 16]),
            case_id: CaseId::new([3; 16]),
            sender: cpi(),
            recipients: vec![cav()],
            equipe: EquipeId::parse("cremona").ok(),
            directory_version: self.directory.version(),
            head_hash: self.directory.head_hash(),
            created: now(),
            store_epoch: 1,
            seq: 1,
            previous: Some(self.directory.head_hash()),
            payload: Payload::Riscontro(riscontro()),
            operator: "op-0be4".to_owned(),
            in_reply_to: Some(self.directory.head_hash()),
        }
    }

    /// Sign, seal; authenticate, open, sign the receipt; verify it.
    fn exchange(&self, letter: Letter) -> anyhow::Result<Exchanged> {
        let (ik, id) = (self.writer.public_key(), letter.letter_id);
        let letter = SignedLetter::write(letter, &self.writer);
        let sealed = seal::seal(&letter, &self.address, now(), &self.writer, &mut clock::rng()).map_err(refused)?;
        let signed = self.receive(sealed.envelope.clone(), &ik)?;
        let sent = Transmission {
            letter: id,
            sent_at: now(),
            letter_digest: letter.digest(),
            recipient: cav(),
            ik: self.reader.public_key(),
            envelope_digest: sealed.envelope_digest,
            receipt_key: sealed.receipt_key,
            directory_version: self.directory.version(),
            card: self.address.card.order,
        };
        let (receipt, signature) = signed;
        VerifiedReceipt::check(receipt.clone(), &signature, &sent).map_err(refused)?;
        Ok(Exchanged { envelope: sealed.envelope, receipt, signature })
    }

    fn receive(&self, envelope: Bytes, ik: &PublicKey) -> anyhow::Result<(Bytes, Bytes)> {
        let authentic = Framed::parse(envelope).and_then(|framed| framed.authenticate(ik)).map_err(refused)?;
        let opened = seal::open(authentic, &self.sealing, &KnownKeys::default()).map_err(refused)?;
        let receipt = Receipt {
            envelope_id: opened.header().envelope_id,
            envelope_digest: opened.envelope_digest(),
            binding: opened.binding(),
            recipient: cav(),
            time: now(),
            store_epoch: 1,
            outcome: Outcome::Delivered,
        };
        let signed = receipt.sign(&self.reader);
        Ok((signed.bytes().clone(), Bytes::copy_from_slice(signed.signature())))
    }
}

/// The two appends that an exchange waits for, as desks make them.
fn records(signed: &SignedLetter) -> [Vec<Record>; 2] {
    let (letter, signature) = (signed.bytes().to_vec(), signed.signature().to_vec());
    let letter_id = signed.letter().letter_id.as_bytes().to_vec();
    let digest = signed.digest().as_bytes().to_vec();
    let queued = LetterQueued { letter: letter.clone(), signature: signature.clone(), request_id: letter_id.clone() };
    let received = LetterReceived { letter, signature, received_at: now().as_millis() };
    [
        vec![Record(Change::LetterQueued(queued))],
        vec![Record(Change::LetterSeen(LetterSeen { letter_id, digest })), Record(Change::LetterReceived(received))],
    ]
}

fn refused(code: Code) -> anyhow::Error {
    anyhow!("refused: {}", code.name())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    clock::rng().fill_bytes(&mut bytes);
    bytes
}
