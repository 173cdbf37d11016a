//! The pages of activities.

use std::pin::Pin;

use axum::extract::{Path, State as AppState};
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::form::{series_of, to_edit};
use super::model::{Activity, ActivityKind, State};
use super::series::{self, Series};
use super::store::{self, Filter};
use super::{amend, calendar, conflicts, feeds, form, opening, photos};
use crate::campaigns;
use crate::catalogue;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::ActivityId;
use crate::foundation::page::redirect;
use crate::foundation::view::{
    Action, Cell, Fields, Link, Page, Picture, Piece, Pieces, Table, Tone, history, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, T, audit, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};
use crate::units;

/// What a later room shows on the page of an activity. That room knows activities; activities do
/// not know it, so the site hands it in.
pub type Beside =
    for<'a> fn(
        &'a Shared,
        &'a Actor,
        &'a Activity,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Piece>, Fault>> + Send + 'a>>;

/// The pages of this room; `beside` is what later rooms show on the page of an activity.
pub fn routes(beside: &'static [Beside]) -> Router<Shared> {
    Router::new()
        .route("/activities", get(list))
        .route("/activities/{id}", get(show))
        .route("/activities/{id}/state", post(set_state))
        .route("/activities/{id}/trash", post(trash))
        .route("/activities/{id}/photos", post(photos::add))
        .route("/photos/{id}", get(photos::show))
        .route("/photos/{id}/trash", post(photos::remove))
        .merge(calendar::routes())
        .merge(feeds::routes())
        .merge(form::routes())
        .merge(amend::routes())
        .merge(opening::routes())
        .layer(Extension(beside))
}

type App = AppState<Shared>;

/// Day and hours of an activity: "Chủ nhật 17/09/2023, 19:30–21:00".
pub fn when(activity: &Activity) -> String {
    when_of(activity.starts_at, activity.ends_at)
}

/// The same, of a start and an end in epoch milliseconds.
pub fn when_of(starts_at: i64, ends_at: i64) -> String {
    let (from, to) = (clock::local(starts_at), clock::local(ends_at));
    format!(
        "{} {}, {}–{}",
        vietnamese::weekday(from.date()),
        vietnamese::date(from.date()),
        vietnamese::time(from.time()),
        vietnamese::time(to.time())
    )
}

fn state_tone(state: State) -> Tone {
    match state {
        State::Planned => Tone::Plain,
        State::Confirmed => Tone::Warn,
        State::Held => Tone::Good,
        State::Cancelled => Tone::Bad,
    }
}

/// The roster of an activity in one line: who comes, confirmed, declined, was reminded, was there.
fn roster_cell(t: T, counts: super::Counts) -> Cell {
    if counts.listed == 0 {
        return Cell::text(t.get("roster-nobody"));
    }
    let mut parts = vec![];
    for (key, count) in [
        ("roster-count-signed-up", counts.signed_up),
        ("roster-count-confirmed", counts.confirmed),
        ("roster-count-declined", counts.declined),
        ("roster-count-reminded", counts.reminded),
        ("roster-count-attended", counts.attended),
        ("roster-count-no-show", counts.no_show),
    ] {
        if count > 0 {
            parts.push(t.with(key, "count", vietnamese::number(count)));
        }
    }
    Cell::text(t.with("roster-count-coming", "count", vietnamese::number(counts.coming)))
        .and_small(parts.join(", "))
}

