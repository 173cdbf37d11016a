//! `outreach-plan-1`: see `bench/instances/README.md` for its rules.

use serde::{Deserialize, Serialize};

use super::{Format, Instance, Unreadable, json};
use crate::problem::{Costs, Matrix, Problem, Shift, Time, Timetable, Visit};

const DAY: Time = 1440;

#[derive(Deserialize)]
struct File {
    days: u32,
    communes: Vec<Point>,
    bases: Vec<Point>,
    vehicles: Vec<Vehicle>,
    sessions: Vec<Session>,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Deserialize)]
struct Vehicle {
    base: usize,
    day_start: Time,
    day_end: Time,
}

#[derive(Deserialize)]
struct Session {
    commune: u32,
    x: f64,
    y: f64,
    minutes: Time,
    start_windows: Vec<(Time, Time)>,
}

/// Minutes between two points: 2 minutes to park, 1.35 times the straight line at 28 km/h.
fn minutes(a: (f64, f64), b: (f64, f64)) -> Time {
    let km = ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt();
    if km == 0.0 { 0 } else { (2.0 + 1.35 * km / 28.0 * 60.0).ceil() as Time }
}

pub(super) fn read(text: &str) -> Result<Instance, Unreadable> {
    let file: File = serde_json::from_str(text).map_err(json)?;
    let mut points: Vec<(f64, f64)> = file.bases.iter().map(|base| (base.x, base.y)).collect();
    points.extend(file.sessions.iter().map(|session| (session.x, session.y)));
    let mut shifts = vec![];
    for (number, vehicle) in file.vehicles.iter().enumerate() {
        if vehicle.base >= file.bases.len() {
            return Err(Unreadable::Content(format!("vehicle {number}: no such base")));
        }
        for day in 0..file.days {
            shifts.push(Shift {
                vehicle: number as u32,
                day,
                base: vehicle.base as u32,
                start: day as Time * DAY + vehicle.day_start,
                end: day as Time * DAY + vehicle.day_end,
                capacity: i64::MAX,
            });
        }
    }
    let visit = |(index, session): (usize, &Session)| {
        let mut windows = session.start_windows.clone();
        windows.sort_unstable();
        Visit {
            place: (file.bases.len() + index) as u32,
            duration: session.minutes,
            windows,
            resources: vec![session.commune],
            ..Visit::default()
        }
    };
    let problem = Problem {
        day_length: DAY,
        travel: Matrix::of_places(points.len(), |a, b| minutes(points[a], points[b])),
        visits: file.sessions.iter().enumerate().map(visit).collect(),
        shifts,
        resources: file.communes.len() as u32,
        group_gaps: vec![],
        costs: Costs::default(),
    };
    let name = format!("outreach seed {}", file.seed);
    Ok(Instance { format: Format::Outreach, name, problem, scale: 1 })
}

#[derive(Serialize)]
struct Solution {
    format: &'static str,
    cost: i64,
    routes: Vec<RouteOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unserved: Vec<u32>,
}

#[derive(Serialize)]
struct RouteOut {
    vehicle: u32,
    /// Where a vehicle may have several shifts on a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<u32>,
    day: u32,
    stops: Vec<StopOut>,
}

#[derive(Serialize)]
struct StopOut {
    session: u32,
    start: Time,
}

/// `outreach-solution-1`. The cost is what the served sessions take.
pub(super) fn write(problem: &Problem, timetable: &Timetable, with_shifts: bool) -> String {
    let bill = problem.bill(timetable);
    let routes = timetable.routes.iter().map(|route| {
        let shift = &problem.shifts[route.shift as usize];
        let stops = route.stops.iter();
        RouteOut {
            vehicle: shift.vehicle,
            shift: with_shifts.then_some(route.shift),
            day: shift.day,
            stops: stops.map(|s| StopOut { session: s.visit, start: s.start }).collect(),
        }
    });
    let solution = Solution {
        format: "outreach-solution-1",
        cost: bill.travel + problem.costs.per_shift * bill.shifts,
        routes: routes.collect(),
        unserved: timetable.unserved.clone(),
    };
    serde_json::to_string(&solution).unwrap_or_default()
}
