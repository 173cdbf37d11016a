//! The pages on which an office says when activities may take place: allowed hours by day of the
//! week, and closed days.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use jiff::ToSpan as _;

use super::closed::{self, Closed, ClosedKind};
use super::hours::{self, Rule, Sound, Week};
use crate::foundation::form::Form;
use crate::foundation::ids::{ClosedId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{
    Action, Cell, Fields, Page, Piece, Table, Tone, history, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, T, audit};
use crate::people::{Act, Actor};
use crate::units::{self, Unit};

type App = State<Shared>;

/// The pages of hours and closed days.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/units/{id}/opening", get(show))
        .route("/units/{id}/hours/{what}", get(edit_hours).post(set_hours))
        .route("/units/{id}/hours/{what}/unset", post(unset_hours))
        .route("/units/{id}/closed/new", get(blank).post(add))
        .route("/closed/{id}/edit", get(edit).post(change))
        .route("/closed/{id}/trash", post(trash))
}

/// A unit in reach of an act.
async fn unit_in_reach(app: &Shared, actor: &Actor, act: Act, id: UnitId) -> Result<Unit, Fault> {
    actor.scope(act)?.require(&app.db, id).await?;
    units::find(&app.db, id).await?.ok_or(Fault::NotFound)
}

fn opening(unit: UnitId) -> String {
    format!("/units/{unit}/opening")
}

/// How strictly a rule is kept, in words.
fn strictness(t: T, blocks: bool) -> String {
    t.get(if blocks { "strict-block" } else { "strict-warn" })
}

/// Where a rule comes from, in words.
fn origin(t: T, unit: UnitId, rule: &Rule) -> String {
    match &rule.unit {
        None => t.get("hours-default"),
        Some((of, _)) if *of == unit => t.get("hours-own"),
        Some((_, name)) => t.with("hours-above", "unit", name),
    }
}

async fn hours_table(app: &Shared, t: T, unit: UnitId) -> Result<(Table, [Rule; 2]), Fault> {
    let rules = [
        hours::rule(&app.db, unit, Sound::Loudspeaker).await?,
        hours::rule(&app.db, unit, Sound::Session).await?,
    ];
    let titles =
        [t.get("hours-day"), t.name("sound", Sound::Loudspeaker), t.name("sound", Sound::Session)];
    let mut table = Table::new(t.get("hours"), &titles, String::new());
    for day in 0..7 {
        let mut cells = vec![Cell::text(t.name("weekday", day + 1))];
        for rule in &rules {
            let spans = &rule.week.0[day];
            let none = || t.get("hours-none");
            cells.push(Cell::text(if spans.is_empty() { none() } else { hours::in_words(spans) }));
        }
        table.rows.push(cells);
    }
    for (key, shown) in [
        ("hours-origin", (|t, unit, rule| origin(t, unit, rule)) as fn(T, UnitId, &Rule) -> String),
        ("hours-strictness", |t, _, rule| strictness(t, rule.blocks)),
        ("hours-basis", |_, _, rule| rule.basis.clone()),
    ] {
        let cells = rules.iter().map(|rule| Cell::text(shown(t, unit, rule)));
        if key != "hours-basis" || rules.iter().any(|rule| !rule.basis.is_empty()) {
            table.rows.push(std::iter::once(Cell::text(t.get(key))).chain(cells).collect());
        }
    }
    Ok((table, rules))
}

fn closed_table(t: T, list: &[Closed], may_edit: impl Fn(UnitId) -> bool) -> Table {
    let titles = [
        t.get("closed-name"),
        t.get("closed-days"),
        t.get("closed-kind"),
        t.get("hours-strictness"),
        t.get("closed-by"),
    ];
    let mut table = Table::new(t.get("closed"), &titles, t.get("closed-none"));
    for closed in list {
        let days = if closed.from == closed.to {
            vietnamese::date(closed.from)
        } else {
            format!("{} – {}", vietnamese::date(closed.from), vietnamese::date(closed.to))
        };
        let (name, by) = match &closed.by {
            Some((id, unit, _)) if may_edit(*unit) => (
                Cell::link(closed.shown(t), format!("/closed/{id}/edit")),
                closed.by.as_ref().map_or_else(String::new, |by| by.2.clone()),
            ),
            Some((_, _, name)) => (Cell::text(closed.shown(t)), name.clone()),
            None => (Cell::text(closed.shown(t)), t.get("closed-by-law")),
        };
        table.rows.push(vec![
            name,
            Cell::text(days),
            Cell::text(t.name("closed-kind", closed.kind)),
            Cell::text(strictness(t, closed.blocks)),
            Cell::text(by),
        ]);
    }
    table
}

