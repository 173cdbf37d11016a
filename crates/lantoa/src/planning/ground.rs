//! A campaign made into a problem for the planner, with the names of its parts, and back: what a
//! timetable means for hamlets, teams, halls and vehicles.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use routing::{Matrix, Problem, Route, Shift, Slot, Stop, Timetable, Visit};
use uuid::Uuid;

use super::brief::{Brief, Minute, day};
use super::spans::{self, Span};
use super::travel::Point;
use super::world::{Hamlet, Times, World};
use crate::foundation::ids::{ActivityId, AssetId, TeamId, UnitId, VenueId};
use crate::foundation::{T, clock};

/// Minutes of a day.
pub const DAY: i32 = 1440;

/// What carries people to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// A loudspeaker vehicle of the register.
    Asset(AssetId),
    /// A group without one, numbered from 1.
    Crew(u32),
}

/// A mover with its name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Vehicle {
    pub mover: Mover,
    pub name: String,
}

/// What two sessions cannot have at once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Team(TeamId, String),
    Hall(VenueId, String),
}

impl Resource {
    /// Its name.
    pub fn name(&self) -> &str {
        let (Resource::Team(_, name) | Resource::Hall(_, name)) = self;
        name
    }
}

/// A place that is travelled to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    pub unit: UnitId,
    pub name: String,
    pub point: Option<Point>,
}

/// A session to plan: which of how many in which hamlet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Session {
    pub unit: UnitId,
    pub name: String,
    /// Index in [`Ground::communes`].
    pub commune: u32,
    /// From 1.
    pub number: u32,
    /// How many the hamlet is to have.
    pub of: u32,
    pub team: Option<TeamId>,
    pub venue: Option<VenueId>,
}

impl Session {
    /// What it is known by over plans: its hamlet and number.
    pub fn key(&self) -> Key {
        (self.unit, self.number)
    }
}

/// A session's hamlet and number.
pub type Key = (UnitId, u32);

/// A session that stands on the calendar and stays there: it was held, or its time has come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fixed {
    pub unit: UnitId,
    pub number: u32,
    pub activity: ActivityId,
    pub starts_at: i64,
    pub ends_at: i64,
}

/// Where a session stood in the plan before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    pub unit: UnitId,
    pub number: u32,
    /// Name of the place.
    pub place: String,
    #[serde(with = "day")]
    pub day: Date,
    pub start: Minute,
    pub mover: Mover,
    /// Name of the mover.
    pub with: String,
}

/// What of an earlier plan is to be kept in mind.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Activities of this plan that may move: what they use is not taken.
    pub own: HashSet<ActivityId>,
    pub fixed: Vec<Fixed>,
    pub standing: Vec<Standing>,
    pub locked: HashSet<Key>,
    /// Whether sessions are wanted besides those that are fixed, as in a plan from nothing.
    pub besides: bool,
}

/// A problem with the names of its parts.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Ground {
    /// Day 0 of the problem.
    #[serde(with = "day")]
    pub first: Date,
    /// How many days it spans.
    pub days: u32,
    pub step: Minute,
    /// Windows here are not yet cut to steps: [`Ground::stepped`] does that.
    pub problem: Problem,
    /// What each visit of the problem is.
    pub sessions: Vec<Session>,
    pub vehicles: Vec<Vehicle>,
    pub places: Vec<Place>,
    pub resources: Vec<Resource>,
    pub communes: Vec<(UnitId, String)>,
    pub fixed: Vec<Fixed>,
    /// Where sessions stood in the plan before.
    pub before: Vec<Standing>,
    /// Hamlets that stand at their commune's point, having none of their own.
    pub pointless: u32,
}

/// When and with what a session is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub day: Date,
    pub start: Minute,
    pub end: Minute,
    /// Index in [`Ground::vehicles`].
    pub vehicle: u32,
    pub shift: u32,
}

