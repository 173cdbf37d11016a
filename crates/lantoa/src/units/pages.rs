//! The pages of units: search, and one unit with what belongs to it.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

use super::model::{FOR_EVER, Level, SINCE_EVER, Unit};
use super::store;
use crate::foundation::form::{Query, read_date};
use crate::foundation::ids::UnitId;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone, history};
use crate::foundation::{Fault, Outcome, Shared, T, audit};
use crate::people::{Act, Actor, Scope};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new().route("/units", get(list)).route("/units/{id}", get(show))
}

/// From when to when a unit is valid, in words.
pub fn validity(unit: &Unit, t: T) -> String {
    let from = if unit.valid_from == SINCE_EVER {
        t.get("since-ever")
    } else {
        t.with("valid-from", "day", vietnamese::date(unit.valid_from))
    };
    let to = if unit.valid_to == FOR_EVER {
        t.get("for-ever")
    } else {
        t.with("valid-to", "day", vietnamese::date(unit.valid_to))
    };
    let about = if unit.dates_exact { String::new() } else { format!(" {}", t.get("dates-about")) };
    format!("{from} – {to}{about}")
}

async fn list(State(app): State<Shared>, actor: Actor, Query(mut form): Query) -> Outcome {
    const MOST: usize = 300;
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let everywhere = form.ticked("everywhere");
    let day = read_date(form.text("on")).unwrap_or(app.clock.today());
    form.set("on", day.to_string());
    let level = form.text("level").parse::<Level>().ok();
    let words = form.text("q").to_owned();
    // The national gazetteer is public; hamlets are shown only in one's own reach.
    let whole = Scope::of_everything();
    let looked = if everywhere { &whole } else { &scope };
    let mut units = store::search(&app.db, looked, &words, level, Some(day), MOST).await?;
    if everywhere {
        units.retain(|unit| unit.level != Level::Hamlet);
    }
    let titles =
        [t.get("field-name"), t.get("unit-level"), t.get("unit-code"), t.get("unit-validity")];
    let caption = t.with("list-count", "count", units.len());
    let mut table = Table::new(caption, &titles, t.get("list-empty"));
    let parents: Vec<_> = units.iter().filter_map(|unit| unit.parent_id).collect();
    let parents = store::names(&app.db, &parents).await?;
    for unit in &units {
        let parent = unit.parent_id.and_then(|parent| parents.get(&parent));
        table.rows.push(vec![
            Cell::link(&unit.name, format!("/units/{}", unit.id))
                .and_small(parent.map_or("", String::as_str)),
            Cell::text(t.name("level", unit.level.code())),
            Cell::text(&unit.code),
            Cell::text(validity(unit, t)),
        ]);
    }
    let levels = Level::ALL.map(|level| (level.code().to_owned(), t.name("level", level.code())));
    let filters = Fields::over(&form, t)
        .input("q", "field-search", "search")
        .select("level", "unit-level", "all", levels.to_vec())
        .input("on", "unit-on", "date")
        .tick("everywhere", "unit-everywhere");
    let mut page = Page::new(actor.shell(&app, "nav-units", t.get("nav-units")))
        .with(Piece::Actions(vec![Action::quiet(t.get("nav-hamlets"), "/hamlets")]))
        .with(filters.filter("/units"))
        .with(Piece::Table(table));
    if units.len() == MOST {
        page = page.with(Piece::Remark(Tone::Plain, t.with("list-cut", "most", MOST)));
    }
    page.show()
}

