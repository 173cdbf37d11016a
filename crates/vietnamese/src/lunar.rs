//! The Vietnamese lunar calendar: months begin on the day of the new moon, the month that holds
//! the winter solstice is the eleventh, and in a year of thirteen new moons the first month
//! without a major solar term is the leap month - all reckoned at UTC+7.
//!
//! The reckoning follows Hồ Ngọc Đức, "Thuật toán tính âm lịch" (informatik.uni-leipzig.de/~duc),
//! with the moon and sun of Meeus, Astronomical Algorithms (1998), chapters 25 and 49. UTC+7 is the
//! official meridian since 1968 (Decision 121/CP of 8 August 1967); before that, printed calendars
//! may differ by a day or, rarely, a month.

use std::f64::consts::PI;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// Mean length of a lunar month, in days (Meeus, chapter 49).
const MONTH: f64 = 29.530_588_853;
/// Julian day of the first new moon of 1900, where months are counted from.
const FIRST_NEW_MOON: f64 = 2_415_021.076_998_695;
/// Viet Nam's zone, in days.
const ZONE: f64 = 7.0 / 24.0;
/// Julian day number of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// A day of the lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lunar {
    /// 1 to 30.
    pub day: i8,
    /// 1 to 12.
    pub month: i8,
    /// Whether the month is the second of its number (tháng nhuận).
    pub leap: bool,
    /// The solar year in which the lunar year begins.
    pub year: i16,
}

impl Lunar {
    /// The lunar day of a solar day.
    pub fn of(day: Date) -> Self {
        let number = day_number(day);
        let count = ((number as f64 - FIRST_NEW_MOON) / MONTH).floor() as i64;
        // The count from the mean month may be one off either way.
        let begins = (count - 1..=count + 1)
            .rev()
            .map(new_moon_day)
            .find(|begins| *begins <= number)
            .unwrap_or(number);
        // The months are named from one eleventh month to the next.
        let solar_year = i64::from(day.year());
        let (mut from, mut to) = (eleventh_month(solar_year), eleventh_month(solar_year));
        let mut year = solar_year;
        if from >= begins {
            from = eleventh_month(solar_year - 1);
        } else {
            year += 1;
            to = eleventh_month(solar_year + 1);
        }
        let passed = (begins - from) / 29;
        let (mut month, mut leap) = (passed + 11, false);
        if to - from > 365 {
            let leap_at = leap_offset(from);
            if passed >= leap_at {
                month = passed + 10;
                leap = passed == leap_at;
            }
        }
        if month > 12 {
            month -= 12;
        }
        if month >= 11 && passed < 4 {
            year -= 1;
        }
        Self { day: (number - begins + 1) as i8, month: month as i8, leap, year: year as i16 }
    }

    /// As calendars print it under the solar day: "15", and "1/8" where a month begins
    /// ("1/6N" for a leap month, "N" for nhuận).
    pub fn short(self) -> String {
        if self.day == 1 {
            format!("{}/{}{}", self.day, self.month, if self.leap { "N" } else { "" })
        } else {
            self.day.to_string()
        }
    }

    /// The name of the year in the cycle of sixty: "Quý Mão".
    pub fn year_name(self) -> String {
        const STEMS: [&str; 10] =
            ["Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý"];
        const BRANCHES: [&str; 12] =
            ["Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi"];
        // 1984 is Giáp Tý, the first of the cycle.
        let since = i32::from(self.year) - 1984;
        let stem = STEMS[since.rem_euclid(10) as usize];
        let branch = BRANCHES[since.rem_euclid(12) as usize];
        format!("{stem} {branch}")
    }
}

/// The solar day on which the lunar year that begins in this solar year begins (mồng một Tết).
pub fn new_year(year: i16) -> Date {
    first_solar(year, 1)
}

/// The solar day of the first of a month (not a leap one) of a lunar year.
fn first_solar(year: i16, month: i8) -> Date {
    // The first month begins between 20 January and 21 February; months are 29 or 30 days long.
    let mut day = date(year, 1, 19)
        .checked_add((i64::from(month - 1) * 28).days())
        .unwrap_or(date(year, 1, 19));
    for _ in 0..100 {
        let lunar = Lunar::of(day);
        if lunar.day == 1 && lunar.month == month && !lunar.leap && lunar.year == year {
            return day;
        }
        day = day.checked_add(1.day()).unwrap_or(day);
    }
    day
}

