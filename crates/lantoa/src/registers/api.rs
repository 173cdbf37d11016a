//! The registers as JSON: hamlets, venues, assets, teams and members in one way.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, Record, Wanted};
use super::{ALL, Register, SpecKind};
use crate::foundation::api::{self, Paged};
use crate::foundation::form::Query;
use crate::foundation::ids::UnitId;
use crate::foundation::web::Problem;
use crate::foundation::{App, Fault, Outcome, Shared};
use crate::people::{Act, Actor};

/// The endpoints of this room.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(one))
}

/// A row of a register.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecordView {
    pub id: Uuid,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// Whether the demo made it up.
    pub generated: bool,
    /// The fields of the register by name; phone numbers only for those who may read them.
    #[schema(value_type = BTreeMap<String, String>)]
    pub fields: BTreeMap<&'static str, String>,
}

/// Rows as JSON, without the phone numbers that the caller may not read.
async fn views(
    app: &App,
    actor: &Actor,
    register: &Register,
    mut records: Vec<Record>,
) -> Result<Vec<RecordView>, Fault> {
    let contacts = actor.scope(Act::ReadContacts).ok();
    store::hide_contacts(&app.db, register, contacts.as_ref(), &mut records).await?;
    let view = |record: Record| {
        let shown = register.fields.iter().filter(|f| !record.hidden || f.kind != SpecKind::Phone);
        let fields = shown.map(|field| (field.name, record.text(field.name).to_owned())).collect();
        RecordView {
            id: record.id,
            unit_id: record.unit_id,
            unit_name: record.unit_name,
            generated: record.generated,
            fields,
        }
    };
    Ok(records.into_iter().map(view).collect())
}

/// One row as JSON.
async fn view(
    app: &App,
    actor: &Actor,
    register: &Register,
    record: Record,
) -> Result<RecordView, Fault> {
    views(app, actor, register, vec![record]).await?.pop().ok_or(Fault::NotFound)
}

/// The register of an address: `hamlets`, `venues`, `assets`, `teams`, `members`.
fn register_of(name: &str) -> Result<&'static Register, Fault> {
    ALL.into_iter().find(|register| register.name() == name).ok_or(Fault::NotFound)
}

/// Rows of a register in reach, by id.
#[utoipa::path(get, path = "/registers/{register}", tag = "registers",
    params(
        ("register" = String, Path, description = "hamlets, venues, assets, teams, members"),
        ("q" = Option<String>, Query), ("unit" = Option<UnitId>, Query),
        ("after" = Option<String>, Query), ("limit" = Option<i64>, Query, description = "1 to 200"),
    ),
    responses((status = 200, body = Paged<RecordView>), (status = 404, body = Problem)))]
async fn list(
    State(app): State<Shared>,
    actor: Actor,
    Path(name): Path<String>,
    Query(mut form): Query,
) -> Outcome {
    let register = register_of(&name)?;
    let limit = api::limit(&mut form)?;
    let wanted = Wanted {
        words: form.text("q").to_owned(),
        unit: form.text("unit").parse().ok(),
        after: Some(form.text("after").parse().unwrap_or_default()),
        most: limit,
        ..Wanted::default()
    };
    let records = store::list(&app.db, register, &actor.scope(Act::Look)?, &wanted).await?;
    let last = records.last().map(|record| record.id.to_string());
    let next = last.filter(|_| records.len() == limit);
    let items = views(&app, &actor, register, records).await?;
    api::json(&Paged { items, next })
}

/// One row of a register.
#[utoipa::path(get, path = "/registers/{register}/{id}", tag = "registers",
    params(("register" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = RecordView), (status = 404, body = Problem)))]
async fn one(
    State(app): State<Shared>,
    actor: Actor,
    Path((name, id)): Path<(String, Uuid)>,
) -> Outcome {
    let register = register_of(&name)?;
    let record = store::find(&app.db, register, &actor.scope(Act::Look)?, id).await?;
    api::json(&view(&app, &actor, register, record).await?)
}

/// Adds a row to a register; the body holds its fields by name.
#[utoipa::path(post, path = "/registers/{register}", tag = "registers",
    params(("register" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = BTreeMap<String, String>,
    responses((status = 201, body = RecordView), (status = 422, body = Problem)))]
async fn add(
    State(app): State<Shared>,
    actor: Actor,
    Path(name): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Outcome {
    let register = register_of(&name)?;
    let scope = actor.scope(register.edit)?;
    let act = async {
        let mut form = api::body(&bytes)?;
        let Some(draft) = store::read(register, &mut form) else { return Err(form.faults()) };
        let unit = store::unit_of(&app.db, register, &draft).await?;
        scope.require(&app.db, unit).await?;
        let mut tx = app.db.begin().await?;
        let saved = store::save(&mut tx, register, None, None, &draft, unit, &actor.doer()).await;
        let id = match saved {
            Ok(id) => id,
            Err(e) if e.is_unique_violation() => return Err(Fault::Conflict("error-code-taken")),
            Err(e) => return Err(e.into()),
        };
        tx.commit().await?;
        let record = store::find(&app.db, register, &scope, id).await?;
        Ok((StatusCode::CREATED, view(&app, &actor, register, record).await?))
    };
    api::once(&app, actor.account_id, &headers, &format!("POST /registers/{name}"), &bytes, act)
        .await
}
