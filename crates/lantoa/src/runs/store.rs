//! All SQL of runs.

use std::collections::{HashMap, HashSet};

use super::model::{MINUTE, PACE, Run, RunStop, Session, Stop};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{ActivityId, MemberId, RunStopId, TopicId};
use crate::foundation::{Conditions, Db, DbError, Row, Tx, Value};
use crate::schedule::Activity;

const STOPS: &str = "SELECT s.id, s.kind, s.unit_id, s.venue_id, s.road, s.after_start, s.minutes,
        s.note, s.session_id, a.starts_at AS run_starts_at,
        CASE WHEN u.level = 'hamlet' THEN u.name || ', ' || p.name ELSE u.name END AS unit_name,
        COALESCE(v.name, '') AS venue_name,
        CASE WHEN v.lat IS NULL OR v.lon IS NULL THEN u.lat ELSE v.lat END AS lat,
        CASE WHEN v.lat IS NULL OR v.lon IS NULL THEN u.lon ELSE v.lon END AS lon,
        x.title AS session_title, x.starts_at AS session_starts_at, x.state AS session_state,
        x.deleted_at AS session_deleted_at
    FROM run_stop s
    JOIN activity a ON a.id = s.activity_id
    JOIN unit u ON u.id = s.unit_id
    LEFT JOIN unit p ON p.id = u.parent_id
    LEFT JOIN venue v ON v.id = s.venue_id
    LEFT JOIN activity x ON x.id = s.session_id
    WHERE s.activity_id = $1 ORDER BY s.position";

const TOPICS: &str = "SELECT t.stop_id, t.topic_id FROM run_stop_topic t
    JOIN run_stop s ON s.id = t.stop_id WHERE s.activity_id = $1 ORDER BY t.topic_id";

fn session_of(row: &Row) -> Result<Option<Session>, DbError> {
    let Some(id) = row.get::<Option<ActivityId>>("session_id")? else { return Ok(None) };
    Ok(Some(Session {
        id,
        title: row.get("session_title")?,
        starts_at: row.get("session_starts_at")?,
        state: row.parse("session_state")?,
        deleted: row.get::<Option<i64>>("session_deleted_at")?.is_some(),
    }))
}

fn stop_of(row: &Row) -> Result<Stop, DbError> {
    let starts_at: i64 = row.get("run_starts_at")?;
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get("lat")?, row.get("lon")?);
    let session = session_of(row)?;
    Ok(Stop {
        id: row.get("id")?,
        plan: RunStop {
            kind: row.parse("kind")?,
            unit: row.get("unit_id")?,
            venue: row.get("venue_id")?,
            road: row.get("road")?,
            arrives_at: starts_at + row.get::<i64>("after_start")? * MINUTE,
            minutes: row.get("minutes")?,
            note: row.get("note")?,
            session: session.as_ref().map(|session| session.id),
            topics: vec![],
        },
        unit_name: row.get("unit_name")?,
        venue_name: row.get("venue_name")?,
        point: lat.zip(lon),
        session,
    })
}

fn stops_of(rows: &[Row], topics: &[Row]) -> Result<Vec<Stop>, DbError> {
    let mut of: HashMap<RunStopId, Vec<TopicId>> = HashMap::new();
    for row in topics {
        of.entry(row.get("stop_id")?).or_default().push(row.get("topic_id")?);
    }
    let mut stops = rows.iter().map(stop_of).collect::<Result<Vec<_>, _>>()?;
    for stop in &mut stops {
        stop.plan.topics = of.remove(&stop.id).unwrap_or_default();
    }
    Ok(stops)
}

/// The stops of a run in their order, as a transaction sees them.
pub async fn stops(tx: &mut Tx, activity: ActivityId) -> Result<Vec<Stop>, DbError> {
    let rows = tx.rows(STOPS, args![activity]).await?;
    stops_of(&rows, &tx.rows(TOPICS, args![activity]).await?)
}

