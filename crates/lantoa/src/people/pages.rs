//! Signing in and out, one's own account, the accounts of others, the audit log.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};

use super::access::{Act, Role};
use super::accounts::{self, Listed, NewAccount};
use super::actor::Actor;
use super::{passwords, sessions};
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{AccountId, AuditId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Link, Page, Piece, Table, Tone};
use crate::foundation::{Conditions, Fault, Outcome, Shared, Shell, T, audit, clock, web};
use crate::units;

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in_page).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/language", post(language))
        .route("/me", get(me).post(change_password))
        .route("/accounts", get(list))
        .route("/accounts/new", get(blank).post(add))
        .route("/accounts/{id}", get(show).post(reset_password))
        .route("/accounts/{id}/disable", post(disable))
        .route("/accounts/{id}/enable", post(enable))
        .route("/view-as/stop", post(stop_viewing))
        .route("/view-as/{id}", post(view_as))
        .route("/audit", get(audit_log))
}

type App = State<Shared>;

/// A path of this site, or the board.
fn back_to(text: &str) -> &str {
    if text.starts_with('/') && !text.starts_with("//") && !text.contains('\\') {
        text
    } else {
        "/"
    }
}

async fn sign_in_form(app: &Shared, t: T, form: &Form) -> Result<Page, Fault> {
    let shell = Shell {
        t,
        title: t.get("sign-in"),
        demo: app.demo,
        home_name: app.home().map_or_else(String::new, |home| home.name),
        ..Shell::default()
    };
    let fields = Fields::over(form, t)
        .text("name", "sign-in-name")
        .needed()
        .input("password", "password", "password")
        .needed()
        .hidden("back");
    let mut view = fields.post("/sign-in", "sign-in", "");
    view.refused = false;
    let mut page = Page::new(shell).with(Piece::Form(view));
    if app.demo {
        let titles = [t.get("sign-in-name"), t.get("account-name"), t.get("account-roles")];
        let mut table = Table::new(t.get("demo-accounts"), &titles, String::new());
        for account in accounts::list(&app.db, None).await? {
            let roles = account
                .grants
                .iter()
                .map(|(role, _, unit)| format!("{} · {unit}", t.name("role", role.code())));
            table.rows.push(vec![
                Cell::text(&account.sign_in_name),
                Cell::text(&account.display_name),
                Cell::text(roles.collect::<Vec<_>>().join("; ")),
            ]);
        }
        page =
            page.with(Piece::Remark(Tone::Plain, t.get("demo-password"))).with(Piece::Table(table));
    }
    Ok(page)
}

