//! A network of one's own, made by typing: an empty folder, requests and activations as files, then a gateway and three
//! offices that run on what those files have made; and everything that may be wrong on the way, each refused in words and
//! with nothing written.
//!
//! Not here: what a plan or a fault is (the administration's own tests).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use prost::Message as _;
use raccordo_admin::authority::Authority;
use raccordo_certs_dev::temp::TempFolder;
use raccordo_machine::clock::{self, now};
use raccordo_machine::tls_key::verify_request;
use raccordo_proto::enrolment::Applicant;
use raccordo_proto::ids::{AgencyId, AgentId, GatewayId, NetworkId};
use raccordo_proto::wire;
use raccordo_tests::processes::{DEADLINE, Running, Said, free_port, program};
use tokio::process::Command;

pub(crate) const PASSPHRASE: &str = "una frase segreta per la rete\n";

pub(crate) const NETWORK: &str = include_str!("../../../admin/src/document/example.toml");

pub(crate) const FORM: &str = r#"tipo_richiesta = "INSERIMENTO_NEL_PROGRAMMA"
programma = "lia-2"
in_carico = { stato = "IN_CORSO" }
urgenza = "ORDINARIA"
aree_richieste = ["LAVORO"]
di_che_cosa_ha_bisogno = "Un lavoro vicino a casa."
recapito_servizio = "0372 000000"
[[autorizzazioni]]
ufficio = "cpi-rivabella"
cosa = "SCHEDA_MINIMA"
fino_al = 2199-05-20
firmata_il = 2026-01-20
"#;

/// A folder in which somebody types.
pub(crate) struct Desk(TempFolder);

impl Desk {
    pub(crate) fn create() -> anyhow::Result<Self> {
        Ok(Self(TempFolder::create("raccordo-admin").context("a folder")?))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        fs::write(self.path(name), text).context("a file")
    }

    /// Types a line at one of the programs, in this folder.
    pub(crate) async fn types(&self, name: &str, line: &str) -> anyhow::Result<Said> {
        self.typed(name, &line.split(' ').collect::<Vec<_>>()).await
    }

    pub async fn typed(&self, name: &str, words: &[&str]) -> anyhow::Result<Said> {
        self.write("typed", PASSPHRASE)?;
        let mut command = self.command(name)?;
        command.args(words).stdin(Stdio::from(fs::File::open(self.path("typed"))?)).kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output()).await.context("it does not end")??;
        let text = |bytes| String::from_utf8(bytes).context("text");
        Ok(Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout)?, err: text(output.stderr)? })
    }

    pub fn command(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(program(name)?);
        command.current_dir(self.0.path());
        Ok(command)
    }

    pub(crate) async fn done(&self, name: &str, line: &str) -> anyhow::Result<Said> {
        let said = self.types(name, line).await?;
        ensure!(said.code == 0, "{name} {line}: {said:?}");
        Ok(said)
    }

    /// A line of the administration that must fail so, and change nothing.
    pub async fn refused(&self, line: &str, code: i32, says: &[&str]) -> anyhow::Result<()> {
        let before = files(&self.path("rete"));
        let said = self.types("raccordo-admin", &format!("--network rete {line}")).await?;
        ensure!(said.code == code && says.iter().all(|says| said.err.contains(says)), "{line}: {said:?}");
        ensure!(files(&self.path("rete")) == before, "{line} has written something");
        Ok(())
    }

    pub(crate) async fn admin(&self, line: &str) -> anyhow::Result<Said> {
        self.done("raccordo-admin", &format!("--network rete {line}")).await
    }

    /// Puts a signed version where the gateway reads it, and waits until it has, and until these offices have installed it.
    pub(crate) async fn published(&self, gateway: &Running, offices: &[Running], version: u64) -> anyhow::Result<()> {
        let signed = self.path(&format!("rete/directory/v{version:04}.bin"));
        fs::copy(signed, self.path("gw1/directory.bin")).context("a version")?;
        gateway.signal("HUP").await?;
        let row = format!("\"version\":{version}");
        let taken = |line: &String| line.contains("DIRECTORY") && line.replace('\\', "").contains(&row);
        gateway.lines().wait("the version", DEADLINE, |lines| lines.iter().any(taken)).await?;
        let number = format!("version={version}");
        let installed = |line: &String| line.contains("a directory was installed") && line.ends_with(&number);
        for office in offices {
            office.lines().wait("the new version", DEADLINE, |lines| lines.iter().any(installed)).await?;
        }
        Ok(())
    }
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    found
}

