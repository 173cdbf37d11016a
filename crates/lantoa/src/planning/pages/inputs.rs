//! What is asked before a timetable is planned: everything filled in, so that it can be sent at
//! once.

use axum::extract::{Path, State};

use super::super::brief::{Brief, Host, Wish};
use super::super::form;
use super::super::ground::Kept;
use super::super::store::{self, Change, Purpose};
use super::super::world::World;
use super::words;
use super::{NotBegun, Order, begin, campaign_of, world_of};
use crate::campaigns::pages::period;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{CampaignId, PlanId};
use crate::foundation::page::redirect;
use crate::foundation::view::{
    Action, Cell, Choice, Fields, Grid, GridKind, Page, Piece, Table, Tone, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor};

type App = State<Shared>;

/// The brief to begin from: that of a plan asked for, else of the latest, else the usual one.
async fn base(app: &Shared, actor: &Actor, world: &World, asked: &str) -> Result<Brief, Fault> {
    let scope = actor.scope(Act::EditCampaigns)?;
    let today = app.clock.today();
    let earlier = match asked.parse::<PlanId>() {
        Ok(id) => Some(store::find(&app.db, &scope, id).await?),
        Err(_) => store::list(&app.db, &scope, world.campaign.id, 20)
            .await?
            .into_iter()
            .find(|plan| plan.purpose != Purpose::WhatIf),
    };
    let Some(earlier) = earlier else { return Ok(world.usual_brief(today)) };
    let mut brief = earlier.brief;
    world.complete(&mut brief);
    if brief.days.from < today && today <= brief.days.to {
        brief.days.from = today;
    }
    Ok(brief)
}

/// `GET /campaigns/{id}/plan`.
pub async fn blank(
    State(app): App,
    actor: Actor,
    Path(id): Path<CampaignId>,
    Query(asked): Query,
) -> Outcome {
    let campaign = campaign_of(&app, &actor, id).await?;
    let world = world_of(&app, &actor, campaign).await?;
    let brief = base(&app, &actor, &world, asked.text("from_plan")).await?;
    page(&app, &actor, &world, &form::fill(&brief), Some(&brief)).await?.show()
}

/// `POST /campaigns/{id}/plan`: begins to plan.
pub async fn send(
    State(app): App,
    actor: Actor,
    Path(id): Path<CampaignId>,
    mut typed: Form,
) -> Outcome {
    let campaign = campaign_of(&app, &actor, id).await?;
    let world = world_of(&app, &actor, campaign).await?;
    let scope = actor.scope(Act::EditCampaigns)?;
    let plans = store::list(&app.db, &scope, id, 20).await?;
    if let Some(open) = plans.iter().find(|plan| plan.state.is_open() && plan.unit_id == world.unit)
    {
        return Ok(redirect(&format!("/plans/{}", open.id)));
    }
    let earlier = base(&app, &actor, &world, "").await?;
    if let Some(brief) = form::read(&mut typed, &world, &earlier) {
        let order = Order {
            brief,
            kept: Kept::default(),
            purpose: Purpose::First,
            from: None,
            change: Change::Nothing,
        };
        match begin(&app, &actor, &world, order).await {
            Ok(plan) => return Ok(redirect(&format!("/plans/{plan}"))),
            Err(NotBegun::Fault(fault)) => return Err(fault),
            Err(NotBegun::NoRoute(why)) => {
                tracing::warn!(error = %why, "no travel times from the routing server");
                typed.refuse("server", "plan-no-route");
            }
        }
    }
    page(&app, &actor, &world, &typed, None).await?.refuse()
}

