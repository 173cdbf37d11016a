//! The pages of the registers: list, one row, form, trash.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use uuid::Uuid;

use super::store::{self, Record, Wanted};
use super::{ALL, Register, SpecKind};
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::UnitId;
use crate::foundation::page::redirect;
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone, history};
use crate::foundation::{Fault, Outcome, Shared, T, audit};
use crate::people::{Act, Actor};
use crate::units::{Level, choices};

/// The pages of every register.
pub fn routes() -> Router<Shared> {
    let mut router = Router::new();
    for register in ALL {
        let path = register.path;
        router = router
            .route(path, get(move |s, a, q| list(register, s, a, q)))
            .route(
                &format!("{path}/new"),
                get(move |s, a, q| blank(register, s, a, q))
                    .post(move |s, a, f| add(register, s, a, f)),
            )
            .route(&format!("{path}/{{id}}"), get(move |s, a, p| show(register, s, a, p)))
            .route(
                &format!("{path}/{{id}}/edit"),
                get(move |s, a, p| edit(register, s, a, p))
                    .post(move |s, a, p, f| change(register, s, a, p, f)),
            )
            .route(
                &format!("{path}/{{id}}/trash"),
                get(move |s, a, p| ask_trash(register, s, a, p))
                    .post(move |s, a, p| trash(register, s, a, p)),
            );
    }
    router
}

type App = State<Shared>;

/// The text of a field for this reader: phone numbers only for those who may read contacts.
fn shown(record: &Record, spec: &super::Spec, t: T) -> String {
    if spec.kind == SpecKind::Phone && record.hidden {
        return t.get("contact-hidden");
    }
    record.shown(spec, t)
}

/// Rows shown on one page of a register.
const MOST: usize = 300;

async fn list(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Query(form): Query,
) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let wanted = Wanted::of(&form);
    let mut records = store::list(&app.db, register, &scope, &wanted).await?;
    let contacts = actor.scope(Act::ReadContacts).ok();
    store::hide_contacts(&app.db, register, contacts.as_ref(), &mut records).await?;
    let listed: Vec<_> = register.fields.iter().filter(|field| field.listed).collect();
    // The name comes first: it leads to the row's own page.
    let (names, others): (Vec<_>, Vec<_>) = listed.into_iter().partition(|f| f.name == "name");
    let titles: Vec<String> = names
        .iter()
        .chain(&others)
        .map(|field| {
            let title = t.get(field.label);
            if matches!(field.kind, SpecKind::Number(_)) { format!("{title}#") } else { title }
        })
        .collect();
    let caption = t.with("list-count", "count", vietnamese::number(records.len() as i64));
    let mut table = Table::new(caption, &titles, t.get("list-empty"));
    for record in records.iter().take(MOST) {
        let mut row =
            vec![Cell::link(record.text("name"), format!("{}/{}", register.path, record.id))];
        for field in &others {
            let mut cell = Cell::text(shown(record, field, t));
            if matches!(field.kind, SpecKind::Unit { .. } | SpecKind::Team)
                && register.table == "member"
            {
                cell = cell.and_small(&record.unit_name);
            }
            row.push(cell);
        }
        table.rows.push(row);
    }
    let mut filters = Fields::over(&form, t).input("q", "field-search", "search");
    let units = units_in_reach(&app, &actor, Act::Look, false).await?;
    filters = filters.select("unit", "unit", "all", units);
    if let Some(spec) = register.field("kind")
        && let SpecKind::Word(family, words) = spec.kind
        && register.table != "unit"
    {
        let words = words.iter().map(|w| ((*w).to_owned(), t.word(family, w))).collect();
        filters = filters.select("kind", spec.label, "all", words);
    }
    let mut actions = vec![];
    if actor.may(register.edit) {
        let home = form.query_without(&["q", "kind"]);
        actions
            .push(Action::main(t.get(register.new_key), format!("{}/new?{home}", register.path)));
    }
    if actor.may(Act::Exchange) {
        let book = register.name();
        let import = format!("/exchange?book={book}");
        actions.push(Action::quiet(t.get("exchange-import"), import));
        let export = format!("/exchange/{book}/export/xlsx?{}", form.query_without(&[]));
        actions.push(Action::quiet(t.get("exchange-exports"), export));
    }
    let mut page = Page::new(actor.shell(&app, register.nav, t.get(register.nav)))
        .with(Piece::Actions(actions))
        .with(filters.filter(register.path))
        .with(Piece::Table(table));
    if records.len() > MOST {
        page = page.with(Piece::Remark(Tone::Plain, t.with("list-cut", "most", MOST)));
    }
    page.show()
}

