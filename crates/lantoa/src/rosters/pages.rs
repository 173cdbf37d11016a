//! The roster of one activity: who is on it, who could be, who came.

use std::collections::HashMap;

use axum::extract::{Path, State};

use super::acts::back;
use super::changes;
use super::desk::{message, when};
use super::model::{Answer, Assigned, Attendance, Outing, REASONS, reason_text};
use super::store::{self, Named};
use super::suggest::{self, Candidate};
use crate::foundation::form::Form;
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::view::{Action, Card, Cell, Fields, Page, Piece, Pieces, Tile, Tone};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor, NoticeKind, Scope};
use crate::registers::{self, store as rows};

type App = State<Shared>;

/// Suggestions shown at once; the others are folded away.
const FIRST: usize = 6;
/// Suggestions shown in all.
const MOST: usize = 40;

/// An activity whose roster the actor keeps.
pub(super) async fn to_keep(
    app: &Shared,
    actor: &Actor,
    id: ActivityId,
) -> Result<(Outing, Scope), Fault> {
    let scope = actor.scope(Act::EditActivities)?;
    Ok((store::find(&app.db, &scope, id).await?, scope))
}

/// Someone on a roster that the actor keeps.
pub(super) async fn on_it(app: &Shared, outing: &Outing, member: MemberId) -> Result<Named, Fault> {
    let roster = store::roster(&app.db, outing.id).await?;
    let one = roster.into_iter().find(|one| one.member_id == member).ok_or(Fault::NotFound)?;
    Ok(Named { id: member, name: one.name })
}

/// The phone numbers of those on a roster, as far as the actor may read them.
pub(super) async fn phones(
    app: &Shared,
    actor: &Actor,
    members: &[MemberId],
) -> Result<HashMap<MemberId, String>, Fault> {
    let look = actor.scope(Act::Look)?;
    let mut records = vec![];
    for member in members {
        match rows::find(&app.db, &registers::MEMBERS, &look, member.0).await {
            Ok(record) => records.push(record),
            Err(Fault::NotFound) => {}
            Err(fault) => return Err(fault),
        }
    }
    let contacts = actor.scope(Act::ReadContacts).ok();
    rows::hide_contacts(&app.db, &registers::MEMBERS, contacts.as_ref(), &mut records).await?;
    let shown = records.into_iter().map(|record| {
        let phone = if record.hidden { String::new() } else { record.text("phone").to_owned() };
        (MemberId(record.id), phone)
    });
    Ok(shown.collect())
}

/// The figures of a roster as tiles.
pub(super) fn tiles(t: T, outing: &Outing) -> Piece {
    let counts = outing.counts;
    let coming = match outing.needed {
        Some(needed) => format!("{} / {}", counts.coming, needed),
        None => counts.coming.to_string(),
    };
    let tile = |key: &str, figure: String, detail: String| Tile {
        title: t.get(key),
        figure,
        href: String::new(),
        detail,
        bar: None,
    };
    let signed_up = t.with("roster-signed-up", "count", counts.signed_up);
    let listed = t.with("roster-listed", "count", counts.listed);
    let mut tiles = vec![
        tile("roster-coming", coming, format!("{listed}, {signed_up}")),
        tile("roster-confirmed", counts.confirmed.to_string(), String::new()),
        tile("roster-declined", counts.declined.to_string(), String::new()),
        tile("roster-reminded", counts.reminded.to_string(), String::new()),
    ];
    if counts.attended + counts.no_show > 0 {
        tiles.push(tile("roster-attended", counts.attended.to_string(), String::new()));
        tiles.push(tile("roster-no-show", counts.no_show.to_string(), String::new()));
    }
    Piece::Tiles(tiles)
}

/// How a person's standing sounds.
pub(super) fn standing(t: T, one: &Assigned) -> Cell {
    let tone = match one.standing() {
        "attended" | "confirmed" => Tone::Good,
        "no_show" | "declined" | "left" => Tone::Bad,
        "signed_up" => Tone::Plain,
        _ => Tone::Warn,
    };
    let text = t.name("assigned", one.standing());
    Cell::tag(tone, text).and_small(reason_text(t, &one.reason))
}

