//! What has changed since, what is locked: each begins a new plan from the one at hand, which stays
//! as it is.

use std::collections::HashSet;

use axum::extract::{Path, State};

use super::super::brief::{Away, Brief, Days};
use super::super::calendar;
use super::super::ground::{Ground, Kept, Key};
use super::super::store::{self, Change, Plan, Purpose, State as PlanState};
use super::super::world::World;
use super::show::{head, require_draft};
use super::{NotBegun, Order, begin, campaign_of, plan_of, words, world_of_plan};
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{PlanId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Fields, FormView, Page, Piece};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::Actor;

type App = State<Shared>;

/// What can have changed, in the order of screens.
const CHANGES: [&str; 5] = ["day", "vehicle", "team", "new", "sessions"];
/// What of a plan is kept in mind when another is made from it.
async fn kept(
    app: &Shared,
    actor: &Actor,
    world: &World,
    plan: &Plan,
    ground: &Ground,
) -> Result<Kept, Fault> {
    let accepted = calendar::accepted(&app.db, plan.campaign_id).await?;
    let mut kept = accepted.kept(world, actor.at);
    let fixed: HashSet<Key> = kept.fixed.iter().map(|fixed| (fixed.unit, fixed.number)).collect();
    if plan.state == PlanState::Accepted {
        kept.standing = accepted.standing(ground, actor.at);
    } else {
        kept.standing = ground.standing(&plan.best);
        kept.standing.retain(|one| !fixed.contains(&(one.unit, one.number)));
        let locked = plan.locks.iter().map(|visit| ground.sessions[*visit as usize].key());
        kept.locked.extend(locked);
        kept.besides = plan.purpose == Purpose::First;
    }
    Ok(kept)
}

/// Days that are over are no longer planned.
fn from_today(app: &Shared, brief: &mut Brief) {
    let today = app.clock.today();
    if brief.days.from < today && today <= brief.days.to {
        brief.days.from = today;
    }
}

/// `POST /plans/{id}/again`: what is not locked is planned anew.
pub async fn again(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    let mut brief = plan.brief.clone();
    brief.seed += 1;
    follow(&app, &actor, &plan, brief, Purpose::Again, Change::Nothing).await
}

/// Begins a plan from another and leads to it.
pub async fn follow(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    mut brief: Brief,
    purpose: Purpose,
    change: Change,
) -> Outcome {
    let campaign = campaign_of(app, actor, plan.campaign_id).await?;
    let world = world_of_plan(app, actor, campaign, plan).await?;
    let ground = store::ground(&app.db, plan.id).await?;
    let kept = kept(app, actor, &world, plan, &ground).await?;
    from_today(app, &mut brief);
    let order = Order { brief, kept, purpose, from: Some(plan.id), change };
    let begun = begin(app, actor, &world, order).await.map_err(NotBegun::fault)?;
    Ok(redirect(&format!("/plans/{begun}")))
}

/// `POST /plans/{id}/lock`: all sessions of a day, of a vehicle, or all that are shown.
pub async fn lock(
    State(app): App,
    actor: Actor,
    Path(id): Path<PlanId>,
    Query(form): Query,
) -> Outcome {
    let mut plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    let ground = store::ground(&app.db, id).await?;
    let day = form.text("day").parse::<jiff::civil::Date>().ok();
    let vehicle = form.text("vehicle").parse::<u32>().ok();
    let meant = (0u32..).zip(ground.held(&plan.best)).filter_map(|(visit, held)| {
        let held = held?;
        let meant = day.is_none_or(|day| day == held.day)
            && vehicle.is_none_or(|vehicle| vehicle == held.vehicle);
        meant.then_some(visit)
    });
    let meant: Vec<u32> = meant.collect();
    let locks = form.text("to") == "yes";
    for visit in &meant {
        if locks {
            plan.locks.insert(*visit);
        } else {
            plan.locks.remove(visit);
        }
    }
    let detail = serde_json::json!({ "sessions": meant.len(), "locked": locks });
    let mut tx = app.db.begin().await?;
    store::change(&mut tx, &plan, detail, &actor.doer()).await?;
    tx.commit().await?;
    let query = form.query_without(&["to"]);
    Ok(redirect(&format!("/plans/{id}?{query}")))
}

/// Refuses to repair what is neither a draft nor on the calendar.
pub fn require_repairable(plan: &Plan) -> Result<(), Fault> {
    if plan.state == PlanState::Accepted { Ok(()) } else { require_draft(plan) }
}

/// `GET /plans/{id}/change?kind=day`.
pub async fn ask(
    State(app): App,
    actor: Actor,
    Path(id): Path<PlanId>,
    Query(form): Query,
) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_repairable(&plan)?;
    page(&app, &actor, &plan, &form).await?.show()
}

