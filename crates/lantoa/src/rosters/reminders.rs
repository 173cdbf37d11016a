//! Reminders by the server's own scheduler. A round looks at what is due at an instant and makes
//! the notices; the table's unique key makes each of them once, whatever the clock does, however
//! often a round runs and however long the server was away. Nobody is reminded of what has begun.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::ToSpan as _;
use tokio::sync::watch;

use super::{changes, store};
use crate::args;
use crate::foundation::audit::{self, Doer};
use crate::foundation::ids::{ActivityId, MemberId, UnitId};
use crate::foundation::{Db, DbError, Row, Shared, Tx, clock, settings};
use crate::people::notices::{self, NoticeKind, Told};

/// When people are reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Minute of the day before at which the first reminder is due.
    pub evening: i32,
    /// Minutes before the start at which the second is due.
    pub before: i64,
    /// Reminders one person is given on one day, at most: who is reminded of everything all day
    /// long stops reading (the Community Health Toolkit caps its daily reminder for this reason).
    pub per_day: i64,
}

impl Default for Rules {
    /// At 18:00 on the evening before and two hours before the start; at most four a day.
    fn default() -> Self {
        Self { evening: 18 * 60, before: 120, per_day: 4 }
    }
}

const EVENING: &str = "reminder_evening";
const BEFORE: &str = "reminder_before";
const PER_DAY: &str = "reminder_per_day";

impl Rules {
    /// The rules of this installation.
    pub async fn of(db: &Db) -> Result<Self, DbError> {
        let usual = Self::default();
        let set = async |key| -> Result<Option<i64>, DbError> {
            Ok(settings::get(db, key).await?.and_then(|text| text.parse().ok()))
        };
        Ok(Self {
            evening: set(EVENING).await?.map_or(usual.evening, |minute| minute as i32),
            before: set(BEFORE).await?.unwrap_or(usual.before),
            per_day: set(PER_DAY).await?.unwrap_or(usual.per_day),
        })
    }

    /// Makes these the rules of this installation.
    pub async fn set(&self, tx: &mut Tx, before: &Self, by: &Doer) -> Result<(), DbError> {
        let values =
            [(EVENING, i64::from(self.evening)), (BEFORE, self.before), (PER_DAY, self.per_day)];
        for (key, value) in values {
            settings::set(tx, key, &value.to_string()).await?;
        }
        let flat = |rules: &Self| {
            serde_json::json!({ "evening": rules.evening, "before": rules.before,
                                "per_day": rules.per_day })
        };
        audit::Entry::new("changed", "reminders", None, "")
            .change(&flat(before), &flat(self))
            .write(tx, by)
            .await
    }

    /// The reminder that is due at an instant for what begins at `starts_at`, and since when: the
    /// later one where both are. After downtime only that is caught up.
    pub fn due(&self, starts_at: i64, now: i64) -> Option<(NoticeKind, i64)> {
        let day = clock::local(starts_at).date();
        let eve = day.checked_sub(1.day()).unwrap_or(day);
        let evening = clock::millis(eve.at(0, 0, 0, 0)) + i64::from(self.evening) * 60_000;
        let hours = starts_at - self.before * 60_000;
        let mut both = [(NoticeKind::EveningBefore, evening), (NoticeKind::HoursBefore, hours)];
        both.sort_by_key(|(_, since)| *since);
        both.into_iter().rfind(|(_, since)| *since <= now && now < starts_at)
    }

    /// How long before a start anything can be due, in milliseconds.
    fn reach(&self) -> i64 {
        (self.before * 60_000).max(48 * 3_600_000)
    }
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    pub reminded: usize,
    pub moved: usize,
    pub cancelled: usize,
    /// Told that what was cancelled takes place after all.
    pub resumed: usize,
    /// Members in the trash who come no more to what is ahead.
    pub left: usize,
}

/// Someone on a roster of what may have to be told.
struct Line {
    member: MemberId,
    name: String,
    activity: ActivityId,
    title: String,
    unit: UnitId,
    starts_at: i64,
    added_at: i64,
    declined: bool,
    signs_in: bool,
}

