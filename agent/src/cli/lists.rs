//! `inbox list` and `outbox`: a row per case, and per letter and office, in words.
//!
//! Not here: content of a case.

use raccordo_casework::wire::{Kind, Urgenza};
use raccordo_proto::Code;
use serde_json::{Value, json};

use super::Office;
use super::commands::answer;
use super::screen::{Screen, bare, date_time, kebab};
use crate::api::{self, Delivery, OfficeState};
use crate::failure::{Exit, Failure};

impl Office<'_> {
    /// Arrived cases.
    pub(super) async fn inbox_list(&self) -> Result<Exit, Failure> {
        let rows = answer(self.connect().await?.inbox(api::InboxRequest { operator: self.operator.clone() }).await)?.rows;
        if self.screen.is_json() {
            self.screen.object(&json!({"rows": rows.iter().map(inbox_object).collect::<Vec<_>>()}));
            return Ok(Exit::Ok);
        }
        self.screen.line(&self.screen.say("danger-line", &[]));
        if rows.is_empty() {
            self.screen.line(&self.screen.say("inbox-empty", &[]));
        }
        rows.iter().for_each(|row| self.screen.line(&inbox_line(self.screen, row)));
        Ok(Exit::Ok)
    }

    /// What was sent.
    pub(super) async fn outbox(&self) -> Result<Exit, Failure> {
        let rows = answer(self.connect().await?.outbox(api::OutboxRequest { operator: self.operator.clone() }).await)?.rows;
        if self.screen.is_json() {
            self.screen.object(&json!({"rows": rows.iter().map(outbox_object).collect::<Vec<_>>()}));
            return Ok(Exit::Ok);
        }
        if rows.is_empty() {
            self.screen.line(&self.screen.say("outbox-empty", &[]));
        }
        for row in &rows {
            self.screen.line(&outbox_line(self.screen, row));
            if row.can_disclose {
                let args = [("codice", row.codice.as_str()), ("ufficio", row.recipient.as_str())];
                self.screen.line(&format!("    {}", self.screen.say("outbox-can-disclose", &args)));
            }
        }
        Ok(Exit::Ok)
    }
}

fn inbox_object(row: &api::InboxRow) -> Value {
    json!({
        "codice": row.codice,
        "sender": row.sender,
        "urgenza": bare(row.urgenza().as_str_name(), "URGENZA_"),
        "received_at": row.received_at,
        "state": bare(row.state().as_str_name(), "OFFICE_STATE_"),
    })
}

/// An office as people call it; its id when an older agent tells no name.
pub(super) fn name<'a>(name: &'a str, id: &'a str) -> &'a str {
    if name.is_empty() { id } else { name }
}

fn inbox_line(screen: &Screen, row: &api::InboxRow) -> String {
    let args = [
        ("codice", row.codice.as_str()),
        ("sender", name(&row.sender_name, &row.sender)),
        ("urgenza", &screen.say(&urgenza_id(row.urgenza()), &[])),
        ("since", &date_time(row.received_at)),
        ("state", &screen.say(&kebab(row.state().as_str_name()), &[])),
    ];
    screen.say("inbox-row", &args)
}

/// The name of an urgency's word.
pub(super) fn urgenza_id(urgenza: Urgenza) -> String {
    kebab(urgenza.as_str_name())
}

/// The name of a kind's word.
pub(super) fn kind_id(kind: Kind) -> String {
    kebab(kind.as_str_name())
}

fn outbox_object(row: &api::OutboxRow) -> Value {
    json!({
        "codice": row.codice,
        "kind": bare(row.kind().as_str_name(), "KIND_"),
        "recipient": row.recipient,
        "delivery": bare(row.delivery().as_str_name(), "DELIVERY_"),
        "reason": row.reason,
        "since": row.since,
        "office_state": bare(row.office_state().as_str_name(), "OFFICE_STATE_"),
        "can_disclose": row.can_disclose,
    })
}

fn outbox_line(screen: &Screen, row: &api::OutboxRow) -> String {
    let kind = screen.code(&["kind"], bare(row.kind().as_str_name(), "KIND_"), &[]);
    let args = [
        ("codice", row.codice.as_str()),
        ("kind", kind.as_str()),
        ("ufficio", name(&row.recipient_name, &row.recipient)),
        ("state", &delivery(screen, row)),
    ];
    screen.say("outbox-row", &args)
}

