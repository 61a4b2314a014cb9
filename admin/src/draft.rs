//! Changes to the network as it is wanted: pure functions over a roster. A draft that breaks a rule is refused whole.
//!
//! Not here: requests (`enrolment`), files, signing.

use raccordo_proto::ids::{AgencyId, EquipeId};
use raccordo_proto::wire;

use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::review::{self, Change, Fault};
use crate::roster::{Equipe, Office, Programme, Roster, Territory};
use crate::text::Sentence;

/// A changed network: what it is now, and the plan in types.
#[derive(Debug)]
pub struct Draft {
    /// As it would be.
    pub roster: Roster,
    /// What changes, against the draft before.
    pub changes: Vec<Change>,
    /// Rules that a signature will ask for.
    pub open: Vec<Sentence>,
    /// What a whole network's file does not name, and stays.
    pub stays: Vec<String>,
}

/// Takes a changed roster, unless it breaks a rule that even a draft must keep.
fn taken(before: &Roster, roster: Roster) -> Result<Draft, Failure> {
    let (old, new) = (before.body(), roster.body());
    let faults = review::between(&old, &new);
    let (stops, open): (Vec<&Fault>, Vec<&Fault>) = faults.iter().partition(|fault| fault.stops_a_draft());
    if !stops.is_empty() {
        return Err(refused(stops.into_iter().map(Fault::said).collect()));
    }
    let open = open.into_iter().map(Fault::said).collect();
    Ok(Draft { changes: review::changes(&old, &new), roster, open, stays: Vec::new() })
}

fn refused(faults: Vec<Sentence>) -> Failure {
    Failure::new(Exit::Refused, "FAULTS").about(faults)
}

/// Changes a roster by hand, and takes it unless it breaks a rule.
pub fn change(before: &Roster, change: impl FnOnce(&mut Roster) -> Result<(), Failure>) -> Result<Draft, Failure> {
    let mut roster = before.clone();
    change(&mut roster)?;
    taken(before, roster)
}

/// A new équipe.
pub fn create_equipe(before: &Roster, equipe: Equipe) -> Result<Draft, Failure> {
    change(before, |roster| {
        if roster.equipes.iter().any(|one| one.id == equipe.id) {
            return Err(Failure::new(Exit::Refused, "EQUIPE_EXISTS").with("id", &equipe.id));
        }
        roster.equipes.push(equipe);
        Ok(())
    })
}

/// One more member of an équipe, or another role for one.
pub fn add_member(before: &Roster, id: &EquipeId, office: AgencyId, role: wire::EquipeRole) -> Result<Draft, Failure> {
    change(before, |roster| {
        let equipe = equipe_mut(roster, id)?;
        equipe.members.retain(|(member, _)| *member != office);
        equipe.members.push((office, role));
        Ok(())
    })
}

/// One member less.
pub fn remove_member(before: &Roster, id: &EquipeId, office: &AgencyId) -> Result<Draft, Failure> {
    change(before, |roster| {
        let equipe = equipe_mut(roster, id)?;
        let count = equipe.members.len();
        equipe.members.retain(|(member, _)| member != office);
        if equipe.members.len() == count {
            return Err(Failure::new(Exit::Refused, "NO_MEMBER").with("id", id).with("office", office));
        }
        Ok(())
    })
}

fn equipe_mut<'a>(roster: &'a mut Roster, id: &EquipeId) -> Result<&'a mut Equipe, Failure> {
    let unknown = || Failure::new(Exit::Refused, "NO_EQUIPE").with("id", id);
    roster.equipes.iter_mut().find(|equipe| equipe.id == *id).ok_or_else(unknown)
}

/// A new programme.
pub fn create_programme(before: &Roster, programme: Programme) -> Result<Draft, Failure> {
    change(before, |roster| {
        if roster.programmes.iter().any(|one| one.id == programme.id) {
            return Err(Failure::new(Exit::Refused, "PROGRAMME_EXISTS").with("id", &programme.id));
        }
        roster.programmes.push(programme);
        Ok(())
    })
}

