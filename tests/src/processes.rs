//! The real programs on a throwaway network in a folder of its own: started, driven by their own command line, killed, and
//! waited for by what they say themselves. Everything is stopped and removed when the value goes.
//!
//! Not here: waits for a while. Every wait is for an event, and has a deadline. Nothing here knows what a test wants to show.

mod child;
mod form;
mod proxy;

pub use child::{Lines, Running};
pub use form::Form;
pub use proxy::Proxy;

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use raccordo_admin::roster::Dates;
use raccordo_agent::api::{Event, EventKind, StatusRequest, StatusResponse, WatchRequest};
use raccordo_agent::client::{self, LocalClient};
use raccordo_casework::wire::CaseExport;
use raccordo_certs_dev::cast::Cast;
use raccordo_certs_dev::network::Network;
use raccordo_certs_dev::temp::TempFolder;
use raccordo_machine::clock;
use raccordo_proto::AgencyId;
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::watch;

/// Longest wait for anything that a process must do by itself.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A program of this workspace, built as the running test or program was.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("where this program is")?;
    let folder = this.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let path = folder.context("a test lies in target/PROFILE/deps, a program in target/PROFILE")?.join(name);
    ensure!(
        path.exists(),
        "{} is missing: build it first with «cargo build --bin raccordo-gateway --bin raccordo-agent --bin raccordo-admin»",
        path.display()
    );
    Ok(path)
}

/// A port of this machine that nobody has at this moment.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).context("a free port")?.port())
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// The last line of the output as JSON, as `--json` promises.
    pub fn json(&self) -> anyhow::Result<Value> {
        let last = self.out.lines().rfind(|line| !line.trim().is_empty()).context("nothing was said")?;
        serde_json::from_str(last).with_context(|| format!("no JSON: {self:?}"))
    }
}

/// A running agent, and all that it has told since it was listened to.
struct Agent {
    process: Running,
    client: LocalClient,
    told: Arc<watch::Sender<Vec<Event>>>,
}

/// Network, processes and the folder that holds them.
pub struct World {
    agents: BTreeMap<AgencyId, Agent>, // first: whatever runs is ended before its folder goes
    gateway: Option<Running>,
    gateway_program: PathBuf,
    agent_program: PathBuf,
    port: Option<u16>,
    /// What commands at an office find on standard input, until it is changed.
    typed: BTreeMap<AgencyId, String>,
    /// The network.
    pub network: Network,
    folder: TempFolder,
}

impl World {
    /// The demonstration's network; nothing runs yet.
    pub fn create() -> anyhow::Result<Self> {
        Self::create_with(&Cast::demo(), Dates::from_now(clock::now()))
    }

    /// Another network, or other dates of its directory.
    pub fn create_with(cast: &Cast, dates: Dates) -> anyhow::Result<Self> {
        Self::create_signed_by(cast, dates, (1, 1))
    }

    /// The same with so many admin keys, of which so many sign each version of the directory.
    pub fn create_signed_by(cast: &Cast, dates: Dates, keys: (usize, usize)) -> anyhow::Result<Self> {
        let folder = TempFolder::create("raccordo-test").context("a temporary folder")?;
        Ok(Self {
            agents: BTreeMap::new(),
            gateway: None,
            gateway_program: program("raccordo-gateway")?,
            agent_program: program("raccordo-agent")?,
            port: None,
            typed: BTreeMap::new(),
            network: Network::create_signed_by(folder.path(), cast, dates, keys)?,
            folder,
        })
    }

    /// Another program in the gateway's place.
    pub fn use_gateway(&mut self, program: PathBuf) {
        self.gateway_program = program;
    }

