//! `case show` and `inbox show`: one case in words, with the line for emergencies and the banner of safe contact.
//!
//! Not here: the label "anonima", addresses, anything that another office must not read: the agent decides that.

use raccordo_casework::wire::{Facoltativi, Kind, PresaInCarico, Recapiti, Riscontro, SchedaRiservata, Segnalazione};
use serde_json::{Value, json};

use super::Office;
use super::commands::answer;
use super::lists::{kind_id, name, urgenza_id};
use super::screen::{Screen, bare, date_time, day, kebab};
use crate::api::shown_letter::Content;
use crate::api::{self, ShownLetter};
use crate::failure::{Exit, Failure};

/// A label's name and what stands beside it; an empty value is not shown.
pub(super) type Field = (&'static str, String);

impl Office<'_> {
    /// Shows one case.
    pub(super) async fn show(&self, codice: String) -> Result<Exit, Failure> {
        let case = answer(self.connect().await?.show(api::ShowRequest { codice, operator: self.operator.clone() }).await)?;
        if self.screen.is_json() {
            let letters: Vec<Value> = case.letters.iter().map(letter_object).collect();
            self.screen.object(&json!({"codice": case.codice, "letters": letters}));
            return Ok(Exit::Ok);
        }
        lines(self.screen, &case).iter().for_each(|line| self.screen.line(line));
        Ok(Exit::Ok)
    }
}

fn lines(screen: &Screen, case: &api::ShowResponse) -> Vec<String> {
    let mut lines = vec![screen.say("show-case", &[("codice", &case.codice)]), screen.say("danger-line", &[])];
    for letter in told(screen, case) {
        lines.extend([String::new(), letter.heading, letter.readers]);
        lines.extend(letter.banner.into_iter().chain(letter.later));
        let fields = letter.fields.iter();
        lines.extend(fields.map(|(label, value)| screen.say("show-field", &[("label", label), ("value", value)])));
    }
    lines
}

/// A letter in words.
pub(super) struct Told {
    /// Which kind, by whom, when.
    pub heading: String,
    /// Who can read it.
    pub readers: String,
    /// How she may be contacted, when it says who she is.
    pub banner: Option<String>,
    /// That it is not the text which was announced.
    pub later: Option<String>,
    /// Labels, and what was stated.
    pub fields: Vec<(String, String)>,
}

/// Every letter of a case in words.
pub(super) fn told(screen: &Screen, case: &api::ShowResponse) -> Vec<Told> {
    let one = |letter: &ShownLetter| {
        let scheda = match &letter.content {
            Some(Content::SchedaRiservata(scheda)) => Some(scheda),
            _ => None,
        };
        let later = scheda.filter(|_| !letter.committed);
        Told {
            heading: heading(screen, letter),
            readers: screen.say("show-recipients", &[("uffici", &readers(letter))]),
            banner: scheda.map(|scheda| banner(screen, scheda, phone_of_referrer(case))),
            later: later.map(|_| screen.say("riservata-later", &[("since", &date_time(letter.created))])),
            fields: stated(screen, letter.content.as_ref().map(|content| fields(screen, content)).unwrap_or_default()),
        }
    };
    case.letters.iter().map(one).collect()
}

/// Fields that say something, with their labels in words.
pub(super) fn stated(screen: &Screen, fields: Vec<Field>) -> Vec<(String, String)> {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
    fields.map(|(label, value)| (screen.say(label, &[]), value)).collect()
}

/// Who signed it, by name.
pub(super) fn sender(letter: &ShownLetter) -> &str {
    name(&letter.sender_name, &letter.sender)
}

pub(super) fn readers(letter: &ShownLetter) -> String {
    let names = if letter.recipient_names.is_empty() { &letter.recipients } else { &letter.recipient_names };
    names.join(", ")
}

fn heading(screen: &Screen, letter: &ShownLetter) -> String {
    let kind = letter.content.as_ref().map_or(Kind::Unspecified, kind);
    let kind = screen.say(&kind_id(kind), &[]);
    let since = date_time(letter.created);
    screen.say("show-letter", &[("kind", &kind), ("sender", sender(letter)), ("operator", &letter.operator), ("since", &since)])
}

pub(super) fn kind(content: &Content) -> Kind {
    match content {
        Content::Segnalazione(_) => Kind::Segnalazione,
        Content::SchedaRiservata(_) => Kind::ParteRiservata,
        Content::Riscontro(_) => Kind::Riscontro,
        Content::PresaInCarico(_) => Kind::PresaInCarico,
    }
}

