//! From the form a person wrote to a referral that may be sent: every fault at once, none with a value she typed.
//!
//! Not here: reading the file (the command line's), to whom it goes (`destination`), the guard for names and addresses in free
//! text (the agent's).

use std::collections::BTreeSet;

use prost::Message as _;
use raccordo_proto::ids::{AgencyId, EquipeId};
use raccordo_proto::limits::{LINE_CHARS_MAX, RECIPIENTS_MAX, TEXT_CHARS_MAX};
use raccordo_proto::{Directory, Timestamp};

use crate::autorizzazione::{self, Cosa};
use crate::dates;
use crate::destination::{self, Addressed, Destination};
use crate::refusal::{Refusal, Rule};
use crate::seats;
use crate::wire::{self, Area, Modulo, StatoInCarico, TipoRichiesta, Urgenza};

/// A form that holds.
pub struct Referral {
    /// The scheda minima, its commitment still empty.
    pub segnalazione: wire::Segnalazione,
    /// The équipe, when it goes to one.
    pub equipe: Option<EquipeId>,
    /// The offices that get it, less the sender and those kept out; ascending.
    pub recipients: Vec<AgencyId>,
    /// Offices that the parte riservata is meant for.
    pub riservata_per: Vec<AgencyId>,
    /// The bytes of the SchedaRiservata.
    pub scheda: Option<Vec<u8>>,
}

/// What a form is read against.
pub struct Desk<'a> {
    /// The network.
    pub directory: &'a Directory,
    /// This office.
    pub me: &'a AgencyId,
    /// Today.
    pub now: Timestamp,
}

/// Reads a form. `found` are faults that the reader of the file has found already.
pub fn read(modulo: &Modulo, to: &Destination, found: Vec<wire::Fault>, desk: &Desk<'_>) -> Result<Referral, Refusal> {
    let mut faults = Faults(found);
    let segnalazione = scheda_minima(modulo, desk, &mut faults);
    faults.at_most_items("autorizzazioni", modulo.autorizzazioni.len(), RECIPIENTS_MAX);
    let kept_out = offices("chi_non_deve_sapere", &modulo.chi_non_deve_sapere, desk, &mut faults);
    let addressed = destination::read(to, modulo, &kept_out, desk, &mut faults);
    autorizzazione::check(&modulo.autorizzazioni, desk, &mut faults);
    let riservata = parte_riservata(modulo, desk, &mut faults);
    let recipients = addressed.as_ref().map_or(&[][..], |addressed| &addressed.recipients);
    avoided(modulo, recipients, desk, &mut faults);
    for office in recipients {
        if !autorizzazione::allows(&modulo.autorizzazioni, office, Cosa::SchedaMinima, desk.now) {
            faults.about_office("autorizzazioni", "missing-authorisation", office.as_str());
        }
    }
    let lacking = match (&addressed, &riservata) {
        (Some(Addressed { recipients, .. }), Some((per, _))) => readers(per, recipients, modulo, desk, &mut faults),
        _ => Vec::new(),
    };
    // A rule, not a slip of the pen; beside slips it is told with them.
    match lacking.first() {
        Some(office) if faults.0.is_empty() => return Err(Rule::NoAuthorisation { ufficio: office.to_string() }.into()),
        _ => {
            lacking.iter().for_each(|office| faults.about_office("parte_riservata.per", "reader-not-authorised", office.as_str()))
        }
    }
    let (Some(Addressed { equipe, recipients }), true) = (addressed, faults.0.is_empty()) else {
        return Err(Refusal::Form(faults.0));
    };
    let (riservata_per, scheda) = riservata.unzip();
    let riservata_per = riservata_per.unwrap_or_default();
    Ok(Referral { segnalazione, equipe, recipients, riservata_per, scheda })
}

/// Who she is reaches only offices that have the segnalazione. Returns those that she has not authorised for it.
fn readers<'a>(
    per: &'a [AgencyId],
    recipients: &[AgencyId],
    modulo: &Modulo,
    desk: &Desk<'_>,
    faults: &mut Faults,
) -> Vec<&'a AgencyId> {
    let (addressed, others): (Vec<_>, Vec<_>) = per.iter().partition(|office| recipients.contains(office));
    others.iter().for_each(|office| faults.about_office("parte_riservata.per", "reader-not-addressed", office.as_str()));
    let lacks = |office: &&AgencyId| !autorizzazione::allows(&modulo.autorizzazioni, office, Cosa::AncheChiSono, desk.now);
    addressed.into_iter().filter(lacks).collect()
}

/// What is wrong so far.
pub struct Faults(pub Vec<wire::Fault>);

