//! What there is to plan with: hamlets, teams, halls, vehicles, and when each of them is free.
//! All SQL over the rooms below is here.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use uuid::Uuid;

use super::brief::{Brief, Days, Host, VehicleWish};
use super::spans::Span;
use super::travel::Point;
use crate::args;
use crate::campaigns::Campaign;
use crate::foundation::ids::{ActivityId, AssetId, CampaignId, TeamId, UnitId, VenueId};
use crate::foundation::{Conditions, Db, DbError, Row, Tx, Value, clock};
use crate::people::Scope;
use crate::rosters::availability;
use crate::schedule::{closed, hours};
use crate::units;

/// A hamlet that can be visited.
#[derive(Debug, Clone)]
pub struct Hamlet {
    pub id: UnitId,
    pub name: String,
    pub commune: UnitId,
    pub point: Option<Point>,
    /// Sessions held in it so far in the campaign.
    pub held: i64,
}

/// A commune, or another unit where a vehicle may be kept.
#[derive(Debug, Clone)]
pub struct Place {
    pub id: UnitId,
    pub name: String,
    pub point: Option<Point>,
}

/// A team or a village hall with the unit it belongs to.
#[derive(Debug, Clone)]
pub struct Belonging<I> {
    pub id: I,
    pub unit: UnitId,
    pub name: String,
}

/// Everything that a plan of a campaign can use.
#[derive(Debug, Clone)]
pub struct World {
    pub campaign: Campaign,
    /// Whose plan it is: the campaign's unit, or the planner's own part of it.
    pub unit: UnitId,
    pub hamlets: Vec<Hamlet>,
    pub communes: Vec<Place>,
    /// Where vehicles may be kept.
    pub bases: Vec<Place>,
    pub teams: Vec<Belonging<TeamId>>,
    pub halls: Vec<Belonging<VenueId>>,
    pub vehicles: Vec<Belonging<AssetId>>,
}

impl World {
    /// The days a plan usually spans: what is left of the campaign, else the whole of it.
    pub fn usual_days(&self, today: Date) -> Days {
        let campaign = &self.campaign;
        let from = if today <= campaign.ends_on { today.max(campaign.starts_on) } else { today };
        Days { from, to: campaign.ends_on.max(from) }
    }

    /// The brief that works at once.
    pub fn usual_brief(&self, today: Date) -> Brief {
        let mut brief = Brief::usual(self.usual_days(today));
        self.complete(&mut brief);
        brief.crews = u32::from(brief.vehicles.is_empty());
        brief
    }

    /// Adds vehicles of the register that a brief does not speak of yet, and drops those gone.
    pub fn complete(&self, brief: &mut Brief) {
        brief.vehicles.retain(|wish| self.vehicles.iter().any(|v| v.id == wish.asset));
        for vehicle in &self.vehicles {
            if !brief.vehicles.iter().any(|wish| wish.asset == vehicle.id) {
                brief.vehicles.push(VehicleWish {
                    asset: vehicle.id,
                    used: true,
                    base: vehicle.unit,
                    from: 6 * 60 + 30,
                    to: 22 * 60,
                    weekdays: [true; 7],
                    off: vec![],
                });
            }
        }
    }

    /// The team that receives a session in a hamlet.
    pub fn host(&self, hamlet: &Hamlet, host: Host) -> Option<&Belonging<TeamId>> {
        let of = |unit: UnitId| self.teams.iter().find(|team| team.unit == unit);
        match host {
            Host::Hamlet => of(hamlet.id).or_else(|| of(hamlet.commune)),
            Host::Commune => of(hamlet.commune),
        }
    }

    /// `Xóm 3, Xã Quang Trung`.
    pub fn place_of(&self, hamlet: &Hamlet) -> String {
        let commune = self.communes.iter().find(|commune| commune.id == hamlet.commune);
        format!("{}, {}", hamlet.name, commune.map_or("", |commune| &commune.name))
    }

    /// The hall of a hamlet.
    pub fn hall(&self, hamlet: &Hamlet) -> Option<&Belonging<VenueId>> {
        self.halls.iter().find(|hall| hall.unit == hamlet.id)
    }
}

fn point(row: &Row, lat: &str, lon: &str) -> Result<Option<Point>, DbError> {
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get(lat)?, row.get(lon)?);
    Ok(lat.zip(lon))
}

