//! Calendars read from outside: a person makes a secret address, and their phone or mail program
//! reads under it what their account may see at that moment (RFC 5545 over HTTP). Of the secret the
//! database keeps only its SHA-256; a revoked address, or that of a disabled account, is not found.

use axum::Router;
use axum::extract::{Path, State as AppState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};
use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::{Activity, State};
use super::store::{self, Filter, Listed};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{AccountId, ActivityId, FeedId, TeamId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone};
use crate::foundation::{Db, DbError, Fault, Outcome, Shared, T, clock, secret};
use crate::people::{self, Act, Actor, Scope};
use crate::registers::{self, store as rows};

type App = AppState<Shared>;

/// The pages of feeds, and the feeds themselves.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/me/feeds", get(list).post(add))
        .route("/me/feeds/{id}/revoke", post(revoke))
        .route("/calendar/feed/{file}", get(read))
}

/// What a feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// All that the account may see.
    All,
    /// What the account's own member takes part in.
    Mine,
    /// A unit and all below it.
    Unit(UnitId),
    /// A team.
    Team(TeamId),
}

impl Shows {
    fn code(self) -> &'static str {
        match self {
            Shows::All => "all",
            Shows::Mine => "mine",
            Shows::Unit(_) => "unit",
            Shows::Team(_) => "team",
        }
    }

    fn target(self) -> Option<Uuid> {
        match self {
            Shows::All | Shows::Mine => None,
            Shows::Unit(unit) => Some(unit.0),
            Shows::Team(team) => Some(team.0),
        }
    }

    fn of(code: &str, target: Option<Uuid>) -> Option<Self> {
        Some(match (code, target) {
            ("all", _) => Shows::All,
            ("mine", _) => Shows::Mine,
            ("unit", Some(id)) => Shows::Unit(UnitId(id)),
            ("team", Some(id)) => Shows::Team(TeamId(id)),
            _ => return None,
        })
    }
}

/// A feed of an account.
struct Feed {
    id: FeedId,
    account: AccountId,
    label: String,
    shows: Shows,
    created_at: i64,
    read_at: Option<i64>,
}

const COLUMNS: &str = "id, account_id, label, shows, target_id, created_at, read_at";

fn feed_of(row: &crate::foundation::Row) -> Result<Feed, DbError> {
    let shows: String = row.get("shows")?;
    Ok(Feed {
        id: row.get("id")?,
        account: row.get("account_id")?,
        label: row.get("label")?,
        shows: Shows::of(&shows, row.get("target_id")?).ok_or(DbError::Column {
            column: "shows".to_owned(),
            reason: format!("«{shows}» is not a known value"),
        })?,
        created_at: row.get("created_at")?,
        read_at: row.get("read_at")?,
    })
}

async fn of_account(db: &Db, account: AccountId) -> Result<Vec<Feed>, DbError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM calendar_feed WHERE account_id = $1 AND revoked_at IS NULL
         ORDER BY id"
    );
    db.rows(&statement, args![account]).await?.iter().map(feed_of).collect()
}

async fn of_token(db: &Db, token: &str) -> Result<Option<Feed>, DbError> {
    let statement =
        format!("SELECT {COLUMNS} FROM calendar_feed WHERE token_hash = $1 AND revoked_at IS NULL");
    let row = db.row(&statement, args![hash_of(token)]).await?;
    row.as_ref().map(feed_of).transpose()
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Makes a feed; gives its secret, which is not kept.
async fn make(db: &Db, label: &str, shows: Shows, by: &Doer) -> Result<String, DbError> {
    let (id, token) = (FeedId::new(), hex::encode(secret::random()));
    let mut tx = db.begin().await?;
    tx.execute(
        "INSERT INTO calendar_feed (id, account_id, token_hash, label, shows, target_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![id, by.account_id, hash_of(&token), label, shows.code(), shows.target(), by.at],
    )
    .await?;
    Entry::new("created", "calendar_feed", id.0, label).write(&mut tx, by).await?;
    tx.commit().await?;
    Ok(token)
}

async fn member_of(db: &Db, account: AccountId) -> Result<Option<Uuid>, DbError> {
    let row = db.row("SELECT member_id FROM account WHERE id = $1", args![account]).await?;
    row.map_or(Ok(None), |row| row.get("member_id"))
}

/// The address under which a feed is read.
fn address(app: &Shared, headers: &HeaderMap, token: &str) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let scheme = if app.secure_cookies { "https" } else { "http" };
    format!("{scheme}://{host}/calendar/feed/{token}.ics")
}

