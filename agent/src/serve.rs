//! The daemon of one office: unlocks the store, replays the desk, finds its place in the directory, and runs desk, link and
//! local API until it is told to stop.
//!
//! Not here: what each of them does. A disk that fails stops the process: it restarts and replays.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_casework::courier::Courier;
use raccordo_casework::desk::{Desk, Input};
use raccordo_casework::record::{JournalFailure, Record};
use raccordo_machine::{clock, files, memory};
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::ids::AgentId;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{Directory, wire};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::backup::folder::Folder;
use crate::backup::keeper::{Backups, Keeper};
use crate::commit::{self, LiveRecords, Reader};
use crate::config::{Config, ServeOptions, UnlockSource};
use crate::desk_task::{DeskHandle, DeskTask, GROUP_MAX, Parts};
use crate::failure::{Exit, Failure};
use crate::local_api::{self, LocalApi};
use crate::passphrase::Ask;
use crate::store::committer::Committer;
use crate::store::unlock::Source;
use crate::store::{SledJournal, Store, StoreFault, StoreKey, identity};
use crate::{link, tls};

/// Link events that may wait for the desk.
const LINK_EVENTS_MAX: usize = 64;
/// Link commands that may wait for the wire.
const LINK_COMMANDS_MAX: usize = 64;

/// Runs until SIGTERM or SIGINT; who is asked for a passphrase is asked before anything else happens. A [`Failure`] inside the
/// error carries the exit code and the sentence's name.
pub async fn run(config: Config, options: ServeOptions, ask: &mut dyn Ask) -> anyhow::Result<ExitCode> {
    if !options.dev {
        memory::keep_private()?;
    }
    files::keep_private();
    let open_to_others = |_| Failure::new(Exit::Machine, "TLS_KEY_PERMISSIONS").with("file", config.tls.key.display());
    tls::key_is_private(&config.tls.key).map_err(open_to_others)?;
    let dev = options.dev;
    let store_key = StoreKey::unlock(&source(&config), &config.state, ask).map_err(store_failure)?;
    let office = start(&config, options, store_key, |journal| journal)?;
    let (keeper, backups) = keeper(&config, office.reader, &office.signer);
    let api = LocalApi::new(office.desk, backups, &config, &office.signer.public_key(), dev);
    let mut link = office.link;
    let ended = live(&config, office.desk_task, office.stop, &mut link, api).await;
    link.abort();
    keeper.into_iter().for_each(|keeper| keeper.abort());
    ended?;
    let _none_is_fine = std::fs::remove_file(&config.api_socket);
    Ok(Exit::Ok.into())
}

/// Desk and link of one office, at work.
pub struct Office {
    /// The way to the desk.
    pub desk: DeskHandle,
    /// Ends after `stop`, or when the disk fails.
    pub desk_task: DeskEnds,
    /// Ends after the desk.
    pub link: JoinHandle<()>,
    /// Lets the desk make durable what it has begun, and end.
    pub stop: oneshot::Sender<()>,
    reader: Reader,
    signer: Arc<SigningKey>,
}

/// The desk's task, and how it ended.
pub type DeskEnds = JoinHandle<Result<(), JournalFailure>>;

/// Opens, replays and starts an office, without its local API and its backups. `keep` may put something around the journal that
/// watches it.
pub fn start<J: LiveRecords + Send + 'static>(
    config: &Config,
    options: ServeOptions,
    store_key: StoreKey,
    keep: impl FnOnce(SledJournal) -> J,
) -> anyhow::Result<Office> {
    let mut store = Store::open(&config.state, store_key.clone()).map_err(store_failure)?;
    let ended = store.end_erasures().map_err(store_failure)?;
    let Store { journal, records, entries_erased } = store;
    let import = config.identity_import.as_deref().filter(|path| path.exists());
    let signer = Arc::new(identity::load_or_import(&config.state, &store_key, import).map_err(store_failure)?);
    let desk = replay(config, &records);
    tracing::info!(records = records.len(), entries_erased, erasures_ended = ended, "the journal was replayed");

    let trust = trust(config)?;
    let (directory, offered) = directory(config, &trust, &desk)?;
    let agent = agent_id(config, &directory, &signer)?;
    let first =
        [Some(Input::Started), offered.then(|| Input::DirectoryOffered(directory.clone()))].into_iter().flatten().collect();

    let (effects, released) = mpsc::channel(GROUP_MAX + 1);
    let committer = Committer::spawn(keep(journal), GROUP_MAX, commit::run, move |group| {
        // The desk's task has room for every group that it has submitted; it is gone only when the process is. A group of
        // readers alone released nothing.
        let _gone = if group.as_ref().is_ok_and(Vec::is_empty) { Ok(()) } else { effects.blocking_send(group) };
    })?;
    let reader = Reader::new(&committer);
    let (commands, link_commands) = mpsc::channel(LINK_COMMANDS_MAX);
    let (link_events, events) = mpsc::channel(LINK_EVENTS_MAX);
    let link = tokio::spawn(link::run(config.clone(), options, directory.clone(), link_events, link_commands));
    let courier = Courier::new(&desk, agent, trust, Some(directory), clock::now());
    let parts = Parts { desk, courier, signer: signer.clone(), committer, released, commands, events };
    let (task, desk) = DeskTask::new(parts, first);
    let (stop, desk_stops) = oneshot::channel();
    let desk_task = tokio::spawn(task.run(desk_stops));
    Ok(Office { desk, desk_task, link, stop, reader, signer })
}

