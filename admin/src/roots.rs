//! What changes when the admins, the keys that may only confirm, or the CA's roots do; and whether the next root could sign.
//!
//! Not here: who has signed what (`raccordo_proto::directory::proposal`), drawing keys, files.

use std::collections::BTreeSet;

use raccordo_proto::{wire, words};
use raccordo_terminal::text::Sentence;

use crate::document;
use crate::failure::{Exit, Failure};

/// A key as people name it: its words.
pub fn words_of(key: &wire::AdminKey) -> String {
    words::admin_key_words(&key.key)
}

/// A key as programs name it.
pub fn id_of(key: &wire::AdminKey) -> String {
    document::hex(&key.key_id)
}

/// The one key that somebody meant: by its words or by its id.
pub fn meant<'a>(typed: &str, keys: &'a [wire::AdminKey]) -> Result<&'a wire::AdminKey, Failure> {
    let unknown = || Failure::new(Exit::Refused, "NO_SUCH_KEY").with("key", typed);
    let is_meant = |key: &&wire::AdminKey| words::same(typed, &words_of(key)) || typed.trim().eq_ignore_ascii_case(&id_of(key));
    keys.iter().find(is_meant).ok_or_else(unknown)
}

/// What differs between two roots, in sentences.
pub fn changes(before: &wire::Root, after: &wire::Root) -> Vec<Sentence> {
    let mut said = keys("plan-admin-new", &before.admin_keys, &after.admin_keys);
    said.extend(keys("plan-admin-gone", &after.admin_keys, &before.admin_keys));
    if (before.threshold, before.admin_keys.len()) != (after.threshold, after.admin_keys.len()) {
        let texts = [before, after].map(|root| (root.threshold.to_string(), root.admin_keys.len().to_string()));
        let [(k, n), (next_k, next_n)] = &texts;
        said.push(Sentence::new("plan-threshold", &[("k", k), ("n", n), ("next_k", next_k), ("next_n", next_n)]));
    }
    said.extend(keys("plan-confirm-key-new", &before.confirm_keys, &after.confirm_keys));
    said.extend(keys("plan-confirm-key-gone", &after.confirm_keys, &before.confirm_keys));
    said.extend(roots("plan-ca-root-new", before, after));
    said.extend(roots("plan-ca-root-gone", after, before));
    said
}

/// What a change of roots is about, for the log: the keys that come or go, by id, and how many must sign of how many.
pub fn named_in_change(before: &wire::Root, after: &wire::Root) -> Vec<String> {
    let all = |root: &wire::Root| root.admin_keys.iter().chain(&root.confirm_keys).map(id_of).collect::<BTreeSet<_>>();
    let (old, new) = (all(before), all(after));
    let mut named: Vec<String> = old.symmetric_difference(&new).cloned().collect();
    named.push(format!("{}/{}", after.threshold, after.admin_keys.len()));
    named
}

/// Keys of `these` that `those` do not have.
fn keys(id: &'static str, those: &[wire::AdminKey], these: &[wire::AdminKey]) -> Vec<Sentence> {
    let more = these.iter().filter(|key| !those.contains(key));
    more.map(|key| Sentence::new(id, &[("words", &words_of(key)), ("id", &id_of(key))])).collect()
}

fn roots(id: &'static str, those: &wire::Root, these: &wire::Root) -> Vec<Sentence> {
    let more = these.x509_roots.iter().filter(|hash| !those.x509_roots.contains(hash));
    more.map(|hash| Sentence::new(id, &[("hash", &document::hex(hash.get(..6).unwrap_or(hash)))])).collect()
}

/// What must be known of a root for as long as it stands: one key that rules, one person who suffices, no key to spare.
pub fn warning(root: &wire::Root) -> Option<Sentence> {
    match (root.threshold, root.admin_keys.len()) {
        (1, 1) => Some(Sentence::new("note-one-key", &[])),
        (1, all) => Some(Sentence::new("note-one-of-many", &[("n", &all.to_string())])),
        (k, all) if k as usize == all => Some(Sentence::new("note-all-of-all", &[("n", &all.to_string())])),
        _ => None,
    }
}
