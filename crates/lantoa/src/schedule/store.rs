//! All SQL of activities.

use std::collections::HashMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use uuid::Uuid;

use super::model::{Activity, ActivityKind, State};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{
    ActivityId, AssetId, CampaignId, MemberId, SeriesId, TeamId, UnitId, VenueId,
};
use crate::foundation::{Conditions, Db, DbError, Fault, Row, Tx, Value, clock};
use crate::people::Scope;

/// Reads an activity from a form: `campaign`, `kind`, `title`, `unit`, `venue`, `place`, `team`,
/// `day`, `from`, `to`, `assets`, `topics` (many), `clash_reason`. Who takes part is decided on its
/// roster, not here.
pub fn read(form: &mut Form) -> Option<Activity> {
    let kind = form.chosen::<ActivityKind>("kind");
    let unit_id = form.chosen::<UnitId>("unit");
    let title = form.required("title", 200);
    let (day, from, to) = (form.date("day"), form.time("from"), form.time("to"));
    if day.is_none() {
        form.refuse("day", "error-required");
    }
    if from.is_none() {
        form.refuse("from", "error-required");
    }
    if to.is_none() {
        form.refuse("to", "error-required");
    }
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        form.refuse("to", "error-ends-before");
    }
    let activity = Activity {
        id: ActivityId::new(),
        campaign_id: form.parsed("campaign"),
        series_id: None,
        series_at: None,
        kind: kind.unwrap_or(ActivityKind::Meeting),
        title,
        unit_id: unit_id.unwrap_or(UnitId(Uuid::nil())),
        venue_id: form.parsed("venue"),
        place: form.optional("place", 200),
        team_id: form.parsed("team"),
        starts_at: day.zip(from).map_or(0, |(day, from)| clock::millis(day.to_datetime(from))),
        ends_at: day.zip(to).map_or(0, |(day, to)| clock::millis(day.to_datetime(to))),
        state: State::Planned,
        cancel_reason: String::new(),
        clash_reason: form.optional("clash_reason", 300),
        headcount: None,
        minutes: String::new(),
        assets: ids(form, "assets"),
        members: vec![],
        topics: ids(form, "topics"),
    };
    form.is_sound().then_some(activity)
}

const COLUMNS: &str = "a.id, a.campaign_id, a.series_id, a.series_at, a.kind, a.title, a.unit_id,
    a.venue_id, a.place, a.team_id, a.starts_at, a.ends_at, a.state, a.cancel_reason, a.clash_reason,
    a.headcount, a.minutes";

fn activity_of(row: &Row) -> Result<Activity, DbError> {
    Ok(Activity {
        id: row.get("id")?,
        campaign_id: row.get("campaign_id")?,
        series_id: row.get("series_id")?,
        series_at: row.get("series_at")?,
        kind: row.parse("kind")?,
        title: row.get("title")?,
        unit_id: row.get("unit_id")?,
        venue_id: row.get("venue_id")?,
        place: row.get("place")?,
        team_id: row.get("team_id")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        state: row.parse("state")?,
        cancel_reason: row.get("cancel_reason")?,
        clash_reason: row.get("clash_reason")?,
        headcount: row.get("headcount")?,
        minutes: row.get("minutes")?,
        assets: vec![],
        members: vec![],
        topics: vec![],
    })
}

/// An activity in a list, with the names that it is known by.
pub struct Listed {
    pub activity: Activity,
    pub unit_name: String,
    /// The commune of a hamlet; empty for other units.
    pub commune_name: String,
    /// Venue, else the place in words.
    pub place: String,
    pub team_name: String,
}

impl Listed {
    /// Venue or place, then hamlet and commune, none of them said twice: "Nhà văn hóa Xóm 8, Xã
    /// Hiển Khánh".
    pub fn whereabouts(&self) -> String {
        let mut parts: Vec<&str> = vec![];
        for part in [self.place.as_str(), self.unit_name.as_str(), self.commune_name.as_str()] {
            let folded = vietnamese::fold(part);
            if !part.is_empty() && !parts.iter().any(|of| vietnamese::fold(of).ends_with(&folded)) {
                parts.push(part);
            }
        }
        parts.join(", ")
    }
}

