//! Enrolment on line: `agency invite`, `requests`, `reject` and `answer`. What was deposited at a gateway comes into this folder
//! as a file, is approved like one that came by mail, and its answer goes back.
//!
//! Not here: the code (`raccordo_proto::enrolment`), approving (`enrol`), the connection (`crate::publish`).

use std::sync::Arc;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use prost::Message as _;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use raccordo_caller::Fault;
use raccordo_machine::clock;
use raccordo_machine::tls_key::verify_request;
use raccordo_proto::enrolment::invitation::{Invitation, OneTimeCode};
use raccordo_proto::enrolment::online::{Act, call};
use raccordo_proto::enrolment::{Applicant, Request};
use raccordo_proto::ids::{AgencyId, Digest};
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, CODE_BYTES, INVITATION_LIFE, REASON_CHARS_MAX};
use raccordo_proto::wire::enrolment_answer::Outcome;
use raccordo_proto::{Directory, Endpoint, wire};
use raccordo_terminal::text::Sentence;
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::enrol::{ACTIVATIONS, OfficeArgs};
use super::network::Network;
use super::publish::addresses;
use super::wanted::agency_id;
use crate::document::instant_text;
use crate::enrolment::{invite, uninvite};
use crate::failure::{Exit, Failure};
use crate::folder::read_outside;
use crate::key_file::ADMIN;
use crate::log::Entry;
use crate::publish::Gateway;
use crate::vault::OwnKeys;

/// Invitations as they were given, each with its code.
const INVITATIONS: &str = "invitations";
/// Requests that were deposited and wait for an answer.
pub(super) const REQUESTS: &str = "requests";

/// Who is invited, and where it shall deposit its request.
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// What its office is.
    #[command(flatten)]
    pub office: OfficeArgs,
    /// The authority port of a gateway.
    #[arg(long, value_name = "HOST:PORT")]
    pub at: String,
    /// Which gateway answers there; the only one, when there is one.
    #[arg(long, value_name = "ID")]
    pub gateway: Option<String>,
}

/// Whose request is not let in, and why.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// The office.
    pub id: String,
    /// Why: the office reads it, and it stays in the log.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
}

