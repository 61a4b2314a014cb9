//! Where the tools are, and how they are run: with a deadline, nobody to answer them, and ended with the test.
//!
//! Not here: what they say.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_tests::results;
use tokio::process::Command;

/// The longest run of one tool.
const TOOL_MAX: Duration = Duration::from_secs(120);
/// Set where every tool must be there.
const NO_EXCUSE: &str = "RACCORDO_EVERY_TOOL";

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a room of the workspace")
}

/// A program of target/outside.
pub fn prepared(name: &str) -> anyhow::Result<PathBuf> {
    let path = root().join("target/outside/bin").join(name);
    ensure!(path.exists(), "{name} is missing: install python3 and python3-venv, then run tests/prepare");
    Ok(path)
}

/// A script of tests/outside, in the Python of target/outside.
pub fn script(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(prepared("python")?);
    command.arg(root().join("tests/outside").join(name));
    Ok(command)
}

/// A program that the system has, or `None`; these figures then say so, unless every tool must be there.
pub fn installed(names: &[&str], row: &str, figures: &[&str], place: &str) -> anyhow::Result<Option<PathBuf>> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    if let Some(path) = found.into_iter().find(|path| path.is_file()) {
        return Ok(Some(path));
    }
    let why = format!("{} is not installed", names[0]);
    ensure!(std::env::var_os(NO_EXCUSE).is_none(), "{why}, and {NO_EXCUSE} is set");
    figures.iter().for_each(|figure| results::write_not_run(row, figure, &why, place));
    println!("{why}: {row} is not whole here");
    Ok(None)
}

/// What a tool says on its standard output, and its exit code.
pub async fn said(mut command: Command) -> anyhow::Result<(i32, String)> {
    command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = tokio::time::timeout(TOOL_MAX, command.output()).await;
    let output = output.with_context(|| format!("{command:?} does not end"))?.with_context(|| format!("{command:?}"))?;
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if out.is_empty() {
        println!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok((output.status.code().unwrap_or(-1), out))
}