async fn page(
    app: &Shared,
    actor: &Actor,
    world: &World,
    form: &Form,
    brief: Option<&Brief>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let own = format!("/campaigns/{}", world.campaign.id);
    let mut page = Page::new(actor.shell(app, "nav-campaigns", t.get("plan-inputs")))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .crumb(&world.campaign.name, &own)
        .about("period", period(&world.campaign));
    if world.hamlets.is_empty() {
        let actions = vec![Action::main(t.get("hamlet-new"), "/hamlets/new")];
        return Ok(page
            .with(Piece::Remark(Tone::Warn, t.get("plan-no-hamlets")))
            .with(Piece::Actions(actions)));
    }
    if let Some(brief) = brief {
        page = page.with(Piece::Remark(Tone::Plain, words::summary(t, brief, world)));
    }
    let without = world.hamlets.iter().filter(|hamlet| hamlet.point.is_none()).count();
    if without > 0 {
        let text = t.with("plan-without-point", "count", vietnamese::number(without as i64));
        page = page.with(Piece::Remark(Tone::Warn, text));
    }
    if let Some(base) = world.bases.first().filter(|base| base.point.is_none()) {
        let text = t.with("plan-base-without-point", "unit", &base.name);
        page = page.with(Piece::Remark(Tone::Warn, text));
    }
    let fields = fields(app, t, world, form);
    page = page.with(Piece::Form(fields.post(format!("{own}/plan"), "plan-go", &own)));
    let scope = actor.scope(Act::EditCampaigns)?;
    let plans = store::list(&app.db, &scope, world.campaign.id, 20).await?;
    if !plans.is_empty() {
        page = page.with(Piece::Table(earlier(t, &plans)));
    }
    Ok(page)
}

fn fields<'a>(app: &Shared, t: T, world: &World, form: &'a Form) -> Fields<'a> {
    let seconds = Brief::SECONDS.map(|n| (n.to_string(), words::duration(t, i64::from(n))));
    let mut fields = Fields::over(form, t)
        .input("from", "plan-from", "date")
        .needed()
        .input("to", "plan-to", "date")
        .needed()
        .number("visits", "plan-visits")
        .number("minutes", "plan-minutes")
        .number("gap", "plan-gap")
        .hint("plan-gap-hint")
        .one("wish", "plan-wish", vocabulary(t, "plan-wish", &Wish::ALL))
        .one("seconds", "plan-seconds", seconds.to_vec())
        .hint("plan-seconds-hint")
        .send("plan-go")
        .legend("plan-where");
    fields = communes(fields, t, world);
    for commune in &world.communes {
        let (summary, grid) = hamlets(&fields, t, world, commune);
        fields = fields.grid(&summary, grid);
    }
    fields = fields
        .legend("plan-when")
        .tick("availability", "plan-availability")
        .hint("plan-availability-hint")
        .tick("skip_closed", "plan-skip-closed")
        .text("off", "plan-off")
        .hint("plan-off-hint")
        .select("step", "plan-step", "", steps(t))
        .select("host", "plan-host", "", vocabulary(t, "plan-host", &Host::ALL));
    fields = week(fields, t)
        .many("evenings", "plan-evenings", words::weekdays(t))
        .hint("plan-evenings-hint");
    fields = vehicles(fields.legend("plan-vehicles"), t, world)
        .number("crews", "plan-crews")
        .hint("plan-crews-hint")
        .legend("plan-travel")
        .number("road", "plan-road")
        .number("kmh", "plan-kmh")
        .number("extra", "plan-extra")
        .hint("plan-travel-hint");
    if app.routing_server.is_some() {
        fields = fields.tick("server", "plan-server").hint("plan-server-hint");
    }
    fields
}

fn steps(t: T) -> Vec<(String, String)> {
    Brief::STEPS.map(|n| (n.to_string(), t.with("plan-step-minutes", "minutes", n))).to_vec()
}

fn priorities(t: T) -> Vec<Choice> {
    ["", "1", "2"]
        .map(|value| Choice {
            value: value.to_owned(),
            text: t.name("plan-priority", if value.is_empty() { "0" } else { value }),
            chosen: false,
        })
        .to_vec()
}

fn communes<'a>(fields: Fields<'a>, t: T, world: &World) -> Fields<'a> {
    let mut grid = Grid {
        columns: vec![t.get("plan-priority")],
        of: t.get("level-commune"),
        ..Grid::default()
    };
    for commune in &world.communes {
        let cell =
            (format!("first:{}", commune.id), GridKind::Select(priorities(t)), String::new());
        let row = fields.grid_row(&grid, &commune.name, "", vec![cell]);
        grid.rows.push(row);
    }
    fields.grid(&t.get("plan-first"), grid)
}