async fn page(app: &Shared, actor: &Actor, form: &Form) -> Result<Page, Fault> {
    let t = actor.t;
    let look = actor.scope(Act::Look)?;
    let teams = rows::list(&app.db, &registers::TEAMS, &look, &rows::Wanted::default()).await?;
    let teams: Vec<(String, String)> = teams
        .into_iter()
        .map(|row| (row.id.to_string(), format!("{} – {}", row.home_name, row.text("name"))))
        .collect();
    let units = registers::unit_choices(app, actor, Act::Look).await?;
    let titles = [t.get("feed-label"), t.get("feed-shows"), t.get("feed-made"), t.get("feed-read")];
    let mut table = Table::new(t.get("feeds-own"), &titles, t.get("feeds-none"));
    let mut revokes = vec![];
    for feed in of_account(&app.db, actor.account_id).await? {
        let target = feed.shows.target().map(|id| id.to_string()).unwrap_or_default();
        let named = units.iter().chain(&teams).find(|(id, _)| *id == target);
        let small = named.map_or("", |(_, name)| name.as_str());
        let when = |at: i64| vietnamese::date_time(clock::local(at));
        table.rows.push(vec![
            Cell::text(&feed.label),
            Cell::text(t.name("feed-shows", feed.shows.code())).and_small(small),
            Cell::text(when(feed.created_at)),
            Cell::text(feed.read_at.map_or_else(|| t.get("feed-never"), when)),
        ]);
        revokes.push(Action::danger(
            t.with("feed-revoke", "label", &feed.label),
            format!("/me/feeds/{}/revoke", feed.id),
        ));
    }
    let mut shows = vec!["all", "unit", "team"];
    if member_of(&app.db, actor.account_id).await?.is_some() {
        shows.insert(1, "mine");
    }
    let shows = shows.into_iter().map(|code| (code.to_owned(), t.name("feed-shows", code)));
    let fields = Fields::over(form, t)
        .text("label", "feed-label")
        .hint("feed-label-hint")
        .needed()
        .one("shows", "feed-shows", shows.collect())
        .select("unit", "unit", "none", units)
        .select("team", "activity-team", "none", teams);
    Ok(Page::new(actor.shell(app, "", t.get("feeds")))
        .crumb(t.get("me"), "/me")
        .with(Piece::Remark(Tone::Plain, t.get("feeds-how")))
        .with(Piece::Table(table))
        .with(Piece::Actions(revokes))
        .with(Piece::Heading(t.get("feed-new")))
        .with(Piece::Form(fields.post("/me/feeds", "feed-make", "/me"))))
}

async fn list(AppState(app): App, actor: Actor) -> Outcome {
    page(&app, &actor, &Form::filled([("shows", "all")])).await?.show()
}

async fn add(AppState(app): App, actor: Actor, headers: HeaderMap, mut form: Form) -> Outcome {
    if actor.viewing_as.is_some() {
        return Err(Fault::NotAllowed);
    }
    let look = actor.scope(Act::Look)?;
    let label = form.required("label", 80);
    let shows = match form.text("shows") {
        "unit" => form.chosen::<UnitId>("unit").map(Shows::Unit),
        "team" => form.chosen::<TeamId>("team").map(Shows::Team),
        other => {
            let shows = Shows::of(other, None);
            if shows.is_none() {
                form.refuse("shows", "error-choice");
            }
            shows
        }
    };
    if shows == Some(Shows::Mine) && member_of(&app.db, actor.account_id).await?.is_none() {
        form.refuse("shows", "error-choice");
    }
    let (Some(shows), true) = (shows, form.is_sound()) else {
        return page(&app, &actor, &form).await?.refuse();
    };
    match shows {
        Shows::Unit(unit) => look.require(&app.db, unit).await?,
        Shows::Team(team) => {
            rows::find(&app.db, &registers::TEAMS, &look, team.0).await?;
        }
        _ => {}
    }
    let token = make(&app.db, &label, shows, &actor.doer()).await?;
    let t = actor.t;
    let href = address(&app, &headers, &token);
    Page::new(actor.shell(&app, "", label))
        .crumb(t.get("me"), "/me")
        .crumb(t.get("feeds"), "/me/feeds")
        .with(Piece::Remark(Tone::Good, t.get("feed-made-notice")))
        .with(Piece::Facts(vec![(t.get("feed-address"), Cell::link(&href, &href))]))
        .with(Piece::Text(t.get("feed-use")))
        .with(Piece::Text(t.get("feed-leaked")))
        .with(Piece::Actions(vec![Action::main(t.get("feed-done"), "/me/feeds")]))
        .show()
}

