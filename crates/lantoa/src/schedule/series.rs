//! Series: a rule and its occurrences. Occurrences are activities of their own, because people
//! are counted, photos taken and rosters made for each; the series keeps the rule, the days left
//! out, and where the rule put an occurrence that a person has moved.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

use super::model::{Activity, State};
use super::repeat::Repeat;
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{ActivityId, SeriesId, UnitId};
use crate::foundation::{Db, DbError, Tx, clock};

/// A rule with where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub id: SeriesId,
    pub unit_id: UnitId,
    pub title: String,
    pub repeat: Repeat,
    /// The first start (DTSTART).
    pub first: DateTime,
}

/// Which occurrences an edit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Chỉ buổi này.
    This,
    /// Buổi này và sau này.
    Following,
    /// Cả chuỗi.
    All,
}

impl Reach {
    /// Every value, in the order of screens.
    pub const ALL: [Reach; 3] = [Reach::This, Reach::Following, Reach::All];

    /// The word in forms and translation keys (`reach-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Reach::This => "this",
            Reach::Following => "following",
            Reach::All => "all",
        }
    }

    /// The reach of a form's word; nothing said means only this one.
    pub fn of(word: &str) -> Self {
        Reach::ALL.into_iter().find(|reach| reach.code() == word).unwrap_or(Reach::This)
    }
}

/// What an edit of a series comes to.
#[derive(Debug, Default)]
pub struct Edited {
    /// Those that say something else than before.
    pub changed: Vec<Activity>,
    pub added: Vec<Activity>,
    pub dropped: Vec<Activity>,
}

/// An activity at another start of its series, lasting as long.
pub fn occurrence(of: &Activity, series: SeriesId, start: i64) -> Activity {
    Activity {
        id: ActivityId::new(),
        series_id: Some(series.0),
        series_at: Some(start),
        starts_at: start,
        ends_at: start + (of.ends_at - of.starts_at),
        ..of.clone()
    }
}

fn day_of(millis: i64) -> Date {
    clock::local(millis).date()
}

/// An occurrence with what was changed in another one: `this` became `typed`. What the form left
/// as it was stays as each occurrence has it, so that evenings in turn keep their halls.
fn changed_alike(before: &Activity, this: &Activity, typed: &Activity) -> Activity {
    macro_rules! changed {
        ($($field:ident),*) => { Activity {
            $($field: if typed.$field == this.$field {
                before.$field.clone()
            } else {
                typed.$field.clone()
            },)*
            clash_reason: typed.clash_reason.clone(),
            ..before.clone()
        }};
    }
    changed!(campaign_id, kind, title, unit_id, venue_id, place, team_id, assets, topics)
}

/// What becomes of the occurrences `affected` when their series is `after`, with days `shift` later
/// and with what was changed in `this` one when it became `typed`. What has begun, was held or
/// cancelled stays as it was; what a person has moved stays where it is; days left out stay out.
pub fn edit(
    after: &Series,
    affected: &[Activity],
    (this, typed): (&Activity, &Activity),
    shift: i64,
    left_out: &BTreeSet<Date>,
    now: i64,
) -> Edited {
    let mut wanted: BTreeMap<Date, i64> = after
        .repeat
        .starts(after.first)
        .into_iter()
        .map(|start| (day_of(start), start))
        .filter(|(day, _)| !left_out.contains(day))
        .collect();
    let mut edited = Edited::default();
    for before in affected {
        let at = before.series_at.unwrap_or(before.starts_at);
        let day = day_of(at).checked_add(shift.days()).unwrap_or(day_of(at));
        let start = wanted.remove(&day);
        let settled = matches!(before.state, State::Held | State::Cancelled);
        if settled || before.starts_at < now {
            // It keeps what it says, and belongs to the rule where the rule still meets it.
            edited.changed.push(Activity {
                series_id: Some(after.id.0),
                series_at: start.or(before.series_at),
                ..before.clone()
            });
            continue;
        }
        let Some(start) = start else {
            if before.is_moved() {
                edited.changed.push(Activity { series_id: Some(after.id.0), ..before.clone() });
            } else {
                edited.dropped.push(before.clone());
            }
            continue;
        };
        let with_time = occurrence(typed, after.id, start);
        let (starts_at, ends_at) = if before.is_moved() {
            (before.starts_at, before.ends_at)
        } else {
            (with_time.starts_at, with_time.ends_at)
        };
        edited.changed.push(Activity {
            series_id: Some(after.id.0),
            series_at: Some(start),
            starts_at,
            ends_at,
            ..changed_alike(before, this, typed)
        });
    }
    let same = |one: &Activity| affected.iter().any(|before| before == one);
    edited.changed.retain(|one| !same(one));
    edited.added = wanted
        .into_values()
        .filter(|start| *start >= now)
        .map(|start| occurrence(typed, after.id, start))
        .collect();
    edited
}

