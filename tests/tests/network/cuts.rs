//! Five hundred agents at a gateway, put out a few hundred at a time: how long after the authority has its answer does each
//! stream end at its agent, and does any end that nobody put out.
//!
//! Not here: what an agent that was put out does then (`revocation`). These have real certificates and cards, and no desk.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use raccordo_machine::clock;
use raccordo_proto::AgencyId;
use raccordo_proto::wire::{ToAgent, to_agent};
use raccordo_tests::bench::crowd::{Attached, Crowd};
use raccordo_tests::processes::DEADLINE;
use raccordo_tests::results;
use tokio::task::JoinSet;

use crate::authority::{CUT_WITHIN, publish};
use raccordo_tests::stranger::guest;

/// Attached at the first act.
const AGENTS: usize = 500;
/// Put out by one version each; one agent is left.
const PUT_OUT: [usize; 3] = [200, 150, 149];

/// How a stream ended: whose, when, and with which word of the gateway.
struct End {
    id: AgencyId,
    at: Instant,
    code: &'static str,
}

/// Listens until the stream ends.
async fn end(id: AgencyId, attached: Attached) -> End {
    let Attached { says, mut hears } = attached;
    let mut code = "none";
    while let Ok(Some(ToAgent { frame })) = hears.message().await {
        if let Some(to_agent::Frame::Goodbye(goodbye)) = frame {
            code = goodbye.code().name();
        }
    }
    let at = Instant::now();
    drop(says);
    End { id, at, code }
}

/// The next so many ends.
async fn ends(streams: &mut JoinSet<End>, count: usize) -> anyhow::Result<Vec<End>> {
    let mut ended = Vec::new();
    while ended.len() < count {
        let next = tokio::time::timeout(DEADLINE, streams.join_next()).await;
        ended.push(next.with_context(|| format!("{} of {count} have ended", ended.len()))?.context("a stream")??);
    }
    Ok(ended)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_agents_are_cut_in_time_and_nobody_else_is() -> anyhow::Result<()> {
    let mut crowd = Crowd::create(AGENTS)?;
    crowd.world.listen_for_the_authority()?;
    crowd.world.start_gateway().await?;
    let address = crowd.world.authority_address()?;
    let mut crowd = Arc::new(crowd);
    let at = crowd.world.gateway_address()?.port();
    let attached = crowd.attach_all(at).await?;
    let crowd = Arc::get_mut(&mut crowd).context("all are attached")?;
    let mut here: BTreeSet<AgencyId> = attached.iter().map(|(id, _)| id.clone()).collect();
    ensure!(here.len() == AGENTS, "{} are attached", here.len());
    let mut streams: JoinSet<End> = attached.into_iter().map(|(id, attached)| end(id, attached)).collect();

    let (mut took, mut unwanted) = (Vec::new(), 0);
    for count in PUT_OUT {
        let out: BTreeSet<AgencyId> = here.iter().take(count).cloned().collect();
        let directory = crowd.world.network.publish(|roster| out.iter().for_each(|id| roster.revoke(id, clock::now())))?;
        let document = directory.document().clone();
        let mut admin = guest([127, 0, 0, 1], address).await?;
        publish(&mut admin, &document).await?;
        let answered = Instant::now();
        for end in ends(&mut streams, count).await? {
            here.remove(&end.id);
            unwanted += usize::from(!out.contains(&end.id));
            ensure!(end.code == "AGENCY_REVOKED", "{} heard {}", end.id, end.code);
            took.push(end.at.saturating_duration_since(answered));
        }
    }
    ensure!(streams.len() == 1 && streams.try_join_next().is_none(), "the last one stays");

    took.sort_unstable();
    let (median, late) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("{} cut: median {median:?}, p99 {late:?}, slowest {:?}", took.len(), took.last().unwrap_or(&Duration::ZERO));
    let millis = |time: Duration| usize::try_from(time.as_millis()).unwrap_or(usize::MAX);
    results::write("T22", "agents put out, of 500 attached", took.len(), PUT_OUT.iter().sum(), file!());
    let what = "ms from a publish answer to the end of a stream at its agent, 99th percentile";
    results::write_at_most("T22", what, millis(late), millis(CUT_WITHIN), file!());
    results::write_at_most("T22", "agents cut that nobody put out", unwanted, 0, file!());
    ensure!(late <= CUT_WITHIN && unwanted == 0, "{late:?}, {unwanted} cut for nothing");
    Ok(())
}
