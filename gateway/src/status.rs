//! How a running gateway is, for the person who runs it: asked by another process over a socket in the state folder that only
//! its owner opens. Connecting is the question; one line of JSON is the answer. Offices by id and counts: no letter, no pair,
//! no address.
//!
//! Not here: the offices' own status, metrics.

use core::time::Duration;
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use raccordo_machine::{clock, socket};
use raccordo_proto::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

use crate::audit::Refusals;
use crate::failure::Failure;
use crate::install::Install;
use crate::listen::ACCEPT_PAUSE;

/// Askers at once; more are turned away.
const ASKERS_MAX: usize = 4;
/// How long an answer may take, on either side.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// An answer: ten thousand offices, by id.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The network.
    pub network: String,
    /// The gateway, as the directory names it.
    pub gateway: String,
    /// Its release.
    pub release: String,
    /// Since when it runs; like all instants here, milliseconds since 1970, UTC.
    pub since: u64,
    /// The directory version that is served.
    pub version: u64,
    /// SHA-256 of its head.
    pub head: String,
    /// When it ends.
    pub expires: u64,
    /// Until when the newest Confirm speaks; none when there is none.
    pub confirmed_until: Option<u64>,
    /// Until when the directory counts as looked after: by its own signature, or by the Confirm.
    pub looked_after_until: u64,
    /// Offices attached.
    pub attached: Vec<String>,
    /// What was refused today: since midnight UTC, or since the start where that was later.
    pub refused_today: Refusals,
}

/// Serves until the process ends. Errors: the socket cannot be made; what lies in its place is no socket of an earlier life.
pub fn serve(path: &Path, install: Arc<Install>) -> Result<(), Failure> {
    let failed = |cause| Failure::file("listen on", path, cause);
    let listener = socket::listen(path, 0o600).and_then(UnixListener::from_std).map_err(failed)?;
    let owner = std::fs::metadata(path).map_err(failed)?;
    let owner = std::os::unix::fs::MetadataExt::uid(&owner);
    tokio::spawn(answer_everybody(listener, owner, install, clock::now()));
    Ok(())
}

async fn answer_everybody(listener: UnixListener, owner: u32, install: Arc<Install>, since: Timestamp) {
    let askers = Arc::new(Semaphore::new(ASKERS_MAX));
    loop {
        let Ok((mut asker, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Until its mode was set, the socket may have been anybody's to open.
        let is_ours = asker.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0);
        let (true, Ok(permit)) = (is_ours, askers.clone().try_acquire_owned()) else { continue };
        let install = install.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let answered = tokio::time::timeout(ANSWER_MAX, async {
                let status = status(&install, since).await;
                let line = serde_json::to_vec(&status).unwrap_or_default();
                asker.write_all(&line).await
            });
            let _asker_may_have_gone = answered.await;
        });
    }
}

async fn status(install: &Install, since: Timestamp) -> Status {
    let (directory, config) = (install.publication.directory(), &install.config);
    let (confirmed, looked_after) = install.publication.confirmed();
    let attached = install.relay.attached().await;
    Status {
        network: config.network.to_string(),
        gateway: config.id.to_string(),
        release: env!("CARGO_PKG_VERSION").to_owned(),
        since: since.as_millis(),
        version: directory.version(),
        head: format!("{:?}", directory.head_hash()),
        expires: directory.expires().as_millis(),
        confirmed_until: confirmed.map(Timestamp::as_millis),
        looked_after_until: looked_after.as_millis(),
        attached: attached.iter().map(ToString::to_string).collect(),
        refused_today: install.audit.refused_today(),
    }
}

/// Asks the gateway that listens at `path`; its answer as it came, and read.
pub fn ask(path: &Path) -> Result<(String, Status), Failure> {
    let nobody = |cause: std::io::Error| {
        let path = path.display();
        Failure::NotRunning(format!("no gateway answers at {path} ({cause}): it is not running, or it is another user's"))
    };
    let gateway = UnixStream::connect(path).map_err(nobody)?;
    gateway.set_read_timeout(Some(ANSWER_MAX)).map_err(nobody)?;
    let mut answer = String::new();
    gateway.take(ANSWER_BYTES_MAX).read_to_string(&mut answer).map_err(nobody)?;
    let status = serde_json::from_str(&answer)
        .map_err(|_| Failure::NotRunning(format!("the gateway at {} gave no answer: try again", path.display())))?;
    Ok((answer, status))
}

impl Status {
    /// The answer in lines for a person.
    pub fn lines(&self) -> Vec<String> {
        let date = |millis: u64| {
            let at = i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
            at.map_or_else(|| millis.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        };
        let Refusals { handshakes, streams, frames, documents, enrolment } = self.refused_today;
        let confirmed =
            self.confirmed_until.map_or("no Confirm of it".to_owned(), |until| format!("confirmed until {}", date(until)));
        let attached = if self.attached.is_empty() { "none".to_owned() } else { self.attached.join(" ") };
        vec![
            format!("gateway {} of {}, release {}, running since {}", self.gateway, self.network, self.release, date(self.since)),
            format!("directory version {}, head {}", self.version, self.head),
            format!("expires {}; {confirmed}; looked after until {}", date(self.expires), date(self.looked_after_until)),
            format!("offices attached ({}): {attached}", self.attached.len()),
            format!(
                "refused today (since midnight UTC, or the start): {handshakes} handshakes, {streams} streams, {frames} frames, \
                 {documents} documents, {enrolment} calls of enrolment"
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Folder, NOW};

    #[test]
    fn a_gateway_that_does_not_run_is_said_to_be_none() {
        let folder = Folder::new("status");
        let path = folder.path().join("control.sock");
        assert!(ask(&path).is_err_and(|fault| fault.exit_code() == 3), "no socket");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
        assert!(ask(&path).is_err_and(|fault| fault.exit_code() == 3), "left by a killed gateway");
    }

    #[test]
    fn an_answer_is_told_in_lines() {
        let status = Status {
            network: "rete-prova.invalid".into(),
            gateway: "gw1".into(),
            release: "1".into(),
            since: NOW.as_millis(),
            version: 3,
            head: "ab".into(),
            expires: NOW.as_millis(),
            confirmed_until: None,
            looked_after_until: u64::MAX,
            attached: vec!["aa".into(), "bb".into()],
            refused_today: Refusals { handshakes: 1, streams: 2, frames: 3, documents: 4, enrolment: 5 },
        };
        let told = status.lines().join("\n");
        for part in
            ["since 2023-11-15 00:00 UTC", "version 3, head ab", "no Confirm", "(2): aa bb", "1 handshakes", "4 documents"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
