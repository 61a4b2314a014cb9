//! Another admin's folder: her key, drawn on her own machine and offered in a file without secrets; the network's trust file,
//! compared in words; and the trust file for who joins later.
//!
//! Not here: whether her key may sign (the network's root says so).

use std::path::Path;

use raccordo_machine::{clock, files};
use raccordo_proto::directory::proposal;
use raccordo_proto::directory::update::Trust;
use raccordo_proto::ids::NetworkId;
use raccordo_proto::limits::OFFER_BYTES_MAX;
use raccordo_proto::{wire, words};
use raccordo_terminal::passphrase;
use serde_json::{Value, json};

use super::args::Cli;
use super::audit::log_acts;
use super::network::{DRAFT, Network, TRUST};
use super::screen::Screen;
use crate::document;
use crate::failure::{Exit, Failure};
use crate::folder::{Folder, read_outside};
use crate::key_file::{self, ADMIN};
use crate::log::Entry;
use crate::roots;
use crate::roster::Roster;
use crate::vault::OwnKeys;

/// What this folder's admin has offered: its network's name is in it.
const OFFER: &str = "admin.offer";
/// A trust file.
pub(super) const TRUST_BYTES_MAX: usize = 64 * 1024;

/// `admin-key new`.
pub(super) fn new_key(cli: &Cli, name: &str, out: &Path, screen: &Screen) -> Result<(), Failure> {
    let network = NetworkId::parse(name).map_err(|_| Failure::new(Exit::Usage, "NETWORK_NAME").with("name", name))?;
    let passphrase = passphrase::new_one(screen.texts(), cli.passphrase_file.as_deref())?;
    let own = OwnKeys::draw(&mut clock::rng());
    let (offer, sealed) = (proposal::offer(&network, own.first()), key_file::seal(ADMIN, &passphrase, &own.seeds())?);
    let folder = Folder::create(&cli.network)?;
    // Before anything lies in the folder: a refusal leaves it as it was.
    if let Err(failure) = hand_out(out, &offer) {
        let _empty = std::fs::remove_dir(&cli.network);
        return Err(failure);
    }
    log_acts(&folder, &[Entry::new("admin-key new", &[name])], 0)?;
    folder.write(OFFER, &offer)?;
    // Last: without it the folder holds no key.
    folder.write(ADMIN.name, &sealed)?;
    let key = own.public();
    let (words, file) = (roots::words_of(&key), out.display().to_string());
    screen.say("done-admin-key", &[("file", &file), ("words", &words), ("folder", &cli.network.display().to_string())]);
    screen.say("note-key-backup", &[]);
    screen.object(&json!({"network": name, "file": file, "key": key_object(&key)}));
    Ok(())
}

/// `network join`: the trust file last but the draft, without which a folder holds no network.
pub(super) fn run(cli: &Cli, trust: &Path, typed: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    let folder = Folder::open_keys(&cli.network, ADMIN.name)?;
    let bytes = read_outside(trust, TRUST_BYTES_MAX)?;
    let read = Trust::read(&bytes).map_err(|_| bad_trust(trust))?;
    proposal::offered(&folder.read(OFFER)?, &read.network).map_err(|fault| not_offered(&folder.path(OFFER), fault))?;
    let words = words::network_words(&bytes);
    match typed {
        Some(typed) if !words::same(typed, &words) => {
            return Err(Failure::new(Exit::Verification, "NETWORK_WORDS_DIFFER").with("words", words));
        }
        Some(_) => {}
        None => screen.say("note-join-words", &[("words", &words)]),
    }
    log_acts(&folder, &[Entry::new("network join", &[read.network.as_str()])], 0)?;
    folder.write(TRUST, &bytes)?;
    folder.write(DRAFT, document::write(&read.network, &Roster::default()).as_bytes())?;
    screen.say("done-join", &[("network", read.network.as_str())]);
    screen.object(&json!({"network": read.network.as_str(), "network_words": words}));
    Ok(())
}

impl Network<'_> {
    pub(super) fn write_trust(&self, out: &Path) -> Result<(), Failure> {
        hand_out(out, &self.trust_now()?)?;
        let (file, words) = (out.display().to_string(), self.words()?);
        self.screen.say("done-trust", &[("file", &file), ("words", &words)]);
        self.screen.object(&json!({"file": file, "network_words": words}));
        Ok(())
    }
}

/// The key that a file offers to this network.
pub(super) fn offered(file: &Path, network: &NetworkId) -> Result<wire::AdminKey, Failure> {
    proposal::offered(&read_outside(file, OFFER_BYTES_MAX)?, network).map_err(|fault| not_offered(file, fault))
}

fn not_offered(file: &Path, fault: proposal::OfferFault) -> Failure {
    Failure::new(Exit::Verification, "NOT_OFFERED").with("file", file.display()).with("fault", fault)
}

fn bad_trust(file: &Path) -> Failure {
    Failure::new(Exit::Verification, "TRUST_FILE").with("file", file.display())
}

/// Writes a file that is to be carried to another machine; one that is there stays as it is.
pub(super) fn hand_out(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::hand_out_new(out, bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(Exit::Refused, "OUT_THERE").with("file", out.display()),
        _ => Failure::io(out, error),
    })
}

/// A key in JSON.
pub(super) fn key_object(key: &wire::AdminKey) -> Value {
    json!({"id": roots::id_of(key), "words": roots::words_of(key)})
}
