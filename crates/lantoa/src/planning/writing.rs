//! Writes an accepted plan onto the calendar: whole, and the same activities again when it is
//! accepted anew.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use routing::{Route, Stop};
use uuid::Uuid;

use super::brief::Days;
use super::calendar::{self, Accepted, RunKey};
use super::ground::{DAY, Ground, Held, Kept, Key, Mover, Resource};
use super::store::{self, Plan, State};
use super::world::{self, Reader, Used, World};
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{ActivityId, AssetId, PlanId, TopicId, UnitId};
use crate::foundation::{DbError, T, Tx, clock};
use crate::runs::{RunStop, StopKind, store as runs};
use crate::schedule::{self, Activity, ActivityKind};

/// Why a plan cannot go onto the calendar: who or what is busy by now, and where.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Name of the team, hall or vehicle.
    pub name: String,
    pub place: String,
    pub held: Held,
    pub activity: ActivityId,
}

/// Why a plan is not written.
#[derive(Debug, Clone)]
pub enum Refused {
    /// Somebody or something is busy by now.
    Taken(Vec<Taken>),
    /// Sessions whose time has come since, or that were held, and that the plan has elsewhere.
    Past(Vec<String>),
    /// Somebody else has accepted or replaced it.
    Settled,
}

/// A rest of a vehicle from which on its day is told as two runs, in minutes.
const REST: i32 = 60;

/// One run of a vehicle: part of a route.
#[derive(Debug, Clone, Copy)]
struct Run<'r> {
    shift: u32,
    stops: &'r [Stop],
    /// When it sets off, in epoch milliseconds.
    leaves_at: i64,
    /// When its last session ends.
    ends_at: i64,
}

/// How many activities were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub added: usize,
    pub changed: usize,
    pub cancelled: usize,
    pub kept: usize,
}

/// What is to be written, with what everything is called.
pub struct Writing<'a> {
    pub plan: &'a Plan,
    pub ground: &'a Ground,
    pub world: &'a World,
    /// Why sessions are cancelled, in words.
    pub reason: String,
    pub by: Doer,
}

