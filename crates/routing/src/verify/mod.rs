//! Checks every rule of a plan on its own. Nothing here is shared with the search, nor with the
//! readers of `formats`: an error there is not an error here as well.

mod texts;

use std::collections::HashMap;
use std::fmt;

use crate::problem::{Problem, Timetable};

pub use texts::{Report, Unverifiable, files};

/// A rule that a plan breaks. Numbers are those of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Not held, and not listed as left out.
    Missing { visit: usize },
    /// Held more than once, or held although listed as left out.
    Twice { visit: usize },
    /// A visit or a shift that does not exist.
    Unknown { number: usize },
    /// A shift with two routes, or with a route without stops.
    Shift { shift: usize },
    /// A start outside all allowed windows.
    Window { visit: usize, start: i64 },
    /// A start before the vehicle can be there.
    TooSoon { visit: usize, start: i64, reached: i64 },
    /// Back at the base after the end of the shift.
    TooLate { shift: usize, back: i64, end: i64 },
    /// More load than the vehicle carries.
    Overload { shift: usize, load: i64, capacity: i64 },
    /// A vehicle on two routes at once.
    VehicleTwice { vehicle: usize, shifts: (usize, usize) },
    /// A team or venue at two visits at once.
    ResourceTwice { resource: usize, visits: (usize, usize) },
    /// Two visits of one group on days too close.
    TooClose { group: usize, visits: (usize, usize) },
    /// A locked visit elsewhere.
    Unlocked { visit: usize },
    /// A cost stated that is not what the routes cost.
    Cost { stated: String, counted: String },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Missing { visit } => write!(f, "visit {visit} is not held"),
            Broken::Twice { visit } => write!(f, "visit {visit} is held twice"),
            Broken::Unknown { number } => write!(f, "there is no visit or shift {number}"),
            Broken::Shift { shift } => write!(f, "shift {shift} has no stops, or two routes"),
            Broken::Window { visit, start } => {
                write!(f, "visit {visit} starts at {start}, outside its windows")
            }
            Broken::TooSoon { visit, start, reached } => {
                write!(f, "visit {visit} starts at {start}, but is reached at {reached}")
            }
            Broken::TooLate { shift, back, end } => {
                write!(f, "shift {shift} is back at {back}, after its end at {end}")
            }
            Broken::Overload { shift, load, capacity } => {
                write!(f, "shift {shift} carries {load}, more than {capacity}")
            }
            Broken::VehicleTwice { vehicle, shifts } => {
                write!(f, "vehicle {vehicle} is in shifts {} and {} at once", shifts.0, shifts.1)
            }
            Broken::ResourceTwice { resource, visits } => {
                write!(f, "resource {resource} is at visits {} and {} at once", visits.0, visits.1)
            }
            Broken::TooClose { group, visits } => {
                write!(f, "visits {} and {} of group {group} are too close", visits.0, visits.1)
            }
            Broken::Unlocked { visit } => write!(f, "visit {visit} is not where it was locked"),
            Broken::Cost { stated, counted } => write!(f, "the cost is {counted}, not {stated}"),
        }
    }
}

/// The rules of an instance, whatever it was written in.
#[derive(Debug, Default)]
struct Rules {
    day_length: i64,
    travel: Vec<Vec<i64>>,
    shifts: Vec<Working>,
    visits: Vec<Wanted>,
    gaps: Vec<i64>,
}

#[derive(Debug)]
struct Working {
    vehicle: usize,
    base: usize,
    start: i64,
    end: i64,
    capacity: i64,
}

#[derive(Debug)]
struct Wanted {
    place: usize,
    duration: i64,
    windows: Vec<(i64, i64)>,
    demand: i64,
    resources: Vec<usize>,
    group: Option<usize>,
    locked: Option<(usize, i64)>,
}

/// A route as claimed: its shift and (visit, start) in order.
type Claimed = (usize, Vec<(usize, i64)>);

impl Rules {
    fn of(problem: &Problem) -> Self {
        let size = problem.travel.size() as u32;
        let row = |from: u32| (0..size).map(|to| i64::from(problem.travel.of(from, to))).collect();
        let shifts = problem.shifts.iter().map(|shift| Working {
            vehicle: shift.vehicle as usize,
            base: shift.base as usize,
            start: shift.start.into(),
            end: shift.end.into(),
            capacity: shift.capacity,
        });
        let visits = problem.visits.iter().map(|visit| Wanted {
            place: visit.place as usize,
            duration: visit.duration.into(),
            windows: visit.windows.iter().map(|w| (w.0.into(), w.1.into())).collect(),
            demand: visit.demand,
            resources: visit.resources.iter().map(|r| *r as usize).collect(),
            group: visit.group.map(|group| group as usize),
            locked: visit.locked.map(|slot| (slot.shift as usize, slot.start.into())),
        });
        Self {
            day_length: problem.day_length.into(),
            travel: (0..size).map(row).collect(),
            shifts: shifts.collect(),
            visits: visits.collect(),
            gaps: problem.group_gaps.iter().map(|gap| i64::from(*gap)).collect(),
        }
    }

