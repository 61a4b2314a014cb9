//! The directory as this gateway holds it: verified, durable, handed out with the heads that led to it. A gateway cannot sign
//! one, and never goes back to an older one, not even across a restart.
//!
//! Not here: where it lies (`copy`), what else changes with it (`install`), cards of agencies (not built).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use prost::Message as _;
use raccordo_machine::files;
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::directory::confirm::{self, ConfirmFault, Confirmed, looked_after_until};
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::limits::{DIRECTORY_BYTES_MAX, LINKS_MAX, SIGNED_HEAD_BYTES_MAX};
use raccordo_proto::{Code, Directory, Timestamp, wire};
use tokio::sync::watch;

use crate::config::Config;
use crate::copy::DurableCopy;
use crate::failure::Failure;

/// A trust file.
pub const TRUST_BYTES_MAX: usize = 64 * 1024;

/// The installed directory, the heads that led to it, and its newest Confirm.
pub struct Publication {
    file: PathBuf,
    copy: DurableCopy,
    /// There was no copy: the network begins here with the file's document.
    begins: bool,
    trust: Trust,
    installed: watch::Sender<Arc<Directory>>,
    beside: Mutex<Beside>,
}

#[derive(Clone, Default)]
struct Beside {
    heads: Vec<wire::SignedDirectory>,
    confirmed: Option<Confirmed>,
}

/// Why a document or a Confirm was not taken. What was served before is served still.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// A document breaks a rule.
    #[error("{0}")]
    Document(#[from] DirectoryFault),
    /// A Confirm breaks a rule.
    #[error("{0}")]
    Confirm(#[from] ConfirmFault),
    /// This machine could not read or keep it.
    #[error("{0}")]
    Failed(#[from] Failure),
}

impl NotTaken {
    /// The code that whoever handed it in is told. Of this machine's own failures they learn only that it may pass.
    pub fn code(&self) -> Code {
        match self {
            Self::Document(fault) => fault.code(),
            Self::Confirm(fault) => fault.code(),
            Self::Failed(_) => Code::Busy,
        }
    }
}

impl Publication {
    /// Reads and verifies the gateway's own copy or, where there is none yet, the file that the configuration names. Changes
    /// nothing on disk.
    pub fn load(config: &Config, now: Timestamp) -> Result<Self, Failure> {
        let trust = files::read_at_most(&config.trust, TRUST_BYTES_MAX)
            .map_err(|cause| Failure::Unverified(format!("the trust file {}: {cause}", config.trust.display())))?;
        let trust = Trust::read(&trust)
            .map_err(|fault| Failure::Unverified(format!("the trust file {}: {fault}", config.trust.display())))?;
        if trust.network != config.network {
            let (theirs, ours) = (&trust.network, &config.network);
            return Err(Failure::Unverified(format!("the trust file is of the network {theirs}, the configuration of {ours}")));
        }
        let copy = DurableCopy::at(&config.state);
        let (begins, heads, directory) = match copy.read(&trust)? {
            Some(held) => (false, held.heads, held.directory),
            None => (true, Vec::new(), first(config, &copy, &trust, now)?),
        };
        let confirmed = copy.confirm(&directory, now);
        Ok(Self {
            file: config.directory.clone(),
            copy,
            begins,
            trust,
            installed: watch::Sender::new(Arc::new(directory)),
            beside: Mutex::new(Beside { heads, confirmed }),
        })
    }

    /// Makes durable what is about to be served, where it is not so yet.
    pub fn keep(&self) -> Result<(), Failure> {
        if self.begins {
            self.copy.write(&self.beside().heads, self.directory().document())?;
        }
        if let Err(fault) = self.copy.forget_what_was_seen() {
            tracing::warn!("{fault}: it is not looked at beside a copy");
        }
        Ok(())
    }

    /// The installed directory.
    pub fn directory(&self) -> Arc<Directory> {
        self.installed.borrow().clone()
    }

    /// Follows the installed directory.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Directory>> {
        self.installed.subscribe()
    }

    /// Until when the newest Confirm speaks, and until when the directory counts as looked after.
    pub fn confirmed(&self) -> (Option<Timestamp>, Timestamp) {
        let beside = self.beside();
        let until = beside.confirmed.as_ref().map(|confirmed| confirmed.until);
        (until, looked_after_until(&self.directory(), beside.confirmed.as_ref()))
    }

    /// The document of the file that the configuration names.
    pub fn file(&self) -> Result<wire::SignedDirectory, Failure> {
        read(&self.file)
    }

    /// Whether a document says that it comes before the installed one, or is it.
    fn is_older(&self, document: &wire::SignedDirectory) -> bool {
        let installed = self.directory();
        let is_before = |head: wire::Head| head.version < installed.version();
        document.head == installed.document().head || wire::Head::decode(document.head.clone()).is_ok_and(is_before)
    }

    /// Takes the file's document at a start; one that is older, or installed already, is passed over.
    pub fn take_file(&self, now: Timestamp) -> Result<Option<Arc<Directory>>, NotTaken> {
        let document = self.file()?;
        if self.is_older(&document) { Ok(None) } else { self.take(&[], &document, now) }
    }

    /// The directory that a start would serve: the file's when it follows. Errors: a file that a start would report and pass over.
    pub fn at_a_start(&self, now: Timestamp) -> Result<Arc<Directory>, Failure> {
        let document = self.file()?;
        if self.is_older(&document) {
            return Ok(self.directory());
        }
        let unverified = |fault| Failure::Unverified(format!("the directory {}: {fault}", self.file.display()));
        self.verify(&[], &document, now).map(Arc::new).map_err(unverified)
    }

    /// Takes the next document, by whichever way it came: verified, durable, then served. Nothing when it is installed
    /// already. One change at a time: that is the caller's to see to.
    pub fn take(
        &self,
        links: &[wire::SignedDirectory],
        document: &wire::SignedDirectory,
        now: Timestamp,
    ) -> Result<Option<Arc<Directory>>, NotTaken> {
        let installed = self.directory();
        if document.head == installed.document().head && document.body == installed.document().body {
            return Ok(None);
        }
        let directory = Arc::new(self.verify(links, document, now)?);
        let heads = led(self.beside().heads.clone(), &installed, links);
        self.copy.write(&heads, directory.document())?;
        let mut beside = self.beside();
        *beside = Beside { heads, confirmed: None };
        self.installed.send_replace(directory.clone());
        drop(beside);
        if let Err(fault) = self.copy.forget_confirm() {
            tracing::warn!("{fault}: it is of the version before, and counts for nothing");
        }
        Ok(Some(directory))
    }

    /// Whether a document may follow the installed one; changes nothing.
    pub fn verify(
        &self,
        links: &[wire::SignedDirectory],
        document: &wire::SignedDirectory,
        now: Timestamp,
    ) -> Result<Directory, DirectoryFault> {
        // What has no place in an agent's Fetch, later, is not taken now.
        let is_large = |signed: &wire::SignedDirectory| signed.encoded_len() > SIGNED_HEAD_BYTES_MAX;
        if links.len() > LINKS_MAX || links.iter().any(is_large) || is_large(&bare(document)) {
            return Err(DirectoryFault::Size);
        }
        update::verify(links, document, &self.trust, Some(&self.directory()), now)
    }

    /// Takes a Confirm of the installed directory: durable, then served. False when one that is held speaks as long.
    pub fn confirm(&self, signed: &wire::SignedConfirm, now: Timestamp) -> Result<bool, NotTaken> {
        let confirmed = confirm::verify(signed, &self.directory(), now)?;
        if self.beside().confirmed.as_ref().is_some_and(|held| held.until >= confirmed.until) {
            return Ok(false);
        }
        self.copy.write_confirm(&confirmed)?;
        self.beside().confirmed = Some(confirmed);
        Ok(true)
    }

    /// The newest document and the heads known to lead to it from `since`, none of both when the asker has it; and the newest
    /// Confirm.
    pub fn fetch(&self, since: u64) -> wire::FetchResponse {
        let beside = self.beside();
        let newest = self.directory();
        let confirm = beside.confirmed.as_ref().map(|confirmed| confirmed.signed().clone());
        if since >= newest.version() {
            return wire::FetchResponse { confirm, ..Default::default() };
        }
        let first = newest.version() - beside.heads.len() as u64;
        let led = beside.heads.iter().zip(first..).filter(|(_, version)| *version > since).map(|(head, _)| head.clone());
        wire::FetchResponse { heads: led.collect(), newest: Some(newest.document().clone()), confirm }
    }

    fn beside(&self) -> MutexGuard<'_, Beside> {
        self.beside.lock().expect("nothing panics while this lock is held")
    }
}

