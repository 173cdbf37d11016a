//! The desk of who keeps rosters: where people are missing, who has not answered, who came, whom to
//! tell by phone; and when reminders are sent.

use axum::extract::State;

use super::model::Outing;
use super::pages::{candidate, phones};
use super::reminders::Rules;
use super::store::{self, Notice, Wanting};
use super::suggest;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::MemberId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Card, Cell, Fields, Page, Piece, Pieces, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::{Act, Actor, NoticeKind, Scope};
use crate::schedule;

type App = State<Shared>;

/// Day and hours: "Chủ nhật 17/09/2023, 19:30–21:00".
pub fn when(outing: &Outing) -> String {
    schedule::when_of(outing.starts_at, outing.ends_at)
}

/// What a notice says, in words that can be sent as they are by Zalo or SMS.
pub fn message(t: T, kind: NoticeKind, outing: &Outing) -> String {
    let key = match kind {
        NoticeKind::Invited => "message-invited",
        NoticeKind::EveningBefore | NoticeKind::HoursBefore => "message-reminder",
        NoticeKind::Moved => "message-moved",
        NoticeKind::Cancelled => "message-cancelled",
        NoticeKind::Released => "message-released",
    };
    let (when, place) = (when(outing), outing.whereabouts());
    t.with_all(key, &[("title", &outing.title), ("when", &when), ("place", &place)])
}

/// A part of the desk.
pub struct Part {
    /// The word in its address, and in the keys of its texts.
    pub word: &'static str,
    /// Key of what the board says of it.
    pub waiting: &'static str,
    /// What is asked for; none for what is told by phone.
    wanting: Option<Wanting>,
}

const PARTS: [Part; 4] = [
    Part { word: "gaps", waiting: "waiting-gaps", wanting: Some(Wanting::People) },
    Part { word: "answers", waiting: "waiting-answers", wanting: Some(Wanting::Answers) },
    Part { word: "attendance", waiting: "waiting-attendance", wanting: Some(Wanting::Attendance) },
    Part { word: "phone", waiting: "waiting-phone", wanting: None },
];

/// What waits for who keeps rosters: each part of the desk, and how much of it.
pub async fn waiting(
    app: &Shared,
    scope: &Scope,
    now: i64,
) -> Result<Vec<(&'static Part, i64)>, Fault> {
    let mut found = vec![];
    for part in &PARTS {
        let count = match part.wanting {
            Some(what) => store::count_wanting(&app.db, scope, what, now).await?,
            None => store::count_untold(&app.db, scope, now).await?,
        };
        found.push((part, count));
    }
    Ok(found)
}

/// Activities shown on one page of the desk.
const MOST: usize = 60;
/// Gaps for which people are suggested at once.
const SUGGESTED: usize = 4;

pub(super) async fn show(State(app): App, actor: Actor, Query(form): Query) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::EditActivities)?;
    let shown = form.text("show");
    let Part { word, wanting, .. } =
        PARTS.iter().find(|part| part.word == shown).unwrap_or(&PARTS[0]);
    let mut parts = vec![];
    for (of, count) in waiting(&app, &scope, actor.at).await? {
        let text = format!("{} ({})", t.name("desk", of.word), vietnamese::number(count));
        let href = format!("/rosters?show={}", of.word);
        let is_here = of.word == *word;
        parts.push(if is_here { Action::main(text, href) } else { Action::quiet(text, href) });
    }
    let mut page = Page::new(actor.shell(&app, "nav-rosters", t.get("nav-rosters")))
        .with(Piece::Actions(parts))
        .with(Piece::Heading(t.name("desk", word)))
        .with(Piece::Text(t.name("desk-how", word)));
    page = match wanting {
        Some(Wanting::People) => page.with(gaps(&app, &actor, &scope).await?),
        Some(what) => page.with(table(&app, &actor, &scope, *what).await?),
        None => page.with(by_phone(&app, &actor, &scope).await?),
    };
    page.with_if(actor.may(Act::ManageAccounts), || {
        Piece::Actions(vec![Action::quiet(t.get("reminder-rules"), "/rosters/reminders")])
    })
    .show()
}

async fn gaps(app: &Shared, actor: &Actor, scope: &Scope) -> Result<Piece, Fault> {
    let t = actor.t;
    let outings = store::list_wanting(&app.db, scope, Wanting::People, actor.at, MOST).await?;
    let mut cards = vec![];
    for (index, outing) in outings.iter().enumerate() {
        let own = format!("/activities/{}/roster", outing.id);
        let missing = t.with("roster-missing", "count", outing.missing());
        let mut card = Card {
            title: Cell::link(&outing.title, own),
            lines: vec![
                Cell::text(when(outing)),
                Cell::text(outing.whereabouts()),
                Cell::tag(Tone::Warn, missing),
            ],
            ..Card::default()
        };
        if index < SUGGESTED {
            let found = suggest::candidates(&app.db, scope, outing).await?;
            let best = found.iter().filter(|one| one.can_come()).take(3);
            let suggested: Vec<Card> = best
                .map(|one| {
                    let mut card = candidate(t, outing, one, false);
                    for action in &mut card.actions {
                        action.href.push_str("?from=desk");
                    }
                    card
                })
                .collect();
            if !suggested.is_empty() {
                let title = t.with("candidates-best", "count", suggested.len());
                let list = vec![Piece::Cards(suggested)];
                card.more = Some((title, Pieces { list, t }));
            }
        }
        cards.push(card);
    }
    Ok(if cards.is_empty() { Piece::Text(t.get("desk-nothing")) } else { Piece::Cards(cards) })
}