/// Which activities are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub campaign: Option<CampaignId>,
    pub unit: Option<UnitId>,
    pub kind: Option<ActivityKind>,
    pub state: Option<State>,
    pub team: Option<TeamId>,
    pub venue: Option<VenueId>,
    pub asset: Option<AssetId>,
    pub member: Option<MemberId>,
    /// First and last day.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Only those after this one in the order of time: start and id.
    pub after: Option<(i64, ActivityId)>,
}

impl Filter {
    /// Reads a filter from the query of an address.
    pub fn of(form: &Form) -> Self {
        let date = |name| crate::foundation::form::read_date(form.text(name));
        Self {
            campaign: form.text("campaign").parse().ok(),
            unit: form.text("unit").parse().ok(),
            kind: form.text("kind").parse().ok(),
            state: form.text("state").parse().ok(),
            team: form.text("team").parse().ok(),
            venue: form.text("venue").parse().ok(),
            asset: form.text("asset").parse().ok(),
            member: form.text("member").parse().ok(),
            from: date("from"),
            to: date("to"),
            after: form
                .text("after")
                .split_once('.')
                .and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?))),
        }
    }

    fn conditions(&self, scope: &Scope) -> Conditions {
        let (touching, values) = scope.touching("a.unit_id");
        let start = |day: Date| clock::millis(day.at(0, 0, 0, 0));
        let end = self.to.map(|day| start(day.checked_add(1.day()).unwrap_or(day)));
        let mut conditions = Conditions::new();
        if let Some((at, id)) = self.after {
            let later = "a.starts_at > ? OR (a.starts_at = ? AND a.id > ?)";
            conditions.push(later, args![at, at, id]);
        }
        conditions
            .and("a.deleted_at IS NULL", vec![])
            .and(&touching, values)
            .and_if("a.campaign_id = ?", self.campaign)
            .and_if(
                "EXISTS (SELECT 1 FROM unit_ancestor w WHERE w.unit_id = a.unit_id AND w.ancestor_id = ?)",
                self.unit,
            )
            .and_if("a.kind = ?", self.kind.map(ActivityKind::code))
            .and_if("a.state = ?", self.state.map(State::code))
            .and_if("a.team_id = ?", self.team)
            .and_if("a.venue_id = ?", self.venue)
            .and_if(
                "EXISTS (SELECT 1 FROM activity_asset x WHERE x.activity_id = a.id AND x.asset_id = ?)",
                self.asset,
            )
            .and_if(
                "EXISTS (SELECT 1 FROM activity_member x WHERE x.activity_id = a.id AND x.member_id = ?)",
                self.member,
            )
            .and_if("a.starts_at >= ?", self.from.map(start))
            .and_if("a.starts_at < ?", end)
    }
}

/// How many activities a filter meets.
pub async fn count(db: &Db, scope: &Scope, filter: &Filter) -> Result<i64, DbError> {
    let conditions = filter.conditions(scope);
    db.count(
        &format!("SELECT COUNT(*) AS n FROM activity a{}", conditions.text()),
        conditions.values(),
    )
    .await
}

/// The local day of a start, counted from 1970 (UTC+7: `foundation::clock`).
const LOCAL_DAY: &str = "(a.starts_at + 25200000) / 86400000";

fn day_of_count(count: i64) -> Date {
    clock::local(count * 86_400_000).date()
}

fn per_day_query(scope: &Scope, filter: &Filter) -> (String, Vec<Value>) {
    let conditions = filter.conditions(scope);
    let statement = format!(
        "SELECT {LOCAL_DAY} AS day, a.kind, COUNT(*) AS n FROM activity a{}
         GROUP BY {LOCAL_DAY}, a.kind ORDER BY day, a.kind",
        conditions.text()
    );
    (statement, conditions.values())
}

