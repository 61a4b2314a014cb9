//! Which texts the guard reads, and what it says of them: one fault per field and kind, told with all the others; and one of the
//! optional facts together.
//!
//! Deliberately not here: the parte riservata, which is for names; values chosen from a list, which the form's own rules check;
//! and a way to send all the same, which is the caller's (`checked`).

use std::collections::BTreeSet;

use raccordo_casework::wire::{Fault, Modulo, PresaInCarico, Riscontro};

use super::recognisable::recognisable_by;
use super::{Kind, alarms};
use crate::keys;

/// What belongs in the phone of a service, and is no alarm there.
const OF_A_SERVICE: &[Kind] = &[Kind::Telefono, Kind::Email];

/// Faults of the scheda minima's free texts, and of its optional facts taken together.
pub fn of_form(modulo: &Modulo) -> Vec<Fault> {
    let facoltativi = modulo.facoltativi.clone().unwrap_or_default();
    let texts = [
        ("di_che_cosa_ha_bisogno", &modulo.di_che_cosa_ha_bisogno),
        ("titolo_studio", &facoltativi.titolo_studio),
        ("lingua", &facoltativi.lingua),
        ("disponibilita_oraria", &facoltativi.disponibilita_oraria),
        ("competenze", &facoltativi.competenze),
        ("obiettivi", &facoltativi.obiettivi),
    ];
    let mut faults = of_field("recapito_servizio", &modulo.recapito_servizio, OF_A_SERVICE);
    faults.extend(texts.iter().flat_map(|(key, text)| of_field(key, text, &[])));
    let together = recognisable_by(&facoltativi);
    if !together.is_empty() {
        faults.push(keys::fault(String::new(), "recognisable", &[("campi", &together.join(", "))]));
    }
    faults
}

/// Faults of a riscontro.
pub fn of_riscontro(riscontro: &Riscontro) -> Vec<Fault> {
    of_answer(&riscontro.chi_segue, &riscontro.telefono, &riscontro.testo)
}

/// Faults of a presa in carico.
pub fn of_presa_in_carico(presa: &PresaInCarico) -> Vec<Fault> {
    of_answer(&presa.chi_segue, &presa.telefono, &presa.testo)
}

fn of_answer(chi_segue: &str, telefono: &str, testo: &str) -> Vec<Fault> {
    let fields = [("chi_segue", chi_segue, &[][..]), ("telefono", telefono, OF_A_SERVICE), ("testo", testo, &[])];
    fields.iter().flat_map(|(key, text, allowed)| of_field(key, text, allowed)).collect()
}

fn of_field(key: &str, text: &str, allowed: &[Kind]) -> Vec<Fault> {
    let kinds: BTreeSet<Kind> = alarms(text).into_iter().map(|alarm| alarm.kind).filter(|kind| !allowed.contains(kind)).collect();
    kinds.into_iter().map(|kind| keys::fault(key.to_owned(), code(kind), &[])).collect()
}

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Nome => "holds-name",
        Kind::Telefono => "holds-phone",
        Kind::Email => "holds-contact",
        Kind::Indirizzo => "holds-address",
        Kind::CodiceFiscale => "holds-codice-fiscale",
        Kind::Documento => "holds-document",
        Kind::DataNascita => "holds-birth",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;
    use raccordo_casework::wire::{Facoltativi, ModuloRiservata, SchedaRiservata};
    use raccordo_terminal::text::Lang;

    fn told(faults: &[Fault]) -> Vec<(&str, &str)> {
        faults.iter().map(|fault| (fault.key.as_str(), fault.code.as_str())).collect()
    }

    #[test]
    fn every_free_text_is_read_and_each_kind_told_once() {
        let name = || "chiedere a Fatou, poi a Oksana".to_owned();
        let facoltativi = Facoltativi {
            titolo_studio: name(),
            lingua: name(),
            disponibilita_oraria: name(),
            competenze: name(),
            obiettivi: name(),
            ..Facoltativi::default()
        };
        let modulo = Modulo {
            di_che_cosa_ha_bisogno: "tel 333 0000000, cf RSSMRA85T50Z999W".to_owned(),
            recapito_servizio: name(),
            facoltativi: Some(facoltativi),
            ..Modulo::default()
        };
        let expected = [
            ("recapito_servizio", "holds-name"),
            ("di_che_cosa_ha_bisogno", "holds-phone"),
            ("di_che_cosa_ha_bisogno", "holds-codice-fiscale"),
            ("titolo_studio", "holds-name"),
            ("lingua", "holds-name"),
            ("disponibilita_oraria", "holds-name"),
            ("competenze", "holds-name"),
            ("obiettivi", "holds-name"),
            ("", "recognisable"),
        ];
        assert_eq!(told(&of_form(&modulo)), expected);
    }

    #[test]
    fn the_services_own_phone_and_the_parte_riservata_are_no_alarm() {
        let scheda = SchedaRiservata { nome: "Fatou".to_owned(), cognome: "Inventata".to_owned(), ..SchedaRiservata::default() };
        let modulo = Modulo {
            recapito_servizio: "0372 000000, cav@posta.invalid".to_owned(),
            parte_riservata: Some(ModuloRiservata { per: Vec::new(), scheda: Some(scheda) }),
            ..Modulo::default()
        };
        assert_eq!(told(&of_form(&modulo)), []);
    }

    #[test]
    fn answers_are_read_too() {
        let testo = "ne parli con Fatou".to_owned();
        let riscontro = Riscontro {
            chi_segue: "dott.ssa Fatou Inventata".to_owned(),
            telefono: "0372 000000".to_owned(),
            testo: testo.clone(),
            ..Riscontro::default()
        };
        assert_eq!(told(&of_riscontro(&riscontro)), [("chi_segue", "holds-name"), ("testo", "holds-name")]);
        let presa = PresaInCarico { chi_segue: "l'assistente sociale".to_owned(), testo, ..PresaInCarico::default() };
        assert_eq!(told(&of_presa_in_carico(&presa)), [("testo", "holds-name")]);
    }

    #[test]
    fn every_kind_has_its_sentence() {
        use Kind::{CodiceFiscale, DataNascita, Documento, Email, Indirizzo, Nome, Telefono};
        let texts = texts(Lang::It);
        for kind in [Nome, Telefono, Email, Indirizzo, CodiceFiscale, Documento, DataNascita] {
            assert!(texts.has(&format!("fault-{}", code(kind))), "{kind:?}");
        }
    }

    #[test]
    fn a_fault_carries_nothing_of_what_was_typed() {
        let modulo = Modulo { di_che_cosa_ha_bisogno: "chiamare Fatou al 333 0000000".to_owned(), ..Modulo::default() };
        for fault in of_form(&modulo) {
            assert!(fault.args.is_empty() && !format!("{}{}", fault.key, fault.code).contains("Fatou"));
        }
    }
}
