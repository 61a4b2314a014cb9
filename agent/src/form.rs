//! The form of a segnalazione, from its TOML file: every fault of shape at once (unknown keys, wrong types, no dates).
//!
//! Not here: the rules (what is required, allowed values, lengths, authorisations), which are casework's and need the
//! directory; and any check by guesswork: a key is known as it is written, or it is a fault.

use raccordo_casework::wire::{Autorizzazione, Facoltativi, Fault, Modulo, ModuloRiservata, Recapiti, SchedaRiservata};

use crate::keys::{self, Keys};

/// Reads a form. The faults never carry a value that was typed.
pub fn read(text: &str) -> (Modulo, Vec<Fault>) {
    let mut faults = Vec::new();
    let modulo = match keys::parse(text, &mut faults) {
        None => Modulo::default(),
        Some(table) => {
            let mut keys = Keys::new(&table, &mut faults);
            let modulo = modulo(&mut keys);
            keys.finish();
            modulo
        }
    };
    (modulo, faults)
}

fn modulo(keys: &mut Keys<'_>) -> Modulo {
    let (in_carico_stato, in_carico_data) =
        keys.table("in_carico", |keys| (keys.text("stato"), keys.date("data"))).unwrap_or_default();
    Modulo {
        tipo_richiesta: keys.text("tipo_richiesta"),
        programma: keys.text("programma"),
        in_carico_stato,
        in_carico_data,
        urgenza: keys.text("urgenza"),
        aree_richieste: keys.list("aree_richieste"),
        di_che_cosa_ha_bisogno: keys.text("di_che_cosa_ha_bisogno"),
        recapito_servizio: keys.text("recapito_servizio"),
        chi_non_deve_sapere: keys.list("chi_non_deve_sapere"),
        facoltativi: Some(facoltativi(keys)),
        parte_riservata: keys.table("parte_riservata", parte_riservata),
        autorizzazioni: keys.tables("autorizzazioni", autorizzazione),
    }
}

fn facoltativi(keys: &mut Keys<'_>) -> Facoltativi {
    Facoltativi {
        fascia_eta: keys.text("fascia_eta"),
        cittadinanza: keys.text("cittadinanza"),
        figli_minori: keys.flag("figli_minori"),
        figli_eta: keys.list("figli_eta"),
        condizione: keys.text("condizione"),
        da_oltre_12_mesi: keys.flag("da_oltre_12_mesi"),
        titolo_studio: keys.text("titolo_studio"),
        lingua: keys.text("lingua"),
        serve_mediazione: keys.flag("serve_mediazione"),
        disponibilita_oraria: keys.text("disponibilita_oraria"),
        competenze: keys.text("competenze"),
        obiettivi: keys.text("obiettivi"),
        avvio_proposto: keys.text("avvio_proposto"),
    }
}

fn parte_riservata(keys: &mut Keys<'_>) -> ModuloRiservata {
    ModuloRiservata { per: keys.list("per"), scheda: Some(scheda(keys)) }
}

fn scheda(keys: &mut Keys<'_>) -> SchedaRiservata {
    SchedaRiservata {
        nome: keys.text("nome"),
        cognome: keys.text("cognome"),
        data_nascita: keys.date("data_nascita"),
        codice_fiscale: keys.text("codice_fiscale"),
        recapiti: keys.table("recapiti", recapiti),
        recapiti_da_non_usare: keys.text("recapiti_da_non_usare"),
        credenziali_digitali_a_rischio: keys.text("credenziali_digitali_a_rischio"),
        domicilio_protetto: keys.flag("domicilio_protetto"),
        sedi_ok: keys.list("sedi_ok"),
        sedi_da_evitare: keys.list("sedi_da_evitare"),
        note_sicurezza: keys.text("note_sicurezza"),
    }
}

fn recapiti(keys: &mut Keys<'_>) -> Recapiti {
    Recapiti {
        canale: keys.text("canale"),
        numero: keys.text("numero"),
        messaggi: keys.flag("messaggi").unwrap_or_default(),
        presentarsi_come: keys.text("presentarsi_come"),
        orari: keys.text("orari"),
        valido_fino: keys.date("valido_fino"),
    }
}

fn autorizzazione(keys: &mut Keys<'_>) -> Autorizzazione {
    Autorizzazione {
        ufficio: keys.text("ufficio"),
        cosa: keys.text("cosa"),
        fino_al: keys.date("fino_al"),
        firmata_il: keys.date("firmata_il"),
    }
}

