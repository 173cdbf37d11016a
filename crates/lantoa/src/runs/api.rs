//! Runs as JSON.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Stop, legs};
use super::store;
use crate::foundation::api;
use crate::foundation::ids::{ActivityId, RunStopId, TopicId, UnitId, VenueId};
use crate::foundation::web::Problem;
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};
use crate::schedule::{ActivityKind, store as activities};

/// The endpoints of this room.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(one))
}

/// The run of an activity of kind `mobile_run`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RunView {
    pub activity_id: ActivityId,
    pub script: String,
    /// Syllables read in a minute.
    pub pace: i64,
    /// Seconds that the script takes once.
    pub script_seconds: i64,
    /// In the order of the way.
    pub stops: Vec<StopView>,
}

/// A stop of a run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StopView {
    pub id: RunStopId,
    /// pass: driven through while the script is read; stop: people are guided there.
    pub kind: String,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub venue_id: Option<VenueId>,
    pub road: String,
    /// RFC 3339.
    pub arrives_at: String,
    pub minutes: i64,
    /// Minutes of way from the stop before; none for the first, and where it is not known.
    pub way_minutes: Option<i64>,
    pub note: String,
    /// The activity that is held there.
    pub session_id: Option<ActivityId>,
    pub topic_ids: Vec<TopicId>,
}

impl StopView {
    fn of(stop: &Stop, way_minutes: Option<i64>) -> Self {
        Self {
            id: stop.id,
            kind: stop.plan.kind.to_string(),
            unit_id: stop.plan.unit,
            unit_name: stop.unit_name.clone(),
            venue_id: stop.plan.venue,
            road: stop.plan.road.clone(),
            arrives_at: api::instant(stop.plan.arrives_at),
            minutes: stop.plan.minutes,
            way_minutes,
            note: stop.plan.note.clone(),
            session_id: stop.plan.session,
            topic_ids: stop.plan.topics.clone(),
        }
    }
}

/// The stops and the script of a loudspeaker run.
#[utoipa::path(get, path = "/activities/{id}/run", tag = "activities",
    params(("id" = ActivityId, Path)),
    responses((status = 200, body = RunView), (status = 404, body = Problem)))]
async fn one(State(app): State<Shared>, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = activities::find(&app.db, &actor.scope(Act::Look)?, id).await?;
    if activity.kind != ActivityKind::MobileRun {
        return Err(Fault::NotFound);
    }
    let run = store::find(&app.db, id).await?;
    let ways = legs(&run.stops);
    let stops = run.stops.iter().zip(ways);
    api::json(&RunView {
        activity_id: id,
        script_seconds: run.script_seconds(),
        stops: stops.map(|(stop, way)| StopView::of(stop, way.map(|way| way.minutes))).collect(),
        script: run.script,
        pace: run.pace,
    })
}