async fn show(State(app): App, actor: Actor, Path(id): Path<UnitId>) -> Outcome {
    let t = actor.t;
    let unit = unit_in_reach(&app, &actor, Act::Look, id).await?;
    let may = actor.scope(Act::EditUnits).ok();
    let (table, _) = hours_table(&app, t, id).await?;
    let today = app.clock.today();
    let year_on = today.checked_add(1.year()).unwrap_or(today);
    let list = closed::closed(&app.db, id, today, year_on).await?;
    let owners: Vec<UnitId> =
        list.iter().filter_map(|closed| closed.by.as_ref().map(|by| by.1)).collect();
    let (mut own, mut editable) = (false, std::collections::HashSet::new());
    if let Some(scope) = &may {
        own = scope.covers(&app.db, id).await?;
        editable = scope.covering(&app.db, &owners).await?;
    }
    let mut hours_actions = vec![];
    let mut closed_actions = vec![];
    if own {
        for what in Sound::ALL {
            let text = format!("{}: {}", t.get("hours-change"), t.name("sound", what));
            hours_actions.push(Action::quiet(text, format!("/units/{id}/hours/{what}")));
        }
        closed_actions.push(Action::quiet(t.get("closed-new"), format!("/units/{id}/closed/new")));
    }
    let mut lines = audit::history(&app.db, "allowed_hours", id.0, 30).await?;
    for closed in list.iter().filter_map(|closed| closed.by.as_ref()) {
        lines.extend(audit::history(&app.db, "closed_days", closed.0.0, 10).await?);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.id));
    Page::new(actor.shell(&app, "nav-units", t.get("opening")))
        .crumb(t.get("nav-units"), "/units")
        .crumb(&unit.name, format!("/units/{id}"))
        .about("unit", unit.name)
        .with(Piece::Remark(Tone::Plain, t.get("hours-how")))
        .with(Piece::Table(table))
        .with(Piece::Actions(hours_actions))
        .with(Piece::Remark(Tone::Plain, t.get("closed-how")))
        .with(Piece::Table(closed_table(t, &list, |unit| editable.contains(&unit))))
        .with(Piece::Actions(closed_actions))
        .with(history(t, &lines))
        .show()
}

fn strict_choices(t: T) -> Vec<(String, String)> {
    vec![("no".to_owned(), strictness(t, false)), ("yes".to_owned(), strictness(t, true))]
}

fn hours_form(
    app: &Shared,
    actor: &Actor,
    unit: &Unit,
    what: Sound,
    rule: &Rule,
    form: &Form,
) -> Page {
    let t = actor.t;
    let mut fields = Fields::over(form, t);
    for day in 1..=7 {
        fields = fields.text(&format!("day{day}"), &format!("weekday-{day}"));
        if day == 1 {
            fields = fields.hint("hours-hint");
        }
    }
    let fields = fields
        .one("blocks", "hours-strictness", strict_choices(t))
        .text("basis", "hours-basis")
        .hint("hours-basis-hint");
    let own = rule.unit.as_ref().is_some_and(|(of, _)| *of == unit.id);
    let action = format!("/units/{}/hours/{what}", unit.id);
    let mut page = Page::new(actor.shell(app, "nav-units", t.name("sound", what)))
        .crumb(t.get("nav-units"), "/units")
        .crumb(&unit.name, format!("/units/{}", unit.id))
        .crumb(t.get("opening"), opening(unit.id))
        .about("unit", unit.name.clone())
        .about("hours-origin", origin(t, unit.id, rule))
        .with(Piece::Form(fields.post(&action, "action-save", &opening(unit.id))));
    if own {
        let unset = Action::danger(t.get("hours-unset"), format!("{action}/unset"));
        page = page.with(Piece::Actions(vec![unset]));
    }
    page
}

fn sound_of(word: &str) -> Result<Sound, Fault> {
    word.parse().map_err(|()| Fault::NotFound)
}

async fn edit_hours(
    State(app): App,
    actor: Actor,
    Path((id, what)): Path<(UnitId, String)>,
) -> Outcome {
    let what = sound_of(&what)?;
    let unit = unit_in_reach(&app, &actor, Act::EditUnits, id).await?;
    let rule = hours::rule(&app.db, id, what).await?;
    let mut fields: Vec<(String, String)> =
        (1..=7).map(|day| (format!("day{day}"), hours::in_words(&rule.week.0[day - 1]))).collect();
    fields.push(("blocks".to_owned(), if rule.blocks { "yes" } else { "no" }.to_owned()));
    fields.push(("basis".to_owned(), rule.basis.clone()));
    hours_form(&app, &actor, &unit, what, &rule, &Form::filled(fields)).show()
}

async fn set_hours(
    State(app): App,
    actor: Actor,
    Path((id, what)): Path<(UnitId, String)>,
    mut form: Form,
) -> Outcome {
    let what = sound_of(&what)?;
    let unit = unit_in_reach(&app, &actor, Act::EditUnits, id).await?;
    let before = hours::rule(&app.db, id, what).await?;
    let mut week: [hours::Spans; 7] = Default::default();
    for (index, day) in week.iter_mut().enumerate() {
        let name = format!("day{}", index + 1);
        match hours::read_spans(form.text(&name)) {
            Some(spans) => *day = spans,
            None => form.refuse(&name, "error-hours"),
        }
    }
    let after = Rule {
        unit: Some((id, unit.name.clone())),
        week: Week(week),
        blocks: form.text("blocks") == "yes",
        basis: form.optional("basis", 300),
    };
    if !form.is_sound() {
        return hours_form(&app, &actor, &unit, what, &before, &form).refuse();
    }
    let mut tx = app.db.begin().await?;
    hours::set(&mut tx, (id, &unit.name), what, &before, &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&opening(id)))
}