/// Own faults first; a fault of the rules about a key that could not be read, or about what is inside it, would only
/// repeat it.
pub fn merge(own: Vec<Fault>, rules: Vec<Fault>) -> Vec<Fault> {
    let unread: Vec<String> = own.iter().map(|fault| fault.key.clone()).collect();
    let inside = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
    let repeats =
        |fault: &Fault| unread.iter().any(|key| key.is_empty() || fault.key.strip_prefix(key.as_str()).is_some_and(inside));
    let rules = rules.into_iter().filter(|fault| !repeats(fault));
    own.into_iter().chain(rules).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
tipo_richiesta = "INSERIMENTO_NEL_PROGRAMMA"
programma = "lia-2"
in_carico = { stato = "CONCLUSA", data = 2026-07-01 }
urgenza = "ORDINARIA"
aree_richieste = ["LAVORO", "ABITARE"]
di_che_cosa_ha_bisogno = "…"
recapito_servizio = "0372 …"
fascia_eta = "30-39"
figli_minori = true
chi_non_deve_sapere = []

[parte_riservata]
per = ["cpi-rivabella"]
nome = "…"
cognome = "…"
recapiti = { canale = "TRAMITE_CAV" }

[[autorizzazioni]]
ufficio = "cpi-rivabella"
cosa = "ANCHE_CHI_SONO"
fino_al = 2027-05-20
firmata_il = 2026-11-20

[[autorizzazioni]]
ufficio = "sil-rivabella"
cosa = "SCHEDA_MINIMA"
fino_al = "2027-05-20"
firmata_il = 2026-11-20
"#;

    const TEN_FAULTS: &str = r#"
tipo_richiesta = ["SEGRETO"]
urgenza = 8123
aree_richieste = "SEGRETO"
di_che_cosa_ha_bisogno = { x = "SEGRETO" }
figli_minori = "SEGRETO"
in_carico = { stato = "IN_CORSO", data = 2026-07-01T10:00:00Z }
indirizzo = "SEGRETO"
"Via SEGRETO 8123" = 1

[parte_riservata]
per = [8123]
recapiti = { messaggi = "SEGRETO" }

[[autorizzazioni]]
ufficio = "cpi-rivabella"

[[autorizzazioni]]
fino_al = 8123
"#;

    #[test]
    fn the_example_form_reads_without_a_fault() {
        let (modulo, faults) = read(EXAMPLE);
        assert!(faults.is_empty());
        assert_eq!(modulo.programma, "lia-2");
        assert_eq!(modulo.in_carico_data, "2026-07-01");
        assert_eq!(modulo.aree_richieste, ["LAVORO", "ABITARE"]);
        assert_eq!(modulo.facoltativi.and_then(|f| f.figli_minori), Some(true));
        assert_eq!(modulo.parte_riservata.map(|p| p.per), Some(vec!["cpi-rivabella".to_owned()]));
        assert!(modulo.autorizzazioni.iter().all(|row| row.fino_al == "2027-05-20" && row.firmata_il == "2026-11-20"));
    }

    #[test]
    fn every_fault_comes_at_once_with_its_key() {
        let (_, faults) = read(TEN_FAULTS);
        let mut found: Vec<_> = faults.iter().map(|fault| (fault.key.as_str(), fault.code.as_str())).collect();
        found.sort_unstable();
        let expected = [
            ("?", "unknown-key"),
            ("aree_richieste", "wrong-type"),
            ("autorizzazioni[2].fino_al", "wrong-type"),
            ("di_che_cosa_ha_bisogno", "wrong-type"),
            ("figli_minori", "wrong-type"),
            ("in_carico.data", "bad-date"),
            ("indirizzo", "unknown-key"),
            ("parte_riservata.per", "wrong-type"),
            ("parte_riservata.recapiti.messaggi", "wrong-type"),
            ("tipo_richiesta", "wrong-type"),
            ("urgenza", "wrong-type"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn no_fault_carries_what_was_typed() {
        let broken = "urgenza = \"ORDINARIA\"\nnome = SEGRETO 8123\n";
        for text in [TEN_FAULTS, broken] {
            for fault in read(text).1 {
                let whole = format!("{} {} {:?}", fault.key, fault.code, fault.args);
                assert!(!whole.contains("SEGRETO") && !whole.contains("8123"), "{whole}");
            }
        }
    }

    #[test]
    fn a_syntax_error_is_one_fault_with_its_line() {
        let (_, faults) = read("urgenza = \"ORDINARIA\"\nnome = SEGRETO\n");
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].code.as_str(), faults[0].args["line"].as_str()), ("not-toml", "2"));
    }

    #[test]
    fn a_key_that_could_not_be_read_is_named_once() {
        let own = vec![keys::fault("urgenza".into(), "wrong-type", &[])];
        let rules = vec![keys::fault("urgenza".into(), "required", &[]), keys::fault("programma".into(), "required", &[])];
        let keys: Vec<_> = merge(own, rules).into_iter().map(|fault| (fault.key, fault.code)).collect();
        assert_eq!(keys, [("urgenza".into(), "wrong-type".into()), ("programma".into(), "required".into())]);
    }
}
