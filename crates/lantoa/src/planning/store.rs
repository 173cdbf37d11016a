//! Plans as they are kept.

use std::collections::HashSet;

use routing::explain::Reason;
use routing::{Bill, Timetable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::brief::{Brief, Days};
use super::ground::Ground;
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{AssetId, CampaignId, PlanId, TeamId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Fault, Row, Tx};
use crate::people::Scope;

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for its turn.
    Queued,
    Running,
    /// Searched to the end of its budget.
    Done,
    /// Stopped by somebody.
    Stopped,
    /// The program ended meanwhile; the best so far is kept.
    Interrupted,
    /// Could not be searched at all.
    Failed,
    /// On the calendar.
    Accepted,
    /// Was on the calendar until another took its place.
    Replaced,
}

impl State {
    /// Every value.
    pub const ALL: [State; 8] = [
        State::Queued,
        State::Running,
        State::Done,
        State::Stopped,
        State::Interrupted,
        State::Failed,
        State::Accepted,
        State::Replaced,
    ];

    /// The name in the database and the translation keys (`plan-state-…`).
    pub const fn code(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Done => "done",
            State::Stopped => "stopped",
            State::Interrupted => "interrupted",
            State::Failed => "failed",
            State::Accepted => "accepted",
            State::Replaced => "replaced",
        }
    }

    /// Whether the search is still to come or going on.
    pub fn is_open(self) -> bool {
        matches!(self, State::Queued | State::Running)
    }

    /// Whether it is a draft with a timetable that can be changed and accepted.
    pub fn is_draft(self) -> bool {
        matches!(self, State::Done | State::Stopped | State::Interrupted)
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        State::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// What a plan was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// From nothing.
    First,
    /// The rest anew around what is locked.
    Again,
    /// As few moves as a change allows.
    Repair,
    /// To learn what something would buy.
    WhatIf,
}

impl Purpose {
    /// Every value.
    pub const ALL: [Purpose; 4] =
        [Purpose::First, Purpose::Again, Purpose::Repair, Purpose::WhatIf];

    /// The name in the database and the translation keys (`plan-purpose-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Purpose::First => "first",
            Purpose::Again => "again",
            Purpose::Repair => "repair",
            Purpose::WhatIf => "what_if",
        }
    }
}

impl std::str::FromStr for Purpose {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Purpose::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// What is different from the plan before.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Change {
    #[default]
    Nothing,
    /// No session can be held on these days.
    Cancelled { days: Days },
    /// A vehicle cannot be had on these days.
    Broken { asset: AssetId, name: String, days: Days },
    /// A team cannot come on these days.
    Away { team: TeamId, name: String, days: Days },
    /// A hamlet is to have so many sessions.
    Sessions { unit: UnitId, name: String, visits: u32 },
    /// New hamlets, or one more session in a hamlet: the places.
    Added { names: Vec<String> },
    /// One vehicle or group more.
    OneMore,
    /// One fewer.
    OneLess { name: String },
    /// A week longer.
    Week,
    /// The evening of a weekday, 0 for Monday, besides what is allowed and what teams said.
    Evening { weekday: usize },
    /// Teams out also at hours they did not say they were free, within what is allowed.
    AllHours,
}

/// A plan without its ground.
#[derive(Debug, Clone)]
pub struct Plan {
    pub id: PlanId,
    pub campaign_id: CampaignId,
    pub unit_id: UnitId,
    pub from_id: Option<PlanId>,
    pub purpose: Purpose,
    pub change: Change,
    pub state: State,
    pub brief: Brief,
    pub best: Timetable,
    pub locks: HashSet<u32>,
    pub bill: Bill,
    /// Why sessions have no place; none while it is searched.
    pub reasons: Option<Reasons>,
    /// Milliseconds since the search began, and the cost of the best plan then.
    pub course: Vec<(i64, i64)>,
    pub iterations: i64,
    pub created_by: String,
    pub created_at: i64,
    pub accepted_at: Option<i64>,
}

/// Why sessions have no place, by their number.
pub type Reasons = Vec<(u32, Reason)>;

/// What the best costs and why the rest has no place, as they are kept together: reasons take
/// long to work out where many sessions are left out, and hold as long as the timetable does.
#[derive(Serialize, Deserialize)]
struct Account {
    #[serde(flatten)]
    bill: Bill,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasons: Option<Reasons>,
}

