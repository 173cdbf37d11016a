//! The search: ruin, recreate, accept or go back (simulated annealing), until the budget is spent.

mod dice;
pub mod explain;
mod ground;
mod recreate;
mod repair;
mod ruin;
mod state;

use crate::problem::{Bill, Problem, Timetable, Unsound};
pub(crate) use dice::Dice;
use ground::Ground;
use ruin::Appetite;
use state::State;

pub use repair::repair;

/// Whoever waits for the plan: says how much of the budget is spent, and hears of better plans.
pub trait Watch {
    /// Share of the budget that is spent: 0 at the start; from 1 on the search ends.
    fn spent(&mut self) -> f64;
    /// A better timetable than any before was found.
    fn better(&mut self, _found: &Progress<'_>) {}
}

/// What has been found so far.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Attempts made.
    pub iterations: u64,
    pub bill: Bill,
    pub timetable: &'a Timetable,
}

/// A budget in attempts: the same problem, seed and number give the same timetable.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    pub of: u64,
    done: u64,
}

impl Attempts {
    /// A budget of so many attempts (rounded up to the search's stride).
    pub fn of(count: u64) -> Self {
        Self { of: count, done: 0 }
    }
}

impl Watch for Attempts {
    fn spent(&mut self) -> f64 {
        let share = self.done as f64 / self.of.max(1) as f64;
        self.done += STRIDE;
        share
    }
}

/// How to search.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub seed: u64,
    /// Where to begin; what of it does not fit is planned anew.
    pub from: Option<Timetable>,
}

/// Attempts between two looks at the watch.
const STRIDE: u64 = 64;

/// Temperatures at the start and the end, as shares of the average cost of a visit, as measured best
/// on `bench/instances`: where a shift has a price of its own, the price is in that average and keeps
/// the number of shifts low by itself; where it has none, routes only merge while it is hot.
const WITH_PRICE: (f64, f64) = (0.35, 0.0035);
const WITHOUT_PRICE: (f64, f64) = (2.0, 0.02);

/// Searches for a timetable of least bill until the watch says that the budget is spent. There is
/// always an answer: visits that found no place are `unserved`.
///
/// # Errors
/// When the problem contradicts itself.
pub fn plan(
    problem: &Problem,
    search: &Search,
    watch: &mut dyn Watch,
) -> Result<Timetable, Unsound> {
    problem.check()?;
    let ground = Ground::of(problem);
    let mut dice = Dice::new(search.seed);
    let mut state = State::empty(&ground);
    if let Some(from) = &search.from {
        state.take_over(from);
    }
    let mut work = vec![];
    recreate::greedy(&mut state, &mut dice, &mut work, false);
    anneal(&mut state, &mut dice, &Appetite::default(), watch);
    Ok(finish(&mut state, &mut dice))
}

/// Leaves nothing out that still fits, so that the reasons given for what is left out hold.
fn finish(state: &mut State, dice: &mut Dice) -> Timetable {
    recreate::greedy(state, dice, &mut vec![], false);
    state.timetable()
}

/// Ruins and recreates until the budget is spent, and leaves the best that was seen.
fn anneal(state: &mut State, dice: &mut Dice, appetite: &Appetite, watch: &mut dyn Watch) {
    let problem = state.ground.problem;
    if problem.visits.is_empty() {
        return;
    }
    let (mut work, mut ruined) = (vec![], vec![]);
    let mut best = state.timetable();
    let mut best_cost = state.cost();
    let absences: i64 = state.absent.iter().map(|visit| state.price_of_absence(*visit)).sum();
    let average = (best_cost - absences).max(1) as f64 / problem.visits.len() as f64;
    let (hot, cold) = if problem.costs.per_shift > 0 { WITH_PRICE } else { WITHOUT_PRICE };
    let (hot, cold) = (average * hot, average * cold);
    let mut temperature = hot;
    let mut reported = i64::MAX;
    for iteration in 0.. {
        if iteration % STRIDE == 0 {
            let spent = watch.spent();
            if best_cost < reported {
                reported = best_cost;
                let bill = problem.bill(&best);
                watch.better(&Progress { iterations: iteration, bill, timetable: &best });
            }
            if spent >= 1.0 {
                break;
            }
            temperature = hot * (cold / hot).powf(spent);
        }
        state.mark();
        let before = state.cost();
        ruin::strings(state, dice, appetite, &mut ruined);
        recreate::greedy(state, dice, &mut work, true);
        let bound = before as f64 - temperature * dice.unit().max(f64::MIN_POSITIVE).ln();
        if state.cost() as f64 >= bound {
            state.undo();
        } else if state.cost() < best_cost {
            best_cost = state.cost();
            best = state.timetable();
        }
    }
    *state = State::empty(state.ground);
    state.restore(&best);
}
