//! Coverage, and a campaign's progress.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

use super::board;
use super::figures::{self, Boundaries, UnitFigure};
use crate::campaigns::{Campaign, pages::period, store as campaigns};
use crate::catalogue;
use crate::encounters::{AgeGroup, Outcome as Result_, tally};
use crate::foundation::form::Query;
use crate::foundation::ids::{CampaignId, TopicId};
use crate::foundation::view::{
    Action, Bar, Cell, Fields, Page, Piece, Pieces, Table, Tile, Tone, history,
};
use crate::foundation::{Fault, Outcome, Shared, T, audit, clock};
use crate::people::{Act, Actor};
use crate::schedule::ActivityKind;
use crate::units::{self, Level, Unit};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(board::show))
        .route("/coverage", get(coverage))
        .route("/campaigns/{id}", get(campaign_page))
}

/// "812 / 1.640 người".
pub fn over(part: i64, whole: Option<i64>, t: T) -> String {
    match whole {
        Some(whole) => format!("{} / {}", vietnamese::number(part), vietnamese::number(whole)),
        None => format!("{} / {}", vietnamese::number(part), t.get("unknown")),
    }
}

fn percent(part: i64, whole: Option<i64>, t: T) -> String {
    vietnamese::percent(part, whole).unwrap_or_else(|| t.get("no-percent"))
}

/// The figures of a unit as tiles, each leading to the records it counts.
pub(super) fn figure_tiles(
    actor: &Actor,
    campaign: &Campaign,
    whole: &[UnitFigure],
    missed: usize,
    hamlets: usize,
) -> Vec<Tile> {
    let t = actor.t;
    let Some(figure) = whole.first() else { return vec![] };
    let records = format!("/encounters?campaign={}&unit={}", campaign.id, figure.unit.id);
    let coverage = format!("/coverage?campaign={}&unit={}", campaign.id, figure.unit.id);
    let goal = figure.target.map(|target| target as f64 / 100.0);
    vec![
        Tile {
            title: t.get("tile-people"),
            figure: percent(figure.counts.people, figure.people, t),
            href: format!("{records}&people=yes"),
            detail: t.with(
                "tile-people-detail",
                "over",
                over(figure.counts.people, figure.people, t),
            ),
            bar: figure.part().map(|part| Bar { part, goal }),
        },
        Tile {
            title: t.get("tile-households"),
            figure: percent(figure.counts.households, figure.households, t),
            href: format!("{records}&households=yes"),
            detail: t.with(
                "tile-households-detail",
                "over",
                over(figure.counts.households, figure.households, t),
            ),
            bar: None,
        },
        Tile {
            title: t.get("tile-encounters"),
            figure: vietnamese::number(figure.counts.encounters),
            href: records,
            detail: t.with("tile-last", "at", last(figure.counts.last_at)),
            bar: None,
        },
        Tile {
            title: t.get("tile-activities"),
            figure: vietnamese::number(figure.activities_held),
            href: format!(
                "/activities?campaign={}&state=held&unit={}",
                campaign.id, figure.unit.id
            ),
            detail: t.get("tile-activities-detail"),
            bar: None,
        },
        Tile {
            title: t.get("tile-missed"),
            figure: vietnamese::number(missed as i64),
            href: format!("{coverage}#missed"),
            detail: t.with("tile-missed-detail", "all", vietnamese::number(hamlets as i64)),
            bar: None,
        },
    ]
}

fn last(at: i64) -> String {
    if at == 0 { "–".to_owned() } else { vietnamese::date_time(clock::local(at)) }
}