/// The solar day of a day of a month (not a leap one) of a lunar year.
pub fn solar(year: i16, month: i8, day: i8) -> Date {
    let first = first_solar(year, month);
    first.checked_add(i64::from(day - 1).days()).unwrap_or(first)
}

/// The Julian day number of a day.
fn day_number(day: Date) -> i64 {
    let since = day.since((jiff::Unit::Day, date(1970, 1, 1)));
    EPOCH + since.map_or(0, |span| i64::from(span.get_days()))
}

/// The Julian day, with its fraction, of the new moon of this count since 1900
/// (Meeus, chapter 49; accurate to about two minutes).
fn new_moon(count: f64) -> f64 {
    let t = count / 1236.85;
    let (t2, t3) = (t * t, t * t * t);
    let rad = PI / 180.0;
    let mean = 2_415_020.759_33 + 29.530_588_68 * count + 0.000_117_8 * t2 - 0.000_000_155 * t3
        + 0.000_33 * ((166.56 + 132.87 * t - 0.009_173 * t2) * rad).sin();
    // Mean anomaly of the sun, of the moon, and the moon's argument of latitude.
    let sun = (359.2242 + 29.105_356_08 * count - 0.000_033_3 * t2 - 0.000_003_47 * t3) * rad;
    let moon = (306.0253 + 385.816_918_06 * count + 0.010_730_6 * t2 + 0.000_012_36 * t3) * rad;
    let node = (21.2964 + 390.670_506_46 * count - 0.001_652_8 * t2 - 0.000_002_39 * t3) * rad;
    let correction = (0.1734 - 0.000_393 * t) * sun.sin() + 0.0021 * (2.0 * sun).sin()
        - 0.4068 * moon.sin()
        + 0.0161 * (2.0 * moon).sin()
        - 0.0004 * (3.0 * moon).sin()
        + 0.0104 * (2.0 * node).sin()
        - 0.0051 * (sun + moon).sin()
        - 0.0074 * (sun - moon).sin()
        + 0.0004 * (2.0 * node + sun).sin()
        - 0.0004 * (2.0 * node - sun).sin()
        - 0.0006 * (2.0 * node + moon).sin()
        + 0.0010 * (2.0 * node - moon).sin()
        + 0.0005 * (2.0 * moon + sun).sin();
    // From dynamical to universal time.
    let delay = if t < -11.0 {
        0.001 + 0.000_839 * t + 0.000_226_1 * t2 - 0.000_008_45 * t3 - 0.000_000_081 * t * t3
    } else {
        -0.000_278 + 0.000_265 * t + 0.000_262 * t2
    };
    mean + correction - delay
}

/// The day, in Viet Nam, of the new moon of this count.
fn new_moon_day(count: i64) -> i64 {
    (new_moon(count as f64) + 0.5 + ZONE).floor() as i64
}

/// Which twelfth of the ecliptic the sun stands in at the beginning of a day in Viet Nam: 0 from
/// the spring equinox, 9 from the winter solstice (Meeus, chapter 25, low accuracy).
fn sun_sector(day: i64) -> i64 {
    let t = (day as f64 - 0.5 - ZONE - 2_451_545.0) / 36525.0;
    let (t2, rad) = (t * t, PI / 180.0);
    let anomaly = 357.529_10 + 35_999.050_30 * t - 0.000_155_9 * t2 - 0.000_000_48 * t * t2;
    let mean = 280.466_45 + 36_000.769_83 * t + 0.000_303_2 * t2;
    let centre = (1.914_600 - 0.004_817 * t - 0.000_014 * t2) * (rad * anomaly).sin()
        + (0.019_993 - 0.000_101 * t) * (rad * 2.0 * anomaly).sin()
        + 0.000_290 * (rad * 3.0 * anomaly).sin();
    ((mean + centre).rem_euclid(360.0) / 30.0).floor() as i64
}

