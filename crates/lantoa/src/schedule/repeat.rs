//! Repetition: "tối Chủ nhật hằng tuần". A rule is kept as RFC 5545 writes it (RRULE) and expanded
//! by the `rrule` crate; what it means is said back as a sentence.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday};

use crate::foundation::form::Form;
use crate::foundation::{T, clock};

/// The most occurrences of a series.
pub const MOST: usize = 370;
/// The longest a series runs.
const LONGEST_YEARS: i64 = 2;
/// The days as RFC 5545 writes them, from Monday.
const CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// How often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    /// Every so many weeks on these days, from Monday on.
    Weeks { interval: u16, days: Vec<Weekday> },
    /// Every month on its first to fourth (1 to 4) or last (-1) such day.
    Month { nth: i8, weekday: Weekday },
}

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// To this day, inclusive.
    Until(Date),
    /// So many times.
    Count(u32),
}

/// A rule of repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    pub every: Every,
    pub bound: Bound,
}

fn code(weekday: Weekday) -> &'static str {
    CODES[weekday.to_monday_zero_offset() as usize]
}

fn weekday(code: &str) -> Option<Weekday> {
    let place = CODES.iter().position(|known| *known == code)?;
    Weekday::from_monday_zero_offset(place as i8).ok()
}

/// Which such day of its month a day is: 1 to 4, or -1 for the last where there is no other name.
fn nth_of(day: Date) -> i8 {
    let nth = (day.day() - 1) / 7 + 1;
    if nth > 4 { -1 } else { nth }
}

impl Every {
    /// The rule as it is when its first day moves by so many days.
    fn shifted(&self, days: i64, first: Date) -> Self {
        match self {
            Every::Weeks { interval, days: on } => {
                let mut on: Vec<Weekday> = on.iter().map(|day| day.wrapping_add(days)).collect();
                on.sort_by_key(|day| day.to_monday_zero_offset());
                Every::Weeks { interval: *interval, days: on }
            }
            Every::Month { .. } => Every::Month { nth: nth_of(first), weekday: first.weekday() },
        }
    }
}

impl std::fmt::Display for Repeat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.every {
            Every::Weeks { interval, days } => {
                let days: Vec<&str> = days.iter().map(|day| code(*day)).collect();
                write!(f, "FREQ=WEEKLY;INTERVAL={interval};BYDAY={}", days.join(","))?;
            }
            Every::Month { nth, weekday } => {
                write!(f, "FREQ=MONTHLY;BYDAY={nth}{}", code(*weekday))?;
            }
        }
        match self.bound {
            Bound::Count(count) => write!(f, ";COUNT={count}"),
            // The end of that day in Viet Nam, in UTC as the RFC wants it.
            Bound::Until(day) => {
                write!(f, ";UNTIL={:04}{:02}{:02}T165959Z", day.year(), day.month(), day.day())
            }
        }
    }
}