async fn list(AppState(app): App, actor: Actor, Query(form): Query) -> Outcome {
    const MOST: usize = 100;
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let mut filter = Filter::of(&form);
    // Without a question about time or state: what is to come. Else the latest first.
    let ahead = ["from", "to", "state"].iter().all(|name| form.text(name).is_empty());
    if ahead {
        filter.from = Some(app.clock.today());
    }
    let skip = form.text("skip").parse::<u32>().unwrap_or(0) as usize;
    let count = store::count(&app.db, &scope, &filter).await?;
    let found = store::list(&app.db, &scope, &filter, !ahead, skip, MOST).await?;
    let titles = [
        "activity-title",
        "activity-when",
        "unit",
        "activity-place",
        "activity-state",
        "roster",
        "activity-headcount",
    ]
    .map(|key| t.get(key));
    let ids: Vec<ActivityId> = found.iter().map(|item| item.activity.id).collect();
    let rosters = super::roster_counts(&app.db, &ids).await?;
    let caption = if ahead { "activities-ahead" } else { "activities-count" };
    let caption = t.with(caption, "count", vietnamese::number(count));
    let mut table = Table::new(caption, &titles, t.get("activities-empty"));
    for item in &found {
        let activity = &item.activity;
        table.rows.push(vec![
            Cell::link(&activity.title, format!("/activities/{}", activity.id))
                .and_small(t.name("kind", activity.kind)),
            Cell::text(when(activity)),
            Cell::text(&item.unit_name),
            Cell::text(&item.place),
            Cell::tag(state_tone(activity.state), t.name("state", activity.state)),
            rosters.get(&activity.id).map_or_else(Cell::default, |counts| roster_cell(t, *counts)),
            Cell::text(activity.headcount.map_or_else(String::new, vietnamese::number)),
        ]);
    }
    if skip + found.len() < count as usize {
        let query = form.query_without(&["skip"]);
        table.more = Some(Link::to(
            t.get("action-more"),
            format!("/activities?skip={}&{query}", skip + MOST),
        ));
    }
    let units = registers_units(&app, &actor).await?;
    let campaigns = campaigns::store::list(&app.db, &scope).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let filters = Fields::over(&form, t)
        .select("unit", "unit", "all", units)
        .select("kind", "activity-kind", "all", vocabulary(t, "kind", &ActivityKind::ALL))
        .select("state", "activity-state", "all", vocabulary(t, "state", &State::ALL))
        .input("from", "filter-from", "date")
        .input("to", "filter-to", "date")
        .select("campaign", "activity-campaign", "all", campaigns)
        .hidden("team")
        .hidden("venue")
        .hidden("asset")
        .hidden("member");
    let mut actions = vec![];
    if actor.may(Act::EditActivities) {
        let query = form.query_without(&["skip", "from", "to", "state"]);
        actions.push(Action::main(t.get("activity-new"), format!("/activities/new?{query}")));
    }
    if actor.may(Act::Exchange) {
        let mut asked = form.clone();
        if ahead {
            asked.set("from", app.clock.today().to_string());
        }
        let query = asked.query_without(&["skip"]);
        let export = format!("/exchange/activities/export/xlsx?{query}");
        actions.push(Action::quiet(t.get("exchange-exports"), export));
    }
    Page::new(actor.shell(&app, "nav-activities", t.get("nav-activities")))
        .with(Piece::Actions(actions))
        .with(filters.filter("/activities"))
        .with(Piece::Table(table))
        .show()
}

async fn registers_units(app: &Shared, actor: &Actor) -> Result<Vec<(String, String)>, Fault> {
    registers::unit_choices(app, actor, Act::Look).await
}