/// The day on which the eleventh month of this solar year begins: that of the winter solstice.
fn eleventh_month(year: i64) -> i64 {
    // Years beyond the calendar's ends are taken as its first or last one.
    let last = day_number(date(year.clamp(-9999, 9999) as i16, 12, 31));
    let count = ((last - 2_415_021) as f64 / MONTH).floor() as i64;
    let begins = new_moon_day(count);
    if sun_sector(begins) >= 9 { new_moon_day(count - 1) } else { begins }
}

/// How many months after the eleventh the leap month is: the first in which the sun does not
/// enter a new sector.
fn leap_offset(eleventh: i64) -> i64 {
    let count = ((eleventh as f64 - FIRST_NEW_MOON) / MONTH + 0.5).floor() as i64;
    let mut last = sun_sector(new_moon_day(count + 1));
    for month in 2..14 {
        let sector = sun_sector(new_moon_day(count + month));
        if sector == last {
            return month - 1;
        }
        last = sector;
    }
    13
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_calendar_have_an_answer() {
        for day in [Date::MIN, Date::MAX] {
            let lunar = Lunar::of(day);
            assert!((1..=31).contains(&lunar.day), "{lunar:?}");
            assert!(!crate::holidays(day.year()).is_empty());
        }
    }

    #[test]
    fn the_new_year_falls_where_calendars_print_it() {
        for day in [
            date(2023, 1, 22),
            date(2024, 2, 10),
            date(2025, 1, 29),
            date(2026, 2, 17),
            // In China a month later: the solstice falls on either side of midnight.
            date(1985, 1, 21),
            // In China a day later.
            date(2007, 2, 17),
            // In China a day later.
            date(2030, 2, 2),
        ] {
            assert_eq!(new_year(day.year()), day);
            let lunar = Lunar::of(day);
            assert_eq!((lunar.day, lunar.month, lunar.leap), (1, 1, false), "{day}");
        }
    }

    #[test]
    fn leap_months_come_after_the_month_of_their_number() {
        for (before, first, month) in
            [(date(2023, 3, 21), date(2023, 3, 22), 2), (date(2025, 7, 24), date(2025, 7, 25), 6)]
        {
            let (last, leap) = (Lunar::of(before), Lunar::of(first));
            assert_eq!((last.month, last.leap), (month, false));
            assert_eq!((leap.day, leap.month, leap.leap), (1, month, true));
        }
        assert_eq!(Lunar::of(date(2025, 7, 25)).short(), "1/6N");
        assert_eq!(Lunar::of(date(2023, 9, 15)).short(), "1/8");
        assert_eq!(Lunar::of(date(2023, 9, 29)).short(), "15");
    }

    #[test]
    fn years_have_their_names() {
        assert_eq!(Lunar::of(date(2023, 1, 21)).year_name(), "Nhâm Dần");
        assert_eq!(Lunar::of(date(2023, 1, 22)).year_name(), "Quý Mão");
        assert_eq!(Lunar::of(date(2026, 11, 24)).year_name(), "Bính Ngọ");
    }

    #[test]
    fn a_lunar_day_is_found_in_the_solar_year() {
        // Giỗ Tổ Hùng Vương, as announced for these years.
        assert_eq!(solar(2023, 3, 10), date(2023, 4, 29));
        assert_eq!(solar(2024, 3, 10), date(2024, 4, 18));
        assert_eq!(solar(2025, 3, 10), date(2025, 4, 7));
    }

    #[test]
    fn day_follows_day_for_two_centuries() {
        let (mut day, end) = (date(1900, 1, 1), date(2100, 12, 31));
        let mut before = Lunar::of(day);
        while day < end {
            day = day.checked_add(1.day()).unwrap();
            let now = Lunar::of(day);
            if now.day == 1 {
                assert!(before.day == 29 || before.day == 30, "{day}: {before:?} {now:?}");
                let next = if before.month == 12 { 1 } else { before.month + 1 };
                let leaps = now.month == before.month && now.leap && !before.leap;
                assert!(leaps || (now.month == next && !now.leap), "{day}: {before:?} {now:?}");
                let turns = now.month == 1 && !now.leap;
                assert_eq!(now.year, before.year + i16::from(turns), "{day}");
            } else {
                let same = Lunar { day: before.day + 1, ..before };
                assert_eq!(now, same, "{day}");
            }
            before = now;
        }
    }
}
