//! `network init`: draws this admin's key and the CA's, each sealed under the passphrase before it touches the disk, and
//! makes the network's root of it and of the keys that other admins have offered.
//!
//! Not here: the other admins' folders (`join`).

use std::path::PathBuf;

use bytes::Bytes;
use raccordo_machine::clock;
use raccordo_proto::directory::update::{Signers, can_sign};
use raccordo_proto::ids::NetworkId;
use raccordo_proto::{wire, words};
use raccordo_terminal::passphrase;
use serde_json::json;

use super::args::Cli;
use super::audit::log_acts;
use super::join::{key_object, offered};
use super::network::{CERTIFICATES, DRAFT, TRUST};
use super::screen::Screen;
use crate::authority::Authority;
use crate::document;
use crate::failure::{Exit, Failure};
use crate::folder::Folder;
use crate::key_file::{self, ADMIN, ISSUING, ROOT};
use crate::log::Entry;
use crate::roots;
use crate::roster::Roster;
use crate::vault::OwnKeys;

pub(super) fn run(cli: &Cli, name: &str, threshold: u32, admins: &[PathBuf], screen: &Screen) -> Result<(), Failure> {
    let path = &cli.network;
    let network = NetworkId::parse(name).map_err(|_| Failure::new(Exit::Usage, "NETWORK_NAME").with("name", name))?;
    let others = admins.iter().map(|file| offered(file, &network)).collect::<Result<Vec<_>, _>>()?;
    let rng = &mut clock::rng();
    let own = OwnKeys::draw(rng);
    let mut admin_keys = vec![own.public()];
    admin_keys.extend(others.iter().cloned());
    let mut root = wire::Root { admin_keys, threshold, ..wire::Root::default() };
    must_sign(&root)?;
    // First: a passphrase that is refused leaves no folder behind.
    let passphrase = passphrase::new_one(screen.texts(), cli.passphrase_file.as_deref())?;
    let folder = Folder::create(path)?;
    let not_made = |error: &dyn core::fmt::Display| Failure::new(Exit::Machine, "KEYS_NOT_MADE").with("detail", error);
    let (authority, keys) = Authority::create_to_keep(network.clone(), clock::now(), rng).map_err(|error| not_made(&error))?;
    root.x509_roots = vec![Bytes::copy_from_slice(&authority.root_spki_sha256())];
    let trust = Signers { version: 1, root: root.clone() }.trust_file(&network);
    log_acts(&folder, &[Entry::new("network init", &[name])], 0)?;
    folder.write(ADMIN.name, &key_file::seal(ADMIN, &passphrase, &own.seeds())?)?;
    folder.write(ROOT.name, &key_file::seal(ROOT, &passphrase, &keys.root)?)?;
    folder.write(ISSUING.name, &key_file::seal(ISSUING, &passphrase, &keys.issuing)?)?;
    folder.write(CERTIFICATES, keys.certificates_pem.as_bytes())?;
    folder.write(TRUST, &trust)?;
    // Last: a folder without it holds no network.
    folder.write(DRAFT, document::write(&network, &Roster::default()).as_bytes())?;
    screen.say("done-init", &[("network", name), ("folder", &path.display().to_string())]);
    screen.say("note-backup", &[]);
    for key in &others {
        screen.say("note-admin-words", &[("words", &roots::words_of(key)), ("id", &roots::id_of(key))]);
    }
    let (words, one_key) = (words::network_words(&trust), others.is_empty());
    if threshold > 1 {
        let (k, n) = (threshold.to_string(), root.admin_keys.len().to_string());
        let file = folder.path(TRUST).display().to_string();
        screen.say("note-k-of-n", &[("k", &k), ("n", &n), ("file", &file), ("words", &words)]);
    }
    screen.tell(roots::warning(&root).as_slice());
    let admins: Vec<_> = root.admin_keys.iter().map(key_object).collect();
    screen.object(&json!({
        "network": name, "one_key": one_key, "network_words": words, "threshold": threshold, "admins": admins,
    }));
    Ok(())
}

/// Refuses a root that could not sign: a threshold out of reach, a key twice, too many keys.
pub(super) fn must_sign(root: &wire::Root) -> Result<(), Failure> {
    let bad = || Failure::new(Exit::Refused, "BAD_THRESHOLD").with("k", root.threshold).with("n", root.admin_keys.len());
    if can_sign(root) { Ok(()) } else { Err(bad()) }
}
