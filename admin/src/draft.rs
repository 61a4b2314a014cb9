//! Changes to the network as it is wanted: pure functions over a roster. A draft that breaks a rule is refused whole.
//!
//! Not here: requests (`enrolment`), files, signing.

use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::ids::{AgencyId, EquipeId};
use raccordo_proto::wire;
use raccordo_terminal::text::Sentence;

use crate::document::whole::Whole;
use crate::failure::{Exit, Failure};
use crate::review::{self, Change, Fault};
use crate::roster::{Equipe, Programme, Roster, Territory};

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
    let faults = review::faults(&old, &new);
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
        let all = roster.territories.drain(..).chain(list).map(|place| (place.istat.clone(), place));
        roster.territories = all.collect::<BTreeMap<_, _>>().into_values().collect();
        Ok(())
    })
}

/// A whole network from a file, laid over the draft. What the file does not name stays, and the answer says so. Here, where
/// the whole is said, every role that must sign has its member.
pub fn apply(before: &Roster, file: Whole) -> Result<Draft, Failure> {
    // Against the file alone: what it leaves out is not gone, but a known name under another id is an id that changes.
    let faults = review::faults(&before.body(), &file.alone.roster.body());
    let of_the_file = |fault: &&Fault| matches!(fault, Fault::IdChanged { .. } | Fault::Twice { .. });
    let of_the_file: Vec<Sentence> = faults.iter().filter(of_the_file).map(Fault::said).collect();
    if !of_the_file.is_empty() {
        return Err(refused(of_the_file));
    }
    let draft = taken(before, file.over)?;
    if !draft.open.is_empty() {
        return Err(refused(draft.open));
    }
    Ok(Draft { stays: stays(before, &file.alone.roster), ..draft })
}

