//! The form of the demonstration: a valid one, whose free fields hold markers that are nowhere else in the world.
//!
//! Not here: anything that looks like a person. Names and needs are 32 random consonants each: no word, no name and
//! no number of a document, so that the guard of the free texts has nothing to say.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// Characters of a marker.
const MARKER_CHARS: usize = 32;
/// Four random bits each.
const ALPHABET: &[u8; 16] = b"bcdfghklmnpqrstv";
/// Markers of one form.
pub const MARKERS: usize = 5;

/// A form and the markers that it holds.
pub struct Form {
    /// The file's content.
    pub text: String,
    /// Needs, skills, given name, family name, notes on safety.
    pub markers: [String; MARKERS],
}

/// Writes a form of today, for the équipe of the cast; authorisations last six months.
pub fn write(today: Date) -> anyhow::Result<Form> {
    let markers = [marker()?, marker()?, marker()?, marker()?, marker()?];
    let half_a_year: Span = 6.months();
    let until = today.checked_add(half_a_year)?;
    let [needs, skills, nome, cognome, notes] = &markers;
    let row = |office: &str, cosa: &str| {
        format!("\n[[autorizzazioni]]\nufficio = \"{office}\"\ncosa = \"{cosa}\"\nfino_al = {until}\nfirmata_il = {today}\n")
    };
    let text = format!(
        r#"tipo_richiesta = "INSERIMENTO_NEL_PROGRAMMA"
programma = "lia-2"
in_carico = {{ stato = "IN_CORSO" }}
urgenza = "ORDINARIA"
aree_richieste = ["LAVORO", "ABITARE"]
di_che_cosa_ha_bisogno = "{needs}"
recapito_servizio = "0372 000000"
fascia_eta = "30-39"
competenze = "{skills}"
chi_non_deve_sapere = []

[parte_riservata]
per = ["cpi-rivabella"]
nome = "{nome}"
cognome = "{cognome}"
recapiti = {{ canale = "TRAMITE_CAV" }}
note_sicurezza = "{notes}"
{}{}{}"#,
        row("cpi-rivabella", "ANCHE_CHI_SONO"),
        row("sociale-rivabella", "SCHEDA_MINIMA"),
        row("sil-rivabella", "SCHEDA_MINIMA"),
    );
    Ok(Form { text, markers })
}

fn marker() -> anyhow::Result<String> {
    let mut random = [0; MARKER_CHARS];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 16)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_stands_once_in_the_form_and_nowhere_else() {
        let today = jiff::civil::date(2026, 8, 31);
        let (one, other) = (write(today).expect("a form"), write(today).expect("a form"));
        for marker in &one.markers {
            assert_eq!((marker.len(), one.text.matches(marker.as_str()).count()), (MARKER_CHARS, 1));
            assert!(!other.text.contains(marker.as_str()));
        }
        assert_eq!(one.text.matches("fino_al = 2027-02-28").count(), 3, "{}", one.text);
    }
}