impl Network<'_> {
    pub(super) fn invite(&self, args: &InviteArgs) -> Result<(), Failure> {
        let at = Endpoint::parse(&args.at).ok_or_else(|| Failure::new(Exit::Usage, "ADDRESS").with("address", &args.at))?;
        let approval = args.office.read()?;
        let (id, last) = (approval.id.clone(), self.last()?.ok_or_else(super::directory::nothing_signed)?);
        let spki_sha256 = keys_of(&last, args.gateway.as_deref())?;
        let mut code = [0; CODE_BYTES];
        clock::rng().fill_bytes(&mut code);
        let invitation = Invitation {
            network: self.name.clone(),
            trust_hash: Digest::of(&self.trust_now()?),
            gateway: at,
            spki_sha256,
            agency: id.clone(),
            code: OneTimeCode::new(code),
            until: clock::now().plus(INVITATION_LIFE),
        };
        let draft = invite(&self.roster, approval, invitation.code.hash(), clock::now())?;
        let (text, name) = (invitation.text(), format!("{INVITATIONS}/{id}.txt"));
        let (file, until) = (self.folder.path(&name).display().to_string(), instant_text(invitation.until));
        // Before the draft names its code: a crash leaves an invitation that nobody takes.
        self.folder.write(&name, format!("{text}\n").as_bytes())?;
        let said = Sentence::new("done-invite", &[("file", &file), ("until", &until), ("office", id.as_str())]);
        self.change(&draft, &[Entry::new("agency invite", &[id.as_str()])], &[])?;
        self.screen.tell(&[said]);
        self.screen.picture(&picture(&text));
        Ok(())
    }

    /// Asks a gateway what was deposited, and keeps it.
    pub(super) fn requests(&self, to: &str) -> Result<(), Failure> {
        let (to, last, keys) = self.caller(to)?;
        let asked = call(&self.name, Act::Pending, clock::now(), keys.first());
        let deposited = self.call(&to, &last, async |gateway: &mut Gateway| gateway.pending(asked).await)?;
        let mut told = Vec::new();
        for one in deposited {
            let Some(deposit) = self.deposit(&one).filter(|deposit| self.is_invited(&last, deposit, &one)) else {
                self.screen.warn(&[Sentence::new("note-deposit-unreadable", &[("office", &one.agency)])]);
                continue;
            };
            told.push(self.tell(&deposit));
            if self.may_keep(&deposit, &one)? {
                let name = format!("{REQUESTS}/{}", deposit.office);
                self.forget_refusal_of_another(&name, &one)?;
                self.folder.write(&format!("{name}.request"), &one.request)?;
                // Last: what lies there without it was never shown.
                self.folder.write(&format!("{name}.deposit"), &one.encode_to_vec())?;
            }
        }
        if told.is_empty() {
            self.screen.say("done-requests-none", &[]);
        }
        self.screen.object(&json!({"requests": told}));
        Ok(())
    }

    /// Reads what a gateway says that it was given, and believes none of it but the proofs.
    fn deposit(&self, one: &wire::Deposited) -> Option<Deposit> {
        let office = AgencyId::parse(&one.agency).ok()?;
        let request = verify_request(&one.request).ok()?;
        let invited = self.folder.read(&format!("{INVITATIONS}/{office}.txt")).ok();
        let invited = invited.and_then(|text| Invitation::read(core::str::from_utf8(&text).ok()?).ok());
        //
        let bound = match invited.filter(|invited| invited.code.hash().as_bytes()[..] == one.code_hash[..]) {
            Some(invited) if invited.code.has_bound(&one.request, &one.binding) => Bound::Ours,
            Some(_) => Bound::Forged,
            None => Bound::Unknown,
        };
        Some(Deposit { office, request, bound })
    }

    /// Whether the office was invited with this code, by the version that the gateways have or by this folder.
    fn is_invited(&self, last: &Directory, deposit: &Deposit, one: &wire::Deposited) -> bool {
        let code_hash = Digest::parse(&one.code_hash).ok();
        let listed = code_hash.and_then(|code_hash| last.invitation(code_hash));
        deposit.bound != Bound::Unknown || listed.is_some_and(|listed| listed.agency == deposit.office)
    }

    /// What a gateway claims takes no place of a request that is bound to this folder's invitation; a forgery takes none at all.
    fn may_keep(&self, deposit: &Deposit, one: &wire::Deposited) -> Result<bool, Failure> {
        let held = format!("{REQUESTS}/{}.deposit", deposit.office);
        if deposit.bound != Bound::Unknown || !self.folder.has(&held) {
            return Ok(deposit.bound != Bound::Forged);
        }
        let held = wire::Deposited::decode(&self.folder.read(&held)?[..]).ok();
        let is_ours = |held: &wire::Deposited| self.deposit(held).is_some_and(|held| held.bound == Bound::Ours);
        Ok(held.is_none_or(|held| held.request == one.request || !is_ours(&held)))
    }

    /// A refusal is of the request that it was typed for.
    fn forget_refusal_of_another(&self, name: &str, one: &wire::Deposited) -> Result<(), Failure> {
        let held = format!("{name}.deposit");
        let is_another = self.folder.has(&held)
            && wire::Deposited::decode(&self.folder.read(&held)?[..]).is_ok_and(|held| held.code_hash != one.code_hash);
        if is_another { self.folder.remove(&format!("{name}.refusal")) } else { Ok(()) }
    }

    fn tell(&self, deposit: &Deposit) -> Value {
        let (office, words) = (deposit.office.as_str(), deposit.request.words());
        self.screen.say("done-request-deposited", &[("office", office), ("words", &words)]);
        match deposit.bound {
            Bound::Ours => {}
            Bound::Forged => self.screen.warn(&[Sentence::new("warning-deposit-forged", &[("office", office)])]),
            Bound::Unknown => self.screen.warn(&[Sentence::new("note-deposit-unknown", &[("office", office)])]),
        }
        json!({"office": office, "words": words, "bound": deposit.bound.name()})
    }

    /// Does not let a deposited request in; the office is told why when the answer is handed in.
    pub(super) fn reject(&self, args: &RejectArgs) -> Result<(), Failure> {
        let RejectArgs { id, reason } = args;
        let office = agency_id(id)?;
        if reason.chars().count() > REASON_CHARS_MAX {
            return Err(Failure::new(Exit::Usage, "REASON_TOO_LONG").with("max", REASON_CHARS_MAX));
        }
        if !self.folder.has(&format!("{REQUESTS}/{office}.deposit")) {
            return Err(Failure::new(Exit::Refused, "NO_DEPOSIT").with("office", office));
        }
        let (_, request) = self.read_request(&self.folder.path(&format!("{REQUESTS}/{office}.request")))?;
        let machines = self.roster.offices.iter().flat_map(|office| &office.machines);
        if machines.map(|machine| Applicant::Agent(machine.ik)).any(|known| known == request.applicant) {
            return Err(Failure::new(Exit::Refused, "APPROVED_ALREADY").with("office", office));
        }
        let draft = uninvite(&self.roster, &office, clock::now())?;
        self.folder.write(&format!("{REQUESTS}/{office}.refusal"), reason.as_bytes())?;
        self.change(&draft, &[Entry::new("agency reject", &[id]).because(reason)], &[])?;
        self.screen.say("done-reject", &[("office", id)]);
        Ok(())
    }

    /// Hands in what the requests of a gateway are answered.
    pub(super) fn answers(&self, to: &str) -> Result<(), Failure> {
        let waiting = self.answers_that_wait()?;
        if waiting.is_empty() {
            self.screen.say("done-answers-none", &[]);
            self.screen.object(&json!({"answered": []}));
            return Ok(());
        }
        let (to, last, keys) = self.caller(to)?;
        let offices: Vec<String> = waiting.iter().map(|(office, _)| office.clone()).collect();
        self.logged(&[Entry::about("agency answer", &offices)], None)?;
        let (mut answered, mut refused) = (Vec::new(), Vec::new());
        for (office, answer) in waiting {
            let asked = call(&self.name, Act::Answer(answer), clock::now(), keys.first());
            match self.call(&to, &last, async |gateway: &mut Gateway| gateway.answer(asked).await) {
                // It may lie at another gateway, and keeps nobody else from an answer.
                Err(failure) if failure.exit == Exit::Refused => refused.push((office, failure)),
                Err(failure) => return Err(failure),
                Ok(()) => {
                    self.settled(&office)?;
                    self.screen.say("done-answer", &[("office", &office)]);
                    answered.push(office);
                }
            }
        }
        if refused.is_empty() {
            self.screen.object(&json!({"answered": answered}));
            return Ok(());
        }
        let to_text = to.to_string();
        let said = |(office, failure): &(String, Failure)| {
            let id = match failure.code {
                "ANSWER_TO_NOTHING" => "fault-answer-to-nothing",
                "ANSWER_BEFORE_PUBLISHING" => "fault-answer-before-publishing",
                "ANSWERED_OTHERWISE" => "fault-answered-otherwise",
                _ => "fault-answer-refused",
            };
            Sentence::new(id, &[("office", office), ("code", failure.code), ("to", &to_text)])
        };
        let all = refused.iter().map(said).collect();
        match (refused.pop(), refused.is_empty() && answered.is_empty()) {
            (Some((_, failure)), true) => Err(failure),
            _ => Err(Failure::new(Exit::Refused, "ANSWERS_REFUSED").with("to", &to).about(all)),
        }
    }

    /// Nothing more is to be done for this office's request. What could be answered again goes last.
    fn settled(&self, office: &str) -> Result<(), Failure> {
        let files = ["request", "refusal", "deposit"].map(|kind| format!("{REQUESTS}/{office}.{kind}"));
        files.iter().try_for_each(|file| self.folder.remove(file))
    }

    /// Answers to requests that were deposited: a refusal, or the activation that a signature has written.
    fn answers_that_wait(&self) -> Result<Vec<(String, wire::EnrolmentAnswer)>, Failure> {
        let mut waiting = Vec::new();
        for name in self.folder.list(REQUESTS)? {
            let Some(office) = name.strip_suffix(".deposit") else { continue };
            let damaged = || self.damaged(&format!("{REQUESTS}/{name}"));
            let deposit =
                wire::Deposited::decode(&self.folder.read(&format!("{REQUESTS}/{name}"))?[..]).map_err(|_| damaged())?;
            let request = verify_request(&deposit.request).map_err(|_| damaged())?;
            if let Some(outcome) = self.outcome(office, &request)? {
                let request_hash = bytes::Bytes::copy_from_slice(request.hash.as_bytes());
                let answer = wire::EnrolmentAnswer { code_hash: deposit.code_hash, request_hash, outcome: Some(outcome) };
                waiting.push((office.to_owned(), answer));
            }
        }
        Ok(waiting)
    }

    fn outcome(&self, office: &str, request: &Request) -> Result<Option<Outcome>, Failure> {
        let refusal = format!("{REQUESTS}/{office}.refusal");
        if self.folder.has(&refusal) {
            let reason = String::from_utf8(self.folder.read(&refusal)?).map_err(|_| self.damaged(&refusal))?;
            return Ok(Some(Outcome::Rejection(wire::Rejection { reason, trust: self.trust_now()?.into() })));
        }
        let file = self.folder.path(&format!("{ACTIVATIONS}/agency-{office}.activation"));
        if !file.exists() {
            return Ok(None);
        }
        let bytes = read_outside(&file, ACTIVATION_BYTES_MAX)?;
        let activation = wire::Activation::decode(&bytes[..]).map_err(|_| self.damaged(ACTIVATIONS))?;
        let is_to_it = activation.request_hash[..] == request.hash.as_bytes()[..];
        Ok(is_to_it.then(|| Outcome::Activation(bytes.into())))
    }

    fn call<T>(
        &self,
        to: &Endpoint,
        last: &Arc<Directory>,
        ask: impl AsyncFnOnce(&mut Gateway) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let (runtime, own) = self.calling()?;
        let asked = runtime.block_on(async {
            let mut gateway = Gateway::reach(to, last.clone(), own).await?;
            ask(&mut gateway).await
        });
        asked.map_err(|fault| failed(to, fault))
    }

    fn caller(&self, to: &str) -> Result<(Endpoint, Arc<Directory>, OwnKeys), Failure> {
        let mut to = addresses(&[to.to_owned()])?;
        let last = Arc::new(self.last()?.ok_or_else(super::directory::nothing_signed)?);
        Ok((to.remove(0), last, self.own_keys(ADMIN)?))
    }
}

