//! The audit log: one line for every change and every read of personal data, written in the
//! transaction of the change itself.

use serde_json::{Map, Value as Json, json};

use super::conditions::Conditions;
use super::db::{Db, DbError, Row, Tx};
use super::ids::{AccountId, AuditId, UnitId};
use crate::args;

/// Who does something: an account, or the program itself.
#[derive(Debug, Clone)]
pub struct Doer {
    pub account_id: Option<AccountId>,
    pub name: String,
    /// When, in epoch milliseconds.
    pub at: i64,
}

/// What was done, to be written with [`Entry::write`].
#[derive(Debug, Clone)]
pub struct Entry {
    action: &'static str,
    subject: &'static str,
    subject_id: Option<uuid::Uuid>,
    subject_name: String,
    unit_id: Option<UnitId>,
    detail: Json,
}

impl Entry {
    /// `action` on a `subject`, both words of the vocabulary: `Entry::new("created", "venue", …)`.
    pub fn new(
        action: &'static str,
        subject: &'static str,
        id: impl Into<Option<uuid::Uuid>>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            action,
            subject,
            subject_id: id.into(),
            subject_name: name.into(),
            unit_id: None,
            detail: json!({}),
        }
    }

    /// The unit it concerns, so that those who cover it can read the line.
    #[must_use]
    pub fn in_unit(mut self, unit: impl Into<Option<UnitId>>) -> Self {
        self.unit_id = unit.into();
        self
    }

    /// What changed: `before` and `after` are flat JSON objects; equal fields are left out.
    #[must_use]
    pub fn change(mut self, before: &impl serde::Serialize, after: &impl serde::Serialize) -> Self {
        let before = serde_json::to_value(before).unwrap_or_default();
        let after = serde_json::to_value(after).unwrap_or_default();
        let mut changed = Map::new();
        if let (Json::Object(before), Json::Object(after)) = (before, after) {
            for (field, now) in after {
                let was = before.get(&field).cloned().unwrap_or(Json::Null);
                if was != now {
                    changed.insert(field, json!([was, now]));
                }
            }
        }
        self.detail = Json::Object(changed);
        self
    }

    /// Further facts.
    #[must_use]
    pub fn detail(mut self, detail: Json) -> Self {
        self.detail = detail;
        self
    }

    /// Writes the line.
    pub async fn write(self, tx: &mut Tx, by: &Doer) -> Result<(), DbError> {
        tx.execute(
            "INSERT INTO audit (id, at, account_id, account_name, action, subject, subject_id,
                                subject_name, unit_id, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![
                AuditId::new(),
                by.at,
                by.account_id,
                &by.name,
                self.action,
                self.subject,
                self.subject_id,
                self.subject_name,
                self.unit_id,
                self.detail.to_string(),
            ],
        )
        .await?;
        Ok(())
    }
}

/// A line of the log as it is shown.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Line {
    pub id: AuditId,
    /// Epoch milliseconds.
    pub at: i64,
    pub account_name: String,
    pub action: String,
    pub subject: String,
    pub subject_id: Option<uuid::Uuid>,
    pub subject_name: String,
    /// JSON object: field to `[before, after]`.
    pub detail: String,
}

impl Line {
    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            at: row.get("at")?,
            account_name: row.get("account_name")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            subject_id: row.get("subject_id")?,
            subject_name: row.get("subject_name")?,
            detail: row.get("detail")?,
        })
    }

    /// The changed fields: name, before, after, as short texts.
    pub fn changes(&self) -> Vec<(String, String, String)> {
        let show = |value: &Json| match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let Ok(Json::Object(fields)) = serde_json::from_str(&self.detail) else {
            return vec![];
        };
        fields
            .iter()
            .map(|(field, value)| match value {
                Json::Array(pair) if pair.len() == 2 => {
                    (field.clone(), show(&pair[0]), show(&pair[1]))
                }
                other => (field.clone(), String::new(), show(other)),
            })
            .collect()
    }
}

const COLUMNS: &str =
    "SELECT id, at, account_name, action, subject, subject_id, subject_name, detail FROM audit";

/// The history of one thing, newest first.
pub async fn history(
    db: &Db,
    subject: &str,
    id: impl Into<uuid::Uuid>,
    limit: usize,
) -> Result<Vec<Line>, DbError> {
    let rows = db
        .rows(
            &format!("{COLUMNS} WHERE subject = $1 AND subject_id = $2 ORDER BY id DESC LIMIT $3"),
            args![subject, id.into(), limit],
        )
        .await?;
    rows.iter().map(Line::of).collect()
}

/// Lines that meet the conditions (on columns of `audit`), newest first.
pub async fn lines(
    db: &Db,
    mut conditions: Conditions,
    limit: usize,
) -> Result<Vec<Line>, DbError> {
    let limit = conditions.bind(limit);
    let statement = format!("{COLUMNS}{} ORDER BY id DESC LIMIT {limit}", conditions.text());
    let rows = db.rows(&statement, conditions.values()).await?;
    rows.iter().map(Line::of).collect()
}