impl Ground {
    /// The problem that is searched: starts at round times only.
    pub fn stepped(&self) -> Problem {
        let mut problem = self.problem.clone();
        for visit in &mut problem.visits {
            let keep = visit.was.or(visit.locked).map(|slot| slot.start);
            visit.windows = spans::at_steps(&visit.windows, self.step, keep);
        }
        problem
    }

    /// The date of a day of the problem.
    pub fn date(&self, day: u32) -> Date {
        self.first.checked_add(jiff::Span::new().days(i64::from(day))).unwrap_or(self.first)
    }

    /// Where each session stands in a timetable.
    pub fn held(&self, timetable: &Timetable) -> Vec<Option<Held>> {
        let slots = timetable.slots(self.sessions.len());
        let held = |(slot, visit): (&Option<Slot>, &Visit)| {
            let slot = (*slot)?;
            let shift = &self.problem.shifts[slot.shift as usize];
            let start = slot.start.rem_euclid(DAY);
            Some(Held {
                day: self.date(shift.day),
                start,
                end: start + visit.duration,
                vehicle: shift.vehicle,
                shift: slot.shift,
            })
        };
        slots.iter().zip(&self.problem.visits).map(held).collect()
    }

    /// Where each session stands, for the next plan to begin from.
    pub fn standing(&self, timetable: &Timetable) -> Vec<Standing> {
        let held = self.held(timetable);
        let each = self.sessions.iter().zip(held).filter_map(|(session, held)| {
            let held = held?;
            let vehicle = &self.vehicles[held.vehicle as usize];
            Some(Standing {
                unit: session.unit,
                number: session.number,
                place: self.place_of(session),
                day: held.day,
                start: held.start,
                mover: vehicle.mover,
                with: vehicle.name.clone(),
            })
        });
        each.collect()
    }

    /// `Xóm 3, Xã Quang Trung`.
    pub fn place_of(&self, session: &Session) -> String {
        let commune = self.communes.get(session.commune as usize).map_or("", |(_, name)| name);
        format!("{}, {commune}", session.name)
    }

    /// The shift of a mover that holds a day and minutes.
    pub fn shift_of(&self, mover: Mover, day: Date, start: Minute) -> Option<u32> {
        let day = (day - self.first).get_days();
        let at = day * DAY + start;
        let index = self.problem.shifts.iter().position(|shift| {
            self.vehicles[shift.vehicle as usize].mover == mover
                && shift.start <= at
                && at < shift.end
        })?;
        u32::try_from(index).ok()
    }

    /// A timetable with one session elsewhere.
    pub fn moved(&self, timetable: &Timetable, visit: u32, to: Slot) -> Timetable {
        let mut after = timetable.clone();
        for route in &mut after.routes {
            route.stops.retain(|stop| stop.visit != visit);
        }
        after.routes.retain(|route| !route.stops.is_empty() || route.shift == to.shift);
        after.unserved.retain(|other| *other != visit);
        put(&mut after.routes, visit, to);
        after
    }

    /// A timetable of slots by visit; the others are not served.
    pub fn of_slots(&self, slots: &[Option<Slot>]) -> Timetable {
        let mut timetable = Timetable::default();
        for (visit, slot) in (0u32..).zip(slots) {
            match slot {
                Some(slot) => put(&mut timetable.routes, visit, *slot),
                None => timetable.unserved.push(visit),
            }
        }
        timetable
    }

    /// The problem with some sessions locked where a timetable has them.
    pub fn locked(&self, timetable: &Timetable, locks: &HashSet<u32>) -> Self {
        let mut ground = self.clone();
        let slots = timetable.slots(self.sessions.len());
        for (visit, slot) in (0u32..).zip(slots) {
            let kept = ground.problem.visits[visit as usize].locked;
            ground.problem.visits[visit as usize].locked =
                if locks.contains(&visit) { slot } else { kept.filter(|_| slot.is_none()) };
        }
        ground
    }