/// Units to choose from: communes, each followed by its hamlets set off.
async fn units_in_reach(
    app: &Shared,
    actor: &Actor,
    act: Act,
    communes_only: bool,
) -> Result<Vec<(String, String)>, Fault> {
    let scope = actor.scope(act)?;
    let today = app.clock.today();
    let units = choices(&app.db, &scope, today).await?;
    Ok(units
        .into_iter()
        .filter(|unit| !communes_only || unit.level == Level::Commune)
        .map(|unit| {
            let indent = if unit.level == Level::Hamlet { "\u{2003}– " } else { "" };
            (unit.id.to_string(), format!("{indent}{}", unit.name))
        })
        .collect())
}

/// Units to choose from in the forms of other rooms.
pub async fn unit_choices(
    app: &Shared,
    actor: &Actor,
    act: Act,
) -> Result<Vec<(String, String)>, Fault> {
    units_in_reach(app, actor, act, false).await
}

async fn form_page(
    register: &'static Register,
    app: &Shared,
    actor: &Actor,
    form: &Form,
    editing: Option<&Record>,
) -> Result<Page, Fault> {
    let t = actor.t;
    let mut fields = Fields::over(form, t);
    for spec in register.fields {
        fields = match spec.kind {
            SpecKind::Text(most) if most > 200 => fields.long(spec.name, spec.label),
            SpecKind::Text(_) | SpecKind::Degrees(..) => fields.text(spec.name, spec.label),
            SpecKind::Number(_) => fields.number(spec.name, spec.label),
            SpecKind::Phone => fields.input(spec.name, spec.label, "tel"),
            SpecKind::Word(family, words) => {
                let words = words.iter().map(|w| ((*w).to_owned(), t.word(family, w))).collect();
                fields.select(spec.name, spec.label, "choose", words)
            }
            SpecKind::Unit { commune_only } => {
                let units = units_in_reach(app, actor, register.edit, commune_only).await?;
                fields.select(spec.name, spec.label, "choose", units)
            }
            SpecKind::Team => {
                let scope = actor.scope(register.edit)?;
                let teams = store::list(&app.db, &super::TEAMS, &scope, &Wanted::default()).await?;
                let teams = teams.into_iter().map(|team| {
                    (team.id.to_string(), format!("{} – {}", team.home_name, team.text("name")))
                });
                fields.select(spec.name, spec.label, "choose", teams.collect())
            }
        };
        if spec.needed {
            fields = fields.needed();
        }
    }
    let (title, action, back) = match editing {
        Some(record) => {
            let own = format!("{}/{}", register.path, record.id);
            (
                format!("{}: {}", t.get("action-edit"), record.text("name")),
                format!("{own}/edit"),
                own,
            )
        }
        None => {
            let list = register.path.to_owned();
            (t.get(register.new_key), format!("{list}/new"), list)
        }
    };
    Ok(Page::new(actor.shell(app, register.nav, title))
        .crumb(t.get(register.nav), register.path)
        .with(Piece::Form(fields.post(action, "action-save", &back))))
}

async fn blank(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Query(mut form): Query,
) -> Outcome {
    actor.scope(register.edit)?;
    let home = register.home_field().name;
    if !form.text("unit").is_empty() && register.home_field().kind != SpecKind::Team {
        form.set(home, form.text("unit").to_owned());
    }
    if !form.text("home").is_empty() {
        form.set(home, form.text("home").to_owned());
    }
    form_page(register, &app, &actor, &form, None).await?.show()
}

async fn add(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    mut form: Form,
) -> Outcome {
    let scope = actor.scope(register.edit)?;
    if let Some(draft) = store::read(register, &mut form) {
        let unit = store::unit_of(&app.db, register, &draft).await?;
        scope.require(&app.db, unit).await?;
        let mut tx = app.db.begin().await?;
        match store::save(&mut tx, register, None, None, &draft, unit, &actor.doer()).await {
            Ok(id) => {
                tx.commit().await?;
                return Ok(redirect(&format!("{}/{id}", register.path)));
            }
            Err(e) if e.is_unique_violation() => form.refuse("code", "error-code-taken"),
            Err(e) => return Err(e.into()),
        }
    }
    form_page(register, &app, &actor, &form, None).await?.refuse()
}

