//! The processes of the demonstration: the real gateway and agents on a throwaway network in a temporary folder, driven by
//! the agent's own command line as a person would.
//!
//! Every wait is for an event and has a deadline. Not here: what is done with them (`play`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use raccordo_proto::AgencyId;
use serde_json::Value;
use tokio::process::{Child, Command};

use super::events::{Event, Events};
use crate::cast::{Cast, Person};
use crate::network::Network;
use crate::temp::TempFolder;

/// Longest wait for anything that a process must do.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// How often a file or a socket is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Where the two programs are.
pub struct Programs {
    gateway: PathBuf,
    agent: PathBuf,
}

impl Programs {
    /// Beside this program, after building them with the same profile when cargo runs it.
    pub async fn build() -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("where this program is")?;
        let folder = own.parent().context("this program is in no folder")?;
        if let Some(cargo) = std::env::var_os("CARGO") {
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
            let mut build = Command::new(cargo);
            // By target, as `cargo demo` names this one: naming packages would settle the features of shared dependencies
            // differently, and compile them again.
            build.args(["build", "--bin", "raccordo-gateway", "--bin", "raccordo-agent", "--manifest-path"]).arg(manifest);
            match folder.file_name().and_then(|name| name.to_str()) {
                Some("debug") | None => {}
                Some(profile) => drop(build.args(["--profile", profile])),
            }
            // cargo writes to stderr; whatever else is said goes there too.
            let status = build.stdin(Stdio::null()).stdout(std::io::stderr()).status().await.context("cargo build")?;
            ensure!(status.success(), "cargo build: {status}");
        }
        let programs = Self { gateway: folder.join("raccordo-gateway"), agent: folder.join("raccordo-agent") };
        for program in [&programs.gateway, &programs.agent] {
            ensure!(program.exists(), "{} is missing", program.display());
        }
        Ok(programs)
    }
}

/// A running agent.
struct Agent {
    process: Process,
    events: Events,
}

/// A running program whose output goes to files.
struct Process {
    name: String,
    child: Child,
}

/// Network, processes and the folder that holds them.
pub struct Stage {
    programs: Programs,
    /// The network.
    pub network: Network,
    gateway: Option<Process>,
    agents: BTreeMap<AgencyId, Agent>,
    folder: TempFolder, // last: what is above is stopped first
}

impl Stage {
    /// Makes the network; nothing runs yet.
    pub fn set(programs: Programs, cast: &Cast) -> anyhow::Result<Self> {
        let folder = TempFolder::create("raccordo-demo").context("a temporary folder")?;
        std::fs::create_dir(folder.path().join("logs")).context("a folder for logs")?;
        let network = Network::create(folder.path(), cast)?;
        Ok(Self { programs, network, gateway: None, agents: BTreeMap::new(), folder })
    }

    /// A path in the temporary folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The gateway's output, to be searched: every byte that it has written to its two streams.
    pub fn gateway_logs(&self) -> [PathBuf; 2] {
        [self.path("logs/gateway.out"), self.path("logs/gateway.err")]
    }

    /// Starts the gateway and tells the agents where it listens. Answers its address as agents use it.
    pub async fn start_gateway(&mut self) -> anyhow::Result<String> {
        let config = self.network.gateway().config();
        let arguments = [Path::new("--config"), &config, Path::new("--dev"), Path::new("serve")];
        let mut gateway = self.spawn("gateway", &self.programs.gateway, &arguments)?;
        let file = self.network.gateway().address();
        let written = || std::fs::read_to_string(&file).ok().filter(|address| !address.trim().is_empty());
        let address = gateway.until(&self.path("logs"), written).await?;
        self.gateway = Some(gateway);
        self.network.point_agents_at(&address)?;
        Ok(format!("localhost:{}", address.trim().rsplit(':').next().unwrap_or_default()))
    }

    /// The gateway's process id.
    pub fn gateway_pid(&self) -> anyhow::Result<u32> {
        self.gateway.as_ref().and_then(|gateway| gateway.child.id()).context("the gateway is not running")
    }

    /// An agent's process id.
    pub fn agent_pid(&self, agency: &AgencyId) -> anyhow::Result<u32> {
        self.agents.get(agency).and_then(|agent| agent.process.child.id()).with_context(|| format!("{agency} is not running"))
    }

    /// Starts an agent, waits until it is attached, and listens to its events. `record`: where its link writes what it sends.
    pub async fn start_agent(&mut self, agency: &AgencyId, record: Option<&Path>) -> anyhow::Result<()> {
        let folder = self.network.agent(agency);
        let config = folder.config();
        let mut arguments = vec![Path::new("--config"), &config, Path::new("--dev"), Path::new("serve")];
        if let Some(record) = record {
            arguments.extend([Path::new("--record-link"), record]);
        }
        let mut process = self.spawn(agency.as_str(), &self.programs.agent, &arguments)?;
        let socket = folder.socket();
        let answers = || std::os::unix::net::UnixStream::connect(&socket).ok();
        process.until(&self.path("logs"), answers).await?;
        let events = Events::listen(self.command(agency, &["watch"]))?;
        self.agents.insert(agency.clone(), Agent { process, events });
        self.wait(agency, "ATTACHED", |events| events.iter().rev().find_map(Event::attached) == Some(true)).await
    }

