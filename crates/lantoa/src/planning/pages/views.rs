//! The timetable of a plan in five views: months, vehicles, teams, the map of a day, a list.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::form::clock as form_clock;
use super::super::ground::{DAY, Ground, Held, Resource, Session};
use super::super::store::Plan;
use super::drawings::{self, Bars};
use super::show::require_draft;
use super::words;
use crate::foundation::form::Form;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Pieces, Table, Tone};
use crate::foundation::{Fault, Shared, T};
use crate::units;

/// The views of a plan, in the order of screens.
const VIEWS: [&str; 5] = ["calendar", "vehicles", "teams", "map", "list"];

/// The choices of the filter, and the view that is asked for.
pub async fn views(
    app: &Shared,
    t: T,
    plan: &Plan,
    ground: &Ground,
    held: &[Option<Held>],
    mut form: Form,
    mut page: Page,
) -> Result<Page, Fault> {
    let own = format!("/plans/{}", plan.id);
    if !VIEWS.contains(&form.text("view")) {
        form.set("view", "calendar");
    }
    let view = form.text("view").to_owned();
    let mut communes: Vec<(String, String)> =
        ground.communes.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    communes.sort_by_cached_key(|(_, name)| vietnamese::sort_key(name));
    let vehicles = (0u32..).zip(&ground.vehicles).map(|(n, v)| (n.to_string(), v.name.clone()));
    let days: BTreeSet<Date> = held.iter().flatten().map(|held| held.day).collect();
    let days = days.iter().map(|day| (day.to_string(), words::day(*day)));
    let views = VIEWS.map(|view| (view.to_owned(), t.name("plan-view", view)));
    let filters = Fields::over(&form, t)
        .select("view", "plan-view-as", "", views.to_vec())
        .select("commune", "level-commune", "all", communes)
        .select("vehicle", "plan-vehicle", "all", vehicles.collect())
        .select("day", "plan-day", "all", days.collect());
    let shown = filtered(ground, held, &form);
    page = page.with(Piece::Heading(t.get("plan-timetable"))).with(filters.filter(&own));
    let chosen = !form.text("day").is_empty() || !form.text("vehicle").is_empty();
    if chosen && require_draft(plan).is_ok() {
        let query = form.query_without(&["to"]);
        let locks = [("plan-lock-shown", "yes"), ("plan-unlock-shown", "no")]
            .map(|(key, to)| Action::post(t.get(key), format!("{own}/lock?to={to}&{query}")));
        page = page.with(Piece::Actions(locks.into()));
    }
    Ok(match view.as_str() {
        "vehicles" => gantt(t, page, ground, &shown, &own, true),
        "teams" => gantt(t, page, ground, &shown, &own, false),
        "map" => map(app, t, page, plan, ground, &form).await?,
        "list" => page.with(Piece::Table(list(t, plan, ground, &shown, &own))),
        _ => {
            let href = format!("{own}?{}", form.query_without(&["view", "day"]));
            let drawing = drawings::calendar(t, ground, &shown, &href);
            page.with(Piece::Drawing(drawing)).with(Piece::Text(t.get("plan-calendar-how")))
        }
    })
}

/// The sessions that the filter lets through; the others as if they were not held.
fn filtered(ground: &Ground, held: &[Option<Held>], form: &Form) -> Vec<Option<Held>> {
    let commune = form.text("commune");
    let day = form.text("day").parse::<Date>().ok();
    let vehicle = form.text("vehicle").parse::<u32>().ok();
    let through = |(held, session): (&Option<Held>, &Session)| {
        let held = (*held)?;
        let of = ground.communes.get(session.commune as usize).map(|(id, _)| id.to_string());
        let passes = (commune.is_empty() || of.as_deref() == Some(commune))
            && day.is_none_or(|day| day == held.day)
            && vehicle.is_none_or(|vehicle| vehicle == held.vehicle);
        passes.then_some(held)
    };
    held.iter().zip(&ground.sessions).map(through).collect()
}

