//! All SQL of the unit tree.

use std::collections::HashMap;

use jiff::civil::Date;

use super::model::{Level, Link, Unit};
use crate::args;
use crate::foundation::conditions::contains;
use crate::foundation::ids::UnitId;
use crate::foundation::{Conditions, Db, DbError, Row, Tx};
use crate::people::Scope;

const COLUMNS: &str = "u.id, u.code, u.level, u.kind, u.name, u.parent_id, u.valid_from, u.valid_to,
    u.dates_exact, u.lat, u.lon, u.households, u.population, u.adults, u.figures_source, u.generated";

fn unit_of(row: &Row) -> Result<Unit, DbError> {
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get("lat")?, row.get("lon")?);
    Ok(Unit {
        id: row.get("id")?,
        code: row.get("code")?,
        level: row.parse("level")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        parent_id: row.get("parent_id")?,
        valid_from: row.get("valid_from")?,
        valid_to: row.get("valid_to")?,
        dates_exact: row.get("dates_exact")?,
        point: lat.zip(lon),
        households: row.get("households")?,
        population: row.get("population")?,
        adults: row.get("adults")?,
        figures_source: row.get("figures_source")?,
        generated: row.get("generated")?,
    })
}

/// The unit of an id, unless it lies in the trash.
pub async fn find(db: &Db, id: UnitId) -> Result<Option<Unit>, DbError> {
    let statement =
        format!("SELECT {COLUMNS} FROM unit u WHERE u.id = $1 AND u.deleted_at IS NULL");
    db.row(&statement, args![id]).await?.as_ref().map(unit_of).transpose()
}

/// The units of some ids, without those in the trash.
pub async fn find_all(db: &Db, ids: &[UnitId]) -> Result<HashMap<UnitId, Unit>, DbError> {
    let mut found = HashMap::new();
    for some in ids.chunks(400) {
        let mut conditions = Conditions::new().and("u.deleted_at IS NULL", vec![]);
        conditions.one_of("u.id", some.iter().map(|id| (*id).into()).collect());
        let statement = format!("SELECT {COLUMNS} FROM unit u{}", conditions.text());
        for row in db.rows(&statement, conditions.values()).await? {
            let unit = unit_of(&row)?;
            found.insert(unit.id, unit);
        }
    }
    Ok(found)
}

/// The unit of a code on a day.
pub async fn by_code(db: &Db, level: Level, code: &str, on: Date) -> Result<Option<Unit>, DbError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM unit u WHERE u.level = $1 AND u.code = $2
         AND u.valid_from <= $3 AND $3 < u.valid_to AND u.deleted_at IS NULL"
    );
    db.row(&statement, args![level.code(), code, on]).await?.as_ref().map(unit_of).transpose()
}

/// The units right below one, valid on a day, in Vietnamese order.
pub async fn children(db: &Db, parent: UnitId, on: Date) -> Result<Vec<Unit>, DbError> {
    let conditions = Conditions::new().and("u.parent_id = ?", args![parent]);
    select(db, conditions, Some(on), 1_000_000).await
}

/// The units of a level anywhere below (or at) one, valid on a day, in Vietnamese order.
pub async fn descendants(
    db: &Db,
    top: UnitId,
    level: Level,
    on: Date,
) -> Result<Vec<Unit>, DbError> {
    let conditions = Conditions::new()
        .and("u.level = ?", args![level.code()])
        .and("u.id IN (SELECT unit_id FROM unit_ancestor WHERE ancestor_id = ?)", args![top]);
    select(db, conditions, Some(on), 1_000_000).await
}

/// A unit's ancestors and itself, from the top down.
pub async fn path(db: &Db, id: UnitId) -> Result<Vec<Unit>, DbError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM unit u JOIN unit_ancestor a ON a.ancestor_id = u.id
         WHERE a.unit_id = $1 ORDER BY a.distance DESC"
    );
    db.rows(&statement, args![id]).await?.iter().map(unit_of).collect()
}

