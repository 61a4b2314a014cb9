//! Civil dates of forms, authorisations and answers, as `YYYY-MM-DD`. Not here: a clock, and how people read dates.

use core::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use raccordo_proto::Timestamp;

/// A date, when it is one.
pub fn parse(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Whether a last day is over. A day ends at midnight UTC, one or two hours after it ends in Italy: nobody is refused on
/// the evening of the last day by a difference of clocks.
pub fn is_over(last_day: Date, now: Timestamp) -> bool {
    let Ok(end) = last_day.tomorrow().and_then(|day| day.to_zoned(TimeZone::UTC)) else { return true };
    u64::try_from(end.timestamp().as_millisecond()).map_or(true, |end| now >= Timestamp::from_millis(end))
}

/// How much earlier than by UTC a day begins in Italy, at most.
const BEGINS_EARLIER: Duration = Duration::from_secs(2 * 3600);

/// Whether a day has not begun in Italy yet.
pub fn is_to_come(day: Date, now: Timestamp) -> bool {
    let Ok(begins) = day.to_zoned(TimeZone::UTC) else { return false };
    u64::try_from(begins.timestamp().as_millisecond())
        .is_ok_and(|begins| now.plus(BEGINS_EARLIER) < Timestamp::from_millis(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_whole() {
        let day = parse("1970-01-02").expect("a date");
        assert!(!is_over(day, Timestamp::from_millis(2 * 86_400_000 - 1)));
        assert!(is_over(day, Timestamp::from_millis(2 * 86_400_000)));
        assert!(is_to_come(day, Timestamp::from_millis(22 * 3_600_000 - 1)));
        assert!(!is_to_come(day, Timestamp::from_millis(22 * 3_600_000)), "it may have begun in Italy");
        assert_eq!(parse("1970-1-2"), None);
        assert_eq!(parse("1970-02-30"), None);
    }
}
