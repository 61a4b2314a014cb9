//! The directory as this gateway holds it: read from its file, verified, handed out. A gateway cannot sign one, and never goes
//! back to an older one, not even across a restart (`directory.seen`).
//!
//! Not here: taking one from the network (Publish), Confirms, cards of agencies (not built).

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use prost::Message as _;
use raccordo_machine::files;
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::limits::{DIRECTORY_BYTES_MAX, LINKS_MAX};
use raccordo_proto::{Directory, Timestamp, wire};
use tokio::sync::watch;

use crate::config::Config;
use crate::failure::Failure;

const TRUST_BYTES_MAX: usize = 64 * 1024;

/// The installed directory and the heads that led to it since the start.
pub struct Publication {
    path: PathBuf,
    seen_path: PathBuf,
    trust: Trust,
    installed: watch::Sender<Arc<Directory>>,
    heads: Mutex<Vec<wire::SignedDirectory>>,
}

impl Publication {
    /// Reads and verifies the files that the configuration names; changes nothing on disk.
    pub fn load(config: &Config, now: Timestamp) -> Result<Self, Failure> {
        let trust = files::read_at_most(&config.trust, TRUST_BYTES_MAX)
            .map_err(|cause| Failure::Unverified(format!("the trust file {}: {cause}", config.trust.display())))?;
        let trust = Trust::read(&trust)
            .map_err(|fault| Failure::Unverified(format!("the trust file {}: {fault}", config.trust.display())))?;
        if trust.network != config.network {
            let (theirs, ours) = (&trust.network, &config.network);
            return Err(Failure::Unverified(format!("the trust file is of the network {theirs}, the configuration of {ours}")));
        }
        let document = read(&config.directory)?;
        let directory = update::verify(&[], &document, &trust, None, now)
            .map_err(|fault| Failure::Unverified(format!("the directory {}: {fault}", config.directory.display())))?;
        let seen_path = config.state.join("directory.seen");
        not_older_than_seen(&seen_path, &directory)?;
        Ok(Self {
            path: config.directory.clone(),
            seen_path,
            trust,
            installed: watch::Sender::new(Arc::new(directory)),
            heads: Mutex::new(Vec::new()),
        })
    }

    /// The installed directory.
    pub fn directory(&self) -> Arc<Directory> {
        self.installed.borrow().clone()
    }

    /// Follows the installed directory.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Directory>> {
        self.installed.subscribe()
    }

    /// Remembers on disk which version is served, so that an older one is refused after a restart.
    pub fn remember(&self) -> Result<(), Failure> {
        let seen = seen(&self.directory());
        files::replace(&self.seen_path, &seen).map_err(|cause| Failure::file("write", &self.seen_path, cause))
    }

    /// Reads the file again. The new directory when there is one; none when the file has not changed; the old one stays when
    /// the file is not good.
    pub fn reload(&self, now: Timestamp) -> Result<Option<Arc<Directory>>, Failure> {
        let document = read(&self.path)?;
        let installed = self.directory();
        if document.head == installed.document().head && document.body == installed.document().body {
            return Ok(None);
        }
        let directory = update::verify(&[], &document, &self.trust, Some(&installed), now)
            .map_err(|fault| Failure::Unverified(format!("the directory {}: {fault}", self.path.display())))?;
        let directory = Arc::new(directory);
        let mut heads = self.heads.lock().expect("nothing panics while this lock is held");
        heads.push(wire::SignedDirectory { body: Bytes::new(), ..installed.document().clone() });
        if heads.len() > LINKS_MAX {
            heads.remove(0);
        }
        self.installed.send_replace(directory.clone());
        drop(heads);
        self.remember()?;
        Ok(Some(directory))
    }

    /// The newest document and the heads known to lead to it from `since`; nothing when the asker has it.
    pub fn fetch(&self, since: u64) -> wire::FetchResponse {
        let heads = self.heads.lock().expect("nothing panics while this lock is held");
        let newest = self.directory();
        if since >= newest.version() {
            return wire::FetchResponse::default();
        }
        let first = newest.version() - heads.len() as u64;
        let led = heads.iter().zip(first..).filter(|(_, version)| *version > since).map(|(head, _)| head.clone());
        wire::FetchResponse { heads: led.collect(), newest: Some(newest.document().clone()), confirm: None }
    }
}

