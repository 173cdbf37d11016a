//! VRPLIB: capacitated routing (`EUC_2D` rounded to whole numbers as TSPLIB asks, or `EXPLICIT`
//! weights), and with time windows (`EUC_2D` cut off after one decimal, counted in tenths, as in the
//! 12th DIMACS challenge). The cost is the distance.

use std::collections::HashMap;

use super::{Format, Instance, Unreadable, tenths};
use crate::problem::{Costs, Matrix, Problem, Shift, Time, Visit};

#[derive(Default)]
struct File {
    heads: HashMap<String, String>,
    sections: HashMap<String, Vec<Vec<f64>>>,
}

fn split(text: &str) -> Result<File, Unreadable> {
    let mut file = File::default();
    let mut section: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line == "EOF" {
            continue;
        }
        if let Some((key, value)) = line.split_once(':') {
            file.heads.insert(key.trim().to_uppercase(), value.trim().to_owned());
            section = None;
        } else if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            section = Some(line.to_uppercase());
            file.sections.entry(line.to_uppercase()).or_default();
        } else {
            let numbers: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
            let (Ok(numbers), Some(name)) = (numbers, &section) else {
                let what = "numbers of a section are expected".to_owned();
                return Err(Unreadable::Line { line: index + 1, what });
            };
            file.sections.entry(name.clone()).or_default().push(numbers);
        }
    }
    Ok(file)
}

impl File {
    fn head(&self, key: &str) -> Option<&str> {
        self.heads.get(key).map(String::as_str)
    }

    fn number(&self, key: &str) -> Result<i64, Unreadable> {
        let value = self.head(key).and_then(|text| text.parse().ok());
        value.ok_or_else(|| Unreadable::Content(format!("{key} is missing or no number")))
    }

    /// Rows of a section that begin with the number of a node, in the order of nodes.
    fn rows(&self, name: &str, width: usize, size: usize) -> Result<Vec<&[f64]>, Unreadable> {
        let section = self.sections.get(name);
        let rows = section.ok_or_else(|| Unreadable::Content(format!("{name} is missing")))?;
        let sound = rows.len() == size
            && rows.iter().enumerate().all(|(i, r)| r.len() == width && r[0] as usize == i + 1);
        if !sound {
            return Err(Unreadable::Content(format!("{name}: {size} rows of {width} numbers")));
        }
        Ok(rows.iter().map(|row| &row[1..]).collect())
    }
}

pub(super) fn read(text: &str) -> Result<Instance, Unreadable> {
    let file = split(text)?;
    let size = file.number("DIMENSION")? as usize;
    let timed = file.sections.contains_key("TIME_WINDOW_SECTION");
    let scale = if timed { 10 } else { 1 };
    let travel = travel(&file, size, timed)?;
    let capacity = file.number("CAPACITY")?;
    let demands = file.rows("DEMAND_SECTION", 2, size)?;
    let windows = if timed { Some(file.rows("TIME_WINDOW_SECTION", 3, size)?) } else { None };
    let services = if file.sections.contains_key("SERVICE_TIME_SECTION") {
        Some(file.rows("SERVICE_TIME_SECTION", 2, size)?)
    } else {
        None
    };
    let same_service = file.number("SERVICE_TIME").unwrap_or(0);
    if file.sections.get("DEPOT_SECTION").is_some_and(|d| d.first() != Some(&vec![1.0])) {
        return Err(Unreadable::Content("the depot must be node 1".to_owned()));
    }
    let horizon = Time::MAX / 4;
    let window = |node: usize| match &windows {
        Some(rows) => ((rows[node][0] * 10.0) as Time, (rows[node][1] * 10.0) as Time),
        None => (0, horizon),
    };
    let total: i64 = demands.iter().map(|row| row[0] as i64).sum();
    // Where no number of vehicles is given: half as many again as the loads need, and ten.
    let needed = (total + capacity - 1) / capacity.max(1);
    let vehicles = file.number("VEHICLES").unwrap_or((needed * 3 / 2 + 10).min(size as i64 - 1));
    let shift = |vehicle: u32| Shift {
        vehicle,
        day: 0,
        base: 0,
        start: window(0).0,
        end: window(0).1,
        capacity,
    };
    let visit = |node: usize| Visit {
        place: node as u32,
        duration: match &services {
            Some(rows) => (rows[node][0] * f64::from(scale)) as Time,
            None => same_service as Time * scale,
        },
        windows: vec![window(node)],
        demand: demands[node][0] as i64,
        ..Visit::default()
    };
    let problem = Problem {
        day_length: Time::MAX,
        travel,
        shifts: (0..vehicles as u32).map(shift).collect(),
        visits: (1..size).map(visit).collect(),
        resources: 0,
        group_gaps: vec![],
        costs: Costs { per_shift: 0, unserved: 1_000_000_000, waiting: 0, balance: 0, moved: 0 },
    };
    let name = file.head("NAME").unwrap_or_default().to_owned();
    Ok(Instance { format: Format::Vrplib, name, problem, scale })
}

fn travel(file: &File, size: usize, timed: bool) -> Result<Matrix, Unreadable> {
    match file.head("EDGE_WEIGHT_TYPE") {
        Some("EUC_2D") => {
            let rows = file.rows("NODE_COORD_SECTION", 3, size)?;
            let points: Vec<(f64, f64)> = rows.iter().map(|row| (row[0], row[1])).collect();
            Ok(Matrix::of_places(size, |a, b| {
                let (a, b) = (points[a], points[b]);
                if timed {
                    tenths(a, b)
                } else {
                    ((a.0 - b.0).hypot(a.1 - b.1) + 0.5).floor() as Time
                }
            }))
        }
        Some("EXPLICIT") => {
            let section = file.sections.get("EDGE_WEIGHT_SECTION");
            let all: Vec<f64> = section.into_iter().flatten().flatten().copied().collect();
            match file.head("EDGE_WEIGHT_FORMAT") {
                Some("FULL_MATRIX") if all.len() == size * size => {
                    Ok(Matrix::of_places(size, |a, b| all[a * size + b] as Time))
                }
                Some("LOWER_ROW") if all.len() == size * (size - 1) / 2 => {
                    Ok(Matrix::of_places(size, |a, b| {
                        let (low, high) = (a.min(b), a.max(b));
                        if a == b { 0 } else { all[high * (high - 1) / 2 + low] as Time }
                    }))
                }
                _ => Err(Unreadable::Content(
                    "EDGE_WEIGHT_FORMAT: FULL_MATRIX or LOWER_ROW, with all its numbers".to_owned(),
                )),
            }
        }
        _ => Err(Unreadable::Content("EDGE_WEIGHT_TYPE: EUC_2D or EXPLICIT".to_owned())),
    }
}
