//! The calendar: activities of all kinds, with place, time, team, assets, topics and what came of
//! them. An activity is planned in [`form`] and changed in [`amend`], repeated by the rule of its
//! [`series`], shown by [`calendar`], read from outside through [`feeds`]. What stands against it -
//! two places at once, [`hours`], [`closed`] days - is found in [`conflicts`] while planning and after.

mod amend;
mod api;
mod calendar;
pub mod closed;
pub mod conflicts;
mod counts;
mod feeds;
mod form;
pub mod hours;
pub mod model;
mod opening;
mod pages;
mod photos;
pub mod repeat;
pub mod series;
pub mod store;

pub use api::api;
pub use counts::{Counts, roster_counts};
pub use model::{Activity, ActivityKind, State};
pub use pages::{Beside, routes, when, when_of};
