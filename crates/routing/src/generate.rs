//! Made-up instances for tests and benchmarks, the same for the same seed: communes with hamlets
//! around them, vehicles with bases, sessions with hours by the day of the week. Plausible, never
//! real: nothing in it names a place.

use crate::problem::{Costs, Matrix, Problem, Shift, Time, Visit};
use crate::search::Dice;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub seed: u64,
    pub communes: usize,
    /// Hamlets of each commune, at least and at most.
    pub hamlets: (usize, usize),
    pub vehicles: usize,
    pub days: usize,
    /// Side of the square it lies in, km.
    pub side: f64,
}

impl Wish {
    /// A district like Vụ Bản in size: 18 communes of 9 to 12 hamlets, 4 vehicles, 64 days.
    pub fn district(seed: u64) -> Self {
        Self { seed, communes: 18, hamlets: (9, 12), vehicles: 4, days: 64, side: 20.0 }
    }

    /// A province of 129 communes and about 2,600 hamlets, 32 vehicles, 64 days.
    pub fn province(seed: u64) -> Self {
        Self { seed, communes: 129, hamlets: (18, 22), vehicles: 32, days: 64, side: 70.0 }
    }
}

const DAY: Time = 1440;

/// Minutes between two points in km: the rule of `outreach-plan-1`.
fn minutes(a: (f64, f64), b: (f64, f64)) -> Time {
    let km = (a.0 - b.0).hypot(a.1 - b.1);
    if km == 0.0 { 0 } else { (2.0 + 1.35 * km / 28.0 * 60.0).ceil() as Time }
}

/// Makes an instance: one session in every hamlet, its commune's team as host, the hours that suit
/// the commune's market and school days.
pub fn outreach(wish: Wish) -> Problem {
    let mut dice = Dice::new(wish.seed);
    let spot = |dice: &mut Dice, around: (f64, f64), reach: f64| {
        let turn = dice.unit() * std::f64::consts::TAU;
        let far = reach * dice.unit().sqrt();
        (around.0 + far * turn.cos(), around.1 + far * turn.sin())
    };
    let bases = (wish.communes / 9).max(1);
    let anywhere = |dice: &mut Dice| (dice.unit() * wish.side, dice.unit() * wish.side);
    let mut points: Vec<(f64, f64)> = (0..bases).map(|_| anywhere(&mut dice)).collect();
    let mut visits = vec![];
    for commune in 0..wish.communes {
        let centre = anywhere(&mut dice);
        // Evenings on some days of the week, mornings and afternoons at the weekend.
        let evenings: Vec<bool> = (0..7).map(|_| dice.chance(0.55)).collect();
        let count = wish.hamlets.0 + dice.below(wish.hamlets.1 - wish.hamlets.0 + 1);
        for _ in 0..count {
            let duration = 60 + 15 * dice.below(3) as Time;
            let mut windows = vec![];
            for day in 0..wish.days as Time {
                let weekday = (day % 7) as usize;
                let mut open = |from: Time, to: Time| {
                    windows.push((day * DAY + from, day * DAY + to - duration));
                };
                if weekday >= 5 {
                    open(7 * 60 + 30, 11 * 60);
                    open(14 * 60, 17 * 60);
                }
                if evenings[weekday] {
                    open(18 * 60 + 30, 21 * 60);
                }
            }
            visits.push(Visit {
                place: points.len() as u32,
                duration,
                windows,
                resources: vec![commune as u32],
                priority: u8::from(dice.chance(0.1)),
                ..Visit::default()
            });
            points.push(spot(&mut dice, centre, 2.5));
        }
    }
    let shift = |number: usize| {
        let (vehicle, day) = (number / wish.days, (number % wish.days) as Time);
        Shift {
            vehicle: vehicle as u32,
            day: day as u32,
            base: (vehicle % bases) as u32,
            start: day * DAY + 390,
            end: day * DAY + 1320,
            capacity: i64::MAX,
        }
    };
    Problem {
        day_length: DAY,
        travel: Matrix::of_places(points.len(), |a, b| minutes(points[a], points[b])),
        shifts: (0..wish.vehicles * wish.days).map(shift).collect(),
        visits,
        resources: wish.communes as u32,
        group_gaps: vec![],
        costs: Costs::default(),
    }
}
