//! An office of the journey: its folder, its process, and what its own people ask it.
//!
//! Not here: how it came in (`stages`), what its letters prove (`evidence`).

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use raccordo_agent::api::{
    Delivery, EventKind, InboxRequest, OutboxRequest, OutboxRow, StatusRequest, StatusResponse, WatchRequest,
};
use raccordo_agent::client::{self, LocalClient};
use raccordo_casework::wire::CaseExport;
use raccordo_tests::processes::Running;
use tokio::sync::watch;

use crate::admin::{Desk, runs};

/// A running office.
pub struct Member {
    pub id: &'static str,
    pub folder: String,
    pub running: Running,
    client: LocalClient,
    /// How often it was attached; every event wakes whoever waits.
    attached: Arc<watch::Sender<usize>>,
}

impl Member {
    /// Runs on what an activation has made.
    pub async fn starts(desk: &Desk, id: &'static str, folder: &str) -> anyhow::Result<Self> {
        let running = runs(desk, id, "raccordo-agent", &format!("{folder}/agent.toml"), "the agent serves").await?;
        Self::of(desk, id, folder, running).await
    }

    /// One that runs already, of which somebody may act.
    pub async fn of(desk: &Desk, id: &'static str, folder: &str, running: Running) -> anyhow::Result<Self> {
        let mut client = client::connect(&desk.path(folder).join("api.sock")).await?;
        let mut events = client.watch(WatchRequest {}).await.context("watch")?.into_inner();
        let attached = Arc::new(watch::Sender::new(0));
        let teller = attached.clone();
        tokio::spawn(async move {
            while let Ok(Some(event)) = events.message().await {
                teller.send_modify(|times| *times += usize::from(event.kind() == EventKind::Attached));
            }
        });
        Ok(Self { id, folder: folder.to_owned(), running, client, attached })
    }

    /// Somebody who may write, answer and say yes to a key.
    pub async fn gets_a_person(&self, desk: &Desk) -> anyhow::Result<()> {
        let uid = fs::metadata(desk.path("rete")).context("our own folder")?.uid();
        let add = format!("operator add Giulia --uid {uid} --ruolo operatrice,referente");
        self.does(desk, &add).await.map(drop)
    }

    /// Types a line at this office that must be done.
    pub async fn does(&self, desk: &Desk, line: &str) -> anyhow::Result<serde_json::Value> {
        desk.done("raccordo-agent", &format!("--json --config {}/agent.toml {line}", self.folder)).await?.json()
    }

    pub async fn status(&self) -> anyhow::Result<StatusResponse> {
        Ok(self.client.clone().status(StatusRequest {}).await.context("status")?.into_inner())
    }

    pub async fn outbox(&self) -> anyhow::Result<Vec<OutboxRow>> {
        let asked = OutboxRequest { operator: String::new() };
        Ok(self.client.clone().outbox(asked).await.context("outbox")?.into_inner().rows)
    }

    /// The row of a case for an office.
    pub async fn row(&self, codice: &str, recipient: &str) -> anyhow::Result<(Delivery, String)> {
        let rows = self.outbox().await?;
        let row = rows.iter().find(|row| row.codice == codice && row.recipient == recipient);
        row.map(|row| (row.delivery(), row.reason.clone())).with_context(|| format!("no row of {codice} for {recipient}"))
    }

    /// Whether a case has arrived here.
    pub async fn has(&self, codice: &str) -> anyhow::Result<bool> {
        let asked = InboxRequest { operator: String::new() };
        Ok(self.client.clone().inbox(asked).await.context("inbox")?.into_inner().rows.iter().any(|row| row.codice == codice))
    }

    pub async fn export(&self, desk: &Desk, codice: &str) -> anyhow::Result<CaseExport> {
        let out = format!("{}-{codice}.raccordo", self.folder);
        self.does(desk, &format!("case export {codice} --out {out}")).await?;
        prost::Message::decode(&fs::read(desk.path(&out)).context("the export")?[..]).context("the export is not readable")
    }

    /// Waits until something of this office is so; asks again whenever it tells anything.
    pub async fn until(
        &self,
        what: &str,
        within: Duration,
        is_so: impl AsyncFn(&Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let asked = async {
            let mut events = self.attached.subscribe();
            while !is_so(self).await? {
                ensure!(events.changed().await.is_ok(), "{} tells nothing more", self.id);
            }
            Ok(())
        };
        match tokio::time::timeout(within, asked).await {
            Ok(ended) => ended.with_context(|| what.to_owned()),
            Err(_) => {
                let rows = self.outbox().await?;
                let rows: Vec<_> =
                    rows.iter().map(|row| (&row.codice, &row.recipient, row.delivery().as_str_name(), &row.reason)).collect();
                bail!("{}: not {what} in {within:?}: {rows:?}\n{}", self.id, self.running.last_words())
            }
        }
    }

    /// How often it was attached.
    pub fn attachments(&self) -> usize {
        *self.attached.borrow()
    }
}
