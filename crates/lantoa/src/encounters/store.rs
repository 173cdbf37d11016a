//! Recording, correcting and finding encounters.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan as _;

use super::model::{AgeGroup, Encounter, Outcome, TopicOutcome};
use super::tally::{self, Reach, Slice};
use crate::args;
use crate::catalogue;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{
    AccountId, ActivityId, CampaignId, EncounterId, TeamId, TopicId, UnitId, VenueId,
};
use crate::foundation::{App, Conditions, Db, DbError, Fault, Row, Tx, Value, clock};
use crate::people::Scope;
use crate::schedule::ActivityKind;

/// An encounter as typed, checked but not yet placed in its unit, activity and campaign.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: Option<EncounterId>,
    pub campaign_id: Option<CampaignId>,
    pub activity_id: Option<ActivityId>,
    pub venue_id: Option<VenueId>,
    pub team_id: Option<TeamId>,
    pub unit_id: Option<UnitId>,
    pub channel: Option<ActivityKind>,
    pub met_at: i64,
    /// Normalised identity or phone number; never stored.
    pub person: Option<String>,
    /// What tells a household from others in its unit.
    pub household: Option<String>,
    pub age_group: AgeGroup,
    pub note: String,
    pub reference: Option<String>,
    pub topics: Vec<TopicOutcome>,
}

/// Reads an encounter from a form (page, API or spreadsheet row alike): fields `id`, `activity`,
/// `campaign`, `unit`, `channel`, `day`, `time`, `person`, `household`, `age`, `topic` (many) with
/// one `outcome`, or `outcome:<topic id>` each, `reason`, `note`, `reference`. What cannot be
/// taken is noted in the form.
pub fn read(form: &mut Form, now: i64, topics: &dyn Fn(TopicId) -> bool) -> Option<Draft> {
    let local = clock::local(now);
    let day = form.date("day").unwrap_or(local.date());
    let time = form.time("time").unwrap_or_else(|| local.time());
    let met_at = clock::millis(day.to_datetime(time));
    if met_at > now + 60_000 {
        form.refuse("day", "error-future");
    }
    if day < local.date().checked_sub(400.days()).unwrap_or(day) {
        form.refuse("day", "error-long-ago");
    }
    let typed = form.text("person").to_owned();
    let digits: String = typed.chars().filter(|c| !" .-".contains(*c)).collect();
    let person = if typed.is_empty() {
        None
    } else if vietnamese::is_identity_number(&digits) {
        Some(digits)
    } else if let Some(phone) = vietnamese::phone(&typed) {
        Some(phone)
    } else {
        form.refuse("person", "error-person");
        None
    };
    let household = Some(form.optional("household", 120)).filter(|text| !text.is_empty());
    let reason = form.optional("reason", 300);
    let mut chosen: BTreeMap<TopicId, Outcome> = BTreeMap::new();
    let common = form.parsed::<Outcome>("outcome");
    for text in form.all("topic").into_iter().map(ToOwned::to_owned).collect::<Vec<_>>() {
        match text.parse::<TopicId>() {
            Ok(topic) if topics(topic) => {
                chosen.insert(topic, common.unwrap_or(Outcome::Told));
            }
            _ => form.refuse("topic", "error-choice"),
        }
    }
    for (name, value) in form.fields().to_vec() {
        let Some(topic) = name.strip_prefix("outcome:").filter(|_| !value.is_empty()) else {
            continue;
        };
        match (topic.parse::<TopicId>(), value.parse::<Outcome>()) {
            (Ok(topic), Ok(outcome)) if topics(topic) => {
                chosen.insert(topic, outcome);
            }
            _ => form.refuse("topic", "error-choice"),
        }
    }
    if chosen.is_empty() {
        form.refuse("topic", "error-no-topic");
    }
    if chosen.values().any(|outcome| *outcome == Outcome::NotDone) && reason.is_empty() {
        form.refuse("reason", "error-reason-not-done");
    }
    let draft = Draft {
        id: form.parsed("id"),
        campaign_id: form.parsed("campaign"),
        activity_id: form.parsed("activity"),
        venue_id: form.parsed("venue"),
        team_id: form.parsed("team"),
        unit_id: form.parsed("unit"),
        channel: form.parsed("channel"),
        met_at,
        person,
        household,
        age_group: form.parsed("age").unwrap_or(AgeGroup::Unknown),
        note: form.optional("note", 500),
        reference: Some(form.optional("reference", 60)).filter(|text| !text.is_empty()),
        topics: chosen
            .into_iter()
            .map(|(topic_id, outcome)| TopicOutcome {
                topic_id,
                outcome,
                reason: if outcome == Outcome::NotDone { reason.clone() } else { String::new() },
            })
            .collect(),
    };
    if draft.unit_id.is_none() && draft.activity_id.is_none() {
        form.refuse("unit", "error-required");
    }
    if draft.channel.is_none() && draft.activity_id.is_none() {
        form.refuse("channel", "error-required");
    }
    form.is_sound().then_some(draft)
}

