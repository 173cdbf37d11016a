//! A member's own pages: the work that is theirs, and what they were told.

use axum::extract::{Path, State};

use super::changes::{self, Put};
use super::desk::{message, when};
use super::model::{Answer, Assigned, Origin, Outing};
use super::pages::{reasons, standing};
use super::store::{self, Named};
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Card, Cell, Fields, Page, Piece, Pieces, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor, notices};

type App = State<Shared>;

/// The member that the actor is, to look at what is theirs.
fn myself(actor: &Actor) -> Result<MemberId, Fault> {
    actor.scope(Act::Look)?;
    actor.member_id.ok_or(Fault::NotFound)
}

/// The member that the actor is, to answer for them: never for anyone else, nor while looking
/// through another's eyes.
fn answering(actor: &Actor) -> Result<MemberId, Fault> {
    actor.scope(Act::TakePart)?;
    actor.member_id.ok_or(Fault::NotFound)
}

pub(super) async fn work(State(app): App, actor: Actor) -> Outcome {
    work_page(&app, &actor, None).await?.show()
}

/// The page of one's own work. A decline that was refused stands first, open to be mended.
async fn work_page(
    app: &Shared,
    actor: &Actor,
    refused: Option<(&Outing, &Form)>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let look = actor.scope(Act::Look)?;
    let mut page = Page::new(actor.shell(app, "nav-my-work", t.get("nav-my-work")));
    let Some(me) = actor.member_id else {
        return Ok(page.with(Piece::Remark(Tone::Plain, t.get("my-work-no-member"))));
    };
    if let Some((outing, form)) = refused {
        let of = format!("{}, {}", outing.title, when(outing));
        page = page.with(Piece::Heading(t.with("my-decline-of", "title", of)));
        page = decline_form(t, outing.id, form).into_iter().fold(page, Page::with);
    }
    let may_answer = actor.may(Act::TakePart);
    let coming = store::of_member(&app.db, me, actor.at, true, 50).await?;
    page = page.with(Piece::Actions(vec![Action::quiet(t.get("availability"), "/availability")]));
    page = page.with(Piece::Heading(t.get("my-work-coming")));
    let mut cards = vec![];
    for (outing, own) in &coming {
        let crew = store::roster(&app.db, outing.id).await?;
        let mut card = task(t, outing, own, &crew, actor.at, may_answer);
        if refused.is_some_and(|(refused, _)| refused.id == outing.id) {
            card.more = None;
        }
        cards.push(card);
    }
    page = page.with(if cards.is_empty() {
        Piece::Text(t.get("my-work-none"))
    } else {
        Piece::Cards(cards)
    });
    let open = store::open_to(&app.db, &look, me, actor.at, 20).await?;
    if !open.is_empty() && may_answer {
        let cards = open.iter().map(|outing| open_card(t, outing));
        page = page
            .with(Piece::Heading(t.get("my-work-open")))
            .with(Piece::Text(t.get("my-work-open-how")))
            .with(Piece::Cards(cards.collect()));
    }
    let past = store::of_member(&app.db, me, actor.at, false, 20).await?;
    let titles = [t.get("activity-title"), t.get("activity-when"), t.get("roster-standing")];
    let mut table = Table::new("", &titles, t.get("my-work-past-none"));
    for (outing, own) in &past {
        table.rows.push(vec![
            Cell::link(&outing.title, format!("/activities/{}", outing.id)),
            Cell::text(when(outing)),
            standing(t, own),
        ]);
    }
    let past = Pieces { list: vec![Piece::Table(table)], t };
    Ok(page.with(Piece::Fold(t.get("my-work-past"), past)))
}

/// The field of the reason not to come to an activity: each has its own name, since a page shows
/// several of them.
fn reason_field(activity: ActivityId) -> String {
    format!("reason-{activity}")
}

/// The usual reasons not to come, one tap each, and a field for any other.
fn decline_form(t: T, activity: ActivityId, form: &Form) -> Vec<Piece> {
    let path = format!("/my-work/{activity}");
    let other = Fields::over(form, t)
        .text(&reason_field(activity), "my-decline-other")
        .needed()
        .post(format!("{path}/decline"), "my-decline-send", "");
    vec![Piece::Actions(reasons(t, &path)), Piece::Form(other)]
}

fn task(
    t: T,
    outing: &Outing,
    own: &Assigned,
    crew: &[Assigned],
    now: i64,
    may_answer: bool,
) -> Card {
    let path = format!("/my-work/{}", outing.id);
    let others: Vec<&str> = crew
        .iter()
        .filter(|one| one.member_id != own.member_id && one.is_coming())
        .map(|one| one.name.as_str())
        .collect();
    let mut lines = vec![
        Cell::text(when(outing)),
        Cell::text(outing.whereabouts()).and_small(t.name("kind", outing.kind)),
    ];
    if !others.is_empty() {
        lines.push(Cell::text(t.with("my-work-crew", "names", others.join(", "))));
    }
    let title = Cell::link(&outing.title, format!("/activities/{}", outing.id));
    if !outing.stands() {
        lines.push(Cell::tag(Tone::Bad, t.name("state", outing.state)));
        return Card { title, lines, ..Card::default() };
    }
    lines.push(standing(t, own));
    if !may_answer || !outing.is_ahead(now) {
        return Card { title, lines, ..Card::default() };
    }
    let mut actions = vec![];
    if own.answer != Answer::Confirmed {
        actions.push(Action::press(t.get("my-confirm"), format!("{path}/confirm")));
    }
    let more = own.is_coming().then(|| {
        let list = decline_form(t, outing.id, &Form::default());
        (t.get("my-decline"), Pieces { list, t })
    });
    Card { title, lines, actions, more }
}

