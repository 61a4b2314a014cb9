//! The second act: a day passes in calm, cards are made anew, and each office tells the others where their threads have come
//! (B-04) while things go wrong once more. Not here: what is checked in the end (`checks`).

use core::time::Duration;

use raccordo_proto::Timestamp;
use raccordo_proto::limits::HEADS_EVERY;
use raccordo_proto::wire::State;

use super::{Happening, START, World, cast};

/// How long before the heads are due faults begin again, and how long they go on.
const BEFORE_HEADS: Duration = Duration::from_secs(300);
const FAULTY_AGAIN: Duration = Duration::from_secs(900);
/// How often somebody comes to do something then.
const DEEDS_AGAIN: u64 = 30;

impl World {
    /// Plans the second act.
    pub(super) fn next_day(&mut self) {
        let unrest: Timestamp = START.plus(HEADS_EVERY).minus(BEFORE_HEADS);
        self.note("next-day", &"");
        self.calm_at = unrest.plus(FAULTY_AGAIN);
        self.plan_people(DEEDS_AGAIN, unrest);
        let out = cast::offices().filter(|id| self.state(id) != Some(State::Active));
        self.model.away = out.collect();
        // In peace and quiet, so that both arrive.
        self.tells_two_stories();
        self.yes_on_the_next_day(unrest);
        self.at(unrest, Happening::Unrest);
        self.at(self.calm_at, Happening::Calm);
    }

    /// Whether the heads are due.
    pub(super) fn is_second_day(&self) -> bool {
        self.model.is_second_day
    }

    /// Faults again.
    pub(super) fn be_restless(&mut self) {
        self.calm = false;
        self.model.is_second_day = true;
        self.note("unrest", &"");
        self.trouble();
        self.villainy();
    }
}
