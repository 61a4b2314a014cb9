//! `network init`: draws every key of a network, each sealed under the passphrase before it touches the disk.
//!
//! Not here: keys in several hands (a network made here has one admin key, and says so at every turn).

use ed25519_dalek::SigningKey;
use raccordo_machine::clock;
use raccordo_proto::ids::NetworkId;
use raccordo_proto::words;
use raccordo_terminal::passphrase;
use rand_core::Rng as _;
use serde_json::json;
use zeroize::Zeroizing;

use super::args::Cli;
use super::network::{CERTIFICATES, DRAFT, TRUST};
use super::screen::Screen;
use crate::authority::Authority;
use crate::document;
use crate::failure::{Exit, Failure};
use crate::folder::Folder;
use crate::key_file::{self, ADMIN, ISSUING, ROOT};
use crate::roster::Roster;
use crate::vault::Vault;

pub(super) fn run(cli: &Cli, name: &str, screen: &Screen) -> Result<(), Failure> {
    let path = &cli.network;
    let network = NetworkId::parse(name).map_err(|_| Failure::new(Exit::Usage, "NETWORK_NAME").with("name", name))?;
    // First: a passphrase that is refused leaves no folder behind.
    let passphrase = passphrase::new_one(screen.texts(), cli.passphrase_file.as_deref())?;
    let folder = Folder::create(path)?;
    let rng = &mut clock::rng();
    let not_made = |error: &dyn core::fmt::Display| Failure::new(Exit::Machine, "KEYS_NOT_MADE").with("detail", error);
    let (authority, keys) = Authority::create_to_keep(network.clone(), clock::now(), rng).map_err(|error| not_made(&error))?;
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    let key = SigningKey::from_bytes(&seed);
    let vault = Vault::with_key(network.clone(), key, &[authority.root_spki_sha256()]);
    folder.write(ADMIN.name, &key_file::seal(ADMIN, &passphrase, &*seed)?)?;
    folder.write(ROOT.name, &key_file::seal(ROOT, &passphrase, &keys.root)?)?;
    folder.write(ISSUING.name, &key_file::seal(ISSUING, &passphrase, &keys.issuing)?)?;
    folder.write(CERTIFICATES, keys.certificates_pem.as_bytes())?;
    folder.write(TRUST, &vault.trust_file())?;
    // Last: a folder without it holds no network.
    folder.write(DRAFT, document::write(&network, &Roster::default()).as_bytes())?;
    screen.say("done-init", &[("network", name), ("folder", &path.display().to_string())]);
    screen.say("note-backup", &[]);
    screen.say("note-one-key", &[]);
    let words = words::network_words(&vault.trust_file());
    screen.object(&json!({"network": name, "one_key": vault.one_key_rules(), "network_words": words}));
    Ok(())
}
