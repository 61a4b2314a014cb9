//! An office that loses its disk: restored from its last backup, it is given back by the others what has passed since, and
//! nothing that it had erased; a sender's case that the backup did not know comes back from its recipients.
//!
//! Not here: what a restore refuses, and one that is interrupted (the agent's own tests).

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_proto::AgencyId;
use raccordo_tests::processes::{DEADLINE, Form, World, count};
use raccordo_tests::results;
use serde_json::Value;

use crate::evidence;
use crate::journey::segnala;

/// Makes a key and the configuration of backups for an office that has not started yet.
pub async fn makes_backups(world: &World, agency: &AgencyId) -> anyhow::Result<()> {
    let key = world.path("backup-key.txt");
    let made = world.say(agency, &["backup", "new-key", text(&key)?, "--json"]).await?;
    let recipient = made.json()?["recipient"].as_str().context("a recipient")?.to_owned();
    let folder = world.path("copies");
    fs::create_dir(&folder).context("the folder of backups")?;
    let config = world.network.agent(agency).config();
    let section = format!("\n[backup]\nrecipient = {recipient:?}\nfolder = {:?}\n", text(&folder)?);
    fs::write(&config, fs::read_to_string(&config)? + &section).context("the configuration")
}

/// Kills an office's agent and takes its journal away; what is left does not start.
async fn loses_its_journal(world: &mut World, agency: &AgencyId) -> anyhow::Result<()> {
    world.kill_agent(agency).await?;
    let state = world.network.agent(agency).path().join("state");
    fs::remove_dir_all(state.join("journal.sled")).context("the journal")?;
    let refused = world.say(agency, &["serve"]).await?;
    ensure!(refused.code == 1 && refused.err.contains("mancano registrazioni"), "{refused:?}");
    Ok(())
}

/// Restores a backup and starts the office again.
async fn comes_back(world: &mut World, agency: &AgencyId, backup: &str, words: &[&str]) -> anyhow::Result<Value> {
    let key = world.path("backup-key.txt");
    let restore = [&["restore", backup, "--identity", text(&key)?][..], words].concat();
    let refused = world.say(agency, &restore).await?;
    ensure!(refused.code == 4 && refused.err.contains("--set-aside"), "{refused:?}");
    let restored = world.say(agency, &[&restore[..], &["--set-aside", "--json"]].concat()).await?;
    ensure!(restored.code == 0, "{restored:?}");
    world.attach(std::slice::from_ref(agency)).await?;
    restored.json()
}

pub async fn backup_now(world: &World, agency: &AgencyId) -> anyhow::Result<String> {
    let written = world.say(agency, &["backup", "now", "--json"]).await?;
    ensure!(written.code == 0, "{written:?}");
    Ok(written.json()?["file"].as_str().context("a file")?.to_owned())
}

fn text(path: &std::path::Path) -> anyhow::Result<&str> {
    path.to_str().context("a plain path")
}

/// Nobody has to wait for a transmission to be given up: who comes back is written to under its new card at once.
const AGAIN: Duration = DEADLINE;

