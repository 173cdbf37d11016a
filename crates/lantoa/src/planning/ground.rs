//! A problem for the planner with the names of its parts, and the way back: what a timetable means
//! for hamlets, teams, halls and vehicles.

use std::collections::HashSet;

use jiff::civil::Date;
use routing::{Problem, Route, Slot, Stop, Timetable, Visit};

use super::brief::{Minute, day};
use super::spans;
use super::travel::Point;
use crate::foundation::clock;
use crate::foundation::ids::{ActivityId, AssetId, TeamId, UnitId, VenueId};

/// Minutes of a day.
pub const DAY: i32 = 1440;

/// What carries people to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// A loudspeaker vehicle of the register.
    Asset(AssetId),
    /// A group without one, numbered from 1.
    Crew(u32),
}

/// A mover with its name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Vehicle {
    pub mover: Mover,
    pub name: String,
}

/// What two sessions cannot have at once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Team(TeamId, String),
    Hall(VenueId, String),
}

impl Resource {
    /// Its name.
    pub fn name(&self) -> &str {
        let (Resource::Team(_, name) | Resource::Hall(_, name)) = self;
        name
    }
}

/// A place that is travelled to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    pub unit: UnitId,
    pub name: String,
    /// Where it is taken to be.
    pub point: Point,
    /// Whether that is its own point, not one that stands for it.
    pub known: bool,
}

/// A session to plan: which of how many in which hamlet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Session {
    pub unit: UnitId,
    pub name: String,
    /// Index in [`Ground::communes`].
    pub commune: u32,
    /// From 1.
    pub number: u32,
    /// How many the hamlet is to have.
    pub of: u32,
    pub team: Option<TeamId>,
    pub venue: Option<VenueId>,
}

impl Session {
    /// What it is known by over plans: its hamlet and number.
    pub fn key(&self) -> Key {
        (self.unit, self.number)
    }
}

/// A session's hamlet and number.
pub type Key = (UnitId, u32);

/// A session that stands on the calendar and stays there: it was held, or its time has come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fixed {
    pub unit: UnitId,
    pub number: u32,
    pub activity: ActivityId,
    pub starts_at: i64,
    pub ends_at: i64,
}

/// Where a session stood in the plan before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    pub unit: UnitId,
    pub number: u32,
    /// Name of the place.
    pub place: String,
    #[serde(with = "day")]
    pub day: Date,
    pub start: Minute,
    pub mover: Mover,
    /// Name of the mover.
    pub with: String,
}

/// What of an earlier plan is to be kept in mind.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Activities of this plan that may move: what they use is not taken.
    pub own: HashSet<ActivityId>,
    pub fixed: Vec<Fixed>,
    pub standing: Vec<Standing>,
    pub locked: HashSet<Key>,
    /// Whether sessions are wanted besides those that are fixed, as in a plan from nothing.
    pub besides: bool,
}

/// A problem with the names of its parts.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Ground {
    /// Day 0 of the problem.
    #[serde(with = "day")]
    pub first: Date,
    /// How many days it spans.
    pub days: u32,
    pub step: Minute,
    /// Windows here are not yet cut to steps: [`Ground::stepped`] does that.
    pub problem: Problem,
    /// What each visit of the problem is.
    pub sessions: Vec<Session>,
    pub vehicles: Vec<Vehicle>,
    pub places: Vec<Place>,
    pub resources: Vec<Resource>,
    pub communes: Vec<(UnitId, String)>,
    pub fixed: Vec<Fixed>,
    /// Where sessions stood in the plan before.
    pub before: Vec<Standing>,
    /// Hamlets that stand at their commune's point, having none of their own.
    pub pointless: u32,
}

/// When and with what a session is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub day: Date,
    pub start: Minute,
    pub end: Minute,
    /// Index in [`Ground::vehicles`].
    pub vehicle: u32,
    pub shift: u32,
}

impl Ground {
    /// The problem that is searched: starts at round times only.
    pub fn stepped(&self) -> Problem {
        let mut problem = self.problem.clone();
        for visit in &mut problem.visits {
            let keep = visit.was.or(visit.locked).map(|slot| slot.start);
            visit.windows = spans::at_steps(&visit.windows, self.step, keep);
        }
        problem
    }

    /// The date of a day of the problem.
    pub fn date(&self, day: u32) -> Date {
        self.first.checked_add(jiff::Span::new().days(i64::from(day))).unwrap_or(self.first)
    }

