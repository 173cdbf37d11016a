//! Days on which outreach rests: public holidays, and what a unit or one above it has entered -
//! exam seasons, days off in lieu, others.

use std::collections::HashMap;

use jiff::civil::Date;
use vietnamese::Holiday;

use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{ClosedId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Fault, Row, T, Tx};

/// Why days are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosedKind {
    /// A public holiday, or days off in lieu of one.
    Holiday,
    /// Mùa thi: pupils learn at home, loudspeakers are silent.
    Exam,
    /// Another reason.
    Other,
}

impl ClosedKind {
    /// Every value, in the order of screens.
    pub const ALL: [ClosedKind; 3] = [ClosedKind::Exam, ClosedKind::Holiday, ClosedKind::Other];

    /// The name in the database and in translation keys (`closed-kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            ClosedKind::Holiday => "holiday",
            ClosedKind::Exam => "exam",
            ClosedKind::Other => "other",
        }
    }
}

impl std::str::FromStr for ClosedKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        ClosedKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for ClosedKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Closed days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub from: Date,
    /// The last of the days.
    pub to: Date,
    pub kind: ClosedKind,
    /// In Vietnamese, as the law or the office calls it.
    pub name: String,
    /// Which public holiday, where it is one by law.
    pub holiday: Option<Holiday>,
    /// Whether nothing can be planned on them, not even with a reason.
    pub blocks: bool,
    /// The unit that entered them, with its name.
    pub by: Option<(ClosedId, UnitId, String)>,
}

impl Closed {
    /// Whether a day is one of these.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The name in the reader's language, where there is one.
    pub fn shown(&self, t: T) -> String {
        match self.holiday {
            Some(holiday) => t.name("holiday", holiday.code()),
            None => self.name.clone(),
        }
    }

    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            from: row.get("first_on")?,
            to: row.get("last_on")?,
            kind: row.parse("kind")?,
            name: row.get("name")?,
            holiday: None,
            blocks: row.get("blocks")?,
            by: Some((row.get("id")?, row.get("unit_id")?, row.get("unit_name")?)),
        })
    }
}

/// The public holidays that touch these days.
pub fn holidays(from: Date, to: Date) -> Vec<Closed> {
    (from.year()..=to.year())
        .flat_map(vietnamese::holidays)
        .filter(|(first, last, _)| *first <= to && from <= *last)
        .map(|(from, to, holiday)| Closed {
            from,
            to,
            kind: ClosedKind::Holiday,
            name: holiday.name().to_owned(),
            holiday: Some(holiday),
            blocks: false,
            by: None,
        })
        .collect()
}

/// Closed days of a unit that touch these days: public holidays, and what it or a unit above it
/// has entered.
pub async fn closed(db: &Db, unit: UnitId, from: Date, to: Date) -> Result<Vec<Closed>, DbError> {
    Ok(closed_of(db, &[unit], from, to).await?.remove(&unit).unwrap_or_default())
}

/// As [`closed`], of many units.
pub async fn closed_of(
    db: &Db,
    units: &[UnitId],
    from: Date,
    to: Date,
) -> Result<HashMap<UnitId, Vec<Closed>>, DbError> {
    let of_all = holidays(from, to);
    let mut found: HashMap<UnitId, Vec<Closed>> =
        units.iter().map(|unit| (*unit, of_all.clone())).collect();
    for some in units.chunks(400) {
        let mut conditions =
            Conditions::new().and("c.last_on >= ? AND c.first_on <= ?", args![from, to]);
        conditions.push("c.deleted_at IS NULL", vec![]);
        conditions.one_of("w.unit_id", some.iter().map(Into::into).collect());
        let statement = format!(
            "SELECT w.unit_id AS of_unit, c.id, c.unit_id, u.name AS unit_name, c.kind, c.name,
                    c.first_on, c.last_on, c.blocks
             FROM unit_ancestor w JOIN closed_days c ON c.unit_id = w.ancestor_id
             JOIN unit u ON u.id = c.unit_id{} ORDER BY c.first_on, c.id",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            found.entry(row.get("of_unit")?).or_default().push(Closed::read(&row)?);
        }
    }
    for closed in found.values_mut() {
        closed.sort_by_key(|closed| closed.from);
    }
    Ok(found)
}

/// Closed days that a unit has entered, as they can be edited.
pub async fn find(db: &Db, id: ClosedId) -> Result<Closed, Fault> {
    let row = db
        .row(
            "SELECT c.id, c.unit_id, u.name AS unit_name, c.kind, c.name, c.first_on, c.last_on,
                    c.blocks
             FROM closed_days c JOIN unit u ON u.id = c.unit_id
             WHERE c.id = $1 AND c.deleted_at IS NULL",
            args![id],
        )
        .await?
        .ok_or(Fault::NotFound)?;
    Ok(Closed::read(&row)?)
}

/// Reads closed days from a form: `kind`, `name`, `first_on`, `last_on`, `blocks`.
pub fn read(form: &mut Form, by: (ClosedId, UnitId, String)) -> Option<Closed> {
    let kind = form.chosen::<ClosedKind>("kind");
    let name = form.required("name", 120);
    let from = form.date("first_on");
    let to = if form.text("last_on").is_empty() { from } else { form.date("last_on") };
    if from.is_none() {
        form.refuse("first_on", "error-required");
    }
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        form.refuse("last_on", "error-ends-before");
    }
    let blocks = form.text("blocks") == "yes";
    let closed =
        Closed { from: from?, to: to?, kind: kind?, name, holiday: None, blocks, by: Some(by) };
    form.is_sound().then_some(closed)
}

/// Stores closed days, new or changed.
pub async fn save(
    tx: &mut Tx,
    before: Option<&Closed>,
    after: &Closed,
    by: &Doer,
) -> Result<(), DbError> {
    let Some((id, unit, _)) = &after.by else { return Ok(()) };
    tx.execute(
        "INSERT INTO closed_days (id, unit_id, kind, name, first_on, last_on, blocks)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
             first_on = excluded.first_on, last_on = excluded.last_on, blocks = excluded.blocks",
        args![id, unit, after.kind.code(), &after.name, after.from, after.to, after.blocks],
    )
    .await?;
    let flat = |closed: &Closed| {
        serde_json::json!({
            "kind": closed.kind.code(), "name": closed.name, "first_on": closed.from.to_string(),
            "last_on": closed.to.to_string(), "blocks": closed.blocks,
        })
    };
    let action = if before.is_some() { "changed" } else { "created" };
    Entry::new(action, "closed_days", id.0, &after.name)
        .in_unit(*unit)
        .change(&before.map(flat), &flat(after))
        .write(tx, by)
        .await
}

/// Takes closed days away.
pub async fn remove(tx: &mut Tx, closed: &Closed, by: &Doer) -> Result<(), DbError> {
    let Some((id, unit, _)) = &closed.by else { return Ok(()) };
    tx.execute("UPDATE closed_days SET deleted_at = $1 WHERE id = $2", args![by.at, id]).await?;
    Entry::new("deleted", "closed_days", id.0, &closed.name).in_unit(*unit).write(tx, by).await
}
