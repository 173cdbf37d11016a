//! Reading and changing the rows of a register. All of it runs under a scope.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Register, Spec, SpecKind};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::conditions::contains;
use crate::foundation::form::Form;
use crate::foundation::ids::UnitId;
use crate::foundation::{Conditions, Db, DbError, Fault, Row, T, Tx, Value};
use crate::people::Scope;
use crate::units::{FOR_EVER, SINCE_EVER, store as units};

/// A row of a register.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: Uuid,
    /// The unit that decides who reads and changes it.
    pub unit_id: UnitId,
    pub unit_name: String,
    /// Name of the commune or team in the first field.
    pub home_name: String,
    /// Field to its text as forms hold it.
    pub values: HashMap<&'static str, String>,
    /// Whether the demo generator made it up.
    pub generated: bool,
    /// Whether it holds a phone number that the reader may not see.
    pub hidden: bool,
}

impl Record {
    /// The text of a field as forms hold it.
    pub fn text(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// The text of a field as people read it.
    pub fn shown(&self, spec: &Spec, t: T) -> String {
        let text = self.text(spec.name);
        match spec.kind {
            SpecKind::Word(family, _) if !text.is_empty() => t.word(family, text),
            SpecKind::Unit { .. } | SpecKind::Team => self.home_name.clone(),
            SpecKind::Number(_) => text.parse().map_or_else(|_| String::new(), vietnamese::number),
            _ => text.to_owned(),
        }
    }

    fn of(row: &Row, register: &Register) -> Result<Self, DbError> {
        let mut values = HashMap::new();
        for field in register.fields {
            let text = match field.kind {
                SpecKind::Text(_) | SpecKind::Phone => row.get::<String>(field.name)?,
                SpecKind::Word(..) if register.table == "unit" => {
                    hamlet_kind(&row.get::<String>(field.name)?).to_owned()
                }
                SpecKind::Word(..) => row.get(field.name)?,
                SpecKind::Number(_) => {
                    row.get::<Option<i64>>(field.name)?.map_or_else(String::new, |n| n.to_string())
                }
                SpecKind::Degrees(..) => {
                    row.get::<Option<f64>>(field.name)?.map_or_else(String::new, |n| n.to_string())
                }
                SpecKind::Unit { .. } | SpecKind::Team => {
                    row.get::<Option<Uuid>>(field.name)?.map_or_else(String::new, |n| n.to_string())
                }
            };
            values.insert(field.name, text);
        }
        Ok(Self {
            id: row.get("id")?,
            unit_id: row.get("scope_unit_id")?,
            unit_name: row.get("unit_name")?,
            home_name: row.get("home_name")?,
            generated: register.table == "unit" && row.get("generated")?,
            hidden: false,
            values,
        })
    }
}

/// Takes the phone numbers out of the rows of units in which they may not be read. `contacts` is
/// the scope in which they may. Pages, JSON and exports all read rows through here.
pub async fn hide_contacts(
    db: &Db,
    register: &Register,
    contacts: Option<&Scope>,
    records: &mut [Record],
) -> Result<(), DbError> {
    let phones: Vec<&Spec> =
        register.fields.iter().filter(|field| field.kind == SpecKind::Phone).collect();
    if phones.is_empty() {
        return Ok(());
    }
    let mut units: Vec<UnitId> = records.iter().map(|record| record.unit_id).collect();
    units.sort_unstable();
    units.dedup();
    let readable = match contacts {
        Some(scope) => scope.covering(db, &units).await?,
        None => HashSet::new(),
    };
    for record in records.iter_mut().filter(|record| !readable.contains(&record.unit_id)) {
        for field in &phones {
            record.hidden |=
                record.values.remove(field.name).is_some_and(|phone| !phone.is_empty());
        }
    }
    Ok(())
}

/// The code of a hamlet's kind from its Vietnamese word.
pub fn hamlet_kind(word: &str) -> &'static str {
    match vietnamese::fold(word).as_str() {
        "xom" => "xom",
        "to dan pho" => "to_dan_pho",
        "ban" => "ban",
        "ap" => "ap",
        "khu pho" => "khu_pho",
        _ => "thon",
    }
}

