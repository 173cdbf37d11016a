//! The pages of import and export.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Multipart, Path, State};
use axum::routing::{get, post};
use uuid::Uuid;

use super::book::Book;
use super::export::{self, Asked, Format};
use super::import::{Done, Flaw, bring_in};
use crate::foundation::app::HandedIn;
use crate::foundation::audit::Entry;
use crate::foundation::form::{Form, Query};
use crate::foundation::page::{download, redirect};
use crate::foundation::view::{Action, Cell, Fields, Page, Piece, Table, Tone};
use crate::foundation::{Fault, Outcome, Shared, T};
use crate::people::{Act, Actor};

/// The pages of this room.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/exchange", get(show).post(upload))
        .route("/exchange/{book}/template/{format}", get(template))
        .route("/exchange/{book}/export/{format}", get(export))
        .route("/exchange/uploads/{id}", get(tried))
        .route("/exchange/uploads/{id}/apply", post(apply))
}

type App = State<Shared>;

/// How long a file waits between its trial and its import.
const KEPT: Duration = Duration::from_hours(1);

/// Files that wait at once.
const MOST_FILES: usize = 8;

/// Flaws shown at once.
const MOST_FLAWS: usize = 200;

fn books_of(actor: &Actor) -> Vec<Book> {
    Book::all().into_iter().filter(|book| actor.may(book.act())).collect()
}

fn page(app: &Shared, actor: &Actor, form: &Form) -> Page {
    let t = actor.t;
    let books = books_of(actor);
    let coming = books.iter().filter(|book| book.comes_in());
    let choices = coming.map(|b| (b.name().to_owned(), t.get(b.title()))).collect();
    let fields = Fields::over(form, t)
        .select("book", "exchange-book", "choose", choices)
        .needed()
        .file("file", "exchange-file", ".xlsx,.csv")
        .hint("exchange-file-hint")
        .needed();
    let titles = ["exchange-book", "exchange-template", "exchange-export"].map(|key| t.get(key));
    let mut templates = Table::new(t.get("exchange-templates"), &titles[..2], String::new());
    let mut exports = Table::new(
        t.get("exchange-exports"),
        &[titles[0].clone(), titles[2].clone()],
        String::new(),
    );
    for book in books {
        let link = |what: &str, format: &str| {
            Cell::link(format.to_uppercase(), format!("/exchange/{}/{what}/{format}", book.name()))
        };
        let title = || Cell::text(t.get(book.title()));
        if book.comes_in() {
            templates.rows.push(vec![title(), link("template", "xlsx"), link("template", "csv")]);
        }
        exports.rows.push(vec![title(), link("export", "xlsx"), link("export", "csv")]);
    }
    for table in [&mut templates, &mut exports] {
        table
            .columns
            .push(crate::foundation::view::Column { title: t.get("exchange-csv"), numeric: false });
    }
    Page::new(actor.shell(app, "nav-exchange", t.get("nav-exchange")))
        .with(Piece::Text(t.get("exchange-how")))
        .with(Piece::Heading(t.get("exchange-import")))
        .with(Piece::Form(fields.post("/exchange", "exchange-try", "")))
        .with(Piece::Table(templates))
        .with(Piece::Table(exports))
}

async fn show(State(app): App, actor: Actor, Query(form): Query) -> Outcome {
    actor.scope(Act::Exchange)?;
    page(&app, &actor, &form).show()
}

async fn upload(State(app): App, actor: Actor, mut parts: Multipart) -> Outcome {
    actor.scope(Act::Exchange)?;
    let (mut form, mut file) = (Form::default(), None);
    while let Some(part) = parts.next_field().await.map_err(|_| Fault::BadRequest("fault-form"))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(ToOwned::to_owned);
        let bytes = part.bytes().await.map_err(|_| Fault::BadRequest("fault-form"))?;
        match (name.as_str(), file_name) {
            ("file", Some(file_name)) if !bytes.is_empty() => {
                file = Some((file_name, bytes.to_vec()));
            }
            ("book", _) => form.set("book", String::from_utf8_lossy(&bytes)),
            _ => {}
        }
    }
    let book = Book::of(form.text("book")).filter(|book| book.comes_in() && actor.may(book.act()));
    if book.is_none() {
        form.refuse("book", "error-required");
    }
    if file.is_none() {
        form.refuse("file", "error-required");
    }
    let (Some(book), Some((file_name, bytes))) = (book, file) else {
        return page(&app, &actor, &form).refuse();
    };
    let id = Uuid::now_v7();
    let file = HandedIn {
        id,
        account_id: actor.account_id,
        kind: book.name(),
        file_name,
        bytes: Arc::new(bytes),
        since: Instant::now(),
    };
    with_handed_in(&app, |files| {
        // One for each person, and few in all: the oldest gives way.
        files.retain(|other| other.account_id != actor.account_id);
        files.truncate(MOST_FILES - 1);
        files.insert(0, file);
    });
    Ok(redirect(&format!("/exchange/uploads/{id}")))
}

/// Reaches the files handed in, after those of an hour ago were forgotten.
fn with_handed_in<R>(app: &Shared, act: impl FnOnce(&mut Vec<HandedIn>) -> R) -> R {
    let mut files = app.handed_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    files.retain(|file| file.since.elapsed() < KEPT);
    act(&mut files)
}

/// A file that this person handed in.
fn find(app: &Shared, actor: &Actor, id: Uuid) -> Result<(Book, HandedIn), Fault> {
    let found = with_handed_in(app, |files| {
        files.iter().find(|file| file.id == id && file.account_id == actor.account_id).cloned()
    });
    let file = found.ok_or(Fault::NotFound)?;
    Ok((Book::of(file.kind).ok_or(Fault::NotFound)?, file))
}