/// Desk and local API, until somebody says stop or one of them ends.
async fn live(
    config: &Config,
    mut desk_task: DeskEnds,
    stop_desk: oneshot::Sender<()>,
    link: &mut JoinHandle<()>,
    api: LocalApi,
) -> anyhow::Result<()> {
    let listener = local_api::bind(&config.api_socket).map_err(|error| socket_failure(&config.api_socket, error))?;
    let (stop_api, api_stops) = oneshot::channel::<()>();
    let mut api = tokio::spawn(api.serve(listener, async {
        let _told = api_stops.await;
    }));
    tracing::info!(agency = config.agency.as_str(), "the agent serves");
    tokio::select! {
        told = told_to_stop() => told?,
        ended = &mut desk_task => return Err(desk_failed(ended)),
        _ = link => anyhow::bail!("the link's task has ended by itself"),
        ended = &mut api => anyhow::bail!("the local API has ended by itself: {ended:?}"),
    }
    tracing::info!("stopping");
    let _gone = (stop_desk.send(()), stop_api.send(()));
    if let failed @ (Err(_) | Ok(Err(_))) = desk_task.await {
        return Err(desk_failed(failed));
    }
    api.abort();
    Ok(())
}

fn socket_failure(socket: &Path, error: std::io::Error) -> anyhow::Error {
    let failure = match error.kind() {
        ErrorKind::AlreadyExists => Failure::new(Exit::Machine, "SOCKET_IS_NONE"),
        ErrorKind::AddrInUse => Failure::new(Exit::Machine, "SOCKET_IN_USE"),
        _ => Failure::new(Exit::Machine, "SOCKET_FAILED").with("detail", &error),
    };
    anyhow::Error::new(error).context(failure.with("socket", socket.display()))
}

/// Who makes the backups; without one, a warning.
fn keeper(config: &Config, reader: Reader, signer: &Arc<SigningKey>) -> (Option<JoinHandle<()>>, Backups) {
    let Some(backup) = &config.backup else {
        tracing::warn!("no [backup] is configured: a broken disk would lose what only this office has");
        return (None, Backups::default());
    };
    let (keeper, backups) = Keeper::new(Folder::new(config, backup), backup.every, reader, signer.clone());
    (Some(tokio::spawn(keeper.run())), backups)
}

/// SIGTERM or SIGINT.
async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// The disk failed, or the desk's task did: the process stops, restarts and replays.
fn desk_failed(ended: Result<Result<(), JournalFailure>, tokio::task::JoinError>) -> anyhow::Error {
    let failure = Failure::new(Exit::Machine, "STORE_FAILED");
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("the desk's task has ended by itself").context(failure),
        Ok(Err(cause)) => anyhow::Error::new(cause).context(failure),
        Err(cause) => anyhow::Error::new(cause).context(failure),
    }
}

/// Where the configuration says that the store key is.
pub fn source(config: &Config) -> Source {
    match (config.unlock.source, &config.unlock.path) {
        (UnlockSource::Credential, Some(path)) => Source::KeyFile(path.clone()),
        (UnlockSource::Credential, None) => Source::Credential,
        (UnlockSource::Passphrase, _) => Source::Passphrase,
    }
}

fn store_failure(fault: StoreFault) -> anyhow::Error {
    let failure = Failure::from(&fault);
    anyhow::Error::new(fault).context(failure)
}

fn replay(config: &Config, records: &[Record]) -> Desk {
    let mut desk = Desk::new(config.agency.clone());
    records.iter().for_each(|record| desk.apply(record));
    desk
}

fn trust(config: &Config) -> anyhow::Result<Trust> {
    let unverified = || Failure::new(Exit::Verification, "NO_TRUST").with("file", config.trust.display());
    let bytes = std::fs::read(&config.trust).map_err(|_| unverified())?;
    let trust = Trust::read(&bytes).map_err(|_| unverified())?;
    if trust.network != config.network {
        return Err(unverified().into());
    }
    Ok(trust)
}

/// The directory to start with, and whether it is new to the desk: the desk's own, or a newer one that lies in the state
/// folder. A file that cannot be verified stops an agent that has no other.
fn directory(config: &Config, trust: &Trust, desk: &Desk) -> anyhow::Result<(Arc<Directory>, bool)> {
    let file = config.state.join("directory.bin");
    let installed = desk.directory().cloned();
    let verified = std::fs::read(&file).ok().map(|bytes| {
        let document = wire::SignedDirectory::decode(&bytes[..]).map_err(|_| DirectoryFault::Unreadable)?;
        update::verify(&[], &document, trust, installed.as_deref(), clock::now())
    });
    match (verified, installed) {
        (Some(Ok(directory)), _) => Ok((Arc::new(directory), true)),
        (verified, Some(installed)) => {
            // Not newer is how things are at every start but the first: the file of then is still there.
            if let Some(fault) = verified.and_then(Result::err).filter(|fault| *fault != DirectoryFault::Version) {
                tracing::warn!(code = fault.code().name(), "the directory file is not used: the installed one stays");
            }
            Ok((installed, false))
        }
        (Some(Err(fault)), None) => {
            tracing::error!(%fault, "the directory is not used");
            Err(Failure::new(Exit::Verification, "DIRECTORY_UNVERIFIED").with("file", file.display()).with("fault", fault).into())
        }
        (None, None) => Err(Failure::new(Exit::Verification, "DIRECTORY_MISSING").with("file", file.display()).into()),
    }
}

/// This machine's name in the directory: the agent whose identity key is ours, whatever its state.
fn agent_id(config: &Config, directory: &Directory, signer: &SigningKey) -> anyhow::Result<AgentId> {
    let ik = signer.public_key();
    let ours = directory.agency(&config.agency).and_then(|agency| agency.agents.iter().find(|agent| agent.ik == ik));
    let unlisted = || Failure::new(Exit::Verification, "IDENTITY_NOT_LISTED").with("agency", &config.agency);
    Ok(ours.ok_or_else(unlisted)?.id.clone())
}
