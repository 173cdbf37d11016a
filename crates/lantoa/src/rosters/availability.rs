//! When people are free: an ordinary week, and days that are otherwise. Nobody is made to say it;
//! who says nothing is taken as free when villages meet.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use uuid::Uuid;

use super::hours::{self, Span};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{MemberId, TeamId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Tx, Value};

/// How many members make a team able to go out; a smaller team needs all of its members.
pub const NEEDED: usize = 2;

/// Morning, afternoon and evening as forms offer them.
pub const PARTS: [(&str, Span); 3] =
    [("morning", (450, 660)), ("afternoon", (840, 1020)), ("evening", (1110, 1260))];

/// The hours in which who has said nothing is taken as free: evenings on working days; mornings,
/// afternoons and evenings on Saturday and Sunday. An assumption of this program, not a rule of
/// any office; the page on which a member says otherwise shows it as such.
pub fn default_hours(weekday: Weekday) -> Vec<Span> {
    match weekday {
        Weekday::Saturday | Weekday::Sunday => PARTS.map(|part| part.1).to_vec(),
        _ => vec![PARTS[2].1],
    }
}

/// A stretch of days that is otherwise than the ordinary week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub id: Uuid,
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
    /// The minutes it speaks of, on each of the days.
    pub span: Span,
    pub free: bool,
    pub note: String,
}

/// What a member has said about when they are free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Availability {
    /// Who entered the ordinary week and when; none where the default hours are assumed.
    pub said: Option<(String, i64)>,
    /// Monday to Sunday.
    pub week: [Vec<Span>; 7],
    /// In the order in which they were said.
    pub exceptions: Vec<Exception>,
}

impl Availability {
    /// The minutes of a day in which the member is free.
    pub fn on(&self, day: Date) -> Vec<Span> {
        let weekday = day.weekday();
        let mut free = match self.said {
            Some(_) => self.week[weekday.to_monday_zero_offset() as usize].clone(),
            None => default_hours(weekday),
        };
        for other in self.exceptions.iter().filter(|one| one.from <= day && day <= one.to) {
            if other.free {
                free.push(other.span);
                free = hours::tidy(free);
            } else {
                free = hours::without(&free, other.span);
            }
        }
        free
    }
}

/// What some members have said; who has said nothing is there with the default hours. Exceptions
/// that ended before `since` are left out.
pub async fn of_members(
    db: &Db,
    members: &[MemberId],
    since: Date,
) -> Result<HashMap<MemberId, Availability>, DbError> {
    let mut found: HashMap<MemberId, Availability> =
        members.iter().map(|member| (*member, Availability::default())).collect();
    for some in members.chunks(400) {
        let ids: Vec<Value> = some.iter().map(Value::from).collect();
        let of = |more: Conditions| {
            let mut conditions = more;
            conditions.one_of("member_id", ids.clone());
            conditions
        };
        let conditions = of(Conditions::new());
        let said = "SELECT member_id, said_at, said_by FROM availability";
        for row in db.rows(&format!("{said}{}", conditions.text()), conditions.values()).await? {
            if let Some(one) = found.get_mut(&row.get("member_id")?) {
                one.said = Some((row.get("said_by")?, row.get("said_at")?));
            }
        }
        let week = "SELECT member_id, weekday, from_minute, to_minute FROM availability_week";
        let order = "ORDER BY member_id, weekday, from_minute";
        let statement = format!("{week}{} {order}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            let weekday: i64 = row.get("weekday")?;
            if let Some(one) = found.get_mut(&row.get("member_id")?)
                && let Some(day) = one.week.get_mut((weekday - 1) as usize)
            {
                day.push(span_of(&row)?);
            }
        }
        let conditions = of(Conditions::new().and("to_day >= ?", args![since]));
        let statement = format!(
            "SELECT id, member_id, from_day, to_day, from_minute, to_minute, free, note
             FROM availability_exception{} ORDER BY id",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            if let Some(one) = found.get_mut(&row.get("member_id")?) {
                one.exceptions.push(Exception {
                    id: row.get("id")?,
                    from: row.get("from_day")?,
                    to: row.get("to_day")?,
                    span: span_of(&row)?,
                    free: row.get("free")?,
                    note: row.get("note")?,
                });
            }
        }
    }
    Ok(found)
}

fn span_of(row: &crate::foundation::Row) -> Result<Span, DbError> {
    let (from, to): (i64, i64) = (row.get("from_minute")?, row.get("to_minute")?);
    Ok((from as i32, to as i32))
}