/// Waits until nothing of an office is on its way any more. Asked again and again: transport's own letters have no event.
async fn nothing_waits(world: &World, agency: &AgencyId) -> anyhow::Result<()> {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let settled = async {
        while world.status(agency).await?.queued > 0 {
            looks.tick().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(AGAIN, settled).await.with_context(|| format!("something of {agency} still waits"))?
}

async fn codici(world: &World, agency: &AgencyId, words: &[&str]) -> anyhow::Result<Vec<String>> {
    let rows = world.rows(agency, words).await?;
    let mut codici: Vec<_> = rows.iter().filter_map(|row| row["codice"].as_str().map(str::to_owned)).collect();
    codici.sort();
    Ok(codici)
}

fn sorted<const N: usize>(codici: [&str; N]) -> Vec<String> {
    BTreeSet::from(codici).into_iter().map(str::to_owned).collect()
}

/// A letter before the backup, and one that is erased after it; two that come after it; the disk; the restore. Answers
/// the world, with the office back and everything given back, and the codes: kept, erased, come since.
async fn a_recipient_loses_its_disk(tombstones: bool) -> anyhow::Result<(World, [String; 3])> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    makes_backups(&world, &cpi()).await?;
    world.attach(&[cav(), sociale(), cpi(), sil()]).await?;
    for office in [cav(), cpi()] {
        world.add_person(&office).await?;
    }
    let kept = segnala(&world, &Form::default()).await?;
    let erased = segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &cpi(), 2).await?;
    let backup = backup_now(&world, &cpi()).await?;

    let since = segnala(&world, &Form::default()).await?;
    world.act(&cav(), &["case", "disclose", &kept, "--to", "cpi-rivabella"]).await?;
    world.delivered(&cav(), &cpi(), 4).await?;
    let person = world.pseudonym(&cpi())?;
    let asked = world.say(&cpi(), &["case", "erase", &erased, "--operator", &person]).await?;
    ensure!(asked.code == 4 && asked.err.contains("--yes"), "{asked:?}");
    assert_eq!(codici(&world, &cpi(), &["inbox", "list"]).await?, sorted([&kept, &erased, &since]));
    world.act(&cpi(), &["case", "erase", &erased, "--yes"]).await?;
    assert_eq!(codici(&world, &cpi(), &["inbox", "list"]).await?, sorted([&kept, &since]));

    loses_its_journal(&mut world, &cpi()).await?;
    let words: &[&str] = if tombstones { &[] } else { &["--without-tombstones"] };
    let restored = comes_back(&mut world, &cpi(), &backup, words).await?;
    assert_eq!(restored["cases_left_out"], u64::from(tombstones), "{restored}");
    let letters = if tombstones { 3 } else { 4 };
    let back = |told: &[_]| count(told, EventKind::Received, &cav()) >= letters;
    world.wait(&cpi(), "RECEIVED what came since", AGAIN, back).await?;
    nothing_waits(&world, &cav()).await?;
    Ok((world, [kept, erased, since]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_recipient_gets_back_what_came_since_and_nothing_that_it_had_erased() -> anyhow::Result<()> {
    let (world, [kept, erased, since]) = a_recipient_loses_its_disk(true).await?;
    assert_eq!(codici(&world, &cpi(), &["inbox", "list"]).await?, sorted([&kept, &since]));
    let person = world.pseudonym(&cpi())?;
    let gone = world.say(&cpi(), &["inbox", "show", &erased, "--operator", &person]).await?;
    assert_eq!((gone.code, gone.err.trim()), (4, "Codice inesistente."));
    for (codice, letters) in [(&kept, 2), (&since, 1)] {
        let (sent, arrived) = (evidence::held(&world, &cav(), codice).await?, evidence::held(&world, &cpi(), codice).await?);
        assert_eq!(sent.letters, arrived.letters);
        assert!(sent.digests == arrived.digests && sent.heads == arrived.heads, "not the bytes that were sent, or not all");
        assert_eq!(arrived.letters.len(), letters);
    }
    // Everything is still delivered at its sender, and once.
    let rows = world.rows(&cav(), &["outbox"]).await?;
    assert_eq!(rows.len(), 10, "{rows:?}");
    assert!(rows.iter().all(|row| row["delivery"] == "DELIVERED"), "{rows:?}");
    // Another letter, there and back, so that anything that came twice would have been heard by now.
    let after = segnala(&world, &Form::default()).await?;
    let came = |told: &[_]| count(told, EventKind::Received, &cav()) >= 4;
    world.wait(&cpi(), "RECEIVED one more", DEADLINE, came).await?;
    world.delivered(&cav(), &cpi(), 5).await?;
    let received = count(&world.told(&cpi())?, EventKind::Received, &cav());
    results::write("T23", "letters that a restored recipient was given back", received - 2, 2, file!());
    assert_eq!(received, 4, "one from the backup, two given back, one new");
    let back = codici(&world, &cpi(), &["inbox", "list"]).await?.into_iter().filter(|codice| *codice == erased).count();
    results::write_at_most("T24", "erased cases that came back", back, 0, file!());
    assert_eq!(codici(&world, &cpi(), &["inbox", "list"]).await?, sorted([&kept, &since, &after]));
    Ok(())
}

/// The control of the test above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_tombstones_a_restored_recipient_has_the_erased_case_again() -> anyhow::Result<()> {
    let (world, [kept, erased, since]) = a_recipient_loses_its_disk(false).await?;
    let inbox = codici(&world, &cpi(), &["inbox", "list"]).await?;
    let back = inbox.iter().filter(|codice| **codice == erased).count();
    results::write("T24", "control: erased cases that come back without tombstones", back, 1, file!());
    assert_eq!(inbox, sorted([&kept, &erased, &since]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_sender_gets_its_case_back_from_its_recipients_as_delivered() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    makes_backups(&world, &cav()).await?;
    let recipients = [sociale(), cpi(), sil()];
    world.attach(&[&[cav()][..], &recipients].concat()).await?;
    for office in [&[cav()][..], &recipients].concat() {
        world.add_person(&office).await?;
    }
    let before = segnala(&world, &Form::default()).await?;
    for office in &recipients {
        world.delivered(&cav(), office, 1).await?;
    }
    let backup = backup_now(&world, &cav()).await?;
    let since = segnala(&world, &Form::default()).await?;
    for office in &recipients {
        world.delivered(&cav(), office, 2).await?;
    }
    let sent = evidence::held(&world, &cav(), &since).await?;

    loses_its_journal(&mut world, &cav()).await?;
    let restored = comes_back(&mut world, &cav(), &backup, &[]).await?;
    assert_eq!(restored["cases_left_out"], 0, "{restored}");
    for office in &recipients {
        let back = |told: &[_]| count(told, EventKind::Delivered, office) >= 2;
        world.wait(&cav(), &format!("DELIVERED what {office} has"), AGAIN, back).await?;
        nothing_waits(&world, office).await?;
    }
    let rows = world.rows(&cav(), &["outbox"]).await?;
    assert!(rows.iter().all(|row| row["delivery"] == "DELIVERED"), "{rows:?}");
    assert_eq!(codici(&world, &cav(), &["outbox"]).await?.len(), 6, "{rows:?}");
    for office in &recipients {
        assert_eq!(count(&world.told(&cav())?, EventKind::Delivered, office), 2, "{office}");
        assert_eq!(codici(&world, office, &["inbox", "list"]).await?, sorted([&before, &since]), "{office}");
    }
    let again = evidence::held(&world, &cav(), &since).await?;
    results::write("T23", "proofs of delivery that a restored sender has again", again.receipts.len(), 3, file!());
    assert_eq!(again.letters, sent.letters);
    assert!(again.digests == sent.digests && again.heads == sent.heads, "not the bytes that were sent, or not all");
    assert_eq!(again.receipts.len(), 3);
    assert_eq!(evidence::whole(&world, &[&[cav()][..], &recipients].concat(), &since).await?, 1);
    Ok(())
}
