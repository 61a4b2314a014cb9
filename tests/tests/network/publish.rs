//! A later version, and a Confirm, handed in by typing: the real administration at the real gateway's authority port.
//!
//! Not here: what the gateway refuses (`authority`), the first version, which goes by activation (`admin`).

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, ensure};
use raccordo_tests::processes::{DEADLINE, Running, Said, free_port};
use serde_json::Value;

use crate::admin::{Desk, activated, answered, network, runs};

const OFFICES: [&str; 2] = ["cav-ginestra", "cpi-rivabella"];

impl Desk {
    /// Types a line that hands something in.
    async fn hands(&self, line: &str, to: &str) -> anyhow::Result<Said> {
        self.types("raccordo-admin", &format!("--network rete directory {line} --to {to}")).await
    }

    async fn handed(&self, line: &str, to: &str) -> anyhow::Result<Said> {
        let said = self.hands(line, to).await?;
        ensure!(said.code == 0, "{line}: {said:?}");
        Ok(said)
    }

    async fn status(&self, office: &str) -> anyhow::Result<Value> {
        self.done("raccordo-agent", &format!("--config {office}/agent.toml status --json")).await?.json()
    }

    /// Asks an office how it is until it is so.
    pub(crate) async fn comes(&self, office: &str, is_so: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let asked = async {
            while !is_so(&self.status(office).await?) {}
            Ok(())
        };
        tokio::time::timeout(DEADLINE, asked).await.with_context(|| format!("{office} does not come so far"))?
    }
}

