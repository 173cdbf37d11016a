//! What a plan says in plain sentences.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use routing::explain::{Blocks, Choice, Reason};
use routing::verify::Broken;

use super::super::brief::{Brief, Minute};
use super::super::form;
use super::super::ground::{Ground, Held};
use super::super::store::{Change, State};
use super::super::world::World;
use crate::foundation::T;
use crate::foundation::view::Tone;

/// `180 buổi, 4 xe, 64 ngày`.
pub fn summary(t: T, brief: &Brief, world: &World) -> String {
    let vehicles = brief.vehicles.iter().filter(|wish| wish.used).count() as u32 + brief.crews;
    t.with_all(
        "plan-summary",
        &[
            ("sessions", &vietnamese::number(form::sessions(brief, world).into())),
            ("vehicles", &vietnamese::number(vehicles.into())),
            ("days", &vietnamese::number(brief.days.count().into())),
        ],
    )
}

/// `30 giây`, `2 phút`.
pub fn duration(t: T, seconds: i64) -> String {
    if seconds < 60 {
        t.with("plan-n-seconds", "count", seconds)
    } else {
        t.with("plan-n-minutes", "count", seconds / 60)
    }
}

/// `3 giờ 20 phút`.
pub fn hours(t: T, minutes: i64) -> String {
    if minutes >= 600 {
        return t.with("plan-n-hours", "count", vietnamese::number((minutes + 30) / 60));
    }
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (hours, rest) {
        (0, rest) => t.with("plan-n-minutes", "count", rest),
        (hours, 0) => t.with("plan-n-hours", "count", vietnamese::number(hours)),
        (hours, rest) => {
            t.with2("plan-hours-minutes", "hours", vietnamese::number(hours), "minutes", rest)
        }
    }
}

/// The name of a weekday, 0 for Monday.
pub fn weekday(number: usize) -> &'static str {
    let monday = date(2024, 1, 1);
    vietnamese::weekday(monday.checked_add((number as i64).days()).unwrap_or(monday))
}

/// The short name of a weekday, 0 for Monday.
pub fn weekday_short(number: usize) -> &'static str {
    ["T2", "T3", "T4", "T5", "T6", "T7", "CN"][number % 7]
}

/// The weekdays as choices, 0 for Monday.
pub fn weekdays(t: T) -> Vec<(String, String)> {
    (0..7).map(|n| (n.to_string(), t.name("weekday", n + 1))).collect()
}

/// `Chủ nhật 17/09/2023`.
pub fn day(day: Date) -> String {
    format!("{} {}", vietnamese::weekday(day), vietnamese::date(day))
}

/// `19:30–21:00`.
pub fn span(from: Minute, to: Minute) -> String {
    format!("{}–{}", form::clock(from), form::clock(to))
}

/// Day and hours of a session.
pub fn when(held: &Held) -> String {
    format!("{}, {}", day(held.day), span(held.start, held.end))
}

/// The colour of a state.
pub fn tone(state: State) -> Tone {
    match state {
        State::Queued | State::Running => Tone::Warn,
        State::Accepted => Tone::Good,
        State::Failed => Tone::Bad,
        State::Done | State::Stopped | State::Interrupted | State::Replaced => Tone::Plain,
    }
}

/// What is different from the plan before.
pub fn change(t: T, change: &Change) -> String {
    let days = |days| form::days_text(&[days]);
    match change {
        Change::Nothing => String::new(),
        Change::Cancelled { days: off } => t.with("plan-changed-days", "days", days(*off)),
        Change::Broken { name, days: off, .. } => {
            t.with2("plan-changed-vehicle", "name", name, "days", days(*off))
        }
        Change::Away { name, days: off, .. } => {
            t.with2("plan-changed-team", "name", name, "days", days(*off))
        }
        Change::Sessions { name, visits, .. } => {
            t.with2("plan-changed-sessions", "name", name, "count", visits)
        }
        Change::Added { names } => t.with("plan-changed-added", "names", names.join("; ")),
        Change::OneMore => t.get("plan-changed-more"),
        Change::OneLess { name } => t.with("plan-changed-less", "name", name),
        Change::Week => t.get("plan-changed-week"),
        Change::Evening { weekday } => {
            t.with("plan-changed-evening", "day", t.name("weekday", weekday + 1))
        }
        Change::AllHours => t.get("plan-changed-hours"),
    }
}