    /// Waits until what an agent has told so far satisfies `enough`.
    pub async fn wait(&self, agency: &AgencyId, what: &str, enough: impl Fn(&[Event]) -> bool) -> anyhow::Result<()> {
        let agent = self.agents.get(agency).with_context(|| format!("{agency} is not running"))?;
        agent.events.wait(enough).await.with_context(|| format!("{agency} was expected to say {what}"))
    }

    /// Runs a command of a person at this office and reads its answer. Any exit code but 0 is a failure.
    pub async fn run(&self, agency: &AgencyId, arguments: &[&str]) -> anyhow::Result<Value> {
        let what = || format!("{agency}: raccordo-agent {}", arguments.first().unwrap_or(&""));
        let output = tokio::time::timeout(DEADLINE, self.command(agency, arguments).output());
        let output = output.await.with_context(what)?.with_context(what)?;
        if !output.status.success() {
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            bail!("{}: {}\n{}{}", what(), output.status, out, err);
        }
        let text = String::from_utf8(output.stdout).with_context(what)?;
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("null");
        serde_json::from_str(last).with_context(what)
    }

    /// Runs a command in the name of an operator.
    pub async fn run_as(&self, agency: &AgencyId, arguments: &[&str]) -> anyhow::Result<Value> {
        let person = self.person(agency)?;
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--operator", &person.pseudonym]).collect();
        self.run(agency, &arguments).await
    }

    /// Adds the office's people: from then on they may act.
    pub async fn add_people(&self, agency: &AgencyId) -> anyhow::Result<()> {
        let person = self.person(agency)?;
        let uid = rustix::process::getuid().as_raw().to_string();
        let mut arguments = vec!["operator", "add", &person.name, "--uid", &uid, "--pseudonym", &person.pseudonym];
        arguments.extend(person.ruoli.iter().flat_map(|ruolo| ["--ruolo", ruolo]));
        self.run(agency, &arguments).await.map(drop)
    }

    /// A command line that a person can type while the stage stands.
    pub fn example(&self, agency: &AgencyId) -> anyhow::Result<String> {
        let config = self.network.agent(agency).config();
        let program = self.programs.agent.display();
        Ok(format!("{program} --config {} --dev outbox --operator {}", config.display(), self.person(agency)?.pseudonym))
    }

    /// Stops every agent and waits until they are gone.
    pub async fn stop_agents(&mut self) -> anyhow::Result<()> {
        for (_, mut agent) in std::mem::take(&mut self.agents) {
            agent.process.stop().await?;
        }
        Ok(())
    }

    /// Stops everything. The folder goes with the value.
    pub async fn strike(mut self) -> anyhow::Result<()> {
        self.stop_agents().await?;
        match self.gateway.take() {
            Some(mut gateway) => gateway.stop().await,
            None => Ok(()),
        }
    }

    fn person(&self, agency: &AgencyId) -> anyhow::Result<&Person> {
        let player = self.network.cast().player(agency);
        player.and_then(|player| player.people.first()).with_context(|| format!("{agency} has no people"))
    }

    fn command(&self, agency: &AgencyId, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.programs.agent);
        command.arg("--config").arg(self.network.agent(agency).config()).args(["--dev", "--json"]).args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    fn spawn(&self, name: &str, program: &Path, arguments: &[&Path]) -> anyhow::Result<Process> {
        let log = |stream: &str| {
            let path = self.path("logs").join(format!("{name}.{stream}"));
            std::fs::OpenOptions::new().create(true).append(true).open(&path).with_context(|| path.display().to_string())
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(log("out")?).stderr(log("err")?).kill_on_drop(true);
        let child = command.spawn().with_context(|| program.display().to_string())?;
        Ok(Process { name: name.to_owned(), child })
    }
}

impl Process {
    /// Waits until `look` finds something; ends early when the process does.
    async fn until<T>(&mut self, logs: &Path, look: impl Fn() -> Option<T>) -> anyhow::Result<T> {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once: {status}\n{}", self.name, self.last_words(logs));
            }
            ensure!(began.elapsed() < DEADLINE, "{} is not ready\n{}", self.name, self.last_words(logs));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn last_words(&self, logs: &Path) -> String {
        let log = std::fs::read_to_string(logs.join(format!("{}.err", self.name))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    /// Asks it to end, and ends it when it does not.
    async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw) else {
            return Ok(());
        };
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).with_context(|| self.name.clone())?;
        if tokio::time::timeout(DEADLINE, self.child.wait()).await.is_err() {
            self.child.kill().await.with_context(|| self.name.clone())?;
            bail!("{} did not stop when asked", self.name);
        }
        Ok(())
    }
}
