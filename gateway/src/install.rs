//! The one path by which a directory comes into force, whether it lay in the file or was handed in: kept, served, followed by
//! TLS and by the router, and whoever is out is cut. One change at a time, and none is left half done by whoever asked for it
//! going away.
//!
//! Not here: the rules (`raccordo_proto::directory`), the files (`copy`), the port (`authority`).

use core::time::Duration;
use std::sync::Arc;

use raccordo_machine::clock;
use raccordo_proto::{Directory, wire};
use tokio::sync::{Mutex, watch};

use crate::audit::Audit;
use crate::config::Config;
use crate::event::{Event, Way};
use crate::failure::Failure;
use crate::link::Links;
use crate::publication::{NotTaken, Publication};
use crate::relay::Relay;
use crate::router::Input;
use crate::tls::{self, Configs};

/// Between the Goodbye of a cut peer and the end of its connection.
pub const GOODBYE_TIME: Duration = Duration::from_millis(500);

/// What follows the directory.
pub struct Install {
    /// Where certificates and keys lie.
    pub config: Config,
    /// What is served.
    pub publication: Arc<Publication>,
    /// The TLS of the next handshakes.
    pub tls: watch::Sender<Arc<Configs>>,
    /// Connections to be cut.
    pub links: Links,
    /// The router.
    pub relay: Relay,
    /// Where it is written down.
    pub audit: Audit,
    /// Whose turn it is.
    pub turn: Mutex<()>,
}

impl Install {
    /// Reads the directory file again, because somebody has asked for it. A document that follows is installed; any other is
    /// reported and changes nothing.
    pub async fn file(self: &Arc<Self>) {
        let this = self.clone();
        let read = tokio::task::spawn_blocking(move || this.publication.file()).await;
        let document = match read.map_err(|fault| stopped(&fault)).and_then(|read| read) {
            Ok(document) => document,
            Err(fault) => return self.not_taken(&NotTaken::Failed(fault)),
        };
        if let Err(fault) = self.clone().taken(Vec::new(), document, Way::File).await {
            self.not_taken(&fault);
        }
    }

    /// Takes a document that was handed in. Whether anything has changed; a refusal is written down by whoever answers it.
    pub async fn publish(
        self: &Arc<Self>,
        links: Vec<wire::SignedDirectory>,
        document: wire::SignedDirectory,
    ) -> Result<bool, NotTaken> {
        // A task of its own: a caller that goes away leaves no directory that is served and not followed.
        let task = tokio::spawn(self.clone().taken(links, document, Way::Authority));
        task.await.map_err(|fault| stopped(&fault))?
    }

    async fn taken(
        self: Arc<Self>,
        links: Vec<wire::SignedDirectory>,
        document: wire::SignedDirectory,
        way: Way,
    ) -> Result<bool, NotTaken> {
        let _turn = self.turn.lock().await;
        let publication = self.publication.clone();
        let taken = tokio::task::spawn_blocking(move || publication.take(&links, &document, clock::now())).await;
        let Some(directory) = taken.map_err(|fault| stopped(&fault))?? else { return Ok(false) };
        self.audit.row(Event::Directory { version: directory.version(), way });
        self.follow(directory).await;
        Ok(true)
    }

    /// Reads the gateway's own chain and key again: the next handshakes use them. Bad ones change nothing.
    pub fn read_tls(&self) {
        match tls::configs(&self.config, &self.publication.subscribe(), clock::now()) {
            Ok(tls) => drop(self.tls.send_replace(tls)),
            Err(fault) => tracing::error!("{fault}: the former TLS configuration stays"),
        }
    }

    async fn follow(&self, directory: Arc<Directory>) {
        self.read_tls();
        self.relay.input(Input::Directory(directory.clone())).await;
        let links = self.links.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GOODBYE_TIME).await;
            links.cut_fallen(&directory, clock::now());
        });
    }

    /// Takes a Confirm; attached agents are told as of a directory. Whether anything has changed.
    pub async fn confirm(self: &Arc<Self>, signed: wire::SignedConfirm) -> Result<bool, NotTaken> {
        let task = tokio::spawn(self.clone().confirmed(signed));
        task.await.map_err(|fault| stopped(&fault))?
    }

    async fn confirmed(self: Arc<Self>, signed: wire::SignedConfirm) -> Result<bool, NotTaken> {
        let _turn = self.turn.lock().await;
        let publication = self.publication.clone();
        let taken = tokio::task::spawn_blocking(move || publication.confirm(&signed, clock::now())).await;
        if !taken.map_err(|fault| stopped(&fault))?? {
            return Ok(false);
        }
        let directory = self.publication.directory();
        let until = self.publication.confirmed().0.map_or(0, |until| until.as_millis());
        self.audit.row(Event::Confirmed { version: directory.version(), until });
        self.relay.input(Input::Directory(directory)).await;
        Ok(true)
    }

    fn not_taken(&self, fault: &NotTaken) {
        tracing::error!("{fault}: version {} is served still", self.publication.directory().version());
        self.audit.row(refused(Way::File, fault));
    }
}

/// The row of a document that was not taken.
pub fn refused(way: Way, fault: &NotTaken) -> Event {
    let code = (!matches!(fault, NotTaken::Failed(_))).then(|| fault.code().name());
    Event::DirectoryRefused { way, code, reason: fault.to_string() }
}

fn stopped(fault: &tokio::task::JoinError) -> Failure {
    Failure::Machine(format!("a change of the directory has ended by itself: {fault}"))
}