/// A series by its id.
pub async fn find(db: &Db, id: SeriesId) -> Result<Option<Series>, DbError> {
    let row = db
        .row("SELECT id, unit_id, title, rule, starts_at FROM series WHERE id = $1", args![id])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let first = clock::local(row.get("starts_at")?);
    let rule: String = row.get("rule")?;
    let repeat = Repeat::parse(&rule, first.date()).ok_or_else(|| DbError::Column {
        column: "rule".to_owned(),
        reason: format!("«{rule}» is not a rule of ours"),
    })?;
    Ok(Some(Series { id, unit_id: row.get("unit_id")?, title: row.get("title")?, repeat, first }))
}

/// Stores a series, new or changed.
pub async fn save(
    tx: &mut Tx,
    series: &Series,
    before: Option<&Series>,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO series (id, unit_id, title, rule, starts_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, title = excluded.title,
             rule = excluded.rule, starts_at = excluded.starts_at",
        args![
            series.id,
            series.unit_id,
            &series.title,
            series.repeat.to_string(),
            clock::millis(series.first),
            by.at
        ],
    )
    .await?;
    let flat = |series: &Series| {
        serde_json::json!({
            "title": series.title, "rule": series.repeat.to_string(),
            "first": vietnamese::date_time(series.first),
        })
    };
    let action = if before.is_some() { "changed" } else { "created" };
    Entry::new(action, "series", series.id.0, &series.title)
        .in_unit(series.unit_id)
        .change(&before.map(flat), &flat(series))
        .write(tx, by)
        .await
}

/// The days of a series that were left out, with the reason.
pub async fn left_out(db: &Db, id: SeriesId) -> Result<BTreeMap<Date, String>, DbError> {
    db.rows("SELECT day, reason FROM series_exception WHERE series_id = $1 ORDER BY day", args![id])
        .await?
        .iter()
        .map(|row| Ok((row.get("day")?, row.get("reason")?)))
        .collect()
}