async fn unset_hours(
    State(app): App,
    actor: Actor,
    Path((id, what)): Path<(UnitId, String)>,
) -> Outcome {
    let what = sound_of(&what)?;
    let unit = unit_in_reach(&app, &actor, Act::EditUnits, id).await?;
    let before = hours::rule(&app.db, id, what).await?;
    let mut tx = app.db.begin().await?;
    hours::unset(&mut tx, (id, &unit.name), what, &before, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&opening(id)))
}

fn closed_form(
    app: &Shared,
    actor: &Actor,
    unit: (UnitId, &str),
    editing: Option<ClosedId>,
    form: &Form,
) -> Page {
    let t = actor.t;
    let fields = Fields::over(form, t)
        .select("kind", "closed-kind", "choose", vocabulary(t, "closed-kind", &ClosedKind::ALL))
        .needed()
        .text("name", "closed-name")
        .hint("closed-name-hint")
        .needed()
        .input("first_on", "filter-from", "date")
        .needed()
        .input("last_on", "filter-to", "date")
        .hint("closed-last-hint")
        .one("blocks", "hours-strictness", strict_choices(t));
    let (title, action) = match editing {
        Some(id) => (t.get("closed-edit"), format!("/closed/{id}/edit")),
        None => (t.get("closed-new"), format!("/units/{}/closed/new", unit.0)),
    };
    let mut page = Page::new(actor.shell(app, "nav-units", title))
        .crumb(t.get("nav-units"), "/units")
        .crumb(unit.1, format!("/units/{}", unit.0))
        .crumb(t.get("opening"), opening(unit.0))
        .about("unit", unit.1)
        .with(Piece::Form(fields.post(action, "action-save", &opening(unit.0))));
    if let Some(id) = editing {
        let away = Action::danger(t.get("closed-remove"), format!("/closed/{id}/trash"));
        page = page.with(Piece::Actions(vec![away]));
    }
    page
}

async fn blank(State(app): App, actor: Actor, Path(id): Path<UnitId>) -> Outcome {
    let unit = unit_in_reach(&app, &actor, Act::EditUnits, id).await?;
    let form = Form::filled([("blocks", "no")]);
    closed_form(&app, &actor, (id, &unit.name), None, &form).show()
}

async fn add(State(app): App, actor: Actor, Path(id): Path<UnitId>, mut form: Form) -> Outcome {
    let unit = unit_in_reach(&app, &actor, Act::EditUnits, id).await?;
    let Some(closed) = closed::read(&mut form, (ClosedId::new(), id, unit.name.clone())) else {
        return closed_form(&app, &actor, (id, &unit.name), None, &form).refuse();
    };
    let mut tx = app.db.begin().await?;
    closed::save(&mut tx, None, &closed, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&opening(id)))
}

/// Closed days that the actor may change, with the unit that entered them.
async fn to_change(
    app: &Shared,
    actor: &Actor,
    id: ClosedId,
) -> Result<(Closed, UnitId, String), Fault> {
    let scope = actor.scope(Act::EditUnits)?;
    let closed = closed::find(&app.db, id).await?;
    let (_, unit, name) = closed.by.clone().ok_or(Fault::NotFound)?;
    scope.require(&app.db, unit).await?;
    Ok((closed, unit, name))
}

async fn edit(State(app): App, actor: Actor, Path(id): Path<ClosedId>) -> Outcome {
    let (closed, unit, name) = to_change(&app, &actor, id).await?;
    let form = Form::filled([
        ("kind", closed.kind.code().to_owned()),
        ("name", closed.name.clone()),
        ("first_on", closed.from.to_string()),
        ("last_on", closed.to.to_string()),
        ("blocks", if closed.blocks { "yes" } else { "no" }.to_owned()),
    ]);
    closed_form(&app, &actor, (unit, &name), Some(id), &form).show()
}

async fn change(
    State(app): App,
    actor: Actor,
    Path(id): Path<ClosedId>,
    mut form: Form,
) -> Outcome {
    let (before, unit, name) = to_change(&app, &actor, id).await?;
    let Some(after) = closed::read(&mut form, (id, unit, name.clone())) else {
        return closed_form(&app, &actor, (unit, &name), Some(id), &form).refuse();
    };
    let mut tx = app.db.begin().await?;
    closed::save(&mut tx, Some(&before), &after, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&opening(unit)))
}

async fn trash(State(app): App, actor: Actor, Path(id): Path<ClosedId>) -> Outcome {
    let (closed, unit, _) = to_change(&app, &actor, id).await?;
    let mut tx = app.db.begin().await?;
    closed::remove(&mut tx, &closed, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&opening(unit)))
}