impl Repeat {
    /// Reads a rule of ours; a weekly rule that names no day means that of the first start.
    pub fn parse(text: &str, first: Date) -> Option<Self> {
        let part = |name: &str| {
            text.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let every = match part("FREQ")? {
            "WEEKLY" => Every::Weeks {
                interval: part("INTERVAL").map_or(Some(1), |text| text.parse().ok())?,
                days: match part("BYDAY") {
                    Some(days) => days.split(',').map(weekday).collect::<Option<_>>()?,
                    None => vec![first.weekday()],
                },
            },
            "MONTHLY" => {
                let (nth, day) = part("BYDAY")?.split_at_checked(part("BYDAY")?.len() - 2)?;
                Every::Month { nth: nth.parse().ok()?, weekday: weekday(day)? }
            }
            _ => return None,
        };
        let bound = match (part("COUNT"), part("UNTIL")) {
            (Some(count), None) => Bound::Count(count.parse().ok()?),
            (None, Some(until)) => {
                let digits = |range: std::ops::Range<usize>| until.get(range)?.parse::<i16>().ok();
                let (month, day) = (digits(4..6)? as i8, digits(6..8)? as i8);
                Bound::Until(Date::new(digits(0..4)?, month, day).ok()?)
            }
            _ => return None,
        };
        Some(Self { every, bound })
    }

    /// Reads a rule from a form: `repeat` (weekly, monthly), `every`, `days`, `nth`, `until`,
    /// `count`; none where the activity is not repeated. `ends` bounds it where nothing else does.
    pub fn read(form: &mut Form, first: Date, ends: Option<Date>) -> Option<Self> {
        let every = match form.text("repeat") {
            "weekly" => {
                let interval = form.number("every", 1..=26).unwrap_or(1);
                let chosen: Vec<Weekday> = CODES
                    .iter()
                    .filter(|day| form.has("days", day))
                    .filter_map(|d| weekday(d))
                    .collect();
                let days = if chosen.is_empty() { vec![first.weekday()] } else { chosen };
                Every::Weeks { interval: interval as u16, days }
            }
            "monthly" => {
                let nth = form.text("nth").parse().ok().filter(|nth| matches!(nth, -1 | 1..=4));
                Every::Month { nth: nth.unwrap_or(nth_of(first)), weekday: first.weekday() }
            }
            _ => return None,
        };
        let (until, count) = (form.date("until"), form.number("count", 2..=MOST as i64));
        let latest = first.checked_add(LONGEST_YEARS.years()).unwrap_or(first);
        let bound = match (until, count) {
            (Some(_), Some(_)) => {
                form.refuse("count", "error-repeat-bounds");
                return None;
            }
            (None, Some(count)) => Bound::Count(count as u32),
            (Some(until), None) => Bound::Until(until),
            (None, None) => match ends {
                Some(ends) => Bound::Until(ends.min(latest)),
                None => {
                    form.refuse("until", "error-repeat-unbound");
                    return None;
                }
            },
        };
        if let Bound::Until(until) = bound
            && (until < first || until > latest)
        {
            form.refuse("until", "error-repeat-until");
            return None;
        }
        Some(Self { every, bound })
    }

    /// The fields by which a form shows it.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = match &self.every {
            Every::Weeks { interval, days } => {
                let mut fields =
                    vec![("repeat", "weekly".to_owned()), ("every", interval.to_string())];
                fields.extend(days.iter().map(|day| ("days", code(*day).to_owned())));
                fields
            }
            Every::Month { nth, .. } => {
                vec![("repeat", "monthly".to_owned()), ("nth", nth.to_string())]
            }
        };
        fields.push(match self.bound {
            Bound::Until(day) => ("until", day.to_string()),
            Bound::Count(count) => ("count", count.to_string()),
        });
        fields
    }

    /// The starts of all occurrences from the first on, in epoch milliseconds; at most [`MOST`],
    /// and over at most two years.
    #[allow(clippy::redundant_closure_for_method_calls)] // the method's crate is none of ours
    pub fn starts(&self, first: DateTime) -> Vec<i64> {
        let text = format!(
            "DTSTART;TZID=Asia/Ho_Chi_Minh:{}\nRRULE:{self}",
            first.strftime("%Y%m%dT%H%M%S")
        );
        let latest = first.checked_add(LONGEST_YEARS.years()).map_or(i64::MAX, clock::millis);
        match text.parse::<rrule::RRuleSet>() {
            // Dates of that crate are chrono's: they go no further than this line.
            Ok(set) => set
                .all(MOST as u16)
                .dates
                .iter()
                .map(|start| start.timestamp_millis())
                .filter(|start| *start <= latest)
                .collect(),
            Err(fault) => {
                tracing::error!(%fault, rule = %self, "a rule of ours cannot be expanded");
                vec![clock::millis(first)]
            }
        }
    }

    /// The rule when a series is edited: `typed` is what the form says, `first` the new first day,
    /// `shift` by how many days it moved, `passed` how many occurrences stay with the old rule.
    #[must_use]
    pub fn edited(&self, typed: Self, first: Date, shift: i64, passed: usize) -> Self {
        let every = if typed.every == self.every && shift != 0 {
            self.every.shifted(shift, first)
        } else {
            typed.every
        };
        let bound = match typed.bound {
            Bound::Count(count) if typed.bound == self.bound => {
                Bound::Count(count.saturating_sub(passed as u32).max(1))
            }
            bound => bound,
        };
        Self { every, bound }
    }

    /// The rule as a sentence: "Tối Chủ nhật hằng tuần, đến 10/10/2023".
    pub fn sentence(&self, t: T, first: DateTime) -> String {
        let part = t.name("day-part", part_of_day(first));
        let name = |day: Weekday| t.name("on-weekday", day.to_monday_zero_offset() + 1);
        let mut sentence = match &self.every {
            Every::Weeks { interval, days } => {
                let days: Vec<String> = days.iter().map(|day| name(*day)).collect();
                let days = days.join(", ");
                match interval {
                    1 => t.with2("repeat-every-week", "part", part, "days", days),
                    weeks => t.with_all(
                        "repeat-every-weeks",
                        &[("part", &part), ("days", &days), ("weeks", weeks)],
                    ),
                }
            }
            Every::Month { nth, weekday } => t.with_all(
                "repeat-every-month",
                &[
                    ("part", &part),
                    ("day", &name(*weekday)),
                    (
                        "nth",
                        &t.name("nth", if *nth < 0 { "last".to_owned() } else { nth.to_string() }),
                    ),
                ],
            ),
        };
        let _ = match self.bound {
            Bound::Until(day) => {
                write!(sentence, ", {}", t.with("repeat-until", "day", vietnamese::date(day)))
            }
            Bound::Count(count) => write!(sentence, ", {}", t.with("repeat-count", "count", count)),
        };
        sentence
    }
}