const LINE: &str = "SELECT s.member_id, m.name, s.activity_id, a.title, a.unit_id, a.starts_at,
        s.added_at, CASE WHEN s.answer = 'declined' THEN 1 ELSE 0 END AS declined,
        CASE WHEN EXISTS (SELECT 1 FROM account c WHERE c.member_id = s.member_id
                          AND c.disabled_at IS NULL) THEN 1 ELSE 0 END AS signs_in
    FROM assignment s JOIN activity a ON a.id = s.activity_id
    JOIN member m ON m.id = s.member_id AND m.deleted_at IS NULL";

fn line_of(row: &Row) -> Result<Line, DbError> {
    Ok(Line {
        member: row.get("member_id")?,
        name: row.get("name")?,
        activity: row.get("activity_id")?,
        title: row.get("title")?,
        unit: row.get("unit_id")?,
        starts_at: row.get("starts_at")?,
        added_at: row.get("added_at")?,
        declined: row.get("declined")?,
        signs_in: row.get("signs_in")?,
    })
}

/// Tells everyone what is to be told at an instant.
pub async fn round(db: &Db, now: i64) -> Result<Round, DbError> {
    let by = Doer { account_id: None, name: "Lan Tỏa".to_owned(), at: now };
    let left = let_go(db, &by).await?;
    let moved = tell_moved(db, &by).await?;
    let cancelled = tell_cancelled(db, &by).await?;
    let resumed = ask_anew(db, &by).await?;
    let reminded = remind(db, &by).await?;
    Ok(Round { reminded, moved, cancelled, resumed, left })
}

async fn lines(
    db: &Db,
    conditions: &str,
    values: Vec<crate::foundation::Value>,
) -> Result<Vec<Line>, DbError> {
    db.rows(&lines_query(conditions), values).await?.iter().map(line_of).collect()
}

fn lines_query(conditions: &str) -> String {
    format!("{LINE} WHERE {conditions} ORDER BY a.starts_at, a.id, s.member_id")
}

/// Answers were given for a start: where that changed, they are asked for anew.
async fn tell_moved(db: &Db, by: &Doer) -> Result<usize, DbError> {
    // What was to come and what is to come; a correction of what is long past changes nothing.
    let to_come = "a.starts_at > $1 AND s.starts_at <> a.starts_at";
    let mut moved = lines(db, to_come, args![by.at]).await?;
    let was_to_come = "s.starts_at > $1 AND a.starts_at <= $1";
    moved.extend(lines(db, was_to_come, args![by.at]).await?);
    if moved.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let mut told = vec![];
    for line in &moved {
        let ahead = line.starts_at > by.at;
        // What has begun was only written down at another time: the answers stand.
        let answer =
            if ahead && !line.declined { "answer = 'none', reminded_at = NULL," } else { "" };
        let statement = format!(
            "UPDATE assignment SET {answer} starts_at = $1 WHERE activity_id = $2 AND member_id = $3"
        );
        tx.execute(&statement, args![line.starts_at, line.activity, line.member]).await?;
        if ahead && !line.declined && make(&mut tx, line, NoticeKind::Moved, by).await? {
            told.push(line);
        }
    }
    write_down(&mut tx, "moved", &told, by).await?;
    tx.commit().await?;
    Ok(told.len())
}

/// Tells those who were to come that it does not take place.
async fn tell_cancelled(db: &Db, by: &Doer) -> Result<usize, DbError> {
    let off = lines(
        db,
        "a.starts_at > $1 AND (a.state = 'cancelled' OR a.deleted_at IS NOT NULL)
         AND s.answer <> 'declined'
         AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.member_id = s.member_id
                         AND n.activity_id = s.activity_id AND n.kind = 'cancelled'
                         AND n.starts_at = a.starts_at)",
        args![by.at],
    )
    .await?;
    if off.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let mut told = vec![];
    for line in &off {
        if make(&mut tx, line, NoticeKind::Cancelled, by).await? {
            told.push(line);
        }
    }
    write_down(&mut tx, "told", &told, by).await?;
    tx.commit().await?;
    Ok(told.len())
}

