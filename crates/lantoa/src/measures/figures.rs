//! Figures of a campaign, read from the tally.

use std::collections::HashMap;

use crate::args;
use crate::campaigns::{Campaign, Measure, store as campaigns};
use crate::encounters::tally::{self, Counts};
use crate::foundation::ids::UnitId;
use crate::foundation::{App, Db, DbError, Fault};
use crate::units::gazetteer::TWO_TIERS;
use crate::units::map::{self, Place};
use crate::units::{self, Level, Unit};

/// A unit with what was reached in it and what should be.
#[derive(Debug, Clone)]
pub struct UnitFigure {
    pub unit: Unit,
    pub counts: Counts,
    /// People expected: adults, else population; none where nobody entered it.
    pub people: Option<i64>,
    pub households: Option<i64>,
    /// Target in percent of the people expected.
    pub target: Option<i64>,
    pub activities_held: i64,
    pub activities_target: Option<i64>,
}

impl UnitFigure {
    /// Part of the expected people that was reached.
    pub fn part(&self) -> Option<f64> {
        let people = self.people.filter(|people| *people > 0)?;
        Some(self.counts.people as f64 / people as f64)
    }

    /// The class of its colour on a map: five steps of 15 percent.
    pub fn class(&self) -> String {
        match self.part() {
            None => "cover-none".to_owned(),
            Some(part) if part <= 0.0 => "cover-0".to_owned(),
            Some(part) => format!("cover-{}", ((part / 0.15) as i64 + 1).clamp(1, 5)),
        }
    }
}

/// Which boundaries figures are shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundaries {
    /// Those of the campaign's time.
    Then,
    /// Those of today: the communes since 1 July 2025.
    Today,
}

async fn activities_held(db: &Db, campaign: &Campaign) -> Result<HashMap<UnitId, i64>, DbError> {
    let rows = db
        .rows(
            "SELECT w.ancestor_id AS id, COUNT(*) AS n FROM activity a
             JOIN unit_ancestor w ON w.unit_id = a.unit_id
             WHERE a.campaign_id = $1 AND a.state = 'held' AND a.deleted_at IS NULL
             GROUP BY w.ancestor_id",
            args![campaign.id],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("n")?))).collect()
}

/// The units a campaign works in, under each unit above them.
async fn working_below(
    db: &Db,
    campaign: &Campaign,
) -> Result<HashMap<UnitId, Vec<Unit>>, DbError> {
    let rows = db
        .rows(
            "SELECT w.ancestor_id, w.unit_id FROM campaign_unit c
             JOIN unit_ancestor w ON w.unit_id = c.unit_id AND w.ancestor_id <> w.unit_id
             WHERE c.campaign_id = $1",
            args![campaign.id],
        )
        .await?;
    let units = units::find_all(db, &campaign.units).await?;
    let mut below: HashMap<UnitId, Vec<Unit>> = HashMap::new();
    for row in rows {
        let (above, id): (UnitId, UnitId) = (row.get("ancestor_id")?, row.get("unit_id")?);
        below.entry(above).or_default().extend(units.get(&id).cloned());
    }
    Ok(below)
}

/// The figures of some units in a campaign.
pub async fn of_units(
    app: &App,
    campaign: &Campaign,
    units: Vec<Unit>,
) -> Result<Vec<UnitFigure>, Fault> {
    let day = campaign.starts_on;
    let ids: Vec<UnitId> = units.iter().map(|unit| unit.id).collect();
    let counts = tally::cells(&app.db, Some(campaign.id), &ids, "all").await?;
    let mut expected = units::expected_of(&app.db, &units, day).await?;
    let above_communes = units.iter().any(|unit| unit.level < Level::Commune);
    let working =
        if above_communes { working_below(&app.db, campaign).await? } else { HashMap::new() };
    for (above, working) in working {
        // A unit above those the campaign works in is expected to reach these, not all of itself.
        if let Some(of) = expected.get_mut(&above)
            && !campaign.units.contains(&above)
        {
            let parts = units::expected_of(&app.db, &working, day).await?;
            *of = (parts.values().map(|p| p.0).sum(), parts.values().map(|p| p.1).sum());
        }
    }
    let held = activities_held(&app.db, campaign).await?;
    let targets = campaigns::targets(&app.db, campaign.id).await?;
    let target_of = |unit: UnitId, measure: Measure| {
        let of = |t: &&crate::campaigns::Target| {
            t.unit_id == unit && t.measure == measure && t.topic_id.is_none()
        };
        targets.iter().find(of).map(|target| target.value)
    };
    Ok(units
        .into_iter()
        .map(|unit| {
            let (people, households) = expected.get(&unit.id).copied().unwrap_or_default();
            UnitFigure {
                counts: counts.get(&(unit.id, String::new())).copied().unwrap_or_default(),
                people,
                households,
                target: target_of(unit.id, Measure::PeoplePercent),
                activities_held: held.get(&unit.id).copied().unwrap_or_default(),
                activities_target: target_of(unit.id, Measure::Activities),
                unit,
            }
        })
        .collect())
}

