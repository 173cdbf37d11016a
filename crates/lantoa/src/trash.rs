//! The trash: what was put away in the last thirty days, and how it comes back. Rows stay in
//! their tables, so that what they were part of keeps its history; after thirty days they can no
//! longer be taken out.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use uuid::Uuid;

use crate::args;
use crate::foundation::audit::Entry;
use crate::foundation::ids::UnitId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Page, Piece, Pieces, Table};
use crate::foundation::{App, Conditions, Fault, Outcome, Row, Shared, clock};
use crate::people::{Act, Actor};

/// How long something can be taken out again, in milliseconds.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

/// One kind of thing that can lie in the trash.
struct Bin {
    /// As the audit log calls it.
    subject: &'static str,
    /// Key of its name.
    title: &'static str,
    /// Table, with its alias `r`.
    table: &'static str,
    /// The column that names a row.
    name: &'static str,
    /// The unit that decides who may take it out.
    unit: &'static str,
    act: Act,
}

const BINS: [Bin; 7] = [
    Bin {
        subject: "hamlet",
        title: "nav-hamlets",
        table: "unit",
        name: "r.name",
        unit: "r.id",
        act: Act::EditUnits,
    },
    Bin {
        subject: "venue",
        title: "nav-venues",
        table: "venue",
        name: "r.name",
        unit: "r.unit_id",
        act: Act::EditUnits,
    },
    Bin {
        subject: "asset",
        title: "nav-assets",
        table: "asset",
        name: "r.name",
        unit: "r.unit_id",
        act: Act::EditUnits,
    },
    Bin {
        subject: "team",
        title: "nav-teams",
        table: "team",
        name: "r.name",
        unit: "r.unit_id",
        act: Act::EditTeams,
    },
    Bin {
        subject: "member",
        title: "nav-members",
        table: "member",
        name: "r.name",
        unit: "(SELECT t.unit_id FROM team t WHERE t.id = r.team_id)",
        act: Act::EditTeams,
    },
    Bin {
        subject: "campaign",
        title: "nav-campaigns",
        table: "campaign",
        name: "r.name",
        unit: "r.unit_id",
        act: Act::EditCampaigns,
    },
    Bin {
        subject: "activity",
        title: "nav-activities",
        table: "activity",
        name: "r.title",
        unit: "r.unit_id",
        act: Act::EditActivities,
    },
];

/// The pages of the trash.
pub fn routes() -> Router<Shared> {
    Router::new().route("/trash", get(show)).route("/trash/{subject}/{id}", post(restore))
}

/// What of a kind lies in the trash within the actor's reach; one row where `id` is given.
async fn lying(app: &App, actor: &Actor, bin: &Bin, id: Option<Uuid>) -> Result<Vec<Row>, Fault> {
    let Ok(scope) = actor.scope(bin.act) else { return Ok(vec![]) };
    let mut conditions =
        Conditions::new().and("r.deleted_at > ?", args![actor.at - KEPT]).and_if("r.id = ?", id);
    scope.restrict(&mut conditions, bin.unit);
    let statement = format!(
        "SELECT r.id, {} AS name, r.deleted_at, {} AS unit_id,
                (SELECT u.name FROM unit u WHERE u.id = {}) AS unit_name
         FROM {} r{} ORDER BY r.deleted_at DESC, r.id LIMIT 500",
        bin.name,
        bin.unit,
        bin.unit,
        bin.table,
        conditions.text()
    );
    Ok(app.db.rows(&statement, conditions.values()).await?)
}

async fn show(State(app): State<Shared>, actor: Actor) -> Outcome {
    let t = actor.t;
    actor.scope(Act::EditActivities)?;
    let mut page = Page::new(actor.shell(&app, "nav-trash", t.get("nav-trash")))
        .with(Piece::Text(t.get("trash-how")));
    let mut empty = true;
    for bin in &BINS {
        let rows = lying(&app, &actor, bin, None).await?;
        if rows.is_empty() {
            continue;
        }
        empty = false;
        page = page.with(Piece::Heading(t.get(bin.title)));
        for row in rows {
            let id: Uuid = row.get("id")?;
            let name: String = row.get("name")?;
            let unit: Option<String> = row.get("unit_name")?;
            let at = vietnamese::date_time(clock::local(row.get("deleted_at")?));
            let titles = [t.get("field-name"), t.get("unit"), t.get("trash-when")];
            let mut table = Table::new("", &titles, String::new());
            table.rows.push(vec![
                Cell::text(name),
                Cell::text(unit.unwrap_or_default()),
                Cell::text(at),
            ]);
            let href = format!("/trash/{}/{id}", bin.subject);
            let actions = vec![Action::post(t.get("action-restore"), href)];
            page = page.with(Piece::Columns(vec![
                Pieces { list: vec![Piece::Table(table)], t },
                Pieces { list: vec![Piece::Actions(actions)], t },
            ]));
        }
    }
    page.with_if(empty, || Piece::Text(t.get("trash-empty"))).show()
}

async fn restore(
    State(app): State<Shared>,
    actor: Actor,
    Path((subject, id)): Path<(String, Uuid)>,
) -> Outcome {
    let bin = BINS.iter().find(|bin| bin.subject == subject).ok_or(Fault::NotFound)?;
    actor.scope(bin.act)?;
    let found = lying(&app, &actor, bin, Some(id)).await?;
    let row = found.first().ok_or(Fault::NotFound)?;
    let (name, unit): (String, UnitId) = (row.get("name")?, row.get("unit_id")?);
    let mut tx = app.db.begin().await?;
    let statement = format!("UPDATE {} SET deleted_at = NULL WHERE id = $1", bin.table);
    tx.execute(&statement, args![id]).await?;
    Entry::new("restored", bin.subject, id, name)
        .in_unit(unit)
        .write(&mut tx, &actor.doer())
        .await?;
    tx.commit().await?;
    Ok(redirect("/trash"))
}
