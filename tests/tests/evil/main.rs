//! A gateway that is nobody's friend, before real agents: it plays one behaviour after the other, and each is detected or
//! harmless. Whatever it does, a letter is in the end with each office that it is for, once, and with nobody else. The table is
//! printed with `cargo test -p raccordo-tests --test evil -- --nocapture`.
//!
//! Not here: the same in the simulated world, where many faults meet (`raccordo_tests::sim`); what the real gateway does.
//! Needs `cargo build --bin raccordo-gateway --bin raccordo-agent --bin raccordo-admin`.

mod directory;
mod envelopes;
mod gateway;
mod receipts;
mod row;
mod session;
mod stage;

use anyhow::ensure;
use raccordo_certs_dev::cast::cpi;
use raccordo_tests::processes::World;
use raccordo_tests::{evidence, results};

use row::{Expected, Row, judge};
use stage::Stage;

/// T17 asks for forty.
const BEHAVIOURS: usize = 94;
/// Two are told by a log alone.
const TOLD: usize = BEHAVIOURS - 2;

/// What the table has of one world.
#[derive(Default)]
struct Table {
    lines: Vec<String>,
    /// Behaviours for which the opposite expectation is told to be wrong.
    told: usize,
}

impl Table {
    /// Plays behaviours one after the other.
    async fn plays(&mut self, stage: &mut Stage, rows: &[Row]) -> anyhow::Result<()> {
        for row in rows {
            let (row, seen) = stage.play(row).await?;
            let line = format!("{:<30} | {:<62} | {}", row.name, row.what, row.expected.says());
            println!("{line}");
            self.lines.push(line);
            let opposite = match row.expected {
                Expected::Harmless(_) => Expected::Counts(cpi, &["SIGNATURE"]),
                _ if seen.is_seen_by_nobody() => continue, // told by a log alone
                _ => Expected::Harmless("nothing is to be seen"),
            };
            ensure!(judge(&Row { expected: opposite, ..row }, &seen).is_err(), "{}: the judge believes the opposite", row.name);
            self.told += 1;
        }
        Ok(())
    }
}

async fn letters() -> anyhow::Result<Table> {
    let (mut stage, mut table) = (Stage::open(World::create()?).await?, Table::default());
    table.plays(&mut stage, envelopes::ROWS).await?;
    table.plays(&mut stage, receipts::ROWS).await?;
    stage.is_whole(stage.world.network.directory()).await?;
    Ok(table)
}

async fn streams() -> anyhow::Result<Table> {
    let (mut stage, mut table) = (Stage::open(World::create()?).await?, Table::default());
    table.plays(&mut stage, session::ROWS).await?;
    stage.is_whole(stage.world.network.directory()).await?;
    Ok(table)
}

async fn directories() -> anyhow::Result<Table> {
    let (mut stage, mut table) = (directory::stage().await?, Table::default());
    table.plays(&mut stage, directory::OF_THE_SECOND).await?;
    stage.serves(2).await?;
    table.plays(&mut stage, directory::OF_THE_THIRD).await?;
    stage.gateway.plays(None, Some(directory::APART));
    stage.serves(4).await?;
    table.plays(&mut stage, &[directory::SPLIT]).await?;
    stage.refers().await?; // it is sealed again
    stage.is_whole(stage.world.network.directory()).await?;
    Ok(table)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_gateway_does_is_detected_or_harmless() -> anyhow::Result<()> {
    let (letters, streams, directories) = tokio::join!(letters(), streams(), directories());
    let tables = [letters?, streams?, directories?];
    let behaviours: usize = tables.iter().map(|table| table.lines.len()).sum();
    let told: usize = tables.iter().map(|table| table.told).sum();
    println!("{behaviours} behaviours, each detected or harmless; {told} of them judged wrong under the opposite expectation");
    results::write("T17", "behaviours of an evil gateway, each detected or harmless", behaviours, BEHAVIOURS, file!());
    results::write("T17", "control: opposite expectations that are told to be wrong", told, TOLD, file!());
    Ok(())
}