impl Faults {
    pub(crate) fn push(&mut self, key: &str, code: &str) {
        self.with(key, code, &[]);
    }

    /// Names the office, when what was typed is a name at all: a field may hold anything.
    pub(crate) fn about_office(&mut self, key: &str, code: &str, office: &str) {
        let office = AgencyId::parse(office).map_or_else(|_| "?".to_owned(), |id| id.to_string());
        self.with(key, code, &[("ufficio", &office)]);
    }

    pub(crate) fn with(&mut self, key: &str, code: &str, args: &[(&str, &str)]) {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.0.push(wire::Fault { key: key.to_owned(), code: code.to_owned(), args });
    }

    /// One of a list, or a fault that names the list. Empty is nobody's fault here.
    pub(crate) fn one_of(&mut self, key: &str, value: &str, allowed: &[&str]) {
        if !value.is_empty() && !allowed.contains(&value) {
            self.with(key, "not-allowed", &[("allowed", &allowed.join(", "))]);
        }
    }

    /// A date that is not after today.
    pub(crate) fn past(&mut self, key: &str, value: &str, now: Timestamp) {
        self.date(key, value);
        if dates::parse(value).is_some_and(|day| dates::is_to_come(day, now)) {
            self.push(key, "future-date");
        }
    }

    /// What people can call, or write to: a digit or an at sign at least.
    fn reachable(&mut self, key: &str, value: &str) {
        if !value.trim().is_empty() && !value.contains(|c: char| c.is_ascii_digit() || c == '@') {
            self.push(key, "no-number");
        }
    }

    fn required(&mut self, key: &str, value: &str, chars_max: usize) {
        if value.trim().is_empty() {
            self.push(key, "required");
        }
        self.at_most(key, value, chars_max);
    }

    fn at_most(&mut self, key: &str, value: &str, chars_max: usize) {
        if value.chars().count() > chars_max {
            self.with(key, "too-long", &[("max", &chars_max.to_string())]);
        }
    }

    /// A list that nobody has a use for is a slip, and must not make a letter too large to travel.
    pub(crate) fn at_most_items(&mut self, key: &str, items: usize, items_max: usize) {
        if items > items_max {
            self.with(key, "too-many", &[("max", &items_max.to_string())]);
        }
    }

    pub(crate) fn date(&mut self, key: &str, value: &str) {
        if !value.is_empty() && dates::parse(value).is_none() {
            self.push(key, "bad-date");
        }
    }
}

const TIPI: &[&str] = &["INSERIMENTO_NEL_PROGRAMMA", "SERVIZI_CPI", "ALTRO_SERVIZIO"];
const URGENZE: &[&str] = &["ORDINARIA", "URGENTE"];
const STATI: &[&str] = &["IN_CORSO", "CONCLUSA"];
const AREE: &[&str] =
    &["LAVORO", "MANTENIMENTO_LAVORO", "FORMAZIONE", "AUTOIMPRENDITORIALITA", "ABITARE", "CONCILIAZIONE", "SOSTEGNO_ECONOMICO"];
const FASCE: &[&str] = &["18-29", "30-39", "40-49", "50-59", "60+"];
const CITTADINANZE: &[&str] = &["IT", "UE", "EXTRA_UE"];
const FIGLI: &[&str] = &["0-2", "3-5", "6-10", "11-13", "14-17"];
const CONDIZIONI: &[&str] = &[
    "OCCUPATA_TI",
    "OCCUPATA_TD",
    "PRECARIA",
    "AUTONOMA",
    "IN_CONGEDO",
    "DISOCCUPATA",
    "INOCCUPATA",
    "INATTIVA",
    "NON_RILEVATA",
];
const AVVII: &[&str] = &["ORA", "DA_CONCORDARE"];
const CANALI: &[&str] = &["TRAMITE_CAV", "TELEFONO", "EMAIL"];
const RISCHI: &[&str] = &["SI", "NO", "NON_SO"];

