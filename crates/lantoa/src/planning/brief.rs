//! What the user asks of a timetable. Everything has a sensible value before anything is typed.

use jiff::civil::Date;

use crate::foundation::ids::{AssetId, UnitId};

/// A time of the day in minutes since midnight.
pub type Minute = i32;

/// The evening of a working day, from and to: the hours in which teams are taken to be free that
/// said nothing (`rosters::availability`).
pub const EVENING: (Minute, Minute) = (18 * 60 + 30, 21 * 60);

/// What matters most where not everything can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// As few vehicle-days and as little travel as possible.
    FewTrips,
    /// Everything as early as possible.
    Soon,
    /// Vehicle-days spread evenly over the vehicles.
    Even,
}

impl Wish {
    /// Every value, in the order of screens.
    pub const ALL: [Wish; 3] = [Wish::FewTrips, Wish::Soon, Wish::Even];

    /// The name in forms and translation keys (`plan-wish-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Wish::FewTrips => "few_trips",
            Wish::Soon => "soon",
            Wish::Even => "even",
        }
    }

    /// What each thing costs under this wish, in minutes of travel. Ninety minutes for a
    /// vehicle-day are those of `outreach-plan-1`; the others are chosen so that a day's wait of
    /// a high priority never outweighs leaving a hamlet out.
    pub fn costs(self) -> routing::Costs {
        let costs = routing::Costs { waiting: 3, balance: 1, ..routing::Costs::default() };
        match self {
            Wish::FewTrips => costs,
            Wish::Soon => routing::Costs { per_shift: 60, waiting: 10, balance: 0, ..costs },
            Wish::Even => routing::Costs { balance: 10, ..costs },
        }
    }
}

impl std::str::FromStr for Wish {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Wish::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Which team receives a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// The hamlet's own community team, else the commune's.
    Hamlet,
    /// The commune's community team: one session at a time in a commune.
    Commune,
}

impl Host {
    /// Every value, in the order of screens.
    pub const ALL: [Host; 2] = [Host::Hamlet, Host::Commune];

    /// The name in forms and translation keys (`plan-host-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Host::Hamlet => "hamlet",
            Host::Commune => "commune",
        }
    }
}

impl std::str::FromStr for Host {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Host::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Dates in JSON as `yyyy-mm-dd`.
pub mod day {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes by reference
    pub fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Days {
    #[serde(with = "day")]
    pub from: Date,
    #[serde(with = "day")]
    pub to: Date,
}

impl Days {
    /// Whether a day is one of them.
    pub fn hold(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// How many they are.
    pub fn count(&self) -> u32 {
        u32::try_from((self.to - self.from).get_days() + 1).unwrap_or(0)
    }

    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.to;
        std::iter::successors(Some(self.from), |day| day.tomorrow().ok())
            .take_while(move |day| *day <= last)
    }
}

/// What is asked for one hamlet where it differs from the rest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HamletWish {
    pub unit: UnitId,
    /// How many sessions; none left to the common number, 0 for "leave out".
    pub visits: Option<u32>,
    /// 0 ordinary, 1 high, 2 very high.
    pub priority: u8,
    pub minutes: Option<Minute>,
}

/// A vehicle as it is to be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VehicleWish {
    pub asset: AssetId,
    pub used: bool,
    /// The unit where it is kept.
    pub base: UnitId,
    pub from: Minute,
    pub to: Minute,
    /// From Monday on.
    pub weekdays: [bool; 7],
    /// Days on which it cannot be had.
    pub off: Vec<Days>,
}

/// On which weekdays and between which hours sessions may run, within what the rules allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Opening {
    pub open: bool,
    pub from: Minute,
    pub to: Minute,
}

impl Default for Opening {
    fn default() -> Self {
        Self { open: true, from: 6 * 60, to: 21 * 60 + 30 }
    }
}

/// How travel is estimated where no routing server tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Travel {
    /// Length of the road over the straight line, in percent.
    pub road_percent: i64,
    pub kmh: i64,
    /// For leaving and parking, per trip.
    pub extra_minutes: i64,
    /// Ask the configured routing server instead.
    pub server: bool,
}

