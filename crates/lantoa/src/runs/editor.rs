//! Planning a run: adding, changing, moving and removing its stops, and what is read out.

use axum::extract::{Path, State as AppState};

use super::beside::task;
use super::crew;
use super::model::{Run, RunStop, Stop, StopKind, Trouble, close_up, legs, next_arrival, troubles};
use super::{say, store};
use crate::catalogue;
use crate::foundation::form::Form;
use crate::foundation::ids::{ActivityId, MemberId, RunStopId, TopicId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Step, Tone, vocabulary};
use crate::foundation::{Fault, Outcome, Shared, T, Tx, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};
use crate::schedule::{self, Activity, ActivityKind, State, store as activities};
use crate::units;

type App = AppState<Shared>;

/// The longest that one stop takes, in minutes.
const LONGEST: i64 = 600;
/// Stops that one run has at most: what a crew can do in a day, and a sheet can hold.
const MOST_STOPS: usize = 30;

/// The run that the actor may plan, or "not found".
async fn to_plan(app: &Shared, actor: &Actor, id: ActivityId) -> Result<Activity, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    let activity = activities::find(&app.db, &scope, id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    if activity.kind == ActivityKind::MobileRun { Ok(activity) } else { Err(Fault::NotFound) }
}

/// The forms of the page as they are filled in, and what is said above them.
#[derive(Default)]
struct Typed {
    stop: Form,
    script: Option<Form>,
    said: Vec<Piece>,
}

async fn page(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    typed: Typed,
) -> Result<Page, Fault> {
    let t = actor.t;
    let run = store::find(&app.db, activity.id).await?;
    let own = format!("/activities/{}", activity.id);
    let mut page = Page::new(actor.shell(
        app,
        "nav-activities",
        format!("{}: {}", t.get("run-edit"), activity.title),
    ))
    .crumb(t.get("nav-activities"), "/activities")
    .crumb(activity.title.clone(), own.clone())
    .about("activity-when", schedule::when(activity));
    page.body.list.extend(typed.said);
    page = page.with(Piece::Heading(t.get("run-route")));
    if run.stops.is_empty() {
        page = page.with(Piece::Text(t.get("run-empty")));
        if let Some(copy) = copy_form(app, actor, activity).await? {
            page = page.with(copy);
        }
    } else {
        page = page
            .with(Piece::Text(say::total(&run, activity.ends_at, t)))
            .with(Piece::Steps(steps(app, activity, &run, t).await?))
            .with(Piece::Text(format!("{} {}", t.get("run-order-how"), say::reckoning(t))));
    }
    let fields = stop_fields(app, actor, activity, &typed.stop).await?;
    let script = typed.script.unwrap_or_else(|| script_of(&run));
    let cut = say::too_short(&run, t);
    Ok(page
        .with(Piece::Heading(t.get("run-add")))
        .with(Piece::Form(fields.post(format!("{own}/run/stops"), "run-add", "")))
        .with(Piece::Heading(t.get("run-script")))
        .with_if(!run.script.is_empty(), || Piece::Text(say::script(&run, t)))
        .with_if(!cut.is_empty(), || Piece::Remark(Tone::Warn, cut.join(" ")))
        .with(script_form(app, actor, activity, &script).await?)
        .with(Piece::Actions(vec![Action::quiet(t.get("run-back"), own)])))
}