    /// What the routes break, given what is admitted to be left out.
    fn broken_by(&self, routes: &[Claimed], left_out: &[usize]) -> Vec<Broken> {
        let mut broken = vec![];
        let mut held: HashMap<usize, usize> = HashMap::new();
        for visit in left_out {
            *held.entry(*visit).or_default() += 1;
        }
        for (shift, stops) in routes {
            if *shift >= self.shifts.len() {
                broken.push(Broken::Unknown { number: *shift });
                continue;
            }
            for (visit, _) in stops {
                *held.entry(*visit).or_default() += 1;
                if *visit >= self.visits.len() {
                    broken.push(Broken::Unknown { number: *visit });
                }
            }
        }
        if !broken.is_empty() {
            return broken;
        }
        for visit in 0..self.visits.len() {
            match held.get(&visit).copied().unwrap_or(0) {
                0 => broken.push(Broken::Missing { visit }),
                1 => {}
                _ => broken.push(Broken::Twice { visit }),
            }
        }
        for route in routes {
            self.follow(route, &mut broken);
        }
        self.apart(routes, &mut broken);
        broken
    }

    /// Drives one route.
    fn follow(&self, (shift, stops): &Claimed, broken: &mut Vec<Broken>) {
        let on = &self.shifts[*shift];
        let (mut place, mut clock, mut load) = (on.base, on.start, 0);
        if stops.is_empty() {
            broken.push(Broken::Shift { shift: *shift });
        }
        for (visit, start) in stops {
            let wanted = &self.visits[*visit];
            let reached = clock + self.travel[place][wanted.place];
            if *start < reached {
                broken.push(Broken::TooSoon { visit: *visit, start: *start, reached });
            }
            if !wanted.windows.iter().any(|w| w.0 <= *start && *start <= w.1)
                && wanted.locked != Some((*shift, *start))
            {
                broken.push(Broken::Window { visit: *visit, start: *start });
            }
            if wanted.locked.is_some_and(|locked| locked != (*shift, *start)) {
                broken.push(Broken::Unlocked { visit: *visit });
            }
            load += wanted.demand;
            place = wanted.place;
            clock = start + wanted.duration;
        }
        let back = clock + self.travel[place][on.base];
        if back > on.end {
            broken.push(Broken::TooLate { shift: *shift, back, end: on.end });
        }
        if load > on.capacity {
            broken.push(Broken::Overload { shift: *shift, load, capacity: on.capacity });
        }
    }

    /// Nobody and nothing in two places at once; visits of a group apart.
    fn apart(&self, routes: &[Claimed], broken: &mut Vec<Broken>) {
        let mut shifts: Vec<usize> = routes.iter().map(|route| route.0).collect();
        shifts.sort_by_key(|shift| (self.shifts[*shift].vehicle, self.shifts[*shift].start));
        for pair in shifts.windows(2) {
            let (one, other) = (&self.shifts[pair[0]], &self.shifts[pair[1]]);
            if pair[0] == pair[1] {
                broken.push(Broken::Shift { shift: pair[0] });
            } else if one.vehicle == other.vehicle && other.start < one.end {
                let shifts = (pair[0], pair[1]);
                broken.push(Broken::VehicleTwice { vehicle: one.vehicle, shifts });
            }
        }
        let mut users: HashMap<usize, Vec<(i64, i64, usize)>> = HashMap::new();
        let mut groups: HashMap<usize, Vec<(i64, usize)>> = HashMap::new();
        for (visit, start) in routes.iter().flat_map(|route| &route.1) {
            let wanted = &self.visits[*visit];
            for resource in &wanted.resources {
                let use_of = (*start, start + wanted.duration, *visit);
                users.entry(*resource).or_default().push(use_of);
            }
            if let Some(group) = wanted.group {
                groups.entry(group).or_default().push((start.div_euclid(self.day_length), *visit));
            }
        }
        for (resource, mut uses) in users {
            uses.sort_unstable();
            for pair in uses.windows(2) {
                if pair[1].0 < pair[0].1 {
                    let visits = (pair[0].2, pair[1].2);
                    broken.push(Broken::ResourceTwice { resource, visits });
                }
            }
        }
        for (group, mut days) in groups {
            days.sort_unstable();
            for pair in days.windows(2) {
                if pair[1].0 - pair[0].0 < self.gaps[group] {
                    broken.push(Broken::TooClose { group, visits: (pair[0].1, pair[1].1) });
                }
            }
        }
    }

    /// Travel of the routes.
    fn travel_of(&self, routes: &[Claimed]) -> i64 {
        let trip = |(shift, stops): &Claimed| {
            let base = self.shifts[*shift].base;
            let places = stops.iter().map(|(visit, _)| self.visits[*visit].place);
            let mut way = vec![base];
            way.extend(places);
            way.push(base);
            way.windows(2).map(|leg| self.travel[leg[0]][leg[1]]).sum::<i64>()
        };
        routes.iter().map(trip).sum()
    }
}

/// The rules that a timetable breaks; none for a sound one.
pub fn timetable(problem: &Problem, timetable: &Timetable) -> Vec<Broken> {
    let claimed: Vec<Claimed> = timetable
        .routes
        .iter()
        .map(|route| {
            let stops = route.stops.iter().map(|s| (s.visit as usize, i64::from(s.start)));
            (route.shift as usize, stops.collect())
        })
        .collect();
    let left_out: Vec<usize> = timetable.unserved.iter().map(|visit| *visit as usize).collect();
    Rules::of(problem).broken_by(&claimed, &left_out)
}
