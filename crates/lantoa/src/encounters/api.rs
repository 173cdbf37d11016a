//! Encounters as JSON.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{AgeGroup, Encounter, TopicOutcome};
use super::store::{self, Filter};
use crate::foundation::api::{self, Paged};
use crate::foundation::form::Query;
use crate::foundation::ids::{ActivityId, CampaignId, EncounterId, UnitId};
use crate::foundation::web::Problem;
use crate::foundation::{Outcome, Shared};
use crate::people::{Act, Actor};
use crate::schedule::ActivityKind;

/// The endpoints of this room.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, record)).routes(routes!(one, withdraw))
}

/// An encounter as programs read it. Who the person is is not in it: only whether they are known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EncounterView {
    pub id: EncounterId,
    pub campaign_id: Option<CampaignId>,
    pub activity_id: Option<ActivityId>,
    pub unit_id: UnitId,
    pub channel: ActivityKind,
    /// RFC 3339.
    pub met_at: String,
    pub person_known: bool,
    pub household_known: bool,
    pub age_group: AgeGroup,
    pub note: String,
    /// Number of the slip it came from.
    pub reference: Option<String>,
    /// 1 as first recorded; one more with every correction.
    pub revision: i64,
    pub withdrawn: bool,
    pub topics: Vec<TopicOutcome>,
}

impl From<&Encounter> for EncounterView {
    fn from(of: &Encounter) -> Self {
        Self {
            id: of.id,
            campaign_id: of.campaign_id,
            activity_id: of.activity_id,
            unit_id: of.unit_id,
            channel: of.channel,
            met_at: api::instant(of.met_at),
            person_known: of.person_key.is_some(),
            household_known: of.household_key.is_some(),
            age_group: of.age_group,
            note: of.note.clone(),
            reference: of.reference.clone(),
            revision: of.revision,
            withdrawn: !of.is_live(),
            topics: of.topics.clone(),
        }
    }
}

/// An encounter to record. Unit and channel may be left out where the activity says them.
#[derive(Debug, utoipa::ToSchema)]
#[allow(dead_code)] // describes the body; read as a form like the pages'
pub struct NewEncounter {
    /// Made by the sender (UUIDv7); sending the same id again records nothing.
    pub id: Option<EncounterId>,
    pub activity: Option<ActivityId>,
    pub campaign: Option<CampaignId>,
    pub unit: Option<UnitId>,
    pub channel: Option<ActivityKind>,
    /// dd/mm/yyyy or yyyy-mm-dd; today where left out.
    pub day: Option<String>,
    /// hh:mm; now where left out.
    pub time: Option<String>,
    /// Identity or phone number; only its keyed hash is kept.
    pub person: Option<String>,
    pub household: Option<String>,
    pub age: Option<AgeGroup>,
    /// Ids of topics.
    pub topic: Vec<String>,
    pub outcome: super::model::Outcome,
    /// Needed where the outcome is `not_done`.
    pub reason: Option<String>,
    pub note: Option<String>,
    pub reference: Option<String>,
}

/// Encounters in reach, latest first.
#[utoipa::path(get, path = "/encounters", tag = "encounters",
    params(
        ("campaign" = Option<String>, Query), ("unit" = Option<String>, Query),
        ("activity" = Option<String>, Query), ("topic" = Option<String>, Query),
        ("channel" = Option<String>, Query), ("age" = Option<String>, Query),
        ("week" = Option<String>, Query, description = "its Monday"),
        ("outcome" = Option<String>, Query), ("withdrawn" = Option<bool>, Query),
        ("after" = Option<String>, Query), ("limit" = Option<i64>, Query, description = "1 to 200"),
    ),
    responses((status = 200, body = Paged<EncounterView>), (status = 401, body = Problem)))]
async fn list(State(app): State<Shared>, actor: Actor, Query(mut form): Query) -> Outcome {
    let scope = actor.scope(Act::ReadEncounters)?;
    let limit = api::limit(&mut form)?;
    let after = Some(form.text("after")).filter(|after| !after.is_empty());
    let found = store::list(&app.db, &scope, &Filter::of(&form), after, limit).await?;
    let next = (found.len() == limit).then(|| found.last().map(store::cursor_of)).flatten();
    api::json(&Paged { items: found.iter().map(EncounterView::from).collect(), next })
}

/// One encounter.
#[utoipa::path(get, path = "/encounters/{id}", tag = "encounters",
    params(("id" = EncounterId, Path)),
    responses((status = 200, body = EncounterView), (status = 404, body = Problem)))]
async fn one(State(app): State<Shared>, actor: Actor, Path(id): Path<EncounterId>) -> Outcome {
    let scope = actor.scope(Act::ReadEncounters)?;
    api::json(&EncounterView::from(&store::find(&app.db, &scope, id).await?))
}

/// Records an encounter; 201 where it is new, 200 where its id or slip number was there before.
#[utoipa::path(post, path = "/encounters", tag = "encounters",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewEncounter,
    responses((status = 201, body = EncounterView), (status = 200, body = EncounterView),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn record(
    State(app): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    bytes: Bytes,
) -> Outcome {
    let scope = actor.scope(Act::RecordEncounters)?;
    let read = actor.scope(Act::ReadEncounters)?;
    let act = async {
        let mut form = api::body(&bytes)?;
        let taken = store::take(&app, &scope, &mut form, &actor.doer()).await?;
        let (id, new) = taken.ok_or_else(|| form.faults())?;
        let status = if new { StatusCode::CREATED } else { StatusCode::OK };
        Ok((status, EncounterView::from(&store::find(&app.db, &read, id).await?)))
    };
    api::once(&app, actor.account_id, &headers, "POST /encounters", &bytes, act).await
}

/// Why an encounter is taken back.
#[derive(Debug, utoipa::ToSchema)]
#[allow(dead_code)] // describes the body
pub struct Withdrawal {
    pub why: String,
}

/// Takes an encounter back. It stays to be read, and counts no more.
#[utoipa::path(delete, path = "/encounters/{id}", tag = "encounters",
    params(("id" = EncounterId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Withdrawal,
    responses((status = 200, body = EncounterView), (status = 404, body = Problem)))]
async fn withdraw(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<EncounterId>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Outcome {
    let scope = actor.scope(Act::CorrectEncounters)?;
    let act = async {
        let mut form = api::body(&bytes)?;
        let why = form.required("why", 300);
        if !form.is_sound() {
            return Err(form.faults());
        }
        let before = store::find(&app.db, &scope, id).await?;
        store::withdraw(&app.db, &before, &why, &actor.doer()).await?;
        Ok((StatusCode::OK, EncounterView::from(&store::find(&app.db, &scope, id).await?)))
    };
    api::once(&app, actor.account_id, &headers, &format!("DELETE /encounters/{id}"), &bytes, act)
        .await
}
