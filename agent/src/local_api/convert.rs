//! From the desk's facts to the API's messages, field by field. Nothing is decided here.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message as _;
use raccordo_casework::answer::{Done, InboxRow, Place};
use raccordo_casework::case;
use raccordo_casework::letter::{Payload, SignedLetter};
use raccordo_casework::roles::Operator;
use raccordo_casework::wire::SchedaRiservata;

use raccordo_proto::wire::State;
use raccordo_proto::{AgencyId, Directory};

use crate::api::{self, shown_letter::Content};
use crate::backup::folder::Written;
use crate::backup::keeper;
use crate::desk_task::{Happened, Status, WaitingRow, What};

/// Offices as people call them.
pub(super) struct Names(pub Option<Arc<Directory>>);

impl Names {
    /// By the directory; the id of an office that it no longer has.
    pub(super) fn of(&self, office: &AgencyId) -> String {
        let entry = self.0.as_ref().and_then(|directory| directory.agency(office));
        entry.map_or_else(|| office.to_string(), |entry| entry.office.clone())
    }
}

pub(super) fn status(
    status: &Status,
    backup: Option<keeper::State>,
    (network, agency): (&str, &str),
    names: &Names,
) -> api::StatusResponse {
    let rejections: HashMap<String, u64> = status.rejections.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
    let directory = status.directory.as_deref();
    api::StatusResponse {
        network: network.to_owned(),
        agency: agency.to_owned(),
        directory_version: directory.map_or(0, |directory| directory.version()),
        directory_issued: directory.map_or(0, |directory| directory.issued().as_millis()),
        directory_expires: directory.map_or(0, |directory| directory.expires().as_millis()),
        directory_looked_after_until: status.directory_looked_after_until.map_or(0, raccordo_proto::Timestamp::as_millis),
        directory_changes: super::directory::changes_count(status),
        directory_rival_seen_at: status.directory_rival_seen.map_or(0, raccordo_proto::Timestamp::as_millis),
        identity_until: identity_until(directory, agency),
        clock_ahead: status.clock_ahead,
        attached: status.attached,
        queued: few(status.queued),
        link_fault: status.link_fault.unwrap_or_default().to_owned(),
        rejections,
        forked: few(status.forked),
        put_back_noticed_at: status.put_back.map_or(0, raccordo_proto::Timestamp::as_millis),
        differing: status
            .differing
            .iter()
            .map(|(told_by, sender)| api::Differing { told_by: names.of(told_by), sender: names.of(sender) })
            .collect(),
        gaps: few(status.gaps),
        keys_to_accept: status.keys_to_accept.iter().map(|office| names.of(office)).collect(),
        backup: backup.map(|state| api::BackupState {
            last_at: state.last.map_or(0, raccordo_proto::Timestamp::as_millis),
            fault: state.fault.unwrap_or_default().to_owned(),
        }),
    }
}

pub(super) fn operator(person: &Operator) -> api::Operator {
    api::Operator {
        pseudonym: person.pseudonym.clone(),
        name: person.name.clone(),
        uid: person.uid,
        ruoli: person.ruoli.iter().map(|ruolo| i32::from(*ruolo)).collect(),
        disabled: person.disabled,
    }
}

pub(super) fn written(written: &Written) -> api::BackupNowResponse {
    api::BackupNowResponse {
        file: written.file.display().to_string(),
        records: written.records as u64,
        removed: few(written.removed),
    }
}

/// The last instant of the identity key that the directory gives this office's active machine; 0 when the office takes no part.
fn identity_until(directory: Option<&Directory>, agency: &str) -> u64 {
    let office = AgencyId::parse(agency).ok().and_then(|id| directory?.agency(&id));
    let takes_part = office.filter(|office| office.state == State::Active);
    takes_part.and_then(|office| office.active_agent()).map_or(0, |machine| machine.until.as_millis())
}