/// Reads what a campaign can be planned with within a scope.
pub async fn read(db: &Db, scope: &Scope, campaign: Campaign) -> Result<World, DbError> {
    let whole = scope.covers(db, campaign.unit_id).await?;
    let unit = if whole { campaign.unit_id } else { scope.roots()[0] };
    // Who has roles on several units plans for one of them, so that everyone who may change the
    // plan may change all of it.
    let own = Scope::of_the_program(unit);
    let (mut hamlets, mut communes) =
        hamlets(db, if whole { scope } else { &own }, &campaign).await?;
    let held = held(db, campaign.id).await?;
    for hamlet in &mut hamlets {
        hamlet.held = held.get(&hamlet.id).copied().unwrap_or_default();
    }
    let order: HashMap<UnitId, _> =
        communes.iter().map(|c| (c.id, vietnamese::sort_key(&c.name))).collect();
    communes.sort_by_cached_key(|commune| order[&commune.id].clone());
    hamlets.sort_by_cached_key(|hamlet| {
        (order[&hamlet.commune].clone(), vietnamese::sort_key(&hamlet.name))
    });
    let teams = belongings(db, scope, "team", "community").await?;
    let halls = belongings(db, scope, "venue", "village_hall").await?;
    let vehicles: Vec<Belonging<AssetId>> =
        belongings(db, scope, "asset", "loudspeaker_vehicle").await?;
    let mut wanted: Vec<UnitId> = vec![unit];
    wanted.extend(vehicles.iter().map(|vehicle| vehicle.unit));
    wanted.dedup();
    let found = units::find_all(db, &wanted).await?;
    let mut bases: Vec<Place> = vec![];
    for id in wanted {
        if let Some(unit) = found.get(&id).filter(|_| bases.iter().all(|base| base.id != id)) {
            bases.push(Place { id, name: unit.name.clone(), point: unit.point });
        }
    }
    let others = communes.iter().filter(|c| !bases.iter().any(|base| base.id == c.id));
    let others: Vec<Place> = others.cloned().collect();
    bases.extend(others);
    Ok(World { campaign, unit, hamlets, communes, bases, teams, halls, vehicles })
}

async fn hamlets(
    db: &Db,
    scope: &Scope,
    campaign: &Campaign,
) -> Result<(Vec<Hamlet>, Vec<Place>), DbError> {
    let on = campaign.ends_on;
    let mut conditions = Conditions::new()
        .and("u.level = 'hamlet' AND u.deleted_at IS NULL", vec![])
        .and("u.valid_from <= ? AND ? < u.valid_to", args![on, on])
        .and(
            "EXISTS (SELECT 1 FROM unit_ancestor w JOIN campaign_unit c ON c.unit_id = w.ancestor_id
                     WHERE w.unit_id = u.id AND c.campaign_id = ?)",
            args![campaign.id],
        );
    scope.restrict(&mut conditions, "u.id");
    let statement = format!(
        "SELECT u.id, u.name, u.lat, u.lon, p.id AS commune, p.name AS commune_name,
                p.lat AS commune_lat, p.lon AS commune_lon
         FROM unit u JOIN unit p ON p.id = u.parent_id{}",
        conditions.text()
    );
    let (mut hamlets, mut communes) = (vec![], vec![]);
    let mut known = HashSet::new();
    for row in db.rows(&statement, conditions.values()).await? {
        let commune: UnitId = row.get("commune")?;
        if known.insert(commune) {
            let point = point(&row, "commune_lat", "commune_lon")?;
            communes.push(Place { id: commune, name: row.get("commune_name")?, point });
        }
        hamlets.push(Hamlet {
            id: row.get("id")?,
            name: row.get("name")?,
            commune,
            point: point(&row, "lat", "lon")?,
            held: 0,
        });
    }
    Ok((hamlets, communes))
}

async fn held(db: &Db, campaign: CampaignId) -> Result<HashMap<UnitId, i64>, DbError> {
    let statement = "SELECT unit_id, COUNT(*) AS n FROM activity
                     WHERE campaign_id = $1 AND kind = 'hamlet_session' AND state = 'held'
                       AND deleted_at IS NULL GROUP BY unit_id";
    let rows = db.rows(statement, args![campaign]).await?;
    rows.iter().map(|row| Ok((row.get("unit_id")?, row.get("n")?))).collect()
}

async fn belongings<I: crate::foundation::db::FromColumn>(
    db: &Db,
    scope: &Scope,
    table: &str,
    kind: &str,
) -> Result<Vec<Belonging<I>>, DbError> {
    let mut conditions = Conditions::new().and("r.kind = ? AND r.deleted_at IS NULL", args![kind]);
    scope.restrict(&mut conditions, "r.unit_id");
    let statement =
        format!("SELECT r.id, r.unit_id, r.name FROM {table} r{} ORDER BY r.id", conditions.text());
    let rows = db.rows(&statement, conditions.values()).await?;
    rows.iter()
        .map(|row| {
            Ok(Belonging { id: row.get("id")?, unit: row.get("unit_id")?, name: row.get("name")? })
        })
        .collect()
}

