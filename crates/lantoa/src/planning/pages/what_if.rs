//! What something would buy: the question, its answer in a sentence and a table, and the step from
//! the answer to a draft.

use axum::extract::{Path, State};
use jiff::ToSpan as _;
use routing::Bill;

use super::super::brief::Brief;
use super::super::ground::{DAY, Ground, Key, Mover};
use super::super::store::{self, Change, Plan, Purpose};
use super::change::{follow, require_repairable};
use super::show::head;
use super::{campaign_of, plan_of, words};
use crate::foundation::form::Form;
use crate::foundation::ids::PlanId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::Actor;

type App = State<Shared>;

/// What can be asked, in the order of screens.
const QUESTIONS: [&str; 5] = ["more", "evening", "hours", "week", "less"];

/// `GET /plans/{id}/what-if`.
pub async fn ask(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_repairable(&plan)?;
    let t = actor.t;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    let questions = QUESTIONS.map(|question| (question.to_owned(), t.name("plan-ask", question)));
    let form = Form::filled([("question", "more")]);
    let fields = Fields::over(&form, t)
        .one("question", "plan-question", questions.to_vec())
        .select("weekday", "plan-which-evening", "", words::weekdays(t))
        .hint("plan-which-evening-hint");
    let own = format!("/plans/{id}");
    head(&app, &actor, &plan, &campaign, t.get("plan-what-if"))
        .crumb(t.name("plan-title", plan.purpose.code()), &own)
        .with(Piece::Text(t.get("plan-what-if-how")))
        .with(Piece::Form(fields.post(format!("{own}/what-if"), "plan-what-if-go", &own)))
        .show()
}

/// `POST /plans/{id}/what-if`: searches the changed problem from where this plan stands.
pub async fn send(State(app): App, actor: Actor, Path(id): Path<PlanId>, form: Form) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_repairable(&plan)?;
    let mut brief = plan.brief.clone();
    let change = match form.text("question") {
        "evening" => {
            let weekday = form.text("weekday").parse().ok().filter(|day| *day < 7).unwrap_or(0);
            if !brief.evenings.contains(&weekday) {
                brief.evenings.push(weekday);
            }
            Change::Evening { weekday }
        }
        "hours" => {
            brief.availability = false;
            Change::AllHours
        }
        "week" => {
            brief.days.to = brief.days.to.checked_add(7.days()).unwrap_or(brief.days.to);
            Change::Week
        }
        "less" => {
            let ground = store::ground(&app.db, id).await?;
            Change::OneLess { name: drop_one(&plan, &ground, &mut brief)? }
        }
        _ => {
            brief.crews += 1;
            Change::OneMore
        }
    };
    follow(&app, &actor, &plan, brief, Purpose::WhatIf, change).await
}

/// Takes the vehicle that works least out of a brief; gives its name.
fn drop_one(plan: &Plan, ground: &Ground, brief: &mut Brief) -> Result<String, Fault> {
    let used = brief.vehicles.iter().filter(|wish| wish.used).count() as u32 + brief.crews;
    if used < 2 {
        return Err(Fault::Conflict("plan-only-vehicle"));
    }
    let routes = |number: u32| {
        let of =
            |route: &&routing::Route| ground.problem.shifts[route.shift as usize].vehicle == number;
        plan.best.routes.iter().filter(of).count()
    };
    let least = (0u32..).zip(&ground.vehicles).min_by_key(|(number, _)| routes(*number));
    let (_, vehicle) = least.ok_or(Fault::Conflict("plan-only-vehicle"))?;
    match vehicle.mover {
        Mover::Crew(_) => brief.crews = brief.crews.saturating_sub(1),
        Mover::Asset(asset) => {
            for wish in brief.vehicles.iter_mut().filter(|wish| wish.asset == asset) {
                wish.used = false;
            }
        }
    }
    Ok(vehicle.name.clone())
}