impl Writing<'_> {
    /// Writes the plan onto the calendar, or tells what is taken by now; then nothing is written.
    pub async fn write(&self, tx: &mut Tx) -> Result<Result<Written, Refused>, DbError> {
        // One at a time on the installation: campaigns share teams, halls and vehicles.
        tx.hold(b"plans onto the calendar").await?;
        if !store::state_within(tx, self.plan.id).await?.is_some_and(State::is_draft) {
            return Ok(Err(Refused::Settled));
        }
        let accepted = calendar::accepted_within(tx, self.plan.campaign_id).await?;
        let past = self.past(&accepted);
        if !past.is_empty() {
            return Ok(Err(Refused::Past(past)));
        }
        let kept = accepted.kept(self.world, self.by.at);
        // What stands on the calendar for these very sessions is not in their way.
        let theirs = self.ground.sessions.iter().filter_map(|s| accepted.sessions.get(&s.key()));
        let own = theirs.map(|there| there.activity).chain(kept.own.iter().copied()).collect();
        let taken = self.taken(tx, &own).await?;
        if !taken.is_empty() {
            return Ok(Err(Refused::Taken(taken)));
        }
        let mut written = Written::default();
        let sessions = self.sessions(tx, &accepted, &mut written).await?;
        self.runs(tx, &accepted, &sessions, &mut written).await?;
        self.cancel(tx, &accepted, &kept, &sessions, &mut written).await?;
        tx.execute(
            "UPDATE plan SET state = 'replaced'
             WHERE campaign_id = $1 AND unit_id = $2 AND state = 'accepted'",
            args![self.plan.campaign_id, self.plan.unit_id],
        )
        .await?;
        store::set_state(tx, self.plan.id, State::Accepted).await?;
        tx.execute(
            "UPDATE plan SET accepted_at = $1 WHERE id = $2",
            args![self.by.at, self.plan.id],
        )
        .await?;
        Entry::new("accepted", "plan", self.plan.id.0, &self.world.campaign.name)
            .in_unit(self.plan.unit_id)
            .detail(serde_json::json!({
                "added": written.added,
                "changed": written.changed,
                "cancelled": written.cancelled,
                "kept": written.kept,
            }))
            .write(tx, &self.by)
            .await?;
        Ok(Ok(written))
    }

    /// Sessions that the plan puts where time has passed, or elsewhere than they were held.
    fn past(&self, accepted: &Accepted) -> Vec<String> {
        let mut past = vec![];
        for (session, held) in self.ground.sessions.iter().zip(self.ground.held(&self.plan.best)) {
            let Some(held) = held else { continue };
            let starts_at = Ground::instant(held.day, held.start);
            let there = accepted.sessions.get(&session.key());
            let fixed = there.filter(|there| there.is_fixed(self.by.at));
            let same = fixed.is_some_and(|there| there.starts_at == starts_at);
            if !same && (fixed.is_some() || starts_at <= self.by.at) {
                past.push(self.ground.place_of(session));
            }
        }
        past
    }

    /// What the plan needs and is taken by something else.
    async fn taken(&self, tx: &mut Tx, own: &HashSet<ActivityId>) -> Result<Vec<Taken>, DbError> {
        let ground = self.ground;
        let mut used = Used::default();
        for session in &ground.sessions {
            used.teams.extend(session.team);
            used.venues.extend(session.venue);
        }
        for vehicle in &ground.vehicles {
            if let Mover::Asset(asset) = vehicle.mover {
                used.assets.push(asset);
            }
        }
        used.teams.sort_unstable();
        used.teams.dedup();
        let days = Days { from: ground.first, to: ground.date(ground.days.saturating_sub(1)) };
        let busy = world::busy(&mut Reader::Tx(tx), &used, days).await?;
        let mut taken = vec![];
        for (session, held) in ground.sessions.iter().zip(ground.held(&self.plan.best)) {
            let Some(held) = held else { continue };
            let from = Ground::instant(held.day, held.start);
            let to = Ground::instant(held.day, held.end);
            let vehicle = &ground.vehicles[held.vehicle as usize];
            let asset = match vehicle.mover {
                Mover::Asset(asset) => Some((asset.0, vehicle.name.clone())),
                Mover::Crew(_) => None,
            };
            let needs = ground.problem.visits.iter().zip(&ground.sessions);
            let needs = needs.filter(|(_, other)| other.key() == session.key());
            let needs = needs.flat_map(|(visit, _)| &visit.resources).map(|number| {
                let resource = &ground.resources[*number as usize];
                (id_of(resource), resource.name().to_owned())
            });
            for (id, name) in needs.chain(asset) {
                let uses = busy.get(&id).into_iter().flatten();
                let mut uses = uses.filter(|one| one.from < to && one.to > from);
                if let Some(other) = uses.find(|one| !own.contains(&one.activity)) {
                    let place = ground.place_of(session);
                    taken.push(Taken { name, place, held, activity: other.activity });
                }
            }
        }
        Ok(taken)
    }

    async fn sessions(
        &self,
        tx: &mut Tx,
        accepted: &Accepted,
        written: &mut Written,
    ) -> Result<HashMap<Key, ActivityId>, DbError> {
        let mut ids = HashMap::new();
        for (session, held) in self.ground.sessions.iter().zip(self.ground.held(&self.plan.best)) {
            let Some(held) = held else { continue };
            let before = accepted.sessions.get(&session.key());
            let id = before.map_or_else(ActivityId::new, |before| before.activity);
            ids.insert(session.key(), id);
            let starts_at = Ground::instant(held.day, held.start);
            let ends_at = Ground::instant(held.day, held.end);
            let mover = self.ground.vehicles[held.vehicle as usize].mover;
            let span = (starts_at, ends_at);
            match before {
                Some(before) if (before.starts_at, before.ends_at) == span => written.kept += 1,
                Some(_) => {
                    self.retime(tx, id, span).await?;
                    written.changed += 1;
                }
                None => {
                    let title = T::default().with("plan-session-title", "place", &session.name);
                    let kind = ActivityKind::HamletSession;
                    let activity = Activity {
                        venue_id: session.venue,
                        team_id: session.team,
                        ..self.activity(id, kind, title, session.unit, span)
                    };
                    schedule::store::save(tx, &activity, true, &self.by).await?;
                    written.added += 1;
                }
            }
            self.know(tx, id, Some(session.unit), session.number, mover, None).await?;
        }
        Ok(ids)
    }

    fn activity(
        &self,
        id: ActivityId,
        kind: ActivityKind,
        title: String,
        unit_id: UnitId,
        (starts_at, ends_at): (i64, i64),
    ) -> Activity {
        Activity {
            id,
            campaign_id: Some(self.plan.campaign_id),
            series_id: None,
            series_at: None,
            kind,
            title,
            unit_id,
            venue_id: None,
            place: String::new(),
            team_id: None,
            starts_at,
            ends_at,
            state: schedule::State::Planned,
            cancel_reason: String::new(),
            clash_reason: String::new(),
            headcount: None,
            minutes: String::new(),
            assets: vec![],
            members: vec![],
            topics: self.world.campaign.topics.clone(),
        }
    }

    /// Moves an activity that stays what it is in all else.
    async fn retime(
        &self,
        tx: &mut Tx,
        id: ActivityId,
        (starts_at, ends_at): (i64, i64),
    ) -> Result<(), DbError> {
        let row = tx
            .row("SELECT title, unit_id, starts_at FROM activity WHERE id = $1", args![id])
            .await?;
        let Some(row) = row else { return Ok(()) };
        let (title, unit): (String, UnitId) = (row.get("title")?, row.get("unit_id")?);
        let before: i64 = row.get("starts_at")?;
        tx.execute(
            "UPDATE activity SET starts_at = $1, ends_at = $2, changes = changes + 1,
                 changed_at = $4 WHERE id = $3",
            args![starts_at, ends_at, id, self.by.at],
        )
        .await?;
        let shown = |at: i64| vietnamese::date_time(clock::local(at));
        Entry::new("changed", "activity", id.0, title)
            .in_unit(unit)
            .detail(serde_json::json!({
                "starts_at": [shown(before), shown(starts_at)],
                "reason": self.reason,
            }))
            .write(tx, &self.by)
            .await
    }

    /// Writes the run of each vehicle and day, with its stops.
    async fn runs(
        &self,
        tx: &mut Tx,
        accepted: &Accepted,
        sessions: &HashMap<Key, ActivityId>,
        written: &mut Written,
    ) -> Result<(), DbError> {
        for (run, key) in self.numbered(accepted) {
            let (asset, day, number) = key;
            let shift = &self.ground.problem.shifts[run.shift as usize];
            let vehicle = &self.ground.vehicles[shift.vehicle as usize];
            let span = (run.leaves_at, run.ends_at);
            let known = accepted.runs.get(&key).map(|run| run.0);
            let id = known.unwrap_or_else(ActivityId::new);
            let stops = self.stops(&run, sessions);
            let names: Vec<&str> = run
                .stops
                .iter()
                .map(|stop| self.ground.sessions[stop.visit as usize].name.as_str())
                .collect();
            let title = T::default().with2(
                "plan-run-title",
                "vehicle",
                &vehicle.name,
                "places",
                names.join(" – "),
            );
            let activity = Activity {
                assets: vec![asset],
                ..self.activity(id, ActivityKind::MobileRun, title, self.unit_of(&run), span)
            };
            if known.is_none() {
                schedule::store::save(tx, &activity, true, &self.by).await?;
                written.added += 1;
            } else if self.redirect(tx, &activity).await? {
                written.changed += 1;
            } else {
                written.kept += 1;
            }
            self.know(tx, id, None, number, vehicle.mover, Some(day)).await?;
            runs::write_stops(tx, id, &stops).await?;
        }
        Ok(())
    }

    /// The runs of vehicles, each with what it is known by. Runs that have set off keep theirs.
    fn numbered(&self, accepted: &Accepted) -> Vec<(Run<'_>, RunKey)> {
        let mut count: HashMap<(AssetId, Date), u32> = HashMap::new();
        for ((asset, day, number), run) in &accepted.runs {
            if run.1 <= self.by.at {
                let most = count.entry((*asset, *day)).or_default();
                *most = (*most).max(*number);
            }
        }
        let mut numbered = vec![];
        for route in &self.plan.best.routes {
            let shift = &self.ground.problem.shifts[route.shift as usize];
            if let Mover::Asset(asset) = self.ground.vehicles[shift.vehicle as usize].mover {
                let day = self.ground.date(shift.day);
                for run in self.parts(route) {
                    let number = count.entry((asset, day)).or_default();
                    *number += 1;
                    numbered.push((run, (asset, day, *number)));
                }
            }
        }
        numbered
    }

    /// A route in its runs: each from setting off to the end of its last session. Where the
    /// vehicle rests for long, over noon or before the evening, one run ends and the next begins.
    fn parts<'r>(&self, route: &'r Route) -> Vec<Run<'r>> {
        let problem = &self.ground.problem;
        let shift = &problem.shifts[route.shift as usize];
        let day = self.ground.date(shift.day);
        let instant = |at: i32| Ground::instant(day, at - shift.day as i32 * DAY);
        let mut parts: Vec<Run<'r>> = vec![];
        let (mut from, mut free, mut first) = (shift.base, shift.start, 0);
        for (index, stop) in route.stops.iter().enumerate() {
            let visit = &problem.visits[stop.visit as usize];
            let leaves = stop.start - problem.travel.of(from, visit.place);
            let ends = stop.start + visit.duration;
            match parts.last_mut().filter(|_| leaves - free < REST) {
                Some(run) => {
                    run.stops = &route.stops[first..=index];
                    run.ends_at = instant(ends);
                }
                None => {
                    first = index;
                    parts.push(Run {
                        shift: route.shift,
                        stops: &route.stops[index..=index],
                        leaves_at: instant(leaves),
                        ends_at: instant(ends),
                    });
                }
            }
            (from, free) = (visit.place, ends);
        }
        parts
    }

    /// The commune of all stops, else the unit of the plan.
    fn unit_of(&self, run: &Run<'_>) -> UnitId {
        let commune = |stop: &Stop| self.ground.sessions[stop.visit as usize].commune;
        let first = run.stops.first().map(commune);
        match first {
            Some(one) if run.stops.iter().all(|stop| commune(stop) == one) => {
                self.ground.communes[one as usize].0
            }
            _ => self.plan.unit_id,
        }
    }

    fn stops(&self, run: &Run<'_>, sessions: &HashMap<Key, ActivityId>) -> Vec<RunStop> {
        let topics: &[TopicId] = &self.world.campaign.topics;
        let stop = |stop: &Stop| {
            let session = &self.ground.sessions[stop.visit as usize];
            let day = stop.start.div_euclid(DAY);
            let at = stop.start.rem_euclid(DAY);
            RunStop {
                kind: StopKind::Stop,
                unit: session.unit,
                venue: session.venue,
                road: String::new(),
                arrives_at: Ground::instant(self.ground.date(day as u32), at),
                minutes: self.ground.problem.visits[stop.visit as usize].duration.into(),
                note: String::new(),
                session: sessions.get(&session.key()).copied(),
                topics: topics.to_vec(),
            }
        };
        run.stops.iter().map(stop).collect()
    }

    /// Brings a run that stands on the calendar to what it is now; tells whether it changed.
    async fn redirect(&self, tx: &mut Tx, run: &Activity) -> Result<bool, DbError> {
        let changed = tx
            .execute(
                "UPDATE activity SET title = $1, folded = $2, unit_id = $3, starts_at = $4,
                     ends_at = $5, changes = changes + 1, changed_at = $7
                 WHERE id = $6 AND (title <> $1 OR starts_at <> $4 OR ends_at <> $5)",
                args![
                    &run.title,
                    vietnamese::fold(&run.title),
                    run.unit_id,
                    run.starts_at,
                    run.ends_at,
                    run.id,
                    self.by.at
                ],
            )
            .await?;
        if changed > 0 {
            Entry::new("changed", "activity", run.id.0, &run.title)
                .in_unit(run.unit_id)
                .detail(serde_json::json!({ "reason": self.reason }))
                .write(tx, &self.by)
                .await?;
        }
        Ok(changed > 0)
    }

    /// Cancels what stood on the calendar and is no longer in the plan.
    async fn cancel(
        &self,
        tx: &mut Tx,
        accepted: &Accepted,
        kept: &Kept,
        sessions: &HashMap<Key, ActivityId>,
        written: &mut Written,
    ) -> Result<(), DbError> {
        let mut stays: HashSet<ActivityId> = sessions.values().copied().collect();
        let runs = self.numbered(accepted);
        stays.extend(runs.iter().filter_map(|(_, key)| accepted.runs.get(key)).map(|run| run.0));
        for id in kept.own.difference(&stays) {
            let row =
                tx.row("SELECT title, unit_id FROM activity WHERE id = $1", args![*id]).await?;
            let Some(row) = row else { continue };
            let (title, unit): (String, UnitId) = (row.get("title")?, row.get("unit_id")?);
            tx.execute(
                "UPDATE activity SET state = 'cancelled', cancel_reason = $1,
                     changes = changes + 1, changed_at = $3 WHERE id = $2",
                args![&self.reason, *id, self.by.at],
            )
            .await?;
            Entry::new("cancelled", "activity", id.0, title)
                .in_unit(unit)
                .detail(serde_json::json!({ "reason": self.reason }))
                .write(tx, &self.by)
                .await?;
            tx.execute("DELETE FROM plan_activity WHERE activity_id = $1", args![*id]).await?;
            written.cancelled += 1;
        }
        Ok(())
    }

    /// Notes which part of the plan an activity is.
    async fn know(
        &self,
        tx: &mut Tx,
        id: ActivityId,
        unit: Option<UnitId>,
        number: u32,
        mover: Mover,
        day: Option<Date>,
    ) -> Result<(), DbError> {
        let (asset, crew) = match mover {
            Mover::Asset(asset) => (Some(asset), None),
            Mover::Crew(crew) => (None, Some(crew)),
        };
        tx.execute("DELETE FROM plan_activity WHERE activity_id = $1", args![id]).await?;
        let plan: PlanId = self.plan.id;
        tx.execute(
            "INSERT INTO plan_activity (campaign_id, activity_id, plan_id, unit_id, number,
                 asset_id, crew, day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![self.plan.campaign_id, id, plan, unit, number, asset, crew, day],
        )
        .await?;
        Ok(())
    }
}

fn id_of(resource: &Resource) -> Uuid {
    match resource {
        Resource::Team(id, _) => id.0,
        Resource::Hall(id, _) => id.0,
    }
}
