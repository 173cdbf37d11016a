//! What changes a run: adding, changing, moving and removing its stops, and what is read out. What
//! cannot be driven in time is refused.

use axum::extract::{Path, State as AppState};

use super::crew;
use super::editor::{Typed, blank, page, stop_of, stop_page, to_plan};
use super::model::{RunStop, Stop, StopKind, Trouble, close_up, next_arrival, troubles};
use super::{say, store};
use crate::catalogue;
use crate::foundation::form::Form;
use crate::foundation::ids::{ActivityId, MemberId, RunStopId, TopicId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Piece, Tone};
use crate::foundation::{Fault, Outcome, Shared, T, Tx, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};
use crate::schedule::{Activity, ActivityKind, store as activities};
use crate::units;

type App = AppState<Shared>;

/// The longest that one stop takes, in minutes.
const LONGEST: i64 = 600;
/// Stops that one run has at most: what a crew can do in a day, and a sheet can hold.
const MOST_STOPS: usize = 30;

/// Reads a stop from a form: `kind`, `unit`, `venue`, `road`, `minutes`, `arrives`, `session`,
/// `note`, `topics` (many). The arrival is none where it is left to be reckoned.
fn read(form: &mut Form, activity: &Activity) -> Option<(RunStop, Option<i64>)> {
    let kind = form.chosen::<StopKind>("kind");
    let unit = form.chosen::<UnitId>("unit");
    let minutes = form.number("minutes", 1..=LONGEST);
    if minutes.is_none() {
        form.refuse("minutes", "error-required");
    }
    let day = clock::local(activity.starts_at).date();
    let arrives = form.time("arrives").map(|time| clock::millis(day.to_datetime(time)));
    let road = form.optional("road", 200);
    if kind == Some(StopKind::Pass) && road.is_empty() {
        form.refuse("road", "error-required");
    }
    let topics = form.all("topics").iter().filter_map(|id| id.parse::<TopicId>().ok()).collect();
    let stop = RunStop {
        kind: kind?,
        unit: unit?,
        venue: form.parsed("venue"),
        road,
        arrives_at: arrives.unwrap_or(activity.starts_at),
        minutes: minutes.unwrap_or(1),
        note: form.optional("note", 500),
        session: form.parsed("session"),
        topics,
    };
    form.is_sound().then_some((stop, arrives))
}

/// Whether one of two units lies in the other.
async fn related(app: &Shared, a: UnitId, b: UnitId) -> Result<bool, Fault> {
    let above_a = units::path(&app.db, a).await?;
    let above_b = units::path(&app.db, b).await?;
    Ok(above_a.iter().any(|unit| unit.id == b) || above_b.iter().any(|unit| unit.id == a))
}

/// Checks that what a stop names is within reach and belongs together. A venue that
/// the form does not name is taken over from the session.
async fn within_reach(
    app: &Shared,
    actor: &Actor,
    stop: &mut RunStop,
    form: &mut Form,
) -> Result<(), Fault> {
    actor.scope(Act::EditActivities)?.require(&app.db, stop.unit).await?;
    let look = actor.scope(Act::Look)?;
    if let Some(session) = stop.session {
        let session = activities::find(&app.db, &look, session).await?;
        if session.kind == ActivityKind::MobileRun
            || !related(app, session.unit_id, stop.unit).await?
        {
            form.refuse("session", "error-run-session");
        }
        stop.venue = stop.venue.or(session.venue_id);
    }
    if let Some(venue) = stop.venue {
        let venue = rows::find(&app.db, &registers::VENUES, &look, venue.0).await?;
        if !related(app, venue.unit_id, stop.unit).await? {
            form.refuse("venue", "error-run-venue");
        }
    }
    let known = catalogue::store::all_topics(&app.db).await?;
    if stop.topics.iter().any(|topic| !known.contains_key(topic)) {
        form.refuse("topics", "error-choice");
    }
    Ok(())
}

/// A stop that is not stored yet: what it is known by comes from the database once it is.
fn draft(id: RunStopId, plan: RunStop) -> Stop {
    Stop {
        id,
        plan,
        unit_name: String::new(),
        venue_name: String::new(),
        point: None,
        session: None,
    }
}