/// The figures of a unit's parts: the campaign's communes below a district or province, the
/// hamlets below a commune; on today's boundaries, what the campaign's communes became.
pub async fn of_parts(
    app: &App,
    campaign: &Campaign,
    top: &Unit,
    boundaries: Boundaries,
) -> Result<Vec<UnitFigure>, Fault> {
    let day = campaign.starts_on;
    let parts = match top.level {
        Level::Commune | Level::Hamlet => {
            units::descendants(&app.db, top.id, Level::Hamlet, day).await?
        }
        _ => {
            let all = units::descendants(&app.db, top.id, Level::Commune, day).await?;
            all.into_iter().filter(|unit| campaign.units.contains(&unit.id)).collect()
        }
    };
    if boundaries == Boundaries::Then {
        return of_units(app, campaign, parts).await;
    }
    let became = units::successors_on(&app.db, &parts, app.clock.today().max(TWO_TIERS)).await?;
    let then = of_units(app, campaign, parts).await?;
    let mut later: Vec<Unit> = vec![];
    for unit in became.values() {
        if !later.iter().any(|known| known.id == unit.id) {
            later.push(unit.clone());
        }
    }
    later.sort_by_cached_key(|unit| vietnamese::sort_key(&unit.name));
    let mut figures = of_units(app, campaign, later).await?;
    for figure in &mut figures {
        // What was expected is the sum over the units that went into it.
        let parts: Vec<&UnitFigure> = then
            .iter()
            .filter(|part| became.get(&part.unit.id).is_some_and(|now| now.id == figure.unit.id))
            .collect();
        figure.people = parts.iter().map(|part| part.people).sum();
        figure.households = parts.iter().map(|part| part.households).sum();
        figure.activities_held = parts.iter().map(|part| part.activities_held).sum();
        figure.target = None;
        figure.activities_target = None;
    }
    Ok(figures)
}

/// The hamlets of a unit in which nobody was reached, with their communes' names.
pub async fn not_reached(
    app: &App,
    campaign: &Campaign,
    top: &Unit,
) -> Result<(Vec<(Unit, String)>, usize), Fault> {
    let day = campaign.starts_on;
    let hamlets = units::descendants(&app.db, top.id, Level::Hamlet, day).await?;
    let communes = units::descendants(&app.db, top.id, Level::Commune, day).await?;
    let names: HashMap<UnitId, String> =
        communes.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let hamlets: Vec<Unit> = hamlets
        .into_iter()
        .filter(|hamlet| {
            campaign.units.contains(&hamlet.id)
                || hamlet.parent_id.is_some_and(|parent| campaign.units.contains(&parent))
        })
        .collect();
    let ids: Vec<UnitId> = hamlets.iter().map(|unit| unit.id).collect();
    let counts = tally::cells(&app.db, Some(campaign.id), &ids, "all").await?;
    let all = hamlets.len();
    let missed = hamlets
        .into_iter()
        .filter(|hamlet| {
            counts.get(&(hamlet.id, String::new())).is_none_or(|counts| counts.encounters == 0)
        })
        .map(|hamlet| {
            let name = hamlet.parent_id.and_then(|parent| names.get(&parent).cloned());
            (hamlet, name.unwrap_or_default())
        })
        .collect();
    Ok((missed, all))
}

/// The figures drawn as a map: areas for communes of today, points over the outlines of their
/// successors for those of before. Empty where nothing has a place.
pub async fn draw(
    app: &App,
    figures: &[UnitFigure],
    title: &(dyn Fn(&UnitFigure) -> String + Sync),
    href: &(dyn Fn(&UnitFigure) -> String + Sync),
    label: &str,
) -> Result<String, Fault> {
    let today = app.clock.today().max(TWO_TIERS);
    let old: Vec<Unit> = figures
        .iter()
        .filter(|figure| figure.unit.valid_to <= TWO_TIERS && figure.unit.level == Level::Commune)
        .map(|figure| figure.unit.clone())
        .collect();
    let mut ground: Vec<String> = units::successors_on(&app.db, &old, today)
        .await?
        .into_values()
        .map(|unit| unit.code)
        .collect();
    ground.sort();
    ground.dedup();
    let places: Vec<Place> = figures
        .iter()
        .filter(|figure| figure.unit.point.is_some())
        .map(|figure| Place {
            code: figure.unit.code.clone(),
            name: short_name(&figure.unit.name),
            point: figure.unit.point,
            class: figure.class(),
            title: title(figure),
            href: href(figure),
            as_point: figure.unit.level == Level::Hamlet || figure.unit.valid_to <= TWO_TIERS,
        })
        .collect();
    Ok(if places.is_empty() { String::new() } else { map::draw(&places, &ground, label) })
}

/// The name without its kind, as maps label it.
fn short_name(name: &str) -> String {
    for kind in ["Xã ", "Phường ", "Thị trấn "] {
        if let Some(rest) = name.strip_prefix(kind) {
            return rest.to_owned();
        }
    }
    name.to_owned()
}