/// A request that was deposited.
struct Deposit {
    office: AgencyId,
    request: Request,
    bound: Bound,
}

/// Whether a request was made with the code of the invitation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// It was.
    Ours,
    /// It was not: somebody has put it in the place of the office's.
    Forged,
    /// The invitation was made in another folder.
    Unknown,
}

impl Bound {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "BOUND",
            Self::Forged => "FORGED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// Why a call came to nothing, and who must act.
fn failed(to: &Endpoint, fault: Fault) -> Failure {
    let (exit, code, detail) = match fault {
        Fault::Unreachable(detail) => (Exit::Unreachable, "CALL_UNREACHABLE", detail),
        Fault::NotBelieved(detail) => (Exit::Verification, "CALL_NOT_BELIEVED", detail),
        Fault::Refused(code) => match &*code {
            "SIGNATURE" => (Exit::Refused, "CALL_NOT_AN_ADMIN", code),
            "OUT_OF_TIME" => (Exit::Refused, "CALL_CLOCK", code),
            "NOT_ALLOWED" => (Exit::Refused, "ANSWER_TO_NOTHING", code),
            "DIRECTORY_STALE" => (Exit::Refused, "ANSWER_BEFORE_PUBLISHING", code),
            "REPLAYED" => (Exit::Refused, "ANSWERED_OTHERWISE", code),
            "TOO_MANY" | "BUSY" => (Exit::Unreachable, "CALL_NOT_NOW", code),
            _ => (Exit::Refused, "CALL_REFUSED", code),
        },
    };
    Failure::new(exit, code).with("to", to).with("detail", detail)
}

/// The TLS keys of the gateway that an invitation is for.
fn keys_of(last: &Directory, id: Option<&str>) -> Result<Vec<[u8; 32]>, Failure> {
    let mut gateways = last.gateways().filter(|gateway| id.is_none_or(|id| gateway.id.as_str() == id));
    match (gateways.next(), gateways.next()) {
        (Some(gateway), None) => Ok(gateway.spki_sha256.clone()),
        _ => Err(Failure::new(Exit::Usage, "WHICH_GATEWAY")),
    }
}

/// A picture that a camera reads.
fn picture(text: &str) -> String {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).expect("an invitation is smaller than the largest picture");
    code.render::<Dense1x2>().build()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use raccordo_machine::tls_key::{self, TlsKey};
    use raccordo_proto::ids::NetworkId;
    use raccordo_terminal::text::Lang;

