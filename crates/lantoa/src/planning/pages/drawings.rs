//! Plans drawn as SVG: a calendar of days, bars by vehicle or team, the roads of a day, the fall
//! of the cost.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;
use routing::Timetable;

use super::super::ground::{Ground, Held};
use super::super::travel::Point;
use super::words;
use crate::foundation::{T, clock};
use crate::units::map;

/// Text as it may stand in a drawing.
fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The fall of the cost over time, as a line with its end named.
pub fn course(t: T, course: &[(i64, i64)]) -> String {
    const WIDTH: f64 = 600.0;
    const HEIGHT: f64 = 120.0;
    // The first plans may leave many out: what they cost would flatten the rest of the line.
    let Some(last) = course.last() else { return String::new() };
    let most = course.iter().map(|point| point.1).max().unwrap_or(1);
    let (span, least) = (last.0.max(1) as f64, last.1);
    let height = ((most - least).max(1)) as f64;
    let mut line = String::new();
    for (index, (at, cost)) in course.iter().enumerate() {
        let x = *at as f64 / span * WIDTH;
        let y = HEIGHT - (*cost - least) as f64 / height * (HEIGHT - 10.0);
        let step = if index == 0 { format!("M0 {y:.1}L") } else { "L".to_owned() };
        let _ = write!(line, "{step}{x:.1} {y:.1}");
    }
    let label = t.with2(
        "plan-course-label",
        "from",
        vietnamese::number(most),
        "to",
        vietnamese::number(least),
    );
    format!(
        r#"<svg class="course" viewBox="0 -4 600 132" role="img" aria-label="{}"><path d="{line}"/></svg>"#,
        safe(&label)
    )
}