/// The Vietnamese word of a hamlet's kind.
pub fn hamlet_word(code: &str) -> &'static str {
    match code {
        "xom" => "Xóm",
        "to_dan_pho" => "Tổ dân phố",
        "ban" => "Bản",
        "ap" => "Ấp",
        "khu_pho" => "Khu phố",
        _ => "Thôn",
    }
}

fn select(register: &Register) -> String {
    let columns: Vec<String> =
        register.fields.iter().map(|field| format!("r.{}", field.name)).collect();
    let generated = if register.table == "unit" { "r.generated, " } else { "" };
    let home = register.home_field();
    let home_name = match home.kind {
        SpecKind::Team => "(SELECT t.name FROM team t WHERE t.id = r.team_id)".to_owned(),
        _ => format!("(SELECT h.name FROM unit h WHERE h.id = r.{})", home.name),
    };
    format!(
        "SELECT r.id, {generated}{}, u.id AS scope_unit_id, u.name AS unit_name,
                COALESCE({home_name}, '') AS home_name
         FROM {} r JOIN unit u ON u.id = {}",
        columns.join(", "),
        register.table,
        register.unit
    )
}

/// What of a register is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub words: String,
    /// Only rows in this unit's subtree.
    pub unit: Option<UnitId>,
    /// Only rows whose first field is this.
    pub home: Option<Uuid>,
    pub kind: Option<String>,
    /// Only rows with an id above this one (cursor pagination).
    pub after: Option<Uuid>,
    /// At most so many rows; 0 for all.
    pub most: usize,
}

impl Wanted {
    /// Reads what is wanted from the query of a list's address: `q`, `unit`, `home`, `kind`.
    pub fn of(form: &Form) -> Self {
        Self {
            words: form.text("q").to_owned(),
            unit: form.text("unit").parse().ok(),
            home: form.text("home").parse().ok(),
            kind: Some(form.text("kind").to_owned()).filter(|kind| !kind.is_empty()),
            ..Self::default()
        }
    }
}

/// Rows of a register within a scope, in Vietnamese order of names, or by id under a cursor.
pub async fn list(
    db: &Db,
    register: &Register,
    scope: &Scope,
    wanted: &Wanted,
) -> Result<Vec<Record>, DbError> {
    let mut conditions = Conditions::new();
    scope.restrict(&mut conditions, "u.id");
    conditions.push("r.deleted_at IS NULL", vec![]);
    if register.table == "unit" {
        conditions.push("r.level = 'hamlet'", vec![]);
    }
    if !wanted.words.trim().is_empty() {
        conditions.push("r.folded LIKE ? ESCAPE '\\'", args![contains(&wanted.words)]);
    }
    let within =
        "EXISTS (SELECT 1 FROM unit_ancestor w WHERE w.unit_id = u.id AND w.ancestor_id = ?)";
    let conditions = conditions
        .and_if(within, wanted.unit)
        .and_if(&format!("r.{} = ?", register.home_field().name), wanted.home)
        .and_if("r.kind = ?", wanted.kind.clone())
        .and_if("r.id > ?", wanted.after);
    let mut conditions = conditions;
    let limit = match wanted.most {
        0 => String::new(),
        most => format!(" LIMIT {}", conditions.bind(most)),
    };
    let statement = format!("{}{} ORDER BY r.id{limit}", select(register), conditions.text());
    let rows = db.rows(&statement, conditions.values()).await?;
    let mut records =
        rows.iter().map(|row| Record::of(row, register)).collect::<Result<Vec<_>, _>>()?;
    if wanted.after.is_none() && wanted.most == 0 {
        records.sort_by_cached_key(|record| {
            (vietnamese::sort_key(&record.home_name), vietnamese::sort_key(record.text("name")))
        });
    }
    Ok(records)
}

/// One row, if the scope covers it.
pub async fn find(db: &Db, register: &Register, scope: &Scope, id: Uuid) -> Result<Record, Fault> {
    let mut conditions =
        Conditions::new().and("r.id = ?", args![id]).and("r.deleted_at IS NULL", vec![]);
    scope.restrict(&mut conditions, "u.id");
    if register.table == "unit" {
        conditions.push("r.level = 'hamlet'", vec![]);
    }
    let statement = format!("{}{}", select(register), conditions.text());
    let row = db.row(&statement, conditions.values()).await?.ok_or(Fault::NotFound)?;
    Ok(Record::of(&row, register)?)
}