impl Default for Travel {
    /// An assumption of ours for delta roads: 1.35 times the straight line at 28 km/h and two
    /// minutes besides, as in `outreach-plan-1`.
    fn default() -> Self {
        Self { road_percent: 135, kmh: 28, extra_minutes: 2, server: false }
    }
}

/// A change that keeps something from being used: a team away, a whole day fallen out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Away {
    /// The team; none for everybody.
    pub team: Option<crate::foundation::ids::TeamId>,
    pub days: Days,
}

/// Everything asked of a timetable.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Brief {
    pub days: Days,
    /// Sessions in each hamlet.
    pub visits: u32,
    /// Length of a session.
    pub minutes: Minute,
    /// Least days between two sessions in one hamlet.
    pub gap_days: u32,
    /// Sessions start at multiples of this many minutes.
    pub step: Minute,
    pub host: Host,
    /// Keep to the hours in which teams said they are free.
    pub availability: bool,
    /// Keep holidays and other closed days free.
    pub skip_closed: bool,
    pub wish: Wish,
    /// From Monday on.
    pub week: [Opening; 7],
    /// Weekdays, 0 for Monday, on whose evening ([`EVENING`]) sessions may run whatever the rules
    /// and the teams' hours say.
    #[serde(default)]
    pub evenings: Vec<usize>,
    /// Only hamlets for which something else is asked than for the rest.
    pub hamlets: Vec<HamletWish>,
    /// Communes whose hamlets come first: 1 high, 2 very high.
    pub first: Vec<(UnitId, u8)>,
    pub vehicles: Vec<VehicleWish>,
    /// Groups that travel without a loudspeaker vehicle of the register.
    pub crews: u32,
    pub travel: Travel,
    /// What has been found since not to hold: days fallen out, teams away.
    pub away: Vec<Away>,
    /// How long to search.
    pub seconds: u32,
    pub seed: u64,
}

impl Brief {
    /// How long the search may take, as offered on screens.
    pub const SECONDS: [u32; 4] = [10, 30, 120, 600];
    /// Steps of starts, as offered on screens.
    pub const STEPS: [Minute; 3] = [5, 15, 30];

    /// The usual brief for a period.
    pub fn usual(days: Days) -> Self {
        Self {
            days,
            visits: 1,
            minutes: 90,
            gap_days: 7,
            step: 15,
            host: Host::Hamlet,
            availability: true,
            skip_closed: true,
            wish: Wish::FewTrips,
            week: [Opening::default(); 7],
            evenings: vec![],
            hamlets: vec![],
            first: vec![],
            vehicles: vec![],
            crews: 0,
            travel: Travel::default(),
            away: vec![],
            seconds: 10,
            seed: 1,
        }
    }

    /// Asks for so many sessions in a hamlet.
    pub fn wish_visits(&mut self, unit: UnitId, visits: u32) {
        let visits = Some(visits);
        match self.hamlets.iter_mut().find(|wish| wish.unit == unit) {
            Some(wish) => wish.visits = visits,
            None => {
                self.hamlets.push(HamletWish { unit, visits, priority: 0, minutes: None });
            }
        }
    }

    /// What is asked for a hamlet: sessions, priority, minutes.
    pub fn of_hamlet(&self, unit: UnitId, commune: UnitId) -> (u32, u8, Minute) {
        let own = self.hamlets.iter().find(|wish| wish.unit == unit);
        let common = self.first.iter().find(|(first, _)| *first == commune).map_or(0, |f| f.1);
        (
            own.and_then(|wish| wish.visits).unwrap_or(self.visits),
            own.map_or(0, |wish| wish.priority).max(common),
            own.and_then(|wish| wish.minutes).unwrap_or(self.minutes),
        )
    }

    /// Whether everybody, or a team, is kept from working on a day.
    pub fn is_away(&self, team: Option<crate::foundation::ids::TeamId>, day: Date) -> bool {
        self.away
            .iter()
            .any(|away| away.days.hold(day) && (away.team.is_none() || away.team == team))
    }
}
