//! Runs and their stops: what follows what, and whether it can be driven in time.

use crate::foundation::ids::{ActivityId, MemberId, RunStopId, TopicId, UnitId, VenueId};
use crate::schedule::State;
use crate::units::travel;

/// Milliseconds of a minute.
pub const MINUTE: i64 = 60_000;

/// Syllables read in a minute where a run says nothing else. An assumption of ours: native
/// speakers read Vietnamese aloud at 5.25 syllables a second without pauses (Coupé et al. 2019,
/// Science Advances 5(9), doi:10.1126/sciadv.aaw2594), which is 315 a minute; words that are to
/// be understood from a passing vehicle are read at a little more than half of that.
pub const PACE: i64 = 180;

/// What happens at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// Driven through while the script is read.
    Pass,
    /// The vehicle stands, and people are guided.
    Stop,
}

impl StopKind {
    /// Every value, in the order of screens.
    pub const ALL: [StopKind; 2] = [StopKind::Pass, StopKind::Stop];

    /// The name in the database and the translation keys (`run-kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            StopKind::Pass => "pass",
            StopKind::Stop => "stop",
        }
    }
}

impl std::str::FromStr for StopKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        StopKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for StopKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A stop as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStop {
    pub kind: StopKind,
    /// The commune or hamlet it is in.
    pub unit: UnitId,
    pub venue: Option<VenueId>,
    /// From where to where, in words; may be empty.
    pub road: String,
    /// Epoch milliseconds.
    pub arrives_at: i64,
    /// How long it takes there.
    pub minutes: i64,
    /// What to do there, in words; may be empty.
    pub note: String,
    /// The hamlet session that is held there.
    pub session: Option<ActivityId>,
    pub topics: Vec<TopicId>,
}

impl RunStop {
    /// When the vehicle leaves, in epoch milliseconds.
    pub fn leaves_at(&self) -> i64 {
        self.arrives_at + self.minutes * MINUTE
    }
}

/// A stop as stored, with what it is known by.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub id: RunStopId,
    pub plan: RunStop,
    /// A hamlet with its commune, anything else by itself.
    pub unit_name: String,
    /// Name of the venue; empty where there is none.
    pub venue_name: String,
    /// Degrees north and east of the venue, else of the unit; none where neither is known.
    pub point: Option<(f64, f64)>,
    pub session: Option<Session>,
}

/// The hamlet session that a stop serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: ActivityId,
    pub title: String,
    /// Epoch milliseconds.
    pub starts_at: i64,
    pub state: State,
    /// Whether it lies in the trash.
    pub deleted: bool,
}

impl Session {
    /// Whether it will be, or was, held.
    pub fn stands(&self) -> bool {
        !self.deleted && self.state != State::Cancelled
    }
}

impl Stop {
    /// Where it is, in one line: the venue and its unit, or the road and its unit. A hall that is
    /// named after its hamlet says so once.
    pub fn place(&self) -> String {
        let first = if self.venue_name.is_empty() { &self.plan.road } else { &self.venue_name };
        let (near, far) = self.unit_name.split_once(", ").unwrap_or((&self.unit_name, ""));
        if first.is_empty() {
            self.unit_name.clone()
        } else if first.ends_with(near) && !far.is_empty() {
            format!("{first}, {far}")
        } else {
            format!("{first}, {}", self.unit_name)
        }
    }
}

/// What is read out and by whom a run is led.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub script: String,
    /// Syllables in a minute.
    pub pace: i64,
    pub lead: Option<MemberId>,
    pub stops: Vec<Stop>,
}

impl Run {
    /// Seconds that the script takes once, at the run's pace.
    pub fn script_seconds(&self) -> i64 {
        (syllables(&self.script) * 60 + self.pace - 1) / self.pace.max(1)
    }

