//! Memory of a gateway per agent that is attached and says nothing, beside the bare relay's per idle stream.
//!
//! Not here: agents that speak.

use anyhow::Context as _;
use std::sync::Arc;

use super::crowd::Crowd;
use super::figures::Figure;
use super::relays::{Kind, Relay};
use super::{Scale, gauge};

/// The figures of this file.
pub const NAMES: &[&str] = &["memory_per_idle_agent_kb", "memory_per_idle_agent_over_bare_relay"];

/// kB of resident memory per attached agent.
async fn run(kind: Kind, crowd: &mut Arc<Crowd>) -> anyhow::Result<f64> {
    let relay = Relay::start(kind, Arc::get_mut(crowd).context("the former run has ended")?).await?;
    let before = gauge::resident_kb(relay.pid)?;
    let attached = crowd.attach_all(relay.port).await?;
    let after = gauge::resident_kb(relay.pid)?;
    relay.stop(Arc::get_mut(crowd).context("all are attached")?).await?;
    Ok((after - before) / attached.len() as f64)
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
