//! Instances and solutions read once more, by other code than `formats`, straight into the rules.

use serde_json::Value;

use super::{Broken, Claimed, Rules, Wanted, Working};

/// What a file of a solution amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub broken: Vec<Broken>,
    /// Cost in the units of the instance.
    pub cost: String,
    pub routes: usize,
    pub held: usize,
    pub left_out: usize,
}

/// A file that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unverifiable(String);

fn bad<V>(what: &str) -> Result<V, Unverifiable> {
    Err(Unverifiable(what.to_owned()))
}

/// Judges a solution against its instance, both as they stand in their files. Teams may be left out
/// of account, as in comparisons with solvers that know none.
///
/// # Errors
/// Where one of the files is not of a known format.
pub fn files(instance: &str, solution: &str, ignore_teams: bool) -> Result<Report, Unverifiable> {
    if instance.trim_start().starts_with('{') {
        let value: Value = parse(instance)?;
        return match value["format"].as_str() {
            Some("outreach-plan-1") => outreach(&value, solution, ignore_teams),
            Some("lantoa-plan-1") => own(&value, solution, ignore_teams),
            _ => bad("instance: unknown format"),
        };
    }
    classic(instance, solution)
}

fn parse(text: &str) -> Result<Value, Unverifiable> {
    serde_json::from_str(text).map_err(|e| Unverifiable(e.to_string()))
}

fn int(value: &Value) -> Result<i64, Unverifiable> {
    value.as_i64().ok_or_else(|| Unverifiable(format!("a whole number instead of {value}")))
}

fn real(value: &Value) -> Result<f64, Unverifiable> {
    value.as_f64().ok_or_else(|| Unverifiable(format!("a number instead of {value}")))
}

fn list(value: &Value) -> Result<&Vec<Value>, Unverifiable> {
    value.as_array().ok_or_else(|| Unverifiable(format!("a list instead of {value}")))
}

fn windows(value: &Value) -> Result<Vec<(i64, i64)>, Unverifiable> {
    list(value)?.iter().map(|w| Ok((int(&w[0])?, int(&w[1])?))).collect()
}

/// The rules of `outreach-plan-1`: one shift for every vehicle and day.
fn outreach(file: &Value, solution: &str, ignore: bool) -> Result<Report, Unverifiable> {
    let days = int(&file["days"])?;
    let bases = list(&file["bases"])?;
    let mut points = vec![];
    for point in bases.iter().chain(list(&file["sessions"])?) {
        points.push((real(&point["x"])?, real(&point["y"])?));
    }
    let mut rules = Rules { day_length: 1440, ..Rules::default() };
    for from in &points {
        let mut row = vec![];
        for to in &points {
            let (across, up): (f64, f64) = (from.0 - to.0, from.1 - to.1);
            let km = (across * across + up * up).sqrt();
            let same = across.abs() + up.abs() == 0.0;
            row.push(if same { 0 } else { (2.0 + 1.35 * km / 28.0 * 60.0).ceil() as i64 });
        }
        rules.travel.push(row);
    }
    for (vehicle, of) in list(&file["vehicles"])?.iter().enumerate() {
        for day in 0..days {
            rules.shifts.push(Working {
                vehicle,
                base: int(&of["base"])? as usize,
                start: day * 1440 + int(&of["day_start"])?,
                end: day * 1440 + int(&of["day_end"])?,
                capacity: i64::MAX,
            });
        }
    }
    for (index, session) in list(&file["sessions"])?.iter().enumerate() {
        let team = int(&session["commune"])? as usize;
        rules.visits.push(Wanted {
            place: bases.len() + index,
            duration: int(&session["minutes"])?,
            windows: windows(&session["start_windows"])?,
            demand: 0,
            resources: if ignore { vec![] } else { vec![team] },
            group: None,
            locked: None,
        });
    }
    let shift_of = |vehicle: i64, day: i64| {
        let sound = (0..days).contains(&day) && vehicle >= 0;
        sound.then_some((vehicle * days + day) as usize)
    };
    // Every session is to be held: none may be left out.
    judge_json(&rules, solution, 90, shift_of, false)
}

