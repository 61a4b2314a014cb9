//! An office that sends, in this process: the desk, journal and link of `serve`, with a look at what goes to the journal. A
//! program outside cannot see the instant at which a receipt was verified; here it is the one at which the receipt is given
//! to the journal.
//!
//! Not here: the local API, which has figures of its own (`exchange`).

use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use raccordo_agent::commit::LiveRecords;
use raccordo_agent::config::{Config, ServeOptions};
use raccordo_agent::desk_task::{DeskHandle, Reply};
use raccordo_agent::passphrase::Console;
use raccordo_agent::serve::{self, Office};
use raccordo_agent::store::{SledJournal, StoreFault, StoreKey};
use raccordo_agent::text::texts;
use raccordo_casework::answer::Answer;
use raccordo_casework::desk::Act;
use raccordo_casework::record::{Change, Journal, JournalFailure, Record};
use raccordo_casework::roles::Caller;
use raccordo_certs_dev::cast::cpi;
use raccordo_proto::ids::{CaseId, RequestId};
use raccordo_terminal::text::Lang;
use tokio::sync::mpsc;

use super::parts::riscontro;
use crate::processes::{DEADLINE, World};

/// Verified receipts that may wait to be asked for: one letter is under way at a time.
const RECEIPTS_MAX: usize = 16;

/// The real journal, and word of every receipt that goes to it.
struct Watched {
    journal: SledJournal,
    receipts: mpsc::Sender<(Vec<u8>, Instant)>,
}

impl Journal for Watched {
    /// The instant is the one before; it is told after, so that the next letter does not find the disk at work for this one.
    fn append(&mut self, records: &[Record]) -> Result<(), JournalFailure> {
        let at = Instant::now();
        self.journal.append(records)?;
        for record in records {
            if let Change::LetterDelivered(delivered) = &record.0 {
                let _nobody_asks = self.receipts.try_send((delivered.letter_id.clone(), at));
            }
        }
        Ok(())
    }

    fn erase(&mut self, case: CaseId) -> Result<(), JournalFailure> {
        self.journal.erase(case)
    }
}

impl LiveRecords for Watched {
    fn records(&self) -> Result<Vec<Record>, StoreFault> {
        self.journal.records()
    }
}

/// The CPI, with an open case.
pub struct Sender {
    office: Office,
    receipts: mpsc::Receiver<(Vec<u8>, Instant)>,
    codice: String,
    caller: Caller,
    next: u128,
}

impl Sender {
    /// Starts it in the folder of the CPI, which no process may hold, and waits until it is attached.
    pub async fn start(world: &World, codice: String, operator: String) -> anyhow::Result<Self> {
        let config = Config::load(&world.network.agent(&cpi()).config(), true).ok().context("the configuration of the CPI")?;
        let options = ServeOptions { dev: true, record_link: None };
        let (told, receipts) = mpsc::channel(RECEIPTS_MAX);
        let store_key = StoreKey::unlock(&serve::source(&config), &config.state, &mut Console(&texts(Lang::En)))?;
        let office = serve::start(&config, options, store_key, |journal| Watched { journal, receipts: told })?;
        let caller = Caller { uid: 0, owner: true, claimed: Some(operator) };
        attached(&office.desk, &caller).await?;
        Ok(Self { office, receipts, codice, caller, next: 1 << 64 }) // requests of an earlier process had smaller numbers
    }

    /// Milliseconds from the request to a verified receipt.
    pub async fn exchange(&mut self) -> anyhow::Result<f64> {
        self.next += 1;
        let (codice, riscontro) = (self.codice.clone(), riscontro());
        let act = Act::Riscontro { codice, riscontro, request: RequestId::new(self.next.to_be_bytes()) };
        let began = Instant::now();
        let asked = self.office.desk.ask(self.caller.clone(), act);
        let (reply, receipt) = tokio::join!(asked, tokio::time::timeout(DEADLINE, self.receipts.recv()));
        let Ok(Reply::Answer(Answer::Done(done))) = reply else { bail!("a riscontro was refused") };
        let (letter, at) = receipt.context("no receipt in time")?.context("the office has ended")?;
        ensure!(letter == done.letter.as_bytes(), "the receipt of another letter");
        Ok((at - began).as_secs_f64() * 1e3)
    }

    /// Ends it.
    pub async fn stop(self) -> anyhow::Result<()> {
        let _ended_already = self.office.stop.send(());
        Ok(self.office.desk_task.await??)
    }
}

async fn attached(desk: &DeskHandle, caller: &Caller) -> anyhow::Result<()> {
    let watching = desk.watch(caller.clone()).await.ok().flatten();
    let (_, mut happens) = watching.context("the office lets its owner watch")?;
    let attached = async {
        while !desk.status().await.ok().context("the office has ended")?.attached {
            happens.recv().await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(DEADLINE, attached).await.context("the sender is not attached")?
}
