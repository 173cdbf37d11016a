//! A brief as a form, and a form as a brief.

use super::brief::{Away, Brief, Days, HamletWish, Host, Minute, Travel, VehicleWish, Wish};
use super::world::World;
use crate::foundation::form::{Form, read_date};

/// `06:30` for 390.
pub fn clock(minute: Minute) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Days as people write them: `12/10/2023, 15/10/2023–20/10/2023`.
pub fn days_text(all: &[Days]) -> String {
    let one = |days: &Days| {
        let from = vietnamese::date(days.from);
        if days.from == days.to { from } else { format!("{from}–{}", vietnamese::date(days.to)) }
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Reads days as people write them.
pub fn read_days(text: &str) -> Option<Vec<Days>> {
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let read = |part: &str| {
        if let Some(day) = read_date(part) {
            return Some(Days { from: day, to: day });
        }
        let (from, to) = part.split_once(['–', '-'])?;
        let days = Days { from: read_date(from.trim())?, to: read_date(to.trim())? };
        (days.from <= days.to).then_some(days)
    };
    parts.map(read).collect()
}

/// A brief as the fields of its form.
pub fn fill(brief: &Brief) -> Form {
    let mut fields: Vec<(String, String)> = vec![];
    let mut push = |name: &str, value: String| fields.push((name.to_owned(), value));
    push("from", brief.days.from.to_string());
    push("to", brief.days.to.to_string());
    push("visits", brief.visits.to_string());
    push("minutes", brief.minutes.to_string());
    push("gap", brief.gap_days.to_string());
    push("step", brief.step.to_string());
    push("host", brief.host.to_string());
    push("wish", brief.wish.to_string());
    push("seconds", brief.seconds.to_string());
    push("crews", brief.crews.to_string());
    push("road", brief.travel.road_percent.to_string());
    push("kmh", brief.travel.kmh.to_string());
    push("extra", brief.travel.extra_minutes.to_string());
    let off: Vec<Days> =
        brief.away.iter().filter(|away| away.team.is_none()).map(|away| away.days).collect();
    push("off", days_text(&off));
    let ticks = [
        ("availability", brief.availability),
        ("skip_closed", brief.skip_closed),
        ("server", brief.travel.server),
    ];
    for (name, ticked) in ticks {
        push(name, if ticked { "yes".to_owned() } else { String::new() });
    }
    for (weekday, opening) in brief.week.iter().enumerate() {
        push(&format!("open:{weekday}"), tick(opening.open));
        push(&format!("start:{weekday}"), clock(opening.from));
        push(&format!("end:{weekday}"), clock(opening.to));
    }
    for weekday in &brief.evenings {
        push("evenings", weekday.to_string());
    }
    for (commune, priority) in &brief.first {
        push(&format!("first:{commune}"), priority.to_string());
    }
    for wish in &brief.hamlets {
        let text = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
        push(&format!("visits:{}", wish.unit), text(wish.visits.map(i64::from)));
        push(
            &format!("priority:{}", wish.unit),
            text((wish.priority > 0).then(|| wish.priority.into())),
        );
        push(&format!("minutes:{}", wish.unit), text(wish.minutes.map(i64::from)));
    }
    for wish in &brief.vehicles {
        let id = wish.asset;
        push(&format!("used:{id}"), tick(wish.used));
        push(&format!("base:{id}"), wish.base.to_string());
        push(&format!("from:{id}"), clock(wish.from));
        push(&format!("to:{id}"), clock(wish.to));
        for (weekday, works) in wish.weekdays.iter().enumerate() {
            push(&format!("day{weekday}:{id}"), tick(*works));
        }
        push(&format!("off:{id}"), days_text(&wish.off));
    }
    Form::filled(fields)
}

fn tick(ticked: bool) -> String {
    if ticked { "yes".to_owned() } else { String::new() }
}

fn minute(form: &mut Form, name: &str, or: Minute) -> Minute {
    form.time(name).map_or(or, |time| Minute::from(time.hour()) * 60 + Minute::from(time.minute()))
}

fn span(form: &mut Form, from: &str, to: &str, or: (Minute, Minute)) -> (Minute, Minute) {
    let span = (minute(form, from, or.0), minute(form, to, or.1));
    if span.1 <= span.0 {
        form.refuse(to, "error-ends-before");
    }
    span
}

fn small(form: &mut Form, name: &str, bounds: std::ops::RangeInclusive<i64>, or: i64) -> i64 {
    form.number(name, bounds).unwrap_or(or)
}

fn whole_days(form: &mut Form, name: &str) -> Vec<Days> {
    let days = read_days(form.text(name));
    if days.is_none() {
        form.refuse(name, "error-days");
    }
    days.unwrap_or_default()
}

/// Reads a brief from its form; what cannot be taken is noted in the form, and then there is
/// none. What the form does not speak of is as in `base`.
pub fn read(form: &mut Form, world: &World, base: &Brief) -> Option<Brief> {
    let (from, to) = (form.date("from"), form.date("to"));
    for (field, date) in [("from", from), ("to", to)] {
        if date.is_none() {
            form.refuse(field, "error-required");
        }
    }
    let (from, to) = (from.unwrap_or(base.days.from), to.unwrap_or(base.days.to));
    if to < from {
        form.refuse("to", "error-ends-before");
    } else if (to - from).get_days() > 366 {
        form.refuse("to", "error-plan-too-long");
    }
    let usual = Brief::usual(Days { from, to });
    let mut away: Vec<Away> =
        base.away.iter().filter(|away| away.team.is_some()).cloned().collect();
    away.extend(whole_days(form, "off").into_iter().map(|days| Away { team: None, days }));
    let brief = Brief {
        days: Days { from, to },
        visits: small(form, "visits", 0..=30, 1) as u32,
        minutes: small(form, "minutes", 15..=480, 90) as Minute,
        gap_days: small(form, "gap", 1..=90, 7) as u32,
        step: small(form, "step", 1..=60, 15) as Minute,
        host: form.parsed("host").unwrap_or(Host::Hamlet),
        availability: form.ticked("availability"),
        skip_closed: form.ticked("skip_closed"),
        wish: form.parsed("wish").unwrap_or(Wish::FewTrips),
        week: week(form, &usual),
        evenings: form
            .all("evenings")
            .iter()
            .filter_map(|weekday| weekday.parse().ok().filter(|weekday| *weekday < 7))
            .collect(),
        hamlets: hamlets(form, world),
        first: first(form, world),
        vehicles: vehicles(form, world),
        crews: small(form, "crews", 0..=20, 0) as u32,
        travel: Travel {
            road_percent: small(form, "road", 100..=400, usual.travel.road_percent),
            kmh: small(form, "kmh", 3..=90, usual.travel.kmh),
            extra_minutes: small(form, "extra", 0..=60, usual.travel.extra_minutes),
            server: form.ticked("server"),
        },
        away,
        seconds: small(form, "seconds", 1..=600, 10) as u32,
        seed: base.seed,
    };
    if brief.crews == 0 && !brief.vehicles.iter().any(|wish| wish.used) {
        form.refuse("crews", "error-plan-no-vehicle");
    }
    if sessions(&brief, world) == 0 {
        form.refuse("visits", "error-plan-nothing");
    }
    form.is_sound().then_some(brief)
}

/// How many sessions a brief asks for.
pub fn sessions(brief: &Brief, world: &World) -> u32 {
    world.hamlets.iter().map(|hamlet| brief.of_hamlet(hamlet.id, hamlet.commune).0).sum()
}

fn week(form: &mut Form, usual: &Brief) -> [super::brief::Opening; 7] {
    let mut week = usual.week;
    for (weekday, opening) in week.iter_mut().enumerate() {
        let (from, to) = (format!("start:{weekday}"), format!("end:{weekday}"));
        let span = span(form, &from, &to, (opening.from, opening.to));
        (opening.from, opening.to) = span;
        opening.open = form.ticked(&format!("open:{weekday}"));
    }
    week
}

fn hamlets(form: &mut Form, world: &World) -> Vec<HamletWish> {
    let mut wishes = vec![];
    for hamlet in &world.hamlets {
        let id = hamlet.id;
        let wish = HamletWish {
            unit: id,
            visits: form.number(&format!("visits:{id}"), 0..=30).map(|n| n as u32),
            priority: form.number(&format!("priority:{id}"), 0..=2).unwrap_or(0) as u8,
            minutes: form.number(&format!("minutes:{id}"), 15..=480).map(|n| n as Minute),
        };
        if wish.visits.is_some() || wish.priority > 0 || wish.minutes.is_some() {
            wishes.push(wish);
        }
    }
    wishes
}

fn first(form: &mut Form, world: &World) -> Vec<(crate::foundation::ids::UnitId, u8)> {
    let mut first = vec![];
    for commune in &world.communes {
        let priority = form.number(&format!("first:{}", commune.id), 0..=2).unwrap_or(0) as u8;
        if priority > 0 {
            first.push((commune.id, priority));
        }
    }
    first
}

fn vehicles(form: &mut Form, world: &World) -> Vec<VehicleWish> {
    let mut wishes = vec![];
    for vehicle in &world.vehicles {
        let id = vehicle.id;
        let usual = (6 * 60 + 30, 22 * 60);
        let (from, to) = span(form, &format!("from:{id}"), &format!("to:{id}"), usual);
        let base = form.parsed(&format!("base:{id}")).unwrap_or(vehicle.unit);
        if !world.bases.iter().any(|place| place.id == base) {
            form.refuse(&format!("base:{id}"), "error-choice");
        }
        wishes.push(VehicleWish {
            asset: id,
            used: form.ticked(&format!("used:{id}")),
            base,
            from,
            to,
            weekdays: std::array::from_fn(|weekday| form.ticked(&format!("day{weekday}:{id}"))),
            off: whole_days(form, &format!("off:{id}")),
        });
    }
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_read_as_people_write_them() {
        let days = read_days("12/10/2023, 15/10/2023–20/10/2023; 1/11/2023-2/11/2023").unwrap();
        assert_eq!(days.len(), 3);
        assert_eq!(days[1], Days { from: date(2023, 10, 15), to: date(2023, 10, 20) });
        assert_eq!(read_days(&days_text(&days)), Some(days));
        assert_eq!(read_days(""), Some(vec![]));
        assert_eq!(read_days("hôm qua"), None);
        assert_eq!(read_days("20/10/2023-15/10/2023"), None);
    }
}