/// Leaves days of a series out.
pub async fn leave_out(
    tx: &mut Tx,
    id: SeriesId,
    days: impl IntoIterator<Item = (Date, String)>,
) -> Result<(), DbError> {
    let rows = days.into_iter().map(|(day, reason)| args![id, day, reason]);
    tx.insert_many(
        "INSERT INTO series_exception (series_id, day, reason)",
        rows,
        "ON CONFLICT DO NOTHING",
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::ids::UnitId;
    use crate::schedule::ActivityKind;
    use crate::schedule::repeat::{Bound, Every};
    use jiff::civil::{Weekday, date};

    fn series(until: Date) -> Series {
        Series {
            id: SeriesId::new(),
            unit_id: UnitId::new(),
            title: String::new(),
            repeat: Repeat {
                every: Every::Weeks { interval: 1, days: vec![Weekday::Sunday] },
                bound: Bound::Until(until),
            },
            first: date(2023, 9, 17).at(19, 30, 0, 0),
        }
    }

    fn evening(series: &Series) -> Activity {
        let starts_at = clock::millis(series.first);
        Activity {
            id: ActivityId::new(),
            campaign_id: None,
            series_id: None,
            series_at: None,
            kind: ActivityKind::HallEvening,
            title: "Tối Chủ nhật".to_owned(),
            unit_id: series.unit_id,
            venue_id: None,
            place: String::new(),
            team_id: None,
            starts_at,
            ends_at: starts_at + 90 * 60_000,
            state: State::Planned,
            cancel_reason: String::new(),
            clash_reason: String::new(),
            headcount: None,
            minutes: String::new(),
            assets: vec![],
            members: vec![],
            topics: vec![],
        }
    }

    fn occurrences(series: &Series) -> Vec<Activity> {
        let typed = evening(series);
        let starts = series.repeat.starts(series.first);
        starts.into_iter().map(|start| occurrence(&typed, series.id, start)).collect()
    }

    #[test]
    fn what_was_moved_stays_moved_and_what_was_cancelled_stays_cancelled() {
        let series = series(date(2023, 10, 15));
        let mut before = occurrences(&series);
        before[1].starts_at += 86_400_000;
        before[1].ends_at += 86_400_000;
        before[2].state = State::Cancelled;
        let half = 30 * 60_000;
        let mut typed = evening(&series);
        typed.starts_at += half;
        typed.ends_at += half;
        let after = Series { first: clock::local(typed.starts_at), ..series };
        let edited = edit(&after, &before, (&before[0], &typed), 0, &BTreeSet::new(), 0);
        assert!(edited.added.is_empty() && edited.dropped.is_empty());
        assert_eq!(edited.changed[0].starts_at, before[0].starts_at + half);
        assert_eq!(edited.changed[1].starts_at, before[1].starts_at, "moved");
        assert_eq!(edited.changed[1].series_at, Some(before[1].series_at.unwrap() + half));
        assert_eq!(edited.changed[2].starts_at, before[2].starts_at, "cancelled");
    }

    #[test]
    fn a_longer_series_grows_and_a_shorter_one_shrinks_but_days_left_out_stay_out() {
        let long = series(date(2023, 10, 15));
        let before = occurrences(&long);
        let longer = Series { repeat: series(date(2023, 10, 29)).repeat, ..long.clone() };
        let out = BTreeSet::from([date(2023, 10, 22)]);
        let edited = edit(&longer, &before, (&before[0], &evening(&long)), 0, &out, 0);
        let added: Vec<Date> = edited.added.iter().map(|a| day_of(a.starts_at)).collect();
        assert_eq!(added, [date(2023, 10, 29)]);
        let shorter = Series { repeat: series(date(2023, 9, 24)).repeat, ..long.clone() };
        let edited = edit(&shorter, &before, (&before[0], &evening(&long)), 0, &out, 0);
        assert_eq!((edited.changed.len(), edited.dropped.len()), (0, 3));
    }

    #[test]
    fn moving_the_series_by_a_day_moves_its_occurrences_and_makes_no_new_ones() {
        let sundays = series(date(2023, 10, 16));
        let before = occurrences(&sundays);
        let first = sundays.first.checked_add(1.day()).unwrap();
        let repeat = sundays.repeat.edited(sundays.repeat.clone(), first.date(), 1, 0);
        let after = Series { repeat, first, ..sundays.clone() };
        let mut typed = evening(&sundays);
        typed.starts_at += 86_400_000;
        typed.ends_at += 86_400_000;
        let edited = edit(&after, &before, (&before[0], &typed), 1, &BTreeSet::new(), 0);
        assert!(edited.added.is_empty() && edited.dropped.is_empty(), "{edited:?}");
        assert!(
            edited
                .changed
                .iter()
                .zip(&before)
                .all(|(a, b)| a.starts_at == b.starts_at + 86_400_000)
        );
    }

    #[test]
    fn evenings_in_turn_keep_their_halls_when_the_series_is_renamed() {
        let series = series(date(2023, 10, 15));
        let mut before = occurrences(&series);
        for one in &mut before {
            one.unit_id = UnitId::new();
        }
        let typed = Activity { title: "Tên mới".to_owned(), ..before[0].clone() };
        let edited = edit(&series, &before, (&before[0], &typed), 0, &BTreeSet::new(), 0);
        let halls = |all: &[Activity]| all.iter().map(|a| a.unit_id).collect::<Vec<_>>();
        assert_eq!(halls(&edited.changed), halls(&before));
        assert!(edited.changed.iter().all(|a| a.title == "Tên mới"));
    }

    #[test]
    fn what_has_begun_stays_as_it_was() {
        let series = series(date(2023, 10, 15));
        let before = occurrences(&series);
        let mut typed = evening(&series);
        typed.title = "Tên mới".to_owned();
        let now = before[2].starts_at;
        let edited = edit(&series, &before, (&before[0], &typed), 0, &BTreeSet::new(), now);
        let changed: Vec<ActivityId> = edited.changed.iter().map(|a| a.id).collect();
        assert_eq!(changed, [before[2].id, before[3].id, before[4].id]);
        assert!(edited.changed.iter().all(|a| a.title == "Tên mới"));
    }
}
