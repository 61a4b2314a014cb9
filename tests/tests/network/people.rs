//! A network as people make it and use it, by the very lines that they type: ten offices in three ambiti from an empty folder,
//! activated by files, and a segnalazione from each of twenty municipalities to exactly the offices that serve it. What every
//! program answers is in the pages of `people/`, in Italian; `TRYCMD=overwrite` writes them anew.
//!
//! Not here: what breaks a rule (`admin`, `refusals`), what the letters say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::temp::TempFolder;
use raccordo_tests::processes::{DEADLINE, Running, program};
use serde_json::Value;
use tokio::process::Command;
use trycmd::TestCases;

/// The offices, each with how many segnalazioni it must have in the end.
const OFFICES: [(&str, usize); 10] = [
    ("cav-ginestra", 0),
    ("comune-capofila", 0),
    ("sociale-rivabella", 8),
    ("cpi-rivabella", 8),
    ("sil-rivabella", 8),
    ("sociale-montelago", 7),
    ("cpi-montelago", 7),
    ("sil-montelago", 7),
    ("sociale-pratolungo", 5),
    ("cpi-pratolungo", 5),
];

const PROGRAMS: [&str; 3] = ["raccordo-admin", "raccordo-gateway", "raccordo-agent"];

/// The folder in which everybody types, and what a page says for a port and for a person.
struct Desk {
    folder: TempFolder,
    port: String,
    uid: String,
}

impl Desk {
    /// With the files that people bring: the network described, municipalities, forms, a passphrase.
    fn create() -> anyhow::Result<Self> {
        let folder = TempFolder::create("raccordo-people").context("a folder")?;
        let files = folder.path().join("desk");
        fs::create_dir(&files)?;
        for entry in fs::read_dir(pages())? {
            let path = entry?.path();
            let name = path.file_name().context("a name")?;
            if path.extension().is_none_or(|extension| extension != "md") {
                fs::copy(&path, files.join(name))?;
            }
        }
        fs::write(files.join("parola"), "cavallo batteria graffetta\n")?;
        fs::set_permissions(files.join("parola"), fs::Permissions::from_mode(0o600))?;
        let free = TcpListener::bind("127.0.0.1:0").context("a free port")?;
        let port = free.local_addr()?.port().to_string();
        let uid = fs::metadata(&files)?.uid().to_string();
        Ok(Self { folder, port, uid })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("desk").join(name)
    }

    /// Types every line of a page, and compares every answer.
    fn types(&self, name: &str) -> anyhow::Result<()> {
        let page = pages().join(name);
        let text = fs::read_to_string(&page)?.replace("PORTA", &self.port).replace("UTENTE", &self.uid);
        let here = self.folder.path().join(name);
        fs::write(&here, text)?;
        symlink(self.folder.path().join("desk"), here.with_extension("in"))?;
        let cases = TestCases::new();
        cases.case(&here).timeout(DEADLINE);
        for name in PROGRAMS {
            cases.register_bin(name, program(name)?);
        }
        cases.run();
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            let written = fs::read_to_string(&here)?.replace(&format!("localhost:{}", self.port), "localhost:PORTA");
            let written = written.replace(&format!("127.0.0.1:{}", self.port), "127.0.0.1:PORTA");
            fs::write(&page, written.replace(&format!("--uid {}", self.uid), "--uid UTENTE"))?;
        }
        Ok(())
    }

    async fn runs(&self, name: &str, program_name: &str, config: &str, says: &str) -> anyhow::Result<Running> {
        let mut command = Command::new(program(program_name)?);
        command.current_dir(self.path("")).args(["--config", config, "serve"]);
        let mut running = Running::start(name, command)?;
        running.says(says).await?;
        Ok(running)
    }

    /// Rows of what an office lists.
    async fn rows(&self, office: &str, words: &[&str]) -> anyhow::Result<Vec<Value>> {
        let mut command = Command::new(program("raccordo-agent")?);
        command.current_dir(self.path("")).args(["--config", &format!("{office}/agent.toml"), "--json"]).args(words);
        let output = tokio::time::timeout(DEADLINE, command.output()).await.context("it does not end")??;
        let listed: Value = serde_json::from_slice(&output.stdout).context("JSON")?;
        Ok(listed["rows"].as_array().context("rows")?.clone())
    }

    /// The cases that an office has.
    async fn cases(&self, office: &str) -> anyhow::Result<BTreeSet<String>> {
        Ok(self.rows(office, &["inbox", "list"]).await?.iter().map(|row| row["codice"].to_string()).collect())
    }

    /// The cases that were sent, by the office that each was sent to.
    async fn sent(&self) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
        let mut sent: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in self.rows("cav-ginestra", &["outbox"]).await? {
            let office = row["recipient"].as_str().context("an office")?.to_owned();
            sent.entry(office).or_default().insert(row["codice"].to_string());
        }
        Ok(sent)
    }
}

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/network/people")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_municipalities_reach_exactly_the_offices_that_serve_them_by_commands_as_typed() -> anyhow::Result<()> {
    let desk = Desk::create()?;
    tokio::task::block_in_place(|| desk.types("1-rete.md"))?;
    let mut running = vec![desk.runs("gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?];
    for (office, _) in OFFICES {
        running.push(desk.runs(office, "raccordo-agent", &format!("{office}/agent.toml"), "the agent serves").await?);
    }
    tokio::task::block_in_place(|| desk.types("2-segnalazioni.md"))?;
    tokio::task::block_in_place(|| desk.types("3-arrivi.md"))?;
    let sent = desk.sent().await?;
    for (office, expected) in OFFICES {
        let cases = desk.cases(office).await?;
        ensure!(cases.len() == expected, "{office} has {} cases instead of {expected}", cases.len());
        ensure!(cases == sent.get(office).cloned().unwrap_or_default(), "{office} has other cases than were sent to it");
    }
    drop(running);
    Ok(())
}
