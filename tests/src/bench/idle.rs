//! Memory of a gateway per agent that is attached and says nothing, beside the bare relay's per idle stream.
//!
//! Not here: agents that speak.

use anyhow::Context as _;
use std::sync::Arc;
use tokio::task::JoinSet;

use super::crowd::{Attached, Crowd};
use super::figures::Figure;
use super::relays::{Kind, Relay};
use super::{Scale, gauge};

/// The figures of this file.
pub const NAMES: &[&str] = &["memory_per_idle_agent_kb", "memory_per_idle_agent_over_bare_relay"];

/// Handshakes under way at once: fewer than a gateway allows.
const AT_ONCE: usize = 16;

/// kB of resident memory per attached agent.
async fn run(kind: Kind, crowd: &mut Arc<Crowd>) -> anyhow::Result<f64> {
    let relay = Relay::start(kind, Arc::get_mut(crowd).context("the former run has ended")?).await?;
    let before = gauge::resident_kb(relay.pid)?;
    let attached = attach_all(crowd, relay.port).await?;
    let after = gauge::resident_kb(relay.pid)?;
    relay.stop(Arc::get_mut(crowd).context("all are attached")?).await?;
    Ok((after - before) / attached.len() as f64)
}

async fn attach_all(crowd: &Arc<Crowd>, port: u16) -> anyhow::Result<Vec<Attached>> {
    let (mut attached, mut under_way) = (Vec::new(), JoinSet::new());
    for at in 0..crowd.members.len() {
        if under_way.len() == AT_ONCE {
            attached.extend(under_way.join_next().await.transpose()?.transpose()?);
        }
        let crowd = crowd.clone();
        under_way.spawn(async move { crowd.attach(&crowd.members[at], port).await });
    }
    while let Some(done) = under_way.join_next().await {
        attached.push(done??);
    }
    Ok(attached)
}

/// All of them, in turns.
pub async fn measure(scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let mut crowd = Arc::new(Crowd::create(scale.idle)?);
    let (mut gateway, mut bare, mut system) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        gateway.push(run(Kind::Gateway, &mut crowd).await.context("the gateway")?);
        bare.push(run(Kind::Bare, &mut crowd).await.context("the bare relay")?);
        system.push(run(Kind::BareOnSystemAllocator, &mut crowd).await.context("the bare relay on the system's allocator")?);
    }
    let attached = format!("{} attached", scale.idle);
    Ok(vec![
        Figure::ratio("memory_per_idle_agent_over_bare_relay", &gateway, &bare, 1.15).with_note(&attached),
        Figure::new("memory_per_idle_agent_kb", "kB", gateway),
        Figure::new("bare_relay_memory_per_idle_stream_kb", "kB", bare),
        Figure::new("bare_relay_system_allocator_memory_per_idle_stream_kb", "kB", system),
    ])
}