/// The minutes of each day from `from` to `to` in which a team can go out: at least [`NEEDED`] of
/// its members (all of them, where there are fewer) are free. A team of which no member has been
/// entered yet is taken as free on the default hours, since nobody is there to say otherwise.
pub async fn teams_free(
    db: &Db,
    teams: &[TeamId],
    from: Date,
    to: Date,
) -> Result<HashMap<TeamId, BTreeMap<Date, Vec<Span>>>, DbError> {
    let mut members: HashMap<TeamId, Vec<MemberId>> =
        teams.iter().map(|team| (*team, vec![])).collect();
    for some in teams.chunks(400) {
        let mut conditions = Conditions::new().and("deleted_at IS NULL", vec![]);
        conditions.one_of("team_id", some.iter().map(Value::from).collect());
        let statement = format!("SELECT id, team_id FROM member{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            members.entry(row.get("team_id")?).or_default().push(row.get("id")?);
        }
    }
    let everyone: Vec<MemberId> = members.values().flatten().copied().collect();
    let said = of_members(db, &everyone, from).await?;
    let mut free = HashMap::new();
    for (team, members) in members {
        let mut days = BTreeMap::new();
        let mut day = from;
        while day <= to {
            let lists: Vec<Vec<Span>> = if members.is_empty() {
                vec![default_hours(day.weekday())]
            } else {
                members.iter().filter_map(|id| Some(said.get(id)?.on(day))).collect()
            };
            days.insert(day, hours::shared(&lists, NEEDED.min(lists.len())));
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        free.insert(team, days);
    }
    Ok(free)
}

/// Whose hours are changed: for the audit log.
#[derive(Debug, Clone)]
pub struct Whose {
    pub member: MemberId,
    pub name: String,
    pub unit: UnitId,
}

impl Whose {
    fn changed(&self) -> Entry {
        Entry::new("availability", "member", self.member.0, &self.name).in_unit(self.unit)
    }
}

/// Sets the ordinary week, Monday to Sunday.
pub async fn set_week(
    tx: &mut Tx,
    whose: &Whose,
    week: &[Vec<Span>; 7],
    by: &Doer,
) -> Result<(), DbError> {
    let id = whose.member;
    tx.execute(
        "INSERT INTO availability (member_id, said_at, said_by) VALUES ($1, $2, $3)
         ON CONFLICT (member_id) DO UPDATE SET said_at = excluded.said_at, said_by = excluded.said_by",
        args![id, by.at, &by.name],
    )
    .await?;
    tx.execute("DELETE FROM availability_week WHERE member_id = $1", args![id]).await?;
    let rows = week.iter().zip(1_i64..).flat_map(|(spans, weekday)| {
        spans.iter().map(move |span| args![id, weekday, span.0, span.1])
    });
    tx.insert_many(
        "INSERT INTO availability_week (member_id, weekday, from_minute, to_minute)",
        rows,
        "",
    )
    .await?;
    let text = |spans: &Vec<Span>| spans.iter().map(|s| hours::shown(*s)).collect::<Vec<_>>();
    let week: Vec<String> = week.iter().map(|spans| text(spans).join(" ")).collect();
    whose.changed().detail(serde_json::json!({ "week": week.join("; ") })).write(tx, by).await
}

/// Forgets the ordinary week: the default hours hold again.
pub async fn forget_week(tx: &mut Tx, whose: &Whose, by: &Doer) -> Result<(), DbError> {
    for table in ["availability_week", "availability"] {
        let statement = format!("DELETE FROM {table} WHERE member_id = $1");
        tx.execute(&statement, args![whose.member]).await?;
    }
    whose.changed().detail(serde_json::json!({ "week": "" })).write(tx, by).await
}

/// Adds days that are otherwise.
pub async fn add_exception(
    tx: &mut Tx,
    whose: &Whose,
    new: &Exception,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO availability_exception
             (id, member_id, from_day, to_day, from_minute, to_minute, free, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![new.id, whose.member, new.from, new.to, new.span.0, new.span.1, new.free, &new.note],
    )
    .await?;
    let days = format!("{} – {}", vietnamese::date(new.from), vietnamese::date(new.to));
    let detail = serde_json::json!({
        "days": days, "hours": hours::shown(new.span), "free": new.free, "note": new.note,
    });
    whose.changed().detail(detail).write(tx, by).await
}

/// Takes such days back; false where there are none of that id.
pub async fn drop_exception(
    tx: &mut Tx,
    whose: &Whose,
    id: Uuid,
    by: &Doer,
) -> Result<bool, DbError> {
    let dropped = tx
        .execute(
            "DELETE FROM availability_exception WHERE id = $1 AND member_id = $2",
            args![id, whose.member],
        )
        .await?;
    if dropped > 0 {
        whose.changed().detail(serde_json::json!({ "days": "" })).write(tx, by).await?;
    }
    Ok(dropped > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn who_says_nothing_is_free_on_evenings_and_weekends() {
        let silent = Availability::default();
        assert_eq!(silent.on(date(2023, 9, 15)), [(1110, 1260)], "a Friday");
        assert_eq!(silent.on(date(2023, 9, 17)), [(450, 660), (840, 1020), (1110, 1260)]);
    }

    #[test]
    fn what_was_said_later_holds() {
        let day = date(2023, 9, 16);
        let except = |free, span| Exception {
            id: Uuid::now_v7(),
            from: day,
            to: date(2023, 9, 20),
            span,
            free,
            note: String::new(),
        };
        let mut member = Availability { said: Some((String::new(), 0)), ..Default::default() };
        assert_eq!(member.on(day), [], "said to be never free");
        member.exceptions.push(except(true, (450, 660)));
        member.exceptions.push(except(false, (450, 480)));
        assert_eq!(member.on(day), [(480, 660)]);
        assert_eq!(member.on(date(2023, 9, 21)), [], "only on those days");
        member.exceptions.push(except(true, hours::DAY));
        assert_eq!(member.on(day), [hours::DAY]);
    }
}