/// A row as typed, checked against its register: column and value.
#[derive(Debug, Clone)]
pub struct Draft {
    pub columns: Vec<(&'static str, Value)>,
    /// The texts, for the audit log.
    pub texts: HashMap<&'static str, String>,
    /// The unit or team of the first field.
    pub home: Uuid,
}

/// Reads a row from a form; what cannot be taken is noted in the form, and then there is none.
pub fn read(register: &Register, form: &mut Form) -> Option<Draft> {
    let mut columns = vec![];
    let mut texts = HashMap::new();
    let mut home = None;
    for field in register.fields {
        let value = match field.kind {
            SpecKind::Text(most) => Value::from(form.optional(field.name, most)),
            SpecKind::Number(most) => Value::from(form.number(field.name, 0..=most)),
            SpecKind::Degrees(from, to) => {
                let text = form.text(field.name).replace(',', ".");
                match text.parse::<f64>() {
                    _ if text.is_empty() => Value::Null,
                    Ok(degrees) if (from..=to).contains(&degrees) => Value::Real(degrees),
                    _ => {
                        form.refuse(field.name, "error-degrees");
                        Value::Null
                    }
                }
            }
            SpecKind::Word(_, words) => {
                let text = form.text(field.name).to_owned();
                if !text.is_empty() && !words.contains(&text.as_str()) {
                    form.refuse(field.name, "error-choice");
                }
                if register.table == "unit" {
                    Value::from(hamlet_word(&text))
                } else {
                    Value::from(text)
                }
            }
            SpecKind::Unit { .. } | SpecKind::Team => {
                let id = form.parsed::<Uuid>(field.name);
                home = home.or(id);
                Value::from(id)
            }
            SpecKind::Phone => {
                let text = form.text(field.name).to_owned();
                match vietnamese::phone(&text) {
                    Some(phone) => Value::Text(phone),
                    None if text.is_empty() => Value::from(""),
                    None => {
                        form.refuse(field.name, "error-phone");
                        Value::Null
                    }
                }
            }
        };
        if field.needed && form.text(field.name).is_empty() {
            form.refuse(field.name, "error-required");
        }
        let shown = match &value {
            Value::Text(text) => text.clone(),
            Value::Null => String::new(),
            _ => form.text(field.name).to_owned(),
        };
        texts.insert(field.name, shown);
        columns.push((field.name, value));
    }
    if let (Some(adults), Some(population)) = (int(&columns, "adults"), int(&columns, "population"))
        && adults > population
    {
        form.refuse("adults", "error-adults");
    }
    let home = home?;
    form.is_sound().then_some(Draft { columns, texts, home })
}

fn int(columns: &[(&'static str, Value)], name: &str) -> Option<i64> {
    match columns.iter().find(|(column, _)| *column == name) {
        Some((_, Value::Int(value))) => Some(*value),
        _ => None,
    }
}

/// The unit that would hold a draft, for the check of who may save it.
pub async fn unit_of(db: &Db, register: &Register, draft: &Draft) -> Result<UnitId, Fault> {
    if register.home_field().kind != SpecKind::Team {
        return Ok(UnitId(draft.home));
    }
    let row = db
        .row("SELECT unit_id FROM team WHERE id = $1 AND deleted_at IS NULL", args![draft.home])
        .await?;
    Ok(row.ok_or(Fault::NotFound)?.get("unit_id")?)
}

/// Adds a row, or changes the one of `id`. The caller has checked the scope.
pub async fn save(
    tx: &mut Tx,
    register: &Register,
    id: Option<Uuid>,
    before: Option<&Record>,
    draft: &Draft,
    unit: UnitId,
    by: &Doer,
) -> Result<Uuid, DbError> {
    let name = draft.texts["name"].clone();
    let mut columns = draft.columns.clone();
    let code = draft.texts.get("code").cloned().unwrap_or_default();
    columns.push(("folded", Value::from(vietnamese::fold(&format!("{name} {code}")))));
    let saved = id.unwrap_or_else(Uuid::now_v7);
    if id.is_some() {
        let set: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(index, (column, _))| format!("{column} = ${}", index + 2))
            .collect();
        let statement = format!("UPDATE {} SET {} WHERE id = $1", register.table, set.join(", "));
        let values = std::iter::once(Value::Uuid(saved)).chain(columns.into_iter().map(|c| c.1));
        tx.execute(&statement, values.collect()).await?;
    } else {
        columns.push(("id", Value::Uuid(saved)));
        if register.table == "unit" {
            columns.extend([
                ("level", Value::from("hamlet")),
                ("valid_from", Value::from(SINCE_EVER)),
                ("valid_to", Value::from(FOR_EVER)),
                ("dates_exact", Value::from(false)),
                ("generated", Value::from(false)),
            ]);
        }
        let names: Vec<&str> = columns.iter().map(|c| c.0).collect();
        let head = format!("INSERT INTO {} ({})", register.table, names.join(", "));
        tx.insert_many(&head, [columns.into_iter().map(|c| c.1).collect()], "").await?;
    }
    if register.table == "unit" {
        if before.is_some_and(|before| before.text("parent_id") != draft.home.to_string()) {
            tx.execute("DELETE FROM unit_ancestor WHERE unit_id = $1", args![saved]).await?;
        }
        units::connect(tx).await?;
    }
    let action = if id.is_some() { "changed" } else { "created" };
    let none = HashMap::new();
    let before = before.map_or(&none, |record| &record.values);
    Entry::new(action, register.subject, saved, name)
        .in_unit(unit)
        .change(before, &draft.texts)
        .write(tx, by)
        .await?;
    Ok(saved)
}

/// Puts a row into the trash.
pub async fn trash(
    tx: &mut Tx,
    register: &Register,
    record: &Record,
    by: &Doer,
) -> Result<(), DbError> {
    let statement = format!("UPDATE {} SET deleted_at = $1 WHERE id = $2", register.table);
    tx.execute(&statement, args![by.at, record.id]).await?;
    Entry::new("deleted", register.subject, record.id, record.text("name"))
        .in_unit(record.unit_id)
        .write(tx, by)
        .await
}

/// What hangs on a row and would move or vanish with it: key of the text and how many.
pub async fn impact(
    db: &Db,
    register: &Register,
    id: Uuid,
) -> Result<Vec<(&'static str, i64)>, DbError> {
    let counts: &[(&'static str, &str)] = match register.subject {
        "hamlet" => &[
            ("impact-encounters", "encounter x WHERE x.unit_id = $1 AND x.withdrawn_at IS NULL"),
            ("impact-activities", "activity x WHERE x.unit_id = $1 AND x.deleted_at IS NULL"),
            ("impact-venues", "venue x WHERE x.unit_id = $1 AND x.deleted_at IS NULL"),
            ("impact-teams", "team x WHERE x.unit_id = $1 AND x.deleted_at IS NULL"),
        ],
        "venue" => {
            &[("impact-activities", "activity x WHERE x.venue_id = $1 AND x.deleted_at IS NULL")]
        }
        "asset" => &[(
            "impact-activities",
            "activity_asset a JOIN activity x ON x.id = a.activity_id
             WHERE a.asset_id = $1 AND x.deleted_at IS NULL",
        )],
        "team" => &[
            ("impact-members", "member x WHERE x.team_id = $1 AND x.deleted_at IS NULL"),
            ("impact-activities", "activity x WHERE x.team_id = $1 AND x.deleted_at IS NULL"),
        ],
        _ => &[(
            "impact-activities",
            "activity_member a JOIN activity x ON x.id = a.activity_id
             WHERE a.member_id = $1 AND x.deleted_at IS NULL",
        )],
    };
    let mut found = vec![];
    for (key, from) in counts {
        let count = db.count(&format!("SELECT COUNT(*) AS n FROM {from}"), args![id]).await?;
        if count > 0 {
            found.push((*key, count));
        }
    }
    Ok(found)
}