/// What they were told is off takes place after all: they are invited anew, because they may have
/// found something else to do. With what was said before forgotten, a further cancelling is told.
async fn ask_anew(db: &Db, by: &Doer) -> Result<usize, DbError> {
    let on_again = lines(
        db,
        "a.starts_at > $1 AND a.state IN ('planned', 'confirmed') AND a.deleted_at IS NULL
         AND s.answer <> 'declined'
         AND EXISTS (SELECT 1 FROM notice n WHERE n.member_id = s.member_id
                     AND n.activity_id = s.activity_id AND n.kind = 'cancelled'
                     AND n.starts_at = a.starts_at)",
        args![by.at],
    )
    .await?;
    if on_again.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let mut told = vec![];
    for line in &on_again {
        notices::forget(&mut tx, line.member, line.activity).await?;
        tx.execute(
            "UPDATE assignment SET answer = 'none', reminded_at = NULL, added_at = $3
             WHERE activity_id = $1 AND member_id = $2",
            args![line.activity, line.member, by.at],
        )
        .await?;
        if make(&mut tx, line, NoticeKind::Invited, by).await? {
            told.push(line);
        }
    }
    write_down(&mut tx, "invited", &told, by).await?;
    tx.commit().await?;
    Ok(told.len())
}

/// Members who were put into the trash come no more to what is ahead; what has begun stays as it
/// was written down.
async fn let_go(db: &Db, by: &Doer) -> Result<usize, DbError> {
    let left = store::left_behind(db, by.at).await?;
    if left.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    for (outing, member) in &left {
        changes::leave(&mut tx, outing, member, by).await?;
    }
    tx.commit().await?;
    Ok(left.len())
}

/// Which lines may be due for a reminder: `$1` now, `$2` as far ahead as any can be due.
const MAY_BE_DUE: &str = "a.starts_at > $1 AND a.starts_at <= $2
    AND a.state IN ('planned', 'confirmed') AND a.deleted_at IS NULL AND s.answer <> 'declined'";

async fn remind(db: &Db, by: &Doer) -> Result<usize, DbError> {
    let rules = Rules::of(db).await?;
    let ahead = lines(db, MAY_BE_DUE, args![by.at, by.at + rules.reach()]).await?;
    let due: Vec<(&Line, NoticeKind)> = ahead
        .iter()
        .filter_map(|line| {
            let (kind, since) = rules.due(line.starts_at, by.at)?;
            // Who was asked after that has just heard of it.
            (line.added_at < since).then_some((line, kind))
        })
        .collect();
    let already = reminders_made(db, by.at).await?;
    let due: Vec<_> = due
        .into_iter()
        .filter(|(line, kind)| {
            let made = |kind| already.contains(&(line.member, line.activity, kind, line.starts_at));
            // The nearer reminder stands for the earlier one, should the clock be set back.
            !made(*kind) && !made(NoticeKind::HoursBefore)
        })
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let today = clock::local(by.at).date();
    let mut given: HashMap<MemberId, i64> = HashMap::new();
    for (line, _) in &due {
        if let Entry::Vacant(slot) = given.entry(line.member) {
            slot.insert(notices::reminders_on(db, line.member, today).await?);
        }
    }
    let mut tx = db.begin().await?;
    let mut told = vec![];
    for (line, kind) in due {
        let count = given.entry(line.member).or_default();
        if *count >= rules.per_day || !make(&mut tx, line, kind, by).await? {
            continue;
        }
        *count += 1;
        if line.signs_in {
            tx.execute(
                "UPDATE assignment SET reminded_at = $1 WHERE activity_id = $2 AND member_id = $3",
                args![by.at, line.activity, line.member],
            )
            .await?;
        }
        told.push(line);
    }
    write_down(&mut tx, "reminded", &told, by).await?;
    tx.commit().await?;
    Ok(told.len())
}