/// Units of a scope that match words (without diacritics) and a level, in Vietnamese order.
pub async fn search(
    db: &Db,
    scope: &Scope,
    words: &str,
    level: Option<Level>,
    on: Option<Date>,
    most: usize,
) -> Result<Vec<Unit>, DbError> {
    let mut conditions = Conditions::new()
        .and("u.folded LIKE ? ESCAPE '\\'", args![contains(words)])
        .and_if("u.level = ?", level.map(Level::code));
    scope.restrict(&mut conditions, "u.id");
    select(db, conditions, on, most).await
}

/// How lists name units: a hamlet with its commune, anything else by itself.
pub async fn names(db: &Db, ids: &[UnitId]) -> Result<HashMap<UnitId, String>, DbError> {
    let mut names = HashMap::new();
    for some in ids.chunks(400) {
        let mut conditions = Conditions::new();
        conditions.one_of("u.id", some.iter().map(|id| (*id).into()).collect());
        let statement = format!(
            "SELECT u.id, u.name, u.level, p.name AS parent FROM unit u
             LEFT JOIN unit p ON p.id = u.parent_id{}",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            let (name, parent): (String, Option<String>) = (row.get("name")?, row.get("parent")?);
            let is_hamlet = row.parse::<Level>("level")? == Level::Hamlet;
            let name = match parent.filter(|_| is_hamlet) {
                Some(parent) => format!("{name}, {parent}"),
                None => name,
            };
            names.insert(row.get("id")?, name);
        }
    }
    Ok(names)
}

/// Hamlets and communes of a scope valid on a day, for choosing one in a form: communes in
/// order, each followed by its hamlets.
pub async fn choices(db: &Db, scope: &Scope, on: Date) -> Result<Vec<Unit>, DbError> {
    let mut conditions =
        Conditions::new().and("u.level IN ('district', 'commune', 'hamlet')", vec![]);
    scope.restrict(&mut conditions, "u.id");
    let units = select(db, conditions, Some(on), 1_000_000).await?;
    let (hamlets, mut ordered): (Vec<Unit>, Vec<Unit>) =
        units.into_iter().partition(|unit| unit.level == Level::Hamlet);
    let mut below: HashMap<UnitId, Vec<Unit>> = HashMap::new();
    let mut orphans = vec![];
    let tops: std::collections::HashSet<UnitId> = ordered.iter().map(|u| u.id).collect();
    for hamlet in hamlets {
        match hamlet.parent_id.filter(|parent| tops.contains(parent)) {
            Some(parent) => below.entry(parent).or_default().push(hamlet),
            None => orphans.push(hamlet),
        }
    }
    ordered.sort_by_key(|unit| unit.level);
    let mut all = Vec::with_capacity(ordered.len());
    for unit in ordered {
        let id = unit.id;
        all.push(unit);
        all.extend(below.remove(&id).unwrap_or_default());
    }
    all.extend(orphans);
    Ok(all)
}

async fn select(
    db: &Db,
    mut conditions: Conditions,
    on: Option<Date>,
    most: usize,
) -> Result<Vec<Unit>, DbError> {
    conditions.push("u.deleted_at IS NULL", vec![]);
    if let Some(on) = on {
        conditions.push("u.valid_from <= ? AND ? < u.valid_to", args![on, on]);
    }
    let limit = conditions.bind(most);
    let statement = format!(
        "SELECT {COLUMNS} FROM unit u{} ORDER BY u.level, u.code LIMIT {limit}",
        conditions.text()
    );
    let rows = db.rows(&statement, conditions.values()).await?;
    let mut units = rows.iter().map(unit_of).collect::<Result<Vec<_>, _>>()?;
    units.sort_by_cached_key(|unit| (unit.level, vietnamese::sort_key(&unit.name)));
    Ok(units)
}

