//! The form in which activities are planned and changed: one, or a series; what stands against
//! them is shown before anything is stored.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::State as AppState;
use axum::response::{Html, IntoResponse as _};
use axum::routing::get;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::conflicts::{self, Conflict};
use super::model::{Activity, ActivityKind};
use super::pages::when;
use super::repeat::{self, Repeat};
use super::series::{self, Reach, Series};
use super::store;
use crate::campaigns;
use crate::catalogue;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{ActivityId, SeriesId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Cell, Fields, Page, Piece, Pieces, Table, Tone, vocabulary};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};

type App = AppState<Shared>;

/// The pages on which activities are planned and changed.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/activities/new", get(blank).post(add))
        .route("/activities/check", get(check))
}

/// What stands against one activity.
pub(super) struct Against {
    pub activity: Activity,
    pub conflicts: Vec<Conflict>,
}

/// The conflicts of some activities as pieces of a page: what they mean, and each of them.
pub fn conflict_pieces(t: T, against: &[(&Activity, &[Conflict])]) -> Vec<Piece> {
    let blocked = against.iter().flat_map(|(_, all)| *all).any(Conflict::blocks);
    let (tone, key) =
        if blocked { (Tone::Bad, "activity-blocked") } else { (Tone::Warn, "activity-clash") };
    let titles = [t.get("activity-when"), t.get("conflict")];
    let count = against.iter().map(|(_, all)| all.len()).sum::<usize>();
    let mut table = Table::new(t.with("conflicts-count", "count", count), &titles, String::new());
    for (activity, conflicts) in against {
        for conflict in *conflicts {
            let (words, href) = conflict.words(t);
            table.rows.push(vec![
                Cell::text(when(activity)),
                href.map_or_else(|| Cell::text(words.clone()), |href| Cell::link(&words, href)),
            ]);
        }
    }
    vec![Piece::Remark(tone, t.get(key)), Piece::Table(table)]
}

fn pieces_of(t: T, against: &[Against]) -> Vec<Piece> {
    let pairs: Vec<_> = against
        .iter()
        .filter(|one| !one.conflicts.is_empty())
        .map(|one| (&one.activity, one.conflicts.as_slice()))
        .collect();
    if pairs.is_empty() { vec![] } else { conflict_pieces(t, &pairs) }
}

/// What the form says of places, people and things.
async fn resource_fields<'a>(
    app: &Shared,
    actor: &Actor,
    mut fields: Fields<'a>,
) -> Result<Fields<'a>, Fault> {
    let look = actor.scope(Act::Look)?;
    for (name, key, register) in [
        ("venue", "activity-venue", &registers::VENUES),
        ("team", "activity-team", &registers::TEAMS),
    ] {
        let list = rows::list(&app.db, register, &look, &rows::Wanted::default()).await?;
        let list = list
            .into_iter()
            .map(|row| (row.id.to_string(), format!("{} – {}", row.home_name, row.text("name"))));
        fields = fields.select(name, key, "none", list.collect());
    }
    fields = fields.text("place", "activity-place").hint("activity-place-hint");
    let assets = rows::list(&app.db, &registers::ASSETS, &look, &rows::Wanted::default()).await?;
    let assets =
        assets.into_iter().map(|row| (row.id.to_string(), row.text("name").to_owned())).collect();
    Ok(fields.many("assets", "activity-assets", assets))
}

