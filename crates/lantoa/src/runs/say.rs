//! How a run is put into words, on screens and on paper.

use super::model::{Leg, MINUTE, Run, Stop, StopKind, Trouble, legs, syllables};
use crate::foundation::{T, clock};
use crate::units::travel;

/// "16:30".
pub fn time(at: i64) -> String {
    vietnamese::time(clock::local(at).time())
}

/// "16:30–16:50".
pub fn hours(stop: &Stop) -> String {
    format!("{}–{}", time(stop.plan.arrives_at), time(stop.plan.leaves_at()))
}

/// How far it is and how long it takes; that it is not known, where it is not.
pub fn way(way: Option<Leg>, t: T) -> String {
    match way {
        None => t.get("run-way-unknown"),
        Some(way) if way.minutes == 0 => t.get("run-way-none"),
        Some(way) => {
            t.with2("run-way-known", "km", vietnamese::decimal(way.km, 1), "minutes", way.minutes)
        }
    }
}

/// What keeps a run from being driven, with the places named.
pub fn trouble(trouble: Trouble, stops: &[Stop], t: T) -> String {
    let place = |index: usize| stops[index].place();
    match trouble {
        Trouble::BeforeStart { stop } => t.with("run-trouble-start", "place", place(stop)),
        Trouble::AfterEnd { stop, over } => {
            t.with2("run-trouble-end", "place", place(stop), "over", over)
        }
        Trouble::Leg { stop, needs, has } => t.with_all(
            "run-trouble-leg",
            &[
                ("place", &place(stop)),
                ("from", &place(stop - 1)),
                ("needs", &needs),
                ("has", &has),
            ],
        ),
        Trouble::SessionBegun { stop } => t.with("run-trouble-session", "place", place(stop)),
    }
}

/// How the time of a run is spent, and when it is over.
pub fn total(run: &Run, ends_at: i64, t: T) -> String {
    let driven: i64 = legs(&run.stops).into_iter().flatten().map(|way| way.minutes).sum();
    let over = run.stops.last().map_or(0, |stop| stop.plan.leaves_at());
    t.with_all(
        "run-total-detail",
        &[
            ("pass", &run.minutes_of(StopKind::Pass)),
            ("stop", &run.minutes_of(StopKind::Stop)),
            ("way", &driven),
            ("over", &time(over)),
            ("ends", &time(ends_at)),
        ],
    )
}

/// How long the script takes once, and how often it is heard while driving through.
pub fn script(run: &Run, t: T) -> String {
    let seconds = run.script_seconds();
    let lasting = match (seconds / 60, seconds % 60) {
        (0, seconds) => t.with("run-seconds", "seconds", seconds),
        (minutes, 0) => t.with("run-minutes", "minutes", minutes),
        (minutes, seconds) => {
            t.with2("run-minutes-seconds", "minutes", minutes, "seconds", seconds)
        }
    };
    let times = run.minutes_of(StopKind::Pass) * 60 / seconds.max(1);
    t.with_all(
        "run-script-takes",
        &[
            ("syllables", &syllables(&run.script)),
            ("lasting", &lasting),
            ("pace", &run.pace),
            ("times", &times),
        ],
    )
}

/// Roads too short for the script to be heard once.
pub fn too_short(run: &Run, t: T) -> Vec<String> {
    let seconds = run.script_seconds();
    let cut = |stop: &&Stop| {
        stop.plan.kind == StopKind::Pass && stop.plan.minutes * (MINUTE / 1000) < seconds
    };
    run.stops.iter().filter(cut).map(|s| t.with("run-script-cut", "place", s.place())).collect()
}

/// How ways are reckoned, since no map of roads is asked.
pub fn reckoning(t: T) -> String {
    t.with_all(
        "run-reckoning",
        &[
            ("factor", &vietnamese::decimal(travel::ROAD_FACTOR, 2)),
            ("speed", &vietnamese::decimal(travel::SPEED_KMH, 0)),
            ("parking", &vietnamese::decimal(travel::PARKING_MINUTES, 0)),
        ],
    )
}