fn scheda_minima(modulo: &Modulo, desk: &Desk<'_>, faults: &mut Faults) -> wire::Segnalazione {
    way_in(modulo, desk, faults);
    in_carico(modulo, desk.now, faults);
    urgenza(modulo, faults);
    if modulo.aree_richieste.is_empty() {
        faults.push("aree_richieste", "required");
    }
    faults.at_most_items("aree_richieste", modulo.aree_richieste.len(), AREE.len());
    modulo.aree_richieste.iter().take(AREE.len()).for_each(|area| faults.one_of("aree_richieste", area, AREE));
    faults.required("di_che_cosa_ha_bisogno", &modulo.di_che_cosa_ha_bisogno, TEXT_CHARS_MAX);
    faults.required("recapito_servizio", &modulo.recapito_servizio, LINE_CHARS_MAX);
    faults.reachable("recapito_servizio", &modulo.recapito_servizio);
    let facoltativi = modulo.facoltativi.clone().unwrap_or_default();
    check_facoltativi(&facoltativi, faults);
    let urgenza = if modulo.urgenza.is_empty() { "ORDINARIA" } else { &modulo.urgenza };
    let named = |prefix: &str, value: &str| format!("{prefix}_{value}");
    wire::Segnalazione {
        tipo_richiesta: TipoRichiesta::from_str_name(&named("TIPO_RICHIESTA", &modulo.tipo_richiesta)).unwrap_or_default().into(),
        programma: modulo.programma.clone(),
        urgenza: Urgenza::from_str_name(&named("URGENZA", urgenza)).unwrap_or_default().into(),
        aree_richieste: modulo
            .aree_richieste
            .iter()
            .filter_map(|area| Area::from_str_name(&named("AREA", area)).map(Into::into))
            .collect(),
        di_che_cosa_ha_bisogno: modulo.di_che_cosa_ha_bisogno.clone(),
        recapito_servizio: modulo.recapito_servizio.clone(),
        in_carico: StatoInCarico::from_str_name(&named("STATO_IN_CARICO", &modulo.in_carico_stato)).unwrap_or_default().into(),
        in_carico_fino_al: modulo.in_carico_data.clone(),
        commitment: Vec::new(),
        facoltativi: Some(facoltativi),
    }
}

fn way_in(modulo: &Modulo, desk: &Desk<'_>, faults: &mut Faults) {
    faults.required("tipo_richiesta", &modulo.tipo_richiesta, LINE_CHARS_MAX);
    match modulo.tipo_richiesta.as_str() {
        "INSERIMENTO_NEL_PROGRAMMA" if modulo.programma.is_empty() => faults.push("programma", "programme-needed"),
        "SERVIZI_CPI" | "ALTRO_SERVIZIO" if !modulo.programma.is_empty() => faults.push("programma", "only-with-programme"),
        other => faults.one_of("tipo_richiesta", other, TIPI),
    }
    if !modulo.programma.is_empty() && desk.directory.programme(&modulo.programma).is_none() {
        faults.push("programma", "unknown-programme");
    }
}

fn in_carico(modulo: &Modulo, now: Timestamp, faults: &mut Faults) {
    faults.one_of("in_carico.stato", &modulo.in_carico_stato, STATI);
    faults.past("in_carico.data", &modulo.in_carico_data, now);
    if modulo.in_carico_stato == "CONCLUSA" && modulo.in_carico_data.is_empty() {
        faults.push("in_carico.data", "date-needed");
    }
    if !modulo.in_carico_stato.is_empty() && modulo.tipo_richiesta != "INSERIMENTO_NEL_PROGRAMMA" {
        faults.push("in_carico", "only-with-programme");
    }
}

fn urgenza(modulo: &Modulo, faults: &mut Faults) {
    if modulo.urgenza == "EMERGENZA" {
        faults.push("urgenza", "emergency");
    } else {
        faults.one_of("urgenza", &modulo.urgenza, URGENZE);
    }
}

fn check_facoltativi(facoltativi: &wire::Facoltativi, faults: &mut Faults) {
    faults.one_of("fascia_eta", &facoltativi.fascia_eta, FASCE);
    faults.one_of("cittadinanza", &facoltativi.cittadinanza, CITTADINANZE);
    faults.at_most_items("figli_eta", facoltativi.figli_eta.len(), FIGLI.len());
    facoltativi.figli_eta.iter().take(FIGLI.len()).for_each(|eta| faults.one_of("figli_eta", eta, FIGLI));
    faults.one_of("condizione", &facoltativi.condizione, CONDIZIONI);
    faults.one_of("avvio_proposto", &facoltativi.avvio_proposto, AVVII);
    faults.at_most("titolo_studio", &facoltativi.titolo_studio, LINE_CHARS_MAX);
    faults.at_most("lingua", &facoltativi.lingua, LINE_CHARS_MAX);
    faults.at_most("disponibilita_oraria", &facoltativi.disponibilita_oraria, LINE_CHARS_MAX);
    faults.at_most("competenze", &facoltativi.competenze, TEXT_CHARS_MAX);
    faults.at_most("obiettivi", &facoltativi.obiettivi, TEXT_CHARS_MAX);
}

fn offices(key: &str, names: &[String], desk: &Desk<'_>, faults: &mut Faults) -> Vec<AgencyId> {
    faults.at_most_items(key, names.len(), RECIPIENTS_MAX);
    let mut known = Vec::new();
    for name in names.iter().take(RECIPIENTS_MAX) {
        match AgencyId::parse(name).ok().filter(|id| desk.directory.agency(id).is_some()) {
            Some(id) => known.push(id),
            None => faults.about_office(key, "unknown-office", name),
        }
    }
    known
}

