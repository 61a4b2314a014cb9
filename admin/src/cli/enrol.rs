//! `agency approve` and `gateway add`: a request that came by mail becomes a certificate and a place in the draft; its answer
//! is written when a directory that has it is signed.
//!
//! Not here: whose keys they are (a person compares the words over the phone), renewals (`renew`), other acts (`acts`).

use std::path::Path;

use clap::Args;
use raccordo_machine::clock;
use raccordo_machine::tls::certificates;
use raccordo_machine::tls_key::verify_request;
use raccordo_proto::Directory;
use raccordo_proto::certificate::spki_sha256;
use raccordo_proto::enrolment::{Applicant, Request, activation};
use raccordo_proto::ids::GatewayId;
use raccordo_proto::limits::REQUEST_BYTES_MAX;
use raccordo_proto::words;
use raccordo_terminal::text::Sentence;

use super::args::{AgencyCommand, ApproveArgs, GatewayCommand};
use super::invite::REQUESTS;
use super::network::{CERTIFICATES, DRAFT, Network};
use super::wanted::{agency_id, bad_id, named};
use crate::acts::{self, Act};
use crate::authority::{Authority, IssuedLeaf, leaf_key};
use crate::document;
use crate::draft::{self, Draft};
use crate::enrolment::{self, Approval};
use crate::failure::{Exit, Failure};
use crate::folder::read_outside;
use crate::key_file::ISSUING;
use crate::log::Entry;

/// Requests that were approved and wait for a signature, each with its certificate.
pub(super) const PENDING: &str = "pending";
/// Answers to be sent.
pub(super) const ACTIVATIONS: &str = "activations";

/// What an office is, as the administration says it; what it leaves out stays as the draft has it.
#[derive(Debug, Args)]
pub struct OfficeArgs {
    /// Its id, which never changes.
    #[arg(long)]
    pub id: String,
    /// What kind of office it is; needed for one that the network does not know yet.
    #[arg(long)]
    pub kind: Option<String>,
    /// Its name as people say it; needed for one that the network does not know yet.
    #[arg(long)]
    pub name: Option<String>,
    /// Its legal person.
    #[arg(long)]
    pub body: Option<String>,
    /// Its ambito.
    #[arg(long)]
    pub ambito: Option<String>,
    /// Its phone, for the people of other offices.
    #[arg(long)]
    pub phone: Option<String>,
    /// What it may do or receive, instead of what its kind usually may. May be repeated.
    #[arg(long, value_name = "CAPABILITY")]
    pub can: Option<Vec<String>>,
}

impl OfficeArgs {
    pub(super) fn read(&self) -> Result<Approval, Failure> {
        let can = self.can.as_ref().map(|can| can.iter().map(|name| named(name)).collect());
        Ok(Approval {
            id: agency_id(&self.id)?,
            name: self.name.clone(),
            body: self.body.clone(),
            kind: self.kind.as_deref().map(named).transpose()?,
            ambito: self.ambito.clone(),
            phone: self.phone.clone(),
            capabilities: can.transpose()?,
        })
    }
}

