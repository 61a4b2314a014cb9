//! `doctor`: gathers the facts, says what is found, and writes the letter for whoever looks after the body's network.
//!
//! Not here: what the facts mean (`crate::doctor`). Nobody needs to be an operator: nothing of a case is asked.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use raccordo_machine::{clock, files};
use raccordo_proto::certificate::{principal, validity};
use raccordo_proto::identity::Principal;
use raccordo_terminal::out::plain;
use serde_json::{Value, json};

use super::screen::{date_time, today};
use super::{Office, load};
use crate::api;
use crate::client;
use crate::config::Config;
use crate::doctor::{Certificate, Facts, Finding, Light, Who, findings, probe};
use crate::failure::{Exit, Failure};
use crate::tls::TlsIdentity;

/// By convention of the systems that know proxies.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl Office<'_> {
    /// Looks at everything; fails when something is red.
    pub(super) async fn doctor(&self, letter: Option<&Path>) -> Result<Exit, Failure> {
        self.as_the_agent()?;
        let config = load(self.config.clone(), self.dev)?;
        let findings = findings(&gather(&config).await);
        let worst = findings.iter().map(|finding| finding.light).max().unwrap_or(Light::Green);
        if !self.screen.is_json() {
            findings.iter().for_each(|finding| self.tell(finding));
            self.screen.line(&self.screen.say(conclusion(worst), &[]));
        }
        // After the findings: whoever cannot have the letter has them.
        let letter = letter.map(|file| self.write_letter(file, &config, &findings)).transpose()?;
        if self.screen.is_json() {
            let told: Vec<Value> = findings.iter().map(|finding| self.object(finding)).collect();
            self.screen.object(&json!({"findings": told, "good": worst < Light::Red, "letter": letter}));
        } else if let Some(file) = letter {
            self.screen.line(&self.screen.say("done-letter", &[("file", &file)]));
        }
        Ok(if worst == Light::Red { Exit::Machine } else { Exit::Ok })
    }

    fn tell(&self, finding: &Finding) {
        let light = self.screen.say(&format!("light-{}", name(finding.light)), &[]);
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
            "reason" => (*name, self.screen.code(&["reason-own", "reason", "link"], value, &[("ufficio", "")])),
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
        let of_the_way =
            |finding: &&Finding| ["gateway-", "proxy-", "clock-"].iter().any(|family| finding.code.starts_with(family));
        let found = findings.iter().filter(|finding| finding.light > Light::Green).filter(of_the_way);
        let found = found.map(|finding| format!("    - {}", plain(&self.sentence_of(finding)))).collect::<Vec<_>>().join("\n");
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

async fn gather(config: &Config) -> Facts {
    let mut gateways = Vec::new();
    for endpoint in &config.gateway.endpoints {
        gateways.push(probe::look(endpoint, &config.tls).await);
    }
    Facts {
        now: clock::now(),
        agent: agent(config).await,
        certificate: certificate(config),
        gateways,
        proxies: PROXIES.into_iter().filter(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty())).collect(),
        free: files::free_bytes(&config.state),
    }
}

async fn agent(config: &Config) -> Result<api::StatusResponse, String> {
    let mut asked = client::connect(&config.api_socket).await.map_err(|failure| failure.code)?;
    let status = asked.status(api::StatusRequest {}).await.map_err(|status| client::failure(&status).code)?;
    Ok(status.into_inner())
}

/// This machine's own certificate: whether it is there, fits the key, and names this office of this network.
fn certificate(config: &Config) -> Certificate {
    let forbidden = |path: &Path| std::fs::File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
    if forbidden(&config.tls.chain) || forbidden(&config.tls.key) {
        return Certificate::Forbidden;
    }
    let Ok(own) = TlsIdentity::load(&config.tls) else { return Certificate::Unreadable };
    let Some((from, until)) = validity(own.leaf()) else { return Certificate::Unreadable };
    let names_us = principal(own.leaf()).is_some_and(|name| {
        name.network == config.network && matches!(name.principal, Principal::Agent { agency, .. } if agency == config.agency)
    });
    if names_us && own.fits() { Certificate::Lasts(from, until) } else { Certificate::Anothers }
}
