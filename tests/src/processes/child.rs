//! One running program and every line it says, kept in memory as it comes. Killed when dropped.
//!
//! Not here: what the lines mean.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::DEADLINE;

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    streams_ended: usize,
}

/// Everything that a program has written to both its streams.
#[derive(Clone)]
pub struct Lines(Arc<watch::Sender<Heard>>);

impl Lines {
    fn of(child: &mut Child) -> Self {
        let lines = Self(Arc::new(watch::Sender::new(Heard::default())));
        lines.follow(child.stdout.take());
        lines.follow(child.stderr.take());
        lines
    }

    fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let heard = self.0.clone();
        tokio::spawn(async move {
            if let Some(stream) = stream {
                let mut lines = BufReader::new(stream).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    heard.send_modify(|heard| heard.lines.push(line));
                }
            }
            heard.send_modify(|heard| heard.streams_ended += 1);
        });
    }

    /// Waits until the lines satisfy `enough`; ends early when the program does.
    pub async fn wait(&self, what: &str, within: Duration, enough: impl Fn(&[String]) -> bool) -> anyhow::Result<()> {
        let mut heard = self.0.subscribe();
        let there = heard.wait_for(|heard| heard.streams_ended == 2 || enough(&heard.lines));
        let in_time = tokio::time::timeout(within, there).await.is_ok_and(|heard| heard.is_ok());
        if !in_time || !enough(&self.0.borrow().lines) {
            bail!("«{what}» was not said in {within:?}; the last lines:\n{}", self.last());
        }
        Ok(())
    }

    /// Every line so far.
    pub fn all(&self) -> Vec<String> {
        self.0.borrow().lines.clone()
    }

    fn last(&self) -> String {
        let heard = self.0.borrow();
        heard.lines[heard.lines.len().saturating_sub(12)..].join("\n")
    }
}

/// A running program.
pub struct Running {
    name: String,
    child: Child,
    lines: Lines,
}

impl Running {
    /// Starts it, with nobody to answer it.
    pub fn start(name: &str, command: Command) -> anyhow::Result<Self> {
        Self::start_fed(name, command, Stdio::null())
    }

    /// Starts it, with this to read.
    pub fn start_fed(name: &str, mut command: Command, input: Stdio) -> anyhow::Result<Self> {
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
        let lines = Lines::of(&mut child);
        Ok(Self { name: name.to_owned(), child, lines })
    }

    /// Waits until a line holds this text.
    pub async fn says(&mut self, text: &str) -> anyhow::Result<()> {
        let waited = self.lines.wait(text, DEADLINE, |lines| lines.iter().any(|line| line.contains(text))).await;
        waited.with_context(|| format!("{} ({:?})", self.name, self.child.try_wait()))
    }

    /// What it has said.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Its last lines, for whoever must find out.
    pub fn last_words(&self) -> String {
        self.lines.last()
    }

    /// Its process id.
    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().with_context(|| format!("{} has ended", self.name))
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait().with_context(|| self.name.clone())?.is_none())
    }

    /// SIGKILL; answers when it is gone.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.with_context(|| self.name.clone())
    }

    /// Any other signal, by its name without SIG.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.pid()?.to_string();
        let status = Command::new("kill").args([format!("-{name}"), pid]).status().await.context("kill")?;
        anyhow::ensure!(status.success(), "kill -{name}: {status}");
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        let ended = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        ended.with_context(|| format!("{} does not end", self.name))?.with_context(|| self.name.clone())
    }
}
