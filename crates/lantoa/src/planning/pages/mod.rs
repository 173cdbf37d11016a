//! The pages on which timetables are planned.

mod accept;
mod change;
mod clear;
mod drawings;
mod files;
mod inputs;
mod session;
mod show;
mod views;
mod what_if;
mod words;

use axum::Router;
use axum::routing::{get, post};

use super::assemble::{self, Assembly};
use super::brief::Brief;
use super::ground::{Ground, Kept};
use super::job;
use super::store::{self, Change, Plan, Purpose, Reasons, State};
use super::travel::{self, NoRoute};
use super::world::{self, World};
use crate::campaigns::{self, Campaign};
use crate::foundation::ids::{CampaignId, PlanId};
use crate::foundation::{Fault, Shared};
use crate::people::{Act, Actor, Scope};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/campaigns/{id}/plan", get(inputs::blank).post(inputs::send))
        .route("/campaigns/{id}/plan/problem.json", get(files::problem))
        .route("/campaigns/{id}/activities/clear", get(clear::ask).post(clear::go))
        .route("/plans/{id}", get(show::show))
        .route("/plans/{id}/stop", post(show::stop))
        .route("/plans/{id}/sessions/{number}", get(session::show))
        .route("/plans/{id}/sessions/{number}/move", post(session::shift))
        .route("/plans/{id}/sessions/{number}/lock", post(session::lock))
        .route("/plans/{id}/lock", post(change::lock))
        .route("/plans/{id}/again", post(change::again))
        .route("/plans/{id}/change", get(change::ask).post(change::send))
        .route("/plans/{id}/what-if", get(what_if::ask).post(what_if::send))
        .route("/plans/{id}/adopt", post(what_if::adopt))
        .route("/plans/{id}/accept", get(accept::ask).post(accept::go))
        .route("/plans/{id}/timetable.xlsx", get(files::workbook))
        .route("/plans/{id}/print", get(files::print))
}

/// The campaign, for somebody who plans.
async fn campaign_of(app: &Shared, actor: &Actor, id: CampaignId) -> Result<Campaign, Fault> {
    campaigns::store::find(&app.db, &actor.scope(Act::EditCampaigns)?, id).await
}

/// What the actor can plan a campaign with.
async fn world_of(app: &Shared, actor: &Actor, campaign: Campaign) -> Result<World, Fault> {
    Ok(world::read(&app.db, &actor.scope(Act::EditCampaigns)?, campaign).await?)
}

/// What a plan is made from: that of whoever it belongs to, also where the actor reaches further -
/// a district's officer changes a commune's plan without planning the whole district into it.
async fn world_of_plan(
    app: &Shared,
    actor: &Actor,
    campaign: Campaign,
    plan: &Plan,
) -> Result<World, Fault> {
    let world = world_of(app, actor, campaign).await?;
    if world.unit == plan.unit_id {
        return Ok(world);
    }
    // The plan was found within the actor's scope, so its unit lies in it.
    let theirs = Scope::of_the_program(plan.unit_id);
    Ok(world::read(&app.db, &theirs, world.campaign).await?)
}

/// A plan that the actor may see and change.
async fn plan_of(app: &Shared, actor: &Actor, id: PlanId) -> Result<Plan, Fault> {
    store::find(&app.db, &actor.scope(Act::EditCampaigns)?, id).await
}

/// Why sessions of a plan have no place. They are kept when its search ends; where it was cut off
/// they are worked out here once and kept from then on.
async fn reasons(app: &Shared, plan: &Plan, ground: &Ground) -> Result<Reasons, Fault> {
    if let Some(kept) = &plan.reasons {
        return Ok(kept.clone());
    }
    let found = worked_out(plan, ground).await?;
    store::keep_reasons(&app.db, plan, &found).await?;
    Ok(found)
}

/// Works out why sessions of a plan have no place, beside the requests.
async fn worked_out(plan: &Plan, ground: &Ground) -> Result<Reasons, Fault> {
    let (problem, best) = (ground.stepped(), plan.best.clone());
    let work = move || routing::explain::all_unserved(&problem, &best);
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)
}

/// Why a plan was not begun.
enum NotBegun {
    Fault(Fault),
    /// The routing server gave no travel times.
    NoRoute(NoRoute),
}

impl<E: Into<Fault>> From<E> for NotBegun {
    fn from(fault: E) -> Self {
        NotBegun::Fault(fault.into())
    }
}

impl NotBegun {
    /// As a fault, where there is no form to ask in.
    fn fault(self) -> Fault {
        match self {
            NotBegun::Fault(fault) => fault,
            NotBegun::NoRoute(_) => Fault::Conflict("plan-no-route"),
        }
    }
}

/// What a new plan is to be.
struct Order {
    brief: Brief,
    kept: Kept,
    purpose: Purpose,
    from: Option<PlanId>,
    change: Change,
}

/// Gathers the ground of an order.
async fn gather(
    app: &Shared,
    actor: &Actor,
    world: &World,
    brief: &Brief,
    kept: &Kept,
) -> Result<Ground, NotBegun> {
    let times = world::times(&app.db, world, brief).await?;
    let places = assemble::places(world, brief);
    let travel = match app.routing_server.clone().filter(|_| brief.travel.server) {
        None => travel::estimated(&brief.travel, &places.points()),
        Some(server) => {
            let points = places.points();
            let asked = move || travel::served(&server, &points, travel::PATIENCE);
            let answer = tokio::task::spawn_blocking(asked).await.map_err(Fault::internal)?;
            answer.map_err(NotBegun::NoRoute)?
        }
    };
    let assembly = Assembly { t: actor.t, brief, world, times: &times, kept };
    Ok(assembly.ground(places, travel))
}

/// Stores a new plan and lets it be searched.
async fn begin(
    app: &Shared,
    actor: &Actor,
    world: &World,
    order: Order,
) -> Result<PlanId, NotBegun> {
    let ground = gather(app, actor, world, &order.brief, &order.kept).await?;
    let plan = Plan {
        id: PlanId::new(),
        campaign_id: world.campaign.id,
        unit_id: world.unit,
        from_id: order.from,
        purpose: order.purpose,
        change: order.change,
        state: State::Queued,
        brief: order.brief,
        best: routing::Timetable::default(),
        locks: job::locks(&ground),
        bill: routing::Bill::default(),
        reasons: None,
        course: vec![],
        iterations: 0,
        created_by: actor.name.clone(),
        created_at: actor.at,
        accepted_at: None,
    };
    let mut tx = app.db.begin().await?;
    store::add(&mut tx, &plan, &ground, &actor.doer()).await?;
    tx.commit().await?;
    job::launch(app, plan.id);
    Ok(plan.id)
}
