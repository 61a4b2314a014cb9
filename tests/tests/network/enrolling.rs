//! Offices that enrol on line, by typing: invited, deposited, approved or turned away, attached in the process that asked.
//!
//! Not here: enrolment by files (`admin`), the rules of a deposit and of an answer one by one (the gateway's and the core's tests).

use std::fs;

use anyhow::{Context as _, ensure};
use raccordo_proto::enrolment::invitation::{Invitation, OneTimeCode};
use raccordo_proto::ids::NetworkId;
use raccordo_proto::limits::CODE_BYTES;
use raccordo_tests::processes::{DEADLINE, Running, free_port};
use serde_json::Value;

use crate::admin::{Desk, network, runs};

const ADMITTED: [&str; 2] = ["cav-ginestra", "cpi-rivabella"];
const TURNED_AWAY: &str = "sil-montelago";

/// A network whose only gateway runs, listens for the authority, and knows no office; and where.
async fn empty_network() -> anyhow::Result<(Desk, Running, String)> {
    let desk = network().await?;
    let (port, authority) = (free_port()?, free_port()?);
    desk.done("raccordo-gateway", "request gw1.request --folder gw1").await?;
    desk.admin(&format!("gateway add gw1.request --endpoint localhost:{port}")).await?;
    desk.admin("directory sign").await?;
    let line = format!("activate rete/activations/gateway-gw1.activation --folder gw1 --listen 127.0.0.1:{port}");
    desk.done("raccordo-gateway", &line).await?;
    let config = desk.path("gw1/gateway.toml");
    let text = fs::read_to_string(&config).context("a configuration")?;
    fs::write(&config, format!("{text}\n[authority]\naddress = \"127.0.0.1:{authority}\"\n")).context("a configuration")?;
    let gateway = runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?;
    Ok((desk, gateway, format!("127.0.0.1:{authority}")))
}

impl Desk {
    /// An office types its one command; the words that it is told to read.
    pub(crate) fn enrolling(&self, office: &str, folder: &str, more: &[&str]) -> anyhow::Result<Running> {
        let mut command = self.command("raccordo-agent")?;
        let invitation = format!("rete/invitations/{office}.txt");
        command.args(["--json", "enrol", "--invitation", &invitation, "--folder", folder]).args(more);
        Running::start(office, command)
    }

    /// The next version is signed and handed in.
    async fn in_force(&self, at: &str) -> anyhow::Result<()> {
        self.admin("directory sign").await?;
        self.admin(&format!("directory publish --to {at}")).await?;
        Ok(())
    }
}

