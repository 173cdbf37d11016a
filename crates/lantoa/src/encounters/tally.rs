//! Coverage figures, kept current in the transaction of every encounter.
//!
//! A cell counts one campaign in one unit over one slice ([`Slice`]): encounters, distinct people
//! and distinct households. An encounter counts in its unit, the unit's ancestors, and whatever
//! these later went into undivided. Distinct counting is exact: a change to an encounter reads the
//! other live encounters of the same person (or household) and adds to a cell only what the
//! person newly covers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use uuid::Uuid;

use super::model::{AgeGroup, Encounter, Outcome, TopicOutcome};
use crate::args;
use crate::foundation::ids::{CampaignId, EncounterId, TopicId, UnitId};
use crate::foundation::{Db, DbError, Row, Tx, Value, clock};
use crate::schedule::ActivityKind;
use crate::units::counted_in;

/// Along what a figure is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slice {
    All,
    Topic(TopicId),
    Channel(ActivityKind),
    Age(AgeGroup),
    /// The week beginning on this Monday.
    Week(Date),
    Outcome(Outcome),
}

impl std::fmt::Display for Slice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Slice::All => f.write_str("all"),
            Slice::Topic(topic) => write!(f, "topic:{topic}"),
            Slice::Channel(kind) => write!(f, "channel:{kind}"),
            Slice::Age(age) => write!(f, "age:{age}"),
            Slice::Week(monday) => write!(f, "week:{monday}"),
            Slice::Outcome(outcome) => write!(f, "outcome:{outcome}"),
        }
    }
}

/// Campaign (nil outside any), unit, slice.
type Cell = (Uuid, UnitId, Slice);

/// What a cell counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts {
    pub encounters: i64,
    pub people: i64,
    pub households: i64,
    /// Latest `met_at` ever counted here, epoch milliseconds.
    pub last_at: i64,
}

/// What of an encounter decides its cells.
#[derive(Debug, Clone)]
struct Counted {
    campaign: Uuid,
    unit: UnitId,
    channel: ActivityKind,
    age: AgeGroup,
    met_at: i64,
    topics: Vec<(TopicId, Outcome)>,
    person: Option<Vec<u8>>,
    household: Option<Vec<u8>>,
}

fn campaign_key(campaign: Option<CampaignId>) -> Uuid {
    campaign.map_or(Uuid::nil(), |campaign| campaign.0)
}

impl Counted {
    fn of(encounter: &Encounter) -> Option<Self> {
        encounter.is_live().then(|| Self {
            campaign: campaign_key(encounter.campaign_id),
            unit: encounter.unit_id,
            channel: encounter.channel,
            age: encounter.age_group,
            met_at: encounter.met_at,
            topics: encounter
                .topics
                .iter()
                .map(|TopicOutcome { topic_id, outcome, .. }| (*topic_id, *outcome))
                .collect(),
            person: encounter.person_key.clone(),
            household: encounter.household_key.clone(),
        })
    }

    fn of_row(
        row: &Row,
        topics: &HashMap<EncounterId, Vec<(TopicId, Outcome)>>,
    ) -> Result<Self, DbError> {
        let id: EncounterId = row.get("id")?;
        Ok(Self {
            campaign: campaign_key(row.get("campaign_id")?),
            unit: row.get("unit_id")?,
            channel: row.parse("channel")?,
            age: row.parse("age_group")?,
            met_at: row.get("met_at")?,
            topics: topics.get(&id).cloned().unwrap_or_default(),
            person: row.get("person_key")?,
            household: row.get("household_key")?,
        })
    }

    fn slices(&self) -> BTreeSet<Slice> {
        let week = clock::monday(clock::local(self.met_at).date());
        let mut slices = BTreeSet::from([
            Slice::All,
            Slice::Channel(self.channel),
            Slice::Age(self.age),
            Slice::Week(week),
        ]);
        for (topic, outcome) in &self.topics {
            slices.insert(Slice::Topic(*topic));
            slices.insert(Slice::Outcome(*outcome));
        }
        slices
    }

    fn cells(&self, units: &[UnitId]) -> BTreeSet<Cell> {
        let slices = self.slices();
        let pairs = units.iter().flat_map(|unit| slices.iter().map(move |slice| (*unit, *slice)));
        pairs.map(|(unit, slice)| (self.campaign, unit, slice)).collect()
    }
}

/// Remembers for the length of a transaction in which units a unit is counted.
#[derive(Default)]
pub struct Reach(HashMap<UnitId, Vec<UnitId>>);

