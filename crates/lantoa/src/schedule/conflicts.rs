//! What stands against an activity: the same team, member, vehicle or venue elsewhere at that
//! time, hours in which it is not allowed, closed days. They are shown while planning and stay
//! visible afterwards, so that an edit elsewhere hides none.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use super::closed::{self, Closed};
use super::hours::{self, Rule, Sound};
use super::model::Activity;
use crate::args;
use crate::foundation::ids::{ActivityId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Row, T, Value, clock};
use crate::people::Scope;

/// No activity lasts longer, so that a query by time has two ends.
const DAY_MS: i64 = 86_400_000;

/// Something that stands against an activity.
#[derive(Debug, Clone)]
pub enum Conflict {
    /// The same team, venue, asset or member elsewhere at the same time.
    Twice(Twice),
    /// Outside the allowed hours of a unit; with those of the day and whose rule it is.
    Hours { unit: UnitId, what: Sound, day: Date, rule: Rule },
    /// On closed days.
    Closed(Closed),
}

/// The other side of being in two places.
#[derive(Debug, Clone)]
pub struct Twice {
    /// team, venue, asset or member.
    pub over: String,
    /// Name of that team, venue, asset or member.
    pub name: String,
    pub id: ActivityId,
    pub title: String,
    pub starts_at: i64,
    pub ends_at: i64,
    /// Why a person let it stand from the other side; may be empty.
    pub reason: String,
    /// Whether the reader may open the other side.
    pub seen: bool,
}

impl Conflict {
    /// Whether no reason lets it stand.
    pub fn blocks(&self) -> bool {
        match self {
            Conflict::Twice(_) => false,
            Conflict::Hours { rule, .. } => rule.blocks,
            Conflict::Closed(closed) => closed.blocks,
        }
    }

    /// The reason given from the other side, if there is one.
    pub fn other_reason(&self) -> Option<&str> {
        match self {
            Conflict::Twice(twice) => Some(twice.reason.as_str()).filter(|why| !why.is_empty()),
            _ => None,
        }
    }

    /// In words, and where the other side is.
    pub fn words(&self, t: T) -> (String, Option<String>) {
        match self {
            Conflict::Twice(twice) => {
                let (from, to) = (clock::local(twice.starts_at), clock::local(twice.ends_at));
                let when = format!(
                    "{}–{} {}",
                    vietnamese::time(from.time()),
                    vietnamese::time(to.time()),
                    vietnamese::date(from.date())
                );
                let title = if twice.seen { twice.title.clone() } else { t.get("clash-elsewhere") };
                let words =
                    format!("{} {}: {title} ({when})", t.word("clash", &twice.over), twice.name);
                (words, twice.seen.then(|| format!("/activities/{}", twice.id)))
            }
            Conflict::Hours { unit, what, day, rule } => {
                let spans = rule.week.on(*day);
                let spans =
                    if spans.is_empty() { t.get("hours-none") } else { hours::in_words(spans) };
                let whose = match &rule.unit {
                    None => t.get("hours-default"),
                    Some((_, name)) => t.with("hours-above", "unit", name),
                };
                let what = t.name("sound", what);
                let words = t.with_all(
                    "clash-hours",
                    &[("what", &what), ("spans", &spans), ("whose", &whose)],
                );
                // The rule may be that of a unit above, which is not everyone's to look at.
                (words, rule.unit.as_ref().map(|_| format!("/units/{unit}/opening")))
            }
            Conflict::Closed(closed) => {
                let kind = t.name("closed-kind", closed.kind);
                let name = closed.shown(t);
                (t.with2("clash-closed", "kind", kind, "name", name), None)
            }
        }
    }
}

/// What stands against each of some activities, in their order.
pub async fn of(
    db: &Db,
    scope: &Scope,
    activities: &[Activity],
) -> Result<Vec<Vec<Conflict>>, DbError> {
    let mut all = by_time(db, activities).await?;
    for (activity, conflicts) in activities.iter().zip(&mut all) {
        let twice = twice_with(db, activity).await?;
        conflicts.extend(twice.into_iter().map(Conflict::Twice));
    }
    let others = all.iter_mut().flatten().filter_map(|conflict| match conflict {
        Conflict::Twice(twice) => Some(twice),
        _ => None,
    });
    mark_seen(db, scope, others.collect()).await?;
    Ok(all)
}