    /// Minutes at stops of a kind.
    pub fn minutes_of(&self, kind: StopKind) -> i64 {
        self.stops.iter().filter(|stop| stop.plan.kind == kind).map(|stop| stop.plan.minutes).sum()
    }
}

/// How many syllables a Vietnamese text has: they are written apart, and every number or
/// abbreviation counts once.
pub fn syllables(text: &str) -> i64 {
    let spoken = |word: &&str| word.chars().any(char::is_alphanumeric);
    text.split_whitespace().filter(spoken).count() as i64
}

/// The way from one stop to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// Kilometres by road.
    pub km: f64,
    pub minutes: i64,
}

/// The way between two points; none where either is not known.
pub fn leg(from: Option<(f64, f64)>, to: Option<(f64, f64)>) -> Option<Leg> {
    let (from, to) = from.zip(to)?;
    let km = travel::km(from, to);
    Some(Leg { km: km * travel::ROAD_FACTOR, minutes: travel::minutes(km).into() })
}

/// The ways to each stop from the one before it; none for the first.
pub fn legs(stops: &[Stop]) -> Vec<Option<Leg>> {
    let mut before = None;
    stops
        .iter()
        .map(|stop| {
            let way = before.and_then(|before: &Stop| leg(before.point, stop.point));
            before = Some(stop);
            way
        })
        .collect()
}

/// What keeps a run from being driven as planned; stops by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It begins before the activity does.
    BeforeStart { stop: usize },
    /// It ends so many minutes after the activity does.
    AfterEnd { stop: usize, over: i64 },
    /// The way from the stop before takes longer than there is time.
    Leg { stop: usize, needs: i64, has: i64 },
    /// The session there has begun before the vehicle comes.
    SessionBegun { stop: usize },
}

impl Trouble {
    /// The stop at which it shows.
    pub fn at(self) -> usize {
        match self {
            Trouble::BeforeStart { stop }
            | Trouble::AfterEnd { stop, .. }
            | Trouble::Leg { stop, .. }
            | Trouble::SessionBegun { stop } => stop,
        }
    }

    /// Whether it has to do with a stop: at it, or on the way to or from it.
    pub fn concerns(self, index: usize) -> bool {
        let from_here = matches!(self, Trouble::Leg { stop, .. } if stop == index + 1);
        self.at() == index || from_here
    }
}

/// Everything that keeps stops from being driven between the start and end of their activity.
pub fn troubles(hours: (i64, i64), stops: &[Stop]) -> Vec<Trouble> {
    let mut found = vec![];
    let ways = legs(stops);
    for (index, stop) in stops.iter().enumerate() {
        let plan = &stop.plan;
        if plan.arrives_at < hours.0 {
            found.push(Trouble::BeforeStart { stop: index });
        }
        if plan.leaves_at() > hours.1 {
            let over = (plan.leaves_at() - hours.1 + MINUTE - 1) / MINUTE;
            found.push(Trouble::AfterEnd { stop: index, over });
        }
        if index > 0 {
            let has = (plan.arrives_at - stops[index - 1].plan.leaves_at()).div_euclid(MINUTE);
            // Where the way is not known, the vehicle at least cannot come before it has left.
            let needs = ways[index].map_or(0, |way| way.minutes);
            if has < needs {
                found.push(Trouble::Leg { stop: index, needs, has: has.max(0) });
            }
        }
        let session = stop.session.as_ref().filter(|session| session.stands());
        if session.is_some_and(|session| session.starts_at < plan.arrives_at) {
            found.push(Trouble::SessionBegun { stop: index });
        }
    }
    found
}

/// Gives every stop the earliest arrival in the present order: the first at `first`, each other
/// as soon as it can be reached, but not before the session that is held there.
pub fn close_up(first: i64, stops: &mut [Stop]) {
    let ways = legs(stops);
    let mut free_at = first;
    for (stop, way) in stops.iter_mut().zip(ways) {
        let reached = free_at + way.map_or(0, |way| way.minutes) * MINUTE;
        let session = stop.session.as_ref().filter(|session| session.stands());
        stop.plan.arrives_at = session.map_or(reached, |session| session.starts_at.max(reached));
        free_at = stop.plan.leaves_at();
    }
}

