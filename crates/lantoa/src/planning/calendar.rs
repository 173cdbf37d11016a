//! What of accepted plans stands on the calendar.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::ground::{Fixed, Ground, Kept, Key, Mover, Standing};
use super::world::World;
use crate::args;
use crate::foundation::ids::{ActivityId, AssetId, CampaignId, UnitId};
use crate::foundation::{Db, DbError, Row, Tx, clock};
use crate::schedule;

/// A session of an accepted plan as it stands on the calendar.
#[derive(Debug, Clone)]
pub struct OnCalendar {
    pub activity: ActivityId,
    pub state: schedule::State,
    pub starts_at: i64,
    pub ends_at: i64,
    pub mover: Option<Mover>,
}

/// A vehicle's run: vehicle, day, and which of that day.
pub type RunKey = (AssetId, Date, u32);

/// What accepted plans of a campaign have put on the calendar.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    pub sessions: HashMap<Key, OnCalendar>,
    pub runs: HashMap<RunKey, (ActivityId, i64, UnitId)>,
}

const STANDING: &str = "SELECT p.activity_id, p.unit_id, p.number, p.asset_id, p.crew, p.day,
        a.state, a.starts_at, a.ends_at, n.unit_id AS plan_unit
    FROM plan_activity p JOIN activity a ON a.id = p.activity_id JOIN plan n ON n.id = p.plan_id
    WHERE p.campaign_id = $1 AND a.deleted_at IS NULL AND a.state <> 'cancelled'";

fn accepted_of(rows: &[Row]) -> Result<Accepted, DbError> {
    let mut accepted = Accepted::default();
    for row in rows {
        let activity: ActivityId = row.get("activity_id")?;
        let number = row.get::<i64>("number")? as u32;
        let asset: Option<AssetId> = row.get("asset_id")?;
        let (starts_at, ends_at) = (row.get("starts_at")?, row.get("ends_at")?);
        match row.get::<Option<UnitId>>("unit_id")? {
            Some(unit) => {
                let crew: Option<i64> = row.get("crew")?;
                let crew = crew.map(|number| Mover::Crew(number as u32));
                let session = OnCalendar {
                    activity,
                    state: row.parse("state")?,
                    starts_at,
                    ends_at,
                    mover: asset.map(Mover::Asset).or(crew),
                };
                accepted.sessions.insert((unit, number), session);
            }
            None => {
                if let Some(asset) = asset {
                    let key = (asset, row.get("day")?, number);
                    accepted.runs.insert(key, (activity, starts_at, row.get("plan_unit")?));
                }
            }
        }
    }
    Ok(accepted)
}

/// What accepted plans of a campaign have put on the calendar.
pub async fn accepted(db: &Db, campaign: CampaignId) -> Result<Accepted, DbError> {
    accepted_of(&db.rows(STANDING, args![campaign]).await?)
}

/// The same, as a transaction sees it.
pub async fn accepted_within(tx: &mut Tx, campaign: CampaignId) -> Result<Accepted, DbError> {
    accepted_of(&tx.rows(STANDING, args![campaign]).await?)
}

impl OnCalendar {
    /// Whether it stays as it is: it was held, or its time has come.
    pub fn is_fixed(&self, now: i64) -> bool {
        self.state == schedule::State::Held || self.starts_at <= now
    }
}

impl Accepted {
    /// What a plan over a world must keep in mind of the calendar.
    pub fn kept(&self, world: &World, now: i64) -> Kept {
        let mut kept = Kept::default();
        let ours: HashSet<UnitId> = world.hamlets.iter().map(|hamlet| hamlet.id).collect();
        for ((unit, number), session) in &self.sessions {
            if !ours.contains(unit) {
                continue;
            }
            if session.is_fixed(now) {
                kept.fixed.push(Fixed {
                    unit: *unit,
                    number: *number,
                    activity: session.activity,
                    starts_at: session.starts_at,
                    ends_at: session.ends_at,
                });
            } else {
                kept.own.insert(session.activity);
                if session.state == schedule::State::Confirmed {
                    kept.locked.insert((*unit, *number));
                }
            }
        }
        kept.own.extend(
            self.runs.values().filter(|run| run.1 > now && run.2 == world.unit).map(|run| run.0),
        );
        kept.fixed.sort_by_key(|fixed| (fixed.unit, fixed.number));
        kept
    }

    /// Where the sessions that may still move stand.
    pub fn standing(&self, ground: &Ground, now: i64) -> Vec<Standing> {
        let mut standing = vec![];
        for session in &ground.sessions {
            let Some(there) = self.sessions.get(&session.key()) else { continue };
            let Some(mover) = there.mover.filter(|_| !there.is_fixed(now)) else { continue };
            let at = clock::local(there.starts_at);
            let vehicle = ground.vehicles.iter().find(|vehicle| vehicle.mover == mover);
            standing.push(Standing {
                unit: session.unit,
                number: session.number,
                place: ground.place_of(session),
                day: at.date(),
                start: i32::from(at.hour()) * 60 + i32::from(at.minute()),
                mover,
                with: vehicle.map_or_else(String::new, |vehicle| vehicle.name.clone()),
            });
        }
        standing
    }
}
