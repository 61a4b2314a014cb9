//! The life of an office after its first day, typed at the real administration: suspended, resumed, evicted, revoked, readmitted,
//! banned, and its certificate renewed by its old key while its agent runs; who is in and until when; and the log of it all.
//!
//! Not here: which act is allowed from which state (the administration's own tests), links that are cut (`revocation`).

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use anyhow::{Context as _, ensure};
use prost::Message as _;
use raccordo_agent::config;
use raccordo_agent::tls::TlsIdentity;
use raccordo_proto::wire;
use raccordo_tests::processes::{Running, Said, free_port};
use serde_json::Value;

use crate::admin::{Desk, FORM, activated, answered, asks, network, runs};

impl Desk {
    /// Takes the older of each two TLS keys out of the draft.
    pub(crate) fn unpins_older_keys(&self) -> anyhow::Result<()> {
        let draft = fs::read_to_string(self.path("rete/rete.toml")).context("the draft")?;
        let (mut lines, mut unpinned) = (draft.lines().map(str::to_owned).collect::<Vec<_>>(), 0);
        for line in &mut lines {
            if let Some((older, newer)) = line.strip_prefix("tls = [").and_then(|keys| keys.split_once(", ")) {
                ensure!(older.len() == newer.len() - 1, "{line}");
                *line = format!("tls = [{newer}");
                unpinned += 1;
            }
        }
        ensure!(unpinned > 0, "nobody has two keys");
        fs::write(self.path("rete/rete.toml"), lines.join("\n")).context("the draft")
    }

    /// Types a line of the administration; the last word may have blanks.
    pub(crate) async fn says(&self, line: &str, reason: &str) -> anyhow::Result<Said> {
        let words: Vec<&str> = ["--network", "rete"].into_iter().chain(line.split(' ')).chain(["--reason", reason]).collect();
        let said = self.typed("raccordo-admin", &words).await?;
        ensure!(said.code == 0, "{line}: {said:?}");
        Ok(said)
    }

    /// Rows of `agency list`.
    async fn row(&self, id: &str) -> anyhow::Result<Value> {
        let listed = self.admin("agency list --json").await?.json()?;
        let rows = listed["rows"].as_array().context("rows")?;
        rows.iter().find(|row| row["id"] == id).cloned().with_context(|| format!("{id}: {listed}"))
    }

    /// An office asks from a folder of its own, and is approved and signed.
    async fn enrols(&self, id: &str, folder: &str, how: &str) -> anyhow::Result<()> {
        self.done("raccordo-agent", &format!("enrol --folder {folder} --request {folder}.request")).await?;
        self.admin(&format!("agency approve {folder}.request --id {id}{how}")).await?;
        self.admin("directory sign").await?;
        Ok(())
    }
}

