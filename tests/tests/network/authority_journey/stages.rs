//! The journey's stages, in their order: who comes in, who is renewed, who goes, who comes back, and what becomes of the issuing
//! CA and of the directory.
//!
//! Not here: letters (`letters`), what an office is asked (`member`), the end (`evidence`).

use std::fs;

use anyhow::{Context as _, ensure};
use raccordo_agent::api::Delivery;
use raccordo_tests::processes::{DEADLINE, Running};
use tokio::time::Instant;

use super::letters::is_there;
use super::member::Member;
use super::{AGAIN, AWAY, BANNED, CUT_WITHIN, EVICTED, HELD, Journey, REVOKED, TURNED_AWAY, WRITES};
use crate::enrolling::words_of;

impl Journey {
    /// Three offices by invitation: nobody could write a letter before.
    pub(super) async fn the_first_three_enrol(&mut self) -> anyhow::Result<()> {
        let first = [WRITES, HELD, AWAY];
        self.invites(&first).await?;
        self.published(&[]).await?;
        let asking = self.ask(&first, "").await?;
        self.approves(&asking).await?;
        self.signed("directory sign").await?;
        self.published(&[]).await?;
        self.answered(asking, "").await?;
        // Before the line is ever held: a letter that is there and known.
        let codice = self.writes().await?;
        let receipted = async |writer: &Member| is_there(writer.row(&codice, HELD).await?.0);
        self.member(WRITES)?.until("receipted", AGAIN, receipted).await?;
        self.members.remove(AWAY).context("it runs")?.running.kill().await
    }

    /// While letters go on: two by invitation, one by files, and one who is told why not.
    pub(super) async fn two_more_by_invitation_and_one_by_files(&mut self) -> anyhow::Result<()> {
        let asked = [EVICTED, REVOKED, TURNED_AWAY];
        let line = format!("enrol --request {BANNED}.request --folder {BANNED} --json");
        let words = self.desk.done("raccordo-agent", &line).await?.json()?["words"].as_str().context("words")?.to_owned();
        let file = format!("{BANNED}.request");
        let approve = ["--network", "rete", "agency", "approve", &file, "--id", BANNED, "--words", &words];
        ensure!(self.desk.typed("raccordo-admin", &approve).await?.code == 0, "approved by files");
        self.desk.admin(&format!("equipe add cremona {BANNED}:CPI")).await?;
        self.invites(&asked).await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.equipe.push(BANNED);
        self.has_acted("approved by files, and three invited").await?;
        self.goes_on(&codice).await?;
        self.desk
            .done("raccordo-agent", &format!("activate rete/activations/agency-{BANNED}.activation --folder {BANNED}"))
            .await?;
        self.goes_through(BANNED)?;
        self.arrives(BANNED, BANNED, None).await?;

        let mut asking = self.ask(&asked, "").await?;
        let (turned_away, mut process) = asking.pop().context("three")?;
        self.approves(&asking).await?;
        let reason = "le parole non erano quelle";
        self.desk.says(&format!("agency reject {turned_away}"), reason).await?;
        for member in [format!("{EVICTED}:SIL"), format!("{REVOKED}:SIL")] {
            self.desk.admin(&format!("equipe add cremona {member}")).await?;
        }
        self.signed("directory sign").await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.has_acted("two admitted, one turned away").await?;
        self.goes_on(&codice).await?;
        self.answered(asking, "").await?;
        ensure!(process.ended().await?.code() == Some(4) && process.last_words().contains(reason), "{}", process.last_words());
        self.equipe.extend([EVICTED, REVOKED]);
        Ok(())
    }

    /// By its old key, while its agent runs.
    pub(super) async fn one_is_renewed(&mut self) -> anyhow::Result<()> {
        self.renews(EVICTED, "renewed").await
    }

    async fn renews(&mut self, id: &'static str, act: &str) -> anyhow::Result<()> {
        let folder = self.member(id)?.folder.clone();
        self.desk.done("raccordo-agent", &format!("enrol --renew --request {folder}.renewal --folder {folder}")).await?;
        self.desk.says(&format!("agency renew {folder}.renewal --early"), "prova").await?;
        self.signed("directory sign").await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.has_acted(act).await?;
        self.goes_on(&codice).await?;
        let activate = format!("activate rete/activations/agency-{id}.activation --folder {folder}");
        self.desk.done("raccordo-agent", &activate).await.map(drop)
    }

