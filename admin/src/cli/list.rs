//! `agency list`: who is in, until when, what comes next and who must do it.
//!
//! Not here: what comes next (`crate::calendar`).

use raccordo_machine::clock;
use raccordo_machine::tls::certificates;
use raccordo_proto::certificate;
use raccordo_proto::{Directory, Timestamp, wire};
use raccordo_terminal::text::Sentence;
use serde_json::{Value, json};

use super::network::{CERTIFICATES, Network};
use crate::calendar::{self, Known, Row, Validity, days_between, state_name};
use crate::document::{day, instant_text};
use crate::failure::Failure;

impl Network<'_> {
    pub(super) fn list(&self) -> Result<(), Failure> {
        let now = clock::now();
        let last = self.last()?;
        let signed = last.as_ref().map(Directory::body).unwrap_or_default();
        let issued = self.issued()?;
        let known = Known {
            signed: &signed,
            wanted: &self.roster.body(),
            expires: last.as_ref().map(Directory::expires),
            issued: &issued,
            authorities: self.authorities()?,
        };
        let rows = calendar::rows(&known, now);
        let warnings: Vec<Sentence> = rows.iter().filter_map(|row| row.warned(now)).collect();
        self.screen.table(&rows.iter().map(|row| self.columns(row, now)).collect::<Vec<_>>());
        self.screen.warn(&warnings);
        let rows: Vec<Value> = rows.iter().map(|row| self.row_object(row, now)).collect();
        self.screen.object(&json!({"rows": rows, "warnings": self.screen.told(&warnings)}));
        Ok(())
    }

    /// When issuing CA and root end.
    fn authorities(&self) -> Result<[Option<Timestamp>; 2], Failure> {
        let chain = certificates(&self.folder.read(CERTIFICATES)?).unwrap_or_default();
        let until = |der: &[u8]| certificate::validity(der).map(|(_, until)| until);
        Ok([chain.first(), chain.last()].map(|der| der.and_then(|der| until(der))))
    }

    fn said(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.screen.texts().say(id, args)
    }

    fn columns(&self, row: &Row, now: Timestamp) -> Vec<String> {
        let thing = self.said(row.subject.id(), &[]);
        let name = if row.id.is_empty() { thing } else { format!("{thing} {}", row.id) };
        let state = match (row.state, row.wanted) {
            (None, None) => String::new(),
            (state, None) => state_name(state).to_owned(),
            (state, wanted) => format!("{} → {}", state_name(state), state_name(wanted)),
        };
        vec![name, state, self.validity(row.validity, now), self.next(row)]
    }

    fn validity(&self, validity: Validity, now: Timestamp) -> String {
        match validity {
            Validity::None => self.said("show-valid-none", &[]),
            Validity::Unknown => self.said("show-valid-unknown", &[]),
            Validity::Until(until) if until < now => self.said("show-valid-over", &[("day", &day(until))]),
            Validity::Until(until) => {
                let days = days_between(now, until).to_string();
                self.said("show-valid-until", &[("day", &day(until)), ("days", &days)])
            }
        }
    }

    fn next(&self, row: &Row) -> String {
        let Some(next) = row.next else { return self.said("show-next-nothing", &[]) };
        let due = next.due.map(day).unwrap_or_default();
        let said = self.said(next.action.said(), &[("id", &row.id)]);
        if due.is_empty() { said } else { self.said("show-next-by", &[("day", &due), ("what", &said)]) }
    }

    fn row_object(&self, row: &Row, now: Timestamp) -> Value {
        let bare = |id: &'static str, prefix| id.strip_prefix(prefix).unwrap_or(id);
        let name = |state: Option<wire::State>| state.map(|state| state_name(Some(state)));
        let (validity, until) = match row.validity {
            Validity::None => ("NONE", None),
            Validity::Unknown => ("UNKNOWN", None),
            Validity::Until(until) if until < now => ("EXPIRED", Some(until)),
            Validity::Until(until) => ("VALID", Some(until)),
        };
        let next = row.next.map(|next| {
            json!({
                "action": bare(next.action.said(), "show-next-"),
                "due": next.due.map(instant_text),
                "days_left": row.days_left(now),
                "message": self.said(next.action.said(), &[("id", &row.id)]),
            })
        });
        json!({
            "thing": bare(row.subject.id(), "thing-"),
            "id": row.id,
            "state": name(row.state),
            "draft_state": name(row.wanted),
            "validity": validity,
            "until": until.map(instant_text),
            "days_left": until.map(|until| days_between(now, until)),
            "next": next,
            "warning_days": row.warning(now),
        })
    }
}