/// When a stop at `point` after `stops` can be reached at the earliest.
pub fn next_arrival(starts_at: i64, stops: &[Stop], point: Option<(f64, f64)>) -> i64 {
    stops.last().map_or(starts_at, |last| {
        last.plan.leaves_at() + leg(last.point, point).map_or(0, |way| way.minutes) * MINUTE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(arrives: i64, minutes: i64, north: f64) -> Stop {
        Stop {
            id: RunStopId::new(),
            plan: RunStop {
                kind: StopKind::Stop,
                unit: UnitId::new(),
                venue: None,
                road: String::new(),
                arrives_at: arrives * MINUTE,
                minutes,
                note: String::new(),
                session: None,
                topics: vec![],
            },
            unit_name: String::new(),
            venue_name: String::new(),
            point: Some((20.0 + north, 106.0)),
            session: None,
        }
    }

    const HOURS: (i64, i64) = (0, 90 * MINUTE);

    #[test]
    fn a_run_that_can_be_driven_has_no_trouble() {
        // 0.01 degrees are 1.1 km: 2 + 3.2 minutes of road, so 6.
        let stops = [stop(0, 20, 0.0), stop(26, 30, 0.01), stop(62, 28, 0.02)];
        assert_eq!(troubles(HOURS, &stops), []);
    }

    #[test]
    fn what_cannot_be_driven_is_found_where_it_is() {
        let stops = [stop(-1, 20, 0.0), stop(24, 30, 0.01), stop(62, 30, 0.02)];
        assert_eq!(
            troubles(HOURS, &stops),
            [
                Trouble::BeforeStart { stop: 0 },
                Trouble::Leg { stop: 1, needs: 6, has: 5 },
                Trouble::AfterEnd { stop: 2, over: 2 },
            ]
        );
    }

    #[test]
    fn a_vehicle_is_not_in_two_places_even_where_the_way_is_unknown() {
        let mut stops = [stop(0, 20, 0.0), stop(10, 20, 0.01)];
        stops[1].point = None;
        assert_eq!(troubles(HOURS, &stops), [Trouble::Leg { stop: 1, needs: 0, has: 0 }]);
    }

    #[test]
    fn the_vehicle_comes_before_the_session_begins() {
        let mut late = stop(26, 30, 0.01);
        late.session = Some(Session {
            id: ActivityId::new(),
            title: "Buổi thử".to_owned(),
            starts_at: 25 * MINUTE,
            state: State::Planned,
            deleted: false,
        });
        let mut stops = [stop(0, 10, 0.0), late];
        assert_eq!(troubles(HOURS, &stops), [Trouble::SessionBegun { stop: 1 }]);
        if let Some(session) = &mut stops[1].session {
            session.state = State::Cancelled;
        }
        assert_eq!(troubles(HOURS, &stops), []);
    }

    #[test]
    fn stops_close_up_in_a_new_order() {
        let mut stops = [stop(30, 20, 0.02), stop(0, 10, 0.0)];
        close_up(5 * MINUTE, &mut stops);
        assert_eq!(stops[0].plan.arrives_at, 5 * MINUTE);
        assert_eq!(troubles(HOURS, &stops), []);
        assert_eq!(next_arrival(0, &stops, stops[1].point), stops[1].plan.leaves_at());
    }

    #[test]
    fn a_script_takes_the_time_of_its_syllables() {
        assert_eq!(syllables("Kính thưa bà con – xóm 3!"), 6);
        let script = "đọc ".repeat(270);
        let run = Run { script, pace: PACE, lead: None, stops: vec![] };
        assert_eq!(run.script_seconds(), 90);
    }
}