fn repeat_fields(t: T, fields: Fields<'_>) -> Fields<'_> {
    let ways = [("weekly", "repeat-weekly"), ("monthly", "repeat-monthly")]
        .map(|(value, key)| (value.to_owned(), t.get(key)));
    fields
        .legend("repeat")
        .select("repeat", "repeat-way", "repeat-once", ways.to_vec())
        .many("days", "repeat-days", repeat::day_choices(t))
        .hint("repeat-days-hint")
        .number("every", "repeat-interval")
        .hint("repeat-interval-hint")
        .select("nth", "repeat-nth", "repeat-nth-own", repeat::nth_choices(t))
        .input("until", "repeat-until-field", "date")
        .hint("repeat-until-hint")
        .number("count", "repeat-count-field")
}

/// The page with the form, filled in so far, and what stands against what it says.
pub(super) async fn form_page(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    editing: Option<&Activity>,
    against: &[Against],
) -> Result<Page, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::EditActivities)?;
    let campaigns = campaigns::store::list(&app.db, &scope).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let units = registers::unit_choices(app, actor, Act::EditActivities).await?;
    let conflicting = against.iter().any(|one| !one.conflicts.is_empty());
    let mut fields = Fields::over(form, t);
    if editing.is_some_and(|activity| activity.series_id.is_some()) {
        let reaches =
            Reach::ALL.map(|reach| (reach.code().to_owned(), t.name("reach", reach.code())));
        fields = fields.one("which", "reach", reaches.to_vec()).hint("reach-hint");
    }
    if conflicting {
        fields = fields.text("clash_reason", "activity-clash-reason").hint("activity-clash-hint");
        if against.len() > 1 || form.ticked("repeat") {
            fields = fields.tick("skip", "conflicts-skip").hint("conflicts-skip-hint");
        }
    }
    fields = fields
        .select("kind", "activity-kind", "choose", vocabulary(t, "kind", &ActivityKind::ALL))
        .needed()
        .text("title", "activity-title")
        .needed()
        .select("unit", "unit", "choose", units)
        .needed()
        .input("day", "activity-day", "date")
        .needed()
        .input("from", "activity-from", "time")
        .needed()
        .input("to", "activity-to", "time")
        .needed();
    fields = resource_fields(app, actor, fields).await?;
    fields = fields.select("campaign", "activity-campaign", "none", campaigns).many(
        "topics",
        "activity-topics",
        catalogue::choices(&app.db, t).await?,
    );
    fields = repeat_fields(t, fields);
    let (title, action, back) = match editing {
        Some(activity) => {
            let own = format!("/activities/{}", activity.id);
            (format!("{}: {}", t.get("action-edit"), activity.title), format!("{own}/edit"), own)
        }
        None => (t.get("activity-new"), "/activities/new".to_owned(), "/activities".to_owned()),
    };
    let mut page = Page::new(actor.shell(app, "nav-activities", title))
        .crumb(t.get("nav-activities"), "/activities");
    for piece in pieces_of(t, against) {
        page = page.with(piece);
    }
    let mut view = fields.post(action, "action-save", &back);
    view.id = "activity";
    Ok(page.with(Piece::Form(view)))
}

async fn blank(AppState(app): App, actor: Actor, Query(mut form): Query) -> Outcome {
    actor.scope(Act::EditActivities)?;
    if form.text("day").is_empty() {
        form.set("day", app.clock.today().to_string());
    }
    if form.text("from").is_empty() {
        form.set("from", "19:30");
        form.set("to", "21:00");
    }
    if form.text("to").is_empty()
        && let Some(from) = form.time("from")
        && let Ok(to) = from.checked_add(90.minutes())
    {
        form.set("to", vietnamese::time(to));
    }
    if form.text("campaign").is_empty()
        && let Some(current) =
            campaigns::store::current(&app.db, &actor.scope(Act::Look)?, app.clock.today()).await?
    {
        form.set("campaign", current.id.to_string());
    }
    form_page(&app, &actor, &form, None, &[]).await?.show()
}

/// Checks that everything an activity names is within reach.
pub(super) async fn within_reach(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
) -> Result<(), Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    scope.require(&app.db, activity.unit_id).await?;
    let look = actor.scope(Act::Look)?;
    if let Some(campaign) = activity.campaign_id {
        campaigns::store::find(&app.db, &look, campaign).await?;
    }
    let assets = activity.assets.iter().map(|asset| (&registers::ASSETS, asset.0));
    let venue = activity.venue_id.iter().map(|venue| (&registers::VENUES, venue.0));
    let team = activity.team_id.iter().map(|team| (&registers::TEAMS, team.0));
    for (register, id) in assets.chain(venue).chain(team) {
        rows::find(&app.db, register, &look, id).await?;
    }
    Ok(())
}

/// The last day of the campaign that an activity belongs to.
pub(super) async fn campaign_ends(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
) -> Result<Option<Date>, Fault> {
    let Some(campaign) = activity.campaign_id else { return Ok(None) };
    let look = actor.scope(Act::Look)?;
    Ok(Some(campaigns::store::find(&app.db, &look, campaign).await?.ends_on))
}

pub(super) fn day_of(activity: &Activity) -> Date {
    clock::local(activity.starts_at).date()
}

/// The conflicts of activities about to be stored, and what the person said to them: nothing (the
/// form is refused), a reason (kept with those in conflict), or to leave these days out (they
/// are taken from `activities` and given back).
pub(super) async fn weigh(
    app: &Shared,
    actor: &Actor,
    form: &mut Form,
    activities: &mut Vec<Activity>,
) -> Result<(Vec<Against>, Vec<Activity>), Fault> {
    let look = actor.scope(Act::Look)?;
    let found = conflicts::of(&app.db, &look, activities).await?;
    let mut against = vec![];
    for (activity, conflicts) in activities.iter_mut().zip(found) {
        if conflicts.is_empty() {
            activity.clash_reason = String::new();
        }
        against.push(Against { activity: activity.clone(), conflicts });
    }
    let conflicting = |against: &[Against]| against.iter().any(|one| !one.conflicts.is_empty());
    if !conflicting(&against) {
        return Ok((vec![], vec![]));
    }
    if form.ticked("skip") && against.iter().any(|one| one.conflicts.is_empty()) {
        let free: BTreeSet<ActivityId> = against
            .iter()
            .filter(|one| one.conflicts.is_empty())
            .map(|one| one.activity.id)
            .collect();
        let (kept, left_out) = activities.drain(..).partition(|one| free.contains(&one.id));
        *activities = kept;
        return Ok((vec![], left_out));
    }
    if against.iter().flat_map(|one| &one.conflicts).any(Conflict::blocks) {
        form.refuse("day", "error-blocked");
    } else if form.text("clash_reason").is_empty() {
        form.refuse("clash_reason", "error-required");
    }
    Ok((against, vec![]))
}

