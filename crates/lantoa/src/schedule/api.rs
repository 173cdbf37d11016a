//! Activities as JSON.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Activity, ActivityKind};
use super::store::{self, Filter};
use crate::foundation::api::{self, Paged};
use crate::foundation::form::Query;
use crate::foundation::ids::{ActivityId, CampaignId, TeamId, UnitId, VenueId};
use crate::foundation::web::Problem;
use crate::foundation::{Outcome, Shared};
use crate::people::{Act, Actor};

/// The endpoints of this room.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one))
}

/// An activity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActivityView {
    pub id: ActivityId,
    pub campaign_id: Option<CampaignId>,
    /// Activities repeated by one rule share it.
    pub series_id: Option<uuid::Uuid>,
    pub kind: ActivityKind,
    pub title: String,
    pub unit_id: UnitId,
    pub venue_id: Option<VenueId>,
    pub team_id: Option<TeamId>,
    /// RFC 3339.
    pub starts_at: String,
    /// RFC 3339.
    pub ends_at: String,
    /// planned, confirmed, held, cancelled.
    pub state: String,
    pub headcount: Option<i64>,
}

impl From<&Activity> for ActivityView {
    fn from(of: &Activity) -> Self {
        Self {
            id: of.id,
            campaign_id: of.campaign_id,
            series_id: of.series_id,
            kind: of.kind,
            title: of.title.clone(),
            unit_id: of.unit_id,
            venue_id: of.venue_id,
            team_id: of.team_id,
            starts_at: api::instant(of.starts_at),
            ends_at: api::instant(of.ends_at),
            state: of.state.to_string(),
            headcount: of.headcount,
        }
    }
}

/// Activities that touch one's units, in the order of time.
#[utoipa::path(get, path = "/activities", tag = "activities",
    params(
        ("campaign" = Option<String>, Query), ("unit" = Option<String>, Query),
        ("kind" = Option<String>, Query), ("state" = Option<String>, Query),
        ("from" = Option<String>, Query), ("to" = Option<String>, Query),
        ("after" = Option<String>, Query), ("limit" = Option<i64>, Query, description = "1 to 200"),
    ),
    responses((status = 200, body = Paged<ActivityView>), (status = 401, body = Problem)))]
async fn list(State(app): State<Shared>, actor: Actor, Query(mut form): Query) -> Outcome {
    let scope = actor.scope(Act::Look)?;
    let limit = api::limit(&mut form)?;
    let found = store::list(&app.db, &scope, &Filter::of(&form), false, 0, limit).await?;
    let last = found.last().map(|last| format!("{}.{}", last.activity.starts_at, last.activity.id));
    let next = last.filter(|_| found.len() == limit);
    let items = found.iter().map(|listed| ActivityView::from(&listed.activity)).collect();
    api::json(&Paged::<ActivityView> { items, next })
}

/// One activity.
#[utoipa::path(get, path = "/activities/{id}", tag = "activities",
    params(("id" = ActivityId, Path)),
    responses((status = 200, body = ActivityView), (status = 404, body = Problem)))]
async fn one(State(app): State<Shared>, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = store::find(&app.db, &actor.scope(Act::Look)?, id).await?;
    api::json(&ActivityView::from(&activity))
}