/// The units' figures as a table.
pub(super) fn unit_table(
    t: T,
    campaign: &Campaign,
    parts: &[UnitFigure],
    whole: &[UnitFigure],
) -> Table {
    let mut titles = vec![
        t.get("unit"),
        format!("{}#", t.get("column-people")),
        format!("{}#", t.get("column-percent")),
    ];
    titles.extend(
        ["column-target", "column-households", "column-encounters", "column-activities"]
            .map(|key| format!("{}#", t.get(key))),
    );
    titles.push(t.get("column-last"));
    let row = |figure: &UnitFigure, leads: bool| {
        let id = figure.unit.id;
        let records = format!("/encounters?campaign={}&unit={id}", campaign.id);
        let name = if leads {
            Cell::link(&figure.unit.name, format!("/coverage?campaign={}&unit={id}", campaign.id))
        } else {
            Cell::text(&figure.unit.name)
        };
        let goal = figure.target.map(|target| target as f64 / 100.0);
        let mut cells = vec![
            name,
            Cell::link(
                over(figure.counts.people, figure.people, t),
                format!("{records}&people=yes"),
            ),
            Cell::text(percent(figure.counts.people, figure.people, t))
                .and_bar(figure.part().unwrap_or_default(), goal),
        ];
        let target = figure.target.map_or_else(|| "–".to_owned(), |target| format!("{target}%"));
        cells.push(Cell::text(target));
        cells.push(Cell::link(
            over(figure.counts.households, figure.households, t),
            format!("{records}&households=yes"),
        ));
        cells.push(Cell::link(vietnamese::number(figure.counts.encounters), records));
        let target = figure.activities_target.map_or_else(String::new, |n| format!(" / {n}"));
        cells.push(Cell::link(
            format!("{}{target}", figure.activities_held),
            format!("/activities?campaign={}&state=held&unit={id}", campaign.id),
        ));
        cells.push(Cell::text(last(figure.counts.last_at)));
        cells
    };
    let mut table = Table::new(t.get("coverage-by-unit"), &titles, t.get("coverage-no-units"));
    table.rows =
        parts.iter().map(|figure| row(figure, figure.unit.level != Level::Hamlet)).collect();
    if let Some(figure) = whole.first()
        && !parts.is_empty()
    {
        table.total = row(figure, false);
    }
    table
}

/// The map of the parts with its legend, where they have places.
pub(super) async fn map_piece(
    app: &Shared,
    t: T,
    campaign: &Campaign,
    parts: &[UnitFigure],
    top: &Unit,
) -> Result<Option<Vec<Piece>>, Fault> {
    let title = |figure: &UnitFigure| {
        format!(
            "{}: {} ({})",
            figure.unit.name,
            percent(figure.counts.people, figure.people, t),
            over(figure.counts.people, figure.people, t)
        )
    };
    let href =
        |figure: &UnitFigure| format!("/coverage?campaign={}&unit={}", campaign.id, figure.unit.id);
    let label = t.with("map-label", "unit", &top.name);
    let svg = figures::draw(app, parts, &title, &href, &label).await?;
    if svg.is_empty() {
        return Ok(None);
    }
    Ok(Some(vec![
        Piece::Heading(t.get("coverage-map")),
        Piece::Drawing(svg),
        Piece::Text(t.get("map-legend")),
    ]))
}

/// The hamlets in which nobody was reached.
pub(super) fn missed_piece(
    t: T,
    campaign: &Campaign,
    missed: &[(Unit, String)],
    all: usize,
    most: usize,
) -> Piece {
    let caption = t.with2(
        "missed-caption",
        "missed",
        vietnamese::number(missed.len() as i64),
        "all",
        vietnamese::number(all as i64),
    );
    let titles = [
        t.get("level-hamlet"),
        t.get("level-commune"),
        format!("{}#", t.get("field-adults")),
        t.get("missed-next"),
    ];
    let mut table = Table::new(caption, &titles, t.get("missed-none"));
    table.id = "missed";
    for (hamlet, commune) in missed.iter().take(most) {
        table.rows.push(vec![
            Cell::link(&hamlet.name, format!("/units/{}", hamlet.id)),
            Cell::text(commune),
            Cell::text(
                hamlet.people_expected().map_or_else(|| t.get("unknown"), vietnamese::number),
            ),
            Cell::link(
                t.get("missed-plan"),
                format!("/activities/new?unit={}&campaign={}", hamlet.id, campaign.id),
            ),
        ]);
    }
    if missed.len() > most {
        table.more = Some(crate::foundation::view::Link::to(
            t.get("action-more"),
            format!("/coverage?campaign={}#missed", campaign.id),
        ));
    }
    Piece::Table(table)
}

