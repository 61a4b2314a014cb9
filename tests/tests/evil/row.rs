//! A behaviour, what is expected of it, what was seen, and whether the two agree.
//!
//! Not here: the behaviours, and how they are played.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};
use raccordo_certs_dev::cast::{cav, cpi, sil, sociale};
use raccordo_proto::AgencyId;

use crate::gateway::{Answer, Forward, Memory, Out};

/// An office of the cast.
pub type Who = fn() -> AgencyId;

/// One behaviour.
#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub what: &'static str,
    pub trick: Trick,
    pub expected: Expected,
    pub after: After,
}

/// What it does.
#[derive(Clone, Copy)]
pub enum Trick {
    /// Something with what a letter needs on its way.
    Forward(Forward),
    /// Something with what is said to offices that come back.
    Attach(Forward),
    /// Something that nobody has asked for.
    Says(fn(&Memory) -> Out),
    /// It tells an office of a version, and answers what it is then asked.
    Answers { news_to: Who, version: u64, answer: Answer, is_taken: bool },
}

/// How it becomes honest again.
#[derive(Clone, Copy, PartialEq)]
pub enum After {
    /// It hands on what comes.
    HandsOn,
    /// It hands on what it has held back, too.
    Releases,
    /// It serves so many versions of the directory, and says so.
    Serves(usize),
    /// It ends its streams, as one that is started anew, once the others have the letter.
    StartsAnew,
    /// The same while nobody has it.
    StartsAnewAtOnce,
}