/// Sessions in the order of time.
pub fn in_order(held: &[Option<Held>]) -> Vec<(u32, Held)> {
    let mut all: Vec<(u32, Held)> =
        (0u32..).zip(held).filter_map(|(visit, held)| Some((visit, (*held)?))).collect();
    all.sort_by_key(|(visit, held)| (held.day, held.start, held.vehicle, *visit));
    all
}

fn list(t: T, plan: &Plan, ground: &Ground, held: &[Option<Held>], own: &str) -> Table {
    let titles = [
        t.get("plan-session"),
        t.get("activity-when"),
        t.get("plan-vehicle"),
        t.get("activity-team"),
        t.get("plan-locked"),
    ];
    let all = in_order(held);
    let caption = t.with("plan-n-sessions", "count", vietnamese::number(all.len() as i64));
    let mut table = Table::new(caption, &titles, t.get("plan-none-shown"));
    for (visit, held) in all {
        let session = &ground.sessions[visit as usize];
        let mut name = Cell::link(words::place(ground, visit), format!("{own}/sessions/{visit}"));
        if session.of > 1 {
            name = name.and_small(t.with2("plan-nth", "number", session.number, "of", session.of));
        }
        let locked = plan.locks.contains(&visit);
        table.rows.push(vec![
            name,
            Cell::text(words::when(&held)),
            Cell::text(&ground.vehicles[held.vehicle as usize].name),
            Cell::text(team_name(ground, visit)),
            if locked { Cell::tag(Tone::Warn, t.get("plan-locked")) } else { Cell::text("") },
        ]);
    }
    table
}

/// The team of a session.
pub fn team_name(ground: &Ground, visit: u32) -> String {
    let needs = &ground.problem.visits[visit as usize].resources;
    let teams = needs.iter().map(|number| &ground.resources[*number as usize]);
    let mut teams = teams.filter(|resource| matches!(resource, Resource::Team(..)));
    teams.next().map_or_else(String::new, |team| team.name().to_owned())
}

fn gantt(
    t: T,
    page: Page,
    ground: &Ground,
    held: &[Option<Held>],
    own: &str,
    of_vehicles: bool,
) -> Page {
    let mut lines: BTreeMap<(usize, String), Vec<(Held, u32)>> = BTreeMap::new();
    for (visit, held) in in_order(held) {
        let key = if of_vehicles {
            let number = held.vehicle as usize;
            (number, ground.vehicles[number].name.clone())
        } else {
            (ground.sessions[visit as usize].commune as usize, team_name(ground, visit))
        };
        lines.entry(key).or_default().push((held, visit));
    }
    let titles = [t.get("plan-line"), t.get("plan-sessions-in-order")];
    let mut twin = Table::new("", &titles, t.get("plan-none-shown"));
    for ((_, name), sessions) in &lines {
        let said = sessions.iter().map(|(held, visit)| {
            format!("{} ({})", words::when(held), words::place(ground, *visit))
        });
        twin.rows.push(vec![Cell::text(name), Cell::text(said.collect::<Vec<_>>().join("; "))]);
    }
    let lines: Vec<Bars> =
        lines.into_iter().map(|((_, name), sessions)| Bars { name, sessions }).collect();
    let label = t.name("plan-view", if of_vehicles { "vehicles" } else { "teams" });
    let drawing = drawings::gantt(ground, &lines, own, &label);
    page.with(Piece::Wide(label, drawing))
        .with(Piece::Fold(t.get("plan-as-table"), Pieces { list: vec![Piece::Table(twin)], t }))
}

