//! `case sheet`: one case as a page to be printed. The summary goes into an office's register, where many may read: who wrote to
//! whom, when, and what came of it, without needs and without names. With `--scheda` there is everything that may be read here,
//! and on every printed page how she may be contacted.
//!
//! Not here: scripts, pictures and anything fetched from elsewhere; a record of what was printed (the access log is not built).

use std::path::Path;

use askama::Template as _;
use raccordo_casework::wire::Kind;
use raccordo_machine::files;
use raccordo_terminal::out::plain;
use serde_json::json;

use super::Office;
use super::commands::answer;
use super::lists::kind_id;
use super::screen::{Screen, date_time, day, today};
use super::show::{self, Told};
use crate::api::shown_letter::Content;
use crate::api::{self, ShownLetter};
use crate::failure::{Exit, Failure};

/// The page; every field is text, and the template escapes it.
#[derive(askama::Template)]
#[template(path = "sheet.html")]
struct Page {
    lang: String,
    /// Says what the program is, and nothing of the case.
    title: String,
    codice: String,
    heading: String,
    /// Safe contact, when the page says who she is.
    banner: Option<String>,
    danger: String,
    parts: Vec<Told>,
    notes: Vec<String>,
}

impl Office<'_> {
    /// Writes the page for its owner alone. A file that is there stays as it is.
    pub(super) async fn sheet(&self, codice: String, out: &Path, scheda: bool) -> Result<Exit, Failure> {
        let unwritten = |error: &dyn std::fmt::Display| {
            Failure::new(Exit::Machine, "EXPORT_NOT_WRITTEN").with("file", out.display()).with("detail", error)
        };
        let case = answer(self.connect().await?.show(api::ShowRequest { codice, operator: self.operator.clone() }).await)?;
        let page = page(self.screen, &case, scheda).render().map_err(|error| unwritten(&error))?;
        files::hand_out_new(out, plain(&page).as_bytes()).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::new(Exit::Refused, "FILE_EXISTS").with("file", out.display()),
            _ => unwritten(&error),
        })?;
        let file = out.display().to_string();
        let done =
            self.screen.say(if scheda { "done-scheda" } else { "done-sheet" }, &[("codice", &case.codice), ("file", &file)]);
        Ok(self.screen.answer(&json!({"codice": case.codice, "file": file, "scheda": scheda}), &done))
    }
}

fn page(screen: &Screen, case: &api::ShowResponse, scheda: bool) -> Page {
    let parts: Vec<Told> = match scheda {
        true => show::told(screen, case),
        false => case.letters.iter().map(|letter| summary(screen, letter)).collect(),
    };
    let printed = screen.say("sheet-printed", &[("day", &today())]);
    let keep = if scheda { "sheet-destroy" } else { "sheet-no-content" };
    Page {
        lang: screen.say("sheet-lang", &[]),
        title: screen.say("sheet-title", &[]),
        codice: case.codice.clone(),
        heading: screen.say("show-case", &[("codice", &case.codice)]),
        // The newest is what counts: what a corrected scheda says is no longer what the first one said.
        banner: parts.iter().rev().find_map(|part| part.banner.clone()),
        danger: screen.say("danger-line", &[]),
        parts,
        notes: vec![printed, screen.say(keep, &[])],
    }
}

/// A letter without what it says: who, to whom, when, which kind, by when an answer was promised.
fn summary(screen: &Screen, letter: &ShownLetter) -> Told {
    let kind = letter.content.as_ref().map_or(Kind::Unspecified, show::kind);
    let sender = show::sender(letter);
    let args = [("kind", screen.say(&kind_id(kind), &[])), ("sender", sender.to_owned()), ("since", date_time(letter.created))];
    let args = args.each_ref().map(|(name, value)| (*name, value.as_str()));
    let fields = match &letter.content {
        Some(Content::Riscontro(riscontro)) => vec![("label-entro-il", day(&riscontro.entro_il))],
        Some(Content::Segnalazione(_) | Content::SchedaRiservata(_) | Content::PresaInCarico(_)) | None => Vec::new(),
    };
    Told {
        heading: screen.say("sheet-letter", &args),
        readers: screen.say("show-recipients", &[("uffici", &show::readers(letter))]),
        banner: None,
        later: None,
        fields: show::stated(screen, fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;
    use raccordo_casework::wire::{Recapiti, SchedaRiservata, Segnalazione};
    use raccordo_terminal::text::Lang;

    fn letter(content: Content) -> ShownLetter {
        ShownLetter {
            sender_name: "CAV Ginestra".to_owned(),
            recipient_names: vec!["CPI di Rivabella".to_owned()],
            operator: "op-3f9a".to_owned(),
            created: 1_795_000_000_000,
            content: Some(content),
            committed: true,
            ..ShownLetter::default()
        }
    }

    fn case() -> api::ShowResponse {
        let segnalazione = Segnalazione {
            programma: "lia-2".to_owned(),
            di_che_cosa_ha_bisogno: "un lavoro <b>vicino</b>".to_owned(),
            recapito_servizio: "0372 000000".to_owned(),
            ..Segnalazione::default()
        };
        let recapiti = Some(Recapiti { canale: "TELEFONO".to_owned(), numero: "333 0000000".to_owned(), ..Recapiti::default() });
        let scheda = SchedaRiservata { nome: "Nome-inventato".to_owned(), recapiti, ..SchedaRiservata::default() };
        let letters = vec![letter(Content::Segnalazione(segnalazione)), letter(Content::SchedaRiservata(scheda))];
        api::ShowResponse { codice: "7KQ-4M2-XDH".to_owned(), letters }
    }

    fn written(scheda: bool) -> String {
        page(&Screen::new(texts(Lang::It), false), &case(), scheda).render().expect("a page")
    }

    #[test]
    fn the_summary_says_who_wrote_to_whom_and_nothing_of_what() {
        let page = written(false);
        for says in ["7KQ-4M2-XDH", "CAV Ginestra", "CPI di Rivabella"] {
            assert!(page.contains(says), "{says}");
        }
        for hides in ["un lavoro", "lia-2", "Nome-inventato", "333 0000000", "op-3f9a", "class=\"banner\""] {
            assert!(!page.contains(hides), "{hides}");
        }
    }

    #[test]
    fn the_scheda_has_the_banner_at_the_head_of_every_page_and_no_title_that_tells() {
        let page = written(true);
        let (head, body) = page.split_once("</thead>").expect("a head that is repeated");
        assert!(head.contains("Contattala solo così: al telefono 333 0000000"), "{head}");
        assert!(body.contains("Nome-inventato") && !head.contains("Nome-inventato"));
        assert!(page.contains("<title>Raccordo – servizi in rete</title>"));
    }

    #[test]
    fn what_a_person_typed_is_text_and_no_markup() {
        let page = written(true);
        assert!(!page.contains("<b>") && page.contains("un lavoro &#60;b&#62;vicino&#60;/b&#62;"), "{page}");
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
}
