//! What stops a form until whoever sends it says that she has looked again: what the guard believes it sees, a seat that means
//! nothing, a directory that nobody confirms any more.
//!
//! Not here: faults, which no second look sends (casework's).

use raccordo_casework::seats;
use raccordo_casework::wire::{Fault, Modulo};
use raccordo_proto::limits::RECIPIENTS_MAX;
use raccordo_proto::{Directory, Timestamp};

use crate::desk_task::Status;
use crate::{guard, keys};

/// All of them.
pub fn of_form(modulo: &Modulo, status: &Status, now: Timestamp) -> Vec<Fault> {
    let directory = status.directory.as_deref();
    guard::of_form(modulo).into_iter().chain(unknown_seats(modulo, directory)).chain(unconfirmed(status, now)).collect()
}

/// Past its end a directory lets nothing leave, and says so itself.
fn unconfirmed(status: &Status, now: Timestamp) -> Option<Fault> {
    let is_over = status.directory.as_ref().is_some_and(|directory| directory.is_expired(now));
    let is_looked_after = status.directory_looked_after_until.is_none_or(|until| now <= until);
    (!is_over && !is_looked_after).then(|| keys::fault(String::new(), "directory-unconfirmed", &[]))
}

/// A seat to avoid that means no office of the directory stops nothing.
fn unknown_seats(modulo: &Modulo, directory: Option<&Directory>) -> Option<Fault> {
    let scheda = modulo.parte_riservata.as_ref().and_then(|riservata| riservata.scheda.as_ref());
    let (Some(scheda), Some(directory)) = (scheda, directory) else { return None };
    let is_known = |seat: &String| !seats::meant(seat, directory).is_empty();
    let are_known = scheda.sedi_da_evitare.iter().take(RECIPIENTS_MAX).all(is_known);
    (!are_known).then(|| keys::fault("parte_riservata.sedi_da_evitare".to_owned(), "seat-unknown", &[]))
}
