//! The demonstration, act by act: what each person does at her office, and the line that says so once it has happened.
//!
//! Not here: how processes are run (`stage`), how bytes are looked for (`check`, `scan`).

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use fluent_bundle::FluentValue;
use jiff::Zoned;
use jiff::tz::TimeZone;
use raccordo_casework::wire::Kind;
use raccordo_proto::AgencyId;
use serde_json::Value;

use super::check::Check;
use super::events::Event;
use super::evidence::Evidence;
use super::form::{self, Form};
use super::report::Report;
use super::stage::Stage;
use super::text::Texts;
use crate::cast;

/// The civil clock of Italy, written as a rule: a machine without a time zone database still has it.
const ROME: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const COMUNE: &str = "Soresina";

/// One run.
pub struct Play<'a> {
    /// Network and processes.
    pub stage: &'a mut Stage,
    /// Sentences.
    pub texts: &'a Texts,
    /// Figures.
    pub report: &'a mut Report,
}

impl Play<'_> {
    /// Plays every act and measures what it left behind.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        self.begin().await?;
        let form = form::write(clock()?.date())?;
        let codice = self.refer(&form).await?;
        self.answer(&codice).await?;
        self.disclose(&codice).await?;
        let late = self.attach_the_late_one().await?;
        let record = self.record();
        let mut check = self.within("memory-attached", |play| Check::attached(play.stage, &form, &record))?;
        let began = Instant::now();
        let scrubbed = check.scrubbed(self.stage).await;
        self.report.step("memory-scrubbed", began, scrubbed)?;
        self.prove(&codice, late).await?;
        self.within("control", |play| check.control(play.stage, &record))?;
        let began = Instant::now();
        let left = self.leave(&mut check).await;
        self.report.step("memory-left", began, left)?;
        self.within("disk-and-logs", |play| check.disk(play.stage))?;
        check.fill(self.report);
        check.lines(self.texts).iter().for_each(|line| println!("{line}"));
        Ok(())
    }

    /// Puts the offices back at work, for whoever wants to try by hand.
    pub async fn stay(&mut self) -> anyhow::Result<()> {
        for agency in [cast::cav(), cast::sociale(), cast::cpi(), cast::sil()] {
            self.stage.start_agent(&agency, None).await?;
        }
        let command = self.stage.example(&cast::cav())?;
        println!("{}", self.texts.say("try", &[("command", command.into())]));
        println!("{}", self.texts.say("leave", &[]));
        Ok(())
    }

    async fn begin(&mut self) -> anyhow::Result<()> {
        let version = env!("CARGO_PKG_VERSION").rsplit_once('.').map_or("", |(version, _)| version);
        println!("{}", self.texts.say("title", &[("version", version.into())]));
        let directory = self.stage.network.directory().version().to_string();
        self.head("network", &[("version", directory.into())]);
        let began = Instant::now();
        let address = self.stage.start_gateway().await;
        let address = self.report.step("gateway", began, address)?;
        self.head("gateway", &[("address", address.into())]);
        let began = Instant::now();
        let attached = self.attach_offices().await;
        self.report.step("attach", began, attached)?;
        self.head("offices", &[]);
        Ok(())
    }

    async fn attach_offices(&mut self) -> anyhow::Result<()> {
        let record = self.record();
        self.stage.start_agent(&cast::cav(), Some(&record)).await?;
        self.stage.start_agent(&cast::sociale(), None).await?;
        self.stage.start_agent(&cast::cpi(), None).await?;
        for agency in [cast::cav(), cast::sociale(), cast::cpi()] {
            self.stage.add_people(&agency).await?;
        }
        Ok(())
    }

    async fn refer(&mut self, form: &Form) -> anyhow::Result<String> {
        let file = self.stage.path("segnalazione.toml");
        std::fs::write(&file, &form.text).context("the form")?;
        let file = file.to_str().context("a temporary folder with odd characters")?.to_owned();
        let began = Instant::now();
        let act = self.stage.run_as(&cast::cav(), &["segnala", &file, "--comune", COMUNE]).await;
        let act = self.report.step("segnalazione", began, act)?;
        let codice = act["codice"].as_str().context("segnala answers without a code")?.to_owned();
        self.line(&cast::cav(), "written", &[("codice", codice.as_str().into())])?;
        let offices = act["recipients"].as_array().context("segnala answers without its recipients")?.len();
        let said = |key: &str| act[key].as_str().map(str::to_owned).with_context(|| format!("segnala answers without {key}"));
        let (comune, equipe) = (said("comune")?, said("equipe")?);
        self.line(&cast::cav(), "addressed", &[("comune", comune.into()), ("equipe", equipe.into()), ("count", offices.into())])?;
        let began = Instant::now();
        let delivered = self.delivered_but_to_sil(&codice).await;
        self.report.step("delivery", began, delivered)?;
        let there = self.texts.offices(&[cast::sociale(), cast::cpi()]);
        let args = [("offices", there.into()), ("absent", self.texts.office(&cast::sil()).into())];
        self.line(&cast::cav(), "delivered", &args)?;
        Ok(codice)
    }

    async fn delivered_but_to_sil(&self, codice: &str) -> anyhow::Result<()> {
        self.delivered(&cast::cav(), &[(cast::sociale(), 1), (cast::cpi(), 1)]).await?;
        let outbox = self.stage.run_as(&cast::cav(), &["outbox"]).await?;
        let waits = |row: &Value| row["codice"] == codice && row["recipient"] == "sil-rivabella" && row["delivery"] == "QUEUED";
        let rows = outbox["rows"].as_array().context("outbox answers without rows")?;
        ensure!(rows.iter().any(waits), "the letter for SIL does not wait in the outbox: {outbox}");
        Ok(())
    }

    async fn answer(&mut self, codice: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        let answered = self.riscontro_and_take(codice).await;
        self.report.step("riscontro", began, answered)?;
        self.line(&cast::cpi(), "answered", &[])
    }

    async fn riscontro_and_take(&self, codice: &str) -> anyhow::Result<()> {
        let inbox = self.stage.run_as(&cast::cpi(), &["inbox", "list"]).await?;
        let rows = inbox["rows"].as_array().context("inbox answers without rows")?;
        ensure!(rows.iter().any(|row| row["codice"] == codice), "the case is not in the CPI's inbox: {inbox}");
        let by = clock()?.date().saturating_add(jiff::Span::new().days(7)).to_string();
        let who = ["--chi-segue", "referente del CPI", "--telefono", "0372 000001"];
        let riscontro = [&["inbox", "riscontro", codice][..], &who, &["--entro", &by]].concat();
        self.stage.run_as(&cast::cpi(), &riscontro).await?;
        self.stage.run_as(&cast::cpi(), &[&["inbox", "take", codice][..], &who].concat()).await?;
        self.delivered(&cast::cpi(), &[(cast::cav(), 2), (cast::sociale(), 2)]).await
    }

    async fn disclose(&mut self, codice: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        let disclosed = self.disclose_to_cpi(codice).await;
        self.report.step("parte-riservata", began, disclosed)?;
        self.line(&cast::cav(), "disclosed", &[("office", self.texts.office(&cast::cpi()).into())])
    }

    async fn disclose_to_cpi(&self, codice: &str) -> anyhow::Result<()> {
        self.stage.run_as(&cast::cav(), &["case", "disclose", codice, "--to", "cpi-rivabella"]).await?;
        self.delivered(&cast::cav(), &[(cast::cpi(), 2)]).await
    }

    /// SIL's agent starts: what waited for it at two offices leaves by itself. Answers when it was all delivered.
    async fn attach_the_late_one(&mut self) -> anyhow::Result<String> {
        let began = Instant::now();
        let attached = self.attach_sil().await;
        self.report.step("late-attach", began, attached)?;
        time_of_day()
    }

    async fn attach_sil(&mut self) -> anyhow::Result<()> {
        self.stage.start_agent(&cast::sil(), None).await?;
        self.delivered(&cast::cav(), &[(cast::sil(), 1)]).await?;
        self.delivered(&cast::cpi(), &[(cast::sil(), 2)]).await
    }

    async fn prove(&mut self, codice: &str, late: String) -> anyhow::Result<()> {
        let began = Instant::now();
        let evidence = self.evidence(codice).await;
        let evidence = self.report.step("evidence", began, evidence)?;
        let (receipts, recipients) = evidence.of_kind(Kind::Segnalazione);
        let args = [("receipts", receipts.into()), ("recipients", recipients.into())];
        self.line_at(&late, &cast::sil(), "late", &args);
        (self.report.letters, self.report.recipients) = (evidence.letters(), evidence.recipients());
        (self.report.receipts, self.report.duplicates) = (evidence.receipts(), evidence.duplicates);
        let args = [
            ("letters", evidence.letters().into()),
            ("recipients", evidence.recipients().into()),
            ("receipts", evidence.receipts().into()),
        ];
        println!("{}", self.texts.say("proven", &args));
        Ok(())
    }

    /// Every office's export, verified with the directory alone.
    async fn evidence(&self, codice: &str) -> anyhow::Result<Evidence> {
        self.stage.add_people(&cast::sil()).await?;
        let mut evidence = Evidence::default();
        for agency in [cast::cav(), cast::sociale(), cast::cpi(), cast::sil()] {
            let file = self.stage.path(&format!("{agency}.raccordo"));
            let out = file.to_str().context("a temporary folder with odd characters")?;
            self.stage.run_as(&agency, &["case", "export", codice, "--out", out]).await?;
            let export = std::fs::read(&file).context("an export")?;
            evidence.take(&export, self.stage.network.directory()).with_context(|| format!("the export of {agency}"))?;
        }
        ensure!(evidence.is_whole(), "a letter has not reached every recipient exactly once: {}", evidence.summary());
        Ok(evidence)
    }

    async fn leave(&mut self, check: &mut Check) -> anyhow::Result<()> {
        self.stage.stop_agents().await?;
        check.left(self.stage).await
    }

    /// Waits until an office knows of so many letters delivered to each of these.
    async fn delivered(&self, sender: &AgencyId, expected: &[(AgencyId, usize)]) -> anyhow::Result<()> {
        let enough = |events: &[Event]| {
            expected.iter().all(|(office, letters)| Event::letters(events, "DELIVERED", office.as_str()) >= *letters)
        };
        self.stage.wait(sender, &format!("DELIVERED to {expected:?}"), enough).await
    }

    fn within<T>(&mut self, name: &'static str, act: impl FnOnce(&mut Self) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let began = Instant::now();
        let result = act(self);
        self.report.step(name, began, result)
    }

    /// Where the CAV's link writes what it sends.
    fn record(&self) -> PathBuf {
        self.stage.path("cav-link.bin")
    }

    fn head(&self, id: &str, args: &[(&str, FluentValue<'_>)]) {
        println!("{:<11} {}", self.texts.say(&format!("label-{id}"), &[]), self.texts.say(id, args));
    }

    fn line(&self, office: &AgencyId, id: &str, args: &[(&str, FluentValue<'_>)]) -> anyhow::Result<()> {
        self.line_at(&time_of_day()?, office, id, args);
        Ok(())
    }

    fn line_at(&self, time: &str, office: &AgencyId, id: &str, args: &[(&str, FluentValue<'_>)]) {
        println!("{time}  {:<16}  {}", self.texts.office(office), self.texts.say(id, args));
    }
}

fn clock() -> anyhow::Result<Zoned> {
    Ok(jiff::Timestamp::now().to_zoned(TimeZone::posix(ROME)?))
}

fn time_of_day() -> anyhow::Result<String> {
    Ok(clock()?.strftime("%H:%M:%S%.3f").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rome_has_summer_and_winter() {
        let rome = TimeZone::posix(ROME).expect("a rule");
        for (instant, local) in [("2026-07-01T10:00:00Z", "12:00:00.000"), ("2026-11-22T10:00:00.007Z", "11:00:00.007")] {
            let instant: jiff::Timestamp = instant.parse().expect("an instant");
            assert_eq!(instant.to_zoned(rome.clone()).strftime("%H:%M:%S%.3f").to_string(), local);
        }
    }
}
