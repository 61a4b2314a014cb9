//! The desk on which several admins' folders lie, and the files that go to and fro between them.
//!
//! Not here: the tests (`tests`).

use std::fs;
use std::path::PathBuf;

use clap::Parser as _;
use prost::Message as _;
use raccordo_machine::clock;
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::{Directory, wire};
use raccordo_terminal::text::Lang;

use crate::cli::screen::Screen;
use crate::cli::{Cli, run};
use crate::document;
use crate::failure::Failure;
use crate::text::texts;

/// Acts that leave a row under their own name.
const LOGGED: [&str; 7] =
    ["rotate admin", "rotate ca", "rotate root", "rotate confirm-key", "directory heal", "directory adopt", "ceremony discard"];

/// Folders of several admins, and what goes to and fro between them.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        files_of(&desk.path("frase"), b"una frase segreta di prova\n");
        fs::write(desk.path("rete.intera"), document::tests::NETWORK).expect("written");
        desk
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Types a line in somebody's folder; files are named as they lie on the desk, words with blanks by `_`.
    pub(super) fn types(&self, who: &str, line: &str) -> Result<(), Failure> {
        let desk = self.0.path().display().to_string();
        let base = ["raccordo-admin", "--json", "--network", &format!("{desk}/{who}")].map(str::to_owned);
        let file = ["--passphrase-file".to_owned(), format!("{desk}/frase")];
        let words = line.split(' ').map(|word| word.replace('@', &format!("{desk}/")).replace('_', " "));
        let cli = Cli::try_parse_from(base.into_iter().chain(file).chain(words)).expect("it can be typed");
        run(&cli, &Screen::new(texts(Lang::It), true))
    }

    pub(super) fn does(&self, who: &str, line: &str) {
        if let Err(failure) = self.types(who, line) {
            panic!("{who}: {line}: {failure:?}");
        }
        let act = LOGGED.iter().find(|act| line.starts_with(**act) && !line.ends_with("--rehearse"));
        assert!(act.is_none_or(|act| self.logged(who, act)), "{who}: {line} is not in the log");
    }

    /// A line that must be refused, and that changes nothing in the folder.
    pub(super) fn refused(&self, who: &str, line: &str, code: &str) {
        let before = self.all(who);
        assert_eq!(self.types(who, line).err().map(|failure| failure.code), Some(code), "{who}: {line}");
        assert!(before == self.all(who), "{who}: {line} has written something");
    }

    pub(super) fn all(&self, who: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.path(who)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { found.push((path.clone(), fs::read(&path).expect("a file"))) }
            }
        }
        found.sort();
        found
    }

    /// Whether this act stands in somebody's log.
    pub(super) fn logged(&self, who: &str, act: &str) -> bool {
        let log = fs::read_to_string(self.path(&format!("{who}/log.jsonl"))).unwrap_or_default();
        log.contains(&format!("\"act\":\"{act}\""))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(super) fn document(&self, name: &str) -> wire::SignedDirectory {
        wire::SignedDirectory::decode(&fs::read(self.path(name)).expect("there")[..]).expect("readable")
    }

    pub(super) fn trust(&self, who: &str) -> Trust {
        Trust::read(&fs::read(self.path(&format!("{who}/rete.bin"))).expect("there")).expect("a trust file")
    }

    /// The versions up to this one, as a machine that has seen them all takes them.
    pub(super) fn taken(&self, who: &str, until: u64) -> Directory {
        let (trust, mut at) = (self.trust(who), None);
        for version in 1..=until {
            let document = self.document(&format!("{who}/directory/v{version:04}.bin"));
            at = Some(update::verify(&[], &document, &trust, at.as_ref(), clock::now()).expect("it follows"));
        }
        at.expect("one at least")
    }

    pub(super) fn key(&self, offer: &str) -> wire::AdminKey {
        let name = raccordo_proto::ids::NetworkId::parse("rete-prova").expect("a name");
        crate::cli::join::offered(&self.path(offer), &name).expect("an offer")
    }

    /// Ada asks, the other signs, Ada takes it back.
    pub(super) fn agreed(&self, other: &str, number: u64) {
        let [asked, signed] = [format!("asked{number}"), format!("signed{number}")];
        self.does("ada", "directory sign");
        self.does("ada", &format!("ceremony export @{asked}"));
        self.does(other, &format!("ceremony sign @{asked} --out @{signed}"));
        self.does("ada", &format!("ceremony import @{signed}"));
        assert!(self.has(&format!("ada/directory/v{number:04}.bin")), "version {number}");
    }
}

pub(super) fn files_of(path: &std::path::Path, bytes: &[u8]) {
    raccordo_machine::files::replace(path, bytes).expect("written");
}

/// Ada's network with these others, joined: so many must sign.
pub(super) fn network(others: &[&str], threshold: u32) -> Desk {
    let desk = Desk::new();
    let mut init = format!("network init rete-prova --threshold {threshold}");
    for other in others {
        desk.does(other, &format!("admin-key new rete-prova --out @{other}.offer"));
        init.push_str(&format!(" --admin @{other}.offer"));
    }
    desk.does("ada", &init);
    for other in others {
        desk.does(other, "network join --trust @ada/rete.bin");
    }
    desk.does("ada", "apply @rete.intera");
    desk
}
