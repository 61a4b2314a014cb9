//! The gateway's own durable copy of the directory: the newest document whole, the signed heads that led to it, and the newest
//! Confirm. It is written before anything of it is served, each file in one rename: after a crash at any point there is what
//! was served before or what was to be served next, whole.
//!
//! Not here: whether a document may follow (`publication`); who hands it in (`install`).

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message as _;
use raccordo_machine::files;
use raccordo_proto::directory::confirm::{self, Confirmed};
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::limits::{CONFIRM_BYTES_MAX, FETCH_BYTES_MAX};
use raccordo_proto::{Directory, Timestamp, wire};

use crate::failure::Failure;

/// Where the copy lies.
pub struct DurableCopy {
    served: PathBuf,
    confirm: PathBuf,
    seen: PathBuf,
}

/// What a copy holds.
pub struct Held {
    /// Heads before the newest, oldest first, each with an empty body.
    pub heads: Vec<wire::SignedDirectory>,
    /// The newest.
    pub directory: Directory,
}

impl DurableCopy {
    /// In a gateway's state folder; nothing is read or written yet.
    pub fn at(state: &Path) -> Self {
        Self {
            served: state.join("directory").join("served.bin"),
            confirm: state.join("confirm.bin"),
            seen: state.join("directory.seen"),
        }
    }

    /// The copy, when there is one. It was verified before it was written, and behind its oldest head, which is believed, it is
    /// verified again: signatures, chain and body, whatever the clock says. Without a head before it, by the trust file.
    pub fn read(&self, trust: &Trust) -> Result<Option<Held>, Failure> {
        let bytes = match files::read_at_most(&self.served, FETCH_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Failure::file("read", &self.served, cause)),
        };
        let copy = wire::FetchResponse::decode(Bytes::from(bytes)).map_err(|_| self.damaged("it is not readable"))?;
        let newest = copy.newest.ok_or_else(|| self.damaged("it holds no document"))?;
        let verified_at = Timestamp::from_millis(u64::MAX);
        let directory = match copy.heads.split_first() {
            None => update::verify(&[], &newest, trust, None, verified_at),
            Some((oldest, links)) => Directory::trusted_before(oldest)
                .and_then(|oldest| update::verify(links, &newest, trust, Some(&oldest), verified_at)),
        };
        let directory = directory.map_err(|fault| self.damaged(&fault.to_string()))?;
        Ok(Some(Held { heads: copy.heads, directory }))
    }

    fn damaged(&self, why: &str) -> Failure {
        let path = self.served.display();
        Failure::Unverified(format!(
            "this gateway's copy of the directory {path}: {why}. Remove it, and put the administration's newest version in the \
             place of the directory file"
        ))
    }

    /// Puts another copy in its place; durable when this returns.
    pub fn write(&self, heads: &[wire::SignedDirectory], newest: &wire::SignedDirectory) -> Result<(), Failure> {
        let copy = wire::FetchResponse { heads: heads.to_vec(), newest: Some(newest.clone()), confirm: None };
        let folder = files::folder_of(&self.served);
        let made = files::make_folder(folder).and_then(|()| files::sync_folder(files::folder_of(folder)));
        made.map_err(|cause| Failure::file("make the folder", folder, cause))?;
        files::replace(&self.served, &copy.encode_to_vec()).map_err(|cause| Failure::file("write", &self.served, cause))
    }

    /// The Confirm of this directory, when one is kept. One of another version, or a damaged one, is as if it were not there.
    pub fn confirm(&self, directory: &Directory, now: Timestamp) -> Option<Confirmed> {
        let bytes = files::read_at_most(&self.confirm, CONFIRM_BYTES_MAX).ok()?;
        let signed = wire::SignedConfirm::decode(Bytes::from(bytes)).ok()?;
        confirm::verify(&signed, directory, now).ok()
    }

    /// Keeps a Confirm; durable when this returns.
    pub fn write_confirm(&self, confirmed: &Confirmed) -> Result<(), Failure> {
        let bytes = confirmed.signed().encode_to_vec();
        files::replace(&self.confirm, &bytes).map_err(|cause| Failure::file("write", &self.confirm, cause))
    }

    /// A newer version has none yet.
    pub fn forget_confirm(&self) -> Result<(), Failure> {
        removed(&self.confirm)
    }

    /// Beside a copy, which says more, what the release before remembered is not looked at.
    pub fn forget_what_was_seen(&self) -> Result<(), Failure> {
        removed(&self.seen)
    }

    /// What the release before remembered of the directory it served: version and head hash, 40 bytes. A gateway without a
    /// copy does not begin before them.
    pub fn not_before_what_was_seen(&self, directory: &Directory) -> Result<(), Failure> {
        let seen = match files::read_at_most(&self.seen, 40) {
            Ok(seen) => seen,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(cause) => return Err(Failure::file("read", &self.seen, cause)),
        };
        let (version, head_hash) = seen.split_at(seen.len().min(8));
        let now = directory.version().to_be_bytes();
        if seen.len() != 40 || version > &now[..] {
            let version = directory.version();
            return Err(Failure::Unverified(format!("the directory is version {version}, and a newer one was served before")));
        }
        if version == now && head_hash != directory.head_hash().as_bytes() {
            let version = directory.version();
            return Err(Failure::Unverified(format!("version {version} was served before with another head")));
        }
        Ok(())
    }
}

fn removed(path: &Path) -> Result<(), Failure> {
    files::remove(path).map_err(|cause| Failure::file("remove", path, cause))
}
