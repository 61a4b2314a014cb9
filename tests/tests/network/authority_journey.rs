//! The authority's year in one journey, typed as docs/it/amministrazione.md says it: three admins of whom two sign, offices that
//! enrol on line and by files, one that is turned away, a renewal, a revocation in the middle of a transfer, a ban, an eviction
//! and the way back, another issuing CA, a directory that has run out. At every act a letter waits and a letter is on its way;
//! in the end each office holds what was written to it, once.
//!
//! Not here: what each act refuses (`acts`, `enrolling`, `publish`), ceremonies on their own (`ceremony`).

mod evidence;
mod last;
mod letters;
mod member;
mod stages;

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_proto::limits::RECEIPT_MAX;
use raccordo_tests::processes::{DEADLINE, Proxy, Running, free_port, replace};
use raccordo_tests::results;

use crate::admin::{Desk, runs};
use crate::ceremony::three_admins;
use evidence::Shelf;
use member::Member;

/// Who writes, who is away until the end, and who is reached through a line that can be held.
const WRITES: &str = "cav-ginestra";
const AWAY: &str = "sociale-rivabella";
const HELD: &str = "cpi-rivabella";
const EVICTED: &str = "sil-rivabella";
const REVOKED: &str = "sil-montelago";
const BANNED: &str = "cpi-montelago";
const TURNED_AWAY: &str = "sociale-montelago";

const NETWORK: &str = r#"network = "rete-prova"
[[office]]
id = "cav-ginestra"
name = "CAV Ginestra"
kind = "CAV"
ambito = "cremona"
[[office]]
id = "cpi-rivabella"
name = "CPI di Rivabella"
kind = "CPI"
[[office]]
id = "sociale-rivabella"
name = "Servizio sociale di Rivabella"
kind = "SERVIZIO_SOCIALE"
[[office]]
id = "sil-rivabella"
name = "SIL di Rivabella"
kind = "SIL"
[[office]]
id = "sil-montelago"
name = "SIL di Montelago"
kind = "SIL"
[[office]]
id = "cpi-montelago"
name = "CPI di Montelago"
kind = "CPI"
[[office]]
id = "sociale-montelago"
name = "Servizio sociale di Montelago"
kind = "SERVIZIO_SOCIALE"
[[office]]
id = "comune-capofila"
name = "Comune capofila"
kind = "COMUNE"
capabilities = ["VALIDA"]
[[equipe]]
id = "cremona"
ambito = "cremona"
required = ["CAV", "CPI"]
members = { cav-ginestra = "CAV", cpi-rivabella = "CPI", sociale-rivabella = "SERVIZIO_SOCIALE" }
[[programme]]
id = "lia-2"
title = "L.I.A. 2"
from = "2026-01-01"
until = "2199-12-31"
capofila = "comune-capofila"
[territories]
"019101" = "cremona"
"#;

/// A sender waits this long for a receipt before it sends again (the protocol's own), and then for its turn.
const AGAIN: Duration = RECEIPT_MAX.saturating_add(DEADLINE);
/// From the publication to the cut stream (T22).
const CUT_WITHIN: Duration = Duration::from_secs(2);
/// Acts of the authority, each with a letter that waits and a letter on its way.
const ACTS_MIN: usize = 11;

/// The network on its way.
struct Journey {
    members: BTreeMap<&'static str, Member>, // first: whatever runs is ended before its folder goes
    gateway: Running,
    /// Where the gateway listens for offices and for the authority.
    port: u16,
    at: String,
    proxy: Proxy,
    /// The last version that was signed.
    version: u64,
    /// Whom the équipe has beside the CAV.
    equipe: Vec<&'static str>,
    /// Every case, by its code.
    cases: Vec<String>,
    /// Acts, each with how many letters waited and how many were on their way.
    acts: Vec<(String, usize, usize)>,
    /// What an office held that runs no more.
    shelf: Shelf,
    desk: Desk,
}

