//! What exported files prove: letters counted, and receipts that count only once signature, letter and recipient hold here.
//!
//! Nothing of the agents is believed: an export is read as a court would read it, with the directory alone. Not here: what
//! the letters say.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::seal::ReceiptKey;
use raccordo_casework::wire::{CaseExport, ExportedLetter, Kind, LetterDelivered};
use raccordo_proto::Directory;
use raccordo_proto::ids::{AgencyId, Digest};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::PublicKey;

/// What a set of exports proves.
#[derive(Default)]
pub struct Evidence {
    letters: BTreeMap<Digest, Proven>,
    /// Letters that some office holds twice.
    pub duplicates: usize,
}

struct Proven {
    kind: Kind,
    recipients: BTreeSet<AgencyId>,
    receipts: BTreeSet<AgencyId>,
    holders: BTreeSet<AgencyId>,
}

impl Evidence {
    /// Reads an export and takes in what holds. Anything in it that does not verify is an error, never a lower count.
    pub fn take(&mut self, export: &[u8], directory: &Directory) -> anyhow::Result<()> {
        let export = CaseExport::decode(export).context("an export is not readable")?;
        ensure!(export.network == directory.network().as_str(), "an export is of another network");
        let holder = AgencyId::parse(&export.agency).context("an export's agency")?;
        let mut held = BTreeSet::new();
        for exported in export.letters {
            let digest = self.letter(exported, &holder, directory)?;
            if !held.insert(digest) {
                self.duplicates += 1;
            }
        }
        Ok(())
    }

    fn letter(&mut self, exported: ExportedLetter, holder: &AgencyId, directory: &Directory) -> anyhow::Result<Digest> {
        let claimed = raccordo_casework::wire::Letter::decode(&exported.letter[..]).context("a letter is not readable")?;
        let sender = AgencyId::parse(&claimed.sender).context("a letter's sender")?;
        let verified = SignedLetter::verify(exported.letter, &exported.signature, &ik(&sender, directory)?);
        let letter = verified.map_err(|code| anyhow::anyhow!("a letter of {sender}: {}", code.name()))?;
        let facts = letter.letter();
        ensure!(facts.audience().contains(holder), "{holder} holds a letter that is not addressed to it");
        let proven = self.letters.entry(letter.digest()).or_insert_with(|| Proven {
            kind: facts.payload.kind(),
            recipients: facts.recipients.iter().cloned().collect(),
            receipts: BTreeSet::new(),
            holders: BTreeSet::new(),
        });
        proven.holders.insert(holder.clone());
        for receipt in exported.receipts {
            let recipient = receipt_of(receipt, &letter, directory)?;
            ensure!(proven.recipients.contains(&recipient), "a receipt of {recipient}, which is no recipient");
            proven.receipts.insert(recipient);
        }
        Ok(letter.digest())
    }

    /// Different letters.
    pub fn letters(&self) -> usize {
        self.letters.len()
    }

    /// Σ addressed offices over letters.
    pub fn recipients(&self) -> usize {
        self.letters.values().map(|letter| letter.recipients.len()).sum()
    }

    /// Σ offices that have signed for a letter.
    pub fn receipts(&self) -> usize {
        self.letters.values().map(|letter| letter.receipts.len()).sum()
    }

    /// Receipts and recipients of the letters of one kind.
    pub fn of_kind(&self, kind: Kind) -> (usize, usize) {
        let letters = || self.letters.values().filter(|letter| letter.kind == kind);
        (letters().map(|l| l.receipts.len()).sum(), letters().map(|l| l.recipients.len()).sum())
    }

    /// What is there, for whoever must find out what is missing.
    pub fn summary(&self) -> String {
        let letter = |l: &Proven| {
            let (sent, signed, shown) = (l.recipients.len(), l.receipts.len(), l.holders.len());
            format!("{}: {sent} recipients, {signed} receipts, {shown} holders", l.kind.as_str_name())
        };
        self.letters.values().map(letter).collect::<Vec<_>>().join("; ")
    }

    /// Whether every recipient has signed for every letter, shows it, and none shows it twice.
    pub fn is_whole(&self) -> bool {
        let complete = |l: &Proven| l.receipts == l.recipients && l.recipients.is_subset(&l.holders);
        self.duplicates == 0 && !self.letters.is_empty() && self.letters.values().all(complete)
    }
}

/// Checks a receipt: signed by the recipient's key, of a delivery, and bound to this very letter.
fn receipt_of(delivered: LetterDelivered, letter: &SignedLetter, directory: &Directory) -> anyhow::Result<AgencyId> {
    let recipient = AgencyId::parse(&delivered.recipient).context("a receipt's recipient")?;
    let ik = ik(&recipient, directory)?;
    let verified = Receipt::verify(Bytes::from(delivered.receipt), &delivered.signature, &recipient, &ik);
    let (receipt, _) = verified.map_err(|code| anyhow::anyhow!("a receipt of {recipient}: {}", code.name()))?;
    ensure!(matches!(receipt.outcome, Outcome::Delivered | Outcome::Duplicate), "a receipt of {recipient} is a refusal");
    let key = ReceiptKey::from_bytes(&delivered.binding_key).map_err(|code| anyhow::anyhow!("a binding key: {}", code.name()))?;
    ensure!(key.binds(letter.digest(), &receipt.binding), "a receipt of {recipient} is bound to another letter");
    Ok(recipient)
}

fn ik(agency: &AgencyId, directory: &Directory) -> anyhow::Result<PublicKey> {
    let machine = directory.agency(agency).and_then(|entry| entry.agents.first());
    machine.map(|machine| machine.ik).with_context(|| format!("the directory has no key of {agency}"))
}

#[cfg(test)]
mod tests;