fn read(path: &std::path::Path) -> Result<wire::SignedDirectory, Failure> {
    let bytes = files::read_at_most(path, DIRECTORY_BYTES_MAX)
        .map_err(|cause| Failure::Unverified(format!("the directory {}: {cause}", path.display())))?;
    wire::SignedDirectory::decode(Bytes::from(bytes))
        .map_err(|_| Failure::Unverified(format!("the directory {} is not readable", path.display())))
}

/// Version and head hash, 40 bytes.
fn seen(directory: &Directory) -> [u8; 40] {
    let mut seen = [0; 40];
    seen[..8].copy_from_slice(&directory.version().to_be_bytes());
    seen[8..].copy_from_slice(directory.head_hash().as_bytes());
    seen
}

fn not_older_than_seen(path: &std::path::Path, directory: &Directory) -> Result<(), Failure> {
    let Ok(before) = std::fs::read(path) else { return Ok(()) };
    let now = seen(directory);
    match before.get(..8).map(|version| version.cmp(&now[..8])) {
        Some(core::cmp::Ordering::Greater) => Err(Failure::Unverified(format!(
            "the directory is version {}, and a newer one was served before",
            directory.version()
        ))),
        Some(core::cmp::Ordering::Equal) if before != now => {
            Err(Failure::Unverified(format!("version {} was served before with another head", directory.version())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Folder, NOW, body, document, entry, head_hash, trust};
    use raccordo_proto::wire::State;

    struct Files(Folder);

    impl Files {
        fn new(name: &str) -> Self {
            let files = Self(Folder::new(name));
            std::fs::write(files.0.path().join("trust"), trust()).expect("writes");
            files
        }

        fn write(&self, document: &wire::SignedDirectory) {
            std::fs::write(self.0.path().join("directory"), document.encode_to_vec()).expect("writes");
        }

        fn load(&self) -> Result<Publication, Failure> {
            let text = "network = \"rete-prova.invalid\"\nid = \"gw1\"\nstate = \".\"\ndirectory = \"directory\"\ntrust = \"trust\"\n\
                [listen]\naddress = \"[::1]:0\"\n[tls]\nchain = \"c\"\nkey = \"k\"\n";
            let path = self.0.path().join("gateway.toml");
            std::fs::write(&path, text).expect("writes");
            Publication::load(&Config::read(&path, true)?, NOW)
        }
    }

    fn one_agency(state: State) -> wire::Body {
        body(vec![entry("aa", state)])
    }

    #[test]
    fn only_a_signed_directory_is_served() {
        let files = Files::new("load");
        assert!(files.load().is_err_and(|fault| fault.exit_code() == 5), "no directory");
        let mut forged = document(1, &[], &one_agency(State::Active));
        forged.body = one_agency(State::Revoked).encode_to_vec().into();
        files.write(&forged);
        assert!(files.load().is_err_and(|fault| fault.to_string().contains("D-11")));
        files.write(&document(1, &[], &one_agency(State::Active)));
        assert!(files.load().is_ok());
    }

    #[test]
    fn a_new_version_follows_the_old_and_a_bad_one_changes_nothing() {
        let files = Files::new("reload");
        let first = document(1, &[], &one_agency(State::Active));
        files.write(&first);
        let publication = files.load().expect("good");
        publication.remember().expect("writes");
        assert!(publication.reload(NOW).expect("unchanged").is_none());
        files.write(&document(3, &head_hash(&first), &one_agency(State::Revoked)));
        assert!(publication.reload(NOW).is_err());
        assert_eq!(publication.directory().version(), 1);
        let second = document(2, &head_hash(&first), &one_agency(State::Revoked));
        files.write(&second);
        assert_eq!(publication.reload(NOW).expect("good").expect("new").version(), 2);
        let third = document(3, &head_hash(&second), &one_agency(State::Revoked));
        files.write(&third);
        publication.reload(NOW).expect("good");
        let led = publication.fetch(1);
        assert_eq!(led.heads.len(), 1);
        assert_eq!(led.heads[0].head, second.head);
        assert_eq!(led.newest.expect("newer").head, third.head);
        assert_eq!(publication.fetch(0).heads.len(), 2);
        assert!(publication.fetch(3).newest.is_none());
        files.write(&first);
        assert!(files.load().is_err_and(|fault| fault.to_string().contains("newer one was served")));
    }
}
