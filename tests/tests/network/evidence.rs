//! What exported cases prove, read as a court would: signatures and receipts verified with the directory alone.
//!
//! Not here: how a case came to be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::receipts::{Held as Shown, verify_evidence};
use raccordo_casework::wire::Letter;
use raccordo_proto::ids::{Digest, LetterId, ThreadId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{AgencyId, Directory};
use raccordo_tests::processes::World;

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

/// Exports a case at an office and verifies everything in it. A letter or receipt held twice is an error.
pub async fn held(world: &World, agency: &AgencyId, codice: &str) -> anyhow::Result<Held> {
    let export = world.export(agency, codice).await?;
    let directory = world.network.directory();
    ensure!(export.agency == agency.as_str() && export.network == directory.network().as_str(), "an export of another office");
    let mut held = Held { letters: BTreeMap::new(), digests: BTreeMap::new(), heads: BTreeMap::new(), receipts: BTreeMap::new() };
    for exported in export.letters {
        let claimed: Letter = prost::Message::decode(&exported.letter[..]).context("a letter")?;
        let sender = AgencyId::parse(&claimed.sender).context("a sender")?;
        let signed = SignedLetter::verify(exported.letter, &exported.signature, &ik(&sender, directory)?);
        let signed = signed.map_err(|code| anyhow::anyhow!("a letter of {sender}: {code:?}"))?;
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
            let facts = verify_evidence(signed.bytes(), receipt, &ik(&recipient, directory)?);
            let facts = facts.map_err(|code| anyhow::anyhow!("a receipt of {recipient}: {code:?}"))?;
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

fn ik(agency: &AgencyId, directory: &Directory) -> anyhow::Result<PublicKey> {
    let machine = directory.agency(agency).and_then(|entry| entry.agents.first());
    Ok(machine.with_context(|| format!("the directory has no key of {agency}"))?.ik)
}