    use super::super::screen::Screen;
    use super::*;
    use crate::folder::Folder;
    use crate::roster::Roster;
    use crate::text::texts;

    fn invitation(code: u8) -> Invitation {
        Invitation {
            network: NetworkId::parse("rete-prova").expect("a name"),
            trust_hash: Digest::of(b"trust"),
            gateway: Endpoint::parse("localhost:444").expect("an endpoint"),
            spki_sha256: vec![[7; 32]],
            agency: agency_id("cpi-rivabella").expect("a slug"),
            code: OneTimeCode::new([code; CODE_BYTES]),
            until: clock::now(),
        }
    }

    /// A deposit for that office, as a gateway tells it.
    fn deposited(shown: &OneTimeCode, bound: &OneTimeCode) -> wire::Deposited {
        let identity = SigningKey::from_bytes(&[1; 32]);
        let request = tls_key::request(Some(&identity), &TlsKey::generate().expect("a key"), clock::now()).expect("a request");
        wire::Deposited {
            code_hash: bytes::Bytes::copy_from_slice(shown.hash().as_bytes()),
            agency: "cpi-rivabella".into(),
            binding: bytes::Bytes::copy_from_slice(&bound.bind(&request)),
            request: request.into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_26_a_request_that_a_gateway_has_put_in_anothers_place_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("rete")).expect("made");
        let screen = Screen::new(texts(Lang::It), true);
        let network = Network::of(folder, NetworkId::parse("rete-prova").expect("a name"), Roster::default(), &screen);
        let (ours, other) = (invitation(3), invitation(4));
        let bound = |one: &wire::Deposited| network.deposit(one).map(|deposit| deposit.bound.name());
        assert_eq!(bound(&deposited(&ours.code, &ours.code)), Some("UNKNOWN"), "invited on another desk");
        network.folder.write("invitations/cpi-rivabella.txt", ours.text().as_bytes()).expect("written");
        assert_eq!(bound(&deposited(&ours.code, &ours.code)), Some("BOUND"));
        assert_eq!(bound(&deposited(&ours.code, &other.code)), Some("FORGED"), "the gateway knows what is shown, not the code");
        assert_eq!(bound(&deposited(&other.code, &other.code)), Some("UNKNOWN"));
        let garbled = wire::Deposited { request: bytes::Bytes::from_static(b"x"), ..deposited(&ours.code, &ours.code) };
        assert_eq!(bound(&garbled), None);
    }

