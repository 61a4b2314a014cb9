//! The commands that change what the network is to be: équipes, programmes, municipalities, a whole network from a file.
//!
//! Not here: keys and signatures. Nothing here reaches any other machine before `directory sign`.

use std::path::Path;

use raccordo_proto::ids::{AgencyId, EquipeId};
use raccordo_proto::wire::EquipeRole;

use super::args::{EquipeCommand, ProgrammeCommand, TerritoryCommand};
use super::network::{Network, faulty};
use crate::document::{self, first_instant, last_instant, whole};
use crate::draft;
use crate::failure::{Exit, Failure};
use crate::folder::read_text;
use crate::log::Entry;
use crate::names::Named;
use crate::roster::{Equipe, Programme};
use crate::territory;

impl Network<'_> {
    pub(super) fn equipe(&self, command: &EquipeCommand) -> Result<(), Failure> {
        let (act, equipe) = match command {
            EquipeCommand::Create { id, .. } => ("equipe create", id),
            EquipeCommand::Add { id, .. } => ("equipe add", id),
            EquipeCommand::Remove { id, .. } => ("equipe remove", id),
        };
        let draft = match command {
            EquipeCommand::Create { id, ambito, members, required } => {
                let members = members.iter().map(|text| member(text)).collect::<Result<_, _>>()?;
                let required_signatures = required.iter().map(|name| named(name)).collect::<Result<_, _>>()?;
                let equipe = Equipe { id: equipe_id(id)?, ambito: ambito.clone(), members, required_signatures };
                draft::create_equipe(&self.roster, equipe)
            }
            EquipeCommand::Add { id, member: text } => {
                let (office, role) = member(text)?;
                draft::add_member(&self.roster, &equipe_id(id)?, office, role)
            }
            EquipeCommand::Remove { id, office } => draft::remove_member(&self.roster, &equipe_id(id)?, &agency_id(office)?),
        }?;
        let office = match command {
            EquipeCommand::Create { .. } => None,
            EquipeCommand::Add { member: text, .. } => Some(text),
            EquipeCommand::Remove { office, .. } => Some(office),
        };
        let about: Vec<&str> = [Some(equipe), office].into_iter().flatten().map(String::as_str).collect();
        self.save(&draft, Entry::new(act, &about))
    }

    pub(super) fn programme(&self, command: &ProgrammeCommand) -> Result<(), Failure> {
        let ProgrammeCommand::Create { id, title, from, until, capofila, agencies } = command;
        let day = |text: &str| Failure::new(Exit::Usage, "DAY").with("day", text);
        let programme = Programme {
            id: agency_id(id)?.as_str().to_owned(),
            title: title.clone(),
            from: first_instant(from).ok_or_else(|| day(from))?,
            until: last_instant(until).ok_or_else(|| day(until))?,
            capofila: agency_id(capofila)?,
            agencies: agencies.iter().map(|id| agency_id(id)).collect::<Result<_, _>>()?,
        };
        self.save(&draft::create_programme(&self.roster, programme)?, Entry::new("programme create", &[id]))
    }

    pub(super) fn territory(&self, command: &TerritoryCommand) -> Result<(), Failure> {
        let TerritoryCommand::Import { file } = command;
        let list = territory::read(&read_text(file)?, &self.roster.equipes).map_err(|faults| faulty(file, faults))?;
        self.save(&draft::import_territories(&self.roster, list)?, Entry::new("territory import", &[]))
    }

    pub(super) fn apply(&self, file: &Path, only_plan: bool) -> Result<(), Failure> {
        let whole = whole::read(&read_text(file)?, &self.name, &self.roster).map_err(|faults| faulty(file, faults))?;
        if whole.alone.network != self.name {
            let failure = Failure::new(Exit::Refused, "OTHER_NETWORK");
            return Err(failure.with("theirs", &whole.alone.network).with("ours", &self.name));
        }
        let draft = draft::apply(&self.roster, whole)?;
        if only_plan {
            document::kept(&self.name, &draft.roster)?;
            self.screen.object(&self.told(&draft, false));
            return Ok(());
        }
        self.save(&draft, Entry::new("apply", &[]))
    }
}

/// An office's id, as typed.
pub(super) fn agency_id(text: &str) -> Result<AgencyId, Failure> {
    AgencyId::parse(text).map_err(|_| bad_id(text))
}

/// An id that is none.
pub(super) fn bad_id(text: &str) -> Failure {
    Failure::new(Exit::Usage, "BAD_ID").with("id", text)
}

/// A value, by its name as typed.
pub(super) fn named<T: Named>(name: &str) -> Result<T, Failure> {
    let unknown = || Failure::new(Exit::Usage, "BAD_NAME").with("name", name).with("allowed", T::names());
    T::of_name(name).ok_or_else(unknown)
}

fn equipe_id(text: &str) -> Result<EquipeId, Failure> {
    EquipeId::parse(text).map_err(|_| bad_id(text))
}

fn member(text: &str) -> Result<(AgencyId, EquipeRole), Failure> {
    let (office, role) = text.split_once(':').ok_or_else(|| Failure::new(Exit::Usage, "BAD_MEMBER").with("text", text))?;
    Ok((agency_id(office)?, named(role)?))
}
