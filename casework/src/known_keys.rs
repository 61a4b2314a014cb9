//! The identity keys that this office has seen agencies sign with, by directory version: a letter that is handed back after
//! years is verified with the key that its sender had when it wrote it.
//!
//! Not here: whose key counts today (the directory's to say).

use std::collections::BTreeMap;

use raccordo_proto::Directory;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::sign::PublicKey;
use raccordo_proto::wire::State;

/// Per agency, its keys and the first version that each was seen in; versions ascend.
#[derive(Clone, Default, PartialEq)]
pub struct KnownKeys(BTreeMap<AgencyId, Vec<(u64, PublicKey)>>);

impl KnownKeys {
    /// Takes note of a directory's keys.
    pub(crate) fn learn(&mut self, directory: &Directory) {
        for agency in directory.agencies() {
            let known = self.0.entry(agency.id.clone()).or_default();
            for agent in &agency.agents {
                if matches!(agent.state, State::Revoked | State::Banned) {
                    // Nothing of it is taken any more, whenever it says that it was written, whoever hands it back.
                    known.retain(|(_, key)| *key != agent.ik);
                } else if !known.iter().any(|(_, key)| *key == agent.ik) {
                    known.push((directory.version(), agent.ik));
                }
            }
        }
    }

    /// The keys that an agency may have signed with under this version, likeliest first: those seen by then, and the first
    /// one seen later, since versions between two that came here may not have.
    pub fn at(&self, agency: &AgencyId, version: u64) -> impl Iterator<Item = &PublicKey> {
        let known = self.0.get(agency).map_or(&[][..], Vec::as_slice);
        let later = known.partition_point(|(seen, _)| *seen <= version);
        known[..later].iter().rev().chain(known.get(later)).map(|(_, key)| key)
    }
}