fn parte_riservata(modulo: &Modulo, desk: &Desk<'_>, faults: &mut Faults) -> Option<(Vec<AgencyId>, Vec<u8>)> {
    let riservata = modulo.parte_riservata.as_ref()?;
    if riservata.per.is_empty() {
        faults.push("parte_riservata.per", "required");
    }
    let per = offices("parte_riservata.per", &riservata.per, desk, faults);
    let mut scheda = riservata.scheda.clone().unwrap_or_default();
    faults.required("parte_riservata.nome", &scheda.nome, LINE_CHARS_MAX);
    faults.required("parte_riservata.cognome", &scheda.cognome, LINE_CHARS_MAX);
    faults.past("parte_riservata.data_nascita", &scheda.data_nascita, desk.now);
    if !scheda.codice_fiscale.is_empty() && !is_codice_fiscale(&scheda.codice_fiscale) {
        faults.push("parte_riservata.codice_fiscale", "bad-codice-fiscale");
    }
    faults.one_of("parte_riservata.credenziali_digitali_a_rischio", &scheda.credenziali_digitali_a_rischio, RISCHI);
    faults.at_most("parte_riservata.note_sicurezza", &scheda.note_sicurezza, TEXT_CHARS_MAX);
    faults.at_most("parte_riservata.recapiti_da_non_usare", &scheda.recapiti_da_non_usare, TEXT_CHARS_MAX);
    for (key, sedi) in
        [("parte_riservata.sedi_ok", &scheda.sedi_ok), ("parte_riservata.sedi_da_evitare", &scheda.sedi_da_evitare)]
    {
        faults.at_most_items(key, sedi.len(), RECIPIENTS_MAX);
        sedi.iter().take(RECIPIENTS_MAX).for_each(|sede| faults.at_most(key, sede, LINE_CHARS_MAX));
    }
    if scheda.recapiti_da_non_usare.is_empty() {
        scheda.recapiti_da_non_usare = "TUTTI_QUELLI_IN_ARCHIVIO".to_owned();
    }
    recapiti(scheda.recapiti.get_or_insert_default(), desk.now, faults);
    Some((per, scheda.encode_to_vec()))
}

/// A seat that she must avoid is not one to write to.
fn avoided(modulo: &Modulo, recipients: &[AgencyId], desk: &Desk<'_>, faults: &mut Faults) {
    let scheda = modulo.parte_riservata.as_ref().and_then(|riservata| riservata.scheda.as_ref());
    let typed = scheda.map_or(&[][..], |scheda| &scheda.sedi_da_evitare);
    let meant = typed.iter().take(RECIPIENTS_MAX).flat_map(|seat| seats::meant(seat, desk.directory));
    let meant: BTreeSet<&AgencyId> = meant.map(|office| &office.id).collect();
    for office in recipients.iter().filter(|office| meant.contains(office)) {
        faults.about_office("parte_riservata.sedi_da_evitare", "seat-to-avoid", office.as_str());
    }
}

/// Through the CAV, and no message left, unless she says otherwise: a call to the wrong phone can reach the man she left.
fn recapiti(recapiti: &mut wire::Recapiti, now: Timestamp, faults: &mut Faults) {
    if recapiti.canale.is_empty() {
        recapiti.canale = "TRAMITE_CAV".to_owned();
    }
    faults.one_of("parte_riservata.recapiti.canale", &recapiti.canale, CANALI);
    if recapiti.canale != "TRAMITE_CAV" && recapiti.numero.trim().is_empty() {
        faults.push("parte_riservata.recapiti.numero", "required");
    }
    faults.reachable("parte_riservata.recapiti.numero", &recapiti.numero);
    faults.at_most("parte_riservata.recapiti.numero", &recapiti.numero, LINE_CHARS_MAX);
    faults.at_most("parte_riservata.recapiti.presentarsi_come", &recapiti.presentarsi_come, LINE_CHARS_MAX);
    faults.at_most("parte_riservata.recapiti.orari", &recapiti.orari, LINE_CHARS_MAX);
    faults.date("parte_riservata.recapiti.valido_fino", &recapiti.valido_fino);
    if dates::parse(&recapiti.valido_fino).is_some_and(|last_day| dates::is_over(last_day, now)) {
        faults.push("parte_riservata.recapiti.valido_fino", "past-date");
    }
}

/// Sixteen letters and digits: its own check letter is the tax office's business.
fn is_codice_fiscale(text: &str) -> bool {
    text.len() == 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}
