//! Who can be where when: windows, travel, and what is in use elsewhere.

use super::State;
use crate::problem::Time;

impl State<'_, '_> {
    /// The earliest start of a visit on a day from an instant on, when its resources are free of
    /// visits in other shifts than `own`.
    #[inline]
    pub(super) fn earliest(&self, visit: u32, day: u32, from: Time, own: u32) -> Option<Time> {
        for window in self.ground.windows(visit, day) {
            if window.1 < from {
                continue;
            }
            let mut at = from.max(window.0);
            while at <= window.1 {
                match self.occupied(visit, day, at, own) {
                    None => return Some(at),
                    Some((_, free_from)) => at = free_from,
                }
            }
        }
        None
    }

    /// The latest start of a visit on a day up to an instant, when its resources are free.
    #[inline]
    pub(super) fn latest(&self, visit: u32, day: u32, until: Time, own: u32) -> Option<Time> {
        let duration = self.ground.problem.visits[visit as usize].duration;
        for window in self.ground.windows(visit, day).iter().rev() {
            if window.0 > until {
                continue;
            }
            let mut at = until.min(window.1);
            while at >= window.0 {
                match self.occupied(visit, day, at, own) {
                    None => return Some(at),
                    Some((from, _)) => at = from - duration,
                }
            }
        }
        None
    }

    /// When something that a visit needs is in use elsewhere during the visit: from when to when.
    /// Visits without duration take up no resource.
    #[inline]
    pub(super) fn occupied(
        &self,
        visit: u32,
        day: u32,
        at: Time,
        own: u32,
    ) -> Option<(Time, Time)> {
        let problem = self.ground.problem;
        let of = &problem.visits[visit as usize];
        for resource in &of.resources {
            if !self.blind_to.is_empty() && self.blind_to.contains(resource) {
                continue;
            }
            for other in &self.busy[*resource as usize * self.ground.days + day as usize] {
                if self.at[*other as usize] == own || *other == visit {
                    continue;
                }
                let from = self.start[*other as usize];
                let to = from + problem.visits[*other as usize].duration;
                if at < to && from < at + of.duration {
                    return Some((from, to));
                }
            }
        }
        None
    }

    /// Whether other visits of its group leave a visit this day.
    #[inline]
    pub fn spaced(&self, visit: u32, day: u32) -> bool {
        let problem = self.ground.problem;
        let Some(group) = problem.visits[visit as usize].group else { return true };
        let gap = problem.group_gaps[group as usize];
        self.grouped[group as usize].iter().all(|other| {
            *other == visit || {
                let shift = self.at[*other as usize];
                problem.shifts[shift as usize].day.abs_diff(day) >= gap
            }
        })
    }
}