#[tokio::test]
async fn each_act_says_what_will_happen_and_binds_after_a_signature() -> anyhow::Result<()> {
    let desk = network().await?;
    for office in ["cpi-rivabella", "sil-montelago"] {
        desk.enrols(office, office, "").await?;
    }
    let row = desk.row("cpi-rivabella").await?;
    ensure!(row["state"] == "ACTIVE" && row["validity"] == "VALID" && row["days_left"] == 395, "{row}");
    ensure!(row["next"]["action"] == "renew" && row["warning_days"].is_null(), "{row}");
    ensure!(desk.row("cav-ginestra").await?["next"]["action"] == "enrol");

    // Suspended, and back.
    desk.refused("agency suspend cpi-rivabella", 2, &["--reason"]).await?;
    desk.refused("agency suspend nessuno --reason prova", 4, &["non c'è un ufficio «nessuno»"]).await?;
    desk.refused("agency resume cpi-rivabella --reason prova", 4, &["non è sospeso"]).await?;
    let said = desk.says("agency suspend cpi-rivabella", "computer in riparazione").await?;
    ensure!(said.err.contains("entro 2 secondi") && said.err.contains("ATTENZIONE: nell'équipe «cremona»"), "{said:?}");
    let row = desk.row("cpi-rivabella").await?;
    ensure!(row["state"] == "ACTIVE" && row["draft_state"] == "SUSPENDED" && row["next"]["action"] == "sign", "{row}");
    let review = desk.admin("directory review").await?;
    ensure!(review.err.contains("«cpi-rivabella» sarà sospeso"), "{review:?}");
    desk.admin("directory sign").await?;
    ensure!(desk.row("cpi-rivabella").await?["state"] == "SUSPENDED");
    desk.refused("agency suspend cpi-rivabella --reason prova", 4, &["è già sospeso"]).await?;
    let resumed = desk.says("agency resume cpi-rivabella", "riparato").await?;
    ensure!(resumed.err.contains("riparte da solo"), "{resumed:?}");

    // Evicted, and enrolled again at once.
    desk.says("agency evict sil-montelago", "rubato").await?;
    desk.admin("directory sign").await?;
    let row = desk.row("sil-montelago").await?;
    ensure!(row["state"] == "NOT_CONNECTED" && row["validity"] == "NONE" && row["next"]["action"] == "enrol", "{row}");
    desk.refused("agency evict sil-montelago --reason prova", 4, &["non ha una macchina"]).await?;
    let old = "agency approve sil-montelago.request --id sil-montelago";
    desk.refused(old, 4, &["che è stata revocata"]).await?;
    desk.enrols("sil-montelago", "sil-2", "").await?;
    ensure!(desk.row("sil-montelago").await?["state"] == "ACTIVE");

    // Revoked once somebody else has its role, and readmitted with new keys.
    let alone = &["«sil-montelago» è il solo con il ruolo obbligatorio SIL", "equipe add crema"];
    desk.refused("agency revoke sil-montelago --reason prova", 4, alone).await?;
    desk.admin("equipe add crema cpi-rivabella:SIL").await?;
    let revoked = desk.says("agency revoke sil-montelago", "convenzione finita").await?;
    ensure!(revoked.out.contains("~ équipe «crema»") && revoked.err.contains("--readmit"), "{revoked:?}");
    desk.admin("directory sign").await?;
    for line in ["resume", "suspend", "evict", "revoke"] {
        desk.refused(&format!("agency {line} sil-montelago --reason prova"), 4, &["è revocato", "--readmit"]).await?;
    }
    desk.done("raccordo-agent", "enrol --folder sil-3 --request sil-3.request").await?;
    desk.refused("agency approve sil-3.request --id sil-montelago", 4, &["si approva con --readmit"]).await?;
    desk.refused("agency approve sil-2.request --id sil-montelago --readmit", 4, &["che è stata revocata"]).await?;
    desk.refused("agency approve sil-3.request --id cav-ginestra --readmit", 4, &["e non revocato"]).await?;
    desk.enrols("sil-montelago", "sil-3", " --readmit").await?;
    ensure!(desk.row("sil-montelago").await?["state"] == "ACTIVE");

    // Banned, for ever; and who leads a programme is replaced first.
    desk.refused("agency ban sil-montelago --reason prova", 2, &["PER SEMPRE", "--yes"]).await?;
    desk.refused("agency ban comune-capofila --reason prova --yes", 4, &["ne è il capofila"]).await?;
    desk.says("agency ban sil-montelago --yes", "prova").await?;
    desk.admin("directory sign").await?;
    for line in ["resume", "suspend", "evict", "revoke", "ban --yes"] {
        desk.refused(&format!("agency {line} sil-montelago --reason prova"), 4, &["è bandito"]).await?;
    }
    desk.refused("agency approve sil-3.request --id sil-montelago --readmit", 4, &["è bandito"]).await?;
    let row = desk.row("sil-montelago").await?;
    ensure!(row["state"] == "BANNED" && row["next"].is_null(), "{row}");
    Ok(())
}