/// The months of a plan, each day with its number of sessions, leading to that day's list.
pub fn calendar(t: T, ground: &Ground, held: &[Option<Held>], href: &str) -> String {
    const CELL: i32 = 84;
    const ROW: i32 = 58;
    let counts = |day: Date| held.iter().flatten().filter(|held| held.day == day).count();
    let first = clock::monday(ground.first);
    let last = ground.date(ground.days.saturating_sub(1));
    let weeks = (last - first).get_days() / 7 + 1;
    let mut svg = format!(
        r#"<svg class="plan-calendar" viewBox="0 0 {} {}" role="group" aria-label="{}">"#,
        CELL * 7 + 2,
        ROW * weeks + 26,
        safe(&t.get("plan-view-calendar"))
    );
    for weekday in 0..7 {
        let x = CELL * weekday + CELL / 2;
        let name = words::weekday_short(weekday as usize);
        let _ = write!(svg, r#"<text class="head" x="{x}" y="16">{name}</text>"#);
    }
    for number in 0..weeks * 7 {
        let day = first.checked_add(number.days()).unwrap_or(first);
        let (x, y) = (CELL * (number % 7) + 1, ROW * (number / 7) + 24);
        let outside = day < ground.first || day > last;
        let count = counts(day);
        let class = match count {
            _ if outside => "outside",
            0 => "none",
            1..=2 => "few",
            3..=6 => "some",
            _ => "many",
        };
        let label = t.with2("plan-day-sessions", "day", words::day(day), "count", count);
        let inner = format!(
            r#"<rect class="day {class}" x="{x}" y="{y}" width="{}" height="{}" rx="5"/><text class="date" x="{}" y="{}">{}/{}</text>{}"#,
            CELL - 3,
            ROW - 3,
            x + 7,
            y + 16,
            day.day(),
            day.month(),
            if count > 0 {
                format!(
                    r#"<text class="count {class}" x="{}" y="{}">{}</text>"#,
                    x + CELL / 2,
                    y + 43,
                    safe(&t.with("plan-n-sessions", "count", count))
                )
            } else {
                String::new()
            }
        );
        if count > 0 {
            let _ = write!(
                svg,
                r#"<a href="{}" aria-label="{}">{inner}</a>"#,
                safe(&format!("{href}&view=list&day={day}")),
                safe(&label)
            );
        } else {
            svg.push_str(&inner);
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A line of a Gantt chart: its name, and for each session its day, start, end and number.
pub struct Bars {
    pub name: String,
    pub sessions: Vec<(Held, u32)>,
}

/// Bars by day and hour, a line for each vehicle or team, leading to the sessions.
pub fn gantt(ground: &Ground, lines: &[Bars], own: &str, label: &str) -> String {
    const NAME: i32 = 190;
    const DAY: i32 = 46;
    const LINE: i32 = 30;
    const HEAD: i32 = 42;
    // From six in the morning to ten in the evening.
    let x_of = |day: i32, minute: i32| {
        let part = f64::from((minute - 360).clamp(0, 960)) / 960.0;
        f64::from(NAME + day * DAY) + part * f64::from(DAY)
    };
    let (width, height) = (NAME + ground.days as i32 * DAY, HEAD + lines.len() as i32 * LINE);
    let mut svg = format!(
        r#"<svg class="gantt" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="{}">"#,
        safe(label)
    );
    for number in 0..ground.days {
        let day = ground.date(number);
        let x = NAME + number as i32 * DAY;
        let weekday = day.weekday().to_monday_zero_offset();
        let class = if weekday >= 5 { "weekend" } else { "weekday" };
        let _ = write!(
            svg,
            r#"<rect class="{class}" x="{x}" y="0" width="{DAY}" height="{height}"/><text class="head" x="{}" y="17">{}</text><text class="head" x="{}" y="34">{}/{}</text>"#,
            x + DAY / 2,
            words::weekday_short(weekday as usize),
            x + DAY / 2,
            day.day(),
            day.month()
        );
    }
    for (index, line) in lines.iter().enumerate() {
        let y = HEAD + index as i32 * LINE;
        let name: String = line.name.chars().take(27).collect();
        let _ = write!(
            svg,
            r#"<line class="rule" x1="0" x2="{width}" y1="{y}" y2="{y}"/><text class="name" x="4" y="{}">{}<title>{}</title></text>"#,
            y + 20,
            safe(&name),
            safe(&line.name)
        );
        for (held, visit) in &line.sessions {
            let day = (held.day - ground.first).get_days();
            let (from, to) = (x_of(day, held.start), x_of(day, held.end));
            let title = safe(&format!("{}: {}", words::place(ground, *visit), words::when(held)));
            let _ = write!(
                svg,
                r#"<a href="{own}/sessions/{visit}" aria-label="{title}"><rect class="held" x="{from:.1}" y="{}" width="{:.1}" height="20" rx="2"><title>{title}</title></rect></a>"#,
                y + 5,
                (to - from).max(4.0)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// The roads of a day over the hamlets of the plan: straight lines in the order of the stops.
pub fn roads(
    t: T,
    ground: &Ground,
    timetable: &Timetable,
    day: Date,
    ground_codes: &[String],
) -> String {
    const WIDTH: f64 = 640.0;
    let points: Vec<Point> = ground.places.iter().map(|place| place.point).collect();
    let rings = map::rings(ground_codes);
    let all = points.iter().map(|(lat, lon)| (*lon, *lat));
    let all: Vec<(f64, f64)> = all.chain(rings.iter().flatten().copied()).collect();
    let Some(first) = all.first().copied() else { return String::new() };
    let bounds = all.iter().fold((first, first), |(low, high), p| {
        ((low.0.min(p.0), low.1.min(p.1)), (high.0.max(p.0), high.1.max(p.1)))
    });
    let ((west, south), (east, north)) = bounds;
    let squeeze = f64::midpoint(north, south).to_radians().cos();
    let scale = WIDTH / ((east - west) * squeeze).max(0.01);
    let at =
        |(lat, lon): Point| ((lon - west) * squeeze * scale + 20.0, (north - lat) * scale + 20.0);
    let height = ((north - south) * scale).clamp(80.0, 1200.0) + 40.0;
    let label = t.with("plan-map-label", "day", words::day(day));
    let mut svg = format!(
        r#"<svg class="map roads" viewBox="0 0 {:.0} {height:.0}" role="img" aria-label="{}">"#,
        WIDTH + 40.0,
        safe(&label)
    );
    for ring in &rings {
        let mut path = String::new();
        for (index, (lon, lat)) in ring.iter().enumerate() {
            let (x, y) = at((*lat, *lon));
            let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
        }
        let _ = write!(svg, r#"<path class="outline" d="{path}Z"/>"#);
    }
    for point in &points {
        let (x, y) = at(*point);
        let _ = write!(svg, r#"<circle class="quiet-point" cx="{x:.1}" cy="{y:.1}" r="3"/>"#);
    }
    let mut colour = 0;
    for route in &timetable.routes {
        let shift = &ground.problem.shifts[route.shift as usize];
        if ground.date(shift.day) != day {
            continue;
        }
        road(&mut svg, ground, &at, route, colour % 6);
        colour += 1;
    }
    svg.push_str("</svg>");
    svg
}

fn road(
    svg: &mut String,
    ground: &Ground,
    at: &dyn Fn(Point) -> (f64, f64),
    route: &routing::Route,
    colour: usize,
) {
    let shift = &ground.problem.shifts[route.shift as usize];
    let place = |number: u32| ground.places[number as usize].point;
    let stops: Vec<(Point, u32)> = route
        .stops
        .iter()
        .map(|stop| (place(ground.problem.visits[stop.visit as usize].place), stop.visit))
        .collect();
    let base = place(shift.base);
    let mut path = String::new();
    let way = [base].into_iter().chain(stops.iter().map(|stop| stop.0)).chain([base]);
    for (index, point) in way.enumerate() {
        let (x, y) = at(point);
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    let _ = write!(svg, r#"<path class="road road-{colour}" d="{path}"/>"#);
    let (x, y) = at(base);
    let _ = write!(
        svg,
        r#"<rect class="base" x="{:.1}" y="{:.1}" width="12" height="12"/>"#,
        x - 6.0,
        y - 6.0
    );
    let vehicle = &ground.vehicles[shift.vehicle as usize].name;
    for (number, (point, visit)) in stops.iter().enumerate() {
        let (x, y) = at(*point);
        let title = safe(&format!("{vehicle}, {}: {}", number + 1, words::place(ground, *visit)));
        let _ = write!(
            svg,
            r#"<circle class="stop road-{colour}" cx="{x:.1}" cy="{y:.1}" r="10"><title>{title}</title></circle><text class="number" x="{x:.1}" y="{:.1}">{}</text>"#,
            y + 4.5,
            number + 1
        );
    }
}
