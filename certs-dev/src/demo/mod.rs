//! The demonstration: a whole network on this machine, driven as people would, and measured.
//!
//! `play` is what happens, `stage` the processes, `events` what agents tell, `check` and `scan` the search for what the
//! gateway may have kept, `evidence` the proof that letters arrived. Not here: anything that only a test build can do.

mod check;
mod events;
mod evidence;
mod form;
mod play;
mod report;
mod scan;
mod stage;
mod text;
mod windows;

pub use scan::{Found, Needles, Scan};
pub use windows::{WINDOW_BYTES, WINDOWS, draw as draw_windows, envelopes as recorded_envelopes};

use std::process::ExitCode;

use raccordo_terminal::text::Lang;
use tokio::signal::unix::{SignalKind, signal};

use crate::cast::Cast;
use play::Play;
use report::Report;
use stage::{Programs, Stage};
use text::Texts;

/// How the demonstration is asked for.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Ends by itself.
    #[arg(long)]
    pub once: bool,
    /// Prints the figures as one JSON object, the last line.
    #[arg(long)]
    pub json: bool,
    /// Language of the sentences.
    #[arg(long, value_enum, default_value_t)]
    pub lang: Lang,
}

/// Runs it: 0 when everything held, 1 when anything did not.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let texts = Texts::new(options.lang);
    let mut stage = Stage::set(Programs::build().await?, &Cast::demo())?;
    let mut report = Report::default();
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut play = Play { stage: &mut stage, texts: &texts, report: &mut report };
    let whole = async {
        play.run().await?;
        if !options.once {
            play.stay().await?;
            std::future::pending::<()>().await;
        }
        anyhow::Ok(())
    };
    let played = tokio::select! {
        played = whole => Some(played),
        _ = interrupted.recv() => None,
        _ = terminated.recv() => None,
    };
    if played.is_none() {
        println!("{}", texts.say("stopping", &[]));
    }
    let struck = stage.strike().await;
    let failure = played.transpose().err().or(struck.err());
    if let Some(failure) = &failure {
        eprintln!("{}", texts.say("failed", &[("reason", format!("{failure:#}").into())]));
    }
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    }
    // Whoever stops a demonstration that had come to its end has seen it hold.
    let held = failure.is_none() && report.holds();
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