fn stays(before: &Roster, wanted: &Roster) -> Vec<String> {
    let ids = |roster: &Roster| -> Vec<(u8, String)> {
        let offices = roster.offices.iter().map(|one| (0, one.id.to_string()));
        let equipes = roster.equipes.iter().map(|one| (1, one.id.to_string()));
        offices.chain(equipes).chain(roster.programmes.iter().map(|one| (2, one.id.clone()))).collect()
    };
    let named: BTreeSet<(u8, String)> = ids(wanted).into_iter().collect();
    ids(before).into_iter().filter(|one| !named.contains(one)).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, tests::NETWORK, whole};
    use crate::review::How;

    fn roster() -> Roster {
        document::read(NETWORK).expect("good").roster
    }

    fn agency(id: &str) -> AgencyId {
        AgencyId::parse(id).expect("a slug")
    }

    fn applied(before: &Roster, text: &str) -> Result<Draft, Failure> {
        let network = raccordo_proto::ids::NetworkId::parse("rete-prova").expect("a name");
        let file = whole::read(text, &network, before);
        apply(before, file.map_err(|faults| Failure::new(Exit::Usage, "FAULTY_FILE").about(faults))?)
    }

    fn ids(failure: &Failure) -> Vec<&'static str> {
        failure.faults.iter().map(|fault| fault.id).collect()
    }

    #[test]
    fn a_whole_network_is_applied_once_and_then_nothing() {
        let draft = applied(&Roster::default(), NETWORK).expect("a network");
        assert!(draft.changes.iter().all(|change| change.how == How::Create));
        let again = applied(&draft.roster, NETWORK).expect("the same");
        assert!(again.changes.iter().all(|change| change.how == How::Nothing) && again.stays.is_empty());
    }

    #[test]
    fn what_a_file_does_not_name_stays_and_what_has_keys_keeps_them() {
        let mut before = roster();
        before.offices[1].state = wire::State::Active;
        let shorter = NETWORK.split("[[programme]]").next().expect("a part").replace("CPI di Rivabella", "CPI nuovo nome");
        let draft = applied(&before, &shorter).expect("a network");
        assert_eq!(draft.stays, ["lia-2"]);
        assert_eq!((draft.roster.offices[1].state, draft.roster.programmes.len()), (wire::State::Active, 1));
        let changed: Vec<_> = draft.changes.iter().filter(|change| change.how != How::Nothing).collect();
        assert!(changed.len() == 1 && changed[0].id == "cpi-rivabella", "{changed:?}");
    }

    #[test]
    fn what_a_file_leaves_out_of_what_it_names_stays_too() {
        let mut before = roster();
        let office = &mut before.offices[1];
        (office.body, office.ambito) = ("Provincia di Cremona".to_owned(), "crema".to_owned());
        office.capabilities = vec![wire::Capability::Riceve];
        before.programmes[0].agencies = vec![agency("cav-ginestra")];
        before.policy.restrict_pairs = true;
        let file = |rest: &str| format!("network = \"rete-prova\"\n{rest}");
        let office = "[[office]]\nid = \"cpi-rivabella\"\nname = \"CPI\"\nkind = \"CPI\"\n";
        let after = applied(&before, &file(&format!("{office}[policy]\nframes_per_minute = 5\n"))).expect("a network").roster;
        let named = &after.offices[1];
        assert_eq!((&*named.office, &*named.body, &*named.ambito), ("CPI", "Provincia di Cremona", "crema"));
        assert_eq!(named.capabilities, [wire::Capability::Riceve]);
        assert_eq!((after.policy.restrict_pairs, after.policy.frames_per_minute), (true, 5));
        let equipe = "[[equipe]]\nid = \"cremona\"\nambito = \"casalmaggiore\"\n";
        let programme = "[[programme]]\nid = \"lia-2\"\ntitle = \"Altro\"\nfrom = \"2026-01-01\"\nuntil = \"2028-12-31\"\n\
                         capofila = \"comune-capofila\"\n";
        let after = applied(&before, &file(&format!("{equipe}{programme}"))).expect("a network").roster;
        assert_eq!((after.equipes[0].members.len(), after.equipes[0].required_signatures.len()), (2, 2));
        assert_eq!(after.programmes[0].agencies, [agency("cav-ginestra")]);
        let cleared = applied(&before, &file(&format!("{office}ambito = \"\"\n"))).expect("a network").roster;
        assert_eq!(cleared.offices[1].ambito, "", "what is said to be empty becomes so");
    }

    #[test]
    fn keys_and_first_states_are_not_taken_from_a_file() {
        let office = "[[office]]\nid = \"nuovo\"\nname = \"Nuovo\"\nkind = \"SIL\"\nstate = \"ACTIVE\"\n";
        let key = "aa".repeat(32);
        let gateway = format!("[[gateway]]\nid = \"gw1\"\nendpoints = [\"gw.rete.example:443\"]\ntls = [\"{key}\"]\n");
        let text = NETWORK.replace("[[equipe]]\nid = \"cremona\"", &format!("{office}{gateway}[[equipe]]\nid = \"cremona\""));
        let failure = applied(&roster(), &text).expect_err("refused");
        let places: Vec<_> = failure.faults.iter().map(|fault| (fault.id, &*fault.args[0].1, &*fault.args[1].1)).collect();
        let not_taken = "fault-not-taken";
        assert_eq!(places, [(not_taken, "office «nuovo»", "state"), (not_taken, "gateway «gw1»", "gateway")]);
        let mut with_keys = roster();
        with_keys.offices[0].machines.push(crate::document::tests::machine());
        let network = raccordo_proto::ids::NetworkId::parse("rete-prova").expect("a name");
        let failure = applied(&roster(), &document::write(&network, &with_keys)).expect_err("refused");
        assert_eq!(ids(&failure), [not_taken], "a machine");
    }

    #[test]
    fn a_file_that_breaks_rules_is_refused_with_all_of_them() {
        let broken = NETWORK
            .replace("members = { cav-ginestra = \"CAV\", cpi", "members = { comune-capofila = \"CAV\", nessuno")
            .replace("sil-montelago = \"SIL\" }", "}")
            .replace("\"CAV\", }", "\"CAV\" }");
        let failure = applied(&Roster::default(), &broken).expect_err("refused");
        assert_eq!(ids(&failure), ["fault-unknown-member", "fault-capofila-in-equipe"]);
        let open = NETWORK.replace("required = [\"SIL\"]", "required = [\"SIL\", \"CPI\"]");
        let failure = applied(&roster(), &open).expect_err("refused");
        assert_eq!((ids(&failure), failure.exit), (vec!["fault-role-without-member"], Exit::Refused));
        let renamed = NETWORK.replace("sil-montelago", "sil-montelago-2");
        let failure = applied(&roster(), &renamed).expect_err("refused");
        assert_eq!(ids(&failure), ["fault-id-changed"]);
        let twice = format!("{NETWORK}\n").replace("id = \"crema\"\n", "id = \"cremona\"\n");
        let failure = applied(&Roster::default(), &twice).expect_err("refused");
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
