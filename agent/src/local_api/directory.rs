//! The installed directory, and what it has changed, for whoever works here: what the admins have signed is in front of
//! everybody's eyes.
//!
//! Not here: the comparison (`raccordo_proto::directory::changes`), sentences (`cli`).

use raccordo_proto::directory::changes::{self, Change, How, Thing};
use raccordo_proto::{Directory, Timestamp};

use super::convert::few;
use crate::api;
use crate::desk_task::Status;

/// What differs from what was installed before; nothing when nothing was.
fn differs(status: &Status) -> Vec<Change> {
    let (Some(now), Some(before)) = (status.directory.as_deref(), status.directory_before.as_deref()) else { return Vec::new() };
    let all = changes::between(&before.body(), &now.body(), &written);
    all.into_iter().filter(|change| change.how != How::Nothing).collect()
}

/// How many things differ.
pub(super) fn changes_count(status: &Status) -> u32 {
    few(differs(status).len() + usize::from(admins_changed(status)))
}

fn admins_changed(status: &Status) -> bool {
    let signers = |directory: &Directory| directory.signers().version;
    status.directory_before.as_deref().map(signers).is_some_and(|before| status.directory.as_deref().map(signers) != Some(before))
}

pub(super) fn told(status: &Status) -> api::DirectoryResponse {
    let Some(directory) = status.directory.as_deref() else { return api::DirectoryResponse::default() };
    let (places, things): (Vec<_>, Vec<_>) = differs(status).into_iter().partition(|change| change.thing == Thing::Territory);
    let root = directory.root();
    api::DirectoryResponse {
        version: directory.version(),
        issued: directory.issued().as_millis(),
        expires: directory.expires().as_millis(),
        looked_after_until: status.directory_looked_after_until.map_or(0, Timestamp::as_millis),
        admins: few(root.admin_keys.len()),
        threshold: root.threshold,
        admins_changed: admins_changed(status),
        before: status.directory_before.as_ref().map_or(0, |before| before.version()),
        changes: things.into_iter().map(change).collect(),
        territories_changed: few(places.len()),
    }
}

fn change(change: Change) -> api::DirectoryChange {
    let bare = |id: &str, prefix: &str| id.strip_prefix(prefix).unwrap_or(id).to_owned();
    let (how, details) = match change.how {
        How::Create => ("create", Vec::new()),
        How::Gone => ("gone", Vec::new()),
        How::Change(details) => ("change", details),
        How::Nothing => ("", Vec::new()),
    };
    let detail =
        |detail: changes::Detail| api::DirectoryDetail { field: bare(detail.field, "field-"), from: detail.from, to: detail.to };
    api::DirectoryChange {
        thing: bare(change.thing.id(), "thing-"),
        id: change.id,
        name: change.name,
        how: how.to_owned(),
        details: details.into_iter().map(detail).collect(),
    }
}

/// An instant as a day, UTC.
fn written(at: Timestamp) -> String {
    let at = i64::try_from(at.as_millis()).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    at.map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string())
}