#[tokio::test]
async fn every_act_is_in_the_log_and_a_changed_log_is_seen() -> anyhow::Result<()> {
    let desk = network().await?;
    desk.enrols("cpi-rivabella", "cpi-rivabella", "").await?;
    desk.says("agency suspend cpi-rivabella", "computer in riparazione").await?;
    let tail = desk.admin("audit tail --rows 3 --json").await?.json()?;
    let rows = tail["rows"].as_array().context("rows")?;
    let acts: Vec<&Value> = rows.iter().map(|row| &row["act"]).collect();
    assert_eq!(acts, ["agency approve", "directory sign", "agency suspend"], "{tail}");
    ensure!(rows[2]["reason"] == "computer in riparazione" && rows[2]["about"][0] == "cpi-rivabella", "{tail}");
    ensure!(rows[1]["version"] == 1 && rows[2]["version"] == 1, "{tail}");
    ensure!(desk.admin("audit verify").await?.out.contains("Registro intero: 5 righe"));
    desk.admin("audit export copia.jsonl").await?;
    let log = desk.path("rete/log.jsonl");
    let text = fs::read_to_string(&log).context("the log")?;
    ensure!(fs::read_to_string(desk.path("copia.jsonl")).context("a copy")? == text);

    // A row that a crash has torn is told, and the next act goes on after it.
    fs::write(&log, format!("{text}{{\"number\":6")).context("the log")?;
    ensure!(desk.admin("audit verify").await?.out.contains("L'ultima riga è tronca"));
    desk.says("agency resume cpi-rivabella", "riparato").await?;
    let verified = desk.admin("audit verify --json").await?.json()?;
    ensure!(verified["rows"] == 6 && verified["torn"] == false, "{verified}");

    // One that somebody has changed stops everything that would write another.
    let whole = fs::read_to_string(&log).context("the log")?;
    fs::write(&log, whole.replace("in riparazione", "rubato")).context("the log")?;
    desk.refused("audit verify", 5, &["è stato cambiato", "riga 6: non segue quella prima"]).await?;
    desk.refused("agency suspend cpi-rivabella --reason prova", 5, &["è stato cambiato"]).await?;
    // Taken off the end, the row of a signature is missed.
    fs::write(&log, whole.split_inclusive('\n').take(2).collect::<String>()).context("the log")?;
    desk.refused("audit verify", 5, &["le firme delle versioni 1"]).await?;
    // A folder from before there was a log begins one.
    fs::remove_file(&log).context("the log")?;
    ensure!(desk.admin("audit verify --json").await?.json()?["rows"] == 0);
    desk.says("agency suspend cpi-rivabella", "prova").await?;
    ensure!(desk.admin("audit verify --json").await?.json()?["rows"] == 1);
    Ok(())
}

/// What an activation may change in the folder of `cav-ginestra`, and what it must not.
fn kept(desk: &Desk) -> [Option<Vec<u8>>; 6] {
    let files = ["chain.pem", "key.pem", "key-2.pem", "renewal.bin", "agent.toml", "rete.bin"];
    files.map(|name| fs::read(desk.path("cav-ginestra").join(name)).ok())
}

/// Two files that belong together: a chain and its key, a request and its key.
type Pair = (Vec<u8>, Vec<u8>);

/// Whether chain and key, as they would lie there after a crash, are a pair that works.
fn works(desk: &Desk, chain: &[u8], keys: &[&[u8]]) -> anyhow::Result<bool> {
    let (chain_file, key_file) = (desk.path("crash-chain.pem"), desk.path("crash-key.pem"));
    fs::write(&chain_file, chain).context("a chain")?;
    raccordo_machine::files::replace(&key_file, &keys.join(&b"\n"[..])).context("keys")?;
    Ok(TlsIdentity::load(&config::Tls { chain: chain_file, key: key_file })?.fits())
}

