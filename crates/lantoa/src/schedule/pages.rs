//! The pages of activities.

use std::pin::Pin;

use axum::extract::{Path, State as AppState};
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::model::{Activity, ActivityKind, State};
use super::photos;
use super::store::{self, Clash, Filter};
use crate::campaigns;
use crate::catalogue;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::ActivityId;
use crate::foundation::page::redirect;
use crate::foundation::view::{
    Action, Cell, Fields, Link, Page, Picture, Piece, Table, Tone, history, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, audit, clock};
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
        .route("/activities/new", get(blank).post(add))
        .route("/activities/{id}", get(show))
        .route("/activities/{id}/edit", get(edit).post(change))
        .route("/activities/{id}/state", post(set_state))
        .route("/activities/{id}/trash", post(trash))
        .route("/activities/{id}/photos", post(photos::add))
        .route("/photos/{id}", get(photos::show))
        .route("/photos/{id}/trash", post(photos::remove))
        .layer(Extension(beside))
}

type App = AppState<Shared>;

/// Day and hours of an activity: "Chủ nhật 17/09/2023, 19:30–21:00".
pub fn when(activity: &Activity) -> String {
    let (from, to) = (clock::local(activity.starts_at), clock::local(activity.ends_at));
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
    let skip = form.text("skip").parse().unwrap_or(0);
    let count = store::count(&app.db, &scope, &filter).await?;
    let found = store::list(&app.db, &scope, &filter, !ahead, skip, MOST).await?;
    let titles = [
        "activity-title",
        "activity-when",
        "unit",
        "activity-place",
        "activity-state",
        "activity-headcount",
    ]
    .map(|key| t.get(key));
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

async fn form_page(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    editing: Option<&Activity>,
    clashes: &[Clash],
) -> Result<Page, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::EditActivities)?;
    let campaigns = campaigns::store::list(&app.db, &scope).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let units = registers::unit_choices(app, actor, Act::EditActivities).await?;
    let mut fields = Fields::over(form, t)
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
    for (name, key, register) in [
        ("venue", "activity-venue", &registers::VENUES),
        ("team", "activity-team", &registers::TEAMS),
    ] {
        let list =
            rows::list(&app.db, register, &actor.scope(Act::Look)?, &rows::Wanted::default())
                .await?;
        let list = list
            .into_iter()
            .map(|row| (row.id.to_string(), format!("{} – {}", row.home_name, row.text("name"))));
        fields = fields.select(name, key, "none", list.collect());
    }
    fields = fields.text("place", "activity-place").hint("activity-place-hint");
    let assets =
        rows::list(&app.db, &registers::ASSETS, &actor.scope(Act::Look)?, &rows::Wanted::default())
            .await?;
    let assets =
        assets.into_iter().map(|row| (row.id.to_string(), row.text("name").to_owned())).collect();
    fields = fields
        .many("assets", "activity-assets", assets)
        .select("campaign", "activity-campaign", "none", campaigns)
        .many("topics", "activity-topics", catalogue::choices(&app.db, t).await?);
    if editing.is_none() {
        fields = fields.number("weeks", "activity-weeks").hint("activity-weeks-hint");
    }
    if !clashes.is_empty() {
        fields = fields.text("clash_reason", "activity-clash-reason").hint("activity-clash-hint");
    }
    let (title, action, back) = match editing {
        Some(activity) => {
            let own = format!("/activities/{}", activity.id);
            (format!("{}: {}", t.get("action-edit"), activity.title), format!("{own}/edit"), own)
        }
        None => (t.get("activity-new"), "/activities/new".to_owned(), "/activities".to_owned()),
    };
    let mut page = Page::new(actor.shell(app, "nav-activities", title))
        .crumb(t.get("nav-activities"), "/activities");
    if !clashes.is_empty() {
        let links = clashes.iter().map(|clash| {
            let at = vietnamese::date_time(clock::local(clash.starts_at));
            Link::to(
                format!("{}: {} ({at})", t.word("clash", &clash.over), clash.title),
                format!("/activities/{}", clash.id),
            )
        });
        page = page
            .with(Piece::Remark(Tone::Warn, t.get("activity-clash")))
            .with(Piece::Links(links.collect()));
    }
    Ok(page.with(Piece::Form(fields.post(action, "action-save", &back))))
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
    if form.text("campaign").is_empty()
        && let Some(current) =
            campaigns::store::current(&app.db, &actor.scope(Act::Look)?, app.clock.today()).await?
    {
        form.set("campaign", current.id.to_string());
    }
    form_page(&app, &actor, &form, None, &[]).await?.show()
}