fn person(t: T, outing: &Outing, one: &Assigned, phone: Option<&String>, now: i64) -> Card {
    let own = format!("/activities/{}/roster/{}", outing.id, one.member_id);
    let begun = outing.starts_at <= now;
    let mut lines = vec![standing(t, one)];
    if !one.clash_reason.is_empty() {
        lines.push(Cell::text(t.with("roster-clash-kept", "reason", &one.clash_reason)));
    }
    if let Some(phone) = phone.filter(|phone| !phone.is_empty()) {
        lines.push(Cell::link(phone, format!("tel:{phone}")));
    }
    if let Some(at) = one.reminded_at {
        let at = vietnamese::date_time(clock::local(at));
        lines.push(Cell::text("").and_small(t.with("roster-reminded-at", "at", at)));
    }
    let at = vietnamese::date_time(clock::local(one.changed_at));
    let changed = t.with2("roster-changed", "by", &one.changed_by, "at", at);
    lines.push(Cell::text("").and_small(changed));
    if !one.signs_in && !begun && !one.is_gone {
        lines.push(Cell::text("").and_small(t.get("roster-no-account")));
    }
    let press = |key: &str, act: &str| Action::post(t.get(key), format!("{own}/{act}"));
    let mut actions = vec![];
    if begun {
        if one.attendance != Attendance::Attended {
            actions.push(Action::press(t.get("attend-here"), format!("{own}/attended")));
        }
        if one.attendance != Attendance::NoShow {
            actions.push(press("attend-missing", "no_show"));
        }
    } else if one.is_coming() {
        if one.answer != Answer::Confirmed {
            actions.push(press("roster-confirm-for", "confirm"));
        }
    } else if !one.is_gone {
        actions.push(press("roster-ask-again", "invite"));
    }
    let mut more = vec![];
    if !begun && one.is_coming() {
        more.push(Piece::Text(t.get("roster-decline-for")));
        more.push(Piece::Actions(reasons(t, &own)));
    }
    more.push(Piece::Actions(vec![Action::danger(
        t.get("roster-release"),
        format!("{own}/release"),
    )]));
    let title = if one.is_gone {
        Cell::text(&one.name)
    } else {
        Cell::link(&one.name, format!("/members/{}", one.member_id))
    };
    let title = title.and_small(one.team_name.clone());
    let more = Some((t.get("roster-more"), Pieces { list: more, t }));
    Card { title, lines, actions, more }
}

/// Buttons for the usual reasons not to come.
pub(super) fn reasons(t: T, own: &str) -> Vec<Action> {
    REASONS
        .iter()
        .map(|reason| {
            Action::post(t.name("reason", reason), format!("{own}/decline?reason={reason}"))
        })
        .collect()
}

/// Someone who could go, with a button that asks them.
pub(super) fn candidate(t: T, outing: &Outing, one: &Candidate, begun: bool) -> Card {
    let own = format!("/activities/{}/roster/{}", outing.id, one.id);
    let mut lines = vec![];
    // Who stands there has answered the question whether they are free.
    if !begun {
        let load = t.with("candidate-load", "count", one.load);
        lines.push(match (&one.elsewhere, one.is_free) {
            (Some((id, title)), _) => Cell::link(
                t.with("candidate-elsewhere", "title", title),
                format!("/activities/{id}"),
            ),
            (None, true) => Cell::tag(Tone::Good, t.get("candidate-free")).and_small(load),
            (None, false) => Cell::tag(Tone::Plain, t.get("candidate-not-free")).and_small(load),
        });
    }
    if one.distance == 3 {
        lines.push(Cell::text("").and_small(t.get("candidate-far")));
    }
    let actions = match (begun, &one.elsewhere) {
        (true, _) => vec![Action::post(t.get("attend-here"), format!("{own}/attended"))],
        (false, None) => vec![Action::post(t.get("roster-invite"), format!("{own}/invite"))],
        (false, Some(_)) => vec![],
    };
    Card {
        title: Cell::link(&one.name, format!("/members/{}", one.id))
            .and_small(one.team_name.clone()),
        lines,
        actions,
        more: None,
    }
}

/// The part of the page on those who could go.
fn suggestions(t: T, outing: &Outing, found: &[Candidate], begun: bool) -> Vec<Piece> {
    let cards = |some: &[Candidate]| {
        Piece::Cards(some.iter().map(|one| candidate(t, outing, one, begun)).collect())
    };
    let (here, busy): (Vec<_>, Vec<_>) =
        found.iter().cloned().partition(|one| one.elsewhere.is_none());
    let mut pieces = vec![];
    let (first, rest) = here.split_at(here.len().min(FIRST));
    if first.is_empty() {
        pieces.push(Piece::Text(t.get("candidates-none")));
    } else {
        pieces.push(cards(first));
    }
    if !rest.is_empty() {
        let rest = &rest[..rest.len().min(MOST)];
        let title = t.with("candidates-more", "count", rest.len());
        pieces.push(Piece::Fold(title, Pieces { list: vec![cards(rest)], t }));
    }
    if !busy.is_empty() && !begun {
        let busy = &busy[..busy.len().min(MOST)];
        let form = Form::default();
        let choices = busy.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
        let keep = Fields::over(&form, t)
            .select("member", "candidate", "choose", choices)
            .needed()
            .text("clash_reason", "activity-clash-reason")
            .needed()
            .post(format!("/activities/{}/roster/beside", outing.id), "roster-invite-anyway", "");
        let list = vec![cards(busy), Piece::Form(keep)];
        let title = t.with("candidates-busy", "count", busy.len());
        pieces.push(Piece::Fold(title, Pieces { list, t }));
    }
    pieces
}