/// Adds units; parents must already be there or come earlier in the list.
pub async fn insert(tx: &mut Tx, units: &[Unit]) -> Result<(), DbError> {
    tx.insert_many(
        "INSERT INTO unit (id, code, level, kind, name, folded, parent_id, valid_from, valid_to,
             dates_exact, lat, lon, point_quality, households, population, adults, figures_source,
             generated)",
        units.iter().map(|unit| {
            args![
                unit.id,
                &unit.code,
                unit.level.code(),
                &unit.kind,
                &unit.name,
                vietnamese::fold(&format!("{} {}", unit.name, unit.code)),
                unit.parent_id,
                unit.valid_from,
                unit.valid_to,
                unit.dates_exact,
                unit.point.map(|(lat, _)| lat),
                unit.point.map(|(_, lon)| lon),
                None::<String>,
                unit.households,
                unit.population,
                unit.adults,
                unit.figures_source.clone(),
                unit.generated,
            ]
        }),
        "",
    )
    .await
}

/// Completes the table of ancestors for units added since it was last complete.
pub async fn connect(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO unit_ancestor (ancestor_id, unit_id, distance)
         WITH RECURSIVE up (ancestor_id, unit_id, distance) AS (
             SELECT u.id, u.id, CAST(0 AS BIGINT) FROM unit u
             WHERE NOT EXISTS (SELECT 1 FROM unit_ancestor a WHERE a.unit_id = u.id)
             UNION ALL
             SELECT p.parent_id, up.unit_id, up.distance + 1
             FROM up JOIN unit p ON p.id = up.ancestor_id WHERE p.parent_id IS NOT NULL
         )
         SELECT ancestor_id, unit_id, distance FROM up",
        vec![],
    )
    .await?;
    Ok(())
}

/// Adds links from predecessors to successors.
pub async fn insert_links(tx: &mut Tx, links: &[Link]) -> Result<(), DbError> {
    tx.insert_many(
        "INSERT INTO unit_link (predecessor_id, successor_id, on_date, whole, evidence)",
        links.iter().map(|link| {
            args![link.predecessor_id, link.successor_id, link.on_date, link.whole, &link.evidence]
        }),
        "ON CONFLICT (predecessor_id, successor_id) DO NOTHING",
    )
    .await
}

/// The links that begin or end at a unit.
pub async fn links(db: &Db, id: UnitId) -> Result<Vec<Link>, DbError> {
    let rows = db
        .rows(
            "SELECT predecessor_id, successor_id, on_date, whole, evidence FROM unit_link
             WHERE predecessor_id = $1 OR successor_id = $1 ORDER BY on_date",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Link {
                predecessor_id: row.get("predecessor_id")?,
                successor_id: row.get("successor_id")?,
                on_date: row.get("on_date")?,
                whole: row.get("whole")?,
                evidence: row.get("evidence")?,
            })
        })
        .collect()
}

/// The units in whose figures a record of `unit` counts: itself, its ancestors, and whatever
/// these went into undivided, so that figures can be shown on later boundaries (promise 6).
pub async fn counted_in(tx: &mut Tx, unit: UnitId) -> Result<Vec<UnitId>, DbError> {
    let rows = tx
        .rows(
            "WITH RECURSIVE counted (id) AS (
                 SELECT ancestor_id FROM unit_ancestor WHERE unit_id = $1
                 UNION
                 SELECT l.successor_id FROM counted c
                 JOIN unit_link l ON l.predecessor_id = c.id AND l.whole = 1
             )
             SELECT id FROM counted",
            args![unit],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// A unit of its children's sums: the expected people and households of a unit valid on `on`,
/// summed over its hamlets where all of these are known, else its own figures.
pub async fn expected(
    db: &Db,
    unit: &Unit,
    on: Date,
) -> Result<(Option<i64>, Option<i64>), DbError> {
    let row = db
        .row(
            "SELECT CAST(CASE WHEN COUNT(*) = COUNT(COALESCE(u.adults, u.population))
                         THEN SUM(COALESCE(u.adults, u.population)) END AS BIGINT) AS people,
                    CAST(CASE WHEN COUNT(*) = COUNT(u.households)
                         THEN SUM(u.households) END AS BIGINT) AS households
             FROM unit u JOIN unit_ancestor a ON a.unit_id = u.id
             WHERE a.ancestor_id = $1 AND u.level = 'hamlet' AND u.deleted_at IS NULL
               AND u.valid_from <= $2 AND $2 < u.valid_to",
            args![unit.id, on],
        )
        .await?;
    let (mut people, mut households) = (None, None);
    if let Some(row) = row {
        people = row.get("people")?;
        households = row.get("households")?;
    }
    Ok((people.or(unit.people_expected()), households.or(unit.households)))
}