impl Network<'_> {
    pub(super) fn agency(&self, command: &AgencyCommand) -> Result<(), Failure> {
        match command {
            AgencyCommand::Approve(args) => self.approve(args),
            AgencyCommand::Invite(args) => self.invite(args),
            AgencyCommand::Requests { to } => self.requests(to),
            AgencyCommand::Reject(args) => self.reject(args),
            AgencyCommand::Answer { to } => self.answers(to),
            AgencyCommand::List => self.list(),
            AgencyCommand::Renew(args) => self.renew(args),
            AgencyCommand::Suspend(args) => self.act(Act::Suspend, args),
            AgencyCommand::Resume(args) => self.act(Act::Resume, args),
            AgencyCommand::Evict(args) => self.act(Act::Evict, args),
            AgencyCommand::Revoke(args) => self.act(Act::Revoke, args),
            AgencyCommand::Ban(args) => self.ban(args),
        }
    }

    fn approve(&self, args: &ApproveArgs) -> Result<(), Failure> {
        let ApproveArgs { request: file, office, words, readmit } = args;
        let approval = office.read()?;
        let id = &office.id;
        let deposited = || self.folder.path(&format!("{REQUESTS}/{}.request", approval.id));
        let file = file.clone().unwrap_or_else(deposited);
        let (bytes, request) = self.request(&file, words.as_deref())?;
        let (now, rng) = (clock::now(), &mut clock::rng());
        let readmitted = readmit.then(|| acts::readmitted(&self.roster, &approval.id, now)).transpose()?;
        let before = readmitted.as_ref().unwrap_or(&self.roster);
        let (draft, leaf) = enrolment::approve(before, &self.authority()?, &request, approval, now, rng)?;
        let draft = draft::change(&self.roster, |roster| {
            *roster = draft.roster;
            Ok(())
        })?;
        if *readmit {
            self.screen.say("note-readmit", &[]);
        }
        let act = if *readmit { "agency approve --readmit" } else { "agency approve" };
        let grant = Grant { place: format!("agency-{id}"), file: bytes, request, leaf };
        // Whoever is let in now was refused before by mistake.
        self.folder.remove(&format!("{REQUESTS}/{id}.refusal"))?;
        self.granted(&[grant], &draft, &[Entry::new(act, &[id])])
    }

    pub(super) fn gateway(&self, command: &GatewayCommand) -> Result<(), Failure> {
        let (file, endpoints, id, words) = match command {
            GatewayCommand::Add { request, endpoints, id, words } => (request, endpoints, id, words),
            GatewayCommand::Renew(args) => return self.renew_gateway(args),
        };
        let (bytes, request) = self.request(file, words.as_deref())?;
        let gateway = GatewayId::parse(id).map_err(|_| bad_id(id))?;
        let (authority, rng) = (self.authority()?, &mut clock::rng());
        let place = (gateway, endpoints.clone());
        let (draft, leaf) = enrolment::add_gateway(&self.roster, &authority, &request, place, clock::now(), rng)?;
        let grant = Grant { place: format!("gateway-{id}"), file: bytes, request, leaf };
        self.granted(&[grant], &draft, &[Entry::new("gateway add", &[id])])
    }

    /// Reads a request and verifies it.
    pub(super) fn read_request(&self, file: &Path) -> Result<(Vec<u8>, Request), Failure> {
        let bytes = read_outside(file, REQUEST_BYTES_MAX)?;
        let bad = |fault| Failure::new(Exit::Verification, "REQUEST_TAMPERED").with("file", file.display()).with("fault", fault);
        let request = verify_request(&bytes).map_err(bad)?;
        Ok((bytes, request))
    }

    /// The same, and compares its words where somebody has typed them.
    pub(super) fn request(&self, file: &Path, typed: Option<&str>) -> Result<(Vec<u8>, Request), Failure> {
        let (bytes, request) = self.read_request(file)?;
        let words = request.words();
        match typed {
            Some(typed) if !words::same(typed, &words) => {
                return Err(Failure::new(Exit::Verification, "WORDS_DIFFER").with("words", words));
            }
            Some(_) => {}
            None => self.screen.say("note-words", &[("words", &words)]),
        }
        Ok((bytes, request))
    }

    pub(super) fn authority(&self) -> Result<Authority, Failure> {
        self.must_have(ISSUING)?;
        let key = self.opened(ISSUING, &self.passphrase()?)?;
        let authority = Authority::open(self.name.clone(), &self.certificates()?, &key);
        let authority = authority.map_err(|_| self.damaged(ISSUING.name))?;
        let root = authority.root_spki_sha256();
        let named = self.next_signers(self.last()?.as_ref())?.root.x509_roots;
        // What it would issue, nobody would take.
        if named.iter().any(|hash| hash[..] == root) { Ok(authority) } else { Err(Failure::new(Exit::Refused, "CA_NOT_NAMED")) }
    }

    /// The log first, the draft last: until the draft has the keys, nothing answers the request.
    pub(super) fn granted(&self, grants: &[Grant], draft: &Draft, entries: &[Entry]) -> Result<(), Failure> {
        let text = document::kept(&self.name, &draft.roster)?;
        self.logged(entries, None)?;
        for Grant { place, file, leaf, .. } in grants {
            self.folder.write(&format!("{PENDING}/{place}.pem"), leaf.chain_pem.as_bytes())?;
            self.folder.write(&format!("{PENDING}/{place}.request"), file)?;
            self.keep_issued(&leaf.spki_sha256, &leaf.chain_pem)?;
        }
        self.folder.write(DRAFT, text.as_bytes())?;
        let mut told = self.told(draft, true);
        told["granted"] = grants.iter().map(|grant| grant.place.as_str()).collect();
        if let [grant] = grants {
            told["words"] = grant.request.words().into();
        }
        self.screen.object(&told);
        self.screen.say("done-granted", &[]);
        Ok(())
    }

    /// Requests that wait for a signature. One that cannot be answered stops everything before anything is signed.
    pub(super) fn pending(&self) -> Result<Vec<Pending>, Failure> {
        let names = self.folder.list(PENDING)?;
        names.iter().filter_map(|name| name.strip_suffix(".request")).map(|place| self.pending_at(place)).collect()
    }

    fn pending_at(&self, place: &str) -> Result<Pending, Failure> {
        let damaged = |name: &str| {
            let file = self.folder.path(name);
            Failure::new(Exit::Verification, "PENDING_DAMAGED").with("file", file.display()).with("place", place)
        };
        let (file, certificate) = (format!("{PENDING}/{place}.request"), format!("{PENDING}/{place}.pem"));
        let request = verify_request(&self.folder.read(&file)?).map_err(|_| damaged(&file))?;
        let chain = String::from_utf8(self.folder.read(&certificate)?).map_err(|_| damaged(&certificate))?;
        let upper = self.folder.read(CERTIFICATES)?;
        let leaf = leaf_key(&chain).filter(|_| chain.as_bytes().ends_with(&upper));
        if leaf != Some(request.spki_sha256()) {
            return Err(damaged(&certificate));
        }
        Ok(Pending { place: place.to_owned(), request, chain })
    }

    /// Writes the answer of every request whose keys this directory lists. Done once more after a crash, it ends the same.
    pub(super) fn answer(&self, directory: &Directory, pending: &[Pending]) -> Result<Answered, Failure> {
        let (mut written, mut waiting) = (Vec::new(), Vec::new());
        for Pending { place, request, chain } in pending {
            if !lists(directory, place, request) || !reachable(directory, request) || !leads(directory, chain) {
                // The next signature looks again.
                self.screen.warn(&[Sentence::new("note-waiting", &[("place", place)])]);
                waiting.push(place.clone());
                continue;
            }
            let answer = activation(request.hash, &directory.signers().trust_file(&self.name), chain, directory);
            let out = format!("{ACTIVATIONS}/{place}.activation");
            self.folder.write(&out, &answer)?;
            self.folder.remove(&format!("{PENDING}/{place}.request"))?;
            self.folder.remove(&format!("{PENDING}/{place}.pem"))?;
            let out = self.folder.path(&out).display().to_string();
            self.screen.say("done-activation", &[("file", &out)]);
            written.push(out);
        }
        if !written.is_empty() {
            self.screen.say("note-network-words", &[("words", &self.words()?)]);
        }
        Ok(Answered { written, waiting })
    }
}

