//! What a change would cost, and whether it holds.

use super::{Gap, State};
use crate::problem::{Slot, Time};

impl State<'_, '_> {
    /// Whether the load of a shift leaves room for a visit.
    pub fn carries(&self, visit: u32, shift: u32) -> bool {
        let problem = self.ground.problem;
        let load = self.lines[shift as usize].load + problem.visits[visit as usize].demand;
        load <= problem.shifts[shift as usize].capacity
    }

    /// What a visit adds to the bill by being in a shift, besides travel.
    #[inline]
    pub(super) fn price_in(&self, visit: u32, shift: u32) -> i64 {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        let day = i64::from(problem.shifts[shift as usize].day);
        problem.costs.waiting * i64::from(of.priority) * day
    }

    /// What opening a shift costs.
    #[inline]
    pub(super) fn price_of_opening(&self, shift: u32) -> i64 {
        let problem = self.ground.problem;
        let vehicle = problem.shifts[shift as usize].vehicle as usize;
        problem.costs.per_shift + problem.costs.balance * (self.used[vehicle] + 1)
    }

    /// The cheapest gap for a visit in the route of a shift that costs less than `below`, where
    /// `skip` is asked before each and may pass one over.
    pub fn best_gap(
        &self,
        visit: u32,
        shift: u32,
        below: i64,
        mut skip: impl FnMut() -> bool,
    ) -> Option<Gap> {
        let problem = self.ground.problem;
        let line = &self.lines[shift as usize];
        let of = &problem.visits[visit as usize];
        let on = &problem.shifts[shift as usize];
        if !self.carries(visit, shift) {
            return None;
        }
        let extra = self.price_in(visit, shift)
            + if line.visits.is_empty() { self.price_of_opening(shift) } else { 0 };
        let (mut best, mut below) = (None, below - extra);
        if below <= 0 && !self.ground.repairing || !self.spaced(visit, on.day) {
            return None;
        }
        let mut before = on.base;
        for position in 0..=line.visits.len() {
            let after = line.visits.get(position);
            let next = after.map_or(on.base, |v| problem.visits[*v as usize].place);
            let detour = problem.travel.of(before, of.place) + problem.travel.of(of.place, next)
                - if line.visits.is_empty() { 0 } else { problem.travel.of(before, next) };
            let mut cost = i64::from(detour);
            before = next;
            if cost >= below && !self.ground.repairing || skip() {
                continue;
            }
            let Some(at) = self.possible(visit, shift, position) else { continue };
            if self.ground.repairing {
                cost += self.price_of_moves(visit, shift, position, at);
                if cost >= below {
                    continue;
                }
            }
            below = cost;
            best = Some(Gap { shift, position, cost: cost + extra });
        }
        best
    }

    /// The start that a visit would have at a position, if the rest of the route stays possible.
    #[inline]
    pub fn possible(&self, visit: u32, shift: u32, position: usize) -> Option<Time> {
        let problem = self.ground.problem;
        let line = &self.lines[shift as usize];
        let of = &problem.visits[visit as usize];
        let on = &problem.shifts[shift as usize];
        let reached = match position.checked_sub(1).map(|before| line.visits[before]) {
            None => on.start + problem.travel.of(on.base, of.place),
            Some(before) => {
                let previous = &problem.visits[before as usize];
                self.start[before as usize]
                    + previous.duration
                    + problem.travel.of(previous.place, of.place)
            }
        };
        let at = self.earliest(visit, on.day, reached, shift)?;
        let done = at + of.duration;
        let fits = match line.visits.get(position) {
            None => done + problem.travel.of(of.place, on.base) <= on.end,
            Some(next) => {
                let place = problem.visits[*next as usize].place;
                done + problem.travel.of(of.place, place) <= line.latest[position]
            }
        };
        fits.then_some(at)
    }

    /// What moves cost when a repaired visit goes to a position: its own, and those it pushes.
    pub(super) fn price_of_moves(&self, visit: u32, shift: u32, position: usize, at: Time) -> i64 {
        let problem = self.ground.problem;
        let line = &self.lines[shift as usize];
        let on = &problem.shifts[shift as usize];
        let moved = |visit: u32, start: Time| {
            let was = problem.visits[visit as usize].was;
            i64::from(was.is_some_and(|was| was != Slot { shift, start }))
        };
        // The visit may keep its own old start where that is later than it need be.
        let at = self.kept_start(visit, shift, at, position).unwrap_or(at);
        let mut count = moved(visit, at);
        let mut last = visit;
        let mut free = at + problem.visits[visit as usize].duration;
        for next in &line.visits[position..] {
            let place = problem.visits[*next as usize].place;
            let reached = free + problem.travel.of(problem.visits[last as usize].place, place);
            let old = self.start[*next as usize];
            if reached <= old {
                break;
            }
            let Some(new) = self.earliest(*next, on.day, reached, shift) else { break };
            count += moved(*next, new) - moved(*next, old);
            free = new + problem.visits[*next as usize].duration;
            last = *next;
        }
        count * problem.costs.moved
    }

    /// The start a visit had before the repair, where it can have it at a position again.
    pub(super) fn kept_start(
        &self,
        visit: u32,
        shift: u32,
        from: Time,
        position: usize,
    ) -> Option<Time> {
        let problem = self.ground.problem;
        let was = problem.visits[visit as usize].was.filter(|was| was.shift == shift)?;
        let on = &problem.shifts[shift as usize];
        let line = &self.lines[shift as usize];
        let of = &problem.visits[visit as usize];
        let done = was.start + of.duration;
        let fits = match line.visits.get(position) {
            None => done + problem.travel.of(of.place, on.base) <= on.end,
            Some(next) => {
                let place = problem.visits[*next as usize].place;
                done + problem.travel.of(of.place, place) <= line.latest[position]
            }
        };
        let same =
            was.start >= from && self.earliest(visit, on.day, was.start, shift) == Some(was.start);
        (fits && same).then_some(was.start)
    }
}