async fn roster_page(
    app: &Shared,
    actor: &Actor,
    outing: &Outing,
    scope: &Scope,
    form: &Form,
) -> Result<Page, Fault> {
    let t = actor.t;
    let begun = outing.starts_at <= actor.at;
    let own = format!("/activities/{}/roster", outing.id);
    let roster = store::roster(&app.db, outing.id).await?;
    let phones = {
        let ids: Vec<MemberId> = roster.iter().map(|one| one.member_id).collect();
        phones(app, actor, &ids).await?
    };
    let mut page = Page::new(actor.shell(app, "nav-rosters", t.get("roster")))
        .crumb(t.get("nav-activities"), "/activities")
        .crumb(outing.title.clone(), format!("/activities/{}", outing.id))
        .about("activity-when", when(outing))
        .about("activity-venue", outing.whereabouts())
        .with(tiles(t, outing));
    if !outing.stands() {
        page = page.with(Piece::Remark(Tone::Bad, t.get("roster-cancelled")));
    } else if begun {
        page = page.with(Piece::Remark(Tone::Plain, t.get("attend-how")));
        if roster.iter().any(|one| one.is_coming() && one.attendance == Attendance::Unknown) {
            let all = Action::press(t.get("attend-all"), format!("{own}/attended"));
            page = page.with(Piece::Actions(vec![all]));
        }
    } else if outing.missing() > 0 {
        let missing = t.with("roster-missing", "count", outing.missing());
        page = page.with(Piece::Remark(Tone::Warn, missing));
    }
    page = page.with(Piece::Heading(t.get("roster-people")));
    page = if roster.is_empty() {
        page.with(Piece::Text(t.get("roster-empty")))
    } else {
        let people =
            roster.iter().map(|one| person(t, outing, one, phones.get(&one.member_id), actor.at));
        page.with(Piece::Cards(people.collect()))
    };
    if !outing.stands() {
        return Ok(page);
    }
    let found = suggest::candidates(&app.db, scope, outing).await?;
    page = page.with(Piece::Heading(t.get(if begun { "attend-more" } else { "candidates" })));
    if !begun && found.iter().any(|one| one.distance == 0 && one.elsewhere.is_none()) {
        let team = Action::post(t.get("roster-whole-team"), format!("{own}/team"));
        page = page.with(Piece::Actions(vec![team]));
    }
    page = suggestions(t, outing, &found, begun).into_iter().fold(page, Page::with);
    if begun {
        return Ok(page);
    }
    let fields = Fields::over(form, t)
        .number("needed", "roster-needed")
        .hint("roster-needed-hint")
        .tick("open", "roster-open")
        .hint("roster-open-hint");
    Ok(page
        .with(Piece::Heading(t.get("roster-wanted")))
        .with(Piece::Form(fields.post(own, "action-save", "")))
        .with(Piece::Heading(t.get("roster-message")))
        .with(Piece::Text(t.get("roster-message-how")))
        .with(Piece::Copy(message(t, NoticeKind::EveningBefore, outing))))
}

fn wanted_form(outing: &Outing) -> Form {
    let needed = outing.needed.map_or_else(String::new, |needed| needed.to_string());
    Form::filled([("needed", needed.as_str()), ("open", if outing.is_open { "yes" } else { "" })])
}

pub(super) async fn show(State(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let (outing, scope) = to_keep(&app, &actor, id).await?;
    roster_page(&app, &actor, &outing, &scope, &wanted_form(&outing)).await?.show()
}

pub(super) async fn set_wanted(
    State(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let (outing, scope) = to_keep(&app, &actor, id).await?;
    let needed = form.number("needed", 1..=1000);
    if !form.is_sound() {
        return roster_page(&app, &actor, &outing, &scope, &form).await?.refuse();
    }
    let mut tx = app.db.begin().await?;
    changes::set_roster(&mut tx, &outing, needed, form.ticked("open"), &actor.doer()).await?;
    tx.commit().await?;
    Ok(back(id))
}