/// A request that is granted, and its certificate.
pub(super) struct Grant {
    /// Under which name it waits for a signature.
    pub(super) place: String,
    /// As it came.
    pub(super) file: Vec<u8>,
    /// The same, verified.
    pub(super) request: Request,
    /// Its certificate.
    pub(super) leaf: IssuedLeaf,
}

/// What came of the requests that wait.
pub(super) struct Answered {
    /// Files to be sent.
    pub(super) written: Vec<String>,
    /// Requests that this directory does not answer.
    pub(super) waiting: Vec<String>,
}

/// A request that was approved, verified once more, and its certificate.
pub(super) struct Pending {
    place: String,
    pub(super) request: Request,
    chain: String,
}

/// Whether an office that is answered now would find a gateway.
fn reachable(directory: &Directory, request: &Request) -> bool {
    request.applicant == Applicant::Gateway || directory.gateways().next().is_some()
}

/// Whether the directory gives this request's keys the place that they were approved for, and lets them take part.
fn lists(directory: &Directory, place: &str, request: &Request) -> bool {
    let spki = request.spki_sha256();
    match &request.applicant {
        Applicant::Agent(ik) => {
            let id = place.strip_prefix("agency-").and_then(|id| agency_id(id).ok());
            let agent = id.and_then(|id| directory.active_agent(&id, clock::now()).ok());
            agent.is_some_and(|agent| agent.ik == *ik && agent.spki_sha256.contains(&spki))
        }
        Applicant::Gateway => {
            let id = place.strip_prefix("gateway-").and_then(|id| GatewayId::parse(id).ok());
            id.and_then(|id| directory.gateway(&id)).is_some_and(|gateway| gateway.spki_sha256.contains(&spki))
        }
    }
}

