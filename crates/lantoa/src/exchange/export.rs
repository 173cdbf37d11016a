//! Taking a book out, in the columns in which it comes in.

use std::collections::HashMap;

use documents::Sheet;

use super::book::Book;
use crate::campaigns;
use crate::catalogue;
use crate::encounters::store::{self as encounters, Filter};
use crate::foundation::form::Form;
use crate::foundation::ids::UnitId;
use crate::foundation::{App, DbError, Fault, T, clock};
use crate::people::Scope;
use crate::registers::SpecKind;
use crate::registers::store::{self as rows, Wanted};
use crate::schedule::store as activities;
use crate::units;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    Csv,
}

impl Format {
    /// The format by the ending of a file's name.
    pub fn of(ending: &str) -> Option<Self> {
        match ending {
            "xlsx" => Some(Format::Xlsx),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// An empty book with its titles and, in a workbook, what may stand in each column.
pub async fn template(t: T, book: Book, format: Format) -> Result<Vec<u8>, Fault> {
    let sheet = blank(t, book);
    let mut help = Sheet {
        name: t.get("template-help"),
        titles: ["template-column", "template-needed", "template-accepts"].map(|k| t.get(k)).into(),
        ..Sheet::default()
    };
    for column in book.columns(t) {
        let needed = t.get(if column.needed { "yes" } else { "no" });
        help.rows.push(vec![t.get(column.label), needed, column.accepts]);
    }
    write(vec![sheet, help], format).await
}

fn blank(t: T, book: Book) -> Sheet {
    let columns = book.columns(t);
    Sheet {
        name: t.get(book.title()),
        titles: columns.iter().map(|column| t.get(column.label)).collect(),
        numeric: columns.iter().map(|column| column.numeric).collect(),
        rows: vec![],
    }
}

/// What of a book is asked for: the filters of its list.
#[derive(Default)]
pub struct Asked {
    pub encounters: Filter,
    pub rows: Wanted,
    pub activities: activities::Filter,
}

impl Asked {
    /// Reads the filters from the query of an address.
    pub fn of(form: &Form) -> Self {
        Self {
            encounters: Filter::of(form),
            rows: Wanted::of(form),
            activities: activities::Filter::of(form),
        }
    }
}

/// What is asked for of a book within a scope. `contacts` tells whose phone numbers may be read.
pub async fn export(
    app: &App,
    t: T,
    book: Book,
    scope: &Scope,
    contacts: Option<&Scope>,
    asked: &Asked,
    format: Format,
) -> Result<Vec<u8>, Fault> {
    let mut sheet = blank(t, book);
    match book {
        Book::Register(register) => {
            let mut places = Places::default();
            let mut records = rows::list(&app.db, register, scope, &asked.rows).await?;
            rows::hide_contacts(&app.db, register, contacts, &mut records).await?;
            for record in records {
                let mut row = vec![];
                for field in register.fields {
                    row.push(match field.kind {
                        SpecKind::Unit { .. } => places.name(app, record.text(field.name)).await?,
                        SpecKind::Team => format!("{}, {}", record.home_name, record.unit_name),
                        SpecKind::Word(..) => record.shown(field, t),
                        _ => record.text(field.name).to_owned(),
                    });
                }
                sheet.rows.push(row);
            }
        }
        Book::Encounters => sheet.rows = encounter_rows(app, t, scope, &asked.encounters).await?,
        Book::Activities => sheet.rows = activity_rows(app, t, scope, &asked.activities).await?,
        Book::Services => {
            let all = catalogue::store::topics(&app.db).await?;
            for list in catalogue::store::lists(&app.db).await? {
                if list.superseded_at.is_some() {
                    continue;
                }
                let mut topics: Vec<_> =
                    all.iter().filter(|topic| topic.list_id == Some(list.id)).cloned().collect();
                topics.sort_by_key(|topic| topic.position);
                for topic in topics {
                    sheet.rows.push(vec![
                        list.code.clone(),
                        list.title.clone(),
                        list.legal_basis.clone(),
                        list.source.clone(),
                        topic.position.to_string(),
                        topic.name_vi,
                        topic.agency,
                        topic.interlinked_group,
                    ]);
                }
            }
        }
    }
    write(vec![sheet], format).await
}

/// Names of units as an import finds them: "Xóm 1, Xã Quang Trung".
#[derive(Default)]
struct Places(HashMap<String, String>);

impl Places {
    async fn name(&mut self, app: &App, id: &str) -> Result<String, DbError> {
        if let Some(name) = self.0.get(id) {
            return Ok(name.clone());
        }
        let mut name = String::new();
        if let Ok(unit) = id.parse::<UnitId>()
            && let Some(unit) = units::find(&app.db, unit).await?
        {
            name.clone_from(&unit.name);
            if unit.level == units::Level::Hamlet
                && let Some(parent) = unit.parent_id
                && let Some(parent) = units::find(&app.db, parent).await?
            {
                name = format!("{name}, {}", parent.name);
            }
        }
        self.0.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}

async fn activity_rows(
    app: &App,
    t: T,
    scope: &Scope,
    filter: &activities::Filter,
) -> Result<Vec<Vec<String>>, Fault> {
    const MOST: usize = 100_000;
    let campaigns: HashMap<_, _> =
        campaigns::store::list(&app.db, scope).await?.into_iter().map(|c| (c.id, c.name)).collect();
    let mut places = Places::default();
    let mut all = vec![];
    for listed in activities::list(&app.db, scope, filter, false, 0, MOST).await? {
        let activity = &listed.activity;
        let (from, to) = (clock::local(activity.starts_at), clock::local(activity.ends_at));
        all.push(vec![
            vietnamese::date(from.date()),
            vietnamese::time(from.time()),
            vietnamese::time(to.time()),
            t.name("kind", activity.kind),
            activity.title.clone(),
            places.name(app, &activity.unit_id.to_string()).await?,
            listed.place.clone(),
            listed.team_name.clone(),
            t.name("state", activity.state),
            activity.headcount.map_or_else(String::new, |n| n.to_string()),
            activity.minutes.clone(),
            activity.campaign_id.and_then(|id| campaigns.get(&id).cloned()).unwrap_or_default(),
        ]);
    }
    Ok(all)
}

async fn encounter_rows(
    app: &App,
    t: T,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<Vec<String>>, Fault> {
    const AT_ONCE: usize = 2000;
    let topics = catalogue::store::all_topics(&app.db).await?;
    let campaigns: HashMap<_, _> =
        campaigns::store::list(&app.db, scope).await?.into_iter().map(|c| (c.id, c.name)).collect();
    let mut places = Places::default();
    let mut all = vec![];
    let mut cursor: Option<String> = None;
    loop {
        let some = encounters::list(&app.db, scope, filter, cursor.as_deref(), AT_ONCE).await?;
        for encounter in &some {
            let at = clock::local(encounter.met_at);
            let names = encounter.topics.iter().filter_map(|of| topics.get(&of.topic_id));
            let first = encounter.topics.first();
            all.push(vec![
                encounter.reference.clone().unwrap_or_else(|| encounter.id.to_string()),
                vietnamese::date(at.date()),
                vietnamese::time(at.time()),
                places.name(app, &encounter.unit_id.to_string()).await?,
                t.name("kind", encounter.channel),
                // Numbers are not kept, so they cannot go out.
                String::new(),
                String::new(),
                t.name("age", encounter.age_group),
                names.map(|topic| topic.code.clone()).collect::<Vec<_>>().join("; "),
                first.map_or_else(String::new, |of| t.name("outcome", of.outcome)),
                first.map_or_else(String::new, |of| of.reason.clone()),
                encounter.note.clone(),
                encounter
                    .campaign_id
                    .and_then(|id| campaigns.get(&id).cloned())
                    .unwrap_or_default(),
            ]);
        }
        match some.last() {
            Some(last) if some.len() == AT_ONCE => cursor = Some(encounters::cursor_of(last)),
            _ => return Ok(all),
        }
    }
}

async fn write(sheets: Vec<Sheet>, format: Format) -> Result<Vec<u8>, Fault> {
    tokio::task::spawn_blocking(move || match format {
        Format::Xlsx => documents::workbook(&sheets).map_err(Fault::internal),
        Format::Csv => csv(&sheets[0]),
    })
    .await
    .map_err(Fault::internal)?
}

/// CSV with the mark by which Excel knows UTF-8. What a spreadsheet program would calculate is
/// marked as text; an import takes the mark away.
fn csv(sheet: &Sheet) -> Result<Vec<u8>, Fault> {
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    let safe = |text: &String| {
        if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.clone() }
    };
    for row in std::iter::once(&sheet.titles).chain(&sheet.rows) {
        writer.write_record(row.iter().map(safe)).map_err(Fault::internal)?;
    }
    writer.into_inner().map_err(Fault::internal)
}