/// How many activities of each kind there are on each local day.
pub async fn per_day(
    db: &Db,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<(Date, ActivityKind, i64)>, DbError> {
    let (statement, values) = per_day_query(scope, filter);
    db.rows(&statement, values)
        .await?
        .iter()
        .map(|row| Ok((day_of_count(row.get("day")?), row.parse("kind")?, row.get("n")?)))
        .collect()
}

fn first_of_days_query(scope: &Scope, filter: &Filter, most: usize) -> (String, Vec<Value>) {
    let mut conditions = filter.conditions(scope);
    let inner = format!(
        "SELECT {COLUMNS}, u.name AS unit_name, COALESCE(c.name, '') AS commune_name,
                COALESCE(v.name, a.place) AS shown_place,
                COALESCE(t.name, '') AS team_name,
                ROW_NUMBER() OVER (PARTITION BY {LOCAL_DAY} ORDER BY a.starts_at, a.id) AS nth
         FROM activity a JOIN unit u ON u.id = a.unit_id
         LEFT JOIN unit c ON c.id = u.parent_id AND u.level = 'hamlet'
         LEFT JOIN venue v ON v.id = a.venue_id LEFT JOIN team t ON t.id = a.team_id{}",
        conditions.text()
    );
    let most = conditions.bind(most);
    let statement =
        format!("SELECT * FROM ({inner}) AS d WHERE d.nth <= {most} ORDER BY d.starts_at, d.id");
    (statement, conditions.values())
}

/// The first few activities of each local day, in the order of time.
pub async fn first_of_days(
    db: &Db,
    scope: &Scope,
    filter: &Filter,
    most: usize,
) -> Result<Vec<Listed>, DbError> {
    let (statement, values) = first_of_days_query(scope, filter, most);
    db.rows(&statement, values).await?.iter().map(listed_of).collect()
}

/// How many activities of each kind a campaign held in a unit.
pub async fn held_by_kind(
    db: &Db,
    campaign: CampaignId,
    unit: UnitId,
) -> Result<Vec<(ActivityKind, i64)>, DbError> {
    db.rows(
        "SELECT a.kind, COUNT(*) AS n FROM activity a
         JOIN unit_ancestor w ON w.unit_id = a.unit_id AND w.ancestor_id = $2
         WHERE a.campaign_id = $1 AND a.state = 'held' AND a.deleted_at IS NULL
         GROUP BY a.kind ORDER BY COUNT(*) DESC, a.kind",
        args![campaign, unit],
    )
    .await?
    .iter()
    .map(|row| Ok((row.parse("kind")?, row.get("n")?)))
    .collect()
}

/// Activities in the order of time (or latest first), `most` of them after skipping `skip`.
pub async fn list(
    db: &Db,
    scope: &Scope,
    filter: &Filter,
    latest_first: bool,
    skip: usize,
    most: usize,
) -> Result<Vec<Listed>, DbError> {
    let mut conditions = filter.conditions(scope);
    let order = if latest_first { "DESC" } else { "ASC" };
    let (limit, offset) = (conditions.bind(most), conditions.bind(skip));
    let statement = format!(
        "SELECT {COLUMNS}, u.name AS unit_name, COALESCE(c.name, '') AS commune_name,
                COALESCE(v.name, a.place) AS shown_place,
                COALESCE(t.name, '') AS team_name
         FROM activity a JOIN unit u ON u.id = a.unit_id
         LEFT JOIN unit c ON c.id = u.parent_id AND u.level = 'hamlet'
         LEFT JOIN venue v ON v.id = a.venue_id LEFT JOIN team t ON t.id = a.team_id{}
         ORDER BY a.starts_at {order}, a.id LIMIT {limit} OFFSET {offset}",
        conditions.text()
    );
    db.rows(&statement, conditions.values()).await?.iter().map(listed_of).collect()
}

fn listed_of(row: &Row) -> Result<Listed, DbError> {
    Ok(Listed {
        activity: activity_of(row)?,
        unit_name: row.get("unit_name")?,
        commune_name: row.get("commune_name")?,
        place: row.get("shown_place")?,
        team_name: row.get("team_name")?,
    })
}

/// One activity with its assets, members and topics, if it touches the scope.
pub async fn find(db: &Db, scope: &Scope, id: ActivityId) -> Result<Activity, Fault> {
    let conditions = Filter::default().conditions(scope).and("a.id = ?", args![id]);
    let statement = format!("SELECT {COLUMNS} FROM activity a{}", conditions.text());
    let row = db.row(&statement, conditions.values()).await?.ok_or(Fault::NotFound)?;
    let mut found = vec![activity_of(&row)?];
    fill(db, &mut found).await?;
    found.pop().ok_or(Fault::NotFound)
}

/// All activities of a series that are not in the trash, in the order of its rule.
pub async fn of_series(db: &Db, series: SeriesId) -> Result<Vec<Activity>, DbError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM activity a WHERE a.series_id = $1 AND a.deleted_at IS NULL
         ORDER BY a.series_at, a.id"
    );
    let rows = db.rows(&statement, args![series]).await?;
    let mut found = rows.iter().map(activity_of).collect::<Result<Vec<_>, _>>()?;
    fill(db, &mut found).await?;
    Ok(found)
}