/// Allowed hours and closed days that stand against activities.
async fn by_time(db: &Db, activities: &[Activity]) -> Result<Vec<Vec<Conflict>>, DbError> {
    let units: Vec<UnitId> =
        activities.iter().map(|a| a.unit_id).collect::<BTreeSet<_>>().into_iter().collect();
    let day_of = |activity: &Activity| clock::local(activity.starts_at).date();
    let (Some(from), Some(to)) =
        (activities.iter().map(day_of).min(), activities.iter().map(day_of).max())
    else {
        return Ok(vec![]);
    };
    let loud = hours::rules(db, &units, Sound::Loudspeaker).await?;
    let quiet = hours::rules(db, &units, Sound::Session).await?;
    let closed = closed::closed_of(db, &units, from, to).await?;
    let against = |activity: &Activity| {
        let (begins, ends) = (clock::local(activity.starts_at), clock::local(activity.ends_at));
        let (what, day) = (Sound::of(activity.kind), begins.date());
        let minute = |at: jiff::civil::DateTime| i32::from(at.hour()) * 60 + i32::from(at.minute());
        let until = if ends.date() == day { minute(ends) } else { 24 * 60 };
        let rules = if what == Sound::Loudspeaker { &loud } else { &quiet };
        let mut found = vec![];
        if let Some(rule) = rules.get(&activity.unit_id)
            && !hours::fits(rule.week.on(day), minute(begins), until)
        {
            let (unit, rule) = (activity.unit_id, rule.clone());
            found.push(Conflict::Hours { unit, what, day, rule });
        }
        let of_unit = closed.get(&activity.unit_id).into_iter().flatten();
        found.extend(of_unit.filter(|c| c.holds(day)).cloned().map(Conflict::Closed));
        found
    };
    Ok(activities.iter().map(against).collect())
}

fn twice_of(row: &Row) -> Result<Twice, DbError> {
    Ok(Twice {
        over: row.get("over_what")?,
        name: row.get("name")?,
        id: row.get("other_id")?,
        title: row.get("other_title")?,
        starts_at: row.get("other_starts")?,
        ends_at: row.get("other_ends")?,
        reason: row.get("other_reason")?,
        seen: false,
    })
}

/// What else uses the same team, venue, asset or member at the same time. Occurrences of one
/// series lie on days of their own and are not held against each other.
async fn twice_with(db: &Db, activity: &Activity) -> Result<Vec<Twice>, DbError> {
    let mut values =
        args![activity.id, activity.starts_at, activity.ends_at, activity.starts_at - DAY_MS];
    let mut other_series = String::new();
    if let Some(series) = activity.series_id {
        values.push(series.into());
        other_series = format!(" AND (b.series_id IS NULL OR b.series_id <> ${})", values.len());
    }
    let mut parts = vec![];
    let mut part = |over: &str, from: &str, id: Value| {
        values.push(id);
        parts.push(format!(
            "SELECT '{over}' AS over_what, n.name, b.id AS other_id, b.title AS other_title,
                    b.starts_at AS other_starts, b.ends_at AS other_ends,
                    b.clash_reason AS other_reason
             FROM {from} = ${}
               AND b.id <> $1 AND b.starts_at < $3 AND b.starts_at > $4 AND b.ends_at > $2
               AND b.deleted_at IS NULL AND b.state <> 'cancelled'{other_series}",
            values.len()
        ));
    };
    if let Some(team) = activity.team_id {
        part("team", "activity b JOIN team n ON n.id = b.team_id WHERE b.team_id", team.into());
    }
    if let Some(venue) = activity.venue_id {
        part(
            "venue",
            "activity b JOIN venue n ON n.id = b.venue_id WHERE b.venue_id",
            venue.into(),
        );
    }
    for asset in &activity.assets {
        let from = "activity b JOIN activity_asset x ON x.activity_id = b.id
                    JOIN asset n ON n.id = x.asset_id WHERE x.asset_id";
        part("asset", from, asset.into());
    }
    for member in &activity.members {
        let from = "activity b JOIN activity_member x ON x.activity_id = b.id
                    JOIN member n ON n.id = x.member_id WHERE x.member_id";
        part("member", from, member.into());
    }
    if parts.is_empty() {
        return Ok(vec![]);
    }
    let statement = format!("{} ORDER BY other_starts LIMIT 10", parts.join(" UNION ALL "));
    db.rows(&statement, values).await?.iter().map(twice_of).collect()
}