/// Without a store nothing is unlocked: a passphrase is not asked for, and nothing is made for it.
async fn never_begun(desk: &Desk) -> anyhow::Result<()> {
    let (config, seed, aside) = ("cav-ginestra/agent.toml", "cav-ginestra/identity.seed", "aside.seed");
    let text = fs::read_to_string(desk.path(config))?;
    let with_passphrase = text.replace("source = \"credential\"\npath = \"store.key\"", "source = \"passphrase\"");
    ensure!(with_passphrase != text, "{text}");
    fs::write(desk.path(config), with_passphrase)?;
    fs::rename(desk.path(seed), desk.path(aside))?;
    let said = desk.types("raccordo-agent", "enrol --renew --request x --folder cav-ginestra").await?;
    ensure!(said.code == 4 && said.err.contains("non è mai partito"), "{said:?}");
    ensure!(!desk.path("cav-ginestra/state/unlock.bin").exists(), "a key was made for nobody");
    fs::rename(desk.path(aside), desk.path(seed))?;
    Ok(fs::write(desk.path(config), text)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_renewed_by_its_old_key_while_the_agent_runs() -> anyhow::Result<()> {
    let desk = network().await?;
    let port = free_port()?;
    answered(&desk, port).await?;
    activated(&desk, port).await?;
    let never_started = desk.types("raccordo-agent", "enrol --renew --request x --folder cav-ginestra").await?;
    ensure!(never_started.code == 4 && never_started.err.contains("non è mai partito"), "{never_started:?}");
    never_begun(&desk).await?;
    let gateway = runs(&desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?;
    let mut agents = Vec::new();
    for office in ["cav-ginestra", "cpi-rivabella"] {
        agents.push(runs(&desk, office, "raccordo-agent", &format!("{office}/agent.toml"), "the agent serves").await?);
    }

    let nothing = desk.types("raccordo-agent", "activate rete/activations/agency-cav-ginestra.activation --folder cav-ginestra");
    let nothing = nothing.await?;
    ensure!(nothing.code == 4 && nothing.err.contains("nessuna richiesta di rinnovo"), "{nothing:?}");
    for office in ["cav-ginestra", "cpi-rivabella"] {
        desk.done("raccordo-agent", &format!("enrol --renew --folder {office} --request {office}.renewal")).await?;
    }
    desk.refused("agency renew cav-ginestra.renewal", 4, &["si rinnova dal", "--early"]).await?;
    desk.refused("agency renew cav-ginestra.renewal --early", 2, &["--reason"]).await?;
    let early = "--early --reason prova";
    desk.refused(&format!("agency renew cav-ginestra.request {early}"), 4, &["richiesta vecchia"]).await?;
    desk.refused(&format!("agency renew gw1.request {early}"), 2, &["è di un gateway"]).await?;
    asks(&desk, "estraneo").await?;
    let batch = "agency renew cav-ginestra.renewal cpi-rivabella.renewal";
    desk.refused(&format!("{batch} estraneo.request {early}"), 4, &["non è di nessun ufficio"]).await?;
    desk.admin(&format!("{batch} {early}")).await?;
    desk.admin("directory sign").await?;
    desk.published(&gateway, &agents, 2).await?;
    let old = (fs::read(desk.path("cav-ginestra/chain.pem"))?, fs::read(desk.path("cav-ginestra/key.pem"))?);

    // Another machine's answer changes nothing; one's own takes the pair's place, once more after a crash, too.
    let before = kept(&desk);
    let wrong = "activate rete/activations/agency-cpi-rivabella.activation --folder cav-ginestra";
    let wrong = desk.types("raccordo-agent", wrong).await?;
    ensure!(wrong.code == 5 && kept(&desk) == before, "{wrong:?}");
    a_18_another_trust_file_needs_its_words(&desk).await?;
    let waiting = (fs::read(desk.path("cav-ginestra/renewal.bin"))?, fs::read(desk.path("cav-ginestra/key-2.pem"))?);
    for office in ["cav-ginestra", "cpi-rivabella"] {
        let line = format!("activate rete/activations/agency-{office}.activation --folder {office}");
        let said = desk.done("raccordo-agent", &line).await?;
        ensure!(said.out.contains("non serve riavviare"), "{said:?}");
    }
    let new = (fs::read(desk.path("cav-ginestra/chain.pem"))?, fs::read(desk.path("cav-ginestra/key.pem"))?);
    ensure!(old.0 != new.0 && old.1 != new.1 && new.1 == waiting.1);
    after_a_crash(&desk, &old, &new, &waiting).await?;
    with_the_new_keys_alone(&desk, gateway).await?;
    ensure!(agents.iter_mut().all(|agent| agent.runs().unwrap_or_default()), "an agent was restarted");
    Ok(())
}

/// Wherever a crash leaves chain and key there is a pair that works, and the same answer once more ends the same.
async fn after_a_crash(desk: &Desk, old: &Pair, new: &Pair, waiting: &Pair) -> anyhow::Result<()> {
    for (chain, keys, fits) in [
        (&old.0, &[&old.1[..]][..], true),
        (&old.0, &[&old.1, &new.1], true),
        (&new.0, &[&old.1, &new.1], true),
        (&new.0, &[&new.1], true),
        (&new.0, &[&old.1], false),
    ] {
        assert_eq!(works(desk, chain, keys)?, fits);
    }
    for (name, bytes) in [("renewal.bin", &waiting.0), ("key-2.pem", &waiting.1)] {
        fs::write(desk.path("cav-ginestra").join(name), bytes)?;
    }
    raccordo_machine::files::replace(&desk.path("cav-ginestra/key.pem"), &[&old.1[..], b"\n", &new.1].concat())?;
    desk.done("raccordo-agent", "activate rete/activations/agency-cav-ginestra.activation --folder cav-ginestra").await?;
    ensure!(fs::read(desk.path("cav-ginestra/key.pem"))? == new.1 && !desk.path("cav-ginestra/renewal.bin").exists());
    Ok(())
}

/// An answer by another trust file than the folder's, as after the administrators' keys were rotated: the same administration
/// has written it here, and nobody can tell that from the file.
async fn a_18_another_trust_file_needs_its_words(desk: &Desk) -> anyhow::Result<()> {
    let answer = fs::read(desk.path("rete/activations/agency-cav-ginestra.activation")).context("an answer")?;
    let mut answer = wire::Activation::decode(&answer[..])?;
    // A field that no version knows.
    answer.trust = [&answer.trust[..], &[0xf8, 0x7f, 0x01]].concat().into();
    fs::write(desk.path("altra.activation"), answer.encode_to_vec()).context("an answer")?;
    let line = "activate altra.activation --folder cav-ginestra";
    let other = desk.types("raccordo-agent", line).await?;
    ensure!(other.code == 5 && other.err.contains("altre chiavi di amministrazione"), "{other:?}");
    let unlike = desk.types("raccordo-agent", &format!("{line} --words abaco")).await?;
    ensure!(unlike.code == 5 && unlike.err.contains("Le parole della rete sono altre"), "{unlike:?}");

    // By the words that the refusal says it is taken; in a copy of the folder, whose own trust file stays.
    let words = other.err.split_once("(parole: ").and_then(|(_, rest)| rest.split_once(')')).context("words")?.0;
    let copy = desk.path("copia");
    fs::create_dir(&copy).context("a copy")?;
    for file in fs::read_dir(desk.path("cav-ginestra")).context("the folder")? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), copy.join(file.file_name())).context("a copy")?;
        }
    }
    let line = ["activate", "altra.activation", "--folder", "copia", "--words", words];
    let taken = desk.typed("raccordo-agent", &line).await?;
    ensure!(taken.code == 0, "{taken:?}");
    let lies = |file: &str| fs::read(desk.path(file)).context("a file");
    ensure!(lies("copia/chain.pem")? != lies("cav-ginestra/chain.pem")?);
    ensure!(lies("copia/rete.bin")? == lies("cav-ginestra/rete.bin")?);
    Ok(())
}

/// The first keys are pinned no more, the gateway begins anew, and a letter goes through.
async fn with_the_new_keys_alone(desk: &Desk, gateway: Running) -> anyhow::Result<()> {
    desk.unpins_older_keys()?;
    desk.admin("directory sign").await?;
    desk.published(&gateway, &[], 3).await?;
    gateway.kill().await?;
    let gateway = runs(desk, "gateway", "raccordo-gateway", "gw1/gateway.toml", "listening").await?;
    let uid = fs::metadata(desk.path("rete")).context("our own folder")?.uid();
    let add = format!("--config cav-ginestra/agent.toml operator add Giulia --uid {uid} --ruolo operatrice");
    desk.done("raccordo-agent", &add).await?;
    fs::write(desk.path("form.toml"), FORM).context("a form")?;
    let segnala = "--config cav-ginestra/agent.toml segnala form.toml --equipe cremona --wait --json";
    let said = desk.done("raccordo-agent", segnala).await?.json()?;
    assert_eq!(said["delivered"], serde_json::json!(["cpi-rivabella"]), "{said} {}", gateway.last_words());
    Ok(())
}
