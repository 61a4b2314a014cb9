//! When to wash the live buffers that letters went through: a stream that falls idle gets a padded Ping, and its agent's
//! Pong of the same size washes the other direction; twice. Pure: the session holds the clock.
//!
//! Buffers that are freed are the allocator's (`zeroing`); these here are reused by codecs and TLS as long as a stream
//! lives. Not here: sending.

use core::time::Duration;

use bytes::Bytes;
use raccordo_proto::Timestamp;
use raccordo_proto::limits::{KEEPALIVE_ANSWER_MAX, MESSAGE_BYTES_MAX, SCRUB_AFTER, SCRUB_BYTES_MIN};

/// Rounds of Ping and Pong per idle period: the second is for margin.
pub const SCRUB_ROUNDS: u32 = 2;
/// Room that a padding leaves for tags and lengths of its message.
const FRAMING_BYTES: usize = 64;

static ZERO_BYTES: [u8; MESSAGE_BYTES_MAX - FRAMING_BYTES] = [0; MESSAGE_BYTES_MAX - FRAMING_BYTES];
/// Zeros to slice paddings from: nothing is allocated for them.
pub static ZEROS: Bytes = Bytes::from_static(&ZERO_BYTES);

/// What one stream has yet to wash.
#[derive(Default)]
pub struct Scrub {
    rounds: u32,
    largest: usize,
    carried_at: Timestamp,
    asked: Option<(usize, Timestamp)>,
}

/// What a stream must do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing until something is carried.
    Nothing,
    /// Nothing before this much time.
    Wait(Duration),
    /// Send a Ping of so many zeros, then ask again.
    Ping(usize),
    /// The agent does not answer: its buffers cannot be washed, so the stream must end.
    Unanswered,
}

impl Scrub {
    /// An envelope or a receipt of `len` bytes went through, either way.
    pub fn carried(&mut self, len: usize, now: Timestamp) {
        self.rounds = SCRUB_ROUNDS;
        self.largest = self.largest.max(len);
        self.carried_at = now;
        self.asked = None;
    }

    /// A Pong came.
    pub fn answered(&mut self, len: usize) {
        if self.asked.is_some_and(|(asked, _)| len >= asked) {
            self.asked = None;
            self.rounds = self.rounds.saturating_sub(1);
            if self.rounds == 0 {
                self.largest = 0;
            }
        }
    }

    /// What to do now.
    pub fn due(&mut self, now: Timestamp) -> Due {
        if self.rounds == 0 {
            return Due::Nothing;
        }
        if let Some((_, since)) = self.asked {
            return remaining(since, KEEPALIVE_ANSWER_MAX, now).map_or(Due::Unanswered, Due::Wait);
        }
        if let Some(wait) = remaining(self.carried_at, SCRUB_AFTER, now) {
            return Due::Wait(wait);
        }
        let len = (SCRUB_BYTES_MIN + self.largest).min(ZEROS.len());
        self.asked = Some((len, now));
        Due::Ping(len)
    }
}

/// What is left of `span` since `start`; none when it is over.
fn remaining(start: Timestamp, span: Duration, now: Timestamp) -> Option<Duration> {
    span.checked_sub(now.since(start)).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn an_idle_stream_is_washed_twice_and_then_left_alone() {
        let mut scrub = Scrub::default();
        assert_eq!(scrub.due(NOW), Due::Nothing);
        scrub.carried(18_000, NOW);
        assert_eq!(scrub.due(NOW), Due::Wait(SCRUB_AFTER));
        let idle = NOW.plus(SCRUB_AFTER);
        let ping = SCRUB_BYTES_MIN + 18_000;
        for _ in 0..SCRUB_ROUNDS {
            assert_eq!(scrub.due(idle), Due::Ping(ping));
            assert!(matches!(scrub.due(idle), Due::Wait(_)), "one at a time");
            scrub.answered(ping - 1);
            assert!(matches!(scrub.due(idle), Due::Wait(_)), "a shorter Pong washes too little");
            scrub.answered(ping);
        }
        assert_eq!(scrub.due(idle), Due::Nothing);
    }

    #[test]
    fn traffic_begins_it_anew_and_silence_ends_the_stream() {
        let mut scrub = Scrub::default();
        scrub.carried(300_000, NOW);
        let idle = NOW.plus(SCRUB_AFTER);
        assert_eq!(scrub.due(idle), Due::Ping(SCRUB_BYTES_MIN + 300_000));
        scrub.carried(100, idle);
        assert_eq!(scrub.due(idle), Due::Wait(SCRUB_AFTER));
        let later = idle.plus(SCRUB_AFTER);
        assert_eq!(scrub.due(later), Due::Ping(SCRUB_BYTES_MIN + 300_000), "the largest since the last wash");
        assert_eq!(scrub.due(later.plus(KEEPALIVE_ANSWER_MAX)), Due::Unanswered);
    }
}