/// Whether a chain ends in a root that this directory names.
fn leads(directory: &Directory, chain: &str) -> bool {
    let root = certificates(chain.as_bytes()).and_then(|chain| spki_sha256(chain.last()?));
    root.is_some_and(|root| directory.x509_roots().any(|named| *named == root))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use raccordo_machine::tls_key::{self, TlsKey};
    use raccordo_proto::ids::NetworkId;
    use raccordo_proto::wire::State;
    use raccordo_terminal::text::Lang;

    use super::super::args::DirectoryCommand;
    use super::super::screen::Screen;
    use super::*;
    use crate::folder::Folder;
    use crate::roster::{Dates, Roster};
    use crate::text::texts;
    use crate::vault::Vault;

    #[test]
    fn a_damaged_request_or_certificate_stops_a_signature_before_anything_is_signed() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("rete")).expect("made");
        let name = NetworkId::parse("rete-prova").expect("a name");
        let rng = &mut clock::rng();
        let (authority, keys) = Authority::create_to_keep(name.clone(), clock::now(), rng).expect("a CA");
        let tls = TlsKey::generate().expect("a key");
        let request = tls_key::request(None, &tls, clock::now()).expect("a request");
        let id = GatewayId::parse("gw1").expect("a slug");
        let leaf = authority.issue_gateway(&id, &[], tls.public_key(), clock::now(), rng).expect("a leaf");
        let (request_name, certificate_name) = ("pending/gateway-gw1.request", "pending/gateway-gw1.pem");
        folder.write(CERTIFICATES, keys.certificates_pem.as_bytes()).expect("written");
        folder.write(request_name, &request).expect("written");
        folder.write(certificate_name, leaf.chain_pem.as_bytes()).expect("written");
        let screen = Screen::new(texts(Lang::It), true);
        let network = Network::of(folder, name, Roster::default(), &screen);
        assert_eq!(network.pending().ok().map(|pending| pending.len()), Some(1));
        let damaged = |name: &str, bytes: &[u8]| {
            let good = network.folder.read(name).expect("there");
            network.folder.write(name, bytes).expect("written");
            let code = network.directory(&DirectoryCommand::Sign { renew: false }).err().map(|failure| failure.code);
            assert_eq!(code, Some("PENDING_DAMAGED"), "{name}");
            assert!(!network.folder.has("directory") && !network.folder.has(ACTIVATIONS));
            network.folder.write(name, &good).expect("written");
        };
        damaged(request_name, &request[1..]);
        damaged(certificate_name, b"");
        damaged(certificate_name, leaf.chain_pem.get(1..).expect("text").as_bytes());
        damaged(certificate_name, keys.certificates_pem.as_bytes());
        damaged(certificate_name, leaf.chain_pem.strip_suffix(&keys.certificates_pem).expect("its end").as_bytes());
    }
    #[test]
    fn an_office_that_takes_no_part_gets_no_answer() {
        let rng = &mut clock::rng();
        let name = NetworkId::parse("rete-prova").expect("a name");
        let authority = Authority::create(name.clone(), clock::now(), rng).expect("a CA");
        let vault = Vault::with_key(name, SigningKey::from_bytes(&[7; 32]), &[authority.root_spki_sha256()]);
        let identity = SigningKey::from_bytes(&[1; 32]);
        let request = tls_key::request(Some(&identity), &TlsKey::generate().expect("a key"), clock::now());
        let request = verify_request(&request.expect("a request")).expect("good");
        let id = agency_id("cpi-rivabella").expect("a slug");
        let approval =
            Approval { id: id.clone(), name: None, body: None, kind: None, ambito: None, phone: None, capabilities: None };
        let before = document::read(document::tests::NETWORK).expect("good").roster;
        let (draft, _) = enrolment::approve(&before, &authority, &request, approval, clock::now(), rng).expect("approved");
        let listed = |change: fn(&mut crate::roster::Office)| {
            let mut roster = draft.roster.clone();
            change(roster.office_mut(&id).expect("it is there"));
            let directory = roster.publish(&vault, None, Dates::from_now(clock::now()), clock::now()).expect("signed");
            lists(&directory, "agency-cpi-rivabella", &request)
        };
        assert!(listed(|_| {}));
        assert!(!listed(|office| office.state = State::Suspended));
        assert!(!listed(|office| office.state = State::Revoked));
        assert!(!listed(|office| office.machines[0].state = State::Suspended));
        assert!(!listed(|office| office.machines[0].state = State::Revoked));
        assert!(!listed(|office| office.machines[0].until = office.machines[0].from));
        assert!(!listed(|office| office.machines.clear()));
    }
}