pub(crate) async fn network() -> anyhow::Result<Desk> {
    let desk = Desk::create()?;
    let init = desk.admin("network init rete-prova").await?;
    ensure!(init.out.contains("una sola chiave firma per tutta la rete"), "{init:?}");
    desk.write("rete-intera.toml", NETWORK)?;
    let applied = desk.admin("apply rete-intera.toml").await?;
    ensure!(applied.out.contains("+ équipe «crema»") && applied.err.contains("non ha ancora un gateway"), "{applied:?}");
    Ok(desk)
}

/// The words that a request was said in.
pub(crate) async fn asks(desk: &Desk, office: &str) -> anyhow::Result<String> {
    let line = format!("enrol --folder {office} --request {office}.request --json");
    Ok(desk.done("raccordo-agent", &line).await?.json()?["words"].as_str().context("words")?.to_owned())
}

const OFFICES: [&str; 3] = ["cav-ginestra", "cpi-rivabella", "sil-montelago"];

/// Requests made, tampered with, approved and answered.
pub async fn answered(desk: &Desk, port: u16) -> anyhow::Result<()> {
    desk.done("raccordo-gateway", "request gw1.request --folder gw1").await?;
    for office in OFFICES {
        let words = asks(desk, office).await?;
        let file = desk.path(&format!("{office}.request"));
        let good = fs::read(&file).context("a request")?;
        if office == "cav-ginestra" {
            let mut changed = good.clone();
            changed[60] ^= 1;
            fs::write(&file, changed).context("a request")?;
            let approve = "agency approve cav-ginestra.request --id cav-ginestra";
            desk.refused(approve, 5, &["è stata cambiata o rovinata per strada", "deve rimandarla"]).await?;
            fs::write(&file, &good).context("a request")?;
            desk.refused(&format!("{approve} --words abaco"), 5, &["Le parole non sono quelle"]).await?;
        }
        let request = format!("{office}.request");
        let approve = ["--network", "rete", "agency", "approve", &request, "--id", office, "--words", &words];
        let said = desk.typed("raccordo-admin", &approve).await?;
        ensure!(said.code == 0 && said.out.contains("Approvata"), "{said:?}");
    }
    desk.refused(
        "agency approve cav-ginestra.request --id un-altro --kind CAV --name x",
        4,
        &["un identificativo non cambia mai"],
    )
    .await?;
    desk.admin(&format!("gateway add gw1.request --endpoint localhost:{port}")).await?;
    let signed = desk.admin("directory sign").await?;
    ensure!(signed.out.contains("Rubrica versione 1 firmata") && signed.out.contains("Parole della rete"), "{signed:?}");
    let again = desk.admin("directory sign").await?;
    ensure!(again.out.contains("Nulla è cambiato"), "{again:?}");
    Ok(())
}

/// An answer whose certificates another authority has signed, with the network's own root beside them: as it would be after
/// somebody has put another leaf for the very same keys and names.
fn forged(desk: &Desk, answer: &[u8]) -> anyhow::Result<Vec<u8>> {
    let rng = &mut clock::rng();
    let network = NetworkId::parse("rete-prova").context("a name")?;
    let authority = Authority::create(network, now(), rng)?;
    let mut answer = wire::Activation::decode(answer)?;
    let other = wire::Activation::decode(&fs::read(desk.path("rete/activations/gateway-gw1.activation"))?[..])?;
    let name = if answer.request_hash == other.request_hash { "gw1" } else { "cav-ginestra" };
    let request = verify_request(&fs::read(desk.path(name).join("request.bin"))?)?;
    let leaf = match request.applicant {
        Applicant::Agent(_) => {
            let (agency, agent) = (AgencyId::parse(name).context("a slug")?, AgentId::parse("a1").context("a slug")?);
            authority.issue_agent(&agency, &agent, &request.tls_key, now(), rng)?
        }
        Applicant::Gateway => {
            let gateway = GatewayId::parse(name).context("a slug")?;
            authority.issue_gateway(&gateway, &["localhost".to_owned()], &request.tls_key, now(), rng)?
        }
    };
    let own = fs::read_to_string(desk.path("rete/certificates.pem"))?;
    answer.chain = format!("{}{own}", leaf.chain_pem).into_bytes().into();
    Ok(answer.encode_to_vec())
}