async fn sign_in_page(State(app): App, headers: HeaderMap, Query(form): Query) -> Outcome {
    sign_in_form(&app, T(web::language(&headers)), &form).await?.show()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The session's cookie, for as long as the session is kept.
pub fn session_cookie(app: &Shared, token: &str) -> String {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let age = if token.is_empty() { 0 } else { 30 * 24 * 3600 };
    format!("{}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={age}{secure}", sessions::COOKIE)
}

async fn sign_in(State(app): App, headers: HeaderMap, mut form: Form) -> Outcome {
    match sessions::sign_in(&app.db, form.text("name"), form.text("password")).await {
        Ok(token) => {
            let response = redirect(back_to(form.text("back")));
            Ok(with_cookie(response, &session_cookie(&app, &token)))
        }
        Err(Fault::NotAllowed) => {
            form.refuse("password", "error-sign-in");
            form.set("password", "");
            sign_in_form(&app, T(web::language(&headers)), &form).await?.refuse()
        }
        Err(fault) => Err(fault),
    }
}

async fn sign_out(State(app): App, actor: Actor) -> Outcome {
    sessions::sign_out(&app.db, &actor.token).await?;
    Ok(with_cookie(redirect("/sign-in"), &session_cookie(&app, "")))
}

async fn language(headers: HeaderMap, form: Form) -> Outcome {
    let lang = crate::foundation::Lang::of(form.text("lang")).code();
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or("/");
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let cookie = format!("lang={lang}; SameSite=Lax; Path=/; Max-Age=31536000");
    Ok(with_cookie(redirect(back_to(path.unwrap_or("/"))), &cookie))
}

fn me_page(app: &Shared, actor: &Actor, form: &Form) -> Page {
    let t = actor.t;
    let roles = actor
        .grants
        .iter()
        .map(|grant| (t.name("role", grant.role.code()), Cell::text(&grant.unit_name)));
    let fields = Fields::over(form, t)
        .input("old", "password-old", "password")
        .needed()
        .input("new", "password-new", "password")
        .needed()
        .input("again", "password-again", "password")
        .needed();
    Page::new(actor.shell(app, "", t.get("me")))
        .about("account-name", actor.name.clone())
        .with(Piece::Facts(roles.collect()))
        .with_if(actor.member_id.is_some(), || {
            Piece::Actions(vec![
                Action::quiet(t.get("nav-my-work"), "/my-work"),
                Action::quiet(t.get("availability"), "/availability"),
            ])
        })
        .with(Piece::Actions(vec![Action::quiet(t.get("feeds"), "/me/feeds")]))
        .with(Piece::Heading(t.get("password-change")))
        .with(Piece::Form(fields.post("/me", "action-save", "/")))
}

async fn me(State(app): App, actor: Actor) -> Outcome {
    me_page(&app, &actor, &Form::default()).show()
}

/// Notes what is wrong with a new password typed twice.
fn check_new_password(form: &mut Form) {
    if form.text("new").chars().count() < passwords::SHORTEST {
        form.refuse("new", "error-password-short");
    }
    if form.text("new") != form.text("again") {
        form.refuse("again", "error-password-differs");
    }
}

async fn change_password(State(app): App, actor: Actor, mut form: Form) -> Outcome {
    if actor.viewing_as.is_some() {
        return Err(Fault::NotAllowed);
    }
    check_new_password(&mut form);
    let row = app
        .db
        .row("SELECT password_hash FROM account WHERE id = $1", crate::args![actor.account_id])
        .await?
        .ok_or(Fault::NotFound)?;
    let (old, stored) = (form.text("old").to_owned(), row.get::<String>("password_hash")?);
    let right = tokio::task::spawn_blocking(move || passwords::verify(&old, &stored)).await;
    if !right.map_err(Fault::internal)? {
        form.refuse("old", "error-sign-in");
    }
    if !form.is_sound() {
        let kept = form.without_values();
        return me_page(&app, &actor, &kept).refuse();
    }
    let hash = accounts::hash(form.text("new")).await?;
    let mut tx = app.db.begin().await?;
    accounts::set_password(&mut tx, actor.account_id, &hash, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/sign-in"))
}

async fn list(State(app): App, actor: Actor) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::ManageAccounts)?;
    let titles = [
        t.get("account-name"),
        t.get("sign-in-name"),
        t.get("account-roles"),
        t.get("account-state"),
    ];
    let mut table = Table::new("", &titles, t.get("none"));
    for account in accounts::list(&app.db, Some(&scope)).await? {
        let roles = account
            .grants
            .iter()
            .map(|(role, _, unit)| format!("{} · {unit}", t.name("role", role.code())));
        table.rows.push(vec![
            Cell::link(&account.display_name, format!("/accounts/{}", account.id)),
            Cell::text(&account.sign_in_name),
            Cell::text(roles.collect::<Vec<_>>().join("; ")),
            if account.disabled {
                Cell::tag(Tone::Bad, t.get("account-disabled"))
            } else {
                Cell::tag(Tone::Good, t.get("account-active"))
            },
        ]);
    }
    Page::new(actor.shell(&app, "nav-accounts", t.get("nav-accounts")))
        .with(Piece::Actions(vec![Action::main(t.get("account-new"), "/accounts/new")]))
        .with(Piece::Table(table))
        .show()
}

