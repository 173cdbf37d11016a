//! What the page of an activity shows of its run: the stops as a table and as a map.

use std::collections::HashMap;
use std::pin::Pin;

use super::model::{Run, Stop, StopKind, legs, troubles};
use super::{say, store};
use crate::catalogue;
use crate::foundation::ids::TopicId;
use crate::foundation::view::{Action, Cell, Piece, Pieces, Table, Tone};
use crate::foundation::{Fault, Shared, T};
use crate::people::{Act, Actor};
use crate::schedule::{Activity, ActivityKind};
use crate::units::track::{self, Mark};

/// The pieces of a run for the page of its activity; none for other kinds of activity.
pub fn pieces<'a>(
    app: &'a Shared,
    actor: &'a Actor,
    activity: &'a Activity,
) -> Pin<Box<dyn Future<Output = Result<Vec<Piece>, Fault>> + Send + 'a>> {
    Box::pin(async move {
        if activity.kind == ActivityKind::MobileRun {
            shown(app, actor, activity).await
        } else {
            Ok(vec![])
        }
    })
}

async fn shown(app: &Shared, actor: &Actor, activity: &Activity) -> Result<Vec<Piece>, Fault> {
    let t = actor.t;
    let run = store::find(&app.db, activity.id).await?;
    let own = format!("/activities/{}", activity.id);
    let may_edit = match actor.scope(Act::EditActivities) {
        Ok(scope) => scope.covers(&app.db, activity.unit_id).await?,
        Err(_) => false,
    };
    let mut actions = vec![];
    if !run.stops.is_empty() {
        actions.push(Action::quiet(t.get("run-sheet-pdf"), format!("{own}/run-sheet.pdf")));
        actions.push(Action::quiet(t.get("run-sheet-page"), format!("{own}/run-sheet")));
    }
    if may_edit && run.stops.is_empty() {
        actions.push(Action::main(t.get("run-make"), format!("{own}/run")));
    } else if may_edit {
        actions.push(Action::quiet(t.get("run-edit"), format!("{own}/run")));
    }
    let mut pieces = vec![Piece::Heading(t.get("run-route"))];
    for trouble in troubles((activity.starts_at, activity.ends_at), &run.stops) {
        pieces.push(Piece::Remark(Tone::Warn, say::trouble(trouble, &run.stops, t)));
    }
    if activity.assets.is_empty() {
        pieces.push(Piece::Remark(Tone::Warn, t.get("run-no-vehicle")));
    }
    let topics = catalogue::store::all_topics(&app.db).await?;
    let labels: HashMap<TopicId, String> =
        topics.iter().map(|(id, topic)| (*id, topic.label(t))).collect();
    let table = Piece::Table(table(&run, &labels, t));
    if let Some(map) = map(app, &run, t).await? {
        pieces.push(Piece::Columns(vec![Pieces { list: vec![table], t }, map]));
    } else {
        pieces.push(table);
    }
    if !run.stops.is_empty() {
        pieces.push(Piece::Text(say::total(&run, activity.ends_at, t)));
    }
    pieces.push(Piece::Actions(actions));
    Ok(pieces)
}

/// What is to be done at a stop: the note, then the topics.
pub fn task(stop: &Stop, labels: &HashMap<TopicId, String>, t: T) -> String {
    let mut parts = vec![t.name("run-kind", stop.plan.kind)];
    if !stop.plan.note.is_empty() {
        parts.push(stop.plan.note.clone());
    }
    parts.extend(stop.plan.topics.iter().filter_map(|topic| labels.get(topic).cloned()));
    if let Some(session) = stop.session.as_ref().filter(|session| session.stands()) {
        parts.push(format!("{} ({})", session.title, say::time(session.starts_at)));
    }
    parts.join("; ")
}

/// The stops of a run as a table.
pub fn table(run: &Run, labels: &HashMap<TopicId, String>, t: T) -> Table {
    let titles = ["run-place", "run-time", "run-task", "run-way"].map(|key| t.get(key));
    let caption = t.with("run-count", "count", run.stops.len());
    let mut table = Table::new(caption, &titles, t.get("run-empty"));
    for (index, (stop, way)) in run.stops.iter().zip(legs(&run.stops)).enumerate() {
        let way = if index == 0 { t.get("run-first") } else { say::way(way, t) };
        let minutes = t.with("run-minutes", "minutes", stop.plan.minutes);
        table.rows.push(vec![
            Cell::text(format!("{}. {}", index + 1, stop.place())),
            Cell::text(say::hours(stop)).and_small(minutes),
            Cell::text(task(stop, labels, t)),
            Cell::text(way),
        ]);
    }
    table
}

/// The stops on a map, with how to read it; none where no stop has a place.
pub async fn map(app: &Shared, run: &Run, t: T) -> Result<Option<Pieces>, Fault> {
    let mut marks = vec![];
    for (index, stop) in run.stops.iter().enumerate() {
        let Some(point) = stop.point else { continue };
        marks.push(Mark {
            number: index + 1,
            name: stop.unit_name.split(',').next().unwrap_or_default().to_owned(),
            point,
            passing: stop.plan.kind == StopKind::Pass,
            title: format!("{}. {} {}", index + 1, say::hours(stop), stop.place()),
        });
    }
    if marks.is_empty() {
        return Ok(None);
    }
    let units: Vec<_> = run.stops.iter().map(|stop| stop.plan.unit).collect();
    let ground = track::ground(&app.db, &units, app.clock.today()).await?;
    let drawing = track::draw(&marks, &ground, &t.get("run-map"));
    let how = format!("{} {}", t.get("run-map-how"), say::reckoning(t));
    let list = vec![Piece::Drawing(drawing), Piece::Text(how)];
    Ok(Some(Pieces { list, t }))
}
