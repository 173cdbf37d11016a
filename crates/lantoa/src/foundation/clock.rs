//! Time comes in through here. A demo has a clock of its own, standing at the middle of its
//! campaign; everything else reads the machine's. Days are those of Asia/Ho_Chi_Minh, never UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// Where "now" comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands at one instant, as in a demo or a test.
    Standing(Timestamp),
}

/// Viet Nam has one zone without daylight saving: UTC+7 (Asia/Ho_Chi_Minh) since 1975.
const ZONE: Offset = jiff::tz::offset(7);

/// Milliseconds since 1970 of a local date and time.
pub fn millis(at: DateTime) -> i64 {
    ZONE.to_timestamp(at).map_or(0, Timestamp::as_millisecond)
}

/// The local date and time of an instant in epoch milliseconds.
pub fn local(millis: i64) -> DateTime {
    ZONE.to_datetime(Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The Monday of the week of a day.
pub fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
}

impl Clock {
    /// The present instant, in epoch milliseconds.
    pub fn now(self) -> i64 {
        self.timestamp().as_millisecond()
    }

    /// Today's date in Viet Nam.
    pub fn today(self) -> Date {
        self.local().date()
    }

    /// The present local date and time.
    pub fn local(self) -> DateTime {
        ZONE.to_datetime(self.timestamp())
    }

    fn timestamp(self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Standing(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_begins_at_midnight_in_viet_nam_not_at_seven() {
        let at = millis(date(2023, 9, 15).at(0, 30, 0, 0));
        assert_eq!(local(at).date(), date(2023, 9, 15));
        assert_eq!(Timestamp::from_millisecond(at).unwrap().to_string(), "2023-09-14T17:30:00Z");
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(monday(date(2023, 9, 17)), date(2023, 9, 11));
        assert_eq!(monday(date(2023, 9, 11)), date(2023, 9, 11));
    }
}