async fn table(app: &Shared, actor: &Actor, scope: &Scope, what: Wanting) -> Result<Piece, Fault> {
    let t = actor.t;
    let titles = [
        t.get("activity-title"),
        t.get("activity-when"),
        t.get("activity-venue"),
        format!("{}#", t.get("roster-coming")),
        format!("{}#", t.get("roster-confirmed")),
        format!("{}#", t.get("roster-declined")),
    ];
    let mut table = Table::new("", &titles, t.get("desk-nothing"));
    for outing in store::list_wanting(&app.db, scope, what, actor.at, MOST).await? {
        let counts = outing.counts;
        table.rows.push(vec![
            Cell::link(&outing.title, format!("/activities/{}/roster", outing.id))
                .and_small(t.name("kind", outing.kind)),
            Cell::text(when(&outing)),
            Cell::text(outing.whereabouts()),
            Cell::text(counts.coming.to_string()),
            Cell::text(counts.confirmed.to_string()),
            Cell::text(counts.declined.to_string()),
        ]);
    }
    Ok(Piece::Table(table))
}

async fn by_phone(app: &Shared, actor: &Actor, scope: &Scope) -> Result<Piece, Fault> {
    let t = actor.t;
    let untold = store::list_untold(&app.db, scope, actor.at, 3 * MOST).await?;
    let ids: Vec<MemberId> = untold.iter().map(|one| one.member.id).collect();
    let phones = phones(app, actor, &ids).await?;
    // One message for all who are to hear the same of an activity, as one writes to a group.
    let mut list = vec![];
    for same in untold.chunk_by(|a, b| a.outing.id == b.outing.id) {
        let outing = &same[0].outing;
        list.push(Piece::Heading(outing.title.clone()));
        let mut kinds: Vec<NoticeKind> = same.iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        kinds.dedup_by_key(|kind| message(t, *kind, outing));
        for kind in kinds {
            let text = message(t, kind, outing);
            let people: Vec<Card> = same
                .iter()
                .filter(|one| message(t, one.kind, outing) == text)
                .map(|one| to_tell(t, one, phones.get(&one.member.id)))
                .collect();
            list.push(Piece::Copy(text));
            list.push(Piece::Cards(people));
        }
    }
    Ok(if list.is_empty() {
        Piece::Text(t.get("desk-nothing"))
    } else {
        Piece::Columns(vec![Pieces { list, t }])
    })
}

fn to_tell(t: T, one: &Notice, phone: Option<&String>) -> Card {
    let phone = match phone {
        Some(phone) if !phone.is_empty() => Cell::link(phone, format!("tel:{phone}")),
        _ => Cell::text(t.get("phone-none")),
    };
    let told = format!("/activities/{}/roster/{}/told", one.outing.id, one.member.id);
    Card {
        title: Cell::link(&one.member.name, format!("/members/{}", one.member.id)),
        lines: vec![phone],
        actions: vec![Action::post(t.get("phone-told"), told)],
        more: None,
    }
}

/// The unit this installation works for is the actor's to manage, or a refusal.
async fn may_set_rules(app: &Shared, actor: &Actor) -> Result<(), Fault> {
    let scope = actor.scope(Act::ManageAccounts)?;
    let home = app.home().ok_or(Fault::NotFound)?;
    scope.require(&app.db, home.unit_id).await
}

fn rules_page(app: &Shared, actor: &Actor, form: &Form) -> Page {
    let t = actor.t;
    let fields = Fields::over(form, t)
        .text("evening", "reminder-evening")
        .hint("reminder-evening-hint")
        .needed()
        .number("before", "reminder-before")
        .hint("reminder-before-hint")
        .needed()
        .number("per_day", "reminder-per-day")
        .hint("reminder-per-day-hint")
        .needed();
    Page::new(actor.shell(app, "nav-rosters", t.get("reminder-rules")))
        .crumb(t.get("nav-rosters"), "/rosters")
        .with(Piece::Text(t.get("reminder-how")))
        .with(Piece::Form(fields.post("/rosters/reminders", "action-save", "/rosters")))
}

pub(super) async fn rules(State(app): App, actor: Actor) -> Outcome {
    may_set_rules(&app, &actor).await?;
    let rules = Rules::of(&app.db).await?;
    let form = Form::filled([
        ("evening", format!("{:02}:{:02}", rules.evening / 60, rules.evening % 60)),
        ("before", rules.before.to_string()),
        ("per_day", rules.per_day.to_string()),
    ]);
    rules_page(&app, &actor, &form).show()
}

pub(super) async fn set_rules(State(app): App, actor: Actor, mut form: Form) -> Outcome {
    may_set_rules(&app, &actor).await?;
    let evening = form.time("evening");
    let before = form.number("before", 15..=1440);
    let per_day = form.number("per_day", 1..=20);
    for (name, missing) in [
        ("evening", evening.is_none()),
        ("before", before.is_none()),
        ("per_day", per_day.is_none()),
    ] {
        if missing {
            form.refuse(name, "error-required");
        }
    }
    let (Some(evening), Some(before), Some(per_day)) = (evening, before, per_day) else {
        return rules_page(&app, &actor, &form).refuse();
    };
    let evening = i32::from(evening.hour()) * 60 + i32::from(evening.minute());
    let old = Rules::of(&app.db).await?;
    let mut tx = app.db.begin().await?;
    Rules { evening, before, per_day }.set(&mut tx, &old, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/rosters/reminders"))
}