/// Makes the record of a draft: what it leaves open comes from its activity, and its unit and
/// campaign must be ones that the scope covers.
pub async fn place(app: &App, scope: &Scope, draft: &Draft, by: &Doer) -> Result<Encounter, Fault> {
    let (mut campaign_id, mut unit_id, mut channel) =
        (draft.campaign_id, draft.unit_id, draft.channel);
    let (mut venue_id, mut team_id) = (draft.venue_id, draft.team_id);
    if let Some(activity) = draft.activity_id {
        let row = app
            .db
            .row(
                "SELECT campaign_id, unit_id, venue_id, team_id, kind FROM activity
                 WHERE id = $1 AND deleted_at IS NULL",
                args![activity],
            )
            .await?
            .ok_or(Fault::NotFound)?;
        campaign_id = campaign_id.or(row.get("campaign_id")?);
        unit_id = unit_id.or(Some(row.get("unit_id")?));
        venue_id = venue_id.or(row.get("venue_id")?);
        team_id = team_id.or(row.get("team_id")?);
        channel = channel.or(Some(row.parse("kind")?));
        let held_in: UnitId = row.get("unit_id")?;
        let below =
            "SELECT COUNT(*) AS n FROM unit_ancestor WHERE unit_id = $1 AND ancestor_id = $2";
        let own = scope.covers(&app.db, held_in).await?;
        let above = match unit_id {
            Some(unit) => app.db.count(below, args![unit, held_in]).await? > 0,
            None => false,
        };
        if !own && !above {
            return Err(Fault::NotFound);
        }
    }
    let unit_id = unit_id.ok_or(Fault::NotFound)?;
    scope.require(&app.db, unit_id).await?;
    if let Some(campaign) = campaign_id {
        // The campaign's units must cover the unit, from above or below.
        let covered = app
            .db
            .count(
                "SELECT COUNT(*) AS n FROM campaign_unit c JOIN campaign k ON k.id = c.campaign_id
                 WHERE c.campaign_id = $1 AND k.deleted_at IS NULL AND EXISTS (
                     SELECT 1 FROM unit_ancestor a
                     WHERE (a.unit_id = $2 AND a.ancestor_id = c.unit_id)
                        OR (a.unit_id = c.unit_id AND a.ancestor_id = $2))",
                args![campaign, unit_id],
            )
            .await?;
        if covered == 0 {
            return Err(Fault::Invalid(vec![crate::foundation::error::FieldError::new(
                "campaign",
                "error-campaign-unit",
            )]));
        }
    }
    let household_key = draft.household.as_ref().map(|household| {
        let text = format!("{unit_id}:{}", vietnamese::fold(household));
        app.secret.keyed_hash("household", &text)
    });
    Ok(Encounter {
        id: draft.id.unwrap_or_else(EncounterId::new),
        campaign_id,
        activity_id: draft.activity_id,
        venue_id,
        team_id,
        unit_id,
        channel: channel.unwrap_or(ActivityKind::HamletSession),
        met_at: draft.met_at,
        person_key: draft.person.as_ref().map(|person| app.secret.keyed_hash("person", person)),
        household_key,
        age_group: draft.age_group,
        note: draft.note.clone(),
        reference: draft.reference.clone(),
        recorded_by: by.account_id,
        recorded_at: by.at,
        revision: 1,
        withdrawn_at: None,
        topics: draft.topics.clone(),
    })
}

/// What became of a record handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    New,
    /// The same id or slip number was recorded before; nothing was changed.
    Before(EncounterId),
}

