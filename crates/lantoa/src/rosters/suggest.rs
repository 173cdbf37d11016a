//! Who could go: free at that time, not elsewhere, from the nearest team, with the least to do.

use jiff::ToSpan as _;

use super::availability;
use super::hours::{self, Span};
use super::model::Outing;
use super::store;
use crate::args;
use crate::foundation::ids::{ActivityId, MemberId, UnitId};
use crate::foundation::{Conditions, Db, DbError, clock};
use crate::people::Scope;
use crate::schedule::hours::fits;

/// Someone who could be put on a roster.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: MemberId,
    pub name: String,
    pub team_name: String,
    /// 0 the activity's own team, 1 a team of its unit, 2 a team of its commune, 3 further away.
    pub distance: u8,
    /// Whether they said they are free at that time.
    pub is_free: bool,
    /// What they take part in at that time.
    pub elsewhere: Option<(ActivityId, String)>,
    /// Activities they take part in that month.
    pub load: i64,
}

impl Candidate {
    /// Whether they can come, as far as is known.
    pub fn can_come(&self) -> bool {
        self.is_free && self.elsewhere.is_none()
    }

    fn rank(&self) -> (bool, bool, u8, i64) {
        (self.elsewhere.is_some(), !self.is_free, self.distance, self.load)
    }
}

/// Fewer than so many who can come from the commune: then the units around it are asked too.
const FEW: usize = 3;

/// Who could go to an activity, best first: those of its team and commune, and those further away
/// where few of these can. All of them within `scope`; who is on the roster already is left out.
pub async fn candidates(
    db: &Db,
    scope: &Scope,
    outing: &Outing,
) -> Result<Vec<Candidate>, DbError> {
    let around = surroundings(db, outing.unit_id).await?;
    let mut found = vec![];
    for unit in around {
        found = within(db, scope, outing, unit).await?;
        if found.iter().filter(|one| one.can_come()).count() >= FEW {
            break;
        }
    }
    Ok(found)
}

/// The commune of a unit (or the unit itself, where it is larger), and the unit around that.
async fn surroundings(db: &Db, unit: UnitId) -> Result<Vec<UnitId>, DbError> {
    let rows = db
        .rows(
            "SELECT u.id FROM unit_ancestor w JOIN unit u ON u.id = w.ancestor_id
             WHERE w.unit_id = $1 AND (u.level <> 'hamlet' OR u.parent_id IS NULL)
             ORDER BY w.distance LIMIT 2",
            args![unit],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// At most so many people are looked at: those of a province's teams would be too many to show.
const MOST: usize = 2000;

async fn within(
    db: &Db,
    scope: &Scope,
    outing: &Outing,
    around: UnitId,
) -> Result<Vec<Candidate>, DbError> {
    let (from, to) = month_of(outing.starts_at);
    let mut conditions = Conditions::after(args![from, to])
        .and("m.deleted_at IS NULL AND t.deleted_at IS NULL", vec![])
        .and(
            "t.id = ? OR EXISTS (SELECT 1 FROM unit_ancestor w
                                 WHERE w.unit_id = t.unit_id AND w.ancestor_id = ?)",
            args![outing.team_id, around],
        )
        .and(
            "NOT EXISTS (SELECT 1 FROM assignment s
                         WHERE s.activity_id = ? AND s.member_id = m.id)",
            args![outing.id],
        );
    scope.restrict_each(&mut conditions, "t.unit_id");
    let commune = surroundings(db, outing.unit_id).await?.first().copied();
    let near = conditions.bind(commune);
    let limit = conditions.bind(MOST);
    let statement = format!(
        "SELECT m.id, m.name, t.id AS team_id, t.name AS team_name, t.unit_id,
                (SELECT COUNT(*) FROM assignment s WHERE s.member_id = m.id
                 AND s.answer <> 'declined' AND s.starts_at >= $1 AND s.starts_at < $2) AS load,
                CASE WHEN EXISTS (SELECT 1 FROM unit_ancestor w WHERE w.unit_id = t.unit_id
                                  AND w.ancestor_id = {near}) THEN 1 ELSE 0 END AS is_near
         FROM member m JOIN team t ON t.id = m.team_id{} ORDER BY m.folded, m.id LIMIT {limit}",
        conditions.text()
    );
    let mut found = vec![];
    for row in db.rows(&statement, conditions.values()).await? {
        let unit: UnitId = row.get("unit_id")?;
        let distance = match (outing.team_id, row.get("is_near")?) {
            (Some(team), _) if team == row.get("team_id")? => 0,
            _ if unit == outing.unit_id => 1,
            (_, true) => 2,
            (_, false) => 3,
        };
        found.push(Candidate {
            id: row.get("id")?,
            name: row.get("name")?,
            team_name: row.get("team_name")?,
            distance,
            is_free: false,
            elsewhere: None,
            load: row.get("load")?,
        });
    }
    fill_in(db, outing, &mut found).await?;
    found.sort_by_key(Candidate::rank);
    Ok(found)
}

/// Looks up who is free and who is elsewhere.
async fn fill_in(db: &Db, outing: &Outing, found: &mut [Candidate]) -> Result<(), DbError> {
    let ids: Vec<MemberId> = found.iter().map(|one| one.id).collect();
    let (day, span) = span_of(outing);
    let said = availability::of_members(db, &ids, day).await?;
    let mut elsewhere = store::elsewhere(db, &ids, outing).await?;
    for one in found {
        one.is_free = said.get(&one.id).is_some_and(|said| fits(&said.on(day), span.0, span.1));
        one.elsewhere = elsewhere.remove(&one.id);
    }
    Ok(())
}

/// The local day on which an activity begins, and its minutes on that day.
fn span_of(outing: &Outing) -> (jiff::civil::Date, Span) {
    let (from, to) = (clock::local(outing.starts_at), clock::local(outing.ends_at));
    let minute = |at: jiff::civil::DateTime| i32::from(at.hour()) * 60 + i32::from(at.minute());
    let until = if to.date() == from.date() { minute(to) } else { hours::DAY.1 };
    (from.date(), (minute(from), until))
}

/// The first instant of an instant's local month, and of the next.
fn month_of(at: i64) -> (i64, i64) {
    let first = clock::local(at).date().first_of_month();
    let next = first.checked_add(1.month()).unwrap_or(first);
    (clock::millis(first.at(0, 0, 0, 0)), clock::millis(next.at(0, 0, 0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_begins_at_local_midnight() {
        let (from, to) = month_of(clock::millis(date(2023, 9, 1).at(0, 30, 0, 0)));
        assert_eq!(clock::local(from), date(2023, 9, 1).at(0, 0, 0, 0));
        assert_eq!(clock::local(to), date(2023, 10, 1).at(0, 0, 0, 0));
    }
}