/// The phone that a doubt calls: that of the service which referred her.
fn phone_of_referrer(case: &api::ShowResponse) -> Option<&str> {
    case.letters.iter().find_map(|letter| match &letter.content {
        Some(Content::Segnalazione(segnalazione)) => Some(segnalazione.recapito_servizio.as_str()),
        _ => None,
    })
}

fn banner(screen: &Screen, scheda: &SchedaRiservata, phone: Option<&str>) -> String {
    let recapiti = scheda.recapiti.clone().unwrap_or_default();
    let unknown = screen.say("contact-phone-unknown", &[]);
    screen.say("banner-riservata", &[("contatto", &contact(screen, &recapiti)), ("telefono", phone.unwrap_or(&unknown))])
}

/// Safe contact means: only this way. A channel that is not known is the CAV.
fn contact(screen: &Screen, recapiti: &Recapiti) -> String {
    let number = [("numero", recapiti.numero.as_str())];
    let mut parts = vec![match recapiti.canale.as_str() {
        "TELEFONO" => screen.say("contact-telefono", &number),
        "EMAIL" => screen.say("contact-email", &number),
        _ => screen.say("contact-tramite-cav", &[]),
    }];
    let optional = [
        ("contact-as", recapiti.presentarsi_come.clone()),
        ("contact-hours", recapiti.orari.clone()),
        ("contact-until", day(&recapiti.valido_fino)),
    ];
    parts.extend(optional.iter().filter(|(_, value)| !value.is_empty()).map(|(id, value)| screen.say(id, &[("value", value)])));
    parts.push(screen.say(if recapiti.messaggi { "contact-messages-yes" } else { "contact-messages-no" }, &[]));
    parts.join(", ")
}

fn fields(screen: &Screen, content: &Content) -> Vec<Field> {
    match content {
        Content::Segnalazione(segnalazione) => segnalazione_fields(screen, segnalazione),
        Content::SchedaRiservata(scheda) => scheda_fields(screen, scheda),
        Content::Riscontro(riscontro) => vec![
            ("label-chi-segue", riscontro.chi_segue.clone()),
            ("label-telefono", riscontro.telefono.clone()),
            ("label-entro-il", day(&riscontro.entro_il)),
            ("label-testo", riscontro.testo.clone()),
        ],
        Content::PresaInCarico(presa) => vec![
            ("label-chi-segue", presa.chi_segue.clone()),
            ("label-telefono", presa.telefono.clone()),
            ("label-testo", presa.testo.clone()),
        ],
    }
}

fn segnalazione_fields(screen: &Screen, letter: &Segnalazione) -> Vec<Field> {
    let areas: Vec<_> = letter.aree_richieste().map(|area| screen.say(&kebab(area.as_str_name()), &[])).collect();
    let state = screen.say(&kebab(letter.in_carico().as_str_name()), &[]);
    let until = day(&letter.in_carico_fino_al);
    let in_carico = if until.is_empty() { state } else { screen.say("in-carico-until", &[("state", &state), ("value", &until)]) };
    let mut fields = vec![
        ("label-tipo-richiesta", screen.say(&kebab(letter.tipo_richiesta().as_str_name()), &[])),
        ("label-programma", letter.programma.clone()),
        ("label-urgenza", screen.say(&urgenza_id(letter.urgenza()), &[])),
        ("label-aree-richieste", areas.join(", ")),
        ("label-bisogno", letter.di_che_cosa_ha_bisogno.clone()),
        ("label-recapito-servizio", letter.recapito_servizio.clone()),
        ("label-in-carico", in_carico),
    ];
    fields.extend(letter.facoltativi.iter().flat_map(|facts| optional_fields(screen, facts)));
    fields
}

fn optional_fields(screen: &Screen, facts: &Facoltativi) -> Vec<Field> {
    vec![
        ("label-fascia-eta", facts.fascia_eta.clone()),
        ("label-cittadinanza", word(screen, &facts.cittadinanza)),
        ("label-figli-minori", flag(screen, facts.figli_minori)),
        ("label-figli-eta", facts.figli_eta.join(", ")),
        ("label-condizione", word(screen, &facts.condizione)),
        ("label-da-oltre-12-mesi", flag(screen, facts.da_oltre_12_mesi)),
        ("label-titolo-studio", facts.titolo_studio.clone()),
        ("label-lingua", facts.lingua.clone()),
        ("label-serve-mediazione", flag(screen, facts.serve_mediazione)),
        ("label-disponibilita-oraria", facts.disponibilita_oraria.clone()),
        ("label-competenze", facts.competenze.clone()),
        ("label-obiettivi", facts.obiettivi.clone()),
        ("label-avvio-proposto", word(screen, &facts.avvio_proposto)),
    ]
}

