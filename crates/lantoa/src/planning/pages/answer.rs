//! The answer to a question "what if": what it buys, in a sentence and a table, and the step from
//! it to a draft.

use axum::extract::{Path, State};
use routing::Bill;

use super::super::ground::{DAY, Ground, Key};
use super::super::store::{self, Change, Plan, Purpose};
use super::{plan_of, words};
use crate::foundation::ids::PlanId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::Actor;

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
            page = page.with(Piece::Remark(Tone::Good, sentence(t, &before, &plan.bill)));
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
pub async fn adopt(State(app): State<Shared>, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    if plan.purpose != Purpose::WhatIf || !plan.state.is_draft() {
        return Err(Fault::Conflict("plan-not-a-draft"));
    }
    let mut tx = app.db.begin().await?;
    store::adopt(&mut tx, &plan, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/plans/{id}")))
}
