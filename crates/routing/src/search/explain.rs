//! Why: why a visit is where it is, and why another has no place. Everything said here is worked
//! out from the plan as it stands, so it holds whatever the search did.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::state::{NOWHERE, State};
use crate::problem::{Problem, Timetable};

/// Why a visit could not be served.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Reason {
    /// It has no allowed start at all.
    NoWindow,
    /// It has allowed starts, but no shift can reach it at one of them and be back in time, even
    /// with nothing else to do.
    NoShift,
    /// Each of the `shifts` that could hold it, had they nothing else to do, is taken in this plan.
    Blocked(Blocks),
}

/// What takes the shifts that a visit could be in; the counts add up to `shifts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Blocks {
    /// Shifts that could hold it, had they nothing else to do and were everyone free.
    pub shifts: u32,
    /// Shifts with room for it at hours when its team or venue is at another visit: resource and
    /// shifts that this resource alone blocks.
    pub resources: Vec<(u32, u32)>,
    /// Shifts blocked by several of its resources together.
    pub together: u32,
    /// Shifts with no room between their other stops at its hours.
    pub full: u32,
    /// Shifts on days too close to another visit of its group.
    pub spacing: u32,
    /// Shifts whose load is full.
    pub capacity: u32,
    /// Shifts into which it would in fact fit: 0 in a plan that was searched to its end.
    pub open: u32,
}

/// Why a visit has no place in a timetable.
pub fn unserved(problem: &Problem, timetable: &Timetable, visit: u32) -> Reason {
    let ground = Ground::of(problem);
    let mut state = State::empty(&ground);
    state.restore(timetable);
    reason(&mut state, visit)
}

/// The reasons of all visits that have no place, in their order.
pub fn all_unserved(problem: &Problem, timetable: &Timetable) -> Vec<(u32, Reason)> {
    let ground = Ground::of(problem);
    let mut state = State::empty(&ground);
    state.restore(timetable);
    timetable.unserved.iter().map(|visit| (*visit, reason(&mut state, *visit))).collect()
}

fn reason(state: &mut State, visit: u32) -> Reason {
    let ground = state.ground;
    let of = &ground.problem.visits[visit as usize];
    if of.windows.is_empty() && of.locked.is_none() {
        return Reason::NoWindow;
    }
    let fits = &ground.fits[visit as usize];
    if fits.is_empty() {
        return Reason::NoShift;
    }
    let mut blocks = Blocks { shifts: fits.len() as u32, ..Blocks::default() };
    let mut alone: BTreeMap<u32, u32> = BTreeMap::new();
    for shift in fits {
        let day = ground.problem.shifts[*shift as usize].day;
        if !state.spaced(visit, day) {
            blocks.spacing += 1;
        } else if !state.carries(visit, *shift) {
            blocks.capacity += 1;
        } else if has_room(state, visit, *shift) {
            blocks.open += 1;
        } else {
            state.blind_to.clone_from(&of.resources);
            let is_busy = has_room(state, visit, *shift);
            let single = of.resources.iter().find(|resource| {
                state.blind_to.clear();
                state.blind_to.push(**resource);
                has_room(state, visit, *shift)
            });
            state.blind_to.clear();
            match (is_busy, single) {
                (true, Some(resource)) => *alone.entry(*resource).or_default() += 1,
                (true, None) => blocks.together += 1,
                (false, _) => blocks.full += 1,
            }
        }
    }
    blocks.resources = alone.into_iter().collect();
    Reason::Blocked(blocks)
}

/// Whether a visit fits somewhere between the stops of a shift.
fn has_room(state: &State, visit: u32, shift: u32) -> bool {
    (0..=state.visits_of(shift).len()).any(|at| state.possible(visit, shift, at).is_some())
}

/// Why a visit is where it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Choice {
    /// Days on which some shift could hold it, had it nothing else to do.
    pub days_possible: u32,
    /// The other visits of its route, in order.
    pub neighbours: Vec<u32>,
    /// What it adds to the bill where it is.
    pub added: i64,
    /// What a trip of its own would add: there and back, and the shift.
    pub alone: i64,
    /// Other days with room in this plan and what it would cost more there than here (less than
    /// nothing where the search did not find it), the cheapest first.
    pub others: Vec<(u32, i64)>,
}

/// Why a visit is where it is; none for a visit that has no place.
pub fn choice(problem: &Problem, timetable: &Timetable, visit: u32) -> Option<Choice> {
    let ground = Ground::of(problem);
    let mut state = State::empty(&ground);
    state.restore(timetable);
    let shift = state.shift_of(visit);
    if shift == NOWHERE {
        return None;
    }
    let neighbours: Vec<u32> =
        state.visits_of(shift).iter().copied().filter(|other| *other != visit).collect();
    let here = problem.shifts[shift as usize].day;
    let at = state.visits_of(shift).iter().position(|other| *other == visit)?;
    let before = state.cost();
    state.remove(shift, at..at + 1);
    state.settle(shift);
    let added = before - (state.cost() - state.price_of_absence(visit));
    let mut days: BTreeMap<u32, Option<i64>> = BTreeMap::new();
    for shift in &ground.fits[visit as usize] {
        let day = problem.shifts[*shift as usize].day;
        let best = days.entry(day).or_default();
        let below = best.unwrap_or(i64::MAX / 4);
        if let Some(gap) = state.best_gap(visit, *shift, below, || false) {
            *best = Some(gap.cost);
        }
    }
    let mut others: Vec<(u32, i64)> = days
        .iter()
        .filter(|(day, _)| **day != here)
        .filter_map(|(day, cost)| Some((*day, (*cost)? - added)))
        .collect();
    others.sort_by_key(|(day, cost)| (*cost, *day));
    let (days_possible, alone) = (days.len() as u32, ground.alone[visit as usize]);
    Some(Choice { days_possible, neighbours, added, alone, others })
}
