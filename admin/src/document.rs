//! `rete.toml`: the network as its administration wants it, in a file that a person can read and correct. Read whole, every
//! fault at once, each with the place where it stands.
//!
//! Not here: whether the network makes sense (`review`), what was signed (the documents in `directory/`).

pub mod whole;

use std::collections::BTreeMap;

use raccordo_proto::directory::{InvitationEntry, is_phone};
use raccordo_proto::ids::{AgencyId, AgentId, ComuneId, Digest, EquipeId, GatewayId, NetworkId};
use raccordo_proto::sign::PublicKey;
use raccordo_proto::{Endpoint, Timestamp, wire};
use raccordo_terminal::text::Sentence;
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};
use crate::names::{Named, usual_capabilities};
use crate::roster::{Equipe, Machine, Office, Policy, Programme, Relay, Roster, Territory};
use crate::territory;

const DAY_MILLIS: u64 = 86_400_000;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    network: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    office: Vec<OfficeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    equipe: Vec<EquipeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    programme: Vec<ProgrammeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gateway: Vec<GatewayText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invitation: Vec<InvitationText>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    territories: BTreeMap<String, String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OfficeText {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ambito: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    machine: Vec<MachineText>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MachineText {
    id: String,
    identity: String,
    tls: Vec<String>,
    state: String,
    from: String,
    until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EquipeText {
    id: String,
    ambito: String,
    required: Vec<String>,
    members: BTreeMap<String, String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProgrammeText {
    id: String,
    title: String,
    from: String,
    until: String,
    capofila: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agencies: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct GatewayText {
    id: String,
    endpoints: Vec<String>,
    tls: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct InvitationText {
    office: String,
    code_hash: String,
    until: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyText {
    restrict_pairs: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pairs: Vec<[String; 2]>,
    frames_per_minute: u32,
    bytes_per_day: u64,
}

/// A network's file, read.
#[derive(Debug)]
pub struct Document {
    /// Its name.
    pub network: NetworkId,
    /// What it consists of.
    pub roster: Roster,
}

/// The text of `rete.toml`.
pub fn write(network: &NetworkId, roster: &Roster) -> String {
    let file = File {
        network: network.as_str().to_owned(),
        office: roster.offices.iter().map(office_text).collect(),
        equipe: roster.equipes.iter().map(equipe_text).collect(),
        programme: roster.programmes.iter().map(programme_text).collect(),
        gateway: roster.gateways.iter().map(gateway_text).collect(),
        policy: Some(policy_text(&roster.policy)),
        invitation: roster.invitations.iter().map(invitation_text).collect(),
        territories: roster.territories.iter().map(|place| (place.istat.clone(), place.ambito.clone())).collect(),
    };
    let text = toml::to_string(&file).expect("strings, numbers and tables of them");
    format!(
        "# La rete come deve essere. Vale solo dopo «raccordo-admin directory sign»; le chiavi vengono dalle richieste.\n{text}"
    )
}

/// The same, if it can be read back as it is: what a file cannot hold must not be lost in it.
pub fn kept(network: &NetworkId, roster: &Roster) -> Result<String, Failure> {
    let text = write(network, roster);
    let again = read(&text).map_err(|faults| Failure::new(Exit::Usage, "DRAFT_UNREADABLE").about(faults))?;
    if again.network != *network || in_order(&again.roster) != in_order(roster) {
        return Err(Failure::new(Exit::Usage, "DRAFT_NOT_KEPT"));
    }
    Ok(text)
}

/// What it consists of, in the file's order.
fn in_order(roster: &Roster) -> wire::Body {
    let mut body = roster.body();
    body.equipes.iter_mut().for_each(|equipe| equipe.members.sort_by(|a, b| a.agency.cmp(&b.agency)));
    body.territories.sort_by(|a, b| a.istat.cmp(&b.istat));
    body
}

/// Reads such a file. Errors: all that is wrong with it.
pub fn read(text: &str) -> Result<Document, Vec<Sentence>> {
    let mut reader = Reader::default();
    let document = reader.document(&parsed(text)?);
    document.filter(|_| reader.0.is_empty()).ok_or(reader.0)
}

fn parsed(text: &str) -> Result<File, Vec<Sentence>> {
    toml::from_str(text).map_err(|error| {
        let until = error.span().map_or(0, |span| span.start).min(text.len());
        let line = 1 + text.as_bytes()[..until].iter().filter(|byte| **byte == b'\n').count();
        vec![Sentence::new("fault-toml", &[("line", &line.to_string()), ("detail", error.message())])]
    })
}

/// Faults found so far.
#[derive(Default)]
struct Reader(Vec<Sentence>);

impl Reader {
    fn document(&mut self, file: &File) -> Option<Document> {
        let network = self.value("network", "network", &file.network, |text| NetworkId::parse(text).ok());
        let roster = Roster {
            offices: file.office.iter().filter_map(|office| self.office(office)).collect(),
            equipes: file.equipe.iter().filter_map(|equipe| self.equipe(equipe)).collect(),
            programmes: file.programme.iter().filter_map(|programme| self.programme(programme)).collect(),
            gateways: file.gateway.iter().filter_map(|gateway| self.gateway(gateway)).collect(),
            territories: file.territories.iter().filter_map(|(istat, ambito)| self.territory(istat, ambito)).collect(),
            policy: file.policy.as_ref().map(|policy| self.policy(policy)).unwrap_or_default(),
            invitations: file.invitation.iter().filter_map(|invitation| self.invitation(invitation)).collect(),
        };
        Some(Document { network: network?, roster })
    }

    fn office(&mut self, text: &OfficeText) -> Option<Office> {
        let place = format!("office «{}»", text.id);
        let id = self.agency(&place, "id", &text.id);
        let kind = self.named(&place, "kind", &text.kind);
        self.not_empty(&place, "name", &text.name);
        if !text.phone.is_empty() && !is_phone(&text.phone) {
            self.value(&place, "phone", &text.phone, |_| None::<()>);
        }
        let capabilities = text.capabilities.as_ref().map(|names| self.all_named(&place, "capabilities", names));
        let machines: Vec<_> = text.machine.iter().filter_map(|machine| self.machine(&place, machine)).collect();
        let usual = if machines.is_empty() { wire::State::NotConnected } else { wire::State::Active };
        let state = text.state.as_ref().map_or(Some(usual), |name| self.named(&place, "state", name));
        let kind: wire::AgencyKind = kind?;
        Some(Office {
            id: id?,
            office: text.name.clone(),
            body: if text.body.is_empty() { text.name.clone() } else { text.body.clone() },
            kind,
            ambito: text.ambito.clone(),
            phone: text.phone.clone(),
            capabilities: capabilities.unwrap_or_else(|| usual_capabilities(kind)),
            state: state?,
            machines,
        })
    }

    fn machine(&mut self, place: &str, text: &MachineText) -> Option<Machine> {
        let id = self.value(place, "machine.id", &text.id, |text| AgentId::parse(text).ok());
        let ik = self.value(place, "machine.identity", &text.identity, |text| PublicKey::parse(&unhex(text)?).ok());
        let from = self.value(place, "machine.from", &text.from, instant);
        let until = self.value(place, "machine.until", &text.until, instant);
        let state = self.named(place, "machine.state", &text.state);
        let revoked = text.revoked_at.as_ref().map(|at| self.value(place, "machine.revoked_at", at, instant));
        Some(Machine {
            id: id?,
            ik: ik?,
            spki_sha256: self.hashes(place, "machine.tls", &text.tls),
            state: state?,
            from: from?,
            until: until?,
            revoked_at: revoked.flatten(),
        })
    }

    fn equipe(&mut self, text: &EquipeText) -> Option<Equipe> {
        let place = format!("equipe «{}»", text.id);
        let id = self.value(&place, "id", &text.id, |text| EquipeId::parse(text).ok());
        self.not_empty(&place, "ambito", &text.ambito);
        let members = text.members.iter().filter_map(|(office, role)| {
            let (office, role) = (self.agency(&place, "members", office), self.named(&place, "members", role));
            Some((office?, role?))
        });
        let members = members.collect();
        let required_signatures = self.all_named(&place, "required", &text.required);
        Some(Equipe { id: id?, ambito: text.ambito.clone(), members, required_signatures })
    }

    fn programme(&mut self, text: &ProgrammeText) -> Option<Programme> {
        let place = format!("programme «{}»", text.id);
        let id = self.value(&place, "id", &text.id, |text| AgencyId::parse(text).ok());
        self.not_empty(&place, "title", &text.title);
        let from = self.value(&place, "from", &text.from, first_instant);
        let until = self.value(&place, "until", &text.until, last_instant);
        let capofila = self.agency(&place, "capofila", &text.capofila);
        let agencies = text.agencies.iter().filter_map(|office| self.agency(&place, "agencies", office)).collect();
        let id = id?.as_str().to_owned();
        Some(Programme { id, title: text.title.clone(), from: from?, until: until?, capofila: capofila?, agencies })
    }

    fn gateway(&mut self, text: &GatewayText) -> Option<Relay> {
        let place = format!("gateway «{}»", text.id);
        let id = self.value(&place, "id", &text.id, |text| GatewayId::parse(text).ok());
        for endpoint in &text.endpoints {
            self.value(&place, "endpoints", endpoint, Endpoint::parse);
        }
        let spki_sha256 = self.hashes(&place, "tls", &text.tls);
        Some(Relay { id: id?, endpoints: text.endpoints.clone(), spki_sha256 })
    }

    fn invitation(&mut self, text: &InvitationText) -> Option<InvitationEntry> {
        let place = format!("invitation «{}»", text.office);
        let agency = self.agency(&place, "office", &text.office);
        let code_hash = self.value(&place, "code_hash", &text.code_hash, |text| Digest::parse(&unhex(text)?).ok());
        let until = self.value(&place, "until", &text.until, instant);
        Some(InvitationEntry { agency: agency?, code_hash: code_hash?, until: until? })
    }

    fn territory(&mut self, istat: &str, ambito: &str) -> Option<Territory> {
        let istat = self.value("territories", "istat", istat, |text| ComuneId::parse(text).ok());
        self.not_empty("territories", "ambito", ambito);
        if let Some(istat) = istat.as_ref().filter(|istat| !territory::is_known(&istat.to_string())) {
            self.0.push(Sentence::new("fault-comune", &[("value", &istat.to_string())]));
        }
        Some(Territory { istat: istat?.to_string(), ambito: ambito.to_owned() })
    }

    fn policy(&mut self, text: &PolicyText) -> Policy {
        let pairs = text.pairs.iter().filter_map(|[a, b]| {
            let (a, b) = (self.agency("policy", "pairs", a), self.agency("policy", "pairs", b));
            Some((a?, b?))
        });
        Policy {
            pairs: pairs.collect(),
            restrict_pairs: text.restrict_pairs,
            frames_per_minute: text.frames_per_minute,
            bytes_per_day: text.bytes_per_day,
        }
    }

    fn agency(&mut self, place: &str, key: &str, text: &str) -> Option<AgencyId> {
        self.value(place, key, text, |text| AgencyId::parse(text).ok())
    }

    fn hashes(&mut self, place: &str, key: &str, texts: &[String]) -> Vec<[u8; 32]> {
        let read = |text: &str| unhex(text)?.try_into().ok();
        texts.iter().filter_map(|text| self.value(place, key, text, read)).collect()
    }

    fn all_named<T: Named>(&mut self, place: &str, key: &str, names: &[String]) -> Vec<T> {
        names.iter().filter_map(|name| self.named(place, key, name)).collect()
    }

    fn named<T: Named>(&mut self, place: &str, key: &str, name: &str) -> Option<T> {
        let value = T::of_name(name);
        if value.is_none() {
            let args = [("place", place), ("key", key), ("value", name), ("allowed", &T::names())];
            self.0.push(Sentence::new("fault-not-allowed", &args));
        }
        value
    }

    fn not_empty(&mut self, place: &str, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.0.push(Sentence::new("fault-required", &[("place", place), ("key", key)]));
        }
    }

    fn value<T>(&mut self, place: &str, key: &str, text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            self.0.push(Sentence::new("fault-value", &[("place", place), ("key", key), ("value", text)]));
        }
        value
    }
}

/// The first instant of a day, `2026-11-20`, UTC.
pub fn first_instant(day: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let instant = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    u64::try_from(instant.as_millisecond()).ok().map(Timestamp::from_millis)
}

/// The last instant of a day.
pub fn last_instant(day: &str) -> Option<Timestamp> {
    first_instant(day).map(|first| Timestamp::from_millis(first.as_millis().saturating_add(DAY_MILLIS - 1)))
}

fn instant(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok().map(Timestamp::from_millis)
}

fn civil(at: Timestamp) -> jiff::Timestamp {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX)
}

/// An instant as files write it.
pub fn instant_text(at: Timestamp) -> String {
    civil(at).to_string()
}

/// A day as files write it.
pub fn day(at: Timestamp) -> String {
    civil(at).to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// Bytes as files write them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn office_text(office: &Office) -> OfficeText {
    OfficeText {
        id: office.id.as_str().to_owned(),
        name: office.office.clone(),
        body: office.body.clone(),
        kind: office.kind.name().to_owned(),
        ambito: office.ambito.clone(),
        phone: office.phone.clone(),
        capabilities: Some(office.capabilities.iter().map(|capability| capability.name().to_owned()).collect()),
        state: Some(office.state.name().to_owned()),
        machine: office.machines.iter().map(machine_text).collect(),
    }
}

fn machine_text(machine: &Machine) -> MachineText {
    MachineText {
        id: machine.id.as_str().to_owned(),
        identity: hex(machine.ik.as_bytes()),
        tls: machine.spki_sha256.iter().map(|hash| hex(hash)).collect(),
        state: machine.state.name().to_owned(),
        from: instant_text(machine.from),
        until: instant_text(machine.until),
        revoked_at: machine.revoked_at.map(instant_text),
    }
}

fn equipe_text(equipe: &Equipe) -> EquipeText {
    EquipeText {
        id: equipe.id.as_str().to_owned(),
        ambito: equipe.ambito.clone(),
        required: equipe.required_signatures.iter().map(|role| role.name().to_owned()).collect(),
        members: equipe.members.iter().map(|(office, role)| (office.as_str().to_owned(), role.name().to_owned())).collect(),
    }
}

fn programme_text(programme: &Programme) -> ProgrammeText {
    ProgrammeText {
        id: programme.id.clone(),
        title: programme.title.clone(),
        from: day(programme.from),
        until: day(programme.until),
        capofila: programme.capofila.as_str().to_owned(),
        agencies: programme.agencies.iter().map(|office| office.as_str().to_owned()).collect(),
    }
}

fn gateway_text(gateway: &Relay) -> GatewayText {
    GatewayText {
        id: gateway.id.as_str().to_owned(),
        endpoints: gateway.endpoints.clone(),
        tls: gateway.spki_sha256.iter().map(|hash| hex(hash)).collect(),
    }
}

fn invitation_text(invitation: &InvitationEntry) -> InvitationText {
    InvitationText {
        office: invitation.agency.as_str().to_owned(),
        code_hash: hex(invitation.code_hash.as_bytes()),
        until: instant_text(invitation.until),
    }
}

fn policy_text(policy: &Policy) -> PolicyText {
    PolicyText {
        restrict_pairs: policy.restrict_pairs,
        pairs: policy.pairs.iter().map(|(a, b)| [a.as_str().to_owned(), b.as_str().to_owned()]).collect(),
        frames_per_minute: policy.frames_per_minute,
        bytes_per_day: policy.bytes_per_day,
    }
}

#[cfg(test)]
pub(crate) mod tests;
