//! `agency renew` and `gateway renew`: requests for new certificates, one batch; and the certificates that the network's folder knows.
//!
//! Not here: who may renew and when (`crate::renewal`), the answers (`enrol`: they are written with the next signature).

use prost::Message as _;
use raccordo_machine::clock;
use raccordo_proto::ids::GatewayId;
use raccordo_proto::wire;
use raccordo_terminal::text::Sentence;

use super::acts::said;
use super::args::GatewayRenewArgs;
use super::enrol::{ACTIVATIONS, Grant, PENDING};
use super::life::{ExceptionArgs, RenewArgs};
use super::network::Network;
use super::wanted::bad_id;
use crate::draft;
use crate::failure::{Exit, Failure};
use crate::issued::{self, Issued};
use crate::log::Entry;
use crate::renewal::{self, Exceptions};

/// Every certificate that was issued, under its key's name.
const ISSUED: &str = "issued";

impl ExceptionArgs {
    fn read(&self) -> Result<(Exceptions, Option<&str>), Failure> {
        let reason = self.reason.as_deref().map(said).transpose()?;
        Ok((Exceptions { early: self.early, expired: self.expired }, reason))
    }
}

fn because(entry: Entry, reason: Option<&str>) -> Entry {
    match reason {
        Some(reason) => entry.because(reason),
        None => entry,
    }
}

impl Network<'_> {
    /// All or none: one that may not be renewed stops the batch, before anything is written.
    pub(super) fn renew(&self, args: &RenewArgs) -> Result<(), Failure> {
        let (exceptions, reason) = args.exception.read()?;
        let act = match (exceptions.early, exceptions.expired) {
            (false, false) => "agency renew",
            (true, false) => "agency renew --early",
            (false, true) => "agency renew --expired",
            (true, true) => "agency renew --early --expired",
        };
        let (authority, issued, pending) = (self.authority()?, self.issued()?, self.pending()?);
        let (mut roster, mut grants, mut entries) = (self.roster.clone(), Vec::<Grant>::new(), Vec::new());
        for file in &args.requests {
            let (bytes, request) = self.read_request(file)?;
            // This very request was granted and is not answered yet.
            let again = pending.iter().any(|waiting| waiting.request.hash == request.hash);
            let (now, rng) = (clock::now(), &mut clock::rng());
            let renewed = renewal::renew(&roster, &authority, (&request, again), &issued, exceptions, now, rng);
            let renewed = renewed.map_err(|failure| failure.with("file", file.display()))?;
            let place = format!("agency-{}", renewed.id);
            if grants.iter().any(|grant| grant.place == place) {
                return Err(Failure::new(Exit::Usage, "RENEW_TWICE").with("office", &renewed.id));
            }
            entries.push(because(Entry::new(act, &[renewed.id.as_str()]), reason));
            roster = renewed.roster;
            grants.push(Grant { place, file: bytes, request, leaf: renewed.leaf });
        }
        let draft = draft::change(&self.roster, |changed| {
            *changed = roster;
            Ok(())
        })?;
        self.granted(&grants, &draft, &entries)
    }

    /// A gateway's next certificate, once somebody has compared the words of its new key.
    pub(super) fn renew_gateway(&self, args: &GatewayRenewArgs) -> Result<(), Failure> {
        let (exceptions, reason) = args.exception.read()?;
        let act = match (exceptions.early, exceptions.expired) {
            (false, false) => "gateway renew",
            (true, false) => "gateway renew --early",
            (false, true) => "gateway renew --expired",
            (true, true) => "gateway renew --early --expired",
        };
        let (file, request) = self.request(&args.request, args.words.as_deref())?;
        let id = GatewayId::parse(&args.id).map_err(|_| bad_id(&args.id))?;
        let (authority, issued, pending) = (self.authority()?, self.issued()?, self.pending()?);
        let again = pending.iter().any(|waiting| waiting.request.hash == request.hash);
        let (now, rng) = (clock::now(), &mut clock::rng());
        let renewed = renewal::renew_gateway(&self.roster, &authority, (&id, &request, again), &issued, exceptions, now, rng);
        let (draft, leaf) = renewed.map_err(|failure| failure.with("file", args.request.display()))?;
        let entry = because(Entry::new(act, &[id.as_str()]), reason);
        let grant = Grant { place: format!("gateway-{id}"), file, request, leaf };
        self.granted(&[grant], &draft, &[entry])
    }

    /// Keeps a certificate that was issued.
    pub(super) fn keep_issued(&self, spki_sha256: &[u8; 32], chain_pem: &str) -> Result<(), Failure> {
        self.folder.write(&format!("{ISSUED}/{}", issued::file_name(spki_sha256)), chain_pem.as_bytes())
    }

    /// Every certificate that this folder knows: those that it kept, and in a folder from before it kept them those that wait or
    /// were answered with. One that cannot be read is told.
    pub(super) fn issued(&self) -> Result<Vec<Issued>, Failure> {
        let mut found = Vec::new();
        for folder in [ISSUED, PENDING, ACTIVATIONS] {
            for name in self.folder.list(folder)? {
                let place = format!("{folder}/{name}");
                let chain = match name.rsplit_once('.') {
                    Some((_, "pem")) => self.folder.read(&place)?,
                    Some((_, "activation")) => {
                        let answer = wire::Activation::decode(&self.folder.read(&place)?[..]);
                        answer.map(|answer| answer.chain.to_vec()).unwrap_or_default()
                    }
                    _ => continue,
                };
                match Issued::of_chain(&chain) {
                    Some(leaf) => found.push(leaf),
                    None => {
                        let file = self.folder.path(&place).display().to_string();
                        self.screen.warn(&[Sentence::new("note-issued-damaged", &[("file", &file)])]);
                    }
                }
            }
        }
        Ok(found)
    }
}