async fn state_form(
    app: &Shared,
    actor: &Actor,
    activity: &Activity,
    form: &Form,
    beside: &[Beside],
) -> Result<Page, Fault> {
    let t = actor.t;
    let look = actor.scope(Act::Look)?;
    let unit = units::find(&app.db, activity.unit_id).await?.ok_or(Fault::NotFound)?;
    let name_of = async |register, id: Option<uuid::Uuid>| -> Result<Cell, Fault> {
        match id {
            None => Ok(Cell::text("–")),
            Some(id) => match rows::find(&app.db, register, &look, id).await {
                Ok(row) => Ok(Cell::link(row.text("name"), format!("{}/{id}", register.path))),
                Err(Fault::NotFound) => Ok(Cell::text("–")),
                Err(fault) => Err(fault),
            },
        }
    };
    let mut facts = vec![
        (t.get("activity-kind"), Cell::text(t.name("kind", activity.kind))),
        (t.get("activity-when"), Cell::text(when(activity))),
        (t.get("unit"), Cell::link(unit.name, format!("/units/{}", unit.id))),
        (
            t.get("activity-venue"),
            name_of(&registers::VENUES, activity.venue_id.map(|id| id.0)).await?,
        ),
        (
            t.get("activity-team"),
            name_of(&registers::TEAMS, activity.team_id.map(|id| id.0)).await?,
        ),
        (
            t.get("activity-state"),
            Cell::tag(state_tone(activity.state), t.name("state", activity.state)),
        ),
    ];
    if !activity.place.is_empty() {
        facts.push((t.get("activity-place"), Cell::text(&activity.place)));
    }
    if let Some(campaign) = activity.campaign_id
        && let Ok(campaign) = campaigns::store::find(&app.db, &look, campaign).await
    {
        facts.push((
            t.get("activity-campaign"),
            Cell::link(campaign.name, format!("/campaigns/{}", campaign.id)),
        ));
    }
    for asset in &activity.assets {
        facts.push((t.get("activity-assets"), name_of(&registers::ASSETS, Some(asset.0)).await?));
    }
    if let Some(headcount) = activity.headcount {
        facts.push((t.get("activity-headcount"), Cell::text(vietnamese::number(headcount))));
    }
    if !activity.cancel_reason.is_empty() {
        facts.push((t.get("activity-cancel-reason"), Cell::text(&activity.cancel_reason)));
    }
    if !activity.clash_reason.is_empty() {
        facts.push((t.get("activity-clash-reason"), Cell::text(&activity.clash_reason)));
    }
    if !activity.minutes.is_empty() {
        facts.push((t.get("activity-minutes"), Cell::text(&activity.minutes)));
    }
    let topics = catalogue::store::all_topics(&app.db).await?;
    let names: Vec<String> = activity
        .topics
        .iter()
        .filter_map(|id| topics.get(id))
        .map(|topic| topic.label(t))
        .collect();
    if !names.is_empty() {
        facts.push((t.get("activity-topics"), Cell::text(names.join("; "))));
    }
    let series = series_of(app, activity).await?;
    if let Some(series) = &series {
        let mut sentence = Cell::text(series.repeat.sentence(t, series.first));
        if let Some(at) = activity.series_at.filter(|_| activity.is_moved()) {
            let at = vietnamese::date_time(clock::local(at));
            sentence = sentence.and_small(t.with("series-moved", "when", at));
        }
        facts.push((t.get("repeat"), sentence));
    }
    let own = format!("/activities/{}", activity.id);
    let may_edit = match actor.scope(Act::EditActivities) {
        Ok(scope) => scope.covers(&app.db, activity.unit_id).await?,
        Err(_) => false,
    };
    let mut actions = vec![];
    if actor.may(Act::RecordEncounters) && activity.state != State::Cancelled {
        actions.push(Action::main(
            t.get("nav-record"),
            format!("/encounters/new?activity={}", activity.id),
        ));
    }
    if actor.may(Act::ReadEncounters) {
        actions.push(Action::quiet(
            t.get("activity-encounters"),
            format!("/encounters?activity={}", activity.id),
        ));
    }
    let counts = super::roster_counts(&app.db, &[activity.id]).await?;
    facts.push((
        t.get("roster"),
        roster_cell(t, counts.get(&activity.id).copied().unwrap_or_default()),
    ));
    if may_edit {
        let roster = if activity.starts_at > actor.at { "roster-assign" } else { "roster-attend" };
        if activity.state != State::Cancelled {
            actions.push(Action::quiet(t.get(roster), format!("{own}/roster")));
        }
        actions.push(Action::quiet(t.get("action-edit"), format!("{own}/edit")));
        actions.push(Action::danger(t.get("action-delete"), format!("{own}/trash")));
    }
    let mut page = Page::new(actor.shell(app, "nav-activities", activity.title.clone()))
        .crumb(t.get("nav-activities"), "/activities")
        .with(Piece::Facts(facts));
    if matches!(activity.state, State::Planned | State::Confirmed) {
        let found = conflicts::of(&app.db, &look, std::slice::from_ref(activity)).await?;
        let found = found.into_iter().next().unwrap_or_default();
        if !found.is_empty() {
            for piece in form::conflict_pieces(t, &[(activity, found.as_slice())]) {
                page = page.with(piece);
            }
        }
    }
    page = page.with(Piece::Actions(actions));
    for other_room in beside {
        page.body.list.extend(other_room(app, actor, activity).await?);
    }
    let pictures: Vec<Picture> = photos::of(&app.db, activity.id)
        .await?
        .into_iter()
        .map(|photo| Picture {
            src: format!("/photos/{}", photo.id),
            text: if photo.caption.is_empty() { activity.title.clone() } else { photo.caption },
            remove: may_edit
                .then(|| (t.get("action-delete"), format!("/photos/{}/trash", photo.id))),
        })
        .collect();
    if !pictures.is_empty() {
        page = page.with(Piece::Pictures(pictures));
    }
    if may_edit {
        let fields = Fields::over(form, t)
            .select("state", "activity-state", "", vocabulary(t, "state", &State::ALL))
            .number("headcount", "activity-headcount")
            .hint("activity-headcount-hint")
            .long("minutes", "activity-minutes")
            .text("cancel_reason", "activity-cancel-reason")
            .hint("activity-cancel-hint");
        let photo = Form::default();
        let photo = Fields::over(&photo, t)
            .file("photo", "activity-photo", "image/jpeg,image/png")
            .hint("activity-photo-hint")
            .text("caption", "activity-caption")
            .post(format!("{own}/photos"), "activity-photo-add", "");
        page = page
            .with(Piece::Heading(t.get("activity-result")))
            .with(Piece::Form(fields.post(format!("{own}/state"), "action-save", "")))
            .with(Piece::Heading(t.get("activity-photos")))
            .with(Piece::Form(photo));
    }
    let lines = audit::history(&app.db, "activity", activity.id.0, 30).await?;
    if let Some(series) = &series {
        page = page.with(occurrences(app, actor, series).await?);
    }
    Ok(page.with(history(t, &lines)))
}