/// What a question "what if" has bought, against the plan it was asked of.
pub async fn bought(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    ground: &Ground,
    page: Page,
) -> Result<Page, Fault> {
    let t = actor.t;
    let Some(from) = plan.from_id else { return Ok(page) };
    let asked_of = plan_of(app, actor, from).await?;
    let earlier = store::ground(&app.db, from).await?;
    let before = still_ahead(&asked_of, &earlier, ground);
    let mut actions = vec![];
    let mut page = page;
    if plan.state.is_draft() {
        let is_evening = matches!(plan.change, Change::Evening { .. });
        if is_evening && opens_nothing(ground, &earlier) {
            page = page.with(Piece::Remark(Tone::Plain, t.get("plan-answer-known")));
        } else {
            let tone = if plan.bill.unserved < before.unserved || plan.bill.shifts < before.shifts {
                Tone::Good
            } else {
                Tone::Plain
            };
            page = page.with(Piece::Remark(tone, sentence(t, &before, &plan.bill)));
            if is_evening || plan.change == Change::AllHours {
                page = page.with(Piece::Text(t.get("plan-adopt-hours")));
            }
        }
        actions.push(Action::press(t.get("plan-adopt"), format!("/plans/{}/adopt", plan.id)));
    }
    actions.push(Action::quiet(t.get("plan-back-to-asked"), format!("/plans/{from}")));
    Ok(page.with(Piece::Actions(actions)).with(Piece::Table(table(t, &before, &plan.bill))))
}

/// What the plan that was asked about costs in the days that the answer speaks of.
fn still_ahead(plan: &Plan, earlier: &Ground, ground: &Ground) -> Bill {
    let gone: Vec<Key> = ground.fixed.iter().map(|fixed| (fixed.unit, fixed.number)).collect();
    let mut ahead = plan.best.clone();
    let first = (ground.first - earlier.first).get_days() * DAY;
    for route in &mut ahead.routes {
        route.stops.retain(|stop| {
            stop.start >= first && !gone.contains(&earlier.sessions[stop.visit as usize].key())
        });
    }
    ahead.routes.retain(|route| !route.stops.is_empty());
    earlier.problem.bill(&ahead)
}

/// Whether a problem allows no start that an earlier one did not: then what is better is owed to
/// the longer search alone.
fn opens_nothing(ground: &Ground, earlier: &Ground) -> bool {
    let shift = (ground.first - earlier.first).get_days() * DAY;
    ground.sessions.iter().zip(&ground.problem.visits).all(|(session, visit)| {
        let was = earlier.sessions.iter().position(|other| other.key() == session.key());
        was.is_some_and(|number| {
            let known = &earlier.problem.visits[number].windows;
            let is_known = |(from, to): &(i32, i32)| {
                let (from, to) = (from + shift, to + shift);
                known.iter().any(|window| window.0 <= from && to <= window.1)
            };
            visit.windows.iter().all(is_known)
        })
    })
}

/// `Bớt 3 buổi không xếp được, bớt 2 ngày xe, bớt 4 giờ đi đường.`
fn sentence(t: T, before: &Bill, after: &Bill) -> String {
    let parts: Vec<String> = [
        (after.unserved - before.unserved, "plan-answer-left-out"),
        (after.shifts - before.shifts, "plan-answer-vehicle-days"),
        (after.travel - before.travel, "plan-answer-travel"),
    ]
    .into_iter()
    .filter(|(difference, _)| *difference != 0)
    .map(|(difference, key)| {
        let size = difference.abs();
        let size = if key == "plan-answer-travel" {
            words::hours(t, size)
        } else {
            vietnamese::number(size)
        };
        let what = t.with(key, "size", size);
        let way = if difference < 0 { "plan-answer-less" } else { "plan-answer-more" };
        t.with(way, "what", what)
    })
    .collect();
    if parts.is_empty() {
        return t.get("plan-answer-same");
    }
    t.with("plan-answer", "parts", parts.join(", "))
}

fn table(t: T, before: &Bill, after: &Bill) -> Table {
    let titles = [
        t.get("plan-measure"),
        format!("{}#", t.get("plan-before")),
        format!("{}#", t.get("plan-after")),
        format!("{}#", t.get("plan-difference")),
    ];
    let mut table = Table::new(t.get("plan-buys"), &titles, String::new());
    let signed = |n: i64| match n {
        1.. => format!("+{}", vietnamese::number(n)),
        n => vietnamese::number(n),
    };
    for (key, old, new) in [
        ("plan-left-out", before.unserved, after.unserved),
        ("plan-vehicle-days", before.shifts, after.shifts),
        ("plan-travel-minutes", before.travel, after.travel),
    ] {
        table.rows.push(
            [t.get(key), vietnamese::number(old), vietnamese::number(new), signed(new - old)]
                .map(Cell::text)
                .to_vec(),
        );
    }
    table
}

/// `POST /plans/{id}/adopt`: the answer becomes the new draft.
pub async fn adopt(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    if plan.purpose != Purpose::WhatIf || !plan.state.is_draft() {
        return Err(Fault::Conflict("plan-not-a-draft"));
    }
    let mut tx = app.db.begin().await?;
    store::adopt(&mut tx, &plan, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/plans/{id}")))
}