impl Reach {
    async fn of(&mut self, tx: &mut Tx, unit: UnitId) -> Result<Vec<UnitId>, DbError> {
        if let Some(units) = self.0.get(&unit) {
            return Ok(units.clone());
        }
        let units = counted_in(tx, unit).await?;
        self.0.insert(unit, units.clone());
        Ok(units)
    }
}

const COLUMNS: &str =
    "id, campaign_id, unit_id, channel, age_group, met_at, person_key, household_key";

async fn topics_where(
    tx: &mut Tx,
    condition: &str,
    values: Vec<Value>,
) -> Result<HashMap<EncounterId, Vec<(TopicId, Outcome)>>, DbError> {
    let statement = format!(
        "SELECT t.encounter_id, t.topic_id, t.outcome FROM encounter_topic t
         JOIN encounter e ON e.id = t.encounter_id WHERE {condition}"
    );
    let mut topics: HashMap<EncounterId, Vec<(TopicId, Outcome)>> = HashMap::new();
    for row in tx.rows(&statement, values).await? {
        let of = topics.entry(row.get("encounter_id")?).or_default();
        of.push((row.get("topic_id")?, row.parse("outcome")?));
    }
    Ok(topics)
}

/// The cells that the other live encounters of a person or household cover.
async fn covered_by_others(
    tx: &mut Tx,
    reach: &mut Reach,
    column: &str,
    key: &[u8],
    but: EncounterId,
) -> Result<BTreeSet<Cell>, DbError> {
    let condition = format!("e.{column} = $1 AND e.id <> $2 AND e.withdrawn_at IS NULL");
    let topics = topics_where(tx, &condition, args![key, but]).await?;
    let statement = format!("SELECT {COLUMNS} FROM encounter e WHERE {condition}");
    let mut cells = BTreeSet::new();
    for row in tx.rows(&statement, args![key, but]).await? {
        let counted = Counted::of_row(&row, &topics)?;
        let units = reach.of(tx, counted.unit).await?;
        cells.extend(counted.cells(&units));
    }
    Ok(cells)
}

/// Brings the figures from `before` to `after` of one encounter; none on a side means that it was
/// not there, or not any more. Call it in the transaction that stores the encounter.
pub async fn shift(
    tx: &mut Tx,
    reach: &mut Reach,
    before: Option<&Encounter>,
    after: Option<&Encounter>,
) -> Result<(), DbError> {
    let Some(id) = after.or(before).map(|encounter| encounter.id) else { return Ok(()) };
    let (old, new) = (before.and_then(Counted::of), after.and_then(Counted::of));
    let mut changes: BTreeMap<Cell, Counts> = BTreeMap::new();
    let mut sides = vec![];
    for (side, sign) in [(&old, -1), (&new, 1)] {
        let Some(counted) = side else { continue };
        let units = reach.of(tx, counted.unit).await?;
        let cells = counted.cells(&units);
        for cell in &cells {
            let change = changes.entry(*cell).or_default();
            change.encounters += sign;
            if sign > 0 {
                change.last_at = counted.met_at;
            }
        }
        sides.push((sign, counted, cells));
    }
    for (column, is_person) in [("person_key", true), ("household_key", false)] {
        let key_of = |counted: &Counted| {
            if is_person { counted.person.clone() } else { counted.household.clone() }
        };
        let keys: BTreeSet<Vec<u8>> = sides.iter().filter_map(|(_, c, _)| key_of(c)).collect();
        for key in keys {
            tx.hold(&key).await?;
            let others = covered_by_others(tx, reach, column, &key, id).await?;
            for (sign, counted, cells) in &sides {
                if key_of(counted).as_ref() != Some(&key) {
                    continue;
                }
                for cell in cells.difference(&others) {
                    let change = changes.entry(*cell).or_default();
                    if is_person {
                        change.people += sign;
                    } else {
                        change.households += sign;
                    }
                }
            }
        }
    }
    changes.retain(|_, change| *change != Counts::default());
    write(tx, &changes).await
}

async fn write(tx: &mut Tx, cells: &BTreeMap<Cell, Counts>) -> Result<(), DbError> {
    let rows = cells.iter().map(|((campaign, unit, slice), counts)| {
        args![
            *campaign,
            unit,
            slice.to_string(),
            counts.encounters,
            counts.people,
            counts.households,
            counts.last_at
        ]
    });
    tx.insert_many(
        "INSERT INTO tally (campaign_id, unit_id, slice, encounters, people, households, last_at)",
        rows,
        "ON CONFLICT (campaign_id, unit_id, slice) DO UPDATE
         SET encounters = tally.encounters + excluded.encounters,
             people = tally.people + excluded.people,
             households = tally.households + excluded.households,
             last_at = CASE WHEN excluded.last_at > tally.last_at THEN excluded.last_at
                            ELSE tally.last_at END",
    )
    .await
}

