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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use raccordo_proto::wire::{Head, SignedDirectory};

    use super::*;

    const EXPIRES: u64 = 1_000;

    /// A directory that ends then, as somebody looks after it.
    fn looked_after(until: Option<u64>) -> Status {
        let head = Head { network: "rete-demo.invalid".into(), expires: EXPIRES, ..Head::default() };
        let document = SignedDirectory { head: prost::Message::encode_to_vec(&head).into(), ..SignedDirectory::default() };
        Status {
            directory: Some(Arc::new(Directory::trusted_before(&document).expect("an empty directory"))),
            directory_looked_after_until: until.map(Timestamp::from_millis),
            ..without_a_directory()
        }
    }

    fn without_a_directory() -> Status {
        Status {
            directory: None,
            directory_before: None,
            directory_looked_after_until: None,
            directory_rival_seen: None,
            clock_ahead: None,
            attached: false,
            queued: 0,
            link_fault: None,
            rejections: BTreeMap::new(),
            forked: 0,
            put_back: None,
            differing: Default::default(),
            gaps: 0,
            keys_to_accept: Vec::new(),
        }
    }

    #[test]
    fn a_directory_that_nobody_looks_after_stops_a_form_until_it_ends() {
        let codes = |status: &Status, now: u64| -> Vec<String> {
            let doubts = of_form(&Modulo::default(), status, Timestamp::from_millis(now));
            doubts.into_iter().map(|fault| fault.code).collect()
        };
        let until_500 = looked_after(Some(500));
        for (now, stops) in [(0, false), (500, false), (501, true), (EXPIRES, true), (EXPIRES + 1, false)] {
            let expected: &[&str] = if stops { &["directory-unconfirmed"] } else { &[] };
            assert_eq!(codes(&until_500, now), expected, "at {now}");
        }
        assert_eq!(codes(&looked_after(None), 501), [""; 0]);
        assert_eq!(codes(&without_a_directory(), 501), [""; 0]);
    }
}