    /// A path in the temporary folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the gateway and waits until it listens: the first time on a free port, then always on that one.
    pub async fn start_gateway(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.gateway_program);
        command.arg("--config").arg(self.network.gateway().config()).args(["--dev", "serve"]);
        let mut gateway = Running::start("gateway", command)?;
        gateway.says("\"listening\"").await?;
        let address = fs::read_to_string(self.network.gateway().address()).context("the gateway's address")?;
        self.gateway = Some(gateway);
        if self.port.is_none() {
            let address: SocketAddr = address.trim().parse().context("the gateway's address")?;
            self.port = Some(address.port());
            replace(&self.network.gateway().config(), "127.0.0.1:0", &address.to_string())?;
            self.network.point_agents_at(&address.to_string())?;
        }
        Ok(())
    }

    /// The gateway's process.
    pub fn gateway(&self) -> anyhow::Result<&Running> {
        self.gateway.as_ref().context("the gateway is not running")
    }

    /// Where it listens, or has listened.
    pub fn gateway_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(SocketAddr::from(([127, 0, 0, 1], self.port.context("the gateway has never listened")?)))
    }

    /// From its next start the gateway listens for the authority too, on a free port.
    pub fn listen_for_the_authority(&self) -> anyhow::Result<()> {
        let config = self.network.gateway().config();
        let text = fs::read_to_string(&config).context("the gateway's configuration")?;
        fs::write(&config, text + "\n[authority]\naddress = \"127.0.0.2:0\"\n").context("the gateway's configuration")
    }

    /// Where it does.
    pub fn authority_address(&self) -> anyhow::Result<SocketAddr> {
        let address = fs::read_to_string(self.network.gateway().state().join("authority.address"))?;
        address.parse().context("the authority's address")
    }

    /// SIGKILL.
    pub async fn kill_gateway(&mut self) -> anyhow::Result<()> {
        self.gateway.take().context("the gateway is not running")?.kill().await
    }

    /// What the gateway keeps, thrown away; its directory file lies elsewhere and stays.
    pub fn empty_gateway_state(&self) -> anyhow::Result<()> {
        let state = self.network.gateway().state();
        fs::remove_dir_all(&state).and_then(|()| fs::create_dir(&state)).context("the gateway's state folder")?;
        ensure!(self.network.gateway().directory().exists(), "the directory file must stay");
        Ok(())
    }

    /// From its next start an agent reaches the gateway through `proxy`.
    pub fn go_through(&self, agency: &AgencyId, proxy: &Proxy) -> anyhow::Result<()> {
        let (gateway, proxy) = (self.gateway_address()?.port(), proxy.address().port());
        replace(&self.network.agent(agency).config(), &format!("localhost:{gateway}"), &format!("localhost:{proxy}"))
    }

    /// Starts an agent, listens to its events, and does not wait for the gateway.
    pub async fn start_agent(&mut self, agency: &AgencyId) -> anyhow::Result<()> {
        self.start_agent_with(agency, &[]).await
    }

    /// The same with more words after `serve`.
    pub async fn start_agent_with(&mut self, agency: &AgencyId, words: &[&str]) -> anyhow::Result<()> {
        let command = self.command(agency, &[&["serve"], words].concat());
        let mut process = Running::start_fed(agency.as_str(), command, self.input(agency)?)?;
        process.says("\"the agent serves\"").await?;
        let mut client = client::connect(&self.network.agent(agency).socket()).await?;
        let mut events = client.watch(WatchRequest {}).await.context("watch")?.into_inner();
        let told = Arc::new(watch::Sender::new(Vec::new()));
        let teller = told.clone();
        tokio::spawn(async move {
            while let Ok(Some(event)) = events.message().await {
                teller.send_modify(|told| told.push(event));
            }
        });
        self.agents.insert(agency.clone(), Agent { process, client, told });
        Ok(())
    }

    /// Starts agents and waits until they are attached.
    pub async fn attach(&mut self, agencies: &[AgencyId]) -> anyhow::Result<()> {
        for agency in agencies {
            self.start_agent(agency).await?;
        }
        for agency in agencies {
            self.attached(agency).await?;
        }
        Ok(())
    }

    /// Waits until an agent is attached.
    pub async fn attached(&self, agency: &AgencyId) -> anyhow::Result<()> {
        self.wait(agency, "ATTACHED", DEADLINE, |told| is_attached(told) == Some(true)).await
    }

    /// Waits until an agent is no longer attached.
    pub async fn detached(&self, agency: &AgencyId, within: Duration) -> anyhow::Result<()> {
        self.wait(agency, "DETACHED", within, |told| is_attached(told) == Some(false)).await
    }

    /// Waits until the sender knows that the recipient has so many letters.
    pub async fn delivered(&self, sender: &AgencyId, recipient: &AgencyId, letters: usize) -> anyhow::Result<()> {
        let enough = |told: &[Event]| count(told, EventKind::Delivered, recipient) >= letters;
        self.wait(sender, &format!("DELIVERED {letters} to {recipient}"), DEADLINE, enough).await
    }

    /// Waits until what an agent has told satisfies `enough`.
    pub async fn wait(
        &self,
        agency: &AgencyId,
        what: &str,
        within: Duration,
        enough: impl Fn(&[Event]) -> bool,
    ) -> anyhow::Result<()> {
        let agent = self.agent(agency)?;
        let mut told = agent.told.subscribe();
        let waited = tokio::time::timeout(within, told.wait_for(|told| enough(told))).await;
        if !matches!(waited, Ok(Ok(_))) {
            let told = self.told(agency)?;
            let told: Vec<_> = told.iter().map(|event| format!("{} {}", event.kind().as_str_name(), event.peer)).collect();
            bail!("{agency} did not say {what} in {within:?}; it said {told:?}\n{}", agent.process.last_words());
        }
        Ok(())
    }

    /// What an agent has told so far.
    pub fn told(&self, agency: &AgencyId) -> anyhow::Result<Vec<Event>> {
        Ok(self.agent(agency)?.told.borrow().clone())
    }

    /// How an agent is.
    pub async fn status(&self, agency: &AgencyId) -> anyhow::Result<StatusResponse> {
        Ok(self.agent(agency)?.client.clone().status(StatusRequest {}).await.context("status")?.into_inner())
    }

    /// A connection to an agent's local API.
    pub fn client(&self, agency: &AgencyId) -> anyhow::Result<LocalClient> {
        Ok(self.agent(agency)?.client.clone())
    }

    /// An agent's process.
    pub fn process(&self, agency: &AgencyId) -> anyhow::Result<&Running> {
        Ok(&self.agent(agency)?.process)
    }

    /// SIGKILL.
    pub async fn kill_agent(&mut self, agency: &AgencyId) -> anyhow::Result<()> {
        let agent = self.agents.remove(agency).with_context(|| format!("{agency} is not running"))?;
        agent.process.kill().await
    }

    /// Runs a command at an office, whatever its end.
    pub async fn say(&self, agency: &AgencyId, words: &[&str]) -> anyhow::Result<Said> {
        said_fed(self.command(agency, words), self.input(agency)?).await
    }

    /// From now on every command at this office finds these lines on standard input.
    pub fn types(&mut self, agency: &AgencyId, lines: &[&str]) {
        self.typed.insert(agency.clone(), lines.iter().map(|line| format!("{line}\n")).collect());
    }

    fn input(&self, agency: &AgencyId) -> anyhow::Result<Stdio> {
        let Some(typed) = self.typed.get(agency) else { return Ok(Stdio::null()) };
        let path = self.path(&format!("{agency}.typed"));
        fs::write(&path, typed).context("what is typed")?;
        Ok(fs::File::open(&path).context("what is typed")?.into())
    }

    /// Runs a command at an office, its answer going into `out`, whatever its end.
    pub async fn say_into(&self, agency: &AgencyId, words: &[&str], out: fs::File) -> anyhow::Result<Said> {
        let mut command = self.command(agency, words);
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.spawn()?.wait_with_output()).await.context("it does not end")??;
        let err = String::from_utf8(output.stderr).context("text")?;
        Ok(Said { code: output.status.code().unwrap_or(-1), out: String::new(), err })
    }

    /// Runs a command of the gateway with its own configuration, whatever its end.
    pub async fn gateway_says(&self, words: &[&str]) -> anyhow::Result<Said> {
        let mut command = Command::new(&self.gateway_program);
        command.arg("--config").arg(self.network.gateway().config()).args(words);
        said(command).await
    }

    /// Runs a command of the agent without `--dev`.
    pub async fn say_in_earnest(&self, agency: &AgencyId, words: &[&str]) -> anyhow::Result<Said> {
        let mut command = Command::new(&self.agent_program);
        command.arg("--config").arg(self.network.agent(agency).config()).args(words);
        said(command).await
    }

    /// Runs a command in the name of the office's own person; `--json`, and any exit code but 0 is a failure.
    pub async fn act(&self, agency: &AgencyId, words: &[&str]) -> anyhow::Result<Value> {
        let person = self.pseudonym(agency)?;
        let said = self.say(agency, &[words, &["--json", "--operator", &person]].concat()).await?;
        ensure!(said.code == 0, "{agency}: {words:?}: {said:?}");
        said.json()
    }

    /// Adds the office's own person.
    pub async fn add_person(&self, agency: &AgencyId) -> anyhow::Result<()> {
        let person =
            self.network.cast().player(agency).and_then(|player| player.people.first()).context("an office has people")?;
        let mut words = vec!["operator", "add", &person.name, "--uid", "64000", "--pseudonym", &person.pseudonym];
        words.extend(person.ruoli.iter().flat_map(|ruolo| ["--ruolo", ruolo]));
        let said = self.say(agency, &words).await?;
        ensure!(said.code == 0, "{said:?}");
        Ok(())
    }

    /// How the office's own person signs.
    pub fn pseudonym(&self, agency: &AgencyId) -> anyhow::Result<String> {
        let person = self.network.cast().player(agency).and_then(|player| player.people.first());
        Ok(person.with_context(|| format!("{agency} has no people"))?.pseudonym.clone())
    }

    /// The rows of `inbox list` or `outbox`.
    pub async fn rows(&self, agency: &AgencyId, words: &[&str]) -> anyhow::Result<Vec<Value>> {
        let answer = self.act(agency, words).await?;
        answer["rows"].as_array().cloned().with_context(|| format!("no rows: {answer}"))
    }

    /// Writes a form into the temporary folder.
    pub fn write_form(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let path = self.path(name);
        fs::write(&path, text).context("a form")?;
        Ok(path.to_str().context("a plain path")?.to_owned())
    }

    /// A case as evidence, read back from the file that `case export` wrote.
    pub async fn export(&self, agency: &AgencyId, codice: &str) -> anyhow::Result<CaseExport> {
        let file = self.path(&format!("{agency}-{codice}.raccordo"));
        let out = file.to_str().context("a plain path")?;
        self.act(agency, &["case", "export", codice, "--out", out]).await?;
        prost::Message::decode(&fs::read(&file).context("the export")?[..]).context("the export is not readable")
    }

    fn agent(&self, agency: &AgencyId) -> anyhow::Result<&Agent> {
        self.agents.get(agency).with_context(|| format!("{agency} is not running"))
    }

    fn command(&self, agency: &AgencyId, words: &[&str]) -> Command {
        let mut command = Command::new(&self.agent_program);
        command.arg("--config").arg(self.network.agent(agency).config()).arg("--dev").args(words);
        command
    }
}

/// Whether the agent was attached when it last spoke of it.
pub fn is_attached(told: &[Event]) -> Option<bool> {
    told.iter().rev().find_map(|event| match event.kind() {
        EventKind::Attached => Some(true),
        EventKind::Detached => Some(false),
        _ => None,
    })
}

/// How often this was told about this peer.
pub fn count(told: &[Event], kind: EventKind, peer: &AgencyId) -> usize {
    told.iter().filter(|event| event.kind() == kind && event.peer == peer.as_str()).count()
}

/// Writes a file again with one text in another's place, which must be there.
pub fn replace(file: &Path, from: &str, to: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    ensure!(text.contains(from), "{} does not say {from}", file.display());
    fs::write(file, text.replace(from, to)).with_context(|| file.display().to_string())
}

async fn said(command: Command) -> anyhow::Result<Said> {
    said_fed(command, Stdio::null()).await
}

async fn said_fed(mut command: Command, input: Stdio) -> anyhow::Result<Said> {
    command.stdin(input).kill_on_drop(true);
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.with_context(|| format!("{command:?} does not end"))?.with_context(|| format!("{command:?}"))?;
    let text = |bytes| String::from_utf8(bytes).context("text");
    Ok(Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout)?, err: text(output.stderr)? })
}
