//! An office whose store a passphrase opens: from its first start over a backup and another passphrase to a restore; and what
//! it refuses, in words. Not here: the file that it opens (the agent's own tests), a terminal.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::cpi;
use raccordo_tests::processes::{World, replace};

use crate::restore::{backup_now, makes_backups};

const ONE: &str = "la prima frase segreta";
const TWO: &str = "un'altra, la seconda";

/// What a command says when it must fail so.
async fn refused(world: &World, words: &[&str], code: i32, says: &str) -> anyhow::Result<()> {
    let said = world.say(&cpi(), words).await?;
    ensure!(said.code == code && said.err.contains(says), "{words:?}: {said:?}");
    Ok(())
}

async fn done(world: &World, words: &[&str]) -> anyhow::Result<()> {
    let said = world.say(&cpi(), words).await?;
    ensure!(said.code == 0, "{words:?}: {said:?}");
    Ok(())
}

/// Whether the reader in another language opens the file, and finds a key in it.
fn opens_in_python(unlock: &Path, passphrase: &str) -> anyhow::Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a room of the workspace")?;
    let mut reader = Command::new(root.join("target/interop/bin/python"));
    reader.arg("-B").arg(root.join("tests/interop/unlock.py")).arg(unlock).arg(passphrase);
    let said = reader.output().context("Python: run tests/prepare")?;
    Ok(said.status.success() && said.stdout.trim_ascii().len() == 64)
}

/// The CPI, its configuration said to ask for a passphrase, and its backups configured.
async fn asks_for_a_passphrase() -> anyhow::Result<World> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    let config = world.network.agent(&cpi()).config();
    refused(&world, &["unlock", "change-passphrase"], 4, "non si apre con una frase segreta").await?;
    replace(&config, "source = \"credential\"", "source = \"keyring\"")?;
    refused(&world, &["serve"], 2, "il portachiavi del sistema non è previsto").await?;
    let text = fs::read_to_string(&config).context("the configuration")?;
    let without_path: Vec<&str> = text.lines().filter(|line| !line.contains("store.key")).collect();
    fs::write(&config, without_path.join("\n").replace("\"keyring\"", "\"passphrase\"")).context("the configuration")?;
    makes_backups(&world, &cpi()).await?;
    Ok(world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_opens_with_its_passphrase_through_a_change_and_a_restore() -> anyhow::Result<()> {
    let mut world = asks_for_a_passphrase().await?;
    let unlock = world.network.agent(&cpi()).path().join("state/unlock.bin");
    for too_short in ["", "undici-undi"] {
        world.types(&cpi(), &[too_short]);
        refused(&world, &["serve"], 2, "almeno 12 caratteri").await?;
        ensure!(!unlock.exists(), "something was made for a passphrase that was refused");
    }
    world.types(&cpi(), &[ONE]);
    world.attach(&[cpi()]).await?;
    world.add_person(&cpi()).await?;
    refused(&world, &["unlock", "change-passphrase"], 1, "in uso da un altro agente").await?;
    let backup = backup_now(&world, &cpi()).await?;

    world.kill_agent(&cpi()).await?;
    world.types(&cpi(), &[TWO]);
    let before = fs::read(&unlock).context("unlock.bin")?;
    for words in [&["serve"][..], &["backup", "now"], &["unlock", "change-passphrase"]] {
        refused(&world, words, 1, "o con questa frase segreta").await?;
    }
    world.types(&cpi(), &[ONE]);
    backup_now(&world, &cpi()).await?;
    ensure!(fs::read(&unlock).context("unlock.bin")? == before, "the file is as it was");
    world.types(&cpi(), &[ONE, TWO]);
    done(&world, &["unlock", "change-passphrase"]).await?;
    refused(&world, &["serve"], 1, "o con questa frase segreta").await?;
    ensure!(!opens_in_python(&unlock, ONE)? && opens_in_python(&unlock, TWO)?, "the other reader opens it otherwise");
    world.types(&cpi(), &[TWO]);
    world.attach(&[cpi()]).await?;

    // The file is damaged: a new passphrase, a new key, and everything from the backup.
    world.kill_agent(&cpi()).await?;
    let mut damaged = fs::read(&unlock).context("unlock.bin")?;
    damaged[80] ^= 1;
    fs::write(&unlock, &damaged).context("unlock.bin")?;
    refused(&world, &["serve"], 1, "L'archivio è danneggiato").await?;
    let key = world.path("backup-key.txt");
    let key = key.to_str().context("a plain path")?;
    world.types(&cpi(), &[ONE]);
    let said = world.say(&cpi(), &["restore", &backup, "--identity", key, "--set-aside", "--json"]).await?;
    ensure!(said.code == 0, "{said:?}");
    let said = said.json()?;
    assert_eq!(said["set_aside_as_damaged"], serde_json::json!(["keyring.bin", "identity.bin", "unlock.bin"]));
    assert_eq!(said["must_enrol"], true, "the backup had no identity, and the one here opens no more");
    refused(&world, &["serve"], 1, "chiave d'identità").await?;
    Ok(())
}