/// Every machine takes its own answer, and no other.
pub async fn activated(desk: &Desk, port: u16) -> anyhow::Result<()> {
    let before = files(&desk.path("cav-ginestra"));
    let wrong =
        desk.types("raccordo-agent", "activate rete/activations/agency-cpi-rivabella.activation --folder cav-ginestra").await?;
    ensure!(wrong.code == 5 && wrong.err.contains("un'altra macchina"), "{wrong:?}");
    let answer = desk.path("rete/activations/agency-cav-ginestra.activation");
    let good = fs::read(&answer).context("an answer")?;
    let mut changed = good.clone();
    *changed.last_mut().context("bytes")? ^= 1;
    fs::write(&answer, changed).context("an answer")?;
    let line = "activate rete/activations/agency-cav-ginestra.activation --folder cav-ginestra";
    let tampered = desk.types("raccordo-agent", line).await?;
    ensure!(tampered.code == 5 && tampered.err.contains("Nulla è stato scritto"), "{tampered:?}");
    fs::write(&answer, forged(desk, &good)?).context("an answer")?;
    let unsigned = desk.types("raccordo-agent", line).await?;
    ensure!(unsigned.code == 5 && unsigned.err.contains("do not lead to a root"), "{unsigned:?}");
    fs::write(&answer, good).context("an answer")?;
    let (key, aside) = (desk.path("cav-ginestra/key.pem"), desk.path("key.pem"));
    fs::rename(&key, &aside).context("the key aside")?;
    let keyless = desk.types("raccordo-agent", line).await?;
    ensure!(keyless.code == 4 && keyless.err.contains("key.pem manca"), "{keyless:?}");
    fs::rename(&aside, &key).context("the key back")?;
    let unlike = desk.types("raccordo-agent", &format!("{line} --words abaco")).await?;
    ensure!(unlike.code == 5 && unlike.err.contains("Le parole della rete sono altre"), "{unlike:?}");
    ensure!(files(&desk.path("cav-ginestra")) == before, "something was written");
    for office in OFFICES {
        let line = format!("activate rete/activations/agency-{office}.activation --folder {office}");
        let said = desk.done("raccordo-agent", &line).await?;
        ensure!(said.out.contains("Parole della rete"), "{said:?}");
    }
    let line = format!("activate rete/activations/gateway-gw1.activation --folder gw1 --listen 127.0.0.1:{port}");
    let (answer, before) = (desk.path("rete/activations/gateway-gw1.activation"), files(&desk.path("gw1")));
    let good = fs::read(&answer).context("an answer")?;
    fs::write(&answer, forged(desk, &good)?).context("an answer")?;
    let said = desk.types("raccordo-gateway", &line).await?;
    ensure!(said.code == 5 && said.err.contains("do not lead to a root"), "{said:?}");
    ensure!(files(&desk.path("gw1")) == before, "something was written");
    fs::write(&answer, good).context("an answer")?;
    desk.done("raccordo-gateway", &line).await?;
    let twice = desk.types("raccordo-gateway", &line).await?;
    ensure!(twice.code == 4, "{twice:?}");
    Ok(())
}

