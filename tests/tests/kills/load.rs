//! Segnalazioni to one office through the local API, many at a time, and what became of them. A request that was not
//! answered is repeated with the same id: it must find the letter that the first one wrote, or write it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use prost::Message as _;
use raccordo_agent::api::{Delivery, ExportRequest, InboxRequest, OutboxRequest, OutboxRow, SegnalaRequest};
use raccordo_agent::client::LocalClient;
use raccordo_casework::wire::{CaseExport, Letter};
use raccordo_certs_dev::cast::{cav, cpi};
use raccordo_proto::AgencyId;
use raccordo_tests::processes::World;
use raccordo_tests::town::form;
use tokio::task::JoinSet;

/// Requests under way at once.
const AT_ONCE: usize = 8;

/// What was asked, and what was acknowledged.
pub struct Load {
    operator: String,
    next: u128,
    /// Letter id → codice.
    acknowledged: BTreeMap<Vec<u8>, String>,
    unanswered: BTreeSet<u128>,
}

/// The comparison of both sides.
#[derive(Debug)]
pub struct Verdict {
    /// Letters acknowledged to the person.
    pub acknowledged: usize,
    /// Of these, how many are not at both ends.
    pub lost: usize,
    /// How many are there more than once.
    pub doubled: usize,
}

impl Load {
    pub fn new(operator: String) -> Self {
        Self { operator, next: 1, acknowledged: BTreeMap::new(), unanswered: BTreeSet::new() }
    }

    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// The codici of what was acknowledged to the person.
    pub fn cases(&self) -> BTreeSet<String> {
        self.acknowledged.values().cloned().collect()
    }

    /// How many of these cases' letters the sender itself shows without receipt, now.
    pub async fn without_receipt(&self, world: &World, acknowledged: &BTreeSet<String>) -> anyhow::Result<usize> {
        let asked = OutboxRequest { operator: self.operator.clone() };
        let rows = world.client(&cav())?.outbox(asked).await.context("an outbox")?.into_inner().rows;
        Ok(waiting(acknowledged, &rows))
    }

    /// Sends so many, and waits for every answer.
    pub async fn send(&mut self, world: &World, letters: usize) -> anyhow::Result<()> {
        let answered = self.until_answers(world, letters, letters).await?;
        ensure!(answered == letters, "{answered} of {letters} were acknowledged while nobody was killed");
        Ok(())
    }

    /// Starts eight more than `letters`, and returns once `letters` of them are acknowledged: the others are under way.
    pub async fn until(&mut self, world: &World, letters: usize) -> anyhow::Result<usize> {
        self.until_answers(world, letters + AT_ONCE, letters).await
    }

    /// Asks again, with the same ids, for everything that was never answered.
    pub async fn retry_unanswered(&mut self, world: &World) -> anyhow::Result<()> {
        for request in std::mem::take(&mut self.unanswered) {
            let client = world.client(&cav())?;
            let (_, answer) = segnala(client, self.operator.clone(), request).await;
            let (letter, codice) = answer.context("a retry is answered")?;
            self.acknowledged.insert(letter, codice);
        }
        Ok(())
    }

    async fn until_answers(&mut self, world: &World, asked: usize, enough: usize) -> anyhow::Result<usize> {
        let mut under_way = JoinSet::new();
        let (mut started, mut answered) = (0, 0);
        while answered < enough {
            while started < asked && under_way.len() < AT_ONCE {
                under_way.spawn(segnala(world.client(&cav())?, self.operator.clone(), self.next));
                self.unanswered.insert(self.next);
                (self.next, started) = (self.next + 1, started + 1);
            }
            let Some(done) = under_way.join_next().await else { break };
            answered += usize::from(self.note(done?));
        }
        // What has been answered meanwhile counts; the rest stays unanswered, as when a person closes the lid.
        while let Some(done) = under_way.try_join_next() {
            answered += usize::from(self.note(done?));
        }
        Ok(answered)
    }

