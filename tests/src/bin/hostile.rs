//! `hostile ATTACK agents|authority ADDRESS FROM MILLIS [CHAIN KEY]`: attacks a gateway for so long and says what came of it, as
//! one line of JSON. On one thread: a test stops and continues it to hold it to half a core. Not here: the attacks
//! (`raccordo_tests::hostile`).

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};
use raccordo_tests::hostile::{ATTACKS, Attacker, Door};
use raccordo_tests::stranger::Papers;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, door, at, from, millis, papers @ ..] = &words[..] else {
        bail!("usage: hostile ATTACK agents|authority ADDRESS FROM MILLIS [CHAIN KEY]");
    };
    let attack = ATTACKS.iter().find(|attack| attack.name == name).context("no such attack")?;
    let door = if door == "agents" { Door::Agents } else { Door::Authority };
    let papers = match papers {
        [chain, key] => Some(Papers::read(Path::new(chain), Path::new(key))?),
        _ => None,
    };
    let from: Ipv4Addr = from.parse()?;
    let attacker = Arc::new(Attacker::new(attack, door, at.parse()?, from.octets(), papers)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(attacker.clone().run(Duration::from_millis(millis.parse()?)));
    let (let_in, bytes) = (attacker.done.let_in.load(Ordering::Relaxed), attacker.done.bytes.load(Ordering::Relaxed));
    println!("{{\"let_in\":{let_in},\"bytes\":{bytes}}}");
    Ok(())
}