    /// Put out while a letter to it is on its way: its stream ends in time, and the writer is told.
    pub(super) async fn one_is_cut_in_the_middle_of_a_transfer(
        &mut self,
        act: &str,
        id: &'static str,
        code: &'static str,
    ) -> anyhow::Result<()> {
        self.desk.says(&format!("agency {act} {id}"), "prova").await?;
        self.signed("directory sign").await?;
        let codice = self.meanwhile().await?;
        let out = self.member(id)?;
        out.until("the letter", AGAIN, async |out| out.has(&codice).await).await?;
        ensure!(self.member(WRITES)?.row(&codice, id).await?.0 == Delivery::Queued, "its receipt is on its way");
        let is_down = move |lines: &[String]| lines.iter().any(|line| line.contains("link down") && line.contains(code));
        let lines = out.running.lines().clone();
        let cut = tokio::spawn(async move { lines.wait(code, AGAIN, is_down).await.map(|()| Instant::now()) });
        let lines = self.gateway.lines().clone();
        let number = format!("\"version\":{}", self.version);
        let taken =
            move |lines: &[String]| lines.iter().any(|l| l.contains("DIRECTORY") && l.replace('\\', "").contains(&number));
        let taken = tokio::spawn(async move { lines.wait("taken", AGAIN, taken).await.map(|()| Instant::now()) });
        self.published(&[WRITES]).await?;
        let (taken, cut) = (taken.await??, cut.await??);
        let after = cut.saturating_duration_since(taken);
        ensure!(after <= CUT_WITHIN, "{id} was cut after {after:?}");
        self.has_acted(act).await?;
        self.equipe.retain(|member| *member != id);
        self.goes_on(&codice).await?;
        let told = async |writer: &Member| Ok(writer.row(&codice, id).await? == (Delivery::Blocked, code.to_owned()));
        self.member(WRITES)?.until(code, AGAIN, told).await
    }