async fn account_form(app: &Shared, actor: &Actor, form: &Form) -> Result<Page, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::ManageAccounts)?;
    let units = units::choices(&app.db, &scope, app.clock.today()).await?;
    let units = units.into_iter().map(|unit| (unit.id.to_string(), unit.name)).collect();
    let roles = Role::ALL
        .iter()
        .map(|role| (role.code().to_owned(), t.name("role", role.code())))
        .collect();
    let fields = Fields::over(form, t)
        .text("display_name", "account-name")
        .needed()
        .text("sign_in_name", "sign-in-name")
        .hint("sign-in-name-hint")
        .needed()
        .select("role", "account-role", "choose", roles)
        .needed()
        .select("unit", "unit", "choose", units)
        .needed()
        .input("new", "password-new", "password")
        .needed()
        .input("again", "password-again", "password")
        .needed();
    Ok(Page::new(actor.shell(app, "nav-accounts", t.get("account-new")))
        .crumb(t.get("nav-accounts"), "/accounts")
        .with(Piece::Form(fields.post("/accounts/new", "action-save", "/accounts"))))
}

async fn blank(State(app): App, actor: Actor) -> Outcome {
    account_form(&app, &actor, &Form::default()).await?.show()
}

async fn add(State(app): App, actor: Actor, mut form: Form) -> Outcome {
    let scope = actor.scope(Act::ManageAccounts)?;
    let display_name = form.required("display_name", 120);
    let sign_in_name = form.required("sign_in_name", 40);
    if !accounts::is_sign_in_name(&sign_in_name) {
        form.refuse("sign_in_name", "sign-in-name-hint");
    }
    let role = Role::ALL.into_iter().find(|role| role.code() == form.text("role"));
    if role.is_none() {
        form.refuse("role", "error-choice");
    }
    let unit = form.chosen::<UnitId>("unit");
    check_new_password(&mut form);
    if let (Some(role), Some(unit), true) = (role, unit, form.is_sound()) {
        scope.require(&app.db, unit).await?;
        let password_hash = accounts::hash(form.text("new")).await?;
        let new =
            NewAccount { sign_in_name, display_name, password_hash, grants: vec![(role, unit)] };
        let mut tx = app.db.begin().await?;
        match accounts::add(&mut tx, &new, &actor.doer()).await {
            Ok(id) => {
                tx.commit().await?;
                return Ok(redirect(&format!("/accounts/{id}")));
            }
            Err(e) if e.is_unique_violation() => form.refuse("sign_in_name", "error-name-taken"),
            Err(e) => return Err(e.into()),
        }
    }
    form.set("new", "");
    form.set("again", "");
    account_form(&app, &actor, &form).await?.refuse()
}

/// An account all of whose roles lie in the scope.
pub async fn to_manage(
    app: &Shared,
    actor: &Actor,
    id: AccountId,
    act: Act,
) -> Result<Listed, Fault> {
    let scope = actor.scope(act)?;
    let all = accounts::list(&app.db, None).await?;
    let account = all.into_iter().find(|account| account.id == id).ok_or(Fault::NotFound)?;
    for (_, unit, _) in &account.grants {
        scope.require(&app.db, *unit).await?;
    }
    Ok(account)
}

fn account_page(app: &Shared, actor: &Actor, account: &Listed, form: &Form) -> Page {
    let t = actor.t;
    let mut facts = vec![(t.get("sign-in-name"), Cell::text(&account.sign_in_name))];
    for (role, unit, name) in &account.grants {
        facts.push((t.name("role", role.code()), Cell::link(name, format!("/units/{unit}"))));
    }
    let own = format!("/accounts/{}", account.id);
    let mut actions = vec![Action::post(t.get("view-as"), format!("/view-as/{}", account.id))];
    actions.push(Action::quiet(t.get("account-member"), format!("{own}/member")));
    if account.id != actor.account_id {
        actions.push(if account.disabled {
            Action::post(t.get("account-enable"), format!("{own}/enable"))
        } else {
            Action::danger(t.get("account-disable"), format!("{own}/disable"))
        });
    }
    let fields = Fields::over(form, t)
        .input("new", "password-new", "password")
        .needed()
        .input("again", "password-again", "password")
        .needed();
    Page::new(actor.shell(app, "nav-accounts", account.display_name.clone()))
        .crumb(t.get("nav-accounts"), "/accounts")
        .with(Piece::Facts(facts))
        .with(Piece::Actions(actions))
        .with(Piece::Heading(t.get("password-reset")))
        .with(Piece::Form(fields.post(own, "action-save", "/accounts")))
}