async fn show(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> Outcome {
    let t = actor.t;
    if register.table == "unit" {
        return Ok(redirect(&format!("/units/{id}")));
    }
    let mut record = store::find(&app.db, register, &actor.scope(Act::Look)?, id).await?;
    let contacts = actor.scope(Act::ReadContacts).ok();
    let only = std::slice::from_mut(&mut record);
    store::hide_contacts(&app.db, register, contacts.as_ref(), only).await?;
    let mut facts: Vec<(String, Cell)> = register
        .fields
        .iter()
        .map(|spec| {
            let text = shown(&record, spec, t);
            let text = if text.is_empty() { "–".to_owned() } else { text };
            let cell = match spec.kind {
                SpecKind::Unit { .. } => Cell::link(text, format!("/units/{}", record.unit_id)),
                SpecKind::Team => Cell::link(text, format!("/teams/{}", record.text("team_id"))),
                _ => Cell::text(text),
            };
            (t.get(spec.label), cell)
        })
        .collect();
    if register.table == "member" {
        let unit = Cell::link(&record.unit_name, format!("/units/{}", record.unit_id));
        facts.push((t.get("unit"), unit));
    }
    let may_edit = match actor.scope(register.edit) {
        Ok(scope) => scope.covers(&app.db, record.unit_id).await?,
        Err(_) => false,
    };
    let own = format!("{}/{id}", register.path);
    let mut page = Page::new(actor.shell(&app, register.nav, record.text("name").to_owned()))
        .crumb(t.get(register.nav), register.path)
        .with(Piece::Facts(facts));
    if may_edit {
        page = page.with(Piece::Actions(vec![
            Action::main(t.get("action-edit"), format!("{own}/edit")),
            Action::quiet(t.get("action-delete"), format!("{own}/trash")),
        ]));
    }
    if register.table == "team" {
        let members = super::Register::of("member").unwrap_or(register);
        let wanted = Wanted { home: Some(id), ..Wanted::default() };
        let mut list = store::list(&app.db, members, &actor.scope(Act::Look)?, &wanted).await?;
        store::hide_contacts(&app.db, members, contacts.as_ref(), &mut list).await?;
        let titles = ["field-person-name", "field-position", "field-phone", "field-organisation"]
            .map(|k| t.get(k));
        let mut table = Table::new(t.get("nav-members"), &titles, t.get("team-no-members"));
        for member in &list {
            let mut row = vec![Cell::link(member.text("name"), format!("/members/{}", member.id))];
            for field in ["position", "phone", "organisation"] {
                if let Some(spec) = members.field(field) {
                    row.push(Cell::text(shown(member, spec, t)));
                }
            }
            table.rows.push(row);
        }
        page = page.with(Piece::Table(table));
        if may_edit {
            let add = Action::quiet(t.get("member-new"), format!("/members/new?home={id}"));
            page = page.with(Piece::Actions(vec![add]));
        }
    }
    let field = match register.subject {
        "team" | "venue" | "asset" | "member" => register.subject,
        _ => "unit",
    };
    let link = crate::foundation::view::Link::to(
        t.get("see-activities"),
        format!("/activities?{field}={id}"),
    );
    let mut links = vec![link];
    if register.table == "member" && (may_edit || actor.member_id.is_some_and(|me| me.0 == id)) {
        let hours = format!("/members/{id}/availability");
        links.push(crate::foundation::view::Link::to(t.get("availability"), hours));
    }
    let lines = audit::history(&app.db, register.subject, id, 30).await?;
    page.with(Piece::Links(links)).with(history(t, &lines)).show()
}

async fn edit(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> Outcome {
    let record = store::find(&app.db, register, &actor.scope(register.edit)?, id).await?;
    let form = Form::filled(record.values.clone());
    form_page(register, &app, &actor, &form, Some(&record)).await?.show()
}

async fn change(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Path(id): Path<Uuid>,
    mut form: Form,
) -> Outcome {
    let scope = actor.scope(register.edit)?;
    let before = store::find(&app.db, register, &scope, id).await?;
    if let Some(draft) = store::read(register, &mut form) {
        let unit = store::unit_of(&app.db, register, &draft).await?;
        scope.require(&app.db, unit).await?;
        let moved = before.text(register.home_field().name) != draft.home.to_string();
        let impact = store::impact(&app.db, register, id).await?;
        let holds = |key: &str| impact.iter().any(|(of, _)| *of == key);
        if moved && register.table == "unit" && holds("impact-encounters") {
            form.refuse("parent_id", "error-hamlet-in-use");
        } else if moved && !impact.is_empty() && form.text("seen_impact").is_empty() {
            // Before anything moves, say what moves with it.
            form.set("seen_impact", "yes");
            let page = form_page_with_impact(register, &app, &actor, &form, &before, &impact);
            return page.await?.show();
        }
        if form.is_sound() {
            let mut tx = app.db.begin().await?;
            let by = actor.doer();
            let unit = if register.table == "unit" { UnitId(id) } else { unit };
            match store::save(&mut tx, register, Some(id), Some(&before), &draft, unit, &by).await {
                Ok(_) => {
                    tx.commit().await?;
                    return Ok(redirect(&format!("{}/{id}", register.path)));
                }
                Err(e) if e.is_unique_violation() => form.refuse("code", "error-code-taken"),
                Err(e) => return Err(e.into()),
            }
        }
    }
    form_page(register, &app, &actor, &form, Some(&before)).await?.refuse()
}

fn impact_text(t: T, impact: &[(&'static str, i64)]) -> String {
    let parts: Vec<String> = impact
        .iter()
        .map(|(key, count)| format!("{} {}", vietnamese::number(*count), t.get(key)))
        .collect();
    parts.join(", ")
}

async fn form_page_with_impact(
    register: &'static Register,
    app: &Shared,
    actor: &Actor,
    form: &Form,
    record: &Record,
    impact: &[(&'static str, i64)],
) -> Result<Page, Fault> {
    let t = actor.t;
    let mut page = form_page(register, app, actor, form, Some(record)).await?;
    let text = t.with("impact-move", "what", impact_text(t, impact));
    page.body.list.insert(0, Piece::Remark(Tone::Warn, text));
    for piece in &mut page.body.list {
        if let Piece::Form(view) = piece {
            let seen = Fields::over(form, t).hidden("seen_impact").post("", "action-confirm", "");
            view.fields.extend(seen.fields);
            view.submit = seen.submit;
        }
    }
    Ok(page)
}

async fn ask_trash(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> Outcome {
    let t = actor.t;
    let record = store::find(&app.db, register, &actor.scope(register.edit)?, id).await?;
    let impact = store::impact(&app.db, register, id).await?;
    let own = format!("{}/{id}", register.path);
    let text = if impact.is_empty() {
        t.get("impact-none")
    } else {
        t.with("impact-trash", "what", impact_text(t, &impact))
    };
    let blocked =
        register.table == "unit" && impact.iter().any(|(key, _)| *key == "impact-encounters");
    let mut actions = vec![Action::quiet(t.get("action-cancel"), own.clone())];
    if !blocked {
        actions.insert(0, Action::danger(t.get("action-delete"), format!("{own}/trash")));
    }
    let title = format!("{}: {}", t.get("action-delete"), record.text("name"));
    Page::new(actor.shell(&app, register.nav, title))
        .crumb(t.get(register.nav), register.path)
        .with(Piece::Remark(Tone::Warn, text))
        .with_if(blocked, || Piece::Remark(Tone::Bad, t.get("error-hamlet-in-use")))
        .with(Piece::Actions(actions))
        .show()
}

async fn trash(
    register: &'static Register,
    State(app): App,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> Result<Response, Fault> {
    let record = store::find(&app.db, register, &actor.scope(register.edit)?, id).await?;
    let impact = store::impact(&app.db, register, id).await?;
    if register.table == "unit" && impact.iter().any(|(key, _)| *key == "impact-encounters") {
        return Err(Fault::Conflict("error-hamlet-in-use"));
    }
    let mut tx = app.db.begin().await?;
    store::trash(&mut tx, register, &record, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect(register.path))
}