/// The rules of a problem written as JSON.
fn own(file: &Value, solution: &str, ignore: bool) -> Result<Report, Unverifiable> {
    let problem = &file["problem"];
    let size = int(&problem["travel"]["size"])? as usize;
    let mut rules = Rules { day_length: int(&problem["day_length"])?, ..Rules::default() };
    let times: Result<Vec<i64>, _> = list(&problem["travel"]["times"])?.iter().map(int).collect();
    rules.travel = times?.chunks(size.max(1)).map(<[i64]>::to_vec).collect();
    let mut days = vec![];
    for shift in list(&problem["shifts"])? {
        days.push((int(&shift["vehicle"])?, int(&shift["day"])?));
        rules.shifts.push(Working {
            vehicle: int(&shift["vehicle"])? as usize,
            base: int(&shift["base"])? as usize,
            start: int(&shift["start"])?,
            end: int(&shift["end"])?,
            capacity: int(&shift["capacity"])?,
        });
    }
    for visit in list(&problem["visits"])? {
        let resources: Result<Vec<i64>, _> =
            visit["resources"].as_array().into_iter().flatten().map(int).collect();
        let locked = &visit["locked"];
        let locked = if locked.is_null() {
            None
        } else {
            Some((int(&locked["shift"])? as usize, int(&locked["start"])?))
        };
        rules.visits.push(Wanted {
            place: int(&visit["place"])? as usize,
            duration: int(&visit["duration"])?,
            windows: windows(&visit["windows"])?,
            demand: visit["demand"].as_i64().unwrap_or(0),
            resources: resources?.into_iter().filter(|_| !ignore).map(|r| r as usize).collect(),
            group: visit["group"].as_i64().map(|group| group as usize),
            locked,
        });
    }
    let gaps: Result<Vec<i64>, _> =
        problem["group_gaps"].as_array().into_iter().flatten().map(int).collect();
    rules.gaps = gaps?;
    let per_shift = problem["costs"]["per_shift"].as_i64().unwrap_or(90);
    let shift_of = |vehicle: i64, day: i64| days.iter().position(|known| *known == (vehicle, day));
    judge_json(&rules, solution, per_shift, shift_of, true)
}

fn judge_json(
    rules: &Rules,
    solution: &str,
    per_shift: i64,
    shift_of: impl Fn(i64, i64) -> Option<usize>,
    may_leave_out: bool,
) -> Result<Report, Unverifiable> {
    let solution = parse(solution)?;
    if solution["format"] != "outreach-solution-1" {
        return bad("solution: not outreach-solution-1");
    }
    let mut routes: Vec<Claimed> = vec![];
    for route in list(&solution["routes"])? {
        let (vehicle, day) = (int(&route["vehicle"])?, int(&route["day"])?);
        let Some(shift) = route["shift"].as_i64().map(|s| s as usize).or(shift_of(vehicle, day))
        else {
            return Err(Unverifiable(format!("no shift of vehicle {vehicle} on day {day}")));
        };
        let stops: Result<Vec<_>, Unverifiable> = list(&route["stops"])?
            .iter()
            .map(|stop| Ok((int(&stop["session"])? as usize, int(&stop["start"])?)))
            .collect();
        routes.push((shift, stops?));
    }
    let admitted: Result<Vec<i64>, _> =
        solution["unserved"].as_array().into_iter().flatten().map(int).collect();
    let admitted: Vec<usize> = admitted?.into_iter().map(|visit| visit as usize).collect();
    let left_out = if may_leave_out { admitted.clone() } else { vec![] };
    let mut report = judge(rules, &routes, &left_out);
    if routes.iter().all(|route| route.0 < rules.shifts.len()) {
        let counted = rules.travel_of(&routes) + per_shift * routes.len() as i64;
        report.cost = counted.to_string();
        if let Some(stated) = solution["cost"].as_i64().filter(|stated| *stated != counted) {
            let (stated, counted) = (stated.to_string(), counted.to_string());
            report.broken.push(Broken::Cost { stated, counted });
        }
    }
    report.left_out = admitted.len();
    Ok(report)
}

