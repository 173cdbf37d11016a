//! All SQL of campaigns.

use std::collections::HashMap;

use jiff::civil::Date;

use super::model::{Campaign, Force, Measure, Target, Template};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{CampaignId, TargetId, TopicId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Fault, Row, Tx};
use crate::people::Scope;

/// A campaign as typed, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub template: Template,
    pub name: String,
    pub goal: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub units: Vec<UnitId>,
    pub topics: Vec<TopicId>,
    pub forces: Vec<String>,
    /// Percent of the people in each unit; none for no common target.
    pub people_percent: Option<i64>,
    /// Activities in each unit.
    pub activities: Option<i64>,
}

/// Reads a campaign from a form: `template`, `name`, `goal`, `starts_on`, `ends_on`, `units` and
/// `topics` (many), `forces` (a line each), `people_percent`, `activities`.
pub fn read(form: &mut Form) -> Option<Draft> {
    let name = form.required("name", 200);
    let goal = form.optional("goal", 2000);
    let (starts_on, ends_on) = (form.date("starts_on"), form.date("ends_on"));
    for (field, date) in [("starts_on", starts_on), ("ends_on", ends_on)] {
        if date.is_none() {
            form.refuse(field, "error-required");
        }
    }
    if let (Some(start), Some(end)) = (starts_on, ends_on)
        && end < start
    {
        form.refuse("ends_on", "error-ends-before");
    }
    let units: Vec<UnitId> = form.all("units").iter().filter_map(|id| id.parse().ok()).collect();
    if units.is_empty() {
        form.refuse("units", "error-no-unit");
    }
    let topics: Vec<TopicId> = form.all("topics").iter().filter_map(|id| id.parse().ok()).collect();
    if topics.is_empty() {
        form.refuse("topics", "error-no-topic");
    }
    let forces = form.optional("forces", 2000);
    let people_percent = form.number("people_percent", 1..=100);
    let activities = form.number("activities", 1..=10_000);
    let template = form.parsed("template").unwrap_or(Template::Own);
    form.is_sound().then_some(Draft {
        template,
        name,
        goal,
        starts_on: starts_on?,
        ends_on: ends_on?,
        units,
        topics,
        forces: forces
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
        people_percent,
        activities,
    })
}

/// `Đoàn Thanh niên: 40` as a force of forty people; the number may be left out.
fn force_of(line: &str) -> Force {
    match line.rsplit_once(':').map(|(name, people)| (name.trim(), people.trim().parse())) {
        Some((name, Ok(people))) => Force { name: name.to_owned(), people: Some(people) },
        _ => Force { name: line.to_owned(), people: None },
    }
}

