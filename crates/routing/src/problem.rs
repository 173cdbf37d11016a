//! What is to be planned, and what a plan is. Times are whole units (minutes, unless an instance
//! says otherwise) since 00:00 of day 0.

use serde::{Deserialize, Serialize};

/// A point in time or a duration, in the problem's unit.
pub type Time = i32;

/// Travel times between places, row by row: `of(a, b)` from place `a` to place `b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    size: usize,
    times: Vec<Time>,
}

impl Matrix {
    /// A matrix from a function of two places.
    pub fn of_places(size: usize, mut travel: impl FnMut(usize, usize) -> Time) -> Self {
        let mut times = Vec::with_capacity(size * size);
        for from in 0..size {
            for to in 0..size {
                times.push(travel(from, to));
            }
        }
        Self { size, times }
    }

    /// How many places it covers.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The travel time from one place to another.
    #[inline]
    pub fn of(&self, from: u32, to: u32) -> Time {
        self.times[from as usize * self.size + to as usize]
    }

    /// Whether the figures fit the size.
    pub fn is_whole(&self) -> bool {
        self.times.len() == self.size * self.size
    }
}

/// One vehicle with its crew on one stretch of working time, from its base and back. It makes at
/// most one route. Shifts of one vehicle must not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub vehicle: u32,
    /// Index of the day it lies in: `start / day_length`.
    pub day: u32,
    /// Place it leaves from and comes back to.
    pub base: u32,
    /// Not under way before.
    pub start: Time,
    /// Back by then.
    pub end: Time,
    /// Load it can carry; `i64::MAX` where loads do not matter.
    pub capacity: i64,
}

/// One session to hold at one place, exactly once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub place: u32,
    /// How long it lasts.
    pub duration: Time,
    /// When it may start, first and last instant inclusive, in order and apart. No window crosses
    /// the end of a day.
    pub windows: Vec<(Time, Time)>,
    /// Load it takes up.
    #[serde(default)]
    pub demand: i64,
    /// What else it needs for its whole duration (teams, venues): numbers below
    /// [`Problem::resources`]. Nothing may serve two visits at once.
    #[serde(default)]
    pub resources: Vec<u32>,
    /// Visits of one group (one hamlet) keep [`Problem::group_gaps`] days between each other.
    #[serde(default)]
    pub group: Option<u32>,
    /// 0 for ordinary; higher ones are served sooner, and left out last.
    #[serde(default)]
    pub priority: u8,
    /// Must stay in this shift at this start.
    #[serde(default)]
    pub locked: Option<Slot>,
    /// Where it stood in the plan that is being repaired; moving it costs [`Costs::moved`].
    #[serde(default)]
    pub was: Option<Slot>,
}

/// A place in a timetable: a shift and a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub shift: u32,
    pub start: Time,
}

/// What a plan is charged, in units of travel time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// For every shift that has a route, besides its travel.
    pub per_shift: i64,
    /// For every visit left out, times (1 + its priority). Far above everything else.
    pub unserved: i64,
    /// For every day that a visit of priority 1 waits since day 0; twice that for priority 2, ….
    pub waiting: i64,
    /// Spreads work over vehicles: a vehicle's n-th used shift costs `balance` × n more.
    pub balance: i64,
    /// For every visit that is not where it [`Visit::was`].
    pub moved: i64,
}

impl Default for Costs {
    /// Travel, and 90 minutes for every vehicle-day: the rule of `outreach-plan-1`.
    fn default() -> Self {
        Self { per_shift: 90, unserved: 1_000_000, waiting: 0, balance: 0, moved: 0 }
    }
}

/// Everything a plan depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Length of a day: 1,440 where the unit is a minute.
    pub day_length: Time,
    pub travel: Matrix,
    pub shifts: Vec<Shift>,
    pub visits: Vec<Visit>,
    /// How many resources there are (teams, venues), numbered from 0.
    pub resources: u32,
    /// Least number of days between two visits of each group: 2 means "not on the same day nor the
    /// next".
    #[serde(default)]
    pub group_gaps: Vec<u32>,
    #[serde(default)]
    pub costs: Costs,
}