fn judge(rules: &Rules, routes: &[Claimed], left_out: &[usize]) -> Report {
    Report {
        broken: rules.broken_by(routes, left_out),
        cost: String::new(),
        routes: routes.len(),
        held: routes.iter().map(|route| route.1.len()).sum(),
        left_out: left_out.len(),
    }
}

/// Classic instances: a customer line each, one shift per vehicle, starts as early as possible.
fn classic(instance: &str, solution: &str) -> Result<Report, Unverifiable> {
    let (mut rules, scale) =
        if instance.contains("EDGE_WEIGHT_TYPE") { vrplib(instance)? } else { solomon(instance)? };
    let (mut routes, mut stated) = (vec![], None);
    for line in solution.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(cost) = line.strip_prefix("Cost") {
            stated = Some(cost.trim().to_owned());
            continue;
        }
        let stops = line.split_once(':').map_or(line, |parts| parts.1);
        let visits: Result<Vec<usize>, _> = stops.split_whitespace().map(str::parse).collect();
        let Ok(visits) = visits else { return bad("solution: a route is a line of numbers") };
        routes.push(visits);
    }
    // A solution may use fewer or more vehicles than the fleet has: more is broken.
    let fleet = rules.shifts.len();
    let mut claimed: Vec<Claimed> = vec![];
    for (shift, visits) in routes.iter().enumerate() {
        if visits.iter().any(|visit| *visit == 0 || *visit > rules.visits.len()) {
            return bad("solution: a customer that the instance does not have");
        }
        let on = &rules.shifts[shift.min(fleet - 1)];
        let (mut place, mut clock) = (on.base, on.start);
        let mut stops = vec![];
        for visit in visits.iter().map(|visit| visit - 1) {
            let wanted = &rules.visits[visit];
            let reached = clock + rules.travel[place][wanted.place];
            let opens = wanted.windows.first().map_or(reached, |window| window.0);
            stops.push((visit, reached.max(opens)));
            place = wanted.place;
            clock = reached.max(opens) + wanted.duration;
        }
        claimed.push((shift, stops));
    }
    // Every vehicle of a classic fleet is another one.
    for (vehicle, shift) in rules.shifts.iter_mut().enumerate() {
        shift.vehicle = vehicle;
    }
    let mut report = judge(&rules, &claimed, &[]);
    if claimed.len() <= fleet {
        let counted = rules.travel_of(&claimed);
        let counted = match scale {
            1 => counted.to_string(),
            _ => format!("{}.{}", counted / 10, counted % 10),
        };
        if let Some(stated) = stated.filter(|stated| *stated != counted) {
            report.broken.push(Broken::Cost { stated, counted: counted.clone() });
        }
        report.cost = counted;
    }
    Ok(report)
}

/// Whole tenths of a distance, cut off.
fn cut(a: (f64, f64), b: (f64, f64)) -> i64 {
    let square = (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1);
    // The largest whole number of tenths whose square does not exceed it.
    let mut tenths = (square.sqrt() * 10.0) as i64;
    let fits = |tenths: i64| (tenths * tenths) as f64 <= square * 100.0;
    while !fits(tenths) {
        tenths -= 1;
    }
    while fits(tenths + 1) {
        tenths += 1;
    }
    tenths
}

