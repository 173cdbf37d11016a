//! Recreate: puts absent visits back, one by one, each where it costs least just then, with blinks
//! (greedy insertion with blinks, Christiaens and Vanden Berghe 2020, section 5.3).

use super::dice::Dice;
use super::state::{Gap, State};

/// Chance that a position is passed over.
const BLINK: f64 = 0.01;

/// In which order absent visits are put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Random,
    /// Long sessions and heavy loads first.
    Largest,
    /// Far from any base first.
    Farthest,
    Nearest,
    /// Those that fit the fewest shifts first.
    Choosiest,
}

fn order(dice: &mut Dice) -> Order {
    match dice.below(13) {
        0..4 => Order::Random,
        4..7 => Order::Largest,
        7..9 => Order::Farthest,
        9 => Order::Nearest,
        _ => Order::Choosiest,
    }
}

/// Puts back every absent visit that fits somewhere. Those of high priority come first.
pub fn greedy(state: &mut State, dice: &mut Dice, work: &mut Vec<u32>, blinks: bool) {
    let ground = state.ground;
    let visits = &ground.problem.visits;
    work.clear();
    work.append(&mut state.absent);
    dice.shuffle(work);
    match order(dice) {
        Order::Random => {}
        Order::Largest => work.sort_by_key(|v| {
            let visit = &visits[*v as usize];
            std::cmp::Reverse((visit.demand, visit.duration))
        }),
        Order::Farthest => work.sort_by_key(|v| -ground.alone[*v as usize]),
        Order::Nearest => work.sort_by_key(|v| ground.alone[*v as usize]),
        Order::Choosiest => work.sort_by_key(|v| ground.fits[*v as usize].len()),
    }
    work.sort_by_key(|v| {
        let visit = &visits[*v as usize];
        (visit.locked.is_none(), std::cmp::Reverse(visit.priority))
    });
    for visit in work.iter() {
        match best(state, dice, *visit, blinks) {
            Some(gap) => state.insert(*visit, gap),
            None => state.absent.push(*visit),
        }
    }
}

/// The cheapest gap for a visit over all routes and free shifts.
pub fn best(state: &State, dice: &mut Dice, visit: u32, blinks: bool) -> Option<Gap> {
    let ground = state.ground;
    let fits = &ground.fits[visit as usize];
    let mut found: Option<Gap> = None;
    let mut below = state.price_of_absence(visit);
    for shift in fits.iter().filter(|shift| !state.is_free(**shift)) {
        let skip = || blinks && dice.chance(BLINK);
        if let Some(gap) = state.best_gap(visit, *shift, below, skip) {
            below = gap.cost;
            found = Some(gap);
        }
    }
    if below <= ground.alone[visit as usize] && !ground.repairing {
        return found;
    }
    // Free shifts, from a random one on, so that equals are not always the same.
    let first = dice.below(fits.len());
    for shift in fits[first..].iter().chain(&fits[..first]).filter(|shift| state.is_free(**shift)) {
        if let Some(gap) = state.best_gap(visit, *shift, below, || false) {
            below = gap.cost;
            found = Some(gap);
        }
    }
    found
}