/// The reminders already made of what is still to come.
async fn reminders_made(
    db: &Db,
    now: i64,
) -> Result<HashSet<(MemberId, ActivityId, NoticeKind, i64)>, DbError> {
    db.rows(
        "SELECT member_id, activity_id, kind, starts_at FROM notice
         WHERE starts_at > $1 AND kind IN ('evening_before', 'hours_before')",
        args![now],
    )
    .await?
    .iter()
    .map(|row| {
        let kind = row.parse("kind")?;
        Ok((row.get("member_id")?, row.get("activity_id")?, kind, row.get("starts_at")?))
    })
    .collect()
}

async fn make(tx: &mut Tx, line: &Line, kind: NoticeKind, by: &Doer) -> Result<bool, DbError> {
    let told =
        Told { member: line.member, activity: line.activity, kind, starts_at: line.starts_at };
    notices::make(tx, told, by.at).await
}

/// One line of the audit log for each activity.
async fn write_down(
    tx: &mut Tx,
    action: &'static str,
    told: &[&Line],
    by: &Doer,
) -> Result<(), DbError> {
    for of_one in told.chunk_by(|a, b| a.activity == b.activity) {
        let names: Vec<&str> = of_one.iter().map(|line| line.name.as_str()).collect();
        let line = of_one[0];
        audit::Entry::new(action, "activity", line.activity.0, &line.title)
            .in_unit(line.unit)
            .detail(serde_json::json!({ "member": names.join(", ") }))
            .write(tx, by)
            .await?;
    }
    Ok(())
}

/// How often the scheduler looks.
const EVERY: Duration = Duration::from_mins(1);

/// Looks for what is due until told to stop. A round that fails is tried again with the next.
pub async fn keep(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = tick.tick() => {}
        }
        match round(&app.db, app.clock.now()).await {
            Ok(done) if done == Round::default() => {}
            Ok(done) => tracing::info!(?done, "told people what is due"),
            Err(e) => tracing::error!(error = %e, "reminders failed; they are tried again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime, date};

    fn at(day: i8, hour: i8, minute: i8) -> DateTime {
        date(2023, 9, day).at(hour, minute, 0, 0)
    }

    fn due(starts: DateTime, now: DateTime) -> Option<NoticeKind> {
        let rules = Rules::default();
        rules.due(clock::millis(starts), clock::millis(now)).map(|(kind, _)| kind)
    }

    #[tokio::test]
    async fn a_round_finds_what_is_due_by_the_index_of_time() {
        let query = (lines_query(MAY_BE_DUE), args![1_i64, 2_i64]);
        for steps in store::tests::steps_of(vec![query]).await {
            let span = "INDEX activity_time (starts_at>? AND starts_at<?)";
            assert!(steps.iter().any(|step| step.contains(span)), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
        }
    }

    #[test]
    fn reminders_are_due_on_the_evening_before_and_two_hours_before() {
        let starts = at(17, 19, 30);
        assert_eq!(due(starts, at(16, 17, 59)), None);
        assert_eq!(due(starts, at(16, 18, 0)), Some(NoticeKind::EveningBefore));
        assert_eq!(due(starts, at(17, 17, 29)), Some(NoticeKind::EveningBefore));
        assert_eq!(due(starts, at(17, 17, 30)), Some(NoticeKind::HoursBefore));
        assert_eq!(due(starts, starts), None, "what has begun needs no reminder");
    }

    #[test]
    fn the_evening_before_is_that_of_the_local_day() {
        // 06:30 in Viet Nam is 23:30 of the day before in UTC; 00:30 likewise.
        assert_eq!(due(at(17, 6, 30), at(16, 17, 59)), None);
        assert_eq!(due(at(17, 6, 30), at(16, 18, 0)), Some(NoticeKind::EveningBefore));
        assert_eq!(due(at(17, 0, 30), at(16, 18, 0)), Some(NoticeKind::EveningBefore));
        assert_eq!(due(at(17, 0, 30), at(16, 22, 30)), Some(NoticeKind::HoursBefore));
        assert_eq!(due(at(16, 23, 30), at(15, 18, 0)), Some(NoticeKind::EveningBefore));
    }
}
