//! What is taken out of a plan: its problem for other programs, the timetable as a spreadsheet
//! and on paper.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use documents::Sheet;
use routing::formats::Own;

use super::super::ground::Kept;
use super::super::store::{self, Purpose};
use super::views::{in_order, team_name};
use super::{NotBegun, campaign_of, gather, plan_of, words, world_of};
use crate::foundation::ids::{CampaignId, PlanId};
use crate::foundation::page::download;
use crate::foundation::view::{Cell, Page, Piece, Table};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};

type App = State<Shared>;

/// `GET /campaigns/{id}/plan/problem.json`: the problem as `lantoa plan` reads it.
pub async fn problem(State(app): App, actor: Actor, Path(id): Path<CampaignId>) -> Outcome {
    let campaign = campaign_of(&app, &actor, id).await?;
    let world = world_of(&app, &actor, campaign).await?;
    let scope = actor.scope(Act::EditCampaigns)?;
    let plans = store::list(&app.db, &scope, id, 20).await?;
    let latest = plans.iter().find(|plan| plan.purpose != Purpose::WhatIf);
    let ground = match latest {
        Some(plan) => store::ground(&app.db, plan.id).await?,
        None => {
            let brief = world.usual_brief(app.clock.today());
            let kept = Kept::default();
            gather(&app, &actor, &world, &brief, &kept).await.map_err(NotBegun::fault)?
        }
    };
    let instance = Own {
        format: "lantoa-plan-1".to_owned(),
        name: format!("{}, {}", world.campaign.name, vietnamese::date(ground.first)),
        visit_names: ground.sessions.iter().map(|session| ground.place_of(session)).collect(),
        vehicle_names: ground.vehicles.iter().map(|vehicle| vehicle.name.clone()).collect(),
        problem: ground.stepped(),
    };
    Ok(axum::Json(instance).into_response())
}

/// `GET /plans/{id}/timetable.xlsx`.
pub async fn workbook(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let t = actor.t;
    let plan = plan_of(&app, &actor, id).await?;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    let ground = store::ground(&app.db, id).await?;
    let titles = [
        "plan-day",
        "activity-from",
        "activity-to",
        "level-hamlet",
        "level-commune",
        "plan-vehicle",
        "activity-team",
        "plan-locked",
    ];
    let mut sheet = Sheet {
        name: t.get("plan-timetable"),
        titles: titles.map(|key| t.get(key)).to_vec(),
        ..Sheet::default()
    };
    for (visit, held) in in_order(&ground.held(&plan.best)) {
        let session = &ground.sessions[visit as usize];
        let commune = ground.communes.get(session.commune as usize);
        sheet.rows.push(vec![
            words::day(held.day),
            super::super::form::clock(held.start),
            super::super::form::clock(held.end),
            session.name.clone(),
            commune.map_or_else(String::new, |(_, name)| name.clone()),
            ground.vehicles[held.vehicle as usize].name.clone(),
            team_name(&ground, visit),
            t.get(if plan.locks.contains(&visit) { "yes" } else { "no" }),
        ]);
    }
    let mut left = Sheet {
        name: t.get("plan-left-out"),
        titles: ["plan-session", "plan-why-not"].map(|key| t.get(key)).to_vec(),
        ..Sheet::default()
    };
    for (visit, reason) in super::reasons(&app, &plan, &ground).await? {
        let (why, _) = words::reason(t, &ground, &reason);
        left.rows.push(vec![words::place(&ground, visit), why]);
    }
    let bytes = documents::workbook(&[sheet, left]).map_err(Fault::internal)?;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let name = format!("{} - {}.xlsx", t.get("plan-timetable"), campaign.name);
    Ok(download(&name, media_type, bytes))
}

/// `GET /plans/{id}/print`: a table for each day, nothing else.
pub async fn print(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let t = actor.t;
    let plan = plan_of(&app, &actor, id).await?;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    let ground = store::ground(&app.db, id).await?;
    let title = format!("{}: {}", t.get("plan-timetable"), campaign.name);
    let days = super::super::form::days_text(&[plan.brief.days]);
    let mut page = Page::new(actor.shell(&app, "nav-campaigns", title))
        .crumb(t.name("plan-title", plan.purpose.code()), format!("/plans/{id}"))
        .about("period", days)
        .about("plan-state", t.name("plan-state", plan.state.code()));
    let titles =
        [t.get("plan-hours"), t.get("plan-session"), t.get("plan-vehicle"), t.get("activity-team")];
    let mut day = None;
    let mut table: Option<Table> = None;
    for (visit, held) in in_order(&ground.held(&plan.best)) {
        if day != Some(held.day) {
            page = table.take().map(Piece::Table).into_iter().fold(page, Page::with);
            day = Some(held.day);
        }
        let table =
            table.get_or_insert_with(|| Table::new(words::day(held.day), &titles, String::new()));
        table.rows.push(vec![
            Cell::text(words::span(held.start, held.end)),
            Cell::text(words::place(&ground, visit)),
            Cell::text(&ground.vehicles[held.vehicle as usize].name),
            Cell::text(team_name(&ground, visit)),
        ]);
    }
    page = table.take().map(Piece::Table).into_iter().fold(page, Page::with);
    page.show()
}