/// Adds a campaign run by `home`, or changes the one of `id`.
pub async fn save(
    tx: &mut Tx,
    id: Option<CampaignId>,
    home: UnitId,
    draft: &Draft,
    by: &Doer,
) -> Result<CampaignId, DbError> {
    let saved = id.unwrap_or_else(CampaignId::new);
    let folded = vietnamese::fold(&draft.name);
    if id.is_some() {
        tx.execute(
            "UPDATE campaign SET name = $1, folded = $2, goal = $3, starts_on = $4, ends_on = $5
             WHERE id = $6",
            args![&draft.name, folded, &draft.goal, draft.starts_on, draft.ends_on, saved],
        )
        .await?;
        for table in ["campaign_unit", "campaign_topic", "campaign_force"] {
            let statement = format!("DELETE FROM {table} WHERE campaign_id = $1");
            tx.execute(&statement, args![saved]).await?;
        }
    } else {
        tx.execute(
            "INSERT INTO campaign (id, unit_id, template, name, folded, goal, starts_on, ends_on, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![
                saved,
                home,
                draft.template.code(),
                &draft.name,
                folded,
                &draft.goal,
                draft.starts_on,
                draft.ends_on,
                by.at
            ],
        )
        .await?;
    }
    let units = draft.units.iter().map(|unit| args![saved, unit]);
    tx.insert_many(
        "INSERT INTO campaign_unit (campaign_id, unit_id)",
        units,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    let topics = draft.topics.iter().map(|topic| args![saved, topic]);
    tx.insert_many(
        "INSERT INTO campaign_topic (campaign_id, topic_id)",
        topics,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    let forces = draft.forces.iter().enumerate().map(|(index, line)| {
        let force = force_of(line);
        args![saved, index, force.name, force.people]
    });
    tx.insert_many("INSERT INTO campaign_force (campaign_id, position, name, people)", forces, "")
        .await?;
    if id.is_none() {
        let mut targets = vec![];
        for unit in &draft.units {
            for (measure, value) in [
                (Measure::PeoplePercent, draft.people_percent),
                (Measure::Activities, draft.activities),
            ] {
                if let Some(value) = value {
                    targets.push((*unit, measure, value));
                }
            }
        }
        add_targets(tx, saved, &targets).await?;
    }
    let action = if id.is_some() { "changed" } else { "created" };
    Entry::new(action, "campaign", saved.0, &draft.name)
        .in_unit(home)
        .change(
            &serde_json::json!({}),
            &serde_json::json!({
                "starts_on": draft.starts_on.to_string(),
                "ends_on": draft.ends_on.to_string(),
                "units": draft.units.len(),
                "topics": draft.topics.len(),
            }),
        )
        .write(tx, by)
        .await?;
    Ok(saved)
}

async fn add_targets(
    tx: &mut Tx,
    campaign: CampaignId,
    targets: &[(UnitId, Measure, i64)],
) -> Result<(), DbError> {
    let rows = targets.iter().map(|(unit, measure, value)| {
        args![TargetId::new(), campaign, unit, measure.code(), *value]
    });
    tx.insert_many("INSERT INTO target (id, campaign_id, unit_id, measure, value)", rows, "").await
}

/// Replaces the targets of a campaign.
pub async fn set_targets(
    tx: &mut Tx,
    campaign: &Campaign,
    targets: &[(UnitId, Measure, i64)],
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute("DELETE FROM target WHERE campaign_id = $1", args![campaign.id]).await?;
    add_targets(tx, campaign.id, targets).await?;
    Entry::new("changed", "campaign", campaign.id.0, &campaign.name)
        .in_unit(campaign.unit_id)
        .detail(serde_json::json!({ "targets": targets.len() }))
        .write(tx, by)
        .await
}

fn campaign_of(row: &Row) -> Result<Campaign, DbError> {
    Ok(Campaign {
        id: row.get("id")?,
        unit_id: row.get("unit_id")?,
        template: row.parse("template")?,
        name: row.get("name")?,
        goal: row.get("goal")?,
        starts_on: row.get("starts_on")?,
        ends_on: row.get("ends_on")?,
        units: vec![],
        topics: vec![],
        forces: vec![],
    })
}

fn visible(scope: &Scope) -> Conditions {
    let (own, mut values) = scope.touching("k.unit_id");
    let (part, more) = scope.touching("c.unit_id");
    values.extend(more);
    Conditions::new().and("k.deleted_at IS NULL", vec![]).and(
        &format!(
            "{own} OR EXISTS (SELECT 1 FROM campaign_unit c WHERE c.campaign_id = k.id AND {part})"
        ),
        values,
    )
}

/// Campaigns that touch a scope, the latest first.
pub async fn list(db: &Db, scope: &Scope) -> Result<Vec<Campaign>, DbError> {
    let conditions = visible(scope);
    let statement = format!(
        "SELECT k.id, k.unit_id, k.template, k.name, k.goal, k.starts_on, k.ends_on
         FROM campaign k{} ORDER BY k.starts_on DESC, k.created_at DESC",
        conditions.text()
    );
    db.rows(&statement, conditions.values()).await?.iter().map(campaign_of).collect()
}

/// One campaign with its units, topics and forces, if it touches the scope.
pub async fn find(db: &Db, scope: &Scope, id: CampaignId) -> Result<Campaign, Fault> {
    let conditions = visible(scope).and("k.id = ?", args![id]);
    let statement = format!(
        "SELECT k.id, k.unit_id, k.template, k.name, k.goal, k.starts_on, k.ends_on
         FROM campaign k{}",
        conditions.text()
    );
    let row = db.row(&statement, conditions.values()).await?.ok_or(Fault::NotFound)?;
    let mut campaign = campaign_of(&row)?;
    for row in
        db.rows("SELECT unit_id FROM campaign_unit WHERE campaign_id = $1", args![id]).await?
    {
        campaign.units.push(row.get("unit_id")?);
    }
    for row in
        db.rows("SELECT topic_id FROM campaign_topic WHERE campaign_id = $1", args![id]).await?
    {
        campaign.topics.push(row.get("topic_id")?);
    }
    let forces = "SELECT name, people FROM campaign_force WHERE campaign_id = $1 ORDER BY position";
    for row in db.rows(forces, args![id]).await? {
        campaign.forces.push(Force { name: row.get("name")?, people: row.get("people")? });
    }
    Ok(campaign)
}

/// The campaign under way on a day in a scope, else the one that began last before it.
pub async fn current(db: &Db, scope: &Scope, on: Date) -> Result<Option<Campaign>, DbError> {
    let all = list(db, scope).await?;
    let breadth = db
        .rows("SELECT campaign_id, COUNT(*) AS n FROM campaign_unit GROUP BY campaign_id", vec![])
        .await?
        .iter()
        .map(|row| Ok((row.get("campaign_id")?, row.get("n")?)))
        .collect::<Result<HashMap<CampaignId, i64>, DbError>>()?;
    let size = |campaign: &Campaign| {
        let length = (campaign.ends_on - campaign.starts_on).get_days();
        (breadth.get(&campaign.id).copied().unwrap_or_default(), length)
    };
    let running =
        all.iter().filter(|c| c.starts_on <= on && on <= c.ends_on).max_by_key(|c| size(c));
    let past = all.iter().find(|campaign| campaign.starts_on <= on);
    Ok(running.or(past).or(all.first()).cloned())
}

/// The targets of a campaign.
pub async fn targets(db: &Db, campaign: CampaignId) -> Result<Vec<Target>, DbError> {
    let statement = "SELECT id, campaign_id, unit_id, measure, topic_id, value FROM target
                     WHERE campaign_id = $1";
    db.rows(statement, args![campaign])
        .await?
        .iter()
        .map(|row| {
            Ok(Target {
                id: row.get("id")?,
                campaign_id: row.get("campaign_id")?,
                unit_id: row.get("unit_id")?,
                measure: row.parse("measure")?,
                topic_id: row.get("topic_id")?,
                value: row.get("value")?,
            })
        })
        .collect()
}

/// Puts a campaign into the trash.
pub async fn trash(tx: &mut Tx, campaign: &Campaign, by: &Doer) -> Result<(), DbError> {
    tx.execute("UPDATE campaign SET deleted_at = $1 WHERE id = $2", args![by.at, campaign.id])
        .await?;
    Entry::new("deleted", "campaign", campaign.id.0, &campaign.name)
        .in_unit(campaign.unit_id)
        .write(tx, by)
        .await
}
