//! A plan goes onto the calendar: first what that would do, then, when agreed, at once and whole.

use axum::extract::{Path, State};

use super::super::store::{self, Plan};
use super::super::writing::{Refused, Taken, Writing};
use super::super::{calendar, compare};
use super::show::{difference_pieces, head, require_draft};
use super::{campaign_of, change, plan_of, words, world_of_plan};
use crate::foundation::form::Form;
use crate::foundation::ids::PlanId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};

type App = State<Shared>;

/// `GET /plans/{id}/accept`: what accepting would do.
pub async fn ask(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    let plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    page(&app, &actor, &plan, None).await?.show()
}

async fn page(
    app: &Shared,
    actor: &Actor,
    plan: &Plan,
    refused: Option<&Refused>,
) -> Result<Page, Fault> {
    let t = actor.t;
    actor.scope(Act::EditActivities)?;
    let own = format!("/plans/{}", plan.id);
    let campaign = campaign_of(app, actor, plan.campaign_id).await?;
    let mut ground = store::ground(&app.db, plan.id).await?;
    let accepted = calendar::accepted(&app.db, plan.campaign_id).await?;
    // What is compared here is the calendar as it stands now, not the draft this one came from.
    ground.before = accepted.standing(&ground, actor.at);
    let held: usize = plan.best.routes.iter().map(|route| route.stops.len()).sum();
    let mut page = head(app, actor, plan, &campaign, t.get("plan-accept"))
        .crumb(t.name("plan-title", plan.purpose.code()), &own);
    if let Some(refused) = refused {
        page = match refused {
            Refused::Taken(taken) => page
                .with(Piece::Remark(Tone::Bad, t.get("plan-taken")))
                .with(Piece::Table(taken_table(actor, taken))),
            Refused::Past(places) => {
                let text = t.with("plan-past", "places", places.join("; "));
                page.with(Piece::Remark(Tone::Bad, text))
            }
            Refused::Settled => page.with(Piece::Remark(Tone::Bad, t.get("plan-not-a-draft"))),
        };
        page = page.with(Piece::Actions(vec![
            Action::main(t.get("plan-again"), format!("{own}/again")).by_post(),
        ]));
    }
    page = page.with(Piece::Text(t.with2(
        "plan-accept-how",
        "sessions",
        vietnamese::number(held as i64),
        "runs",
        vietnamese::number(plan.best.routes.len() as i64),
    )));
    if !plan.best.unserved.is_empty() {
        let text = t.with("plan-accept-without", "count", plan.best.unserved.len());
        page = page.with(Piece::Remark(Tone::Warn, text));
    }
    if !ground.before.is_empty() {
        let differences = compare::differences(&ground, &plan.best);
        page = difference_pieces(t, &ground, plan, &differences).into_iter().fold(page, Page::with);
    }
    let form = Form::default();
    let fields = Fields::over(&form, t);
    Ok(page.with(Piece::Form(fields.post(format!("{own}/accept"), "plan-accept-go", &own))))
}

fn taken_table(actor: &Actor, taken: &[Taken]) -> Table {
    let t = actor.t;
    let titles = [t.get("plan-session"), t.get("activity-when"), t.get("plan-taken-what")];
    let mut table = Table::new(t.get("plan-taken-caption"), &titles, String::new());
    for one in taken {
        table.rows.push(vec![
            Cell::text(&one.place),
            Cell::text(words::when(&one.held)),
            Cell::link(&one.name, format!("/activities/{}", one.activity)),
        ]);
    }
    table
}

/// `POST /plans/{id}/accept`.
pub async fn go(State(app): App, actor: Actor, Path(id): Path<PlanId>) -> Outcome {
    actor.scope(Act::EditActivities)?;
    let plan = plan_of(&app, &actor, id).await?;
    require_draft(&plan)?;
    let campaign = campaign_of(&app, &actor, plan.campaign_id).await?;
    let world = world_of_plan(&app, &actor, campaign, &plan).await?;
    let ground = store::ground(&app.db, id).await?;
    let writing = Writing {
        plan: &plan,
        ground: &ground,
        world: &world,
        reason: change::reason(&actor, &plan),
        by: actor.doer(),
    };
    let mut tx = app.db.begin().await?;
    match writing.write(&mut tx).await? {
        Ok(_) => {
            tx.commit().await?;
            Ok(redirect(&format!("/plans/{id}")))
        }
        Err(refused) => {
            drop(tx);
            page(&app, &actor, &plan, Some(&refused)).await?.refuse()
        }
    }
}