async fn add(AppState(app): App, actor: Actor, mut form: Form) -> Outcome {
    let Some(activity) = store::read(&mut form) else {
        return form_page(&app, &actor, &form, None, &[]).await?.refuse();
    };
    within_reach(&app, &actor, &activity).await?;
    let ends = campaign_ends(&app, &actor, &activity).await?;
    let repeat = Repeat::read(&mut form, day_of(&activity), ends);
    let (series, mut all) = match repeat {
        None => (None, vec![activity]),
        Some(repeat) => first_occurrences(&activity, repeat),
    };
    if all.is_empty() {
        form.refuse("until", "error-repeat-none");
    }
    let mut against = vec![];
    if form.is_sound() {
        let left_out;
        (against, left_out) = weigh(&app, &actor, &mut form, &mut all).await?;
        if form.is_sound() {
            let mut tx = app.db.begin().await?;
            if let Some(series) = &series {
                series::save(&mut tx, series, None, &actor.doer()).await?;
                leave_out(&mut tx, series.id, &left_out, actor.t).await?;
            }
            for one in &all {
                store::save(&mut tx, one, true, &actor.doer()).await?;
            }
            tx.commit().await?;
            return Ok(redirect(&format!("/activities/{}", all[0].id)));
        }
    }
    form_page(&app, &actor, &form, None, &against).await?.refuse()
}

/// A new series with its occurrences; none where the rule never comes true.
fn first_occurrences(activity: &Activity, repeat: Repeat) -> (Option<Series>, Vec<Activity>) {
    let id = SeriesId::new();
    let starts = repeat.starts(clock::local(activity.starts_at));
    let all: Vec<Activity> =
        starts.into_iter().map(|start| series::occurrence(activity, id, start)).collect();
    let series = all.first().map(|first| Series {
        id,
        unit_id: activity.unit_id,
        title: activity.title.clone(),
        repeat,
        first: clock::local(first.starts_at),
    });
    (series, all)
}

pub(super) async fn leave_out(
    tx: &mut crate::foundation::Tx,
    series: SeriesId,
    left_out: &[Activity],
    t: T,
) -> Result<(), Fault> {
    let reason = t.get("left-out-conflict");
    let days = left_out.iter().map(|one| (day_of(one), reason.clone()));
    Ok(series::leave_out(tx, series, days).await?)
}

/// Conflicts of what a form says so far, as a fragment of a page.
async fn check(AppState(app): App, actor: Actor, Query(mut form): Query) -> Outcome {
    let t = actor.t;
    let editing = form.parsed::<ActivityId>("id");
    let Some(mut activity) = store::read(&mut form) else {
        return Ok(Html(String::new()).into_response());
    };
    actor.scope(Act::EditActivities)?.require(&app.db, activity.unit_id).await?;
    if let Some(id) = editing {
        let stored = to_edit(&app, &actor, id).await?;
        activity = Activity {
            id,
            series_id: stored.series_id,
            series_at: stored.series_at,
            members: stored.members,
            ..activity
        };
    }
    within_reach(&app, &actor, &activity).await?;
    let ends = campaign_ends(&app, &actor, &activity).await?;
    let all = match Repeat::read(&mut form, day_of(&activity), ends) {
        Some(repeat) if activity.series_id.is_none() => first_occurrences(&activity, repeat).1,
        _ => vec![activity],
    };
    let found = conflicts::of(&app.db, &actor.scope(Act::Look)?, &all).await?;
    let against: Vec<Against> = all
        .into_iter()
        .zip(found)
        .map(|(activity, conflicts)| Against { activity, conflicts })
        .collect();
    let pieces = Pieces { list: pieces_of(t, &against), t };
    Ok(Html(askama::Template::render(&pieces).map_err(Fault::internal)?).into_response())
}

/// An activity that the actor may change.
pub async fn to_edit(app: &Shared, actor: &Actor, id: ActivityId) -> Result<Activity, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    let activity = store::find(&app.db, &scope, id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    Ok(activity)
}

/// The series of an activity, if it is of one.
pub async fn series_of(app: &Shared, activity: &Activity) -> Result<Option<Series>, Fault> {
    match activity.series_id {
        Some(id) => Ok(series::find(&app.db, SeriesId(id)).await?),
        None => Ok(None),
    }
}
