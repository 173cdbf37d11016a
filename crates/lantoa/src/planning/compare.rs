//! Old against new: where sessions stood, and where they stand now.

use std::collections::HashMap;

use routing::Timetable;

use super::ground::{Ground, Held, Key, Standing};

/// What became of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Moved,
    /// Has a place now, had none before.
    Added,
    /// Had a place before, has none now.
    Dropped,
}

impl Fate {
    /// The name in translation keys (`plan-fate-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Fate::Moved => "moved",
            Fate::Added => "added",
            Fate::Dropped => "dropped",
        }
    }
}

/// A session that is not where it was.
#[derive(Debug, Clone)]
pub struct Difference {
    pub place: String,
    pub fate: Fate,
    pub before: Option<Standing>,
    pub after: Option<Held>,
    /// Its number in the new plan, where it is in it.
    pub visit: Option<u32>,
}

/// What is different, and how many sessions are not.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    pub list: Vec<Difference>,
    pub unchanged: usize,
}

impl Differences {
    /// How many met a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.list.iter().filter(|one| one.fate == fate).count()
    }
}

/// Compares a timetable with where its sessions stood before.
pub fn differences(ground: &Ground, timetable: &Timetable) -> Differences {
    let mut before: HashMap<Key, &Standing> =
        ground.before.iter().map(|one| ((one.unit, one.number), one)).collect();
    let mut found = Differences::default();
    for ((visit, session), held) in (0u32..).zip(&ground.sessions).zip(ground.held(timetable)) {
        let was = before.remove(&session.key());
        let is_same = |was: &Standing, now: &Held| {
            (was.day, was.start, was.mover)
                == (now.day, now.start, ground.vehicles[now.vehicle as usize].mover)
        };
        let fate = match (was, &held) {
            (Some(was), Some(now)) if is_same(was, now) => {
                found.unchanged += 1;
                continue;
            }
            (Some(_), Some(_)) => Fate::Moved,
            (None, Some(_)) => Fate::Added,
            (Some(_), None) => Fate::Dropped,
            (None, None) => continue,
        };
        found.list.push(Difference {
            place: ground.place_of(session),
            fate,
            before: was.cloned(),
            after: held,
            visit: Some(visit),
        });
    }
    let mut gone: Vec<&Standing> = before.into_values().collect();
    gone.sort_by_key(|one| (one.day, one.start, one.unit));
    found.list.extend(gone.into_iter().map(|one| Difference {
        place: one.place.clone(),
        fate: Fate::Dropped,
        before: Some(one.clone()),
        after: None,
        visit: None,
    }));
    found
}
