//! What a person asks first when something does not work: is it the clock, the network, the certificate, the directory, the
//! disk, and who must act. Facts come in, findings come out.
//!
//! Deliberately not here: how facts are gathered ([`probe`] and the command line, which have the sockets and the clock), the sentences (the catalogue's), mending anything.

pub mod probe;

use core::time::Duration;

use raccordo_proto::Timestamp;
use raccordo_proto::limits::SKEW_MAX;

use crate::api::StatusResponse;
use probe::{Found, Probed};

/// From so far apart on, a clock is worth a look; from [`SKEW_MAX`] on nothing is delivered.
const CLOCK_OFF: Duration = Duration::from_secs(120);
/// What ends this soon is worth a look.
const ENDS_SOON: Duration = Duration::from_secs(60 * 86_400);
/// What ends this soon is a fault: a renewal goes through people.
const ENDS_NOW: Duration = Duration::from_secs(7 * 86_400);
/// With less than this the store soon stops taking letters.
const DISK_MIN: u64 = 256 * 1024 * 1024;
/// With less than this somebody should make room.
const DISK_LOW: u64 = 2 * 1024 * 1024 * 1024;
/// A backup older than this is worth a look, however often they are made.
const BACKUP_OLD: Duration = Duration::from_secs(8 * 86_400);

/// How something is. The order is that of concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// As it should be.
    Green,
    /// Works, and wants a look.
    Yellow,
    /// Does not work, or will not for long.
    Red,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody.
    Nobody,
    /// The people of this office.
    Office,
    /// Who looks after the computers and the network of the body.
    It,
    /// Who administers the network of offices.
    Network,
}

impl Who {
    /// As in `--json` and in the catalogue.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Office => "office",
            Self::It => "it",
            Self::Network => "network",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `doctor-<code>` is its sentence.
    pub code: &'static str,
    /// How it is.
    pub light: Light,
    /// Who must act.
    pub who: Who,
    /// Arguments of the sentence: never content of a case.
    pub args: Vec<(&'static str, String)>,
}

impl Finding {
    fn new(light: Light, code: &'static str, who: Who) -> Self {
        Self { code, light, who, args: Vec::new() }
    }

