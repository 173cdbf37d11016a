//! Reading rosters. What changes them is in [`super::changes`].

use std::collections::HashMap;

use super::model::{Assigned, Outing};
use crate::args;
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::{Conditions, Db, DbError, Fault, Row, Value};
use crate::people::{NoticeKind, Scope};
use crate::schedule::{Counts, roster_counts};

const OUTING: &str = "SELECT a.id, a.title, a.kind, a.state, a.deleted_at, a.unit_id,
        u.name AS unit_name, CASE WHEN u.level = 'hamlet' THEN p.name END AS commune_name,
        COALESCE(v.name, a.place) AS shown_place, a.team_id, a.starts_at,
        a.ends_at, r.needed, COALESCE(r.is_open, 0) AS is_open
    FROM activity a JOIN unit u ON u.id = a.unit_id LEFT JOIN unit p ON p.id = u.parent_id
    LEFT JOIN venue v ON v.id = a.venue_id LEFT JOIN roster r ON r.activity_id = a.id";

/// People who come to activity `a`, inside a query.
const COMING: &str =
    "(SELECT COUNT(*) FROM assignment s WHERE s.activity_id = a.id AND s.answer <> 'declined')";

fn outing_of(row: &Row) -> Result<Outing, DbError> {
    Ok(Outing {
        id: row.get("id")?,
        title: row.get("title")?,
        kind: row.parse("kind")?,
        state: row.parse("state")?,
        is_trashed: row.get::<Option<i64>>("deleted_at")?.is_some(),
        unit_id: row.get("unit_id")?,
        unit_name: row.get("unit_name")?,
        commune_name: row.get::<Option<String>>("commune_name")?.unwrap_or_default(),
        place: row.get("shown_place")?,
        team_id: row.get("team_id")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        needed: row.get("needed")?,
        is_open: row.get("is_open")?,
        counts: Counts::default(),
    })
}

async fn outings(
    db: &Db,
    mut conditions: Conditions,
    order: &str,
    most: usize,
) -> Result<Vec<Outing>, DbError> {
    let limit = conditions.bind(most);
    let statement = format!("{OUTING}{} ORDER BY {order} LIMIT {limit}", conditions.text());
    let rows = db.rows(&statement, conditions.values()).await?;
    let mut found: Vec<Outing> = rows.iter().map(outing_of).collect::<Result<_, _>>()?;
    let ids: Vec<ActivityId> = found.iter().map(|outing| outing.id).collect();
    let counts = roster_counts(db, &ids).await?;
    for outing in &mut found {
        outing.counts = counts.get(&outing.id).copied().unwrap_or_default();
    }
    Ok(found)
}

/// An activity within a scope.
pub async fn find(db: &Db, scope: &Scope, id: ActivityId) -> Result<Outing, Fault> {
    let mut conditions =
        Conditions::new().and("a.id = ?", args![id]).and("a.deleted_at IS NULL", vec![]);
    scope.restrict_each(&mut conditions, "a.unit_id");
    outings(db, conditions, "a.id", 1).await?.into_iter().next().ok_or(Fault::NotFound)
}

/// An activity that touches a scope: in its units, or above them.
pub async fn find_touching(db: &Db, scope: &Scope, id: ActivityId) -> Result<Outing, Fault> {
    let (touching, values) = scope.touching("a.unit_id");
    let conditions = Conditions::new()
        .and("a.id = ?", args![id])
        .and("a.deleted_at IS NULL", vec![])
        .and(&touching, values);
    outings(db, conditions, "a.id", 1).await?.into_iter().next().ok_or(Fault::NotFound)
}

/// An activity on whose roster a member is, whatever their scope.
pub async fn find_own(db: &Db, member: MemberId, id: ActivityId) -> Result<Outing, Fault> {
    let own = "EXISTS (SELECT 1 FROM assignment s WHERE s.activity_id = a.id AND s.member_id = ?)";
    let conditions = Conditions::new()
        .and("a.id = ?", args![id])
        .and("a.deleted_at IS NULL", vec![])
        .and(own, args![member]);
    outings(db, conditions, "a.id", 1).await?.into_iter().next().ok_or(Fault::NotFound)
}

/// What the desk of a lead asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanting {
    /// To come, and people are missing.
    People,
    /// Begun in the last 30 days, and nobody has said who came.
    Attendance,
    /// To come, and somebody has not answered.
    Answers,
}

/// How far back attendance is asked for, in milliseconds.
const ASKED_FOR: i64 = 30 * 24 * 3_600_000;

