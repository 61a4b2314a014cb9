//! The counter that says when the optional facts of a scheda minima, together, may make her recognisable to whoever knows a
//! small territory, though none of them does alone. It names fields, never values.
//!
//! Each fact weighs as many points as it roughly halves the women it may speak of. These are judgements, made by reading the
//! form, and no statistics: they err, and who has looked again sends all the same. A comune of three thousand people has about a
//! thousand adult women; six halvings leave some sixteen, of whom those who work in its services know most.
//!
//! Deliberately not here: free texts (the guard's), and what is sent always and cannot be left out (équipe, programme, needs).

use raccordo_casework::wire::Facoltativi;

/// From so many points she is told.
const RECOGNISABLE_FROM: u32 = 6;

/// The fields that together may make her recognisable; empty while they weigh less than [`RECOGNISABLE_FROM`].
pub(super) fn recognisable_by(facts: &Facoltativi) -> Vec<&'static str> {
    let weighed: Vec<_> = weights(facts).into_iter().filter(|(_, points)| *points > 0).collect();
    let points: u32 = weighed.iter().map(|(_, points)| points).sum();
    if points < RECOGNISABLE_FROM {
        return Vec::new();
    }
    weighed.into_iter().map(|(field, _)| field).collect()
}

/// What each field weighs as it was filled in.
fn weights(facts: &Facoltativi) -> [(&'static str, u32); 9] {
    let points = |points: u32, is_said: bool| if is_said { points } else { 0 };
    let bands = u32::try_from(facts.figli_eta.len()).unwrap_or(u32::MAX).min(3);
    let is_foreign = !["", "IT"].contains(&facts.cittadinanza.as_str());
    let is_other_language = !["", "italiano", "italiana"].contains(&facts.lingua.trim().to_lowercase().as_str());
    [
        // Five bands.
        ("fascia_eta", points(2, !facts.fascia_eta.is_empty())),
        // Most women are Italian, so that «IT» says little; of the others there is one in eight, or fewer.
        ("cittadinanza", points(3, is_foreign)),
        // About one in two.
        ("figli_minori", points(1, facts.figli_minori.is_some())),
        // Five bands of ages, and each further child parts her from most others once more.
        ("figli_eta", points(1 + bands, bands > 0)),
        // Nine values, of which three or four are common.
        ("condizione", points(2, !["", "NON_RILEVATA"].contains(&facts.condizione.as_str()))),
        // Yes or no.
        ("da_oltre_12_mesi", points(1, facts.da_oltre_12_mesi.is_some())),
        // Four levels are common; written freely, it may name one school.
        ("titolo_studio", points(2, !facts.titolo_studio.trim().is_empty())),
        // One language may be that of a few families.
        ("lingua", points(4, is_other_language)),
        // Said of few; and it says that her language is another.
        ("serve_mediazione", points(2, facts.serve_mediazione == Some(true))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn italian() -> Facoltativi {
        Facoltativi {
            fascia_eta: "30-39".to_owned(),
            cittadinanza: "IT".to_owned(),
            figli_minori: Some(true),
            condizione: "DISOCCUPATA".to_owned(),
            ..Facoltativi::default()
        }
    }

    #[test]
    fn few_common_facts_are_no_warning() {
        assert!(recognisable_by(&Facoltativi::default()).is_empty());
        assert!(recognisable_by(&italian()).is_empty());
    }

    #[test]
    fn one_fact_more_is_a_warning_that_names_every_field_that_weighs() {
        let facts = Facoltativi { da_oltre_12_mesi: Some(false), ..italian() };
        assert_eq!(recognisable_by(&facts), ["fascia_eta", "figli_minori", "condizione", "da_oltre_12_mesi"]);
    }

    #[test]
    fn a_rare_language_with_her_age_is_enough() {
        let facts =
            |lingua: &str| Facoltativi { lingua: lingua.to_owned(), fascia_eta: "60+".to_owned(), ..Facoltativi::default() };
        assert_eq!(recognisable_by(&facts("tigrino")), ["fascia_eta", "lingua"]);
        assert!(recognisable_by(&facts("Italiano ")).is_empty());
    }

    #[test]
    fn a_fact_more_never_makes_her_less_recognisable() {
        let all = Facoltativi {
            cittadinanza: "EXTRA_UE".to_owned(),
            figli_eta: ["0-2", "6-10"].map(str::to_owned).to_vec(),
            titolo_studio: "licenza media".to_owned(),
            lingua: "bengalese".to_owned(),
            serve_mediazione: Some(true),
            da_oltre_12_mesi: Some(true),
            ..italian()
        };
        assert_eq!(recognisable_by(&all).len(), weights(&all).len());
    }
}