/// Where a gateway begins: the file's document, by the trust file.
fn first(config: &Config, copy: &DurableCopy, trust: &Trust, now: Timestamp) -> Result<Directory, Failure> {
    let directory = update::verify(&[], &read(&config.directory)?, trust, None, now)
        .map_err(|fault| Failure::Unverified(format!("the directory {}: {fault}", config.directory.display())))?;
    copy.not_before_what_was_seen(&directory)?;
    Ok(directory)
}

fn read(path: &std::path::Path) -> Result<wire::SignedDirectory, Failure> {
    let bytes = files::read_at_most(path, DIRECTORY_BYTES_MAX)
        .map_err(|cause| Failure::Unverified(format!("the directory {}: {cause}", path.display())))?;
    wire::SignedDirectory::decode(Bytes::from(bytes))
        .map_err(|_| Failure::Unverified(format!("the directory {} is not readable", path.display())))
}

/// A head and its signatures, without the body.
fn bare(document: &wire::SignedDirectory) -> wire::SignedDirectory {
    wire::SignedDirectory { body: Bytes::new(), ..document.clone() }
}

/// The heads that lead to what follows `installed` by these verified links. Links that begin at its own version heal a fork
/// (D-15): the other head stands in its place, so that one unbroken chain is handed out.
fn led(
    mut heads: Vec<wire::SignedDirectory>,
    installed: &Directory,
    links: &[wire::SignedDirectory],
) -> Vec<wire::SignedDirectory> {
    let begins_at = |link: &wire::SignedDirectory| wire::Head::decode(link.head.clone()).map(|head| head.version);
    if links.first().is_none_or(|link| begins_at(link) != Ok(installed.version())) {
        heads.push(bare(installed.document()));
    }
    heads.extend(links.iter().map(bare));
    heads.split_off(heads.len().saturating_sub(LINKS_MAX))
}

#[cfg(test)]
#[path = "publication_tests.rs"]
mod tests;