    /// Where each session stands in a timetable.
    pub fn held(&self, timetable: &Timetable) -> Vec<Option<Held>> {
        let slots = timetable.slots(self.sessions.len());
        let held = |(slot, visit): (&Option<Slot>, &Visit)| {
            let slot = (*slot)?;
            let shift = &self.problem.shifts[slot.shift as usize];
            let start = slot.start.rem_euclid(DAY);
            Some(Held {
                day: self.date(shift.day),
                start,
                end: start + visit.duration,
                vehicle: shift.vehicle,
                shift: slot.shift,
            })
        };
        slots.iter().zip(&self.problem.visits).map(held).collect()
    }

    /// Where each session stands, for the next plan to begin from.
    pub fn standing(&self, timetable: &Timetable) -> Vec<Standing> {
        let held = self.held(timetable);
        let each = self.sessions.iter().zip(held).filter_map(|(session, held)| {
            let held = held?;
            let vehicle = &self.vehicles[held.vehicle as usize];
            Some(Standing {
                unit: session.unit,
                number: session.number,
                place: self.place_of(session),
                day: held.day,
                start: held.start,
                mover: vehicle.mover,
                with: vehicle.name.clone(),
            })
        });
        each.collect()
    }

    /// `Xóm 3, Xã Quang Trung`.
    pub fn place_of(&self, session: &Session) -> String {
        let commune = self.communes.get(session.commune as usize).map_or("", |(_, name)| name);
        format!("{}, {commune}", session.name)
    }

    /// The shift of a mover that holds a day and minutes.
    pub fn shift_of(&self, mover: Mover, day: Date, start: Minute) -> Option<u32> {
        let day = (day - self.first).get_days();
        let at = day * DAY + start;
        let index = self.problem.shifts.iter().position(|shift| {
            self.vehicles[shift.vehicle as usize].mover == mover
                && shift.start <= at
                && at < shift.end
        })?;
        u32::try_from(index).ok()
    }

    /// A timetable with one session elsewhere.
    pub fn moved(&self, timetable: &Timetable, visit: u32, to: Slot) -> Timetable {
        let mut after = timetable.clone();
        for route in &mut after.routes {
            route.stops.retain(|stop| stop.visit != visit);
        }
        after.routes.retain(|route| !route.stops.is_empty() || route.shift == to.shift);
        after.unserved.retain(|other| *other != visit);
        put(&mut after.routes, visit, to);
        after
    }

    /// A timetable of slots by visit; the others are not served.
    pub fn of_slots(&self, slots: &[Option<Slot>]) -> Timetable {
        let mut timetable = Timetable::default();
        for (visit, slot) in (0u32..).zip(slots) {
            match slot {
                Some(slot) => put(&mut timetable.routes, visit, *slot),
                None => timetable.unserved.push(visit),
            }
        }
        timetable
    }

    /// The problem with some sessions locked where a timetable has them.
    #[must_use]
    pub fn locked(&self, timetable: &Timetable, locks: &HashSet<u32>) -> Self {
        let mut ground = self.clone();
        let slots = timetable.slots(self.sessions.len());
        for (visit, slot) in (0u32..).zip(slots) {
            let kept = ground.problem.visits[visit as usize].locked;
            ground.problem.visits[visit as usize].locked =
                if locks.contains(&visit) { slot } else { kept.filter(|_| slot.is_none()) };
        }
        ground
    }

    /// Epoch milliseconds of a minute of a day.
    pub fn instant(day: Date, minute: Minute) -> i64 {
        clock::millis(day.at(0, 0, 0, 0)) + i64::from(minute) * 60_000
    }

    /// Travel of a route in minutes.
    pub fn travel_of(&self, route: &Route) -> i64 {
        let shift = &self.problem.shifts[route.shift as usize];
        let (mut at, mut minutes) = (shift.base, 0);
        for stop in &route.stops {
            let place = self.problem.visits[stop.visit as usize].place;
            minutes += i64::from(self.problem.travel.of(at, place));
            at = place;
        }
        minutes + i64::from(self.problem.travel.of(at, shift.base))
    }
}

fn put(routes: &mut Vec<Route>, visit: u32, slot: Slot) {
    let index = match routes.binary_search_by_key(&slot.shift, |route| route.shift) {
        Ok(index) => index,
        Err(index) => {
            routes.insert(index, Route { shift: slot.shift, stops: vec![] });
            index
        }
    };
    let stops = &mut routes[index].stops;
    let position = stops.partition_point(|stop| stop.start <= slot.start);
    stops.insert(position, Stop { visit, start: slot.start });
}
