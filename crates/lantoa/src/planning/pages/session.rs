//! One session of a plan: when, why then, and how to change it.

use axum::extract::{Path, State};
use routing::verify::{self, Broken};
use routing::{Slot, explain};

use super::super::form as briefs;
use super::super::ground::{DAY, Ground};
use super::super::store::{self, Plan, Reasons};
use super::show::{head, require_draft};
use super::views::team_name;
use super::{campaign_of, plan_of, words};
use crate::foundation::form::Form;
use crate::foundation::ids::PlanId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Link, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::Actor;

type App = State<Shared>;

/// `GET /plans/{id}/sessions/{number}`.
pub async fn show(
    State(app): App,
    actor: Actor,
    Path((id, visit)): Path<(PlanId, u32)>,
) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    let ground = store::ground(&app.db, id).await?;
    let held = held_of(&plan, &ground, visit)?;
    let form = match held {
        None => Form::default(),
        Some(held) => Form::filled([
            ("day", held.day.to_string()),
            ("time", briefs::clock(held.start)),
            ("vehicle", held.vehicle.to_string()),
        ]),
    };
    page(&app, &actor, &plan, &ground, visit, &form, &[]).await?.show()
}

fn held_of(
    plan: &Plan,
    ground: &Ground,
    visit: u32,
) -> Result<Option<super::super::ground::Held>, Fault> {
    ground.held(&plan.best).get(visit as usize).copied().ok_or(Fault::NotFound)
}

async fn page(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    ground: &Ground,
    visit: u32,
    form: &Form,
    broken: &[Broken],
) -> Result<Page, Fault> {
    let t = actor.t;
    let campaign = campaign_of(app, actor, plan.campaign_id).await?;
    let own = format!("/plans/{}", plan.id);
    let session = &ground.sessions[visit as usize];
    let held = held_of(plan, ground, visit)?;
    let mut page = head(app, actor, plan, &campaign, words::place(ground, visit))
        .crumb(t.name("plan-title", plan.purpose.code()), &own);
    let locked = plan.locks.contains(&visit);
    let mut facts = vec![(
        t.get("activity-when"),
        Cell::text(held.map_or_else(|| t.get("plan-no-place"), |held| words::when(&held))),
    )];
    if let Some(held) = held {
        let vehicle = &ground.vehicles[held.vehicle as usize];
        facts.push((t.get("plan-vehicle"), Cell::text(&vehicle.name)));
    }
    facts.push((t.get("activity-team"), Cell::text(team_name(ground, visit))));
    let hall = ground.problem.visits[visit as usize].resources.iter().find_map(|number| {
        match &ground.resources[*number as usize] {
            super::super::ground::Resource::Hall(_, name) => Some(name.clone()),
            super::super::ground::Resource::Team(..) => None,
        }
    });
    facts.push((t.get("activity-venue"), Cell::text(hall.unwrap_or_else(|| "–".to_owned()))));
    if session.of > 1 {
        let nth = t.with2("plan-nth", "number", session.number, "of", session.of);
        facts.push((t.get("plan-which"), Cell::text(nth)));
    }
    if locked {
        facts.push((t.get("plan-locked"), Cell::tag(Tone::Warn, t.get("yes"))));
    }
    page = page.with(Piece::Facts(facts));
    page = if held.is_some() {
        why(actor, plan, ground, visit, page)
    } else {
        let reasons = super::reasons(app, plan, ground).await?;
        why_not(t, ground, &reasons, visit, page)
    };
    if require_draft(plan).is_err() {
        return Ok(page);
    }
    if held.is_some() {
        let (key, value) = if locked { ("plan-unlock", "no") } else { ("plan-lock", "yes") };
        let lock = Action::post(t.get(key), format!("{own}/sessions/{visit}/lock?to={value}"));
        page = page.with(Piece::Actions(vec![lock]));
    }
    page = page.with(Piece::Heading(t.get("plan-move")));
    if !broken.is_empty() {
        page = page.with(Piece::Remark(Tone::Bad, t.get("plan-move-breaks")));
        let said = broken.iter().map(|one| Link::to(words::broken(t, ground, one), "#move"));
        page = page.with(Piece::Links(said.collect()));
    }
    let vehicles = (0u32..).zip(&ground.vehicles).map(|(n, v)| (n.to_string(), v.name.clone()));
    let mut fields = Fields::over(form, t)
        .input("day", "activity-day", "date")
        .needed()
        .input("time", "activity-from", "time")
        .needed()
        .select("vehicle", "plan-vehicle", "", vehicles.collect());
    if broken.iter().any(|one| matches!(one, Broken::Window { .. })) {
        fields = fields.tick("outside", "plan-move-outside").hint("plan-move-outside-hint");
    }
    let mut view = fields.post(format!("{own}/sessions/{visit}/move"), "plan-move-go", &own);
    view.id = "move";
    Ok(page.with(Piece::Form(view)).with(Piece::Text(t.get("plan-move-how"))))
}