fn solomon(text: &str) -> Result<(Rules, i64), Unverifiable> {
    let words: Vec<f64> = text
        .split_whitespace()
        .skip_while(|word| *word != "CAPACITY")
        .filter_map(|word| word.parse().ok())
        .collect();
    if words.len() < 9 || !(words.len() - 2).is_multiple_of(7) {
        return bad("instance: not Solomon's layout");
    }
    let nodes: Vec<&[f64]> = words[2..].chunks(7).collect();
    let at = |node: &[f64]| (node[1], node[2]);
    let mut rules = Rules { day_length: i64::MAX, ..Rules::default() };
    for from in &nodes {
        rules.travel.push(nodes.iter().map(|to| cut(at(from), at(to))).collect());
    }
    for vehicle in 0..words[0] as usize {
        rules.shifts.push(Working {
            vehicle,
            base: 0,
            start: (nodes[0][4] * 10.0) as i64,
            end: (nodes[0][5] * 10.0) as i64,
            capacity: words[1] as i64,
        });
    }
    for (place, node) in nodes.iter().enumerate().skip(1) {
        rules.visits.push(Wanted {
            place,
            duration: (node[6] * 10.0) as i64,
            windows: vec![((node[4] * 10.0) as i64, (node[5] * 10.0) as i64)],
            demand: node[3] as i64,
            resources: vec![],
            group: None,
            locked: None,
        });
    }
    Ok((rules, 10))
}

/// The numbers of a VRPLIB section, in one row.
fn section(text: &str, name: &str) -> Vec<f64> {
    text.lines()
        .skip_while(|line| line.trim() != name)
        .skip(1)
        .take_while(|line| !line.trim().starts_with(|c: char| c.is_alphabetic()))
        .flat_map(str::split_whitespace)
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn vrplib(text: &str) -> Result<(Rules, i64), Unverifiable> {
    let head = |key: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    };
    let number = |key: &str| head(key).and_then(|value| value.parse::<i64>().ok());
    let (Some(size), Some(capacity)) = (number("DIMENSION"), number("CAPACITY")) else {
        return bad("instance: DIMENSION and CAPACITY are missing");
    };
    let size = size as usize;
    let spans = section(text, "TIME_WINDOW_SECTION");
    let timed = spans.len() == size * 3;
    let coordinates = section(text, "NODE_COORD_SECTION");
    let weights = section(text, "EDGE_WEIGHT_SECTION");
    let demands = section(text, "DEMAND_SECTION");
    if demands.len() != size * 2 || (coordinates.len() != size * 3 && weights.is_empty()) {
        return bad("instance: a section is incomplete");
    }
    let explicit = |a: usize, b: usize| match (a == b, weights.len() == size * size) {
        (true, _) => 0,
        (_, true) => weights[a * size + b] as i64,
        _ => weights[a.max(b) * (a.max(b) - 1) / 2 + a.min(b)] as i64,
    };
    let plane = |a: usize, b: usize| {
        let at = |node: usize| (coordinates[node * 3 + 1], coordinates[node * 3 + 2]);
        let (a, b) = (at(a), at(b));
        let rounded = ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt().round() as i64;
        if timed { cut(a, b) } else { rounded }
    };
    let is_plane = head("EDGE_WEIGHT_TYPE") == Some("EUC_2D");
    let way = |a, b| if is_plane { plane(a, b) } else { explicit(a, b) };
    let scale = if timed { 10 } else { 1 };
    let span = |node: usize| {
        if timed {
            ((spans[node * 3 + 1] * 10.0) as i64, (spans[node * 3 + 2] * 10.0) as i64)
        } else {
            (0, i64::MAX / 4)
        }
    };
    let services = section(text, "SERVICE_TIME_SECTION");
    let same = number("SERVICE_TIME").unwrap_or(0);
    let service = |node: usize| {
        if services.len() == size * 2 {
            (services[node * 2 + 1] * scale as f64) as i64
        } else {
            same * scale
        }
    };
    let fleet = number("VEHICLES").unwrap_or(size as i64 - 1);
    let mut rules = Rules { day_length: i64::MAX, ..Rules::default() };
    rules.travel = (0..size).map(|a| (0..size).map(|b| way(a, b)).collect()).collect();
    for vehicle in 0..fleet as usize {
        let (start, end) = span(0);
        rules.shifts.push(Working { vehicle, base: 0, start, end, capacity });
    }
    for place in 1..size {
        rules.visits.push(Wanted {
            place,
            duration: service(place),
            windows: vec![span(place)],
            demand: demands[place * 2 + 1] as i64,
            resources: vec![],
            group: None,
            locked: None,
        });
    }
    Ok((rules, scale))
}
