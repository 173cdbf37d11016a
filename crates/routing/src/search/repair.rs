//! Repair: a plan that no longer holds is changed as little as it can be.

use super::ground::Ground;
use super::{Appetite, Dice, State, Watch, anneal, finish, recreate};
use crate::problem::{Problem, Slot, Timetable, Unsound};

/// What moving one visit costs where the problem does not say: more than any detour saves, far less
/// than leaving a visit out.
const MOVED: i64 = 2_000;

/// Changes `before`, whose numbers refer to `problem`, into a timetable that holds: visits that
/// still can stay where they are do so unless moving them lets another be served.
///
/// # Errors
/// When the problem contradicts itself.
pub fn repair(
    problem: &Problem,
    before: &Timetable,
    seed: u64,
    watch: &mut dyn Watch,
) -> Result<Timetable, Unsound> {
    problem.check()?;
    let mut problem = problem.clone();
    if problem.costs.moved == 0 {
        problem.costs.moved = MOVED;
    }
    for route in &before.routes {
        for stop in &route.stops {
            let known = (stop.visit as usize) < problem.visits.len()
                && (route.shift as usize) < problem.shifts.len();
            if known {
                let slot = Slot { shift: route.shift, start: stop.start };
                problem.visits[stop.visit as usize].was.get_or_insert(slot);
            }
        }
    }
    let ground = Ground::of(&problem);
    let mut dice = Dice::new(seed);
    let mut state = State::empty(&ground);
    state.take_over(before);
    recreate::greedy(&mut state, &mut dice, &mut vec![], false);
    // Few at a time: what stays put is not worth trying.
    let appetite = Appetite { average: 6.0, longest: 6.0, ..Appetite::default() };
    anneal(&mut state, &mut dice, &appetite, watch);
    Ok(finish(&mut state, &mut dice))
}
