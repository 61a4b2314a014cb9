//! A form as a person writes it, with one thing changed at a time.
//!
//! Not here: what a form may hold (casework); anything that looks like a person.

/// A form file; every authorisation lasts.
#[derive(Clone, Debug)]
pub struct Form {
    /// The needs, in her own words.
    pub bisogno: String,
    /// How soon.
    pub urgenza: String,
    /// Offices that must not know.
    pub chi_non_deve_sapere: Vec<String>,
    /// For whom the parte riservata is; with nobody there is none.
    pub riservata_per: Vec<String>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            bisogno: "Un lavoro vicino a casa, di mattina.".to_owned(),
            urgenza: "ORDINARIA".to_owned(),
            chi_non_deve_sapere: Vec::new(),
            riservata_per: vec!["cpi-rivabella".to_owned()],
        }
    }
}

impl Form {
    /// The file's text.
    pub fn text(&self) -> String {
        let Self { bisogno, urgenza, chi_non_deve_sapere, .. } = self;
        let row = |office: &str, cosa: &str| {
            format!(
                "\n[[autorizzazioni]]\nufficio = \"{office}\"\ncosa = \"{cosa}\"\nfino_al = 2199-05-20\nfirmata_il = 2026-01-20\n"
            )
        };
        format!(
            r#"tipo_richiesta = "INSERIMENTO_NEL_PROGRAMMA"
programma = "lia-2"
in_carico = {{ stato = "IN_CORSO" }}
urgenza = "{urgenza}"
aree_richieste = ["LAVORO", "ABITARE"]
di_che_cosa_ha_bisogno = "{bisogno}"
recapito_servizio = "0372 000000"
fascia_eta = "30-39"
chi_non_deve_sapere = {chi_non_deve_sapere:?}

{}{}{}{}"#,
            self.parte_riservata(),
            row("cpi-rivabella", "ANCHE_CHI_SONO"),
            row("sociale-rivabella", "SCHEDA_MINIMA"),
            row("sil-rivabella", "SCHEDA_MINIMA"),
        )
    }

    fn parte_riservata(&self) -> String {
        if self.riservata_per.is_empty() {
            return String::new();
        }
        let who = "nome = \"Nome\"\ncognome = \"Inventato\"\nrecapiti = { canale = \"TRAMITE_CAV\" }";
        format!("[parte_riservata]\nper = {:?}\n{who}\n", self.riservata_per)
    }
}