fn wanting(scope: &Scope, what: Wanting, now: i64) -> Conditions {
    let mut conditions = Conditions::new().and("a.deleted_at IS NULL", vec![]);
    scope.restrict_each(&mut conditions, "a.unit_id");
    let ahead = "a.starts_at > ? AND a.state IN ('planned', 'confirmed')";
    match what {
        Wanting::People => {
            conditions.and(ahead, args![now]).and(&format!("r.needed > {COMING}"), vec![])
        }
        Wanting::Attendance => conditions
            .and("a.starts_at <= ? AND a.starts_at > ?", args![now, now - ASKED_FOR])
            .and("a.state <> 'cancelled'", vec![])
            .and(
                "EXISTS (SELECT 1 FROM assignment s WHERE s.activity_id = a.id
                         AND s.answer <> 'declined' AND s.attendance = 'unknown')",
                vec![],
            ),
        Wanting::Answers => conditions.and(ahead, args![now]).and(
            "EXISTS (SELECT 1 FROM assignment s WHERE s.activity_id = a.id
                     AND s.origin = 'invited' AND s.answer = 'none')",
            vec![],
        ),
    }
}

/// Activities that want something, the next first; where attendance is wanted, the latest first.
pub async fn list_wanting(
    db: &Db,
    scope: &Scope,
    what: Wanting,
    now: i64,
    most: usize,
) -> Result<Vec<Outing>, DbError> {
    let order = if what == Wanting::Attendance { "a.starts_at DESC" } else { "a.starts_at, a.id" };
    outings(db, wanting(scope, what, now), order, most).await
}

fn count_wanting_query(scope: &Scope, what: Wanting, now: i64) -> (String, Vec<Value>) {
    let conditions = wanting(scope, what, now);
    let statement = format!(
        "SELECT COUNT(*) AS n FROM activity a LEFT JOIN roster r ON r.activity_id = a.id{}",
        conditions.text()
    );
    (statement, conditions.values())
}

/// How many activities want something.
pub async fn count_wanting(
    db: &Db,
    scope: &Scope,
    what: Wanting,
    now: i64,
) -> Result<i64, DbError> {
    let (statement, values) = count_wanting_query(scope, what, now);
    db.count(&statement, values).await
}

/// Activities that a member has on their list from an instant on (by their end), or had before it.
pub async fn of_member(
    db: &Db,
    member: MemberId,
    now: i64,
    ahead: bool,
    most: usize,
) -> Result<Vec<(Outing, Assigned)>, DbError> {
    let own = "EXISTS (SELECT 1 FROM assignment s WHERE s.activity_id = a.id AND s.member_id = ?)";
    let conditions = Conditions::new().and("a.deleted_at IS NULL", vec![]).and(own, args![member]);
    let (conditions, order) = if ahead {
        (conditions.and("a.ends_at > ?", args![now]), "a.starts_at, a.id")
    } else {
        (conditions.and("a.ends_at <= ?", args![now]), "a.starts_at DESC, a.id")
    };
    let mut found = vec![];
    for outing in outings(db, conditions, order, most).await? {
        let own = roster(db, outing.id).await?.into_iter().find(|one| one.member_id == member);
        if let Some(own) = own {
            found.push((outing, own));
        }
    }
    Ok(found)
}

/// Open activities that touch a scope, still want people, and on whose roster a member is not.
pub async fn open_to(
    db: &Db,
    scope: &Scope,
    member: MemberId,
    now: i64,
    most: usize,
) -> Result<Vec<Outing>, DbError> {
    let (touching, values) = scope.touching("a.unit_id");
    let conditions = Conditions::new()
        .and("a.deleted_at IS NULL AND a.state IN ('planned', 'confirmed')", vec![])
        .and("a.starts_at > ? AND r.is_open = 1", args![now])
        .and(&format!("r.needed IS NULL OR r.needed > {COMING}"), vec![])
        .and(&touching, values)
        .and(
            "NOT EXISTS (SELECT 1 FROM assignment s
                         WHERE s.activity_id = a.id AND s.member_id = ?)",
            args![member],
        );
    outings(db, conditions, "a.starts_at, a.id", most).await
}

/// How many activities ahead wait for a member's own answer.
pub async fn unanswered_by(db: &Db, member: MemberId, now: i64) -> Result<i64, DbError> {
    db.count(
        "SELECT COUNT(*) AS n FROM assignment s JOIN activity a ON a.id = s.activity_id
         WHERE s.member_id = $1 AND s.answer = 'none' AND a.starts_at > $2
           AND a.deleted_at IS NULL AND a.state <> 'cancelled'",
        args![member, now],
    )
    .await
}