/// The run of an activity; an empty one where nothing is planned yet.
pub async fn find(db: &Db, activity: ActivityId) -> Result<Run, DbError> {
    let rows = db.rows(STOPS, args![activity]).await?;
    let stops = stops_of(&rows, &db.rows(TOPICS, args![activity]).await?)?;
    let own = "SELECT script, pace, lead_id FROM run WHERE activity_id = $1";
    match db.row(own, args![activity]).await? {
        Some(row) => Ok(Run {
            script: row.get("script")?,
            pace: row.get("pace")?,
            lead: row.get("lead_id")?,
            stops,
        }),
        None => Ok(Run { script: String::new(), pace: PACE, lead: None, stops }),
    }
}

/// Which of some activities have stops.
pub async fn planned(db: &Db, activities: &[ActivityId]) -> Result<HashSet<ActivityId>, DbError> {
    let mut found = HashSet::new();
    for some in activities.chunks(400) {
        let mut conditions = Conditions::new();
        conditions.one_of("activity_id", some.iter().map(Value::from).collect());
        let statement = format!("SELECT DISTINCT activity_id FROM run_stop{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            found.insert(row.get("activity_id")?);
        }
    }
    Ok(found)
}

/// Replaces the stops of a run by these, in this order. The activity is already stored in this
/// transaction, with the hours that the stops are meant for; the caller writes the audit log.
pub async fn write_stops(
    tx: &mut Tx,
    activity: ActivityId,
    stops: &[RunStop],
) -> Result<(), DbError> {
    let stops: Vec<(RunStopId, &RunStop)> =
        stops.iter().map(|stop| (RunStopId::new(), stop)).collect();
    put(tx, activity, &stops).await
}

/// As [`write_stops`], for stops that keep their ids.
pub async fn keep_stops(tx: &mut Tx, activity: ActivityId, stops: &[Stop]) -> Result<(), DbError> {
    let stops: Vec<(RunStopId, &RunStop)> =
        stops.iter().map(|stop| (stop.id, &stop.plan)).collect();
    put(tx, activity, &stops).await
}

async fn put(
    tx: &mut Tx,
    activity: ActivityId,
    stops: &[(RunStopId, &RunStop)],
) -> Result<(), DbError> {
    let row = tx.row("SELECT starts_at FROM activity WHERE id = $1", args![activity]).await?;
    let starts_at: i64 = match row {
        Some(row) => row.get("starts_at")?,
        None => return Ok(()),
    };
    tx.execute(
        "DELETE FROM run_stop_topic WHERE stop_id IN
             (SELECT id FROM run_stop WHERE activity_id = $1)",
        args![activity],
    )
    .await?;
    tx.execute("DELETE FROM run_stop WHERE activity_id = $1", args![activity]).await?;
    let rows = stops.iter().enumerate().map(|(index, (id, stop))| {
        args![
            *id,
            activity,
            index + 1,
            stop.kind.code(),
            stop.unit,
            stop.venue,
            &stop.road,
            (stop.arrives_at - starts_at).div_euclid(MINUTE),
            stop.minutes,
            &stop.note,
            stop.session,
        ]
    });
    tx.insert_many(
        "INSERT INTO run_stop (id, activity_id, position, kind, unit_id, venue_id, road,
             after_start, minutes, note, session_id)",
        rows,
        "",
    )
    .await?;
    let topics =
        stops.iter().flat_map(|(id, stop)| stop.topics.iter().map(|topic| args![*id, topic]));
    let head = "INSERT INTO run_stop_topic (stop_id, topic_id)";
    tx.insert_many(head, topics, "ON CONFLICT DO NOTHING").await
}

/// Stores what is read out, how fast, and who leads the crew.
pub async fn write_script(
    tx: &mut Tx,
    activity: ActivityId,
    script: &str,
    pace: i64,
    lead: Option<MemberId>,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO run (activity_id, script, pace, lead_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (activity_id) DO UPDATE SET script = excluded.script,
             pace = excluded.pace, lead_id = excluded.lead_id",
        args![activity, script, pace, lead],
    )
    .await?;
    Ok(())
}

/// Writes into the log that a run was changed: what of it, before and after.
pub async fn note_change(
    tx: &mut Tx,
    activity: &Activity,
    before: &impl serde::Serialize,
    after: &impl serde::Serialize,
    by: &Doer,
) -> Result<(), DbError> {
    Entry::new("changed", "activity", activity.id.0, &activity.title)
        .in_unit(activity.unit_id)
        .change(before, after)
        .write(tx, by)
        .await
}
