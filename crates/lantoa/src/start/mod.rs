//! The own start: a commune, district or province finds itself in the built-in gazetteer, and the
//! first administrator is made. Until then every page leads here.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;

use crate::catalogue;
use crate::foundation::app::Home;
use crate::foundation::audit::Doer;
use crate::foundation::db::{Db, DbError, Tx};
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::UnitId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, Shell, T, settings, web};
use crate::people::accounts::{self, NewAccount};
use crate::people::{Act, Actor, Role, Scope, passwords};
use crate::units::{self, Level, gazetteer, store as unit_store};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/start", get(welcome))
        .route("/start/demo", post(demo))
        .route("/start/unit", get(find_unit))
        .route("/start/own", get(own).post(make))
        .route("/start/next", get(next))
}

/// Leads every page to the start while there is no home unit.
pub async fn lead(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let goes_on = path.starts_with("/start") || path.starts_with("/static") || path == "/language";
    if app.home().is_some() || goes_on {
        return next.run(request).await;
    }
    redirect("/start").into_response()
}

/// Lays out what every installation begins with, on an empty database: the national gazetteer and
/// the built-in topics.
pub async fn lay_out(tx: &mut Tx, by: &Doer) -> Result<(), DbError> {
    let gazetteer = gazetteer::read();
    unit_store::insert(tx, &gazetteer.units).await?;
    unit_store::connect(tx).await?;
    unit_store::insert_links(tx, &gazetteer.links).await?;
    catalogue::store::lay_out(tx, by).await
}

/// Whether the gazetteer is laid out.
pub async fn is_laid_out(db: &Db) -> Result<bool, DbError> {
    Ok(db.row("SELECT id FROM unit LIMIT 1", vec![]).await?.is_some())
}

/// Makes a unit the home of this installation, with its first administrator, who also plans and
/// reports.
pub async fn settle(
    db: &Db,
    home: UnitId,
    sign_in_name: &str,
    display_name: &str,
    password_hash: String,
    at: i64,
) -> Result<(), DbError> {
    let by = Doer { account_id: None, name: "Lan Tỏa".to_owned(), at };
    let mut tx = db.begin().await?;
    settings::set(&mut tx, settings::HOME_UNIT, &home.to_string()).await?;
    let new = NewAccount {
        sign_in_name: sign_in_name.to_owned(),
        display_name: display_name.to_owned(),
        password_hash,
        grants: vec![(Role::Administrator, home), (Role::Officer, home)],
    };
    accounts::add(&mut tx, &new, &by).await?;
    tx.commit().await
}

/// The home unit as the settings name it.
pub async fn home_of(db: &Db) -> Result<Option<Home>, DbError> {
    let Some(id) = settings::get(db, settings::HOME_UNIT).await? else { return Ok(None) };
    let Ok(id) = id.parse::<UnitId>() else { return Ok(None) };
    let unit = units::find(db, id).await?;
    Ok(unit.map(|unit| Home {
        unit_id: unit.id,
        name: unit.name,
        level: unit.level.code().to_owned(),
    }))
}

/// The unit of a level and code on a day, laying out the gazetteer first where it is missing.
pub async fn find_home(
    db: &Db,
    level: Level,
    code: &str,
    on: Date,
    at: i64,
) -> Result<Option<units::Unit>, DbError> {
    if !is_laid_out(db).await? {
        let by = Doer { account_id: None, name: "Lan Tỏa".to_owned(), at };
        let mut tx = db.begin().await?;
        lay_out(&mut tx, &by).await?;
        tx.commit().await?;
    }
    units::by_code(db, level, code, on).await
}

fn shell(app: &Shared, headers: &HeaderMap, key: &str) -> Shell {
    let t = T(web::language(headers));
    Shell { t, title: t.get(key), demo: app.demo, ..Shell::default() }
}

/// While there is no home, whoever reaches the page may make the start; afterwards nobody.
fn only_before(app: &Shared) -> Result<(), Fault> {
    if app.home().is_some() { Err(Fault::NotFound) } else { Ok(()) }
}

async fn welcome(State(app): State<Shared>, headers: HeaderMap) -> Outcome {
    only_before(&app)?;
    let shell = shell(&app, &headers, "start-title");
    let t = shell.t;
    Page::new(shell)
        .with(Piece::Text(t.get("start-what")))
        .with(Piece::Heading(t.get("start-own")))
        .with(Piece::Text(t.get("start-own-text")))
        .with(Piece::Actions(vec![Action::main(t.get("start-own-go"), "/start/unit")]))
        .with(Piece::Heading(t.get("start-demo")))
        .with(Piece::Text(t.get("start-demo-text")))
        .with(Piece::Actions(vec![Action::post(t.get("start-demo-go"), "/start/demo")]))
        .show()
}

/// Asks the program to go on with the demo; the next page waits until that is made.
async fn demo(State(app): State<Shared>) -> Outcome {
    only_before(&app)?;
    app.demo_wanted.notify_one();
    let mut response = redirect("/sign-in");
    // The browser comes back on a new connection, which waits for the demo.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(response)
}

