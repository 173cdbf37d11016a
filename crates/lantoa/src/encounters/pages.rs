//! The pages on which encounters are recorded, found and corrected.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};

use super::model::{AgeGroup, Encounter, Outcome as Result_, TopicOutcome};
use super::store::{self, Filter};
use crate::campaigns;
use crate::catalogue;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{EncounterId, TopicId};
use crate::foundation::page::redirect;
use crate::foundation::view::{
    Action, Cell, Fields, Link, Page, Piece, Pieces, Table, Tone, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor, Role};
use crate::registers;
use crate::schedule::{self, ActivityKind};
use crate::units;

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/encounters", get(list))
        .route("/encounters/new", get(blank).post(add))
        .route("/encounters/{id}", get(show))
        .route("/encounters/{id}/edit", get(edit).post(change))
        .route("/encounters/{id}/withdraw", post(withdraw))
}

type App = State<Shared>;

/// The fields that stay filled in for the next person.
const STAYS: [&str; 7] = ["activity", "campaign", "unit", "channel", "topic", "outcome", "day"];

async fn form_fields<'a>(
    app: &Shared,
    actor: &Actor,
    form: &'a Form,
    act: Act,
    correcting: bool,
) -> Result<Fields<'a>, Fault> {
    let t = actor.t;
    let units = registers::unit_choices(app, actor, act).await?;
    let campaigns = campaigns::store::list(&app.db, &actor.scope(Act::Look)?).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let person = if correcting { "encounter-person-keep" } else { "encounter-person-hint" };
    let mut fields = Fields::over(form, t)
        .input("person", "encounter-person", "text")
        .hint(person)
        .text("codes", "encounter-codes")
        .hint("encounter-codes-hint")
        .one("age", "encounter-age", vocabulary(t, "age", &AgeGroup::ALL))
        .one("outcome", "encounter-outcome", vocabulary(t, "outcome", &Result_::ALL))
        .many("topic", "encounter-topics", catalogue::choices(&app.db, t).await?)
        .text("reason", "encounter-reason")
        .hint("encounter-reason-hint")
        .select("unit", "encounter-unit", "choose", units)
        .select("channel", "encounter-channel", "choose", vocabulary(t, "kind", &ActivityKind::ALL))
        .select("campaign", "encounter-campaign", "encounter-no-campaign", campaigns)
        .input("day", "encounter-day", "date")
        .input("time", "encounter-time", "time")
        .text("household", "encounter-household")
        .hint("encounter-household-hint")
        .text("note", "encounter-note")
        .hidden("activity");
    if correcting {
        fields = fields
            .tick("forget_person", "encounter-forget-person")
            .text("why", "encounter-why")
            .needed();
    } else {
        fields = fields.hidden("id");
    }
    Ok(fields)
}

async fn form_page(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    last: Option<&Encounter>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let fields = form_fields(app, actor, form, Act::RecordEncounters, false).await?;
    let mut page = Page::new(actor.shell(app, "nav-record", t.get("nav-record")));
    if let Ok(id) = form.text("activity").parse()
        && let Ok(activity) = schedule::store::find(&app.db, &actor.scope(Act::Look)?, id).await
    {
        page = page
            .about("encounter-activity", activity.title.clone())
            .about("activity-when", schedule::when(&activity));
    }
    if let Some(last) = last {
        let today = Filter { recorded_by: Some(actor.account_id), ..Filter::default() };
        let scope = actor.scope(Act::ReadEncounters)?;
        let count = store::how_many(&app.db, &scope, &today).await?;
        page = page
            .with(Piece::Remark(
                Tone::Good,
                t.with("encounter-recorded", "count", vietnamese::number(count)),
            ))
            .with(Piece::Actions(vec![Action::quiet(
                t.get("encounter-see-last"),
                format!("/encounters/{}", last.id),
            )]));
    }
    let mut view = fields.post("/encounters/new", "encounter-record", "");
    view.id = "encounter";
    Ok(page.with(Piece::Form(view)))
}

