//! A plan: how the search goes, then what it found, in five views.

use axum::extract::{Path, State};
use routing::explain::Reason;

use super::super::compare::{self, Differences, Fate};
use super::super::ground::Ground;
use super::super::store::{self, Plan, Purpose, State as PlanState};
use super::views::{by_commune, by_vehicle, views};
use super::{campaign_of, drawings, plan_of, what_if, words};
use crate::campaigns::Campaign;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::PlanId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Page, Piece, Pieces, Table, Tile, Tone, history};
use crate::foundation::{Fault, Outcome, Shared, T, audit};
use crate::people::{Act, Actor};

type App = State<Shared>;

/// `GET /plans/{id}`.
pub async fn show(
    State(app): App,
    actor: Actor,
    Path(id): Path<PlanId>,
    Query(form): Query,
) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    if plan.state.is_open() {
        return progress(&app, &actor, &plan, &campaign).show();
    }
    let ground = store::ground(&app.db, id).await?;
    let lines = audit::history(&app.db, "plan", id.0, 30).await?;
    let page = result(&app, &actor, &plan, &campaign, &ground, form).await?;
    page.with(history(actor.t, &lines)).show()
}

/// `POST /plans/{id}/stop`: the best so far is enough.
pub async fn stop(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    app.work.stop(plan.id.0);
    if plan.state == PlanState::Queued {
        let mut tx = app.db.begin().await?;
        store::leave_queue(&mut tx, plan.id).await?;
        tx.commit().await?;
    }
    // A moment, so that the page that follows shows the end rather than the search.
    for _ in 0..20 {
        if !plan_of(&app, &actor, id).await?.state.is_open() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(redirect(&format!("/plans/{id}")))
}

/// The head that all pages of a plan share.
pub fn head(app: &Shared, actor: &Actor, plan: &Plan, campaign: &Campaign, title: String) -> Page {
    let t = actor.t;
    let days = plan.brief.days;
    Page::new(actor.shell(app, "nav-campaigns", title))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .crumb(&campaign.name, format!("/campaigns/{}", campaign.id))
        .crumb(t.get("plan-inputs"), format!("/campaigns/{}/plan", campaign.id))
        .about("period", super::super::form::days_text(&[days]))
        .about("plan-state", t.name("plan-state", plan.state.code()))
}

fn progress(app: &Shared, actor: &Actor, plan: &Plan, campaign: &Campaign) -> Page {
    let t = actor.t;
    let mut page = head(app, actor, plan, campaign, t.get("plan-searching"));
    page.shell.refresh = true;
    let budget = words::duration(t, plan.brief.seconds.into());
    let text = match plan.state {
        PlanState::Queued => t.get("plan-waits"),
        _ => t.with("plan-runs", "budget", budget),
    };
    let stop = Action::post(t.get("plan-stop"), format!("/plans/{}/stop", plan.id));
    page = page.with(Piece::Remark(Tone::Plain, text)).with(Piece::Actions(vec![stop]));
    if plan.course.is_empty() {
        return page;
    }
    page.with(Piece::Heading(t.get("plan-best-so-far")))
        .with(Piece::Tiles(bill_tiles(t, plan)))
        .with(Piece::Heading(t.get("plan-course")))
        .with(Piece::Drawing(drawings::course(t, &plan.course)))
        .with(Piece::Text(t.get("plan-course-how")))
}

fn tile(title: String, figure: String, detail: String) -> Tile {
    Tile { title, figure, href: String::new(), detail, bar: None }
}

fn bill_tiles(t: T, plan: &Plan) -> Vec<Tile> {
    let held: usize = plan.best.routes.iter().map(|route| route.stops.len()).sum();
    let all = held + plan.best.unserved.len();
    vec![
        tile(
            t.get("plan-held"),
            vietnamese::number(held as i64),
            t.with("plan-of-all", "all", vietnamese::number(all as i64)),
        ),
        tile(
            t.get("plan-left-out"),
            vietnamese::number(plan.bill.unserved),
            t.get("plan-left-out-detail"),
        ),
        tile(
            t.get("plan-vehicle-days"),
            vietnamese::number(plan.bill.shifts),
            t.get("plan-vehicle-days-detail"),
        ),
        tile(
            t.get("plan-travel-time"),
            words::hours(t, plan.bill.travel),
            t.get("plan-travel-detail"),
        ),
    ]
}

async fn result(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    campaign: &Campaign,
    ground: &Ground,
    form: Form,
) -> Result<Page, Fault> {
    let t = actor.t;
    let mut page = head(app, actor, plan, campaign, t.name("plan-title", plan.purpose.code()));
    let remark = match plan.state {
        PlanState::Interrupted => Some((Tone::Warn, "plan-was-interrupted")),
        PlanState::Failed => Some((Tone::Bad, "plan-failed")),
        PlanState::Accepted => Some((Tone::Good, "plan-is-accepted")),
        PlanState::Replaced => Some((Tone::Plain, "plan-is-replaced")),
        _ => None,
    };
    if let Some((tone, key)) = remark {
        page = page.with(Piece::Remark(tone, t.get(key)));
    }
    let changed = words::change(t, &plan.change);
    if !changed.is_empty() {
        page = page.with(Piece::Remark(Tone::Plain, changed));
    }
    if ground.pointless > 0 {
        let text = t.with("plan-without-point", "count", ground.pointless);
        page = page.with(Piece::Remark(Tone::Warn, text));
    }
    page = new_hamlets(app, actor, plan, campaign, ground, page).await?;
    if plan.purpose == Purpose::WhatIf {
        page = what_if::bought(app, actor, plan, ground, page).await?;
    }
    page = page.with(Piece::Actions(actions(t, plan)));
    let mut tiles = bill_tiles(t, plan);
    tiles.extend(fairness_tile(t, plan, ground));
    page = page.with(Piece::Tiles(tiles));
    if !ground.before.is_empty() && plan.purpose != Purpose::First {
        let differences = compare::differences(ground, &plan.best);
        page = difference_pieces(t, ground, plan, &differences).into_iter().fold(page, Page::with);
    }
    if !plan.best.unserved.is_empty() {
        let reasons = super::reasons(app, plan, ground).await?;
        page = page.with(Piece::Table(left_out(t, plan, ground, &reasons)));
    }
    let held = ground.held(&plan.best);
    page = views(app, t, plan, ground, &held, form, page).await?;
    Ok(page.with(Piece::Fold(
        t.get("plan-spread"),
        Pieces {
            list: vec![
                Piece::Table(by_vehicle(t, plan, ground)),
                Piece::Table(by_commune(t, ground, &held)),
            ],
            t,
        },
    )))
}

/// Tells of hamlets that came into the registers since, and leads to adding them.
async fn new_hamlets(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    campaign: &Campaign,
    ground: &Ground,
    page: Page,
) -> Result<Page, Fault> {
    let t = actor.t;
    let is_changeable = require_draft(plan).is_ok() || plan.state == PlanState::Accepted;
    if !is_changeable || actor.scope(Act::EditCampaigns).is_err() {
        return Ok(page);
    }
    let world = super::world_of_plan(app, actor, campaign.clone(), plan).await?;
    let new = super::change::unknown(plan, ground, &world);
    if new.is_empty() {
        return Ok(page);
    }
    let href = format!("/plans/{}/change?kind=new", plan.id);
    Ok(page
        .with(Piece::Remark(Tone::Warn, t.with("plan-has-new", "count", new.len())))
        .with(Piece::Actions(vec![Action::quiet(t.get("plan-add-new"), href)])))
}

fn actions(t: T, plan: &Plan) -> Vec<Action> {
    let own = format!("/plans/{}", plan.id);
    let mut actions = vec![];
    let is_usable = plan.state.is_draft() && plan.purpose != Purpose::WhatIf;
    if is_usable {
        actions.push(Action::main(t.get("plan-accept"), format!("{own}/accept")));
    }
    if is_usable || plan.state == PlanState::Accepted {
        actions.push(Action::quiet(t.get("plan-what-changed"), format!("{own}/change")));
        actions.push(Action::quiet(t.get("plan-what-if"), format!("{own}/what-if")));
    }
    if is_usable {
        actions.push(Action::post(t.get("plan-again"), format!("{own}/again")));
    }
    let inputs = format!("/campaigns/{}/plan?from_plan={}", plan.campaign_id, plan.id);
    actions.push(Action::quiet(t.get("plan-edit-inputs"), inputs));
    actions.push(Action::quiet(t.get("plan-xlsx"), format!("{own}/timetable.xlsx")));
    actions.push(Action::quiet(t.get("plan-print"), format!("{own}/print")));
    actions
}

/// Days worked by each vehicle: the least and the most.
fn fairness_tile(t: T, plan: &Plan, ground: &Ground) -> Option<Tile> {
    let mut days = vec![0i64; ground.vehicles.len()];
    for route in &plan.best.routes {
        days[ground.problem.shifts[route.shift as usize].vehicle as usize] += 1;
    }
    let (least, most) = (days.iter().min()?, days.iter().max()?);
    let figure = if least == most { least.to_string() } else { format!("{least}–{most}") };
    Some(tile(t.get("plan-fair"), figure, t.get("plan-fair-detail")))
}

/// Old against new, as a sentence and a table.
pub fn difference_pieces(
    t: T,
    ground: &Ground,
    plan: &Plan,
    differences: &Differences,
) -> Vec<Piece> {
    let said = t.with_all(
        "plan-differences",
        &[
            ("moved", &differences.count(Fate::Moved)),
            ("added", &differences.count(Fate::Added)),
            ("dropped", &differences.count(Fate::Dropped)),
            ("unchanged", &differences.unchanged),
        ],
    );
    let titles =
        [t.get("plan-session"), t.get("plan-fate"), t.get("plan-before"), t.get("plan-after")];
    let mut table = Table::new(t.get("plan-old-new"), &titles, t.get("plan-no-difference"));
    table.id = "differences";
    for one in &differences.list {
        let before = one.before.as_ref().map_or_else(
            || Cell::text("–"),
            |was| {
                let at = super::super::form::clock(was.start);
                Cell::text(format!("{}, {at}", words::day(was.day))).and_small(&was.with)
            },
        );
        let after = one.after.as_ref().map_or_else(
            || Cell::text("–"),
            |now| {
                let at = super::super::form::clock(now.start);
                Cell::text(format!("{}, {at}", words::day(now.day)))
                    .and_small(&ground.vehicles[now.vehicle as usize].name)
            },
        );
        let name = match one.visit {
            Some(visit) => Cell::link(&one.place, format!("/plans/{}/sessions/{visit}", plan.id)),
            None => Cell::text(&one.place),
        };
        let tone = match one.fate {
            Fate::Moved => Tone::Warn,
            Fate::Added => Tone::Good,
            Fate::Dropped => Tone::Bad,
        };
        let fate = Cell::tag(tone, t.name("plan-fate", one.fate.code()));
        table.rows.push(vec![name, fate, before, after]);
    }
    vec![Piece::Heading(t.get("plan-differences-title")), Piece::Text(said), Piece::Table(table)]
}

/// Who could not be served, why, and what would help.
fn left_out(t: T, plan: &Plan, ground: &Ground, reasons: &[(u32, Reason)]) -> Table {
    let titles = [t.get("plan-session"), t.get("plan-why-not"), t.get("plan-what-helps")];
    let caption = t.with("plan-left-out-caption", "count", plan.best.unserved.len());
    let mut table = Table::new(caption, &titles, String::new());
    table.id = "left-out";
    for (visit, reason) in reasons {
        let (why, help) = words::reason(t, ground, reason);
        let place = words::place(ground, *visit);
        let href = format!("/plans/{}/sessions/{visit}", plan.id);
        table.rows.push(vec![Cell::link(place, href), Cell::text(why), Cell::text(help)]);
    }
    table
}

/// Refuses to change what is no draft: a plan on the calendar, or one that only asks.
pub fn require_draft(plan: &Plan) -> Result<(), Fault> {
    if plan.state.is_draft() && plan.purpose != Purpose::WhatIf && plan.has_timetable() {
        Ok(())
    } else {
        Err(Fault::Conflict("plan-not-a-draft"))
    }
}
