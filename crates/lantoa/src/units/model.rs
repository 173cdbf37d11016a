//! Administrative units and their dates of validity.

use jiff::civil::{Date, date};

use crate::foundation::ids::UnitId;

/// A level of the tree. Districts ended on 30 June 2025.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    District,
    Commune,
    Hamlet,
}

impl Level {
    /// All levels, from the top down.
    pub const ALL: [Level; 4] = [Level::Province, Level::District, Level::Commune, Level::Hamlet];

    /// The name in the database, the API and the translation keys (`level-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::District => "district",
            Level::Commune => "commune",
            Level::Hamlet => "hamlet",
        }
    }
}

impl std::str::FromStr for Level {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Level::ALL.into_iter().find(|level| level.code() == code).ok_or(())
    }
}

/// The first day of a unit whose beginning the sources do not tell.
pub const SINCE_EVER: Date = date(1, 1, 1);
/// The last day of a unit that still exists.
pub const FOR_EVER: Date = date(9999, 12, 31);

/// A province, district, commune or hamlet during one period of validity. Codes were reused
/// across reforms: a unit is known by code and date, never by code alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    pub id: UnitId,
    pub code: String,
    pub level: Level,
    /// Xã, Phường, Thị trấn, Thôn, Xóm, Tổ dân phố, …
    pub kind: String,
    /// Full everyday name, as "Xã Quang Trung".
    pub name: String,
    pub parent_id: Option<UnitId>,
    /// First day of validity; [`SINCE_EVER`] where the sources do not tell.
    pub valid_from: Date,
    /// First day on which it is no longer valid; [`FOR_EVER`] while it stands.
    pub valid_to: Date,
    /// Whether both dates are known to the day; otherwise they lie between two snapshots.
    pub dates_exact: bool,
    /// Degrees north and east (WGS 84).
    pub point: Option<(f64, f64)>,
    pub households: Option<i64>,
    pub population: Option<i64>,
    /// People aged 18 and over.
    pub adults: Option<i64>,
    /// Where households, population and adults come from.
    pub figures_source: Option<String>,
    /// Made by the demo generator, not a real unit.
    pub generated: bool,
}

impl Unit {
    /// Whether it is valid on a day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && day < self.valid_to
    }

    /// How many people outreach should reach here: the adults, else the population.
    pub fn people_expected(&self) -> Option<i64> {
        self.adults.or(self.population)
    }
}

/// From a unit to what became of it on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub predecessor_id: UnitId,
    pub successor_id: UnitId,
    pub on_date: Date,
    /// Whether the predecessor went into this successor undivided.
    pub whole: bool,
    /// What the link rests on.
    pub evidence: String,
}
