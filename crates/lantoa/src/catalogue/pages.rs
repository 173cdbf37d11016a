//! The pages of the catalogue.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

use super::{TopicKind, store};
use crate::foundation::ids::ServiceListId;
use crate::foundation::view::{Action, Cell, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, clock};
use crate::people::{Act, Actor};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new().route("/catalogue", get(show)).route("/catalogue/lists/{id}", get(version))
}

async fn show(State(app): State<Shared>, actor: Actor) -> Outcome {
    let t = actor.t;
    actor.scope(Act::Look)?;
    let topics = store::topics(&app.db).await?;
    let lists = store::lists(&app.db).await?;
    let titles = ["list-title", "list-version", "list-basis", "list-entries#", "list-imported"]
        .map(|key| match key.strip_suffix('#') {
            Some(key) => format!("{}#", t.get(key)),
            None => t.get(key),
        });
    let mut versions = Table::new(t.get("lists"), &titles, String::new());
    for list in &lists {
        let count = store::entries(&app.db, list.id).await?.len();
        versions.rows.push(vec![
            Cell::link(&list.title, format!("/catalogue/lists/{}", list.id)),
            match list.superseded_at {
                None => Cell::tag(Tone::Good, t.with("list-in-force", "version", list.version)),
                Some(_) => Cell::tag(Tone::Plain, t.with("list-old", "version", list.version)),
            },
            Cell::text(&list.legal_basis),
            Cell::text(count.to_string()),
            Cell::text(vietnamese::date(clock::local(list.imported_at).date())),
        ]);
    }
    let mut page = Page::new(actor.shell(&app, "nav-catalogue", t.get("nav-catalogue")));
    if !lists.iter().any(|list| list.code == "QD422") {
        page = page.with(Piece::Remark(Tone::Plain, t.get("catalogue-422")));
    }
    if actor.may(Act::EditCatalogue) && actor.may(Act::Exchange) {
        let action = Action::quiet(t.get("exchange-import"), "/exchange?book=services");
        page = page.with(Piece::Actions(vec![action]));
    }
    page = page.with(Piece::Table(versions));
    for kind in [TopicKind::Skill, TopicKind::Service] {
        let titles = ["topic-code", "topic-name", "topic-agency", "topic-group"].map(|k| t.get(k));
        let mut table = Table::new(t.name("topic-kind", kind), &titles, t.get("none"));
        for topic in topics.iter().filter(|topic| topic.kind == kind) {
            let group = match topic.interlinked_group.as_str() {
                "LT1" => t.get("interlinked-birth"),
                "LT2" => t.get("interlinked-death"),
                other => other.to_owned(),
            };
            table.rows.push(vec![
                Cell::text(&topic.code),
                Cell::text(topic.name(&t)),
                Cell::text(&topic.agency),
                Cell::text(group),
            ]);
        }
        page = page.with(Piece::Table(table));
    }
    page.show()
}

async fn version(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<ServiceListId>,
) -> Outcome {
    let t = actor.t;
    actor.scope(Act::Look)?;
    let lists = store::lists(&app.db).await?;
    let list = lists.iter().find(|list| list.id == id).ok_or(Fault::NotFound)?;
    let titles =
        [t.get("topic-position"), t.get("topic-code"), t.get("topic-name"), t.get("topic-agency")];
    let mut table = Table::new(t.get("list-entries"), &titles, t.get("none"));
    for (position, code, name, agency) in store::entries(&app.db, id).await? {
        table.rows.push(vec![
            Cell::text(position.to_string()),
            Cell::text(code),
            Cell::text(name),
            Cell::text(agency),
        ]);
    }
    let state = match list.superseded_at {
        None => t.with("list-in-force", "version", list.version),
        Some(_) => t.with("list-old", "version", list.version),
    };
    Page::new(actor.shell(&app, "nav-catalogue", list.title.clone()))
        .crumb(t.get("nav-catalogue"), "/catalogue")
        .about("list-version", state)
        .about("list-basis", list.legal_basis.clone())
        .about("list-source", list.source.clone())
        .with(Piece::Table(table))
        .show()
}