/// What is wrong with a problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("the travel times do not make a square table")]
    Matrix,
    #[error("shift {0} starts after its end, lies on another day, or names no place")]
    Shift(usize),
    #[error("visit {0} has windows out of order, or names no place, resource, group or shift")]
    Visit(usize),
}

impl Problem {
    /// Checks that all numbers refer to something and all windows are in order.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn check(&self) -> Result<(), Unsound> {
        let places = self.travel.size();
        if !self.travel.is_whole() || self.day_length <= 0 {
            return Err(Unsound::Matrix);
        }
        for (index, shift) in self.shifts.iter().enumerate() {
            let sound = (shift.base as usize) < places
                && shift.start >= 0
                && shift.start <= shift.end
                && shift.day as Time == shift.start / self.day_length;
            if !sound {
                return Err(Unsound::Shift(index));
            }
        }
        for (index, visit) in self.visits.iter().enumerate() {
            let ordered = visit.windows.iter().all(|w| w.0 >= 0 && w.0 <= w.1)
                && visit.windows.windows(2).all(|pair| pair[0].1 < pair[1].0)
                && visit.windows.iter().all(|w| w.0 / self.day_length == w.1 / self.day_length);
            let slots = visit.locked.iter().chain(&visit.was);
            let sound = ordered
                && visit.duration >= 0
                && (visit.place as usize) < places
                && visit.resources.iter().all(|resource| *resource < self.resources)
                && visit.group.is_none_or(|group| (group as usize) < self.group_gaps.len())
                && slots.into_iter().all(|slot| (slot.shift as usize) < self.shifts.len());
            if !sound {
                return Err(Unsound::Visit(index));
            }
        }
        Ok(())
    }

    /// The day that an instant lies in.
    pub fn day_of(&self, at: Time) -> u32 {
        (at / self.day_length) as u32
    }
}

/// A plan: what each used shift does, and what could not be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// Used shifts only, ordered by shift.
    pub routes: Vec<Route>,
    /// Visits left out, ascending.
    pub unserved: Vec<u32>,
}

/// What one shift does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub shift: u32,
    pub stops: Vec<Stop>,
}

/// A visit with its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub visit: u32,
    pub start: Time,
}

impl Timetable {
    /// Where each visit stands, by its number.
    pub fn slots(&self, visits: usize) -> Vec<Option<Slot>> {
        let mut slots = vec![None; visits];
        for route in &self.routes {
            for stop in &route.stops {
                slots[stop.visit as usize] = Some(Slot { shift: route.shift, start: stop.start });
            }
        }
        slots
    }
}

/// What a timetable costs, part by part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Travel time of all routes.
    pub travel: i64,
    /// Used shifts.
    pub shifts: i64,
    /// Visits left out.
    pub unserved: i64,
    /// Visits not where they were.
    pub moved: i64,
    /// Everything, weighed by [`Costs`].
    pub total: i64,
}

impl Problem {
    /// Adds up what a timetable costs.
    pub fn bill(&self, timetable: &Timetable) -> Bill {
        let mut bill = Bill::default();
        let mut used = std::collections::HashMap::<u32, i64>::new();
        for route in &timetable.routes {
            let shift = &self.shifts[route.shift as usize];
            let mut at = shift.base;
            for stop in &route.stops {
                let visit = &self.visits[stop.visit as usize];
                bill.travel += i64::from(self.travel.of(at, visit.place));
                at = visit.place;
                bill.total += self.costs.waiting * i64::from(visit.priority) * i64::from(shift.day);
                let slot = Slot { shift: route.shift, start: stop.start };
                bill.moved += i64::from(visit.was.is_some_and(|was| was != slot));
            }
            bill.travel += i64::from(self.travel.of(at, shift.base));
            bill.shifts += 1;
            let count = used.entry(shift.vehicle).or_default();
            *count += 1;
            bill.total += self.costs.balance * *count;
        }
        bill.unserved = timetable.unserved.len() as i64;
        for visit in &timetable.unserved {
            let weight = 1 + i64::from(self.visits[*visit as usize].priority);
            bill.total += self.costs.unserved * weight;
        }
        bill.total +=
            bill.travel + self.costs.per_shift * bill.shifts + self.costs.moved * bill.moved;
        bill
    }
}
