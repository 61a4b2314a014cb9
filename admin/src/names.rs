//! Names of kinds, roles, states and capabilities as files and command lines write them: the schema's, without its prefix.
//!
//! Not here: their sentences.

use raccordo_proto::wire::{AgencyKind, Capability, EquipeRole, State};

/// A value that files write by its name.
pub trait Named: Copy + PartialEq + 'static {
    /// Every value but the unspecified one.
    const ALL: &'static [Self];

    /// Its name in the schema, with the enumeration's own.
    fn schema_name(self) -> (&'static str, &'static str);

    /// As files write it.
    fn name(self) -> &'static str {
        let (name, prefix) = self.schema_name();
        name.strip_prefix(prefix).unwrap_or(name)
    }

    /// The value of this name.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }

    /// Every name, for a sentence.
    fn names() -> String {
        Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
    }
}

impl Named for AgencyKind {
    const ALL: &'static [Self] = &[
        Self::Cav,
        Self::Cpi,
        Self::ServizioSociale,
        Self::Sil,
        Self::AziendaSociale,
        Self::Comune,
        Self::Provincia,
        Self::Ats,
        Self::Asst,
        Self::EnteFormazione,
        Self::Housing,
        Self::Sindacato,
        Self::TerzoSettore,
        Self::Altro,
    ];

    fn schema_name(self) -> (&'static str, &'static str) {
        (self.as_str_name(), "AGENCY_KIND_")
    }
}

impl Named for Capability {
    const ALL: &'static [Self] = &[Self::Segnala, Self::Riceve, Self::ServiziCpi, Self::Valida];

    fn schema_name(self) -> (&'static str, &'static str) {
        (self.as_str_name(), "CAPABILITY_")
    }
}

impl Named for EquipeRole {
    const ALL: &'static [Self] = &[Self::Cav, Self::ServizioSociale, Self::Sil, Self::Cpi];

    fn schema_name(self) -> (&'static str, &'static str) {
        (self.as_str_name(), "EQUIPE_ROLE_")
    }
}

impl Named for State {
    const ALL: &'static [Self] = &[Self::Active, Self::Suspended, Self::Revoked, Self::Banned, Self::NotConnected];

    fn schema_name(self) -> (&'static str, &'static str) {
        (self.as_str_name(), "STATE_")
    }
}

/// What an office of this kind may do unless somebody says otherwise.
pub fn usual_capabilities(kind: AgencyKind) -> Vec<Capability> {
    match kind {
        AgencyKind::Cav => vec![Capability::Segnala],
        AgencyKind::Cpi => vec![Capability::Riceve, Capability::ServiziCpi],
        AgencyKind::ServizioSociale | AgencyKind::Sil => vec![Capability::Riceve],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_schema_has_its_name() {
        assert_eq!(AgencyKind::of_name("SERVIZIO_SOCIALE"), Some(AgencyKind::ServizioSociale));
        assert_eq!((State::of_name("ACTIVE"), State::of_name("UNSPECIFIED")), (Some(State::Active), None));
        let count = |valid: fn(i32) -> bool| (1..100).take_while(|number| valid(*number)).count();
        assert_eq!(count(|n| AgencyKind::try_from(n).is_ok()), AgencyKind::ALL.len());
        assert_eq!(count(|n| Capability::try_from(n).is_ok()), Capability::ALL.len());
        assert_eq!(count(|n| EquipeRole::try_from(n).is_ok()), EquipeRole::ALL.len());
        assert_eq!(count(|n| State::try_from(n).is_ok()), State::ALL.len());
    }
}
