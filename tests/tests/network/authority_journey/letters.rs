//! Letters of the journey: one to the whole équipe at every act, of which a copy waits for an office that is away and a copy is
//! on its way through a line that is held.
//!
//! Not here: what they prove in the end (`evidence`).

use anyhow::{Context as _, ensure};
use raccordo_agent::api::Delivery;

use super::{AGAIN, AWAY, HELD, Journey, WRITES};

impl Journey {
    /// Holds the line and writes a letter; answers its code when a copy has arrived behind the line and nobody knows of it.
    pub(super) async fn meanwhile(&mut self) -> anyhow::Result<String> {
        self.proxy.hold();
        let codice = self.writes().await?;
        let held = self.member(HELD)?;
        held.until("a letter behind the line", AGAIN, async |held| held.has(&codice).await).await?;
        Ok(codice)
    }

    /// A segnalazione to the whole équipe.
    pub(super) async fn writes(&mut self) -> anyhow::Result<String> {
        self.desk.write("form.toml", &form(&self.equipe))?;
        let said = self.member(WRITES)?.does(&self.desk, "segnala form.toml --equipe cremona").await?;
        let codice = said["codice"].as_str().with_context(|| format!("no code: {said}"))?.to_owned();
        self.cases.push(codice.clone());
        Ok(codice)
    }

    /// An act has come into force: counts what waits and what is on its way at this instant.
    pub(super) async fn has_acted(&mut self, act: &str) -> anyhow::Result<()> {
        let (mut waiting, mut under_way) = (0, 0);
        for row in self.member(WRITES)?.outbox().await?.iter().filter(|row| row.delivery() == Delivery::Queued) {
            match self.members.get(row.recipient.as_str()) {
                Some(member) if member.has(&row.codice).await? => under_way += 1,
                Some(_) | None => waiting += 1,
            }
        }
        self.acts.push((act.to_owned(), waiting, under_way));
        Ok(())
    }

    /// The line is let go, and the sender learns that the letter behind it has arrived.
    pub(super) async fn goes_on(&self, codice: &str) -> anyhow::Result<()> {
        self.proxy.pass();
        let writer = self.member(WRITES)?;
        let is_queued = writer.row(codice, AWAY).await?.0 == Delivery::Queued;
        ensure!(is_queued, "it waits for an office that is away");
        writer.until("receipted", AGAIN, async |writer| is_there(writer.row(codice, HELD).await?.0)).await?;
        self.has_installed(HELD).await
    }
}

pub(super) fn is_there(delivery: Delivery) -> anyhow::Result<bool> {
    Ok(matches!(delivery, Delivery::Delivered | Delivery::Read))
}

/// What a person writes; the woman has authorised each of these offices.
fn form(readers: &[&str]) -> String {
    let row = |office: &&str| {
        format!(
            "[[autorizzazioni]]\nufficio = \"{office}\"\ncosa = \"SCHEDA_MINIMA\"\nfino_al = 2199-05-20\nfirmata_il = 2026-01-20\n"
        )
    };
    let rows: String = readers.iter().map(row).collect();
    format!(
        r#"tipo_richiesta = "INSERIMENTO_NEL_PROGRAMMA"
programma = "lia-2"
in_carico = {{ stato = "IN_CORSO" }}
urgenza = "ORDINARIA"
aree_richieste = ["LAVORO"]
di_che_cosa_ha_bisogno = "Un lavoro vicino a casa."
recapito_servizio = "0372 000000"
{rows}"#
    )
}
