//! The page on which a member says when they are free, or a lead says it for them.

use axum::extract::{Path, State};
use uuid::Uuid;

use super::availability::{self, Availability, Exception, PARTS, Whose};
use super::hours::{self, Span};
use crate::foundation::form::Form;
use crate::foundation::ids::MemberId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Card, Cell, Fields, Page, Piece, Pieces, Tone};
use crate::foundation::{Fault, Outcome, Shared, clock};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};

type App = State<Shared>;

/// The fields of the days, and the keys of their names.
const DAYS: [(&str, &str); 7] = [
    ("d1", "weekday-1"),
    ("d2", "weekday-2"),
    ("d3", "weekday-3"),
    ("d4", "weekday-4"),
    ("d5", "weekday-5"),
    ("d6", "weekday-6"),
    ("d7", "weekday-7"),
];

/// Whose hours these are, if the actor may see (and with `change` set) them: one's own, or those of
/// members of teams that one keeps.
async fn whose(
    app: &Shared,
    actor: &Actor,
    member: MemberId,
    change: bool,
) -> Result<Whose, Fault> {
    let scope = if actor.member_id == Some(member) {
        actor.scope(if change { Act::TakePart } else { Act::Look })?;
        actor.scope(Act::Look)?
    } else {
        actor.scope(Act::EditTeams)?
    };
    let record = rows::find(&app.db, &registers::MEMBERS, &scope, member.0).await?;
    Ok(Whose { member, name: record.text("name").to_owned(), unit: record.unit_id })
}

/// `GET /availability`: one's own page.
pub(super) async fn own(actor: Actor) -> Outcome {
    let member = actor.member_id.ok_or(Fault::NotFound)?;
    Ok(redirect(&format!("/members/{member}/availability")))
}

fn week_form(said: &Availability) -> Form {
    let mut fields = vec![];
    for (offset, (name, _)) in DAYS.into_iter().enumerate() {
        let day = jiff::civil::Weekday::from_monday_zero_offset(offset as i8);
        let spans = match (&said.said, day) {
            (None, Ok(day)) => availability::default_hours(day),
            _ => said.week[offset].clone(),
        };
        let mut other = vec![];
        for span in spans {
            match PARTS.iter().find(|(_, of)| *of == span) {
                Some((part, _)) => fields.push((name.to_owned(), (*part).to_owned())),
                None => other.push(hours::shown(span)),
            }
        }
        fields.push((format!("{name}_other"), other.join("; ")));
    }
    Form::filled(fields)
}

fn read_week(form: &mut Form) -> Option<[Vec<Span>; 7]> {
    let mut week: [Vec<Span>; 7] = Default::default();
    for (spans, (name, _)) in week.iter_mut().zip(DAYS) {
        let ticked = PARTS.iter().filter(|(part, _)| form.has(name, part)).map(|(_, span)| *span);
        *spans = ticked.collect();
        let other = format!("{name}_other");
        match hours::read(form.text(&other)) {
            Some(more) => spans.extend(more),
            None => form.refuse(&other, "error-hours"),
        }
        *spans = hours::tidy(std::mem::take(spans));
    }
    form.is_sound().then_some(week)
}

async fn page(
    app: &Shared,
    actor: &Actor,
    whose: &Whose,
    week: Option<&Form>,
    exception: &Form,
) -> Result<Page, Fault> {
    let t = actor.t;
    let today = app.clock.today();
    let said = availability::of_members(&app.db, &[whose.member], today).await?;
    let said = said.into_values().next().unwrap_or_default();
    let own = format!("/members/{}/availability", whose.member);
    let state = match &said.said {
        None => Piece::Remark(Tone::Plain, t.get("availability-assumed")),
        Some((by, at)) => {
            let at = vietnamese::date_time(clock::local(*at));
            Piece::Text(t.with2("availability-said", "by", by, "at", at))
        }
    };
    let stored = week_form(&said);
    let parts = PARTS.map(|(part, _)| (part.to_owned(), t.name("part", part)));
    let week = Fields::over(week.unwrap_or(&stored), t)
        .week("availability-week", &DAYS, &parts)
        .hint("availability-week-hint");
    let kinds = ["busy", "free"].map(|kind| (kind.to_owned(), t.name("exception", kind)));
    let more = Fields::over(exception, t)
        .one("kind", "exception-kind", kinds.to_vec())
        .input("from", "exception-from", "date")
        .needed()
        .input("to", "exception-to", "date")
        .hint("exception-to-hint")
        .text("hours", "exception-hours")
        .hint("exception-hours-hint")
        .text("note", "exception-note");
    let shell = actor.shell(app, "nav-my-work", t.get("availability"));
    let mut page = Page::new(shell)
        .crumb(whose.name.clone(), format!("/members/{}", whose.member))
        .with(state)
        .with(Piece::Form(week.post(own.clone(), "action-save", "")));
    if said.said.is_some() {
        let forget = Action::post(t.get("availability-forget"), format!("{own}/forget"));
        page = page.with(Piece::Actions(vec![forget]));
    }
    page = page.with(Piece::Heading(t.get("exceptions")));
    let cards: Vec<Card> = said.exceptions.iter().map(|one| card(t, &own, one)).collect();
    page = if cards.is_empty() {
        page.with(Piece::Text(t.get("exceptions-none")))
    } else {
        page.with(Piece::Cards(cards))
    };
    let add = Pieces {
        list: vec![Piece::Form(more.post(format!("{own}/days"), "exception-add", ""))],
        t,
    };
    // What was refused stays open to be mended.
    Ok(if exception.is_sound() {
        page.with(Piece::Fold(t.get("exception-new"), add))
    } else {
        add.list.into_iter().fold(page, Page::with)
    })
}