/// Takes an encounter from a form of a page or of a program: reads, places and records it, and
/// tells its id and whether it is new. None where the form was refused; it then says why.
pub async fn take(
    app: &App,
    scope: &Scope,
    form: &mut Form,
    by: &Doer,
) -> Result<Option<(EncounterId, bool)>, Fault> {
    let topics = catalogue::store::all_topics(&app.db).await?;
    let Some(draft) = read(form, by.at, &|topic| topics.contains_key(&topic)) else {
        return Ok(None);
    };
    let encounter = match place(app, scope, &draft, by).await {
        Ok(encounter) => encounter,
        Err(Fault::Invalid(fields)) => {
            for field in fields {
                form.refuse(&field.field, field.key);
            }
            return Ok(None);
        }
        Err(fault) => return Err(fault),
    };
    let mut tx = app.db.begin().await?;
    let recorded = record(&mut tx, &mut Reach::default(), &encounter).await?;
    tx.commit().await?;
    Ok(Some(match recorded {
        Recorded::New => {
            app.metrics.encounters.inc();
            (encounter.id, true)
        }
        Recorded::Before(id) => (id, false),
    }))
}

/// Takes an encounter back with a reason; one taken back before stays so.
pub async fn withdraw(db: &Db, before: &Encounter, why: &str, by: &Doer) -> Result<(), Fault> {
    if !before.is_live() {
        return Ok(());
    }
    let after = Encounter { withdrawn_at: Some(by.at), ..before.clone() };
    let mut tx = db.begin().await?;
    correct(&mut tx, before, &after, why, by).await?;
    Ok(tx.commit().await?)
}

/// Stores an encounter once: handing in the same id or slip number again changes nothing.
pub async fn record(
    tx: &mut Tx,
    reach: &mut Reach,
    encounter: &Encounter,
) -> Result<Recorded, DbError> {
    let before = tx
        .row(
            "SELECT id FROM encounter WHERE id = $1 OR (unit_id = $2 AND reference = $3)",
            args![encounter.id, encounter.unit_id, encounter.reference.clone()],
        )
        .await?;
    if let Some(row) = before {
        return Ok(Recorded::Before(row.get("id")?));
    }
    tx.insert_many(
        "INSERT INTO encounter (id, campaign_id, activity_id, venue_id, team_id, unit_id, channel,
             met_at, met_on, person_key, household_key, age_group, note, reference, recorded_by,
             recorded_at, revision)",
        [args![
            encounter.id,
            encounter.campaign_id,
            encounter.activity_id,
            encounter.venue_id,
            encounter.team_id,
            encounter.unit_id,
            encounter.channel.code(),
            encounter.met_at,
            encounter.met_on(),
            encounter.person_key.clone(),
            encounter.household_key.clone(),
            encounter.age_group.code(),
            &encounter.note,
            encounter.reference.clone(),
            encounter.recorded_by,
            encounter.recorded_at,
            encounter.revision
        ]],
        "",
    )
    .await?;
    write_topics(tx, encounter).await?;
    tally::shift(tx, reach, None, Some(encounter)).await?;
    Ok(Recorded::New)
}

async fn write_topics(tx: &mut Tx, encounter: &Encounter) -> Result<(), DbError> {
    tx.insert_many(
        "INSERT INTO encounter_topic (encounter_id, topic_id, outcome, reason)",
        encounter
            .topics
            .iter()
            .map(|topic| args![encounter.id, topic.topic_id, topic.outcome.code(), &topic.reason]),
        "",
    )
    .await
}