/// A slice's table: one row for each topic, channel, age group, week or outcome.
async fn slice_table(
    app: &Shared,
    t: T,
    campaign: &Campaign,
    figure: &UnitFigure,
    by: &str,
) -> Result<Table, Fault> {
    let family = format!("{by}:");
    let cells = tally::cells(&app.db, Some(campaign.id), &[figure.unit.id], &family).await?;
    let topics = catalogue::store::all_topics(&app.db).await?;
    let mut rows: Vec<(Vec<u64>, String, String, tally::Counts)> = vec![];
    for ((_, value), counts) in cells {
        if counts.encounters == 0 {
            continue;
        }
        let (order, name) = match by {
            "topic" => match value.parse::<TopicId>().ok().and_then(|id| topics.get(&id)) {
                Some(topic) => (
                    vietnamese::sort_key(&format!("{:?}{}", topic.kind, topic.code)).0,
                    topic.label(t),
                ),
                None => (vec![], value.clone()),
            },
            "week" => {
                let day = value.parse().unwrap_or(campaign.starts_on);
                (vietnamese::sort_key(&value).0, t.with("week-of", "day", vietnamese::date(day)))
            }
            "channel" => {
                (place(&ActivityKind::ALL.map(ActivityKind::code), &value), t.word("kind", &value))
            }
            "age" => (place(&AgeGroup::ALL.map(AgeGroup::code), &value), t.word("age", &value)),
            _ => (place(&Result_::ALL.map(Result_::code), &value), t.word("outcome", &value)),
        };
        rows.push((order, name, value, counts));
    }
    rows.sort();
    let titles = [
        t.word("slice", by),
        format!("{}#", t.get("column-people")),
        format!("{}#", t.get("column-percent")),
        format!("{}#", t.get("column-households")),
        format!("{}#", t.get("column-encounters")),
    ];
    let mut table = Table::new(t.word("coverage-by", by), &titles, t.get("coverage-no-records"));
    for (_, name, value, counts) in rows {
        let records =
            format!("/encounters?campaign={}&unit={}&{by}={value}", campaign.id, figure.unit.id);
        let part =
            figure.people.filter(|p| *p > 0).map_or(0.0, |p| counts.people as f64 / p as f64);
        table.rows.push(vec![
            Cell::text(name),
            Cell::link(over(counts.people, figure.people, t), format!("{records}&people=yes")),
            Cell::text(percent(counts.people, figure.people, t)).and_bar(part, None),
            Cell::link(vietnamese::number(counts.households), format!("{records}&households=yes")),
            Cell::link(vietnamese::number(counts.encounters), records),
        ]);
    }
    Ok(table)
}

fn place(all: &[&str], value: &str) -> Vec<u64> {
    vec![all.iter().position(|code| *code == value).unwrap_or(99) as u64]
}

/// The campaign asked for, else the current one.
async fn campaign_of(app: &Shared, actor: &Actor, asked: &str) -> Result<Option<Campaign>, Fault> {
    let scope = actor.scope(Act::Look)?;
    let id = match asked.parse::<CampaignId>() {
        Ok(id) => Some(id),
        Err(_) => campaigns::current(&app.db, &scope, app.clock.today()).await?.map(|c| c.id),
    };
    match id {
        Some(id) => Ok(Some(campaigns::find(&app.db, &scope, id).await?)),
        None => Ok(None),
    }
}

async fn coverage(State(app): State<Shared>, actor: Actor, Query(mut form): Query) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let Some(campaign) = campaign_of(&app, &actor, form.text("campaign")).await? else {
        return Page::new(actor.shell(&app, "nav-coverage", t.get("nav-coverage")))
            .with(Piece::Remark(Tone::Plain, t.get("board-no-campaign")))
            .show();
    };
    let whole_scope = scope.covers(&app.db, campaign.unit_id).await?;
    let top_id = form.text("unit").parse().unwrap_or(scope.roots()[0]);
    // What units became later may hold others' figures too: only for those who see them all.
    if !scope.covers(&app.db, top_id).await? && !whole_scope {
        return Err(Fault::NotFound);
    }
    let top = units::find(&app.db, top_id).await?.ok_or(Fault::NotFound)?;
    let on_today = form.text("boundaries") == "today" && whole_scope;
    let boundaries = if on_today { Boundaries::Today } else { Boundaries::Then };
    let by = match form.text("by") {
        by @ ("topic" | "channel" | "age" | "week" | "outcome") => by.to_owned(),
        _ => "unit".to_owned(),
    };
    form.set("campaign", campaign.id.to_string());
    form.set("unit", top.id.to_string());
    form.set("by", by.clone());
    let whole = figures::of_units(&app, &campaign, vec![top.clone()]).await?;
    let (missed, all) = figures::not_reached(&app, &campaign, &top).await?;
    let list = campaigns::list(&app.db, &scope).await?;
    let list = list.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let slices = ["unit", "topic", "channel", "age", "week", "outcome"]
        .map(|by| (by.to_owned(), t.name("slice", by)))
        .to_vec();
    let units = crate::registers::unit_choices(&app, &actor, Act::Look).await?;
    let mut filters = Fields::over(&form, t)
        .select("campaign", "campaign", "", list)
        .select("unit", "unit", "", units)
        .select("by", "coverage-by", "", slices);
    if whole_scope {
        let choices = vec![
            ("then".to_owned(), t.get("boundaries-then")),
            ("today".to_owned(), t.get("boundaries-today")),
        ];
        filters = filters.select("boundaries", "boundaries", "", choices);
    }
    let mut actions = vec![];
    if actor.may(Act::MakeReports) {
        actions.push(Action::quiet(
            t.get("nav-reports"),
            format!("/reports/{}?unit={}", campaign.id, top.id),
        ));
    }
    let mut page = Page::new(actor.shell(&app, "nav-coverage", t.get("nav-coverage")))
        .about("campaign", campaign.name.clone())
        .about("period", period(&campaign))
        .about("unit", top.name.clone())
        .with(filters.filter("/coverage"))
        .with(Piece::Actions(actions))
        .with(Piece::Tiles(figure_tiles(&actor, &campaign, &whole, missed.len(), all)));
    let mut map = None;
    if by == "unit" {
        let parts = figures::of_parts(&app, &campaign, &top, boundaries).await?;
        page = page.with(Piece::Table(unit_table(t, &campaign, &parts, &whole)));
        map = map_piece(&app, t, &campaign, &parts, &top).await?;
    } else if let Some(figure) = whole.first() {
        page = page.with(Piece::Table(slice_table(&app, t, &campaign, figure, &by).await?));
    }
    let missed = missed_piece(t, &campaign, &missed, all, 500);
    page = page.with(match map {
        Some(map) => {
            Piece::Columns(vec![Pieces { list: map, t }, Pieces { list: vec![missed], t }])
        }
        None => missed,
    });
    page.with(Piece::Text(t.get("coverage-how"))).show()
}