fn account(bill: Bill, reasons: Option<&Reasons>) -> String {
    json(&Account { bill, reasons: reasons.cloned() })
}

fn json<V: Serialize>(value: &V) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn parsed<V: DeserializeOwned>(row: &Row, column: &str) -> Result<V, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|e| DbError::Column { column: column.to_owned(), reason: e.to_string() })
}

const COLUMNS: &str = "p.id, p.campaign_id, p.unit_id, p.from_id, p.purpose, p.change, p.state,
    p.brief, p.best, p.locks, p.bill, p.course, p.iterations, p.created_by, p.created_at,
    p.accepted_at";

fn plan_of(row: &Row) -> Result<Plan, DbError> {
    let Account { bill, reasons } = parsed(row, "bill")?;
    Ok(Plan {
        id: row.get("id")?,
        campaign_id: row.get("campaign_id")?,
        unit_id: row.get("unit_id")?,
        from_id: row.get("from_id")?,
        purpose: row.parse("purpose")?,
        change: parsed(row, "change")?,
        state: row.parse("state")?,
        brief: parsed(row, "brief")?,
        best: parsed(row, "best")?,
        locks: parsed(row, "locks")?,
        bill,
        reasons,
        course: parsed(row, "course")?,
        iterations: row.get("iterations")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        accepted_at: row.get("accepted_at")?,
    })
}

/// Adds a plan that waits for its turn, and writes down who asked for it.
pub async fn add(tx: &mut Tx, plan: &Plan, ground: &Ground, by: &Doer) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO plan (id, campaign_id, unit_id, from_id, purpose, change, state, brief, ground,
             best, locks, bill, course, iterations, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        args![
            plan.id,
            plan.campaign_id,
            plan.unit_id,
            plan.from_id,
            plan.purpose.code(),
            json(&plan.change),
            plan.state.code(),
            json(&plan.brief),
            json(ground),
            json(&plan.best),
            json(&plan.locks),
            account(plan.bill, plan.reasons.as_ref()),
            json(&plan.course),
            plan.iterations,
            &plan.created_by,
            plan.created_at,
        ],
    )
    .await?;
    Entry::new("created", "plan", plan.id.0, plan.purpose.code())
        .in_unit(plan.unit_id)
        .detail(
            serde_json::json!({ "sessions": ground.sessions.len(), "campaign": plan.campaign_id }),
        )
        .write(tx, by)
        .await
}

/// A plan within a scope.
pub async fn find(db: &Db, scope: &Scope, id: PlanId) -> Result<Plan, Fault> {
    let mut conditions = Conditions::new().and("p.id = ?", args![id]);
    scope.restrict(&mut conditions, "p.unit_id");
    let statement = format!("SELECT {COLUMNS} FROM plan p{}", conditions.text());
    let row = db.row(&statement, conditions.values()).await?.ok_or(Fault::NotFound)?;
    Ok(plan_of(&row)?)
}

/// The plans of a campaign within a scope, the latest first.
pub async fn list(
    db: &Db,
    scope: &Scope,
    campaign: CampaignId,
    most: usize,
) -> Result<Vec<Plan>, DbError> {
    let mut conditions = Conditions::new().and("p.campaign_id = ?", args![campaign]);
    scope.restrict(&mut conditions, "p.unit_id");
    let limit = conditions.bind(most);
    let statement = format!(
        "SELECT {COLUMNS} FROM plan p{} ORDER BY p.created_at DESC, p.id DESC LIMIT {limit}",
        conditions.text()
    );
    db.rows(&statement, conditions.values()).await?.iter().map(plan_of).collect()
}

/// The ground of a plan.
pub async fn ground(db: &Db, id: PlanId) -> Result<Ground, Fault> {
    let row = db.row("SELECT ground FROM plan WHERE id = $1", args![id]).await?;
    Ok(parsed(&row.ok_or(Fault::NotFound)?, "ground")?)
}

