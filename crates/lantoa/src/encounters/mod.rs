//! Encounters: the people and households reached, what they were taught and what came of it;
//! corrections that keep the original; and the figures that follow from them.

mod api;
pub mod model;
mod pages;
pub mod store;
pub mod tally;

pub use api::api;
pub use model::{AgeGroup, Encounter, Outcome, TopicOutcome};
pub use pages::routes;
