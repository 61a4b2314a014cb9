//! What the journey's offices hold in the end, read from the cases that they export: every letter, at every office that it was
//! written to, once, in the same bytes; and a receipt for each that its sender calls delivered.
//!
//! Not here: how one export is verified (`crate::evidence`).

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, ensure};
use prost::Message as _;
use raccordo_agent::api::Delivery;
use raccordo_casework::wire::CaseExport;
use raccordo_proto::wire::SignedDirectory;
use raccordo_proto::{AgencyId, Directory};

use super::letters::is_there;
use super::{Journey, WRITES};
use crate::evidence::{Held, keys, verified};

/// Exports of machines that are no more: by case, with their office.
pub type Shelf = BTreeMap<String, Vec<(&'static str, CaseExport)>>;

impl Journey {
    /// Sets aside what an office holds: its machine goes.
    pub(super) async fn shelves(&mut self, id: &'static str) -> anyhow::Result<()> {
        for codice in &self.cases {
            let member = self.members.get(id).context("it runs")?;
            if member.has(codice).await? {
                let export = member.export(&self.desk, codice).await?;
                self.shelf.entry(codice.clone()).or_default().push((id, export));
            }
        }
        Ok(())
    }

    /// Every version that was signed, as whoever reads evidence has it.
    fn versions(&self) -> anyhow::Result<Vec<Directory>> {
        let read = |version| {
            let bytes = fs::read(self.desk.path(&format!("rete/directory/v{version:04}.bin"))).context("a version")?;
            Ok(Directory::trusted_before(&SignedDirectory::decode(&bytes[..])?)?)
        };
        (1..=self.version).map(read).collect()
    }

    /// How many letters there are, and each that is lost, doubled, changed, or neither arrived nor refused.
    pub(super) async fn counted(&self) -> anyhow::Result<(usize, Vec<String>)> {
        let (versions, mut letters, mut faults) = (self.versions()?, 0, Vec::new());
        let keys = keys(&versions);
        let writer = self.member(WRITES)?;
        for codice in &self.cases {
            let mut exports = self.shelf.get(codice).cloned().unwrap_or_default();
            for (id, member) in &self.members {
                if *id == WRITES || member.has(codice).await? {
                    exports.push((id, member.export(&self.desk, codice).await?));
                }
            }
            let mut holdings = Vec::new();
            for (id, export) in exports {
                let id = AgencyId::parse(id).context("a slug")?;
                let held = verified(export, &id, &keys).with_context(|| format!("{codice} at {id}"))?;
                holdings.push((id, held));
            }
            let mut arrived = BTreeMap::new();
            for row in writer.outbox().await?.iter().filter(|row| row.codice == *codice) {
                ensure!(row.delivery() != Delivery::Queued, "{codice} still waits for {}: {}", row.recipient, row.reason);
                arrived.insert(AgencyId::parse(&row.recipient).context("a slug")?, is_there(row.delivery())?);
            }
            letters += compared(codice, &holdings, &arrived, &mut faults);
        }
        Ok((letters, faults))
    }
}

/// A case as all its offices hold it; how many letters it has.
fn compared(codice: &str, holdings: &[(AgencyId, Held)], arrived: &BTreeMap<AgencyId, bool>, faults: &mut Vec<String>) -> usize {
    let letters: BTreeMap<_, _> = holdings.iter().flat_map(|(_, held)| held.letters.clone()).collect();
    for (letter, recipients) in &letters {
        let digests: Vec<_> = holdings.iter().filter_map(|(_, held)| held.digests.get(letter)).collect();
        if digests.windows(2).any(|two| two[0] != two[1]) {
            faults.push(format!("{codice}: a letter is not the same everywhere"));
        }
        for recipient in recipients {
            let held = holdings.iter().filter(|(id, held)| id == recipient && held.letters.contains_key(letter)).count();
            let is_receipted = holdings.iter().any(|(_, held)| held.receipts.contains_key(&(*letter, recipient.clone())));
            if held > 1 {
                faults.push(format!("{codice}: {recipient} has it {held} times"));
            }
            if is_receipted && held == 0 {
                faults.push(format!("{codice}: {recipient} has signed for what it lacks"));
            }
            if arrived.get(recipient).is_some_and(|arrived| *arrived != is_receipted) {
                faults.push(format!("{codice}: {recipient} and the sender differ"));
            }
        }
    }
    letters.len()
}
