//! An office that has another identity key in a new directory: what waits for it waits for a person's yes, and a yes is
//! worth something only with the words of that key. And a backup made while the agent is stopped.
//!
//! Not here: what the desk blocks and releases (casework), a restore (`restore`).

use raccordo_certs_dev::cast::{cav, sil};
use raccordo_proto::sign::{PublicKey, Signer as _};
use raccordo_proto::words;
use raccordo_tests::processes::{DEADLINE, Form, World};

use crate::journey::{outbox_row, segnala};
use crate::restore::makes_backups;

/// The SIL comes back to the network with another key, while a letter waits for it.
async fn the_sil_has_another_key(world: &mut World) -> anyhow::Result<PublicKey> {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).public_key();
    world.network.publish(|roster| {
        roster.office_mut(&sil()).into_iter().flat_map(|office| &mut office.machines).for_each(|machine| machine.ik = key);
    })?;
    world.gateway()?.signal("HUP").await?;
    let installed =
        |lines: &[String]| lines.iter().any(|l| l.contains("a directory was installed") && l.contains("\"version\":2"));
    world.process(&cav())?.lines().wait("version 2", DEADLINE, installed).await?;
    Ok(key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_key_is_accepted_by_its_own_words_alone() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    world.add_person(&cav()).await?;
    let referente = ["operator", "add", "Anna", "--uid", "64001", "--pseudonym", "op-0bf5", "--ruolo", "referente"];
    assert_eq!(world.say(&cav(), &referente).await?.code, 0);
    let accept = ["office", "accept-key", "sil-rivabella", "--operator", "op-0bf5", "--words"];
    let codice = segnala(&world, &Form::default()).await?;
    assert!(world.rows(&cav(), &["office", "keys"]).await?.is_empty());
    let known = words::words(world.network.identity(&sil()).expect("it has one").public_key().as_bytes());
    let nothing = world.say(&cav(), &[&accept[..], &[&known]].concat()).await?;
    assert!(nothing.code == 4 && nothing.err.contains("non c'è nulla da confermare"), "{nothing:?}");

    let key = the_sil_has_another_key(&mut world).await?;
    let blocked = outbox_row(&world, &codice, "sil-rivabella").await?;
    assert_eq!((blocked["delivery"].as_str(), blocked["reason"].as_str()), (Some("BLOCKED"), Some("KEY_CHANGED")));
    let outbox = world.say(&cav(), &["outbox", "--operator", "op-0bf5"]).await?;
    assert!(outbox.out.contains("fatti leggere le parole della loro chiave"), "{outbox:?}");
    let status = world.say(&cav(), &["status"]).await?;
    assert!(status.out.contains("Aspettano una conferma") && status.out.contains("non si fanno copie"), "{status:?}");
    let rows = world.rows(&cav(), &["office", "keys"]).await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let words = words::words(key.as_bytes());
    let own = world.say(&cav(), &["office", "keys", "--operator", "op-0bf5"]).await?;
    let of_cav = words::words(world.network.identity(&cav()).expect("it has one").public_key().as_bytes());
    assert!(own.out.contains(&of_cav) && own.out.contains(&words), "{own:?}");
    assert_eq!((rows[0]["office"].as_str(), rows[0]["words"].as_str()), (Some("sil-rivabella"), Some(words.as_str())));

    let refused = world.say(&cav(), &[&accept[..], &[&known]].concat()).await?;
    assert!(refused.code == 4 && refused.err.contains("non sono le parole"), "{refused:?}");
    assert_eq!(outbox_row(&world, &codice, "sil-rivabella").await?["delivery"], "BLOCKED");
    let accepted = world.say(&cav(), &[&accept[..], &[&words.to_uppercase()]].concat()).await?;
    assert_eq!(accepted.code, 0, "{accepted:?}");
    assert_eq!(outbox_row(&world, &codice, "sil-rivabella").await?["delivery"], "QUEUED");
    assert!(world.rows(&cav(), &["office", "keys"]).await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_written_whether_the_agent_runs_or_not() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    makes_backups(&world, &cav()).await?;
    let early = world.say(&cav(), &["backup", "now"]).await?;
    assert!(early.code == 1 && early.err.contains("non c'è nulla da copiare"), "{early:?}");
    world.start_agent(&cav()).await?;
    let running = world.say(&cav(), &["backup", "now", "--json"]).await?;
    assert_eq!(running.code, 0, "{running:?}");
    assert!(world.status(&cav()).await?.backup.is_some_and(|backup| backup.last_at > 0 && backup.fault.is_empty()));
    world.kill_agent(&cav()).await?;
    let stopped = world.say(&cav(), &["backup", "now", "--with-identity"]).await?;
    assert!(stopped.code == 0 && stopped.out.contains("chiave d'identità"), "{stopped:?}");
    Ok(())
}