    /// Epoch milliseconds of a minute of a day.
    pub fn instant(day: Date, minute: Minute) -> i64 {
        clock::millis(day.at(0, 0, 0, 0)) + i64::from(minute) * 60_000
    }

    /// Travel of a route in minutes.
    pub fn travel_of(&self, route: &Route) -> i64 {
        let shift = &self.problem.shifts[route.shift as usize];
        let (mut at, mut minutes) = (shift.base, 0);
        for stop in &route.stops {
            let place = self.problem.visits[stop.visit as usize].place;
            minutes += i64::from(self.problem.travel.of(at, place));
            at = place;
        }
        minutes + i64::from(self.problem.travel.of(at, shift.base))
    }
}

fn put(routes: &mut Vec<Route>, visit: u32, slot: Slot) {
    let index = match routes.binary_search_by_key(&slot.shift, |route| route.shift) {
        Ok(index) => index,
        Err(index) => {
            routes.insert(index, Route { shift: slot.shift, stops: vec![] });
            index
        }
    };
    let stops = &mut routes[index].stops;
    let position = stops.partition_point(|stop| stop.start <= slot.start);
    stops.insert(position, Stop { visit, start: slot.start });
}

/// The places of a problem, bases first, with what stands for those without a point.
#[derive(Debug, Default)]
pub struct Places {
    pub list: Vec<Place>,
    /// Of each, where it is taken to be.
    pub points: Vec<Point>,
    pub pointless: u32,
    of: HashMap<UnitId, u32>,
}

/// Lays out the places of a brief; travel times are worked out over their points.
pub fn places(world: &World, brief: &Brief) -> Places {
    let mut places = Places::default();
    let known: Vec<Point> = world.communes.iter().filter_map(|c| c.point).collect();
    let count = known.len().max(1) as f64;
    let middle = known.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / count, sum.1 + p.1 / count));
    let commune_point = |id: UnitId| {
        world.communes.iter().find(|commune| commune.id == id).and_then(|commune| commune.point)
    };
    let mut add = |unit: UnitId, name: &str, point: Option<Point>, or: Point| {
        places.of.entry(unit).or_insert_with(|| {
            places.list.push(Place { unit, name: name.to_owned(), point });
            places.points.push(point.unwrap_or(or));
            places.list.len() as u32 - 1
        });
    };
    for base in &world.bases {
        let needed = brief.vehicles.iter().any(|wish| wish.used && wish.base == base.id);
        if needed || base.id == world.unit {
            add(base.id, &base.name, base.point, middle);
        }
    }
    for hamlet in &world.hamlets {
        if brief.of_hamlet(hamlet.id, hamlet.commune).0 > 0 {
            let or = commune_point(hamlet.commune).unwrap_or(middle);
            add(hamlet.id, &hamlet.name, hamlet.point, or);
        }
    }
    let hamlets: HashSet<UnitId> = world.hamlets.iter().map(|hamlet| hamlet.id).collect();
    let without = places.list.iter().filter(|p| p.point.is_none() && hamlets.contains(&p.unit));
    places.pointless = without.count() as u32;
    places
}

/// Gathers a problem from what is asked, what there is and when it can be had.
pub struct Assembly<'a> {
    pub t: T,
    pub brief: &'a Brief,
    pub world: &'a World,
    pub times: &'a Times,
    pub kept: &'a Kept,
}

