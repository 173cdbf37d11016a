//! Public holidays by Article 112 of the Labour Code (Law 45/2019/QH14).
//!
//! Two of them are settled anew each year: which five days are Tết (here the last day of the old
//! lunar year and the first four of the new, the usual arrangement), and whether National Day's
//! second day is 1 or 3 September (here neither: only 2 September). What is announced for a year,
//! days off in lieu included, an office enters as closed days of its own.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::lunar;

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holiday {
    /// Tết Dương lịch: 1 January.
    NewYear,
    /// Tết Nguyên đán.
    Tet,
    /// Giỗ Tổ Hùng Vương: the tenth of the third lunar month.
    HungKings,
    /// Ngày Chiến thắng: 30 April.
    Victory,
    /// Ngày Quốc tế lao động: 1 May.
    Labour,
    /// Quốc khánh: 2 September.
    National,
}

impl Holiday {
    /// A short stable name, for translation keys.
    pub const fn code(self) -> &'static str {
        match self {
            Holiday::NewYear => "new-year",
            Holiday::Tet => "tet",
            Holiday::HungKings => "hung-kings",
            Holiday::Victory => "victory",
            Holiday::Labour => "labour",
            Holiday::National => "national",
        }
    }

    /// Its name in Vietnamese, as the law has it.
    pub const fn name(self) -> &'static str {
        match self {
            Holiday::NewYear => "Tết Dương lịch",
            Holiday::Tet => "Tết Nguyên đán",
            Holiday::HungKings => "Giỗ Tổ Hùng Vương",
            Holiday::Victory => "Ngày Chiến thắng",
            Holiday::Labour => "Ngày Quốc tế lao động",
            Holiday::National => "Quốc khánh",
        }
    }
}

/// The holidays of a solar year in their order: first day, last day, which.
pub fn holidays(year: i16) -> Vec<(Date, Date, Holiday)> {
    let tet = lunar::new_year(year);
    let eve = tet.checked_sub(1.day()).unwrap_or(tet);
    let fourth = tet.checked_add(3.days()).unwrap_or(tet);
    let kings = lunar::solar(year, 3, 10);
    let one = |month, day| date(year, month, day);
    let mut all = vec![
        (one(1, 1), one(1, 1), Holiday::NewYear),
        (eve, fourth, Holiday::Tet),
        (kings, kings, Holiday::HungKings),
        (one(4, 30), one(4, 30), Holiday::Victory),
        (one(5, 1), one(5, 1), Holiday::Labour),
        (one(9, 2), one(9, 2), Holiday::National),
    ];
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_ten_certain_holidays() {
        let all = holidays(2023);
        let days: i32 = all.iter().map(|(a, b, _)| 1 + (*b - *a).get_days()).sum();
        assert_eq!(days, 10);
        assert!(all.contains(&(date(2023, 1, 21), date(2023, 1, 25), Holiday::Tet)));
        assert!(all.contains(&(date(2023, 4, 29), date(2023, 4, 29), Holiday::HungKings)));
        assert!(all.contains(&(date(2023, 9, 2), date(2023, 9, 2), Holiday::National)));
    }
}