async fn blank(State(app): App, actor: Actor, Query(mut form): Query) -> Outcome {
    let scope = actor.scope(Act::RecordEncounters)?;
    let look = actor.scope(Act::Look)?;
    if let Ok(id) = form.text("activity").parse() {
        let activity = schedule::store::find(&app.db, &look, id).await?;
        if form.text("unit").is_empty() {
            form.set("unit", activity.unit_id.to_string());
        }
        form.set("channel", activity.kind.to_string());
        if let Some(campaign) = activity.campaign_id {
            form.set("campaign", campaign.to_string());
        }
        if form.all("topic").is_empty() {
            let topics = activity.topics.iter().map(|id| ("topic".to_owned(), id.to_string()));
            let fields = form.fields().iter().cloned().chain(topics).collect::<Vec<_>>();
            form = Form::filled(fields);
        }
    } else if form.text("campaign").is_empty()
        && let Some(current) = campaigns::store::current(&app.db, &look, app.clock.today()).await?
    {
        form.set("campaign", current.id.to_string());
    }
    if form.text("unit").is_empty() && scope.roots().len() == 1 {
        form.set("unit", scope.roots()[0].to_string());
    }
    if form.text("channel").is_empty()
        && actor.grants.iter().all(|grant| grant.role == Role::Counter)
    {
        form.set("channel", ActivityKind::CounterShift.code());
    }
    if form.text("outcome").is_empty() {
        form.set("outcome", Result_::Told.code());
    }
    if form.text("age").is_empty() {
        form.set("age", AgeGroup::Unknown.code());
    }
    if form.text("day").is_empty() {
        form.set("day", app.clock.today().to_string());
    }
    let last = match form.text("last").parse() {
        Ok(id) => store::find(&app.db, &actor.scope(Act::ReadEncounters)?, id).await.ok(),
        Err(_) => None,
    };
    // The id travels with the form: sending it twice counts once.
    form.set("id", EncounterId::new().to_string());
    form_page(&app, &actor, &form, last.as_ref()).await?.show()
}

/// Takes the numbers typed for topics ("9 10", "QD06-09") in place of the boxes ticked: quicker
/// than any list for who knows them. What is no topic is noted.
async fn take_codes(app: &Shared, form: &mut Form) -> Result<(), Fault> {
    let typed = form.text("codes").to_owned();
    let codes: Vec<&str> =
        typed.split([' ', ',', ';']).map(str::trim).filter(|code| !code.is_empty()).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let topics = catalogue::store::topics(&app.db).await?;
    let mut chosen = vec![];
    for code in codes {
        let meant = |topic: &&catalogue::Topic| {
            topic.code.eq_ignore_ascii_case(code)
                || topic.list_id.is_some() && topic.position.to_string() == code
        };
        match topics.iter().find(meant) {
            Some(topic) => chosen.push(("topic".to_owned(), topic.id.to_string())),
            None => form.refuse("codes", "error-code-unknown"),
        }
    }
    if form.is_sound() {
        let others = form.fields().iter().filter(|(name, _)| name != "topic").cloned();
        *form = Form::filled(others.chain(chosen).collect::<Vec<_>>());
    }
    Ok(())
}

async fn add(State(app): App, actor: Actor, mut form: Form) -> Outcome {
    let scope = actor.scope(Act::RecordEncounters)?;
    take_codes(&app, &mut form).await?;
    if let Some((id, _)) = store::take(&app, &scope, &mut form, &actor.doer()).await? {
        let mut query: Vec<String> = vec![format!("last={id}")];
        for (name, value) in form.fields() {
            if STAYS.contains(&name.as_str()) && !value.is_empty() {
                query.push(format!("{name}={}", crate::foundation::form::encode(value)));
            }
        }
        return Ok(redirect(&format!("/encounters/new?{}", query.join("&"))));
    }
    form_page(&app, &actor, &form, None).await?.refuse()
}

/// The topics of an encounter with what came of them, in words.
pub fn topics_text(
    encounter: &Encounter,
    names: &std::collections::HashMap<TopicId, catalogue::Topic>,
    t: T,
) -> String {
    let parts = encounter.topics.iter().map(|topic| {
        let name = names.get(&topic.topic_id).map_or("?", |of| of.name(&t));
        format!("{name}: {}", t.name("outcome", topic.outcome))
    });
    parts.collect::<Vec<_>>().join("; ")
}

