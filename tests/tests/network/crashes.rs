//! Agents that die with SIGKILL at the worst instants, and a second one on the same store: nothing is lost, nothing doubled.
//!
//! Not here: every crash point (the simulated world), a gateway that dies (`journey`).

use std::time::Duration;

use raccordo_agent::api::{Event, EventKind};
use raccordo_casework::receipts::Held;
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_proto::limits::RECEIPT_MAX;
use raccordo_proto::receipt::Outcome;
use raccordo_tests::processes::{DEADLINE, Form, Proxy, World, count};

use crate::evidence;
use crate::journey::{outbox_row, segnala};

/// A sender waits this long for a receipt before it sends again (the protocol's own), and then for its turn.
const AGAIN: Duration = RECEIPT_MAX.saturating_add(DEADLINE);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_killed_between_storing_and_receipt_has_the_letter_once_and_says_so_once() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    let proxy = Proxy::start(world.gateway_address()?).await?;
    world.go_through(&sil(), &proxy)?;
    world.attach(&[cav(), cpi(), sil()]).await?;
    world.add_person(&cav()).await?;
    world.add_person(&sil()).await?;
    let first = segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &sil(), 1).await?;

    proxy.hold();
    let second = segnala(&world, &Form::default()).await?;
    let stored = |told: &[Event]| count(told, EventKind::Received, &cav()) == 2;
    world.wait(&sil(), "RECEIVED twice", DEADLINE, stored).await?;
    assert_eq!(count(&world.told(&cav())?, EventKind::Delivered, &sil()), 1, "its receipt is held on the way");
    world.kill_agent(&sil()).await?;
    proxy.release();
    assert_eq!(outbox_row(&world, &second, "sil-rivabella").await?["delivery"], "QUEUED");
    world.start_agent(&sil()).await?;
    world.attached(&sil()).await?;
    let confirmed = |told: &[Event]| count(told, EventKind::Delivered, &sil()) >= 2;
    world.wait(&cav(), "DELIVERED twice", AGAIN, confirmed).await?;

    // Another letter, there and back, so that anything said twice would have been heard by now.
    let third = segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &sil(), 3).await?;
    assert_eq!(count(&world.told(&cav())?, EventKind::Delivered, &sil()), 3);
    let all = |told: &[Event]| count(told, EventKind::Received, &cav()) >= 3;
    world.wait(&sil(), "RECEIVED three times", DEADLINE, all).await?;
    assert_eq!(count(&world.told(&sil())?, EventKind::Received, &cav()), 3, "two from its journal, one live");
    for (codice, outcome) in [(&first, Outcome::Delivered), (&second, Outcome::Duplicate), (&third, Outcome::Delivered)] {
        let (sent, arrived) = (evidence::held(&world, &cav(), codice).await?, evidence::held(&world, &sil(), codice).await?);
        assert_eq!(sent.letters, arrived.letters);
        assert_eq!(sent.letters.len(), 1);
        let receipts: Vec<_> =
            sent.receipts.iter().filter(|((_, from), _)| *from == sil()).map(|(_, outcome)| *outcome).collect();
        assert_eq!(receipts, [Held::Receipted(outcome)], "{codice}");
        let inbox = world.rows(&sil(), &["inbox", "list"]).await?;
        assert_eq!(inbox.iter().filter(|row| row["codice"] == codice.as_str()).count(), 1, "{inbox:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_killed_right_after_segnala_still_delivers_once() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav(), sociale(), cpi()]).await?;
    world.add_person(&cav()).await?;
    let codice = segnala(&world, &Form::default()).await?;
    world.kill_agent(&cav()).await?;

    world.start_agent(&cav()).await?;
    world.start_agent(&sil()).await?;
    let rows = world.rows(&cav(), &["outbox"]).await?;
    assert_eq!(rows.iter().filter(|row| row["codice"] == codice.as_str()).count(), 3, "{rows:?}");
    let delivered = |told: &[Event]| [sociale(), cpi(), sil()].iter().all(|o| count(told, EventKind::Delivered, o) == 1);
    world.wait(&cav(), "DELIVERED to three", DEADLINE, delivered).await?;
    for office in [sociale(), cpi(), sil()] {
        world.add_person(&office).await?;
    }
    assert_eq!(evidence::whole(&world, &[cav(), sociale(), cpi(), sil()], &codice).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_agent_on_the_same_store_is_refused_and_the_first_goes_on() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav(), cpi()]).await?;
    world.add_person(&cav()).await?;
    let refused = world.say(&cav(), &["serve"]).await?;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.lines().any(|line| line == "L'archivio è già in uso da un altro agente."), "{refused:?}");

    segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &cpi(), 1).await?;
    assert!(world.status(&cav()).await?.attached);
    Ok(())
}