fn open_card(t: T, outing: &Outing) -> Card {
    let missing = match outing.needed {
        Some(_) => t.with("roster-missing", "count", outing.missing()),
        None => t.get("my-work-all-welcome"),
    };
    Card {
        title: Cell::link(&outing.title, format!("/activities/{}", outing.id)),
        lines: vec![
            Cell::text(when(outing)),
            Cell::text(outing.whereabouts()).and_small(t.name("kind", outing.kind)),
            Cell::tag(Tone::Plain, missing),
        ],
        actions: vec![Action::press(
            t.get("my-sign-up"),
            format!("/my-work/{}/sign-up", outing.id),
        )],
        more: None,
    }
}

async fn own_outing(app: &Shared, actor: &Actor, id: ActivityId) -> Result<(Outing, Named), Fault> {
    let me = answering(actor)?;
    let outing = store::find_own(&app.db, me, id).await?;
    if !outing.is_ahead(actor.at) {
        return Err(Fault::Conflict("error-not-ahead"));
    }
    Ok((outing, store::named(&app.db, me).await?))
}

pub(super) async fn confirm(State(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let (outing, me) = own_outing(&app, &actor, id).await?;
    let mut tx = app.db.begin().await?;
    changes::answer(&mut tx, &outing, &me, Answer::Confirmed, "", &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/my-work"))
}

/// The reason comes with the address where one of the usual was tapped, else from the form.
pub(super) async fn decline(
    State(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    Query(tapped): Query,
    mut form: Form,
) -> Outcome {
    let (outing, me) = own_outing(&app, &actor, id).await?;
    let field = reason_field(outing.id);
    if form.text(&field).is_empty() {
        form.set(&field, tapped.text("reason").to_owned());
    }
    let reason = form.required(&field, 300);
    if !form.is_sound() {
        return work_page(&app, &actor, Some((&outing, &form))).await?.refuse();
    }
    let mut tx = app.db.begin().await?;
    changes::answer(&mut tx, &outing, &me, Answer::Declined, &reason, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/my-work"))
}

pub(super) async fn sign_up(State(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let me = answering(&actor)?;
    let outing = store::find_touching(&app.db, &actor.scope(Act::Look)?, id).await?;
    if !outing.is_open || !outing.is_ahead(actor.at) {
        return Err(Fault::Conflict("error-not-open"));
    }
    let me = store::named(&app.db, me).await?;
    let mut tx = app.db.begin().await?;
    match changes::put(&mut tx, &outing, &me, Origin::SignedUp, "", &actor.doer()).await? {
        Put::Done => tx.commit().await?,
        Put::Elsewhere => return Err(Fault::Conflict("error-me-elsewhere")),
        Put::Full => return Err(Fault::Conflict("error-full")),
    }
    Ok(redirect("/my-work"))
}

pub(super) async fn told(State(app): App, actor: Actor) -> Outcome {
    let t = actor.t;
    let me = myself(&actor)?;
    let notices = store::notices_to(&app.db, me, 60).await?;
    let cards: Vec<Card> = notices
        .iter()
        .map(|notice| {
            let mut lines = vec![Cell::text(message(t, notice.kind, &notice.outing))];
            let at = vietnamese::date_time(clock::local(notice.made_at));
            lines.push(Cell::text("").and_small(at));
            if notice.read_at.is_none() {
                lines.push(Cell::tag(Tone::Warn, t.get("notice-new")));
            }
            let actions = if notice.outing.is_ahead(actor.at) {
                vec![Action::quiet(t.get("nav-my-work"), "/my-work")]
            } else {
                vec![]
            };
            let title = Cell::text(t.name("notice", notice.kind));
            Card { title, lines, actions, more: None }
        })
        .collect();
    let mut page = Page::new(actor.shell(&app, "nav-notices", t.get("nav-notices")));
    if actor.unread > 0 && actor.may(Act::TakePart) {
        let read = Action::press(t.get("notices-read"), "/notices/read");
        page = page.with(Piece::Actions(vec![read]));
    }
    page.with(if cards.is_empty() {
        Piece::Text(t.get("notices-none"))
    } else {
        Piece::Cards(cards)
    })
    .show()
}

pub(super) async fn read_all(State(app): App, actor: Actor) -> Outcome {
    let me = answering(&actor)?;
    let mut tx = app.db.begin().await?;
    notices::read(&mut tx, me, None, actor.at).await?;
    tx.commit().await?;
    Ok(redirect("/notices"))
}