fn hamlets(
    fields: &Fields<'_>,
    t: T,
    world: &World,
    commune: &super::super::world::Place,
) -> (String, Grid) {
    let columns = ["plan-visits-short", "plan-priority", "plan-minutes-short"].map(|k| t.get(k));
    let mut grid = Grid { columns: columns.to_vec(), of: t.get("level-hamlet"), ..Grid::default() };
    for hamlet in world.hamlets.iter().filter(|hamlet| hamlet.commune == commune.id) {
        let id = hamlet.id;
        let cells = vec![
            (format!("visits:{id}"), GridKind::Input("number"), String::new()),
            (format!("priority:{id}"), GridKind::Select(priorities(t)), String::new()),
            (format!("minutes:{id}"), GridKind::Input("number"), String::new()),
        ];
        let held = match hamlet.held {
            0 => String::new(),
            held => t.with("plan-held-so-far", "count", held),
        };
        let row = fields.grid_row(&grid, &hamlet.name, &held, cells);
        grid.rows.push(row);
    }
    let count = grid.rows.len();
    (t.with2("plan-commune-hamlets", "unit", &commune.name, "count", count), grid)
}

fn week(fields: Fields<'_>, t: T) -> Fields<'_> {
    let columns = ["plan-open", "plan-opens", "plan-closes"].map(|key| t.get(key));
    let mut grid = Grid { columns: columns.to_vec(), of: t.get("plan-weekday"), ..Grid::default() };
    for weekday in 0..7 {
        let cells = vec![
            (format!("open:{weekday}"), GridKind::Tick, String::new()),
            (format!("start:{weekday}"), GridKind::Input("time"), String::new()),
            (format!("end:{weekday}"), GridKind::Input("time"), String::new()),
        ];
        let row = fields.grid_row(&grid, words::weekday(weekday), "", cells);
        grid.rows.push(row);
    }
    fields.grid(&t.get("plan-week"), grid)
}

fn vehicles<'a>(fields: Fields<'a>, t: T, world: &World) -> Fields<'a> {
    if world.vehicles.is_empty() {
        return fields;
    }
    let mut columns =
        vec![t.get("plan-used"), t.get("plan-base"), t.get("plan-opens"), t.get("plan-closes")];
    columns.extend((0..7).map(|weekday| words::weekday_short(weekday).to_owned()));
    columns.push(t.get("plan-vehicle-off"));
    let mut grid = Grid { columns, of: t.get("plan-vehicle"), ..Grid::default() };
    let bases: Vec<Choice> = world
        .bases
        .iter()
        .map(|place| Choice {
            value: place.id.to_string(),
            text: place.name.clone(),
            chosen: false,
        })
        .collect();
    for vehicle in &world.vehicles {
        let id = vehicle.id;
        let mut cells = vec![
            (format!("used:{id}"), GridKind::Tick, String::new()),
            (format!("base:{id}"), GridKind::Select(bases.clone()), String::new()),
            (format!("from:{id}"), GridKind::Input("time"), String::new()),
            (format!("to:{id}"), GridKind::Input("time"), String::new()),
        ];
        cells.extend(
            (0..7).map(|weekday| (format!("day{weekday}:{id}"), GridKind::Tick, String::new())),
        );
        cells.push((format!("off:{id}"), GridKind::Input("text"), "12/10/2023".to_owned()));
        let row = fields.grid_row(&grid, &vehicle.name, "", cells);
        grid.rows.push(row);
    }
    let count = world.vehicles.len();
    fields.grid(&t.with("plan-vehicles-count", "count", count), grid)
}

/// The plans of a campaign made so far.
fn earlier(t: T, plans: &[store::Plan]) -> Table {
    let titles = [
        t.get("plan-made-at"),
        t.get("plan-state"),
        t.get("plan-purpose"),
        format!("{}#", t.get("plan-left-out")),
        format!("{}#", t.get("plan-vehicle-days")),
        t.get("plan-made-by"),
    ];
    let mut table = Table::new(t.get("plans-earlier"), &titles, String::new());
    for plan in plans {
        let at = vietnamese::date_time(clock::local(plan.created_at));
        table.rows.push(vec![
            Cell::link(at, format!("/plans/{}", plan.id)),
            Cell::tag(words::tone(plan.state), t.name("plan-state", plan.state.code())),
            Cell::text(t.name("plan-purpose", plan.purpose.code()))
                .and_small(words::change(t, &plan.change)),
            Cell::text(vietnamese::number(plan.bill.unserved)),
            Cell::text(vietnamese::number(plan.bill.shifts)),
            Cell::text(&plan.created_by),
        ]);
    }
    table
}
