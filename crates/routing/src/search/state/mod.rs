//! A timetable under work: routes, starts, who is busy when; what an insertion would cost and
//! whether it holds; and a way back to where an attempt began.

mod change;
mod clock;
mod price;

use super::ground::Ground;
use crate::problem::{Route, Stop, Time, Timetable};

/// Stands for "in no shift".
pub const NOWHERE: u32 = u32::MAX;

/// The route of a shift.
#[derive(Debug, Clone, Default)]
struct Line {
    visits: Vec<u32>,
    /// Latest start of each visit that leaves the rest of the route possible.
    latest: Vec<Time>,
    load: i64,
    /// Travel, waiting, moved, and the shift itself.
    cost: i64,
}

/// How an iteration finds back.
#[derive(Debug, Default)]
struct Saved {
    shift: u32,
    line: Line,
    starts: Vec<Time>,
}

/// A place in a route where a visit could go.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    pub shift: u32,
    pub position: usize,
    /// What the bill grows by.
    pub cost: i64,
}

/// The timetable under work.
pub struct State<'g, 'p> {
    pub ground: &'g Ground<'p>,
    lines: Vec<Line>,
    /// Number of visits of each shift's route, apart from `lines` because it is read so often.
    counts: Vec<u32>,
    /// Shift of each visit, or [`NOWHERE`].
    at: Vec<u32>,
    start: Vec<Time>,
    /// Per resource and day: who uses it.
    busy: Vec<Vec<u32>>,
    /// Per group: its visits that are placed.
    grouped: Vec<Vec<u32>>,
    /// Used shifts of each vehicle.
    used: Vec<i64>,
    pub absent: Vec<u32>,
    cost: i64,
    /// What it was before this attempt.
    saved: Vec<Saved>,
    saved_count: usize,
    is_saved: Vec<bool>,
    saved_absent: Vec<u32>,
    saved_cost: i64,
    /// Routes whose latest starts have to be worked out anew.
    stale: Vec<u32>,
    /// Resources taken for free, to ask what would be possible if they were.
    pub blind_to: Vec<u32>,
}

impl<'g, 'p> State<'g, 'p> {
    /// Nothing placed yet.
    pub fn empty(ground: &'g Ground<'p>) -> Self {
        let problem = ground.problem;
        let visits = problem.visits.len();
        let mut state = Self {
            ground,
            lines: vec![Line::default(); problem.shifts.len()],
            counts: vec![0; problem.shifts.len()],
            at: vec![NOWHERE; visits],
            start: vec![0; visits],
            busy: vec![vec![]; problem.resources as usize * ground.days],
            grouped: vec![vec![]; problem.group_gaps.len()],
            used: vec![0; ground.vehicles],
            absent: (0..visits as u32).collect(),
            cost: 0,
            saved: vec![],
            saved_count: 0,
            is_saved: vec![false; problem.shifts.len()],
            saved_absent: vec![],
            saved_cost: 0,
            stale: vec![],
            blind_to: vec![],
        };
        state.cost = state.absent.iter().map(|visit| state.price_of_absence(*visit)).sum();
        state
    }

    /// What leaving a visit out costs.
    pub fn price_of_absence(&self, visit: u32) -> i64 {
        let problem = self.ground.problem;
        problem.costs.unserved * (1 + i64::from(problem.visits[visit as usize].priority))
    }

    /// The whole bill.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// The shift a visit is in, or [`NOWHERE`].
    pub fn shift_of(&self, visit: u32) -> u32 {
        self.at[visit as usize]
    }

    /// The visits of a shift, in order.
    pub fn visits_of(&self, shift: u32) -> &[u32] {
        &self.lines[shift as usize].visits
    }

    /// Numbers of shifts that have a route.
    pub fn used_shifts(&self) -> impl Iterator<Item = u32> + '_ {
        self.counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(shift, _)| shift as u32)
    }

    /// How many shifts have a route.
    pub fn used_count(&self) -> usize {
        self.used.iter().sum::<i64>() as usize
    }

    /// Whether a shift has no route.
    #[inline]
    pub fn is_free(&self, shift: u32) -> bool {
        self.counts[shift as usize] == 0
    }

    /// Takes over a timetable, as far as it is possible: what does not fit stays absent.
    pub fn take_over(&mut self, timetable: &Timetable) {
        for route in &timetable.routes {
            for stop in &route.stops {
                let place = self.lines[route.shift as usize].visits.len();
                let known = self.at[stop.visit as usize] == NOWHERE
                    && self.ground.fits[stop.visit as usize].contains(&route.shift);
                if !known {
                    continue;
                }
                if let Some(gap) = self.gap_at(stop.visit, route.shift, place) {
                    self.absent.retain(|visit| *visit != stop.visit);
                    self.insert(stop.visit, gap);
                }
            }
        }
        self.mark();
    }

    /// Takes a timetable of this very problem as it stands, into an empty state.
    pub fn restore(&mut self, timetable: &Timetable) {
        for route in &timetable.routes {
            for stop in &route.stops {
                self.start[stop.visit as usize] = stop.start;
                self.lines[route.shift as usize].visits.push(stop.visit);
                self.join(stop.visit, route.shift);
                self.cost -= self.price_of_absence(stop.visit);
            }
        }
        self.absent.clone_from(&timetable.unserved);
        for route in &timetable.routes {
            self.find_latest(route.shift);
            self.charge(route.shift);
        }
        self.mark();
    }

    /// The gap at one position, where a visit can go there.
    pub fn gap_at(&self, visit: u32, shift: u32, position: usize) -> Option<Gap> {
        let problem = self.ground.problem;
        let on = &problem.shifts[shift as usize];
        if !self.carries(visit, shift) || !self.spaced(visit, on.day) {
            return None;
        }
        self.possible(visit, shift, position).map(|_| Gap { shift, position, cost: 0 })
    }

    /// The timetable as others see it.
    pub fn timetable(&self) -> Timetable {
        let route = |shift: u32| Route {
            shift,
            stops: self
                .visits_of(shift)
                .iter()
                .map(|visit| Stop { visit: *visit, start: self.start[*visit as usize] })
                .collect(),
        };
        let mut unserved = self.absent.clone();
        unserved.sort_unstable();
        Timetable { routes: self.used_shifts().map(route).collect(), unserved }
    }
}
