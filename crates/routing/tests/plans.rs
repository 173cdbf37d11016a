//! What the planner promises, on a thousand made-up instances: soluble, tight and impossible ones.

use proptest::prelude::*;
use routing::explain::{self, Reason};
use routing::{
    Attempts, Costs, Matrix, Problem, Search, Shift, Slot, Time, Timetable, Visit, verify,
};

/// A small instance in which everything that the planner knows may occur.
fn problems() -> impl Strategy<Value = Problem> {
    let places = 2..9usize;
    places.prop_flat_map(|places| {
        let travel = proptest::collection::vec((0i32..60, 0i32..60), places);
        let shifts =
            proptest::collection::vec((0u32..3, 0..places as u32, 0i32..400, 60i32..500), 0..5);
        let visit = (
            0..places as u32,
            10i32..120,
            proptest::collection::vec((0i32..3, 0i32..900, 0i32..200), 0..4),
            proptest::collection::vec(0u32..3, 0..3),
            proptest::option::of(0u32..2),
            0u8..3,
            0i64..4,
        );
        let visits = proptest::collection::vec(visit, 0..12);
        let costs = (0i64..200, 0i64..3, 0i64..10);
        (travel, shifts, visits, costs, 0u32..3).prop_map(
            |(points, shifts, visits, (per_shift, waiting, balance), gap)| {
                let far = |a: usize, b: usize| {
                    let (a, b): ((Time, Time), (Time, Time)) = (points[a], points[b]);
                    (a.0 - b.0).abs() + (a.1 - b.1).abs()
                };
                let shift =
                    |(number, (day, base, start, length)): (usize, &(u32, u32, i32, i32))| {
                        let start = *day as Time * 1440 + start;
                        Shift {
                            vehicle: number as u32,
                            day: *day,
                            base: *base,
                            start,
                            end: start + length,
                            capacity: 6,
                        }
                    };
                let shifts: Vec<Shift> = shifts.iter().enumerate().map(shift).collect();
                let visits = visits.into_iter().map(
                    |(place, duration, windows, mut resources, group, priority, demand)| {
                        resources.sort_unstable();
                        resources.dedup();
                        Visit {
                            place,
                            duration,
                            windows: apart(windows),
                            demand,
                            resources,
                            group,
                            priority,
                            locked: None,
                            was: None,
                        }
                    },
                );
                Problem {
                    day_length: 1440,
                    travel: Matrix::of_places(points.len(), far),
                    shifts,
                    visits: visits.collect(),
                    resources: 3,
                    group_gaps: vec![gap; 2],
                    costs: Costs { per_shift, waiting, balance, ..Costs::default() },
                }
            },
        )
    })
}

/// Windows in order, none touching another.
fn apart(spans: Vec<(i32, i32, i32)>) -> Vec<(Time, Time)> {
    let mut windows: Vec<(Time, Time)> = spans
        .into_iter()
        .map(|(day, from, length)| (day * 1440 + from, day * 1440 + from + length))
        .collect();
    windows.sort_unstable();
    let mut kept: Vec<(Time, Time)> = vec![];
    for window in windows {
        if kept.last().is_none_or(|last| last.1 < window.0) {
            kept.push(window);
        }
    }
    kept
}

fn planned(problem: &Problem, seed: u64, attempts: u64) -> Timetable {
    let search = Search { seed, from: None };
    routing::plan(problem, &search, &mut Attempts::of(attempts)).unwrap()
}

/// Whether some place in some route takes a visit that was left out: tried one by one, with the
/// starts of the other shifts as they are, judged by the verifier alone.
fn finds_room(problem: &Problem, timetable: &Timetable, visit: u32) -> Option<u32> {
    for shift in 0..problem.shifts.len() as u32 {
        let route = timetable.routes.iter().find(|route| route.shift == shift);
        let stops: Vec<u32> = route.iter().flat_map(|r| &r.stops).map(|s| s.visit).collect();
        for position in 0..=stops.len() {
            let mut order = stops.clone();
            order.insert(position, visit);
            if let Some(starts) = earliest_starts(problem, timetable, shift, &order) {
                let mut tried = timetable.clone();
                tried.unserved.retain(|other| *other != visit);
                tried.routes.retain(|route| route.shift != shift);
                let stops = order.iter().zip(starts);
                let stops = stops.map(|(visit, start)| routing::Stop { visit: *visit, start });
                tried.routes.push(routing::Route { shift, stops: stops.collect() });
                if verify::timetable(problem, &tried).is_empty() {
                    return Some(shift);
                }
            }
        }
    }
    None
}

