//! What gateways and peers say of the directory, and what is asked of the gateway because of it.
//!
//! Not here: whether it holds (workers), what is installed (the desk).

use std::sync::Arc;

use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::limits::DOUBT_EVERY;
use raccordo_proto::{Directory, Timestamp};

use super::{Courier, Output};
use crate::desk::Input;
use crate::letter::Letter;
use crate::work::Looked;

/// What was heard.
#[derive(Default)]
pub(super) struct News {
    /// The newest version that a gateway has named: a fetch may be lost, or its answer refused by a clock that is behind.
    newest: u64,
    /// When a peer's word that there is another document of the installed version was last looked into.
    doubted_at: Option<Timestamp>,
}

impl Courier {
    fn version(&self) -> u64 {
        self.directory.as_ref().map_or(0, |directory| directory.version())
    }

    /// A gateway names its version. It may be the same, with a newer Confirm.
    pub(super) fn heard_of(&mut self, version: u64) {
        self.news.newest = version;
        if version >= self.version() {
            self.outputs.push_back(Output::Fetch { since: self.version() });
        }
    }

    /// What was named and has not come.
    pub(super) fn fetch_what_is_newer(&mut self) {
        if self.news.newest > self.version() {
            self.outputs.push_back(Output::Fetch { since: self.version() });
        }
    }

    /// A gateway's answer. Where its heads do not lead here, and they were not asked for from an earlier version, they are asked
    /// for from the one before: a fork is healed by what follows the other document (D-15).
    pub(super) fn looked(&mut self, looked: Looked) {
        let is_from_before = looked.since < self.version();
        match looked.directory {
            Ok(newer) => self.outputs.extend(newer.map(|newer| Output::Ask(Input::DirectoryOffered(newer)))),
            Err(DirectoryFault::Chain) if !is_from_before && self.directory.is_some() => self.ask_from_before(),
            // What was asked for from the version before may be what is here.
            Err(DirectoryFault::Version) if is_from_before => {}
            Err(fault) => self.reject(fault.code()),
        }
        match looked.confirmed {
            Some(Ok(confirmed)) => self.outputs.push_back(Output::Ask(Input::DirectoryConfirmed(confirmed))),
            Some(Err(fault)) => self.reject(fault.code()),
            None => {}
        }
        let rival = looked.rival.map(|(rival, version)| Input::DirectoryRivalled { rival, version });
        self.outputs.extend(rival.map(Output::Ask));
    }

    fn ask_from_before(&mut self) {
        self.outputs.push_back(Output::Fetch { since: self.version().saturating_sub(1) });
    }

    /// D-20: whoever cites another head of the installed version has another document, or says so: the gateway is asked for it.
    pub(super) fn gossip(&mut self, letter: &Letter, now: Timestamp) {
        let differs = |mine: &Arc<Directory>| mine.version() == letter.directory_version && mine.head_hash() != letter.head_hash;
        let is_due = self.news.doubted_at.is_none_or(|at| now >= at.plus(DOUBT_EVERY));
        if is_due && self.directory.as_ref().is_some_and(differs) {
            self.news.doubted_at = Some(now);
            self.ask_from_before();
        }
    }
}