/// Counts everything anew from the raw records.
async fn recount(tx: &mut Tx) -> Result<BTreeMap<Cell, Counts>, DbError> {
    let topics = topics_where(tx, "e.withdrawn_at IS NULL", vec![]).await?;
    let statement = format!("SELECT {COLUMNS} FROM encounter WHERE withdrawn_at IS NULL");
    let mut all = vec![];
    for row in tx.rows(&statement, vec![]).await? {
        all.push(Counted::of_row(&row, &topics)?);
    }
    let mut reach = Reach::default();
    let mut cells: BTreeMap<Cell, Counts> = BTreeMap::new();
    for counted in &all {
        let units = reach.of(tx, counted.unit).await?;
        for cell in counted.cells(&units) {
            let counts = cells.entry(cell).or_default();
            counts.encounters += 1;
            counts.last_at = counts.last_at.max(counted.met_at);
        }
    }
    for is_person in [true, false] {
        let key = |counted: &Counted| {
            if is_person { counted.person.clone() } else { counted.household.clone() }
        };
        let mut keyed: Vec<(Vec<u8>, &Counted)> =
            all.iter().filter_map(|counted| Some((key(counted)?, counted))).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        for group in keyed.chunk_by(|a, b| a.0 == b.0) {
            let mut covered = BTreeSet::new();
            for (_, counted) in group {
                covered.extend(counted.cells(&reach.of(tx, counted.unit).await?));
            }
            for cell in covered {
                let counts = cells.entry(cell).or_default();
                if is_person {
                    counts.people += 1;
                } else {
                    counts.households += 1;
                }
            }
        }
    }
    Ok(cells)
}

/// Counts everything anew and replaces what was kept.
pub async fn rebuild(tx: &mut Tx) -> Result<(), DbError> {
    let cells = recount(tx).await?;
    tx.execute("DELETE FROM tally", vec![]).await?;
    write(tx, &cells).await
}

/// How many cells differ from a recount of the raw records: zero where all is well.
pub async fn check(db: &Db) -> Result<i64, DbError> {
    let mut tx = db.begin().await?;
    let truth: BTreeMap<(Uuid, UnitId, String), (i64, i64, i64)> = recount(&mut tx)
        .await?
        .into_iter()
        .map(|((campaign, unit, slice), counts)| {
            let figures = (counts.encounters, counts.people, counts.households);
            ((campaign, unit, slice.to_string()), figures)
        })
        .collect();
    let mut kept = BTreeMap::new();
    let statement = "SELECT campaign_id, unit_id, slice, encounters, people, households FROM tally
                     WHERE encounters <> 0 OR people <> 0 OR households <> 0";
    for row in tx.rows(statement, vec![]).await? {
        let cell = (row.get("campaign_id")?, row.get("unit_id")?, row.get("slice")?);
        kept.insert(cell, (row.get("encounters")?, row.get("people")?, row.get("households")?));
    }
    let wrong = truth.iter().filter(|(cell, counts)| kept.get(*cell) != Some(*counts)).count();
    let extra = kept.keys().filter(|cell| !truth.contains_key(*cell)).count();
    Ok((wrong + extra) as i64)
}

/// The figures of some units of a campaign over the slices that begin with `family`
/// ("all", "topic:", "channel:", …), by unit and the rest of the slice's name.
pub async fn cells(
    db: &Db,
    campaign: Option<CampaignId>,
    units: &[UnitId],
    family: &str,
) -> Result<HashMap<(UnitId, String), Counts>, DbError> {
    let mut found = HashMap::new();
    for some in units.chunks(400) {
        let mut conditions = crate::foundation::Conditions::new()
            .and("campaign_id = ?", args![campaign_key(campaign)])
            .and("slice >= ? AND slice < ?", args![family, format!("{family}~")]);
        conditions.one_of("unit_id", some.iter().map(Value::from).collect());
        let statement = format!(
            "SELECT unit_id, slice, encounters, people, households, last_at FROM tally{}",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            let slice: String = row.get("slice")?;
            let rest = slice.strip_prefix(family).unwrap_or_default().to_owned();
            let counts = Counts {
                encounters: row.get("encounters")?,
                people: row.get("people")?,
                households: row.get("households")?,
                last_at: row.get("last_at")?,
            };
            found.insert((row.get("unit_id")?, rest), counts);
        }
    }
    Ok(found)
}