/// Puts a stop in its place by time (at the end where no time was typed) and stores the run.
/// Gives the stops as they then stand, and what keeps that stop from being reached.
async fn put(
    tx: &mut Tx,
    activity: &Activity,
    id: RunStopId,
    plan: RunStop,
    arrives: Option<i64>,
) -> Result<(Vec<Stop>, Vec<Trouble>), Fault> {
    let mut stops = store::stops(tx, activity.id).await?;
    stops.retain(|stop| stop.id != id);
    stops.push(draft(id, plan));
    store::keep_stops(tx, activity.id, &stops).await?;
    let mut stops = store::stops(tx, activity.id).await?;
    if let Some((last, before)) = stops.split_last_mut() {
        let reached = next_arrival(activity.starts_at, before, last.point);
        let session = last.session.as_ref().map_or(reached, |s| s.starts_at.max(reached));
        last.plan.arrives_at = arrives.unwrap_or(session);
    }
    stops.sort_by_key(|stop| stop.plan.arrives_at);
    store::keep_stops(tx, activity.id, &stops).await?;
    let index = stops.iter().position(|stop| stop.id == id).unwrap_or(0);
    let mut found = troubles((activity.starts_at, activity.ends_at), &stops);
    found.retain(|trouble| trouble.concerns(index));
    Ok((stops, found))
}

fn summary(stops: &[Stop]) -> serde_json::Value {
    let said: Vec<String> =
        stops.iter().map(|stop| format!("{} {}", say::hours(stop), stop.place())).collect();
    serde_json::json!({ "stops": said.join("; ") })
}

/// What is wrong, each with the places named.
fn remarks(found: &[Trouble], stops: &[Stop], t: T) -> Vec<Piece> {
    let said = |trouble: &Trouble| Piece::Remark(Tone::Bad, say::trouble(*trouble, stops, t));
    found.iter().map(said).collect()
}