pub(crate) async fn words_of(running: &Running) -> anyhow::Result<String> {
    let deposited = |line: &&String| line.contains("\"deposited\"");
    running.lines().wait("a deposit", DEADLINE, |lines| lines.iter().any(|line| deposited(&line))).await?;
    let line = running.lines().all().into_iter().find(|line| deposited(&line)).context("a line")?;
    let said: Value = serde_json::from_str(&line)?;
    Ok(said["words"].as_str().context("words")?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offices_enrol_on_line_and_one_is_told_why_not() -> anyhow::Result<()> {
    let (desk, gateway, at) = empty_network().await?;
    for office in [&ADMITTED[..], &[TURNED_AWAY]].concat() {
        let invited = desk.admin(&format!("agency invite --id {office} --at {at}")).await?;
        ensure!(invited.out.contains("Invito per") && invited.out.contains('█'), "{invited:?}");
    }
    // Before the directory names its code an invitation is good for nothing.
    let early = desk.types("raccordo-agent", "enrol --invitation rete/invitations/cav-ginestra.txt --folder early").await?;
    ensure!(early.code == 4 && early.err.contains("non conosce questo invito"), "{early:?}");
    desk.in_force(&at).await?;

    // The connection breaks, and the office's own program dies: the same command goes on.
    gateway.kill().await?;
    let mut silent = desk.enrolling(ADMITTED[0], ADMITTED[0], &[])?;
    silent.says("non risponde ancora").await?;
    let gateway = runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?;
    let words = words_of(&silent).await?;
    silent.kill().await?;
    let mut offices = Vec::new();
    for office in [&ADMITTED[..], &[TURNED_AWAY]].concat() {
        offices.push(desk.enrolling(office, office, &[])?);
    }
    ensure!(words_of(&offices[0]).await? == words, "another request than before");

    let listed = desk.admin(&format!("agency requests --to {at} --json")).await?.json()?;
    let listed = listed["requests"].as_array().context("requests")?.clone();
    ensure!(listed.len() == 3 && listed.iter().all(|one| one["bound"] == "BOUND"), "{listed:?}");
    desk.refused(&format!("agency approve --id {} --words abaco", ADMITTED[0]), 5, &["Le parole non sono quelle"]).await?;
    for (office, running) in ADMITTED.iter().zip(&offices) {
        let words = words_of(running).await?;
        ensure!(listed.iter().any(|one| one["office"] == *office && one["words"] == words.as_str()), "{listed:?}");
        let line = ["--network", "rete", "agency", "approve", "--id", office, "--words", &words];
        let approved = desk.typed("raccordo-admin", &line).await?;
        ensure!(approved.code == 0, "{approved:?}");
    }
    desk.says(&format!("agency reject {TURNED_AWAY}"), "le parole non erano quelle").await?;
    answered(&desk, &at).await?;

    let mut turned_away = offices.pop().context("three")?;
    let status = turned_away.ended().await?;
    ensure!(status.code() == Some(4) && turned_away.last_words().contains("le parole non erano quelle"), "{status:?}");
    ensure!(!desk.path(TURNED_AWAY).join("agent.toml").exists());
    for (office, running) in ADMITTED.iter().zip(&mut offices) {
        running.says("the agent serves").await?;
        desk.comes(office, |status| status["attached"] == true).await?;
    }
    spent(&desk).await?;
    desk.admin("audit verify").await?;
    gateway.signal("TERM").await?;
    Ok(())
}

/// What was decided is signed, published and handed in, in this order alone.
async fn answered(desk: &Desk, at: &str) -> anyhow::Result<()> {
    desk.admin("directory sign").await?;
    let early = desk.types("raccordo-admin", &format!("--network rete agency answer --to {at}")).await?;
    // Who is let in needs the version first; who is not needs nothing, and is told meanwhile.
    ensure!(early.code == 4 && early.err.matches("directory publish").count() == ADMITTED.len(), "{early:?}");
    ensure!(early.out.contains(TURNED_AWAY), "{early:?}");
    desk.admin(&format!("directory publish --to {at}")).await?;
    let answered = desk.admin(&format!("agency answer --to {at} --json")).await?.json()?;
    ensure!(answered["answered"].as_array().map(Vec::len) == Some(ADMITTED.len()), "{answered}");
    let again = desk.admin(&format!("agency answer --to {at} --json")).await?.json()?;
    ensure!(again["answered"].as_array().map(Vec::len) == Some(0), "{again}");
    Ok(())
}

/// Invitations that let nobody in.
async fn spent(desk: &Desk) -> anyhow::Result<()> {
    let enrol = async |file: &str, folder: &str, code: i32, says: &str| {
        let said = desk.types("raccordo-agent", &format!("enrol --invitation {file} --folder {folder}")).await?;
        ensure!(said.code == code && said.err.contains(says), "{file}: {said:?}");
        ensure!(!desk.path(folder).join("agent.toml").exists());
        Ok(())
    };
    let text = fs::read_to_string(desk.path("rete/invitations/cav-ginestra.txt")).context("an invitation")?;
    enrol("rete/invitations/cav-ginestra.txt", "second", 4, "già stata depositata un'altra richiesta").await?;
    desk.write("torn.txt", &text[..text.len() - 9])?;
    enrol("torn.txt", "torn", 2, "non è un invito, o non è tutto").await?;
    let read = || Invitation::read(&text).context("an invitation");
    let mut guessed = read()?;
    guessed.code = OneTimeCode::new([7; CODE_BYTES]);
    desk.write("guessed.txt", &guessed.text())?;
    enrol("guessed.txt", "guessed", 4, "non conosce questo invito").await?;
    let mut elsewhere = read()?;
    elsewhere.spki_sha256 = vec![[7; 32]];
    desk.write("elsewhere.txt", &elsewhere.text())?;
    enrol("elsewhere.txt", "elsewhere", 5, "non è il gateway dell'invito").await?;
    let mut throwaway = read()?;
    throwaway.network = NetworkId::parse("altra.invalid").context("a name")?;
    desk.write("throwaway.txt", &throwaway.text())?;
    enrol("throwaway.txt", "throwaway", 2, "è una rete di prova").await?;
    let there =
        desk.types("raccordo-agent", "enrol --invitation rete/invitations/cav-ginestra.txt --folder cav-ginestra").await?;
    ensure!(there.code == 4 && there.err.contains("c'è già un agente attivo"), "{there:?}");
    Ok(())
}