/// Something that uses a team, a venue or a vehicle: from, to (epoch milliseconds), and which
/// activity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    pub from: i64,
    pub to: i64,
    pub activity: ActivityId,
}

/// Who or what is busy when, by id of team, venue or asset.
pub type Busy = HashMap<Uuid, Vec<Use>>;

/// When what can be used.
#[derive(Debug, Default)]
pub struct Times {
    /// Hours allowed by hamlet and day.
    pub allowed: HashMap<UnitId, BTreeMap<Date, Vec<Span>>>,
    /// Closed days by commune.
    pub closed: HashMap<UnitId, Vec<Days>>,
    /// Hours in which teams are free, by team and day.
    pub free: HashMap<TeamId, BTreeMap<Date, Vec<Span>>>,
    pub busy: Busy,
}

/// Reads when what of a world can be used in a period.
pub async fn times(db: &Db, world: &World, brief: &Brief) -> Result<Times, DbError> {
    let (from, to) = (brief.days.from, brief.days.to);
    let hamlets: Vec<UnitId> = world.hamlets.iter().map(|hamlet| hamlet.id).collect();
    let communes: Vec<UnitId> = world.communes.iter().map(|commune| commune.id).collect();
    let allowed = hours::allowed_of(db, &hamlets, hours::Sound::Session, from, to).await?;
    let closed = closed::closed_of(db, &communes, from, to)
        .await?
        .into_iter()
        .map(|(unit, all)| {
            (unit, all.iter().map(|one| Days { from: one.from, to: one.to }).collect())
        })
        .collect();
    let teams: Vec<TeamId> = {
        let hosts = world.hamlets.iter().filter_map(|hamlet| world.host(hamlet, brief.host));
        let all: HashSet<TeamId> = hosts.map(|team| team.id).collect();
        all.into_iter().collect()
    };
    let free = availability::teams_free(db, &teams, from, to).await?;
    let venues = world.hamlets.iter().filter_map(|hamlet| world.hall(hamlet)).map(|hall| hall.id);
    let used = Used {
        teams,
        venues: venues.collect(),
        assets: world.vehicles.iter().map(|vehicle| vehicle.id).collect(),
    };
    let busy = busy(&mut Reader::Db(db), &used, brief.days).await?;
    Ok(Times { allowed, closed, free, busy })
}

/// What may be busy.
#[derive(Debug, Default)]
pub struct Used {
    pub teams: Vec<TeamId>,
    pub venues: Vec<VenueId>,
    pub assets: Vec<AssetId>,
}

/// Where rows are read from: as anybody sees them, or as a transaction does.
pub enum Reader<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

impl Reader<'_> {
    async fn rows(&mut self, statement: &str, values: Vec<Value>) -> Result<Vec<Row>, DbError> {
        match self {
            Reader::Db(db) => db.rows(statement, values).await,
            Reader::Tx(tx) => tx.rows(statement, values).await,
        }
    }
}

/// When teams, venues and vehicles are busy with what stands on the calendar.
pub async fn busy(reader: &mut Reader<'_>, used: &Used, days: Days) -> Result<Busy, DbError> {
    let start = clock::millis(days.from.at(0, 0, 0, 0));
    let end = clock::millis(days.to.tomorrow().unwrap_or(days.to).at(0, 0, 0, 0));
    let mut busy = Busy::new();
    let teams: Vec<Uuid> = used.teams.iter().map(|id| id.0).collect();
    let venues: Vec<Uuid> = used.venues.iter().map(|id| id.0).collect();
    let assets: Vec<Uuid> = used.assets.iter().map(|id| id.0).collect();
    for (column, from, ids) in [
        ("a.team_id", "activity a", teams),
        ("a.venue_id", "activity a", venues),
        ("x.asset_id", "activity a JOIN activity_asset x ON x.activity_id = a.id", assets),
    ] {
        for some in ids.chunks(400) {
            let mut conditions = Conditions::new()
                .and("a.deleted_at IS NULL AND a.state <> 'cancelled'", vec![])
                .and("a.starts_at < ? AND a.ends_at > ?", args![end, start]);
            conditions.one_of(column, some.iter().map(|id| Value::Uuid(*id)).collect());
            let statement = format!(
                "SELECT {column} AS used, a.id, a.starts_at, a.ends_at FROM {from}{}",
                conditions.text()
            );
            for row in reader.rows(&statement, conditions.values()).await? {
                busy.entry(row.get("used")?).or_default().push(Use {
                    from: row.get("starts_at")?,
                    to: row.get("ends_at")?,
                    activity: row.get("id")?,
                });
            }
        }
    }
    Ok(busy)
}
