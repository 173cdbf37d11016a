//! Solomon's text, also used by Gehring and Homberger. Distances are cut off after one decimal, so
//! everything is counted in tenths; the cost is the distance.

use super::{Format, Instance, Unreadable, tenths};
use crate::problem::{Costs, Matrix, Problem, Shift, Time, Visit};

pub(super) fn read(text: &str) -> Result<Instance, Unreadable> {
    let name = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut rows: Vec<Vec<f64>> = vec![];
    for line in text.lines() {
        let numbers: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
        if let Ok(numbers) = numbers
            && !numbers.is_empty()
        {
            rows.push(numbers);
        }
    }
    let mut rows = rows.into_iter();
    let fleet = rows.next().filter(|row| row.len() == 2);
    let Some([vehicles, capacity]) = fleet.as_deref() else {
        return Err(Unreadable::Content("number and capacity of vehicles are missing".to_owned()));
    };
    let customers: Vec<Vec<f64>> = rows.collect();
    if customers.is_empty() || customers.iter().any(|row| row.len() != 7) {
        return Err(Unreadable::Content("a customer has seven numbers".to_owned()));
    }
    let ten = |value: f64| (value * 10.0) as Time;
    let depot = &customers[0];
    let points: Vec<(f64, f64)> = customers.iter().map(|row| (row[1], row[2])).collect();
    let shift = |vehicle: u32| Shift {
        vehicle,
        day: 0,
        base: 0,
        start: ten(depot[4]),
        end: ten(depot[5]),
        capacity: *capacity as i64,
    };
    let visit = |(index, row): (usize, &Vec<f64>)| Visit {
        place: index as u32,
        duration: ten(row[6]),
        windows: vec![(ten(row[4]), ten(row[5]))],
        demand: row[3] as i64,
        ..Visit::default()
    };
    let problem = Problem {
        day_length: Time::MAX,
        travel: Matrix::of_places(points.len(), |a, b| tenths(points[a], points[b])),
        shifts: (0..*vehicles as u32).map(shift).collect(),
        visits: customers.iter().enumerate().skip(1).map(visit).collect(),
        resources: 0,
        group_gaps: vec![],
        costs: Costs { per_shift: 0, unserved: 1_000_000, waiting: 0, balance: 0, moved: 0 },
    };
    Ok(Instance { format: Format::Solomon, name: name.to_owned(), problem, scale: 10 })
}