async fn map(
    app: &Shared,
    t: T,
    page: Page,
    plan: &Plan,
    ground: &Ground,
    form: &Form,
) -> Result<Page, Fault> {
    let held = ground.held(&plan.best);
    let first = held.iter().flatten().map(|held| held.day).min();
    let Some(day) = form.text("day").parse().ok().or(first) else {
        return Ok(page.with(Piece::Text(t.get("plan-none-shown"))));
    };
    let communes: Vec<_> = ground.communes.iter().map(|(id, _)| *id).collect();
    let found: Vec<_> = units::find_all(&app.db, &communes).await?.into_values().collect();
    let today = app.clock.today().max(units::gazetteer::TWO_TIERS);
    let later = units::successors_on(&app.db, &found, today).await?;
    let codes: BTreeSet<String> = later.into_values().map(|unit| unit.code).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let svg = drawings::roads(t, ground, &plan.best, day, &codes);
    let mut table = Table::new(
        t.with("plan-map-label", "day", words::day(day)),
        &[t.get("plan-vehicle"), t.get("plan-stops"), format!("{}#", t.get("plan-travel-minutes"))],
        t.get("plan-none-shown"),
    );
    for route in &plan.best.routes {
        let shift = &ground.problem.shifts[route.shift as usize];
        if ground.date(shift.day) != day {
            continue;
        }
        let stops = route.stops.iter().enumerate().map(|(number, stop)| {
            let at = form_clock(stop.start.rem_euclid(DAY));
            format!("{}. {at} {}", number + 1, words::place(ground, stop.visit))
        });
        table.rows.push(vec![
            Cell::text(&ground.vehicles[shift.vehicle as usize].name),
            Cell::text(stops.collect::<Vec<_>>().join("; ")),
            Cell::text(vietnamese::number(ground.travel_of(route))),
        ]);
    }
    let list = vec![Piece::Drawing(svg)];
    Ok(page.with(Piece::Columns(vec![
        Pieces { list, t },
        Pieces { list: vec![Piece::Table(table), Piece::Text(t.get("plan-map-how"))], t },
    ])))
}

pub fn by_vehicle(t: T, plan: &Plan, ground: &Ground) -> Table {
    let titles = [
        t.get("plan-vehicle"),
        format!("{}#", t.get("plan-days-worked")),
        format!("{}#", t.get("plan-held")),
        format!("{}#", t.get("plan-travel-minutes")),
    ];
    let mut table = Table::new(t.get("plan-by-vehicle"), &titles, String::new());
    for (number, vehicle) in (0u32..).zip(&ground.vehicles) {
        let of =
            |route: &&routing::Route| ground.problem.shifts[route.shift as usize].vehicle == number;
        let routes: Vec<&routing::Route> = plan.best.routes.iter().filter(of).collect();
        let sessions: usize = routes.iter().map(|route| route.stops.len()).sum();
        let travel: i64 = routes.iter().map(|route| ground.travel_of(route)).sum();
        table.rows.push(vec![
            Cell::text(&vehicle.name),
            Cell::text(vietnamese::number(routes.len() as i64)),
            Cell::text(vietnamese::number(sessions as i64)),
            Cell::text(vietnamese::number(travel)),
        ]);
    }
    table
}

pub fn by_commune(t: T, ground: &Ground, held: &[Option<Held>]) -> Table {
    let titles = [
        t.get("level-commune"),
        format!("{}#", t.get("plan-held")),
        format!("{}#", t.get("plan-left-out")),
        t.get("plan-first-day"),
        t.get("plan-last-day"),
    ];
    let mut table = Table::new(t.get("plan-by-commune"), &titles, String::new());
    for (number, (_, name)) in (0u32..).zip(&ground.communes) {
        let own = ground.sessions.iter().zip(held).filter(|(session, _)| session.commune == number);
        let own: Vec<Option<Held>> = own.map(|(_, held)| *held).collect();
        let days: BTreeSet<Date> = own.iter().flatten().map(|held| held.day).collect();
        let served = own.iter().flatten().count();
        let day =
            |day: Option<&Date>| day.map_or_else(|| "–".to_owned(), |day| vietnamese::date(*day));
        table.rows.push(vec![
            Cell::text(name),
            Cell::text(vietnamese::number(served as i64)),
            Cell::text(vietnamese::number((own.len() - served) as i64)),
            Cell::text(day(days.first())),
            Cell::text(day(days.last())),
        ]);
    }
    table
}
