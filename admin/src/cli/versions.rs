//! Signed versions of the directory in the network's folder: which there are, which is the last, reading one, adding one.
//!
//! Not here: making and signing a version (`directory`). Only names as this program writes them count; whatever else lies
//! in the folder, a copy or a file of the system's, is nobody's.

use std::collections::BTreeSet;

use prost::Message as _;
use raccordo_machine::clock;
use raccordo_proto::directory::update;
use raccordo_proto::{Directory, wire};

use super::network::Network;
use crate::failure::{Exit, Failure};
use crate::log::{Entry, SIGN};

/// The folder of signed versions, `v0001.bin` and so on.
const VERSIONS: &str = "directory";

impl Network<'_> {
    /// The version that was signed last, verified as every machine does.
    pub(super) fn last(&self) -> Result<Option<Directory>, Failure> {
        self.numbers()?.last().map(|number| self.verified(*number)).transpose()
    }

    pub(super) fn numbers(&self) -> Result<BTreeSet<u64>, Failure> {
        Ok(self.folder.list(VERSIONS)?.iter().filter_map(|name| number_of(name)).collect())
    }

    /// A version, verified.
    pub(super) fn version(&self, number: u64) -> Result<Directory, Failure> {
        if self.has_version(number) { self.verified(number) } else { Err(no_version(number)) }
    }

    /// Verifies the versions from the folder's first one up to this one, each by the one before: the admins may have changed.
    fn verified(&self, number: u64) -> Result<Directory, Failure> {
        let trust = self.trust()?;
        let mut at = self.verified.take().filter(|known| known.version() <= number);
        let first = at.as_ref().map_or_else(|| self.first(number), |known| Ok(known.version() + 1))?;
        for next in first..=number {
            let fault = |fault: &dyn core::fmt::Display| self.unverified(&place(next), fault);
            if !self.has_version(next) {
                return Err(no_version(next));
            }
            let document = wire::SignedDirectory::decode(&self.folder.read(&place(next))?[..]).map_err(|error| fault(&error))?;
            let directory = update::verify(&[], &document, &trust, at.as_ref(), clock::now()).map_err(|error| fault(&error))?;
            if directory.version() != next {
                return Err(fault(&directory.version()));
            }
            at = Some(directory);
        }
        let directory = at.ok_or_else(|| no_version(number))?;
        let again = Directory::trusted_before(directory.document()).map_err(|error| self.unverified(&place(number), &error))?;
        self.verified.replace(Some(again));
        Ok(directory)
    }

    fn first(&self, number: u64) -> Result<u64, Failure> {
        self.numbers()?.first().copied().ok_or_else(|| no_version(number))
    }

    fn unverified(&self, name: &str, fault: &dyn core::fmt::Display) -> Failure {
        let file = self.folder.path(name);
        Failure::new(Exit::Verification, "DIRECTORY_UNVERIFIED").with("file", file.display()).with("fault", fault)
    }

    /// Whether this folder holds a version of this number.
    pub(super) fn has_version(&self, number: u64) -> bool {
        self.folder.has(&place(number))
    }

    /// A version's document as it lies there. Nothing is checked: for versions below one that was.
    pub(super) fn raw(&self, number: u64) -> Result<wire::SignedDirectory, Failure> {
        let bytes = self.folder.read(&place(number))?;
        wire::SignedDirectory::decode(&bytes[..]).map_err(|error| self.unverified(&place(number), &error))
    }

    /// Puts another version of a number that is there in its place.
    pub(super) fn replace(&self, directory: &Directory) -> Result<(), Failure> {
        self.verified.take();
        self.folder.write(&place(directory.version()), &directory.document().encode_to_vec())
    }

    /// Keeps a version that was just signed; answers where. What was signed before is never written over.
    pub(super) fn keep(&self, directory: &Directory) -> Result<String, Failure> {
        let name = place(directory.version());
        self.logged(&[Entry::new(SIGN, &[])], Some(directory.version()))?;
        self.folder.add(&name, &directory.document().encode_to_vec())?;
        Ok(self.folder.path(&name).display().to_string())
    }
}

fn no_version(number: u64) -> Failure {
    Failure::new(Exit::Refused, "NO_VERSION").with("version", number)
}

/// Where a version lies.
fn place(version: u64) -> String {
    format!("{VERSIONS}/{}", file_name(version))
}