async fn show(State(app): State<Shared>, actor: Actor, Path(id): Path<UnitId>) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let unit = store::find(&app.db, id).await?.ok_or(Fault::NotFound)?;
    let own = scope.covers(&app.db, id).await?;
    if !own && unit.level == Level::Hamlet {
        return Err(Fault::NotFound);
    }
    let day = if unit.is_valid_on(app.clock.today()) { app.clock.today() } else { unit.valid_from };
    let (people, households) = store::expected(&app.db, &unit, day).await?;
    let number = |value: Option<i64>| value.map_or_else(|| t.get("unknown"), vietnamese::number);
    let mut facts = vec![
        (t.get("unit-level"), Cell::text(t.name("level", unit.level.code()))),
        (t.get("unit-code"), Cell::text(&unit.code)),
        (t.get("unit-validity"), Cell::text(validity(&unit, t))),
        (t.get("field-households"), Cell::text(number(households))),
        (t.get("field-population"), Cell::text(number(unit.population))),
        (t.get("unit-people-expected"), Cell::text(number(people))),
    ];
    if let Some(source) = &unit.figures_source {
        facts.push((t.get("unit-source"), Cell::text(source)));
    }
    for link in store::links(&app.db, id).await? {
        let (key, other) = if link.predecessor_id == id {
            ("unit-successor", link.successor_id)
        } else {
            ("unit-predecessor", link.predecessor_id)
        };
        if let Some(other) = store::find(&app.db, other).await? {
            let whole = t.get(if link.whole { "link-whole" } else { "link-part" });
            let small = format!("{} · {whole} · {}", vietnamese::date(link.on_date), link.evidence);
            facts.push((
                t.get(key),
                Cell::link(other.name, format!("/units/{}", other.id)).and_small(small),
            ));
        }
    }
    let mut page = Page::new(actor.shell(&app, "nav-units", unit.name.clone()))
        .crumb(t.get("nav-units"), "/units");
    for above in store::path(&app.db, id).await?.into_iter().filter(|above| above.id != id) {
        page = page.crumb(above.name, format!("/units/{}", above.id));
    }
    page = page
        .with_if(unit.generated, || Piece::Remark(Tone::Warn, t.get("unit-generated")))
        .with(Piece::Facts(facts));
    if own {
        let mut actions = vec![
            Action::quiet(t.get("nav-venues"), format!("/venues?unit={id}")),
            Action::quiet(t.get("nav-teams"), format!("/teams?unit={id}")),
            Action::quiet(t.get("nav-assets"), format!("/assets?unit={id}")),
            Action::quiet(t.get("nav-activities"), format!("/activities?unit={id}")),
            Action::quiet(t.get("nav-coverage"), format!("/coverage?unit={id}")),
            Action::quiet(t.get("opening"), format!("/units/{id}/opening")),
        ];
        if actor.may(Act::EditUnits) {
            match unit.level {
                Level::Commune => {
                    actions.insert(
                        0,
                        Action::main(t.get("hamlet-new"), format!("/hamlets/new?home={id}")),
                    );
                }
                Level::Hamlet => {
                    actions.insert(
                        0,
                        Action::main(t.get("action-edit"), format!("/hamlets/{id}/edit")),
                    );
                    actions.push(Action::quiet(
                        t.get("action-delete"),
                        format!("/hamlets/{id}/trash"),
                    ));
                }
                _ => {}
            }
        }
        page = page.with(Piece::Actions(actions));
    }
    let titles = [
        t.get("field-name"),
        t.get("unit-code"),
        format!("{}#", t.get("field-households")),
        format!("{}#", t.get("field-population")),
    ];
    let mut table = Table::new(t.get("unit-children"), &titles, t.get("none"));
    for child in store::children(&app.db, id, day).await? {
        if !own && child.level == Level::Hamlet {
            continue;
        }
        table.rows.push(vec![
            Cell::link(&child.name, format!("/units/{}", child.id)),
            Cell::text(&child.code),
            Cell::text(child.households.map_or_else(String::new, vietnamese::number)),
            Cell::text(child.population.map_or_else(String::new, vietnamese::number)),
        ]);
    }
    if unit.level != Level::Hamlet {
        page = page.with(Piece::Table(table));
    }
    let lines = audit::history(&app.db, "hamlet", id.0, 30).await?;
    page.with(history(t, &lines)).show()
}
