//! A file of a whole network, laid over the draft: what it says counts, what it leaves out stays, and what it may not say is
//! told.
//!
//! Not here: which changes the rules allow (`draft`).

use std::collections::BTreeMap;

use raccordo_proto::ids::NetworkId;
use raccordo_terminal::text::Sentence;
use toml::{Table, Value};

use super::{Document, File, InvitationText, OfficeText, Reader, parsed, write};
use crate::roster::Roster;

/// Kinds of entries that the file names by their ids.
const LISTS: [&str; 3] = ["office", "equipe", "programme"];

/// A file of a whole network, read.
#[derive(Debug)]
pub struct Whole {
    /// What it says itself.
    pub alone: Document,
    /// The draft, with what it says.
    pub over: Roster,
}

/// Reads such a file over a draft. Errors: all that is wrong with it.
pub fn read(text: &str, network: &NetworkId, draft: &Roster) -> Result<Whole, Vec<Sentence>> {
    let file = parsed(text)?;
    let mut reader = Reader::default();
    let alone = reader.document(&file);
    reader.0.extend(not_taken(&file, draft));
    let alone = alone.filter(|_| reader.0.is_empty()).ok_or(reader.0)?;
    let mut over: Table = toml::from_str(&write(network, draft)).expect("our own");
    lay(&mut over, toml::from_str(text).expect("it was read above"));
    let over = super::read(&toml::to_string(&over).expect("tables of what was read"))?;
    Ok(Whole { alone, over: over.roster })
}

/// Keys come from requests, and so does the first state of an office.
fn not_taken(file: &File, draft: &Roster) -> Vec<Sentence> {
    let said = |place: &str, key: &str| Sentence::new("fault-not-taken", &[("place", place), ("key", key)]);
    let place = |office: &OfficeText| format!("office «{}»", office.id);
    let known = |office: &&OfficeText| draft.offices.iter().any(|one| one.id.as_str() == office.id);
    let machines = file.office.iter().filter(|office| !office.machine.is_empty());
    let machines = machines.map(|office| said(&place(office), "machine"));
    let stated = |office: &&OfficeText| office.state.as_deref().is_some_and(|state| state != "NOT_CONNECTED");
    let states = file.office.iter().filter(stated).filter(|office| !known(office));
    let states = states.map(|office| said(&place(office), "state"));
    let gateways = file.gateway.iter().map(|gateway| said(&format!("gateway «{}»", gateway.id), "gateway"));
    let place = |invitation: &InvitationText| format!("invitation «{}»", invitation.office);
    let invitations = file.invitation.iter().map(|invitation| said(&place(invitation), "invitation"));
    machines.chain(states).chain(gateways).chain(invitations).collect()
}

fn lay(over: &mut Table, file: Table) {
    for (key, value) in file {
        match (over.get_mut(&key), value) {
            (Some(Value::Array(known)), Value::Array(all)) if LISTS.contains(&&*key) => lay_list(known, all),
            (Some(Value::Table(known)), Value::Table(said)) => known.extend(said),
            (_, value) => drop(over.insert(key, value)),
        }
    }
}

fn lay_list(known: &mut Vec<Value>, all: Vec<Value>) {
    let id = |entry: &Value| entry.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let places: BTreeMap<String, usize> = known.iter().enumerate().map(|(place, entry)| (id(entry), place)).collect();
    for entry in all {
        match (places.get(&id(&entry)).and_then(|place| known.get_mut(*place)), entry) {
            (Some(Value::Table(known)), Value::Table(said)) => known.extend(said),
            (_, entry) => known.push(entry),
        }
    }
}