/// A network that runs, whose gateway listens for the authority; and where.
async fn running(desk: &Desk) -> anyhow::Result<(Vec<Running>, String)> {
    let port = free_port()?;
    answered(desk, port).await?;
    activated(desk, port).await?;
    let mut config = fs::OpenOptions::new().append(true).open(desk.path("gw1/gateway.toml"))?;
    write!(config, "\n[authority]\naddress = \"127.0.0.1:{}\"\n", free_port()?)?;
    let mut running = vec![runs(desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?];
    for office in OFFICES {
        running.push(runs(desk, office, "raccordo-agent", &format!("{office}/agent.toml"), "the agent serves").await?);
        desk.comes(office, |status| status["attached"] == true).await?;
    }
    let at = fs::read_to_string(desk.path("gw1/state/authority.address")).context("the authority's address")?;
    Ok((running, at))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_and_a_confirm_reach_the_network_by_one_command_each() -> anyhow::Result<()> {
    let desk = network().await?;
    let (running, at) = running(&desk).await?;
    let again = desk.handed("publish", &at).await?;
    ensure!(again.out.contains("ha già la versione 1"), "{again:?}");

    // Two versions at once, the newer one puts an office out.
    desk.admin("directory sign --renew").await?;
    desk.admin("agency suspend cpi-rivabella --reason prova").await?;
    desk.admin("directory sign").await?;
    let early = desk.hands("confirm --publish", &at).await?;
    ensure!(early.code == 4 && early.err.contains("consegna prima la versione"), "{early:?}");
    let said = desk.handed("publish", &at).await?;
    ensure!(said.out.contains("consegnata la versione 3") && said.out.contains("aveva la 1"), "{said:?}");
    let suspended = |lines: &[String]| lines.iter().any(|line| line.contains("link down") && line.contains("SUSPENDED"));
    running[2].lines().wait("it is out", DEADLINE, suspended).await?;
    let installed = |lines: &[String]| lines.iter().any(|l| l.contains("a directory was installed") && l.ends_with("version=3"));
    running[1].lines().wait("version 3", DEADLINE, installed).await?;

    told_to_whoever_works_there(&desk).await?;
    let until = |status: &Value| status["directory_looked_after_until"].as_u64();
    let before = until(&desk.status("cav-ginestra").await?).context("until when")?;
    let said = desk.handed("confirm --publish --json", &at).await?.json()?;
    ensure!(said["version"] == 3 && said["gateways"][0]["code"] == "done-confirm-published", "{said}");
    desk.comes("cav-ginestra", |status| until(status) > Some(before)).await.context("it counts as looked after for longer")?;

    refused(&desk, &at).await?;
    let acts = desk.admin("audit tail --rows 8 --json").await?.json()?;
    let typed: Vec<&Value> = acts["rows"].as_array().context("rows")?.iter().map(|row| &row["act"]).collect();
    // The first Confirm came too early and the last version was refused: a row says what was tried.
    let confirms = ["directory confirm", "directory publish", "directory confirm"];
    let refused = ["directory publish", "directory publish", "directory sign", "directory publish"];
    assert_eq!(typed, [&["directory sign"][..], &confirms, &refused].concat(), "{acts}");
    desk.admin("audit verify").await?;
    drop(running);
    Ok(())
}

/// Whoever runs the gateway asks for its next certificate, and gives it to the gateway that runs: nobody is cut, and who connects
/// sees the new key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateways_certificate_is_renewed_while_it_runs() -> anyhow::Result<()> {
    let desk = network().await?;
    let (mut running, at) = running(&desk).await?;
    let asked = desk.done("raccordo-gateway", "request gw1.renewal --renew --folder gw1").await?;
    let again = desk.done("raccordo-gateway", "request gw1.renewal --renew --folder gw1").await?;
    ensure!(asked.out == again.out, "another key: {again:?}");
    let words = asked.out.split("words of this gateway: ").nth(1).and_then(|rest| rest.split('.').next()).context("words")?;
    desk.refused("gateway renew gw1.renewal", 4, &["si rinnova dal"]).await?;
    desk.refused("gateway renew gw1.renewal --early --reason prova --words abaco", 5, &["Le parole non sono quelle"]).await?;
    desk.refused("agency renew gw1.renewal --early --reason prova", 2, &["«gateway renew»"]).await?;
    let line = ["--network", "rete", "gateway", "renew", "gw1.renewal", "--early", "--reason", "prova", "--words", words];
    let renewed = desk.typed("raccordo-admin", &line).await?;
    ensure!(renewed.code == 0, "{renewed:?}");
    desk.admin("directory sign").await?;
    desk.handed("publish", &at).await?;

    let pinned = || fs::read(desk.path("gw1/chain.pem")).context("a chain");
    let before = pinned()?;
    let activate = "activate rete/activations/gateway-gw1.activation --folder gw1";
    let misheard = desk.types("raccordo-gateway", &format!("{activate} --words abaco")).await?;
    ensure!(misheard.code == 5 && pinned()? == before, "{misheard:?}");
    desk.done("raccordo-gateway", activate).await?;
    ensure!(pinned()? != before && !desk.path("gw1/key-2.pem").exists() && !desk.path("gw1/renewal.bin").exists());
    let twice = desk.types("raccordo-gateway", activate).await?;
    ensure!(twice.code == 4 && twice.err.contains("no request waits"), "{twice:?}");
    running[0].signal("HUP").await?;

    // With the old key no longer pinned, only the new one is believed: by an office that connects anew, too.
    desk.unpins_older_keys()?;
    desk.admin("directory sign").await?;
    desk.handed("publish", &at).await?;
    running.pop().context("an office")?.kill().await?;
    let office = OFFICES[1];
    running.push(runs(&desk, office, "raccordo-agent", &format!("{office}/agent.toml"), "the agent serves").await?);
    desk.comes(office, |status| status["attached"] == true && status["directory_version"] == 3).await
}

/// An office's people are told what the admins have changed.
async fn told_to_whoever_works_there(desk: &Desk) -> anyhow::Result<()> {
    let at = "--config cav-ginestra/agent.toml";
    let status = desk.done("raccordo-agent", &format!("{at} status")).await?;
    ensure!(status.out.contains("ha cambiato una cosa: «raccordo-agent directory»"), "{status:?}");
    let told = desk.done("raccordo-agent", &format!("{at} directory")).await?;
    let lines =
        ["Rubrica versione 3", "Rispetto alla versione 1:", "~ ufficio «cpi-rivabella»", "stato: da «ACTIVE» a «SUSPENDED»"];
    ensure!(lines.iter().all(|line| told.out.contains(line)) && !told.out.contains("cav-ginestra"), "{told:?}");
    let told = desk.done("raccordo-agent", &format!("{at} directory --json")).await?.json()?;
    ensure!(told["changes"][0]["details"][0]["field"] == "state" && told["admins_changed"] == false, "{told}");
    Ok(())
}

/// Nobody there, another gateway there, an older version, another version of that number: each is told, by its exit code too.
async fn refused(desk: &Desk, at: &str) -> anyhow::Result<()> {
    let nobody = format!("127.0.0.1:{}", free_port()?);
    let said = desk.hands("publish", &format!("{nobody} --to {at}")).await?;
    ensure!(said.code == 3 && said.err.contains("nessuna risposta") && said.err.contains("ha già la versione 3"), "{said:?}");
    let said = desk.hands("publish", "senza-porta").await?;
    ensure!(said.code == 2 && said.err.contains("NOME:PORTA"), "{said:?}");

    // A folder that has gone back is behind the gateway, and one that signs once more has another document.
    let (third, aside) = (desk.path("rete/directory/v0003.bin"), desk.path("v0003.bin"));
    fs::rename(&third, &aside)?;
    let older = desk.hands("publish", at).await?;
    ensure!(older.code == 4 && older.err.contains("più nuova dell'ultima di questa cartella"), "{older:?}");
    desk.admin("directory sign --renew").await?;
    let other = desk.hands("publish", at).await?;
    ensure!(other.code == 4 && other.err.contains("directory heal"), "{other:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_networks_gateway_is_given_nothing() -> anyhow::Result<()> {
    let (desk, other) = (network().await?, network().await?);
    answered(&desk, free_port()?).await?;
    let (_running, at) = running(&other).await?;
    let said = desk.hands("publish --json", &at).await?;
    let told = said.json()?;
    ensure!(said.code == 5 && told["faults"][0]["code"] == "fault-publish-gateway", "{said:?}");
    Ok(())
}