    fn good(code: &'static str) -> Self {
        Self::new(Light::Green, code, Who::Nobody)
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// What was found of this machine's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// First and last instant.
    Lasts(Timestamp, Timestamp),
    /// It is not there, or no certificate.
    Unreadable,
    /// Whoever asks may not read certificate or key.
    Forbidden,
    /// It is another office's, or does not fit the key.
    Anothers,
}

/// Everything that was found out.
pub struct Facts {
    /// Now, by this machine's clock.
    pub now: Timestamp,
    /// What the agent says of itself, or the code of why it says nothing.
    pub agent: Result<StatusResponse, String>,
    /// This machine's certificate.
    pub certificate: Certificate,
    /// Each gateway of the configuration.
    pub gateways: Vec<Probed>,
    /// Names of the environment's variables that set a proxy.
    pub proxies: Vec<&'static str>,
    /// Bytes that are free where the store is; `None` when nobody says.
    pub free: Option<u64>,
}

/// What there is to say, in the order in which a person reads it.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let status = facts.agent.as_ref().ok();
    let mut findings = vec![agent(facts), clock(facts)];
    findings.extend(facts.gateways.iter().map(gateway));
    findings.extend(proxies(facts));
    findings.push(certificate(facts));
    findings.extend(status.and_then(|status| identity(status, facts.now)));
    findings.push(directory(status, facts.now));
    findings.push(disk(facts.free));
    findings.extend(status.map(|status| backup(status, facts.now)));
    findings
}

/// Whoever must act is named once: where something else that was found explains why nothing is attached, it is there.
fn agent(facts: &Facts) -> Finding {
    let status = match &facts.agent {
        Ok(status) => status,
        Err(code) if code == "SOCKET_FORBIDDEN" => return Finding::new(Light::Yellow, "agent-forbidden", Who::Office),
        Err(_) => return Finding::new(Light::Red, "agent-stopped", Who::Office),
    };
    if status.attached {
        return Finding::good("agent-attached");
    }
    let code = if status.link_fault.is_empty() { probe::UNREACHABLE } else { &status.link_fault };
    let reached = facts.gateways.iter().any(|probed| probed.found == Found::Gateway);
    let is_listed = status.identity_until > 0;
    let (light, finding, who) = match code {
        _ if !reached && !facts.gateways.is_empty() => (Light::Red, "agent-detached", Who::Nobody),
        _ if !is_listed => (Light::Red, "agent-detached", Who::Network),
        probe::UNREACHABLE => (Light::Yellow, "agent-waits", Who::Nobody),
        "OUT_OF_TIME" => (Light::Red, "agent-detached", Who::It),
        _ => (Light::Red, "agent-detached", Who::Network),
    };
    Finding::new(light, finding, who).with("reason", code)
}

/// The gateway's clock is a hint; certificates and directories that are not valid yet are another.
fn clock(facts: &Facts) -> Finding {
    let status = facts.agent.as_ref().ok();
    if let Some(ahead) = status.and_then(|status| status.clock_ahead) {
        let off = Duration::from_millis(ahead.unsigned_abs());
        let side = if ahead < 0 { "behind" } else { "ahead" };
        let far = |light, code| Finding::new(light, code, Who::It).with("minutes", off.as_secs().div_ceil(60)).with("side", side);
        return match off {
            off if off > SKEW_MAX => far(Light::Red, "clock-wrong"),
            off if off > CLOCK_OFF => far(Light::Yellow, "clock-off"),
            _ => Finding::good("clock-good"),
        };
    }
    let signed_later = status.is_some_and(|status| status.directory_issued > facts.now.as_millis());
    let issued_later = matches!(facts.certificate, Certificate::Lasts(from, _) if from > facts.now);
    if signed_later || issued_later {
        return Finding::new(Light::Red, "clock-behind", Who::It);
    }
    Finding::new(Light::Yellow, "clock-unknown", Who::Nobody)
}

fn gateway(probed: &Probed) -> Finding {
    let red = |code, who| Finding::new(Light::Red, code, who);
    let finding = match &probed.found {
        Found::Gateway => Finding::good("gateway-answers"),
        Found::NoName => red("gateway-no-name", Who::It),
        Found::Refused => red("gateway-refused", Who::Network),
        Found::Silent => red("gateway-silent", Who::It),
        Found::Cut => red("gateway-cut", Who::It),
        Found::NotTls => red("gateway-not-tls", Who::It),
        Found::NoAgreement => red("gateway-no-agreement", Who::It),
        Found::Inspected { issuer } => red("gateway-inspected", Who::It).with("issuer", issuer),
        Found::Dates => red("gateway-dates", Who::Network),
        Found::OtherNetwork { issuer } => red("gateway-other", Who::Network).with("issuer", issuer),
        Found::Unjudged => Finding::new(Light::Yellow, "gateway-unjudged", Who::Office),
    };
    finding.with("host", &probed.host).with("port", probed.port)
}

fn proxies(facts: &Facts) -> Option<Finding> {
    if facts.proxies.is_empty() {
        return None;
    }
    let reached = facts.gateways.iter().any(|probed| probed.found == Found::Gateway);
    let finding = match reached {
        true => Finding::good("proxy-unused"),
        false => Finding::new(Light::Red, "proxy-needed", Who::It),
    };
    Some(finding.with("names", facts.proxies.join(", ")))
}

/// What lasts until an instant: good, soon over, over.
fn lasting(now: Timestamp, until: Timestamp, [good, soon, over]: [&'static str; 3]) -> Finding {
    let left = until.since(now);
    let finding = match left {
        _ if until < now => Finding::new(Light::Red, over, Who::Network),
        left if left < ENDS_NOW => Finding::new(Light::Red, soon, Who::Network),
        left if left < ENDS_SOON => Finding::new(Light::Yellow, soon, Who::Network),
        _ => Finding::good(good),
    };
    finding.with("days", left.as_secs() / 86_400).with("until", until.as_millis())
}

fn certificate(facts: &Facts) -> Finding {
    let red = |code, who| Finding::new(Light::Red, code, who);
    match facts.certificate {
        Certificate::Unreadable => red("certificate-unreadable", Who::Office),
        Certificate::Forbidden => Finding::new(Light::Yellow, "certificate-forbidden", Who::Office),
        Certificate::Anothers => red("certificate-anothers", Who::Office),
        Certificate::Lasts(from, _) if from > facts.now => red("certificate-not-yet", Who::It),
        Certificate::Lasts(_, until) => lasting(facts.now, until, ["certificate-good", "certificate-soon", "certificate-over"]),
    }
}

fn identity(status: &StatusResponse, now: Timestamp) -> Option<Finding> {
    if status.directory_version == 0 {
        return None;
    }
    Some(match status.identity_until {
        0 => Finding::new(Light::Red, "identity-not-in", Who::Network),
        until => lasting(now, Timestamp::from_millis(until), ["identity-good", "identity-soon", "identity-over"]),
    })
}

fn directory(status: Option<&StatusResponse>, now: Timestamp) -> Finding {
    match status {
        None => Finding::new(Light::Yellow, "directory-unknown", Who::Nobody),
        Some(status) if status.directory_version == 0 => Finding::new(Light::Red, "directory-none", Who::Network),
        Some(status) if status.directory_rival_seen_at > 0 => {
            Finding::new(Light::Red, "directory-rival", Who::Network).with("seen", status.directory_rival_seen_at)
        }
        Some(status) if is_unconfirmed(status, now) => {
            let finding = Finding::new(Light::Yellow, "directory-unconfirmed", Who::Network);
            finding.with("version", status.directory_version).with("until", status.directory_looked_after_until)
        }
        Some(status) => {
            let until = Timestamp::from_millis(status.directory_expires);
            let finding = lasting(now, until, ["directory-good", "directory-soon", "directory-over"]);
            finding.with("version", status.directory_version).with("issued", status.directory_issued)
        }
    }
}

/// Whether nobody has said of late that the directory still holds; one that is over says so itself.
fn is_unconfirmed(status: &StatusResponse, now: Timestamp) -> bool {
    let now = now.as_millis();
    now > status.directory_looked_after_until && now <= status.directory_expires
}

fn disk(free: Option<u64>) -> Finding {
    let Some(free) = free else { return Finding::new(Light::Yellow, "disk-unknown", Who::It) };
    let finding = match free {
        free if free < DISK_MIN => Finding::new(Light::Red, "disk-full", Who::It),
        free if free < DISK_LOW => Finding::new(Light::Yellow, "disk-low", Who::It),
        _ => Finding::good("disk-good"),
    };
    finding.with("mib", free / (1024 * 1024))
}

fn backup(status: &StatusResponse, now: Timestamp) -> Finding {
    let look = |code| Finding::new(Light::Yellow, code, Who::Office);
    match &status.backup {
        None => look("backup-none"),
        Some(backup) if !backup.fault.is_empty() => Finding::new(Light::Red, "backup-failed", Who::Office),
        Some(backup) if backup.last_at == 0 => look("backup-none-yet"),
        Some(backup) => {
            let last = Timestamp::from_millis(backup.last_at);
            let finding = if now.since(last) > BACKUP_OLD { look("backup-old") } else { Finding::good("backup-good") };
            finding.with("at", backup.last_at)
        }
    }
}

#[cfg(test)]
mod tests;