async fn list(State(app): App, actor: Actor, Query(form): Query) -> Outcome {
    const MOST: usize = 50;
    let t = actor.t;
    let scope = actor.scope(Act::ReadEncounters)?;
    let filter = Filter::of(&form);
    let count = store::found(&app.db, &scope, &filter).await?;
    let cursor = Some(form.text("after")).filter(|text| !text.is_empty());
    let found = store::list(&app.db, &scope, &filter, cursor, MOST).await?;
    let names = catalogue::store::all_topics(&app.db).await?;
    let titles = [
        "encounter-met",
        "encounter-unit",
        "encounter-channel",
        "encounter-topics",
        "encounter-age",
        "encounter-known",
    ]
    .map(|key| t.get(key));
    let encounters = vietnamese::number(count.encounters);
    let caption = match count.people_and_households {
        Some((people, households)) => t.with_all(
            "encounters-count",
            &[
                ("encounters", &encounters),
                ("people", &vietnamese::number(people)),
                ("households", &vietnamese::number(households)),
            ],
        ),
        None => t.with("encounters-count-only", "encounters", encounters),
    };
    let mut table = Table::new(caption, &titles, t.get("encounters-empty"));
    let ids = found.iter().map(|encounter| encounter.unit_id).collect::<Vec<_>>();
    let unit_names = units::names(&app.db, &ids).await?;
    for encounter in &found {
        let key = |has: bool, key: &str| if has { t.get(key) } else { String::new() };
        let known = [
            key(encounter.person_key.is_some(), "encounter-has-person"),
            key(encounter.household_key.is_some(), "encounter-has-household"),
        ];
        table.rows.push(vec![
            Cell::link(
                vietnamese::date_time(clock::local(encounter.met_at)),
                format!("/encounters/{}", encounter.id),
            ),
            Cell::text(unit_names.get(&encounter.unit_id).map_or("", String::as_str)),
            Cell::text(t.name("kind", encounter.channel)),
            Cell::text(topics_text(encounter, &names, t)),
            Cell::text(t.name("age", encounter.age_group)),
            Cell::text(
                known.iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(", "),
            ),
        ]);
    }
    if found.len() == MOST
        && let Some(last) = found.last()
    {
        let query = form.query_without(&["after"]);
        let href = format!("/encounters?after={}&{query}", store::cursor_of(last));
        table.more = Some(Link::to(t.get("action-more"), href));
    }
    let campaigns = campaigns::store::list(&app.db, &actor.scope(Act::Look)?).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let units = registers::unit_choices(&app, &actor, Act::ReadEncounters).await?;
    let filters = Fields::over(&form, t)
        .select("campaign", "encounter-campaign", "all", campaigns)
        .select("unit", "unit", "all", units)
        .select("topic", "encounter-topics", "all", catalogue::choices(&app.db, t).await?)
        .select("channel", "encounter-channel", "all", vocabulary(t, "kind", &ActivityKind::ALL))
        .select("age", "encounter-age", "all", vocabulary(t, "age", &AgeGroup::ALL))
        .select("outcome", "encounter-outcome", "all", vocabulary(t, "outcome", &Result_::ALL))
        .tick("withdrawn", "encounter-withdrawn-only")
        .hidden("week")
        .hidden("activity")
        .hidden("people")
        .hidden("households");
    let mut actions = vec![];
    if actor.may(Act::RecordEncounters) {
        actions.push(Action::main(t.get("nav-record"), "/encounters/new"));
    }
    if actor.may(Act::Exchange) {
        let query = form.query_without(&["after"]);
        let export = format!("/exchange/encounters/export/xlsx?{query}");
        actions.push(Action::quiet(t.get("exchange-exports"), export));
        actions.push(Action::quiet(t.get("exchange-import"), "/exchange?book=encounters"));
    }
    let mut page = Page::new(actor.shell(&app, "nav-encounters", t.get("nav-encounters")));
    if let Some(unit) = filter.unit
        && let Some(unit) = units::find(&app.db, unit).await?
    {
        page = page.about("unit", unit.name);
    }
    if let Some(week) = filter.week {
        page = page.about("slice-week", vietnamese::date(week));
    }
    page.with(Piece::Actions(actions))
        .with(filters.filter("/encounters"))
        .with(Piece::Table(table))
        .show()
}

