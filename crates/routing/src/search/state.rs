//! A timetable under work: routes, starts, who is busy when; what an insertion would cost and
//! whether it holds; and a way back to where an attempt began.

use super::ground::Ground;
use crate::problem::{Route, Slot, Stop, Time, Timetable};

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

    // Time ---------------------------------------------------------------------

    /// The earliest start of a visit on a day from an instant on, when its resources are free of
    /// visits in other shifts than `own`.
    #[inline]
    fn earliest(&self, visit: u32, day: u32, from: Time, own: u32) -> Option<Time> {
        for window in self.ground.windows(visit, day) {
            if window.1 < from {
                continue;
            }
            let mut at = from.max(window.0);
            while at <= window.1 {
                match self.occupied(visit, day, at, own) {
                    None => return Some(at),
                    Some((_, free_from)) => at = free_from,
                }
            }
        }
        None
    }

    /// The latest start of a visit on a day up to an instant, when its resources are free.
    #[inline]
    fn latest(&self, visit: u32, day: u32, until: Time, own: u32) -> Option<Time> {
        let duration = self.ground.problem.visits[visit as usize].duration;
        for window in self.ground.windows(visit, day).iter().rev() {
            if window.0 > until {
                continue;
            }
            let mut at = until.min(window.1);
            while at >= window.0 {
                match self.occupied(visit, day, at, own) {
                    None => return Some(at),
                    Some((from, _)) => at = from - duration,
                }
            }
        }
        None
    }

    /// When something that a visit needs is in use elsewhere during the visit: from when to when.
    /// Visits without duration take up no resource.
    #[inline]
    fn occupied(&self, visit: u32, day: u32, at: Time, own: u32) -> Option<(Time, Time)> {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        for resource in &of.resources {
            if !self.blind_to.is_empty() && self.blind_to.contains(resource) {
                continue;
            }
            for other in &self.busy[*resource as usize * self.ground.days + day as usize] {
                if self.at[*other as usize] == own || *other == visit {
                    continue;
                }
                let from = self.start[*other as usize];
                let to = from + problem.visits[*other as usize].duration;
                if at < to && from < at + of.duration {
                    return Some((from, to));
                }
            }
        }
        None
    }

    /// Whether other visits of its group leave a visit this day.
    #[inline]
    pub fn spaced(&self, visit: u32, day: u32) -> bool {
        let problem = self.ground.problem;
        let Some(group) = problem.visits[visit as usize].group else { return true };
        let gap = problem.group_gaps[group as usize];
        self.grouped[group as usize].iter().all(|other| {
            *other == visit || {
                let shift = self.at[*other as usize];
                problem.shifts[shift as usize].day.abs_diff(day) >= gap
            }
        })
    }

    // Asking -------------------------------------------------------------------

    /// Whether the load of a shift leaves room for a visit.
    pub fn carries(&self, visit: u32, shift: u32) -> bool {
        let problem = self.ground.problem;
        let load = self.lines[shift as usize].load + problem.visits[visit as usize].demand;
        load <= problem.shifts[shift as usize].capacity
    }

    /// What a visit adds to the bill by being in a shift, besides travel.
    #[inline]
    fn price_in(&self, visit: u32, shift: u32) -> i64 {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        let day = i64::from(problem.shifts[shift as usize].day);
        problem.costs.waiting * i64::from(of.priority) * day
    }

    /// What opening a shift costs.
    #[inline]
    fn price_of_opening(&self, shift: u32) -> i64 {
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
    fn price_of_moves(&self, visit: u32, shift: u32, position: usize, at: Time) -> i64 {
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
    fn kept_start(&self, visit: u32, shift: u32, from: Time, position: usize) -> Option<Time> {
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

    // Changing -----------------------------------------------------------------

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

    fn save(&mut self, shift: u32) {
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

    fn join(&mut self, visit: u32, shift: u32) {
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

    fn leave(&mut self, visit: u32, shift: u32) {
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
    fn call_on_sharers(&mut self, visit: u32, shift: u32) {
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

    fn find_latest(&mut self, shift: u32) {
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
    fn find_starts(&mut self, shift: u32) -> Option<usize> {
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
    fn charge(&mut self, shift: u32) {
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

    // In and out ---------------------------------------------------------------

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
