//! The board: what today holds, how far the campaign is, who was missed, what waits.

use axum::extract::State;
use jiff::ToSpan as _;

use super::figures::{self, Boundaries};
use super::pages::{figure_tiles, map_piece, missed_piece, unit_table};
use crate::campaigns::{pages::period, store as campaigns};
use crate::encounters::store as encounters;
use crate::foundation::view::{Action, Cell, Link, Page, Piece, Pieces, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Act, Actor};
use crate::rosters;
use crate::schedule::{self, store as schedule_store};
use crate::units;

pub(super) async fn show(State(app): State<Shared>, actor: Actor) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let today = app.clock.today();
    let top = units::find(&app.db, scope.roots()[0]).await?.ok_or(Fault::NotFound)?;
    let mut page = Page::new(actor.shell(&app, "nav-board", t.get("nav-board")))
        .about("unit", top.name.clone())
        .about("today", format!("{} {}", vietnamese::weekday(today), vietnamese::date(today)));
    let upcoming = schedule_store::Filter {
        from: Some(today),
        to: today.checked_add(7.days()).ok(),
        ..Default::default()
    };
    let titles = [t.get("activity-title"), t.get("activity-when"), t.get("unit")];
    let mut next = Table::new(t.get("board-next"), &titles, t.get("board-next-empty"));
    for item in schedule_store::list(&app.db, &scope, &upcoming, false, 0, 8).await? {
        next.rows.push(vec![
            Cell::link(&item.activity.title, format!("/activities/{}", item.activity.id))
                .and_small(t.name("state", item.activity.state)),
            Cell::text(schedule::when(&item.activity)),
            Cell::text(item.unit_name),
        ]);
    }
    let query = format!("/activities?from={today}");
    next.more = Some(Link::to(t.get("board-all-activities"), query));
    let waiting = waiting(&app, &actor).await?;
    let next = Pieces { list: vec![Piece::Table(next)], t };
    let mut aside = vec![Piece::Heading(t.get("board-waiting")), waiting];
    let Some(campaign) = campaigns::current(&app.db, &scope, today).await? else {
        let mut actions = vec![];
        if actor.may(Act::EditCampaigns) {
            actions.push(Action::main(t.get("campaign-new"), "/campaigns/new"));
        }
        if actor.may(Act::EditUnits) {
            actions.push(Action::quiet(t.get("hamlet-new"), "/hamlets/new"));
        }
        return page
            .with(Piece::Remark(Tone::Plain, t.get("board-no-campaign")))
            .with(Piece::Actions(actions))
            .with(Piece::Columns(vec![next, Pieces { list: aside, t }]))
            .show();
    };
    let campaign = campaigns::find(&app.db, &scope, campaign.id).await?;
    page = page.about("campaign", campaign.name.clone()).about("period", period(&campaign));
    let parts = figures::of_parts(&app, &campaign, &top, Boundaries::Then).await?;
    let whole = figures::of_units(&app, &campaign, vec![top.clone()]).await?;
    let (missed, all) = figures::not_reached(&app, &campaign, &top).await?;
    let mut actions = vec![
        Action::main(t.get("campaign-open"), format!("/campaigns/{}", campaign.id)),
        Action::quiet(
            t.get("nav-coverage"),
            format!("/coverage?campaign={}&unit={}", campaign.id, top.id),
        ),
    ];
    if actor.may(Act::MakeReports) {
        actions.push(Action::quiet(
            t.get("nav-reports"),
            format!("/reports/{}?unit={}", campaign.id, top.id),
        ));
    }
    page = page.with(Piece::Actions(actions));
    page = page.with(Piece::Tiles(figure_tiles(&actor, &campaign, &whole, missed.len(), all)));
    aside.extend(map_piece(&app, t, &campaign, &parts, &top).await?.into_iter().flatten());
    page.with(Piece::Columns(vec![next, Pieces { list: aside, t }]))
        .with(Piece::Table(unit_table(t, &campaign, &parts, &whole)))
        .with(missed_piece(t, &campaign, &missed, all, 12))
        .show()
}

/// What waits for this person.
async fn waiting(app: &Shared, actor: &Actor) -> Result<Piece, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let today = app.clock.today();
    let before = today.checked_sub(1.day()).unwrap_or(today);
    let mut links = vec![];
    if actor.may(Act::EditActivities) {
        for (state, key) in [
            (schedule::State::Planned, "waiting-planned"),
            (schedule::State::Confirmed, "waiting-confirmed"),
        ] {
            let filter = schedule_store::Filter {
                state: Some(state),
                to: Some(before),
                ..Default::default()
            };
            let count = schedule_store::count(&app.db, &scope, &filter).await?;
            if count > 0 {
                let text = t.with(key, "count", vietnamese::number(count));
                links.push(Link::to(text, format!("/activities?state={state}&to={before}")));
            }
        }
    }
    if let Some(me) = actor.member_id {
        let count = rosters::unanswered_by(&app.db, me, actor.at).await?;
        if count > 0 {
            let text = t.with("waiting-my-answer", "count", vietnamese::number(count));
            links.push(Link::to(text, "/my-work"));
        }
    }
    if let Ok(keeps) = actor.scope(Act::EditActivities) {
        for (part, count) in rosters::waiting(app, &keeps, actor.at).await? {
            if count > 0 {
                let text = t.with(part.waiting, "count", vietnamese::number(count));
                links.push(Link::to(text, format!("/rosters?show={}", part.word)));
            }
        }
    }
    if actor.may(Act::RecordEncounters)
        && let Ok(read) = actor.scope(Act::ReadEncounters)
    {
        let mine = encounters::Filter { recorded_by: Some(actor.account_id), ..Default::default() };
        let count = encounters::how_many(&app.db, &read, &mine).await?;
        let text = t.with("waiting-recorded", "count", vietnamese::number(count));
        links.push(Link::to(text, "/encounters/new"));
    }
    Ok(if links.is_empty() { Piece::Text(t.get("waiting-none")) } else { Piece::Links(links) })
}
