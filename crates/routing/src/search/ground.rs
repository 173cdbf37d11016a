//! What the search looks up all the time, worked out once: the windows of a visit on a day, the
//! shifts it fits, its neighbours.

use crate::problem::{Problem, Time};

/// Nearest visits kept for each visit; ruin looks no farther.
const NEIGHBOURS: usize = 250;

/// A problem, prepared.
pub struct Ground<'p> {
    pub problem: &'p Problem,
    pub days: usize,
    /// Per visit and day: first window and number of windows in `windows`.
    spans: Vec<(u32, u32)>,
    windows: Vec<(Time, Time)>,
    /// Per visit: the shifts in which it could be held alone, were no resource busy.
    pub fits: Vec<Vec<u32>>,
    /// Per visit: the nearest visits, itself first.
    pub near: Vec<Vec<u32>>,
    /// Per visit: cheapest cost of a trip of its own, not counting balance and waiting.
    pub alone: Vec<i64>,
    /// Whether starts matter to the bill: some visit says where it was.
    pub repairing: bool,
    /// Number of vehicles.
    pub vehicles: usize,
}

impl<'p> Ground<'p> {
    /// Prepares a sound problem.
    pub fn of(problem: &'p Problem) -> Self {
        let last = problem.shifts.iter().map(|shift| shift.day).max().unwrap_or(0);
        let days = last as usize + 1;
        let (mut spans, mut windows) = (Vec::with_capacity(problem.visits.len() * days), vec![]);
        for visit in &problem.visits {
            let mut rest = visit.windows.as_slice();
            if let Some(slot) = &visit.locked {
                let only = [(slot.start, slot.start)];
                push_days(problem, &mut only.as_slice(), days, &mut spans, &mut windows);
            } else {
                push_days(problem, &mut rest, days, &mut spans, &mut windows);
            }
        }
        let vehicles = problem.shifts.iter().map(|s| s.vehicle as usize + 1).max().unwrap_or(0);
        let mut ground = Self {
            problem,
            days,
            spans,
            windows,
            fits: vec![],
            near: vec![],
            alone: vec![],
            repairing: problem.costs.moved > 0
                && problem.visits.iter().any(|visit| visit.was.is_some()),
            vehicles,
        };
        ground.fits = (0..problem.visits.len() as u32).map(|v| ground.shifts_of(v)).collect();
        ground.near = ground.neighbours();
        ground.alone = (0..problem.visits.len()).map(|v| ground.trip_alone(v)).collect();
        ground
    }

    /// The windows of a visit on a day.
    #[inline]
    pub fn windows(&self, visit: u32, day: u32) -> &[(Time, Time)] {
        let (first, count) = self.spans[visit as usize * self.days + day as usize];
        &self.windows[first as usize..(first + count) as usize]
    }

    fn shifts_of(&self, visit: u32) -> Vec<u32> {
        let of = &self.problem.visits[visit as usize];
        let fits = |index: u32| {
            let shift = &self.problem.shifts[index as usize];
            if of.locked.is_some_and(|slot| slot.shift != index) || of.demand > shift.capacity {
                return false;
            }
            let out = self.problem.travel.of(shift.base, of.place);
            let back = self.problem.travel.of(of.place, shift.base);
            let earliest = shift.start + out;
            let latest = shift.end - back - of.duration;
            let mut windows = self.windows(visit, shift.day).iter();
            windows.any(|window| earliest.max(window.0) <= latest.min(window.1))
        };
        (0..self.problem.shifts.len() as u32).filter(|index| fits(*index)).collect()
    }

    fn trip_alone(&self, visit: usize) -> i64 {
        let place = self.problem.visits[visit].place;
        let trip = |shift: &u32| {
            let base = self.problem.shifts[*shift as usize].base;
            let travel = &self.problem.travel;
            i64::from(travel.of(base, place)) + i64::from(travel.of(place, base))
        };
        let shortest = self.fits[visit].iter().map(trip).min().unwrap_or(0);
        shortest + self.problem.costs.per_shift
    }

    fn neighbours(&self) -> Vec<Vec<u32>> {
        let visits = &self.problem.visits;
        let travel = &self.problem.travel;
        let count = visits.len();
        let mut near = Vec::with_capacity(count);
        for visit in 0..count as u32 {
            let place = visits[visit as usize].place;
            let far = |other: &u32| {
                let there = visits[*other as usize].place;
                let both = travel.of(place, there) + travel.of(there, place);
                (*other != visit, both, *other)
            };
            let mut others: Vec<u32> = (0..count as u32).collect();
            let kept = NEIGHBOURS.min(count);
            if kept < count {
                others.select_nth_unstable_by_key(kept, far);
                others.truncate(kept);
            }
            others.sort_unstable_by_key(far);
            near.push(others);
        }
        near
    }
}

/// Appends the windows of one visit, day by day.
fn push_days(
    problem: &Problem,
    rest: &mut &[(Time, Time)],
    days: usize,
    spans: &mut Vec<(u32, u32)>,
    windows: &mut Vec<(Time, Time)>,
) {
    for day in 0..days as u32 {
        let first = windows.len() as u32;
        while let Some(window) = rest.first().filter(|w| problem.day_of(w.0) <= day) {
            if problem.day_of(window.0) == day {
                windows.push(*window);
            }
            *rest = &rest[1..];
        }
        spans.push((first, windows.len() as u32 - first));
    }
}
