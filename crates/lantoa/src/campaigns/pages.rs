//! The pages on which campaigns are listed, made and changed. How far one has come is shown by
//! the measures.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::ToSpan as _;

use super::model::{Campaign, Measure, Template};
use super::store;
use crate::catalogue;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{CampaignId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone, vocabulary};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::{Act, Actor, Scope};
use crate::units::{self, Level, Unit};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/campaigns", get(list))
        .route("/campaigns/new", get(blank).post(add))
        .route("/campaigns/{id}/edit", get(edit).post(change))
        .route("/campaigns/{id}/targets", get(targets).post(set_targets))
        .route("/campaigns/{id}/trash", post(trash))
}

type App = State<Shared>;

/// The period of a campaign as people write it.
pub fn period(campaign: &Campaign) -> String {
    format!("{} – {}", vietnamese::date(campaign.starts_on), vietnamese::date(campaign.ends_on))
}

async fn list(State(app): App, actor: Actor) -> Outcome {
    let t = actor.t;
    let campaigns = store::list(&app.db, &actor.scope(Act::Look)?).await?;
    let titles = [
        t.get("campaign-name"),
        t.get("period"),
        t.get("campaign-template"),
        t.get("campaign-state"),
    ];
    let mut table = Table::new("", &titles, t.get("campaigns-empty"));
    let today = app.clock.today();
    for campaign in &campaigns {
        let state = if campaign.ends_on < today {
            Cell::tag(Tone::Plain, t.get("campaign-over"))
        } else if campaign.starts_on > today {
            Cell::tag(Tone::Warn, t.get("campaign-ahead"))
        } else {
            Cell::tag(Tone::Good, t.get("campaign-running"))
        };
        table.rows.push(vec![
            Cell::link(&campaign.name, format!("/campaigns/{}", campaign.id)),
            Cell::text(period(campaign)),
            Cell::text(t.name("template", campaign.template)),
            state,
        ]);
    }
    let mut page = Page::new(actor.shell(&app, "nav-campaigns", t.get("nav-campaigns")));
    if actor.may(Act::EditCampaigns) {
        page = page.with(Piece::Heading(t.get("campaign-new-from")));
        let actions = Template::ALL.iter().map(|template| {
            Action::quiet(
                t.name("template", template),
                format!("/campaigns/new?template={template}"),
            )
        });
        page = page.with(Piece::Actions(actions.collect()));
    }
    page.with(Piece::Table(table)).show()
}

/// The units a campaign can work in: the communes in reach.
async fn unit_choices(app: &Shared, scope: &Scope) -> Result<Vec<Unit>, Fault> {
    let units = units::choices(&app.db, scope, app.clock.today()).await?;
    Ok(units.into_iter().filter(|unit| unit.level == Level::Commune).collect())
}

async fn blank(State(app): App, actor: Actor, Query(asked): Query) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::EditCampaigns)?;
    let template = asked.text("template").parse().unwrap_or(Template::Peak);
    let today = app.clock.today();
    let ends = today.checked_add(if template == Template::Peak { 2.months() } else { 1.month() });
    let home = app.home().map_or_else(String::new, |home| home.name);
    let mut fields: Vec<(String, String)> = vec![
        ("template".into(), template.to_string()),
        (
            "name".into(),
            t.with(&format!("template-name-{}", template.code().replace('_', "-")), "unit", home),
        ),
        ("goal".into(), t.name("template-goal", template)),
        ("starts_on".into(), today.to_string()),
        ("ends_on".into(), ends.unwrap_or(today).to_string()),
        ("forces".into(), t.get("forces-usual").replace("; ", "\n")),
        ("people_percent".into(), "60".into()),
    ];
    for unit in unit_choices(&app, &scope).await? {
        fields.push(("units".into(), unit.id.to_string()));
    }
    for (id, _) in catalogue::choices(&app.db, t).await? {
        fields.push(("topics".into(), id));
    }
    form_page(&app, &actor, &Form::filled(fields), None).await?.show()
}

async fn form_page(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    editing: Option<&Campaign>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::EditCampaigns)?;
    let units = unit_choices(app, &scope).await?;
    let units = units.into_iter().map(|unit| (unit.id.to_string(), unit.name)).collect();
    let mut fields = Fields::over(form, t);
    if editing.is_none() {
        fields = fields.select(
            "template",
            "campaign-template",
            "",
            vocabulary(t, "template", &Template::ALL),
        );
    }
    fields = fields
        .text("name", "campaign-name")
        .needed()
        .long("goal", "campaign-goal")
        .input("starts_on", "campaign-starts", "date")
        .needed()
        .input("ends_on", "campaign-ends", "date")
        .needed();
    if editing.is_none() {
        fields = fields
            .number("people_percent", "campaign-people-percent")
            .hint("campaign-people-percent-hint")
            .number("activities", "campaign-activities")
            .hint("campaign-activities-hint");
    }
    fields = fields
        .many("units", "campaign-units", units)
        .long("forces", "campaign-forces")
        .hint("campaign-forces-hint")
        .many("topics", "campaign-topics", catalogue::choices(&app.db, t).await?);
    let (title, action, back) = match editing {
        Some(campaign) => {
            let own = format!("/campaigns/{}", campaign.id);
            (format!("{}: {}", t.get("action-edit"), campaign.name), format!("{own}/edit"), own)
        }
        None => (t.get("campaign-new"), "/campaigns/new".to_owned(), "/campaigns".to_owned()),
    };
    Ok(Page::new(actor.shell(app, "nav-campaigns", title))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .with(Piece::Form(fields.post(action, "action-save", &back))))
}

