//! How a behaviour is played: the gateway is given its trick, a woman is referred, what is to be seen is waited for, the
//! gateway becomes honest again, and the letter must be with each office once.
//!
//! Not here: the behaviours, and the judge.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use raccordo_agent::api::{Event, EventKind, ExportRequest, StatusResponse};
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_proto::limits::SKEW_MAX;
use raccordo_proto::wire::DirectoryNews;
use raccordo_proto::{AgencyId, Directory};
use raccordo_tests::processes::{DEADLINE, Form, World, count};

use crate::gateway::{Evil, Frame};
use crate::row::{After, Expected, Row, Seen, Trick, judge};

/// Who takes part.
pub fn offices() -> [AgencyId; 4] {
    [cav(), sociale(), cpi(), sil()]
}

/// To whom she is referred.
fn referred_to() -> [AgencyId; 3] {
    [sociale(), cpi(), sil()]
}

fn attachments(told: &[Event]) -> usize {
    told.iter().filter(|event| event.kind() == EventKind::Attached).count()
}

/// Letters that an office has, as the sender was told: it may be told again when two receipts come.
fn confirmed(told: &[Event], by: &AgencyId) -> usize {
    let of_it = told.iter().filter(|event| event.kind() == EventKind::Delivered && event.peer == by.as_str());
    of_it.map(|event| &event.letter_id).collect::<BTreeSet<_>>().len()
}

/// How the offices were before a behaviour.
struct Before {
    played: usize,
    statuses: BTreeMap<AgencyId, StatusResponse>,
    lines: BTreeMap<AgencyId, usize>,
    hellos: BTreeMap<AgencyId, usize>,
    letters: usize,
}

/// Offices and their gateway.
pub struct Stage {
    pub world: World,
    pub gateway: Evil,
    /// The code of each letter.
    pub letters: Vec<String>,
    /// How often each office was sent away since the behaviour began.
    cut: usize,
}

impl Stage {
    /// Four offices, attached to a gateway that is still honest.
    pub async fn open(mut world: World) -> anyhow::Result<Self> {
        let network = &world.network;
        let (gateway, address) = Evil::start(network.gateway().path(), network.directory()).await?;
        network.point_agents_at(&address.to_string())?;
        world.attach(&offices()).await?;
        for office in offices() {
            world.add_person(&office).await?;
        }
        let mut stage = Self { world, gateway, letters: Vec::new(), cut: 0 };
        stage.refers().await?; // so that there is something to replay
        Ok(stage)
    }

    /// A letter that nobody touches.
    pub async fn refers(&mut self) -> anyhow::Result<()> {
        self.refer().await?;
        self.arrived().await
    }

    async fn refer(&mut self) -> anyhow::Result<()> {
        let form = Form { riservata_per: Vec::new(), ..Form::default() };
        let file = self.world.write_form("segnalazione.toml", &form.text())?;
        let person = self.world.pseudonym(&cav())?;
        let words = ["segnala", &file, "--equipe", "cremona", "--json", "--operator", &person];
        let act = self.world.say(&cav(), &words).await?.json()?; // queued, whether a gateway is there or not
        self.letters.push(act["codice"].as_str().with_context(|| format!("no code: {act}"))?.to_owned());
        Ok(())
    }

    /// Waits until every letter so far is with everybody, and the sender knows.
    async fn arrived(&self) -> anyhow::Result<()> {
        for office in referred_to() {
            let received = |told: &[Event]| count(told, EventKind::Received, &cav()) >= self.letters.len();
            self.world.wait(&office, "RECEIVED", DEADLINE, received).await?;
            let enough = |told: &[Event]| confirmed(told, &office) >= self.letters.len();
            self.world.wait(&cav(), "DELIVERED", DEADLINE, enough).await?;
        }
        Ok(())
    }

    /// Plays a behaviour and judges it; answers its line of the table.
    pub async fn play(&mut self, row: &Row) -> anyhow::Result<(Row, Seen)> {
        let seen = self.played(row).await.with_context(|| format!("«{}»", row.name))?;
        judge(row, &seen)?;
        Ok((*row, seen))
    }