/// Replaces an encounter by `after`, keeping what it said before with the reason.
pub async fn correct(
    tx: &mut Tx,
    before: &Encounter,
    after: &Encounter,
    reason: &str,
    by: &Doer,
) -> Result<(), Fault> {
    let after = &Encounter { revision: before.revision + 1, ..after.clone() };
    let content = serde_json::to_string(before).map_err(Fault::internal)?;
    tx.execute(
        "INSERT INTO encounter_revision (encounter_id, revision, content, replaced_at, replaced_by, reason)
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![before.id, before.revision, content, by.at, by.account_id, reason],
    )
    .await?;
    let changed = tx
        .execute(
            "UPDATE encounter SET campaign_id = $1, activity_id = $2, venue_id = $3, team_id = $4,
                 unit_id = $5, channel = $6, met_at = $7, met_on = $8, person_key = $9,
                 household_key = $10, age_group = $11, note = $12, revision = $13,
                 withdrawn_at = $14
             WHERE id = $15 AND revision = $16",
            args![
                after.campaign_id,
                after.activity_id,
                after.venue_id,
                after.team_id,
                after.unit_id,
                after.channel.code(),
                after.met_at,
                after.met_on(),
                after.person_key.clone(),
                after.household_key.clone(),
                after.age_group.code(),
                &after.note,
                after.revision,
                after.withdrawn_at,
                before.id,
                before.revision
            ],
        )
        .await?;
    if changed == 0 {
        return Err(Fault::Conflict("fault-conflict"));
    }
    tx.execute("DELETE FROM encounter_topic WHERE encounter_id = $1", args![before.id]).await?;
    write_topics(tx, after).await?;
    tally::shift(tx, &mut Reach::default(), Some(before), Some(after)).await?;
    let action = if after.withdrawn_at.is_some() { "withdrawn" } else { "corrected" };
    Entry::new(action, "encounter", before.id.0, before.met_on().to_string())
        .in_unit(after.unit_id)
        .detail(serde_json::json!({ "reason": reason }))
        .write(tx, by)
        .await?;
    Ok(())
}

const COLUMNS: &str = "e.id, e.campaign_id, e.activity_id, e.venue_id, e.team_id, e.unit_id,
    e.channel, e.met_at, e.person_key, e.household_key, e.age_group, e.note, e.reference,
    e.recorded_by, e.recorded_at, e.revision, e.withdrawn_at";

fn encounter_of(row: &Row) -> Result<Encounter, DbError> {
    Ok(Encounter {
        id: row.get("id")?,
        campaign_id: row.get("campaign_id")?,
        activity_id: row.get("activity_id")?,
        venue_id: row.get("venue_id")?,
        team_id: row.get("team_id")?,
        unit_id: row.get("unit_id")?,
        channel: row.parse("channel")?,
        met_at: row.get("met_at")?,
        person_key: row.get("person_key")?,
        household_key: row.get("household_key")?,
        age_group: row.parse("age_group")?,
        note: row.get("note")?,
        reference: row.get("reference")?,
        recorded_by: row.get("recorded_by")?,
        recorded_at: row.get("recorded_at")?,
        revision: row.get("revision")?,
        withdrawn_at: row.get("withdrawn_at")?,
        topics: vec![],
    })
}

/// Fills in the topics of encounters just read.
async fn with_topics(db: &Db, mut encounters: Vec<Encounter>) -> Result<Vec<Encounter>, DbError> {
    let mut places: HashMap<EncounterId, usize> = HashMap::new();
    for (index, encounter) in encounters.iter().enumerate() {
        places.insert(encounter.id, index);
    }
    let ids: Vec<EncounterId> = encounters.iter().map(|encounter| encounter.id).collect();
    for some in ids.chunks(500) {
        let mut conditions = Conditions::new();
        conditions.one_of("encounter_id", some.iter().map(Value::from).collect());
        let statement = format!(
            "SELECT encounter_id, topic_id, outcome, reason FROM encounter_topic{} ORDER BY topic_id",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            if let Some(&index) = places.get(&row.get::<EncounterId>("encounter_id")?) {
                encounters[index].topics.push(TopicOutcome {
                    topic_id: row.get("topic_id")?,
                    outcome: row.parse("outcome")?,
                    reason: row.get("reason")?,
                });
            }
        }
    }
    Ok(encounters)
}

/// One encounter, if the scope covers it; withdrawn ones too.
pub async fn find(db: &Db, scope: &Scope, id: EncounterId) -> Result<Encounter, Fault> {
    let mut conditions = Conditions::new().and("e.id = ?", args![id]);
    scope.restrict(&mut conditions, "e.unit_id");
    let statement = format!("SELECT {COLUMNS} FROM encounter e{}", conditions.text());
    let row = db.row(&statement, conditions.values()).await?.ok_or(Fault::NotFound)?;
    let found = with_topics(db, vec![encounter_of(&row)?]).await?;
    found.into_iter().next().ok_or(Fault::NotFound)
}