async fn add(State(app): App, actor: Actor, mut form: Form) -> Outcome {
    let scope = actor.scope(Act::EditCampaigns)?;
    if let Some(draft) = store::read(&mut form) {
        for unit in &draft.units {
            scope.require(&app.db, *unit).await?;
        }
        let mut tx = app.db.begin().await?;
        let id = store::save(&mut tx, None, scope.roots()[0], &draft, &actor.doer()).await?;
        tx.commit().await?;
        return Ok(redirect(&format!("/campaigns/{id}")));
    }
    form_page(&app, &actor, &form, None).await?.refuse()
}

async fn to_edit(app: &Shared, actor: &Actor, id: CampaignId) -> Result<Campaign, Fault> {
    let scope = actor.scope(Act::EditCampaigns)?;
    let campaign = store::find(&app.db, &scope, id).await?;
    scope.require(&app.db, campaign.unit_id).await?;
    Ok(campaign)
}

async fn edit(State(app): App, actor: Actor, Path(id): Path<CampaignId>) -> Outcome {
    let campaign = to_edit(&app, &actor, id).await?;
    let mut fields: Vec<(&str, String)> = vec![
        ("name", campaign.name.clone()),
        ("goal", campaign.goal.clone()),
        ("starts_on", campaign.starts_on.to_string()),
        ("ends_on", campaign.ends_on.to_string()),
    ];
    let forces = campaign.forces.iter().map(|force| match force.people {
        Some(people) => format!("{}: {people}", force.name),
        None => force.name.clone(),
    });
    fields.push(("forces", forces.collect::<Vec<_>>().join("\n")));
    fields.extend(campaign.units.iter().map(|unit| ("units", unit.to_string())));
    fields.extend(campaign.topics.iter().map(|topic| ("topics", topic.to_string())));
    form_page(&app, &actor, &Form::filled(fields), Some(&campaign)).await?.show()
}

async fn change(
    State(app): App,
    actor: Actor,
    Path(id): Path<CampaignId>,
    mut form: Form,
) -> Outcome {
    let campaign = to_edit(&app, &actor, id).await?;
    if let Some(draft) = store::read(&mut form) {
        let scope = actor.scope(Act::EditCampaigns)?;
        for unit in &draft.units {
            scope.require(&app.db, *unit).await?;
        }
        let mut tx = app.db.begin().await?;
        store::save(&mut tx, Some(id), campaign.unit_id, &draft, &actor.doer()).await?;
        tx.commit().await?;
        return Ok(redirect(&format!("/campaigns/{id}")));
    }
    form_page(&app, &actor, &form, Some(&campaign)).await?.refuse()
}

/// The name of a target's field: `people_percent:<unit>`.
fn target_field(measure: Measure, unit: UnitId) -> String {
    format!("{measure}:{unit}")
}

async fn targets_page(
    app: &Shared,
    actor: &Actor,
    campaign: &Campaign,
    form: &Form,
) -> Result<Page, Fault> {
    let t: T = actor.t;
    let mut fields = Fields::over(form, t);
    let mut names = vec![];
    for unit in &campaign.units {
        if let Some(unit) = units::find(&app.db, *unit).await? {
            names.push(unit);
        }
    }
    names.sort_by_cached_key(|unit| vietnamese::sort_key(&unit.name));
    for measure in Measure::ALL {
        fields = fields.legend(match measure {
            Measure::PeoplePercent => "measure-people-percent",
            Measure::HouseholdsPercent => "measure-households-percent",
            Measure::Encounters => "measure-encounters",
            Measure::Activities => "measure-activities",
        });
        for unit in &names {
            fields = fields.number_named(&target_field(measure, unit.id), &unit.name);
        }
    }
    let own = format!("/campaigns/{}", campaign.id);
    let mut view = fields.post(format!("{own}/targets"), "action-save", &own);
    view.id = "targets";
    Ok(Page::new(actor.shell(app, "nav-campaigns", t.get("campaign-targets")))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .crumb(&campaign.name, own)
        .about("period", period(campaign))
        .with(Piece::Form(view)))
}

async fn targets(State(app): App, actor: Actor, Path(id): Path<CampaignId>) -> Outcome {
    let campaign = to_edit(&app, &actor, id).await?;
    let set = store::targets(&app.db, id).await?;
    let form =
        Form::filled(set.iter().filter(|target| target.topic_id.is_none()).map(|target| {
            (target_field(target.measure, target.unit_id), target.value.to_string())
        }));
    targets_page(&app, &actor, &campaign, &form).await?.show()
}

async fn set_targets(
    State(app): App,
    actor: Actor,
    Path(id): Path<CampaignId>,
    mut form: Form,
) -> Outcome {
    let campaign = to_edit(&app, &actor, id).await?;
    let mut set = vec![];
    for unit in &campaign.units {
        for measure in Measure::ALL {
            let most = match measure {
                Measure::PeoplePercent | Measure::HouseholdsPercent => 100,
                _ => 1_000_000,
            };
            if let Some(value) = form.number(&target_field(measure, *unit), 0..=most) {
                set.push((*unit, measure, value));
            }
        }
    }
    if !form.is_sound() {
        return targets_page(&app, &actor, &campaign, &form).await?.refuse();
    }
    let mut tx = app.db.begin().await?;
    store::set_targets(&mut tx, &campaign, &set, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/campaigns/{id}")))
}

async fn trash(
    State(app): App,
    actor: Actor,
    Path(id): Path<CampaignId>,
) -> Result<Response, Fault> {
    let campaign = to_edit(&app, &actor, id).await?;
    let mut tx = app.db.begin().await?;
    store::trash(&mut tx, &campaign, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/campaigns"))
}
