//! Changing routes, and going back to where an attempt began.

use super::{Gap, NOWHERE, Saved, State};
use crate::problem::{Slot, Time};

impl State<'_, '_> {
    /// Begins an attempt that [`State::undo`] takes back.
    pub fn mark(&mut self) {
        for saved in &self.saved[..self.saved_count] {
            self.is_saved[saved.shift as usize] = false;
        }
        self.saved_count = 0;
        self.saved_cost = self.cost;
        self.saved_absent.clear();
        self.saved_absent.extend_from_slice(&self.absent);
    }

    /// Goes back to the last [`State::mark`].
    pub fn undo(&mut self) {
        let saved = std::mem::take(&mut self.saved);
        for old in &saved[..self.saved_count] {
            for index in 0..self.lines[old.shift as usize].visits.len() {
                let visit = self.lines[old.shift as usize].visits[index];
                if self.at[visit as usize] == old.shift {
                    self.leave(visit, old.shift);
                }
            }
        }
        for old in &saved[..self.saved_count] {
            let was_used = self.counts[old.shift as usize] > 0;
            let line = &mut self.lines[old.shift as usize];
            line.clone_from(&old.line);
            self.counts[old.shift as usize] = old.line.visits.len() as u32;
            for (visit, start) in old.line.visits.iter().zip(&old.starts) {
                self.start[*visit as usize] = *start;
                self.join(*visit, old.shift);
            }
            let vehicle = self.ground.problem.shifts[old.shift as usize].vehicle as usize;
            self.used[vehicle] += i64::from(!old.line.visits.is_empty()) - i64::from(was_used);
        }
        self.saved = saved;
        self.absent.clear();
        self.absent.extend_from_slice(&self.saved_absent);
        self.cost = self.saved_cost;
        self.mark();
    }

    pub(super) fn save(&mut self, shift: u32) {
        if std::mem::replace(&mut self.is_saved[shift as usize], true) {
            return;
        }
        if self.saved.len() == self.saved_count {
            self.saved.push(Saved::default());
        }
        let saved = &mut self.saved[self.saved_count];
        self.saved_count += 1;
        saved.shift = shift;
        let line = &self.lines[shift as usize];
        saved.line.clone_from(line);
        saved.starts.clear();
        saved.starts.extend(line.visits.iter().map(|visit| self.start[*visit as usize]));
    }

    pub(super) fn join(&mut self, visit: u32, shift: u32) {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        self.at[visit as usize] = shift;
        let day = problem.shifts[shift as usize].day as usize;
        for resource in &of.resources {
            self.busy[*resource as usize * self.ground.days + day].push(visit);
        }
        if let Some(group) = of.group {
            self.grouped[group as usize].push(visit);
        }
    }

    pub(super) fn leave(&mut self, visit: u32, shift: u32) {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        self.at[visit as usize] = NOWHERE;
        let day = problem.shifts[shift as usize].day as usize;
        let drop = |list: &mut Vec<u32>| {
            if let Some(index) = list.iter().position(|other| *other == visit) {
                list.swap_remove(index);
            }
        };
        for resource in &of.resources {
            drop(&mut self.busy[*resource as usize * self.ground.days + day]);
        }
        if let Some(group) = of.group {
            drop(&mut self.grouped[group as usize]);
        }
    }

    /// Puts an absent visit (which the caller takes off `absent`) into a gap.
    pub fn insert(&mut self, visit: u32, gap: Gap) {
        self.save(gap.shift);
        self.cost -= self.price_of_absence(visit);
        self.lines[gap.shift as usize].visits.insert(gap.position, visit);
        self.join(visit, gap.shift);
        self.call_on_sharers(visit, gap.shift);
        self.settle(gap.shift);
    }

    /// Takes a stretch of visits out of a route; the caller calls [`State::settle`] afterwards.
    pub fn remove(&mut self, shift: u32, stretch: std::ops::Range<usize>) {
        self.save(shift);
        for index in stretch.clone() {
            let visit = self.lines[shift as usize].visits[index];
            self.leave(visit, shift);
            self.call_on_sharers(visit, shift);
            self.cost += self.price_of_absence(visit);
            self.absent.push(visit);
        }
        self.lines[shift as usize].visits.drain(stretch);
    }