/// Which encounters are wanted; every figure links to a list with the filter it counts.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this campaign; `Some(None)` for those outside any.
    pub campaign: Option<Option<CampaignId>>,
    /// In this unit, its subtree, and what went into it undivided.
    pub unit: Option<UnitId>,
    pub activity: Option<ActivityId>,
    pub topic: Option<TopicId>,
    pub channel: Option<ActivityKind>,
    pub age: Option<AgeGroup>,
    pub week: Option<jiff::civil::Date>,
    pub outcome: Option<Outcome>,
    /// Only those in which a person (or household) can be told apart.
    pub person: bool,
    pub household: bool,
    pub recorded_by: Option<AccountId>,
    /// Withdrawn ones instead of live ones.
    pub withdrawn: bool,
}

impl Filter {
    /// Reads a filter from the query of an address.
    pub fn of(form: &Form) -> Self {
        let campaign = match form.text("campaign") {
            "" => None,
            "none" => Some(None),
            id => id.parse().ok().map(Some),
        };
        Self {
            campaign,
            unit: form.text("unit").parse().ok(),
            activity: form.text("activity").parse().ok(),
            topic: form.text("topic").parse().ok(),
            channel: form.text("channel").parse().ok(),
            age: form.text("age").parse().ok(),
            week: form.text("week").parse().ok(),
            outcome: form.text("outcome").parse().ok(),
            person: !form.text("people").is_empty(),
            household: !form.text("households").is_empty(),
            recorded_by: None,
            withdrawn: !form.text("withdrawn").is_empty(),
        }
    }

    /// The conditions on `encounter e` under a scope.
    pub fn conditions(&self, scope: &Scope) -> Conditions {
        let mut conditions = self.conditions_besides_scope();
        scope.restrict(&mut conditions, "e.unit_id");
        conditions
    }

    /// The cell of the tally that counts what this filter finds, where one does.
    fn cell(&self, scope: &Scope) -> Option<(UnitId, Slice)> {
        if self.withdrawn || self.activity.is_some() || self.recorded_by.is_some() {
            return None;
        }
        let mut slices = [
            self.topic.map(Slice::Topic),
            self.channel.map(Slice::Channel),
            self.age.map(Slice::Age),
            self.week.map(Slice::Week),
            self.outcome.map(Slice::Outcome),
        ]
        .into_iter()
        .flatten();
        let slice = slices.next().unwrap_or(Slice::All);
        let unit = match scope.roots() {
            [only] => self.unit.unwrap_or(*only),
            _ => self.unit?,
        };
        slices.next().is_none().then_some((unit, slice))
    }

    fn conditions_besides_scope(&self) -> Conditions {
        let mut conditions = Conditions::new();
        let live =
            if self.withdrawn { "e.withdrawn_at IS NOT NULL" } else { "e.withdrawn_at IS NULL" };
        conditions.push(live, vec![]);
        match self.campaign {
            Some(Some(campaign)) => conditions.push("e.campaign_id = ?", args![campaign]),
            Some(None) => conditions.push("e.campaign_id IS NULL", vec![]),
            None => {}
        }
        if self.person {
            conditions.push("e.person_key IS NOT NULL", vec![]);
        }
        if self.household {
            conditions.push("e.household_key IS NOT NULL", vec![]);
        }
        if let Some(week) = self.week {
            let end = week.checked_add(7.days()).unwrap_or(week);
            conditions.push("e.met_on >= ? AND e.met_on < ?", args![week, end]);
        }
        let in_unit = "e.unit_id IN (
            SELECT below.unit_id FROM unit_ancestor below WHERE below.ancestor_id IN (
                WITH RECURSIVE source (id) AS (
                    SELECT s.id FROM unit s WHERE s.id = ?
                    UNION
                    SELECT l.predecessor_id FROM source
                    JOIN unit_link l ON l.successor_id = source.id AND l.whole = 1
                )
                SELECT id FROM source))";
        let of_topic = |column: &str| {
            format!(
                "EXISTS (SELECT 1 FROM encounter_topic x WHERE x.encounter_id = e.id AND x.{column} = ?)"
            )
        };
        conditions
            .and_if(in_unit, self.unit)
            .and_if("e.activity_id = ?", self.activity)
            .and_if("e.channel = ?", self.channel.map(ActivityKind::code))
            .and_if("e.age_group = ?", self.age.map(AgeGroup::code))
            .and_if("e.recorded_by = ?", self.recorded_by)
            .and_if(&of_topic("topic_id"), self.topic)
            .and_if(&of_topic("outcome"), self.outcome.map(Outcome::code))
    }
}