    async fn played(&mut self, row: &Row) -> anyhow::Result<Seen> {
        self.cut = 0;
        let before = self.before().await?;
        match row.trick {
            Trick::Forward(forward) => self.gateway.plays(Some(forward), None),
            Trick::Attach(forward) => {
                self.gateway.plays(Some(forward), None);
                self.cut();
            }
            Trick::Says(says) => {
                let out = self.gateway.remembers(|memory| says(memory));
                ensure!(!out.is_empty(), "nothing to say");
                self.gateway.says(out);
            }
            Trick::Answers { news_to, version, answer, is_taken } => {
                self.gateway.plays(None, Some(answer));
                self.gateway.says(vec![(news_to(), Frame::DirectoryNews(DirectoryNews { version }))]);
                self.fires(&before).await?;
                if is_taken {
                    self.has_version(&news_to(), version).await?;
                }
            }
        }
        self.refer().await?;
        if matches!(row.trick, Trick::Forward(_) | Trick::Attach(_)) {
            self.fires(&before).await?;
        }
        let then = self.is_seen(row, &before).await?;
        self.becomes_honest(row).await?;
        self.arrived().await?;
        let mut seen = self.seen(&before).await?;
        seen.played = seen.played.max(usize::from(matches!(row.trick, Trick::Says(_))));
        // What a status says no more, now that the gateway is honest.
        seen.clocks_off.extend(then.clocks_off);
        seen.rivals.extend(then.rivals);
        Ok(seen)
    }

    async fn fires(&self, before: &Before) -> anyhow::Result<()> {
        let mut fired = self.gateway.fired();
        let played = tokio::time::timeout(DEADLINE, fired.wait_for(|fired| *fired > before.played)).await;
        played.context("it is never played")?.context("the gateway is gone")?;
        Ok(())
    }

    /// Waits for what is to be seen; what is to be seen by nobody is looked for in the end.
    async fn is_seen(&mut self, row: &Row, before: &Before) -> anyhow::Result<Seen> {
        if matches!(row.expected, Expected::Harmless(_)) {
            // What is under way to the others comes to its end before streams do.
            if row.after == After::StartsAnew && !matches!(row.trick, Trick::Says(_)) {
                let others = |told: &[Event]| [sociale(), sil()].iter().all(|to| confirmed(told, to) >= self.letters.len());
                self.world.wait(&cav(), "DELIVERED to the others", DEADLINE, others).await?;
            }
            return Ok(Seen::default());
        }
        let look = async {
            loop {
                let seen = self.seen(before).await?;
                if row.expected.is_in(&seen) {
                    return anyhow::Ok(seen);
                }
                tokio::task::yield_now().await;
            }
        };
        match tokio::time::timeout(DEADLINE, look).await {
            Ok(looked) => looked,
            Err(_) => anyhow::bail!("«{}» is not seen: {:?}", row.expected.says(), self.seen(before).await?.counted),
        }
    }

    async fn becomes_honest(&mut self, row: &Row) -> anyhow::Result<()> {
        self.gateway.plays(None, None);
        match row.after {
            After::HandsOn => {}
            After::Releases => self.gateway.releases(),
            After::Serves(versions) => self.serves(versions).await?,
            After::StartsAnew | After::StartsAnewAtOnce => {
                let attached: BTreeMap<_, _> = self.attachments()?;
                self.cut();
                for (office, times) in attached {
                    self.world.wait(&office, "ATTACHED", DEADLINE, |told| attachments(told) > times).await?;
                }
            }
        }
        Ok(())
    }

    fn attachments(&self) -> anyhow::Result<BTreeMap<AgencyId, usize>> {
        offices().into_iter().map(|office| Ok((office.clone(), attachments(&self.world.told(&office)?)))).collect()
    }

    fn cut(&mut self) {
        self.cut += 1;
        self.gateway.cuts(&offices());
    }