    /// Its computer is stolen: out for ever; it enrols again on another one, and what waited for it goes on after a yes.
    pub(super) async fn one_is_evicted_and_comes_back(&mut self) -> anyhow::Result<()> {
        let codice = self.cases.last().context("a case")?.clone();
        let receipted = async |writer: &Member| is_there(writer.row(&codice, EVICTED).await?.0);
        self.member(WRITES)?.until("receipted", AGAIN, receipted).await?;
        self.shelves(EVICTED).await?;
        self.members.remove(EVICTED).context("it runs")?.running.kill().await?;
        self.desk.says(&format!("agency evict {EVICTED}"), "rubato").await?;
        self.signed("directory sign").await?;
        let queued = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.has_acted("evicted").await?;
        self.goes_on(&queued).await?;

        self.invites(&[EVICTED]).await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.has_acted("invited again").await?;
        self.goes_on(&codice).await?;
        let asking = self.ask(&[EVICTED], "-2").await?;
        self.approves(&asking).await?;
        self.signed("directory sign").await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES]).await?;
        self.has_acted("enrolled again").await?;
        self.goes_on(&codice).await?;
        self.answered(asking, "-2").await?;

        let writer = self.member(WRITES)?;
        let changed = (Delivery::Blocked, "KEY_CHANGED".to_owned());
        writer.until("its key is another", DEADLINE, async |writer| Ok(writer.row(&queued, EVICTED).await? == changed)).await?;
        let words = self.member(EVICTED)?.does(&self.desk, "office keys").await?;
        let words = words["own_words"].as_str().context("words")?.to_owned();
        let config = format!("{WRITES}/agent.toml");
        let accept = ["--config", &config, "office", "accept-key", EVICTED, "--words", &words];
        let accepted = self.desk.typed("raccordo-agent", &accept).await?;
        ensure!(accepted.code == 0, "{accepted:?}");
        let receipted = async |writer: &Member| is_there(writer.row(&queued, EVICTED).await?.0);
        writer.until("what waited goes on", AGAIN, receipted).await
    }

    /// Tried on a copy first; then an office that is renewed comes back with a certificate of the new one.
    pub(super) async fn the_issuing_ca_is_another(&mut self) -> anyhow::Result<()> {
        self.desk.admin("rotate ca --rehearse").await?;
        let before = self.issuing("rete/certificates.pem")?;
        self.desk.admin("rotate ca").await?;
        let issuing = self.issuing("rete/certificates.pem")?;
        ensure!(issuing != before, "it is the same");
        self.renews(HELD, "renewed under another issuing CA").await?;
        let chain = fs::read_to_string(self.desk.path(HELD).join("chain.pem")).context("a chain")?;
        ensure!(chain.contains(&issuing) && !chain.contains(&before), "its chain is not by the new one");
        let held = self.member(HELD)?;
        let times = held.attachments();
        self.proxy.release();
        held.until("attached again", AGAIN, async |held| Ok(held.attachments() > times && held.status().await?.attached)).await
    }

    /// The first certificate of a file: the issuing CA's.
    fn issuing(&self, file: &str) -> anyhow::Result<String> {
        let text = fs::read_to_string(self.desk.path(file)).context("certificates")?;
        let end = "-----END CERTIFICATE-----";
        Ok(text.split_once(end).context("a certificate")?.0.to_owned() + end)
    }

    /// The next version with invitations for these.
    async fn invites(&mut self, offices: &[&str]) -> anyhow::Result<()> {
        for office in offices {
            self.desk.admin(&format!("agency invite --id {office} --at {}", self.at)).await?;
        }
        self.signed("directory sign").await
    }

    /// Each of these deposits its request. Those behind the line are let in first and run afterwards.
    async fn ask(&self, offices: &[&'static str], machine: &str) -> anyhow::Result<Vec<(&'static str, Running)>> {
        let mut asking = Vec::new();
        for office in offices {
            let more: &[&str] = if is_behind(office) { &["--no-serve"] } else { &[] };
            asking.push((*office, self.desk.enrolling(office, &format!("{office}{machine}"), more)?));
        }
        for (_, process) in &asking {
            words_of(process).await?;
        }
        Ok(asking)
    }

    /// Their words are compared.
    async fn approves(&self, asking: &[(&'static str, Running)]) -> anyhow::Result<()> {
        self.desk.admin(&format!("agency requests --to {}", self.at)).await?;
        for (office, process) in asking {
            let words = words_of(process).await?;
            let line = ["--network", "rete", "agency", "approve", "--id", office, "--words", &words];
            let approved = self.desk.typed("raccordo-admin", &line).await?;
            ensure!(approved.code == 0, "{approved:?}");
        }
        Ok(())
    }

    /// The answers are handed in; every office takes its own, and runs.
    async fn answered(&mut self, asking: Vec<(&'static str, Running)>, machine: &str) -> anyhow::Result<()> {
        self.desk.admin(&format!("agency answer --to {}", self.at)).await?;
        for (office, mut process) in asking {
            let folder = format!("{office}{machine}");
            if !is_behind(office) {
                self.arrives(office, &folder, Some(process)).await?;
                continue;
            }
            ensure!(process.ended().await?.success(), "{}", process.last_words());
            self.goes_through(&folder)?;
            self.arrives(office, &folder, None).await?;
        }
        Ok(())
    }

    /// An office takes part, and somebody works there.
    async fn arrives(&mut self, id: &'static str, folder: &str, process: Option<Running>) -> anyhow::Result<()> {
        let member = match process {
            None => Member::starts(&self.desk, id, folder).await?,
            Some(mut process) => {
                process.says("the agent serves").await?;
                Member::of(&self.desk, id, folder, process).await?
            }
        };
        member.until("attached", AGAIN, async |member| Ok(member.status().await?.attached)).await?;
        member.gets_a_person(&self.desk).await?;
        self.members.insert(id, member);
        Ok(())
    }
}

/// Whether an office reaches the gateway through the line that can be held.
fn is_behind(office: &str) -> bool {
    [HELD, REVOKED, BANNED].contains(&office)
}