/// Stores a stop, new or changed. What cannot be driven is refused: then nothing is stored, the
/// form has the field marked, and what is wrong comes back.
async fn save(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    id: RunStopId,
    form: &mut Form,
) -> Result<Option<Vec<Piece>>, Fault> {
    let Some((mut plan, arrives)) = read(form, activity) else { return Ok(Some(vec![])) };
    within_reach(app, actor, &mut plan, form).await?;
    if !form.is_sound() {
        return Ok(Some(vec![]));
    }
    let mut tx = app.db.begin().await?;
    tx.hold(activity.id.0.as_bytes()).await?;
    let before = store::stops(&mut tx, activity.id).await?;
    if before.len() >= MOST_STOPS && !before.iter().any(|stop| stop.id == id) {
        form.refuse("kind", "error-run-full");
        return Ok(Some(vec![]));
    }
    let (stops, found) = put(&mut tx, activity, id, plan, arrives).await?;
    if !found.is_empty() {
        form.refuse("arrives", "error-run-time");
        return Ok(Some(remarks(&found, &stops, actor.t)));
    }
    let (before, after) = (summary(&before), summary(&stops));
    store::note_change(&mut tx, activity, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(None)
}

pub(super) async fn add(
    AppState(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    match save(&app, &actor, &activity, RunStopId::new(), &mut form).await? {
        None => Ok(redirect(&format!("/activities/{id}/run"))),
        Some(said) => {
            let typed = Typed { stop: form, said, ..Typed::default() };
            page(&app, &actor, &activity, typed).await?.refuse()
        }
    }
}

pub(super) async fn change_stop(
    AppState(app): App,
    actor: Actor,
    Path((id, stop)): Path<(ActivityId, RunStopId)>,
    mut form: Form,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let (stops, index) = stop_of(&app, &activity, stop).await?;
    match save(&app, &actor, &activity, stop, &mut form).await? {
        None => Ok(redirect(&format!("/activities/{id}/run"))),
        Some(said) => {
            stop_page(&app, &actor, &activity, &stops[index], &form, said).await?.refuse()
        }
    }
}

/// Which way a stop is moved.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    Earlier,
    Later,
}

/// Moves a stop before or behind its neighbour; every arrival is reckoned anew. An order that
/// brings new trouble is refused.
pub(super) async fn turn(
    which: Turn,
    AppState(app): App,
    actor: Actor,
    Path((id, stop)): Path<(ActivityId, RunStopId)>,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let hours = (activity.starts_at, activity.ends_at);
    let mut tx = app.db.begin().await?;
    tx.hold(id.0.as_bytes()).await?;
    let before = store::stops(&mut tx, id).await?;
    let index = before.iter().position(|other| other.id == stop).ok_or(Fault::NotFound)?;
    let other = match which {
        Turn::Earlier => index.checked_sub(1),
        Turn::Later => Some(index + 1).filter(|next| *next < before.len()),
    };
    let Some(other) = other else { return Ok(redirect(&format!("/activities/{id}/run"))) };
    let mut after = before.clone();
    after.swap(index, other);
    close_up(before[0].plan.arrives_at, &mut after);
    let found = troubles(hours, &after);
    if found.len() > troubles(hours, &before).len() {
        drop(tx);
        let mut said = vec![Piece::Remark(Tone::Bad, actor.t.get("run-order-refused"))];
        said.extend(remarks(&found, &after, actor.t));
        let stop = blank(&activity, false);
        return page(&app, &actor, &activity, Typed { stop, said, script: None }).await?.refuse();
    }
    store::keep_stops(&mut tx, id, &after).await?;
    let (before, after) = (summary(&before), summary(&after));
    store::note_change(&mut tx, &activity, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{id}/run")))
}

pub(super) async fn remove(
    AppState(app): App,
    actor: Actor,
    Path((id, stop)): Path<(ActivityId, RunStopId)>,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let mut tx = app.db.begin().await?;
    tx.hold(id.0.as_bytes()).await?;
    let before = store::stops(&mut tx, id).await?;
    let mut after = before.clone();
    after.retain(|other| other.id != stop);
    if after.len() == before.len() {
        return Err(Fault::NotFound);
    }
    store::keep_stops(&mut tx, id, &after).await?;
    let (before, after) = (summary(&before), summary(&after));
    store::note_change(&mut tx, &activity, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{id}/run")))
}

pub(super) async fn set_script(
    AppState(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let run = store::find(&app.db, id).await?;
    let script = form.optional("script", 8000).replace("\r\n", "\n");
    let pace = form.number("pace", 60..=400).unwrap_or(super::model::PACE);
    let lead = form.parsed::<MemberId>("lead");
    let crew = crew::of(&app, &actor, &activity).await?;
    if lead.is_some_and(|lead| crew.people.iter().all(|person| person.id != lead)) {
        form.refuse("lead", "error-choice");
    }
    if !form.is_sound() {
        let stop = blank(&activity, run.stops.is_empty());
        let typed = Typed { stop, script: Some(form), said: vec![] };
        return page(&app, &actor, &activity, typed).await?.refuse();
    }
    let said = |script: &str, pace: i64, lead: Option<MemberId>| {
        let name = crew.people.iter().find(|person| Some(person.id) == lead);
        let name = name.map_or("", |person| person.name.as_str());
        serde_json::json!({ "script": script, "pace": pace, "lead": name })
    };
    let (before, after) = (said(&run.script, run.pace, run.lead), said(&script, pace, lead));
    let mut tx = app.db.begin().await?;
    store::write_script(&mut tx, id, &script, pace, lead).await?;
    store::note_change(&mut tx, &activity, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{id}/run")))
}

/// Takes over the stops and the script of another run, at the same minutes after the start.
pub(super) async fn copy(
    AppState(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let Some(from) = form.chosen::<ActivityId>("from") else {
        return Err(form.faults());
    };
    let from = to_plan(&app, &actor, from).await?;
    let other = store::find(&app.db, from.id).await?;
    let scope = actor.scope(Act::EditActivities)?;
    let shift = activity.starts_at - from.starts_at;
    let mut plans: Vec<RunStop> = other.stops.into_iter().map(|stop| stop.plan).collect();
    for plan in &mut plans {
        scope.require(&app.db, plan.unit).await?;
        plan.arrives_at += shift;
        // The session of that day is not the session of this day.
        plan.session = None;
    }
    let own = store::find(&app.db, id).await?;
    let mut tx = app.db.begin().await?;
    tx.hold(id.0.as_bytes()).await?;
    let before = store::stops(&mut tx, id).await?;
    store::write_stops(&mut tx, id, &plans).await?;
    if own.script.is_empty() {
        store::write_script(&mut tx, id, &other.script, other.pace, own.lead).await?;
    }
    let after = store::stops(&mut tx, id).await?;
    let (before, after) = (summary(&before), summary(&after));
    store::note_change(&mut tx, &activity, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{id}/run")))
}