fn scheda_fields(screen: &Screen, scheda: &SchedaRiservata) -> Vec<Field> {
    vec![
        ("label-nome", scheda.nome.clone()),
        ("label-cognome", scheda.cognome.clone()),
        ("label-data-nascita", day(&scheda.data_nascita)),
        ("label-codice-fiscale", scheda.codice_fiscale.clone()),
        ("label-recapiti-da-non-usare", word(screen, &scheda.recapiti_da_non_usare)),
        ("label-credenziali", word(screen, &scheda.credenziali_digitali_a_rischio)),
        ("label-domicilio-protetto", flag(screen, scheda.domicilio_protetto)),
        ("label-sedi-ok", scheda.sedi_ok.join(", ")),
        ("label-sedi-da-evitare", scheda.sedi_da_evitare.join(", ")),
        ("label-note-sicurezza", scheda.note_sicurezza.clone()),
    ]
}

/// Said only when it was stated: silence is no «no», least of all about her safety.
fn flag(screen: &Screen, stated: Option<bool>) -> String {
    stated.map(|yes| screen.say(if yes { "show-yes" } else { "show-no" }, &[])).unwrap_or_default()
}

/// A value of a fixed list, in words; any other as it came.
fn word(screen: &Screen, value: &str) -> String {
    if value.is_empty() { String::new() } else { screen.say("word", &[("value", value)]) }
}

fn letter_object(letter: &ShownLetter) -> Value {
    json!({
        "sender": letter.sender,
        "recipients": letter.recipients,
        "created": letter.created,
        "operator": letter.operator,
        "kind": bare(letter.content.as_ref().map_or(Kind::Unspecified, kind).as_str_name(), "KIND_"),
        "content": letter.content.as_ref().map(content_object),
    })
}

fn content_object(content: &Content) -> Value {
    match content {
        Content::Segnalazione(letter) => segnalazione_object(letter),
        Content::SchedaRiservata(scheda) => scheda_object(scheda),
        Content::Riscontro(Riscontro { chi_segue, telefono, entro_il, testo }) => {
            json!({"chi_segue": chi_segue, "telefono": telefono, "entro_il": entro_il, "testo": testo})
        }
        Content::PresaInCarico(PresaInCarico { chi_segue, telefono, testo }) => {
            json!({"chi_segue": chi_segue, "telefono": telefono, "testo": testo})
        }
    }
}

fn segnalazione_object(letter: &Segnalazione) -> Value {
    let facts = letter.facoltativi.clone().unwrap_or_default();
    json!({
        "tipo_richiesta": bare(letter.tipo_richiesta().as_str_name(), "TIPO_RICHIESTA_"),
        "programma": letter.programma,
        "urgenza": bare(letter.urgenza().as_str_name(), "URGENZA_"),
        "aree_richieste": letter.aree_richieste().map(|area| bare(area.as_str_name(), "AREA_")).collect::<Vec<_>>(),
        "di_che_cosa_ha_bisogno": letter.di_che_cosa_ha_bisogno,
        "recapito_servizio": letter.recapito_servizio,
        "in_carico": {
            "stato": bare(letter.in_carico().as_str_name(), "STATO_IN_CARICO_"),
            "data": letter.in_carico_fino_al,
        },
        "facoltativi": {
            "fascia_eta": facts.fascia_eta,
            "cittadinanza": facts.cittadinanza,
            "figli_minori": facts.figli_minori,
            "figli_eta": facts.figli_eta,
            "condizione": facts.condizione,
            "da_oltre_12_mesi": facts.da_oltre_12_mesi,
            "titolo_studio": facts.titolo_studio,
            "lingua": facts.lingua,
            "serve_mediazione": facts.serve_mediazione,
            "disponibilita_oraria": facts.disponibilita_oraria,
            "competenze": facts.competenze,
            "obiettivi": facts.obiettivi,
            "avvio_proposto": facts.avvio_proposto,
        },
    })
}