/// Municipalities of a list: those that it names are set, the others stay.
pub fn import_territories(before: &Roster, list: Vec<Territory>) -> Result<Draft, Failure> {
    change(before, |roster| {
        merge(&mut roster.territories, list, |place| place.istat.clone());
        roster.territories.sort_by(|a, b| a.istat.cmp(&b.istat));
        Ok(())
    })
}

/// A whole network from a file. Machines, gateways and their keys stay as requests have made them; so does what the file does
/// not name, and the answer says so. Here, where the whole is said, every role that must sign has its member.
pub fn apply(before: &Roster, file: Document) -> Result<Draft, Failure> {
    let mut wanted = file.roster;
    for office in &mut wanted.offices {
        let says_state = file.says_state.contains(&office.id);
        if let Some(known) = before.offices.iter().find(|known| known.id == office.id) {
            office.machines.clone_from(&known.machines);
            office.state = if says_state { office.state } else { known.state };
        } else {
            office.machines.clear();
            office.state = wire::State::NotConnected;
        }
    }
    // Against the file alone: what it leaves out is not gone, but a known name under another id is an id that changes.
    let faults = review::between(&before.body(), &wanted.body());
    let moved: Vec<Sentence> = faults.iter().filter(|fault| matches!(fault, Fault::IdChanged { .. })).map(Fault::said).collect();
    if !moved.is_empty() {
        return Err(refused(moved));
    }
    let stays = stays(before, &wanted);
    let mut roster = before.clone();
    merge(&mut roster.offices, wanted.offices, |office: &Office| office.id.clone());
    merge(&mut roster.equipes, wanted.equipes, |equipe| equipe.id.clone());
    merge(&mut roster.programmes, wanted.programmes, |programme| programme.id.clone());
    merge(&mut roster.territories, wanted.territories, |place| place.istat.clone());
    if file.says_policy {
        roster.policy = wanted.policy;
    }
    let draft = taken(before, roster)?;
    if draft.open.is_empty() { Ok(Draft { stays, ..draft }) } else { Err(refused(draft.open)) }
}

fn stays(before: &Roster, wanted: &Roster) -> Vec<String> {
    let offices = before.offices.iter().filter(|one| !wanted.offices.iter().any(|new| new.id == one.id));
    let equipes = before.equipes.iter().filter(|one| !wanted.equipes.iter().any(|new| new.id == one.id));
    let programmes = before.programmes.iter().filter(|one| !wanted.programmes.iter().any(|new| new.id == one.id));
    let ids = offices.map(|one| one.id.to_string()).chain(equipes.map(|one| one.id.to_string()));
    ids.chain(programmes.map(|one| one.id.clone())).collect()
}