pub(super) fn few(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn done(done: &Done, attached: bool, names: &Names) -> api::ActResponse {
    api::ActResponse {
        codice: done.codice.to_string(),
        letter_id: done.letter.as_bytes().to_vec(),
        attached,
        recipient_names: done.recipients.iter().map(|office| names.of(office)).collect(),
        faults: Vec::new(),
    }
}

pub(super) fn inbox_row(row: &InboxRow, names: &Names) -> api::InboxRow {
    api::InboxRow {
        codice: row.codice.to_string(),
        sender: row.sender.to_string(),
        urgenza: row.urgenza.into(),
        received_at: row.received_at.as_millis(),
        state: office_state(row.state).into(),
        sender_name: names.of(&row.sender),
    }
}

pub(super) fn outbox_row(waiting: &WaitingRow, names: &Names) -> api::OutboxRow {
    let row = &waiting.row;
    let delivery = match row.place {
        Place::Queued => api::Delivery::Queued,
        Place::Blocked(_) => api::Delivery::Blocked,
        Place::Delivered => api::Delivery::Delivered,
        Place::Read => api::Delivery::Read,
    };
    let (reason, since) = match (row.place, waiting.why) {
        (Place::Blocked(code), _) => (code.name(), row.since),
        (_, Some((why, since))) => (why, since),
        (_, None) => ("", row.since),
    };
    api::OutboxRow {
        codice: row.codice.to_string(),
        kind: row.kind.into(),
        recipient: row.recipient.to_string(),
        delivery: delivery.into(),
        reason: reason.to_owned(),
        since: since.as_millis(),
        office_state: office_state(row.office_state).into(),
        can_disclose: row.can_disclose,
        recipient_name: names.of(&row.recipient),
    }
}

pub(super) fn shown(letter: &SignedLetter, committed: bool, names: &Names) -> api::ShownLetter {
    let facts = letter.letter();
    let content = match facts.payload.clone() {
        Payload::Segnalazione(segnalazione) => Some(Content::Segnalazione(segnalazione)),
        // A scheda that does not read shows as an empty one: its bytes stay in the export.
        Payload::ParteRiservata(riservata) => {
            Some(Content::SchedaRiservata(SchedaRiservata::decode(&riservata.scheda[..]).unwrap_or_default()))
        }
        Payload::Riscontro(riscontro) => Some(Content::Riscontro(riscontro)),
        Payload::PresaInCarico(presa) => Some(Content::PresaInCarico(presa)),
        // Transport's own letters are of no case, and none of them comes here.
        Payload::Resync(_) | Payload::Returned(_) | Payload::Heads(_) => None,
    };
    api::ShownLetter {
        sender: facts.sender.to_string(),
        recipients: facts.recipients.iter().map(ToString::to_string).collect(),
        created: facts.created.as_millis(),
        operator: facts.operator.clone(),
        content,
        committed,
        sender_name: names.of(&facts.sender),
        recipient_names: facts.recipients.iter().map(|office| names.of(office)).collect(),
    }
}

pub(super) fn event(happened: &Happened) -> api::Event {
    let kind = match happened.what {
        What::Attached => api::EventKind::Attached,
        What::Detached => api::EventKind::Detached,
        What::Queued => api::EventKind::Queued,
        What::Delivered => api::EventKind::Delivered,
        What::Blocked => api::EventKind::Blocked,
        What::Received => api::EventKind::Received,
    };
    api::Event {
        kind: kind.into(),
        peer: happened.peer.as_ref().map_or_else(String::new, ToString::to_string),
        letter_id: happened.letter.map_or_else(Vec::new, |letter| letter.as_bytes().to_vec()),
        at: happened.at.as_millis(),
        code: happened.code.to_owned(),
    }
}

fn office_state(state: case::OfficeState) -> api::OfficeState {
    match state {
        case::OfficeState::Consegnata => api::OfficeState::Consegnata,
        case::OfficeState::Riscontrata => api::OfficeState::Riscontrata,
        case::OfficeState::PresaInCarico => api::OfficeState::PresaInCarico,
    }
}