/// Checks that everything an activity names is within reach.
async fn within_reach(app: &Shared, actor: &Actor, activity: &Activity) -> Result<(), Fault> {
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

async fn add(AppState(app): App, actor: Actor, mut form: Form) -> Outcome {
    let weeks = form.number("weeks", 1..=52).unwrap_or(1);
    let mut clashes = vec![];
    if let Some(mut activity) = store::read(&mut form) {
        within_reach(&app, &actor, &activity).await?;
        if weeks > 1 {
            activity.series_id = Some(uuid::Uuid::now_v7());
        }
        let all: Vec<Activity> =
            (0..weeks).map(|week| store::weeks_later(&activity, week)).collect();
        for one in &all {
            clashes.extend(store::clashes(&app.db, one).await?);
        }
        if clashes.is_empty() || !activity.clash_reason.is_empty() {
            let mut tx = app.db.begin().await?;
            for one in &all {
                store::save(&mut tx, one, true, &actor.doer()).await?;
            }
            tx.commit().await?;
            return Ok(redirect(&format!("/activities/{}", all[0].id)));
        }
        form.refuse("clash_reason", "error-required");
    }
    form_page(&app, &actor, &form, None, &clashes).await?.refuse()
}

async fn to_edit(app: &Shared, actor: &Actor, id: ActivityId) -> Result<Activity, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    let activity = store::find(&app.db, &scope, id).await?;
    scope.require(&app.db, activity.unit_id).await?;
    Ok(activity)
}

async fn edit(AppState(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = to_edit(&app, &actor, id).await?;
    let (from, to) = (clock::local(activity.starts_at), clock::local(activity.ends_at));
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut fields = vec![
        ("kind", activity.kind.to_string()),
        ("title", activity.title.clone()),
        ("unit", activity.unit_id.to_string()),
        ("day", from.date().to_string()),
        ("from", vietnamese::time(from.time())),
        ("to", vietnamese::time(to.time())),
        ("venue", text(activity.venue_id.map(|id| id.to_string()))),
        ("team", text(activity.team_id.map(|id| id.to_string()))),
        ("campaign", text(activity.campaign_id.map(|id| id.to_string()))),
        ("place", activity.place.clone()),
        ("clash_reason", activity.clash_reason.clone()),
    ];
    fields.extend(activity.assets.iter().map(|id| ("assets", id.to_string())));
    fields.extend(activity.topics.iter().map(|id| ("topics", id.to_string())));
    form_page(&app, &actor, &Form::filled(fields), Some(&activity), &[]).await?.show()
}

async fn change(
    AppState(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let before = to_edit(&app, &actor, id).await?;
    let mut clashes = vec![];
    if let Some(typed) = store::read(&mut form) {
        let after = Activity {
            id,
            series_id: before.series_id,
            state: before.state,
            cancel_reason: before.cancel_reason.clone(),
            headcount: before.headcount,
            minutes: before.minutes.clone(),
            members: before.members.clone(),
            ..typed
        };
        within_reach(&app, &actor, &after).await?;
        clashes = store::clashes(&app.db, &after).await?;
        if clashes.is_empty() || !after.clash_reason.is_empty() {
            let mut tx = app.db.begin().await?;
            store::save(&mut tx, &after, false, &actor.doer()).await?;
            tx.commit().await?;
            return Ok(redirect(&format!("/activities/{id}")));
        }
        form.refuse("clash_reason", "error-required");
    }
    form_page(&app, &actor, &form, Some(&before), &clashes).await?.refuse()
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
    if may_edit {
        actions.push(Action::quiet(t.get("action-edit"), format!("{own}/edit")));
        actions.push(Action::danger(t.get("action-delete"), format!("{own}/trash")));
    }
    let mut page = Page::new(actor.shell(app, "nav-activities", activity.title.clone()))
        .crumb(t.get("nav-activities"), "/activities")
        .with(Piece::Facts(facts))
        .with(Piece::Actions(actions));
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
    Ok(page.with(history(t, &lines)))
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