async fn revoke(AppState(app): App, actor: Actor, Path(id): Path<FeedId>) -> Outcome {
    if actor.viewing_as.is_some() {
        return Err(Fault::NotAllowed);
    }
    let own = of_account(&app.db, actor.account_id).await?;
    let feed = own.into_iter().find(|feed| feed.id == id).ok_or(Fault::NotFound)?;
    let mut tx = app.db.begin().await?;
    tx.execute("UPDATE calendar_feed SET revoked_at = $1 WHERE id = $2", args![actor.at, id])
        .await?;
    let entry = Entry::new("withdrawn", "calendar_feed", id.0, feed.label);
    entry.write(&mut tx, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/me/feeds"))
}

/// `GET /calendar/feed/{secret}.ics`: the calendar itself, without a session.
async fn read(AppState(app): App, headers: HeaderMap, Path(file): Path<String>) -> Outcome {
    let token = file.strip_suffix(".ics").ok_or(Fault::NotFound)?;
    let feed = of_token(&app.db, token).await?.ok_or(Fault::NotFound)?;
    let scope = people::scope_of(&app.db, feed.account, Act::Look).await?.ok_or(Fault::NotFound)?;
    let text = calendar(&app, &feed, &scope, T::default()).await?;
    noted(&app, &feed).await?;
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(text.as_bytes())[..16]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".into())];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let media_type = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
    Ok::<Response, Fault>((kept, media_type, text).into_response())
}

/// Notes that a feed was read, at most once an hour.
async fn noted(app: &Shared, feed: &Feed) -> Result<(), DbError> {
    let now = app.clock.now();
    if feed.read_at.is_some_and(|at| now - at < 3_600_000) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    tx.execute("UPDATE calendar_feed SET read_at = $1 WHERE id = $2", args![now, feed.id]).await?;
    tx.commit().await
}

async fn calendar(app: &Shared, feed: &Feed, scope: &Scope, t: T) -> Result<String, Fault> {
    const MOST: usize = 5000;
    let today = app.clock.today();
    let mut filter = Filter {
        from: today.checked_sub(31.days()).ok(),
        to: today.checked_add(400.days()).ok(),
        ..Filter::default()
    };
    match feed.shows {
        Shows::All => {}
        Shows::Unit(unit) => filter.unit = Some(unit),
        Shows::Team(team) => filter.team = Some(team),
        Shows::Mine => {
            let member = member_of(&app.db, feed.account).await?.ok_or(Fault::NotFound)?;
            filter.member = Some(crate::foundation::ids::MemberId(member));
        }
    }
    let listed = store::list(&app.db, scope, &filter, false, 0, MOST).await?;
    let ids: Vec<ActivityId> = listed.iter().map(|one| one.activity.id).collect();
    let versions = store::versions(&app.db, &ids).await?;
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Lan Toa//Lan Toa//VI"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", &format!("Lan Tỏa: {}", feed.label)),
        ("X-WR-TIMEZONE", "Asia/Ho_Chi_Minh"),
        ("X-PUBLISHED-TTL", "PT1H"),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    let mut refresh = Property::new("REFRESH-INTERVAL", "PT1H");
    calendar.append_property(refresh.add_parameter("VALUE", "DURATION").done());
    for one in &listed {
        let version = versions.get(&one.activity.id).copied().unwrap_or_default();
        calendar.push(event(one, version, t));
    }
    Ok(calendar.to_string())
}

/// An instant as RFC 5545 writes it in UTC.
fn instant(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// An activity as an event. Each occurrence of a series is an event of its own, because each has
/// its own state, people and results. No names and no phone numbers of people are in it.
fn event(listed: &Listed, (changes, changed_at): (i64, i64), t: T) -> Event {
    let activity: &Activity = &listed.activity;
    let status = match activity.state {
        State::Planned => "TENTATIVE",
        State::Confirmed | State::Held => "CONFIRMED",
        State::Cancelled => "CANCELLED",
    };
    let mut about = vec![t.name("kind", activity.kind)];
    about.extend(Some(listed.team_name.clone()).filter(|team| !team.is_empty()));
    if !activity.cancel_reason.is_empty() {
        about.push(format!("{}: {}", t.get("activity-cancel-reason"), activity.cancel_reason));
    }
    let mut event = Event::new();
    event
        .uid(&format!("{}@lantoa", activity.id))
        .add_property("DTSTAMP", instant(changed_at))
        .add_property("LAST-MODIFIED", instant(changed_at))
        .add_property("DTSTART", instant(activity.starts_at))
        .add_property("DTEND", instant(activity.ends_at))
        .add_property("STATUS", status)
        .sequence(u32::try_from(changes).unwrap_or(0))
        .summary(&activity.title)
        .location(&listed.whereabouts())
        .description(&about.join("\n"))
        .categories([t.name("kind", activity.kind)]);
    event.done()
}