/// As [`of_series`], those that touch a scope, without what they use.
pub async fn seen_of_series(
    db: &Db,
    scope: &Scope,
    series: SeriesId,
) -> Result<Vec<Activity>, DbError> {
    let conditions = Filter::default().conditions(scope).and("a.series_id = ?", args![series]);
    let statement =
        format!("SELECT {COLUMNS} FROM activity a{} ORDER BY a.series_at, a.id", conditions.text());
    db.rows(&statement, conditions.values()).await?.iter().map(activity_of).collect()
}

/// The days on which the rule of a series puts what now lies in the trash.
pub async fn trashed_of_series(db: &Db, series: SeriesId) -> Result<Vec<Date>, DbError> {
    let statement = "SELECT COALESCE(series_at, starts_at) AS at FROM activity a
        WHERE series_id = $1 AND deleted_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM activity b WHERE b.series_id = a.series_id
                          AND b.series_at = a.series_at AND b.deleted_at IS NULL)";
    let rows = db.rows(statement, args![series]).await?;
    rows.iter().map(|row| Ok(clock::local(row.get("at")?).date())).collect()
}

/// Takes an activity out of its series; brought back from the trash, it stands by itself.
pub async fn leave_series(tx: &mut Tx, id: ActivityId) -> Result<(), DbError> {
    tx.execute("UPDATE activity SET series_id = NULL, series_at = NULL WHERE id = $1", args![id])
        .await?;
    Ok(())
}

/// How often each activity was changed, and when last, in epoch milliseconds.
pub async fn versions(
    db: &Db,
    ids: &[ActivityId],
) -> Result<HashMap<ActivityId, (i64, i64)>, DbError> {
    let mut versions = HashMap::new();
    for some in ids.chunks(400) {
        let mut conditions = Conditions::new();
        conditions.one_of("a.id", some.iter().map(Value::from).collect());
        let statement =
            format!("SELECT a.id, a.changes, a.changed_at FROM activity a{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            versions.insert(row.get("id")?, (row.get("changes")?, row.get("changed_at")?));
        }
    }
    Ok(versions)
}

/// Adds assets, members and topics to activities.
async fn fill(db: &Db, activities: &mut [Activity]) -> Result<(), DbError> {
    for some in activities.chunks_mut(400) {
        let places: HashMap<ActivityId, usize> =
            some.iter().enumerate().map(|(index, activity)| (activity.id, index)).collect();
        for (table, column) in [
            ("activity_asset", "asset_id"),
            ("activity_member", "member_id"),
            ("activity_topic", "topic_id"),
        ] {
            let mut conditions = Conditions::new();
            conditions.one_of("x.activity_id", some.iter().map(|a| Value::from(a.id)).collect());
            let statement = format!(
                "SELECT x.activity_id, x.{column} AS id FROM {table} x{}",
                conditions.text()
            );
            for row in db.rows(&statement, conditions.values()).await? {
                let Some(place) = places.get(&row.get("activity_id")?) else { continue };
                let activity = &mut some[*place];
                match column {
                    "asset_id" => activity.assets.push(row.get("id")?),
                    "member_id" => activity.members.push(row.get("id")?),
                    _ => activity.topics.push(row.get("id")?),
                }
            }
        }
    }
    Ok(())
}