/// How many encounters a filter meets, and the distinct people and households among them. A
/// person counts once in a campaign, so without one there are none to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub encounters: i64,
    pub people_and_households: Option<(i64, i64)>,
}

/// How many encounters a filter meets, counted from the raw records.
pub async fn how_many(db: &Db, scope: &Scope, filter: &Filter) -> Result<i64, DbError> {
    let conditions = filter.conditions(scope);
    let statement = format!("SELECT COUNT(*) AS n FROM encounter e{}", conditions.text());
    db.count(&statement, conditions.values()).await
}

/// What a filter finds: read from the tally where that keeps it, else counted.
pub async fn found(db: &Db, scope: &Scope, filter: &Filter) -> Result<Found, DbError> {
    if filter.campaign.is_none() {
        let encounters = how_many(db, scope, filter).await?;
        return Ok(Found { encounters, people_and_households: None });
    }
    if let Some((unit, slice)) = filter.cell(scope)
        && scope.covers(db, unit).await?
    {
        let campaign = filter.campaign.flatten();
        let cells = tally::cells(db, campaign, &[unit], &slice.to_string()).await?;
        let counts = cells.get(&(unit, String::new())).copied().unwrap_or_default();
        let all = !filter.person && !filter.household;
        let encounters = if all { counts.encounters } else { how_many(db, scope, filter).await? };
        let people_and_households = Some((counts.people, counts.households));
        return Ok(Found { encounters, people_and_households });
    }
    let conditions = filter.conditions(scope);
    let statement = format!(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT e.person_key) AS people,
                COUNT(DISTINCT e.household_key) AS households FROM encounter e{}",
        conditions.text()
    );
    let row = db.row(&statement, conditions.values()).await?;
    row.map_or(Ok(Found { encounters: 0, people_and_households: None }), |row| {
        let people_and_households = Some((row.get("people")?, row.get("households")?));
        Ok(Found { encounters: row.get("n")?, people_and_households })
    })
}

/// Where a page of the list ends: `met_at` and id of its last row, as `1694739600000.<uuid>`.
pub fn cursor_of(encounter: &Encounter) -> String {
    format!("{}.{}", encounter.met_at, encounter.id)
}

/// Encounters, latest first, after a cursor.
pub async fn list(
    db: &Db,
    scope: &Scope,
    filter: &Filter,
    cursor: Option<&str>,
    most: usize,
) -> Result<Vec<Encounter>, DbError> {
    let mut conditions = filter.conditions_besides_scope();
    scope.restrict_each(&mut conditions, "e.unit_id");
    let after = cursor
        .and_then(|cursor| cursor.split_once('.'))
        .and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.parse::<EncounterId>().ok()?)));
    if let Some((at, id)) = after {
        conditions.push("e.met_at < ? OR (e.met_at = ? AND e.id < ?)", args![at, at, id]);
    }
    let limit = conditions.bind(most);
    let statement = format!(
        "SELECT {COLUMNS} FROM encounter e{} ORDER BY e.met_at DESC, e.id DESC LIMIT {limit}",
        conditions.text()
    );
    let rows = db.rows(&statement, conditions.values()).await?;
    let list = rows.iter().map(encounter_of).collect::<Result<Vec<_>, _>>()?;
    with_topics(db, list).await
}

/// What an encounter said before a correction.
pub struct Revision {
    pub revision: i64,
    pub content: Encounter,
    /// Epoch milliseconds.
    pub replaced_at: i64,
    pub by: String,
    pub reason: String,
}

/// What an encounter said before its corrections, latest first.
pub async fn revisions(db: &Db, id: EncounterId) -> Result<Vec<Revision>, Fault> {
    let rows = db
        .rows(
            "SELECT r.revision, r.content, r.replaced_at, r.reason,
                    COALESCE(a.display_name, '') AS name
             FROM encounter_revision r LEFT JOIN account a ON a.id = r.replaced_by
             WHERE r.encounter_id = $1 ORDER BY r.revision DESC",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let content: String = row.get("content")?;
            Ok(Revision {
                revision: row.get("revision")?,
                content: serde_json::from_str(&content).map_err(Fault::internal)?,
                replaced_at: row.get("replaced_at")?,
                by: row.get("name")?,
                reason: row.get("reason")?,
            })
        })
        .collect()
}