/// Why it has no place, and what would help.
fn why_not(t: T, ground: &Ground, reasons: &Reasons, visit: u32, page: Page) -> Page {
    let Some((_, reason)) = reasons.iter().find(|(number, _)| *number == visit) else {
        return page;
    };
    let (why, help) = words::reason(t, ground, reason);
    page.with(Piece::Heading(t.get("plan-why-not"))).with(Piece::Text(why)).with(Piece::Text(help))
}

/// Why it is where it is.
fn why(actor: &Actor, plan: &Plan, ground: &Ground, visit: u32, page: Page) -> Page {
    let t = actor.t;
    let problem = ground.stepped();
    let page = page.with(Piece::Heading(t.get("plan-why")));
    if plan.locks.contains(&visit) {
        return page.with(Piece::Text(t.get("plan-why-locked")));
    }
    let Some(choice) = explain::choice(&problem, &plan.best, visit) else { return page };
    let mut page = page;
    for sentence in words::choice(t, ground, &choice) {
        page = page.with(Piece::Text(sentence));
    }
    let titles = [t.get("plan-other-day"), format!("{}#", t.get("plan-costs-more"))];
    let mut table = Table::new(t.get("plan-other-days"), &titles, t.get("plan-why-only"));
    for (day, extra) in choice.others.iter().take(8) {
        table.rows.push(vec![
            Cell::text(words::day(ground.date(*day))),
            Cell::text(vietnamese::number(*extra)),
        ]);
    }
    page.with(Piece::Table(table))
}

/// `POST /plans/{id}/sessions/{number}/lock?to=yes`.
pub async fn lock(
    State(app): App,
    actor: Actor,
    Path((id, visit)): Path<(PlanId, u32)>,
    crate::foundation::form::Query(asked): crate::foundation::form::Query,
) -> Outcome {
    let mut plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    let ground = store::ground(&app.db, id).await?;
    if held_of(&plan, &ground, visit)?.is_none() {
        return Err(Fault::NotFound);
    }
    let locks = asked.text("to") == "yes";
    if locks {
        plan.locks.insert(visit);
    } else {
        plan.locks.remove(&visit);
    }
    let detail = serde_json::json!({ "session": words::place(&ground, visit), "locked": locks });
    let mut tx = app.db.begin().await?;
    store::change(&mut tx, &plan, detail, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/plans/{id}/sessions/{visit}")))
}

/// `POST /plans/{id}/sessions/{number}/move`: to a day, time and vehicle, and locks it there.
pub async fn shift(
    State(app): App,
    actor: Actor,
    Path((id, visit)): Path<(PlanId, u32)>,
    mut form: Form,
) -> Outcome {
    let mut plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    let ground = store::ground(&app.db, id).await?;
    let before = held_of(&plan, &ground, visit)?;
    let slot = read_slot(&mut form, &ground);
    let Some(slot) = slot else {
        return page(&app, &actor, &plan, &ground, visit, &form, &[]).await?.refuse();
    };
    let after = ground.moved(&plan.best, visit, slot);
    let mut locks = plan.locks.clone();
    locks.remove(&visit);
    let mut checked = ground.locked(&plan.best, &locks);
    checked.problem.visits[visit as usize].locked = None;
    let mut broken = verify::timetable(&checked.problem, &after);
    if form.ticked("outside") {
        let own = visit as usize;
        broken.retain(|one| !matches!(one, Broken::Window { visit, .. } if *visit == own));
    }
    if !broken.is_empty() {
        return page(&app, &actor, &plan, &ground, visit, &form, &broken).await?.refuse();
    }
    plan.best = after;
    plan.bill = ground.problem.bill(&plan.best);
    plan.reasons = Some(super::worked_out(&plan, &ground).await?);
    plan.locks = locks;
    plan.locks.insert(visit);
    let now = held_of(&plan, &ground, visit)?;
    let said = |held: Option<super::super::ground::Held>| held.map(|held| words::when(&held));
    let detail = serde_json::json!({
        "session": words::place(&ground, visit),
        "when": [said(before), said(now)],
    });
    let mut tx = app.db.begin().await?;
    store::change(&mut tx, &plan, detail, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/plans/{id}/sessions/{visit}")))
}

/// Reads day, time and vehicle; a day or time at which the vehicle does not work is refused.
fn read_slot(form: &mut Form, ground: &Ground) -> Option<Slot> {
    let (day, time) = (form.date("day"), form.time("time"));
    if day.is_none() {
        form.refuse("day", "error-required");
    }
    if time.is_none() {
        form.refuse("time", "error-required");
    }
    let (day, time) = (day?, time?);
    let vehicle = form.text("vehicle").parse::<usize>().ok();
    let Some(vehicle) = vehicle.and_then(|number| ground.vehicles.get(number)) else {
        form.refuse("vehicle", "error-choice");
        return None;
    };
    let start = i32::from(time.hour()) * 60 + i32::from(time.minute());
    let Some(shift) = ground.shift_of(vehicle.mover, day, start) else {
        form.refuse("vehicle", "error-plan-vehicle-off");
        return None;
    };
    Some(Slot { shift, start: (day - ground.first).get_days() * DAY + start })
}