fn scheda_object(scheda: &SchedaRiservata) -> Value {
    let recapiti = scheda.recapiti.clone().unwrap_or_default();
    json!({
        "nome": scheda.nome,
        "cognome": scheda.cognome,
        "data_nascita": scheda.data_nascita,
        "codice_fiscale": scheda.codice_fiscale,
        "recapiti": {
            "canale": recapiti.canale,
            "numero": recapiti.numero,
            "messaggi": recapiti.messaggi,
            "presentarsi_come": recapiti.presentarsi_come,
            "orari": recapiti.orari,
            "valido_fino": recapiti.valido_fino,
        },
        "recapiti_da_non_usare": scheda.recapiti_da_non_usare,
        "credenziali_digitali_a_rischio": scheda.credenziali_digitali_a_rischio,
        "domicilio_protetto": scheda.domicilio_protetto,
        "sedi_ok": scheda.sedi_ok,
        "sedi_da_evitare": scheda.sedi_da_evitare,
        "note_sicurezza": scheda.note_sicurezza,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;
    use raccordo_casework::wire::{Area, TipoRichiesta, Urgenza};
    use raccordo_terminal::text::Lang;

    fn letter(content: Content) -> ShownLetter {
        ShownLetter {
            sender: "cav-ginestra".into(),
            recipients: vec!["cpi-rivabella".into()],
            created: 1_790_671_260_000,
            operator: "op-3f9a".into(),
            content: Some(content),
            sender_name: "CAV Ginestra".into(),
            recipient_names: vec!["CPI di Rivabella".into()],
            committed: true,
        }
    }

    fn case() -> api::ShowResponse {
        let segnalazione = Segnalazione {
            tipo_richiesta: TipoRichiesta::InserimentoNelProgramma.into(),
            urgenza: Urgenza::Urgente.into(),
            aree_richieste: vec![Area::Lavoro.into(), Area::Abitare.into()],
            recapito_servizio: "0372 000000".into(),
            facoltativi: Some(Facoltativi { condizione: "PRECARIA".into(), figli_minori: Some(false), ..Default::default() }),
            ..Default::default()
        };
        let scheda = SchedaRiservata { nome: "Nome".into(), ..Default::default() };
        let letters = vec![letter(Content::Segnalazione(segnalazione)), letter(Content::SchedaRiservata(scheda))];
        api::ShowResponse { codice: "7KQ-4M2-XDH".into(), letters }
    }

    #[test]
    fn a_case_is_told_in_words() {
        let text = lines(&Screen::new(texts(Lang::It), false), &case()).join("\n");
        for said in [
            "In pericolo: 112. Ascolto 24 ore su 24: 1522. Raccordo non è un canale d'emergenza",
            "Aree: lavoro, abitare",
            "Urgenza: URGENTE (e telefona comunque)",
            "Condizione lavorativa: precaria",
            "Figli minori: no",
            "Possono leggerla solo: CPI di Rivabella; chi gestisce la rete no",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert!(!text.contains("Lingua"), "what was not sent is not shown");
    }

    #[test]
    fn the_parte_riservata_carries_its_banner() {
        let text = lines(&Screen::new(texts(Lang::It), false), &case()).join("\n");
        let banner = "Contattala solo così: tramite il CAV, non lasciare messaggi. Non usare telefono, e-mail o indirizzo già \
                      presenti nei vostri archivi. Sospendi i messaggi automatici. Nel dubbio chiama il CAV: 0372 000000.";
        assert!(text.contains(banner), "{text}");
    }

    #[test]
    fn a_protected_home_is_yes_no_or_not_stated() {
        let screen = Screen::new(texts(Lang::It), false);
        let told = |stated| {
            let scheda = SchedaRiservata { domicilio_protetto: stated, ..Default::default() };
            let object = scheda_object(&scheda)["domicilio_protetto"].clone();
            (scheda_fields(&screen, &scheda).into_iter().find(|(label, _)| *label == "label-domicilio-protetto"), object)
        };
        let row = |said: &str| Some(("label-domicilio-protetto", said.to_owned()));
        assert_eq!(told(Some(true)), (row("sì"), json!(true)));
        assert_eq!(told(Some(false)), (row("no"), json!(false)));
        assert_eq!(told(None), (row(""), json!(null)), "an empty field is not printed");
    }

    #[test]
    fn json_has_the_forms_own_keys() {
        let object = letter_object(&case().letters[0]);
        assert_eq!(object["kind"], "SEGNALAZIONE");
        assert_eq!(object["content"]["aree_richieste"], json!(["LAVORO", "ABITARE"]));
        assert_eq!(object["content"]["facoltativi"]["figli_minori"], json!(false));
    }
}
