//! The calendar: activities of all kinds, with place, time, team, assets, topics and what came of
//! them. Two at once of the same team, venue or vehicle are noticed while planning.

mod api;
pub mod closed;
pub mod hours;
pub mod model;
mod pages;
mod photos;
pub mod store;

pub use api::api;
pub use model::{Activity, ActivityKind, State};
pub use pages::{Beside, routes, when};