async fn steps(app: &Shared, activity: &Activity, run: &Run, t: T) -> Result<Vec<Step>, Fault> {
    let topics = catalogue::store::all_topics(&app.db).await?;
    let labels = topics.into_iter().map(|(id, topic)| (id, topic.label(t))).collect();
    let found = troubles((activity.starts_at, activity.ends_at), &run.stops);
    let ways = legs(&run.stops);
    let last = run.stops.len() - 1;
    let step = |(index, stop): (usize, &Stop)| {
        let base = format!("/activities/{}/run/stops/{}", activity.id, stop.id);
        let mut actions = vec![Action::quiet(t.get("action-edit"), format!("{base}/edit"))];
        if index > 0 {
            actions.push(Action::post(t.get("run-earlier"), format!("{base}/earlier")));
        }
        if index < last {
            actions.push(Action::post(t.get("run-later"), format!("{base}/later")));
        }
        actions.push(Action::danger(t.get("run-remove"), format!("{base}/remove")));
        let here = |trouble: &&Trouble| trouble.at() == index;
        let warnings: Vec<String> = found
            .iter()
            .filter(here)
            .map(|trouble| say::trouble(*trouble, &run.stops, t))
            .collect();
        let minutes = t.with("run-minutes", "minutes", stop.plan.minutes);
        Step {
            between: if index == 0 { String::new() } else { say::way(ways[index], t) },
            title: format!("{}. {} {}", index + 1, say::hours(stop), stop.place()),
            lines: vec![Cell::text(task(stop, &labels, t)).and_small(minutes)],
            warning: warnings.join(" "),
            actions,
        }
    };
    Ok(run.stops.iter().enumerate().map(step).collect())
}

async fn stop_fields<'a>(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    form: &'a Form,
) -> Result<Fields<'a>, Fault> {
    let t = actor.t;
    let look = actor.scope(Act::Look)?;
    let units = registers::unit_choices(app, actor, Act::EditActivities).await?;
    let wanted = rows::Wanted::default();
    let venues = rows::list(&app.db, &registers::VENUES, &look, &wanted).await?;
    let venues = venues
        .into_iter()
        .map(|row| (row.id.to_string(), format!("{} – {}", row.home_name, row.text("name"))));
    let mut fields = Fields::over(form, t)
        .one("kind", "run-stop-kind", vocabulary(t, "run-kind", &StopKind::ALL))
        .select("unit", "unit", "choose", units)
        .needed()
        .select("venue", "activity-venue", "none", venues.collect())
        .text("road", "run-road")
        .hint("run-road-hint")
        .number("minutes", "run-stay")
        .needed()
        .input("arrives", "run-arrives", "time")
        .hint("run-arrives-hint");
    let sessions = sessions(app, actor, activity).await?;
    if !sessions.is_empty() {
        fields = fields.select("session", "run-session", "none", sessions);
    }
    Ok(fields.long("note", "run-note").many(
        "topics",
        "activity-topics",
        catalogue::choices(&app.db, t).await?,
    ))
}

/// The sessions that are held while the run is under way, for choosing one.
async fn sessions(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
) -> Result<Vec<(String, String)>, Fault> {
    let day = clock::local(activity.starts_at).date();
    let filter = activities::Filter { from: Some(day), to: Some(day), ..Default::default() };
    let look = actor.scope(Act::Look)?;
    let found = activities::list(&app.db, &look, &filter, false, 0, 500).await?;
    let meets = |listed: &activities::Listed| {
        let other = &listed.activity;
        other.kind != ActivityKind::MobileRun
            && other.state != State::Cancelled
            && other.starts_at < activity.ends_at
            && other.ends_at > activity.starts_at
    };
    let named = |listed: activities::Listed| {
        let other = listed.activity;
        let name = format!("{} {} – {}", say::time(other.starts_at), other.title, listed.unit_name);
        (other.id.to_string(), name)
    };
    Ok(found.into_iter().filter(meets).map(named).collect())
}

fn script_of(run: &Run) -> Form {
    Form::filled([
        ("script", run.script.clone()),
        ("pace", run.pace.to_string()),
        ("lead", run.lead.map_or_else(String::new, |lead| lead.to_string())),
    ])
}

async fn script_form(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    form: &Form,
) -> Result<Piece, Fault> {
    let crew = crew::of(app, actor, activity).await?;
    let people = crew.people.into_iter().map(|person| (person.id.to_string(), person.name));
    let fields = Fields::over(form, actor.t)
        .long("script", "run-script-text")
        .hint("run-script-hint")
        .number("pace", "run-pace")
        .hint("run-pace-hint")
        .select("lead", "run-lead", "none", people.collect());
    let action = format!("/activities/{}/run/script", activity.id);
    Ok(Piece::Form(fields.post(action, "run-script-save", "")))
}