/// Everyone on a roster: leads first, then by name.
pub async fn roster(db: &Db, activity: ActivityId) -> Result<Vec<Assigned>, DbError> {
    let rows = db
        .rows(
            "SELECT s.member_id, m.name, t.name AS team_name, s.origin, s.answer,
                    s.reason, s.clash_reason, s.attendance, s.changed_at, s.changed_by,
                    s.reminded_at,
                    CASE WHEN EXISTS (SELECT 1 FROM account c WHERE c.member_id = m.id
                                      AND c.disabled_at IS NULL) THEN 1 ELSE 0 END AS signs_in,
                    CASE WHEN m.deleted_at IS NULL THEN 0 ELSE 1 END AS is_gone
             FROM assignment s JOIN member m ON m.id = s.member_id JOIN team t ON t.id = m.team_id
             WHERE s.activity_id = $1
             ORDER BY CASE WHEN m.position = 'lead' THEN 0 ELSE 1 END, m.folded, m.id",
            args![activity],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Assigned {
                member_id: row.get("member_id")?,
                name: row.get("name")?,
                team_name: row.get("team_name")?,
                origin: row.parse("origin")?,
                answer: row.parse("answer")?,
                reason: row.get("reason")?,
                clash_reason: row.get("clash_reason")?,
                attendance: row.parse("attendance")?,
                changed_at: row.get("changed_at")?,
                changed_by: row.get("changed_by")?,
                reminded_at: row.get("reminded_at")?,
                signs_in: row.get("signs_in")?,
                is_gone: row.get("is_gone")?,
            })
        })
        .collect()
}

/// Where members are at the time of an activity, other than there: of each the activity's id and
/// title.
pub async fn elsewhere(
    db: &Db,
    members: &[MemberId],
    outing: &Outing,
) -> Result<HashMap<MemberId, (ActivityId, String)>, DbError> {
    let mut found = HashMap::new();
    for some in members.chunks(400) {
        let conditions = elsewhere_of(some, outing);
        let statement = format!("{ELSEWHERE}{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            found.insert(row.get("member_id")?, (row.get("id")?, row.get("title")?));
        }
    }
    Ok(found)
}

/// Begins a query for where members are; see [`elsewhere_of`].
pub(super) const ELSEWHERE: &str = "SELECT x.member_id, a.id, a.title
    FROM activity_member x JOIN activity a ON a.id = x.activity_id";

/// What takes some members elsewhere at the time of an activity.
pub(super) fn elsewhere_of(members: &[MemberId], outing: &Outing) -> Conditions {
    let mut conditions = Conditions::new()
        .and("a.id <> ? AND a.starts_at < ? AND a.ends_at > ?", {
            args![outing.id, outing.ends_at, outing.starts_at]
        })
        .and("a.deleted_at IS NULL AND a.state <> 'cancelled'", vec![]);
    conditions.one_of("x.member_id", members.iter().map(Value::from).collect());
    conditions
}

/// A member by id and name, as the audit log wants them.
#[derive(Debug, Clone)]
pub struct Named {
    pub id: MemberId,
    pub name: String,
}

/// Something a member was told or is to be told.
#[derive(Debug, Clone)]
pub struct Notice {
    pub member: Named,
    pub kind: NoticeKind,
    pub outing: Outing,
    pub made_at: i64,
    pub read_at: Option<i64>,
}

const NOTICE: &str = "SELECT n.member_id, m.name AS member_name, n.kind, n.made_at, n.read_at,
    n.activity_id FROM notice n JOIN member m ON m.id = n.member_id
    JOIN activity a ON a.id = n.activity_id";

/// The activities of some rows, by their ids in the order of the rows.
async fn outings_of(
    db: &Db,
    rows: &[Row],
) -> Result<(Vec<ActivityId>, HashMap<ActivityId, Outing>), DbError> {
    let ids: Vec<ActivityId> =
        rows.iter().map(|row| row.get("activity_id")).collect::<Result<_, _>>()?;
    let mut found = HashMap::new();
    for some in ids.chunks(400) {
        let mut conditions = Conditions::new();
        conditions.one_of("a.id", some.iter().map(Value::from).collect());
        for outing in outings(db, conditions, "a.id", some.len()).await? {
            found.insert(outing.id, outing);
        }
    }
    Ok((ids, found))
}

const LEFT_BEHIND: &str = "SELECT s.activity_id, s.member_id, m.name
    FROM assignment s JOIN activity a ON a.id = s.activity_id
    JOIN member m ON m.id = s.member_id AND m.deleted_at IS NOT NULL
    WHERE a.starts_at > $1 AND a.deleted_at IS NULL AND s.answer <> 'declined'
    ORDER BY s.activity_id, s.member_id";

/// Who is in the trash and still counts as coming to something ahead.
pub async fn left_behind(db: &Db, now: i64) -> Result<Vec<(Outing, Named)>, DbError> {
    let rows = db.rows(LEFT_BEHIND, args![now]).await?;
    let (ids, outings) = outings_of(db, &rows).await?;
    let mut found = vec![];
    for (row, id) in rows.iter().zip(ids) {
        let Some(outing) = outings.get(&id) else { continue };
        let member = Named { id: row.get("member_id")?, name: row.get("name")? };
        found.push((outing.clone(), member));
    }
    Ok(found)
}

