//! What exported cases prove, read as a court would: signatures and receipts verified with the directory alone.
//!
//! Not here: how a case came to be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::receipts::{Held as Shown, verify_evidence};
use raccordo_casework::wire::{CaseExport, Letter};
use raccordo_proto::ids::{Digest, LetterId, ThreadId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{AgencyId, Code, Directory};

use crate::processes::World;

/// A case as one office holds it.
pub struct Held {
    /// Its letters and whom each was addressed to.
    pub letters: BTreeMap<LetterId, BTreeSet<AgencyId>>,
    /// Their bytes, as signed.
    pub digests: BTreeMap<LetterId, Digest>,
    /// The last letter of each sender in each thread and epoch.
    pub heads: BTreeMap<(ThreadId, AgencyId, u64), (u64, Digest)>,
    /// Verified receipts of its own letters.
    pub receipts: BTreeMap<(LetterId, AgencyId), Shown>,
}

/// The identity keys that each office has had.
pub type Keys = BTreeMap<AgencyId, Vec<PublicKey>>;

/// Exports a case at an office and verifies everything in it.
pub async fn held(world: &World, agency: &AgencyId, codice: &str) -> anyhow::Result<Held> {
    let (export, directory) = (world.export(agency, codice).await?, world.network.directory());
    ensure!(export.network == directory.network().as_str(), "an export of another network");
    verified(export, agency, &keys([directory]))
}

/// The keys that these versions name.
pub fn keys<'a>(versions: impl IntoIterator<Item = &'a Directory>) -> Keys {
    let mut keys = Keys::new();
    for entry in versions.into_iter().flat_map(Directory::agencies) {
        keys.entry(entry.id.clone()).or_default().extend(entry.agents.iter().map(|machine| machine.ik));
    }
    keys
}

/// Verifies everything in an export. A letter or receipt held twice is an error.
pub fn verified(export: CaseExport, agency: &AgencyId, keys: &Keys) -> anyhow::Result<Held> {
    ensure!(export.agency == agency.as_str(), "an export of another office");
    let mut held = Held { letters: BTreeMap::new(), digests: BTreeMap::new(), heads: BTreeMap::new(), receipts: BTreeMap::new() };
    for exported in export.letters {
        let claimed: Letter = prost::Message::decode(&exported.letter[..]).context("a letter")?;
        let sender = AgencyId::parse(&claimed.sender).context("a sender")?;
        let signed = by_one(keys, &sender, |ik| SignedLetter::verify(exported.letter.clone(), &exported.signature, ik));
        let signed = signed.with_context(|| format!("a letter of {sender}"))?;
        let letter = signed.letter();
        let id = letter.letter_id;
        ensure!(letter.audience().contains(agency), "{agency} holds a letter that is not for it");
        let is_new = held.letters.insert(id, letter.recipients.iter().cloned().collect()).is_none();
        ensure!(is_new, "{agency} holds a letter twice");
        held.digests.insert(id, signed.digest());
        let head = held.heads.entry((letter.thread, letter.sender.clone(), letter.store_epoch)).or_insert((0, signed.digest()));
        *head = (*head).max((letter.seq, signed.digest()));
        for receipt in &exported.receipts {
            let recipient = AgencyId::parse(&receipt.recipient).context("a recipient")?;
            let facts = by_one(keys, &recipient, |ik| verify_evidence(signed.bytes(), receipt, ik));
            let facts = facts.with_context(|| format!("a receipt of {recipient}"))?;
            let is_new = held.receipts.insert((id, recipient.clone()), facts).is_none();
            ensure!(is_new, "two receipts of {recipient} for one letter");
        }
    }
    Ok(held)
}

/// Every letter of the case is held by each of its recipients exactly once, and each has signed for it. Answers how many
/// letters there are.
pub async fn whole(world: &World, offices: &[AgencyId], codice: &str) -> anyhow::Result<usize> {
    let mut holdings = BTreeMap::new();
    for agency in offices {
        holdings.insert(agency.clone(), held(world, agency, codice).await?);
    }
    let letters: BTreeMap<_, _> = holdings.values().flat_map(|held| held.letters.clone()).collect();
    let receipts: BTreeSet<_> = holdings.values().flat_map(|held| held.receipts.keys().cloned()).collect();
    for (id, recipients) in &letters {
        for recipient in recipients {
            let holding = holdings.get(recipient).with_context(|| format!("{recipient} was not asked"))?;
            ensure!(holding.letters.contains_key(id), "{recipient} lacks a letter");
            ensure!(receipts.contains(&(*id, recipient.clone())), "no receipt of {recipient} for a letter that it holds");
        }
    }
    Ok(letters.len())
}

/// What one of the keys of an office verifies.
fn by_one<T>(keys: &Keys, agency: &AgencyId, verify: impl Fn(&PublicKey) -> Result<T, Code>) -> anyhow::Result<T> {
    let mut last = Code::UnknownKey;
    for key in keys.get(agency).into_iter().flatten() {
        match verify(key) {
            Ok(verified) => return Ok(verified),
            Err(code) => last = code,
        }
    }
    bail!("none of the keys of {agency}: {last:?}")
}