    /// From now on it serves so many versions, and says so; answers when everybody has the last, or one of its number.
    pub async fn serves(&self, versions: usize) -> anyhow::Result<()> {
        self.gateway.remembers(|memory| memory.served = versions);
        let news = |office| (office, Frame::DirectoryNews(DirectoryNews { version: versions as u64 }));
        self.gateway.says(offices().into_iter().map(news).collect());
        for office in offices() {
            self.has_version(&office, versions as u64).await?;
        }
        Ok(())
    }

    async fn has_version(&self, office: &AgencyId, version: u64) -> anyhow::Result<()> {
        let installed = async {
            while self.world.status(office).await?.directory_version != version {
                tokio::task::yield_now().await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(DEADLINE, installed).await.with_context(|| format!("{office} has no version {version}"))?
    }

    async fn before(&self) -> anyhow::Result<Before> {
        let (mut statuses, mut lines) = (BTreeMap::new(), BTreeMap::new());
        for office in offices() {
            statuses.insert(office.clone(), self.world.status(&office).await?);
            lines.insert(office.clone(), self.world.process(&office)?.lines().all().len());
        }
        let (played, hellos) = (*self.gateway.fired().borrow(), self.gateway.hellos());
        Ok(Before { played, statuses, lines, hellos, letters: self.letters.len() })
    }

    async fn seen(&self, before: &Before) -> anyhow::Result<Seen> {
        let mut seen = Seen { played: *self.gateway.fired().borrow() - before.played, ..Seen::default() };
        let hellos = self.gateway.hellos();
        for office in offices() {
            let Ok(status) = self.world.status(&office).await else {
                seen.ended.insert(office);
                continue;
            };
            for (code, times) in &status.rejections {
                let more = times - before.statuses[&office].rejections.get(code).copied().unwrap_or_default();
                if more > 0 {
                    seen.counted.insert((office.clone(), code.clone()), more);
                }
            }
            let lines = self.world.process(&office)?.lines().all();
            seen.logged.insert(office.clone(), lines[before.lines[&office]..].to_vec());
            if hellos.get(&office).copied().unwrap_or_default() > before.hellos[&office] + self.cut {
                seen.came_again.insert(office.clone());
            }
            if status.clock_ahead.is_some_and(|ahead| u128::from(ahead.unsigned_abs()) > SKEW_MAX.as_millis()) {
                seen.clocks_off.insert(office.clone());
            }
            if status.directory_rival_seen_at > 0 {
                seen.rivals.insert(office.clone());
            }
        }
        let more = |times: usize| times.saturating_sub(before.letters);
        let told = self.world.told(&cav())?;
        seen.confirmed = referred_to().map(|to| (to.clone(), more(confirmed(&told, &to)))).into();
        for office in offices() {
            let received = count(&self.world.told(&office)?, EventKind::Received, &cav());
            let others = self.world.told(&office)?.iter().filter(|event| event.kind() == EventKind::Received).count() - received;
            let arrived = others + if office == cav() { received } else { more(received) };
            seen.arrived.extend((arrived > 0).then_some((office, arrived)));
        }
        Ok(seen)
    }

    /// Every letter is held once by each office, and by nobody else, with a receipt of each that verifies.
    pub async fn is_whole(&self, directory: &Directory) -> anyhow::Result<usize> {
        let all: BTreeSet<&String> = self.letters.iter().collect();
        ensure!(all.len() == self.letters.len(), "a code given twice");
        for codice in &self.letters {
            for office in offices() {
                let operator = self.world.pseudonym(&office)?;
                let request = ExportRequest { codice: codice.clone(), operator };
                let export = self.world.client(&office)?.export(request).await.context("export")?.into_inner().export;
                let held = crate::evidence::verified(export.context("a case")?, &office, &crate::evidence::keys([directory]))?;
                ensure!(held.letters.len() == 1, "{office} holds {} letters of {codice}", held.letters.len());
                let receipts = if office == cav() { referred_to().len() } else { 0 };
                ensure!(held.receipts.len() == receipts, "{office}: {} receipts of {codice}", held.receipts.len());
            }
        }
        Ok(self.letters.len())
    }
}