async fn facts(app: &Shared, t: T, encounter: &Encounter) -> Result<Vec<(String, Cell)>, Fault> {
    let names = catalogue::store::all_topics(&app.db).await?;
    let path = units::path(&app.db, encounter.unit_id).await?;
    let unit: Vec<String> = path.iter().rev().take(3).map(|unit| unit.name.clone()).collect();
    let has = |key: &Option<Vec<u8>>| Cell::text(t.get(if key.is_some() { "yes" } else { "no" }));
    let mut facts = vec![
        (t.get("encounter-met"), Cell::text(vietnamese::date_time(clock::local(encounter.met_at)))),
        (
            t.get("encounter-unit"),
            Cell::link(unit.join(", "), format!("/units/{}", encounter.unit_id)),
        ),
        (t.get("encounter-channel"), Cell::text(t.name("kind", encounter.channel))),
        (t.get("encounter-topics"), Cell::text(topics_text(encounter, &names, t))),
        (t.get("encounter-age"), Cell::text(t.name("age", encounter.age_group))),
        (t.get("encounter-has-person"), has(&encounter.person_key)),
        (t.get("encounter-has-household"), has(&encounter.household_key)),
        (t.get("encounter-revision"), Cell::text(encounter.revision.to_string())),
    ];
    let reasons: Vec<&str> = encounter
        .topics
        .iter()
        .map(|topic| topic.reason.as_str())
        .filter(|r| !r.is_empty())
        .collect();
    if let Some(reason) = reasons.first() {
        facts.push((t.get("encounter-reason"), Cell::text(*reason)));
    }
    if !encounter.note.is_empty() {
        facts.push((t.get("encounter-note"), Cell::text(&encounter.note)));
    }
    if let Some(activity) = encounter.activity_id {
        facts.push((
            t.get("encounter-activity"),
            Cell::link(t.get("encounter-open"), format!("/activities/{activity}")),
        ));
    }
    if let Some(campaign) = encounter.campaign_id {
        facts.push((
            t.get("encounter-campaign"),
            Cell::link(t.get("encounter-open"), format!("/campaigns/{campaign}")),
        ));
    }
    if encounter.withdrawn_at.is_some() {
        facts.push((t.get("encounter-state"), Cell::tag(Tone::Bad, t.get("encounter-withdrawn"))));
    }
    Ok(facts)
}

async fn show(State(app): App, actor: Actor, Path(id): Path<EncounterId>) -> Outcome {
    let t = actor.t;
    let encounter = store::find(&app.db, &actor.scope(Act::ReadEncounters)?, id).await?;
    let mut page = Page::new(actor.shell(&app, "nav-encounters", t.get("encounter-one")))
        .crumb(t.get("nav-encounters"), "/encounters")
        .with(Piece::Facts(facts(&app, t, &encounter).await?));
    if encounter.is_live() && actor.may(Act::CorrectEncounters) {
        let why = Form::default();
        let withdraw = Fields::over(&why, t).text("why", "encounter-why").needed().post(
            format!("/encounters/{id}/withdraw"),
            "encounter-withdraw",
            "",
        );
        page = page
            .with(Piece::Actions(vec![Action::main(
                t.get("encounter-correct"),
                format!("/encounters/{id}/edit"),
            )]))
            .with(Piece::Fold(
                t.get("encounter-withdraw"),
                Pieces { list: vec![Piece::Form(withdraw)], t },
            ));
    }
    for revision in store::revisions(&app.db, id).await? {
        let at = vietnamese::date_time(clock::local(revision.replaced_at));
        let title = t.with_all(
            "encounter-before",
            &[
                ("revision", &revision.revision),
                ("at", &at),
                ("by", &revision.by),
                ("reason", &revision.reason),
            ],
        );
        let before = facts(&app, t, &revision.content).await?;
        page = page.with(Piece::Heading(title)).with(Piece::Facts(before));
    }
    page.show()
}