/// Why a session has no place, and what would help.
pub fn reason(t: T, ground: &Ground, reason: &Reason) -> (String, String) {
    match reason {
        Reason::NoWindow => (t.get("plan-reason-no-window"), t.get("plan-help-no-window")),
        Reason::NoShift => (t.get("plan-reason-no-shift"), t.get("plan-help-no-shift")),
        Reason::Blocked(blocks) => (blocked(t, ground, blocks), help(t, ground, blocks)),
    }
}

fn blocked(t: T, ground: &Ground, blocks: &Blocks) -> String {
    let mut parts = vec![];
    let mut say = |key: &str, count: u32| {
        if count > 0 {
            parts.push(t.with(key, "count", count));
        }
    };
    say("plan-blocked-full", blocks.full);
    say("plan-blocked-spacing", blocks.spacing);
    say("plan-blocked-together", blocks.together);
    say("plan-blocked-capacity", blocks.capacity);
    say("plan-blocked-open", blocks.open);
    for (resource, count) in &blocks.resources {
        let name = ground.resources[*resource as usize].name();
        parts.push(t.with2("plan-blocked-resource", "name", name, "count", count));
    }
    t.with2("plan-reason-blocked", "shifts", blocks.shifts, "parts", parts.join("; "))
}

fn help(t: T, ground: &Ground, blocks: &Blocks) -> String {
    let busiest = blocks.resources.iter().max_by_key(|(_, count)| *count);
    let most = busiest.map_or(0, |(_, count)| *count);
    if blocks.open > 0 {
        t.get("plan-help-open")
    } else if most >= blocks.full
        && most >= blocks.spacing
        && let Some((resource, _)) = busiest
    {
        t.with("plan-help-resource", "name", ground.resources[*resource as usize].name())
    } else if blocks.spacing > blocks.full {
        t.get("plan-help-spacing")
    } else {
        t.get("plan-help-full")
    }
}

/// Why a session is where it is.
pub fn choice(t: T, ground: &Ground, choice: &Choice) -> Vec<String> {
    let mut said = vec![t.with("plan-why-days", "count", choice.days_possible)];
    if choice.neighbours.is_empty() {
        said.push(t.with("plan-why-alone", "minutes", choice.added));
    } else {
        let names: Vec<String> =
            choice.neighbours.iter().map(|visit| place(ground, *visit)).collect();
        said.push(t.with_all(
            "plan-why-with",
            &[
                ("names", &names.join("; ")),
                ("added", &vietnamese::number(choice.added)),
                ("alone", &vietnamese::number(choice.alone)),
            ],
        ));
    }
    match choice.others.first() {
        None => said.push(t.get("plan-why-only")),
        Some((other, extra)) if *extra >= 0 => said.push(t.with2(
            "plan-why-other",
            "day",
            day(ground.date(*other)),
            "extra",
            vietnamese::number(*extra),
        )),
        Some((other, extra)) => said.push(t.with2(
            "plan-why-better",
            "day",
            day(ground.date(*other)),
            "less",
            vietnamese::number(-extra),
        )),
    }
    said
}

/// `Xóm 3, Xã Quang Trung`.
pub fn place(ground: &Ground, visit: u32) -> String {
    ground.place_of(&ground.sessions[visit as usize])
}

/// A rule that a change by hand would break.
pub fn broken(t: T, ground: &Ground, broken: &Broken) -> String {
    let name = |visit: usize| place(ground, visit as u32);
    let clock = |at: i64| form::clock((at.rem_euclid(1440)) as Minute);
    let vehicle = |shift: usize| {
        let number = ground.problem.shifts[shift].vehicle as usize;
        ground.vehicles[number].name.clone()
    };
    match broken {
        Broken::Window { visit, .. } => t.with("plan-broken-window", "name", name(*visit)),
        Broken::TooSoon { visit, reached, .. } => {
            t.with2("plan-broken-soon", "name", name(*visit), "at", clock(*reached))
        }
        Broken::TooLate { shift, back, .. } => {
            t.with2("plan-broken-late", "name", vehicle(*shift), "at", clock(*back))
        }
        Broken::ResourceTwice { resource, visits } => t.with_all(
            "plan-broken-twice",
            &[
                ("name", &ground.resources[*resource].name()),
                ("one", &name(visits.0)),
                ("other", &name(visits.1)),
            ],
        ),
        Broken::TooClose { visits, .. } => t.with("plan-broken-close", "name", name(visits.0)),
        other => t.with("plan-broken-other", "what", other),
    }
}