fn merge<T, K: PartialEq>(into: &mut Vec<T>, from: Vec<T>, key: impl Fn(&T) -> K) {
    // Twice in `from`: the second is kept beside the first, so that the rules see both.
    let known = into.len();
    for one in from {
        match into[..known].iter_mut().find(|other| key(other) == key(&one)) {
            Some(other) => *other = one,
            None => into.push(one),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, tests::NETWORK};
    use crate::review::How;

    fn roster() -> Roster {
        document::read(NETWORK).expect("good").roster
    }

    fn agency(id: &str) -> AgencyId {
        AgencyId::parse(id).expect("a slug")
    }

    fn ids(failure: &Failure) -> Vec<&'static str> {
        failure.faults.iter().map(|fault| fault.id).collect()
    }

    #[test]
    fn a_whole_network_is_applied_once_and_then_nothing() {
        let draft = apply(&Roster::default(), document::read(NETWORK).expect("good")).expect("a network");
        assert!(draft.changes.iter().all(|change| change.how == How::Create));
        let again = apply(&draft.roster, document::read(NETWORK).expect("good")).expect("the same");
        assert!(again.changes.iter().all(|change| change.how == How::Nothing) && again.stays.is_empty());
    }

    #[test]
    fn what_a_file_does_not_name_stays_and_what_has_keys_keeps_them() {
        let mut before = roster();
        before.offices[1].state = wire::State::Active;
        let shorter = NETWORK.split("[[programme]]").next().expect("a part").replace("CPI di Rivabella", "CPI nuovo nome");
        let draft = apply(&before, document::read(&shorter).expect("good")).expect("a network");
        assert_eq!(draft.stays, ["lia-2"]);
        assert_eq!((draft.roster.offices[1].state, draft.roster.programmes.len()), (wire::State::Active, 1));
        let changed: Vec<_> = draft.changes.iter().filter(|change| change.how != How::Nothing).collect();
        assert!(changed.len() == 1 && changed[0].id == "cpi-rivabella", "{changed:?}");
    }

    #[test]
    fn a_file_that_breaks_rules_is_refused_with_all_of_them() {
        let broken = NETWORK
            .replace("members = { cav-ginestra = \"CAV\", cpi", "members = { comune-capofila = \"CAV\", nessuno")
            .replace("sil-montelago = \"SIL\" }", "}")
            .replace("\"CAV\", }", "\"CAV\" }");
        let failure = apply(&Roster::default(), document::read(&broken).expect("readable")).expect_err("refused");
        assert_eq!(ids(&failure), ["fault-unknown-member", "fault-capofila-in-equipe"]);
        let open = NETWORK.replace("required = [\"SIL\"]", "required = [\"SIL\", \"CPI\"]");
        let failure = apply(&roster(), document::read(&open).expect("readable")).expect_err("refused");
        assert_eq!((ids(&failure), failure.exit), (vec!["fault-role-without-member"], Exit::Refused));
        let renamed = NETWORK.replace("sil-montelago", "sil-montelago-2");
        let failure = apply(&roster(), document::read(&renamed).expect("readable")).expect_err("refused");
        assert_eq!(ids(&failure), ["fault-id-changed"]);
        let twice = format!("{NETWORK}\n").replace("id = \"crema\"\n", "id = \"cremona\"\n");
        let failure = apply(&Roster::default(), document::read(&twice).expect("readable")).expect_err("refused");
        assert_eq!(ids(&failure), ["fault-twice"]);
    }

    #[test]
    fn an_equipe_is_made_step_by_step_and_its_open_roles_are_told() {
        let id = EquipeId::parse("casalmaggiore").expect("a slug");
        let required_signatures = vec![wire::EquipeRole::Cpi];
        let equipe = Equipe { id: id.clone(), ambito: "casalmaggiore".into(), members: Vec::new(), required_signatures };
        let made = create_equipe(&roster(), equipe.clone()).expect("a draft");
        assert_eq!(made.open.iter().map(|open| open.id).collect::<Vec<_>>(), ["fault-role-without-member"]);
        assert_eq!(create_equipe(&made.roster, equipe).expect_err("twice").code, "EQUIPE_EXISTS");
        let cpi = agency("cpi-rivabella");
        let added = add_member(&made.roster, &id, cpi.clone(), wire::EquipeRole::Cpi).expect("a draft");
        assert!(added.open.is_empty());
        let capofila = add_member(&added.roster, &id, agency("comune-capofila"), wire::EquipeRole::Sil);
        assert_eq!(ids(&capofila.expect_err("refused")), ["fault-capofila-in-equipe"]);
        assert_eq!(remove_member(&added.roster, &id, &cpi).expect("a draft").open.len(), 1);
        assert_eq!(remove_member(&added.roster, &id, &agency("sil-montelago")).expect_err("none").code, "NO_MEMBER");
        let nowhere = EquipeId::parse("altrove").expect("a slug");
        assert_eq!(add_member(&made.roster, &nowhere, cpi, wire::EquipeRole::Cpi).expect_err("none").code, "NO_EQUIPE");
    }

    #[test]
    fn a_list_of_municipalities_sets_what_it_names() {
        let list = vec![
            Territory { istat: "019035".into(), ambito: "cremona".into() },
            Territory { istat: "019001".into(), ambito: "crema".into() },
        ];
        let draft = import_territories(&roster(), list).expect("a draft");
        let places: Vec<_> = draft.roster.territories.iter().map(|p| (p.istat.as_str(), p.ambito.as_str())).collect();
        assert_eq!(places, [("019001", "crema"), ("019035", "cremona"), ("019101", "cremona")]);
    }
}