/// Stores an activity, new or changed.
pub async fn save(
    tx: &mut Tx,
    activity: &Activity,
    is_new: bool,
    by: &Doer,
) -> Result<(), DbError> {
    let folded = vietnamese::fold(&activity.title);
    let values = args![
        activity.campaign_id,
        activity.series_id,
        activity.kind.code(),
        &activity.title,
        folded,
        activity.unit_id,
        activity.venue_id,
        &activity.place,
        activity.team_id,
        activity.starts_at,
        activity.ends_at,
        activity.state.code(),
        &activity.cancel_reason,
        &activity.clash_reason,
        activity.headcount,
        &activity.minutes,
        activity.id,
        activity.series_at,
        by.at,
    ];
    if is_new {
        tx.execute(
            "INSERT INTO activity (campaign_id, series_id, kind, title, folded, unit_id, venue_id,
                 place, team_id, starts_at, ends_at, state, cancel_reason, clash_reason, headcount,
                 minutes, id, series_at, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19, $19)",
            values,
        )
        .await?;
    } else {
        tx.execute(
            "UPDATE activity SET campaign_id = $1, series_id = $2, kind = $3, title = $4,
                 folded = $5, unit_id = $6, venue_id = $7, place = $8, team_id = $9,
                 starts_at = $10, ends_at = $11, state = $12, cancel_reason = $13,
                 clash_reason = $14, headcount = $15, minutes = $16, series_at = $18,
                 changed_at = $19, changes = changes + 1 WHERE id = $17",
            values,
        )
        .await?;
        for table in ["activity_asset", "activity_topic"] {
            let statement = format!("DELETE FROM {table} WHERE activity_id = $1");
            tx.execute(&statement, args![activity.id]).await?;
        }
    }
    let assets = activity.assets.iter().map(|asset| args![activity.id, asset]);
    tx.insert_many(
        "INSERT INTO activity_asset (activity_id, asset_id)",
        assets,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    let topics = activity.topics.iter().map(|topic| args![activity.id, topic]);
    tx.insert_many(
        "INSERT INTO activity_topic (activity_id, topic_id)",
        topics,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    let action = match (is_new, activity.state) {
        (true, _) => "created",
        (_, State::Confirmed) => "confirmed",
        (_, State::Held) => "held",
        (_, State::Cancelled) => "cancelled",
        _ => "changed",
    };
    Entry::new(action, "activity", activity.id.0, &activity.title)
        .in_unit(activity.unit_id)
        .detail(serde_json::json!({
            "starts_at": vietnamese::date_time(clock::local(activity.starts_at)),
            "headcount": activity.headcount,
            "reason": activity.cancel_reason,
            "clash_reason": activity.clash_reason,
        }))
        .write(tx, by)
        .await
}

/// Puts an activity into the trash.
pub async fn trash(tx: &mut Tx, activity: &Activity, by: &Doer) -> Result<(), DbError> {
    tx.execute(
        "UPDATE activity SET deleted_at = $1, changed_at = $1 WHERE id = $2",
        args![by.at, activity.id],
    )
    .await?;
    Entry::new("deleted", "activity", activity.id.0, &activity.title)
        .in_unit(activity.unit_id)
        .write(tx, by)
        .await
}

/// The ids given under a name of a form; what is no id is left out.
fn ids<V: std::str::FromStr>(form: &Form, name: &str) -> Vec<V> {
    form.all(name).iter().filter_map(|id| id.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[tokio::test]
    async fn a_month_is_read_by_the_index_of_time() {
        let folder = std::env::temp_dir().join(format!("lantoa-plan-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open_sqlite(&folder.join("lantoa.db")).await.unwrap();
        let scope = Scope::for_test(Uuid::nil());
        let (from, to) = (Some(date(2023, 9, 1)), Some(date(2023, 9, 30)));
        let filter = Filter { from, to, ..Filter::default() };
        let queries = [per_day_query(&scope, &filter), first_of_days_query(&scope, &filter, 3)];
        for (statement, values) in queries {
            let plan = db.rows(&format!("EXPLAIN QUERY PLAN {statement}"), values).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get("detail").unwrap()).collect();
            assert!(steps.iter().any(|step| step.contains("INDEX activity_time")), "{steps:?}");
        }
        db.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
