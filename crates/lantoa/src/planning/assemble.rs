//! Gathers a planning problem from what is asked, what there is and when it can be had.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use routing::{Matrix, Problem, Shift, Slot, Visit};
use uuid::Uuid;

use super::brief::{Brief, EVENING, Minute, Wish};
use super::ground::{DAY, Ground, Kept, Mover, Place, Resource, Session, Vehicle};
use super::spans::{self, Span};
use super::travel::Point;
use super::world::{Hamlet, Times, World};
use crate::foundation::ids::{TeamId, UnitId, VenueId};
use crate::foundation::{T, clock};

/// The places of a problem, bases first, with what stands for those without a point.
#[derive(Debug, Default)]
pub struct Places {
    pub list: Vec<Place>,
    /// Hamlets without a point of their own.
    pub pointless: u32,
    of: HashMap<UnitId, u32>,
}

impl Places {
    /// Where each place is taken to be.
    pub fn points(&self) -> Vec<Point> {
        self.list.iter().map(|place| place.point).collect()
    }
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
            let (known, point) = (point.is_some(), point.unwrap_or(or));
            places.list.push(Place { unit, name: name.to_owned(), point, known });
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
    let without = places.list.iter().filter(|p| !p.known && hamlets.contains(&p.unit));
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
        let highest = fixed.iter().max().copied().unwrap_or(0);
        let after = if self.kept.besides { highest } else { 0 };
        for number in (after + 1..=after + visits).filter(|number| !fixed.contains(number)) {
            let lift = u8::from(self.brief.wish == Wish::Soon);
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
            let weekday = day.weekday().to_monday_zero_offset() as usize;
            let (opening, evening) = (&brief.week[weekday], brief.evenings.contains(&weekday));
            let rests = brief.skip_closed
                && closed.is_some_and(|all| all.iter().any(|days| days.hold(day)));
            if !(opening.open || evening) || rests || brief.is_away(team, day) || near(day) {
                continue;
            }
            let allowed = self.times.allowed.get(&hamlet.id).and_then(|days| days.get(&day));
            let allowed = allowed.filter(|_| opening.open);
            let mut free = allowed.map_or_else(Vec::new, |allowed| {
                spans::both(allowed, &[(opening.from, opening.to)])
            });
            if let Some(team) = team
                && brief.availability
                && let Some(said) = self.times.free.get(&team)
            {
                free = spans::both(&free, said.get(&day).map_or(&[], Vec::as_slice));
            }
            if evening {
                free.push(EVENING);
                free.sort_unstable();
            }
            if let Some(team) = team {
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
