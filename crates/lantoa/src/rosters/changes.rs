//! Changing rosters: every change with its line in the audit log, in one transaction.

use super::model::{Answer, Attendance, LEFT, Origin, Outing};
use super::store::{ELSEWHERE, Named, elsewhere_of};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::{DbError, Tx};
use crate::people::notices::{self, NoticeKind, Told};

async fn write_down(
    tx: &mut Tx,
    action: &'static str,
    outing: &Outing,
    member: &Named,
    reason: &str,
    by: &Doer,
) -> Result<(), DbError> {
    Entry::new(action, "activity", outing.id.0, &outing.title)
        .in_unit(outing.unit_id)
        .detail(serde_json::json!({ "member": member.name, "reason": reason }))
        .write(tx, by)
        .await
}

/// Says how many people an activity wants and whether members sign up by themselves.
pub async fn set_roster(
    tx: &mut Tx,
    outing: &Outing,
    needed: Option<i64>,
    is_open: bool,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO roster (activity_id, needed, is_open) VALUES ($1, $2, $3)
         ON CONFLICT (activity_id) DO UPDATE SET needed = excluded.needed,
                                                 is_open = excluded.is_open",
        args![outing.id, needed, is_open],
    )
    .await?;
    let before = serde_json::json!({ "needed": outing.needed, "open": outing.is_open });
    let after = serde_json::json!({ "needed": needed, "open": is_open });
    Entry::new("changed", "activity", outing.id.0, &outing.title)
        .in_unit(outing.unit_id)
        .change(&before, &after)
        .write(tx, by)
        .await
}

/// What became of putting someone on a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// They are on it.
    Done,
    /// They are elsewhere at that time, and nobody gave a reason to let it stand.
    Elsewhere,
    /// As many people come as are wanted.
    Full,
}

/// Puts someone on a roster; who declined before is asked again. A person is never in two places
/// at once unless `clash_reason` says why (promise 3); that is looked at inside the transaction.
pub async fn put(
    tx: &mut Tx,
    outing: &Outing,
    member: &Named,
    origin: Origin,
    clash_reason: &str,
    by: &Doer,
) -> Result<Put, DbError> {
    tx.hold(member.id.0.as_bytes()).await?;
    let conditions = elsewhere_of(&[member.id], outing);
    let statement = format!("{ELSEWHERE}{}", conditions.text());
    if clash_reason.is_empty() && tx.row(&statement, conditions.values()).await?.is_some() {
        return Ok(Put::Elsewhere);
    }
    if origin == Origin::SignedUp {
        tx.hold(outing.id.0.as_bytes()).await?;
        let coming = "SELECT COUNT(*) AS n FROM activity_member WHERE activity_id = $1";
        let row = tx.row(coming, args![outing.id]).await?;
        let coming = row.map_or(Ok(0), |row| row.get::<i64>("n"))?;
        if outing.needed.is_some_and(|needed| coming >= needed) {
            return Ok(Put::Full);
        }
    }
    let changed = tx
        .execute(
            "INSERT INTO assignment (activity_id, member_id, origin, answer, reason, clash_reason,
                                     attendance, starts_at, added_at, changed_at, changed_by)
             VALUES ($1, $2, $3, 'none', '', $4, 'unknown', $5, $6, $6, $7)
             ON CONFLICT (activity_id, member_id) DO UPDATE
             SET answer = 'none', reason = '', clash_reason = excluded.clash_reason,
                 origin = excluded.origin, added_at = excluded.added_at,
                 changed_at = excluded.changed_at, changed_by = excluded.changed_by
             WHERE assignment.answer = 'declined'",
            args![
                outing.id,
                member.id,
                origin.code(),
                clash_reason,
                outing.starts_at,
                by.at,
                &by.name
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(Put::Done);
    }
    notices::forget(tx, member.id, outing.id).await?;
    if origin == Origin::Invited && outing.is_ahead(by.at) {
        tell(tx, outing, member.id, NoticeKind::Invited, by.at).await?;
    }
    write_down(tx, origin.code(), outing, member, clash_reason, by).await?;
    Ok(Put::Done)
}

async fn tell(
    tx: &mut Tx,
    outing: &Outing,
    member: MemberId,
    kind: NoticeKind,
    at: i64,
) -> Result<bool, DbError> {
    let told = Told { member, activity: outing.id, kind, starts_at: outing.starts_at };
    notices::make(tx, told, at).await
}