/// The form that takes the stops of an earlier run over; none where there is no such run.
async fn copy_form(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
) -> Result<Option<Piece>, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    let kind = Some(ActivityKind::MobileRun);
    let filter = activities::Filter { kind, ..Default::default() };
    let found = activities::list(&app.db, &scope, &filter, true, 0, 60).await?;
    let ids: Vec<ActivityId> = found.iter().map(|listed| listed.activity.id).collect();
    let planned = store::planned(&app.db, &ids).await?;
    let choices: Vec<(String, String)> = found
        .into_iter()
        .map(|listed| listed.activity)
        .filter(|other| other.id != activity.id && planned.contains(&other.id))
        .map(|other| {
            (other.id.to_string(), format!("{} – {}", schedule::when(&other), other.title))
        })
        .collect();
    if choices.is_empty() {
        return Ok(None);
    }
    let form = Form::default();
    let fields =
        Fields::over(&form, actor.t).select("from", "run-copy-from", "choose", choices).needed();
    let action = format!("/activities/{}/run/copy", activity.id);
    Ok(Some(Piece::Form(fields.post(action, "run-copy", ""))))
}

pub(super) async fn show(AppState(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let stop = blank(&activity, store::find(&app.db, id).await?.stops.is_empty());
    page(&app, &actor, &activity, Typed { stop, ..Typed::default() }).await?.show()
}

/// The form of a stop to add: a road first, then residential stops.
fn blank(activity: &Activity, first: bool) -> Form {
    let kind = if first { StopKind::Pass } else { StopKind::Stop };
    Form::filled([
        ("kind", kind.to_string()),
        ("unit", activity.unit_id.to_string()),
        ("minutes", "20".to_owned()),
    ])
}

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

/// A stop of a run, with the others.
async fn stop_of(
    app: &Shared,
    activity: &Activity,
    id: RunStopId,
) -> Result<(Vec<Stop>, usize), Fault> {
    let stops = store::find(&app.db, activity.id).await?.stops;
    let index = stops.iter().position(|stop| stop.id == id).ok_or(Fault::NotFound)?;
    Ok((stops, index))
}

async fn stop_page(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    stop: &Stop,
    form: &Form,
    said: Vec<Piece>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let own = format!("/activities/{}", activity.id);
    let title = format!("{}: {}", t.get("action-edit"), stop.place());
    let fields = stop_fields(app, actor, activity, form).await?;
    let action = format!("{own}/run/stops/{}/edit", stop.id);
    let mut page = Page::new(actor.shell(app, "nav-activities", title))
        .crumb(t.get("nav-activities"), "/activities")
        .crumb(activity.title.clone(), own.clone())
        .crumb(t.get("run-edit"), format!("{own}/run"))
        .about("activity-when", schedule::when(activity));
    page.body.list.extend(said);
    Ok(page.with(Piece::Form(fields.post(action, "action-save", &format!("{own}/run")))))
}

pub(super) async fn edit_stop(
    AppState(app): App,
    actor: Actor,
    Path((id, stop)): Path<(ActivityId, RunStopId)>,
) -> Outcome {
    let activity = to_plan(&app, &actor, id).await?;
    let (stops, index) = stop_of(&app, &activity, stop).await?;
    let stop = &stops[index];
    let plan = &stop.plan;
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut fields = vec![
        ("kind", plan.kind.to_string()),
        ("unit", plan.unit.to_string()),
        ("venue", text(plan.venue.map(|id| id.to_string()))),
        ("road", plan.road.clone()),
        ("minutes", plan.minutes.to_string()),
        ("arrives", say::time(plan.arrives_at)),
        ("session", text(plan.session.map(|id| id.to_string()))),
        ("note", plan.note.clone()),
    ];
    fields.extend(plan.topics.iter().map(|topic| ("topics", topic.to_string())));
    stop_page(&app, &actor, &activity, stop, &Form::filled(fields), vec![]).await?.show()
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
