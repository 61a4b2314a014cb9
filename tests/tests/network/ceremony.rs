//! Three admins on three machines make a network by typing, two of them sign; a gateway and two offices run on what they have
//! signed, and follow when one of the admins goes.
//!
//! Not here: what is refused on the way, forks, certificates that change hands (the administration's own tests).

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use anyhow::{Context as _, ensure};
use raccordo_tests::processes::free_port;

use crate::admin::{Desk, FORM, NETWORK, asks, runs};

const OFFICES: [&str; 2] = ["cav-ginestra", "cpi-rivabella"];

impl Desk {
    /// A line in the folder of one of the other admins.
    pub(crate) async fn other(&self, who: &str, line: &str) -> anyhow::Result<()> {
        self.done("raccordo-admin", &format!("--network {who} {line}")).await.map(drop)
    }

    /// Ada proposes, Mia reads and signs on her machine, Ada takes it back.
    pub(crate) async fn agreed(&self, version: u64, sign: &str) -> anyhow::Result<serde_json::Value> {
        let asked = self.admin(&format!("{sign} --json")).await?.json()?;
        ensure!(asked["complete"] == false && asked["activations"].is_null(), "{asked}");
        self.admin(&format!("ceremony export v{version}.proposal")).await?;
        let read = self.done("raccordo-admin", &format!("--network mia ceremony review v{version}.proposal")).await?;
        ensure!(read.out.contains("può firmare") && read.out.contains("1 di 2 necessarie"), "{read:?}");
        self.other("mia", &format!("ceremony sign v{version}.proposal --out v{version}.signed")).await?;
        let taken = self.admin(&format!("ceremony import v{version}.signed --json")).await?.json()?;
        ensure!(taken["complete"] == true && taken["version"] == version, "{taken}");
        Ok(taken)
    }
}

/// Three folders of which any two sign.
pub(crate) async fn three_admins(network: &str) -> anyhow::Result<Desk> {
    let desk = Desk::create()?;
    for who in ["mia", "zoe"] {
        desk.other(who, &format!("admin-key new rete-prova --out {who}.offer")).await?;
    }
    let init = desk.admin("network init rete-prova --threshold 2 --admin mia.offer --admin zoe.offer").await?;
    ensure!(init.out.contains("2 firme di persone diverse, fra 3") && !init.out.contains("una sola chiave"), "{init:?}");
    for who in ["mia", "zoe"] {
        desk.other(who, "network join --trust rete/rete.bin").await?;
    }
    desk.write("rete-intera.toml", network)?;
    desk.admin("apply rete-intera.toml").await?;
    Ok(desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_three_admins_run_a_network_and_one_of_them_goes() -> anyhow::Result<()> {
    let desk = three_admins(NETWORK).await?;
    let port = free_port()?;
    desk.done("raccordo-gateway", "request gw1.request --folder gw1").await?;
    desk.admin(&format!("gateway add gw1.request --endpoint localhost:{port}")).await?;
    for office in OFFICES {
        asks(&desk, office).await?;
        desk.admin(&format!("agency approve {office}.request --id {office}")).await?;
    }
    let signed = desk.agreed(1, "directory sign").await?;
    ensure!(signed["activations"].as_array().map(Vec::len) == Some(3), "{signed}");
    let line = format!("activate rete/activations/gateway-gw1.activation --folder gw1 --listen 127.0.0.1:{port}");
    desk.done("raccordo-gateway", &line).await?;
    for office in OFFICES {
        let line = format!("activate rete/activations/agency-{office}.activation --folder {office}");
        desk.done("raccordo-agent", &line).await?;
    }
    let mut running = vec![runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?];
    for office in OFFICES {
        running.push(runs(&desk, office, "raccordo-agent", &format!("{office}/agent.toml"), "the agent serves").await?);
    }

    let shown = desk.admin("directory show --json").await?.json()?;
    let zoe = shown["admins"][2]["id"].as_str().context("her key's id")?;
    desk.admin(&format!("rotate admin --remove {zoe}")).await?;
    desk.agreed(2, "directory sign").await?;
    desk.published(&running[0], &running[1..], 2).await?;
    desk.agreed(3, "directory sign --renew").await?;
    desk.published(&running[0], &running[1..], 3).await?;
    // A gateway that starts again starts at today's admins.
    desk.admin("network trust now.bin").await?;
    fs::copy(desk.path("now.bin"), desk.path("gw1/rete.bin"))?;
    running.remove(0).kill().await?;
    running.insert(0, runs(&desk, "gateway again", "raccordo-gateway", "gw1/gateway.toml", "listening").await?);
    desk.other("zoe", "ceremony import rete/directory/v0001.bin").await?;
    desk.other("zoe", "ceremony import rete/directory/v0002.bin").await?;
    let out = desk.types("raccordo-admin", "--network zoe directory sign --renew").await?;
    ensure!(out.code == 4 && out.err.contains("non è fra quelle che possono firmare"), "{out:?}");

    let uid = fs::metadata(desk.path("gw1")).context("our own folder")?.uid();
    let add = format!("--config cav-ginestra/agent.toml operator add Giulia --uid {uid} --ruolo operatrice");
    desk.done("raccordo-agent", &add).await?;
    desk.write("form.toml", FORM)?;
    let segnala = "--config cav-ginestra/agent.toml segnala form.toml --equipe cremona --wait --json";
    let said = desk.done("raccordo-agent", segnala).await?.json()?;
    assert_eq!(said["delivered"], serde_json::json!(["cpi-rivabella"]), "{said}");
    drop(running);
    Ok(())
}