/// What must come of it.
#[derive(Clone, Copy)]
pub enum Expected {
    /// `status` of an office counts these codes.
    Counts(Who, &'static [&'static str]),
    /// An office's log says so.
    Logs(Who, &'static str),
    /// An office ends the stream by itself and comes back.
    ComesAgain(Who),
    /// `status` of an office says that the clocks are more than ten minutes apart.
    ClockOff(Who),
    /// `status` of an office says that there are two documents of one version.
    Rival(Who),
    /// Nobody counts anything, and nothing is lost.
    Harmless(&'static str),
}

/// What there was to see while a behaviour was played and after it.
#[derive(Clone, Default)]
pub struct Seen {
    /// How often it was played.
    pub played: usize,
    /// Faults that an office has counted.
    pub counted: BTreeMap<(AgencyId, String), u64>,
    /// Lines that an office has logged.
    pub logged: BTreeMap<AgencyId, Vec<String>>,
    /// Offices that have come back without having been sent away.
    pub came_again: BTreeSet<AgencyId>,
    /// Offices whose clock is far from the gateway's.
    pub clocks_off: BTreeSet<AgencyId>,
    /// Offices that know of two documents of one version.
    pub rivals: BTreeSet<AgencyId>,
    /// How often the sender was told that an office has this letter.
    pub confirmed: BTreeMap<AgencyId, usize>,
    /// How often an office was told that a letter has come.
    pub arrived: BTreeMap<AgencyId, usize>,
    /// Agents that do not run any more.
    pub ended: BTreeSet<AgencyId>,
}

impl Seen {
    /// Whether no office has noticed anything, its log apart.
    pub fn is_seen_by_nobody(&self) -> bool {
        self.counted.is_empty() && self.came_again.is_empty() && self.clocks_off.is_empty() && self.rivals.is_empty()
    }
}

impl Expected {
    /// Whether it is there to be seen.
    pub fn is_in(&self, seen: &Seen) -> bool {
        match self {
            Self::Counts(who, codes) => codes.iter().all(|code| seen.counted.contains_key(&(who(), (*code).to_owned()))),
            Self::Logs(who, text) => seen.logged.get(&who()).is_some_and(|lines| lines.iter().any(|line| line.contains(text))),
            Self::ComesAgain(who) => seen.came_again.contains(&who()),
            Self::ClockOff(who) => seen.clocks_off.contains(&who()),
            Self::Rival(who) => seen.rivals.contains(&who()),
            Self::Harmless(_) => seen.is_seen_by_nobody(),
        }
    }

    /// For the table.
    pub fn says(&self) -> String {
        match self {
            Self::Counts(who, codes) if codes.len() > 3 => format!("DETECTED by status of {}: {} codes", who(), codes.len()),
            Self::Counts(who, codes) => format!("DETECTED by status of {}: {}", who(), codes.join(", ")),
            Self::Logs(who, text) => format!("DETECTED by the log of {}: {}", who(), text.replace('"', "")),
            Self::ComesAgain(who) => format!("DETECTED by {}: it ends the stream", who()),
            Self::ClockOff(who) => format!("DETECTED by status of {}: the clock", who()),
            Self::Rival(who) => format!("DETECTED by status of {}: two documents of one version", who()),
            Self::Harmless(why) => format!("HARMLESS because {why}"),
        }
    }
}

/// What the letter of a behaviour must have come to, and what must have been seen of it.
pub fn judge(row: &Row, seen: &Seen) -> anyhow::Result<()> {
    ensure!(seen.played > 0, "{}: never played", row.name);
    ensure!(seen.ended.is_empty(), "{}: ended: {:?}", row.name, seen.ended);
    for office in [sociale(), cpi(), sil()] {
        let times = |of: &BTreeMap<AgencyId, usize>| of.get(&office).copied().unwrap_or_default();
        let (arrived, confirmed) = (times(&seen.arrived), times(&seen.confirmed));
        ensure!((arrived, confirmed) == (1, 1), "{}: {office} has it {arrived} times, confirmed {confirmed}", row.name);
    }
    ensure!(!seen.arrived.contains_key(&cav()), "{}: something has come to the sender", row.name);
    if !row.expected.is_in(seen) {
        bail!(
            "{}: expected «{}», seen {:?} {:?} {:?}",
            row.name,
            row.expected.says(),
            seen.counted,
            seen.came_again,
            seen.logged
        );
    }
    Ok(())
}

#[test]
fn a_wrong_expectation_and_a_broken_promise_are_told() {
    let row = |expected| Row { name: "a row", what: "", trick: Trick::Forward(|_, _, _| None), expected, after: After::HandsOn };
    let once: BTreeMap<AgencyId, usize> = [sociale(), cpi(), sil()].map(|office| (office, 1)).into();
    let quiet = Seen { played: 1, confirmed: once.clone(), arrived: once, ..Seen::default() };
    let loud = Seen { counted: [((cpi(), "SIGNATURE".to_owned()), 1)].into(), ..quiet.clone() };
    let (harmless, detected) = (row(Expected::Harmless("nothing")), row(Expected::Counts(cpi, &["SIGNATURE"])));
    assert!(judge(&harmless, &quiet).is_ok() && judge(&detected, &loud).is_ok());
    assert!(judge(&harmless, &loud).is_err() && judge(&detected, &quiet).is_err());
    assert!(judge(&row(Expected::Counts(sil, &["SIGNATURE"])), &loud).is_err(), "another office");
    assert!(judge(&row(Expected::Counts(cpi, &["SIGNATURE", "REPLAYED"])), &loud).is_err(), "another code");
    for other in [Expected::Logs(cpi, ""), Expected::ComesAgain(cpi), Expected::ClockOff(cpi), Expected::Rival(cpi)] {
        assert!(judge(&row(other), &quiet).is_err());
    }
    let broken: [fn(&mut Seen); 6] = [
        |seen| seen.played = 0,
        |seen| *seen.arrived.entry(sil()).or_default() += 1,
        |seen| *seen.confirmed.entry(cpi()).or_default() += 1,
        |seen| seen.arrived.retain(|office, _| *office != sociale()),
        |seen| *seen.arrived.entry(cav()).or_default() += 1,
        |seen| seen.ended.extend([cav()]),
    ];
    for spoil in broken {
        let mut seen = quiet.clone();
        spoil(&mut seen);
        assert!(judge(&harmless, &seen).is_err());
    }
}