/// Expected people and households of many units at once, as [`expected`] gives them for one.
pub async fn expected_of(
    db: &Db,
    units: &[Unit],
    on: Date,
) -> Result<HashMap<UnitId, (Option<i64>, Option<i64>)>, DbError> {
    let own = units.iter().map(|unit| (unit.id, (unit.people_expected(), unit.households)));
    let mut found: HashMap<UnitId, (Option<i64>, Option<i64>)> = own.collect();
    for some in units.chunks(400) {
        let mut conditions = Conditions::new()
            .and("u.level = 'hamlet' AND u.deleted_at IS NULL", vec![])
            .and("u.valid_from <= ? AND ? < u.valid_to", args![on, on]);
        conditions.one_of("a.ancestor_id", some.iter().map(|unit| unit.id.into()).collect());
        let statement = format!(
            "SELECT a.ancestor_id, CAST(CASE WHEN COUNT(*) = COUNT(COALESCE(u.adults, u.population))
                         THEN SUM(COALESCE(u.adults, u.population)) END AS BIGINT) AS people,
                    CAST(CASE WHEN COUNT(*) = COUNT(u.households)
                         THEN SUM(u.households) END AS BIGINT) AS households
             FROM unit u JOIN unit_ancestor a ON a.unit_id = u.id{} GROUP BY a.ancestor_id",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            let of = found.entry(row.get("ancestor_id")?).or_default();
            let (people, households): (Option<i64>, Option<i64>) =
                (row.get("people")?, row.get("households")?);
            *of = (people.or(of.0), households.or(of.1));
        }
    }
    Ok(found)
}

/// What each of some units became, undivided, on a later day; units that still stand map to
/// themselves.
pub async fn successors_on(
    db: &Db,
    units: &[Unit],
    on: Date,
) -> Result<HashMap<UnitId, Unit>, DbError> {
    let mut found: HashMap<UnitId, Unit> =
        units.iter().map(|unit| (unit.id, unit.clone())).collect();
    // No unit went through ten reforms; the bound keeps a wrong link from turning for ever.
    for _ in 0..10 {
        let gone: Vec<UnitId> =
            found.values().filter(|now| !now.is_valid_on(on)).map(|now| now.id).collect();
        if gone.is_empty() {
            break;
        }
        let mut next: HashMap<UnitId, UnitId> = HashMap::new();
        for some in gone.chunks(400) {
            let mut conditions = Conditions::new().and("whole = 1 AND on_date <= ?", args![on]);
            conditions.one_of("predecessor_id", some.iter().map(|id| (*id).into()).collect());
            let statement =
                format!("SELECT predecessor_id, successor_id FROM unit_link{}", conditions.text());
            for row in db.rows(&statement, conditions.values()).await? {
                next.insert(row.get("predecessor_id")?, row.get("successor_id")?);
            }
        }
        let later = find_all(db, &next.values().copied().collect::<Vec<_>>()).await?;
        found.retain(|_, now| {
            if now.is_valid_on(on) {
                return true;
            }
            match next.get(&now.id).and_then(|id| later.get(id)) {
                Some(unit) => {
                    *now = unit.clone();
                    true
                }
                None => false,
            }
        });
    }
    found.retain(|_, now| now.is_valid_on(on));
    Ok(found)
}
