//! `directory publish`, and `directory confirm --publish`: hands in at one gateway after the other, and says what each did.
//!
//! Not here: the connection (`crate::publish`), what an office does with it.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use raccordo_caller::Fault;
use raccordo_machine::tls;
use raccordo_proto::{Directory, Endpoint, wire};
use raccordo_terminal::text::Sentence;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::runtime::{self, Runtime};

use super::network::{CERTIFICATES, Network};
use crate::failure::{Exit, Failure};
use crate::log::Entry;
use crate::publish::Gateway;

/// What is handed in.
pub(super) enum Parcel<'a> {
    /// The last version.
    Version,
    /// A Confirm of it.
    Confirm(&'a wire::SignedConfirm),
}

/// What became of it at one gateway.
pub(super) struct Outcome {
    exit: Exit,
    /// Where.
    to: String,
    /// The version that the gateway had; none when it did not say.
    had: Option<u64>,
    said: Sentence,
}

/// The addresses that were typed.
pub(super) fn addresses(typed: &[String]) -> Result<Vec<Endpoint>, Failure> {
    let one = |text: &String| Endpoint::parse(text).ok_or_else(|| Failure::new(Exit::Usage, "ADDRESS").with("address", text));
    typed.iter().map(one).collect()
}

impl Network<'_> {
    pub(super) fn publish(&self, to: &[String]) -> Result<(), Failure> {
        let to = addresses(to)?;
        let last = Arc::new(self.last()?.ok_or_else(super::directory::nothing_signed)?);
        self.logged(&[Entry::about("directory publish", &to)], None)?;
        let outcomes = self.hand_in(&last, &to, &Parcel::Version)?;
        let gateways = self.told_outcomes(outcomes)?;
        self.screen.object(&json!({"version": last.version(), "gateways": gateways}));
        Ok(())
    }

    /// Hands in at every gateway in turn: one that fails keeps no other from its turn.
    pub(super) fn hand_in(&self, last: &Arc<Directory>, to: &[Endpoint], parcel: &Parcel<'_>) -> Result<Vec<Outcome>, Failure> {
        let (runtime, own) = self.calling()?;
        let one = |at: &Endpoint| {
            let mut had = None;
            let done = runtime.block_on(async {
                let mut gateway = Gateway::reach(at, last.clone(), own.clone()).await.map_err(Stop::Fault)?;
                let newest = gateway.newest().await.map_err(Stop::Fault)?;
                let theirs = wire::Head::decode(newest.head.clone()).map(|head| head.version).unwrap_or_default();
                had = Some(theirs);
                match parcel {
                    Parcel::Version => self.offer(&mut gateway, last, &newest, theirs).await,
                    Parcel::Confirm(_) if newest.head != last.document().head => Err(Stop::Said("fault-confirm-other")),
                    Parcel::Confirm(confirm) => {
                        gateway.confirm((*confirm).clone()).await.map_err(Stop::Fault).map(|()| "done-confirm-published")
                    }
                }
            });
            outcome(at, had, last.version(), done)
        };
        Ok(to.iter().map(one).collect())
    }

    /// What a call needs: a runtime, and the certificates whose roots are believed.
    pub(super) fn calling(&self) -> Result<(Runtime, Vec<CertificateDer<'static>>), Failure> {
        // An admin's folder that issues nothing has none: the gateway shows its own.
        let own = if self.folder.has(CERTIFICATES) { self.folder.read(CERTIFICATES)? } else { Vec::new() };
        let own = tls::certificates(&own).ok_or_else(|| self.damaged(CERTIFICATES))?;
        let failed = |error| Failure::new(Exit::Machine, "SOCKETS").with("detail", error);
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        Ok((runtime, own))
    }

    /// Hands in the last version where the gateway has an older one.
    async fn offer(
        &self,
        gateway: &mut Gateway,
        last: &Directory,
        newest: &wire::SignedDirectory,
        theirs: u64,
    ) -> Result<&'static str, Stop> {
        if newest.head == last.document().head {
            return Ok("done-published-already");
        }
        if theirs > last.version() {
            return Err(Stop::Said("fault-publish-stale"));
        }
        if theirs == last.version() {
            return Err(Stop::Said("fault-publish-equivocation"));
        }
        let links = self.links(newest, theirs, last.version()).map_err(|_| Stop::Said("fault-publish-no-links"))?;
        gateway.publish(last.document().clone(), links).await.map_err(Stop::Fault).map(|()| "done-published")
    }

    /// The heads from the gateway's version to this one. Where this folder has another document of the gateway's version, that
    /// one comes first: a fork that was healed.
    fn links(&self, newest: &wire::SignedDirectory, theirs: u64, last: u64) -> Result<Vec<wire::SignedDirectory>, Failure> {
        let bare = |number| self.raw(number).map(|document| wire::SignedDirectory { body: Bytes::new(), ..document });
        let is_fork = self.has_version(theirs) && self.raw(theirs)?.head != newest.head;
        let first = if is_fork { theirs } else { theirs.saturating_add(1) };
        (first..last).map(bare).collect()
    }

    /// Says what each gateway did; when one has failed, so has the command, and all of them are told with it.
    pub(super) fn told_outcomes(&self, outcomes: Vec<Outcome>) -> Result<Value, Failure> {
        let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.exit != Exit::Ok).collect();
        if let Some(first) = failed.first() {
            let failure =
                Failure::new(Exit::Unreachable, "NOT_HANDED_IN").with("failed", failed.len()).with("all", outcomes.len());
            let exit = first.exit;
            return Err(Failure { exit, ..failure }.about(outcomes.into_iter().map(|outcome| outcome.said).collect()));
        }
        let said: Vec<_> = outcomes.iter().map(|outcome| outcome.said.clone()).collect();
        self.screen.tell(&said);
        let one = |Outcome { to, had, said, .. }: &Outcome| json!({"to": to, "had": had, "code": said.id});
        Ok(outcomes.iter().map(one).collect())
    }
}

/// Why nothing was handed in.
enum Stop {
    /// By the gateway, or on the way.
    Fault(Fault),
    /// It would be refused, or this folder lacks what leads there.
    Said(&'static str),
}

fn outcome(at: &Endpoint, had: Option<u64>, version: u64, done: Result<&'static str, Stop>) -> Outcome {
    let (exit, id, detail) = match done {
        Ok(id) => (Exit::Ok, id, String::new()),
        Err(Stop::Said(id)) => (Exit::Refused, id, String::new()),
        Err(Stop::Fault(Fault::Unreachable(detail))) => (Exit::Unreachable, "fault-publish-unreachable", detail),
        Err(Stop::Fault(Fault::NotBelieved(detail))) => (Exit::Verification, "fault-publish-gateway", detail),
        Err(Stop::Fault(Fault::Refused(code))) => match &*code {
            "EQUIVOCATION" => (Exit::Refused, "fault-publish-equivocation", code),
            "DIRECTORY_STALE" => (Exit::Refused, "fault-publish-stale", code),
            "TOO_MANY" | "BUSY" => (Exit::Unreachable, "fault-publish-busy", code),
            _ => (Exit::Refused, "fault-publish-refused", code),
        },
    };
    let (to, version) = (at.to_string(), version.to_string());
    let theirs = had.map(|had| had.to_string()).unwrap_or_default();
    let said = Sentence::new(id, &[("to", &to), ("version", &version), ("had", &theirs), ("detail", &detail)]);
    Outcome { exit, to, had, said }
}