/// A plan that waits becomes the one that runs, unless it was stopped meanwhile.
pub async fn begin(db: &Db, id: PlanId, at: i64) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let touched = tx
        .execute(
            "UPDATE plan SET state = 'running', started_at = $1 WHERE id = $2 AND state = 'queued'",
            args![at, id],
        )
        .await?;
    tx.commit().await?;
    Ok(touched > 0)
}

/// What a search has found.
#[derive(Debug, Clone, Default)]
pub struct News {
    pub best: Timetable,
    pub bill: Bill,
    pub reasons: Option<Reasons>,
    pub course: Vec<(i64, i64)>,
    pub iterations: u64,
}

/// Keeps the best so far of a running plan; in another `state`, it ends with it. Tells whether
/// the plan was still running.
pub async fn keep(
    db: &Db,
    id: PlanId,
    news: &News,
    state: State,
    at: i64,
) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let touched = tx
        .execute(
            "UPDATE plan SET best = $1, bill = $2, course = $3, iterations = $4, state = $5,
                 ended_at = $6 WHERE id = $7 AND state = 'running'",
            args![
                json(&news.best),
                account(news.bill, news.reasons.as_ref()),
                json(&news.course),
                news.iterations as i64,
                state.code(),
                (!state.is_open()).then_some(at),
                id
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(touched > 0)
}

impl Plan {
    /// Whether a search has come to a timetable at all: one that was stopped or cut off before has
    /// neither sessions nor reasons, and says nothing of the calendar.
    pub fn has_timetable(&self) -> bool {
        !self.best.routes.is_empty() || !self.best.unserved.is_empty()
    }
}

/// The state of a plan, as a transaction sees it.
pub async fn state_within(tx: &mut Tx, id: PlanId) -> Result<Option<State>, DbError> {
    let row = tx.row("SELECT state FROM plan WHERE id = $1", args![id]).await?;
    row.map(|row| row.parse("state")).transpose()
}

/// Sets the state of a plan.
pub async fn set_state(tx: &mut Tx, id: PlanId, state: State) -> Result<(), DbError> {
    tx.execute("UPDATE plan SET state = $1 WHERE id = $2", args![state.code(), id]).await?;
    Ok(())
}

/// Stops a plan whose search has not begun.
pub async fn leave_queue(tx: &mut Tx, id: PlanId) -> Result<(), DbError> {
    let statement = "UPDATE plan SET state = 'stopped' WHERE id = $1 AND state = 'queued'";
    tx.execute(statement, args![id]).await?;
    Ok(())
}

/// The answer to a question becomes a draft that can be changed and accepted.
pub async fn adopt(tx: &mut Tx, plan: &Plan, by: &Doer) -> Result<(), DbError> {
    let purpose = Purpose::Again.code();
    tx.execute("UPDATE plan SET purpose = $1 WHERE id = $2", args![purpose, plan.id]).await?;
    Entry::new("changed", "plan", plan.id.0, purpose)
        .in_unit(plan.unit_id)
        .detail(serde_json::json!({ "purpose": [plan.purpose.code(), purpose] }))
        .write(tx, by)
        .await
}

/// Keeps a timetable changed by hand, with its locks.
pub async fn change(
    tx: &mut Tx,
    plan: &Plan,
    detail: serde_json::Value,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE plan SET best = $1, locks = $2, bill = $3 WHERE id = $4",
        args![
            json(&plan.best),
            json(&plan.locks),
            account(plan.bill, plan.reasons.as_ref()),
            plan.id
        ],
    )
    .await?;
    Entry::new("changed", "plan", plan.id.0, plan.purpose.code())
        .in_unit(plan.unit_id)
        .detail(detail)
        .write(tx, by)
        .await
}

/// Keeps the reasons of a plan that has none yet, unless it was changed meanwhile.
pub async fn keep_reasons(db: &Db, plan: &Plan, reasons: &Reasons) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(
        "UPDATE plan SET bill = $1 WHERE id = $2 AND bill = $3",
        args![account(plan.bill, Some(reasons)), plan.id, account(plan.bill, None)],
    )
    .await?;
    tx.commit().await
}

/// After a start: plans that were being searched when the program ended keep their best.
pub async fn recover(db: &Db) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(
        "UPDATE plan SET state = 'interrupted' WHERE state IN ('queued', 'running')",
        vec![],
    )
    .await?;
    tx.commit().await
}
