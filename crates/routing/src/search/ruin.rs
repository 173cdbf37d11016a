//! Ruin: takes strings of neighbouring visits out of routes near a seed (adjacent string removal,
//! Christiaens and Vanden Berghe 2020, section 5.2).

use super::dice::Dice;
use super::state::{NOWHERE, State};

/// How much one ruin takes out. The paper's values: 10 visits on average, strings of at most 10,
/// half of them split around one kept visit, or more with chance 0.01.
#[derive(Debug, Clone)]
pub struct Appetite {
    pub average: f64,
    pub longest: f64,
    pub split: f64,
    pub keep_more: f64,
}

impl Default for Appetite {
    fn default() -> Self {
        Self { average: 10.0, longest: 10.0, split: 0.5, keep_more: 0.01 }
    }
}

/// Takes strings out near a random visit. Locked visits stay.
pub fn strings(state: &mut State, dice: &mut Dice, appetite: &Appetite, ruined: &mut Vec<u32>) {
    let visits = state.ground.problem.visits.len();
    let placed = visits - state.absent.len();
    let routes = state.used_count();
    if routes == 0 {
        return;
    }
    let longest = appetite.longest.min(placed as f64 / routes as f64);
    let most = 4.0 * appetite.average / (1.0 + longest) - 1.0;
    let count = (1.0 + dice.unit() * most).floor().max(1.0) as usize;
    let seed = dice.below(visits);
    let ground = state.ground;
    ruined.clear();
    for visit in &ground.near[seed] {
        if ruined.len() >= count {
            break;
        }
        let shift = state.shift_of(*visit);
        if shift == NOWHERE || ruined.contains(&shift) {
            continue;
        }
        let line = state.visits_of(shift);
        let most = longest.max(1.0).min(line.len() as f64);
        let length = ((1.0 + dice.unit() * most).floor() as usize).min(line.len());
        let at = line.iter().position(|other| other == visit).unwrap_or(0);
        cut(state, dice, appetite, shift, at, length);
        ruined.push(shift);
    }
}

/// One string of a route that has the visit at `at` in it, or a string with a part kept inside.
fn cut(
    state: &mut State,
    dice: &mut Dice,
    appetite: &Appetite,
    shift: u32,
    at: usize,
    length: usize,
) {
    let size = state.visits_of(shift).len();
    let mut kept = 0;
    if length > 1 && length < size && dice.chance(appetite.split) {
        kept = 1;
        while length + kept < size && dice.chance(appetite.keep_more) {
            kept += 1;
        }
    }
    let whole = length + kept;
    let first = at.saturating_sub(whole - 1);
    let last = at.min(size - whole);
    let begin = first + dice.below(last - first + 1);
    if kept == 0 {
        take(state, shift, begin..begin + length);
        return;
    }
    // Somewhere inside the string a part stays.
    let head = 1 + dice.below(length - 1);
    let tail = begin + head + kept..begin + whole;
    take_quietly(state, shift, tail);
    take(state, shift, begin..begin + head);
}

/// Takes a stretch out, but what is locked, and settles the route.
fn take(state: &mut State, shift: u32, stretch: std::ops::Range<usize>) {
    take_quietly(state, shift, stretch);
    state.settle(shift);
}

fn take_quietly(state: &mut State, shift: u32, stretch: std::ops::Range<usize>) {
    let ground = state.ground;
    let is_locked = |visit: u32| ground.problem.visits[visit as usize].locked.is_some();
    if state.visits_of(shift)[stretch.clone()].iter().all(|visit| !is_locked(*visit)) {
        state.remove(shift, stretch);
        return;
    }
    for index in stretch.rev() {
        if !is_locked(state.visits_of(shift)[index]) {
            state.remove(shift, index..index + 1);
        }
    }
}