/// The earliest starts of a sequence, minute by minute: slow and plain.
fn earliest_starts(
    problem: &Problem,
    timetable: &Timetable,
    shift: u32,
    order: &[u32],
) -> Option<Vec<Time>> {
    let on = &problem.shifts[shift as usize];
    let (mut place, mut clock, mut starts) = (on.base, on.start, vec![]);
    for visit in order {
        let of = &problem.visits[*visit as usize];
        clock += problem.travel.of(place, of.place);
        while clock <= on.end && !free(problem, timetable, shift, *visit, clock) {
            clock += 1;
        }
        if clock > on.end {
            return None;
        }
        starts.push(clock);
        place = of.place;
        clock += of.duration;
    }
    Some(starts)
}

fn free(problem: &Problem, timetable: &Timetable, shift: u32, visit: u32, at: Time) -> bool {
    let of = &problem.visits[visit as usize];
    let others = timetable.routes.iter().filter(|route| route.shift != shift);
    let clashes = others.flat_map(|route| &route.stops).any(|stop| {
        let other = &problem.visits[stop.visit as usize];
        other.resources.iter().any(|resource| of.resources.contains(resource))
            && at < stop.start + other.duration
            && stop.start < at + of.duration
    });
    of.windows.iter().any(|window| window.0 <= at && at <= window.1) && !clashes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_breaks_no_rule_and_its_reasons_are_true(problem in problems(), seed in 0u64..1000) {
        let timetable = planned(&problem, seed, 256);
        prop_assert_eq!(verify::timetable(&problem, &timetable), vec![]);
        for (visit, reason) in explain::all_unserved(&problem, &timetable) {
            let of = &problem.visits[visit as usize];
            // Nowhere in this plan is there room for it.
            prop_assert_eq!(finds_room(&problem, &timetable, visit), None);
            // And what would be possible, were there nothing else to do:
            let nobody = Timetable::default();
            let mut alone = problem.clone();
            alone.visits = vec![Visit { group: None, ..of.clone() }];
            let fits = (0..problem.shifts.len() as u32).filter(|shift| {
                let starts = earliest_starts(&alone, &nobody, *shift, &[0]);
                let on = &problem.shifts[*shift as usize];
                let back = problem.travel.of(of.place, on.base);
                starts.is_some_and(|s| s[0] + of.duration + back <= on.end)
            });
            let fits = fits.count() as u32;
            match reason {
                Reason::NoWindow => prop_assert!(of.windows.is_empty()),
                Reason::NoShift => prop_assert!(!of.windows.is_empty() && fits == 0),
                Reason::Blocked(blocks) => {
                    let by_resource: u32 = blocks.resources.iter().map(|r| r.1).sum();
                    prop_assert_eq!(blocks.shifts, fits);
                    prop_assert_eq!(blocks.open, 0);
                    prop_assert_eq!(
                        by_resource + blocks.together + blocks.full + blocks.spacing
                            + blocks.capacity,
                        blocks.shifts
                    );
                    for (resource, _) in &blocks.resources {
                        prop_assert!(of.resources.contains(resource));
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan(problem in problems(), seed in 0u64..1000) {
        prop_assert_eq!(planned(&problem, seed, 128), planned(&problem, seed, 128));
    }

    #[test]
    fn what_is_locked_stays_and_what_is_repaired_breaks_no_rule(
        problem in problems(), seed in 0u64..1000, locks in any::<u16>(), lost in 0u32..5,
    ) {
        let before = planned(&problem, seed, 128);
        let mut after = problem.clone();
        for (visit, slot) in before.slots(problem.visits.len()).into_iter().enumerate() {
            if locks >> (visit % 16) & 1 == 1 {
                after.visits[visit].locked = slot;
            }
        }
        let held = |timetable: &Timetable| timetable.slots(problem.visits.len());
        let repaired = routing::repair(&after, &before, seed, &mut Attempts::of(128)).unwrap();
        prop_assert_eq!(verify::timetable(&after, &repaired), vec![]);
        // Nothing changed, so nothing moves, unless that lets another be held.
        let kept = held(&before).into_iter().zip(held(&repaired));
        let gained = repaired.unserved.len() < before.unserved.len();
        prop_assert!(gained || kept.clone().all(|(old, new)| old == new));
        // A day is lost for all that is not locked: what stood on other days may stay.
        let mut cancelled = problem.clone();
        for visit in &mut cancelled.visits {
            visit.windows.retain(|window| window.0 / 1440 != lost as Time);
        }
        let repaired = routing::repair(&cancelled, &before, seed, &mut Attempts::of(128)).unwrap();
        prop_assert_eq!(verify::timetable(&cancelled, &repaired), vec![]);
    }
}

/// Two hamlets share the one team of their commune, and two vehicles could be there at once.
#[test]
fn a_team_is_not_sent_to_two_hamlets_at_once() {
    let visit = |place| Visit {
        place,
        duration: 60,
        windows: vec![(600, 640)],
        resources: vec![0],
        ..Visit::default()
    };
    let shift =
        |vehicle| Shift { vehicle, day: 0, base: 0, start: 480, end: 1200, capacity: i64::MAX };
    let problem = Problem {
        day_length: 1440,
        travel: Matrix::of_places(3, |a, b| if a == b { 0 } else { 10 }),
        shifts: vec![shift(0), shift(1)],
        visits: vec![visit(1), visit(2)],
        resources: 1,
        group_gaps: vec![],
        costs: Costs::default(),
    };
    let timetable = planned(&problem, 1, 128);
    assert_eq!(timetable.unserved.len(), 1);
    let Reason::Blocked(blocks) = explain::unserved(&problem, &timetable, timetable.unserved[0])
    else {
        panic!("it could be held, were the team free");
    };
    // In the vehicle that already serves the other hamlet there is no time either way.
    assert_eq!((blocks.resources, blocks.full), (vec![(0, 1)], 1));
    // Were there two teams, both would be held.
    let mut two = problem.clone();
    two.resources = 2;
    two.visits[1].resources = vec![1];
    assert!(planned(&two, 1, 128).unserved.is_empty());
}

/// The promise on re-planning, on a district: one day lost, at most five other sessions move.
#[test]
fn a_lost_sunday_moves_few_others() {
    let problem = routing::generate::outreach(routing::generate::Wish::district(7));
    let before = planned(&problem, 7, 4_000);
    assert!(before.unserved.is_empty());
    let slots = before.slots(problem.visits.len());
    let busiest = (0..64u32)
        .filter(|day| day % 7 == 6)
        .max_by_key(|day| slots.iter().flatten().filter(|s| s.start / 1440 == *day as Time).count())
        .unwrap();
    let mut after = problem.clone();
    for visit in &mut after.visits {
        visit.windows.retain(|window| window.0 / 1440 != busiest as Time);
    }
    let repaired = routing::repair(&after, &before, 7, &mut Attempts::of(2_000)).unwrap();
    assert_eq!(verify::timetable(&after, &repaired), vec![]);
    assert!(repaired.unserved.is_empty());
    let moved = |old: &Option<Slot>, new: &Option<Slot>| {
        old != new && old.is_some_and(|slot| slot.start / 1440 != busiest as Time)
    };
    let now = repaired.slots(problem.visits.len());
    let others = slots.iter().zip(&now).filter(|(old, new)| moved(old, new)).count();
    assert!(others <= 5, "{others} sessions of other days moved");
}