async fn page(app: &Shared, actor: &Actor, plan: &Plan, form: &Form) -> Result<Page, Fault> {
    let t = actor.t;
    let own = format!("/plans/{}", plan.id);
    let campaign = campaign_of(app, actor, plan.campaign_id).await?;
    let ground = store::ground(&app.db, plan.id).await?;
    let kind = form.text("kind");
    let kind = if CHANGES.contains(&kind) { kind } else { "day" };
    let actions = CHANGES.map(|other| {
        let href = format!("{own}/change?kind={other}");
        let name = t.name("plan-change", other);
        if other == kind { Action::main(name, href) } else { Action::quiet(name, href) }
    });
    let world = world_of_plan(app, actor, campaign.clone(), plan).await?;
    let mut form = form.clone();
    if form.error("hamlet").is_empty() && kind == "new" {
        // Every new hamlet is chosen until something else is said.
        let new = unknown(plan, &ground, &world);
        let chosen = new.iter().map(|id| ("units".to_owned(), id.to_string()));
        form = Form::filled(chosen);
    }
    Ok(head(app, actor, plan, &campaign, t.get("plan-what-changed"))
        .crumb(t.name("plan-title", plan.purpose.code()), &own)
        .with(Piece::Text(t.get("plan-change-how")))
        .with(Piece::Actions(actions.into()))
        .with(Piece::Form(change_form(actor, plan, &ground, &world, &form, kind))))
}

fn change_form(
    actor: &Actor,
    plan: &Plan,
    ground: &Ground,
    world: &World,
    form: &Form,
    kind: &str,
) -> FormView {
    let t = actor.t;
    let own = format!("/plans/{}", plan.id);
    let mut form = form.clone();
    form.set("kind", kind);
    let mut fields = Fields::over(&form, t).hidden("kind");
    match kind {
        "vehicle" => {
            let vehicles = plan.brief.vehicles.iter().filter(|wish| wish.used).filter_map(|wish| {
                let vehicle = world.vehicles.iter().find(|v| v.id == wish.asset)?;
                Some((vehicle.id.to_string(), vehicle.name.clone()))
            });
            fields = fields.select("asset", "plan-vehicle", "choose", vehicles.collect()).needed();
        }
        "team" => {
            let mut teams: Vec<(String, String)> = ground
                .resources
                .iter()
                .filter_map(|resource| match resource {
                    super::super::ground::Resource::Team(id, name) => {
                        Some((id.to_string(), name.clone()))
                    }
                    super::super::ground::Resource::Hall(..) => None,
                })
                .collect();
            teams.sort_by_cached_key(|(_, name)| vietnamese::sort_key(name));
            fields = fields.select("team", "activity-team", "choose", teams).needed();
        }
        "new" => fields = added_fields(fields, plan, ground, world),
        "sessions" => {
            let hamlets = hamlets(world, |_| true);
            fields = fields
                .select("hamlet", "level-hamlet", "choose", hamlets)
                .needed()
                .number("visits", "plan-visits-wanted")
                .needed()
                .hint("plan-visits-wanted-hint");
        }
        _ => {}
    }
    if !matches!(kind, "new" | "sessions") {
        fields = fields
            .input("from", "plan-from", "date")
            .needed()
            .input("to", "plan-to", "date")
            .hint("plan-to-hint");
    }
    fields.post(format!("{own}/change"), "plan-repair", &own)
}

/// Hamlets as choices, by commune.
fn hamlets(world: &World, keep: impl Fn(UnitId) -> bool) -> Vec<(String, String)> {
    let chosen = world.hamlets.iter().filter(|hamlet| keep(hamlet.id));
    let named = chosen.map(|hamlet| {
        let commune = world.communes.iter().find(|commune| commune.id == hamlet.commune);
        let commune = commune.map_or("", |commune| &commune.name);
        (hamlet.id.to_string(), format!("{commune} – {}", hamlet.name))
    });
    named.collect()
}

/// Hamlets in the registers that a plan knows nothing of; those left out on purpose are none, and
/// where sessions are asked for hamlet by hamlet, none can be told from those.
pub fn unknown(plan: &Plan, ground: &Ground, world: &World) -> Vec<UnitId> {
    if plan.brief.visits == 0 {
        return vec![];
    }
    let known: HashSet<UnitId> = ground
        .sessions
        .iter()
        .map(|session| session.unit)
        .chain(ground.fixed.iter().map(|fixed| fixed.unit))
        .chain(plan.brief.hamlets.iter().filter(|w| w.visits == Some(0)).map(|w| w.unit))
        .collect();
    world.hamlets.iter().map(|hamlet| hamlet.id).filter(|id| !known.contains(id)).collect()
}

