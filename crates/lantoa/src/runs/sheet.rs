//! The run sheet: what the crew holds in the hand, as a page to print and as a PDF of one page.

use std::collections::HashMap;

use axum::extract::{Path, State};
use documents::{RunSheet, SheetStop};

use super::beside::{map, task};
use super::crew::{self, Crew};
use super::model::{Run, legs};
use super::{say, store};
use crate::catalogue;
use crate::foundation::audit::Entry;
use crate::foundation::ids::{ActivityId, TopicId, UnitId};
use crate::foundation::page::download;
use crate::foundation::view::{Action, Cell, Page, Piece, Table};
use crate::foundation::{Fault, Lang, Outcome, Shared, T};
use crate::people::{Act, Actor};
use crate::schedule::{self, Activity, ActivityKind};

/// All that a run sheet is made of.
struct Gathered {
    activity: Activity,
    run: Run,
    crew: Crew,
    contacts: HashMap<UnitId, String>,
    labels: HashMap<TopicId, String>,
}

async fn gather(app: &Shared, actor: &Actor, id: ActivityId, t: T) -> Result<Gathered, Fault> {
    let activity = schedule::store::find(&app.db, &actor.scope(Act::Look)?, id).await?;
    if activity.kind != ActivityKind::MobileRun {
        return Err(Fault::NotFound);
    }
    let run = store::find(&app.db, id).await?;
    let crew = crew::of(app, actor, &activity).await?;
    let contacts = crew::contacts(app, actor, &run.stops).await?;
    let topics = catalogue::store::all_topics(&app.db).await?;
    let labels = topics.into_iter().map(|(id, topic)| (id, topic.label(t))).collect();
    Ok(Gathered { activity, run, crew, contacts, labels })
}

fn facts(of: &Gathered, t: T) -> Vec<(String, String)> {
    let mut facts = vec![(t.get("activity-when"), schedule::when(&of.activity))];
    let or_open = |said: String| if said.is_empty() { t.get("run-open") } else { said };
    facts.push((t.get("run-vehicle"), or_open(of.crew.vehicles.join("; "))));
    if !of.crew.team.is_empty() {
        facts.push((t.get("activity-team"), of.crew.team.clone()));
    }
    facts.push((t.get("run-crew"), or_open(of.crew.names().join(", "))));
    if let Some(lead) = of.crew.lead(&of.run) {
        facts.push((t.get("run-lead"), lead.name.clone()));
    }
    let topics: Vec<String> =
        of.activity.topics.iter().filter_map(|topic| of.labels.get(topic).cloned()).collect();
    if !topics.is_empty() {
        facts.push((t.get("activity-topics"), topics.join("; ")));
    }
    if !of.run.stops.is_empty() {
        facts.push((t.get("run-total"), say::total(&of.run, of.activity.ends_at, t)));
    }
    facts
}

fn compose(app: &Shared, of: &Gathered, t: T) -> RunSheet {
    let now = app.clock.local();
    let ways = legs(&of.run.stops);
    let stops = of.run.stops.iter().zip(ways).enumerate().map(|(index, (stop, way))| SheetStop {
        number: index + 1,
        time: say::time(stop.plan.arrives_at),
        stay: t.with("run-minutes", "minutes", stop.plan.minutes),
        place: stop.place(),
        way: if index == 0 { String::new() } else { say::way(way, t) },
        task: task(stop, &of.labels, t),
        contact: of.contacts.get(&stop.plan.unit).cloned().unwrap_or_default(),
    });
    RunSheet {
        issuer: app.home().map_or_else(String::new, |home| home.name),
        title: t.get("run-sheet"),
        subject: of.activity.title.clone(),
        made: t.with("run-sheet-made", "when", vietnamese::date_time(now)),
        dated: (now.year(), now.month(), now.day()),
        facts: facts(of, t),
        columns: ["run-number", "run-time", "run-place", "run-task", "run-contact", "run-came"]
            .map(|key| t.get(key)),
        stops: stops.collect(),
        script_title: t.get("run-script"),
        script_note: say::script(&of.run, t),
        script: of.run.script.clone(),
        apart_note: t.get("run-script-apart"),
        signatures: vec![(
            t.get("run-lead"),
            of.crew.lead(&of.run).map_or_else(String::new, |lead| lead.name.clone()),
        )],
        sign_here: t.get("run-sign-here"),
        notice: if app.demo { t.get("demo-notice") } else { String::new() },
    }
}

/// The run sheet as a PDF. It is written in Vietnamese whoever asks, as the crew reads it.
pub(super) async fn pdf(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<ActivityId>,
) -> Outcome {
    let t = T(Lang::Vi);
    let gathered = gather(&app, &actor, id, t).await?;
    let sheet = compose(&app, &gathered, t);
    let bytes = tokio::task::spawn_blocking(move || documents::run_sheet(&sheet))
        .await
        .map_err(Fault::internal)?
        .map_err(Fault::internal)?;
    let activity = &gathered.activity;
    let mut tx = app.db.begin().await?;
    Entry::new("exported", "activity", activity.id.0, &activity.title)
        .in_unit(activity.unit_id)
        .detail(serde_json::json!({ "file": "run-sheet.pdf" }))
        .write(&mut tx, &actor.doer())
        .await?;
    tx.commit().await?;
    let day = crate::foundation::clock::local(activity.starts_at).date();
    Ok(download(&format!("{} {day}.pdf", activity.title), "application/pdf", bytes))
}

/// Whom to ask for, with a link that calls where the number is shown.
fn contact(said: &str) -> Cell {
    match said.split_once('\n') {
        Some((name, phone)) => Cell::link(format!("{name}, {phone}"), format!("tel:{phone}")),
        None => Cell::text(said),
    }
}

/// The run sheet as a page that prints well.
pub(super) async fn page(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<ActivityId>,
) -> Outcome {
    let t = actor.t;
    let gathered = gather(&app, &actor, id, t).await?;
    let sheet = compose(&app, &gathered, t);
    let own = format!("/activities/{id}");
    let titles = ["run-place", "run-time", "run-task", "run-contact"].map(|key| t.get(key));
    let caption = t.with("run-count", "count", sheet.stops.len());
    let mut table = Table::new(caption, &titles, t.get("run-empty"));
    for stop in sheet.stops {
        table.rows.push(vec![
            Cell::text(format!("{}. {}", stop.number, stop.place)).and_small(stop.way),
            Cell::text(stop.time).and_small(stop.stay),
            Cell::text(stop.task),
            contact(&stop.contact),
        ]);
    }
    let title = format!("{}: {}", sheet.title, sheet.subject);
    let facts = sheet.facts.into_iter().map(|(label, value)| (label, Cell::text(value)));
    let mut page = Page::new(actor.shell(&app, "nav-activities", title))
        .crumb(t.get("nav-activities"), "/activities")
        .crumb(gathered.activity.title.clone(), own.clone())
        .with(Piece::Actions(vec![Action::main(
            t.get("run-sheet-pdf"),
            format!("{own}/run-sheet.pdf"),
        )]))
        .with(Piece::Facts(facts.collect()))
        .with(Piece::Table(table));
    if !sheet.script.is_empty() {
        page = page
            .with(Piece::Heading(t.get("run-script")))
            .with(Piece::Text(say::script(&gathered.run, t)));
        for line in sheet.script.lines().filter(|line| !line.trim().is_empty()) {
            page = page.with(Piece::Text(line.to_owned()));
        }
    }
    if let Some(map) = map(&app, &gathered.run, t).await? {
        page = page.with(Piece::Heading(t.get("run-map")));
        page.body.list.extend(map.list);
    }
    page.show()
}
