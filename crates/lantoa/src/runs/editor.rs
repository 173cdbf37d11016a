//! The pages on which a run is planned: its stops with what can be done with each, the form of a
//! stop, and what is read out.

use axum::extract::{Path, State as AppState};

use super::beside::task;
use super::crew;
use super::model::{Run, Stop, StopKind, Trouble, legs, troubles};
use super::{say, store};
use crate::catalogue;
use crate::foundation::form::Form;
use crate::foundation::ids::{ActivityId, RunStopId};
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Step, Tone, vocabulary};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};
use crate::schedule::{self, Activity, ActivityKind, State, store as activities};

type App = AppState<Shared>;

/// The run that the actor may plan, or "not found".
pub(super) async fn to_plan(
    app: &Shared,
    actor: &Actor,
    id: ActivityId,
) -> Result<Activity, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    let activity = activities::find(&app.db, &scope, id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    if activity.kind == ActivityKind::MobileRun { Ok(activity) } else { Err(Fault::NotFound) }
}

/// The forms of the page as they are filled in, and what is said above them.
#[derive(Default)]
pub(super) struct Typed {
    pub stop: Form,
    pub script: Option<Form>,
    pub said: Vec<Piece>,
}

pub(super) async fn page(
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
pub(super) fn blank(activity: &Activity, first: bool) -> Form {
    let kind = if first { StopKind::Pass } else { StopKind::Stop };
    Form::filled([
        ("kind", kind.to_string()),
        ("unit", activity.unit_id.to_string()),
        ("minutes", "20".to_owned()),
    ])
}

/// A stop of a run, with the others.
pub(super) async fn stop_of(
    app: &Shared,
    activity: &Activity,
    id: RunStopId,
) -> Result<(Vec<Stop>, usize), Fault> {
    let stops = store::find(&app.db, activity.id).await?.stops;
    let index = stops.iter().position(|stop| stop.id == id).ok_or(Fault::NotFound)?;
    Ok((stops, index))
}

pub(super) async fn stop_page(
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