/// New hamlets, and one more session in one that the plan has.
fn added_fields<'a>(
    mut fields: Fields<'a>,
    plan: &Plan,
    ground: &Ground,
    world: &World,
) -> Fields<'a> {
    let new = unknown(plan, ground, world);
    if !new.is_empty() {
        fields = fields
            .many("units", "plan-new-hamlets", hamlets(world, |id| new.contains(&id)))
            .hint("plan-new-hamlets-hint");
    }
    let others = hamlets(world, |id| !new.contains(&id));
    fields.select("hamlet", "plan-one-more-session", "plan-nowhere", others)
}

/// `POST /plans/{id}/change`: repairs with as few moves as the change allows.
pub async fn send(
    State(app): App,
    actor: Actor,
    Path(id): Path<PlanId>,
    mut form: Form,
) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_repairable(&plan)?;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    let world = world_of_plan(&app, &actor, campaign, &plan).await?;
    let mut brief = plan.brief.clone();
    let kind = form.text("kind").to_owned();
    let change = match kind.as_str() {
        "new" => {
            let ground = store::ground(&app.db, id).await?;
            let new = unknown(&plan, &ground, &world);
            added(&mut form, &world, &new, &mut brief)
        }
        "sessions" => more_sessions(&mut form, &world, &mut brief),
        _ => fallen_out(&mut form, &world, &kind, &mut brief),
    };
    let Some(change) = change.filter(|_| form.is_sound()) else {
        return page(&app, &actor, &plan, &form).await?.refuse();
    };
    follow(&app, &actor, &plan, brief, Purpose::Repair, change).await
}

fn fallen_out(form: &mut Form, world: &World, kind: &str, brief: &mut Brief) -> Option<Change> {
    let from = form.date("from");
    if from.is_none() {
        form.refuse("from", "error-required");
    }
    let from = from?;
    let to = form.date("to").unwrap_or(from);
    if to < from {
        form.refuse("to", "error-ends-before");
        return None;
    }
    let days = Days { from, to };
    match kind {
        "vehicle" => {
            let asset = form.chosen("asset")?;
            let wish = brief.vehicles.iter_mut().find(|wish| wish.asset == asset);
            let known = world.vehicles.iter().find(|vehicle| vehicle.id == asset);
            let (Some(wish), Some(known)) = (wish, known) else {
                form.refuse("asset", "error-choice");
                return None;
            };
            wish.off.push(days);
            Some(Change::Broken { asset, name: known.name.clone(), days })
        }
        "team" => {
            let team = form.chosen("team")?;
            let Some(known) = world.teams.iter().find(|one| one.id == team) else {
                form.refuse("team", "error-choice");
                return None;
            };
            brief.away.push(Away { team: Some(team), days });
            Some(Change::Away { team, name: known.name.clone(), days })
        }
        _ => {
            brief.away.push(Away { team: None, days });
            Some(Change::Cancelled { days })
        }
    }
}

/// New hamlets that were chosen get their sessions, the others none; a hamlet gets one more.
fn added(form: &mut Form, world: &World, new: &[UnitId], brief: &mut Brief) -> Option<Change> {
    let chosen: HashSet<UnitId> =
        form.all("units").iter().filter_map(|id| id.parse().ok()).collect();
    let more: Option<UnitId> = form.text("hamlet").parse().ok();
    let mut names = vec![];
    for hamlet in &world.hamlets {
        let (visits, ..) = brief.of_hamlet(hamlet.id, hamlet.commune);
        if new.contains(&hamlet.id) {
            let visits = if chosen.contains(&hamlet.id) { visits.max(1) } else { 0 };
            brief.wish_visits(hamlet.id, visits);
        } else if more == Some(hamlet.id) {
            brief.wish_visits(hamlet.id, visits + 1);
        } else {
            continue;
        }
        if chosen.contains(&hamlet.id) || more == Some(hamlet.id) {
            names.push(world.place_of(hamlet));
        }
    }
    if names.is_empty() {
        form.refuse("hamlet", "error-plan-nothing-new");
        return None;
    }
    Some(Change::Added { names })
}

fn more_sessions(form: &mut Form, world: &World, brief: &mut Brief) -> Option<Change> {
    let unit = form.chosen("hamlet")?;
    let visits = form.number("visits", 0..=30);
    if visits.is_none() {
        form.refuse("visits", "error-required");
    }
    let visits = visits? as u32;
    let Some(hamlet) = world.hamlets.iter().find(|hamlet| hamlet.id == unit) else {
        form.refuse("hamlet", "error-choice");
        return None;
    };
    brief.wish_visits(unit, visits);
    Some(Change::Sessions { unit, name: hamlet.name.clone(), visits })
}

/// The sentence of a change, for pages that name it elsewhere.
pub fn reason(actor: &Actor, plan: &Plan) -> String {
    let said = words::change(actor.t, &plan.change);
    if said.is_empty() { actor.t.get("plan-cancel-reason") } else { said }
}
