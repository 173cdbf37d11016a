//! Takes the planned activities of a campaign off the calendar, into the trash.

use axum::extract::{Path, State};

use super::campaign_of;
use crate::foundation::form::Form;
use crate::foundation::ids::CampaignId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Fields, Page, Piece, Tone};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};
use crate::schedule::{self, store as activities};

type App = State<Shared>;

/// `GET /campaigns/{id}/activities/clear`: how many there are, and whether to go on.
pub async fn ask(State(app): App, actor: Actor, Path(id): Path<CampaignId>) -> Outcome {
    let t = actor.t;
    let campaign = campaign_of(&app, &actor, id).await?;
    let own = format!("/campaigns/{id}");
    let planned = count(&app, &actor, id, schedule::State::Planned).await?;
    let confirmed = count(&app, &actor, id, schedule::State::Confirmed).await?;
    let form = Form::default();
    let mut page = Page::new(actor.shell(&app, "nav-campaigns", t.get("plan-clear")))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .crumb(&campaign.name, &own);
    if planned + confirmed == 0 {
        return page.with(Piece::Text(t.get("plan-clear-none"))).show();
    }
    let text = t.with2(
        "plan-clear-how",
        "planned",
        vietnamese::number(planned),
        "confirmed",
        vietnamese::number(confirmed),
    );
    page = page.with(Piece::Remark(Tone::Warn, text));
    let fields = Fields::over(&form, t).tick("confirmed", "plan-clear-confirmed");
    page.with(Piece::Form(fields.post(format!("{own}/activities/clear"), "plan-clear-go", &own)))
        .show()
}

fn filter(app: &Shared, id: CampaignId, state: schedule::State) -> activities::Filter {
    activities::Filter {
        campaign: Some(id),
        state: Some(state),
        from: Some(app.clock.today()),
        ..activities::Filter::default()
    }
}

async fn count(
    app: &Shared,
    actor: &Actor,
    id: CampaignId,
    state: schedule::State,
) -> Result<i64, Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    Ok(activities::count(&app.db, &scope, &filter(app, id, state)).await?)
}

/// `POST /campaigns/{id}/activities/clear`.
pub async fn go(State(app): App, actor: Actor, Path(id): Path<CampaignId>, form: Form) -> Outcome {
    campaign_of(&app, &actor, id).await?;
    let scope = actor.scope(Act::EditActivities)?;
    let mut states = vec![schedule::State::Planned];
    if form.ticked("confirmed") {
        states.push(schedule::State::Confirmed);
    }
    let mut found = vec![];
    for state in states {
        let filter = filter(&app, id, state);
        let some = activities::list(&app.db, &scope, &filter, false, 0, 100_000).await?;
        found.extend(some.into_iter().map(|listed| listed.activity));
    }
    // The list also shows what touches the scope from above; that is not theirs to take away.
    let units: Vec<_> = found.iter().map(|activity| activity.unit_id).collect();
    let covered = scope.covering(&app.db, &units).await?;
    let mut tx = app.db.begin().await?;
    for activity in found.iter().filter(|activity| covered.contains(&activity.unit_id)) {
        activities::trash(&mut tx, activity, &actor.doer()).await?;
    }
    tx.commit().await?;
    Ok(redirect(&format!("/campaigns/{id}/plan")))
}