async fn notices_of(db: &Db, statement: &str, values: Vec<Value>) -> Result<Vec<Notice>, DbError> {
    let rows = db.rows(statement, values).await?;
    let (ids, outings_by_id) = outings_of(db, &rows).await?;
    let mut found = vec![];
    for (row, id) in rows.iter().zip(ids) {
        let Some(outing) = outings_by_id.get(&id) else { continue };
        found.push(Notice {
            member: Named { id: row.get("member_id")?, name: row.get("member_name")? },
            kind: row.parse("kind")?,
            outing: outing.clone(),
            made_at: row.get("made_at")?,
            read_at: row.get("read_at")?,
        });
    }
    Ok(found)
}

/// A member's notices, the latest first.
pub async fn notices_to(db: &Db, member: MemberId, most: usize) -> Result<Vec<Notice>, DbError> {
    let statement =
        format!("{NOTICE} WHERE n.member_id = $1 ORDER BY n.made_at DESC, n.id DESC LIMIT $2");
    notices_of(db, &statement, args![member, most]).await
}

fn untold(scope: &Scope, now: i64) -> Conditions {
    let mut conditions =
        Conditions::new().and("n.told_at IS NULL AND a.starts_at > ?", args![now]).and(
            "NOT EXISTS (SELECT 1 FROM account c
                         WHERE c.member_id = n.member_id AND c.disabled_at IS NULL)",
            vec![],
        );
    scope.restrict_each(&mut conditions, "a.unit_id");
    conditions
}

/// What people without an account are to be told by phone: of each person and activity to come
/// the latest, the next activity first.
pub async fn list_untold(
    db: &Db,
    scope: &Scope,
    now: i64,
    most: usize,
) -> Result<Vec<Notice>, DbError> {
    let mut conditions = untold(scope, now);
    let limit = conditions.bind(most);
    let statement = format!(
        "{NOTICE}{} ORDER BY a.starts_at, n.activity_id, m.folded, m.id, n.made_at DESC, n.id DESC
         LIMIT {limit}",
        conditions.text()
    );
    let mut found = notices_of(db, &statement, conditions.values()).await?;
    found.dedup_by_key(|one| (one.outing.id, one.member.id));
    Ok(found)
}

fn count_untold_query(scope: &Scope, now: i64) -> (String, Vec<Value>) {
    let conditions = untold(scope, now);
    let statement = format!(
        "SELECT COUNT(*) AS n FROM (SELECT DISTINCT n.member_id, n.activity_id FROM notice n
         JOIN activity a ON a.id = n.activity_id{}) each_one",
        conditions.text()
    );
    (statement, conditions.values())
}

/// How many people and activities are there to tell by phone.
pub async fn count_untold(db: &Db, scope: &Scope, now: i64) -> Result<i64, DbError> {
    let (statement, values) = count_untold_query(scope, now);
    db.count(&statement, values).await
}

/// A member's name, if there is such a member in no trash.
pub async fn named(db: &Db, id: MemberId) -> Result<Named, Fault> {
    let row = db
        .row("SELECT name FROM member WHERE id = $1 AND deleted_at IS NULL", args![id])
        .await?
        .ok_or(Fault::NotFound)?;
    Ok(Named { id, name: row.get("name")? })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The steps by which SQLite would answer some queries of an empty house.
    pub async fn steps_of(queries: Vec<(String, Vec<Value>)>) -> Vec<Vec<String>> {
        let folder = std::env::temp_dir().join(format!("lantoa-plan-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open_sqlite(&folder.join("lantoa.db")).await.unwrap();
        let mut found = vec![];
        for (statement, values) in queries {
            let plan = db.rows(&format!("EXPLAIN QUERY PLAN {statement}"), values).await.unwrap();
            found.push(plan.iter().map(|row| row.get("detail").unwrap()).collect());
        }
        db.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
        found
    }

    #[tokio::test]
    async fn the_board_counts_rosters_by_indexes() {
        let scope = Scope::for_test(uuid::Uuid::nil());
        let queries = vec![
            count_wanting_query(&scope, Wanting::People, 1),
            count_wanting_query(&scope, Wanting::Answers, 1),
            count_wanting_query(&scope, Wanting::Attendance, 1),
            count_untold_query(&scope, 1),
        ];
        let by = ["activity_time", "activity_time", "activity_time", "notice_untold"];
        for (steps, index) in steps_of(queries).await.iter().zip(by) {
            let used = format!("INDEX {index} ");
            assert!(steps.iter().any(|step| step.contains(&used)), "{index}: {steps:?}");
            // Of the people found, each is counted once; nothing else is read from end to end.
            let scans = steps.iter().filter(|step| step.starts_with("SCAN"));
            assert!(scans.into_iter().all(|step| step == "SCAN each_one"), "{steps:?}");
        }
    }
}
