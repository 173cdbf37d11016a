//! What people are told: each notice once, kept until read. Who has no account is told by another
//! way: whoever passes notices on (today a lead with a phone) takes those not yet told and writes
//! down with [`told`] how each reached its person. A further channel has to do the same and no more.

use uuid::Uuid;

use crate::args;
use crate::foundation::audit::Doer;
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::{Db, DbError, Tx, clock};

/// What a notice says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// Put on the roster: please answer.
    Invited,
    /// Reminder on the evening before.
    EveningBefore,
    /// Reminder some hours before.
    HoursBefore,
    /// It takes place at another time: please answer anew.
    Moved,
    /// It does not take place.
    Cancelled,
    /// Taken off the roster.
    Released,
}

impl NoticeKind {
    /// Every value.
    pub const ALL: [NoticeKind; 6] = [
        NoticeKind::Invited,
        NoticeKind::EveningBefore,
        NoticeKind::HoursBefore,
        NoticeKind::Moved,
        NoticeKind::Cancelled,
        NoticeKind::Released,
    ];

    /// The name in the database and the translation keys (`notice-…`).
    pub const fn code(self) -> &'static str {
        match self {
            NoticeKind::Invited => "invited",
            NoticeKind::EveningBefore => "evening_before",
            NoticeKind::HoursBefore => "hours_before",
            NoticeKind::Moved => "moved",
            NoticeKind::Cancelled => "cancelled",
            NoticeKind::Released => "released",
        }
    }

    /// Whether it reminds of what the person knew already.
    pub const fn reminds(self) -> bool {
        matches!(self, NoticeKind::EveningBefore | NoticeKind::HoursBefore)
    }
}

impl std::str::FromStr for NoticeKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        NoticeKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Something to tell a member.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub member: MemberId,
    pub activity: ActivityId,
    pub kind: NoticeKind,
    /// The start of the activity that it speaks of, in epoch milliseconds.
    pub starts_at: i64,
}

/// Makes a notice, unless the same was made before; tells whether it is new.
pub async fn make(tx: &mut Tx, new: Told, at: i64) -> Result<bool, DbError> {
    let made = tx
        .execute(
            "INSERT INTO notice (id, member_id, activity_id, kind, starts_at, made_at, made_on,
                                 told_how, told_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', '')
             ON CONFLICT (member_id, activity_id, kind, starts_at) DO NOTHING",
            args![
                Uuid::now_v7(),
                new.member,
                new.activity,
                new.kind.code(),
                new.starts_at,
                at,
                clock::local(at).date(),
            ],
        )
        .await?;
    Ok(made > 0)
}

/// Forgets what was said to a member of an activity, so that it can be said anew.
pub async fn forget(tx: &mut Tx, member: MemberId, activity: ActivityId) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM notice WHERE member_id = $1 AND activity_id = $2",
        args![member, activity],
    )
    .await?;
    Ok(())
}

/// Marks a member's notices as read: those of one activity, or all.
pub async fn read(
    tx: &mut Tx,
    member: MemberId,
    activity: Option<ActivityId>,
    at: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE notice SET read_at = $1
         WHERE member_id = $2 AND read_at IS NULL AND activity_id = COALESCE($3, activity_id)",
        args![at, member, activity],
    )
    .await?;
    Ok(())
}

/// Marks what a member was to hear of an activity as passed on, `how`: `phone` for a call or a
/// message sent by hand.
pub async fn told(
    tx: &mut Tx,
    member: MemberId,
    activity: ActivityId,
    how: &str,
    by: &Doer,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE notice SET told_at = $1, told_how = $2, told_by = $3, read_at = COALESCE(read_at, $1)
         WHERE member_id = $4 AND activity_id = $5 AND told_at IS NULL",
        args![by.at, how, &by.name, member, activity],
    )
    .await
}

/// How many reminders a member was given on a local day.
pub async fn reminders_on(
    db: &Db,
    member: MemberId,
    day: jiff::civil::Date,
) -> Result<i64, DbError> {
    db.count(
        "SELECT COUNT(*) AS n FROM notice
         WHERE member_id = $1 AND made_on = $2 AND kind IN ('evening_before', 'hours_before')",
        args![member, day],
    )
    .await
}