/// Notes which other sides the reader may open.
async fn mark_seen(db: &Db, scope: &Scope, others: Vec<&mut Twice>) -> Result<(), DbError> {
    let ids: BTreeSet<ActivityId> = others.iter().map(|twice| twice.id).collect();
    let ids: Vec<ActivityId> = ids.into_iter().collect();
    let mut seen = HashSet::new();
    for some in ids.chunks(400) {
        let (touching, values) = scope.touching("a.unit_id");
        let mut conditions = Conditions::new().and(&touching, values);
        conditions.one_of("a.id", some.iter().map(Value::from).collect());
        let statement = format!("SELECT a.id FROM activity a{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            seen.insert(row.get::<ActivityId>("id")?);
        }
    }
    for twice in others {
        twice.seen = seen.contains(&twice.id);
    }
    Ok(())
}

/// All pairs that are in two places at once, of activities that begin in a span of time and touch
/// a scope: the conflict by the activity it stands against.
pub async fn pairs(
    db: &Db,
    scope: &Scope,
    (from, to): (i64, i64),
) -> Result<HashMap<ActivityId, Vec<Conflict>>, DbError> {
    let sides = [
        ("team", "JOIN activity b ON b.team_id = a.team_id JOIN team n ON n.id = a.team_id"),
        ("venue", "JOIN activity b ON b.venue_id = a.venue_id JOIN venue n ON n.id = a.venue_id"),
        (
            "asset",
            "JOIN activity_asset x ON x.activity_id = a.id
             JOIN activity_asset y ON y.asset_id = x.asset_id JOIN activity b ON b.id = y.activity_id
             JOIN asset n ON n.id = x.asset_id",
        ),
        (
            "member",
            "JOIN activity_member x ON x.activity_id = a.id
             JOIN activity_member y ON y.member_id = x.member_id
             JOIN activity b ON b.id = y.activity_id JOIN member n ON n.id = x.member_id",
        ),
    ];
    let (mut found, mut told) = (HashMap::<ActivityId, Vec<Twice>>::new(), HashSet::new());
    for (over, join) in sides {
        let (touching, values) = scope.touching("a.unit_id");
        let mut conditions = Conditions::after(args![from, to, DAY_MS]);
        conditions.push(
            "a.starts_at >= $1 AND a.starts_at < $2 AND a.deleted_at IS NULL
             AND a.state IN ('planned', 'confirmed') AND b.id <> a.id AND b.deleted_at IS NULL
             AND b.state <> 'cancelled' AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
             AND b.starts_at > a.starts_at - $3",
            vec![],
        );
        conditions.push(&touching, values);
        let statement = format!(
            "SELECT '{over}' AS over_what, n.name, a.id, b.id AS other_id, b.title AS other_title,
                    b.starts_at AS other_starts, b.ends_at AS other_ends,
                    b.clash_reason AS other_reason
             FROM activity a {join}{} ORDER BY a.starts_at, a.id, b.id LIMIT 2000",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            let (id, twice): (ActivityId, Twice) = (row.get("id")?, twice_of(&row)?);
            // Told once, from the side that comes first.
            if told.insert((over, id.min(twice.id), id.max(twice.id), twice.name.clone())) {
                found.entry(id).or_default().push(twice);
            }
        }
    }
    mark_seen(db, scope, found.values_mut().flatten().collect()).await?;
    let into_conflicts = |(id, twice): (ActivityId, Vec<Twice>)| {
        (id, twice.into_iter().map(Conflict::Twice).collect())
    };
    Ok(found.into_iter().map(into_conflicts).collect())
}

/// Everything that stands against activities to come: those of the list, each with what was found.
pub async fn coming(
    db: &Db,
    scope: &Scope,
    activities: &[Activity],
    span: (i64, i64),
) -> Result<Vec<Vec<Conflict>>, DbError> {
    let mut pairs = pairs(db, scope, span).await?;
    let mut all = by_time(db, activities).await?;
    for (activity, conflicts) in activities.iter().zip(&mut all) {
        conflicts.extend(pairs.remove(&activity.id).unwrap_or_default());
    }
    Ok(all)
}