    #[test]
    fn a_refusal_is_of_one_request_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("rete")).expect("made");
        let screen = Screen::new(texts(Lang::It), true);
        let network = Network::of(folder, NetworkId::parse("rete-prova").expect("a name"), Roster::default(), &screen);
        let (first, second) =
            (deposited(&invitation(3).code, &invitation(3).code), deposited(&invitation(4).code, &invitation(4).code));
        let name = "requests/cpi-rivabella";
        network.folder.write(&format!("{name}.deposit"), &first.encode_to_vec()).expect("written");
        network.folder.write(&format!("{name}.refusal"), b"no").expect("written");
        for (one, stays) in [(&first, true), (&second, false)] {
            network.forget_refusal_of_another(name, one).expect("looked at");
            assert_eq!(network.folder.has(&format!("{name}.refusal")), stays);
        }
    }

    #[test]
    fn an_invitation_is_small_enough_for_a_picture_in_a_terminal() {
        let text = Invitation { network: NetworkId::parse(&"n".repeat(40)).expect("a name"), ..invitation(3) }.text();
        let lines: Vec<usize> = picture(&text).lines().map(|line| line.chars().count()).collect();
        assert!(lines.len() <= 45 && lines.iter().all(|width| *width <= 88), "{lines:?}");
    }
}