async fn find_unit(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(mut form): Query,
) -> Outcome {
    only_before(&app)?;
    let shell = shell(&app, &headers, "start-find");
    let t = shell.t;
    let today = app.clock.today();
    let day = crate::foundation::form::read_date(form.text("on")).unwrap_or(today);
    form.set("on", day.to_string());
    if !is_laid_out(&app.db).await? {
        find_home(&app.db, Level::Province, "01", today, app.clock.now()).await?;
    }
    let titles =
        [t.get("field-name"), t.get("unit-level"), t.get("unit-above"), t.get("unit-code")];
    let mut table = Table::new(t.get("start-found"), &titles, t.get("start-none"));
    if !form.text("q").is_empty() {
        let everywhere = Scope::of_everything();
        let found =
            units::search(&app.db, &everywhere, form.text("q"), None, Some(day), 60).await?;
        for unit in found.iter().filter(|unit| unit.level != Level::Hamlet) {
            let above = units::path(&app.db, unit.id).await?;
            let above: Vec<String> =
                above.into_iter().filter(|u| u.id != unit.id).map(|u| u.name).collect();
            table.rows.push(vec![
                Cell::link(&unit.name, format!("/start/own?unit={}", unit.id)),
                Cell::text(t.name("level", unit.level.code())),
                Cell::text(above.join(", ")),
                Cell::text(&unit.code),
            ]);
        }
    }
    let filters = Fields::over(&form, t)
        .input("q", "start-unit-name", "search")
        .input("on", "unit-on", "date");
    let mut page =
        Page::new(shell).crumb(t.get("start-title"), "/start").with(filters.filter("/start/unit"));
    if !form.text("q").is_empty() {
        page = page.with(Piece::Table(table));
    }
    page.show()
}

async fn own_page(app: &Shared, headers: &HeaderMap, form: &Form) -> Result<Page, Fault> {
    let shell = shell(app, headers, "start-admin");
    let t = shell.t;
    let unit = form.text("unit").parse().map_err(|_| Fault::NotFound)?;
    let unit = units::find(&app.db, unit).await?.ok_or(Fault::NotFound)?;
    let fields = Fields::over(form, t)
        .hidden("unit")
        .text("display_name", "account-name")
        .needed()
        .text("sign_in_name", "sign-in-name")
        .hint("sign-in-name-hint")
        .needed()
        .input("new", "password-new", "password")
        .needed()
        .input("again", "password-again", "password")
        .needed();
    Ok(Page::new(shell)
        .crumb(t.get("start-title"), "/start")
        .about("unit", unit.name)
        .with(Piece::Text(t.get("start-admin-text")))
        .with(Piece::Form(fields.post("/start/own", "start-make", "/start/unit"))))
}

async fn own(State(app): State<Shared>, headers: HeaderMap, Query(form): Query) -> Outcome {
    only_before(&app)?;
    own_page(&app, &headers, &form).await?.show()
}

async fn make(State(app): State<Shared>, headers: HeaderMap, mut form: Form) -> Outcome {
    only_before(&app)?;
    let display_name = form.required("display_name", 120);
    let name = form.required("sign_in_name", 40);
    if !accounts::is_sign_in_name(&name) {
        form.refuse("sign_in_name", "sign-in-name-hint");
    }
    if form.text("new").chars().count() < passwords::SHORTEST {
        form.refuse("new", "error-password-short");
    }
    if form.text("new") != form.text("again") {
        form.refuse("again", "error-password-differs");
    }
    let password = form.text("new").to_owned();
    if !form.is_sound() {
        form.set("new", "");
        form.set("again", "");
        return own_page(&app, &headers, &form).await?.refuse();
    }
    let unit = form.text("unit").parse().map_err(|_| Fault::NotFound)?;
    let hash = accounts::hash(&password).await?;
    settle(&app.db, unit, &name, &display_name, hash, app.clock.now()).await?;
    if let Some(home) = home_of(&app.db).await? {
        app.settle(home);
    }
    Ok(redirect("/sign-in?back=/start/next"))
}

async fn next(State(app): State<Shared>, actor: Actor) -> Outcome {
    let t = actor.t;
    actor.scope(Act::EditUnits)?;
    let actions = vec![
        Action::main(t.get("hamlet-new"), "/hamlets/new"),
        Action::quiet(t.get("exchange-import"), "/exchange?book=hamlets"),
        Action::quiet(t.get("venue-new"), "/venues/new"),
        Action::quiet(t.get("team-new"), "/teams/new"),
        Action::quiet(t.get("campaign-new"), "/campaigns/new"),
    ];
    Page::new(actor.shell(&app, "nav-board", t.get("start-next")))
        .with(Piece::Remark(Tone::Good, t.get("start-done")))
        .with(Piece::Text(t.get("start-next-text")))
        .with(Piece::Actions(actions))
        .show()
}