/// The occurrences of a series, with those moved, cancelled and left out.
async fn occurrences(app: &Shared, actor: &Actor, series: &Series) -> Result<Piece, Fault> {
    let t = actor.t;
    let all = store::seen_of_series(&app.db, &actor.scope(Act::Look)?, series.id).await?;
    let title = t.with("series-occurrences", "count", all.len());
    let titles = [t.get("activity-when"), t.get("activity-state"), t.get("series-note")];
    let mut table = Table::new(title.clone(), &titles, t.get("none"));
    for one in &all {
        let mut notes = vec![];
        if let Some(at) = one.series_at.filter(|_| one.is_moved()) {
            notes.push(t.with("series-moved", "when", vietnamese::date_time(clock::local(at))));
        }
        if !one.cancel_reason.is_empty() {
            notes.push(one.cancel_reason.clone());
        }
        table.rows.push(vec![
            Cell::link(when(one), format!("/activities/{}", one.id)),
            Cell::tag(state_tone(one.state), t.name("state", one.state)),
            Cell::text(notes.join("; ")),
        ]);
    }
    let last = all.iter().filter_map(|one| one.series_at).max().unwrap_or(i64::MAX);
    for (day, reason) in series::left_out(&app.db, series.id).await? {
        if clock::millis(day.at(0, 0, 0, 0)) <= last {
            let day = format!("{} {}", vietnamese::weekday(day), vietnamese::date(day));
            let out = Cell::tag(Tone::Plain, t.get("series-left-out"));
            table.rows.push(vec![Cell::text(day), out, Cell::text(reason)]);
        }
    }
    Ok(Piece::Fold(title, Pieces { list: vec![Piece::Table(table)], t }))
}

async fn show(
    AppState(app): App,
    Extension(beside): Extension<&'static [Beside]>,
    actor: Actor,
    Path(id): Path<ActivityId>,
) -> Outcome {
    let activity = store::find(&app.db, &actor.scope(Act::Look)?, id).await?;
    let form = Form::filled([
        ("state", activity.state.to_string()),
        ("headcount", activity.headcount.map_or_else(String::new, |n| n.to_string())),
        ("minutes", activity.minutes.clone()),
        ("cancel_reason", activity.cancel_reason.clone()),
    ]);
    state_form(&app, &actor, &activity, &form, beside).await?.show()
}

async fn set_state(
    AppState(app): App,
    Extension(beside): Extension<&'static [Beside]>,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let before = to_edit(&app, &actor, id).await?;
    let state = form.chosen::<State>("state").unwrap_or(before.state);
    let reason = form.optional("cancel_reason", 300);
    if state == State::Cancelled && reason.is_empty() {
        form.refuse("cancel_reason", "error-cancel-reason");
    }
    if state == State::Held && before.starts_at > actor.at {
        form.refuse("state", "error-not-yet-held");
    }
    let after = Activity {
        state,
        cancel_reason: if state == State::Cancelled { reason } else { String::new() },
        headcount: form.number("headcount", 0..=100_000),
        minutes: form.optional("minutes", 10_000),
        ..before.clone()
    };
    if !form.is_sound() {
        return state_form(&app, &actor, &before, &form, beside).await?.refuse();
    }
    let mut tx = app.db.begin().await?;
    store::save(&mut tx, &after, false, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/activities/{id}")))
}

async fn trash(AppState(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = to_edit(&app, &actor, id).await?;
    let mut tx = app.db.begin().await?;
    store::trash(&mut tx, &activity, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/activities"))
}
