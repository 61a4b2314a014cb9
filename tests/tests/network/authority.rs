//! The authority's port of the real gateway: what is handed in comes into force, what was answered for outlives a kill, what is
//! bad changes nothing, and nobody who misuses the port disturbs an office.
//!
//! Not here: every rule of a document (proto's vectors, `raccordo_proto::directory`), the administration's own commands.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::{cav, cpi, sil};
use raccordo_gateway::guest::GUESTS_PER_ADDRESS_MAX;
use raccordo_machine::{clock, files};
use raccordo_proto::directory::confirm;
use raccordo_proto::ids::{Digest, KeyId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{
    AdminKey, CardsRequest, ConfirmRequest, FetchRequest, FetchResponse, Head, PublishRequest, SignedDirectory,
};
use raccordo_proto::{AgencyId, Directory};
use raccordo_tests::processes::{DEADLINE, World};
use rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use raccordo_tests::stranger::{Directories, Knock, call, channel, garbled, guest};

/// From the answer to the cut stream (T22).
pub const CUT_WITHIN: Duration = Duration::from_secs(2);
const HONEST: [u8; 4] = [127, 0, 0, 1];
const HOSTILE: [u8; 4] = [127, 0, 0, 9];

/// A gateway that listens for the authority too, on a free port.
async fn world() -> anyhow::Result<World> {
    let mut world = World::create()?;
    world.listen_for_the_authority()?;
    world.start_gateway().await?;
    Ok(world)
}

/// The next version, signed, and as if nobody had put it in the gateway's folder.
fn signed(world: &mut World, revoked: Option<&AgencyId>) -> anyhow::Result<SignedDirectory> {
    let file = world.network.gateway().directory();
    let before = fs::read(&file)?;
    let directory = world.network.publish(|roster| {
        if let Some(agency) = revoked {
            roster.revoke(agency, clock::now());
        }
    })?;
    let document = directory.document().clone();
    fs::write(file, before)?;
    Ok(document)
}

fn bare(document: &SignedDirectory) -> SignedDirectory {
    SignedDirectory { body: Bytes::new(), ..document.clone() }
}

/// Hands a document in.
pub async fn publish(guest: &mut Directories, document: &SignedDirectory) -> Result<(), tonic::Status> {
    guest.publish(PublishRequest { document: Some(document.clone()), links: Vec::new() }).await.map(drop)
}

/// The code of a refusal, which stands in its google.rpc.ErrorInfo.
async fn refused(guest: &mut Directories, document: &SignedDirectory) -> String {
    let Err(status) = publish(guest, document).await else { return "taken".to_owned() };
    let is_detailed = String::from_utf8_lossy(status.details()).contains("google.rpc.ErrorInfo");
    if is_detailed { status.message().to_owned() } else { format!("{status:?}") }
}

async fn fetch(guest: &mut Directories, since_version: u64) -> anyhow::Result<FetchResponse> {
    Ok(guest.fetch(FetchRequest { since_version }).await?.into_inner())
}

async fn status(world: &World) -> anyhow::Result<Value> {
    let socket = world.network.gateway().state().join("control.sock");
    ensure!(!files::others_may_open(&socket), "whoever runs the gateway asks it, and nobody else");
    let said = world.gateway_says(&["--dev", "status", "--json"]).await?;
    ensure!(said.code == 0, "{said:?}");
    said.json()
}

/// The same version with its head changed, signed again.
fn changed(world: &World, document: &SignedDirectory, change: impl FnOnce(&mut Head)) -> anyhow::Result<SignedDirectory> {
    let mut head = Head::decode(document.head.clone())?;
    change(&mut head);
    let head = Bytes::from(head.encode_to_vec());
    Ok(SignedDirectory { signatures: world.network.vault().sign(&head), head, body: document.body.clone() })
}

/// Stops the gateway in peace; the rows of its audit, whose chain holds.
async fn exported(world: &World) -> anyhow::Result<Vec<Value>> {
    let gateway = world.gateway()?;
    gateway.signal("TERM").await?;
    let _says_no_more = gateway.lines().wait("its last line", DEADLINE, |_| false).await;
    let file = world.path("rows.jsonl");
    let export = ["--dev", "audit", "export", file.to_str().context("a plain path")?];
    let said = world.gateway_says(&export).await?;
    ensure!(said.code == 0, "{said:?}");
    ensure!(world.gateway_says(&export).await?.code == 1, "nothing is written over");
    let rows = fs::read_to_string(file)?;
    rows.lines().map(|row| serde_json::from_str(row).context("a row")).collect()
}

/// Waits until an office has installed this version.
async fn has_installed(world: &World, agency: &AgencyId, version: u64) -> anyhow::Result<()> {
    let number = format!("\"version\":{version}");
    let installed = |lines: &[String]| lines.iter().any(|l| l.contains("a directory was installed") && l.contains(&number));
    world.process(agency)?.lines().wait(&number, DEADLINE, installed).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_in_is_in_force_when_it_is_answered_and_what_is_bad_changes_nothing() -> anyhow::Result<()> {
    let mut world = world().await?;
    world.attach(&[cav(), cpi()]).await?;
    let without_papers = |at| Knock { papers: None, groups: vec![X25519MLKEM768], protocol: b"h2" }.gets_in(at, 200);
    assert!(!without_papers(world.gateway_address()?).await?, "no certificate, no agents' port");
    assert!(without_papers(world.authority_address()?).await?);

    let mut guest = guest(HONEST, world.authority_address()?).await?;
    let first = fetch(&mut guest, 0).await?.newest.context("a document")?;
    let second = signed(&mut world, Some(&cpi()))?;
    let unsigned = SignedDirectory { signatures: Vec::new(), ..second.clone() };
    let other_body = SignedDirectory { body: first.body.clone(), ..second.clone() };
    assert_eq!(refused(&mut guest, &unsigned).await, "SIGNATURE");
    assert_eq!(refused(&mut guest, &other_body).await, "INCONSISTENT");
    assert_eq!(refused(&mut guest, &SignedDirectory::default()).await, "SIGNATURE");
    assert_eq!(fetch(&mut guest, 0).await?.newest.as_ref(), Some(&first));

    publish(&mut guest, &second).await?;
    world.detached(&cpi(), CUT_WITHIN).await?;
    has_installed(&world, &cav(), 2).await?;
    publish(&mut guest, &second).await.context("the same again is no fault")?;
    assert_eq!(refused(&mut guest, &first).await, "DIRECTORY_STALE");
    let third = signed(&mut world, None)?;
    let fourth = signed(&mut world, None)?;
    assert_eq!(refused(&mut guest, &fourth).await, "INCONSISTENT", "the head between is missing");
    let linked = PublishRequest { document: Some(fourth), links: vec![bare(&third)] };
    guest.publish(linked).await.context("with it, it follows")?;
    has_installed(&world, &cav(), 4).await?;
    let refused_last = two_at_once(&mut world, &mut guest).await?;
    assert_eq!(refused_last, "EQUIVOCATION");
    has_installed(&world, &cav(), 5).await?;

    let status = status(&world).await?;
    assert_eq!((&status["version"], &status["attached"]), (&5.into(), &serde_json::json!(["cav-ginestra"])));
    assert_eq!(status["refused_today"]["documents"], 6);

    let rows = exported(&world).await?;
    let of = |event: &'static str| rows.iter().filter(move |row| row["event"] == event);
    let refusals: Vec<_> = of("DIRECTORY_REFUSED").map(|row| row["code"].as_str().unwrap_or_default()).collect();
    let all = ["SIGNATURE", "INCONSISTENT", "SIGNATURE", "DIRECTORY_STALE", "INCONSISTENT", "EQUIVOCATION"];
    assert_eq!(refusals, all, "one row each");
    let taken: Vec<_> = of("DIRECTORY").map(|row| (row["version"].as_u64(), row["way"].as_str())).collect();
    assert_eq!(taken, [2, 4, 5].map(|version| (Some(version), Some("AUTHORITY"))));
    Ok(())
}

/// Two admins sign the same version without knowing of each other, and hand it in together; the code of the one that is late.
async fn two_at_once(world: &mut World, guest: &mut Directories) -> anyhow::Result<String> {
    let one = signed(world, None)?;
    let other = changed(world, &one, |head| head.expires -= 1)?;
    let mut second = raccordo_tests::stranger::guest(HONEST, world.authority_address()?).await?;
    let (first, second) = tokio::join!(refused(guest, &one), refused(&mut second, &other));
    ensure!([&first, &second].iter().filter(|said| **said == "taken").count() == 1, "{first} and {second}");
    Ok(if first == "taken" { second } else { first })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_for_outlives_a_kill_and_leads_who_is_far_behind() -> anyhow::Result<()> {
    let mut world = world().await?;
    world.attach(&[cpi()]).await?;
    world.kill_agent(&cpi()).await?;
    let mut admin = guest(HONEST, world.authority_address()?).await?;
    let versions = [signed(&mut world, Some(&sil()))?, signed(&mut world, None)?, signed(&mut world, None)?];
    for document in &versions {
        publish(&mut admin, document).await?;
    }
    world.kill_gateway().await?;
    let asked = world.gateway_says(&["--dev", "status"]).await?;
    assert!(asked.code == 3 && asked.err.contains("not running"), "{asked:?}");
    let verified = world.gateway_says(&["--dev", "audit", "verify"]).await?;
    assert_eq!(verified.code, 0, "{verified:?}");

    world.start_gateway().await?;
    assert_eq!(status(&world).await?["version"], 4);
    world.start_agent(&cpi()).await?;
    has_installed(&world, &cpi(), 4).await?;
    world.attached(&cpi()).await?;
    let mut admin = guest(HONEST, world.authority_address()?).await?;
    let fetched = fetch(&mut admin, 1).await?;
    let heads: Vec<_> = fetched.heads.iter().map(|head| head.head.clone()).collect();
    assert_eq!(heads, [versions[0].head.clone(), versions[1].head.clone()]);
    assert_eq!(fetched.newest.as_ref(), Some(&versions[2]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirm_is_taken_kept_and_handed_out_until_the_next_version() -> anyhow::Result<()> {
    let mut world = world().await?;
    world.attach(&[cav()]).await?;
    let mut admin = guest(HONEST, world.authority_address()?).await?;
    let (first, delegate) = (Directory::trusted_before(world.network.directory().document())?, SigningKey::from_bytes(&[7; 32]));
    let early = confirm::issue(&first, clock::now(), &delegate);
    let refused = admin.confirm(ConfirmRequest { confirm: Some(early) }).await;
    assert_eq!(refused.map_err(|status| status.message().to_owned()).err().as_deref(), Some("SIGNATURE"));

    // The admins name a key that may confirm and nothing else: a change of the root, by one step.
    let second = signed(&mut world, None)?;
    let key = Bytes::copy_from_slice(delegate.public_key().as_bytes());
    let key_id = Bytes::copy_from_slice(KeyId::of(&key).as_bytes());
    let delegated = |head: &mut Head| {
        head.root.as_mut().expect("a root").confirm_keys.push(AdminKey { key_id, alg: 1, key });
        head.root_version += 1;
    };
    let second = changed(&world, &second, delegated.clone())?;
    publish(&mut admin, &second).await?;
    has_installed(&world, &cav(), 2).await.context("the office follows the new root")?;
    let confirmed = confirm::issue(&Directory::trusted_before(&second)?, clock::now(), &delegate);
    admin.confirm(ConfirmRequest { confirm: Some(confirmed.clone()) }).await?;
    assert_eq!(fetch(&mut admin, 2).await?, FetchResponse { confirm: Some(confirmed.clone()), ..Default::default() });
    assert_eq!(status(&world).await?["attached"], serde_json::json!(["cav-ginestra"]), "told, and not disturbed");

    world.kill_gateway().await?;
    world.start_gateway().await?;
    let mut admin = guest(HONEST, world.authority_address()?).await?;
    assert_eq!(fetch(&mut admin, 0).await?.confirm, Some(confirmed));
    let said = status(&world).await?;
    assert!(said["confirmed_until"].as_u64() > said["since"].as_u64(), "{said}");

    let third = signed(&mut world, None)?;
    let third = changed(&world, &third, |head| {
        delegated(head);
        head.previous_head = Bytes::copy_from_slice(Digest::of(&second.head).as_bytes());
    })?;
    publish(&mut admin, &third).await?;
    assert_eq!(fetch(&mut admin, 2).await?, FetchResponse { newest: Some(third), ..Default::default() });
    let said = status(&world).await?;
    assert!(said["version"] == 3 && said["confirmed_until"].is_null(), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_misuses_the_authoritys_port_is_held_to_its_limits_and_disturbs_nobody() -> anyhow::Result<()> {
    let mut world = world().await?;
    world.attach(&[cav()]).await?;
    let told = world.told(&cav())?.len();
    let second = signed(&mut world, None)?;
    let port = world.authority_address()?;

    // Half-open, and no TLS at all: more than one address may have.
    let mut held = JoinSet::new();
    for number in 0..24 {
        let mut connection = call(HOSTILE, port).await?;
        held.spawn(async move { (number, connection.read(&mut [0; 16]).await) });
    }
    let mut plain = call(HOSTILE, port).await?;
    let _cut_sooner = plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
    let mut admin = guest(HONEST, port).await.context("another address has its places")?;
    fetch(&mut admin, 0).await?;
    let mut order = Vec::new();
    while let Some(ended) = tokio::time::timeout(DEADLINE, held.join_next()).await.context("it is held for ever")? {
        let (number, read) = ended?;
        assert!(!read.is_ok_and(|read| read > 0), "nothing is said to who says nothing");
        order.push(number);
    }
    let at_once: Vec<_> = order.iter().take_while(|number| **number >= GUESTS_PER_ADDRESS_MAX).collect();
    assert_eq!(at_once.len(), 24 - GUESTS_PER_ADDRESS_MAX, "cut before any handshake has had its time: {order:?}");

    // Too large, and then again and again.
    let mut hostile = guest(HOSTILE, port).await?;
    let large = SignedDirectory { body: vec![0; 16 * 1024 * 1024].into(), ..second.clone() };
    let refused_large = publish(&mut hostile, &large).await;
    assert_eq!(refused_large.map_err(|status| status.code()), Err(tonic::Code::OutOfRange), "it is not read");
    let hollow = SignedDirectory { signatures: vec![Default::default(); 3_000_000], ..second.clone() };
    let refused_hollow = publish(&mut guest(HOSTILE, port).await?, &hollow).await;
    assert_eq!(refused_hollow.map_err(|status| status.code()), Err(tonic::Code::Internal), "it would be much in memory");
    let mut hostile = guest(HOSTILE, port).await?;
    let unsigned = SignedDirectory { signatures: Vec::new(), ..second.clone() };
    let mut codes = Vec::new();
    for _ in 0..150 {
        codes.push(refused(&mut hostile, &unsigned).await);
    }
    let too_many = codes.iter().filter(|code| *code == "TOO_MANY").count();
    assert!(too_many >= 30 && codes.iter().all(|code| ["SIGNATURE", "TOO_MANY"].contains(&code.as_str())), "{codes:?}");

    // What cannot be decoded, and what was never built, is counted before it is read like everything else.
    let (garbling, mut curious) = (channel([127, 0, 0, 10], port).await?, guest([127, 0, 0, 11], port).await?);
    let (mut undecoded, mut unbuilt) = (Vec::new(), Vec::new());
    for _ in 0..150 {
        undecoded.push(garbled(&garbling).await);
        unbuilt.push(curious.cards(CardsRequest::default()).await.err().map(|status| status.code()));
    }
    for (codes, heard) in [(undecoded, tonic::Code::Internal), (unbuilt, tonic::Code::Unimplemented)] {
        let too_many = codes.iter().filter(|code| **code == Some(tonic::Code::ResourceExhausted)).count();
        let others = codes.iter().filter(|code| **code == Some(heard)).count();
        assert!(too_many >= 30 && too_many + others == 150, "{codes:?}");
    }

    // A guest's stay has an end, which a busy machine may have reached by now.
    let mut admin = guest(HONEST, port).await.context("another address has its places still")?;
    publish(&mut admin, &second).await.context("the admin is not in that account")?;
    has_installed(&world, &cav(), 2).await?;
    assert!(world.status(&cav()).await?.attached);
    assert!(world.told(&cav())?[told..].iter().all(|event| event.kind() != EventKind::Detached), "the office's stream went on");
    Ok(())
}