fn file_name(version: u64) -> String {
    format!("v{version:04}.bin")
}

/// Which version a file holds, if its name is exactly one of ours.
fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix('v')?.strip_suffix(".bin")?.parse().ok().filter(|number| *number != 0)?;
    (file_name(number) == name).then_some(number)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use raccordo_proto::ids::NetworkId;
    use raccordo_terminal::text::Lang;

    use super::super::network::TRUST;
    use super::super::screen::Screen;
    use super::*;
    use crate::folder::Folder;
    use crate::roster::{Dates, Roster};
    use crate::text::texts;
    use crate::vault::Vault;

    fn vault() -> Vault {
        let name = NetworkId::parse("rete-prova").expect("a name");
        Vault::with_key(name, SigningKey::from_bytes(&[7; 32]), &[[9; 32]])
    }

    fn signed(previous: Option<&Directory>) -> Directory {
        Roster::default().publish(&vault(), previous, Dates::from_now(clock::now()), clock::now()).expect("signed")
    }

    /// A document of any version: the one before is made up, unless it is there.
    fn signed_as(version: u64, previous: Option<&Directory>) -> Directory {
        let mut document = signed(None).document().clone();
        let mut head = wire::Head::decode(document.head.clone()).expect("a head");
        head.version = version;
        head.previous_head = previous.map(|previous| previous.head_hash().as_bytes().to_vec().into()).unwrap_or_default();
        document.head = head.encode_to_vec().into();
        document.signatures = vault().sign(&document.head);
        update::verify(&[], &document, &vault().trust(), None, clock::now()).expect("signed")
    }

    fn check(test: impl FnOnce(&Network<'_>)) {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("rete")).expect("made");
        folder.write(TRUST, &vault().trust_file()).expect("written");
        let screen = Screen::new(texts(Lang::It), true);
        test(&Network::of(folder, vault().network().clone(), Roster::default(), &screen));
    }

    fn last(network: &Network<'_>) -> Option<u64> {
        network.last().expect("readable").map(|directory| directory.version())
    }

    #[test]
    fn the_last_version_is_the_highest_number_whatever_else_lies_there() {
        check(|network| {
            assert_eq!(last(network), None);
            let mut previous = None;
            for version in [9_998, 9_999, 10_000] {
                let next = signed_as(version, previous.as_ref());
                network.keep(&next).expect("kept");
                previous = Some(next);
                for stray in
                    ["v0001.bin.bak", ".DS_Store", "v1.bin", "v00009.bin", "x", "vv99999.bin", "v0000.bin", "v9997.bin.tmp"]
                {
                    network.folder.write(&format!("{VERSIONS}/{stray}"), b"nobody's").expect("written");
                }
                assert_eq!(last(network), Some(version));
            }
        });
    }

    #[test]
    fn what_was_signed_is_never_written_over() {
        check(|network| {
            let file = network.keep(&signed(None)).expect("kept");
            let before = std::fs::read(&file).expect("there");
            let again = network.keep(&signed(None)).err().map(|failure| failure.code);
            assert_eq!((again, std::fs::read(&file).expect("there")), (Some("FILE_THERE"), before));
        });
    }

    #[test]
    fn a_version_under_another_number_is_no_version() {
        check(|network| {
            let document = signed(None).document().encode_to_vec();
            network.folder.write(&place(11), &document).expect("written");
            let code = |result: Result<Option<Directory>, Failure>| result.err().map(|failure| failure.code);
            assert_eq!(code(network.last()), Some("DIRECTORY_UNVERIFIED"));
            network.keep(&signed_as(13, None)).expect("kept");
            network.folder.remove(&place(11)).expect("removed");
            network.keep(&signed_as(10, None)).expect("kept");
            assert_eq!(code(network.last()), Some("NO_VERSION"), "one between is missing");
            network.folder.write(&place(11), &document).expect("written");
            assert_eq!(code(network.version(11).map(Some)), Some("DIRECTORY_UNVERIFIED"));
            assert_eq!(code(network.version(1).map(Some)), Some("NO_VERSION"));
        });
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_no_empty_one() {
        check(|network| {
            network.folder.write(VERSIONS, b"a file where the folder should be").expect("written");
            assert_eq!(network.last().err().map(|failure| failure.code), Some("IO"));
        });
    }
}
