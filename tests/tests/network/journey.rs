//! The first referral on real processes: to three offices of which one is away, through a gateway that loses everything it
//! keeps, read and taken in charge.
//!
//! Not here: agents that die (`crashes`).

use anyhow::{Context as _, ensure};
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_machine::clock;
use raccordo_tests::processes::{DEADLINE, Form, World, count};
use serde_json::Value;

use crate::evidence;

const WHO: [&str; 4] = ["--chi-segue", "referente", "--telefono", "0372 000001"];

/// Writes a form and sends it to the équipe of a municipality. Answers the code of the case.
pub async fn segnala(world: &World, form: &Form) -> anyhow::Result<String> {
    let file = world.write_form("segnalazione.toml", &form.text())?;
    let act = world.act(&cav(), &["segnala", &file, "--comune", "soresina"]).await?;
    Ok(act["codice"].as_str().with_context(|| format!("no code: {act}"))?.to_owned())
}

/// The outbox row of a case for one office.
pub async fn outbox_row(world: &World, codice: &str, recipient: &str) -> anyhow::Result<Value> {
    let rows = world.rows(&cav(), &["outbox"]).await?;
    let row = rows.iter().find(|row| row["codice"] == codice && row["recipient"] == recipient);
    row.cloned().with_context(|| format!("no row for {recipient}: {rows:?}"))
}

/// A row that waits for `reason` since some instant of this test.
fn assert_waits(row: &Value, reason: &str, began: u64) {
    assert_eq!((row["delivery"].as_str(), row["reason"].as_str()), (Some("QUEUED"), Some(reason)), "{row}");
    let since = row["since"].as_u64().unwrap_or(0);
    assert!(since >= began && since <= clock::now().as_millis(), "since {since}, the test began at {began}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_referral_outlives_an_absent_office_and_a_gateway_that_loses_all_it_keeps() -> anyhow::Result<()> {
    let began = clock::now().as_millis();
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav(), sociale(), cpi()]).await?;
    world.add_person(&cav()).await?;

    let codice = segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &sociale(), 1).await?;
    world.delivered(&cav(), &cpi(), 1).await?;
    assert_eq!(outbox_row(&world, &codice, "cpi-rivabella").await?["delivery"], "DELIVERED");
    assert_waits(&outbox_row(&world, &codice, "sil-rivabella").await?, "RECIPIENT_ABSENT", began);

    world.kill_gateway().await?;
    for agency in [cav(), sociale(), cpi()] {
        world.detached(&agency, DEADLINE).await?;
    }
    assert_waits(&outbox_row(&world, &codice, "sil-rivabella").await?, "GATEWAY_UNREACHABLE", began);
    world.empty_gateway_state()?;
    world.start_gateway().await?;
    for agency in [cav(), sociale(), cpi()] {
        world.attached(&agency).await?;
    }
    world.attach(&[sil()]).await?;
    world.delivered(&cav(), &sil(), 1).await?;
    let told = world.told(&cav())?;
    for office in [sociale(), cpi(), sil()] {
        assert_eq!(count(&told, EventKind::Delivered, &office), 1, "{office}");
    }

    answer(&world, &codice).await?;
    world.add_person(&sociale()).await?;
    world.add_person(&sil()).await?;
    let inbox = world.rows(&sil(), &["inbox", "list"]).await?;
    assert_eq!(inbox.iter().filter(|row| row["codice"] == codice.as_str()).count(), 1, "{inbox:?}");
    let letters = evidence::whole(&world, &[cav(), sociale(), cpi(), sil()], &codice).await?;
    assert_eq!(letters, 3, "segnalazione, riscontro, presa in carico");
    Ok(())
}

/// A referente of the CPI answers and takes its part; an operatrice of the same office may do neither.
async fn answer(world: &World, codice: &str) -> anyhow::Result<()> {
    world.add_person(&cpi()).await?;
    let added = ["operator", "add", "Rita", "--uid", "64001", "--pseudonym", "op-0bf5", "--ruolo", "operatrice"];
    let added = world.say(&cpi(), &added).await?;
    ensure!(added.code == 0, "{added:?}");

    let riscontro = [&["inbox", "riscontro", codice][..], &WHO, &["--entro", "2199-01-07"]].concat();
    let take = [&["inbox", "take", codice][..], &WHO].concat();
    for words in [&riscontro, &take] {
        let refused = world.say(&cpi(), &[words, &["--operator", "op-0bf5"][..]].concat()).await?;
        assert_eq!(refused.code, 4, "{refused:?}");
        assert_eq!(
            refused.err.trim(),
            "Solo chi ha il ruolo di referente può rispondere, prendere in carico, cancellare una pratica o confermare una chiave."
        );
    }
    assert_eq!(outbox_row(world, codice, "cpi-rivabella").await?["office_state"], "CONSEGNATA");

    world.act(&cpi(), &riscontro).await?;
    world.act(&cpi(), &take).await?;
    for office in [cav(), sociale(), sil()] {
        world.delivered(&cpi(), &office, 2).await?;
    }
    let row = outbox_row(world, codice, "cpi-rivabella").await?;
    assert_eq!((row["delivery"].as_str(), row["office_state"].as_str()), (Some("READ"), Some("PRESA_IN_CARICO")), "{row}");
    Ok(())
}