/// Takes someone off a roster, and tells them where it is still to come.
pub async fn release(
    tx: &mut Tx,
    outing: &Outing,
    member: &Named,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM assignment WHERE activity_id = $1 AND member_id = $2",
        args![outing.id, member.id],
    )
    .await?;
    notices::forget(tx, member.id, outing.id).await?;
    if outing.is_ahead(by.at) {
        tell(tx, outing, member.id, NoticeKind::Released, by.at).await?;
    }
    write_down(tx, "released", outing, member, "", by).await
}

/// Where nobody had said how many people are wanted, the first who does not come after all leaves
/// a place to fill: as many are wanted as were to come.
async fn keep_places(tx: &mut Tx, activity: ActivityId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO roster (activity_id, needed, is_open)
         SELECT x.activity_id, COUNT(*), 0 FROM activity_member x WHERE x.activity_id = $1
         GROUP BY x.activity_id
         ON CONFLICT (activity_id) DO UPDATE
         SET needed = COALESCE(roster.needed, excluded.needed)",
        args![activity],
    )
    .await?;
    Ok(())
}

/// Who was put into the trash does not come to what is ahead; their place is to be filled.
pub async fn leave(tx: &mut Tx, outing: &Outing, member: &Named, by: &Doer) -> Result<(), DbError> {
    keep_places(tx, outing.id).await?;
    tx.execute(
        "UPDATE assignment SET answer = 'declined', reason = $3, changed_at = $4, changed_by = $5
         WHERE activity_id = $1 AND member_id = $2",
        args![outing.id, member.id, LEFT, by.at, &by.name],
    )
    .await?;
    write_down(tx, "left", outing, member, "", by).await
}

/// Writes down what someone answered; see [`keep_places`] for those who decline.
pub async fn answer(
    tx: &mut Tx,
    outing: &Outing,
    member: &Named,
    answer: Answer,
    reason: &str,
    by: &Doer,
) -> Result<(), DbError> {
    if answer == Answer::Declined {
        keep_places(tx, outing.id).await?;
    }
    let changed = tx
        .execute(
            "UPDATE assignment SET answer = $3, reason = $4, starts_at = $5, changed_at = $6,
                                   changed_by = $7
             WHERE activity_id = $1 AND member_id = $2 AND (answer <> $3 OR reason <> $4)",
            args![outing.id, member.id, answer.code(), reason, outing.starts_at, by.at, &by.name],
        )
        .await?;
    notices::read(tx, member.id, Some(outing.id), by.at).await?;
    if changed == 0 {
        return Ok(());
    }
    let action = if answer == Answer::Declined { "declined" } else { "confirmed" };
    write_down(tx, action, outing, member, reason, by).await
}

/// Writes down whether someone came, also someone who was on no list.
pub async fn attend(
    tx: &mut Tx,
    outing: &Outing,
    member: &Named,
    attendance: Attendance,
    by: &Doer,
) -> Result<(), DbError> {
    let changed = tx
        .execute(
            "INSERT INTO assignment (activity_id, member_id, origin, answer, reason, clash_reason,
                                     attendance, starts_at, added_at, changed_at, changed_by)
             VALUES ($1, $2, 'invited', 'none', '', '', $3, $4, $5, $5, $6)
             ON CONFLICT (activity_id, member_id) DO UPDATE
             SET attendance = excluded.attendance, changed_at = excluded.changed_at,
                 changed_by = excluded.changed_by
             WHERE assignment.attendance <> excluded.attendance",
            args![outing.id, member.id, attendance.code(), outing.starts_at, by.at, &by.name],
        )
        .await?;
    if changed == 0 {
        return Ok(());
    }
    write_down(tx, attendance.code(), outing, member, "", by).await
}

/// Writes down that someone was told by phone what they were to hear of an activity.
pub async fn told_by_phone(
    tx: &mut Tx,
    outing: &Outing,
    member: &Named,
    by: &Doer,
) -> Result<(), DbError> {
    if notices::told(tx, member.id, outing.id, "phone", by).await? == 0 {
        return Ok(());
    }
    tx.execute(
        "UPDATE assignment SET reminded_at = $3 WHERE activity_id = $1 AND member_id = $2",
        args![outing.id, member.id, by.at],
    )
    .await?;
    write_down(tx, "told", outing, member, "", by).await
}