/// Where a letter is, in words: why it waits and since when, or who must act.
fn delivery(screen: &Screen, row: &api::OutboxRow) -> String {
    let since = date_time(row.since);
    let since = ("since", since.as_str());
    let office = ("ufficio", name(&row.recipient_name, &row.recipient));
    let code = if row.reason.is_empty() { "NONE" } else { &row.reason };
    let reason = screen.code(&["reason", "link"], code, &[office]);
    match row.delivery() {
        Delivery::Unspecified => screen.say("outbox-unknown", &[]),
        Delivery::Queued => screen.say("outbox-queued", &[("reason", &reason), since]),
        Delivery::Blocked => {
            let turn = screen.say(turn(&row.reason), &[office]);
            screen.say("outbox-blocked", &[("reason", &reason), since, ("turn", &turn)])
        }
        Delivery::Delivered | Delivery::Read if row.office_state() == OfficeState::PresaInCarico => {
            screen.say("outbox-taken", &[since])
        }
        Delivery::Delivered => screen.say("outbox-delivered", &[since]),
        Delivery::Read => screen.say("outbox-read", &[since]),
    }
}

/// Who must act on what was not delivered.
fn turn(reason: &str) -> &'static str {
    let code = Code::from_str_name(&format!("CODE_{reason}")).unwrap_or_default();
    match code {
        Code::NotAllowed | Code::MembershipChanged => "turn-author",
        Code::AgencyRevoked
        | Code::AgencySuspended
        | Code::AgencyEvicted
        | Code::AgencyBanned
        | Code::DirectoryStale
        | Code::DirectoryExpired
        | Code::UnknownRecipient
        | Code::Equivocation => "turn-network",
        Code::KeyChanged => "turn-key",
        Code::NoSpace | Code::ReadOnly | Code::KindNotAllowed | Code::RecipientAbsent => "turn-recipient",
        Code::Unspecified
        | Code::Unauthenticated
        | Code::Superseded
        | Code::TooLarge
        | Code::TooMany
        | Code::Busy
        | Code::Malformed
        | Code::Version
        | Code::Suite
        | Code::Signature
        | Code::UnknownKey
        | Code::ExpiredKey
        | Code::OutOfTime
        | Code::Replayed
        | Code::Decryption
        | Code::Padding
        | Code::Inconsistent
        | Code::NotAccepted => "turn-office",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;
    use raccordo_terminal::text::Lang;

    fn row(delivery: Delivery, reason: &str) -> api::OutboxRow {
        api::OutboxRow {
            codice: "7KQ-4M2-XDH".into(),
            kind: Kind::Segnalazione.into(),
            recipient: "sil-rivabella".into(),
            delivery: delivery.into(),
            reason: reason.into(),
            since: 1_790_671_260_000,
            office_state: OfficeState::Unspecified.into(),
            can_disclose: false,
            recipient_name: "SIL di Rivabella".into(),
        }
    }

    fn said(row: &api::OutboxRow) -> String {
        outbox_line(&Screen::new(texts(Lang::It), false), row)
    }

    #[test]
    fn a_waiting_letter_says_why_and_since_when() {
        let line = said(&row(Delivery::Queued, "RECIPIENT_ABSENT"));
        assert_eq!(
            line,
            "7KQ-4M2-XDH  segnalazione → SIL di Rivabella: in coda: SIL di Rivabella non è collegato, dal 29/09/2026, 10:41"
        );
        assert!(said(&row(Delivery::Queued, "GATEWAY_UNREACHABLE")).contains("il gateway non è raggiungibile, dal"));
        assert!(said(&row(Delivery::Queued, "")).contains("in attesa di partire"));
    }

    #[test]
    fn a_blocked_letter_says_who_must_act() {
        let line = said(&row(Delivery::Blocked, "AGENCY_REVOKED"));
        assert!(line.contains("Consegna non riuscita: SIL di Rivabella non fa più parte della rete"), "{line}");
        assert!(line.ends_with("Tocca a: amministrazione della rete."), "{line}");
    }

    #[test]
    fn a_changed_key_says_whom_to_phone_and_what_to_type() {
        let line = said(&row(Delivery::Blocked, "KEY_CHANGED"));
        for part in ["telefona a SIL di Rivabella", "raccordo-agent office keys"] {
            assert!(line.contains(part), "{line}");
        }
    }

    #[test]
    fn taken_in_charge_is_said_before_read_and_delivered() {
        let mut taken = row(Delivery::Read, "");
        assert!(said(&taken).contains(": lettura confermata"));
        taken.office_state = OfficeState::PresaInCarico.into();
        assert!(said(&taken).contains("presa in carico"));
        assert!(said(&row(Delivery::Delivered, "")).contains(": consegna confermata"));
    }

    #[test]
    fn rows_have_stable_keys() {
        let object = outbox_object(&row(Delivery::Queued, "BUSY"));
        assert_eq!(
            (&object["kind"], &object["delivery"], &object["reason"]),
            (&json!("SEGNALAZIONE"), &json!("QUEUED"), &json!("BUSY"))
        );
    }
}