fn card(t: crate::foundation::T, own: &str, one: &Exception) -> Card {
    let mut days = vietnamese::date(one.from);
    if one.to != one.from {
        days = format!("{days} – {}", vietnamese::date(one.to));
    }
    let (tone, kind) = if one.free { (Tone::Good, "free") } else { (Tone::Warn, "busy") };
    let span = if one.span == hours::DAY { t.get("all-day") } else { hours::shown(one.span) };
    let mut lines = vec![Cell::tag(tone, t.name("exception", kind)).and_small(span)];
    if !one.note.is_empty() {
        lines.push(Cell::text(&one.note));
    }
    let drop = Action::danger(t.get("exception-drop"), format!("{own}/days/{}/drop", one.id));
    Card { title: Cell::text(days), lines, actions: vec![drop], more: None }
}

pub(super) async fn show(State(app): App, actor: Actor, Path(member): Path<MemberId>) -> Outcome {
    let whose = whose(&app, &actor, member, false).await?;
    let blank = Form::filled([("kind", "busy")]);
    page(&app, &actor, &whose, None, &blank).await?.show()
}

pub(super) async fn set_week(
    State(app): App,
    actor: Actor,
    Path(member): Path<MemberId>,
    mut form: Form,
) -> Outcome {
    let whose = whose(&app, &actor, member, true).await?;
    let Some(week) = read_week(&mut form) else {
        let blank = Form::filled([("kind", "busy")]);
        return page(&app, &actor, &whose, Some(&form), &blank).await?.refuse();
    };
    let mut tx = app.db.begin().await?;
    availability::set_week(&mut tx, &whose, &week, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/members/{member}/availability")))
}

pub(super) async fn forget_week(
    State(app): App,
    actor: Actor,
    Path(member): Path<MemberId>,
) -> Outcome {
    let whose = whose(&app, &actor, member, true).await?;
    let mut tx = app.db.begin().await?;
    availability::forget_week(&mut tx, &whose, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/members/{member}/availability")))
}

fn read_exception(form: &mut Form) -> Option<Exception> {
    let from = form.date("from");
    if from.is_none() {
        form.refuse("from", "error-required");
    }
    let to = form.date("to").or(from);
    if from > to {
        form.refuse("to", "error-ends-before");
    }
    let span = match hours::read(form.text("hours")).as_deref() {
        Some([]) => hours::DAY,
        Some([one]) => *one,
        _ => {
            form.refuse("hours", "error-hours-one");
            hours::DAY
        }
    };
    let note = form.optional("note", 200);
    let (from, to) = (from?, to?);
    let free = form.text("kind") == "free";
    form.is_sound().then_some(Exception { id: Uuid::now_v7(), from, to, span, free, note })
}

pub(super) async fn add_days(
    State(app): App,
    actor: Actor,
    Path(member): Path<MemberId>,
    mut form: Form,
) -> Outcome {
    let whose = whose(&app, &actor, member, true).await?;
    let Some(new) = read_exception(&mut form) else {
        return page(&app, &actor, &whose, None, &form).await?.refuse();
    };
    let mut tx = app.db.begin().await?;
    availability::add_exception(&mut tx, &whose, &new, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/members/{member}/availability")))
}

pub(super) async fn drop_days(
    State(app): App,
    actor: Actor,
    Path((member, id)): Path<(MemberId, Uuid)>,
) -> Outcome {
    let whose = whose(&app, &actor, member, true).await?;
    let mut tx = app.db.begin().await?;
    if !availability::drop_exception(&mut tx, &whose, id, &actor.doer()).await? {
        return Err(Fault::NotFound);
    }
    tx.commit().await?;
    Ok(redirect(&format!("/members/{member}/availability")))
}
