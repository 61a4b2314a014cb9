//! `doctor`: gathers the facts, says what is found, and writes the letter for whoever looks after the body's network.
//!
//! Not here: what the facts mean (`crate::doctor`). Nobody needs to be an operator: nothing of a case is asked.

use std::io::Write as _;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::screen::{date_time, today};
use super::{Office, load};
use crate::api;
use crate::client;
use crate::config::Config;
use crate::doctor::{Facts, Finding, Light, Who, findings, probe};
use crate::failure::{Exit, Failure};
use crate::machine;

/// By convention of the systems that know proxies.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl Office<'_> {
    /// Looks at everything; fails when something is red.
    pub(super) async fn doctor(&self, letter: Option<&Path>) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let config = load(self.config.clone(), self.dev)?;
        let findings = findings(&gather(&config).await);
        let worst = findings.iter().map(|finding| finding.light).max().unwrap_or(Light::Green);
        let letter = letter.map(|file| self.write_letter(file, &config, &findings)).transpose()?;
        if self.screen.is_json() {
            let told: Vec<Value> = findings.iter().map(|finding| self.object(finding)).collect();
            self.screen.object(&json!({"findings": told, "good": worst < Light::Red, "letter": letter}));
        } else {
            findings.iter().for_each(|finding| self.tell(finding));
            self.screen.line(&self.screen.say(conclusion(worst), &[]));
            if let Some(file) = letter {
                self.screen.line(&self.screen.say("done-letter", &[("file", &file)]));
            }
        }
        Ok(if worst == Light::Red { Exit::Machine } else { Exit::Ok })
    }

    fn tell(&self, finding: &Finding) {
        let light = self.screen.say(light_id(finding.light), &[]);
        self.screen.line(&format!("{light}  {}", self.sentence_of(finding)));
        if finding.who != Who::Nobody {
            let who = self.screen.say(&format!("doctor-who-{}", finding.who.name()), &[]);
            self.screen.line(&format!("{}  {who}", " ".repeat(light.chars().count())));
        }
    }

    fn object(&self, finding: &Finding) -> Value {
        let (light, who) = (name(finding.light), finding.who.name());
        json!({"code": finding.code, "light": light, "who": who, "message": self.sentence_of(finding)})
    }

    fn sentence_of(&self, finding: &Finding) -> String {
        let said = |(name, value): &(&'static str, String)| match *name {
            "reason" => (*name, self.screen.code(&["reason", "link"], value, &[("ufficio", "")])),
            "until" | "issued" | "at" => (*name, value.parse().map_or_else(|_| value.clone(), date_time)),
            _ => (*name, value.clone()),
        };
        let args: Vec<(&str, String)> = finding.args.iter().map(said).collect();
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.screen.say(&format!("doctor-{}", finding.code), &args)
    }

    /// Host, port and reason, for somebody who has never heard of Raccordo. A file that is there stays as it is.
    fn write_letter(&self, file: &Path, config: &Config, findings: &[Finding]) -> Result<String, Failure> {
        let endpoints = config.gateway.endpoints.iter().map(|endpoint| format!("    {}:{}", endpoint.host(), endpoint.port()));
        let endpoints = endpoints.collect::<Vec<_>>().join("\n");
        let found = findings.iter().filter(|finding| finding.who == Who::It && finding.light > Light::Green);
        let found = found.map(|finding| format!("    - {}", self.sentence_of(finding))).collect::<Vec<_>>().join("\n");
        let found = if found.is_empty() { format!("    - {}", self.screen.say("letter-nothing", &[])) } else { found };
        let text = self.screen.say("letter", &[("day", &today()), ("endpoints", &endpoints), ("found", &found)]);
        let unwritten = |error| Failure::new(Exit::Machine, "LETTER").with("file", file.display()).with("detail", error);
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(file).map_err(unwritten)?;
        writeln!(out, "{text}").and_then(|()| out.sync_all()).map_err(unwritten)?;
        Ok(file.display().to_string())
    }
}

fn conclusion(worst: Light) -> &'static str {
    match worst {
        Light::Green => "doctor-all-good",
        Light::Yellow => "doctor-works",
        Light::Red => "doctor-broken",
    }
}

fn name(light: Light) -> &'static str {
    match light {
        Light::Green => "green",
        Light::Yellow => "yellow",
        Light::Red => "red",
    }
}

fn light_id(light: Light) -> &'static str {
    match light {
        Light::Green => "light-green",
        Light::Yellow => "light-yellow",
        Light::Red => "light-red",
    }
}

async fn gather(config: &Config) -> Facts {
    let mut gateways = Vec::new();
    for endpoint in &config.gateway.endpoints {
        gateways.push(probe::look(endpoint, &config.tls).await);
    }
    let leaf = CertificateDer::pem_file_iter(&config.tls.chain).ok().and_then(|mut chain| chain.next()?.ok());
    Facts {
        now: machine::now(),
        agent: agent(config).await,
        certificate: leaf.and_then(|leaf| raccordo_proto::certificate::validity(&leaf)),
        gateways,
        proxies: PROXIES.into_iter().filter(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty())).collect(),
        free: machine::free_bytes(&config.state),
    }
}

async fn agent(config: &Config) -> Result<api::StatusResponse, String> {
    let mut asked = client::connect(&config.api_socket).await.map_err(|failure| failure.code)?;
    let status = asked.status(api::StatusRequest {}).await.map_err(|status| client::failure(&status).code)?;
    Ok(status.into_inner())
}