pub(crate) async fn runs(desk: &Desk, name: &str, program: &str, config: &str, says: &str) -> anyhow::Result<Running> {
    let mut command = desk.command(program)?;
    command.args(["--config", config, "serve"]);
    let mut running = Running::start(name, command)?;
    running.says(says).await?;
    Ok(running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_made_by_typing_carries_a_referral() -> anyhow::Result<()> {
    let desk = network().await?;
    let port = free_port()?;
    answered(&desk, port).await?;
    activated(&desk, port).await?;

    let mut running = vec![runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?];
    for office in OFFICES {
        let config = format!("{office}/agent.toml");
        running.push(runs(&desk, office, "raccordo-agent", &config, "the agent serves").await?);
    }
    let uid = fs::metadata(desk.0.path()).context("our own folder")?.uid();
    let add = format!("--config cav-ginestra/agent.toml operator add Giulia --uid {uid} --ruolo operatrice");
    desk.done("raccordo-agent", &add).await?;
    desk.write("form.toml", FORM)?;
    let segnala = "--config cav-ginestra/agent.toml segnala form.toml --equipe cremona --wait --json";
    let said = desk.done("raccordo-agent", segnala).await?.json()?;
    assert_eq!(said["delivered"], serde_json::json!(["cpi-rivabella"]), "{said}");
    drop(running);
    Ok(())
}

#[tokio::test]
async fn what_breaks_a_rule_is_said_in_words_and_nothing_is_written() -> anyhow::Result<()> {
    let desk = network().await?;
    for (from, to, code, says) in [
        ("required = [\"SIL\"]", "required = [\"SIL\", \"CPI\"]", 4, "nessun componente ha il ruolo obbligatorio CPI"),
        ("sil-montelago = \"SIL\" }", "comune-capofila = \"SIL\" }", 4, "è capofila del programma «lia-2»"),
        ("sil-montelago", "sil-montelago-2", 4, "Un identificativo non cambia mai"),
        ("kind = \"SIL\"", "kind = \"SILO\"", 2, "può essere: CAV, CPI"),
        ("\"rete-prova\"", "\"rete-altra\"", 4, "la cartella della rete «rete-prova»"),
        ("[[programme]]", "[[programma]]", 2, "riga"),
    ] {
        desk.write("guasta.toml", &NETWORK.replace(from, to))?;
        desk.refused("apply guasta.toml", code, &[says]).await?;
    }
    desk.write("comuni.csv", "codice_istat,ambito\n19101,cremona\n019035,crema\n019035,crema\n999999,crema\n")?;
    desk.refused(
        "territory import comuni.csv",
        2,
        &["riga 2: «19101» non è un codice ISTAT", "riga 4", "riga 5: 999999 non è il codice di nessun comune"],
    )
    .await?;
    desk.write("comuni.csv", "codice_istat,ambito,equipe\n019101,cremona,cremona\n019036,casalmaggiore,\n")?;
    let imported = desk.admin("territory import comuni.csv").await?;
    ensure!(imported.err.contains("nessuna équipe per l'ambito «casalmaggiore»"), "{imported:?}");

    // Step by step an équipe may lack somebody; a signature may not.
    let made = desk.admin("equipe create casalmaggiore --ambito casalmaggiore --required CPI").await?;
    ensure!(made.err.contains("nessun componente ha il ruolo obbligatorio CPI"), "{made:?}");
    desk.refused("directory sign", 4, &["nessun componente ha il ruolo obbligatorio CPI"]).await?;
    desk.refused("equipe add casalmaggiore comune-capofila:SIL", 4, &["è capofila"]).await?;
    desk.admin("equipe add casalmaggiore cpi-rivabella:CPI").await?;
    let programme = "programme create prova-2 --title Prova --from 2026-01-01 --until 2027-01-01 --capofila";
    desk.refused(&format!("{programme} cpi-rivabella"), 4, &["è capofila"]).await?;
    desk.admin(&format!("{programme} comune-capofila")).await?;
    desk.admin("equipe add casalmaggiore cav-ginestra:CAV").await?;
    let removed = desk.admin("equipe remove casalmaggiore cav-ginestra").await?;
    ensure!(removed.out.contains("équipe «casalmaggiore»"), "{removed:?}");
    let review = desk.admin("directory review").await?;
    ensure!(review.out.contains("+ équipe «casalmaggiore»") && review.err.contains("una sola chiave"), "{review:?}");

    desk.write("frase", PASSPHRASE)?;
    fs::set_permissions(desk.path("frase"), fs::Permissions::from_mode(0o640)).context("our own")?;
    desk.refused("directory sign --passphrase-file frase", 2, &["frase segreta: deve essere solo tuo"]).await?;
    fs::set_permissions(desk.path("frase"), fs::Permissions::from_mode(0o600)).context("our own")?;
    let signed = desk.admin("directory sign --passphrase-file frase --json").await?.json()?;
    ensure!(signed["version"] == 1 && signed["network_words"].is_string(), "{signed}");
    for stray in ["v0001.bin.bak", ".DS_Store"] {
        desk.write(&format!("rete/directory/{stray}"), "di nessuno")?;
    }
    let again = desk.admin("directory sign --renew --json").await?.json()?;
    ensure!(again["version"] == 2 && desk.path("rete/directory/v0002.bin").exists(), "{again}");

    desk.refused("network init rete-prova", 4, &["non è vuota"]).await?;
    let nowhere = desk.types("raccordo-admin", "--network altrove directory review").await?;
    ensure!(nowhere.code == 2 && nowhere.err.contains("non c'è una rete"), "{nowhere:?}");
    // Whose turn it is stays said where the answer finds no place.
    for (line, code) in [
        ("--network rete directory diff 7 8", 4),
        ("--network altrove directory show", 2),
        ("directory nonsense", 2),
        ("--network rete directory show", 1),
    ] {
        let mut command = desk.command("raccordo-admin")?;
        command.args(line.split(' ')).arg("--json").stdout(fs::File::create("/dev/full").context("a full disk")?);
        let ended = tokio::time::timeout(DEADLINE, command.status()).await.context("it does not end")??;
        ensure!(ended.code() == Some(code), "{line}: {ended:?}");
    }
    Ok(())
}
