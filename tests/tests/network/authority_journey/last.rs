//! The end of the journey: a directory that nobody has confirmed and that runs out, another one, and the office that was away.
//!
//! Not here: the stages before (`stages`).

use std::fs;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use prost::Message as _;
use raccordo_admin::key_file;
use raccordo_admin::text::texts;
use raccordo_admin::vault::OwnKeys;
use raccordo_agent::api::Delivery;
use raccordo_machine::{clock, files};
use raccordo_proto::directory::proposal::sign_head;
use raccordo_proto::ids::Digest;
use raccordo_proto::wire::{Head, SignedDirectory};
use raccordo_terminal::passphrase;
use raccordo_terminal::text::Lang;

use super::member::Member;
use super::{AGAIN, AWAY, EVICTED, HELD, Journey, WRITES};
use crate::admin::PASSPHRASE;

impl Journey {
    /// Confirmed once, then left alone until it has run out: nothing new of a woman goes, what was written is still answered;
    /// and all goes on with the next version.
    pub(super) async fn the_directory_runs_out_and_is_signed_again(&mut self) -> anyhow::Result<()> {
        let answered = self.writes().await?;
        let there = self.member(EVICTED)?;
        there.until("a case to answer", AGAIN, async |there| there.has(&answered).await).await?;
        self.short_lived().await?;
        let codice = self.meanwhile().await?;
        self.published(&[WRITES, EVICTED]).await?;
        self.has_acted("run out").await?;
        let segnala = format!("--config {WRITES}/agent.toml segnala form.toml --equipe cremona");
        let refused = self.desk.types("raccordo-agent", &segnala).await?;
        ensure!(refused.code == 4 && refused.err.contains("è scaduta"), "{refused:?}");
        let line = format!("inbox riscontro {answered} --chi-segue referente --telefono 0372000000 --entro 2199-01-07");
        self.member(EVICTED)?.does(&self.desk, &line).await?;
        let told = async |there: &Member| Ok(there.row(&answered, WRITES).await?.0 == Delivery::Delivered);
        self.member(EVICTED)?.until("answered", AGAIN, told).await?;

        self.signed("directory sign --renew").await?;
        self.published(&[WRITES, EVICTED]).await?;
        self.has_acted("signed again").await?;
        self.desk.admin(&format!("directory confirm --publish --to {}", self.at)).await?;
        self.goes_on(&codice).await?;
        let last = self.writes().await?;
        self.member(HELD)?.until("the last letter", AGAIN, async |held| held.has(&last).await).await?;

        let back = Member::starts(&self.desk, AWAY, AWAY).await?;
        self.members.insert(AWAY, back);
        for id in [WRITES, EVICTED] {
            let none_waits =
                async |member: &Member| Ok(member.outbox().await?.iter().all(|row| row.delivery() != Delivery::Queued));
            self.member(id)?.until("nothing waits", AGAIN, none_waits).await?;
        }
        Ok(())
    }

    /// The next version as two admins would sign it whose clocks know no better: it ends as it begins. No command makes one.
    async fn short_lived(&mut self) -> anyhow::Result<()> {
        let last = fs::read(self.desk.path(&format!("rete/directory/v{:04}.bin", self.version))).context("a version")?;
        let last = SignedDirectory::decode(&last[..])?;
        let mut head = Head::decode(last.head.clone())?;
        self.version += 1;
        head.version = self.version;
        head.previous_head = Bytes::copy_from_slice(Digest::of(&last.head).as_bytes());
        head.issued = clock::now().as_millis();
        head.expires = head.issued + 1;
        let head = Bytes::from(head.encode_to_vec());
        let phrase = self.desk.path("frase");
        files::replace(&phrase, PASSPHRASE.as_bytes())?;
        let mut signatures = Vec::new();
        for who in ["rete", "mia"] {
            let phrase = passphrase::known(&texts(Lang::It), Some(&phrase)).map_err(|_| anyhow::anyhow!("a passphrase"))?;
            let path = self.desk.path(who).join(key_file::ADMIN.name);
            let seeds = key_file::open(key_file::ADMIN, &path, fs::read(&path)?, &phrase);
            let seeds = seeds.map_err(|failure| anyhow::anyhow!("{}", failure.code))?;
            signatures.push(sign_head(&head, OwnKeys::of_seeds(&seeds).context("seeds")?.first()));
        }
        let signed = SignedDirectory { head, signatures, ..last };
        fs::write(self.desk.path("short.signed"), signed.encode_to_vec())?;
        for who in ["rete", "mia", "zoe"] {
            self.desk.other(who, "ceremony import short.signed").await?;
        }
        Ok(())
    }
}