fn flaws_table(t: T, flaws: &[Flaw]) -> Table {
    let row = format!("{}#", t.get("flaw-row"));
    let titles = [t.get("flaw-sheet"), row, t.get("flaw-column"), t.get("flaw-reason")];
    let caption = t.with("import-flaws", "count", vietnamese::number(flaws.len() as i64));
    let mut table = Table::new(caption, &titles, String::new());
    for flaw in flaws.iter().take(MOST_FLAWS) {
        table.rows.push(vec![
            Cell::text(&flaw.sheet),
            Cell::text(flaw.row.to_string()),
            Cell::text(&flaw.column),
            Cell::text(&flaw.reason),
        ]);
    }
    table
}

fn told(t: T, key: &str, done: Done) -> String {
    let number = |count: usize| vietnamese::number(count as i64);
    t.with_all(
        key,
        &[
            ("added", &number(done.added)),
            ("changed", &number(done.changed)),
            ("same", &number(done.same)),
        ],
    )
}

async fn tried(State(app): App, actor: Actor, Path(id): Path<Uuid>) -> Outcome {
    let t = actor.t;
    actor.scope(Act::Exchange)?;
    let (book, file) = find(&app, &actor, id)?;
    let (name, bytes) = (file.file_name, file.bytes);
    let scope = actor.scope(book.act())?;
    let page = Page::new(actor.shell(&app, "nav-exchange", t.get("import-tried")))
        .crumb(t.get("nav-exchange"), "/exchange")
        .about("exchange-book", t.get(book.title()))
        .about("exchange-file", name.clone());
    match bring_in(&app, &scope, &actor.doer(), t, book, (&name, &bytes), false).await? {
        Ok(done) => {
            let text = told(t, "import-would", done);
            let page = page.with(Piece::Remark(Tone::Good, text));
            if done.added + done.changed == 0 {
                return page.with(Piece::Text(t.get("import-nothing"))).show();
            }
            page.with(Piece::Actions(vec![
                Action::post(t.get("import-apply"), format!("/exchange/uploads/{id}/apply")),
                Action::quiet(t.get("action-cancel"), "/exchange"),
            ]))
            .show()
        }
        Err(flaws) => page
            .with(Piece::Remark(Tone::Bad, t.get("import-refused")))
            .with(Piece::Table(flaws_table(t, &flaws)))
            .with(Piece::Actions(vec![Action::main(
                t.get("import-again"),
                format!("/exchange?book={}", book.name()),
            )]))
            .refuse(),
    }
}

async fn apply(State(app): App, actor: Actor, Path(id): Path<Uuid>) -> Outcome {
    let t = actor.t;
    actor.scope(Act::Exchange)?;
    let (book, file) = find(&app, &actor, id)?;
    let (name, bytes) = (file.file_name, file.bytes);
    let scope = actor.scope(book.act())?;
    let Ok(done) = bring_in(&app, &scope, &actor.doer(), t, book, (&name, &bytes), true).await?
    else {
        // What is stored changed since the trial: the trial says what is wrong now.
        return Ok(redirect(&format!("/exchange/uploads/{id}")));
    };
    with_handed_in(&app, |files| files.retain(|file| file.id != id));
    Page::new(actor.shell(&app, "nav-exchange", t.get("nav-exchange")))
        .crumb(t.get("nav-exchange"), "/exchange")
        .about("exchange-book", t.get(book.title()))
        .about("exchange-file", name)
        .with(Piece::Remark(Tone::Good, told(t, "import-done", done)))
        .with(Piece::Actions(vec![
            Action::main(
                t.get("import-see"),
                if let Book::Services = book {
                    "/catalogue".to_owned()
                } else {
                    format!("/{}", book.name())
                },
            ),
            Action::quiet(t.get("import-more"), "/exchange"),
        ]))
        .show()
}

fn asked(actor: &Actor, book: &str, format: &str) -> Result<(Book, Format), Fault> {
    actor.scope(Act::Exchange)?;
    let book = Book::of(book).ok_or(Fault::NotFound)?;
    Ok((book, Format::of(format).ok_or(Fault::NotFound)?))
}

async fn template(
    State(_): App,
    actor: Actor,
    Path((book, ending)): Path<(String, String)>,
) -> Outcome {
    let t = actor.t;
    let (book, format) = asked(&actor, &book, &ending)?;
    let name = format!("{} - {}.{ending}", t.get("exchange-template"), t.get(book.title()));
    Ok(download(&name, format.media_type(), export::template(t, book, format).await?))
}

async fn export(
    State(app): App,
    actor: Actor,
    Path((book, ending)): Path<(String, String)>,
    Query(form): Query,
) -> Outcome {
    let t = actor.t;
    let (book, format) = asked(&actor, &book, &ending)?;
    let scope = actor.scope(Act::Exchange)?;
    let contacts = actor.scope(Act::ReadContacts).ok();
    let asked_for = Asked::of(&form);
    let bytes =
        export::export(&app, t, book, &scope, contacts.as_ref(), &asked_for, format).await?;
    let name = format!("{} {}.{ending}", t.get(book.title()), app.clock.today());
    let mut tx = app.db.begin().await?;
    Entry::new("exported", book.name(), Uuid::now_v7(), &name)
        .in_unit(scope.roots()[0])
        .write(&mut tx, &actor.doer())
        .await?;
    tx.commit().await?;
    Ok(download(&name, format.media_type(), bytes))
}
