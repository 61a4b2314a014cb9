//! `doctor` at a real office: what is green while all runs, and what it says, and of whom, when the agent or the gateway is
//! down and when somebody else answers in the gateway's place; and the letter that comes of it.
//!
//! Not here: what each fact means (the agent's `doctor`), certificates and directories near their end.

use anyhow::{Context as _, ensure};
use raccordo_certs_dev::cast::cav;
use raccordo_tests::processes::{Proxy, Said, World};

/// Codes and lights, in the order told.
fn lights(said: &Said) -> anyhow::Result<Vec<(String, String)>> {
    let object = said.json()?;
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = object["findings"].as_array().context("findings")?;
    Ok(findings.iter().map(|finding| (text(finding, "code"), text(finding, "light"))).collect())
}

fn has(said: &Said, code: &str, light: &str) -> anyhow::Result<()> {
    let lights = lights(said)?;
    ensure!(lights.contains(&(code.to_owned(), light.to_owned())), "{code} {light} is not in {lights:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tells_what_is_well_and_whose_turn_it_is_when_it_is_not() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    let well = world.say(&cav(), &["doctor", "--json"]).await?;
    ensure!(well.code == 0, "{well:?}");
    for code in ["agent-attached", "clock-good", "gateway-answers", "certificate-good", "identity-good", "directory-good"] {
        has(&well, code, "green")?;
    }
    has(&well, "backup-none", "yellow")?;
    let words = world.say(&cav(), &["doctor"]).await?;
    ensure!(words.out.contains("risponde, ed è quello della nostra rete") && words.out.contains("[  bene  ]"), "{words:?}");

    world.kill_gateway().await?;
    world.detached(&cav(), raccordo_tests::processes::DEADLINE).await?;
    let alone = world.say(&cav(), &["doctor", "--json"]).await?;
    ensure!(alone.code == 1, "{alone:?}");
    has(&alone, "agent-detached", "red")?;
    has(&alone, "gateway-refused", "red")?;
    Ok(())
}

/// A gateway of another network stands for whoever opens connections on the way: its certificate is good, and not ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_in_the_gateways_place_is_named_and_the_letter_asks_for_a_way_out() -> anyhow::Result<()> {
    let (mut world, mut other) = (World::create()?, World::create()?);
    world.start_gateway().await?;
    other.start_gateway().await?;
    let between = Proxy::start(other.gateway_address()?).await?;
    world.go_through(&cav(), &between)?;
    let letter = world.path("lettera.txt");
    let file = letter.to_str().context("a path")?;
    let said = world.say(&cav(), &["doctor", "--letter", file]).await?;
    ensure!(said.code == 1 && said.err.is_empty(), "{said:?}");
    for says in [
        "L'agente di questo ufficio non è in funzione",
        "viene aperta e ispezionata lungo la strada",
        "rete-demo.invalid",
        "→ Tocca a chi cura i computer e la rete del vostro ente",
        "Lettera scritta in",
    ] {
        ensure!(said.out.contains(says), "«{says}» is not in\n{}", said.out);
    }
    let text = std::fs::read_to_string(&letter)?;
    let address = format!("localhost:{}", between.address().port());
    for says in [address.as_str(), "TLS inspection", "X25519MLKEM768", "viene aperta e ispezionata"] {
        ensure!(text.contains(says), "«{says}» is not in\n{text}");
    }
    let again = world.say(&cav(), &["doctor", "--letter", file]).await?;
    ensure!(again.code == 1 && again.err.contains("Non riesco a scrivere la lettera"), "a letter is not written over: {again:?}");
    Ok(())
}