async fn correct_page(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    id: EncounterId,
) -> Result<Page, Fault> {
    let t = actor.t;
    let fields = form_fields(app, actor, form, Act::CorrectEncounters, true).await?;
    let own = format!("/encounters/{id}");
    Ok(Page::new(actor.shell(app, "nav-encounters", t.get("encounter-correct")))
        .crumb(t.get("nav-encounters"), "/encounters")
        .with(Piece::Remark(Tone::Plain, t.get("encounter-correct-hint")))
        .with(Piece::Form(fields.post(format!("{own}/edit"), "action-save", &own))))
}

async fn edit(State(app): App, actor: Actor, Path(id): Path<EncounterId>) -> Outcome {
    let encounter = store::find(&app.db, &actor.scope(Act::CorrectEncounters)?, id).await?;
    let at = clock::local(encounter.met_at);
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut fields = vec![
        ("unit".to_owned(), encounter.unit_id.to_string()),
        ("channel".to_owned(), encounter.channel.to_string()),
        ("campaign".to_owned(), text(encounter.campaign_id.map(|id| id.to_string()))),
        ("activity".to_owned(), text(encounter.activity_id.map(|id| id.to_string()))),
        ("day".to_owned(), at.date().to_string()),
        ("time".to_owned(), vietnamese::time(at.time())),
        ("age".to_owned(), encounter.age_group.to_string()),
        ("note".to_owned(), encounter.note.clone()),
    ];
    if let Some(TopicOutcome { outcome, reason, .. }) = encounter.topics.first() {
        fields.push(("outcome".to_owned(), outcome.to_string()));
        fields.push(("reason".to_owned(), reason.clone()));
    }
    fields.extend(
        encounter.topics.iter().map(|topic| ("topic".to_owned(), topic.topic_id.to_string())),
    );
    correct_page(&app, &actor, &Form::filled(fields), id).await?.show()
}

async fn change(
    State(app): App,
    actor: Actor,
    Path(id): Path<EncounterId>,
    mut form: Form,
) -> Outcome {
    let scope = actor.scope(Act::CorrectEncounters)?;
    let before = store::find(&app.db, &scope, id).await?;
    if !before.is_live() {
        return Err(Fault::Conflict("fault-conflict"));
    }
    take_codes(&app, &mut form).await?;
    let why = form.required("why", 300);
    let topics = catalogue::store::all_topics(&app.db).await?;
    if let Some(draft) = store::read(&mut form, actor.at, &|topic| topics.contains_key(&topic)) {
        let placed = store::place(&app, &scope, &draft, &actor.doer()).await?;
        let forget = form.ticked("forget_person");
        let after = Encounter {
            id: before.id,
            person_key: if forget {
                None
            } else {
                placed.person_key.clone().or(before.person_key.clone())
            },
            household_key: placed.household_key.clone().or(before.household_key.clone()),
            reference: before.reference.clone(),
            recorded_by: before.recorded_by,
            recorded_at: before.recorded_at,
            ..placed
        };
        let mut tx = app.db.begin().await?;
        store::correct(&mut tx, &before, &after, &why, &actor.doer()).await?;
        tx.commit().await?;
        return Ok(redirect(&format!("/encounters/{id}")));
    }
    correct_page(&app, &actor, &form, id).await?.refuse()
}

async fn withdraw(
    State(app): App,
    actor: Actor,
    Path(id): Path<EncounterId>,
    mut form: Form,
) -> Outcome {
    let before = store::find(&app.db, &actor.scope(Act::CorrectEncounters)?, id).await?;
    let why = form.required("why", 300);
    if !form.is_sound() {
        return Err(form.faults());
    }
    store::withdraw(&app.db, &before, &why, &actor.doer()).await?;
    Ok(redirect(&format!("/encounters/{id}")))
}
