//! What the town's admins sign, and what its gateway answers when an office asks for it: versions, another document of the same
//! version, one that heals the fork, Confirms.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use raccordo_admin::roster::{Dates, Roster};
use raccordo_gateway::router;
use raccordo_proto::directory::confirm;
use raccordo_proto::wire::{DirectoryNews, FetchResponse, Head, SignedDirectory, to_agent};
use raccordo_proto::{Directory, Timestamp};

use super::Town;

impl Town {
    /// The admins change something, and everybody attached hears of it.
    pub fn publish(&mut self, change: impl FnOnce(&mut Roster)) {
        change(&mut self.roster);
        let next = self.roster.publish(&self.vault, Some(&self.directory), Dates::from_now(self.now), self.now);
        self.serve(next.expect("a directory"));
    }

    /// Two admins did not speak to each other: the gateway has another document of this version, and nobody is told.
    pub fn fork(&mut self) {
        let other = self.signed_again(|head| head.expires += 1);
        self.history.pop();
        self.directory = Arc::new(other);
        self.history.push((self.directory.version(), self.directory.document().clone()));
    }

    /// The next version, after the document that the gateway has; it supersedes these.
    pub fn heal(&mut self, left_behind: &[&Directory]) {
        let hash = |left: &&Directory| Bytes::copy_from_slice(left.head_hash().as_bytes());
        let supersedes: Vec<Bytes> = left_behind.iter().map(hash).collect();
        self.serve(self.next(|head| head.supersedes = supersedes));
    }

    /// The next version, which the admins signed then and hand in only now.
    pub fn publish_signed_at(&mut self, issued: Timestamp) {
        self.serve(self.next(|head| head.issued = issued.as_millis()));
    }

    fn next(&self, change: impl FnOnce(&mut Head)) -> Directory {
        self.signed_again(|head| {
            head.version += 1;
            head.previous_head = Bytes::copy_from_slice(self.directory.head_hash().as_bytes());
            change(head);
        })
    }

    /// An admin says that this version still holds; everybody attached hears of it.
    pub fn confirm(&mut self) {
        self.confirmed = Some(confirm::issue(&self.directory, self.now, &self.admin));
        self.news(self.directory.version());
    }

    /// From now on the gateway answers so, whatever the admins have signed: given what the asker has.
    pub fn lie(&mut self, answer: impl Fn(u64) -> FetchResponse + 'static) {
        self.lie = Some(Box::new(answer));
    }

    /// The gateway says to everybody attached that it has this version.
    pub fn news(&mut self, version: u64) {
        let news = to_agent::Frame::DirectoryNews(DirectoryNews { version });
        let connections: Vec<_> = self.connections.keys().copied().collect();
        connections.into_iter().for_each(|connection| self.deliver(connection, news.clone()));
        self.settle();
    }

    fn signed_again(&self, change: impl FnOnce(&mut Head)) -> Directory {
        let mut head = Head::decode(self.directory.document().head.clone()).expect("its own");
        change(&mut head);
        let head = Bytes::from(head.encode_to_vec());
        let document = SignedDirectory { signatures: self.vault.sign(&head), head, body: self.directory.document().body.clone() };
        Directory::trusted_before(&document).expect("what the admins sign holds")
    }

    fn serve(&mut self, next: Directory) {
        self.directory = Arc::new(next);
        self.confirmed = None;
        self.history.push((self.directory.version(), self.directory.document().clone()));
        self.route(router::Input::Directory(self.directory.clone()));
        self.settle();
    }

    /// As a gateway answers.
    pub(super) fn fetch(&self, since: u64) -> FetchResponse {
        if let Some(lie) = &self.lie {
            return lie(since);
        }
        let version = self.directory.version();
        let newest = (since < version).then(|| self.directory.document().clone());
        let between = self.history.iter().filter(|(v, _)| *v > since && *v < version);
        let heads = between.map(|(_, document)| SignedDirectory { body: Bytes::new(), ..document.clone() }).collect();
        FetchResponse { heads, newest, confirm: self.confirmed.clone() }
    }
}