async fn show(State(app): App, actor: Actor, Path(id): Path<AccountId>) -> Outcome {
    let account = to_manage(&app, &actor, id, Act::ManageAccounts).await?;
    account_page(&app, &actor, &account, &Form::default()).show()
}

async fn reset_password(
    State(app): App,
    actor: Actor,
    Path(id): Path<AccountId>,
    mut form: Form,
) -> Outcome {
    let account = to_manage(&app, &actor, id, Act::ManageAccounts).await?;
    check_new_password(&mut form);
    if !form.is_sound() {
        let kept = form.without_values();
        return account_page(&app, &actor, &account, &kept).refuse();
    }
    let hash = accounts::hash(form.text("new")).await?;
    let mut tx = app.db.begin().await?;
    accounts::set_password(&mut tx, id, &hash, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/accounts"))
}

async fn set_disabled(app: &Shared, actor: &Actor, id: AccountId, away: bool) -> Outcome {
    let account = to_manage(app, actor, id, Act::ManageAccounts).await?;
    if account.id == actor.account_id {
        return Err(Fault::Conflict("error-own-account"));
    }
    let mut tx = app.db.begin().await?;
    accounts::set_disabled(&mut tx, &account, away, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/accounts/{id}")))
}

async fn disable(State(app): App, actor: Actor, Path(id): Path<AccountId>) -> Outcome {
    set_disabled(&app, &actor, id, true).await
}

async fn enable(State(app): App, actor: Actor, Path(id): Path<AccountId>) -> Outcome {
    set_disabled(&app, &actor, id, false).await
}

async fn view_as(State(app): App, actor: Actor, Path(id): Path<AccountId>) -> Outcome {
    let account = to_manage(&app, &actor, id, Act::ViewAs).await?;
    sessions::view_as(&app.db, &actor.token, Some(account.id)).await?;
    Ok(redirect("/"))
}

async fn stop_viewing(State(app): App, actor: Actor) -> Outcome {
    sessions::view_as(&app.db, &actor.token, None).await?;
    Ok(redirect("/"))
}

async fn audit_log(State(app): App, actor: Actor, Query(form): Query) -> Outcome {
    const MOST: usize = 100;
    let t = actor.t;
    let scope = actor.scope(Act::ReadAudit)?;
    let mut conditions = Conditions::new();
    // Lines without a unit are the person's own.
    let (touching, mut values) = scope.touching("audit.unit_id");
    values.push(actor.account_id.into());
    conditions
        .push(&format!("{touching} OR (audit.unit_id IS NULL AND audit.account_id = ?)"), values);
    let conditions = conditions.and_if("audit.id < ?", form.text("before").parse::<AuditId>().ok());
    let lines = audit::lines(&app.db, conditions, MOST).await?;
    let titles = [
        t.get("history-when"),
        t.get("history-who"),
        t.get("history-what"),
        t.get("audit-subject"),
        t.get("audit-detail"),
    ];
    let mut table = Table::new("", &titles, t.get("history-empty"));
    for line in &lines {
        let changes: Vec<String> = line
            .changes()
            .into_iter()
            .map(|(field, before, after)| format!("{field}: {before} → {after}"))
            .collect();
        table.rows.push(vec![
            Cell::text(vietnamese::date_time(clock::local(line.at))),
            Cell::text(&line.account_name),
            Cell::text(t.word("audit", &line.action)),
            Cell::text(&line.subject_name).and_small(t.name("subject", &line.subject)),
            Cell::text(changes.join("; ")),
        ]);
    }
    if lines.len() == MOST
        && let Some(last) = lines.last()
    {
        table.more = Some(Link::to(t.get("action-more"), format!("/audit?before={}", last.id)));
    }
    Page::new(actor.shell(&app, "nav-audit", t.get("nav-audit"))).with(Piece::Table(table)).show()
}