async fn campaign_page(
    State(app): State<Shared>,
    actor: Actor,
    Path(id): Path<CampaignId>,
) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let campaign = campaigns::find(&app.db, &scope, id).await?;
    let owns = scope.covers(&app.db, campaign.unit_id).await?;
    let top_id = if owns { campaign.unit_id } else { scope.roots()[0] };
    let top = units::find(&app.db, top_id).await?.ok_or(Fault::NotFound)?;
    let whole = figures::of_units(&app, &campaign, vec![top.clone()]).await?;
    let parts = figures::of_parts(&app, &campaign, &top, Boundaries::Then).await?;
    let (missed, all) = figures::not_reached(&app, &campaign, &top).await?;
    let mut actions =
        vec![Action::main(t.get("nav-coverage"), format!("/coverage?campaign={id}&unit={top_id}"))];
    if actor.may(Act::EditActivities) {
        actions
            .push(Action::quiet(t.get("activity-new"), format!("/activities/new?campaign={id}")));
    }
    if actor.may(Act::RecordEncounters) {
        actions.push(Action::quiet(t.get("nav-record"), format!("/encounters/new?campaign={id}")));
    }
    if actor.may(Act::MakeReports) {
        actions.push(Action::quiet(t.get("nav-reports"), format!("/reports/{id}?unit={top_id}")));
    }
    if actor.may(Act::EditCampaigns) {
        actions.push(Action::quiet(t.get("plan-inputs"), format!("/campaigns/{id}/plan")));
        let clear = format!("/campaigns/{id}/activities/clear");
        actions.push(Action::quiet(t.get("plan-clear"), clear));
    }
    if owns && actor.may(Act::EditCampaigns) {
        actions.push(Action::quiet(t.get("action-edit"), format!("/campaigns/{id}/edit")));
        actions.push(Action::quiet(t.get("campaign-targets"), format!("/campaigns/{id}/targets")));
        actions.push(Action::danger(t.get("action-delete"), format!("/campaigns/{id}/trash")));
    }
    let forces: Vec<String> = campaign
        .forces
        .iter()
        .map(|force| match force.people {
            Some(people) => format!("{} ({people})", force.name),
            None => force.name.clone(),
        })
        .collect();
    let facts = vec![
        (t.get("campaign-template"), Cell::text(t.name("template", campaign.template))),
        (t.get("campaign-goal"), Cell::text(&campaign.goal)),
        (t.get("campaign-forces"), Cell::text(forces.join("; "))),
        (
            t.get("activities"),
            Cell::link(
                t.get("activities-of-campaign"),
                format!("/activities?campaign={id}&from={}", campaign.starts_on),
            ),
        ),
    ];
    let mut page = Page::new(actor.shell(&app, "nav-campaigns", campaign.name.clone()))
        .crumb(t.get("nav-campaigns"), "/campaigns")
        .about("period", period(&campaign))
        .about("unit", top.name.clone())
        .with(Piece::Actions(actions))
        .with(Piece::Tiles(figure_tiles(&actor, &campaign, &whole, missed.len(), all)))
        .with(Piece::Table(unit_table(t, &campaign, &parts, &whole)));
    if let Some(figure) = whole.first() {
        page = page.with(Piece::Table(slice_table(&app, t, &campaign, figure, "topic").await?));
    }
    let lines = audit::history(&app.db, "campaign", id.0, 30).await?;
    page.with(Piece::Facts(facts)).with(history(t, &lines)).show()
}