impl Assembly<'_> {
    /// The whole problem.
    pub fn ground(&self, places: Places, travel: Matrix) -> Ground {
        let (vehicles, shifts) = self.shifts(&places);
        let mut ground = Ground {
            first: self.brief.days.from,
            days: self.brief.days.count(),
            step: self.brief.step,
            problem: Problem {
                day_length: DAY,
                travel,
                shifts,
                visits: vec![],
                resources: 0,
                group_gaps: vec![],
                costs: self.brief.wish.costs(),
            },
            sessions: vec![],
            vehicles,
            places: vec![],
            resources: vec![],
            communes: self.world.communes.iter().map(|c| (c.id, c.name.clone())).collect(),
            fixed: self.kept.fixed.clone(),
            before: self.kept.standing.clone(),
            pointless: places.pointless,
        };
        let mut numbers: HashMap<Uuid, u32> = HashMap::new();
        for hamlet in &self.world.hamlets {
            self.sessions(&mut ground, &places, &mut numbers, hamlet);
        }
        ground.problem.resources = ground.resources.len() as u32;
        ground.places = places.list;
        self.settle(&mut ground);
        ground
    }

    /// When each vehicle is under way.
    fn shifts(&self, places: &Places) -> (Vec<Vehicle>, Vec<Shift>) {
        let (mut vehicles, mut shifts) = (vec![], vec![]);
        let home = places.of.get(&self.world.unit).copied().unwrap_or(0);
        let mut add = |name: String, mover, base, stretches: &dyn Fn(Date) -> Vec<Span>| {
            let vehicle = vehicles.len() as u32;
            vehicles.push(Vehicle { mover, name });
            for (number, day) in (0u32..).zip(self.brief.days.each()) {
                for span in stretches(day) {
                    let begin = number as i32 * DAY;
                    let (start, end) = (begin + span.0, begin + span.1);
                    shifts.push(Shift {
                        vehicle,
                        day: number,
                        base,
                        start,
                        end,
                        capacity: i64::MAX,
                    });
                }
            }
        };
        for wish in self.brief.vehicles.iter().filter(|wish| wish.used) {
            let Some(vehicle) = self.world.vehicles.iter().find(|v| v.id == wish.asset) else {
                continue;
            };
            let base = places.of.get(&wish.base).copied().unwrap_or(home);
            add(vehicle.name.clone(), Mover::Asset(wish.asset), base, &|day| {
                let weekday = day.weekday().to_monday_zero_offset() as usize;
                if !wish.weekdays[weekday] || wish.off.iter().any(|off| off.hold(day)) {
                    return vec![];
                }
                spans::without(&[(wish.from, wish.to)], &self.taken(wish.asset.0, day))
            });
        }
        for number in 1..=self.brief.crews {
            let name = self.t.with("plan-crew", "number", number);
            add(name, Mover::Crew(number), home, &|_| vec![(6 * 60 + 30, 22 * 60)]);
        }
        (vehicles, shifts)
    }

    /// When something is taken on a day by what stands on the calendar.
    fn taken(&self, id: Uuid, day: Date) -> Vec<Span> {
        let midnight = clock::millis(day.at(0, 0, 0, 0));
        let minute = |at: i64| ((at - midnight) / 60_000).clamp(0, i64::from(DAY)) as i32;
        let uses = self.times.busy.get(&id).into_iter().flatten();
        let uses = uses.filter(|one| !self.kept.own.contains(&one.activity));
        let uses = uses.map(|one| (minute(one.from), minute(one.to)));
        uses.filter(|span| span.0 < span.1).collect()
    }

    /// Adds the sessions of a hamlet.
    fn sessions(
        &self,
        ground: &mut Ground,
        places: &Places,
        numbers: &mut HashMap<Uuid, u32>,
        hamlet: &Hamlet,
    ) {
        let (visits, priority, minutes) = self.brief.of_hamlet(hamlet.id, hamlet.commune);
        if visits == 0 {
            return;
        }
        let team = self.world.host(hamlet, self.brief.host);
        let hall = self.world.hall(hamlet);
        let mut needs = vec![];
        let mut need = |id: Uuid, resource: Resource| {
            let number = *numbers.entry(id).or_insert_with(|| {
                ground.resources.push(resource);
                ground.resources.len() as u32 - 1
            });
            needs.push(number);
        };
        if let Some(team) = team {
            need(team.id.0, Resource::Team(team.id, team.name.clone()));
        }
        if let Some(hall) = hall {
            need(hall.id.0, Resource::Hall(hall.id, hall.name.clone()));
        }
        let group = ground.problem.group_gaps.len() as u32;
        ground.problem.group_gaps.push(self.brief.gap_days.max(1));
        let windows = self.windows(hamlet, team.map(|t| t.id), hall.map(|h| h.id), minutes);
        let commune = ground.communes.iter().position(|(id, _)| *id == hamlet.commune);
        let fixed = self.kept.fixed.iter().filter(|fixed| fixed.unit == hamlet.id);
        let fixed: HashSet<u32> = fixed.map(|fixed| fixed.number).collect();
        let after = match self.kept.besides {
            true => fixed.iter().max().copied().unwrap_or(0),
            false => 0,
        };
        for number in (after + 1..=after + visits).filter(|number| !fixed.contains(number)) {
            let lift = u8::from(self.brief.wish == super::brief::Wish::Soon);
            ground.problem.visits.push(Visit {
                place: places.of.get(&hamlet.id).copied().unwrap_or(0),
                duration: minutes,
                windows: windows.clone(),
                resources: needs.clone(),
                group: Some(group),
                priority: priority + lift,
                ..Visit::default()
            });
            ground.sessions.push(Session {
                unit: hamlet.id,
                name: hamlet.name.clone(),
                commune: commune.unwrap_or(0) as u32,
                number,
                of: after + visits,
                team: team.map(|team| team.id),
                venue: hall.map(|hall| hall.id),
            });
        }
    }

    /// When a session in a hamlet may start.
    fn windows(
        &self,
        hamlet: &Hamlet,
        team: Option<TeamId>,
        hall: Option<VenueId>,
        minutes: Minute,
    ) -> Vec<(i32, i32)> {
        let brief = self.brief;
        let closed = self.times.closed.get(&hamlet.commune);
        let near = |day: Date| {
            self.kept.fixed.iter().filter(|fixed| fixed.unit == hamlet.id).any(|fixed| {
                let apart = (day - clock::local(fixed.starts_at).date()).get_days();
                apart.unsigned_abs() < brief.gap_days.max(1)
            })
        };
        let mut windows = vec![];
        for (number, day) in (0i32..).zip(brief.days.each()) {
            let opening = &brief.week[day.weekday().to_monday_zero_offset() as usize];
            let rests = brief.skip_closed
                && closed.is_some_and(|all| all.iter().any(|days| days.hold(day)));
            if !opening.open || rests || brief.is_away(team, day) || near(day) {
                continue;
            }
            let allowed = self.times.allowed.get(&hamlet.id).and_then(|days| days.get(&day));
            let mut free = allowed.map_or_else(Vec::new, |allowed| {
                spans::both(allowed, &[(opening.from, opening.to)])
            });
            if let Some(team) = team {
                if brief.availability
                    && let Some(said) = self.times.free.get(&team)
                {
                    free = spans::both(&free, said.get(&day).map_or(&[], Vec::as_slice));
                }
                free = spans::without(&free, &self.taken(team.0, day));
            }
            if let Some(hall) = hall {
                free = spans::without(&free, &self.taken(hall.0, day));
            }
            let begin = number * DAY;
            windows.extend(
                spans::starts(&free, minutes).iter().map(|span| (begin + span.0, begin + span.1)),
            );
        }
        windows
    }

    /// Notes where sessions stood before, and which of them must stay there.
    fn settle(&self, ground: &mut Ground) {
        for standing in &self.kept.standing {
            let key = (standing.unit, standing.number);
            let Some(visit) = ground.sessions.iter().position(|session| session.key() == key)
            else {
                continue;
            };
            let Some(shift) = ground.shift_of(standing.mover, standing.day, standing.start) else {
                continue;
            };
            let day = (standing.day - ground.first).get_days();
            let slot = Slot { shift, start: day * DAY + standing.start };
            ground.problem.visits[visit].was = Some(slot);
            if self.kept.locked.contains(&key) {
                ground.problem.visits[visit].locked = Some(slot);
            }
        }
    }
}