impl Journey {
    /// Three admins, a gateway that listens for them, and nobody in the network yet.
    async fn begins() -> anyhow::Result<Self> {
        let desk = three_admins(NETWORK).await?;
        let (port, authority) = (free_port()?, free_port()?);
        desk.done("raccordo-gateway", "request gw1.request --folder gw1").await?;
        desk.admin(&format!("gateway add gw1.request --endpoint localhost:{port}")).await?;
        desk.agreed(1, "directory sign").await?;
        let line = format!("activate rete/activations/gateway-gw1.activation --folder gw1 --listen 127.0.0.1:{port}");
        desk.done("raccordo-gateway", &line).await?;
        let config = desk.path("gw1/gateway.toml");
        let text = fs::read_to_string(&config).context("a configuration")?;
        fs::write(&config, format!("{text}\n[authority]\naddress = \"127.0.0.1:{authority}\"\n"))?;
        let gateway = runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?;
        let journey = Self {
            members: BTreeMap::new(),
            gateway,
            port,
            at: format!("127.0.0.1:{authority}"),
            proxy: Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?,
            version: 1,
            equipe: vec![HELD, AWAY],
            cases: Vec::new(),
            acts: Vec::new(),
            shelf: Shelf::default(),
            desk,
        };
        journey.handed_round().await?;
        Ok(journey)
    }

    fn member(&self, id: &str) -> anyhow::Result<&Member> {
        self.members.get(id).with_context(|| format!("{id} does not run"))
    }

    /// Two admins sign the next version, and each of the three takes it.
    async fn signed(&mut self, sign: &str) -> anyhow::Result<()> {
        self.version += 1;
        self.desk.agreed(self.version, sign).await?;
        self.handed_round().await
    }

    /// The other two admins take the version.
    async fn handed_round(&self) -> anyhow::Result<()> {
        for who in ["mia", "zoe"] {
            self.desk.other(who, &format!("ceremony import rete/directory/v{:04}.bin", self.version)).await?;
        }
        Ok(())
    }

    /// The version is handed in at the gateway, and these offices have it.
    async fn published(&self, to: &[&str]) -> anyhow::Result<()> {
        self.desk.admin(&format!("directory publish --to {}", self.at)).await?;
        for office in to {
            self.has_installed(office).await?;
        }
        Ok(())
    }

    /// An office has the last version.
    async fn has_installed(&self, office: &str) -> anyhow::Result<()> {
        let number = format!("version={}", self.version);
        let installed = |line: &String| line.contains("a directory was installed") && line.ends_with(&number);
        let lines = self.member(office)?.running.lines();
        lines.wait(&number, AGAIN, |lines| lines.iter().any(installed)).await.with_context(|| office.to_owned())
    }

    /// An office reaches the gateway through the line that can be held.
    fn goes_through(&self, folder: &str) -> anyhow::Result<()> {
        let (gateway, proxy) = (format!("localhost:{}", self.port), format!("localhost:{}", self.proxy.address().port()));
        replace(&self.desk.path(folder).join("agent.toml"), &gateway, &proxy)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_authoritys_year_loses_no_letter_and_doubles_none() -> anyhow::Result<()> {
    let mut journey = Journey::begins().await?;
    journey.the_first_three_enrol().await?;
    journey.two_more_by_invitation_and_one_by_files().await?;
    journey.one_is_renewed().await?;
    journey.one_is_cut_in_the_middle_of_a_transfer("revoke", REVOKED, "AGENCY_REVOKED").await?;
    journey.one_is_cut_in_the_middle_of_a_transfer("ban --yes", BANNED, "AGENCY_BANNED").await?;
    journey.one_is_evicted_and_comes_back().await?;
    journey.the_issuing_ca_is_another().await?;
    journey.the_directory_runs_out_and_is_signed_again().await?;

    let acts = &journey.acts;
    ensure!(acts.len() >= ACTS_MIN && acts.iter().all(|(_, waiting, under_way)| *waiting > 0 && *under_way > 0), "{acts:?}");
    let (letters, faults) = journey.counted().await?;
    ensure!(faults.is_empty() && letters >= journey.cases.len(), "{letters} letters: {faults:?}");
    journey.desk.admin("audit verify").await?;
    results::write("A1", "acts of the authority, each with a letter waiting and one on its way", acts.len(), ACTS_MIN, file!());
    results::write_at_most("A1", "letters lost or doubled", faults.len(), 0, file!());
    Ok(())
}