    fn note(&mut self, (request, answer): (u128, Option<(Vec<u8>, String)>)) -> bool {
        let Some((letter, codice)) = answer else { return false };
        self.unanswered.remove(&request);
        self.acknowledged.insert(letter, codice);
        true
    }

    /// Compares the letters of every acknowledged case, as exported at both ends.
    pub async fn verdict(&self, world: &World) -> anyhow::Result<Verdict> {
        let mut verdict = Verdict { acknowledged: self.acknowledged.len(), lost: 0, doubled: 0 };
        let inbox = inbox(world).await?;
        for (letter, codice) in &self.acknowledged {
            let places = [letters(world, &cav(), codice).await?, letters(world, &cpi(), codice).await?];
            let times = places.map(|found| found.iter().filter(|id| *id == letter).count());
            let listed = inbox.iter().filter(|listed| *listed == codice).count();
            verdict.lost += usize::from(times.contains(&0) || listed == 0);
            verdict.doubled += usize::from(times.iter().any(|times| *times > 1) || listed > 1);
        }
        Ok(verdict)
    }
}

/// Letters acknowledged to the person and still in the queue. A load's cases have one letter each, to one office.
fn waiting(acknowledged: &BTreeSet<String>, rows: &[OutboxRow]) -> usize {
    rows.iter().filter(|row| row.delivery() == Delivery::Queued && acknowledged.contains(&row.codice)).count()
}

#[test]
fn what_was_not_acknowledged_or_has_a_receipt_does_not_count() {
    let row = |codice: &str, delivery: Delivery| OutboxRow {
        codice: codice.to_owned(),
        delivery: delivery.into(),
        ..Default::default()
    };
    let acknowledged = BTreeSet::from(["A".to_owned(), "B".to_owned()]);
    let queued = |codice| row(codice, Delivery::Queued);
    assert_eq!(waiting(&acknowledged, &[queued("A"), queued("C"), row("B", Delivery::Delivered)]), 1);
    assert_eq!(waiting(&acknowledged, &[queued("C"), row("A", Delivery::Delivered), row("B", Delivery::Read)]), 0);
    assert_eq!(waiting(&BTreeSet::new(), &[queued("A"), queued("B")]), 0);
}

/// One request: its number, and the letter with its case when it was acknowledged.
async fn segnala(mut client: LocalClient, operator: String, request: u128) -> (u128, Option<(Vec<u8>, String)>) {
    let mut modulo = form();
    modulo.parte_riservata = None;
    modulo.chi_non_deve_sapere = vec!["sociale-rivabella".to_owned(), "sil-rivabella".to_owned()];
    let asked = SegnalaRequest {
        modulo: Some(modulo),
        equipe: "cremona".to_owned(),
        request_id: request.to_be_bytes().to_vec(),
        operator,
        ..Default::default()
    };
    let act = client.segnala(asked).await.ok().and_then(|answer| answer.into_inner().act);
    (request, act.map(|act| (act.letter_id, act.codice)))
}

async fn letters(world: &World, agency: &AgencyId, codice: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let asked = ExportRequest { codice: codice.to_owned(), operator: world.pseudonym(agency)? };
    let answer = world.client(agency)?.export(asked).await;
    let Ok(answer) = answer else { return Ok(Vec::new()) };
    let CaseExport { letters, .. } = answer.into_inner().export.context("an export")?;
    letters.iter().map(|exported| Ok(Letter::decode(&exported.letter[..]).context("a letter")?.letter_id)).collect()
}

async fn inbox(world: &World) -> anyhow::Result<Vec<String>> {
    let asked = InboxRequest { operator: world.pseudonym(&cpi())? };
    let rows = world.client(&cpi())?.inbox(asked).await.context("an inbox")?.into_inner().rows;
    Ok(rows.into_iter().map(|row| row.codice).collect())
}
