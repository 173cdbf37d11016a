//! Campaigns and their figures as JSON.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::figures::{self, Boundaries, UnitFigure};
use crate::campaigns::{Campaign, store as campaigns};
use crate::foundation::api::{self, Paged};
use crate::foundation::form::Query;
use crate::foundation::ids::{CampaignId, UnitId};
use crate::foundation::web::Problem;
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};
use crate::units;

/// The endpoints of this room.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(campaign_list)).routes(routes!(coverage))
}

/// A campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignView {
    pub id: CampaignId,
    pub unit_id: UnitId,
    pub name: String,
    /// yyyy-mm-dd.
    pub starts_on: String,
    /// yyyy-mm-dd, inclusive.
    pub ends_on: String,
}

impl From<&Campaign> for CampaignView {
    fn from(of: &Campaign) -> Self {
        Self {
            id: of.id,
            unit_id: of.unit_id,
            name: of.name.clone(),
            starts_on: of.starts_on.to_string(),
            ends_on: of.ends_on.to_string(),
        }
    }
}

/// The figures of one unit in a campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    pub unit_id: UnitId,
    pub unit_code: String,
    pub unit_name: String,
    /// Distinct people reached.
    pub people: i64,
    /// Adults, else population; null where nobody entered it.
    pub people_expected: Option<i64>,
    /// Distinct households reached.
    pub households: i64,
    pub households_expected: Option<i64>,
    pub encounters: i64,
    pub activities_held: i64,
    /// Target in percent of the people expected.
    pub target_percent: Option<i64>,
    /// RFC 3339; null where nothing was recorded.
    pub last_recorded_for: Option<String>,
}

impl From<&UnitFigure> for Coverage {
    fn from(of: &UnitFigure) -> Self {
        Self {
            unit_id: of.unit.id,
            unit_code: of.unit.code.clone(),
            unit_name: of.unit.name.clone(),
            people: of.counts.people,
            people_expected: of.people,
            households: of.counts.households,
            households_expected: of.households,
            encounters: of.counts.encounters,
            activities_held: of.activities_held,
            target_percent: of.target,
            last_recorded_for: (of.counts.last_at > 0).then(|| api::instant(of.counts.last_at)),
        }
    }
}

/// A unit's figures and those of its parts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CoverageOfUnit {
    pub whole: Coverage,
    pub parts: Vec<Coverage>,
}

/// Campaigns in reach, latest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns",
    responses((status = 200, body = Paged<CampaignView>), (status = 401, body = Problem)))]
async fn campaign_list(State(app): State<Shared>, actor: Actor) -> Outcome {
    let all = campaigns::list(&app.db, &actor.scope(Act::Look)?).await?;
    api::json(&Paged { items: all.iter().map(CampaignView::from).collect(), next: None })
}

/// Coverage of a campaign in a unit in reach, and in its parts.
#[utoipa::path(get, path = "/campaigns/{id}/coverage", tag = "campaigns",
    params(("id" = CampaignId, Path), ("unit" = Option<UnitId>, Query)),
    responses((status = 200, body = CoverageOfUnit), (status = 404, body = Problem)))]
async fn coverage(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<CampaignId>,
    Query(form): Query,
) -> Outcome {
    let scope = actor.scope(Act::Look)?;
    let campaign = campaigns::find(&app.db, &scope, id).await?;
    let unit: UnitId = form.text("unit").parse().unwrap_or(scope.roots()[0]);
    scope.require(&app.db, unit).await?;
    let unit = units::find(&app.db, unit).await?.ok_or(Fault::NotFound)?;
    let parts = figures::of_parts(&app, &campaign, &unit, Boundaries::Then).await?;
    let whole = figures::of_units(&app, &campaign, vec![unit]).await?;
    let whole = whole.first().map(Coverage::from).ok_or(Fault::NotFound)?;
    api::json(&CoverageOfUnit { whole, parts: parts.iter().map(Coverage::from).collect() })
}