/// Sáng, trưa, chiều, tối.
fn part_of_day(at: DateTime) -> &'static str {
    match at.hour() {
        0..=10 => "morning",
        11..=12 => "noon",
        13..=17 => "afternoon",
        _ => "evening",
    }
}

/// The days of the week as a form offers them.
pub fn day_choices(t: T) -> Vec<(String, String)> {
    let named = CODES.iter().enumerate();
    named.map(|(index, code)| ((*code).to_owned(), t.name("weekday", index + 1))).collect()
}

/// Which such day of the month, as a form offers it.
pub fn nth_choices(t: T) -> Vec<(String, String)> {
    [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("-1", "last")]
        .map(|(value, key)| (value.to_owned(), t.name("nth", key)))
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn sunday_evenings() -> (Repeat, DateTime) {
        let repeat = Repeat {
            every: Every::Weeks { interval: 1, days: vec![Weekday::Sunday] },
            bound: Bound::Until(date(2023, 10, 10)),
        };
        (repeat, date(2023, 8, 13).at(19, 30, 0, 0))
    }

    #[test]
    fn sunday_evenings_are_sunday_evenings() {
        let (repeat, first) = sunday_evenings();
        let starts = repeat.starts(first);
        assert_eq!(starts.len(), 9);
        assert!(starts.iter().all(|start| {
            let at = clock::local(*start);
            at.weekday() == Weekday::Sunday && (at.hour(), at.minute()) == (19, 30)
        }));
        assert_eq!(repeat.sentence(T::default(), first), "Tối Chủ nhật hằng tuần, đến 10/10/2023");
    }

    #[test]
    fn a_rule_is_kept_as_the_rfc_writes_it_and_read_back() {
        let (repeat, first) = sunday_evenings();
        let text = repeat.to_string();
        assert_eq!(text, "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;UNTIL=20231010T165959Z");
        assert_eq!(Repeat::parse(&text, first.date()), Some(repeat));
        let last = Repeat {
            every: Every::Month { nth: -1, weekday: Weekday::Saturday },
            bound: Bound::Count(3),
        };
        assert_eq!(Repeat::parse(&last.to_string(), first.date()), Some(last.clone()));
        let days: Vec<Date> = last
            .starts(date(2023, 8, 26).at(8, 0, 0, 0))
            .into_iter()
            .map(|start| clock::local(start).date())
            .collect();
        assert_eq!(days, [date(2023, 8, 26), date(2023, 9, 30), date(2023, 10, 28)]);
    }

    #[test]
    fn what_was_stored_before_there_were_rules_still_means_weekly() {
        let first = date(2023, 8, 13);
        let old = Repeat::parse("FREQ=WEEKLY;COUNT=8", first).unwrap();
        assert_eq!(old.starts(first.at(19, 30, 0, 0)).len(), 8);
    }

    #[test]
    fn a_series_without_an_end_ends_with_its_campaign_or_is_refused() {
        let first = date(2023, 9, 17);
        let mut form = Form::filled([("repeat", "weekly")]);
        let until = Bound::Until(date(2023, 9, 30));
        let read = Repeat::read(&mut form, first, Some(date(2023, 9, 30)));
        assert_eq!(read.map(|repeat| repeat.bound), Some(until));
        assert!(Repeat::read(&mut form, first, None).is_none());
        assert_eq!(form.error("until"), "error-repeat-unbound");
    }

    proptest::proptest! {
        #[test]
        fn every_rule_reads_back(interval in 1u16..26, mask in 1u8..128, count in 1u32..300) {
            let days = (0..7)
                .filter(|day| mask & (1 << day) != 0)
                .map(|day| Weekday::from_monday_zero_offset(day).unwrap())
                .collect();
            let repeat = Repeat { every: Every::Weeks { interval, days }, bound: Bound::Count(count) };
            let read = Repeat::parse(&repeat.to_string(), date(2023, 1, 1));
            proptest::prop_assert_eq!(read, Some(repeat));
        }
    }
}
