//! What a person sees. To whom a case is not shown it does not exist: «codice inesistente», in lists and by name alike
//! (*chi non deve sapere*). Not here: sentences.

use raccordo_proto::Timestamp;

use super::Desk;
use crate::answer::{Answer, InboxRow, OutboxRow, Place};
use crate::case::{Case, CaseLetter, OfficeState};
use crate::codice::Codice;
use crate::letter::Payload;
use crate::outbox::{Delivery, Outgoing};
use crate::refusal::Rule;
use crate::roles::Operator;
use crate::wire::{CaseExport, ExportedLetter, Urgenza};

impl Desk {
    /// Arrived cases, newest first; for referenti only.
    pub(super) fn inbox(&self, operator: &Operator) -> Vec<InboxRow> {
        if !operator.is_referente() {
            return Vec::new();
        }
        let arrived = self.cases.values().filter(|case| case.opened.is_none());
        let mut rows: Vec<_> = arrived.filter_map(|case| self.inbox_row(case)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.received_at));
        rows
    }

    fn inbox_row(&self, case: &Case) -> Option<InboxRow> {
        let first = case.segnalazione()?;
        let Payload::Segnalazione(segnalazione) = &first.letter.letter().payload else { return None };
        Some(InboxRow {
            codice: Codice::of(case.id),
            sender: first.letter.letter().sender.clone(),
            urgenza: Urgenza::try_from(segnalazione.urgenza).unwrap_or_default(),
            received_at: first.received_at?,
            state: case.office_state(&self.me),
        })
    }

    /// One case, own or arrived.
    pub(super) fn show(&self, operator: &Operator, codice: &str) -> Result<Answer, Rule> {
        let case = self.visible(operator, codice)?;
        let committed = |letter: &CaseLetter| match &letter.letter.letter().payload {
            Payload::ParteRiservata(riservata) => case.is_committed(riservata),
            Payload::Segnalazione(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => false,
            Payload::Resync(_) | Payload::Returned(_) | Payload::Heads(_) => false,
        };
        let letters = case.letters().iter().map(|l| (l.letter.clone(), committed(l))).collect();
        Ok(Answer::Case { codice: Codice::of(case.id), letters })
    }

    /// Letters per office, newest first: one's own, or all of them for a referente.
    pub(super) fn outbox_rows(&self, operator: &Operator, now: Timestamp) -> Vec<OutboxRow> {
        let mut rows = Vec::new();
        for outgoing in self.outbox.letters() {
            let letter = outgoing.letter.letter();
            let Some(case) = self.cases.get(&letter.case_id) else { continue };
            if !operator.is_referente() && letter.operator != operator.pseudonym {
                continue;
            }
            rows.extend(self.rows_of(outgoing, case, now));
        }
        rows.sort_by(|a, b| (b.since, &a.recipient).cmp(&(a.since, &b.recipient)));
        rows
    }

    fn rows_of<'a>(&'a self, outgoing: &'a Outgoing, case: &'a Case, now: Timestamp) -> impl Iterator<Item = OutboxRow> + 'a {
        let letter = outgoing.letter.letter();
        outgoing.recipients.iter().map(move |(recipient, delivery)| {
            let office_state = case.office_state(recipient);
            let is_referral = matches!(letter.payload, Payload::Segnalazione(_));
            let read = is_referral && office_state > OfficeState::Consegnata;
            let (place, since) = match delivery {
                Delivery::Queued => (Place::Queued, letter.created),
                Delivery::Blocked { code, at } => (Place::Blocked(*code), *at),
                Delivery::Delivered(_) if read => (Place::Read, letter.created),
                Delivery::Delivered(_) => (Place::Delivered, letter.created),
            };
            OutboxRow {
                codice: Codice::of(case.id),
                letter: letter.letter_id,
                kind: letter.payload.kind(),
                recipient: recipient.clone(),
                place,
                since,
                // An answer is to the referral; the other letters of the case have none of their own.
                office_state: if is_referral { office_state } else { OfficeState::Consegnata },
                can_disclose: is_referral
                    && office_state == OfficeState::PresaInCarico
                    && self.can_disclose(case, recipient, now),
            }
        })
    }

    /// A case as evidence: letters as signed, and the receipts of our own.
    pub(super) fn export(&self, operator: &Operator, codice: &str) -> Result<Answer, Rule> {
        let case = self.visible(operator, codice)?;
        let network = self.known_directory()?.network().to_string();
        let letters = case.letters().iter().map(|l| self.exported(l)).collect();
        let export = CaseExport { network, agency: self.me.to_string(), case_id: case.id.as_bytes().to_vec(), letters };
        Ok(Answer::Export(Box::new(export)))
    }

    fn exported(&self, case_letter: &CaseLetter) -> ExportedLetter {
        let letter = &case_letter.letter;
        let own = self.outbox.get(letter.letter().letter_id).filter(|_| case_letter.received_at.is_none());
        let receipts = own.into_iter().flat_map(|outgoing| outgoing.recipients.values()).filter_map(|delivery| match delivery {
            Delivery::Delivered(evidence) => Some(evidence.as_ref().clone()),
            Delivery::Queued | Delivery::Blocked { .. } => None,
        });
        ExportedLetter { letter: letter.bytes().to_vec(), signature: letter.signature().to_vec(), receipts: receipts.collect() }
    }

    fn visible(&self, operator: &Operator, codice: &str) -> Result<&Case, Rule> {
        let case = self.find(codice)?;
        match &case.opened {
            Some(_) => self.own_case(operator, codice),
            None if operator.is_referente() && case.segnalazione().is_some() => Ok(case),
            None => Err(Rule::CodiceInesistente),
        }
    }
}