    /// Routes that share a resource with a visit on the day of its shift know less well now how
    /// late they may start.
    pub(super) fn call_on_sharers(&mut self, visit: u32, shift: u32) {
        let problem = self.ground.problem;
        let day = problem.shifts[shift as usize].day as usize;
        for resource in &problem.visits[visit as usize].resources {
            for other in &self.busy[*resource as usize * self.ground.days + day] {
                let at = self.at[*other as usize];
                if at != shift && at != NOWHERE && !self.stale.contains(&at) {
                    self.stale.push(at);
                }
            }
        }
    }

    /// Works out starts, latest starts and cost of a route after a change. Where the rest of the
    /// route became impossible (which shorter routes do not, unless travel times break the triangle
    /// inequality), the visits that no longer fit are taken out.
    pub fn settle(&mut self, shift: u32) {
        loop {
            self.find_latest(shift);
            match self.find_starts(shift) {
                None => break,
                Some(misfit) => self.remove(shift, misfit..misfit + 1),
            }
        }
        self.charge(shift);
        while let Some(other) = self.stale.pop() {
            self.save(other);
            self.find_latest(other);
        }
    }

    pub(super) fn find_latest(&mut self, shift: u32) {
        let problem = self.ground.problem;
        let on = &problem.shifts[shift as usize];
        let mut line = std::mem::take(&mut self.lines[shift as usize]);
        line.latest.clear();
        line.latest.resize(line.visits.len(), Time::MIN);
        let (mut place, mut until) = (on.base, on.end);
        for (index, visit) in line.visits.iter().enumerate().rev() {
            let of = &problem.visits[*visit as usize];
            let by = until - problem.travel.of(of.place, place) - of.duration;
            let Some(latest) = self.latest(*visit, on.day, by, shift) else { break };
            line.latest[index] = latest;
            (place, until) = (of.place, latest);
        }
        self.lines[shift as usize] = line;
    }

    /// Sets starts; gives the position of the first visit that does not fit.
    pub(super) fn find_starts(&mut self, shift: u32) -> Option<usize> {
        let problem = self.ground.problem;
        let on = &problem.shifts[shift as usize];
        let (mut place, mut free) = (on.base, on.start);
        for index in 0..self.lines[shift as usize].visits.len() {
            let visit = self.lines[shift as usize].visits[index];
            let latest = self.lines[shift as usize].latest[index];
            let of = &problem.visits[visit as usize];
            let reached = free + problem.travel.of(place, of.place);
            let earliest = self.earliest(visit, on.day, reached, shift);
            let Some(mut at) = earliest.filter(|at| *at <= latest) else { return Some(index) };
            if self.ground.repairing
                && let Some(was) = of.was.filter(|was| was.shift == shift)
                && was.start > at
                && was.start <= latest
                && self.earliest(visit, on.day, was.start, shift) == Some(was.start)
            {
                at = was.start;
            }
            if self.start[visit as usize] != at {
                self.start[visit as usize] = at;
                self.call_on_sharers(visit, shift);
            }
            (place, free) = (of.place, at + of.duration);
        }
        None
    }

    /// Brings the cost of a route up to date.
    pub(super) fn charge(&mut self, shift: u32) {
        let problem = self.ground.problem;
        let on = &problem.shifts[shift as usize];
        let line = &self.lines[shift as usize];
        let (mut cost, mut load, mut place) = (0, 0, on.base);
        for visit in &line.visits {
            let of = &problem.visits[*visit as usize];
            cost += i64::from(problem.travel.of(place, of.place)) + self.price_in(*visit, shift);
            load += of.demand;
            place = of.place;
            if self.ground.repairing {
                let slot = Slot { shift, start: self.start[*visit as usize] };
                cost += i64::from(of.was.is_some_and(|was| was != slot)) * problem.costs.moved;
            }
        }
        if !line.visits.is_empty() {
            cost += i64::from(problem.travel.of(place, on.base)) + problem.costs.per_shift;
        }
        let (before, now) = (self.counts[shift as usize], line.visits.len() as u32);
        let vehicle = on.vehicle as usize;
        if before == 0 && now > 0 {
            self.used[vehicle] += 1;
            self.cost += problem.costs.balance * self.used[vehicle];
        } else if before > 0 && now == 0 {
            self.cost -= problem.costs.balance * self.used[vehicle];
            self.used[vehicle] -= 1;
        }
        self.counts[shift as usize] = now;
        let line = &mut self.lines[shift as usize];
        self.cost += cost - line.cost;
        line.cost = cost;
        line.load = load;
    }
}
