//! How a gateway starts again: with papers that were changed while it was stopped, and beside what is not its own.
//!
//! Not here: what a start reads back of the directory (`authority`, the gateway's own tests).

use std::fs;

use anyhow::{Context as _, ensure};
use raccordo_machine::tls_key::TlsKey;
use raccordo_machine::{clock, files};
use raccordo_proto::ids::GatewayId;
use raccordo_tests::processes::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_whose_key_was_replaced_while_it_was_stopped_starts_with_the_version_that_says_so() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.kill_gateway().await?;
    let (folder, id) = (world.network.gateway(), GatewayId::parse("gw1").context("a slug")?);
    let key = TlsKey::generate()?;
    let leaf = world.network.authority().issue_gateway(&id, &[], key.public_key(), clock::now(), &mut clock::rng())?;
    files::replace(&folder.chain(), leaf.chain_pem.as_bytes())?;
    files::replace(&folder.key(), key.to_pem()?.as_bytes())?;
    let too_early = world.gateway_says(&["--dev", "check-config"]).await?;
    ensure!(too_early.code == 5, "no version names that key: {too_early:?}");

    world.network.publish(|roster| roster.gateways[0].spki_sha256 = vec![leaf.spki_sha256])?;
    let checked = world.gateway_says(&["--dev", "check-config"]).await?;
    ensure!(checked.code == 0 && checked.out.contains("version 2"), "{checked:?}");
    world.start_gateway().await?;
    let said = world.gateway_says(&["--dev", "status", "--json"]).await?;
    ensure!(said.json()?["version"] == 2, "{said:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_in_the_place_of_its_socket_is_not_removed() -> anyhow::Result<()> {
    let mut world = World::create()?;
    let place = world.network.gateway().state().join("control.sock");
    fs::write(&place, "somebody's")?;
    world.start_gateway().await.context("it serves without being asked")?;
    ensure!(fs::read_to_string(&place)? == "somebody's");
    let said = |lines: &[String]| lines.iter().any(|line| line.contains("no socket") && line.contains("cannot be asked"));
    world.gateway()?.lines().wait("why", raccordo_tests::processes::DEADLINE, said).await
}
